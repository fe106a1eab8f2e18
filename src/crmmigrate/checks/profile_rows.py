"""Rows that are out of line: values one column beside their own, hardly any values, a header among the data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmmigrate.checks.profile_keys import SURE
from crmmigrate.checks.profile_meaning import PATTERNS
from crmmigrate.model.audit import Misplaced
from crmmigrate.model.table import literal, quoted

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from crmmigrate.model.profile import ColumnProfile, TableProfile
    from crmmigrate.model.table import Tables

_TELLING = frozenset({"mobile", "phone", "email", "credit_code", "id_number", "date", "url", "company", "address"})
"""Meanings whose values are known by their look."""
_LOOKS_ALIKE = (
    frozenset({"mobile", "phone"}),
    frozenset({"email", "url"}),
    frozenset({"credit_code", "id_number"}),
    frozenset({"company", "address"}),
)
_FEWEST, _SPARSE = 5, 0.25
_SHORTEST = {"mobile": 11, "phone": 9, "email": 6, "credit_code": 18, "id_number": 18, "date": 10}
"""Fewest characters of a value in its standard form: what is shorter need not be held against a pattern."""


def find_misplaced(tables: Tables, profile: TableProfile) -> Misplaced:
    """Count the rows of a table that are out of line.

    A row is shifted where a value does not look like its column but like the column beside it, in two places in the same direction, or in one
    place where both looks are unmistakable. A row is sparse where it holds at most a quarter of the cells that half of the rows hold.
    """
    columns = [column for column in profile.columns if column.filled]
    if not columns or not profile.rows:
        return Misplaced()
    # What is filled in every row need not be looked at to be counted.
    always = sum(c.filled == profile.rows for c in columns)
    filled = _added(f"{quoted(c.name)} <> ''" for c in columns if c.filled < profile.rows)
    header = _added(_is_header(c) for c in columns if c.longest >= len(_header(c)))
    forward, backward = (_added(_moves(profile.columns, step)) for step in (1, -1))
    query = (
        f"SELECT {always} + {filled} AS filled, {header} AS header, greatest({forward}, {backward}) >= 2 AS shifted, count(*) "
        f"FROM {quoted(profile.name)} GROUP BY ALL"
    )
    kinds = [
        (int(cells), int(heads), bool(moved), int(n))
        for cells, heads, moved, n in tables.connection.execute(query).fetchall()
    ]
    usual = _median([(cells, n) for cells, _, _, n in kinds])
    return Misplaced(
        sum(n for _, _, moved, n in kinds if moved),
        sum(n for cells, _, _, n in kinds if usual >= _FEWEST and cells <= _SPARSE * usual),
        sum(n for cells, heads, _, n in kinds if heads >= 2 and 2 * heads >= cells),
    )


def _added(conditions: Iterable[str]) -> str:
    """Return the SQL of how many of some conditions hold."""
    return " + ".join(f"coalesce(({condition})::INTEGER, 0)" for condition in conditions) or "0"


def _header(column: ColumnProfile) -> str:
    return column.name.rpartition("/")[2].strip()


def _is_header(column: ColumnProfile) -> str:
    cell, header = quoted(column.name), literal(_header(column))
    enough = len(_header(column).encode())  # the length in bytes is known without looking at the cell
    return f"CASE WHEN strlen({cell}) >= {enough} AND contains({cell}, {header}) THEN trim({cell}) = {header} END"


def _median(counted: Sequence[tuple[int, int]]) -> float:
    """Return the median of values that come with how often each occurs."""
    ordered, half = sorted(counted), sum(n for _, n in counted) / 2
    seen = 0
    for place, (value, n) in enumerate(ordered):
        seen += n
        if seen > half:
            return float(value)
        if seen == half:
            return (value + ordered[place + 1][0]) / 2
    return 0.0


def _moves(columns: Sequence[ColumnProfile], step: int) -> list[str]:
    """Return the SQL conditions under which a cell holds what belongs `step` columns before it."""
    moves = []
    for place, column in enumerate(columns):
        at = place - step
        if not column.filled or not 0 <= at < len(columns):
            continue
        other = columns[at]
        if other.meaning not in _TELLING or other.confidence < SURE or not other.filled or not _differ(column, other):
            continue
        cell, look = quoted(column.name), _pattern(other.meaning)
        shortest = _SHORTEST.get(other.meaning, 0)
        own = PATTERNS[column.meaning].content if column.meaning in PATTERNS else ""
        unlike = f"NOT regexp_full_match({cell}, {literal(own)})" if own else "true"
        if column.meaning != "text" and column.longest >= shortest:  # in free text anything may stand
            # Hardly a cell looks like the other column, and that shows at its first characters.
            looks = f"strlen({cell}) >= {shortest} AND regexp_full_match({cell}, {look})"
            moves.append(f"CASE WHEN {looks} THEN {cell} <> '' AND {unlike} ELSE false END")
    return moves


def _pattern(meaning: str) -> str:
    return literal(PATTERNS[meaning].conform or PATTERNS[meaning].content)


def _differ(one: ColumnProfile, other: ColumnProfile) -> bool:
    pair = {one.meaning, other.meaning}
    return len(pair) == 2 and not any(pair <= alike for alike in _LOOKS_ALIKE)
