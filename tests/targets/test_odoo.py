"""How the connector of Odoo calls, shown by our stub; what a real Odoo makes of it is tried by the kit and the sample."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.targets.conformance import Work
from tests.targets.cutting import CuttingProxy, Fate
from tests.targets.odoo_server import OdooServer
from tests.targets.stub_odoo import StubOdoo
from tests.targets.systems import Odoo

from crmmigrate.errors import ConfigurationError, LocationError
from crmmigrate.model.connector import CallRefusedError, Refusal
from crmmigrate.model.location import Location
from crmmigrate.targets import open_connector


@pytest.fixture
def odoo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[OdooServer, str]]:
    with StubOdoo() as stub:
        server = OdooServer(stub.address)
        monkeypatch.setenv("ODOO_KEY", server.password)
        yield server, Odoo(server).location(server.url, tmp_path)


def test_an_external_id_of_another_migration_is_not_overwritten(odoo: tuple[OdooServer, str]) -> None:
    server, location = odoo
    server.call("res.partner", "load", ["id", "name"], [["kit.T1", "别人的"]])
    connector = open_connector(Location(location))
    answers = connector.create("res.partner", {"T1": {"name": "甲"}, "T2": {"name": "乙"}})
    assert answers["T1"] == Refusal("unique")
    assert connector.created("res.partner", {"T1": {}, "T2": {}}, "") == {"T1": 1, "T2": answers["T2"]}
    assert [row["name"] for row in server.call("res.partner", "search_read", [], ["name"])] == ["别人的", "乙"]
    connector.close()


def test_what_is_not_given_is_left_to_odoo_and_what_is_bad_is_named(odoo: tuple[OdooServer, str]) -> None:
    server, location = odoo
    connector = open_connector(Location(location))
    answers = connector.create("crm.lead", {
        "D1": {"name": "一", "type": "opportunity", "user_id": 1}, "D2": {"name": "二"}, "D3": {"name": "三", "type": "deal"}, "D4": {"name": "四", "partner_id": 99},
    })  # fmt: skip
    assert {name: answer for name, answer in answers.items() if isinstance(answer, Refusal)} == {
        "D3": Refusal("check", "type"), "D4": Refusal("foreign-key", "partner_id"),
    }  # fmt: skip
    rows = server.call("crm.lead", "search_read", [], ["name", "type", "user_id"])
    assert [(row["name"], row["type"], row["user_id"][0]) for row in rows] == [
        ("一", "opportunity", 1),
        ("二", "lead", 2),
    ]
    changed = connector.update(
        "crm.lead", {answers["D1"]: {"name": None}, answers["D2"]: {"name": "二改"}, 99: {"name": "无"}}
    )
    assert changed == {answers["D1"]: Refusal("not-null", "name"), answers["D2"]: None, 99: Refusal("check")}
    assert connector.resolve("res.users", ["管理员", "admin", "kit.D1", "无"]) == {"管理员": [2], "admin": [2]}
    assert connector.resolve("crm.lead", ["kit.D1"]) == {"kit.D1": [answers["D1"]]}
    connector.close()


def test_what_odoo_will_not_delete_is_said_to_be_referred_to(
    odoo: tuple[OdooServer, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    server, location = odoo
    (user,) = server.call("res.users", "search", [["login", "=", "admin"]])
    connector = open_connector(Location(location))
    with pytest.raises(CallRefusedError) as caught:
        connector.delete("res.users", [user])
    assert caught.value.refusal == Refusal("foreign-key")
    assert connector.delete("res.partner", [99]) == {99: None}  # gone already
    connector.close()


@pytest.mark.parametrize(
    "address",
    [
        "odoo+https://crm@host/db",
        "odoo+https://crm:x@host",
        "odoo+ftp://crm:x@host/db",
        "odoo+https://crm:x@host/db?module=a.b",
    ],
)
def test_a_wrong_address_is_said_so(address: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        open_connector(Location(address))
    assert caught.value.code == "target.url"


def test_a_wrong_secret_is_said_so(odoo: tuple[OdooServer, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ODOO_KEY", "falsch")
    connector = open_connector(Location(odoo[1]))
    with pytest.raises(LocationError) as caught:
        connector.count("res.partner")
    assert caught.value.code == "target.denied"
    assert "falsch" not in str(caught.value)
    connector.close()


def test_rows_made_by_create_are_not_looked_for_once_the_address_names_another_way(
    odoo: tuple[OdooServer, str],
) -> None:
    server, location = odoo
    by_create, by_load = (open_connector(Location(location + more)) for more in ("&way=create", ""))
    mark = by_create.mark("res.partner")
    server.call(
        "res.partner", "create", [{"name": "别人的"}, {"name": "甲"}]
    )  # by the same user; the process died then
    with pytest.raises(LocationError) as caught:
        by_load.created("res.partner", {"T1": {"name": "甲"}}, mark)
    assert caught.value.code == "target.way-changed"
    assert server.call("ir.model.data", "search", [["module", "=", "kit"]]) == []
    assert by_create.created("res.partner", {"T1": {"name": "甲"}}, mark) == {"T1": 2}
    by_create.close()
    by_load.close()


@pytest.mark.parametrize("protocol", ["json", "xmlrpc"])
def test_a_right_to_make_external_ids_that_is_missing_is_said_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, protocol: str
) -> None:
    with StubOdoo() as stub:
        server = OdooServer(stub.address)
        monkeypatch.setenv("ODOO_KEY", server.password)
        location = Odoo(server, f"&way=create&protocol={protocol}").location(server.url, tmp_path)
        connector = open_connector(Location(location))
        mark = connector.mark("res.partner")
        stub.closed = {"ir.model.data"}
        with pytest.raises(LocationError) as caught:
            connector.create("res.partner", {"T1": {"name": "甲"}})
        assert caught.value.code == "target.ids-refused"
        assert "ir.model.data" in caught.value.text("zh")
        stub.closed = set()
        assert connector.created("res.partner", {"T1": {"name": "甲"}}, mark) == {"T1": 1}
        connector.close()


def test_external_ids_that_come_with_the_last_lost_answer_are_seen(
    odoo: tuple[OdooServer, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crmmigrate.targets.odoo_ids._PAUSE", 0.01)
    server, _ = odoo
    lost = 0

    def fate(number: int, method: str, path: str, body: bytes) -> Fate:
        nonlocal lost
        if b'"ir.model.data", "create"' not in body:
            return "pass"
        lost += 1
        return "lose_call" if lost < 5 else "lose_answer"

    with CuttingProxy(server.url, fate) as proxy:
        connector = open_connector(Location(Odoo(server, "&way=create").location(proxy.url, tmp_path)))
        assert connector.create("res.partner", {"T1": {"name": "甲"}}) == {"T1": 1}
        connector.close()
    assert lost == 5


def test_what_probes_make_is_called_so_whatever_digits_a_name_has_and_a_refusal_is_told_in_words(
    odoo: tuple[OdooServer, str], tmp_path: Path
) -> None:
    server, _ = odoo
    sent: list[bytes] = []

    def fate(number: int, method: str, path: str, body: bytes) -> Fate:
        if b'"load"' in body:
            sent.append(body)
        return "pass"

    system = Odoo(server)
    with CuttingProxy(server.url, fate) as proxy:
        mappings = {"account": system.mappings["account"]}
        work = Work(mappings, system.location(proxy.url, tmp_path), tmp_path, system.secrets)
        row = {"_record": "kit/T0", "ref": "13800138001", "is_company": "true", "comment": None}
        work.write({"account": [{**row, "name": "公司20240001"}] * 2})
        assert work.probe() == []
        loads = [json.loads(body)["params"]["args"][5] for body in sent]
        rows = [dict(zip(fields, cells, strict=True)) for fields, data in loads for cells in data]
        named = [made["name"] for made in rows if made.get("name")]
        assert named
        assert all(name.startswith("crmm-probe-") for name in named)
        assert all(made["ref"].startswith("13800") and made["ref"].isdigit() for made in rows if made.get("ref"))
        work.write({"account": [{**row, "name": None}] * 2})
        with work.open() as target:
            (fault,) = target.probe(work.samples())
    assert fault.code == "preflight.unprobed"
    assert "必填" in fault.text("zh")
    assert "name" in fault.text("zh")
    assert "not-null" not in fault.text("zh")
