"""Telephone numbers in E.164, extensions as `;ext=8001`, several of them joined by `; `.

A fast path reads the common mainland forms; the rest is taken apart piece by piece, and numbers of other countries go to phonenumbers.
A cell is changed only when every number in it is understood.

Source: ITU-T E.164; RFC 3966 (`;ext=`); the area codes of the mainland by the metadata of libphonenumber.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from crmmigrate.messages import Message
from crmmigrate.model.standard import Cleaned, Flag, Standard
from crmmigrate.standards._door import door
from crmmigrate.standards._telephone_columns import learn
from crmmigrate.standards._telephone_regions import area_code, region_of
from crmmigrate.standards.empty import ALL_CODES, says_nothing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crmmigrate.model.standard import Cleaner

CODES = {
    **ALL_CODES,
    "phone.format": Message("telephone number written in E.164"),
    "phone.float": Message("a number that a spreadsheet turned into a decimal"),
    "phone.float-damaged": Message("a spreadsheet cut digits off this number"),
    "phone.leading-zero": Message("a zero before a mobile number taken off"),
    "phone.letters": Message("letters taken for digits (O for 0, l for 1)"),
    "phone.several": Message("several numbers in one cell"),
    "phone.area-repeated": Message("the area code of the first number holds for the next"),
    "phone.area-of-row": Message("the area code is that of the place in the row"),
    "phone.note": Message("words beside a telephone number"),
    "phone.short-code": Message("a short service number"),
    "phone.no-area-code": Message("a local number without its area code"),
    "phone.length": Message("too many or too few digits for a telephone number"),
    "phone.invalid": Message("not a telephone number"),
    "phone.masked": Message("digits are hidden behind asterisks"),
    "phone.placeholder": Message("a number made up to fill the field"),
    "phone.ambiguous": Message("a telephone number that can be read in two ways"),
}
FORMAT, FLOAT, LEADING_ZERO = (Flag(f"phone.{name}", "info") for name in ("format", "float", "leading-zero"))
SEVERAL, NOTE, SHORT_CODE = (Flag(f"phone.{name}", "info") for name in ("several", "note", "short-code"))
LETTERS, NO_AREA, AREA_REPEATED, AREA_OF_ROW = (
    Flag(f"phone.{name}") for name in ("letters", "no-area-code", "area-repeated", "area-of-row")
)
ERRORS = {name: Flag(f"phone.{name}", "error")
          for name in ("float-damaged", "length", "invalid", "masked", "placeholder", "ambiguous")}  # fmt: skip

MOBILE, LANDLINE, SERVICE, SHORT, FOREIGN, LOCAL = "手机", "座机", "服务热线", "短号", "境外", "本地号"

_FAST_MOBILE = re.compile(r"(?:(?:\+|00)?86[- ]?)?(1[3-9]\d)[- ]?(\d{4})[- ]?(\d{4})(\.0)?\Z", re.ASCII)
_FAST_LANDLINE = re.compile(r"\(?(0\d{2,3})\)?[- ]?(\d{7,8})\Z", re.ASCII)
_PUNCTUATION = str.maketrans("（）[]【】＋－‐‑–—―−，；：／．＊＃、＝", "()()()+-------,;:/.*#,=")
_AREA_SLASH = re.compile(r"(?<!\d)(0\d{2,3})\s*/\s*(?=\d{7,8}(?!\d))", re.ASCII)
_TWO_MOBILES = re.compile(r"(?<!\d)(1[3-9]\d{9})(?=1[3-9]\d{9}(?!\d))", re.ASCII)
_BRACKETED_EXTENSION = re.compile(r"\(\s*((?:转|轉|分机号?|ext\.?)\s*[:.]?\s*\d{1,6})\s*\)", re.IGNORECASE | re.ASCII)
_SCIENTIFIC = re.compile(r"\d(?:\.(\d+))?[eE]\+?(\d{1,2})\Z", re.ASCII)
_FLOAT = re.compile(r"(\d{7,13})\.0+\Z", re.ASCII)
_MASKED = re.compile(r"\d[*xX✱●]{2,}|[*✱●]{3,}\d")
_LABEL = re.compile(
    r"(?:联系电话|联系方式|移动电话|手机号码?|电话号码|手机|电话|座机|固话|固定电话|办公|热线|客服|总机|號碼|電話|手機"
    r"|\b(?:tel(?:ephone)?|mob(?:ile)?|phone|cell|[tmpho](?=[:.])))[\s.:：]*", re.IGNORECASE)  # fmt: skip
_RFC_EXTENSION = re.compile(r";\s*ext=", re.IGNORECASE)
_SEPARATOR = re.compile(r"[/,;|&\n]+|或者?|和|及|\bor\b|\band\b")
_EXTENSION = re.compile(
    r"(.*?\d\)?)[\s,]*(?:转|轉|分机号?|分機|内线|ext\.?|x|#|\*)[\s.:=]*(\d{1,6})\Z", re.IGNORECASE | re.ASCII
)
_HYPHEN_EXTENSION = re.compile(r"(.*\d)\s*-\s*(\d{1,6})\Z", re.ASCII)
_NUMBER = re.compile(r"\(?\+?\(?\d[\d\-() .]*", re.ASCII)
_NORTH_AMERICAN = re.compile(r"1[-. ]+\(?[2-9]\d{2}\)?[-. ]+\d{3}[-. ]\d{4}\Z", re.ASCII)
"""1-415-555-2671 is eleven digits like a mobile of the mainland, but nobody here writes one so."""
_LOOSE = re.compile(r"[\-() .]+")
_LETTERS = re.compile(r"(?<![A-Za-z])[1lI][3-9oO\dlI][\doOlI]{9}(?![A-Za-z0-9])", re.ASCII)
_MOBILE = re.compile(r"1[3-9]\d{9}\Z", re.ASCII)
_SERVICE = re.compile(r"[48]00[1-9]?\d{6,7}\Z", re.ASCII)
_SHORT = re.compile(r"(?:9[56]\d{3,6}|11\d|12[0-3]\d{0,2}|100\d\d|101\d\d)\Z", re.ASCII)
_LOCAL = re.compile(r"[2-8]\d{6,7}\Z", re.ASCII)
_PLACEHOLDER = re.compile(r"(\d)\1{6,}\Z|1\d\d?(\d)\2{7,}\Z|0?12345678\d*\Z|0\d{2,3}(\d)\3{6,7}\Z", re.ASCII)
_LUCKY = re.compile(r"1[3-9]\d?([1-9])\1{7,}\Z|0\d{2,3}([2-9])\2{6,7}\Z", re.ASCII)


@dataclass(frozen=True, slots=True)
class Number:
    """One number understood: E.164 (or a short code), its extension and its kind."""

    value: str
    kind: str
    extension: str = ""
    flags: tuple[Flag, ...] = ()
    area: str = ""

    def text(self) -> str:
        """Return the standard form."""
        return f"{self.value};ext={self.extension}" if self.extension else self.value


class _Reader:
    """Reads the numbers of one region; compiled once."""

    def __init__(self, region: str, area: str, likely_area: str, likely_region: str, area_of_row: str) -> None:
        from phonenumbers.phonemetadata import PhoneMetadata

        metadata: Any = PhoneMetadata.metadata_for_region("CN")
        self.fixed = re.compile(f"(?:{metadata.fixed_line.national_number_pattern})\\Z")
        self.region = region
        self.area = area
        self.likely_area = likely_area.removeprefix("0")
        self.likely_region = likely_region
        self.area_of_row = area_of_row

    def number(self, piece: str, area: str = "") -> Number | str:
        """Return the number written in `piece`, or the name of the error."""
        found = _EXTENSION.match(piece)
        if found:
            head = self._plain(found.group(1), area)
            return head if isinstance(head, str) else _with_extension(head, found.group(2))
        whole = self._plain(piece, area)
        hyphen = _HYPHEN_EXTENSION.match(piece)
        if hyphen and "-" in hyphen.group(1) + " " * (len(hyphen.group(1)) < 10):
            head = self._plain(hyphen.group(1), area)
            if isinstance(head, Number) and head.kind in (LANDLINE, SERVICE):
                if isinstance(whole, Number) and whole.kind == LANDLINE:
                    return "ambiguous"
                return _with_extension(head, hyphen.group(2))
        if isinstance(whole, str) and hyphen:
            head = self._plain(hyphen.group(1), area)
            if isinstance(head, Number) and head.kind in (MOBILE, LANDLINE):
                return _with_extension(head, hyphen.group(2))
        return whole

    def _plain(self, piece: str, area: str) -> Number | str:
        if _NORTH_AMERICAN.match(piece):
            return "ambiguous"
        compact = _LOOSE.sub("", piece)
        if _PLACEHOLDER.match(compact) and not _LUCKY.match(compact):
            return "placeholder"
        if compact.startswith("00"):
            compact = "+" + compact[2:]
        if compact.startswith("+86"):
            national = compact[3:]
            return self._mainland(national, area="", abroad=True)
        if compact.startswith("+") or self.region != "CN":
            return self._foreign(compact)
        if compact.startswith("86") and len(compact) >= 12:
            inside = self._mainland(compact[2:], area="", abroad=True)
            if isinstance(inside, Number):
                return inside
        return self._mainland(compact, area, abroad=False)

    def _mainland(self, digits: str, area: str, *, abroad: bool) -> Number | str:
        if _MOBILE.match(digits):
            return Number("+86" + digits, MOBILE)
        if digits.startswith("01") and _MOBILE.match(digits[1:]):
            return Number("+86" + digits[1:], MOBILE, flags=(LEADING_ZERO,))
        if _SERVICE.match(digits) and len(digits) == 10:
            return Number("+86" + digits, SERVICE)
        if digits.startswith("0") or abroad:
            national = digits.removeprefix("0")
            if self.fixed.match(national) and len(national) >= 9:
                return Number("+86" + national, LANDLINE, area=national[: 2 if national[0] in "12" else 3])
            return "length"
        if _SHORT.match(digits):
            return Number(digits, SHORT, flags=(SHORT_CODE,))
        if _LOCAL.match(digits):
            return self._local(digits, (area or self.area).removeprefix("0"))
        return "length" if len(digits) >= 5 else "invalid"

    def _local(self, digits: str, area: str) -> Number:
        if not area and self.area_of_row and self.fixed.match(self.area_of_row + digits):
            return Number(f"+86{self.area_of_row}{digits}", LANDLINE, flags=(AREA_OF_ROW,))
        return Number(f"+86{area}{digits}" if area else digits, LANDLINE if area else LOCAL)

    def _foreign(self, compact: str) -> Number | str:
        import phonenumbers

        try:
            parsed = phonenumbers.parse(compact, self.region)
        except phonenumbers.NumberParseException:
            return "invalid"
        if not phonenumbers.is_valid_number(parsed):
            return "length"
        return Number(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164), FOREIGN)


def _with_extension(number: Number, extension: str) -> Number | str:
    if number.extension or number.kind in (LOCAL, SHORT):
        return "ambiguous"
    return Number(number.value, number.kind, extension, number.flags, number.area)


def make(
    region: str = "", area: str = "", likely_area: str = "", likely_region: str = "",
    area_from: str | Sequence[str] = (), area_of_row: str = "",
) -> Cleaner:  # fmt: skip
    """Return the cleaner.

    Args:
        region: the country of numbers written without one, as two letters; the mainland (CN) where it is not given.
        area: the area code of numbers written without one, e.g. `0571`.
        likely_area: the area code nearly all numbers of the column have; only suggested for those without one.
        likely_region: the country nearly all international numbers of the column have; only suggested for those that are none of the
            mainland, and where no region is given.
        area_from: the columns of the row, 城市 or 详细地址, whose place gives the area code where a number has none: `area_of_row`.
        area_of_row: the area code of this row's place; a number that has such a length there is likely one of it.

    Raises:
        ValueError: `area_from` names no columns.
    """
    if not isinstance(area_from, str | list | tuple):
        raise ValueError(f"area_from: {area_from}")  # noqa: TRY004
    given, region = bool(region), region.upper() or "CN"
    reader = _Reader(region, area, likely_area, "" if given else likely_region, area_of_row)
    mainland = region == "CN"

    def clean(raw: str) -> Cleaned:
        """Return the numbers of the cell in E.164, or the raw text with a flag that says why not."""
        if mainland:
            found = _FAST_MOBILE.match(raw)
            if found and not raw.endswith("00000000"):
                value = "+86" + found[1] + found[2] + found[3]
                flags = () if value == raw else (FLOAT,) if found[4] else (FORMAT,)
                return Cleaned(value, flags, parts={"类型": MOBILE, MOBILE: value})
            found = _FAST_LANDLINE.match(raw)
            if (
                found
                and len(found[2]) == 8
                and reader.fixed.match(found[1][1:] + found[2])
                and not _PLACEHOLDER.match(found[1] + found[2])
            ):
                value = "+86" + found[1][1:] + found[2]
                return Cleaned(value, (FORMAT,), parts={"类型": LANDLINE, LANDLINE: value})
        return _clean_slowly(raw, reader)

    return clean


def _clean_slowly(raw: str, reader: _Reader) -> Cleaned:
    text, flags = door(raw)
    nothing = says_nothing(text)
    if nothing:
        return Cleaned(None, (nothing,))
    text = text.translate(_PUNCTUATION)
    scientific = _SCIENTIFIC.match(text)
    if scientific:
        return _damaged(raw, scientific)
    if _MASKED.search(text):
        return Cleaned(raw, (ERRORS["masked"],), "suggested")
    found = _FLOAT.match(text)
    if found:
        text = found.group(1)
        flags = (*flags, FLOAT)
    return _clean_pieces(raw, text, flags, reader)


def _damaged(raw: str, scientific: re.Match[str]) -> Cleaned:
    """Return what a spreadsheet has left of a number: a candidate only where no digit was cut off, for nobody knows what stood there."""
    digits = raw.strip()[0] + (scientific.group(1) or "")
    is_whole = len(digits) == int(scientific.group(2)) + 1
    candidates = ("+86" + digits,) if is_whole and _MOBILE.match(digits) else ()
    return Cleaned(raw, (ERRORS["float-damaged"],), "suggested", candidates=candidates)


def _clean_pieces(raw: str, text: str, flags: tuple[Flag, ...], reader: _Reader) -> Cleaned:
    confidence = "certain"
    mended = _LETTERS.sub(lambda found: found.group().translate(str.maketrans("oOlI", "0011")), text)
    if mended != text:
        text, flags, confidence = mended, (*flags, LETTERS), "likely"
    numbers: list[Number] = []
    notes: list[str] = []
    trouble: list[str] = []
    text = _BRACKETED_EXTENSION.sub(r"\1", _TWO_MOBILES.sub(r"\1/", _AREA_SLASH.sub(r"\1-", text)))
    for piece in _SEPARATOR.split(_RFC_EXTENSION.sub("转", text)):
        rest = _LABEL.sub("", piece).strip(" -.:")
        if not rest:
            continue
        read = _read(rest, reader, numbers)
        numbers += read[0]
        notes += read[1]
        trouble += read[2]
    if any({AREA_REPEATED, AREA_OF_ROW} & {*number.flags} for number in numbers):
        confidence = "likely"
    if trouble or not numbers:
        candidates = tuple(number.text() for number in numbers if number.kind != LOCAL)
        code = ERRORS[trouble[0] if trouble else "invalid"]
        return Cleaned(raw, (code,), "suggested", candidates=candidates or _in_likely_region(text, reader))
    return _answer(raw, reader, numbers, notes, flags, confidence)


def _read(rest: str, reader: _Reader, before: list[Number]) -> tuple[list[Number], list[str], list[str]]:
    """Return the numbers, the words beside them and the troubles of one piece."""
    area = next((number.area for number in before if number.area), "")
    whole = reader.number(rest) if rest[0] in "+(0123456789" else "invalid"
    if isinstance(whole, Number):
        return [_at_area(whole, rest, reader, area)], [], []
    numbers: list[Number] = []
    trouble: list[str] = []
    leftover = rest
    spans = [found.group().strip(" -.()") for found in _NUMBER.finditer(rest)]
    parts = [part for span in spans for part in _split_blanks(span, reader)]
    for part in parts:
        number = reader.number(part)
        leftover = leftover.replace(part, " ", 1)
        if isinstance(number, str):
            trouble.append(number)
        else:
            numbers.append(_at_area(number, part, reader, area))
    if not parts:
        trouble.append("invalid")
    if re.search(r"转|轉|分机|ext|#|\*|\+", leftover, re.IGNORECASE):
        trouble.append(whole)
    note = leftover.strip(" -.,:()[]【】")
    return numbers, [note] if note else [], trouble


def _at_area(number: Number, written: str, reader: _Reader, area: str) -> Number:
    if number.kind != LOCAL or not area:
        return number
    again = reader.number(written, area)
    if isinstance(again, Number) and reader.fixed.match(again.value[3:]):
        return Number(again.value, LANDLINE, again.extension, (AREA_REPEATED,), area)
    return number


def _split_blanks(span: str, reader: _Reader) -> list[str]:
    """Split `13800138000 13900139000`, but not `138 0013 8000`."""
    if isinstance(reader.number(span), Number):
        return [span]
    parts = span.split(" ")
    for cut in range(1, len(parts)):
        head, tail = " ".join(parts[:cut]), " ".join(parts[cut:])
        number = reader.number(head)
        if isinstance(number, Number) and number.kind != LOCAL:
            return [head, *_split_blanks(tail, reader)]
    return [span]


def _in_likely_region(text: str, reader: _Reader) -> tuple[str, ...]:
    """Return the whole text as one number of the country that nearly all of the column are of, or nothing."""
    if not reader.likely_region:
        return ()
    import phonenumbers

    try:
        parsed = phonenumbers.parse(text, reader.likely_region)
    except phonenumbers.NumberParseException:
        return ()
    valid = phonenumbers.is_valid_number_for_region(parsed, reader.likely_region)
    return (phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164),) if valid else ()


def _at_likely_area(numbers: list[Number], reader: _Reader) -> tuple[str, ...]:
    """Return the numbers with the column's usual area code before the local ones, or nothing where that makes none."""
    area, whole = reader.likely_area, []
    for number in numbers:
        if number.kind == LOCAL and not (area and reader.fixed.match(area + number.value.removeprefix("+86"))):
            return ()
        whole.append(f"+86{area}{number.value.removeprefix('+86')}" if number.kind == LOCAL else number.text())
    return ("; ".join(whole),)


