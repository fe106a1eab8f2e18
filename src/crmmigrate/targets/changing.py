"""Write one batch of a delta: rows that were loaded before get, field by field, what the sources say now.

Three sides decide each field: what was loaded (base), what the sources say now (ours), what the target holds (theirs). A field that
still holds what was loaded is written; one that people edited is kept, and is a conflict, unless it says the same already.
"""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from crmmigrate.model.delta import ALSO, SEEN
from crmmigrate.model.target import ROW_OF, WAS, BatchOutcome, Conflict, Reject
from crmmigrate.targets import rejects as codes
from crmmigrate.targets.images import Images, ImageSql
from crmmigrate.targets.isolating import isolating
from crmmigrate.targets.journal import CONFLICT
from crmmigrate.targets.lasting import Standings
from crmmigrate.targets.links import set_aside
from crmmigrate.targets.live import UnfitValueError
from crmmigrate.targets.owning import standing_in

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pandas as pd
    import sqlalchemy as sa

    from crmmigrate.model.load_plan import ObjectLoad
    from crmmigrate.targets.journal import Journal
    from crmmigrate.targets.lasting import Standing
    from crmmigrate.targets.live import ChildLink, LiveTable
    from crmmigrate.targets.planned import Planned

_COMING = "\N{RIGHTWARDS ARROW}"
"""Stands before a record whose row a plan has yet to insert."""


@dataclass
class Changed:
    """One row of the batch.

    Args:
        record: its name, `at` its row in the target.
        values: column → new value, of the fields to be written.
    """

    record: str
    at: Standing
    values: dict[str, Any] = field(default_factory=dict)

    def raw(self, key: str) -> Any:
        """Return the key of the row, the column `key`, as the driver gives it."""
        return (self.at.row or {})[key]


