"""Codes that name one thing: unified social credit codes, tax numbers, ID numbers, WeChat ids."""

from __future__ import annotations

import re
from operator import mul
from typing import TYPE_CHECKING

from crmmigrate.matching import Comparer, Level
from crmmigrate.matching.bags import numbered, numbered_where_said
from crmmigrate.matching.folding import fold_values
from crmmigrate.matching.shared import ItemComparer
from crmmigrate.messages import Message
from crmmigrate.model.check_digits import CREDIT_SIGNS, organisation_digit
from crmmigrate.model.placeholders import CODE

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np

LEVELS = (
    Level("same", Message("the same code"), 0.95, 2e-6, shared=True),
    Level("typo", Message("the codes differ in one place or one is not valid"), 0.03, 2e-5),
    Level("different", Message("different codes"), 0.02, 0.99),
)
_VALUES = {character: value for value, character in enumerate(CREDIT_SIGNS)}
_SIGNS = frozenset(_VALUES)
_WEIGHTS = tuple(pow(3, index, 31) for index in range(17))
_IDENTITY = re.compile(r"\d{6}(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dX]")
_LOOKALIKE = str.maketrans("OIZSV", "0125U")
_NOT_CODE = re.compile(r"[^0-9A-Z_@.-]")
_HANDLE = re.compile(r"((?=(?:[_.-]*[A-Z]){3})[A-Z]+(?:[_.-][A-Z]+)*[_.-]?)\d{1,4}\Z")
"""Words that were taken already, and digits to tell their bearers apart: WANGMING93 and WANGMING96, WANG_FANG1 and WANG_FANG2
are two people, not a slip."""

_OLD_TAX = re.compile(r"[1-8]\d{5}(?!\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}\Z)[0-9A-HJ-NPQRTUWXY]{9}")
"""A company's tax number until 2015: region and organisation code, which its unified social credit code contains (GB 32100-2015). That of
a single trader is an identity number of 15 digits."""

_ORGANISATION = re.compile(r"[0-9A-Z]{8}[0-9X]")
_MASKED = re.compile(r"\*{2}")
_SHORT, _REGISTERED, _WHOLE = 9, 15, 18
"""Characters of an organisation code, of a registration number and of a credit code."""

_BROKEN = re.compile(r"\d(\.\d+)?E\+?\d+\Z|\d+\.0\Z")


def valid_credit_code(code: str) -> bool:
    """Return whether `code` is a unified social credit code with a right check character.

    Source: GB 32100-2015, annex A (weights 3^i mod 31).
    """
    if len(code) != 18 or not _SIGNS.issuperset(code):
        return False
    return _with_check(code[:17]) == code


def _with_check(code: str) -> str:
    """Return the first 17 characters of a credit code with the one by which they are checked."""
    total: int = sum(map(mul, map(_VALUES.__getitem__, code), _WEIGHTS))
    return code + CREDIT_SIGNS[(31 - total % 31) % 31]


def valid_identity(code: str) -> bool:
    """Return whether `code` is an 18-character resident ID number with a right check character (GB 11643-1999)."""
    if not re.fullmatch(r"\d{17}[\dX]", code):
        return False
    total = sum(int(digit) * pow(2, 17 - index, 11) for index, digit in enumerate(code[:17]))
    return "10X98765432"[total % 11] == code[17]


def valid_organisation_code(code: str) -> bool:
    """Return whether `code` is an organisation code with a right check character (GB 11714-1997)."""
    return _ORGANISATION.fullmatch(code) is not None and organisation_digit(code[:8]) == code[8]


