"""Commands over a project: plans, what is up to date, resume, trial, rollback, close, and looking back."""

from __future__ import annotations

import re
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pandas as pd
import pytest
from sqlalchemy import create_engine, text
from tests.command_line import PROCESS, called
from tests.command_line import answered as crmmigrate

SAMPLE = Path(__file__).parents[2] / "samples" / "b2b"
STEPS = [
    "extract",
    "audit",
    "consolidate",
    "scope",
    "standardise",
    "fill",
    "dedupe",
    "rules",
    "map",
    "validate",
    "load",
    "reconcile",
]


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("project") / "p"
    crmmigrate("init", folder)
    shutil.rmtree(folder / "in")
    shutil.copytree(SAMPLE / "in", folder / "in")
    crmmigrate("target", "create", f"sqlite:///{folder}/work/crm.db", "--schema", folder / "schema.yaml")
    crmmigrate("run", folder / "migration.yaml", "--to", "validate")
    return folder


@pytest.fixture
def project(made, tmp_path) -> Path:
    folder = tmp_path / "p"
    shutil.copytree(made, folder)
    return folder


def plan(folder: Path, *words: object) -> dict[str, bool]:
    steps = crmmigrate("run", folder / "migration.yaml", "--plan", *words)["facts"]["steps"]
    return {step["stage"]: step["up_to_date"] for step in steps}


def stages_run(folder: Path) -> list[str]:
    return [run["stage"] for run in crmmigrate("runs", "--work", folder / "work")["facts"]["runs"]]


def stages_run_ids(folder: Path) -> list[str]:
    return [run["run"] for run in crmmigrate("runs", "--work", folder / "work")["facts"]["runs"]]


def test_the_plan_is_what_is_run(project):
    assert plan(project) == {step: step not in ("load", "reconcile") for step in STEPS}
    before = stages_run(project)
    crmmigrate("run", project / "migration.yaml", "--to", "validate")
    assert stages_run(project) == before, "what is up to date is not run again"


def test_a_changed_scope_runs_what_comes_behind_it(project):
    path = project / "scope.yaml"
    path.write_text(path.read_text("utf-8").replace("2023-10-31", "2024-10-31"), encoding="utf-8")
    planned = plan(project, "--to", "dedupe")
    assert planned == {"extract": True, "audit": True, "consolidate": True, "scope": False, "standardise": False,
                       "fill": False, "dedupe": False}  # fmt: skip


def test_a_new_window_or_gate_makes_no_table_anew(project):
    path = project / "migration.yaml"
    given = path.read_text("utf-8").replace("conformity_rate: 0.95", "conformity_rate: 1.0")
    path.write_text(f'{given}window: {{days: [sun], from: "00:00", to: "01:00"}}\n', encoding="utf-8")
    assert all(plan(project, "--to", "validate").values())


def test_a_mistake_in_any_file_is_told_before_anything_is_done(project):
    scope, dedupe = project / "scope.yaml", project / "dedupe.account.yaml"
    scope.write_text(scope.read_text("utf-8").replace("  account:", "  acount:", 1), encoding="utf-8")
    dedupe.write_text(dedupe.read_text("utf-8") + "threshold: {}\n", encoding="utf-8")
    before = set(project.glob("work/runs/*"))
    for words in (("run", project), ("run", project, "--plan"), ("load", project, "--check")):
        told = called(*words)
        assert told.returncode == 2
        assert "scope.yaml:" in told.stderr
        assert "did you mean 'account'?" in told.stderr
        assert "dedupe.account.yaml:" in told.stderr
        assert set(project.glob("work/runs/*")) == before
    assert called("run", project, "--to", "extract").returncode in (0, 1), "what comes later may be unfinished"


def test_a_mistake_that_was_mended_is_not_held_against_its_step(project):
    path = project / "migration.yaml"
    given = path.read_text("utf-8")
    path.write_text(given.replace("table: staff.员工名单", "table: staff.员工名册", 1), encoding="utf-8")
    assert path.read_text("utf-8") != given
    crmmigrate("run", path, "--to", "consolidate", code=(2,))
    wrong = crmmigrate("status", "--work", project / "work")
    assert wrong["facts"]["extract"] == "failed"
    path.write_text(given, encoding="utf-8")
    right = crmmigrate("status", "--work", project / "work")
    assert right["facts"]["extract"] == "done", "it would not be run again"
    lines = called("status", "--work", project / "work").stdout.splitlines()
    times = [line.split("  ", 2)[-1].strip() for line in lines if "done" in line]
    assert times
    for told in times:
        assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d[+-]\d\d:\d\d", told[-25:])


def test_a_changed_source_runs_everything(project):
    with (project / "in" / "ERP订单.csv").open("ab") as file:
        file.write("X1,K00001,2024-01-01,1,CNY,已完成,王敏\r\n".encode("gb18030"))
    assert not any(plan(project, "--to", "validate").values())


