"""`rules lint`, `rules test`, `rules run`, and the step `rules` of a project."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from crmmigrate.cli import main

LATE = """version: 1
code: complaint.answered-late
title: {zh: 投诉回复超时, en: complaint answered late}
severity: error
class: LOGIC
owner: 客服部
object: complaint
reject: true
limits: {minutes: 120}
sql: |
  SELECT _record, '回复时间' AS "column", 回复时间 AS value
  FROM complaint
  WHERE minutes_between(受理时间, 回复时间) > $minutes
tests:
  - given:
      complaint:
        - {_record: a, 受理时间: 2026-10-01T08:00:00, 回复时间: 2026-10-01T10:00:00}
        - {_record: b, 受理时间: 2026-10-01T08:00:00, 回复时间: 2026-10-01T10:01:00}
    expect: [{_record: b, value: 2026-10-01T10:01:00}]
"""
RATE = """version: 1
code: complaint.month-answered
title: {zh: 当月回复率低于 60%, en: less than 60 % answered in a month}
owner: 客服部
limits: {ratio: 0.60}
sql: |
  SELECT year_month(受理时间) AS subject, count(回复时间) / count(*) AS value, $ratio AS expected
  FROM complaint GROUP BY ALL HAVING count(回复时间) < $ratio * count(*)
tests:
  - name: 60 of 100 are enough, 59 are not
    given:
      complaint: [ROWS]
    expect: ["2026-11"]
