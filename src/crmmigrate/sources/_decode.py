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

    def block(self, found: Sequence[Found]) -> Block:
        """Return the cells as a block of rows."""
        import numpy as np
        import pyarrow as pa

        names, rows, styles, kinds, values, inline, rests = zip(*found, strict=True)
        row_numbers = np.asarray(pa.array(rows, pa.binary()).cast(pa.string()).cast(pa.int64()))
        numbers, place = np.unique(row_numbers, return_inverse=True)
        encoded = pa.array(names, pa.binary()).dictionary_encode()
        indices = np.array([column_index(name) for name in encoded.dictionary.to_pylist()], np.int64)
        columns = indices[np.asarray(encoded.indices)]
        troubles: list[tuple[int, int, str, str]] = []
        parts: list[tuple[Any, Any]] = []
        kind_codes = pa.array(kinds, pa.binary()).dictionary_encode()
        known = kind_codes.dictionary.to_pylist()
        codes = np.asarray(kind_codes.indices)
        value_array = pa.array(values, pa.binary())
        has_value = np.asarray(pa.compute.binary_length(value_array)) > 0
        for code, kind in enumerate(known):
            simple = np.flatnonzero((codes == code) & has_value)
            if len(simple):
                taken = value_array.take(pa.array(simple))
                if kind == b"s":
                    parts.append((simple, self._shared(taken)))
                elif kind in (b"", b"n"):
                    parts += self._numbers(simple, taken, styles, troubles)
                else:
                    parts.append((simple, pa.array([_other(kind, raw) for raw in taken.to_pylist()], pa.string())))
                    if kind == b"e":
                        troubles += [(int(at), -1, "source.error-cell", values[at].decode()) for at in simple]
        texts = [position for position, text in enumerate(inline) if text]
        if texts:
            parts.append((np.array(texts), plain_texts([inline[position] for position in texts])))
        odd = [position for position, rest in enumerate(rests) if rest]
        if odd:
            parts.append((np.array(odd), pa.array([self._odd(found[at], at, troubles) for at in odd], pa.string())))
        located = [(int(row_numbers[at]), int(columns[at]), code, text) for at, _, code, text in troubles]
        return Block(numbers, _columns(parts, columns, place, len(numbers)), sorted(located))

    def _shared(self, values: Any) -> Any:
        import pyarrow as pa

        return self._texts.take(values.cast(pa.string()).cast(pa.int64())).cast(pa.string())

    def _numbers(
        self, at: Any, values: Any, styles: Sequence[bytes], troubles: list[tuple[int, int, str, str]]
    ) -> list[tuple[Any, Any]]:
        """Return positions and texts of numbers, style by style."""
        import numpy as np
        import pyarrow as pa
        import pyarrow.compute as pc

        encoded = pa.array([styles[position] for position in at], pa.binary()).dictionary_encode()
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

    def _seen(
        self, at: Any, numbers: Any, shown: NumberFormat, troubles: list[tuple[int, int, str, str]]
    ) -> Any:
        """Return how numbers of one format are seen, worked out once per distinct number."""
        import numpy as np
        import pyarrow as pa

        encoded = numbers.dictionary_encode()
        answers = [seen(raw.strip(), shown, date1904=self._date1904) for raw in encoded.dictionary.to_pylist()]
        lost = np.array([damaged for _, damaged in answers], bool)
        codes = np.asarray(encoded.indices)
        troubles += [
            (int(at[place]), -1, "source.number-precision-lost", answers[codes[place]][0])
            for place in np.flatnonzero(lost[codes])
        ]
        return pa.array([text for text, _ in answers], pa.string()).take(encoded.indices)

    def _odd(self, cell: Found, at: int, troubles: list[tuple[int, int, str, str]]) -> str | None:
        """Return the text of a cell with a formula, with formatted inline text, or written in an unusual way."""
        _, _, style, kind, _, _, rest = cell
        if kind == b"inlineStr":
            return rich_text(rest)
        inside = _VALUE.search(rest)
        value = inside.group(1) if inside else b""
        if not value:
            if kind != b"str" and _FORMULA.search(rest):
                troubles.append((at, -1, "source.formula-without-value", ""))
            return None
        if kind == b"s":
            return str(self._texts[int(value)].as_py())
        if kind in (b"", b"n"):
            position = int(style) if style else 0
            shown = self._formats[position] if position < len(self._formats) else PLAIN
            text, lost = seen(value.decode("ascii", "replace").strip(), shown, date1904=self._date1904)
            if lost:
                troubles.append((at, -1, "source.number-precision-lost", text))
            return text
        if kind == b"e":
            troubles.append((at, -1, "source.error-cell", value.decode("utf-8", "replace")))
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
