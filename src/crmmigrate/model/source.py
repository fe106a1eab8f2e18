"""A table as it lies in a legacy source, before it becomes a table of the migration."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pandas as pd

PLACE = "_place"
"""The row's number as Excel shows it, the number of the card, or the key in the database; unique within its table."""

DROPPED_REASONS = (
    "title", "header", "repeated-header", "units", "section", "subtotal", "note", "blank", "outside", "deleted",
)  # fmt: skip
"""Why a row of the file is not a row of the table."""


@dataclass
class SourceTable:
    """One sheet, file or database table of a source.

    Reading streams: nothing but the beginning was looked at before `batches` is called, and `issues` and the
    counts in `facts` are complete only when the last batch was taken.

    Args:
        name: the table's name without its source: sheet, stem of the file, `file/sheet`, or database table.
        file: path of the file inside the source (`2023/客户.xlsx`), or a database's name; the head of each `_origin`.
        columns: the data columns in order, none empty, none twice.
        read: yields the rows from the first on; called anew by each `batches`.
        facts: what a project planner wants to know: `format`, `encoding`, `delimiter`, `header` (row numbers),
            `region` (`A3:K480`), `dropped` (list of `{place, why}`, the first 1,000), `dropped_counts` by reason of
            `DROPPED_REASONS`, `merged_filled` (cells), `hidden` (`sheet`, `rows`, `columns`), `key` (of a database table),
            `rows` (where known), `sha256`, `size` (bytes), `modified` (ISO time, UTC).
        issues: damage found while reading, as rows of `ISSUE_COLUMNS`. `table` is `name`, `_record` is empty: whoever
            gives the rows their record fills both from `_origin`.
    """

    name: str
    file: str
    columns: tuple[str, ...]
    read: Callable[[], Iterator[pd.DataFrame]]
    facts: dict[str, Any] = field(default_factory=dict)
    issues: list[tuple[str | None, ...]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._known = len(self.issues)

    def batches(self) -> Iterator[pd.DataFrame]:
        """Yield the rows as DataFrames of nullable text: `columns`, `_place`, `_origin`; at least one frame.

        Columns of ours that the source already has (`_record`, `_origin`, `_ref_…`) are kept as they are.

        Raises:
            LocationError: the source broke off while it was read.
        """
        del self.issues[self._known :]
        yield from self.read()
