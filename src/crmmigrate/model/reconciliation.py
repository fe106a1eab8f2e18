"""What a reconciliation found out: the equation per object, and every way in which a table is not what it should be."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from crmmigrate.messages import Message
from crmmigrate.model.object_title import object_title

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

    from crmmigrate.model.relation_check import PairCheck, RelationCheck

DIFFERENCE_COLUMNS = ("object", "_record", "_origin", "column", "expected", "actual", "kind")
EQUATION_COLUMNS = (
    "object", "source", "out_of_scope", "merged", "quarantined", "rejected", "expected", "in_target", "difference",
)  # fmt: skip

KINDS: dict[str, Message] = {
    "row.unaccounted": Message("the row is neither expected nor set aside: it was lost on the way"),
    "row.invented": Message("the row is expected but was in no source"),
    "row.missing": Message("the row is not in the target"),
    "row.taken_back": Message("a rollback took the row out of the target again"),
    "row.gone": Message("the row was loaded and is gone from the target"),
    "row.doubled": Message("the row is there more often than it should be"),
    "row.fewer": Message("the key is there less often than it should be"),
    "row.extra": Message("the row is only on the right side"),
    "key.shared": Message("two records became the same row of the target"),
    "key.orphan": Message("the row names a parent that is not in the target"),
    "value.reference": Message("the row belongs to another parent or owner"),
    "value.lost": Message("the value is missing"),
    "value.added": Message("there is a value where none should be"),
    "value.empty": Message("an empty text in place of nothing, or the other way round"),
    "value.blanks": Message("only blanks differ"),
    "value.case": Message("only upper and lower case differ"),
    "value.placeholder": Message("a word or a zero in place of nothing"),
    "value.width": Message("only the width or the composition of characters differs"),
    "value.script": Message("traditional in place of simplified characters, or the other way round"),
    "value.escaped": Message(
        "the value stands there with the marks of a file format (&amp;, doubled quotes, backslashes)"
    ),
    "value.notation": Message("the same number or date, written otherwise"),
    "value.zeros": Message("leading zeros are gone"),
    "value.truncated": Message("the end of the value was cut off"),
    "value.sign": Message("the sign of the number is turned"),
    "value.factor": Message("the number is 100, 1,000 or 10,000 times too large or too small"),
    "value.precision": Message("digits of a long number are gone"),
    "value.rounding": Message("the number was rounded"),
    "value.day_month": Message("day and month are swapped"),
    "value.time_gone": Message("the time of day is gone"),
    "value.hours": Message("the time is some hours off, as between time zones"),
    "value.day": Message("the date is one day off, or 1,462 days as between Excel's date systems"),
    "value.damaged": Message("characters were lost or read in the wrong encoding"),
    "value.swapped": Message("two rows have each other's value"),
    "value.shifted": Message("the value stands in a column beside its own"),
    "value.other": Message("another value"),
}
"""The ways in which a row or cell differs, with their titles."""


@dataclass(frozen=True)
class Difference:
    """One row or cell that is not what it should be.

    Args:
        object: the business object, or empty when two tables are compared.
        record: its `_record`, or its key.
        origin: where a person finds it.
        column: empty where the whole row is meant.
        expected: the value that should be there, None for nothing; `actual` what is there.
        kind: a key of `KINDS`.
    """

    object: str
    record: str
    origin: str
    column: str
    expected: str | None
    actual: str | None
    kind: str

    def row(self) -> tuple[str | None, ...]:
        """Return the values in the order of `DIFFERENCE_COLUMNS`."""
        return (self.object, self.record, self.origin, self.column, self.expected, self.actual, self.kind)


@dataclass(frozen=True)
class ColumnTotal:
    """What a column adds up to on both sides.

    Args:
        column: its name.
        filled: cells with a value: expected and actual; `distinct` likewise.
        total: exact sums of columns that hold numbers; None elsewhere.
        least: the smallest value of columns that hold numbers or dates, `greatest` likewise; None elsewhere: it would be somebody's name.
        length: characters of all cells of the other columns.
        left_over: the sum of the rows that were loaded earlier and are not to be loaded any more; None where there are none.
    """

    column: str
    filled: tuple[int, int]
    distinct: tuple[int, int]
    total: tuple[str | None, str | None] = (None, None)
    least: tuple[str | None, str | None] = (None, None)
    greatest: tuple[str | None, str | None] = (None, None)
    length: tuple[int | None, int | None] = (None, None)
    left_over: str | None = None

    @property
    def agrees(self) -> bool:
        """Whether both sides are the same."""
        figures = (self.filled, self.distinct, self.total, self.least, self.greatest, self.length)
        return all(left == right for left, right in figures)


TOTAL_PLACES: dict[str, Message] = {
    "control": Message("sources against the old system's figure"),
    "expected": Message("expected against the sources"),
    "target": Message("target against what is expected"),
}
"""Which two sides of a total are compared (`TotalCheck.at`), in words."""


@dataclass(frozen=True)
class TotalCheck:
    """One figure of a total beside the one that it must be.

    Args:
        at: `control`: the sources against the old system's own figure; `expected`: what is expected against the sources, rows set
            aside left out; `target`: the target against what is expected.
        difference: the first minus the second.
        tolerance: by how much it may be off.
        accepted: the reason with which people accepted this very difference; empty where they didn't.
    """

    at: str
    difference: Decimal
    tolerance: Decimal
    accepted: str = ""

    @property
    def agrees(self) -> bool:
        """Whether it is in its tolerance, or accepted."""
        return abs(self.difference) <= self.tolerance or bool(self.accepted)


@dataclass(frozen=True)
class TotalGroup:
    """One line of a total: the whole (`group` empty) or one group.

    Args:
        group: values of the columns of `by`; a reference as the parent's record.
        control: the old system's own figure.
        source: of the sources; of a group, only the rows that are expected. `aside`: those of it that were set aside.
        expected: of what is to be loaded, with the values that the write policy kept.
        target: of the rows in the target.
        checks: what was compared.
    """

    group: tuple[str, ...]
    control: Decimal | None
    source: Decimal | None
    aside: Decimal | None
    expected: Decimal
    target: Decimal
    checks: tuple[TotalCheck, ...] = ()

    @property
    def agrees(self) -> bool:
        """Whether all of it agrees."""
        return all(check.agrees for check in self.checks)


@dataclass(frozen=True)
class DeclaredTotal:
    """A total that the mapping file asks for.

    Args:
        column: of the target; empty where rows are counted.
        source: column of the sources; may be empty.
        by: as written in the mapping file.
        groups: the whole first; then groups that don't agree, then the others.
        unread: cells of the source's column that hold no plain number and so are not in its figure.
        left_over: of the rows that were loaded earlier and are not to be loaded any more; None where there are none.
    """

    column: str
    source: str
    by: tuple[str, ...]
    groups: tuple[TotalGroup, ...]
    unread: int = 0
    left_over: Decimal | None = None

    @property
    def off(self) -> tuple[TotalGroup, ...]:
        """The lines that don't agree."""
        return tuple(group for group in self.groups if not group.agrees)


