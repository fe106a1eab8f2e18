"""What people decided about pairs of records that look alike."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import combinations
from typing import ClassVar, Literal

from crmmigrate.errors import ConfigurationError, Findings
from crmmigrate.messages import Message

Verdict = Literal["merge", "separate", "undecided"]
_ASKED = {"reason": Message("a reason"), "reviewer": Message("the name of the reviewer")}
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
        marks: of the two records, what they held (`matching/golden/recall.py`).
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

    def parts(self, one: str, other: str) -> bool:
        """Return whether it keeps two records apart."""
        return self.verdict == "separate" and {one, other} == {self.record_a, self.record_b}

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
        spared: pairs (in order) of two sides that a later decision merges all the same, or leaves undecided again.
    """

    object: str
    sides: tuple[tuple[str, ...], ...]
    marks: Mapping[str, str] = field(default_factory=dict)
    reason: str = ""
    reviewer: str = ""
    place: str = ""
    book: str = ""
    spared: frozenset[tuple[str, str]] = frozenset()
    verdict: ClassVar[Verdict] = "separate"

    @property
    def undoes(self) -> bool:
        """See `Decision.undoes`."""
        return self.book.endswith(f"-{UNDO}.xlsx")

    @property
    def records(self) -> list[str]:
        """All records it is about, sorted."""
        return sorted(record for side in self.sides for record in side)

    @cached_property
    def side_of(self) -> Mapping[str, int]:
        """Record → the number of its side."""
        return {record: number for number, side in enumerate(self.sides) for record in side}

    def parts(self, one: str, other: str) -> bool:
        """Return whether it keeps two records apart."""
        here, there = self.side_of.get(one), self.side_of.get(other)
        return None not in (here, there) and here != there and tuple(sorted((one, other))) not in self.spared

    def part_some(self, records: Sequence[str]) -> bool:
        """Return whether it keeps any two of these records apart."""
        known = [record for record in records if record in self.side_of]
        if len({self.side_of[record] for record in known}) < 2:
            return False
        return not self.spared or any(self.parts(one, other) for one, other in combinations(known, 2))


Told = Decision | Split


def latest(decisions: Iterable[Told]) -> tuple[list[Told], list[tuple[Told, Told]]]:
    """Return the last decision per pair, sorted, then the splits; and those that a later one contradicts or takes back.

    Args:
        decisions: oldest first; an undecided one takes back what was decided about its pair before.

    Returns:
        The decisions that count (undecided ones left out), and pairs (earlier, later) of which the later one says the
        opposite, or that the two are undecided again.
    """
    kept: dict[tuple[str, str, str], Decision] = {}
    splits: list[Split] = []
    about: dict[tuple[str, str], set[tuple[str, str, str]]] = {}
    taken_apart: dict[tuple[str, str], list[int]] = {}
    contradictions: list[tuple[Told, Told]] = []
    for decision in decisions:
        if isinstance(decision, Split):
            named = {pair for record in decision.records for pair in about.get((decision.object, record), ())}
            against = [p for p in sorted(named) if p in kept and kept[p].verdict == "merge" and decision.parts(*p[1:])]
            contradictions += [(kept.pop(pair), decision) for pair in against]
            for record in decision.records:
                taken_apart.setdefault((decision.object, record), []).append(len(splits))
            splits.append(decision)
            continue
        before = kept.pop(decision.pair, None)
        if before is not None and before.verdict != decision.verdict:
            contradictions.append((before, decision))
        if decision.verdict != "undecided":
            kept[decision.pair] = decision
            for record in (decision.record_a, decision.record_b):
                about.setdefault((decision.object, record), set()).add(decision.pair)
        for number in taken_apart.get((decision.object, decision.record_a), ()):
            split = splits[number]
            if decision.verdict != "separate" and split.parts(decision.record_a, decision.record_b):
                contradictions.append((split, decision))
                splits[number] = replace(split, spared=split.spared | {(decision.record_a, decision.record_b)})
    return [*(kept[pair] for pair in sorted(kept)), *splits], contradictions


def groups(decisions: Iterable[Told]) -> list[list[Decision]]:
    """Return the decisions to merge, those together that make one thing of the same records, also over several."""
    merges = _merges(decisions)
    find = _united(merges)
    found: dict[tuple[str, str], list[Decision]] = {}
    for decision in merges:
        found.setdefault(find((decision.object, decision.record_a)), []).append(decision)
    return list(found.values())


def _merges(decisions: Iterable[Told]) -> list[Decision]:
    return [one for one in decisions if isinstance(one, Decision) and one.verdict == "merge"]


def torn(decisions: Iterable[Told]) -> list[Told]:
    """Return the decisions to keep records apart that other decisions merge, both with a third or over several.

    Args:
        decisions: as `latest` gives them.
    """
    decisions = list(decisions)
    find = _united(_merges(decisions))

    def holds(one: Told) -> bool:
        if isinstance(one, Decision):
            return one.verdict != "separate" or find((one.object, one.record_a)) != find((one.object, one.record_b))
        together: dict[tuple[str, str], list[str]] = {}
        for record in one.side_of:
            together.setdefault(find((one.object, record)), []).append(record)
        return not any(one.part_some(records) for records in together.values())

    return [one for one in decisions if not holds(one)]


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


def _way(merges: Sequence[Decision], apart: Told) -> list[Decision]:
    """Return the fewest decisions that together merge two records which another one keeps apart; none where none do."""
    tied: dict[tuple[str, str], list[tuple[str, Decision]]] = {}
    for one in merges:
        tied.setdefault((one.object, one.record_a), []).append((one.record_b, one))
        tied.setdefault((one.object, one.record_b), []).append((one.record_a, one))
    for start in apart.records if isinstance(apart, Split) else [apart.record_a]:
        ways: dict[str, list[Decision]] = {start: []}
        queue = [start]
        for here in queue:
            if apart.parts(start, here):
                return ways[here]
            for there, one in tied.get((apart.object, here), ()):
                if there not in ways:
                    ways[there] = [*ways[here], one]
                    queue.append(there)
    return []


def refuse_torn(torn_apart: Iterable[Told], decisions: Iterable[Told]) -> None:
    """Refuse decisions that cannot all hold.

    Args:
        torn_apart: as `torn` gives them.
        decisions: all of them, for the rows that merge what is to stay apart.

    Raises:
        Findings: there is one; each with the place of the row that says "keep apart".
    """
    merges = _merges(decisions)
    errors = [
        ConfigurationError(
            "review.torn",
            Message(
                "these two are to stay apart, but other decisions merge both with a third record: {places}",
                places=", ".join(one.place for one in _way(merges, decision)),
            ),
            decision.place,
            Message("decide so that the group fits together"),
        )
        for decision in torn_apart
    ]
    if errors:
        raise Findings(errors)


def unfounded(kept: Iterable[Told], require: Sequence[str]) -> list[Decision]:
    """Return the merges that people decided without saying why or who they are.

    Args:
        kept: the decisions that count.
        require: what has to be there: `reason`, `reviewer`.

    Raises:
        Findings: what is required is missing, each with its place.
    """
    merges = _merges(kept)
    errors = [
        ConfigurationError(
            "review.unfounded", Message("this merge lacks {what}", what=_ASKED[name]), one.place,
            Message("fill the column in; `review: {require: […]}` of the rules asks for it"),
        )
        for one in merges for name in require if not getattr(one, name)
    ]  # fmt: skip
    if errors:
        raise Findings(errors)
    return [one for one in merges if not (one.reason and one.reviewer)]


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
        mark: what the record itself held (`matching/golden/recall.py`); empty where its name does not depend on its place.
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
