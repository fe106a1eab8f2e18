"""What the documentation of ShareCRM warns of, met by the connector in a stub that does all of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from tests.runner.small_migration import opened
from tests.targets.conformance import Work, kill
from tests.targets.cutting import CuttingProxy, Fate
from tests.targets.sharecrm_system import ShareCrmStub
from tests.targets.stub_sharecrm import PEOPLE, StubShareCrm

from crmmigrate.cli.check import check_load
from crmmigrate.errors import ConfigurationError, LimitReached, LocationError
from crmmigrate.model.location import Location
from crmmigrate.targets import described, open_connector


@pytest.fixture(autouse=True)
def _secret(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in ShareCrmStub.secrets.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def crm() -> Iterator[StubShareCrm]:
    with StubShareCrm() as running:
        yield running


def work_on(crm: StubShareCrm, folder: Path, *objects: str, count: int = 5) -> Work:
    system = ShareCrmStub(crm)
    mappings = {name: text for name, text in system.mappings.items() if not objects or name in objects}
    work = Work(mappings, system.location(crm.url, folder), folder, system.secrets)
    work.write({name: system.rows(name, count) for name in mappings})
    return work


@pytest.fixture
def connector(crm: StubShareCrm, tmp_path: Path) -> Iterator[Any]:
    made = open_connector(Location(ShareCrmStub(crm).location(crm.url, tmp_path)))
    yield made
    made.close()


def test_it_is_described_by_what_it_really_asks_for(crm: StubShareCrm, tmp_path: Path) -> None:
    schema = described(Location(ShareCrmStub(crm).location(crm.url, tmp_path)), ["AccountObj", "ContactObj"])
    columns = schema.tables["AccountObj"].columns
    required = {name for name, column in columns.items() if column.required}
    assert required == {"name"}  # not the number, the kind of record, the state, and what has a default
    assert not {"level_name__c", "tags__c", "create_time", "created_by"} & set(
        columns
    )  # computed, several values, the system's own
    assert (columns["annual_revenue"].type, columns["annual_revenue"].precision, columns["annual_revenue"].scale) == (
        "decimal",
        14,
        2,
    )
    assert (columns["founded__c"].type, columns["last_visit__c"].type, columns["is_key__c"].type) == (
        "date",
        "datetime",
        "boolean",
    )
    assert schema.picklists["AccountObj.account_level"] == {"1": "重点", "2": "一般"}
    assert schema.tables["ContactObj"].columns["account_id"].references == "AccountObj"


def test_values_come_back_as_they_were_sent(crm: StubShareCrm, connector: Any) -> None:
    sent = {"name": "甲", "annual_revenue": Decimal("1200.50"), "founded__c": date(2023, 5, 1), "last_visit__c": datetime.fromisoformat("2023-05-01T00:30:00"),
            "is_key__c": False, "owner": "FSUID_1", "account_level": "2"}  # fmt: skip
    (key,) = connector.create("AccountObj", {"r": sent}).values()
    (row,) = connector.find("AccountObj", ("_id",), [(key,)], (*sent, "remark"))
    assert row == {"_id": key, **sent, "remark": None}
    stored = crm.rows["AccountObj"][key]
    assert (stored["annual_revenue"], stored["founded__c"], stored["last_visit__c"]) == (
        "1200.50",
        1682870400000,
        1682872200000,
    )
    for name in ("annual_revenue", "founded__c", "last_visit__c", "owner"):
        assert [found["_id"] for found in connector.find("AccountObj", (name,), [(sent[name],)], ())] == [key], name


def test_all_rows_are_read_behind_any_offset_and_the_invalidated_ones_too(crm: StubShareCrm, connector: Any) -> None:
    keys = [crm.put("AccountObj", name=f"公司{i}") for i in range(250)]
    crm.rows["AccountObj"][keys[7]]["life_status"] = "invalid"
    pages = list(connector.scan("AccountObj", ("name",)))
    assert Counter(row["_id"] for rows in pages for row in rows) == Counter(keys)
    assert connector.count("AccountObj") == 250
    assert [row["_id"] for row in connector.find("AccountObj", ("name",), [("公司7",)], ())] == [keys[7]]


def test_an_invalidated_row_is_archived_and_can_be_brought_back(crm: StubShareCrm, connector: Any) -> None:
    key = crm.put("AccountObj", name="甲")
    for state in ("invalid", "normal"):
        connector.update("AccountObj", {key: {"life_status": state, "name": f"甲{state}"}})
        assert (crm.rows["AccountObj"][key]["life_status"], crm.rows["AccountObj"][key]["name"]) == (
            state,
            f"甲{state}",
        )


def test_an_owner_is_changed_by_the_call_that_changes_owners(crm: StubShareCrm, connector: Any) -> None:
    key = crm.put("AccountObj", name="甲")
    connector.update("AccountObj", {key: {"owner": "FSUID_2", "name": "乙"}})
    assert (crm.rows["AccountObj"][key]["owner"], crm.rows["AccountObj"][key]["name"]) == (["FSUID_2"], "乙")


def test_a_quota_for_each_interface_and_tokens_that_end_cost_time_alone(tmp_path: Path) -> None:
    with StubShareCrm(calls=8, seconds=0, token_calls=15) as crm:
        work = work_on(crm, tmp_path)
        sums = work.load().facts["objects"]
        assert {name: figures["inserted"] for name, figures in sums.items()} == {"account": 5, "contact": 5, "deal": 5}
        assert {30004, 20016} <= {code for _, code in crm.calls}
        assert work.roll_back().facts["digest_equal"] is True
        assert not any(crm.rows.values())


def test_a_day_s_quota_stops_the_load_and_it_goes_on_the_next_day(crm: StubShareCrm, tmp_path: Path) -> None:
    work = work_on(crm, tmp_path, "account")
    with work.open() as target:
        target.digest(["AccountObj"])
        crm.spent = True
        with pytest.raises(LimitReached) as caught:
            target.digest(["AccountObj"])
    assert (caught.value.code, caught.value.exit_code) == ("target.calls-spent", 4)
    assert "30002" in str(caught.value)
    crm.spent = False
    assert work.load().facts["objects"]["account"]["inserted"] == 5


@pytest.mark.parametrize("code", [-1, 50009])
def test_an_error_that_leaves_it_open_whether_a_row_was_made_makes_none_twice(
    crm: StubShareCrm, tmp_path: Path, code: int
) -> None:
    crm.failing = [code] * 3
    work = work_on(crm, tmp_path)
    sums = work.load().facts["objects"]
    assert sum(figures["inserted"] for figures in sums.values()) == 15
    assert [len(crm.rows[model]) for model in ("AccountObj", "ContactObj", "object_deal__c")] == [5, 5, 5]
    crm.failing = [code] * 3
    assert work.roll_back().facts["digest_equal"] is True
    assert not any(crm.rows.values())


def test_what_it_refuses_is_named_by_column_though_no_code_does_so(crm: StubShareCrm, tmp_path: Path) -> None:
    work = work_on(crm, tmp_path, "account", "contact")
    system = ShareCrmStub(crm)
    accounts, contacts = system.rows("account", 8), system.rows("contact", 4)
    crm.put("AccountObj", name="别人", legacy_no__c="taken")
    accounts[1]["name"] = None
    accounts[2]["tel"] = "不详"
    accounts[3]["account_level"] = "9"  # a choice that is not given any more
    accounts[4]["owner"] = "李雷"  # there are two
    accounts[5]["owner"] = None  # which the description does not ask for
    accounts[6]["name"] = "很" * 31
    contacts[3]["account_id"] = "a1"
    work.write({"account": accounts, "contact": contacts})
    result = work.load()
    found = {str(row[1]): (str(row[4]), str(row[5] or "")) for row in result.aside}
    assert found == {
        "a1": ("load.refused-not-null", "name"), "a2": ("load.refused-check", "tel"), "a3": ("load.refused-check", "account_level"),
        "a4": ("load.reference-unclear", "owner"), "a5": ("load.refused-other", ""), "a6": ("load.unfit-length", "name"),
        "c1": ("load.parent-missing", "account_id"), "c2": ("load.parent-missing", "account_id"), "c3": ("load.parent-missing", "account_id"),
    }  # fmt: skip
    assert result.facts["objects"]["account"]["inserted"] == 2


def test_a_row_that_it_will_not_let_go_is_valid_again_and_listed(crm: StubShareCrm, tmp_path: Path) -> None:
    """A deal hangs on it, of a model that this migration knows nothing of."""
    work = work_on(crm, tmp_path, "account")
    work.load()
    held = next(row["_id"] for row in crm.rows["AccountObj"].values() if row["legacy_no__c"] == "a1")
    crm.put("object_deal__c", name="别人的商机", account__c=held)
    result = work.roll_back()
    assert (result.facts["undone"], result.facts["kept_referenced"]) == (4, 1)
    assert [(row["legacy_no__c"], row["life_status"]) for row in crm.rows["AccountObj"].values()] == [("a1", "normal")]


def test_people_are_named_by_name_or_id_and_models_that_are_not_there_are_left_out(connector: Any) -> None:
    found = connector.resolve("PersonnelObj", ["王敏", "李雷", "FSUID_2", "没有"])
    assert found == {"王敏": ["FSUID_1"], "李雷": ["FSUID_2", "FSUID_3"], "FSUID_2": ["FSUID_2"], "没有": []}
    assert set(PEOPLE) >= {"FSUID_1"}
    assert connector.describe(["NoObj"]).tables == {}


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("${env:SHARECRM_SECRET}", "wrong", "target.denied"),
        ("FSUID_0", "FSUID_9", "target.denied"),
        ("?permanent_code=${env:SHARECRM_CODE}&", "?", "target.url"),
        ("calls=100", "calls=many", "target.url"),
        ("${env:SHARECRM_CODE}", "${env:NOT_SET}", "location.secret-missing"),
    ],
)
def test_a_wrong_address_or_secret_is_said_so_and_never_shown(
    crm: StubShareCrm, tmp_path: Path, old: str, new: str, code: str
) -> None:
    location = ShareCrmStub(crm).location(crm.url, tmp_path)
    assert old in location
    with pytest.raises((ConfigurationError, LocationError)) as caught:
        open_connector(Location(location.replace(old, new))).describe(["AccountObj"])
    assert caught.value.code == code
    assert not any(secret in str(caught.value) for secret in ("wrong", *ShareCrmStub.secrets.values()))


def test_a_permanent_code_that_is_written_out_counts_as_a_password(crm: StubShareCrm, tmp_path: Path) -> None:
    location = ShareCrmStub(crm).location(crm.url, tmp_path)
    assert not Location(location).has_password
    written = Location(location.replace("${env:SHARECRM_CODE}", "P3RM"))
    assert written.has_password
    assert "P3RM" not in written.shown


def test_a_killed_probe_leaves_nothing_once_anything_else_is_begun(crm: StubShareCrm, tmp_path: Path) -> None:
    armed: dict[str, Any] = {}

    def fate(number: int, method: str, path: str, body: bytes) -> Fate:
        if not armed or not path.partition("?")[0].endswith(("/create", "/invalid", "/delete")):
            return "pass"
        armed["left"] -= 1
        if armed["left"] != 0:
            return "pass"
        kill(armed["process"])
        return "lose_call"

    with CuttingProxy(crm.url, fate) as proxy:
        system = ShareCrmStub(crm)
        mappings = {"account": system.mappings["account"]}
        work = Work(mappings, system.location(proxy.url, tmp_path), tmp_path, system.secrets)
        work.write({"account": system.rows("account", 4)})
        armed |= {"left": 13, "process": work.in_child("probe")}  # it has made its rows, and taken some of them out
        armed["process"].join()
        assert armed["process"].exitcode == -9
        armed.clear()
        assert any(crm.rows.values())
        assert work.load().facts["objects"]["account"]["inserted"] == 4
        assert work.roll_back().facts["digest_equal"] is True
        assert not any(crm.rows.values())


def test_a_look_before_the_load_can_probe_and_then_names_what_the_description_does_not_ask_for(
    crm: StubShareCrm, tmp_path: Path
) -> None:
    archived = crm.put("AccountObj", name="旧客户")
    crm.rows["AccountObj"][archived]["life_status"] = "invalid"
    location = ShareCrmStub(crm).location(crm.url, tmp_path)
    for name, text in {
        "migration.yaml": "version: 1\nsources: {crm: in/客户.csv}\nobjects: {account: [{table: crm.客户, key: 编号}]}\nstandard: standard.yaml\n"
        f'gates: {{max_reject_ratio: 1}}\nmappings: mappings/\ntarget: {{url: "{location}"}}\n',
        "standard.yaml": "version: 1\nobjects: {account: {columns: {名称: {standard: text}}}}\n",
        "mappings/account.crmmap.yaml": "{version: 1, object: account, target: {table: AccountObj}, match: {on: [legacy_no__c]}, "
        "fields: {legacy_no__c: 编号, name: {from: 名称, required: true}, owner: 负责人}}",
        "in/客户.csv": "编号,名称,负责人\n1,甲,王敏\n2,乙,\n",
    }.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")

    def seen(facts: dict[str, Any] | None = None) -> list[tuple[str, str]]:
        faults = (facts or check_load(opened(tmp_path)).facts)["faults"]
        return [(fault["code"], fault["text"].partition("'")[2].partition("'")[0]) for fault in faults]

    before = dict(crm.rows["AccountObj"])
    probed = check_load(opened(tmp_path), probe=True).facts
    assert crm.rows["AccountObj"] == before
    assert seen(probed) == [("mapping.live-required", "owner"), ("preflight.empty", "owner")]
    assert probed["there"] == [{"table": "AccountObj", "rows": 1, "archived": 1, "ours": 0}]
    pipeline = opened(tmp_path)
    pipeline.run("", "load")
    (found,) = pipeline.context.workspace.folder.glob("runs/*-load-*/tables/_aside.parquet")
    assert pd.read_parquet(found)[["code", "column"]].values.tolist() == [
        ["load.refused-not-null", "owner"]
    ]  # what was found is remembered
    crm.fields["AccountObj"]["tel"]["max_length"] = 30  # now it describes itself otherwise: the probe counts no more
    assert seen() == []
