"""Undo one batch of a rollback: what it deleted is put in again under the same keys, what it gave back is written again.

Field by field like a rollback: what people edited since the rollback stays, and is listed.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from crmmigrate.model.target import OUTCOMES, UndoOutcome
from crmmigrate.targets.changes import Change
from crmmigrate.targets.ended import UNLINKED, linked, linked_again
from crmmigrate.targets.undoing import BatchUndo

if TYPE_CHECKING:
    from collections.abc import Sequence


class BatchRedo(BatchUndo):
    """Brings back one batch of a load that a rollback has undone; batches come first to last, parents before children."""

    left, found = "b", "a"
    takes, puts = "delete", "insert"

    def undo(self, run: str, batch: int) -> UndoOutcome:
        """Bring the batch back; the caller writes the journal and commits."""
        made = self.journal.made(self.connection, run, batch)
        if made[self.puts]:
            self._put_back(run, batch, self._changes(run, batch, self.puts))
        if made["update"] and not self._swept(run, batch, "update", made):
            self._restore(run, batch, self._coming(self._changes(run, batch, "update")))
        if made[self.takes] and not self._swept(run, batch, self.takes, made):
            self._delete(run, batch, self._changes(run, batch, self.takes))
        return UndoOutcome({word: self.counts[word] for word in OUTCOMES}, tuple(self.kept))

    def _coming(self, changes: Sequence[Change]) -> list[Change]:
        """Take a row for present that a plan has put in again."""
        back = self.planned.back if self.planned else set()
        return [
            replace(change, present=True, restorable=(self.table.key,)) if (self.table.name, change.key) in back else change
            for change in changes
        ]  # fmt: skip

    def _linked(self, batch: int) -> set[str]:
        """Return the keys of rows whose record is in the crosswalk again."""
        import sqlalchemy as sa

        gone, walk = self.journal.table(UNLINKED), self.journal.table("crosswalk")
        joined = gone.join(walk, sa.and_(walk.c.object == gone.c.object, walk.c.source_key == gone.c.source_key))
        query = sa.select(gone.c.target_key).select_from(joined).where(
            gone.c.run == self.scope.again, gone.c.batch == batch, gone.c.object == self.object, *linked(self.connection, self.journal)
        )  # fmt: skip
        found = set(self.connection.execute(query).scalars())
        return found | linked_again(self.connection, self.journal, self.scope.load, batch)
