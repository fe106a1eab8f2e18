"""A stub of ShareCRM's OpenAPI: what its public documentation says, and the worst of what it leaves open. Nobody has held it against the real one.

HTTP 200 always. A token ends after some calls (20016); beyond 100 calls per interface and window 30004; every call names itself anew. The description
asks for fields that a row gets by itself, says nothing of an owner that it must have, and names computed ones. Text loses the blanks around it, amounts are
text with the places of their field, what is empty is left out, an owner in an update is passed over in silence. A row is invalidated before it may be deleted, takes its
details along, and is then shown by a query only where that is asked for. Ids follow no order.
"""

from __future__ import annotations

import json
import re
import secrets
import threading
import time
from collections import defaultdict, deque
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.targets.answering import Answer, AnsweringServer, Call

APP = {"appId": "FSAID_1", "appSecret": "app/s3cret", "permanentCode": "P3RM"}
ADMINISTRATOR = "FSUID_0"
PEOPLE = {"FSUID_0": "管理员", "FSUID_1": "王敏", "FSUID_2": "李雷", "FSUID_3": "李雷"}
ZONE = 8 * 3600 * 1000

_SYSTEM: dict[str, dict[str, Any]] = {
    "_id": {"type": "text"}, "create_time": {"type": "date_time"}, "created_by": {"type": "employee"}, "last_modified_time": {"type": "date_time"},
    "life_status": {"type": "select_one", "is_required": True, "options": [{"label": "正常", "value": "normal"}, {"label": "作废", "value": "invalid"}]},
    "record_type": {"type": "record_type", "is_required": True, "options": [{"label": "默认业务类型", "api_name": "default__c"}]},
    "owner": {"type": "employee", "is_required": False, "is_single": True},
}  # fmt: skip
FIELDS: dict[str, dict[str, dict[str, Any]]] = {
    "AccountObj": {
        "name": {"type": "text", "max_length": 30, "is_required": True, "label": "客户名称"},
        "account_no": {"type": "auto_number", "is_required": True}, "legacy_no__c": {"type": "text", "max_length": 50, "is_unique": True},
        "account_level": {"type": "select_one", "options": [{"label": "重点", "value": "1"}, {"label": "一般", "value": "2"}, {"label": "停用", "value": "9", "not_usable": True}]},
        "tel": {"type": "phone_number", "max_length": 20, "pattern": r"\+?[0-9-]{5,20}"},
        "annual_revenue": {"type": "currency", "length": 12, "decimal_places": 2}, "founded__c": {"type": "date"}, "last_visit__c": {"type": "date_time"},
        "is_key__c": {"type": "true_or_false"}, "remark": {"type": "long_text", "max_length": 2000}, "level_name__c": {"type": "formula"},
        "tags__c": {"type": "select_many", "options": []}, "priority__c": {"type": "text", "is_required": True, "default_value": "普通"},
    },
    "ContactObj": {
        "name": {"type": "text", "max_length": 30, "is_required": True}, "legacy_no__c": {"type": "text", "max_length": 50},
        "job_title": {"type": "text", "max_length": 50}, "account_id": {"type": "object_reference", "target_api_name": "AccountObj", "action_on_target_delete": "set_null"},
    },
    "object_deal__c": {
        "name": {"type": "text", "max_length": 50, "is_required": True}, "legacy_no__c": {"type": "text", "max_length": 50},
        "amount__c": {"type": "currency", "length": 12, "decimal_places": 2},
        "account__c": {"type": "object_reference", "target_api_name": "AccountObj", "is_required": True, "action_on_target_delete": "do_not_allow"},
    },
    "object_visit__c": {
        "name": {"type": "text", "max_length": 50}, "account__c": {"type": "master_detail", "target_api_name": "AccountObj", "is_required": True},
    },
}  # fmt: skip
_CALL = re.compile(r"/cgi/crm/(custom/)?v2/data/(\w+)")
Row = dict[str, Any]


