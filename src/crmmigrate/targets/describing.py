"""Describe the tables of a live database as a schema.yaml: what mapping files are checked against without credentials."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from crmmigrate.errors import LocationError
from crmmigrate.messages import Message
from crmmigrate.model.document import nearest
from crmmigrate.model.schema import LONGEST, TargetColumn, TargetSchema, TargetTable
from crmmigrate.targets.checking import Said, narrow, narrowed, read_check, tighten
from crmmigrate.targets.live import LiveColumn, LiveTable, reflect
from crmmigrate.targets.naming import PREFIX

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import sqlalchemy as sa

    from crmmigrate.targets.database import DatabaseTarget

_MOST_CODES = 500
_MYSQL_TEXT = {"TINYTEXT": 63, "TEXT": 16_383, "MEDIUMTEXT": 4_194_303, "LONGTEXT": LONGEST}
"""Characters of four bytes each."""
_CONSTANT = re.compile(
    r"""\(?'((?:[^'\\]|'')*)'(?:::[\w ]+(?:\(\d+\))?)?\)?|\(?([-+]?\d+(?:\.\d+)?|true|false)\)?(?:::[\w ]+)?""",
    re.IGNORECASE,
)
"""A default that is one literal, as PostgreSQL ('a'::text), MariaDB, MySQL and SQLite write it."""
_DOUBLE = (18, 6)


def describe(target: DatabaseTarget, wanted: Sequence[str] = ()) -> TargetSchema:
    """Describe the tables of a database, parents before children.

    A table of a key and a title that others refer to is a picklist; so are the values of an ENUM, and those of a CHECK
    that allows some values only. Other CHECKs become bounds, lengths and patterns of columns, and what is none of these is kept
    as text. Views and the journal's own tables are left out.

    Args:
        target: open.
        wanted: names of tables; all where none is given.

    Raises:
        LocationError: it cannot be reached; it has no such table.
    """
    import warnings

    with target.session.transaction(write=False) as connection, warnings.catch_warnings(action="ignore"):
        return _Describing(connection, target.place).schema(wanted)


