"""Plain telephone numbers, most of them, read together: 13912345678, +86 139 1234 5678, 0571-88886666转123, (0571)88886666/13912345678.

Cells of digits, dashes, brackets and single blanks with something between the numbers: their digits are picked out of the bytes of all cells
at once and reckoned with as numbers. What comes out is what `phone.numbers` gives: `tests/matching/test_plain_values.py` holds the two together.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmmigrate.matching.phones.mobiles import TAIWAN, TAIWAN_DIGITS
from crmmigrate.matching.texts.cells import Plain, laid_out, matched, picked, replaced

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

_HANDLE = "^[a-z_.-]*(?:x[0-9]*|[0-9]{0,4})$"
"""A WeChat name in the column of phones: what digits it has are an extension or too few."""

_ODD = r"[0-9]{7} ?-|[0-9]{11} ?转|[0-9]{11} ?, ?[0-9]{2,5}(?:[^0-9]|$)|\(0\)|(?:\+|00)1[ .(-]|^1(?:[.-]| ?\()"
"""A dash that begins an extension, maybe, numbers that shops lend, +49 (0)212, and North America (+1 312, 1-312)."""

_BEHIND = r"转 ?[0-9]+|[、或和]"
"""Extensions, and what stands between numbers but `_BETWEEN`."""

_DECIMAL = r"\.0 ?($|[;,/|])"
_NUMBERS = "^[0-9+() ;,/|-]*$"
_BETWEEN = ";,/|"
_SHORTEST, _LONGEST, _RUN = 5, 15, 18
"""Digits of a number; as many as `_RUN` may be several ones written without anything between them."""

_WITH_TRUNK = 9
"""More digits than these may begin with 86."""

_MAINLAND, _WITH_CODE = 86, 12
"""The code of the mainland, and digits of a number of there with it at least."""

_MOBILE, _REPEATED, _COUNTED = 11, 7, 7
"""Digits of a mobile, of fillers of one digit (as many or more), and of 1234567."""


def plain_phones(cells: pa.Array) -> Plain:
    """Return the numbers of plain cells, as `phone.numbers` does."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    tight = replaced(cells, pc.match_substring_regex(cells, _BEHIND), _BEHIND, ";")
    tight = replaced(tight, pc.match_substring(tight, ".0"), _DECIMAL, r"\1")
    taken = matched(tight, _NUMBERS) & ~matched(cells, _ODD)
    which = np.flatnonzero(taken)
    signs, begins = laid_out(tight.take(pa.array(which)))
    between = np.zeros(256, dtype=bool)
    between[[ord(sign) for sign in _BETWEEN]] = True
    # Each number goes from where its cell begins, or a sign stands between two, to the next such place.
    breaks = np.flatnonzero(between[signs])
    starts = np.concatenate([begins[:-1], breaks])
    owners = np.concatenate([np.arange(len(which)), np.searchsorted(begins, breaks, side="right") - 1])
    order = np.argsort(starts, kind="stable")
    starts, owners = starts[order], owners[order]
    digits = picked(signs, np.append(starts, len(signs)), signs - ord("0") < 10)
    length = pc.binary_length(digits).to_numpy()
    several = np.unique(owners[length >= _RUN])
    taken[which[several]] = False
    some = (length >= _SHORTEST) & (length < _RUN) & taken[which[owners]]
    found = _national(digits.filter(some).cast(pa.int64()).to_numpy(), length[some])
    good = found > 0
    taken |= matched(cells, _HANDLE)
    return Plain(taken, which[owners[some][good]], pa.array(found[good]).cast(pa.large_string()))


def _national(numbers: np.ndarray, length: np.ndarray) -> np.ndarray:
    """Return numbers without the code of the mainland, 0 for those that are too short or nobody's; of each is known how many digits were written."""
    import numpy as np

    tens = 10 ** np.arange(_RUN + 1, dtype=np.int64)
    size = np.searchsorted(tens, numbers, side="right")
    upto = tens[np.maximum(size - 2, 0)]
    abroad = (length > _WITH_TRUNK) & (numbers // upto == _MAINLAND)
    abroad &= (length != size + 1) | (size >= _WITH_CODE)  # one 0 before 86 may be any number's of a country
    numbers = np.where(abroad, numbers % upto, numbers)
    dialled = (length == TAIWAN_DIGITS) & (numbers // tens[TAIWAN_DIGITS - 2] == 9)
    numbers = np.where(dialled, numbers + TAIWAN * tens[TAIWAN_DIGITS - 1], numbers)
    size = np.searchsorted(tens, numbers, side="right")
    # 77…7 is 7 times a ninth of 99…9.
    nobodys = (size >= _REPEATED) & (numbers * 9 % (tens[np.maximum(size, 1)] - 1) == 0)
    nobodys |= (size >= _COUNTED) & (numbers // tens[np.maximum(size - _COUNTED, 0)] == 1234567)
    head, tail = numbers // tens[9], numbers % tens[9]
    nobodys |= (head >= 13) & (head <= 19) & ((tail * 9 % (tens[9] - 1) == 0) | (tail % tens[8] == 0))
    return np.where((size >= _SHORTEST) & (size <= _LONGEST) & ~nobodys, numbers, 0)
