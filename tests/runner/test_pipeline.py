"""A project on its way: what is up to date, what is run again, and what a reconciliation and a trial look at."""

from __future__ import annotations

import json
import re
import resource
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from tests.runner.small_migration import opened

from crmmigrate.cli.unfinished import tell_unfinished
from crmmigrate.errors import ConfigurationError
from crmmigrate.messages import speak
from crmmigrate.runner.execute import told_again
from crmmigrate.runner.standing import unfinished_load
from crmmigrate.runner.trial import rehearse
from crmmigrate.runner.undo import undo
from crmmigrate.runner.workspace import Workspace

FILES = {
    "migration.yaml": """version: 1
sources: {crm: in/客户.csv}
objects: {account: [{table: crm.客户, key: 编号}]}
standard: standard.yaml
scope: scope.yaml
mappings: mappings/
target: {url: "sqlite:///work/crm.db", schema: schema.yaml}
""",
    "standard.yaml": "version: 1\nobjects: {account: {key: 编号, columns: {名称: {standard: company_name}, 级别: {values: words/level.csv}}}}\n",
    "scope.yaml": 'version: 1\nobjects: {account: {keep: [{column: 日期, since: "2020-01-01"}]}}\n',
    "schema.yaml": """version: 1
tables:
  accounts:
    columns:
      id: {type: integer, identity: true}
      external_id: {type: text, required: true, unique: true}
      name: {type: text, required: true}
      level: {type: text}
""",
    "mappings/account.crmmap.yaml": """version: 1
object: account
target: {table: accounts}
match: {on: [external_id]}
fields:
  external_id: {from: _record, required: true}
  name: {from: 名称, required: true}
  level: 级别
ignore: [编号, 日期]
""",
    "words/level.csv": "value,synonyms\nA,A级|重点\nB,B级\n",
    "in/客户.csv": "编号,名称,级别,日期\n1,甲乙科技有限公司,重点,2024-01-01\n2,丙丁贸易有限公司,B级,2021-05-05\n3,,A,2022-01-01\n4,戊己实业有限公司,B,2010-01-01\n",
}


def laid_out(folder: Path) -> Path:
    for name, text in FILES.items():
        path = folder / "p" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder / "p"


@pytest.fixture
def folder(tmp_path) -> Path:
    return laid_out(tmp_path)


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    """The project, run up to validate. Nobody writes into its folder: take `validated`."""
    folder = laid_out(tmp_path_factory.mktemp("validated"))
    opened(folder).run(last="validate")
    return folder


@pytest.fixture
def validated(made, tmp_path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "p"))


def create(folder: Path) -> None:
    from crmmigrate.model.schema import read_target_schema

    with opened(folder).open_target(to_create=True) as target:
        target.create(read_target_schema(folder / "schema.yaml"))


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def planned(folder: Path, *words: str) -> list[str]:
    return [name for name, current in opened(folder).plan(*words) if not current]


def test_a_value_list_anywhere_in_the_project_decides(validated):
    assert planned(validated, "", "validate") == []
    edit(validated / "words" / "level.csv", "B,B级", "B,B级|一般")
    assert planned(validated, "", "validate")[0] == "standardise"


def test_a_layout_that_is_given_anew_is_read_anew(folder):
    rows = "客户名单,,,\\n编号,名称,级别,日期\\n1,甲乙科技有限公司,A,2024-01-01\\n2,试用,B,2024-01-01\\n".replace(
        "\\n", "\n"
    )
    (folder / "in" / "客户.csv").write_text(rows, encoding="utf-8")
    opened(folder).run(last="audit")
    assert planned(folder, "", "audit") == []
    edit(
        folder / "migration.yaml",
        "crm: in/客户.csv",
        "crm: {location: in/客户.csv, layout: {客户: {header: 2, drop: [4]}}}",
    )
    assert planned(folder, "", "audit")[0] == "extract"
    [extracted, *_] = opened(folder).run(last="audit")
    assert extracted.manifest.outputs["crm.客户"]["rows"] == 1
    edit(folder / "migration.yaml", "layout: {客户:", "layout: {客互:")
    with pytest.raises(ConfigurationError) as error:
        opened(folder).run(last="audit")
    assert error.value.code == "extract.layout-unused"


