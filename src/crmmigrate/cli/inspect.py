"""Commands that only look: runs, status, trace, doctor."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from crmmigrate.cli.options import Answer, command_of, named_project
from crmmigrate.cli.root import COMMANDS
from crmmigrate.messages import Message
from crmmigrate.model.manifest import STATES
from crmmigrate.model.text_width import display_width, padded
from crmmigrate.model.told_time import local_time

if TYPE_CHECKING:
    from collections.abc import Callable

    from crmmigrate.model.manifest import Manifest
    from crmmigrate.runner.workspace import Workspace


def command(name: str) -> click.Command:
    """Return the command called `name`."""
    callbacks: dict[str, Callable[..., int]] = {"runs": _runs, "status": _status, "trace": _trace, "doctor": _doctor}
    params: list[click.Parameter] = [click.Argument(["key"])] if name == "trace" else []
    example = {
        "trace": "crmmigrate trace crm/客户/C00012\ncrmmigrate trace 旧CRM导出.xlsx#客户!12\n"
        "crmmigrate trace C00012\ncrmmigrate trace account:17",
        "status": "crmmigrate status --work my-migration/work",
        "runs": "crmmigrate runs --work my-migration/work --format json",
        "doctor": "crmmigrate doctor",
    }[name]
    return command_of(name, COMMANDS[name][1], callbacks[name], params, example)


def _runs(work: Path | None, format_: str) -> int:
    from crmmigrate.cli.workspaces import existing_workspace

    manifests = list(existing_workspace(work).manifests())
    runs, states = max((len(m.run) for m in manifests), default=0), _widest_state()
    lines = [f"{m.run:<{runs}}  {padded(_said(m.state), states)}  {_rows(m)}".rstrip() for m in manifests]
    facts = {"runs": [{"run": m.run, "stage": m.stage, "state": m.state, "exit_code": m.exit_code} for m in manifests]}
    return Answer(result=lines, facts=facts).show(format_)


def _rows(manifest: Manifest) -> str:
    from crmmigrate.cli.options import count_line

    return "; ".join(count_line(table, figures) for table, figures in manifest.accounting.items())


def _status(work: Path | None, format_: str) -> int:
    from crmmigrate.cli.workspaces import existing_workspace
    from crmmigrate.runner.evidence import undone_by
    from crmmigrate.runner.pipeline import STEPS

    workspace = existing_workspace(work)
    manifests = list(workspace.manifests())
    project = workspace.folder.parent / "migration.yaml"
    latest: dict[str, Manifest] = {manifest.stage: manifest for manifest in manifests}
    failed = [step for step in STEPS if step in latest and latest[step].state in ("failed", "stopped")]
    if failed and project.exists():
        current = _up_to_date(project, workspace)
        latest |= {step: current[step] for step in failed if step in current}
    states = {step: latest[step].state for step in STEPS if step in latest}
    undone = undone_by(manifests) if "load" in states else None  # else its folder is gone
    if undone:
        states["load"] = "rolled_back"
    lines = []
    for step in STEPS:
        told = (
            f"{padded(_said(states[step]), _widest_state())}  {local_time(latest[step].ended)}"
            if step in states
            else Message("not run yet").text()
        )
        by = "  " + Message("by {run}", run=undone.run).text() if undone and step == "load" else ""
        lines.append(f"{step:<12} {told}{by}")
    broken = workspace.broken_log_line()
    findings = (
        [Message("line {number} of the log does not fit the line before it", number=broken).text()] if broken else []
    )
    waiting = next((step for step in STEPS if states.get(step) != "done"), "")
    step_message = (
        Message(
            "crmmigrate run {project} --to {step}",
            project=named_project(project, None if workspace.folder.name == "work" else workspace.folder),
            step=waiting,
        ).text()
        if waiting and project.exists()  # a workspace of single files has no steps to come
        else ""
    )
    return Answer(result=lines, findings=findings, next_step=step_message, facts=dict(states)).show(format_)


def _up_to_date(project: Path, workspace: Workspace) -> dict[str, Manifest]:
    """Return the completed runs that `run` would take as they are, by step: an attempt that failed since counts no more."""
    from crmmigrate.cli.progress import Bars
    from crmmigrate.errors import CrmMigrateError
    from crmmigrate.model.project import read_project
    from crmmigrate.runner.execute import Context
    from crmmigrate.runner.pipeline import Pipeline

    try:
        return Pipeline(read_project(project), Context(workspace, Bars())).up_to_date()
    except CrmMigrateError:  # the project cannot be read as it stands now, so nothing in it is known to be up to date
        return {}


def _widest_state() -> int:
    return max(display_width(title.text()) for title in STATES.values())


def _said(state: str) -> str:
    return STATES[state].text() if state in STATES else state


def _trace(key: str, work: Path | None, format_: str) -> int:
    from crmmigrate.cli.tracing import show_trace

    return show_trace(key, work, format_)


def _doctor(work: Path | None, format_: str) -> int:
    import platform
    import shutil
    import sys
    from importlib.metadata import PackageNotFoundError, version

    del work
    facts: dict[str, Any] = {"python": platform.python_version(), "platform": platform.platform(),
                             "console": sys.stdout.encoding}  # fmt: skip
    findings = []
    for package in (
        "crmmigrate",
        "pandas",
        "duckdb",
        "pyarrow",
        "sqlalchemy",
        "openpyxl",
        "python-calamine",
        "rapidfuzz",
    ):
        facts[package] = version(package)
    for package, extra in (("psycopg", "postgresql"), ("pymysql", "mysql"), ("httpx", "api"), ("pyspark", "spark")):
        try:
            facts[package] = version(package)
        except PackageNotFoundError:
            facts[package] = Message("not installed; pip install 'crmmigrate[{extra}]'", extra=extra).text()
    facts["mdb-export"] = shutil.which("mdb-export") or Message("not installed; Access files need it (mdbtools)").text()
    if "中".encode(sys.stdout.encoding or "ascii", "replace") == b"?":
        findings.append(Message("this console cannot show Chinese; set PYTHONUTF8=1").text())
    lines = [f"{name:<16} {value}" for name, value in facts.items()]
    return Answer(result=lines, findings=findings, facts=facts).show(format_)