@dataclass(frozen=True)
class Rehearsal:
    """What an earlier reconciliation of the same migration found.

    Args:
        run: its id; `day` when it was, UTC, ISO 8601; `trial` whether only a sample was migrated.
        source: rows of all objects; `expected`, `in_target` and `aside` likewise.
        differences: rows and cells that differed; `explained` those that the write policy explains.
        totals_off: totals out of tolerance.
    """

    run: str
    day: str
    trial: bool
    source: int
    aside: int
    expected: int
    in_target: int
    differences: int
    explained: int
    totals_off: int


@dataclass(frozen=True)
class Equation:
    """source − out_of_scope − merged − quarantined − rejected = expected; expected − in_target = difference.

    Args:
        aside: reason (a word of `ASIDE_REASONS`) → rows.
    """

    source: int
    aside: dict[str, int]
    expected: int
    in_target: int

    @property
    def unaccounted(self) -> int:
        """Rows by which the left side of the first equation is larger than the right; 0 where it holds."""
        return self.source - sum(self.aside.values()) - self.expected

    @property
    def difference(self) -> int:
        """Rows that should be in the target and are not."""
        return self.expected - self.in_target

    def row(self, name: str) -> tuple[str, ...]:
        """Return the figures of object `name` in the order of `EQUATION_COLUMNS`."""
        aside = (self.aside.get(reason, 0) for reason in ("out_of_scope", "merged", "quarantined", "rejected"))
        return (name, *(str(n) for n in (self.source, *aside, self.expected, self.in_target, self.difference)))


