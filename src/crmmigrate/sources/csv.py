"""Text files with one record a line: any delimiter between the cells, any quoting, any encoding of the trade.

A cell beginning with `=`, `+`, `-` or `@` is taken as it stands.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from dataclasses import asdict
from itertools import islice
from typing import TYPE_CHECKING, Any

from crmmigrate.errors import LocationError
from crmmigrate.messages import Message
from crmmigrate.model.issue import declare_code
from crmmigrate.model.source import SourceTable
from crmmigrate.sources import _asked, _layout
from crmmigrate.sources._blocks import Body, behind_blank_rows, block_of, windowed
from crmmigrate.sources._dialect import Dialect, dialect_of
from crmmigrate.sources._frame import cell_issue, column_names, data_columns, dropped_noter
from crmmigrate.sources._quotes import DELIMITED, OTHER, STRAY, SUSPECT, SWALLOWS, records, usual_width
from crmmigrate.sources._request import CHUNK, no_rows, too_large, unreadable
from crmmigrate.sources._text import SAMPLE, check_lines, encoding_and_doubt, pieces

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pandas as pd

    from crmmigrate.sources._blocks import Block
    from crmmigrate.sources._layout import Layout
    from crmmigrate.sources._quotes import Note
    from crmmigrate.sources._request import Request

TITLE = Message("text file with separated cells")
MAX_CELL = 16 << 20
BLOCK_ROWS = 10_000
MAX_BLANK = 2_000
"""Bytes of a line with nothing in it."""
_BLANK_LINE = re.compile(rb'(?:\n|\r(?!\n))[ \t,;|"]*+[\r\n][\s,;|"]*+([^\s,;|"])?')
"""A line with nothing in it, and all that is empty behind it, so that no byte is looked at twice; then something, if it comes."""
MAX_COLUMNS = 16_384
"""As many as a worksheet has."""

declare_code("source.ragged-row", Message("the row has more or fewer cells than the header"))
declare_code("source.undecodable", Message("some bytes of the cell could not be decoded"))
_CODES = {
    SWALLOWS: declare_code(
        "source.quote-swallows",
        Message("a quotation mark that opens a cell and is not closed takes in the rows behind it"),
    ),
    STRAY: declare_code(
        "source.quote-stray", Message("a quotation mark stands where none may; it was kept in its cell")
    ),
    DELIMITED: declare_code("source.other-delimiter", Message("the row has another delimiter than the file")),
    OTHER: declare_code("source.other-encoding", Message("the row is in another encoding than the rows in UTF-8")),
}
_CODES[SUSPECT] = _CODES[SWALLOWS]


def read(request: Request) -> Iterator[SourceTable]:
    """Yield the tables of a text file: the only one under the file's name, further ones as `name (2)`, ….

    Raises:
        LocationError: it is empty, text in no known encoding, or has a line that no table has.
    """
    name = request.stem
    if not request.wants_some(name):
        request.check_table([name])
        return
    width, facts = _shape(request)
    layouts, said = _layouts(request, facts, width)
    names = _layout.names(name, len(layouts), ())
    if request.table != name:
        request.check_table(names)
    for layout, own in zip(layouts, names, strict=True):
        if request.wants(own) or (request.table == name and not request.patterns):
            found = {**layout.facts, "region": layout.region(layout.last), "tables_on_sheet": len(names)}
            yield _table(request, (own, layout), width, {**facts, **said, **found})


def _shape(request: Request) -> tuple[int, dict[str, Any]]:
    """Return the usual number of cells; encoding, whether that is a guess, and dialect are among the facts."""
    try:
        check_lines(request.path)
        encoding, guessed = encoding_and_doubt(request.path, request.encoding)
        sample, whole = _beginning(request.path, encoding)
        facts = request.facts
    except OSError as error:
        raise unreadable(error, str(request.path)) from error
    if not sample.strip("\ufeff\r\n\t ,;|\x1a"):
        raise no_rows(str(request.path))
    dialect = dialect_of(sample, whole=whole)
    facts |= {"format": "csv", "encoding": encoding, "encoding_guessed": guessed, **asdict(dialect)}
    return usual_width(sample, dialect), facts


def _beginning(path: Path, encoding: str) -> tuple[str, bool]:
    """Return the first lines, and whether they are all."""
    lines: list[str] = []
    size = 0
    for line in pieces(path, encoding):
        lines.append(line)
        size += len(line)
        if size >= SAMPLE // 4:
            return "".join(lines)[: SAMPLE // 4], False
    return "".join(lines), True


def _layouts(request: Request, facts: dict[str, Any], width: int) -> tuple[list[Layout], dict[str, str]]:
    """Return where the tables are, and the pattern of migration.yaml that says so."""
    head = list(islice(_cells(_records(request.path, facts, width)), _layout.LOOK))
    used = Counter(index for _, cells in head for index in cells)
    pattern, said = request.said_of(request.stem)
    if said:
        rows = _cells(_records(request.path, facts, width))
        return _asked.layouts(said, rows, (), used, str(request.path)), {"layout": pattern}
    later = []
    if len(head) == _layout.LOOK and _has_blank_line(request.path, facts["encoding"]):
        records_again = (record for record in _records(request.path, facts, width) if record[1])
        blocks = (block_of(rows) for rows in iter(lambda: list(islice(records_again, BLOCK_ROWS)), []))
        later = behind_blank_rows(blocks, head[-1][0])
    return _layout.find(head, (), used, later), {}


def _has_blank_line(path: Path, encoding: str) -> bool:
    """Whether there may be a blank record in the file; a look at its bytes, that needs no reading of its cells."""
    if encoding.startswith(("utf-16", "utf-32")):
        return True
    rest = b""
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            data = rest + chunk
            rest = data[-MAX_BLANK:]
            for found in _BLANK_LINE.finditer(data):
                if found.group(1):
                    return True
                if found.end() == len(data):
                    rest = b"\n\n"
    return False


def _table(request: Request, found: tuple[str, Layout], width: int, facts: dict[str, Any]) -> SourceTable:
    name, layout = found
    names = column_names(layout.labels, layout.columns)
    where = f"{request.inside}!"
    issues = [cell_issue(name, f"{where}{layout.first}", "", code, None) for code in layout.troubles]
    if facts["encoding_guessed"]:
        issues.append(cell_issue(name, request.inside, "", "source.encoding-guessed", None))
    table = SourceTable(name, request.inside, data_columns(names), lambda: iter(()), facts, issues)

    def told(number: int, code: str, line: str) -> None:
        severity = "error" if code == SWALLOWS else "warning"
        if layout.holds(number, layout.left):
            table.issues.append(cell_issue(name, f"{where}{number}", "", _CODES[code], line or None, severity=severity))

    def batches() -> Iterator[pd.DataFrame]:
        body = Body(layout, note=dropped_noter(table, where))
        blocks = _blocks(_records(request.path, facts, width, told), table, layout, names, width)
        yield from body.frames(windowed(blocks, layout), names, where)
        facts.update(body.facts)

    table.read = batches
    return table


def _records(
    path: Path, facts: dict[str, Any], width: int, note: Note | None = None
) -> Iterator[tuple[int, list[str]]]:
    """Yield number and cells of each record; a blank line counts as one, as in Excel."""
    csv.field_size_limit(MAX_CELL)
    number = 0
    try:
        lines = pieces(path, facts["encoding"])
        dialect = Dialect(facts["delimiter"], facts["quote"], facts["escape"], facts["blank"], facts["quoted"])
        for number, cells in enumerate(records(lines, dialect, width, note), 1):
            if cells == ["\x1a"] or (number == 1 and cells and cells[0].lower() == "sep="):
                continue
            if len(cells) > MAX_COLUMNS:
                raise too_large(Message("a row has more than {limit} cells", limit=MAX_COLUMNS), f"{path}!{number}")
            yield number, cells
    except csv.Error as error:
        raise LocationError(
            "source.too-large", Message("a cell is longer than {limit} characters", limit=MAX_CELL), f"{path}!{number + 1}",
            Message("a quotation mark that is never closed swallows the rest of a file: look for one above this line"),
        ) from error  # fmt: skip
    except OSError as error:
        raise unreadable(error, str(path)) from error


def _cells(records: Iterator[tuple[int, list[str]]]) -> Iterator[tuple[int, dict[int, str]]]:
    for number, cells in records:
        found = {index: text for index, text in enumerate(cells) if text}
        if found:
            yield number, found


def _blocks(
    records: Iterator[tuple[int, list[str]]],
    table: SourceTable,
    layout: _layout.Layout,
    names: tuple[str, ...],
    usual: int,
) -> Iterator[Block]:
    """Gather records into blocks; note those of another length than the header and cells with undecodable bytes."""
    # A column without a label behind the last one is what some rows have too much, unless most rows have it.
    labelled = [index for index, label in zip(layout.columns, layout.labels, strict=True) if label is not None]
    width = max((labelled or layout.columns)[-1] + 1, usual)
    by_index = dict(zip(layout.columns, names, strict=True))
    filled = (record for record in records if record[1])
    while rows := list(islice(filled, BLOCK_ROWS)):
        for number, cells in rows:
            if len(cells) != width and number >= layout.first and layout.holds(number, layout.left):
                _note_ragged(table, number, cells[: layout.right], width)
        block = block_of(rows)
        for number, index, text in _undecodable(block):
            if not layout.holds(number, index):
                continue
            origin = f"{table.file}!{number}"
            table.issues.append(cell_issue(table.name, origin, by_index.get(index, ""), "source.undecodable", text))
        yield block


def _note_ragged(table: SourceTable, number: int, cells: list[str], width: int) -> None:
    """Note a record that is too short, or too long by cells that are not empty."""
    if any(cells) and (len(cells) < width or any(cells[width:])):
        surplus = table.facts["delimiter"].join(cells[width:]) or None
        table.issues.append(cell_issue(table.name, f"{table.file}!{number}", "", "source.ragged-row", surplus))


def _undecodable(block: Block) -> Iterator[tuple[int, int, str]]:
    """Yield row number, column index and text of the cells in which a byte could not be decoded."""
    import numpy as np
    import pyarrow.compute as pc

    for index, column in block.columns.items():
        for position in np.flatnonzero(np.asarray(pc.fill_null(pc.match_substring(column, "\ufffd"), False))):
            yield int(block.numbers[position]), index, column[int(position)].as_py()
