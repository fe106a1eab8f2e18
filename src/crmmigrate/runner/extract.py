"""Read the sources into the workspace: one table per sheet, file or database table, every row with a name for good."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import partial
from glob import escape
from typing import TYPE_CHECKING, Any

from crmmigrate.checks.feed_names import check_feeds
from crmmigrate.errors import ConfigurationError, LocationError
from crmmigrate.messages import Message
from crmmigrate.model.issue import CODES, ORIGIN, RECORD, Issue, declare_code
from crmmigrate.model.project import SourceSpec
from crmmigrate.model.source import Reading, SourceFile
from crmmigrate.model.stage import Batch, Job, Stage, StageResult
from crmmigrate.model.table import VALUES_OF
from crmmigrate.model.text_table import text_array, text_table
from crmmigrate.runner.tables import GivenUp
from crmmigrate.runner.workspace import digest_of, file_digest
from crmmigrate.sources import read_location

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    import pandas as pd
    import pyarrow as pa

    from crmmigrate.model.location import Location
    from crmmigrate.model.project import Project
    from crmmigrate.model.source import InPlace, SourceTable

KEY_MISSING = declare_code("extract.key-missing", Message("the row has no key; it is named by its place"))
KEY_DOUBLED = declare_code(
    "extract.key-doubled", Message("the key stands in an earlier row already; the row is named by its place too")
)

_READ = ("read", "older-version")
_HARMLESS = ("source.row-dropped",)
"""Subtotals and notes are meant to be left out; that they were is told, but is no finding."""

NO_ROWS = declare_code("source.no-rows", Message("there is a header and no row below it"))
_EXPORTS = frozenset({"csv", "xlsx", "xlsb", "xls", "ods", "xml2003", "html", "dbf"})
"""Formats that people export to: a table without rows is one that went wrong, or was filtered; in a database it is an everyday thing."""
_WITHOUT_SHEETS = frozenset({"csv", "dbf"})

_PLACES = 3
"""So many places of one kind of trouble are told."""

SOURCES = "_sources"
"""The table of the sources themselves, for the audit."""

SOURCE_COLUMNS = ("source", "table", "file", "format", "encoding", "rows", "columns", "sha256", "size", "modified",
                  "owner", "header", "dropped", "hidden", "region", "decision", "confidence", "layout", "key", "unique",
                  "foreign_keys", "comments", "validation", "issues", "noted_at", "freshness", "fingerprint", "counted")  # fmt: skip
"""From `header` to `noted_at` JSON, where it is not plain text; `issues`: code → how often reading noted it, `noted_at`: where first. `freshness`: when
the newest file or table of the whole source was changed; `fingerprint`: a digest of the table's own cells, in order,
where all were read; `counted`: what a database counted by itself (JSON)."""

FILES = "_files"
"""The table of the files (and databases) of the sources and of what became of each, for the audit."""

FILE_COLUMNS = ("source", "file", "format", "size", "modified", "sha256", "state", "why")


@dataclass
class _Seen:
    """What is known of the sources so far.

    Args:
        readings: source → the files met in it.
        tables: one dict of `SOURCE_COLUMNS` per table that was read to its end.
        troubles: code → how often reading noted it, and where first, at a few places.
    """

    readings: dict[str, Reading] = field(default_factory=dict)
    tables: list[dict[str, Any]] = field(default_factory=list)
    troubles: dict[str, tuple[int, list[str]]] = field(default_factory=dict)


def extraction(
    sources: Mapping[str, tuple[SourceSpec, Location]],
    keys: Mapping[str, str],
    *,
    keep_going: bool = False,
    in_place: InPlace | None = None,
    opened: Callable[[Mapping[str, tuple[str, ...]]], None] | None = None,
) -> Stage:
    """Return the stage that reads `sources`.

    Args:
        sources: name → how and where.
        keys: pattern of `source.table` → the column that names a record.
        keep_going: whether a file of a folder that cannot be read, or a table that breaks off, is left out and is a finding.
            An audit looks at all the rest; a migration never goes on with a part of its sources.
        in_place: which columns of large database tables are counted there; they are empty in the rows, and their values are in a
            table of their own (`VALUES_OF`). Only for an audit.
        opened: told of the tables and their columns before a row is read; it may refuse them.
    """

    def extract(job: Job) -> StageResult:
        del job  # reading needs nothing from before
        result = StageResult(flows={})
        seen = _Seen()
        columns: dict[str, tuple[str, ...]] = {}
        for source, (spec, location) in sources.items():
            reading = seen.readings[source] = Reading(keep_going=keep_going, in_place=in_place)
            unused = set(spec.layout) - {"*"}
            for table in _tables(spec, location, reading):
                unused.discard(str(table.facts.get("layout")))
                name = f"{source}.{table.name}"
                if name in result.tables:
                    raise ConfigurationError(
                        "extract.same-name", Message("two tables are called '{name}'", name=name), location.shown,
                        Message("give the files different names, or list them as sources of their own"),
                    )  # fmt: skip
                key = next((column for pattern, column in keys.items() if fnmatchcase(name, pattern)), "")
                columns[name] = table.columns
                result.tables[name] = _watched(_rows(source, spec, table, key, seen), seen, reading, table)
                if in_place:
                    result.tables[VALUES_OF + name] = _values(table)
            if unused:
                raise ConfigurationError(
                    "extract.layout-unused", Message("the layout of '{name}' fits no sheet", name=min(unused)), location.shown,
                    Message("it is named as the sheet is, or as a text file without its ending"),
                )  # fmt: skip
        if not result.tables:
            raise ConfigurationError("extract.nothing", Message("the sources hold no table"), ", ".join(sources))
        if opened:
            opened(columns)
        result.tables[SOURCES] = _inventory(seen, result)
        result.tables[FILES] = _files(seen, result)
        return result

    return Stage("extract", Message("Read the sources"), type(None), extract, (), needs_target=False)


def _tables(spec: SourceSpec, location: Location, reading: Reading) -> Iterator[SourceTable]:
    """Yield the tables of one source; a source that is no folder is listed as the one file, or database, that it is."""
    alone: SourceFile | None = None
    for table in read_location(
        location, encoding=spec.encoding, tables=spec.tables, files=spec.files, exclude=spec.exclude, reading=reading,
        layout=spec.layout,
    ):  # fmt: skip
        if not reading.files:
            facts = table.facts
            beside = facts.get("beside")
            why = Message("only where they are named: {names}", names=", ".join(beside[:20])) if beside else None
            alone = SourceFile(
                table.file,
                "read",
                why,
                facts.get("format"),
                facts.get("size"),
                facts.get("modified"),
                facts.get("sha256"),
            )
            reading.files.append(alone)
        elif alone and table.facts.get("modified"):
            alone.modified = max(alone.modified or "", table.facts["modified"])
        yield table


def project_extraction(project: Project) -> Stage:
    """Return the stage that reads the sources of a project; names in its objects that they do not have are refused first."""
    opened = partial(check_feeds, project.objects, file=project.written_in)
    return extraction(project_sources(project), project_keys(project), opened=opened)


def project_sources(project: Project) -> dict[str, tuple[SourceSpec, Location]]:
    """Return the sources of a project with their places."""
    return {name: (spec, project.location(spec.location)) for name, spec in project.sources.items()}


def project_keys(project: Project) -> dict[str, str]:
    """Return pattern of `source.table` → key column, from the objects of a project."""
    return {feed.table: feed.key for feeds in project.objects.values() for feed in feeds if feed.key}


def fingerprint(sources: Mapping[str, tuple[SourceSpec, Location]], keys: Mapping[str, str]) -> str:
    """Return a digest of the sources' content; empty where it cannot be known without reading (a database server)."""
    files: list[tuple[str, str]] = []
    for name, (_, location) in sources.items():
        place = location.file
        if place is None or not place.exists():
            return ""
        # What SQLite has not yet moved into the file lies beside it.
        beside = place.parent.glob(f"{escape(place.name)}-wal")
        paths = sorted(place.rglob("*")) if place.is_dir() else [place, *beside]
        root = place if place.is_dir() else place.parent
        files += [
            (f"{name}/{path.relative_to(root).as_posix()}", file_digest(path)) for path in paths if path.is_file()
        ]
    return digest_of(files, [spec for spec, _ in sources.values()], dict(keys))


