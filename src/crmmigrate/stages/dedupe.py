"""dedupe: find records of one thing within and across sources, merge them to golden records, repoint their children."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING

from crmmigrate.checks.dedupe_columns import nameless, tell_columns
from crmmigrate.errors import ConfigurationError, Findings
from crmmigrate.messages import Message
from crmmigrate.model.ambiguous import SIDE_TABLES
from crmmigrate.model.decision import ReviewGroup, Told, refuse_torn
from crmmigrate.model.dedupe import (
    DIFFERENT_EXISTING,
    EXISTING,
    EXISTING_ROLE,
    ColumnRule,
    DedupeRules,
    read_dedupe,
    read_thresholds,
)
from crmmigrate.model.document import nearest_or_all
from crmmigrate.model.freed import give_back
from crmmigrate.model.issue import RECORD, declare_code
from crmmigrate.model.stage import PROJECT, Job, Pieces, Report, StageResult, option, stage
from crmmigrate.model.standard import DataStandard
from crmmigrate.standards import check_standard

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    import pandas as pd

    from crmmigrate.matching.engine import Matching
    from crmmigrate.matching.evidence import Evidence
    from crmmigrate.matching.golden.merging import Merging
    from crmmigrate.matching.golden.told_decisions import ToldDecisions
    from crmmigrate.matching.report import ShownPairs
    from crmmigrate.model.duplicates import Summary
    from crmmigrate.model.project import Project
    from crmmigrate.model.table import Tables

MERGED = declare_code("dedupe.merged", Message("a duplicate that was merged into another record"))
REVIEW_BOOK = "05_疑似重复审核表.xlsx"
REPORT = "05_去重报告.html"
SHIPPED = ("account", "contact")
_BESIDE = "existing"

DECISIONS = "decisions"
"""The folder beside a migration.yaml in which reviewed workbooks are kept, oldest name first."""


def _read_rules(path: Path) -> DedupeRules:
    from crmmigrate.matching import COMPARATORS
    from crmmigrate.matching.roles import ROLES, never_rules

    return read_dedupe(path, {name: role.compare for name, role in ROLES.items()}, COMPARATORS, never_rules)


def _read_decisions(path: Path) -> tuple[Told, ...]:
    from crmmigrate.reports.review import read_review

    return read_review(path)


@dataclass(frozen=True)
class DedupeOptions:
    """Which rules, what is in the CRM already, and what people decided before.

    Args:
        decisions: per workbook, oldest first.
        existing_sources: the sources of a migration whose records are in the CRM already.
        standing: so many of the workbooks, the oldest, were taken by earlier runs; a later one must be about records that are there.
    """

    rules: tuple[DedupeRules, ...] = option(
        "--rules", Message("rules of an object (dedupe.yaml); without it the shipped ones"), read=_read_rules,
        multiple=True,
    )  # fmt: skip
    object: str | None = option("--object", Message("what the table holds, for the shipped rules"), choices=SHIPPED)
    thresholds: str | None = option(
        "--thresholds", Message("auto, auto:0.995 (that precision of merges), or merge,review as 0.95,0.40")
    )
    existing: str | None = option(
        "--existing", Message("a table of records that are in the CRM already: they survive, and are not merged with each other")
    )  # fmt: skip
    decisions: tuple[tuple[Told, ...], ...] = option(
        "--decisions", Message("a review workbook in which people decided; several from the oldest to the newest"),
        read=_read_decisions, multiple=True,
    )  # fmt: skip
    standard: DataStandard | None = option("--standard", Message("the data standard, for values that people typed into a review workbook"), read=check_standard)  # fmt: skip
    existing_sources: tuple[str, ...] = field(default=())
    standing: int = field(default=0)

    @classmethod
    def from_project(cls, project: Project) -> DedupeOptions:
        """Read the rules files a project names, in their order, and every decision people ever made in it."""
        rules = tuple(_read_rules(project.file(name)) for name in project.dedupe)
        existing = tuple(name for name, source in project.sources.items() if source.existing)
        decisions = project.kept(DECISIONS, _read_decisions)
        asked = decisions and project.standard  # what people typed in is held to it
        standard = check_standard(project.file(project.standard)) if asked else None
        standing = len(decisions) - bool(project.brought)
        return cls(rules, decisions=decisions, standard=standard, existing_sources=existing, standing=standing)


@stage(
    title=Message("Find duplicates, merge them and repoint their children"), options=DedupeOptions,
    writes=("crosswalk", "pairs", "values", "review", "report"),
)  # fmt: skip
def dedupe(job: Job) -> StageResult:
    """Match, cluster and merge object by object; every table leaves with its references pointing at survivors.

    Returns:
        Every input table; `crosswalk`: every record of a deduplicated object with its survivor; `pairs`: scored pairs;
        `values`: where golden values came from. `flows`: merged rows are set aside with the code `dedupe.merged`.

    Raises:
        Findings: decisions of people that cannot all hold.
    """
    from crmmigrate.matching.acyclic import unsearched

    with unsearched():
        return _dedupe(job)


def _dedupe(job: Job) -> StageResult:
    from crmmigrate.matching.golden.merging import Merging
    from crmmigrate.matching.golden.open_links import close_links
    from crmmigrate.matching.golden.told_decisions import ToldDecisions
    from crmmigrate.matching.making import ready
    from crmmigrate.matching.report import pair_pieces

    options: DedupeOptions = job.options
    if job.hands:
        job.hands.begin(ready)
    beside = _BESIDE if options.existing else ""
    plan = _plan(options, job.tables, beside)
    main = plan[0][0] if plan else ""
    result = StageResult(flows={name: (main if name == beside else name,) for name in job.tables})
    tell_columns(plan, job.tables, beside, result, shipped=not options.rules, asked=options.object)
    state = Merging(job.tables, options.existing_sources)
    pairs: list[ShownPairs] = []
    groups: list[ReviewGroup] = []
    summaries: list[Summary] = []
    told = ToldDecisions(options.decisions, options.standing, len(plan))
    for table, written in plan:
        one, asked, summary = _deduplicated(job, state, table, written, told, result)
        pairs.append(one)
        groups += asked
        summaries.append(summary)
    result.tables = {name: state.output(name) for name in job.tables if name != beside}
    close_links(state, result)
    result.tables["crosswalk"] = state.crosswalk()
    result.tables["pairs"] = Pieces(lambda: pair_pieces(pairs))
    result.tables["values"] = state.golden_values()
    _add_reports(result, job.run, groups, summaries)
    return result


def _deduplicated(
    job: Job, state: Merging, table: str, written: DedupeRules, told: ToldDecisions, result: StageResult
) -> tuple[ShownPairs, list[ReviewGroup], Summary]:
    """Deduplicate one object; return the pairs to show, the groups to review and the summary."""
    from crmmigrate.matching.golden.told_choices import waiting, warnings
    from crmmigrate.matching.report import ShownPairs, review_groups
    from crmmigrate.matching.summary import summarise
    from crmmigrate.reports.worksheet import ready

    frame = state.frame(table, written)
    give_back()
    rules = _with_existing(written, frame)
    decisions = _held_to_standard(told.about(frame, rules, result), table, rules.object, job.options.standard, result)
    with _evidence(job, frame, rules) as evidence:  # values taken apart for it are gone before golden records are made
        frame = frame[frame.columns.intersection([RECORD, EXISTING, rules.key], sort=False)]  # no more is wanted
        give_back()
        found = _match(frame, rules, decisions, evidence, state.open.questions(rules.object))
    del evidence
    pairs = ShownPairs(rules, frame[RECORD], found).begun(job.hands)
    if job.hands:
        job.hands.begin(ready)  # they have nothing else to do before reports are wanted
    give_back()  # the values taken apart are not wanted any more
    survivor, made = state.merge(table, rules, frame, found.cluster, decisions)
    give_back()
    result.issues += waiting(table, made)
    result.aside += state.aside(table, MERGED, frame, survivor)
    groups = review_groups(rules, survivor, found, state.shown(table, rules.object))
    summary = summarise(rules, found, made.values, decisions, groups)
    result.facts[rules.object] = {**summary.facts, **summary.estimates}
    result.findings += warnings(rules, found, made)
    job.progress(len(frame))
    give_back()
    return pairs, groups, summary


def _with_existing(rules: DedupeRules, frame: pd.DataFrame) -> DedupeRules:
    """Return the rules with the one that no two records of the CRM are merged, where there are some."""
    if EXISTING not in frame.columns:
        return rules
    columns = {**rules.columns, EXISTING_ROLE: ColumnRule((EXISTING,), weight=0.0)}
    return replace(rules, columns=columns, never=(DIFFERENT_EXISTING, *rules.never))


def _held_to_standard(
    decisions: list[Told], table: str, kind: str, data: DataStandard | None, result: StageResult
) -> list[Told]:
    """Return the decisions with what people typed in in standard form, and tell of what the standard refuses."""
    from crmmigrate.matching.golden.told_decisions import first_places
    from crmmigrate.standards._typed import hold, typed

    count = sum(len(typed(decision)) for decision in decisions)
    spec = (data.objects.get(kind) or data.objects.get(table)) if data else None
    if data is None or spec is None:
        if count:
            result.notes.append(Message(
                "{object}: values that people typed in for golden records and that are taken as they are, because no standard says what they must look like: {count}",
                object=kind, count=count,
            ))  # fmt: skip
        return decisions
    held = hold(decisions, table, spec, data.folder)
    result.issues += held.issues
    if held.refused:
        result.findings.append(Message(
            "{object}: values that people typed in for golden records and that the standard of their column refuses, so that the rules decide: {count} ({places})",
            object=kind, count=len(held.refused), places=first_places(held.refused),
        ))  # fmt: skip
    return held.decisions


def _evidence(job: Job, frame: pd.DataFrame, rules: DedupeRules) -> AbstractContextManager[Evidence]:
    """Return what is asked of the records: of a cluster where there is one and they are many, else here."""
    from crmmigrate.matching.evidence import Here

    cluster = job.cluster_for(len(frame))
    if cluster is None or job.folder is None:
        return nullcontext(Here(frame, rules, job.hands))
    return cluster.evidence(frame, rules, job.folder)


def _match(
    frame: pd.DataFrame, rules: DedupeRules, decisions: list[Told], evidence: Evidence, questions: list[tuple[str, str]]
) -> Matching:
    """Match, and refuse decisions of people that cannot all hold.

    Raises:
        Findings: two that are to stay apart would be merged, or two that are in the CRM already.
    """
    from crmmigrate.matching.engine import match
    from crmmigrate.matching.existing import joined_by_people, keep_apart

    known = EXISTING in frame.columns
    errors = [
        ConfigurationError(
            "review.two-existing", Message("this merges two records that are in the CRM already"), decision.place,
            Message("merge them in the CRM, or keep one of them apart from the new record"),
        )
        for decision in (joined_by_people(frame, decisions) if known else ())
    ]  # fmt: skip
    if errors:
        raise Findings(errors)
    found = match(frame, rules, decisions, evidence, questions)
    if known:
        found.facts["existing_pairs"] = keep_apart(frame, rules, found)
    refuse_torn(found.torn, decisions)
    return found


def _add_reports(result: StageResult, run: str, groups: list[ReviewGroup], summaries: list[Summary]) -> None:
    from crmmigrate.reports.duplicates import write_duplicates
    from crmmigrate.reports.review import write_review

    if summaries:
        page = partial(write_duplicates, summaries=summaries)
        # Written here: the workbook, for which another process is wanted, takes as long as the tables do.
        result.reports.append(Report(REPORT, page, names_codes=False))
    if not groups:
        result.next_step = Message("map the records to the target: crmmigrate run {project} --to map", project=PROJECT)
        return
    pairs = sum(len(group.rows) - 1 for group in groups)
    book = partial(write_review, groups=groups, run=run)
    result.reports.append(Report(REVIEW_BOOK, book, names_codes=False, apart=True))
    result.findings.append(Message(
        "pairs that may be duplicates: {pairs}; decide on them in {book}, then run again with --decisions {book}",
        pairs=pairs, book=REVIEW_BOOK,
    ))  # fmt: skip
    result.next_step = Message(
        "decide in {book}, then: crmmigrate run {project} --to dedupe --decisions {book}", book=REVIEW_BOOK, project=PROJECT
    )  # fmt: skip


def _plan(options: DedupeOptions, tables: Tables, beside: str = "") -> list[tuple[str, DedupeRules]]:
    """Return the tables to deduplicate with their rules, in order.

    Args:
        options: of the stage.
        tables: its input.
        beside: the table of existing records, which is none to deduplicate by itself.

    Raises:
        ConfigurationError: rules for an object that is not there, or no column of a name.
    """
    from crmmigrate.checks.column_meanings import told_by_values
    from crmmigrate.checks.table_of_people import names_people
    from crmmigrate.matching.customers import without_ours
    from crmmigrate.matching.two_tables import shipped_for_both
    from crmmigrate.matching.whose_table import of_people

    names = [name for name in tables if name != beside and name not in SIDE_TABLES]
    alone = names[0] if len(names) == 1 else ""
    if options.rules:
        plan = []
        for rules in options.rules:
            name = rules.object if rules.object in tables else alone
            if not name:
                raise ConfigurationError(
                    "dedupe.unknown-object", Message("no object is called '{name}'", name=rules.object), "dedupe",
                    nearest_or_all(rules.object, tables),
                )  # fmt: skip
            plan.append((name, rules))
        return _settled(plan, options)
    wanted = (options.object,) if options.object else SHIPPED
    if alone and not options.object and (of_people(tables[alone].columns) or names_people(tables[alone])):
        wanted = ("contact", "account")
    plan = []
    for doubted, kind in product((False, True) if alone else (False,), wanted):
        name, there = kind if kind in tables else alone, tables[beside].columns if beside else ()
        told = told_by_values(tables[name], whatever_headers_say=doubted) if name else {}
        if name and (found := shipped_for_both(kind, tables[name].columns, there, told)):
            plan.append((name, without_ours(found, tables[name])))
            if alone:
                break
    if not plan and alone:
        headers = tables[alone].columns
        fitting = next((kind for kind in SHIPPED if options.object and shipped_for_both(kind, headers, ())), "")
        raise nameless(alone, tables[alone], people=wanted[0] == "contact", fitting=fitting)
    return _settled(plan, options)


def _settled(plan: list[tuple[str, DedupeRules]], options: DedupeOptions) -> list[tuple[str, DedupeRules]]:
    """Return the plan with the thresholds that the command line asked for."""
    thresholds = read_thresholds(options.thresholds) if options.thresholds else None
    return [(name, replace(rules, thresholds=thresholds)) for name, rules in plan] if thresholds else plan
