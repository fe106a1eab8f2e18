"""Audit: what the sources hold, how good it is, what may go wrong, how much work is ahead. Nothing is changed."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from crmmigrate.messages import Message
from crmmigrate.model.audit import SUBJECTS
from crmmigrate.model.profile import DIMENSIONS, Audit
from crmmigrate.model.source import PROGRAM
from crmmigrate.model.stage import Report, StageResult, stage
from crmmigrate.model.text_table import text_table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from crmmigrate.model.audit import Contradiction, Duplicates, GateResult, Overlap
    from crmmigrate.model.profile import ColumnProfile, Risk, TableProfile
    from crmmigrate.model.project import Project
    from crmmigrate.model.stage import Job
    from crmmigrate.model.table import Tables

SOURCES, FILES = "_sources", "_files"
"""The tables in which extraction describes every table it read, and every file it met."""

_MEMORY = "200MB"
"""For DuckDB; the rest of the process comes on top of it."""

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
    """What an audit is held against.

    Args:
        reference: names of the sources that are only looked things up in.
        gates: rules such as `score>=80`; one that is not met is a finding.
        assumptions: of the effort estimate, such as `pairs_hour=80`.
        compare: what the audit.json of an earlier audit holds (`profile_compare.read_audit`); None without.
        compared: what that audit is called.
    """

    reference: tuple[str, ...] = ()
    gates: tuple[str, ...] = ()
    assumptions: tuple[str, ...] = ()
    compare: Mapping[str, Any] | None = None
    compared: str = ""

    @classmethod
    def from_project(cls, project: Project) -> AuditOptions:
        """Read what the migration.yaml says about the sources and the audit."""
        reference = tuple(name for name, source in project.sources.items() if source.reference)
        return cls(
            reference, project.audit.gates, tuple(f"{name}={rate}" for name, rate in project.audit.assumptions.items())
        )


@stage(title=Message("Take stock of the sources and judge their quality"), options=AuditOptions)
def audit(job: Job) -> StageResult:
    """Profile every table and column, estimate duplicates and effort, judge gates, compare, and seed the risk register."""
    from crmmigrate.checks.profile_compare import compare
    from crmmigrate.checks.profile_scores import check_gates, judge_gates

    options: AuditOptions = job.options
    check_gates(options.gates)
    found = examine(job.tables, options.reference, job.progress, options.assumptions)
    found = replace(found, gates=judge_gates(found, options.gates))
    if options.compare is not None:
        found = replace(found, changes=compare(found, options.compare), compared=options.compared)
    return _answer(found)


def _answer(found: Audit) -> StageResult:
    from crmmigrate.reports import inventory, quality

    # To know every code all stages are imported; most sources are read without anything to note.
    noted = any(source.get("issues") for source in found.sources)
    return StageResult(
        tables={
            "audit_columns": text_table([_column_row(c) for t in found.tables for c in t.columns], _COLUMN_FIELDS),
            "risks": text_table([_risk_row(risk) for risk in found.risks], _RISK_FIELDS),
        },
        flows={},
        facts={
            "tables": len(found.tables),
            "rows": sum(table.rows for table in found.tables),
            "columns": sum(len(table.columns) for table in found.tables),
            "score": round(100 * found.score, 1),
            "scores": {name: round(score, 4) for name, score in found.scores.items()},
            "risks": len(found.risks),
            "duplicates": sum(table.near_duplicates or 0 for table in found.tables if not table.reference),
            "orphans": sum(relation.orphans for relation in found.relations),
            "contradictions": sum(contradiction.differ for contradiction in found.contradictions),
            "person_days": found.effort.days,
            **({"gates": {gate.rule: gate.met for gate in found.gates}} if found.gates else {}),
        },
        findings=[_gate_sentence(gate) for gate in found.gates if not gate.met] + [
            Message("{table}: {finding}", table=f"{r.table}/{r.column}" if r.column else r.table, finding=r.finding)
            for r in found.risks if r.level == 9
        ] + _high_risks(found),
        notes=[*_progress_notes(found), *(_gate_sentence(gate) for gate in found.gates if gate.met)],
        reports=[
            Report(inventory.NAME, partial(_write, inventory.write_inventory, found), noted),
            Report(quality.NAME, partial(_write, quality.write_quality, found), noted),
            Report("audit.json", partial(_write, write_json, found), noted),
        ],
    )  # fmt: skip


def _high_risks(found: Audit) -> list[Message]:
    """Return how many risks are high, and where all of them stand: the gravest alone are told one by one."""
    from crmmigrate.reports.inventory import NAME

    high = sum(risk.is_high for risk in found.risks)
    if not high:
        return []
    sheet = Message("Risk register")
    return [
        Message(
            "{count} risks are high; sheet '{sheet}' of {file} lists all of them", count=high, sheet=sheet, file=NAME
        )
    ]


def _gate_sentence(gate: GateResult) -> Message:
    if gate.value is None:
        return Message("gate {rule} is NOT met: nothing in the data shows this figure", rule=gate.rule)
    if gate.met:
        return Message("gate {rule} is met: {value}", rule=gate.rule, value=f"{gate.value:g}")
    return Message("gate {rule} is NOT met: {value}", rule=gate.rule, value=f"{gate.value:g}")


def _progress_notes(found: Audit) -> list[Message]:
    """Return what is different from the earlier audit, for the terminal: the totals and the score."""
    if not found.compared:
        return []
    count = Counter(change.verdict for change in found.changes)
    notes = [
        Message("since {audit}: {better} better, {worse} worse, {new} new, {gone} gone", audit=found.compared, better=count["better"],
                worse=count["worse"], new=count["new"], gone=count["gone"])
    ]  # fmt: skip
    for change in found.changes:
        if change.kind == "score" and change.before is not None and change.after is not None:
            name = DIMENSIONS.get(change.what, Message("score"))
            notes.append(
                Message("{what}: {before} → {after}", what=name, before=f"{100 * change.before:.1f}", after=f"{100 * change.after:.1f}")
            )  # fmt: skip
    return notes


def _write(writer: Any, found: Audit, path: Path, language: str) -> None:
    writer(path, language, found)


def examine(
    tables: Tables, reference: tuple[str, ...] = (), progress: Any = None, assumptions: tuple[str, ...] = ()
) -> Audit:
    """Profile the tables, alone and together.

    Args:
        tables: extracted tables, `_sources` and `_files` where there are such.
        reference: names of sources whose tables are only looked things up in.
        progress: told of rows done.
        assumptions: of the effort estimate, `name=number`.

    Raises:
        ConfigurationError: an assumption has no such name.
    """
    from crmmigrate.checks.profile_effort import estimate_effort, read_rates
    from crmmigrate.checks.profile_relations import find_relations
    from crmmigrate.checks.profile_risks import find_risks
    from crmmigrate.checks.profile_scores import scores

    rates = read_rates(assumptions)
    tables = tables.bounded(_MEMORY)
    # A table is worked on three times: for its columns, for its rows and rules, and together with the others.
    told = _Told(progress)
    counted = _counted(tables)
    profiles = [_deepened(tables, profile, told, counted.get(profile.name, {})) for profile in _profiled(tables, reference, counted)]  # fmt: skip
    sources = _describe(tables, profiles)
    files = tuple(_rows_of(tables, FILES))
    shared = _together(tables, profiles, told)
    profiles = shared.profiles
    relations, same = find_relations(tables, profiles, sources)
    own = [profile for profile in profiles if not profile.reference] or profiles
    dropped = sum(
        count for source in sources for why, count in _counts(source.get("dropped")).items() if why not in _NO_DATA
    )
    settled = [
        c for c in shared.contradictions if not any(p.reference and p.name in (c.left, c.right) for p in profiles)
    ]
    return Audit(
        sources, tuple(profiles), find_risks(profiles, sources, relations, settled, shared.overlaps, files), scores(own, dropped),
        estimate_effort(profiles, relations, settled, rates), shared.shared, shared.entities, tuple(shared.overlaps), tuple(relations),
        tuple(same), tuple(shared.contradictions), files=files,
    )  # fmt: skip


class _Told:
    """Tells of progress in whole rows, a third of a table's at each of three times."""

    def __init__(self, progress: Any) -> None:
        self._progress = progress
        self._owed = 0.0

    def __call__(self, rows: float) -> None:
        self._owed += rows
        if self._progress and self._owed >= 1:
            self._progress(int(self._owed))
            self._owed -= int(self._owed)


