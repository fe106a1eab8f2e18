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


class Pieces(NamedTuple):
    """Pieces of XML, which are copied only when they are taken.

    Args:
        whole: the XML, cut at the beginning and the end of each piece: every other item is one (Arrow binary).
        lengths: of the pieces, in bytes (NumPy).
    """

    whole: Any
    lengths: Any

    def take(self, at: Any) -> Any:
        """Return the pieces at positions `at` (NumPy) as Arrow binary."""
        import pyarrow as pa

        return self.whole.take(pa.array(2 * at))


def pieces(raw: bytes, start: Any, stop: Any) -> Pieces:
    """Return the pieces of `raw` from `start` to `stop`, which ascend."""
    import numpy as np
    import pyarrow as pa

    offsets = np.empty(2 * len(start), np.int32)
    offsets[::2], offsets[1::2] = start, stop
    whole = pa.Array.from_buffers(
        pa.binary(), max(len(offsets) - 1, 0), [None, pa.py_buffer(offsets), pa.py_buffer(raw)]
    )
    return Pieces(whole, stop - start)


class Found(NamedTuple):
    """The raw cells of some rows, part by part.

    Args:
        rows: number of the row (NumPy).
        columns: index of the column (NumPy).
        attributes: style and type as they are written, ` s="3" t="s"` (Arrow binary).
        values: the stored value, or plain inline text; empty where there is none.
        rests: content of the cells that need a closer look, by position.
    """

    rows: Any
    columns: Any
    attributes: Any
    values: Pieces
    rests: Mapping[int, bytes]


class _Tags(NamedTuple):
    """The tags of a piece of XML: its bytes, first and last byte of each tag, and the two letters its name begins with.

    The kinds are followed by some zeros, so that those behind a tag can be asked for.
    """

    data: Any
    first: Any
    last: Any
    kind: Any


BEHIND = 5
"""Tags behind that of a cell that are looked at."""


def _kind(letters: bytes) -> int:
    return int.from_bytes(letters, "big")


def _tags(raw: bytes) -> _Tags | None:
    import numpy as np

    data = np.frombuffer(raw, np.uint8)
    ends = np.flatnonzero(data & 0xFD == ord("<"))  # "<" is 0x3C, ">" is 0x3E
    if not len(ends) or len(ends) % 2 or b"<!" in raw or ends[-1] != len(data) - 1 - _blank_tail(raw):
        return None
    first, last = ends[::2].copy(), ends[1::2].copy()
    if (data[first] != ord("<")).any() or (data[last] != ord(">")).any():
        return None
    kind = np.zeros(len(first) + BEHIND, np.uint16)
    kind[: len(first)] = data[first + 1].astype(np.uint16) << 8 | data.take(first + 2, mode="clip")
    return _Tags(data, first, last, kind)


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

    cells = np.flatnonzero(tags.kind == _kind(b"c "))
    cells = cells[(tags.data[tags.last[cells] - 1] != ord("/"))]
    cells = cells[tags.kind[cells + 1] >> 8 != ord("/")]
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
    cells = np.flatnonzero(tags.kind == _kind(b"c "))
    if (tags.kind == _kind(b"c>")).any() or b"<row" not in raw:
        return None
    found = references(tags, cells)
    if found is None:
        return None
    columns, at = found
    selfclosed = tags.data[tags.last[cells] - 1] == ord("/")
    rows = np.flatnonzero(tags.kind == _kind(b"ro"))
    open_rows = rows[tags.data[tags.last[rows] - 1] != ord("/")]
    if not (_closed(tags, cells[~selfclosed], b"/c") and _closed(tags, open_rows, b"/row")):
        return None
    attributes = pieces(raw, at, tags.last[cells] - selfclosed).take(np.arange(len(cells)))
    start, stop, plain = _values(tags, cells, selfclosed)
    rests = _rests(raw, tags, cells, np.flatnonzero(~plain))
    if rests is None:
        return None
    return Found(_row_numbers(raw, tags, (rows, cells), last), columns, attributes, pieces(raw, start, stop), rests)


