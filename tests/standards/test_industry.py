"""Industries with a full table of GB/T 4754 of the user's own: all levels, names that several have, tables that are none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmmigrate.errors import ConfigurationError
from crmmigrate.model.standard import ColumnStandard
from crmmigrate.standards import cleaner, load

TABLE = """code,name
C,制造业
C13,农副食品加工业
131,谷物磨制
1311,稻谷加工
1312,小麦加工
139,其他农副食品加工
1399,其他未列明农副食品加工
14,食品制造业
149,其他食品制造
1492,保健食品制造
I65,软件和信息技术服务业
651,软件开发
6513,应用软件开发
656,信息技术咨询服务
6560,信息技术咨询服务
A01,农业
019,其他农业
0190,其他农业
1391,样品制造
1491,样品制造
"""


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    path = tmp_path_factory.mktemp("industries") / "gbt4754.csv"
    path.write_text(TABLE, encoding="utf-8-sig")
    return str(path)


@pytest.mark.parametrize(
    ("raw", "value", "code"),
    [("6513", "应用软件开发", "6513"), ("I6513", "应用软件开发", "6513"), ("I6513 应用软件开发", "应用软件开发", "6513"), ("应用软件开发", "应用软件开发", "6513"), ("651", "软件开发", "651"),
     ("65", "软件和信息技术服务业", "65"), ("I", "信息传输、软件和信息技术服务业", "I"), ("制造業", "制造业", "C"), ("C13", "农副食品加工业", "13"), ("13-农副食品加工业", "农副食品加工业", "13"),
     ("其他农业", "其他农业", "019"), ("0190", "其他农业", "0190"), ("信息技术咨询服务", "信息技术咨询服务", "656"), ("稻谷 加工", "稻谷加工", "1311"), ("互联网", "信息传输、软件和信息技术服务业", "I"),
     ("批发业", "批发业", "51"), ("65 软件", "软件和信息技术服务业", "65"), ("1492：保健食品制造", "保健食品制造", "1492"), ("A", "农、林、牧、渔业", "A")],
)  # fmt: skip
def test_industries_are_as_exact_as_they_were_said(table, raw, value, code):
    assert load("industry").make(table=table)(raw).value == value
    assert load("industry").make(table=table, form="code")(raw).value == code


@pytest.mark.parametrize(
    ("raw", "level", "code"),
    [("6513", "section", "I"), ("6513", "division", "65"), ("6513", "group", "651"), ("6513", "class", "6513"), ("制造业", "class", "C"), ("65", "group", "65"), ("其他农业", "class", "0190"),
     ("其他农业", "group", "019"), ("其他农业", "division", "01"), ("信息技术咨询服务", "class", "6560"), ("稻谷加工", "division", "13")],
)  # fmt: skip
def test_the_most_exact_level(table, raw, level, code):
    assert load("industry").make(table=table, form="code", level=level)(raw).value == code


def test_all_levels_are_parts(table):
    assert dict(load("industry").make(table=table)("1312").parts) == {
        "门类代码": "C", "门类": "制造业", "大类代码": "13", "大类": "农副食品加工业", "中类代码": "131", "中类": "谷物磨制", "小类代码": "1312", "小类": "小麦加工",
    }  # fmt: skip


def test_a_name_that_several_have_stays_open(table):
    cleaned = load("industry").make(table=table)("样品制造")
    assert (cleaned.value, cleaned.candidates) == ("样品制造", ("1391 样品制造", "1491 样品制造"))
    assert [flag.code for flag in cleaned.flags] == ["industry.ambiguous"]


@pytest.mark.parametrize("raw", ["C6513", "6513 稻谷加工", "9999", "1388", "稻谷加工厂", "Z"])
def test_what_the_table_does_not_know_or_contradicts_is_not_guessed(table, raw):
    cleaned = load("industry").make(table=table)(raw)
    assert cleaned.value == raw
    assert [flag.code for flag in cleaned.flags] == ["industry.unknown"]


def test_names_most_alike_are_candidates(table):
    assert "应用软件开发" in load("industry").make(table=table)("应用软件开發业务").candidates


@given(
    raw=st.lists(
        st.sampled_from(
            ["C", "13", "131", "1", "9", "其他", "农业", "稻谷加工", " ", "-", "：", "业", "软件", "I", "0190"]
        ),
        max_size=5,
    ).map("".join)
)
def test_total_and_idempotent(table, raw):
    for form in ("name", "code"):
        clean = load("industry").make(table=table, form=form)
        cleaned = clean(raw)
        if cleaned.value is not None:
            assert clean(cleaned.value).value == cleaned.value


@pytest.mark.parametrize(
    "text",
    [
        "",
        "code,name\n",
        "a,b\n1,2\n",
        "code,name\nX,甲\n",
        "code,name\nC65,软件\n",
        "code,name\n13,甲\n13,乙\n",
        "code,name\n13,\n",
        "code,name\n98,甲\n",
    ],
)
def test_a_table_that_is_none_is_refused(tmp_path, text):
    path = tmp_path / "t.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=r"t\.csv"):
        load("industry").make(table=str(path))


def test_the_table_lies_where_the_data_standard_does(tmp_path):
    (tmp_path / "t.csv").write_text("代码,名称\n6513,应用软件开发\n", encoding="utf-8")
    column = ColumnStandard("industry", options={"table": "t.csv", "form": "code"})
    assert cleaner(column, tmp_path)("应用软件开发").value == "6513"
    with pytest.raises(ConfigurationError) as caught:
        cleaner(column, tmp_path / "elsewhere")
    assert caught.value.code == "standard.option-value"


def test_a_level_needs_a_table():
    with pytest.raises(ValueError, match="level: class"):
        load("industry").make(level="class")
