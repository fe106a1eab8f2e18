"""Time and memory of reading workbooks, as a ratio to bare iteration by python-calamine and by openpyxl in the same run.

    python benchmarks/reading.py BOOK.xlsx [MORE.xls MORE.ods …] [--runs 3] [--peer-python PYTHON] [--limit 1.5] [--without-openpyxl]

Each reader runs in a process of its own, interleaved, so that a noisy machine disturbs all alike; figures are medians of CPU
time (user and system) and wall time after the imports, and the highest memory. openpyxl (`read_only=True`) is asked of
.xlsx only. Exit code 1 where the CPU ratio to calamine is above the limit for an .xlsx.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
from pathlib import Path

CLOCK = """
import resource, sys, time
{imports}
used = resource.getrusage(resource.RUSAGE_SELF)
cpu, wall, rows = used.ru_utime + used.ru_stime, time.perf_counter(), 0
{work}
used = resource.getrusage(resource.RUSAGE_SELF)
print(rows, used.ru_utime + used.ru_stime - cpu, time.perf_counter() - wall, used.ru_maxrss / 1024)
"""
READERS = {
    "crmmigrate": (
        "import pandas, pyarrow.compute\nfrom crmmigrate.model.location import Location\nfrom crmmigrate.sources import read_location",
        "for table in read_location(Location(sys.argv[1])):\n    rows += sum(len(frame) for frame in table.batches())",
    ),
    "calamine": (
        "import python_calamine",
        "book = python_calamine.CalamineWorkbook.from_path(sys.argv[1])\nfor name in book.sheet_names:\n    rows += sum(1 for _ in book.get_sheet_by_name(name).iter_rows())",
    ),
    "openpyxl": (
        "import openpyxl",
        "book = openpyxl.load_workbook(sys.argv[1], read_only=True)\nfor sheet in book:\n    rows += sum(1 for _ in sheet.iter_rows(values_only=True))",
    ),
}


def measured(reader: str, book: Path, python: str) -> tuple[float, ...] | None:
    """Return rows, CPU seconds, wall seconds and megabytes of one run; None where the reader fails."""
    imports, work = READERS[reader]
    program = CLOCK.format(imports=imports, work=work)
    executable = sys.executable if reader == "crmmigrate" else python
    done = subprocess.run([executable, "-c", program, str(book)], capture_output=True, text=True, check=False)
    return tuple(map(float, done.stdout.split())) if done.returncode == 0 else None


def report(book: Path, asked: argparse.Namespace) -> float:
    """Print the lines of one workbook; return the CPU ratio to calamine."""
    excel = book.suffix.lower() in (".xlsx", ".xlsm")
    readers = [name for name in READERS if name != "openpyxl" or (excel and not asked.without_openpyxl)]
    runs: dict[str, list[tuple[float, ...]]] = {name: [] for name in readers}
    for _ in range(asked.runs):
        for name in readers:
            taken = measured(name, book, asked.peer_python)
            if taken:
                runs[name].append(taken)
    middle = {
        name: [statistics.median(column) for column in zip(*taken, strict=True)]
        for name, taken in runs.items()
        if taken
    }
    ours = middle["crmmigrate"]
    print(f"{book.name}: {ours[0]:,.0f} rows, {ours[0] / ours[1]:,.0f} rows per CPU second")
    for name, (_, cpu, wall, memory) in middle.items():
        ratio = (
            f"ours is {ours[1] / cpu:.2f} of its CPU, {ours[2] / wall:.2f} of its wall time"
            if name != "crmmigrate"
            else ""
        )
        print(f"  {name:<11} {cpu:>7.2f} s CPU {wall:>7.2f} s wall {memory:>6.0f} MB  {ratio}")
    return ours[1] / middle["calamine"][1] if excel and "calamine" in middle else 0.0


def main() -> int:
    """Run and report."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("books", type=Path, nargs="+")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--peer-python", default=sys.executable, help="a Python that has calamine and openpyxl")
    parser.add_argument("--limit", type=float, default=1.5)
    parser.add_argument("--without-openpyxl", action="store_true")
    asked = parser.parse_args()
    return 1 if max(report(book, asked) for book in asked.books) > asked.limit else 0


if __name__ == "__main__":
    sys.exit(main())
