import base64
import hashlib
import re
from html.parser import HTMLParser

import pytest

from crmmigrate.messages import Message
from crmmigrate.reports.page import Badge, Bar, Grid, Link, Page, Section, render_page, write_page

EVIL = '<script>alert(1)</script>" onload="x'
PAGE = Page(
    EVIL, Message("lead {x}", x=EVIL),
    [Section(EVIL, [EVIL], [(EVIL, EVIL), ("n", 1234567)],
             [Grid([EVIL, "b"], [[EVIL, Bar(0.5)], [Badge(EVIL, "good"), [EVIL, None]], [None, Bar(None)]], EVIL, folded=True)])],
    [EVIL],
)  # fmt: skip


class Reader(HTMLParser):
    """Collects tags and checks that they nest."""

    def __init__(self):
        super().__init__()
        self.open, self.tags, self.attributes = [], [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in ("meta", "br", "rect"):
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


@pytest.mark.parametrize("language", ["en", "zh"])
def test_values_stay_text_and_tags_nest(language):
    reader = Reader()
    reader.feed(render_page(PAGE, language))
    assert reader.open == []
    assert reader.tags.count("script") == 1
    assert not any(name.startswith("on") for name, _ in reader.attributes)
    assert [value for name, value in reader.attributes if name in ("src", "href", "style")] == ["#main"]
    assert ("lang", "zh-CN" if language == "zh" else "en") in reader.attributes
    assert {"svg", "details", "summary", "table"} <= set(reader.tags)


def test_the_page_needs_no_network_and_knows_dark_and_print(tmp_path):
    write_page(tmp_path / "p.html", "en", PAGE)
    text = (tmp_path / "p.html").read_text(encoding="utf-8")
    assert "http://" not in text
    assert "https://" not in text
    for kind, inside in re.findall(r"<(script|style)>(.*?)</\1>", text, re.DOTALL):
        digest = base64.b64encode(hashlib.sha256(inside.encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}'" in text
    assert "default-src 'none'" in text
    assert "prefers-color-scheme:dark" in text
    assert "@media print" in text
    assert "1,234,567" in text


@pytest.mark.parametrize(
    ("share", "percent", "rank"),
    [
        (1.0, "100%", "good"),
        (0.99999, "99.9%", "good"),
        (0.94, "94.0%", "fair"),
        (0.0, "0.0%", "poor"),
        (None, "–", "none"),
    ],
)
def test_bars_never_round_up_to_all(share, percent, rank):
    assert (Bar(share).percent, Bar(share).rank) == (percent, rank)


def test_columns_of_numbers_are_aligned_and_long_tables_scroll_by_themselves():
    grid = Grid(["a", "b", "c", "d"], [[1, "1.5%", "x", None], [Link(2, "#x"), "–", 3, 4]])
    assert grid.numeric == [True, True, False, True]
    assert not grid.tall
    assert Grid(["a"], [[1]] * 19, search=True).tall
    assert not Grid(["a"], [[1]] * 19, search=True, folded=True).tall
    assert not Grid(["a"], [[1]] * 19).tall


def test_an_empty_grid_says_so():
    page = Page("t", sections=[Section("s", grids=[Grid(["a"], [], empty="nothing here")])])
    text = render_page(page, "en")
    assert "nothing here" in text
    assert "<thead>" not in text
