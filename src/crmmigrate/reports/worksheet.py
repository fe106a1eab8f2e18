"""The house style of worksheets: workbooks that business people open, filter, fill in and sign.

Header frozen and filterable, columns as wide as their Chinese needs, every text a text (never a formula), a page that says
what the workbook is for, and a block to sign. Rows are streamed, so a workbook of rejects may be large.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import chain, islice
from tempfile import SpooledTemporaryFile
from typing import IO, TYPE_CHECKING, Any

from crmmigrate.messages import Message, clauses
from crmmigrate.model.privacy import DECLARATION, NOTICE
from crmmigrate.model.source import PROGRAM
from crmmigrate.model.text_width import display_width
from crmmigrate.reports.cells import ENTRY_FILL, UNWRITABLE, WIDEST, Rows, Styles, as_written, save, text_cell
from crmmigrate.reports.seal import BATCH, seal, seal_header, sealed_columns

if TYPE_CHECKING:
    from pathlib import Path

    from openpyxl import Workbook

Text = Message | str
SHEET_ROWS = 1_048_575
"""Rows of one sheet below its header; more go to a further sheet."""

_NARROWEST, _SAMPLED = 8, 300
_LEGIBLE = 330
"""Characters beside each other that can still be read on one page; wider sheets are printed on several."""
_TITLE_FORBIDDEN = re.compile(r"[\[\]:*?/\\\x00-\x1f']")
_HEADER_FILL, _INK = "FF1F4E79", "FFFFFFFF"


@dataclass(frozen=True)
class Column:
    """One column of a sheet.

    Args:
        title: its header.
        number: write digits as numbers, right-aligned; everything else in a sheet is text.
        hidden: there for the machine, such as `_record`.
        entry: people write here: its cells are tinted.
        free: people may write here too, though nothing asks them to: its cells are neither tinted nor locked.
        choices: the words a person may choose from.
        picks: titles of neighbouring columns whose values in the same row a person may choose from; anything else may be
            written too.
    """

    title: Text
    number: bool = False
    hidden: bool = False
    entry: bool = False
    free: bool = False
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
        locked: only `entry` and `free` cells can be written to; rows can still be filtered. There is no password: it guards against slips, not people.
        batch: the run, or the digest of the file, that the rows are of, where the workbook is to come back; hidden in each row, with a
            seal over what it shows (`reports/seal.py`).
        blank: empty rows at the end, for people to add some of their own.
    """

    title: Text
    columns: Sequence[Column]
    rows: Iterable[Sequence[Any]]
    heads: int | None = None
    locked: bool = False
    batch: str = ""
    blank: int = 0


SHUT: tuple[str, ...] = ()
"""The cell of an `entry` column in a row in which nothing is to be written: it stays empty, and locked where the sheet is."""

_BLANK = Column("", entry=True)
"""A cell of an empty row at the end."""
_LOCKED = Message("Fill in the tinted cells; the others are locked, so that nothing slips. Rows can be filtered; to sort them, lift the protection of the sheet: it has no password. The hidden columns must stay.")  # fmt: skip


def shown(value: Any, language: str) -> str:
    """Return `value` as text in `language`; None is the empty text, several texts are joined by semicolons."""
    if type(value) is str:  # most are
        return value
    if isinstance(value, list | tuple):
        return clauses((shown(part, language) for part in value), language)
    if isinstance(value, Message):
        return value.text(language)
    return "" if value is None or value != value else str(value)  # noqa: PLR0124  # NaN is not itself


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
    with ExitStack() as files:
        written: dict[int, IO[bytes]] = {}
        styles: Styles | None = None
        for sheet in sheets:
            rows = iter(sheet.rows)
            part = list(islice(rows, 1))
            while True:
                name = _sheet_name(sheet.title, names, language)
                file = files.enter_context(SpooledTemporaryFile(1 << 20))
                styles = _write_sheet(
                    book, file, sheet, name, chain(part, islice(rows, SHEET_ROWS - 1)), language, styles
                )
                written[len(names)] = file
                part = list(islice(rows, 1))
                if not part:
                    break
        if signatures:
            _write_signatures(book, _sheet_name(Message("Sign-off"), names, language), signatures, language)
        save(book, written, path)


def ready() -> None:
    """Load what workbooks are written with, in a process that is to write one."""
    from openpyxl import Workbook

    Workbook(write_only=True)


def _sheet_name(title: Text, taken: set[str], language: str) -> str:
    """Return a name Excel accepts (31 characters, no brackets, colons, stars, question marks, slashes, quotes) that no other sheet has."""
    base = _TITLE_FORBIDDEN.sub("_", UNWRITABLE.sub("", shown(title, language))).strip()[:31] or "_"
    name, number = base, 1
    while name.casefold() in taken:
        number += 1
        name = f"{base[: 30 - len(str(number))]}~{number}"
    taken.add(name.casefold())
    return name


