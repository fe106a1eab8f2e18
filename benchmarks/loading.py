"""Loading with the full journal beside the bare bulk paths of each database, in the same run; and rolling it back.

    python benchmarks/loading.py [--rows 1000000] [--batch-rows 10000] [--rounds 1] [--only inserts] [--server postgresql] [URL …]

The rows have 15 columns of Chinese text, the first of them a unique key by which rows are matched; the table numbers them. Every way
starts from the same table (empty, or half full for `merge`) and from a CSV or Parquet file on disk, and the ways take turns. Ours is
the run as the target sees it: begin, what rows are tied, every batch, end; and the rollback: begin, every batch, proof, end. Times are of the clock, since
the work is the server's; on a machine with other work only the ratios within one round say anything. With `--server` the database is one
of a server of the benchmark's own, and times are processor seconds of client and server together, which other work hardly changes. The
databases named by the URLs must be empty and are left with the table and the journal of the last run.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import subprocess
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from servers import Server

from crmmigrate.model.load_limits import LoadLimits
from crmmigrate.model.load_plan import LoadPlan, ObjectLoad
from crmmigrate.model.schema import TargetColumn, TargetSchema, TargetTable
from crmmigrate.model.stage import Job
from crmmigrate.model.table import Table, Tables
from crmmigrate.targets import open_target
from crmmigrate.targets.loading import Loading
from crmmigrate.targets.unloading import undo_steps

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

TABLE = "loading"
COLUMNS = ("external_id", *(f"c{number}" for number in range(1, 15)))
NAMES = ", ".join(COLUMNS)
SCHEMA = TargetSchema(1, {TABLE: TargetTable({
    "id": TargetColumn("integer", identity=True), "external_id": TargetColumn(length=100, required=True, unique=True),
    **{name: TargetColumn(length=100) for name in COLUMNS[1:]},
})})  # fmt: skip
LOAD = ObjectLoad("customer", TABLE, COLUMNS, match_on=("external_id",))
TO_SQL_PART = 10
"""pandas.to_sql is so slow that it gets every tenth row, and its time is multiplied."""

DLT = """
import sys
import dlt
import pyarrow.parquet as pq

def tables():
    with pq.ParquetFile(sys.argv[2]) as file:
        for part in file.iter_batches(10_000):
            yield part.select(part.schema.names[1:])

pipeline = dlt.pipeline("loading", destination=dlt.destinations.postgres(sys.argv[1]), dataset_name="dlted", pipelines_dir=sys.argv[3])
pipeline.run(dlt.resource(tables, name="loading"), write_disposition="append").raise_on_failed_jobs()
"""
"""What dlt's own Python runs: its dependencies are not ours."""


def write_rows(folder: Path, name: str, rows: int, mark: str, every: int = 1) -> None:
    """Write `rows` rows (every n-th of them) as Parquet and CSV; `mark` tells two states of a row apart."""
    import pandas as pd  # noqa: F401  (so that nobody's time holds the import)
    import pyarrow as pa
    import pyarrow.csv as pc
    import pyarrow.parquet as pq

    numbers = range(0, rows, every)
    keys = pa.array([f"crm/客户/{number}" for number in numbers])
    columns = {"_record": keys, "external_id": keys}
    for index, column in enumerate(COLUMNS[1:], 1):
        columns[column] = pa.array([f"上海市{mark}浦东新区第{number % (7 * index)}号{number}" for number in numbers])
    table = pa.table(columns)
    pq.write_table(table, folder / f"{name}.parquet")
    with pc.CSVWriter(folder / f"{name}.csv", table.select(list(COLUMNS)).schema,
                      write_options=pc.WriteOptions(include_header=False)) as writer:  # fmt: skip
        writer.write_table(table.select(list(COLUMNS)))