def _values(tags: _Tags, cells: Any, selfclosed: Any) -> tuple[Any, Any, Any]:
    """Return where the value of each cell begins and ends, and whether that is all there is in the cell."""
    import numpy as np

    behind = [tags.kind[cells + shift] for shift in range(BEHIND + 1)]

    def is_tag(shift: int, letters: bytes) -> Any:
        return behind[shift] == _kind(letters)

    closed = is_tag(1, b"/c")
    value = is_tag(1, b"v>") & is_tag(2, b"/v") & is_tag(3, b"/c")
    rich = is_tag(1, b"is") & (is_tag(2, b"t>") | is_tag(2, b"t ")) & is_tag(3, b"/t") & is_tag(5, b"/c")
    open_formula = (is_tag(1, b"f>") | is_tag(1, b"f ")) & ~selfclosed
    formula = open_formula & is_tag(2, b"/f") & is_tag(3, b"v>") & is_tag(4, b"/v") & is_tag(5, b"/c")
    shared = open_formula & is_tag(2, b"v>") & is_tag(3, b"/v") & is_tag(4, b"/c")
    holder = cells + (value + 2 * (rich | shared) + 3 * formula)
    start, stop = tags.last.take(holder, mode="clip") + 1, tags.first.take(holder + 1, mode="clip")
    end = tags.last[cells]
    empty = selfclosed | (closed & (end + 1 == tags.first.take(cells + 1, mode="clip")))
    simple = (value | rich | ((formula | shared) & (stop > start))) & ~selfclosed
    return np.where(simple, start, end), np.where(simple, stop, end), simple | empty


def _closed(tags: _Tags, begun: Any, end: bytes) -> bool:
    """Whether each of the tags at `begun` is closed, by the tag `end`, before the next of them begins."""
    import numpy as np

    ends = np.flatnonzero(tags.kind == _kind(end[:2]))
    if len(ends) != len(begun):  # names that begin alike: </color>, </rPr>
        ends = ends[tags.last[ends] - tags.first[ends] == len(end) + 1]
        ends = ends[tags.data[tags.first[ends] + len(end)] == end[-1]]
    return len(ends) == len(begun) and bool((begun < ends).all() and (ends[:-1] < begun[1:]).all())


def _row_numbers(raw: bytes, tags: _Tags, at: tuple[Any, Any], last: int) -> Any:
    """Return the row number of each cell; `at` is where the tags of rows and of cells are."""
    import numpy as np

    rows, cells = at
    numbers = np.empty(len(rows) + 1, np.int64)
    numbers[0] = max(last, 1)
    written = _written_numbers(tags, rows)
    if written is not None:
        numbers[1:] = written
        return numbers[np.searchsorted(rows, cells)]
    for place, (first, end) in enumerate(zip(tags.first[rows].tolist(), tags.last[rows].tolist(), strict=True), 1):
        number = _NUMBER.search(raw, first, end)
        last = int(number.group(1)) if number else last + 1
        numbers[place] = last
    return numbers[np.searchsorted(rows, cells)]


def _written_numbers(tags: _Tags, rows: Any) -> Any | None:
    """Return the numbers of the row tags at `rows`; None where one of them does not begin with its number."""
    import numpy as np

    at = tags.first[rows] + len("<row ")
    for letter in 'r="':
        if (tags.data.take(at, mode="clip") != ord(letter)).any():
            return None
        at = at + 1
    numbers = np.zeros(len(rows), np.int64)
    for _ in range(7):
        digit = tags.data[at] - ord("0")
        here = digit < 10  # unsigned: anything below "0" wraps round
        numbers = np.where(here, numbers * 10 + digit, numbers)
        at = at + here
    return numbers if ((tags.data[at] == ord('"')) & (numbers > 0)).all() else None


def _rests(raw: bytes, tags: _Tags, cells: Any, odd: Any) -> dict[int, bytes] | None:
    import numpy as np

    if not len(odd):
        return {}
    ends = np.flatnonzero(tags.kind == _kind(b"/c"))
    ends = ends[tags.last[ends] - tags.first[ends] == len("</c")]
    place = np.searchsorted(ends, cells[odd])
    if len(place) and place[-1] >= len(ends):
        return None
    starts, stops = tags.last[cells[odd]] + 1, tags.first[ends[place]]
    return {at: raw[start:stop] for at, start, stop in zip(odd.tolist(), starts.tolist(), stops.tolist(), strict=True)}
