"""A table as it lies in a legacy source, before it becomes a table of the migration."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from crmmigrate.messages import Message

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pandas as pd
    import pyarrow as pa

    from crmmigrate.errors import LocationError

PLACE = "_place"
"""The row's number as Excel shows it, the number of the card, or the key in the database; unique within its table."""

DROPPED_REASONS = (
    "title", "header", "repeated-header", "units", "section", "subtotal", "note", "blank", "outside", "deleted",
)  # fmt: skip
"""Why a row of the file is not a row of the table."""

DECISIONS = {
    "header.labels": Message("the first row as wide as the table that holds labels only"),
    "header.words": Message("words that tables have in their headers"),
    "header.contrast": Message("labels above numbers, dates or telephones"),
    "header.levels": Message("the header has several rows"),
    "header.units": Message("a row of units of measure follows the header"),
    "header.titles": Message("titles stand above the header"),
    "header.none": Message("no row that could be a header"),
    "header.form": Message("labels stand beside the values: a form, not a table"),
    "region.blank-row": Message("another header begins behind a blank row"),
    "region.header": Message("another header begins in the middle"),
    "region.beside": Message("blank columns set it apart from the table beside it"),
    "layout.given": Message("said in migration.yaml"),
}
"""Why a table was taken to be where it is: the codes in `facts["decision"]`."""


PROGRAM = "crmmigrate"
"""What reports carry, so that a folder that is read again does not take them for sources: a workbook as its author, a page as its
generator, a JSON file under the key `program`. Tables that were written to go on with carry nothing."""

FILE_STATES = (
    "read", "older-version", "duplicate", "empty", "unreadable", "excluded", "not-asked", "archive", "lock", "temporary", "hidden",
    "link", "no-table", "own",
)  # fmt: skip
"""What became of a file. The first two are read; of `empty` and `unreadable` ones people have to know."""


@dataclass
class SourceFile:
    """A file of a source (or a database), and what became of it.

    Args:
        file: its path inside the source, or the database's name.
        state: one of `FILE_STATES`.
        why: more about that: the file it is a duplicate or an older version of, the error, what to do.
        format: as its reader calls it; the ending of its name where it was not read.
        size: in bytes.
        modified: ISO time, UTC.
        sha256: of its content.
    """

    file: str
    state: str
    why: Message | str | None = None
    format: str | None = None
    size: int | None = None
    modified: str | None = None
    sha256: str | None = None


@dataclass(frozen=True)
class InPlace:
    """Which columns of a large database table are counted by the server instead of being read row by row.

    Args:
        rows: from so many rows on a table is large.
        needs_rows: told of a column's name, a sample of its different values, its filled cells and its different values; whether
            something else than its values and their counts is asked of it.
    """

    rows: int
    needs_rows: Callable[[str, list[str], int, int], bool]


@dataclass
class Reading:
    """How a source is to be read, and what was met on the way.

    Args:
        keep_going: whether a file that cannot be read is left out and told, so that an audit sees all the others. A migration
            is never made from part of its sources: without it, such a file stops the reading.
        files: every file met, in the order of their paths; complete when the last table was given out.
        refused: the errors of the files left out.
        in_place: which columns of databases are counted there; None where all rows are read. A migration needs all of them.
    """

    keep_going: bool = False
    files: list[SourceFile] = field(default_factory=list)
    refused: list[LocationError] = field(default_factory=list)
    in_place: InPlace | None = None


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
            `region` (`A3:K480`), `decision` (codes of `DECISIONS`: why it is there), `confidence` (0 to 1), `tables_on_sheet`,
            `units` (column → unit of measure), `layout` (the pattern in migration.yaml that said it), `dropped` (list of `{place, why}`, the first 1,000), `dropped_counts` by reason of
            `DROPPED_REASONS`, `merged_filled` (cells), `hidden` (`sheet`, `rows`, `columns`), `key`, `unique`, `foreign_keys`
            (`{columns, table, references}`) and `comments` (by column; the table's own under "") of a database table, `beside` (views
            and schemas of the database that are read only where they are named), `rows` (where known), `sha256`, `size` (bytes), `modified` (ISO time, UTC),
            `counted` (of what a database counted: `columns`, which are empty in every row, `repeated`, rows that repeat another one, and
            `rules` between those columns, `{left, right, groups, broken, rows}` each).
        issues: damage found while reading, as rows of `ISSUE_COLUMNS`. `table` is `name`, `_record` is empty: whoever
            gives the rows their record fills both from `_origin`.
        values: of the counted columns, as text: `column`, `value`, and `n`, how many cells hold it; None where all is read. Complete when
            the first batch was taken.
        read_arrow: yields what `read` does as Arrow tables of text, where the reader has them as such: pandas is then not needed.
    """

    name: str
    file: str
    columns: tuple[str, ...]
    read: Callable[[], Iterator[pd.DataFrame]]
    facts: dict[str, Any] = field(default_factory=dict)
    issues: list[tuple[str | None, ...]] = field(default_factory=list)
    values: pd.DataFrame | None = None
    read_arrow: Callable[[], Iterator[pa.Table]] | None = None

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

    def arrow_batches(self) -> Iterator[pa.Table] | None:
        """Return what `batches` yields as Arrow tables of text; None where there are only frames."""
        if self.read_arrow is None:
            return None
        del self.issues[self._known :]
        return self.read_arrow()
