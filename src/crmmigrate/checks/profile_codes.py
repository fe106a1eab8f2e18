"""Check digits of whole columns at once: credit codes, ID numbers, vehicle identification numbers.

Sources: GB 32100-2015 (credit code, MOD 31), GB 11714-1997 (organisation code within it, MOD 11), GB 11643-1999 (ID number,
ISO 7064 MOD 11-2, with a birth date that was), GB 16735-2019 (vehicle, MOD 11).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crmmigrate.model.check_digits import (
    CREDIT_SIGNS,
    CREDIT_WEIGHTS,
    ORGANISATION_SIGNS,
    ORGANISATION_WEIGHTS,
    RESIDENT_DIGITS,
    RESIDENT_WEIGHTS,
    VEHICLE_SIGNS,
    VEHICLE_WEIGHTS,
)

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Signs = npt.NDArray[np.uint8]
    Flags = npt.NDArray[np.bool_]

SHAPES = {
    "credit_code": f"[{CREDIT_SIGNS}]{{2}}[0-9]{{6}}[{CREDIT_SIGNS}]{{10}}",
    "id_number": "[1-9][0-9]{16}[0-9X]",
    "vin": "[A-HJ-NPR-Z0-9]{17}",
}
"""Values of these shapes have check digits to be reckoned."""


def wrong_codes(meaning: str, values: Any) -> dict[str, Flags]:
    """Say which codes are wrong, and in what.

    Args:
        meaning: a key of `SHAPES`.
        values: Arrow text, all of the shape, none null.

    Returns:
        kind of damage → one flag per value.
    """
    signs = _matrix(values)
    return {"credit_code": _credit, "id_number": _resident, "vin": _vehicle}[meaning](signs)


def _matrix(values: Any) -> Signs:
    """Return the signs as rows of bytes; all values are ASCII of one length, so Arrow's buffer is the matrix already."""
    import numpy as np
    import pyarrow as pa

    array = values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values
    array = pa.concat_arrays([array]).cast(pa.string())
    if not len(array):
        return np.zeros((0, 18), dtype=np.uint8)
    width = len(array[0].as_py())
    offset = np.frombuffer(array.buffers()[1], dtype=np.int32, count=1, offset=4 * array.offset)[0]
    raw = np.frombuffer(array.buffers()[2], dtype=np.uint8, count=width * len(array), offset=int(offset))
    return raw.reshape(len(array), width)


def _table(signs: str | dict[str, int]) -> npt.NDArray[np.int32]:
    import numpy as np

    numbers = signs if isinstance(signs, dict) else {sign: number for number, sign in enumerate(signs)}
    table = np.zeros(256, dtype=np.int32)
    for sign, number in numbers.items():
        table[ord(sign)] = number
    return table


def _credit(signs: Signs) -> dict[str, Flags]:
    import numpy as np

    numbers = _table(CREDIT_SIGNS)[signs]
    outer = (31 - numbers[:, :17] @ np.array(CREDIT_WEIGHTS)) % 31 != numbers[:, 17]
    inside = _table(ORGANISATION_SIGNS)[signs[:, 8:17]]
    digit = (11 - inside[:, :8] @ np.array(ORGANISATION_WEIGHTS) % 11) % 11
    expected = np.where(digit == 10, ord("X"), digit + ord("0"))
    return {"wrong-check": outer | (expected != signs[:, 16])}


def _resident(signs: Signs) -> dict[str, Flags]:
    import numpy as np

    numbers = (signs - ord("0")).astype(np.int32)
    expected = np.frombuffer(RESIDENT_DIGITS.encode(), dtype=np.uint8)[
        numbers[:, :17] @ np.array(RESIDENT_WEIGHTS) % 11
    ]
    year, month, day = (
        numbers[:, start:end] @ 10 ** np.arange(end - start)[::-1] for start, end in ((6, 10), (10, 12), (12, 14))
    )
    leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    days = np.array([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])[np.clip(month, 0, 12)] + (leap & (month == 2))
    now = int(np.datetime64("now", "Y").astype(int)) + 1970
    never = (month < 1) | (month > 12) | (day < 1) | (day > days) | (year < 1880) | (year > now)
    return {"impossible-date": never, "wrong-check": (expected != signs[:, 17]) & ~never}


def _vehicle(signs: Signs) -> dict[str, Flags]:
    import numpy as np

    rest = _table(VEHICLE_SIGNS)[signs] @ np.array(VEHICLE_WEIGHTS) % 11
    return {"wrong-check": np.where(rest == 10, ord("X"), rest + ord("0")) != signs[:, 8]}
