"""05_去重报告.html: what was merged, how sure that is, what people are asked and why, where the thresholds lie."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from crmmigrate.messages import Message
from crmmigrate.model.issue import REFERENCE
from crmmigrate.model.never_words import in_words
from crmmigrate.model.object_title import object_title
from crmmigrate.reports.charts import Chart, Series, Zone
from crmmigrate.reports.page import Bar, Grid, Page, Section, write_page

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from crmmigrate.model.duplicates import Summary

_TRIED = (0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.999, 0.9999)
_POLICIES = {
    "most_complete": Message("most complete record"), "newest": Message("newest"), "longest": Message("longest"),
    "most_frequent": Message("most frequent"), "source_priority": Message("order of sources"),
    "verified_first": Message("verified first"), "union": Message("all of them"),
    "valid_first": Message("valid before empty or invalid"), "decision": Message("chosen by a person"),
}  # fmt: skip


def write_duplicates(path: Path, language: str, summaries: Sequence[Summary]) -> None:
    """Write the report.

    Args:
        path: the .html file.
        language: `en` or `zh`.
        summaries: one per object; no value of a record is in them.

    Raises:
        OSError: it cannot be written.
    """
    merged = sum(_figure(summary, "merged") for summary in summaries)
    asked = sum(_figure(summary, "pairs_to_review") for summary in summaries)
    records = sum(_figure(summary, "records") for summary in summaries)
    lead = Message(
        "{merged} of {records} records were merged into others; {asked} pairs wait for people.",
        merged=f"{merged:,}", records=f"{records:,}", asked=f"{asked:,}",
    )  # fmt: skip
    sections = [_section(summary) for summary in summaries]
    write_page(path, language, Page(Message("De-duplication"), lead, sections))


def _figure(summary: Summary, name: str) -> int:
    return int(summary.facts.get(name, 0))


def _section(summary: Summary) -> Section:
    figures: list[tuple[Message, Any]] = [
        (Message("Records"), _figure(summary, "records")),
        (Message("Merged into others"), _figure(summary, "merged")),
        (Message("Golden records made of several"), summary.groups),
        (Message("Largest group"), summary.largest),
        (Message("Pairs for people"), _figure(summary, "pairs_to_review")),
        (Message("Kept apart by a rule"), sum(summary.kept_apart.values())),
    ]
    at = summary.at_merge
    if at is not None and at.precision is not None:
        figures += [
            (Message("Precision of merges, estimated"), f"{at.precision:.2%}"),
            (Message("Recall, estimated"), f"{at.recall or 0:.1%}"),
        ]
    threshold = Message("picked by the program") if summary.picked else Message("set by the rules")
    notes = [
        Message(
            "Merged from {merge} on ({how}), asked from {review} on. {compared} pairs were compared; blocking left out {ratio} of all pairs.",
            merge=f"{summary.merge:.4g}", how=threshold, review=f"{summary.review:.4g}",
            compared=f"{_figure(summary, 'pairs_compared'):,}", ratio=f"{float(summary.facts.get('reduction_ratio', 0)):.4%}",
        ),
        Message("Precision and recall are estimated from the scores of the compared pairs: each is taken to be one thing with its probability. Records that are equal in every field compared are not among these pairs."),
    ]  # fmt: skip
    grids = [_thresholds(summary), _asked(summary), _people(summary), _taken(summary), _weights(summary)]
    return Section(
        object_title(summary.object), notes, figures, [grid for grid in grids if grid is not None], _charts(summary)
    )


def _charts(summary: Summary) -> list[Chart]:
    steps = [step for step in summary.steps if -12 <= step.bits <= 25]
    if not any(step.free or step.held for step in summary.steps):
        return []
    ticks = [(step.bits, f"{step.chance:.3g}") for step in steps if step.bits in (-10, -5, -2, 0, 2, 5, 10, 20)]
    marks = [(_bits(summary.merge), Message("merge")), (_bits(summary.review), Message("ask"))]
    zones = [
        Zone(-math.inf, Message("below both thresholds"), "s1"), Zone(marks[1][0], Message("between them: people decide"), "s3"),
        Zone(marks[0][0], Message("from the upper one on: merged, unless something speaks against it"), "s0"),
    ]  # fmt: skip
    bars = Series(Message("pairs"), [(step.bits, float(step.free + step.held)) for step in steps])
    lines = [
        Series(Message("precision"), [(step.bits, step.precision) for step in steps if step.precision is not None]),
        Series(Message("recall"), [(step.bits, step.recall) for step in steps if step.recall is not None]),
    ]
    return [
        Chart(
            Message("Pairs by their probability, and what a threshold there would mean"),
            bars,
            lines,
            ticks,
            marks,
            zones,
        )
    ]


def _bits(chance: float) -> float:
    return math.log2(chance / (1 - chance)) if chance < 1 else 25.0


def _thresholds(summary: Summary) -> Grid | None:
    rows = []
    for chance in sorted({*_TRIED, summary.merge}):
        step = summary.at(chance)
        if step is not None and step.precision is not None:
            here = f"{chance:.6g}" + (" ←" if chance == summary.merge else "")
            rows.append([here, step.merged, Bar(step.precision, 0.995), Bar(step.recall, 0.9)])
    heads = [
        Message("Threshold"),
        Message("Pairs merged"),
        Message("Precision, estimated"),
        Message("Recall, estimated"),
    ]
    return Grid(heads, rows, Message("What another threshold would do")) if rows else None


def _asked(summary: Summary) -> Grid | None:
    rows: list[list[Any]] = [[why, count, Message("people decide")] for why, count in summary.asked]
    rows += [
        [Message("rule: {rule}", rule=in_words(text)), count, Message("kept apart")]
        for text, count in summary.kept_apart.items()
    ]
    heads = [Message("Why"), Message("Pairs"), Message("What becomes of them")]
    return Grid(heads, rows, Message("Pairs that were not merged")) if rows else None


def _people(summary: Summary) -> Grid | None:
    words = {"merge": Message("merge"), "separate": Message("keep apart")}
    rows = [[words[verdict], count] for verdict, count in summary.decided.items() if verdict in words]
    return Grid([Message("Decision"), Message("Pairs")], rows, Message("Decided by people")) if rows else None


def _taken(summary: Summary) -> Grid | None:
    rows = [
        [
            object_title(column.removeprefix(REFERENCE)) if column.startswith(REFERENCE) else column,
            _POLICIES.get(policy, policy),
            count,
        ]
        for (column, policy), count in summary.taken.items()
    ]
    heads = [Message("Field"), Message("By"), Message("Number of values")]
    caption = Message("Values about which merged records differed, or that came from another record than the survivor")
    return Grid(heads, rows, caption, folded=True) if rows else None


def _weights(summary: Summary) -> Grid:
    rows = [[weight.column, weight.level, f"{weight.bits:+.1f}", weight.pairs] for weight in summary.weights]
    heads = [Message("Field"), Message("Agreement"), Message("Weight (bits)"), Message("Pairs")]
    return Grid(heads, rows, Message("What each agreement weighs; a rare shared value weighs more"), folded=True)
