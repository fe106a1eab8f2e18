"""Where the table is on a sheet: its header, its columns, and the rows that are not its rows.

One table per sheet; the header is one row or two. What is taken for what is told in the facts, never silently.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from crmmigrate.sources._sheets import Merge

Row = tuple[int, "Mapping[int, str]"]

LOOK = 200
"""Rows looked at to find the header."""
MAX_ABOVE = 30
"""Rows with something in them that may stand above the header."""

_NUMERIC = re.compile(r"[-+¥$€]?[\d,]*\.?\d+\s*[%万元]?\Z|\d{4}[-/.年]\d{1,2}([-/.月]\d{1,2})?日?(\s[\d:]+)?\Z")
_CONTACT = re.compile(r".*@.*\..*|\+?[\d\s()-]{7,}\Z|https?://.*")
_COUNT = re.compile(r"\s*(共\s*)?[-+¥￥$€]?\s*[\d,]*\.?\d+\s*[%万亿]?\s*[元家条户人个位笔次项]?\s*\Z")
_SUBTOTAL = re.compile(
    r"\s*(.{0,12}?)(小\s*计|合\s*计|总\s*计|共\s*计|累\s*计|汇\s*总|sub-?total|grand total|total)\s*[:：]?\s*[（(]?[\d,.]*\s*[家条户人个位笔元]?[）)]?\s*\Z",
    re.IGNORECASE,
)
_TELEPHONE = re.compile(r"\s*(\+?\d{7,12}|\+?\d{2,4}[-\s]\d[\d\s-]{5,})\s*\Z")
_QUANTITY = re.compile(
    r"额|数|价|费|款|量|合计|amount|total|sum|(?<!ac)count|qty|quantity|price|revenue|balance", re.IGNORECASE
)
_KEY = re.compile(
    r"名|称|编号|代码|客户|公司|单位|供应商|name|company|customer|client|account|code|\bid\b", re.IGNORECASE
)
_NOTE = re.compile(
    r"\s*[（(*※]?\s*("
    r"(注|备注|说明|填表|制表|审核|审批|打印|导出|数据来源|来源|截止|截至|联系人)\s*(人|日期|时间|数据|说明|单位|部门)?\s*([:：]|(?<=\s)\S|\d)"
    r"|(notes?|remarks?|source|printed|exported|prepared)\s*(date\s*)?([:：]|\d|(by|on|at)\s)"
    r"|(以上|本表|本页|此表)(数据|信息|内容|客户|资料|名单|仅|为|是|由|共)|共\s*\d|total rows)",
    re.IGNORECASE,
)
_GOES_ON = re.compile(r"\s*([\d一二三四五六七八九十]{1,2}[.、)）]|[（(①-⑳•*·-]).|.*[，。；：;:]")


@dataclass(frozen=True)
class Layout:
    """The table of a sheet.

    Args:
        header: numbers of the header rows; empty where there is none.
        first: number of the row after the header.
        columns: index in the sheet of each column, from the left.
        labels: of each column, joined with `/` where the header has two rows; None where it is empty.
        repeats: the header rows' labels by column, to know them again further down.
    """

    header: tuple[int, ...]
    first: int
    columns: tuple[int, ...]
    labels: tuple[str | None, ...]
    repeats: tuple[dict[int, str], ...] = ()


def find(head: Sequence[Row], merges: Sequence[Merge], used: Mapping[int, int]) -> Layout:
    """Find the table.

    Args:
        head: number and cells of the first rows that are not blank, at least one.
        merges: the merged ranges of the sheet.
        used: how many cells are filled in each column of the whole sheet.
    """
    rows: list[Row] = [
        (number, {index: text for index, text in cells.items() if text.strip()}) for number, cells in head
    ]
    rows = [row for row in rows if row[1]] or list(head)
    counts = sorted(len(cells) for _, cells in rows)
    width = counts[-1 - len(counts) // 4] if len(counts) > 2 else counts[-1]
    position = _header(rows, width)
    if position is None:
        columns = _columns(sorted({index for _, cells in rows for index in cells}), {}, used)
        return Layout((), rows[0][0], columns, tuple(None for _ in columns))
    upper, lower = _two_rows(rows, position, merges)
    labels = _labels(upper, lower, merges)
    numbers = tuple(number for number, _ in (upper, lower) if number)
    columns = _columns(sorted(labels), labels, used)
    repeats = tuple(cells for number, cells in (upper, lower) if number)
    return Layout(numbers, numbers[-1] + 1, columns, tuple(labels.get(index) for index in columns), repeats)


def _is_label(text: str) -> bool:
    text = text.strip()
    return len(text) <= 40 and not _NUMERIC.match(text) and not _CONTACT.match(text)


def _header(rows: Sequence[Row], width: int) -> int | None:
    """Return the position of the first row that is as wide as the table and holds labels only."""
    needed = max(1, min(width, -(-width * 6 // 10)))
    for position, (_, cells) in enumerate(rows[:MAX_ABOVE]):
        if len(cells) < needed:
            continue
        labels = sum(_is_label(text) for text in cells.values())
        if labels >= 0.8 * len(cells):
            return position
        return None
    return None


def _two_rows(
    rows: Sequence[Row], position: int, merges: Sequence[Merge]
) -> tuple[tuple[int, dict[int, str]], tuple[int, dict[int, str]]]:
    """Return the header as upper and lower row; number 0 where there is no upper one."""
    number, cells = rows[position]
    if position and rows[position - 1][0] == number - 1 and _is_upper(rows[position - 1], rows[position], merges):
        return (number - 1, dict(rows[position - 1][1])), (number, dict(cells))
    following = rows[position + 1] if position + 1 < len(rows) else None
    if following and following[0] == number + 1 and _is_upper(rows[position], following, merges):
        return (number, dict(cells)), (number + 1, dict(following[1]))
    return (0, {}), (number, dict(cells))


def _is_upper(upper: Row, lower: Row, merges: Sequence[Merge]) -> bool:
    """Whether the upper row groups the labels of the lower one."""
    number, groups = upper
    labels = lower[1]
    if len(groups) < 2 or not all(_is_label(text) for text in (*groups.values(), *labels.values())):
        return False
    across = [merge for merge in merges if merge.top == merge.bottom == number and merge.right > merge.left]
    down = [merge for merge in merges if merge.top == number and merge.bottom == number + 1 and merge.left in groups]
    covered = {index for merge in across for index in range(merge.left, merge.right + 1) if merge.left in groups}
    alone = {merge.left for merge in down}
    if merges:
        return bool(covered & set(labels)) and all(index in covered or index not in groups for index in labels) and not (
            alone & set(labels)
        )  # fmt: skip
    # Without merged ranges (a sheet exported as CSV): the upper row names exactly what the lower one leaves open.
    gaps = set(range(min(groups), max(labels) + 1)) - set(labels)
    grouped = set(groups) & set(labels)
    wide = all(index + 1 in labels and index + 1 not in groups for index in grouped)  # a group has two columns or more
    return bool(gaps) and gaps <= set(groups) and bool(grouped) and wide


def _labels(
    upper: tuple[int, dict[int, str]], lower: tuple[int, dict[int, str]], merges: Sequence[Merge]
) -> dict[int, str]:
    number, groups = upper
    labels = {index: " ".join(text.split()) for index, text in lower[1].items()}
    if not number:
        return labels
    span: dict[int, str] = {}
    across = [merge for merge in merges if merge.top == number and merge.right > merge.left]
    for merge in across:
        if merge.left in groups:
            span.update(dict.fromkeys(range(merge.left, merge.right + 1), groups[merge.left]))
    current = ""
    for index in range(min((*groups, *labels)), max((*groups, *labels)) + 1):
        if index in groups:
            current = groups[index] if index in labels else ""
        if index not in span and index in labels and not across:
            span[index] = current
    joined: dict[int, str] = {}
    for index in sorted({*groups, *labels}):
        group = " ".join((span.get(index) or groups.get(index, "")).split())
        label = labels.get(index, "")
        joined[index] = f"{group}/{label}" if group and label else label or group
    return joined


def _columns(labelled: Sequence[int], labels: Mapping[int, str], used: Mapping[int, int]) -> tuple[int, ...]:
    """Return the table's columns: those with a label, and those without one that hold data in or right beside them."""
    if not labelled:
        return ()
    left, right = labelled[0], labelled[-1]
    inside = {index for index in range(left, right + 1) if index in labels or used.get(index, 0)}
    inside.update(labelled)
    for step, start in ((1, right + 1), (-1, left - 1)):
        index = start
        while used.get(index, 0) >= 2:
            inside.add(index)
            index += step
    return tuple(sorted(inside))