def _rows(source: str, spec: SourceSpec, table: SourceTable, key: str, seen: _Seen) -> Iterator[Batch]:
    name = f"{source}.{table.name}"
    rows = 0
    noted: Counter[str] = Counter()
    places: dict[str, list[str]] = {}
    digest = hashlib.sha256()
    for frame, issues in named_batches(table, f"{source}/{table.name}", key, name):
        issues += [(name, *issue[1:]) for issue in table.issues]
        table.issues.clear()  # they are on their way; a damaged table of millions of rows must not fill the memory
        noted.update(str(issue[4]) for issue in issues)
        for issue in issues:
            _add_place(places.setdefault(str(issue[4]), []), issue)
        rows += len(frame)
        _add(digest, frame, table.columns)
        yield Batch(ordered(frame), issues)
    facts = table.facts
    if not rows and facts.get("format") in _EXPORTS and len(table.columns) > 1:
        sheet = "" if facts["format"] in _WITHOUT_SHEETS else "#" + table.name.rpartition("/")[2]
        place = table.file + sheet
        issue = Issue(name, "", place, "", NO_ROWS, "warning", "LOGIC", None).row()
        noted[NO_ROWS] += 1
        places[NO_ROWS] = [place]
        yield Batch(ordered(frame), [issue])  # the frame without rows that every table gives at least
    seen.tables.append({
        **{name: facts.get(name) for name in SOURCE_COLUMNS}, "source": source, "table": table.name, "file": table.file, "rows": rows,
        "columns": len(table.columns), "owner": spec.owner or None, "issues": dict(noted), "noted_at": places, "fingerprint": None if facts.get("counted") else digest.hexdigest(),
    })  # fmt: skip


