"""From the cells of a sheet's XML to columns of text: what a person saw."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from crmmigrate.sources._blocks import Block
from crmmigrate.sources._cells import Found, column_index
from crmmigrate.sources._numbers import PLAIN, NumberFormat, seen
from crmmigrate.sources._workbook import plain_text, plain_texts, rich_text

if TYPE_CHECKING:
    from collections.abc import Sequence

_VALUE = re.compile(rb"<(?:\w+:)?v(?:\s[^>]*)?>([^<]*)</(?:\w+:)?v>")
_FORMULA = re.compile(rb"<(?:\w+:)?f[\s/>]")
_AS_IT_STANDS = r"^-?(0|[1-9]\d{0,14})$|^-?(0|[1-9]\d{0,9})\.\d{0,3}[1-9]$"
"""Numbers whose text is the same in the file and on the screen; at most 15 digits."""


Trouble = tuple[int, str, str]
"""Position of a cell among those found, issue code, and its text."""


class Decoder:
    """Turns cells into text.

    Args:
        texts: the shared strings (Arrow text).
        formats: the number format of each style.
        date1904: whether the workbook counts days from 1904.
    """

    def __init__(self, texts: Any, formats: Sequence[NumberFormat], *, date1904: bool) -> None:
        self._texts = texts
        self._formats = formats
        self._date1904 = date1904

    def block(self, found: Found) -> Block:
        """Return the cells as a block of rows."""
        import numpy as np
        import pyarrow as pa

        row_numbers = np.asarray(pa.array(found.rows, pa.binary()).cast(pa.string()).cast(pa.int64()))
        numbers, place = np.unique(row_numbers, return_inverse=True)
        names = pa.array(found.names, pa.binary()).dictionary_encode()
        columns = np.array([column_index(name) for name in names.dictionary.to_pylist()], np.int64)[
            np.asarray(names.indices)
        ]
        troubles: list[Trouble] = []
        parts = self._simple(found, troubles)
        inline = [position for position, text in enumerate(found.inline) if text]
        if inline:
            parts.append((np.array(inline), plain_texts([found.inline[position] or b"" for position in inline])))
        odd = [position for position, rest in enumerate(found.rests) if rest]
        if odd:
            parts.append((np.array(odd), pa.array([self._odd(found, at, troubles) for at in odd], pa.string())))
        located = sorted((int(row_numbers[at]), int(columns[at]), code, text) for at, code, text in troubles)
        return Block(numbers, _columns(parts, columns, place, len(numbers)), located)

    def _simple(self, found: Found, troubles: list[Trouble]) -> list[tuple[Any, Any]]:
        """Return positions and texts of the cells with a plain value, type by type."""
        import numpy as np
        import pyarrow as pa
        import pyarrow.compute as pc

        parts: list[tuple[Any, Any]] = []
        kinds = pc.fill_null(pa.array(found.kinds, pa.binary()), b"").dictionary_encode()
        codes = np.asarray(kinds.indices)
        values = pa.array(found.values, pa.binary())
        filled = np.asarray(pc.fill_null(pc.binary_length(values), 0)) > 0
        for code, kind in enumerate(kinds.dictionary.to_pylist()):
            at = np.flatnonzero((codes == code) & filled)
            if not len(at):
                continue
            taken = values.take(pa.array(at))
            if kind == b"s":
                parts.append((at, self._shared(taken)))
            elif kind in (b"", b"n"):
                parts += self._numbers(at, taken, found.styles, troubles)
            else:
                texts = [_other(kind, raw) for raw in taken.to_pylist()]
                parts.append((at, pa.array(texts, pa.string())))
                if kind == b"e":
                    troubles += [(int(place), "source.error-cell", text) for place, text in zip(at, texts, strict=True)]
        return parts

    def _shared(self, values: Any) -> Any:
        import pyarrow as pa

        return self._texts.take(values.cast(pa.string()).cast(pa.int64())).cast(pa.string())

    def _numbers(
        self, at: Any, values: Any, styles: Sequence[bytes | None], troubles: list[Trouble]
    ) -> list[tuple[Any, Any]]:
        """Return positions and texts of numbers, style by style."""
        import numpy as np
        import pyarrow as pa
        import pyarrow.compute as pc

        encoded = pa.array([styles[position] or b"" for position in at], pa.binary()).dictionary_encode()
        style_codes = np.asarray(encoded.indices)
        numbers = values.cast(pa.string())
        plain_already = np.asarray(pc.match_substring_regex(numbers, _AS_IT_STANDS))
        parts: list[tuple[Any, Any]] = []
        for code, style in enumerate(encoded.dictionary.to_pylist()):
            position = int(style) if style else 0
            shown = self._formats[position] if position < len(self._formats) else PLAIN
            here = style_codes == code
            done = here & plain_already if shown.kind == "plain" else np.zeros(len(here), bool)
            if done.any():
                parts.append((at[done], numbers.filter(pa.array(done))))
            rest = here & ~done
            if rest.any():
                parts.append((at[rest], self._seen(at[rest], numbers.filter(pa.array(rest)), shown, troubles)))
        return parts

    def _seen(self, at: Any, numbers: Any, shown: NumberFormat, troubles: list[Trouble]) -> Any:
        """Return how numbers of one format are seen, worked out once per distinct number."""
        import numpy as np
        import pyarrow as pa

        encoded = numbers.dictionary_encode()
        answers = [seen(raw.strip(), shown, date1904=self._date1904) for raw in encoded.dictionary.to_pylist()]
        lost = np.array([damaged for _, damaged in answers], bool)
        codes = np.asarray(encoded.indices)
        troubles += [
            (int(at[place]), "source.number-precision-lost", answers[codes[place]][0])
            for place in np.flatnonzero(lost[codes])
        ]
        return pa.array([text for text, _ in answers], pa.string()).take(encoded.indices)

    def _odd(self, found: Found, at: int, troubles: list[Trouble]) -> str | None:
        """Return the text of a cell with a formula, with formatted inline text, or written in an unusual way."""
        style, kind, rest = found.styles[at], found.kinds[at] or b"", found.rests[at] or b""
        if kind == b"inlineStr":
            return rich_text(rest)
        inside = _VALUE.search(rest)
        value = inside.group(1) if inside else b""
        if not value:
            if kind != b"str" and _FORMULA.search(rest):
                troubles.append((at, "source.formula-without-value", ""))
            return None
        if kind == b"s":
            return str(self._texts[int(value)].as_py())
        if kind in (b"", b"n"):
            position = int(style) if style else 0
            shown = self._formats[position] if position < len(self._formats) else PLAIN
            text, lost = seen(value.decode("ascii", "replace").strip(), shown, date1904=self._date1904)
            if lost:
                troubles.append((at, "source.number-precision-lost", text))
            return text
        if kind == b"e":
            troubles.append((at, "source.error-cell", value.decode("utf-8", "replace")))
        return _other(kind, value)


def _other(kind: bytes, value: bytes) -> str:
    """Return the text of a boolean, a date in ISO form, an error, or the text of a formula."""
    if kind == b"b":
        return "TRUE" if value.strip() in (b"1", b"true") else "FALSE"
    if kind == b"d":
        return plain_text(value).replace("T", " ").removesuffix(" 00:00:00")
    return plain_text(value)


def _columns(parts: Sequence[tuple[Any, Any]], columns: Any, place: Any, rows: int) -> dict[int, Any]:
    """Put texts into columns: `parts` are positions of cells and their texts, `columns` and `place` say where each is."""
    import numpy as np
    import pyarrow as pa

    if not parts:
        return {}
    positions = np.concatenate([at for at, _ in parts])
    texts = pa.concat_arrays([text for _, text in parts])
    found_columns, found_rows = columns[positions], place[positions]
    result: dict[int, Any] = {}
    for index in np.unique(found_columns):
        here = np.flatnonzero(found_columns == index)
        source = np.full(rows, -1, np.int64)
        source[found_rows[here]] = here
        result[int(index)] = texts.take(pa.array(source, mask=source < 0))
    return result
