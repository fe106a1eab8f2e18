"""Which of the rows that could be loaded a part of a load leaves out: their wave is still to come, or a rollback took them out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from crmmigrate.model.issue import ASIDE, ASIDE_COLUMNS, ORIGIN, RECORD
from crmmigrate.model.left_out import LEFT_OUT, LEFT_OUT_COLUMNS, NO_WAVE, OTHER_WAVE, TAKEN_BACK
from crmmigrate.model.table import Table, Tables
from crmmigrate.runner.parts import kept_part
from crmmigrate.runner.standing import since_whole, standing_loads
from crmmigrate.runner.tables import TableWriter
from crmmigrate.runner.waves import records_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from crmmigrate.model.manifest import Manifest
    from crmmigrate.model.target import Target
    from crmmigrate.runner.pipeline import Pipeline
    from crmmigrate.runner.standing import Loaded

_NONE: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Missing:
    """What of the rows that were validated the target holds, and what is to become of the others.

    Args:
        waves: that were loaded.
        loads: of which links count: they have ended, and no other project made them.
        due: object → records that are to come in; what the newest load refused is due again, be it linked to a row or not.
        left_out: object → record → code (`model.left_out`) of those that are to stay out.
    """

    waves: tuple[str, ...]
    loads: frozenset[str]
    due: Mapping[str, frozenset[str]]
    left_out: Mapping[str, Mapping[str, str]]

    def absent(self, name: str) -> frozenset[str]:
        """Return the records of an object that were validated and are not in the target."""
        return self.due.get(name, _NONE) | self.left_out.get(name, {}).keys()


def missing(pipeline: Pipeline, target: Target, *, wave: str = "", back: bool = False) -> Missing:
    """Compare the rows that were validated with what the loads that stand have brought in.

    Args:
        pipeline: its stages up to validate were run.
        target: opened.
        wave: which is to be loaded now, and nothing else but what was refused before; all that is due where it is empty.
        back: whether rows that a rollback took out are due again.
    """
    workspace, runs = pipeline.context.workspace, target.runs()
    loads = since_whole(workspace, standing_loads(workspace, runs, in_part=True))
    named = {name for _, part in loads if part is not None for name in (part.wave, *part.waves)}
    every = {name: records_of(pipeline, name) for name in pipeline.project.waves} if named - {""} or wave else {}
    waves = tuple(name for name in every if name in named)
    ours = pipeline.owner
    ended = frozenset(
        run.run for run in runs
        if run.kind == "load" and run.state not in ("running", "stopped")
        and (ours.take_over or run.run in ours.known or run.project in ("", ours.project))
    )  # fmt: skip
    by = [] if back else _rollbacks(pipeline, target, loads)
    due: dict[str, frozenset[str]] = {}
    left_out: dict[str, dict[str, str]] = {}
    for name, table in pipeline.by_step["validate"].items():
        if name not in pipeline.objects():
            continue
        of_waves = {known: records.get(name, _NONE) for known, records in every.items()}
        refused = set_aside(pipeline, loads[-1:], name)
        tables = Tables({"now": Table("now", table.path)}, confined=False)
        bring_linked(tables, target, name, ended)
        query = f"SELECT {RECORD} FROM now WHERE {RECORD} NOT IN (SELECT {RECORD} FROM there) OR {RECORD} IN (SELECT unnest(?::VARCHAR[]))"
        absent = frozenset(tables.sql(query, [sorted(refused)]).column(0).to_pylist())
        turn = absent & _NONE.union(*(of_waves[known] for known in waves)) if every else absent
        gone = _gone(pipeline, target, name, turn, by, loads) if not back else _NONE
        due[name] = absent & (of_waves[wave] | refused) if wave else turn - gone
        codes = dict.fromkeys(absent - due[name], OTHER_WAVE)
        codes |= dict.fromkeys(absent.difference(due[name], turn, *of_waves.values()), NO_WAVE)
        left_out[name] = codes | dict.fromkeys(gone - due[name], TAKEN_BACK)
    return Missing(waves, ended, due, left_out)


def bring_linked(tables: Tables, target: Target, name: str, loads: frozenset[str]) -> None:
    """Make a table `there` of the records of an object that some loads linked to a row; DuckDB may spill it."""
    tables.connection.execute(f"CREATE OR REPLACE TEMP TABLE there ({RECORD} VARCHAR)")
    for part in target.loaded(name):
        tables.connection.register("crmm_part", part[part["run"].isin(loads)][[RECORD]])
        tables.connection.execute("INSERT INTO there SELECT * FROM crmm_part")
        tables.connection.unregister("crmm_part")


def _gone(
    pipeline: Pipeline, target: Target, name: str, turn: frozenset[str], by: Sequence[str], loads: Sequence[Loaded]
) -> frozenset[str]:
    """Return those of some records that rollbacks took out, or that were left out already because one had."""
    gone = target.taken_back(name, sorted(turn), by) if by and turn else ()
    return (_NONE.union(gone) | set_aside(pipeline, loads, name, TAKEN_BACK)) & turn


def _rollbacks(pipeline: Pipeline, target: Target, loads: Sequence[Loaded]) -> list[str]:
    """Return the rollbacks that took out what people chose, or a wave, since the first of some loads.

    Any other rollback of a whole load leaves things as if the load had never been: what it brought in is new once more.
    """
    runs = target.runs()
    since = next((run.since for run in runs if loads and run.run == loads[0][0].run), "")
    parts = {run.run: kept_part(pipeline.context.workspace, run.run) for run in runs if run.kind == "load"}
    waves = {run for run, part in parts.items() if part is not None and part.wave}
    return [
        run.run for run in runs
        if run.kind == "rollback" and run.state in ("done", "rolled_back_in_part") and run.since > since
        and (run.selection or run.parent in waves)
    ]  # fmt: skip


def set_aside(pipeline: Pipeline, loads: Sequence[Loaded], name: str, code: str = "") -> frozenset[str]:
    """Return the records of an object that some loads set aside with a code; without one, those that they refused."""
    found: set[str] = set()
    for load, _ in loads:
        aside = pipeline.aside_of(load).frame([RECORD, "table", "code", "reason"])
        wanted = aside["code"] == code if code else aside["reason"] == "rejected"
        found |= {*aside[(aside["table"] == name) & wanted][RECORD]}
    return frozenset(found)


def told_by(pipeline: Pipeline, load: Manifest) -> dict[str, dict[str, str]]:
    """Return object → record → code of the rows that a load left out."""
    aside = pipeline.aside_of(load).frame(["table", RECORD, "code"])
    aside = aside[aside["code"].isin(LEFT_OUT)]
    return {str(name): dict(zip(rows[RECORD], rows["code"], strict=True)) for name, rows in aside.groupby("table")}


def as_table(pipeline: Pipeline, left_out: Mapping[str, Mapping[str, str]]) -> Table:
    """Write rows that stay out as a table of `LEFT_OUT_COLUMNS`."""
    import pandas as pd

    writer = TableWriter("left_out", _folder(pipeline) / "left_out.parquet", LEFT_OUT_COLUMNS)
    for name, codes in left_out.items():
        rows = pd.DataFrame({RECORD: list(codes), "code": list(codes.values())}, dtype="str")
        writer.write(rows.assign(object=name))
    return writer.close()


def as_aside(pipeline: Pipeline, left_out: Mapping[str, Mapping[str, str]]) -> Table:
    """Write rows that stay out as a load sets them aside (`ASIDE_COLUMNS`)."""
    writer = TableWriter(ASIDE, _folder(pipeline) / "left_out_aside.parquet", ASIDE_COLUMNS)
    for name, codes in left_out.items():
        rows = pipeline.by_step["validate"][name].frame([RECORD, ORIGIN])
        rows = rows[rows[RECORD].isin(codes.keys())]
        writer.write(rows.assign(table=name, reason="out_of_scope", code=rows[RECORD].map(codes)))
    return writer.close()


def _folder(pipeline: Pipeline) -> Path:
    folder = pipeline.context.workspace.folder / "tables"
    folder.mkdir(parents=True, exist_ok=True)
    return folder
