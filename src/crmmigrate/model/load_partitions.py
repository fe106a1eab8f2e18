"""How the batches of a load are dealt out to several writers, so that the result is that of one.

Batches are cut and numbered as ever. What one batch does depends on another one only where both hold rows with the same value of a
unique key: such batches go to one writer, in their order. All others may be written at the same time, in any order.
"""

from __future__ import annotations

from collections import defaultdict
from heapq import heappop, heappush
from typing import TYPE_CHECKING

from crmmigrate.model.held_rows import OWNED, forget
from crmmigrate.model.issue import RECORD
from crmmigrate.model.load_batches import load_batches
from crmmigrate.model.table import quoted

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from crmmigrate.model.held_rows import Held
    from crmmigrate.model.table import Table, Tables

_WIDE = "".join(map(chr, (0x3000, *range(0xFF01, 0xFF5F))))
_NARROW = "".join(map(chr, range(0x20, 0x7F))).replace("'", "''")
_FOLDED = r"[^\x00-\x7F\x{4E00}-\x{9FFF}]"
"""Letters that folding may change, but for the case of plain ones: most values have none of them, and to fold them takes ten times as long."""
_NUMBER = r"^[\s\x0B]*[-+.0-9]"
"""How a text begins that may be a number; for RE2 a vertical tab is no blank, for a cast it is."""

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


def _several(rows: str) -> str:
    """Return the query for each key `k` that several of the `rows` have, and how many (`n`): they take no more memory than the hashes."""
    return f"SELECT k, count(*) AS n FROM ({rows}) GROUP BY k HAVING count(*) > 1"


def _keyed(table: str, key: Sequence[str], shown: str) -> str:
    """Return the query for `shown` and the key `k` of the rows of a table in which no cell of the key is missing."""
    cells = ", ".join(_same(quoted(column)) for column in key)
    filled = " AND ".join(f"{quoted(column)} IS NOT NULL" for column in key)
    return f"SELECT {shown}, hash({cells}) AS k FROM {table} WHERE {filled}"


def sharing(
    tables: Tables, name: str, keys: Iterable[Sequence[str]], most: int = MANY, held: Held | None = None
) -> frozenset[str] | None:
    """Return the records whose rows have the same value of one of `keys` as another row; None where they are more than `most`.

    Args:
        tables: with the table `name`.
        name: of the rows to be loaded.
        keys: as of `ties`.
        most: records.
        held: the rows that are in the target, where these may give a value of a key up: what a record's row holds is as good as what
            the record brings.
    """
    found: set[str] = set()
    connection = tables.connection
    try:
        if held is not None:
            held.own(connection, name, _keyed)
        for key in keys:
            rows = _keyed(quoted(name), key, RECORD)
            if held is not None:
                rows = f"{rows} UNION {_keyed(OWNED, key, RECORD)}"
            several = _several(rows)
            count = tables.sql(f"SELECT coalesce(sum(n), 0) FROM ({several})").column(0)[0].as_py()
            if count > most:
                return None
            query = f"SELECT DISTINCT {RECORD} FROM ({rows}) SEMI JOIN ({several}) USING (k)"
            found.update(tables.sql(query).column(0).to_pylist() if count else ())
    finally:
        forget(connection)
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
    tables: Tables, name: str, keys: Iterable[Sequence[str]], ranges: Mapping[int, tuple[int, int]], held: Held | None = None
) -> list[tuple[int, int]]:  # fmt: skip
    """Return pairs of batches that hold rows with the same value of one of `keys`.

    Args:
        tables: with the table `name`.
        name: of the rows to be loaded.
        keys: columns of each key of the target that no two rows may share; a row in which one is missing shares it with none.
        ranges: number of a batch → where its rows lie, as `cuts` returns it; in order.
        held: as of `sharing`.

    Raises:
        TooManyRowsError: the target holds too many rows.
    """
    from bisect import bisect_right

    numbers, starts = list(ranges), [start for start, _ in ranges.values()]
    found: set[tuple[int, int]] = set()
    numbered = f"(SELECT row_number() OVER () - 1 AS n, * FROM {quoted(name)})"
    try:
        if held is not None:
            held.own(tables.connection, name, _keyed)
        for key in keys:
            rows, plain = _keyed(numbered, key, "n"), _keyed(quoted(name), key, RECORD)
            if held is not None:
                owned = f"SELECT n, k FROM ({_keyed(OWNED, key, RECORD)}) JOIN {numbered} USING ({RECORD})"
                rows = plain = f"{rows} UNION {owned}"
            query = f"SELECT list(n) FROM ({rows}) SEMI JOIN ({_several(plain)}) USING (k) GROUP BY k"
            for same in tables.sql(query).column(0).to_pylist():
                holding = sorted({numbers[bisect_right(starts, place) - 1] for place in same})
                found |= {(holding[0], other) for other in holding[1:]}
    finally:
        forget(tables.connection)
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
