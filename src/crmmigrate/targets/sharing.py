"""What a database target does to have batches of one run written by several processes."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING

from crmmigrate.model.load_plan import LoadPlan
from crmmigrate.model.target import Share
from crmmigrate.targets.any_order import any_order
from crmmigrate.targets.collecting import uncollected
from crmmigrate.targets.partitions import PARTITION, hold, is_committed, offer
from crmmigrate.targets.reverting import Reverting
from crmmigrate.targets.scope import scope_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd
    import sqlalchemy as sa

    from crmmigrate.model.batch import BatchOutcome, Living
    from crmmigrate.model.load_plan import ObjectLoad
    from crmmigrate.model.target import UndoOutcome


class Sharing(Reverting):
    """The part of a database target that lets others write; see `model.target.Target` for what its methods promise."""

    @abstractmethod
    def _write(
        self, connection: sa.Connection, batch: tuple[str, int], load: ObjectLoad, rows: pd.DataFrame, living: Living | None
    ) -> BatchOutcome:  # fmt: skip
        """Write a batch (run and number) in a transaction that somebody else has begun and will commit."""

    @property
    def shared(self) -> bool:
        """Whether several processes may write batches of one run."""
        return self.dialect.shared

    @property
    def parallel(self) -> bool:
        """Whether it does much more at a time over several connections than over one."""
        return self.dialect.parallel and not self.session.is_rehearsing

    def unique_keys(self, table: str) -> list[tuple[str, ...]]:
        """Return the columns of each key of a table that no two of its rows may share."""
        with self.session.transaction(write=False) as connection:
            live = self._table(connection, table)
            return sorted({*live.unique.values(), *live.firm})

    def keys_tie(self, table: str) -> bool:
        """Whether rows of a table depend on each other by the values of its unique columns alone."""
        with self.session.transaction(write=False) as connection:
            return self.dialect.keys_tie(connection, table)

    def share(self, run: str, count: int) -> list[Share]:
        """Let other processes write batches of a run of which this process holds the lease."""
        with self.session.transaction() as connection:  # of its own, because MariaDB and MySQL commit to make a table
            self.journal.table(PARTITION).create(connection, checkfirst=True)  # the run may be older than the table
        with self.session.transaction() as connection:
            self.journal.hold_lease(connection, run)
            offer(connection, self.journal.table(PARTITION), self.dialect, run, self.journal.token, count)
        return [Share(run, number, self.journal.token) for number in range(count)]

    def undo_shared(self, share: Share, undone: str, batch: int) -> UndoOutcome | None:
        """Undo one batch in a share of a rollback, under its own number, unless another process has done so already."""

        def work() -> UndoOutcome | None:
            with self.session.transaction(retried=True) as connection:
                self.dialect.begin_batch(connection)
                hold(connection, self.journal.table(PARTITION), self.dialect, share, self.place)
                if is_committed(connection, self.journal.table("batch"), share.run, batch):
                    return None
                return self._undo(connection, share.run, batch, undone, batch, None)

        return self.session.retried(work, patient=False)

    def any_order(self, run: str, object_name: str, batches: Sequence[int]) -> bool:
        """Whether batches of a load may be undone by the rollback `run` in any order."""
        with self.session.transaction(write=False) as connection:
            runs = self.journal.runs(connection)
            known = next(other for other in runs if other.run == run)
            scope = scope_of(self.journal, runs, run, known.parent, known.selection)
            if not scope.whole:  # links are told apart batch by batch
                return False
            load = LoadPlan.from_text(self.journal.run(connection, scope.load).plan)[object_name]
            table = self._table_of_run(connection, load.table, scope.load)
            children = self._children_of(connection, load.table)
            return any_order(connection, self.journal, table, object_name, scope.load, batches, children)

    def write_shared(
        self, share: Share, number: int, load: ObjectLoad, rows: pd.DataFrame, living: Living | None = None
    ) -> BatchOutcome | None:
        """Write one batch in a share of its run, unless another process has committed it already."""

        def work() -> BatchOutcome | None:
            with uncollected(), self.session.transaction(retried=True) as connection:
                self.dialect.begin_batch(connection)
                hold(connection, self.journal.table(PARTITION), self.dialect, share, self.place)
                if is_committed(connection, self.journal.table("batch"), share.run, number):
                    return None
                return self._write(connection, (share.run, number), load, rows, living)

        return self.session.retried(work, patient=False)
