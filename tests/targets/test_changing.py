"""Batches of a delta: who owns a row, what may be taken out, and that all of it can be taken back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from tests.targets.crm import (
    ACCOUNTS,
    CONTACTS,
    PLAN,
    SCHEMA,
    USERS,
    account,
    empty,
    execute,
    load,
    roll_back,
    rows,
    table,
)

from crmmigrate.model.issue import text_frame
from crmmigrate.model.target import ROW_OF, WAS
from crmmigrate.targets import open_target

USER = (USERS, rows(USERS, {"external_id": "u1", "name": "王敏"}))
BY_NAME = replace(ACCOUNTS, match_on=("name",))
GONE = replace(ACCOUNTS, change="delete")


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with open_target(f"sqlite:///{tmp_path_factory.mktemp('changing') / 'crm.db'}") as target:
        target.create(SCHEMA)
        yield target


@pytest.fixture
def target(opened: Any) -> Iterator[Any]:
    yield opened
    empty(opened)


def gone(*records: str) -> Any:
    return text_frame([[record, record] for record in records], ("_record", ROW_OF))


def changed(record: str, owner: str = "", **values: tuple[str | None, str | None]) -> tuple[Any, Any]:
    """Return a step and its one row: column → what was loaded, what the sources say now."""
    step = replace(ACCOUNTS, columns=tuple(values), references={}, change="update" if values else "link")
    columns = ("_record", ROW_OF, *values, *(WAS + column for column in values))
    cells = [record, owner or record, *(new for _, new in values.values()), *(old for old, _ in values.values())]
    return step, text_frame([cells], columns)


def names(target: Any) -> list[str | None]:
    return [name for (name,) in table(target, "accounts", "name")]


def test_a_row_that_a_living_record_stands_in_is_never_deleted(target: Any) -> None:
    load(target, "r1", USER, (BY_NAME, rows(BY_NAME, account("old", name="甲乙"), account("gone", name="丙丁"))))
    load(target, "r2", (BY_NAME, rows(BY_NAME, account("new", name="甲乙"))))  # found by its match key
    [done] = load(target, "r3", (GONE, gone("old", "gone")))
    assert names(target) == ["甲乙"]
    assert [(c.record, c.kind) for c in done.conflicts] == [("old", "removed_owned")]
    step, row = changed("old", name=("甲乙", "停用"))
    [archived] = load(target, "r4", (replace(step, change="archive"), row))
    assert (names(target), [c.kind for c in archived.conflicts]) == (["甲乙"], ["removed_owned"]), "nor archived"


def test_a_delta_of_deletions_alone_is_proven_undone(target: Any) -> None:
    load(target, "r1", USER, (ACCOUNTS, rows(ACCOUNTS, account("a1"), account("a2"))))
    [done] = load(target, "r2", (GONE, gone("a1")))
    assert (done.deleted, names(target)) == (1, ["公司a2"])
    assert roll_back(target, "r2") == {"undone": 1}  # the digests agree
    assert names(target) == ["公司a1", "公司a2"]


def test_a_row_that_comes_back_is_linked_to_its_record_also_where_that_had_another_one_meanwhile(target: Any) -> None:
    load(target, "r1", USER, (ACCOUNTS, rows(ACCOUNTS, account("a1"), account("b1"))))
    before = next(target.loaded("account")).to_dict("records")
    load(target, "r2", (GONE, gone("a1")))
    load(target, "r3", (ACCOUNTS, rows(ACCOUNTS, account("a1"))))
    assert (roll_back(target, "r3"), roll_back(target, "r2")) == ({"undone": 1}, {"undone": 1})
    assert next(target.loaded("account")).to_dict("records") == before
    load(target, "r4", (GONE, gone("a1")))
    load(target, "r5", changed("a1", "b1"))
    assert list(next(target.loaded("account"))["key"].unique()) == [before[1]["key"]], "it stands in the row of b1"
    roll_back(target, "r5")
    roll_back(target, "r4")
    assert next(target.loaded("account")).to_dict("records") == before


def test_what_the_database_refuses_to_let_go_leaves_no_image(target: Any) -> None:
    load(target, "r1", USER, (ACCOUNTS, rows(ACCOUNTS, account("a1"), account("a2"), account("a3"))))
    execute(
        target, "CREATE TRIGGER hold BEFORE DELETE ON accounts WHEN old.external_id = 'a2' BEGIN SELECT RAISE(ABORT, 'no'); END"
    )  # fmt: skip
    try:
        [done] = load(target, "r2", (GONE, gone("a1", "a2", "a3")))
    finally:
        execute(target, "DROP TRIGGER hold")
    assert (done.deleted, [(c.record, c.kind) for c in done.conflicts]) == (2, [("a2", "removed_refused")])
    assert roll_back(target, "r2") == {"undone": 2}


def test_one_record_owns_a_row_that_was_handed_on(target: Any) -> None:
    load(target, "r1", USER, (ACCOUNTS, rows(ACCOUNTS, account("a1"))))
    load(target, "r2", changed("b1", "a1"), changed("b1", "a1", name=("公司a1", "新名")))
    both = rows(ACCOUNTS, account("a1", name="旧名"), account("b1", name="新名"))
    [again] = load(target, "r3", (ACCOUNTS, both))
    assert [(reject.record, reject.code) for reject in again.rejects] == [("a1", "load.row-taken")]
    assert names(target) == ["新名"]
    assert roll_back(target, "r3") == {"undone": 1}
    assert roll_back(target, "r2") == {"undone": 1}
    assert list(next(target.loaded("account"))["_record"]) == ["a1"]
    [back] = load(target, "r4", (ACCOUNTS, rows(ACCOUNTS, account("a1", name="旧名"))))
    assert (back.updated, names(target)) == (1, ["旧名"]), "it owns the row again"


def test_a_record_of_a_delta_does_not_take_the_row_of_another(target: Any) -> None:
    load(target, "r1", USER, (BY_NAME, rows(BY_NAME, account("a1", name="甲乙"))))
    [done] = load(target, "r2", (replace(BY_NAME, unclaimed_only=True), rows(BY_NAME, account("twin", name="甲乙"))))
    assert [(reject.record, reject.code) for reject in done.rejects] == [("twin", "load.match-taken")]


def test_an_edit_stays_one_when_a_load_wrote_another_field(target: Any) -> None:
    load(target, "r1", USER, (ACCOUNTS, rows(ACCOUNTS, account("a1"))))
    execute(target, "UPDATE accounts SET note = '人工', 级别 = 'B'")
    load(target, "r2", changed("a1", name=("公司a1", "新名")))
    [done] = load(target, "r3", changed("a1", name=("新名", "更新名"), 级别=("A", None)))
    assert (done.updated, [(c.column, c.theirs) for c in done.conflicts]) == (1, [("级别", "B")])
    assert table(target, "accounts", "name", "级别") == [("更新名", "B")]
    [kept] = load(target, "r4", (GONE, gone("a1")))
    assert {(c.column, c.kind) for c in kept.conflicts} == {("note", "removed_edited"), ("级别", "removed_edited")}
    target.purge("r1")
    [unknown] = load(target, "r5", (GONE, gone("a1")))
    assert [(c.column, c.kind) for c in unknown.conflicts] == [("", "removed_unproven")], (
        "of the other columns nobody knows"
    )


def test_a_plan_says_what_is_done(target: Any) -> None:
    load(target, "r1", USER, (ACCOUNTS, rows(ACCOUNTS, account("a1"), account("a2"))))
    execute(target, "INSERT INTO accounts (external_id, name, amount) VALUES ('x1', '原有', 1), ('x2', '公司x2', NULL)")
    step = replace(
        ACCOUNTS,
        policy={"name": "fill_empty", "amount": "fill_empty"},
        unclaimed_only=True,
        columns=("external_id", "name", "amount"),
        references={},
    )
    new = rows(
        step,
        account("n1"),
        account("x1", amount="2.00"),
        account("x2"),
        account("a1", _record="twin"),
        account("n2", amount="无"),
    )
    steps = [
        changed("h1", "a2"), (step, new),
        (CONTACTS, rows(CONTACTS, *({"external_id": f"c{n}", "name": "张三", "account_id": parent} for n, parent in enumerate(("n1", "h1", "nobody"))))),
        changed("a1", name=("公司a1", "新名")), (GONE, gone("a2")),
    ]  # fmt: skip
    before = target.digest()
    plan = [target.plan_batch(load_, rows_, first=not n) for n, (load_, rows_) in enumerate(steps)]
    assert target.digest() == before
    done = load(target, "r2", *steps)
    assert plan == done
    assert [(one.inserted, one.updated, one.unchanged, len(one.rejects)) for one in done] == [
        (0, 0, 0, 0), (1, 1, 1, 2), (2, 0, 0, 1), (0, 1, 0, 0), (0, 0, 0, 0),
    ]  # fmt: skip


def test_rows_of_the_crm_are_never_deleted_and_its_values_stay_by_policy(target: Any) -> None:
    execute(target, "INSERT INTO accounts (external_id, name) VALUES ('a1', '老客户')")
    filling = replace(ACCOUNTS, policy=dict.fromkeys(ACCOUNTS.columns, "fill_empty"))
    load(target, "r1", USER, (filling, rows(filling, account("a1"))))
    step, row = changed("a1", name=("公司a1", "新名"), amount=("1200.50", "7.00"))
    [done] = load(target, "r2", (replace(step, policy=filling.policy), row))
    assert (done.updated, done.conflicts) == (1, ())
    assert table(target, "accounts", "name", "amount") == [("老客户", "7.00")], (
        "its own stays; what we filled in is ours"
    )
    [kept] = load(target, "r3", (GONE, gone("a1")))
    assert [(c.column, c.kind) for c in kept.conflicts] == [("", "removed_not_ours")]


def test_a_load_leaves_a_row_to_the_record_it_was_loaded_from_while_that_is_loaded_too(target: Any) -> None:
    load(target, "r1", USER, (BY_NAME, rows(BY_NAME, account("a1", name="甲乙"))))
    twin = rows(BY_NAME, account("twin", name="甲乙", 级别="B"))
    target.begin_run("load", "r2", PLAN)
    done = target.write_batch("r2", 1, BY_NAME, twin, lambda records: frozenset({"a1"} & {*records}))
    target.close_run("r2", "done")
    assert [(reject.record, reject.code) for reject in done.rejects] == [("twin", "load.match-taken")]
    assert table(target, "accounts", "external_id") == [("a1",)]
    target.begin_run("load", "r3", PLAN)
    done = target.write_batch("r3", 1, BY_NAME, twin, lambda _: frozenset())  # a1 is gone: it is called otherwise now
    target.close_run("r3", "done")
    assert (done.updated, table(target, "accounts", "external_id")) == (1, [("twin",)])


def test_a_record_whose_row_is_taken_is_told_once(target: Any) -> None:
    load(target, "r1", USER, (ACCOUNTS, rows(ACCOUNTS, account("a1"))))
    load(target, "r2", changed("b1", "a1"))
    both = rows(ACCOUNTS, account("a1"), account("b1"))
    later = replace(ACCOUNTS, columns=("owner_id",), deferred=True)
    first, second = load(target, "r3", (ACCOUNTS, both), (later, both))
    assert [reject.code for reject in first.rejects] == ["load.row-taken"]
    assert not second.rejects, "it is not in the target with a reference that could not be filled"