def _counted(tables: Tables) -> dict[str, dict[str, Any]]:
    """Return, by table, what a database counted by itself: `columns`, `repeated` rows, broken `rules`."""
    found = {
        f"{source['source']}.{source['table']}": _parsed(source.get("counted")) for source in _rows_of(tables, SOURCES)
    }
    return {name: facts for name, facts in found.items() if isinstance(facts, dict)}


def _profiled(tables: Tables, reference: tuple[str, ...], counted: dict[str, dict[str, Any]]) -> Iterator[TableProfile]:
    from crmmigrate.checks.profile_table import Asked, profile_tables

    asked = []
    for name, table in tables.items():
        if not name.startswith("_"):
            facts = counted.get(name, {})
            known = name.partition(".")[0] in reference
            asked.append(Asked(table, known, facts.get("columns", ()), facts.get("repeated", 0)))
    return profile_tables(tables, asked)


def _deepened(tables: Tables, profile: TableProfile, told: _Told, counted: dict[str, Any]) -> TableProfile:
    """Add what the rows of a table show beside its columns: keys, rules, rows out of line and age."""
    from crmmigrate.checks.profile_age import recency
    from crmmigrate.checks.profile_counted import rules_in_place
    from crmmigrate.checks.profile_dependencies import find_dependencies, pair_keys
    from crmmigrate.checks.profile_rows import find_misplaced

    told(profile.rows / 3)
    dependencies = (*find_dependencies(tables, profile), *rules_in_place(tables, profile, counted.get("rules", ())))
    recent, dated = recency(tables, profile)
    meanings = {column.name: column.meaning for column in profile.columns}
    told(profile.rows / 3)
    return replace(
        profile, keys=profile.keys or pair_keys(tables, profile), dependencies=dependencies, misplaced=find_misplaced(tables, profile),
        contradictions=sum(d.broken for d in dependencies if d.known and meanings[d.left] == "credit_code"), recent_rows=recent, dated_rows=dated,
    )  # fmt: skip


