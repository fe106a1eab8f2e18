"""Telephone numbers: sets of them, in any form, with or without area code."""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING

from crmmigrate.matching import SEPARATOR, Comparer, Level, Tally
from crmmigrate.matching.phones.dialling_codes import LEAST, LONGEST_CODE, with_code
from crmmigrate.matching.phones.mobiles import LANDLINES, MAINLAND, MOBILES, TAIWAN, TAIWAN_DIGITS, national
from crmmigrate.matching.phones.plain import plain_phones
from crmmigrate.matching.texts.bags import hashed, numbered
from crmmigrate.matching.texts.cells import Held, Plain, items_of, mask, matched, replaced
from crmmigrate.matching.texts.folding import texts_of
from crmmigrate.matching.texts.shared import ItemComparer
from crmmigrate.messages import Message
from crmmigrate.model.placeholders import NUMBER

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np
    import pyarrow as pa

    from crmmigrate.matching import Values

LEVELS = (
    Level("same", Message("a phone in common"), 0.60, 3e-4, by_frequency=True, shared=True),
    Level("same_local", Message("the same number, one without area or country code"), 0.05, 1e-4),
    Level("masked", Message("the same digits as far as they are shown"), 0.03, 5e-6, shared=True),
    Level("hotline", Message("a service number in common (400, 800, 95…)"), 0.02, 3e-5, by_frequency=True, shared=True),
    Level("slip", Message("mobiles that differ in one digit or in two that are exchanged"), 0.02, 5e-5),
    Level("different", Message("different phones"), 0.35, 0.999),
)
_LOCAL, _MASKED_ALIKE, HOTLINE, _SLIP = 1, 2, 3, 4
_TAIL = 7
"""Digits of a number without area code, or one more."""

_EXTENSION = re.compile(
    r"(?:转|分机|ext[.=]?|[x#])\s*\d+|(?:(?<=\d{7})\s*-|(?<=\d{8})\*)\s*\d{1,6}(?!\d)", re.IGNORECASE
)
_BETWEEN = re.compile(r"[;,、/|\n或和]|\s{2,}")
_DIGIT, _NOT_DIGIT, _DECIMAL = re.compile(r"\d"), re.compile(r"\D"), re.compile(r"\.0\Z")
_BEFORE_EXTENSION = 7
_SEVERAL = 18
"""Digits that are more than one number has."""

_SPACED = re.compile(
    r"(?<!\d)(?:(?:\+|00)?86[ -]?)?(?:1[3-9]\d[ -]?\d{4}[ -]?\d{4}|\(?0?(?:10|2\d|[3-9]\d\d)\)?[ -]?[2-8]\d{2,3}[ -]?\d{4})(?!\d)"
)
"""Numbers of the mainland with nothing but blanks between them: 0571-88886666 13912345678."""

_MOBILE_DIGITS = 11
_NORTH_AMERICA = re.compile(r"(?:\+|(?<!\d)00)1[ .(-]+([2-9]\d\d)[ .)-]*([2-9]\d\d)[ .-]*(\d{4})(?!\d)")
"""+1 312 555 0199: without its code, as it is dialled there; with the code some look like mobiles of the mainland."""

_DIALLED = re.compile(r"1(?:[.-]| ?\()([2-9]\d\d)[ .)-]+([2-9]\d\d)[ .-](\d{4})(?!\d)")
"""1-312-555-0199, as it is dialled for long distances; nobody writes a mobile of the mainland so."""

_PUNCTUATION = str.maketrans("", "", "-+() ")
_TRUNK = re.compile(r"(?:(?:00+)?86|086(?=\d{10}))?0*")
"""086 138… is the mainland's, and 0865 757 8823 begins with a number of its own."""

_EXPONENT, _WHOLE_EXPONENT = re.compile(r"\d\.\d+e\+?\d{1,2}"), re.compile(r"(\d)\.(\d{10})e\+?10")
"""A number as Excel shows it in a narrow column; with ten decimals nothing of a mobile is lost."""

_LANDLINE = re.compile(LANDLINES, re.ASCII)
_MASKED = re.compile(r"\*{2}")
_HIDDEN = re.compile(r"(?<!\d)(1[3-9]\d)[*x]{4}(\d{4})(?!\d)")
"""A mobile as shops and delivery services print it: 138****5678."""

