"""By which key a row names its parent: as it is written, else without what writing it otherwise may change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from crmmigrate.messages import Message
from crmmigrate.model.issue import ORIGIN, RECORD, declare_code
from crmmigrate.model.table import literal

if TYPE_CHECKING:
    from collections.abc import Callable

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
NAME_FOLDED = declare_code(
    "consolidate.name-folded", Message("the parent was found by its name in another way of writing it")
)


def folded(key: str) -> str:
    """Return the SQL of a key without blanks around it and in half width."""
    narrow = f"translate({key}, {literal(_WIDE)}, {literal(_NARROW)})"  # makes a table of all signs for each key
    return f"trim(CASE WHEN regexp_matches({key}, '[！-～　\u00a0]') THEN {narrow} ELSE {key} END, ' \t\r\n')"


def folded_name(name: str) -> str:
    """Return the SQL of a name in half width and small letters, without blanks and signs."""
    return f"regexp_replace(lower({folded(name)}), '[^\\p{{L}}\\p{{M}}\\p{{N}}]', '', 'g')"


def folding(relation: RelationSpec) -> Callable[[str], str]:
    """Return what gives the SQL of what counts of a key, or of a name, where none is written the same way."""
    return folded_name if relation.by else folded


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


def link(said: str, keys: str, alias: str, fold: Callable[[str], str]) -> Link:
    """Return how rows meet their parents; a key that is written the same way comes first.

    Args:
        said: SQL of the key by which a row names its parent.
        keys: SQL that gives each `key` with the `_record` of every parent that has it.
        alias: for the joined tables, no other's beginning.
        fold: as of `folding`.
    """
    exact, loose = alias, f"{alias}f"
    # A parent may have a key twice: written in two ways, or before and after it was corrected.
    count = f"CASE WHEN min({RECORD}) = max({RECORD}) THEN 1 ELSE count(*) END"
    parents = f"min({RECORD}) AS {RECORD}, {count} AS n FROM ({keys}) GROUP BY"
    join = (
        f" LEFT JOIN (SELECT key, {parents} key) {exact} ON {said} = {exact}.key"
        f" LEFT JOIN (SELECT {fold('key')} AS folded, min(key) AS key, {parents} 1 HAVING folded <> '') {loose}"
        f" ON CASE WHEN {exact}.key IS NULL THEN {fold(said)} END = {loose}.folded"
    )
    return Link(
        join,
        f"coalesce({exact}.{RECORD}, {loose}.{RECORD})",
        f"coalesce({exact}.n, {loose}.n)",
        f"{loose}.key",
    )


@dataclass(frozen=True)
class Relation:
    """How the rows of one feed name their parents.

    Args:
        object: of the rows.
        parent: the object of their parents.
        spec: as in migration.yaml.
        rows: what stands behind FROM, the rows being called `s`, and what stands behind WHERE.
        said: SQL of the key by which a row names its parent.
        keys: as of `link`.
    """

    object: str
    parent: str
    spec: RelationSpec
    rows: tuple[str, str]
    said: str
    keys: str

    def not_plain(self, tables: Tables) -> list[dict[str, Any]]:
        """Return the rows whose parent is not there, is there more than once, or has its key written otherwise.

        Each with `value`, the same `folded`, `n` parents that have the key, and the `key` where they have it written otherwise.
        """
        fold = folding(self.spec)
        found = link(self.said, self.keys, "p", fold)
        rows: list[dict[str, Any]] = tables.sql(
            f"SELECT s.{RECORD}, s.{ORIGIN}, {self.said} AS value, {fold(self.said)} AS folded, coalesce({found.count}, 0) AS n, {found.key} AS key "
            f"FROM {self.rows[0]}{found.join} WHERE {self.rows[1]} AND nullif({folded(self.said)}, '') IS NOT NULL "
            f"AND (coalesce({found.count}, 0) <> 1 OR {found.key} IS NOT NULL) ORDER BY s.{RECORD}"
        ).to_pylist()
        return rows

    def issues(self, rows: list[dict[str, Any]]) -> list[tuple[str | None, ...]]:
        """Return what is to be said of such rows: no error where several parents have the key, which dedupe may make one."""
        lost = "error" if self.spec.required else "warning"
        told = {0: (ORPHAN, lost, "LOGIC"), 1: (NAME_FOLDED if self.spec.by else KEY_FOLDED, "info", "FMT")}
        return [
            (self.object, row[RECORD], row[ORIGIN], self.spec.column, *told.get(row["n"], (AMBIGUOUS, "warning", "LOGIC")), row["value"],
             row["key"] if row["n"] == 1 else None, f"relation {self.parent}", "certain")
            for row in rows
        ]  # fmt: skip

    def ambiguous(
        self, rows: list[dict[str, Any]], tables: Tables
    ) -> tuple[list[tuple[str | None, ...]], list[tuple[str | None, ...]]]:
        """Return those of such rows that may be children of several parents, and these (`CHILD_COLUMNS`, `CANDIDATE_COLUMNS`)."""
        required = "true" if self.spec.required else "false"
        children: list[tuple[str | None, ...]] = []
        candidates: list[tuple[str | None, ...]] = []
        for key, of_row in (("key", "value"), (folding(self.spec)("key"), "folded")):
            several = [row for row in rows if row["n"] > 1 and (row["key"] is None) == (of_row == "value")]
            if not several:
                continue
            mark = f"{self.parent} {self.spec.table} {self.spec.by} {of_row} "
            children += [
                (self.object, row[RECORD], row[ORIGIN], self.parent, self.spec.column, row["value"], mark + row[of_row], required)
                for row in several
            ]  # fmt: skip
            having = tables.sql(
                f"SELECT {key} AS key, {RECORD} FROM ({self.keys}) WHERE {key} IN (SELECT unnest(?::VARCHAR[])) ORDER BY 1, 2",
                [sorted({row[of_row] for row in several})],
            )
            candidates += [(self.parent, row[RECORD], mark + row["key"]) for row in having.to_pylist()]
        return children, candidates
