"""What the conformance kit cannot ask of every system: quotas, sessions that end, drift, and what a description of a REST API may say."""

from __future__ import annotations

import json
import math
import random
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.targets.answering import Answer, AnsweringServer, Call
from tests.targets.conformance import Work
from tests.targets.cutting import CuttingProxy, Fate
from tests.targets.stub_crm import StubCrm
from tests.targets.systems import Stub

from crmmigrate.errors import ConfigurationError, Findings, LocationError
from crmmigrate.model.connector import CallRefusedError, Refusal
from crmmigrate.model.issue import text_frame
from crmmigrate.model.location import Location
from crmmigrate.targets import open_connector, open_target
from crmmigrate.targets.delivery import in_calls, within
from crmmigrate.targets.intents import Intent


@pytest.fixture(autouse=True)
def _secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STUB_SECRET", Stub.secrets["STUB_SECRET"])


@pytest.fixture
def crm() -> Iterator[StubCrm]:
    with StubCrm() as running:
        yield running


def work_on(crm: StubCrm, folder: Path, calls: int = 0, count: int = 5) -> Work:
    system = Stub(crm, calls)
    work = Work(system.mappings, system.location(crm.url, folder), folder, system.secrets)
    work.write({name: system.rows(name, count) for name in system.mappings})
    return work


def intents(count: int) -> list[Intent]:
    return [Intent("create", "m", str(number), {}, {}) for number in range(count)]


@given(st.sets(st.integers(0, 59)), st.integers(1, 40))
def test_halving_blames_exactly_the_bad_rows_and_sends_every_good_one_once(bad: set[int], most: int) -> None:
    done: list[str] = []
    blamed: list[str] = []

    def call(part: Any) -> None:
        if any(int(item.name) in bad for item in part):
            raise CallRefusedError(Refusal("other"))
        done.extend(item.name for item in part)

    in_calls(intents(60), most, call, lambda item, _: blamed.append(item.name))
    assert done == [str(number) for number in range(60) if number not in bad]
    assert blamed == [str(number) for number in sorted(bad)]


@pytest.mark.parametrize("bad", [0, 1, 5, 50])
def test_halving_takes_few_calls(bad: int) -> None:
    """Of 1,000 rows in calls of 100, N/batch + k·log₂(batch) and a little."""
    chance, most = random.Random(bad), 0
    for _ in range(50):
        spoiled = set(chance.sample(range(1000), bad))
        calls = 0

        def call(part: Any, spoiled: set[int] = spoiled) -> None:
            nonlocal calls
            calls += 1
            if any(int(item.name) in spoiled for item in part):
                raise CallRefusedError(Refusal("other"))

        in_calls(intents(1000), 100, call, lambda *_: None)
        most = max(most, calls)
    assert most <= 1000 / 100 + bad * math.log2(100) + 10


def test_a_quota_and_tokens_that_end_cost_time_alone(tmp_path: Path) -> None:
    with StubCrm(quota=12, token_calls=10) as crm:
        work = work_on(crm, tmp_path)
        sums = work.load().facts["objects"]
        assert {name: figures["inserted"] for name, figures in sums.items()} == {"user": 3, "account": 5, "deal": 5}
        statuses = {status for _, _, status in crm.calls}
        assert {429, 401} <= statuses
        assert len(crm.sql("SELECT 1 FROM accounts")) == 5


@given(st.lists(st.integers(0, 30), max_size=12), st.integers(1, 60))
def test_calls_keep_to_the_bytes_that_a_system_takes(lengths: list[int], most: int) -> None:
    rows = [Intent("create", "m", str(number), {"a": "x" * length}, {}) for number, length in enumerate(lengths)]
    parts = [list(part) for part in within(rows, most)]
    assert [row for part in parts for row in part] == rows
    assert all(sum(len('{"a": ""}') + len(row.values["a"]) for row in part) <= most for part in parts if len(part) > 1)


def test_rows_are_counted_by_reading_where_a_description_has_no_call_for_it(tmp_path: Path, crm: StubCrm) -> None:
    location = Stub(crm).location(crm.url, tmp_path)
    file = tmp_path / "stub.rest.yaml"
    lines = file.read_text(encoding="utf-8").splitlines()
    file.write_text("\n".join(line for line in lines if not line.startswith("  count:")), encoding="utf-8")
    crm.sql("INSERT INTO accounts (ref, name, active) VALUES ('a', '甲', 1), ('b', '甲', 0), ('c', '乙', 1)")
    connector = open_connector(Location(location))
    assert [
        connector.count("accounts", where) for where in (None, {"name": "甲"}, {"name": "甲", "active": False})
    ] == [3, 2, 1]
    connector.close()


