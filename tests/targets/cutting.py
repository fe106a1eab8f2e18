"""Proxies that lose calls and answers: what a network does to one who loads into a system."""

from __future__ import annotations

import http.client
import re
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Literal, Self
from urllib.parse import urlsplit, urlunsplit

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


class CuttingWire:
    """Stands between us and a database server, and loses the connection before or after it has committed.

    Args:
        url: of the database; without encryption, or nothing would be seen.
        fate: asked of every COMMIT, with its number (from 1).
    """

    def __init__(self, url: str, fate: Callable[[int, str, str, bytes], Fate]) -> None:
        self.fate, self.number, self.cuts = fate, 0, 0
        parts = urlsplit(url)
        self._server = (parts.hostname or "127.0.0.1", parts.port or {"postgresql": 5432}.get(parts.scheme, 3306))
        self._socket = socket.create_server(("127.0.0.1", 0))
        user = f"{parts.netloc.rpartition('@')[0]}@" if "@" in parts.netloc else ""
        place = f"{user}127.0.0.1:{self._socket.getsockname()[1]}"
        self.url = urlunsplit((parts.scheme, place, parts.path, parts.query, ""))

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                ours, _ = self._socket.accept()
                theirs = socket.create_connection(self._server)
                lost = threading.Event()  # the answer that comes next is
                for work in (self._to_server, self._to_us):
                    threading.Thread(target=work, args=(ours, theirs, lost), daemon=True).start()

    def _to_server(self, ours: socket.socket, theirs: socket.socket, lost: threading.Event) -> None:
        with suppress(OSError):
            while data := ours.recv(1 << 16):
                fate = "pass"
                if _COMMIT.search(data):
                    self.number += 1
                    fate = self.fate(self.number, "COMMIT", "", data)
                if fate != "pass":
                    self.cuts += 1
                    lost.set()
                if fate == "lose_call":
                    break
                theirs.sendall(data)
                if fate == "lose_answer":
                    return  # the other direction hangs up when the answer is there
        _hang_up(ours, theirs)

    def _to_us(self, ours: socket.socket, theirs: socket.socket, lost: threading.Event) -> None:
        with suppress(OSError):
            while (data := theirs.recv(1 << 16)) and not lost.is_set():
                ours.sendall(data)
        _hang_up(ours, theirs)


_COMMIT = re.compile(rb"Q\0\0\0\x0bCOMMIT\0|\x07\0\0\0\x03COMMIT$")
"""How PostgreSQL's and MySQL's protocols send it."""


def _hang_up(*sockets: socket.socket) -> None:
    for one in sockets:
        with suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)
        one.close()
