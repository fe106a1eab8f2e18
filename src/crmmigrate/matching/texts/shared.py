"""What comparators of values with identity (phones, codes, e-mails) have in common: bags of items and how rare these are."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from crmmigrate.matching import Tally
from crmmigrate.matching.texts.bags import bags, hashed, item_counts
from crmmigrate.matching.texts.cells import Held, bags_of

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    import pyarrow as pa

    from crmmigrate.matching import Values


class ItemComparer:
    """Compares bags of items: the same item on both sides is level 0, what is left goes to `relate`.

    Args:
        held: the items of each distinct value.
        counts: in how many records each distinct value stands.
        last: the level of different values.
        kind: of the blocking key.
    """

    once = False
    """Whether items are few and costly to compare, see `Bags.best`."""

    def __init__(self, held: Held | Sequence[Sequence[Any]], counts: np.ndarray, last: int, kind: str) -> None:
        self.items: pa.Array | Sequence[Any]
        self.bag, self.items = bags_of(held) if isinstance(held, Held) else bags(held)
        self.last = last
        self.kind = kind
        self.records = item_counts(self.bag, counts, len(self.items))

    def texts(self, which: np.ndarray) -> list[str]:
        """Return some of the items as texts."""
        import pyarrow as pa

        if isinstance(self.items, pa.Array):
            found: list[str] = self.items.take(pa.array(which)).to_pylist()
        else:
            found = self._texts[which].tolist()
        return found

    @cached_property
    def _texts(self) -> np.ndarray:
        import numpy as np

        texts = np.empty(len(self.items), dtype=object)
        texts[:] = self.written()
        return texts

    @cached_property
    def numbers(self) -> np.ndarray:
        """A number for each item, the same in whatever table it stands."""
        return hashed(self.written())

    def lines(self) -> np.ndarray:
        """Return a number for the line that each item is, as many companies may have it."""
        return self.numbers

    def written(self) -> Values:
        """Return the items as texts."""
        return self.items

    def tallies(self) -> list[Tally]:
        """Return in how many records each item stands."""
        return [Tally(self.numbers, self.records)]

    def recount(self, times: Sequence[Callable[[np.ndarray], np.ndarray]]) -> None:
        """Take the items to stand in so many records."""
        self.records = times[0](self.numbers)

    def compare(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        """Return the level of each pair of value indices; -1 where one side has no item."""
        return self.bag.best(left, right, self._levels, once=self.once)

    def _levels(self, one: np.ndarray, other: np.ndarray) -> np.ndarray:
        import numpy as np

        levels = np.where(one == other, 0, self.last).astype(np.int8)
        rest = np.flatnonzero(one != other)
        if len(rest):
            levels[rest] = self.relate(one[rest], other[rest])
        return levels

    def relate(self, one: np.ndarray, other: np.ndarray) -> np.ndarray:  # noqa: ARG002  (for those that override it)
        """Return the level of pairs of different items; here: different."""
        import numpy as np

        return np.full(len(one), self.last, dtype=np.int8)

    def others(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        """Return how many further records share the rarest common item."""
        import numpy as np

        result = np.zeros(len(left))
        owner, one, other = self.bag.cross(left, right)
        same = one == other
        owner, one = owner[same], one[same]
        if len(owner):
            begins = np.flatnonzero(np.r_[True, owner[1:] != owner[:-1]])
            result[owner[begins]] = np.maximum(np.minimum.reduceat(self.records[one], begins) - 2, 0)
        return result

    def different(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        """Return where both sides have items and no level above different holds."""
        import numpy as np

        return np.asarray(self.compare(left, right) == self.last)

    def candidate_keys(self) -> list[tuple[str, np.ndarray, np.ndarray]]:
        """Return every item as a key."""
        return [self.keyed(self.kind, self.numbers)]

    def keyed(self, kind: str, key: np.ndarray) -> tuple[str, np.ndarray, np.ndarray]:
        """Return keys of a kind, given the number of each item's key; -1 for those without one."""
        import numpy as np

        values = np.repeat(np.arange(len(self.bag.sizes)), self.bag.sizes)
        numbers = key[self.bag.items] if len(self.bag.items) else np.zeros(0, dtype=np.int64)
        return kind, values[numbers >= 0], numbers[numbers >= 0]
