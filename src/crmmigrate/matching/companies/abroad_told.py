"""How far company names in letters may be one's: other legal forms, numbers and places behind a name, and names that many have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmmigrate.matching import by_name, named
from crmmigrate.matching.companies.abroad import Abroad
from crmmigrate.matching.companies.legal_forms import ABROAD, ALIKE, related
from crmmigrate.matching.companies.levels import LEVELS, MISTYPED
from crmmigrate.matching.texts.bags import numbered

if TYPE_CHECKING:
    import numpy as np

    from crmmigrate.matching.companies.name_columns import Names

_AT = by_name(LEVELS)
_SAME, _NAMESAKE, _FORM, _PLACED, _LAW, _OTHER, _NUMBERED, _DIFFERENT = named(
    LEVELS, "same", "namesake", "form", "placed", "other_law", "other_company", "other_number", "different"
)
_CALLED_AFTER, _SHORT = _AT["called_after"], _AT["short"]
_LETTERS_LOST = 2
"""Letters that may be missing of what is called after a body."""

_CHINESE = Abroad()


class AbroadTold:
    """What names in letters tell beside brand and trade.

    Args:
        said: the names.
    """

    def __init__(self, said: Names) -> None:
        import numpy as np
        import pyarrow as pa
        import pyarrow.compute as pc

        self.latin = said.abroad.true()
        if not self.latin.any():
            return
        told = said.abroad.mapped(lambda name: name or _CHINESE)
        forms = told.mapped(lambda name: name.form)
        self.form = forms.codes
        self.relation = np.array(
            [[related(one, other) for other in forms.values] for one in forms.values], dtype=np.int8
        )
        bases = told.mapped(lambda name: name.base)
        at = np.flatnonzero(self.latin)
        texts = pa.array(bases.values, pa.large_string()).take(pa.array(bases.codes[at]))
        numbers = numbered(pa.concat_arrays([said.core.take(pa.array(at)), texts]))
        self.base = np.zeros(len(self.latin), dtype=np.int32)
        self.base[at] = np.where(bases.true()[at], numbers[len(at) :], numbers[: len(at)])
        self.tail = told.mapped(lambda name: name.tail).where_said()
        self.number = told.mapped(lambda name: name.number).where_said()
        self.common = told.each(lambda name: name.common)
        self.part = told.mapped(lambda name: name.part).where_said()
        self.within = told.each(lambda name: name.within)
        self.length = pc.utf8_length(said.core).to_numpy().astype(np.int32)

    def lowered(self, levels: np.ndarray, one: np.ndarray, other: np.ndarray) -> np.ndarray:
        """Return the levels of pairs of names that are no higher than what both tell allows."""
        import numpy as np

        rest = np.flatnonzero(self.latin[one] & self.latin[other])
        if len(rest):
            levels[rest] = self._lowered(levels[rest], one[rest], other[rest])
        return levels

    def _lowered(self, levels: np.ndarray, one: np.ndarray, other: np.ndarray) -> np.ndarray:
        import numpy as np

        same = self.base[one] == self.base[other]
        placed = self.tail[one] != self.tail[other]
        a, b = self.number[one], self.number[other]
        levels[same & ~placed & (self.tail[one] >= 0) & (a == b) & (levels > _SAME)] = _SAME  # #12 is Store No. 12
        relation = self.relation[self.form[one], self.form[other]]
        levels[(relation != ALIKE) & (levels < _FORM)] = _FORM
        levels[self.common[one] & self.common[other] & (levels < _NAMESAKE)] = _NAMESAKE
        # A unit and the company itself, or Dallas and Denver.
        levels[same & placed & ((levels < _PLACED) | (levels == _DIFFERENT))] = _PLACED
        abroad = (relation == ABROAD) & (levels < _OTHER)
        levels[abroad] = np.where(levels[abroad] <= _FORM, _LAW, _OTHER)
        numbered_apart = same & (a >= 0) & (b >= 0) & (a != b)
        levels[numbered_apart & ((levels < _NUMBERED) | (levels == _DIFFERENT))] = _NUMBERED
        levels[self._called_after(one, other, levels)] = _CALLED_AFTER
        return levels

    def _called_after(self, one: np.ndarray, other: np.ndarray, levels: np.ndarray) -> np.ndarray:
        """Return where one is a body and the other is called after it, or two things are: Miami University and its library."""
        import numpy as np

        a, b = self.part[one], self.part[other]
        apart = (a != b) & (((a >= 0) & (b >= 0)) | self.within[one] | self.within[other])
        apart &= (levels != _SHORT) | (np.abs(self.length[one] - self.length[other]) > _LETTERS_LOST)
        return np.asarray(apart & (levels < _CALLED_AFTER) & ~np.isin(levels, MISTYPED))
