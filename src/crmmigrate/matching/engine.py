"""From records to groups: collapse what is equal, find candidates, weigh them, decide, cluster."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any

from crmmigrate.matching.apart import Apart
from crmmigrate.matching.clusters import Clusters, Edges, agglomerate, contested
from crmmigrate.matching.comparison import Comparison, Scores
from crmmigrate.matching.evidence import Evidence, Found, Here, Pairs
from crmmigrate.matching.labels import teach
from crmmigrate.matching.pairs.short_for_two import short_for_two
from crmmigrate.matching.pairs.undecided import undecided
from crmmigrate.matching.thresholds import Spread, settle, spread
from crmmigrate.matching.weights import probability
from crmmigrate.model.decision import Split
from crmmigrate.model.dedupe import EXISTING, Thresholds
from crmmigrate.model.issue import RECORD

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from crmmigrate.model.decision import Decision, Told
    from crmmigrate.model.dedupe import DedupeRules

_RANDOM_PAIRS = 50_000
_ENOUGH_PAIRS = 1000
"""Fewer candidates teach nothing."""

_TIED = 0.5
"""The part of the odds against two records picked blindly that does not hold of two that a third one ties together."""

_LEARNT_FROM = 150_000
"""Of more candidates an even part is learnt from."""


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
        keyed: of these pairs, those that are shown whatever their score (`match`, `questions`); None where no pair is.
    """

    cluster: np.ndarray
    left: np.ndarray
    right: np.ndarray
    scores: Scores
    decision: np.ndarray
    comparison: Comparison
    overruled: list[Decision] = field(default_factory=list)
    torn: list[Told] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)
    spread: Spread | None = None
    thresholds: Thresholds = field(default_factory=Thresholds)
    keyed: np.ndarray | None = None

    def some(self, which: np.ndarray) -> Matching:
        """Return what was found of some of the pairs worth showing."""
        scores = Scores(*(getattr(self.scores, one.name)[which] for one in fields(Scores)))
        keyed = None if self.keyed is None else self.keyed[which]
        left, right, decision = self.left[which], self.right[which], self.decision[which]
        return replace(self, left=left, right=right, scores=scores, decision=decision, keyed=keyed)


def match(
    frame: pd.DataFrame,
    rules: DedupeRules,
    decisions: Iterable[Told] = (),
    evidence: Evidence | None = None,
    questions: Iterable[tuple[str, str]] = (),
) -> Matching:
    """Find the groups of records that are one thing.

    Args:
        frame: the records, sorted by `_record`; text, missing = NaN.
        rules: of the object.
        decisions: of people, one per pair, and splits.
        evidence: answers what is asked of the records; in memory where not given.
        questions: pairs of `_record` that people are asked about, whatever their score, where they stay two.
    """
    import numpy as np

    evidence = evidence or Here(frame, rules)
    comparison = evidence.comparison
    decisions = list(decisions)
    position = {record: index for index, record in enumerate(frame[RECORD])} if decisions else {}
    merges = _merges(decisions, position)
    pairs = [(position[d.record_a], position[d.record_b]) for d in merges]
    people = _kept_apart(decisions, position)
    named = np.unique(np.array([*people.named, *(record for pair in pairs for record in pair)], dtype=np.int64))
    node = evidence.collapse(named.tolist(), _bits(rules.thresholds.merge))
    own = node == np.arange(len(node))  # each stands for itself
    nodes, place = np.flatnonzero(own), np.cumsum(own) - 1
    found = evidence.find(nodes, rules.block_pairs)
    _learn(evidence, nodes, found)
    told = people.labels()
    teach(evidence.close(named), comparison.model, pairs + told, [True] * len(pairs) + [False] * len(told))
    counts = evidence.scores()
    rules = settle(rules, counts)
    merge, review = _bits(rules.thresholds.merge), _bits(rules.thresholds.review) - comparison.model.lenience
    likely = evidence.likely(min(merge, review))
    strong = likely.chosen((likely.bits >= merge) & (likely.never < 0) & ~likely.doubtful)
    strong = strong.chosen(~(undecided(evidence, strong) | short_for_two(evidence, strong, likely)))
    edges = Edges(place[strong.left], place[strong.right], strong.bits)
    standing = np.flatnonzero(frame[EXISTING].notna().to_numpy()[nodes]) if EXISTING in frame.columns else None
    clusters = _clusters(evidence, nodes, edges, pairs, people, standing)
    cluster = nodes[clusters.of][place[node]]
    shown = likely.chosen(likely.bits >= review)
    result = _show(comparison, cluster, shown.and_those(evidence.together(cluster, review)))
    result.spread, result.thresholds = spread(counts), rules.thresholds
    result.torn = [d for d in decisions if d.verdict == "separate" and _is_torn(d, position, cluster)]
    result = _with_questions(result, evidence, _open(frame, questions, result))
    _apply_people(result, people)
    if merges:
        against = evidence.close(named).score(*np.array(pairs).T).never >= 0
        result.overruled = [d for d, spoken in zip(merges, against.tolist(), strict=True) if spoken]
    result.facts = _facts(found, nodes, clusters, result) | _completeness(strong.found_by)
    return result


