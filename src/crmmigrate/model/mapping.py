"""A mapping file: how the rows of one business object become rows of one table of the target."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from crmmigrate.errors import ConfigurationError, CrmMigrateError, Findings
from crmmigrate.messages import Message
from crmmigrate.model.document import Document
from crmmigrate.model.load_order import load_order
from crmmigrate.model.total import Total

if TYPE_CHECKING:
    from collections.abc import Iterable

SUFFIX = ".crmmap.yaml"
Policy = Literal["overwrite", "fill_empty", "newer"]
Scalar = str | bool | int | float


@dataclass(frozen=True, eq=False, repr=False)
class SourceTable:
    """Where the rows come from.

    Args:
        table: its name where the mapping is used alone, and where lint looks at data.
        key: the columns that name a row.
        where: an SQL condition over the row's columns (DuckDB; all are text); other rows are set aside as out of scope.
    """

    table: str = field(default="", metadata={"short": True})
    key: tuple[str, ...] = ()
    where: str = ""


@dataclass(frozen=True, eq=False, repr=False)
class TargetTable:
    """The table of the target that is written."""

    table: str = field(metadata={"short": True})


@dataclass(frozen=True, eq=False, repr=False)
class Match:
    """How a row finds itself in the target.

    Args:
        on: target columns; all must be equal.
        many: what to do where several target rows match; never an insert.
        blank: what to do where a column of `on` is empty; never an insert.
    """

    on: tuple[str, ...] = field(metadata={"short": True})
    many: Literal["reject"] = "reject"
    blank: Literal["reject"] = "reject"


@dataclass(frozen=True, eq=False, repr=False)
class Write:
    """What happens to a row that is there already (`policy`; `newer` asks the date column `newer_by`), and whether rows are inserted, updated or both.

    `archive` says what marks a row as no longer used: column of the target → value (`delta --deletes archive`).
    """

    mode: Literal["upsert", "insert", "update"] = "upsert"
    policy: Policy = "overwrite"
    newer_by: str = ""
    archive: dict[str, Scalar] = field(default_factory=dict)


@dataclass(frozen=True, eq=False, repr=False)
class Step:
    """One word of a `do:` list: a transform or a standard.

    Args:
        name: of the file in `transforms/` or `standards/`.
        options: as given by name.
        value: the value in `{name: value}`; it fills the step's first option.
    """

    name: str
    options: dict[str, Any] = field(default_factory=dict)
    value: Any = None
    path: tuple[str | int, ...] = ()


@dataclass(frozen=True, eq=False, repr=False)
class Lookup:
    """The value names a record of another object; the target column holds that record's identity.

    Args:
        object: the other object; the mapping's own where rows refer to each other.
        others: `or` in YAML: further objects that the value may name, asked in turn where those before have no such record
            (a polymorphic reference). The column then travels as `object:record`.
        by: its column that holds the value, or several columns, as many as the field reads; without it the row's
            `_ref_<object>` is followed. By `_record`, records that were merged are found as their survivor.
        missing: what happens where no record is found: `reject` the row, leave the column `blank`, take `default`, or
            `defer`: leave it blank now; such a reference does not count for the load order.
        follow: its column that names a successor (by the same `by`), taken in place of a record that is not active.
        active: what an active record looks like: column → allowed values.
        default: a value of `by` to look up instead.
    """

    object: str
    by: tuple[str, ...] = ()
    missing: Literal["reject", "blank", "defer", "default"] = "reject"
    follow: str = ""
    active: dict[str, tuple[str, ...]] = field(default_factory=dict)
    default: str = ""
    others: tuple[str, ...] = field(default=(), metadata={"name": "or"})
    path: tuple[str | int, ...] = ()

    @property
    def objects(self) -> tuple[str, ...]:
        """All objects that the value may name, in the order in which they are asked."""
        return (self.object, *self.others)


@dataclass(frozen=True, eq=False, repr=False)
class FieldMapping:
    """How one target column gets its value: exactly one of `columns`, `const`, `sql`, `kind_of`, or a `lookup` without `by`.

    Args:
        columns: `from` in YAML: one source column or several; `_record`, `_origin` and `_ref_<object>` are allowed.
        do: steps, in order; after them `values`, then `lookup`.
        values: source value → target value, inline or a CSV with the columns `source,target`.
        meanings: source value → what the business means by it, for people; of a value that nothing is mapped to yet, too. A CSV of
            `values` may have it in a column `meaning`.
        unmapped: what happens to a value that `values` does not name; case, width and traditional characters make no difference.
        default: the value where the result is empty.
        const: always this value.
        sql: one SQL expression over the row's columns (DuckDB; all columns are text).
        kind_of: a field of this mapping with a lookup: the name of the object whose record it found.
        required: a row without a value is rejected.
        on_error: what happens where a step finds the value unusable: `reject` the row, `blank` or `keep` the value.
        policy: overrides the policy of `write`.
        note: for people.
    """

    columns: tuple[str, ...] = field(default=(), metadata={"name": "from", "short": True})
    do: tuple[Step, ...] = ()
    values: dict[str, Scalar | None] | str | None = None
    meanings: dict[str, str] = field(default_factory=dict)
    unmapped: Literal["reject", "blank", "keep", "default"] = "reject"
    default: Scalar | None = None
    lookup: Lookup | None = None
    const: Scalar | None = None
    sql: str = ""
    kind_of: str = ""
    required: bool = False
    on_error: Literal["reject", "blank", "keep"] = "keep"
    policy: Policy | None = None
    note: str = ""
    path: tuple[str | int, ...] = ()

    @property
    def reads(self) -> tuple[str, ...]:
        """The source columns whose values it takes."""
        if self.lookup and not self.lookup.by and not self.columns:
            return tuple(f"_ref_{name}" for name in self.lookup.objects)
        return self.columns

    @property
    def rule(self) -> str:
        """The whole rule on one line, in the words of the mapping file: `电话 + 手机 → first_non_empty → phone → required`."""
        source = (
            f"sql: {self.sql}" if self.sql else f"kind_of: {self.kind_of}" if self.kind_of else " + ".join(self.reads)
        )
        parts = [f"const: {self.const}" if self.const is not None else source, *(step.name for step in self.do)]
        parts += ["values"] if self.values is not None else []
        parts += [f"lookup: {'|'.join(self.lookup.objects)}"] if self.lookup else []
        parts += [f"default: {self.default}"] if self.default is not None else []
        return " → ".join([*parts, "required"] if self.required else parts)


@dataclass(frozen=True, eq=False, repr=False)
class Approval:
    """Who approved the mapping, when, and the digest of what was approved."""

    by: str = ""
    on: str = ""
    digest: str = ""


@dataclass(frozen=True, eq=False, repr=False)
class Gates:
    """What must hold before the load: the largest part of rows rejected, and totals."""

    max_reject_ratio: float = 1.0
    totals: tuple[Total, ...] = ()


@dataclass(frozen=True, eq=False, repr=False)
class MappingTest:
    """An example in the mapping file.

    Args:
        given: a source row; columns not named are empty.
        expect: target column → value; null means empty. Columns not named are not looked at.
        rejects: the code with which the row must be rejected, in place of `expect`.
        others: `with` in YAML: rows of other objects, for lookups.
    """

    given: dict[str, Scalar | None]
    expect: dict[str, Scalar | None] = field(default_factory=dict)
    rejects: str = ""
    others: dict[str, tuple[dict[str, Scalar | None], ...]] = field(default_factory=dict, metadata={"name": "with"})
    path: tuple[str | int, ...] = ()


@dataclass(frozen=True, eq=False, repr=False)
class Mapping:
    """A mapping file. `folder` is where relative paths in it start, `file` its name for messages."""

    version: int
    object: str
    target: TargetTable
    match: Match
    fields: dict[str, FieldMapping]
    source: SourceTable = field(default_factory=SourceTable)
    write: Write = field(default_factory=Write)
    ignore: tuple[str, ...] = ()
    owner: str = ""
    approved: Approval = field(default_factory=Approval)
    gates: Gates = field(default_factory=Gates)
    tests: tuple[MappingTest, ...] = ()
    folder: Any = None
    file: str = field(default="", init=False)

    @property
    def references(self) -> dict[str, str]:
        """Target column → the object whose record it names; several are joined by `|`."""
        return {name: "|".join(spec.lookup.objects) for name, spec in self.fields.items() if spec.lookup}

    @property
    def deferred(self) -> frozenset[str]:
        """The reference columns that are filled after the row itself, because the file says so."""
        return frozenset(
            name for name, spec in self.fields.items() if spec.lookup and spec.lookup.missing == "defer"
        )  # fmt: skip

    def policy(self, column: str) -> Policy:
        """Return how `column` of a row that is there already is written."""
        return self.fields[column].policy or self.write.policy

    def value_file(self, name: str) -> Path:
        """Return the path of a value map: beside the mapping file or, where that does not exist, in the folder above."""
        beside = Path(self.folder) / name
        above = Path(self.folder).parent / name
        return above if above.exists() and not beside.exists() else beside


def read_mapping(path: str | Path) -> Mapping:
    """Read one mapping file.

    Raises:
        LocationError: it cannot be read.
        Findings: everything wrong in its structure, each with its place.
    """
    document = Document.load(path)
    mapping = build_mapping(document)
    document.check_version()  # lint has a rule for it
    document.check()
    return mapping


def build_mapping(document: Document) -> Mapping:
    """Build a mapping from `document`; what is wrong is collected in `document.errors`, not raised."""
    mapping = document.read(Mapping, _spread_steps(document))
    object.__setattr__(mapping, "file", document.name)
    return mapping


def mapping_files(path: str | Path) -> list[Path]:
    """Return the mapping file at `path`, or all `*.crmmap.yaml` in the folder and below, by name.

    Raises:
        ConfigurationError: there is none.
    """
    root = Path(path)
    if not root.exists():
        from crmmigrate.model.missing import missing

        raise missing(path)
    files = sorted(root.rglob("*" + SUFFIX)) if root.is_dir() else [root]
    if not files:
        raise ConfigurationError(
            "mapping.none", Message("there is no mapping file (*{suffix}) in this folder", suffix=SUFFIX), str(path)
        )
    return files


def read_mappings(paths: Iterable[str | Path]) -> tuple[Mapping, ...]:
    """Read mapping files and folders of them, parents before children.

    Raises:
        LocationError: one cannot be read.
        ConfigurationError: a folder holds none; two map the same object; references form a circle.
        Findings: everything wrong in their structure, of all files together.
    """
    mappings: list[Mapping] = []
    errors: list[ConfigurationError] = []
    for path in paths:
        for file in mapping_files(path):
            try:
                mappings.append(read_mapping(file))
            except ConfigurationError as found:
                errors += found.errors if isinstance(found, Findings) else (found,)
    if errors:
        raise Findings(errors)
    return tuple(load_order(mappings))


def place_of(mapping: Mapping, path: tuple[str | int, ...], within: tuple[str, int] = ("", 0)) -> str:
    """Return `file:line:column` of a value in the mapping file, or of a place within it; the file's name where it cannot be read again."""
    try:
        document = Document.load(mapping.file)
    except CrmMigrateError:
        return mapping.file
    _spread_steps(document)
    return document.place(path, within)


