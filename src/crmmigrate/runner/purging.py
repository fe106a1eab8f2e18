"""End a finished migration: destroy the personal data it made, and keep a record of what was destroyed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from crmmigrate.errors import ConfigurationError
from crmmigrate.messages import Message, spoken
from crmmigrate.model.destruction import WHAT, Destruction, Doomed
from crmmigrate.model.privacy import STAGE_PURGE
from crmmigrate.reports.destruction import DATA, WORKBOOK, write_destruction, write_destruction_data
from crmmigrate.reports.worklist import CORRECTIONS, FOLDER
from crmmigrate.runner.privacy import TRIAL
from crmmigrate.runner.scanned_files import is_declared
from crmmigrate.runner.workspace import file_digest
from crmmigrate.stages.dedupe import DECISIONS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from crmmigrate.model.project import Project
    from crmmigrate.model.target import Target
    from crmmigrate.runner.pipeline import Pipeline
    from crmmigrate.runner.workspace import Run, Workspace

_ANSWERS = (DECISIONS, CORRECTIONS, "acceptance", "conflicts")
"""Folders beside a migration.yaml in which workbooks that came back are kept."""

_HANDOUTS = (FOLDER, "用户验收")
_KEPT_IN_TRIAL = ("log.jsonl", "manifest.json")


def planned(pipeline: Pipeline) -> Destruction:
    """Return what a purge would destroy. The sources, manifests, the log and reports without personal data stay.

    Raises:
        ConfigurationError: a load is unfinished.
        LocationError: the target cannot be reached.
    """
    workspace, project = pipeline.context.workspace, pipeline.project
    files = [
        Doomed(path, _named(path, project, workspace), what, path.stat().st_size)
        for what, path in _doomed(project, workspace)
    ]
    order = list(WHAT)
    found = Destruction(sorted(files, key=lambda file: (order.index(file.what), file.name)))
    if project.target is not None:
        with pipeline.open_target() as target:
            found.images = _images(target)
    return found


def destroy(pipeline: Pipeline, plan: Destruction) -> tuple[Run, Destruction]:
    """Destroy what was planned, images first, and write the record of it into a run of its own.

    A file that cannot be deleted is listed in the record; nothing else is kept back for it.

    Raises:
        LocationError: the target cannot be reached; nothing was deleted then.
    """
    workspace = pipeline.context.workspace
    run = workspace.begin(STAGE_PURGE)
    done = Destruction()
    try:
        if plan.images:
            with pipeline.open_target() as target:
                done.images = {load: target.purge(load) for load in plan.images}
        for file in plan.files:
            _delete(file, done)
        _remove_empty(workspace.folder / TRIAL)
        run.manifest.facts = {
            "files": len(done.files), "bytes": sum(file.size for file in done.files), "images": done.images,
            "what": {what: list(figures) for what, figures in done.by_what().items()}, "remaining": done.remaining,
        }  # fmt: skip
        run.report_path(DATA)
        write_destruction_data(run.report_path(DATA), run.manifest, done)
        digest = file_digest(run.report_path(DATA))
        write_destruction(run.report_path(WORKBOOK), spoken(), run.manifest, done, digest)
        run.manifest.facts["record"] = digest
        run.manifest.reports = [DATA, WORKBOOK]
        run.end("done", 1 if done.remaining else 0)
    except BaseException:
        run.end("failed", 70)
        raise
    return run, done


def _delete(file: Doomed, done: Destruction) -> None:
    try:
        told = replace(file, size=file.path.stat().st_size, sha256=file_digest(file.path))
        file.path.unlink()
    except FileNotFoundError:
        return
    except OSError as error:
        done.remaining[file.name] = error.strerror or "?"
        return
    done.files.append(told)


def _remove_empty(folder: Path) -> None:
    for path in sorted(folder.rglob("*"), reverse=True):
        if path.is_dir() and not any(path.iterdir()):
            path.rmdir()


def _doomed(project: Project, workspace: Workspace) -> Iterator[tuple[str, Path]]:
    for folder in sorted(workspace.runs_folder.iterdir()):
        yield from (("tables", path) for path in sorted(folder.rglob("*.parquet")))
        part = folder / "part.json"  # which rows a partial load wrote
        if part.exists():
            yield "tables", part
        yield from (
            ("reports", path)
            for path in sorted((folder / "reports").rglob("*"))
            if path.is_file() and is_declared(path)
        )
    yield from (("tables", path) for path in sorted((workspace.folder / "tables").rglob("*")) if path.is_file())
    yield from (
        ("trial", path) for path in sorted((workspace.folder / TRIAL).rglob("*")) if path.is_file() and path.name not in _KEPT_IN_TRIAL
    )  # fmt: skip
    for what, names in (("answers", _ANSWERS), ("handouts", _HANDOUTS)):
        for name in names:
            yield from ((what, path) for path in sorted(project.file(name).glob("*.xlsx")))
    key = workspace.folder / "mask.key"
    if key.exists():
        yield "key", key


def _named(path: Path, project: Project, workspace: Workspace) -> str:
    for root in (project.file("."), workspace.folder):
        if root.resolve() in path.resolve().parents:
            return path.resolve().relative_to(root.resolve()).as_posix()
    return str(path)


def _images(target: Target) -> dict[str, int]:
    """Return the loads whose images are still in the target.

    Raises:
        ConfigurationError: one of them is unfinished.
    """
    found: dict[str, int] = {}
    for run in target.runs():
        if run.kind != "load" or run.state == "closed":
            continue
        if run.state in ("running", "stopped"):
            raise ConfigurationError(
                "purge.unfinished-load", Message("the load {run} was stopped and is not finished", run=run.run), target.place,
                Message("finish it first, or roll it back"),
            )  # fmt: skip
        found[run.run] = 0
    return found
