"""The parts of an .xlsx workbook beside its sheets: names, styles, texts. Everything is capped, nothing is trusted.

Source: ECMA-376 part 1 (SpreadsheetML) and part 2 (packages).
"""

from __future__ import annotations

import html
import posixpath
import re
import zipfile
import zlib
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any

from crmmigrate.messages import Message
from crmmigrate.sources._numbers import NumberFormat, number_format
from crmmigrate.sources._request import CHUNK, damaged, too_large, unreadable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path
    from xml.etree.ElementTree import Element

MAX_PARTS = 20_000
MAX_SMALL_PART = 64 << 20
MAX_TEXTS = 2 << 30
MAX_SHEET = 16 << 30
MAX_RATIO = 500
"""Sheets compress to a tenth or a fiftieth; what is large and a five-hundredth is a zip bomb."""
LARGE = 64 << 20

_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")
_ENTITY = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)


@dataclass(frozen=True)
class Sheet:
    """A sheet of a workbook: its name, its part in the package, and whether it is hidden."""

    name: str
    part: str
    hidden: bool


class Workbook:
    """An .xlsx file, opened for reading.

    Args:
        path: the file.

    Raises:
        LocationError: it is truncated, not a workbook, or absurdly large.
    """

    def __init__(self, path: Path) -> None:
        self.place = str(path)
        with self._guard():
            self._path = path
            self._zip = zipfile.ZipFile(path)
            if len(self._zip.infolist()) > MAX_PARTS:
                raise too_large(Message("the workbook has more than {limit} parts", limit=MAX_PARTS), self.place)
            root = "xl/workbook.xml"
            for relation in self._xml("_rels/.rels") or ():
                if relation.get("Type", "").endswith("/officeDocument"):
                    root = relation.get("Target", root).lstrip("/")
            self._folder, _, name = root.rpartition("/")
            self._relations = {
                relation.get("Id", ""): (relation.get("Type", ""), self._resolve(relation.get("Target", "")))
                for relation in self._xml(f"{self._folder}/_rels/{name}.rels") or ()
            }
            book = self._xml(root)
            if book is None:
                raise damaged(self.place)
            properties = book.find("{*}workbookPr")
            self.date1904 = properties is not None and properties.get("date1904", "") in ("1", "true")
            self.sheets = tuple(self._sheets(book))

    def _resolve(self, target: str) -> str:
        return target.lstrip("/") if target.startswith("/") else posixpath.normpath(f"{self._folder}/{target}")

    def _sheets(self, book: Element) -> Iterator[Sheet]:
        for sheet in book.iterfind("{*}sheets/{*}sheet"):
            key = next((value for name, value in sheet.attrib.items() if name.endswith("}id")), "")
            kind, part = self._relations.get(key, ("", ""))
            if kind.endswith("/worksheet") and part in self._zip.NameToInfo:
                yield Sheet(sheet.get("name", ""), part, sheet.get("state", "visible") != "visible")

    @contextmanager
    def _guard(self) -> Iterator[None]:
        """Turn what a broken package throws into a refusal."""
        from xml.etree.ElementTree import ParseError

        try:
            yield
        except (
            zipfile.BadZipFile,
            zlib.error,
            EOFError,
            KeyError,
            ParseError,
            RuntimeError,
            ValueError,
        ) as error:
            raise damaged(self.place) from error
        except OSError as error:
            raise unreadable(error, self.place) from error

    def _xml(self, part: str) -> Element | None:
        """Return a small part, parsed; None where there is none."""
        from xml.etree import ElementTree as ET

        if part not in self._zip.NameToInfo:
            return None
        if self._zip.getinfo(part).file_size > MAX_SMALL_PART:
            raise too_large(Message("the part {part} of the workbook is too large", part=part), self.place)
        with self._zip.open(part) as file:
            text = file.read(MAX_SMALL_PART + 1)
        if len(text) > MAX_SMALL_PART or _ENTITY.search(text):
            raise damaged(self.place)
        return ET.fromstring(text)  # noqa: S314 -- no document type, so no entities

    def chunks(self, part: str, limit: int = MAX_SHEET) -> Iterator[bytes]:
        """Yield a part's bytes as UTF-8, decompressed piece by piece."""
        with self._guard():
            entry = self._zip.getinfo(part)
            absurd = entry.file_size > LARGE and entry.file_size > MAX_RATIO * max(entry.compress_size, 1)
            if entry.file_size > limit or absurd:
                raise too_large(Message("the part {part} of the workbook is too large", part=part), self.place)
            with zipfile.ZipFile(self._path) as package, package.open(part) as file:
                first = file.read(CHUNK)
                if _ENTITY.search(first):
                    raise damaged(self.place)
                if first[:2] in (b"\xff\xfe", b"\xfe\xff"):
                    yield from _utf8(first, file)
                    return
                yield first.removeprefix(b"\xef\xbb\xbf")
                while chunk := file.read(CHUNK):
                    yield chunk

    def texts(self) -> Any:
        """Return the shared strings, in order, as Arrow text."""
        import pyarrow as pa

        part = next((part for kind, part in self._relations.values() if kind.endswith("/sharedStrings")), "")
        if part not in self._zip.NameToInfo:
            return pa.array([], pa.large_string())
        texts: list[Any] = []
        rest = b""
        for chunk in self.chunks(part, MAX_TEXTS):
            data = rest + chunk
            cut = data.rfind(b"</si>") + 5
            if cut < 5:  # the tags have a namespace prefix
                cut = max((found.end() for found in _ITEM_END.finditer(data)), default=0)
            rest = data[cut:]
            texts.append(_strings(data[:cut]))
        texts.append(_strings(rest))
        return pa.concat_arrays(texts)

    def formats(self) -> list[NumberFormat]:
        """Return the number format of each cell style, by its index."""
        part = next((part for kind, part in self._relations.values() if kind.endswith("/styles")), "")
        with self._guard():
            styles = self._xml(part) if part else None
            if styles is None:
                return []
            codes = {int(item.get("numFmtId", "0")): item.get("formatCode", "")
                     for item in styles.iterfind("{*}numFmts/{*}numFmt")}  # fmt: skip
            known: dict[int, NumberFormat] = {}
            result = []
            for style in styles.iterfind("{*}cellXfs/{*}xf"):
                identifier = int(style.get("numFmtId", "0"))
                if identifier not in known:
                    known[identifier] = number_format(identifier, codes.get(identifier, ""))
                result.append(known[identifier])
            return result

    def close(self) -> None:
        """Close the file."""
        self._zip.close()


