"""Load, edit, roll back, bring back, load again, in any order: the target against a model of what it must be.

CRMMIGRATE_LIFECYCLE=200 runs that many histories of up to 30 steps instead of a few short ones.
"""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from crmmigrate.model.issue import text_frame
from crmmigrate.model.load_plan import LoadPlan, ObjectLoad
from crmmigrate.model.schema import TargetColumn, TargetSchema, TargetTable
from crmmigrate.model.stage import Job
from crmmigrate.model.table import Tables
from crmmigrate.stages import load_stage
from crmmigrate.targets import open_target

EXAMPLES = int(os.environ.get("CRMMIGRATE_LIFECYCLE", "0"))
FIELDS = ("external_id", "name", "phone")
SCHEMA = TargetSchema(1, {
    "users": TargetTable({
        "id": TargetColumn("integer", identity=True), "external_id": TargetColumn(length=20, required=True, unique=True),
        "name": TargetColumn(), "phone": TargetColumn(),
    }),
    "notes": TargetTable({
        "id": TargetColumn("integer", identity=True), "user_id": TargetColumn("integer", references="users"),
    }),
})  # fmt: skip
USERS = ObjectLoad("user", "users", FIELDS, match_on=("external_id",))
RECORDS = st.integers(0, 5).map("u{}".format)
WORDS = st.sampled_from(["甲", "乙", "丙"])
Row = dict[str, str]


@dataclass
class Change:
    """One row that a load changed, as the model sees it."""

    record: str
    key: int
    before: Row | None
    after: Row


@dataclass
class Load:
    """One load; `left` are the changes that no rollback has undone."""

    run: str
    changes: list[Change]
    left: list[Change]


