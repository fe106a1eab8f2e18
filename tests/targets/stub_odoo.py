"""A stub of an Odoo for machines on which there is none: what its documentation says of the RPC services, for the few models of the kit.

It is no proof of what Odoo does. That is the kit against a real one (`CRMMIGRATE_TEST_ODOO`); the stub keeps the connector from breaking unseen in between.
"""

from __future__ import annotations

import copy
import itertools
import json
import threading
import xmlrpc.client
from typing import Any

from tests.targets.answering import Answer, AnsweringServer, Call

USER, PASSWORD, DATABASE = "admin", "key", "crm"
Row = dict[str, Any]


def _field(kind: str, **more: Any) -> Row:
    return {
        "type": kind,
        "store": True,
        "searchable": True,
        "readonly": False,
        "required": False,
        "depends": [],
        "string": kind,
        **more,
    }


_COMMON = {
    "id": _field("integer", readonly=True),
    "create_uid": _field("many2one", relation="res.users", readonly=True),
}
FIELDS: dict[str, dict[str, Row]] = {
    "res.users": {**_COMMON, "name": _field("char"), "login": _field("char", required=True)},
    "res.partner": {
        **_COMMON, "ref": _field("char"), "name": _field("char"), "is_company": _field("boolean"), "comment": _field("html"),
        "parent_id": _field("many2one", relation="res.partner"), "active": _field("boolean"), "color": _field("integer"),
        "complete_name": _field("char", readonly=True, depends=["name"]),
        "message_ids": _field("one2many", store=False, relation="mail.message", relation_field="res_id"),
    },
    "crm.lead": {
        **_COMMON, "name": _field("char", required=True, depends=["partner_id"]), "expected_revenue": _field("monetary"),
        "type": _field("selection", required=True, selection=[["lead", "线索"], ["opportunity", "商机"]]), "date_deadline": _field("date"),
        "user_id": _field("many2one", relation="res.users"), "partner_id": _field("many2one", relation="res.partner"),
        "active": _field("boolean"), "color": _field("integer"),
    },
    "mail.message": {**_COMMON, "model": _field("char"), "res_id": _field("many2one_reference"), "body": _field("html")},
    "ir.model": {"id": _field("integer"), "model": _field("char"), "transient": _field("boolean", store=False)},
    "ir.model.fields": {
        "id": _field("integer"), "model": _field("char"), "name": _field("char"), "relation": _field("char"), "ttype": _field("selection"),
        "store": _field("boolean"), "on_delete": _field("selection"),
    },
    "ir.model.data": {"id": _field("integer"), "module": _field("char"), "name": _field("char"), "model": _field("char"), "res_id": _field("integer")},
}  # fmt: skip
DEFAULTS: dict[str, Row] = {
    "res.partner": {"active": True, "is_company": False, "color": 0},
    "crm.lead": {"active": True, "color": 0, "type": "lead", "user_id": 2},
}
_OPERATORS = {
    "=": lambda a, b: a == b, "in": lambda a, b: a in b, ">": lambda a, b: a > b, "=like": lambda a, b: str(a).startswith(b.rstrip("%")),
}  # fmt: skip


class UserError(Exception):
    """Raised on purpose; nothing is kept of the call."""


class AccessError(UserError):
    """The user has no right to do so."""


