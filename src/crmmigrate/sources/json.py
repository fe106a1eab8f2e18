"""JSON Lines, and JSON files that hold a list of objects. Numbers keep the digits they are written with."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from crmmigrate.errors import LocationError
from crmmigrate.messages import Message
from crmmigrate.model.source import SourceTable
from crmmigrate.sources._frame import column_names, data_columns, frames
from crmmigrate.sources._request import no_rows, too_large, unreadable
from crmmigrate.sources._text import encoding_of, pieces

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

    from crmmigrate.sources._request import Request

TITLE = Message("JSON or JSON Lines")
MAX_ARRAY = 1 << 30
"""Bytes of a file that is one list: it is read at once. JSON Lines has no limit."""


class _Number(str):
    """A number as it is written in the file."""

    __slots__ = ()


_DECODER = json.JSONDecoder(parse_int=_Number, parse_float=_Number, parse_constant=_Number)


def read(request: Request) -> Iterator[SourceTable]:
    """Yield the one table of a JSON file. Columns are the keys of all objects, in the order they first come.

    Raises:
        LocationError: it is not JSON, or not a list of objects.
    """
    request.check_table([request.stem])
    if not request.wants(request.stem):
        return
    encoding = encoding_of(request.path, request.encoding)
    keys: dict[str, None] = {}
    rows = 0
    for record in _records(request, encoding):
        keys.update(dict.fromkeys(record))
        rows += 1
    if not keys:
        raise no_rows(str(request.path))
    names = column_names(list(keys))
    facts = {**request.facts, "format": "json", "encoding": encoding, "rows": rows}

    def batches() -> Iterator[pd.DataFrame]:
        found = enumerate(_records(request, encoding), 1)
        cells = ((str(number), [_text(record.get(key)) for key in keys]) for number, record in found)
        yield from frames(cells, names, f"{request.inside}!")

    yield SourceTable(request.stem, request.inside, data_columns(names), batches, facts)


def _records(request: Request, encoding: str) -> Iterator[dict[str, Any]]:
    number = 0
    try:
        with request.path.open(encoding=encoding, errors="replace") as file:
            first = file.read(1 << 16).lstrip("\ufeff \t\r\n")
        if first.startswith("["):
            yield from _list(request, encoding)
            return
        for number, line in enumerate(pieces(request.path, encoding), 1):
            text = line.strip("\ufeff \t\r\n")
            if text:
                record = _DECODER.decode(text)
                if not isinstance(record, dict):
                    raise _not_objects(f"{request.path}:{number}")
                yield record
    except (json.JSONDecodeError, RecursionError) as error:
        at = number or getattr(error, "lineno", 1)
        raise LocationError(
            "source.json", Message("this is not valid JSON"), f"{request.path}:{at}",
            Message("one object a line, or one list of objects"),
        ) from error  # fmt: skip
    except OSError as error:
        raise unreadable(error, str(request.path)) from error


def _list(request: Request, encoding: str) -> Iterator[dict[str, Any]]:
    if request.path.stat().st_size > MAX_ARRAY:
        raise too_large(Message("the list is larger than {limit} MB", limit=MAX_ARRAY >> 20), str(request.path))
    text = request.path.read_text(encoding=encoding, errors="replace").strip("\ufeff \t\r\n")
    for record in _DECODER.decode(text):
        if not isinstance(record, dict):
            raise _not_objects(str(request.path))
        yield record


def _not_objects(place: str) -> LocationError:
    return LocationError(
        "source.json-shape", Message("objects with names and values are expected here"), place,
        Message("one object a line, or one list of objects"),
    )  # fmt: skip


def _text(value: Any) -> str | None:
    if value is None or type(value) is str:
        return value
    if isinstance(value, _Number):
        return str(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(value, ensure_ascii=False)


def looks_like_json(text: str) -> bool:
    """Whether a text begins as a JSON object or a list of them."""
    return bool(re.match(r'\s*(\[\s*)?\{\s*("([^"\\]|\\.)*"\s*:|\})', text.lstrip("\ufeff")))
