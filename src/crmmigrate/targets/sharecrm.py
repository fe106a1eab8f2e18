"""ShareCRM (纷享销客) by its OpenAPI: `sharecrm+https://APP_ID:${env:APP_SECRET}@open.fxiaoke.com/OPEN_USER_ID?permanent_code=${env:CODE}`.

**Untested against the live service**: built from what is public of its documentation, and tried against a stub of our own (tests/targets/stub_sharecrm.py).

| what | source, as of 2026-09-11 unless a date is given |
|---|---|
| HTTP 200 always, `errorCode` decides, its words change | developer.fxiaoke.com/openapi_v2: 全局返回码, and every page of a call |
| 100 calls in 20 s per interface (30004, 14001); as many a day as were bought (30002), none without (30003) | openapi_v2: 频次限制说明 |
| token of 7,200 s; 20016 where it has ended; asked for at most 10 times a minute, never twice at once | openapi_v2: 应用授权; 旧版传参 (token, corpId and user in the body) |
| a query returns at most 100 rows and reaches 10,000 by offset; behind that `_id` greater than the last one | openapi_v2: 深翻页文档 |
| create, update and invalidate take one row a call; delete takes a list of invalidated ones | openapi_v2: AccountObj, CustomObj; wiki 1146 |
| the owner is changed by changeOwner alone | wiki 1146 |
| no idempotency key; thirdTraceId must differ from call to call | openapi_v2: 公共参数 (2026-08-13) |
| codes for what is wrong with a row | not published: which field is to blame is worked out from the description |
| whether a query shows invalidated rows without being asked for them | not published: they are asked for by themselves too |

A row whose answer was lost is found again by what it holds.
"""

from __future__ import annotations

import re
from contextlib import suppress
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, unquote, urlsplit

