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


class Problem(NamedTuple):
    """What a rule found.

    Args:
        message: what is wrong.
        path: where, in the document.
        hint: what to do.
        key: whether the key that ends `path` is meant, not its value.
        code: another code than the rule's, where it has several.
    """

    message: Message
    path: Place
    hint: Message | None = None
    key: bool = False
    code: str = ""


class LintRule(NamedTuple):
    """One thing that lint looks for.

    Args:
        code: its name, e.g. `mapping.unknown-option`.
        title: for people.
        find: answers with what is wrong in a mapping file.
        severity: errors make lint fail.
    """

    code: str
    title: Message
    find: Callable[[Subject], Iterator[Problem]]
    severity: Severity = "error"


class Finding(NamedTuple):
    """One line of lint's answer; `line` and `column` begin at 1."""

    code: str
    severity: Severity
    message: Message
    file: str
    line: int
    column: int
    hint: Message | None = None

    @classmethod
    def of(cls, error: ConfigurationError) -> Finding:
        """Return an error as a line of lint's answer."""
        parts = error.place.rsplit(":", 2)
        if len(parts) == 3 and parts[1].isdigit() and parts[2].isdigit():
            return cls(error.code, "error", error.message, parts[0], int(parts[1]), int(parts[2]), error.hint)
        return cls(error.code, "error", error.message, error.place, 1, 1, error.hint)


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
    """

    document: Document
    mapping: Mapping
    names: tuple[str, ...]
    transform: Callable[[str], Transform | None]
    standard_options: Callable[[str], tuple[str, ...] | None]
    tables: dict[str, str]
    schema: TargetSchema | None = None
    columns: tuple[str, ...] | None = None

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
        return "\n".join(spec.sql for spec in self.mapping.fields.values())
