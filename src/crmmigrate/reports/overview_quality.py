"""The part of 00_迁移报告.html about the data: columns before and after, filled cells, classes of issues, duplicates by score."""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING, Any

from crmmigrate.messages import Message
from crmmigrate.model.issue import CODES, SEVERITIES
from crmmigrate.model.object_title import object_title
from crmmigrate.model.overview import CLASS_TITLES, SEVERITY_TITLES, STEP_TITLES
from crmmigrate.reports.charts import Change, Chart, Part, Series, Stack, Zone, percent
from crmmigrate.reports.page import Badge, Bar, Grid, Link, Section

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crmmigrate.model.overview import ColumnStory, Overview

FATE_PARTS = (
    ("right", Message("right in the source"), "s0"), ("mended", Message("mended"), "s2"), ("emptied", Message("said nothing, emptied"), "s1"),
    ("doubtful", Message("kept though doubtful"), "s3"), ("unusable", Message("unusable"), "s4"),
)  # fmt: skip
RANKS = {"info": "none", "warning": "fair", "error": "poor"}
_TONES = {"info": "s0", "warning": "s3", "error": "s4"}


def report_link(found: Overview, text: Any, *names: str) -> Any:
    """Return `text` as a link to the first of the reports that is there, else as it is."""
    href = next((found.places[name] for name in names if name in found.places), "")
    return Link(text, href) if href and text else text


_MOST = 1500
"""Rows of a table on the page; what is beyond them is the rarest."""


def _cut(count: int) -> list[Message]:
    """Return the sentence that says how many rows of a table are left out, if any are."""
    return (
        [Message("The table shows {shown} of {count} rows.", shown=f"{_MOST:,}", count=f"{count:,}")]
        if count > _MOST
        else []
    )


def quality_section(found: Overview) -> Section | None:
    """Return how many cells were in the standard form before and after, object by object and column by column."""
    stories = [story for story in found.columns if sum(story.fates.values())]
    if not stories:
        return None
    objects = dict.fromkeys(story.object for story in stories)
    parts = [Part(title, tone) for _, title, tone in FATE_PARTS]
    rows = [
        (object_title(name), [sum(story.fates.get(fate, 0) for story in stories if story.object == name) for fate, _, _ in FATE_PARTS])
        for name in objects
    ]  # fmt: skip
    titles = [
        Message("Object"), Message("Column"), Message("In standard form, before → after"), Message("Filled cells"), Message("Mended"),
        Message("Emptied"), Message("Doubtful"), Message("Unusable"),
    ]  # fmt: skip
    lines = []
    hrefs = _hrefs(found)
    for story in sorted(stories, key=lambda one: list(objects).index(one.object))[:_MOST]:
        fates = [_to_issues(hrefs, story, fate) for fate in ("mended", "emptied", "doubtful", "unusable")]
        lines.append(
            [
                object_title(story.object),
                story.column,
                Change(story.before, story.after),
                sum(story.fates.values()),
                *fates,
            ]
        )
    notes = [
        Message("The data standard looks at every filled cell of these columns. Mended cells were written in the standard form; unusable ones stay as they are, and their rows are rejected where the target requires the value.")
    ]  # fmt: skip
    return Section(
        Message("Quality by column"), [*notes, *_cut(len(stories))], charts=[Stack(Message("What became of the cells"), parts, rows, whole=True)],
        grids=[Grid(titles, lines, Message("Columns"), filters=(0,), search=True)], anchor="quality",
    )  # fmt: skip


def _hrefs(found: Overview) -> dict[tuple[str, str, str], str]:
    """Return table, column and severity (or none) → where the rows of its most frequent issue are."""
    hrefs: dict[tuple[str, str, str], str] = {}
    for one in found.noted:
        if one.stage == "standardise":
            hrefs.setdefault((one.table, one.column, one.severity), one.href)
            hrefs.setdefault((one.table, one.column, ""), one.href)
    return hrefs


def _to_issues(hrefs: Mapping[tuple[str, str, str], str], story: ColumnStory, fate: str) -> Any:
    """Return a figure, leading to the rows of the most frequent issue of this column that it is made of."""
    count = story.fates.get(fate, 0) or None
    href = hrefs.get((story.object, story.column, {"doubtful": "warning", "unusable": "error"}.get(fate, "")))
    return Link(count, href) if count and href else count


def fill_section(found: Overview) -> Section | None:
    """Return which share of each column is filled, from step to step, and in the target's tables."""
    steps = [
        step
        for step in ("scope", "standardise", "fill", "dedupe")
        if any(step in story.filled for story in found.columns)
    ]
    if not steps:
        return None
    ends = {"scope": Message("In the sources"), "standardise": Message("After standardising"), "fill": Message("After filling"),
            "dedupe": Message("In golden records")}  # fmt: skip
    titles = [
        Message("Object"),
        Message("Column"),
        *(ends[step] for step in steps),
        Message("Sources → golden records"),
    ]
    rows = [
        [object_title(story.object), story.column, *(percent(story.filled.get(step)) for step in steps), Change(story.filled.get(steps[0]), story.filled.get(steps[-1]))]
        for story in found.columns[:_MOST]
    ]  # fmt: skip
    grids = [Grid(titles, rows, Message("Columns of the objects"), filters=(0,), search=True)]
    if found.target_columns:
        target = [[object_title(name), column, Bar(share, 0.8)] for name, column, share in found.target_columns[:_MOST]]
        heads = [Message("Object"), Message("Column of the target"), Message("Filled")]
        grids.append(Grid(heads, target, Message("Columns of the target's tables"), folded=True, search=True))
    notes = [Message("Share of the rows in scope that hold a value. Duplicates that were merged complete each other, so golden records are fuller.")]  # fmt: skip
    return Section(Message("Fill rates"), [*notes, *_cut(len(found.columns))], grids=grids, anchor="fill")


