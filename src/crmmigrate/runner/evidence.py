"""Collect from the manifests of a workspace what the quality gates are judged by, and what earlier reconciliations found."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crmmigrate.checks.gates import Evidence
from crmmigrate.model.acceptance import STAGE_RESULT
from crmmigrate.model.issue import ASIDE_REASONS, ISSUES
from crmmigrate.model.reconciliation import Rehearsal
from crmmigrate.model.table import Table, Tables
from crmmigrate.runner.workspace import Workspace

if TYPE_CHECKING:
    from crmmigrate.model.manifest import Manifest


def gather(workspace: Workspace) -> Evidence:
    """Return what the newest completed runs show."""
    latest = {manifest.stage: manifest for manifest in workspace.manifests() if manifest.state == "done"}
    return Evidence(
        _errors(workspace, latest.get("standardise")),
        _duplicates(latest.get("dedupe")),
        _conformity(latest.get("map"), latest.get("validate")),
        _restored(latest.get("rollback") or Workspace(workspace.folder / "trial").latest("rollback")),
        *_accepted(latest.get(STAGE_RESULT), latest.get("load")),
    )


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


def _errors(workspace: Workspace, manifest: Manifest | None) -> float | None:
    cells = sum(facts["cells"] for facts in manifest.facts["objects"].values()) if manifest else 0
    if manifest is None or not cells:
        return None
    path = workspace.runs_folder / manifest.run / "tables" / f"{ISSUES}.parquet"
    issues = Tables({"issues": Table("issues", path)})
    wrong = issues.value(
        'SELECT count(*) FROM (SELECT DISTINCT "table", _record, "column" FROM issues WHERE severity = \'error\')'
    )
    return float(wrong) / cells


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
    if manifest is None or not manifest.facts.get("applied"):
        return None
    changes, refused = int(manifest.facts["changes"]), int(manifest.facts["error"])
    return (changes - refused) / changes
