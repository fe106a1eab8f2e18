"""The systems that the conformance kit is held against: what each is loaded with, and how it is looked at behind its API's back."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

from tests.targets.cutting import CuttingProxy, Fate
from tests.targets.odoo_server import OdooServer
from tests.targets.stub_crm import DESCRIPTION, StubCrm
from tests.targets.tryton_server import PASSWORD, TrytonServer

Row = dict[str, str | None]


class System(ABC):
    """One system under test. A connector of one's own is tested by a subclass: `pytest tests/targets/test_conformance.py --target FILE.py`.

    The objects are loaded in the order of `mappings`; `keys` tells which record stands in which row of a model.
    """

    mappings: dict[str, str]
    """Object → its mapping file in one line, without version and object. The first object is the parent of the last."""

    url: str
    """The server's address, before which a proxy is put."""

    batch = 10
    """Rows of one call, as `location` says."""

    batch_rows = 6
    """Rows of one transaction of ours, where something is to be cut off."""

    many = 100
    """Rows of which some are bad."""

    demanded: ClassVar[list[tuple[str, str]]] = []
    """Models and fields without which a row is refused, as a probe has to find."""

    not_demanded: ClassVar[list[tuple[str, str]]] = []
    """Models and fields without which a row is taken."""

    steps = 5
    """A child process is killed at one of its first so many writing calls."""

    spoiled = "account"
    """The object whose rows `spoil` makes bad."""

    secrets: ClassVar[dict[str, str]] = {}
    """What the environment has to hold for `location`."""

    journals_itself = False
    """Whether the journal lies in the system, and not with us."""

    def forget(self) -> None:  # noqa: B027  (nothing to do where the journal lies with us)
        """Forget which record stands in which row."""

    losses = 0.6
    """The share of calls or answers that are lost on the way; 0 where no network lies between us and it."""

    def proxy(self, fate: Callable[[int, str, str, bytes], Fate]) -> Any:
        """Return what stands between us and it, and loses what `fate` says: a context with `url` and `cuts`."""
        return CuttingProxy(self.url, fate)

    @abstractmethod
    def location(self, url: str, folder: Path) -> str:
        """Return the location of the target when its server is reached by `url`; files it needs go into `folder`."""

    @abstractmethod
    def rows(self, name: str, count: int) -> list[Row]:
        """Return `count` good rows of an object; each has a `_record`, and refers to the parent of the same number."""

    @abstractmethod
    def spoil(self, row: Row) -> None:
        """Make a row of `spoiled` one that the system refuses, though it fits what the model says of itself."""

    @abstractmethod
    def is_write(self, method: str, path: str, body: bytes) -> bool:
        """Whether a call makes, changes or deletes rows."""

    @abstractmethod
    def content(self) -> dict[str, list[tuple[Any, ...]]]:
        """Return all rows of the models concerned, ids and all, as the system itself holds them."""

    @abstractmethod
    def records(self, name: str) -> list[str]:
        """Return which records of an object are in the system, each as often as it is there."""

    @abstractmethod
    def edit(self, name: str, record: str) -> None:
        """Change a field of a record's row that no load writes."""

    @abstractmethod
    def hang_on(self, name: str, record: str) -> None:
        """Hang a row onto a record's row that would go with it."""

    drifts = True
    """Whether its fields can be changed while it runs."""

    def drift(self, *, back: bool = False) -> None:
        """Make a field that a load writes another than it was, or bring it back."""
        raise NotImplementedError

    @abstractmethod
    def tidy(self) -> None:
        """Take out what `edit` and `hang_on` left."""


class OurTables(System):
    """A system whose tables we made: people, customers and deals."""

    def rows(self, name: str, count: int) -> list[Row]:
        if name == "user":
            return [{"_record": f"u{i}", "ref": f"u{i}", "name": f"员工{i}"} for i in range(3)]
        if name == "account":
            return [
                {"_record": f"a{i}", "ref": f"a{i}", "name": f"公司{i}", "level": "AB"[i % 2], "amount": f"{i}.50", "since": "2023-05-01",
                 "seen_at": "2023-05-01T14:30:00", "active": "true", "owner_id": f"u{i % 3}"} for i in range(count)
            ]  # fmt: skip
        return [{"_record": f"d{i}", "ref": f"d{i}", "name": f"商机{i}", "account_id": f"a{i}"} for i in range(count)]

    def spoil(self, row: Row) -> None:
        row["level"] = "Z"


