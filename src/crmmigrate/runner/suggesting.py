"""Suggest a mapping file: look at the source table, score it against the target's tables, find the mapping files beside it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from crmmigrate.checks.column_meanings import sampled
from crmmigrate.checks.profile_meaning import guess_meaning
from crmmigrate.checks.suggest_pairs import key_of_old, suggest
from crmmigrate.checks.suggest_words import ideas
from crmmigrate.errors import ConfigurationError, CrmMigrateError
from crmmigrate.messages import Message
from crmmigrate.model.document import nearest_or_all
from crmmigrate.model.issue import REFERENCE
from crmmigrate.model.mapping import SUFFIX, read_mapping
from crmmigrate.model.suggestion import SourceColumn
from crmmigrate.model.table import Tables, quoted
from crmmigrate.reports.mapping_draft import Draft, Parent

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from crmmigrate.model.mapping import Mapping
    from crmmigrate.model.schema import TargetSchema
    from crmmigrate.model.suggestion import Suggestion
    from crmmigrate.model.table import Table

_SAMPLE, _VALUES = 400, 400


def look_at(table: Table) -> list[SourceColumn]:
    """Return what the columns of a table hold; at most 400 different values of each are kept."""
    tables = Tables({"source": type(table)("source", table.path)})
    return [_column(tables, name) for name in table.data_columns]


def _column(tables: Tables, name: str) -> SourceColumn:
    cell = quoted(name)
    counted = f"SELECT {cell} AS v, count(*) AS n FROM source WHERE trim({cell}) <> '' GROUP BY 1"
    run = tables.connection.execute
    longest = tables.value(f"SELECT coalesce(max(length(v)), 0) FROM ({counted})")
    sample, filled, distinct = sampled(tables, "source", name, _SAMPLE)
    values = dict(run(f"SELECT v, n FROM ({counted}) ORDER BY n DESC, v LIMIT {_VALUES}").fetchall())
    meaning, _ = guess_meaning(name, sample, filled, distinct)
    return SourceColumn(name, meaning, filled, distinct, longest, values)


def best_table(columns: Sequence[SourceColumn], schema: TargetSchema, source: str) -> str:
    """Return the target's table that the columns fit best: the one whose pairs are surest, all together."""

    def worth(table: str) -> float:
        return sum(pair.confidence**2 for pair in suggest(columns, schema, table, source).pairs)

    return max(schema.tables, key=worth)


def draft_for(
    table: Table, columns: Sequence[SourceColumn], schema: TargetSchema, target: str, object_: str, beside: Path
) -> Draft:
    """Suggest pairs and gather what a mapping file is made from.

    Args:
        table: the source table.
        columns: what `look_at` told of it.
        schema: the target's tables.
        target: the one to be filled; empty for the one that fits best.
        object_: the name of the business object; empty for the singular of the target's table.
        beside: the folder of the mapping file to be, whose other mapping files tell how references are looked up.

    Raises:
        ConfigurationError: `suggest.no-table`: there is no such table; `suggest.nothing`: no column fits.
    """
    source = table.name.partition(".")[2] or table.name
    if target and target not in schema.tables:
        raise ConfigurationError(
            "suggest.no-table", Message("the target has no table '{name}'", name=target), "", nearest_or_all(target, schema.tables),
        )  # fmt: skip
    target = target or best_table(columns, schema, source)
    suggestion = suggest(columns, schema, target, source)
    key = key_of_old(schema, target)
    if not suggestion.pairs:
        raise ConfigurationError(
            "suggest.nothing", Message("no column of '{source}' is like one of '{table}'", source=source, table=target), "",
            Message("name another table with --table: {words}", words=", ".join(schema.tables)),
        )  # fmt: skip
    parents = _parents(table, columns, schema, target, suggestion, beside)
    return Draft(
        suggestion,
        {column.name: column for column in columns},
        schema,
        target,
        object_ or _singular(target),
        source,
        key,
        parents,
    )


def _singular(table: str) -> str:
    name = table.lower()
    for many, one in (("ies", "y"), ("sses", "ss"), ("s", "")):
        if name.endswith(many) and not name.endswith("ss"):
            return name[: -len(many)] + one
    return name


def _parents(
    table: Table,
    columns: Sequence[SourceColumn],
    schema: TargetSchema,
    target: str,
    suggestion: Suggestion,
    beside: Path,
) -> dict[str, Parent | None]:
    known = {mapping.target.table: mapping for mapping in _mappings(beside)}
    meanings = {column.name: column.meaning for column in columns}
    found: dict[str, Parent | None] = {}
    for pair in suggestion.pairs:
        other = schema.tables[target].columns[pair.target].references
        mapping = known.get(other)
        if not other or mapping is None:
            continue
        if f"{REFERENCE}{mapping.object}" in table.columns:
            found[pair.target] = Parent(mapping.object)
        elif by := _named_by(mapping, is_key=meanings[pair.source] == "id"):
            found[pair.target] = Parent(mapping.object, by)
    return found


def _mappings(folder: Path) -> Iterator[Mapping]:
    for file in sorted(folder.glob("*" + SUFFIX)):
        try:
            yield read_mapping(file)
        except CrmMigrateError:
            continue  # lint of that file says what is wrong with it


def _named_by(mapping: Mapping, *, is_key: bool) -> str:
    """Return the parent's own column that holds what rows name it by: its key, or its name."""
    if is_key and mapping.source.key:
        return mapping.source.key[0]
    wanted = ("number", "id") if is_key else ("name",)
    for name, spec in mapping.fields.items():
        words = ideas(name)
        is_plain = len(spec.columns) == 1 and not spec.columns[0].startswith("_")
        is_it = (
            bool(words) and any(idea in wanted for idea in words[-1]) and not any("former" in word for word in words)
        )
        if is_plain and is_it:
            return spec.columns[0]
    return ""
