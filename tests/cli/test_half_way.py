"""A load or a rollback that was killed half way is told, is gone on with, and nothing is begun beside it; `last` is what can be taken back."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest
from tests.cli.slow_load import SLOW, write_project
from tests.command_line import PROCESS, called
from tests.command_line import answered as crmmigrate

from crmmigrate.model.load_plan import LoadPlan
from crmmigrate.model.rollback_hint import finish_rollback
from crmmigrate.model.target import Selection, TargetRun
from crmmigrate.runner.workspace import Workspace
from crmmigrate.targets import open_target

ROWS = 30


def laid_out(folder: Path, url: str) -> Path:
    write_project(folder, url, ROWS, batch=2)
    (folder / "work").mkdir()
    crmmigrate("target", "create", url, "--schema", "schema.yaml", cwd=folder)
    return folder


def killed(folder: Path, url: str, *words: str, when: int) -> None:
    """Start a command whose batches take their time, and kill it as soon as so many of its run are in the journal."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(SLOW.format(seconds=0.2).encode())
        before = connection.execute("SELECT count(*) FROM information_schema.tables WHERE table_name = 'crmm_batch'").fetchone()  # fmt: skip
        done = connection.execute("SELECT count(*) FROM crmm_batch").fetchone()[0] if before[0] else 0
        process = subprocess.Popen([*PROCESS, *words], cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        end = time.monotonic() + 60
        while process.poll() is None and time.monotonic() < end:
            try:
                if connection.execute("SELECT count(*) FROM crmm_batch").fetchone()[0] >= done + when:
                    break
            except psycopg.errors.UndefinedTable:
                pass
            time.sleep(0.02)
        assert process.poll() is None, "it ended before it could be killed"
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        connection.execute("DROP FUNCTION slow CASCADE")


def told(folder: Path) -> dict[str, object]:
    return crmmigrate("status", cwd=folder)


def following(folder: Path, *words: str) -> str:
    """Return the command that another one names at its end."""
    return called(*words, cwd=folder).stderr.rpartition("next: ")[2].strip()


def last(folder: Path) -> int:
    """Return how many changes `rollback last` is about."""
    return int(crmmigrate("rollback", "last", cwd=folder)["facts"]["changes"])


@pytest.mark.skipif(sys.platform == "win32", reason="sends SIGKILL")
@pytest.mark.database("postgresql")
def test_nothing_is_begun_beside_what_was_killed_half_way(tmp_path: Path, postgresql_url: str) -> None:
    folder = laid_out(tmp_path / "p", postgresql_url)
    crmmigrate("run", "--to", "validate", cwd=folder)
    killed(folder, postgresql_url, "load", when=3)

    status = told(folder)
    assert status["facts"]["load"] == "stopped", "it is not running any more"
    assert following(folder, "status") == "crmmigrate load migration.yaml --resume"
    assert following(folder, "load", "--check") == following(folder, "status")
    refused = called("load", cwd=folder)
    assert (refused.returncode, "[load.unfinished]" in refused.stderr) == (2, True)
    assert "crmmigrate load migration.yaml --resume" in refused.stderr
    assert len(list((folder / "work" / "runs").glob("*-load-*"))) == 1
    crmmigrate("load", "--resume", cwd=folder)
    assert (told(folder)["facts"]["load"], last(folder)) == ("done", ROWS)

    crmmigrate("reconcile", cwd=folder)
    killed(folder, postgresql_url, "rollback", "last", "--apply", when=3)
    status = told(folder)
    assert (status["facts"]["load"], status["facts"]["reconcile"]) == ("rolled_back_in_part", "outdated")
    assert "was stopped half way" in called("status", cwd=folder).stdout
    checked = crmmigrate("load", "--check", cwd=folder)
    assert any("was stopped half way" in found for found in checked["findings"])
    assert following(folder, "load", "--check") == following(folder, "status")
    assert "crmmigrate rollback" in following(folder, "status")
    for words in (("load",), ("run",), ("load", "--resume"), ("delta",), ("delta", "--apply")):
        refused = called(*words, cwd=folder)
        assert (refused.returncode, "[load.being-undone]" in refused.stderr) == (2, True), (words, refused.stderr)
        assert following(folder, "status") in refused.stderr, "all name the same command"
    assert crmmigrate("rollback", "last", "--apply", cwd=folder)["facts"]["digest_equal"] is True
    assert told(folder)["facts"]["load"] == "rolled_back"


def test_a_rollback_of_a_part_that_was_cut_off_is_finished_by_the_command_that_is_named(tmp_path: Path) -> None:
    folder = laid_out(tmp_path / "p", "sqlite:///work/crm.db")
    crmmigrate("run", cwd=folder)
    [load] = (path.name for path in (folder / "work" / "runs").glob("*-load-*"))
    with open_target(f"sqlite:///{folder}/work/crm.db") as target:
        [known] = target.runs()
        chosen = Selection(objects=("account",), batches=(3, 2))
        target.begin_run("rollback", "undo", LoadPlan.from_text(known.plan), parent=load, selection=chosen)
        target.close_run("undo", "stopped")
    Workspace(folder / "work").begin("rollback", parent=load).end("stopped", 130)

    command = f"crmmigrate rollback {load} --object account --batch 3 --batch 2 --apply --project migration.yaml"
    assert following(folder, "status").endswith(command)
    for words in (("load",), ("delta",), ("rollback", "last", "--apply")):
        assert command in called(*words, cwd=folder).stderr, words
    done = json.loads(called(*command.split()[1:], "--format", "json", cwd=folder).stdout)
    assert done["facts"]["undone"] == 4


def test_keys_of_rows_are_not_told_in_a_hint() -> None:
    begun = TargetRun(
        "undo",
        "rollback",
        "load",
        "stopped",
        "",
        0,
        False,
        "",
        "",
        "",
        "",
        {},
        0,
        Selection(("account",), (), ("13800138000",)),
    )
    told = finish_rollback(begun).text("en")
    assert "13800138000" not in told
    assert "with the keys it was begun with (1): crmmigrate rollback load --object account --key … --apply" in told


@pytest.mark.skipif(sys.platform == "win32", reason="sends SIGKILL")
@pytest.mark.database("postgresql")
def test_a_killed_load_behind_which_another_one_was_made_is_told_and_taken_back_too(
    tmp_path: Path, postgresql_url: str
) -> None:
    folder = laid_out(tmp_path / "p", postgresql_url)
    crmmigrate("run", "--to", "validate", cwd=folder)
    killed(folder, postgresql_url, "load", when=3)
    [first] = (folder / "work" / "runs").glob("*-load-*")
    shutil.move(first, folder / first.name)  # an earlier version did not see it, and began anew
    crmmigrate("load", cwd=folder)
    shutil.move(folder / first.name, first)
    crmmigrate("reconcile", cwd=folder)

    status = told(folder)
    assert (status["facts"]["load"], status["facts"]["reconcile"]) == ("stopped", "outdated")
    assert first.name in following(folder, "status")
    assert status["facts"]["unfinished"] == [first.name]
    rest = last(folder)
    crmmigrate("rollback", "last", "--apply", cwd=folder)
    assert 0 < last(folder) == ROWS - rest
    assert called("rollback", "last", "--apply", cwd=folder).returncode == 2, "it is named by its id"
    crmmigrate("rollback", first.name, "--apply", cwd=folder)
    assert told(folder)["facts"]["load"] == "rolled_back"
    with psycopg.connect(postgresql_url) as connection:
        assert connection.execute("SELECT count(*) FROM accounts").fetchone() == (0,)


def test_last_is_the_newest_load_that_changed_something_and_stands(tmp_path: Path) -> None:
    folder = laid_out(tmp_path / "p", "sqlite:///work/crm.db")
    crmmigrate("run", cwd=folder)
    crmmigrate("run", cwd=folder)  # changes nothing
    assert last(folder) == ROWS
    with (folder / "in" / "客户.csv").open("a", encoding="utf-8") as file:
        file.write("new,公司\n")
    crmmigrate("delta", "--apply", cwd=folder)
    assert last(folder) == 1
    loads = sorted(path.name for path in (folder / "work" / "runs").glob("*-load-*"))
    said = called("rollback", "last", "--apply", "--format", "json", cwd=folder)
    assert json.loads(said.stdout)["facts"]["undoes"] == loads[-1]
    assert f"'last' is the load {loads[-1]}, begun 20" in said.stderr
    assert last(folder) == ROWS, "the delta is rolled back, the load under it stands"
    again = called("rollback", "last", "--apply", cwd=folder)
    assert (again.returncode, "[rollback.which-load]" in again.stderr) == (2, True), "twice is once"
    assert f"crmmigrate rollback {loads[0]} --apply --project migration.yaml" in again.stderr
    assert last(folder) == ROWS
    [undone] = (path.name for path in (folder / "work" / "runs").glob("*-rollback-*") if path.name in again.stderr)
    crmmigrate("rollback", undone, "--apply", cwd=folder)
    crmmigrate("rollback", "last", "--apply", cwd=folder)  # the delta stands again, and is meant
    crmmigrate("rollback", loads[0], "--apply", cwd=folder)
    refused = called("rollback", "last", cwd=folder)
    assert (refused.returncode, "[rollback.already]" in refused.stderr) == (2, True)
