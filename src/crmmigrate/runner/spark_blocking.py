"""`matching/blocking.py` as Spark's SQL: candidates are found by keys, and keys are numbers."""

from __future__ import annotations

from typing import Any

from crmmigrate.matching.blocking import RARE_BLOCKS, RARE_GRAMS, WEAK, budget, caught_by, largest_within, what
from crmmigrate.runner.spark_pairs import Both, Numbered

_PARTITIONS = "spark.sql.shuffle.partitions"


class Held:
    """Spark's session, and what it was told to keep.

    Args:
        session: Spark's.
        parts: of the records; what is brought together by key lies in as many, or one for each task at a time.
    """

    def __init__(self, session: Any, parts: int) -> None:
        self.session = session
        self._kept: list[Any] = []
        self._before = session.conf.get(_PARTITIONS)
        session.conf.set(_PARTITIONS, str(max(parts, int(session.sparkContext.defaultParallelism))))

    def sql(self, query: str, **frames: Any) -> Any:
        """Return what a query makes of frames, which it names in braces."""
        return self.session.sql(query, **frames)

    def broadcast(self, value: Any) -> Any:
        """Let all tasks have a value."""
        self._kept.append(self.session.sparkContext.broadcast(value))
        return self._kept[-1]

    def persisted(self, frame: Any) -> Any:
        """Keep a frame on the executors' disks, so that it is made once; what is lost with an executor is made again."""
        from pyspark import StorageLevel

        self._kept.append(frame.persist(StorageLevel.DISK_ONLY))
        return self._kept[-1]

    def release(self) -> None:
        """Give back what is kept."""
        for kept in self._kept:
            kept.unpersist()
        self._kept.clear()
        self.session.conf.set(_PARTITIONS, self._before)


