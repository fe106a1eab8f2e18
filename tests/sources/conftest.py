"""Small workbooks, written byte for byte as a test needs them, and a way to read whatever there is."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from xml.sax.saxutils import escape

import pytest

from crmmigrate.model.location import Location
from crmmigrate.model.source import SourceTable
from crmmigrate.sources import read_location

MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"


def cell(reference: str, value: str) -> str:
    """Return the XML of a text cell; a value that begins with `<` is XML already."""
    if value.startswith("<"):
        return value
    return f'<c r="{reference}" t="inlineStr"><is><t xml:space="preserve">{escape(value)}</t></is></c>'


def sheet_xml(rows: dict[int, dict[str, str]], merges: Sequence[str] = (), before: str = "") -> str:
    """Return the XML of a sheet: row number → column letter → text or XML of the cell."""
    lines = "".join(
        f'<row r="{number}">' + "".join(cell(f"{column}{number}", text) for column, text in cells.items()) + "</row>"
        for number, cells in rows.items()
    )
    merged = "".join(f'<mergeCell ref="{merge}"/>' for merge in merges)
    return f"<worksheet {MAIN}>{before}<sheetData>{lines}</sheetData><mergeCells>{merged}</mergeCells></worksheet>"


def write(path: Path, sheets: dict[str, str], styles: Sequence[str] = (), texts: str = "", book: str = "") -> Path:
    """Write a workbook.

    Args:
        path: the file.
        sheets: name → XML.
        styles: the number format codes of styles 1, 2, ….
        texts: the `<si>` items of the shared strings.
        book: XML at the beginning of the workbook part.
    """
    many = range(1, len(sheets) + 1)
    listed = "".join(
        f'<sheet name="{escape(n)}" sheetId="{i}" r:id="r{i}"/>' for i, n in zip(many, sheets, strict=True)
    )
    links = "".join(f'<Relationship Id="r{i}" Type="{OFFICE}/worksheet" Target="worksheets/s{i}.xml"/>' for i in many)
    links += f'<Relationship Id="st" Type="{OFFICE}/styles" Target="styles.xml"/>'
    links += f'<Relationship Id="ss" Type="{OFFICE}/sharedStrings" Target="/xl/sharedStrings.xml"/>'
    formats = "".join(
        f'<numFmt numFmtId="{200 + i}" formatCode="{escape(c, {chr(34): "&quot;"})}"/>' for i, c in enumerate(styles)
    )
    xfs = '<xf numFmtId="0"/>' + "".join(f'<xf numFmtId="{200 + i}"/>' for i in range(len(styles)))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as package:
        package.writestr("[Content_Types].xml", "<Types/>")
        package.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{PACKAGE}"><Relationship Id="a" Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        )
        package.writestr(
            "xl/workbook.xml", f'<workbook {MAIN} xmlns:r="{OFFICE}">{book}<sheets>{listed}</sheets></workbook>'
        )
        package.writestr("xl/_rels/workbook.xml.rels", f'<Relationships xmlns="{PACKAGE}">{links}</Relationships>')
        package.writestr(
            "xl/styles.xml", f"<styleSheet {MAIN}><numFmts>{formats}</numFmts><cellXfs>{xfs}</cellXfs></styleSheet>"
        )
        package.writestr("xl/sharedStrings.xml", f"<sst {MAIN}>{texts}</sst>")
        for number, xml in zip(many, sheets.values(), strict=True):
            package.writestr(f"xl/worksheets/s{number}.xml", xml)
    return path


def table(rows: Sequence[Sequence[str | None]], merges: Sequence[str] = (), first: int = 1) -> str:
    """Return the XML of a sheet whose rows are given in order, from row `first` on."""
    return sheet_xml(
        {n: {chr(65 + i): t for i, t in enumerate(row) if t is not None} for n, row in enumerate(rows, first)}, merges
    )


@pytest.fixture
def workbook() -> SimpleNamespace:
    """Give the functions that write workbooks."""
    return SimpleNamespace(write=write, table=table, sheet=sheet_xml)


def read_all(place: object, **options: Any) -> dict[str, tuple[SourceTable, dict[str, list[str | None]]]]:
    """Read a location: table name → the table, and its columns as lists with None for an empty cell."""
    import pandas as pd

    found = {}
    for source in list(read_location(Location.parse(str(place)), **options)):
        frames = list(source.batches())
        assert all(str(kind) == "str" for frame in frames for kind in frame.dtypes)
        whole = pd.concat(frames)
        found[source.name] = (
            source,
            {n: [v if isinstance(v, str) else None for v in whole[n].tolist()] for n in whole.columns},
        )
    return found


@pytest.fixture
def read() -> Callable[..., dict[str, tuple[SourceTable, dict[str, list[str | None]]]]]:
    """Give the function that reads all tables of a location."""
    return read_all


@pytest.fixture
def only() -> Callable[..., tuple[SourceTable, dict[str, list[str | None]]]]:
    """Give the function that reads the one table of a location."""

    def one(place: object, **options: Any) -> tuple[SourceTable, dict[str, list[str | None]]]:
        [found] = read_all(place, **options).values()
        return found

    return one
