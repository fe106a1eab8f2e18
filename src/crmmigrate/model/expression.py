"""What an SQL expression of a mapping file names, and whether it looks at its own row alone."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa

_BEYOND = re.compile(
    r"\bselect\b|\bover\s*\(|\bunnest\s*\(|\b(?:random|uuid|gen_random_uuid|nextval)\s*\(", re.IGNORECASE
)

_NAME = re.compile(r'"(?:[^"]|"")*"')


def stays_in_its_row(sql: str) -> bool:
    """Whether the expression holds no subquery, window, unnest or random value; aggregates show by their number of rows."""
    return not _BEYOND.search(_code(sql))


def unbalanced(sql: str) -> tuple[str, int]:
    """Return a quote or bracket of an expression that has no partner, with its place; else an empty text."""
    code = _NAME.sub(_blanks, _code(sql))
    for quote in ("'", '"'):
        if quote in code:
            return quote, code.index(quote)
    open_: list[tuple[str, int]] = []
    for at, sign in enumerate(code):
        if sign in "([{":
            open_.append((sign, at))
        elif sign in ")]}" and (not open_ or "([{".index(open_.pop()[0]) != ")]}".index(sign)):
            return sign, at
    return open_[-1] if open_ else ("", 0)


def named_columns(sql: str, columns: list[str]) -> list[str]:
    """Return those of the columns that the expression names, in quotes or as a bare word; texts in it name none."""
    folded = {word.casefold() for word in words_of(sql)}
    return [column for column in columns if column.casefold() in folded]


def words_of(sql: str) -> list[str]:
    """Return every word of an expression that may be a column's name, each once, whatever its case."""
    code = _code(sql)
    words = [word.replace('""', '"') for word in re.findall(r'"((?:[^"]|"")+)"', code)]
    words += re.findall(r"\w+", _NAME.sub(" ", code))
    return list({word.casefold(): word for word in reversed(words)}.values())


def _code(sql: str) -> str:
    """Return an expression with blanks in place of the texts in it."""
    return re.sub(r"'(?:[^']|'')*'", _blanks, sql)


def _blanks(found: re.Match[str]) -> str:
    """Return as many blanks, so that all else keeps its place."""
    return " " * len(found.group())


class FailedExpression(Exception):
    """An expression could not be evaluated, or looks at more than its own row. Holds no value of a row.

    Args:
        sql: the expression.
        why: what DuckDB says of the expression, or the kind of its error where it may say something of a row; or an empty text.
        at: how many characters of the expression stand before what is wrong.
    """

    def __init__(self, sql: str, why: str = "", at: int = 0) -> None:
        super().__init__(why)
        self.sql = sql
        self.why = why
        self.at = at


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
                raise FailedExpression(sql, *(_judged(sql, rows) or (type(error).__name__, 0))) from error
            if len(found) != rows.num_rows or not stays_in_its_row(sql):
                raise FailedExpression(sql)
            answers[sql] = [row[0] or None for row in found]
    finally:
        connection.close()
    return answers


def _judged(sql: str, rows: pa.Table) -> tuple[str, int] | None:
    """Return what DuckDB says of an expression that no row was given to, and of which place in it; None where it finds nothing wrong.

    Asked so it tells places, which it does not of expressions, and can say nothing of a row.
    """
    import duckdb

    before, behind = "SELECT\n", "\nFROM given"
    connection = duckdb.connect(":memory:", config={"enable_external_access": "false", "errors_as_json": "true"})
    try:
        connection.register("given", rows.slice(0, 0))
        connection.execute("SET lock_configuration = true")
        connection.execute(before + sql + behind).fetchall()
    except (duckdb.ParserException, duckdb.CatalogException, duckdb.BinderException) as error:
        told = json.loads(str(error).partition(": ")[2])
        place = (before + sql).encode()[: int(told.get("position", 0))].decode(errors="ignore")
        if len(place) >= len(before + sql):  # it ends too early, and what is told is about what stands behind it
            return type(error).__name__, len(sql.rstrip())
        return told["exception_message"].partition("\n")[0], max(len(place) - len(before), 0)
    except duckdb.Error:
        return None
    finally:
        connection.close()
    return None
