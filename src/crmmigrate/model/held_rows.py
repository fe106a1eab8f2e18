"""Rows that are in the target before a step of a load: a record that has one of them may give up a value of a key that another record takes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from crmmigrate.model.issue import RECORD
from crmmigrate.model.table import quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    import duckdb
    import pyarrow as pa

OWNED = "_crmm_owned"
"""The table of records of an object with what their rows hold."""
_ROWS, _PART = "_crmm_held", "_crmm_part"


class TooManyRowsError(Exception):
    """To read the rows takes longer than is gained by it."""


@dataclass(frozen=True)
class Held:
    """What the target holds.

    Args:
        columns: of its keys, of which each row is known.
        rows: these, and the `_record` that is linked to the row, as Arrow tables of text.
        match_on: the columns by which a row that is not linked is found.
        most: rows that are read.
    """

    columns: tuple[str, ...]
    rows: Iterable[pa.Table]
    match_on: tuple[str, ...]
    most: int

    def own(
        self, connection: duckdb.DuckDBPyConnection, name: str, keyed: Callable[[str, Sequence[str], str], str]
    ) -> None:
        """Make the table `OWNED` of the records of an object that have a row: by their link, or because they match it.

        Args:
            connection: with the rows of the object.
            name: of these.
            keyed: returns the query for what is shown of a table and the folded key `k` of its rows.

        Raises:
            TooManyRowsError: there are more than `most`.
        """
        fields = ", ".join(f"{quoted(column)} VARCHAR" for column in (RECORD, *self.columns))
        connection.execute(f"CREATE OR REPLACE TEMP TABLE {_ROWS} ({fields})")
        try:
            self._read(connection)
            shown = ", ".join(map(quoted, self.columns))
            own = f"SELECT {RECORD}, {shown} FROM {_ROWS} SEMI JOIN {quoted(name)} USING ({RECORD})"
            if self.match_on and set(self.match_on) <= set(self.columns):
                there, wanted = keyed(_ROWS, self.match_on, shown), keyed(quoted(name), self.match_on, RECORD)
                own += f" UNION ALL SELECT {RECORD}, {shown} FROM ({there}) JOIN ({wanted}) USING (k)"
            connection.execute(f"CREATE OR REPLACE TEMP TABLE {OWNED} AS {own}")
        finally:
            connection.execute(f"DROP TABLE {_ROWS}")

    def _read(self, connection: duckdb.DuckDBPyConnection) -> None:
        left = self.most
        for part in self.rows:
            left -= part.num_rows
            if left < 0:
                raise TooManyRowsError
            connection.register(_PART, part)
            connection.execute(f"INSERT INTO {_ROWS} SELECT * FROM {_PART}")
            connection.unregister(_PART)


def forget(connection: duckdb.DuckDBPyConnection) -> None:
    """Drop the table `OWNED`."""
    connection.execute(f"DROP TABLE IF EXISTS {OWNED}")
