"""The house style of worksheets: workbooks that business people open, filter, fill in and sign.

Header frozen and filterable, columns as wide as their Chinese needs, every text a text (never a formula), a page that says
what the workbook is for, and a block to sign. Rows are streamed, so a workbook of rejects may be large.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import chain, islice, product
from typing import TYPE_CHECKING, Any

from crmmigrate.messages import Message, clauses
from crmmigrate.model.privacy import DECLARATION, NOTICE
from crmmigrate.model.source import PROGRAM
from crmmigrate.model.text_width import display_width

if TYPE_CHECKING:
    from pathlib import Path

    from openpyxl import Workbook

Text = Message | str
SHEET_ROWS = 1_048_575
"""Rows of one sheet below its header; more go to a further sheet."""

_CELL_CHARACTERS = 32_767
_WIDEST, _NARROWEST, _SAMPLED = 60, 8, 300
_LEGIBLE = 330
"""Characters beside each other that can still be read on one page; wider sheets are printed on several."""
_LINE, _HIGHEST, _MEASURED = 15, 400, 10_000
"""Points of a line of text and of the highest row (Excel: 409); rows whose height is set, since not every program finds it itself."""
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_FORMULA_START = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%")
_TITLE_FORBIDDEN = re.compile(r"[\[\]:*?/\\\x00-\x1f']")
_HEADER_FILL, _ENTRY_FILL, _HEAD_FILL, _INK = "FF1F4E79", "FFFFF8DC", "FFDDE8F3", "FFFFFFFF"


@dataclass(frozen=True)
class Column:
    """One column of a sheet.

    Args:
        title: its header.
        number: write digits as numbers, right-aligned; everything else in a sheet is text.
        hidden: there for the machine, such as `_record`.
        entry: people write here: its cells are tinted.
        choices: the words a person may choose from.
        picks: titles of neighbouring columns whose values in the same row a person may choose from; anything else may be
            written too.
    """

    title: Text
    number: bool = False
    hidden: bool = False
    entry: bool = False
    choices: tuple[Text, ...] = ()
    picks: tuple[str, ...] = ()
    width: int = 0


@dataclass(frozen=True)
class Sheet:
    """One sheet: a header and its rows.

    Args:
        title: the sheet's name; shortened and made unique where Excel asks for it.
        columns: in order.
        rows: one sequence of cells per row, as long as `columns`; None is an empty cell. May be a generator.
        heads: the position of a column; a row in which it is empty stands, in bold, above those that belong to it.
        locked: only `entry` cells can be written to; rows can still be filtered. There is no password: it guards against slips, not people.
    """

    title: Text
    columns: Sequence[Column]
    rows: Iterable[Sequence[Any]]
    heads: int | None = None
    locked: bool = False


_LOCKED = Message("Fill in the tinted cells; the others are locked, so that nothing slips. Rows can be filtered; to sort them, lift the protection of the sheet: it has no password. The hidden columns must stay.")  # fmt: skip


def shown(value: Any, language: str) -> str:
    """Return `value` as text in `language`; None is the empty text, several texts are joined by semicolons."""
    if isinstance(value, list | tuple):
        return clauses((shown(part, language) for part in value), language)
    if isinstance(value, Message):
        return value.text(language)
    return "" if value is None or value != value else str(value)  # noqa: PLR0124  # NaN is not itself


def as_written(text: str) -> str:
    """Return what a cell holds of `text`: no characters that XML forbids, and no more than Excel takes."""
    return _UNWRITABLE.sub("\ufffd", text)[:_CELL_CHARACTERS]


def write_workbook(
    path: Path,
    language: str,
    sheets: Iterable[Sheet],
    *,
    title: Text = "",
    notes: Sequence[Text] = (),
    signatures: Sequence[Text] = (),
    personal: bool = False,
) -> None:
    """Write a workbook in the house style.

    Args:
        path: the .xlsx file; an existing one is replaced.
        language: `en` or `zh`.
        sheets: in order; consumed one after the other.
        title: headline of the first page; no page without it.
        notes: the first page's sentences: what this is, what to do with it.
        signatures: the roles that sign; a last sheet holds the block. None without roles.
        personal: it holds personal data by design; it says so itself, to people and to the privacy scan.

    Raises:
        OSError: the file can't be written.
    """
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    book.properties.creator = PROGRAM
    if personal:
        book.properties.keywords = DECLARATION
        notes = (*notes, NOTICE)
    sheets = list(sheets)
    if any(sheet.locked for sheet in sheets):
        notes = (*notes, _LOCKED)
    names: set[str] = set()
    if title:
        _write_page(book, _sheet_name(Message("About this workbook"), names, language), [title, "", *notes], language)
    for sheet in sheets:
        rows = iter(sheet.rows)
        part = list(islice(rows, 1))
        while True:
            name = _sheet_name(sheet.title, names, language)
            _write_sheet(book, sheet, name, chain(part, islice(rows, SHEET_ROWS - 1)), language)
            part = list(islice(rows, 1))
            if not part:
                break
    if signatures:
        _write_signatures(book, _sheet_name(Message("Sign-off"), names, language), signatures, language)
    book.save(path)


def _sheet_name(title: Text, taken: set[str], language: str) -> str:
    """Return a name Excel accepts (31 characters, no brackets, colons, stars, question marks, slashes, quotes) that no other sheet has."""
    base = _TITLE_FORBIDDEN.sub("_", _UNWRITABLE.sub("", shown(title, language))).strip()[:31] or "_"
    name, number = base, 1
    while name.casefold() in taken:
        number += 1
        name = f"{base[: 30 - len(str(number))]}~{number}"
    taken.add(name.casefold())
    return name


def _write_sheet(book: Workbook, sheet: Sheet, name: str, rows: Iterable[Sequence[Any]], language: str) -> None:
    from openpyxl.utils import get_column_letter

    page: Any = book.create_sheet(name)
    page.freeze_panes = "A2"
    headers = [shown(column.title, language) for column in sheet.columns]
    iterator = iter(rows)
    sample = list(islice(iterator, _SAMPLED))
    for index, (column, header) in enumerate(zip(sheet.columns, headers, strict=True)):
        widest = max((display_width(shown(row[index], language)[:200]) for row in sample), default=0)
        dimension = page.column_dimensions[get_column_letter(index + 1)]
        dimension.width = min(max(widest, display_width(header) + 2, _NARROWEST, column.width), _WIDEST) + 2
        dimension.hidden = column.hidden
    if sum(dimension.width for dimension in page.column_dimensions.values() if not dimension.hidden) <= _LEGIBLE:
        page.sheet_properties.pageSetUpPr = _fit_to_page()  # written before the first row
    writer = _CellWriter(page, language)
    page.append([writer.header(header) for header in headers])
    count = 0
    for row in chain(sample, iterator):
        cells = [writer.cell(value, column) for value, column in zip(row, sheet.columns, strict=True)]
        if sheet.heads is not None and not row[sheet.heads]:
            cells = writer.as_head(cells, sheet.columns)
        count += 1
        if count <= _MEASURED and (lines := max(map(_lines, cells), default=1)) > 1:
            page.row_dimensions[count + 1].height = min(_LINE * lines, _HIGHEST)
        page.append(cells)
    if headers:
        page.auto_filter.ref = f"A1:{get_column_letter(len(headers))}{count + 1}"
    _add_choices(page, sheet, count, language)
    if sheet.locked:
        page.protection.sheet = True
        # Each of these says what stays forbidden.
        page.protection.autoFilter = page.protection.sort = page.protection.formatColumns = (
            page.protection.formatRows
        ) = False
    page.page_setup.orientation = "landscape"
    page.page_setup.fitToHeight = 0
    page.print_title_rows = "1:1"


def _fit_to_page() -> Any:
    from openpyxl.worksheet.properties import PageSetupProperties

    return PageSetupProperties(fitToPage=True)


def _add_choices(page: Any, sheet: Sheet, count: int, language: str) -> None:
    """Give each column with choices its dropdown; lists too long for a cell's own list (255 characters) go without.

    Picks are one rule for a whole column with references to cells of the same row, so that rows may be sorted.
    """
    from openpyxl.utils import get_column_letter
    from openpyxl.worksheet.datavalidation import DataValidation

    letters = {column.title: get_column_letter(index) for index, column in enumerate(sheet.columns, start=1)}
    for index, column in enumerate(sheet.columns, start=1):
        words = ",".join(shown(choice, language).replace(",", "，") for choice in column.choices)
        if not count or len(words) > 250 or not (words or column.picks):
            continue
        formula = f'"{words.replace(chr(34), chr(34) * 2)}"'
        if column.picks:
            formula = f"${letters[column.picks[0]]}2:${letters[column.picks[-1]]}2"
        rule = DataValidation(type="list", formula1=formula, allow_blank=True, showErrorMessage=not column.picks)
        letter = get_column_letter(index)
        rule.add(f"{letter}2:{letter}{count + 1}")
        page.data_validations.append(rule)


class _CellWriter:
    """Makes cells that are text for good: no formula now, and none after somebody edits them.

    Each style is made once and copied, because openpyxl otherwise looks it up for every cell.
    """

    def __init__(self, page: Any, language: str) -> None:
        from openpyxl.cell import WriteOnlyCell
        from openpyxl.styles import Alignment, Font, PatternFill, Protection

        self._page = page
        self._language = language
        self._styles: dict[tuple[bool, bool, bool], Any] = {}
        for entry, wrapped, quoted in product((False, True), repeat=3):
            pattern: Any = WriteOnlyCell(page)
            pattern.number_format = "@"
            if entry:
                pattern.fill = PatternFill("solid", fgColor=_ENTRY_FILL)
                pattern.protection = Protection(locked=False)
            pattern.alignment = Alignment(vertical="top", wrap_text=wrapped)
            if quoted:
                pattern.quotePrefix = True
            self._styles[entry, wrapped, quoted] = pattern._style  # noqa: SLF001  # the only way to share a style
        number: Any = WriteOnlyCell(page)
        number.alignment = Alignment(vertical="top")
        self._number = number._style  # noqa: SLF001
        self._heads: dict[bool, Any] = {}
        for entry, ink in ((False, _HEAD_FILL), (True, _ENTRY_FILL)):
            head: Any = WriteOnlyCell(page)
            head.number_format, head.quotePrefix = "@", True
            head.font, head.fill = Font(bold=True), PatternFill("solid", fgColor=ink)
            head.protection = Protection(locked=not entry)
            head.alignment = Alignment(vertical="top", wrap_text=True)
            self._heads[entry] = head._style  # noqa: SLF001
        self._empty_entry = self.text("", entry=True)

    def header(self, text: str) -> Any:
        from openpyxl.styles import Alignment, Font, PatternFill

        cell = self.text(text)
        cell.font, cell.fill = Font(bold=True, color=_INK), PatternFill("solid", fgColor=_HEADER_FILL)
        cell.alignment = Alignment(vertical="center", wrap_text=True)
        return cell

    def cell(self, value: Any, column: Column) -> Any:
        if column.number and (number := _as_number(value)) is not None:
            return self._numeral(number)
        text = shown(value, self._language)
        if not text:
            # One cell stands for all the empty ones to fill in: a row is written before the next one is made.
            return self._empty_entry if column.entry else None
        return self.text(text, entry=column.entry)

    def as_head(self, cells: Sequence[Any], columns: Sequence[Column]) -> list[Any]:
        """Return the cells of a row that stands above those that belong to it."""
        from openpyxl.cell import WriteOnlyCell

        made: list[Any] = []
        for cell, column in zip(cells, columns, strict=True):
            own: Any = WriteOnlyCell(self._page, None if cell is None else cell.value)
            own.data_type = "n" if cell is None else cell.data_type
            own._style = copy(self._heads[column.entry])  # noqa: SLF001
            made.append(own)
        return made

    def _numeral(self, number: float) -> Any:
        from openpyxl.cell import WriteOnlyCell

        cell: Any = WriteOnlyCell(self._page, number)
        cell._style = copy(self._number)  # noqa: SLF001
        return cell

    def text(self, text: str, *, entry: bool = False) -> Any:
        from openpyxl.cell import WriteOnlyCell

        cell: Any = WriteOnlyCell(self._page, as_written(text) or None)
        if text:
            cell.data_type = "s"
        cell._style = copy(self._styles[entry, _is_long(text), text.startswith(_FORMULA_START)])  # noqa: SLF001
        return cell


def _is_long(text: str) -> bool:
    """Tell whether a text has to be wrapped to be read in its column."""
    return "\n" in text or (len(text) > _WIDEST // 2 and display_width(text) > _WIDEST)


def _lines(cell: Any) -> int:
    """Return how many lines a cell takes when it is wrapped in the widest column."""
    text = getattr(cell, "value", None)
    if not isinstance(text, str) or not _is_long(text):
        return 1
    return sum(max(1, -(-display_width(line) // _WIDEST)) for line in text.split("\n"))


def _as_number(value: Any) -> int | float | None:
    """Return a number Excel shows unharmed (at most 15 digits), or None."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal) or value != value:  # noqa: PLR0124
        return None
    number = float(value) if isinstance(value, Decimal) else value
    return number if abs(number) < 10**15 else None


