"""How the connector of Odoo calls, shown by our stub; what a real Odoo makes of it is tried by the kit and the sample."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
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
