"""What a person decided about one cell: another value, none, or that it is right as it stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args

from crmmigrate.messages import Message
from crmmigrate.model.issue import ORIGIN, RECORD, declare_code

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import pandas as pd

CORRECTED = declare_code("correct.applied", Message("corrected by a person"))
STALE = declare_code(
    "correct.stale",
    Message("a person corrected this cell, but its source value has changed since; the correction waits"),
)

Action = Literal["correct", "clear", "keep"]
ACTIONS: tuple[Action, ...] = get_args(Action)


@dataclass(frozen=True)
class Correction:
    """One cell that a person worked on.

    Args:
        object: the business object.
        record: the row's `_record`.
        column: of the object.
        before: the source's value that the person saw; None where the cell was empty.
        action: `correct` it to `after`, `clear` it, or `keep` it and don't ask again.
        after: the new value; None where it is cleared or kept.
        reason: why (修改原因); never empty.
        by: who.
        place: `book.xlsx!sheet!12`.
    """

    object: str
    record: str
    column: str
    before: str | None
    action: Action
    after: str | None
    reason: str
    by: str = ""
    place: str = ""

    @property
    def cell(self) -> tuple[str, str, str]:
        """Which cell it is about."""
        return self.object, self.record, self.column


def latest(corrections: Iterable[Correction]) -> dict[tuple[str, str, str], Correction]:
    """Return the last word on each cell; `corrections` come oldest first."""
    return {correction.cell: correction for correction in corrections}


def apply(
    rows: pd.DataFrame, table: str, corrections: Mapping[str, tuple[Correction, ...]]
) -> list[tuple[str | None, ...]]:
    """Write what people decided into the rows, where the source still says what they saw.

    Args:
        rows: of one batch, with `_record`; changed in place.
        table: its name, for the issues.
        corrections: `_record` → what was decided about its cells.

    Returns:
        Rows of `ISSUE_COLUMNS`: one per corrected cell, with the reason as its rule, and one per cell whose source has
        changed since.
    """
    import pandas as pd

    records: list[Any] = rows[RECORD].tolist()
    origins: list[Any] = rows[ORIGIN].tolist() if ORIGIN in rows.columns else [None] * len(records)
    cells: dict[str, list[Any]] = {}
    issues: list[tuple[str | None, ...]] = []
    for index, record in enumerate(records):
        for told in corrections.get(record, ()):
            if told.column not in rows.columns:
                continue
            values = cells.setdefault(told.column, rows[told.column].tolist())
            now = values[index] if isinstance(values[index], str) else None
            if now == told.after:
                continue
            code, severity = (CORRECTED, "info") if now == told.before else (STALE, "warning")
            if code == CORRECTED:
                values[index] = told.after
            rule = f"{told.reason} ({told.by})" if told.by else told.reason
            issues.append(
                (table, record, origins[index], told.column, code, severity, "FMT", now, told.after, rule, "certain")
            )
    for column, values in cells.items():
        rows[column] = pd.Series(values, index=rows.index, dtype="str")
    return issues
