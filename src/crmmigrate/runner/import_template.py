"""Fill a CRM's import template with the rows of a migration, and read what the CRM answered back into a crosswalk."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crmmigrate.errors import ConfigurationError
from crmmigrate.messages import Message, spoken
from crmmigrate.model.document import nearest
from crmmigrate.model.import_profile import ImportProfile, Layout, read_profile
from crmmigrate.model.issue import ORIGIN, RECORD, text_frame
from crmmigrate.model.location import Location
from crmmigrate.model.mapping import read_mappings
from crmmigrate.model.table import Table
from crmmigrate.reports.import_result import WORKBOOK, Answered, write_import_result
from crmmigrate.runner.packs import import_profiles
from crmmigrate.runner.single import read_tables
from crmmigrate.runner.tables import TableWriter
from crmmigrate.sources._template import read_template, template_layout
from crmmigrate.targets.template import digits, fill
from crmmigrate.targets.template_check import check_files

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crmmigrate.model.mapping import Mapping
    from crmmigrate.runner.pipeline import Pipeline
    from crmmigrate.targets.template import Row

STAGE_FILL, STAGE_RESULT = "template", "import"
_FILED = ("object", RECORD, ORIGIN, "file", "key", "state", "code", "column", "target_key")
_ANSWER = ("object", RECORD, ORIGIN, "file", "key", "target_key", "state", "reason")


@dataclass(frozen=True)
class Made:
    """What was filled: `files`, the rows in them, those that are in none by reason, and what a reader of the files would complain of.

    `taken` rows were taken by the CRM before and are not written again.
    """

    run: str
    files: list[Path]
    rows: int
    rejected: Counter[str]
    cleared: int
    taken: int = 0
    problems: list[tuple[str, Message]] = field(default_factory=list)


def profile_named(name: str) -> ImportProfile:
    """Return a shipped profile by its name, or one in a file.

    Raises:
        ConfigurationError: there is none of that name.
        LocationError: the file cannot be read; Findings: it is wrong.
    """
    known = import_profiles()
    path = known.get(name) or Path(name)
    if name not in known and not path.exists():
        raise ConfigurationError(
            "profile.unknown", Message("no profile is called '{name}'", name=name), "--profile",
            nearest(name, known) or Message("one of: {words}", words=", ".join(known)),
        )  # fmt: skip
    return read_profile(path)


def fill_template(pipeline: Pipeline, name: str, profile: ImportProfile, template: Path | None, folder: Path) -> Made:
    """Run the stages up to validate and write the rows of one object into import files.

    Rows that the CRM has taken according to an earlier `collect_results` are left out. References are written as what their record is called in the new system: the value by which the mapping of that object
    finds it (`match: on`). The files are read again, and held against the limits and the template.

    Raises:
        ConfigurationError: there is no such object or column; the template would lose dropdowns or notes.
        LocationError: a file cannot be read or written.
    """
    pipeline.run(last="validate")
    mappings = {m.object: m for m in read_mappings([pipeline.project.file(pipeline.project.mappings)])}
    rows = pipeline.by_step["validate"]
    if name not in mappings or name not in rows:
        raise ConfigurationError(
            "project.unknown-object",
            Message("no object is called '{name}'", name=name),
            "--object",
            nearest(name, rows),
        )
    mapping = mappings[name]
    columns = list(mapping.fields)
    layout = _layout(template, profile, columns)
    stem = folder / (layout.sheet or name)
    taken = _taken(pipeline, name)
    waiting = (row for row in _rows(rows, mapping, mappings, columns) if row[0] not in taken)
    filled = fill(template, layout, columns, waiting, profile, stem)
    paths = [path for path, _ in filled.files]
    problems = check_files(paths, profile, layout)
    if template is not None and profile.format == "xlsx":
        _refuse_lost(template, paths)
    run = _file(pipeline, name, mapping, profile, rows[name], filled, taken)
    rejected = Counter(reject.code for reject in filled.rejects)
    return Made(
        run, paths, sum(len(records) for _, records in filled.files), rejected, filled.cleared, len(taken), problems
    )


def _layout(template: Path | None, profile: ImportProfile, columns: list[str]) -> Layout:
    if template is None:
        return Layout("", 1, 2, {column: at for at, column in enumerate(columns, start=1)})
    if template.suffix.lower() != ".xlsx":
        raise ConfigurationError(
            "template.not-xlsx", Message("the template is no .xlsx workbook"), str(template),
            Message("open it in Excel and save it as .xlsx"),
        )  # fmt: skip
    layouts = template_layout(template, header_row=profile.header_row, first_row=profile.first_row)
    if not layouts:
        raise ConfigurationError(
            "schema.no-template", Message("no sheet of this workbook has a row of column names"), str(template),
            Message("give the template that the CRM offers for imports, as .xlsx"),
        )  # fmt: skip
    return max(layouts.values(), key=lambda layout: len(set(columns) & set(layout.columns)))


def _rows(
    tables: dict[str, Table], mapping: Mapping, mappings: dict[str, Mapping], columns: list[str]
) -> Iterator[Row]:
    called: dict[str, dict[str, str]] = {}
    for parent in {spec.lookup.object for spec in mapping.fields.values() if spec.lookup}:
        if parent in mappings and parent in tables:
            rows = tables[parent].frame([RECORD, mappings[parent].match.on[0]]).dropna()
            called[parent] = dict(zip(rows.iloc[:, 0], rows.iloc[:, 1], strict=True))
    for batch in tables[mapping.object].batches():
        picked = batch[[RECORD, *columns]]
        for column, spec in mapping.fields.items():
            if spec.lookup and spec.lookup.object in called:
                names = called[spec.lookup.object]
                picked = picked.assign(
                    **{column: picked[column].map(lambda value, names=names: names.get(value, value))}
                )
        plain = picked.astype(object).where(picked.notna(), None)
        yield from ((str(record), tuple(cells)) for record, *cells in plain.itertuples(index=False, name=None))


def _refuse_lost(template: Path, paths: list[Path]) -> None:
    """See that the first copy says of every column what the template says: title, note, list to choose from."""
    if not paths:
        return
    before, after = read_template(template), read_template(paths[0])
    for table, spec in before.tables.items():
        for name, column in spec.columns.items():
            copied = after.tables[table].columns.get(name) if table in after.tables else None
            same = copied is not None and (copied.note, copied.required, copied.title) == (
                column.note,
                column.required,
                column.title,
            )
            lists = [schema.picklists.get(c.picklist, {}) for schema, c in ((before, column), (after, copied)) if c]
            if not same or (len(lists) == 2 and lists[0] != lists[1]):
                for path in paths:
                    path.unlink(missing_ok=True)
                raise ConfigurationError(
                    "template.not-kept", Message("the copies would lose what the template says of column '{column}'", column=name), str(template),
                    Message("dropdowns that point to another sheet are kept when their list is given a name; save the template so and try again"),
                )  # fmt: skip


def _taken(pipeline: Pipeline, name: str) -> dict[str, str | None]:
    """Return record → the CRM's key, of the rows that the newest result says the CRM has."""
    workspace = pipeline.context.workspace
    newest = next(
        (m for m in reversed(list(workspace.manifests())) if m.stage == STAGE_RESULT and m.facts.get("object") == name),
        None,
    )
    if newest is None:
        return {}
    rows = Table("imported", workspace.runs_folder / newest.run / "tables" / "imported.parquet").frame()
    there = rows[rows["state"] == "taken"]
    keys = there["target_key"].astype(object).where(there["target_key"].notna(), None)
    return dict(zip(there[RECORD], keys, strict=True))