class _Describing:
    """One look at a database."""

    def __init__(self, connection: sa.Connection, place: str) -> None:
        import sqlalchemy as sa

        self.connection = connection
        self.place = place
        self.inspector: Any = sa.inspect(connection)
        self.is_mysql = connection.dialect.name in ("mysql", "mariadb")
        self.picklists: dict[str, dict[str, str]] = {}

    def schema(self, wanted: Sequence[str]) -> TargetSchema:
        names = [
            name for name, _ in self.inspector.get_sorted_table_and_fkc_names()
            if name is not None and not name.startswith(PREFIX)
        ]  # fmt: skip
        for name in wanted:
            if name not in names:
                raise LocationError(
                    "target.table-missing", Message("the target has no table '{table}'", table=name), self.place,
                    nearest(name, names) or Message("there are: {names}", names=", ".join(names[:20]) or "–"),
                )  # fmt: skip
        tables = {name: reflect(self.connection, name) for name in names}
        referred = {link.parent for table in tables.values() for link in table.parents}
        for name, table in tables.items():
            if name in referred and name not in wanted and (codes := self._codes(table)):
                self.picklists[name] = codes
        kept = [name for name in names if name not in self.picklists and (not wanted or name in wanted)]
        described = {name: self._table(tables[name], kept) for name in kept}
        used = {column.picklist for table in described.values() for column in table.columns.values()}
        return TargetSchema(1, described, {name: codes for name, codes in self.picklists.items() if name in used})

    def _codes(self, table: LiveTable) -> dict[str, str]:
        """Return code → title of a table of two text columns whose first is the key; else, or if there are many, nothing."""
        columns = list(table.columns.values())
        is_list = len(columns) == 2 and table.key == columns[0].name and {column.kind for column in columns} == {"text"}
        if not is_list or table.parents:
            return {}
        import sqlalchemy as sa

        rows = self.connection.execute(sa.select(*table.sql.c).limit(_MOST_CODES + 1)).fetchall()
        return {str(code): str(title) for code, title in rows} if len(rows) <= _MOST_CODES else {}

    def _table(self, live: LiveTable, kept: Iterable[str]) -> TargetTable:
        specs = {spec["name"]: spec for spec in self.inspector.get_columns(live.name)}
        said, checks = self._checked(live)
        lone = {columns[0] for columns in live.unique.values() if len(columns) == 1}
        parents = {link.column: link.parent for link in live.parents}
        columns = {
            name: narrowed(
                self._column(live, column, specs[name], said.values.get(name, []), name in lone, parents.get(name, ""), kept),
                said.columns.get(name, {}),
            ) for name, column in live.columns.items() if not column.generated
        }  # fmt: skip
        several = tuple(dict.fromkeys(columns for columns in live.unique.values() if len(columns) > 1))
        return TargetTable(columns, self._remark(live.name), several, checks)

    def _column(
        self, live: LiveTable, column: LiveColumn, spec: Any, checked: list[str], unique: bool, parent: str,  # noqa: FBT001
        kept: Iterable[str],
    ) -> TargetColumn:  # fmt: skip
        kind, length, precision, scale = _type(column, _MYSQL_TEXT if self.is_mysql else {})
        codes = [str(word) for word in getattr(column.type, "enums", None) or checked]
        picklist = parent if parent in self.picklists else ""
        if codes and not picklist:
            picklist = f"{live.name}_{column.name}"
            self.picklists[picklist] = {code: code for code in codes}
            length = max(length if kind == "text" and length < LONGEST else 0, *map(len, codes))
        is_key = column.name == live.key
        title, _, note = (spec.get("comment") or "").strip().partition("\n")
        if len(title) > 40:  # what people call a field is short; a sentence is a remark
            title, note = "", " ".join(filter(None, (title, note)))
        return TargetColumn(
            type="text" if picklist else kind, length=length, precision=precision, scale=scale,
            required=not live.numbered if is_key else not column.nullable, default="" if is_key else default_of(spec),
            unique=unique or (is_key and not live.numbered), identity=is_key and live.numbered,
            references=parent if parent in kept else "", picklist=picklist, title=title, note=" ".join(note.split()),
        )  # fmt: skip

    def _checked(self, live: LiveTable) -> tuple[Said, dict[str, str]]:
        """Return what the CHECKs of a table say of its columns, and those that say something else, by name."""
        kinds: dict[str, str] = {name: column.kind for name, column in live.columns.items()}
        together, rest = Said(), {}
        for number, (called, text) in enumerate(self._conditions(live.name), start=1):
            said = read_check(text, kinds, self.connection.dialect.name)
            taken = [narrow(together.values, name, its) for name, its in said.values.items()]
            taken += [tighten(together.columns.setdefault(name, {}), its) for name, its in said.columns.items()]
            if not (said.whole and all(taken)):
                rest[called or f"check_{number}"] = " ".join(text.split())
        return together, rest

    def _conditions(self, table: str) -> list[tuple[str, str]]:
        """Return name and condition of each CHECK; MariaDB writes those of columns beside the columns, where SQLAlchemy does not look."""
        import sqlalchemy as sa

        if not getattr(self.connection.dialect, "is_mariadb", False):
            return [(str(c["name"] or ""), str(c["sqltext"])) for c in self.inspector.get_check_constraints(table)]
        query = sa.text(
            "SELECT constraint_name, check_clause FROM information_schema.check_constraints "
            "WHERE constraint_schema = DATABASE() AND table_name = :name ORDER BY constraint_name"
        )
        return [(str(name), str(text)) for name, text in self.connection.execute(query, {"name": table})]

    def _remark(self, table: str) -> str:
        if not self.inspector.dialect.supports_comments:
            return ""
        remark: Mapping[str, Any] = self.inspector.get_table_comment(table)
        return " ".join(str(remark.get("text") or "").split())


def default_of(spec: Any) -> str:
    """Return the default of a column that SQLAlchemy describes, as `TargetColumn.default` has it."""
    text = str(spec.get("default") or "").strip()
    if text.upper() in ("", "NULL"):
        return ""
    constant = _CONSTANT.fullmatch(text)
    word = next((part for part in constant.groups() if part), "").replace("''", "'") if constant else ""
    return word if word and not word.startswith("(") else f"({text})"


def _type(column: LiveColumn, limits: Mapping[str, int]) -> tuple[Any, int, int, int]:
    """Return kind, length, precision and scale of a live column in the terms of a schema.yaml.

    Args:
        column: as the database describes it.
        limits: SQL type → characters, of text without a length of its own.
    """
    default = TargetColumn()
    if column.kind in ("integer", "date", "datetime", "boolean"):
        return column.kind, default.length, default.precision, default.scale
    if column.kind == "decimal":
        precision = column.precision or default.precision
        return "decimal", default.length, precision, default.scale if column.scale is None else column.scale
    if column.kind == "float":
        return "decimal", default.length, *_DOUBLE
    length = column.length or limits.get(type(column.type).__name__.upper(), LONGEST)
    if column.kind == "other" and not column.length:
        length = 36 if type(column.type).__name__.upper() == "UUID" else LONGEST
    return "text", length, default.precision, default.scale
