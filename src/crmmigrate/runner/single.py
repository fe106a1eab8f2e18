"""Run one stage on one table, with no project around it."""

from __future__ import annotations

from glob import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crmmigrate.errors import ConfigurationError, LocationError
from crmmigrate.messages import Message
from crmmigrate.model.issue import CODES, ORIGIN
from crmmigrate.model.location import Location
from crmmigrate.model.project import SourceSpec
from crmmigrate.model.system_words import os_reason
from crmmigrate.model.table import Table, Tables, quoted, sql_name
from crmmigrate.runner.execute import Outcome, execute
from crmmigrate.runner.extract import extraction

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from crmmigrate.model.source import InPlace
    from crmmigrate.model.stage import Stage
    from crmmigrate.runner.execute import Context


def read_tables(
    locations: Sequence[Location],
    context: Context,
    encoding: str = "",
    own: Path | None = None,
    in_place: InPlace | None = None,
) -> Outcome:
    """Read locations into the workspace for an audit: `_sources` and `_files` are among the tables.

    Files of a folder that cannot be read are left out; each is a finding.

    Args:
        locations: what is read.
        context: the workspace.
        encoding: of text files, where it is known.
        own: the folder of our own reports, which is no source even where it lies in one.
        in_place: what databases count by themselves.

    Raises:
        LocationError: one cannot be read.
    """
    return _read(locations, context, encoding, keep_going=True, own=own, in_place=in_place)


def _read(
    locations: Sequence[Location], context: Context, encoding: str, *, keep_going: bool = False, own: Path | None = None,
    in_place: InPlace | None = None,
) -> Outcome:  # fmt: skip
    sources: dict[str, tuple[SourceSpec, Location]] = {}
    for location in locations:
        name = _source_name(location)
        while name in sources:
            name += "'"
        sources[name] = (SourceSpec(location.address, encoding=encoding, exclude=_inside(location, own)), location)
    try:
        return execute(extraction(sources, {}, keep_going=keep_going, in_place=in_place), {}, None, context)
    except LocationError as error:
        if error.hint is not None:
            raise
        hint = Message("check the path; relative ones start at {folder}", folder=Path.cwd())
        raise LocationError(error.code, error.message, error.place, hint) from error


def _inside(location: Location, own: Path | None) -> tuple[str, ...]:
    """Return the pattern of the files of `own` where that is a folder inside a location."""
    if own is None or location.is_stream or location.is_database:
        return ()
    root, inside = location.path.resolve(), own.resolve()
    return (f"{escape(inside.relative_to(root).as_posix())}/*",) if root in inside.parents else ()


def _source_name(location: Location) -> str:
    """Return the name of a source; a folder given as `.` or `..` has the name it has where it lies."""
    if location.is_stream or location.is_database:
        return location.name
    stem = location.path.stem
    return stem if stem.strip(".") else location.path.resolve().name or "source"


def read_one(location: Location, context: Context, encoding: str = "", *, wanted: str = "") -> Table:
    """Read the one table at `location`.

    Args:
        location: what is read.
        context: the workspace.
        encoding: of a text file, where it is known.
        wanted: the name of the table that is taken where there are several, and `#` does not say which.

    Raises:
        ConfigurationError: there are several, and neither says which.
    """
    return read_with_issues(location, context, encoding, wanted=wanted)[0]


def read_with_issues(
    location: Location, context: Context, encoding: str = "", *, wanted: str = ""
) -> tuple[Table, Table]:
    """Read the one table at `location`, and what was noted while it was read; the rest as of `read_one`."""
    outcome = _read([location], context, encoding)
    tables = {name: table for name, table in outcome.tables.items() if not name.startswith("_")}
    if len(tables) > 1 and location.table:
        tables = {name: table for name, table in tables.items() if name.partition(".")[2] == location.table} or tables
    elif len(tables) > 1 and (table := table_called(wanted, {name.partition(".")[2]: t for name, t in tables.items()})):
        return table, outcome.issues
    if len(tables) > 1:
        names = [name.partition(".")[2] for name in tables]
        raise ConfigurationError(
            "location.several-tables",
            Message("there are several tables here: {names}", names=", ".join(names)), location.shown,
            Message("say which one: {example}", example=Location(location.address, names[0]).shown),
        )  # fmt: skip
    return next(iter(tables.values())), outcome.issues


