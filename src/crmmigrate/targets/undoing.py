"""Undo one batch of a load inside a transaction that somebody else has begun and will commit.

Field by field, from the images: a value that is still what the load left gets its former value back; a value edited
since is kept. What is compared, deleted and restored is decided and done on the server, NULL-safe and exact.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from crmmigrate.model.target import OUTCOMES, UndoOutcome
from crmmigrate.targets.changes import Change, masks_of, named
from crmmigrate.targets.crosswalk import parts
from crmmigrate.targets.isolating import isolating
from crmmigrate.targets.left import left_of
from crmmigrate.targets.naming import fitting, untyped
from crmmigrate.targets.planned import Planned
from crmmigrate.targets.sweeping import swept

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    import sqlalchemy as sa

    from crmmigrate.model.load_plan import ObjectLoad
    from crmmigrate.model.target import Outcome
    from crmmigrate.targets.dialect import Refusal
    from crmmigrate.targets.journal import Journal
    from crmmigrate.targets.live import ChildLink, LiveTable
    from crmmigrate.targets.scope import Scope


_KEPT: dict[str, Outcome] = {"foreign-key": "kept_referenced", "edited": "kept_edited"}


class BatchUndo:
    """Undoes one batch, or says what undoing it would do.

    Args:
        connection: in a transaction.
        journal: of the target.
        table: that the batch wrote.
        load: how the batch was written.
        children: foreign keys of other tables that point to `table`.
        planned: what a plan has said about later batches; None when changes are really made.
        scope: which of the changes are meant.
    """

    left, found = "a", "b"
    """The images of what a row must still be, and of what it becomes."""

    later: Mapping[str, str] = MappingProxyType({})
    """Columns that the table has gained since the load → what the database filled them with. Filled in by a person, they are an edit."""

    takes, puts = "insert", "delete"
    """What is undone by taking rows out again, and by putting them in again."""

    by = ""
    """The rollback, or redo, that undoes; none of a plan."""

    def __init__(
        self, connection: sa.Connection, journal: Journal, table: LiveTable, load: ObjectLoad,
        children: Iterable[ChildLink], planned: Planned | None, scope: Scope,
    ) -> None:  # fmt: skip
        self.connection = connection
        self.journal = journal
        self.table = table
        self.object = load.object
        self.match_on = load.match_on if set(load.match_on) <= set(table.stored) else ()
        self.children = tuple(children)
        self.planned = planned
        self.scope = scope
        self.image = untyped(journal.image(table, load.object))
        self.counts: Counter[Outcome] = Counter()
        self.kept: list[tuple[str, str, str, str]] = []
        self.triggered = left_of(connection, journal, table)

    def undo(self, run: str, batch: int) -> UndoOutcome:
        """Undo the batch; the caller writes the journal and commits."""
        made = self.journal.made(self.connection, run, batch)
        if made[self.puts]:
            self._put_back(run, batch, self._changes(run, batch, self.puts))
        if made["update"] and not self._swept(run, batch, "update", made):
            self._restore(run, batch, self._changes(run, batch, "update"))
        if made[self.takes] and not self._swept(run, batch, self.takes, made):
            self._delete(run, batch, self._changes(run, batch, self.takes))
        return UndoOutcome({word: self.counts[word] for word in OUTCOMES}, tuple(self.kept))

    def _swept(self, run: str, batch: int, action: str, made: Mapping[str, int]) -> bool:
        """Undo all changes of one kind at once; whether that was possible."""
        undone = swept(self, run, batch, action, made[action])
        self.counts["undone"] += undone or 0
        return undone is not None

    def _note(self, outcome: Outcome, change: Change) -> None:
        self.counts[outcome] += 1
        if outcome != "undone":
            self.kept.append((self.object, change.key, outcome, ", ".join(change.edited)))

    def _a(self, name: str) -> sa.ColumnElement[Any]:
        return self._imaged(self.left, name)

    def _b(self, name: str) -> sa.ColumnElement[Any]:
        return self._imaged(self.found, name)

    def _imaged(self, side: str, name: str) -> sa.ColumnElement[Any]:
        column = replace(self.table.columns[name], charset="")  # that of an image is what the column had at the load
        return self.journal.dialect.exact(self.image.c[fitting(f"{side}_{name}")], column)

    def _now(self, name: str) -> sa.ColumnElement[Any]:
        return self.journal.dialect.exact(self.table.sql.c[name], self.table.columns[name])

    def holds(self, name: str, *wanted: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
        """Whether a column holds one of the values `wanted`, or what the database left in its place when an earlier rollback gave it back."""
        import sqlalchemy as sa

        now = self._now(name)
        same = [now.is_not_distinct_from(value) for value in wanted]
        if self.triggered and self.triggered.any:
            same.append(self.triggered.stands_for(self.image.c.target_key, name, now, wanted))
        return sa.or_(*same)

    def _changes(self, run: str, batch: int, action: str) -> list[Change]:
        """Compare images and rows, the rows locked.

        A field of an updated row that holds what it held before, by whoever's hand, is no edit: there it is undone.
        """
        import sqlalchemy as sa

        table, image, stored = self.table.sql, self.image, self.table.stored
        key = table.c[self.table.key]
        image_key = image.c[fitting(f"a_{self.table.key}")]
        mine = (
            image.c.run == run,
            image.c.batch == batch,
            image.c.action == action,
            *self.scope.of(image, self.object),
        )
        if self.planned is None:
            self.journal.dialect.lock(self.connection, table, image, sa.and_(key == image_key, *mine))
        later = tuple(self.later) if action == self.takes else ()
        edited = masks_of([*(self.is_edited(name, action) for name in stored), *map(self.is_filled, later)])
        moved = masks_of([self.is_moved(name) for name in stored] if action == "update" else [])
        query = (
            sa.select(image.c.target_key, image_key, sa.case((key.is_(None), 0), else_=1), *edited, *moved)
            .select_from(image.outerjoin(table, key == image_key)).where(*mine)
        )  # fmt: skip
        changes = []
        known: dict[tuple[int, ...], tuple[str, ...]] = {}
        for text, raw, present, *masks in self.connection.execute(query).all():
            if not present or not any(masks):
                changes.append(Change(text, raw, bool(present), (), ()))
                continue
            edits, back = (
                known.get(part) or known.setdefault(part, named(part, (*stored, *later)))
                for part in (tuple(masks[: len(edited)]), tuple(masks[len(edited) :]))
            )
            back_already = self.planned.restored.get((self.table.name, text), set()) if self.planned else set()
            if back_already:
                edits = tuple(name for name in edits if name not in back_already)
            if edits:
                back = tuple(name for name in back if name not in edits)
            changes.append(Change(text, raw, present=True, edited=edits, restorable=back))
        return changes

    def is_moved(self, name: str) -> sa.ColumnElement[bool]:
        """Whether the load changed a column of an updated row."""
        return self._b(name).is_distinct_from(self._a(name))

    def is_edited(self, name: str, action: str) -> sa.ColumnElement[bool]:
        """Whether a column is no longer what the load left, nor what it was before an update."""
        import sqlalchemy as sa

        if action == self.puts:  # a row that is there again must be the very row that was deleted
            return sa.not_(self.holds(name, self._b(name)))
        return sa.not_(self.holds(name, self._a(name), *([] if action == self.takes else [self._b(name)])))

    def is_filled(self, name: str) -> sa.ColumnElement[bool]:
        """Whether a person has written into a column that the table has gained since."""
        import sqlalchemy as sa

        quote = self.connection.dialect.identifier_preparer.quote
        now: sa.ColumnElement[Any] = sa.literal_column(f"{quote(self.table.name)}.{quote(name)}")
        empty = self.later[name]
        return sa.and_(now.is_not(None), now.is_distinct_from(sa.literal_column(empty))) if empty else now.is_not(None)

    # ------------------------------------------------------------------------------------------------ updates

    def _restore(self, run: str, batch: int, changes: Sequence[Change]) -> None:
        """Give updated rows back what they held before, field by field."""
        todo: list[Change] = []
        for change in changes:
            if not change.present:
                self._note("gone", change)
            elif not change.restorable:
                self._note("kept_edited", change)
            else:
                todo.append(change)

        def write(part: Sequence[Change]) -> None:
            if self.planned is None:
                self._write_back(run, batch, part)
            for change in part:
                if self.planned is not None:
                    self.planned.restored.setdefault((self.table.name, change.key), set()).update(change.restorable)
                self._note("undone_in_part" if change.edited else "undone", change)

        self._isolating(todo, write)

    def _write_back(self, run: str, batch: int, part: Sequence[Change]) -> None:
        import sqlalchemy as sa

        table, image = self.table.sql, self.image
        image_key = image.c[fitting(f"a_{self.table.key}")]
        values = {
            name: sa.case(
                (self.holds(name, self._a(name)), image.c[fitting(f"{self.found}_{name}")]), else_=table.c[name]
            )
            for name in self.table.stored if name != self.table.key
        }  # fmt: skip
        statement = table.update().where(
            table.c[self.table.key] == image_key, image.c.run == run, image.c.batch == batch, image.c.action == "update"
        )
        for where in self.journal.dialect.having(image_key, [change.raw for change in part]):
            self.connection.execute(statement.where(where).values(values))
        alike: dict[tuple[str, ...], list[Any]] = {}
        for change in part:
            alike.setdefault(change.edited, []).append(change.raw)
        for edited, keys in alike.items():
            self._note_left(run, batch, "update", image_key, keys, edited)

    def _note_left(
        self, run: str, batch: int, action: str, key: sa.ColumnElement[Any], keys: Sequence[Any], edited: Sequence[str] = ()
    ) -> None:  # fmt: skip
        """Note what rows hold, named by their keys in the images, where the database has set it after they were written."""
        import sqlalchemy as sa

        image = self.image.c
        for where in self.journal.dialect.having(key, keys) if self.triggered else ():
            self.note_left(sa.and_(image.run == run, image.batch == batch, image.action == action, where), edited)

    def note_left(self, where: sa.ColumnElement[bool], edited: Sequence[str] = ()) -> None:
        """Note what rows, chosen by their images, hold instead of what they were given just now."""
        if self.triggered:
            self.triggered.note(self.by, self.image, self.found, where, edited)

    # ------------------------------------------------------------------------------------------------ whole rows

    def _put_back(self, run: str, batch: int, changes: Sequence[Change]) -> None:
        """Put deleted rows in again, unless the record has come back another way."""
        linked = self._linked(batch) if changes else set()
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

    def _linked(self, batch: int) -> set[str]:  # noqa: ARG002
        """Return the keys of deleted rows whose record stands in another row meanwhile."""
        return set()

    def _put_in(self, run: str, batch: int, part: Sequence[Change]) -> None:
        import sqlalchemy as sa

        image, stored = self.image, self.table.stored
        key = image.c[fitting(f"a_{self.table.key}")]
        query = sa.select(*(image.c[fitting(f"{self.found}_{name}")] for name in stored)).where(
            image.c.run == run, image.c.batch == batch, image.c.action == self.puts
        )
        for keys in parts([change.raw for change in part]):
            among = self.journal.dialect.among(key, keys)
            self.journal.dialect.insert_from(self.connection, self.table, stored, query.where(among))
        self._note_left(run, batch, self.puts, key, [change.raw for change in part])

    def _delete(self, run: str, batch: int, changes: Sequence[Change]) -> None:
        """Delete inserted rows that nobody has edited and nothing depends on."""
        todo: list[Change] = []
        moved = self._moved(run, batch, [change.raw for change in changes if not change.present])
        referenced = self.referenced(
            {change.raw: change.key for change in changes if change.present and not change.edited}
        )
        for change in changes:
            if change.key in moved:
                self._note("kept_edited", replace(change, edited=(self.table.key,)))
            elif not change.present:
                self._note("gone", change)
            elif change.edited:
                self._note("kept_edited", change)
            elif change.key in referenced:
                self._note("kept_referenced", change)
            else:
                todo.append(change)

        def delete(part: Sequence[Change]) -> None:
            table = self.table.sql
            key = table.c[self.table.key]
            if self.planned is None:
                for where in self.journal.dialect.having(key, [change.raw for change in part]):
                    self.connection.execute(table.delete().where(where))
                if self.triggered:
                    self.triggered.forget_keys([change.key for change in part])
            else:
                self.planned.gone.update((self.table.name, change.key) for change in part)
            for change in part:
                self._note("undone", change)

        self._isolating(todo, delete)

    def _moved(self, run: str, batch: int, absent: Sequence[Any]) -> set[str]:
        """Return which of the rows no longer there stand in the table under another key, found by their match key."""
        import sqlalchemy as sa

        if not absent or not self.match_on or self.takes != "insert":
            return set()
        image_key = self.image.c[fitting(f"a_{self.table.key}")]
        same = sa.and_(*(self._now(name) == self._a(name) for name in self.match_on))
        query = (
            sa.select(self.image.c.target_key).select_from(self.image.join(self.table.sql, same))
            .where(self.image.c.run == run, self.image.c.batch == batch, self.image.c.action == "insert",
                   *self.scope.of(self.image, self.object))
        )  # fmt: skip
        return {
            row[0]
            for keys in parts(absent)
            for row in self.connection.execute(query.where(self.journal.dialect.among(image_key, keys)))
        }

    def referenced(self, leaving: dict[Any, str]) -> set[str]:
        """Return, of keys with what they are called, which of the rows about to go have to stay; one that stays may hold another of the same table."""
        found = self._referenced(leaving)
        own = any(link.table == self.table.name for link in self.children)
        while own and (more := self._referenced({raw: key for raw, key in leaving.items() if key not in found})):
            found |= more
        return found

    def _referenced(self, leaving: dict[Any, str]) -> set[str]:
        """Return the keys to which other rows point, whatever their foreign key would do on deletion."""
        import sqlalchemy as sa

        found: set[str] = set()
        plan = self.planned or Planned()
        table = self.table.sql
        key = table.c[self.table.key]
        for link in self.children:
            own_key = self._child_key(link)
            names = dict.fromkeys((*link.columns, *([own_key] if own_key else [])))
            child = sa.table(link.table, *map(sa.column, names), schema=link.schema).alias("child")
            pairs = zip(link.columns, link.parent_columns, strict=True)
            joined = table.join(child, sa.and_(*(child.c[name] == table.c[parent] for name, parent in pairs)))
            query = sa.select(key, *([child.c[own_key]] if own_key else [])).select_from(joined)
            same = link.table == self.table.name and link.schema is None
            for part in parts(list(leaving)):
                self.journal.dialect.bring(self.connection, link.table, link.columns, [(raw,) for raw in part])
                for parent, *own in self.connection.execute(query.where(self.journal.dialect.among(key, part))):
                    leaves = same and own and own[0] in leaving
                    child_row = (link.table, str(own[0])) if own and link.schema is None else ("", "")
                    lets_go = child_row in plan.gone or not plan.restored.get(child_row, set()).isdisjoint(link.columns)
                    if not leaves and not lets_go:
                        found.add(leaving[parent])
        return found

    def _child_key(self, link: ChildLink) -> str:
        import sqlalchemy as sa

        keys = sa.inspect(self.connection).get_pk_constraint(link.table, schema=link.schema)["constrained_columns"]
        return keys[0] if len(keys) == 1 and keys[0] not in link.columns else ""

    def _isolating(self, items: Sequence[Change], write: Callable[[Sequence[Change]], None]) -> None:
        """Write `items`, but for those that the database refuses; what was noted of a refused write is taken back too."""

        def attempt(part: Sequence[Change]) -> None:
            counts, kept = self.counts.copy(), len(self.kept)
            try:
                write(part)
                self.journal.dialect.deliver(self.connection)
            except Exception:
                self.counts = counts
                del self.kept[kept:]
                raise

        def refused(change: Change, refusal: Refusal, _: str) -> None:
            self._note(_KEPT.get(refusal, "error"), change)

        isolating(self.connection, self.journal.dialect, self.table, items, attempt, refused)
