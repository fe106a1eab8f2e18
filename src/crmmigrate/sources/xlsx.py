"""Workbooks in Office Open XML: .xlsx, .xlsm, and those that only are called otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmmigrate.messages import Message
from crmmigrate.sources._cells import SheetReader
from crmmigrate.sources._decode import Decoder
from crmmigrate.sources._sheets import tables_of
from crmmigrate.sources._workbook import Workbook

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crmmigrate.model.source import SourceTable
    from crmmigrate.sources._request import Request

TITLE = Message("Excel workbook")


def read(request: Request) -> Iterator[SourceTable]:
    """Yield the tables of a workbook: one per sheet in which there is something.

    Raises:
        LocationError: the workbook is damaged, absurdly large or empty, or has no such sheet.
    """
    book = Workbook(request.path)
    try:
        decode = Decoder(book.texts(), book.formats(), date1904=book.date1904, place=book.place)
        sheets = [SheetReader(book, sheet, decode) for sheet in book.sheets]
        yield from tables_of(request, sheets, {**request.facts, "format": "xlsx"})
    finally:
        book.close()