def test_from_runs_again_from_there(project):
    before = len(stages_run(project))
    crmmigrate("run", project / "migration.yaml", "--from", "map", "--to", "validate")
    assert stages_run(project)[before:] == ["map", "validate"]


def test_a_wrong_stage_name_is_refused(project):
    answer = crmmigrate("run", project / "migration.yaml", "--to", "dedup", code=(2,))
    assert answer["code"] == "run.unknown-stage"
    assert "dedupe" in answer["stderr"]


def test_a_run_killed_between_stages_goes_on(project):
    for run in (project / "work" / "runs").glob("*-*-*"):
        if run.name.split("-")[1] not in ("extract", "audit", "consolidate"):
            shutil.rmtree(run)
    process = subprocess.Popen([*PROCESS, "run", str(project / "migration.yaml")], stdout=-3, stderr=-3)
    wanted = time.monotonic() + 120
    while not list((project / "work" / "runs").glob("*-standardise-*/manifest.json")) and time.monotonic() < wanted:
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    answer = crmmigrate("run", project / "migration.yaml")
    run = crmmigrate("runs", "--work", project / "work")["facts"]["runs"]
    assert [r["stage"] for r in run if r["state"] == "done"].count("consolidate") == 1
    assert answer["counts"]["load"]["user"]["out"] > 0
    assert crmmigrate("status", "--work", project / "work")["findings"] == []


def test_load_reconcile_rollback_and_again(project):
    migration = project / "migration.yaml"
    loaded = crmmigrate("load", migration)
    assert crmmigrate("reconcile", migration)["facts"]["reconcile"]
    planned = crmmigrate("rollback", loaded["run"], "--work", project / "work")
    engine = create_engine(f"sqlite:///{project}/work/crm.db")
    with engine.connect() as connection:
        rows = connection.execute(text("SELECT count(*) FROM accounts")).scalar_one()
    assert rows > 0, "a plan changes nothing"
    done = crmmigrate("rollback", loaded["run"], "--apply", "--work", project / "work", code=(0,))
    assert done["facts"]["undone"] == planned["facts"]["undone"] == planned["facts"]["changes"]
    assert done["facts"]["digest_equal"] is True
    again = crmmigrate("rollback", loaded["run"], "--apply", "--work", project / "work", code=(2,))
    assert again["code"] == "rollback.already"
    crmmigrate("load", migration)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM accounts")).scalar_one() == rows
    engine.dispose()


def test_an_edit_made_since_is_kept_and_says_so(project):
    loaded = crmmigrate("load", project / "migration.yaml")
    engine = create_engine(f"sqlite:///{project}/work/crm.db")
    with engine.begin() as connection:
        connection.execute(
            text("UPDATE users SET email = 'by.hand@example.com' WHERE id = (SELECT max(id) FROM users)")
        )
    done = crmmigrate("rollback", loaded["run"], "--apply", "--work", project / "work", code=(6,))
    assert done["facts"]["kept_edited"] == 1
    assert [len(pd.read_parquet(path)) for path in done["files"] if path.endswith("kept.parquet")] == [1]
    assert done["facts"]["digest_equal"] is True
    with engine.connect() as connection:
        assert connection.execute(text("SELECT email FROM users")).scalars().all() == ["by.hand@example.com"]
    engine.dispose()


def test_a_closed_load_cannot_be_undone(project):
    loaded = crmmigrate("load", project / "migration.yaml")
    refused = crmmigrate("close", loaded["run"], "--work", project / "work", code=(2,))
    assert "--confirm" in refused["stderr"]
    purged = crmmigrate("close", loaded["run"], "--confirm", loaded["run"], "--work", project / "work")
    assert purged["facts"]["purged"] > 0
    assert crmmigrate("rollback", loaded["run"], "--work", project / "work", code=(2,))["code"] == "rollback.closed"


def test_the_report_shows_how_far_the_migration_has_come(project, tmp_path):
    told = crmmigrate("report", project, "--lang", "zh")
    [page] = map(Path, told["files"])
    assert page == project / "work" / "00_迁移报告.html"
    assert "尚未对账" in page.read_text(encoding="utf-8")
    assert (
        len(list(project.glob("work/runs/*/reports/00_运行报告.html"))) == told["facts"]["pages"] - 1 == len(STEPS) - 2
    )
    [one] = crmmigrate("report", project, "--run", stages_run_ids(project)[-1][-6:], "-o", tmp_path / "run.html")[
        "files"
    ]
    assert "Validation" in Path(one).read_text(encoding="utf-8")
    assert (
        "report.not-writable" in crmmigrate("report", project, "-o", tmp_path / "none" / "x.html", code=(3,))["stderr"]
    )
    shutil.rmtree(project / "work")
    assert "report.nothing-run" in crmmigrate("report", project, code=(3,))["stderr"]


