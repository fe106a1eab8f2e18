"""Web pages with tables, which many a system exports and calls .xls; the text of a cell is what a person saw.

Source: HTML living standard, 4.9 (tables) and 13.1.2.4 (end tags that may be left out).
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import TYPE_CHECKING

from crmmigrate.errors import LocationError
from crmmigrate.messages import Message
from crmmigrate.sources._grid import Grid
from crmmigrate.sources._limits import MAX_COLUMNS, MAX_ROWS, check_merges, check_sheets
from crmmigrate.sources._request import damaged, too_large, unreadable
from crmmigrate.sources._sheets import Merge, Survey, tables_of
from crmmigrate.sources._text import declared_encoding, encoding_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from collections.abc import Set as AbstractSet

    from crmmigrate.model.source import SourceTable
    from crmmigrate.sources._blocks import Block
    from crmmigrate.sources._request import Request

TITLE = Message("web page with tables")

MAX_SIZE = 512 << 20
PIECE = 1 << 18
MAX_DEPTH = 20
"""Tables in tables: pages are laid out with them, but not deeper."""
MIN_LINES = 2
_DECLARED = re.compile(
    rb"""<meta[^>]+charset\s*=\s*["']?([\w-]+)|^\s*<\?xml[^>]+encoding\s*=\s*["']([\w-]+)""", re.IGNORECASE
)
_HIDDEN = re.compile(r"display\s*:\s*none|mso-hide\s*:\s*all", re.IGNORECASE)
_ASIDE = frozenset(("script", "style", "title", "head", "xml"))
_SPACE = re.compile(r"[ \t\r\n\f]+")
_LINES = frozenset(("p", "div", "li"))
_EXPLICIT = "\x1e"
"""Stands for a line break of the page while other white space is gathered; a control character that no page may have."""


@dataclass
class HtmlTable:
    """One table of a page; a `SheetReader`."""

    name: str
    hidden: bool = False
    found: Survey = field(default_factory=Survey)
    parts: list[Block] = field(default_factory=list)
    nests: bool = False
    lines: int = 0

    @property
    def lays_out(self) -> bool:
        """Whether it only arranges tables: it has no two rows (a header and a record) of cells of its own."""
        return self.nests and self.lines < MIN_LINES

    def survey(self, known: AbstractSet[int]) -> Survey:
        """Return what was found when the page was read."""
        for column in known:
            self.found.columns.pop(column, None)
        return self.found

    def blocks(self) -> Iterator[Block]:
        """Yield the rows, from the top."""
        yield from self.parts


class _Open:
    """A table whose end tag has not come yet."""

    def __init__(self, table: HtmlTable, place: str) -> None:
        self.table = table
        self._place = place
        self._grid = Grid()
        self._row = self._column = 0
        self._taken: dict[int, int] = {}
        self._in_row = False
        self._own = 0
        self.nests = False
        self.pieces: list[str] | None = None
        self._span = (1, 1)
        self.caption: list[str] | None = None

    def row(self, given: dict[str, str | None]) -> None:
        self.end_row()
        self._row += 1
        if self._row > MAX_ROWS:
            raise too_large(Message("the sheet has more rows than any program shows"), self._place)
        self._in_row = True
        self._column = self._own = 0
        self._grid.row(self._row)
        self.table.found.hidden_rows += bool(_HIDDEN.search(given.get("style") or "")) or "hidden" in given

    def cell(self, given: dict[str, str | None]) -> None:
        self.end_cell()
        if not self._in_row:
            self.row({})
        while self._taken.get(self._column, 0) >= self._row:
            self._column += 1
        if self._column >= MAX_COLUMNS:
            raise too_large(Message("the sheet has more columns than any program shows"), self._place)
        self._span = (
            _span(given.get("rowspan"), MAX_ROWS - self._row + 1),
            _span(given.get("colspan"), MAX_COLUMNS - self._column),
        )
        self.pieces = []
        self.nests = False

    def end_cell(self) -> None:
        if self.pieces is None:
            return
        text = _shown("".join(self.pieces))
        self.pieces = None
        down, right = self._span
        if text:
            self._grid.text(self._column, text)
            self._own += not self.nests
            self.table.found.columns[self._column] += 1
            self.table.found.last = self._row
        if down * right > 1:
            bottom = self._row + down - 1
            self.table.found.merges.append(Merge(self._row, self._column, bottom, self._column + right - 1))
            check_merges(len(self.table.found.merges), self._place)
            if down > 1:
                self._taken.update(dict.fromkeys(range(self._column, self._column + right), bottom))
        self._column += right

    def end_row(self) -> None:
        self.end_cell()
        self.table.lines += self._own > 1
        self._own = 0
        self._in_row = False
        if self._grid.full:
            self.table.parts.append(self._grid.take())

    def end(self) -> None:
        self.end_row()
        self.table.parts.append(self._grid.take())


def _span(value: str | None, most: int) -> int:
    found = re.match(r"\s*\+?(\d{1,9})", value or "")
    return max(1, min(int(found.group(1)), most)) if found else 1


