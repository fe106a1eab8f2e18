"""Chinese addresses: full names of province, city and county, then the detail; each in a part of its own.

Levels are filled only where one division fits, or only one of several has the township that follows; a bare 朝阳区 stays open with its
candidates. A division that is gone is written as what it became where all of it went to one place, else it keeps its name with a flag and
candidates. 状态 is one of ok, filled, renamed, partial, ambiguous, conflict, none, foreign. Source: the Ministry of Civil Affairs'
divisions as of 2025-12-31, and what changed since 1980 (`data/README.md`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Literal

from crmmigrate.messages import Message
from crmmigrate.model.standard import Cleaned, Flag, Standard
from crmmigrate.standards._divisions import CITY, COUNTY, FIRST_YEAR, LAST_YEAR, PROVINCE
from crmmigrate.standards._door import BLANKS, line, standing
from crmmigrate.standards._fold import is_simple, simplified
from crmmigrate.standards._places import NOWHERE, reader
from crmmigrate.standards._settle import settled
from crmmigrate.standards.empty import ALL_CODES, says_nothing

if TYPE_CHECKING:
    from collections.abc import Callable

    from crmmigrate.model.standard import Cleaner
    from crmmigrate.standards._places import Head, Place, Reader

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
    "address.renamed": Message("a division that was renamed or merged written as what it became"),
    "address.foreign": Message("not a Chinese address"),
    "address.phone": Message("a telephone number split off the address"),
    "address.long-number": Message("a long number in the address, perhaps a telephone number"),
}
NAMES, FILLED, RENAMED, SIMPLIFIED, POSTCODE = (
    Flag(f"address.{name}", "info") for name in ("names", "filled", "renamed", "simplified", "postcode")
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
_COUNTRY_NAME = "中国"
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
_DIGITS = re.compile(r"\d{3}[- ]?\d{3}|邮", re.ASCII)
"""Where a postcode or telephone number may stand."""
_PLAIN = re.compile(
    "(?!中[国华])[\u4e00-\u9fff][\u4e00-\u9fff0-9A-Za-z（）()#，,、/.+&“”~-]*(?<=[\u4e00-\u9fff0-9A-Za-z）)])\\Z",
    re.ASCII,
)
"""What needs no mending: most addresses are nothing but this."""
_SHORT = 12
"""Whoever says nothing says it shorter."""
MUNICIPALITY = {"same": "", "districts": "市辖区", "empty": ""}


def make(
    as_of: int | str | None = None,
    renamed: Literal["map", "keep"] = "map",
    municipality: Literal["same", "districts", "empty"] = "same",
    direct: Literal["county", "city", "both"] = "county",
) -> Cleaner:
    """Return the cleaner.

    Args:
        as_of: a year from 1980 on, or a day: the divisions are those of the end of that year, of the year before that day; the newest
            table where it is not given.
        renamed: `map` writes a division that is gone as what it became, where all of it went to one place; `keep` leaves its name.
        municipality: the city of an address in Beijing, Tianjin, Shanghai or Chongqing: the municipality once more, 市辖区, or nothing.
        direct: whether a county directly under its province (仙桃市) is the county, the city, or both.

    Raises:
        ValueError: another word, or a year without a table.
    """
    if renamed not in ("map", "keep") or municipality not in MUNICIPALITY or direct not in ("county", "city", "both"):
        raise ValueError(f"renamed: {renamed}, municipality: {municipality}, direct: {direct}")
    places = reader(year_of(as_of), keep=renamed == "keep")
    form = _form(municipality, direct)

    quick, once = _quick_reader(places, form), _reader(places, form)

    def again(raw: str) -> Cleaned:
        return (quick(raw) if _COUNTRY_NAME not in raw else None) or once(raw)

    careful = settled(once, again)

    def clean(raw: str) -> Cleaned:
        """Return the address with the full names of its divisions; 省, 市, 区县, 乡镇街道, 详细地址, 邮编, 电话, 区划代码 and 状态 in parts."""
        return quick(raw) or careful(raw)

    return clean


def _quick_reader(places: Reader, form: _Form) -> Callable[[str], Cleaned | None]:
    """Return what reads an address that needs no mending, and says None to all others."""

    def quick(raw: str) -> Cleaned | None:
        if (
            not _PLAIN.match(raw)
            or _DIGITS.search(raw)
            or not is_simple(raw)
            or (len(raw) < _SHORT and says_nothing(raw))
        ):
            return None
        place = places.read(raw)
        head = place.head
        if head.status in ("full", "partial"):
            if not places.settles(place):
                return None
            if raw == head.chain + place.rest and place.rest[:1] not in _EDGE:
                parts = form.parts(place)
                parts["详细地址"] = place.rest
                return Cleaned(raw, _doubts(head), "certain", parts, head.candidates)
        if head.status == "conflict":
            return Cleaned(raw, (CONFLICT,), "suggested", {"状态": "conflict"}, head.candidates)
        return _answer(raw, raw, place, (), form.parts(place))

    return quick


def _reader(places: Reader, form: _Form) -> Cleaner:
    """Return what reads an address that may need mending."""

    def once(raw: str) -> Cleaned:
        text, flags = line(raw)
        if len(text) < _SHORT:
            nothing = says_nothing(_LABEL.sub("", text))
            if nothing:
                return Cleaned(None, (nothing,))
        if not _CHINESE.search(text):
            return Cleaned(text, (*flags, FOREIGN, *_long_number(text)), parts={"详细地址": text, "状态": "foreign"})
        plain = simplified(text)
        if plain != text:
            flags = (*flags, SIMPLIFIED)
        plain = _LABEL.sub("", plain).strip(_EDGE)
        phones = postcode = ""
        if _DIGITS.search(plain):
            plain, phones = _split_phones(plain)
            plain, postcode = _split_postcode(plain)
            flags = (*flags, *((POSTCODE,) if postcode else ()), *((PHONE,) if phones else ()))
        squeezed, marks = _squeeze(_COUNTRY.sub("", plain, count=1))
        place = places.read(squeezed, marks)
        if place.head.status == "conflict":
            return Cleaned(raw, (CONFLICT,), "suggested", {"状态": "conflict"}, place.head.candidates)
        return _answer(raw, squeezed, place, flags, form.parts(place, postcode, phones))

    return once


def year_of(as_of: int | str | date | None) -> int | None:
    """Return the year at whose end the divisions of a day existed; None for the newest table.

    Raises:
        ValueError: no year or day, or one without a table.
    """
    if as_of is None:
        return None
    said = str(as_of)
    year = int(said) if said.isdigit() else date.fromisoformat(said).year - (not said.endswith("-12-31"))
    if not FIRST_YEAR <= year <= LAST_YEAR + 100:
        raise ValueError(f"as_of: {as_of}")
    return None if year >= LAST_YEAR else year


@dataclass(frozen=True, slots=True, eq=False)
class _Form:
    """How municipalities and counties directly under a province stand in the parts."""

    municipality: str
    direct: str

    def parts(self, place: Place, postcode: str = "", phones: str = "") -> dict[str, str]:
        """Return all parts but the detail, those that are empty left out."""
        parts = place.head.shown.get(self) or place.head.shown.setdefault(self, self._of_head(place.head))
        parts = parts.copy()
        if place.township:
            parts["乡镇街道"] = place.township
            if place.township_code:
                parts["乡镇街道代码"] = place.township_code
        if postcode:
            parts["邮编"] = postcode
        if phones:
            parts["电话"] = phones
        return parts

    def _of_head(self, head: Head) -> dict[str, str]:
        province, city, county = (head.levels.get(level, "") for level in (PROVINCE, CITY, COUNTY))
        if city and city == province and self.municipality != "same":
            city = MUNICIPALITY[self.municipality]
        elif county and not city and province and head.code and self.direct != "county":
            city, county = county, county if self.direct == "both" else ""
        status: str = head.status
        if status in ("full", "partial") and (head.renamed or head.former):
            status = "renamed"
        elif status == "full":
            status = "filled" if head.filled else "ok"
        parts = {"区划代码": head.code, "省": province, "市": city, "区": county, "区县": county, "状态": status}
        return {part: said for part, said in parts.items() if said}


_form = cache(_Form)
"""Equal forms are one, so that what heads remember of them is found by identity."""


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
    if " " not in text:
        return text, NOWHERE
    pieces = _BLANK_AT_CHINESE.split(text)
    marks, length = set(), 0
    for piece in pieces[:-1]:
        length += len(piece)
        marks.add(length)
    return "".join(pieces), frozenset(marks)


def _answer(raw: str, text: str, place: Place, flags: tuple[Flag, ...], parts: dict[str, str]) -> Cleaned:
    head, rest = place.head, place.rest.strip(_EDGE)
    open_ = head.status in ("ambiguous", "none")
    value = text if open_ else head.chain + rest
    if rest and (not open_ or head.status == "none" or COUNTY in head.levels):
        parts["详细地址"] = rest
    doubts = (*_doubts(head), *_long_number(value))
    if not value:
        return Cleaned(raw, (NO_REGION,), "suggested", parts=parts)
    if value == raw:
        return Cleaned(value, (*standing(flags), *doubts), parts=parts, candidates=head.candidates)
    changed: tuple[Flag, ...] = ()
    if value != text:
        changed = (RENAMED,) if head.renamed else (FILLED,) if head.filled else (NAMES,)
    confidence: Literal["likely", "certain"] = (
        "likely" if head.short or head.renamed or SIMPLIFIED in flags else "certain"
    )
    return Cleaned(value, (*flags, *changed, *doubts) or (BLANKS,), confidence, parts, head.candidates)


def _doubts(head: Head) -> tuple[Flag, ...]:
    if head.status == "none":
        return (NO_REGION,)
    if head.status == "ambiguous":
        return (AMBIGUOUS,)
    if head.former:
        return (FORMER,)
    return (PARTIAL,) if head.status == "partial" else ()


STANDARD = Standard(
    "address", make, Message("Chinese addresses by their divisions"),
    ("as_of", "renamed", "municipality", "direct"), CODES,
)  # fmt: skip
