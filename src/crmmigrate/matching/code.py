"""Codes that name one thing: unified social credit codes, tax numbers, ID numbers, WeChat ids."""

from __future__ import annotations

import re
from operator import mul
from typing import TYPE_CHECKING

from crmmigrate.matching import Comparer, Level
from crmmigrate.matching.bags import numbered, numbered_where_said
from crmmigrate.matching.cells import Held, Plain, items_of, laid_out, matched
from crmmigrate.matching.shared import ItemComparer
from crmmigrate.messages import Message
from crmmigrate.model.check_digits import CREDIT_SIGNS, ORGANISATION_SIGNS, organisation_digit
from crmmigrate.model.placeholders import CODE

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

    from crmmigrate.matching import Values

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
_HANDLE = r"^(?P<words>[A-Z](?:[_.-]?[A-Z]){2,}[_.-]?)[0-9]{1,4}$"
"""Words that were taken already, and digits to tell their bearers apart: WANGMING93 and WANGMING96, WANG_FANG1 and WANG_FANG2
are two people, not a slip."""

_OLD_TAX = re.compile(r"[1-8]\d{5}(?!\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}\Z)[0-9A-HJ-NPQRTUWXY]{9}")
"""A company's tax number until 2015: region and organisation code, which its unified social credit code contains (GB 32100-2015). That of
a single trader is an identity number of 15 digits."""

_ORGANISATION = re.compile(r"[0-9A-Z]{8}[0-9X]")
_MASKED = re.compile(r"\*{2}")
_LEAST, _SHORT, _REGISTERED, _WHOLE = 4, 9, 15, 18
"""Characters of any code, of an organisation code, of a registration number and of a credit code."""

_BROKEN = re.compile(r"\d(\.\d+)?E\+?\d+\Z|\d+\.0\Z")
_NOBODYS = "|".join(("^[0-9]E[0-9]+$", "^0*1234567[0-9]*$", *(f"^{sign}+$" for sign in ORGANISATION_SIGNS + "_")))
"""Letters and digits that are no code, see `_BROKEN` and `CODE`; a pattern of RE2, which knows no repetition of what was found."""


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
    if len(code) < _LEAST or _BROKEN.match(code) or CODE.match(code):
        return ""
    if len(code) == 18 and not code.isdigit():
        tight = code.translate(_LOOKALIKE)
        if valid_credit_code(tight):
            return tight
    return code


def make(values: Values, counts: np.ndarray) -> Comparer:
    """Return the comparer of codes."""
    return _Codes(items_of(values, _plain, lambda cell: [normal(cell)]), counts, len(LEVELS) - 1, "code")


def _plain(cells: pa.Array) -> Plain:
    """Take apart the cells of letters and digits, but those as long as organisation codes and tax numbers."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    codes = pc.ascii_upper(pc.replace_substring(cells, " ", ""))
    length = pc.binary_length(codes).to_numpy()
    taken = matched(codes, "^[0-9A-Z_]*$") & (length != _SHORT) & (length != _REGISTERED)
    said = taken & (length >= _LEAST) & ~matched(codes, _NOBODYS)
    which = np.flatnonzero(said)
    codes, length = codes.take(which), length[which]
    whole = (length == _WHOLE) & ~matched(codes, "^[0-9]*$")
    if whole.any():
        codes = pc.replace_with_mask(codes, pa.array(whole), _as_credit_codes(codes.filter(whole)))
    return Plain(taken, which, codes)


def _as_credit_codes(codes: pa.Array) -> pa.Array:
    """Return codes of 18 letters and digits, those that are credit codes but for characters that look alike as these."""
    import numpy as np
    import pyarrow as pa

    given = laid_out(codes)[0].reshape(-1, _WHOLE)
    read = np.arange(128, dtype=np.uint8)
    read[list(_LOOKALIKE)] = list(_LOOKALIKE.values())
    worth = np.full(128, -1, dtype=np.int16)
    worth[[ord(sign) for sign in CREDIT_SIGNS]] = range(len(CREDIT_SIGNS))
    tight = read[given]
    values = worth[tight]
    checked = (31 - values[:, :-1] @ np.array(_WEIGHTS, dtype=np.int16) % 31) % 31
    right = (values >= 0).all(axis=1) & (checked == values[:, -1])
    signs = np.where(right[:, None], tight, given)
    begins = np.arange(len(codes) + 1, dtype=np.int64) * _WHOLE
    return pa.LargeStringArray.from_buffers(len(codes), pa.py_buffer(begins), pa.py_buffer(signs))


class _Codes(ItemComparer):
    def __init__(self, held: Held, counts: np.ndarray, last: int, kind: str) -> None:
        import numpy as np
        import pyarrow as pa
        import pyarrow.compute as pc

        super().__init__(held, counts, last, kind)
        items = pa.array(self.items, pa.large_string())
        self.length = pc.binary_length(items).to_numpy()
        self.head = numbered(pc.utf8_slice_codeunits(items, 0, 4))
        self.tail = numbered(pc.utf8_slice_codeunits(items, -4))
        self.handle = numbered_where_said(pc.fill_null(pc.struct_field(pc.extract_regex(items, _HANDLE), "words"), ""))
        # A credit code contains the organisation code that its bearer had before.
        self.short = self.length == _SHORT
        within = pc.if_else(self.length == _WHOLE, pc.utf8_slice_codeunits(items, 8, 17), "")
        self.organisation = numbered_where_said(pc.if_else(self.short, items, within))
        owners = np.repeat(np.arange(len(self.bag.sizes)), self.bag.sizes)
        registered = matched(items, f"^[0-9]{{{_REGISTERED}}}$")
        self.kinds = np.zeros(len(self.bag.sizes), dtype=np.int8)
        for bit, which in ((1, registered), (2, self.length == _WHOLE)):
            self.kinds[owners[which[self.bag.items]]] |= bit

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
