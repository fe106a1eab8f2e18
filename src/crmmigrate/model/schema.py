"""The target's tables as a committed description: what lint checks against, and what `demo` creates."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

from crmmigrate.messages import Message
from crmmigrate.model.document import Document, nearest_or_all
from crmmigrate.model.target_value import fits

if TYPE_CHECKING:
    from pathlib import Path

LONGEST = 1_000_000
"""Characters of text without a limit: more than any mapping will cut off."""


@dataclass(frozen=True)
class TargetColumn:
    """One column of a target table.

    Args:
        type: the kind of value; how each database writes it is the target's affair.
        length: of text, in characters.
        precision: of decimals, with `scale`.
        required: NOT NULL.
        default: what the target writes where a load does not fill the column: a constant, or an expression of the target's own in
            round brackets. A required column that has one may go unmapped; rows that leave it empty are refused all the same.
        unique: a unique key of its own.
        identity: numbered by the database; the table's primary key.
        references: the table whose identity this column holds.
        picklist: the picklist whose codes are allowed (a table of its own with a foreign key).
        at_least: the smallest number, day or moment that the target allows, `at_most` the largest; `above` and `below` are not allowed themselves.
        shortest: the fewest characters of text that it allows.
        pattern: a regular expression, as Python has them, that it wants to find in the text.
        title: what people call it.
        note: what the target says about it.
    """

    type: Literal["text", "integer", "decimal", "date", "datetime", "boolean"] = field(
        default="text", metadata={"short": True}
    )
    length: int = 255
    precision: int = 18
    scale: int = 2
    required: bool = False
    default: str = ""
    unique: bool = False
    identity: bool = False
    references: str = ""
    picklist: str = ""
    at_least: str = ""
    at_most: str = ""
    above: str = ""
    below: str = ""
    shortest: int = 0
    pattern: str = ""
    title: str = ""
    note: str = ""

    @property
    def must_be_mapped(self) -> bool:
        """Whether no row can be written without giving it a value."""
        return self.required and not self.identity and not self.default

    @property
    def constant(self) -> str:
        """The default where it is a constant, else empty."""
        return "" if self.default.startswith("(") else self.default


@dataclass(frozen=True)
class TargetTable:
    """One table of the target.

    Args:
        columns: by name, in order.
        title: what people call it.
        unique: unique keys of several columns.
        checks: name of a CHECK that its columns do not say here → its condition, in the database's words; the database alone looks at it.
    """

    columns: dict[str, TargetColumn]
    title: str = ""
    unique: tuple[tuple[str, ...], ...] = ()
    checks: dict[str, str] = field(default_factory=dict)

    @property
    def identity(self) -> str:
        """The name of the primary key, or empty."""
        return next((name for name, column in self.columns.items() if column.identity), "")


@dataclass(frozen=True)
class TargetSchema:
    """A schema.yaml: tables in an order in which parents come before children, and picklists (code → title)."""

    version: int
    tables: dict[str, TargetTable]
    picklists: dict[str, dict[str, str]] = field(default_factory=dict)
    folder: Any = None


def read_target_schema(path: str | Path) -> TargetSchema:
    """Read a schema.yaml.

    Raises:
        LocationError: it cannot be read.
        Findings: everything wrong in it, with places, unknown tables and picklists included.
    """
    document = Document.load(path)
    schema = document.read(TargetSchema)
    for table, spec in (schema.tables or {}).items():
        for name, column in spec.columns.items():
            at = ("tables", table, "columns", name)
            if column.references and column.references not in schema.tables:
                document.report("schema.unknown-table", Message("no table is called '{name}'", name=column.references),
                                (*at, "references"), nearest_or_all(column.references, schema.tables))  # fmt: skip
            if column.picklist and column.picklist not in schema.picklists:
                document.report("schema.unknown-picklist", Message("no picklist is called '{name}'", name=column.picklist),
                                (*at, "picklist"), nearest_or_all(column.picklist, schema.picklists))  # fmt: skip
            for key in ("at_least", "at_most", "above", "below"):
                if bound := getattr(column, key):
                    _check_bound(document, column, bound, (*at, key))
    document.check()
    return schema


def _check_bound(document: Document, column: TargetColumn, bound: str, at: tuple[str, ...]) -> None:
    if column.type in ("text", "boolean"):
        document.report("schema.no-order", Message("values of the type {type} have no order", type=column.type), at,
                        Message("say what is allowed with shortest:, pattern: or a picklist"))  # fmt: skip
    elif not fits(bound, replace(column, type="decimal") if column.type == "integer" else column):
        document.report(
            "schema.bound", Message("'{word}' is no value of the type {type}", word=bound, type=column.type), at
        )
