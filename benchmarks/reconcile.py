"""Two tables of a million rows on two servers, with 0, 10 and 10,000 differences: ours beside what there is, in one run.

    python benchmarks/reconcile.py [--rows 1000000] [--repeat 3] [--peer PYTHON] [--differences 0 10 10000]

Makes a table of 15 columns (Chinese text, emoji, empty cells, amounts, dates) in PostgreSQL and in MariaDB, seeds differences into the
copy, and times, in turns, so that what else the machine does falls on all alike: the limit, a digest of every row computed in both servers
side by side; the engine alone, which is digests, reading and comparing within this process; and `crmmigrate reconcile A B`, a whole process
with its start and its reports. Once, where PYTHON has them, `reladiff` and `datacompy`. The limit is a digest that could be held against the other server's: each cell as text, with a mark where there is no value, or rows that differ
would have the same digest, and booleans as numbers, or rows that are the same would not. A bare one beside it leaves both out: nothing could be told by it.
Prints wall and CPU seconds, peak memory, and how many of the differences were found
and how many invented. The servers are those of the tests (`CRMMIGRATE_TEST_POSTGRESQL`, `CRMMIGRATE_TEST_MYSQL`).
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from crmmigrate.cli.workspaces import context_for
from crmmigrate.model.location import Location
from crmmigrate.model.stage import Job
from crmmigrate.model.table import Tables
from crmmigrate.runner.comparison import read_two
from crmmigrate.stages.reconcile import ReconcileOptions, reconcile

POSTGRESQL = os.environ.get("CRMMIGRATE_TEST_POSTGRESQL", "postgresql://root@127.0.0.1:5432")
MYSQL = os.environ.get("CRMMIGRATE_TEST_MYSQL", "mysql://root@127.0.0.1:3306")
DATABASE = os.environ.get("CRMMIGRATE_BENCHMARK_DATABASE", "crmm_benchmark_reconcile")
TYPES = {
    "id": ("integer", "int"), "名称": ("text", "varchar(200)"), "联系人": ("text", "varchar(50)"), "手机": ("text", "varchar(30)"),
    "邮箱": ("text", "varchar(100)"), "省": ("text", "varchar(20)"), "城市": ("text", "varchar(20)"), "地址": ("text", "varchar(200)"),
    "行业": ("text", "varchar(30)"), "等级": ("char(4)", "char(4)"), "金额": ("numeric(14,2)", "decimal(14,2)"),
    "有效": ("boolean", "tinyint(1)"), "创建": ("timestamp", "datetime"), "生日": ("date", "date"), "备注": ("text", "text"),
}  # fmt: skip
LIMIT = {
    "postgresql": "SELECT sum(('x' || substr(md5(concat_ws(chr(31), {columns})), 1, 15))::bit(60)::bigint) FROM t",
    "mysql": "SELECT sum(CAST(conv(left(md5(concat_ws(char(31), {columns})), 15), 16, 10) AS UNSIGNED)) FROM t",
}
CELLS = {
    "postgresql": lambda name: f'coalesce("{name}"::{"int::" if TYPES[name][0] == "boolean" else ""}text, chr(30))',
    "mysql": lambda name: f"coalesce(CAST(`{name}` AS CHAR), char(30))",
}
BARE = {"postgresql": '"{}"'.format, "mysql": "`{}`".format}


def rows(count: int) -> Iterator[list[str | None]]:
    """Yield rows of text for the table, the same for the same count; not kept, or the children would seem to take their memory."""
    draw = random.Random(20261125)
    brands, trades = ["华创", "东方", "瑞科", "恒信", "联达"], ["科技", "贸易", "机械", "食品"]
    cities = [("浙江省", "杭州市"), ("广东省", "深圳市"), ("四川省", "成都市")]
    for number in range(count):
        province, city = draw.choice(cities)
        name = f"{city[:2]}{draw.choice(brands)}{number % 9973}{draw.choice(trades)}有限公司"
        yield [
            str(number), name, f"王{number % 701}", f"138{number % 10**8:08}", f"u{number}@example.com" if number % 5 else None, province, city,
            f"文三路{number % 997}号🏢", draw.choice(["制造业", "零售业"]), draw.choice("ABCD"), f"{draw.randrange(10**9) / 100:.2f}",
            str(number % 2), f"2023-{number % 12 + 1:02}-{number % 28 + 1:02} {number % 24:02}:30:00", f"19{number % 90 + 10}-05-01",
            "老客户,\t重要😀" if number % 7 == 0 else None,
        ]  # fmt: skip


def main() -> None:
    """Run it and print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--differences", type=int, nargs="*", default=[0, 10, 10_000], help="in this order")
    parser.add_argument("--peer", help="a Python with reladiff and datacompy")
    parser.add_argument(
        "--patience", type=float, default=600, help="seconds after which one of these is cut off, which is told"
    )
    asked = parser.parse_args()
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # a program that is installed has its bytecode
    import sqlalchemy as sa

    for server in (POSTGRESQL, MYSQL):
        admin = sa.create_engine(
            Location(server + ("/postgres" if "postgres" in server else "/")).url(), isolation_level="AUTOCOMMIT"
        )
        with admin.connect() as connection:
            connection.exec_driver_sql(f"DROP DATABASE IF EXISTS {DATABASE}")
            connection.exec_driver_sql(
                f"CREATE DATABASE {DATABASE}" + ("" if "postgres" in server else " CHARACTER SET utf8mb4")
            )
    places = [f"{server}/{DATABASE}" for server in (POSTGRESQL, MYSQL)]
    fill(places, asked.rows)
    for differences in asked.differences:
        seed(places[1], asked.rows, differences)
        print(f"\n{asked.rows:,} rows, {differences:,} differences")
        with tempfile.TemporaryDirectory() as folder:
            walls, engines, bares = [], [], []
            for _ in range(asked.repeat):
                bares.append(limit(places, "bare MD5 of every row, both servers", BARE))
                most = limit(places, "limit (a digest of every row, both servers)", CELLS)
                bares[-1] /= most
                engines.append(engine(places) / most)
                walls.append(timed("crmmigrate reconcile", [str(Path(sys.executable).with_name("crmmigrate")), "reconcile", f"{places[0]}#t", f"{places[1]}#t", "--key", "id",
                  "-o", folder, "--format", "json"], differences) / most)  # fmt: skip
            print(
                f"  times the limit, median of {asked.repeat}: engine {statistics.median(engines):.2f}, command {statistics.median(walls):.2f}, "
                f"bare MD5 {statistics.median(bares):.2f}"
            )
            if asked.peer:
                timed("reladiff", [asked.peer, "-m", "reladiff", f"{places[0]}", "t", f"{places[1]}",
                      "t", "-k", "id", *(f"-c{name}" for name in TYPES if name != "id"), "--stats", "--json"], differences, asked.patience)  # fmt: skip
                urls = [Location(place).url().replace("+psycopg:", "+psycopg2:") for place in places]
                timed("datacompy", [asked.peer, "-c", DATACOMPY, *urls], differences, asked.patience)
    print()


