"""Somebody of whom a surname and a title are all that is known, and who may be either of two people: 王总 beside 王伟 and 王芳 on one telephone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmmigrate.matching import named
from crmmigrate.matching.person_name import LEVELS
from crmmigrate.matching.texts.bags import each_two, runs

if TYPE_CHECKING:
    import numpy as np

    from crmmigrate.matching.evidence import Evidence, Pairs

_VAGUE = named(LEVELS, "surname", "part")
_CLEAR = 7.0
"""Bits by which one of the two has to be likelier than the other."""

_MANY = 50
"""So many people at most are looked at for one record: more on one telephone are a switchboard's."""


def undecided(evidence: Evidence, strong: Pairs) -> np.ndarray:
    """Return which pairs worth merging are of somebody who may as well be another person, and are to be asked about.

    Args:
        evidence: knows who those people are.
        strong: pairs worth merging.
    """
    import numpy as np

    asked = np.zeros(len(strong.left), dtype=bool)
    people = evidence.comparison.model.people
    if people is None or people.name is None:
        return asked
    vague = np.flatnonzero(np.isin(strong.levels[:, people.name], _VAGUE))
    ends = np.r_[strong.left[vague], strong.right[vague]]
    others, pairs = np.r_[strong.right[vague], strong.left[vague]], np.r_[vague, vague]
    order = np.argsort(ends, kind="stable")
    sizes = runs(ends[order])
    several = np.repeat((sizes > 1) & (sizes <= _MANY), sizes)
    order, sizes = order[several], sizes[(sizes > 1) & (sizes <= _MANY)]
    one, other = (order[side] for side in each_two(sizes))
    tied = np.abs(strong.bits[pairs[one]] - strong.bits[pairs[other]]) < _CLEAR
    one, other = one[tied], other[tied]
    if len(one):
        close = evidence.close(np.unique(np.r_[others[one], others[other]]))
        _, apart = close.verdict(others[one], others[other])
        asked[pairs[one[apart]]] = asked[pairs[other[apart]]] = True
    return asked
