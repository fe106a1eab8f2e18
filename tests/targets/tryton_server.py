"""A real Tryton for tests: installed into an environment of its own, with an initialised database that is kept for the next run.

Both lie in CRMMIGRATE_TEST_CACHE (by default `.cache/` of the source tree). Nothing here uses our own code to speak to Tryton, so
that what is prepared and looked at is independent of it.
"""

from __future__ import annotations

import base64
import hashlib
import inspect
import json
import os
import secrets
import shutil
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path
from typing import Any, Self

import pytest
from filelock import FileLock
from tests.conftest import execute, out_of_reach
from tests.conftest import server as server_url

HERE = Path(__file__).parent
CACHE = Path(os.environ.get("CRMMIGRATE_TEST_CACHE", HERE.parents[1] / ".cache"))
REQUIRED = HERE / "tryton.txt"
PASSWORD = "admin"
_MODULES = ("party_relationship", "company", "country", "sale_opportunity")


class MissingError(Exception):
    """Tryton cannot be installed or started here; the text says why."""


@cache
def _version() -> str:
    """Return a digest of what is installed and prepared; what was kept of another one is not used."""
    made = REQUIRED.read_text(encoding="utf-8") + inspect.getsource(TrytonServer.initialise) + sys.version
    return hashlib.sha256(made.encode()).hexdigest()[:12]


@cache
def programs() -> Path:
    """Return the folder of Tryton's programs, installed where they are not yet.

    Raises:
        MissingError: they cannot be.
    """
    folder = CACHE / f"tryton-{_version()}"
    done = folder / "installed"
    CACHE.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{folder}.lock"):
        if not done.exists():
            uv = [sys.executable, "-m", "uv"]
            steps = (
                [*uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(folder)],
                [*uv, "pip", "install", "--quiet", "--python", str(folder / "bin" / "python"), "-r", str(REQUIRED)],
            )
            for step in steps:
                ran = subprocess.run(step, capture_output=True, text=True, check=False)
                if ran.returncode:
                    raise MissingError(f"Tryton cannot be installed: {(ran.stderr.strip().splitlines() or ['?'])[-1]}")
            done.touch()
    return folder / "bin"


def rpc(url: str, database: str, method: str, *arguments: Any, session: str = "") -> Any:
    """Make one call by JSON-RPC and return its result."""
    body = json.dumps({"id": 1, "method": method, "params": arguments}).encode()
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Session {session}"} if session else {})
    with urllib.request.urlopen(urllib.request.Request(f"{url}/{database}/rpc/", body, headers), timeout=60) as answer:
        data = json.load(answer)
    if "error" in data:
        raise RuntimeError(f"{method}: {data['error']}")
    return data["result"]


