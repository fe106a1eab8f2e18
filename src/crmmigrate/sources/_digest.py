"""Digests of a table by bucket, made by the server that holds it, so that two servers can be compared without moving their rows.

A bucket is a block of neighbouring keys where the key is one whole number, else what the MD5 of a row's key begins with; its digest is the
number of its rows and the sum of 60 bits of the MD5 of each, or their exclusive or where no row can stand there twice. Two servers write a cell alike where its type says how (`Forms`); where they
don't, the digests differ, the rows of the bucket are read and compared one by one, and nothing but time is lost. What is not the
same never has the same form: between the cells, and in place of no value, stands a mark that is drawn anew for each comparison and
that no cell can know.

Source: the bucketed checksums of data-diff and pt-table-checksum; MD5 because every server has it.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from crmmigrate.sources._schema import Described

    Digests = dict[str, tuple[int, str]]
    """Shelf → its rows, and its buckets as `digests` tells them."""

DIGITS = 4
"""Hexadecimal digits of a bucket's name: 65,536 buckets, 15 rows each of a million."""
BLOCK = 16
"""Keys of a block: neighbours go into one bucket, which a server finds in its cache."""
BLOCKS = 65_521
"""Buckets that blocks are dealt out to; a prime, so that keys in steps, whatever they are, meet all of them."""
SHELF = 256
"""Buckets told together."""
RANGES = 200
"""Where no more blocks than these are wanted, they are looked up in the key's index; else the table is read through."""

TEXT, NUMBER, FLOAT, BOOLEAN, MOMENT, BYTES = "text", "number", "float", "boolean", "moment", "bytes"


def kind_of(kind: Any) -> str:
    """Return how a column's cells are written, for example `number` without zeros behind the point, `moment` in UTC without midnight.

    Args:
        kind: its SQLAlchemy type.
    """
    import sqlalchemy as sa
    from sqlalchemy.dialects import mysql

    if isinstance(kind, sa.Boolean):
        return BOOLEAN
    if isinstance(kind, sa.Float):
        return FLOAT
    if isinstance(kind, mysql.BIT | sa.Numeric | sa.Integer):
        return NUMBER
    if isinstance(kind, sa.Date | sa.DateTime):
        return MOMENT
    if isinstance(kind, sa.types._Binary):  # noqa: SLF001  (the common ancestor of BLOB, BYTEA, VARBINARY, …)
        return BYTES
    return TEXT


@dataclass(frozen=True)
class Forms:
    """What two servers agreed on before they write their rows.

    Args:
        alike: columns that both write alike as they are, so that no normal form is needed; in MySQL, those that hold UTF-8 too.
        blocks: whether the key is one column of whole numbers in both.
        once: whether no two rows have the same key in either, so that none can hide another in an exclusive or, which costs less.
        mark: what no cell holds: 48 bits of chance, drawn after the cells were written.
    """

    alike: frozenset[str] = frozenset()
    blocks: bool = False
    once: bool = False
    mark: str = field(default_factory=lambda: secrets.token_urlsafe(6))


def agree(left: Mapping[str, Any], right: Mapping[str, Any], key: Sequence[str], *, once: bool) -> Forms:
    """Return the forms of two tables.

    Args:
        left: column → SQLAlchemy type, under the names that both tables share.
        right: the same of the other.
        key: columns whose values name a row.
        once: whether both make sure that no two rows have the same.
    """
    import sqlalchemy as sa

    alike = {name for name, kind in left.items() if name in right and _spelling(kind) == _spelling(right[name]) != ""}
    blocks = len(key) == 1 and all(isinstance(side[key[0]], sa.Integer) for side in (left, right))
    return Forms(frozenset(alike), blocks, once)


def _spelling(kind: Any) -> str:
    """Return what two servers write alike where it is the same; empty where that is not sure."""
    import sqlalchemy as sa
    from sqlalchemy.dialects import mysql

    if isinstance(kind, sa.Boolean | sa.Float | mysql.BIT):
        return ""
    if isinstance(kind, sa.Integer):
        return "whole"
    if isinstance(kind, sa.Numeric) and kind.scale is not None:
        return f"decimal {kind.scale}"
    if isinstance(kind, sa.DateTime):  # with a fraction, one writes all its zeros and the other none
        return "" if kind.timezone or getattr(kind, "fsp", None) else "moment"
    return "day" if isinstance(kind, sa.Date) else ""


