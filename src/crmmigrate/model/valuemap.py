"""Value maps: a CSV with the columns `source` and `target`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crmmigrate.errors import ConfigurationError
from crmmigrate.messages import Message

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


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
    import csv

    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            rows = list(reader)
            header = reader.fieldnames or []
    except OSError as error:
        raise ConfigurationError(
            "mapping.value-file-missing", Message("the value map '{name}' cannot be read", name=path.name), place,
            Message("its path starts at the mapping file or at the folder above it"),
        ) from error  # fmt: skip
    except (UnicodeDecodeError, csv.Error) as error:
        raise _not_a_map(path, place) from error
    if not {"source", "target"} <= set(header):
        raise _not_a_map(path, place)
    mapped: dict[str, str | None] = {}
    for row in rows:
        source, target = (row["source"] or "").strip(), (row["target"] or "").strip() or None
        if mapped.setdefault(source, target) != target:
            raise ConfigurationError(
                "mapping.value-twice",
                Message("'{name}' gives '{word}' two targets", name=path.name, word=source),
                place,
            )
    return mapped


def rewritten_value_map(text: str, targets: dict[str, str | None]) -> str:
    """Return the text of a value map with other targets; every record that stays the same keeps its bytes.

    Args:
        text: of the CSV file.
        targets: source value → its target, of those that change or are new; new ones come last.
    """
    import csv
    import io

    left = dict(targets)
    records = list(_records(text))
    header = next(csv.reader([records[0].lstrip("\ufeff")])) if records else []
    source, target = header.index("source"), header.index("target")
    newline = "\r\n" if records[0].endswith("\r\n") else "\n"
    lines = [records[0]]

    def line(cells: list[str], end: str) -> str:
        out = io.StringIO()
        csv.writer(out, lineterminator="\r\n").writerow(
            cells
        )  # with another one it would leave a lone \r without quotes
        return out.getvalue().removesuffix("\r\n") + end

    for record in records[1:]:
        cells = next(csv.reader(io.StringIO(record, newline="")), [])
        value = cells[source].strip() if len(cells) > source else None
        if value is None or value not in targets:
            lines.append(record)
            continue
        left.pop(value, None)
        cells += [""] * (target + 1 - len(cells))
        cells[target] = targets[value] or ""
        lines.append(line(cells, record[len(record.rstrip("\r\n")) :]))
    if left and not lines[-1].endswith("\n"):
        lines[-1] += newline
    for value, wanted in left.items():
        cells = [""] * len(header)
        cells[source], cells[target] = value, wanted or ""
        lines.append(line(cells, newline))
    return "".join(lines)


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


def _not_a_map(path: Path, place: str) -> ConfigurationError:
    return ConfigurationError(
        "mapping.value-file", Message("'{name}' is no value map", name=path.name), place,
        Message("give a CSV in UTF-8 with the columns source and target"),
    )  # fmt: skip
