"""What people decided about pairs of records that look alike."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from crmmigrate.errors import ConfigurationError, Findings
from crmmigrate.messages import Message

Verdict = Literal["merge", "separate", "undecided"]


@dataclass(frozen=True)
class Decision:
    """One decision about one pair, remembered by the records' `_record`.

    Args:
        object: the business object, e.g. `account`.
        record_a: the smaller `_record` of the two.
        record_b: the greater one.
        verdict: merge them, keep them apart, or not decided yet.
        reason: as the reviewer wrote it.
        reviewer: who decided.
        place: where it was read: `file!sheet!row`.
    """

    object: str
    record_a: str
    record_b: str
    verdict: Verdict
    reason: str = ""
    reviewer: str = ""
    place: str = ""

    @property
    def pair(self) -> tuple[str, str, str]:
        """The object and its two records, in order: what the decision is remembered by."""
        return (self.object, self.record_a, self.record_b)

    @classmethod
    def of(cls, object_name: str, one: str, other: str, verdict: Verdict, **details: str) -> Decision:
        """Build a decision with its two records in order."""
        first, second = sorted((one, other))
        return cls(object_name, first, second, verdict, **details)


def latest(decisions: Iterable[Decision]) -> tuple[list[Decision], list[tuple[Decision, Decision]]]:
    """Return the last real decision per pair, sorted, and those that a later one contradicts.

    Args:
        decisions: oldest first.

    Returns:
        The decisions that count (undecided ones left out), and pairs (earlier, later) that say the opposite.
    """
    kept: dict[tuple[str, str, str], Decision] = {}
    contradictions: list[tuple[Decision, Decision]] = []
    for decision in decisions:
        if decision.verdict == "undecided":
            continue
        before = kept.get(decision.pair)
        if before is not None and before.verdict != decision.verdict:
            contradictions.append((before, decision))
        kept[decision.pair] = decision
    return [kept[pair] for pair in sorted(kept)], contradictions


def torn(decisions: Iterable[Decision]) -> list[Decision]:
    """Return the decisions to keep two records apart that other decisions merge, both with a third or over several.

    Args:
        decisions: one per pair, as `latest` gives them.
    """
    decisions = list(decisions)
    parent: dict[tuple[str, str], tuple[str, str]] = {}

    def find(node: tuple[str, str]) -> tuple[str, str]:
        while (above := parent.setdefault(node, node)) != node:
            parent[node] = parent[above]
            node = above
        return node

    for decision in decisions:
        if decision.verdict == "merge":
            parent[find((decision.object, decision.record_a))] = find((decision.object, decision.record_b))
    return [
        decision
        for decision in decisions
        if decision.verdict == "separate"
        and find((decision.object, decision.record_a)) == find((decision.object, decision.record_b))
    ]


def refuse_torn(torn_apart: Iterable[Decision]) -> None:
    """Refuse decisions that cannot all hold.

    Args:
        torn_apart: as `torn` gives them.

    Raises:
        Findings: there is one; each with the place of the row that says "keep apart".
    """
    errors = [
        ConfigurationError(
            "review.torn",
            Message("these two are to stay apart, but other decisions merge both with a third record"),
            decision.place,
            Message("decide so that the group fits together"),
        )
        for decision in torn_apart
    ]
    if errors:
        raise Findings(errors)


@dataclass(frozen=True)
class ReviewRow:
    """One record shown to a reviewer.

    Args:
        record: its `_record`.
        origin: where a person finds it.
        similarity: probability that it is the leading record's thing; None for the leading record.
        reason: what speaks for and against it; None for the leading record.
        conflicts: columns in which it contradicts the leading record.
        values: column → value.
        merged: how many further records were merged into it already.
    """

    record: str
    origin: str
    similarity: float | None
    reason: Message | None
    conflicts: tuple[str, ...]
    values: Mapping[str, str]
    merged: int = 0


@dataclass(frozen=True)
class ReviewGroup:
    """A leading record and the records that may be the same thing; each is decided on by itself.

    Args:
        object: the business object.
        columns: which values to show, in order.
        rows: the leading record first.
    """

    object: str
    columns: tuple[str, ...]
    rows: tuple[ReviewRow, ...]
