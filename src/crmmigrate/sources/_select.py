"""The query for a table, and its answer as text: what the server itself writes, so that no driver rounds or refuses a value."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from crmmigrate.model.text_table import text_array

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crmmigrate.sources._schema import Described

BINARY, SINGLE = "binary", "single"
"""What is to be done with a column on arrival: bytes written in hexadecimal, single precision without false digits."""
FEW = 20_000
"""Rows for which Arrow's quickest way to an array costs more than it saves: it imports pandas."""


class Undecoded(str):
    """Text that was not in the encoding it should be in, decoded as well as it goes."""

    __slots__ = ()

    @classmethod
    def of(cls, raw: bytes) -> str:
        """Decode bytes; the answer is an `Undecoded` where they are not UTF-8."""
        try:
            return raw.decode("utf-8")
        except UnicodeDecodeError:
            try:
                return cls(raw.decode("gb18030"))
            except UnicodeDecodeError:
                return cls(raw.decode("utf-8", "replace"))


def select(table: Described, dialect: str, quote: Callable[[str], str]) -> str:
    """Return the query for all rows, in the order of the key.

    Args:
        table: which.
        dialect: SQLAlchemy's name of the kind of database.
        quote: writes an identifier.
    """
    write = {"postgresql": _postgresql, "mysql": _mysql, "mariadb": _mysql}.get(dialect, lambda value, _: value)
    wanted = ", ".join(
        table.computed.get(name) or write(f"t.{quote(name)}", kind) for name, kind in table.columns.items()
    )
    place = ".".join(quote(part) for part in (table.at.schema, table.at.bare) if part)
    order = ", ".join(f"t.{quote(name)}{' DESC' if table.backwards else ''}" for name in table.naming_key)
    only = "ONLY " if table.parent_only else ""
    where = f" WHERE {table.only}" if table.only else ""
    return f"SELECT {wanted or '1'} FROM {only}{place} t{where}" + (f" ORDER BY {order}" if order else "")


def text_of(value: str, kind: Any, dialect: str) -> str:
    """Return the SQL of a value as text, to be counted on the server; SQLite's values stay what they are.

    Args:
        value: SQL.
        kind: its SQLAlchemy type.
        dialect: `postgresql`, `mysql` or `sqlite`.
    """
    import sqlalchemy as sa

    if dialect == "mysql":
        if isinstance(kind, sa.types._Binary):  # noqa: SLF001  (as above)
            return f"hex({value})"
        return f"CONVERT({_mysql(value, kind)} USING utf8mb4)"
    return _postgresql(value, kind) if dialect == "postgresql" else value


def arrivals(table: Described, dialect: str) -> dict[int, str]:
    """Return position → what is to be done with a column on arrival."""
    import sqlalchemy as sa
    from sqlalchemy.dialects import mysql

    found: dict[int, str] = {}
    for position, kind in enumerate(table.columns.values()):
        if isinstance(kind, sa.types._Binary):  # noqa: SLF001  (the common ancestor of BLOB, BYTEA, VARBINARY, …)
            found[position] = BINARY
        elif dialect in ("mysql", "mariadb") and isinstance(kind, mysql.FLOAT) and kind.scale is None:
            found[position] = SINGLE
    return found


def _postgresql(value: str, kind: Any) -> str:
    import sqlalchemy as sa
    from sqlalchemy.dialects import postgresql

    if isinstance(kind, sa.LargeBinary):
        return f"encode({value}, 'hex')"
    if isinstance(kind, postgresql.MONEY):  # else in the server's currency, whatever that is
        return f"{value}::numeric::text"
    if isinstance(kind, postgresql.INET):  # the cast would add /32 to every address
        return f"abbrev({value})"
    return f"{value}::text"


def _mysql(value: str, kind: Any) -> str:
    import sqlalchemy as sa
    from sqlalchemy.dialects import mysql

    if isinstance(kind, mysql.BIT):  # a driver hands out bytes; they are numbers, often yes and no
        return f"CAST({value} AS UNSIGNED)"
    if isinstance(kind, sa.Date | sa.DateTime | sa.Time | mysql.YEAR):  # drivers lose 0000-00-00 and 26:00:00
        return f"CAST({value} AS CHAR)"
    if isinstance(kind, mysql.FLOAT) and kind.scale is None:  # the server writes only six digits of it
        return f"({value} + 0e0)"
    return value


