"""00_运行报告.html: one run of one stage, with some of the rows behind each of its figures, values masked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crmmigrate.messages import Message
from crmmigrate.model.issue import ASIDE_REASONS, CODES, SEVERITIES
from crmmigrate.model.manifest import STATES
from crmmigrate.model.object_title import object_title
from crmmigrate.model.overview import CLASS_TITLES, SEVERITY_TITLES
from crmmigrate.reports.charts import Part, Stack
from crmmigrate.reports.overview_quality import RANKS
from crmmigrate.reports.page import Badge, Bar, Grid, Link, Page, Section, write_page

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from crmmigrate.model.overview import Example, RunStory


def write_run_page(path: Path, language: str, story: RunStory) -> None:
    """Write the page.

    Raises:
        OSError: it cannot be written.
    """
    line = story.line
    count = sum(one.count for one in story.noted)
    lead = Message("The run came to its end without findings; {count} things were noted about cells and rows.", count=f"{count:,}")  # fmt: skip
    if line.state != "done":
        lead = Message("The run did not come to its end: it is {state}.", state=STATES.get(line.state, line.state))
    elif story.findings:
        lead = Message("The run ended with {count} findings.", count=len(story.findings))
    sections = [_figures(story), _accounting(story), _issues(story), _aside(story), _tables(story), _versions(story)]
    foot = [Message("Of rows only the first of each kind are shown, values by their first and last character; the run's tables hold them all.")]  # fmt: skip
    kept = [section for section in sections if section is not None]
    write_page(path, language, Page(line.title, lead, kept, about=line.run, foot=foot))


def _figures(story: RunStory) -> Section:
    line = story.line
    rank = {"done": "good", "failed": "poor"}.get(line.state, "fair")
    figures: list[tuple[Message, Any]] = [
        (Message("State"), Badge(STATES.get(line.state, line.state), rank)),
        (Message("Began"), f"{line.began.astimezone():%Y-%m-%d %H:%M}"),
        (Message("Seconds"), "–" if line.seconds is None else f"{line.seconds:,.0f}"),
        (Message("Operator"), line.operator),
        (Message("Exit code"), story.exit_code),
    ]
    reports = [[Link(name, href)] for name, href in line.reports]
    findings = [[finding] for finding in story.findings]
    grids = [
        *([Grid([Message("Finding")], findings, Message("Findings"))] if findings else []),
        *([Grid([Message("File")], reports, Message("Reports of this run"))] if reports else []),
    ]
    return Section("", [Message("Tables came from {run}.", run=story.parent)] if story.parent else [], figures, grids)


def _accounting(story: RunStory) -> Section | None:
    tables = {name: figures for name, figures in story.accounting.items() if figures["in"]}
    if not tables:
        return None
    ways = (Message("goes on"), *ASIDE_REASONS.values())
    parts = [Part(title, f"s{number}") for number, title in enumerate(ways)]
    rows = [(name, [its["out"], *(its.get(reason, 0) for reason in ASIDE_REASONS)]) for name, its in tables.items()]
    titles = [Message("Table"), Message("Rows in"), Message("Rows out"), *ASIDE_REASONS.values()]
    lines = [[object_title(name), its["in"], its["out"], *(its.get(reason, 0) for reason in ASIDE_REASONS)] for name, its in tables.items()]  # fmt: skip
    picture = Stack(Message("Where the rows went"), parts, rows, whole=True)
    left = any(its.get(reason) for its in tables.values() for reason in ASIDE_REASONS)
    return Section(Message("Rows"), grids=[Grid(titles, lines)], charts=[picture] if left else [])


def _issues(story: RunStory) -> Section | None:
    if not story.noted:
        return None
    titles = [
        Message("Severity"), Message("Class"), Message("What was noted"), Message("Code"), Message("Table"), Message("Column"), Message("Count"),
    ]  # fmt: skip
    order = {severity: number for number, severity in enumerate(reversed(SEVERITIES))}
    rows = [
        [Badge(SEVERITY_TITLES[one.severity], RANKS[one.severity]), CLASS_TITLES[one.kind], CODES.get(one.code, one.code), one.code, one.table,
         one.column, Link(one.count, f"#{story.anchors[one.code]}") if one.code in story.examples else one.count]
        for one in sorted(story.noted, key=lambda one: (order[one.severity], -one.count))
    ]  # fmt: skip
    grids = [Grid(titles, rows, filters=(0, 1, 4), search=True)]
    grids += [
        _some(Message("{code}: {title}", code=code, title=CODES.get(code, code)), examples, story.anchors[code])
        for code, examples in sorted(story.examples.items(), key=lambda item: int(story.anchors[item[0]][1:]))
    ]
    return Section(Message("Issues"), grids=grids, anchor="issues")


def _some(caption: Message, examples: Sequence[Example], anchor: str) -> Grid:
    titles = [Message("Place"), Message("Column"), Message("Before"), Message("After"), Message("Rule")]
    rows = [[one.place, one.column, one.before, one.after, one.rule] for one in examples]
    return Grid(titles, rows, caption, folded=True, anchor=anchor)


def _aside(story: RunStory) -> Section | None:
    if not story.aside:
        return None
    titles = [Message("Reason"), Message("Code"), Message("Meaning of the code"), Message("Rows")]
    rows = []
    grids = []
    for number, ((reason, code), count) in enumerate(story.aside.items(), 1):
        rows.append([ASIDE_REASONS.get(reason, reason), code, CODES.get(code, code), Link(count, f"#a{number}")])
        caption = Message("{code}: {title}", code=code, title=CODES.get(code, code))
        heads = [Message("Place"), Message("Column"), Message("Value"), Message("Went into")]
        lines = [[one.place, one.column, one.before, one.after] for one in story.aside_examples[reason, code]]
        grids.append(Grid(heads, lines, caption, folded=True, anchor=f"a{number}"))
    return Section(Message("Rows that left the road"), grids=[Grid(titles, rows), *grids])


def _tables(story: RunStory) -> Section | None:
    if not story.tables:
        return None
    titles = [Message("Table"), Message("Number of rows"), Message("Number of columns"), Message("Filled")]
    rows = [
        [object_title(name), rows, columns or None, Bar(filled, 0.8)] for name, rows, columns, filled in story.tables
    ]
    return Section(Message("Tables"), grids=[Grid(titles, rows)])


def _versions(story: RunStory) -> Section | None:
    rows = [[name, version] for name, version in story.versions.items()]
    heads = [Message("Program"), Message("Version")]
    return Section(Message("Made with"), grids=[Grid(heads, rows)]) if rows else None
