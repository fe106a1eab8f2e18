"""Rows of the crosswalk that go, noted so that they can come back: those of a batch that is undone, and those whose row is gone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crmmigrate.model.load_plan import LoadPlan
from crmmigrate.targets.crosswalk import parts
from crmmigrate.targets.ended import NOTED, UNLINKED, end, ended_by, linked, linked_again, may_end, revive, settle
from crmmigrate.targets.left import make_left
from crmmigrate.targets.naming import fitting, image_name
from crmmigrate.targets.scope import scope_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    import sqlalchemy as sa

    from crmmigrate.model.load_plan import ObjectLoad
    from crmmigrate.model.target import RunKind, TargetRun
    from crmmigrate.targets.journal import Journal
    from crmmigrate.targets.live import LiveTable
    from crmmigrate.targets.scope import Scope


def index_crosswalk(connection: sa.Connection, journal: Journal, scope: Scope | None, *, filled: bool) -> None:
    """Index the crosswalk by the batches of a run where links are moved one by one, and by the rows of the target before a load into tables that are `filled`.

    Each index costs a load a quarter of what its crosswalk rows cost, and many loads fill empty tables and are never undone. So a run
    makes what it needs when it begins, before its own row is written: whoever takes the run up finds it.

    Args:
        connection: in a transaction.
        journal: of the target.
        scope: what a rollback, or a redo, is about; none of a load.
        filled: whether there are rows in the tables.
    """
    walk = journal.table("crosswalk").name
    if scope is None:
        if filled:
            _index(connection, walk, f"{walk}_target", ("object", "target_key"))
    elif not scope.whole or not may_end(connection, journal):
        _index(connection, walk, f"{walk}_run", ("run", "batch"))


def make_images(
    connection: sa.Connection, journal: Journal, table: LiveTable, load: ObjectLoad, kind: RunKind
) -> None:  # fmt: skip
    """Make the image table of an object.

    For a delta it is indexed by row, because that asks what all loads so far have left in each; for what takes a load back by batch, where
    the images have no key that begins with it.
    """
    journal.make_image(connection, table, load.object)
    name = image_name(load.object)
    if load.change:
        _index(connection, name, fitting(f"{name}_key"), ("target_key",))
    if kind != "load":
        index_images(connection, journal, load.object)
        make_left(connection, journal, table)


def index_images(connection: sa.Connection, journal: Journal, object_name: str) -> None:
    """Index the images of an object by batch, unless they have a key that begins with it."""
    import sqlalchemy as sa

    name = image_name(object_name)
    if not journal.dialect.keyed_images and not sa.inspect(connection).get_pk_constraint(name)["constrained_columns"]:
        _index(connection, name, fitting(f"{name}_batch"), ("run", "batch"))


def index_again(connection: sa.Connection, journal: Journal, run: TargetRun) -> None:
    """Make what a rollback that is taken up again needs: a load that began meanwhile has dropped it."""
    if run.kind == "load":
        return
    scope = scope_of(journal, journal.runs(connection), run.run, run.parent, run.selection)
    index_crosswalk(connection, journal, scope, filled=False)
    for load in LoadPlan.from_text(run.plan).objects:
        index_images(connection, journal, load.object)


def drop_batch_indexes(connection: sa.Connection, journal: Journal, kind: RunKind, plan: LoadPlan) -> None:
    """Drop, when a load begins, what rollbacks and their plans have made for themselves: each row of the load would pay for it."""
    if kind != "load":
        return
    walk = journal.table("crosswalk").name
    images = {load.object: image_name(load.object) for load in plan.objects}.values()
    for table, name in ((walk, f"{walk}_run"), *((image, fitting(f"{image}_batch")) for image in images)):
        if name in _indexes(connection, table):
            journal.dialect.drop_index(connection, table, name)


def _index(connection: sa.Connection, table: str, name: str, columns: Sequence[str]) -> None:
    if name not in _indexes(connection, table):
        quote = connection.dialect.identifier_preparer.quote
        connection.exec_driver_sql(f"CREATE INDEX {quote(name)} ON {quote(table)} ({', '.join(map(quote, columns))})")


def _indexes(connection: sa.Connection, table: str) -> set[str | None]:
    import sqlalchemy as sa

    return {index["name"] for index in sa.inspect(connection).get_indexes(table)}


def set_aside(connection: sa.Connection, journal: Journal, object_name: str, records: Sequence[str], run: str) -> None:
    """Take the links of records that get another row out of the crosswalk; the load `run` notes them, for the rows may come back."""
    walk, gone = journal.table("crosswalk"), journal.table(UNLINKED)
    counts = linked(connection, journal) if records else []
    for part in parts(records, 1000):
        mine = (walk.c.object == object_name, journal.dialect.among(walk.c.source_key, part), *counts)
        connection.execute(gone.insert().from_select(NOTED, _noted(walk, run).where(*mine)))
        connection.execute(walk.delete().where(*mine))


def _noted(walk: sa.Table, run: str) -> sa.Select[Any]:
    """Return what selects rows of the crosswalk as `run` notes them."""
    import sqlalchemy as sa

    return sa.select(
        sa.literal(run, sa.String(128)), walk.c.object, walk.c.source_key, walk.c.target_key, walk.c.run, walk.c.batch, walk.c.adopted
    )  # fmt: skip


class Links:
    """The crosswalk rows that one batch of a load has written.

    Args:
        connection: in the transaction of the batch that is undone.
        journal: of the target.
        object_name: whose rows they are.
        batch: of the load.
    """

    def __init__(self, connection: sa.Connection, journal: Journal, object_name: str, batch: int) -> None:
        self.connection = connection
        self.journal = journal
        self.object = object_name
        self.batch = batch

    def take_out(self, run: str, scope: Scope, image: sa.Table, staying: Sequence[str], *, deleted: bool) -> None:
        """Take out the links of what the rollback `run` has undone; link rows that it has put in again.

        Args:
            run: the rollback.
            scope: what it is about. Of a whole load a batch's links end together. Of a part, a link goes with the image of its row; one
                without an image (the row was there and stayed as it was, or was handed on from another record) where its object, batch
                and key are selected.
            image: of the object.
            staying: keys of rows that stay in the target.
            deleted: whether the batch had deleted any.
        """
        if scope.whole and may_end(self.connection, self.journal):
            end(self.connection, self.journal, run, scope.load, self.batch)
        else:
            self._move(run, scope, image, staying)
        if deleted:
            self._link_again(scope, image, staying)

    def _move(self, run: str, scope: Scope, image: sa.Table, staying: Sequence[str]) -> None:
        """Take links out one by one, and note them."""
        import sqlalchemy as sa

        walk, gone = self.journal.table("crosswalk"), self.journal.table(UNLINKED)
        mine = [walk.c.run == scope.load, walk.c.batch == self.batch, *linked(self.connection, self.journal)]
        mine += [walk.c.target_key.not_in(staying)] if staying else []
        if scope.selection or scope.priors:
            here = sa.select(image.c.target_key).where(image.c.run == scope.load, image.c.batch == self.batch)
            bare = [walk.c.target_key.not_in(here)]
            bare += [walk.c.target_key.in_(scope.selection.keys)] if scope.selection.keys else []
            mine.append(sa.or_(walk.c.target_key.in_(here.where(*scope.of(image, self.object))), sa.and_(*bare)))
        self.connection.execute(gone.insert().from_select(NOTED, _noted(walk, run).where(*mine)))
        self.connection.execute(walk.delete().where(*mine))

    def _link_again(self, scope: Scope, image: sa.Table, staying: Sequence[str]) -> None:
        """Link rows that the batch had deleted to records that got another row meanwhile, and have none any more."""
        import sqlalchemy as sa

        gone, load = self.journal.table(UNLINKED), self.journal.table("run")
        back = sa.select(image.c.target_key).where(
            image.c.run == scope.load, image.c.batch == self.batch, image.c.action == "delete"
        )
        query = (
            sa.select(gone.c.source_key, gone.c.target_key, gone.c.load_run, gone.c.batch, gone.c.adopted)
            .select_from(gone.join(load, sa.and_(load.c.run == gone.c.run, load.c.kind == "load")))
            .where(
                gone.c.object == self.object, gone.c.target_key.in_(back),
                gone.c.source_key.not_in(self._linked()),
            ).order_by(load.c.since)
        )  # fmt: skip
        again = {
            record: {"object": self.object, "source_key": record, "target_key": key, "run": run, "batch": batch, "adopted": adopted}
            for record, key, run, batch, adopted in self.connection.execute(query) if key not in staying
        }  # fmt: skip
        for run, batch in dict.fromkeys((str(link["run"]), int(link["batch"])) for link in again.values()):
            settle(self.connection, self.journal, run, batch)
        if again:
            self.connection.execute(self.journal.table("crosswalk").insert(), list(again.values()))

    def _linked(self) -> sa.Select[Any]:
        """Return what selects the records of the object that are linked."""
        import sqlalchemy as sa

        walk = self.journal.table("crosswalk")
        return sa.select(walk.c.source_key).where(walk.c.object == self.object, *linked(self.connection, self.journal))

    def bring_back(self, rollback: str, load: str, staying: Sequence[str]) -> None:
        """Let links count again that `rollback` took out.

        Args:
            rollback: that is undone.
            load: that the rollback had undone.
            staying: keys of rows that were not brought back.
        """
        if ended_by(self.connection, self.journal, load, self.batch) == rollback:
            if not staying and not linked_again(self.connection, self.journal, load, self.batch):
                revive(self.connection, self.journal, load, self.batch)
                return
            settle(self.connection, self.journal, load, self.batch)
        self._move_back(rollback, staying)

    def _move_back(self, rollback: str, staying: Sequence[str]) -> None:
        """Write the links again, one by one, that were noted."""
        import sqlalchemy as sa

        walk, gone = self.journal.table("crosswalk"), self.journal.table(UNLINKED)
        mine = (gone.c.run == rollback, gone.c.object == self.object, gone.c.batch == self.batch)
        query = sa.select(
            gone.c.object, gone.c.source_key, gone.c.target_key, gone.c.load_run, gone.c.batch, gone.c.adopted
        ).where(*mine, gone.c.source_key.not_in(self._linked()))
        query = query.where(gone.c.target_key.not_in(staying)) if staying else query
        into = ["object", "source_key", "target_key", "run", "batch", "adopted"]
        self.connection.execute(walk.insert().from_select(into, query))
