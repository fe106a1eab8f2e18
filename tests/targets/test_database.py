"""Every database target, one test run against each: SQLite, PostgreSQL, MariaDB or MySQL."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
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

from crmmigrate.errors import ConfigurationError, CrmMigrateError, LimitReached, LocationError
from crmmigrate.model.load_plan import LoadPlan
from crmmigrate.targets import open_target

USER = rows(USERS, {"external_id": "u1", "name": "王敏"})


@pytest.fixture(
    scope="module",
    params=[
        "sqlite",
        pytest.param("postgresql", marks=pytest.mark.database("postgresql")),
        pytest.param("mysql", marks=pytest.mark.database("mysql")),
    ],
)
def url(request: pytest.FixtureRequest, shared_database: Any, tmp_path_factory: pytest.TempPathFactory) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path_factory.mktemp('target') / 'crm.db'}"
    made: str = shared_database(request.param)
    return made


@pytest.fixture(scope="module")
def opened(url: str) -> Iterator[Any]:
    with open_target(url) as target:
        target.create(SCHEMA)
        yield target


@pytest.fixture
def target(opened: Any) -> Iterator[Any]:
    yield opened
    empty(opened)


def codes(outcome: Any) -> list[tuple[str, str, str]]:
    return [(reject.record, reject.code, reject.column) for reject in outcome.rejects]


def test_created_tables_pass_the_check_and_picklists_are_filled(target: Any) -> None:
    target.check(PLAN)
    target.create(SCHEMA)  # a second time changes nothing
    assert [tuple(row) for part in target.rows("levels") for row in part.itertuples(index=False)] == [
        ("A", "重点"),
        ("B", "一般"),
    ]


def test_values_come_back_in_standard_form(target: Any) -> None:
    [_, outcome] = load(
        target,
        "r",
        (USERS, USER),
        (ACCOUNTS, rows(ACCOUNTS, account("a1"), account("a2", amount=None, active="false"))),
    )
    assert (outcome.inserted, outcome.rejects) == (2, ())
    [(owner,)] = table(target, "users", "id")
    assert table(target, "accounts", *ACCOUNTS.columns) == [
        ("a1", "公司a1", "A", "1200.50", "2023-05-01", "2023-05-01T14:30:00", "true", owner),
        ("a2", "公司a2", "A", None, "2023-05-01", "2023-05-01T14:30:00", "false", owner),
    ]
    keys = [key for (key,) in table(target, "accounts", "id")]
    since = target.runs()[0].since
    assert pd.concat(target.loaded("account")).to_dict("records") == [
        {"_record": "a1", "key": keys[0], "present": "true", "run": "r", "since": since},
        {"_record": "a2", "key": keys[1], "present": "true", "run": "r", "since": since},
    ]
    execute(target, "DELETE FROM accounts WHERE external_id = 'a1'")
    assert list(pd.concat(target.loaded("account"))["present"]) == ["false", "true"]


def test_what_people_changed_since_the_newest_whole_load_is_told(target: Any) -> None:
    given = (USERS, USER), (ACCOUNTS, rows(ACCOUNTS, *(account(f"a{i}") for i in range(1, 4))))
    load(target, "r", *given)
    keys = [key for (key,) in table(target, "accounts", "id")]
    assert target.edited("account", keys) == {key: frozenset() for key in keys}
    execute(target, "UPDATE accounts SET name = '改名' WHERE external_id = 'a1'")
    execute(target, "UPDATE accounts SET amount = NULL WHERE external_id = 'a2'")
    changed = {keys[0]: {"name"}, keys[1]: {"amount"}, keys[2]: frozenset()}
    assert target.edited("account", keys) == changed
    part = replace(ACCOUNTS, partial=True)
    load(target, "part", (part, rows(ACCOUNTS, account("a4"))), plan=LoadPlan((part,)))
    assert target.edited("account", keys) == changed
    load(target, "again", *given)  # it went over the edits, and may have kept them
    assert all(not columns for columns in target.edited("account", keys).values())


def test_a_refused_row_is_found_and_the_rest_goes_in(target: Any) -> None:
    batch = [account(f"a{i}") for i in range(20)]
    batch[3]["owner_id"] = "nobody"
    batch[5]["级别"] = "Z"
    batch[7]["name"] = None
    batch[9]["name"] = "长" * 21
    batch[11]["amount"] = "12.345"
    batch[13]["order"] = "2023-02-30"
    batch[15]["external_id"] = batch[14]["external_id"]
    batch[15]["_record"] = "twin"
    batch[17]["external_id"] = None
    batch[17]["_record"] = "blank"
    [_, outcome] = load(target, "r", (USERS, USER), (ACCOUNTS, rows(ACCOUNTS, *batch)))
    assert codes(outcome) == [
        ("a3", "load.parent-missing", "owner_id"), ("a5", "load.refused-foreign-key", "级别"),
        ("a7", "load.refused-not-null", "name"), ("a9", "load.unfit-length", "name"), ("a11", "load.unfit-scale", "amount"),
        ("a13", "load.unfit-type", "order"), ("twin", "load.match-taken", "external_id"), ("blank", "load.match-blank", "external_id"),
    ]  # fmt: skip
    assert outcome.inserted == 12 == len(table(target, "accounts", "name"))
    listed = target.rejects("r")
    assert sorted(listed["_record"]) == sorted(record for record, _, _ in codes(outcome))
    assert len(pd.concat(target.loaded("account"))) == 12


def test_a_unique_key_taken_by_another_row_is_a_reject(target: Any) -> None:
    by_name = replace(ACCOUNTS, match_on=("name",))
    execute(target, "INSERT INTO accounts (external_id, name) VALUES ('taken', 'X')")
    [_, outcome] = load(target, "r", (USERS, USER), (by_name, rows(ACCOUNTS, account("taken"), account("free"))))
    assert codes(outcome) == [("taken", "load.refused-unique", "external_id")]
    assert outcome.inserted == 1


def test_an_ambiguous_match_key_is_never_an_insert(target: Any) -> None:
    by_name = replace(ACCOUNTS, match_on=("name",))
    execute(target, "INSERT INTO accounts (external_id, name) VALUES ('x', 'same'), ('y', 'same')")
    [_, outcome] = load(target, "r", (USERS, USER), (by_name, rows(ACCOUNTS, account("a1", name="same"))))
    assert codes(outcome) == [("a1", "load.match-ambiguous", "name")]
    assert len(table(target, "accounts", "name")) == 2


@pytest.mark.parametrize(
    ("policy", "expected"),
    [("overwrite", ("new", "B", "5.00")), ("fill_empty", ("old", "B", "5.00")), ("newer", ("new", "B", "5.00"))],
)
def test_the_policy_decides_what_wins(target: Any, policy: Any, expected: tuple[str, ...]) -> None:
    execute(
        target,
        "INSERT INTO accounts (external_id, name, amount, seen_at) VALUES ('a1', 'old', NULL, '2023-01-01 00:00:00')",
    )
    step = replace(ACCOUNTS, newer_by="seen_at", policy=dict.fromkeys(ACCOUNTS.columns, policy))
    new = account("a1", name="new", amount="5", order=None, 级别="B")
    [_, outcome] = load(target, "r", (USERS, USER), (step, rows(ACCOUNTS, new)))
    assert (outcome.updated, outcome.inserted) == (1, 0)
    assert table(target, "accounts", "name", "级别", "amount") == [expected]


def test_newer_keeps_what_is_older_and_a_blank_erases_nothing(target: Any) -> None:
    execute(
        target,
        "INSERT INTO accounts (external_id, name, amount, seen_at) VALUES ('a1', 'old', 7, '2024-01-01 00:00:00')",
    )
    step = replace(ACCOUNTS, newer_by="seen_at", policy={"name": "newer", "amount": "overwrite"})
    load(target, "r", (USERS, USER), (step, rows(ACCOUNTS, account("a1", name="new", amount=None))))
    assert table(target, "accounts", "name", "amount") == [("old", "7.00")]


def test_modes_keep_to_their_word(target: Any) -> None:
    execute(target, "INSERT INTO accounts (external_id, name) VALUES ('there', 'old')")
    both = rows(ACCOUNTS, account("there"), account("new"))
    [_, insert] = load(target, "r1", (USERS, USER), (replace(ACCOUNTS, mode="insert"), both))
    assert (codes(insert), insert.inserted) == ([("there", "load.exists", "")], 1)
    [update] = load(
        target, "r2", (replace(ACCOUNTS, mode="update"), rows(ACCOUNTS, account("there"), account("absent")))
    )
    assert (codes(update), update.updated) == ([("absent", "load.not-found", "")], 1)


def test_loading_the_same_again_changes_nothing(target: Any) -> None:
    batch = rows(ACCOUNTS, account("a1"), account("a2", amount=None))
    load(target, "r1", (USERS, USER), (ACCOUNTS, batch))
    before = target.digest()
    [_, outcome] = load(target, "r2", (USERS, USER), (ACCOUNTS, batch))
    assert (outcome.inserted, outcome.updated, outcome.unchanged) == (0, 0, 2)
    assert target.digest() == before


def test_a_deferred_reference_is_filled_by_its_own_step(target: Any) -> None:
    early = replace(ACCOUNTS, columns=ACCOUNTS.columns[:-1], references={})
    later = replace(ACCOUNTS, columns=("owner_id",), policy={}, deferred=True)
    batch = rows(ACCOUNTS, account("a1"), account("a2", owner_id="nobody"), account("a3", owner_id=None))
    before = target.digest()
    [_, _, outcome] = load(target, "r", (early, batch), (USERS, USER), (later, batch))
    assert (outcome.updated, outcome.unchanged, outcome.rejects) == (1, 2, ())
    [(owner,)] = table(target, "users", "id")
    assert table(target, "accounts", "owner_id") == [(owner,), (None,), (None,)]
    assert roll_back(target, "r") == {"undone": 5}
    assert target.digest() == before


def test_rollback_restores_inserts_and_updates_and_reload_works(target: Any) -> None:
    execute(target, "INSERT INTO accounts (external_id, name, note) VALUES ('a0', 'old', '旧')")
    before = target.digest()
    batch = rows(ACCOUNTS, *(account(f"a{i}") for i in range(10)))
    load(
        target,
        "r1",
        (USERS, USER),
        (ACCOUNTS, batch),
        (CONTACTS, rows(CONTACTS, {"external_id": "c1", "account_id": "a3"})),
    )
    after = target.digest()
    assert roll_back(target, "r1") == {"undone": 12}
    assert target.digest() == before != after
    assert pd.concat(target.loaded("account")).empty
    assert [(run.run, run.state, run.changes) for run in target.runs() if run.kind == "load"] == [
        ("r1", "rolled_back", 12)
    ]
    [_, outcome] = load(target, "r2", (USERS, USER), (ACCOUNTS, batch))
    assert (outcome.inserted, outcome.updated) == (9, 1)


def test_what_people_did_meanwhile_is_kept_and_listed(target: Any) -> None:
    execute(
        target,
        "INSERT INTO accounts (external_id, name, amount) VALUES ('upd', 'old', 1), ('both', 'old', 1), ('del', 'old', 1)",
    )
    batch = [account(key) for key in ("upd", "both", "del", "new", "edited", "parent", "gone")]
    load(target, "r", (USERS, USER), (ACCOUNTS, rows(ACCOUNTS, *batch)))
    keys = dict(table(target, "accounts", "external_id", "id"))
    execute(target, "UPDATE accounts SET name = 'by hand', amount = 9 WHERE external_id = 'both'")
    execute(target, "UPDATE accounts SET note = 'by hand' WHERE external_id = 'edited'")
    execute(target, "DELETE FROM accounts WHERE external_id IN ('gone', 'del')")
    execute(target, "INSERT INTO contacts (external_id, account_id) VALUES ('own', :id)", id=int(keys["parent"]))
    assert roll_back(target, "r") == {
        "undone": 2, "undone_in_part": 1, "kept_edited": 1, "kept_referenced": 2, "gone": 2,
    }  # fmt: skip
    kept = {(row["key"], row["outcome"], row["columns"]) for row in target.kept("undo-r").to_dict("records")}
    assert {(keys["both"], "undone_in_part", "name, amount"), (keys["edited"], "kept_edited", "note"),
            (keys["parent"], "kept_referenced", ""), (keys["gone"], "gone", "")} <= kept  # fmt: skip
    left = table(target, "accounts", "external_id", "name", "amount", "note")
    assert left == [
        ("upd", "old", "1.00", None), ("both", "by hand", "9.00", None),
        ("edited", "公司edited", "1200.50", "by hand"), ("parent", "公司parent", "1200.50", None),
    ]  # fmt: skip
    assert set(pd.concat(target.loaded("account"))["_record"]) == {"both", "edited", "parent"}


def test_an_edit_of_case_or_trailing_blank_is_an_edit(target: Any) -> None:
    load(target, "r", (USERS, USER), (ACCOUNTS, rows(ACCOUNTS, account("a", name="abc"), account("b", name="abc"))))
    execute(target, "UPDATE accounts SET name = 'ABC' WHERE external_id = 'a'")
    execute(target, "UPDATE accounts SET name = 'abc ' WHERE external_id = 'b'")
    assert roll_back(target, "r")["kept_edited"] == 2


def test_a_plan_says_what_the_rollback_does_and_changes_nothing(target: Any) -> None:
    load(target, "r", (USERS, USER), (ACCOUNTS, rows(ACCOUNTS, account("a1"), account("a2"))),
         (CONTACTS, rows(CONTACTS, {"external_id": "c1", "account_id": "a1"})))  # fmt: skip
    execute(target, "UPDATE accounts SET note = 'x' WHERE external_id = 'a2'")
    before = target.digest()
    planned: dict[str, int] = {}
    for number, (batch, _) in enumerate(target.batches("r"), 1):
        for word, count in target.undo_batch("", number, "r", batch, apply=False).counts.items():
            planned[word] = planned.get(word, 0) + count
    assert target.digest() == before
    assert {word: count for word, count in planned.items() if count} == {
        "undone": 2,
        "kept_edited": 1,
        "kept_referenced": 1,
    }
    assert roll_back(target, "r") == {"undone": 2, "kept_edited": 1, "kept_referenced": 1}


def test_rows_of_other_people_do_not_spoil_the_proof_and_damage_does(target: Any) -> None:
    execute(target, "INSERT INTO accounts (external_id, name) VALUES ('mine', 'old')")
    load(target, "r", (USERS, USER), (ACCOUNTS, rows(ACCOUNTS, account("a1"))))
    execute(target, "INSERT INTO accounts (external_id, name) VALUES ('theirs', 'new')")
    assert roll_back(target, "r") == {"undone": 2}
    execute(target, "UPDATE accounts SET name = 'damaged' WHERE external_id = 'mine'")
    assert not target.undo_agrees("undo-r")


def test_a_second_run_is_refused_while_one_writes(target: Any, url: str) -> None:
    target.begin_run("load", "first", PLAN)
    with open_target(url) as other:
        with pytest.raises(LimitReached) as caught:
            other.begin_run("load", "second", PLAN)
        assert caught.value.code == "target.busy"
        assert "first" in caught.value.text()
        with pytest.raises(LimitReached):
            other.write_batch("first", 1, USERS, USER)  # it does not hold the lease
    target.close_run("first", "done")
    assert table(target, "users", "name") == []


def test_a_dead_process_gives_way_and_can_not_come_back(target: Any, url: str) -> None:
    target.begin_run("load", "r", PLAN, plan_digest="d")
    target.write_batch("r", 1, USERS, USER)
    execute(target, "UPDATE crmm_run SET pid = 2147483646, lease = 'of a dead process'")
    with open_target(url) as other:
        with pytest.raises(ConfigurationError):
            other.resume_run("r", "another digest")
        other.resume_run("r", "d")
        assert other.batches("r")[0][0] == 1
        with pytest.raises(LimitReached) as caught:
            target.write_batch("r", 2, ACCOUNTS, rows(ACCOUNTS, account("a1")))
        assert caught.value.code == "target.lease-lost"
        other.write_batch("r", 2, ACCOUNTS, rows(ACCOUNTS, account("a1")))
        other.close_run("r", "done")
    assert len(table(target, "accounts", "name")) == 1
    with pytest.raises(LocationError):
        target.resume_run("r")


def test_a_batch_is_written_once_or_not_at_all(target: Any) -> None:
    target.begin_run("load", "r", PLAN)
    target.write_batch("r", 1, USERS, USER)
    with pytest.raises(CrmMigrateError):
        target.write_batch("r", 1, ACCOUNTS, rows(ACCOUNTS, account("a1")))
    assert table(target, "accounts", "name") == []
    assert target.batches("r")[0][0] == 1


def test_the_check_names_what_is_missing(target: Any) -> None:
    for step, code in (
        (replace(USERS, table="nowhere"), "target.table-missing"),
        (replace(USERS, columns=(*USERS.columns, "nothing")), "target.column-missing"),
    ):
        with pytest.raises(LocationError) as caught:
            target.check(LoadPlan((step,)))
        assert caught.value.code == code
        assert caught.value.hint is not None


def test_purged_images_are_gone(target: Any) -> None:
    load(target, "r", (USERS, USER))
    assert target.purge("r") == 1
    assert [run.state for run in target.runs()] == ["closed"]


def test_a_picklist_target_without_key_is_refused(target: Any) -> None:
    execute(target, "CREATE TABLE loose (external_id VARCHAR(20), name VARCHAR(20))")
    with pytest.raises(LocationError) as caught:
        target.check(LoadPlan((replace(USERS, table="loose"),)))
    assert caught.value.code == "target.no-key"


@pytest.mark.database("mysql")
def test_myisam_is_refused(mysql_url: str) -> None:
    with open_target(mysql_url) as opened:
        execute(
            opened,
            "CREATE TABLE users (id INT PRIMARY KEY AUTO_INCREMENT, external_id VARCHAR(20), name VARCHAR(20)) ENGINE=MyISAM",
        )
        with pytest.raises(LocationError) as caught:
            opened.check(LoadPlan((USERS,)))
    assert caught.value.code == "target.unsafe"


def test_a_sqlite_file_is_not_made_by_looking(sqlite_url: str, tmp_path: Path) -> None:
    with open_target(sqlite_url) as opened, pytest.raises(LocationError) as caught:
        opened.check(PLAN)
    assert caught.value.code == "target.unreachable"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("url", ["oracle://x/y", "target.xml"])
def test_an_unknown_kind_of_target_is_refused(url: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        open_target(url)
    assert caught.value.code == "target.unknown"