from crmmigrate.errors import ConfigurationError, LocationError
from crmmigrate.messages import Message
from crmmigrate.model.connector import AnswerLostError, CallRefusedError, Key, Limits, Link, Reason, Refusal, Values
from crmmigrate.model.schema import TargetColumn, TargetSchema, TargetTable
from crmmigrate.targets.sharecrm_calls import ShareCrmCalls
from crmmigrate.targets.sharecrm_fields import (
    ARCHIVED,
    PEOPLE,
    alike,
    asked,
    column_of,
    is_own,
    options_of,
    read,
    refers_to,
    written,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from decimal import Decimal

    from crmmigrate.model.location import Location

_CALLS, _SECONDS, _ROWS, _OFFSET = 100, 20.0, 100, 10_000
_ID: dict[str, Any] = {"type": "text"}
_EVERYBODY = 999999  # the department that holds the whole company


def connect(location: Location) -> ShareCrm:
    """Return a connection to the company to which the app at `location` belongs.

    Raises:
        ConfigurationError: `target.url`; a secret is not set.
    """
    parts = urlsplit(location.url())
    scheme = parts.scheme.partition("+")[2] or "https"
    given = parse_qs(parts.query)
    code, user = given.get("permanent_code", [""])[0], parts.path.strip("/")
    if scheme not in ("http", "https") or not (parts.hostname and parts.username and parts.password and code and user):
        raise ConfigurationError(
            "target.url", Message("this is no address of a system"), location.shown,
            Message("for example: {names}", names="sharecrm+https://FSAID_1:${env:APP_SECRET}@open.fxiaoke.com/FSUID_1?permanent_code=${env:PERMANENT_CODE}"),
        )  # fmt: skip
    try:
        calls, seconds, patience = (
            float(given.get(name, [usual])[0]) for name, usual in (("calls", _CALLS), ("seconds", _SECONDS), ("answer_seconds", 60))
        )  # fmt: skip
    except ValueError as error:
        numbers = ", ".join(name for name in ("calls", "seconds", "answer_seconds") if name in given)
        raise ConfigurationError(
            "target.url", Message("'{value}' is not a number", value=numbers), location.shown
        ) from error
    limits = Limits(
        rows=1, read_rows=_ROWS, offset=_OFFSET, calls=int(calls), seconds=seconds, answer_seconds=patience, each=True
    )
    port = f":{parts.port}" if parts.port else ""
    app = {"appId": unquote(parts.username), "appSecret": unquote(parts.password), "permanentCode": code}
    return ShareCrm(f"{scheme}://{parts.hostname}{port}", app, user, limits)


class ShareCrm:
    """One company's ShareCRM, seen by one of its people.

    Args:
        url: of the cloud in which the company is.
        app: what the app proves itself by.
        user: the open id (FSUID_…) of the person in whose name calls are made; an administrator sees every row.
        limits: quota and patience.
    """

    atomic = False

    def __init__(self, url: str, app: dict[str, str], user: str, limits: Limits) -> None:
        self.place = f"sharecrm+{url}/{app['appId']}"
        self._limits = limits
        self._calls = ShareCrmCalls(url, self.place, app, user, limits)
        self._names: tuple[str, ...] = ()
        self._fields: dict[str, dict[str, dict[str, Any]]] = {}
        self._people: dict[str, list[Key]] = {}

    def close(self) -> None:
        """Close the connections."""
        self._calls.close()

    def limits(self) -> Limits:
        """Return what the documentation says, or the address."""
        return self._limits

    # ------------------------------------------------------------------------------------------------ describing

    def describe(self, models: Sequence[str]) -> TargetSchema:
        """Return the fields of one value each that are not computed; choices with their values as picklist."""
        tables: dict[str, TargetTable] = {}
        picklists: dict[str, dict[str, str]] = {}
        for model in models:
            if model not in self._models():
                continue
            columns = {"_id": TargetColumn(length=64, identity=True)}
            for name, spec in self._fields_of(model).items():
                options = options_of(spec)
                columns[name] = column_of(name, spec, f"{model}.{name}" if options else "")
                picklists |= {f"{model}.{name}": options} if options else {}
            tables[model] = TargetTable(columns)
        return TargetSchema(1, tables, picklists)

    def _models(self) -> tuple[str, ...]:
        if not self._names:
            found = self._calls.read("/cgi/crm/v2/object/list", {}).get("data") or {}
            active = [spec for spec in found.get("objects") or () if spec.get("isActive") is not False]
            self._names = tuple(str(spec["describeApiName"]) for spec in active)
        return self._names

    def _fields_of(self, model: str) -> dict[str, dict[str, Any]]:
        """Return the fields that hold data. Where the name of the model stands in the call, two pages of the documentation disagree about."""
        if model not in self._fields:
            body = {"apiName": model, "includeDetail": False, "data": {"apiName": model}}
            described = (self._calls.read("/cgi/crm/v2/object/describe", body).get("data") or {}).get("describe") or {}
            fields = described.get("fields") or {}
            self._fields[model] = {name: spec for name, spec in sorted(fields.items()) if is_own(name, spec)}
        return self._fields[model]

    def links(self, model: str) -> Sequence[Link]:
        """Return the fields of all models whose rows would go with a row of this one, or lose it; what we may not read is left out."""
        return [Link(other, name) for other in self._models() for name in self._pointing(other, model)]

    def _pointing(self, other: str, model: str) -> list[str]:
        """Return the fields of another model that point to this one and do not keep its rows from being deleted."""
        try:
            names = [
                name for name, spec in self._fields_of(other).items()
                if spec.get("target_api_name") == model and refers_to(spec) and spec.get("action_on_target_delete") != "do_not_allow"
            ]  # fmt: skip
            if names:
                self._calls.read(_path(other, "query"), self._query(other, [], 1))
        except LocationError as error:
            if error.code not in ("target.denied", "target.failed"):
                raise
            return []
        return names

    # ------------------------------------------------------------------------------------------------ reading

    def count(self, model: str, where: Values | None = None) -> int:
        """Return how many rows there are, or of those wanted: all states are asked for by name, so that invalidated rows count."""
        fields = self._fields_of(model)
        filters = [_filter(name, "EQ", asked(fields.get(name, _ID), value)) for name, value in (where or {}).items()]
        if ARCHIVED[0] in fields and ARCHIVED[0] not in (where or {}):
            filters.append(_filter(ARCHIVED[0], "IN", *options_of(fields[ARCHIVED[0]])))
        found = self._calls.read(_path(model, "query"), self._query(model, filters, 1, counted=True)).get("data") or {}
        return int(found["total"])

    def archived(self, model: str) -> Values:
        """Return the state of an invalidated row."""
        return dict([ARCHIVED]) if ARCHIVED[0] in self._fields_of(model) else {}

    def scan(self, model: str, fields: Sequence[str]) -> Iterator[list[Values]]:
        """Yield all rows in the order of their ids."""
        yield from self._pages(model, [], fields)

    def find(
        self, model: str, on: Sequence[str], wanted: Sequence[tuple[Any, ...]], fields: Sequence[str]
    ) -> list[Values]:
        """Return the rows wanted: asked for by the first field, the others are compared here."""
        spec = self._fields_of(model).get(on[0], _ID)
        filters = [_filter(on[0], "IN", *dict.fromkeys(asked(spec, values[0]) for values in wanted))]
        meant = set(wanted)
        pages = self._pages(model, filters, list(dict.fromkeys((*on, *fields))))
        return [row for rows in pages for row in rows if tuple(row[name] for name in on) in meant]

    def _pages(self, model: str, filters: list[dict[str, Any]], fields: Sequence[str]) -> Iterator[list[Values]]:
        """Yield rows page by page, each behind the last id of the one before; then the invalidated ones, where they were not among them."""
        specs = {"_id": _ID, **{name: self._fields_of(model).get(name, _ID) for name in fields}}
        seen: set[Key] = set()
        more = [[_filter(ARCHIVED[0], "EQ", ARCHIVED[1])]] if ARCHIVED[0] in self._fields_of(model) else []
        for kept in ([], *more):
            last: list[dict[str, Any]] = []
            while True:
                body = self._query(model, [*filters, *kept, *last], self._limits.read_rows, list(specs))
                found = (self._calls.read(_path(model, "query"), body).get("data") or {}).get("dataList") or []
                rows = [{name: read(spec, row.get(name)) for name, spec in specs.items()} for row in found]
                yield [row for row in rows if row["_id"] not in seen]
                seen.update(row["_id"] for row in rows)
                if len(found) < self._limits.read_rows:
                    break
                last = [_filter("_id", "GT", rows[-1]["_id"])]

    def _query(
        self, model: str, filters: list[dict[str, Any]], most: int, fields: Sequence[str] = (), *, counted: bool = False
    ) -> dict[str, Any]:
        wanted = {
            "limit": most,
            "offset": 0,
            "filters": filters,
            "orders": [{"fieldName": "_id", "isAsc": True}],
        }
        if fields:
            wanted["fieldProjection"] = list(fields)
        return {"data": {"dataObjectApiName": model, "find_explicit_total_num": counted, "search_query_info": wanted}}

    def resolve(self, model: str, texts: Sequence[str]) -> dict[str, list[Key]]:
        """Return the ids of the rows that have a text as name; people by their name; an id stands for itself."""
        if model == PEOPLE:
            return {text: self._everybody().get(text, []) for text in texts}
        found: dict[str, list[Key]] = {}
        for name in ("name", "_id"):
            for start in range(0, len(texts), self._limits.read_rows):
                wanted = [(text,) for text in texts[start : start + self._limits.read_rows]]
                for row in self.find(model, (name,), wanted, ()):
                    found.setdefault(str(row[name]), []).append(row["_id"])
        return found

    def _everybody(self) -> dict[str, list[Key]]:
        """Return name, or open id → the open ids of the people of the company."""
        if not self._people:
            body = {"departmentId": _EVERYBODY, "fetchChild": True, "showDepartmentIdsDetail": False}
            for person in self._calls.read("/cgi/user/list", body).get("userList") or ():
                for text in dict.fromkeys((str(person.get("name")), str(person["openUserId"]))):
                    self._people.setdefault(text, []).append(str(person["openUserId"]))
        return self._people

    def mark(self, model: str) -> str:
        """Return nothing: a row is known by what it holds, its match key among that, for which was looked in vain before it was sent."""
        del model
        return ""

    def created(self, model: str, rows: Mapping[str, Values], mark: str) -> dict[str, Key]:
        """Return record → id of the rows that hold what was sent."""
        del mark
        found: dict[str, Key] = {}
        for record, values in rows.items():
            text = next((name for name in self._telling(model) if isinstance(values.get(name), str)), "")
            wanted = [_filter(text, "IN", values[text].strip())] if text else []
            pages = self._pages(model, wanted, list(values))
            key = next((row["_id"] for page in pages for row in page if self.holds(model, row, values)), None)
            if key is not None:
                found[record] = key
        return found

    def _telling(self, model: str) -> list[str]:
        """Return the fields by which a row is asked for: unique ones first, then the name, then other short text."""
        short = {name: spec for name, spec in self._fields_of(model).items() if spec["type"] == "text"}
        return sorted(short, key=lambda name: (not short[name].get("is_unique"), name != "name"))

    def holds(self, model: str, row: Values, values: Values) -> bool:
        """Whether a row holds what was sent, as far as a row without an id of ours can be known again."""
        fields, columns = self._fields_of(model), self.describe([model]).tables[model].columns
        return all(alike(fields[name], columns[name], row[name], value) for name, value in values.items())

    # ------------------------------------------------------------------------------------------------ writing

    def create(self, model: str, rows: Mapping[str, Values]) -> dict[str, Key | Refusal]:
        """Make one row, without approvals and workflows; a model of the company's own may not tell its id, then it is looked up."""
        ((record, values),) = rows.items()
        told = self._calls.write(_path(model, "create"), self._row(model, values))
        if not told.get("dataId"):
            raise AnswerLostError
        return {record: str(told["dataId"])}

    def update(self, model: str, rows: Mapping[Key, Values]) -> dict[Key, Refusal | None]:
        """Change fields of one row: whether it is invalidated and who owns it by calls of their own, each of which may be made again."""
        ((key, values),) = rows.items()
        rest = {name: value for name, value in values.items() if name not in (ARCHIVED[0], "owner")}
        state = values.get(ARCHIVED[0])
        if ARCHIVED[0] in values and state != ARCHIVED[1]:
            self._calls.write(_path(model, "recover"), _these(model, key))
        if "owner" in values:
            owner = {"objectDataId": key, "ownerId": written({"type": "employee"}, values["owner"])}
            self._calls.write(_path(model, "changeOwner"), {"data": {"dataObjectApiName": model, "Data": [owner]}})
        if rest:
            self._calls.write(_path(model, "update"), self._row(model, {"_id": key, **rest}))
        if state == ARCHIVED[1]:
            self._calls.write(_path(model, "invalid"), _this(model, key))
        return {key: None}

    def _row(self, model: str, values: Values) -> dict[str, Any]:
        fields = self._fields_of(model)
        data = {name: written(fields.get(name, _ID), value) for name, value in values.items()}
        named = {"dataObjectApiName": model, "object_describe_api_name": model}
        return {"triggerWorkFlow": False, "triggerApprovalFlow": False, "data": {"object_data": {**named, **data}}}

    def delete(self, model: str, keys: Sequence[Key]) -> dict[Key, Refusal | None]:
        """Invalidate one row, then take it out; one that cannot go is valid again."""
        (key,) = keys
        field, invalid = ARCHIVED
        states = field in self._fields_of(model)
        rows = self.find(model, ("_id",), [(key,)], (field,) if states else ())
        invalidated = False
        try:
            if rows and states and rows[0][field] != invalid:
                self._calls.write(_path(model, "invalid"), _this(model, key))
                invalidated = True
            if rows:
                self._calls.write(_path(model, "delete"), _these(model, key))
        except CallRefusedError:
            if invalidated:
                with suppress(CallRefusedError):
                    self._calls.write(_path(model, "recover"), _these(model, key))
            return {key: Refusal("foreign-key")}  # whatever the code: what keeps a row is what refers to it
        return {key: None}

    def touched(self, model: str) -> Sequence[str]:
        """Return the field that says that a row is invalidated."""
        return (ARCHIVED[0],) if ARCHIVED[0] in self._fields_of(model) else ()

    def suits(self, model: str, field: str, number: Decimal) -> bool:
        """Return yes: no bounds are told."""
        del model, field, number
        return True

    def blame(self, model: str, values: Values, refusal: Refusal) -> Refusal:
        """Say which field of a refused row is to blame, as far as the description tells: no code does."""
        for name in self._fields_of(model):
            reason = self._wrong(model, name, values[name]) if name in values else None
            if reason:
                return Refusal(reason, name)
        return refusal

    def _wrong(self, model: str, name: str, value: Any) -> Reason | None:
        """Return what is wrong with a value, as far as the description of its field tells."""
        schema, spec = self.describe([model]), self._fields_of(model)[name]
        column = schema.tables[model].columns[name]
        if value is None:
            return "not-null" if column.required else None
        if column.picklist and value not in schema.picklists[column.picklist]:
            return "check"
        if isinstance(value, str) and len(value) > column.length:
            return "length"
        if spec.get("pattern") and not re.fullmatch(str(spec["pattern"]), str(value)):
            return "check"
        if column.unique and self.find(model, (name,), [(value,)], ()):
            return "unique"
        if column.references and not self.resolve(column.references, [value]).get(value):
            return "foreign-key"
        return None


def _path(model: str, what: str) -> str:
    """Return the path of a call; a company's own models, whose names end so, have one of their own."""
    return f"/cgi/crm/custom/v2/data/{what}" if model.endswith("__c") else f"/cgi/crm/v2/data/{what}"


def _filter(field: str, operator: str, *values: str) -> dict[str, Any]:
    return {"field_name": field, "operator": operator, "field_values": list(values)}


def _this(model: str, key: Key) -> dict[str, Any]:
    return {"data": {"dataObjectApiName": model, "object_data_id": key}}


def _these(model: str, key: Key) -> dict[str, Any]:
    return {"data": {"dataObjectApiName": model, "idList": [key]}}
