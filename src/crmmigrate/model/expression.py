"""What an SQL expression of a mapping file names, and whether it looks at its own row alone."""

from __future__ import annotations

import re

_BEYOND = re.compile(
    r"\bselect\b|\bover\s*\(|\bunnest\s*\(|\b(?:random|uuid|gen_random_uuid|nextval)\s*\(", re.IGNORECASE
)


def stays_in_its_row(sql: str) -> bool:
    """Whether the expression holds no subquery, window, unnest or random value; aggregates show by their number of rows."""
    return not _BEYOND.search(_code(sql))


def named_columns(sql: str, columns: list[str]) -> list[str]:
    """Return those of the columns that the expression names, in quotes or as a bare word; texts in it name none."""
    code = _code(sql)
    words = {word.replace('""', '"') for word in re.findall(r'"((?:[^"]|"")+)"', code)}
    words |= set(re.findall(r"\w+", re.sub(r'"(?:[^"]|"")*"', " ", code)))
    folded = {word.casefold() for word in words}
    return [column for column in columns if column.casefold() in folded]


def _code(sql: str) -> str:
    """Return an expression without the texts in it."""
    return re.sub(r"'(?:[^']|'')*'", " ", sql)
