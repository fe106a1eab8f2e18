"""Run the SQL of rules: what it names is known before it is run, and what it returns are records or subjects."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from crmmigrate.checks.rule_macros import WORKING, RuleConnection
from crmmigrate.errors import ConfigurationError
from crmmigrate.messages import Message
from crmmigrate.model.document import nearest, nearest_or_all
from crmmigrate.model.issue import ORIGIN, RECORD
from crmmigrate.model.rule import WORKED
from crmmigrate.model.table import quoted, sql_name
from crmmigrate.model.work_calendar import FIRST, WorkCalendar

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    import duckdb

    from crmmigrate.model.rule import Rule

SUBJECT = "subject"
TOLD = ("column", "value", "expected")
"""What a rule may return beside the record or subject."""

_LIMIT = re.compile(r"""('(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*)|\$\w+""")
_LINE = re.compile(r"^LINE (\d+):", re.MULTILINE)


class Hit(NamedTuple):
    """One row that a rule returned. `record` and `origin` are empty of a subject, `subject` of a record."""

    record: str
    origin: str
    subject: str
    column: str
    value: str | None
    expected: str | None


class RuleFault(Exception):
    """The SQL of a rule is wrong. Holds no value of a row.

    Args:
        code: what kind of fault, as an error code.
        message: what is wrong.
        line: of the SQL, from 1; 0 where it is not known.
        hint: what may have been meant.
    """

    def __init__(self, code: str, message: Message, line: int = 0, hint: Message | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.message = message
        self.line = line
        self.hint = hint

    def error(self, rule: Rule) -> ConfigurationError:
        """Return the fault as what stops a command."""
        return ConfigurationError(self.code, self.message, f"{rule.file} {rule.code}", self.hint)


def parsed(sql: str) -> tuple[str, set[str]]:
    """Return the one SELECT that the SQL of a rule is, without what stands behind it, and the names of its limits.

    Raises:
        RuleFault: it is not one SELECT.
    """
    import duckdb

    try:
        statements = duckdb.extract_statements(sql)
    except duckdb.Error as error:
        raise fault_of(error) from error
    if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
        raise RuleFault("rule.not-select", Message("the SQL of a rule is one SELECT"))
    whole = sql.encode()
    ends = (
        at for at, kind in duckdb.tokenize(sql) if kind == duckdb.token_type.operator and whole[at : at + 1] == b";"
    )
    return whole[: next(ends, len(whole))].decode().rstrip(), set(statements[0].named_parameters)


def tables_of(sql: str) -> set[str]:
    """Return the names of the tables that a SELECT reads.

    Raises:
        RuleFault: its syntax is wrong, or it calls a function that is not there.
    """
    import duckdb

    try:
        return set(_nowhere().get_table_names(_LIMIT.sub(lambda found: found.group(1) or "0", sql))) - {WORKED}
    except duckdb.Error as error:
        raise fault_of(error) from error


@cache
def _nowhere() -> duckdb.DuckDBPyConnection:
    """Return a connection with the macros and no tables: where tables are views, DuckDB would name what these read."""
    import duckdb

    connection = duckdb.connect(":memory:", config={"enable_external_access": "false"})
    RuleConnection(connection, WorkCalendar({}, frozenset())).judge_on(FIRST)
    return connection


def uses_calendar(rule: Rule) -> bool:
    """Whether a rule counts working days."""
    return any(calls(rule.sql, name) for name in WORKING)


def calls(sql: str, macro: str) -> bool:
    """Whether SQL calls a macro."""
    return re.search(rf"\b{macro}\s*\(", sql, re.IGNORECASE) is not None


def names(sql: str, column: str) -> bool:
    """Whether SQL names a column, in whatever case."""
    return re.search(rf"(?<!\w){re.escape(column)}(?!\w)", sql, re.IGNORECASE) is not None


def distinct(columns: Iterable[str]) -> list[str]:
    """Return the columns that SQL can tell apart: of those that differ only in case, the first."""
    first: dict[str, str] = {}
    for column in columns:
        first.setdefault(sql_name(column), column)
    return list(first.values())


def alike(columns: Iterable[str], sql: str) -> list[tuple[str, str]]:
    """Return each column that SQL names and another one hides, with that one: they differ only in case."""
    columns = list(columns)
    first = {sql_name(column): column for column in distinct(columns)}
    return [(name, first[sql_name(name)]) for name in columns if first[sql_name(name)] != name and names(sql, name)]


def hits(
    connection: duckdb.DuckDBPyConnection, rule: Rule, known: Collection[str], limits: Mapping[str, float] | None = None
) -> list[Hit]:
    """Run a rule and return what it found, in the order of the records or subjects, of one in that of what is told.

    Args:
        connection: with the macros, and a view for each table.
        rule: the rule.
        known: the names of the tables.
        limits: values of its limits in place of its own.

    Raises:
        RuleFault: the SQL is wrong, reads a table that is not there, or returns what a rule does not return.
    """
    import duckdb

    sql, named = parsed(rule.sql)
    chosen = dict(rule.limits if limits is None else limits)
    _check_limits(named, chosen)
    for table in sorted(tables_of(sql) - set(known)):
        raise RuleFault(
            "rule.unknown-table", Message("no table is called '{name}'", name=table), hint=nearest_or_all(table, known)
        )
    if rule.object and rule.object not in known:
        raise RuleFault(
            "rule.unknown-table",
            Message("no table is called '{name}'", name=rule.object),
            hint=nearest_or_all(rule.object, known),
        )
    parameters = {name: _plain(value) for name, value in chosen.items()}
    try:
        empty = connection.execute(f"SELECT * FROM (\n{sql}\n) LIMIT 0", parameters or None)
        columns = {str(one[0]) for one in empty.description or ()}
        empty.fetchall()  # DuckDB refuses other work while a result is unfinished
        _check_columns(rule, columns)
        rows = connection.execute(_wrapped(rule, sql, columns), parameters or None).fetchall()
    except duckdb.Error as error:
        raise fault_of(error, offset=1) from error
    found = [Hit(*(row[0] or "", row[1] or "", row[2] or "", row[3] or ""), row[4], row[5]) for row in rows]
    if any(not (hit.record or hit.subject) for hit in found):
        raise RuleFault(
            "rule.no-name", Message("the rule returns rows without '{name}'", name=RECORD if rule.object else SUBJECT)
        )
    if rule.object and (strangers := sum(row[6] for row in rows)):
        message = Message("the rule returns {count} records that '{name}' has not", count=strangers, name=rule.object)
        raise RuleFault("rule.strange-record", message)
    return found


def _wrapped(rule: Rule, sql: str, columns: set[str]) -> str:
    told = [f"h.{quoted(name)}::VARCHAR" if name in columns else "NULL::VARCHAR" for name in TOLD]
    if not rule.object:
        return f"SELECT NULL, NULL, h.{SUBJECT}::VARCHAR AS s, {', '.join(told)}, false FROM (\n{sql}\n) h ORDER BY s, 4, 5, 6"
    return (
        f"SELECT h.{RECORD}::VARCHAR AS r, t.{ORIGIN}, NULL, {', '.join(told)}, t.{RECORD} IS NULL FROM (\n{sql}\n) h "
        f"LEFT JOIN {quoted(rule.object)} t ON t.{RECORD} = h.{RECORD}::VARCHAR ORDER BY r, 4, 5, 6"
    )


def _check_limits(named: set[str], limits: Mapping[str, Any]) -> None:
    for name in sorted(named - set(limits)):
        raise RuleFault(
            "rule.unknown-limit", Message("no limit is called '{name}'", name=name), hint=nearest_or_all(name, limits)
        )
    for name in sorted(set(limits) - named):
        raise RuleFault(
            "rule.unused-limit",
            Message("the SQL does not use the limit '{name}'", name=name),
            hint=nearest(name, named),
        )


def _check_columns(rule: Rule, columns: set[str]) -> None:
    wanted = RECORD if rule.object else SUBJECT
    if wanted not in columns:
        raise RuleFault(
            "rule.no-name", Message("the rule returns rows without '{name}'", name=wanted),
            hint=Message("return {name}, and if you like: {words}", name=wanted, words=", ".join(TOLD)),
        )  # fmt: skip
    for name in sorted(columns - {wanted, *TOLD}):
        raise RuleFault(
            "rule.unknown-column", Message("a rule returns no column '{name}'", name=name),
            hint=nearest(name, (wanted, *TOLD)) or Message("known are: {words}", words=", ".join((wanted, *TOLD))),
        )  # fmt: skip


def _plain(value: float) -> int | float:
    """Return a limit as a plain number: one that remembers how it was written is none to DuckDB."""
    return int(value) if isinstance(value, int) else float(value)


def fault_of(error: duckdb.Error, *, offset: int = 0) -> RuleFault:
    """Return what DuckDB says of a statement; what it says of values is left out, because they may be personal."""
    import duckdb

    said = str(error)
    line = _LINE.search(said)
    number = max(int(line.group(1)) - offset, 0) if line else 0
    if isinstance(error, (duckdb.ParserException, duckdb.BinderException, duckdb.CatalogException)):
        why = said.partition("\n\n")[0].splitlines()
        about = [text.strip() for text in why if text.strip()]
        return RuleFault("rule.sql", Message("the SQL is wrong: {why}", why=" ".join(about)), number)
    return RuleFault("rule.sql-failed", Message("the SQL could not be run ({why})", why=type(error).__name__), number)
