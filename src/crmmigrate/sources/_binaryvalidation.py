"""The lists from which a person could choose in Excel's binary workbooks: .xls (BIFF8) and .xlsb.

A rule holds the tokens of a formula: a text with all values, a range, or a name that stands for a range. Lists that are
worked out (`INDIRECT`, `OFFSET`) and those that newer Excel keeps in records of its own are not read.

Source: [MS-XLS] 2.4.90 (Dv) and 2.5.198 (tokens); [MS-XLSB] 2.4.362 (BrtDVal), 2.4.655 (BrtExternSheet), 2.4.711 (BrtName).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from crmmigrate.sources._limits import MAX_COLUMNS
from crmmigrate.sources._validation import MAX_VALUES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

MAX_RULES = 10_000
LIST = 3
"""Kind of a rule that gives values to choose from."""
_TEXT, _NAME, _AREA, _AREA_FROM_CELL, _AREA_ELSEWHERE = 0x17, 0x03, 0x05, 0x0D, 0x1B
"""Tokens; those of ranges and names come in three classes, 0x20 apart."""

_RELATIVE = 0xC000


@dataclass
class Linked:
    """What formulas refer to.

    Args:
        wide: whether rows and lengths are as wide as in .xlsb.
        sheets: name of the sheet that each number of a reference stands for, empty where it is in another workbook.
        names: the tokens of each defined name, in the order of the workbook.
    """

    wide: bool
    sheets: list[str] = field(default_factory=list)
    names: list[bytes] = field(default_factory=list)


def lists(
    rules: Sequence[bytes], linked: Linked, sheet: str, cells: Callable[[str, int, int, int], Sequence[str]]
) -> dict[int, list[str]]:
    """Return the values to choose from, by column; the first rule of a column counts. A rule that is damaged is none.

    Args:
        rules: the content of the records.
        linked: what they refer to.
        sheet: name of the sheet, for ranges without one.
        cells: gives the texts of sheet, column, first and last row.
    """
    found: dict[int, list[str]] = {}
    known: dict[bytes, list[str]] = {}
    for rule in rules[:MAX_RULES]:
        try:
            tokens, columns = _wide_rule(rule) if linked.wide else _rule(rule)
            if tokens not in known and len(known) < MAX_VALUES:
                known[tokens] = _values(tokens, linked, sheet, cells)
        except (struct.error, IndexError, UnicodeDecodeError):
            continue
        if known.get(tokens):
            found = dict.fromkeys(columns, known[tokens]) | found
    return found


def _values(
    tokens: bytes,
    linked: Linked,
    sheet: str,
    cells: Callable[[str, int, int, int], Sequence[str]],
    *,
    named: bool = False,
) -> list[str]:
    if not tokens:
        return []
    kind = tokens[0] & 0x1F
    if tokens[0] == _TEXT:
        return _texts(tokens, wide=linked.wide)
    if kind == _NAME and not named:
        (number,) = struct.unpack_from("<I" if linked.wide else "<H", tokens, 1)
        inner = linked.names[number - 1] if 0 < number <= len(linked.names) else b""
        return _values(inner, linked, sheet, cells, named=True)
    at = 1
    if kind == _AREA_ELSEWHERE:
        (number,) = struct.unpack_from("<H", tokens, 1)
        sheet, at = linked.sheets[number], 3
    elif kind not in (_AREA, _AREA_FROM_CELL):
        return []
    first, last, left, right = struct.unpack_from("<IIHH" if linked.wide else "<4H", tokens, at)
    if kind == _AREA_FROM_CELL and (left | right) & _RELATIVE:  # another range for each cell
        return []
    column = left & 0x3FFF
    one = column == right & 0x3FFF and 0 <= last - first < MAX_VALUES
    alone = len(tokens) == at + (12 if linked.wide else 8)
    return list(dict.fromkeys(cells(sheet, column, first + 1, last + 1))) if sheet and one and alone else []


def _texts(tokens: bytes, *, wide: bool) -> list[str]:
    if wide:
        (length,) = struct.unpack_from("<H", tokens, 1)
        text = tokens[3 : 3 + 2 * length].decode("utf-16-le")
    else:
        text = tokens[3:].decode("utf-16-le" if tokens[2] & 1 else "latin-1")
    values = text.split("\0" if "\0" in text else ",")
    return [value.strip() for value in values if value.strip()][:MAX_VALUES]


def _rule(rule: bytes) -> tuple[bytes, set[int]]:
    """Return the tokens of the formula of a Dv record, empty where it is no list, and its columns.

    Raises:
        struct.error, IndexError: the record is too short.
    """
    at = 4
    for _ in range(4):  # titles and texts of its messages
        length, flags = struct.unpack_from("<HB", rule, at)
        at += 3 + length * (2 if flags & 1 else 1)
    formulas = []
    for _ in range(2):
        (size,) = struct.unpack_from("<H", rule, at)
        formulas.append(rule[at + 4 : at + 4 + size])
        at += 4 + size
    (count,) = struct.unpack_from("<H", rule, at)
    columns = _columns(struct.unpack_from("<HH", rule, at + 2 + 8 * step + 4) for step in range(count))
    return formulas[0] if rule[0] & 0xF == LIST else b"", columns


def _wide_rule(rule: bytes) -> tuple[bytes, set[int]]:
    """Return the same of a BrtDVal record."""
    (count,) = struct.unpack_from("<I", rule, 4)
    columns = _columns(struct.unpack_from("<II", rule, 8 + 16 * step + 8) for step in range(count))
    at = 8 + 16 * count
    for _ in range(4):
        (length,) = struct.unpack_from("<I", rule, at)
        at += 4 + (0 if length == 0xFFFFFFFF else 2 * length)
    (size,) = struct.unpack_from("<I", rule, at)
    return rule[at + 4 : at + 4 + size] if rule[0] & 0xF == LIST else b"", columns


def _columns(areas: Iterator[tuple[int, ...]]) -> set[int]:
    columns: set[int] = set()
    for left, right in areas:
        columns.update(range(left, min(right + 1, MAX_COLUMNS)))
    return columns
