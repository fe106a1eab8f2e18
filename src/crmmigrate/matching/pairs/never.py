"""Which pairs the rules of a dedupe.yaml keep apart for good: other branches of one company, one name in two regions, two codes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmmigrate.matching import by_name, named
from crmmigrate.matching.companies.bodies import two_bodies
from crmmigrate.matching.companies.levels import LEVELS
from crmmigrate.matching.email import LEVELS as EMAIL_LEVELS
from crmmigrate.matching.pairs.area_codes import of_two_areas
from crmmigrate.matching.pairs.one_site import one_site
from crmmigrate.matching.pairs.plants import maybe_its_plants

if TYPE_CHECKING:
    import numpy as np

    from crmmigrate.matching.comparison import Comparison
    from crmmigrate.model.dedupe import NeverRule

_NAME = by_name(LEVELS)
_ONE_NAME = named(LEVELS, "whole", "in_pinyin", "same", "namesake", "form")
_TWO_MAILBOXES = by_name(EMAIL_LEVELS)["work_and_own"]
"""They say less against one person than two of one kind do, and are two all the same."""


def kept_apart(by: Comparison, rule: NeverRule, left: np.ndarray, right: np.ndarray, levels: np.ndarray) -> np.ndarray:
    """Return the pairs of which a rule says that they are never one thing.

    Args:
        by: has the roles and their comparers.
        rule: of the kind `different`.
        left: records.
        right: records.
        levels: of the pairs, pairs × roles.
    """
    import numpy as np

    apart = np.zeros(len(left), dtype=bool)
    if rule.subject in by.names:
        at = by.names.index(rule.subject)
        apart = levels[:, at] == by.model.fields[at].last
        if by.roles[rule.subject].compare == "email":
            apart |= levels[:, at] == _TWO_MAILBOXES
    elif rule.subject in ("branch", "region"):
        of_kind = _of_branches if rule.subject == "branch" else _of_regions
        for at in (at for at, role in enumerate(by.roles.values()) if role.compare == "company_name"):
            apart |= of_kind(by, at, left, right, levels)
    for role in rule.without:
        if role in by.names:
            apart &= ~by.shared(role, levels)
    return np.asarray(apart)


def _of_branches(by: Comparison, at: int, left: np.ndarray, right: np.ndarray, levels: np.ndarray) -> np.ndarray:
    names, one, other = by.comparers[at], by.codes[left, at], by.codes[right, at]
    apart = names.other_branch(one, other) & ~one_site(by, left, right, levels)  # type: ignore[attr-defined]
    apart &= ~(names.branches.of_one_person(one, other) & _coded(by, levels))  # type: ignore[attr-defined]
    apart &= ~maybe_its_plants(by, at, left, right)
    # One that was renamed is told by its former name.
    other_name = (levels[:, at] > _NAME["form"]) & ~_coded(by, levels)
    return apart | (two_bodies(names, one, other) & other_name)  # type: ignore[arg-type, no-any-return]


def _of_regions(by: Comparison, at: int, left: np.ndarray, right: np.ndarray, levels: np.ndarray) -> np.ndarray:
    import numpy as np

    # 安达 is a brand in 上海安达化工 and may be the town in 安达化工: one code tells that it is one company, as it does of one that has moved.
    elsewhere = np.isin(levels[:, at], (_NAME["elsewhere"], _NAME["other_seat"]))
    elsewhere |= of_two_areas(by, at, left, right, levels)
    return np.asarray(_far(by, at, left, right, levels) | (elsewhere & ~_coded(by, levels)))


def _coded(by: Comparison, levels: np.ndarray) -> np.ndarray:
    """Return where the records share the code that each company or body has, and keeps when it moves."""
    import numpy as np

    shared = [by.shared(name, levels) for name in ("credit_code", "code") if name in by.names]
    return np.asarray(np.logical_or.reduce([np.zeros(len(levels), dtype=bool), *shared]))


def _far(by: Comparison, at: int, left: np.ndarray, right: np.ndarray, levels: np.ndarray) -> np.ndarray:
    """Return where the same core stands at addresses in different places and nothing shared speaks against it."""
    import numpy as np

    far = np.zeros(len(left), dtype=bool)
    for where in by.of("address"):
        far |= by.comparers[where].different(by.codes[left, where], by.codes[right, where])
    linked = by.shares(levels, "code", "phone", "email", "website")
    return np.asarray(far & ~linked & np.isin(levels[:, at], _ONE_NAME))
