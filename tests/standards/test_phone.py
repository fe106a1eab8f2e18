"""Tricky telephone numbers: what comes out, or why nothing does. A wrong number is worse than none."""

from __future__ import annotations

import pytest

from crmmigrate.standards import load
from crmmigrate.standards._telephone_regions import area_code

CLEAN = load("phone").make()

READ = [
    ("13800138000", "+8613800138000"),
    ("138-0013-8000", "+8613800138000"),
    ("138 0013 8000", "+8613800138000"),
    ("+86 138 0013 8000", "+8613800138000"),
    ("8613800138000", "+8613800138000"),
    ("008613800138000", "+8613800138000"),
    ("(+86)13800138000", "+8613800138000"),
    ("013800138000", "+8613800138000"),
    ("13800138000.0", "+8613800138000"),
    ("57187654321.0", None),
    ("１３８００１３８０００", "+8613800138000"),
    ("\u200b138\u00a00013\u20078000", "+8613800138000"),
    ("手机：13800138000", "+8613800138000"),
    ("Tel: 0571-87654321", "+8657187654321"),
    ("0571-87654321", "+8657187654321"),
    ("(0571)87654321", "+8657187654321"),
    ("（0571）8765 4321", "+8657187654321"),
    ("057187654321", "+8657187654321"),
    ("86-571-87654321", "+8657187654321"),
    ("+86(0571)87654321", "+8657187654321"),
    ("010-65551234", "+861065551234"),
    ("021 6555 1234", "+862165551234"),
    ("0571-87654321-8001", "+8657187654321;ext=8001"),
    ("0571-87654321转8001", "+8657187654321;ext=8001"),
    ("0571-87654321 分机 8001", "+8657187654321;ext=8001"),
    ("0571-87654321 ext.12", "+8657187654321;ext=12"),
    ("0571-87654321#8001", "+8657187654321;ext=8001"),
    ("+8657187654321;ext=8001", "+8657187654321;ext=8001"),
    ("400-800-1234", "+864008001234"),
    ("13800138000/13900139000", "+8613800138000; +8613900139000"),
    ("13800138000、13900139000", "+8613800138000; +8613900139000"),
    ("13800138000 13900139000", "+8613800138000; +8613900139000"),
    ("13800138000\n13900139000", "+8613800138000; +8613900139000"),
    ("13800138000/13800138000", "+8613800138000"),
    ("0571-87654321、87654322", "+8657187654321; +8657187654322"),
    ("0571-88886666/13800138000", "+8657188886666; +8613800138000"),
    ("13800138OOO", "+8613800138000"),
    ("l3800138000", "+8613800138000"),
    ("13800138000（张经理）", "+8613800138000"),
    ("张三13800138000李四13900139000", "+8613800138000; +8613900139000"),
    ("13888888888", "+8613888888888"),
    ("+1 650 253 0000", "+16502530000"),
    ("00852 2123 4567", "+85221234567"),
    ("95588", "95588"),
]
REFUSED = [
    ("1.3800138E+10", "phone.float-damaged"),
    ("1.38E10", "phone.float-damaged"),
    ("1380013800", "phone.length"),
    ("138001380001", "phone.length"),
    ("1390013900a", "phone.length"),
    ("0755-2345678", "phone.length"),
    ("87654321", "phone.no-area-code"),
    ("138****8000", "phone.masked"),
    ("13000000000", "phone.placeholder"),
    ("11111111111", "phone.placeholder"),
    ("0754-8765432-1", "phone.ambiguous"),
    ("0571-87654321/22", "phone.invalid"),
    ("13800138000/1390013900", "phone.length"),
    ("电话见名片", "phone.invalid"),
    ("abc", "phone.invalid"),
    ("+86 12345", "phone.length"),
]


@pytest.mark.parametrize(("raw", "value"), READ)
def test_read(raw, value):
    cleaned = CLEAN(raw)
    if value is None:
        assert cleaned.value == raw
        assert not cleaned.usable
    else:
        assert cleaned.value == value
        assert cleaned.usable


