"""Where a table is: its header, its columns, and the rows that are not its rows.

What is taken for what is told in the facts, never silently, and can be said by people (`layout` in migration.yaml).
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from crmmigrate.sources import _header
from crmmigrate.sources._frame import letters
from crmmigrate.sources._header import Row
from crmmigrate.sources._headings import is_heading
from crmmigrate.sources._regions import FAR_RIGHT, Region, regions

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from crmmigrate.sources._blocks import Block
    from crmmigrate.sources._sheets import Merge

LOOK = 200
"""Rows looked at to find the header."""

_COUNT = re.compile(r"\s*(共\s*)?[-+¥￥$€]?\s*[\d,]*\.?\d+\s*[%万亿]?\s*[元家条户人个位笔次项]?\s*\Z")
_SUBTOTAL = re.compile(
    r"\s*(.{0,12}?)(小\s*计|合\s*计|总\s*计|共\s*计|累\s*计|汇\s*总|sub-?total|grand total|total)\s*[:：]?\s*[（(]?[\d,.]*\s*[家条户人个位笔元]?[）)]?\s*\Z",
    re.IGNORECASE,
)
TOTAL = r"^\s*.{0,12}?(?:小\s*计|合\s*计|总\s*计|共\s*计|累\s*计|(?i:sub-?total|grand total|total))\s*[:：]?\s*$"
"""Finds cells that may head a row of totals, however many cells it has; a pattern of RE2, and of Python."""

_TOTAL = re.compile(TOTAL)
_NUMBERING = re.compile(
    r"序号?|行号|项次|no\.?|nr\.?|#|id|code|index|.{0,4}(?:编号|编码|代码|序号)|(?:customer|client|account) ?(?:no\.?|number|id|code)",
    re.IGNORECASE,
)
"""Headers of columns that number the records."""

_NUMBER = r"^\s*[A-Za-z]{0,4}[-_]?[0-9][0-9A-Za-z.-]*\s*$"
_TELEPHONE = re.compile(r"\s*(\+?\d{7,12}|\+?\d{2,4}[-\s]\d[\d\s-]{5,})\s*\Z")
_QUANTITY = re.compile(
    r"额|数|价|费|款|量|合计|amount|total|sum|(?<!ac)count|qty|quantity|price|revenue|balance", re.IGNORECASE
)
_ENOUGH = 3
"""Values that say what a column holds."""

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
_LEGEND = re.compile(r"\s*([（(]?[A-Za-z\d*†①-⑳]{1,2}[)）]|[A-Z*†]{1,2}\s*[:：])\s*\S")
_GOES_ON = re.compile(r"\s*([\d一二三四五六七八九十]{1,2}[.、)）]|[（(①-⑳•*·-]).|.*[，。；：;:]")


@dataclass(frozen=True)
class Layout:
    """A table and the part of the sheet it answers for.

    Args:
        header: numbers of the header rows; empty where there is none.
        first: number of the row after the header.
        columns: index in the sheet of each column, from the left.
        labels: of each column, joined with `/` where the header has several rows; None where it is empty.
        repeats: the header rows' labels by column, to know them again further down.
        units: numbers of the rows behind the header that hold units of measure.
        top, last: the rows it answers for: what is no row of the table is told by it. `last` is 0 at the end of the sheet.
        left, right: the columns it answers for; `right` is the one behind them.
        skipped: ranges of rows that people took out.
        form: whether labels stand beside the values, not above.
        confidence: from 0 to 1.
        reasons: codes of `DECISIONS`.
    """

    header: tuple[int, ...]
    first: int
    columns: tuple[int, ...]
    labels: tuple[str | None, ...]
    repeats: tuple[dict[int, str], ...] = ()
    units: tuple[int, ...] = ()
    top: int = 0
    last: int = 0
    left: int = 0
    right: int = FAR_RIGHT
    skipped: tuple[tuple[int, int], ...] = ()
    form: bool = False
    confidence: float = 0.0
    reasons: tuple[str, ...] = ()

    @property
    def alone(self) -> bool:
        """Whether it answers for the whole sheet."""
        return not self.top and not self.last and not self.left and self.right == FAR_RIGHT

    @property
    def troubles(self) -> tuple[str, ...]:
        """Codes of what is wrong with the table as a whole."""
        return () if self.header else ("source.no-header", *(("source.form",) if self.form else ()))

    @property
    def facts(self) -> dict[str, Any]:
        """What was decided, for the audit."""
        found: dict[str, Any] = {
            "header": list(self.header), "decision": list(self.reasons), "confidence": self.confidence,
        }  # fmt: skip
        units = self.repeats[len(self.header) :]
        if units:
            labels = dict(zip(self.columns, self.labels, strict=True))
            found["units"] = {labels.get(index) or str(index): text for row in units for index, text in row.items()}
        return found

    def region(self, last: int) -> str:
        """Return the table's place as Excel writes it, down to row `last`; without it where that is 0."""
        corner = self.header[0] if self.header else self.first
        return f"{letters(self.columns[0])}{corner}:{letters(self.columns[-1])}{last or ''}"

    def holds(self, number: int, index: int) -> bool:
        """Whether it answers for a cell."""
        return self.top <= number and (not self.last or number <= self.last) and self.left <= index < self.right


