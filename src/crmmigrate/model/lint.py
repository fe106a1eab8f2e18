"""What lint says about a mapping file, and what a lint rule is given."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from crmmigrate.messages import Message

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from crmmigrate.errors import ConfigurationError
    from crmmigrate.model.document import Document
    from crmmigrate.model.mapping import FieldMapping, Mapping
    from crmmigrate.model.schema import TargetColumn, TargetSchema
    from crmmigrate.model.transform import Transform

Severity = Literal["error", "warning"]
Place = tuple[str | int, ...]


Level = Literal["file", "schema", "data", "live"]
"""What a rule needs: the file alone, the snapshot of the target's tables, source data, or the target itself."""


class Repair(NamedTuple):
    """A change to a YAML file that mends a problem for certain, or as the hint says.

    Args:
        what: `remove` the key or list item at `path`, `rename` the key, or `set` the value.
        path: where, as the file is written (`("fields", "name", "do", 1)`).
        value: the new key or value.
    """

    what: Literal["remove", "rename", "set"]
    path: Place
    value: Any = None


class Problem(NamedTuple):
    """What a rule found.

    Args:
        message: what is wrong.
        path: where, in the document.
        hint: what to do.
        key: whether the key that ends `path` is meant, not its value.
        code: another code than the rule's, where it has several.
        repair: what `--fix` does about it.
        within: a text that stands there, and how far into it the problem is.
    """

    message: Message
    path: Place
    hint: Message | None = None
    key: bool = False
    code: str = ""
    repair: Repair | None = None
    within: tuple[str, int] = ("", 0)


class LintRule(NamedTuple):
    """One thing that lint looks for.

    Args:
        code: its name, e.g. `mapping.unknown-option`.
        title: for people.
        find: answers with what is wrong in a mapping file.
        severity: errors make lint fail.
        level: what it needs.
        others: further codes that its problems may have, with their titles.
    """

    code: str
    title: Message
    find: Callable[[Subject], Iterator[Problem]]
    severity: Severity = "error"
    level: Level = "file"
    others: tuple[tuple[str, Message], ...] = ()


READING: dict[str, Message] = {
    "yaml.syntax": Message("what is not YAML"), "yaml.empty": Message("an empty file"), "yaml.encoding": Message("a file that is not UTF-8"),
    "yaml.too-large": Message("a file too large or too deep"), "yaml.duplicate-key": Message("a key that stands there twice"),
    "yaml.unknown-key": Message("a key that means nothing"), "yaml.missing-key": Message("a key that is missing"),
    "yaml.type": Message("a value of another kind"), "yaml.not-allowed": Message("a word that is not allowed there"),
    "mapping.step-form": Message("a step that is no step"), "mapping.duplicate-object": Message("two files for one object"),
    "mapping.circle": Message("required references that form a circle"),
}  # fmt: skip
"""Codes of what is found while files are read and put in order; they are errors and stay errors."""


class Finding(NamedTuple):
    """One line of lint's answer; `line` and `column` begin at 1. `repair` is what `--fix` would do."""

    code: str
    severity: Severity
    message: Message
    file: str
    line: int
    column: int
    hint: Message | None = None
    repair: Repair | None = None

    @classmethod
    def of(cls, error: ConfigurationError) -> Finding:
        """Return an error as a line of lint's answer."""
        parts = error.place.rsplit(":", 2)
        if len(parts) == 3 and parts[1].isdigit() and parts[2].isdigit():
            repair: Repair | None = getattr(error, "repair", None)
            return cls(error.code, "error", error.message, parts[0], int(parts[1]), int(parts[2]), error.hint, repair)
        return cls(error.code, "error", error.message, error.place, 1, 1, error.hint)


class FieldFigures(NamedTuple):
    """What a mapping makes of one field's data.

    Args:
        filled: rows with a value in one of the source columns.
        codes: issue code → rows.
        rejects: code → rows rejected for it.
        words: values that the value map does not name, the most frequent first, with their rows; not more than ten, and none of a personal column.
        longest: characters of the longest result.
        too_long: rows whose result is longer than the target's column; 0 without a schema.
        misfit: rows whose result is not of the column's type, or no code of its picklist.
        unusable: rows with a value that a step cannot use.
        sql: what is wrong with the expression where it fails.
        within: the expression, and how far into it that is.
    """

    filled: int
    codes: dict[str, int]
    rejects: dict[str, int]
    words: tuple[tuple[str, int], ...] = ()
    longest: int = 0
    too_long: int = 0
    misfit: int = 0
    unusable: int = 0
    sql: str = ""
    within: tuple[str, int] = ("", 0)


class DataFigures(NamedTuple):
    """What a mapping makes of a table of source data.

    Args:
        rows: of the table.
        fields: by target column.
        repeated_keys: rows whose `source: key` is blank or was there before.
        repeated_matches: rows that match on the same values as a row before them.
        misfits: source column → (what its name says, what its cells hold), as keys of `model.profile.MEANINGS`.
        unseen: target column → entries of its value map that no cell has.
    """

    rows: int
    fields: dict[str, FieldFigures]
    misfits: dict[str, tuple[str, str]]
    unseen: dict[str, tuple[str, ...]]
    repeated_keys: int = 0
    repeated_matches: int = 0


class Subject(NamedTuple):
    """A mapping file under lint, and what is known around it.

    Args:
        document: the file with its places.
        mapping: the same, built.
        names: all transforms and standards.
        transform: a transform by name; None where the name is a standard's or nobody's.
        standard_options: the options of a standard by name; None where they cannot be told.
        tables: object → target table, of all mapping files known.
        schema: the target's tables, where given.
        columns: the source's columns, where data is given.
        figures: what the mapping makes of the data, where it is given.
        live: the target's tables as they are, where a target is given: table → column → its description.
    """

    document: Document
    mapping: Mapping
    names: tuple[str, ...]
    transform: Callable[[str], Transform | None]
    standard_options: Callable[[str], tuple[str, ...] | None]
    tables: dict[str, str]
    schema: TargetSchema | None = None
    columns: tuple[str, ...] | None = None
    figures: DataFigures | None = None
    live: dict[str, dict[str, TargetColumn]] | None = None

    def fields(self) -> Iterator[tuple[str, FieldMapping, Any]]:
        """Yield target column, its mapping, and what the file says about it."""
        given = self.document.value.get("fields") or {}
        for name, spec in self.mapping.fields.items():
            yield name, spec, given.get(name) if isinstance(given.get(name), dict) else {}

    def target_columns(self) -> dict[str, TargetColumn]:
        """Return the columns of the target table; none where the schema or the table is unknown."""
        table = self.schema.tables.get(self.mapping.target.table) if self.schema else None
        return table.columns if table else {}

    def columns_read(self) -> set[str]:
        """Return every source column that some field reads; those in SQL are not among them."""
        return {column for spec in self.mapping.fields.values() for column in spec.reads}

    def sql_text(self) -> str:
        """Return all SQL of the file, to see whether it names a column."""
        return "\n".join([self.mapping.source.where, *(spec.sql for spec in self.mapping.fields.values())])
