"""Damaged text of the kinds that came with the five documents, made up anew: repaired where that is certain, flagged where it is not."""

from __future__ import annotations

import pytest

from crmmigrate.standards import load

PAGE = "一、接待标准" + "\u00a0" * 420 + "来访二十分钟内接待" + "\u00a0" * 260
SCRAPED = "銷(xiāo)售顧(gù)問(wèn)" + "\u00a0" * 300 + "回訪??客戶\ue001"

REPAIRED = [
    ("text", "我們(men)的客戶(hù)數(shù)據(jù)在業(yè)務(wù)上線(xiàn)前要核對(duì)", "我們的客戶數據在業務上線前要核對", ["text.gloss"]),
    ("text", "業主(zhǔ)投訴(sù)，兩小時(shí)內(nèi)答復(fù)", "業主投訴，兩小時內答復", ["text.gloss"]),
    ("simplified", "訂(dìng)車(chē)客戶(hù)資(zī)料(liào)須準(zhǔn)確(què)", "订车客户资料须准确", ["text.gloss", "simplified.changed"]),
    ("text", PAGE, "一、接待标准 来访二十分钟内接待", ["text.blanks"]),
    ("text", "第\ue81e条", "第\u9fb4条", ["text.private-mended"]),
    ("company_name", "杭州啟(qǐ)帆(fān)軟(ruǎn)件有限公司", "杭州启帆软件有限公司", ["text.gloss", "company.simplified"]),
    ("company_name", "杭州" + "\u00a0" * 200 + "启帆软件有限公司", "杭州启帆软件有限公司", ["text.blanks"]),
    ("person_name", "張(zhāng)" + "\u00a0" * 100 + "偉(wěi)", "張偉", ["text.blanks", "text.gloss"]),
    ("address", "浙江省" + "\u00a0" * 200 + "杭州市西湖區(qū)文三路12號(hào)", "浙江省杭州市西湖区文三路12号",
     ["text.blanks", "text.gloss", "address.simplified"]),
    ("room", "3棟(dòng)2單(dān)元" + "\u00a0" * 30 + "1501室", "3-2-1501", ["room.format"]),
    ("date", "2023年" + "\u00a0" * 50 + "5月" + "\u00a0" * 50 + "1日", "2023-05-01", ["text.blanks"]),
    ("phone", "\u00a0" * 50 + "139" + "\u00a0" * 9 + "1274" + "\u00a0" * 9 + "0002", "+8613912740002", ["text.blanks"]),
]  # fmt: skip

KEPT = [
    ("text", "日??己思懊", "text.lost"),
    ("text", "物业服??中心每日巡??两次", "text.lost"),
    ("text", "前台\ufffd\ufffd登记表", "text.lost"),
    ("text", "来访登记\ue001表，\ue5e5\ue5e5请填写", "text.private-use"),
    ("company_name", "杭州??帆软件有限公司", "text.lost"),
    ("company_name", "杭州\ue001帆软件有限公司", "text.private-use"),
    ("person_name", "张??明", "text.lost"),
    ("person_name", "张\ue001", "text.private-use"),
    ("address", "浙江省杭州市西湖区文??路12号", "text.lost"),
    ("address", "浙江省杭州市西湖区文\ue001路12号", "text.private-use"),
    ("phone", "139??740002", "phone.invalid"),
    ("date", "2023年?月1日", "date.unreadable"),
    ("room", "3栋??元1501", "room.unreadable"),
]


@pytest.mark.parametrize(("standard", "raw", "value", "codes"), REPAIRED)
def test_what_is_certain_is_repaired_and_told(standard: str, raw: str, value: str, codes: list[str]) -> None:
    cleaned = load(standard).make()(raw)
    assert (cleaned.value, [flag.code for flag in cleaned.flags]) == (value, codes)
    assert load(standard).make()(value).value == value


@pytest.mark.parametrize(("standard", "raw", "code"), KEPT)
def test_what_is_lost_is_not_guessed_but_flagged(standard: str, raw: str, code: str) -> None:
    cleaned = load(standard).make()(raw)
    assert cleaned.value == raw
    assert [flag.code for flag in cleaned.flags if flag.severity != "info"] == [code]


def test_repairs_and_losses_of_one_text_are_both_told() -> None:
    cleaned = load("text").make()(SCRAPED)
    assert cleaned.value == "銷售顧問 回訪??客戶\ue001"
    assert [flag.code for flag in cleaned.flags] == ["text.blanks", "text.gloss", "text.private-use", "text.lost"]


@pytest.mark.parametrize("raw", ["張(zhang)三", "我們(men)", "H级（hot）客户", "複核(zhāng)", "真的吗??"])
def test_what_only_looks_like_damage_is_left_alone(raw: str) -> None:
    cleaned = load("text").make()(raw)
    assert (cleaned.value, cleaned.flags) == (raw, ())
