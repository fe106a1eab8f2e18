"""E-mail addresses in lower case; several joined by `; `. Typing slips are mended where the intended domain is beyond doubt.

Source: RFC 5321 and 5322, the forms in use (dot-atom at a domain name); no quoted local parts.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from crmmigrate.messages import Message
from crmmigrate.model.standard import Cleaned, Flag, Standard
from crmmigrate.standards._door import line
from crmmigrate.standards.empty import ALL_CODES, says_nothing

if TYPE_CHECKING:
    from crmmigrate.model.standard import Cleaner

CODES = {
    **ALL_CODES,
    "email.format": Message("e-mail address written in the standard form"),
    "email.punctuation": Message("wrong marks in an e-mail address mended"),
    "email.domain": Message("a misspelt domain of an e-mail address mended"),
    "email.maybe-domain": Message("the domain of the e-mail address may be misspelt"),
    "email.several": Message("several e-mail addresses in one cell"),
    "email.no-at": Message("an e-mail address without @"),
    "email.non-ascii": Message("an e-mail address with letters that are not Latin"),
    "email.masked": Message("signs of the e-mail address are hidden"),
    "email.invalid": Message("not an e-mail address"),
}
FORMAT, PUNCTUATION, DOMAIN, SEVERAL = (
    Flag(f"email.{name}", "info") for name in ("format", "punctuation", "domain", "several")
)
MAYBE_DOMAIN = Flag("email.maybe-domain")
NO_AT, NON_ASCII, MASKED, INVALID = (
    Flag(f"email.{name}", "error") for name in ("no-at", "non-ascii", "masked", "invalid")
)

_ATOM = r"[a-z0-9!#$%&'*+/=?^_`{|}~\-]+"
_LABEL = r"[a-z0-9](?:[a-z0-9\-]{0,61}[a-z0-9])?"
_ADDRESS = re.compile(rf"{_ATOM}(?:\.{_ATOM})*@(?:{_LABEL}\.)+[a-z]{{2,24}}\Z", re.ASCII)
_FULL_WIDTH = str.maketrans("＠．。，；：＜＞（）－＿、﹫｡", "@..,;:<>()-_;@.")
_PREFIX = re.compile(
    r"^(?:mailto|e-?mail|mail|电子邮箱|邮箱地址|邮箱|电子邮件|邮件地址|邮件|电邮)\s*[:：]?\s*(?=\S)", re.IGNORECASE
)
_NOTE = re.compile(r"\s*\((?P<note>[^()@]*[\u3400-\u9fff][^()@]*)\)")
_SEPARATOR = re.compile(
    r"[;|\n]+|(?<=[a-z])\s*(?:或者?|和|及|与)\s*(?=[^@]+@)|,(?=[^@]*@)|/(?=[^@/]*@)|\s+(?=[^<\s]+@\S)"
)
_MASKED = re.compile(r"\*{2,}[^@]*@|@\*{2,}")
_QUOTES = str.maketrans("“”‘’", "\"\"''")
_NAMED = re.compile(r".*<([^<>]+)>\s*\Z")
_AROUND = re.compile(r"\s*([@.])\s*")
_COMMA_IN_DOMAIN = re.compile(r"(@[a-z0-9\-]+(?:\.[a-z0-9\-]+)*),(?=(?:com|cn|net|org|edu|gov)\b)")
PROVIDERS = (
    "qq.com", "163.com", "126.com", "gmail.com", "hotmail.com", "outlook.com", "sina.com", "sina.cn", "sohu.com", "foxmail.com", "yeah.net",
    "139.com", "189.cn", "aliyun.com", "yahoo.com", "yahoo.com.cn", "yahoo.cn", "vip.163.com", "vip.qq.com", "vip.sina.com", "icloud.com", "live.com",
    "live.cn", "msn.com", "21cn.com", "tom.com", "188.com", "263.net", "wo.cn", "me.com", "protonmail.com",
)  # fmt: skip
_SLIPS = {
    "gmial.com": "gmail.com", "gmai.com": "gmail.com", "gamil.com": "gmail.com", "gmal.com": "gmail.com", "gmaill.com": "gmail.com", "gmali.com": "gmail.com",
    "gnail.com": "gmail.com", "hotmial.com": "hotmail.com", "hotmai.com": "hotmail.com", "hotamil.com": "hotmail.com", "hotmal.com": "hotmail.com",
    "hormail.com": "hotmail.com", "outlok.com": "outlook.com", "outloook.com": "outlook.com", "outlool.com": "outlook.com",     "yahooo.com": "yahoo.com", "foxmial.com": "foxmail.com", "foxmai.com": "foxmail.com", "foxamil.com": "foxmail.com",
    "aliyum.com": "aliyun.com", "iclould.com": "icloud.com", "icoud.com": "icloud.com",
}  # fmt: skip
_NO_SUCH_ENDINGS = {
    "con": "com",
    "cmo": "com",
    "ocm": "com",
    "comm": "com",
    "vom": "com",
    "xom": "com",
    "coom": "com",
    "cpm": "com",
    "ner": "net",
    "nte": "net",
}
"""Top-level domains that do not exist, with the one that was meant."""
_UNSURE_ENDINGS = {"co": "com", "cm": "com", "om": "com", "ne": "net"}
"""Top-level domains that do exist, so that a provider's name before them is only a suggestion."""


