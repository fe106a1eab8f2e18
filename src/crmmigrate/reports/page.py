"""The house style of HTML reports: one file that needs no network, in two languages, light and dark, printable.

A report says what it shows (`Section`, `Grid`, the pictures of `charts`); how it looks is in `templates/`. Every value is escaped, and
the file's own policy runs no script and takes no style but the two it was made with, whose digests it names.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from crmmigrate.messages import Message, clauses
from crmmigrate.model.privacy import DECLARATION, NOTICE
from crmmigrate.model.source import PROGRAM
from crmmigrate.model.whole_file import put
from crmmigrate.reports.charts import Change, Spark, percent

if TYPE_CHECKING:
    from pathlib import Path

    from jinja2 import Environment, Template

Text = Message | str
_FIGURE = re.compile(r"[+-]?[\d,]+(\.\d+)?%?")
"""A number as it is written for people; a column of such cells is aligned like one of numbers."""
_TALL = 18
"""Rows from which a table scrolls by itself."""
_SHORT, _LONG = 11, 40
"""Characters up to which a cell is kept in one line, and from which it is given room to be read in lines that are not too short."""


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
        return percent(self.share)

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
class Link:
    """A word or number that leads to what stands behind it.

    Args:
        text: a text, `Message`, number or `Badge`.
        href: `#` and the anchor of this page, or the path of a file relative to it, percent-encoded.
    """

    text: Any
    href: str


@dataclass(frozen=True)
class Grid:
    """A table.

    Args:
        headers: of its columns.
        rows: cells: text, `Message`, numbers, `Bar`, `Badge`, `Link`, `Change`, `Spark`, None, or a list of these, one below the other.
        caption: above it; a grid with a caption and `folded` opens on a click.
        folded: whether it is closed at first.
        empty: shown in place of a table without rows.
        filters: positions of columns by whose words the rows can be narrowed down.
        search: whether the rows can be narrowed down by a word that is typed.
        anchor: of a folded grid, for links.
        anchors: of its rows, one each; none where empty.
    """

    headers: Sequence[Text]
    rows: Sequence[Sequence[Any]]
    caption: Text = ""
    folded: bool = False
    empty: Text = ""
    filters: Sequence[int] = ()
    search: bool = False
    anchor: str = ""
    anchors: Sequence[str] = ()

    @property
    def tall(self) -> bool:
        """Whether it scrolls in a field of its own, so that what comes behind it stays in reach; one without filters is read as a whole."""
        return bool(self.filters or self.search) and not self.folded and len(self.rows) > _TALL

    @property
    def numeric(self) -> list[bool]:
        """Per column, whether it holds numbers, written or not: every cell is one, or empty, and one is there."""
        kinds = [{_kind(row[column]) for row in self.rows} - {None} for column in range(len(self.headers))]
        return [kind == {"number"} for kind in kinds]

    def choices(self, column: int) -> list[Text]:
        """Return the words of a column, in the order in which they come."""
        cells = (row[column].text if isinstance(row[column], Badge | Link) else row[column] for row in self.rows)
        return list(dict.fromkeys(cell for cell in cells if isinstance(cell, Message | str) and cell))


def _kind(cell: Any) -> str | None:
    if isinstance(cell, Link):
        return _kind(cell.text)
    if cell is None or (isinstance(cell, str) and cell in {"", "–"}):
        return None
    written = isinstance(cell, str) and _FIGURE.fullmatch(cell)
    return "number" if written or (isinstance(cell, int | float) and not isinstance(cell, bool)) else "other"


@dataclass(frozen=True)
class Section:
    """A heading, sentences, figures, pictures and tables.

    Args:
        title: its heading; a section without one stands above the others.
        notes: sentences, or links.
        figures: name and value.
        grids: tables.
        charts: pictures, one below the other; `cards` small ones, side by side.
        anchor: for links to it.
    """

    title: Text
    notes: Sequence[Text | Link] = ()
    figures: Sequence[tuple[Text, Any]] = ()
    grids: Sequence[Grid] = ()
    charts: Sequence[Any] = ()
    cards: Sequence[Any] = ()
    anchor: str = ""


@dataclass(frozen=True)
class Page:
    """A report.

    Args:
        title: headline.
        lead: one sentence below it: the answer to the question the reader has.
        sections: in order.
        signatures: the roles that sign at the end.
        personal: it holds personal data by design; it says so itself, to people and to the privacy scan.
        about: a few words above the headline: of what the report is.
        foot: sentences at the very end.
    """

    title: Text
    lead: Text = ""
    sections: Sequence[Section] = field(default_factory=tuple)
    signatures: Sequence[Text] = ()
    personal: bool = False
    about: Text = ""
    foot: Sequence[Text] = ()


class _Inline(NamedTuple):
    """A style or script that stands in the page, and the digest by which the page's policy allows it."""

    text: Any
    digest: str