@pytest.mark.parametrize(("raw", "code"), REFUSED)
def test_refused(raw, code):
    cleaned = CLEAN(raw)
    assert cleaned.value == raw
    assert [flag.code for flag in cleaned.flags] == [code]
    assert cleaned.confidence == "suggested"


def test_a_likely_repair_says_so():
    assert CLEAN("13800138OOO").confidence == "likely"
    assert [flag.code for flag in CLEAN("13800138OOO").flags] == ["phone.letters"]


@pytest.mark.parametrize("text", ["1.38001E+10", "1.3800138E+10", "1.38E10", "1.380013801E+10"])
def test_digits_that_a_spreadsheet_cut_off_are_not_guessed(text):
    assert CLEAN(text).candidates == ()


def test_a_number_in_scientific_form_that_lost_nothing_is_offered():
    assert CLEAN("1.3800138012E+10").candidates == ("+8613800138012",)


def test_parts():
    parts = CLEAN("0571-87654321-801/13800138000（王）").parts
    assert parts == {
        "类型": "座机",
        "座机": "+8657187654321;ext=801",
        "分机": "801",
        "手机": "+8613800138000",
        "备注": "王",
    }


def test_the_area_of_the_column():
    assert load("phone").make(area="0571")("87654321").value == "+8657187654321"


def test_another_region():
    clean = load("phone").make(region="HK")
    assert clean("2123 4567").value == "+85221234567"
    assert clean("+8613800138000").value == "+8613800138000"


def test_a_column_suggests_its_area_code_and_no_more():
    column = [f"0571-8765{number}" for number in range(4300, 4340)] + ["010-65551234", "13800138000", "87654321"]
    learned = load("phone").learn(column)
    assert learned == {"likely_area": "0571"}
    cleaned = load("phone").make(**learned)("87654321")
    assert (cleaned.value, cleaned.candidates) == ("87654321", ("+8657187654321",))
    assert [flag.code for flag in cleaned.flags] == ["phone.no-area-code"]
    assert load("phone").learn(column[-10:]) == {}
    assert load("phone").learn([*column, *(f"021-6555{number}" for number in range(1000, 1030))]) == {}


@pytest.mark.parametrize(
    ("place", "code"),
    [("杭州市", "571"), ("上海", "21"), ("北京市", "10"), ("重庆市", "23"), ("深圳", "755"), ("乌鲁木齐市", "991"), ("浙江省金华市义乌市", "579"), ("长沙市", "731"), ("株洲市", ""),
     ("广东省广州市天河区体育西路1号", "20"), ("恩施土家族苗族自治州", "718"), ("仙桃市", "728"), ("朝阳区", ""), ("海西州", ""), ("某地", ""), ("", "")],
)  # fmt: skip
def test_the_area_code_of_a_place(place, code):
    assert area_code(place) == code


def test_a_column_suggests_its_country_and_no_more():
    column = [f"+852 2123 4{number}" for number in range(100, 130)] + ["13800138000"]
    learned = load("phone").learn(column)
    assert learned == {"likely_region": "HK"}
    clean = load("phone").make(**learned)
    assert (clean("2123 4567").value, clean("2123 4567").candidates) == ("2123 4567", ("+85221234567",))
    assert clean("13800138000").value == "+8613800138000"
    assert clean("0571-87654321").value == "+8657187654321"
    assert load("phone").learn(column[:10]) == {}
    assert load("phone").learn([*column, *(f"1380013{number}" for number in range(8000, 8010))]) == {}
    given = load("phone").make(region="CN", **learned)
    assert given("2123 4567").candidates == ("21234567",)


def test_a_column_of_american_numbers_is_no_column_of_the_mainland():
    column = [f"+1 415 555 {number}" for number in range(2600, 2640)]
    learned = load("phone").learn(column)
    assert learned == {"likely_region": "US"}
    assert load("phone").make(**learned)("(415) 555-2671").candidates == ("+14155552671",)
