"""Registers as offices keep them: workbooks with a title and notes, CSV files of old systems; the same bytes for the same rows."""

from __future__ import annotations

import csv
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from openpyxl import Workbook

sys.path.append(str(Path(__file__).resolve().parent.parent / "b2b"))
from b2b_generator.writers import settle_workbook


@dataclass
class Register:
    """One table of one file.

    Args:
        name: of the sheet.
        header: the columns.
        title: lines above the header.
        notes: lines below the table.
        rows: its rows; `noted` of each is told where it stands once that is known.
    """

    name: str
    header: Sequence[str]
    title: Sequence[str] = ()
    notes: Sequence[str] = ()
    rows: list[dict[str, Any]] = field(default_factory=list)
    noted: list[Callable[[str], None]] = field(default_factory=list)

    def add(self, row: dict[str, Any], noted: Callable[[str], None] = lambda _: None) -> None:
        """Add a row; `noted` is called with its origin when it is written."""
        self.rows.append(row)
        self.noted.append(noted)


def write_workbook(path: Path, registers: Iterable[Register], shown: str = "") -> None:
    """Write an .xlsx with a sheet for each register; `shown` is the file's name in origins."""
    book = Workbook(write_only=True)
    for register in registers:
        sheet = book.create_sheet(register.name)
        for line in register.title:
            sheet.append([line])
        sheet.append(list(register.header))
        first = len(register.title) + 2
        for number, row in enumerate(register.rows):
            sheet.append([row.get(column) for column in register.header])
            register.noted[number](f"{shown or path.name}#{register.name}!{first + number}")
        for line in register.notes:
            sheet.append([line])
    path.parent.mkdir(parents=True, exist_ok=True)
    book.properties.created = book.properties.modified = datetime(2026, 10, 31)  # noqa: DTZ001 - a fixed time
    book.save(path)
    settle_workbook(path)


def write_csv(path: Path, register: Register, encoding: str = "utf-8") -> None:
    """Write a register as CSV."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.writer(file)
        writer.writerow(register.header)
        for number, row in enumerate(register.rows):
            writer.writerow(["" if row.get(column) is None else row[column] for column in register.header])
            register.noted[number](f"{path.name}!{number + 2}")


class Truth:
    """What is true of a sample: tables by name, in `truth/`.

    Args:
        folder: where they are written.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.tables: dict[str, list[tuple[Any, ...]]] = {}
        self.headers: dict[str, Sequence[str]] = {"found": ("code", "origin", "column")}
        self.counts: dict[str, dict[str, int]] = {}

    def found(self, code: str, column: str = "") -> Callable[[str], None]:
        """Return what notes that a rule finds the row."""
        return lambda origin: self.row("found", code, origin, column)

    def row(self, table: str, *cells: Any) -> None:
        """Note a row of a table."""
        self.tables.setdefault(table, []).append(cells)

    def count(self, name: str, what: str = "source", by: int = 1) -> None:
        """Count a row of an object: `source`, `merged` or `rejected`."""
        figures = self.counts.setdefault(name, {"source": 0, "merged": 0, "rejected": 0})
        figures[what] += by

    def close(self) -> dict[str, int]:
        """Write everything and return the source rows by object."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.headers["counts"] = ("object", "source", "merged", "rejected", "expected")
        self.tables["counts"] = [
            (name, f["source"], f["merged"], f["rejected"], f["source"] - f["merged"] - f["rejected"])
            for name, f in self.counts.items()
        ]
        for name in sorted({*self.headers, *self.tables}):
            with (self.folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
                writer = csv.writer(file, lineterminator="\n")
                writer.writerow(self.headers[name])
                writer.writerows(sorted(self.tables.get(name, ()), key=str))
        return {name: figures["source"] for name, figures in self.counts.items()}


def both(*notes: Callable[[str], None]) -> Callable[[str], None]:
    """Return what tells several of the origin of a row."""

    def tell(origin: str) -> None:
        for note in notes:
            note(origin)

    return tell