def _write_page(book: Workbook, name: str, lines: Sequence[Text], language: str) -> None:
    from openpyxl.styles import Alignment, Font

    page: Any = book.create_sheet(name)
    page.column_dimensions["A"].width = 110
    page.sheet_properties.pageSetUpPr = _fit_to_page()
    page.page_setup.fitToHeight = 0
    writer = _CellWriter(page, language)
    for index, line in enumerate(lines):
        cell = writer.text(shown(line, language))
        cell.font = Font(bold=True, size=16) if index == 0 else Font(size=11)
        cell.alignment = Alignment(wrap_text=True, vertical="top")
        page.append([cell])
    day = datetime.now().astimezone()
    page.append([])
    page.append([writer.text(Message("Made by crmmigrate on {day}", day=f"{day:%Y-%m-%d %H:%M}").text(language))])


def _write_signatures(book: Workbook, name: str, roles: Sequence[Text], language: str) -> None:
    from openpyxl.styles import Border, Side

    page: Any = book.create_sheet(name)
    page.sheet_properties.pageSetUpPr = _fit_to_page()
    page.page_setup.orientation = "landscape"
    heads = [Message("Role"), Message("Full name"), Message("Agreed (yes / no)"), Message("Remarks"), Message("Signature"), Message("Date")]  # fmt: skip
    for letter, width in zip("ABCDEF", (28, 16, 18, 40, 20, 16), strict=True):
        page.column_dimensions[letter].width = width
    writer = _CellWriter(page, language)
    line = Border(*(Side(style="thin"),) * 4)
    page.append([writer.header(head.text(language)) for head in heads])
    for row, role in enumerate(roles, start=2):
        cells = [writer.cell(role if index == 0 else None, Column("", entry=index > 0)) for index in range(len(heads))]
        for cell in cells:
            cell.border = line
        page.row_dimensions[row].height = 30
        page.append(cells)
