"""The inner structure of .dbf files: columns, memos, code pages."""

from __future__ import annotations

import codecs
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crmmigrate.errors import LocationError
from crmmigrate.messages import Message
from crmmigrate.sources._letters import PLAUSIBLE, SCORES, likeliest, score
from crmmigrate.sources._request import damaged

if TYPE_CHECKING:
    from pathlib import Path

VERSIONS = {0x03, 0x30, 0x31, 0x32, 0x43, 0x63, 0x83, 0x8B, 0x8E, 0xCB, 0xF5, 0xFB}
VISUAL = {0x30, 0x31, 0x32}
_OTHER_VERSIONS = {0x02, 0x04, 0x8C}
_KINDS = frozenset("CNFLDMGPITYBVQ0@+O")
_FIXED = {"I": 4, "T": 8, "@": 8, "Y": 8, "D": 8, "L": 1}
MAX_MEMO = 16 << 20

CODEPAGES = {
    0x01: "cp437", 0x02: "cp850", 0x03: "cp1252", 0x04: "mac_roman", 0x08: "cp865", 0x09: "cp437", 0x0A: "cp850",
    0x0B: "cp437", 0x0D: "cp437", 0x0E: "cp850", 0x0F: "cp437", 0x10: "cp850", 0x11: "cp437", 0x12: "cp850", 0x13: "cp932",
    0x14: "cp850", 0x15: "cp437", 0x16: "cp850", 0x17: "cp865", 0x18: "cp437", 0x19: "cp437", 0x1A: "cp850", 0x1B: "cp437",
    0x1C: "cp863", 0x1D: "cp850", 0x1F: "cp852", 0x22: "cp852", 0x23: "cp852", 0x24: "cp860", 0x25: "cp850", 0x26: "cp866",
    0x37: "cp850", 0x40: "cp852", 0x4D: "gb18030", 0x4E: "cp949", 0x4F: "big5hkscs", 0x50: "cp874", 0x57: "cp1252",
    0x58: "cp1252", 0x59: "cp1252", 0x64: "cp852", 0x65: "cp866", 0x66: "cp865", 0x67: "cp861", 0x6A: "cp737",
    0x6B: "cp857", 0x6C: "cp863", 0x78: "big5hkscs", 0x79: "cp949", 0x7A: "gb18030", 0x7B: "cp932", 0x7C: "cp874",
    0x7D: "cp1255", 0x7E: "cp1256", 0xC8: "cp1250", 0xC9: "cp1251", 0xCA: "cp1254", 0xCB: "cp1253", 0xCC: "cp1257",
}  # fmt: skip
"""Encoding by the language driver byte; Python has none for 0x68, 0x69, 0x96 to 0x98."""
_WIDER = {"gbk": "gb18030", "gb2312": "gb18030", "big5": "big5hkscs", "cp950": "big5hkscs"}
"""Of encodings of one family, the one with more signs."""


@dataclass(frozen=True)
class Field:
    """A column.

    Args:
        label: its name, not decoded yet.
        kind: the letter of its type.
        start: place in the row, whose first byte is the mark of deletion.
        length: bytes.
        null: byte in the row and mask of the bit that says it is null; (0, 0) where it never is.
        partly: byte and mask of the bit that says that its last byte is the length used.
    """

    label: bytes
    kind: str
    start: int
    length: int
    null: tuple[int, int] = (0, 0)
    partly: tuple[int, int] = (0, 0)

    @property
    def is_hidden(self) -> bool:
        """Whether it holds nothing to read: flags, pictures, programs."""
        return self.kind in "0GPQ"

    def is_null(self, raw: bytes) -> bool:
        """Whether the row says that there is no value."""
        return bool(raw[self.null[0]] & self.null[1])

    def used(self, raw: bytes) -> int:
        """Return how many bytes a text of varying length has."""
        return raw[self.start + self.length - 1] if raw[self.partly[0]] & self.partly[1] else self.length


def is_dbf(head: bytes) -> bool:
    """Whether a file begins like a .dbf: its version, and a list of columns that ends where the header says."""
    if len(head) < 65 or head[0] not in VERSIONS | _OTHER_VERSIONS:
        return False
    length = struct.unpack_from("<H", head, 8)[0]
    if head[0] == 0x02:
        return False
    if head[0] in (0x04, 0x8C):
        return length > 68 and head[1] != 0 and head[68 : 68 + 1].isalpha() and b"\r" in head[68:length]
    end = head.find(b"\r", 64)
    while 0 < end < length and (end - 32) % 32:
        end = head.find(b"\r", end + 1)
    return 0 < end < length and chr(head[32 + 11]) in _KINDS and 1 <= (head[2] or 1) <= 12


