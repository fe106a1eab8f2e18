"""A migration.yaml: sources, objects, rules and target of one migration."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from crmmigrate.errors import CrmMigrateError
from crmmigrate.messages import Message
from crmmigrate.model.day import check_day
from crmmigrate.model.document import Document, nearest_or_all
from crmmigrate.model.engine import EngineSpec
from crmmigrate.model.gate import GateSpec, check_rule_gates
from crmmigrate.model.load_plan import BATCH_ROWS
from crmmigrate.model.location import Location
from crmmigrate.model.project_layout import RegionSpec, check_layouts

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


@dataclass(frozen=True)
class SourceSpec:
    """One legacy source.

    Args:
        location: file, folder or database URL, relative to the migration.yaml.
        encoding: of text files; found out where it is not given.
        tables: patterns of the tables to read; all by default.
        owner: who answers for the data.
        reference: whether its tables are only looked things up in, never migrated.
        existing: whether its records are in the target CRM already: they survive every merge, and two of them are never
            merged with each other.
        files: patterns of the files of a folder to read (`2023/*.xlsx`); all by default.
        exclude: patterns of the files of a folder to leave out (`*_备份*`).
        layout: pattern of a sheet (of a text file: its name without the ending) → where its tables are; several for one
            sheet as a list. A sheet's own name goes before patterns, patterns in their order.
    """

    location: str = field(metadata={"short": True})
    encoding: str = ""
    tables: tuple[str, ...] = ()
    owner: str = ""
    reference: bool = False
    existing: bool = False
    files: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    layout: dict[str, tuple[RegionSpec, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class RelationSpec:
    """How a row names its parent.

    Args:
        column: the column that holds the parent's key; empty with `same_row`.
        by: the parent's column that holds it, in every table that feeds the parent's object, where that is no key: its name, say. Blanks, case,
            width and signs do not count where none is written the same way.
        table: the table the key belongs to; by default the first feed of the parent object, or all of them with `by`.
        same_row: the parent was made from the same source row.
        required: a parent that does not exist is an error, and where several records have the key, which dedupe does not merge into one, the
            row is rejected; with `false` it is a warning, and the row goes on without that parent.
    """

    column: str = field(default="", metadata={"short": True})
    by: str = ""
    table: str = ""
    same_row: bool = False
    required: bool = True


@dataclass(frozen=True)
class EachSpec:
    """A column that lists several things: the row becomes one row for each of them (many-to-many).

    Args:
        column: whose cells hold the list; in the new rows it holds one of them.
        by: what stands between them.
    """

    column: str
    by: str = ";"


@dataclass(frozen=True)
class FeedSpec:
    """How one source table (or several of one shape) becomes rows of a business object.

    Args:
        table: `source.table`; `*` and `?` match several.
        key: the column whose value names the record; the row number where empty.
        columns: the object's column → the source's column; columns not named keep their names.
        when: only rows in which this column is filled feed the object.
        each: one row for each thing that a column lists.
        group: rows that agree in these columns become one row, the first of them; a row with a blank among them stays alone.
        combine: column → how the cells of such rows become one; the first filled cell where it is not named.
        relations: parent object → how the row names it.
    """

    table: str = field(metadata={"short": True})
    key: str = ""
    columns: dict[str, str] = field(default_factory=dict)
    when: str = ""
    each: EachSpec | None = None
    group: tuple[str, ...] = ()
    combine: dict[str, Literal["first", "last", "min", "max", "sum", "count", "join"]] = field(default_factory=dict)
    relations: dict[str, RelationSpec] = field(default_factory=dict)


@dataclass(frozen=True)
class TargetSpec:
    """Where the data goes.

    Args:
        url: a database URL, a template workbook or an API; secrets only as `${env:NAME}` or `${keyring:SERVICE/USER}`.
        schema: the committed description of the target's tables; with it `demo` creates them and lint checks against it.
        production: whether severe actions ask for `--confirm`.
        batch_rows: rows of one transaction.
        writers: over how many connections to PostgreSQL batches are loaded and undone at a time; 1: one batch after the other.
            By default as many as the machine has cores, at most 4, for objects of more than 50,000 rows.
    """

    url: str = field(metadata={"short": True})
    schema: str = ""
    production: bool = False
    batch_rows: int = BATCH_ROWS
    writers: int | None = None


@dataclass(frozen=True)
class TrialSpec:
    """How the trial migration is made.

    Args:
        rows: of the leading object; what belongs to them comes with them.
        mask: whether personal data is replaced by made-up data.
        url: the scratch database; by default a SQLite file in the workspace.
    """

    rows: int = 500
    mask: bool = True
    url: str = ""


@dataclass(frozen=True)
class WindowSpec:
    """When a full load may run, in local time."""

    days: tuple[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"], ...] = ()
    start: str = field(default="00:00", metadata={"name": "from"})
    end: str = field(default="24:00", metadata={"name": "to"})


@dataclass(frozen=True)
class LimitSpec:
    """Where a load stops itself, after the batch that reaches the limit; `--resume` goes on once it is raised.

    Args:
        max_rejects: rows that the target may refuse, over all objects.
        max_update: rows that were in the target before and may be changed, over all objects.
        max_delete: rows of the target that a delta may delete or archive, over all objects; more, and it does not even begin.
    """

    max_rejects: int | None = None
    max_update: int | None = None
    max_delete: int | None = None


@dataclass(frozen=True)
class WaveRule:
    """Which rows of one object go in one wave: those whose `column` has one of `values`."""

    column: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class RulesSpec:
    """Which rules hold.

    Args:
        files: a folder of rules, or one.
        as_of: the day on which is judged (2026-10-31); the day of the run where it is not given.
    """

    files: str = field(metadata={"short": True})
    as_of: str = ""


@dataclass(frozen=True)
class AuditSpec:
    """How the sources are judged.

    Args:
        gates: rules such as `score>=80` or `orphans=0`; one that is not met is a finding.
        assumptions: rates of the effort estimate that differ from ours, e.g. `pairs_hour: 80`.
    """

    gates: tuple[str, ...] = ()
    assumptions: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Project:
    """A migration.yaml. Relative paths in it start at its folder.

    Args:
        version: of the format: 1.
        sources: name → where it lies.
        objects: business object → the tables that feed it.
        standard: the data standard.
        scope: the rules of what is migrated.
        dedupe: the rules of duplicates, one file an object.
        mappings: the folder of the mapping files, or one.
        rules: the rules of the business.
        target: the database that is loaded.
        trial: the trial migration.
        audit: gates and assumptions of the audit.
        gates: the quality gates.
        limits: where a load stops itself.
        waves: name → object → which rows are loaded together (`load --wave`); what belongs to them comes with them.
        window: when a full load may run; at any time where it is not given.
        lint: code of a rule of `mapping lint` → its severity.
        engine: where rows are worked on: `local`, or a Spark cluster.
    """

    version: int
    sources: dict[str, SourceSpec]
    objects: dict[str, tuple[FeedSpec, ...]] = field(default_factory=dict)
    standard: str = ""
    scope: str = ""
    dedupe: tuple[str, ...] = ()
    mappings: str = ""
    rules: RulesSpec | None = None
    target: TargetSpec | None = None
    trial: TrialSpec = field(default_factory=TrialSpec)
    audit: AuditSpec = field(default_factory=AuditSpec)
    gates: GateSpec = field(default_factory=GateSpec)
    limits: LimitSpec = field(default_factory=LimitSpec)
    waves: dict[str, dict[str, WaveRule]] = field(default_factory=dict)
    window: WindowSpec | None = None
    lint: dict[str, Literal["off", "warning", "error"]] = field(default_factory=dict)
    engine: EngineSpec = field(default_factory=EngineSpec)
    folder: Any = None
    written_in: str = field(default="", init=False, repr=False, compare=False)
    """The file's name for messages."""
    brought: str = field(default="", init=False, repr=False, compare=False)
    """The workbook of decisions, the newest kept one, that came with this very run; it may yet be refused."""

    def file(self, relative: str) -> Path:
        """Return the path of a file named in the migration.yaml."""
        return Path(self.folder) / relative

    def kept(self, folder: str, read: Callable[[Path], T]) -> tuple[T, ...]:
        """Return what `read` makes of each workbook that came back and is kept in a folder of the project, oldest first."""
        return tuple(read(book) for book in self.kept_books(folder))

    def kept_books(self, folder: str) -> list[Path]:
        """Return the workbooks in a folder of the project, oldest name first; marks that Excel leaves while one is open (`~$`) are none."""
        return sorted(book for book in self.file(folder).glob("*.xlsx") if not book.name.startswith("~$"))

    def location(self, text: str) -> Location:
        """Return a location named in the migration.yaml; relative paths, also behind `sqlite:///` and `rest:///`, start at its folder."""
        location = Location.parse(text)
        if location.is_stream:
            return location
        if not location.is_database:
            path, _, table = (text, "", "") if self.file(text).exists() else text.partition("#")
            return Location(str(self.file(path)), table)
        scheme, _, rest = location.address.partition("://")
        if (
            location.scheme in ("sqlite", "rest")
            and rest.startswith("/")
            and not rest.startswith("//")
            and rest != "/:memory:"
        ):
            return Location(f"{scheme}:///{self.file(rest[1:]).resolve()}", location.table)
        return location