def _spread_steps(document: Document) -> Any:
    """Return the file's content with each item of a `do:` list as `{name, options, value}`, and give those their places."""
    value = document.value
    specs = value.get("fields") if isinstance(value, dict) else None
    if not isinstance(specs, dict):
        return value
    spread = {}
    for name, spec in specs.items():
        spread[name] = spec
        if isinstance(spec, dict) and "do" in spec:
            items = spec["do"] if isinstance(spec["do"], list) else [spec["do"]]
            steps = [_step(document, item, ("fields", name, "do", index)) for index, item in enumerate(items)]
            spread[name] = {**spec, "do": steps}
    return {**value, "fields": spread}


def _step(document: Document, item: Any, at: tuple[str | int, ...]) -> Any:
    if isinstance(item, str):
        return {"name": item}
    if not isinstance(item, dict) or len(item) != 1:
        document.report(
            "mapping.step-form", Message("a step is a name or one name with its options"), at,
            Message("write a name, or {example}", example="{truncate: 50}"),
        )  # fmt: skip
        return {"name": "trim"}
    [(name, value)] = item.items()
    document.marks[(*at, "name")] = document.marks[(*at, name, "@key")]
    if isinstance(value, dict):
        for option in value:
            document.marks[(*at, "options", option, "@key")] = document.marks[(*at, name, option, "@key")]
            document.marks[(*at, "options", option)] = document.marks[(*at, name, option)]
        return {"name": name, "options": value}
    return {"name": name, "value": value}
