"""What Tryton insists on, met by the connector in a real one."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from tests.targets.conformance import Work
from tests.targets.systems import Tryton
from tests.targets.tryton_server import TrytonServer, running_tryton

from crmmigrate.model.location import Location
from crmmigrate.targets import described, open_connector

pytestmark = pytest.mark.database("postgresql")
MAPPINGS = {
    "account": "target: party.party, match: code, fields: {code: _record, name: 名称}",
    "identifier": "target: party.identifier, match: {on: [party, type, code]}, fields: {party: {from: 客户, lookup: {object: account}}, type: 类型, code: 代码}",
    "phone": "target: party.contact_mechanism, match: {on: [party, type, value]}, fields: {party: {from: 客户, lookup: {object: account}}, type: 方式, value: 号码}",
    "relation": "target: party.relation.all, match: {on: [from_, to, type]}, fields: {from_: {from: 甲, lookup: {object: account}}, "
    "to: {from: 乙, lookup: {object: account}}, type: 关系}",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRYTON_PASSWORD", Tryton.secrets["TRYTON_PASSWORD"])


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TrytonServer]:
    with running_tryton("postgresql", tmp_path_factory.mktemp("tryton")) as running:
        yield running


def test_what_it_refuses_is_named_by_row_and_column_and_all_else_comes_back_out(
    server: TrytonServer, tmp_path: Path
) -> None:
    system = Tryton(server)
    base = system.content()
    work = Work(MAPPINGS, system.location(server.url, tmp_path), tmp_path, system.secrets)
    work.write({
        "account": [{"_record": f"T{i}", "code": f"T{i}", "name": f"公司{i}"} for i in range(3)],
        "identifier": [
            {"_record": "I0", "party": "T0", "type": "cn_vat", "code": "91110000600007430Y"},
            {"_record": "I1", "party": "T1", "type": "cn_vat", "code": "91110000600007430X"},  # the sum is wrong
            {"_record": "I2", "party": "T1", "type": "uscc", "code": "91110000600007430Y"},  # no such type
        ],
        "phone": [
            {"_record": "P0", "party": "T0", "type": "mobile", "value": "+86 138 0013 8000"},
            {"_record": "P1", "party": "T1", "type": "mobile", "value": "13800138000"},  # not international
        ],
        "relation": [
            {"_record": "R0", "from_": "T0", "to": "T1", "type": "就职于"},
            {"_record": "R1", "from_": "T1", "to": "T2", "type": "认识"},  # nobody has made that type
        ],
    })  # fmt: skip
    result = work.load()
    assert sorted((row[1], row[4], row[5]) for row in result.aside) == [
        ("I1", "load.refused-check", "code"), ("I2", "load.refused-check", "type"), ("P1", "load.refused-check", "value"),
        ("R1", "load.reference-unclear", "type"),
    ]  # fmt: skip
    relations = server.call("model.party.relation.all.search_count", [])
    assert relations == 1
    undone = work.roll_back()
    assert (undone.facts["undone"], undone.facts["digest_equal"]) == (6, True)
    assert system.content() == base
    assert server.call("model.party.relation.all.search_count", []) == 0


def test_it_is_described_by_what_it_really_asks_for(server: TrytonServer, tmp_path: Path) -> None:
    location = Location(Tryton(server).location(server.url, tmp_path))
    schema = described(location, ["party.party", "party.identifier", "sale.opportunity"])
    parties, deals = schema.tables["party.party"].columns, schema.tables["sale.opportunity"].columns
    assert not parties["code"].required  # declared so, and filled in by Tryton
    assert "full_name" not in parties  # computed
    assert {name for name, column in deals.items() if column.required} == {"company", "currency"} - filled(server)
    assert (deals["amount"].type, deals["amount"].scale, deals["party"].references) == ("decimal", 2, "party.party")
    assert deals["company"].references == ""  # not described here
    assert schema.picklists["party.identifier.type"]["cn_vat"]
    connector = open_connector(location)
    assert {(link.model, link.field) for link in connector.links("party.party")} >= {
        ("party.address", "party"), ("party.contact_mechanism", "party"), ("party.identifier", "party"), ("party.relation.all", "from_"),
    }  # fmt: skip
    connector.close()


def filled(server: TrytonServer) -> set[str]:
    """Return which of an opportunity's fields Tryton fills in for this user, as its own client would ask."""
    given = server.call("model.sale.opportunity.default_get", ["company", "currency"], False)
    return {name for name, value in given.items() if value is not None}


@pytest.mark.parametrize(
    ("model", "row", "sent", "holds"),
    [
        ("party.party", {"name": "甲", "active": True}, {"name": " 甲 "}, True),
        ("party.party", {"name": "甲"}, {"name": "乙"}, False),
        ("party.contact_mechanism", {"value": "+86 138 0013 8000", "party": 3}, {"value": "+8613800138000", "party": 3}, True),
        ("party.contact_mechanism", {"value": "+86 138 0013 8000", "party": 3}, {"value": "+8613800138000", "party": 4}, False),
        ("party.party", {"name": "+86 138"}, {"name": "+86138"}, False),  # there nothing is rewritten
        ("sale.opportunity", {"amount": Decimal("1.5")}, {"amount": Decimal("1.50")}, True),
        ("sale.opportunity", {"amount": None}, {"amount": Decimal("1.50")}, False),
    ],
)  # fmt: skip
def test_a_row_is_known_again_in_the_form_in_which_tryton_keeps_it(
    tmp_path: Path, model: str, row: dict[str, object], sent: dict[str, object], holds: bool
) -> None:
    connector = open_connector(Location("tryton+http://admin:x@127.0.0.1:9/crm"))
    assert connector.holds(model, row, sent) is holds
    connector.close()
