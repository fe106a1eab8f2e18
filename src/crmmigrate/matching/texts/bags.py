"""Values that are several at once: the names, phones or codes of one record."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Hashable

    import numpy as np
    import pyarrow as pa

H = TypeVar("H", bound="Hashable")
_MOST = 1 << 62
_SHORT = 1 << 31


@dataclass(frozen=True)
class Bags:
    """For each value the ids of its items, laid end to end.

    Args:
        starts: where a value's items begin.
        sizes: how many it has.
        items: ids of distinct items.
    """

    starts: np.ndarray
    sizes: np.ndarray
    items: np.ndarray

    @cached_property
    def span(self) -> int:
        """A number above those of all items."""
        return int(self.items.max(initial=0)) + 1

    def best(
        self,
        left: np.ndarray,
        right: np.ndarray,
        compare: Callable[[np.ndarray, np.ndarray], np.ndarray],
        *,
        once: bool,
    ) -> np.ndarray:
        """Return per pair the smallest level over all pairs of their items of which something is said; -1 where nothing is.

        Args:
            left: value indices.
            right: value indices.
            compare: item ids on both sides → levels.
            once: compare each distinct pair of items once, because that costs more than to find them.
        """
        import numpy as np

        levels = np.full(len(left), -1, dtype=np.int8)
        sizes = self.sizes[left] * self.sizes[right]
        # Of most pairs each has one item.
        single, several = np.flatnonzero(sizes == 1), np.flatnonzero(sizes > 1)
        owner, one, other = self.cross(left[several], right[several])
        one = np.concatenate([self.items[self.starts[left[single]]], one])
        other = np.concatenate([self.items[self.starts[right[single]]], other])
        if not len(one):
            return levels
        if once:
            span = self.span
            inverse, met = distinct(np.minimum(one, other) * span + np.maximum(one, other))
            found = compare(met // span, met % span)[inverse]
        else:
            found = compare(one, other)
        levels[single] = found[: len(single)]
        if len(owner):
            begins = np.flatnonzero(np.r_[True, owner[1:] != owner[:-1]])
            # What says nothing, -1, is the largest of numbers without a sign.
            several_found = found[len(single) :].astype(np.int8).view(np.uint8)
            levels[several] = np.minimum.reduceat(several_found, begins).view(np.int8)
        return levels

    def cross(self, left: np.ndarray, right: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return all pairs of items of each pair of values: the pair's index (ascending), item left, item right."""
        import numpy as np

        width = self.sizes[right]
        counts = self.sizes[left] * width
        if (counts == 1).all():
            return np.arange(len(left)), self.items[self.starts[left]], self.items[self.starts[right]]
        owner = np.repeat(np.arange(len(left)), counts)
        if not len(owner):
            return owner, owner, owner
        within = ranges(np.zeros(len(counts), dtype=np.int64), counts)
        width = width[owner]
        one = self.items[self.starts[left][owner] + within // width]
        other = self.items[self.starts[right][owner] + within % width]
        return owner, one, other


def bags(lists: Sequence[Sequence[H]]) -> tuple[Bags, list[H]]:
    """Return the bags of `lists` and their distinct items by id."""
    import numpy as np

    ids: dict[H, int] = {}
    flat = [ids.setdefault(item, len(ids)) for items in lists for item in items]
    sizes = np.fromiter(map(len, lists), dtype=np.int64, count=len(lists))
    starts = np.cumsum(sizes) - sizes
    return Bags(starts, sizes, np.array(flat, dtype=np.int64)), list(ids)


def bags_once(items: np.ndarray, owners: np.ndarray, count: int, kinds: int) -> Bags:
    """Return the bags of items, each once in a value.

    Args:
        items: ids.
        owners: the value of each, ascending.
        count: of values.
        kinds: how many distinct items there are.
    """
    import numpy as np
    import pandas as pd

    sizes = np.bincount(owners, minlength=count)
    several = np.flatnonzero(sizes[owners] > 1)
    again = pd.Series(owners[several] * (kinds + 1) + items[several]).duplicated().to_numpy(dtype=bool)
    if again.any():
        items, owners = np.delete(items, several[again]), np.delete(owners, several[again])
        sizes = np.bincount(owners, minlength=count)
    return Bags(np.cumsum(sizes) - sizes, sizes, items)


def ranges(begins: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Return `counts[i]` numbers from `begins[i]` on, for each i, end to end; of the type of `begins`."""
    import numpy as np

    ends = np.cumsum(counts, dtype=begins.dtype)
    shifts = np.repeat(begins - (ends - counts).astype(begins.dtype), counts)
    shifts += np.arange(len(shifts), dtype=begins.dtype)
    return shifts


def each_two(sizes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the positions of each two things of one group, of groups of these sizes that lie end to end."""
    import numpy as np

    behind = np.repeat(np.cumsum(sizes), sizes) - np.arange(1, int(sizes.sum()) + 1)
    positions = np.arange(len(behind))
    return np.repeat(positions, behind), ranges(positions + 1, behind)


def runs(ordered: np.ndarray) -> np.ndarray:
    """Return the lengths of the runs of equal numbers."""
    import numpy as np

    ends = np.flatnonzero(ordered[1:] != ordered[:-1]) + 1
    return np.diff(ends, prepend=0, append=len(ordered)) if len(ordered) else np.zeros(0, dtype=np.int64)


class Holders:
    """For each of some numbers the positions at which it stands.

    Args:
        numbers: 0 or more, one per position.
        count: of different numbers there may be.
    """

    def __init__(self, numbers: np.ndarray, count: int) -> None:
        import numpy as np

        # Positions in half the memory: keys are many.
        self._order = np.argsort(numbers, kind="stable").astype(np.int32)
        self._counts = np.bincount(numbers, minlength=count)
        self._begins = np.cumsum(self._counts) - self._counts

    def of(self, numbers: np.ndarray, told: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the positions at which each of `numbers` stands, and for each of them what is told of its number."""
        import numpy as np

        counts, begins = self._counts[numbers], self._begins[numbers]
        if int(counts.sum()) < _SHORT:
            begins = begins.astype(np.int32)
        return self._order[ranges(begins, counts)], np.repeat(told, counts)


def numbered(texts: Sequence[Any] | pa.Array) -> np.ndarray:
    """Return a number (int32: they are picked for pair after pair) for each text, the same for the same text."""
    import numpy as np
    import pandas as pd
    import pyarrow as pa

    if isinstance(texts, pa.Array):
        return np.asarray(texts.dictionary_encode().indices.to_numpy(), dtype=np.int32)
    cells = np.empty(len(texts), dtype=object)
    cells[:] = texts
    return np.asarray(pd.factorize(cells)[0], dtype=np.int32)


def numbered_where_said(texts: pa.Array) -> np.ndarray:
    """Return `numbered`, but -1 for empty texts."""
    import numpy as np
    import pyarrow.compute as pc

    said = pc.greater(pc.binary_length(texts), 0).to_numpy(zero_copy_only=False)
    return np.where(said, numbered(texts), -1)


def hashed(texts: Sequence[str] | np.ndarray | pa.Array) -> np.ndarray:
    """Return a number (int64, 0 or more) for each text, the same for the same text in whatever table it stands."""
    import numpy as np
    import pandas as pd
    import pyarrow as pa

    if isinstance(texts, pa.Array):
        cells = texts.to_numpy(
            zero_copy_only=False
        )  # to hash a text takes less than to find it among the distinct ones
    else:
        cells = np.empty(len(texts), dtype=object)
        cells[:] = texts
    return np.asarray((pd.util.hash_array(cells, categorize=False) >> np.uint64(1)).astype(np.int64))


def distinct_rows(codes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the number of each distinct row of `codes` (0 or more), and the first row of each number."""
    import numpy as np
    import pandas as pd

    number, upto = np.zeros(len(codes), dtype=np.int64), 1
    for column in codes.T:
        width = int(column.max(initial=0)) + 1
        if upto * width >= _MOST:
            number, distinct = pd.factorize(number)
            upto = len(distinct)
        number, upto = number * width + column, upto * width
    number, distinct = pd.factorize(number)
    first = np.empty(len(distinct), dtype=np.int64)
    first[number[::-1]] = np.arange(len(number))[::-1]
    return number, first


def distinct(numbers: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return for each number its position among the distinct ones, and those in the order of their first appearance."""
    import pandas as pd

    inverse, distinct = pd.factorize(numbers)
    return inverse, distinct


def item_counts(bag: Bags, counts: np.ndarray, items: int) -> np.ndarray:
    """Return in how many records each item stands.

    Args:
        bag: of the distinct values.
        counts: in how many records each distinct value stands.
        items: number of distinct items.
    """
    import numpy as np

    return np.bincount(bag.items, weights=np.repeat(counts, bag.sizes), minlength=items)


def hashed_rows(words: Sequence[Sequence[str]]) -> np.ndarray:
    """Return a row of numbers for the words of each of several things, filled up with zeros."""
    import numpy as np

    sizes = np.fromiter(map(len, words), dtype=np.int64, count=len(words))
    table = np.zeros((len(words), int(sizes.max(initial=0)) or 1), dtype=np.int64)
    table[np.repeat(np.arange(len(words)), sizes), ranges(np.zeros_like(sizes), sizes)] = hashed([*chain(*words)])
    return table
