"""The rows of a table, in order, out of the rows of a sheet or text file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crmmigrate.sources._layout import Layout, Sorter

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from crmmigrate.sources._cells import Merge

MAX_WAITING = 1000
"""Sparse rows kept back until it is known whether they end the sheet."""

MAX_MERGES = 100_000


class Body:
    """Streams the rows of one table.

    Args:
        layout: where the table is.
        merges: the merged ranges of the sheet.
    """

    def __init__(self, layout: Layout, merges: Sequence[Merge] = ()) -> None:
        self._layout = layout
        self._sorter = Sorter(layout, merges)
        self._merged = _Merged(layout, merges)
        self._rows = 0

    @property
    def facts(self) -> dict[str, Any]:
        """Rows read, rows dropped and why, merged cells filled; complete when the rows are."""
        return {
            "rows": self._rows,
            "dropped": self._sorter.dropped,
            "dropped_counts": dict(self._sorter.counts),
            "merged_filled": self._merged.filled,
        }

    def rows(self, source: Iterable[tuple[int, Mapping[int, str]]]) -> Iterator[tuple[str, list[str | None]]]:
        """Yield place and cells of each row of the table.

        Args:
            source: number and cells by column index of each row that is not blank.
        """
        layout, sorter = self._layout, self._sorter
        waiting: list[tuple[int, Mapping[int, str], bool]] = []
        last = layout.first - 1
        for number, cells in source:
            if number < layout.first:
                sorter.drop(number, "header" if number in layout.header else "title")
                continue
            cells = self._merged.fill(number, cells)
            why = sorter.reason(number, cells)
            if why == "?" and len(waiting) < MAX_WAITING:
                waiting.append((number, cells, number - last > 1))
            elif why in ("", "?"):
                yield from self._kept(waiting)
                waiting = []
                yield self._row(number, cells)
            else:
                sorter.drop(number, why)
            if why not in ("blank", "outside"):
                last = number
        yield from self._end(waiting)

    def _kept(self, waiting: Sequence[tuple[int, Mapping[int, str], bool]]) -> Iterator[tuple[str, list[str | None]]]:
        for number, cells, _ in waiting:
            yield self._row(number, cells)

    def _end(self, waiting: Sequence[tuple[int, Mapping[int, str], bool]]) -> Iterator[tuple[str, list[str | None]]]:
        """Sort out the sparse rows at the end: from the first that is a note, all are."""
        noted = False
        for number, cells, gap in waiting:
            noted = noted or self._sorter.is_note(cells, after_gap=gap)
            if noted:
                self._sorter.drop(number, "note")
            else:
                yield self._row(number, cells)

    def _row(self, number: int, cells: Mapping[int, str]) -> tuple[str, list[str | None]]:
        self._rows += 1
        return str(number), [cells.get(index) for index in self._layout.columns]


class _Merged:
    """Gives every cell of a merged range of the body the value of its first cell.

    Only ranges one column wide are filled: several columns merged are a title or a note, not a value of each.
    """

    def __init__(self, layout: Layout, merges: Sequence[Merge]) -> None:
        self.filled = 0
        wanted = set(layout.columns)
        self._starting: dict[int, list[Merge]] = {}
        for merge in merges[:MAX_MERGES]:
            if merge.left == merge.right and merge.left in wanted and merge.top >= layout.first:
                self._starting.setdefault(merge.top, []).append(merge)
        self._running: dict[int, tuple[int, str]] = {}

    def fill(self, number: int, cells: Mapping[int, str]) -> Mapping[int, str]:
        if not self._starting:
            return cells
        for merge in self._starting.get(number, ()):
            if merge.left in cells:
                self._running[merge.left] = (merge.bottom, cells[merge.left])
        if not self._running or not any(text.strip() for text in cells.values()):
            return cells
        filled = dict(cells)
        for index, (bottom, text) in list(self._running.items()):
            if number > bottom:
                del self._running[index]
            elif index not in filled:
                filled[index] = text
                self.filled += 1
        return filled
