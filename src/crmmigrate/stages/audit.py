"""Audit: what the sources hold, how good it is, what may go wrong, how much work is ahead. Nothing is changed."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict, dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from crmmigrate.messages import Message
from crmmigrate.model.issue import text_frame
from crmmigrate.model.profile import Audit
from crmmigrate.model.stage import Report, StageResult, stage

if TYPE_CHECKING:
    from pathlib import Path

    from crmmigrate.model.profile import ColumnProfile, Risk, TableProfile
    from crmmigrate.model.project import Project
    from crmmigrate.model.stage import Job
    from crmmigrate.model.table import Tables

SOURCES = "_sources"
"""The table in which extraction describes every table it read."""

_NO_DATA = frozenset({"title", "header", "repeated-header", "units", "blank"})
"""Why extraction sets rows aside that hold no data, so that nothing is lost with them."""

_COLUMN_FIELDS = (
    "table",
    "column",
    "meaning",
    "confidence",
    "rows",
    "filled",
    "distinct",
    "shortest",
    "longest",
    "conforming",
    "damage",
)
_RISK_FIELDS = ("code", "table", "column", "level", "likelihood", "impact", "cells", "finding", "measure")


@dataclass(frozen=True)
class AuditOptions:
    """Nothing to choose. `reference` names the sources that are only looked things up in."""

    reference: tuple[str, ...] = ()

    @classmethod
    def from_project(cls, project: Project) -> AuditOptions:
        """Read what the migration.yaml says about the sources."""
        return cls(tuple(name for name, source in project.sources.items() if source.reference))


@stage(title=Message("Take stock of the sources and judge their quality"), options=AuditOptions)
def audit(job: Job) -> StageResult:
    """Profile every table and column, estimate duplicates and effort, and seed the risk register."""
    found = examine(job.tables, job.options.reference, job.progress)
    from crmmigrate.reports import inventory, quality

    high = [risk for risk in found.risks if risk.level == 9]
    return StageResult(
        tables={
            "audit_columns": text_frame([_column_row(c) for t in found.tables for c in t.columns], _COLUMN_FIELDS),
            "risks": text_frame([_risk_row(risk) for risk in found.risks], _RISK_FIELDS),
        },
        flows={},
        facts={
            "tables": len(found.tables),
            "rows": sum(table.rows for table in found.tables),
            "columns": sum(len(table.columns) for table in found.tables),
            "score": round(100 * found.score, 1),
            "risks": len(found.risks),
            "person_days": found.effort.days,
        },
        findings=[
            Message("{table}: {finding}", table=f"{r.table}/{r.column}" if r.column else r.table, finding=r.finding)
            for r in high
        ],
        reports=[
            Report(inventory.NAME, partial(_write, inventory.write_inventory, found)),
            Report(quality.NAME, partial(_write, quality.write_quality, found)),
            Report("audit.json", partial(_write, write_json, found)),
        ],
    )  # fmt: skip


def _write(writer: Any, found: Audit, path: Path, language: str) -> None:
    writer(path, language, found)


def examine(tables: Tables, reference: tuple[str, ...] = (), progress: Any = None) -> Audit:
    """Profile the tables.

    Args:
        tables: extracted tables, and `_sources` where there is one.
        reference: names of sources whose tables are only looked things up in.
        progress: told of rows done.
    """
    from crmmigrate.checks.profile_duplicates import add_repetition, overlap
    from crmmigrate.checks.profile_risks import estimate_effort, find_risks, scores
    from crmmigrate.checks.profile_table import profile_table

    profiles = []
    for name, table in tables.items():
        if name.startswith("_"):
            continue
        profile = profile_table(tables, table, reference=name.partition(".")[0] in reference)
        profiles.append(add_repetition(tables, profile))
        if progress:
            progress(table.rows)
    sources = _describe(tables, profiles)
    shared, entities = overlap(tables, profiles)
    own = [profile for profile in profiles if not profile.reference] or profiles
    dropped = sum(
        count for source in sources for why, count in _counts(source.get("dropped")).items() if why not in _NO_DATA
    )
    return Audit(
        sources, tuple(profiles), find_risks(profiles, sources), scores(own, dropped), estimate_effort(profiles), shared, entities
    )  # fmt: skip


def _describe(tables: Tables, profiles: list[TableProfile]) -> tuple[dict[str, str], ...]:
    """Return what extraction says of each table; without it, what the tables say of themselves.

    `dropped` becomes a JSON object of counts by reason; `hidden` one of what is hidden, empty where nothing is.
    """
    if SOURCES not in tables:
        return tuple({"table": p.name, "rows": str(p.rows), "columns": str(len(p.columns))} for p in profiles)
    described = []
    for row in tables[SOURCES].frame().fillna("").to_dict("records"):
        source = {str(name): str(value) for name, value in row.items()}
        source["dropped"] = json.dumps(counts) if (counts := _counts(source.get("dropped"))) else ""
        hidden = _parsed(source.get("hidden"))
        if isinstance(hidden, dict):
            some = {name: value for name, value in hidden.items() if value}
            source["hidden"] = json.dumps(some, ensure_ascii=False) if some else ""
        described.append(source)
    return tuple(described)


def _parsed(text: str | None) -> Any:
    try:
        return json.loads(text or "null")
    except ValueError:
        return None


def _counts(dropped: str | None) -> dict[str, int]:
    """Return reason → rows that extraction set aside; it lists them as `{place, why}`."""
    value = _parsed(dropped)
    if isinstance(value, dict):
        return {str(why): int(count) for why, count in value.items()}
    return dict(Counter(str(row.get("why")) for row in value)) if isinstance(value, list) else {}


def _column_row(column: ColumnProfile) -> tuple[str | None, ...]:
    damage = json.dumps(column.damage, ensure_ascii=False) if column.damage else None
    conforming = None if column.conforming is None else str(column.conforming)
    numbers = (column.confidence, column.rows, column.filled, column.distinct, column.shortest, column.longest)
    return (column.table, column.name, column.meaning, *map(str, numbers), conforming, damage)


def _risk_row(risk: Risk) -> tuple[str | None, ...]:
    return (
        risk.code, risk.table, risk.column or None, str(risk.level), str(risk.likelihood), str(risk.impact), str(risk.cells),
        risk.finding.text("en"), risk.measure.text("en"),
    )  # fmt: skip


def write_json(path: Path, language: str, found: Audit) -> None:
    """Write the audit for programs: codes and counts, sentences in `language`."""
    content = asdict(found, dict_factory=lambda items: {key: _plain(value, language) for key, value in items})
    content["score"] = round(found.score, 4)
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _plain(value: Any, language: str) -> Any:
    if isinstance(value, Message):
        return value.text(language)
    if isinstance(value, list | tuple):
        return [_plain(part, language) for part in value]
    return value