def structure(head: bytes, place: str) -> tuple[int, int, int, tuple[Field, ...], int]:
    """Return rows, bytes of the header, bytes of a row, columns and the byte of the code page.

    Raises:
        LocationError: it is of dBASE 7, or damaged.
    """
    if head[0] in _OTHER_VERSIONS:
        raise LocationError(
            "file.dbf-version", Message("this is a table of a dBASE version that is not read"), place,
            Message("open it in its program or in LibreOffice and save it as dBASE III or CSV"),
        )  # fmt: skip
    rows, length, width = struct.unpack_from("<IHH", head, 4)
    flags = next((slot for slot in range(32, length - 31, 32) if head[slot + 11 : slot + 12] == b"0"), 0)
    holder = 0
    fields: list[Field] = []
    start, slot, bit = 1, 32, 0
    if flags:
        holder = 1 + sum(_length(head, at) for at in range(32, flags, 32))
    while slot + 32 <= length and head[slot : slot + 1] != b"\r":
        kind = chr(head[slot + 11])
        size = _length(head, slot)
        partly = null = (0, 0)
        if holder and kind in "VQ":
            partly, bit = (holder + bit // 8, 1 << bit % 8), bit + 1
        if holder and head[slot + 18] & 2:
            null, bit = (holder + bit // 8, 1 << bit % 8), bit + 1
        label = head[slot : slot + 11].split(b"\0")[0].strip()
        fields.append(Field(label, kind, start, size, null, partly))
        start += size
        slot += 32
    if not fields or start > width or any(field.kind not in _KINDS for field in fields):
        raise damaged(place)
    if any(field.length != _FIXED.get(field.kind, field.length) for field in fields if head[0] in VISUAL):
        raise damaged(place)
    return rows, length, width, tuple(fields), head[29]


def _length(head: bytes, slot: int) -> int:
    """Return the bytes of a column; texts of over 255 have their upper half where numbers have their decimals."""
    size, more = head[slot + 16], head[slot + 17]
    return size + (more << 8 if head[slot + 11 : slot + 12] == b"C" else 0)


class Memo:
    """The long texts of a table, in a file of their own.

    Args:
        path: of the .dbt or .fpt.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._data = path.read_bytes() if path.stat().st_size < MAX_MEMO else None
        head = self._at(0, 512)
        self._foxpro = path.suffix.lower() == ".fpt"
        size = struct.unpack_from(">H", head, 6)[0] if self._foxpro else struct.unpack_from("<H", head, 20)[0]
        self._block = (size or 512) if self._foxpro else (size if size and size % 64 == 0 else 512)

    def _at(self, start: int, length: int) -> bytes:
        if self._data is not None:
            return self._data[start : start + length]
        with self._path.open("rb") as file:
            file.seek(start)
            return file.read(length)

    def text(self, link: bytes) -> bytes:
        """Return the text at the block a row names, without its end; empty where it names none.

        Raises:
            ValueError: the block is none, or longer than a text is.
        """
        if len(link) == 4:
            block = struct.unpack("<I", link)[0]
        else:
            digits = link.strip(b" \0")
            if digits and not digits.isdigit():
                raise ValueError(digits)
            block = int(digits or 0)
        if not block:
            return b""
        start = block * self._block
        head = self._at(start, 8)
        if len(head) < 8 and self._foxpro:
            raise ValueError(block)
        if self._foxpro:
            kind, length = struct.unpack(">II", head)
            return self._whole(start + 8, length) if kind == 1 else b""
        if head[:4] == b"\xff\xff\x08\x00":
            return self._whole(start + 8, struct.unpack_from("<I", head, 4)[0] - 8)
        return self._to_mark(start)

    def _whole(self, start: int, length: int) -> bytes:
        if not 0 <= length <= MAX_MEMO:
            raise ValueError(length)
        found = self._at(start, length)
        if len(found) < length:
            raise ValueError(length)
        return found

    def _to_mark(self, start: int) -> bytes:
        """Return a text of dBASE III: it ends with the letter 0x1A."""
        found = b""
        while b"\x1a" not in found[-513:] and len(found) <= MAX_MEMO:
            more = self._at(start + len(found), 512)
            found += more
            if len(more) < 512:
                break
        return found.split(b"\x1a")[0].replace(b"\x8d\n", b"")


def memo_of(path: Path, fields: tuple[Field, ...]) -> Memo | None:
    """Return the memos of a table that has a column of them.

    Raises:
        LocationError: `file.memo-missing`.
    """
    if not any(field.kind == "M" for field in fields):
        return None
    for ending in (".fpt", ".dbt"):
        for found in (path.with_suffix(ending), path.with_suffix(ending.upper())):
            if found.exists():
                return Memo(found)
    raise LocationError(
        "file.memo-missing", Message("the file with the long texts is missing: {name}", name=path.with_suffix(".fpt").name),
        str(path), Message("copy the .fpt or .dbt file of the same name beside it"),
    )  # fmt: skip


def codepage_of(path: Path, named: int, sample: bytes, given: str) -> tuple[str, bool]:
    """Return the encoding of a table's texts, and whether it is not the one that the file names.

    Args:
        path: the file; an `.cpg` beside it names the encoding too.
        named: the language driver byte.
        sample: texts of the file.
        given: what the user says.
    """
    if given:
        return codecs.lookup(given).name, False
    said = _beside(path) or CODEPAGES.get(named, "")
    if sample.isascii():
        return said or "cp1252", False
    if said and _fits(sample, said):
        return said, False
    found = "utf-8" if _fits(sample, "utf-8") else likeliest(sample)
    if not found:
        return said or "gb18030", False
    return found, bool(said) and found != said


def _beside(path: Path) -> str:
    side = path.with_suffix(".cpg")
    if not side.exists():
        return ""
    text = side.read_text(encoding="ascii", errors="replace")[:40].strip()
    for name in (text, f"cp{text}"):
        try:
            found = codecs.lookup(name).name
        except LookupError:
            continue
        return _WIDER.get(found, found)
    return ""


def _fits(sample: bytes, encoding: str) -> bool:
    """Whether texts make sense in an encoding; one that is not known better is believed where every byte is a letter."""
    try:
        sample.decode(encoding)
    except UnicodeDecodeError:
        return False
    if encoding in ("utf-8", "utf8"):
        return True
    best = likeliest(sample)
    if encoding not in SCORES:
        return not best or score(sample, best) < 2 * PLAUSIBLE
    return not best or best == encoding or score(sample, encoding) > PLAUSIBLE
