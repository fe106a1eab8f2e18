"""What is asked of the records of one table while their groups are found: here in memory; on a cluster by `runner/spark_dedupe.py`.

Records are named by their position in the order of `_record`. Those that are equal in every role may be one *node*: its first record.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from crmmigrate.matching.blocking import Candidates, candidates
from crmmigrate.matching.comparison import Comparison
from crmmigrate.matching.put_right.course import sorted_out
from crmmigrate.matching.texts.bags import distinct_rows
from crmmigrate.matching.texts.letters import mixed
from crmmigrate.matching.thresholds import Counted, counted
from crmmigrate.matching.two_tables import in_one

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy as np
    import pandas as pd

    from crmmigrate.matching.comparison import Scores
    from crmmigrate.model.dedupe import DedupeRules
    from crmmigrate.model.processes import Hands

ALL_PAIRS = 30
"""So few nodes are all compared with each other: looking for candidates would cost more."""


@dataclass(frozen=True)
class Found:
    """How candidates were found.

    Args:
        pairs: how many.
        facts: see `Candidates`.
    """

    pairs: int
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Pairs:
    """Some of the candidates, in the order of their records, and what is known of them.

    Args:
        left: records.
        right: records; left < right.
        found_by: see `Candidates`; empty where all pairs are compared.
        levels: pairs × roles.
        others: rarities, pairs × roles.
        bits: see `Scores`, as all that follow.
        never: see `Scores`.
        doubtful: see `Scores`.
    """

    left: np.ndarray
    right: np.ndarray
    found_by: np.ndarray
    levels: np.ndarray
    others: np.ndarray
    bits: np.ndarray
    never: np.ndarray
    doubtful: np.ndarray

    def chosen(self, which: np.ndarray) -> Pairs:
        """Return some of them."""
        import numpy as np

        at = np.flatnonzero(which) if which.dtype == bool else which
        fields = (getattr(self, name) for name in PAIR_FIELDS)
        return Pairs(*(of[at] if of.ndim == 1 else of.T[:, at].T for of in fields))

    def and_those(self, others: Pairs) -> Pairs:
        """Return these and others, in the order of their records."""
        import numpy as np

        whole = Pairs(*(np.concatenate([getattr(self, name), getattr(others, name)]) for name in PAIR_FIELDS))
        return whole.chosen(np.lexsort((whole.right, whole.left)))


PAIR_FIELDS = ("left", "right", "found_by", "levels", "others", "bits", "never", "doubtful")


class Close(Protocol):
    """Some records to be compared with each other, in any pairs."""

    def score(self, left: np.ndarray, right: np.ndarray) -> Scores:
        """Return what is known of pairs of these records."""

    def verdict(self, left: np.ndarray, right: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the bits of pairs of these records, and which of them are kept apart, see `Comparison.apart`."""

    def tags(self, records: np.ndarray) -> np.ndarray | None:
        """Return a number for the code of each of these records, see `Comparison.tags`."""