class Stub(OurTables):
    """Our own stub of a CRM, described to the generic REST target."""

    mappings: ClassVar = {
        "user": "target: users, match: ref, fields: {ref: _record, name: 姓名}",
        "account": "target: accounts, match: ref, write: {policy: fill_empty}, fields: {ref: _record, name: 名称, level: 级别, amount: 金额, "
        "since: 日期, seen_at: 时间, active: 有效, owner_id: {from: 负责人, lookup: {object: user}}}",
        "deal": "target: deals, match: ref, fields: {ref: _record, name: 名称, account_id: {from: 客户, lookup: {object: account}}}",
    }  # fmt: skip
    secrets: ClassVar = {"STUB_SECRET": "s3cret"}
    models: ClassVar = {"user": "users", "account": "accounts", "deal": "deals"}
    demanded: ClassVar = [("accounts", "name"), ("deals", "account_id")]
    not_demanded: ClassVar = [("accounts", "level"), ("accounts", "ref")]  # the connector gives a ref by itself

    def __init__(self, crm: StubCrm, calls: int = 0) -> None:
        self.crm, self.url, self.calls = crm, crm.url, calls

    def location(self, url: str, folder: Path) -> str:
        file = folder / "stub.rest.yaml"
        atomic = str(self.crm.atomic).lower()
        text = DESCRIPTION.format(url=url, atomic=atomic, rows=self.batch, answer_seconds=0.3, calls=self.calls)
        file.write_text(text, encoding="utf-8")
        return f"rest:///{file.as_posix()}"

    def is_write(self, method: str, path: str, body: bytes) -> bool:
        return path.endswith(("/batch", "/delete"))

    def content(self) -> dict[str, list[tuple[Any, ...]]]:
        return {model: self.crm.sql(f"SELECT * FROM {model} ORDER BY id") for model in self.crm.fields}

    def records(self, name: str) -> list[str]:
        letter = name[0]
        return [
            ref
            for (ref,) in self.crm.sql(f"SELECT ref FROM {self.models[name]}")
            if ref[0] == letter and ref[1:].isdigit()
        ]

    def edit(self, name: str, record: str) -> None:
        self.crm.sql(f"UPDATE {self.models[name]} SET note = '人改的' WHERE ref = ?", record)

    def hang_on(self, name: str, record: str) -> None:
        self.crm.sql(
            f"INSERT INTO notes (ref, account_id) SELECT 'n' || id, id FROM {self.models[name]} WHERE ref = ?", record
        )

    def drift(self, *, back: bool = False) -> None:
        self.crm.fields["accounts"]["level"]["kind"] = "text" if back else "integer"

    def tidy(self) -> None:
        self.crm.sql("DELETE FROM notes")
        self.crm.sql("DELETE FROM deals WHERE ref LIKE 'd%'")
        self.crm.sql("DELETE FROM accounts WHERE ref LIKE 'a%' AND ref <> 'a3'")
        self.crm.sql("DELETE FROM users WHERE ref LIKE 'u%'")


