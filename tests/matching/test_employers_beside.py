"""Companies beside people's names, known from the column of companies."""

from __future__ import annotations

import pandas as pd
import pytest
from tests.matching.test_pairs import decide

from crmmigrate.matching.engine import match
from crmmigrate.matching.put_right.course import sorted_out
from crmmigrate.matching.put_right.employers_beside import OF_NOTE, with_employers_beside
from crmmigrate.matching.roles import shipped

COLUMNS = ("姓名", "备注名", "公司", "手机", "微信号", "备注")
COMPANIES = ("南京松岳光电有限公司", "凌恒化工", "石家庄市云科陶瓷股份有限公司 仓储部", "王凯服饰有限公司")


def table(*rows):
    there = [("陈建", None, company, f"1380013800{number}", None, None) for number, company in enumerate(COMPANIES)]
    rows = [(*row, *(None,) * (len(COLUMNS) - len(row))) for row in rows]
    frame = pd.DataFrame([(f"c/{n}", *row) for n, row in enumerate((*there, *rows))], columns=["_record", *COLUMNS])
    return frame.astype(pd.StringDtype(storage="pyarrow", na_value=float("nan")))


def read(name, company=None):
    frame, _ = with_employers_beside(table((name, None, company)), shipped("contact", COLUMNS))
    last = frame.iloc[-1]
    return last["姓名"], last["公司"] if isinstance(last["公司"], str) else None


@pytest.mark.parametrize(
    ("cell", "person", "company"),
    [
        ("松岳高强明", "高强明", "松岳"),
        ("松岳光电高总", "高总", "松岳光电"),
        ("南京松岳 高强明", "高强明", "南京松岳"),
        ("高强明(松岳销售部)", "高强明", "松岳"),
        ("凌恒-汤轩", "汤轩", "凌恒"),
        ("凌恒 销售 汤工", "汤工", "凌恒"),
        ("云科_苏瑶_品质经理", "苏瑶", "云科"),
        ("老沈总 云科", "老沈总", "云科"),
        ("云科小沈总", "小沈总", "云科"),
        ("李娜@王凯服饰", "李娜", "王凯服饰"),
        ("王凯 李娜", "李娜", "王凯"),
    ],
)
def test_a_company_beside_a_name(cell, person, company):
    assert read(cell) == (person, company)
    assert read(cell, "别处有限公司") == (person, "别处有限公司")


@pytest.mark.parametrize(
    "cell", ["高强明", "松岳", "欧阳松岳", "凌恒", "王凯", "张伟-李娜", "华腾高强明", "松岳 凌恒", "松岳光电", "王凯 采购", "松岳收货地址"]
)  # fmt: skip
def test_what_is_left_as_it_is(cell):
    assert read(cell) == (cell, None)


def test_a_note_names_whom_a_nickname_does_not():
    rows = [("岁月静好", "松岳高强明"), ("叶子", "松岳_高强明_经理"), ("高强", "松岳高总"), ("叶子", "搬家公司")]
    frame, rules = sorted_out(table(*rows), shipped("contact", COLUMNS))
    [called] = rules.columns["name"].columns
    assert frame[called].tolist()[-4:] == ["高强明", "高强明", "高强", "叶子"]
    assert frame[OF_NOTE].tolist()[-4:-1] == ["高强明", "高强明", "高总"]


def test_a_table_without_companies_is_left_alone():
    frame = table(("松岳高强明",)).drop(columns="公司")
    rules = shipped("contact", [column for column in COLUMNS if column != "公司"])
    assert with_employers_beside(frame, rules) == (frame, rules)


@pytest.mark.parametrize(
    ("one", "other", "together"),
    [
        (("凌恒-汤轩", None, None, "13698496211"), ("汤轩", None, "凌恒化工", "13698496211"), True),
        (("凌恒 销售 汤工", None, None, "13698496211"), ("汤轩", None, "凌恒化工", "13698496211"), True),
        (("风清扬", "汤轩 凌恒销售部", None, "13698496211"), ("凌恒汤轩", None, None, "13698496211"), True),
        (("老汤总 凌恒", None, None, "13698496211"), ("汤轩", None, "凌恒化工", "13698496211"), True),
        (("凌恒汤工", None, None, "13698496211"), ("李娜", None, "凌恒化工", "13698496211"), False),
        (("凌恒汤工", None, None, "13698496211"), ("汤轩", None, "凌恒化工", "13911112222"), False),
        (("老汤总 凌恒", None, None, "13698496211"), ("小汤总 凌恒", None, None, "13911112222"), False),
        (("老汤总 凌恒", None, None, "13698496211"), ("小汤总 凌恒", None, None, "13698496211"), False),
    ],
)  # fmt: skip
def test_such_people(one, other, together):
    frame = table(one, other)
    cluster = match(frame, shipped("contact", COLUMNS)).cluster
    assert bool(cluster[-1] == cluster[-2]) is together


def test_leo_is_no_pinyin():
    columns = ("姓名", "公司", "手机")
    there = {"公司": "徐州格沐电器厂", "手机": "13988130211"}
    assert decide("contact", columns, {"姓名": "Leo Hou", **there}, {"姓名": "侯宏启 Leo", **there}) == "merge"
