"""Read the sources into the workspace: one table per sheet, file or database table, every row with a name for good."""

from __future__ import annotations

import json
from fnmatch import fnmatchcase
from glob import escape
from typing import TYPE_CHECKING, Any

from crmmigrate.errors import ConfigurationError
from crmmigrate.messages import Message
from crmmigrate.model.issue import CODES, ORIGIN, RECORD, declare_code
from crmmigrate.model.project import SourceSpec
from crmmigrate.model.stage import Batch, Job, Stage, StageResult
from crmmigrate.runner.workspace import digest_of, file_digest
from crmmigrate.sources import read_location

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import pandas as pd

    from crmmigrate.model.location import Location
    from crmmigrate.model.project import Project
    from crmmigrate.model.source import SourceTable

KEY_MISSING = declare_code("extract.key-missing", Message("the row has no key; it is named by its place"))
KEY_DOUBLED = declare_code(
    "extract.key-doubled", Message("the key stands in an earlier row already; the row is named by its place too")
)

_HARMLESS = ("source.row-dropped",)
"""Subtotals and notes are meant to be left out; that they were is told, but is no finding."""

SOURCES = "_sources"
"""The table of the sources themselves, for the audit."""

SOURCE_COLUMNS = ("source", "table", "file", "format", "encoding", "rows", "columns", "sha256", "size", "modified",
                  "owner", "header", "dropped", "hidden", "region", "decision", "confidence", "layout")  # fmt: skip


def extraction(sources: Mapping[str, tuple[SourceSpec, Location]], keys: Mapping[str, str]) -> Stage:
    """Return the stage that reads `sources`.

    Args:
        sources: name → how and where.
        keys: pattern of `source.table` → the column that names a record.
    """

    def extract(job: Job) -> StageResult:
        del job  # reading needs nothing from before
        result = StageResult(flows={})
        inventory: list[tuple[Any, ...]] = []
        troubles: dict[str, list[str]] = {}
        for source, (spec, location) in sources.items():
            unused = set(spec.layout) - {"*"}
            for table in read_location(location, encoding=spec.encoding, tables=spec.tables, layout=spec.layout):
                unused.discard(str(table.facts.get("layout")))
                name = f"{source}.{table.name}"
                if name in result.tables:
                    raise ConfigurationError(
                        "extract.same-name", Message("two tables are called '{name}'", name=name), location.shown,
                        Message("give the files different names, or list them as sources of their own"),
                    )  # fmt: skip
                key = next((column for pattern, column in keys.items() if fnmatchcase(name, pattern)), "")
                result.tables[name] = _watched(_rows(source, spec, table, key, inventory), troubles)
            if unused:
                raise ConfigurationError(
                    "extract.layout-unused", Message("the layout of '{name}' fits no sheet", name=min(unused)), location.shown,
                    Message("it is named as the sheet is, or as a text file without its ending"),
                )  # fmt: skip
        if not result.tables:
            raise ConfigurationError("extract.nothing", Message("the sources hold no table"), ", ".join(sources))
        result.tables[SOURCES] = _inventory(inventory, troubles, result)
        return result

    return Stage("extract", Message("Read the sources"), type(None), extract, (), needs_target=False)


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


def _rows(
    source: str, spec: SourceSpec, table: SourceTable, key: str, inventory: list[tuple[Any, ...]]
) -> Iterator[Batch]:
    if key and key not in table.columns:
        raise ConfigurationError(
            "extract.no-key", Message("the table has no column '{column}' to take its key from", column=key),
            f"{source}.{table.name}", Message("there are: {columns}", columns=", ".join(table.columns)),
        )  # fmt: skip
    seen: set[str] = set()
    rows = noted = 0
    for frame in table.batches():
        issues = _name_rows(frame, f"{source}/{table.name}", key, seen, f"{source}.{table.name}")
        issues += [(f"{source}.{table.name}", *issue[1:]) for issue in table.issues[noted:]]
        noted = len(table.issues)
        rows += len(frame)
        ordered = [RECORD, ORIGIN, *(column for column in frame.columns if column not in (RECORD, ORIGIN, "_place"))]
        yield Batch(frame[ordered], issues)
    facts = table.facts
    inventory.append((
        source, table.name, table.file, facts.get("format"), facts.get("encoding"), rows, len(table.columns),
        facts.get("sha256"), facts.get("size"), facts.get("modified"), spec.owner or None,
        *(_text(facts.get(name)) for name in ("header", "dropped", "hidden", "region", "decision", "confidence", "layout")),
    ))  # fmt: skip


def _name_rows(frame: pd.DataFrame, prefix: str, key: str, seen: set[str], table: str) -> list[tuple[str | None, ...]]:
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


def _watched(batches: Iterator[Batch], troubles: dict[str, list[str]]) -> Iterator[Batch]:
    """Note where reading found something wrong: code → places."""
    for batch in batches:
        for issue in batch.issues:
            if issue[5] != "info":
                troubles.setdefault(str(issue[4]), []).append(str(issue[2]))
        yield batch


def _inventory(rows: list[tuple[Any, ...]], troubles: dict[str, list[str]], result: StageResult) -> Iterator[Batch]:
    """Written last, when the reading of all the others has filled `rows` and `troubles`."""
    import pandas as pd

    for code, places in troubles.items():
        told = Message(
            "{what}: {count}, first at {place} [{code}]", what=CODES.get(code, Message("trouble while reading")),
            count=f"{len(places):,}", place=places[0], code=code,
        )  # fmt: skip
        (result.notes if code in _HARMLESS else result.findings).append(told)

    yield Batch(pd.DataFrame(rows, columns=list(SOURCE_COLUMNS), dtype=object))


def _text(fact: Any) -> str | None:
    if fact in (None, "", [], {}):
        return None
    return fact if isinstance(fact, str) else json.dumps(fact, ensure_ascii=False, default=str)
