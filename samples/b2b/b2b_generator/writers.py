"""Files, written row by row and byte for byte the same each time."""

from __future__ import annotations

import csv
import sqlite3
import zipfile
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from pathlib import Path
from types import TracebackType
from typing import IO, ClassVar, Self, TextIO
from xml.sax.saxutils import escape

from b2b_generator.dirt import Cell, Value

SHEET_ROWS = 1_048_576
SHARED_STRINGS = 1000
_EPOCH = (2026, 10, 31, 0, 0, 0)
_LETTERS = [chr(65 + i) for i in range(26)]
_MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
# Cell styles: 0 general, 1 header, 2 date, 3 date with time.
_STYLES = (
    f'{_HEAD}<styleSheet {_MAIN}><numFmts count="2"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/>'
    '<numFmt numFmtId="165" formatCode="yyyy\\-mm\\-dd\\ hh:mm:ss"/></numFmts>'
    '<fonts count="2"><font><sz val="11"/><name val="宋体"/></font><font><b/><sz val="11"/><name val="宋体"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="4"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/>'
    '<xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
    '<xf numFmtId="165" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)


def _entry(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, _EPOCH)
    info.compress_type = zipfile.ZIP_DEFLATED
    info.external_attr = 0o644 << 16
    return info


def _days(value: date) -> str:
    """Write a date as Excel's serial number (1900 system)."""
    if isinstance(value, datetime):
        passed = value - datetime(1899, 12, 30)  # noqa: DTZ001 - a wall clock time, as Excel keeps it
        return repr(round(passed.days + passed.seconds / 86400, 9))
    return str((value - date(1899, 12, 30)).days)


def _text(value: str) -> str:
    space = ' xml:space="preserve"' if value[0].isspace() or value[-1].isspace() or "  " in value else ""
    return f"<t{space}>{escape(value)}</t>"


class Workbook:
    """An .xlsx written sheet after sheet in constant memory: the first thousand short strings are shared, the others stand in their cells.

    A table of more rows than a sheet holds goes on in `name_2`, `name_3`, …, each with its own header.
    """

    def __init__(self, path: Path) -> None:
        self._zip = zipfile.ZipFile(path, "w", compresslevel=6)
        self._sheets: list[str] = []
        self._stream: IO[bytes] | None = None
        self._buffer: list[str] = []
        self._shared: dict[str, int] = {}
        self._row = 0
        self._table = ""
        self._header: Sequence[str] = ()
        self._parts = 0

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Finish the file."""
        self._end_sheet()
        if kind is None:
            self._finish()
        self._zip.close()

    def table(self, name: str, header: Sequence[str]) -> None:
        """Begin a table on a sheet of its own."""
        self._table, self._header, self._parts = name, header, 0
        self._begin_sheet()

    def write(self, values: Iterable[Value]) -> str:
        """Write a row.

        Returns:
            Where it stands: `sheet!row`.
        """
        if self._row == SHEET_ROWS:
            self._begin_sheet()
        self._add(values)
        return f"{self._sheets[-1]}!{self._row}"

    def _begin_sheet(self) -> None:
        self._end_sheet()
        self._parts += 1
        self._sheets.append(self._table if self._parts == 1 else f"{self._table}_{self._parts}")
        self._stream = self._zip.open(_entry(f"xl/worksheets/sheet{len(self._sheets)}.xml"), "w", force_zip64=True)
        self._buffer = [f"{_HEAD}<worksheet {_MAIN}><sheetData>"]
        self._row = 1
        cells = "".join(
            f'<c r="{_LETTERS[i]}1" s="1" t="inlineStr"><is><t>{escape(text)}</t></is></c>'
            for i, text in enumerate(self._header)
        )
        self._buffer.append(f'<row r="1">{cells}</row>')

    def _add(self, values: Iterable[Value]) -> None:
        self._row += 1
        row = self._row
        cells = "".join(self._cell(f"{_LETTERS[i]}{row}", value) for i, value in enumerate(values))
        self._buffer.append(f'<row r="{row}">{cells}</row>')
        if len(self._buffer) >= 500:
            self._flush()

    def _cell(self, reference: str, value: Value) -> str:
        if value is None or value == "":
            return ""
        if isinstance(value, str):
            index = self._shared.get(value)
            if index is None and len(value) <= 12 and len(self._shared) < SHARED_STRINGS:
                index = self._shared.setdefault(value, len(self._shared))
            if index is not None:
                return f'<c r="{reference}" t="s"><v>{index}</v></c>'
            return f'<c r="{reference}" t="inlineStr"><is>{_text(value)}</is></c>'
        if isinstance(value, date):
            return f'<c r="{reference}" s="{3 if isinstance(value, datetime) else 2}"><v>{_days(value)}</v></c>'
        return f'<c r="{reference}"><v>{value}</v></c>'

    def _flush(self) -> None:
        if self._stream:
            self._stream.write("".join(self._buffer).encode())
        self._buffer = []

    def _end_sheet(self) -> None:
        if self._stream:
            self._buffer.append("</sheetData></worksheet>")
            self._flush()
            self._stream.close()
            self._stream = None

    def _finish(self) -> None:
        many = range(1, len(self._sheets) + 1)
        kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
        overrides = "".join(
            f'<Override PartName="/xl/worksheets/sheet{i}.xml" ContentType="{kind}.worksheet+xml"/>' for i in many
        )
        sheets = "".join(f'<sheet name="{escape(self._sheets[i - 1])}" sheetId="{i}" r:id="rId{i}"/>' for i in many)
        links = "".join(
            f'<Relationship Id="rId{i}" Type="{_OFFICE}/worksheet" Target="worksheets/sheet{i}.xml"/>' for i in many
        )
        last = len(self._sheets) + 1
        parts = {
            "[Content_Types].xml": f'{_HEAD}<Types xmlns="{_TYPES}"><Default Extension="rels" '
            'ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>'
            f'<Override PartName="/xl/workbook.xml" ContentType="{kind}.sheet.main+xml"/>'
            f'<Override PartName="/xl/styles.xml" ContentType="{kind}.styles+xml"/>'
            f'<Override PartName="/xl/sharedStrings.xml" ContentType="{kind}.sharedStrings+xml"/>{overrides}</Types>',
            "_rels/.rels": f'{_HEAD}<Relationships xmlns="{_PACKAGE}">'
            f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
            "xl/workbook.xml": f'{_HEAD}<workbook {_MAIN} xmlns:r="{_OFFICE}"><sheets>{sheets}</sheets></workbook>',
            "xl/_rels/workbook.xml.rels": f'{_HEAD}<Relationships xmlns="{_PACKAGE}">{links}'
            f'<Relationship Id="rId{last}" Type="{_OFFICE}/styles" Target="styles.xml"/>'
            f'<Relationship Id="rId{last + 1}" Type="{_OFFICE}/sharedStrings" Target="sharedStrings.xml"/></Relationships>',
            "xl/sharedStrings.xml": f"{_HEAD}<sst {_MAIN}>{''.join(f'<si>{_text(text)}</si>' for text in self._shared)}</sst>",
            "xl/styles.xml": _STYLES,
        }
        for name, text in parts.items():
            self._zip.writestr(_entry(name), text)


def settle_workbook(path: Path) -> None:
    """Give a workbook of openpyxl the same bytes each time: fixed times in the archive and in its properties."""
    import re

    draft = path.with_name(path.name + ".draft")
    path.rename(draft)
    with zipfile.ZipFile(draft) as old, zipfile.ZipFile(path, "w", compresslevel=6) as new:
        for item in old.infolist():
            if item.filename == "docProps/core.xml":
                text = re.sub(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", b"2026-10-31T00:00:00Z", old.read(item))
                new.writestr(_entry(item.filename), text)
                continue
            with old.open(item) as source, new.open(_entry(item.filename), "w", force_zip64=True) as copy:
                while block := source.read(1 << 20):
                    copy.write(block)
    draft.unlink()


class CsvTable:
    """A CSV file with a header; every record is one line.

    Args:
        encoding: of the whole file.
    """

    def __init__(self, path: Path, header: Sequence[str], encoding: str) -> None:
        self._file: TextIO = path.open("w", encoding=encoding, newline="")
        self._writer = csv.writer(self._file, lineterminator="\r\n" if encoding != "utf-8" else "\n")
        self._writer.writerow(header)
        self._name = path.name
        self._row = 1

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Finish the file."""
        self._file.close()

    def write(self, values: Iterable[Value]) -> str:
        """Write a record and give its origin, counting the header as 1."""
        self._writer.writerow(["" if value is None else value for value in values])
        self._row += 1
        return f"{self._name}!{self._row}"


class Truth:
    """The files in `truth/`, and the counts that follow from them."""

    FILES: ClassVar = {
        "entities": ("object", "origin", "entity"),
        "values": ("object", "origin", "column", "dirty", "clean", "kind"),
        "never": ("object", "origin_a", "origin_b", "kind"),
        "scope": ("object", "origin", "in_scope"),
        "faults": ("object", "origin", "kind"),
        "owners": ("name", "status", "successor"),
        "found": ("code", "origin", "column"),
        "counts": ("object", "source", "out_of_scope", "duplicates", "faults", "expected"),
    }

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._tables = {name: CsvTable(folder / f"{name}.csv", header, "utf-8") for name, header in self.FILES.items()}
        self._seen: dict[str, bytearray] = {}
        self._sums: dict[str, list[int]] = {}

    def row(
        self, business_object: str, origin: str, entity: tuple[str, int], *, in_scope: bool = True, fault: str = ""
    ) -> None:
        """Note one source row that feeds an object.

        Args:
            business_object: `account`, `contact`, ….
            origin: where it stands.
            entity: a letter and the number of what it stands for.
            in_scope: whether it is to be migrated.
            fault: why it must be rejected; only rows in scope are.
        """
        letter, number = entity
        self._tables["entities"].write((business_object, origin, f"{letter}{number:07d}"))
        self._tables["scope"].write((business_object, origin, "true" if in_scope else "false"))
        sums = self._sums.setdefault(business_object, [0, 0, 0, 0])  # rows, out of scope, faults, entities
        sums[0] += 1
        if not in_scope:
            sums[1] += 1
            return
        if fault:
            self._tables["faults"].write((business_object, origin, fault))
            sums[2] += 1
            return
        seen = self._seen.setdefault(business_object, bytearray())
        if number // 8 >= len(seen):
            seen.extend(bytes(number // 8 + 4096 - len(seen)))
        bit = 1 << number % 8
        if not seen[number // 8] & bit:
            seen[number // 8] |= bit
            sums[3] += 1

    def cells(self, business_object: str, origin: str, cells: Iterable[tuple[str, Cell]]) -> None:
        """Note the dirty cells among `cells` (column and cell)."""
        for column, cell in cells:
            if cell.kind and cell.shown != cell.clean:
                self._tables["values"].write((business_object, origin, column, cell.shown, cell.clean, cell.kind))

    def never(self, business_object: str, origin_a: str, origin_b: str, kind: str) -> None:
        """Note a pair that must not be merged."""
        self._tables["never"].write((business_object, origin_a, origin_b, kind))

    def owner(self, name: str, status: str, successor: str) -> None:
        """Note a member of the staff."""
        self._tables["owners"].write((name, status, successor))

    def found(self, code: str, origin: str, column: str = "") -> None:
        """Note a row in scope in which a rule of the pack must find something."""
        self._tables["found"].write((code, origin, column))

    def close(self) -> dict[str, int]:
        """Write the counts and finish the files.

        Returns:
            The source rows per object.
        """
        for name, (rows, outside, faults, entities) in self._sums.items():
            self._tables["counts"].write((name, rows, outside, rows - outside - faults - entities, faults, entities))
        for table in self._tables.values():
            table.__exit__(None, None, None)
        return {name: sums[0] for name, sums in self._sums.items()}


def write_database(path: Path, ddl: str, insert: str, rows: Iterable[Sequence[Value]]) -> None:
    """Fill a new SQLite database of one table."""
    path.unlink(missing_ok=True)
    connection = sqlite3.connect(path)
    with connection:
        connection.execute(ddl)
        connection.executemany(insert, rows)
    connection.close()


def quoted_printable(name: str, value: str, encoding: str) -> str:
    """Write a property of a vCard 2.1 with soft line breaks: lines of at most 76 signs (RFC 1521, 5.1).

    Args:
        name: the property with its parameters.
        value: its text; the `;` between parts stays readable.
        encoding: of the text.
    """
    lines, line = [], f"{name}:"
    for sign in value:
        for unit in [";"] if sign == ";" else [f"={byte:02X}" for byte in sign.encode(encoding)]:
            if len(line) + len(unit) > 75:
                lines.append(f"{line}=")
                line = ""
            line += unit
    return "\r\n".join([*lines, line]) + "\r\n"


def folded(line: str) -> str:
    """Fold a line of a vCard 3.0 after at most 75 octets (RFC 2425, 5.8.1), never inside a character."""
    pieces, piece, room = [], "", 75
    for sign in line:
        width = len(sign.encode())
        if width > room:
            pieces.append(piece)
            piece, room = "", 74
        piece += sign
        room -= width
    return "\r\n ".join([*pieces, piece]) + "\r\n"
