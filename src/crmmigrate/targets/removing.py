"""Take rows out of the target whose records are gone from the sources, with their images; whatever people touched stays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crmmigrate.targets.changing import Changed, ChangeWriter
from crmmigrate.targets.scope import Scope
from crmmigrate.targets.undoing import BatchUndo

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    import sqlalchemy as sa

    from crmmigrate.model.load_plan import ObjectLoad
    from crmmigrate.targets.journal import Journal
    from crmmigrate.targets.lasting import Standing
    from crmmigrate.targets.live import LiveTable
    from crmmigrate.targets.planned import Planned


class RemovalWriter(ChangeWriter):
    """Deletes one batch of rows whose records are gone.

    Only those that a load inserted, that nobody has edited since, in which no other record stands, and on which nothing depends.
    """

    _held_back: frozenset[str] = frozenset()

    def _work(self, rows: pd.DataFrame, known: dict[str, Standing]) -> dict[str, int]:
        """Decide about every row and delete what may go; return `deleted`. A row that is gone already is unchanged."""
        there = {record: at for record in self.records if (at := known.get(record)) is not None and at.row is not None}
        owned = self._owned(rows, known)
        leaving: list[Changed] = []
        for record, at in there.items():
            if record in owned:
                self._conflict(record, at, "", "removed_owned")
            elif at.adopted:
                self._conflict(record, at, "", "removed_not_ours")
            elif at.left is None or not at.proven:
                self._conflict(record, at, "", "removed_unproven")
            elif not self._edited(record, at, at.row or {}, at.left):
                leaving.append(Changed(record, at))
        return {"deleted": self._delete(self._free(leaving))}

    def _edited(self, record: str, at: Standing, row: dict[str, Any], left: dict[str, Any]) -> bool:
        """Whether a person changed any column since, one that no load writes included; each is a conflict."""
        edited = False
        for column, loaded in left.items():
            was, now = self._shown(column, loaded), self._shown(column, row[column])
            if was != now:
                edited = True
                self._conflict(record, at, column, "removed_edited", was, None, now)
        return edited

    def _free(self, leaving: list[Changed]) -> list[Changed]:
        """Return those on which nothing depends that stays."""
        check = BatchUndo(
            self.connection, self.journal, self.table, self.load, self.children, self.planned,
            Scope(self.journal, self.batch[0]),
        )  # fmt: skip
        held = check.referenced({change.raw(self.table.key): change.at.key for change in leaving})
        for change in leaving:
            if change.at.key in held:
                self._conflict(change.record, change.at, "", "removed_referenced")
        return [change for change in leaving if change.at.key not in held]

    def _delete(self, leaving: list[Changed]) -> int:
        if self.planned is not None:
            self.planned.gone.update((self.table.name, change.at.key) for change in leaving)
        else:
            table, key = self.table.sql, self.table.sql.c[self.table.key]

            def delete(part: Sequence[Changed]) -> None:
                keys = [change.raw(self.table.key) for change in part]
                self.images.note_deletes(keys)  # taken back with the rest where the database refuses
                for where in self.dialect.having(key, keys):
                    self.connection.execute(table.delete().where(where))

            self._isolating(leaving, delete)
        self._written = frozenset(change.record for change in leaving) - self._held_back
        return len(self._written)

    def _refused(self, change: Changed, why: str, column: str) -> None:
        del why, column
        self._conflict(change.record, change.at, "", "removed_refused")
        self._held_back |= {change.record}


def change_writer(
    connection: sa.Connection, journal: Journal, table: LiveTable, load: ObjectLoad, batch: tuple[str, int],
    planned: Planned | None = None,
) -> ChangeWriter:  # fmt: skip
    """Return what writes, or plans, one batch of a change; arguments as of `ChangeWriter`."""
    kind = RemovalWriter if load.change == "delete" else ChangeWriter
    return kind(connection, journal, table, load, batch, planned)
