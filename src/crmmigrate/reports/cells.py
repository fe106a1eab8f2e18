"""The rows of worksheets as XML; openpyxl makes the book around them, its styles and all that a sheet has beside rows.

A cell is text for good: no formula now, and none after somebody edits it. openpyxl writes rows cell by cell, as objects, in
ten times the time.

Source: ECMA-376, part 1, 18.3.1 (worksheets; inline strings).
"""

from __future__ import annotations

import re
import shutil
from itertools import product
from typing import IO, TYPE_CHECKING, Any
from zipfile import ZIP_DEFLATED, ZipFile

from crmmigrate.model.text_width import display_width
from crmmigrate.reports.untouched import MARK, PROPERTIES, with_mark

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from openpyxl import Workbook

WIDEST = 60
"""Characters of the widest column; longer texts are wrapped."""

_LINE, _HIGHEST, _MEASURED = 15, 400, 10_000
"""Points of a line of text and of the highest row (Excel: 409); rows whose height is set, since not every program finds it itself."""
_CELL_CHARACTERS = 32_767
_KEPT = 5_000
"""Cells that are remembered: most columns hold few different ones."""
UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_FORMULA_START = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%")
ENTRY_FILL, _HEAD_FILL = "FFFFF8DC", "FFDDE8F3"
_ROWS = re.compile(rb"<sheetData\s*/>|<sheetData>\s*</sheetData>")


def as_written(text: str) -> str:
    """Return what a cell holds of `text`: no characters that XML forbids, and no more than Excel takes."""
    if text.isprintable() and len(text) <= _CELL_CHARACTERS:
        return text
    return UNWRITABLE.sub("\ufffd", text)[:_CELL_CHARACTERS]


