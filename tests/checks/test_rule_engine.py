"""Rules over tables: the arithmetic of dates, what SQL may do, and what is said where it is wrong."""

from __future__ import annotations

from datetime import date

import duckdb
import pytest

from crmmigrate.checks.rule_engine import RuleFault, hits, tables_of
from crmmigrate.checks.rule_macros import MACROS, RuleConnection
from crmmigrate.model.rule import Rule, Title
from crmmigrate.model.work_calendar import read_calendar


@pytest.fixture(scope="module")
def connection() -> duckdb.DuckDBPyConnection:
    made = duckdb.connect(":memory:", config={"enable_external_access": "false", "python_enable_replacements": "false"})
    made.execute("SET lock_configuration = true")
    RuleConnection(made, read_calendar()).judge_on(date(2026, 10, 31))
    made.execute(
        "CREATE TABLE visit AS SELECT * FROM (VALUES ('a', 'f!1', '3'), ('b', 'f!2', '5'), ('c', 'f!3', NULL)) t(_record, _origin, n)"
    )
    return made


def rule(sql: str, **more: object) -> Rule:
    return Rule(1, "visit.wrong", Title("错", "wrong"), sql, "me", **{"object": "visit", **more})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        # National Day 2026: 1 to 7 October off, Saturday the 10th worked.
        ("working_days_between('2026-09-30', '2026-10-08')", "1"),
        ("working_days_between('2026-09-30', '2026-10-10T09:00:00')", "3"),
        ("working_days_between('2026-10-08', '2026-09-30')", "-1"),
        ("working_days_between('2026-10-08', '6月31日')", None),
        ("add_working_days('2026-09-30', 2)", "2026-10-09"),
        ("add_working_days('2026-10-08', -1)", "2026-09-30"),
        ("is_working_day('2026-10-10')", "true"),
        ("is_working_day('2026-10-11')", "false"),
        ("is_working_day('2026-10-07')", "false"),
        # Sunday, 4 January 2026, is worked for the long New Year.
        ("is_working_day('2026-01-04')", "true"),
        ("in_shift('2026-10-11T06:00:00', '06:00', '13:00')", "true"),
        ("in_shift('2026-10-11T13:00:00', '06:00', '13:00')", "false"),
        ("in_shift('05:59', '06:00', '13:00')", "false"),
        ("in_shift('01:00', '22:00', '06:00')", "true"),
        ("in_shift('06:00', '22:00', '06:00')", "false"),
        ("days_between('2026-10-01', as_of())", "30"),
        ("hours_between('2026-01-01T08:00:00', '2026-01-01T10:30:00') = 2.5", "true"),
        ("minutes_between('2026-01-01T08:00:00', '2026-01-01T10:00:01') > 120", "true"),
        ("months_between('2026-01-31', '2026-03-30')", "1"),
        ("months_between('2026-01-31', '2026-03-31')", "2"),
        ("add_days('2026-02-27', 2)", "2026-03-01"),
        ("add_months('2026-01-31', 1)", "2026-02-28"),
        ("month_start('2026-02-15T10:00:00')", "2026-02-01"),
        ("month_end('2024-02-15')", "2024-02-29"),
        ("week_start('2026-11-01')", "2026-10-26"),
        ("year_month('2026-02-15')", "2026-02"),
        ("time_of_day('2026-02-15T10:20:00')", "10:20:00"),
        ("to_day('2023-06-31')", None),
        ("to_number('1,200')", None),
        ("to_number('120.50') = 120.5", "true"),
    ],
)
def test_date_arithmetic(connection: duckdb.DuckDBPyConnection, sql: str, expected: str | None) -> None:
    assert connection.sql(f"SELECT ({sql})::VARCHAR").fetchall() == [(expected,)]


def test_every_macro_is_tried_above() -> None:
    named = test_date_arithmetic.pytestmark[0].args[1]  # type: ignore[attr-defined]
    tried = " ".join(sql for sql, _ in named)
    assert [macro.name for macro in MACROS if f"{macro.name}(" not in tried and macro.name != "to_time"] == []


@pytest.mark.parametrize("year", range(2004, 2027))
def test_working_days_are_those_of_the_kept_package(connection: duckdb.DuckDBPyConnection, year: int) -> None:
    import chinese_calendar

    days = [date(year, 1, 1).toordinal() + n for n in range(365)]
    expected = [date.fromordinal(day) for day in days if chinese_calendar.is_workday(date.fromordinal(day))]
    sql = f"SELECT d::DATE FROM range(DATE '{year}-01-01', DATE '{year}-12-31', INTERVAL 1 DAY) t(d) WHERE is_working_day(d)"
    found = [day for (day,) in connection.sql(sql).fetchall()]
    assert found == [day for day in expected if day < date(year, 12, 31)]