def _add_place(places: list[str], issue: Sequence[str | None]) -> None:
    """Add the place of an issue to the first ones."""
    if len(places) < _PLACES and issue[2] and issue[2] not in places:
        places.append(issue[2])


def _values(table: SourceTable) -> Iterator[Batch]:
    """Yield the values of the columns that a database counted; written after the rows.

    Raises:
        GivenUp: all columns were read.
    """
    if table.values is None:
        raise GivenUp
    yield Batch(table.values)
    table.values = None


def _add(digest: Any, frame: pd.DataFrame | pa.Table, columns: tuple[str, ...]) -> None:
    """Take the cells of a batch into a digest."""
    import pyarrow as pa

    if isinstance(frame, pa.Table):  # in the type that pandas gives to text
        data = frame.select(list(columns)).cast(pa.schema([(column, pa.large_string()) for column in columns]))
    else:
        data = pa.Table.from_pandas(frame[list(columns)], preserve_index=False).replace_schema_metadata(None)
    for batch in data.combine_chunks().to_batches():
        digest.update(batch.serialize())


def named_batches(
    table: SourceTable, prefix: str, key: str, name: str
) -> Iterator[tuple[pd.DataFrame | pa.Table, list[tuple[str | None, ...]]]]:
    """Yield the rows with their `_record` and what is to be noted of that; Arrow tables where there are such and no key is looked into."""
    arrow = None if key else table.arrow_batches()
    if arrow is None:
        known: set[str] = set()
        for frame in table.batches():
            issues = name_rows(frame, prefix, key, known, name)
            yield frame, issues
        return
    import pyarrow.compute as pc

    before, stroke = text_array([prefix, "/"])
    for rows in arrow:
        named = RECORD in rows.column_names
        record = None if named else pc.binary_join_element_wise(before, rows["_place"], stroke)
        yield (rows if named else rows.append_column(RECORD, record)), []


def ordered(rows: pd.DataFrame | pa.Table) -> pd.DataFrame | pa.Table:
    """Return the rows with `_record` and `_origin` in front, and without `_place`."""
    import pyarrow as pa

    columns = rows.column_names if isinstance(rows, pa.Table) else rows.columns
    ordered = [RECORD, ORIGIN, *(column for column in columns if column not in (RECORD, ORIGIN, "_place"))]
    return rows.select(ordered) if isinstance(rows, pa.Table) else rows[ordered]


