"""Count the rows of real data to which two versions of a mapping file give other values."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from crmmigrate.errors import CrmMigrateError
from crmmigrate.model.issue import RECORD
from crmmigrate.model.table import Tables
from crmmigrate.stages.map import prepare

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from crmmigrate.model.difference import Difference
    from crmmigrate.model.mapping import Mapping
    from crmmigrate.model.table import Table
    from crmmigrate.stages.map import RowMapper

_NOT_FILLED = (None,)


def count_rows(old: Mapping, new: Mapping, found: Sequence[Difference], table: Table) -> tuple[list[Difference], int]:
    """Say of each difference of a column how many rows it touches, as the code of the stage map maps them.

    What a reference is looked up by is compared, not the record that is found; where the lookup itself changed, nothing is counted.

    Args:
        old: the old version.
        new: the new version.
        found: their differences.
        table: rows of the source.

    Returns:
        The differences, with rows where the data could tell; and in how many rows any column is otherwise.
    """
    names = list(dict.fromkeys(one.subject for one in found if one.subject in old.fields or one.subject in new.fields))
    mappers = {
        name: (_only(old, name, table), _only(new, name, table)) for name in names if _lookup(old, name) == _lookup(new, name)
    }  # fmt: skip
    usable = {name: pair for name, pair in mappers.items() if None not in pair}
    counts = dict.fromkeys(usable, 0)
    touched = 0
    for frame in table.batches():
        other: set[str] = set()
        for name, (before, after) in usable.items():
            mine, theirs = (_results(mapper, name, frame) for mapper in (before, after))
            differing = {record for record in mine if mine[record] != theirs[record]}
            counts[name] += len(differing)
            other |= differing
        touched += len(other)
    return [replace(one, rows=counts.get(one.subject)) if one.subject in names else one for one in found], touched


def _lookup(mapping: Mapping, name: str) -> tuple[object, ...]:
    spec = mapping.fields[name].lookup if name in mapping.fields else None
    return (
        ()
        if spec is None
        else (spec.objects, spec.by, spec.missing, spec.follow, sorted(spec.active.items()), spec.default)
    )


def _only(mapping: Mapping, name: str, table: Table) -> RowMapper | str | None:
    """Return what maps one column alone; empty where the version does not fill it, None where it cannot be done here."""
    spec = mapping.fields.get(name)
    if spec is None:
        return ""
    if spec.lookup is not None:
        columns = spec.columns or tuple(column for column in spec.reads if column in table.columns)
        if not columns:
            return None
        spec = replace(spec, columns=columns, lookup=None)
    alone = replace(mapping, fields={name: spec})
    object.__setattr__(alone, "file", mapping.file)
    try:
        return prepare(alone, Tables({table.name: table}), table.name)
    except CrmMigrateError:
        return None


def _results(mapper: RowMapper | str | None, name: str, frame: pd.DataFrame) -> dict[str, tuple[str | None, ...]]:
    """Return record → its value, or how it was rejected; nothing where a version does not fill the column."""
    records = [str(record) for record in frame[RECORD]]
    if not mapper or isinstance(mapper, str):
        return dict.fromkeys(records, _NOT_FILLED)
    batch = mapper(frame)
    values = batch.rows[name].astype(object).where(batch.rows[name].notna(), None)
    kept = {
        str(record): (None if value is None else str(value),)
        for record, value in zip(batch.rows[RECORD], values, strict=True)
    }
    rejected: dict[str, tuple[str | None, ...]] = {str(row[1]): ("rejected", row[4]) for row in batch.aside}
    return kept | rejected
