"""Numbers with a form of their own: credit codes, telephone numbers."""

from __future__ import annotations

CREDIT_CODE_SIGNS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_ORG_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_CREDIT_WEIGHTS = tuple(3**i % 31 for i in range(17))
MOBILE_PREFIXES = [
    "130",
    "131",
    "132",
    "133",
    "134",
    "135",
    "136",
    "137",
    "138",
    "139",
    "150",
    "151",
    "152",
    "153",
    "155",
    "156",
    "157",
    "158",
    "159",
    "166",
    "173",
    "175",
    "176",
    "177",
    "178",
    "180",
    "181",
    "182",
    "183",
    "184",
    "185",
    "186",
    "187",
    "188",
    "189",
    "191",
    "198",
    "199",
]


def organisation_check(body: str) -> str:
    """Compute the check character of an organisation code.

    Args:
        body: its eight characters.

    Source:
        GB 11714-1997.
    """
    total = sum(int(sign, 36) * weight for sign, weight in zip(body, _ORG_WEIGHTS, strict=True))
    return "0123456789X0"[(11 - total % 11) % 11]


def credit_check(body: str) -> str:
    """Compute the check character of a unified social credit code.

    Args:
        body: its first 17 characters.

    Source:
        GB 32100-2015.
    """
    total = sum(CREDIT_CODE_SIGNS.index(sign) * weight for sign, weight in zip(body, _CREDIT_WEIGHTS, strict=True))
    return CREDIT_CODE_SIGNS[(31 - total % 31) % 31]


def credit_code(district: str, number: int, founded: int) -> str:
    """Write the unified social credit code of a company, with valid check characters.

    Args:
        district: six digits of GB/T 2260.
        number: below 31**6; other numbers give other codes.
        founded: the year; codes given since October 2015 begin their organisation part with MA.
    """
    if founded >= 2016:
        signs = ""
        for _ in range(6):
            number, digit = divmod(number, 31)
            signs = CREDIT_CODE_SIGNS[digit] + signs
        organisation = "MA" + signs
    else:
        organisation = f"{number % 10**8:08d}"
    body = "91" + district + organisation + organisation_check(organisation)
    return body + credit_check(body)


def mobile(number: int) -> str:
    """Write the mobile number of a person; other numbers (below 3.8 billion) give other telephones."""
    prefix, rest = divmod(number, 10**8)
    return f"{MOBILE_PREFIXES[prefix % len(MOBILE_PREFIXES)]}{rest:08d}"
