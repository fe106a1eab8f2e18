"""A PostgreSQL or MariaDB server of a benchmark's own: made in a temporary folder, on a free port, and gone afterwards.

Nothing else runs on it, so its processor time is the benchmark's alone, and it may be killed. Data lies on disk with the server's
own default settings. As root the server runs as the user that the package made for it, because PostgreSQL refuses root.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from types import TracebackType

READY_SECONDS = 60
_TICK = os.sysconf("SC_CLK_TCK")


def _program(name: str) -> str:
    found = shutil.which(name) or next(
        iter(sorted(map(str, Path("/usr/lib/postgresql").glob(f"*/bin/{name}")), reverse=True)), ""
    )
    if not found:
        raise SystemExit(f"{name} is not installed")
    return found


class Server:
    """One server, started on entering and killed on leaving.

    Args:
        kind: postgresql or mysql.
    """

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.folder = Path(tempfile.mkdtemp(prefix="crmm-server-"))
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = int(free.getsockname()[1])
        self.user = {"postgresql": "postgres", "mysql": "mysql"}[kind] if os.geteuid() == 0 else ""
        self.process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        data = self.folder / "data"
        if self.user:
            shutil.chown(self.folder, self.user)
        if self.kind == "postgresql":
            self._run(
                _program("initdb"), "-D", str(data), "-U", "root", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8"
            )
        else:  # a server that starts empties its folder for temporary files, in which those of others would lie
            self._run(_program("mariadb-install-db"), "--no-defaults", f"--datadir={data}", f"--tmpdir={self.folder}",
                      "--auth-root-authentication-method=normal", "--skip-test-db")  # fmt: skip
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _as_user(self, *command: str) -> list[str]:
        return (
            ["setpriv", f"--reuid={self.user}", f"--regid={self.user}", "--clear-groups", *command]
            if self.user
            else [*command]
        )

    def _run(self, *command: str) -> None:
        subprocess.run(self._as_user(*command), check=True, cwd=self.folder, stdout=subprocess.DEVNULL)

    def start(self) -> None:
        """Start the server, also behind a kill, and wait until it answers."""
        data, port = self.folder / "data", self.port
        command = (
            [_program("postgres"), "-D", str(data), "-p", str(port), "-k", str(self.folder), "-h", "127.0.0.1"]
            if self.kind == "postgresql" else
            [_program("mariadbd"), "--no-defaults", f"--datadir={data}", f"--port={port}", "--bind-address=127.0.0.1",
             f"--socket={self.folder / 'socket'}", f"--pid-file={self.folder / 'pid'}", f"--tmpdir={self.folder}", "--local-infile=1", "--character-set-server=utf8mb4"]
        )  # fmt: skip
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                self._as_user(*command), cwd=self.folder, stdout=log, stderr=log, start_new_session=True
            )
        until = time.monotonic() + READY_SECONDS
        while not self._answers():
            if time.monotonic() > until or self.process.poll() is not None:
                raise SystemExit(
                    f"the server did not start: {(self.folder / 'log').read_text(errors='replace')[-2000:]}"
                )
            time.sleep(0.1)

    def _answers(self) -> bool:
        with contextlib.suppress(Exception):
            self.execute("SELECT 1")
            return True
        return False

    def execute(self, statement: str) -> None:
        """Run one statement outside any database."""
        if self.kind == "postgresql":
            import psycopg

            with psycopg.connect(
                host="127.0.0.1", port=self.port, user="root", dbname="postgres", autocommit=True, connect_timeout=5
            ) as connection:
                connection.execute(statement.encode())
        else:
            import pymysql

            with (
                pymysql.connect(
                    host="127.0.0.1", port=self.port, user="root", autocommit=True, connect_timeout=5
                ) as opened,
                opened.cursor() as cursor,
            ):
                cursor.execute(statement)

    def database(self, name: str) -> str:
        """Make an empty database and return its URL."""
        self.execute(f"CREATE DATABASE {name}" + (" CHARACTER SET utf8mb4" if self.kind == "mysql" else ""))
        return f"{self.kind}://root@127.0.0.1:{self.port}/{name}"

    def kill(self) -> None:
        """Kill the server and all its processes with SIGKILL, as a power cut would."""
        if self.process is None:
            return
        for pid in self._pids():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait()
        self.process = None

    def _pids(self) -> list[int]:
        """Return the server's process and its children; PostgreSQL has one per connection."""
        assert self.process is not None
        main = self.process.pid
        found = [main]
        for path in Path("/proc").glob("[0-9]*/stat"):
            with contextlib.suppress(OSError):
                if int(path.read_text().rpartition(")")[2].split()[1]) == main:
                    found.append(int(path.parent.name))
        return found

    def cpu_seconds(self) -> float:
        """Return the processor time of the server so far, connections that have ended included."""
        assert self.process is not None
        total = 0
        for pid in self._pids():
            with contextlib.suppress(OSError):
                fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
                total += sum(map(int, fields[11:15] if pid == self.process.pid else fields[11:13]))
        return total / _TICK
