"""Tables of dBASE III and IV, FoxPro and Visual FoxPro (.dbf), with their memos (.dbt, .fpt).

Read by our own few lines: the libraries for it turn digits into numbers, leave deleted rows out or in without a word, and
believe the code page the file names, which Chinese programs seldom set.

Source: dBASE IV Language Reference, appendix Table file structure; Microsoft, Visual FoxPro table file structure and code
pages supported by Visual FoxPro.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING, BinaryIO

from crmmigrate.errors import LocationError
from crmmigrate.messages import Message
from crmmigrate.model.issue import declare_code
from crmmigrate.model.source import SourceTable
from crmmigrate.sources._dbf import Field, Memo, codepage_of, memo_of, structure
from crmmigrate.sources._frame import cell_issue, column_names, data_columns, frames
from crmmigrate.sources._request import damaged, unreadable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    import pandas as pd

    from crmmigrate.sources._request import Request

TITLE = Message("dBASE or FoxPro table (.dbf)")
AT_ONCE = 2_000
"""Rows read at once."""
_DAY_ZERO = datetime(1, 1, 1, tzinfo=UTC)
_JULIAN = 1_721_426
"""Julian day number of `_DAY_ZERO`."""

declare_code("source.row-deleted", Message("the row is marked as deleted in the file and was set aside"))
declare_code("source.number-overflow", Message("the number was too long for its column; the file holds asterisks"))
declare_code(
    "source.row-beyond", Message("rows from here on are more than the file's header counts; they were read too")
)
declare_code(
    "source.codepage", Message("the code page named in the file does not fit its text; another one was found out")
)
declare_code("source.undecodable", Message("some bytes of the cell could not be decoded"))


@dataclass
class _File:
    """What is known of a file before its rows are read."""

    path: Path
    fields: tuple[Field, ...]
    rows: int
    head: int
    width: int
    encoding: str
    memo: Memo | None
    beyond: int


def read(request: Request) -> Iterator[SourceTable]:
    """Yield the one table of a .dbf file; dates and times come as ISO 8601, truth values as `true` and `false`.

    Raises:
        LocationError: the file is damaged, breaks off, or the file with its memos is missing.
    """
    request.check_table([request.stem])
    if not request.wants(request.stem):
        return
    try:
        found, doubt = _opened(request)
        facts = request.facts
    except OSError as error:
        raise unreadable(error, str(request.path)) from error
    except (struct.error, ValueError, IndexError) as error:
        raise damaged(str(request.path)) from error
    shown = [field for field in found.fields if not field.is_hidden]
    names = column_names([field.label.decode(found.encoding, "replace") for field in shown])
    facts |= {"format": "dbf", "encoding": found.encoding, "rows": found.rows, "dropped_counts": {}}
    issues = [cell_issue(request.stem, request.inside, "", "source.codepage", None)] if doubt else []
    if found.beyond:
        place = f"{request.inside}!{found.rows - found.beyond + 1}"
        issues.append(cell_issue(request.stem, place, "", "source.row-beyond", str(found.beyond)))
    table = SourceTable(request.stem, request.inside, data_columns(names), lambda: iter(()), facts, issues)

    def batches() -> Iterator[pd.DataFrame]:
        facts.update(dropped_counts={}, dropped=[])
        yield from frames(_rows(found, table, names), names, f"{request.inside}!")

    table.read = batches
    yield table


def _opened(request: Request) -> tuple[_File, bool]:
    path = request.path
    with path.open("rb") as file:
        rows, head, width, fields, codepage = structure(file.read(1 << 16), str(path))
        size = path.stat().st_size
        if head + rows * width > size:
            raise damaged(str(path))
        beyond = _beyond(file, head + rows * width, width)
        rows += beyond
        memo = memo_of(path, fields)
        file.seek(head)
        sample = [file.read(width) for _ in range(min(rows, AT_ONCE))]
    texts = [raw[f.start : f.start + f.length].strip(b" \0") for raw in sample for f in fields if f.kind in "CV"]
    texts += [field.label for field in fields]
    if memo is not None:
        links = (raw[f.start : f.start + f.length] for raw in sample for f in fields if f.kind == "M")
        texts += filter(None, (memo.text(link) for link in islice(links, 200)))
    encoding, doubt = codepage_of(path, codepage, b"\n".join(texts), request.encoding)
    return _File(path, fields, rows, head, width, encoding, memo, beyond), doubt


def _beyond(file: BinaryIO, start: int, width: int) -> int:
    """Count the rows behind those of the header's number, which a program that broke off does not raise; blank ones at the end are none."""
    file.seek(start)
    number = last = 0
    while len(raw := file.read(width)) == width and raw[:1] in (b" ", b"*"):
        number += 1
        last = number if raw.strip(b" \0*") else last
    return last