def _file(
    pipeline: Pipeline, name: str, mapping: Mapping, profile: ImportProfile, table: Table, filled: Any, taken: dict[str, str | None]
) -> str:  # fmt: skip
    """Keep which row went into which file, by its key; what is in none is set aside."""
    key = mapping.match.on[0]
    known = table.frame([RECORD, ORIGIN, key])
    told = {
        row[0]: (row[1], row[2])
        for row in known.astype(object).where(known.notna(), None).itertuples(index=False, name=None)
    }
    wanted = [(record, path.name, "filled", None, None) for path, records in filled.files for record in records]
    wanted += [(reject.record, None, "rejected", reject.code, reject.column or None) for reject in filled.rejects]
    wanted += [(record, None, "taken", None, None) for record in taken if record in told]
    rows = []
    for record, file, state, code, column in wanted:
        origin, value = told[record]
        value = digits(value) if value and key in profile.digits_only else value
        rows.append((name, record, origin, file, value, state, code, column, taken.get(record)))
    run = pipeline.context.workspace.begin(STAGE_FILL, parent=pipeline.steps[-1].manifest.run)
    writer = TableWriter("filed", run.table_path("filed"), _FILED)
    writer.write(text_frame(rows, _FILED))
    writer.close()
    run.manifest.outputs = {"filed": {"rows": len(rows), "sha256": "", "path": "tables/filed.parquet"}}
    run.manifest.facts = {
        "object": name, "key": key, "crm": profile.title, "result_key": profile.result.key, "failed": list(profile.result.failed),
        "files": {path.name: len(records) for path, records in filled.files}, "rejected": len(filled.rejects),
    }  # fmt: skip
    run.end("done", 1 if filled.rejects else 0)
    return run.manifest.run


