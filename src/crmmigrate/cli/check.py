"""`load --check`: everything that could stop the load, all at once, before its first row."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmmigrate.cli.options import Answer
from crmmigrate.cli.status import half_undone_line
from crmmigrate.errors import ConfigurationError
from crmmigrate.messages import Message
from crmmigrate.model.rollback_hint import finish_rollback

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crmmigrate.model.target import TargetRun
    from crmmigrate.runner.pipeline import Pipeline

_DRIFT = ("mapping.live-", "mapping.approval-")
"""What lint finds that has changed since the mapping was made: the target itself, and the file since its approval."""
_OWN_CHECK = "mapping.target-check"
"""What lint tells of conditions that only the target can look at; they stop no load."""


def check_load(pipeline: Pipeline, *, probe: bool = False) -> Answer:
    """Look at rights, room, rows, the target's drift from its snapshot, mapping files, gates; say what the load would do. Nothing is written there, but for a probe's rows."""
    from crmmigrate.cli.steps import judge_gates
    from crmmigrate.runner.overwriting import told_edits, way_on
    from crmmigrate.runner.preflight import look

    seen = look(pipeline, probe=probe)
    told = list(_linted(pipeline))
    faults = [one for one in told if one[0] != _OWN_CHECK] + [(fault.code, fault.text()) for fault in seen.faults]
    there = [
        {"table": name, "rows": rows, "archived": archived, "ours": ours}
        for name, (rows, archived, ours) in seen.there.items()
    ]
    answer = Answer(
        findings=[text for _, text in faults], files=[str(seen.book)] if seen.book else [],
        facts={"faults": [{"code": code, "text": text} for code, text in faults], "there": there, "planned": seen.planned,
               "rejected": [{"step": step, "object": name, "rows": rows} for (step, name), rows in seen.aside.items()]},
        lines=[*(_there(name, *figures).text() for name, figures in seen.there.items()), *(text for code, text in told if code == _OWN_CHECK)],
        result=[_planned(name, sums).text() for name, sums in seen.planned.items()],
    )  # fmt: skip
    answer.findings += [
        Message("{step}: {object}: {count} rows do not go to the target; the workbook says why", step=step, object=name, count=f"{rows:,}").text()
        for (step, name), rows in seen.aside.items()
    ]  # fmt: skip
    undone = _half_undone(pipeline)
    answer.findings += [half_undone_line(run, by.run).text() for run, by in undone.items()]
    if seen.edits.found:
        answer.findings.append(told_edits(seen.edits).text())
        answer.files.append(str(seen.edits.book))
        answer.facts["edits"] = {kind: seen.edits.rows(kind) for kind in ("edited", "gone")}
    judge_gates(pipeline, answer, pipeline.steps)
    unmet = [gate for gate in answer.facts.get("gates", {}).values() if gate["met"] is False]
    if undone:
        answer.next_step = finish_rollback(undone[max(undone)]).filled(project=pipeline.named).text()
    elif seen.edits.found and not (faults or unmet):
        with pipeline.open_target() as target:
            answer.next_step = way_on(pipeline, target, seen.edits).filled(project=pipeline.named).text()
    elif faults or unmet:
        answer.next_step = Message(
            "settle these, then look again: crmmigrate load {project} --check", project=pipeline.named
        ).text()
    else:
        answer.result.append(Message("nothing stands in the way of the load").text())
        answer.next_step = _way_on(pipeline, seen.planned)
    return answer


def _half_undone(pipeline: Pipeline) -> dict[str, TargetRun]:
    """Return load → its rollback that has come only half way, which no load may be made beside."""
    from crmmigrate.runner.standing import half_undone

    with pipeline.open_target() as target:
        return half_undone(pipeline.context.workspace, target.runs())


def _way_on(pipeline: Pipeline, planned: dict[str, dict[str, int]]) -> str:
    """Return the command that goes on: a load that was stopped is ended first, and where nothing would change, none is needed."""
    from crmmigrate.runner.standing import unfinished_load

    if unfinished_load(pipeline):
        return Message("crmmigrate load {project} --resume", project=pipeline.named).text()
    nothing = planned and not any(sums["inserted"] + sums["updated"] for sums in planned.values())
    try:
        standing = pipeline.standing_load(in_part=True)
    except ConfigurationError as gone:  # a second load would not bring back what the folder of the first told
        hint = gone.hint.filled(project=pipeline.named).text() if gone.hint else ""
        return f"{gone.message.text()} [{gone.code}]; {hint}"
    if nothing and standing:  # rows that were there before any load prove nothing of one
        return Message(
            "a load would change nothing; to prove what is there: crmmigrate reconcile {project}",
            project=pipeline.named,
        ).text()
    return Message("crmmigrate load {project}", project=pipeline.named).text()


def _planned(name: str, sums: dict[str, int]) -> Message:
    """Say what the load would do with the rows of an object."""
    return Message(
        "{object}: the load would insert {inserted} rows, update {updated}, leave {unchanged} as they are and refuse {rejected}",
        object=name, **{word: f"{count:,}" for word, count in sums.items()},
    )  # fmt: skip


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


def _linted(pipeline: Pipeline) -> Iterator[tuple[str, str]]:
    """Yield code and text of what lint finds that stops a load, has changed since the mapping was made, or only the target can look at."""
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
        if found.severity == "error" or found.code.startswith((*_DRIFT, _OWN_CHECK)):
            hint = f"\n  → {found.hint.text()}" if found.hint else ""
            yield found.code, f"{found.file}:{found.line}:{found.column}: {found.message.text()} [{found.code}]{hint}"