def test_more_rows_than_a_query_can_skip_are_said_and_not_left_out(tmp_path: Path, crm: StubCrm) -> None:
    location = Stub(crm).location(crm.url, tmp_path)
    file = tmp_path / "stub.rest.yaml"
    text = file.read_text(encoding="utf-8")
    scan = 'query: {limit: "{limit}", after: "{after}"}'
    assert scan in text
    paged = text.replace(scan, 'query: {limit: "{limit}", after: "{offset}"}').replace(
        "read_rows: 500", "read_rows: 2, offset: 3"
    )
    file.write_text(
        paged, encoding="utf-8"
    )  # this system's numbers have no gaps: behind the fourth row is behind its number
    connector = open_connector(Location(location))
    crm.sql("INSERT INTO users (ref) VALUES ('a'), ('b'), ('c')")
    assert connector.count("users") == sum(len(rows) for rows in connector.scan("users", ())) == 3
    crm.sql("INSERT INTO users (ref) VALUES ('d'), ('e')")
    with pytest.raises(LocationError) as caught:
        list(connector.scan("users", ()))
    assert caught.value.code == "target.offset-spent"
    assert "{after}" in str(caught.value)
    connector.close()


def test_our_own_pace_keeps_a_quota_from_being_met(tmp_path: Path, crm: StubCrm) -> None:
    connector = open_connector(Location(Stub(crm, calls=5).location(crm.url, tmp_path)))
    begun = time.monotonic()
    for _ in range(9):
        connector.count("users")
    connector.close()
    assert time.monotonic() - begun >= 1


def test_a_field_that_changed_stops_a_rollback_and_one_that_came_does_not(tmp_path: Path, crm: StubCrm) -> None:
    work = work_on(crm, tmp_path)
    work.load()
    crm.sql("ALTER TABLE accounts ADD COLUMN later TEXT")
    crm.fields["accounts"]["later"] = {"kind": "text"}
    crm.fields["accounts"]["level"]["kind"] = "integer"
    with pytest.raises(LocationError) as caught:
        work.roll_back()
    assert (caught.value.code, caught.value.exit_code) == ("target.drift", 3)
    assert "level" in str(caught.value)
    crm.fields["accounts"]["level"]["kind"] = "text"
    assert work.roll_back().facts["digest_equal"] is True
    assert crm.sql("SELECT * FROM accounts") == []


def test_a_row_that_the_system_will_not_let_go_is_counted_once_and_listed(tmp_path: Path, crm: StubCrm) -> None:
    """A deal hangs on it, a model that this migration knows nothing of."""
    system = Stub(crm)
    mappings = {name: text for name, text in system.mappings.items() if name != "deal"}
    work = Work(mappings, system.location(crm.url, tmp_path), tmp_path, system.secrets)
    work.write({name: system.rows(name, 5) for name in mappings})
    work.load()
    crm.sql("INSERT INTO deals (ref, account_id) SELECT 'x', id FROM accounts WHERE ref = 'a1'")
    result = work.roll_back()
    assert (result.facts["changes"], result.facts["kept_referenced"], result.facts["undone"]) == (8, 2, 6)
    assert set(result.tables["kept"]["object"]) == {"account", "user"}  # its owner stays with it
    assert crm.sql("SELECT ref FROM accounts") == [("a1",)]
    crm.sql("DELETE FROM deals")
    assert work.roll_back(name="rollback-2").facts["undone"] == 2
    assert crm.sql("SELECT ref FROM accounts") == crm.sql("SELECT ref FROM users") == []


def test_a_rehearsal_and_a_rollback_of_a_rollback_are_refused(tmp_path: Path, crm: StubCrm) -> None:
    work = work_on(crm, tmp_path)
    work.load()
    undone = work.roll_back()
    with pytest.raises(ConfigurationError, match=r"target\.no-redo"):
        work.roll_back(undone.facts["rollback"], "again")
    with work.open() as target, pytest.raises(ConfigurationError, match=r"target\.no-rehearsal"):
        target.rehearsing("load-1")


