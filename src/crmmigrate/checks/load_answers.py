"""What a load answers for rows that it did not write: they were refused, held back or left out."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from crmmigrate.messages import Message
from crmmigrate.model.issue import ASIDE_COLUMNS, ORIGIN, RECORD, Issue, declare_code
from crmmigrate.model.table import quoted

if TYPE_CHECKING:
    from collections.abc import Mapping as MappingOf

    import pandas as pd

    from crmmigrate.model.table import Table, Tables

Origins = Callable[[Iterable[str]], dict[str, str]]
"""`_record`s of an object → `_origin` of each that is among its rows."""
ABSORBS = declare_code(
    "load.absorbs-loaded", Message("a record that is in the target already is the same; settle it there")
)


def origins_of(tables: Tables, name: str, records: Iterable[str]) -> dict[str, str]:
    """Return the `_origin` of some rows of an object, in their order."""
    wanted = list(records)
    if not wanted:
        return {}
    query = f"SELECT {RECORD}, {ORIGIN} FROM {quoted(name)} WHERE {RECORD} IN (SELECT unnest(?::VARCHAR[]))"
    found = tables.sql(query, [wanted])
    return dict(zip(found.column(0).to_pylist(), found.column(1).to_pylist(), strict=True))


def carried_rows(name: str, carried: Table, origins: Origins) -> list[tuple[str | None, ...]]:
    """Return the rows that have none of their own in the target and get none."""
    rows = [
        tuple(cell if isinstance(cell, str) else None for cell in row)
        for row in carried.frame(ASIDE_COLUMNS).itertuples(index=False, name=None)
        if row[0] == name
    ]
    there = origins(row[1] or "" for row in rows)
    return [row for row in rows if row[1] in there]


def rejected_rows(name: str, refused: pd.DataFrame, origins: Origins) -> list[tuple[str | None, ...]]:
    """Return rows that the target refused (`REJECT_COLUMNS`) as they are set aside."""
    known = origins(refused[RECORD])
    return [
        (name, record, known.get(record), "rejected", code, column or None, None, None)
        for record, code, column in zip(refused[RECORD], refused["code"], refused["column"], strict=True)
    ]


def held_rows(name: str, origins: MappingOf[str, str]) -> list[tuple[str | None, ...]]:
    """Return rows (`_record` → `_origin`) that would bring one of the target in twice, as they are set aside."""
    return [(name, record, origin, "rejected", ABSORBS, None, None, None) for record, origin in origins.items()]


def unfilled(name: str, refused: pd.DataFrame, origins: Origins) -> list[tuple[str | None, ...]]:
    """Return the issues of rows whose references could not be filled later (`REJECT_COLUMNS`)."""
    known = origins(refused[RECORD])
    return [
        Issue(name, record, known.get(record, ""), column or "", code, "error", "LOGIC").row()
        for record, code, column in zip(refused[RECORD], refused["code"], refused["column"], strict=True)
    ]
