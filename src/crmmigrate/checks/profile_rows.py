"""Rows that are out of line: values one column beside their own, hardly any values, a header among the data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmmigrate.checks.profile_keys import SURE
from crmmigrate.checks.profile_meaning import PATTERNS
from crmmigrate.model.audit import Misplaced
from crmmigrate.model.table import first_row, quoted

if TYPE_CHECKING:
    from collections.abc import Sequence

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


def find_misplaced(tables: Tables, profile: TableProfile) -> Misplaced:
    """Count the rows of a table that are out of line.

    A row is shifted where a value does not look like its column but like the column beside it, in two places in the same direction, or in one
    place where both looks are unmistakable. A row is sparse where it holds at most a quarter of the cells that half of the rows hold.
    """
    columns = [column for column in profile.columns if column.filled]
    if not columns or not profile.rows:
        return Misplaced()
    filled = " + ".join(f"coalesce(({quoted(c.name)} <> '')::INTEGER, 0)" for c in columns)
    header = " + ".join(
        f"coalesce((trim({quoted(c.name)}) = {_literal(c.name.rpartition('/')[2].strip())})::INTEGER, 0)"
        for c in columns
    )
    forward, backward = (_moves(profile.columns, step) for step in (1, -1))
    sums = [" + ".join(f"coalesce(({move})::INTEGER, 0)" for move in moves) or "0" for moves in (forward, backward)]
    query = (
        f"WITH r AS MATERIALIZED (SELECT {filled} AS filled, {header} AS header, {sums[0]} AS forward, {sums[1]} AS backward FROM {quoted(profile.name)}), "
        "m AS (SELECT median(filled) AS usual FROM r) "
        "SELECT count(*) FILTER (greatest(forward, backward) >= 2), "
        f"count(*) FILTER (usual >= {_FEWEST} AND filled <= {_SPARSE} * usual), count(*) FILTER (header >= 2 AND 2 * header >= filled) FROM r, m"
    )
    row = first_row(tables.connection, query)
    return Misplaced(*map(int, row)) if row else Misplaced()


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
        own = PATTERNS[column.meaning].content if column.meaning in PATTERNS else ""
        unlike = f" AND NOT regexp_full_match({cell}, {_literal(own)})" if own else ""
        if column.meaning != "text":  # in free text anything may stand
            moves.append(f"CASE WHEN {cell} <> ''{unlike} THEN regexp_full_match({cell}, {look}) ELSE false END")
    return moves


def _pattern(meaning: str) -> str:
    return _literal(PATTERNS[meaning].conform or PATTERNS[meaning].content)


def _differ(one: ColumnProfile, other: ColumnProfile) -> bool:
    pair = {one.meaning, other.meaning}
    return len(pair) == 2 and not any(pair <= alike for alike in _LOOKS_ALIKE)


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
