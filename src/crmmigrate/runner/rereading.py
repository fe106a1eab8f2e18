"""Sources of which nobody can tell without reading them whether they changed (tables of a server): they are read again, beside the runs, and compared."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from crmmigrate.runner.execute import execute
from crmmigrate.runner.extract import FILES, SOURCES, project_extraction, project_sources
from crmmigrate.runner.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from crmmigrate.model.manifest import Manifest
    from crmmigrate.model.project import Project
    from crmmigrate.runner.execute import Context

_AGAIN = "again"


def read_alike(project: Project, context: Context) -> Manifest | None:
    """Return the newest run that read from the sources what they say now; None where none did, or where files alone tell that.

    What is read now is compared as `run` compares it, by the digests of the tables, and is not kept: whoever only asks files no run.

    Raises:
        LocationError: a source cannot be read.
    """
    places = [location.file for _, location in project_sources(project).values()]
    if None not in places or any(place is not None and not place.exists() for place in places):
        return None
    made = [one for one in context.workspace.manifests() if one.stage == "extract" and one.state == "done"]
    if not made:
        return None
    with _folder(context.workspace) as folder:
        stage = project_extraction(project)
        found = execute(stage, {}, None, replace(context, workspace=Workspace(folder, lasting=False)))
        now = same_rows(found.run.manifest)
    return next((one for one in reversed(made) if same_rows(one) == now), None)


def same_rows(made: Manifest) -> dict[str, Any]:
    """Return what two runs have in common that read the same: the digest of each table of rows.

    The two tables of what was read are left out: they tell when a server's tables were changed last, which MySQL forgets, and which a change that was taken back moves.
    """
    return {name: output["sha256"] for name, output in made.outputs.items() if name not in (SOURCES, FILES)}


@contextmanager
def _folder(workspace: Workspace) -> Iterator[Path]:
    """Give a folder that goes afterwards; where a command was killed, a purge or the next reading takes away what it left."""
    folder = workspace.folder / "tables" / _AGAIN
    shutil.rmtree(folder, ignore_errors=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
