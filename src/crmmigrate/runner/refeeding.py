"""Take back the workbook of rows to be corrected: what people corrected goes the same way again and is loaded beside the rest."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from crmmigrate.errors import ConfigurationError, LocationError
from crmmigrate.messages import Message, spoken
from crmmigrate.model.correction import Correction, latest
from crmmigrate.model.issue import ASIDE, RECORD
from crmmigrate.model.load_part import LoadPart
from crmmigrate.model.stage import PROJECT
from crmmigrate.model.system_words import os_reason
from crmmigrate.model.table import Table, Tables, quoted
from crmmigrate.reports.rejects import read_rejects
from crmmigrate.reports.worklist import CORRECTIONS, DECLINED, kept_corrections, write_corrections
from crmmigrate.runner.delta import apply, compare
from crmmigrate.runner.execute import reopen
from crmmigrate.runner.kept_references import keep_references
from crmmigrate.runner.left_out import Missing, as_aside, bring_linked, missing, set_aside
from crmmigrate.runner.parts import kept_part
from crmmigrate.runner.rereading import same_rows
from crmmigrate.runner.standing import standing_loads

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from crmmigrate.model.manifest import Manifest
    from crmmigrate.model.target import Target
    from crmmigrate.reports.rejects import Returned
    from crmmigrate.runner.delta import Compared
    from crmmigrate.runner.pipeline import Pipeline, Step

_NAMED = 5
"""Places that one line names."""
_CELL = 32_000
"""Characters of a value that Excel can keep, escaped, beside its correction."""


@dataclass(frozen=True)
class Fed:
    """What came of a workbook that was fed in.

    Args:
        steps: of the pipeline, the load last.
        corrected: cells that people changed.
        written: rows that the load was given.
        changed: those of them that are in the target: changes that a delta had refused.
        there: places of corrected rows that an earlier workbook had brought in: they are left as they are.
        unlike: those of them that say something else here than was brought in, each with its columns; once, however many copies say so.
    """

    steps: list[Step]
    corrected: int
    written: int
    there: tuple[str, ...] = ()
    unlike: tuple[str, ...] = ()
    changed: int = 0


@dataclass(frozen=True)
class _Told:
    """What a workbook says.

    Args:
        new: cells to be corrected.
        there: places of corrected rows that an earlier workbook had brought in.
        unlike: those of them that say something else here, in which no earlier copy had said so, each with its columns.
        declined: the cells in which they do: what they say is kept and not taken.
        again: places of rows of which an earlier copy had said the same, and was told that it is not taken.
    """

    new: list[Correction]
    there: tuple[str, ...]
    unlike: tuple[str, ...]
    declined: list[Correction]
    again: tuple[str, ...]


def feed(pipeline: Pipeline, book: Path) -> Fed:
    """Keep what people corrected, run the stages again, and load what is not in the target yet, and only that.

    Several people may correct copies of one workbook, fed in one after the other: of each only what it says anew is taken.
    After a delta that refused changes of rows that are there, this is one more delta: people may have edited these since. Rows that are unchanged or still wrong
    are rejected again. A corrected row that turns out to be the same as one that is in the target already is not written but set aside, because it would be there twice.

    Raises:
        ConfigurationError: `rejects.stale`: the workbook is of other rows of the sources; `rejects.sources-changed`; `rejects.nothing-corrected`: a load
            without rows would only make the workbook stale, of which somebody else may be correcting a copy; `rejects.contradicts`: likewise, and rows that
            are in were corrected in another way here; `rejects.changes-more`: a delta would change rows of the target that nobody corrected; it cannot be read.
        Findings: rows that cannot be taken back.
        LocationError: the workbook or the target cannot be read.
    """
    returned = read_rejects(book)
    chain = pipeline.load_chain()
    made = _made_from(pipeline, chain, returned, book)
    _refuse_other_sources(pipeline, book)
    told = _corrections(pipeline, chain, returned, made, book)
    for folder, corrections in ((CORRECTIONS, told.new), (DECLINED, told.declined)):
        if corrections:
            _keep(corrections, book, pipeline.project.file(folder))
    if refused := _refused_changes(pipeline, chain[-1]):
        compared = compare(pipeline)
        if not told.new and not compared.work:
            raise _nothing_corrected(told, book)
        changed = _changes(compared, refused | {(one.object, one.record) for one in told.new}, book)
        return Fed(apply(pipeline, compared).steps, len(told.new), compared.work, told.there, told.unlike, changed)
    pipeline.run("", "validate")
    keep_references(pipeline, chain, reopen(pipeline.context.workspace, chain[-2].run), "keep")
    part = _part(pipeline, chain)
    if not told.new and not any(part.only.values()) and not part.refill:
        raise _nothing_corrected(told, book)
    steps = pipeline.load_part(part)
    return Fed(steps, len(told.new), sum(len(part.of(name)) for name in part.only), told.there, told.unlike)


def _refused_changes(pipeline: Pipeline, load: Manifest) -> set[tuple[str, str]]:
    """Return object and record of rows that are in the target and that a delta was to change, and could not; none where the load was no delta."""
    kept = kept_part(pipeline.context.workspace, load.run)
    if kept is None or not kept.is_delta:
        return set()
    refused = {(name, record) for name in pipeline.objects() for record in set_aside(pipeline, [(load, kept)], name)}
    with pipeline.open_target() as target:
        there = {(name, record) for name in {name for name, _ in refused} for part in target.crosswalk(name) for record in part.column(RECORD).to_pylist()}  # fmt: skip
    return refused & there


def _changes(compared: Compared, allowed: set[tuple[str, str]], book: Path) -> int:
    """Return how many rows of the target a delta would change.

    Raises:
        ConfigurationError: `rejects.changes-more`: others than those `allowed`, because a mapping, the standard or what is merged has changed since.
    """
    rows = compared.outcome.tables["changes"].frame(["object", "kind", RECORD]).itertuples(index=False, name=None)
    changing = {(str(name), str(record)) for name, kind, record in rows if kind in ("changed", "taken_over")}
    if more := changing - allowed:
        raise ConfigurationError(
            "rejects.changes-more", Message("{count} rows that are in the target, and that nobody corrected here, would be changed too", count=len(more)), str(book),
            Message("what was corrected is kept, and nothing was loaded; look at what would change, then do it: crmmigrate delta {project}; crmmigrate delta {project} --apply", project=PROJECT),
        )  # fmt: skip
    return sum(figures["updated"] for figures in compared.outcome.result.facts["planned"].values())


def _nothing_corrected(told: _Told, book: Path) -> ConfigurationError:
    there = told.there
    if unlike := told.unlike + told.again:
        return ConfigurationError(
            "rejects.contradicts", Message("rows that are in the target already were corrected in another way in this workbook: {places}", places=places_line(unlike)),
            str(book), Message("nothing was loaded; edit them in the target, or in the sources and then: crmmigrate delta {project} --apply", project=PROJECT),
        )  # fmt: skip
    if there:
        return ConfigurationError(
            "rejects.nothing-corrected", Message("all rows that were corrected in the workbook are in the target already: {places}", places=places_line(there)),
            str(book), Message("these rows need nothing more; correct the others, then run this again"),
        )  # fmt: skip
    return ConfigurationError(
        "rejects.nothing-corrected", Message("nothing was corrected in the workbook, and no row has come right otherwise"), str(book),
        Message("correct the rows in the workbook, then run this again; nothing was loaded"),
    )  # fmt: skip


def places_line(places: tuple[str, ...]) -> str:
    """Return places in one line, the first few of many."""
    return ", ".join(places[:_NAMED]) + (" …" if len(places) > _NAMED else "")


def _made_from(
    pipeline: Pipeline, chain: list[Manifest], returned: tuple[Returned, ...], book: Path
) -> dict[str, Manifest]:
    """Return by the runs that made the workbook's rows the consolidation they show.

    A workbook speaks of a load, of a check before it, or of where it was stopped. Loads may have been made since, of the same
    rows of the sources: then it still says which of these are wrong.

    Raises:
        ConfigurationError: `rejects.stale`: a row is of other sources; `rejects.load-undone`: the newest load does not stand.
    """
    load = chain[-1].run
    known = {manifest.run: manifest for manifest in pipeline.context.workspace.manifests()}
    found: dict[str, Manifest] = {}
    for run in dict.fromkeys(row.run for row in returned):
        made = known.get(run)
        behind = {manifest.stage: manifest for manifest in _behind(made, known)}
        if "consolidate" not in behind or same_rows(behind["extract"]) != same_rows(chain[0]):
            about = made.parent if made else run
            raise ConfigurationError(
                "rejects.stale", Message("the workbook is about {about}; the newest load is {load}", about=about, load=load), str(book),
                Message("take the workbook of the newest reconciliation: crmmigrate reconcile {project}", project=PROJECT),
            )  # fmt: skip
        found[run] = behind["consolidate"]
    with pipeline.open_target() as target:
        runs = target.runs()
    if load not in [one.run for one in standing_loads(pipeline.context.workspace, runs, in_part=True)]:
        state = next((run.state for run in runs if run.run == load), "")
        raise ConfigurationError(
            "rejects.load-undone", Message("the load {load} does not stand in the target any more ({state})", load=load, state=state or "-"),
            str(book), Message("load again: crmmigrate run {project}", project=PROJECT),
        )  # fmt: skip
    return found


def _behind(made: Manifest | None, known: dict[str, Manifest]) -> Iterator[Manifest]:
    """Yield the runs that a run came from, down to the one that read the sources."""
    while made is not None:
        yield made
        made = known.get(made.parent)


def _refuse_other_sources(pipeline: Pipeline, book: Path) -> None:
    """See that nothing before the corrections has changed: other rows would come in with them.

    Raises:
        ConfigurationError: `rejects.sources-changed`.
    """
    fresh = replace(pipeline, tables={}, by_step={}, asides=[], steps=[])
    changed = [name for name, current in fresh.plan("", "scope") if not current]
    if changed:
        raise ConfigurationError(
            "rejects.sources-changed",
            Message("the sources or their description have changed since the load ('{stage}' would be run again)", stage=changed[0]),
            str(book), Message("put them back, or load anew: crmmigrate run {project}", project=PROJECT),
        )  # fmt: skip


def _corrections(
    pipeline: Pipeline, chain: list[Manifest], returned: tuple[Returned, ...], made: dict[str, Manifest], book: Path
) -> _Told:
    """Return the cells that say something else than the workbook did when it was made, and what it says of rows that are in the target already.

    Raises:
        ConfigurationError: a row that was never in the sources, or a value too long to be corrected here.
    """
    workspace, settled = pipeline.context.workspace, latest(kept_corrections(pipeline.project))
    loaded = Tables(reopen(workspace, chain[-1].run), confined=False)
    found: list[Correction] = []
    there: list[str] = []
    unlike: dict[str, list[Correction]] = {}
    before = {(one.cell, one.after) for one in kept_corrections(pipeline.project, folder=DECLINED)}
    by_table: dict[tuple[str, str], list[Returned]] = defaultdict(list)
    for row in returned:
        by_table[row.run, row.object].append(row)
    with pipeline.open_target() as target:
        linked = {name: {record for part in target.crosswalk(name) for record in part.column(RECORD).to_pylist()} for _, name in by_table}  # fmt: skip
    for (run, name), rows in by_table.items():
        records = [row.record for row in rows]
        tables = Tables(reopen(workspace, made[run].run), confined=False)
        known = {cells[RECORD]: cells for cells in _rows_of(tables, name, "*", records)}
        arrived = linked[name] & {cells[RECORD] for cells in _rows_of(loaded, name, RECORD, records)}
        shown = latest(kept_corrections(pipeline.project, before=run))
        for row in rows:
            if row.record not in known:
                raise ConfigurationError(
                    "rejects.unknown-row", Message("the sources have no such row of '{name}'", name=name), row.place,
                    Message("the hidden columns must stay as they were made"),
                )  # fmt: skip
            told = _of_row(row, known[row.record], shown, book)
            new = [one for one in told if one.cell not in settled or not _same(one, settled[one.cell])]
            if row.record not in arrived:
                found += new
            elif told:
                there.append(row.place)
                unlike |= {row.place: new} if new else {}
    fresh = {place: [one for one in cells if (one.cell, one.after) not in before] for place, cells in unlike.items()}
    first, again = ([place for place, cells in fresh.items() if bool(cells) is new] for new in (True, False))
    return _Told(
        found, tuple(there), _with_columns(first, unlike), [one for cells in fresh.values() for one in cells],
        _with_columns(again, unlike),
    )  # fmt: skip


def _with_columns(places: list[str], cells: dict[str, list[Correction]]) -> tuple[str, ...]:
    return tuple(f"{place} ({', '.join(one.column for one in cells[place])})" for place in places)


def _rows_of(tables: Tables, name: str, columns: str, records: list[str]) -> list[dict[str, str | None]]:
    if name not in tables:
        return []
    query = f"SELECT {columns} FROM {quoted(name)} WHERE {RECORD} IN (SELECT unnest(?))"
    rows: list[dict[str, str | None]] = tables.sql(query, [records]).to_pylist()
    return rows


def _same(one: Correction, other: Correction) -> bool:
    """Whether two copies of a workbook say the same of a cell."""
    return (one.before, one.after) == (other.before, other.after) and other.action != "keep"


def _of_row(
    row: Returned, source: dict[str, str | None], settled: dict[tuple[str, str, str], Correction], book: Path
) -> list[Correction]:
    """Return the cells of a row that people changed; `settled` are the corrections that the workbook showed."""
    found = []
    for column, before in source.items():
        told = settled.get((row.object, row.record, column))
        shown = told.after if told is not None and told.action != "keep" else before
        if column.startswith("_") or not row.changed(column, shown):
            continue
        if len(json.dumps(before)) > _CELL:
            raise ConfigurationError(
                "rejects.too-long", Message("the value is too long to be corrected in a workbook"), row.place,
                Message("correct it in the source"),
            )  # fmt: skip
        after = row.cells[column].strip() or None
        reason = row.reason or Message("corrected in {book}", book=book.name).text()
        action, place = ("correct" if after else "clear"), row.place
        found.append(Correction(row.object, row.record, column, before, action, after, reason, row.by, place))  # type: ignore[arg-type]
    return found


def _keep(corrections: list[Correction], book: Path, folder: Path) -> None:
    """Write the corrections beside those of the worklists, under a name that sorts by time."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_corrections(folder / f"{datetime.now(UTC):%Y%m%dT%H%M%S%fZ}-{book.stem}.xlsx", spoken(), corrections)
    except OSError as error:
        raise LocationError(
            "rejects.not-kept", Message("the corrections cannot be kept: {why}", why=os_reason(error)), str(folder)
        ) from error


