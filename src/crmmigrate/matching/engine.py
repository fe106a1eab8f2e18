"""From records to groups: collapse what is equal, find candidates, weigh them, decide, cluster."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from crmmigrate.matching.bags import distinct_rows
from crmmigrate.matching.blocking import Candidates, candidates
from crmmigrate.matching.clusters import Clusters, Edges, agglomerate
from crmmigrate.matching.comparison import Comparison, Scores
from crmmigrate.matching.labels import teach
from crmmigrate.matching.thresholds import Spread, settle, spread
from crmmigrate.matching.weights import probability
from crmmigrate.model.dedupe import Thresholds
from crmmigrate.model.issue import RECORD

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from crmmigrate.model.decision import Decision
    from crmmigrate.model.dedupe import DedupeRules

_RANDOM_PAIRS = 50_000
_ALL_PAIRS = 30
"""So few records are all compared with each other: looking for candidates would cost more."""


@dataclass
class Matching:
    """What the engine found. Records are indices into the frame, which is in the order of `_record`.

    Args:
        cluster: record → the smallest record of its cluster.
        left: of the pairs worth showing: those that would have been sent to people or merged if nothing stood against it.
        right: of these pairs; left < right.
        scores: of these pairs.
        decision: `merge`, `review` or `never` for each.
        overruled: decisions of people against which a never rule speaks.
        torn: decisions of people to keep two records apart that other decisions of theirs merge all the same.
        facts: figures.
        spread: of the scores of all compared pairs.
        thresholds: in force; picked from the scores where the rules leave that to the program.
    """

    cluster: np.ndarray
    left: np.ndarray
    right: np.ndarray
    scores: Scores
    decision: np.ndarray
    comparison: Comparison
    overruled: list[Decision] = field(default_factory=list)
    torn: list[Decision] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)
    spread: Spread | None = None
    thresholds: Thresholds = field(default_factory=Thresholds)


def match(
    frame: pd.DataFrame, rules: DedupeRules, decisions: Iterable[Decision] = (), comparison: Comparison | None = None
) -> Matching:
    """Find the groups of records that are one thing.

    Args:
        frame: the records, sorted by `_record`; text, missing = NaN.
        rules: of the object.
        decisions: of people, one per pair.
        comparison: of this frame by these rules, where it was made before.
    """
    import numpy as np

    comparison = comparison or Comparison(frame, rules)
    decisions = list(decisions)
    position = {record: index for index, record in enumerate(frame[RECORD])} if decisions else {}
    decided = [d for d in decisions if d.record_a in position and d.record_b in position]
    named = {position[record] for d in decided for record in (d.record_a, d.record_b)}
    nodes, node_of = _collapse(comparison, named)
    found = _candidates(comparison, nodes, rules)
    left, right = nodes[found.left], nodes[found.right]
    left, right = np.minimum(left, right), np.maximum(left, right)
    levels, others = _learn(comparison, nodes, left, right)
    teach(
        comparison,
        [(position[d.record_a], position[d.record_b]) for d in decided],
        [d.verdict == "merge" for d in decided],
    )
    scores = comparison.judge_lightly(left, right, levels, others)
    rules = settle(rules, scores)
    threshold = _bits(rules.thresholds.merge)
    strong = (scores.bits >= threshold) & (scores.never < 0) & ~scores.doubtful
    edges = Edges(np.searchsorted(nodes, left[strong]), np.searchsorted(nodes, right[strong]), scores.bits[strong])

    def judge(one: np.ndarray, other: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        seen = comparison.score(nodes[one], nodes[other])
        return seen.bits, seen.never >= 0

    def pairs(verdict: str) -> list[tuple[int, int]]:
        ends = [(position[d.record_a], position[d.record_b]) for d in decided if d.verdict == verdict]
        return [(int(np.searchsorted(nodes, a)), int(np.searchsorted(nodes, b))) for a, b in ends]

    clusters = agglomerate(len(nodes), edges, judge, pairs("merge"), pairs("separate"), comparison.tags(nodes))
    cluster = nodes[clusters.of][node_of]
    result = _show(comparison, cluster, left, right, scores, others, rules)
    result.spread, result.thresholds = spread(scores), rules.thresholds
    separate = [d for d in decided if d.verdict == "separate"]
    result.torn = [d for d in separate if cluster[position[d.record_a]] == cluster[position[d.record_b]]]
    _apply_people(result, {(position[d.record_a], position[d.record_b]) for d in separate})
    result.overruled = _overruled(comparison, decided, position)
    result.facts = _facts(frame, found, nodes, clusters, result) | _completeness(found, strong)
    return result


def _candidates(comparison: Comparison, nodes: np.ndarray, rules: DedupeRules) -> Candidates:
    import numpy as np

    if len(nodes) <= _ALL_PAIRS:
        left, right = np.triu_indices(len(nodes), 1)
        return Candidates(left, right, np.zeros(0, dtype=np.int64))
    first = comparison.names[0] if comparison.names else ""
    return candidates(comparison.keys(nodes), len(nodes), rules.block_pairs, first)


def _bits(chance: float) -> float:
    import math

    return math.log2(chance / (1 - chance)) if chance < 1 else 60.0


def _collapse(comparison: Comparison, named: set[int]) -> tuple[np.ndarray, np.ndarray]:
    """Return the records that are compared, and for every record the position of its representative among them.

    Records equal in every role are one node where equality alone is enough to merge them, or at least to ask and it is
    a company's whole name that is equal: nothing at all speaks against it. Otherwise each is its own.
    Records people decided about are always nodes of their own.
    """
    import numpy as np

    count = len(comparison.codes)
    if not comparison.names or not count:
        return np.arange(count), np.arange(count)
    profile, first = distinct_rows(comparison.codes)
    repeated = np.flatnonzero(np.bincount(profile) > 1)
    itself = comparison.score(first[repeated], first[repeated])
    enough = np.zeros(len(first), dtype=bool)
    least, asked = _bits(comparison.rules.thresholds.merge), _bits(comparison.rules.thresholds.review)
    whole = comparison.whole_names(first[repeated])
    enough[repeated] = (itself.bits >= np.where(whole, min(asked, least), least)) & ~itself.doubtful
    representative = np.where(enough[profile], first[profile], np.arange(count))
    for record in named:
        representative[record] = record
    nodes = np.unique(representative)
    return nodes, np.searchsorted(nodes, representative)


def _learn(
    comparison: Comparison, nodes: np.ndarray, left: np.ndarray, right: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Refine the model; return levels and rarities of the candidates."""
    import numpy as np

    levels, others = comparison.levels(left, right)
    if len(left) >= 1000:
        random = np.random.default_rng(20261122)
        one, other = random.choice(nodes, (2, min(_RANDOM_PAIRS, 20 * len(nodes))))
        differ = one != other
        comparison.model.learn(comparison.levels(one[differ], other[differ])[0], levels, others)
    return levels, others