def is_long(text: str) -> bool:
    """Tell whether a text has to be wrapped to be read in its column."""
    return (len(text) > WIDEST // 2 and display_width(text) > WIDEST) or "\n" in text


def _marked(text: str) -> str:
    """Return a text with what XML would take for its own; a translation of many signs is slower than three searches."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


class Styles:
    """The numbers of the styles of cells in a book.

    Args:
        page: any sheet of the book.
    """

    def __init__(self, page: Any) -> None:
        from openpyxl.styles import Alignment, Font, PatternFill, Protection

        self._page = page
        text: dict[tuple[bool, bool, bool, bool], int] = {}
        for entry, free, wrapped, quoted in product((False, True), repeat=4):
            look: dict[str, Any] = {"alignment": Alignment(vertical="top", wrap_text=wrapped)}
            if entry:
                look |= {"fill": PatternFill("solid", fgColor=ENTRY_FILL)}
            if entry or free:
                look |= {"protection": Protection(locked=False)}
            text[entry, free, wrapped, quoted] = self.made(quoted=quoted, **look)
        self.text = text
        """Text, by whether people are to write there, may write there, it is wrapped, and it looks like a formula."""
        self.head = {
            entry: self.made(
                quoted=True, font=Font(bold=True), fill=PatternFill("solid", fgColor=ink), protection=Protection(locked=not entry),
                alignment=Alignment(vertical="top", wrap_text=True),
            )
            for entry, ink in ((False, _HEAD_FILL), (True, ENTRY_FILL))
        }  # fmt: skip
        """The same in a row that stands above others, by whether people write there."""
        self.number = self.made(number_format="General", alignment=Alignment(vertical="top"))
        self.known: dict[tuple[str, bool, bool, bool], tuple[int, str]] = {}
        """The last answers of `text_cell`."""

    def made(self, *, quoted: bool = False, number_format: str = "@", **look: Any) -> int:
        """Return the number of a style."""
        from openpyxl.cell import WriteOnlyCell

        cell: Any = WriteOnlyCell(self._page)
        cell.number_format = number_format
        if quoted:
            cell.quotePrefix = True
        for name, value in look.items():
            setattr(cell, name, value)
        return int(cell.style_id)


class Rows:
    """Writes the rows of one sheet.

    Args:
        file: takes them.
        letters: of the sheet's columns.
    """

    def __init__(self, file: IO[bytes], letters: Sequence[str]) -> None:
        self._file = file
        self._letters = letters
        self._known: dict[tuple[int, str | float], tuple[str, int]] = {}
        self.count = 0

    def add(self, cells: Sequence[tuple[int, str | float] | None]) -> None:
        """Write a row of (style, value); an empty text is an empty cell of that style, None no cell.

        Args:
            cells: the values as they are to be read (`as_written`).
        """
        self.count += 1
        parts = [""]
        lines = 1
        measured = self.count <= _MEASURED
        for letter, cell in zip(self._letters, cells, strict=True):
            if cell is None:
                continue
            known = self._known.get(cell)
            if known is None:
                if len(self._known) >= _KEPT:
                    self._known.clear()
                known = self._known[cell] = _behind_place(*cell, measured=measured)
            parts.append(f'<c r="{letter}{self.count}"{known[0]}')
            if measured and known[1] > lines:
                lines = known[1]
        height = f' ht="{min(_LINE * lines, _HIGHEST)}" customHeight="1"' if lines > 1 and self.count > 1 else ""
        parts[0] = f'<row r="{self.count}"{height}>'
        self._file.write("".join((*parts, "</row>")).encode())


def _behind_place(style: int, value: str | float, *, measured: bool) -> tuple[str, int]:
    """Return what is written of a cell behind its place, and how many lines it takes, where that is to be measured."""
    if value == "":
        return f' s="{style}"/>', 1
    if not isinstance(value, str):
        return f' s="{style}"><v>{value!r}</v></c>', 1
    lines = 1
    if measured and is_long(value):
        lines = sum(max(1, -(-display_width(line) // WIDEST)) for line in value.split("\n"))
    return (
        f' s="{style}" t="inlineStr"><is><t xml:space="preserve">{_marked(value)}</t></is></c>',
        lines,
    )


def text_cell(
    styles: Styles, text: str, *, entry: bool = False, free: bool = False, head: bool = False
) -> tuple[int, str]:
    """Return the cell of a text."""
    asked = (text, entry, free, head)
    cell = styles.known.get(asked)
    if cell is None:
        if len(styles.known) >= _KEPT:
            styles.known.clear()
        cell = styles.known[asked] = _text_cell(styles, *asked)
    return cell


def _text_cell(styles: Styles, text: str, entry: bool, free: bool, head: bool) -> tuple[int, str]:  # noqa: FBT001
    if not text and not head:
        return styles.text[entry, free, False, False], text
    text = as_written(text)
    return (
        styles.head[entry] if head else styles.text[entry, free, is_long(text), text.startswith(_FORMULA_START)]
    ), text


def save(book: Workbook, rows: Mapping[int, IO[bytes]], path: Path) -> None:
    """Save a book with rows that were written beside it.

    Args:
        book: whose sheets that have such rows are empty.
        rows: number of a sheet, from 1 → its rows.
        path: the .xlsx file; an existing one is replaced.

    Raises:
        OSError: it cannot be written.
    """
    from tempfile import SpooledTemporaryFile

    parts = {f"xl/worksheets/sheet{number}.xml": file for number, file in rows.items()}
    book.properties.identifier = MARK
    with SpooledTemporaryFile(1 << 20) as around:
        book.save(around)
        with ZipFile(around) as made, ZipFile(path, "w", ZIP_DEFLATED) as whole:
            for part in made.infolist():
                if part.filename == PROPERTIES:
                    continue  # what stands in it is known when all others are written
                data = made.read(part)
                file = parts.get(part.filename)
                if file is None:
                    whole.writestr(part.filename, data)
                    continue
                head, tail = _ROWS.split(data, maxsplit=1)
                with whole.open(part.filename, "w", force_zip64=True) as sheet:
                    sheet.write(head + b"<sheetData>")
                    file.seek(0)
                    shutil.copyfileobj(file, sheet, 1 << 20)
                    sheet.write(b"</sheetData>" + tail)
            whole.writestr(PROPERTIES, with_mark(made.read(PROPERTIES), whole.infolist()))
