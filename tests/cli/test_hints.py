"""What is told to be done next is a command that can be copied: it names the project as the user did, quoted where it has to be."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING

import pytest
from tests.command_line import answered, called

from crmmigrate.cli.options import hints_naming
from crmmigrate.errors import CrmMigrateError
from crmmigrate.model.table import Table
from crmmigrate.runner.workspace import Workspace

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "my dir"
    answered("init", folder, "--pack", "b2b")
    return folder


def told(words: list[object]) -> list[list[str]]:
    """Return the commands in what a command says on standard error, as a shell would cut them."""
    said = called(*words).stderr
    return [shlex.split(found) for found in re.findall(r"crmmigrate [^;；\n]*", said)]


@pytest.mark.parametrize(
    "words", [("reconcile",), ("load", "--resume"), ("delta",), ("uat", "build"), ("load", "--rejects", "x.xlsx"), ("tasks", "build"),
     ("decisions", "undo", "1", "--project")],
)  # fmt: skip
def test_hints_name_the_project_as_it_was_named(project: Path, tmp_path: Path, words: tuple[str, ...]) -> None:
    (tmp_path / "x.xlsx").write_bytes(b"")
    own = [str(tmp_path / word) if word.endswith(".xlsx") else word for word in words]
    commands = told([*own, project / "migration.yaml", "--work", tmp_path / "w w"])
    for command in commands:
        assert str(project / "migration.yaml") in command
        assert command[command.index("--work") + 1] == str(tmp_path / "w w")
    assert commands or "rejects" in str(words)


def test_gates_that_are_not_met_name_the_project_as_it_was_named(project: Path, tmp_path: Path) -> None:
    said = called("gates", project / "migration.yaml", "--due", "--work", tmp_path / "w").stderr
    assert f'crmmigrate trial "{project}/migration.yaml" --work {tmp_path}/w' in said
    assert " migration.yaml" not in said


def test_status_names_the_next_step_so_that_it_can_be_copied(project: Path) -> None:
    answered("run", project, "--plan", code=(0, 1, 2, 3))
    (project / "work" / "runs").mkdir(parents=True, exist_ok=True)
    [command] = told(["status", "--work", project / "work"])
    assert command[:3] == ["crmmigrate", "run", str(project / "migration.yaml")]
    (project / "work").rename(project / "w2")
    [command] = told(["status", "--work", project / "w2"])
    assert command[3:5] == ["--work", str(project / "w2")]


def test_dedupe_asks_for_no_workbook_that_it_did_not_write(tmp_path: Path) -> None:
    table = tmp_path / "t.csv"
    table.write_text(
        "客户名称,电话\n杭州启明精密机械,0571-88886666\n杭州启明精密机械有限公司,0571-12348888\n", encoding="utf-8"
    )
    words = ["dedupe", table, "--object", "account", "-o", tmp_path / "g.csv"]
    without = called(*words).stderr
    assert "pairs that may be duplicates: 1; people have to decide" in without
    finding, step = (
        next(line for line in without.splitlines() if sign in line) for sign in ("may be duplicates", "next:")
    )
    assert "review.xlsx" not in finding
    assert "--decisions" not in without
    assert "--review review.xlsx" in step
    book = tmp_path / "re view.xlsx"
    said = called(*words, "--review", book).stderr
    assert "pairs that may be duplicates: 1; decide on them in" in said
    assert f'--decisions "{book}"' in said


def test_hints_of_commands_over_a_workspace_name_it(project: Path, tmp_path: Path) -> None:
    work = tmp_path / "w w"
    (work / "runs").mkdir(parents=True)
    [scan] = told(["pii", "token", "13912340000", "--work", work])
    assert scan == ["crmmigrate", "pii", "scan", "--work", str(work)]
    [runs] = told(["close", "last", "--project", project, "--work", work])
    assert runs[:4] == ["crmmigrate", "runs", "--work", str(work)]
    (project / "work" / "runs").mkdir(parents=True)
    [runs] = told(["close", "last", "--project", project])
    assert runs[:4] == ["crmmigrate", "runs", "--work", str(project / "work")]
    [scan] = told(["pii", "token", "13912340000", "--work", project / "work"])
    assert scan == ["crmmigrate", "pii", "scan", "--project", str(project / "migration.yaml")]


def test_after_a_purge_the_way_on_names_the_project(project: Path, tmp_path: Path) -> None:
    work = Workspace(tmp_path / "w w")
    for stage in ("extract", "purge"):
        run = work.begin(stage)
        run.manifest.facts = {"files": 3, "images": {}} if stage == "purge" else {}
        run.end("done", 0)
    for words in (["pii", "token", "x"], ["trace", "crm/客户/C1"]):
        [again] = told([*words, "--work", work.folder])
        assert again[:4] == ["crmmigrate", "run", str(tmp_path / "migration.yaml"), "--work"]
        assert again[4].startswith("FOLDER")
    gone = Table("account", work.runs_folder / "20200101T000000000Z-dedupe-aaaaaa" / "tables" / "account.parquet")
    with pytest.raises(CrmMigrateError) as caught, hints_naming(project / "migration.yaml", work.folder):
        gone.present()
    assert caught.value.code == "work.purged"
    assert caught.value.hint is not None
    assert f'crmmigrate run "{project}/migration.yaml" --work FOLDER' in caught.value.hint.text("en")


@pytest.mark.parametrize("words", [("tasks",), ("uat",), ("template", "--object", "account")])
def test_a_workbook_that_comes_back_is_of_the_project_of_this_folder(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    (tmp_path / "b.xlsx").write_bytes(b"")
    collect = [words[0], "collect", tmp_path / "b.xlsx", *words[1:]]
    monkeypatch.chdir(tmp_path)
    outside = called(*collect)
    assert outside.returncode == 2
    assert "migration.yaml: there is no such file [file.missing]" in outside.stderr
    monkeypatch.chdir(project)
    inside = called(*collect)
    assert inside.stderr.strip()
    assert "file.missing" not in inside.stderr
    assert "Missing argument" not in inside.stderr


@pytest.mark.parametrize("words", [("tasks",), ("template", "--object", "account")])
def test_what_is_to_be_collected_has_to_be_named(project: Path, words: tuple[str, ...]) -> None:
    done = called(words[0], "collect", project / "migration.yaml", *words[1:])
    assert done.returncode == 2
    assert any(said in done.stderr for said in ("Missing argument", "缺少参数"))
