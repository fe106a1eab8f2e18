"""Codes that name one thing: unified social credit codes, tax numbers, ID numbers, WeChat ids."""

from __future__ import annotations

import re
from operator import mul
from typing import TYPE_CHECKING

from crmmigrate.matching import Comparer, Level
from crmmigrate.matching.numbers_of_registers import (
    BUSINESS_OF_HONG_KONG,
    COMPANY_OF_HONG_KONG,
    CUSTOMS,
    LABELLED,
    NEW_OF_MALAYSIA,
    OLD_OF_MALAYSIA,
    numbers_in,
    of_hong_kong,
    of_malaysia,
    valid_in_taiwan,
    without_label,
)
from crmmigrate.matching.texts.bags import numbered, numbered_where_said
from crmmigrate.matching.texts.cells import Held, Plain, items_of, laid_out, matched
from crmmigrate.matching.texts.folding import texts_of
from crmmigrate.matching.texts.shared import ItemComparer
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
_READ_AS_DIGITS = str.maketrans("LB", "18")
"""Letters of credit codes that are read for digits too; in the places where there are only digits (`_DIGITS`) they are such for sure."""

_DIGITS = slice(1, 8)
"""Of a credit code the category and the region (GB 32100-2015)."""

_SEEN = str.maketrans("OQDILZSBGV", "000112586U")
"""Signs that are read for each other."""

_NOT_CODE = re.compile(r"[^0-9A-Z_@.-]")
_LABEL = re.compile(r"^(?:QQ号?码?|微信号?|WX|WECHAT)\s*[:：]\s*", re.IGNORECASE)
"""What account it is, before it: QQ:7573914."""

_HANDLE = r"^(?P<words>[A-Z](?:[_.-]?[A-Z]){2,}[_.-]?)[0-9]{1,4}$"
"""Words that were taken already, and digits to tell their bearers apart: WANGMING93 and WANGMING96, WANG_FANG1 and WANG_FANG2
are two people, not a slip."""

_OLD_TAX = re.compile(r"[1-8]\d{5}(?!\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}\Z)[0-9A-HJ-NPQRTUWXY]{9}")
"""A company's tax number until 2015: region and organisation code, which its unified social credit code contains (GB 32100-2015). That of
a single trader is an identity number of 15 digits; where there are only digits, the number at the registry looks the same."""

_ORGANISATION = re.compile(r"[0-9A-Z]{8}[0-9X]")
_REGISTRATION = r"^[1-8][0-9]{12}(?:[0-9]{2})?$"
"""A company's number at its registry until 2015, before 2007 of 13 digits, which begins with the region; a pattern of RE2."""

_OF_REGISTRY, _OF_BEARER = 1, 2
"""What a code may be: a number at a registry, or one that its bearer has wherever he is registered; of any other nobody knows which."""

_TRADER = r"^92[0-9A-Z]{16}$"
"""The credit code of a sole trader (GB 32100-2015: 9 for the registry of trade, 2 for 个体工商户); a pattern of RE2."""

_MASKED = re.compile(r"\*{2}")
_LEAST, _BRIEF, _SHORT, _REGISTERED, _WHOLE = 4, 8, 9, 15, 18
"""Characters of any code, of the number of a company of Taiwan or Hong Kong, of an organisation code, of a registration number and of a credit code."""

_LONGEST = 20
"""More have several codes of a cell together."""

_BROKEN = re.compile(r"\d(\.\d+)?E\+?\d+\Z|\d+\.0\Z")
NOBODYS = "|".join(("^[0-9]E[0-9]+$", "^0*1234567[0-9]*$", *(f"^{sign}+$" for sign in ORGANISATION_SIGNS + "_")))
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
    """Return a code as it is compared, or nothing where it was damaged (`9.133E+17`), masked (`3211**…`) or is filler (`000000`).

    Args:
        raw: folded text.
    """
    if _MASKED.search(raw):
        return ""
    code = of_malaysia(of_hong_kong(without_label(_NOT_CODE.sub("", _LABEL.sub("", raw).upper()))))
    if not code.isdigit() and _OLD_TAX.fullmatch(code):
        return _with_check(f"91{code}")
    if valid_organisation_code(tight := code.replace("-", "")):
        return tight
    if len(code) < _LEAST or _BROKEN.match(code) or CODE.match(code):
        return ""
    if len(code) == 18 and not code.isdigit():
        tight = code.translate(_LOOKALIKE)
        for read in (tight, f"{tight[0]}{tight[_DIGITS].translate(_READ_AS_DIGITS)}{tight[_DIGITS.stop :]}"):
            if valid_credit_code(read):
                return read
    return code


