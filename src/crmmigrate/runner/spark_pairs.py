"""What Spark's tasks do when groups of records are looked for (`spark_dedupe.py`): keys, comparisons and judgements, by the functions of `matching/`.

A task makes a table of the records that it was given and compares these: a part of the whole, whose model and rarities it is told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crmmigrate.matching.blocking import block_number, packable
from crmmigrate.matching.comparison import Comparison
from crmmigrate.matching.evidence import pair_numbers
from crmmigrate.matching.texts.letters import mixed
from crmmigrate.model.table import to_text_frame

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

    from crmmigrate.matching.weights import Model
    from crmmigrate.model.dedupe import DedupeRules

    Batches = Iterator[pa.RecordBatch]

_AT_ONCE = 200_000
"""So many pairs are compared together: the more, the fewer values are taken apart several times."""


@dataclass(frozen=True)
class Times:
    """How often things stand in the whole table, those that are met oftener than twice.

    Args:
        keys: ascending.
        times: of each.
    """

    keys: np.ndarray
    times: np.ndarray

    def __call__(self, keys: np.ndarray) -> np.ndarray:
        """Return how often each of `keys` does; 0 for those it was not told of."""
        import numpy as np

        if not len(self.keys):
            return np.zeros(len(keys), dtype=np.int64)
        at = np.minimum(np.searchsorted(self.keys, keys), len(self.keys) - 1)
        return np.where(self.keys[at] == keys, self.times[at], 0)


@dataclass(frozen=True)
class Known:
    """What is known of the whole table.

    Args:
        rules: of the object.
        columns: that the rules compare, in the order in which tasks hand them on.
        model: as it is now.
        times: for each tally.
    """

    rules: DedupeRules
    columns: tuple[str, ...]
    model: Model | None = None
    times: Sequence[Times] = field(default=())

    def comparison(self, rows: pa.Table | None = None) -> Comparison:
        """Return the comparison of some rows, whose columns are in the order of `columns`; without them it only judges."""
        import pyarrow as pa

        if rows is None:
            rows = pa.table({name: pa.array([], pa.string()) for name in self.columns})
        made = Comparison(to_text_frame(rows.rename_columns(list(self.columns))), self.rules)
        return made.part_of(self.model, self.times) if self.model else made


@dataclass(frozen=True)
class Rows:
    """Numbers of parts in; records out: `at` and the columns that are compared, without missing values.

    Args:
        folder: of the parts.
        size: rows of a part.
        nodes: per record whether it is wanted; broadcast; all where not given.
    """

    folder: Path
    size: int
    nodes: Any = None

    def part(self, number: int) -> pa.Table:
        """Return one part, with its records' positions."""
        import numpy as np
        import pyarrow as pa
        import pyarrow.compute as pc
        import pyarrow.parquet as pq

        rows = pq.read_table(part_path(self.folder, number))
        at = number * self.size + np.arange(rows.num_rows)
        columns = [pc.fill_null(column, "") for column in rows.columns]
        made = pa.Table.from_arrays([pa.array(at), *columns], names=names_of(len(columns)))
        return made if self.nodes is None else made.filter(pa.array(self.nodes.value[at]))

    def tables(self, numbers: Batches) -> Iterator[pa.Table]:
        """Yield the parts of these numbers."""
        for batch in numbers:
            yield from map(self.part, batch.column(0).to_pylist())

    def __call__(self, numbers: Batches) -> Batches:
        """Yield the records."""
        for table in self.tables(numbers):
            yield from table.combine_chunks().to_batches(_AT_ONCE // 4)


@dataclass(frozen=True)
class Tallies:
    """Numbers of parts in; `tally`, `key`, `of` (missing where times add up) and `times` out."""

    rows: Rows
    known: Any

    def __call__(self, numbers: Batches) -> Batches:
        """Yield what rarities are counted by."""
        import numpy as np
        import pyarrow as pa

        for table in self.rows.tables(numbers):
            comparison = self.known.value.comparison(table.drop_columns("at"))
            for number, tally in enumerate(comparison.tallies()):
                of = pa.nulls(len(tally.keys), pa.int64()) if tally.of is None else pa.array(tally.of, pa.int64())
                yield pa.RecordBatch.from_pydict({
                    "tally": pa.array(np.full(len(tally.keys), number), pa.int32()), "key": pa.array(tally.keys, pa.int64()),
                    "of": of, "times": pa.array(tally.times.astype(np.int64)),
                })  # fmt: skip


@dataclass(frozen=True)
class Itself:
    """Records in, with how often each is there (`times`); those out that are one thing with those equal to them.

    Args:
        known: broadcast.
        enough: bits.
    """

    known: Any
    enough: float

    def __call__(self, batches: Batches) -> Batches:
        """Yield records."""
        import numpy as np
        import pyarrow as pa

        for table in _gathered(batches):
            times, rows = table["times"].to_numpy(), table.drop_columns("times")
            comparison = self.known.value.comparison(rows.drop_columns("at"))
            one = comparison.equal(np.arange(rows.num_rows), times, self.enough)
            yield from rows.filter(pa.array(one)).to_batches()


@dataclass(frozen=True)
class Keys:
    """Numbers of parts in; the keys of their nodes out: `kind` (its number in `kinds`), `key`, `node`.

    Args:
        rows: with the nodes.
        known: broadcast.
        kinds: of keys.
        count: of nodes.
    """

    rows: Rows
    known: Any
    kinds: tuple[str, ...]
    count: int

    def __call__(self, numbers: Batches) -> Batches:
        """Yield keys, no node twice under one."""
        import numpy as np
        import pandas as pd
        import pyarrow as pa

        for table in self.rows.tables(numbers):
            at = table["at"].to_numpy()
            comparison = self.known.value.comparison(table.drop_columns("at"))
            for kind, owners, found in comparison.keys(np.arange(len(at))):
                keyed = pd.DataFrame({"key": packable(found, self.count).astype(np.int64), "node": at[owners]})
                keyed = keyed.drop_duplicates()
                kinds = np.full(len(keyed), self.kinds.index(kind), dtype=np.int32)
                yield pa.RecordBatch.from_arrays(
                    [pa.array(kinds), *(pa.array(keyed[name].to_numpy()) for name in keyed)],
                    names=["kind", "key", "node"],
                )


@dataclass(frozen=True)
class Numbered:
    """`kind`, `key` and `node` of large blocks in; `node` and the `block`'s number out."""

    kinds: tuple[str, ...]

    def __call__(self, batches: Batches) -> Batches:
        """Yield nodes with blocks."""
        import numpy as np
        import pyarrow as pa

        for batch in batches:
            kind, key = (batch.column(name).to_numpy() for name in ("kind", "key"))
            block = np.zeros(len(key), dtype=np.int64)
            for number in np.unique(kind).tolist():
                block[kind == number] = block_number(self.kinds[number], key[kind == number])
            yield pa.RecordBatch.from_pydict({"node": batch.column("node"), "block": pa.array(block)})


@dataclass(frozen=True)
class Both:
    """`node` and two blocks of it, `one` and `other`, in; `key` (of the two) and `node` out."""

    count: int

    def __call__(self, batches: Batches) -> Batches:
        """Yield keys."""
        import numpy as np
        import pyarrow as pa

        for batch in batches:
            key = packable(mixed(batch.column("one").to_numpy(), batch.column("other").to_numpy()), self.count)
            yield pa.RecordBatch.from_pydict({"key": pa.array(key.astype(np.int64)), "node": batch.column("node")})


@dataclass(frozen=True)
class Compared:
    """Pairs with what is compared of both sides in; the pairs with levels, rarities and never rules out."""

    known: Any

    def __call__(self, batches: Batches) -> Batches:
        """Yield `left`, `right`, `found_by`, `levels`, `others`, `never`."""
        import numpy as np
        import pyarrow as pa

        known: Known = self.known.value
        for table in _gathered(batches):
            sides = [table[name].to_numpy() for name in ("left", "right")]
            _, first, index = np.unique(np.concatenate(sides), return_index=True, return_inverse=True)
            texts = [
                pa.chunked_array([*table[f"a{n}"].chunks, *table[f"b{n}"].chunks], pa.string()).take(pa.array(first))
                for n in range(len(known.columns))
            ]
            comparison = known.comparison(pa.Table.from_arrays(texts, names=list(known.columns)))
            left, right = np.split(index, 2)
            levels, others = comparison.levels(left, right)
            yield from pa.table({
                **{name: table[name] for name in ("left", "right", "found_by")}, "levels": _packed(levels), "others": _packed(others),
                "never": pa.array(comparison.never(left, right, levels), pa.int8()),
            }).combine_chunks().to_batches()  # fmt: skip


@dataclass(frozen=True)
class Judged:
    """Compared pairs in; the same with `bits` and `doubtful` out."""

    known: Any

    def __call__(self, batches: Batches) -> Batches:
        """Yield pairs."""
        import pyarrow as pa

        comparison = self.known.value.comparison()
        for batch in batches:
            roles = len(comparison.names)
            bits, doubtful = comparison.judge_lightly(
                unpacked(batch.column("levels"), "int8", roles), unpacked(batch.column("others"), "float32", roles)
            )
            yield batch.append_column("bits", pa.array(bits)).append_column("doubtful", pa.array(doubtful))


@dataclass(frozen=True)
class Chosen:
    """Pairs in; those out of which `which` says so of `left` and `right`."""

    which: Callable[[np.ndarray, np.ndarray], np.ndarray]

    def __call__(self, batches: Batches) -> Batches:
        """Yield pairs."""
        import pyarrow as pa

        for batch in batches:
            yield batch.filter(pa.array(self.which(batch.column("left").to_numpy(), batch.column("right").to_numpy())))


@dataclass(frozen=True)
class OneOf:
    """Says which pairs an even part of all holds."""

    step: int

    def __call__(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        """Return which."""
        import numpy as np

        return np.asarray(pair_numbers(left, right) % self.step == 0)


@dataclass(frozen=True)
class Together:
    """Says which pairs are in one cluster, given the broadcast cluster of each record."""

    cluster: Any

    def __call__(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        """Return which."""
        import numpy as np

        return np.asarray(self.cluster.value[left] == self.cluster.value[right])


def part_path(folder: Path, number: int) -> Path:
    """Return where a part of the records lies."""
    return folder / f"rows-{number:05}.parquet"


def names_of(columns: int) -> list[str]:
    """Return what columns are called within Spark: their own names may hold any sign."""
    return ["at", *(f"c{number}" for number in range(columns))]


def _gathered(batches: Batches) -> Iterator[pa.Table]:
    """Yield many batches as one table, again and again."""
    import pyarrow as pa

    waiting: list[pa.RecordBatch] = []
    rows = 0
    for batch in batches:
        waiting.append(batch)
        rows += batch.num_rows
        if rows >= _AT_ONCE:
            yield pa.Table.from_batches(waiting)
            waiting, rows = [], 0
    if rows:
        yield pa.Table.from_batches(waiting)


def _packed(rows: np.ndarray) -> pa.Array:
    """Return each row of numbers as its bytes."""
    import numpy as np
    import pyarrow as pa

    whole = np.ascontiguousarray(rows)
    width = whole.shape[1] * whole.itemsize
    offsets = np.arange(len(whole) + 1, dtype=np.int32) * np.int32(width)
    return pa.Array.from_buffers(
        pa.binary(), len(whole), [None, pa.py_buffer(offsets.tobytes()), pa.py_buffer(whole.tobytes())]
    )


def unpacked(column: pa.Array | pa.ChunkedArray, kind: str, width: int) -> np.ndarray:
    """Return the rows of so many numbers whose bytes are given; each column lies in one piece."""
    import numpy as np
    import pyarrow as pa

    chunks = column.chunks if isinstance(column, pa.ChunkedArray) else [column]
    found = [np.zeros((0, width), dtype=kind)]
    for chunk in chunks:
        offsets, data = chunk.buffers()[1:3]
        if len(chunk):
            begin = np.frombuffer(offsets, dtype=np.int32)[chunk.offset]
            found.append(
                np.frombuffer(data, dtype=kind, count=len(chunk) * width, offset=int(begin)).reshape(-1, width)
            )
    return np.asfortranarray(np.concatenate(found))
