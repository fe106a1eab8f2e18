"""Runs, their manifests, and the log that shows whether somebody changed it."""

from __future__ import annotations

import json
import shutil
import threading

import pytest
from filelock import FileLock

from crmmigrate.errors import ConfigurationError, LimitReached, LocationError
from crmmigrate.runner.workspace import Workspace


def test_a_run_is_found_by_the_end_of_its_id(tmp_path):
    workspace = Workspace(tmp_path / "work")
    run = workspace.begin("scope")
    run.end("done", 0)
    assert workspace.find(run.manifest.run[-6:]).stage == "scope"
    with pytest.raises(ConfigurationError) as caught:
        workspace.find("nothing")
    assert caught.value.code == "run.unknown"


def test_the_last_load_is_the_newest_that_was_completed(tmp_path):
    workspace = Workspace(tmp_path)
    with pytest.raises(ConfigurationError):
        workspace.find("last")
    loads = []
    for state in ("done", "failed"):
        loads.append(workspace.begin("load"))
        loads[-1].end(state, 0)
    workspace.begin("reconcile").end("done", 0)
    assert workspace.find("last").run == loads[0].manifest.run


def test_a_load_whose_folder_is_gone_is_not_forgotten(tmp_path):
    workspace = Workspace(tmp_path)
    run = workspace.begin("load")
    run.end("done", 0)
    shutil.rmtree(run.folder)
    assert workspace.logged("load") == [run.manifest.run]
    with pytest.raises(ConfigurationError) as caught:
        workspace.find("last")
    assert (caught.value.code, run.manifest.run in caught.value.text("en")) == ("run.folder-gone", True)


def test_latest_takes_completed_runs_only(tmp_path):
    workspace = Workspace(tmp_path)
    first = workspace.begin("scope")
    first.manifest.options = "k"
    first.end("done", 0)
    workspace.begin("scope").end("failed", 70)
    latest = workspace.latest("scope", "k")
    assert latest is not None
    assert latest.run == first.manifest.run
    assert workspace.latest("scope", "other") is None


@pytest.mark.parametrize("what", ["changed", "removed", "reordered"])
def test_a_log_that_was_touched_is_found_out(tmp_path, what):
    workspace = Workspace(tmp_path)
    for _ in range(3):
        workspace.begin("audit").end("done", 0)
    assert workspace.broken_log_line() == 0
    lines = workspace.log.read_text(encoding="utf-8").splitlines()
    if what == "changed":
        entry = json.loads(lines[1])
        entry["operator"] = "somebody else"
        lines[1] = json.dumps(entry)
    elif what == "removed":
        del lines[1]
    else:
        lines[0], lines[1] = lines[1], lines[0]
    workspace.log.write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert workspace.broken_log_line() in (1, 2)


def test_a_folder_that_is_a_file_is_refused_with_a_way_out(tmp_path):
    (tmp_path / "work").write_text("", encoding="utf-8")
    with pytest.raises(LocationError) as caught:
        Workspace(tmp_path / "work").begin("audit")
    assert caught.value.code == "work.not-writable"
    assert caught.value.hint is not None


def test_table_names_become_safe_file_names(tmp_path):
    run = Workspace(tmp_path).begin("audit")
    path = run.table_path('a/b:c*"客户"')
    path.write_bytes(b"")
    assert path.parent == run.folder / "tables"


def test_two_commands_do_not_write_to_one_workspace(tmp_path):
    with Workspace(tmp_path).alone():
        with pytest.raises(LimitReached) as caught, Workspace(tmp_path).alone():
            pass
        assert caught.value.code == "work.busy"
    with Workspace(tmp_path).alone():
        pass


def test_a_look_whether_a_command_is_at_work_refuses_none_that_begins(tmp_path):
    looking = FileLock(tmp_path / ".lock", thread_local=False)
    looking.acquire()
    end = threading.Timer(0.1, looking.release)
    end.start()
    with Workspace(tmp_path).alone():
        pass
    end.join()


def test_two_looks_at_once_do_not_take_each_other_for_a_command(tmp_path):
    workspace = Workspace(tmp_path)
    run = workspace.begin("load")  # killed: its lock went with it
    looking = FileLock(tmp_path / ".lock", thread_local=False)
    looking.acquire()
    end = threading.Timer(0.05, looking.release)
    end.start()
    assert [one.state for one in workspace.told()] == ["stopped"]
    end.join()
    with Workspace(tmp_path).alone():
        assert [(one.run, one.state) for one in workspace.told()] == [(run.manifest.run, "running")]


def test_what_a_killed_run_left_unfinished_goes_before_the_next_command(tmp_path):
    tables = Workspace(tmp_path).begin("dedupe").tables_folder
    (tables / "0a.part").mkdir()
    (tables / "0a.part" / "00000.parquet").write_text("张三")
    (tables / "account.part").write_text("张三")
    (tables / "account.parquet").write_text("whole")
    with Workspace(tmp_path).alone():
        assert [path.name for path in tables.iterdir()] == ["account.parquet"]


def test_runs_sort_by_time_however_quick_they_are_and_whatever_lies_beside_them(tmp_path):
    workspace = Workspace(tmp_path)
    (tmp_path / "runs" / "Zettel").mkdir(parents=True)
    names = [workspace.begin(stage).manifest.run for stage in ("z", "y", "x", "a", "z")]
    assert names == sorted(names)
    ahead = tmp_path / "runs" / "29990101T000000999Z-audit-abcdef"
    ahead.mkdir()
    assert workspace.new_name("audit") > ahead.name


def test_only_the_run_of_a_command_at_work_is_told_to_be_running(tmp_path):
    workspace = Workspace(tmp_path)
    workspace.begin("extract").end("done", 0)
    for stage in ("dedupe", "load"):
        workspace.begin(stage)
    with workspace.alone():
        assert [made.state for made in Workspace(tmp_path).told()] == ["done", "stopped", "running"]
    assert [made.state for made in workspace.told()] == ["done", "stopped", "stopped"]
    assert [made.state for made in workspace.manifests()] == ["done", "running", "running"], "they are left as they are"
