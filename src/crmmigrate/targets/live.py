"""A table of the target as it really is: its columns, its key, and how its values are written and read as text."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, Literal

from crmmigrate.model.kept_property import kept_property

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa
    import sqlalchemy as sa

ColumnKind = Literal["text", "integer", "decimal", "float", "date", "datetime", "boolean", "other"]
SQLITE_DIGITS = 15
_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}


class UnfitValueError(ValueError):
    """A text does not fit its column; `args[0]` is the reject code."""


@dataclass(frozen=True)
class LiveColumn:
    """One column as the database describes it.

    Args:
        name: its name.
        kind: what its values mean.
        type: SQLAlchemy's type.
        nullable: whether it may be empty.
        length: of text, in characters; None for no limit.
        precision: of decimals; None for no limit; `scale` likewise.
        generated: computed by the database; never written.
        zoned: a datetime with a time zone.
        fraction: decimal places of a datetime's seconds.
        padded: text that the database fills up with blanks, which mean nothing.
        nul: whether text may hold U+0000.
        charset: of text in MariaDB and MySQL.
    """

    name: str
    kind: ColumnKind
    type: Any
    nullable: bool = True
    length: int | None = None
    precision: int | None = None
    scale: int | None = None
    generated: bool = False
    zoned: bool = False
    fraction: int = 6
    padded: bool = False
    nul: bool = True
    charset: str = ""

    def parse(self, text: str) -> Any:
        """Return the value that `text` means in this column.

        Raises:
            UnfitValueError: with the reject code.
        """
        try:
            value = getattr(self, f"_parse_{self.kind}")(text)
        except (ValueError, InvalidOperation) as error:
            if isinstance(error, UnfitValueError):
                raise
            raise UnfitValueError("load.unfit-type") from error
        return value

    def _parse_text(self, text: str) -> str:
        text = self._parse_other(text.rstrip(" ") if self.padded else text)
        if self.length is not None and len(text) > self.length:
            raise UnfitValueError("load.unfit-length")
        return text

    def _parse_other(self, text: str) -> str:
        try:
            text.encode()  # a lone surrogate can't be sent to any database
        except UnicodeEncodeError as error:
            raise UnfitValueError("load.unfit-character") from error
        if not self.nul and "\0" in text:
            raise UnfitValueError("load.unfit-character")
        return text

    def _parse_integer(self, text: str) -> int:
        if text.strip() != text or "_" in text:
            raise ValueError
        value = int(text)
        if not -(2**63) <= value < 2 ** (64 if getattr(self.type, "unsigned", False) else 63):
            raise UnfitValueError("load.unfit-range")
        return value

    def _parse_decimal(self, text: str) -> Decimal:
        value = Decimal(text)
        if not value.is_finite():
            raise ValueError
        if self.scale is None:
            return value
        if value != round(value, self.scale):
            raise UnfitValueError("load.unfit-scale")
        if self.precision is not None and abs(value) >= Decimal(10) ** (self.precision - self.scale):
            raise UnfitValueError("load.unfit-range")
        return value.quantize(Decimal(1).scaleb(-self.scale))

    def _parse_float(self, text: str) -> float:
        return float(text)

    def _parse_date(self, text: str) -> date:
        day, _, clock = text.partition("T")
        if clock.strip("0:."):
            raise UnfitValueError("load.unfit-type")
        return date.fromisoformat(day)

    def _parse_datetime(self, text: str) -> datetime:
        value = datetime.fromisoformat(text)
        if value.microsecond % 10 ** (6 - self.fraction):
            raise UnfitValueError("load.unfit-scale")
        if self.zoned:
            return value.astimezone()
        if value.tzinfo is not None:
            raise UnfitValueError("load.unfit-type")
        return value

    def _parse_boolean(self, text: str) -> bool:
        if text not in _BOOLEANS:
            raise ValueError
        return _BOOLEANS[text]

    @property
    def plain(self) -> bool:
        """Whether its values are texts that mean themselves."""
        return self.kind == "text" and not self.padded

    def show(self, raw: Any) -> str | None:
        """Return a value, parsed or as the driver gives it, as text in standard form."""
        if raw is None:
            return None
        if self.kind == "text" and isinstance(raw, str):
            return raw.rstrip(" ") if self.padded else raw
        if self.kind == "integer":
            return str(raw)
        shown = getattr(self, f"_show_{self.kind}", None)
        return str(shown(raw)) if shown else _plain(raw)

    def shown(self, values: Sequence[Any]) -> pa.Array:
        """Return a column of values, as the driver gives them, as Arrow text in standard form."""
        import pyarrow as pa

        kinds = set(map(type, values))
        if self.kind == "integer" and kinds == {int} and max(values) < 2**63:
            return pa.array(values, pa.int64()).cast(pa.string())
        plain = self.plain and kinds <= {str, type(None)}
        return pa.array(values if plain else [self.show(value) for value in values], pa.string())

    def _show_decimal(self, raw: Any) -> str:
        value = raw if isinstance(raw, Decimal) else Decimal(str(raw))
        return format(value if self.scale is None else round(value, self.scale), "f")

    def _show_boolean(self, raw: Any) -> str:
        if isinstance(raw, bytes):
            raw = int.from_bytes(raw, "big")
        return "true" if str(raw).lower() in ("true", "1") else "false" if raw in (0, False, "0", "false") else str(raw)

    def _show_date(self, raw: Any) -> str:
        return str(raw)[:10]

    def _show_datetime(self, raw: Any) -> str:
        text = raw.astimezone() if self.zoned and isinstance(raw, datetime) else raw
        return str(text).replace(" ", "T", 1).removesuffix(".000000")


def _plain(raw: Any) -> str:
    if isinstance(raw, bytes | memoryview):
        return bytes(raw).hex()
    if isinstance(raw, dict | list):
        return json.dumps(raw, ensure_ascii=False, sort_keys=True)
    return raw.isoformat() if isinstance(raw, date | time) else str(raw)


@dataclass(frozen=True)
class ForeignKey:
    """A foreign key of one column: `table.column` holds a value of `parent.parent_column`."""

    table: str
    column: str
    parent: str
    parent_column: str


@dataclass(frozen=True)
class ChildLink:
    """A foreign key that points to a table, from wherever: its columns, and those of the parent that they name."""

    schema: str | None
    table: str
    columns: tuple[str, ...]
    parent_columns: tuple[str, ...]


@dataclass(frozen=True)
class LiveTable:
    """One table of the target.

    Args:
        name: its name.
        columns: by name, in order.
        key: the column of the primary key; empty where there is none or it has several columns.
        numbered: whether the database numbers the key itself.
        sequence: the SQL name of the sequence that does it, where the database tells.
        unique: name of a unique key → its columns.
        parents: its foreign keys of one column.
        firm: the columns of each key that is unique over all rows, whatever they hold; the primary key among them.
    """

    name: str
    columns: dict[str, LiveColumn]
    key: str
    numbered: bool = False
    sequence: str = ""
    unique: dict[str, tuple[str, ...]] = field(default_factory=dict)
    parents: tuple[ForeignKey, ...] = ()
    firm: frozenset[tuple[str, ...]] = frozenset()

    @kept_property
    def sql(self) -> sa.TableClause:
        """The table for SQL, without types: values come and go as the driver has them."""
        import sqlalchemy as sa

        return sa.table(self.name, *(sa.column(name) for name in self.columns))

    @property
    def stored(self) -> tuple[str, ...]:
        """The columns that hold data of their own, generated ones left out."""
        return tuple(name for name, column in self.columns.items() if not column.generated)

    @property
    def key_column(self) -> LiveColumn:
        """The column of the primary key."""
        return self.columns[self.key]


def reflect(connection: sa.Connection, name: str) -> LiveTable:
    """Return the table called `name` as the database describes it.

    Raises:
        sqlalchemy.exc.NoSuchTableError: there is none.
    """
    import sqlalchemy as sa

    inspector = sa.inspect(connection)
    columns = {spec["name"]: _column(spec) for spec in inspector.get_columns(name)}
    if connection.dialect.name == "sqlite":  # its numbers are binary: more digits would be rounded without a word
        columns = {
            title: replace(column, precision=min(column.precision or SQLITE_DIGITS, SQLITE_DIGITS))
            if column.kind == "decimal" else column
            for title, column in columns.items()
        }  # fmt: skip
    if connection.dialect.name == "postgresql":
        columns = {
            title: replace(column, nul=False, padded=isinstance(column.type, sa.CHAR))
            for title, column in columns.items()
        }  # fmt: skip
    if connection.dialect.name in ("mysql", "mariadb"):
        options = inspector.get_table_options(name)
        usual = str(options.get(f"{connection.dialect.name}_default charset", ""))
        columns = {title: replace(column, charset=_charset(column.type) or usual) for title, column in columns.items()}
    keys = inspector.get_pk_constraint(name)["constrained_columns"]
    key = keys[0] if len(keys) == 1 else ""
    numbered, sequence = False, ""
    if key:
        spec = next(spec for spec in inspector.get_columns(name) if spec["name"] == key)
        default = str(spec.get("default") or "")
        found = default.partition("nextval('")[2].partition("'")[0]
        sequence = found
        rowid = connection.dialect.name == "sqlite" and str(spec["type"]) == "INTEGER"
        numbered = bool(spec.get("identity") or found or rowid or spec.get("autoincrement") is True)
    unique = {  # in SQLite several may have no name
        str(spec["name"] or ", ".join(spec["column_names"])): tuple(spec["column_names"])
        for spec in inspector.get_unique_constraints(name)
    }
    firm = set(unique.values()) | ({(key,)} if key else set())
    automatic: dict[str, Any] = {"include_auto_indexes": True} if connection.dialect.name == "sqlite" else {}
    for index in inspector.get_indexes(name, **automatic):  # "VARCHAR(20) UNIQUE" is known by its index alone
        if index["unique"]:
            if None not in index["column_names"] and not any(
                name.endswith("_where") for name in index.get("dialect_options", {})
            ):
                firm.add(tuple(str(column) for column in index["column_names"]))
            unique.setdefault(str(index["name"]), tuple(str(column) for column in index["column_names"]))
    parents = tuple(
        ForeignKey(name, spec["constrained_columns"][0], spec["referred_table"], spec["referred_columns"][0])
        for spec in inspector.get_foreign_keys(name) if len(spec["constrained_columns"]) == 1
    )  # fmt: skip
    return LiveTable(name, columns, key, numbered, sequence, unique, parents, frozenset(firm))


def _column(spec: Any) -> LiveColumn:
    kind = spec["type"]
    return LiveColumn(
        spec["name"], kind_of(kind), kind, bool(spec["nullable"]), getattr(kind, "length", None),
        getattr(kind, "precision", None), getattr(kind, "scale", None), "computed" in spec, bool(getattr(kind, "timezone", False)),
        _fraction(kind),
    )  # fmt: skip


def _charset(kind: Any) -> str:
    """Return the character set of a type, which a collation's name begins with; nothing where it is that of the table."""
    return str(getattr(kind, "charset", None) or (getattr(kind, "collation", None) or "").partition("_")[0])


def _fraction(kind: Any) -> int:
    """Return the decimal places of a datetime's seconds: MySQL keeps none unless told to, PostgreSQL six."""
    if hasattr(kind, "fsp"):
        return int(kind.fsp or 0)
    places = getattr(kind, "precision", None) if kind_of(kind) == "datetime" else None
    return 6 if places is None else int(places)


def kind_of(kind: Any) -> ColumnKind:
    """Return what the values of a SQLAlchemy type mean."""
    import sqlalchemy as sa

    if isinstance(kind, sa.Boolean) or getattr(kind, "display_width", None) == 1:
        return "boolean"  # MySQL writes BOOLEAN as TINYINT(1)
    kinds: tuple[tuple[Any, ColumnKind], ...] = (
        (sa.Float, "float"), (sa.Numeric, "decimal"), (sa.Integer, "integer"), (sa.DateTime, "datetime"),
        (sa.Date, "date"), (sa.Enum, "other"), (sa.String, "text"),
    )  # fmt: skip
    return next((name for family, name in kinds if isinstance(kind, family)), "other")
