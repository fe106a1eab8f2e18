"""Of which loads and rollbacks the target has to be asked, because their manifests do not say what became of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from crmmigrate.runner.history import open_ends
from crmmigrate.runner.workspace import Workspace

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("made", "asked"),
    [
        ("load done", []),
        ("load failed", [0]),
        ("load failed, load done", []),  # it would have been refused beside rows of the first
        ("load failed, load done, load failed", [2]),
        ("load running, load done", [0]),  # killed: an earlier version did not see it
        ("load stopped, rollback done 0", []),
        ("load stopped, rollback planned 0", [0]),
        ("load done, rollback stopped 0", [1]),
        ("load done, rollback stopped 0, rollback done 0", []),
        ("load done, rollback done 0, rollback failed 0", [2]),
        ("load done, rollback stopped 0, load done", []),
    ],
)
def test_the_target_is_asked_only_where_something_may_stand_half_way(
    tmp_path: Path, made: str, asked: list[int]
) -> None:
    workspace = Workspace(tmp_path)
    runs: list[str] = []
    for told in made.split(", "):
        stage, state, *of = told.split()
        run = workspace.begin(stage, parent=runs[int(of[0])] if of else "")
        runs.append(run.manifest.run)
        run.manifest.facts = {"applied": state != "planned", "undoes": run.manifest.parent}
        run.end("done" if state == "planned" else state, 0) if state != "running" else run.save()
    assert [one.run for one in open_ends(workspace)] == [runs[place] for place in asked]
