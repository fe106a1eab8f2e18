"""rules: hold the records against the rules of the business, and set aside those that a rule refuses."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from crmmigrate.checks.rule_engine import RuleFault, calls, hits, names, tables_of, uses_calendar
from crmmigrate.checks.rule_macros import RuleConnection, years_in
from crmmigrate.errors import Findings
from crmmigrate.messages import Message
from crmmigrate.model.issue import RECORD
from crmmigrate.model.rule import CALENDAR, Rule, declare_rules, read_rules
from crmmigrate.model.stage import PROJECT, Job, Query, StageResult, option, stage
from crmmigrate.model.table import quoted
from crmmigrate.model.work_calendar import FIRST, LAST, WorkCalendar, read_calendar

if TYPE_CHECKING:
    from crmmigrate.checks.rule_engine import Hit
    from crmmigrate.model.project import Project


@dataclass(frozen=True)
class RulesOptions:
    """The rules to hold the records against.

    `calendar` are the days that are worked, `as_of` the day on which is judged (today where empty), `objects` the tables whose rows go on.
    """

    rules: tuple[Rule, ...] = option(
        "--rules",
        Message("a rule or a folder of them"),
        multiple=True,
        required=True,
        read=lambda path: read_rules([path]),
    )
    calendar: WorkCalendar | None = None
    as_of: str = option("--as-of", Message("the day on which is judged, e.g. 2026-10-31; today by default"), default="")
    objects: tuple[str, ...] = ()

    @classmethod
    def from_project(cls, project: Project) -> RulesOptions:
        """Read the rules that a project names; without any nothing is found.

        Raises:
            Findings: everything wrong in them.
        """
        spec = project.rules
        if spec is None:
            return cls((), None, "", tuple(project.objects))
        place = project.file(spec.files)
        given = read_rules([place], project.file("."))
        return cls(given, read_calendar(place), spec.as_of, tuple(project.objects))


@stage(
    title=Message("Hold the records against the rules of the business"),
    options=RulesOptions,
    writes=("issues", "rejects"),
    confined=True,
)
def rules(job: Job) -> StageResult:
    """Run every rule over all tables; what one finds is an issue of each record.

    Of a record that several refusing rules find, the first of them is the reason. Its children are not looked at: mapping and validation
    judge what a row without its parent is worth.

    Raises:
        Findings: rules that could not be run.
    """
    options: RulesOptions = job.options
    result = StageResult()
    objects = options.objects or tuple(name for name in job.tables if not name.startswith("_"))
    result.tables = {name: job.tables[name] for name in objects if name in job.tables}
    if not options.rules:
        return result
    declare_rules(options.rules)
    day = date.fromisoformat(options.as_of) if options.as_of else date.today()  # noqa: DTZ011  # the day where people work
    calendar = options.calendar or read_calendar()
    RuleConnection(job.tables.connection, calendar).judge_on(day)
    refused: dict[str, dict[str, tuple[str | None, ...]]] = {}
    for rule, found in _all_hits(job, options.rules):
        issues = [_issue(rule, hit) for hit in found]
        result.issues += issues
        if rule.reject:
            gone = refused.setdefault(rule.object, {})
            for hit, issue in zip(found, issues, strict=True):
                gone.setdefault(hit.record, issue)
        result.facts[rule.code] = _figures(job, rule, found)
        _tell(result, rule, found)
    for name, records in refused.items():
        if records:
            _set_aside(result, name, records)
    _tell_unknown_years(job, calendar, day, result)
    result.facts = {"rules": result.facts, "as_of": day.isoformat()}
    result.next_step = Message("make rows for the target: crmmigrate run {project} --to validate", project=PROJECT)
    return result


def _all_hits(job: Job, given: tuple[Rule, ...]) -> list[tuple[Rule, list[Hit]]]:
    found, errors = [], []
    for rule in given:
        try:
            found.append((rule, hits(job.tables.connection, rule, tuple(job.tables))))
        except RuleFault as fault:
            errors.append(fault.error(rule))
    if errors:
        raise Findings(errors)
    return found


def _issue(rule: Rule, hit: Hit) -> tuple[str | None, ...]:
    return (rule.object, hit.record, hit.origin or rule.named, hit.column or hit.subject, rule.code, rule.severity, rule.kind, hit.value,
            hit.expected, rule.named, "certain")  # fmt: skip


def _figures(job: Job, rule: Rule, found: list[Hit]) -> dict[str, Any]:
    figures: dict[str, Any] = {
        "found": len({hit.record or hit.subject for hit in found}),
        "severity": rule.severity,
        "class": rule.kind,
    }
    if rule.object:
        figures |= {"object": rule.object, "of": job.tables[rule.object].rows, "rejects": rule.reject}
    return figures


def _tell(result: StageResult, rule: Rule, found: list[Hit]) -> None:
    if not found:
        return
    count = f"{len({hit.record or hit.subject for hit in found}):,}"
    message = Message("{code}: {count} × {title}", code=rule.code, count=count, title=rule.message)
    (result.notes if rule.severity == "info" else result.findings).append(message)


def _set_aside(result: StageResult, name: str, records: dict[str, tuple[str | None, ...]]) -> None:
    import pyarrow as pa

    gone = f"_refused_{name}"
    frame = pa.table({RECORD: pa.array(list(records), pa.string())})
    kept = f"SELECT * FROM {quoted(name)} WHERE {RECORD} NOT IN (SELECT {RECORD} FROM {quoted(gone)})"
    result.tables[name] = Query(kept, {gone: frame})
    for record, (_, _, origin, column, code, _, _, value, *_) in records.items():
        result.aside.append((name, record, origin, "rejected", code, column, value, None))
    result.findings.append(Message("{table}: {count} rows are rejected", table=name, count=f"{len(records):,}"))


def _tell_unknown_years(job: Job, calendar: WorkCalendar, day: date, result: StageResult) -> None:
    """Say where working days were counted in years whose days off nobody gave, or beyond those that can be counted."""
    for rule in job.options.rules:
        if not uses_calendar(rule):
            continue
        years = set(range(day.year, day.year + 1) if calls(rule.sql, "as_of") else ())
        for name in sorted(tables_of(rule.sql)):
            columns = tuple(column for column in job.tables[name].data_columns if names(rule.sql, column))
            years |= years_in(job.tables.connection, name, columns)
        if not years:
            continue
        counted = {year for year in range(min(years), max(years) + 1) if FIRST.year <= year <= LAST.year}
        if plain := counted - calendar.years:
            message = Message(
                "{code}: the calendar does not know the days off of {years}; plain weeks are counted there, write the days into {file}",
                code=rule.code, years=_shown(plain), file=CALENDAR,
            )  # fmt: skip
            result.findings.append(message)
        if beyond := years - counted:
            message = Message(
                "{code}: working days cannot be counted in {years}; such records are not judged",
                code=rule.code,
                years=_shown(beyond),
            )
            result.findings.append(message)


def _shown(years: set[int]) -> str:
    """Return years in short: 1999–2003, 2027."""
    begins = sorted(year for year in years if year - 1 not in years)
    ends = sorted(year for year in years if year + 1 not in years)
    return ", ".join(f"{a}" if a == b else f"{a}–{b}" for a, b in zip(begins, ends, strict=True))