_WORD_BEHIND = re.compile(r"@\S+\.[a-z]{2,}\s+\S")


def make() -> Cleaner:
    """Return the cleaner."""
    return _clean


def _clean(raw: str) -> Cleaned:
    """Return the addresses of the cell, or the raw text with a flag that says why not."""
    if _ADDRESS.match(raw) and "**" not in raw:
        return _answer(raw, [_domain(raw)], ())
    text, flags = line(raw)
    nothing = says_nothing(text)
    if nothing:
        return Cleaned(None, (nothing,))
    plain = text.translate(_FULL_WIDTH)
    if plain != text:
        flags = (*flags, PUNCTUATION)
    if _MASKED.search(plain):
        return Cleaned(raw, (MASKED,), "suggested")
    bare = _PREFIX.sub("", _NOTE.sub("", plain).translate(_QUOTES))
    pieces = [piece.strip() for piece in _SEPARATOR.split(_AROUND.sub(r"\1", bare)) if piece.strip()]
    mended = [_mended(piece) for piece in pieces]
    good = [address for address in mended if _ADDRESS.match(address)]
    if len(good) < len(mended) or not good:
        return _refused(raw, plain, good)
    if any(address != piece.lower() for address, piece in zip(mended, pieces, strict=True)):
        flags = flags if PUNCTUATION in flags else (*flags, PUNCTUATION)
    return _answer(raw, [_domain(address) for address in good], flags)


def _mended(piece: str) -> str:
    """Return one address without its name, its label and the usual slips of the keyboard."""
    named = _NAMED.match(piece)
    text = _PREFIX.sub("", named[1] if named else piece).lower().strip(" ,;:<>()[]\"'").rstrip(".,;:")
    text = re.sub(r"@{2,}", "@", text)
    if _WORD_BEHIND.search(text):
        return text  # `a@b.com sales`: no address, and `a@b.comsales` would be a wrong one
    text = re.sub(r"\s+", "", text)
    local, at, domain = text.partition("@")
    if not at:
        return text
    return _COMMA_IN_DOMAIN.sub(r"\1.", f"{local}@{re.sub(r'[.]{2,}', '.', domain)}")


def _domain(address: str) -> tuple[str, Flag | None, str]:
    """Return the address with its domain mended where it is certain, the flag, and a suggestion."""
    address = address.lower()
    local, _, domain = address.rpartition("@")
    if domain in PROVIDERS:
        return address, None, ""
    name, _, ending = domain.rpartition(".")
    meant = _SLIPS.get(domain)
    if not meant and ending in _NO_SUCH_ENDINGS:
        fixed = f"{name}.{_NO_SUCH_ENDINGS[ending]}"
        meant = _SLIPS.get(fixed, fixed)
    if meant:
        return f"{local}@{meant}", DOMAIN, ""
    nearly = f"{name}.{_UNSURE_ENDINGS.get(ending, '')}"
    if nearly in PROVIDERS:
        return address, MAYBE_DOMAIN, f"{local}@{nearly}"
    close = _one_slip_away(domain) if len(domain) > 6 else ""
    return address, MAYBE_DOMAIN if close else None, f"{local}@{close}" if close else ""


@lru_cache(20_000)
def _one_slip_away(domain: str) -> str:
    from rapidfuzz.distance import DamerauLevenshtein

    close = [known for known in PROVIDERS if abs(len(known) - len(domain)) <= 1
             and known.partition(".")[0].isalpha() and DamerauLevenshtein.distance(known, domain, score_cutoff=1) == 1]  # fmt: skip
    return close[0] if len(close) == 1 else ""


def _answer(raw: str, answers: list[tuple[str, Flag | None, str]], flags: tuple[Flag, ...]) -> Cleaned:
    value = "; ".join(dict.fromkeys(address for address, _, _ in answers))
    own = tuple(dict.fromkeys(flag for _, flag, _ in answers if flag))
    if len(answers) > 1:
        own = (*own, SEVERAL)
    suggestions = tuple(suggestion for _, _, suggestion in answers if suggestion)
    parts = {"邮箱": answers[0][0]}
    if value == raw:
        return Cleaned(value, own, parts=parts, candidates=suggestions)
    confidence = "likely" if DOMAIN in own or PUNCTUATION in flags else "certain"
    return Cleaned(value, (*flags, *own) or (FORMAT,), confidence, parts, suggestions)  # type: ignore[arg-type]


def _refused(raw: str, plain: str, good: list[str]) -> Cleaned:
    if not plain.isascii():
        return Cleaned(raw, (NON_ASCII if "@" in plain else INVALID,), "suggested", candidates=tuple(good))
    if "@" not in plain:
        text = re.sub(r"\s+", "", plain.lower())
        guesses = tuple(
            f"{text[: -len(known) - 1]}@{known}" for known in PROVIDERS
            if text.endswith(known) and len(text) > len(known) + 1 and not text[-len(known) - 1].isalnum()
        )  # fmt: skip
        return Cleaned(raw, (NO_AT if guesses else INVALID,), "suggested", candidates=guesses[:1])
    return Cleaned(raw, (INVALID,), "suggested", candidates=tuple(good))


STANDARD = Standard("email", make, Message("e-mail addresses"), (), CODES)
