"""What a run says is kept in no language, so that it can be told again in the reader's."""

import json
import time
from multiprocessing import active_children
from pathlib import Path

import pytest

from crmmigrate.errors import LocationError
from crmmigrate.messages import Message
from crmmigrate.model.manifest import Manifest
from crmmigrate.model.stage import Report, Stage, StageResult
from crmmigrate.runner import execute as module
from crmmigrate.runner.execute import Context, execute, told_again, written_down
from crmmigrate.runner.workspace import Workspace
from crmmigrate.stages import load_stage


def test_a_sentence_inside_a_sentence_is_told_again_in_either_language():
    said = Message("{table}: {finding}", table="crm.客户", finding=Message("the table has no rows"))
    manifest = Manifest(run="r", stage="audit", started="", findings=json.loads(json.dumps([written_down(said)])))
    [again] = told_again(manifest)
    assert [again.text(language) for language in ("en", "zh")] == [said.text("en"), said.text("zh")]
    assert said.text("en") != said.text("zh")


class Silent:
    def begin(self, title, total):
        return lambda rows: None

    def end(self):
        pass


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no disk that is always full")
def test_a_full_disk_is_told_wherever_it_is_met(tmp_path):
    def tell(job):
        return StageResult(reports=[Report("r.txt", lambda path, language: Path("/dev/full").write_text("x"), False)])

    stage = Stage("audit", Message("Read the sources"), type(None), tell, (), needs_target=False)
    with pytest.raises(LocationError) as caught:
        execute(stage, {}, None, Context(Workspace(tmp_path), Silent()))
    assert (caught.value.code, caught.value.exit_code) == ("work.not-writable", 3)


@pytest.mark.parametrize("confined", [False, True])
def test_sql_of_others_is_run_in_a_duckdb_of_its_own_that_reads_no_files(tmp_path, confined):
    seen = []

    def look(job):
        seen.append(job.tables.value("SELECT current_setting('enable_external_access')"))
        return StageResult()

    stage = Stage("audit", Message("Read the sources"), type(None), look, (), needs_target=False, confined=confined)
    execute(stage, {}, None, Context(Workspace(tmp_path), Silent()))
    assert seen == [not confined]
    assert load_stage("rules").confined


def _writes_late(path: Path) -> None:
    path.with_suffix(".begun").touch()
    time.sleep(60)
    path.touch()


def test_ctrl_c_ends_the_other_processes_before_the_run_is_noted_as_stopped(tmp_path, monkeypatch):
    """Python waits for them when it ends itself; the third task's question is larger than a pipe holds."""
    monkeypatch.setattr(module, "_HELPED", 0)
    pools = []

    def work(job):
        job.hands.count = 1
        late = job.folder / "late"
        for given in (late, late, late.with_name("x" * 10**6)):
            job.hands.ask(_writes_late, given)
        pools.append(job.hands._pool._executor_manager_thread)
        until = time.monotonic() + 60
        while not late.with_suffix(".begun").exists():
            assert time.monotonic() < until
            time.sleep(0.01)
        raise KeyboardInterrupt

    stage = Stage("audit", Message("Read the sources"), type(None), work, (), needs_target=False)
    workspace = Workspace(tmp_path)
    with pytest.raises(KeyboardInterrupt):
        execute(stage, {}, None, Context(workspace, Silent()))
    assert active_children() == []
    pools[0].join(10)
    assert not pools[0].is_alive()
    assert [manifest.state for manifest in workspace.manifests()] == ["stopped"]
