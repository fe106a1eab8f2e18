"""Undo one batch of a rollback: what it deleted is put in again under the same keys, what it gave back is written again.

Field by field like a rollback: what people edited since the rollback stays, and is listed.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from crmmigrate.model.target import OUTCOMES, UndoOutcome
from crmmigrate.targets.journal import UNLINKED, fitting, parts
from crmmigrate.targets.undoing import BatchUndo, Change

if TYPE_CHECKING:
    from collections.abc import Sequence

    import sqlalchemy as sa


class BatchRedo(BatchUndo):
    """Brings back one batch of a load that a rollback has undone; batches come first to last, parents before children."""

    left, found = "b", "a"

    def undo(self, run: str, batch: int) -> UndoOutcome:
        """Bring the batch back; the caller writes the journal and commits."""
        actions = self._actions(run, batch)
        if "insert" in actions:
            self._insert(run, batch, self._changes(run, batch, "insert"))
        if "update" in actions:
            self._restore(run, batch, self._coming(self._changes(run, batch, "update")))
        return UndoOutcome({word: self.counts[word] for word in OUTCOMES}, tuple(self.kept))

    def _is_edited(self, name: str, action: str) -> sa.ColumnElement[bool]:
        if action == "insert":  # a row that is there again must be the very row that was deleted
            return self._now(name).is_distinct_from(self._b(name))
        return super()._is_edited(name, action)

    def _coming(self, changes: Sequence[Change]) -> list[Change]:
        """Take a row for present that a plan has put in again."""
        back = self.planned.back if self.planned else set()
        return [
            replace(change, present=True, restorable=(self.table.key,)) if (self.table.name, change.key) in back else change
            for change in changes
        ]  # fmt: skip

    def _insert(self, run: str, batch: int, changes: Sequence[Change]) -> None:
        """Put deleted rows in again, unless the record has come back another way."""
        linked = self._linked(batch)
        todo: list[Change] = []
        for change in changes:
            if change.key in linked and not change.present:
                self._note("kept_edited", replace(change, edited=(self.table.key,)))
            elif change.present:
                self._note("kept_edited" if change.edited else "undone", change)
            else:
                todo.append(change)

        def insert(part: Sequence[Change]) -> None:
            if self.planned is None:
                self._put_in(run, batch, part)
            else:
                self.planned.back.update((self.table.name, change.key) for change in part)
            for change in part:
                self._note("undone", change)

        self._isolating(todo, insert)

    def _put_in(self, run: str, batch: int, part: Sequence[Change]) -> None:
        import sqlalchemy as sa

        image, stored = self.image, self.table.stored
        key = image.c[fitting(f"a_{self.table.key}")]
        query = sa.select(*(image.c[fitting(f"a_{name}")] for name in stored)).where(
            image.c.run == run, image.c.batch == batch, image.c.action == "insert"
        )
        for keys in parts([change.raw for change in part]):
            among = self.journal.dialect.among(key, keys)
            self.journal.dialect.insert_from(self.connection, self.table, stored, query.where(among))

    def _linked(self, batch: int) -> set[str]:
        """Return the keys of rows whose record is in the crosswalk again."""
        import sqlalchemy as sa

        gone, walk = self.journal.table(UNLINKED), self.journal.table("crosswalk")
        joined = gone.join(walk, sa.and_(walk.c.object == gone.c.object, walk.c.source_key == gone.c.source_key))
        query = sa.select(gone.c.target_key).select_from(joined).where(
            gone.c.run == self.scope.again, gone.c.batch == batch, gone.c.object == self.object
        )  # fmt: skip
        return set(self.connection.execute(query).scalars())