def find(
    head: Sequence[Row], merges: Sequence[Merge], used: Mapping[int, int], later: Sequence[Row] = ()
) -> list[Layout]:
    """Find the tables.

    Args:
        head: number and cells of the first rows that are not blank, at least one.
        merges: the merged ranges of the sheet.
        used: how many cells are filled in each column of the whole sheet.
        later: the rows behind blank rows further down.

    Returns:
        At least one, from the top, then from the left.
    """
    rows = filled(head) or list(head)
    found = regions([*rows, *filled(later)], merges, used)
    if len(found) == 1:
        return [layout_of(replace(found[0], rows=rows), merges, used)]
    return [
        layout_of(region, merges, Counter(index for _, cells in region.rows for index in cells)) for region in found
    ]


def names(first: str, count: int, taken: Sequence[str]) -> list[str]:
    """Return the names of the tables of a sheet or file: its own, then `name (2)`, `name (3)`, … as far as they are free."""
    found = [first]
    number = 1
    while len(found) < count:
        number += 1
        name = f"{first} ({number})"
        if name not in taken:
            found.append(name)
    return found


def filled(rows: Iterable[Row]) -> list[Row]:
    """Return the rows without their empty cells, and without blank rows."""
    cleaned = ((number, {index: text for index, text in cells.items() if text.strip()}) for number, cells in rows)
    return [row for row in cleaned if row[1]]


def layout_of(region: Region, merges: Sequence[Merge], used: Mapping[int, int]) -> Layout:
    """Return the layout of the table in a region."""
    rows, header = region.rows, region.header
    if header is None:
        columns = _columns(sorted({index for _, cells in rows for index in cells}), {}, used)
        form = _header.is_form(rows)
        why = "header.form" if form else "header.none"
        found = Layout((), rows[0][0], columns, tuple(None for _ in columns), form=form, confidence=0.5, reasons=(why,))
    else:
        top = rows[header.start : header.stop]
        labels = _header.labels_of(top, merges)
        columns = _columns(sorted(labels), labels, used)
        units = rows[header.stop : header.stop + header.units]
        found = Layout(
            tuple(number for number, _ in top), top[-1][0] + 1, columns, tuple(labels.get(index) for index in columns),
            tuple(dict(cells) for _, cells in (*top, *units)), tuple(number for number, _ in units),
            confidence=header.confidence, reasons=header.reasons,
        )  # fmt: skip
    return replace(
        found, top=region.top, last=region.last, left=region.left, right=region.right,
        reasons=(*region.reasons, *found.reasons),
    )  # fmt: skip


