"""Calls to Odoo: by its RPC services, or by JSON-2, which takes their place from version 19 on.

The services `common` and `object` are the same by JSON-RPC (`/jsonrpc`), where an error names its class, and by XML-RPC (`/xmlrpc/2`), where a number
stands for it. Both are deprecated since Odoo 19 and to be removed with Odoo 22; JSON-2 (`/json/2`) takes an API key and no user.
Source: Odoo documentation 19.0, "External RPC API" and "External JSON-2 API"; fault numbers: its controller of XML-RPC, versions 17 and 18.
"""

from __future__ import annotations

import xmlrpc.client
from typing import TYPE_CHECKING, Any
from xml.parsers.expat import ExpatError

from crmmigrate.errors import LocationError
from crmmigrate.messages import Message
from crmmigrate.model.connector import AnswerLostError
from crmmigrate.targets.calls import JSON, Calls, Wire

if TYPE_CHECKING:
    from crmmigrate.targets.address import Address
    from crmmigrate.targets.calls import Reply

PROTOCOLS = ("json", "xmlrpc")
"""By which the services may be asked."""

_ON_PURPOSE = "odoo.exceptions."
_NOT_FOUND = ".NotFound"
_DENIED = "AccessDenied"
_OF_ARGUMENTS = 400
_FAULTS = {2: "UserError", 3: _DENIED, 4: "AccessError"}
"""Number of a fault → what Odoo raised on purpose; 1 is for anything else."""
_WIDEST = 2**31
"""XML-RPC has no whole numbers beyond; Odoo's own fields have none either."""

_QUIET = {
    "tracking_disable": True, "mail_create_nolog": True, "mail_create_nosubscribe": True, "mail_notrack": True,
    "mail_auto_subscribe_no_notify": True, "no_reset_password": True,
}  # fmt: skip
"""A migration writes no history and sends no mail: otherwise each salesperson would be told of each opportunity that is now theirs."""


class RefusedError(Exception):
    """Odoo says no, by an exception that it raises on purpose; nothing was done.

    Args:
        kind: its class, without the module.
    """

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


