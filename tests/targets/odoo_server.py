"""An Odoo for tests, real or our stub, spoken to by the standard library alone: what is prepared and looked at is independent of our connector."""

from __future__ import annotations

import json
import urllib.request
from typing import Any
from urllib.parse import unquote, urlsplit

CONTEXT = {"active_test": False, "tz": "UTC"}


class OdooServer:
    """One database.

    Args:
        address: `http://USER:PASSWORD@HOST:PORT/DATABASE`.
    """

    def __init__(self, address: str) -> None:
        parts = urlsplit(address)
        self.url = f"{parts.scheme}://{parts.hostname}:{parts.port}"
        self.database = parts.path.strip("/")
        self.user, self.password = unquote(parts.username or ""), unquote(parts.password or "")
        self._user_id = self._rpc("common", "authenticate", self.database, self.user, self.password, {})

    def call(self, model: str, method: str, *arguments: Any, **named: Any) -> Any:
        """Do what a person does with a client."""
        who = (self.database, self._user_id, self.password)
        return self._rpc("object", "execute_kw", *who, model, method, arguments, {"context": CONTEXT, **named})

    def _rpc(self, service: str, method: str, *arguments: Any) -> Any:
        params = {"service": service, "method": method, "args": arguments}
        body = json.dumps({"jsonrpc": "2.0", "method": "call", "id": 1, "params": params}).encode()
        sent = urllib.request.Request(f"{self.url}/jsonrpc", body, {"Content-Type": "application/json"})
        with urllib.request.urlopen(sent, timeout=60) as answer:
            data = json.load(answer)
        if "error" in data:
            raise RuntimeError(f"{method}: {data['error']['data']['name']}")
        return data["result"]
