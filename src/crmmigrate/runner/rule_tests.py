"""Run the tests of rules, and tell which thresholds they would let drift."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from crmmigrate.checks.rule_engine import SUBJECT, TOLD, RuleFault, fault_of, hits
from crmmigrate.checks.rule_macros import RuleConnection
from crmmigrate.messages import Message
from crmmigrate.model.issue import ORIGIN, RECORD
from crmmigrate.model.rule import TIMES
from crmmigrate.model.table import quoted
from crmmigrate.model.valuemap import as_text
from crmmigrate.model.work_calendar import read_calendar

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from crmmigrate.checks.rule_engine import Hit
    from crmmigrate.model.rule import Rule, RuleTest
    from crmmigrate.model.work_calendar import WorkCalendar

ANY_DAY = date(2026, 1, 1)


@dataclass(frozen=True)
class RuleResult:
    """What the tests of one rule came to.

    Args:
        wrong: number of a test and what is wrong with it; nothing where all pass.
        fault: of the SQL, met by any of them.
        loose: limits that could be one step lower, or one step higher, and every test would still pass.
    """

    wrong: list[tuple[int, Message]] = field(default_factory=list)
    fault: RuleFault | None = None
    loose: list[tuple[str, Message]] = field(default_factory=list)

    @property
    def passed(self) -> bool:
        """Whether every test passes."""
        return not self.wrong and self.fault is None


class RuleBench:
    """Runs the tests of rules, all in one confined DuckDB.

    Args:
        calendar: the days that are worked.
    """

    def __init__(self, calendar: WorkCalendar) -> None:
        import duckdb

        settings: dict[str, Any] = {
            "enable_external_access": "false",
            "python_enable_replacements": "false",
            "threads": "1",
        }
        self.connection = duckdb.connect(":memory:", config=settings)
        self.connection.execute("SET enable_progress_bar = false")
        self.connection.execute("SET lock_configuration = true")
        self._prepared = RuleConnection(self.connection, calendar)

    @classmethod
    def beside(cls, rules: Path) -> RuleBench:
        """Return a bench with the calendar that lies beside the rules.

        Raises:
            Findings: everything wrong in the calendar.yaml.
        """
        return cls(read_calendar(rules))

    def run(self, rule: Rule) -> RuleResult:
        """Run the tests of a rule; where all pass, also with each of its limits one step off."""
        columns = _columns(rule)
        try:
            wrong = [
                (i, message)
                for i, test in enumerate(rule.tests)
                for message in self._differences(rule, test, columns, rule.limits)
            ]
        except RuleFault as fault:
            return RuleResult(fault=fault)
        return RuleResult(wrong, None, [] if wrong else list(self._loose(rule, columns)))

    def empty(self, rule: Rule, columns: Mapping[str, Iterable[str]]) -> None:
        """Run a rule over empty tables with these columns.

        Raises:
            RuleFault: the SQL is wrong, or names a table or column that is not there.
        """
        self._prepared.judge_on(ANY_DAY)
        with _Given(self, columns, {}):
            hits(self.connection, rule, tuple(columns))

    def _loose(self, rule: Rule, columns: dict[str, list[str]]) -> Iterator[tuple[str, Message]]:
        for name, value in rule.limits.items():
            step = _step(value)
            for message, other in (
                (Message("lower"), Decimal(str(value)) - step),
                (Message("higher"), Decimal(str(value)) + step),
            ):
                moved = {**rule.limits, name: int(other) if isinstance(value, int) else float(other)}
                if not self._noticed(rule, columns, moved):
                    told = Message(
                        "no test fails where the limit '{name}' is {value}, which is {way}",
                        name=name,
                        value=other,
                        way=message,
                    )
                    yield name, told

    def _noticed(self, rule: Rule, columns: dict[str, list[str]], limits: Mapping[str, float]) -> bool:
        """Whether a test of the rule fails with these limits; that the SQL cannot be run with them is noticed, too."""
        try:
            return any(self._differences(rule, test, columns, limits, names_only=True) for test in rule.tests)
        except RuleFault:
            return True

    def _differences(
        self, rule: Rule, test: RuleTest, columns: dict[str, list[str]], limits: Mapping[str, float], *, names_only: bool = False
    ) -> list[Message]:  # fmt: skip
        self._prepared.judge_on(date.fromisoformat(test.as_of) if test.as_of else ANY_DAY)
        with _Given(self, columns, test.given):
            found = hits(self.connection, rule, tuple(columns), limits)
        name = _named(rule)
        wanted = [{name: one} if isinstance(one, str) else one for one in test.expect]
        if names_only:  # a value that shows the limit itself proves nothing about it
            wanted = [{name: one.get(name)} for one in wanted]
        return _compared(rule, wanted, found)


class _Given:
    """The tables of one test, there while it runs."""

    def __init__(
        self, bench: RuleBench, columns: Mapping[str, Iterable[str]], given: Mapping[str, Iterable[Mapping[str, Any]]]
    ) -> None:
        self.bench = bench
        self.columns = columns
        self.given = given

    def __enter__(self) -> None:
        import duckdb

        try:
            self._make()
        except duckdb.Error as error:
            self.__exit__()
            raise fault_of(error) from error

    def _make(self) -> None:
        for name, named in self.columns.items():
            columns = list(dict.fromkeys((RECORD, ORIGIN, *named)))
            shape = ", ".join(f"{quoted(column)} VARCHAR" for column in columns)
            self.bench.connection.execute(f"CREATE OR REPLACE TEMP TABLE {quoted(name)} ({shape})")
            given = [row for row in self.given.get(name, ()) for _ in range(row.get(TIMES, 1))]
            rows = [self._cells(name, number, row, columns) for number, row in enumerate(given, 1)]
            if rows:
                blanks = ", ".join("(" + ", ".join("?" * len(columns)) + ")" for _ in rows)
                cells = [cell for row in rows for cell in row]
                self.bench.connection.execute(f"INSERT INTO {quoted(name)} VALUES {blanks}", cells)

    def __exit__(self, *_: object) -> None:
        for name in self.columns:
            self.bench.connection.execute(f"DROP TABLE IF EXISTS {quoted(name)}")

    @staticmethod
    def _cells(name: str, number: int, row: Mapping[str, Any], columns: list[str]) -> list[str | None]:
        """Return the cells of a row; one without a name is called after its place in the test, `table/1`."""
        own = {RECORD: f"{name}/{number}", ORIGIN: f"{name}!{number}"}
        return [as_text(row.get(column)) or own.get(column) for column in columns]


def _columns(rule: Rule) -> dict[str, list[str]]:
    """Return table → the columns that any test of the rule names."""
    found: dict[str, dict[str, None]] = {}
    for test in rule.tests:
        for table, rows in test.given.items():
            found.setdefault(table, {}).update((column, None) for row in rows for column in row if column != TIMES)
    return {table: list(columns) for table, columns in found.items()}


def _named(rule: Rule) -> str:
    return RECORD if rule.object else SUBJECT


def _compared(rule: Rule, wanted: list[dict[str, Any]], found: list[Hit]) -> list[Message]:
    """Return what was found and not expected, and what was expected and not found."""
    name = _named(rule)
    left = [{name: hit.record or hit.subject, **{told: getattr(hit, told) or None for told in TOLD}} for hit in found]
    wrong = []
    for one in wanted:
        texts = {key: as_text(value) for key, value in one.items()}
        match = next((row for row in left if all(row.get(key) == value for key, value in texts.items())), None)
        if match is None:
            near = [row for row in left if row[name] == texts.get(name)]
            got = "; ".join(_shown({key: row.get(key) for key in texts}) for row in near)
            wrong.append(
                Message("expected {expected}, got {got}", expected=_shown(texts), got=got or Message("nothing"))
            )
        else:
            left.remove(match)
    wrong += [
        Message("found {row}, which is not expected", row=row[name])
        for row in left
        if not any(row[name] == str(one.get(name)) for one in wanted)
    ]
    doubled = [row for row in left if any(row[name] == str(one.get(name)) for one in wanted)]
    if doubled and not wrong:
        wrong = [Message("found {row} once more than expected", row=row[name]) for row in doubled]
    return wrong


def _shown(row: Mapping[str, Any]) -> str:
    return ", ".join(f"{key}={value or ''}" for key, value in row.items())


def _step(value: float) -> Decimal:
    """Return one unit of the last digit of a limit, as it was written: 1 of `7`, 0.01 of `0.60`."""
    exponent = Decimal(str(value)).as_tuple().exponent
    return Decimal(1).scaleb(exponent) if isinstance(exponent, int) and exponent < 0 else Decimal(1)
