"""A proxy that loses calls and answers: what a network does to one who loads into a system behind an API."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Callable
from typing import Literal
from urllib.parse import urlsplit

from tests.targets.answering import Answer, AnsweringServer, Call

Fate = Literal["pass", "lose_call", "lose_answer", "hang_up", "hold"]
"""What becomes of a call. Hang up: the system gets it, nobody waits for its answer. Hold: it is on its way until `release`, while the caller has given up."""

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
        self._held: list[Call] = []
        self._host = urlsplit(url).netloc

    def answer(self, call: Call) -> Answer | None:
        """Hand the call on, unless it or its answer is to be lost."""
        self.number += 1
        fate = self.fate(self.number, call.method, call.path, call.body)
        self.cuts += fate not in ("pass", "lose_answer")
        if fate == "hold":
            self._held.append(call)
        if fate == "hang_up":
            threading.Thread(target=self._handed_on, args=(call,), daemon=True).start()
        if fate in ("lose_call", "hold", "hang_up"):
            return None
        answer = self._handed_on(call)
        if fate == "lose_answer":
            self.cuts += 1
            return None
        return answer

    def release(self) -> list[int]:
        """Let the calls that were held arrive, and return how each is answered."""
        held, self._held = self._held, []
        return [self._handed_on(call).status for call in held]

    def _handed_on(self, call: Call) -> Answer:
        connection = http.client.HTTPConnection(self._host, timeout=60)
        headers = {name: value for name, value in call.headers.items() if name != "host"}
        connection.request(call.method, call.path, call.body, headers)
        reply = connection.getresponse()
        data = reply.read()
        connection.close()
        kept = {name: value for name, value in reply.getheaders() if name.lower() not in _OF_A_CONNECTION}
        return Answer(reply.status, data, kept)
