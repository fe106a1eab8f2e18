"""Reading a table of 15 columns from PostgreSQL and MariaDB beside a bare fetch with their drivers, in the same run.

    python benchmarks/reading_databases.py [--rows 1000000] [--rounds 1] [URL …]

The bare fetch takes every row through a cursor on the server and keeps none; reading makes text tables of them. Each run is a
process of its own, the two ways take turns. CPU seconds are those of the process, the server's are not among them. The databases named
by the URLs get a table `crmmigrate_reading`, which is dropped afterwards.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from statistics import median
from urllib.parse import unquote, urlsplit

from crmmigrate.model.location import Location

URLS = ("postgresql://root@127.0.0.1:5432/postgres", "mysql://root@127.0.0.1:3306/test")
TABLE = "crmmigrate_reading"
COLUMNS = (
    "id bigint, name varchar(50), amount decimal(14,2), phone varchar(20), d date, ts {moment}, addr varchar(100), lvl int,"
    " ok varchar(1), f {double}, mail varchar(60), code varchar(10), empty varchar(9), h char(32), note varchar(50), PRIMARY KEY (id)"
)
VALUES = (
    "{n}, concat('客户有限公司', {n}), {n} * 1.25, concat('138', lpad({text}, 8, '0')), date '2020-01-01' + {days},"
    " timestamp '2020-01-01 00:00:00' + {moments}, CASE WHEN {n} % 3 > 0 THEN concat('上海市浦东新区张江路', {n} % 900, '号') END,"
    " {n} % 7, CASE WHEN {n} % 2 = 0 THEN 't' ELSE 'f' END, {n} * 0.1, concat('user', {n}, '@example.com'), concat('A', {n} % 100), NULL,"
    " md5({text}), concat('备注 ', {n})"
)


def bare(url: str) -> Iterator[int]:
    """Fetch with the driver alone, 2,000 rows at a time."""
    parts = urlsplit(url)
    login = {"host": parts.hostname, "user": unquote(parts.username or ""), "password": unquote(parts.password or "")}
    query = f"SELECT * FROM {TABLE} ORDER BY id"
    if url.startswith("postgresql"):
        import psycopg

        connection = psycopg.connect(**login, port=parts.port or 5432, dbname=parts.path[1:])
        cursor = connection.cursor("bare")
    else:
        import pymysql
        from pymysql.cursors import SSCursor

        connection = pymysql.connect(**login, port=parts.port or 3306, database=parts.path[1:])
        cursor = connection.cursor(SSCursor)
    with connection, cursor:
        cursor.execute(query)
        while rows := cursor.fetchmany(2_000):
            yield len(rows)


def ours(url: str) -> Iterator[int]:
    """Read as a source."""
    from crmmigrate.sources import read_location

    for table in read_location(Location(url, TABLE)):
        for frame in table.batches():
            yield len(frame)


def once(way: str, url: str) -> dict[str, float]:
    """Measure one way in this process."""
    import resource

    import pandas  # noqa: F401, ICN001  (what a process loads once is no part of reading)
    import pyarrow.csv  # noqa: F401
    import sqlalchemy  # noqa: F401

    begun, before = time.perf_counter(), time.process_time()
    rows = sum({"bare": bare, "ours": ours}[way](url))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"rows": rows, "seconds": time.perf_counter() - begun, "cpu": time.process_time() - before, "peak": peak}


def make(url: str, rows: int) -> None:
    """Fill the table."""
    import sqlalchemy as sa

    words = {"moment": "timestamp", "double": "double precision"}
    source, number, text = f"generate_series(1, {rows}) n", "n", "n::text"
    days, moments = "n % 1000 * interval '1 day'", "n * interval '1 second'"
    if not url.startswith("postgresql"):
        words = {"moment": "datetime", "double": "double"}
        source, number, text = f"seq_1_to_{rows}", "seq", "seq"
        days, moments = "interval seq % 1000 day", "interval seq second"
    with sa.create_engine(Location(url).url()).begin() as connection:
        connection.execute(sa.text(f"CREATE TABLE {TABLE} ({COLUMNS.format(**words)})"))
        values = VALUES.format(n=number, text=text, days=days, moments=moments).replace(":", "\\:")
        connection.execute(sa.text(f"INSERT INTO {TABLE} SELECT {values} FROM {source}"))


def drop(url: str) -> None:
    """Remove the table."""
    import sqlalchemy as sa

    with sa.create_engine(Location(url).url()).begin() as connection:
        connection.execute(sa.text(f"DROP TABLE IF EXISTS {TABLE}"))


def compare(url: str, rounds: int) -> None:
    """Let the two ways take turns, and print their medians and ratios."""
    found: dict[str, list[dict[str, float]]] = {"bare": [], "ours": []}
    for _ in range(rounds):
        for way, runs in found.items():
            done = subprocess.run(
                [sys.executable, __file__, "--once", way, url], capture_output=True, text=True, check=True
            )
            runs.append(json.loads(done.stdout))
    print(f"{Location(url).shown}: {found['ours'][0]['rows']:,} rows x 15 columns")
    figures = {way: {name: median(run[name] for run in runs) for name in runs[0]} for way, runs in found.items()}
    for way, run in figures.items():
        print(
            f"  {way:<6} {run['seconds']:>7.1f} s {run['cpu']:>7.1f} s CPU {run['rows'] / run['seconds']:>10,.0f} rows/s {run['peak']:>6.0f} MB"
        )
    print(
        "  ratio  "
        + ", ".join(
            f"{name} {figures['ours'][name] / figures['bare'][name]:.2f}" for name in ("seconds", "cpu", "peak")
        )
    )


def main() -> None:
    """Run and report."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("urls", nargs="*", default=URLS)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--once", choices=("bare", "ours"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.once:
        print(json.dumps(once(given.once, given.urls[0])))
        return
    for url in given.urls:
        drop(url)
        try:
            make(url, given.rows)
            compare(url, given.rounds)
        finally:
            drop(url)


if __name__ == "__main__":
    main()
