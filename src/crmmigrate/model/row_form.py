"""How a cell is written before rows are digested, so that two places write the same cell alike; sources: the manuals of each database."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

TEXT, NUMBER, FLOAT, BOOLEAN, MOMENT, BYTES = "text", "number", "float", "boolean", "moment", "bytes"
_CENTS = 4
"""Decimals of an amount of less than 1e9, which fifteen digits hold."""
_PLANES = (0xF0000, 0x100000)
"""Two planes of characters for private use, of 65,534 each."""


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
    """What two places agreed on before they write their rows.

    Args:
        alike: columns that both write alike as they are, so that no normal form is needed; in MySQL, those that hold UTF-8 too.
        blocks: whether the key is one column of whole numbers in both.
        once: whether no two rows have the same key in either, so that none can hide another in an exclusive or, which costs less.
        lines: whether rows are written as JSON and hashed by DuckDB, which needs no signs. Rare control characters are escaped otherwise by each.
        signs: between cells, and in place of no value: two characters for private use, which no cell can know, for they are drawn when the cells are
            already written. One character each, because the MD5 is made of them too.
    """

    alike: frozenset[str] = frozenset()
    blocks: bool = False
    once: bool = False
    lines: bool = False
    signs: tuple[str, str] = field(
        default_factory=lambda: (
            chr(_PLANES[0] + secrets.randbelow(0xFFFE)),
            chr(_PLANES[1] + secrets.randbelow(0xFFFE)),
        )
    )


def agree(left: Mapping[str, Any], right: Mapping[str, Any], key: Sequence[str], *, once: bool) -> Forms:
    """Return the forms of two tables on servers.

    Args:
        left: column → SQLAlchemy type, under the names that both tables share.
        right: the same of the other.
        key: columns whose values name a row.
        once: whether both make sure that no two rows have the same.
    """
    alike = {name for name, kind in left.items() if name in right and _spelling(kind) == _spelling(right[name]) != ""}
    return Forms(frozenset(alike), _whole(left, key) and _whole(right, key), once)


def agree_with_text(types: Mapping[str, Any], key: str, *, lines: bool) -> Forms:
    """Return the forms of a table and of text that should be in it, with one row per key in both.

    Args:
        types: column → SQLAlchemy type of the table.
        key: names a row.
        lines: whether rows are written as JSON.
    """
    alike = {name for name, kind in types.items() if _spelling(kind) in ("whole", "day")}
    return Forms(frozenset(alike), _whole(types, [key]), once=True, lines=lines)


def _whole(types: Mapping[str, Any], key: Sequence[str]) -> bool:
    import sqlalchemy as sa

    return len(key) == 1 and isinstance(types[key[0]], sa.Integer)


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


def written(dialect: str, value: str, kind: Any, *, alike: bool, nothing: str) -> str:
    """Return the arguments of `concat_ws` that write a cell.

    Args:
        dialect: `postgresql`, `mysql` or `duckdb`.
        value: SQL of the cell.
        kind: its SQLAlchemy type; in DuckDB, where all is text, that of the table it is held against.
        alike: whether the other side writes it alike as it is.
        nothing: SQL of what is written in place of no value; empty where there always is one.
    """
    cell, text = _FORMS[dialect](value, kind, alike=alike)
    if not nothing:
        return cell
    if text:
        return f"{'ifnull' if dialect == 'mysql' else 'coalesce'}({cell}, {nothing})"
    # `concat_ws` leaves out what is null, so that one of the two is always written; to make text of the cell for `coalesce` costs more.
    return f"{cell}, CASE WHEN {value} IS NULL THEN {nothing} END"


def in_json(dialect: str, value: str, kind: Any, *, alike: bool) -> str:
    """Return the SQL of a cell that stands in JSON as text, or as null where it has no value.

    Args:
        dialect: `sqlite` or `duckdb`.
        value: SQL of the cell.
        kind: as of `written`.
        alike: as of `written`.
    """
    import sqlalchemy as sa

    if dialect == "duckdb":
        return _duckdb(value, kind, alike=alike)[0]
    # Numbers in a column of text would stand in JSON as such, which no text is like; of a BLOB SQLite makes no JSON.
    return value if isinstance(kind, sa.String) else f"CAST({_sqlite(value, kind)} AS TEXT)"


def _postgresql(value: str, kind: Any, *, alike: bool) -> tuple[str, bool]:
    import sqlalchemy as sa
    from sqlalchemy.dialects import postgresql

    form = kind_of(kind)
    if alike or isinstance(kind, sa.Integer):
        return value, False  # `concat_ws` writes it as a cast would, at less cost
    if form == NUMBER or isinstance(kind, postgresql.MONEY):
        return f"trim_scale({value}::numeric)", False
    if form == BOOLEAN:
        return f"{value}::int", False
    if form == FLOAT:
        return f"replace({value}::text, 'e+', 'e')", True
    if isinstance(kind, sa.DateTime):
        naive = f"({value} AT TIME ZONE 'UTC')" if kind.timezone else value
        return f"CASE WHEN {naive} = date_trunc('day', {naive}) THEN {naive}::date::text ELSE {naive}::text END", True
    if form == BYTES:
        return f"encode({value}, 'hex')", True
    return (f"abbrev({value})" if isinstance(kind, postgresql.INET) else f"{value}::text"), True


def _mysql(value: str, kind: Any, *, alike: bool) -> tuple[str, bool]:
    import sqlalchemy as sa
    from sqlalchemy.dialects import mysql

    form = kind_of(kind)
    if alike:
        return value, form == TEXT
    if isinstance(kind, mysql.BIT):
        return f"CAST({value} AS UNSIGNED)", False
    if form == NUMBER:
        return (_no_zeros(value), True) if getattr(kind, "scale", 0) else (value, False)
    if form == FLOAT:  # of single precision, the server writes only six digits
        return f"({value} + 0e0)", False
    if isinstance(kind, sa.DateTime):
        moment = f"CAST({value} AS CHAR)"
        moment = _no_zeros(moment) if getattr(kind, "fsp", 0) else moment
        return f"trim(TRAILING ' 00:00:00' FROM {moment})", True
    if form == BYTES:
        return f"lower(hex({value}))", True
    if form == MOMENT:
        return f"CAST({value} AS CHAR)", True
    return f"CONVERT({value} USING utf8mb4)", True


def _no_zeros(value: str) -> str:
    return f"trim(TRAILING '.' FROM trim(TRAILING '0' FROM {value}))"


def _sqlite(value: str, kind: Any) -> str:
    """Return the form of whatever stands in the cell, because SQLite holds no column to its type.

    A number of 64 bits is written with the fifteen digits that are surely its own, or with all seventeen where these are not the whole of it.
    """
    import sqlalchemy as sa

    form = kind_of(kind)
    digits = f"CAST({value} AS TEXT)"
    short = f"rtrim(rtrim({digits}, '0'), '.')" if form in (NUMBER, FLOAT) else digits
    real = f"CASE WHEN CAST({digits} AS REAL) <> {value} THEN printf('%.17g', {value}) WHEN instr({digits}, 'e') THEN {digits} ELSE {short} END"
    if (
        form == NUMBER and 0 < (getattr(kind, "scale", None) or 0) <= _CENTS
    ):  # an amount is told at once, without writing it three times
        power = f"1{'0' * kind.scale}.0"
        real = f"CASE WHEN abs({value}) < 1e9 AND round({value} * {power}) / {power} = {value} THEN {short} ELSE {real} END"
    other = value
    if isinstance(kind, sa.DateTime):
        midnight = f"substr({value}, 11) IN (' 00:00:00', ' 00:00:00.000000')"
        other = f"CASE WHEN {midnight} THEN substr({value}, 1, 10) WHEN substr({value}, 20) = '.000000' THEN substr({value}, 1, 19) ELSE {value} END"
    return f"CASE typeof({value}) WHEN 'real' THEN {real} WHEN 'blob' THEN lower(hex({value})) ELSE {other} END"


def _duckdb(value: str, kind: Any, *, alike: bool) -> tuple[str, bool]:
    """Return the form of text in standard form; what is written otherwise than a server would is only looked at once more."""
    import sqlalchemy as sa
    from sqlalchemy.dialects import mysql, postgresql

    form = kind_of(kind)
    if form == BOOLEAN or getattr(kind, "display_width", None) == 1:
        return f"CASE {value} WHEN 'true' THEN '1' WHEN 'false' THEN '0' ELSE {value} END", True
    if alike or isinstance(kind, sa.Integer | mysql.BIT):
        return value, True
    if form in (NUMBER, FLOAT) or isinstance(kind, postgresql.MONEY):
        one_point = f"length({value}) - length(replace({value}, '.', '')) = 1"  # `1.2.0` is no number, and not `1.2`
        no_exponent = f"lower({value}) NOT LIKE '%e%'"  # whose zeros count
        return f"CASE WHEN {one_point} AND {no_exponent} THEN rtrim(rtrim({value}, '0'), '.') ELSE {value} END", True
    if isinstance(kind, sa.DateTime):
        return f"replace(regexp_replace({value}, '[T ]00:00:00$', ''), 'T', ' ')", True
    return value, True


_FORMS: Mapping[str, Callable[..., tuple[str, bool]]] = {
    "postgresql": _postgresql, "mysql": _mysql, "duckdb": _duckdb,
}  # fmt: skip
"""Dialect → how it writes a cell, and whether that is text."""
