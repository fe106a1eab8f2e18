"""Collect from the manifests of a workspace what the quality gates are judged by, and what earlier reconciliations found."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crmmigrate.checks.gates import Evidence, Found, judge
from crmmigrate.model.acceptance import STAGE_RESULT
from crmmigrate.model.golive import STAGE_BOOKS, STAGE_CHECK
from crmmigrate.model.issue import ASIDE_REASONS
from crmmigrate.model.privacy import STAGE_PURGE, STAGE_SCAN
from crmmigrate.model.reconciliation import Rehearsal
from crmmigrate.runner.workspace import Workspace
from crmmigrate.stages import ORDER

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from crmmigrate.model.gate import GateSpec
    from crmmigrate.model.manifest import Manifest


SILENT = (STAGE_CHECK, STAGE_BOOKS, "tasks")
"""Runs that write no customer's data into the workspace."""


def gather(workspace: Workspace, steps: Iterable[Manifest] = ()) -> Evidence:
    """Return what the newest completed runs show.

    Args:
        workspace: with the runs.
        steps: runs that count whatever was run since: those whose tables a migration took over, because nothing had changed.
    """
    latest = _current(workspace) | {manifest.stage: manifest for manifest in steps}
    return Evidence(
        _errors(latest.get("standardise")),
        _duplicates(latest.get("dedupe")),
        _conformity(latest.get("map"), latest.get("validate")),
        _restored(_newest_restoring(workspace)),
        _in_order(workspace),
        _leaks(workspace, workspace.latest(STAGE_SCAN), fresh=True),
        _rules(latest.get("rules")),
        *_accepted(latest.get(STAGE_RESULT), latest.get("load")),
    )


def _current(workspace: Workspace) -> dict[str, Manifest]:
    """Return stage → its newest completed run; of the steps before a run, those that it was made from, although they were tried anew since."""
    known = {manifest.run: manifest for manifest in workspace.manifests() if manifest.state == "done"}
    found: dict[str, Manifest] = {}
    for newest in reversed(known.values()):
        manifest: Manifest | None = newest
        while manifest is not None and manifest.stage not in found:
            found[manifest.stage] = manifest
            manifest = known.get(manifest.parent) if manifest.stage in ORDER else None
    return found


def history(workspace: Workspace, limits: GateSpec) -> dict[str, list[tuple[str, float]]]:
    """Return gate → (when, value) of each completed run that shows it, the oldest first; a run that found the same is one too."""
    found: dict[str, list[tuple[str, float]]] = {}
    mapped: Manifest | None = None
    for manifest in _of_both(workspace):
        mapped = manifest if manifest.stage == "map" else mapped
        shown = Evidence(
            _errors(manifest) if manifest.stage == "standardise" else None,
            _duplicates(manifest) if manifest.stage == "dedupe" else None,
            _conformity(mapped, manifest) if manifest.stage == "validate" else None,
            _restored(manifest) if manifest.stage in {"rollback", "rehearsal"} else None,
            None,
            _leaks(workspace, manifest) if manifest.stage == STAGE_SCAN else None,
            _rules(manifest) if manifest.stage == "rules" else None,
        )
        for gate in judge(limits, shown):
            if gate.value is not None:
                found.setdefault(gate.name, []).append((manifest.started, gate.value))
    return found


def _of_both(workspace: Workspace) -> Iterator[Manifest]:
    """Yield the completed runs, and the rollbacks of trials among them, the oldest first."""
    trials = [one for one in Workspace(workspace.folder / "trial").manifests() if one.stage == "rollback"]
    runs = [one for one in (*workspace.manifests(), *trials) if one.state == "done"]
    yield from sorted(runs, key=lambda one: one.run)


def rehearsals(workspace: Workspace) -> tuple[Rehearsal, ...]:
    """Return the completed reconciliations with the target, those of trials among them, the oldest first."""
    found = [
        _rehearsal(manifest, trial=place is not workspace)
        for place in (workspace, Workspace(workspace.folder / "trial"))
        for manifest in place.manifests()
        if manifest.stage == "reconcile" and manifest.state == "done" and manifest.facts.get("objects")
    ]
    return tuple(sorted(found, key=lambda one: (one.day, one.run)))


