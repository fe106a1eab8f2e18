"""Fill a CRM's import template with the rows of a migration, as many files as its limits ask for."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crmmigrate.errors import ConfigurationError
from crmmigrate.messages import Message
from crmmigrate.model.document import nearest, nearest_or_all
from crmmigrate.model.import_profile import ImportProfile, Layout, read_profile
from crmmigrate.model.issue import ORIGIN, RECORD, text_frame
from crmmigrate.model.mapping import read_mappings
from crmmigrate.model.privacy import HANDED_OUT
from crmmigrate.model.table import Table
from crmmigrate.model.target import Reject
from crmmigrate.runner.packs import import_profiles
from crmmigrate.runner.tables import TableWriter
from crmmigrate.runner.workspace import file_digest
from crmmigrate.sources._template import read_template, template_layout
from crmmigrate.targets.template import NAME_TWICE, NO_NAME, digits, fill
from crmmigrate.targets.template_check import check_files

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from crmmigrate.model.manifest import Manifest
    from crmmigrate.model.mapping import Lookup, Mapping
    from crmmigrate.runner.pipeline import Pipeline
    from crmmigrate.targets.template import Row

STAGE_FILL, STAGE_RESULT = "template", "import"
_FILED = ("object", RECORD, ORIGIN, "file", "key", "state", "code", "column", "target_key")
_BETWEEN = " | "
"""Stands between the values of a key of several columns."""


@dataclass(frozen=True)
class Made:
    """What was filled: `files`, the rows in them, those that are in none by reason, and what a reader of the files would complain of.

    `taken` rows were taken by the CRM before and are not written again; `removed` files of an earlier fill are no part of this one.
    """

    run: str
    files: list[Path]
    rows: int
    rejected: Counter[str]
    cleared: int
    taken: int = 0
    removed: int = 0
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

    Rows that the CRM has taken according to the results collected so far are left out. References are written as what their record is
    called in the new system: the first value by which the mapping of that object finds it (`match: on`); a row whose parent has none, or
    one that another record has too, is in no file. The files are read again, and held against the limits and the template. Those of an
    earlier fill that are no part of this one are removed, so that nobody imports them.

    Raises:
        ConfigurationError: there is no such object or column; the template would lose dropdowns or notes; a file that no fill wrote has the
            name of one.
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
            nearest_or_all(name, rows),
        )
    mapping = mappings[name]
    columns = list(mapping.fields)
    layout = _layout(template, profile, columns)
    stem = folder / (layout.sheet or name)
    taken = _taken(pipeline, name)
    before = _of_earlier_fills(pipeline, stem, profile)
    unnamed: list[Reject] = []
    waiting = _rows(rows, mapping, mappings, columns, taken, unnamed)
    filled = fill(template, layout, columns, waiting, profile, stem)
    filled.rejects += unnamed
    paths = [path for path, _ in filled.files]
    problems = check_files(paths, profile, layout)
    if template is not None and profile.format == "xlsx":
        _refuse_lost(template, paths)
    stale = [path for path in before if path not in paths]
    for path in stale:
        path.unlink(missing_ok=True)
    run = _file(pipeline, name, mapping, profile, rows[name], filled, taken)
    rejected = Counter(reject.code for reject in filled.rejects)
    return Made(
        run, paths, sum(len(records) for _, records in filled.files), rejected, filled.cleared, len(taken), len(stale), problems
    )  # fmt: skip


def _layout(template: Path | None, profile: ImportProfile, columns: list[str]) -> Layout:
    if template is None:
        return Layout("", 1, 2, {column: at for at, column in enumerate(columns, start=1)})
    if template.suffix.lower() != ".xlsx":
        raise ConfigurationError(
            "template.not-xlsx", Message("the template is no .xlsx workbook"), str(template),
            Message("open it in Excel and save it as .xlsx"),
        )  # fmt: skip
    layouts = template_layout(template, header_row=profile.header_row, first_row=profile.first_row)
    if not layouts and profile.header_row and template_layout(template):
        raise ConfigurationError(
            "template.header-elsewhere", Message("the import wants the column names in row {row}, and no sheet has them there", row=profile.header_row), str(template),
            Message("take out the rows above them, or say 'header_row' in a profile of your own"),
        )  # fmt: skip
    if not layouts:
        raise ConfigurationError(
            "schema.no-template", Message("no sheet of this workbook has a row of column names"), str(template),
            Message("give the template that the CRM offers for imports, as .xlsx"),
        )  # fmt: skip
    return max(layouts.values(), key=lambda layout: len(set(columns) & set(layout.columns)))


def _of_earlier_fills(pipeline: Pipeline, stem: Path, profile: ImportProfile) -> list[Path]:
    """Return the numbered files that an earlier fill of this workspace wrote and nobody changed since.

    Raises:
        ConfigurationError: another file has such a name.
    """
    numbered = re.compile(re.escape(stem.name) + r"_\d{3,}\." + profile.format)
    there = sorted(stem.parent.iterdir()) if stem.parent.is_dir() else []
    found = [path for path in there if numbered.fullmatch(path.name)]
    fills = (m for m in pipeline.context.workspace.manifests() if m.stage == STAGE_FILL)
    ours = {digest for manifest in fills for digest in manifest.facts.get("digests", {}).values()} if found else set()
    for path in found:
        if file_digest(path) not in ours:
            raise ConfigurationError(
                "template.in-the-way", Message("the file has the name of one that is to be written, and was changed or comes from elsewhere"), str(path),
                Message("move it away, or name another folder with -o"),
            )  # fmt: skip
    return found


def _rows(
    tables: dict[str, Table], mapping: Mapping, mappings: dict[str, Mapping], columns: list[str], taken: Iterable[str], unnamed: list[Reject]
) -> Iterator[Row]:  # fmt: skip
    """Yield the rows with their references as the new system calls them; those that it cannot call go to `unnamed`."""
    lookups = {column: spec.lookup for column, spec in mapping.fields.items() if spec.lookup}
    called = {name: _called(name, tables, mappings) for lookup in lookups.values() for name in lookup.objects}
    done = set(taken)
    for batch in tables[mapping.object].batches():
        picked = batch[[RECORD, *columns]]
        plain = picked.astype(object).where(picked.notna(), None)
        for record, *cells in plain.itertuples(index=False, name=None):
            row = dict(zip(columns, cells, strict=True))
            for column, lookup in lookups.items():
                row[column], code = _name_of(row[column], lookup, called)
                if code and record not in done:
                    unnamed.append(Reject(record, code, column))
                    break
            else:
                if record not in done:
                    yield str(record), tuple(row.values())


def _called(name: str, tables: dict[str, Table], mappings: dict[str, Mapping]) -> dict[str, str]:
    """Return record → what the new system calls it; a name that several records share is given back empty."""
    if name not in mappings or name not in tables:
        return {}
    rows = tables[name].frame([RECORD, mappings[name].match.on[0]]).dropna()
    names = rows.iloc[:, 1].mask(rows.iloc[:, 1].duplicated(keep=False), "")
    return dict(zip(rows.iloc[:, 0], names, strict=True))


def _name_of(value: str | None, lookup: Lookup, called: dict[str, dict[str, str]]) -> tuple[str | None, str]:
    """Return what a reference is written as, and why it cannot be written."""
    if not value:
        return None, ""
    name, record = value.split(":", 1) if lookup.others else (lookup.object, value)
    found = called.get(name, {}).get(record)
    return found, "" if found else NO_NAME if found is None else NAME_TWICE


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
    """Return record → the CRM's key, of the rows that the results collected so far say the CRM has."""
    taken: dict[str, str | None] = {}
    workspace = pipeline.context.workspace
    for manifest in results_of(pipeline, name):
        rows = Table("imported", workspace.runs_folder / manifest.run / "tables" / "imported.parquet").frame()
        there = rows[rows["state"] == "taken"]
        keys = there["target_key"].astype(object).where(there["target_key"].notna(), None)
        taken |= dict(zip(there[RECORD], keys, strict=True))
    return taken