def digests(
    table: Described,
    dialect: str,
    quote: Callable[[str], str],
    key: Sequence[str],
    columns: Sequence[str],
    forms: Forms,
) -> str:
    """Return the query for `shelf, rows, buckets`, some hundred buckets on each shelf: `name rows sum` each, joined by commas.

    So that whoever holds two tables against each other need not look at the buckets of shelves that are the same.

    Args:
        table: which.
        dialect: `postgresql` or `mysql`.
        quote: writes an identifier.
        key: columns whose values name a row.
        columns: whose values are compared.
        forms: with the names of the table.
    """
    row = _md5(table, dialect, quote, [*key, *columns], forms)
    bucket, together = _bucket(table, dialect, quote, key, forms), "bit_xor" if forms.once else "sum"
    if dialect == "postgresql":
        sixty = f"('x' || substr({row}, 1, 15))::bit(60)::bigint"
        shelf = f"d.b / {SHELF}" if forms.blocks else "left(d.b, 2)"
        listed = "string_agg(concat_ws(' ', d.b, d.n, d.s), ',' ORDER BY d.b)"
    else:
        sixty = f"CAST(conv(left({row}, 15), 16, 10) AS UNSIGNED)"
        shelf = f"d.b DIV {SHELF}" if forms.blocks else "left(d.b, 2)"
        listed = "group_concat(concat_ws(' ', d.b, d.n, d.s) ORDER BY d.b SEPARATOR ',')"
    buckets = f"SELECT {bucket} AS b, count(*) AS n, {together}({sixty}) AS s FROM {_place(table, quote)} GROUP BY 1"
    return f"SELECT {shelf}, sum(d.n), {listed} FROM ({buckets}) d GROUP BY 1"


def differing(left: Digests, right: Digests) -> tuple[set[str], int, int]:
    """Return the buckets that differ, the rows of `left` in the others, and how many buckets there are."""
    apart: set[str] = set()
    agreed = buckets = 0
    for shelf in left.keys() | right.keys():
        (rows, one), (_, other) = (side.get(shelf, (0, "")) for side in (left, right))
        buckets += max(one.count(","), other.count(",")) + 1
        if one == other:
            agreed += rows
            continue
        mine, theirs = (dict(_bucket_of(told) for told in side.split(",") if told) for side in (one, other))
        off = {name for name in mine.keys() | theirs.keys() if mine.get(name) != theirs.get(name)}
        apart |= off
        agreed += rows - sum(int(mine[name].partition(" ")[0]) for name in off & mine.keys())
    return apart, agreed, buckets


def _bucket_of(told: str) -> tuple[str, str]:
    name, _, digest = told.partition(" ")
    return name, digest


def bounds(table: Described, quote: Callable[[str], str], key: str) -> str:
    """Return the query for the smallest and the greatest key, where an index answers it at once and holds all rows; else empty."""
    name = quote(key)
    indexed = key in table.not_null and any(columns[:1] == (key,) for columns in (table.key, *table.unique))
    return f"SELECT min(t.{name}), max(t.{name}) FROM {_place(table, quote)}" if indexed else ""


def in_utf8(table: Described) -> str:
    """Return the query of MySQL for the columns of a table that hold UTF-8, which need not be converted."""
    from crmmigrate.model.table import literal

    schema = literal(table.at.schema) if table.at.schema else "database()"
    return (
        "SELECT column_name FROM information_schema.columns WHERE character_set_name IN ('utf8mb4', 'utf8mb3', 'utf8', 'ascii') "
        f"AND table_schema = {schema} AND table_name = {literal(table.at.bare)}"
    )