def _answer(
    raw: str, reader: _Reader, numbers: list[Number], notes: list[str], flags: tuple[Flag, ...], confidence: str
) -> Cleaned:
    value = "; ".join(dict.fromkeys(number.text() for number in numbers))
    parts: dict[str, str] = {"类型": numbers[0].kind}
    for number in numbers:
        parts.setdefault(number.kind, number.text())
        if number.extension:
            parts.setdefault("分机", number.extension)
    if notes:
        parts["备注"] = " ".join(notes)
        flags = (*flags, NOTE)
    own = tuple(dict.fromkeys(flag for number in numbers for flag in number.flags))
    if len(numbers) > 1:
        own = (*own, SEVERAL)
    if any(number.kind == LOCAL for number in numbers):
        known = {kind: said for kind, said in parts.items() if kind != LOCAL}
        return Cleaned(
            raw, (NO_AREA,), "suggested", parts=known,
            candidates=_in_likely_region(raw, reader) or _at_likely_area(numbers, reader) or (value,),
        )  # fmt: skip
    if value == raw:
        return Cleaned(
            value,
            tuple(flag for flag in (*flags, *own) if flag.code in ("phone.several", "phone.short-code")),
            parts=parts,
        )
    return Cleaned(value, (*flags, *own) or (FORMAT,), confidence, parts)  # type: ignore[arg-type]


STANDARD = Standard(
    "phone", make, Message("telephone numbers in E.164"),
    ("region", "area", "likely_area", "likely_region", "area_from"), CODES, learn, region_of,
    beside={"area_from": ("area_of_row", area_code)},
)  # fmt: skip
