"""Find the pairs worth comparing: records that share a rare key, as SQL; no block may explode.

A key is kept while the candidates of its kind stay within a budget, smallest blocks first. Bigger blocks are refined:
records in two of them at once are candidates again, under the same budget, and so is each record with the next one. Of its grams a record offers its rarest.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy as np

    Keys = tuple[str, np.ndarray, np.ndarray]

RARE_GRAMS = 4
"""So many of its rarest grams a record looks for others with; that is enough for one typo in a short name."""

WEAK = {
    "gram": 12,
    "slip": 12,
    "head": 6,
    "word": 2,
    "name": 4,
    "brand": 4,
    "trade": 4,
    "sound": 6,
    "domain": 4,
    "local": 4,
    "mailbox": 4,
}
"""Kinds of keys that two things share oftener than one thing's records: they get this part of the budget."""

_ALWAYS = 60_000
"""So many pairs of a kind cost nothing: a small table is searched more thoroughly, up to four times its budget."""

_TABLES = """
CREATE TEMP TABLE sized (node INTEGER, kind VARCHAR, key BIGINT, size INTEGER);
CREATE TEMP TABLE kept (node INTEGER, kind VARCHAR, key BIGINT, size INTEGER)
"""
_SIZED = """
INSERT INTO sized
WITH own AS MATERIALIZED (SELECT DISTINCT node, key FROM offered)
SELECT node, $kind, key, size FROM own
JOIN (SELECT key, count(*) AS size FROM own GROUP BY key HAVING count(*) > 1) USING (key)
"""
_KEPT = f"""
INSERT INTO kept
SELECT * FROM sized WHERE NOT ends_with(kind, '.gram')
UNION ALL
SELECT * FROM sized WHERE ends_with(kind, '.gram')
QUALIFY row_number() OVER (PARTITION BY node, kind ORDER BY size, key) <= {RARE_GRAMS}
"""
_SHARE = " ".join(f"WHEN '{kind}' THEN {part}" for kind, part in WEAK.items())
_LIMITS = f"""
CREATE TEMP TABLE limits AS
SELECT kind, coalesce(max(size) FILTER (WHERE running <= budget), 0) AS largest, max(size) AS seen
FROM (SELECT kind, size, greatest($pairs * $nodes / CASE split_part(kind, '.', -1) {_SHARE} ELSE 1 END,
                                  least(4 * $pairs * $nodes, {_ALWAYS})) AS budget,
             sum(count(*) * (size - 1)) OVER (PARTITION BY kind ORDER BY size) / 2 AS running
      FROM kept GROUP BY kind, size)
GROUP BY kind
"""
_PAIRS = """
CREATE TEMP TABLE pairs AS
SELECT least(a.node, b.node) AS a, greatest(a.node, b.node) AS b,
       bit_or(CASE WHEN split_part(kind, '.', 1) = $first THEN 1 ELSE 2 END) AS found_by
FROM kept a JOIN limits USING (kind) JOIN sized b ON a.kind = b.kind AND a.key = b.key
WHERE a.size <= largest AND a.node <> b.node
GROUP BY 1, 2
"""
_REFINED = f"""
CREATE TEMP TABLE large AS
SELECT node, (kind, key) AS key FROM kept JOIN limits USING (kind)
WHERE size > largest AND split_part(kind, '.', -1) NOT IN ({", ".join(f"'{kind}'" for kind in WEAK)})
QUALIFY row_number() OVER (PARTITION BY node, kind ORDER BY size, key) <= 3;
CREATE TEMP TABLE refined AS
SELECT node, first_key, second_key, count(*) OVER (PARTITION BY first_key, second_key) AS size
FROM (SELECT x.node, x.key AS first_key, y.key AS second_key FROM large x JOIN large y ON x.node = y.node AND x.key < y.key)
"""
_NEIGHBOURS = """
INSERT INTO pairs
SELECT DISTINCT node, next, 0
FROM (SELECT node, lead(node) OVER (PARTITION BY key ORDER BY node) AS next FROM large)
WHERE next IS NOT NULL
"""
_REFINED_LIMIT = """
SELECT coalesce(max(size) FILTER (WHERE running <= budget), 0)
FROM (SELECT size, $pairs * $nodes AS budget, sum(count(*) * (size - 1)) OVER (ORDER BY size) / 2 AS running
      FROM refined WHERE size > 1 GROUP BY size)
"""
_REFINED_PAIRS = """
INSERT INTO pairs SELECT DISTINCT a.node, b.node, 0
FROM refined a JOIN refined b ON a.first_key = b.first_key AND a.second_key = b.second_key AND a.node < b.node WHERE a.size <= $largest
"""
_SKIPPED = """
SELECT coalesce(sum(blocks), 0)
FROM (SELECT kind, count(DISTINCT key) AS blocks FROM kept JOIN limits USING (kind) WHERE size > largest GROUP BY kind)
"""


@dataclass(frozen=True)
class Candidates:
    """The pairs to compare.

    Args:
        left: node indices; smaller than those of `right`, sorted, no pair twice.
        right: node indices.
        found_by: of each pair, 1 for a key of the first role, 2 for one of another role, 3 for both, 0 for neither.
        facts: blocks by kind, the largest block used, blocks refined.
    """

    left: np.ndarray
    right: np.ndarray
    found_by: np.ndarray
    facts: dict[str, Any] = field(default_factory=dict)


def candidates(keys: Iterable[Keys], nodes: int, pairs: int, first: str = "name") -> Candidates:
    """Return the pairs of nodes that share a key.

    Args:
        keys: kind of key, nodes, numbers of keys.
        nodes: how many nodes there are.
        pairs: the budget: candidate pairs per node and kind of key.
        first: the role whose keys `found_by` sets against those of the others.
    """
    import duckdb
    import numpy as np
    import pyarrow as pa

    with duckdb.connect(":memory:") as connection:
        connection.execute(_TABLES)
        # One kind after the other, so that only one is in memory as a whole.
        for kind, owners, numbers in keys:
            connection.register("offered", pa.table({"node": owners.astype(np.int32), "key": numbers}))
            connection.execute(_SIZED, {"kind": kind})
            connection.unregister("offered")
        connection.execute(_KEPT)
        connection.execute(_LIMITS, {"pairs": pairs, "nodes": nodes})
        connection.execute(_PAIRS, {"first": first})
        connection.execute(_REFINED)
        connection.execute(_NEIGHBOURS)
        largest = _value(connection, _REFINED_LIMIT, {"pairs": pairs, "nodes": nodes})
        connection.execute(_REFINED_PAIRS, {"largest": largest})
        found = connection.execute(
            "SELECT a, b, max(found_by) AS found_by FROM pairs GROUP BY a, b ORDER BY a, b"
        ).fetchnumpy()
        kinds = connection.execute("SELECT kind, least(largest, seen), seen FROM limits ORDER BY kind").fetchall()
        facts = {
            "blocks_refined": int(_value(connection, _SKIPPED, {})),
            "largest_block_used": {kind: int(used) for kind, used, _ in kinds},
            "largest_block_seen": {kind: int(seen) for kind, _, seen in kinds},
        }
    left, right, by = (np.asarray(found[name], dtype=np.int64) for name in ("a", "b", "found_by"))
    return Candidates(left, right, by, facts)


def _value(connection: Any, query: str, parameters: dict[str, Any]) -> Any:
    rows = connection.execute(query, parameters).fetchall()
    return rows[0][0] if rows else 0
