"""Documents that are issued anew with another number: passports and permits, and not the numbers that somebody has for life."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from crmmigrate.matching.headers import header_names

if TYPE_CHECKING:
    from collections.abc import Sequence

_OF_DOCUMENTS = re.compile(
    "[\u3400-\u9fff]{0,4}(?:证件|护照|通行证|证照)(?:号码?|编号)?|(?:travel|identity)?document(?:id|no|number)?|passport(?:id|no|number)?"
)
"""Headers of numbers of whatever document somebody showed."""

_PASSPORT = re.compile(r"[A-Z]{1,3}\d{5,9}[A-Z]?|\d{9}")
"""A passport or a permit; of more digits, or fewer, alone are numbers that many countries give for life."""

_FOR_LIFE = re.compile(r"[STFGM]\d{7}[A-Z]")
"""Numbers of residents of Singapore, right or mistyped."""

_HONG_KONG, _TAIWAN = re.compile(r"[A-Z]{1,2}\d{6}[\dA]"), re.compile(r"[A-Z][1289]\d{8}")
_OF_TAIWAN = "ABCDEFGHJKLMNPQRSTUVXYWZIO"
"""Letters of places in the order of their numbers, from 10 on."""

_NUMBERED = re.compile(r"[A-Z]{0,2}\d{6,}[A-Z]?")


def of_documents(columns: Sequence[str]) -> bool:
    """Return whether headers say that numbers of any document stand there, as 证件号码 does and 身份证号 does not."""
    return any(_OF_DOCUMENTS.fullmatch(name) for column in columns for name in header_names(column))


@lru_cache(maxsize=20_000)
def renewed(number: str) -> bool:
    """Return whether a number is that of a document which gets another one when it is issued anew."""
    if not _PASSPORT.fullmatch(number) or _FOR_LIFE.fullmatch(number):
        return False
    return not (_of_hong_kong(number) or _of_taiwan(number))


def in_sequence(one: str, other: str) -> bool:
    """Return whether two numbers of documents differ in their last digit alone: those of a family that were issued together do."""
    if len(one) != len(other) or not (_NUMBERED.fullmatch(one) and _NUMBERED.fullmatch(other)):
        return False
    end = len(one) - one[-1:].isalpha()
    return one[: end - 1] == other[: end - 1] and one[end - 1] != other[end - 1]


def _of_hong_kong(number: str) -> bool:
    """Return whether a number is an identity number of Hong Kong with a right check digit (weights 9 to 1 over two letters, a blank being 36, and seven digits, mod 11)."""
    if not _HONG_KONG.fullmatch(number):
        return False
    signs = [36] * (9 - len(number)) + [int(sign, 36) for sign in number]
    return sum(sign * weight for sign, weight in zip(signs, range(9, 0, -1), strict=True)) % 11 == 0


def _of_taiwan(number: str) -> bool:
    """Return whether a number is an identity number of Taiwan with a right check digit (weights 1, 9 to 1 and 1 over the place's two digits and the nine others, mod 10)."""
    if not _TAIWAN.fullmatch(number):
        return False
    digits = [*map(int, f"{_OF_TAIWAN.index(number[0]) + 10}{number[1:]}")]
    return (
        sum(digit * weight for digit, weight in zip(digits, (1, 9, 8, 7, 6, 5, 4, 3, 2, 1, 1), strict=True)) % 10 == 0
    )