def test_what_is_purged_leaves_no_copy_of_a_row(tmp_path: Path, crm: StubCrm) -> None:
    work = work_on(crm, tmp_path)
    work.load()
    with work.open() as target:
        assert target.purge("load-1") == 13
    kept = b"".join(path.read_bytes() for path in (tmp_path / "journal").glob("*.db"))
    assert "员工1".encode() not in kept
    assert "公司1".encode() not in kept


def test_a_wrong_secret_is_said_so(tmp_path: Path, crm: StubCrm, monkeypatch: pytest.MonkeyPatch) -> None:
    location = Stub(crm).location(crm.url, tmp_path)
    monkeypatch.setenv("STUB_SECRET", "wrong")
    with open_target(location, journal=tmp_path / "j") as target, pytest.raises(LocationError) as caught:
        target.digest(["users"])
    assert caught.value.code == "target.denied"
    assert "wrong" not in str(caught.value)
    monkeypatch.delenv("STUB_SECRET")
    with open_target(location, journal=tmp_path / "j") as target, pytest.raises(ConfigurationError) as unset:
        target.digest(["users"])
    assert unset.value.code == "location.secret-missing"


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ('value: "Bearer {token}", login: {path: /login, method: POST, body: {secret: "${env:STUB_SECRET}"}, answer: token}', "value: abc", "rest.secret"),
        ("method: POST", "method: POSTED", "yaml.not-allowed"),
        ("external_id: ref", "external: ref", "yaml.unknown-key"),
        ("  describe:", "  # describe:", "rest.no-models"),
    ],
)  # fmt: skip
def test_a_wrong_description_says_where(tmp_path: Path, crm: StubCrm, old: str, new: str, code: str) -> None:
    location = Stub(crm).location(crm.url, tmp_path)
    file = tmp_path / "stub.rest.yaml"
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(Findings) as caught:
        open_connector(Location(location))
    assert code in [error.code for error in caught.value.errors]
    assert all("stub.rest.yaml" in error.place for error in caught.value.errors)


