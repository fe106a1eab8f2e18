"""Columns that a database counted by itself: which ones must not be, and the rules between them that it found broken."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crmmigrate.checks.profile_meaning import guess_meaning
from crmmigrate.model.audit import Dependency
from crmmigrate.model.table import VALUES_OF, literal, quoted

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from crmmigrate.model.profile import TableProfile
    from crmmigrate.model.table import Tables

_BY_ROWS = frozenset(
    {"company", "person", "mobile", "phone", "email", "messenger", "url", "credit_code", "id_number", "address", "date", "id", "bank_account",
     "plate", "vin"}
)  # fmt: skip
"""Meanings by which rows are tied, refer to each other, or are dated."""
_LEFT, _NO_RIGHT = ("picklist", "region"), ("text", "empty", "date")
_ENOUGH, _HOLDS, _CHANCE = 20, 0.95, 0.5


def needs_rows(header: str, values: list[str], filled: int, distinct: int) -> bool:
    """Tell whether an audit asks more of a column than its values and how many cells hold them.

    Args:
        header: its name.
        values: a sample of its different values.
        filled: cells with a value.
        distinct: different values.
    """
    return guess_meaning(header, values, filled, distinct)[0] in _BY_ROWS


def values_in_place(table: str, column: str) -> str:
    """Return the SQL of the different values `v` of a counted column, and how many cells `n` hold each."""
    values = quoted(VALUES_OF + table)
    return f'(SELECT value AS v, n::BIGINT AS n FROM {values} WHERE "column" = {literal(column)})'


def rules_in_place(tables: Tables, profile: TableProfile, rules: Iterable[Mapping[str, Any]]) -> list[Dependency]:
    """Return the broken rules that a database found between counted columns, held to what rules found in rows are held to.

    Args:
        tables: hold the table's counted values.
        profile: of the table.
        rules: `{left, right, groups, broken, rows}`.
    """
    meanings = {column.name: column.meaning for column in profile.columns if column.in_place}
    found = []
    for rule in rules:
        left, right, groups, broken = rule["left"], rule["right"], rule["groups"], rule["broken"]
        if meanings.get(left) not in _LEFT or meanings.get(right, "empty") in _NO_RIGHT:
            continue
        if (
            broken
            and groups >= _ENOUGH
            and broken <= (1 - _HOLDS) * groups
            and _by_chance(tables, profile, right) < _CHANCE
        ):
            found.append(Dependency(profile.name, left, right, groups, broken, rule["rows"], known=False))
    return found


def _by_chance(tables: Tables, profile: TableProfile, column: str) -> float:
    """Return how often two rows agree in a column whatever the rule."""
    counts = f"(SELECT n::DOUBLE AS n FROM {values_in_place(profile.name, column)})"
    return float(tables.value(f"SELECT sum(n * n) / greatest(sum(n) * sum(n), 1) FROM {counts}") or 0)
