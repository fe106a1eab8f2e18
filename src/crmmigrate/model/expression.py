"""What an SQL expression of a mapping file names, and whether it looks at its own row alone."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa

_BEYOND = re.compile(
    r"\bselect\b|\bover\s*\(|\bunnest\s*\(|\b(?:random|uuid|gen_random_uuid|nextval)\s*\(", re.IGNORECASE
)


def stays_in_its_row(sql: str) -> bool:
    """Whether the expression holds no subquery, window, unnest or random value; aggregates show by their number of rows."""
    return not _BEYOND.search(_code(sql))


def unbalanced(sql: str) -> str:
    """Return the first quote or bracket of an expression that has no partner; else an empty text."""
    code = re.sub(r'"(?:[^"]|"")*"', " ", _code(sql))
    for quote in ("'", '"'):
        if quote in code:
            return quote
    open_: list[str] = []
    for sign in code:
        if sign in "([{":
            open_.append(sign)
        elif sign in ")]}" and (not open_ or "([{".index(open_.pop()) != ")]}".index(sign)):
            return sign
    return open_[-1] if open_ else ""


def named_columns(sql: str, columns: list[str]) -> list[str]:
    """Return those of the columns that the expression names, in quotes or as a bare word; texts in it name none."""
    folded = {word.casefold() for word in words_of(sql)}
    return [column for column in columns if column.casefold() in folded]


def words_of(sql: str) -> list[str]:
    """Return every word of an expression that may be a column's name, each once, whatever its case."""
    code = _code(sql)
    words = [word.replace('""', '"') for word in re.findall(r'"((?:[^"]|"")+)"', code)]
    words += re.findall(r"\w+", re.sub(r'"(?:[^"]|"")*"', " ", code))
    return list({word.casefold(): word for word in reversed(words)}.values())


def _code(sql: str) -> str:
    """Return an expression without the texts in it."""
    return re.sub(r"'(?:[^']|'')*'", " ", sql)


class FailedExpression(Exception):
    """An expression could not be evaluated, or looks at more than its own row. Holds no value of a row.

    Args:
        sql: the expression.
        why: the kind of DuckDB's error, or an empty text.
    """

    def __init__(self, sql: str, why: str = "") -> None:
        super().__init__(why)
        self.sql = sql
        self.why = why


def evaluated(expressions: tuple[str, ...], rows: pa.Table) -> dict[str, list[str | None]]:
    """Evaluate expressions for each row, confined: no files, no network, no settings, no other rows.

    Args:
        expressions: DuckDB's SQL.
        rows: columns of text.

    Returns:
        Expression → its value in each row as text; an empty one is None.

    Raises:
        FailedExpression: at the first that fails.
    """
    import duckdb

    connection = duckdb.connect(":memory:", config={"enable_external_access": "false"})
    answers: dict[str, list[str | None]] = {}
    try:
        relation = connection.from_arrow(rows)
        connection.execute("SET lock_configuration = true")
        for sql in expressions:
            try:
                found = relation.select(duckdb.SQLExpression(sql).cast("VARCHAR")).fetchall()
            except duckdb.Error as error:
                raise FailedExpression(sql, type(error).__name__) from error
            if len(found) != rows.num_rows or not stays_in_its_row(sql):
                raise FailedExpression(sql)
            answers[sql] = [row[0] or None for row in found]
    finally:
        connection.close()
    return answers