_VIRTUAL = re.compile(r"(?<!\d)(?:86)?1[3-9]\d{9}\s*(?:转|ext\.?|[-,_#])\s*\d{2,5}(?!\d)")
"""A number that a shop lends to strangers, one after the other, with what tells them apart: a mobile has no extensions."""

_HOTLINES = r"^(?:[48]00\d{7}|9[56]\d{3,4})$"
"""Numbers at which a company or a chain answers for all its houses; a pattern of RE2."""

_AREA = re.compile(r"^(10|2\d|[3-9]\d\d)(?<!400)(?<!800)\d{7,8}$", re.MULTILINE)
"""The area code of a landline of the mainland, without its 0."""

_ONE_PERSONS = 5
"""Records with one mobile that may well be one person's, before it counts as a common one."""


def numbers(cell: str) -> list[str]:
    """Return the national numbers in a cell of folded text: mobiles as 11 digits, others with area code but without 0.

    A mobile of Taiwan written as there (0912 345 678) gets its code. Extensions are left off; fillers (`00000000`, `12345678`), numbers lent by shops and what Excel cut (`1.38E+10`) are no numbers. Of
    a masked mobile the first three and last four digits are returned, a star between them; other masked numbers are none.
    """
    if not cell:
        return []
    if len(cell) == _MOBILE_DIGITS and MAINLAND.fullmatch(cell):
        return [] if NUMBER.match(cell) else [cell]
    hidden = [f"{head}*{tail}" for head, tail in _HIDDEN.findall(cell)] if "*" in cell or "x" in cell else []
    if len(cell) > _MOBILE_DIGITS:
        cell = _VIRTUAL.sub(" ; ", cell)
    if "e" in cell:
        cell = _EXPONENT.sub(" ; ", _WHOLE_EXPONENT.sub(r"\1\2", cell))
    found: dict[str, None] = dict.fromkeys(hidden)
    if "+1" in cell or "001" in cell:
        cell = _NORTH_AMERICA.sub(r"\1\2\3", cell)
    elif cell.startswith(("1-", "1.", "1(", "1 (")):
        cell = _DIALLED.sub(r"\1\2\3", cell, count=1)
    for part in _parts(cell.replace("(0)", "")):  # +49 (0)212 … is dialled without it
        digits = part
        if len(digits) >= _SEVERAL and (mobiles := MAINLAND.findall(digits)):
            found.update(dict.fromkeys(mobiles))
            continue
        if len(digits) > 9:
            digits = digits[_TRUNK.match(digits).end() :]  # type: ignore[union-attr]
        digits = digits.lstrip("0")
        if len(part) == TAIWAN_DIGITS and len(digits) == TAIWAN_DIGITS - 1 and digits[0] == "9":
            digits = f"{TAIWAN}{digits}"
        if 5 <= len(digits) <= 15 and not NUMBER.match(digits):
            found[digits] = None
    return list(found)


def _parts(cell: str) -> list[str]:
    """Return the digits of each number in a cell."""
    tight = cell.translate(_PUNCTUATION)
    # One number in the usual form; an extension stands behind seven digits and a dash.
    if tight.isdigit() and tight.isascii() and all(len(part) < _BEFORE_EXTENSION for part in cell.split("-")[:-1]):
        return [tight] if len(tight) < _SEVERAL else _spaced(cell)
    return [
        digits
        for part in _BETWEEN.split(_EXTENSION.sub(" ; ", cell))
        for digits in ([""] if _MASKED.search(part) else _spaced(_DECIMAL.sub("", part.strip()).replace("o", "0")))
    ]


def _spaced(part: str) -> list[str]:
    """Return the digits of a number, or of several that are told apart by blanks alone, where nothing is left beside them."""
    digits = _NOT_DIGIT.sub("", part)
    if len(digits) >= _SEVERAL and " " in part.strip():
        several = _SPACED.findall(part)
        if len(several) > 1 and not _DIGIT.search(_SPACED.sub("", part)):
            return [_NOT_DIGIT.sub("", one) for one in several]
    return [digits]