class OdooCalls:
    """Calls methods of models.

    Args:
        address: of the database, with a user and a password or key; without a user, with a key for JSON-2.
        place: for people.
    """

    def __init__(self, address: Address, place: str) -> None:
        self.place = place
        self._address = address
        self._by_xml = bool(address.user) and address.asked.get("protocol") == "xmlrpc"
        self._calls = Calls(address.url, place, address.limits, self._headers, wire=_XML if self._by_xml else JSON)
        self._user_id = 0
        self._context: dict[str, Any] = {}

    def close(self) -> None:
        """Close the connections."""
        self._calls.close()

    def user_id(self) -> int:
        """Return the number of the user in whose name calls are made."""
        self._know_context()
        return int(self._user_id or self._context["uid"])

    def read(self, model: str, method: str, *, missing: bool = False, **arguments: Any) -> Any:
        """Return the result of a method that changes nothing; its arguments in the order in which it takes them.

        Args:
            model: of the method.
            method: its name.
            missing: return None where Odoo refuses: the model is not there, or not for us.
            arguments: of the method.

        Raises:
            LocationError: Odoo cannot be reached, refuses, or fails.
        """
        self._know_context()
        path, body = self._sent(model, method, (), arguments)
        reply = self._calls.read("POST", path, body=body)
        result, kind = self._opened(reply)
        if not kind:
            return result
        if missing and (kind.startswith(_ON_PURPOSE) or kind.endswith(_NOT_FOUND)):
            return None
        raise LocationError(
            "target.failed", Message("the system refuses: {why}", why=kind), f"{self.place}#{model}",
            Message("look into its log"),
        )  # fmt: skip

    def write(self, model: str, method: str, ids: tuple[int, ...] = (), **arguments: Any) -> Any:
        """Return the result of a method that changes something; it is one transaction.

        Raises:
            RefusedError: Odoo refuses, and nothing was done.
            AnswerLostError: no answer; or an error that Odoo did not raise on purpose.
        """
        self._know_context()
        path, body = self._sent(model, method, ids, arguments)
        reply = self._calls.write("POST", path, body=body)
        result, kind = self._opened(reply)
        if not kind:
            return result
        if kind.startswith(_ON_PURPOSE):
            raise RefusedError(kind.removeprefix(_ON_PURPOSE))
        raise AnswerLostError(ended=True)

    def _sent(self, model: str, method: str, ids: tuple[int, ...], arguments: dict[str, Any]) -> tuple[str, Any]:
        """Return path and body of a call."""
        if not self._address.user:
            given = {"ids": list(ids)} if ids else {}
            return f"/json/2/{model}/{method}", {**given, **arguments, "context": self._context}
        values = [*([list(ids)] if ids else []), *arguments.values()]
        who = (self._address.database, self._user_id, self._address.secret)
        return self._service("object", "execute_kw", *who, model, method, values, {"context": self._context})

    def _service(self, service: str, method: str, *arguments: Any) -> tuple[str, Any]:
        if self._by_xml:
            return f"/xmlrpc/2/{service}", (method, arguments)
        params = {"service": service, "method": method, "args": arguments}
        return "/jsonrpc", {"jsonrpc": "2.0", "method": "call", "id": 0, "params": params}

    def _opened(self, reply: Reply) -> tuple[Any, str]:
        """Return result and class of the error of an answer; one of them is empty."""
        data = reply.data
        if not self._address.user:
            if reply.status < _OF_ARGUMENTS:
                return data, ""
            return None, str(data.get("name") if isinstance(data, dict) else "") or f"HTTP {reply.status}"
        if not isinstance(data, dict) or ("error" not in data and "result" not in data):
            return None, f"HTTP {reply.status}"
        error = data.get("error")
        if error is None:
            return data.get("result"), ""
        kind = str((error.get("data") or {}).get("name") or error.get("code"))
        if kind == _ON_PURPOSE + _DENIED:
            raise self._calls.denied(_DENIED)
        return None, kind

    def _know_context(self) -> None:
        """Ask once for the user's language; times are sent and read in UTC whatever their zone."""
        if self._context:
            return
        if self._address.user and not self._user_id:
            self._log_in()
        path, body = self._sent("res.users", "context_get", (), {})
        reply = self._calls.read("POST", path, body=body)
        known, kind = self._opened(reply)
        if kind:
            raise self._calls.denied(_DENIED)
        self._context = {**known, "tz": "UTC", "active_test": False, **_QUIET}

    def _log_in(self) -> None:
        """Learn the number of the user, which each call names beside the secret."""
        who = (self._address.database, self._address.user, self._address.secret)
        path, body = self._service("common", "authenticate", *who, {})
        reply = self._calls.read("POST", path, body=body)
        found, _ = self._opened(reply)
        if not isinstance(found, int) or not found:
            raise self._calls.denied(_DENIED)
        self._user_id = found

    def _headers(self, calls: Calls) -> dict[str, str]:
        """Return what proves who we are where that stands in no call."""
        del calls
        if self._address.user:
            return {}
        return {"Authorization": f"bearer {self._address.secret}", "X-Odoo-Database": self._address.database}


def _written(call: tuple[str, tuple[Any, ...]]) -> bytes:
    method, arguments = call
    return xmlrpc.client.dumps(_narrowed(arguments), method, allow_none=True).encode()


def _narrowed(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _narrowed(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return tuple(map(_narrowed, value))
    return float(value) if isinstance(value, int) and not -_WIDEST <= value < _WIDEST else value


def _read(content: bytes) -> dict[str, Any]:
    """Return an answer as JSON-RPC has it."""
    try:
        (result,), _ = xmlrpc.client.loads(content, use_builtin_types=True)
    except xmlrpc.client.Fault as fault:
        kind = _FAULTS.get(fault.faultCode)
        return {"error": {"data": {"name": f"{_ON_PURPOSE}{kind}" if kind else f"faultCode {fault.faultCode}"}}}
    except (ExpatError, xmlrpc.client.Error, TypeError) as error:
        raise ValueError from error
    return {"result": result}


_XML = Wire("text/xml", _written, _read)