def ranges(buckets: Collection[str], lowest: int, highest: int) -> list[tuple[int, int]] | None:
    """Return the first and last keys of the blocks of some buckets; None where there are too many, or keys below zero.

    Args:
        buckets: their names.
        lowest: of the keys.
        highest: of the keys.
    """
    rounds = (highest // BLOCK) // BLOCKS - (lowest // BLOCK) // BLOCKS + 1
    if lowest < 0 or rounds * len(buckets) > RANGES:
        return None
    first = (lowest // BLOCK) // BLOCKS
    blocks = sorted((first + turn) * BLOCKS + int(bucket) for bucket in buckets for turn in range(rounds))
    return [(block * BLOCK, block * BLOCK + BLOCK - 1) for block in blocks if block >= 0]


def inside(
    table: Described,
    dialect: str,
    quote: Callable[[str], str],
    key: Sequence[str],
    buckets: Collection[str],
    forms: Forms,
) -> str:
    """Return the condition for the rows of some buckets."""
    listed = ", ".join(bucket if forms.blocks else f"'{bucket}'" for bucket in sorted(buckets))
    return f"{_bucket(table, dialect, quote, key, forms)} IN ({listed})" if buckets else "1 = 0"


def between(quote: Callable[[str], str], key: str, found: Sequence[tuple[int, int]]) -> str:
    """Return the condition for the rows of some ranges of keys."""
    return " OR ".join(f"t.{quote(key)} BETWEEN {first} AND {last}" for first, last in found) or "1 = 0"


def _place(table: Described, quote: Callable[[str], str]) -> str:
    place = ".".join(quote(part) for part in (table.at.schema, table.at.bare) if part)
    return f"{'ONLY ' if table.parent_only else ''}{place} t"


def _bucket(table: Described, dialect: str, quote: Callable[[str], str], key: Sequence[str], forms: Forms) -> str:
    if not forms.blocks:
        return f"left({_md5(table, dialect, quote, key, forms)}, {DIGITS})"
    value = f"t.{quote(key[0])}"
    block = f"{value} / {BLOCK}" if dialect == "postgresql" else f"{value} DIV {BLOCK}"
    bucket = f"mod({block}, {BLOCKS})"
    return bucket if key[0] in table.not_null else f"coalesce({bucket}, 0)"


def _md5(table: Described, dialect: str, quote: Callable[[str], str], columns: Sequence[str], forms: Forms) -> str:
    between, nothing = (_marked(dialect, sign, forms.mark) for sign in ("\x1f", "\x1e"))
    cells = []
    for name in columns:
        value = f"t.{quote(name)}"
        cell = _FORMS[dialect](value, table.columns[name], alike=name in forms.alike)
        cells.append(cell if name in table.not_null else _OR_NOTHING[dialect](cell, value, nothing))
    return f"md5(concat_ws({', '.join([between, *cells])}))"


def _marked(dialect: str, sign: str, mark: str) -> str:
    """Return a sign and the mark as a literal; of MySQL as bytes, so that columns of any collation can stand beside it."""
    return f"E'\\x{ord(sign):02x}{mark}'" if dialect == "postgresql" else f"X'{(sign + mark).encode().hex()}'"


def _postgresql(value: str, kind: Any, *, alike: bool) -> str:
    import sqlalchemy as sa
    from sqlalchemy.dialects import postgresql

    form = kind_of(kind)
    if alike or isinstance(kind, sa.Integer):
        return value  # `concat_ws` writes it as a cast would, at less cost
    if form == NUMBER or isinstance(kind, postgresql.MONEY):
        return f"trim_scale({value}::numeric)"
    if form == BOOLEAN:
        return f"{value}::int"
    if form == FLOAT:
        return f"replace({value}::text, 'e+', 'e')"
    if isinstance(kind, sa.DateTime):
        naive = f"({value} AT TIME ZONE 'UTC')" if kind.timezone else value
        return f"CASE WHEN {naive} = date_trunc('day', {naive}) THEN {naive}::date::text ELSE {naive}::text END"
    if form == BYTES:
        return f"encode({value}, 'hex')"
    return f"abbrev({value})" if isinstance(kind, postgresql.INET) else f"{value}::text"


def _mysql(value: str, kind: Any, *, alike: bool) -> str:
    import sqlalchemy as sa
    from sqlalchemy.dialects import mysql

    form = kind_of(kind)
    if alike:
        return value
    if isinstance(kind, mysql.BIT):
        return f"CAST({value} AS UNSIGNED)"
    if form == NUMBER:
        return _no_zeros(value) if getattr(kind, "scale", 0) else value
    if form == FLOAT:  # of single precision, the server writes only six digits
        return f"({value} + 0e0)"
    if isinstance(kind, sa.DateTime):
        moment = f"CAST({value} AS CHAR)"
        moment = _no_zeros(moment) if getattr(kind, "fsp", 0) else moment
        return f"trim(TRAILING ' 00:00:00' FROM {moment})"
    if form == BYTES:
        return f"lower(hex({value}))"
    if form == MOMENT:
        return f"CAST({value} AS CHAR)"
    return f"CONVERT({value} USING utf8mb4)"


def _no_zeros(value: str) -> str:
    return f"trim(TRAILING '.' FROM trim(TRAILING '0' FROM {value}))"


_FORMS: Mapping[str, Callable[..., str]] = {"postgresql": _postgresql, "mysql": _mysql}
_OR_NOTHING: Mapping[str, Callable[[str, str, str], str]] = {
    # `concat_ws` leaves out what is null, so that one of the two is always written; to cast the cell to the mark's type would cost more.
    "postgresql": lambda cell, value, nothing: f"{cell}, CASE WHEN {value} IS NULL THEN {nothing} END",
    "mysql": lambda cell, _, nothing: f"ifnull({cell}, {nothing})",
}
"""What is written of a cell that may be null; `coalesce` costs both servers more."""
