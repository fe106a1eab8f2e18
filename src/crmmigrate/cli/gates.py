"""`crmmigrate gates`: the quality gates of a migration, judged by what was run, and how their values came to be what they are."""

from __future__ import annotations

from pathlib import Path

import click

from crmmigrate.cli.options import Answer, command_of, named_project, project_argument, project_file
from crmmigrate.cli.root import COMMANDS
from crmmigrate.messages import Message

_SHOWN = 8
"""Values of a gate that its line shows, the newest last."""


def command(name: str) -> click.Command:
    """Return `gates`."""
    params: list[click.Parameter] = [
        project_argument(),
        click.Option(
            ["--due"], is_flag=True, help=Message("Count gates that nothing was run for yet as not met.").text()
        ),
    ]
    return command_of(
        name, COMMANDS[name][1], _gates, params, "crmmigrate gates migration.yaml\ncrmmigrate gates --due"
    )


def _gates(project: Path, due: bool, work: Path | None, format_: str) -> int:
    from crmmigrate.checks.gates import DUE, judge
    from crmmigrate.cli.workspaces import project_workspace
    from crmmigrate.model.project import read_project
    from crmmigrate.runner.evidence import gather, history

    path = project_file(project)
    limits, named = read_project(path).gates, named_project(path, work)
    workspace = project_workspace(path, work)
    reached = (
        set(DUE.values()) if due else {manifest.stage for manifest in workspace.manifests() if manifest.state == "done"}
    )
    earlier = history(workspace, limits)
    answer = Answer()
    told = {}
    for gate in judge(limits, gather(workspace), reached):
        values = earlier.get(gate.name, [])
        told[gate.name] = {"value": gate.value, "limit": gate.limit, "met": gate.met,
                           "trend": [{"at": at, "value": value} for at, value in values]}  # fmt: skip
        (answer.findings if gate.met is False else answer.result).append(gate.sentence().filled(project=named).text())
        if len(values) > 1:
            shown = " → ".join(gate.shown(value) for _, value in values[-_SHOWN:])
            trend = "  " + Message("over the runs: {values}", values=shown).text()
            answer.result.append(f"{gate.title.text()}:{trend}")
    answer.facts["gates"] = told
    return answer.show(format_)
