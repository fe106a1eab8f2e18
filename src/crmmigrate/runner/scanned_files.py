"""The texts of files that a privacy scan looks through: every cell of a workbook or table, every line of a text, each with its place."""

from __future__ import annotations

import codecs
import html
import re
import sqlite3
import zipfile
import zlib
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from crmmigrate.errors import CrmMigrateError
from crmmigrate.messages import Message
from crmmigrate.model.issue import RECORD
from crmmigrate.model.privacy import DECLARATION
from crmmigrate.model.system_words import os_reason
from crmmigrate.model.table import quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from crmmigrate.model.location import Location

_LINES = 50_000
"""Lines or rows that are handed on together."""
_HEAD = 4096
_PROBE = 1 << 20
"""Bytes of a text by which its encoding is found out."""
_ESCAPED = re.compile(r"(?:\\u[0-9a-fA-F]{4})+")
_TEXTS = {".jsonl", ".json", ".html", ".htm", ".md", ".txt", ".log", ".csv", ".tsv", ".yaml", ".yml", ".xml", ".py", ".sql", ".toml", ".ini", ".po"}  # fmt: skip
_TAG = re.compile(r"<[^>\n]*>")
_BESIDE = re.compile(r"docProps/|xl/(?:comments|threadedComments|persons|drawings|worksheets/_rels|workbook\.xml)")
"""Parts of a workbook in which people write besides the cells."""


@dataclass(frozen=True)
class Part:
    """Some texts of one sheet, column or file.

    Args:
        name: of the sheet or `table.column`; empty where the file is one text.
        texts: its cells or lines.
        place: index → where the text stands, for people.
        records: the `_record` of the row of each text, where the table has one.
    """

    name: str
    texts: Sequence[str | None]
    place: Callable[[int], str]
    records: Sequence[str | None] | None = None


class UnreadableError(Exception):
    """A file that cannot be looked through.

    Args:
        why: for people.
    """

    def __init__(self, why: Message) -> None:
        super().__init__(why.template)
        self.why = why


def is_declared(path: Path) -> bool:
    """Whether a report says of itself that it holds personal data by design."""
    try:
        if path.suffix.lower() in (".html", ".htm"):
            with path.open("rb") as file:
                return f'content="{DECLARATION}"'.encode() in file.read(_HEAD)
        if path.suffix.lower() == ".xlsx":
            with zipfile.ZipFile(path) as package:
                return DECLARATION.encode() in package.read("docProps/core.xml")
        if path.suffix.lower() == ".json":
            with path.open("rb") as file:
                return f'"declares": "{DECLARATION}"'.encode() in file.read(_HEAD)
    except (OSError, KeyError, zipfile.BadZipFile):
        return False
    return False


def parts_of(path: Path) -> Iterator[Part]:
    """Yield the texts of a file, by its ending and its first bytes.

    Raises:
        UnreadableError: it is damaged, or of a kind that is not looked through.
    """
    ending = path.suffix.lower()
    try:
        with path.open("rb") as file:
            head = file.read(16)
        if head.startswith(b"SQLite format 3\0"):
            yield from _sqlite(path)
        elif ending == ".parquet":
            yield from _parquet(path)
        elif ending in (".xlsx", ".xlsm"):
            yield from _workbook(path)
        elif ending in (".xls", ".xlsb", ".ods", ".et"):
            yield from _cells(path)
        elif ending in _TEXTS or not ending:
            yield from _text(path)
        elif head:
            raise UnreadableError(Message("files of the kind {ending} are not looked through", ending=ending))
    except OSError as error:
        raise UnreadableError(Message("the file cannot be read: {why}", why=os_reason(error))) from error


def _parquet(path: Path) -> Iterator[Part]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        file = pq.ParquetFile(path)
        done = 0
        for batch in file.iter_batches(_LINES):
            columns = dict(zip(batch.schema.names, batch.columns, strict=True))
            records = columns[RECORD].to_pylist() if RECORD in columns else None
            for name, values in columns.items():
                texts = values.cast(pa.string()).to_pylist()
                yield Part(name, texts, _row_of(name, done + 1), records)
            done += len(batch)
    except (pa.ArrowException, OSError) as error:
        raise UnreadableError(Message("the file is damaged")) from error


def _row_of(name: str, first: int) -> Callable[[int], str]:
    return lambda index: f"{name}!{first + index}"


def _sqlite(path: Path) -> Iterator[Part]:
    """Yield the columns of all tables; the file is opened for reading only."""
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as connection:
            connection.text_factory = lambda raw: raw.decode("utf-8", errors="replace")
            tables = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall()
            for (table,) in tables:
                cursor = connection.execute(f"SELECT * FROM {quoted(table)}")
                names = [column[0] for column in cursor.description]
                yield from _rows(table, names, cursor)
    except sqlite3.Error as error:
        raise UnreadableError(Message("the file is damaged")) from error