def _show(
    comparison: Comparison,
    cluster: np.ndarray,
    left: np.ndarray,
    right: np.ndarray,
    scores: Scores,
    others: np.ndarray,
    rules: DedupeRules,
) -> Matching:
    """Pick the pairs worth showing and decide each."""
    import numpy as np

    together = cluster[left] == cluster[right]
    least = _bits(rules.thresholds.review) - comparison.model.lenience
    shown = np.flatnonzero((scores.bits >= least) | together)
    levels = scores.levels[shown]
    weights = comparison.model.weights(levels, others[shown])
    picked = Scores(levels, weights, scores.bits[shown], scores.never[shown], scores.doubtful[shown])
    decision = np.where(picked.never >= 0, "never", "review").astype(object)
    decision[together[shown]] = "merge"
    return Matching(cluster, left[shown], right[shown], picked, decision, comparison)


def _apply_people(result: Matching, kept_apart: set[tuple[int, int]]) -> None:
    """What people keep apart is not asked again, nor any other pair of the same two clusters."""
    if not kept_apart:
        return
    clusters = {
        tuple(sorted((int(result.cluster[a]), int(result.cluster[b]))))
        for a, b in kept_apart
        if result.cluster[a] != result.cluster[b]
    }
    for index, (a, b) in enumerate(zip(result.left, result.right, strict=True)):
        if tuple(sorted((int(result.cluster[a]), int(result.cluster[b])))) in clusters:
            result.decision[index] = "never"


def _overruled(comparison: Comparison, decided: list[Decision], position: dict[str, int]) -> list[Decision]:
    import numpy as np

    merges = [d for d in decided if d.verdict == "merge"]
    if not merges:
        return []
    left = np.array([position[d.record_a] for d in merges])
    right = np.array([position[d.record_b] for d in merges])
    return [d for d, rule in zip(merges, comparison.score(left, right).never, strict=True) if rule >= 0]


def _facts(
    frame: pd.DataFrame, found: Candidates, nodes: np.ndarray, clusters: Clusters, result: Matching
) -> dict[str, Any]:
    import numpy as np

    count = len(frame)
    all_pairs = count * (count - 1) / 2
    review = result.decision == "review"
    in_review = len(np.unique(np.r_[result.left[review], result.right[review]]))
    return {
        "records": count,
        "distinct": len(nodes),
        "pairs_compared": len(found.left),
        "reduction_ratio": round(1 - len(found.left) / all_pairs, 6) if all_pairs else 1.0,
        "merged": int((result.cluster != np.arange(count)).sum()),
        "pairs_to_review": int(review.sum()),
        "pairs_never": int((result.decision == "never").sum()),
        "merges_refused": len(clusters.refused),
        "residual_duplicate_estimate": round(in_review / count, 6) if count else 0.0,
        **found.facts,
    }


def _completeness(found: Candidates, strong: np.ndarray) -> dict[str, Any]:
    """Estimate which part of the pairs worth merging blocking finds, from how many of them two ways of finding share.

    Source: Chapman's estimator of a population caught twice (1951); the keys of the first role are one catch, those of all
    others the second. It takes the two for independent.
    """
    import numpy as np

    by = found.found_by[strong] if len(found.found_by) else np.zeros(0, dtype=np.int64)
    one, other, both = (int(((by & mask) == mask).sum()) for mask in (1, 2, 3))
    if not both:
        return {}
    everything = (one + 1) * (other + 1) / (both + 1) - 1
    return {"pair_completeness_estimate": round(min(1.0, (one + other - both) / everything), 4)}


def chance(result: Matching) -> np.ndarray:
    """Return the probability of each shown pair."""
    return probability(result.scores.bits)
