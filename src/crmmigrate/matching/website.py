"""Websites: the domain that a company registered."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crmmigrate.matching import Comparer, Level
from crmmigrate.matching.texts.cells import Plain, items_of, matched
from crmmigrate.matching.texts.shared import ItemComparer
from crmmigrate.messages import Message

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

    from crmmigrate.matching import Values

LEVELS = (
    Level("same", Message("the same website"), 0.85, 2e-4, by_frequency=True, shared=True),
    Level("different", Message("different websites"), 0.15, 0.999),
)
_HOST = re.compile(r"\A(?:[a-z]+:/*)?(?:www\d?\.)?(?P<host>[a-z0-9-]+(?:\.[a-z0-9-]+)+)")


def host(cell: str) -> str:
    """Return the host in a folded cell, without www, or nothing."""
    found = _HOST.match(cell.replace(" ", ""))
    return found.group(1) if found else ""


def make(values: Values, counts: np.ndarray) -> Comparer:
    """Return the comparer of websites."""
    return ItemComparer(items_of(values, _plain, lambda cell: [host(cell)]), counts, len(LEVELS) - 1, "website")


def _plain(cells: pa.Array) -> Plain:
    """Take apart the cells of Latin letters, digits and signs: of these RE2 finds what Python does."""
    import numpy as np
    import pyarrow.compute as pc

    taken = matched(cells, "^[!-~]*$")
    which = np.flatnonzero(taken)
    found = pc.extract_regex(cells.take(which), _HOST.pattern)
    return Plain(taken, which, pc.fill_null(pc.struct_field(found, "host"), ""))