class Tryton(System):
    """A real Tryton: parties, how they are reached, and opportunities."""

    mappings: ClassVar = {
        "account": "target: party.party, match: code, fields: {code: _record, name: 名称}",
        "phone": "target: party.contact_mechanism, match: {on: [party, value]}, fields: {party: {from: 客户, lookup: {object: account}}, "
        "type: 方式, value: 号码}",
        "deal": "target: sale.opportunity, match: reference, fields: {reference: _record, description: 名称, amount: 金额, "
        "party: {from: 客户, lookup: {object: account}}, company: 公司}",
    }  # fmt: skip

    many = 40
    spoiled = "phone"
    drifts = False
    demanded: ClassVar = [("party.contact_mechanism", "party")]
    not_demanded: ClassVar = [("party.party", "code"), ("sale.opportunity", "company")]
    secrets: ClassVar = {"TRYTON_PASSWORD": PASSWORD}

    def __init__(self, server: TrytonServer) -> None:
        self.server, self.url = server, server.url

    def location(self, url: str, folder: Path) -> str:
        address = url.removeprefix("http://")
        asked = f"rows={self.batch}&answer_seconds=0.3"
        return f"tryton+http://admin:${{env:TRYTON_PASSWORD}}@{address}/{self.server.database}?{asked}"

    def rows(self, name: str, count: int) -> list[Row]:
        if name == "account":
            return [{"_record": f"T{i}", "code": f"T{i}", "name": f" 测试公司{i} "} for i in range(count)]
        if name == "phone":
            return [
                {"_record": f"P{i}", "party": f"T{i}", "type": "mobile", "value": f"+86 138 0013 {i:04}"} for i in range(count)
            ]  # fmt: skip
        return [
            {"_record": f"D{i}", "reference": f"D{i}", "description": f"商机{i}", "amount": f"{i}.50", "party": f"T{i}", "company": "示范公司"}
            for i in range(count)
        ]  # fmt: skip

    def spoil(self, row: Row) -> None:
        row["value"] = "13800138000"  # not in international form

    def is_write(self, method: str, path: str, body: bytes) -> bool:
        return any(word in body for word in (b".create", b".write", b".delete", b".cancel"))

    def content(self) -> dict[str, list[tuple[Any, ...]]]:
        fields = {
            "party.party": ["code", "name", "active"], "party.address": ["party", "city"],
            "party.contact_mechanism": ["party", "type", "value", "active"], "sale.opportunity": ["reference", "description", "amount", "party", "state"],
        }  # fmt: skip
        found = {}
        for model, names in fields.items():
            rows = self.server.call(f"model.{model}.search_read", [], 0, None, [["id", "ASC"]], names)
            found[model] = [(row["id"], *(str(row[name]) for name in names)) for row in rows]
        return found

    def records(self, name: str) -> list[str]:
        model, field = {
            "account": ("party.party", "code"), "phone": ("party.contact_mechanism", "value"), "deal": ("sale.opportunity", "reference")
        }[name]  # fmt: skip
        rows = self.server.call(f"model.{model}.search_read", [[field, "!=", "OWN"]], 0, None, None, [field])
        values = [row[field] for row in rows]
        return [f"P{int(value[-4:])}" for value in values] if name == "phone" else values

    def edit(self, name: str, record: str) -> None:
        found = self.server.call("model.party.party.search", [["code", "=", record]], 0, None, None)
        self.server.call("model.party.party.write", found, {"active": False})

    def hang_on(self, name: str, record: str) -> None:
        (party,) = self.server.call("model.party.party.search", [["code", "=", record]], 0, None, None)
        self.server.call("model.party.address.create", [{"party": party, "city": "杭州"}])

    def tidy(self) -> None:
        for model, domain in (
            ("sale.opportunity", []),
            ("party.address", []),
            ("party.contact_mechanism", []),
            ("party.party", [["code", "!=", "OWN"]]),
        ):
            found = self.server.call(f"model.{model}.search", domain, 0, None, None)
            if model == "sale.opportunity" and found:
                self.server.call("model.sale.opportunity.cancel", found)
            if found:
                self.server.call(f"model.{model}.delete", found)


