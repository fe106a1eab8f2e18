"""Rows that name their parent by a key which several records have: which one it is, dedupe may tell by making them one.

consolidate leaves the link of such a child blank and writes these tables, where there is such a child; scope takes out what it sets
aside; dedupe links the children of a key whose records became one, and sets the others aside. A record may stand in them several
times, so they call it `record`, not `_record`.
"""

from __future__ import annotations

from crmmigrate.messages import Message
from crmmigrate.model.issue import declare_code

NOT_MERGED = declare_code(
    "dedupe.ambiguous-parent", Message("several records have the key of its parent and were not merged into one")
)

CHILDREN = "_ambiguous"
CHILD_COLUMNS = ("object", "record", "origin", "parent", "column", "value", "keyed", "required")
"""A child, the object of its parent, the cell that names it, which key that means (`keyed`), and `true` where it must have one."""

CANDIDATES = "_candidates"
CANDIDATE_COLUMNS = ("object", "record", "keyed")
"""The records of a key: as many as have it, however many children name it."""

SIDE_TABLES = frozenset((CHILDREN, CANDIDATES))
"""They stand among the tables of objects from consolidate to dedupe."""

LINKED = "_linked"
LINKED_COLUMNS = ("object", "record", "parent", "into")
"""What became of children that found their parent: `into` is its record."""