def as_text(values: Sequence[Any], arrival: str = "") -> tuple[Any, list[tuple[int, str]]]:
    """Return a column of a driver as Arrow text, and the rows and codes of cells that were no text.

    Args:
        values: as the driver hands them out.
        arrival: what is to be done with them.
    """
    kinds = set(map(type, values))
    if arrival == SINGLE:
        return _array([_single(value) for value in values]), []
    if kinds <= {str, type(None)}:
        return _array(values), []
    troubles: list[tuple[int, str]] = []
    if Undecoded in kinds:
        troubles = [(row, "source.undecodable") for row, value in enumerate(values) if type(value) is Undecoded]
    if not kinds.isdisjoint((bytes, bytearray, memoryview)):
        binary = (bytes, bytearray, memoryview)
        troubles += [(row, "source.binary-value") for row, value in enumerate(values) if isinstance(value, binary)]
    return _array([value if type(value) is str else written(value) for value in values]), troubles


def _array(texts: Sequence[str | None]) -> Any:
    if len(texts) < FEW:
        return text_array(texts)
    import pyarrow as pa

    return pa.array(texts, pa.string())


def decoded(column: Any) -> tuple[Any, list[tuple[int, str]]]:
    """Return an Arrow column of bytes as text, and the rows and codes of cells that were not UTF-8."""
    import pyarrow as pa

    try:
        return column.cast(pa.string()), []
    except pa.ArrowInvalid:
        return as_text([None if raw is None else Undecoded.of(raw) for raw in column.to_pylist()])


def written(value: Any) -> str | None:
    """Write one value of a driver as text, with all its digits."""
    if value is None:
        return None
    way = _WAYS.get(type(value)) or next((way for kind, way in _WAYS.items() if isinstance(value, kind)), None)
    if way is None and hasattr(value, "read"):  # Oracle's large objects are read like files
        return written(value.read())
    return way(value) if way else str(value)


def _float(value: float) -> str:
    if value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return repr(value) if math.isfinite(value) else str(value)


def _single(value: Any) -> str | None:
    """Write a number of single precision, which arrives in double precision, with the digits that tell it apart."""
    import numpy as np

    if value is None:
        return None
    number = np.float32(value)
    return np.format_float_positional(number, trim="-") if abs(number) < 1e15 else str(number)


def _span(value: Any) -> str:
    sign, span = ("-", -value) if value.days < 0 else ("", value)
    seconds = span.days * 86_400 + span.seconds
    fraction = f".{span.microseconds:06}".rstrip("0") if span.microseconds else ""
    return f"{sign}{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}{fraction}"


_WAYS: dict[type, Callable[[Any], str]] = {
    str: str, int: str, float: _float, bool: lambda yes: "true" if yes else "false", Decimal: lambda number: format(number, "f"),
    dt.datetime: lambda moment: moment.isoformat(sep=" "), dt.date: dt.date.isoformat, dt.time: dt.time.isoformat,
    dt.timedelta: _span, bytes: bytes.hex, bytearray: bytearray.hex, memoryview: memoryview.hex,
}  # fmt: skip


def places(keys: Sequence[Any], first: int, count: int) -> Any:
    """Return what names each row: its key, parts joined by `/`; where that is not complete, `~` and its number.

    Args:
        keys: the columns of the key as Arrow text.
        first: number of the first row.
        count: of rows.
    """
    import pyarrow.compute as pc

    numbers = _array([str(number) for number in range(first, first + count)])
    if not keys:
        return numbers
    stroke, before, blank = text_array(["/", "~", ""])
    if len(keys) > 1:  # so that a/b + c is not a + b/c
        parts = [pc.replace_substring(pc.replace_substring(key, "%", "%25"), "/", "%2F") for key in keys]
        joined = pc.binary_join_element_wise(*parts, stroke)
    else:
        joined = keys[0]
    incomplete = pc.or_kleene(pc.is_null(joined), pc.equal(joined, blank))
    return pc.if_else(incomplete, pc.binary_join_element_wise(before, numbers, blank), joined)