def name_rows(frame: pd.DataFrame, prefix: str, key: str, seen: set[str], table: str) -> list[tuple[str | None, ...]]:
    """Give the rows of a batch their `_record`; a file of ours that has them already keeps them."""
    issues: list[tuple[str | None, ...]] = []
    if RECORD in frame.columns:
        return issues
    if not key:
        frame.insert(0, RECORD, prefix + "/" + frame["_place"].astype("str"))
        return issues
    names: list[str] = []
    for value, place, origin in zip(frame[key], frame["_place"], frame[ORIGIN], strict=True):
        missing = not isinstance(value, str) or not value.strip()
        name = f"{prefix}/{place}" if missing else f"{prefix}/{value.strip()}"
        if missing or name in seen:
            name = name if missing else f"{name}~{place}"
            issues.append((table, name, origin, key, KEY_MISSING if missing else KEY_DOUBLED, "warning", "LOGIC",
                           None if missing else value, None, "key", "certain"))  # fmt: skip
        seen.add(name)
        names.append(name)
    frame.insert(0, RECORD, names)
    return issues


def _watched(batches: Iterator[Batch], seen: _Seen, reading: Reading, table: SourceTable) -> Iterator[Batch]:
    """Note how often, and where first, reading found something wrong; give a table up that breaks off, if that may be.

    Raises:
        LocationError: the table broke off, and its rows must not be missed.
        GivenUp: the table broke off; what was read of it is no table.
    """
    troubles: dict[str, tuple[int, list[str]]] = {}  # those of a table that is given up are none of anything
    try:
        for batch in batches:
            for issue in batch.issues:
                if issue[5] != "info":
                    count, places = troubles.get(str(issue[4]), (0, []))
                    _add_place(places, issue)
                    troubles[str(issue[4])] = count + 1, places
            yield batch
    except LocationError as error:
        table.values = None
        if not reading.keep_going:
            raise
        reading.refused.append(error)
        for file in reading.files:
            if file.file == table.file:
                file.state, file.why = "unreadable", error.message
        raise GivenUp from error
    for code, (count, places) in troubles.items():
        before, earlier = seen.troubles.get(code, (0, []))
        seen.troubles[code] = before + count, [*earlier, *places][:_PLACES]


def _inventory(seen: _Seen, result: StageResult) -> Iterator[Batch]:
    """Written when the reading of all tables has filled `seen`."""
    for code, (count, places) in seen.troubles.items():
        told = told_trouble(code, count, places)
        (result.notes if code in _HARMLESS else result.findings).append(told)
    for row in seen.tables:
        times = [file.modified for file in seen.readings[row["source"]].files if file.modified and file.state in _READ]
        row["freshness"] = max(times, default=None)
    rows = [[_text(row[name]) for name in SOURCE_COLUMNS] for row in seen.tables]
    yield Batch(text_table(rows, SOURCE_COLUMNS))


def told_trouble(code: str, count: int, places: Sequence[str]) -> Message:
    """Return what reading noted, how often, and where first."""
    return Message(
        "{what}: {count}, first at {place} [{code}]", what=CODES.get(code, Message("trouble while reading")),
        count=f"{count:,}", place=", ".join(places), code=code,
    )  # fmt: skip


def _files(seen: _Seen, result: StageResult) -> Iterator[Batch]:
    """Written last: a line per file, and a finding per file that could not be read."""
    rows: list[list[str | None]] = []
    for source, reading in seen.readings.items():
        result.findings += [
            Message(
                "left out, not read: {why} [{code}]: {place}", why=error.message, code=error.code, place=error.place
            )
            for error in reading.refused
        ]
        rows += [
            [source, *(_text(value) for value in (f.file, f.format, f.size, f.modified, f.sha256, f.state, f.why))]
            for f in reading.files
        ]
    yield Batch(text_table(rows, FILE_COLUMNS))


def _text(fact: Any) -> str | None:
    if fact in (None, "", [], {}):
        return None
    if isinstance(fact, str | Message):
        return str(fact) if isinstance(fact, str) else fact.text()
    return json.dumps(fact, ensure_ascii=False, default=str)