def fill(places: list[str], count: int) -> None:
    """Write the rows into both databases."""
    import psycopg
    import pymysql
    import sqlalchemy as sa

    with psycopg.connect(f"{places[0]}") as connection, connection.cursor() as cursor:
        listed = ", ".join(f'"{name}" {kinds[0]}' for name, kinds in TYPES.items())
        cursor.execute(f"CREATE TABLE t ({listed}, PRIMARY KEY (id))")
        with cursor.copy("COPY t FROM STDIN") as copy:
            for row in rows(count):
                copy.write_row(row)
    with tempfile.NamedTemporaryFile("w", suffix=".csv", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        for row in rows(count):
            writer.writerow(["\\N" if cell is None else cell for cell in row])
        file.flush()
        at = sa.make_url(Location(places[1]).url())
        connection = pymysql.connect(
            host=at.host, port=at.port or 3306, user=at.username, password=at.password or "", database=DATABASE,
            local_infile=True, charset="utf8mb4",
        )  # fmt: skip
        with connection, connection.cursor() as cursor:
            cursor.execute(
                f"CREATE TABLE t ({', '.join(f'`{name}` {kinds[1]}' for name, kinds in TYPES.items())}, PRIMARY KEY (id)) CHARACTER SET utf8mb4"
            )
            cursor.execute(
                f"LOAD DATA LOCAL INFILE '{file.name}' INTO TABLE t CHARACTER SET utf8mb4 FIELDS TERMINATED BY ',' OPTIONALLY ENCLOSED BY '\"'"
            )
            connection.commit()


DATACOMPY = """
import json, sys
import datacompy, pandas as pd, sqlalchemy as sa
left, right = (pd.read_sql("SELECT * FROM t", sa.create_engine(url)) for url in sys.argv[1:3])
found = datacompy.PandasCompare(left, right, join_columns="id") if hasattr(datacompy, "PandasCompare") else datacompy.Compare(left, right, join_columns="id")
print(json.dumps({"different_rows": int((~found.intersect_rows.filter(like="_match").all(axis=1)).sum()), "columns": [s["column"] for s in found.column_stats if s["unequal_cnt"]]}))
"""
"""Reads both tables with pandas and compares them; prints how many rows differ."""


def seed(place: str, count: int, differences: int) -> None:
    """Change one cell in so many rows of the copy, spread evenly; those of an earlier call are among them."""
    import sqlalchemy as sa

    if not differences:
        return
    with sa.create_engine(Location(place).url()).begin() as connection:
        connection.exec_driver_sql(
            f"UPDATE t SET `金额` = `金额` + 0.01 WHERE mod(id, {count // differences}) = 0 AND id < {count // differences * differences}"
        )


def limit(places: list[str], name: str, cells: dict[str, Callable[[str], str]]) -> float:
    """Time a digest of every row in both servers, side by side; return the seconds."""
    import sqlalchemy as sa

    def digest(place: str, kind: str) -> float:
        columns = ", ".join(map(cells[kind], TYPES))
        with sa.create_engine(Location(place).url()).connect() as connection:
            begun = time.perf_counter()
            connection.exec_driver_sql(LIMIT[kind].format(columns=columns)).fetchall()
        return time.perf_counter() - begun

    begun = time.perf_counter()
    with ThreadPoolExecutor(2) as pool:
        each = list(pool.map(digest, places, ("postgresql", "mysql")))
    wall = time.perf_counter() - begun
    print(f"  {name:42} wall {wall:7.1f} s  (PostgreSQL {each[0]:.1f}, MariaDB {each[1]:.1f})", flush=True)
    return wall


def engine(places: list[str]) -> float:
    """Time the comparison without start and reports; return the seconds."""
    begun = time.perf_counter()
    with context_for(None) as context:
        sides = read_two(*(Location.parse(f"{place}#t") for place in places), ["id"], [], context)
        options = ReconcileOptions(key=("id",), agreed=sides.agreed, kinds=sides.kinds)
        found = reconcile.function(Job(Tables(sides.tables), options, "run", lambda _: None))
    wall = time.perf_counter() - begun
    print(f"  {'engine alone':42} wall {wall:7.1f} s  {found.facts['differences']:,} differences", flush=True)
    return wall


def timed(name: str, command: list[str], differences: int, patience: float | None = None) -> float:
    """Run a command to its end, or for so many seconds, and print what it took, and what it found; return the seconds."""
    begun = time.perf_counter()
    with tempfile.TemporaryFile("w+", encoding="utf-8") as out, tempfile.TemporaryFile("w+", encoding="utf-8") as err:
        child = subprocess.Popen(command, stdout=out, stderr=err)
        watch = threading.Timer(patience or 86_400, child.kill)
        watch.daemon = True
        watch.start()
        _, status, used = os.wait4(child.pid, 0)
        cut = not watch.is_alive()
        watch.cancel()
        wall, cpu = time.perf_counter() - begun, used.ru_utime + used.ru_stime
        out.seek(0)
        err.seek(0)
        told, failed = out.read(), err.read()
    print(
        f"  {name:42} wall {wall:7.1f} s  CPU {cpu:7.1f} s  peak {used.ru_maxrss // 1024} MB  exit {os.waitstatus_to_exitcode(status)}"
        + (f"  CUT OFF after {patience:.0f} s" if cut else "")
    )
    print(f"    of {differences:,}: {said(told) or failed[-300:]}", flush=True)
    return wall


def said(output: str) -> str:
    """Return the end of what a program answered."""
    try:
        facts = json.loads(output)
    except ValueError:
        return " ".join(output.split())[-300:]
    return json.dumps(facts.get("facts", facts), ensure_ascii=False)[:300]


if __name__ == "__main__":
    main()
