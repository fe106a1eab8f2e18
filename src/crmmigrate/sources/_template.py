"""The import template of a CRM as a target schema: its headers, marks of what is required, dropdowns, notes and lengths in notes.

The header is the first row that is about as full as the fullest and holds short texts; rows above it are instructions. A
row below it that says 必填/选填, and one of technical names (`account_name`), are taken as such.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from crmmigrate.errors import ConfigurationError, LocationError
from crmmigrate.messages import Message
from crmmigrate.model.import_profile import Layout
from crmmigrate.model.schema import TargetColumn, TargetSchema, TargetTable
from crmmigrate.model.system_words import os_reason

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

_ROWS_LOOKED_AT = 30
_HEADER_LENGTH = 60
_STAR = re.compile(r"[*＊]")
_NOT_REQUIRED = re.compile(r"非必填|不必填|选填|可选|可不填|not required|optional", re.IGNORECASE)
_REQUIRED = re.compile(r"必填|必须填|必录|必输|不能为空|不可为空|\brequired\b|\bmandatory\b", re.IGNORECASE)
_MARK = re.compile(r"[(（\[【]\s*(?:必填项?|选填|非必填|required|optional|mandatory)\s*[)）\]】]|[*＊]", re.IGNORECASE)
_UNIQUE = re.compile(r"唯一|不[能可得]重复|不允许重复|\bunique\b|no duplicates", re.IGNORECASE)
_RED = re.compile(r"红色[^。；\n]{0,12}必填|必填[^。；\n]{0,12}红色|红字[^。；\n]{0,8}必填|(?:in )?red[^.;\n]{0,30}required|required[^.;\n]{0,30}\bred\b", re.IGNORECASE)  # fmt: skip
_LENGTH = (
    re.compile(r"(?:不超过|不得超过|不能超过|不多于|最多|最长|最大长度|长度|限|up to|at most|max(?:imum)?(?: length)?|<=|≤)[^\d\n。；;]{0,10}(\d{1,6})(?!\s*(?:条|行|个(?!字)|mb|m\b|%|rows|files|年|月|日|[-/.]\d))", re.IGNORECASE),
    re.compile(r"(\d{1,6})\s*(?:个)?(?:字符|汉字|字|位|characters?|chars?)\s*(?:以内|以下|之内|内|max)", re.IGNORECASE),
)  # fmt: skip
_DATETIME = re.compile(r"hh?:mm|时:分|日期时间|date ?time", re.IGNORECASE)
_DATE = re.compile(r"yyyy|年[-/]?月[-/]?日|日期格式|mm/dd", re.IGNORECASE)
_NUMBER = re.compile(r"数字格式|只能(?:填写|输入)数字|填写数字|仅限数字|小数|\bnumeric\b|\bdecimal\b", re.IGNORECASE)
_TECHNICAL = re.compile(r"[A-Za-z_][A-Za-z0-9_.]*\Z")
_CHOICE_MARKS = frozenset({"必填", "选填", "非必填", "可选", "required", "optional", "是", "否", "y", "n"})


class _Header(NamedTuple):
    """Where the names stand: `row` (from 1) of the titles, `names` by column, `titles` likewise, `marks` what a row below says."""

    row: int
    names: dict[int, str]
    titles: dict[int, str]
    marks: dict[int, str]


def read_template(path: Path) -> TargetSchema:
    """Read an import template.

    Args:
        path: an .xlsx workbook; each visible sheet with a header is a table.

    Raises:
        LocationError: it cannot be read.
        ConfigurationError: `schema.no-template`: no sheet has a header.
    """
    dropdowns = _dropdowns(path)
    book = _opened(path)
    tables: dict[str, TargetTable] = {}
    picklists: dict[str, dict[str, str]] = {}
    for sheet in book.worksheets:
        if sheet.sheet_state != "visible":
            continue
        header = _header(sheet)
        if header is None:
            continue
        columns = _columns(sheet, header, dropdowns.get(sheet.title, {}), picklists)
        tables[sheet.title] = TargetTable(columns)
    if not tables:
        raise ConfigurationError(
            "schema.no-template", Message("no sheet of this workbook has a row of column names"), str(path),
            Message("give the template that the CRM offers for imports, as .xlsx"),
        )  # fmt: skip
    return TargetSchema(1, tables, picklists)


def _opened(path: Path) -> Any:
    import warnings
    from xml.etree.ElementTree import ParseError

    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    from crmmigrate.sources._package import FROM_ZIP

    try:
        with warnings.catch_warnings(action="ignore"):  # of what openpyxl does not keep
            return load_workbook(path)
    except OSError as error:
        raise LocationError(
            "file.unreadable", Message("the file cannot be read: {why}", why=os_reason(error)), str(path)
        ) from error
    except (*FROM_ZIP, TypeError, ParseError, InvalidFileException) as error:
        hint = Message("save it as .xlsx and try again")
        raise LocationError("file.not-a-workbook", Message("this is no .xlsx workbook"), str(path), hint) from error


def _dropdowns(path: Path) -> dict[str, Mapping[int, Sequence[str]]]:
    """Return sheet → column (from 0) → the values of its dropdown, also of those that openpyxl does not read (x14)."""
    from crmmigrate.sources._cells import SheetReader
    from crmmigrate.sources._decode import Decoder
    from crmmigrate.sources._workbook import Workbook

    book = Workbook(path)
    try:
        decode = Decoder(book.texts(), book.formats(), date1904=book.date1904, place=book.place)
        return {sheet.name: SheetReader(book, sheet, decode).survey(frozenset()).lists for sheet in book.sheets}
    finally:
        book.close()


def _text(value: Any) -> str:
    return "" if value is None else " ".join(str(value).split())


def _header(sheet: Any) -> _Header | None:
    rows = [
        {index: text for index, value in enumerate(row) if (text := _text(value))}
        for row in sheet.iter_rows(max_row=_ROWS_LOOKED_AT, values_only=True)
    ]
    heads = [
        {index: text for index, text in row.items() if len(text) <= _HEADER_LENGTH and not _is_number(text)}
        for row in rows
    ]
    fullest = max(map(len, heads), default=0)
    if not fullest:
        return None
    at = next(
        index for index, row in enumerate(heads) if len(row) >= max(min(2, fullest), 0.7 * fullest) and len(row) >= 0.8 * len(rows[index])
    )  # fmt: skip
    titles = heads[at]
    if at + 1 < len(heads) and (below := _below_groups(sheet, at, titles, heads[at + 1])):
        at, titles = at + 1, below
    if len(titles) < 2:
        return None
    names, marks = titles, {}
    for row in heads[at + 1 : at + 4]:
        shared = {index: text for index, text in row.items() if index in titles}
        if len(shared) < 0.5 * len(titles):
            continue
        if all(text.lower() in _CHOICE_MARKS or _REQUIRED.search(text) for text in shared.values()):
            marks = shared
        elif (
            names is titles
            and _are_technical(shared) != _are_technical(titles)
            and len(set(shared.values())) == len(shared)
        ):
            names, titles = (shared, titles) if _are_technical(shared) else (titles, shared)
    return _Header(at + 1, {**titles, **names}, titles, marks)


def _below_groups(sheet: Any, at: int, titles: Mapping[int, str], below: Mapping[int, str]) -> dict[int, str] | None:
    """Return the names of a header of two rows, in which a cell over several columns says what the names below it are about.

    A name that stands below two of them is told apart by the words above it.
    """
    found = dict(titles)
    for span in sheet.merged_cells.ranges:
        columns = range(span.min_col - 1, span.max_col)
        if span.min_row == at + 1 == span.max_row and len(columns) > 1 and any(column in below for column in columns):
            found.update((column, below[column]) for column in columns if column in below)
            group = titles.get(span.min_col - 1, "")
            for column in columns:
                if column in below and list(below.values()).count(below[column]) > 1:
                    found[column] = f"{group} {below[column]}".strip()
    return found if found != dict(titles) else None


def _are_technical(row: Mapping[int, str]) -> bool:
    return sum(1 for text in row.values() if _TECHNICAL.match(text)) >= 0.9 * len(row)


def _is_number(text: str) -> bool:
    return text.replace(".", "", 1).replace("-", "").replace(":", "").replace(" ", "").isdigit()


def _columns(
    sheet: Any, header: _Header, dropdowns: Mapping[int, Sequence[str]], picklists: dict[str, dict[str, str]]
) -> dict[str, TargetColumn]:
    red = _red_headers(sheet, header)
    columns: dict[str, TargetColumn] = {}
    for index, raw in sorted(header.names.items()):
        cell = sheet.cell(header.row, index + 1)
        notes = [cell.comment.text if cell.comment else "", *_prompts(sheet, index, header.row)]
        note = " ".join(part for text in dict.fromkeys(notes) if (part := _text(text)))
        shown = header.titles.get(index, raw)
        name, title = field_name(raw), _MARK.sub("", shown).strip()
        said = f"{shown} {raw} {header.marks.get(index, '')} {note}"
        known = list(dict.fromkeys(map(str, dropdowns.get(index, ()))))
        kind, length = _kind(sheet, index, header.row, said)
        if known:
            picklist = name if name not in picklists else f"{sheet.title}_{name}"
            picklists[picklist] = {code: code for code in known}
            kind, length = "text", max(length or 0, *map(len, known))
        required = (
            bool(_STAR.search(raw + shown))
            or (bool(_REQUIRED.search(said)) and not _NOT_REQUIRED.search(said))
            or index in red
        )
        columns[name] = TargetColumn(
            type=kind, length=length or TargetColumn.length, required=required, unique=bool(_UNIQUE.search(said)),
            picklist=picklist if known else "", title=title if title != name else "", note=note,
        )  # fmt: skip
    return columns


def _red_headers(sheet: Any, header: _Header) -> set[int]:
    """Return the columns whose header is red, where the sheet says that red means required."""
    rows = sheet.iter_rows(max_row=_ROWS_LOOKED_AT, values_only=True)
    if not any(_RED.search(_text(value)) for row in rows for value in row if isinstance(value, str)):
        return set()
    found = set()
    for index in header.names:
        color = sheet.cell(header.row, index + 1).font.color
        rgb = color.rgb if color is not None and isinstance(color.rgb, str) else ""
        if len(rgb) == 8 and int(rgb[2:4], 16) > 150 and int(rgb[4:6], 16) < 100 and int(rgb[6:8], 16) < 100:
            found.add(index)
    return found


def _rules(sheet: Any, index: int, row: int) -> list[Any]:
    """Return the validations of the cells of a column below its header."""
    from openpyxl.utils import get_column_letter

    cell = f"{get_column_letter(index + 1)}{row + 1}"
    below = f"{get_column_letter(index + 1)}{row + 2}"
    return [rule for rule in sheet.data_validations.dataValidation if cell in rule.cells or below in rule.cells]


def _prompts(sheet: Any, index: int, row: int) -> list[str]:
    return [text for rule in _rules(sheet, index, row) for text in (rule.promptTitle, rule.prompt) if text]


def _kind(sheet: Any, index: int, row: int, said: str) -> tuple[Any, int | None]:
    """Return the kind of value, and the length where it is told: by a validation, else by what the notes say."""
    kind, length = "text", None
    for rule in _rules(sheet, index, row):
        if rule.type == "textLength":
            length = _most(rule) or length
        elif rule.type in ("date", "time"):
            kind = "date"
        elif rule.type in ("whole", "decimal"):
            kind = "integer" if rule.type == "whole" else "decimal"
    if kind == "text" and not (_DATETIME.search(said) or _DATE.search(said)):
        found = next((match for pattern in _LENGTH if (match := pattern.search(said))), None)
        length = length or (int(found.group(1)) or None if found else None)
        kind = "decimal" if _NUMBER.search(said) else kind
    elif kind in ("text", "date"):
        kind = "datetime" if _DATETIME.search(said) else "date"
    return kind, length


def _most(rule: Any) -> int | None:
    """Return the greatest length a validation allows."""
    text = rule.formula2 if rule.operator in (None, "between") else rule.formula1
    if rule.operator in ("greaterThan", "greaterThanOrEqual", "notEqual") or not str(text or "").isdecimal():
        return None
    return int(text) - (rule.operator == "lessThan") or None


def field_name(header: str) -> str:
    """Return the name of a field by its header: without the marks of required fields."""
    return _MARK.sub("", header).strip() or header


def template_layout(path: Path, *, header_row: int = 0, first_row: int = 0) -> dict[str, Layout]:
    """Return sheet → where its values go: below the header, and below rows of marks or technical names that belong to it.

    Args:
        path: an .xlsx workbook.
        header_row: where the header has to stand; a sheet with another one is left out. 0: wherever it is found.
        first_row: of the data, where that is known.

    Raises:
        LocationError: it cannot be read.
    """
    book = _opened(path)
    found: dict[str, Layout] = {}
    for sheet in book.worksheets:
        header = _header(sheet) if sheet.sheet_state == "visible" else None
        if header is None or (header_row and header.row != header_row):
            continue
        columns = {field_name(raw): index + 1 for index, raw in sorted(header.names.items())}
        below = header.row
        for row in sheet.iter_rows(min_row=header.row + 1, max_row=header.row + 3, values_only=True):
            texts = {index: _text(value) for index, value in enumerate(row) if _text(value) and index in header.titles}
            if not texts or not (texts == header.marks or all(header.names.get(i) == t for i, t in texts.items())):
                break
            below += 1
        found[sheet.title] = Layout(sheet.title, header.row, first_row or below + 1, columns)
    return found