class ChangeWriter:
    """Decides and writes one batch of changes.

    Args:
        connection: in a transaction.
        journal: of the target.
        table: that is written.
        load: how; its `change` is `link`, `update` or `archive`.
        batch: run and number.
        planned: what a plan has said so far; None where the batch is really written.
    """

    children: Sequence[ChildLink] = ()
    """Foreign keys of other tables that point to `table`."""

    def __init__(
        self, connection: sa.Connection, journal: Journal, table: LiveTable, load: ObjectLoad, batch: tuple[str, int],
        planned: Planned | None = None,
    ) -> None:  # fmt: skip
        self.connection = connection
        self.journal = journal
        self.dialect = journal.dialect
        self.table = table
        self.load = load
        self.batch = batch
        self.planned = planned
        self.rejects: dict[str, Reject] = {}
        self.conflicts: list[Conflict] = []
        self.records: list[str] = []
        self.columns = tuple(column for column in load.columns if column != table.key)
        self.images = Images(connection, ImageSql(journal, table, load.object), batch)

    def write(self, rows: pd.DataFrame) -> BatchOutcome:
        """Write `rows` and return what happened; the caller commits."""
        self.records = [str(record) for record in rows["_record"].tolist()]
        self.owners = [str(record) for record in rows[ROW_OF].tolist()] if ROW_OF in rows.columns else self.records
        standings = Standings(self.connection, self.journal, self.table, self.load.object)
        known = standings.of(list(dict.fromkeys(self.owners)), lock=self.planned is None)
        if self.load.change == "link":
            return self._hand_on(known)
        counts = self._work(rows, known)
        counts["rows"], counts["rejected"] = len(self.records), len(self.rejects)
        withheld = {conflict.record for conflict in self.conflicts} - set(self.rejects) - self._written
        counts["withheld"] = len(withheld)
        done = sum(counts.get(word, 0) for word in ("updated", "archived", "deleted", "rejected", "withheld"))
        counts["unchanged"] = counts["rows"] - done
        if self.planned is None:
            self._note(counts)
        return BatchOutcome(
            counts["rows"], 0, counts.get("updated", 0), counts["unchanged"], tuple(self.rejects.values()),
            counts.get("deleted", 0), counts["withheld"], tuple(self.conflicts), counts.get("archived", 0),
        )  # fmt: skip

    _written: frozenset[str] = frozenset()
    """Records whose row was written, or would be."""

    def _work(self, rows: pd.DataFrame, known: dict[str, Standing]) -> dict[str, int]:
        """Decide about every row and write what is to be written; return `updated` or `archived`."""
        values = {
            name: self._values(name, _texts(rows, name)) for column in self.columns for name in (column, WAS + column)
        }
        seen = [json.loads(text) if text else {} for text in _texts(rows, SEEN)]
        owned = self._owned(rows, known) if self.load.change == "archive" else set()
        changes: list[Changed] = []
        for place, (record, owner) in enumerate(zip(self.records, self.owners, strict=True)):
            at = known.get(owner)
            if record in self.rejects:
                continue
            if at is None or (at.row is None and owner != record):
                self._reject(record, codes.NOT_FOUND)
            elif at.row is None:
                if self.load.change == "update":
                    self._conflict(record, at, "", "gone")
            elif record in owned:
                self._conflict(record, at, "", "removed_owned")
            elif self.load.change == "archive" and at.adopted:
                self._conflict(record, at, "", "removed_not_ours")
            else:
                change = self._decide(place, record, at, values, seen[place])
                changes += [change] if change.values else []
        updated = self._update(changes)
        self._written = frozenset(change.record for change in changes) - set(self.rejects)
        return {"archived" if self.load.change == "archive" else "updated": updated}

    def _owned(self, rows: pd.DataFrame, known: dict[str, Standing]) -> set[str]:
        """Return the records in whose row another one stands, of whatever object, that is not gone from the sources with it."""
        name = self.load.object
        also = dict(zip(self.records, rows[ALSO].tolist(), strict=True)) if ALSO in rows.columns else {}
        linked = standing_in(self.connection, self.journal, self.table.name, [at.key for at in known.values()])
        coming = self.planned.coming if self.planned is not None else {}
        for (its, record), key in coming.items():
            if its == name and key in linked:
                linked[key].add((its, record))
        found = set()
        for record, at in known.items():
            gone = {record, *(json.loads(also[record]) if isinstance(also.get(record), str) else ())}
            if linked[at.key] - {(name, one) for one in gone}:
                found.add(record)
        return found

    def _reject(self, record: str, code: str, column: str = "") -> None:
        self.rejects.setdefault(record, Reject(record, code, column))

    def _conflict(self, record: str, at: Standing, column: str, kind: str, *sides: str | None) -> None:
        self.conflicts.append(Conflict(record, at.key, column, kind, *sides))

    # ------------------------------------------------------------------------------------------------ values

    def _values(self, name: str, texts: list[str | None]) -> list[Any]:
        """Return the values that texts mean in their column; new ones that do not fit are rejects, old ones are nothing."""
        was = name.startswith(WAS) and name.removeprefix(WAS) in self.columns
        column = name.removeprefix(WAS) if was else name
        live = self.table.columns[column]
        parents = self.load.references.get(column, "")
        if parents:
            return self._resolved(column, parents, texts, was=was)
        found: list[Any] = []
        for record, text in zip(self.records, texts, strict=True):
            try:
                found.append(None if text is None else live.parse(text))
            except UnfitValueError as error:
                found.append(None)
                if not was:
                    self._reject(record, str(error.args[0]), column)
        return found

    def _resolved(self, column: str, parents: str, texts: list[str | None], *, was: bool) -> list[Any]:
        """Return the keys of the rows that records stand for; a plan takes those that are not there yet for coming."""
        live, several = self.table.columns[column], "|" in parents
        named: dict[str, list[str]] = defaultdict(list)
        for text in dict.fromkeys(text for text in texts if text):
            named[text.partition(":")[0] if several else parents].append(text)
        known: dict[str, Any] = {}
        for name, of_it in named.items():
            plain = {text.partition(":")[2] if several else text: text for text in of_it}
            keys = self.journal.keys_of(self.connection, name, sorted(plain))
            known |= {plain[record]: live.parse(key) for record, (key, _) in keys.items()}
        for record, name_of_it in zip(self.records, texts, strict=True):
            if name_of_it and name_of_it not in known and not was:
                key = self.planned.key_of(parents, name_of_it) if self.planned is not None else None
                if key is None:
                    self._reject(record, codes.PARENT_MISSING, column)
                else:
                    known[name_of_it] = live.parse(key) if key else _COMING + name_of_it
        return [known.get(text) if text else None for text in texts]

    def _shown(self, column: str, value: Any) -> str | None:
        """Return a value as text in standard form; nothing and an empty text are the same."""
        if isinstance(value, str) and value.startswith(_COMING):
            return value
        return self.table.columns[column].show(value) or None

    # ------------------------------------------------------------------------------------------------ decision

    def _decide(
        self, place: int, record: str, at: Standing, values: dict[str, list[Any]], seen: dict[str, str | None]
    ) -> Changed:
        """Return which fields of a row are to be written; what people edited is a conflict, unless they decided against it."""
        change = Changed(record, at)
        for column in self.columns:
            new = values[column][place]
            base, ours = self._shown(column, values[WAS + column][place]), self._shown(column, new)
            now = (at.row or {})[column]
            theirs = self._shown(column, now)
            if ours in (base, theirs):
                continue
            if column in seen and (seen[column] or None) == theirs:
                change.values[column] = new
                continue
            left = self._shown(column, at.left[column]) if at.left and column in at.left else base
            if theirs not in (base, left):
                if not (at.adopted and self.load.policy.get(column) == "fill_empty"):
                    self._conflict(record, at, column, "edited", base, ours, theirs)
            elif self._may(column, at, theirs, ours, values, place):
                change.values[column] = new
        return change

    def _may(
        self, column: str, at: Standing, theirs: str | None, ours: str | None, values: dict[str, list[Any]], place: int
    ) -> bool:
        """Whether the write policy lets a field change: of rows that were there before the migration, as of any load."""
        if not at.adopted or at.wrote(column) or self.load.change == "archive":
            return True
        policy = self.load.policy.get(column, "overwrite")
        if theirs is None or ours is None or policy == "fill_empty":
            return theirs is None
        if policy == "newer":
            by = self.load.newer_by
            mine = self._shown(by, values[by][place]) if by in values else None
            its = self._shown(by, (at.row or {})[by])
            return mine is not None and (its is None or mine > its)
        return True

    # ------------------------------------------------------------------------------------------------ writing

    def _update(self, changes: Sequence[Changed]) -> int:
        """Write fields with the images of their rows; return how many rows really changed."""
        import sqlalchemy as sa

        if self.planned is not None:
            for change in changes:
                self.planned.restored.setdefault((self.table.name, change.at.key), set()).update(change.values)
            return len(changes)
        if not changes:
            return 0
        before = self.images.sql.before
        self.dialect.make_temporary(self.connection, before)
        self.images.remember([change.raw(self.table.key) for change in changes])
        table = self.table.sql

        def write(part: Sequence[Changed]) -> None:
            alike: dict[tuple[str, ...], list[dict[str, Any]]] = defaultdict(list)
            for change in part:
                sent = {f"v{place}": self.dialect.adapt(value) for place, value in enumerate(change.values.values())}
                alike[tuple(change.values)].append(sent | {"k": change.raw(self.table.key)})
            for columns, rows in alike.items():
                new: dict[str, Any] = {column: sa.bindparam(f"v{place}") for place, column in enumerate(columns)}
                statement = table.update().where(table.c[self.table.key] == sa.bindparam("k")).values(new)
                self.connection.execute(statement, rows)

        self._isolating(changes, write)
        updated = self.images.note_updates()
        self.dialect.drop_temporary(self.connection, before)
        return updated

    def _isolating(self, items: Sequence[Changed], write: Callable[[Sequence[Changed]], None]) -> None:
        """Write `items`, but for those that the database refuses."""
        isolating(self.connection, self.dialect, self.table, items, write, self._refused)

    def _refused(self, change: Changed, why: str, column: str) -> None:
        self._reject(change.record, f"load.refused-{why}", column)

    # ------------------------------------------------------------------------------------------------ journal

    def _hand_on(self, known: dict[str, Standing]) -> BatchOutcome:
        """Link records to the rows they take over from others; the others' links stay, so that all of it can be undone.

        From now on the record linked last owns the row. It is no row of the batch's figures: the step that writes counts it.
        """
        heirs = [
            (record, at) for record, owner in zip(self.records, self.owners, strict=True)
            if (at := known.get(owner)) is not None and at.row is not None
        ]  # fmt: skip
        if self.planned is not None:
            self.planned.coming |= {(self.load.object, record): at.key for record, at in heirs}
            return BatchOutcome(0)
        walk, (run, batch) = self.journal.table("crosswalk"), self.batch
        set_aside(self.connection, self.journal, self.load.object, [record for record, _ in heirs], run)
        if heirs:
            self.connection.execute(walk.insert(), [
                {"object": self.load.object, "source_key": record, "target_key": at.key, "run": run, "batch": batch,
                 "adopted": int(at.adopted)} for record, at in heirs
            ])  # fmt: skip
        self._note({})
        return BatchOutcome(0)

    def _note(self, counts: dict[str, int]) -> None:
        run, batch = self.batch
        marks = {"run": run, "batch": batch, "object": self.load.object}
        if self.rejects:
            self.connection.execute(self.journal.table("reject").insert(), [
                {**marks, "source_key": reject.record, "code": reject.code, "column": reject.column} for reject in self.rejects.values()
            ])  # fmt: skip
        if self.conflicts:
            self.connection.execute(self.journal.table(CONFLICT).insert(), [
                {**marks, "source_key": found.record, "target_key": found.key, "column": found.column, "kind": found.kind,
                 "base": found.base, "ours": found.ours, "theirs": found.theirs} for found in self.conflicts
            ])  # fmt: skip
        self.journal.add_batch(self.connection, run, batch, self.load.object, counts)


def _texts(rows: pd.DataFrame, name: str) -> list[str | None]:
    """Return a column as texts; None where it is empty, or where there is none."""
    if name not in rows.columns:
        return [None] * len(rows)
    return [value if isinstance(value, str) else None for value in rows[name].tolist()]
