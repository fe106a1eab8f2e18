"""End a finished migration: destroy the personal data it made, and keep a record of what was destroyed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from crmmigrate.errors import ConfigurationError, LocationError
from crmmigrate.messages import Message, spoken
from crmmigrate.model.destruction import WHAT, Destruction, Doomed
from crmmigrate.model.privacy import HANDED_OUT, STAGE_PURGE
from crmmigrate.model.system_words import os_reason
from crmmigrate.reports.acceptance_sheet import FOLDER as ACCEPTANCE
from crmmigrate.reports.acceptance_sheet import KEPT
from crmmigrate.reports.conflicts import KEPT as CONFLICTS
from crmmigrate.reports.destruction import DATA, WORKBOOK, write_destruction, write_destruction_data
from crmmigrate.reports.worklist import CORRECTIONS, DECLINED, FOLDER
from crmmigrate.runner.decisions import REMOVED
from crmmigrate.runner.privacy import TRIAL
from crmmigrate.runner.scanned_files import is_declared
from crmmigrate.runner.trial import KEY
from crmmigrate.runner.workspace import file_digest
from crmmigrate.stages.dedupe import DECISIONS
from crmmigrate.targets import open_target

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crmmigrate.model.project import Project
    from crmmigrate.model.target import Target
    from crmmigrate.runner.pipeline import Pipeline
    from crmmigrate.runner.workspace import Run, Workspace

_ANSWERS = (DECISIONS, REMOVED, CORRECTIONS, DECLINED, KEPT, CONFLICTS)
"""Folders beside a migration.yaml in which workbooks that came back are kept."""

_HANDOUTS = (FOLDER, ACCEPTANCE)
_KEPT_IN_TRIAL = ("log.jsonl", "manifest.json")


def planned(pipeline: Pipeline, *, without_target: bool = False) -> Destruction:
    """Return what a purge would destroy. The sources, manifests, the log and reports without personal data stay.

    Args:
        pipeline: of the project.
        without_target: whether a target that is gone for good is passed over; the record says so.

    Raises:
        ConfigurationError: a load is unfinished; loads were made, and the migration.yaml names no target any more.
        LocationError: the target cannot be reached.
    """
    workspace, project = pipeline.context.workspace, pipeline.project
    files = [
        Doomed(path, _named(path, project, workspace), what, path.stat().st_size)
        for what, path in _doomed(project, workspace)
    ]
    order = list(WHAT)
    found = Destruction(sorted(files, key=lambda file: (order.index(file.what), file.name)))
    try:
        if project.target is not None or any(m.stage == "load" for m in workspace.manifests()):
            with pipeline.open_target() as target:
                found.images, others = _images(target, {path.name for path in workspace.runs_folder.glob("*")})
                if others:
                    found.unreached[target.place] = Message(
                        "{count} loads were made from other folders of runs; purge there", count=others
                    )
    except (LocationError, ConfigurationError) as error:
        if error.code not in ("project.no-target", "target.missing") and not isinstance(error, LocationError):
            raise
        if not without_target:
            raise LocationError(
                "purge.no-target", Message("the images of the loads cannot be destroyed: {why}", why=error.message), error.place,
                Message("bring the target up again; if it is gone for good: crmmigrate purge {project} --without-target", project=pipeline.named),
            ) from error  # fmt: skip
        found.unreached[error.place or str(project.file("migration.yaml"))] = error.message
    _of_trial(pipeline, found)
    return found


def _of_trial(pipeline: Pipeline, found: Destruction) -> None:
    """Add the images that trials left in a scratch database of their own; the default one lies in the workspace and goes as a file."""
    if not pipeline.project.trial.url:
        return
    place = pipeline.project.location(pipeline.project.trial.url)
    if place.file is not None and not place.file.exists():
        return
    try:
        with open_target(place) as target:
            found.scratch = {run.run: 0 for run in target.runs() if run.kind == "load" and run.state != "closed"}
    except LocationError as error:
        found.unreached[place.shown] = error.message


def destroy(pipeline: Pipeline, plan: Destruction) -> tuple[Run, Destruction]:
    """Destroy what was planned, images first, and write the record of it into a run of its own.

    A file that cannot be deleted is listed in the record; nothing else is kept back for it.

    Raises:
        LocationError: the target cannot be reached; nothing was deleted then.
    """
    workspace = pipeline.context.workspace
    run = workspace.begin(STAGE_PURGE)
    done = Destruction(unreached=plan.unreached)
    try:
        if plan.images:
            with pipeline.open_target() as target:
                done.images = {load: target.purge(load) for load in plan.images}
        if plan.scratch:
            with open_target(pipeline.project.location(pipeline.project.trial.url)) as target:
                done.scratch = {load: target.purge(load) for load in plan.scratch}
        for file in plan.files:
            _delete(file, done)
        _remove_empty(workspace.folder / TRIAL)
        run.manifest.facts = {
            "files": len(done.files), "bytes": sum(file.size for file in done.files), "images": done.images,
            "scratch": done.scratch, "unreached": {place: why.text("en") for place, why in done.unreached.items()},
            "what": {what: list(figures) for what, figures in done.by_what().items()}, "remaining": done.remaining,
        }  # fmt: skip
        run.report_path(DATA)
        write_destruction_data(run.report_path(DATA), run.manifest, done)
        digest = file_digest(run.report_path(DATA))
        write_destruction(run.report_path(WORKBOOK), spoken(), run.manifest, done, digest)
        run.manifest.facts["record"] = digest
        run.manifest.reports = [DATA, WORKBOOK]
        run.end("done", 1 if done.remaining or done.unreached else 0)
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
        done.remaining[file.name] = str(os_reason(error))
        return
    done.files.append(told)
    if file.path.parent.suffix == file.path.suffix and not any(file.path.parent.iterdir()):
        file.path.parent.rmdir()  # of a table in several files that was the last one


def _remove_empty(folder: Path) -> None:
    for path in sorted(folder.rglob("*"), reverse=True):
        if path.is_dir() and not any(path.iterdir()):
            path.rmdir()


def _doomed(project: Project, workspace: Workspace) -> Iterator[tuple[str, Path]]:
    for folder in sorted(workspace.runs_folder.glob("*")):
        yield from (("tables", path) for path in sorted(folder.rglob("*.parquet")) if path.is_file())
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
            yield from ((what, path) for path in project.kept_books(name))
    kept = {path for name in (*_ANSWERS, *_HANDOUTS) for path in project.kept_books(name)}
    handed_out = {
        Path(path) for manifest in workspace.manifests() for path in manifest.facts.get(HANDED_OUT, {}).values()
    }
    yield from (("handouts", path) for path in sorted(handed_out - {path.resolve() for path in kept}) if path.is_file())
    key = workspace.folder / KEY
    if key.exists():
        yield "key", key


def _named(path: Path, project: Project, workspace: Workspace) -> str:
    for root in (project.file("."), workspace.folder):
        if root.resolve() in path.resolve().parents:
            return path.resolve().relative_to(root.resolve()).as_posix()
    return str(path)


def _images(target: Target, ours: set[str]) -> tuple[dict[str, int], int]:
    """Return which of our loads still have images in the target, and how many of others have: what those loaded is theirs to undo.

    Raises:
        ConfigurationError: one of ours is unfinished.
    """
    found: dict[str, int] = {}
    others = 0
    for run in target.runs():
        if run.kind != "load" or run.state == "closed":
            continue
        if run.run not in ours:
            others += 1
            continue
        if run.state in ("running", "stopped"):
            raise ConfigurationError(
                "purge.unfinished-load", Message("the load {run} was stopped and is not finished", run=run.run), target.place,
                Message("finish it first, or roll it back"),
            )  # fmt: skip
        found[run.run] = 0
    return found, others
