"""Gather from the manifests of a workspace what the report of a migration, and that of one run, tell.

Figures come from manifests alone; of the tables only the rows are read that a page of one run shows as examples.
"""

from __future__ import annotations

import os
from collections import Counter
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from crmmigrate.checks.gates import judge
from crmmigrate.model.issue import ASIDE, ASIDE_REASONS, ISSUES
from crmmigrate.model.overview import ColumnStory, Example, Flow, GateLine, Noted, Overview, RunLine, RunStory
from crmmigrate.model.privacy import masked
from crmmigrate.model.table import Table, Tables
from crmmigrate.runner.evidence import gather, history
from crmmigrate.runner.execute import told_again
from crmmigrate.runner.history import loads_told
from crmmigrate.runner.pipeline import STEPS
from crmmigrate.runner.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from crmmigrate.model.manifest import Manifest
    from crmmigrate.model.project import Project

RUN_PAGE = "00_运行报告.html"
"""The page of one run, among its reports."""
_ON_THE_WAY = ("scope", "standardise", "fill", "dedupe")
"""Steps after which the share of filled cells is told."""
_RUNS, _TREND, _EXAMPLES = 60, 12, 20
_MEMORY = "512MB"


def overview(project: Project, workspace: Workspace, page: Path) -> Overview:
    """Return what the newest runs of a migration show.

    Args:
        project: the migration.yaml.
        workspace: its runs.
        page: the file that will show it, for relative links.
    """
    manifests = list(workspace.manifests())
    done = {manifest.stage: manifest for manifest in manifests if manifest.state == "done"}
    found = Overview(project.file(".").resolve().name, log_whole=workspace.broken_log_line() == 0)
    links = _Links(workspace, page)
    load, reconciled = done.get("load"), done.get("reconcile")
    if reconciled is not None and reconciled.facts.get("objects"):
        found.reconciled = reconciled.facts
        found.outdated = load is not None and reconciled.parent != load.run
    found.flows = _flows(project, done, {} if found.outdated else found.reconciled or {})
    loads = loads_told(workspace)
    by = loads[-1].by if loads and not any(one.stands for one in loads) else ""
    begun_since = any(one.stage == "load" and one.run > by for one in manifests)
    found.undone = "" if begun_since else by
    if load is not None:
        before = STEPS[: STEPS.index("load")]
        found.reworked = [name for name in before if name in done and done[name].run > load.run]
    found.columns = _columns(project, done)
    found.target_columns = _target_columns(project, done)
    found.noted = [one for step in STEPS if step in done for one in noted(done[step], links)]
    if "audit" in done:
        found.score, found.dimensions = done["audit"].facts["score"], done["audit"].facts.get("scores", {})
    found.duplicates = dict(done["dedupe"].facts) if "dedupe" in done else {}
    found.gates = _gates(project, workspace, done)
    found.runs, found.more = _lines(workspace, manifests, links)
    places = ((name, links.report(manifest, name)) for manifest in done.values() for name in manifest.reports)
    found.places = {name: href for name, href in places if href}
    return found


def newest(workspace: Workspace) -> list[Manifest]:
    """Return the newest completed run of each stage, the oldest first."""
    done = {manifest.stage: manifest for manifest in workspace.manifests() if manifest.state == "done"}
    return sorted(done.values(), key=lambda one: one.run)


class _Links:
    """Paths of files in a workspace as a page names them; empty where a file is not there."""

    def __init__(self, workspace: Workspace, page: Path) -> None:
        self.workspace = workspace
        self.folder = page.resolve().parent

    def to(self, path: Path) -> str:
        if not path.is_file():
            return ""
        try:
            return quote(os.path.relpath(path.resolve(), self.folder).replace(os.sep, "/"))
        except ValueError:  # on another drive of Windows
            return ""

    def report(self, manifest: Manifest, name: str, *, trial: bool = False) -> str:
        place = Workspace(self.workspace.folder / "trial") if trial else self.workspace
        return self.to(place.runs_folder / manifest.run / "reports" / name)