def issue_section(found: Overview) -> Section | None:
    """Return the issues by class, severity and code; each figure leads to the rows."""
    if not found.noted:
        return None
    by_class: dict[str, Counter[str]] = {}
    by_code: Counter[tuple[str, str, str, str, str]] = Counter()
    hrefs: dict[tuple[str, str], str] = {}
    for one in found.noted:
        by_class.setdefault(one.kind, Counter())[one.severity] += one.count
        by_code[one.stage, one.table, one.code, one.severity, one.kind] += one.count
        hrefs.setdefault((one.stage, one.code), one.href)
    parts = [Part(SEVERITY_TITLES[severity], _TONES[severity]) for severity in SEVERITIES]
    rows = [
        (CLASS_TITLES[kind], [by_class[kind][severity] for severity in SEVERITIES]) for kind in ("FMT", "LOGIC", "MAP") if kind in by_class
    ]  # fmt: skip
    lines = [
        [STEP_TITLES[stage], table, Badge(SEVERITY_TITLES[severity], RANKS[severity]), kind, CODES.get(code, code), code, Link(count, hrefs[stage, code])]
        for (stage, table, code, severity, kind), count in sorted(by_code.items(), key=lambda item: (-SEVERITIES.index(item[0][3]), -item[1]))[:_MOST]
    ]  # fmt: skip
    titles = [
        Message("Step"), Message("Object"), Message("Severity"), Message("Class"), Message("What was noted"), Message("Code"), Message("Count"),
    ]  # fmt: skip
    notes = [Message("Field mapping, format and logic are the three classes of errors. A count leads to rows behind it, by their place and with masked values.")]  # fmt: skip
    return Section(
        Message("Issues"), [*notes, *_cut(len(by_code))], charts=[Stack(Message("Issues by class"), parts, rows)],
        grids=[Grid(titles, lines, Message("Issues by code"), filters=(0, 1, 2, 3), search=True)], anchor="issues",
    )  # fmt: skip


def duplicate_sections(found: Overview) -> list[Section]:
    """Return the pairs of duplicates by score, with the thresholds."""
    charts = [chart for name, facts in found.duplicates.items() if (chart := _scores(name, facts)) is not None]
    if not found.duplicates:
        return []
    rows = [
        [object_title(name), facts["records"], facts["merged"], report_link(found, facts["pairs_to_review"], "05_疑似重复审核表.xlsx"),
         f"{facts['merge_threshold']:.4g}", f"{facts['review_threshold']:.4g}", f"{facts['residual_duplicate_estimate']:.2%}"]
        for name, facts in found.duplicates.items()
    ]  # fmt: skip
    titles = [
        Message("Object"), Message("Records"), Message("Merged into others"), Message("Pairs for people"), Message("Merged from"), Message("Asked from"),
        Message("Residual duplicates, estimated"),
    ]  # fmt: skip
    notes = [Message("Pairs of records by the probability that they are one and the same. Counts are drawn on a scale of logarithms.")]  # fmt: skip
    page = report_link(
        found, Message("How the records were compared, and what other thresholds would do"), "05_去重报告.html"
    )
    more = [page] if isinstance(page, Link) else []
    return [
        Section(Message("Duplicates"), [*notes, *more], grids=[Grid(titles, rows)], charts=charts, anchor="duplicates")
    ]


def _scores(name: str, facts: Mapping[str, Any]) -> Chart | None:
    spread = {float(bits): int(pairs) for bits, pairs in facts.get("scores", ())}
    if not spread:
        return None
    # Bars begin at the thresholds, of which the spread knows the quarter of a bit.
    ask, merge = (math.ceil(_bits(facts[name]) * 4) / 4 for name in ("review_threshold", "merge_threshold"))
    low, high = (_bar_of(min(max(bits, -12.0), 25.0), merge) for bits in (min(spread), max(spread)))
    points: Counter[float] = Counter()
    for bits, pairs in spread.items():
        points[min(max(_bar_of(bits, merge), low), high)] += pairs
    steps = [low + step / 2 for step in range(int((high - low) * 2) + 1)]
    ticks = [(bits, f"{1 / (1 + 2**-bits):.3g}") for bits in (-10, -5, -2, 0, 2, 5, 10) if low <= bits <= high]
    zones = [
        Zone(-math.inf, Message("below both thresholds"), "s1"), Zone(ask, Message("between them: people decide"), "s3"),
        Zone(merge, Message("from the upper one on: merged, unless something speaks against it"), "s0"),
    ]  # fmt: skip
    marks = [
        (merge, Message("merge from {chance}", chance=f"{facts['merge_threshold']:.4g}")),
        (ask, Message("ask from {chance}", chance=f"{facts['review_threshold']:.4g}")),
    ]
    bars = Series(Message("pairs"), [(bits, float(points.get(bits, 0))) for bits in steps])
    return Chart(
        Message("{object}: pairs by their probability", object=object_title(name)), bars, [], ticks, marks, zones
    )


def _bar_of(bits: float, merge: float) -> float:
    """Return where the bar of a score begins: bars are half a bit wide, and one begins at the threshold for merging."""
    return merge + math.floor((bits - merge) * 2) / 2


def _bits(chance: float) -> float:
    return math.log2(chance / (1 - chance)) if 0 < chance < 1 else 25.0
