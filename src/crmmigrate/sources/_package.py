r"""Zip packages, as .xlsx, .xlsb and .ods are: their parts, and how they hang together. Everything is capped, nothing is trusted.

No part is ever unpacked to a file, so a name such as `../../x` or `C:\x` is only a name.

Source: ECMA-376 part 2 (packages); OpenDocument 1.3 part 2.
"""

from __future__ import annotations

import lzma
import posixpath
import re
import struct
import zipfile
import zlib
from contextlib import contextmanager
from typing import TYPE_CHECKING

from crmmigrate.messages import Message
from crmmigrate.sources._limits import Broken, locked
from crmmigrate.sources._request import CHUNK, damaged, too_large, unreadable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from xml.etree.ElementTree import Element

MAX_PARTS = 20_000
MAX_SMALL_PART = 16 << 20
MAX_PART = 16 << 30
MAX_RATIO = 500
"""Sheets compress to a tenth or a fiftieth; what is large and a five-hundredth is a zip bomb."""
LARGE = 64 << 20

FROM_ZIP = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, LookupError, RuntimeError, ValueError, OverflowError, struct.error,
)  # fmt: skip
"""What `zipfile` throws at broken files; RuntimeError is a password or a compression it does not know."""

ENTITY = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)


class Package:
    """A zip file, opened for reading.

    Args:
        path: the file.

    Raises:
        LocationError: it is truncated, its parts overlap, it is locked by a password, or absurdly large.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.place = str(path)
        with self.guard(*FROM_ZIP):
            self._zip = zipfile.ZipFile(path)
        entries = self._zip.infolist()
        if len(entries) > MAX_PARTS:
            raise too_large(Message("the workbook has more than {limit} parts", limit=MAX_PARTS), self.place)
        self._check(entries)
        self._parts = {_key(entry.filename): entry for entry in entries}

    def _check(self, entries: list[zipfile.ZipInfo]) -> None:
        """Refuse parts that share bytes, as in bombs whose parts are one and the same, and sizes nobody has."""
        end = 0
        for entry in sorted(entries, key=lambda entry: entry.header_offset):
            if entry.header_offset < end:
                raise damaged(self.place)
            end = entry.header_offset + 30 + entry.compress_size
        whole = sum(entry.file_size for entry in entries)
        with self.guard():
            size = self.path.stat().st_size
        if whole > 4 * LARGE and whole > MAX_RATIO * max(size, 1):
            raise too_large(Message("unpacked, the workbook is absurdly large"), self.place)

    def __contains__(self, part: str) -> bool:
        return _key(part) in self._parts

    @contextmanager
    def guard(self, *more: type[Exception]) -> Iterator[None]:
        """Turn what a broken package throws into a refusal.

        Args:
            more: what else a library throws at broken files. Such kinds are thrown by mistakes of ours as well, so they are
                named only where nothing but calls of that library stands inside.
        """
        from xml.parsers.expat import ExpatError

        broken: tuple[type[Exception], ...] = (Broken, ExpatError, *more)
        try:
            yield
        except broken as error:
            if "password required" in str(error):
                raise locked(self.place) from error
            raise damaged(self.place) from error
        except OSError as error:
            raise unreadable(error, self.place) from error

    def relations(self, part: str) -> dict[str, tuple[str, str]]:
        """Return the relations of a part (of the package, where it is empty): id → kind and target part."""
        folder, _, name = part.rpartition("/")
        root = self.xml(posixpath.join(folder, "_rels", f"{name}.rels"))
        found: dict[str, tuple[str, str]] = {}
        for relation in root if root is not None else ():
            target = relation.get("Target", "").replace("\\", "/")
            joined = target if target.startswith("/") else posixpath.join(folder, target)
            found[relation.get("Id", "")] = relation.get("Type", ""), posixpath.normpath(joined).lstrip("/")
        return found

    def target(self, kind: str, relations: dict[str, tuple[str, str]], usual: str = "") -> str:
        """Return the part that a relation of this kind names, or the usual one, or nothing."""
        found = next((part for named, part in relations.values() if named.endswith(f"/{kind}")), usual)
        return found if found in self else usual if usual in self else ""

    def xml(self, part: str) -> Element | None:
        """Return a small part, parsed; None where there is none."""
        from xml.etree import ElementTree as ET

        if part not in self:
            return None
        text = b"".join(self.chunks(part, MAX_SMALL_PART, utf8=False))
        if ENTITY.search(text):
            raise damaged(self.place)
        with self.guard(ET.ParseError, LookupError, ValueError):  # the latter for encodings that it declares
            return ET.fromstring(text)  # noqa: S314 -- no document type, so no entities

    def chunks(self, part: str, limit: int = MAX_PART, *, utf8: bool = True) -> Iterator[bytes]:
        """Yield a part's bytes, decompressed piece by piece; XML as UTF-8 without a mark unless `utf8` is off."""
        entry = self._parts[_key(part)]
        absurd = entry.file_size > LARGE and entry.file_size > MAX_RATIO * max(entry.compress_size, 1)
        if entry.file_size > limit or absurd:
            raise too_large(Message("the part {part} of the workbook is too large", part=part), self.place)
        pieces = self._unpacked(entry)
        first = next(pieces, b"")
        if utf8:
            if ENTITY.search(first):
                raise damaged(self.place)
            if first[:2] in (b"\xff\xfe", b"\xfe\xff"):
                with self.guard(UnicodeDecodeError):
                    yield from _utf8(first, pieces)
                return
            first = first.removeprefix(b"\xef\xbb\xbf")
        yield first
        yield from pieces

    def _unpacked(self, entry: zipfile.ZipInfo) -> Iterator[bytes]:
        with self.guard(*FROM_ZIP), zipfile.ZipFile(self.path) as package, package.open(entry) as file:
            while chunk := file.read(CHUNK):
                yield chunk

    def close(self) -> None:
        """Close the file; `chunks` opens it anew."""
        self._zip.close()


def _key(part: str) -> str:
    """Return the name by which a part is known: case tells nothing, and some programs write the separators of Windows."""
    return part.replace("\\", "/").lstrip("/").lower()


def _utf8(first: bytes, others: Iterator[bytes]) -> Iterator[bytes]:
    import codecs

    decoder = codecs.getincrementaldecoder("utf-16")()
    yield decoder.decode(first).encode()
    for chunk in others:
        yield decoder.decode(chunk).encode()
