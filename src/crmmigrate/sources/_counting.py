"""What a server counts of a large table by itself: columns whose values repeat, rows that repeat, rules between such columns.

Only values and their counts come over the wire. Everything is asked in the snapshot in which the rows are read.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from crmmigrate.sources._frame import column_names
from crmmigrate.sources._select import Undecoded, as_text, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pandas as pd

    from crmmigrate.model.source import InPlace
    from crmmigrate.sources._schema import Described
    from crmmigrate.sources._snapshot import Snapshot

VALUES_AT_MOST, SHARE_AT_MOST = 50_000, 0.1
"""A column is counted where it has at most so many different values, and at most so many of the rows."""
_SAMPLE, _SHOWN = 20_000, 400
_SETS = 30
"""Columns counted in one scan: `grouping` takes 31."""
_LEFT, _RIGHT, _WAYS_AT_LEAST, _ENOUGH, _HOLDS = 6, 12, 10, 10, 0.85
"""As in the rules that are looked for in rows."""


@dataclass(frozen=True)
class Counted:
    """What the server counted of one table.

    Args:
        values: column (as the database calls it) → value → cells; empty cells are not counted.
        repeated: rows that repeat an earlier one in every column.
        rules: `{left, right, groups, broken, rows}`: values of `left` that come again, those of them that stand beside several values
            of `right`, and the rows of these. Case and blanks at the ends make no difference.
    """

    values: dict[str, dict[str, int]]
    repeated: int
    rules: list[dict[str, Any]]

    def frame(self, names: dict[str, str]) -> pd.DataFrame:
        """Return `column`, `value`, `n` as text; `names`: what the database's columns are called in our table."""
        import pandas as pd

        rows = [(names[column], value, str(n)) for column, found in self.values.items() for value, n in found.items()]
        return pd.DataFrame(rows, columns=["column", "value", "n"], dtype="str")


def without(table: Described, counted: Counted) -> Described:
    """Return the table with the columns that are still to be read row by row."""
    return replace(table, columns={name: kind for name, kind in table.columns.items() if name not in counted.values})


def count_in_place(snapshot: Snapshot, table: Described, in_place: InPlace, shown: str) -> Counted | None:
    """Let the server count what it can of a large table.

    Args:
        snapshot: in which the table will be read.
        table: which.
        in_place: what is large, and what is to be read all the same.
        shown: the place, for errors.

    Returns:
        None where the table is small, the server is of a kind that is not asked, or no column repeats its values.

    Raises:
        LocationError: the database refuses.
    """
    asking = _Asking(snapshot, table, shown)
    if not asking.possible:
        return None
    rows = int(asking.ask(f"SELECT count(*) FROM {asking.place}")[0][0])
    if rows < in_place.rows:
        return None
    limit = int(min(VALUES_AT_MOST, SHARE_AT_MOST * rows))
    names = dict(zip(table.columns, column_names(list(table.columns)), strict=True))
    values = {
        column: found
        for column, found in asking.values(asking.promising(limit, rows), limit)
        if not in_place.needs_rows(names[column], _some(found), sum(found.values()), len(found))
    }
    if len(values) == len(table.columns):  # a row must have something to be read by
        values.popitem()
    if not values:
        return None
    repeated = 0 if table.naming_key else rows - asking.different_rows()
    rules = [{**rule, "left": names[rule["left"]], "right": names[rule["right"]]} for rule in asking.rules(values)]
    return Counted(values, repeated, rules)


