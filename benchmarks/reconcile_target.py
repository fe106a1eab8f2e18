"""The reconciliation of a load beside a bare scan of its target, in one run: 15 columns of Chinese text per row.

    python benchmarks/reconcile_target.py [--rows 200000] [--place postgresql|mysql|sqlite …]

Loads the rows into a database of its own, then times in processes of their own: reading all rows of the target (the scan), and
`reconcile` of the expected rows with the target, once as loaded and once with ten cells changed behind its back.
"""

from __future__ import annotations

import argparse
import os
import resource
import sys
import tempfile
import time
from pathlib import Path

import pandas as pd

from crmmigrate.model.issue import ASIDE_COLUMNS
from crmmigrate.model.load_plan import load_plan
from crmmigrate.model.location import Location
from crmmigrate.model.mapping import read_mappings
from crmmigrate.model.schema import read_target_schema
from crmmigrate.model.stage import Job
from crmmigrate.model.table import Table, Tables
from crmmigrate.stages.reconcile import ReconcileOptions, reconcile
from crmmigrate.targets import open_target

SERVERS = {"postgresql": "postgresql://root@127.0.0.1:5432", "mysql": "mysql://root@127.0.0.1:3306"}
DATABASE = "crmm_benchmark_target"
TEXTS = ("name", "contact", "phone", "email", "province", "city", "address", "industry", "level", "remark", "website")
SCHEMA = "version: 1\ntables:\n  accounts:\n    columns:\n      id: {type: integer, identity: true}\n      external_id: {length: 64, unique: true}\n" + "".join(
    f"      {name}: {{length: 200}}\n" for name in TEXTS
) + "      amount: {type: decimal, precision: 14, scale: 2}\n      created: date\n"  # fmt: skip
MAPPING = "version: 1\nobject: account\ntarget: {table: accounts}\nmatch: {on: [external_id]}\nfields:\n  external_id: {from: _record}\n" + "".join(
    f"  {name}: {{from: {name}}}\n" for name in (*TEXTS, "amount", "created")
)  # fmt: skip
COLUMNS = ("_record", "external_id", *TEXTS, "amount", "created")


def rows(first: int, count: int) -> pd.DataFrame:
    """Return expected rows."""
    made = []
    for n in range(first, first + count):
        record = f"crm/客户/C{n:08}"
        made.append((record, record, f"杭州华创{n}科技有限公司", f"王{n % 701}", f"138{n:08}", f"u{n}@example.com" if n % 5 else None, "浙江省", "杭州市",
                     f"文三路{n % 997}号", "制造业", "ABCD"[n % 4], "老客户，重要😀" if n % 7 == 0 else None, f"https://www.example{n}.com",
                     f"{n % 100000}.5{n % 10}", f"2023-{n % 12 + 1:02}-{n % 28 + 1:02}"))  # fmt: skip
    return pd.DataFrame(made, columns=list(COLUMNS), dtype="str")


def main() -> None:
    """Run it and print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--place", action="append", choices=["sqlite", *SERVERS])
    asked = parser.parse_args()
    for place in asked.place or ["sqlite", *SERVERS]:
        with tempfile.TemporaryDirectory() as folder:
            measure(place, Path(folder), asked.rows)


def measure(place: str, folder: Path, count: int) -> None:
    """Load, scan, reconcile, damage, reconcile again."""
    import sqlalchemy as sa

    url = f"sqlite:///{folder / 'crm.db'}"
    if place in SERVERS:
        with sa.create_engine(
            Location(SERVERS[place] + ("/postgres" if place == "postgresql" else "/")).url(),
            isolation_level="AUTOCOMMIT",
        ).connect() as admin:
            admin.exec_driver_sql(f"DROP DATABASE IF EXISTS {DATABASE}")
            admin.exec_driver_sql(f"CREATE DATABASE {DATABASE}")
        url = f"{SERVERS[place]}/{DATABASE}"
    (folder / "schema.yaml").write_text(SCHEMA, encoding="utf-8")
    (folder / "account.crmmap.yaml").write_text(MAPPING, encoding="utf-8")
    schema, mappings = read_target_schema(folder / "schema.yaml"), read_mappings([folder])
    tables = {name: Table(name, folder / f"{name}.parquet") for name in ("source.account", "expected.account", "aside")}
    expected = rows(0, count)
    expected.to_parquet(tables["expected.account"].path, index=False)
    expected[["_record"]].assign(_origin="旧.xlsx#客户!2").to_parquet(tables["source.account"].path, index=False)
    pd.DataFrame([], columns=list(ASIDE_COLUMNS), dtype="str").to_parquet(tables["aside"].path, index=False)
    [step] = load_plan(mappings).objects
    begun = time.perf_counter()
    with open_target(url, schema=schema) as target:
        target.create(schema)
        target.begin_run("load", "load-1", load_plan(mappings))
        for number, first in enumerate(range(0, count, 10_000)):
            assert not target.write_batch("load-1", number + 1, step, expected.iloc[first : first + 10_000]).rejects
        target.close_run("load-1", "done")
    print(f"\n{place}, {count:,} rows (loading took {count / (time.perf_counter() - begun):,.0f} rows/s)", flush=True)
    del expected

    def scan() -> str:
        with open_target(url, schema=schema) as target:
            return f"{sum(len(batch) for batch in target.rows('accounts', ['id', *COLUMNS[1:]])):,} rows"

    def whole() -> str:
        with open_target(url, schema=schema) as target:
            options = ReconcileOptions(mappings=mappings, schema=schema)
            result = reconcile.function(Job(Tables(tables), options, "run", lambda _: None, target))
            return f"{len(result.tables['differences'])} differences"

    timed("scan of the target", scan)
    timed("reconcile", whole)
    with sa.create_engine(Location(url).url()).begin() as connection:
        connection.exec_driver_sql(f"UPDATE accounts SET level = 'Z' WHERE mod(id, {count // 10}) = 7")
    timed("reconcile, ten cells changed", whole)


def timed(name: str, work: object) -> None:
    """Do it in a child of its own and print what it took."""
    sys.stdout.flush()
    begun = time.perf_counter()
    if not (child := os.fork()):
        print(f"  {name:32} {work()}", end="", flush=True)  # type: ignore[operator]
        print(f"  peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB", end="", flush=True)
        os._exit(0)
    _, status, used = os.wait4(child, 0)
    print(
        f"  wall {time.perf_counter() - begun:.1f} s  CPU {used.ru_utime + used.ru_stime:.1f} s"
        + ("" if status == 0 else "  FAILED")
    )


if __name__ == "__main__":
    main()