class RefusedError(Exception):
    """A call is answered by a code."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class StubShareCrm(AnsweringServer):
    """The system: start it with `with`, and change it behind its API by `rows`.

    Args:
        calls: of one interface in `seconds`; 0 where nobody counts. Without seconds, one call is sent back after so many, whenever they were made.
        token_calls: calls after which a token does not count any more; 0 for ever.
    """

    def __init__(self, calls: int = 0, seconds: float = 1.0, token_calls: int = 0) -> None:
        super().__init__()
        self.quota, self.seconds, self.token_calls = calls, seconds, token_calls
        self.fields: dict[str, dict[str, dict[str, Any]]] = {
            model: {name: {"api_name": name, "is_active": True, **spec} for name, spec in {**_SYSTEM, **fields}.items()}
            for model, fields in FIELDS.items()
        }
        self.rows: dict[str, dict[str, Row]] = {model: {} for model in FIELDS}
        self.calls: list[tuple[str, int]] = []
        """Path and code of every call."""
        self.failing: list[int] = []
        """Codes that the next writing calls answer, though they do their work."""
        self.spent = False
        self._lock = threading.Lock()
        self._tokens: dict[str, int] = {}
        self._seen: set[str] = set()
        self._made: dict[str, deque[float]] = defaultdict(deque)
        self._clock = 0

    def put(self, model: str, **values: Any) -> str:
        """Make a row as a person does in the system."""
        with self._lock:
            return self._create(model, {"owner": [ADMINISTRATOR], **values})

    # ------------------------------------------------------------------------------------------------ the API

    def answer(self, call: Call) -> Answer:
        """Answer a call, and note it."""
        path = urlsplit(call.path)
        with self._lock:
            try:
                told = self._told(path.path, parse_qs(path.query), json.loads(call.body or b"{}"))
            except RefusedError as error:
                told = {"errorCode": error.code, "errorMessage": secrets.choice(("参数错误", "操作失败，请稍后重试"))}
            if _is_write(path.path) and self.failing and "errorMessage" not in told:
                told = {"errorCode": self.failing.pop(0), "errorMessage": "系统繁忙"}
            told = {"errorCode": 0, "errorMessage": "OK", "traceId": secrets.token_hex(4), **told}
            self.calls.append((path.path, told["errorCode"]))
        return Answer(200, json.dumps(told, ensure_ascii=False).encode())

    def _told(self, path: str, query: dict[str, list[str]], body: Row) -> Row:
        (trace,) = query.get("thirdTraceId", [""])
        if not trace or trace in self._seen:
            raise RefusedError(32000)
        self._seen.add(trace)
        self._count(path)
        if path == "/cgi/corpAccessToken/get/V2":
            return self._token(body)
        if not body.get("corpAccessToken"):
            raise RefusedError(20017)
        if self._tokens.get(body["corpAccessToken"], 0) <= 0 or body.get("corpId") != "FSCID_1":
            raise RefusedError(20016)
        self._tokens[body["corpAccessToken"]] -= 1
        if body.get("currentOpenUserId") != ADMINISTRATOR:
            raise RefusedError(20012)
        if self.spent:
            raise RefusedError(30002)
        if path == "/cgi/user/list":
            return {"userList": [{"openUserId": key, "name": name} for key, name in PEOPLE.items()]}
        if path == "/cgi/crm/v2/object/list":
            return {"data": {"objects": [{"describeApiName": model, "isActive": True} for model in self.fields]}}
        if path == "/cgi/crm/v2/object/describe":
            return {
                "data": {"describe": {"api_name": body["apiName"], "fields": self._of(self.fields, body["apiName"])}}
            }
        call = _CALL.fullmatch(path)
        if call is None:
            raise RefusedError(10006)
        return self._data(bool(call.group(1)), call.group(2), body)

    def _count(self, path: str) -> None:
        made, now = self._made[path], time.monotonic()
        while self.seconds and made and made[0] <= now - self.seconds:
            made.popleft()
        if self.quota and len(made) >= self.quota:
            if not self.seconds:
                made.clear()
            raise RefusedError(30004)
        made.append(now)

    def _token(self, body: Row) -> Row:
        if {name: body.get(name) for name in APP} != APP:
            raise RefusedError(10006)
        good = [token for token, left in self._tokens.items() if left > 0]
        token = good[-1] if good else secrets.token_hex(8)
        self._tokens.setdefault(token, self.token_calls or 10**9)
        return {"corpAccessToken": token, "corpId": "FSCID_1", "expiresIn": 7200}

    def _data(self, custom: bool, what: str, body: Row) -> Row:
        data = body["data"]
        given = data.get("object_data", {})
        model = (given if what in ("create", "update") else data)["dataObjectApiName"]
        if custom != model.endswith("__c"):
            raise RefusedError(32000)
        rows = self._of(self.rows, model)
        if what == "query":
            return self._query(model, data["search_query_info"], counted=data.get("find_explicit_total_num", True))
        if what == "create":
            key = self._create(model, given, asked=body)
            return {} if custom else {"dataId": key}
        if what == "update":
            self._update(model, self._of(rows, given["_id"]), {name: given[name] for name in given if name != "owner"})
        elif what == "changeOwner":
            self._change_owners(rows, data["Data"])
        elif what == "invalid":
            self._mark(model, data["object_data_id"], "normal", "invalid")
        elif what in ("recover", "delete"):
            for key in data["idList"]:
                self._mark(model, key, "invalid", "normal") if what == "recover" else self._delete(model, key)
        else:
            raise RefusedError(10006)
        return {}

    def _change_owners(self, rows: dict[str, Row], changes: list[Row]) -> None:
        for change in changes:
            if not isinstance(change["ownerId"], list) or not set(change["ownerId"]) <= set(PEOPLE):
                raise RefusedError(30027)
            self._of(rows, change["objectDataId"])["owner"] = change["ownerId"]

    @staticmethod
    def _of(rows: dict[str, Any], key: str) -> Any:
        if key not in rows:
            raise RefusedError(32000)
        return rows[key]

    def _query(self, model: str, asked: Row, *, counted: bool) -> Row:
        limit, offset = asked["limit"], asked["offset"]
        if offset > 10_000:
            raise RefusedError(10013)
        if limit > 100 or offset % limit:
            raise RefusedError(32000)
        by_state = any(one["field_name"] == "life_status" for one in asked["filters"])
        found = [
            row
            for row in self.rows[model].values()
            if all(_holds(row, one) for one in asked["filters"]) and (by_state or row["life_status"] == "normal")
        ]
        for order in asked["orders"]:
            found.sort(key=lambda row: row[order["fieldName"]], reverse=not order["isAsc"])
        wanted = asked.get("fieldProjection") or list(self.fields[model])
        shown = [
            {name: row[name] for name in wanted if row.get(name) not in (None, "", [])}
            for row in found[offset : offset + limit]
        ]
        return {"data": {"dataList": shown, "total": len(found) if counted else 0, "offset": offset, "limit": limit}}

    def _create(self, model: str, given: Row, asked: Row | None = None) -> str:
        if asked is not None and (asked.get("triggerWorkFlow", True) or asked.get("triggerApprovalFlow", True)):
            raise RefusedError(32000)  # the real one would set workflows going
        if not given.get("owner"):
            raise RefusedError(32000)
        key = secrets.token_hex(12)
        self._clock += 1
        filled = {name: spec["default_value"] for name, spec in self.fields[model].items() if "default_value" in spec}
        filled |= {
            name: f"{self._clock:06}" for name, spec in self.fields[model].items() if spec["type"] == "auto_number"
        }
        row = {**filled, "_id": key, "life_status": "normal", "record_type": "default__c", "created_by": [ADMINISTRATOR],
               "create_time": round(time.time() * 1000)}  # fmt: skip
        self._update(model, row, given)
        self.rows[model][key] = row
        return key

    def _update(self, model: str, row: Row, given: Row) -> None:
        new = {**row}
        for name, value in given.items():
            if name in ("_id", "dataObjectApiName", "object_describe_api_name"):
                continue
            if name not in self.fields[model] or (name in _SYSTEM and name != "owner"):
                raise RefusedError(32000)
            new[name] = self._stored(self.fields[model][name], value)
        for name, spec in self.fields[model].items():
            if spec.get("is_required") and new.get(name) in (None, "", []):
                raise RefusedError(32000)
            taken = (other.get(name) for other in self.rows[model].values() if other["_id"] != row["_id"])
            if spec.get("is_unique") and new.get(name) and new[name] in taken:
                raise RefusedError(32000)
        row.update(new, last_modified_time=round(time.time() * 1000))

    def _stored(self, spec: Row, value: Any) -> Any:
        kind = spec["type"]
        if value in (None, "", []):
            return None
        if kind in ("employee", "department"):
            good = isinstance(value, list) and set(value) <= set(PEOPLE)
        elif kind == "select_one":
            good = value in [option["value"] for option in spec["options"] if not option.get("not_usable")]
        elif kind in ("object_reference", "master_detail"):
            good = value in self.rows[spec["target_api_name"]]
        elif kind in ("date", "date_time"):
            good = isinstance(value, int) and not isinstance(value, bool)
        elif kind == "true_or_false":
            good = isinstance(value, bool)
        else:  # numbers are text too
            good = (
                isinstance(value, str)
                and len(value) <= spec.get("max_length", 10**6)
                and bool(re.fullmatch(spec.get("pattern", ".*"), value, re.DOTALL))
            )
        if not good:
            raise RefusedError(32000)
        if kind in ("currency", "number"):
            return f"{Decimal(value):.{spec.get('decimal_places', 0)}f}"
        if kind == "date":
            return value - (value + ZONE) % 86_400_000
        return value.strip() if isinstance(value, str) else value

    # ------------------------------------------------------------------------------------------------ taking out

    def _details(self, model: str, key: str, kinds: tuple[str, ...]) -> list[tuple[str, str]]:
        """Return model and id of the rows that point to a row by a field of one of these kinds."""
        pointing = [(other, name) for other, fields in self.fields.items() for name, spec in fields.items()
                    if spec.get("target_api_name") == model and (spec["type"] in kinds or spec.get("action_on_target_delete") in kinds)]  # fmt: skip
        return [
            (other, row["_id"]) for other, name in pointing for row in self.rows[other].values() if row.get(name) == key
        ]

    def _mark(self, model: str, key: str, before: str, after: str) -> None:
        row = self._of(self.rows[model], key)
        if row["life_status"] != before:
            raise RefusedError(32000)
        row["life_status"] = after
        for other, detail in self._details(model, key, ("master_detail",)):
            self.rows[other][detail]["life_status"] = after

    def _delete(self, model: str, key: str) -> None:
        if self._of(self.rows[model], key)["life_status"] != "invalid" or self._details(model, key, ("do_not_allow",)):
            raise RefusedError(32000)
        for other, detail in self._details(model, key, ("master_detail",)):
            del self.rows[other][detail]
        for other, lookup in self._details(model, key, ("set_null",)):
            self.rows[other][lookup] = {
                name: None if value == key else value for name, value in self.rows[other][lookup].items()
            }
        del self.rows[model][key]


def _is_write(path: str) -> bool:
    return path.endswith(("/create", "/update", "/changeOwner", "/invalid", "/recover", "/delete"))


def _holds(row: Row, asked: Row) -> bool:
    """Whether a row passes one filter; values are compared as text, times as numbers."""
    value = row.get(asked["field_name"])
    held = [
        str(one).lower() if isinstance(one, bool) else str(one)
        for one in (value if isinstance(value, list) else [value])
        if one is not None
    ]
    wanted = asked["field_values"]
    if not isinstance(wanted, list) or not all(isinstance(one, str) for one in wanted):
        raise RefusedError(32000)
    if asked["operator"] in ("EQ", "IN"):
        return any(one in wanted for one in held)
    if asked["operator"] == "GT":
        return any(one > wanted[0] for one in held)
    if asked["operator"] == "GTE":
        return any(int(one) >= int(wanted[0]) for one in held)
    raise RefusedError(32000)
