"""The import template of a CRM as a target: filled, and split into as many files as its limits ask for.

Headers, notes and dropdowns of the template stay; example rows below the header go. Every value is written as text. What the
CRM would refuse or cut off is not written: its row comes back as a reject, with the reason.
"""

from __future__ import annotations

import csv
import re
from copy import copy
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from crmmigrate.errors import ConfigurationError, LocationError
from crmmigrate.messages import Message
from crmmigrate.model.issue import declare_code
from crmmigrate.model.system_words import os_reason
from crmmigrate.model.target import Reject

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from crmmigrate.model.import_profile import ImportProfile, Layout

TOO_LONG = declare_code("template.cell-too-long", Message("the text is longer than the new system takes"))
RECORD_TOO_LONG = declare_code("template.record-too-long", Message("the row is longer than the new system takes"))
NOT_DIGITS = declare_code("template.not-digits", Message("the new system takes nothing but digits here"))
EMPTY = declare_code("template.required", Message("the new system needs a value here"))
TWICE = declare_code("template.twice", Message("the new system takes each value once here"))
CONTROL = declare_code("template.control-character", Message("characters that a workbook cannot hold"))
NO_NAME = declare_code(
    "template.no-name", Message("the record it refers to has no value by which the new system finds it")
)
NAME_TWICE = declare_code(
    "template.name-twice", Message("the value by which the new system finds the record it refers to is that of several")
)
EXCEL_CELL = 32_767
_EXCEL_ROWS = 1_048_576
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_SEPARATORS = re.compile(r"[\s\-()（）]")
_FIRST_TRY = 50_000

Row = tuple[str, tuple[str | None, ...]]
"""`_record` and the cells of a row."""


@dataclass
class Filled:
    """What was written.

    Args:
        files: with the records in them, in the order of their rows.
        rejects: rows that are in no file.
        cleared: example rows taken out of the template.
    """

    files: list[tuple[Path, list[str]]] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    cleared: int = 0


def fill(
    template: Path | None, layout: Layout, columns: Sequence[str], rows: Iterable[Row], profile: ImportProfile, stem: Path
) -> Filled:  # fmt: skip
    """Write rows into as many copies of a template as the limits ask for.

    Args:
        template: the CRM's own workbook; None for a CSV with a header of `columns`.
        layout: of the template.
        columns: names of the cells of a row; each is a column of the layout.
        rows: in order; that order is kept over all files.
        profile: the limits.
        stem: path of the files without number and ending: `out/客户` becomes `out/客户_001.xlsx`.

    Raises:
        ConfigurationError: a column is not in the template, there are too many of them, or the profile asks for a template.
        LocationError: a file cannot be written; what was written of this call is removed.
    """
    _check(template, layout, columns, profile)
    done = Filled()
    try:
        stem.parent.mkdir(parents=True, exist_ok=True)
        most = profile.max_rows or (_EXCEL_ROWS - layout.first_row + 1 if profile.format == "xlsx" else _FIRST_TRY * 20)
        for part in _parts(_fitting(columns, rows, profile, done.rejects), most):
            _write(template, layout, columns, part, profile, stem, done)
    except OSError as error:
        for path, _ in done.files:
            path.unlink(missing_ok=True)
        raise LocationError(
            "target.unwritable", Message("the file cannot be written: {why}", why=os_reason(error)), str(stem.parent),
            Message("is there room on the disk, may you write to the folder, and is the file open elsewhere?"),
        ) from error  # fmt: skip
    return done


def _check(template: Path | None, layout: Layout, columns: Sequence[str], profile: ImportProfile) -> None:
    if template is None and (profile.template_required or profile.format == "xlsx"):
        raise ConfigurationError(
            "template.needed", Message("{crm} takes only its own template", crm=profile.title), "--template",
            Message("download it from the CRM and name it with --template"),
        )  # fmt: skip
    unknown = [name for name in columns if name not in layout.columns]
    if unknown:
        raise ConfigurationError(
            "template.no-column", Message("the template has no column '{column}'", column=unknown[0]), str(template or ""),
            Message("there are: {columns}", columns=", ".join(layout.columns)),
        )  # fmt: skip
    if profile.max_columns and len(layout.columns) > profile.max_columns:
        raise ConfigurationError(
            "template.too-many-columns",
            Message("{count} columns are more than the {limit} that {crm} takes", count=len(layout.columns), limit=profile.max_columns, crm=profile.title),
            str(template or ""), Message("map fewer columns"),
        )  # fmt: skip


