"""What every target has to keep to, whatever the network and the people do. `docs/targets.md` tells how to run it on one's own."""

from __future__ import annotations

import math
import os
import random
import runpy
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, closing, suppress
from pathlib import Path
from typing import Any

import pytest
from tests.targets.conformance import Work, kill
from tests.targets.cutting import Fate
from tests.targets.database_system import Database
from tests.targets.odoo_server import OdooServer
from tests.targets.sharecrm_system import CALLS, SECONDS, ShareCrmStub
from tests.targets.stub_crm import StubCrm
from tests.targets.stub_odoo import StubOdoo
from tests.targets.stub_sharecrm import StubShareCrm
from tests.targets.systems import Odoo, Stub, System, Tryton
from tests.targets.tryton_server import running_tryton

from crmmigrate.errors import LocationError
from crmmigrate.model.location import Location
from crmmigrate.targets import open_connector

COUNT = 12


DATABASES = ("sqlite", "postgresql", "mysql")
ODOOS = ("odoo-stub", "odoo-stub-create", "odoo", "odoo-create")
BY_CREATE = "&way=create&protocol=xmlrpc"
"""The other way to make rows and the other protocol, tried together."""


@pytest.fixture(
    scope="module",
    params=["rest", "rest-atomic", "sharecrm", *DATABASES, "tryton-sqlite", "tryton-postgresql", *ODOOS],
)
def system(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    asked, name = request.config.getoption("--target"), str(request.param)
    with ExitStack() as stack:
        if asked and name != "rest":
            pytest.skip(f"{asked} alone is asked for")
        if asked and "://" not in asked:
            yield runpy.run_path(asked)["SYSTEM"]()
        elif asked or name in DATABASES:
            url = asked or _empty_database(name, request, tmp_path_factory)
            yield stack.enter_context(closing(Database(url)))
        elif name.startswith("rest"):
            crm = stack.enter_context(StubCrm(atomic=name == "rest-atomic"))
            crm.sql("INSERT INTO accounts (ref, name) VALUES ('a3', '旧名'), ('x', '别人')")
            yield Stub(crm)
        elif name in ODOOS:
            address = os.environ.get("CRMMIGRATE_TEST_ODOO", "")
            if "stub" in name:
                address = stack.enter_context(StubOdoo()).address
            elif not address:
                pytest.skip(
                    "an Odoo with its module crm is tried where CRMMIGRATE_TEST_ODOO=http://USER:PASSWORD@HOST:PORT/DATABASE names one"
                )
            yield Odoo(OdooServer(address), BY_CREATE if name.endswith("create") else "")
        elif name == "sharecrm":
            share = stack.enter_context(StubShareCrm(CALLS, SECONDS, token_calls=200))
            share.put("AccountObj", name="旧名", legacy_no__c="a3")
            share.put("AccountObj", name="别人", legacy_no__c="x")
            yield ShareCrmStub(share)
        elif name == "tryton-sqlite" and not os.environ.get("CRMMIGRATE_TEST_TRYTON_SQLITE"):
            pytest.skip("Tryton is tried on PostgreSQL; CRMMIGRATE_TEST_TRYTON_SQLITE=1 tries it on SQLite too")
        else:
            folder = tmp_path_factory.mktemp("tryton")
            yield Tryton(stack.enter_context(running_tryton(name.partition("-")[2], folder)))


def _empty_database(kind: str, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    if kind == "sqlite":
        return f"sqlite:///{(tmp_path_factory.mktemp('sqlite') / 'crm.db').as_posix()}"
    made: str = request.getfixturevalue("shared_database")(kind)
    return made


@pytest.fixture
def base(system: System) -> Iterator[dict[str, Any]]:
    """The system before the test; afterwards it must be so again."""
    before = system.content()
    yield before
    system.tidy()
    assert system.content() == before


def rows_of(system: System, count: int = COUNT) -> dict[str, list[dict[str, str | None]]]:
    return {name: system.rows(name, count) for name in system.mappings}


def work_on(system: System, folder: Path, url: str = "", count: int = COUNT, batch_rows: int = 1000) -> Work:
    work = Work(system.mappings, system.location(url or system.url, folder), folder, system.secrets, batch_rows)
    work.write(rows_of(system, count))
    return work


def assert_loaded(system: System, count: int = COUNT) -> None:
    """Every record is there, once."""
    for name, rows in rows_of(system, count).items():
        assert Counter(system.records(name)) == Counter(row["_record"] for row in rows), name


def test_a_second_run_makes_and_changes_nothing_and_a_rollback_restores_the_very_base(
    system: System, base: dict[str, Any], tmp_path: Path
) -> None:
    work = work_on(system, tmp_path)
    first = work.load().facts["objects"]
    assert sum(sums["rejected"] for sums in first.values()) == 0
    assert_loaded(system)
    there = system.content()
    again = work.load("load-2").facts["objects"]
    assert {(sums["inserted"], sums["updated"]) for sums in again.values()} == {(0, 0)}
    assert system.content() == there
    if not system.journals_itself:
        assert_counted(work)
        assert system.content() == there
    planned, done = (work.roll_back(apply=apply).facts for apply in (False, True))
    changes = sum(sums["inserted"] + sums["updated"] for sums in first.values())
    assert planned["undone"] == done["undone"] == done["changes"] == changes
    assert done["digest_equal"] is True
    assert system.content() == base


def assert_counted(work: Work) -> None:
    """Archived rows count, and rows can be counted by what they hold."""
    step = next(step for step in work.plan().objects if step.object == "account")
    model, field = step.table, step.match_on[0]
    record = work.samples()[[step.object for step in work.plan().objects].index("account")].rows[0][field]
    connector = open_connector(Location(work.location))
    archived = connector.archived(model)
    assert archived
    key = connector.describe([model]).tables[model].identity
    (row,) = connector.find(model, (field,), [(record,)], (key, *archived))
    all_of_them, gone = connector.count(model), connector.count(model, archived)
    assert all_of_them == sum(len(rows) for rows in connector.scan(model, ()))
    assert connector.count(model, {field: record}) == 1
    assert connector.count(model, {field: "no such row"}) == 0
    connector.update(model, {row[key]: archived})
    assert (connector.count(model), connector.count(model, archived)) == (all_of_them, gone + 1)
    assert connector.count(model, {field: record, **archived}) == 1
    connector.update(model, {row[key]: {name: row[name] for name in archived}})
    assert connector.count(model, archived) == gone
    connector.close()


def test_a_probe_tells_what_is_demanded_and_leaves_nothing(
    system: System, base: dict[str, Any], tmp_path: Path
) -> None:
    if system.journals_itself:
        pytest.skip("a database says what it demands")
    work = work_on(system, tmp_path)
    assert work.probe() == []
    assert system.content() == base
    with work.open() as target:
        for model, field in system.demanded:
            assert target.described([model]).tables[model].columns[field].required, field
        for model, field in system.not_demanded:
            assert not target.described([model]).tables[model].columns[field].required, field


def test_without_a_crosswalk_rows_are_found_by_their_match_key(
    system: System, base: dict[str, Any], tmp_path: Path
) -> None:
    work = work_on(system, tmp_path)
    work.load()
    there = system.content()
    system.forget()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    again = work_on(system, elsewhere).load("load-2").facts["objects"]
    assert {(sums["inserted"], sums["updated"]) for sums in again.values()} == {(0, 0)}
    assert system.content() == there
    if not system.journals_itself:
        work.roll_back()


def test_lost_calls_and_lost_answers_lose_and_double_nothing(
    system: System, base: dict[str, Any], tmp_path: Path
) -> None:
    if not system.losses:
        pytest.skip("no network lies before it")
    chance = random.Random(7)

    def fate(number: int, method: str, path: str, body: bytes) -> Fate:
        if not system.is_write(method, path, body) or chance.random() >= system.losses:
            return "pass"
        return "lose_answer" if chance.random() < 0.8 else "lose_call"

    with system.proxy(fate) as proxy:
        work = work_on(system, tmp_path, proxy.url, batch_rows=system.batch_rows)
        until_done(system, work, "load")
        assert_loaded(system)
        until_done(system, work, "roll_back")
        assert proxy.cuts >= 3
    assert system.content() == base


def until_done(system: System, work: Work, what: str) -> None:
    """Take a run up again whose connection was cut. What a database has committed only another process can find out, because this one holds the lease."""
    for _ in range(50):
        if system.journals_itself:
            process = work.in_child(what)
            process.join()
            if process.exitcode in (0, 2):  # 2: the last answer alone was lost, and there is nothing left to do
                return
            assert process.exitcode == 3
        else:
            with suppress(LocationError):
                getattr(work, what)()
                return
    pytest.fail("it never came to its end")


@pytest.mark.skipif(sys.platform == "win32", reason="kills with SIGKILL")
@pytest.mark.parametrize("what", ["load", "roll_back"])
def test_killed_at_any_writing_call_it_is_taken_up_again(
    system: System, base: dict[str, Any], tmp_path: Path, what: str
) -> None:
    """The process dies before or behind its first writing call, is started again, dies at its second, and so on."""
    state: dict[str, Any] = {"armed": 0, "process": None, "before": True}

    def fate(number: int, method: str, path: str, body: bytes) -> Fate:
        if not system.is_write(method, path, body) or state["process"] is None:
            return "pass"
        state["armed"] -= 1
        if state["armed"] != 0:
            return "pass"
        if state["before"]:
            kill(state["process"])
            return "lose_call"
        return "lose_answer"

    with system.proxy(fate) as proxy:
        work = work_on(system, tmp_path, proxy.url, batch_rows=system.batch_rows)
        if what == "roll_back":
            work.load()
        kills = _until_done(system, work, what, state, proxy)
        assert kills >= 3
        if what == "load":
            assert_loaded(system)
            there = system.content()
            assert work.load("load-2").facts["objects"][next(iter(system.mappings))]["inserted"] == 0
            assert system.content() == there
            assert work.roll_back().facts["digest_equal"] is True
    assert system.content() == base


def _until_done(system: System, work: Work, what: str, state: dict[str, Any], proxy: Any) -> int:
    """Kill one child after the other, each at another of its first writing calls, until one comes to its end; return how many died."""
    kills = 0
    while True:
        cuts = proxy.cuts
        state["armed"], state["before"] = 1 + kills * (system.steps // 5) % system.steps, kills % 3 != 1
        process = state["process"] = work.in_child(what)
        while process.exitcode is None:
            process.join(0.02)
            if proxy.cuts > cuts and process.exitcode is None:
                kill(process)  # while it wonders what became of the answer
        state["process"] = None
        if process.exitcode in (0, 2):
            return kills
        assert process.exitcode == -9 or (process.exitcode == 3 and system.journals_itself), process.exitcode
        kills += 1


def test_a_load_cut_off_in_its_first_batch_can_be_rolled_back_instead(
    system: System, base: dict[str, Any], tmp_path: Path
) -> None:
    def fate(number: int, method: str, path: str, body: bytes) -> Fate:
        first = not system.is_write(method, path, body) or proxy.cuts or system.content() == base
        return "pass" if first else "lose_answer"

    with system.proxy(fate) as proxy:
        upto = [*system.mappings][:-1]
        mappings = {name: system.mappings[name] for name in upto}
        only = Work(mappings, system.location(proxy.url, tmp_path), tmp_path, system.secrets)
        only.write(rows_of(system))
        process = only.in_child("load")
        while process.exitcode is None:
            process.join(0.02)
            if proxy.cuts and process.exitcode is None:
                kill(process)
        assert system.content() != base
        facts = only.roll_back().facts
    assert facts["unfinished"] + facts["undone"] > 0
    assert system.content() == base


def test_a_load_that_dies_behind_the_commit_of_a_batch_can_be_rolled_back(
    system: System, base: dict[str, Any], tmp_path: Path
) -> None:
    if system.journals_itself:
        pytest.skip("a database keeps rows and journal in one transaction")
    work = work_on(system, tmp_path)
    process = work.in_child("load_and_die")
    process.join()
    assert process.exitcode == -9
    assert system.content() != base
    assert work.roll_back().facts["undone"] > 0
    assert system.content() == base


def test_what_people_edited_or_hung_on_stays_and_is_listed(
    system: System, base: dict[str, Any], tmp_path: Path
) -> None:
    work = work_on(system, tmp_path)
    work.load()
    name = next(name for name in system.mappings if name == "account")
    mine = system.rows(name, COUNT)
    edited, hung = str(mine[5]["_record"]), str(mine[6]["_record"])
    system.edit(name, edited)
    system.hang_on(name, hung)
    planned = work.roll_back(apply=False)
    done = work.roll_back()
    for result in (planned, done):
        kept = result.tables["kept"]
        assert sorted(kept.loc[kept["object"] == name, "outcome"]) == ["kept_edited", "kept_referenced"]
    assert sorted(planned.tables["kept"].values.tolist()) == sorted(done.tables["kept"].values.tolist())
    assert done.facts["digest_equal"] is True
    assert {edited, hung} <= set(system.records(name))
    assert set(system.records(name)) <= {edited, hung, "a3"}


def test_a_field_that_is_not_what_it_was_stops_a_rollback_until_it_is_put_back(
    system: System, base: dict[str, Any], tmp_path: Path
) -> None:
    if not system.drifts:
        pytest.skip("its fields cannot be changed while it runs")
    work = work_on(system, tmp_path)
    work.load()
    there = system.content()
    system.drift()
    try:
        with pytest.raises(LocationError):
            work.roll_back()
    finally:
        system.drift(back=True)
    assert system.content() == there
    assert work.roll_back().facts["digest_equal"] is True
    assert system.content() == base


@pytest.mark.parametrize("bad", [1, 5])
def test_bad_rows_are_named_one_by_one_and_all_others_are_loaded(
    system: System, base: dict[str, Any], tmp_path: Path, bad: int
) -> None:
    count = system.many
    writes: list[int] = []

    def fate(number: int, method: str, path: str, body: bytes) -> Fate:
        if system.is_write(method, path, body):
            writes.append(number)
        return "pass"

    spoiled = sorted(random.Random(bad).sample(range(4, count), bad))
    name = system.spoiled
    upto = [*system.mappings][: [*system.mappings].index(name) + 1]
    with system.proxy(fate) as proxy:
        mappings = {one: system.mappings[one] for one in upto}
        work = Work(mappings, system.location(proxy.url, tmp_path), tmp_path, system.secrets)
        rows = {one: system.rows(one, count) for one in upto}
        for place in spoiled:
            system.spoil(rows[name][place])
        work.write(rows)
        result = work.load()
        calls = len(writes)
        refused = [row for row in result.aside if row[0] == name]
        assert sorted(str(row[1]) for row in refused) == sorted(str(rows[name][place]["_record"]) for place in spoiled)
        assert all(row[5] for row in refused), "each names its column"
        sums = result.facts["objects"][name]
        assert sums["inserted"] + sums["updated"] == count - bad
        good = sum(math.ceil(len(rows[one]) / system.batch) for one in upto)
        if not system.journals_itself:
            halving = bad * math.log2(system.batch) + bad + 1  # and the row that was there before
            connector = open_connector(Location(work.location))
            assert calls <= good + halving
            assert connector.atomic or calls <= 2 * good + 2 * bad + 1, "what answers for each row needs no halving"
            connector.close()
        assert work.roll_back().facts["digest_equal"] is True