def read_named(locations: Sequence[Location], context: Context, names: Sequence[str] = ()) -> dict[str, Table]:
    """Read locations and return their tables by the names that SQL has for them: `names`, or those of sheets and files.

    Args:
        locations: what is read; with `names`, one table each.
        context: the workspace.
        names: one for each location.

    Raises:
        ConfigurationError: two tables have one name, or there is not a name for each location.
        LocationError: one cannot be read.
    """
    found: dict[str, Table] = {}
    if names:
        if len(names) != len(locations):
            raise ConfigurationError(
                "usage.names",
                Message("{tables} tables and {names} names are given", tables=len(locations), names=len(names)),
                hint=Message("give --object once for each table, in their order"),
            )
        read = [(name, read_one(at, context, wanted=name)) for name, at in zip(names, locations, strict=True)]
    else:
        outcome = _read(locations, context, "")
        read = [(name.partition(".")[2], table) for name, table in outcome.tables.items() if not name.startswith("_")]
    for name, table in read:
        if sql_name(name) in map(sql_name, found):
            raise ConfigurationError(
                "usage.table-twice", Message("two tables are called '{name}'", name=name),
                ", ".join(location.shown for location in locations),
                Message("give each a name of its own with --object, in their order"),
            )  # fmt: skip
        found[name] = Table(name, table.path)
    return found


def table_called(wanted: str, named: Mapping[str, Table]) -> Table | None:
    """Return the only table, or the one called so: by its whole name, or by that of its sheet or file in a folder."""
    if len(named) == 1:
        return next(iter(named.values()))
    if wanted in named:
        return named[wanted]
    inside = [table for name, table in named.items() if name.rpartition("/")[2] == wanted]
    return inside[0] if len(inside) == 1 else None


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

    tables = {name: Table(name, table.path), **(beside or {})}
    outcome = execute(stage, tables, options, replace(context, accounted=(name,)))
    main = outcome.tables.get(name) or next(iter(outcome.tables.values()), None)
    return outcome, main


def write_out(location: Location, *tables: Table) -> int:
    """Write a table, or several of the same columns one below the other, to a location; return the number of rows.

    Raises:
        LocationError: it cannot be written.
    """
    from itertools import chain

    from crmmigrate.targets.tablefile import copy_table, write_table

    if len(tables) == 1 and tables[0].path.is_file() and location.file and location.path.suffix.lower() == ".parquet":
        copy_table(location, tables[0].present())  # it is written as it is to be
        return tables[0].rows
    return write_table(location, tables[0].columns, chain.from_iterable(table.batches() for table in tables))


def counted(tables: Sequence[Table], where: str) -> dict[str, int]:
    """Return code → number of the rows of issue tables (or of rows set aside) for which `where` holds, most first."""
    named = Tables({f"t{number}": table for number, table in enumerate(tables) if table.rows})
    if not len(named):  # most often nothing was noted, and to open DuckDB takes longer than to see that
        return {}
    rows = " UNION ALL ".join(f"SELECT code FROM {name} WHERE {where}" for name in named)
    found = named.sql(f"SELECT code, count(*) AS n FROM ({rows}) GROUP BY code ORDER BY n DESC, code")
    return {row["code"]: row["n"] for row in found.to_pylist()}


def places_of(tables: Sequence[Table], code: str, most: int = 3) -> list[str]:
    """Return the first places at which issue tables have a code; of one row several cells may have it."""
    named = Tables({f"t{number}": table for number, table in enumerate(tables)})
    rows = [named.sql(f"SELECT {ORIGIN} FROM {name} WHERE code = ? LIMIT {20 * most}", [code]) for name in named]
    met = dict.fromkeys(row[ORIGIN] for found in rows for row in found.to_pylist())
    return [str(place) for place in met if place][:most]


