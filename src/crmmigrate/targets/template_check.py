"""Read filled import files again and hold them against the limits of their CRM, without a word of the code that wrote them."""

from __future__ import annotations

import csv
import sys
from typing import TYPE_CHECKING

from crmmigrate.messages import Message

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from crmmigrate.model.import_profile import ImportProfile, Layout


def check_files(paths: Iterable[Path], profile: ImportProfile, layout: Layout) -> list[tuple[str, Message]]:
    """Return place and reason of everything that the CRM would refuse; files are looked at one by one, `unique` over all of them.

    Args:
        paths: the files.
        profile: the limits.
        layout: of the template they were made from.
    """
    problems: list[tuple[str, Message]] = []
    seen: dict[str, set[str]] = {name: set() for name in profile.unique}
    names = sorted(layout.columns, key=lambda name: layout.columns[name])
    for path in paths:
        if path.suffix != f".{profile.format}":
            problems.append((path.name, Message("the ending is not .{ending}", ending=profile.format)))
            continue
        if profile.max_bytes and path.stat().st_size > profile.max_bytes:
            problems.append(
                (
                    path.name,
                    Message("{count} bytes, more than {limit}", count=path.stat().st_size, limit=profile.max_bytes),
                )
            )
        header, rows = _book(path, profile, layout, problems) if profile.format == "xlsx" else _csv(path)
        if profile.format == "csv" and header != names:
            problems.append((path.name, Message("the header is not that of the template")))
        if profile.max_columns and len(header) > profile.max_columns:
            problems.append(
                (path.name, Message("{count} columns, more than {limit}", count=len(header), limit=profile.max_columns))
            )
        count = 0
        for number, row in rows:
            count += 1
            cells = dict(zip(names, row, strict=False))
            problems += [(f"{path.name}!{number}", why) for why in _row_problems(cells, profile, seen)]
        if profile.max_rows and count > profile.max_rows:
            problems.append(
                (path.name, Message("{count} rows, more than {limit}", count=count, limit=profile.max_rows))
            )
        if not count:
            problems.append((path.name, Message("there is no row in it")))
    return problems


def _row_problems(cells: dict[str, str], profile: ImportProfile, seen: dict[str, set[str]]) -> Iterator[Message]:
    for name, value in cells.items():
        if profile.max_cell and len(value) > profile.max_cell:
            yield Message(
                "'{column}': {count} characters, more than {limit}",
                column=name,
                count=len(value),
                limit=profile.max_cell,
            )
        if value and name in profile.digits_only and not (value.isascii() and value.isdigit()):
            yield Message("'{column}' does not hold digits alone", column=name)
        if not value and name in profile.required:
            yield Message("'{column}' is empty", column=name)
        if value and name in seen:
            if value in seen[name]:
                yield Message("'{column}' holds a value for the second time", column=name)
            seen[name].add(value)
    whole = sum(map(len, cells.values()))
    if profile.max_record_characters and whole > profile.max_record_characters:
        yield Message(
            "{count} characters in a row, more than {limit}", count=whole, limit=profile.max_record_characters
        )


def _book(
    path: Path, profile: ImportProfile, layout: Layout, problems: list[tuple[str, Message]]
) -> tuple[Sequence[str], Iterator[tuple[int, list[str]]]]:
    from python_calamine import CalamineWorkbook

    sheet = CalamineWorkbook.from_path(str(path)).get_sheet_by_name(layout.sheet)
    if not profile.merged_cells and sheet.merged_cell_ranges:
        problems.append((path.name, Message("cells are merged")))
    table = sheet.to_python(skip_empty_area=False)
    order = sorted(layout.columns.values())
    header = [str(value) for value in table[layout.header_row - 1] if value != ""]
    rows = (
        (number, [str(row[at - 1]) if at <= len(row) else "" for at in order])
        for number, row in enumerate(table[layout.first_row - 1 :], start=layout.first_row)
        if any(value != "" for value in row)
    )
    return header, rows


def _csv(path: Path) -> tuple[list[str], Iterator[tuple[int, list[str]]]]:
    csv.field_size_limit(min(sys.maxsize, 2**31 - 1))

    def rows() -> Iterator[tuple[int, list[str]]]:
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.reader(file)
            next(reader, None)
            yield from ((number, row) for number, row in enumerate(reader, start=2) if any(row))

    with path.open(encoding="utf-8", newline="") as file:
        header = next(csv.reader(file), [])
    return header, rows()
