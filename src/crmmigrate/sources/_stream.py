"""One XML document with several sheets in it, as OpenDocument and Excel 2003 write it: streamed, sheet by sheet.

The document is looked at once from end to end, which finds where each sheet begins; reading a sheet starts there.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Protocol
from xml.parsers import expat

from crmmigrate.sources._limits import no_document_type
from crmmigrate.sources._package import ENTITY
from crmmigrate.sources._request import damaged

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from crmmigrate.sources._grid import Grid

PIECE = 1 << 18


class Enough(Exception):
    """Thrown by a handler that has found what it looked for."""


class Handler(Protocol):
    """Takes what the parser finds; names are `namespace local`. Any method may throw `Enough`."""

    def start(self, name: str, given: dict[str, str]) -> None:
        """Take a start tag."""

    def end(self, name: str) -> None:
        """Take an end tag."""

    def text(self, data: str) -> None:
        """Take a piece of text."""


class Document:
    """An XML document that can be read again and again.

    Args:
        chunks: gives its bytes, in UTF-8, from the beginning.
        place: for errors.
    """

    def __init__(self, chunks: Callable[[], Iterator[bytes]], place: str) -> None:
        self._chunks = chunks
        self.place = place
        self._root = b""
        self._parser = expat.ParserCreate()

    @property
    def position(self) -> int:
        """Where the tag that is being handled begins."""
        return self._parser.CurrentByteIndex

    def parse(self, handler: Handler, start: int = 0) -> Iterator[None]:
        """Hand the document (from `start` on, which is a position told before) over, piece by piece.

        Raises:
            LocationError: it is no XML, breaks off, or defines entities.
        """
        self._parser = parser = expat.ParserCreate("UTF-8", " ")
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = no_document_type
        parser.StartElementHandler = handler.start
        parser.EndElementHandler = handler.end
        parser.CharacterDataHandler = handler.text
        try:
            for chunk in self._from(start):
                parser.Parse(chunk, False)
                yield
            parser.Parse(b"", True)
        except Enough:
            return
        except (expat.ExpatError, ValueError, LookupError, OverflowError) as error:
            raise damaged(self.place) from error

    def _from(self, start: int) -> Iterator[bytes]:
        chunks = _legible(self._chunks())
        if not start:
            first = next(chunks, b"")
            if ENTITY.search(first):
                raise damaged(self.place)
            self._root = self._root or root_tag(first)
            yield first
        else:
            yield self._root
            for chunk in chunks:
                if start < len(chunk):
                    yield chunk[start:]
                    break
                start -= len(chunk)
        yield from chunks

    def gather(self, handler: Handler, start: int, grid: Grid) -> Iterator[Grid]:
        """Yield the grid each time it is full, and at the end."""
        for _ in self.parse(handler, start):
            if grid.full:
                yield grid
        yield grid


_CONTROL = re.compile(rb"&#(?:x0*(?:[0-8bcef]|1[0-9a-f])|0*(?:[0-8]|1[124-9]|2\d|3[01]));", re.IGNORECASE)
_BROKEN_OFF = re.compile(rb"&(?:#\w{0,8})?\Z")


def _legible(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Put the replacement character for references to control characters: Excel writes them, XML 1.0 forbids them."""
    rest = b""
    for chunk in chunks:
        data = rest + chunk
        open_end = _BROKEN_OFF.search(data, max(len(data) - 10, 0))
        cut = open_end.start() if open_end else len(data)
        rest = data[cut:]
        yield _CONTROL.sub("\ufffd".encode(), data[:cut]) if b"&#" in data else data[:cut]
    if rest:
        yield rest


def root_tag(first: bytes) -> bytes:
    """Return the beginning of a document up to and with the start tag of its root."""
    at = 0
    while (at := first.find(b"<", at)) >= 0:
        if first[at + 1 : at + 2] not in (b"?", b"!"):
            return first[: first.find(b">", at) + 1]
        at += 1
    return b""


def file_chunks(path: Path) -> Iterator[bytes]:
    """Yield an XML file as UTF-8, whatever encoding it declares.

    Raises:
        ValueError, LookupError: it is not text in the encoding it declares.
    """
    import codecs

    from crmmigrate.sources._text import declared_encoding

    with path.open("rb") as file:
        first = file.read(PIECE)
        declared = re.search(rb"""^(?:\xef\xbb\xbf)?<\?xml[^>]*encoding=["']([\w.-]+)["']""", first)
        name = declared.group(1).decode().lower() if declared else "utf-8"
        if first[:2] in (b"\xff\xfe", b"\xfe\xff"):
            name = "utf-16"
        if name in ("utf-8", "utf8") or first.startswith(b"\xef\xbb\xbf"):
            yield first.removeprefix(b"\xef\xbb\xbf")
            while chunk := file.read(PIECE):
                yield chunk
            return
        decoder = codecs.getincrementaldecoder(declared_encoding(name))()
        yield decoder.decode(first).encode()
        while chunk := file.read(PIECE):
            yield decoder.decode(chunk).encode()
        yield decoder.decode(b"", final=True).encode()
