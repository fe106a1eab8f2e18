"""What a trial has to meet: every rule of the mapping files, every value of their value maps, gaps, longest values, known oddities.

A trait is a condition on one row: of the object as it goes into the mapping (`g`) and of the target row that became of it
(`m`). How many rows have it, and a few of them, is found in one scan per sixty traits.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from crmmigrate.model.issue import RECORD, REFERENCE
from crmmigrate.model.table import literal, quoted
from crmmigrate.model.valuemap import read_value_map

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from crmmigrate.model.mapping import FieldMapping, Mapping
    from crmmigrate.model.table import Tables

Kind = Literal["filled", "empty", "pattern", "longest", "value", "rule", "outcome", "sign", "reference", "code"]
CANDIDATES, _AT_ONCE, _PATTERNS = 25, 60, 40
ORDER = f"md5(g.{RECORD})"
_SIGNS = {
    "line break": "contains({c}, chr(10))", "quotation mark": "regexp_matches({c}, '[\"''“”]')",
    "like a formula": "regexp_matches({c}, '^[=+@-]')", "beyond the basic plane": r"regexp_matches({c}, '[\x{10000}-\x{10FFFF}]')",
    "full width": "regexp_matches({c}, '[！-～　]')", "leading zero": "regexp_matches({c}, '^0[0-9]')",
}  # fmt: skip
ALWAYS: frozenset[Kind] = frozenset({"value", "rule", "filled"})
"""Traits that are told even where no row has them: the trial cannot say anything about them."""


@dataclass(frozen=True)
class Trait:
    """One thing that a sample should have a row of.

    Args:
        object: whose rows.
        kind: of trait.
        column: the source's column, or the target's for a rule.
        detail: which one: a value, a pattern, a code.
        condition: SQL over `g` and `m`; empty for a code, which `_oddities` tells.
        rows: how many rows have it.
        candidates: some of them.
    """

    object: str
    kind: Kind
    column: str
    detail: str
    condition: str
    rows: int = 0
    candidates: tuple[str, ...] = ()


def traits_of(tables: Tables, mapping: Mapping) -> list[Trait]:
    """Return the traits of one object, with their rows counted.

    Args:
        tables: the object, `mapped.<object>` where it was mapped, and `_oddities` (object, `_record`, column, code).
        mapping: of the object.
    """
    name = mapping.object
    columns = tables[name].columns
    read = list(dict.fromkeys(c for spec in mapping.fields.values() for c in spec.reads if c in columns))
    plain = [column for column in read if not column.startswith("_")]
    found = [*_gaps(tables, name, plain), *_values(mapping, columns), *_rules(mapping, tables, columns)]
    for reference in (column for column in columns if column.startswith(REFERENCE)):
        c, parent = f"g.{quoted(reference)}", reference.removeprefix(REFERENCE)
        found.append(Trait(name, "reference", parent, "given", f"{c} IS NOT NULL"))
        found.append(Trait(name, "reference", parent, "missing", f"{c} IS NULL"))
    counted = _counted(tables, name, found)
    return [*(trait for trait in counted if trait.rows or trait.kind in ALWAYS), *_codes(tables, name)]


def _gaps(tables: Tables, name: str, plain: list[str]) -> Iterator[Trait]:
    lengths: dict[str, int] = {}
    if plain:
        sql = ", ".join(f"max(length({quoted(column)}))" for column in plain)
        row = tables.connection.execute(f"SELECT {sql} FROM {quoted(name)}").fetchall()[0]
        lengths = {column: int(most) for column, most in zip(plain, row, strict=True) if most}
    for column in plain:
        c = f"g.{quoted(column)}"
        yield Trait(name, "filled", column, "", f"{c} IS NOT NULL")
        yield Trait(name, "empty", column, "", f"{c} IS NULL")
        if column in lengths:
            yield Trait(name, "longest", column, str(lengths[column]), f"length({c}) = {lengths[column]}")
        for sign, condition in _SIGNS.items():
            yield Trait(name, "sign", column, sign, condition.replace("{c}", c))
    if plain:
        pattern = " || ".join(f"CASE WHEN g.{quoted(column)} IS NULL THEN '0' ELSE '1' END" for column in plain)
        most = f"SELECT {pattern} AS p FROM {quoted(name)} g GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT {_PATTERNS}"
        for (text,) in tables.connection.execute(most).fetchall():
            yield Trait(name, "pattern", "", text, f"({pattern}) = {literal(text)}")


def _values(mapping: Mapping, columns: Collection[str]) -> Iterator[Trait]:
    for field, spec in mapping.fields.items():
        column = next((name for name in spec.reads if name in columns), "")
        if spec.values is None or not column:
            continue
        for word in _words(mapping, spec):
            condition = " OR ".join(f"g.{quoted(c)} = {literal(word)}" for c in spec.reads if c in columns)
            yield Trait(mapping.object, "value", field, word, f"({condition})")


def _words(mapping: Mapping, spec: FieldMapping) -> Iterable[str]:
    if isinstance(spec.values, str):
        return read_value_map(mapping.value_file(spec.values), mapping.file)
    return map(str, spec.values or {})


def _rules(mapping: Mapping, tables: Tables, columns: Collection[str]) -> Iterator[Trait]:
    """Yield what a field's rule can do: give a value, leave the cell empty, take a default. Rejected rows are codes."""
    made = f"mapped.{mapping.object}"
    if made not in tables:
        return
    for field, spec in mapping.fields.items():
        if field not in tables[made].columns:
            continue
        m = f"m.{quoted(field)}"
        reads = [f"g.{quoted(name)}" for name in spec.reads if name in columns]
        given = f"coalesce({', '.join([*reads, 'NULL'])})" if reads else ""
        if not given:
            yield Trait(mapping.object, "rule", field, "value", f"{m} IS NOT NULL")
            continue
        yield Trait(mapping.object, "rule", field, "value", f"{given} IS NOT NULL AND {m} IS NOT NULL")
        if spec.lookup or spec.do or spec.values is not None:
            blank = f"{given} IS NOT NULL AND m.{RECORD} IS NOT NULL AND {m} IS NULL"
            meant = "blank" in (
                spec.on_error,
                spec.unmapped if spec.values is not None else "",
                spec.lookup.missing if spec.lookup else "",
            )
            yield Trait(mapping.object, "rule" if meant else "outcome", field, "made empty", blank)
        if spec.default is not None:
            yield Trait(mapping.object, "rule", field, "default", f"{given} IS NULL AND {m} IS NOT NULL")