class Bench:
    """The ways to fill one database.

    Args:
        url: of an empty database.
        folder: with the files.
        batch_rows: of our batches.
        server: whose processor time counts; none: times are of the clock.
    """

    def __init__(self, url: str, folder: Path, batch_rows: int, server: Server | None = None) -> None:
        self.url = url
        self.server = server
        self.kind = url.partition(":")[0].partition("+")[0].replace("mariadb", "mysql")
        self.folder = folder
        self.batch_rows = batch_rows

    def reset(self, before: str = "") -> None:
        """Make the table anew, without a journal; `before` names the file of the rows that are in it already."""
        import sqlalchemy as sa

        with open_target(self.url) as target:
            target.create(SCHEMA)  # makes a SQLite file that is not there
            with target.session.transaction() as connection:  # type: ignore[attr-defined]
                for name in sa.inspect(connection).get_table_names():
                    if name == TABLE or name.startswith("crmm_"):
                        sa.Table(name, sa.MetaData()).drop(connection)
            target.create(SCHEMA)
        if before:
            self.fill(before)

    writers: int | None = None
    """Connections that write at a time; None for as many as a load takes by itself."""

    dlt_python = ""
    """A Python that has dlt."""

    # ------------------------------------------------------------------------------------------------ bare ways

    def frames(self, name: str, size: int = 10_000) -> Iterator[list[tuple[Any, ...]]]:
        for frame in Table(name, self.folder / f"{name}.parquet").batches(size):
            yield list(frame[list(COLUMNS)].itertuples(index=False, name=None))

    def client(self, statement: str) -> None:
        """Run a statement with the database's own client program."""
        parts = urlsplit(self.url)
        login = {"h": parts.hostname or "127.0.0.1", "u": unquote(parts.username or "root"), "d": parts.path[1:]}
        port, password = str(parts.port or (5432 if self.kind == "postgresql" else 3306)), unquote(parts.password or "")
        if self.kind == "postgresql":
            command = ["psql", "-q", "-v", "ON_ERROR_STOP=1", "-h", login["h"], "-p", port, "-U", login["u"], "-d", login["d"], "-c", statement]  # fmt: skip
        else:
            command = ["mysql", "--local-infile=1", "-h", login["h"], "-P", port, "-u", login["u"], login["d"], "-e", statement]  # fmt: skip
        subprocess.run(command, check=True, env=os.environ | {"PGPASSWORD": password, "MYSQL_PWD": password})

    def fill(self, name: str, table: str = TABLE) -> None:
        """Fill a table by the client program's bulk path; SQLite by executemany in one transaction."""
        path = self.folder / f"{name}.csv"
        if self.kind == "postgresql":
            self.client(f"\\copy {table} ({NAMES}) FROM '{path}' CSV")
        elif self.kind == "mysql":
            self.client(
                f"LOAD DATA LOCAL INFILE '{path}' INTO TABLE {table} CHARACTER SET utf8mb4 FIELDS TERMINATED BY ',' "
                f"OPTIONALLY ENCLOSED BY '\"' LINES TERMINATED BY '\\n' ({NAMES})"
            )
        else:
            self.executemany(name, table)

    def executemany(self, name: str, table: str = TABLE) -> None:
        """Insert with the driver's executemany in one transaction; PyMySQL makes multi-row INSERTs of it."""
        mark = "?" if self.kind == "sqlite" else "%s"
        statement = f"INSERT INTO {table} ({NAMES}) VALUES ({', '.join([mark] * len(COLUMNS))})"
        with open_target(self.url) as target, target.session.transaction() as connection:  # type: ignore[attr-defined]
            for rows in self.frames(name):
                connection.exec_driver_sql(statement, rows)

    def to_sql(self, name: str) -> None:
        """Insert the tenth part with pandas.to_sql as people call it."""
        with open_target(self.url) as target, target.session.transaction() as connection:  # type: ignore[attr-defined]
            frame = Table(name, self.folder / f"{name}.parquet").frame(COLUMNS)
            frame.iloc[::TO_SQL_PART].to_sql(TABLE, connection, if_exists="append", index=False)

    def pgloader(self, name: str) -> None:
        """Load the CSV file with pgloader (https://pgloader.io), in its own batches."""
        script = self.folder / "pgloader.load"
        script.write_text(
            f"LOAD CSV FROM '{self.folder / name}.csv' WITH ENCODING UTF-8 HAVING FIELDS ({NAMES}) INTO {self.url} TARGET TABLE public.{TABLE} "
            f"TARGET COLUMNS ({NAMES}) WITH fields terminated by ',', fields optionally enclosed by '\"';",
            encoding="utf-8",
        )
        subprocess.run(["pgloader", "-q", str(script)], check=True, stdout=subprocess.DEVNULL)

    def dlt(self, name: str) -> None:
        """Load the Parquet file, as Arrow tables, with dlt (https://dlthub.com), which makes a table of its own."""
        user, _, place = self.url.removeprefix("postgresql://").rpartition("@")
        url = f"postgresql://{user if ':' in user else user + ':none'}@{place}"
        with tempfile.TemporaryDirectory() as folder:
            command = [self.dlt_python, "-c", DLT, url, str(self.folder / f"{name}.parquet"), folder]
            subprocess.run(
                command,
                check=True,
                cwd=folder,
                env=os.environ | {"DLT_DATA_DIR": folder, "RUNTIME__DLTHUB_TELEMETRY": "false"},
            )
        with open_target(self.url) as target, target.session.transaction() as connection:  # type: ignore[attr-defined]
            connection.exec_driver_sql("DROP SCHEMA dlted CASCADE")

    def staging_merge(self, name: str) -> None:
        """Merge through a staging table, without a journal: update what differs, insert what is not there."""
        with open_target(self.url) as target, target.session.transaction() as connection:  # type: ignore[attr-defined]
            connection.exec_driver_sql("DROP TABLE IF EXISTS staged")
            kind = "text" if self.kind != "mysql" else "varchar(100) COLLATE utf8mb4_unicode_ci"
            connection.exec_driver_sql(
                f"CREATE TABLE staged ({', '.join(f'{column} {kind}' for column in COLUMNS)}"
                + (", PRIMARY KEY (external_id))" if self.kind != "postgresql" else ")")
            )
        self.fill(name, "staged")
        with open_target(self.url) as target, target.session.transaction() as connection:  # type: ignore[attr-defined]
            sets = ", ".join(
                f"{'t.' if self.kind == 'mysql' else ''}{column} = staged.{column}" for column in COLUMNS[1:]
            )
            other = " OR ".join(
                f"NOT t.{c} <=> staged.{c}" if self.kind == "mysql" else f"t.{c} IS DISTINCT FROM staged.{c}" for c in COLUMNS[1:]
            )  # fmt: skip
            if self.kind == "mysql":
                connection.exec_driver_sql(f"UPDATE {TABLE} t JOIN staged USING (external_id) SET {sets} WHERE {other}")
            else:
                connection.exec_driver_sql(
                    f"UPDATE {TABLE} AS t SET {sets} FROM staged WHERE t.external_id = staged.external_id AND ({other})"
                )
            connection.exec_driver_sql(
                f"INSERT INTO {TABLE} ({NAMES}) SELECT {NAMES} FROM staged "
                f"WHERE NOT EXISTS (SELECT 1 FROM {TABLE} t WHERE t.external_id = staged.external_id)"
            )
            connection.exec_driver_sql("DROP TABLE staged")

    # ------------------------------------------------------------------------------------------------ ours

    def load(self, name: str) -> None:
        """Load with the full journal."""
        table = Table(name, self.folder / f"{name}.parquet")
        with open_target(self.url) as target:
            plan = LoadPlan((LOAD,), self.batch_rows)
            target.begin_run("load", "load-1", plan)
            job = Job(Tables({LOAD.object: table}), None, "load-1", lambda _: None, target)
            Loading(job, plan, LoadLimits(), None, self.writers).write()
            target.close_run("load-1", "done")
            sums = target.totals("load-1")["customer"]
        if sums["inserted"] + sums["updated"] != table.rows:
            raise RuntimeError(f"rows are missing: {sums}")

    def roll_back(self, _: str = "") -> None:
        """Roll the whole run back and prove it."""
        with open_target(self.url) as target:
            run = next(run for run in target.runs() if run.run == "load-1")
            target.begin_run("rollback", "undo-1", LoadPlan.from_text(run.plan), parent="load-1")
            for _ in undo_steps(target, "undo-1", run, target.batches("load-1"), self.writers):
                pass
            if not target.undo_agrees("undo-1"):
                raise RuntimeError("the target is not as before")
            target.close_run("undo-1", "done")

    # ------------------------------------------------------------------------------------------------ time

    def _clock(self) -> float:
        if self.server is None:
            return time.perf_counter()
        return sum(os.times()[:4]) + self.server.cpu_seconds()

    def timed(self, work: Callable[[str], None], name: str) -> float:
        """Return the seconds that a way takes."""
        started = self._clock()
        work(name)
        return self._clock() - started


