"""Each kind of damage alone in one of 200,000 rows: is it found, in the right class, and nothing that was not done?

    python benchmarks/reconcile_corruption.py [--rows 200000] [--place postgresql|mysql|sqlite|csv|xlsx …] [--only WORDS] [--alone 46]

The left side is clean: a table of the same server for PostgreSQL and MariaDB, a CSV file for the others. On the right one kind of damage of
`tests/checks/corruptions.py` after the other is done and undone, in databases to the damaged rows alone. A file is slow to write and to read:
it gets all kinds at once in rows far apart, and so many of them, spread over all, also alone. Prints what was not found or invented, and time and memory of each place.
"""

from __future__ import annotations

import argparse
import csv
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))
from tests.checks.corruptions import COLUMNS, CORRUPTIONS, clean

from crmmigrate.cli.workspaces import context_for
from crmmigrate.model.location import Location
from crmmigrate.model.stage import Job
from crmmigrate.model.table import Table, Tables
from crmmigrate.runner.comparison import TwoSides, read_two
from crmmigrate.runner.single import read_one
from crmmigrate.stages.reconcile import ReconcileOptions, reconcile

SERVERS = {"postgresql": "postgresql://root@127.0.0.1:5432", "mysql": "mysql://root@127.0.0.1:3306"}
DATABASE = "crmm_benchmark_corruption"
AROUND = 8
"""Rows before and behind the damaged one that a kind of damage may touch."""

Rows = list[dict[str, str | None]]
Found = set[tuple[str, str, str]]


