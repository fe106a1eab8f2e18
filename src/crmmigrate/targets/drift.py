"""The target's tables as they are, in the words of schema.yaml, so that lint can tell what changed since the snapshot."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crmmigrate.errors import LocationError
from crmmigrate.model.schema import TargetColumn
from crmmigrate.targets.live import reflect

if TYPE_CHECKING:
    from collections.abc import Iterable

    from crmmigrate.targets.live import LiveTable

_UNLIMITED = 1_000_000_000
"""Stands for the length of text without a limit."""


def described_tables(target: Any, names: Iterable[str]) -> dict[str, dict[str, TargetColumn]]:
    """Return table → column → what the database says of it; a table that is not there is left out.

    Args:
        target: open.
        names: the tables asked for.

    Raises:
        LocationError: it cannot be reached.
    """
    import sqlalchemy as sa

    from crmmigrate.targets.api import ApiTarget

    if isinstance(target, ApiTarget):
        return {name: spec.columns for name, spec in target.described(names).tables.items()}
    found: dict[str, dict[str, TargetColumn]] = {}
    with target.session.transaction(write=False) as connection:
        for name in sorted(names):
            try:
                table = reflect(connection, name)
            except (sa.exc.NoSuchTableError, LocationError):
                continue
            found[name] = _columns(table, _defaults(connection, name))
    return found


def population(target: Any, name: str) -> tuple[int, int | None]:
    """Return how many rows a table has, and how many of them are archived, where that is known.

    Raises:
        LocationError: it cannot be reached, or has no such table.
    """
    import sqlalchemy as sa

    from crmmigrate.targets.api import ApiTarget

    if isinstance(target, ApiTarget):
        return target.population(name)
    with target.session.transaction(write=False) as connection:
        table = reflect(connection, name).sql
        return int(connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()), None


def _defaults(connection: Any, name: str) -> dict[str, str]:
    """Return column → what the database fills in by itself where nothing is given."""
    import sqlalchemy as sa

    from crmmigrate.targets.describing import default_of

    return {spec["name"]: default_of(spec) for spec in sa.inspect(connection).get_columns(name)}


def _columns(table: LiveTable, defaults: dict[str, str]) -> dict[str, TargetColumn]:
    parents = {key.column: key.parent for key in table.parents}
    alone = {columns[0] for columns in table.unique.values() if len(columns) == 1}
    kinds = {"float": "decimal", "other": "text"}
    return {
        name: TargetColumn(
            type=kinds.get(column.kind, column.kind),  # type: ignore[arg-type]
            length=column.length or _UNLIMITED, precision=column.precision or 38, scale=38 if column.scale is None else column.scale,
            required=not column.nullable and not column.generated, default=defaults.get(name, ""), unique=name in alone,
            identity=name == table.key and table.numbered, references=parents.get(name, ""),
        )
        for name, column in table.columns.items()
    }  # fmt: skip
