"""Telephone numbers of which one has the code of its country and the other is written as it is dialled there: +49 221 96181111 and 0221 96181111.

Source: ITU-T E.164, the list of assigned country codes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

_CODES = (
    1, 7, 20, 27, *range(30, 35), 36, 39, 390, 40, 41, *range(43, 50), *range(51, 59), *range(60, 67), 81, 82, 84, *range(90, 96), 98,
    *range(211, 214), 216, 218, *range(220, 270), *range(290, 300), *range(350, 360), *range(370, 390), *range(420, 424), *range(500, 510), *range(590, 600),
    *range(670, 693), 852, 853, 855, 856, 880, 886, *range(960, 969), *range(970, 978), *range(992, 999),
)  # fmt: skip
LEAST = 9
"""Digits of a number without the code; of shorter ones too many are alike."""

LONGEST_CODE = 3
"""Digits of a code, or of that of Italy and the 0 that stays behind it: +39 06 …"""

_LATIN_AMERICAN, _FIRST_LATIN_AMERICAN, _LAST_LATIN_AMERICAN = 10, 51, 58
"""Digits of a number there as a rule: a shorter one is the end of one of the mainland, whose area codes begin so (0571)."""


def with_code(longer: np.ndarray, shorter: np.ndarray, digits: np.ndarray) -> np.ndarray:
    """Return where the longer number is the shorter one with the code of a country before it.

    Args:
        longer: numbers (int64).
        shorter: likewise.
        digits: of the shorter ones.
    """
    import numpy as np

    tens = 10 ** digits.astype(np.int64)
    code, rest = longer // tens, longer % tens
    mainland = (digits < _LATIN_AMERICAN) & (code >= _FIRST_LATIN_AMERICAN) & (code <= _LAST_LATIN_AMERICAN)
    return np.asarray((rest == shorter) & ~mainland & np.isin(code, _CODES))