def one_round(bench: Bench, only: str, seconds: dict[str, list[float]]) -> None:
    """Time every way once."""

    def note(way: str, value: float) -> None:
        seconds.setdefault(way, []).append(value)
        print(f"  {way:34}{value:9.2f} s", flush=True)

    bare = {"postgresql": "psql \\copy", "mysql": "mysql LOAD DATA LOCAL", "sqlite": "executemany, one transaction"}
    if only in ("", "inserts"):
        bench.reset()
        note(bare[bench.kind], bench.timed(bench.fill, "new"))
        bench.reset()
        note("ours, inserts", bench.timed(bench.load, "new"))
        note("ours, rollback of inserts", bench.timed(bench.roll_back, ""))
        if bench.kind == "mysql":
            bench.reset()
            note("multi-row executemany", bench.timed(bench.executemany, "new"))
        bench.reset()
        note("pandas.to_sql (its tenth × 10)", TO_SQL_PART * bench.timed(bench.to_sql, "new"))
        if bench.kind == "postgresql" and shutil.which("pgloader"):
            bench.reset()
            note("pgloader", bench.timed(bench.pgloader, "new"))
        if bench.kind == "postgresql" and bench.dlt_python:
            note("dlt", bench.timed(bench.dlt, "new"))
    if only in ("", "merge"):
        bench.reset("old")
        note("staging merge without a journal", bench.timed(bench.staging_merge, "new"))
        bench.reset("old")
        note("ours, half updates", bench.timed(bench.load, "new"))
        note("ours, rollback of half updates", bench.timed(bench.roll_back, ""))


