"""Which changes of deltas people have taken back row by row, batch by batch or object by object: they are not made once more unasked."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from crmmigrate.checks.delta_rows import GIVEN_BACK_COLUMNS
from crmmigrate.model.issue import RECORD, text_frame
from crmmigrate.model.table import Table, Tables, literal, quoted
from crmmigrate.model.target import WAS
from crmmigrate.runner.parts import kept_part
from crmmigrate.runner.tables import TableWriter

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from crmmigrate.model.load_part import LoadPart
    from crmmigrate.model.target import Target, TargetRun
    from crmmigrate.runner.workspace import Workspace

Field: TypeAlias = "tuple[str, str, str]"
"""Object, record and column."""


def given_back(workspace: Workspace, target: Target, *, plans: bool = True) -> Table:
    """Return the fields that deltas have changed and rollbacks of chosen parts have given back (`GIVEN_BACK_COLUMNS`).

    What a later load has changed again is none of them; nor is what was there before a load of all rows. After a rollback of a whole delta
    things are as if it had never been.

    Args:
        workspace: with the loads.
        target: opened.
        plans: whether something may be written; a comparison with an older load only tells what changed in the sources, and gets none.
    """
    runs = target.runs()
    found: dict[Field, tuple[str | None, str | None]] = {}
    for run, part in _deltas(workspace, runs) if plans else ():
        chosen = any(known.kind == "rollback" and known.parent == run and known.selection for known in runs)
        for name, table in part.changed.items() if chosen or found else ():
            undone = target.given_back(name, run) if chosen else set()
            for record, column, was, value in _fields(table):
                if record in undone:
                    found[name, record, column] = (was, value)
                else:
                    found.pop((name, record, column), None)
    writer = TableWriter("given_back", workspace.folder / "tables" / "given_back.parquet", GIVEN_BACK_COLUMNS)
    writer.write(text_frame([(*field, *sides) for field, sides in found.items()], GIVEN_BACK_COLUMNS))
    return writer.close()


def _deltas(workspace: Workspace, runs: Sequence[TargetRun]) -> list[tuple[str, LoadPart]]:
    """Return the loads that changed rows and were not rolled back as a whole, since the newest load of all rows, oldest first."""
    whole = {run.parent for run in runs if run.kind == "rollback" and not run.selection and run.state == "done"}
    ended = [one.run for one in workspace.manifests() if one.stage == "load" and one.state == "done"]
    parts = [(run, kept_part(workspace, run)) for run in ended if run not in whole]
    everything = max((place for place, (_, part) in enumerate(parts) if part is None), default=-1)
    return [
        (run, part)
        for run, part in parts[everything + 1 :]
        if part is not None and part.changed and part.since not in whole
    ]


def _fields(table: Table) -> Iterator[tuple[str, str, str | None, str | None]]:
    """Yield record, column, what was loaded before and what the delta wrote, of each field that differed."""
    tables = Tables({"changed": table}, confined=False)
    for column in table.data_columns:
        was, value = quoted(WAS + column), quoted(column)
        query = f"SELECT {RECORD}, {literal(column)}, {was}, {value} FROM changed WHERE {value} IS DISTINCT FROM {was}"
        yield from zip(*(column.to_pylist() for column in tables.sql(query).columns), strict=True)
