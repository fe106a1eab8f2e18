"""The cells in a piece of a sheet's XML, found with whole-array operations, as a loop over millions of cells takes minutes.

Covers what Excel, WPS, LibreOffice and the usual libraries write; for anything else the answer is None, and the cells are
read one by one.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from crmmigrate.sources._frame import letters

if TYPE_CHECKING:
    from collections.abc import Mapping
    from collections.abc import Set as AbstractSet

MAX_GAPS = 5
_LETTERS = re.compile(rb"[^A-Z].*", re.DOTALL)
_NUMBER = re.compile(rb"""\br=["'](\d+)["']""")


class Found(NamedTuple):
    """The raw cells of some rows, part by part.

    Args:
        rows: number of the row (NumPy).
        columns: index of the column (NumPy).
        attributes: style and type as they are written, ` s="3" t="s"` (Arrow binary).
        values: the stored value, or plain inline text; empty where there is none (Arrow binary).
        rests: content of the cells that need a closer look, by position.
    """

    rows: Any
    columns: Any
    attributes: Any
    values: Any
    rests: Mapping[int, bytes]


class _Tags(NamedTuple):
    """The tags of a piece of XML: its bytes, and for each tag its first and last byte and the two letters of its name."""

    data: Any
    first: Any
    last: Any
    name: Any
    second: Any


def _tags(raw: bytes) -> _Tags | None:
    import numpy as np

    data = np.frombuffer(raw, np.uint8)
    first, last = np.flatnonzero(data == ord("<")), np.flatnonzero(data == ord(">"))
    if len(first) != len(last) or not len(first) or b"<!" in raw or last[-1] != len(data) - 1 - _blank_tail(raw):
        return None
    if (last < first).any() or (first[1:] < last[:-1]).any():
        return None
    return _Tags(data, first, last, data[first + 1], data[np.minimum(first + 2, len(data) - 1)])


def _blank_tail(raw: bytes) -> int:
    return len(raw) - len(raw.rstrip())


def references(tags: _Tags, cells: Any) -> tuple[Any, Any] | None:
    """Return column index of the cell tags at `cells`, and where their reference ends; None where one has none."""
    import numpy as np

    data = tags.data
    at = tags.first[cells] + 3
    if not ((data[at] == ord("r")) & (data[at + 1] == ord("=")) & (data[at + 2] == ord('"'))).all():
        return None
    at = at + 3
    columns = np.zeros(len(cells), np.int64)
    for _ in range(3):
        letter = data[at].astype(np.int64) - 64
        here = (letter >= 1) & (letter <= 26)
        columns = np.where(here, columns * 26 + letter, columns)
        at = at + here
    for _ in range(7):
        here = data[at] - ord("0") < 10  # unsigned: anything below "0" wraps round
        if not here.any():
            break
        at = at + here
    if not ((data[at] == ord('"')) & (columns > 0)).all():
        return None
    return columns - 1, at + 1


def nothing_new(raw: bytes, known: AbstractSet[int]) -> bool:
    """Whether all cells are in known columns for certain; cells of a row stand in order, so the last one tells."""
    most = max(known, default=-1)
    gaps = [index for index in range(most) if index not in known]
    if len(gaps) > MAX_GAPS or any(raw.count(f'<c r="{letters(index)}'.encode()) for index in gaps):
        return False
    seen = set()
    for row in raw.split(b"</row>"):
        at = row.rfind(b'<c r="')
        seen.add(row[at + 6 : at + 9] if at >= 0 else b"A")
    return all(0 <= column_index(_LETTERS.sub(b"", end)) <= most for end in seen)


def column_index(name: bytes) -> int:
    """Return the index of a column (from 0) by its letters; -1 where there are none."""
    index = 0
    for letter in name:
        index = index * 26 + letter - 64
    return index - 1


def used_columns(raw: bytes) -> Any | None:
    """Return the column index of each cell that is not empty."""
    tags = _tags(raw)
    if tags is None:
        return None
    import numpy as np

    cells = np.flatnonzero((tags.name == ord("c")) & (tags.second == ord(" ")))
    cells = cells[(tags.data[tags.last[cells] - 1] != ord("/"))]
    cells = cells[tags.name[np.minimum(cells + 1, len(tags.name) - 1)] != ord("/")]
    found = references(tags, cells)
    return None if found is None else found[0]


def quickly(raw: bytes, last: int) -> Found | None:
    """Return the cells of a piece of XML that consists of whole rows.

    Args:
        raw: the XML.
        last: number of the row before it.
    """
    import numpy as np

    tags = _tags(raw)
    if tags is None:
        return None
    cells = np.flatnonzero((tags.name == ord("c")) & (tags.second == ord(" ")))
    if len(cells) != raw.count(b"<c ") or b"<c>" in raw or b"<row" not in raw:
        return None
    found = references(tags, cells)
    if found is None:
        return None
    columns, at = found
    selfclosed = tags.data[tags.last[cells] - 1] == ord("/")
    attributes = _gathered(raw, at, tags.last[cells] - selfclosed)
    start, stop, plain = _values(tags, cells, selfclosed)
    rows = _row_numbers(raw, tags, cells, last)
    rests = _rests(raw, tags, cells, np.flatnonzero(~plain))
    return (
        None if rows is None or rests is None else Found(rows, columns, attributes, _gathered(raw, start, stop), rests)
    )


def _values(tags: _Tags, cells: Any, selfclosed: Any) -> tuple[Any, Any, Any]:
    """Return where the value of each cell begins and ends, and whether that is all there is in the cell."""
    import numpy as np

    count = len(tags.name)

    def is_tag(shift: int, name: str, second: str) -> Any:
        place = np.minimum(cells + shift, count - 1)
        return (tags.name[place] == ord(name)) & (tags.second[place] == ord(second))

    closed, closed3 = is_tag(1, "/", "c"), is_tag(3, "/", "c")
    value = is_tag(1, "v", ">") & is_tag(2, "/", "v") & closed3
    rich = is_tag(1, "i", "s") & (is_tag(2, "t", ">") | is_tag(2, "t", " ")) & is_tag(3, "/", "t") & is_tag(5, "/", "c")
    open_formula = (is_tag(1, "f", ">") | is_tag(1, "f", " ")) & ~selfclosed
    formula = open_formula & is_tag(2, "/", "f") & is_tag(3, "v", ">") & is_tag(4, "/", "v") & is_tag(5, "/", "c")
    shared = open_formula & is_tag(2, "v", ">") & is_tag(3, "/", "v") & is_tag(4, "/", "c")
    shift = np.select([value, rich | shared, formula], [1, 2, 3], 0)
    holder = np.minimum(cells + shift, count - 1)
    start, stop = tags.last[holder] + 1, tags.first[np.minimum(holder + 1, count - 1)]
    empty = selfclosed | (closed & (tags.last[cells] + 1 == tags.first[np.minimum(cells + 1, count - 1)]))
    simple = (value | rich | ((formula | shared) & (stop > start))) & ~selfclosed
    end = tags.last[cells]
    return np.where(simple, start, end), np.where(simple, stop, end), simple | empty


def _gathered(raw: bytes, start: Any, stop: Any) -> Any:
    """Return the pieces of `raw` from `start` to `stop`, which ascend, as Arrow binary.

    What lies between the pieces are items of an array, too, so that nothing is copied but what is taken.
    """
    import numpy as np
    import pyarrow as pa

    offsets = np.empty(2 * len(start), np.int32)
    offsets[::2], offsets[1::2] = start, stop
    whole = pa.Array.from_buffers(
        pa.binary(), max(len(offsets) - 1, 0), [None, pa.py_buffer(offsets), pa.py_buffer(raw)]
    )
    return whole.take(pa.array(np.arange(0, len(offsets), 2)))


def _row_numbers(raw: bytes, tags: _Tags, cells: Any, last: int) -> Any | None:
    """Return the row number of each cell."""
    import numpy as np

    rows = np.flatnonzero((tags.name == ord("r")) & (tags.second == ord("o")))
    numbers = np.empty(len(rows) + 1, np.int64)
    numbers[0] = max(last, 1)
    for place, (first, end) in enumerate(zip(tags.first[rows].tolist(), tags.last[rows].tolist(), strict=True), 1):
        number = _NUMBER.search(raw, first, end)
        last = int(number.group(1)) if number else last + 1
        numbers[place] = last
    return numbers[np.searchsorted(rows, cells)]


def _rests(raw: bytes, tags: _Tags, cells: Any, odd: Any) -> dict[int, bytes] | None:
    import numpy as np

    if not len(odd):
        return {}
    ends = np.flatnonzero((tags.name == ord("/")) & (tags.second == ord("c")) & (tags.last - tags.first == len("</c")))
    place = np.searchsorted(ends, cells[odd])
    if len(place) and place[-1] >= len(ends):
        return None
    starts, stops = tags.last[cells[odd]] + 1, tags.first[ends[place]]
    return {at: raw[start:stop] for at, start, stop in zip(odd.tolist(), starts.tolist(), stops.tolist(), strict=True)}
