"""What people decided about pairs of records that look alike."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import combinations, product
from typing import Literal

from crmmigrate.errors import ConfigurationError, Findings
from crmmigrate.messages import Message

Verdict = Literal["merge", "separate", "undecided"]
UNDO = "undo"
"""How the name of a kept workbook ends that `decisions undo` wrote."""


@dataclass(frozen=True)
class Choice:
    """Which value a golden record is to have where its records contradict each other.

    Args:
        column: of the object.
        value: the one chosen, or typed in.
        seen: what the two records said when it was chosen.
    """

    column: str
    value: str
    seen: tuple[str, ...] = ()


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
        choices: of values, where the two are merged.
        marks: of the two records, what they held (`matching/recall.py`); empty for records whose name does not depend on
            their place in a file.
        book: the workbook; names of kept ones sort by time.
    """

    object: str
    record_a: str
    record_b: str
    verdict: Verdict
    reason: str = ""
    reviewer: str = ""
    place: str = ""
    choices: tuple[Choice, ...] = ()
    marks: tuple[str, str] = ("", "")
    book: str = ""

    @property
    def undoes(self) -> bool:
        """Whether it was made to split a merge again: then it is meant to say the opposite of an earlier one."""
        return self.book.endswith(f"-{UNDO}.xlsx")

    @property
    def pair(self) -> tuple[str, str, str]:
        """The object and its two records, in order: what the decision is remembered by."""
        return (self.object, self.record_a, self.record_b)

    @classmethod
    def of(
        cls,
        object_name: str,
        one: str,
        other: str,
        verdict: Verdict,
        *,
        choices: tuple[Choice, ...] = (),
        marks: tuple[str, str] = ("", ""),
        **details: str,
    ) -> Decision:
        """Build a decision with its two records in order; `marks` come in the order of `one` and `other`."""
        if other < one:
            one, other, marks = other, one, (marks[1], marks[0])
        return cls(object_name, one, other, verdict, choices=choices, marks=marks, **details)

    def about(self, one: str, other: str) -> Decision:
        """Return the same decision about two records that now have these names."""
        made = Decision.of(self.object, one, other, self.verdict)
        return replace(self, record_a=made.record_a, record_b=made.record_b)


@dataclass(frozen=True)
class Split:
    """A merged group that is taken apart: one decision, however many pairs of records it is about.

    Args:
        object: the business object.
        sides: the records; those of one side may stay one thing, those of two sides are two.
        marks: record → its mark, as in `Decision.marks`.
        reason: why.
        reviewer: who decided.
        place: where it was read.
        book: the workbook.
    """

    object: str
    sides: tuple[tuple[str, ...], ...]
    marks: Mapping[str, str] = field(default_factory=dict)
    reason: str = ""
    reviewer: str = ""
    place: str = ""
    book: str = ""

    @property
    def records(self) -> list[str]:
        """All records it is about, sorted."""
        return sorted(record for side in self.sides for record in side)

    def decisions(self) -> list[Decision]:
        """Return a decision for each pair of records that it keeps apart."""
        return [
            Decision.of(
                self.object, one, other, "separate", marks=(self.marks.get(one, ""), self.marks.get(other, "")),
                reason=self.reason, reviewer=self.reviewer, place=self.place, book=self.book,
            )
            for here, there in combinations(self.sides, 2)
            for one, other in product(here, there)
        ]  # fmt: skip


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


def groups(decisions: Iterable[Decision]) -> list[list[Decision]]:
    """Return the decisions to merge, those together that make one thing of the same records, also over several."""
    decisions = [decision for decision in decisions if decision.verdict == "merge"]
    find = _united(decisions)
    found: dict[tuple[str, str], list[Decision]] = {}
    for decision in decisions:
        found.setdefault(find((decision.object, decision.record_a)), []).append(decision)
    return list(found.values())


def torn(decisions: Iterable[Decision]) -> list[Decision]:
    """Return the decisions to keep two records apart that other decisions merge, both with a third or over several.

    Args:
        decisions: one per pair, as `latest` gives them.
    """
    decisions = list(decisions)
    find = _united(decision for decision in decisions if decision.verdict == "merge")
    return [
        decision
        for decision in decisions
        if decision.verdict == "separate"
        and find((decision.object, decision.record_a)) == find((decision.object, decision.record_b))
    ]


def _united(merges: Iterable[Decision]) -> Callable[[tuple[str, str]], tuple[str, str]]:
    """Return a function from (object, record) to one that stands for all that are merged with it."""
    parent: dict[tuple[str, str], tuple[str, str]] = {}

    def find(node: tuple[str, str]) -> tuple[str, str]:
        while (above := parent.setdefault(node, node)) != node:
            parent[node] = parent[above]
            node = above
        return node

    for decision in merges:
        parent[find((decision.object, decision.record_a))] = find((decision.object, decision.record_b))
    return find


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
        children: how many rows of other objects belong to it.
        rule: why a person is asked; None for the leading record.
        suggestion: what the program would do; None for the leading record.
        mark: what the record itself held (`matching/recall.py`); empty where its name does not depend on its place.
    """

    record: str
    origin: str
    similarity: float | None
    reason: Message | None
    conflicts: tuple[str, ...]
    values: Mapping[str, str]
    merged: int = 0
    children: int = 0
    rule: Message | None = None
    suggestion: Verdict | None = None
    mark: str = ""


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