def _part(pipeline: Pipeline, chain: list[Manifest]) -> LoadPart:
    """Return the rows that are not in the target and are to come in, which of them would bring one in twice, and references to fill."""
    before = reopen(pipeline.context.workspace, chain[-2].run)
    with pipeline.open_target() as target:
        found = missing(pipeline, target)
        held, refill = _held_and_blank(pipeline, target, found, before)
    return LoadPart(found.due, held, refill, waves=found.waves, carried=as_aside(pipeline, found.left_out))


def _held_and_blank(
    pipeline: Pipeline, target: Target, found: Missing, before: dict[str, Table]
) -> tuple[dict[str, frozenset[str]], dict[str, frozenset[str]]]:
    """Return the rows due that have taken in one of the target, and rows there of which a reference was blank `before` and is not now."""
    references = {mapping.object: mapping.references for mapping in pipeline.options("load").mappings}
    held: dict[str, frozenset[str]] = {}
    refill: dict[str, frozenset[str]] = {}
    for name, now in pipeline.by_step["validate"].items():
        if name not in pipeline.objects() or name not in before:
            continue
        given = {"now": now, "before": before[name], ASIDE: pipeline.aside()}
        tables = Tables({called: Table(called, table.path) for called, table in given.items()}, confined=False)
        bring_linked(tables, target, name, found.loads)
        in_target = f"(SELECT {RECORD} FROM there)"
        merged = f'SELECT "into" FROM {ASIDE} WHERE "table" = ? AND reason = \'merged\' AND {RECORD} IN {in_target}'
        held[name] = found.due[name] & _records(tables, merged, name)
        known = [
            column for column in references.get(name, {}) if column in before[name].columns and column in now.columns
        ]
        filled = " OR ".join(f"(b.{quoted(c)} IS NULL AND n.{quoted(c)} IS NOT NULL)" for c in known)
        if filled:
            query = f"SELECT n.{RECORD} FROM now n JOIN before b USING ({RECORD}) WHERE n.{RECORD} IN {in_target} AND ({filled})"
            if rows := _records(tables, query) - found.absent(name):
                refill[name] = rows
    return held, refill


def _records(tables: Tables, query: str, *values: str) -> frozenset[str]:
    return frozenset(tables.sql(query, values).column(0).to_pylist())