@dataclass
class Sorter:
    """Tells the rows of the table from titles, repeated headers, subtotals and notes, row by row.

    Args:
        layout: the table.
        merges: the merged ranges of the sheet.
    """

    layout: Layout
    merges: Sequence[Merge] = ()
    dropped: list[dict[str, object]] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        wide = max(2, len(self.layout.columns) // 2)
        self._bands = {merge.top: merge.left for merge in self.merges if merge.right - merge.left + 1 >= wide}
        self._wanted = set(self.layout.columns)

    def drop(self, number: int, why: str) -> None:
        """Note that row `number` is not a row of the table."""
        self.counts[why] += 1
        if len(self.dropped) < 1000:
            self.dropped.append({"place": str(number), "why": why})

    def reason(self, number: int, cells: Mapping[int, str]) -> str:
        """Return why a row is not a row of the table, `?` where only what follows can tell, or nothing."""
        filled = [index for index in sorted(cells) if index in self._wanted and cells[index].strip()]
        if not filled:
            return "outside" if any(text.strip() for text in cells.values()) else "blank"
        width = len(self.layout.columns)
        for labels in self.layout.repeats:
            if len(labels) > 1 and all(cells.get(index, "").strip() == text.strip() for index, text in labels.items()):
                return "repeated-header"
        if width > 2 and len(filled) <= max(2, width // 2) and self._is_subtotal(cells, filled):
            return "subtotal"
        if len(filled) == 1 and width > 2:
            return "section" if self._bands.get(number) == filled[0] else "?"
        return "?" if width > 3 and len(filled) <= 3 and _NOTE.match(cells[filled[0]]) else ""

    def _is_subtotal(self, cells: Mapping[int, str], filled: Sequence[int]) -> bool:
        lead = next((place for place, index in enumerate(filled[:3]) if _SUBTOTAL.match(cells[index])), None)
        if lead is None:
            return False
        return all(self._is_count(index, cells[index]) for index in filled[lead + 1 :])

    def _is_count(self, index: int, text: str) -> bool:
        """Whether a cell beside the word for a total holds one; a telephone number does only in a column of amounts."""
        if not _COUNT.match(text):
            return False
        return not _TELEPHONE.match(text) or bool(_QUANTITY.search(self._label(index)))

    def _label(self, index: int) -> str:
        return self.layout.labels[self.layout.columns.index(index)] or ""

    def is_note(self, cells: Mapping[int, str], *, after_gap: bool, after_note: bool) -> bool:
        """Whether a sparse row at the end of the sheet is a note.

        A text alone in the first column, or in one that names the record, is a record of which no more is known; it is
        a note only by its words.
        """
        index, text = next((index, text) for index, text in sorted(cells.items()) if text.strip())
        if _NOTE.match(text):
            return True
        if after_note and _GOES_ON.match(text):
            return True
        key = index == self.layout.columns[0] or _KEY.search(self._label(index))
        return not key and (after_gap or after_note or len(text) > 30)