def _some(values: dict[str, int]) -> list[str]:
    """Return values from all over the column."""
    return list(values)[:: len(values) // _SHOWN + 1]


class _Asking:
    """The questions about one table, in the words of its server."""

    def __init__(self, snapshot: Snapshot, table: Described, shown: str) -> None:
        self.snapshot, self.table, self.shown = snapshot, table, shown
        dialect = snapshot.engine.dialect
        self.kind = {"mariadb": "mysql"}.get(dialect.name, dialect.name)
        self.quote = dialect.identifier_preparer.quote_identifier
        place = ".".join(self.quote(part) for part in (table.at.schema, table.at.bare) if part)
        self.place = f"{'ONLY ' if table.parent_only else ''}{place} t"

    def ask(self, statement: str) -> list[tuple[Any, ...]]:
        """Return the answer of the server."""
        return self.snapshot.ask(statement, self.shown)

    @property
    def possible(self) -> bool:
        """Whether the server is asked: one that is tested, whose counts and rows are of one moment, and whose text has an encoding."""
        if self.kind == "postgresql":
            return self.ask("SHOW server_encoding") != [("SQL_ASCII",)]
        return self.kind == "sqlite" or (self.kind == "mysql" and self.table.transactional)

    def text(self, column: str) -> str:
        """Return the SQL of a cell as text."""
        return text_of(f"t.{self.quote(column)}", self.table.columns[column], self.kind)

    def exact(self, column: str) -> str:
        """Return the SQL of a cell that is equal only to what is written with the same signs."""
        if self.kind == "postgresql":
            return f'({self.text(column)}) COLLATE "C"'
        return f"CAST({self.text(column)} AS BINARY)" if self.kind == "mysql" else self.text(column)

    def promising(self, limit: int, rows: int) -> list[str]:
        """Return the columns that probably have at most `limit` different values, by the server's statistics or a sample.

        Columns that name rows or refer to others are left out, and types of which hardly a value repeats.
        """
        import sqlalchemy as sa

        keys = {name for key in (self.table.key, *self.table.unique) for name in key}
        keys |= {name for link in self.table.foreign_keys for name in link["columns"]}
        unfit = (sa.types._Binary, sa.Float, sa.JSON, sa.ARRAY, sa.types.NullType)  # noqa: SLF001  (ancestor of all binary types)
        columns = [n for n, kind in self.table.columns.items() if n not in keys and not isinstance(kind, unfit)]
        known = self._statistics(rows)
        unknown = [name for name in columns if name not in known]
        if unknown:
            cells = ", ".join(f"{self.exact(name)} AS v{i}" for i, name in enumerate(unknown))
            counts = ", ".join(f"count(DISTINCT v{i})" for i in range(len(unknown)))
            row = self.ask(f"SELECT count(*), {counts} FROM (SELECT {cells} FROM {self.place} LIMIT {_SAMPLE}) s")[0]
            # Of `limit` values that are alike frequent, a sample shows so many.
            shown = limit * (1 - math.exp(-int(row[0]) / limit)) if limit else 0
            known |= {name: 0 if int(n) <= shown else rows for name, n in zip(unknown, row[1:], strict=True)}
        return [name for name in columns if known[name] <= limit]

    def _statistics(self, rows: int) -> dict[str, float]:
        if self.kind != "postgresql":
            return {}
        query = (
            "SELECT attname, max(CASE WHEN n_distinct < 0 THEN -n_distinct * CAST(:rows AS float) ELSE n_distinct END) FROM pg_stats"
            " WHERE schemaname = coalesce(CAST(:schema AS text), current_schema()) AND tablename = :bare GROUP BY attname"
        )
        given = {"rows": rows, "schema": self.table.at.schema, "bare": self.table.at.bare}
        return {str(name): float(n) for name, n in self.snapshot.ask(query, self.shown, given)}

    def values(self, columns: Sequence[str], limit: int) -> Iterator[tuple[str, dict[str, int]]]:
        """Yield columns with their values, without those that have too many after all, or any in another encoding."""
        if self.kind == "postgresql":
            groups = [g for at in range(0, len(columns), _SETS) for g in self._sets(columns[at : at + _SETS])]
        else:
            groups = [(column, self._groups(column, limit)) for column in columns]
        for column, rows in groups:
            texts, troubles = as_text([Undecoded.of(v) if isinstance(v, bytes) else v for v, _ in rows])
            if len(rows) > limit or troubles:
                continue
            found: dict[str, int] = {}
            for value, (_, n) in zip(texts.to_pylist(), rows, strict=True):
                if value:  # numbers and texts of SQLite may be written alike
                    found[value] = found.get(value, 0) + int(n)
            yield column, found

    def _groups(self, column: str, limit: int) -> list[tuple[Any, ...]]:
        cell = self.exact(column)
        by = f"typeof({cell}), {cell} COLLATE BINARY" if self.kind == "sqlite" else "1"
        return self.ask(f"SELECT {cell}, count(*) FROM {self.place} GROUP BY {by} LIMIT {limit + 1}")

    def _sets(self, columns: Sequence[str]) -> list[tuple[str, list[tuple[Any, ...]]]]:
        """Let PostgreSQL count several columns in one scan."""
        if not columns:
            return []
        cells = ", ".join(f"{self.exact(name)} AS v{i}" for i, name in enumerate(columns))
        names = [f"v{i}" for i in range(len(columns))]
        sets = ", ".join(f"({name})" for name in names)
        listed = ", ".join(names)
        self.ask("SELECT set_config('work_mem', '64MB', true)")
        query = f"SELECT grouping({listed}), coalesce({listed}), count(*) FROM (SELECT {cells} FROM {self.place}) s GROUP BY GROUPING SETS ({sets})"
        found: dict[int, list[tuple[Any, ...]]] = {}
        for which, value, n in self.ask(query):
            found.setdefault(int(which), []).append((value, n))
        last = (
            len(columns) - 1
        )  # the bit of a column is 0 where its values make the group; the first column has the highest
        return [(name, found.get((2 << last) - 1 - (1 << last - i), [])) for i, name in enumerate(columns)]

    def different_rows(self) -> int:
        """Count the rows that differ in some column."""
        cells = [f"nullif({self.exact(name)}, '')" for name in self.table.columns]
        if self.kind == "mysql":  # rows of many columns are too wide for its temporary tables
            row = ", ".join(f"coalesce({cell}, '')" for cell in cells)
            return int(self.ask(f"SELECT count(DISTINCT md5(concat_ws(char(0), {row}))) FROM {self.place}")[0][0])
        listed = ", ".join(f"{cell} AS v{i}" for i, cell in enumerate(cells))
        return int(self.ask(f"SELECT count(*) FROM (SELECT DISTINCT {listed} FROM {self.place}) s")[0][0])

    def rules(self, values: dict[str, dict[str, int]]) -> Iterator[dict[str, Any]]:
        """Yield what is broken of the rules between counted columns that a sample shows."""
        lefts = sorted((n for n in values if len(values[n]) >= _WAYS_AT_LEAST), key=lambda n: (-len(values[n]), n))
        rights = sorted((n for n in values if len(values[n]) >= 2), key=lambda n: (-sum(values[n].values()), n))
        for left in lefts[:_LEFT]:
            for right in rights[:_RIGHT]:
                if left == right or len(values[right]) > len(values[left]):
                    continue
                groups, broken, _ = self._rule(left, right, f" LIMIT {_SAMPLE}")
                if groups < _ENOUGH or broken > (1 - _HOLDS) * groups:
                    continue
                groups, broken, rows = self._rule(left, right, "")
                if broken:
                    yield {"left": left, "right": right, "groups": groups, "broken": broken, "rows": rows}

    def _rule(self, left: str, right: str, end: str) -> tuple[int, int, int]:
        one, two = (f"upper(trim({self.text(name)}))" for name in (left, right))
        row = self.ask(
            "SELECT count(*), sum(CASE WHEN ways > 1 THEN 1 ELSE 0 END), sum(CASE WHEN ways > 1 THEN n ELSE 0 END) FROM ("
            "SELECT l, sum(n) AS n, count(*) AS ways FROM (SELECT l, r, count(*) AS n FROM ("
            f"SELECT {one} AS l, {two} AS r FROM {self.place}{end}) a WHERE l <> '' AND r <> '' GROUP BY l, r) b GROUP BY l) c WHERE n > 1"
        )[0]
        return int(row[0]), int(row[1] or 0), int(row[2] or 0)
