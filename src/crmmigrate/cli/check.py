"""`load --check`: everything that could stop the load, all at once, before its first row."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmmigrate.cli.options import Answer
from crmmigrate.messages import Message

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crmmigrate.runner.pipeline import Pipeline

_DRIFT = ("mapping.live-", "mapping.approval-")
"""What lint finds that has changed since the mapping was made: the target itself, and the file since its approval."""


def check_load(pipeline: Pipeline, *, probe: bool = False) -> Answer:
    """Look at rights, room, rows, the target's drift from its snapshot, and approvals that no longer hold; nothing is written, but for a probe's rows."""
    from crmmigrate.runner.preflight import look

    seen = look(pipeline, probe=probe)
    faults = [*_drifted(pipeline), *((fault.code, fault.text()) for fault in seen.faults)]
    there = [
        {"table": name, "rows": rows, "archived": archived, "ours": ours}
        for name, (rows, archived, ours) in seen.there.items()
    ]
    answer = Answer(
        findings=[text for _, text in faults], facts={"faults": [{"code": code, "text": text} for code, text in faults], "there": there},
        lines=[_there(name, *figures).text() for name, figures in seen.there.items()],
    )  # fmt: skip
    if faults:
        answer.next_step = Message(
            "settle these, then look again: crmmigrate load {project} --check", project=pipeline.named
        ).text()
    else:
        answer.result = [Message("nothing stands in the way of the load").text()]
        answer.next_step = Message("crmmigrate load {project}", project=pipeline.named).text()
    return answer


def _there(table: str, rows: int, archived: int | None, ours: int) -> Message:
    """Say what a table holds before the load."""
    words = {"table": table, "rows": f"{rows:,}", "ours": f"{ours:,}"}
    if archived is None:
        return Message("{table} holds {rows} rows now, {ours} of them from earlier loads", **words)
    return Message(
        "{table} holds {rows} rows now, {archived} of them archived, {ours} from earlier loads",
        archived=f"{archived:,}",
        **words,
    )


def _drifted(pipeline: Pipeline) -> Iterator[tuple[str, str]]:
    from crmmigrate.cli.lint import Around, files_of, find
    from crmmigrate.model.schema import read_target_schema
    from crmmigrate.targets.drift import described_tables

    project = pipeline.project
    spec = project.target
    schema = read_target_schema(project.file(spec.schema)) if spec and spec.schema else None
    wanted = {mapping.target.table for mapping in pipeline.options("load").mappings}
    with pipeline.open_target() as target:
        live = described_tables(target, wanted)
    for found in find(files_of([project.file(project.mappings)]), around=Around(schema, live=live)):
        if found.code.startswith(_DRIFT):
            hint = f"\n  → {found.hint.text()}" if found.hint else ""
            yield found.code, f"{found.file}:{found.line}:{found.column}: {found.message.text()} [{found.code}]{hint}"
