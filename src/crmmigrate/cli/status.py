"""status: how far the migration has come, and what comes next."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import click

from crmmigrate.cli.options import Answer, command_of, named_project
from crmmigrate.cli.root import COMMANDS
from crmmigrate.messages import Message, shell_line
from crmmigrate.model.manifest import STATES
from crmmigrate.model.rollback_hint import finish_rollback
from crmmigrate.model.text_width import display_width, padded
from crmmigrate.model.told_time import local_time

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from crmmigrate.model.manifest import Manifest
    from crmmigrate.model.project import Project
    from crmmigrate.model.target import TargetRun
    from crmmigrate.runner.history import LoadTold
    from crmmigrate.runner.workspace import Workspace

_LOAD, _RECONCILE = "load", "reconcile"


@dataclass(frozen=True)
class _HalfWay:
    """What stands in the target of runs that did not come to their end, as its journal knows them.

    Args:
        loads: that have written rows, oldest first.
        undone: load → the rollback of it.
        resumable: whether the newest of `loads` is the newest load of all, so that it can be gone on with.
    """

    loads: tuple[str, ...] = ()
    undone: Mapping[str, TargetRun] = field(default_factory=dict)
    resumable: bool = False

    def __bool__(self) -> bool:
        return bool(self.loads or self.undone)


def command(name: str) -> click.Command:
    """Return the command."""
    return command_of(name, COMMANDS[name][1], _status, [], "crmmigrate status --work my-migration/work")


def said_state(state: str) -> str:
    """Return a state for people, filled up so that what comes behind it is aligned."""
    widest = max(display_width(title.text()) for title in STATES.values())
    return padded(STATES[state].text() if state in STATES else state, widest)


def _status(work: Path | None, format_: str) -> int:
    from crmmigrate.cli.workspaces import existing_workspace
    from crmmigrate.runner.history import loads_told, since_whole_told
    from crmmigrate.runner.pipeline import STEPS

    workspace = existing_workspace(work)
    path = workspace.folder.parent / "migration.yaml"
    project = _project(path)
    latest = {manifest.stage: manifest for manifest in workspace.told()}
    at_work = any(manifest.state == "running" for manifest in latest.values())
    failed = [step for step in STEPS if step in latest and latest[step].state in ("failed", "stopped")]
    if failed and project is not None:
        current = _up_to_date(project, workspace)
        latest |= {step: current[step] for step in failed if step in current}
    states = {step: latest[step].state for step in STEPS if step in latest}
    loads = since_whole_told(loads_told(workspace))
    if loads and (_LOAD not in latest or latest[_LOAD].run <= loads[-1].run):  # else one has begun that is not done
        states[_LOAD] = _state_of(loads)
    half = _HalfWay() if at_work or project is None else _half_way(project, workspace)
    if half:
        states[_LOAD] = "rolled_back_in_part" if half.undone else "stopped"
        states |= {_RECONCILE: "outdated"} if _RECONCILE in states else {}
    lines = []
    for step in STEPS:
        ended = local_time(latest[step].ended) if step in latest else ""
        told = f"{said_state(states[step])}  {ended}" if step in states else Message("not run yet").text()
        lines.append(f"{step:<12} {told}".rstrip())
        lines += [*_load_lines(loads), *_half_way_lines(half)] if step == _LOAD else ()
    broken = workspace.broken_log_line()
    findings = (
        [Message("line {number} of the log does not fit the line before it", number=broken).text()] if broken else []
    )
    answer = Answer(result=lines, findings=findings, facts={**states, "loads": [vars(load) for load in loads]})
    if half:
        answer.facts |= {
            "unfinished": list(half.loads),
            "half_undone": {run: by.run for run, by in half.undone.items()},
        }
    if path.exists() and not at_work:  # a workspace of single files has no steps to come
        named = named_project(path, None if workspace.folder.name == "work" else workspace.folder)
        following = _finish(half) or _next(states, loads, project, latest.get(_RECONCILE))
        answer.next_step = following.filled(project=named).text() if following else ""
    return answer.show(format_)


def _half_way(project: Project, workspace: Workspace) -> _HalfWay:
    """Ask the target about runs that did not come to their end, where there are any; one that does not answer tells nothing."""
    from crmmigrate.cli.progress import Bars
    from crmmigrate.errors import CrmMigrateError
    from crmmigrate.runner.execute import Context
    from crmmigrate.runner.history import open_ends
    from crmmigrate.runner.pipeline import Pipeline
    from crmmigrate.runner.standing import begun_loads, half_undone

    if not open_ends(workspace):
        return _HalfWay()
    try:
        with Pipeline(project, Context(workspace, Bars())).open_target() as target:
            runs = target.runs()
    except CrmMigrateError:
        return _HalfWay()
    begun, undone = begun_loads(workspace, runs), half_undone(workspace, runs)
    loads = tuple(run for run in begun if run not in undone)
    return _HalfWay(loads, undone, bool(loads) and loads[-1] == workspace.loads()[-1])


def _half_way_lines(half: _HalfWay) -> Iterator[str]:
    for run in half.loads:
        yield f"  {run}  {STATES['stopped'].text()}"
    for run, by in half.undone.items():
        yield "  " + half_undone_line(run, by.run).text()


def half_undone_line(run: str, by: str) -> Message:
    """Say that a rollback has come only half way."""
    return Message("the rollback {by} of {run} was stopped half way", by=by, run=run)


def _finish(half: _HalfWay) -> Message | None:
    """Return what goes on with what has come only half way, the newest first."""
    if half.undone:
        return finish_rollback(half.undone[max(half.undone)])
    if half.resumable:
        return Message("crmmigrate load {project} --resume", project="")
    if half.loads:
        return Message("the load {run} was stopped, and another one was made after it; what would be taken back of it says: crmmigrate rollback {run} --project {project}", run=half.loads[-1], project="")  # fmt: skip
    return None


def _state_of(loads: Sequence[LoadTold]) -> str:
    """Return what is said of the loads together; what was rolled back and loaded again, or added and taken away again, is told no more."""
    standing = [load for load in loads if load.stands]
    if not standing:
        return "rolled_back"
    if not standing[-1].there:
        return "gone"
    again = {load.wave for load in standing}
    lacking = any(load.wave and load.wave not in again for load in loads if not load.stands)
    return "rolled_back_in_part" if lacking or any(load.state != "done" for load in standing) else "done"


def _load_lines(loads: Sequence[LoadTold]) -> Iterator[str]:
    """Tell of each load where there is more to tell than that there is one."""
    if len(loads) == 1 and (loads[0].state, loads[0].wave, loads[0].there) == ("done", "", True):
        return
    for load in loads:
        told = [load.run, STATES["gone" if load.state == "done" and not load.there else load.state].text()]
        told += [Message("wave {wave}", wave=load.wave).text()] if load.wave else []
        told += [Message("by {run}", run=load.by).text()] if load.by else []
        yield "  " + "  ".join(told)


def _next(
    states: Mapping[str, str], loads: Sequence[LoadTold], project: Project | None, reconciled: Manifest | None
) -> Message | None:
    """Return what comes next; of a project that cannot be read only what needs no word of it."""
    from crmmigrate.runner.pipeline import STEPS

    before = next((step for step in STEPS[: STEPS.index(_LOAD)] if states.get(step) != "done"), "")
    standing = [load for load in loads if load.stands]
    waves = list(project.waves) if project else []
    if standing and not standing[-1].there:
        run = standing[-1].run
        return Message(
            "the load {run} was made, and its folder is gone: bring it back from a backup, or undo what it loaded: crmmigrate rollback {run} --project {project}",
            run=run, project="",
        )  # fmt: skip
    if before or states.get(_LOAD) in ("failed", "stopped", "running"):
        return Message("crmmigrate run {project} --to {step}", project="", step=before or _LOAD)
    if not standing:
        return (
            _load_wave(waves[0]) if waves else Message("crmmigrate run {project} --to {step}", project="", step=_LOAD)
        )
    there = {load.wave for load in standing}
    if back := next((load.wave for load in loads if not load.stands and load.wave and load.wave not in there), ""):
        return _load_wave(back)
    if any(load.by > standing[-1].run for load in loads):
        return Message("crmmigrate delta {project}", project="")
    if reconciled is None or reconciled.state != "done" or reconciled.parent != standing[-1].run:
        return Message("crmmigrate reconcile {project}", project="")
    to_come = [wave for wave in waves if wave not in there] if any(there) else []
    return _load_wave(to_come[0]) if to_come else None


def _load_wave(wave: str) -> Message:
    return Message("crmmigrate load {project} {wave}", project="", wave=shell_line("--wave", wave))


def _project(path: Path) -> Project | None:
    """Return the project of a workspace; None where there is none, or it cannot be read as it stands now."""
    from crmmigrate.errors import CrmMigrateError
    from crmmigrate.model.project import read_project

    try:
        return read_project(path) if path.exists() else None
    except CrmMigrateError:
        return None


def _up_to_date(project: Project, workspace: Workspace) -> dict[str, Manifest]:
    """Return the completed runs that `run` would take as they are, by step: an attempt that failed since counts no more."""
    from crmmigrate.cli.progress import Bars
    from crmmigrate.errors import CrmMigrateError
    from crmmigrate.runner.execute import Context
    from crmmigrate.runner.pipeline import Pipeline

    try:
        return Pipeline(project, Context(workspace, Bars())).up_to_date()
    except CrmMigrateError:  # the project cannot be read as it stands now, so nothing in it is known to be up to date
        return {}
