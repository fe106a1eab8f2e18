"""A column of a batch on its way into a database: parsed values, and the same as text for the bulk paths."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from crmmigrate.model.kept_property import kept_property
from crmmigrate.targets.live import UnfitValueError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import pyarrow as pa

    from crmmigrate.targets.live import LiveColumn

_ESCAPES = (("\\", "\\\\"), ("\t", "\\t"), ("\n", "\\n"), ("\r", "\\r"), ("\0", "\\0"))
"""How COPY of PostgreSQL and LOAD DATA of MySQL write what would end a cell or a line."""

_BLANK, _BACKSLASH = 0x20, 0x5C
"""All that is to be escaped is below a blank, or is a backslash."""

LINES = 1000
"""Rows that are written out at a time."""


class Cells:
    """The cells of one column; either side is made from the other when it is first asked for.

    Args:
        wire: value → text as the database reads it; `texts` of values are made with it.
        values: parsed; None is NULL.
        texts: Arrow text, where it is already as the database reads it.
        opaque: of a type that may read text in bulk otherwise than in a statement: binary, JSON, bits.
    """

    def __init__(
        self, wire: Callable[[Any], str], values: list[Any] | None = None, texts: pa.Array | None = None, *,
        opaque: bool = False,
    ) -> None:  # fmt: skip
        self.wire = wire
        self.opaque = opaque
        self._values = values
        self._texts = texts

    @kept_property
    def values(self) -> list[Any]:
        """The values, in order."""
        if self._values is not None:
            return self._values
        found: list[Any] = self.texts.to_numpy(zero_copy_only=False).tolist()
        return found

    @kept_property
    def texts(self) -> pa.Array:
        """The values as Arrow text."""
        if self._texts is not None:
            return self._texts
        import pyarrow as pa

        wire = self.wire
        kinds = set(map(type, self.values))
        if kinds <= {str, type(None)}:
            return pa.array(self.values, pa.string())
        if kinds == {int} and wire(0) == "0":
            with suppress(OverflowError):
                return pa.array(self.values, pa.int64()).cast(pa.string())
        return pa.array([None if value is None else wire(value) for value in self.values], pa.string())

    @property
    def blank(self) -> bool:
        """Whether any of them is NULL or an empty text."""
        if self._texts is None:
            return None in self.values or "" in self.values
        import pyarrow.compute as pc

        return bool(self._texts.null_count or pc.any(pc.equal(self._texts, "")).as_py())

    def __getitem__(self, position: int) -> Any:
        return self.values[position]

    def __len__(self) -> int:
        return len(self._texts if self._values is None else self._values)  # type: ignore[arg-type]

    def take(self, positions: Sequence[int]) -> Cells:
        """Return the cells of some rows; all of them where there are as many positions as cells."""
        if len(positions) == len(self):
            return self
        if self._texts is None and self._values is not None:
            values = [self._values[position] for position in positions]
            return Cells(self.wire, values, opaque=self.opaque)
        import pyarrow as pa

        return Cells(self.wire, texts=self.texts.take(pa.array(positions, pa.int64())))


def constant(wire: Callable[[Any], str], value: str | int, rows: int) -> Cells:
    """Return a column that holds the same value in each of `rows` rows."""
    import pyarrow as pa

    return Cells(wire, [value] * rows, pa.repeat(pa.scalar(wire(value), pa.string()), rows))


def parse_column(live: LiveColumn, wire: Callable[[Any], str], texts: pa.Array) -> tuple[Cells, dict[int, str]]:
    """Return what the texts mean in a column, and position → reject code of those that don't fit; these become NULL.

    Text that fits as it is stays in Arrow; anything else is read once per distinct text.
    """
    if live.plain and _fits(live, texts):
        return Cells(wire, texts=texts), {}
    written: list[str | None] = texts.to_pylist()
    known: dict[str | None, Any] = {None: None}
    wrong: dict[str | None, str] = {}
    for text in set(written):
        if text is None or (not text and live.kind != "text"):
            known[text] = None
            continue
        try:
            known[text] = live.parse(text)
        except UnfitValueError as error:
            wrong[text] = error.args[0]
            known[text] = None
    unfit = {position: wrong[text] for position, text in enumerate(written) if text in wrong} if wrong else {}
    return Cells(wire, [known[text] for text in written], opaque=live.kind == "other"), unfit


def _fits(live: LiveColumn, texts: pa.Array) -> bool:
    """Whether every text is short enough and holds no forbidden U+0000; Arrow text is sound UTF-8 by its nature."""
    import numpy as np
    import pyarrow.compute as pc

    if (
        live.length is not None
        and (pc.max(pc.binary_length(texts)).as_py() or 0) > live.length  # seen at once
        and pc.max(pc.utf8_length(texts)).as_py() > live.length
    ):
        return False
    if live.nul:
        return True
    data = texts.buffers()[2]
    return not data or bool(np.frombuffer(data, np.uint8).min()) or not pc.any(pc.match_substring(texts, "\0")).as_py()


def as_lines(columns: Sequence[Cells]) -> Iterator[bytes]:
    r"""Yield the rows as COPY of PostgreSQL and LOAD DATA of MySQL read them: tabs between cells, `\N` for NULL.

    Some rows at a time: memory that is used again costs a fraction of what new memory does.
    """
    texts = [column.texts for column in columns]
    for start in range(0, len(texts[0]), LINES):
        yield _lines([column.slice(start, LINES) for column in texts])


def _lines(texts: list[pa.Array]) -> bytes:
    import numpy as np

    rows, nulls = len(texts[0]), sum(column.null_count for column in texts)
    data = _joined(texts)
    written = np.frombuffer(data, np.uint8)
    # Tabs and ends of lines are as many as we wrote, and `\\N` is there once per NULL: more of any can't make up for less of another.
    special = np.count_nonzero(written < _BLANK) + np.count_nonzero(written == _BACKSLASH)
    if special == len(texts) * rows + nulls:
        return data
    import pyarrow.compute as pc

    for plain, escaped in _ESCAPES:
        texts = [pc.replace_substring(column, plain, escaped) for column in texts]
    return _joined(texts)


def _joined(texts: Sequence[pa.Array]) -> bytes:
    import pyarrow as pa
    import pyarrow.compute as pc

    *others, last = (column.fill_null("\\N") if column.null_count else column for column in texts)
    ended = pc.binary_join_element_wise(last, "", "\n")
    lines = pc.binary_join_element_wise(*others, ended, "\t") if others else ended
    lines = lines.combine_chunks() if isinstance(lines, pa.ChunkedArray) else lines
    data: bytes = lines.buffers()[2].to_pybytes()
    return data


def text_array(column: Any) -> pa.Array:
    """Return a pandas column of text as one Arrow array."""
    import pyarrow as pa

    found = pa.array(column, from_pandas=True)
    found = found.combine_chunks() if isinstance(found, pa.ChunkedArray) else found
    return found.cast(pa.string())
