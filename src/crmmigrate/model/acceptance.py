"""User acceptance: the lines that key users judge, their verdicts, and what follows from them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from crmmigrate.messages import Message

if TYPE_CHECKING:
    from collections.abc import Mapping

Verdict = Literal["right", "wrong", "unsure"]
State = Literal["right", "wrong", "unsure", "open", "void"]
Owed = Literal["refused", "unsigned", "waiting"]

VERDICTS: dict[Verdict, Message] = {
    "right": Message("right"), "wrong": Message("wrong"), "unsure": Message("not sure"),
}  # fmt: skip
STATES: dict[State, Message] = {
    "right": VERDICTS["right"], "wrong": VERDICTS["wrong"], "unsure": VERDICTS["unsure"],
    "open": Message("not judged yet"), "void": Message("void: changed since"),
}  # fmt: skip
STAGE_BUILD, STAGE_RESULT = "uat", "acceptance"
"""The names of the runs in which workbooks were made, and in which they were collected."""

LINE_COLUMNS = (
    "line", "user", "leader", "object", "_record", "column", "customer", "kind", "name", "field", "old", "new", "change",
    "place", "digest",
)  # fmt: skip


@dataclass(frozen=True)
class Line:
    """One line of a workbook: a customer as a whole, one of its records, or one field of a record.

    Args:
        line: its number, by which it is found again.
        user: whose workbook it is in.
        leader: the `_record` of the customer.
        object: of the record; empty where the line is about the customer as a whole.
        record: its `_record`.
        column: the target's column; empty where the line is about the record as a whole.
        customer: what people call the customer; `kind` the object, `name` the record, `field` the column.
        old: what the source says.
        new: what the target says, in words of the mapping.
        change: what the migration did to it, in words.
        place: where the old value stands.
        digest: of the record's row in the target when the workbook was made; empty where it was not there.
    """

    line: int
    user: str
    leader: str
    object: str
    record: str
    column: str
    customer: str
    kind: str
    name: str
    field: str
    old: str
    new: str
    change: str
    place: str
    digest: str

    def row(self) -> tuple[str, ...]:
        """Return the values in the order of `LINE_COLUMNS`."""
        return (str(self.line), self.user, self.leader, self.object, self.record, self.column, self.customer, self.kind,
                self.name, self.field, self.old, self.new, self.change, self.place, self.digest)  # fmt: skip

    def seal(self, run: str) -> str:
        """Return a digest of all that a person reads in the line; it stands hidden in its row."""
        return seal(run, (str(self.line), self.customer, self.kind, self.name, self.field, self.old, self.new))


def seal(run: str, cells: tuple[str, ...]) -> str:
    """Return a digest of cells as a workbook gives them back: blanks and line ends do not count."""
    plain = "\x1f".join(" ".join(cell.split()) for cell in (run, *cells))
    return hashlib.sha256(plain.encode("utf-8", "surrogatepass")).hexdigest()[:16]


@dataclass(frozen=True)
class Judged:
    """What a person said of one line."""

    line: int
    verdict: Verdict | None
    comment: str


@dataclass(frozen=True)
class Signature:
    """The block at the end of a workbook.

    Args:
        by: who signed; empty where nobody did.
        on: the day they wrote.
        agreed: what they said; None where they said nothing.
        remarks: theirs.
        place: of the row: `book.xlsx!sheet!2`.
        undated: what they wrote as the day, where it is none: nobody has signed next Wednesday.
        impossible: whether that is a day, but one before the load or after the workbook came back.
    """

    by: str = ""
    on: str = ""
    agreed: bool | None = None
    remarks: str = ""
    place: str = ""
    undated: str = ""
    impossible: bool = False

    @property
    def stands(self) -> bool:
        """Whether somebody agreed by name, on a day where they wrote one."""
        return bool(self.by) and self.agreed is True and not self.undated


@dataclass(frozen=True)
class UserResult:
    """One key user's part.

    Args:
        user: as the owner is called; empty where nobody is named.
        population: customers of theirs in the target.
        states: state → number of the customers that were drawn.
        signature: of their workbook; None where it did not come back.
        returned: when it was collected, UTC.
    """

    user: str
    population: int
    states: Mapping[State, int]
    signature: Signature | None = None
    returned: str = ""

    @property
    def drawn(self) -> int:
        """Customers in the workbook."""
        return sum(self.states.values())

    @property
    def judged(self) -> int:
        """Customers with a verdict that counts."""
        return sum(self.states.get(state, 0) for state in VERDICTS)


@dataclass(frozen=True)
class Conclusion:
    """What the verdicts prove about all customers of the migration.

    Args:
        users: part by part.
        records: object → state → records.
        wanted: the error rate that is to be proven.
        bound: the error rate that is not exceeded with 95 % confidence; what people are not sure of counts as wrong.
        needed: the sample that would prove `wanted` with the errors found; 0 where none of reasonable size does.
    """

    users: tuple[UserResult, ...]
    records: Mapping[str, Mapping[State, int]] = field(default_factory=dict)
    wanted: float = 0.01
    bound: float = 1.0
    needed: int = 0

    def count(self, state: State) -> int:
        """Return the customers in a state."""
        return sum(user.states.get(state, 0) for user in self.users)

    @property
    def population(self) -> int:
        """Customers in the target."""
        return sum(user.population for user in self.users)

    @property
    def drawn(self) -> int:
        """Customers in all workbooks."""
        return sum(user.drawn for user in self.users)

    @property
    def judged(self) -> int:
        """The size of the sample: customers with a verdict that counts."""
        return sum(user.judged for user in self.users)

    @property
    def signed_share(self) -> float:
        """The part of all customers that was judged in workbooks signed by name."""
        signed = sum(user.judged for user in self.users if user.signature and user.signature.stands)
        return signed / self.population if self.population else 0.0

    def owing(self) -> dict[Owed, list[UserResult]]:
        """Return the users from whom an agreement is missing: `refused` it, `unsigned` workbook, `waiting` for the workbook."""
        found: dict[Owed, list[UserResult]] = {"refused": [], "unsigned": [], "waiting": []}
        for user in self.users:
            if user.signature is not None and user.signature.agreed is False:
                found["refused"].append(user)
            elif user.signature is not None and not user.signature.stands:
                found["unsigned"].append(user)
            elif user.signature is None and user.drawn:
                found["waiting"].append(user)
        return found

    def undated(self) -> list[UserResult]:
        """Return the users whose signature does not stand because what they wrote as its day is none, or cannot be it."""
        return [user for user in self.users if user.signature is not None and user.signature.undated]

    @property
    def complete(self) -> bool:
        """Whether every customer that was drawn has a verdict that counts: else the sample is no longer a random one."""
        return bool(self.judged) and self.judged == self.drawn
