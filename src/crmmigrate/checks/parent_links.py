"""By which key a row names its parent: as it is written, else without the blanks around it and with full width made half."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from crmmigrate.messages import Message
from crmmigrate.model.issue import ORIGIN, RECORD, declare_code
from crmmigrate.model.table import literal

if TYPE_CHECKING:
    from crmmigrate.model.project import RelationSpec
    from crmmigrate.model.table import Tables

ORPHAN = declare_code("consolidate.orphan", Message("the parent named in the row does not exist"))
AMBIGUOUS = declare_code("consolidate.ambiguous-parent", Message("the parent named in the row exists more than once"))
KEY_FOLDED = declare_code(
    "consolidate.key-folded",
    Message("the parent was found by the key without blanks around it and full-width characters"),
)

_WIDE = "".join(map(chr, range(0xFF01, 0xFF5F))) + "\u3000\u00a0"
_NARROW = "".join(map(chr, range(0x21, 0x7F))) + "  "


def folded(key: str) -> str:
    """Return the SQL of a key without blanks around it and in half width."""
    return f"trim(translate({key}, {literal(_WIDE)}, {literal(_NARROW)}), ' \t\r\n')"


@dataclass(frozen=True)
class Link:
    """SQL by which rows meet their parents.

    Args:
        join: to be put behind the rows.
        record: the parent's `_record`.
        count: how many parents have the key; NULL for none.
        key: the parent's key where it is written otherwise than in the row, else NULL.
    """

    join: str
    record: str
    count: str
    key: str


def link(said: str, keys: str, alias: str) -> Link:
    """Return how rows meet their parents; a key that is written the same way comes first.

    Args:
        said: SQL of the key by which a row names its parent.
        keys: SQL that gives each `key`, its `_record` and how often it occurs (`n`).
        alias: for the joined tables, no other's beginning.
    """
    exact, loose = alias, f"{alias}f"
    all_folded = f"SELECT {folded('key')} AS folded, min(key) AS key, min({RECORD}) AS {RECORD}, sum(n) AS n FROM ({keys}) GROUP BY 1 HAVING folded <> ''"
    join = (
        f" LEFT JOIN ({keys}) {exact} ON {said} = {exact}.key"
        f" LEFT JOIN ({all_folded}) {loose} ON CASE WHEN {exact}.key IS NULL THEN {folded(said)} END = {loose}.folded"
    )
    return Link(
        join,
        f"coalesce({exact}.{RECORD}, {loose}.{RECORD})",
        f"coalesce({exact}.n, {loose}.n)",
        f"{loose}.key",
    )


def link_issues(
    name: str, rows: tuple[str, str], parent: str, relation: RelationSpec, said: str, found: Link, tables: Tables
) -> list[tuple[str | None, ...]]:
    """Return the issues of the rows whose parent is not there, is there more than once, or has its key written otherwise.

    Args:
        name: of the object.
        rows: what stands behind FROM, the rows being called `s`, and what stands behind WHERE.
        parent: the object of the parent.
        relation: to it.
        said: SQL of the key by which a row names its parent.
        found: how it meets it.
        tables: all.
    """
    met = tables.sql(
        f"SELECT s.{RECORD}, s.{ORIGIN}, {said} AS value, {found.count} AS n, {found.key} AS key FROM {rows[0]}{found.join} WHERE {rows[1]} "
        f"AND nullif({folded(said)}, '') IS NOT NULL AND (coalesce({found.count}, 0) <> 1 OR {found.key} IS NOT NULL) ORDER BY s.{RECORD}"
    ).to_pylist()
    severity = "error" if relation.required else "warning"
    return [
        (name, row[RECORD], row[ORIGIN], relation.column, KEY_FOLDED, "info", "FMT", row["value"], row["key"], f"relation {parent}", "certain")
        if row["n"] == 1
        else (name, row[RECORD], row[ORIGIN], relation.column, AMBIGUOUS if row["n"] else ORPHAN, severity, "LOGIC", row["value"], None,
              f"relation {parent}", "certain")
        for row in met
    ]  # fmt: skip