def report(seconds: dict[str, list[float]], rows: int) -> None:
    """Print medians, rows per second and the ratios the goals speak of."""
    middle = {way: median(values) for way, values in seconds.items()}
    for way, value in middle.items():
        print(f"{way:36}{value:9.2f} s{rows / value:12,.0f} rows/s")
    peers = [way for way in middle if not way.startswith(("ours", "staging"))]
    if "ours, inserts" in middle:
        for way in peers:
            print(f"speed of inserts ÷ {way}: {middle[way] / middle['ours, inserts']:.2f}")
        print(f"rollback ÷ load, inserts: {middle['ours, rollback of inserts'] / middle['ours, inserts']:.2f}")
    if "ours, half updates" in middle:
        print(
            f"time of half updates ÷ staging merge: {middle['ours, half updates'] / middle['staging merge without a journal']:.2f}"
        )
        print(f"rollback ÷ load, half: {middle['ours, rollback of half updates'] / middle['ours, half updates']:.2f}")


def main() -> None:
    """Run the rounds and print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("urls", nargs="*", help="empty databases; by default a new SQLite file")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--batch-rows", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--only", choices=("", "inserts", "merge"), default="")
    parser.add_argument("--writers", type=int, help="connections that write at a time; by default as in a load")
    parser.add_argument("--dlt", default="", help="a Python that has dlt[postgres], to load with it too")
    parser.add_argument(
        "--server", choices=("postgresql", "mysql"), help="start one of its own and count processor time"
    )
    given = parser.parse_args()
    with ExitStack() as stack:
        name = stack.enter_context(tempfile.TemporaryDirectory())
        server = stack.enter_context(Server(given.server)) if given.server else None
        folder = Path(name)
        write_rows(folder, "new", given.rows, "新")
        write_rows(folder, "old", given.rows, "旧", every=2)
        own = [server.database("loading")] if server else [f"sqlite:///{folder / 'loading.db'}"]
        for url in given.urls or own:
            bench = Bench(url, folder, given.batch_rows, server)
            bench.dlt_python, bench.writers = given.dlt, given.writers
            print(f"{bench.kind}: {given.rows:,} rows × {len(COLUMNS)} columns, batches of {given.batch_rows:,}")
            seconds: dict[str, list[float]] = {}
            for _ in range(given.rounds):
                one_round(bench, given.only, seconds)
            report(seconds, given.rows)
    print(f"most memory of this process: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    main()
