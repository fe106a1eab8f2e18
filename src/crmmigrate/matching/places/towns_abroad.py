"""Towns and states abroad, which no gazetteer knows: what the cells before the line of an address say, as each table has them."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from crmmigrate.matching import SEPARATOR
from crmmigrate.matching.texts.bags import distinct
from crmmigrate.matching.texts.cells import matched
from crmmigrate.matching.texts.folding import folded, texts_of

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

    from crmmigrate.matching import Values

_TOWN = r"^\p{Latin}[\p{Latin}\s.,'’()/-]+$"
"""Letters without a number: a postcode or a house tells where a house is, not in which town. A pattern of RE2."""

_WORD = re.compile(r"[a-z]+")
_CODE = 3
"""Letters of what a state is written short with: OR is no other state than Oregon, as far as anybody knows."""

_FULL = {"st": "saint", "ste": "sainte", "mt": "mount", "ft": "fort", "sankt": "saint"}
_SLIP = 4
"""In so many letters one may be wrong."""


class TownsAbroad:
    """The towns and states of the addresses of a role, as they stand in the columns before the one of the line.

    Args:
        values: distinct values of the role.
        lines: whether the last column is the one of the line.
    """

    def __init__(self, values: Values, *, lines: bool = True) -> None:
        import numpy as np

        self.columns: list[np.ndarray] = []
        """Of each column the number of each value's town, 0 where there is none."""
        self.texts: list[str] = [""]
        """The towns by number."""
        # In most tables no letter stands before the line of any address: then nothing need be folded once more.
        before = r"\p{Latin}[^" + SEPARATOR + "]*" + SEPARATOR if lines else r"\p{Latin}"
        if len(values) and matched(texts_of(values), before).any():
            self._take(folded(values), int(lines))
        self.said = np.zeros(len(values), dtype=bool)
        for column in self.columns:
            self.said |= column > 0

    def _take(self, texts: pa.Array, lines: int) -> None:
        import numpy as np
        import pyarrow.compute as pc

        met: dict[str, int] = {"": 0}
        lists = pc.split_pattern(texts, SEPARATOR)
        for position in range(int(pc.min(pc.list_value_length(lists)).as_py()) - lines):
            cells = pc.list_element(lists, position).dictionary_encode()
            towns = np.zeros(len(cells.dictionary), dtype=np.int32)
            at = np.flatnonzero(matched(cells.dictionary, _TOWN))
            towns[at] = [met.setdefault(_plain(cell), len(met)) for cell in cells.dictionary.take(at).to_pylist()]
            if len(at):
                self.columns.append(towns[cells.indices.to_numpy()])
        self.texts = list(met)

    def differ(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        """Return where two addresses name two towns or two states, both of which are written in one way: Köln is Koeln, but for all we know not Cologne."""
        import numpy as np

        result = np.zeros(len(left), dtype=bool)
        for towns in self.columns:
            one, other = towns[left], towns[right]
            rest = np.flatnonzero((one > 0) & (other > 0) & (one != other) & ~result)
            if len(rest):
                low, high = np.minimum(one[rest], other[rest]), np.maximum(one[rest], other[rest])
                inverse, pairs = distinct(low.astype(np.int64) * len(self.texts) + high)
                result[rest] = self._others(pairs // len(self.texts), pairs % len(self.texts))[inverse]
        return result

    def _others(self, one: np.ndarray, other: np.ndarray) -> np.ndarray:
        import numpy as np
        from rapidfuzz.distance import OSA
        from rapidfuzz.process import cpdist

        a, b = ([self.texts[town] for town in side.tolist()] for side in (one, other))
        sizes = np.array([[*map(len, a)], [*map(len, b)]])
        distance = cpdist(a, b, scorer=OSA.distance)
        part = [mine.startswith(its) or its.startswith(mine) for mine, its in zip(a, b, strict=True)]
        codes = sizes <= _CODE
        alike = (distance <= np.minimum(*sizes) // _SLIP) | (np.array(part, dtype=bool) & ~codes.all(axis=0))
        return np.asarray(~alike & (codes[0] == codes[1]))


def _plain(cell: str) -> str:
    letters = cell if cell.isascii() else unicodedata.normalize("NFD", cell)
    plain = "".join(sign for sign in letters if not unicodedata.combining(sign)).replace("ß", "ss")
    plain = re.sub("(?<=[^aeiou])([aou])e(?=[^aeiou])", r"\1", plain.partition("(")[0].partition(",")[0])
    return " ".join(_FULL.get(word, word) for word in _WORD.findall(plain))
