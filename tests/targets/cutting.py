"""A proxy that loses calls and answers: what a network does to one who loads into a system behind an API."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal, Self
from urllib.parse import urlsplit

Fate = Literal["pass", "lose_call", "lose_answer", "hang_up", "hold"]
"""What becomes of a call. Hang up: the system gets it, nobody waits for its answer. Hold: it is on its way until `release`, while the caller has given up."""


class CuttingProxy:
    """Stands between us and a system.

    Args:
        url: of the system.
        fate: asked of every call, with its number (from 1), method, path and body.
    """

    def __init__(self, url: str, fate: Callable[[int, str, str, bytes], Fate]) -> None:
        self.fate, self.number = fate, 0
        self.cuts = 0
        self._held: list[tuple[str, str, bytes, dict[str, str]]] = []
        self._host = urlsplit(url).netloc
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def release(self) -> list[int]:
        """Let the calls that were held arrive, and return how each is answered."""
        held, self._held = self._held, []
        return [self._forwarded(*call)[0] for call in held]

    def _forwarded(
        self, method: str, path: str, body: bytes, headers: dict[str, str]
    ) -> tuple[int, list[tuple[str, str]], bytes]:
        connection = http.client.HTTPConnection(self._host, timeout=60)
        connection.request(method, path, body, headers)
        reply = connection.getresponse()
        data = reply.read()
        connection.close()
        return reply.status, reply.getheaders(), data

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def _do(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                proxy.number += 1
                fate = proxy.fate(proxy.number, self.command, self.path, body)
                headers = {name: value for name, value in self.headers.items() if name.lower() != "host"}
                call = (self.command, self.path, body, headers)
                if fate == "hold":
                    proxy._held.append(call)
                if fate == "hang_up":
                    threading.Thread(target=proxy._forwarded, args=call, daemon=True).start()
                if fate in ("lose_call", "hold", "hang_up"):
                    proxy.cuts += 1
                    self.close_connection = True
                    return
                status, told, data = proxy._forwarded(*call)
                if fate == "lose_answer":
                    proxy.cuts += 1
                    self.close_connection = True
                    return
                self.send_response(status)
                for name, value in told:
                    if name.lower() not in ("transfer-encoding", "content-length", "connection", "server", "date"):
                        self.send_header(name, value)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = _do  # noqa: N815

            def log_message(self, *_: Any) -> None:
                pass

        return Handler
