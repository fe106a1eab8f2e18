"""Bring a target up to date: run the stages over the sources as they are now, compare with a load, and load what changed."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from crmmigrate.errors import ConfigurationError
from crmmigrate.messages import Message
from crmmigrate.model.issue import ASIDE, RECORD
from crmmigrate.model.load_part import LoadPart
from crmmigrate.model.table import Table, Tables, quoted
from crmmigrate.model.target import ROW_OF, WAS
from crmmigrate.runner.execute import execute, reopen
from crmmigrate.runner.parts import kept_part
from crmmigrate.runner.tables import TableWriter
from crmmigrate.stages import load_stage
from crmmigrate.stages.load import OTHER_WAVE, too_many_deletes

if TYPE_CHECKING:
    from pathlib import Path

    from crmmigrate.model.delta import Deletes
    from crmmigrate.model.manifest import Manifest
    from crmmigrate.reports.conflicts import Decided
    from crmmigrate.runner.execute import Outcome
    from crmmigrate.runner.pipeline import Pipeline, Step

_STANDS = ("done", "closed")


@dataclass(frozen=True)
class Compared:
    """What a delta found.

    Args:
        outcome: of the stage that compared.
        since: the load compared with.
        steps: that were run; the load last, where something was written.
    """

    outcome: Outcome
    since: str
    steps: list[Step]

    @property
    def work(self) -> int:
        """Rows that are to be inserted, changed or taken out."""
        facts = self.outcome.result.facts
        rows = sum(
            sum(figures[word] for word in ("new", "changed", "taken_over")) for figures in facts["objects"].values()
        )
        return rows + (facts["removable"] if facts["deletes"] != "keep" else 0)


def compare(pipeline: Pipeline, since: str = "", deletes: Deletes = "keep") -> Compared:
    """Run the stages up to validate and find what changed since a load; nothing is written to the target.

    Args:
        pipeline: the project.
        since: the run of a load, or a unique beginning or ending of it; by default the newest that stands in the target.
        deletes: what is to happen to rows whose records are gone.

    Raises:
        ConfigurationError: there is no such load, it does not stand any more, or it was a wave and others wait; an object whose rows
            would be archived does not say how.
    """
    chain = _chain(pipeline, since)
    load = chain[-1]
    before = {manifest.stage: reopen(pipeline.context.workspace, manifest.run) for manifest in chain}
    set_aside = pipeline.aside_of(load)
    _refuse_waves(set_aside, load.run)
    steps = pipeline.run("", "validate")
    now = pipeline.by_step["validate"]
    names = [name for name in pipeline.objects() if name in now]
    given = {f"now.{name}": now[name] for name in names}
    given |= {f"before.{name}": before["validate"][name] for name in names if name in before["validate"]}
    given |= {"aside": pipeline.aside(), "aside_before": _joined(pipeline, chain[:-1]), "set_aside": set_aside}
    stage = load_stage("delta")
    earlier = kept_part(pipeline.context.workspace, load.run)
    kept = (
        {name: frozenset(table.frame([RECORD])[RECORD]) for name, table in earlier.removed.items()} if earlier else {}
    )
    options = replace(
        stage.options.from_project(pipeline.project), since=load.run, deletes=deletes, kept=kept  # type: ignore[attr-defined]
    )  # fmt: skip
    context = replace(pipeline.context, accounted=(), parent=steps[-1].manifest.run)
    tables = {name: Table(name, table.path) for name, table in given.items()}
    with pipeline.open_target() as target:
        outcome = execute(stage, tables, options, context, target=target)
    _refuse_unarchived(outcome, options)
    return Compared(outcome, load.run, list(steps))


def apply(pipeline: Pipeline, compared: Compared) -> Compared:
    """Load what was compared, as a part of a load that can be resumed and rolled back like any other; nothing where nothing changed.

    Raises:
        LimitReached: `load.too-many-deletes`: before anything is written.
    """
    facts = compared.outcome.result.facts
    limit = pipeline.project.limits.max_delete
    if facts["deletes"] != "keep" and limit is not None and facts["removable"] > limit:
        raise too_many_deletes(facts["removable"], limit, "")
    if not compared.work:
        return compared
    made = compared.outcome.tables
    names = [name.partition(".")[2] for name in made if name.startswith("insert.")]
    only = {name: frozenset(made[f"insert.{name}"].frame([RECORD])[RECORD]) for name in names}
    part = LoadPart(
        only, since=compared.since, deletes=facts["deletes"], changed=_of(made, "update"), removed=_of(made, "remove"), carried=made["carried"]
    )  # fmt: skip
    return replace(compared, steps=pipeline.load_part(part))


def decide(pipeline: Pipeline, book: Path) -> list[Step]:
    """Write the fields for which people chose what the sources say, as a part of a load.

    A field is written only while the target holds what people saw when they decided; else it is a conflict once more.

    Raises:
        ConfigurationError: the workbook is about another load than the newest one that stands, or chooses nothing; the sources changed.
        Findings: decisions that cannot be taken.
    """
    from crmmigrate.reports.conflicts import read_decided

    decided = read_decided(book)
    chain = _chain(pipeline, "")
    for one in decided:
        if one.run != chain[-1].run:
            raise ConfigurationError(
                "conflicts.stale", Message("the workbook is about {about}; the newest load is {load}", about=one.run, load=chain[-1].run), one.place,
                Message("take the workbook of the newest delta"),
            )  # fmt: skip
    if not decided:
        raise ConfigurationError(
            "conflicts.nothing", Message("no line of the workbook takes what the sources say"), str(book),
            Message("choose it in the column of decisions"),
        )  # fmt: skip
    compared = compare(pipeline, chain[-1].run)
    if compared.work:
        raise ConfigurationError(
            "conflicts.sources-changed", Message("the sources have changed since; bring the target up to date first"), str(book),
            Message("crmmigrate delta migration.yaml --apply"),
        )  # fmt: skip
    changed = _decided_rows(pipeline, decided)
    carried = compared.outcome.tables["carried"]
    return pipeline.load_part(
        LoadPart(
            {}, since=compared.since, changed=changed, removed=_of(compared.outcome.tables, "remove"), carried=carried
        )
    )


def _decided_rows(pipeline: Pipeline, decided: tuple[Decided, ...]) -> dict[str, Table]:
    """Return the rows to be changed: what was loaded is what people saw in the target, of the decided fields alone.

    The value seen is the one the target's journal noted with the conflict: a cell of a workbook keeps no blanks at its ends.
    """
    from crmmigrate.model.issue import text_frame
    from crmmigrate.reports.conflicts import holds

    with pipeline.open_target() as target:
        noted = target.conflicts(decided[0].run)
    seen = {(row["object"], row[RECORD], row["column"]): row for row in noted.to_dict("records")}
    chosen: dict[str, dict[str, dict[str, tuple[Any, Any]]]] = defaultdict(lambda: defaultdict(dict))
    for one in decided:
        row = seen.get((one.object, one.record, one.column))
        theirs = row["theirs"] if row and isinstance(row["theirs"], str) else None
        if row is None or not holds(one, theirs):
            raise ConfigurationError(
                "conflicts.unknown-row", Message("the delta met no such conflict"), one.place, Message("the other columns must stay as they were made")
            )  # fmt: skip
        chosen[one.object][one.record][one.column] = (theirs, None)
    tables: dict[str, Table] = {}
    folder = pipeline.context.workspace.folder / "tables"
    for name, records in chosen.items():
        now = pipeline.by_step["validate"][name]
        columns = tuple(dict.fromkeys(column for fields in records.values() for column in fields))
        query = f"SELECT * FROM {quoted(name)} WHERE {RECORD} IN (SELECT unnest(?)) ORDER BY {RECORD}"
        wanted = Tables({name: now}).sql(query, [list(records)]).to_pylist()
        lines = []
        for cells in wanted:
            fields = records[cells[RECORD]]
            lines.append(
                [
                    cells[RECORD],
                    cells[RECORD],
                    *(cells[c] for c in columns),
                    *(fields[c][0] if c in fields else cells[c] for c in columns),
                ]
            )
        writer = TableWriter(
            name, folder / f"decided.{len(tables)}.parquet", (RECORD, ROW_OF, *columns, *(WAS + c for c in columns))
        )
        writer.write(text_frame(lines, (RECORD, ROW_OF, *columns, *(WAS + c for c in columns))))
        tables[name] = writer.close()
    return tables


def _of(made: dict[str, Table], kind: str) -> dict[str, Table]:
    return {name.partition(".")[2]: table for name, table in made.items() if name.startswith(f"{kind}.")}


def _chain(pipeline: Pipeline, since: str) -> list[Manifest]:
    """Return a load that stands in the target behind the runs it came from.

    Raises:
        ConfigurationError: `delta.no-load`, `delta.load-undone`, `run.no-load`.
    """
    workspace = pipeline.context.workspace
    with pipeline.open_target() as target:
        states = {run.run: run.state for run in target.runs() if run.kind == "load"}
    if since:
        asked = workspace.find(since)
        if asked.stage != "load" or states.get(asked.run) not in _STANDS:
            raise ConfigurationError(
                "delta.load-undone", Message("the run {run} is no load that stands in the target ({state})", run=asked.run, state=states.get(asked.run, "-")),
                str(workspace.folder), Message("crmmigrate runs lists them"),
            )  # fmt: skip
        return pipeline.chain_of(asked)
    standing = [
        m for m in workspace.manifests() if m.stage == "load" and m.state == "done" and states.get(m.run) in _STANDS
    ]
    if not standing:
        raise ConfigurationError(
            "delta.no-load", Message("no load of this workspace stands in the target: there is nothing to compare with"), str(workspace.folder),
            Message("load first: crmmigrate run migration.yaml"),
        )  # fmt: skip
    return pipeline.chain_of(standing[-1])


def _refuse_waves(set_aside: Table, run: str) -> None:
    waiting = set_aside.frame(["code"])["code"]
    if (waiting == OTHER_WAVE).any():
        raise ConfigurationError(
            "delta.waves-open", Message("rows still wait for another wave since the load {run}", run=run), "",
            Message("load the other waves first: crmmigrate load migration.yaml --wave NAME"),
        )  # fmt: skip


def _refuse_unarchived(outcome: Outcome, options: Any) -> None:
    """See that every object whose rows are to be archived says how.

    Raises:
        ConfigurationError: `delta.no-archive`.
    """
    for mapping in options.mappings if options.deletes == "archive" else ():
        if f"remove.{mapping.object}" in outcome.tables and not mapping.write.archive:
            raise ConfigurationError(
                "delta.no-archive", Message("the mapping of '{name}' does not say how a row is archived", name=mapping.object), mapping.file,
                Message("for example: {names}", names="write: {archive: {status: inactive}}"),
            )  # fmt: skip


def _joined(pipeline: Pipeline, chain: list[Manifest]) -> Table:
    """Return all rows that the runs of an earlier load had set aside, as one table."""
    earlier = replace(pipeline, asides=[pipeline.aside_of(manifest) for manifest in chain])
    return earlier.aside(f"{ASIDE}_before")
