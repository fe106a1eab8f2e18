"""The parts of an .xlsx workbook beside its sheets: names, styles, texts. Everything is capped, nothing is trusted.

Source: ECMA-376 part 1 (SpreadsheetML) and part 2 (packages).
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from xml.parsers import expat

from crmmigrate.messages import Message
from crmmigrate.sources._limits import Broken, check_sheets, check_styles, no_document_type
from crmmigrate.sources._numbers import NumberFormat, number_format
from crmmigrate.sources._package import Package
from crmmigrate.sources._request import damaged, too_large

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path
    from xml.etree.ElementTree import Element

MAX_STYLE_BYTES = 256 << 20
MAX_TEXTS = 2 << 30
MAX_TEXT = 16 << 20
"""Bytes of XML of one text; Excel's own limit is 32,767 characters."""

_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")


@dataclass(frozen=True)
class Sheet:
    """A sheet of a workbook: its name, its part in the package, and whether it is hidden."""

    name: str
    part: str
    hidden: bool


class Workbook(Package):
    """An .xlsx file, opened for reading.

    Args:
        path: the file.

    Raises:
        LocationError: it is truncated, not a workbook, or absurdly large.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        root = self.target("officeDocument", self.relations(""), "xl/workbook.xml")
        self._relations = self.relations(root)
        book = self.xml(root)
        if book is None:
            raise damaged(self.place)
        properties = book.find("{*}workbookPr")
        self.date1904 = properties is not None and properties.get("date1904", "") in ("1", "true")
        self.sheets = tuple(self._sheets(book))
        self.names = {name.get("name", ""): name.text or "" for name in book.iterfind("{*}definedNames/{*}definedName")}
        check_sheets(len(self.sheets), self.place)

    def _sheets(self, book: Element) -> Iterator[Sheet]:
        for sheet in book.iterfind("{*}sheets/{*}sheet"):
            key = next((value for name, value in sheet.attrib.items() if name.endswith("}id")), "")
            kind, part = self._relations.get(key, ("", ""))
            if kind.endswith("/worksheet") and part in self:
                yield Sheet(sheet.get("name", ""), part, sheet.get("state", "visible") != "visible")

    def texts(self) -> Any:
        """Return the shared strings, in order, as Arrow text."""
        import pyarrow as pa

        part = self.target("sharedStrings", self._relations)
        if not part:
            return pa.array([], pa.large_string())
        texts: list[Any] = []
        rest = b""
        for chunk in self.chunks(part, MAX_TEXTS):
            data = rest + chunk
            cut = data.rfind(b"</si>") + 5
            if cut < 5:  # the tags have a namespace prefix
                cut = max((found.end() for found in _ITEM_END.finditer(data)), default=0)
            rest = data[cut:]
            if cut == 0 and len(rest) > MAX_TEXT:
                raise too_large(Message("a cell of the sheet is too large"), self.place)
            texts.append(_strings(data[:cut]))
        texts.append(_strings(rest))
        return pa.concat_arrays(texts)

    def formats(self) -> list[NumberFormat]:
        """Return the number format of each cell style, by its index."""
        part = self.target("styles", self._relations)
        if not part:
            return []
        styles = Styles()
        with self.guard():
            styles.read(self.chunks(part, MAX_STYLE_BYTES), self.place)
        return styles.formats()


class Styles:
    """Gathers number formats and cell styles while styles.xml streams by: bloated workbooks have a million."""

    def __init__(self) -> None:
        self._codes: dict[int, str] = {}
        self._styles: list[int] = []
        self._inside = False

    def read(self, chunks: Iterable[bytes], place: str) -> None:
        parser = expat.ParserCreate("UTF-8", " ")
        parser.StartDoctypeDeclHandler = no_document_type
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        for chunk in chunks:
            parser.Parse(chunk, False)
            check_styles(len(self._styles), place)
        parser.Parse(b"", True)

    def _start(self, name: str, given: dict[str, str]) -> None:
        local = name.rpartition(" ")[2]
        if local == "xf":
            if self._inside:
                self._styles.append(_identifier(given))
        elif local == "numFmt":
            self._codes[_identifier(given)] = given.get("formatCode", "")
        elif local == "cellXfs":
            self._inside = True

    def _end(self, name: str) -> None:
        if name.endswith("cellXfs"):
            self._inside = False

    def formats(self) -> list[NumberFormat]:
        known = {
            identifier: number_format(identifier, self._codes.get(identifier, "")) for identifier in {*self._styles}
        }
        return [known[identifier] for identifier in self._styles]


def _identifier(given: dict[str, str]) -> int:
    number = given.get("numFmtId", "0").strip()
    if not number.isdecimal():
        raise Broken
    return int(number)


_SIMPLE = re.compile(rb"<si><t(?: xml:space=\"preserve\")?>([^<]*)</t></si>")
_ITEM_END = re.compile(rb"</(?:\w+:)?si>")
_ITEM = re.compile(rb"<(?:\w+:)?si\b[^>]*?(?:/>|>(.*?)</(?:\w+:)?si>)", re.DOTALL)


def _strings(data: bytes) -> Any:
    import pyarrow as pa

    simple = _SIMPLE.findall(data)
    if len(simple) == data.count(b"<si>") + data.count(b"<si ") + data.count(b"<si/") + data.count(b":si>"):
        return plain_texts(pa.array(simple, pa.binary())).cast(pa.large_string())
    return pa.array([rich_text(item) for item in _ITEM.findall(data)], pa.large_string())


_TEXT = re.compile(rb"<(?:\w+:)?t(?:\s[^>]*?)?(?:/>|>(.*?)</(?:\w+:)?t>)", re.DOTALL)
_PHONETIC = re.compile(rb"<(?:\w+:)?rPh\b.*?</(?:\w+:)?rPh>", re.DOTALL)
_SPECIAL = re.compile(rb"<!\[CDATA\[(.*?)\]\]>|<!--.*?-->", re.DOTALL)


def rich_text(markup: bytes) -> str:
    """Return the text of `<si>` or `<is>`: all its runs, without the reading aids of Japanese."""
    return "".join(plain_text(run) for run in _TEXT.findall(plain_markup(markup)))


def plain_markup(markup: bytes) -> bytes:
    """Return markup without comments, CDATA sections and the reading aids of Japanese."""
    if b"<!" in markup:
        markup = _SPECIAL.sub(lambda found: html.escape((found.group(1) or b"").decode(), quote=False).encode(), markup)
    return _PHONETIC.sub(b"", markup) if b"rPh" in markup else markup


def plain_texts(raw: Any) -> Any:
    """Return the text of many XML text nodes (Arrow binary), as Arrow text."""
    import pyarrow as pa
    import pyarrow.compute as pc

    try:
        texts = raw.cast(pa.string())
    except pa.ArrowInvalid:
        return pa.array([plain_text(item) for item in raw.to_pylist()], pa.string())
    letters = (texts.buffers()[2] or pa.py_buffer(b"")).to_pybytes()  # asked at once, as most texts are plain
    special = None
    if any(mark in letters for mark in (b"&#", b"\r", b"_x")):
        special = pc.match_substring_regex(texts, r"&#|\r|_x[0-9A-Fa-f]{4}_")
    if b"&" in letters:
        for name, meant in _NAMED.items():
            texts = pc.replace_substring(texts, f"&{name};", meant) if b"&%s;" % name.encode() in letters else texts
    if special is None or not pc.any(special).as_py():
        return texts
    return pc.replace_with_mask(texts, special, pa.array(map(plain_text, raw.filter(special).to_pylist()), pa.string()))


def plain_text(raw: bytes) -> str:
    """Return the text of an XML text node, with Excel's `_x000D_` escapes undone."""
    text = raw.decode("utf-8", "replace")
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if "&" in text:
        text = _unescape(text)
    if "_x" in text:
        text = _ESCAPE.sub(lambda found: _character(int(found.group(1), 16)), text)
    return text


def _character(code: int) -> str:
    return chr(code) if not 0xD800 <= code <= 0xDFFF else ""


_REFERENCE = re.compile(r"&(?:#x([0-9A-Fa-f]+)|#(\d+)|(\w+));")
_NAMED = {"lt": "<", "gt": ">", "quot": '"', "apos": "'", "amp": "&"}  # the ampersand last: it may be part of another


def _unescape(text: str) -> str:
    def one(found: re.Match[str]) -> str:
        if found.group(3):
            return _NAMED.get(found.group(3), found.group())
        code = int(found.group(1), 16) if found.group(1) else int(found.group(2))
        return chr(code) if code < 0x110000 and not 0xD800 <= code <= 0xDFFF else ""

    return _REFERENCE.sub(one, text)