def _rehearsal(manifest: Manifest, *, trial: bool) -> Rehearsal:
    facts = manifest.facts
    equations = list(facts["objects"].values())
    added = {
        name: sum(int(its[name]) for its in equations) for name in ("source", *ASIDE_REASONS, "expected", "in_target")
    }
    return Rehearsal(
        manifest.run, manifest.started, trial, added["source"], sum(added[reason] for reason in ASIDE_REASONS), added["expected"],
        added["in_target"], int(facts["differences"]), sum(facts.get("explained", {}).values()), sum(facts.get("totals_off", {}).values()),
    )  # fmt: skip


def _errors(manifest: Manifest | None) -> float | None:
    cells = sum(facts["cells"] for facts in manifest.facts["objects"].values()) if manifest else 0
    if manifest is None or not cells:
        return None
    columns = [column for table in manifest.facts.get("columns", {}).values() for column in table.values()]
    return float(sum(figures["unusable"] for figures in columns) / cells)


def _duplicates(manifest: Manifest | None) -> float | None:
    facts: dict[str, Any] = manifest.facts if manifest else {}
    rates = [object_facts["residual_duplicate_estimate"] for object_facts in facts.values()]
    return max(rates, default=None)


def _conformity(mapped: Manifest | None, validated: Manifest | None) -> float | None:
    if mapped is None or validated is None:
        return None
    reached = sum(figures["in"] for figures in mapped.accounting.values())
    passed = sum(figures["out"] for figures in validated.accounting.values())
    return passed / reached if reached else None


def _accepted(result: Manifest | None, load: Manifest | None) -> tuple[float | None, float | None]:
    """Return the bound that acceptance proves and the part that was signed; nothing where it is about an earlier load."""
    if result is None or load is None or result.facts["load"] != load.run:
        return None, None
    return (float(result.facts["bound"]) if result.facts["complete"] else None), float(result.facts["signed_share"])


def _newest_restoring(workspace: Workspace) -> Manifest | None:
    """Return the newest run that put something back, for good or as a rehearsal; that of a trial only where there is none."""
    for place in (workspace, Workspace(workspace.folder / "trial")):
        found = [one for one in place.manifests() if one.state == "done" and _restored(one) is not None]
        if found:
            return found[-1]
    return None


def _restored(manifest: Manifest | None) -> float | None:
    """Return which share of the changes a rollback took back; None where it only planned, or met none."""
    if manifest is None or not (manifest.facts.get("applied") or manifest.facts.get("rehearsed")):
        return None
    changes, refused = int(manifest.facts["changes"]), int(manifest.facts["error"])
    return (changes - refused) / changes if changes else None


def _in_order(workspace: Workspace) -> float | None:
    """Return which share of the steps up to the newest load was completed, each after the one whose tables it was given."""
    known = {manifest.run: manifest for manifest in workspace.manifests()}
    newest = workspace.latest("load")
    if newest is None:
        return None
    wanted = ["extract", *ORDER[: ORDER.index("load") + 1]]
    kept: list[str] = []
    found: Manifest | None = newest
    while found is not None and found.state == "done":
        kept.insert(0, found.stage)
        found = known.get(found.parent)
    whole = workspace.broken_log_line() == 0
    return (
        sum(stage in kept for stage in wanted) / len(wanted)
        if whole and kept == [s for s in wanted if s in kept]
        else 0.0
    )


def _leaks(workspace: Workspace, manifest: Manifest | None, *, fresh: bool = False) -> int | None:
    """Return the leaks of a scan of the whole workspace; with `fresh` only while nothing was run since that writes reports."""
    if manifest is None or not manifest.facts.get("whole") or manifest.facts["unread"]:
        return None
    if fresh and scan_is_stale(workspace, manifest):
        return None
    return int(manifest.facts["leaks"])


def scan_is_stale(workspace: Workspace, scan: Manifest) -> bool:
    """Whether runs were made since a privacy scan, in the workspace or in a trial, whose logs and reports it has not seen."""
    places = (workspace, Workspace(workspace.folder / "trial"))
    silent = (STAGE_SCAN, STAGE_PURGE, *SILENT)
    return any(one.run > scan.run and one.stage not in silent for place in places for one in place.manifests())


def _rules(manifest: Manifest | None) -> dict[str, Found] | None:
    figures = manifest.facts.get("rules") if manifest else None
    if not figures:
        return None
    return {code: Found(int(facts["found"]), facts.get("of")) for code, facts in figures.items()}
