"""Collect from the manifests of a workspace what the quality gates are judged by."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crmmigrate.checks.gates import Evidence
from crmmigrate.model.issue import ISSUES
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
    )


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


def _restored(manifest: Manifest | None) -> float | None:
    if manifest is None or not manifest.facts.get("applied"):
        return None
    changes, refused = int(manifest.facts["changes"]), int(manifest.facts["error"])
    return (changes - refused) / changes
