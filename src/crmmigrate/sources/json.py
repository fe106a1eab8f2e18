"""JSON Lines, lists of objects, and objects with lists of objects inside. Numbers keep the digits they are written with.

Objects in objects are taken apart (`address.city`); lists in objects stay JSON. A list is read in a stream, however long.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from crmmigrate.errors import LocationError
from crmmigrate.messages import Message
from crmmigrate.model.issue import declare_code
from crmmigrate.model.source import SourceTable
from crmmigrate.sources._frame import cell_issue, column_names, data_columns, frames
from crmmigrate.sources._json import (
    MAX_VALUE,
    Object,
    Stream,
    TooLarge,
    doubled,
    elements,
    flat,
    lists_ahead,
    lists_in,
    values,
    written,
)  # fmt: skip
from crmmigrate.sources._request import no_rows, too_large, unreadable
from crmmigrate.sources._text import encoding_of, opened

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pandas as pd

    from crmmigrate.sources._request import Request

    Path_ = tuple[str, ...]

TITLE = Message("JSON or JSON Lines")
MAX_COLUMNS = 16_384
"""As many as a worksheet has."""
MAX_NAMES = 50
"""Told of what stands beside the lists."""

declare_code("source.json-duplicate-name", Message("a name stands twice in one object; the last value was taken"))
declare_code(
    "source.json-beside", Message("values beside the lists of objects come into no table; these are their names")
)
declare_code("source.undecodable", Message("some bytes of the cell could not be decoded"))


def read(request: Request) -> Iterator[SourceTable]:
    """Yield the tables of a JSON file: its one list, its lines, or each list of objects inside its one object.

    Columns are the names in all objects, in the order they first come.

    Raises:
        LocationError: it is not JSON, or not made of objects.
    """
    try:
        encoding = encoding_of(request.path, request.encoding)
        # Before the file's sum is made: what is refused is refused at once.
        found = list(_asked(request, encoding, _paths))
        facts = {**request.facts, "format": "json", "encoding": encoding}
    except OSError as error:
        raise unreadable(error, str(request.path)) from error
    paths = [path for path, is_list in found if is_list]
    others = [".".join(path) for path, is_list in found if path and not is_list]
    beside = ", ".join(others[:MAX_NAMES]) + (", …" if len(others) > MAX_NAMES else "")
    several = len(paths) > 1
    tables = {".".join(path) if several and path else request.stem: path for path in paths}
    request.check_table(tables)
    for name, path in tables.items():
        if request.wants(name):
            yield _table(request, name, path, {**facts, **({"list": ".".join(path)} if path else {})}, beside)


def _table(request: Request, name: str, path: Path_ | None, facts: dict[str, Any], beside: str) -> SourceTable:
    columns: dict[Path_, None] = {}
    rows = 0
    for record in _records(request, path, facts["encoding"]):
        columns.update((leaf, None) for leaf, _ in flat(record))
        rows += 1
        if len(columns) > MAX_COLUMNS:
            limit = Message("the objects have more than {limit} different names", limit=MAX_COLUMNS)
            raise too_large(limit, f"{request.path}!{rows}")
    if not columns:
        raise no_rows(str(request.path))
    names = column_names([".".join(leaf) for leaf in columns])
    inside = request.inside if name == request.stem else f"{request.inside}#{name}"
    issues = [cell_issue(name, inside, "", "source.json-beside", beside)] if beside else []
    table = SourceTable(name, inside, data_columns(names), lambda: iter(()), {**facts, "rows": rows}, issues)

    def cells() -> Iterator[tuple[str, list[str | None]]]:
        for number, record in enumerate(_records(request, path, facts["encoding"]), 1):
            found = dict(flat(record))
            row = [written(found.get(leaf)) for leaf in columns]
            for column in doubled(record):
                table.issues.append(cell_issue(name, f"{inside}!{number}", column, "source.json-duplicate-name", None))
            for column, cell in zip(names, row, strict=True):
                if cell and "\ufffd" in cell:
                    table.issues.append(cell_issue(name, f"{inside}!{number}", column, "source.undecodable", cell))
            yield str(number), row

    def batches() -> Iterator[pd.DataFrame]:
        yield from frames(cells(), names, f"{inside}!")

    table.read = batches
    return table


def _records(request: Request, path: Path_ | None, encoding: str) -> Iterator[Object]:
    """Yield the objects of the list at `path`, or those one after another where it is None."""

    def found(stream: Stream) -> Iterator[Object]:
        for number, record in enumerate(values(stream) if path is None else elements(stream, path), 1):
            if not isinstance(record, Object):
                raise _not_objects(request, stream.line if path is None else 0, number)
            yield record
        if path == () and stream.peek():
            raise json.JSONDecodeError("more follows", "", 0)

    yield from _asked(request, encoding, found)


def _paths(stream: Stream) -> Iterator[tuple[Path_ | None, bool]]:
    """Yield where the lists are: () for a file that is one, None for objects one after another.

    What stands beside lists is among them, with False.
    """
    if stream.peek() != "{":
        yield (), True
        return
    try:
        first = stream.value()
    except TooLarge:
        found = dict(lists_ahead(stream))
        if stream.peek() or not any(found.values()):
            raise
    else:
        lists = lists_in(first)
        if stream.peek() or not lists:
            yield None, True
            return
        found = {leaf: False for leaf, value in flat(first) if value not in (None, "", [], {})}
        found |= dict.fromkeys(lists, True)
    yield from found.items()


def _asked(request: Request, encoding: str, ask: Callable[[Stream], Iterator[Any]]) -> Iterator[Any]:
    """Ask something of the file's stream; what goes wrong is told with its place."""
    stream: Stream | None = None
    try:
        with opened(request.path, encoding) as file:
            stream = Stream(file)
            yield from ask(stream)
    except (json.JSONDecodeError, RecursionError) as error:
        deep = isinstance(error, RecursionError)
        raise LocationError(
            "source.json-deep" if deep else "source.json",
            Message("objects stand in objects too deep") if deep else Message("this is not valid JSON"),
            f"{request.path}:{stream.line if stream else 1}", Message("one object a line, or one list of objects"),
        ) from error  # fmt: skip
    except TooLarge as error:
        place = f"{request.path}:{stream.line if stream else 1}"
        raise too_large(Message("a line is longer than {limit} characters", limit=MAX_VALUE), place) from error
    except OSError as error:
        raise unreadable(error, str(request.path)) from error


def _not_objects(request: Request, line: int, number: int) -> LocationError:
    with request.path.open("rb") as file:
        contact = re.match(rb'[\s\xef\xbb\xbf\[]*"vcard"', file.read(1000))
    if contact:
        return LocationError(
            "file.jcard", Message("this is an address book in JSON (jCard), which is not read"), str(request.path),
            Message("export it as vCard 3.0 (.vcf)"),
        )  # fmt: skip
    return LocationError(
        "source.json-shape", Message("objects with names and values are expected here"),
        f"{request.path}:{line}" if line else f"{request.path}!{number}",
        Message("one object a line, or one list of objects"),
    )  # fmt: skip


def looks_like_json(text: str) -> bool:
    """Whether a text begins as a JSON object or a list of them."""
    return bool(re.match(r'\s*(\[\s*)?\{\s*("([^"\\]|\\.)*"\s*:|\})|\s*\[+\s*"vcard"', text.lstrip("\ufeff")))
