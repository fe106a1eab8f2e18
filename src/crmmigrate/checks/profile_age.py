"""How old the rows of a table are."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from crmmigrate.model.table import first_row, quoted

if TYPE_CHECKING:
    from crmmigrate.model.profile import TableProfile
    from crmmigrate.model.table import Tables


def recency(tables: Tables, profile: TableProfile) -> tuple[int, int]:
    """Count rows whose newest date is at most three years older than the table's newest, and rows with a date at all.

    The table's newest is not after this year: one date of 2099, a placeholder or a slip, would make all other rows old.
    """
    dates = [column.name for column in profile.columns if column.meaning == "date" and column.filled]
    if not dates:
        return 0, 0
    years = ", ".join(
        rf"TRY_CAST(regexp_extract({quoted(name)}, '^\s*((?:19|20)[0-9]{{2}})', 1) AS INTEGER)" for name in dates
    )
    row = first_row(
        tables.connection,
        f"WITH y AS (SELECT greatest({years}) AS y FROM {quoted(profile.name)}) "
        "SELECT count(*) FILTER (y >= (SELECT coalesce(max(y) FILTER (y <= ?), max(y)) FROM y) - 3), count(y) FROM y",
        [datetime.now(UTC).year],
    )
    return (int(row[0]), int(row[1])) if row else (0, 0)
