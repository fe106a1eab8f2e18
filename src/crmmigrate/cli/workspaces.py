"""Which workspace a command uses: the one asked for, the project's, or one that is gone when the command ends."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from crmmigrate.cli.options import hints_naming, project_file
from crmmigrate.cli.progress import Bars
from crmmigrate.errors import ConfigurationError
from crmmigrate.messages import Message
from crmmigrate.model.stage import PROJECT
from crmmigrate.runner.execute import Context
from crmmigrate.runner.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crmmigrate.model.table import Table


@contextmanager
def context_for(work: Path | None) -> Iterator[Context]:
    """Give a command on a single table its workspace.

    Without `--work` it lies in a temporary folder and is removed at the end, so that no copy of personal data stays
    behind where nobody looks for it.

    Raises:
        LimitReached: another command is at work in the folder of `--work`.
        LocationError: it cannot be written.
    """
    if work is not None:
        workspace = Workspace(work)
        with workspace.alone():
            yield Context(workspace, Bars())
        return
    with tempfile.TemporaryDirectory(prefix="crmmigrate-", ignore_cleanup_errors=True) as folder:
        yield Context(Workspace(Path(folder), lasting=False), Bars())


@contextmanager
def table_at(location: str, work: Path | None, wanted: str = "") -> Iterator[Table]:
    """Give a command the one table at a location, or the one called `wanted` of several, as long as its workspace is there.

    Raises:
        ConfigurationError: there are several tables, and neither `#` nor `wanted` says which.
        LocationError: it cannot be read.
    """
    from crmmigrate.model.location import Location
    from crmmigrate.runner.single import read_one

    with context_for(work) as context:
        yield read_one(Location.parse(location), context, wanted=wanted)


@contextmanager
def hints_beside(workspace: Workspace, project: Path | None = None) -> Iterator[None]:
    """Let what is told of an error name a workspace, and the project it belongs to (the one beside it), so that it can be copied."""
    path = project_file(project) if project else workspace.folder.parent / PROJECT
    with hints_naming(path, None if workspace.folder == path.parent / "work" else workspace.folder):
        yield


def project_workspace(project: Path, work: Path | None) -> Workspace:
    """Return the workspace of a migration.yaml: `--work`, or `work/` beside it."""
    return Workspace(work or project.parent / "work")


def existing_workspace(work: Path | None) -> Workspace:
    """Return the workspace asked for, or `work/` here.

    Raises:
        ConfigurationError: there is none.
    """
    folder = work or Path("work")
    if (folder / "work" / "runs").is_dir():  # a project's folder was named
        folder /= "work"
    if not (folder / "runs").is_dir():
        raise ConfigurationError(
            "work.missing", Message("there is no workspace here"), str(folder),
            Message("change to the project's folder, or name the workspace with --work"),
        )  # fmt: skip
    return Workspace(folder)
