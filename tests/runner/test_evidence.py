"""What the gates are judged by: the manifests of a workspace and of its trial."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from crmmigrate.runner.evidence import gather
from crmmigrate.runner.workspace import Workspace


def file(workspace: Workspace, stage: str, changes: int, error: int, **facts: Any) -> None:
    run = workspace.begin(stage)
    run.manifest.facts = {"changes": changes, "error": error, **facts}
    run.end("done", 0)


@pytest.mark.parametrize(
    ("runs", "expected"),
    [
        ([("rehearsal", 4, 1, "rehearsed"), ("rollback", 9, 0, "")], 0.75),  # a plan restores nothing
        ([("rollback", 4, 0, "applied"), ("rehearsal", 4, 2, "rehearsed")], 0.5),
        ([("rehearsal", 4, 2, "rehearsed"), ("rollback", 4, 0, "applied")], 1.0),
        ([("rollback", 9, 0, "")], 0.9),  # the trial's
        ([], 0.9),
    ],
)
def test_success_of_restoring_is_that_of_the_newest_run_that_restored(
    tmp_path: Path, runs: list[tuple[str, int, int, str]], expected: float
) -> None:
    file(Workspace(tmp_path / "trial"), "rollback", 10, 1, applied=True)
    for stage, changes, error, how in runs:
        file(Workspace(tmp_path), stage, changes, error, **({how: True} if how else {}))
    assert gather(Workspace(tmp_path)).restore_success == expected