def _bits(chance: float) -> float:
    import math

    return math.log2(chance / (1 - chance)) if chance < 1 else 60.0


def _learn(evidence: Evidence, nodes: np.ndarray, found: Found) -> None:
    """Refine the model."""
    import numpy as np

    if found.pairs < _ENOUGH_PAIRS:
        return
    random = np.random.default_rng(20261122)
    one, other = random.choice(nodes, (2, min(_RANDOM_PAIRS, 20 * len(nodes))))
    differ = one != other
    step = -(-found.pairs // _LEARNT_FROM)
    evidence.comparison.model.learn(evidence.levels(one[differ], other[differ]), *evidence.sample(step), step)


def _show(comparison: Comparison, cluster: np.ndarray, shown: Pairs) -> Matching:
    """Decide each of the pairs worth showing."""
    import numpy as np

    together = cluster[shown.left] == cluster[shown.right]
    weights = comparison.model.weights(shown.levels, shown.others)
    scores = Scores(shown.levels, weights, shown.bits, shown.never, shown.doubtful)
    decision = np.where(shown.never >= 0, "never", "review").astype(object)
    decision[together] = "merge"
    return Matching(cluster, shown.left, shown.right, scores, decision, comparison.without_records())


def _open(frame: pd.DataFrame, questions: Iterable[tuple[str, str]], result: Matching) -> list[tuple[int, int]]:
    """Return the pairs of records asked about that stay two and are not shown anyway."""
    questions = list(questions)
    if not questions:
        return []
    position = {record: index for index, record in enumerate(frame[RECORD])}
    known = ((position[a], position[b]) for a, b in questions if a in position and b in position)
    pairs = {(min(pair), max(pair)) for pair in known}
    shown = set(zip(result.left.tolist(), result.right.tolist(), strict=True))
    return sorted(pair for pair in pairs - shown if result.cluster[pair[0]] != result.cluster[pair[1]])


def _with_questions(result: Matching, evidence: Evidence, pairs: list[tuple[int, int]]) -> Matching:
    """Return what was found with these pairs among those that are shown."""
    import numpy as np

    if not pairs:
        return result
    left, right = np.array(pairs, dtype=np.int64).T
    seen = evidence.close(np.unique(pairs)).score(left, right)
    both = Scores(
        *(np.concatenate([getattr(result.scores, one.name), getattr(seen, one.name)]) for one in fields(Scores))
    )
    whole = replace(
        result, left=np.r_[result.left, left], right=np.r_[result.right, right], scores=both,
        decision=np.r_[result.decision, np.where(seen.never >= 0, "never", "review").astype(object)],
        keyed=np.r_[np.zeros(len(result.left), dtype=bool), np.ones(len(left), dtype=bool)],
    )  # fmt: skip
    return whole.some(np.lexsort((whole.right, whole.left)))


def _clusters(
    evidence: Evidence, nodes: np.ndarray, edges: Edges, pairs: list[tuple[int, int]], people: Apart, standing: np.ndarray | None,
) -> Clusters:  # fmt: skip
    """Return the groups of nodes, in which what people joined is together and what they keep apart is not.

    Args:
        evidence: answers what is asked of the nodes.
        nodes: records.
        edges: between nodes, by their places.
        pairs: of records that people joined.
        people: what they keep apart.
        standing: places of nodes that are in the CRM already.
    """
    import numpy as np

    def place(record: int) -> int:
        return int(np.searchsorted(nodes, record))

    forced, apart = [(place(a), place(b)) for a, b in pairs], people.renamed(place)
    asked = contested(len(nodes), edges, forced, apart)
    close = evidence.close(nodes[asked])

    def judge(one: np.ndarray, other: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        bits, never = close.verdict(nodes[one], nodes[other])
        return _between_clusters(bits, evidence.comparison.model.prior), never

    tags, codes = np.full(len(nodes), -1), close.tags(nodes[asked])
    tags[asked] = -1 if codes is None else codes
    return agglomerate(len(nodes), edges, judge, forced, apart, tags, standing)


def _between_clusters(bits: np.ndarray, prior: float) -> np.ndarray:
    """Return the bits of pairs that a third record ties together: those with nothing in common were not picked blindly, and what is said against them counts more than that nothing is."""
    import numpy as np

    return np.where(bits < 0, np.minimum(bits - _TIED * prior, 0.0), bits)


def _merges(decisions: Iterable[Told], position: Mapping[str, int]) -> list[Decision]:
    """Return the decisions to merge two records that are there."""
    merges = (one for one in decisions if not isinstance(one, Split) and one.verdict == "merge")
    return [one for one in merges if one.record_a in position and one.record_b in position]


def _kept_apart(decisions: Iterable[Told], position: Mapping[str, int]) -> Apart:
    """Return which records people keep apart; those that are not there are left out."""
    pairs: list[tuple[int, int]] = []
    splits = []
    for one in decisions:
        if isinstance(one, Split):
            sides = [[position[record] for record in side if record in position] for side in one.sides]
            spared = [(position[a], position[b]) for a, b in one.spared if a in position and b in position]
            if len(sides := [side for side in sides if side]) > 1:
                splits.append((sides, spared))
        elif one.verdict == "separate" and one.record_a in position and one.record_b in position:
            pairs.append((position[one.record_a], position[one.record_b]))
    return Apart(pairs, splits)


def _is_torn(one: Told, position: Mapping[str, int], cluster: np.ndarray) -> bool:
    """Return whether a decision to keep records apart does not hold."""
    records = one.side_of if isinstance(one, Split) else (one.record_a, one.record_b)
    together: dict[int, list[str]] = {}
    for record in records:
        if record in position:
            together.setdefault(int(cluster[position[record]]), []).append(record)
    if isinstance(one, Split):
        return any(one.part_some(members) for members in together.values())
    return any(len(members) > 1 for members in together.values())


def _apply_people(result: Matching, apart: Apart) -> None:
    """What people keep apart is not asked again, nor any other pair of the same two clusters."""
    members: dict[int, list[int]] = {}
    for record in apart.named:
        members.setdefault(int(result.cluster[record]), []).append(record)
    if not members:
        return
    for index, (a, b) in enumerate(zip(result.cluster[result.left], result.cluster[result.right], strict=True)):
        if a != b and apart.between(members.get(int(a), ()), members.get(int(b), ())):
            result.decision[index] = "never"


def _facts(found: Found, nodes: np.ndarray, clusters: Clusters, result: Matching) -> dict[str, Any]:
    import numpy as np

    count = len(result.cluster)
    all_pairs = count * (count - 1) / 2
    review = result.decision == "review"
    likely = review if result.keyed is None else review & ~result.keyed
    in_review = len(np.unique(np.r_[result.left[likely], result.right[likely]]))
    return {
        "records": count,
        "distinct": len(nodes),
        "pairs_compared": found.pairs,
        "reduction_ratio": round(1 - found.pairs / all_pairs, 6) if all_pairs else 1.0,
        "merged": int((result.cluster != np.arange(count)).sum()),
        "pairs_to_review": int(review.sum()),
        "pairs_never": int((result.decision == "never").sum()),
        "merges_refused": len(clusters.refused),
        "residual_duplicate_estimate": round(in_review / count, 6) if count else 0.0,
        **found.facts,
    }


def _completeness(by: np.ndarray) -> dict[str, Any]:
    """Estimate which part of the pairs worth merging blocking finds, from how many of them two ways of finding share.

    Source: Chapman's estimator of a population caught twice (1951); the keys of the first role are one catch, those of all
    others the second. It takes the two for independent.

    Args:
        by: how each pair worth merging was found, see `Candidates`.
    """
    one, other, both = (int(((by & mask) == mask).sum()) for mask in (1, 2, 3))
    if not both:
        return {}
    everything = (one + 1) * (other + 1) / (both + 1) - 1
    return {"pair_completeness_estimate": round(min(1.0, (one + other - both) / everything), 4)}


def chance(result: Matching) -> np.ndarray:
    """Return the probability of each shown pair."""
    return probability(result.scores.bits)
