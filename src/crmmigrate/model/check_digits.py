"""How the check digits of identifiers are reckoned: the signs, what they are worth, and the weights of their places.

Sources: GB 11643-1999 (identity number, ISO 7064 MOD 11-2), GB 32100-2015 (credit code, MOD 31), GB 11714-1997 (organisation code,
MOD 11), GB 16735-2019 (vehicle, MOD 11).
"""

from __future__ import annotations

from operator import mul

RESIDENT_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
RESIDENT_DIGITS = "10X98765432"
"""The eighteenth sign by the remainder of the weighted sum of seventeen digits by 11."""

CREDIT_SIGNS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""A sign is worth its place here."""
CREDIT_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)

ORGANISATION_SIGNS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_ORGANISATION_VALUES = bytes.maketrans(ORGANISATION_SIGNS.encode(), bytes(range(len(ORGANISATION_SIGNS))))
_ORGANISATION_DIGITS = "0X987654321"
"""The check digit by the remainder of the weighted sum: 11 minus it, X for 10, 0 for 11."""

VEHICLE_SIGNS = dict(
    zip("0123456789ABCDEFGHJKLMNPRSTUVWXYZ", (*range(10), *range(1, 9), *range(1, 6), 7, 9, *range(2, 10)), strict=True)
)
"""What each sign is worth."""
VEHICLE_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)


def resident_digit(first: str) -> str:
    """Return the last sign of an identity number by its first seventeen digits."""
    return RESIDENT_DIGITS[sum(int(digit) * weight for digit, weight in zip(first, RESIDENT_WEIGHTS, strict=True)) % 11]


def organisation_digit(first: str) -> str:
    """Return the last sign of an organisation code by its first eight (GB 11714-1997)."""
    values = first.encode("ascii").translate(_ORGANISATION_VALUES)  # the quickest way to all values of a text
    return _ORGANISATION_DIGITS[sum(map(mul, values, ORGANISATION_WEIGHTS)) % 11]
