"""Access databases (.mdb, .accdb), through the programs of mdbtools where they are installed.

Source: mdbtools 1.0, manual pages of mdb-tables, mdb-schema and mdb-export.
"""

from __future__ import annotations

import csv
import io
import os
import re
import shutil
import subprocess
import tempfile
from typing import IO, TYPE_CHECKING, Any

from crmmigrate.errors import LocationError
from crmmigrate.messages import Message
from crmmigrate.model.issue import declare_code
from crmmigrate.model.source import SourceTable
from crmmigrate.sources._frame import cell_issue, column_names, data_columns, frames
from crmmigrate.sources._letters import likeliest
from crmmigrate.sources._request import damaged, no_rows

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from pathlib import Path

    import pandas as pd

    from crmmigrate.sources._request import Request

TITLE = Message("Access database")
PROGRAMS = ("mdb-tables", "mdb-schema", "mdb-export")
SECONDS = 60
"""For a question about the structure."""
NULL = "\ufdd0"
"""What mdb-export writes for a cell that is null: no character, so no text is taken for it."""
MAX_CELL = 16 << 20
_NO_DATE = re.compile(r"1900-01-00 \d\d:\d\d:\d\d")
"""What mdb-export writes for a date beyond its reach (after the year 9999, before 100)."""
_CHARSETS = {"gb18030": "GB18030", "big5hkscs": "BIG5-HKSCS", "cp1251": "CP1251", "cp1250": "CP1250", "cp932": "CP932"}
declare_code("source.unreadable-date", Message("mdbtools cannot write the date; look it up in Access"))

_NAME = r"`((?:[^`]|``)+)`"
_PRIMARY = re.compile(rf"^ALTER TABLE {_NAME} ADD PRIMARY KEY \((.+)\);", re.MULTILINE)
_FOREIGN = re.compile(
    rf"^ALTER TABLE {_NAME} ADD CONSTRAINT {_NAME} FOREIGN KEY \((.+)\) REFERENCES {_NAME}\((.+)\)", re.MULTILINE
)


def read(request: Request) -> Iterator[SourceTable]:
    """Yield the tables of an Access database, without those of the system; truth values come as `TRUE` and `FALSE`.

    Raises:
        LocationError: mdbtools is not installed, or the file is damaged.
    """
    path = request.path
    missing = [program for program in PROGRAMS if shutil.which(program) is None]
    if missing:
        raise LocationError(
            "source.no-mdbtools", Message("Access files are read with mdbtools, which is not installed"), str(path),
            Message("Debian, Ubuntu: apt install mdbtools; macOS: brew install mdbtools; "
                    "Windows: in Access, export the tables as .xlsx or CSV"),
        )  # fmt: skip
    charset = _charset(path, request.encoding)
    names = [name for name in _asked(path, charset, "mdb-tables", "-1").splitlines() if name]
    request.check_table(names)
    if not names:
        raise no_rows(str(path))
    keys, links = _keys(_asked(path, charset, "mdb-schema", after=("mysql",)))
    shared = request.facts
    for name in filter(request.wants, names):
        facts = {**shared, "format": "access", "key": keys.get(name, []), "foreign_keys": links.get(name, [])}
        yield _table(request, name, charset, facts)


def _table(request: Request, name: str, charset: str, facts: dict[str, Any]) -> SourceTable:
    inside = f"{request.inside}#{name}"
    rows = _exported(request.path, name, charset)
    names = column_names(next(rows))
    rows.close()

    def batches() -> Iterator[pd.DataFrame]:
        number = 0

        def numbered() -> Iterator[tuple[str, list[str | None]]]:
            nonlocal number
            found = _exported(request.path, name, charset)
            next(found)
            for number, row in enumerate(found, 1):
                for place, cell in enumerate(row):
                    if _NO_DATE.fullmatch(cell):
                        issue = cell_issue(name, f"{inside}!{number}", names[place], "source.unreadable-date", None)
                        table.issues.append(issue)
                        row[place] = NULL
                yield str(number), [None if cell == NULL else cell for cell in row]

        yield from frames(numbered(), names, f"{inside}!")
        facts["rows"] = number

    table = SourceTable(name, inside, data_columns(names), batches, facts)
    return table


def _environment(charset: str) -> dict[str, str]:
    return {**os.environ, "MDBICONV": "UTF-8", "MDB_JET3_CHARSET": charset, "LC_ALL": "C.UTF-8"}


def _charset(path: Path, given: str) -> str:
    """Return what texts of Access 97 are in, which the file does not say; later ones are always Unicode."""
    with path.open("rb") as file:
        version = file.read(0x15)[0x14:]
    if version != b"\0":
        return "CP1252"
    if given:
        return given
    names = _asked(path, "ISO8859-1", "mdb-tables", "-1")
    sample = names
    for name in names.splitlines()[:20]:
        rows = _exported(path, name, "ISO8859-1")
        for row, _ in zip(rows, range(200), strict=False):
            sample += "".join(row)
        rows.close()
    data = sample.encode("latin-1", "ignore")
    return _CHARSETS.get(likeliest(data), "CP1252") if not data.isascii() else "CP1252"


def _asked(path: Path, charset: str, program: str, *options: str, after: tuple[str, ...] = ()) -> str:
    """Return what a program says of the file."""
    try:
        done = subprocess.run(  # noqa: S603 -- a list of arguments, no shell; the program is one of ours
            [program, *options, os.fspath(path.absolute()), *after], capture_output=True, timeout=SECONDS, check=False,
            env=_environment(charset),
        )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        raise damaged(str(path)) from error
    if done.returncode:
        raise damaged(str(path))
    return done.stdout.decode("utf-8", "replace")


def _exported(path: Path, name: str, charset: str) -> Generator[list[str], None, None]:
    """Yield header and rows of a table as mdb-export writes them."""
    command = ["mdb-export", "-0", NULL, "-B", "-b", "strip", "-D", "%Y-%m-%d", "-T", "%Y-%m-%d %H:%M:%S", "-R", "\r\n"]
    csv.field_size_limit(MAX_CELL)
    with (
        tempfile.TemporaryFile() as errors,
        subprocess.Popen(  # noqa: S603 -- a list of arguments, no shell
            [*command, os.fspath(path.absolute()), name], stdout=subprocess.PIPE, stderr=errors,
            env=_environment(charset),
        ) as program,
    ):  # fmt: skip
        output: IO[bytes] = program.stdout  # type: ignore[assignment]
        try:
            yield from csv.reader(io.TextIOWrapper(output, encoding="utf-8", errors="replace", newline=""))
        except csv.Error as error:
            program.kill()
            raise damaged(f"{path}#{name}") from error
        except GeneratorExit:
            program.kill()
            raise
        if program.wait():
            raise damaged(f"{path}#{name}")


def _keys(schema: str) -> tuple[dict[str, list[str]], dict[str, list[dict[str, Any]]]]:
    """Return the primary key and the foreign keys of each table, as a schema in MySQL's words names them."""
    primary = {_plain(table): _names(columns) for table, columns in _PRIMARY.findall(schema)}
    links: dict[str, list[dict[str, Any]]] = {}
    for table, _, columns, other, references in _FOREIGN.findall(schema):
        link = {"columns": _names(columns), "table": _plain(other), "references": _names(references)}
        links.setdefault(_plain(table), []).append(link)
    return primary, links


def _names(listed: str) -> list[str]:
    return [_plain(name) for name in re.findall(_NAME, listed)]


def _plain(name: str) -> str:
    return name.replace("``", "`")
