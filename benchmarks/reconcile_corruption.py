"""Each kind of damage alone in one of 200,000 rows: is it found, in the right class, and nothing that was not done?

    python benchmarks/reconcile_corruption.py [--rows 200000] [--place postgresql|mysql|sqlite|csv|xlsx …] [--only WORDS] [--alone 46] [--part 1/6]

The left side is clean: a table of the same server for PostgreSQL and MariaDB, a CSV file for the others. On the right one kind of damage of
`tests/checks/corruptions.py` after the other is done and undone, in databases to the damaged rows alone. A file is read whole each time, which is slow:
it gets all kinds at once in rows far apart, and so many of them, spread over all, also alone; a part takes every so manieth kind, and those alone.
Of a file only the damaged rows are written anew, the others as they were written first. Prints what was not found or invented, and time and memory of each place.
"""

from __future__ import annotations

import argparse
import csv
import io
import os
import re
import resource
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
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
DATABASE = os.environ.get("CRMMIGRATE_BENCHMARK_DATABASE", "crmm_benchmark_corruption")
AROUND = 8
"""Rows before and behind the damaged one that a kind of damage may touch."""

Rows = list[dict[str, str | None]]
Found = set[tuple[str, str, str]]
Stretches = list[tuple[int, Rows]]
"""Where the damaged rows begin, and what stands there; from the end, so that rows taken away move none."""


def main() -> None:
    """Run it and print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--place", action="append", choices=[*SERVERS, "sqlite", "csv", "xlsx"])
    parser.add_argument("--only", default="", help="only kinds of damage whose name has this in it")
    parser.add_argument(
        "--alone",
        type=int,
        help="kinds done alone to a file; 6 for CSV and 2 for a workbook where not given; -1: all, and not all at once before",
    )
    parser.add_argument(
        "--part",
        default="",
        help="for example 2/6: of the kinds every sixth, from the second on; of a file each of them alone",
    )
    asked = parser.parse_args()
    kinds = {name: damage for name, damage in CORRUPTIONS.items() if asked.only in name}
    if asked.part:
        first, _, step = asked.part.partition("/")
        kinds = dict(list(kinds.items())[int(first) - 1 :: int(step)])
        asked.alone = -1
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
    if place in CLEAN:
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


class CleanCsv:
    """A CSV file, row by row, of which a stretch can be written otherwise."""

    def __init__(self, rows: Rows) -> None:
        self.header, *self.rows = self._pieces([dict(zip(COLUMNS, COLUMNS, strict=True)), *rows])

    def _pieces(self, rows: Rows) -> list[str]:
        lines: list[str] = []
        writer = csv.writer(SimpleNamespace(write=lines.append))
        writer.writerows([row[column] for column in COLUMNS] for row in rows)
        return lines

    def write(self, path: Path, stretches: Stretches) -> None:
        """Write the rows, but those of `stretches` in place of as many clean ones."""
        rows = list(self.rows)
        for start, stretch in stretches:
            rows[start : start + 2 * AROUND] = self._pieces(stretch)
        with path.open("w", encoding="utf-8", newline="") as file:
            file.writelines([self.header, *rows])


class CleanWorkbook:
    """A workbook, row by row, of which a stretch can be written otherwise."""

    SHEET = "xl/worksheets/sheet1.xml"

    def __init__(self, rows: Rows) -> None:
        self.parts = self._book([dict(zip(COLUMNS, COLUMNS, strict=True)), *rows])
        self.before, (self.header, *self.rows), self.behind = self._pieces(self.parts.pop(self.SHEET))

    def _book(self, rows: Rows) -> dict[str, bytes]:
        import openpyxl

        book = openpyxl.Workbook(write_only=True)
        sheet = book.create_sheet("b")
        for row in rows:
            sheet.append([row[column] for column in COLUMNS])
        file = io.BytesIO()
        book.save(file)
        with zipfile.ZipFile(file) as package:
            return {name: package.read(name) for name in package.namelist()}

    def _pieces(self, sheet: bytes) -> tuple[str, list[str], str]:
        before, _, rest = sheet.decode().partition("<sheetData>")
        rows, _, behind = rest.rpartition("</sheetData>")
        return before + "<sheetData>", [row + "</row>" for row in rows.split("</row>")[:-1]], "</sheetData>" + behind

    def write(self, path: Path, stretches: Stretches) -> None:
        """Write the rows, but those of `stretches` in place of as many clean ones."""
        rows = list(self.rows)
        moved = len(rows)
        for start, stretch in stretches:
            rows[start : start + 2 * AROUND] = self._pieces(self._book(stretch)[self.SHEET])[1]
            moved = min(moved, start)
        for index in range(moved, len(rows)):  # a row and its cells say which they are
            number = str(index + 2)
            if f'<row r="{number}"' not in rows[index]:
                rows[index] = _NUMBERED.sub(rf'\g<1>{number}"', rows[index])
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as package:
            for name, part in self.parts.items():
                package.writestr(name, part)
            package.writestr(self.SHEET, "".join([self.before, self.header, *rows, self.behind]))


_NUMBERED = re.compile(r'(<row r="|<c r="[A-Z]+)[0-9]+"')
CLEAN: dict[str, type[CleanCsv | CleanWorkbook]] = {"csv": CleanCsv, "xlsx": CleanWorkbook}
FEW = {"csv": 6, "xlsx": 2}
"""Kinds of damage that a file gets alone, where nobody says how many."""


def in_files(path: Path, rows: Rows, kinds: dict[str, Any], alone: int) -> list[str]:
    """Damage a file in all ways at once, and in some of them alone."""
    everything = list(enumerate(kinds.items()))
    if alone < 0:
        rounds = [[one] for one in everything]
    else:
        step = max(1, len(everything) // alone) if alone else len(everything)
        rounds = [everything, *([one] for one in everything[::step][:alone])]
    wrong: list[str] = []
    clean_file = CLEAN[path.suffix[1:]](rows)
    with context_for(None) as context:
        left = Table("left", read_one(Location.parse(str(path.with_name("a.csv"))), context).path)
        for done in rounds:
            wanted: Found = set()
            stretches = []
            for number, (_, damage) in reversed(done):  # from the end, so that rows taken away move none
                start, stretch, its = damaged(rows, number, len(kinds), damage)
                stretches.append((start, stretch))
                wanted |= its
            clean_file.write(path, stretches)
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
