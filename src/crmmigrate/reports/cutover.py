"""切换运行手册 and 风险登记册: what is done when during a cutover, up to where there is a way back; and what may go wrong."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, TypeAlias

from crmmigrate.messages import Message, shell_line
from crmmigrate.model.told_time import lasting
from crmmigrate.reports.worksheet import Column, Sheet, write_workbook

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

RUNBOOK, REGISTER = "切换运行手册.xlsx", "风险登记册.xlsx"

_Step: TypeAlias = "tuple[str, Message, str, Message | str, tuple[str, ...]]"
"""When, what, command, way back, and the stages whose time it takes."""

_STEPS: tuple[_Step, ...] = (
    ("T-14d", Message("Rehearse the whole migration and its rollback"), "crmmigrate trial {p}", "", ("trial",)),
    ("T-7d", Message("Hand out acceptance, the checklist and the register of risks"), "crmmigrate golive build {p}", "", ()),
    ("T-3d", Message("Announce when the old system closes; freeze mapping files and configuration"), "crmmigrate mapping lint mappings/", "", ()),
    ("T-1d", Message("Back up the target; stop interfaces"), "", Message("way back: open the old system again, nothing was changed"), ()),
    ("T-0", Message("Close the old system for writing; export the sources"), "", Message("way back: open the old system again, nothing was changed"), ()),
    ("T+0", Message("Run all steps up to validation"), "crmmigrate run {p} --to validate", Message("way back: open the old system again, nothing was changed"),
     ("extract", "audit", "consolidate", "scope", "standardise", "fill", "dedupe", "rules", "map", "validate")),
    ("T+1h", Message("Load into the target"), "crmmigrate load {p}", Message("way back: crmmigrate rollback {run} --apply --project {project}"), ("load",)),
    ("T+2h", Message("Reconcile, to the row"), "crmmigrate reconcile {p}", Message("way back: crmmigrate rollback {run} --apply --project {project}"), ("reconcile",)),
    ("T+3h", Message("Rehearse the rollback of this load"), "crmmigrate rollback {run} --rehearse --project {p}", Message("way back: crmmigrate rollback {run} --apply --project {project}"), ("rehearsal",)),
    ("T+4h", Message("Privacy scan"), "crmmigrate pii scan --project {p}", Message("way back: crmmigrate rollback {run} --apply --project {project}"), ("privacy",)),
    ("T+5h", Message("Key users look at their customers and sign"), "crmmigrate uat collect {p} BOOK…", Message("way back: crmmigrate rollback {run} --apply --project {project}"), ()),
    ("T+6h", Message("Decide: go or no-go"), "crmmigrate golive check {p} --book 上线检查清单.xlsx", Message("last point of return without loss of edits"), ()),
    ("T+7h", Message("Open the new CRM, switch interfaces, tell everyone"), "", Message("way back: rollback keeps and lists what people edited since"), ()),
    ("T+14d", Message("End the undo window"), "crmmigrate close {run} --confirm {run} --project {p}", Message("no way back from here"), ()),
    ("T+30d", Message("Destroy the personal data of the migration"), "crmmigrate purge {p}", Message("no way back from here"), ()),
)  # fmt: skip


def write_runbook(
    path: Path, language: str, project: str, load: str, took: Mapping[str, float], rollback: float | None,
    waves: Mapping[str, str] = MappingProxyType({}),
) -> None:  # fmt: skip
    """Write the runbook of the cutover.

    Args:
        path: the .xlsx file.
        language: `en` or `zh`.
        project: as a command line names it.
        load: the newest load; empty before there is one.
        took: step → seconds that it took the last time.
        rollback: seconds that the rehearsed rollback took; None where none was rehearsed.
        waves: in which the project loads → the run of each, empty before there is one: it is called `RUN-<wave>` then. What is done with a run is
            done with that of each wave.
    """
    runs = {wave: run or f"RUN-{wave}" for wave, run in waves.items()}
    rows = []
    for when, what, command, back, steps in _STEPS:
        seconds = sum(took.get(step, 0.0) for step in steps)
        last = [f"{seconds / 60:.1f}" if seconds else None]
        of_run = steps == ("load",) or "{run}" in command
        if not waves or not of_run:
            way = _back(back, project, list(reversed(runs.values())) or [load or "RUN"])
            rows.append([when, what, command.format(p=project, run=load or "RUN"), *last, way, *[None] * 5])
            continue
        for wave, run in runs.items():  # of one of them no time is known
            line = command.format(p=project, run=shell_line(run))
            line += f" {shell_line('--wave', wave)}" if steps == ("load",) else ""
            way = _back(back, project, [run] if steps == ("load",) else list(reversed(runs.values())))
            rows.append([when, Message("{step} (wave {wave})", step=what, wave=wave), line, None, way, *[None] * 5])
    columns = [
        Column(Message("When")), Column(Message("What")), Column(Message("Command")), Column(Message("Minutes, last time"), number=True),
        Column(Message("Way back")), Column(Message("Who"), entry=True), Column(Message("Planned start"), entry=True),
        Column(Message("Actual start"), entry=True), Column(Message("Actual end"), entry=True), Column(Message("Remarks"), entry=True),
    ]  # fmt: skip
    time = Message("not rehearsed yet") if rollback is None else lasting(rollback)
    notes = (
        Message("One row per step of the cutover. Write the planned times before, and the actual ones as it happens; they are the plan of the next time."),
        Message("A rollback of the load takes: {time}. Behind the last point of return what people edited in the new CRM is kept and listed.", time=time),
    )  # fmt: skip
    write_workbook(path, language, [Sheet(Message("Runbook"), columns, rows, locked=True, blank=10)], title=Message("Runbook of the cutover"), notes=notes,
                   signatures=(Message("Project lead"), Message("IT")))  # fmt: skip


def _back(back: Message | str, project: str, runs: Sequence[str]) -> Message | str:
    """Return the way back; where there are several loads to undo, the one made last comes first."""
    if not isinstance(back, Message) or "{run}" not in back.template:
        return back
    if len(runs) == 1:
        return Message.again(back.template, {"run": shell_line(runs[0]), "project": project})
    lines = [f"crmmigrate rollback {shell_line(run)} --apply --project {project}" for run in runs]
    return Message("way back, the last wave first: {commands}", commands="; ".join(lines))


def write_register(path: Path, language: str, risks: Sequence[Mapping[str, str | None]]) -> None:
    """Write the register of risks, seeded by the findings of the newest audit, highest first.

    Args:
        path: the .xlsx file.
        language: `en` or `zh`.
        risks: rows of the audit's table `risks`.
    """
    columns = [
        Column(Message("Number"), number=True), Column(Message("Risk")), Column(Message("Table")), Column(Message("Column")),
        Column(Message("Likelihood"), number=True), Column(Message("Impact"), number=True), Column(Message("Level"), number=True),
        Column(Message("Measure")), Column(Message("Owner"), entry=True), Column(Message("Due"), entry=True),
        Column(Message("State"), entry=True, choices=(Message("open"), Message("being dealt with"), Message("closed"), Message("accepted"))),
        Column(Message("Remarks"), entry=True),
    ]  # fmt: skip
    numbers = ("likelihood", "impact", "level")
    ordered = sorted(risks, key=lambda risk: -int(risk.get("level") or 0))
    rows = [
        [number, r["finding"], r["table"], r["column"], *(int(r[n] or 0) for n in numbers), r["measure"], None, None, Message("open"), None]
        for number, r in enumerate(ordered, start=1)
    ]  # fmt: skip
    notes = (Message("Seeded by the audit of the sources. Add risks of your own at the end; give every risk an owner and a day, and look through the register every week until the go-live."),)  # fmt: skip
    write_workbook(path, language, [Sheet(Message("Risk register"), columns, rows, locked=True, blank=10)], title=Message("Risk register"), notes=notes,
                   signatures=(Message("Project lead"), Message("Business"), Message("IT")))  # fmt: skip
