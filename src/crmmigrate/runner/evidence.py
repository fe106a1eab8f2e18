"""Collect from the manifests of a workspace what the quality gates are judged by, and what earlier reconciliations found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from crmmigrate.checks.gates import Evidence, Found, judge
from crmmigrate.model.acceptance import STAGE_RESULT
from crmmigrate.model.issue import ASIDE_REASONS
from crmmigrate.model.privacy import STAGE_PURGE, STAGE_SCAN
from crmmigrate.model.reconciliation import Rehearsal
from crmmigrate.runner.workspace import Workspace
from crmmigrate.stages import ORDER

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from crmmigrate.model.gate import GateSpec
    from crmmigrate.model.manifest import Manifest


SILENT = ("golive", "evidence")
"""Runs that judge other runs and write no customer's data."""


def gather(workspace: Workspace) -> Evidence:
    """Return what the newest completed runs show."""
    latest = {manifest.stage: manifest for manifest in workspace.manifests() if manifest.state == "done"}
    return Evidence(
        _errors(latest.get("standardise")),
        _duplicates(latest.get("dedupe")),
        _conformity(latest.get("map"), latest.get("validate")),
        _restored(
            latest.get("rollback")
            or latest.get("rehearsal")
            or Workspace(workspace.folder / "trial").latest("rollback")
        ),
        _in_order(workspace),
        _leaks(workspace, workspace.latest(STAGE_SCAN), fresh=True),
        _rules(latest.get("rules")),
        *_accepted(latest.get(STAGE_RESULT), latest.get("load")),
    )


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


@dataclass(frozen=True)
class RollbackRehearsal:
    """What the newest rehearsal of a rollback showed.

    Args:
        run: of the rehearsal; `load` that was taken back in it; `day` when, UTC, ISO 8601.
        seconds: that the rollback took.
        changes: that it met; `kept` those that would stay, because people edited them or others depend on them.
        proven: whether the digests showed the target to be as before the load, and to be untouched by the rehearsal.
    """

    run: str
    load: str
    day: str
    seconds: float
    changes: int
    kept: int
    proven: bool


def rollback_rehearsal(workspace: Workspace) -> RollbackRehearsal | None:
    """Return what the newest completed rehearsal of a rollback showed; None where there was none."""
    manifest = workspace.latest("rehearsal")
    if manifest is None:
        return None
    facts = manifest.facts
    proven = bool(facts["digest_equal"]) and bool(facts["unchanged"]) and not facts["error"]
    return RollbackRehearsal(
        manifest.run, facts["undoes"], manifest.ended, float(facts["seconds"]), int(facts["changes"]), int(facts["kept"]), proven
    )  # fmt: skip


def undone_by(manifests: Iterable[Manifest]) -> Manifest | None:
    """Return the rollback that took the newest load, or one before it, back out of the target; None where none did."""
    found = None
    for manifest in manifests:
        if manifest.stage == "load":
            found = None
        elif manifest.stage == "rollback" and manifest.state == "done" and manifest.facts.get("applied"):
            found = manifest
    return found


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


def _restored(manifest: Manifest | None) -> float | None:
    if manifest is None or not (manifest.facts.get("applied") or manifest.facts.get("rehearsed")):
        return None
    changes, refused = int(manifest.facts["changes"]), int(manifest.facts["error"])
    return (changes - refused) / changes


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
