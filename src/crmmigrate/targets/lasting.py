"""Rows of the target as they are now, beside what the loads that stand left in them: the two sides a delta has to tell apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from crmmigrate.model.target import EVERYTHING
from crmmigrate.targets.crosswalk import parts
from crmmigrate.targets.ended import linked
from crmmigrate.targets.left import left_of
from crmmigrate.targets.naming import fitting, untyped
from crmmigrate.targets.scope import scope_of
from crmmigrate.targets.shape import shape_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    import sqlalchemy as sa

    from crmmigrate.targets.journal import Journal
    from crmmigrate.targets.live import LiveTable

STANDING = ("done", "rolled_back_in_part")
_KEYS = 1000
COMPARED = 10_000
"""Rows whose images are asked for at once where no index finds them: each time all images are read."""


@dataclass(frozen=True)
class Standing:
    """One row that a load has linked to a record.

    Args:
        key: in the target, as text.
        adopted: whether it was there before the migration.
        row: column → value as the driver gives it; None where somebody has deleted it.
        left: column → what the newest load that stands and wrote it left in it. A load that wrote other columns of the row says nothing about
            what people had edited before. None where no load has changed the row, or its images are purged.
        proven: whether a load's insertion of the row is still known, so that `left` speaks of every column.
    """

    key: str
    adopted: bool
    row: dict[str, Any] | None
    left: dict[str, Any] | None = None
    proven: bool = False

    def wrote(self, column: str) -> bool:
        """Whether what stands in the column was put there by a load."""
        left = self.left or {}
        return column in left and (self.row or {}).get(column) == left[column]


def _take_for(left: dict[str, Any] | None, now: dict[str, Any] | None, noted: list[tuple[str, Any, Any]]) -> None:
    """Have a load leave what a rollback was to give back, but the database set: that it stands there now is no edit of people."""
    for name, wanted, really in noted:
        if left and now and left.get(name) == wanted and now.get(name) == really:
            left[name] = really


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
        self.inserted: set[str] = set()
        """Keys of rows whose insertion is known."""

    def of(self, records: Sequence[str], *, lock: bool, size: int = _KEYS) -> dict[str, Standing]:
        """Return record → its row, of those that the crosswalk knows; the images of `size` rows are asked for at a time."""
        import sqlalchemy as sa

        walk = self.journal.table("crosswalk")
        columns = (walk.c.source_key, walk.c.target_key, walk.c.adopted)
        mine = sa.and_(walk.c.object == self.object, *linked(self.connection, self.journal))
        links = [
            row
            for part in parts(records, _KEYS)
            for row in self.connection.execute(self.journal.dialect.picked(columns, mine, walk.c.source_key, part))
        ]
        keys = list(dict.fromkeys(key for _, key, _ in links))
        now, images = self._rows(keys, lock=lock), self._images(keys, size)
        for key, row in self._left_by_undoing(keys).items():
            _take_for(images.get(key), now.get(key), row)
        return {
            record: Standing(key, bool(adopted), now.get(key), images.get(key), key in self.inserted)
            for record, key, adopted in links
        }

    def edited(self, keys: Sequence[str], runs: Collection[str]) -> dict[str, frozenset[str]]:
        """Return key → the columns in which a row is not as the newest load that changed it left it, of rows that one of `runs` changed last."""
        found = {}
        for part in parts(list(dict.fromkeys(keys)), COMPARED):
            now = self._rows(part, lock=False)
            newest = {key: (run, row) for run, _, key, row, _ in self._noted(part, COMPARED)}
            for key, left in self._left_by_undoing(part).items():
                _take_for(newest[key][1] if key in newest else None, now.get(key), left)
            for key, (run, row) in newest.items():
                if run in runs and (there := now.get(key)):
                    found[key] = frozenset(name for name, value in row.items() if there.get(name) != value)
        return found

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

    def _left_by_undoing(self, keys: Sequence[str]) -> dict[str, list[tuple[str, Any, Any]]]:
        left = left_of(self.connection, self.journal, self.table)
        return left.of(keys) if left and left.any else {}

    def _images(self, keys: Sequence[str], size: int) -> dict[str, dict[str, Any] | None]:
        """Return key → what the loads that stand left in the row, each column as the newest one that wrote it; None of one they deleted."""
        left: dict[str, dict[str, Any] | None] = {}
        for _, action, key, after, before in self._noted(keys, size):
            wrote = {name: a for name, a in after.items() if action == "insert" or a != before[name]}
            left[key] = None if action == "delete" else (left.get(key) or {}) | wrote
            if action == "insert":
                self.inserted.add(key)
        return left

    def _noted(self, keys: Sequence[str], size: int) -> Iterator[tuple[str, str, str, dict[str, Any], dict[str, Any]]]:
        """Yield run, action, key, and the row after and before it, of each image that loads that stand have of some rows, `size` of them at a time; of one row, the oldest first."""
        import sqlalchemy as sa

        runs = self.journal.runs(self.connection)
        order = {run.run: place for place, run in enumerate(runs) if run.kind == "load" and run.state in STANDING}
        image = untyped(self.journal.image(self.table, self.object))
        there = {spec["name"] for spec in sa.inspect(self.connection).get_columns(image.name)}
        stored = [name for name in self.table.stored if fitting(f"a_{name}") in there]  # one added since has no image
        sides = [image.c[fitting(f"{side}_{name}")] for side in "ab" for name in stored]
        query = sa.select(image.c.run, image.c.batch, image.c.action, image.c.target_key, *sides)
        for run in (known for known in runs if known.run in order and known.state == "rolled_back_in_part"):
            left = scope_of(self.journal, runs, "", run.run, EVERYTHING)
            query = query.where(sa.or_(image.c.run != run.run, sa.and_(*left.of(image, self.object))))
        columns: dict[str, frozenset[str]] = {}
        for part in parts(keys, size):
            rows = self.connection.execute(query.where(self.journal.dialect.among(image.c.target_key, part))).all()
            for run, _, action, key, *values in sorted(
                (row for row in rows if row[0] in order), key=lambda row: (order[row[0]], row[1])
            ):
                columns[run] = columns.get(run) or self._columns(run)
                known = columns[run] or frozenset(stored)
                after, before = (
                    {name: value for name, value in zip(stored, side, strict=True) if name in known}
                    for side in (values[: len(stored)], values[len(stored) :])
                )
                yield run, action, key, after, before

    def _columns(self, run: str) -> frozenset[str]:
        return shape_of(self.connection, self.journal, run).get(self.table.name, frozenset())