class TrytonServer:
    """A server with one database.

    Args:
        folder: of its own.
        uri: where its databases lie; by default SQLite files in `folder`.
        database: the name of the database.
    """

    def __init__(self, folder: Path, uri: str = "", database: str = "crm") -> None:
        self.folder, self.database, self.uri = folder, database, uri
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        self.config = folder / "trytond.conf"
        where = f"uri = {uri}" if uri else f"path = {folder}"
        self.config.write_text(
            f"[database]\n{where}\n[web]\nlisten = 127.0.0.1:{port}\n[session]\nauthentications = password\n"
        )
        self._process: subprocess.Popen[bytes] | None = None
        self._user, self._session = 0, ""
        self._context: dict[str, Any] = {"active_test": False}

    def initialise(self) -> None:
        """Make the tables, and what every database needs before anything is loaded: a company, and a user who works there."""
        password = self.folder / "password"
        password.write_text(PASSWORD)
        command = [programs() / "trytond-admin", "-c", self.config, "-d", self.database, "-u", *_MODULES, "--activate-dependencies",
                   "--email", "admin@example.com", "-p", "-l", "en"]  # fmt: skip
        made = subprocess.run(
            command, env={**os.environ, "TRYTONPASSFILE": str(password)}, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
        )  # fmt: skip
        if made.returncode:
            raise MissingError(f"trytond-admin: {(made.stderr.strip().splitlines() or ['?'])[-1]}")
        with self:
            (currency,) = self.call(
                "model.currency.currency.create",
                [{"name": "人民币", "code": "CNY", "numeric_code": "156", "symbol": "¥"}],
            )
            (party,) = self.call("model.party.party.create", [{"name": "示范公司", "code": "OWN"}])
            (company,) = self.call("model.company.company.create", [{"party": party, "currency": currency}])
            self.call("model.res.user.write", [self._user], {"companies": [["add", [company]]], "company": company})
            self.call("model.party.relation.type.create", [{"name": "就职于"}])

    def __enter__(self) -> Self:
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [programs() / "trytond", "-c", self.config, "-d", self.database], stdout=log, stderr=log, stdin=subprocess.DEVNULL
            )  # fmt: skip
        for _ in range(300):
            if self._answers():
                return self
            if self._process.poll() is not None:
                break
            time.sleep(0.1)
        self.__exit__()
        raise MissingError(f"trytond does not start: {(self.folder / 'log').read_text()[-300:]}")

    def _answers(self) -> bool:
        try:
            number, token = rpc(self.url, self.database, "common.db.login", "admin", {"password": PASSWORD}, "en")[:2]
        except OSError:
            return False
        self._user = number
        self._session = base64.b64encode(f"admin:{number}:{token}".encode()).decode()
        if companies := self.call("model.company.company.search", [], 0, None, None):
            self._context["company"] = companies[0]
        return True

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(20)

    def call(self, method: str, *arguments: Any) -> Any:
        """Do what a person does with a client."""
        return rpc(self.url, self.database, method, *arguments, self._context, session=self._session)


def sqlite_server(folder: Path) -> TrytonServer:
    """Return a server over a copy of the initialised SQLite database."""
    kept = CACHE / f"tryton-{_version()}.sqlite"
    programs()
    with FileLock(f"{kept}.lock"):
        if not kept.exists():
            made = folder / "first"
            made.mkdir()
            (made / "crm.sqlite").touch()
            TrytonServer(made).initialise()
            with closing(sqlite3.connect(made / "crm.sqlite")) as base:
                base.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            shutil.copy(made / "crm.sqlite", kept)
    shutil.copy(kept, folder / "crm.sqlite")
    return TrytonServer(folder)


def _postgresql_server(folder: Path) -> TrytonServer:
    """Return a server over a copy of the initialised database, which is kept on the PostgreSQL server as a template."""
    url, template = server_url("postgresql"), f"crmmigrate_tryton_{_version()}"
    programs()
    with FileLock(CACHE / f"{template}.lock"):
        if not _exists(template):
            execute("postgresql", f"CREATE DATABASE {template} ENCODING 'UTF8' TEMPLATE template0")
            try:
                TrytonServer(folder, url, template).initialise()
            except BaseException:
                execute("postgresql", f"DROP DATABASE {template} WITH (FORCE)")
                raise
        name = f"crmmigrate_test_{secrets.token_hex(6)}"
        execute("postgresql", f"CREATE DATABASE {name} TEMPLATE {template}")
    return TrytonServer(folder, url, name)


def _exists(database: str) -> bool:
    try:
        execute("postgresql", f"ALTER DATABASE {database} CONNECTION LIMIT -1")
    except Exception:  # noqa: BLE001  (of the driver)
        return False
    return True


@contextmanager
def running_tryton(kind: str, folder: Path) -> Iterator[TrytonServer]:
    """Yield a running server over `sqlite` or `postgresql`; where there can be none the test is skipped, in CI it fails."""
    give_up = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
    if kind == "postgresql" and (reason := out_of_reach(kind)):
        give_up(reason)
    try:
        server = sqlite_server(folder) if kind == "sqlite" else _postgresql_server(folder)
    except MissingError as error:
        give_up(str(error))
    try:
        with server:
            yield server
    finally:
        if kind == "postgresql":
            execute(kind, f"DROP DATABASE {server.database} WITH (FORCE)")
