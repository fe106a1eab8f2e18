"""number: write a number with a fixed number of decimals."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Any

from crmmigrate.messages import Message
from crmmigrate.model.transform import Transform

if TYPE_CHECKING:
    from collections.abc import Callable

    from crmmigrate.model.standard import Cleaned

NOT_A_NUMBER = "number.not-a-number"
ROUNDED = "number.rounded"
_NUMBER = re.compile(r"[-+]?[0-9]{1,30}(\.[0-9]{1,30})?\Z")


def make(decimals: Any = -1, factor: Any = 1) -> Callable[[str], Cleaned]:
    """Return a function that writes a decimal number plainly: `1200.5` becomes `1200.50`.

    Args:
        decimals: digits behind the point, 0 to 12; as many as there are where it is not given. Halves are rounded
            away from zero.
        factor: the number is multiplied by it first, e.g. 10000 where the source counts in 万.

    Returns:
        The number, flagged `number.rounded` where digits were lost; or the raw text flagged `number.not-a-number`.

    Raises:
        ValueError: an option is not of that kind.
    """
    if not isinstance(decimals, int) or not -1 <= decimals <= 12:
        raise ValueError("decimals is a whole number from 0 to 12")
    if isinstance(factor, bool) or not _NUMBER.match(str(factor)) or not float(factor):
        raise ValueError("factor is a number other than 0")
    return partial(_number, decimals=decimals, factor=str(factor))


def _number(raw: str, *, decimals: int, factor: str) -> Cleaned:
    from decimal import ROUND_HALF_UP, Context, Decimal

    from crmmigrate.model.standard import Cleaned, Flag

    if not _NUMBER.match(raw.strip()):
        return Cleaned(raw, (Flag(NOT_A_NUMBER, "error"),))
    context = Context(prec=100, rounding=ROUND_HALF_UP)
    exact = context.multiply(Decimal(raw.strip()), Decimal(factor))
    if decimals < 0:
        return Cleaned(f"{exact:f}")
    written = exact.quantize(Decimal(1).scaleb(-decimals), context=context)
    flags = () if written == exact else (Flag(ROUNDED, "warning"),)
    return Cleaned(f"{written or abs(written):f}", flags)


TRANSFORM = Transform(
    "number", make, Message("write a number with a fixed number of decimals"), options=("decimals", "factor"),
    codes=((NOT_A_NUMBER, Message("this is not a number")), (ROUNDED, Message("digits behind the point were lost"))),
)  # fmt: skip