class Blocking:
    """The search for candidates, with the limits and the numbers of keys of `matching/blocking.py`.

    Args:
        held: Spark's session.
        keys: `kind` (its number in `kinds`), `key`, `node`; none twice.
        kinds: of keys.
        nodes: how many there are.
        pairs: the budget: candidate pairs per node and kind of key.
        first: the role whose keys `found_by` sets against those of the others.
    """

    def __init__(self, held: Held, keys: Any, kinds: tuple[str, ...], nodes: int, pairs: int, first: str) -> None:
        self.held = held
        self.keys = keys
        self.kinds = kinds
        self.nodes, self.pairs = nodes, pairs
        self.first = first
        self.facts: dict[str, Any] = {"blocks_refined": 0, "largest_block_used": {}, "largest_block_seen": {}}

    def candidates(self) -> Any:
        """Return the pairs, `left`, `right` and `found_by`, or None where no two nodes share a key; `facts` are those of `Candidates` then."""
        blocks = self._blocks(self.keys)
        limits = self._limits(blocks)
        if not limits:
            return None
        most = " ".join(f"WHEN {kind} THEN {limit}" for kind, limit in limits.items())
        by = " ".join(f"WHEN {kind} THEN {caught_by(self.kinds[kind], self.first)}" for kind in limits)
        limited = self.held.sql(
            f"SELECT *, CASE kind {most} ELSE 0 END AS most, CASE kind {by} ELSE 0 END AS by FROM {{blocks}}", blocks=blocks
        )  # fmt: skip
        found = [self._within(limited.where("size <= most"))]
        over = limited.where("kept AND size > most")
        self.facts["blocks_refined"] = over.select("kind", "key").distinct().count()
        if self.facts["blocks_refined"]:
            found += self._refined(over)
        everything = found[0]
        for more in found[1:]:
            everything = everything.unionAll(more)
        return self.held.sql(
            "SELECT left, right, bit_or(found_by) AS found_by FROM {found} GROUP BY left, right", found=everything
        )

    def _blocks(self, keys: Any) -> Any:
        """Return the nodes of each key that several share, the size of its block, and whether the node offers it."""
        sized = self.held.sql(
            "SELECT * FROM (SELECT kind, key, node, count(*) OVER (PARTITION BY kind, key) AS size FROM {keys}) WHERE size > 1", keys=keys
        )  # fmt: skip
        grams = [str(number) for number, kind in enumerate(self.kinds) if what(kind) == "gram"]
        if not grams:
            return self.held.persisted(self.held.sql("SELECT *, true AS kept FROM {sized}", sized=sized))
        return self.held.persisted(self.held.sql(
            f"SELECT *, true AS kept FROM {{sized}} WHERE kind NOT IN ({', '.join(grams)}) UNION ALL "
            f"SELECT *, row_number() OVER (PARTITION BY kind, node ORDER BY size, key) <= {RARE_GRAMS} AS kept "
            f"FROM {{sized}} WHERE kind IN ({', '.join(grams)})", sized=sized,
        ))  # fmt: skip

    def _limits(self, blocks: Any) -> dict[int, int]:
        """Return for each kind the size up to which its blocks are used."""
        import numpy as np

        found = self.held.sql(
            "SELECT kind, size, count(*) AS holders FROM {blocks} WHERE kept GROUP BY kind, size ORDER BY kind, size", blocks=blocks
        ).toArrow()  # fmt: skip
        kind, size, holders = (found[name].to_numpy() for name in ("kind", "size", "holders"))
        limits: dict[int, int] = {}
        for number in np.unique(kind).tolist():
            name, own = self.kinds[number], kind == number
            limits[number] = largest_within(size[own], holders[own], budget(name, self.pairs, self.nodes))
            self.facts["largest_block_seen"][name] = int(size[own].max())
            self.facts["largest_block_used"][name] = min(limits[number], int(size[own].max()))
        return limits

    def _within(self, blocks: Any) -> Any:
        return self.held.sql(
            "SELECT a.node AS left, b.node AS right, CAST(a.by AS long) AS found_by FROM {blocks} a JOIN {blocks} b "
            "ON a.kind = b.kind AND a.key = b.key AND a.node < b.node WHERE a.kept OR b.kept", blocks=blocks,
        )  # fmt: skip

    def _refined(self, over: Any) -> list[Any]:
        """Return the pairs of nodes that share two large blocks, and of each node of one with the next."""
        strong = [str(number) for number, kind in enumerate(self.kinds) if what(kind) not in WEAK]
        few = self.held.sql(
            "SELECT kind, key, node FROM (SELECT kind, key, node, row_number() OVER (PARTITION BY kind, node ORDER BY size, key) AS rank "
            f"FROM {{over}} WHERE kind IN ({', '.join(strong) or '-1'})) WHERE rank <= {RARE_BLOCKS}", over=over,
        )  # fmt: skip
        large = self.held.persisted(few.mapInArrow(Numbered(self.kinds), "node long, block long"))
        neighbours = self.held.sql(
            "SELECT left, right, 0L AS found_by FROM (SELECT lag(node) OVER (PARTITION BY block ORDER BY node) AS left, node AS right "
            "FROM {large}) WHERE left IS NOT NULL", large=large,
        )  # fmt: skip
        two = self.held.sql(
            "SELECT a.node, a.block AS one, b.block AS other FROM {large} a JOIN {large} b ON a.node = b.node AND a.block < b.block", large=large
        ).mapInArrow(Both(self.nodes), "key long, node long")  # fmt: skip
        both = self.held.persisted(self.held.sql(
            "SELECT * FROM (SELECT 0 AS kind, key, node, 0 AS by, true AS kept, count(*) OVER (PARTITION BY key) AS size "
            "FROM (SELECT DISTINCT key, node FROM {two})) WHERE size > 1", two=two,
        ))  # fmt: skip
        sizes = self.held.sql(
            "SELECT size, count(*) AS holders FROM {both} GROUP BY size ORDER BY size", both=both
        ).toArrow()
        most = largest_within(sizes["size"].to_numpy(), sizes["holders"].to_numpy(), float(self.pairs * self.nodes))
        return [neighbours, self._within(both.where(f"size <= {most}"))]