def _flows(project: Project, done: Mapping[str, Manifest], reconciled: Mapping[str, Any]) -> list[Flow]:
    """Return where the rows went: as the reconciliation proved it, else as the steps so far account for it."""
    if objects := reconciled.get("objects"):
        return [
            Flow(name, its["source"], {reason: its[reason] for reason in ASIDE_REASONS}, its["expected"], its["in_target"])
            for name, its in objects.items()
        ]  # fmt: skip
    gathered = done.get("consolidate")
    flows = []
    for name in project.objects if gathered else ():
        source = gathered.outputs.get(name, {}).get("rows", 0) if gathered else 0
        aside: Counter[str] = Counter()
        for step in STEPS[STEPS.index("scope") :]:
            figures = done[step].accounting.get(name, {}) if step in done else {}
            aside.update({reason: figures.get(reason, 0) for reason in ASIDE_REASONS})
        flows.append(Flow(name, source, aside, source - sum(aside.values())))
    return flows


def _columns(project: Project, done: Mapping[str, Manifest]) -> list[ColumnStory]:
    """Return the columns that a standard looks at, and those that were filled on the way."""
    standard = done.get("standardise")
    fates = standard.facts.get("columns", {}) if standard else {}
    stories = []
    for name in project.objects:
        filled = {step: _shares(done[step], name) for step in _ON_THE_WAY if step in done}
        first, last = filled.get("scope", {}), filled.get("fill", {})
        grown = [column for column, share in last.items() if share > first.get(column, 0.0)]
        for column in dict.fromkeys([*fates.get(name, {}), *grown]):
            shares = {step: its[column] for step, its in filled.items() if column in its}
            stories.append(ColumnStory(name, column, fates.get(name, {}).get(column, {}), shares))
    return stories


def _shares(manifest: Manifest, table: str) -> dict[str, float]:
    made = manifest.outputs.get(table, {})
    rows = made.get("rows", 0)
    return {column: count / rows for column, count in made.get("filled", {}).items()} if rows else {}


def _target_columns(project: Project, done: Mapping[str, Manifest]) -> list[tuple[str, str, float]]:
    validated = done.get("validate")
    if validated is None:
        return []
    return [(name, column, share) for name in project.objects for column, share in _shares(validated, name).items()]


def anchors(manifest: Manifest) -> dict[str, str]:
    """Return code → anchor of its rows on the page of a run; codes of rules may hold any character, so they are numbered."""
    return {code: f"i{number}" for number, code in enumerate(manifest.issues, 1)}


def noted(manifest: Manifest, links: _Links | None = None) -> list[Noted]:
    """Return the issues of a run by kind and column; with `links` each leads to the rows on its page."""
    page = links.folder if links else None
    href = ""
    if links and page:
        path = links.workspace.runs_folder / manifest.run / "reports" / RUN_PAGE
        href = quote(os.path.relpath(path.resolve(), page).replace(os.sep, "/"))
    at = anchors(manifest)
    return [
        Noted(manifest.stage, one["table"], one["column"] or "", one["code"], one["severity"], one["class"], one["n"],
              f"{href}#{at[one['code']]}")
        for one in manifest.noted
    ]  # fmt: skip


def _gates(project: Project, workspace: Workspace, done: Mapping[str, Manifest]) -> list[GateLine]:
    earlier = history(workspace, project.gates)
    lines = []
    for gate in judge(project.gates, gather(workspace), set(done)):
        values = [value for _, value in earlier.get(gate.name, [])][-_TREND:]
        value = "" if gate.value is None else gate.shown(gate.value)
        lines.append(GateLine(gate.title, value, gate.shown(gate.limit), gate.met, gate.off, gate.lacking or "", values,
                              " → ".join(map(gate.shown, values))))  # fmt: skip
    return lines