def normal(raw: str) -> str:
    """Return a code as it is compared, or nothing where it was damaged (`9.133E+17`), masked (`3211**…`) or is filler (`000000`)."""
    if _MASKED.search(raw):
        return ""
    code = _NOT_CODE.sub("", raw.upper())
    if _OLD_TAX.fullmatch(code) and (not code.isdigit() or valid_organisation_code(code[6:])):
        return _with_check(f"91{code}")
    if valid_organisation_code(tight := code.replace("-", "")):
        return tight
    if len(code) < 4 or _BROKEN.match(code) or CODE.match(code):
        return ""
    if len(code) == 18 and not code.isdigit():
        tight = code.translate(_LOOKALIKE)
        if valid_credit_code(tight):
            return tight
    return code


def make(values: Sequence[str], counts: np.ndarray) -> Comparer:
    """Return the comparer of codes."""
    lists = [list(dict.fromkeys(filter(None, map(normal, cells)))) for cells in fold_values(values)]
    return _Codes(lists, counts, len(LEVELS) - 1, "code")


class _Codes(ItemComparer):
    def __init__(self, lists: Sequence[Sequence[str]], counts: np.ndarray, last: int, kind: str) -> None:
        import numpy as np

        super().__init__(lists, counts, last, kind)
        self.length = np.fromiter(map(len, self.items), int, len(self.items))
        self.head = numbered([item[:4] for item in self.items])
        self.tail = numbered([item[-4:] for item in self.items])
        handles = [found.group(1) if (found := _HANDLE.match(item)) else "" for item in self.items]
        self.handle = numbered_where_said(handles)
        # A credit code contains the organisation code that its bearer had before.
        self.short = self.length == _SHORT
        self.organisation = numbered_where_said(
            [item[8:17] if len(item) == _WHOLE else item if len(item) == _SHORT else "" for item in self.items]
        )
        owners = np.repeat(np.arange(len(self.bag.sizes)), self.bag.sizes)
        registered = np.array([len(item) == _REGISTERED and item.isdigit() for item in self.items], dtype=bool)
        self.kinds = np.zeros(len(self.bag.sizes), dtype=np.int8)
        for bit, which in ((1, registered), (2, self.length == _WHOLE)):
            np.bitwise_or.at(self.kinds, owners, np.where(which[self.bag.items], bit, 0).astype(np.int8))

    def compare(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        """Return the level of each pair of value indices; a registration number says nothing of a credit code."""
        levels = super().compare(left, right)
        levels[(levels == self.last) & (self.kinds[left] | self.kinds[right] == 3)] = -1
        return levels

    def relate(self, one: np.ndarray, other: np.ndarray) -> np.ndarray:
        import numpy as np
        from rapidfuzz.distance import OSA
        from rapidfuzz.process import cpdist

        levels = np.full(len(one), self.last, dtype=np.int8)
        levels[
            (self.organisation[one] == self.organisation[other])
            & (self.organisation[one] >= 0)
            & (self.short[one] != self.short[other])
        ] = 0
        # One slip leaves the head or the tail of a code of eight characters and more as it is.
        half = (self.head[one] == self.head[other]) | (self.tail[one] == self.tail[other])
        half &= (self.handle[one] < 0) | (self.handle[one] != self.handle[other])
        close = np.flatnonzero(half & (np.minimum(self.length[one], self.length[other]) >= 8))
        if len(close):
            a, b = self.texts(one[close]), self.texts(other[close])
            distance = cpdist(a, b, scorer=OSA.distance, score_cutoff=1)
            for index in np.flatnonzero(distance <= 1):
                if not (self._sure(a[index]) and self._sure(b[index])):
                    levels[close[index]] = 1
        return levels

    def candidate_keys(self) -> list[tuple[str, np.ndarray, np.ndarray]]:
        """Return every item as a key, and the organisation codes where some records have no other."""
        if not self.short.any():
            return super().candidate_keys()
        return [*super().candidate_keys(), self.keyed("organisation", self.organisation)]

    @staticmethod
    def _sure(code: str) -> bool:
        # One in 31 ID numbers would pass for a credit code.
        return valid_identity(code) if _IDENTITY.fullmatch(code) else valid_credit_code(code)
