"""Children per parent before and after, and the pairs of tables that tie two others together."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

from crmmigrate.checks.object_frames import whole_numbers
from crmmigrate.model.relation_check import PairCheck, ParentCount, RelationCheck
from crmmigrate.model.table import literal, quoted

if TYPE_CHECKING:
    from collections.abc import Sequence

    import duckdb

    from crmmigrate.checks.object_frames import ObjectFrames
    from crmmigrate.model.reconciliation import Difference

_LISTED = 1000
"""Parents that are named one by one."""


def relations(
    connection: duckdb.DuckDBPyConnection, frames: ObjectFrames, side: str, orphans: Sequence[Difference]
) -> tuple[RelationCheck, ...]:
    """Count the children of each parent: in the sources, as expected, and in the target.

    Args:
        connection: knows all relations of `frames`.
        frames: both sides are made.
        side: name of the expected side, with the values that the write policy let the target keep.
        orphans: found before.
    """
    return tuple(
        _relation(connection, frames, side, name, parent, sum(1 for orphan in orphans if orphan.column == name))
        for name, parent in frames.references.items()
        if name in frames.columns
    )


def _relation(
    connection: duckdb.DuckDBPyConnection, frames: ObjectFrames, side: str, name: str, parent: str, orphans: int
) -> RelationCheck:
    cell, view = quoted(name), f"crmm_children_{frames.number}"
    followed = frames.follows.get(name, "")
    grouped = f"SELECT {cell} AS p, count(*) AS n FROM {{side}} WHERE {cell} IS NOT NULL GROUP BY 1"
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE {view} AS SELECT coalesce(b.p, e.p, t.p) AS p, b.n AS bn, coalesce(b.a, 0) AS ba, "
        f"coalesce(e.n, 0) AS en, coalesce(t.n, 0) AS tn "
        f"FROM ({_before(frames, parent, followed)}) b FULL JOIN ({grouped.format(side=side)}) e ON b.p = e.p "
        f"FULL JOIN ({grouped.format(side=frames.right)}) t ON t.p = coalesce(b.p, e.p)"
    )
    before, aside, expected, actual, off, *parents = whole_numbers(
        connection, f"SELECT sum(bn), sum(ba), sum(en), sum(tn), count(*) FILTER (en <> tn), count(bn), count(*) FILTER (en > 0), count(*) FILTER (tn > 0) FROM {view}"
    )  # fmt: skip
    walk = quoted(frames.parents[parent][0]) if parent in frames.parents else "(SELECT NULL AS key, NULL AS _record)"
    lost = "OR bn - ba <> en OR (bn IS NULL AND en > 0)" if followed else ""
    rows = connection.execute(
        f"SELECT coalesce((SELECT min(_record) FROM {walk} w WHERE w.key = p), p), bn, ba, en, tn FROM "
        f"(SELECT * FROM {view} WHERE en <> tn {lost} ORDER BY en = tn, p LIMIT {_LISTED}) ORDER BY en = tn, 1"
    ).fetchall()
    connection.execute(f"DROP TABLE {view}")
    listed = tuple(
        ParentCount(record, (n or 0) if followed else None, int(a), int(e), int(t)) for record, n, a, e, t in rows
    )
    return RelationCheck(
        name, parent, (expected, actual), off, orphans, before if followed else None, aside,
        (parents[0] if followed else None, parents[1], parents[2]), listed,
    )  # fmt: skip


def _before(frames: ObjectFrames, parent: str, followed: str) -> str:
    """Return the SQL of the children of each parent in the sources: those of records merged into it are its own, too."""
    if not followed:
        return "SELECT NULL::VARCHAR AS p, NULL::BIGINT AS n, NULL::BIGINT AS a WHERE false"
    cell = f"s.{quoted(followed)}"
    merged = f"""SELECT _record, any_value("into") AS survivor FROM {quoted(frames.aside)} WHERE "table" = {literal(parent)} AND reason = 'merged' GROUP BY 1"""
    walk = f"LEFT JOIN {quoted(frames.parents[parent][0])} w ON w._record = coalesce(m.survivor, {cell})" if parent in frames.parents else ""  # fmt: skip
    key = f"coalesce({'w.key, ' if walk else ''}m.survivor, {cell})"
    return (
        f"SELECT {key} AS p, count(*) AS n, count(*) FILTER (s._record IN ({frames.aside_records})) AS a "
        f"FROM {quoted(frames.source)} s LEFT JOIN ({merged}) m ON m._record = {cell} {walk} WHERE {cell} IS NOT NULL GROUP BY 1"
    )


def pairs(connection: duckdb.DuckDBPyConnection, frames: ObjectFrames, side: str) -> tuple[PairCheck, ...]:
    """Compare the pairs of a table that ties others together: its references name a row, or there is hardly anything else in it.

    Args:
        connection: knows all relations of `frames`.
        frames: both sides are made.
        side: name of the expected side, as of `relations`.
    """
    tied = [name for name in frames.references if name in frames.columns]
    naming = [name for name in tied if name in frames.match_on]
    if len(naming) < 2 and set(frames.columns) - set(tied) - set(frames.match_on):
        return ()
    tied = naming if len(naming) > 1 else tied
    return tuple(_pair(connection, frames, side, one, other) for one, other in combinations(tied, 2))


def _pair(connection: duckdb.DuckDBPyConnection, frames: ObjectFrames, side: str, one: str, other: str) -> PairCheck:
    a, b = quoted(one), quoted(other)
    grouped = (
        f"SELECT {a} AS a, {b} AS b, count(*) AS n FROM {{side}} WHERE {a} IS NOT NULL AND {b} IS NOT NULL GROUP BY ALL"
    )
    expected, actual, lost, extra, repeated = whole_numbers(
        connection,
        "SELECT count(e.n), count(t.n), count(*) FILTER (t.n IS NULL), count(*) FILTER (e.n IS NULL), count(*) FILTER (t.n > e.n) "
        f"FROM ({grouped.format(side=side)}) e FULL JOIN ({grouped.format(side=frames.right)}) t ON e.a = t.a AND e.b = t.b",
    )
    parents = (frames.references[one], frames.references[other])
    return PairCheck((one, other), parents, (expected, actual), lost, extra, repeated)