def test_own_days_go_before_the_official_ones(tmp_path) -> None:
    (tmp_path / "calendar.yaml").write_text(
        "version: 1\ndays_off: [2026-10-09]\nworking_days: [2027-02-06]\nyears: [2027]\n", encoding="utf-8"
    )
    calendar = read_calendar(tmp_path)
    assert calendar.exceptions[date(2026, 10, 9)] is False
    assert 2027 in calendar.years
    assert 2028 not in calendar.years


def test_a_rule_finds_records_in_order_with_their_origin(connection: duckdb.DuckDBPyConnection) -> None:
    found = hits(
        connection,
        rule("SELECT _record, n AS value FROM visit WHERE to_number(n) > $most -- it's enough\n;", limits={"most": 3}),
        ["visit"],
    )
    assert [(hit.record, hit.origin, hit.value) for hit in found] == [("b", "f!2", "5")]


@pytest.mark.parametrize("behind", ["", ";", "; -- 备注", " -- it's\n; ;", ";\n/* ; */", "-- ; no end"])
def test_what_stands_behind_the_select_does_not_matter(connection: duckdb.DuckDBPyConnection, behind: str) -> None:
    """Nor does a semicolon in a text, a name or a remark end it."""
    sql = f"/* 甲; */ SELECT _record, '乙;' AS value FROM (SELECT *, n AS \"n;\" FROM visit) WHERE \"n;\" = '5'{behind}"
    assert [(hit.record, hit.value) for hit in hits(connection, rule(sql), ["visit"])] == [("b", "乙;")]


def test_what_is_told_first_of_a_record_does_not_depend_on_the_order_in_which_it_is_found(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    sql = "SELECT v._record, t.value FROM visit v, (VALUES ('2'), ('1'), ('3')) t(value) WHERE v._record = 'b'"
    assert [hit.value for hit in hits(connection, rule(sql), ["visit"])] == ["1", "2", "3"]


def test_a_rule_about_sums_names_subjects(connection: duckdb.DuckDBPyConnection) -> None:
    found = hits(
        connection,
        rule("SELECT '2026-10' AS subject, sum(n::INT) AS value, 9 AS expected FROM visit", object=""),
        ["visit"],
    )
    assert [(hit.subject, hit.value, hit.expected, hit.record) for hit in found] == [("2026-10", "8", "9", "")]


@pytest.mark.parametrize(
    ("sql", "more", "code"),
    [
        ("SELEC _record FROM visit", {}, "rule.sql"),
        ("SELECT _record FROM visit; SELECT 1", {}, "rule.not-select"),
        ("DELETE FROM visit", {}, "rule.not-select"),
        ("COPY visit TO '/tmp/x.csv'", {}, "rule.not-select"),
        ("SELECT _record FROM visits", {}, "rule.unknown-table"),
        ("SELECT _record FROM '/etc/passwd'", {}, "rule.unknown-table"),
        ("SELECT column0 AS _record FROM read_csv('/etc/passwd')", {}, "rule.sql-failed"),
        ("SELECT content AS _record FROM read_text('/etc/passwd')", {}, "rule.sql-failed"),
        ("SELECT _record FROM visit WHERE m > 1", {}, "rule.sql"),
        ("SELECT _record FROM visit WHERE n::INT > $most", {}, "rule.unknown-limit"),
        ("SELECT _record FROM visit", {"limits": {"most": 3}}, "rule.unused-limit"),
        ("SELECT n FROM visit", {}, "rule.no-name"),
        ("SELECT _record, n AS wert FROM visit", {}, "rule.unknown-column"),
        ("SELECT NULL AS _record FROM visit", {}, "rule.no-name"),
        ("SELECT 'z' AS _record FROM visit", {}, "rule.strange-record"),
        ("SELECT _record FROM visit", {"object": ""}, "rule.no-name"),
        ("SELECT _record FROM visit WHERE (n || '号')::INT > 1", {}, "rule.sql-failed"),
    ],
)
def test_what_is_wrong_is_said(connection: duckdb.DuckDBPyConnection, sql: str, more: dict, code: str) -> None:
    with pytest.raises(RuleFault) as caught:
        hits(connection, rule(sql, **more), ["visit"])
    assert caught.value.code == code
    assert "3号" not in caught.value.message.text()


def test_the_tables_of_a_rule_are_known_without_running_it() -> None:
    sql = "WITH x AS (SELECT * FROM visit) SELECT _record FROM x, \"crm.客户\" WHERE working_days_between(a, b) > $n AND c = '$d'"
    assert tables_of(sql) == {"visit", "crm.客户"}