@dataclass
class _Together:
    """What the tables show together: duplicates are in `profiles`."""

    profiles: list[TableProfile]
    overlaps: list[Overlap] = field(default_factory=list)
    contradictions: list[Contradiction] = field(default_factory=list)
    shared: int = 0
    entities: int = 0


def _together(tables: Tables, profiles: list[TableProfile], told: _Told) -> _Together:
    """Tie the rows that stand for the same, table by table and across sources.

    Reference tables are not de-duplicated: they take no part in overlaps.
    """
    from crmmigrate.checks.profile_contradictions import find_contradictions
    from crmmigrate.checks.profile_duplicates import estimate_duplicates, overlaps, shared_entities, tie
    from crmmigrate.checks.profile_keys import subjects

    result = _Together(list(profiles))
    estimates: dict[str, list[Duplicates]] = {}
    found = [subject for profile in profiles if not profile.reference for subject in subjects(profile)]
    for kind in SUBJECTS:
        chosen = [subject for subject in found if subject.kind == kind]
        if not chosen:
            continue
        ties = tie(tables, chosen)
        for number, subject in enumerate(chosen):
            estimates.setdefault(subject.profile.name, []).append(estimate_duplicates(ties, number))
        result.overlaps += overlaps(ties)
        result.contradictions += find_contradictions(tables, ties)
        if kind == "company":
            result.shared, result.entities = shared_entities(ties)
    result.profiles = [
        replace(p, duplicates=tuple(estimates[p.name]), near_duplicates=max(e.estimate for e in estimates[p.name])) if p.name in estimates else p
        for p in profiles
    ]  # fmt: skip
    told(sum(profile.rows for profile in profiles) / 3)
    return result


def _rows_of(tables: Tables, name: str) -> list[dict[str, str]]:
    """Return a small table of ours as dicts of text; none where extraction made no such table."""
    if name not in tables:
        return []
    return [{key: value or "" for key, value in row.items()} for row in tables[name].records()]


def _describe(tables: Tables, profiles: list[TableProfile]) -> tuple[dict[str, str], ...]:
    """Return what extraction says of each table; without it, what the tables say of themselves.

    `dropped` becomes a JSON object of counts by reason; `hidden` one of what is hidden, empty where nothing is; `counted`, where a
    database counted columns by itself, the names of these.
    """
    if SOURCES not in tables:
        return tuple({"table": p.name, "rows": str(p.rows), "columns": str(len(p.columns))} for p in profiles)
    described = []
    for source in _rows_of(tables, SOURCES):
        source["dropped"] = json.dumps(counts) if (counts := _counts(source.get("dropped"))) else ""
        hidden = _parsed(source.get("hidden"))
        if isinstance(hidden, dict):
            some = {name: value for name, value in hidden.items() if value}
            source["hidden"] = json.dumps(some, ensure_ascii=False) if some else ""
        if facts := _parsed(source.pop("counted", None)):
            source["counted"] = ", ".join(facts["columns"])
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
    """Write the audit for programs: codes and counts, sentences in `language`; `version` says in which form."""
    from crmmigrate.checks.profile_compare import VERSION

    content = {"program": PROGRAM, "version": VERSION, "score": round(found.score, 4)}
    content |= asdict(found, dict_factory=lambda items: {key: _plain(value, language) for key, value in items})
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _plain(value: Any, language: str) -> Any:
    if isinstance(value, Message):
        return value.text(language)
    if isinstance(value, list | tuple):
        return [_plain(part, language) for part in value]
    return value
