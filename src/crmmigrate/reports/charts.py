"""Pictures of the house style: what a chart shows and where its marks lie. How it is drawn is in `templates/charts.html`.

Each becomes inline SVG with a title and a description; its figures always stand in a table or a legend beside it, too.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from crmmigrate.messages import Message

Text = Message | str


@dataclass(frozen=True)
class Series:
    """Points (x, y) of a chart, in order of x, with their name."""

    name: Text
    points: Sequence[tuple[float, float]]


@dataclass(frozen=True)
class Zone:
    """Bars of a chart from `begin` on that mean one thing: its name in the legend and its tone (`s0` … `s4`)."""

    begin: float
    name: Text
    tone: str


@dataclass(frozen=True)
class Chart:
    """Bars (their height on a scale of logarithms) and lines (from 0 to 1) over one axis.

    Args:
        caption: above it.
        bars: counts at evenly spaced x.
        lines: shares.
        ticks: x and what stands below the axis there.
        marks: x and the word of an upright line there.
        zones: in order of x; bars take the tone of the zone they lie in. Without zones all are alike.
    """

    caption: Text
    bars: Series
    lines: Sequence[Series]
    ticks: Sequence[tuple[float, str]]
    marks: Sequence[tuple[float, Text]] = ()
    zones: Sequence[Zone] = ()

    kind: ClassVar[str] = "chart"
    WIDTH: ClassVar[int] = 760
    HEIGHT: ClassVar[int] = 200
    TOP: ClassVar[int] = 34

    @property
    def bottom(self) -> int:
        """Where the axis lies from above."""
        return self.TOP + self.HEIGHT

    def across(self, x: float) -> float:
        """Return where x lies from the left."""
        xs = [point for point, _ in self.bars.points]
        span = (xs[-1] - xs[0]) or 1
        return round(44 + (self.WIDTH - 64) * min(max((x - xs[0]) / span, 0.0), 1.0), 1)

    def bar(self, count: float) -> float:
        """Return the height of a bar."""
        highest = max(value for _, value in self.bars.points) or 1
        return round(self.HEIGHT * math.log1p(count) / math.log1p(highest), 1)

    def tone(self, x: float) -> str:
        """Return the tone of a bar."""
        return next((zone.tone for zone in reversed(self.zones) if x >= zone.begin - 1e-9), "s0")

    @property
    def parts(self) -> list[Part]:
        """The legend."""
        lines = [Part(line.name, f"line{number}") for number, line in enumerate(self.lines, 1)]
        return [*([Part(zone.name, zone.tone) for zone in self.zones] or [Part(self.bars.name, "s0")]), *lines]

    @property
    def words(self) -> list[Text]:
        """What the picture shows."""
        told: list[Text] = [part.name for part in self.parts]
        return told + [Message("{what}: {which}", what=word, which=f"{x:g}") for x, word in self.marks]

    @property
    def step(self) -> float:
        """The width of a bar."""
        return max(round((self.WIDTH - 64) / max(len(self.bars.points), 1) - 1.5, 1), 1.0)

    @property
    def scale(self) -> list[tuple[int, float]]:
        """Counts and their heights for the lines behind the bars: powers of ten, at most four."""
        highest = max((value for _, value in self.bars.points), default=0)
        powers = [10**power for power in range(1, 10) if 10**power <= highest]
        return [(count, self.bar(count)) for count in powers[:: max(1, -(-len(powers) // 4))]]

    def path(self, line: Series) -> str:
        """Return a line as the `points` of a polyline."""
        return " ".join(f"{self.across(x)},{round(self.TOP + self.HEIGHT * (1 - y), 1)}" for x, y in line.points)


@dataclass(frozen=True)
class FunnelStep:
    """One level of a funnel: its name, rows that reach it, and what was lost on the way to it (reason, rows)."""

    name: Text
    count: int
    lost: Sequence[tuple[Text, int]] = ()


@dataclass(frozen=True)
class Funnel:
    """How many rows are left at each step of the way; each bar is as wide as its share of the first.

    Args:
        caption: what is migrated.
        steps: from the sources to the target.
        verdict: a word in the card's corner; `rank` its colour: good, fair, poor or none.
    """

    caption: Text
    steps: Sequence[FunnelStep]
    verdict: Text = ""
    rank: str = "none"

    kind: ClassVar[str] = "funnel"
    WIDTH: ClassVar[int] = 360
    BAR: ClassVar[int] = 18
    GAP: ClassVar[int] = 22
    MIDDLE: ClassVar[int] = 188
    BROADEST: ClassVar[int] = 152

    @property
    def height(self) -> int:
        """Of the picture."""
        return len(self.steps) * self.BAR + (len(self.steps) - 1) * self.GAP + 4

    @property
    def words(self) -> list[Text]:
        """What the picture shows."""
        return [_count(step.name, step.count) for step in self.steps]

    def top(self, index: int) -> int:
        """Return where a bar begins from above."""
        return 2 + index * (self.BAR + self.GAP)

    def breadth(self, index: int) -> float:
        """Return how wide a bar is; one with any row can be seen."""
        whole = max(self.steps[0].count, 1)
        count = self.steps[index].count
        return round(max(self.BROADEST * count / whole, 1.5 if count else 0.0), 1)

    def slope(self, index: int) -> str:
        """Return the area between a bar and the next one as the `points` of a polygon."""
        above, below = self.breadth(index) / 2, self.breadth(index + 1) / 2
        top, bottom = self.top(index) + self.BAR, self.top(index + 1)
        corners = ((-above, top), (above, top), (below, bottom), (-below, bottom))
        return " ".join(f"{round(self.MIDDLE + x, 1)},{y}" for x, y in corners)


@dataclass(frozen=True)
class Part:
    """One kind of part in a stack: its name and its tone (`s0` … `s4`, `good`, `fair`, `poor`)."""

    name: Text
    tone: str


@dataclass(frozen=True)
class Stack:
    """Rows of bars made of parts.

    Args:
        caption: above it.
        parts: in order; the legend.
        rows: name, and how many of each part.
        whole: whether every bar is as long as the others (shares); else the longest fills the width.
    """

    caption: Text
    parts: Sequence[Part]
    rows: Sequence[tuple[Text, Sequence[int]]]
    whole: bool = False

    kind: ClassVar[str] = "stack"
    WIDTH: ClassVar[int] = 1000

    def words(self, values: Sequence[int]) -> list[Text]:
        """Return what a bar shows."""
        return [_count(part.name, value) for part, value in zip(self.parts, values, strict=True)]

    def pieces(self, values: Sequence[int]) -> list[tuple[Part, int, float, float]]:
        """Return part, count, beginning and width of each piece of a bar, of 1000; a piece with any row can be seen."""
        longest = sum(values) if self.whole else max(sum(row) for _, row in self.rows)
        widths = [max(self.WIDTH * value / max(longest, 1), 3.0) if value else 0.0 for value in values]
        shrink = min(1.0, self.WIDTH / (sum(widths) or 1))
        made, begin = [], 0.0
        for part, value, width in zip(self.parts, values, widths, strict=True):
            if value:
                made.append((part, value, round(begin, 1), round(width * shrink, 1)))
                begin += width * shrink
        return made


@dataclass(frozen=True)
class Event:
    """One bar of a timeline: its lane, when it began and ended, its tone and what stands in its tooltip."""

    lane: int
    begin: datetime
    end: datetime
    tone: str
    title: Text


@dataclass(frozen=True)
class Timeline:
    """What was done when, a lane for each kind of work. Time without work is cut out: a sitting ends where an hour goes by.

    Args:
        caption: above it.
        lanes: their names, from above.
        events: in order of their beginning, at least one.
        parts: the legend.
    """

    caption: Text
    lanes: Sequence[Text]
    events: Sequence[Event]
    parts: Sequence[Part]

    kind: ClassVar[str] = "timeline"
    WIDTH: ClassVar[int] = 760
    LEFT: ClassVar[int] = 116
    LANE: ClassVar[int] = 20
    TOP: ClassVar[int] = 28
    SITTING: ClassVar[timedelta] = timedelta(hours=1)
    MOST: ClassVar[int] = 7

    @property
    def height(self) -> int:
        """Of the picture."""
        return self.TOP + len(self.lanes) * self.LANE + 6

    @property
    def words(self) -> list[Text]:
        """What the picture shows."""
        return [
            Message("{count} runs", count=len(self.events)),
            f"{self.events[0].begin:%Y-%m-%d} – {self.events[-1].end:%Y-%m-%d}",
        ]

    @property
    def sittings(self) -> list[list[Event]]:
        """The newest sittings, each with its events."""
        found: list[list[Event]] = []
        for event in self.events:
            if not found or event.begin - max(e.end for e in found[-1]) > self.SITTING:
                found.append([])
            found[-1].append(event)
        return found[-self.MOST :]

    def blocks(self) -> list[tuple[str, float, float, list[tuple[Event, float, float]]]]:
        """Return of each sitting: its day, where it begins, how wide it is, and its events with their x and width."""
        sittings = self.sittings
        # A sitting of many runs needs room, but one of few must hold its date.
        weights = [1 + math.sqrt(len(events)) for events in sittings]
        room = self.WIDTH - self.LEFT - 8 * len(sittings)
        made, x = [], float(self.LEFT)
        for events, weight in zip(sittings, weights, strict=True):
            width = room * weight / sum(weights)
            begin, end = events[0].begin, max(event.end for event in events)
            span = max((end - begin).total_seconds(), 1.0)
            placed = []
            for event in events:
                at = x + width * (event.begin - begin).total_seconds() / span
                long = width * (event.end - event.begin).total_seconds() / span
                placed.append((event, round(min(at, x + width - 3), 1), round(max(long, 3.0), 1)))
            day = f"{begin.astimezone():%m-%d %H:%M}" if len(sittings) > 4 else f"{begin.astimezone():%Y-%m-%d %H:%M}"
            made.append((day, round(x, 1), round(width, 1), placed))
            x += width + 8
        return made


@dataclass(frozen=True)
class Spark:
    """How a figure came to be what it is: a small line in a cell of a table; `text` says it in figures."""

    values: Sequence[float]
    text: Text

    @property
    def points(self) -> list[tuple[float, float]]:
        """The points of the line in a field of 90 × 20."""
        low, high = min(self.values), max(self.values)
        if low == high:
            low -= 1
            high += 1
        step = 82 / max(len(self.values) - 1, 1)
        return [
            (round(4 + index * step, 1), round(16 - 12 * (value - low) / (high - low), 1))
            for index, value in enumerate(self.values)
        ]


@dataclass(frozen=True)
class Change:
    """A share before and after, 0 to 1 each, drawn in a cell as two dots on one line; None where there is nothing to measure."""

    before: float | None
    after: float | None

    @property
    def text(self) -> str:
        """Both shares for people."""
        if self.before is None and self.after is None:
            return "–"
        return f"{percent(self.before)} → {percent(self.after)}"

    def across(self, share: float) -> float:
        """Return where a share lies on a line of 100."""
        return round(5 + 90 * min(max(share, 0.0), 1.0), 1)


def _count(name: Text, count: int) -> Message:
    return Message("{what}: {which}", what=name, which=f"{count:,}")


def percent(share: float | None) -> str:
    """Return a share for people; one below 1 is never rounded up to 100 %, one above 0 never down to 0 %."""
    if share is None:
        return "–"
    if share >= 1:
        return "100%"
    return f"{min(max(share * 100, 0.1 if share > 0 else 0.0), 99.9):.1f}%"
