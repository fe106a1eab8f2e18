"""Blocks of rows, column by column, and the rows of one table out of them.

Whole columns are looked at with Arrow; only the rows that could be no data (sparse ones, repeated headers) are looked
at one by one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from crmmigrate.model.table import BATCH_ROWS
from crmmigrate.sources._frame import finished
from crmmigrate.sources._layout import TOTAL, Layout, Sorter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    import pandas as pd

    from crmmigrate.sources._sheets import Merge

MAX_WAITING = 5_000
"""Sparse rows kept back until it is known whether they end the sheet."""
_LEADING = 3
"""Columns in the first of which the word for a total stands."""

MAX_MERGES = 100_000
BEHIND = 16
"""Rows behind a blank one that are looked at for the header of another table."""
MAX_BREAKS = 5_000
"""Blank rows behind which is looked."""


@dataclass
class Block:
    """Some rows of a sheet or text file.

    Args:
        numbers: of the rows, ascending (NumPy, int64).
        columns: Arrow text by column index, each as long as `numbers`; columns without a cell are left out.
        troubles: what is wrong with cells: row number, column index, issue code, text.
        text: whether it is of a text file, where a cell that is null was not even written.
    """

    numbers: Any
    columns: dict[int, Any]
    troubles: list[tuple[int, int, str, str]] = field(default_factory=list)
    text: bool = False

    def rows(self, positions: Iterable[int] | None = None) -> Iterator[tuple[int, dict[int, str]]]:
        """Yield number and cells of the rows (at `positions`), without empty cells."""
        import pyarrow as pa

        wanted = list(range(len(self.numbers)) if positions is None else positions)
        taken = pa.array(wanted, pa.int64())
        lists = {index: array.take(taken).to_pylist() for index, array in self.columns.items()}
        for place, position in enumerate(wanted):
            cells = {index: values[place] for index, values in lists.items() if values[place]}
            yield int(self.numbers[position]), cells

    def cut(self, start: int, stop: int | None = None) -> Block:
        """Return some of the rows, without troubles."""
        end = len(self.numbers) if stop is None else stop
        columns = {index: array.slice(start, end - start) for index, array in self.columns.items()}
        return Block(self.numbers[start:end], columns)

    def chosen(self, indices: Sequence[int]) -> Block:
        """Return the block with exactly these columns."""
        import pyarrow as pa

        empty = pa.nulls(len(self.numbers), pa.string())
        return Block(self.numbers, {index: self.columns.get(index, empty) for index in indices})


def block_of(rows: Sequence[tuple[int, Sequence[str]]]) -> Block:
    """Return rows of text files as a block; short rows are filled up."""
    import itertools

    import numpy as np
    import pyarrow as pa

    columns = itertools.zip_longest(*(cells for _, cells in rows))
    numbers = np.fromiter((number for number, _ in rows), np.int64, len(rows))
    arrays = {index: pa.array(column, pa.string()) for index, column in enumerate(columns)}
    return Block(numbers, arrays, text=True)


def joined(blocks: Sequence[Block]) -> Block:
    """Return blocks of the same columns, one below the other."""
    import numpy as np
    import pyarrow as pa

    if len(blocks) == 1:
        return blocks[0]
    columns = {index: pa.concat_arrays([block.columns[index] for block in blocks]) for index in blocks[0].columns}
    return Block(np.concatenate([block.numbers for block in blocks]), columns)


def windowed(blocks: Iterable[Block], layout: Layout) -> Iterator[Block]:
    """Yield the part of a sheet a table answers for; the rows behind it are not read."""
    import numpy as np

    if layout.alone:
        yield from blocks
        return
    for block in blocks:
        numbers = block.numbers
        if layout.last and len(numbers) and numbers[0] > layout.last:
            return
        start = int(np.searchsorted(numbers, layout.top))
        stop = int(np.searchsorted(numbers, layout.last, side="right")) if layout.last else len(numbers)
        part = block.cut(start, stop)
        part.columns = {i: array for i, array in part.columns.items() if layout.left <= i < layout.right}
        part.troubles = [trouble for trouble in block.troubles if layout.holds(trouble[0], trouble[1])]
        part.text = block.text
        if len(part.numbers):
            yield part


def behind_blank_rows(
    blocks: Iterable[Block], after: int, known: Sequence[int] | None = None
) -> list[tuple[int, dict[int, str]]]:
    """Return the first `BEHIND` rows behind each blank row below row `after`, of at most `MAX_BREAKS` blank ones.

    Args:
        blocks: the sheet from the top, or, where `known` is given, the rows around those.
        after: a row that is not blank.
        known: the rows that stand behind blank ones, where that is known.
    """
    import numpy as np

    found: list[tuple[int, dict[int, str]]] = []
    before, breaks, left = after, 0, 0
    for block in blocks:
        filled = np.zeros(len(block.numbers), bool)
        for array in block.columns.values():
            filled |= _not_blank(array)
        positions = np.flatnonzero(filled & (block.numbers > after))
        numbers = block.numbers[positions]
        gaps = np.diff(numbers, prepend=before) > 1 if known is None else np.isin(numbers, known)
        starts = np.flatnonzero(gaps)
        wanted = set(range(min(left, len(positions))))
        for start in starts[: MAX_BREAKS - breaks].tolist():
            wanted.update(range(start, min(start + BEHIND, len(positions))))
        breaks += len(starts)
        if len(positions):
            before = int(numbers[-1])
            left = max(0, (int(starts[-1]) + BEHIND if len(starts) else left) - len(positions))
            found += block.rows(int(positions[place]) for place in sorted(wanted))
        if breaks >= MAX_BREAKS and not left:
            break
    return found


def _not_blank(array: Any) -> Any:
    import numpy as np
    import pyarrow.compute as pc

    return np.asarray(pc.fill_null(pc.binary_length(pc.utf8_trim_whitespace(array)), 0)) > 0


class Body:
    """Streams the rows of one table.

    Args:
        layout: where the table is.
        merges: the merged ranges of the sheet.
        note: called with number and text of each row that is dropped as a subtotal, heading or note.
    """

    def __init__(
        self, layout: Layout, merges: Sequence[Merge] = (), note: Callable[[int, str], None] | None = None
    ) -> None:
        self._layout = layout
        self._note = note
        self._sorter = Sorter(layout, merges)
        self._merged = _Merged(layout, merges)
        self._last = layout.first - 1
        self._count = 0

    @property
    def facts(self) -> dict[str, Any]:
        """Rows read, rows dropped and why, merged cells filled; complete when the rows are."""
        return {
            "rows": self._count,
            "dropped": self._sorter.dropped,
            "dropped_counts": dict(self._sorter.counts),
            "merged_filled": self._merged.filled,
        }

    def frames(self, source: Iterable[Block], names: Sequence[str], head: str) -> Iterator[pd.DataFrame]:
        """Yield the table's rows as DataFrames of at most `BATCH_ROWS` rows; at least one.

        Args:
            source: the blocks of the sheet, from the top.
            names: of the layout's columns.
            head: what stands before the row's number in `_origin`.
        """
        gathered: list[Block] = []
        rows = 0
        for block in self._kept(source):
            gathered.append(block)
            rows += len(block.numbers)
            if rows > BATCH_ROWS:  # the last batch waits for the end of the sheet, so that no issue comes after it
                whole = joined(gathered)
                full = (rows - 1) // BATCH_ROWS * BATCH_ROWS
                for start in range(0, full, BATCH_ROWS):
                    yield self._frame(whole.cut(start, start + BATCH_ROWS), names, head)
                gathered, rows = [whole.cut(full)], rows - full
        if rows or not self._count:
            yield self._frame(joined(gathered) if gathered else _nothing(self._layout.columns), names, head)

    def _frame(self, block: Block, names: Sequence[str], head: str) -> pd.DataFrame:
        import pyarrow as pa

        self._count += len(block.numbers)
        arrays = dict(zip(names, block.columns.values(), strict=True))
        return finished(arrays, pa.array(block.numbers).cast(pa.string()), head)

    def _kept(self, source: Iterable[Block]) -> Iterator[Block]:
        waiting: Block | None = None
        for raw in source:
            block = self._merged.fill(self._below_header(raw))
            block = joined([waiting, block]) if waiting is not None else block
            if len(block.numbers):
                kept, waiting = self._sorted(block, final=False)
                yield kept
        if waiting is not None:
            yield self._sorted(waiting, final=True)[0]

    def _below_header(self, raw: Block) -> Block:
        """Return the rows below the header with the table's columns; the rows above are noted."""
        start = 0
        while start < len(raw.numbers) and raw.numbers[start] < self._layout.first:
            number = int(raw.numbers[start])
            why = "header" if number in self._layout.header else "title"
            self._sorter.drop(number, why)
            if why == "title":
                self._note_title(raw, start)
            start += 1
        return self._unskipped((raw.cut(start) if start else raw).chosen(self._layout.columns))

    def _unskipped(self, block: Block) -> Block:
        """Return the block without the rows that people took out in migration.yaml; they are counted."""
        import numpy as np
        import pyarrow as pa

        if not self._layout.skipped or not len(block.numbers):
            return block
        keep = np.ones(len(block.numbers), bool)
        for first, last in self._layout.skipped:
            keep[np.searchsorted(block.numbers, first) : np.searchsorted(block.numbers, last, side="right")] = False
        for number in block.numbers[~keep]:
            self._sorter.drop(int(number), "outside")
        mask = pa.array(keep)
        return Block(block.numbers[keep], {index: array.filter(mask) for index, array in block.columns.items()})

    def _note_title(self, raw: Block, position: int) -> None:
        """Note a row above the header that could be the header of a text file with one column.

        A title that was written by a program has as many delimiters as the other lines; titles in workbooks are no rows
        of the table for certain, as they have fewer cells than the header.
        """
        cells = {index: array[position].as_py() for index, array in raw.columns.items()}
        written = [text for text in cells.values() if text is not None]
        if raw.text and len(written) == 1 < len(self._layout.columns) and written[0].strip():
            self._tell(int(raw.numbers[position]), cells)

    def _tell(self, number: int, cells: Mapping[int, str | None]) -> None:
        if self._note is not None:
            self._note(number, " | ".join(text for _, text in sorted(cells.items()) if text))

    def _sorted(self, block: Block, *, final: bool) -> tuple[Block, Block | None]:
        """Return the rows that are data, and those at the end of which that is not known yet."""
        import numpy as np
        import pyarrow as pa

        keep = np.ones(len(block.numbers), bool)
        doubtful = self._doubtful(block)
        self._sorter.learn(block.columns, np.delete(np.arange(len(keep)), doubtful))
        reasons = self._sorter.reasons(block, doubtful)
        end = self._tail(reasons, len(keep))
        if final or len(keep) - end > MAX_WAITING:
            notes = self._notes(block, reasons, end) if final else {}
            end = len(keep)
            reasons.update(notes)
        for position, why in sorted(reasons.items()):
            if position < end and why not in ("", "?"):
                keep[position] = False
                self._sorter.drop(int(block.numbers[position]), why)
                if why not in ("blank", "repeated-header"):
                    self._tell(*next(block.rows([position])))
        self._last = self._last_filled(block, reasons, end)
        kept = block.cut(0, end)
        if not keep[:end].all():
            mask = pa.array(keep[:end])
            kept = Block(kept.numbers[keep[:end]], {i: array.filter(mask) for i, array in kept.columns.items()})
        return kept, block.cut(end) if end < len(keep) else None

    def _doubtful(self, block: Block) -> Any:
        """Return the positions of the rows that are sparse, or begin like the header or with the word for a total."""
        import numpy as np
        import pyarrow.compute as pc

        filled = np.zeros(len(block.numbers), np.int32)
        for array in block.columns.values():
            lengths = pc.fill_null(pc.binary_length(array), 0)
            filled += np.asarray(lengths) > 0
        doubtful = filled <= max(2, len(block.columns) // 2)
        for index in self._layout.columns[:_LEADING]:
            doubtful |= np.asarray(pc.fill_null(pc.match_substring_regex(block.columns[index], TOTAL), False))
        for labels in self._layout.repeats:
            first = next((index for index in labels if index in block.columns), None)
            if first is not None:
                same = pc.starts_with(pc.utf8_trim_whitespace(block.columns[first]), labels[first].strip()[:20])
                doubtful |= np.asarray(pc.fill_null(same, False))
        return np.flatnonzero(doubtful)

    @staticmethod
    def _tail(reasons: Mapping[int, str], size: int) -> int:
        """Return the position of the first of the rows at the end that are all sparse or dropped; none kept follows."""
        end = size
        first = size
        while end and reasons.get(end - 1, ""):
            end -= 1
            if reasons[end] == "?":
                first = end
        return first

    def _last_filled(self, block: Block, reasons: Mapping[int, str], end: int) -> int:
        """Return the number of the last row before position `end` in which there is something."""
        while end and reasons.get(end - 1) == "blank":
            end -= 1
        return int(block.numbers[end - 1]) if end else self._last

    def _notes(self, block: Block, reasons: Mapping[int, str], end: int) -> dict[int, str]:
        """Sort out the notes among the sparse rows at the end of the sheet."""
        notes: dict[int, str] = {}
        before = self._last_filled(block, reasons, end)
        for position, (number, cells) in enumerate(block.rows(range(end, len(block.numbers))), end):
            sparse = reasons[position] == "?"
            if sparse and self._sorter.is_note(cells, after_gap=number - before > 1, after_note=bool(notes)):
                notes[position] = "note"
            if reasons[position] != "blank":
                before = number
        return notes


def _nothing(indices: Sequence[int]) -> Block:
    import numpy as np
    import pyarrow as pa

    return Block(np.zeros(0, np.int64), {index: pa.array([], pa.string()) for index in indices})


class _Merged:
    """Gives every cell of a merged range of the body the value of its first cell.

    Only ranges one column wide are filled: several columns merged are a title or a note, not a value of each.
    """

    def __init__(self, layout: Layout, merges: Sequence[Merge]) -> None:
        self.filled = 0
        wanted = set(layout.columns)
        self._waiting = sorted(
            (merge for merge in merges[:MAX_MERGES]
             if merge.left == merge.right and merge.left in wanted and merge.top >= layout.first),
            key=lambda merge: -merge.top,
        )  # fmt: skip
        self._values: dict[Merge, str] = {}

    def fill(self, block: Block) -> Block:
        import numpy as np
        import pyarrow as pa

        if not len(block.numbers) or not (self._waiting or self._values):
            return block
        last = int(block.numbers[-1])
        running = list(self._values)
        while self._waiting and self._waiting[-1].top <= last:
            running.append(self._waiting.pop())
        lists: dict[int, list[str | None]] = {}
        for merge in running:
            values = lists.setdefault(merge.left, block.columns[merge.left].to_pylist())
            start, stop = np.searchsorted(block.numbers, (merge.top, merge.bottom + 1))
            if start < stop and block.numbers[start] == merge.top:
                self._values[merge] = values[start] or ""
            for position in range(start, stop):
                if not values[position] and self._values.get(merge):
                    values[position] = self._values[merge]
                    self.filled += 1
            if merge.bottom <= last:
                self._values.pop(merge, None)
        columns = {**block.columns, **{index: pa.array(values, pa.string()) for index, values in lists.items()}}
        return Block(block.numbers, columns)