def _write_sheet(
    book: Workbook, file: IO[bytes], sheet: Sheet, name: str, rows: Iterable[Sequence[Any]], language: str,
    styles: Styles | None,
) -> Styles:  # fmt: skip
    """Make a sheet without its rows, and write these to `file`; return the styles, which are those of the whole book."""
    from openpyxl.utils import get_column_letter

    page: Any = book.create_sheet(name)
    page.freeze_panes = "A2"
    headers = [shown(column.title, language) for column in sheet.columns]
    sealed = sealed_columns(headers, [column.entry or column.free for column in sheet.columns]) if sheet.batch else []
    keys = [BATCH, seal_header([headers[index] for index in sealed])] if sheet.batch else []
    letters = [get_column_letter(index) for index in range(1, len(headers) + len(keys) + 1)]
    iterator = iter(rows)
    sample = list(islice(iterator, _SAMPLED))
    for index, (column, header) in enumerate(zip(sheet.columns, headers, strict=True)):
        widest = max((display_width(shown(row[index], language)[:200]) for row in sample), default=0)
        dimension = page.column_dimensions[letters[index]]
        dimension.width = min(max(widest, display_width(header) + 2, _NARROWEST, column.width), WIDEST) + 2
        dimension.hidden = column.hidden
    if sum(dimension.width for dimension in page.column_dimensions.values() if not dimension.hidden) <= _LEGIBLE:
        page.sheet_properties.pageSetUpPr = _fit_to_page()
    for letter in letters[len(headers) :]:
        page.column_dimensions[letter].hidden = True
    styles, written = styles or Styles(page), Rows(file, letters)
    header_style = styles.made(**_header_look())
    written.add([(header_style, as_written(header)) for header in (*headers, *keys)])
    # Most cells of wide sheets are empty.
    columns = [(column, _cell(styles, None, column, language, head=False)) for column in sheet.columns]
    batch, (digest_style, _) = text_cell(styles, sheet.batch), text_cell(styles, "0")
    for row in chain(sample, iterator):
        head = sheet.heads is not None and not row[sheet.heads]
        cells = [
            empty if value is None and not head else _cell(styles, value, column, language, head=head)
            for value, (column, empty) in zip(row, columns, strict=True)
        ]
        if sheet.batch:
            digest = seal([sheet.batch, *[cell[1] if (cell := cells[index]) else None for index in sealed]])
            cells += [batch, (digest_style, digest)]
        written.add(cells)
    for _ in range(sheet.blank):
        empty = [
            None if column.hidden else _cell(styles, None, _BLANK, language, head=False) for column in sheet.columns
        ]
        written.add([*empty, *(None for _ in keys)])
    if headers:
        page.auto_filter.ref = f"A1:{letters[-1]}{written.count}"
    _add_choices(page, sheet, written.count - 1, language)
    if sheet.locked:
        page.protection.sheet = True
        # Each of these says what stays forbidden.
        page.protection.autoFilter = page.protection.sort = page.protection.formatColumns = (
            page.protection.formatRows
        ) = False
    page.page_setup.orientation = "landscape"
    page.page_setup.fitToHeight = 0
    page.print_title_rows = "1:1"
    return styles


def _cell(styles: Styles, value: Any, column: Column, language: str, *, head: bool) -> tuple[int, str | float] | None:
    """Return what a row has in a column; `head` where it stands above those that belong to it."""
    if value is SHUT:
        return None
    if value is None and not (column.entry or column.free or head):
        return None
    if column.number and (number := _as_number(value)) is not None:
        return styles.head[column.entry] if head else styles.number, number
    text = shown(value, language)
    if not text and not (column.entry or column.free or head):
        return None
    return text_cell(styles, text, entry=column.entry, free=column.free, head=head)


def _header_look() -> dict[str, Any]:
    from openpyxl.styles import Alignment, Font, PatternFill

    return {
        "font": Font(bold=True, color=_INK), "fill": PatternFill("solid", fgColor=_HEADER_FILL),
        "alignment": Alignment(vertical="center", wrap_text=True),
    }  # fmt: skip


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
    for index, line in enumerate(lines):
        font = Font(bold=True, size=16) if index == 0 else Font(size=11)
        page.append(
            [_styled(page, shown(line, language), font=font, alignment=Alignment(wrap_text=True, vertical="top"))]
        )
    day = datetime.now().astimezone()
    page.append([])
    page.append([_styled(page, Message("Made by crmmigrate on {day}", day=f"{day:%Y-%m-%d %H:%M}").text(language))])


def _styled(page: Any, text: str, **look: Any) -> Any:
    """Return a cell for a page that openpyxl writes: a text for good."""
    from openpyxl.cell import WriteOnlyCell

    cell: Any = WriteOnlyCell(page, as_written(text) or None)
    cell.number_format, cell.quotePrefix = "@", True
    if text:
        cell.data_type = "s"
    for name, value in look.items():
        setattr(cell, name, value)
    return cell


def _write_signatures(book: Workbook, name: str, roles: Sequence[Text], language: str) -> None:
    from openpyxl.styles import Alignment, Border, PatternFill, Side

    page: Any = book.create_sheet(name)
    page.sheet_properties.pageSetUpPr = _fit_to_page()
    page.page_setup.orientation = "landscape"
    heads = [Message("Role"), Message("Full name"), Message("Agreed (yes / no)"), Message("Remarks"), Message("Signature"), Message("Date")]  # fmt: skip
    for letter, width in zip("ABCDEF", (28, 16, 18, 40, 20, 16), strict=True):
        page.column_dimensions[letter].width = width
    line = {"border": Border(*(Side(style="thin"),) * 4), "alignment": Alignment(vertical="top", wrap_text=True)}
    entry = line | {"fill": PatternFill("solid", fgColor=ENTRY_FILL)}
    page.append([_styled(page, head.text(language), **_header_look()) for head in heads])
    for row, role in enumerate(roles, start=2):
        page.row_dimensions[row].height = 30
        page.append([_styled(page, shown(role, language), **line), *(_styled(page, "", **entry) for _ in heads[1:])])