def make(values: Values, counts: np.ndarray) -> Comparer:
    """Return the comparer of codes.

    Args:
        values: distinct values of the role.
        counts: in how many records each stands.
    """
    return Codes(
        items_of(values, plain_codes, lambda cell: [*map(normal, numbers_in(cell))]), counts, len(LEVELS) - 1, "code"
    )


def plain_codes(cells: pa.Array, nobodys: str = NOBODYS) -> Plain:
    """Take apart the cells of letters and digits, but those as long as organisation codes and tax numbers."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    codes = pc.ascii_upper(pc.replace_substring(cells, " ", ""))
    length = pc.binary_length(codes).to_numpy()
    taken = matched(codes, "^[0-9A-Z_]*$") & (length != _SHORT) & (length != _REGISTERED)
    taken &= (length <= _LONGEST) & ~matched(codes, LABELLED)
    said = taken & (length >= _LEAST) & ~matched(codes, nobodys)
    which = np.flatnonzero(said)
    codes, length = codes.take(which), length[which]
    whole = (length == _WHOLE) & ~matched(codes, "^[0-9]*$")
    if whole.any():
        codes = pc.replace_with_mask(codes, pa.array(whole), _as_credit_codes(codes.filter(whole)))
    return Plain(taken, which, codes)


def _as_credit_codes(codes: pa.Array) -> pa.Array:
    """Return codes of 18 letters and digits, those that are credit codes but for characters that look alike as these."""
    import numpy as np

    given, read, digits = _signs(codes), _table(_LOOKALIKE), _table(_READ_AS_DIGITS)
    worth = np.full(128, -1, dtype=np.int16)
    worth[[ord(sign) for sign in CREDIT_SIGNS]] = range(len(CREDIT_SIGNS))
    signs, tight = given.copy(), read[given]
    done = np.zeros(len(given), dtype=bool)
    for part in (slice(0), _DIGITS):  # first as it is, then with digits where there are only such
        tight[:, part] = digits[tight[:, part]]
        values = worth[tight]
        checked = (31 - values[:, :-1] @ np.array(_WEIGHTS, dtype=np.int16) % 31) % 31
        right = (values >= 0).all(axis=1) & (checked == values[:, -1]) & ~done
        done |= right
        signs = np.where(right[:, None], tight, signs)
    return _written(signs)


def _table(read: dict[int, int]) -> np.ndarray:
    """Return which sign each sign is read as."""
    import numpy as np

    signs = np.arange(128, dtype=np.uint8)
    signs[list(read)] = list(read.values())
    return signs


def _signs(codes: pa.Array) -> np.ndarray:
    """Return the signs of codes of 18, a row for each code."""
    return laid_out(codes)[0].reshape(-1, _WHOLE)


def _written(signs: np.ndarray) -> pa.Array:
    import numpy as np
    import pyarrow as pa

    begins = np.arange(len(signs) + 1, dtype=np.int64) * _WHOLE
    return pa.LargeStringArray.from_buffers(len(signs), pa.py_buffer(begins), pa.py_buffer(np.ascontiguousarray(signs)))


class Codes(ItemComparer):
    """The comparer of codes, see `ItemComparer`."""

    def __init__(self, held: Held, counts: np.ndarray, last: int, kind: str) -> None:
        import numpy as np
        import pyarrow as pa
        import pyarrow.compute as pc

        super().__init__(held, counts, last, kind)
        items = texts_of(self.items)
        self.length = pc.binary_length(items).to_numpy()
        # A slip in the middle of eight digits leaves but three as they are on either side.
        brief = pa.array(self.length == _BRIEF)
        self.head = numbered(pc.utf8_slice_codeunits(items, 0, 4))
        self.tail = numbered(pc.utf8_slice_codeunits(items, -4))
        self.brief_head = numbered_where_said(pc.if_else(brief, pc.utf8_slice_codeunits(items, 0, 3), ""))
        self.brief_tail = numbered_where_said(pc.if_else(brief, pc.utf8_slice_codeunits(items, -3), ""))
        self.handle = numbered_where_said(pc.fill_null(pc.struct_field(pc.extract_regex(items, _HANDLE), "words"), ""))
        registered = matched(items, _REGISTRATION)
        # A credit code contains the organisation code that its bearer had before, and so did his tax number.
        self.short = self.length == _SHORT
        taxed = np.flatnonzero(registered & (self.length == _REGISTERED))
        taxed = taxed[[valid_organisation_code(code[-_SHORT:]) for code in items.take(pa.array(taxed)).to_pylist()]]
        within = pc.if_else(self.length == _WHOLE, pc.utf8_slice_codeunits(items, 8, 17), "")
        self.short[taxed] = True
        ends = pc.utf8_slice_codeunits(items, -_SHORT)
        self.organisation = numbered_where_said(pc.if_else(self.short, ends, within))
        whole = np.flatnonzero(self.length == _WHOLE)
        self.seen = np.full(len(items), -1, dtype=np.int64)
        self.seen[whole] = numbered(_written(_table(_SEEN)[_signs(items.take(pa.array(whole)))]))
        """A number for each way in which codes as long as credit codes look, however their signs were read."""
        malaysian = matched(items, NEW_OF_MALAYSIA).astype(np.int8) - matched(items, OLD_OF_MALAYSIA)
        customs = matched(items, CUSTOMS).astype(np.int8) - ((self.length == _WHOLE) | self.short | registered)
        of_hong_kong = matched(items, BUSINESS_OF_HONG_KONG).astype(np.int8) - matched(items, COMPANY_OF_HONG_KONG)
        self.registers = (malaysian, customs, of_hong_kong)
        """1 and -1 for the numbers of one company in two registers, which say nothing of each other."""
        self.tells = np.ones(len(items), dtype=bool)
        """Whether two things cannot have another such code each."""
        owners = np.repeat(np.arange(len(self.bag.sizes)), self.bag.sizes)
        self.kinds = np.zeros(len(self.bag.sizes), dtype=np.int8)
        organisation = (self.length == _SHORT) & matched(items, f"^{_ORGANISATION.pattern}$")
        bearers = (self.length == _WHOLE) | organisation
        for bit, which in ((_OF_REGISTRY, ~bearers), (_OF_BEARER, ~registered)):
            self.kinds[owners[which[self.bag.items]]] |= bit
        self.traders = np.zeros(len(self.bag.sizes), dtype=bool)
        """Which values hold the credit code of a sole trader."""
        self.traders[owners[matched(items, _TRADER)[self.bag.items]]] = True

    def compare(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        """Return the level of each pair of value indices; a registration number says nothing of a credit code, nor of the organisation code in it."""
        levels = super().compare(left, right)
        levels[(levels == self.last) & (self.kinds[left] & self.kinds[right] == 0)] = -1
        return levels

    def relate(self, one: np.ndarray, other: np.ndarray) -> np.ndarray:
        """Return the level of pairs of different codes: one contains the other, they differ by a slip, or they are two."""
        import numpy as np
        from rapidfuzz.distance import OSA
        from rapidfuzz.process import cpdist

        levels = np.full(len(one), self.last, dtype=np.int8)
        levels[
            (self.organisation[one] == self.organisation[other])
            & (self.organisation[one] >= 0)
            & (self.length[one] != self.length[other])
        ] = 0
        # One slip leaves the head or the tail of a code of eight characters and more as it is.
        half = (self.head[one] == self.head[other]) | (self.tail[one] == self.tail[other])
        half |= (self.brief_head[one] == self.brief_head[other]) & (self.brief_head[one] >= 0)
        half |= (self.brief_tail[one] == self.brief_tail[other]) & (self.brief_tail[one] >= 0)
        half &= (self.handle[one] < 0) | (self.handle[one] != self.handle[other])
        close = np.flatnonzero(half & (np.minimum(self.length[one], self.length[other]) >= 8))
        if len(close):
            a, b = self.texts(one[close]), self.texts(other[close])
            distance = cpdist(a, b, scorer=OSA.distance, score_cutoff=1)
            for index in np.flatnonzero(distance <= 1):
                if not (self._sure(a[index]) and self._sure(b[index])):
                    levels[close[index]] = 1
        close = np.flatnonzero((self.seen[one] == self.seen[other]) & (self.seen[one] >= 0) & (levels == self.last))
        texts = zip(self.texts(one[close]), self.texts(other[close]), strict=True)
        levels[close[[not (self._sure(a) and self._sure(b)) for a, b in texts]]] = 1
        for register in self.registers:
            levels[register[one] * register[other] < 0] = -1
        return levels

    def candidate_keys(self) -> list[tuple[str, np.ndarray, np.ndarray]]:
        """Return every item as a key, and the organisation codes where some records have no other."""
        if not self.short.any():
            return super().candidate_keys()
        return [*super().candidate_keys(), self.keyed("organisation", self.organisation)]

    @staticmethod
    def _sure(code: str) -> bool:
        # One in 31 ID numbers would pass for a credit code.
        if _IDENTITY.fullmatch(code):
            return valid_identity(code)
        return valid_credit_code(code) or valid_in_taiwan(code)
