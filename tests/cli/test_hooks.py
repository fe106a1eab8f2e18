"""The hooks and the files for continuous integration, in a real git repository."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from crmmigrate.runner.packs import lay_out

ROOT = Path(__file__).parent.parent.parent
BIN = Path(sys.executable).parent


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    home = tmp_path_factory.mktemp("home")
    author = {f"GIT_{who}_{what}": "t@example.com" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    path = f"{BIN}{os.pathsep}{os.environ['PATH']}"
    return {**os.environ, **author, "PATH": path, "HOME": str(home), "PRE_COMMIT_HOME": str(home / "pre-commit"), "CRMMIGRATE_LANG": "en",
            "GIT_CONFIG_GLOBAL": os.devnull}  # fmt: skip


@pytest.fixture
def repository(tmp_path, environment):
    """A project of `init` in a git repository with its hooks installed."""
    folder = tmp_path / "project"
    lay_out(folder, "b2b")
    for words in (["git", "init", "-q"], ["git", "add", "-A"], ["pre-commit", "install"]):
        subprocess.run(words, cwd=folder, env=environment, check=True, capture_output=True)

    def commit(*words):
        subprocess.run(["git", "add", "-f", "-A"], cwd=folder, env=environment, check=True)
        done = subprocess.run(
            ["git", "commit", "-qm", "x"], cwd=folder, env=environment, check=False, capture_output=True, text=True
        )
        return done.returncode, done.stdout + done.stderr

    return folder, commit


def test_a_commit_with_a_mistake_or_customer_data_is_refused(repository):
    folder, commit = repository
    code, said = commit()
    assert code == 0, said
    mapping = folder / "mappings" / "contact.crmmap.yaml"
    sound = mapping.read_text("utf-8")
    mapping.write_text(sound.replace("[trim, {truncate: 100}]", "[trim, compny_name]"), "utf-8")
    code, said = commit()
    assert code != 0
    assert "mappings/contact.crmmap.yaml" in said
    assert "did you mean 'company_name'?" in said
    mapping.write_text(sound + "# looked at\n", "utf-8")
    (folder / "名单.csv").write_text("手机\n13905718826\n13605712931\n15158027713\n", "utf-8")
    code, said = commit()
    assert code != 0
    assert "guard.personal-data" in said
    assert "13905718826" not in said
    (folder / "名单.csv").unlink()
    assert commit()[0] == 0


def test_the_hooks_of_this_repository_are_those_of_a_project(repository):
    folder, _ = repository
    ours = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
    [theirs] = yaml.safe_load((folder / ".pre-commit-config.yaml").read_text("utf-8"))["repos"]
    keys = ("name", "entry", "files", "types")
    assert [[hook.get(key) for key in keys] for hook in ours] == [
        [hook.get(key) for key in keys] for hook in theirs["hooks"]
    ]
    assert all(re.compile(hook.get("files", "")) for hook in ours)


def test_what_continuous_integration_runs_runs(repository, environment):
    folder, _ = repository
    workflow = yaml.safe_load((folder / ".github" / "workflows" / "mapping.yml").read_text("utf-8"))
    steps = [step["run"] for step in workflow["jobs"]["mapping"]["steps"] if "run" in step][1:]
    gitlab = yaml.safe_load((folder / ".gitlab-ci.yml").read_text("utf-8"))["mapping files"]["script"][1:]
    for words in dict.fromkeys([*steps, *gitlab]):
        done = subprocess.run(
            words, cwd=folder, env=environment, check=False, shell=True, capture_output=True, text=True
        )
        assert done.returncode == 0, (words, done.stdout, done.stderr)


@pytest.mark.parametrize("package", [None, ""])
def test_continuous_integration_installs_nothing_by_its_name_alone(repository, environment, package):
    """crmmigrate is on no index: whoever registers its name there would run code in the CI of every project."""
    folder, _ = repository
    workflow = yaml.safe_load((folder / ".github" / "workflows" / "mapping.yml").read_text("utf-8"))
    install = next(step["run"] for step in workflow["jobs"]["mapping"]["steps"] if "run" in step)
    assert yaml.safe_load((folder / ".gitlab-ci.yml").read_text("utf-8"))["mapping files"]["script"][0] == install
    assert workflow["jobs"]["mapping"]["env"] == {"CRMMIGRATE_PACKAGE": "${{ vars.CRMMIGRATE_PACKAGE }}"}
    given = {} if package is None else {"CRMMIGRATE_PACKAGE": package}
    done = subprocess.run(
        install, cwd=folder, env=environment | given, check=False, shell=True, capture_output=True, text=True
    )
    assert done.returncode != 0
    assert "CRMMIGRATE_PACKAGE: set it to the wheel of crmmigrate" in done.stderr
    for name in (".pre-commit-config.yaml", ".gitlab-ci.yml", ".github/workflows/mapping.yml"):
        assert not re.search(r"pip install[^\n]*\bcrmmigrate( |$)", (folder / name).read_text("utf-8"), re.MULTILINE)
    echo = subprocess.run(install.replace("pip install", "echo"), env=environment | {"CRMMIGRATE_PACKAGE": "ci/a.whl"}, check=True, shell=True, capture_output=True, text=True)  # fmt: skip
    assert echo.stdout == "ci/a.whl\n"


def test_annotations_name_files_as_the_repository_does(repository, environment):
    folder, _ = repository
    path = folder / "mappings" / "user.crmmap.yaml"
    path.write_text(path.read_text("utf-8").replace("do: [lower]", "do: [lowr]"), "utf-8")
    done = subprocess.run(["crmmigrate", "mapping", "lint", "mappings/", "--format", "github"], cwd=folder, env=environment, check=False,
                          capture_output=True, text=True)  # fmt: skip
    assert done.returncode == 1
    assert done.stdout.startswith("::error file=mappings/user.crmmap.yaml,line=")
