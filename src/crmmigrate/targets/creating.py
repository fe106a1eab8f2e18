"""Create the tables that a schema.yaml describes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crmmigrate.errors import ConfigurationError
from crmmigrate.messages import Message

if TYPE_CHECKING:
    import sqlalchemy as sa

    from crmmigrate.model.schema import TargetColumn, TargetSchema, TargetTable
    from crmmigrate.targets.dialect import Dialect

CODE_LENGTH, TITLE_LENGTH = 64, 255


def create_tables(connection: sa.Connection, dialect: Dialect, schema: TargetSchema) -> None:
    """Create what is not there yet: picklist tables with their codes, then the tables with their keys.

    Raises:
        ConfigurationError: `schema.picklist-name`: a picklist has the name of a table.
    """
    import sqlalchemy as sa

    metadata = sa.MetaData()
    options = dialect.table_options()
    there = set(sa.inspect(connection).get_table_names())
    for name in schema.picklists:
        if name in schema.tables:
            raise ConfigurationError(
                "schema.picklist-name", Message("the picklist '{name}' has the name of a table", name=name)
            )
        length = max((spec.length for table in schema.tables.values() for spec in table.columns.values() if spec.picklist == name),
                     default=CODE_LENGTH)  # fmt: skip
        sa.Table(
            name, metadata, sa.Column("code", sa.String(length), primary_key=True),
            sa.Column("title", sa.String(TITLE_LENGTH), nullable=False), **options,
        )  # fmt: skip
    for name, table in schema.tables.items():
        unique = [sa.UniqueConstraint(*columns) for columns in table.unique]
        sa.Table(
            name, metadata, *_columns(dialect, schema, table), *unique, sqlite_autoincrement=bool(table.identity), **options
        )  # fmt: skip
    metadata.create_all(connection)
    for name, codes in schema.picklists.items():
        if name not in there and codes:
            rows = [{"code": str(code), "title": title} for code, title in codes.items()]
            connection.execute(metadata.tables[name].insert(), rows)


def _key_of(table: TargetTable) -> str:
    """Return the column by which others refer to a table: its identity or, in one that has none, its first unique column that is required."""
    return table.identity or next((name for name, spec in table.columns.items() if spec.unique and spec.required), "")


def _columns(dialect: Dialect, schema: TargetSchema, table: TargetTable) -> list[sa.Column[Any]]:
    import sqlalchemy as sa

    columns: list[sa.Column[Any]] = []
    for name, spec in table.columns.items():
        keys: list[sa.ForeignKey] = []
        if spec.references and (key := _key_of(schema.tables[spec.references])):
            keys.append(sa.ForeignKey(f"{spec.references}.{key}"))
        if spec.picklist:
            keys.append(sa.ForeignKey(f"{spec.picklist}.code"))
        columns.append(sa.Column(
            name, dialect.column_type(spec), *keys, primary_key=spec.identity, autoincrement=spec.identity,
            nullable=not (spec.required or spec.identity) or spec.default != spec.constant, server_default=_default(spec), unique=spec.unique or None, index=bool(spec.references) or None,
        ))  # fmt: skip
    return columns


def _default(spec: TargetColumn) -> Any:
    """Return the constant that fills a column by itself; expressions are one database's own words and stay out."""
    import sqlalchemy as sa

    if spec.type == "boolean" and spec.constant:
        return sa.true() if spec.constant.lower() in ("true", "1") else sa.false()
    return spec.constant or None


def add_columns(connection: sa.Connection, table: sa.Table) -> None:
    """Add the columns that a table lacks in the database."""
    import sqlalchemy as sa
    from sqlalchemy.schema import CreateColumn

    known = {spec["name"] for spec in sa.inspect(connection).get_columns(table.name)}
    quote = connection.dialect.identifier_preparer.quote
    for column in table.columns:
        if column.name not in known:
            definition = CreateColumn(column).compile(dialect=connection.dialect)
            connection.exec_driver_sql(f"ALTER TABLE {quote(table.name)} ADD COLUMN {definition}")