def _rows(file: _File, table: SourceTable, names: Sequence[str]) -> Iterator[tuple[str, list[str | None]]]:
    shown = [field for field in file.fields if not field.is_hidden]
    number = 0
    try:
        with file.path.open("rb") as source:
            source.seek(file.head)
            while number < file.rows and (data := source.read(min(AT_ONCE, file.rows - number) * file.width)):
                for start in range(0, len(data), file.width):
                    raw = data[start : start + file.width]
                    number += 1
                    row = [_text(file, field, raw) for field in shown]
                    if raw[:1] == b"*":
                        _set_aside(table, number, row)
                        continue
                    _note(table, number, row, zip(shown, names, strict=True))
                    yield str(number), row
    except OSError as error:
        raise unreadable(error, str(file.path)) from error
    except (struct.error, ValueError, OverflowError, IndexError) as error:
        raise LocationError(
            "file.damaged", Message("the file is damaged or incomplete"), f"{file.path}!{number}",
            Message("open it in the program it comes from, repair it there and export it again"),
        ) from error  # fmt: skip


def _set_aside(table: SourceTable, number: int, row: Sequence[str | None]) -> None:
    counts: dict[str, int] = table.facts["dropped_counts"]
    counts["deleted"] = counts.get("deleted", 0) + 1
    if counts["deleted"] <= 1000:
        table.facts["dropped"].append({"place": str(number), "why": "deleted"})
    text = " | ".join(cell for cell in row if cell)
    table.issues.append(cell_issue(table.name, f"{table.file}!{number}", "", "source.row-deleted", text))


def _note(table: SourceTable, number: int, row: Sequence[str | None], columns: Iterable[tuple[Field, str]]) -> None:
    for (field, name), cell in zip(columns, row, strict=True):
        overflow = cell and field.kind in "NF" and not cell.strip("*")
        if cell and ("\ufffd" in cell or overflow):
            code = "source.number-overflow" if overflow else "source.undecodable"
            table.issues.append(cell_issue(table.name, f"{table.file}!{number}", name, code, cell))


def _text(file: _File, field: Field, raw: bytes) -> str | None:
    """Return a cell as text; None where it is empty."""
    if field.is_null(raw):
        return None
    data = raw[field.start : field.start + field.length]
    if field.kind == "C":
        return data.decode(file.encoding, "replace").rstrip(" \0") or None
    if field.kind == "V":
        return data[: field.used(raw)].decode(file.encoding, "replace") or None
    if field.kind == "M":
        memo = file.memo.text(data) if file.memo else b""
        return memo.decode(file.encoding, "replace").rstrip("\0\x1a") or None
    if field.kind in _WRITTEN:
        return _WRITTEN[field.kind](data)
    return data.decode("ascii", "replace").strip(" \0") or None


def _date(data: bytes) -> str | None:
    text = data.decode("ascii", "replace").strip(" \0")
    if not text.strip("0"):
        return None
    return f"{text[:4]}-{text[4:6]}-{text[6:]}" if len(text) == 8 and text.isdigit() else text


def _truth(data: bytes) -> str | None:
    text = data.decode("ascii", "replace").strip(" \0?").upper()
    return {"T": "true", "Y": "true", "F": "false", "N": "false", "": None}.get(text, text)


def _time(data: bytes) -> str | None:
    day, milliseconds = struct.unpack("<II", data)
    if not day:
        return None
    moment = _DAY_ZERO + timedelta(days=day - _JULIAN, milliseconds=milliseconds)
    return (
        moment.strftime("%Y-%m-%d %H:%M:%S")
        if moment.year >= 1000
        else f"{moment:%Y}".zfill(4) + f"{moment:-%m-%d %H:%M:%S}"
    )


def _currency(data: bytes) -> str | None:
    value = struct.unpack("<q", data)[0]
    return f"{'-' if value < 0 else ''}{abs(value) // 10_000}.{abs(value) % 10_000:04}"


def _double(data: bytes) -> str | None:
    value = struct.unpack("<d", data)[0]
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)


_WRITTEN: dict[str, Callable[[bytes], str | None]] = {
    "D": _date, "L": _truth, "T": _time, "@": _time, "Y": _currency, "B": _double,
    "I": lambda data: str(struct.unpack("<i", data)[0]),
}  # fmt: skip