def _columns(labelled: Sequence[int], labels: Mapping[int, str], used: Mapping[int, int]) -> tuple[int, ...]:
    """Return the table's columns: those with a label, and those without one that hold data in or right beside them."""
    if not labelled:
        return ()
    left, right = labelled[0], labelled[-1]
    inside = {index for index in range(left, right + 1) if index in labels or used.get(index, 0)}
    inside.update(labelled)
    for step, start in ((1, right + 1), (-1, left - 1)):
        index = start
        while used.get(index, 0) >= 2 or (used.get(index + step, 0) >= 2 and labels and step > 0):
            inside.update({index} & used.keys())
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
        self._bands = {
            merge.top: merge.left for merge in self.merges
            if merge.right - merge.left + 1 >= wide and self.layout.holds(merge.top, merge.left)
        }  # fmt: skip
        self._wanted = set(self.layout.columns)
        self._numbered = False

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
        if number in self.layout.units:
            return "units"
        width = len(self.layout.columns)
        for labels in self.layout.repeats:
            if len(labels) > 1 and all(cells.get(index, "").strip() == text.strip() for index, text in labels.items()):
                return "repeated-header"
        sparse = len(filled) <= max(2, width // 2) or _TOTAL.match(cells[filled[0]])
        if width > 2 and sparse and self._is_subtotal(cells, filled):
            return "subtotal"
        if len(filled) == 1 and width > 2:
            return "section" if self._bands.get(number) == filled[0] else "?"
        return "?" if width > 3 and len(filled) <= 3 and _NOTE.match(cells[filled[0]]) else ""

    def reasons(self, block: Block, doubtful: Any) -> dict[int, str]:
        """Return position → why it is not a row of the table, `?` where only what follows can tell, or nothing.

        Args:
            block: rows of the sheet.
            doubtful: the positions of those that may be none, ascending.
        """
        rows = dict(zip(doubtful.tolist(), block.rows(doubtful), strict=True))
        found = {position: self.reason(number, cells) for position, (number, cells) in rows.items()}
        numbers = block.columns[self.layout.columns[0]] if self._numbered else ()
        begins: dict[int, str | None] = {}
        for position in reversed(rows):  # a heading stands before its records, or before a heading of some of them
            after = position + 1
            number = begins[after] if after in begins else numbers[after].as_py() if after < len(numbers) else None
            if found[position] == "?" and self._is_section(rows[position][1], number):
                found[position] = "section"
            if found[position] in ("section", "blank", "repeated-header"):
                begins[position] = number
        return found

    def learn(self, columns: Mapping[int, Any], full: Any) -> None:
        """See in some rows of the sheet whether the records are numbered in the first column.

        Args:
            columns: Arrow text by column index.
            full: the positions of rows that are records for certain.
        """
        import pyarrow.compute as pc

        first = self.layout.columns[0] if self.layout.columns else -1
        if first not in columns or not _NUMBERING.fullmatch(self._label(first).strip()):
            return
        values = columns[first].take(full)
        said = pc.sum(pc.greater(pc.binary_length(values), 0)).as_py() or 0
        if said >= _ENOUGH:
            self._numbered = 2 * (pc.sum(pc.match_substring_regex(values, _NUMBER)).as_py() or 0) >= said

    def _is_section(self, cells: Mapping[int, str], number: str | None) -> bool:
        """Whether a lone cell heads the part of the list that begins with record `number`, though it is not merged over the row.

        A text alone under any other header than that of the numbers, or before no record, is a record of which no more is known.
        """
        if not self._numbered or not re.search(_NUMBER, number or ""):
            return False
        texts = [(index, text) for index, text in cells.items() if text.strip() and index in self._wanted]
        return len(texts) == 1 and texts[0][0] == self.layout.columns[0] and is_heading(texts[0][1])

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
        if (after_note and _GOES_ON.match(text)) or ((after_gap or after_note) and _LEGEND.match(text)):
            return True
        key = index == self.layout.columns[0] or _KEY.search(self._label(index))
        return not key and (after_gap or after_note or len(text) > 30)
