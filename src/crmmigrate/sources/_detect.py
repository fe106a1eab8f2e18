"""Which reader a file needs: its content decides, its name only says what it was meant to be."""

from __future__ import annotations

import re
import zipfile
import zlib
from typing import TYPE_CHECKING

from crmmigrate.errors import LocationError
from crmmigrate.messages import Message
from crmmigrate.sources._dbf import is_dbf
from crmmigrate.sources._limits import locked
from crmmigrate.sources._request import damaged, no_rows, unreadable

if TYPE_CHECKING:
    from pathlib import Path

_BIFF = (b"\x09\x00\x04\x00", b"\x09\x02\x06\x00", b"\x09\x04\x06\x00", b"\x09\x08")
"""Beginnings of the workbooks of Excel 2 to 5 without a compound file around them."""
WORKBOOKS = (".xlsx", ".xlsm", ".xls", ".xlsb", ".et", ".ods", ".xltx", ".xltm", ".ett")
_HTML = re.compile(
    rb"\s*(?:<!--.*?-->\s*)?(?:<\?xml[^>]*>\s*)?<(?:!doctype\s+html|html|head|meta|table|body|style|div)\b",
    re.IGNORECASE | re.DOTALL,
)
_SHEET_2003, _FLAT = b"urn:schemas-microsoft-com:office:spreadsheet", b"opendocument.spreadsheet"
_OTHER = (
    (b"%PDF", Message("a PDF document")), (b"\x89PNG", Message("a picture")), (b"\xff\xd8\xff", Message("a picture")),
    (b"GIF8", Message("a picture")), (b"\x1f\x8b", Message("a compressed archive")),
    (b"7z\xbc\xaf", Message("a compressed archive")), (b"Rar!", Message("a compressed archive")),
    (b"{\\rtf", Message("a text document")), (b"MIME-Version:", Message("a web archive")),
)  # fmt: skip


def format_of(path: Path) -> str:
    """Return the name of the module in `sources` that reads the file.

    Raises:
        LocationError: the file is empty, damaged, locked by a password, or no table.
    """
    try:
        with path.open("rb") as file:
            head = file.read(1 << 16)
    except OSError as error:
        raise unreadable(error, str(path)) from error
    if not head:
        raise LocationError(
            "file.empty", Message("the file is empty"), str(path), Message("was the export run to its end?")
        )
    if head.startswith(b"PK\x03\x04"):
        return _zipped(path)
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        return _old_office(path)
    if head.startswith(_BIFF) and path.suffix.lower() in WORKBOOKS:
        return "xls"
    if head.startswith(b"SQLite format 3\0"):
        return "database"
    if head.startswith(b"PAR1"):
        return "parquet"
    if head[4:19] in (b"Standard Jet DB", b"Standard ACE DB"):
        return "mdb"
    if is_dbf(head):
        return "dbf"
    return _text(path, head)


def _zipped(path: Path) -> str:
    try:
        with zipfile.ZipFile(path) as package:
            names = set(package.namelist())
            kind = package.read("mimetype")[:100] if "mimetype" in names else b""
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, RuntimeError) as error:
        raise damaged(str(path)) from error
    if any(name.lower().endswith("workbook.xml") for name in names):
        return "xlsx"
    if any(name.lower().endswith("workbook.bin") for name in names):
        return "xlsb"
    if b"opendocument.spreadsheet" in kind or (not kind and "content.xml" in names):
        return "ods"
    if {"EncryptionInfo", "EncryptedPackage"} & names:
        raise locked(str(path))
    raise LocationError(
        "file.no-table", Message("this is {what}, not a table", what=Message("a compressed archive")), str(path),
        Message("unpack it and give the folder"),
    )  # fmt: skip


def _old_office(path: Path) -> str:
    with path.open("rb") as file:
        content = file.read(8 << 20)
    if "EncryptedPackage".encode("utf-16-le") in content:
        raise locked(str(path))
    return "xls"


def _text(path: Path, head: bytes) -> str:
    plain = _without_mark(head)
    if _SHEET_2003 in plain and b"<Workbook" in plain[:4096].replace(b"ss:", b""):
        return "xml2003"
    if _FLAT in plain:
        return "ods"
    if _HTML.match(plain) or (path.suffix.lower() in WORKBOOKS and b"<table" in plain.lower()):
        return "html"
    if b"urn:ietf:params:xml:ns:vcard" in plain:
        raise LocationError(
            "file.xcard", Message("this is an address book in XML (xCard), which is not read"), str(path),
            Message("export it as vCard 3.0 (.vcf)"),
        )  # fmt: skip
    for magic, what in _OTHER:
        if plain.startswith(magic):
            raise LocationError("file.no-table", Message("this is {what}, not a table", what=what), str(path),
                                Message("export the table as .xlsx or CSV"))  # fmt: skip
    if re.match(rb"\s*BEGIN:VCARD", plain, re.IGNORECASE):
        return "vcard"
    if path.suffix.lower() in WORKBOOKS:
        raise _called_workbook(path, plain)
    if path.suffix.lower() in (".json", ".jsonl", ".ndjson") or _json(plain):
        return "json"
    if not plain.strip():
        raise no_rows(str(path))
    if _is_binary(head):
        raise LocationError(
            "file.unknown-format", Message("the file is of no known kind"), str(path),
            Message("export the table as .xlsx or CSV"),
        )  # fmt: skip
    return "csv"


def _called_workbook(path: Path, plain: bytes) -> LocationError:
    if _is_binary(plain):
        return damaged(str(path))
    return LocationError(
        "file.is-csv", Message("this is a text file that is only called {suffix}", suffix=path.suffix), str(path),
        Message("rename it to .csv and try again"),
    )  # fmt: skip


def _without_mark(head: bytes) -> bytes:
    """Return the beginning of a text as UTF-8 as far as its byte order mark tells."""
    for mark, encoding in ((b"\xef\xbb\xbf", ""), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        if head.startswith(mark):
            rest = head[len(mark) :]
            return rest[: len(rest) // 2 * 2].decode(encoding, "replace").encode() if encoding else rest
    return head


def _json(plain: bytes) -> bool:
    from crmmigrate.sources.json import looks_like_json

    return looks_like_json(plain[:4096].decode("utf-8", "ignore"))


def _is_binary(head: bytes) -> bool:
    """Whether bytes are no text: control characters, and not those of UTF-16."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return False
    zeros = head.count(0)
    if zeros > len(head) * 0.1 and (head[::2].count(0) < len(head) * 0.02 or head[1::2].count(0) < len(head) * 0.02):
        return False
    strange = sum(head.count(code) for code in range(32) if code not in (1, 9, 10, 12, 13, 26, 27, 31))
    return strange > max(2, len(head) // 100)
