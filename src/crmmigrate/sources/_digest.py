"""Digests of a table by bucket, made by the server that holds it, so that two servers can be compared without moving their rows.

A bucket is what the MD5 of a row's key begins with; its digest is the number of its rows and the sum of 60 bits of the MD5 of each. Two
servers write a cell alike where its type says how (`forms`); where they don't, the digests differ, the rows of the bucket are read
and compared one by one, and nothing but time is lost. What is not the same never has the same form: text is written with its
length, so that no separator inside a cell can make two rows look alike.

Source: the bucketed checksums of data-diff and pt-table-checksum; MD5 because every server has it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from crmmigrate.sources._schema import Described

DIGITS = 4
"""Hexadecimal digits of a bucket's name: 65,536 buckets, 15 rows each of a million."""

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


def digests(
    table: Described,
    dialect: str,
    quote: Callable[[str], str],
    key: Sequence[str],
    columns: Sequence[str],
    plain: Collection[str] = (),
) -> str:
    """Return the query for `bucket, rows, sum` of every bucket of a table.

    Args:
        table: which.
        dialect: `postgresql` or `mysql`.
        quote: writes an identifier.
        key: columns whose values name a row.
        columns: whose values are compared.
        plain: those of them of which the other side says that they hold something else; their text is written without its length.
    """
    row = _md5(table, dialect, quote, columns, plain)
    sixty = (
        f"('x' || substr({row}, 1, 15))::bit(60)::bigint"
        if dialect == "postgresql"
        else f"CAST(conv(left({row}, 15), 16, 10) AS UNSIGNED)"
    )
    return f"SELECT {_bucket(table, dialect, quote, key, plain)} AS b, count(*), sum({sixty}) FROM {_place(table, quote)} GROUP BY 1"


def inside(
    table: Described,
    dialect: str,
    quote: Callable[[str], str],
    key: Sequence[str],
    buckets: Collection[str],
    plain: Collection[str] = (),
) -> str:
    """Return the condition for the rows of some buckets; `plain` as in `digests`."""
    listed = ", ".join(f"'{bucket}'" for bucket in sorted(buckets))
    return f"{_bucket(table, dialect, quote, key, plain)} IN ({listed})" if buckets else "1 = 0"


def _place(table: Described, quote: Callable[[str], str]) -> str:
    place = ".".join(quote(part) for part in (table.at.schema, table.at.bare) if part)
    return f"{'ONLY ' if table.parent_only else ''}{place} t"


def _bucket(
    table: Described, dialect: str, quote: Callable[[str], str], key: Sequence[str], plain: Collection[str]
) -> str:
    return f"left({_md5(table, dialect, quote, key, plain)}, {DIGITS})"


def _md5(
    table: Described, dialect: str, quote: Callable[[str], str], columns: Sequence[str], plain: Collection[str]
) -> str:
    write = _FORMS[dialect]
    cells = [write(f"t.{quote(name)}", table.columns[name], plain=name in plain) for name in columns]
    separator = "chr(31)" if dialect == "postgresql" else "char(31)"
    return f"md5(concat_ws({separator}, {', '.join(cells)}))"


def _postgresql(value: str, kind: Any, *, plain: bool) -> str:
    import sqlalchemy as sa
    from sqlalchemy.dialects import postgresql

    form = kind_of(kind)
    if form == NUMBER:
        cell = f"{value}::text" if isinstance(kind, sa.Integer) else f"trim_scale({value}::numeric)::text"
    elif isinstance(kind, postgresql.MONEY):
        cell = f"trim_scale({value}::numeric)::text"
    elif form == BOOLEAN:
        cell = f"{value}::int::text"
    elif form == FLOAT:
        cell = f"replace({value}::text, 'e+', 'e')"
    elif isinstance(kind, sa.DateTime):
        naive = f"({value} AT TIME ZONE 'UTC')" if kind.timezone else value
        cell = f"CASE WHEN {naive} = date_trunc('day', {naive}) THEN {naive}::date::text ELSE {naive}::text END"
    elif form == BYTES:
        cell = f"encode({value}, 'hex')"
    elif form == MOMENT:
        cell = f"{value}::text"
    else:
        text = f"abbrev({value})" if isinstance(kind, postgresql.INET) else f"{value}::text"
        cell = text if plain else f"length({text}) || ':' || {text}"
    return f"coalesce({cell}, '')"


def _mysql(value: str, kind: Any, *, plain: bool) -> str:
    import sqlalchemy as sa
    from sqlalchemy.dialects import mysql

    form = kind_of(kind)
    if isinstance(kind, mysql.BIT):
        cell = f"CAST({value} AS UNSIGNED)"
    elif form == NUMBER:
        cell = _no_zeros(value) if getattr(kind, "scale", 0) else value
    elif form == FLOAT:  # of single precision, the server writes only six digits
        cell = f"({value} + 0e0)"
    elif isinstance(kind, sa.DateTime):
        moment = f"CAST({value} AS CHAR)"
        moment = _no_zeros(moment) if getattr(kind, "fsp", 0) else moment
        cell = f"trim(TRAILING ' 00:00:00' FROM {moment})"
    elif form == BYTES:
        cell = f"lower(hex({value}))"
    elif form == MOMENT:
        cell = f"CAST({value} AS CHAR)"
    else:
        text = f"CONVERT({value} USING utf8mb4)"
        cell = text if plain else f"concat(char_length({text}), ':', {text})"
    return f"coalesce({cell}, '')"


def _no_zeros(value: str) -> str:
    return f"trim(TRAILING '.' FROM trim(TRAILING '0' FROM {value}))"


_FORMS: Mapping[str, Callable[..., str]] = {"postgresql": _postgresql, "mysql": _mysql}
