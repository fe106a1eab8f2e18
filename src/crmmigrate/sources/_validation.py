"""The lists from which a person could choose in Excel: the values that a column was meant to have.

Source: ECMA-376 part 1, 18.3.1.33 (dataValidations); [MS-XLSX] 2.6.31 for those that refer to another sheet.
"""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING

from crmmigrate.sources._scan import column_index

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from crmmigrate.sources._sheets import SheetReader

MAX_MARKUP = 4 << 20
MAX_VALUES = 1_000
MAX_LOOKED = 1_000_000
"""Columns looked at for all rules together: rules torn into thousands by pasting have few each."""
MAX_ROWS_READ = 5_000_000
"""Rows passed to find the values of the lists of one sheet."""
_RULE = re.compile(rb"<(?:\w+:)?dataValidation(?=[\s/>])")
_LIST = re.compile(rb"""\btype=["']list["']""")
_FORMULA = re.compile(rb"<(?:\w+:)?formula1>(?:<xm:f>)?([^<]*)")
_WHERE = re.compile(rb"""\bsqref=["']([^"']*)["']|<xm:sqref>([^<]*)</xm:sqref>""")
_AREA = re.compile(r"\$?([A-Z]{1,3})\$?\d*(?::\$?([A-Z]{1,3})\$?\d*)?")
_RANGE = re.compile(r"(?:'((?:[^']|'')+)'|([^'!\s]+))!\$?([A-Z]{1,3})\$?(\d+):\$?([A-Z]{1,3})\$?(\d+)")


def lists(
    markup: bytes, names: Mapping[str, str], sheet: str, cells: Callable[[str, int, int, int], Sequence[str]]
) -> dict[int, list[str]]:
    """Return the values to choose from, by column.

    Args:
        markup: the end of the sheet's XML, with its rules.
        names: the workbook's defined names, and what each stands for.
        sheet: name of the sheet, for ranges without one.
        cells: gives the texts of sheet, column, first and last row.
    """
    found: dict[int, list[str]] = {}
    known: dict[str, list[str]] = {}
    looked = 0
    for rule in _RULE.split(markup)[1:]:
        attributes, _, inner = rule.partition(b">")
        if attributes.endswith(b"/"):
            continue
        formula, where = _FORMULA.search(inner), _WHERE.search(attributes) or _WHERE.search(inner)
        if not (_LIST.search(attributes) and formula and where):
            continue
        written = html.unescape(formula.group(1).decode("utf-8", "replace")).strip()
        columns = _columns((where.group(1) or where.group(2) or b"").decode("ascii", "replace"))
        looked += len(columns)
        if looked > MAX_LOOKED:
            break
        if not columns or (written not in known and len(known) >= MAX_VALUES) or found.keys() >= set(columns):
            continue
        if written not in known:
            known[written] = _values(names.get(written, written), sheet, cells)
        if known[written]:
            found = dict.fromkeys(columns, known[written]) | found
    return found


def _values(formula: str, sheet: str, cells: Callable[[str, int, int, int], Sequence[str]]) -> list[str]:
    if formula.startswith('"'):
        texts = formula[1:].removesuffix('"').replace('""', '"').split(",")
        return [text.strip() for text in texts if text.strip()][:MAX_VALUES]
    return of_range(formula if "!" in formula else f"'{sheet}'!{formula}", cells)


def of_range(written: str, cells: Callable[[str, int, int, int], Sequence[str]]) -> list[str]:
    """Return the texts of a range as Excel writes it, `'值 表'!$B$1:$B$3`; nothing where it has several columns."""
    area = _RANGE.fullmatch(written)
    if not area or area.group(3) != area.group(5):
        return []
    name = (area.group(1) or area.group(2)).replace("''", "'")
    first, last = int(area.group(4)), int(area.group(6))
    if last - first >= MAX_VALUES:
        return []
    return list(dict.fromkeys(cells(name, column_index(area.group(3).encode()), first, last)))


class Texts:
    """Gives the texts in some rows of a column of a workbook, as long as no more rows are asked for than anybody lists.

    Args:
        sheet: gives a sheet by its name, None where there is none.
    """

    def __init__(self, sheet: Callable[[str], SheetReader | None]) -> None:
        self._sheet = sheet
        self._left = MAX_ROWS_READ

    def __call__(self, name: str, column: int, first: int, last: int) -> list[str]:
        """Return the texts from row `first` to row `last`."""
        self._left -= last
        sheet = self._sheet(name) if self._left >= 0 else None
        texts: list[str] = []
        for block in sheet.blocks() if sheet else ():
            if column in block.columns:
                pairs = zip(block.numbers.tolist(), block.columns[column].to_pylist(), strict=True)
                texts += [text for number, text in pairs if first <= number <= last and text]
            if len(block.numbers) and block.numbers[-1] >= last:
                break
        return texts


def _columns(areas: str) -> list[int]:
    columns: set[int] = set()
    for area in areas.split()[:MAX_VALUES]:
        match = _AREA.fullmatch(area)
        if match:
            left = column_index(match.group(1).encode())
            columns.update(range(left, column_index((match.group(2) or match.group(1)).encode()) + 1))
    return sorted(columns)
