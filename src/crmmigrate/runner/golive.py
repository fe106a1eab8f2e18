"""Check whether a migration may go live: gather what the runs show, read what people answered, and decide."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crmmigrate.checks.gates import judge
from crmmigrate.checks.golive import Shown, decide
from crmmigrate.errors import ConfigurationError, Findings
from crmmigrate.messages import spoken
from crmmigrate.model.acceptance import STAGE_RESULT
from crmmigrate.model.golive import STAGE_CHECK
from crmmigrate.model.issue import RECORD
from crmmigrate.model.mapping import read_mappings
from crmmigrate.model.privacy import STAGE_SCAN
from crmmigrate.model.standard import read_data_standard
from crmmigrate.reports.golive_sheet import KEPT, NAME, read_checklist, write_checklist
from crmmigrate.reports.handover import PAGE, WORKBOOK, write_handover, write_handover_page
from crmmigrate.runner.decisions import keep_copy
from crmmigrate.runner.evidence import gather, scan_is_stale
from crmmigrate.runner.kept_references import digests_of
from crmmigrate.runner.pipeline import STEPS, Pipeline
from crmmigrate.runner.signed_day import refused_days
from crmmigrate.runner.standing import unfinished_load

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crmmigrate.model.golive import Decision, Tick
    from crmmigrate.model.manifest import Manifest
    from crmmigrate.model.mapping import FieldMapping
    from crmmigrate.runner.workspace import Run, Workspace

_REHEARSAL = "rehearsal"
"""The runs that rehearse a rollback."""


def check(pipeline: Pipeline, books: tuple[Path, ...] = ()) -> tuple[Run, Decision]:
    """Keep workbooks that came back, judge every item, and file the result as a run.

    Raises:
        Findings: answers that cannot be taken; no workbook is kept then.
        LocationError: a workbook, the workspace or the target cannot be read.
    """
    errors = [error for book in books for error in refused_days(read_checklist(book))]
    if errors:
        raise Findings(errors)
    for book in books:
        keep_copy(book, pipeline.project.file(KEPT))
    shown = shown_by(pipeline)
    decision = decide(shown, ticks_of(pipeline), pipeline.named)
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
    load = None if unfinished_load(pipeline) else pipeline.standing_load(in_part=True)
    gates = judge(pipeline.project.gates, gather(workspace, _chain(pipeline, load)), {*STEPS, "pii"})
    reconciled, scanned = latest.get("reconcile"), latest.get(STAGE_SCAN)
    return Shown(
        load=load.run if load else "",
        left_out=load.facts.get("left_out", {}) if load else {},
        taken_back=_taken_back(pipeline, load) if load else 0,
        changed=_changed(pipeline, load) if load else (),
        reconciled=(reconciled.parent, reconciled.facts) if reconciled else None,
        gates={gate.name: gate for gate in gates},
        privacy=_privacy(workspace, scanned) if scanned and scanned.facts.get("whole") else None,
        rehearsed=_rehearsed(pipeline) if load else {},
        accepted=accepted.facts if (accepted := latest.get(STAGE_RESULT)) else None,
        owners=_owners(pipeline) if load else None,
    )


def _chain(pipeline: Pipeline, load: Manifest | None) -> list[Manifest]:
    """Return a load behind the runs it came from; nothing where one of them is gone, which makes the load stale."""
    try:
        return pipeline.chain_of(load)
    except ConfigurationError:
        return []


def _taken_back(pipeline: Pipeline, load: Manifest) -> int:
    """Return how many changes of the loads that stand were rolled back since the newest one."""
    with pipeline.open_target() as target:
        runs = target.runs()
    since = next((run.since for run in runs if run.run == load.run), "")
    ours = {one.run for one in pipeline.context.workspace.manifests() if one.stage == "load" and one.run <= load.run}
    states = ("done", "rolled_back_in_part")
    return sum(run.changes for run in runs if run.kind == "rollback" and run.parent in ours and run.state in states and run.since > since)  # fmt: skip


def _rehearsed(pipeline: Pipeline) -> dict[str, dict[str, Any] | None]:
    """Return each load of this workspace that stands and changed the target → facts of the newest rehearsal of its rollback, None without one.

    One that was not rehearsed while it could be is left out: a later load changed its rows, and would have to be undone first.
    """
    manifests = list(pipeline.context.workspace.manifests())
    shown = {one.facts.get("undoes"): one.facts for one in manifests if (one.stage, one.state) == (_REHEARSAL, "done")}
    loads = {one.run for one in pipeline.standing_loads(in_part=True)}
    with pipeline.open_target() as target:
        standing = [run.run for run in target.runs() if run.run in loads and run.changes]
        return {run: shown.get(run) for run in standing if run in shown or not target.undo_hindrance(run)}


def _privacy(workspace: Workspace, scanned: Manifest) -> tuple[int, int, bool]:
    return int(scanned.facts["leaks"]), len(scanned.facts["unread"]), scan_is_stale(workspace, scanned)


def _changed(pipeline: Pipeline, load: Manifest) -> tuple[str, ...]:
    """Return the steps that the load is no longer made of: their sources, files or options changed, or they were run anew."""
    chain = {manifest.stage: manifest for manifest in _chain(pipeline, load)}
    if not chain:
        return ("extract",)
    fresh = replace(pipeline, tables={}, by_step={}, asides=[], steps=[])
    last = STEPS[STEPS.index("load") - 1]
    planned = fresh.plan(last=last)
    changed = [name for name, current in planned if not current]
    if changed:
        return tuple(changed)
    now = {name: table.digest for name, table in fresh.by_step[last].items()}
    loaded = {name: output["sha256"] for name, output in chain[last].outputs.items()}
    ways = digests_of(pipeline.context.workspace, now)
    return () if loaded in ways or any(_settled(pipeline, load, one) for one in ways) else (last,)


def _settled(pipeline: Pipeline, load: Manifest, now: Mapping[str, str]) -> bool:
    """Whether a delta has compared the rows as they are now with a load and found nothing to write: what is gone from the sources stays by its own rule.

    Such a delta loads nothing, so that the evidence about the load stands. It must have compared the same objects: one that has been
    taken out of the project since would be gone altogether.
    """
    wanted = {f"now.{name}": digest for name, digest in now.items() if name in pipeline.objects()}
    made = [one for one in pipeline.context.workspace.manifests() if (one.stage, one.state) == ("delta", "done")]
    for one in made:
        compared = {name: told["sha256"] for name, told in one.inputs.items() if name.startswith("now.")}
        if (
            one.run > load.run
            and wanted
            and compared == wanted
            and one.facts.get("newest")
            and one.facts.get("since") == load.run
            and not one.facts.get("work")
        ):
            return True
    return False


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