class StubOdoo(AnsweringServer):
    """The server: start it with `with`."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: dict[str, dict[int, Row]] = {model: {} for model in FIELDS}
        self._numbers = {model: itertools.count(1) for model in FIELDS}
        self._put("res.users", {"name": "系统", "login": "__system__"})
        self._put("res.users", {"name": "管理员", "login": USER})
        for model in FIELDS:
            self._put("ir.model", {"model": model, "transient": False})
        for model, fields in FIELDS.items():
            for name, spec in fields.items():
                if spec["type"] == "many2one":
                    self._put("ir.model.fields", {"model": model, "name": name, "relation": spec["relation"], "ttype": "many2one", "store": True, "on_delete": "set null"})  # fmt: skip
        self.closed: set[str] = set()
        """Models of which the user may make no rows."""
        self._lock = threading.Lock()
        self.address = self.url.replace("http://", f"http://{USER}:{PASSWORD}@") + f"/{DATABASE}"

    def _put(self, model: str, values: Row) -> int:
        key = next(self._numbers[model])
        blank = {name: 0 if spec["type"] in ("integer", "monetary") else False for name, spec in FIELDS[model].items()}
        self.rows[model][key] = {**blank, **DEFAULTS.get(model, {}), **values, "id": key, "create_uid": 2}
        return key

    # ------------------------------------------------------------------------------------------------ methods

    def _execute(self, model: str, method: str, arguments: list[Any], named: Row) -> Any:
        if model not in FIELDS:
            raise UserError(model)
        if method == "context_get":
            return {"lang": "zh_CN", "tz": "Asia/Shanghai", "uid": 2}
        if method == "fields_get":
            return FIELDS[model]
        if method == "default_get":
            return {name: value for name, value in DEFAULTS.get(model, {}).items() if name in arguments[0]}
        found: Any = getattr(self, f"_{method}")(
            model, *arguments, **{n: v for n, v in named.items() if n != "context"}
        )
        return found

    def _matching(self, model: str, domain: list[Any]) -> list[Row]:
        def matches(row: Row) -> bool:
            stack: list[bool] = []
            for term in reversed(domain):
                if isinstance(term, str):
                    first, second = stack.pop(), stack.pop()
                    stack.append(first and second if term == "&" else first or second)
                else:
                    name, operator, value = term
                    stack.append(bool(_OPERATORS[operator](row[name], value)))
            return all(stack)

        return [row for _, row in sorted(self.rows[model].items()) if matches(row)]

    def _search(self, model: str, domain: list[Any]) -> list[int]:
        return [row["id"] for row in self._matching(model, domain)]

    def _search_count(self, model: str, domain: list[Any]) -> int:
        return len(self._matching(model, domain))

    def _search_read(
        self, model: str, domain: list[Any], fields: list[str], offset: int = 0, limit: int | None = None, order: str = "id"
    ) -> list[Row]:  # fmt: skip
        found = self._matching(model, domain)
        found = (found[::-1] if order.endswith("desc") else found)[offset : offset + limit if limit else None]
        return [{name: self._shown(model, name, row[name]) for name in {"id", *fields}} for row in found]

    def _shown(self, model: str, name: str, value: Any) -> Any:
        spec = FIELDS[model][name]
        if spec["type"] == "many2one" and value:
            return [value, self.rows[spec["relation"]][value].get("name")]
        return value

    def _create(self, model: str, vals_list: list[Row]) -> list[int]:
        if model in self.closed:
            raise AccessError(model)
        before, ids = copy.deepcopy(self.rows), []
        try:
            for values in vals_list:
                ids.append(self._put(model, values))
                self._checked(model, ids[-1], values)
        except UserError:
            self.rows = before
            raise
        return ids

    def _checked(self, model: str, key: int, values: Row) -> None:
        """Refuse what Odoo refuses: an external id that is there, a choice or a row that is not, a contact without a name."""
        row = self.rows[model][key]
        if model == "ir.model.data":
            same = [
                other
                for other in self.rows[model].values()
                if (other["module"], other["name"]) == (row["module"], row["name"])
            ]
            if len(same) > 1:
                raise UserError("name")
            return
        for name, value in values.items():
            spec = FIELDS[model][name]
            if spec["type"] == "selection" and value not in dict(spec["selection"]):
                raise UserError(name)
            if spec["type"] == "many2one" and value and value not in self.rows[spec["relation"]]:
                raise UserError(name)
        if not row["name"]:
            raise UserError("name" if model == "crm.lead" else "")

    def _write(self, model: str, ids: list[int], values: Row) -> bool:
        for key in ids:
            self.rows[model][key].update(values)
        return True

    def _message_post(self, model: str, ids: list[int], body: str) -> int:
        return self._put("mail.message", {"model": model, "res_id": ids[0], "body": body})

    def _unlink(self, model: str, ids: list[int]) -> bool:
        for key in ids:
            if key not in self.rows[model] or model == "res.users":  # of users something is always left
                raise UserError(key)
            del self.rows[model][key]
            for other, about in (("mail.message", "model"), ("ir.model.data", "model")):
                kept = self.rows[other].items()
                self.rows[other] = {k: row for k, row in kept if (row[about], row["res_id"]) != (model, key)}
        return True

    def _load(self, model: str, fields: list[str], data: list[list[str]]) -> Row:
        before, messages, ids = copy.deepcopy(self.rows), [], []
        for place, cells in enumerate(data):
            try:
                ids.append(self._loaded(model, fields[0], cells[0], dict(zip(fields[1:], cells[1:], strict=True))))
            except UserError as error:
                told = {"field": str(error)} if str(error) else {}
                messages.append(
                    {"type": "error", "record": place, "rows": {"from": place, "to": place}, "message": "不行", **told}
                )
        if messages:
            self.rows = before
        return {"ids": False if messages else ids, "messages": messages, "nextrow": 0}

    def _loaded(self, model: str, identity: str, name: str, cells: dict[str, str]) -> int:
        values = {
            field.removesuffix("/.id"): self._read(model, field.removesuffix("/.id"), text)
            for field, text in cells.items()
        }
        module, _, short = name.partition(".")
        known = (
            self._matching("ir.model.data", [["module", "=", module], ["name", "=", short]]) if identity == "id" else []
        )
        key = known[0]["res_id"] if known else 0 if identity == "id" else int(name)
        if key and key not in self.rows[model]:
            raise UserError(".id")
        if key:
            self.rows[model][key].update(values)
        else:
            key = self._put(model, values)
            self._put("ir.model.data", {"module": module, "name": short, "model": model, "res_id": key})
        if not self.rows[model][key]["name"]:
            raise UserError("name" if model == "crm.lead" else "")
        return key

    def _read(self, model: str, field: str, text: str) -> Any:
        spec = FIELDS[model][field]
        kind = spec["type"]
        if kind == "boolean":
            return text == "1"
        if not text:
            return 0 if kind in ("integer", "monetary") else False
        if kind in ("many2one", "integer"):
            if kind == "many2one" and int(text) not in self.rows[spec["relation"]]:
                raise UserError(field)
            return int(text)
        if kind == "selection" and text not in dict(spec["selection"]):
            raise UserError(field)
        return float(text) if kind == "monetary" else text

    # ------------------------------------------------------------------------------------------------ the server

    def answer(self, call: Call) -> Answer:
        if call.path.startswith("/xmlrpc/2/"):
            return self._by_xml(call.path.rpartition("/")[2], call.body)
        params = json.loads(call.body)["params"]
        try:
            told: Row = {"result": self._served(params["service"], params["method"], params["args"])}
        except UserError as error:
            told = {
                "error": {
                    "code": 200,
                    "data": {"name": f"odoo.exceptions.{type(error).__name__}", "message": str(error)},
                }
            }
        body = json.dumps({"jsonrpc": "2.0", "id": 0, **told}).encode()
        return Answer(200, body, {"Content-Type": "application/json"})

    def _by_xml(self, service: str, body: bytes) -> Answer:
        arguments, method = xmlrpc.client.loads(body)
        try:
            told = xmlrpc.client.dumps((self._served(service, str(method), list(arguments)),), methodresponse=True)
        except UserError as error:
            told = xmlrpc.client.dumps(xmlrpc.client.Fault(4 if isinstance(error, AccessError) else 2, "不行"))
        return Answer(200, told.encode(), {"Content-Type": "text/xml"})

    def _served(self, service: str, method: str, args: list[Any]) -> Any:
        if service == "common":
            return 2 if args[:3] == [DATABASE, USER, PASSWORD] else False
        assert args[:3] == [DATABASE, 2, PASSWORD]
        with self._lock:
            return self._execute(*args[3:6], args[6] if len(args) > 6 else {})
