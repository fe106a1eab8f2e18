"""Tryton by JSON-RPC: `tryton+https://USER:${env:TRYTON_PASSWORD}@HOST/DATABASE`, tried with version 8.2.

Tryton has no external ids: a row whose answer was lost is found again by what it holds, among those that this user has made since. One
row to blame refuses its whole call, and says so in words alone; which field it is about is worked out from what the model says of itself.
"""

from __future__ import annotations

import base64
import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from crmmigrate.errors import LocationError
from crmmigrate.messages import Message
from crmmigrate.model.connector import AnswerLostError, CallRefusedError, Key, Limits, Link, Refusal, Values
from crmmigrate.model.schema import LONGEST, TargetColumn, TargetSchema, TargetTable
from crmmigrate.targets.address import read_address, wrong_address
from crmmigrate.targets.calls import Calls
from crmmigrate.targets.tryton_json import EDITED, bare, keeps_to, kind_of_error, opened, written

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from crmmigrate.model.location import Location

_TYPES = {
    "char": "text", "text": "text", "selection": "text", "integer": "integer", "biginteger": "integer", "many2one": "integer",
    "numeric": "decimal", "float": "decimal", "boolean": "boolean", "date": "date", "datetime": "datetime", "timestamp": "datetime",
}  # fmt: skip
_KEPT_BY_TRYTON = ("create_date", "create_uid", "write_date", "write_uid", "last_modified_at", "rec_name", "xml_id")
_FILLED_IN = {"party.party": ("code",)}
"""Fields declared required that Tryton fills in by itself when a row is made, from a sequence, which `default_get` does not tell."""
_CHECKED = {"party.identifier": "code", "party.contact_mechanism": "value"}
"""Model → the field whose value Tryton checks (sums of codes, telephones in E.164) and may write in another form."""
_BEFORE_DELETE = {
    "sale.opportunity": (
        ("state", "end_date"),
        {"lead": ("cancel",), "opportunity": ("cancel",), "lost": ("lead", "cancel")},
    )
}
"""Model → its state with what changes along with it, and the methods that bring a row from where it is to where it may be deleted."""
_MONEY_SCALE, _FLOAT_SCALE = 2, 6
_ANSWER_SECONDS = 360.0
"""Tryton ends a call after 60 s (`timeout` under `[request]`), and begins it up to five times anew (`retry` under `[database]`)."""
_STAMP = "_timestamp"
_STAMPS = 100_000
"""Of so many rows it is remembered when they were changed last: more than a batch has."""
_LOGOUT = {"id": 0, "method": "common.db.logout", "params": []}


def connect(location: Location) -> Tryton:
    """Return a connection to the database at `location`; Tryton is asked when the first question comes.

    Raises:
        ConfigurationError: `target.url`; a secret is not set.
    """
    example = "tryton+https://USER:${env:TRYTON_PASSWORD}@HOST:8000/DATABASE"
    address = read_address(location, example, _ANSWER_SECONDS)
    if not address.user:
        raise wrong_address(location, example)
    return Tryton(address.url, address.database, (address.user, address.secret), address.limits)