"""  # fmt: skip


def run(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as ended:
        main([str(word) for word in words])
    said = capsys.readouterr()
    assert ended.value.code != 70, said.err
    return int(ended.value.code or 0), said.out, said.err


def rate() -> str:
    def rows(month: int, answered: int) -> list[str]:
        day = f"受理时间: 2026-{month}-01"
        return [f"{{{day}, 回复时间: 2026-12-01, _times: {answered}}}", f"{{{day}, _times: {100 - answered}}}"]

    return RATE.replace("ROWS", ", ".join(rows(10, 60) + rows(11, 59)))


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    folder = tmp_path / "rules"
    folder.mkdir()
    (folder / "late.yaml").write_text(LATE, encoding="utf-8")
    (folder / "rate.yaml").write_text(rate(), encoding="utf-8")
    return folder


def test_rules_in_order(rules: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "rules", "lint", rules)[:2] == (0, "")
    code, out, err = run(capsys, "rules", "test", rules)
    assert (code, out) == (0, "")
    assert "2 tests passed, 0 failed" in err


@pytest.mark.parametrize(
    ("old", "new", "place", "code"),
    [
        ("titel", "title", "late.yaml:3:1", "yaml.unknown-key"),
        ("severity: error", "severity: fatal", "late.yaml:4:11", "yaml.not-allowed"),
        ("complaint.answered-late", "Answered late", "late.yaml:2:7", "rule.code"),
        ("complaint.answered-late", "scope.no-rule-holds", "late.yaml:2:7", "rule.code-taken"),
        ("severity: error", "severity: warning", "late.yaml:8:9", "rule.reject"),
        ("  FROM complaint", "  FORM complaint", "late.yaml:12:1", "rule.sql"),
        ("> $minutes", "> $minute", "late.yaml:10:6", "rule.unknown-limit"),
        ("回复时间) >", "答复时间) >", "late.yaml:13:1", "rule.sql"),
        ("  FROM complaint", "  FROM complaints", "late.yaml:10:6", "rule.unknown-table"),
        ("{_record: b, value: 2026-10-01T10:01:00}", "a", "late.yaml:15:5", "rule.test-failed"),
    ],
)
def test_lint_says_where(
    rules: Path, capsys: pytest.CaptureFixture[str], old: str, new: str, place: str, code: str
) -> None:
    old, new = (new, old) if old == "titel" else (old, new)
    (rules / "late.yaml").write_text(LATE.replace(old, new), encoding="utf-8")
    status, out, _ = run(capsys, "rules", "lint", rules)
    assert status == 1
    assert any(line.startswith(f"{rules / place}: ") and line.endswith(f"[{code}]") for line in out.splitlines()), out


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("T10:01:00", "T10:02:00", "rule.loose-limit"),
        ("回复时间: 2026-10-01T10:00:00", "回复时间: 2026-10-01T09:59:00", "rule.loose-limit"),
        (
            "        - {_record: b, 受理时间: 2026-10-01T08:00:00, 回复时间: 2026-10-01T10:01:00}\n    expect: [{_record: b, value: 2026-10-01T10:01:00}]\n",
            "",
            "rule.never-finds",
        ),
        (LATE[LATE.index("tests:") :], "", "rule.no-tests"),
    ],
)
def test_lint_warns_of_tests_that_prove_little(
    rules: Path, capsys: pytest.CaptureFixture[str], old: str, new: str, code: str
) -> None:
    (rules / "late.yaml").write_text(LATE.replace(old, new), encoding="utf-8")
    status, out, _ = run(capsys, "rules", "lint", rules)
    assert status == 0
    assert f"[{code}]" in out


def test_a_rate_off_by_one_case_is_noticed(rules: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (rules / "rate.yaml").write_text(rate().replace("0.60", "0.61"), encoding="utf-8")
    status, out, _ = run(capsys, "rules", "test", rules)
    assert status == 1
    assert "rate.yaml:10:5: found 2026-10, which is not expected [rule.test-failed]" in out


@pytest.mark.parametrize("given", [("",), ("late.yaml", "rate.yaml"), ("late.yaml", "")])
def test_two_rules_of_one_code(rules: Path, capsys: pytest.CaptureFixture[str], given: tuple[str, ...]) -> None:
    (rules / "rate.yaml").write_text(LATE, encoding="utf-8")
    status, out, err = run(capsys, "rules", "lint", *(rules / name for name in given))
    assert status == 1
    assert out.count("[rule.code-twice]") == 1
    assert "2 files, 1 errors" in err


def test_the_calendar_among_rules_is_no_rule_and_is_looked_at(rules: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (rules / "calendar.yaml").write_text("version: 1\ndays_off: [20270101]\n", encoding="utf-8")
    status, out, _ = run(capsys, "rules", "lint", rules / "calendar.yaml", rules / "late.yaml")
    assert status == 1
    assert f"{rules / 'calendar.yaml'}:2:12: a date like 2023-10-31 is expected here [rule.date]" in out


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ("_record: a, ", "_record: a, _times: many, ", "17:32"),
        ("_record: a, ", "_record: a, _times: 0, ", "17:32"),
        ("_record: a, ", "_record: a, _times: 1000000000, ", "17:32"),
        ("      complaint:\n", "      _calendar: [{day: 2026-01-01}]\n      complaint:\n", "16:7"),
        ("      complaint:\n", "      Complaint: [{day: 2026-01-01}]\n      complaint:\n", "17:7"),
        ("      complaint:\n", "      '': [{day: 2026-01-01}]\n      complaint:\n", "16:7"),
        ("_record: a, ", "_record: a, ID: 1, id: 2, ", "17:31"),
        ("_record: a, ", "_record: a, _Record: 2, ", "17:24"),
        ("_record: a, ", "_record: a, ID: [1, 2], ", "17:28"),
        ("_record: a, ", "_record: a, '': 1, ", "17:24"),
    ],
)
def test_what_a_test_gives_must_make_tables(
    rules: Path, capsys: pytest.CaptureFixture[str], old: str, new: str, place: str
) -> None:
    (rules / "late.yaml").write_text(LATE.replace(old, new), encoding="utf-8")
    status, out, _ = run(capsys, "rules", "lint", rules)
    assert status == 1
    assert f"{rules / 'late.yaml'}:{place}: " in out
    assert "[rule.given]" in out


def test_run_on_a_table(rules: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sheet = tmp_path / "投诉登记.csv"
    sheet.write_text(
        "受理时间,回复时间\n2026-10-01T08:00:00,2026-10-01T10:00:01\n2026-10-01T08:00:00,2026-10-01T09:00:00\n",
        encoding="utf-8",
    )
    issues = tmp_path / "issues.csv"
    status, out, err = run(capsys, "rules", "run", sheet, "--object", "complaint", "--rules", rules, "--issues", issues)
    assert status == 1
    assert "1 of 2  complaint answered late" in out
    assert "complaint: 1 rows are rejected" in err
    found = pd.read_csv(issues, dtype="str", keep_default_na=False).to_dict("records")
    assert [(row["_origin"], row["column"], row["code"], row["class"], row["before"]) for row in found] == [
        ("投诉登记.csv!2", "回复时间", "complaint.answered-late", "LOGIC", "2026-10-01T10:00:01")
    ]
    assert (
        "投诉回复超时"
        in run(capsys, "--lang", "zh", "rules", "run", sheet, "--object", "complaint", "--rules", rules)[1]
    )


def test_run_on_several_tables(rules: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rule = LATE[: LATE.index("tests:")].replace(
        "FROM complaint", "FROM (SELECT * FROM complaint WHERE 台 IN (FROM desk SELECT 台))"
    )
    (rules / "late.yaml").write_text(rule, encoding="utf-8")
    (rules / "rate.yaml").unlink()
    for name, text in (
        ("a/表.csv", "台,受理时间,回复时间\n一,2026-10-01T08:00:00,2026-10-01T10:00:01\n"),
        ("b/表.csv", "台\n一\n"),
    ):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text(text, encoding="utf-8")
    places = [tmp_path / "a" / "表.csv", tmp_path / "b" / "表.csv"]
    status, out, _ = run(capsys, "rules", "run", *places, "--object", "complaint", "--object", "desk", "--rules", rules)
    assert status == 1
    assert "1 of 1  complaint answered late" in out
    status, _, err = run(capsys, "rules", "run", *places, "--object", "complaint", "--rules", rules)
    assert status == 2
    assert "2 tables and 1 names are given [usage.names]" in err
    status, _, err = run(capsys, "rules", "run", *places, "--rules", rules)
    assert status == 2
    assert "two tables are called '表'" in err


PROJECT = """version: 1
sources: {desk: in/投诉.csv}
objects: {complaint: {table: desk.投诉, key: 编号}}
standard: standard.yaml
mappings: mappings/
rules: {files: rules/, as_of: 2026-10-31}
target: {url: "sqlite:///work/crm.db", schema: schema.yaml}
"""
STANDARD = """version: 1
objects:
  complaint:
    key: 编号
    columns:
      编号: {standard: text}
      受理时间: {standard: datetime}
      回复时间: {standard: datetime}
