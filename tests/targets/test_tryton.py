"""What Tryton insists on, met by the connector in a real one."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path

import pytest
import sqlalchemy as sa
from tests.targets.conformance import Work
from tests.targets.cutting import CuttingProxy, Fate
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


def reached(server: TrytonServer, folder: Path, url: str, answer_seconds: float = 0.3) -> Work:
    """Return a load of three parties and their telephones, of which Tryton would take any number that is alike."""
    system = Tryton(server)
    location = system.location(url, folder).replace("answer_seconds=0.3", f"answer_seconds={answer_seconds}")
    mappings = {name: MAPPINGS[name] for name in ("account", "phone")}
    work = Work(mappings, location, folder, system.secrets)
    work.write({name: system.rows(name, 3) for name in mappings})
    return work


def phones(server: TrytonServer) -> list[str]:
    found = server.call("model.party.contact_mechanism.search_read", [], 0, None, [["value", "ASC"]], ["value"])
    return [row["value"] for row in found]


NUMBERS = [f"+86 138 0013 {number:04}" for number in range(3)]


def once(fate: Fate, word: bytes) -> Callable[[int, str, str, bytes], Fate]:
    """Return what becomes of calls: the first with this word in it meets its fate."""
    waiting = [word]

    def decide(number: int, method: str, path: str, body: bytes) -> Fate:
        del number, method, path
        if waiting and waiting[0] in body:
            waiting.clear()
            return fate
        return "pass"

    return decide


def test_a_call_that_arrives_when_it_was_given_up_is_not_let_in(server: TrytonServer, tmp_path: Path) -> None:
    with CuttingProxy(server.url, once("hold", b"contact_mechanism.create")) as proxy:
        work = reached(server, tmp_path, proxy.url)
        work.load()
        assert phones(server) == NUMBERS
        assert proxy.release() == [401]
        assert phones(server) == NUMBERS
        assert work.roll_back().facts["digest_equal"] is True


def test_a_call_that_is_still_busy_when_its_answer_is_lost_is_waited_for(server: TrytonServer, tmp_path: Path) -> None:
    """Another transaction keeps it from writing for a second."""
    with CuttingProxy(server.url, once("hang_up", b"contact_mechanism.create")) as proxy:
        work = reached(server, tmp_path, proxy.url, answer_seconds=10)
        with in_the_way(server, "party_contact_mechanism", 1.0) as end:
            work.load()
        assert end.is_set()
        assert phones(server) == NUMBERS
        assert work.roll_back().facts["digest_equal"] is True


@contextmanager
def in_the_way(server: TrytonServer, table: str, seconds: float) -> Iterator[threading.Event]:
    """Keep others from writing a table for so long; the event tells that this is over."""
    end = threading.Event()
    engine = sa.create_engine(f"{server.uri.replace('postgresql', 'postgresql+psycopg', 1)}/{server.database}")
    with engine.connect() as connection:
        connection.execute(sa.text(f"LOCK TABLE {table} IN SHARE MODE"))

        def let_go() -> None:
            end.set()
            connection.rollback()

        timer = threading.Timer(seconds, let_go)
        timer.start()
        yield end
        timer.join()
    engine.dispose()


def test_what_is_edited_between_our_look_and_our_writing_is_left_alone(server: TrytonServer, tmp_path: Path) -> None:
    """A person saves a party in the moment before our call arrives."""
    system = Tryton(server)
    base = system.content()
    armed: list[tuple[bytes, str]] = []

    def fate(number: int, method: str, path: str, body: bytes) -> Fate:
        if armed and armed[0][0] in body:
            _, code = armed.pop()
            found = server.call("model.party.party.search", [["code", "=", code]], 0, None, None)
            server.call("model.party.party.write", found, {"name": "人改的"})
        return "pass"

    with CuttingProxy(server.url, fate) as proxy:
        work = Work({"account": MAPPINGS["account"]}, system.location(proxy.url, tmp_path), tmp_path, system.secrets)
        rows = system.rows("account", 4)
        work.write({"account": rows})
        work.load()
        work.write({"account": [{**row, "name": f"新{row['code']}"} for row in rows]})
        armed.append((b"party.party.write", "T0"))
        changed = work.load("load-2")
        assert [(row[1], row[4]) for row in changed.aside] == [("T0", "load.refused-edited")]
        assert changed.facts["objects"]["account"]["updated"] == 3
        assert work.roll_back("load-2", "rollback-2").facts["undone"] == 3
        armed.append((b"party.party.delete", "T1"))
        kept = work.roll_back().tables["kept"]
        assert sorted(kept["outcome"]) == ["kept_edited", "kept_edited"]
    assert not armed
    names = server.call(
        "model.party.party.search_read", [["name", "=", "人改的"]], 0, None, [["code", "ASC"]], ["code"]
    )
    assert [row["code"] for row in names] == ["T0", "T1"]
    system.tidy()
    assert system.content() == base


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
