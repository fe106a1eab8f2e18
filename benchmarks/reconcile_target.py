"""The reconciliation of a load beside a bare scan of its target, in one run: 15 columns of Chinese text per row.

    python benchmarks/reconcile_target.py [--rows 200000] [--place postgresql|mysql|sqlite …]

Loads the rows into a database of its own, then times, each in a process that is started for it and holds nothing before: reading all rows of the
target (the scan), and `reconcile` of the expected rows with the target, once as loaded and once with ten cells changed behind its back. CPU is told
of the work alone and of the whole process with its start; the peak is that of the process.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
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
DATABASE = os.environ.get("CRMMIGRATE_BENCHMARK_DATABASE", "crmm_benchmark_target")
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
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--place", action="append", choices=["sqlite", *SERVERS])
    parser.add_argument("--measured", choices=list(WORKS), help="what a process that is started by this one does")
    parser.add_argument("--place-of", nargs=2, metavar=("URL", "FOLDER"), help="and where")
    asked = parser.parse_args()
    if asked.measured:
        do(asked.measured, asked.place_of[0], Path(asked.place_of[1]))
        return
    for place in asked.place or ["sqlite", *SERVERS]:
        with tempfile.TemporaryDirectory() as folder:
            measure(place, Path(folder), asked.rows, asked.repeat)


def measure(place: str, folder: Path, count: int, repeat: int) -> None:
    """Load, scan, reconcile, damage, reconcile again."""
    import sqlalchemy as sa

    url = f"sqlite:///{folder / 'crm.db'}"
    if place in SERVERS:
        administer(place, f"DROP DATABASE IF EXISTS {DATABASE}", f"CREATE DATABASE {DATABASE}")
        url = f"{SERVERS[place]}/{DATABASE}"
    (folder / "schema.yaml").write_text(SCHEMA, encoding="utf-8")
    (folder / "account.crmmap.yaml").write_text(MAPPING, encoding="utf-8")
    print(f"\n{place}, {count:,} rows (loading took {count / load(url, folder, count):,.0f} rows/s)", flush=True)
    scans, sames = [], []
    for _ in range(repeat):  # in turns, so that what else the machine does falls on both alike
        scans.append(timed("scan", url, folder))
        sames.append(timed("reconcile", url, folder))
    with sa.create_engine(Location(url).url(), poolclass=sa.NullPool).begin() as connection:
        damage = f"UPDATE accounts SET level = 'Z' WHERE mod(id, {count // 10}) = 7"
        changed = connection.exec_driver_sql(damage).rowcount  # one more where a server left numbers out
    print(f"  with {changed} cells changed:")
    others = [timed("reconcile", url, folder) for _ in range(repeat)]
    for name, side in (("the work alone", 0), ("with the start of the process", 1)):
        scan, same, other = (statistics.median(taken[side] for taken in each) for each in (scans, sames, others))
        print(f"  times the scan, median of {repeat}, {name}: {same / scan:.2f}, with cells changed {other / scan:.2f}")
    if place in SERVERS:
        administer(place, f"DROP DATABASE {DATABASE}")


def administer(place: str, *statements: str) -> None:
    """Have a server do something that is about its databases."""
    import sqlalchemy as sa

    own = Location(SERVERS[place] + ("/postgres" if place == "postgresql" else "/")).url()
    with sa.create_engine(own, isolation_level="AUTOCOMMIT").connect() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


def load(url: str, folder: Path, count: int) -> float:
    """Write the tables of the steps before, and the rows into the target; return the seconds of writing those."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema, mappings = read_target_schema(folder / "schema.yaml"), read_mappings([folder])
    tables = tables_in(folder)
    pd.DataFrame([], columns=list(ASIDE_COLUMNS), dtype="str").to_parquet(tables["aside"].path, index=False)
    [step] = load_plan(mappings).objects
    text = pa.schema([(name, pa.string()) for name in COLUMNS])
    sources = pa.schema([("_record", pa.string()), ("_origin", pa.string())])
    taken = 0.0
    with (
        open_target(url, schema=schema) as target,
        pq.ParquetWriter(tables["expected.account"].path, text) as expected,
        pq.ParquetWriter(tables["source.account"].path, sources) as source,
    ):
        target.create(schema)
        target.begin_run("load", "load-1", load_plan(mappings))
        for number, first in enumerate(range(0, count, 10_000)):
            batch = rows(first, 10_000)
            expected.write_table(pa.Table.from_pandas(batch, text, preserve_index=False))
            told = batch[["_record"]].assign(_origin="旧.xlsx#客户!2")
            source.write_table(pa.Table.from_pandas(told, sources, preserve_index=False))
            begun = time.perf_counter()
            assert not target.write_batch("load-1", number + 1, step, batch).rejects
            taken += time.perf_counter() - begun
        target.close_run("load-1", "done")
    return taken


def tables_in(folder: Path) -> dict[str, Table]:
    """Return the tables of the steps before."""
    return {name: Table(name, folder / f"{name}.parquet") for name in ("source.account", "expected.account", "aside")}


def scan(url: str, folder: Path) -> str:
    """Read all rows of the target."""
    with open_target(url, schema=read_target_schema(folder / "schema.yaml")) as target:
        return f"{sum(len(batch) for batch in target.rows('accounts', ['id', *COLUMNS[1:]])):,} rows"


def whole(url: str, folder: Path) -> str:
    """Reconcile the expected rows with the target."""
    schema, mappings = read_target_schema(folder / "schema.yaml"), read_mappings([folder])
    with open_target(url, schema=schema) as target:
        options = ReconcileOptions(mappings=mappings, schema=schema)
        result = reconcile.function(Job(Tables(tables_in(folder)), options, "run", lambda _: None, target))
        return f"{len(result.tables['differences'])} differences"


WORKS = {"scan": scan, "reconcile": whole}


def do(name: str, url: str, folder: Path) -> None:
    """Do it in this process, and tell what it found and what it took, without the start."""
    import duckdb  # noqa: F401
    import sqlalchemy  # noqa: F401

    before = time.process_time()
    found = WORKS[name](url, folder)
    print(f"{time.process_time() - before:.2f}\t{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024}\t{found}")


def timed(name: str, url: str, folder: Path) -> tuple[float, float]:
    """Do it in a process of its own and print what it took; return CPU seconds of the work, and of the process."""
    begun = time.perf_counter()
    command = [sys.executable, __file__, "--measured", name, "--place-of", url, str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout
        told = child.stdout.read()
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        sys.exit(f"{name} failed")
    work, peak, found = told.rstrip("\n").split("\t")
    cpu = used.ru_utime + used.ru_stime
    print(
        f"  {name:10} {found:16} wall {time.perf_counter() - begun:5.1f} s  CPU {float(work):5.2f} s, with the start {cpu:5.2f} s  peak {peak} MB", flush=True
    )  # fmt: skip
    return float(work), cpu


if __name__ == "__main__":
    main()
