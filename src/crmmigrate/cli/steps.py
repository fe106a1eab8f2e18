"""What is told of several stages that were run: their rows, findings, reports and gates, and what comes next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmmigrate.cli.equation import reconciled_lines
from crmmigrate.cli.options import Answer, undo_line
from crmmigrate.messages import Message, labelled, shell_line

if TYPE_CHECKING:
    from crmmigrate.runner.pipeline import Pipeline, Step

_SHOWN = 5
"""Kinds of loss that one line names."""
_TOLD = {"consolidate": ("error",), "map": ("error", "warning")}
"""Step → severities that are told; what standardise meets is mended, or handed to people in worklists."""


def steps_answer(steps: list[Step], pipeline: Pipeline) -> Answer:
    """Sum up the steps: what was run, what was found, where the reports lie, what comes next."""
    from crmmigrate.runner.execute import told_again

    answer = Answer()
    for step in steps:
        if step.outcome is None:
            answer.result.append(Message("{stage}: up to date", stage=step.name).text())
            again = [found.text() for found in told_again(step.manifest)]
            answer.findings += [labelled(step.name, found) for found in (*again, *_lost_values(step))]
            continue
        made = Answer.of(step.outcome, pipeline.named)
        answer.run = made.run
        answer.result += [
            *_step_lines(step.name, made),
            *(_rows_there(made) if step.name == "load" else ()),
            *reconciled_lines(made.facts if step.name == "reconcile" else {}),
        ]
        answer.findings += [labelled(step.name, found) for found in (*made.findings, *_lost_values(step))]
        answer.lines += made.lines
        answer.files += made.files
        answer.facts[step.name] = made.facts
        answer.counts[step.name] = made.counts
    answer.next_step = _next_step(steps[-1], pipeline)
    loads = [step for step in steps if step.name == "load"]
    if loads:
        answer.run = loads[-1].manifest.run
        undo = undo_line(pipeline.named, pipeline.context.workspace.folder, answer.run)
        answer.facts["undo"] = undo
        if steps[-1].name == "reconcile":
            report = f"crmmigrate report {pipeline.named}"
            answer.next_step = Message("show it all on one page: {report}; to undo the load: {command}", report=report, command=undo).text()  # fmt: skip
    judge_gates(pipeline, answer, steps)
    answer.counts = {stage: figures for stage, figures in answer.counts.items() if figures}
    return _Steps(**vars(answer))


def _lost_values(step: Step) -> list[str]:
    """Return a line about cells that consolidate or map could not use as they are: their rows go on, so nothing else would tell of them."""
    told = _TOLD.get(step.name, ())
    lost = [noted for noted in step.manifest.noted if noted["severity"] in told]
    if not lost:
        return []
    named = [f"{noted['table']}.{noted['column']} {noted['code']} {noted['n']:,}" for noted in lost]
    shown = ", ".join(named[:_SHOWN]) + (" …" if len(named) > _SHOWN else "")
    count = f"{sum(noted['n'] for noted in lost):,}"
    return [
        Message(
            "cells that could not be used as they are: {count} ({shown}); crmmigrate report shows which",
            count=count,
            shown=shown,
        ).text()
    ]


def _next_step(step: Step, pipeline: Pipeline) -> str:
    """Return what comes after the last step: as that step says, else the next one in order."""
    from crmmigrate.runner.pipeline import STEPS

    said = step.outcome.result.next_step if step.outcome else None
    if step.outcome and said is not None:
        blanks = dict(said.params)
        if "project" in blanks:
            blanks["project"] = pipeline.named
        if "book" in blanks:
            blanks["book"] = shell_line(step.outcome.run.folder / "reports" / str(blanks["book"]))
        return Message.again(said.template, blanks).text()
    following = STEPS.index(step.name) + 1 if step.name in STEPS else len(STEPS)
    if following == len(STEPS):
        return ""
    return Message("crmmigrate run {project} --to {step}", project=pipeline.named, step=STEPS[following]).text()


def judge_gates(pipeline: Pipeline, answer: Answer, steps: list[Step]) -> None:
    """Tell the gates that the steps done so far can show, and count those not met among the findings."""
    from crmmigrate.checks.gates import DUE, RULES, judge
    from crmmigrate.runner.evidence import gather

    # A trial has a workspace of its own: only that it was undone says something of the migration itself.
    reached = {step.name for step in pipeline.steps} | ({"rollback"} & {step.name for step in steps})
    due = {
        gate for gate, step in DUE.items() if step in reached or (gate == "restore_success" and "rollback" in reached)
    }
    taken = [step.manifest for step in pipeline.steps]
    gates = judge(pipeline.project.gates, gather(pipeline.context.workspace, taken), reached)
    if "validate" not in reached:
        gates = [gate for gate in gates if gate.name in due or (RULES in due and gate.name.startswith(f"{RULES} "))]
    if not gates:
        return
    answer.facts["gates"] = {gate.name: {"value": gate.value, "limit": gate.limit, "met": gate.met} for gate in gates}
    for gate in gates:
        told = gate.sentence().filled(project=pipeline.named)
        (answer.findings if gate.met is False else answer.result).append(told.text())


class _Steps(Answer):
    """An answer whose counts are per stage and already told in its lines."""

    def show(self, format_: str, *, quiet_counts: bool = True) -> int:
        return super().show(format_, quiet_counts=quiet_counts)


def _rows_there(made: Answer) -> list[str]:
    """Tell of a load of all rows, where not all of them were new, what became of those that were there.

    A row whose references were filled in a second pass is met twice, so what was left as it was is the rest.
    """
    lines = []
    for name, sums in made.facts.get("objects", {}).items() if "wave" not in made.facts else ():
        rows = made.counts.get(name, {}).get("in", 0) - sums.get("rejected", 0)
        there = rows - sums["inserted"]
        updated = min(sums["updated"], there)
        if there > 0:
            told = Message("{object}: {inserted} rows were inserted, {updated} updated, {unchanged} left as they were", object=name,
                           inserted=f"{sums['inserted']:,}", updated=f"{updated:,}", unchanged=f"{there - updated:,}")  # fmt: skip
            lines.append(told.text())
    return lines


def _step_lines(name: str, made: Answer) -> list[str]:
    from crmmigrate.cli.options import count_line

    if not made.counts:
        return [f"{name}"]
    return [labelled(name, count_line(table, figures)) for table, figures in made.counts.items()]
