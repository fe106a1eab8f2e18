"""A name that is short for those of two companies, which share a telephone, a mail domain or a website with it: 星源科技 beside 北京星源科技有限公司 and 星源新能源科技有限公司."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmmigrate.matching import agreeing, by_name, named
from crmmigrate.matching.companies.levels import LEVELS
from crmmigrate.matching.pairs.lines import LINES
from crmmigrate.matching.texts.bags import each_two, runs

if TYPE_CHECKING:
    import numpy as np

    from crmmigrate.matching.evidence import Evidence, Pairs

_AT = by_name(LEVELS)
_SHORT = named(LEVELS, "short", "inside", "brand", "romanised", "keeper")
_ONE_NAME = named(
    LEVELS, "registered", "here", "slip_here", "heard", "whole", "in_pinyin", "known", "same", "form", "slip"
)
_TWO = named(LEVELS, "longer", "word_more", "sister")
"""Levels of the names of two companies that one short name may mean."""

_ALONE, _DIFFERENT = named(LEVELS, "romanised", "keeper"), _AT["different"]
"""Who keeps a shop may keep another one; an English name that only has the brand in common with a Chinese one has it with that of a sister, whose trade is another, as well."""

_MANY = 50
"""So many companies at most are looked at for one name: more of one brand are nobody's sisters."""

_CLEAR = 7.0
"""Bits by which one of the two has to be likelier than the other."""


def short_for_two(evidence: Evidence, strong: Pairs, likely: Pairs) -> np.ndarray:
    """Return which pairs worth merging are of a short name that may as well be another company's, and are to be asked about.

    Args:
        evidence: knows the companies.
        strong: pairs worth merging.
        likely: all pairs that are worth showing.
    """
    import numpy as np

    asked = np.zeros(len(strong.left), dtype=bool)
    names, people = evidence.comparison.of("company_name"), evidence.comparison.model.people
    if (people is not None and people.name is not None) or not names:
        return asked
    name = names[0]
    short = np.flatnonzero(np.isin(strong.levels[:, name], _SHORT))
    rivals = np.flatnonzero(np.isin(likely.levels[:, name], (*_SHORT, *_ONE_NAME)) & (likely.never < 0))
    rivals = rivals[_on_one_line(evidence, likely.levels[rivals])]
    ends = np.r_[strong.left[short], strong.right[short], likely.left[rivals], likely.right[rivals]]
    full = np.r_[strong.right[short], strong.left[short], likely.right[rivals], likely.left[rivals]]
    pairs = np.r_[short, short, np.full(2 * len(rivals), -1)]
    bits = np.r_[strong.bits[short], strong.bits[short], likely.bits[rivals], likely.bits[rivals]]
    one_name = np.r_[np.zeros(2 * len(short), dtype=bool), np.isin(likely.levels[np.r_[rivals, rivals], name], _ONE_NAME)]  # fmt: skip
    wanted = np.isin(ends, ends[: 2 * len(short)])
    ends, full, pairs, bits, one_name = (side[wanted] for side in (ends, full, pairs, bits, one_name))
    order = np.lexsort((-pairs, ends))
    sizes = runs(ends[order])
    order = order[np.repeat(sizes <= _MANY, sizes)]
    one, other = (order[side] for side in each_two(sizes[sizes <= _MANY]))
    near = (pairs[one] >= 0) & (pairs[other] < 0) & (full[one] != full[other])
    near &= one_name[other] | (bits[one] - bits[other] < _CLEAR)
    one, other = one[near], other[near]
    if len(one):
        close = evidence.close(np.unique(np.r_[full[one], full[other]]))
        levels = close.score(full[one], full[other]).levels[:, name]
        _, apart = close.verdict(full[one], full[other])
        alone = np.isin(strong.levels[pairs[one], name], _ALONE)
        asked[pairs[one[np.isin(levels, _TWO) | ((alone | apart) & (levels == _DIFFERENT))]]] = True
    return asked


def _on_one_line(evidence: Evidence, levels: np.ndarray) -> np.ndarray:
    """Return pairs that have a telephone, a mail domain or a website in common."""
    import numpy as np

    found = np.zeros(len(levels), dtype=bool)
    by = evidence.comparison
    for at in by.of(*LINES):
        found |= agreeing(by.roles[by.names[at]].priors())[levels[:, at]]
    return found
