"""Take rows out of the target whose records are gone from the sources, with their images; whatever people touched stays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crmmigrate.targets.changing import Changed, ChangeWriter
from crmmigrate.targets.scope import Scope
from crmmigrate.targets.undoing import BatchUndo

if TYPE_CHECKING:
    from collections.abc import Sequence

    import sqlalchemy as sa

    from crmmigrate.model.target import ObjectLoad
    from crmmigrate.targets.journal import Journal
    from crmmigrate.targets.lasting import Standing
    from crmmigrate.targets.live import LiveTable
    from crmmigrate.targets.undoing import Planned


class RemovalWriter(ChangeWriter):
    """Deletes one batch of rows: only those that a load inserted, that nobody has edited since, and on which nothing depends."""

    def _work(
        self, owners: Sequence[str], texts: dict[str, list[str | None]], known: dict[str, Standing]
    ) -> dict[str, int]:
        """Decide about every row and delete what may go; return `deleted`. A row that is gone already is unchanged."""
        del owners, texts
        leaving: list[Changed] = []
        for record in self.records:
            at = known.get(record)
            if at is None or at.row is None:
                continue
            if at.adopted:
                self._conflict(record, at, "", "removed_not_ours")
            elif at.left is None:
                self._conflict(record, at, "", "removed_unproven")
            elif not self._edited(record, at, at.row, at.left):
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
        keys = {(change.at.row or {})[self.table.key]: change.at.key for change in leaving}
        held = check.referenced(keys)
        for change in leaving:
            if change.at.key in held:
                self._conflict(change.record, change.at, "", "removed_referenced")
        return [change for change in leaving if change.at.key not in held]

    def _delete(self, leaving: list[Changed]) -> int:
        refused: list[Changed] = []
        if self.planned is not None:
            self.planned.gone.update((self.table.name, change.at.key) for change in leaving)
        else:
            table, key = self.table.sql, self.table.sql.c[self.table.key]

            def delete(part: Sequence[Changed]) -> None:
                for where in self.dialect.having(key, [(change.at.row or {})[self.table.key] for change in part]):
                    self.connection.execute(table.delete().where(where))

            self._image_before([(change.at.row or {})[self.table.key] for change in leaving], "delete")
            self._isolating(leaving, delete)
            refused = [change for change in leaving if change.record in self._held_back]
            self._drop_images([change.at.key for change in refused])
        self._written = frozenset(change.record for change in leaving) - self._held_back
        return len(leaving) - len(refused)

    _held_back: frozenset[str] = frozenset()

    def _refused(self, change: Changed, why: str, column: str) -> None:
        del why, column
        self._conflict(change.record, change.at, "", "removed_refused")
        self._held_back |= {change.record}

    def _drop_images(self, keys: Sequence[str]) -> None:
        if keys:
            image = self.journal.image(self.table, self.load.object)
            mine = (image.c.run == self.batch[0], image.c.batch == self.batch[1])
            self.connection.execute(image.delete().where(*mine, image.c.target_key.in_(keys)))


def change_writer(
    connection: sa.Connection, journal: Journal, table: LiveTable, load: ObjectLoad, batch: tuple[str, int],
    planned: Planned | None = None,
) -> ChangeWriter:  # fmt: skip
    """Return what writes, or plans, one batch of a change; arguments as of `ChangeWriter`."""
    kind = RemovalWriter if load.change == "delete" else ChangeWriter
    return kind(connection, journal, table, load, batch, planned)
