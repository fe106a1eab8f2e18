"""Pairs made by hand of private clients, with what remarks and titles tell of them."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from tests.matching.test_pairs import decide

import crmmigrate
from crmmigrate.matching.put_right.course import sorted_out
from crmmigrate.matching.put_right.nicknames_of_names import without_own_names
from crmmigrate.matching.put_right.renamed_people import RENAMED
from crmmigrate.matching.put_right.titled_sexes import with_sexes
from crmmigrate.matching.roles import shipped
from crmmigrate.matching.texts.folding import fold
from crmmigrate.matching.texts.taken_apart import is_taken_apart

CLIENTS = ("客户编号", "客户姓名", "性别", "出生日期", "证件号码", "手机", "住址", "备注")
CARD, OTHER_CARD = "110101199003072316", "110101198511054415"
HOME = "南京市鼓楼区柳荫路18号柏翠苑6幢2单元1103室"

PAIRS = [
    ("merge", "numbers of their own, another mobile", f"K01|苏曼青||1990-03-07|{CARD}|13811110001||", f"K77|苏曼青||1990-03-07|{CARD}|13911110002||"),
    ("left", "namesakes", "K01|苏曼青||1990-03-07||13811110001||", "K77|苏曼青||1962-11-30||13911110002||"),
    ("merge", "identity number in a remark", f"K01|苏曼青|||{CARD}|13811110001||", f"K77|苏曼青||||||身份证{CARD}"),
    ("merge", "passport in a remark", "K01|苏曼青|||E20304050|13811110001||", "K77|苏曼青||||||护照号：E20304050，常出差"),
    ("left", "the husband's identity number in a remark", f"K01|罗毅|||{CARD}|13811110001||", f"K77|苏曼青||||13811110001||老公身份证{CARD}"),
    ("left", "whose identity number it is stands behind", f"K01|罗毅|||{CARD}|13811110001||", f"K77|苏曼青||||13811110001||身份证{CARD}（老公）"),
    ("alone", "the mother's identity number", f"K01|苏曼青|||{CARD}|13811110001||", f"K77|罗一诺|||{CARD}|13811110001||用妈妈身份证"),
    ("merge", "the mother's identity number and her own", f"K01|罗一诺||2015-06-01|{CARD}|13811110001||证件为母亲", "K77|罗一诺||2015-06-01|110101201506014435|13811110001||"),
    ("left", "another identity number", f"K01|苏曼青|||{CARD}|13811110001||", f"K77|苏曼青||||13811110001||身份证{OTHER_CARD}"),
    ("merge", "renamed", f"K01|苏曼青|||{CARD}|13811110001||", f"K77|苏丽|||{CARD}|13811110001||已更名苏曼青"),
    ("merge", "former name", f"K01|苏曼青|||{CARD}|13811110001||曾用名：苏丽", f"K77|苏丽|||{CARD}|13811110001||"),
    ("merge", "real name", "K01|青青||||13811110001||真名苏曼青，微信联系", "K77|苏曼青||||13811110001||"),
    ("left", "another's real name", "K01|罗毅||||13811110001||老婆真名苏曼青", "K77|苏曼青||||13811110001||"),
    ("left", "renamed and no name", f"K01|苏曼青|||{CARD}|13811110001||", f"K77|苏丽|||{CARD}|13811110001||已更名待核实"),
    ("merge", "a character taken apart", f"K01|苏王月|||{CARD}|13811110001||", f"K77|苏玥|||{CARD}|13811110001||"),
    ("merge", "a character taken apart, mobile and birthday", "K01|苏土土土然||1990-03-07||13811110001||", "K77|苏垚然||1990-03-07||13811110001||"),
    ("left", "no character taken apart", "K01|苏文武||||13811110001||", "K77|苏斌||||13811110001||"),
    ("left", "a wife on the telephone of her husband", f"K01|莫知远|男|||13811110001|{HOME}|", f"K77|莫太太||||13811110001|{HOME}|"),
    ("left", "a lady by her title", f"K01|莫知远|1|||13811110001|{HOME}|", f"K77|莫女士||||13811110001|{HOME}|"),
    ("merge", "a gentleman by his title", f"K01|莫知远|男|||13811110001|{HOME}|", f"K77|莫先生||||13811110001|{HOME}|"),
]  # fmt: skip


def client(text):
    return {column: cell or None for column, cell in zip(CLIENTS, text.split("|"), strict=True)}


@pytest.mark.parametrize(("wanted", "why", "one", "other"), PAIRS)
def test_pairs_of_private_clients(wanted, why, one, other):
    for sides in ((one, other), (other, one)):
        found = decide("contact", CLIENTS, *map(client, sides))
        assert found == wanted or (wanted == "left" and found != "merge"), (why, found)


@pytest.mark.parametrize(
    ("one", "other", "wanted"),
    [
        ("马金容", "马镕", True),
        ("吕荣礻韦", "吕荣祎", True),
        ("吕荣示韦", "吕荣祎", True),
        ("周王君琳", "周珺琳", True),
        ("周王君琳", "周珺", False),
        ("王君", "王珺", False),
        ("马镕", "马镕", False),
        ("", "马镕", False),
    ],
)
def test_characters_taken_apart(one, other, wanted):
    assert is_taken_apart(one, other) is is_taken_apart(other, one) is wanted


def test_what_is_taken_apart_is_folded():
    text = (Path(crmmigrate.__file__).parent / "data" / "taken_apart.txt").read_text(encoding="utf-8")
    assert fold(text.split()) == text.split()
    assert all(len(sign) == 1 < min(map(len, ways)) for sign, *ways in map(str.split, text.splitlines()))


@pytest.mark.parametrize(
    ("remark", "name"),
    [
        ("已更名苏曼青", "苏曼青"),
        ("2019年改名为苏曼青", "苏曼青"),
        ("现名:苏曼青", "苏曼青"),
        ("VIP；曾用名 苏丽（勿扰）", "苏丽"),
        ("身份证名苏曼青", "苏曼青"),
        ("以前叫欧阳曼青", "欧阳曼青"),
        ("女儿现名苏曼青", None),
        ("公司已更名", None),
        ("已更名华宇科技", None),
        ("改名请联系苏曼青本人", None),
    ],
)
def test_names_in_remarks(remark, name):
    columns = ("姓名", "手机", "备注")
    frame = pd.DataFrame([["c/1", "青青", "13811110001", remark]], columns=["_record", *columns], dtype="str")
    made, rules = sorted_out(frame, shipped("contact", columns))
    assert (RENAMED in rules.columns["name"].columns) is (name is not None)
    assert name is None or made[RENAMED].tolist() == [name]


@pytest.mark.parametrize(
    ("name", "sex", "wanted"),
    [
        ("莫太太", None, "女"),
        ("莫知远（先生）", None, "男"),
        ("莫先生", "女", "女"),
        ("莫先生、莫太太", None, None),
        ("莫知远", None, None),
    ],
)
def test_titles_tell_the_sex(name, sex, wanted):
    frame = pd.DataFrame([["c/1", name, sex]], columns=["_record", "姓名", "性别"], dtype="str")
    [found] = with_sexes(frame, shipped("contact", ("姓名", "性别")))["性别"].fillna("")
    assert found == (wanted or "")


AT_HOME = ("会员编号", "姓名", "性别", "生日", "手机", "住址")


@pytest.mark.parametrize(
    ("one", "other", "decided"),
    [
        ((HOME, "13811110001", ""), (HOME, "13911110002", ""), "merge"),
        ((HOME, "13811110001", "1990-03-07"), ("南京市鼓楼区柏翠苑6-2-1103", "13911110002", "1990-03-07"), "merge"),
        ((HOME, "13811110001", "1990-03-07"), (HOME, "13911110002", "1990-03-07"), "merge"),
        ((HOME, "13811110001", "1962-11-30"), (HOME, "13911110002", "1990-03-07"), "left"),
        ((HOME, "13811110001", ""), ("南京市鼓楼区柳荫路18号柏翠苑6幢2单元1104室", "13911110002", ""), "left"),
        (("南京市鼓楼区柏翠苑", "13811110001", ""), ("南京市鼓楼区柏翠苑", "13911110002", ""), "left"),
    ],
)
def test_one_name_at_one_door(one, other, decided):
    rows = [
        dict(zip(AT_HOME, (number, "苏曼青", "", born, mobile, home), strict=True))
        for number, (home, mobile, born) in (("K01", one), ("K77", other))
    ]
    found = decide("contact", AT_HOME, *rows)
    assert found == "merge" if decided == "merge" else found != "merge"


@pytest.mark.parametrize(
    ("name", "nickname", "wanted"),
    [
        ("苏曼青", "sumanqing", None),
        ("苏曼青", "Manqing.Su_88", None),
        ("苏曼青", "su2019", None),
        ("苏曼青", "曼曼", "曼曼"),
        ("苏曼青", "sunny", "sunny"),
        ("苏女士", "sumanqing", "sumanqing"),
    ],
)
def test_nicknames_that_are_the_name(name, nickname, wanted):
    frame = pd.DataFrame([["c/1", name, nickname]], columns=["_record", "姓名", "昵称"], dtype="str")
    [found] = without_own_names(frame, shipped("contact", ("姓名", "昵称")))["昵称"]
    assert (found if isinstance(found, str) else None) == wanted
