"""The house style of HTML reports: one file that needs no network, in two languages, light and dark, printable.

A report says what it shows (`Section`, `Grid`, `Chart`, `Bar`); how it looks is in `templates/page.html`. Every value is escaped.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from crmmigrate.messages import Message
from crmmigrate.model.privacy import DECLARATION, NOTICE

if TYPE_CHECKING:
    from pathlib import Path

Text = Message | str


@dataclass(frozen=True)
class Bar:
    """A share, drawn as a small bar.

    Args:
        share: 0 to 1; None where there is nothing to measure.
        good: at or above it the bar is green, below 0.8 of it red.
    """

    share: float | None
    good: float = 0.95

    @property
    def percent(self) -> str:
        """The share for people; a share below 1 is never rounded up to 100 %."""
        if self.share is None:
            return "–"
        return "100%" if self.share >= 1 else f"{min(self.share * 100, 99.9):.1f}%"

    @property
    def width(self) -> str:
        """The bar's length, of 100."""
        return f"{100 * min(max(self.share or 0.0, 0.0), 1.0):.1f}"

    @property
    def rank(self) -> str:
        """The bar's class: good, fair, poor or none."""
        if self.share is None:
            return "none"
        return "good" if self.share >= self.good else "fair" if self.share >= 0.8 * self.good else "poor"


@dataclass(frozen=True)
class Badge:
    """A word in colour: good, fair, poor or none."""

    text: Text
    rank: str = "none"


@dataclass(frozen=True)
class Grid:
    """A table.

    Args:
        headers: of its columns.
        rows: cells: text, `Message`, numbers, `Bar`, `Badge`, None, or a list of texts, shown one below the other.
        caption: above it; a grid with a caption and `folded` opens on a click.
        folded: whether it is closed at first.
        empty: shown in place of a table without rows.
    """

    headers: Sequence[Text]
    rows: Sequence[Sequence[Any]]
    caption: Text = ""
    folded: bool = False
    empty: Text = ""


@dataclass(frozen=True)
class Series:
    """Points (x, y) of a chart, in order of x, with their name."""

    name: Text
    points: Sequence[tuple[float, float]]


@dataclass(frozen=True)
class Chart:
    """Bars (their height on a scale of logarithms) and lines (from 0 to 1) over one axis, drawn as SVG.

    Args:
        caption: above it.
        bars: counts at evenly spaced x.
        lines: shares.
        ticks: x and what stands below the axis there.
        marks: x and the word of an upright line there.
    """

    caption: Text
    bars: Series
    lines: Sequence[Series]
    ticks: Sequence[tuple[float, str]]
    marks: Sequence[tuple[float, Text]] = ()

    WIDTH, HEIGHT = 720, 220

    def across(self, x: float) -> float:
        """Return where x lies from the left."""
        xs = [point for point, _ in self.bars.points]
        span = (xs[-1] - xs[0]) or 1
        return round(40 + (self.WIDTH - 60) * min(max((x - xs[0]) / span, 0.0), 1.0), 1)

    def bar(self, count: float) -> float:
        """Return the height of a bar."""
        highest = max(value for _, value in self.bars.points) or 1
        return round(self.HEIGHT * math.log1p(count) / math.log1p(highest), 1)

    @property
    def step(self) -> float:
        """The width of a bar."""
        return max(round((self.WIDTH - 60) / max(len(self.bars.points), 1) - 1, 1), 1.0)

    def path(self, line: Series) -> str:
        """Return a line as the `points` of a polyline."""
        return " ".join(f"{self.across(x)},{round(10 + self.HEIGHT * (1 - y), 1)}" for x, y in line.points)


@dataclass(frozen=True)
class Section:
    """A heading, sentences, figures, charts and tables."""

    title: Text
    notes: Sequence[Text] = ()
    figures: Sequence[tuple[Text, Any]] = ()
    grids: Sequence[Grid] = ()
    charts: Sequence[Chart] = ()


@dataclass(frozen=True)
class Page:
    """A report.

    Args:
        title: headline.
        lead: one sentence below it: the answer to the question the reader has.
        sections: in order.
        signatures: the roles that sign at the end.
        personal: it holds personal data by design; it says so itself, to people and to the privacy scan.
    """

    title: Text
    lead: Text = ""
    sections: Sequence[Section] = field(default_factory=tuple)
    signatures: Sequence[Text] = ()
    personal: bool = False


def write_page(path: Path, language: str, page: Page) -> None:
    """Write the report as one HTML file.

    Raises:
        OSError: the file can't be written.
    """
    path.write_text(render_page(page, language), encoding="utf-8", newline="\n")


def render_page(page: Page, language: str) -> str:
    """Return the report as HTML."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("crmmigrate.reports"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )  # fmt: skip
    environment.filters["say"] = lambda value: _said(value, language)
    environment.tests["bar"] = lambda value: isinstance(value, Bar)
    environment.tests["badge"] = lambda value: isinstance(value, Badge)
    environment.tests["list"] = lambda value: isinstance(value, list | tuple)
    words = {
        "made": Message("Made by crmmigrate on {day}", day=f"{datetime.now().astimezone():%Y-%m-%d %H:%M}"),
        "sign": Message("Sign-off"), "personal": NOTICE, "declaration": DECLARATION,
        "heads": [Message("Role"), Message("Full name"), Message("Agreed (yes / no)"), Message("Remarks"), Message("Signature"), Message("Date")],
    }  # fmt: skip
    return environment.get_template("page.html").render(
        page=page, words=words, language="zh-CN" if language == "zh" else "en"
    )


def _said(value: Any, language: str) -> str:
    if value is None:
        return ""
    if isinstance(value, Message):
        return value.text(language)
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    return str(value)