def _lines(workspace: Workspace, manifests: Sequence[Manifest], links: _Links) -> tuple[list[RunLine], int]:
    """Return the newest runs, those of trials among them, the oldest first, and how many came before them."""
    trials = Workspace(workspace.folder / "trial").manifests()
    both = [*((one, False) for one in manifests), *((one, True) for one in trials)]
    both = sorted((pair for pair in both if pair[0].started), key=lambda pair: (pair[0].started, pair[0].run))
    shown = both[-_RUNS:]
    return [_line(manifest, links, trial=trial) for manifest, trial in shown], len(both) - len(shown)


def _line(manifest: Manifest, links: _Links, *, trial: bool = False) -> RunLine:
    rows = sum(figures["in"] for figures in manifest.accounting.values())
    aside = sum(figures.get(reason, 0) for figures in manifest.accounting.values() for reason in ASIDE_REASONS)
    reports = [(name, links.report(manifest, name, trial=trial)) for name in manifest.reports]
    return RunLine(
        manifest.run, manifest.stage, manifest.state, manifest.operator, datetime.fromisoformat(manifest.started),
        datetime.fromisoformat(manifest.ended) if manifest.ended else None, rows, aside, trial,
        "" if trial else links.report(manifest, RUN_PAGE), [(name, href) for name, href in reports if href],
    )  # fmt: skip


def run_story(workspace: Workspace, manifest: Manifest, page: Path) -> RunStory:
    """Return what one run shows, with some of the rows behind its figures while its tables are there.

    Args:
        workspace: of the run.
        manifest: of the run.
        page: the file that will show it, for relative links.
    """
    story = RunStory(
        _line(manifest, _Links(workspace, page)), manifest.parent, manifest.exit_code, manifest.accounting, told_again(manifest),
        noted(manifest), anchors(manifest), versions=manifest.versions,
    )  # fmt: skip
    folder = workspace.runs_folder / manifest.run / "tables"
    story.tables = [
        (name, its["rows"], len(its.get("filled", ())), _filled(its))
        for name, its in manifest.outputs.items()
        if not name.startswith("_")
    ]
    for row in _some(folder / f"{ISSUES}.parquet", _SOME_ISSUES):
        story.examples[row["code"]] = [_example(one) for one in row["some"]]
    for row in _some(folder / f"{ASIDE}.parquet", _SOME_ASIDE):
        why = (row["reason"], row["code"] or "")
        story.aside[why] = row["n"]
        story.aside_examples[why] = [_example(one) for one in row["some"]]
    return story


def _filled(made: Mapping[str, Any]) -> float | None:
    cells = made["rows"] * len(made.get("filled", ()))
    return sum(made["filled"].values()) / cells if cells else None


_SOME_ISSUES = f"""
    SELECT code, arg_min({{'place': _origin, 'column': "column", 'before': before, 'after': after, 'rule': rule}},
                         coalesce(_record, _origin, ''), {_EXAMPLES}) AS some
    FROM kept GROUP BY code"""
_SOME_ASIDE = f"""
    SELECT reason, code, count(*) AS n,
           arg_min({{'place': _origin, 'column': "column", 'before': value, 'after': "into", 'rule': NULL}},
                   coalesce(_record, _origin, ''), {_EXAMPLES}) AS some
    FROM kept GROUP BY reason, code ORDER BY n DESC, reason, code"""


def _some(path: Path, query: str) -> list[dict[str, Any]]:
    """Return the rows that a query picks from a table of a run; none where the table was destroyed, or holds nothing."""
    if not path.is_file():
        return []
    table = Table("kept", path)
    found: list[dict[str, Any]] = (
        Tables({"kept": table}, _MEMORY, confined=False).sql(query).to_pylist() if table.rows else []
    )
    return found


def _example(one: Mapping[str, str | None]) -> Example:
    before, after = masked(one["before"]), masked(one["after"])
    return Example(one["place"] or "", one["column"] or "", before or "", after or "", one["rule"] or "")
