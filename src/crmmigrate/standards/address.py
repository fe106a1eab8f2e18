"""Chinese addresses: full names of province, city and county, then the detail; each in a part of its own.

Levels are filled only where one division fits; a bare 朝阳区 stays open with its candidates, and a county that is gone keeps its name
with a flag. Source: the Ministry of Civil Affairs' divisions as of 2025-12-31 (`data/README.md`).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crmmigrate.messages import Message
from crmmigrate.model.standard import Cleaned, Flag, Standard
from crmmigrate.standards._divisions import CITY, COUNTY, PROVINCE
from crmmigrate.standards._door import BLANKS, line
from crmmigrate.standards._fold import simplified
from crmmigrate.standards._places import gazetteer
from crmmigrate.standards._settle import settled
from crmmigrate.standards.empty import ALL_CODES, says_nothing

if TYPE_CHECKING:
    from crmmigrate.model.standard import Cleaner
    from crmmigrate.standards._places import Place

CODES = {
    **ALL_CODES,
    "address.names": Message("divisions of the address written with their full names"),
    "address.filled": Message("divisions left out of the address filled in"),
    "address.simplified": Message("traditional characters of the address simplified"),
    "address.postcode": Message("a postcode split off the address"),
    "address.partial": Message("the address does not name the county"),
    "address.no-region": Message("the address names no province, city or county"),
    "address.ambiguous": Message("several divisions have the name in the address"),
    "address.conflict": Message("the divisions in the address contradict each other"),
    "address.former": Message("the address names a division that exists no more"),
    "address.foreign": Message("not a Chinese address"),
    "address.phone": Message("a telephone number split off the address"),
    "address.long-number": Message("a long number in the address, perhaps a telephone number"),
}
NAMES, FILLED, SIMPLIFIED, POSTCODE = (
    Flag(f"address.{name}", "info") for name in ("names", "filled", "simplified", "postcode")
)
PARTIAL, FOREIGN = Flag("address.partial", "info"), Flag("address.foreign", "info")
NO_REGION, FORMER = Flag("address.no-region"), Flag("address.former")
PHONE, LONG_NUMBER = Flag("address.phone", "info"), Flag("address.long-number")
AMBIGUOUS, CONFLICT = Flag("address.ambiguous", "warning", "LOGIC"), Flag("address.conflict", "warning", "LOGIC")

_CHINESE = re.compile("[\u3400-\u9fff]")
_BLANK_AT_CHINESE = re.compile(
    "(?<=[\u3400-\u9fff，,、）)】]) +| +(?=[\u3400-\u9fff（(【])|(?<=[\u3400-\u9fff]) *(?=\\d)(?<= )"
)
_COUNTRY = re.compile(r"(?:中华人民共和国|中国(?:大陆)?(?=[\s,，]|[\u4e00-\u9fff]{2,8}(?:省|市|区)))[\s,，]*")
_POSTCODE_FIRST = re.compile(r"[\[(（]?(?:邮编[:：]?\s*)?(\d{6})[\])）]?[\s,，]*(?=[\u4e00-\u9fff])", re.ASCII)
_POSTCODE_LAST = re.compile(
    r"(?:[\s,，;；(（]*(?:邮编|邮政编码)\s*[:：]?\s*|(?<=[\u4e00-\u9fff])\s*(?:\s|[(（]))(\d{6})[)）]?\Z", re.ASCII
)
_LABEL = re.compile(r"^(?:(?:(?:公司|办公|通讯|联系|注册|详细|收货|单位)?地址|住址|住所)\s*[:：]\s*)+")
_TELEPHONE = re.compile(
    r"[\s,，;；:：、/（(\[【\-]*(?:(?:联系)?电话|[电電]話|手机号?码?|固话|座机|传真|tel(?:ephone)?|mob(?:ile)?|phone)?[\s.:：]*"
    r"(?<![\dA-Za-z])((?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}|[(（]?0\d{2,3}[)）\- ]\d{7,8}(?:-\d{1,6})?|(?<=[话話机真:：])0\d{9,11}|400-\d{3}-?\d{4})"
    r"(?!\d|-\d|\s*[号號室栋幢楼座弄])[)）\]】]*[\s,，;；、/]*", re.IGNORECASE | re.ASCII)  # fmt: skip
_LONG_NUMBER = re.compile(r"\d{9,}", re.ASCII)
_EDGE = " ,，。.;；、-_"


def make() -> Cleaner:
    """Return the cleaner."""
    places = gazetteer()

    def clean(raw: str) -> Cleaned:
        """Return the address with the full names of its divisions; 省, 市, 区, 详细地址, 邮编, 电话 and 区划代码 in parts."""
        text, flags = line(raw)
        nothing = says_nothing(_LABEL.sub("", text))
        if nothing:
            return Cleaned(None, (nothing,))
        if not _CHINESE.search(text):
            return Cleaned(text, (*flags, FOREIGN, *_long_number(text)), parts={"详细地址": text})
        plain = simplified(text)
        if plain != text:
            flags = (*flags, SIMPLIFIED)
        plain, phones = _split_phones(_LABEL.sub("", plain).strip(_EDGE))
        plain, postcode = _split_postcode(plain)
        squeezed, marks = _squeeze(_COUNTRY.sub("", plain, count=1))
        place = places.read(squeezed, marks)
        flags = (*flags, *((POSTCODE,) if postcode else ()), *((PHONE,) if phones else ()))
        if place.status == "conflict":
            return Cleaned(raw, (CONFLICT,), "suggested", candidates=place.candidates)
        return _answer(raw, squeezed, place, flags, {"邮编": postcode, "电话": phones})

    return settled(clean)


def _split_phones(text: str) -> tuple[str, str]:
    """Return the text without the telephone numbers in it, and those; a number in front of 号 or 室 is none."""
    phones = [found[1] for found in _TELEPHONE.finditer(text)]
    return _TELEPHONE.sub(" ", text).strip(_EDGE) if phones else text, " ".join(phones)


def _long_number(text: str) -> tuple[Flag, ...]:
    return (LONG_NUMBER,) if _LONG_NUMBER.search(text) else ()


def _split_postcode(text: str) -> tuple[str, str]:
    found = _POSTCODE_LAST.search(text)
    if found and found.start():
        return text[: found.start()].strip(_EDGE), found[1]
    found = _POSTCODE_FIRST.match(text)
    return (text[found.end() :].strip(_EDGE), found[1]) if found else (text, "")


def _squeeze(text: str) -> tuple[str, frozenset[int]]:
    """Take out the blanks at Chinese characters; return where they were, for a blank ends a name."""
    pieces = _BLANK_AT_CHINESE.split(text)
    marks, length = set(), 0
    for piece in pieces[:-1]:
        length += len(piece)
        marks.add(length)
    return "".join(pieces), frozenset(marks)


def _answer(raw: str, text: str, place: Place, flags: tuple[Flag, ...], taken: dict[str, str]) -> Cleaned:
    parts = {**taken, "区划代码": place.code, "省": place.levels.get(PROVINCE, ""), "市": place.levels.get(CITY, ""),
             "区": place.levels.get(COUNTY, ""), "区县": place.levels.get(COUNTY, "")}  # fmt: skip
    rest = place.rest.strip(_EDGE)
    open_ = place.status == "ambiguous"
    value = text if open_ or place.status == "none" else place.chain + rest
    parts["详细地址"] = "" if open_ else rest
    doubts = (*_doubts(place), *_long_number(value))
    changed: tuple[Flag, ...] = ()
    if value != text:
        changed = (FILLED,) if place.filled else (NAMES,) if place.short else ()
    parts = {part: said for part, said in parts.items() if said}
    if not value:
        return Cleaned(raw, (NO_REGION,), "suggested", parts=parts)
    if value == raw:
        return Cleaned(value, doubts, parts=parts, candidates=place.candidates)
    likely = place.short or SIMPLIFIED in flags
    return Cleaned(
        value, (*flags, *changed, *doubts) or (BLANKS,), "likely" if likely else "certain", parts, place.candidates
    )


def _doubts(place: Place) -> tuple[Flag, ...]:
    if place.status == "none":
        return (NO_REGION,)
    if place.status == "ambiguous":
        return (AMBIGUOUS,)
    if place.former:
        return (FORMER,)
    return (PARTIAL,) if place.status == "partial" else ()


STANDARD = Standard("address", make, Message("Chinese addresses by their divisions"), (), CODES)