def read_project(path: str | Path) -> Project:
    """Read a migration.yaml.

    Raises:
        LocationError: it cannot be read.
        Findings: everything wrong in it, each with its place: unknown keys, wrong types, a secret written out,
            a file that does not exist, a relation to an object that is not there.
    """
    document = Document.load(path)
    project = document.read(Project)
    if isinstance(document.value, dict):
        _check_files(document, project)
        _check_relations(document, project)
        _check_waves(document, project)
        _check_secrets(document, project)
        check_layouts(document, {name: spec.layout for name, spec in project.sources.items()})
        _check_counts(document, project)
        if project.rules:
            check_day(document, project.rules.as_of, "project.date", ("rules", "as_of"))
        check_rule_gates(document, project.gates)
    document.check()
    object.__setattr__(project, "written_in", document.name)
    return project


def project_document(file: str) -> Document | None:
    """Return a migration.yaml that was read before with the place of everything in it, for mistakes that show later; None without one."""
    try:
        document = Document.load(file)
    except CrmMigrateError:
        return None
    document.read(Project)  # lists and mappings written short get their places
    document.errors.clear()
    return document


def _check_files(document: Document, project: Project) -> None:
    named: list[tuple[str, tuple[str | int, ...]]] = [
        (project.standard, ("standard",)), (project.scope, ("scope",)),
        (project.mappings, ("mappings",)),
    ]  # fmt: skip
    named += [(name, ("dedupe", index)) for index, name in enumerate(project.dedupe)]
    if project.target:
        named.append((project.target.schema, ("target", "schema")))
    if project.rules:
        named.append((project.rules.files, ("rules", "files")))
    for name, path in named:
        if name and not project.file(name).exists():
            document.report("project.file-missing", Message("there is no file or folder '{name}'", name=name), path)