class Odoo(System):
    """An Odoo with its module crm: partners and opportunities."""

    mappings: ClassVar = {
        "account": "target: res.partner, match: ref, fields: {ref: _record, name: 名称, is_company: 公司, comment: 备注}",
        "contact": "target: res.partner, match: ref, fields: {ref: _record, name: 姓名, parent_id: {from: 客户, lookup: {object: account}}}",
        "deal": "target: crm.lead, match: {on: [partner_id, name]}, fields: {name: 名称, type: 类型, expected_revenue: 金额, date_deadline: 日期, "
        "user_id: 负责人, partner_id: {from: 客户, lookup: {object: account}}}",
    }  # fmt: skip
    models: ClassVar = {
        "account": ("res.partner", "ref"),
        "contact": ("res.partner", "ref"),
        "deal": ("crm.lead", "name"),
    }
    letters: ClassVar = {"account": "T", "contact": "C", "deal": "D"}
    demanded: ClassVar = [("res.partner", "name")]  # which the model itself does not say
    not_demanded: ClassVar = [("res.partner", "ref"), ("crm.lead", "partner_id")]
    many = 40
    secrets: ClassVar = {"ODOO_KEY": "admin"}
    drifts = False

    def __init__(self, server: OdooServer, more: str = "") -> None:
        self.server, self.url, self.more = server, server.url, more
        self.secrets = {"ODOO_KEY": server.password}  # type: ignore[misc]

    def location(self, url: str, folder: Path) -> str:
        address = url.removeprefix("http://")
        asked = f"rows={self.batch}&answer_seconds=0.3&module=kit{self.more}"
        return f"odoo+http://{self.server.user}:${{env:ODOO_KEY}}@{address}/{self.server.database}?{asked}"

    def rows(self, name: str, count: int) -> list[Row]:
        if name == "account":
            return [
                {"_record": f"kit/T{i}", "ref": f"kit/T{i}", "name": f" 测试公司{i} ", "is_company": "true", "comment": "<p>备注</p>" if i % 3 else None}
                for i in range(count)
            ]  # fmt: skip
        if name == "contact":
            return [
                {"_record": f"kit/C{i}", "ref": f"kit/C{i}", "name": f"联系人{i}", "parent_id": f"kit/T{i}"}
                for i in range(count)
            ]
        return [
            {"_record": f"kit/D{i}", "name": f"kit/D{i}", "type": "opportunity", "expected_revenue": f"{i}.50", "date_deadline": "2026-12-31",
             "user_id": self.server.user if i % 2 else None, "partner_id": f"kit/T{i}"} for i in range(count)
        ]  # fmt: skip

    def spoil(self, row: Row) -> None:
        row["name"] = None  # not required, says the model; a contact needs one, says a rule

    def is_write(self, method: str, path: str, body: bytes) -> bool:
        said = (b'"%s"', b"<string>%s</string>")
        return any(form % name in body for form in said for name in (b"load", b"create", b"unlink"))

    def content(self) -> dict[str, list[tuple[Any, ...]]]:
        fields = {
            "res.partner": ["ref", "name", "is_company", "comment", "parent_id", "active", "color"],
            "crm.lead": ["name", "expected_revenue", "date_deadline", "user_id", "partner_id", "active"],
        }  # fmt: skip
        found = {}
        for model, names in fields.items():
            rows = self.server.call(model, "search_read", [], names, 0, None, "id")
            found[model] = [(row["id"], *(str(row[name]) for name in names)) for row in rows]
        ids = self.server.call("ir.model.data", "search_read", [["module", "=", "kit"]], ["name", "res_id"])
        found["ir.model.data"] = sorted((row["name"], row["res_id"]) for row in ids)
        return found

    def records(self, name: str) -> list[str]:
        model, field = self.models[name]
        return [
            row[field]
            for row in self.server.call(model, "search_read", [[field, "=like", f"kit/{self.letters[name]}%"]], [field], 0, None, "id")
        ]  # fmt: skip

    def edit(self, name: str, record: str) -> None:
        model, field = self.models[name]
        self.server.call(model, "write", self.server.call(model, "search", [[field, "=", record]]), {"color": 5})

    def hang_on(self, name: str, record: str) -> None:
        model, field = self.models[name]
        (key,) = self.server.call(model, "search", [[field, "=", record]])
        self.server.call(model, "message_post", [key], body="人写的")

    def tidy(self) -> None:
        for model, field in reversed(self.models.values()):
            if found := self.server.call(model, "search", [[field, "=like", "kit/%"]]):
                self.server.call(model, "unlink", found)