def make(values: Values, counts: np.ndarray, only: str = "", said: Sequence[int] = ()) -> Comparer:
    """Return the comparer of phones.

    Args:
        values: distinct values of the role.
        counts: in how many records each stands.
        only: `mobile` or `landline` to leave the other kind out.
        said: the places in each value of the cells whose header says that they are mobiles, even where they look like other numbers.
    """
    held = items_of(values, plain_phones, numbers)
    if only:
        wanted = matched(held.texts, MOBILES) == (only == "mobile")
        held = Held(held.texts.filter(wanted), held.owners[wanted], held.values)
    if said:
        held = _with_those_said(held, _at(values, said))
    return _Phones(held, counts, len(LEVELS) - 1, "phone", personal=only == "mobile")


def _at(values: Values, places: Sequence[int]) -> pa.Array:
    """Return values of which only the cells at some places are left."""
    import pyarrow as pa
    import pyarrow.compute as pc

    lists = pc.split_pattern(pa.array(values, pa.large_string()), SEPARATOR)
    cells = [pc.list_element(lists, place) for place in places]
    return pc.binary_join_element_wise(*cells, pa.scalar(SEPARATOR, pa.large_string()))


def _with_those_said(held: Held, values: pa.Array) -> Held:
    """Return mobiles with all numbers of other cells but landlines of the mainland; all of them without the code of their country, which some lack."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    def plain(cells: pa.Array) -> Plain:
        return plain_phones(replaced(cells, pc.match_substring_regex(cells, LANDLINES), "(?s)^.*$", ""))

    more = items_of(values, plain, lambda cell: [] if _LANDLINE.search(cell) else numbers(cell))
    texts = pa.concat_arrays([national(held.texts), national(more.texts)])
    owners = np.r_[held.owners, more.owners]
    order = np.argsort(owners, kind="stable")
    return Held(texts.take(pa.array(order)), owners[order], held.values)


class _Phones(ItemComparer):
    def __init__(self, held: Held, counts: np.ndarray, last: int, kind: str, *, personal: bool) -> None:
        import numpy as np
        import pyarrow.compute as pc

        super().__init__(held, counts, last, kind)
        items = texts_of(self.items)
        self.personal = personal
        self.landline = ~matched(items, MOBILES) & (not personal)
        self.hidden = mask(pc.match_substring(items, "*"))
        self.shadowed = self.hidden.copy()
        """Whether some masked mobile of the table shows the same digits."""
        if self.hidden.any():
            self.shadowed |= np.isin(self.shown, self.shown[self.hidden]) & ~self.landline
        self.hotline = matched(items, _HOTLINES)
        self.length = pc.utf8_length(items).to_numpy().astype(np.int64)
        self.dialled = ~matched(items, rf"^{MAINLAND.pattern}$|\*") & (not personal)
        """Which may be written without a code: all but mobiles of the mainland."""
        self.tail = np.full(len(items), -1)
        self.tail[self.dialled] = hashed(pc.utf8_slice_codeunits(items.filter(self.dialled), -_TAIL))
        before = pc.utf8_slice_codeunits(items, -_TAIL - 1, -_TAIL).dictionary_encode()
        signs = np.array([ord(sign or "\0") for sign in before.dictionary.to_pylist()], dtype=np.int32)
        self.before = signs[before.indices.to_numpy()]
        self.head = numbered(pc.utf8_slice_codeunits(items, 0, 2))
        self.end = numbered(pc.utf8_slice_codeunits(items, -2))

    def relate(self, one: np.ndarray, other: np.ndarray) -> np.ndarray:
        import numpy as np

        levels = np.full(len(one), self.last, dtype=np.int8)
        short, longer = (
            np.minimum(self.length[one], self.length[other]),
            np.maximum(self.length[one], self.length[other]),
        )
        local = (short >= _TAIL) & (short <= _TAIL + 1) & (longer >= short + 2) & (self.tail[one] == self.tail[other])
        # One of seven digits is the tail itself; of one of eight, the digit before it is in question.
        local &= (short == _TAIL) | (self.before[one] == self.before[other])
        local &= self.landline[one] & self.landline[other]
        levels[local | self._coded(one, other)] = _LOCAL
        levels[self._slip(one, other) & (levels == self.last)] = _SLIP
        return self._masked(one, other, levels)

    def _coded(self, one: np.ndarray, other: np.ndarray) -> np.ndarray:
        """Return where one number is the other with the code of its country before it."""
        import numpy as np

        a, b = self.length[one], self.length[other]
        result = self.dialled[one] & self.dialled[other] & (self.tail[one] == self.tail[other])
        result &= (np.minimum(a, b) >= LEAST) & (a != b) & (np.abs(a - b) <= LONGEST_CODE)
        near = np.flatnonzero(result)
        if len(near):
            left, right = (np.array(self.texts(side[near])).astype(np.int64) for side in (one, other))
            shorter, longer = np.minimum(left, right), np.maximum(left, right)
            result[near] = with_code(longer, shorter, np.minimum(a, b)[near])
        return np.asarray(result)

    def _levels(self, one: np.ndarray, other: np.ndarray) -> np.ndarray:
        import numpy as np

        levels = super()._levels(one, other)
        levels[(one == other) & self.hidden[one]] = _MASKED_ALIKE
        levels[(one == other) & self.hotline[one]] = HOTLINE
        return np.asarray(levels)

    @cached_property
    def shown(self) -> np.ndarray:
        """A number for the digits that a masked mobile shows, and a whole one would."""
        import pyarrow as pa
        import pyarrow.compute as pc

        items = texts_of(self.items)
        ends = pc.utf8_slice_codeunits(items, 0, 3), pc.utf8_slice_codeunits(items, -4)
        return hashed(pc.binary_join_element_wise(*ends, pa.scalar("", items.type)))

    def _masked(self, one: np.ndarray, other: np.ndarray, levels: np.ndarray) -> np.ndarray:
        """Say of masked mobiles whether the digits that are shown are the same."""
        masked = self.hidden[one] | self.hidden[other]
        if masked.any():
            levels[masked] = self.last
            mobiles = ~(self.landline[one] | self.landline[other])
            levels[masked & mobiles & (self.shown[one] == self.shown[other])] = _MASKED_ALIKE
        return levels

    def tallies(self) -> list[Tally]:
        """Return in how many records each number stands, and which digits masked mobiles show."""
        import numpy as np

        seen = np.unique(self.shown[self.hidden]) if self.hidden.any() else np.zeros(0, dtype=np.int64)
        return [*super().tallies(), Tally.of_set(seen)]

    def recount(self, times: Sequence[Callable[[np.ndarray], np.ndarray]]) -> None:
        """Take the numbers to stand in so many records, and masked mobiles to show these digits."""
        super().recount(times[:1])
        self.shadowed = self.hidden | (~self.landline & (times[1](self.shown) > 0))

    def others(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        """Return how many further records share the rarest common item; of a mobile, more than are one person's as a rule."""
        import numpy as np

        found = super().others(left, right)
        return np.maximum(found - (_ONE_PERSONS - 2), 0) if self.personal else found

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
            left, right = self.texts(one[near]), self.texts(other[near])
            result[near] = cpdist(left, right, scorer=OSA.distance, score_cutoff=1) <= 1
        return result

    def areas_of(self, values: np.ndarray) -> np.ndarray:
        """Return the area code of each value's first landline of the mainland, -1 where it has none."""
        import numpy as np

        met, which = np.unique(values, return_inverse=True)
        begins = zip(self.bag.starts[met].tolist(), self.bag.sizes[met].tolist(), strict=True)
        held = ("\n".join(self.texts(self.bag.items[start : start + size])) for start, size in begins)
        areas = [int(found[1]) if (found := _AREA.search(texts)) else -1 for texts in held]
        return np.asarray(np.array(areas, dtype=np.int64)[which])

    def lines(self) -> np.ndarray:
        """Return the end of a number that may be written without its code, and others as they are."""
        import numpy as np

        return np.asarray(np.where(self.dialled, self.tail, self.numbers))

    def candidate_keys(self) -> list[tuple[str, np.ndarray, np.ndarray]]:
        import numpy as np

        shown = np.where(self.shadowed, self.shown, -1) if self.shadowed.any() else np.full(len(self.items), -1)
        return [
            *super().candidate_keys(),
            self.keyed("local", np.where(self.dialled, self.tail, -1)),
            self.keyed("masked", shown),
        ]