def collect_results(pipeline: Pipeline, name: str, results: tuple[Path, ...]) -> tuple[str, Answered, str]:
    """Read the CRM's result files and tell of every row that was to be imported what became of it.

    Returns:
        The run that holds the crosswalk (`imported`), the figures, and the path of the report.

    Raises:
        ConfigurationError: nothing was filled for this object, or a file has no column of keys.
        LocationError: a file cannot be read.
    """
    workspace = pipeline.context.workspace
    made = next(
        (m for m in reversed(list(workspace.manifests())) if m.stage == STAGE_FILL and m.facts.get("object") == name),
        None,
    )
    if made is None:
        raise ConfigurationError(
            "template.nothing-yet", Message("no import file was filled for '{name}' in this workspace", name=name), str(workspace.folder),
            Message("run: crmmigrate template fill migration.yaml --object {name} …", name=name),
        )  # fmt: skip
    filed = Table("filed", workspace.runs_folder / made.run / "tables" / "filed.parquet").frame().astype(object)
    answers: dict[str, list[tuple[str | None, str | None]]] = {}
    for path in results:
        for key, target_key, reason in _answers(pipeline, path, made.facts):
            answers.setdefault(key, []).append((target_key, reason))
    rows: list[tuple[str | None, ...]] = []
    shared = Counter(filed.loc[filed["state"] == "filled", "key"])
    plain: Any = filed.where(filed.notna(), None).to_dict("records")
    for row in plain:
        key, state = row["key"], row["state"]
        told = answers.pop(key, []) if key and shared[key] == 1 and state == "filled" else []
        target_key, reason = row["target_key"], row["code"]
        if told:
            taken = [answer for answer in told if answer[1] is None]
            state, target_key, reason = ("taken", taken[-1][0], None) if taken else ("refused", None, told[-1][1])
        elif state == "filled":
            state = "unanswered"
        rows.append((row["object"], row[RECORD], row[ORIGIN], row["file"], key, target_key, state, reason))
    strangers = sum(map(len, answers.values()))
    run = workspace.begin(STAGE_RESULT, parent=made.run)
    writer = TableWriter("imported", run.table_path("imported"), _ANSWER)
    writer.write(text_frame(rows, _ANSWER))
    writer.close()
    counts = Counter(str(row[6]) for row in rows)
    found = Answered(
        name, len(rows), counts["taken"], counts["refused"], counts["rejected"], counts["unanswered"], strangers
    )
    report = run.report_path(WORKBOOK)
    write_import_result(report, spoken(), found, rows)
    run.manifest.outputs = {"imported": {"rows": len(rows), "sha256": "", "path": "tables/imported.parquet"}}
    run.manifest.reports.append(WORKBOOK)
    run.manifest.facts = {**vars(found), "agrees": found.agrees}
    run.end("done", 0 if found.agrees else 1)
    return run.manifest.run, found, str(report)


def _answers(pipeline: Pipeline, path: Path, facts: dict[str, Any]) -> Iterator[tuple[str, str | None, str | None]]:
    """Yield key, the CRM's own key and the reason of refusal of each row of a result file."""
    tables = read_tables([Location(str(path))], pipeline.context).tables
    table = next((t for t in tables.values() if facts["key"] in t.columns), None)
    if table is None:
        raise ConfigurationError(
            "template.no-key", Message("the result file has no column '{column}', by which rows are found again", column=facts["key"]), str(path),
            Message("give the file as the CRM wrote it"),
        )  # fmt: skip
    reasons = [column for column in facts["failed"] if column in table.columns]
    own = facts["result_key"] if facts["result_key"] in table.columns else None
    for batch in table.batches():
        cells = batch.astype(object).where(batch.notna(), None)
        for row in cells.to_dict("records"):
            why = "; ".join(str(row[column]) for column in reasons if row[column])
            if row[facts["key"]]:
                yield str(row[facts["key"]]), row[own] if own else None, why or None