def _utf8(first: bytes, file: IO[bytes]) -> Iterator[bytes]:
    import codecs

    decoder = codecs.getincrementaldecoder("utf-16")()
    yield decoder.decode(first).encode()
    while chunk := file.read(CHUNK):
        yield decoder.decode(chunk).encode()


_SIMPLE = re.compile(rb"<si><t(?: xml:space=\"preserve\")?>([^<]*)</t></si>")
_ITEM_END = re.compile(rb"</(?:\w+:)?si>")
_ITEM = re.compile(rb"<(?:\w+:)?si\b[^>]*?(?:/>|>(.*?)</(?:\w+:)?si>)", re.DOTALL)


def _strings(data: bytes) -> Any:
    import pyarrow as pa

    simple = _SIMPLE.findall(data)
    if len(simple) == data.count(b"<si>") + data.count(b"<si ") + data.count(b"<si/") + data.count(b":si>"):
        return plain_texts(simple).cast(pa.large_string())
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


def plain_texts(raw: Sequence[bytes]) -> Any:
    """Return the text of many XML text nodes, as Arrow text."""
    import pyarrow as pa

    whole = b"\0".join(raw)
    if b"&" in whole or b"_x" in whole or b"\r" in whole:
        return pa.array([plain_text(item) for item in raw], pa.string())
    try:
        return pa.array(raw, pa.binary()).cast(pa.string())
    except pa.ArrowInvalid:
        return pa.array([plain_text(item) for item in raw], pa.string())


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
_NAMED = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}


def _unescape(text: str) -> str:
    def one(found: re.Match[str]) -> str:
        if found.group(3):
            return _NAMED.get(found.group(3), found.group())
        code = int(found.group(1), 16) if found.group(1) else int(found.group(2))
        return chr(code) if code < 0x110000 and not 0xD800 <= code <= 0xDFFF else ""

    return _REFERENCE.sub(one, text)
