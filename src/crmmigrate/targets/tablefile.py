"""Writes one table of text to a location: CSV, TSV, Excel, Parquet, JSON Lines, a new database table, or standard output.

Text stays what it is, with two exceptions of workbooks, whose XML cannot hold it: control characters, lone surrogates,
U+FFFE and U+FFFF are left out, and a cell of more than 32,767 characters is refused. In a workbook every cell is text, so that `=1+1` is no formula and 000123 keeps its zeros; in CSV
nothing is escaped either, because a changed cell would be a changed record. Whoever opens such a CSV in Excel should
import it as text. A file is written beside its place and moved there when it is complete.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import tempfile
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from crmmigrate.errors import ConfigurationError, LocationError
from crmmigrate.messages import Message
from crmmigrate.model.database_refusal import advice
from crmmigrate.model.system_words import os_reason

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    import pandas as pd

    from crmmigrate.model.location import Location

    Writer = Callable[["Path", str, Sequence[str], Iterable[pd.DataFrame]], int]

SHEET_ROWS = 1_048_575
"""Rows of data on one sheet of a workbook, below the header."""
SHEET_NAME = 31
CELL_LENGTH = 32_767
BOM = "\ufeff"
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")

_ESCAPE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
"""Excel takes `_x000D_` for a character; the first underscore of a text that only looks so is written as `_x005F_`."""


def write_table(location: Location, columns: Sequence[str], batches: Iterable[pd.DataFrame]) -> int:
    """Write rows to a location, all or none.

    Args:
        location: a `.csv`, `.tsv`, `.xlsx`, `.parquet` or `.jsonl` file, `URL#table`, or `-` for CSV on standard output.
        columns: the columns to write, in order.
        batches: DataFrames of nullable text that have them.

    Returns:
        The number of rows written.

    Raises:
        ConfigurationError: the ending is not known, or a database location names no table.
        LocationError: the place can't be written, the database table has rows already, or a cell is too long for a
            workbook.
    """
    if location.is_stream:
        return _write_stream(columns, batches)
    if location.is_database:
        return _write_database(location, columns, batches)
    writer = writer_for(location)
    with _replacing(location.path) as draft:
        return writer(draft, location.table or location.path.stem, columns, batches)


def copy_table(location: Location, finished: Path) -> None:
    """Copy a Parquet file of text to a `.parquet` location, whole or not at all.

    Raises:
        LocationError: the place can't be written.
    """
    with _replacing(location.path) as draft:
        shutil.copyfile(finished, draft)


def writer_for(location: Location) -> Writer:
    """Return what writes a file of the location's ending.

    Raises:
        ConfigurationError: the ending is not known.
    """
    ending = location.path.suffix.lower()
    if ending not in _WRITERS:
        raise ConfigurationError(
            "target.ending", Message("no table can be written to a file that ends in '{ending}'", ending=ending),
            location.shown, Message("one of: {words}", words=", ".join(_WRITERS)),
        )  # fmt: skip
    return _WRITERS[ending]


@contextlib.contextmanager
def _replacing(path: Path) -> Iterator[Path]:
    """Give a new file beside `path` and put it in its place when it is complete and on the disk."""
    draft = None
    try:
        handle, name = tempfile.mkstemp(prefix=".crmmigrate-", suffix=path.suffix, dir=path.parent)
        os.close(handle)
        draft = Path(name)
        yield draft
        with draft.open("rb+") as file:
            os.fsync(file.fileno())
        draft.chmod(path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~_umask())
        draft.replace(path)
        draft = None
    except OSError as error:
        raise _unwritable(error, str(path)) from error
    finally:
        if draft is not None:
            draft.unlink(missing_ok=True)


def _unwritable(error: OSError, place: str) -> LocationError:
    return LocationError(
        "target.unwritable", Message("the file cannot be written: {why}", why=os_reason(error)), place,
        Message("is there room on the disk, may you write to the folder, and is the file open elsewhere?"),
    )  # fmt: skip


def _umask() -> int:
    current = os.umask(0)
    os.umask(current)
    return current


def _write_csv(path: Path, name: str, columns: Sequence[str], batches: Iterable[pd.DataFrame]) -> int:
    del name
    delimiter = "\t" if path.suffix.lower() == ".tsv" else ","
    with path.open("w", encoding="utf-8", newline="", errors="surrogatepass") as file:
        file.write(BOM)
        return _csv_rows(file, delimiter, columns, batches)


def _csv_rows(file: IO[str], delimiter: str, columns: Sequence[str], batches: Iterable[pd.DataFrame]) -> int:
    """Write header and rows; an empty cell is nothing between its delimiters."""
    import csv

    writer = csv.writer(file, delimiter=delimiter, lineterminator="\r\n")
    writer.writerow(columns)
    rows = 0
    for cells in _rows(columns, batches):
        writer.writerow(cells)
        rows += 1
    return rows


def _rows(columns: Sequence[str], batches: Iterable[pd.DataFrame]) -> Iterator[tuple[str | None, ...]]:
    """Yield the cells of each row, None where they are empty."""
    for frame in batches:
        chosen = frame[list(columns)]
        yield from zip(
            *(chosen[name].astype(object).where(chosen[name].notna(), None) for name in columns), strict=True
        )


def _write_stream(columns: Sequence[str], batches: Iterable[pd.DataFrame]) -> int:
    import io
    import sys

    if sys.stdout is None:  # the process was started without one
        raise _closed()
    out = io.TextIOWrapper(sys.stdout.buffer, encoding="utf-8", newline="", errors="surrogatepass")
    try:
        rows = _csv_rows(out, ",", columns, batches)
        out.flush()
    except BrokenPipeError as error:
        raise _closed() from error
    except OSError as error:
        raise _unwritable(error, "-") from error
    finally:
        with contextlib.suppress(OSError):
            out.detach()
    return rows


def _closed() -> LocationError:
    return LocationError("target.closed", Message("the output was closed before its end"), "-")


def _write_xlsx(path: Path, name: str, columns: Sequence[str], batches: Iterable[pd.DataFrame]) -> int:
    import openpyxl
    from openpyxl.cell import WriteOnlyCell

    book = openpyxl.Workbook(write_only=True)
    title = re.sub(r"[\[\]:*?/\\]", " ", name)[:SHEET_NAME].strip("' ") or "table"
    rows = 0
    sheet: Any = None

    def cell(value: str | None, column: str) -> Any:
        if value is None:
            return None
        text = _ESCAPE.sub("_x005F_", _CONTROL.sub("", value))
        if len(text) * 2 > CELL_LENGTH and len(text.encode("utf-16-le")) // 2 > CELL_LENGTH:
            raise _too_long(f"{title}!{rows % SHEET_ROWS + 2}", column)
        made = WriteOnlyCell(sheet, text)
        made.data_type = "s"
        return made

    for cells in _rows(columns, batches):
        if rows % SHEET_ROWS == 0:
            sheet = _new_sheet(book, title, rows // SHEET_ROWS)
            sheet.append([cell(column, column) for column in columns])
        sheet.append([cell(value, column) for value, column in zip(cells, columns, strict=True)])
        rows += 1
    if sheet is None:
        sheet = _new_sheet(book, title, 0)
        sheet.append([cell(column, column) for column in columns])
    book.save(path)
    return rows


def _too_long(place: str, column: str) -> LocationError:
    return LocationError(
        "target.cell-too-long",
        Message("the text in column '{column}' is too long for a workbook, which holds {limit} characters in a cell",
                column=column[:80], limit=CELL_LENGTH),
        place, Message("write to a file that ends in {endings}", endings=".csv, .parquet, .jsonl"),
    )  # fmt: skip


def _new_sheet(book: Any, title: str, part: int) -> Any:
    suffix = f" ({part + 1})" if part else ""
    sheet = book.create_sheet(title[: SHEET_NAME - len(suffix)] + suffix)
    sheet.freeze_panes = "A2"
    return sheet


def _write_parquet(path: Path, name: str, columns: Sequence[str], batches: Iterable[pd.DataFrame]) -> int:
    del name
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = pa.schema([(column, pa.string()) for column in columns])
    rows = 0
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        for frame in batches:
            table = pa.Table.from_pandas(frame[list(columns)], preserve_index=False).cast(schema)
            writer.write_table(table)
            rows += table.num_rows
    return rows


def _write_jsonl(path: Path, name: str, columns: Sequence[str], batches: Iterable[pd.DataFrame]) -> int:
    del name
    import json

    rows = 0
    with path.open("w", encoding="utf-8", newline="\n", errors="surrogatepass") as file:
        for cells in _rows(columns, batches):
            file.write(json.dumps(dict(zip(columns, cells, strict=True)), ensure_ascii=False) + "\n")
            rows += 1
    return rows


_WRITERS: dict[str, Writer] = {
    ".csv": _write_csv, ".tsv": _write_csv, ".xlsx": _write_xlsx, ".parquet": _write_parquet, ".jsonl": _write_jsonl,
}  # fmt: skip


def _write_database(location: Location, columns: Sequence[str], batches: Iterable[pd.DataFrame]) -> int:
    """Fill a new or empty table in one transaction."""
    import sqlalchemy as sa

    if not location.table:
        raise ConfigurationError(
            "target.no-table-name", Message("a database needs the name of the table to write"), location.shown,
            Message("put it behind '#': {example}", example=f"{location.shown}#customers"),
        )  # fmt: skip
    schema, _, name = location.table.rpartition(".")
    try:
        engine = sa.create_engine(location.url(), poolclass=sa.NullPool)
    except (ImportError, sa.exc.NoSuchModuleError) as error:
        raise ConfigurationError(
            "database.no-driver", Message("the driver for this kind of database is not installed"), location.shown,
            Message("install it, for example: {command}", command='pip install "crmmigrate[postgresql,mysql]"'),
        ) from error  # fmt: skip
    table = sa.Table(name, sa.MetaData(), *(sa.Column(column, sa.Text) for column in columns), schema=schema or None)
    made = False
    try:
        with engine.begin() as connection:
            made = not sa.inspect(connection).has_table(name, schema=schema or None)
            if made:
                table.create(connection)
            elif connection.execute(sa.select(sa.literal(1)).select_from(table).limit(1)).first():
                raise _exists(location)
            return _insert(connection, table, columns, batches)
    except sa.exc.SQLAlchemyError as error:
        if made:
            _drop(engine, table)
        raise _refused(location, error) from error


def _insert(connection: Any, table: Any, columns: Sequence[str], batches: Iterable[pd.DataFrame]) -> int:
    rows = 0
    keys = [f"c{position}" for position in range(len(columns))]
    statement = table.insert().values({column: _parameter(key) for column, key in zip(columns, keys, strict=True)})
    for frame in batches:
        values = [dict(zip(keys, cells, strict=True)) for cells in _rows(columns, (frame,))]
        if values:
            connection.execute(statement, values)
        rows += len(values)
    return rows


def _parameter(key: str) -> Any:
    import sqlalchemy as sa

    return sa.bindparam(key, type_=sa.Text)


def _drop(engine: Any, table: Any) -> None:
    """Take a table away again that MySQL keeps although its transaction failed."""
    from sqlalchemy.exc import SQLAlchemyError

    with contextlib.suppress(SQLAlchemyError):
        table.drop(engine, checkfirst=True)


def _exists(location: Location) -> LocationError:
    return LocationError(
        "target.table-exists", Message("the table has rows already and is not overwritten"), location.shown,
        Message("name another table, or empty this one yourself"),
    )  # fmt: skip


def _refused(location: Location, error: Exception) -> LocationError:
    """Return the error for a database that refuses; its reason without parameters, which are data."""
    import sqlalchemy as sa

    secret = sa.make_url(location.url()).password
    why = (str(getattr(error, "orig", None) or type(error).__name__).strip().splitlines() or ["?"])[0]
    return LocationError(
        "database.unreachable", Message("the database refuses: {why}", why=why.replace(str(secret), "***") if secret else why),
        location.shown, advice(error) or Message("is the server running, and are host, port, database, user and password right?"),
    )  # fmt: skip
