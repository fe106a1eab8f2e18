"""Hand out what only people can settle, one workbook per person, and keep what they answer for every later run."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from crmmigrate.errors import ConfigurationError, Findings, LocationError
from crmmigrate.messages import Message, spoken
from crmmigrate.model.correction import latest
from crmmigrate.model.issue import ISSUES, ORIGIN, RECORD, REFERENCE
from crmmigrate.model.privacy import HANDED_OUT
from crmmigrate.model.stage import PROJECT
from crmmigrate.model.system_words import os_reason
from crmmigrate.model.table import Table, Tables, quoted
from crmmigrate.reports.worklist import (
    CORRECTIONS,
    Doubt,
    Gap,
    kept_corrections,
    read_worklist,
    write_worklist,
)
from crmmigrate.runner.decisions import keep_copy
from crmmigrate.runner.execute import reopen
from crmmigrate.runner.held_corrections import refused
from crmmigrate.runner.successors import successors
from crmmigrate.stages import declare_codes
from crmmigrate.standards import check_standard

if TYPE_CHECKING:
    from pathlib import Path

    from crmmigrate.model.correction import Correction
    from crmmigrate.model.manifest import Manifest
    from crmmigrate.model.project import Project
    from crmmigrate.model.standard import ObjectStandard
    from crmmigrate.runner.workspace import Workspace

STAGE_BUILD = "tasks"
"""The name of the runs in which worklists were made."""
_LEVELS = 3
"""How many parents up an owner is looked for."""


def build(project: Project, workspace: Workspace, folder: Path) -> dict[str, tuple[Path, int, int]]:
    """Write a workbook for everyone who has something to settle or to fill in.

    Args:
        project: the migration.yaml.
        workspace: with the runs of standardise and fill.
        folder: where the workbooks go.

    Returns:
        Per person: the workbook, its cells to settle and its records to complete; the person is empty where nobody is named.

    Raises:
        ConfigurationError: there is no standard, or fill was never completed here.
        LocationError: the folder cannot be written.
    """
    filled, standardised = _runs(project, workspace)
    tables = Tables(reopen(workspace, filled.run) | {
        name: Table(name, workspace.runs_folder / run.run / "tables" / f"{ISSUES}.parquet")
        for name, run in (("issues", standardised), ("suggestions", filled))
    })  # fmt: skip
    standard = check_standard(project.file(project.standard))
    named = {name: spec.owner for name, spec in project.sources.items()}
    settled = latest(kept_corrections(project))
    instead = successors(project, standard.objects, tables)

    def answers(owner: str, record: str) -> str:
        person = owner or named.get(record.partition("/")[0], "")
        return instead.get(person.strip(), person)

    doubts: dict[str, list[Doubt]] = defaultdict(list)
    gaps: dict[str, list[Gap]] = defaultdict(list)
    for name, spec in standard.objects.items():
        if name not in tables:
            continue
        owners = _owner_query(tables, standard.objects, name)
        for owner, doubt in _doubts(tables, name, spec, owners, settled):
            doubts[answers(owner, doubt.record)].append(doubt)
        for owner, gap in _gaps(tables, name, spec, owners):
            gaps[answers(owner, gap.record)].append(gap)
    declare_codes()
    paths = workbook_paths(folder, sorted({*doubts, *gaps}))
    for path in paths.values():
        _refuse_uncollected(path, settled)
    made = {owner: _written(path, owner, doubts[owner], gaps[owner], filled.run) for owner, path in paths.items()}
    if made:
        run = workspace.begin(STAGE_BUILD, parent=filled.run)
        run.manifest.facts = {HANDED_OUT: {owner: str(path.resolve()) for owner, path in paths.items()}}
        run.end("done", 0)
    return made


def _runs(project: Project, workspace: Workspace) -> tuple[Manifest, Manifest]:
    """Return the newest run of fill and the run of standardise it came from."""
    known = {manifest.run: manifest for manifest in workspace.manifests()}
    filled = workspace.latest("fill") if project.standard else None
    standardised = known.get(filled.parent) if filled else None
    if filled is None or standardised is None:
        raise ConfigurationError(
            "tasks.nothing-yet", Message("nothing was standardised and filled in this workspace yet"), str(workspace.folder),
            Message("run: crmmigrate run {project} --to fill", project=PROJECT),
        )  # fmt: skip
    return filled, standardised


def _owner_query(tables: Tables, objects: dict[str, ObjectStandard], name: str, depth: int = 0) -> str:
    """Return SQL of (`_record`, owner): who is named in the row, else in its parent."""
    own = objects[name].owner if name in objects else ""
    columns = tables[name].columns
    found = [f"r.{quoted(own)}"] if own in columns else []
    joins = ""
    parents = [column for column in columns if column.startswith(REFERENCE)] if depth < _LEVELS else []
    for number, column in enumerate(parents):
        parent = column.removeprefix(REFERENCE)
        if parent in tables and parent != name:
            above = _owner_query(tables, objects, parent, depth + 1)
            joins += f" LEFT JOIN ({above}) p{number} ON p{number}.{RECORD} = r.{quoted(column)}"
            found.append(f"p{number}.owner")
    return f"SELECT r.{RECORD}, coalesce({', '.join([*found, 'NULL'])}) AS owner FROM {quoted(name)} r{joins}"


def _named(tables: Tables, name: str, spec: ObjectStandard) -> list[str]:
    """Return the columns by which people recognise a record."""
    required = [column for column, rules in spec.columns.items() if rules.required][:2]
    wanted = spec.known_by or tuple(dict.fromkeys((spec.key, *required)))
    return [column for column in wanted if column in tables[name].columns]


def _doubts(
    tables: Tables, name: str, spec: ObjectStandard, owners: str, settled: dict[tuple[str, str, str], Correction]
) -> list[tuple[str, Doubt]]:
    """Return owner and cell of everything that a person has to look at, errors first."""
    names = [f"r.{quoted(column)}" for column in _named(tables, name, spec)]
    query = (
        f'SELECT i.{RECORD} AS record, i."column", any_value(i.{ORIGIN}) AS origin, any_value(i.before) AS before, '
        "list(DISTINCT i.code ORDER BY i.code) AS codes, "
        "list(DISTINCT i.after ORDER BY i.after) FILTER (i.confidence = 'suggested' AND i.after IS NOT NULL) AS proposals, "
        f"any_value(concat_ws(' ', {', '.join([*names, 'NULL'])})) AS named, any_value(o.owner) AS owner "
        "FROM (FROM issues UNION ALL FROM suggestions WHERE confidence = 'suggested') i "
        f"JOIN {quoted(name)} r ON r.{RECORD} = i.{RECORD} LEFT JOIN ({owners}) o ON o.{RECORD} = i.{RECORD} "
        "WHERE i.\"table\" = ? AND i.severity IN ('error', 'warning') AND i.\"column\" <> '' "
        f'GROUP BY i.{RECORD}, i."column" ORDER BY bool_or(i.severity = \'error\') DESC, i."column", i.{RECORD}'
    )
    found = []
    for row in tables.sql(query, [name]).to_pylist():
        told = settled.get((name, row["record"], row["column"]))
        if told is not None and told.action == "keep" and told.before == row["before"]:
            continue
        proposals = tuple(part for text in row["proposals"] or () for part in text.split(" | "))
        doubt = Doubt(
            name,
            row["record"],
            row["column"],
            row["origin"] or "",
            row["before"],
            tuple(row["codes"]),
            proposals,
            row["named"],
        )
        found.append((row["owner"] or "", doubt))
    return found


def _gaps(tables: Tables, name: str, spec: ObjectStandard, owners: str) -> list[tuple[str, Gap]]:
    """Return owner and record of everything in which a column that matters is empty."""
    columns = tables[name].columns
    wanted = [
        column for column, rules in spec.columns.items() if (rules.required or rules.wanted) and column in columns
    ]
    if not wanted:
        return []
    known = list(dict.fromkeys([*_named(tables, name, spec), *wanted]))
    chosen = ", ".join(f"r.{quoted(column)}" for column in (RECORD, ORIGIN, *known))
    empty = " OR ".join(f"r.{quoted(column)} IS NULL" for column in wanted)
    query = (
        f"SELECT {chosen}, o.owner AS _owner FROM {quoted(name)} r LEFT JOIN ({owners}) o ON o.{RECORD} = r.{RECORD} "
        f"WHERE {empty} ORDER BY r.{RECORD}"
    )
    said = (
        f'SELECT {RECORD} AS record, "column", any_value(before) AS raw FROM issues '
        'WHERE "table" = ? AND before IS NOT NULL AND after IS NULL GROUP BY ALL'
    )
    raw = {(row["record"], row["column"]): row["raw"] for row in tables.sql(said, [name]).to_pylist()}
    found: list[tuple[str, Gap]] = []
    for row in tables.sql(query).to_pylist():
        open_ = tuple(column for column in wanted if row[column] is None)
        shown: dict[str, Any] = {column: row[column] for column in known}
        instead = {column: raw[row[RECORD], column] for column in open_ if (row[RECORD], column) in raw}
        found.append((row["_owner"] or "", Gap(name, row[RECORD], row[ORIGIN] or "", shown, open_, instead)))
    return found


def workbook_paths(folder: Path, owners: list[str]) -> dict[str, Path]:
    """Return the workbook of each owner; names that file systems take for one are told apart."""
    paths: dict[str, Path] = {}
    taken: set[str] = set()
    for owner in owners:
        safe = "".join("_" if letter in '\\/:*?"<>|' or letter < " " else letter for letter in owner).strip(" .")
        base = name = safe or Message("nobody named").text()
        number = 1
        while name.casefold() in taken:
            number += 1
            name = f"{base} ({number})"
        taken.add(name.casefold())
        paths[owner] = folder / f"{name}.xlsx"
    return paths


def _refuse_uncollected(path: Path, settled: dict[tuple[str, str, str], Correction]) -> None:
    """Refuse to write over a workbook whose answers were not collected yet.

    Raises:
        ConfigurationError: it holds such answers.
    """
    if not path.exists():
        return
    try:
        answers = read_worklist(path)
        waiting = any((known := settled.get(answer.cell)) is None or known.after != answer.after for answer in answers)
    except Findings:
        waiting = True
    if waiting:
        raise ConfigurationError(
            "tasks.uncollected", Message("the workbook holds answers that were not collected yet"), str(path),
            Message("collect it with 'tasks collect', or move it away"),
        )  # fmt: skip


def _written(path: Path, owner: str, doubts: list[Doubt], gaps: list[Gap], run: str) -> tuple[Path, int, int]:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_worklist(path, spoken(), owner or Message("nobody named").text(), doubts, gaps, run)
    except OSError as error:
        raise LocationError(
            "report.not-writable", Message("the file cannot be written: {why}", why=os_reason(error)), str(path),
            Message("is it open in Excel, or is there no room?"),
        ) from error  # fmt: skip
    return path, len(doubts), len(gaps)


def keep(project: Project, books: tuple[Path, ...]) -> list[Correction]:
    """Keep workbooks that came back for this and every later run, and return the cells that they settle.

    New values are held to the data standard: what it refuses would come again with the next worklist.

    Raises:
        Findings: rows that cannot be taken over, of all workbooks together; none of them is kept.
        LocationError: one does not exist, or cannot be copied.
    """
    settled: dict[Path, tuple[Correction, ...]] = {}
    errors: list[ConfigurationError] = []
    for book in books:
        try:
            answers = read_worklist(book)
            if strange := {a.record.partition("/")[0] for a in answers} - set(project.sources):
                raise ConfigurationError(
                    "tasks.other-project", Message("the workbook is of another migration: no source is called '{name}'", name=min(strange)),
                    str(book), Message("give the migration.yaml it was made from"),
                )  # fmt: skip
            settled[book] = answers
            errors += refused(answers, project)
        except Findings as found:
            errors += found.errors
    if errors:
        raise Findings(errors)
    for book in (book for book, answers in settled.items() if answers):
        keep_copy(book, project.file(CORRECTIONS))
    return [answer for answers in settled.values() for answer in answers]