@dataclass(frozen=True)
class LeftOver:
    """Rows that earlier loads of a migration brought in, and that are in the table beside what is expected there.

    They are no difference: whether they are taken out is for people to say (`delta --deletes`).

    Args:
        gone: their records are in the sources no more.
        aside: their records were set aside since: merged, out of scope, rejected.
    """

    gone: int = 0
    aside: int = 0

    def __bool__(self) -> bool:
        """Whether there are any."""
        return bool(self.gone or self.aside)


@dataclass(frozen=True)
class ObjectReconciliation:
    """One business object against the target.

    Args:
        name: of the object; `table` of the target.
        equation: the counts.
        reasons: (reason, code, rows) of what was set aside, the most frequent first.
        differences: every row and cell that is not what it should be.
        totals: per column; `relations` per reference.
        strangers: rows of the target's table that the migration didn't make.
        explained: cells that differ because the write policy keeps what the target had before.
        target_rows: all rows of the target's table.
        declared: the totals that the mapping file asks for; `pairs` of a table that ties two others together.
        waves: name of a wave → the equation of its rows; without a name, of those in no wave. Empty where there are no waves.
        rules: target column → the mapping rule that makes its values, on one line.
        called: what the target calls its table; may be empty.
        left_over: rows of earlier loads that are in the table too.
        of_objects: rows of the table that are of other objects of the migration.
    """

    name: str
    table: str
    equation: Equation
    reasons: tuple[tuple[str, str, int], ...] = ()
    differences: tuple[Difference, ...] = ()
    totals: tuple[ColumnTotal, ...] = ()
    relations: tuple[RelationCheck, ...] = ()
    strangers: int = 0
    explained: int = 0
    target_rows: int = 0
    declared: tuple[DeclaredTotal, ...] = ()
    pairs: tuple[PairCheck, ...] = ()
    waves: tuple[tuple[str, Equation], ...] = ()
    rules: Mapping[str, str] = field(default_factory=dict)
    called: str = ""
    left_over: LeftOver = LeftOver()
    of_objects: int = 0

    @property
    def others(self) -> int:
        """Rows of the table that no load of this migration made."""
        ours = self.equation.in_target + self.left_over.gone + self.left_over.aside + self.of_objects
        return self.target_rows - ours

    @property
    def title(self) -> Message | str:
        """What people call the object."""
        return object_title(self.name, self.called)

    @property
    def totals_off(self) -> int:
        """How many lines of the totals asked for are out of tolerance."""
        return sum(len(total.off) for total in self.declared)

    @property
    def agrees(self) -> bool:
        """Whether everything is where it should be."""
        equations = (self.equation, *(equation for _, equation in self.waves))
        whole = not any(equation.unaccounted or equation.difference for equation in equations)
        return whole and not self.differences and not self.totals_off


@dataclass(frozen=True)
class Reconciliation:
    """All objects of a migration, or two tables compared (`objects` empty).

    Args:
        objects: in load order.
        differences: of two tables; those of objects are with them.
        compared: (rows left, rows right, columns compared) of two tables.
        alone: columns that were not compared, because only the left table has them, and those of the right one.
        earlier: reconciliations of the same migration before this one, the oldest first.
    """

    objects: tuple[ObjectReconciliation, ...] = ()
    differences: tuple[Difference, ...] = ()
    compared: tuple[int, int, int] = field(default=(0, 0, 0))
    alone: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())
    earlier: tuple[Rehearsal, ...] = ()

    def title(self, name: str) -> Message | str:
        """Return what people call an object."""
        return next((one.title for one in self.objects if one.name == name), object_title(name))

    @property
    def all_differences(self) -> tuple[Difference, ...]:
        """Every difference, object by object."""
        return (*self.differences, *(difference for found in self.objects for difference in found.differences))

    @property
    def agrees(self) -> bool:
        """Whether there is no difference at all."""
        return not self.differences and all(found.agrees for found in self.objects)

    @property
    def left_out(self) -> list[Message]:
        """A sentence for each of two tables that has columns which the other one lacks."""
        left, right = (", ".join(columns) for columns in self.alone)
        told = []
        if left:
            told.append(Message("not compared, because only the left side has them: {columns}", columns=left))
        if right:
            told.append(Message("not compared, because only the right side has them: {columns}", columns=right))
        return told