"""
MAPPING = """version: 1
object: complaint
source: {table: 投诉, key: [编号]}
target: {table: complaints}
match: {on: [external_id], many: reject, blank: reject}
fields:
  external_id: {from: _record, required: true}
  answered: {from: 回复时间}
ignore: [编号, 受理时间]
"""
SCHEMA = """version: 1
tables:
  complaints:
    columns:
      id: {type: integer, identity: true}
      external_id: {length: 64, required: true, unique: true}
      answered: datetime
"""


@pytest.fixture
def project(rules: Path) -> Path:
    folder = rules.parent
    (folder / "in").mkdir()
    (folder / "mappings").mkdir()
    for name, text in (
        ("migration.yaml", PROJECT),
        ("standard.yaml", STANDARD),
        ("schema.yaml", SCHEMA),
        ("mappings/complaint.crmmap.yaml", MAPPING),
    ):
        (folder / name).write_text(text, encoding="utf-8")
    (folder / "in" / "投诉.csv").write_text(
        "编号,受理时间,回复时间\nT1,2026年10月1日 8：00,2026.10.1 10：01\nT2,2026-10-01 08:00,2026-10-01 10:00\nT3,2026-10-02 08:00,\n",
        encoding="utf-8",
    )
    return folder


def test_a_refusing_rule_sets_rows_aside_in_a_run(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    url = f"sqlite:///{project}/work/crm.db"
    assert run(capsys, "target", "create", url, "--schema", project / "schema.yaml")[0] == 0
    status, out, _ = run(capsys, "run", project / "migration.yaml", "--format", "json")
    answer = json.loads(out)
    assert status == 1
    assert answer["facts"]["rules"]["rules"]["complaint.answered-late"] == {
        "found": 1, "severity": "error", "class": "LOGIC", "object": "complaint", "of": 3, "rejects": True}  # fmt: skip
    assert answer["counts"]["rules"]["complaint"]["rejected"] == 1
    equation = answer["facts"]["reconcile"]["objects"]["complaint"]
    assert (equation["source"], equation["rejected"], equation["in_target"]) == (3, 1, 2)
    assert answer["facts"]["rules"]["rules"]["complaint.month-answered"]["found"] == 0  # two of three
    # The reports name the rule, though nothing of it was run again.
    again = json.loads(run(capsys, "run", project / "migration.yaml", "--format", "json")[1])
    assert "rules: complaint.answered-late: 1 × complaint answered late" in again["findings"]
    assert "rules" not in again["counts"]
    spoken = json.loads(
        run(capsys, "--lang", "zh", "run", project / "migration.yaml", "--to", "rules", "--format", "json")[1]
    )
    assert "rules：complaint.answered-late：投诉回复超时，1 处" in spoken["findings"], "in the reader's language"


def test_run_and_lint_of_a_project(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, _ = run(capsys, "rules", "run", project / "migration.yaml")
    assert status == 1
    assert "1 of 3  complaint answered late" in out
    assert run(capsys, "rules", "lint", project / "migration.yaml")[0] == 0
    (project / "rules" / "late.yaml").write_text(
        LATE.replace("complaint\n", "complain\n").replace("complaint:", "complain:"), encoding="utf-8"
    )
    status, out, _ = run(capsys, "rules", "lint", project / "migration.yaml")
    assert status == 1
    assert "no object is called 'complain'" in out
    assert "did you mean 'complaint'?" in out
    assert run(capsys, "rules", "run", project / "migration.yaml")[0] == 2


def test_another_day_is_a_look_and_no_evidence(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rule = LATE.replace("minutes_between(受理时间, 回复时间) > $minutes", "days_between(受理时间, as_of()) > $minutes")
    (project / "rules" / "late.yaml").write_text(rule[: rule.index("tests:")], encoding="utf-8")
    path = project / "migration.yaml"
    path.write_text(PROJECT + "gates: {rules: {complaint.*: 0}}\n", encoding="utf-8")
    assert "0 of 3  complaint answered late" in run(capsys, "rules", "run", path)[1]
    status, out, err = run(capsys, "rules", "run", path, "--as-of", "2027-10-31", "--issues", project / "found.csv")
    assert status == 1
    assert "3 of 3  complaint answered late" in out
    assert "judged on 2027-10-31; the migration itself and its gates go by the day of migration.yaml" in err
    found = pd.read_csv(project / "found.csv", dtype="str")
    assert set(found["rule"]) == {"rules/late.yaml"}, "as the project names it"
    assert "gate 'rules complaint.*' is met: 0, limit 0" in run(capsys, "gates", path)[1]
    assert run(capsys, "rules", "run", path, "--as-of", "20271031")[0] == 2


def test_gates_go_by_the_run_that_a_migration_takes_over(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = project / "migration.yaml"
    path.write_text(PROJECT + "gates: {duplicate_rate: off, rules: {complaint.answered-late: 0}}\n", encoding="utf-8")
    late = project / "rules" / "late.yaml"
    for minutes, status in ((240, 0), (120, 1), (240, 0)):  # the last takes over what the first one made
        late.write_text(LATE.replace("minutes: 120", f"minutes: {minutes}"), encoding="utf-8")
        assert run(capsys, "run", path, "--to", "rules")[0] == status


def test_columns_that_differ_in_case_are_told(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    standard = (project / "standard.yaml").read_text("utf-8")
    (project / "standard.yaml").write_text(
        standard + "      ID: {standard: text}\n      id: {standard: text}\n", encoding="utf-8"
    )
    assert run(capsys, "rules", "lint", project)[:2] == (0, "")
    rule = LATE.replace("> $minutes", "> $minutes AND id = '2'")
    (project / "rules" / "late.yaml").write_text(rule[: rule.index("tests:")], encoding="utf-8")
    status, out, _ = run(capsys, "rules", "lint", project)
    told = "late.yaml:10:6: warning: complaint: to SQL 'id' and 'ID' are one column [rule.columns-alike]"
    assert (status, told in out) == (0, True)


def test_a_changed_rule_is_run_again(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(capsys, "run", project / "migration.yaml", "--to", "rules")
    _, out, _ = run(capsys, "run", project / "migration.yaml", "--to", "rules", "--plan", "--format", "json")
    assert json.loads(out)["facts"]["steps"][-1] == {"stage": "rules", "up_to_date": True}
    (project / "rules" / "late.yaml").write_text(LATE.replace("minutes: 120", "minutes: 240"), encoding="utf-8")
    _, out, _ = run(capsys, "run", project / "migration.yaml", "--to", "rules", "--plan", "--format", "json")
    assert json.loads(out)["facts"]["steps"][-1] == {"stage": "rules", "up_to_date": False}


def test_years_without_a_calendar_are_told(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def told(condition: str, rows: str = "") -> str:
        rule = LATE.replace("minutes_between(受理时间, 回复时间) > $minutes", condition).replace(
            "limits: {minutes: 120}\n", ""
        )
        (project / "rules" / "late.yaml").write_text(rule[: rule.index("tests:")], encoding="utf-8")
        csv = project / "in" / "投诉.csv"
        csv.write_text("编号,受理时间,回复时间,生日\n" + rows, encoding="utf-8")
        return run(capsys, "rules", "run", project)[2]

    between = "working_days_between(受理时间, 回复时间) > 2"
    birthday = "T1,2026-03-01 08:00,2026-03-02 08:00,1971-01-01\n"
    plain = "complaint.answered-late: the calendar does not know the days off of "
    assert "calendar" not in told(between, birthday), "the rule does not look at birthdays"
    assert plain + "2027–2028; plain weeks" in told(between, birthday + "T2,2026-03-01,2028-03-01,\n")
    assert "working days cannot be counted in 2063; such records" in told(
        between, birthday + "T2,2063-03-01,2063-03-01,\n"
    )
    (project / "migration.yaml").write_text(PROJECT.replace("2026-10-31", "2027-10-31"), encoding="utf-8")
    assert plain + "2027; plain weeks" in told("working_days_between(受理时间, as_of()) > 900", birthday)
    (project / "rules" / "calendar.yaml").write_text("version: 1\nyears: [2027]\n", encoding="utf-8")
    assert "calendar" not in told("working_days_between(受理时间, as_of()) > 900", birthday)


def test_gates_of_rules_and_their_trend(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = project / "migration.yaml"
    path.write_text(PROJECT + "gates: {duplicate_rate: off, rules: {complaint.answered-late: 0}}\n", encoding="utf-8")
    status, out, _ = run(capsys, "run", path, "--to", "rules", "--format", "json")
    gates = json.loads(out)["facts"]["gates"]
    assert status == 1
    assert gates["rules complaint.answered-late"] == {"value": 1.0, "limit": 0.0, "met": False}
    assert set(gates) == {
        "collection_error_rate",
        "duplicate_rate",
        "rules complaint.answered-late",
    }  # what can be judged by now
    (project / "rules" / "late.yaml").write_text(LATE.replace("minutes: 120", "minutes: 240"), encoding="utf-8")
    run(capsys, "run", path, "--to", "rules")
    status, out, _ = run(capsys, "gates", path)
    assert status == 0
    assert "gate 'rules complaint.answered-late' is met: 0, limit 0" in out
    assert "over the runs: 1 → 0" in out
    assert "gate 'residual duplicates' is switched off" in out
    status, _, err = run(capsys, "gates", path, "--due")
    assert status == 1
    assert "gate 'success of restoring' cannot be judged and counts as not met: rehearse it" in err


def test_a_gate_of_rules_is_a_number_or_a_share(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = project / "migration.yaml"
    path.write_text(PROJECT + "gates: {rules: {complaint.answered-late: few}}\n", encoding="utf-8")
    status, _, err = run(capsys, "gates", path)
    assert status == 2
    assert f"{path}:8:42: a number or a share is expected here [project.gate]" in err
