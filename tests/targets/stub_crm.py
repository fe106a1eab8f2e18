"""A small CRM with a REST API, for tests: a server of its own over SQLite, with what such systems do to one who loads into them.

Rows are numbered by the system, `ref` is unique, names are stored without blanks around them, required fields and picklists are
checked, a row that was changed since is not changed or deleted, a customer with deals cannot be deleted and takes its notes along, a deal has to be cancelled before it goes. Calls need
a token that ends after some of them, and beyond the quota they are answered 429. Errors are codes; the words are Chinese.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.targets.answering import Answer, AnsweringServer, Call

FIELDS: dict[str, dict[str, dict[str, Any]]] = {
    "users": {
        "id": {"kind": "integer", "number": True}, "ref": {"kind": "text", "size": 100, "needed": True}, "name": {"kind": "text", "size": 50},
    },
    "accounts": {
        "id": {"kind": "integer", "number": True}, "ref": {"kind": "text", "size": 100, "needed": True},
        "name": {"kind": "text", "size": 20, "needed": True}, "level": {"kind": "text", "size": 8}, "amount": {"kind": "decimal"},
        "since": {"kind": "date"}, "seen_at": {"kind": "datetime"}, "active": {"kind": "boolean"},
        "owner_id": {"kind": "integer", "to": "users"}, "note": {"kind": "text", "size": 2000},
    },
    "deals": {
        "id": {"kind": "integer", "number": True}, "ref": {"kind": "text", "size": 100, "needed": True}, "name": {"kind": "text", "size": 50},
        "account_id": {"kind": "integer", "to": "accounts", "needed": True}, "state": {"kind": "text", "size": 16},
    },
    "notes": {
        "id": {"kind": "integer", "number": True}, "ref": {"kind": "text", "size": 100}, "account_id": {"kind": "integer", "to": "accounts"},
        "text": {"kind": "text", "size": 200},
    },
}  # fmt: skip
LEVELS = ("A", "B")
DEFAULTS = {"deals": {"state": "open"}, "accounts": {"active": True}}

DESCRIPTION = """
version: 1
url: {url}
external_id: ref
atomic: {atomic}
auth: {{value: "Bearer {{token}}", login: {{path: /login, method: POST, body: {{secret: "${{env:STUB_SECRET}}"}}, answer: token}}}}
limits: {{rows: {rows}, read_rows: 500, answer_seconds: {answer_seconds}, calls: {calls}, seconds: 1}}
error: error.code
column: error.field
revision: rev
errors: {{STALE: edited, DUPLICATE: unique, REQUIRED: not-null, IN_USE: foreign-key, NO_SUCH: foreign-key, TOO_LONG: length, NOT_ALLOWED: check}}
calls:
  describe: {{path: "/{{model}}/fields", answer: "fields[].{{name: name, type: kind, length: size, required: needed, identity: number, references: to}}"}}
  count: {{path: "/{{model}}/count", method: POST, body: {{"where": "{{where}}"}}, answer: count}}
  scan: {{path: "/{{model}}", query: {{limit: "{{limit}}", after: "{{after}}"}}, answer: items}}
  find: {{path: "/{{model}}/find", method: POST, body: {{field: "{{field}}", "values": "{{values}}"}}, answer: items}}
  create: {{path: "/{{model}}/batch", method: POST, body: {{rows: "{{rows}}"}}, answer: "results[].{{record: ref, key: id, error: code, column: field}}"}}
  update: {{path: "/{{model}}/batch", method: PATCH, body: {{rows: "{{rows}}"}}, answer: "results[].{{key: id, error: code, column: field}}"}}
  delete: {{path: "/{{model}}/delete", method: POST, body: {{rows: "{{rows}}"}}, answer: "results[].{{key: id, error: code}}"}}
