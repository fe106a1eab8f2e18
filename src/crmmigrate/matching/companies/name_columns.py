"""Company names taken apart, a column for each part: a million of them are a few arrays instead of as many things of Python."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from crmmigrate.matching.companies.parts import Name
from crmmigrate.matching.texts.bags import Bags, bags_once, distinct, distinct_rows
from crmmigrate.matching.texts.cells import mask, matched

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator, Sequence

    import numpy as np
    import pyarrow as pa


_NUMBER = re.compile(r"\d+|第[一二三四五六七八九十百]+")
"""第一中学 and 第三中学 are two schools, not a slip."""


class Coded(NamedTuple):
    """One part of many names, which has few values.

    Args:
        codes: per name the position of its value (int32: they are picked for pair after pair).
        values: distinct. Some may be of no name; of names that were taken (`take`) each is of one.
    """

    codes: np.ndarray
    values: list[Any]

    def take(self, at: np.ndarray) -> Coded:
        """Return the part of some of the names; its values in the order in which they are met."""
        if len(self.values) == 1 and len(at):
            return Coded(self.codes[at], self.values)
        codes, met = distinct(self.codes[at])
        return Coded(codes.astype("int32"), [self.values[value] for value in met.tolist()])

    def mapped(self, work: Callable[[Any], Any]) -> Coded:
        """Return what `work` makes of this part of each name."""
        found = coded([work(value) for value in self.values])
        return Coded(found.codes[self.codes], found.values)

    def beside(self, other: Coded) -> Coded:
        """Return this part together with another."""
        count = len(other.values)
        codes, met = distinct(self.codes.astype("int64") * count + other.codes)
        return Coded(
            codes.astype("int32"), [(self.values[both // count], other.values[both % count]) for both in met.tolist()]
        )

    def each(self, work: Callable[[Any], Any]) -> np.ndarray:
        """Return per name what `work` makes of its value."""
        import numpy as np

        return np.array([work(value) for value in self.values])[self.codes] if self.values else np.zeros(0, dtype=bool)

    def true(self) -> np.ndarray:
        """Return per name whether it says anything there; a `Place` always does, also one that is nowhere."""
        return self.each(bool)

    def where_said(self) -> np.ndarray:
        """Return a number for each value, -1 where nothing is said."""
        import numpy as np

        return np.where(self.true(), self.codes, -1)


def coded(values: Sequence[Hashable]) -> Coded:
    """Return a part of which the value of each name is given."""
    import numpy as np

    met: dict[Hashable, int] = {}
    codes = np.fromiter((met.setdefault(value, len(met)) for value in values), dtype=np.int32, count=len(values))
    return Coded(codes, list(met))


def either(no: Hashable, yes: Hashable, which: np.ndarray) -> Coded:
    """Return a part that has one value in some names and another in all others."""
    import numpy as np

    return Coded(which.astype(np.int32), [no, yes])


def one(value: Hashable, count: int) -> Coded:
    """Return a part that has the same value in all names."""
    import numpy as np

    return Coded(np.zeros(count, dtype=np.int32), [value] if count else [])


class Names(NamedTuple):
    """Names, the parts of `Name` each by itself; `full` and `core`, of which there are many, are large_string."""

    full: pa.Array
    core: pa.Array
    place: Coded
    branch: Coded
    group: Coded
    kind: Coded
    national: Coded
    behind: Coded
    district: Coded
    public: Coded
    romans: Coded
    seat: Coded
    words: Coded
    country: Coded
    at_most: Coded
    organisation: Coded
    tier: Coded
    department: Coded
    abroad: Coded

    def take(self, at: np.ndarray) -> Names:
        """Return some of the names."""
        import pyarrow as pa

        texts = (text.take(pa.array(at)) for text in self[:_TEXTS])
        return Names(*texts, *(part.take(at) for part in self[_TEXTS:]))

    def each(self) -> Iterator[Name]:
        """Give the names one by one."""
        texts = [self.full.to_pylist(), self.core.to_pylist()]
        parts = [[part.values[code] for code in part.codes.tolist()] for part in self[_TEXTS:]]
        return map(Name._make, zip(*texts, *parts, strict=True))


_TEXTS = 2
"""So many parts of a name are texts, the first ones."""


def columns(names: Sequence[Name]) -> Names:
    """Return names that were taken apart one by one."""
    import pyarrow as pa

    parts = list(zip(*names, strict=True)) if names else [()] * len(Name._fields)
    return Names(*(pa.array(text, pa.large_string()) for text in parts[:_TEXTS]), *map(coded, parts[_TEXTS:]))


def end_to_end(some: Sequence[Names]) -> Names:
    """Return all the names of several."""
    import pyarrow as pa

    texts, parts = (zip(*(names[part] for names in some), strict=True) for part in (slice(_TEXTS), slice(_TEXTS, None)))
    return Names(*map(pa.concat_arrays, texts), *map(_together, parts))


def _together(parts: Sequence[Coded]) -> Coded:
    import numpy as np

    met: dict[Hashable, int] = {}
    numbers = [np.array([met.setdefault(value, len(met)) for value in part.values], dtype=np.int32) for part in parts]
    return Coded(np.concatenate([number[part.codes] for number, part in zip(numbers, parts, strict=True)]), list(met))


def numbers_of(cores: pa.Array) -> np.ndarray:
    """Return a number for the numbers in each core, -1 where there are none."""
    import numpy as np
    import pyarrow as pa

    found = np.full(len(cores), -1)
    asked = np.flatnonzero(matched(cores, r"\p{Nd}|第"))
    some = cores.take(pa.array(asked)).to_pylist()
    found[asked] = coded([" ".join(_NUMBER.findall(core)) for core in some]).where_said()
    return found


def bags_of_names(names: Names, owners: np.ndarray, count: int) -> tuple[Bags, Names]:
    """Return the bags of the names that values hold, each once in a value, and the distinct ones by id; those without a name are none.

    Args:
        names: of the values.
        owners: the value of each, ascending.
        count: of values.
    """
    import numpy as np
    import pyarrow.compute as pc

    said = mask(pc.greater(pc.binary_length(names.full), 0))
    if not said.all():
        at = np.flatnonzero(said)
        names, owners = names.take(at), owners[at]
    items, firsts = distinct(_first_equal(names))
    return bags_once(items, owners, count, len(firsts)), names.take(firsts)


def _first_equal(names: Names) -> np.ndarray:
    """Return for each name the position of the first one that is equal to it in all parts."""
    import numpy as np
    import pyarrow as pa

    first = np.arange(len(names.full))
    full = names.full.dictionary_encode().indices.to_numpy()
    # Of most names nothing else needs to be looked at.
    again = np.flatnonzero(np.bincount(full)[full] > 1) if len(full) else first
    if len(again):
        core = names.core.take(pa.array(again)).dictionary_encode().indices.to_numpy()
        parts = [part.codes[again] for part in names[_TEXTS:]]
        number, met = distinct_rows(np.stack([full[again], core, *parts]).T)
        first[again] = again[met[number]]
    return first