def results_of(pipeline: Pipeline, name: str) -> list[Manifest]:
    """Return the runs that collected results of an object, the oldest first."""
    return [m for m in pipeline.context.workspace.manifests() if m.stage == STAGE_RESULT and m.facts.get("object") == name]  # fmt: skip


def key_of(values: Iterable[str | None]) -> str | None:
    """Return the key of a row as one text; None where one of its values is missing."""
    parts = list(values)
    return _BETWEEN.join(map(str, parts)) if all(parts) else None


def _file(
    pipeline: Pipeline, name: str, mapping: Mapping, profile: ImportProfile, table: Table, filled: Any, taken: dict[str, str | None]
) -> str:  # fmt: skip
    """Keep which row went into which file, by its key; what is in none is set aside."""
    keys = mapping.match.on
    known = table.frame([RECORD, ORIGIN, *keys])
    told = {
        record: (origin, key_of(digits(v) if v and k in profile.digits_only else v for k, v in zip(keys, values, strict=True)))
        for record, origin, *values in known.astype(object).where(known.notna(), None).itertuples(index=False, name=None)
    }  # fmt: skip
    wanted = [(record, path.name, "filled", None, None) for path, records in filled.files for record in records]
    wanted += [(reject.record, None, "rejected", reject.code, reject.column or None) for reject in filled.rejects]
    wanted += [(record, None, "taken", None, None) for record in taken if record in told]
    rows = []
    for record, file, state, code, column in wanted:
        origin, value = told[record]
        rows.append((name, record, origin, file, value, state, code, column, taken.get(record)))
    run = pipeline.context.workspace.begin(STAGE_FILL, parent=pipeline.steps[-1].manifest.run)
    writer = TableWriter("filed", run.table_path("filed"), _FILED)
    writer.write(text_frame(rows, _FILED))
    writer.close()
    run.manifest.outputs = {"filed": {"rows": len(rows), "sha256": "", "path": "tables/filed.parquet"}}
    run.manifest.facts = {
        "object": name, "key": list(keys), "crm": profile.title, "result_key": profile.result.key, "failed": list(profile.result.failed),
        "files": {path.name: len(records) for path, records in filled.files}, "rejected": len(filled.rejects),
        HANDED_OUT: {path.name: str(path.resolve()) for path, _ in filled.files},
        "digests": {path.name: file_digest(path) for path, _ in filled.files},
    }  # fmt: skip
    run.end("done", 1 if filled.rejects else 0)
    return run.manifest.run