def test_what_sqlite_has_not_moved_into_its_file_counts(folder):
    place = folder / "in" / "old.db"
    with closing(sqlite3.connect(place)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("CREATE TABLE 客户 (编号 TEXT PRIMARY KEY, 名称 TEXT, 级别 TEXT, 日期 TEXT)")
        connection.execute("INSERT INTO 客户 VALUES ('1', '甲乙科技有限公司', 'A', '2024-01-01')")
        connection.commit()
        edit(folder / "migration.yaml", "in/客户.csv", '"sqlite:///in/old.db"')
        opened(folder).run(last="extract")
        assert planned(folder, "", "extract") == []
        connection.execute("INSERT INTO 客户 VALUES ('2', '丙丁贸易有限公司', 'B', '2024-01-01')")
        connection.commit()
        assert planned(folder, "", "extract") == ["extract"]


def test_the_plan_from_a_stage_is_what_is_run(validated):
    assert planned(validated, "map", "validate") == ["map", "validate"]
    assert [s.name for s in opened(validated).run("map", "validate") if not s.reused] == ["map", "validate"]


@pytest.mark.parametrize(
    ("first", "last", "code"), [("mapp", "validate", "run.unknown-stage"), ("load", "map", "run.stage-order")]
)
def test_a_wrong_beginning_is_refused(validated, first, last, code):
    for go in (opened(validated).run, opened(validated).plan):
        with pytest.raises(ConfigurationError) as caught:
            go(first, last)
        assert caught.value.code == code


def test_a_migration_without_a_standard_is_told_where_to_name_one_before_anything_is_done(folder):
    file = folder / "migration.yaml"
    file.write_text(re.sub(r"(?m)^standard:.*\n", "", file.read_text("utf-8")), encoding="utf-8")
    with pytest.raises(ConfigurationError) as error:
        opened(folder).run()
    assert (error.value.code, error.value.place) == ("standard.none", str(file))
    assert "write 'standard: standard.yaml' there" in str(error.value)
    assert "--column" not in str(error.value)


def test_findings_of_a_reused_step_are_told_again(folder):
    first = {s.name: s for s in opened(folder).run(last="validate")}
    again = {s.name: s for s in opened(folder).run(last="validate")}
    assert first["map"].outcome is not None
    assert [f.text("en") for f in first["map"].outcome.result.findings] == ["account: 1 rows are rejected"]
    assert again["map"].reused
    assert [f.text("en") for f in told_again(again["map"].manifest)] == ["account: 1 rows are rejected"]


def test_a_reconciliation_is_of_what_was_loaded(validated):
    create(validated)
    opened(validated).run()
    edit(validated / "scope.yaml", "2020-01-01", "2023-01-01")
    opened(validated).run(last="validate")  # newer, narrower, and never loaded
    looked = opened(validated)
    looked.reopen_load()
    (step,) = looked.run_only("reconcile")
    assert step.outcome is not None
    assert step.outcome.result.findings == []
    equation = step.outcome.tables["equation"].frame().iloc[0]
    assert (equation["source"], equation["out_of_scope"], equation["rejected"], equation["in_target"]) == (
        "4",
        "1",
        "1",
        "2",
    )


def test_without_a_load_there_is_nothing_to_reconcile(validated):
    with pytest.raises(ConfigurationError) as caught:
        opened(validated).reopen_load()
    assert caught.value.code == "run.no-load"


def test_a_load_that_was_rolled_back_is_not_resumed(validated, capsys):
    speak("en")
    create(validated)
    load = next(s for s in opened(validated).run() if s.name == "load").manifest
    path = validated / "work" / "runs" / load.run / "manifest.json"
    path.write_text(json.dumps({**load.as_dict(), "state": "running"}), encoding="utf-8")
    assert unfinished_load(opened(validated)) == load.run
    tell_unfinished(opened(validated))
    told = capsys.readouterr().err
    assert load.run in told
    assert "account: 2 of 2 rows are in the target so far, 0 were refused" in told
    undo(opened(validated), load.run, apply=True)
    assert unfinished_load(opened(validated)) == ""
    tell_unfinished(opened(validated))
    assert capsys.readouterr().err == ""
    again = next(s for s in opened(validated).run() if s.name == "load")
    assert again.manifest.run != load.run


@pytest.mark.parametrize("loads", [1, 2])
def test_an_unfinished_load_of_no_rows_is_told_in_words(validated, capsys, loads):
    """Of a table that is empty nothing is counted, whether or not an earlier load stands."""
    speak("en")
    create(validated)
    for _ in range(loads - 1):
        opened(validated).run()
    edit(validated / "scope.yaml", "2020-01-01", "2030-01-01")
    load = next(step for step in opened(validated).run() if step.name == "load").manifest
    path = validated / "work" / "runs" / load.run / "manifest.json"
    path.write_text(json.dumps({**load.as_dict(), "state": "running"}), encoding="utf-8")
    tell_unfinished(opened(validated))
    told = capsys.readouterr().err
    assert "account: this load has no rows to write" in told
    assert "0 " not in told.replace(load.run, "")


def test_the_last_load_is_rolled_back_although_its_folder_is_gone(validated):
    create(validated)
    opened(validated).run(last="load")
    with closing(sqlite3.connect(validated / "work" / "crm.db")) as crm, crm:
        crm.execute("DELETE FROM accounts")
    way = opened(validated)
    way.edits.meant = True
    newest = next(step for step in way.run(first="load") if step.name == "load").manifest.run
    shutil.rmtree(validated / "work" / "runs" / newest)
    assert undo(opened(validated), "last", apply=False).result.facts["undoes"] == newest


def test_a_trial_never_touches_a_database_that_holds_data(validated):
    create(validated)
    opened(validated).run()
    edit(
        validated / "migration.yaml",
        "mappings: mappings/",
        f'mappings: mappings/\ntrial: {{url: "sqlite:///{validated}/in/../work/crm.db"}}',
    )
    before = (validated / "work" / "crm.db").read_bytes()
    with pytest.raises(ConfigurationError) as caught:
        rehearse(opened(validated))
    assert caught.value.code == "trial.is-target"
    assert (validated / "work" / "crm.db").read_bytes() == before


def test_a_table_may_be_called_issues_or_aside(folder):
    edit(folder / "migration.yaml", "{account: [", "{issues: [")
    edit(folder / "mappings" / "account.crmmap.yaml", "object: account", "object: issues")
    edit(folder / "standard.yaml", "{account: {key", "{issues: {key")
    edit(folder / "scope.yaml", "{account: {keep", "{issues: {keep")
    steps = {s.name: s for s in opened(folder).run(last="validate")}
    assert steps["map"].manifest.accounting["issues"] == {
        "in": 3, "out": 2, "out_of_scope": 0, "merged": 0, "quarantined": 0, "rejected": 1,
    }  # fmt: skip


def test_a_torn_log_and_an_empty_manifest_stop_nobody(folder):
    opened(folder).run(last="consolidate")
    workspace = Workspace(folder / "work")
    with workspace.log.open("a", encoding="utf-8") as file:
        file.write('{"at": "2026')
    empty = folder / "work" / "runs" / "20200101T000000000Z-scope-000000" / "manifest.json"
    empty.parent.mkdir()
    empty.touch()
    opened(folder).run(last="scope")
    assert workspace.broken_log_line() == 4, "the torn line is told"
    assert workspace.latest("scope") is not None


def test_a_full_disk_is_said_and_leaves_no_half_table(folder):
    command = [
        sys.executable,
        "-B",  # a compiled module cut off by the limit would stay behind
        "-c",
        "from crmmigrate.cli import main; main()",
        "run",
        str(folder / "migration.yaml"),
        "--to",
        "map",
    ]
    with (folder / "in" / "客户.csv").open("a", encoding="utf-8") as file:
        file.writelines(f"{i},公司{i * 7919 % 100003}有限公司,A,2024-01-01\n" for i in range(5, 20000))
    limit = 40_000
    done = subprocess.run(
        command, capture_output=True, text=True, encoding="utf-8", check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
    )  # fmt: skip
    assert done.returncode == 3, done.stderr
    assert "work.not-writable" in done.stderr
    assert list((folder / "work").rglob("*.part")) == []


def test_a_value_withheld_for_people_goes_on_as_it_was_and_is_told_nowhere_in_full(folder):
    edit(
        folder / "standard.yaml",
        "{standard: company_name}",
        "{standard: company_name}, 电话: {standard: phone, apply: certain}",
    )
    edit(
        folder / "schema.yaml",
        "      level: {type: text}",
        "      level: {type: text}\n      phone: {type: text, length: 14}",
    )
    edit(folder / "mappings/account.crmmap.yaml", "  level: 级别", "  level: 级别\n  phone: 电话")
    (folder / "in/客户.csv").write_text(
        "编号,名称,级别,日期,电话\n1,甲乙科技有限公司,A,2024-01-01,1380013800O\n2,丙丁贸易有限公司,B,2024-01-01,1380013800O/13912345678\n"
        "3,戊己实业有限公司,B,2024-01-01,139-1234-5670\n", encoding="utf-8")  # fmt: skip
    made = opened(folder)
    made.run("", "validate")
    steps = {step.name: step for step in made.steps}
    issues = steps["standardise"].outcome.issues.frame()
    held = issues[issues["code"] == "standard.withheld"]
    assert held["before"].tolist() == ["1380013800O", "1380013800O/13912345678"]
    assert held["after"].tolist() == ["+8613800138000", "+8613800138000; +8613912345678"]
    rows = made.tables["account"].frame()
    assert rows["phone"].tolist() == ["1380013800O", "+8613912345670"]
    assert steps["validate"].outcome.aside.frame()["code"].tolist() == ["validate.too-long"]
    told = [path.read_text("utf-8") for path in (folder / "work").rglob("*.json*")]
    assert told
    assert not any(number in text for text in told for number in ("1380013800", "13912345678", "139-1234-5670"))


def test_a_reconciliation_knows_those_before_it_and_those_of_trials(folder):
    totals = "ignore: [编号, 日期]\ngates: {totals: [{by: level, control: '4'}]}\n"
    edit(folder / "mappings" / "account.crmmap.yaml", "ignore: [编号, 日期]\n", totals)
    create(folder)
    trial = rehearse(opened(folder))
    [tried] = [step.manifest for step in trial.steps if step.name == "reconcile"]
    assert tried.findings == [], "the old system's figure is not about a sample"
    runs = [next(s for s in opened(folder).run() if s.name == "reconcile").manifest for _ in range(2)]
    earlier = opened(folder).options("reconcile").earlier
    assert [(one.run, one.trial) for one in earlier] == [(tried.run, True), *((one.run, False) for one in runs)]
    assert [(one.source, one.aside, one.expected, one.in_target, one.differences) for one in earlier[1:]] == [
        (4, 2, 2, 2, 0)
    ] * 2
    data = json.loads((folder / "work" / "runs" / runs[1].run / "reports" / "reconcile.json").read_text("utf-8"))
    assert [one["run"] for one in data["earlier"]] == [tried.run, runs[0].run]
    assert [line["target"] for line in data["objects"][0]["declared"][0]["groups"]] == ["2", "1", "1"]
