"""A CRM behind an API: what one file of `targets/` has to offer so that rows can be loaded into it, and taken back out.

A connector speaks to one system and knows nothing of batches, journals or runs: that is `targets/api.py`, which gives every
connector the same guarantees. How to write one is told in docs/targets.md; `tests/targets/conformance.py` holds it to its promises.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from decimal import Decimal

    from crmmigrate.model.schema import TargetSchema

Key = int | str
Values = dict[str, Any]
"""Field → value: text, int, Decimal, float, date, datetime without a zone, bool or None. A reference is the key of the other row."""

Reason = Literal["unique", "not-null", "foreign-key", "length", "type", "check", "edited", "other"]
"""Why a system refuses a row; `targets/rejects.py` has the words for people. Edited: somebody has changed it since it was looked at."""


@dataclass(frozen=True)
class Limits:
    """What a system takes at once.

    Args:
        rows: rows of one call that writes.
        bytes: of the rows of one call that writes, as JSON; 0 where nobody counts.
        read_rows: rows of one call that reads.
        offset: rows that a query can skip; 0 where nobody counts.
        calls: calls allowed in `seconds`; 0 where nobody counts.
        seconds: the window of `calls`.
        each: whether each path has a quota of its own.
        answer_seconds: after so long a call that was sent has been done or never will be. A row whose answer was lost
            and that is not found is sent again only then.
    """

    rows: int = 100
    bytes: int = 0
    read_rows: int = 1000
    offset: int = 0
    calls: int = 0
    seconds: float = 1.0
    each: bool = False
    answer_seconds: float = 60.0


@dataclass(frozen=True)
class Refusal:
    """The system will not take a row.

    Args:
        reason: from its code, never from the words of its message.
        column: to blame, where it tells.
    """

    reason: Reason
    column: str = ""


class CallRefusedError(Exception):
    """The system refused a whole call, and nothing of it was done; `refusal` says why."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.reason)
        self.refusal = refusal


class AnswerLostError(Exception):
    """A call that writes was sent and no answer came: it may have been done, or not, or may still be going on.

    Args:
        ended: the system has said that it failed, so that nothing goes on any more; what was done of it, nobody knows.
    """

    def __init__(self, *, ended: bool = False) -> None:
        super().__init__()
        self.ended = ended


@dataclass(frozen=True)
class Link:
    """A field of another model that refers to a model, so that its rows would go, or lose their parent, with the row referred to."""

    model: str
    field: str


class Connector(Protocol):
    """One system behind an API.

    Reading methods are tried again by the connector itself while the system is busy or out of reach. Writing methods are tried
    again only where nothing can have been done (no connection, too many calls); otherwise they raise `AnswerLostError`.
    All raise `LocationError` where the system cannot be reached, refuses the user, or answers what cannot be understood.
    """

    place: str
    """Where it is, without secrets."""

    atomic: bool
    """Whether one row to blame refuses its whole call (`CallRefusedError`); else each row is answered for."""

    def close(self) -> None:
        """Give the session and the connection back."""

    def limits(self) -> Limits:
        """Return what it takes at once."""

    def describe(self, models: Sequence[str]) -> TargetSchema:
        """Return the fields of models that hold data of their own, the key as identity; a model that is not there is left out.

        `required` means that a row without the field is refused: what the system fills in by itself, or computes, is not.
        References name models, whether they are among `models` or not.
        """

    def links(self, model: str) -> Sequence[Link]:
        """Return what refers to a model and does not itself keep the system from deleting a row of it."""

    def count(self, model: str, where: Values | None = None) -> int:
        """Return how many rows there are, or of those whose fields hold all that `where` says; archived ones too."""

    def archived(self, model: str) -> Values:
        """Return the fields that say that a row is archived, as they are then; nothing where a row cannot be."""

    def scan(self, model: str, fields: Sequence[str]) -> Iterator[list[Values]]:
        """Yield all rows with these fields (the key among them), archived ones too, each once."""

    def find(
        self, model: str, on: Sequence[str], wanted: Sequence[tuple[Any, ...]], fields: Sequence[str]
    ) -> list[Values]:
        """Return the rows whose fields `on` have one of the values wanted, archived ones too; by key where `on` is the key."""

    def resolve(self, model: str, texts: Sequence[str]) -> dict[str, list[Key]]:
        """Return text → the keys of the rows that it names: their name or their code, exactly."""

    def mark(self, model: str) -> str:
        """Return what tells rows made from now on from those that are there; it is noted before rows are sent."""

    def created(self, model: str, rows: Mapping[str, Values], mark: str) -> dict[str, Key]:
        """Return record → key of those of `rows` that a call has made, by their external id or by what they hold and `mark`."""

    def create(self, model: str, rows: Mapping[str, Values]) -> dict[str, Key | Refusal]:
        """Make rows; answers are matched to records by what the system says of each, not by their order.

        Args:
            model: of which.
            rows: record → its fields. A system with external ids gets the record as one.
        """

    def holds(self, model: str, row: Values, values: Values) -> bool:
        """Whether a row that was read back is what was sent for it, in whatever form the system writes it.

        Of a system that tells which answer is about which record there is no doubt.
        """

    def update(self, model: str, rows: Mapping[Key, Values]) -> dict[Key, Refusal | None]:
        """Change fields of rows. To archive a row is to change the field that says so."""

    def delete(self, model: str, keys: Sequence[Key]) -> dict[Key, Refusal | None]:
        """Take rows out, with what has to be done to them before; a row that is gone already is taken out."""

    def touched(self, model: str) -> Sequence[str]:
        """Return the fields that `delete` changes before it takes a row out; where it is cut off in between, that is no edit."""

    def suits(self, model: str, field: str, number: Decimal) -> bool:
        """Whether a number keeps to the bounds that the system tells of a field; yes where it tells none."""

    def blame(self, model: str, values: Values, refusal: Refusal) -> Refusal:
        """Return why a row was refused, its column too where that can be worked out and the system itself did not tell.

        Args:
            model: of which.
            values: what was sent; of a row to be made also None for each field that was not.
            refusal: what the system said.
        """
