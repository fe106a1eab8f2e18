"""mask: replace personal data by made-up data of the same form, the same value always by the same.

Every character is moved within its class (digits, small letters, common Han characters, …) by a permutation that only the key
decides, so no two values ever become the same one: keys stay unique, lookups find what they found, duplicates stay duplicates.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from functools import cache
from math import prod
from unicodedata import category

from crmmigrate.messages import Message
from crmmigrate.model.check_digits import RESIDENT_DIGITS, VEHICLE_SIGNS, VEHICLE_WEIGHTS, resident_digit
from crmmigrate.model.transform import Transform

KINDS = ("text", "person", "phone", "email", "id", "vin", "plate")
_SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
_GIVEN = "安宝昌成达德东恒宏华辉嘉建江金锦景康乐立利林隆茂明宁鹏平祺庆荣瑞森胜盛泰通维文祥新兴旭阳永裕元远泽振正志中卓"
_FIRST_DAY, _DAYS = date(1930, 1, 1), 29_220
"""Days of birth that are exchanged with each other: 1930 to 2009. Others are kept: there are few, and they are damage."""
_VIN = re.compile(r"[A-HJ-NPR-Z0-9]{17}\Z")
_VIN_LETTERS, _PLATE_LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ", "ABCDEFGHJKLMNPQRSTUVWXYZ"
_NOT_ON_PLATES = "IO"
_ROUNDS = 6
_MANY = 10**10
"""From so many possible values on, none is met that stays as it is."""

Classes = Sequence[str]
"""The characters that may stand in each place of a value; a single one stays."""


def make(kind: str = "text", key: str = "") -> Callable[[str], str]:
    """Return a function that masks values of one kind.

    The answer depends on the value and the key alone, and different values have different answers (letters of e-mail
    addresses and number plates count without their case). Without the key nobody can tell which value stood there.

    Args:
        kind: `person`: a name of as many characters, a common surname by another; `phone`: same length, country code and what
            tells the kind of number kept; `email`: an address under the reserved domain `.example` (RFC 2606), colleagues
            under one; `id`: an identity number (GB 11643) of the same region with another birthday; `vin`: same maker
            (ISO 3779); `plate`: same city; `text`: letters, digits and Han characters each by another of their class. Check
            digits are right where they were right, and wrong where they were wrong.
        key: a secret of the workspace.

    Raises:
        ValueError: the kind is unknown.
    """
    if kind not in KINDS:
        raise ValueError(f"one of {', '.join(KINDS)}")
    secret = key.encode()
    masks: dict[str, Callable[[str, bytes], str]] = {
        "text": _text, "person": _person, "phone": _phone, "email": _email, "id": _identity, "vin": _vin, "plate": _plate,
    }  # fmt: skip
    chosen = masks[kind]
    return lambda value: chosen(value, secret)


def _moved(places: Sequence[int], sizes: Sequence[int], secret: bytes, tweak: str) -> list[int]:
    """Permute numbers, each within its size. Where there are few of them, none stays as it is.

    A permutation of N things leaves one of them where it was, on average: of all `ext123`, one would be shown unmasked. A step
    that moves everything, done in the disguise of a permutation, still moves everything.
    """
    told = f"{tweak}:{','.join(map(str, sizes))}"
    if len(sizes) <= 1 or prod(sizes) > _MANY:
        return _mixed(places, sizes, secret, told)
    values = _mixed(places, sizes, secret, told)
    step = _noise(secret, f"{told}:step".encode(), 1)[0]
    values[0] = (values[0] + 1 + step % (sizes[0] - 1)) % sizes[0]
    return _mixed(values, sizes, secret, told, back=True)


def _mixed(places: Sequence[int], sizes: Sequence[int], secret: bytes, told: str, *, back: bool = False) -> list[int]:
    """Permute numbers by a Feistel network whose rounds add, which can be undone (`back`) and so never collides."""
    values, half = list(places), len(places) // 2
    parts = (range(half), range(half, len(values)))
    turns = range(_ROUNDS if half else 1)
    for turn in reversed(turns) if back else turns:
        changed, other = parts[1 - turn % 2], parts[turn % 2]
        seen = f"{told}:{turn}:{','.join(str(values[at]) for at in other)}".encode()
        noise = _noise(secret, seen, len(changed))
        for at, number in zip(changed, noise, strict=True):
            shift = number if half else 1 + number % max(sizes[at] - 1, 1)  # a lone sign never stays
            values[at] = (values[at] + (-shift if back else shift)) % sizes[at]
    return values


def _noise(secret: bytes, seen: bytes, count: int) -> list[int]:
    """Return numbers that only secret and `seen` decide."""
    made = b""
    block = seen
    while len(made) < 4 * count:
        block = hmac.digest(secret, block, hashlib.sha256)
        made += block
    return [int.from_bytes(made[4 * at : 4 * at + 4], "big") for at in range(count)]


def _permuted(value: str, classes: Classes, secret: bytes, tweak: str) -> str:
    """Move every character within its class; those that are alone in theirs stay."""
    free = [at for at, members in enumerate(classes) if len(members) > 1]
    places = [_position(classes[at])[value[at]] for at in free]
    moved = _moved(places, [len(classes[at]) for at in free], secret, tweak)
    letters = list(value)
    for at, place in zip(free, moved, strict=True):
        letters[at] = classes[at][place]
    return "".join(letters)


@cache
def _position(members: str) -> dict[str, int]:
    return {sign: place for place, sign in enumerate(members)}


_DIGITS, _SMALL, _CAPITALS = "0123456789", "abcdefghijklmnopqrstuvwxyz", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@cache
def _class(sign: str) -> str:
    """Return the characters that a character may become: those of its kind; itself where it is no letter and no digit."""
    for members in (_DIGITS, _SMALL, _CAPITALS, _GIVEN, _common_han()):
        if sign in members:
            return members
    if sign.isdecimal():
        first = ord(sign) - int(sign)
        return "".join(map(chr, range(first, first + 10)))
    if "\u4e00" <= sign <= "\u9fff":
        return _rare_han()
    if not sign.isalpha() or len(sign.lower()) > 1:
        return sign
    start = ord(sign) & ~0xFF
    alike = (chr(code) for code in range(start, start + 256))
    return "".join(c for c in alike if category(c) == category(sign) and not _elsewhere(c))


def _elsewhere(sign: str) -> bool:
    return sign in _SMALL or sign in _CAPITALS or "\u4e00" <= sign <= "\u9fff"


@cache
def _common_han() -> str:
    """The 3,755 common characters of GB 2312, without those of given names, which become each other."""
    cells = bytes(
        byte for high in range(0xB0, 0xD8) for low in range(0xA1, 0xFF if high < 0xD7 else 0xFA) for byte in (high, low)
    )
    return "".join(sign for sign in cells.decode("gb2312") if sign not in _GIVEN)


@cache
def _rare_han() -> str:
    common = {*_common_han(), *_GIVEN}
    return "".join(sign for sign in map(chr, range(0x4E00, 0xA000)) if sign not in common)


@cache
def _no_surnames(members: str) -> str:
    return "".join(sign for sign in members if sign not in _SURNAMES)


def _text(value: str, secret: bytes, tweak: str = "text") -> str:
    return _permuted(value, [_class(sign) for sign in value], secret, tweak)


def _person(value: str, secret: bytes) -> str:
    """Exchange common surnames among each other, so that a name stays one."""
    classes = [_class(sign) for sign in value]
    if value:
        classes[0] = (
            _SURNAMES if value[0] in _SURNAMES else _no_surnames(classes[0]) if len(classes[0]) > 1 else value[0]
        )
    return _permuted(value, classes, secret, "person")


def _phone(value: str, secret: bytes) -> str:
    """Keep what tells the kind of number: `+86` and a mobile's first three digits, or area code and exchange."""
    kept = 5
    if value.startswith("+86"):
        kept = 6 if value[3:4] in ("1", "2") else 7
    elif not value.startswith("+"):
        kept = 3
    classes = [_class(sign) if at >= kept and sign.isdecimal() else sign for at, sign in enumerate(value)]
    return _permuted(value, classes, secret, "phone")


