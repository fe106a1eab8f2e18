"""Companies as people's employers: the more people of a company a table has, the less it says that two of them are of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmmigrate.matching import Tally
from crmmigrate.matching.company_name import Companies
from crmmigrate.matching.texts.bags import hashed

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np

    from crmmigrate.matching.companies.name_columns import Names
    from crmmigrate.matching.texts.bags import Bags

_FEW = 5
"""So many people of one company a table may well have before that says anything: one person stands in it several times."""


class Employers(Companies):
    """The comparer of company names that also counts the records of each company.

    Args:
        bag: see `Companies`.
        names: see `Companies`.
        counts: in how many records each distinct value stands.
    """

    def __init__(self, bag: Bags, names: Names, counts: np.ndarray) -> None:
        import numpy as np
        import pyarrow as pa
        import pyarrow.compute as pc

        super().__init__(bag, names, counts)
        nameless = self.first < 0
        self.employer = hashed(pc.fill_null(names.full.take(pa.array(self.first, mask=nameless)), ""))
        """A number for the company of each value."""
        _, self.one, which = np.unique(self.employer, return_index=True, return_inverse=True)
        self.people = np.bincount(which, weights=counts, minlength=len(self.one))[which]
        self.people[nameless] = 0

    def others(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        """Return how many further people there are of the two companies' smaller one, or how many further cores have its brand."""
        import numpy as np

        people = np.maximum(np.minimum(self.people[left], self.people[right]) - _FEW, 0)
        return np.asarray(np.maximum(super().others(left, right), people))

    def tallies(self) -> list[Tally]:
        """Return what companies are counted by, and the people of each company."""
        return [*super().tallies(), Tally(self.employer[self.one], self.people[self.one])]

    def recount(self, times: Sequence[Callable[[np.ndarray], np.ndarray]]) -> None:
        """Take so many cores to begin with the brands, and so many people to be of the companies."""
        super().recount(times[:-1])
        self.people = times[-1](self.employer)
