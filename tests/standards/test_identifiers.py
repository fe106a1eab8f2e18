"""Organisation codes, registration and tax numbers, vehicles: check digits against their norms and python-stdnum, and what hangs on them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from stdnum.iso7064 import mod_11_10 as stdnum_mod_11_10

from crmmigrate.model.check_digits import organisation_digit
from crmmigrate.standards import load
from crmmigrate.standards._identifiers import mod_11_10
from crmmigrate.standards.vin import check_digit

VIN = load("vin").make()


def test_the_example_of_the_norm():
    """GB 11714-1997 computes X for D2143569."""
    assert organisation_digit("D2143569") == "X"


@given(st.text("0123456789", min_size=14, max_size=14))
def test_the_digit_of_registration_numbers_agrees_with_stdnum(first):
    number = first + stdnum_mod_11_10.calc_check_digit(first)
    assert mod_11_10(number)
    assert not mod_11_10(number[:-1] + str((int(number[-1]) + 1) % 10))
    if len(set(number)) > 1:
        assert load("reg_no").make()(number).value == number


@given(
    st.text("0123456789ABCDEFGHJKLMNPRSTUVWXYZ", min_size=12, max_size=12),
    st.text("0123456789", min_size=4, max_size=4),
)
def test_one_slip_in_a_vehicle_number_of_china_is_seen(first, last):
    body = f"L{first[:7]}0{first[8:]}{last}"
    number = body[:8] + check_digit(body) + body[9:]
    assert VIN(number).usable
    wrong = number[:-1] + str((int(number[-1]) + 1) % 10)
    assert [flag.code for flag in VIN(wrong).flags] == ["vin.check-digit"]


def test_vehicles_known_from_the_literature():
    assert check_digit("1M8GDM9AXKP042788") == "X"
    assert VIN("1M8GDM9AXKP042788").parts == {"制造厂代码": "1M8", "顺序号": "042788", "车型年份": "1989"}
    assert VIN("LFV2A21K8D4123456").parts["车型年份"] == "2013"
    assert VIN("WVWZZZ1JZ3W386752").parts["车型年份"] == "2003"


def test_whose_tax_number_it_is():
    clean = load("tax_id").make()
    assert clean("91110000600037341L").parts["类型"] == "企业"
    assert clean("11010519491231002X").parts["类型"] == "自然人"


def test_rooms_say_their_parts():
    assert load("room").make()("一期3栋2单元1501室").parts == {
        "分区": "一期", "楼栋": "3", "单元": "2", "楼层": "15", "房号": "1501",
    }  # fmt: skip


def test_quantities_are_converted_to_the_unit_of_the_column():
    clean = load("quantity").make(unit="公斤")
    assert [clean(raw).value for raw in ("2.5吨", "500克", "3斤", "12")] == ["2500", "0.5", "1.5", "12"]
    assert [flag.code for flag in clean("100台").flags] == ["quantity.unit"]
    assert load("quantity").make()("100台").parts == {"单位": "台"}


def test_the_original_of_a_simplified_text_is_kept():
    assert load("simplified").make()("業務").parts == {"原文": "業務"}
    assert load("simplified").make(keep="業")("業務").value == "業务"
