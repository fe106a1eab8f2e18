"""Quantities as plain decimals with their unit in a part: 100台, 1,200 件, 2.5吨, 12万只. A column may have one unit, to which others are converted.

Ranges and doubtful groups of digits are never guessed; a unit that cannot be converted to the column's is flagged.

Source: GB 3100 (SI units) and 国务院 1984 on legal units (市斤 is 500 g, 亩 is 10000/15 m²).
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING

from crmmigrate.messages import Message
from crmmigrate.model.standard import Cleaned, Flag, Standard
from crmmigrate.standards._door import line
from crmmigrate.standards._numerals import UNIT_WORDS, UNITS, digits, numeral, trimmed, without_noise, written
from crmmigrate.standards.empty import ALL_CODES, says_nothing

if TYPE_CHECKING:
    from crmmigrate.model.standard import Cleaner

CODES = {
    **ALL_CODES,
    "quantity.format": Message("quantity written as a plain decimal"),
    "quantity.converted": Message("quantity converted to the unit of the column"),
    "quantity.approximate": Message("an approximate quantity"),
    "quantity.range": Message("a range, not a quantity"),
    "quantity.unit": Message("a quantity in a unit that is not the column's"),
    "quantity.ambiguous": Message("a quantity that can be read in two ways"),
    "quantity.negative": Message("a quantity below zero"),
    "quantity.unreadable": Message("not a quantity"),
}
FORMAT, CONVERTED = Flag("quantity.format", "info"), Flag("quantity.converted", "info")
APPROXIMATE, NEGATIVE = Flag("quantity.approximate"), Flag("quantity.negative", "warning", "LOGIC")
OTHER_UNIT = Flag("quantity.unit", "error", "LOGIC")
RANGE, AMBIGUOUS, UNREADABLE = (Flag(f"quantity.{name}", "error") for name in ("range", "ambiguous", "unreadable"))

_KINDS: dict[str, dict[str, tuple[str, ...]]] = {
    "mass": {"1": ("kg", "千克", "公斤"), "0.5": ("斤", "市斤"), "1000": ("吨", "t", "公吨"), "0.001": ("g", "克"), "0.000001": ("mg", "毫克")},
    "length": {"1": ("m", "米", "公尺"), "1000": ("km", "千米", "公里"), "0.01": ("cm", "厘米", "公分"), "0.001": ("mm", "毫米")},
    "area": {"1": ("㎡", "m²", "m2", "平方米", "平米", "平方", "平"), "10000": ("公顷", "ha"), "1000000": ("km²", "平方公里", "平方千米")},
    "volume": {"1": ("l", "升", "公升"), "0.001": ("ml", "毫升"), "1000": ("m³", "m3", "立方米", "立方", "方")},
    "hours": {"1": ("h", "小时", "工时"), "24": ("天", "日")},
}  # fmt: skip
_MEASURES = {
    word: (kind, Decimal(factor))
    for kind, factors in _KINDS.items()
    for factor, words in factors.items()
    for word in words
}
_COUNTED = [
    "个",
    "只",
    "台",
    "套",
    "件",
    "箱",
    "辆",
    "部",
    "支",
    "根",
    "块",
    "片",
    "张",
    "份",
    "本",
    "双",
    "对",
    "把",
    "条",
    "瓶",
    "包",
    "袋",
    "桶",
    "卷",
    "盒",
    "盘",
    "组",
    "批",
    "次",
    "人",
    "名",
    "户",
    "家",
    "间",
    "栋",
    "架",
    "艘",
    "颗",
    "粒",
    "枚",
    "株",
    "头",
    "匹",
    "座",
    "幅",
    "册",
    "款",
    "项",
    "人次",
    "人天",
    "人月",
    "年",
    "个月",
    "月",
    "周",
    "pcs",
    "pc",
    "ea",
    "set",
    "sets",
]
_SAME = {"pcs": "个", "pc": "个", "ea": "个", "set": "套", "sets": "套", "名": "人", "个月": "月"}
_MEASURE_WORDS = "|".join(sorted(map(re.escape, (*_MEASURES, *_COUNTED)), key=len, reverse=True))
_PLAIN = re.compile(r"(?:0|[1-9]\d{0,14})(?:\.\d{1,6})?\Z", re.ASCII)
_QUANTITY = re.compile(
    rf"(?P<minus>[-−]?)\s*(?P<number>\d[\d,\s]*(?:\.\d+)?|\.\d+)\s*(?P<times>{UNIT_WORDS})??\s*(?P<unit>{_MEASURE_WORDS})?\Z",
    re.IGNORECASE | re.ASCII,
)
_WORDS = re.compile(
    rf"(?P<number>[零〇一二两三四五六七八九十百千万亿半]+)\s*(?P<unit>{_MEASURE_WORDS})?\Z", re.IGNORECASE
)
_ABOUT = re.compile(r"^(?:大约|约|大概|近|预计)\s*|\s*(?:左右|上下)\Z")
_BOUND = re.compile(r"[<>≤≥＜＞]|不超过|不低于|不到|不足|至少|至多|最多|最少|超过|以上|以下|以内|多|余|几|数|\+\Z")
_RANGE = re.compile(r".*\d.*?\s*[-~～—–至到]\s*\d")
_LABEL = re.compile(r"^(?:数量|总数|合计|共计?|订购|采购)[:：\s]*")
_FULL_WIDTH = str.maketrans("，．－＋（）～", ",.-+()~")


def make(unit: str = "") -> Cleaner:
    """Return the cleaner.

    Args:
        unit: the unit of the column (`kg`, `台`); a quantity in another one is converted where it can be, else flagged.

    Raises:
        ValueError: the unit is none that is known.
    """
    wanted = _canonical(unit) if unit else ""
    if unit and wanted not in _MEASURES and wanted not in _COUNTED:
        raise ValueError(f"unit: {unit}")

    def clean(raw: str) -> Cleaned:
        """Return the number in the unit of the column, or the raw text with a flag that says why not."""
        if _PLAIN.match(raw):
            plain_number = digits(raw)
            value = raw if plain_number is None else written(plain_number)
            return Cleaned(value, () if value == raw else (FORMAT,))
        text, _ = line(raw)
        nothing = says_nothing(text)
        if nothing:
            return Cleaned(None, (nothing,))
        plain = _LABEL.sub("", text.translate(_FULL_WIDTH)).rstrip("。")
        if _BOUND.search(plain):
            return Cleaned(raw, (RANGE,), "suggested")
        about = _ABOUT.sub("", plain)
        found = _QUANTITY.match(about) or _WORDS.match(about)
        if not found:
            return Cleaned(raw, (RANGE if _RANGE.match(about) else UNREADABLE,), "suggested")
        return _answer(raw, found, wanted, (APPROXIMATE,) if about != plain else ())

    return clean


def _canonical(word: str) -> str:
    word = word.lower()
    if word in _MEASURES:
        kind, factor = _MEASURES[word]
        return next(words[0] for size, words in _KINDS[kind].items() if Decimal(size) == factor)
    return _SAME.get(word, word)


def _number(found: re.Match[str]) -> Decimal | None:
    if "times" not in found.re.groupindex:
        if found["number"] == "半":
            return Decimal("0.5")
        whole = numeral(found["number"])
        return None if whole is None else Decimal(whole)
    number = digits(found["number"])
    if number is None:
        return None
    times = (found["times"] or "").lower()
    number = trimmed(number * UNITS[times]) if times else number
    return -number if found["minus"] else number


def _answer(raw: str, found: re.Match[str], wanted: str, flags: tuple[Flag, ...]) -> Cleaned:
    number = _number(found)
    if number is None:
        return Cleaned(raw, (AMBIGUOUS,), "suggested")
    unit = _canonical(found["unit"] or "")
    if wanted and unit and unit != wanted:
        own, other = _MEASURES.get(wanted), _MEASURES.get(unit)
        if not own or not other or own[0] != other[0]:
            return Cleaned(raw, (OTHER_UNIT,), "suggested", parts={"单位": unit}, candidates=(written(number),))
        number, unit, flags = trimmed(number * other[1] / own[1]), wanted, (*flags, CONVERTED)
    number = without_noise(number)
    if number < 0:
        flags = (*flags, NEGATIVE)
    value = written(number)
    parts = {"单位": unit} if unit else {}
    if value == raw:
        return Cleaned(value, flags, parts=parts)
    likely = APPROXIMATE in flags or (found.groupdict().get("times") or "").lower() in ("w", "k")
    return Cleaned(value, flags or (FORMAT,), "likely" if likely else "certain", parts)


STANDARD = Standard("quantity", make, Message("quantities as decimals"), ("unit",), CODES)
