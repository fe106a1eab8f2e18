"""Which loads of a workspace stand in the target, and what they brought there: each row as the load that wrote it last was given it."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from crmmigrate.model.issue import RECORD
from crmmigrate.model.table import Table, Tables, quoted
from crmmigrate.runner.execute import reopen
from crmmigrate.runner.parts import kept_part
from crmmigrate.runner.tables import TableWriter

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from crmmigrate.model.load_part import LoadPart
    from crmmigrate.model.manifest import Manifest
    from crmmigrate.model.target import Target, TargetRun
    from crmmigrate.runner.pipeline import Pipeline
    from crmmigrate.runner.workspace import Workspace

Loaded: TypeAlias = "tuple[Manifest, LoadPart | None]"
"""A load and its part; None where it was given all rows."""
STANDS = ("done", "closed")
"""States of a load whose rows are in the target, as far as nobody has edited them."""
_BROKEN_OFF = ("running", "stopped")
"""States of a run that did not come to its end; `running` may mean killed."""


def standing_loads(
    workspace: Workspace, runs: Iterable[TargetRun], *, in_part: bool = False, deltas_in_part: bool = True
) -> list[Manifest]:
    """Return the completed loads of a workspace that stand in the target, oldest first; a delta stands with the load it was added to.

    Args:
        workspace: with the runs.
        runs: of the target's journal.
        in_part: also those of which a chosen part was rolled back.
        deltas_in_part: of these also deltas, which have to be compared anew with what they were compared with.

    Raises:
        ConfigurationError: `run.folder-gone`: the newest that stands has no folder any more.
    """
    known = list(runs)
    loads = [one for one in workspace.manifests() if one.stage == "load" and one.state == "done"]
    whole = {run.parent for run in known if run.kind == "rollback" and not run.selection and run.state == "done"}
    chosen = {run.run for run in known if in_part and run.state == "rolled_back_in_part" and run.run not in whole}
    standing = chosen | {run.run for run in known if run.kind == "load" and run.state in STANDS}
    found: list[Manifest] = []
    for load in loads:
        part = kept_part(workspace, load.run) if load.run in standing else None
        ended = part is not None and part.is_delta and (
            part.since not in standing or (load.run in chosen and not deltas_in_part)
        )  # fmt: skip
        if ended:
            standing.remove(load.run)
        elif load.run in standing:
            found.append(load)
    there = {one.run for one in workspace.manifests()}
    gone = [run for run in workspace.logged("load") if run in standing and run not in there]
    if gone and (not found or max(gone) > found[-1].run):
        raise workspace.folder_gone(max(gone))
    return found


def since_whole(workspace: Workspace, loads: Sequence[Manifest]) -> list[Loaded]:
    """Return of loads that stand the newest that wrote all rows, or compared all of them, and those after it, each with its part."""
    parts = [(load, kept_part(workspace, load.run)) for load in loads]
    whole = [place for place, (_, part) in enumerate(parts) if part is None or part.is_delta]
    return parts[whole[-1] if whole else 0 :]


def rows_loaded(workspace: Workspace, loads: Sequence[Loaded], names: Iterable[str]) -> dict[str, Table]:
    """Return object → its rows as they were loaded, of loads as `since_whole` returns them.

    A wave, or rejects fed in, may be of other sources than the load before it, of whose rows it says nothing.
    """
    behind = {manifest.run: manifest for manifest in workspace.manifests()}
    made = [reopen(workspace, behind[load.parent].run) for load, _ in loads]
    found: dict[str, Table] = {}
    for place, name in enumerate(names):
        rows = made[0].get(name)
        for number, (tables, (_, part)) in enumerate(zip(made[1:], loads[1:], strict=True)):
            later = tables.get(name)
            if rows is None or later is None or part is None:
                rows = later or rows
            elif later.path != rows.path and later.digest != rows.digest:
                rows = _overlaid(workspace, rows, later, part, f"loaded.{place}.{number % 2}.parquet")
        if rows is not None:
            found[name] = rows
    return found


def _overlaid(workspace: Workspace, rows: Table, later: Table, part: LoadPart, file: str) -> Table:
    """Return rows with those that a part wrote in the place of what they were; the file is not one of those that are read."""
    import pyarrow as pa

    name = later.name.rpartition(".")[2]
    wrote = pa.table({RECORD: pa.array(sorted(part.of(name) | part.refill.get(name, frozenset())), pa.string())})
    tables = Tables({"rows": Table("rows", rows.path), "later": Table("later", later.path)}, confined=False)
    tables.connection.register("wrote", wrote)
    columns = list(dict.fromkeys((*later.columns, *rows.columns)))
    query = (
        f"SELECT * FROM later WHERE {RECORD} IN (SELECT {RECORD} FROM wrote) UNION ALL BY NAME "
        f"SELECT * FROM rows WHERE {RECORD} NOT IN (SELECT {RECORD} FROM wrote)"
    )
    folder = workspace.folder / "tables"
    folder.mkdir(parents=True, exist_ok=True)
    writer = TableWriter(name, folder / file, columns)
    reader = tables.connection.sql(f"SELECT {', '.join(map(quoted, columns))} FROM ({query})").to_arrow_reader()
    for batch in reader:
        writer.write_arrow(pa.Table.from_batches([batch]))
    return writer.close()


def unfinished_load(pipeline: Pipeline) -> str:
    """Return the id of the newest load of this project if it did not come to its end, else an empty text.

    The target has the last word: a load that was rolled back since is over, whatever its manifest says.
    """
    loads = [manifest for manifest in pipeline.context.workspace.manifests() if manifest.stage == "load"]
    if not loads or loads[-1].state == "done":
        return ""
    run = loads[-1].run
    with pipeline.open_target() as target:
        known = target.runs()
    undone = {found.parent for found in known if found.kind == "rollback"}
    ended = any(found.run == run and found.state not in ("running", "stopped", "done") for found in known)
    return "" if ended or run in undone else run


def begun_loads(workspace: Workspace, runs: Iterable[TargetRun]) -> list[str]:
    """Return the loads of a workspace that changed the target, did not come to their end and do stand there, oldest first.

    Args:
        workspace: with the runs.
        runs: of the target's journal, which has the last word.
    """
    ours = set(workspace.loads())
    return [
        run.run for run in runs if run.kind == "load" and run.state in _BROKEN_OFF and run.changes and run.run in ours
    ]


def half_undone(workspace: Workspace, runs: Iterable[TargetRun]) -> dict[str, TargetRun]:
    """Return load of a workspace → its rollback that did not come to its end: some of what it loaded is gone, and the rest is there."""
    ours = set(workspace.loads())
    return {
        run.parent: run for run in runs if run.kind == "rollback" and run.state in _BROKEN_OFF and run.parent in ours
    }


def last_load(workspace: Workspace, target: Target) -> str:
    """Return the newest load of a workspace that changed the target and was not rolled back as a whole; the newest of all where there is none, empty without any.

    One that was cut off in its first batch is meant too, where it had sent rows that nobody has acknowledged.
    """
    ours = set(workspace.loads())
    loads = sorted((run for run in target.runs() if run.kind == "load" and run.run in ours), key=lambda run: run.run)
    for run in reversed(loads):
        if run.state != "rolled_back" and (run.changes or (run.state in _BROKEN_OFF and target.settle(apply=False))):
            return run.run
    return loads[-1].run if loads else ""


def undone_since(workspace: Workspace, runs: Iterable[TargetRun], load: str) -> TargetRun | None:
    """Return the rollback of a load newer than `load`, where it is the last thing that loads and rollbacks of a workspace did in the target; else None."""
    ours = set(workspace.loads())
    known = list(runs)
    undoing = {run.run for run in known if run.kind == "rollback" and run.parent in ours}
    done = [run for run in known if run.changes and (run.run in ours or run.parent in ours or run.parent in undoing)]
    newest = done[-1] if done else None
    return newest if newest is not None and newest.run in undoing and newest.parent > load else None
