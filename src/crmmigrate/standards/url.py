"""Web addresses with scheme, host in lower case; `http://` is set before an address without one. Source: RFC 3986."""

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
    "url.format": Message("web address written in the standard form"),
    "url.scheme": Message("http:// set before a web address"),
    "url.punctuation": Message("wrong marks in a web address mended"),
    "url.several": Message("several web addresses in one cell"),
    "url.email": Message("an e-mail address in the place of a web address"),
    "url.invalid": Message("not a web address"),
}
FORMAT, SCHEME, PUNCTUATION = (Flag(f"url.{name}", "info") for name in ("format", "scheme", "punctuation"))
SEVERAL = Flag("url.several", "error")
EMAIL, INVALID = Flag("url.email", "error", "MAP"), Flag("url.invalid", "error")

_FULL_WIDTH = str.maketrans("：／．。，、？＝＆－＿％＃～", ":/..,,?=&-_%#~")
_SCHEME = re.compile(r"(?:h?t?tps?|http|htpp|hhtp|httpp?)(s?)\s*[:;]?\s*[/\\]{1,3}\s*", re.IGNORECASE)
_HAS_SCHEME = re.compile(r"(https?)://", re.IGNORECASE)
_LABEL = "[0-9A-Za-z\u3400-\u9fff](?:[0-9A-Za-z\u3400-\u9fff\\-]{0,61}[0-9A-Za-z\u3400-\u9fff])?"
_URL = re.compile(
    rf"((?i:https?))://((?:{_LABEL}\.)+(?:[A-Za-z]{{2,24}}|[\u3400-\u9fff]{{2,6}}))(:\d{{2,5}})?([/?#][^\s<>\"]*)?\Z"
)
_BRACKETED = re.compile(r"[(（\[【](.*)[)）\]】]\Z")
_LABELLED = re.compile(r"^(?:网址|官网|网站|url|web(?:site)?|主页)\s*[:：]\s*", re.IGNORECASE)


def make() -> Cleaner:
    """Return the cleaner."""
    return _clean


def _clean(raw: str) -> Cleaned:
    """Return the address with its scheme, or the raw text with a flag that says why not."""
    text, flags = line(raw)
    nothing = says_nothing(text)
    if nothing:
        return Cleaned(None, (nothing,))
    plain = _LABELLED.sub("", text).translate(_FULL_WIDTH)
    plain = _BRACKETED.sub(r"\1", plain.strip(" ,;<>\"'“”‘’")).rstrip(".")
    if plain != text:
        flags = (*flags, PUNCTUATION)
    if not _HAS_SCHEME.match(plain):
        plain, flags = _with_scheme(plain, flags)
    found = _URL.match(plain)
    if not found:
        return _refused(raw, plain)
    path = "" if found[4] == "/" else found[4] or ""
    value = f"{found[1].lower()}://{found[2].lower()}{found[3] or ''}{path}"
    parts = {"域名": found[2].lower()}
    if value == raw:
        return Cleaned(value, parts=parts)
    return Cleaned(value, flags or (FORMAT,), "likely" if flags else "certain", parts)


def _with_scheme(text: str, flags: tuple[Flag, ...]) -> tuple[str, tuple[Flag, ...]]:
    written = _SCHEME.match(text)
    if written and written.end() < len(text):
        secure = "s" if written[1] or "s" in written.group().lower() else ""
        return f"http{secure}://{text[written.end() :]}", (*flags, PUNCTUATION)
    return f"http://{text}", (*flags, SCHEME)


def _refused(raw: str, plain: str) -> Cleaned:
    rest = plain.removeprefix("http://")
    if "@" in rest:
        return Cleaned(raw, (EMAIL,), "suggested")
    pieces = [piece for piece in re.split(r"[,;\s|]+", rest) if "." in piece]
    if len(pieces) > 1:
        return Cleaned(raw, (SEVERAL,), "suggested", candidates=tuple(pieces))
    return Cleaned(raw, (INVALID,), "suggested")


STANDARD = Standard("url", make, Message("web addresses"), (), CODES)
