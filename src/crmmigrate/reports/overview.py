"""00_迁移报告.html: the whole migration on one page, for those who answer for it; figures and names only, no values of records."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crmmigrate.messages import Message
from crmmigrate.model.issue import ASIDE_REASONS
from crmmigrate.model.object_title import object_title
from crmmigrate.model.profile import DIMENSIONS
from crmmigrate.model.reconciliation import KINDS
from crmmigrate.reports.charts import Event, Funnel, FunnelStep, Part, Spark, Timeline
from crmmigrate.reports.overview_quality import (
    duplicate_sections,
    fill_section,
    issue_section,
    quality_section,
    report_link,
)
from crmmigrate.reports.page import Badge, Bar, Grid, Link, Page, Section, write_page

if TYPE_CHECKING:
    from pathlib import Path

    from crmmigrate.model.overview import Flow, GateLine, Overview, RunLine

NAME = "00_迁移报告.html"
AUDIT_PAGE = "01_数据质量审计报告.html"
AGREEMENT_BOOK, AGREEMENT_PAGE, REJECTS_BOOK = "10_迁移核对报告.xlsx", "10_迁移核对报告.html", "待修正数据.xlsx"


def write_overview(path: Path, language: str, found: Overview) -> None:
    """Write the report.

    Raises:
        OSError: it cannot be written.
    """
    sections = [
        _headline(found), *_flow_sections(found), *_agreement_sections(found), *_gate_sections(found), quality_section(found),
        fill_section(found), issue_section(found), *duplicate_sections(found), _timeline_section(found),
    ]  # fmt: skip
    foot = [
        Message("Figures come from the manifests of the runs; no value of a record is on this page. Links lead to reports in the workspace, as long as this file lies beside them.")
    ]  # fmt: skip
    kept = [section for section in sections if section is not None]
    page = Page(Message("Migration report"), _lead(found), kept, about=found.name, foot=foot)
    write_page(path, language, page)


def _lead(found: Overview) -> Message:
    if not found.flows:
        return Message("The sources were looked at; no rows have been gathered into business objects yet.")
    source = sum(flow.source for flow in found.flows)
    expected = sum(flow.expected for flow in found.flows)
    if found.undone:
        return Message("The load was taken back: nothing of this migration is in the target any more, but for what people edited.")  # fmt: skip
    if found.reconciled is None or found.outdated:
        return Message(
            "{source} rows of {objects} objects are on their way; {expected} of them are to be loaded. What is in the target has not been reconciled yet.",
            source=f"{source:,}", objects=len(found.flows), expected=f"{expected:,}",
        )  # fmt: skip
    present = sum(flow.in_target or 0 for flow in found.flows)
    if found.reconciled["agrees"]:
        return Message(
            "Of {source} rows in the sources {expected} were to be loaded, and all of them are in the target with every value as expected. The other {aside} are each accounted for.",
            source=f"{source:,}", expected=f"{expected:,}", aside=f"{source - expected:,}",
        )  # fmt: skip
    return Message(
        "Of {source} rows in the sources {expected} were to be loaded; {present} are in the target, and {count} differences are to be settled.",
        source=f"{source:,}", expected=f"{expected:,}", present=f"{present:,}", count=f"{found.reconciled['differences']:,}",
    )  # fmt: skip


def _headline(found: Overview) -> Section:
    figures: list[tuple[Message, Any]] = []
    if found.flows:
        figures.append((Message("In the sources"), Link(sum(flow.source for flow in found.flows), "#rows")))
        figures.append((Message("To be loaded"), Link(sum(flow.expected for flow in found.flows), "#rows")))
    if found.reconciled is not None and not found.outdated:
        figures.append((Message("In target"), Link(sum(flow.in_target or 0 for flow in found.flows), "#rows")))
        figures.append((Message("Reconciliation"), Link(_agreement(found), "#reconciliation")))
    if judged := [gate for gate in found.gates if gate.met is not None]:
        met = sum(bool(gate.met) for gate in judged)
        told = Badge(Message("{met} / {all} met", met=met, all=len(judged)), "good" if met == len(judged) else "poor")
        figures.append((Message("Quality gates"), Link(told, "#gates")))
    if found.score is not None:
        figures.append((Message("Quality of the sources"), report_link(found, f"{found.score:.0f} / 100", AUDIT_PAGE)))
    notes = []
    if found.outdated:
        notes.append(Message("The newest load has not been reconciled; the reconciliation below is about an earlier one."))  # fmt: skip
    if found.reworked:
        notes.append(Message("These steps were run again after the newest load: {steps}.", steps=", ".join(found.reworked)))  # fmt: skip
    if not found.log_whole:
        notes.append(Message("The log of the workspace is broken: a line does not fit the one before it."))
    return Section("", notes, figures)


def _agreement(found: Overview) -> Badge:
    if found.reconciled is None:
        return Badge(Message("not done yet"))
    if found.reconciled["agrees"]:
        return Badge(Message("agrees"), "good")
    return Badge(Message("{count} differences", count=f"{found.reconciled['differences']:,}"), "poor")


_FLOW_TITLES = (
    Message("Object"), Message("In the sources"), Message("− out of scope"), Message("− merged"), Message("− set aside"), Message("− rejected"),
    Message("= expected"), Message("In target"), Message("Result"),
)  # fmt: skip


def _flow_sections(found: Overview) -> list[Section]:
    if not found.flows:
        return []
    rows = []
    for flow in found.flows:
        aside = [
            report_link(found, flow.aside.get(reason, 0), *((REJECTS_BOOK, AGREEMENT_BOOK) if reason == "rejected" else (AGREEMENT_BOOK,)))
            for reason in ASIDE_REASONS
        ]  # fmt: skip
        rows.append([object_title(flow.object), flow.source, *aside, flow.expected, flow.in_target, _flow_badge(flow)])
    notes = [
        Message("Every row of the sources is in the target or left the road for a reason that is known: source − out of scope − merged − set aside − rejected = in target. The rows behind a linked figure are in the workbook it leads to.")
    ]  # fmt: skip
    grid = Grid(_FLOW_TITLES, rows, Message("The equation"))
    funnels = sorted(map(_funnel, found.flows), key=lambda one: -len(one.steps))
    return [Section(Message("From the sources to the target"), notes, grids=[grid], cards=funnels, anchor="rows")]  # fmt: skip


def _flow_badge(flow: Flow) -> Badge:
    if flow.agrees is None:
        return Badge(Message("not reconciled"))
    return Badge(Message("agrees"), "good") if flow.agrees else Badge(Message("differs"), "poor")


def _funnel(flow: Flow) -> Funnel:
    aside = flow.aside
    inside = flow.source - aside.get("out_of_scope", 0)
    golden = inside - aside.get("merged", 0)
    steps = [
        FunnelStep(Message("in scope"), inside, _lost(aside, "out_of_scope")),
        FunnelStep(Message("after merging"), golden, _lost(aside, "merged")),
        FunnelStep(Message("to be loaded"), flow.expected, _lost(aside, "quarantined", "rejected")),
    ]
    # A step at which nothing is lost is not worth a bar.
    steps = [FunnelStep(Message("sources"), flow.source), *(step for step in steps if step.lost)]
    if flow.in_target is not None:
        steps.append(FunnelStep(Message("in the target"), flow.in_target))
    elif len(steps) == 1:
        steps.append(FunnelStep(Message("to be loaded"), flow.expected))
    badge = _flow_badge(flow)
    return Funnel(object_title(flow.object), steps, "" if badge.rank == "none" else badge.text, badge.rank)


def _lost(aside: Any, *reasons: str) -> list[tuple[Message, int]]:
    return [(ASIDE_REASONS[reason], aside.get(reason, 0)) for reason in reasons if aside.get(reason, 0)]


def _agreement_sections(found: Overview) -> list[Section]:
    facts = found.reconciled
    if facts is None:
        return []
    links = (AGREEMENT_PAGE, AGREEMENT_BOOK)
    figures: list[tuple[Message, Any]] = [
        (Message("Result"), report_link(found, _agreement(found), *links)),
        (Message("Differing rows and cells"), report_link(found, int(facts["differences"]), *links)),
        (Message("Strangers"), sum(facts.get("strangers", {}).values())),
        (Message("Kept by policy"), sum(facts.get("explained", {}).values())),
        (Message("Totals out of tolerance"), sum(facts.get("totals_off", {}).values())),
    ]
    if left_over := facts.get("left_over"):
        rows = sum(told["gone"] + told["set_aside"] for told in left_over.values())
        figures.append((Message("Loaded earlier, not expected"), rows))
    notes = [
        Message("Row by row and cell by cell, the target was compared with what was to be loaded. Strangers are rows of the target's table that this migration did not make.")
    ]  # fmt: skip
    kinds = [[KINDS.get(kind, kind), report_link(found, count, *links)] for kind, count in facts["kinds"].items()]
    grids = (
        [Grid([Message("What is wrong"), Message("How often")], kinds, Message("Differences by kind"))] if kinds else []
    )
    return [Section(Message("Reconciliation with the target"), notes, figures, grids, anchor="reconciliation")]


_GATE_TITLES = (Message("Gate"), Message("Measured"), Message("Limit"), Message("Result"), Message("Over the runs"))


def _gate_sections(found: Overview) -> list[Section]:
    if not found.gates:
        return []
    rows = [[gate.title, gate.value or "–", gate.limit, _gate_badge(gate), _trend(gate)] for gate in found.gates]
    lacking = [
        Message("{gate}: {why}", gate=gate.title, why=gate.lacking) for gate in found.gates if gate.met is False and not gate.value and gate.lacking
    ]  # fmt: skip
    scores = [[DIMENSIONS[name], Bar(found.dimensions[name])] for name in DIMENSIONS if name in found.dimensions]
    grids = [Grid(_GATE_TITLES, rows)]
    if scores:
        grids.append(
            Grid([Message("Dimension"), Message("Score")], scores, Message("Quality of the sources by dimension"))
        )
    return [Section(Message("Quality gates"), lacking, grids=grids, anchor="gates")]


def _gate_badge(gate: GateLine) -> Badge:
    if gate.off:
        return Badge(Message("switched off"))
    if gate.met is None:
        return Badge(Message("not judged yet"))
    return Badge(Message("met"), "good") if gate.met else Badge(Message("NOT met"), "poor")


def _trend(gate: GateLine) -> Any:
    return Spark(gate.trend, gate.trend_text) if len(gate.trend) > 1 else None


_RUN_TITLES = (
    Message("Began"), Message("Step"), Message("State"), Message("Took"), Message("Rows"), Message("Left the road"), Message("Operator"), Message("Reports"),
)  # fmt: skip
_TONES = {"done": "s0", "running": "s3", "stopped": "s3", "failed": "s4"}


def _timeline_section(found: Overview) -> Section | None:
    from crmmigrate.model.manifest import STATES

    if not found.runs:
        return None
    titles = list(dict.fromkeys(run.title for run in found.runs))
    events = [
        Event(titles.index(run.title), run.began, run.ended or run.began, "s2" if run.trial and run.state == "done" else _TONES.get(run.state, "s1"),
              Message("{step}, {took}", step=run.title, took=_took(run)))
        for run in found.runs
    ]  # fmt: skip
    parts = [Part(Message("done"), "s0"), Part(Message("trial"), "s2"), Part(Message("stopped"), "s3"), Part(Message("failed"), "s4")]  # fmt: skip
    used = {event.tone for event in events}
    picture = Timeline(Message("What was run when"), titles, events, [part for part in parts if part.tone in used])
    rows = [
        [f"{run.began.astimezone():%Y-%m-%d %H:%M:%S}", Message("{step} (trial)", step=run.title) if run.trial else run.title,
         Badge(STATES.get(run.state, run.state), {"done": "good", "failed": "poor"}.get(run.state, "fair")), _took(run), run.rows or None,
         run.aside or None, run.operator, _links(run)]
        for run in reversed(found.runs)
    ]  # fmt: skip
    notes = [Message("{count} earlier runs are not shown.", count=found.more)] if found.more else []
    grid = Grid(_RUN_TITLES, rows, Message("Runs, the newest first"), filters=(1, 2))
    return Section(Message("Timeline of the runs"), notes, grids=[grid], charts=[picture], anchor="runs")


def _took(run: RunLine) -> str:
    if run.seconds is None:
        return "–"
    minutes, seconds = divmod(round(run.seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def _links(run: RunLine) -> list[Link]:
    page = [Link(Message("this run"), run.href)] if run.href else []
    return [*page, *(Link(name, href) for name, href in run.reports if name.endswith((".html", ".xlsx")))]
