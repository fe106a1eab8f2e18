"""From the cells of a sheet's XML to columns of text: what a person saw."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from crmmigrate.messages import Message
from crmmigrate.sources._blocks import Block
from crmmigrate.sources._numbers import PLAIN, NumberFormat, seen
from crmmigrate.sources._request import too_large
from crmmigrate.sources._scan import Found
from crmmigrate.sources._workbook import plain_markup, plain_text, plain_texts, rich_text

if TYPE_CHECKING:
    from collections.abc import Sequence

_VALUE = re.compile(rb"<(?:\w+:)?v(?:\s[^>]*)?>([^<]*)</(?:\w+:)?v>")
_FORMULA = re.compile(rb"<(?:\w+:)?f[\s/>]")
_TAGS = re.compile(rb"<(?:\w+:)?f\b[^>]*(?<!/)>.*?</(?:\w+:)?f>|<[^>]*>", re.DOTALL)
_ATTRIBUTE = re.compile(rb"""\s(s|t)=(?:"([^"]*)"|'([^']*)')""")
MAX_KNOWN = 100_000
MAX_SHARED = 256 << 20
"""Bytes of the shared texts of a piece of a sheet."""
_AS_IT_STANDS = r"^-?(0|[1-9]\d{0,14})$|^-?(0|[1-9]\d{0,9})\.\d{0,3}[1-9]$"
"""Numbers whose text is the same in the file and on the screen; at most 15 digits."""
_FIRST_DAY, _LAST_DAY = 61, 2_958_465
"""1900-03-01 and 9999-12-31."""
_EPOCH = 25_569
"""1970-01-01, from which Arrow counts."""
_DAYS_1904 = 1_462
"""By how much less workbooks that begin in 1904 count."""


Trouble = tuple[int, str, str]
"""Position of a cell among those found, issue code, and its text."""


