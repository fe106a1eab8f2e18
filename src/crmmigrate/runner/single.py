"""Run one stage on one table, with no project around it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crmmigrate.errors import ConfigurationError
from crmmigrate.messages import Message
from crmmigrate.model.location import Location
from crmmigrate.model.project import SourceSpec
from crmmigrate.runner.execute import Outcome, execute
from crmmigrate.runner.extract import SOURCES, extraction

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from crmmigrate.model.stage import Stage
    from crmmigrate.model.table import Table
    from crmmigrate.runner.execute import Context


def read_tables(locations: Sequence[Location], context: Context, encoding: str = "") -> dict[str, Table]:
    """Read locations into the workspace and return their tables, `_sources` among them.

    Raises:
        LocationError: one cannot be read.
    """
    sources: dict[str, tuple[SourceSpec, Location]] = {}
    for location in locations:
        name = location.path.stem if not location.is_database else location.name
        name = "stdin" if location.is_stream else name
        while name in sources:
            name += "'"
        sources[name] = (SourceSpec(location.address, encoding=encoding), location)
    outcome = execute(extraction(sources, {}), {}, None, context)
    return outcome.tables


def read_one(location: Location, context: Context, encoding: str = "") -> Table:
    """Read the one table at `location`.

    Raises:
        ConfigurationError: there are several, and `#` does not say which.
    """
    tables = {name: table for name, table in read_tables([location], context, encoding).items() if name != SOURCES}
    if len(tables) > 1:
        names = ", ".join(name.partition(".")[2] for name in tables)
        raise ConfigurationError(
            "location.several-tables", Message("there are several tables here: {names}", names=names), location.shown,
            Message("say which one: {example}", example=f"{location.address}#{names.split(', ')[0]}"),
        )  # fmt: skip
    return next(iter(tables.values()))


def run_single(
    stage: Stage, name: str, table: Table, options: Any, context: Context, *, beside: Mapping[str, Table] | None = None
) -> tuple[Outcome, Table | None]:
    """Run `stage` on `table` under the name `name`.

    Args:
        stage: its declaration.
        name: the table's name in the stage, e.g. the object's.
        table: the rows.
        options: an instance of the stage's options class.
        context: workspace and progress.
        beside: further tables it may look things up in.

    Returns:
        What became of it, and its main output table.
    """
    from dataclasses import replace

    from crmmigrate.model.table import Table as AnyTable

    tables = {name: AnyTable(name, table.path), **(beside or {})}
    outcome = execute(stage, tables, options, replace(context, accounted=(name,)))
    main = outcome.tables.get(name) or next(iter(outcome.tables.values()), None)
    return outcome, main


def write_out(table: Table, location: Location) -> int:
    """Write a table to a location and return the number of rows.

    Raises:
        LocationError: it cannot be written.
    """
    from crmmigrate.targets.tablefile import write_table

    return write_table(location, table.columns, table.batches())