def lost_columns(read: Sequence[tuple[Table, Table]]) -> list[Message]:
    """Return a sentence for each column of which reading lost every cell, whatever its header promises.

    Args:
        read: tables, each with what was noted while it was read.
    """
    query = f"""
        SELECT "column", code, count(*) AS n, arg_min({ORIGIN}, nth) AS place
        FROM (SELECT *, row_number() OVER () AS nth FROM issues)
        WHERE "table" = ? AND severity <> 'info' GROUP BY "column", code ORDER BY min(nth)"""
    told = []
    for table, noted in read:
        tables = Tables({"issues": noted, "rows": Table("rows", table.path)}, confined=False)
        for lost in tables.sql(query, [table.name]).to_pylist():
            if lost["column"] not in table.data_columns or _filled(tables, lost["column"]):
                continue
            told.append(Message(
                "the column '{column}' is EMPTY: none of its {count} cells could be read: {what}, first at {place} [{code}]; save the source with its values, then run this again",
                column=lost["column"], count=f"{lost['n']:,}", what=CODES.get(lost["code"], lost["code"]), place=lost["place"], code=lost["code"],
            ))  # fmt: skip
    return told


def _filled(tables: Tables, column: str) -> bool:
    return tables.sql(f"SELECT count({quoted(column)}) > 0 AS filled FROM rows").to_pylist()[0]["filled"] is True


def copy_out(source: Path, location: Location) -> None:
    """Copy a finished file to a location, whole or not at all.

    Raises:
        LocationError: it cannot be written.
    """
    import shutil

    draft = location.path.with_name(f".crmmigrate-{location.path.name}")
    try:
        shutil.copyfile(source, draft)
        draft.replace(location.path)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise unwritable(os_reason(error), location) from error


def check_outputs(inputs: Sequence[Location], tables: Sequence[Location], reports: Sequence[Location] = ()) -> None:
    """Refuse, before anything is read, outputs that could not be written or would replace what is read.

    Args:
        inputs: what is read.
        tables: where tables are to be written.
        reports: where reports and workbooks are.

    Raises:
        ConfigurationError: an output is an input, two outputs are one file, or no table can be written to a file of that ending.
        LocationError: the folder of an output is missing or not to be written to.
    """
    import os

    from crmmigrate.targets.tablefile import writer_for

    read = [place.resolve() for location in inputs if (place := location.file) and not location.is_database]
    taken: set[Path] = set()
    for location in (*tables, *reports):
        if location.is_database or location.is_stream:
            continue
        if location in tables:
            writer_for(location)
        path = location.path.resolve()
        if any(path == place or (place in path.parents and path.exists()) for place in read):
            raise ConfigurationError(
                "usage.output-is-input", Message("the result would replace what it is made from"), location.shown,
                Message("write it to another file"),
            )  # fmt: skip
        if path in taken:
            raise ConfigurationError(
                "usage.same-output", Message("two results would be written to the same file"), location.shown,
                Message("give each a file of its own"),
            )  # fmt: skip
        taken.add(path)
        if not path.parent.is_dir():
            raise LocationError(
                "target.no-folder", Message("the folder does not exist"), str(location.path.parent),
                Message("make it first, or write the file elsewhere"),
            )  # fmt: skip
        if path.is_dir() or not os.access(path.parent, os.W_OK | os.X_OK):
            raise unwritable(
                Message("it is a folder") if path.is_dir() else Message("the folder may not be changed"), location
            )


def unwritable(why: Message | str, location: Location) -> LocationError:
    """Return the error for a file that cannot be written."""
    return LocationError(
        "target.unwritable", Message("the file cannot be written: {why}", why=why), location.shown,
        Message("is there room on the disk, may you write to the folder, and is the file open elsewhere?"),
    )  # fmt: skip
