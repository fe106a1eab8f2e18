"""Where tables are found on the sheets of public labelled sets.

    python benchmarks/public_layout.py SET [--half dev|confirm|all] [--list] [--convert]

SET is the folder of one of these sets, told apart by what is in it; none is part of the project:

- FUSTE (github.com/HPI-Information-Systems/Mondrian, `res/fuste`): 886 sheets as CSV, regions and headers labelled;
- StatSheets (`dataset/` with manifest.csv, annotations and spreadsheets): 737 sheets of statistics; formats without a
  reader are left out and counted, or made .xlsx by LibreOffice first (`--convert`);
- Pollock (github.com/HPI-Information-Systems/Pollock, `polluted_files` and `survey_sample`): CSV files with the number of
  lines above the header and of header lines.

Printed: share of sheets whose first header begins where it is labelled, beside the guess that it is the first row with
something in it; share of sheets with several tables on which all tables are exact (number, first and last row, first
and last column); share of sheets with one table that were left in one. The halves are cut by a digest of the name, so
that rules made on one can be confirmed on the other.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import re
import subprocess
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from crmmigrate.errors import CrmMigrateError
from crmmigrate.model.location import Location
from crmmigrate.model.source import PLACE, SourceTable
from crmmigrate.sources import read_location

Box = tuple[int, int, int, int]
"""First and last row, first and last column."""


@dataclass
class Sheet:
    """A labelled sheet: number of the first header row (0: not labelled), and the boxes of its tables."""

    name: str
    file: Path
    table: str
    header: int
    boxes: list[Box] = field(default_factory=list)


def fuste(folder: Path) -> Iterator[Sheet]:
    labels = json.loads((folder / "annotations" / "annotations_elements.json").read_text("utf-8"))
    for name, found in sorted(labels.items()):
        tables = [region for region in found["regions"] if region["region_type"] == "Table"]
        headers = [e["top_lx"][1] + 1 for table in tables for e in table["elements"] if e["type"] == "Header"]
        boxes = [(t["top_lx"][1] + 1, t["bot_rx"][1] + 1, t["top_lx"][0], t["bot_rx"][0]) for t in tables]
        yield Sheet(name, folder / "csv" / name, "", min(headers, default=0), sorted(boxes))


def statsheets(folder: Path) -> Iterator[Sheet]:
    """Labels of cells stand on a grid in which long runs of blank rows are cut; ranges stand on the sheet itself."""
    with (folder / "manifest.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        place = folder / row["labels_path"]
        if not place.exists():
            continue
        boxes = sorted(map(box_of, ranges_of(place)))
        # A table of this set begins with its header.
        yield Sheet(row["uuid"], folder / row["file_path"], row["sheet_name"], boxes[0][0] if boxes else 0, boxes)


def ranges_of(place: Path) -> list[str]:
    import numpy as np

    found = np.load(place, allow_pickle=False)["ranges_original"]
    return [text.decode() if isinstance(text, bytes) else str(text) for text in found.tolist()]


def box_of(text: str) -> Box:
    places = [(index(name), int(number or 0)) for name, number in re.findall(r"([A-Z]+)(\d*)", text)]
    (left, top), (right, bottom) = places[0], places[-1]
    return top, bottom, left, right


def index(name: str) -> int:
    value = 0
    for letter in name:
        value = value * 26 + ord(letter) - 64
    return value - 1


def pollock(folder: Path) -> Iterator[Sheet]:
    for part in ("polluted_files", "survey_sample"):
        for place in sorted((folder / part / "parameters").glob("*_parameters.json")):
            known = json.loads(place.read_text("utf-8"))
            name = place.name.removesuffix("_parameters.json")
            above, lines = int(known["preamble_lines"]), int(known["header_lines"])
            yield Sheet(f"{part}/{name}", folder / part / "csv" / name, "", above + 1 if lines else -1)


@dataclass
class Found:
    header: int
    first: int
    boxes: list[Box]


def read(sheet: Sheet) -> Found:
    place = f"{sheet.file}#{sheet.table}" if sheet.table and sheet.file.suffix != ".csv" else str(sheet.file)
    location = Location(str(sheet.file), sheet.table) if "#" in place else Location(str(sheet.file))
    boxes: list[Box] = []
    headers: list[int] = []
    tops: list[int] = []
    for table in read_location(location):
        places = [int(number) for frame in table.batches() for number in frame[PLACE].tolist()]
        headers += table.facts["header"][:1]
        told = [int(item["place"]) for item in table.facts["dropped"] if item["why"] != "blank"]
        tops += [*places[:1], *told[:1]]
        boxes.append(box(table, places))
    return Found(min(headers, default=-1), min(tops, default=0), sorted(boxes))


def box(table: SourceTable, places: list[int]) -> Box:
    corners = box_of(table.facts["region"])
    return corners[0], max(places, default=corners[0]), corners[2], corners[3]


def readable(sheet: Sheet, convert: str) -> Sheet | None:
    """Return the sheet in a format that is read here; None where there is none."""
    if sheet.file.suffix.lower() not in (".xls", ".ods") or not convert:
        return sheet
    made = Path(convert) / f"{sheet.file.stem}.xlsx"
    if not made.exists():
        subprocess.run(
            ["soffice", "--headless", "--convert-to", "xlsx", "--outdir", convert, str(sheet.file)],
            capture_output=True, check=False, timeout=120,
        )  # fmt: skip
    return Sheet(sheet.name, made, sheet.table, sheet.header, sheet.boxes) if made.exists() else None


def half_of(name: str) -> str:
    return "dev" if int(hashlib.md5(name.encode()).hexdigest(), 16) % 2 == 0 else "confirm"


def measure(sheets: list[Sheet], convert: str, *, told: bool) -> None:
    counts: Counter[str] = Counter()
    refused: Counter[str] = Counter()
    for original in sheets:
        sheet = readable(original, convert)
        try:
            if sheet is None:
                refused["not converted"] += 1
                continue
            found = read(sheet)
        except CrmMigrateError as error:
            refused[error.code] += 1
            if error.code in ("file.xls", "file.ods", "file.xlsb", "file.missing"):
                continue
            found = Found(-2, 0, [])
        kind = "several" if len(sheet.boxes) > 1 else "one"
        if sheet.header:
            counts["header"] += 1
            counts["header right"] += found.header == sheet.header
            counts["first row right"] += found.first == sheet.header
        if sheet.boxes:
            counts[kind] += 1
            right = found.boxes == sheet.boxes if kind == "several" else len(found.boxes) == 1
            counts[f"{kind} right"] += right
            counts["one exact"] += kind == "one" and found.boxes == sheet.boxes
        if told and (found.header != sheet.header or (kind == "several" and found.boxes != sheet.boxes)):
            print(
                f"  {sheet.file.name}#{sheet.table}: header {sheet.header}, found {found.header}; {sheet.boxes}, found {found.boxes}"
            )
    for what, right, of in (
        ("header begins where it is labelled", "header right", "header"), ("  the first row would", "first row right", "header"),
        ("several tables, all exact", "several right", "several"), ("one table, left in one", "one right", "one"),
        ("  and exact", "one exact", "one"),
    ):  # fmt: skip
        if counts[of]:
            print(f"{what:36} {counts[right]:5} of {counts[of]:5}  {counts[right] / counts[of]:.4f}")
    print("refused:", dict(refused))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("set", type=Path)
    parser.add_argument("--half", choices=("dev", "confirm", "all"), default="all")
    parser.add_argument("--list", action="store_true", help="name the sheets that are wrong")
    parser.add_argument("--convert", action="store_true", help="make .xlsx of .xls and .ods with LibreOffice")
    asked = parser.parse_args()
    folder = asked.set
    if (folder / "annotations" / "annotations_elements.json").exists():
        sheets = list(fuste(folder))
    elif (folder / "manifest.csv").exists():
        sheets = list(statsheets(folder))
    elif (folder / "polluted_files").exists():
        sheets = list(pollock(folder))
    else:
        parser.error("no known set is in this folder")
    with tempfile.TemporaryDirectory() as made:
        for half in ("dev", "confirm") if asked.half == "all" else (asked.half,):
            print(f"{half}:")
            measure([s for s in sheets if half_of(s.name) == half], made if asked.convert else "", told=asked.list)


if __name__ == "__main__":
    main()