def _rows(table: str, names: list[str], cursor: Any) -> Iterator[Part]:
    done = 0
    record = next((name for name in (RECORD, "record") if name in names), "")
    while rows := cursor.fetchmany(_LINES):
        columns = dict(zip(names, zip(*rows, strict=True), strict=True))
        records = [_told(value) for value in columns[record]] if record else None
        for name, values in columns.items():
            title = f"{table}.{name}"
            yield Part(title, [_told(value) for value in values], _row_of(title, done + 1), records)
        done += len(rows)


def _told(value: Any) -> str | None:
    """Return a cell as the text that people would see; a number that Excel or a database keeps without its point, whole."""
    if value is None or value == "":
        return None
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 10**19 else str(value)
    if isinstance(value, bytes):
        return value.decode("utf-8", errors="replace")
    return str(value)


def _cells(path: Path) -> Iterator[Part]:
    """Yield the cells of a workbook, sheet by sheet, hidden ones too."""
    import python_calamine as calamine

    try:
        with calamine.CalamineWorkbook.from_path(path) as book:
            for name in book.sheet_names:
                sheet = book.get_sheet_by_name(name)
                first_row, width = (sheet.start or (0, 0))[0] + 1, sheet.width or 1
                texts = [_told(value) for row in sheet.to_python(skip_empty_area=True) for value in row]
                yield Part(name, texts, _cell_of(name, first_row, width))
    except (calamine.CalamineError, zipfile.BadZipFile) as error:
        raise UnreadableError(Message("the file is damaged")) from error


def _cell_of(name: str, first: int, width: int) -> Callable[[int], str]:
    return lambda index: f"{name}!{first + index // width}"


def _workbook(path: Path) -> Iterator[Part]:
    """Yield the cells of an .xlsx and what stands in it beside them: properties, comments, text boxes, headers of pages."""
    yield from _cells(path)
    try:
        with zipfile.ZipFile(path) as package:
            for name in package.namelist():
                if _BESIDE.match(name) and name.endswith((".xml", ".rels")):
                    text = html.unescape(package.read(name).decode("utf-8", errors="replace"))
                    lines = [line for line in _TAG.sub("\n", text).split("\n") if line.strip()]
                    yield Part(name, lines, lambda _, name=name: name)  # type: ignore[misc]
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise UnreadableError(Message("the file is damaged")) from error


def _text(path: Path) -> Iterator[Part]:
    decode = _encoding(path)
    shown = _shown(path.suffix.lower())
    with path.open(encoding=decode, errors="replace", newline=None) as file:
        first, lines = 1, []
        for line in file:
            lines.append(shown(line))
            if len(lines) == _LINES:
                yield Part("", lines, _line_of(first))
                first, lines = first + len(lines), []
        if lines:
            yield Part("", lines, _line_of(first))


def _line_of(first: int) -> Callable[[int], str]:
    return lambda index: Message("line {number}", number=first + index).text()


def _shown(ending: str) -> Callable[[str], str]:
    """Return what makes of a line what people read in it."""
    if ending in (".html", ".htm", ".xml"):
        return lambda line: html.unescape(line) if "&" in line else line
    if ending in (".json", ".jsonl"):
        return lambda line: _ESCAPED.sub(_unescaped, line) if "\\u" in line else line
    return str


def _unescaped(match: re.Match[str]) -> str:
    """Return the characters of some JSON escapes; rare ones are written as a pair."""
    return bytes.fromhex(match[0].replace("\\u", "")).decode("utf-16-be", errors="replace")


def _encoding(path: Path) -> str:
    """Return utf-8, utf-16 or gb18030, by what the bytes of the file allow."""
    with path.open("rb") as file:
        head = file.read(_PROBE)
        whole = not file.read(1)
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    try:  # a character may be cut where the probe ends
        codecs.getincrementaldecoder("utf-8")().decode(head, final=whole)
    except UnicodeDecodeError:
        return "gb18030"
    return "utf-8-sig"


def records_in(path: Path) -> set[str]:
    """Return the records that the rows of a table are about; none of a table that is damaged, which is told where it is read."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        if RECORD not in pq.read_schema(path).names:
            return set()
        return set(pq.read_table(path, columns=[RECORD])[RECORD].to_pylist()) - {None}
    except (pa.ArrowException, OSError):
        return set()


def database_parts(location: Location) -> Iterator[Part]:
    """Yield the columns of all tables of a database.

    Raises:
        UnreadableError: it cannot be reached or read.
    """
    from crmmigrate.sources import read_location

    try:
        for source in read_location(location):
            done = 0
            for frame in source.batches():
                records = frame[RECORD].tolist() if RECORD in frame else None
                for name in source.columns:
                    title = f"{source.name}.{name}"
                    texts = [None if value != value else value for value in frame[name].tolist()]  # noqa: PLR0124
                    yield Part(title, texts, _row_of(title, done + 1), records)
                done += len(frame)
    except CrmMigrateError as error:
        raise UnreadableError(error.message) from error