def _check_relations(document: Document, project: Project) -> None:
    for name, feeds in project.objects.items():
        for index, feed in enumerate(feeds):
            for parent in feed.relations:
                if parent not in project.objects:
                    document.report(
                        "project.unknown-object", Message("no object is called '{name}'", name=parent),
                        ("objects", name, index, "relations", parent), nearest_or_all(parent, project.objects), key=True,
                    )  # fmt: skip


def _check_counts(document: Document, project: Project) -> None:
    for name in ("batch_rows", "writers"):
        count = getattr(project.target, name, None)
        if isinstance(count, int) and count < 1:
            document.report("project.too-few", Message("it takes at least one"), ("target", name))


def _check_waves(document: Document, project: Project) -> None:
    for wave, rules in project.waves.items():
        for name in rules:
            if name not in project.objects:
                document.report(
                    "project.unknown-object", Message("no object is called '{name}'", name=name), ("waves", wave, name),
                    nearest_or_all(name, project.objects), key=True,
                )  # fmt: skip


def _check_secrets(document: Document, project: Project) -> None:
    places: list[tuple[str, tuple[str, ...]]] = [
        (spec.location, ("sources", name, "location")) for name, spec in project.sources.items()
    ]
    if project.target:
        places.append((project.target.url, ("target", "url")))
    places.append((project.trial.url, ("trial", "url")))
    for url, path in places:
        if Location(str(url)).has_password:
            document.report(
                "project.secret", Message("a password is written out here"), path,
                Message("write ${env:NAME} in its place and set NAME in the environment, or ${keyring:SERVICE/USER}"),
            )  # fmt: skip
