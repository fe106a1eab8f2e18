"""A proxy that loses calls and answers: what a network does to one who loads into a system behind an API."""

from __future__ import annotations

import http.client
from collections.abc import Callable
from typing import Literal
from urllib.parse import urlsplit

from tests.targets.answering import Answer, AnsweringServer, Call

Fate = Literal["pass", "lose_call", "lose_answer"]
_OF_A_CONNECTION = ("transfer-encoding", "content-length", "connection", "server", "date")


class CuttingProxy(AnsweringServer):
    """Stands between us and a system.

    Args:
        url: of the system.
        fate: asked of every call, with its number (from 1), method, path and body.
    """

    def __init__(self, url: str, fate: Callable[[int, str, str, bytes], Fate]) -> None:
        super().__init__()
        self.fate, self.number = fate, 0
        self.cuts = 0
        self._host = urlsplit(url).netloc

    def answer(self, call: Call) -> Answer | None:
        """Hand the call on, unless it or its answer is to be lost."""
        self.number += 1
        fate = self.fate(self.number, call.method, call.path, call.body)
        if fate == "lose_call":
            self.cuts += 1
            return None
        connection = http.client.HTTPConnection(self._host, timeout=60)
        headers = {name: value for name, value in call.headers.items() if name != "host"}
        connection.request(call.method, call.path, call.body, headers)
        reply = connection.getresponse()
        data = reply.read()
        connection.close()
        if fate == "lose_answer":
            self.cuts += 1
            return None
        kept = {name: value for name, value in reply.getheaders() if name.lower() not in _OF_A_CONNECTION}
        return Answer(reply.status, data, kept)