def _from(tables: Tables, name: str) -> str:
    made = f"mapped.{name}"
    if made not in tables:
        return f"{quoted(name)} g"
    return f"{quoted(name)} g LEFT JOIN {quoted(made)} m ON m.{RECORD} = g.{RECORD}"


def _counted(tables: Tables, name: str, traits: list[Trait]) -> Iterator[Trait]:
    """Yield the traits with their rows. Each row lists what it has: an aggregate with a filter for each trait takes four times as long."""
    for start in range(0, len(traits), _AT_ONCE):
        part = traits[start : start + _AT_ONCE]
        listed = ", ".join(f"CASE WHEN {trait.condition} THEN {number} END" for number, trait in enumerate(part))
        query = (
            f"SELECT number, count(*), arg_min(record, place, {CANDIDATES}) FROM (SELECT record, place, unnest(has) AS number FROM ("
            f"SELECT g.{RECORD} AS record, {ORDER} AS place, [{listed}] AS has FROM {_from(tables, name)})) "
            "WHERE number IS NOT NULL GROUP BY number"
        )
        found = {number: (rows, tuple(some)) for number, rows, some in tables.connection.execute(query).fetchall()}
        for number, trait in enumerate(part):
            rows, some = found.get(number, (0, ()))
            yield replace(trait, rows=rows, candidates=some)


def _codes(tables: Tables, name: str) -> Iterator[Trait]:
    if "_oddities" not in tables:
        return
    query = (
        f'SELECT o."column", o.code, count(DISTINCT g.{RECORD}), list_distinct(arg_min(g.{RECORD}, {ORDER}, {CANDIDATES})) '
        f"FROM _oddities o JOIN {quoted(name)} g ON g.{RECORD} = o.{RECORD} WHERE o.object = ? GROUP BY 1, 2 ORDER BY 1, 2"
    )
    for column, code, rows, candidates in tables.connection.execute(query, [name]).fetchall():
        yield Trait(name, "code", column, code, "", int(rows), tuple(sorted(candidates)))


def had_by(tables: Tables, name: str, traits: dict[int, Trait], records: Collection[str]) -> dict[str, frozenset[int]]:
    """Return record → the numbers of the traits that it has."""
    found: dict[str, set[int]] = {record: set() for record in records}
    if not records:
        return {}
    numbers = [number for number, trait in traits.items() if trait.condition]
    for start in range(0, len(numbers), _AT_ONCE):
        part = numbers[start : start + _AT_ONCE]
        listed = ", ".join(f"CASE WHEN {traits[number].condition} THEN {number} END" for number in part)
        query = f"SELECT g.{RECORD}, [{listed}] FROM {_from(tables, name)} WHERE g.{RECORD} IN (SELECT unnest(?::VARCHAR[]))"
        for record, has in tables.connection.execute(query, [sorted(records)]).fetchall():
            found[record] |= {number for number in has if number is not None}
    codes = {(trait.column, trait.detail): number for number, trait in traits.items() if trait.kind == "code"}
    if codes:
        query = f'SELECT {RECORD}, "column", code FROM _oddities WHERE object = ? AND {RECORD} IN (SELECT unnest(?::VARCHAR[]))'
        for record, column, code in tables.connection.execute(query, [name, sorted(records)]).fetchall():
            if (column, code) in codes:
                found[record].add(codes[column, code])
    return {record: frozenset(has) for record, has in found.items()}
