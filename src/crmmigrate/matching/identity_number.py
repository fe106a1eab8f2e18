"""Identity numbers of residents of the mainland (GB 11643-1999), also masked ones, and numbers of other documents: who has a passport has an identity card as well."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING

from crmmigrate.matching import Level
from crmmigrate.matching.code import LEVELS as CODE_LEVELS
from crmmigrate.matching.code import NOBODYS, Codes, normal, plain_codes, valid_identity
from crmmigrate.matching.documents import in_sequence, renewed
from crmmigrate.matching.numbers_of_registers import BORN_IN_1900, of_resident
from crmmigrate.matching.texts.cells import items_of, matched
from crmmigrate.matching.texts.folding import texts_of
from crmmigrate.messages import Message

if TYPE_CHECKING:
    import numpy as np

    from crmmigrate.matching import Comparer, Values
    from crmmigrate.matching.texts.cells import Held

LEVELS = (
    *CODE_LEVELS[:-1],
    Level("masked", Message("the same digits as far as they are shown"), 0.03, 1e-5),
    Level(
        "other_document", Message("different numbers of documents that are issued anew, as passports are"), 0.30, 0.95
    ),
    CODE_LEVELS[-1],
)
_MASKED, _OTHER_DOCUMENT = len(LEVELS) - 3, len(LEVELS) - 2

_TYPO = 1

_SHOWN = re.compile(r"(\d{0,14})\*{2,}(\d{0,8}[0-9X])?")
"""3301**********1234: the digits before the stars and behind them."""

_TELLING = 8
"""So many digits must be shown to speak for one person: of a region and a serial number."""

_LONG = 15
"""Digits of an identity number at least, also of one that is mistyped; numbers of other documents have fewer signs."""


def make(values: Values, counts: np.ndarray, *, documents: bool = False) -> Comparer:
    """Return the comparer of identity numbers.

    Args:
        values: distinct values of the role.
        counts: in how many records each stands.
        documents: whether they are of whatever document somebody showed, see `documents`.
    """
    held = items_of(values, partial(plain_codes, nobodys=f"{NOBODYS}|{BORN_IN_1900}"), lambda cell: [number(cell)])
    return _Identities(held, counts, documents=documents)


def number(raw: str) -> str:
    """Return an identity number as it is compared: one of 15 digits with its 18, of a masked one what is shown and a star between; nothing where there is none.

    Args:
        raw: folded text.
    """
    tight = raw.upper().replace(" ", "")
    if (shown := _SHOWN.fullmatch(tight)) is not None:
        return "*".join((shown[1], shown[2] or "")) if shown[1] or shown[2] else ""
    whole = of_resident(re.sub(r"[^0-9A-Z]", "", tight))
    return normal(raw) if whole is None else whole


class _Identities(Codes):
    def __init__(self, held: Held, counts: np.ndarray, *, documents: bool) -> None:
        import numpy as np
        import pyarrow.compute as pc

        super().__init__(held, counts, len(LEVELS) - 1, "code")
        items = texts_of(self.items)
        self.hidden = matched(items, r"\*")
        resident = self.hidden | matched(items, rf"^[0-9]{{{_LONG}}}")
        self.tells = resident & ~self.hidden
        self.telling = ~self.hidden | (pc.utf8_length(items).to_numpy() > _TELLING)
        owners = np.repeat(np.arange(len(self.bag.sizes)), self.bag.sizes)
        self.kinds[:] = 0
        for bit, which in ((1, resident), (2, ~resident)):
            self.kinds[owners[which[self.bag.items]]] |= bit
        self.renewed = np.zeros(len(items), dtype=bool)
        """Whether items are numbers of documents that are issued anew, where there may be such."""
        if documents:
            others = np.flatnonzero(~resident)
            self.renewed[others] = [*map(renewed, self.texts(others))]
        self.lasting = np.zeros(len(self.bag.sizes), dtype=bool)
        """Which values hold a number that its bearer has for life."""
        self.lasting[owners[~self.renewed[self.bag.items]]] = True

    def compare(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        """Return the level of each pair of value indices: a passport is issued anew."""
        levels = super().compare(left, right)
        levels[(levels == self.last) & ~self.lasting[left] & ~self.lasting[right]] = _OTHER_DOCUMENT
        return levels

    def relate(self, one: np.ndarray, other: np.ndarray) -> np.ndarray:
        """Return the level of pairs of different numbers; passports of a family are numbered one behind the other."""
        import numpy as np

        levels = super().relate(one, other)
        close = np.flatnonzero((levels == _TYPO) & self.renewed[one] & self.renewed[other])
        texts = zip(self.texts(one[close]), self.texts(other[close]), strict=True)
        levels[close[[in_sequence(a, b) for a, b in texts]]] = self.last
        return levels

    def candidate_keys(self) -> list[tuple[str, np.ndarray, np.ndarray]]:
        """Return every number as a key, but masked ones that show little."""
        import numpy as np

        return [self.keyed(self.kind, np.where(self.telling, self.numbers, -1))]

    def _levels(self, one: np.ndarray, other: np.ndarray) -> np.ndarray:
        import numpy as np

        levels = super()._levels(one, other)
        masked = np.flatnonzero(self.hidden[one] | self.hidden[other])
        texts = zip(self.texts(one[masked]), self.texts(other[masked]), strict=True)
        levels[masked] = [self._masked(a, b) for a, b in texts]
        return levels

    @staticmethod
    def _sure(code: str) -> bool:
        return valid_identity(code)

    def _masked(self, one: str, other: str) -> int:
        """Return the level of two numbers of which one at least is masked; -1 where too little is shown to say that they are one."""
        heads, tails = ([text.split("*")[end] for text in (one, other)] for end in (0, -1))
        sides = (heads, [tail[::-1] for tail in tails])
        shown = [min(len(a), len(b)) for a, b in sides]
        if any(a[:size] != b[:size] for (a, b), size in zip(sides, shown, strict=True)):
            return self.last
        return _MASKED if sum(shown) >= _TELLING else -1
