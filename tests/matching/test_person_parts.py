"""Names of people as address books have them: by what they are called, and with companies, posts and stars around them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmmigrate.matching.people.parts import _is_plain, _people, is_person, people
from crmmigrate.model.person_titles import STAFF, TITLES
from crmmigrate.model.surnames import surnames


@pytest.mark.parametrize(
    ("cell", "found"),
    [
        ("德龙于强", [("德龙于强", "德", ""), ("龙于强", "龙", ""), ("于强", "于", "")]),
        ("华泰徐老师", [("华泰徐", "华", ""), ("徐", "徐", "")]),
        ("王建国老师", [("王建国", "王", "")]),
        ("徐工供应金", [("徐工供应金", "徐", ""), ("金", "金", "")]),
        ("重庆奥普纺织邱总", [("邱", "邱", "")]),
        ("富力服饰万经理", [("万", "万", "")]),
        ("广航餐饮管理何主任", [("何", "何", "")]),
        ("昱远化工段永福", [("段永福", "段", "")]),
        ("昱远化工 总经理田树人", [("田树人", "田", "")]),
        ("江凯广宇软件", [("江凯", "江", "")]),
        ("苏万里煜辉医药采购", [("苏万里", "苏", ""), ("苏万", "苏", "")]),
        ("欧阳丽顺宁机电", [("欧阳丽", "欧阳", "")]),
        ("★丁梦洁 仓库", [("丁梦洁", "丁", "")]),
        ("01顾凤英德楠餐饮管理", [("顾凤英", "顾", ""), ("顾凤", "顾", "")]),
        ("a-魏新民", [("魏新民", "魏", "")]),
        ("欧阳建设", [("欧阳建设", "欧阳", "")]),
        ("铭华 秦老师", [("秦", "秦", "秦")]),
        ("老张 长沙艾伦电子", [("张", "张", "张")]),
        ("张琴-艾伦", [("张琴", "张", "")]),
        ("王 小明", [("王小明", "王", "")]),
        ("欧阳 娜娜", [("欧阳娜娜", "欧阳", "")]),
        ("欧阳娜娜", [("欧阳娜娜", "欧阳", "")]),
        ("邱霞珍仓库主管", [("邱霞珍", "邱", "")]),
        ("a勇", [("勇", "", "勇")]),
        ("火哥", [("火", "", "火")]),
        ("陈哥", [("陈", "陈", "陈")]),
        ("小李", [("李", "李", "李")]),
        ("丁丁", [("丁丁", "丁", "丁")]),
        ("张建工", [("张建工", "张", "")]),
        ("明亮蔡", [("明亮蔡", "明", ""), ("蔡明亮", "蔡", "")]),
        ("王家林工作号", [("王家林", "王", "")]),
        ("陈**", [("陈", "陈", "")]),
        ("*丽颖", [("丽颖", "", "丽颖")]),
        ("王*明", [("王明", "王", "")]),
    ],
)
def test_a_name_is_found_behind_companies_titles_and_stars(cell, found):
    assert [(person.name, person.surname, person.called) for person in people(cell)] == found


@pytest.mark.parametrize(
    ("cell", "wanted"),
    [
        ("张伟", True), ("欧阳娜娜", True), ("李先生", True), ("阿丽", True), ("强强", True), ("陈**", True), ("*丽颖", True),
        ("永和", False), ("老街鞋店", False), ("杭州启明", False), ("abc", False), ("**", False), ("宏达2店", False),
    ],
)  # fmt: skip
def test_a_person_is_told_from_a_shop(cell, wanted):
    assert is_person(cell) == wanted


LAST = sorted({*"".join((*TITLES, *STAFF)), *"伟芳丽娜明强军磊静总工哥姐阿小老大王张李蔡\u4dc0"})


NAMES = st.tuples(st.sampled_from(sorted(surnames())), st.lists(st.sampled_from([*LAST, *surnames()]), min_size=1, max_size=2).map("".join))  # fmt: skip


@given(st.lists(NAMES.map("".join), min_size=1, max_size=40))
def test_plain_names_are_taken_apart_as_any_other(names: list[str]) -> None:
    for name in filter(_is_plain, names):
        assert people(name) == _people(name)


@pytest.mark.parametrize("name", ["王伟", "张小明", "蔡明亮", "李娜"])
def test_what_is_plain(name: str) -> None:
    assert _is_plain(name)


@pytest.mark.parametrize(
    "name", ["王总", "张工", "小李", "欧阳", "欧阳娜", "明亮蔡", "王丽丽姐", "阿丽", "ab", "王*", "张经理", ""]
)
def test_what_is_not(name: str) -> None:
    assert not _is_plain(name)