def test_the_trial_is_masked_reconciled_and_undone(project):
    answer = crmmigrate("trial", project / "migration.yaml")
    assert answer["facts"]["rollback"]["digest_equal"] is True
    trial = next((project / "work" / "trial" / "runs").glob("*-trial-*"))
    sample = pd.read_parquet(trial / "tables" / "contact.parquet")
    real = set(
        pd.read_parquet(next((project / "work" / "runs").glob("*-dedupe-*")) / "tables" / "contact.parquet")[
            "手机"
        ].dropna()
    )
    assert len(sample) > 10
    assert not set(sample["手机"].dropna()) & real, "a real phone number is in the trial"
    assert not (project / "work" / "crm.db-journal").exists()
    with create_engine(f"sqlite:///{project}/work/crm.db").connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM accounts")).scalar_one() == 0


def test_a_record_is_traced_from_its_origin_to_the_target(project):
    crmmigrate("run", project / "migration.yaml")
    run = next((project / "work" / "runs").glob("*-load-*"))
    row = pd.read_parquet(run / "tables" / "account.parquet").iloc[0]
    by_record = crmmigrate("trace", row["_record"], "--work", project / "work")["facts"]["steps"]
    by_origin = crmmigrate("trace", row["_origin"], "--work", project / "work")["facts"]["steps"]
    assert {"extract", "dedupe", "load"} <= {step["stage"] for step in by_record}
    assert {step["stage"] for step in by_record} == {step["stage"] for step in by_origin}
    assert any("target_key=" in step["what"] for step in by_record)
    assert crmmigrate("trace", "nobody", "--work", project / "work", code=(2,))["code"] == "trace.unknown"


def test_the_window_stops_a_load_and_not_the_rest(project):
    path = project / "migration.yaml"
    day = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")[(time.localtime().tm_wday + 3) % 7]
    path.write_text(
        path.read_text("utf-8") + f'window: {{days: [{day}], from: "00:00", to: "01:00"}}\n', encoding="utf-8"
    )
    assert crmmigrate("load", path, code=(4,))["code"] == "load.window"
    crmmigrate("run", path, "--to", "validate")
    crmmigrate("load", path, "--ignore-window")


def test_what_people_decide_is_done_and_remembered(project):
    """A pair left to people is merged when they say so, stays apart when they say so, and is not asked again."""
    import openpyxl

    migration = project / "migration.yaml"
    rules = project / "dedupe.account.yaml"
    rules.write_text(rules.read_text("utf-8").replace("merge: 0.95", "merge: 0.9999999"), encoding="utf-8")
    asked = crmmigrate("run", migration, "--to", "dedupe")
    book = next(Path(name) for name in asked["files"] if name.endswith("审核表.xlsx"))
    copy = project / "reviewed.xlsx"
    workbook = openpyxl.load_workbook(book)
    sheet = next(
        s
        for s in workbook
        if s.max_row > 3 and any(c.value in ("决定", "Decision") for r in s.iter_rows(max_row=12) for c in r)
    )
    header = next(r for r in sheet.iter_rows() if any(c.value in ("决定", "Decision") for c in r))
    column = next(c.column for c in header if c.value in ("决定", "Decision"))
    own, leading = (next(c.column for c in header if c.value == name) for name in ("_record", "_leading"))
    words = [v.strip() for v in sheet.data_validations.dataValidation[0].formula1.strip('"').split(",")]
    for row in range(header[0].row + 1, sheet.max_row + 1):
        if sheet.cell(row, own).value != sheet.cell(row, leading).value:
            sheet.cell(row, column, words[0])
    workbook.save(copy)
    merged = crmmigrate("run", migration, "--to", "dedupe", "--decisions", copy)
    before, after = asked["counts"]["dedupe"]["account"]["merged"], merged["counts"]["dedupe"]["account"]["merged"]
    assert after > before
    crmmigrate("run", migration, "--from", "scope", "--to", "dedupe")
    again = pd.read_parquet(max((project / "work" / "runs").glob("*-dedupe-*")) / "tables" / "_aside.parquet")
    assert int((again["table"] == "account").sum()) == after


def test_gates_are_judged_by_what_was_run(project):
    first = crmmigrate("run", project / "migration.yaml", "--to", "validate")["facts"]["gates"]
    assert first["conformity_rate"]["met"] is True
    assert first["restore_success"]["met"] is None
    crmmigrate("trial", project / "migration.yaml")
    path = project / "migration.yaml"
    path.write_text(path.read_text("utf-8").replace("conformity_rate: 0.95", "conformity_rate: 1.0"), encoding="utf-8")
    answer = crmmigrate("run", path, "--to", "validate", code=(1,))
    assert answer["facts"]["gates"]["restore_success"]["met"] is True
    assert answer["facts"]["gates"]["conformity_rate"]["met"] is False
    assert any("NOT met" in finding for finding in answer["findings"])