class Tryton:
    """One database of a Tryton server.

    Args:
        url: of the server.
        database: its name.
        user: name and password.
        limits: rows of a call, and patience.
    """

    atomic = True

    def __init__(self, url: str, database: str, user: tuple[str, str], limits: Limits) -> None:
        self.place = f"tryton+{url}/{database}"
        self._user = user
        self._path = f"/{database}/rpc/"
        self._limits = limits
        self._calls = Calls(url, self.place, limits, self._login)
        self._context: dict[str, Any] | None = None
        self._user_id = 0
        self._fields: dict[str, dict[str, dict[str, Any]]] = {}
        self._tables: dict[str, TargetTable] = {}
        self._picklists: dict[str, dict[str, str]] = {}
        self._stamps: dict[str, str] = {}

    def close(self) -> None:
        """End the session at Tryton."""
        self._calls.last("POST", self._path, body=_LOGOUT)
        self._calls.close()

    def limits(self) -> Limits:
        """Return what the address says; what Tryton itself allows is more."""
        return self._limits

    # ------------------------------------------------------------------------------------------------ describing

    def describe(self, models: Sequence[str]) -> TargetSchema:
        """Return the fields that lie in the model's own table, with the values that a selection allows as picklist."""
        for model in models:
            if model not in self._tables and (fields := self._fields_of(model)):
                self._tables[model] = self._table(model, fields)
        tables = {model: self._tables[model] for model in models if model in self._tables}
        used = {column.picklist for table in tables.values() for column in table.columns.values()}
        return TargetSchema(1, tables, {name: codes for name, codes in self._picklists.items() if name in used})

    def _fields_of(self, model: str) -> dict[str, dict[str, Any]]:
        if model not in self._fields:
            answer = self._reply(f"model.{model}.fields_get", [[]], missing=True)
            self._fields[model] = answer or {}
        return self._fields[model]

    def _table(self, model: str, fields: dict[str, dict[str, Any]]) -> TargetTable:
        own = {
            name: spec for name, spec in sorted(fields.items())
            if spec["type"] in _TYPES and spec["searchable"] and spec["sortable"] and name not in (*_KEPT_BY_TRYTON, "id")
        }  # fmt: skip
        given = self._reply(f"model.{model}.default_get", [list(own), False])
        filled = {*_FILLED_IN.get(model, ()), *(name for name, value in given.items() if value is not None)}
        columns = {"id": TargetColumn("integer", identity=True)}
        columns |= {name: self._column(model, name, spec, name in filled) for name, spec in own.items()}
        return TargetTable(columns)

    def _column(self, model: str, name: str, spec: dict[str, Any], is_filled: bool) -> TargetColumn:  # noqa: FBT001
        kind: Any = _TYPES[spec["type"]]
        picklist = ""
        if spec["type"] == "selection" and (codes := self._codes(model, spec.get("selection"))):
            picklist = f"{model}.{name}"
            self._picklists[picklist] = codes
        return TargetColumn(
            type=kind, length=int(spec.get("size") or LONGEST), precision=18, scale=_scale(spec), picklist=picklist,
            required=bool(spec.get("required")) and not spec.get("readonly") and not is_filled,
            references=str(spec.get("relation") or "") if spec["type"] == "many2one" else "", title=str(spec.get("string") or ""),
        )  # fmt: skip

    def _codes(self, model: str, selection: Any) -> dict[str, str]:
        """Return code → title of what a selection allows; nothing where that depends on the row."""
        pairs = selection
        if isinstance(selection, str):
            pairs = self._reply(f"model.{model}.{selection}", [], missing=True)
        return {str(code): str(title) for code, title in pairs or () if code}

    def links(self, model: str) -> Sequence[Link]:
        """Return what hangs on a row by a field of the other model, because Tryton deletes much of that along with it."""
        return [
            Link(str(spec["relation"]), str(spec["relation_field"]))
            for spec in self._fields_of(model).values()
            if spec["type"] == "one2many" and spec.get("relation_field") and not spec.get("readonly")
            and self._is_own(str(spec["relation"]), str(spec["relation_field"]))
        ]  # fmt: skip

    def _is_own(self, model: str, field: str) -> bool:
        """Whether a field refers to rows of one model, lies in its table, and can be read (some models are not there for clients)."""
        table = self.describe([model]).tables.get(model)
        refers = table is not None and field in table.columns and bool(table.columns[field].references)
        return refers and self._reply(f"model.{model}.search_read", [[], 0, 1, None, ["id"]], missing=True) is not None

    # ------------------------------------------------------------------------------------------------ reading

    def count(self, model: str, where: Values | None = None) -> int:
        """Return how many rows there are, or of those wanted; inactive ones too."""
        domain = [[name, "=", value] for name, value in (where or {}).items()]
        return int(self._reply(f"model.{model}.search_count", [domain]))

    def archived(self, model: str) -> Values:
        """Return the field that Tryton has for it, where this model has it."""
        return {"active": False} if "active" in self._fields_of(model) else {}

    def scan(self, model: str, fields: Sequence[str]) -> Iterator[list[Values]]:
        """Yield all rows in the order of their ids."""
        last = 0
        while rows := self._search(model, [["id", ">", last]], fields, self._limits.read_rows):
            yield rows
            last = rows[-1]["id"]

    def find(
        self, model: str, on: Sequence[str], wanted: Sequence[tuple[Any, ...]], fields: Sequence[str]
    ) -> list[Values]:
        """Return the rows wanted."""
        if len(on) == 1:
            domain: list[Any] = [[on[0], "in", [values[0] for values in wanted]]]
        else:
            each = ([[name, "=", value] for name, value in zip(on, values, strict=True)] for values in wanted)
            domain = ["OR", *each]
        found = self._search(model, domain, (*fields, _STAMP))
        self._remember(model, found)
        return [{name: row[name] for name in ("id", *fields)} for row in found]

    def _remember(self, model: str, rows: Sequence[Values]) -> None:
        """Remember when rows were changed last: Tryton will not change or delete them if somebody has done so since."""
        for row in rows:
            if stamp := row[_STAMP]:  # what is not a table of its own has none
                self._stamps[f"{model},{row['id']}"] = stamp
        while len(self._stamps) > _STAMPS:
            self._stamps.pop(next(iter(self._stamps)))

    def _unchanged(self, model: str, keys: Iterable[Key]) -> dict[str, Any]:
        """Return what has Tryton refuse a call where one of the rows has been changed since we looked at it."""
        names = [f"{model},{key}" for key in keys]
        return {_STAMP: {name: self._stamps[name] for name in names if name in self._stamps}}

    def _search(self, model: str, domain: list[Any], fields: Sequence[str], most: int | None = None) -> list[Values]:
        found = self._reply(
            f"model.{model}.search_read", [domain, 0, most, [["id", "ASC"]], list(dict.fromkeys(("id", *fields)))]
        )
        return [{name: row.get(name) for name in ("id", *fields)} for row in found]

    def resolve(self, model: str, texts: Sequence[str]) -> dict[str, list[Key]]:
        """Return the ids of the rows that have a text as record name or as code."""
        names = ["rec_name", *(["code"] if "code" in self._fields_of(model) else [])]
        domain = ["OR", *([name, "in", list(texts)] for name in names)]
        found: dict[str, list[Key]] = {}
        for row in self._search(model, domain, names):
            for text in dict.fromkeys(str(row[name]) for name in names):
                found.setdefault(text, []).append(row["id"])
        return found

    def mark(self, model: str) -> str:
        """Return the highest id."""
        found = self._reply(f"model.{model}.search", [[], 0, 1, [["id", "DESC"]]])
        return str(found[0] if found else 0)

    def created(self, model: str, rows: Mapping[str, Values], mark: str) -> dict[str, Key]:
        """Return record → id: a call makes all of its rows or none, so that either each is found among the new ones or none was made."""
        fields = self._fields_of(model)
        domain: list[Any] = [["id", ">", int(mark or 0)]]
        if fields["create_uid"]["searchable"]:
            domain.append(["create_uid", "=", self._user_id])
        sent = sorted({name for values in rows.values() for name in values})
        free = self._search(model, domain, sent)
        found: dict[str, Key] = {}
        for record, values in rows.items():
            row = next((row for row in free if self.holds(model, row, values)), None)
            if row is None:
                return {}
            free.remove(row)
            found[record] = row["id"]
        return found

    def holds(self, model: str, row: Values, values: Values) -> bool:
        """Whether a row holds what was sent: Tryton cuts blanks, and rewrites the values that it checks."""
        rewritten = _CHECKED.get(model)
        for name, value in values.items():
            if name == rewritten:
                if bare(row[name]) != bare(value):
                    return False
            elif isinstance(value, str) and isinstance(row[name], str):
                if row[name].strip() != value.strip():
                    return False
            elif isinstance(value, Decimal) and row[name] is not None:
                if Decimal(str(row[name])) != value:
                    return False
            elif row[name] != value:
                return False
        return True

    # ------------------------------------------------------------------------------------------------ writing

    def create(self, model: str, rows: Mapping[str, Values]) -> dict[str, Key | Refusal]:
        """Make rows; Tryton answers with their ids alone, in order, so that `holds` is asked of each when it is read back."""
        ids = self._change(f"model.{model}.create", [list(rows.values())])
        return dict(zip(rows, ids, strict=True))

    def update(self, model: str, rows: Mapping[Key, Values]) -> dict[Key, Refusal | None]:
        """Change fields of rows, each in its own way, in one call; a row that somebody has changed since it was looked at is left alone."""
        arguments: list[Any] = []
        for key, values in rows.items():
            arguments += [[key], values]
        self._change(f"model.{model}.write", arguments, self._unchanged(model, rows))
        return dict.fromkeys(rows)

    def delete(self, model: str, keys: Sequence[Key]) -> dict[Key, Refusal | None]:
        """Take rows out, with the change of state that Tryton asks for before."""
        if model in _BEFORE_DELETE:
            (field, *_), ways = _BEFORE_DELETE[model]
            states = self._search(model, [["id", "in", list(keys)]], (field,))
            for state, methods in ways.items():
                waiting = [row["id"] for row in states if row[field] == state]
                for method in methods if waiting else ():
                    self._change(f"model.{model}.{method}", [waiting], self._unchanged(model, waiting))
        try:
            self._change(f"model.{model}.delete", [list(keys)], self._unchanged(model, keys))
        except CallRefusedError as error:
            if error.refusal.reason == "edited":
                raise
            raise CallRefusedError(
                Refusal("foreign-key")
            ) from error  # whatever the words: what keeps a row is what refers to it
        return dict.fromkeys(keys)

    def touched(self, model: str) -> Sequence[str]:
        """Return the state, and what changes along with it."""
        return _BEFORE_DELETE[model][0] if model in _BEFORE_DELETE else ()

    def suits(self, model: str, field: str, number: Decimal) -> bool:
        """Return whether it keeps to the field's domain."""
        return keeps_to(self._fields_of(model)[field].get("domain"), field, number)

    def blame(self, model: str, values: Values, refusal: Refusal) -> Refusal:
        """Say which field of a refused row is to blame, as far as the model tells: Tryton's own answer is words for people."""
        columns = self.describe([model]).tables[model].columns
        for name, value in values.items():
            column = columns[name]
            if column.required and value in (None, ""):
                return Refusal("not-null", name)
            if column.picklist and value is not None and value not in self._picklists[column.picklist]:
                return Refusal("check", name)
            if isinstance(value, str) and len(value) > column.length:
                return Refusal("length", name)
            if name != "id" and not keeps_to(self._fields_of(model)[name].get("domain"), name, value):
                return Refusal("check", name)
        if model in _CHECKED:
            return Refusal("check", _CHECKED[model])
        code = values.get("code")
        taken = code is not None and self._search(model, [["code", "=", code]], ())
        return Refusal("unique", "code") if taken else refusal

    # ------------------------------------------------------------------------------------------------ calls

    def _reply(self, method: str, arguments: list[Any], *, missing: bool = False) -> Any:
        """Return the result of a call that reads; None where it may be `missing` and is."""
        try:
            reply = self._calls.read("POST", self._path, body=self._body(method, arguments))
        except LocationError as denied:
            if missing and denied.code == "target.denied":  # it exists and is not for us
                return None
            raise
        result, error = opened(reply.data)
        if error is None and reply.data is not None:
            return result
        if missing and error is not None:
            return None
        raise LocationError(
            "target.failed", Message("the system refuses: {why}", why=kind_of_error(error) or f"HTTP {reply.status}"), f"{self.place}#{method.rpartition('.')[0].removeprefix('model.')}",
            Message("look into its log"),
        )  # fmt: skip

    def _change(self, method: str, arguments: list[Any], unchanged: dict[str, Any] | None = None) -> Any:
        """Return the result of a call that writes; it is one transaction at Tryton.

        Args:
            method: of a model.
            arguments: of the method.
            unchanged: of which rows it is to be refused if somebody has changed them since.

        Raises:
            CallRefusedError: Tryton says no.
            AnswerLostError: no answer; or an error that says nothing about the rows. The session is over then, so that a call that
                waits somewhere on its way is not let in any more; what Tryton has begun, its own time limit ends.
        """
        try:
            reply = self._calls.write("POST", self._path, body=self._body(method, arguments, unchanged))
        except AnswerLostError:
            self._calls.last("POST", self._path, body=_LOGOUT)
            raise
        result, error = opened(reply.data)
        if reply.data is None:
            raise AnswerLostError(ended=True)
        if error is None:
            for name in (unchanged or {}).get(_STAMP, ()):  # now it is we who have changed them
                self._stamps.pop(name, None)
            return result
        kind = kind_of_error(error)
        if kind:
            raise CallRefusedError(Refusal("edited" if kind == EDITED else "other"))
        raise AnswerLostError(ended=True)

    def _body(self, method: str, arguments: list[Any], more: dict[str, Any] | None = None) -> dict[str, Any]:
        context: dict[str, Any] = {"active_test": False, **(more or {})}
        if self._context is None:
            self._context = {}
            self._context = self._reply("model.res.user.get_preferences", [True])
        return {"id": 0, "method": method, "params": [*map(written, arguments), {**self._context, **context}]}

    def _login(self, calls: Calls) -> dict[str, str]:
        name, password = self._user
        body = {"id": 0, "method": "common.db.login", "params": [name, {"password": password}, "en"]}
        reply = calls.plain("POST", self._path, body=body)
        result, _ = opened(reply.data)
        if not isinstance(result, list):
            raise calls.denied(f"HTTP {reply.status}")
        self._user_id = int(result[0])
        token = base64.b64encode(f"{name}:{result[0]}:{result[1]}".encode()).decode()
        return {"Authorization": f"Session {token}"}


def _scale(spec: dict[str, Any]) -> int:
    """Return the decimal places that a field keeps; of money as many as its currency has, which are two nearly everywhere."""
    if spec["type"] not in ("numeric", "float"):
        return 0
    digits = json.loads(spec.get("digits") or "null")
    if isinstance(digits, list) and isinstance(digits[1], int):
        return digits[1]
    return _MONEY_SCALE if isinstance(digits, str) else _FLOAT_SCALE