class Decoder:
    """Turns cells into text.

    Args:
        texts: the shared strings (Arrow text).
        formats: the number format of each style.
        date1904: whether the workbook counts days from 1904.
        place: of the workbook, for errors.
    """

    def __init__(self, texts: Any, formats: Sequence[NumberFormat], *, date1904: bool, place: str = "") -> None:
        self._texts = texts
        self._lengths = _lengths(texts)
        self._place = place
        self._formats = formats
        self._date1904 = date1904
        self._known: dict[bytes, tuple[bytes, NumberFormat]] = {}
        self._seen_before: dict[NumberFormat, dict[str, tuple[str, bool]]] = {}

    def block(self, found: Found) -> Block:
        """Return the cells as a block of rows."""
        import numpy as np
        import pyarrow as pa

        numbers, place = _ranked(found.rows)
        columns = found.columns
        troubles: list[Trouble] = []
        parts = self._simple(found, troubles)
        if found.rests:
            texts = [self._odd(found, at, rest, troubles) for at, rest in found.rests.items()]
            parts.append((np.fromiter(found.rests, np.int64, len(texts)), pa.array(texts, pa.string())))
        located = sorted((int(found.rows[at]), int(columns[at]), code, text) for at, code, text in troubles)
        return Block(numbers, _columns(parts, columns, place, len(numbers)), located)

    def _simple(self, found: Found, troubles: list[Trouble]) -> list[tuple[Any, Any]]:
        """Return positions and texts of the cells with a plain value, one style and type after the other."""
        import numpy as np
        import pyarrow as pa

        parts: list[tuple[Any, Any]] = []
        attributes = found.attributes.dictionary_encode()
        codes = np.asarray(attributes.indices)
        filled = found.values.lengths > 0
        for code, written in enumerate(attributes.dictionary.to_pylist()):
            at = np.flatnonzero((codes == code) & filled)
            if not len(at):
                continue
            kind, shown = self._meaning(written)
            taken = found.values.take(at)
            if kind == b"s":
                texts = self._shared(taken)
            elif kind in (b"", b"n"):
                texts = self._numbers(at, taken.cast(pa.string()), shown, troubles)
            elif kind in (b"inlineStr", b"str"):
                texts = plain_texts(taken)
            else:
                texts = pa.array([_other(kind, raw) for raw in taken.to_pylist()], pa.string())
                if kind == b"e":
                    troubles += [(int(where), "source.error-cell", raw.decode())
                                 for where, raw in zip(at, taken.to_pylist(), strict=True)]  # fmt: skip
            parts.append((at, texts))
        return parts

    def _meaning(self, attributes: bytes) -> tuple[bytes, NumberFormat]:
        """Return type and number format of a cell from its attributes."""
        known = self._known.get(attributes)
        if known is None:
            given = {name: double or single for name, double, single in _ATTRIBUTE.findall(attributes)}
            style = given.get(b"s", b"")
            position = int(style) if style.isdigit() else 0
            shown = self._formats[position] if position < len(self._formats) else PLAIN
            known = given.get(b"t", b""), shown
            if len(self._known) < MAX_KNOWN:
                self._known[attributes] = known
        return known

    def _shared(self, values: Any) -> Any:
        """Return shared strings by their index.

        Raises:
            LocationError: a text is repeated until it fills the memory, which a small file can ask for.
        """
        import numpy as np
        import pyarrow as pa

        indices = values.cast(pa.string()).cast(pa.int64())
        if len(indices) and int(self._lengths[np.asarray(indices)].sum()) > MAX_SHARED:
            raise too_large(Message("a cell of the sheet is too large"), self._place)
        return self._texts.take(indices).cast(pa.string())

    def _numbers(self, at: Any, numbers: Any, shown: NumberFormat, troubles: list[Trouble]) -> Any:
        """Return how numbers of one format are seen; most stand in the file as they do on the screen."""
        import numpy as np
        import pyarrow as pa
        import pyarrow.compute as pc

        if shown.kind != "plain":
            return self._seen(at, numbers, shown, troubles)
        done = pc.match_substring_regex(numbers, _AS_IT_STANDS)
        rest = np.flatnonzero(~np.asarray(done))
        if not len(rest):
            return numbers
        mended = self._seen(at[rest], numbers.take(pa.array(rest)), shown, troubles)
        return pc.replace_with_mask(numbers, pc.invert(done), mended)

    def _seen(self, at: Any, numbers: Any, shown: NumberFormat, troubles: list[Trouble]) -> Any:
        """Return how numbers of one format are seen, worked out once per distinct number."""
        import numpy as np
        import pyarrow as pa

        days = self._days(numbers) if shown.kind == "date" else None
        if days is not None:
            return days
        encoded = numbers.dictionary_encode()
        known = self._seen_before.setdefault(shown, {})
        answers = [known.get(raw) or self._look(raw, shown, known) for raw in encoded.dictionary.to_pylist()]
        lost = np.array([damaged for _, damaged in answers], bool)
        codes = np.asarray(encoded.indices)
        troubles += [
            (int(at[place]), "source.number-precision-lost", answers[codes[place]][0])
            for place in np.flatnonzero(lost[codes])
        ]
        return pa.array([text for text, _ in answers], pa.string()).take(encoded.indices)

    def _days(self, numbers: Any) -> Any | None:
        """Return dates, where all are whole days behind Excel's 29 February 1900: most columns of dates."""
        import pyarrow as pa
        import pyarrow.compute as pc

        try:
            days = numbers.cast(pa.int32())
        except pa.ArrowInvalid:
            return None
        least, most = pc.min_max(days).as_py().values()
        if least is None or least < _FIRST_DAY or most > _LAST_DAY - _DAYS_1904 * self._date1904:
            return None
        epoch = _EPOCH - _DAYS_1904 * self._date1904
        return pc.subtract(days, pa.scalar(epoch, pa.int32())).cast(pa.date32()).cast(pa.string())

    def _look(self, raw: str, shown: NumberFormat, known: dict[str, tuple[str, bool]]) -> tuple[str, bool]:
        answer = seen(raw.strip(), shown, date1904=self._date1904)
        if shown.kind != "plain" and len(known) < MAX_KNOWN:  # dates come again and again, amounts do not
            known[raw] = answer
        return answer

    def _odd(self, found: Found, at: int, content: bytes, troubles: list[Trouble]) -> str | None:
        """Return the text of a cell with a formula, with formatted inline text, or written in an unusual way."""
        kind, shown = self._meaning(found.attributes[at].as_py())
        rest = plain_markup(content)
        inside = _VALUE.search(rest)
        value = inside.group(1) if inside else b""
        if kind == b"inlineStr" or not value:
            text = rich_text(rest) or plain_text(value)
            unread = b"" if text else _TAGS.sub(b"", rest).strip()
            if unread:
                troubles.append((at, "source.cell-unread", plain_text(unread)))
            elif not text and kind not in (b"str", b"inlineStr") and _FORMULA.search(rest):
                troubles.append((at, "source.formula-without-value", ""))
            return text or None
        if kind == b"s":
            return str(self._texts[int(value)].as_py())
        if kind in (b"", b"n"):
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
    order = np.argsort(found_columns.astype(np.uint16), kind="stable")
    ends = np.flatnonzero(np.diff(found_columns[order])) + 1
    for here in np.split(order, ends):
        index = found_columns[here[0]]
        source = np.full(rows, -1, np.int64)
        source[found_rows[here]] = here
        result[int(index)] = texts.take(pa.array(source, mask=source < 0))
    return result


def _lengths(array: Any) -> Any:
    """Return how many bytes each item has; 0 where it is null."""
    import numpy as np
    import pyarrow.compute as pc

    return np.asarray(pc.fill_null(pc.binary_length(array), 0))


def _ranked(rows: Any) -> tuple[Any, Any]:
    """Return the distinct numbers in order, and the position of each item's number among them."""
    import numpy as np

    steps = np.diff(rows)
    if (steps < 0).any():
        numbers, place = np.unique(rows, return_inverse=True)
        return numbers, place
    first = np.concatenate([[True], steps > 0])
    return rows[first], np.cumsum(first) - 1
