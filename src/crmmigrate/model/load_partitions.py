"""How the batches of a load are dealt out to several writers, so that the result is that of one.

Batches are cut and numbered as ever. What one batch does depends on another one only where both hold rows with the same value of a
unique key: such batches go to one writer, in their order. All others may be written at the same time, in any order.
"""

from __future__ import annotations

from collections import defaultdict
from heapq import heappop, heappush
from typing import TYPE_CHECKING, Any

from crmmigrate.model.issue import RECORD
from crmmigrate.model.load_batches import load_batches
from crmmigrate.model.table import quoted

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from crmmigrate.model.table import Table, Tables

_WIDE = "".join(map(chr, (0x3000, *range(0xFF01, 0xFF5F))))
_NARROW = "".join(map(chr, range(0x20, 0x7F))).replace("'", "''")
_FOLDED = r"[^\x00-\x7F\x{4E00}-\x{9FFF}]"
"""Letters that folding may change, but for the case of plain ones: most values have none of them, and to fold them takes ten times as long."""
_NUMBER = r"^\s*[-+.0-9]"

MANY = 100_000
"""Rows that share values with others: where there are more, hardly a batch has none of them."""


def _same(cell: str) -> str:
    """Return SQL that is the same for most of what a database may take for the same value; what is so in vain only shares a writer.

    It folds numbers however written, case, accents, full-width letters, ß. What only some collations take for the same (ligatures,
    hiragana and katakana, characters without width) stays apart: which of two such rows comes first is then open.
    """
    wide = f"trim(translate({cell}, '{_WIDE}', '{_NARROW}'))"
    folded = f"replace(lower(strip_accents(nfc_normalize({wide}))), 'ß', 'ss')"
    plain = f"lower(trim({cell}))"

    def number(text: str, otherwise: str) -> str:
        return f"coalesce(CAST(TRY_CAST({text} AS DECIMAL(38, 6)) AS VARCHAR), {otherwise})"

    return (
        f"CASE WHEN regexp_matches({cell}, '{_FOLDED}') THEN {number(wide, folded)} "
        f"WHEN regexp_matches({cell}, '{_NUMBER}') THEN {number(f'trim({cell})', plain)} ELSE {plain} END"
    )


class _Alike:
    """Rows of a table that have the same value of a key; a row in which a cell of it is missing has it with none.

    Values are known by a hash, and rows are only looked for where two have the same one: a key of a million rows takes little memory.

    Args:
        tables: with the table.
        name: of it.
        key: columns.
    """

    def __init__(self, tables: Tables, name: str, key: Sequence[str]) -> None:
        self._tables = tables
        self._name = name
        self._hash = f"hash({', '.join(_same(quoted(column)) for column in key)})"
        self._filled = " AND ".join(f"{quoted(column)} IS NOT NULL" for column in key)
        hashed = f"SELECT {self._hash} AS k FROM {quoted(name)} WHERE {self._filled}"
        self._same = f"SELECT k, count(*) AS n FROM ({hashed}) GROUP BY k HAVING count(*) > 1"

    @property
    def count(self) -> int:
        """How many rows there are."""
        return int(self._tables.sql(f"SELECT coalesce(sum(n), 0) FROM ({self._same})").column(0)[0].as_py())

    def lists(self, shown: str) -> list[list[Any]]:
        """Return `shown`, a column or `n` for the place in the table, of the rows that have one value, for each such value."""
        numbered = f"SELECT row_number() OVER () - 1 AS n, * FROM {quoted(self._name)}"
        rows = f"SELECT {shown} AS shown, {self._hash} AS k FROM ({numbered}) WHERE {self._filled}"
        found = self._tables.sql(f"SELECT list(shown) FROM ({rows}) SEMI JOIN ({self._same}) USING (k) GROUP BY k")
        lists: list[list[Any]] = found.column(0).to_pylist()
        return lists


def sharing(tables: Tables, name: str, keys: Iterable[Sequence[str]], most: int = MANY) -> frozenset[str] | None:
    """Return the records whose rows have the same value of one of `keys` as another row; None where they are more than `most`.

    Args:
        tables: with the table `name`.
        name: of the rows to be loaded.
        keys: as of `ties`.
        most: records.
    """
    found: set[str] = set()
    for key in keys:
        alike = _Alike(tables, name, key)
        count = alike.count
        if count > most:
            return None
        found.update(*(alike.lists(RECORD) if count else ()))
    return frozenset(found) if len(found) <= most else None


def cuts(table: Table, columns: Sequence[str], size: int, only: frozenset[str] | None = None) -> list[tuple[int, int]]:
    """Return from which row to which of `table` each batch lies that `load_batches` yields; rows that are not of `only` lie between."""
    sizes = [len(batch) for batch in load_batches(table, columns, size, only) if len(batch)]
    ends: list[int] = []
    for count in sizes:
        ends.append(count + (ends[-1] if ends else 0))
    if only is not None:
        places = _places(table, only)
        ends = [places[end - 1] + 1 for end in ends]
    return list(zip([0, *ends], ends, strict=False))


def _places(table: Table, only: frozenset[str]) -> list[int]:
    places: list[int] = []
    start = 0
    for part in table.batches():
        places += (part[RECORD].isin(only).to_numpy().nonzero()[0] + start).tolist()
        start += len(part)
    return places


def ties(
    tables: Tables, name: str, keys: Iterable[Sequence[str]], ranges: Mapping[int, tuple[int, int]]
) -> list[tuple[int, int]]:
    """Return pairs of batches that hold rows with the same value of one of `keys`.

    Args:
        tables: with the table `name`.
        name: of the rows to be loaded.
        keys: columns of each key of the target that no two rows may share; a row in which one is missing shares it with none.
        ranges: number of a batch → where its rows lie, as `cuts` returns it; in order.
    """
    from bisect import bisect_right

    numbers, starts = list(ranges), [start for start, _ in ranges.values()]
    found: set[tuple[int, int]] = set()
    for key in keys:
        for same in _Alike(tables, name, key).lists("n"):
            holding = sorted({numbers[bisect_right(starts, place) - 1] for place in same})
            found |= {(holding[0], other) for other in holding[1:]}
    return sorted(found)


def partitions(batches: Iterable[int], tied: Iterable[tuple[int, int]], most: int) -> list[tuple[int, ...]]:
    """Deal batches out to at most `most` writers, about as many to each; those that are tied to each other go to the same one, in order."""
    first: dict[int, int] = {}

    def leader(batch: int) -> int:
        while (before := first.get(batch, batch)) != batch:
            batch = before
        return batch

    for one, other in tied:
        low, high = sorted((leader(one), leader(other)))
        first[high] = low
    together: dict[int, list[int]] = defaultdict(list)
    for batch in sorted(batches):
        together[leader(batch)].append(batch)
    shares: list[list[int]] = [[] for _ in range(min(most, len(together)))]
    loads = [(0, share) for share in range(len(shares))]
    for group in sorted(together.values(), key=lambda group: (-len(group), group)):
        size, share = heappop(loads)
        shares[share] += group
        heappush(loads, (size + len(group), share))
    return [tuple(sorted(share)) for share in shares]
