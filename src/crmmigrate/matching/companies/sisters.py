"""Sister companies in letters: registered names of one brand that both go on with another trade, or of which one is a holding's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmmigrate.matching import named
from crmmigrate.matching.companies.levels import LEVELS, MISTYPED
from crmmigrate.matching.companies.terms import said_of
from crmmigrate.matching.texts.bags import distinct, hashed
from crmmigrate.matching.texts.cells import matched

if TYPE_CHECKING:
    import numpy as np

    from crmmigrate.matching.companies.name_columns import Names

_FORM, _OTHER, _SISTER = named(LEVELS, "form", "other_company", "sister")
_MOTHERS = ("Holding", "Verwaltung")
_OWNERS = (
    r"\b(?:realty|properties|property|leasing|capital|investments|ventures|estates|foundation|trust|immobilien|grundbesitz|grundstucks|vermogensverwaltung|stiftung|immobiliere?|fonciere|"
    r"sci|vastgoed|beheer|stichting|inmobiliaria|inversiones|immobiliare|participacoes|imoveis|patrimonial)\b"
)
"""What those do that own, let or endow, beside the company that trades; a pattern of RE2."""

_STEM, _SLIP = 5, 4
"""So many letters at the head of a trade tell that it is one written otherwise (Consulting, Consultants); in so many one may be wrong."""

_TWO_TRADES = frozenset(("electrical", "electronic"))
"""Trades that begin alike; Elec. may be either."""


class Sisters:
    """The words of names in letters by which sister companies are told.

    Args:
        said: the names.
    """

    def __init__(self, said: Names) -> None:
        import numpy as np
        import pyarrow as pa

        self.written, self.words = said.words
        firsts = said.romans.mapped(lambda heads: heads[0] if heads else "")
        brands = (
            np.where(firsts.true(), hashed(firsts.values)[firsts.codes], -1) if len(firsts.values) else firsts.codes
        )
        # A name without a legal form may be what any of them is called for short.
        formal = said.words.true() & said.kind.true()
        self.brand = np.where(formal, brands, -1)
        self.mother = said.kind.each(lambda kind: kind in _MOTHERS)
        self.owner = matched(pa.array(self.words, pa.large_string()), _OWNERS)[self.written] | self.mother

    def lowered(self, levels: np.ndarray, one: np.ndarray, other: np.ndarray) -> np.ndarray:
        """Return the levels of pairs of names that are no higher than sisters reach."""
        import numpy as np

        brand = self.brand[one]
        same = (brand >= 0) & (brand == self.brand[other]) & (levels < _SISTER)
        mothers = same & (self.mother[one] != self.mother[other])
        levels[mothers & (levels < _OTHER)] = _OTHER
        rest = np.flatnonzero(same & (levels > _FORM) & (self.written[one] != self.written[other]))
        if len(rest):
            count = len(self.words)
            a, b = self.written[one[rest]].astype(np.int64), self.written[other[rest]]
            inverse, pairs = distinct(a * count + b)
            found = [self._other_trade(pair // count, pair % count) for pair in pairs.tolist()]
            levels[rest[np.array(found, dtype=bool)[inverse]]] = _SISTER
        self._part_owners(levels, one, other)
        return levels

    def _part_owners(self, levels: np.ndarray, one: np.ndarray, other: np.ndarray) -> None:
        """Lower the levels of pairs of which one is a holding or owns what the other trades with, whose own trade that lacks: Chevalier Holding and Menuiserie Chevalier."""
        import numpy as np

        told = (self.owner[one] != self.owner[other]) & (levels < _OTHER) & ~np.isin(levels, MISTYPED)
        rest = np.flatnonzero(told)
        if not len(rest):
            return
        swap = self.owner[other[rest]]
        owner, trader = np.where(swap, other[rest], one[rest]), np.where(swap, one[rest], other[rest])
        inverse, pairs = distinct(self.written[owner].astype(np.int64) * len(self.words) + self.written[trader])
        found = [self._owns(pair // len(self.words), pair % len(self.words)) for pair in pairs.tolist()]
        apart = np.array(found, dtype=bool)[inverse]
        levels[rest[apart]] = np.where(self.mother[owner[apart]], _OTHER, _SISTER)

    def _owns(self, owner: int, trader: int) -> bool:
        """Return whether two names have words in common, and a company that trades has one of its own that the owner's lacks."""
        mine, its = (frozenset(said_of(self.words[text])) for text in (owner, trader))
        return bool(its - mine and its & mine) and (mine <= its or self._other_trade(owner, trader))

    def _other_trade(self, one: int, other: int) -> bool:
        """Return whether each of two names has words that the other lacks, and these are not the same words with a slip or written short."""
        from rapidfuzz.distance import OSA

        mine, its = set(self.words[one].split()), set(self.words[other].split())
        mine, its = mine - its, its - mine
        if not mine or not its:
            return False
        a, b = " ".join(sorted(mine)), " ".join(sorted(its))
        if {a, b} == _TWO_TRADES:
            return True
        if a.startswith(b) or b.startswith(a) or a[:_STEM] == b[:_STEM]:
            return False
        return OSA.distance(a, b) > max(1, max(len(a), len(b)) // _SLIP)
