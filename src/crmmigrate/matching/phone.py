"""Telephone numbers: sets of them, in any form, with or without area code."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crmmigrate.matching import Comparer, Level
from crmmigrate.matching.bags import hashed, numbered
from crmmigrate.matching.folding import fold_values
from crmmigrate.matching.shared import ItemComparer
from crmmigrate.messages import Message

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np

LEVELS = (
    Level("same", Message("a phone in common"), 0.60, 3e-4, by_frequency=True, shared=True),
    Level("same_local", Message("the same number, one without area code"), 0.05, 1e-4),
    Level("slip", Message("mobiles that differ in one digit or in two that are exchanged"), 0.02, 5e-5),
    Level("different", Message("different phones"), 0.35, 0.999),
)
_SLIP = 2
_EXTENSION = re.compile(r"(?:转|分机|ext[.=]?|[x#])\s*\d+|(?<=\d{7})\s*-\s*\d{1,6}(?!\d)", re.IGNORECASE)
_BETWEEN = re.compile(r"[;,、/|\n或和]|\s{2,}")
_NOT_DIGIT, _DECIMAL = re.compile(r"\D"), re.compile(r"\.0\Z")
_BEFORE_EXTENSION = 7
_MOBILE, _MOBILE_DIGITS = re.compile(r"1[3-9][0-9]{9}"), 11
_PUNCTUATION = str.maketrans("", "", "-+() ")
_TRUNK = re.compile(r"(?:0*86)?0*")
_EXPONENT, _WHOLE_EXPONENT = re.compile(r"\d\.\d+e\+?\d{1,2}"), re.compile(r"(\d)\.(\d{10})e\+?10")
"""A number as Excel shows it in a narrow column; with ten decimals nothing of a mobile is lost."""

_MASKED = re.compile(r"\*{2}")
_FILLER = re.compile(r"(\d)\1{6,}\Z|0*1234567\d*\Z")


def numbers(cell: str) -> list[str]:
    """Return the national numbers in a cell of folded text: mobiles as 11 digits, others with area code but without 0.

    Extensions are left off; fillers (`00000000`, `12345678`), masked numbers and what Excel cut (`1.38E+10`) are no numbers.
    """
    if not cell:
        return []
    if len(cell) == _MOBILE_DIGITS and _MOBILE.fullmatch(cell):
        return [cell]
    if "e" in cell:
        cell = _EXPONENT.sub(" ; ", _WHOLE_EXPONENT.sub(r"\1\2", cell))
    found: dict[str, None] = {}
    for part in _parts(cell.replace("(0)", "")):  # +49 (0)212 … is dialled without it
        digits = part
        if len(digits) >= 18 and (mobiles := _MOBILE.findall(digits)):
            found.update(dict.fromkeys(mobiles))
            continue
        if len(digits) > 9:
            digits = digits[_TRUNK.match(digits).end() :]  # type: ignore[union-attr]
        digits = digits.lstrip("0")
        if 5 <= len(digits) <= 15 and not _FILLER.match(digits):
            found[digits] = None
    return list(found)


def _parts(cell: str) -> list[str]:
    """Return the digits of each number in a cell."""
    tight = cell.translate(_PUNCTUATION)
    # One number in the usual form; an extension stands behind seven digits and a dash.
    if tight.isdigit() and tight.isascii() and all(len(part) < _BEFORE_EXTENSION for part in cell.split("-")[:-1]):
        return [tight]
    return [
        "" if _MASKED.search(part) else _NOT_DIGIT.sub("", _DECIMAL.sub("", part.strip()).replace("o", "0"))
        for part in _BETWEEN.split(_EXTENSION.sub(" ; ", cell))
    ]


def is_mobile(number: str) -> bool:
    """Return whether a national number is a Chinese mobile's."""
    return bool(_MOBILE.fullmatch(number))


def _distinct(cells: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(number for cell in cells for number in numbers(cell)))


def make(values: Sequence[str], counts: np.ndarray, only: str = "") -> Comparer:
    """Return the comparer of phones.

    Args:
        values: distinct values of the role.
        counts: in how many records each stands.
        only: `mobile` or `landline` to leave the other kind out.
    """

    def wanted(number: str) -> bool:
        return not only or bool(_MOBILE.fullmatch(number)) is (only == "mobile")

    lists = [
        [number for number in (numbers(cells[0]) if len(cells) == 1 else _distinct(cells)) if wanted(number)]
        for cells in fold_values(values)
    ]
    return _Phones(lists, counts, len(LEVELS) - 1, "phone")


class _Phones(ItemComparer):
    def __init__(self, lists: Sequence[Sequence[str]], counts: np.ndarray, last: int, kind: str) -> None:
        import numpy as np

        super().__init__(lists, counts, last, kind)
        self.length = np.fromiter(map(len, self.items), int, len(self.items))
        self.landline = np.array([not _MOBILE.fullmatch(item) for item in self.items], dtype=bool)
        self.tail = numbered([item[-7:] for item in self.items])
        self.head = numbered([item[:2] for item in self.items])
        self.end = numbered([item[-2:] for item in self.items])

    def relate(self, one: np.ndarray, other: np.ndarray) -> np.ndarray:
        import numpy as np

        levels = np.full(len(one), self.last, dtype=np.int8)
        short, longer = (
            np.minimum(self.length[one], self.length[other]),
            np.maximum(self.length[one], self.length[other]),
        )
        local = (short >= 7) & (short <= 8) & (longer >= short + 2) & (self.tail[one] == self.tail[other])
        for index in np.flatnonzero(local & self.landline[one] & self.landline[other]):
            a, b = self.items[one[index]], self.items[other[index]]
            levels[index] = 1 if a.endswith(b) or b.endswith(a) else self.last
        levels[self._slip(one, other) & (levels == self.last)] = _SLIP
        return levels

    def _slip(self, one: np.ndarray, other: np.ndarray) -> np.ndarray:
        """Return where mobiles differ in one digit, but the last two, or in two neighbours that are exchanged, or one lacks a digit.

        Numbers that follow one another are those of a family or of colleagues.
        """
        import numpy as np
        from rapidfuzz.distance import OSA
        from rapidfuzz.process import cpdist

        a, b = self.length[one], self.length[other]
        mobiles = ~self.landline[one] & ~self.landline[other] & (self.end[one] == self.end[other])
        damaged = (
            (np.minimum(a, b) == _MOBILE_DIGITS - 1)
            & (np.maximum(a, b) == _MOBILE_DIGITS)
            & (self.landline[one] != self.landline[other])
        )
        result = np.zeros(len(one), dtype=bool)
        near = np.flatnonzero((mobiles | damaged) & (self.head[one] == self.head[other]))
        if len(near):
            left, right = [self.items[index] for index in one[near]], [self.items[index] for index in other[near]]
            result[near] = cpdist(left, right, scorer=OSA.distance, score_cutoff=1) <= 1
        return result

    def candidate_keys(self) -> list[tuple[str, np.ndarray, np.ndarray]]:
        import numpy as np

        tails = hashed([item[-7:] for item in self.items])
        return [*super().candidate_keys(), self.keyed("local", np.where(self.landline, tails, -1))]
