"""Number plates of the mainland: 京A12345, new energy 京AD12345; blanks and dots out, capitals.

Source: GA 36-2018 (order of signs; I and O never stand in the serial number), GA/T 2026 additions for consulates and emergency vehicles.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crmmigrate.messages import Message
from crmmigrate.model.standard import Cleaned, Flag, Standard
from crmmigrate.standards._door import line
from crmmigrate.standards._fold import simplified
from crmmigrate.standards._identifiers import LABELS
from crmmigrate.standards.empty import ALL_CODES, says_nothing

if TYPE_CHECKING:
    from crmmigrate.model.standard import Cleaner

CODES = {
    **ALL_CODES,
    "plate.format": Message("number plate written in the standard form"),
    "plate.letters": Message("letters a number plate never has (I, O) taken for digits"),
    "plate.no-province": Message("a number plate without its province"),
    "plate.several": Message("several number plates in one cell"),
    "plate.temporary": Message("a car that has no number plate yet"),
    "plate.length": Message("too many or too few signs for a number plate"),
    "plate.invalid": Message("not a number plate"),
}
FORMAT, LETTERS, SEVERAL = Flag("plate.format", "info"), Flag("plate.letters"), Flag("plate.several", "info")
TEMPORARY = Flag("plate.temporary", "info")
ERRORS = {name: Flag(f"plate.{name}", "error") for name in ("no-province", "length", "invalid")}
PROVINCES = "京津冀晋蒙辽吉黑沪苏浙皖闽赣鲁豫鄂湘粤桂琼渝川贵云藏陕甘青宁新"
_S = "[0-9A-HJ-NP-Z]"
_ENERGY = re.compile(rf"[{PROVINCES}][A-HJ-Z](?:[A-HJ-K]{_S}\d{{4}}|\d{{5}}[A-HJ-K])\Z", re.ASCII)
_USUAL = re.compile(rf"[{PROVINCES}][A-Z]{_S}{{5}}\Z", re.ASCII)
_SPECIAL = re.compile(
    rf"[{PROVINCES}][A-Z]{_S}{{4}}[警学挂领试超]\Z|粤Z{_S}{{4}}[港澳]\Z|[{PROVINCES}][A-Z]{_S}{{3}}\d应急\Z|使\d{{6}}\Z|\d{{6}}使\Z|W?WJ[{PROVINCES}]?\d{{4}}[0-9BDHJSTX]\Z"
    rf"|[VKHBSLJNGCEZM][A-DHJKLMNORSTV]\d{{5}}\Z", re.ASCII)  # fmt: skip
_MARKS = re.compile(r"[\s·•.．・\-—_－]+")
_TEMPORARY = re.compile(r"(?:新车|未上牌|无牌|临牌|临时牌照?|待上牌|没上牌|暂无牌照?)\Z")
_SEPARATORS = re.compile(r"[,，、;；/\n]+")


def make() -> Cleaner:
    """Return the cleaner."""
    return _clean


def _clean(raw: str) -> Cleaned:
    """Return the plate, or the raw text with what is wrong; province and kind in parts."""
    if _USUAL.match(raw) or _ENERGY.match(raw):
        return Cleaned(raw, parts=_parts(raw))
    text, _ = line(raw)
    nothing = says_nothing(text)
    if nothing:
        return Cleaned(None, (nothing,))
    if _TEMPORARY.match(text):
        return Cleaned(None, (TEMPORARY,))
    pieces = [piece for piece in _SEPARATORS.split(LABELS.sub("", text.upper())) if piece.strip(" .·-")]
    if not pieces:
        return Cleaned(raw, (ERRORS["invalid"],), "suggested")
    read = [_read(_MARKS.sub("", simplified(piece))) for piece in pieces]
    troubles = [trouble for _, trouble in read if trouble in ERRORS]
    if troubles:
        return Cleaned(raw, (ERRORS[troubles[0]],), "suggested")
    value = "; ".join(dict.fromkeys(plate for plate, _ in read))
    own = ((LETTERS,) if any(trouble == "letters" for _, trouble in read) else ()) + (
        (SEVERAL,) if "; " in value else ()
    )
    if value == raw:
        return Cleaned(raw, own, parts=_parts(read[0][0]))
    return Cleaned(value, own or (FORMAT,), "likely" if LETTERS in own else "certain", _parts(read[0][0]))


def _read(plate: str) -> tuple[str, str]:
    """Return the plate and the trouble with it: empty, `letters` where it could be mended, or the name of an error."""
    if _known(plate):
        return plate, ""
    mended = plate[:2] + plate[2:].replace("I", "1").replace("O", "0")
    if mended != plate and _known(mended):
        return mended, "letters"
    if re.fullmatch(rf"[A-HJ-Z]{_S}{{5,6}}", plate, re.ASCII):
        return plate, "no-province"
    return plate, "length" if plate[:1] in PROVINCES and len(plate) > 3 and plate[1:].isascii() and plate[
        1:
    ].isalnum() else "invalid"


def _known(plate: str) -> bool:
    return bool(_USUAL.match(plate) or _ENERGY.match(plate) or _SPECIAL.match(plate))


def _parts(plate: str) -> dict[str, str]:
    kind = "新能源" if _ENERGY.match(plate) else "普通" if _USUAL.match(plate) else "专用"
    return {"类型": kind, "省简称": plate[0]} if plate[0] in PROVINCES else {"类型": kind}


STANDARD = Standard("plate", make, Message("number plates"), (), CODES)