def _shown(text: str) -> str:
    """Return the text of a cell as a browser shows it: white space runs together, breaks stay."""
    lines = _SPACE.sub(" ", text).split(_EXPLICIT)
    return "\n".join(line.strip(" ") for line in lines).strip("\n").replace("\xa0", " ").strip(" ")


class Page(HTMLParser):
    """Gathers the tables of a page.

    Args:
        place: for errors.
    """

    def __init__(self, place: str) -> None:
        super().__init__(convert_charrefs=True)
        self._place = place
        self.tables: list[HtmlTable] = []
        self.framed = False
        self._open: list[_Open] = []
        self._aside = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take a start tag."""
        if self._aside:
            return
        if tag in _ASIDE:
            self._aside = tag if tag != "head" else ""
        elif tag == "table":
            self._begin(dict(attrs))
        elif tag in ("frame", "iframe"):
            self.framed = True
        elif self._open:
            self._inner(self._open[-1], tag, dict(attrs))

    def _begin(self, given: dict[str, str | None]) -> None:
        if len(self._open) >= MAX_DEPTH:
            raise too_large(Message("tables stand in tables, deeper than any page"), self._place)
        if self._open:
            self._open[-1].table.nests = self._open[-1].nests = True
        hidden = bool(_HIDDEN.search(given.get("style") or "")) or "hidden" in given
        self.tables.append(HtmlTable("", hidden))
        check_sheets(len(self.tables), self._place)
        self._open.append(_Open(self.tables[-1], self._place))

    @staticmethod
    def _inner(table: _Open, tag: str, given: dict[str, str | None]) -> None:
        if tag == "tr":
            table.row(given)
        elif tag in ("td", "th"):
            table.cell(given)
        elif tag == "caption":
            table.caption = []
        elif table.pieces is not None:
            if tag == "br" or (tag in _LINES and "".join(table.pieces).strip()):
                table.pieces.append(_EXPLICIT)
            elif tag == "input":
                table.pieces.append(given.get("value") or "" if given.get("type") in (None, "text") else "")

    def handle_endtag(self, tag: str) -> None:
        """Take an end tag."""
        if self._aside:
            self._aside = "" if tag == self._aside else self._aside
        elif self._open:
            table = self._open[-1]
            if tag in ("td", "th"):
                table.end_cell()
            elif tag == "tr":
                table.end_row()
            elif tag == "caption" and table.caption is not None:
                table.table.name = _shown("".join(table.caption)).replace("\n", " ")[:100]
                table.caption = None
            elif tag == "table":
                self._open.pop().end()

    def handle_data(self, data: str) -> None:
        """Take a piece of text."""
        if self._open and not self._aside:
            table = self._open[-1]
            if table.pieces is not None:
                table.pieces.append(data.replace(_EXPLICIT, ""))
            elif table.caption is not None:
                table.caption.append(data)

    def unknown_decl(self, data: str) -> None:
        """Take `<![if …]>`, which Excel writes around what only some programs show: no text."""

    def finish(self) -> list[HtmlTable]:
        """End tables whose end tag is missing, and return those that hold cells of their own, each with a name."""
        self.close()
        while self._open:
            self._open.pop().end()
        kept = [table for table in self.tables if not table.lays_out and table.found.last]
        names: set[str] = set()
        for position, table in enumerate(kept, 1):
            name = table.name or f"Table{position}"
            while name in names:
                name = f"{name} ({position})"
            table.name = name
            names.add(name)
        return kept


def _encoding(path_head: bytes, request: Request) -> str:
    """Return the encoding the page declares if that is known, or the one its bytes are in."""
    declared = _DECLARED.search(path_head[:8192])
    name = next((group for group in declared.groups() if group), b"").decode().lower() if declared else ""
    if request.encoding or not name or path_head.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
        return encoding_of(request.path, request.encoding)
    try:
        found = declared_encoding(name)
        decoder = codecs.getincrementaldecoder(found)()
        decoder.decode(path_head)
    except (LookupError, UnicodeError):
        return encoding_of(request.path)
    return found


def read(request: Request) -> Iterator[SourceTable]:
    """Yield the tables of a page; tables that only lay out others are left out.

    Raises:
        LocationError: there is no table in it, or it is absurdly large or text in no known encoding.
    """
    place = str(request.path)
    page = Page(place)
    try:
        if request.path.stat().st_size > MAX_SIZE:
            raise too_large(Message("a web page of more than {limit} MB is not read", limit=MAX_SIZE >> 20), place)
        with request.path.open("rb") as file:
            encoding = _encoding(file.read(PIECE), request)
        with request.path.open(encoding=encoding, newline="") as text:
            while chunk := text.read(PIECE):
                page.feed(chunk)
        tables = page.finish()
    except OSError as error:
        raise unreadable(error, place) from error
    except (LookupError, AssertionError, ValueError) as error:
        raise damaged(place) from error
    if not tables and page.framed:
        raise LocationError(
            "file.is-html", Message("this page only shows other files, which hold the tables"), place,
            Message("give the files in the folder beside it, or open it in Excel or WPS and save it as .xlsx"),
        )  # fmt: skip
    yield from tables_of(request, tables, {**request.facts, "format": "html", "encoding": encoding})