class Lifecycle(RuleBasedStateMachine):
    """Histories of one target; every rule does the same to the target and to the model."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.target: Any = open_target(f"sqlite:///{Path(self.folder.name) / 'crm.db'}")
        self.target.create(SCHEMA)
        self.rows: dict[int, Row] = {}
        self.notes: list[int] = []
        self.loads: list[Load] = []
        self.last: tuple[str, Load, list[Change]] | None = None
        self.count = 0

    def teardown(self) -> None:
        self.target.__exit__(None, None, None)
        self.folder.cleanup()

    def name(self, kind: str) -> str:
        self.count += 1
        return f"{kind}-{self.count}"

    def execute(self, statement: str, **values: Any) -> None:
        with self.target.session.transaction() as connection:
            connection.execute(sa.text(statement), values)

    # ------------------------------------------------------------------------------------------------ what people do

    @rule(data=st.data(), column=st.sampled_from(["name", "phone"]), word=WORDS)
    @precondition(lambda self: self.rows)
    def edit(self, data: Any, column: str, word: str) -> None:
        key = data.draw(st.sampled_from(sorted(self.rows)))
        self.execute(f"UPDATE users SET {column} = :word WHERE id = :key", word=word, key=key)
        self.rows[key][column] = word

    @rule(data=st.data())
    @precondition(lambda self: set(self.rows) - set(self.notes))
    def delete(self, data: Any) -> None:
        key = data.draw(st.sampled_from(sorted(set(self.rows) - set(self.notes))))
        self.execute("DELETE FROM users WHERE id = :key", key=key)
        del self.rows[key]

    @rule(data=st.data())
    @precondition(lambda self: set(self.rows) - set(self.notes))
    def change_key(self, data: Any) -> None:
        key = data.draw(st.sampled_from(sorted(set(self.rows) - set(self.notes))))
        self.count += 1
        self.execute("UPDATE users SET id = :new WHERE id = :key", key=key, new=10_000 * self.count)
        self.rows[10_000 * self.count] = self.rows.pop(key)

    @rule(data=st.data())
    @precondition(lambda self: self.rows)
    def add_child(self, data: Any) -> None:
        key = data.draw(st.sampled_from(sorted(self.rows)))
        self.execute("INSERT INTO notes (user_id) VALUES (:key)", key=key)
        self.notes.append(key)

    @rule()
    @precondition(lambda self: self.notes)
    def drop_children(self) -> None:
        self.execute("DELETE FROM notes")
        self.notes.clear()

    # ------------------------------------------------------------------------------------------------ load

    @rule(wanted=st.dictionaries(RECORDS, st.tuples(WORDS, WORDS), min_size=1, max_size=4))
    def load(self, wanted: dict[str, tuple[str, str]]) -> None:
        run = self.name("load")
        self.target.begin_run("load", run, LoadPlan((USERS,), 2))
        cells = [[record, record, *values] for record, values in wanted.items()]
        for number, start in enumerate(range(0, len(cells), 2), 1):
            outcome = self.target.write_batch(
                run, number, USERS, text_frame(cells[start : start + 2], ("_record", *FIELDS))
            )
            assert not outcome.rejects
        self.target.close_run(run, "done")
        made = Load(run, [], [])
        there = {
            row[1]: int(row[0])
            for part in self.target.rows("users", ("id", "external_id"))
            for row in part.itertuples(index=False)
        }
        by_record = {row["external_id"]: key for key, row in self.rows.items()}
        for record, (name, phone) in wanted.items():
            after = {"external_id": record, "name": name, "phone": phone}
            old = by_record.get(record)
            key = there[record]
            if old is None or self.rows[old] != after:
                made.changes.append(Change(record, key, dict(self.rows[old]) if old is not None else None, after))
            self.rows[key] = dict(after)
        made.left = list(made.changes)
        if made.changes:
            self.loads.append(made)
            self.last = None

    # ------------------------------------------------------------------------------------------------ rollback

    @rule()
    @precondition(lambda self: self.loads)
    def roll_back(self) -> None:
        load = self.loads[-1]
        before = {key: dict(row) for key, row in self.rows.items()}
        counts, done, left = dict.fromkeys(OUTCOMES, 0), [], []
        for change in sorted(load.left, key=lambda change: change.before is None):
            word = self._undone(change)
            counts[word] += 1
            if word in ("undone", "undone_in_part"):
                done.append(change)
            if word != "undone":
                left.append(change)
        run = self.name("undo")
        facts = self._stage(load.run, run)
        assert {word: facts[word] for word in OUTCOMES} == counts
        self.last = (run, load, done) if before != self.rows and not left else None
        load.left = left
        if all(self._is_gone(change) for change in left):
            self.loads.pop()

    def _is_gone(self, change: Change) -> bool:
        return change.key not in self.rows and (change.before is not None or not self._elsewhere(change))

    def _elsewhere(self, change: Change) -> bool:
        return any(row["external_id"] == change.record for row in self.rows.values())

    def _undone(self, change: Change) -> str:
        row = self.rows.get(change.key)
        if change.before is None:
            if row is None:
                return "kept_edited" if self._elsewhere(change) else "gone"
            if row != change.after:
                return "kept_edited"
            if change.key in self.notes:
                return "kept_referenced"
            del self.rows[change.key]
            return "undone"
        if row is None:
            return "gone"
        edited = [name for name in FIELDS if row[name] not in (change.after[name], change.before[name])]
        moved = [name for name in FIELDS if change.after[name] != change.before[name] and name not in edited]
        if not moved:
            return "kept_edited"
        row.update({name: change.before[name] for name in moved})
        return "undone_in_part" if edited else "undone"

    @rule()
    @precondition(lambda self: self.last)
    def bring_back(self) -> None:
        """Undo the rollback; of a clean one with nothing done since, the target is as before it."""
        assert self.last is not None
        run, load, done = self.last
        self.last = None
        counts = dict.fromkeys(OUTCOMES, 0)
        for change in sorted(done, key=lambda change: change.before is not None):
            counts[self._redone(change)] += 1
        facts = self._stage(run, self.name("redo"))
        assert {word: facts[word] for word in OUTCOMES} == counts
        if counts["undone"] == len(done):
            load.left = list(load.changes)
            self.loads.append(load)

    def _redone(self, change: Change) -> str:
        row = self.rows.get(change.key)
        if change.before is None:
            if row is not None:
                return "undone" if row == change.after else "kept_edited"
            if self._elsewhere(change):
                return "error"
            self.rows[change.key] = dict(change.after)
            return "undone"
        if row is None:
            return "gone"
        edited = [name for name in FIELDS if row[name] not in (change.after[name], change.before[name])]
        moved = [name for name in FIELDS if change.after[name] != change.before[name] and name not in edited]
        row.update({name: change.after[name] for name in moved})
        return ("undone_in_part" if edited else "undone") if moved else "kept_edited"

    def _stage(self, run: str, name: str) -> dict[str, Any]:
        stage = load_stage("rollback")
        done = stage.function(Job(Tables({}), stage.options(run=run, apply=True), name, lambda rows: None, self.target))
        assert done.facts["digest_equal"] is True
        facts: dict[str, Any] = done.facts
        return facts

    @invariant()
    def the_target_is_as_the_model(self) -> None:
        found = {int(row[0]): dict(zip(FIELDS, row[1:], strict=True))
                 for part in self.target.rows("users", ("id", *FIELDS)) for row in part.itertuples(index=False, name=None)}  # fmt: skip
        assert found == self.rows


OUTCOMES = ("undone", "undone_in_part", "kept_edited", "kept_referenced", "gone", "error")
TestLifecycle = Lifecycle.TestCase
TestLifecycle.settings = settings(
    max_examples=EXAMPLES or 6, stateful_step_count=30 if EXAMPLES else 10, deadline=None, derandomize=not EXAMPLES
)