links: {{accounts: [notes.account_id]}}
names: {{users: [name, ref]}}
before_delete: {{deals: {{state: cancelled}}}}
archived: {{accounts: {{active: false}}}}
"""


class RefusedError(Exception):
    """A row is refused, with a code and a field."""

    def __init__(self, code: str, field: str = "") -> None:
        super().__init__(code)
        self.code, self.field = code, field


class StubCrm(AnsweringServer):
    """The system: start it with `with`, and change it behind its API by `sql`.

    Args:
        atomic: whether one row to blame refuses its whole call.
        quota: calls before a 429, which the next call may make again; 0 for none.
        token_calls: calls after which a token does not count any more; 0 for ever.
    """

    def __init__(self, *, atomic: bool = False, quota: int = 0, token_calls: int = 0) -> None:
        super().__init__()
        self.atomic, self.quota, self.token_calls = atomic, quota, token_calls
        self.fields = json.loads(json.dumps(FIELDS))
        self.calls: list[tuple[str, str, int]] = []
        """Method, path and status of every call."""
        self.base = sqlite3.connect(":memory:", check_same_thread=False, isolation_level=None)
        self.base.execute("PRAGMA foreign_keys = ON")
        self.base.execute("CREATE TABLE revisions (model, id, rev, PRIMARY KEY (model, id))")
        for model, fields in self.fields.items():
            columns = ["id INTEGER PRIMARY KEY AUTOINCREMENT", *(
                f"{name} {'UNIQUE' if name == 'ref' else ''} "
                + (f"REFERENCES {spec['to']}(id) ON DELETE {'CASCADE' if model == 'notes' else 'RESTRICT'}" if "to" in spec else "")
                for name, spec in fields.items() if name != "id"
            )]  # fmt: skip
            self.base.execute(f"CREATE TABLE {model} ({', '.join(columns)})")
            self.base.execute(
                f"CREATE TRIGGER changed_{model} AFTER UPDATE ON {model} BEGIN INSERT INTO revisions VALUES ('{model}', NEW.id, 1) "
                "ON CONFLICT DO UPDATE SET rev = rev + 1; END"
            )
        self._lock = threading.Lock()
        self._tokens: dict[str, int] = {}
        self._since_pause = 0

    def __exit__(self, *_: object) -> None:
        super().__exit__(*_)
        self.base.close()

    def sql(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        """Do what a person does in the system meanwhile, or look at it."""
        with self._lock:
            return self.base.execute(statement, values).fetchall()

    def writes(self) -> int:
        """Return how many calls that make, change or delete were taken."""
        return sum(path.endswith(("/batch", "/delete")) and status != 429 for _, path, status in self.calls)

    # ------------------------------------------------------------------------------------------------ the API

    def answer(self, call: Call) -> Answer:
        """Answer a call, and note it."""
        token = call.headers.get("authorization", "").removeprefix("Bearer ")
        status, data = self._answered(call.method, call.path, token, json.loads(call.body or b"{}"))
        self.calls.append((call.method, call.path, status))
        return Answer(status, json.dumps(data, ensure_ascii=False).encode())

    def _answered(self, method: str, path: str, token: str, body: Any) -> tuple[int, dict[str, Any]]:
        parts = urlsplit(path)
        with self._lock:
            self._since_pause += 1
            if self.quota and self._since_pause > self.quota:
                self._since_pause = 0
                return 429, {"error": {"code": "TOO_MANY", "message": "请求过于频繁"}}
            if parts.path == "/login":
                if body.get("secret") != "s3cret":
                    return 401, {}
                token = f"t{len(self._tokens)}"
                self._tokens[token] = self.token_calls or 10**9
                return 200, {"token": token}
            if self._tokens.get(token, 0) <= 0:
                return 401, {}
            self._tokens[token] -= 1
            names = parts.path.strip("/").split("/")
            if names[0] not in self.fields:
                return 404, {"error": {"code": "NO_MODEL"}}
            return self._model(method, names[0], names[1] if len(names) > 1 else "", parse_qs(parts.query), body)

    def _model(
        self, method: str, model: str, what: str, query: dict[str, list[str]], body: Any
    ) -> tuple[int, dict[str, Any]]:
        if what == "fields":
            return 200, {"fields": [{"name": name, **spec} for name, spec in self.fields[model].items()]}
        if what == "count":
            wanted = " AND ".join(["1", *(f"{name} = ?" for name in body["where"])])
            counted = self.base.execute(f"SELECT count(*) FROM {model} WHERE {wanted}", [*body["where"].values()])
            return 200, {"count": counted.fetchone()[0]}
        if what == "find":
            marks = ", ".join("?" * len(body["values"]))
            return 200, {"items": self._rows(model, f"{body['field']} IN ({marks})", body["values"])}
        if what == "batch":
            work = self._create if method == "POST" else self._update
            return self._batch(body["rows"], lambda row: work(model, row))
        if what == "delete":
            return self._batch(body["rows"], lambda row: self._delete(model, row))
        after, limit = query.get("after", ["0"])[0], query["limit"][0]
        return 200, {"items": self._rows(model, f"id > ? ORDER BY id LIMIT {int(limit)}", [after])}

    def _rows(self, model: str, where: str, values: list[Any]) -> list[dict[str, Any]]:
        names = list(self.fields[model])
        found = self.base.execute(f"SELECT {', '.join(names)} FROM {model} WHERE {where}", values)
        rows = [dict(zip(names, row, strict=True)) for row in found]
        for row in rows:
            row["rev"] = self._revision(model, row["id"])
            row |= {
                name: bool(row[name])
                for name in names
                if self.fields[model][name]["kind"] == "boolean" and row[name] is not None
            }
        return rows

    def _batch(self, rows: list[Any], work: Any) -> tuple[int, dict[str, Any]]:
        """Do all rows: together, or each by itself; results come in no order."""
        results = []
        self.base.execute("BEGIN")
        for row in rows:
            self.base.execute("SAVEPOINT one")
            try:
                results.append(work(row))
            except RefusedError as error:
                if self.atomic:
                    self.base.execute("ROLLBACK")
                    return 422, {"error": {"code": error.code, "field": error.field, "message": "数据不合法"}}
                self.base.execute("ROLLBACK TO one")
                named = {"ref": row.get("ref"), "id": row.get("id")} if isinstance(row, dict) else {"id": row}
                results.append({**named, "code": error.code, "field": error.field})
            self.base.execute("RELEASE one")
        self.base.execute("COMMIT")
        return 200, {"results": results[::-1]}

    def _revision(self, model: str, key: int) -> int:
        """Return how often a row has been changed."""
        found = self.base.execute("SELECT rev FROM revisions WHERE model = ? AND id = ?", (model, key)).fetchone()
        return int(found[0]) if found else 0

    def _refuse_stale(self, model: str, row: dict[str, Any]) -> None:
        if row.get("rev", self._revision(model, row["id"])) != self._revision(model, row["id"]):
            raise RefusedError("STALE")

    def _create(self, model: str, row: dict[str, Any]) -> dict[str, Any]:
        row = {**DEFAULTS.get(model, {}), **row}
        self._check(model, row, {name for name, spec in self.fields[model].items() if spec.get("needed")})
        marks = ", ".join("?" * len(row))
        cursor = self._do(f"INSERT INTO {model} ({', '.join(row)}) VALUES ({marks})", self._stored(row))
        return {"ref": row["ref"], "id": cursor.lastrowid}

    def _update(self, model: str, row: dict[str, Any]) -> dict[str, Any]:
        self._refuse_stale(model, row)
        given = {name: value for name, value in row.items() if name not in ("id", "rev")}
        self._check(model, given, set())
        sets = ", ".join(f"{name} = ?" for name in given)
        if self._do(f"UPDATE {model} SET {sets} WHERE id = ?", [*self._stored(given), row["id"]]).rowcount == 0:
            raise RefusedError("NO_SUCH", "id")
        return {"id": row["id"]}

    def _delete(self, model: str, row: dict[str, Any]) -> dict[str, Any]:
        self._refuse_stale(model, row)
        key = row["id"]
        if (
            model == "deals"
            and self.base.execute("SELECT 1 FROM deals WHERE id = ? AND state <> 'cancelled'", (key,)).fetchone()
        ):
            raise RefusedError("NOT_ALLOWED", "state")
        self._do(f"DELETE FROM {model} WHERE id = ?", [key])
        return {"id": key}

    def _check(self, model: str, row: dict[str, Any], needed: set[str]) -> None:
        for name in needed:
            if row.get(name) in (None, ""):
                raise RefusedError("REQUIRED", name)
        for name, value in row.items():
            if name not in self.fields[model]:
                raise RefusedError("NO_FIELD", name)
            if isinstance(value, str) and len(value) > self.fields[model][name].get("size", 10**6):
                raise RefusedError("TOO_LONG", name)
        if model == "accounts" and row.get("level") not in (*LEVELS, None):
            raise RefusedError("NOT_ALLOWED", "level")

    @staticmethod
    def _stored(row: dict[str, Any]) -> list[Any]:
        return [value.strip() if isinstance(value, str) else value for value in row.values()]

    def _do(self, statement: str, values: list[Any]) -> sqlite3.Cursor:
        try:
            return self.base.execute(statement, values)
        except sqlite3.IntegrityError as error:
            if "UNIQUE" in str(error):
                raise RefusedError("DUPLICATE", "ref") from error
            raise RefusedError("IN_USE" if statement.startswith("DELETE") else "NO_SUCH") from error