def write_page(path: Path, language: str, page: Page) -> None:
    """Write the report as one HTML file, whole or not at all.

    Raises:
        OSError: the file can't be written.
    """
    put(path, render_page(page, language).encode())


def render_page(page: Page, language: str) -> str:
    """Return the report as HTML."""
    words = {
        "made": Message("Made by crmmigrate on {day}", day=f"{datetime.now().astimezone():%Y-%m-%d %H:%M}"),
        "sign": Message("Sign-off"), "personal": NOTICE, "declaration": DECLARATION, "program": PROGRAM,
        "heads": [Message("Role"), Message("Full name"), Message("Agreed (yes / no)"), Message("Remarks"), Message("Signature"), Message("Date")],
        "contents": Message("Contents"), "skip": Message("To the content"), "all": Message("all"), "find": Message("Find"), "reset": Message("Show all"),
    }  # fmt: skip
    return compiled(language).render(
        page=page, words=words, language="zh-CN" if language == "zh" else "en", style=_inline("style.css"),
        script=_inline("script.js"),
    )  # fmt: skip


@cache
def compiled(language: str) -> Template:
    """Return the template of all pages, with what it imports; the first time it takes longer than to fill it in."""
    environment = _environment(language)
    environment.get_template("charts.html")
    return environment.get_template("page.html")


@cache
def _environment(language: str) -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("crmmigrate.reports"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )  # fmt: skip
    environment.filters["say"] = lambda value: said(value, language)
    environment.filters["clauses"] = lambda parts: clauses(parts, language)
    for kind in (Bar, Badge, Link, Change, Spark):
        environment.tests[kind.__name__.lower()] = lambda value, kind=kind: isinstance(value, kind)
    environment.tests["list"] = lambda value: isinstance(value, list | tuple)
    environment.filters["room"] = lambda value: _room(value, language)
    return environment


@cache
def _inline(name: str) -> _Inline:
    """Return a file of `templates/` as it stands in the page."""
    import base64
    import hashlib

    from jinja2 import PackageLoader
    from markupsafe import Markup

    text = PackageLoader("crmmigrate.reports").get_source(_environment("en"), name)[0]
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return _Inline(Markup(text), f"sha256-{digest}")  # noqa: S704  # our own file


def _room(value: Any, language: str) -> str:
    """Return the class of a cell by the length of its longest line: short, long, or none."""
    if isinstance(value, list | tuple):
        rooms = {_room(part, language) for part in value}
        return "long" if "long" in rooms else "short" if rooms == {"short"} else ""
    if isinstance(value, Badge | Link):
        return _room(value.text, language)
    length = len(said(value, language)) if isinstance(value, Message | str) else 0
    return "short" if length <= _SHORT else "long" if length > _LONG else ""


def said(value: Any, language: str) -> str:
    """Return what a cell says in `language`; thousands are parted."""
    if value is None:
        return ""
    if isinstance(value, Message):
        return value.text(language)
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    return str(value)
