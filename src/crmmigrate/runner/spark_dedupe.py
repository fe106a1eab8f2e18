"""What is asked of the records of one table while their groups are found (`matching/evidence.py`), answered by a cluster.

Blocking is Spark's SQL over keys, that is, over numbers; what needs the values themselves is done in tasks by the functions of
`matching/` (`spark_pairs.py`). To the driver come the model's sample, how many pairs have which score, and the pairs that are likely enough to be
shown. No answer depends on how rows are spread over tasks, so that it is that of one machine.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from crmmigrate.matching import TOLD
from crmmigrate.matching.evidence import Found, Pairs, all_pairs
from crmmigrate.matching.put_right.course import sorted_out
from crmmigrate.matching.thresholds import Counted, counted
from crmmigrate.matching.two_tables import in_one
from crmmigrate.runner.spark_blocking import Blocking, Held
from crmmigrate.runner.spark_pairs import (
    Chosen,
    Compared,
    Itself,
    Judged,
    Keys,
    Known,
    OneOf,
    Rows,
    Tallies,
    Times,
    Together,
    names_of,
    part_path,
    unpacked,
)

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    import numpy as np
    import pandas as pd
    import pyarrow as pa

    from crmmigrate.matching.comparison import Comparison, Scores
    from crmmigrate.matching.evidence import Close
    from crmmigrate.model.dedupe import DedupeRules

_PAIR = "left long, right long, found_by long, levels binary, others binary, never byte"


class SparkEvidence:
    """The records on a cluster.

    Args:
        session: Spark's.
        frame: the records in the order of their `_record`; only columns that the rules compare leave the driver.
        rules: of the object.
        folder: where they are laid down, seen by all machines at the same path.
        size: rows of a task.
    """

    def __init__(self, session: Any, frame: pd.DataFrame, rules: DedupeRules, folder: Path, size: int) -> None:
        frame, rules = sorted_out(*in_one(frame, rules))
        named = (column for rule in rules.columns.values() for column in rule.columns)
        columns = tuple(dict.fromkeys(column for column in named if column in frame.columns))
        self.records = len(frame)
        self.rows = Rows(folder, size)
        self.parts = _lay_down(frame, columns, self.rows)
        self.known = Known(rules, columns)
        self.comparison: Comparison = self.known.comparison()
        self.comparison.model.records = self.records
        self.held = Held(session, self.parts)
        self._nodes: Any = None
        self._candidates: Any = None
        self._judged: Any = None

    def collapse(self, named: Iterable[int], enough: float) -> np.ndarray:
        """See `Evidence`."""
        import numpy as np

        node = np.arange(self.records)
        names = names_of(len(self.known.columns))
        texts = ", ".join(names[1:])
        same = " AND ".join(f"r.{name} = e.{name}" for name in names[1:])
        if not texts or not self.records:
            return node
        rows = self._made(self.rows, self._schema)
        equal = self.held.sql(
            f"SELECT min(at) AS at, {texts}, count(*) AS times FROM {{rows}} GROUP BY {texts} HAVING count(*) > 1",
            rows=rows,
        )
        one = equal.mapInArrow(Itself(self._shared, enough), self._schema)
        found = self.held.sql(
            f"SELECT r.at AS at, e.at AS node FROM {{rows}} r JOIN {{one}} e ON {same} AND r.at <> e.at",
            rows=rows,
            one=one,
        ).toArrow()
        node[found["at"].to_numpy()] = found["node"].to_numpy()
        for record in named:
            node[record] = record
        return node

    def find(self, nodes: np.ndarray, pairs: int) -> Found:
        """See `Evidence`."""
        import numpy as np

        wanted = np.zeros(self.records, dtype=bool)
        wanted[nodes] = True
        self._nodes = self.held.broadcast(wanted)
        few = all_pairs(len(nodes))
        facts: dict[str, Any] = {}
        if few is not None:
            made = self._pairs(nodes[few.left], nodes[few.right])
        else:
            made, facts = self._blocked(len(nodes), pairs)
        self._candidates = self.held.persisted(self._compared(made))
        return Found(self._candidates.count(), facts)

    def levels(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        """See `Evidence`."""
        found = self._compared(self._pairs(left, right)).select("levels").toArrow()
        return unpacked(found["levels"], "int8", len(self.comparison.names))

    def sample(self, step: int) -> tuple[np.ndarray, np.ndarray]:
        """See `Evidence`."""
        chosen = self._candidates.mapInArrow(Chosen(OneOf(step)), _PAIR).select("levels", "others").toArrow()
        roles = len(self.comparison.names)
        return unpacked(chosen["levels"], "int8", roles), unpacked(chosen["others"], "float32", roles)

    def scores(self) -> Counted:
        """See `Evidence`."""
        known = self.held.broadcast(self._whole)
        self._judged = self.held.persisted(
            self._candidates.mapInArrow(Judged(known), f"{_PAIR}, bits double, doubtful boolean")
        )
        found = self.held.sql(
            "SELECT bits, doubtful, count(*) AS times FROM {judged} WHERE never < 0 GROUP BY bits, doubtful", judged=self._judged
        ).toArrow()  # fmt: skip
        return counted(found["bits"].to_numpy(), found["doubtful"].to_numpy(), found["times"].to_numpy())

    def likely(self, bits: float) -> Pairs:
        """See `Evidence`."""
        return self._brought(self._judged.where(f"bits >= {bits!r}D"))

    def together(self, cluster: np.ndarray, below: float) -> Pairs:
        """See `Evidence`."""
        few = self._judged.where(f"bits < {below!r}D")
        return self._brought(few.mapInArrow(Chosen(Together(self.held.broadcast(cluster))), self._judged.schema))

    def close(self, records: np.ndarray) -> Close:
        """See `Evidence`."""
        import numpy as np
        import pyarrow as pa

        own = np.unique(records)
        pieces = [pa.table({name: pa.array([], pa.string()) for name in names_of(len(self.known.columns))[1:]})]
        for number in range(self.parts if len(own) else 0):
            inside = own[
                np.searchsorted(own, number * self.rows.size) : np.searchsorted(own, (number + 1) * self.rows.size)
            ]
            if len(inside):
                part = self.rows.part(number).drop_columns("at")
                pieces.append(part.take(pa.array(inside - number * self.rows.size)))
        return _Close(own, self._whole.comparison(pa.concat_tables(pieces)))

    def forget(self) -> None:
        """Give back what the cluster keeps."""
        self.held.release()

    @cached_property
    def _schema(self) -> str:
        at, *texts = names_of(len(self.known.columns))
        return ", ".join([f"{at} long", *(f"{name} string" for name in texts)])

    @cached_property
    def _whole(self) -> Known:
        """What tasks are told: the model, by reference, so that what it learns later is in it, and how often things stand in the table."""
        import numpy as np

        told = self._made(
            Tallies(self.rows, self.held.broadcast(self.known)), "tally int, key long, of long, times long"
        )
        found = self.held.sql(
            "SELECT tally, key, sum(times) AS times FROM ("
            "SELECT tally, key, CASE WHEN of IS NULL THEN sum(times) ELSE 1 END AS times FROM {told} GROUP BY tally, key, of"
            f") GROUP BY tally, key HAVING sum(times) >= {TOLD}", told=told,
        ).toArrow()  # fmt: skip
        tally, key, times = (found[name].to_numpy() for name in ("tally", "key", "times"))
        order = np.lexsort((key, tally))
        tally, key, times = tally[order], key[order], times[order]
        count = sum(1 for _ in self.comparison.tallies())
        ends = np.searchsorted(tally, np.arange(count + 1))
        parts = [Times(key[a:b], times[a:b]) for a, b in zip(ends[:-1].tolist(), ends[1:].tolist(), strict=True)]
        return Known(self.known.rules, self.known.columns, self.comparison.model, parts)

    @cached_property
    def _shared(self) -> Any:
        return self.held.broadcast(self._whole)

    def _made(self, task: Any, schema: str) -> Any:
        """Return what a task makes of each part of the records."""
        return self.held.session.range(0, self.parts, 1, self.parts).mapInArrow(task, schema)

    def _blocked(self, nodes: int, pairs: int) -> tuple[Any, dict[str, Any]]:
        """Return the pairs of nodes that share a key, and the facts of `Candidates`."""
        import numpy as np

        nothing = np.zeros(0, dtype=np.int64)
        kinds = tuple(kind for kind, *_ in self.comparison.keys(nothing))
        task = Keys(Rows(self.rows.folder, self.rows.size, self._nodes), self._shared, kinds, nodes)
        first = self.comparison.names[0] if self.comparison.names else ""
        blocking = Blocking(self.held, self._made(task, "kind int, key long, node long"), kinds, nodes, pairs, first)
        found = blocking.candidates()
        return self._pairs(nothing, nothing) if found is None else found, blocking.facts

    def _pairs(self, left: np.ndarray, right: np.ndarray) -> Any:
        import numpy as np
        import pyarrow as pa

        data = {
            "left": left.astype(np.int64),
            "right": right.astype(np.int64),
            "found_by": np.zeros(len(left), dtype=np.int64),
        }
        return self.held.session.createDataFrame(pa.table(data), "left long, right long, found_by long")

    def _compared(self, pairs: Any) -> Any:
        """Return pairs with levels, rarities and never rules."""
        names = names_of(len(self.known.columns))[1:]
        sides = ", ".join(f"{side}.{name} AS {side}{name[1:]}" for side in "ab" for name in names)
        nodes = self._made(Rows(self.rows.folder, self.rows.size, self._nodes), self._schema)
        joined = self.held.sql(
            f"SELECT p.left, p.right, p.found_by, {sides} FROM {{pairs}} p JOIN {{nodes}} a ON a.at = p.left JOIN {{nodes}} b ON b.at = p.right",
            pairs=pairs, nodes=nodes,
        )  # fmt: skip
        return joined.mapInArrow(Compared(self._shared), _PAIR)

    def _brought(self, pairs: Any) -> Pairs:
        """Return pairs in the order of their records."""
        import numpy as np

        found: pa.Table = pairs.toArrow()
        left, right, by, bits, never, doubtful = (
            found[name].to_numpy() for name in ("left", "right", "found_by", "bits", "never", "doubtful")
        )
        roles = len(self.comparison.names)
        levels, others = unpacked(found["levels"], "int8", roles), unpacked(found["others"], "float32", roles)
        return Pairs(left, right, by, levels, others, bits, never, doubtful).chosen(np.lexsort((right, left)))


@dataclass(frozen=True)
class _Close:
    """Some of the records, brought to the driver."""

    records: np.ndarray
    comparison: Comparison

    def score(self, left: np.ndarray, right: np.ndarray) -> Scores:
        """See `Close`."""
        import numpy as np

        return self.comparison.score(np.searchsorted(self.records, left), np.searchsorted(self.records, right))

    def verdict(self, left: np.ndarray, right: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """See `Close`."""
        import numpy as np

        return self.comparison.verdict(np.searchsorted(self.records, left), np.searchsorted(self.records, right))

    def tags(self, records: np.ndarray) -> np.ndarray | None:
        """See `Close`."""
        import numpy as np

        return self.comparison.tags(np.searchsorted(self.records, records))


def _lay_down(frame: pd.DataFrame, columns: tuple[str, ...], rows: Rows) -> int:
    """Write the columns of the records that are compared, in parts; return how many these are."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows.folder.mkdir(parents=True)
    count = max(1, -(-len(frame) // rows.size))
    schema = pa.schema([(column, pa.string()) for column in columns])
    for number in range(count):
        part = frame.iloc[number * rows.size : (number + 1) * rows.size][list(columns)]
        table = pa.Table.from_pandas(part, schema=schema, preserve_index=False).replace_schema_metadata(None)
        pq.write_table(table, part_path(rows.folder, number), compression="zstd", compression_level=1)
    return count
