"""Rows of the target as they are now, beside what the loads that stand left in them: the two sides a delta has to tell apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from crmmigrate.targets.journal import parts
from crmmigrate.targets.naming import fitting, untyped
from crmmigrate.targets.shape import shape_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    import sqlalchemy as sa

    from crmmigrate.targets.journal import Journal
    from crmmigrate.targets.live import LiveTable

STANDING = ("done", "rolled_back_in_part")
_KEYS = 1000


@dataclass(frozen=True)
class Standing:
    """One row that a load has linked to a record.

    Args:
        key: in the target, as text.
        adopted: whether it was there before the migration.
        row: column → value as the driver gives it; None where somebody has deleted it.
        left: column → what the newest load that stands left in it; None where no load has changed it, or its images are purged.
        written: columns that a load which stands gave their value.
    """

    key: str
    adopted: bool
    row: dict[str, Any] | None
    left: dict[str, Any] | None = None
    written: frozenset[str] = frozenset()

    def wrote(self, column: str) -> bool:
        """Whether what stands in the column was put there by a load."""
        return column in self.written and (self.row or {}).get(column) == (self.left or {}).get(column)


class Standings:
    """Finds the rows of records, locked where they are to be written.

    Args:
        connection: in a transaction.
        journal: of the target.
        table: of the object.
        object_name: whose crosswalk and images are read.
    """

    def __init__(self, connection: sa.Connection, journal: Journal, table: LiveTable, object_name: str) -> None:
        self.connection = connection
        self.journal = journal
        self.table = table
        self.object = object_name

    def of(self, records: Sequence[str], *, lock: bool) -> dict[str, Standing]:
        """Return record → its row, of those that the crosswalk knows."""
        import sqlalchemy as sa

        walk = self.journal.table("crosswalk")
        query = sa.select(walk.c.source_key, walk.c.target_key, walk.c.adopted).where(walk.c.object == self.object)
        links = [
            row
            for part in parts(records, _KEYS)
            for row in self.connection.execute(query.where(self.journal.dialect.among(walk.c.source_key, part)))
        ]
        keys = list(dict.fromkeys(key for _, key, _ in links))
        now, images = self._rows(keys, lock=lock), self._images(keys)
        return {
            record: Standing(key, bool(adopted), now.get(key), *images.get(key, (None, frozenset())))
            for record, key, adopted in links
        }

    def _rows(self, keys: Sequence[str], *, lock: bool) -> dict[str, dict[str, Any]]:
        import sqlalchemy as sa

        live, stored = self.table.key_column, self.table.stored
        query = sa.select(*(self.table.sql.c[name] for name in stored))
        query = query.with_for_update() if lock else query
        found = {}
        wanted = [(live.parse(key),) for key in keys]
        self.journal.dialect.bring(self.connection, self.table.name, (self.table.key,), wanted)
        for part in parts([self.journal.dialect.adapt(live.parse(key)) for key in keys], _KEYS):
            where = self.journal.dialect.among(self.table.sql.c[self.table.key], part)
            for row in self.connection.execute(query.where(where)):
                values = dict(zip(stored, row, strict=True))
                found[str(live.show(values[self.table.key]))] = values
        return found

    def _images(self, keys: Sequence[str]) -> dict[str, tuple[dict[str, Any] | None, frozenset[str]]]:
        """Return key → what the newest load that stands left in the row, and the columns that such loads wrote."""
        import sqlalchemy as sa

        order = {
            run.run: place
            for place, run in enumerate(self.journal.runs(self.connection))
            if run.kind == "load" and run.state in STANDING
        }
        image = untyped(self.journal.image(self.table, self.object))
        there = {spec["name"] for spec in sa.inspect(self.connection).get_columns(image.name)}
        stored = [name for name in self.table.stored if fitting(f"a_{name}") in there]  # one added since has no image
        sides = [image.c[fitting(f"{side}_{name}")] for side in "ab" for name in stored]
        query = sa.select(image.c.run, image.c.batch, image.c.action, image.c.target_key, *sides)
        newest: dict[str, tuple[tuple[int, int], dict[str, Any] | None]] = {}
        written: dict[str, set[str]] = {}
        columns: dict[str, frozenset[str]] = {}
        for part in parts(keys, _KEYS):
            rows = self.connection.execute(query.where(self.journal.dialect.among(image.c.target_key, part)))
            for run, batch, action, key, *values in rows:
                if run not in order:
                    continue
                after, before = values[: len(stored)], values[len(stored) :]
                changed = {
                    name for name, a, b in zip(stored, after, before, strict=True) if action == "insert" or a != b
                }
                written.setdefault(key, set()).update(changed)
                if key not in newest or newest[key][0] < (order[run], batch):
                    columns[run] = columns.get(run) or self._columns(run)
                    known = columns[run] or frozenset(stored)
                    pairs = zip(stored, after, strict=True)
                    left = None if action == "delete" else {name: value for name, value in pairs if name in known}
                    newest[key] = (order[run], batch), left
        return {key: (left, frozenset(written[key])) for key, (_, left) in newest.items()}

    def _columns(self, run: str) -> frozenset[str]:
        return shape_of(self.connection, self.journal, run).get(self.table.name, frozenset())
