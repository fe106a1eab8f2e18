"""Cell by cell, what is read from public workbooks beside what python-calamine reads from them.

    python benchmarks/public_values.py FOLDER [--limit 300] [--show 5]

The cells of all sheets are compared before tables are looked for. Numbers count as equal to 12 digits, percentages and codes
with their leading zeros as the number that is stored, dates and times to the second, texts without regard to white space at
their ends and kinds of line ends. What differs is counted by what each of the two saw; `--show` names some of each.
Each file is read in a process of its own; where either reader fails or refuses, the file is left out and counted.
"""

from __future__ import annotations

import argparse
import datetime as dt
import hashlib
import os
import pickle
import re
import resource
import signal
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd  # noqa: F401 -- so that not every child has to
import pyarrow.compute  # noqa: F401
import python_calamine

from crmmigrate.model.location import Location
from crmmigrate.sources import ods, read_location, xls, xlsb, xlsx

ENDINGS = {".xlsx", ".xlsm", ".xls", ".xlsb", ".ods"}
DATED = re.compile(r"(\d{4,5}-\d\d-\d\d)( \d\d:\d\d:\d\d)?\Z|(\d\d:\d\d:\d\d)\Z|(-?\d+:\d\d:\d\d)\Z")
MEGABYTES = 3000
SECONDS = 60
Place = tuple[str, int, int]
Told = tuple[str, int, int, str, Any]
"""A cell: name of the sheet, row from 1, column from 0, type, value."""


def ours(path: Path) -> Iterator[Told]:
    found: list[Any] = []

    def kept(_: Any, sheets: Any, __: Any) -> Iterator[Any]:
        found.extend(sheets)
        for sheet in found:
            for block in sheet.blocks():
                cells.extend(
                    (sheet.name, row, column, "", text) for row, given in block.rows() for column, text in given.items()
                )
        return iter(())

    cells: list[Told] = []
    for module in (xlsx, xls, xlsb, ods):
        module.tables_of = kept  # type: ignore[assignment]
    list(read_location(Location(str(path))))
    yield from cells


def calamine(path: Path) -> Iterator[Told]:
    book = python_calamine.CalamineWorkbook.from_path(str(path))
    for name in book.sheet_names:
        for row, given in enumerate(book.get_sheet_by_name(name).to_python(skip_empty_area=False), 1):
            for column, value in enumerate(given):
                if isinstance(value, dt.timedelta):
                    yield name, row, column, "timedelta", value.total_seconds()
                elif isinstance(value, (dt.date, dt.time)):
                    yield name, row, column, type(value).__name__, value.isoformat()
                elif value != "":
                    yield name, row, column, type(value).__name__, value


def cells(read: Callable[[Path], Iterator[Told]], path: Path) -> dict[Place, tuple[str, Any]] | None:
    """Return the cells of a workbook, read in a process of its own; None where it fails."""
    with tempfile.TemporaryFile() as file:
        child = os.fork()
        if not child:
            try:
                resource.setrlimit(resource.RLIMIT_AS, (MEGABYTES << 20,) * 2)
                signal.alarm(SECONDS)
                pickle.dump(list(read(path)), file)
                file.flush()
                os._exit(0)
            except BaseException:  # noqa: BLE001 -- whatever it is: the parent counts it
                os._exit(1)
        if os.waitpid(child, 0)[1]:
            return None
        file.seek(0)
        found: list[Told] = pickle.load(file)
    return {(name, row, column): (kind, value) for name, row, column, kind, value in found}


def difference(mine: str, kind: str, its: Any) -> str:
    """Return what kind of difference there is, or nothing."""
    if kind in ("int", "float"):
        number = numeric(mine)
        if number is None:
            return "a date, a number" if DATED.match(mine) else "a text, a number"
        return "" if abs(number - its) <= 1e-12 * max(abs(its), abs(number)) else "numbers"
    if kind == "bool":
        return "" if mine == str(its).upper() else "a truth value"
    if kind == "str":
        same = " ".join(mine.split()) == " ".join(its.split())
        return "" if same else "an error" if its.startswith("#") else "texts"
    if not DATED.match(mine):
        return f"{'a number' if numeric(mine) is not None else 'a text'}, a {kind}"
    return "" if seconds(mine) is not None and abs(seconds(mine) - seconds(its)) <= 1 else f"a date, another {kind}"


def numeric(text: str) -> float | None:
    """Return the number that is stored behind a text; separators of codes are no part of it."""
    share = text.endswith("%")
    try:
        return float(text.removesuffix("%")) / (100 if share else 1)
    except ValueError:
        digits = re.sub(r"\D", "", text)
        return float(digits) if digits and re.fullmatch(r"[A-Za-z+()/ \d-]+", text) and not DATED.match(text) else None


def seconds(value: Any) -> float | None:
    """Return a date, a time or a duration in seconds."""
    if isinstance(value, (int, float)):
        return float(value)
    try:
        if re.match(r"-?\d+:\d\d:\d\d(\.\d+)?\Z", value):
            hours, minutes, rest = value.lstrip("-").split(":")
            return (-1 if value.startswith("-") else 1) * (int(hours) * 3600 + int(minutes) * 60 + float(rest))
        return (dt.datetime.fromisoformat(value) - dt.datetime.fromisoformat("1899-12-30")).total_seconds()
    except ValueError:
        return None


def main() -> int:
    """Run and report."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--limit", type=int, default=300)
    parser.add_argument("--show", type=int, default=0)
    asked = parser.parse_args()
    files = [path for path in asked.folder.rglob("*") if path.suffix.lower() in ENDINGS and path.is_file()]
    files = sorted(files, key=lambda path: hashlib.sha256(path.name.encode()).digest())[: asked.limit]
    counts: Counter[str] = Counter()
    shown: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for path in files:
        mine, its = cells(ours, path), cells(calamine, path)
        if mine is None or its is None:
            counts[f"files left out: {'ours' if mine is None else 'calamine'}"] += 1
            continue
        names = {place[0] for place in mine} & {place[0] for place in its}
        counts["files"] += 1
        counts["sheets"] += len(names)
        for place in sorted(place for place in mine.keys() | its.keys() if place[0] in names):
            text = mine.get(place, ("", ""))[1].strip()
            kind, value = its.get(place, ("str", ""))
            counts["cells"] += 1
            empty = kind == "str" and not value.strip()
            what = "only calamine" if not text and not empty else "only ours" if text and empty else ""
            what = what or ("" if not text else difference(text, kind, value))
            if what:
                counts[f"  {what}"] += 1
                shown[what][f"{path}#{place[0]}!{place[1]},{place[2]}: {text[:40]!r} | {kind} {str(value)[:40]!r}"] += 1
    for name, count in sorted(counts.items()):
        print(f"{name:<34} {count:>9,}")
    for what, examples in shown.items():
        files_of = Counter(example.partition("#")[0] for example in examples)
        print(f"{what}: in {len(files_of)} files")
        for name in list(files_of)[: asked.show]:
            print("  ", next(example for example in examples if example.startswith(f"{name}#")), f"({files_of[name]})")
    return 0


if __name__ == "__main__":
    sys.exit(main())