def test_a_system_that_is_not_there_is_said_to_be_out_of_reach(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import crmmigrate.targets.calls as made

    monkeypatch.setattr(made, "TRIES", 2)
    nobody = "tryton+http://admin:x@127.0.0.1:9/crm"
    with open_target(nobody, journal=tmp_path) as target, pytest.raises(LocationError) as caught:
        target.digest(["party.party"])
    assert caught.value.code == "target.unreachable"


def test_a_delta_changes_what_nobody_edited_and_is_rolled_back(tmp_path: Path, crm: StubCrm) -> None:
    work = work_on(crm, tmp_path)
    work.load()
    plan = work.plan()
    change = replace(plan["account"], change="update", columns=("name",), references={}, policy={})
    columns = ["_record", "_origin", "_row_of", "name", "_was.name"]
    rows = text_frame([["a1", "o", "a1", "新名1", "公司1"], ["a2", "o", "a2", "新名2", "公司2"]], columns)
    crm.sql("UPDATE accounts SET name = '人改的' WHERE ref = 'a2'")
    names = "SELECT ref, name FROM accounts WHERE ref IN ('a1', 'a2') ORDER BY ref"
    with work.open() as target:
        planned = target.plan_batch(change, rows, first=True)
        assert crm.sql(names) == [("a1", "公司1"), ("a2", "人改的")]
        target.begin_run("load", "delta-1", replace(plan, objects=(*plan.objects, change)))
        done = target.write_batch("delta-1", 1, change, rows)
        target.close_run("delta-1", "done")
    assert planned == done
    assert (done.updated, done.withheld, [conflict.record for conflict in done.conflicts]) == (1, 1, ["a2"])
    assert crm.sql(names) == [("a1", "新名1"), ("a2", "人改的")]
    assert work.roll_back("delta-1").facts["undone"] == 1
    assert crm.sql(names) == [("a1", "公司1"), ("a2", "人改的")]


@pytest.mark.parametrize("atomic", [False, True])
def test_a_call_that_comes_through_just_before_it_is_made_again_is_found(tmp_path: Path, *, atomic: bool) -> None:
    """The rows were not there when we looked, and are when the second call arrives: their external ids are taken, by themselves."""
    seen: list[int] = []

    def fate(number: int, method: str, path: str, body: bytes) -> Fate:
        if (method, path) != ("POST", "/accounts/batch"):
            return "pass"
        seen.append(number)
        if len(seen) == 2:
            assert proxy.release() == [200]
        return "hold" if len(seen) == 1 else "pass"

    with StubCrm(atomic=atomic) as crm, CuttingProxy(crm.url, fate) as proxy:
        system = Stub(crm)
        work = Work(system.mappings, system.location(proxy.url, tmp_path), tmp_path, system.secrets)
        work.write({name: system.rows(name, 5) for name in system.mappings})
        result = work.load()
        assert result.aside == []
        assert result.facts["objects"]["account"]["inserted"] == 5
        assert work.roll_back().facts["digest_equal"] is True
        assert crm.sql("SELECT 1 FROM accounts") == []


@pytest.mark.parametrize("atomic", [False, True])
def test_what_is_edited_between_our_look_and_our_writing_is_left_alone(tmp_path: Path, *, atomic: bool) -> None:
    """A person saves a row in the moment before our call arrives; its revision tells."""
    armed: list[tuple[str, str, str]] = []

    def fate(number: int, method: str, path: str, body: bytes) -> Fate:
        if armed and armed[0][:2] == (method, path):
            crm.sql("UPDATE accounts SET note = '人改的' WHERE ref = ?", armed.pop()[2])
        return "pass"

    with StubCrm(atomic=atomic) as crm, CuttingProxy(crm.url, fate) as proxy:
        system = Stub(crm)
        mappings = {"account": "target: accounts, match: ref, fields: {ref: _record, name: 名称}"}
        work = Work(mappings, system.location(proxy.url, tmp_path), tmp_path, system.secrets)
        rows = [{"_record": f"a{i}", "ref": f"a{i}", "name": f"公司{i}"} for i in range(4)]
        work.write({"account": rows})
        work.load()
        work.write({"account": [{**row, "name": f"新{row['ref']}"} for row in rows]})
        armed.append(("PATCH", "/accounts/batch", "a0"))
        changed = work.load("load-2")
        assert [(row[1], row[4]) for row in changed.aside] == [("a0", "load.refused-edited")]
        assert work.roll_back("load-2", "rollback-2").facts["undone"] == 3
        armed.append(("POST", "/accounts/delete", "a1"))
        assert sorted(work.roll_back().tables["kept"]["outcome"]) == ["kept_edited", "kept_edited"]
        assert crm.sql("SELECT ref FROM accounts ORDER BY ref") == [("a0",), ("a1",)]


class OneByOne(AnsweringServer):
    """An API with one row, whose revision travels as a header."""

    def __init__(self) -> None:
        super().__init__()
        self.row = {"id": 1, "ref": "a", "name": "旧", "etag": "v1"}

    def answer(self, call: Call) -> Answer:
        if call.method == "PUT":
            if call.headers.get("if-match") != self.row["etag"]:
                return Answer(412, b"{}")
            self.row |= {"name": json.loads(call.body)["name"], "etag": "v2"}
        return Answer(200, json.dumps({"items": [self.row]}).encode())


def test_a_revision_travels_as_a_header_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOKEN", "t")
    with OneByOne() as server:
        file = tmp_path / "one.rest.yaml"
        put = '{path: "/{model}/{key}", method: PUT, headers: {If-Match: "{revision}"}, body: "{row}", answer: "items[].{key: id}"}'
        get = '{path: "/{model}", answer: items}'
        columns = "{id: {type: integer, identity: true}, ref: {}, name: {}}"
        file.write_text(
            f"version: 1\nurl: {server.url}\nexternal_id: ref\nrevision: etag\nlimits: {{rows: 1}}\nauth: {{value: '${{env:TOKEN}}'}}\n"
            f"tables: {{accounts: {{columns: {columns}}}}}\ncalls: {{scan: {get}, find: {get}, create: {put}, update: {put}, delete: {put}}}\n",
            encoding="utf-8",
        )
        connector = open_connector(Location(f"rest:///{file.as_posix()}"))
        assert connector.find("accounts", ("id",), [(1,)], ("name",)) == [{"id": 1, "name": "旧"}]
        assert connector.update("accounts", {1: {"name": "新"}}) == {1: None}
        connector.find("accounts", ("id",), [(1,)], ())
        server.row["etag"] = "v3"
        with pytest.raises(CallRefusedError) as caught:
            connector.update("accounts", {1: {"name": "再新"}})
        assert caught.value.refusal == Refusal("edited")
        assert server.row["name"] == "新"
        connector.close()