def _email(value: str, secret: bytes) -> str:
    """Mask the domain by itself, so that colleagues still share one."""
    local, at, domain = value.lower().rpartition("@")
    if not at:
        return _text(value, secret, "email")
    return f"{_text(local, secret, 'email')}@{_text(domain, secret, 'domain')}.example"


def _plate(value: str, secret: bytes) -> str:
    """Keep province and city; letters become letters that a number plate may have, the two that it may not each other."""
    plain = value.upper()
    letters = {sign: members for members in (_PLATE_LETTERS, _NOT_ON_PLATES) for sign in members}
    classes = [
        sign if at < 2 or not sign.isascii() else letters.get(sign, _class(sign)) for at, sign in enumerate(plain)
    ]
    return _permuted(plain, classes, secret, "plate")


def _identity(value: str, secret: bytes) -> str:
    """Keep the region; exchange birthday and sequence; the check digit is as right, or as wrong, as it was."""
    long = re.match(r"\d{17}[\dXx]\Z", value, re.ASCII)
    if not long and not re.match(r"\d{15}\Z", value, re.ASCII):
        return _text(value, secret, "id")
    written = value[6:14] if long else f"19{value[6:12]}"
    try:
        day = (date.fromisoformat(f"{written[:4]}-{written[4:6]}-{written[6:]}") - _FIRST_DAY).days
    except ValueError:
        day = -1
    last = 70 * 365 + 17 if not long else _DAYS  # fifteen digits end with 1999
    sequence = [int(sign) for sign in (value[14:17] if long else value[12:15])]
    if 0 <= day < last:
        day, *sequence = _moved([day, *sequence], [last, 10, 10, 10], secret, "id")
        written = f"{_FIRST_DAY + timedelta(day):%Y%m%d}"
    else:
        sequence = _moved(sequence, [10] * 3, secret, f"id{written}")
    tail = "".join(map(str, sequence))
    if not long:
        return value[:6] + written[2:] + tail
    body = value[:6] + written + tail
    off = RESIDENT_DIGITS.index(value[17].upper()) - RESIDENT_DIGITS.index(resident_digit(value[:17]))
    return body + RESIDENT_DIGITS[(RESIDENT_DIGITS.index(resident_digit(body)) + off) % 11]


def _vin(value: str, secret: bytes) -> str:
    """Keep maker and year; the check digit, where there is one, is as right, or as wrong, as it was."""
    plain = value.upper()
    if not _VIN.match(plain):
        return _text(value, secret, "vin")
    classes = [_DIGITS if sign in _DIGITS else _VIN_LETTERS for sign in plain]
    for at in (0, 1, 2, 8, 9):
        classes[at] = plain[at]
    body = _permuted(plain, classes, secret, "vin")
    checks = "0123456789X"
    if plain[8] not in checks:
        return body
    off = (checks.index(plain[8]) - _vin_check(plain)) % 11
    return body[:8] + checks[(_vin_check(body) + off) % 11] + body[9:]


def _vin_check(value: str) -> int:
    total: int = sum(VEHICLE_SIGNS[sign] * weight for sign, weight in zip(value, VEHICLE_WEIGHTS, strict=True))
    return total % 11


TRANSFORM = Transform(
    name="mask",
    make=make,
    title=Message("Replace personal data by made-up data of the same form"),
    options=("kind", "key"),
    required=("key",),
)
