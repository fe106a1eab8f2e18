"""Two objects that write one table, the second of them rows that the first has inserted: on every kind of database."""

from __future__ import annotations

from typing import Any

from tests.targets.crm import execute

from crmmigrate.model.issue import text_frame
from crmmigrate.model.load_plan import LoadPlan, ObjectLoad
from crmmigrate.model.schema import TargetColumn, TargetSchema, TargetTable
from crmmigrate.targets import open_target

SCHEMA = TargetSchema(1, {"partners": TargetTable({
    "id": TargetColumn("integer", identity=True), "external_id": TargetColumn(length=20, unique=True), "name": TargetColumn(),
    "city": TargetColumn(),
})})  # fmt: skip
SUPPLIER = ObjectLoad("supplier", "partners", ("external_id", "name"), match_on=("external_id",))
DEALER = ObjectLoad("dealer", "partners", ("external_id", "city"), match_on=("external_id",))
PLAN = LoadPlan((SUPPLIER, DEALER), 5)


def rows(step: ObjectLoad, numbers: range) -> Any:
    cells = [[f"{step.object}/{i}", f"p{i}", f"上海{i}"] for i in numbers]
    return text_frame(cells, ("_record", *step.columns))


def loaded(target: Any) -> tuple[int, ...]:
    target.begin_run("load", "r", PLAN)
    first = target.write_batch("r", 1, SUPPLIER, rows(SUPPLIER, range(5)))
    second = target.write_batch("r", 2, DEALER, rows(DEALER, range(3, 8)))
    target.close_run("r", "done")
    return first.inserted, first.updated, second.inserted, second.updated


def again(target: Any, kind: Any, run: str, undone: str, batches: tuple[int, ...]) -> list[dict[str, int]]:
    target.begin_run(kind, run, PLAN, parent=undone)
    counts = [dict(target.undo_batch(run, batch, undone, batch, apply=True).counts) for batch in batches]
    assert target.undo_agrees(run)
    target.close_run(run, "done")
    return [{word: count for word, count in found.items() if count} for found in counts]


def test_it_is_undone_and_done_again_in_turn_and_what_was_edited_is_told_of_both(database_url: str) -> None:
    with open_target(database_url) as target:
        target.create(SCHEMA)
        execute(target, "INSERT INTO partners (external_id, name) VALUES ('p0', 'old'), ('x', 'own')")
        before = target.digest()
        assert loaded(target) == (4, 1, 3, 2)
        after = target.digest()
        assert again(target, "rollback", "u1", "r", (2, 1)) == [{"undone": 5}, {"undone": 5}]
        assert target.digest() == before
        assert again(target, "redo", "a1", "u1", (1, 2)) == [{"undone": 5}, {"undone": 5}]
        assert target.digest() == after
        execute(target, "UPDATE partners SET name = 'edited' WHERE external_id IN ('p3', 'p6')")
        assert again(target, "rollback", "u2", "r", (2, 1)) == [
            {"undone": 3, "undone_in_part": 1, "kept_edited": 1}, {"undone": 4, "kept_edited": 1},
        ]  # fmt: skip
        there = sorted(row[1:3] for part in target.rows("partners") for row in part.itertuples(index=False, name=None))
        assert there == [("p0", "old"), ("p3", "edited"), ("p6", "edited"), ("x", "own")]
        assert next(run.state for run in target.runs() if run.run == "r") == "rolled_back_in_part"
