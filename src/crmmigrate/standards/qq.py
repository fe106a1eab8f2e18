"""QQ numbers: 5 to 10 digits without a leading zero; a mailbox 12345678@qq.com says the number.

Source: Tencent gives numbers from 10000 on; those of the day have up to ten digits.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crmmigrate.messages import Message
from crmmigrate.model.standard import Cleaned, Flag, Standard
from crmmigrate.standards._door import line
from crmmigrate.standards.empty import ALL_CODES, says_nothing

if TYPE_CHECKING:
    from crmmigrate.model.standard import Cleaner

CODES = {
    **ALL_CODES,
    "qq.format": Message("QQ number written in the standard form"),
    "qq.mailbox": Message("the QQ number taken from its mailbox"),
    "qq.several": Message("several QQ numbers in one cell"),
    "qq.phone": Message("a mobile number in the place of a QQ number"),
    "qq.float-damaged": Message("a spreadsheet cut digits off this number"),
    "qq.placeholder": Message("a number made up to fill the field"),
    "qq.invalid": Message("not a QQ number"),
}
FORMAT, MAILBOX, SEVERAL = (Flag(f"qq.{name}", "info") for name in ("format", "mailbox", "several"))
PHONE = Flag("qq.phone", "error", "MAP")
DAMAGED, PLACEHOLDER, INVALID = (Flag(f"qq.{name}", "error") for name in ("float-damaged", "placeholder", "invalid"))
_NUMBER = re.compile(r"[1-9]\d{4,9}\Z", re.ASCII)
_MADE_UP = re.compile(r"(\d)\1{4,}\Z|12345(?:6(?:7(?:89?0?)?)?)?\Z", re.ASCII)
_LABEL = re.compile(r"^(?:企业)?(?:qq|扣扣|腾讯)(?:号码?)?\s*[:：.]?\s*", re.IGNORECASE)
_MAILBOX = re.compile(r"([1-9]\d{4,9})@(?:vip\.)?qq\.com\Z", re.ASCII | re.IGNORECASE)
_FLOAT = re.compile(r"(\d{5,10})\.0+\Z", re.ASCII)
_SCIENTIFIC = re.compile(r"\d(?:\.\d+)?e\+?\d{1,2}\Z", re.ASCII | re.IGNORECASE)
_MOBILE = re.compile(r"1[3-9]\d{9}\Z", re.ASCII)
_SEPARATORS = re.compile(r"[,，、;；/\n]+|\s+(?=\d{5})|\s+(?=(?:qq|扣扣))", re.IGNORECASE)


def make() -> Cleaner:
    """Return the cleaner."""
    return _clean


def _clean(raw: str) -> Cleaned:
    """Return the number, or the raw text with a flag that says why not."""
    if _NUMBER.match(raw):
        return Cleaned(raw, (PLACEHOLDER,), "suggested") if _MADE_UP.match(raw) else Cleaned(raw)
    text, _ = line(raw)
    nothing = says_nothing(text)
    if nothing:
        return Cleaned(None, (nothing,))
    read = [
        _number(piece.strip())
        for piece in _SEPARATORS.split(_LABEL.sub("", text.replace("＠", "@").replace("．", ".")))
        if piece.strip()
    ]
    refused = [flag for value, flag in read if not value]
    if refused or not read:
        return Cleaned(raw, (refused[0] if refused and refused[0] else INVALID,), "suggested")
    value = "; ".join(dict.fromkeys(number for number, _ in read))
    own = tuple(dict.fromkeys(flag for _, flag in read if flag)) + ((SEVERAL,) if "; " in value else ())
    return Cleaned(value, own if value == raw else own or (FORMAT,))


def _number(text: str) -> tuple[str, Flag | None]:
    plain = _LABEL.sub("", text).strip(" .。()（）[]【】'\"‘’“”")
    found = _MAILBOX.match(plain)
    if found:
        return found[1], MAILBOX
    if _SCIENTIFIC.match(plain):
        return "", DAMAGED
    found = _FLOAT.match(plain)
    plain = found[1] if found else plain.replace(" ", "").replace("-", "")
    if _MOBILE.match(plain):
        return "", PHONE
    if _MADE_UP.match(plain):
        return "", PLACEHOLDER
    return (plain, None) if _NUMBER.match(plain) else ("", INVALID)


STANDARD = Standard("qq", make, Message("QQ numbers"), (), CODES)