@dataclass(frozen=True)
class _Seen:
    """Records of which many pairs were compared before: that is not done again.

    Args:
        comparison: of all records, whose model learns no more.
        pairs: that were compared, in order of their left and right, which is the larger record.
    """

    comparison: Comparison
    pairs: Pairs

    def score(self, left: np.ndarray, right: np.ndarray) -> Scores:
        """See `Close`."""
        return self.comparison.score(left, right)

    def verdict(self, left: np.ndarray, right: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """See `Close`."""
        import numpy as np

        known, asked = _packed(self.pairs.left, self.pairs.right), _packed(*np.sort([left, right], axis=0))
        at = np.searchsorted(known[:-1], asked)
        bits, pairs = self.pairs.bits[at], self.pairs
        apart = self.comparison.apart(left, right, pairs.levels[at], pairs.never[at], pairs.doubtful[at])
        new = np.flatnonzero(known[at] != asked)
        bits[new], apart[new] = self.comparison.verdict(left[new], right[new])
        return bits, apart

    def tags(self, records: np.ndarray) -> np.ndarray | None:
        """See `Close`."""
        return self.comparison.tags(records)


class Evidence(Protocol):
    """What is asked of the records. Before `scores` the model may still learn.

    Args:
        comparison: has roles and model, and judges levels; whether it has records is its own affair.
        records: how many there are.
    """

    comparison: Comparison
    records: int

    def collapse(self, named: Iterable[int], enough: float) -> np.ndarray:
        """Return for each record the node that stands for it.

        Records equal in every role are one node where equality alone is enough to merge them; otherwise each is its own.

        Args:
            named: records that are nodes of their own in any case.
            enough: bits.
        """

    def find(self, nodes: np.ndarray, pairs: int) -> Found:
        """Find the candidates among the nodes, of which at most so many pairs per node and kind of key are looked for."""

    def levels(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        """Return the levels of any pairs of nodes."""

    def sample(self, step: int) -> tuple[np.ndarray, np.ndarray]:
        """Return levels and rarities of the candidates whose numbers (`pair_numbers`) are divisible by `step`."""

    def scores(self) -> Counted:
        """Count the scores of the candidates, as the model sees them now."""

    def likely(self, bits: float) -> Pairs:
        """Return the candidates from so many bits on."""

    def together(self, cluster: np.ndarray, below: float) -> Pairs:
        """Return the candidates of fewer bits whose records are in one cluster."""

    def close(self, records: np.ndarray) -> Close:
        """Return some records, to be compared in any pairs."""


def pair_numbers(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Return a number for each pair of records, by which an even part of many is taken."""
    return mixed(left, right)


class Here:
    """The records in the memory of this machine.

    Args:
        frame: the records in the order of their `_record`.
        rules: of the object.
        hands: other processes, which take some of the values apart.
    """

    def __init__(self, frame: pd.DataFrame, rules: DedupeRules, hands: Hands | None = None) -> None:
        self.comparison = Comparison(*sorted_out(*in_one(frame, rules)), hands)
        self.records = len(frame)
        self._candidates: Pairs

    def collapse(self, named: Iterable[int], enough: float) -> np.ndarray:
        """See `Evidence`."""
        import numpy as np

        comparison = self.comparison
        if not comparison.names or not self.records:
            return np.arange(self.records)
        profile, first = distinct_rows(comparison.codes)
        times = np.bincount(profile)
        repeated = np.flatnonzero(times > 1)
        one = np.zeros(len(first), dtype=bool)
        one[repeated] = comparison.equal(first[repeated], times[repeated], enough)
        node = np.where(one[profile], first[profile], np.arange(self.records))
        for record in named:
            node[record] = record
        return np.asarray(node)

    def find(self, nodes: np.ndarray, pairs: int) -> Found:
        """See `Evidence`."""
        import numpy as np

        comparison = self.comparison
        found = all_pairs(len(nodes))
        if found is None:
            first = comparison.names[0] if comparison.names else ""
            found = candidates(comparison.keys(nodes), len(nodes), pairs, first)
        left, right = nodes[found.left], nodes[found.right]
        levels, others = comparison.levels(left, right)
        nothing = np.zeros(0)
        self._candidates = Pairs(left, right, found.found_by, levels, others, nothing, nothing, nothing)
        return Found(len(left), found.facts)

    def levels(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        """See `Evidence`."""
        return self.comparison.levels(left, right)[0]

    def sample(self, step: int) -> tuple[np.ndarray, np.ndarray]:
        """See `Evidence`."""
        known = self._candidates
        if step == 1:
            return known.levels, known.others
        taken = pair_numbers(known.left, known.right) % step == 0
        return known.levels[taken], known.others[taken]

    def scores(self) -> Counted:
        """See `Evidence`."""
        known = self._candidates
        bits, doubtful = self.comparison.judge_lightly(known.levels, known.others)
        never = self.comparison.never(known.left, known.right, known.levels)
        self._candidates = Pairs(
            known.left, known.right, known.found_by, known.levels, known.others, bits, never, doubtful
        )
        return counted(bits[never < 0], doubtful[never < 0])

    def likely(self, bits: float) -> Pairs:
        """See `Evidence`."""
        return self._candidates.chosen(self._candidates.bits >= bits)

    def together(self, cluster: np.ndarray, below: float) -> Pairs:
        """See `Evidence`."""
        known = self._candidates
        return known.chosen((known.bits < below) & (cluster[known.left] == cluster[known.right]))

    def close(self, records: np.ndarray) -> Close:  # noqa: ARG002  (all are here)
        """See `Evidence`."""
        judged = len(self._candidates.bits) > 0
        return _Seen(self.comparison, self._candidates) if judged else self.comparison


def _packed(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Return pairs of records as numbers that sort as they do."""
    import numpy as np

    return np.asarray((left << 31) | right)


def all_pairs(nodes: int) -> Candidates | None:
    """Return all pairs of so few nodes; None where there are more."""
    import numpy as np

    if nodes > ALL_PAIRS:
        return None
    left, right = np.triu_indices(nodes, 1)
    return Candidates(left, right, np.zeros(len(left), dtype=np.int64))
