import hashlib
import random
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from crmmigrate.checks.profile_meaning import PATTERNS, guess_meaning, hidden
from crmmigrate.model.profile import MEANINGS, PERSONAL

TABLE = yaml.load((Path(__file__).parent / "meanings.yaml").read_text(encoding="utf-8"), yaml.BaseLoader)
"""Of BaseLoader every scalar is the text that stands there: no Y that becomes true."""
COMPANIES = ["杭州明达科技有限公司", "上海华信（集团）股份有限公司", "北京天元设计院", "Acme Trading Ltd"]
PEOPLE = ["王芳", "李建国", "欧阳娜娜", "张伟", "陈晓燕"]
MOBILES = ["13800138000", "+86 139-0013-8000", "138 0013 8001", "13900138002.0"]
CODES = ["91330106MA2AXXXX0K", "91110108551385082Q"]
IDS = ["330106199001011234", "11010519491231002X"]


@pytest.mark.parametrize(
    ("header", "values", "meaning"),
    [
        ("客户名称", COMPANIES, "company"),
        ("客户信息/客户名称", ["明达", "华信电子"], "company"),
        ("单位名称", COMPANIES, "company"),
        ("姓名", PEOPLE, "person"),
        ("业务员", PEOPLE, "person"),
        ("联系人", PEOPLE, "person"),
        ("手机", MOBILES, "mobile"),
        ("联系电话", ["0571-88886666", "010 66668888", "400-820-8820"], "phone"),
        ("邮箱", ["a@b.com", "x＠y.cn"], "email"),
        ("税号", CODES, "credit_code"),
        ("身份证号", IDS, "id_number"),
        ("地址", ["浙江省杭州市西湖区文三路1号", "文三路2号"], "address"),
        ("省份", ["浙江", "北京市"], "region"),
        ("创建日期", ["2023-05-01", "2023年5月1日", "45047"], "date"),
        ("订单金额", ["1200.00", "¥1,200", "12万"], "amount"),
        ("客户编号", ["C00001", "C00002"], "id"),
        ("customer_no", ["1", "2"], "id"),
        ("微信", ["wx_12345", "zhang-san"], "messenger"),
        ("网址", ["www.a.com", "http://b.cn/x"], "url"),
        ("列1", [*CODES, *CODES], "credit_code"),
        ("列2", IDS, "id_number"),
        ("列3", MOBILES, "mobile"),
        ("列4", ["a@b.com", "c@d.cn"], "email"),
        ("列5", ["2023-05-01", "2024/6/7"], "date"),
        ("列6", COMPANIES, "company"),
        ("列7", PEOPLE, "person"),
        ("字号", ["新源农资店", "鑫盛农资店"], "company"),
        ("经营者", PEOPLE, "person"),
        ("执照号", ["350102600468387", "92350183416856101R"], "credit_code"),
        ("直线/Direct", ["0571-88886666", "010 66668888"], "phone"),
        ("备注", ["客户说下个月再谈，价格要低一些", "多次联系未果，但对方很客气"], "text"),
    ],
)
def test_a_column_is_understood(header, values, meaning):
    found, confidence = guess_meaning(header, values, 1000, 900)
    assert found == meaning
    assert 0 < confidence <= 1


def judged(*, named, half=None):
    """Return (right, all) of the table's columns; without headers, of its lists of values that can tell alone."""
    right = whole = 0
    for meaning, lines in TABLE.items():
        for line in lines:
            values = line["v"]
            if half is not None and hashlib.sha256("|".join(values).encode()).digest()[0] % 2 != half:
                continue
            if not named and line.get("alone") == "false":
                continue
            for header in line["h"] if named else ["列A"]:
                sample = sorted(set(values))
                right += guess_meaning(header, sample, len(values), len(sample))[0] == meaning
                whole += 1
    return right, whole


def test_the_table_is_large_and_has_every_meaning():
    assert judged(named=True)[1] >= 300
    assert set(TABLE) == set(MEANINGS) - {"empty"}
    assert all(len(line["v"]) >= 6 for lines in TABLE.values() for line in lines)


@pytest.mark.parametrize(("half", "share"), [(1, 0.97), (0, 0.96)])
def test_meanings_of_the_table(half, share):
    """Rules were written with an eye on half 1 only; half 0 says whether they hold elsewhere."""
    right, whole = judged(named=True, half=half)
    assert right >= share * whole


def test_meanings_of_the_whole_table():
    right, whole = judged(named=True)
    assert right >= 0.97 * whole


@pytest.mark.parametrize("half", [0, 1])
def test_meanings_without_headers(half):
    right, whole = judged(named=False, half=half)
    assert right >= 0.9 * whole


def test_short_names_of_erp_systems():
    for header in ("KH_MC", "khmc", "f_khmc", "custNm", "cust_nm"):
        assert guess_meaning(header, ["明达", "华信电子", "天元"], 100, 90)[0] == "company"


def test_few_values_that_come_again_are_a_picklist():
    assert guess_meaning("列1", ["正常", "停用", "未知"], 3000, 3)[0] == "picklist"
    assert guess_meaning("状态", ["正常", "停用"], 4, 2)[0] == "picklist"


def test_a_header_that_the_values_contradict_makes_unsure():
    sure = guess_meaning("手机", MOBILES, 100, 90)[1]
    doubtful = guess_meaning("手机", ["待补", "见备注", "同上"], 100, 90)[1]
    assert doubtful < 0.6 < sure


def test_an_empty_column_is_empty():
    assert guess_meaning("手机", [], 0, 0) == ("empty", 1.0)


def test_every_meaning_has_a_title():
    assert set(PATTERNS) <= set(MEANINGS)
    assert set(MEANINGS) >= PERSONAL


@given(st.text(max_size=40))
def test_a_hidden_value_shows_at_most_its_ends(value):
    shown = hidden(value)
    if len(value) > 2:
        assert (shown[0], shown[-1]) == (value[0], value[-1])
        assert set(shown[1:-1]) == {"*"}
    elif len(value) == 2:
        assert shown == value[0] + "*"


@given(st.text(max_size=10), st.lists(st.text(max_size=10), max_size=5))
def test_any_column_has_some_meaning(header, values):
    meaning, confidence = guess_meaning(header, values, len(values), len(set(values)))
    assert meaning in MEANINGS
    assert 0 <= confidence <= 1


def test_the_order_of_the_sample_plays_no_part():
    values = [*COMPANIES, *PEOPLE, *MOBILES]
    expected = guess_meaning("x", values, 100, 90)
    random.Random(3).shuffle(values)
    assert guess_meaning("x", values, 100, 90) == expected
