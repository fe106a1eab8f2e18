"""mask: replace personal data by made-up data of the same form, the same value always by the same."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Iterator

from crmmigrate.messages import Message
from crmmigrate.model.check_digits import resident_digit
from crmmigrate.model.transform import Transform

KINDS = ("text", "person", "phone", "email", "id")
_SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
_HAN = "安宝昌成达德东恒宏华辉嘉建江金锦景康乐立利林隆茂明宁鹏平祺庆荣瑞森胜盛泰通维文祥新兴旭阳永裕元远泽振正志中卓"


def make(kind: str = "text", key: str = "") -> Callable[[str], str]:
    """Return a function that masks values of one kind.

    The answer depends on the whole value and the key alone, so equal values stay equal, joins still join and
    duplicates stay duplicates; without the key nobody can tell which value stood there.

    Args:
        kind: `person`: a name of as many characters; `phone`: same length, country code and first two digits kept;
            `email`: an address under the reserved domain `.example` (RFC 2606); `id`: an 18-digit number with a right
            check digit (GB 11643); `text`: letters, digits and Han characters each by another of their class.
        key: a secret of the workspace.

    Raises:
        ValueError: the kind is unknown.
    """
    if kind not in KINDS:
        raise ValueError(f"one of {', '.join(KINDS)}")
    secret = key.encode()
    if kind == "email":
        return lambda value: _email(value, secret)
    masks: dict[str, Callable[[str, Iterator[int]], str]] = {
        "text": _text, "person": _person, "phone": _phone, "id": _identity,
    }  # fmt: skip
    chosen = masks[kind]
    return lambda value: chosen(value, _stream(secret, kind, value))


def _stream(secret: bytes, kind: str, value: str) -> Iterator[int]:
    """Yield bytes without end that only key, kind and value decide."""
    block = hmac.digest(secret, f"{kind}:{value}".encode(), hashlib.sha256)
    while True:
        yield from block
        block = hmac.digest(secret, block, hashlib.sha256)


def _text(value: str, noise: Iterator[int]) -> str:
    return "".join(_like(c, noise) for c in value)


def _like(c: str, noise: Iterator[int]) -> str:
    if c.isascii():
        if c.isdigit():
            return str(next(noise) % 10)
        if c.isalpha():
            return chr((ord("A") if c.isupper() else ord("a")) + next(noise) % 26)
        return c
    return _HAN[next(noise) % len(_HAN)] if c.isalpha() else c


def _person(value: str, noise: Iterator[int]) -> str:
    masked = _text(value, noise)
    return masked if value[:1].isascii() else _SURNAMES[next(noise) % len(_SURNAMES)] + masked[1:]


def _phone(value: str, noise: Iterator[int]) -> str:
    """Keep what tells the kind of number: `+86`, and the first two digits behind it."""
    kept = 5 if value.startswith("+86") else 3
    return value[:kept] + "".join(str(next(noise) % 10) if c.isdigit() else c for c in value[kept:])


def _email(value: str, secret: bytes) -> str:
    """Mask the domain by itself, so that colleagues still share one."""
    local, at, domain = value.partition("@")
    masked = _text(local, _stream(secret, "email", value))
    own = _text(domain.partition(".")[0], _stream(secret, "domain", domain))
    return f"{masked}@{own}.example" if at else masked


def _identity(value: str, noise: Iterator[int]) -> str:
    if len(value) != 18 or not value[:17].isdigit():
        return _text(value, noise)
    year, month, day = 1950 + next(noise) % 50, 1 + next(noise) % 12, 1 + next(noise) % 28
    body = f"{value[:6]}{year}{month:02d}{day:02d}{next(noise) % 10}{next(noise) % 10}{next(noise) % 10}"
    return body + resident_digit(body)


TRANSFORM = Transform(
    name="mask",
    make=make,
    title=Message("Replace personal data by made-up data of the same form"),
    options=("kind", "key"),
    required=("key",),
)
