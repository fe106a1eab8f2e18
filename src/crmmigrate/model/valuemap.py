"""Value maps: a CSV with the columns `source` and `target`, and `meaning` where the business says what it means by a value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crmmigrate.errors import ConfigurationError
from crmmigrate.messages import Message

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from crmmigrate.model.mapping import FieldMapping
    from crmmigrate.model.mapping import Mapping as MappingFile


def as_text(value: Any) -> str | None:
    """Return a value written in YAML as the text that tables hold; an empty one is None."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return None if value is None or value == "" else str(value)


_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20, 0xA0: 0x20}
"""Full-width signs and blanks → plain ones."""


def folded_word(text: str) -> str:
    """Return a word with plain signs, in small letters and with single blanks; `A+` and `A-` stay two words."""
    return " ".join(text.translate(_WIDTH).casefold().split())


def read_value_map(path: Path, place: str) -> dict[str, str | None]:
    """Read a value map.

    Args:
        path: a CSV in UTF-8 with the columns `source` and `target`; an empty target means an empty value.
        place: where the file is named, for errors.

    Raises:
        ConfigurationError: it does not exist, is not such a file, or gives one source two targets.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise ConfigurationError(
            "mapping.value-file-missing", Message("the value map '{name}' cannot be read", name=path.name), place,
            Message("its path starts at the mapping file or at the folder above it"),
        ) from error  # fmt: skip
    except UnicodeDecodeError as error:
        raise _not_a_map(path.name, place) from error
    return parsed_value_map(text, path.name, place)


def parsed_value_map(text: str, name: str, place: str) -> dict[str, str | None]:
    """Return source value → target of a value map's text.

    Args:
        text: of the CSV file, without a byte order mark.
        name: of the file, for errors.
        place: where it is named, for errors.

    Raises:
        ConfigurationError: it is no such file, or gives one source two targets.
    """
    import csv
    import io

    try:
        reader = csv.DictReader(io.StringIO(text, newline=""))
        rows = list(reader)
        header = reader.fieldnames or []
    except csv.Error as error:
        raise _not_a_map(name, place) from error
    if not {"source", "target"} <= set(header):
        raise _not_a_map(name, place)
    mapped: dict[str, str | None] = {}
    for row in rows:
        source, target = (row["source"] or "").strip(), (row["target"] or "").strip() or None
        if mapped.setdefault(source, target) != target:
            raise ConfigurationError(
                "mapping.value-twice",
                Message("'{name}' gives '{word}' two targets", name=name, word=source),
                place,
            )
    return mapped


def read_meanings(path: Path) -> dict[str, str]:
    """Return source value → what the business means by it, of a value map with a column `meaning`; else nothing."""
    try:
        return parsed_meanings(path.read_bytes().decode("utf-8-sig"))
    except (OSError, UnicodeDecodeError):
        return {}


def meanings_of(mapping: MappingFile, spec: FieldMapping) -> dict[str, str]:
    """Return what the business means by the values of a field: what the CSV of its value map says, and the file itself."""
    in_csv = read_meanings(mapping.value_file(spec.values)) if isinstance(spec.values, str) else {}
    return {**in_csv, **spec.meanings}


def parsed_meanings(text: str) -> dict[str, str]:
    """Return source value → what the business means by it, of a value map's text; nothing where it is no CSV."""
    import csv
    import io

    try:
        rows = list(csv.DictReader(io.StringIO(text, newline="")))
    except csv.Error:
        return {}
    return {(row.get("source") or "").strip(): meant for row in rows if (meant := (row.get("meaning") or "").strip())}


def rewritten_value_map(
    text: str, targets: Mapping[str, str | None], meanings: Mapping[str, str] | None = None
) -> str:  # fmt: skip
    """Return the text of a value map with other targets; every record that stays the same keeps its bytes.

    Args:
        text: of the CSV file.
        targets: source value → its target, of those that change or are new; new ones come last.
        meanings: source value → what the business means by it; the column `meaning` is added where there is none.
    """
    meant = meanings or {}
    records = list(_records(text))
    header = _cells(records[0].lstrip("\ufeff")) if records else []
    newline = "\r\n" if records[0].endswith("\r\n") else "\n"
    lines = [records[0]]
    if meant and "meaning" not in header:
        header.append("meaning")
        end = _line_end(records[0])
        lines = [f"{records[0][: len(records[0]) - len(end)]},meaning{end}"]
    source = header.index("source")
    left = dict.fromkeys([*targets, *meant])
    for record in records[1:]:
        cells = _cells(record)
        value = cells[source].strip() if len(cells) > source else None
        if value is None or value not in left:
            lines.append(record)
            continue
        _fill(cells, header, value, targets, meant)
        lines.append(_csv_line(cells, _line_end(record)))
        left[value] = True
    new = [value for value, seen in left.items() if not seen]
    if new and not lines[-1].endswith("\n"):
        lines[-1] += newline
    for value in new:
        cells = [""] * len(header)
        cells[source] = value
        _fill(cells, header, value, targets, meant)
        lines.append(_csv_line(cells, newline))
    return "".join(lines)


def _fill(
    cells: list[str], header: list[str], value: str, targets: Mapping[str, str | None], meanings: Mapping[str, str]
) -> None:  # fmt: skip
    cells += [""] * (len(header) - len(cells))
    if value in targets:
        cells[header.index("target")] = targets[value] or ""
    if value in meanings:
        cells[header.index("meaning")] = meanings[value]


def _cells(record: str) -> list[str]:
    import csv
    import io

    return next(csv.reader(io.StringIO(record, newline="")), [])


def _line_end(record: str) -> str:
    return record[len(record.rstrip("\r\n")) :]


def _csv_line(cells: list[str], end: str) -> str:
    import csv
    import io

    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerow(cells)  # with another one it would leave a lone \r without quotes
    return out.getvalue().removesuffix("\r\n") + end


def _records(text: str) -> Iterator[str]:
    """Yield the records of a CSV with their line ends; a quoted cell may hold some."""
    import re

    pending = ""
    for line in re.split(r"(?<=\n)", text):
        pending += line
        if pending.count('"') % 2 == 0:
            yield pending
            pending = ""
    if pending:
        yield pending


def _not_a_map(name: str, place: str) -> ConfigurationError:
    return ConfigurationError(
        "mapping.value-file", Message("'{name}' is no value map", name=name), place,
        Message("give a CSV in UTF-8 with the columns source and target"),
    )  # fmt: skip