def main() -> None:
    """Run it and print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--place", action="append", choices=[*SERVERS, "sqlite", "csv", "xlsx"])
    parser.add_argument("--only", default="", help="only kinds of damage whose name has this in it")
    parser.add_argument(
        "--alone", type=int, help="kinds done alone to a file; 6 for CSV and 2 for a workbook where not given"
    )
    asked = parser.parse_args()
    kinds = {name: damage for name, damage in CORRUPTIONS.items() if asked.only in name}
    rows: Rows = clean(asked.rows)
    for place in asked.place or [*SERVERS, "sqlite", "csv", "xlsx"]:
        with tempfile.TemporaryDirectory() as folder:
            begun = time.perf_counter()
            wrong = measure(place, Path(folder), rows, kinds, asked.alone)
            print(
                f"{place}: {len(kinds)} kinds of damage, each in {asked.rows:,} rows; {len(kinds) - len(wrong)} found in their class, and nothing else with them; "
                f"{time.perf_counter() - begun:.0f} s; peak of all so far {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB", flush=True,
            )  # fmt: skip
            for line in wrong:
                print(f"  {line}", flush=True)


def measure(place: str, folder: Path, rows: Rows, kinds: dict[str, Any], alone: int | None) -> list[str]:
    """Do every kind of damage in a place and return what was found amiss."""
    write_csv(folder / "a.csv", rows)
    if place in WRITERS:
        return in_files(folder / f"b.{place}", rows, kinds, FEW[place] if alone is None else alone)
    return in_database(place, folder, rows, kinds)


def write_csv(path: Path, rows: Rows) -> None:
    """Write the rows as a CSV file."""
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([COLUMNS, *([row[column] for column in COLUMNS] for row in rows)])


def damaged(rows: Rows, number: int, kinds: int, damage: Callable[[Rows, int], Found]) -> tuple[int, Rows, Found]:
    """Return where a stretch of rows begins, the same rows with the damage done, and what has to be found."""
    start = (number + 1) * (len(rows) // (kinds + 2))
    stretch = [dict(row) for row in rows[start : start + 2 * AROUND]]
    return start, stretch, damage(stretch, AROUND)


def judged(sides: TwoSides, wanted: Found, name: str) -> list[str]:
    """Reconcile, and return what was not found or was not done."""
    options = ReconcileOptions(key=("key",), agreed=sides.agreed, kinds=sides.kinds)
    result = reconcile.function(Job(Tables(sides.tables), options, "run", lambda _: None))
    rows = result.tables["differences"].to_pylist()
    found = {(row["_record"], row["column"], row["kind"]) for row in rows}
    if found == wanted and len(rows) == len(wanted):
        return []
    return [
        f"{name}: not found {sorted(wanted - found)[:5]}, not done {sorted(found - wanted)[:5]}, {len(rows)} rows for {len(wanted)}"
    ]


def write_workbook(path: Path, rows: Rows) -> None:
    """Write the rows as a workbook."""
    import openpyxl

    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("b")
    for row in (COLUMNS, *([row[column] for column in COLUMNS] for row in rows)):
        sheet.append(list(row))
    book.save(path)


WRITERS = {"csv": write_csv, "xlsx": write_workbook}
FEW = {"csv": 6, "xlsx": 2}
"""Kinds of damage that a file gets alone, where nobody says how many."""


def in_files(path: Path, rows: Rows, kinds: dict[str, Any], alone: int) -> list[str]:
    """Damage a file in all ways at once, and in some of them alone."""
    everything = list(enumerate(kinds.items()))
    step = max(1, len(everything) // alone) if alone else len(everything)
    rounds = [everything, *([one] for one in everything[::step][:alone])]
    wrong: list[str] = []
    with context_for(None) as context:
        left = Table("left", read_one(Location.parse(str(path.with_name("a.csv"))), context).path)
        for done in rounds:
            wanted: Found = set()
            changed = list(rows)
            for number, (_, damage) in reversed(done):  # from the end, so that rows taken away move none
                start, stretch, its = damaged(rows, number, len(kinds), damage)
                changed[start : start + 2 * AROUND] = stretch
                wanted |= its
            WRITERS[path.suffix[1:]](path, changed)
            right = Table("right", read_one(Location.parse(str(path)), context).path)
            name = done[0][1][0] if len(done) == 1 else "all kinds"
            wrong += judged(TwoSides({"left": left, "right": right}), wanted, name)
            right.path.unlink()
    return wrong


def in_database(place: str, folder: Path, rows: Rows, kinds: dict[str, Any]) -> list[str]:
    """Damage a table: the rows around a damage are taken out and written back as they should not be."""
    import sqlalchemy as sa

    url = f"sqlite:///{folder / 'b.db'}"
    if place in SERVERS:
        admin = sa.create_engine(
            Location(SERVERS[place] + ("/postgres" if place == "postgresql" else "/")).url(), isolation_level="AUTOCOMMIT"
        )  # fmt: skip
        with admin.connect() as connection:
            connection.exec_driver_sql(f"DROP DATABASE IF EXISTS {DATABASE}")
            connection.exec_driver_sql(f"CREATE DATABASE {DATABASE}" + (" CHARACTER SET utf8mb4" if place == "mysql" else ""))  # fmt: skip
        url = f"{SERVERS[place]}/{DATABASE}"
    engine = sa.create_engine(Location(url).url(), poolclass=sa.NullPool)
    table = sa.table("b", *(sa.column(name) for name in COLUMNS))
    sign = "`" if place == "mysql" else '"'
    kind = "varchar(300)" if place == "mysql" else "text"
    for name in ("a", "b") if place in SERVERS else ("b",):
        with engine.begin() as connection:
            connection.exec_driver_sql(
                f"CREATE TABLE {name} ({', '.join(f'{sign}{column}{sign} {kind}' for column in COLUMNS)})"
            )
            connection.exec_driver_sql(f"CREATE INDEX key_of_{name} ON {name} ({sign}key{sign})")
            for first in range(0, len(rows), 5000):
                connection.execute(
                    sa.insert(sa.table(name, *(sa.column(c) for c in COLUMNS))), rows[first : first + 5000]
                )

    def exchange(old: Rows, new: Rows) -> None:
        with engine.begin() as connection:
            connection.execute(sa.delete(table).where(table.c.key.in_({row["key"] for row in (*old, *new)})))
            connection.execute(sa.insert(table), new)

    wrong: list[str] = []
    with context_for(None) as context:
        left = None if place in SERVERS else Table("left", read_one(Location.parse(str(folder / "a.csv")), context).path)  # fmt: skip
        for number, (name, damage) in enumerate(kinds.items()):
            start, stretch, wanted = damaged(rows, number, len(kinds), damage)
            right = rows[start : start + 2 * AROUND]
            exchange(right, stretch)
            if left is None:
                sides = read_two(Location.parse(f"{url}#a"), Location.parse(f"{url}#b"), ["key"], [], context)
            else:
                sides = TwoSides(
                    {"left": left, "right": Table("right", read_one(Location.parse(f"{url}#b"), context).path)}
                )
            wrong += judged(sides, wanted, name)
            exchange(stretch, right)
    return wrong


if __name__ == "__main__":
    main()
