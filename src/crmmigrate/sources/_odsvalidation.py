"""The lists from which a person could choose in LibreOffice.

Source: OpenDocument 1.3 part 3, 9.4.5 (content validations), 9.4.12 (named ranges); part 4, 5.4 (cell references).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crmmigrate.sources._odsstyles import TABLE
from crmmigrate.sources._validation import MAX_VALUES, of_range

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

MAX_RULES = 10_000
ATTRIBUTE = f"{TABLE}content-validation-name"
_RULE, _NAMED = f"{TABLE}content-validation", f"{TABLE}named-range"
_LIST = re.compile(r"(?:\w+:)?cell-content-is-in-list\((.*)\)\s*", re.DOTALL)
_TEXT = re.compile(r'"((?:[^"]|"")*)"')
_TEXTS = re.compile(rf"\s*{_TEXT.pattern}(?:\s*;\s*{_TEXT.pattern})*\s*")
_CELL = r"\$?[A-Z]{1,3}\$?\d+"
_RANGE = re.compile(rf"\[?(?:\$?('(?:[^']|'')+'|[^.'\[\]]+))?\.({_CELL}):(?:[^.]*)\.({_CELL})\]?")


class Choices:
    """Gathers rules and named ranges while the document streams by, and which columns of the sheets obey which rule."""

    def __init__(self) -> None:
        self._conditions: dict[str, str] = {}
        self._ranges: dict[str, str] = {}
        self._columns: list[dict[int, str]] = []

    def start(self, name: str, given: dict[str, str]) -> None:
        """Take a start tag that stands in no table."""
        known, what = (
            (self._conditions, "condition") if name == _RULE else (self._ranges, "cell-range-address") if name == _NAMED else (None, "")
        )  # fmt: skip
        if known is not None and len(known) < MAX_RULES:
            known[given.get(f"{TABLE}name", "")] = given.get(f"{TABLE}{what}", "")

    def begin_sheet(self) -> None:
        """Begin the next sheet."""
        self._columns.append({})

    def obey(self, columns: range, rule: str) -> None:
        """Note that cells in some columns of the sheet obey a rule; the first rule of a column counts."""
        self._columns[-1].update({index: rule for index in columns if index not in self._columns[-1]})

    def lists(self, at: int, sheet: str, cells: Callable[[str, int, int, int], Sequence[str]]) -> dict[int, list[str]]:
        """Return the values to choose from, by column.

        Args:
            at: which sheet.
            sheet: its name.
            cells: gives the texts of sheet, column, first and last row.
        """
        rules = {rule: self._values(rule, sheet, cells) for rule in {*self._columns[at].values()}}
        return {column: rules[rule] for column, rule in self._columns[at].items() if rules[rule]}

    def _values(self, rule: str, sheet: str, cells: Callable[[str, int, int, int], Sequence[str]]) -> list[str]:
        found = _LIST.fullmatch(self._conditions.get(rule, ""))
        if not found:
            return []
        written = found.group(1)
        if _TEXTS.fullmatch(written):
            texts = (text.replace('""', '"').strip() for text in _TEXT.findall(written))
            return [text for text in texts if text][:MAX_VALUES]
        area = _RANGE.fullmatch(self._ranges.get(written.strip(), written).strip())
        if not area:
            return []
        name = area.group(1) or "'" + sheet.replace("'", "''") + "'"
        return of_range(f"{name}!{area.group(2)}:{area.group(3)}", cells)
