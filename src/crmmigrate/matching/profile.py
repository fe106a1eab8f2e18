"""Pages on the web that are one person's: linkedin.com/in/…, however the address is written."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crmmigrate.matching import Comparer, Level
from crmmigrate.matching.texts.cells import Plain, items_of
from crmmigrate.matching.texts.shared import ItemComparer
from crmmigrate.messages import Message

if TYPE_CHECKING:
    import pyarrow as pa

    from crmmigrate.matching import Values

LEVELS = (
    Level("same", Message("the same page on the web"), 0.90, 1e-5, by_frequency=True, shared=True),
    Level("different", Message("different pages on the web"), 0.10, 0.999),
)
_PAGE = re.compile(
    r"\A(?:[a-z]+:/*)?(?:(?:www\d?|m|mobile|[a-z]{2})\.)?(?P<host>[a-z0-9-]+(?:\.[a-z0-9-]+)+)(?P<path>/[^\s?#]*)(?:\?(?P<query>[^\s#]*))?(?P<part>\#[/!]\S+)?"
)
"""cn.linkedin.com is the page of linkedin.com in Chinese."""

_BEHIND = re.compile(r"(?:/(?:detail|details|overlay|recent-activity)(?:/.*)?|/[a-z]{2}(?:-[a-z]{2})?|/)+\Z")
"""What shows a part of the page, or shows it in another language."""

_WHOSE = re.compile(r"(?:\A|&)((?:u|id|uid|user_?id|member|dstu)=[^&]+)")
"""In a query: whose page it is, where the path is the same for all."""

_NOBODYS = re.compile(
    r"/(?:company|school|showcase|jobs?|feed|features|pricing|login|signin|signup|home|index|explore|search|about|groups?|topics|posts?|share|profile|contact)(?:[./].*)?\Z"
)
"""Paths that are no one person's, unless the query says whose."""

_LONGEST = 300


def page(cell: str) -> str:
    """Return the address of somebody's page in a folded cell, without what does not tell it from others; nothing where only a site is named."""
    found = _PAGE.match(cell.replace(" ", "")) if len(cell) <= _LONGEST else None
    if not found:
        return ""
    path, whose = _BEHIND.sub("", found["path"]), _WHOSE.search(found["query"] or "")
    if whose or found["part"]:
        return f"{found['host']}{path}?{whose[1] if whose else found['part']}"
    return f"{found['host']}{path}" if path and not _NOBODYS.match(path) else ""


def make(values: Values, counts: object) -> Comparer:
    """Return the comparer of people's pages."""
    held = items_of(values, _nothing_plain, lambda cell: [page(cell)])
    return ItemComparer(held, counts, len(LEVELS) - 1, "profile")  # type: ignore[arg-type]


def _nothing_plain(cells: pa.Array) -> Plain:
    """Take no cells apart together: few have such a page."""
    import numpy as np
    import pyarrow as pa

    return Plain(np.zeros(len(cells), dtype=bool), np.zeros(0, dtype=np.int64), pa.array([], pa.large_string()))