def _fitting(
    columns: Sequence[str], rows: Iterable[Row], profile: ImportProfile, rejects: list[Reject]
) -> Iterator[Row]:
    seen: dict[str, set[str]] = {name: set() for name in profile.unique}
    for record, cells in rows:
        values = [
            digits(value) if value and name in profile.digits_only else value
            for name, value in zip(columns, cells, strict=True)
        ]
        reject = _unfit(columns, values, profile, seen)
        if reject:
            rejects.append(Reject(record, *reject))
            continue
        for name, value in zip(columns, values, strict=True):
            if name in seen and value:
                seen[name].add(value)
        yield record, tuple(values)


def digits(value: str) -> str:
    """Take separators and the country code +86 off a telephone number; whatever else is in it stays."""
    return _SEPARATORS.sub("", value).removeprefix("+86")


def _unfit(
    columns: Sequence[str], values: Sequence[str | None], profile: ImportProfile, seen: dict[str, set[str]]
) -> tuple[str, str] | None:
    """Return why a row would be refused, and the column."""
    most = min(profile.max_cell or EXCEL_CELL, EXCEL_CELL) if profile.format == "xlsx" else profile.max_cell
    for name, value in zip(columns, values, strict=True):
        if not value:
            if name in profile.required:
                return EMPTY, name
            continue
        if most and len(value.encode("utf-16-le", "surrogatepass")) // 2 > most:
            return TOO_LONG, name
        if _UNWRITABLE.search(value):
            return CONTROL, name
        if name in profile.digits_only and not (value.isascii() and value.isdigit()):
            return NOT_DIGITS, name
        if value in seen.get(name, ()):
            return TWICE, name
    if profile.max_record_characters and sum(len(value or "") for value in values) > profile.max_record_characters:
        return RECORD_TOO_LONG, ""
    return None


def _parts(rows: Iterator[Row], most: int) -> Iterator[list[Row]]:
    part: list[Row] = []
    for row in rows:
        part.append(row)
        if len(part) == most:
            yield part
            part = []
    if part:
        yield part


def _write(
    template: Path | None, layout: Layout, columns: Sequence[str], part: list[Row], profile: ImportProfile, stem: Path, done: Filled
) -> None:  # fmt: skip
    """Write one part; where the file comes out larger than the limit, its halves instead."""
    path = stem.with_name(f"{stem.name}_{len(done.files) + 1:03d}.{profile.format}")
    draft = path.with_name(f".{path.name}.draft")
    try:
        if template is not None and profile.format == "xlsx":
            done.cleared = _write_book(draft, template, layout, columns, part)
        else:
            _write_csv(draft, layout, columns, part)
        fits = not profile.max_bytes or draft.stat().st_size <= profile.max_bytes
        if fits:
            draft.replace(path)
            done.files.append((path, [record for record, _ in part]))
            return
    finally:
        draft.unlink(missing_ok=True)
    if len(part) == 1:
        done.rejects.append(Reject(part[0][0], RECORD_TOO_LONG))
        return
    half = len(part) // 2
    for rows in (part[:half], part[half:]):
        _write(template, layout, columns, rows, profile, stem, done)


def _write_book(path: Path, template: Path, layout: Layout, columns: Sequence[str], part: list[Row]) -> int:
    """Fill a copy of the template; return how many rows of examples were taken out."""
    import warnings

    from openpyxl import load_workbook

    with warnings.catch_warnings(action="ignore"):  # what is not kept is found by comparing the copy with the template
        book = load_workbook(template)
    sheet: Any = book[layout.sheet]
    top, last = layout.first_row, sheet.max_row
    styles = {at: copy(sheet.cell(top, at)._style) for at in layout.columns.values()}  # noqa: SLF001  # the only way to share one
    cleared = 0
    for row in range(top, last + 1):
        filled = [cell for cell in sheet[row] if cell.value is not None]
        cleared += bool(filled)
        for cell in filled:
            cell.value = None
    numbers = [layout.columns[name] for name in columns]
    for row, (_, cells) in enumerate(part, start=top):
        for at, value in zip(numbers, cells, strict=True):
            if value:
                written = sheet.cell(row, at, value)
                written.data_type = "s"  # never a formula
                written._style = copy(styles[at])  # noqa: SLF001
    book.save(path)
    return cleared


def _write_csv(path: Path, layout: Layout, columns: Sequence[str], part: list[Row]) -> None:
    names = sorted(layout.columns, key=lambda name: layout.columns[name])
    at = [columns.index(name) if name in columns else -1 for name in names]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\r\n")
        writer.writerow(names)
        writer.writerows([cells[i] if i >= 0 else None for i in at] for _, cells in part)
