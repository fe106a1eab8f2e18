"""Records that are in the target already: no two of them are ever one, whatever joins them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmmigrate.model.decision import groups
from crmmigrate.model.dedupe import DIFFERENT_EXISTING, EXISTING
from crmmigrate.model.issue import RECORD

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

    from crmmigrate.matching.engine import Matching
    from crmmigrate.model.decision import Decision, Told
    from crmmigrate.model.dedupe import DedupeRules


def joined_by_people(frame: pd.DataFrame, decisions: Iterable[Told]) -> list[Decision]:
    """Return the decisions to merge that, alone or together, make one of two records that are in the target already."""
    there = set(frame.loc[frame[EXISTING].notna(), RECORD])
    found: list[Decision] = []
    for group in groups(decisions):
        records = {record for decision in group for record in (decision.record_a, decision.record_b)}
        if len(records & there) > 1:
            found += group
    return found


def keep_apart(frame: pd.DataFrame, rules: DedupeRules, found: Matching) -> int:
    """Take records of the target out of clusters that hold another one already, and ask about no two clusters that hold one each.

    Such two look alike by themselves, or because a new record that joined one of them looks like the other; merging them is not
    for a migration to do. Return how many there are.

    Of a very large cluster the engine compares a part only, so that its never rules do not reach every pair.

    Args:
        frame: the records, with `_existing`.
        rules: with the rule that keeps the target's records apart.
        found: what the engine found; changed in place.
    """
    import numpy as np

    there = np.flatnonzero(frame[EXISTING].notna().to_numpy())
    _, first = np.unique(found.cluster[there], return_index=True)
    extra = np.delete(there, first)
    found.cluster = found.cluster.copy()
    # A label is a record's position; one that leaves the cluster it gave its name to hands that name on.
    for record in extra.tolist():
        rest = np.flatnonzero((found.cluster == found.cluster[record]) & (np.arange(len(frame)) != record))
        found.cluster[rest] = rest[0]
        found.cluster[record] = record
    held = found.cluster[there]
    left, right = found.cluster[found.left], found.cluster[found.right]
    both = np.isin(left, held) & np.isin(right, held) & (left != right)
    rule = [rule.text for rule in rules.rules].index(DIFFERENT_EXISTING)
    found.decision[(left != right) & (found.decision == "merge")] = "review"
    found.decision[both] = "never"
    found.scores.never[both] = rule
    alike = both if found.keyed is None else both & ~found.keyed
    low, high = np.minimum(left, right)[alike], np.maximum(left, right)[alike]
    return len(np.unique(np.stack([low, high]), axis=1).T)
