"""Check whether a migration may go live: gather what the runs show, read what people answered, and decide."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crmmigrate.checks.gates import judge
from crmmigrate.checks.golive import Shown, decide
from crmmigrate.errors import ConfigurationError
from crmmigrate.messages import spoken
from crmmigrate.model.golive import STAGE_CHECK
from crmmigrate.model.issue import RECORD
from crmmigrate.model.mapping import read_mappings
from crmmigrate.model.privacy import STAGE_SCAN
from crmmigrate.model.standard import read_data_standard
from crmmigrate.reports.golive_sheet import KEPT, NAME, read_checklist, write_checklist
from crmmigrate.reports.handover import PAGE, WORKBOOK, write_handover, write_handover_page
from crmmigrate.runner.decisions import keep_copy
from crmmigrate.runner.evidence import gather, scan_is_stale
from crmmigrate.runner.pipeline import STEPS, Pipeline

if TYPE_CHECKING:
    from crmmigrate.model.golive import Decision, Tick
    from crmmigrate.model.manifest import Manifest
    from crmmigrate.model.mapping import FieldMapping
    from crmmigrate.runner.workspace import Run, Workspace

_REHEARSAL, _ACCEPTANCE = "rehearsal", "acceptance"
"""The runs that rehearse a rollback, and that collect the verdicts of key users."""


def check(pipeline: Pipeline, books: tuple[Path, ...] = ()) -> tuple[Run, Decision]:
    """Keep workbooks that came back, judge every item, and file the result as a run.

    Raises:
        Findings: answers that cannot be taken; no workbook is kept then.
        LocationError: a workbook, the workspace or the target cannot be read.
    """
    for book in books:
        read_checklist(book)
    for book in books:
        keep_copy(book, pipeline.project.file(KEPT))
    shown = shown_by(pipeline)
    decision = decide(shown, ticks_of(pipeline))
    run = pipeline.context.workspace.begin(STAGE_CHECK)
    try:
        run.manifest.facts = {
            "go": decision.go, "load": decision.load, "items": {one.item.code: one.state for one in decision.items},
            "named": sorted({tick.by for tick in ticks_of(pipeline).values()}),
        }  # fmt: skip
        write_checklist(run.report_path(NAME), spoken(), decision)
        equation = (
            shown.reconciled[1].get("objects", {}) if shown.reconciled and shown.reconciled[0] == decision.load else {}
        )
        gates = list(shown.gates.values())
        write_handover(run.report_path(WORKBOOK), spoken(), decision, equation, gates)
        write_handover_page(run.report_path(PAGE), spoken(), decision, equation, gates)
        run.manifest.reports += [NAME, WORKBOOK, PAGE]
        run.end("done", 0 if decision.go else 1)
    except BaseException:
        run.end("failed", 70)
        raise
    return run, decision


def ticks_of(pipeline: Pipeline) -> dict[str, Tick]:
    """Return the newest answer to each item, of the workbooks that are kept."""
    return {tick.code: tick for book in pipeline.project.kept(KEPT, read_checklist) for tick in book}


def shown_by(pipeline: Pipeline) -> Shown:
    """Return what the runs of the workspace, and the journal of the target, show."""
    workspace = pipeline.context.workspace
    latest = {manifest.stage: manifest for manifest in workspace.manifests() if manifest.state == "done"}
    load = _standing_load(pipeline)
    gates = judge(pipeline.project.gates, gather(workspace), {*STEPS, "pii"})
    reconciled, scanned = latest.get("reconcile"), latest.get(STAGE_SCAN)
    return Shown(
        load=load,
        waiting=sum(figures["out_of_scope"] for figures in latest["load"].accounting.values()) if load else 0,
        changed=_changed(pipeline, load) if load else (),
        reconciled=(reconciled.parent, reconciled.facts) if reconciled else None,
        gates={gate.name: gate for gate in gates},
        privacy=_privacy(workspace, scanned) if scanned and scanned.facts.get("whole") else None,
        rehearsed=_facts(latest.get(_REHEARSAL)),
        accepted=_facts(latest.get(_ACCEPTANCE)),
        owners=_owners(pipeline) if load else None,
    )


def _facts(manifest: Manifest | None) -> dict[str, Any] | None:
    return manifest.facts if manifest else None


def _privacy(workspace: Workspace, scanned: Manifest) -> tuple[int, int, bool]:
    return int(scanned.facts["leaks"]), len(scanned.facts["unread"]), scan_is_stale(workspace, scanned)


def _standing_load(pipeline: Pipeline) -> str:
    """Return the newest load if it is complete and still stands in the target; the target has the last word."""
    loads = [manifest for manifest in pipeline.context.workspace.manifests() if manifest.stage == "load"]
    if not loads or loads[-1].state != "done":
        return ""
    with pipeline.open_target() as target:
        states = {run.run: run.state for run in target.runs()}
    return loads[-1].run if states.get(loads[-1].run) in ("done", "closed") else ""


def _changed(pipeline: Pipeline, load: str) -> tuple[str, ...]:
    """Return the steps that the load is no longer made of: their sources, files or options changed, or they were run anew."""
    try:
        chain = {manifest.stage: manifest for manifest in pipeline.load_chain()}
    except ConfigurationError:
        return ("extract",)
    fresh = replace(pipeline, tables={}, by_step={}, asides=[], steps=[])
    last = STEPS[STEPS.index("load") - 1]
    planned = fresh.plan(last=last)
    changed = [name for name, current in planned if not current]
    newest = pipeline.context.workspace.latest(last)
    if not changed and newest is not None and newest.outputs != chain[last].outputs:
        changed.append(last)
    return tuple(changed) if chain["load"].run == load else (*changed, "load")


def _owners(pipeline: Pipeline) -> tuple[int, int] | None:
    """Return the records whose owner is no active user, and all that name an owner in the sources."""
    project = pipeline.project
    if not (project.standard and project.mappings):
        return None
    standard = read_data_standard(project.file(project.standard))
    pipeline.reopen_load()
    wrong = count = 0
    judged = False
    for mapping in read_mappings([project.file(project.mappings)]):
        spec = standard.objects.get(mapping.object)
        for name, field in mapping.fields.items():
            if spec and spec.owner and spec.owner in field.columns and field.lookup:
                if not field.lookup.active:
                    return None
                judged = True
                bad, all_ = _without_owner(pipeline, mapping.object, name, field, spec.owner)
                wrong, count = wrong + bad, count + all_
    return (wrong, count) if judged else None


def _without_owner(pipeline: Pipeline, name: str, column: str, field: FieldMapping, owner: str) -> tuple[int, int]:
    lookup = field.lookup
    rows = pipeline.by_step["validate"].get(name)
    users = pipeline.by_step["dedupe"].get(lookup.object) if lookup else None
    golden = pipeline.by_step["dedupe"].get(name)
    if rows is None or users is None or golden is None or lookup is None:
        return 0, 0
    people = users.frame()
    active = people
    for key, allowed in lookup.active.items():
        active = active[active[key].isin(allowed)] if key in active else active.iloc[:0]
    named = set(golden.frame([RECORD, owner]).dropna()[RECORD])
    loaded = rows.frame([RECORD, column])
    asked = loaded[loaded[RECORD].isin(named)]
    return int((~asked[column].isin(set(active[RECORD]))).sum()), len(asked)
