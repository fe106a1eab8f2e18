"""Auditing a table of 15 columns where it lies beside reading all of it: bytes over the wire, time and memory, in the same run.

    python benchmarks/counting_in_databases.py [--rows 2000000] [URL …]

Each way is a process of its own that reads the table into a workspace and audits it; they take turns. The way to the database leads
through a relay that counts what the server sends. CPU seconds are those of the process, the server's are not among them. The databases
named by the URLs get a table `crmmigrate_counting`, which is dropped afterwards.
"""

from __future__ import annotations

import argparse
import json
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from urllib.parse import urlsplit

import sqlalchemy as sa

from crmmigrate.model.location import Location

URLS = ("postgresql://root@127.0.0.1:5432/postgres", "mysql://root@127.0.0.1:3306/test")
TABLE = "crmmigrate_counting"
COLUMNS = (
    "id bigint, name varchar(50), mobile varchar(20), addr varchar(100), mail varchar(60), owner_no varchar(10), signed date, level varchar(20),"
    " stage varchar(20), region varchar(20), industry varchar(20), amount decimal(14,2), active varchar(1), channel varchar(20), remark varchar(60),"
    " PRIMARY KEY (id)"
)
VALUES = (
    "{n}, concat('客户', {n} * 7, '有限公司'), concat('138', lpad({text}, 8, '0')), concat('张江路', {n} % 9000, '号', {n} % 31, '室'),"
    " concat('user', {n}, '@example.com'), concat('U', {n} % 400), {day}, concat('级别', {n} % 7), concat('阶段', {n} % 9), concat('大区', {n} % 31),"
    " concat('行业类别', {n} % 96), {n} % 20000 * 1.25, CASE WHEN {n} % 3 = 0 THEN 'Y' ELSE 'N' END, concat('渠道', {n} % 12),"
    " CASE WHEN {n} % 4 = 0 THEN concat('回访 ', {n} % 5000) END"
)


class Relay:
    """Hands bytes on between a client and a server, and counts those of the server."""

    def __init__(self, host: str, port: int) -> None:
        self.sent = 0
        self._to = (host, port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            near, _ = self._listener.accept()
            far = socket.create_connection(self._to)
            threading.Thread(target=self._hand, args=(near, far, False), daemon=True).start()
            threading.Thread(target=self._hand, args=(far, near, True), daemon=True).start()

    def _hand(self, one: socket.socket, other: socket.socket, counted: bool) -> None:  # noqa: FBT001  (a thread's argument)
        try:
            while data := one.recv(1 << 18):
                self.sent += len(data) if counted else 0
                other.sendall(data)
            other.shutdown(socket.SHUT_WR)
        except OSError:
            return


class Silent:
    """Watches nothing."""

    def begin(self, _title: object, _total: int | None) -> object:
        """Take note of nothing."""
        return lambda _rows: None

    def end(self) -> None:
        """Take note of nothing."""


def once(url: str, threshold: int) -> dict[str, float]:
    """Read and audit in this process."""
    import resource

    from crmmigrate.checks.profile_counted import needs_rows
    from crmmigrate.model.source import InPlace
    from crmmigrate.model.table import Tables
    from crmmigrate.runner.execute import Context
    from crmmigrate.runner.single import read_tables
    from crmmigrate.runner.workspace import Workspace
    from crmmigrate.stages.audit import examine

    begun, before = time.perf_counter(), time.process_time()
    with tempfile.TemporaryDirectory() as folder:
        context = Context(Workspace(Path(folder)), Silent())  # type: ignore[arg-type]
        read = read_tables([Location(url, TABLE)], context, in_place=InPlace(threshold, needs_rows))
        seconds = time.perf_counter() - begun
        found = examine(Tables(read.tables))
    counted = sum(column.in_place for table in found.tables for column in table.columns)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"counted": counted, "reading": seconds, "seconds": time.perf_counter() - begun, "cpu": time.process_time() - before, "peak": peak}  # fmt: skip


def make(url: str, rows: int) -> None:
    """Fill the table."""
    source, number, text, day = f"generate_series(1, {rows}) n", "n", "n::text", "date '2015-01-01' + n % 3000"
    if not url.startswith("postgresql"):
        source, number, text, day = f"seq_1_to_{rows}", "seq", "seq", "date '2015-01-01' + interval seq % 3000 day"
    with sa.create_engine(Location(url).url(), isolation_level="AUTOCOMMIT").connect() as connection:
        connection.execute(sa.text(f"DROP TABLE IF EXISTS {TABLE}"))
        connection.execute(sa.text(f"CREATE TABLE {TABLE} ({COLUMNS})"))
        values = VALUES.format(n=number, text=text, day=day).replace(":", "\\:")
        connection.execute(sa.text(f"INSERT INTO {TABLE} SELECT {values} FROM {source}"))
        connection.execute(sa.text(f"ANALYZE {'' if url.startswith('postgresql') else 'TABLE '}{TABLE}"))


def compare(url: str, rows: int) -> None:
    """Let the two ways take turns, and print both and their ratios."""
    parts = urlsplit(url)
    relay = Relay(parts.hostname or "127.0.0.1", parts.port or (5432 if url.startswith("postgresql") else 3306))
    through = parts._replace(netloc=f"{parts.username}@127.0.0.1:{relay.port}").geturl()
    print(f"{Location(url).shown}: {rows:,} rows x 15 columns")
    figures = []
    for way, threshold in (("whole", 10 * rows), ("in place", 0)):
        before = relay.sent
        done = subprocess.run(
            [sys.executable, __file__, "--once", str(threshold), through], stdout=subprocess.PIPE, text=True, check=True
        )
        run = json.loads(done.stdout) | {"wire": (relay.sent - before) / 1e6}
        figures.append(run)
        print(f"  {way:<8} {run['wire']:>7.1f} MB over the wire, read in {run['reading']:>6.1f} s, audited in {run['seconds']:>6.1f} s, "
              f"{run['cpu']:>6.1f} s CPU, {run['peak']:>5.0f} MB, {run['counted']:.0f} columns counted")  # fmt: skip
    print("  ratio    " + ", ".join(f"{name} {figures[1][name] / figures[0][name]:.2f}" for name in ("wire", "reading", "seconds", "cpu", "peak")))  # fmt: skip


def main() -> None:
    """Run and report."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("urls", nargs="*", default=URLS)
    parser.add_argument("--rows", type=int, default=2_000_000)
    parser.add_argument("--once", type=int, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.once is not None:
        print(json.dumps(once(given.urls[0], given.once)))
        return
    for url in given.urls:
        try:
            make(url, given.rows)
            compare(url, given.rows)
        finally:
            with sa.create_engine(Location(url).url()).begin() as connection:
                connection.execute(sa.text(f"DROP TABLE IF EXISTS {TABLE}"))


if __name__ == "__main__":
    main()
