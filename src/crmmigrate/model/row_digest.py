"""Digests of a table by bucket, made where the table lies, so that it can be held against another without moving its rows.

A bucket is a block of neighbouring keys where the key is one whole number, else what the MD5 of a row's key begins with; its digest is the
number of its rows and the sum of 60 bits of the MD5 of each, or their exclusive or where no row can stand there twice. Two places write a cell alike
where its type says how (`row_form`); where they don't, the digests differ, the rows of the bucket are read and compared one by one, and nothing but
time is lost. What is not the same never has the same form: between the cells, and in place of no value, stand signs that no cell can know. SQLite,
which has no MD5, writes rows as JSON, and DuckDB hashes those of both sides.

Source: the bucketed checksums of data-diff and pt-table-checksum; MD5 because every server has it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from crmmigrate.model.row_form import Forms, in_json, written
from crmmigrate.model.table import literal

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    Digests = dict[str, tuple[int, str]]
    """Shelf → its rows, and its buckets as `Digested.query` tells them."""

DIGITS = 4
"""Hexadecimal digits of a bucket's name: 65,536 buckets, 15 rows each of a million."""
BLOCK = 16
"""Keys of a block: neighbours go into one bucket, which a server finds in its cache."""
BLOCKS = 65_521
"""Buckets that blocks are dealt out to; a prime, so that keys in steps, whatever they are, meet all of them."""
SHELF = 256
"""Buckets told together."""
RANGES = 200
"""Where no more blocks than these are wanted, they are looked up in the key's index; else the table is read through."""
LISTED = 400_000
"""Where no more rows than these stand in buckets that differ, they are told one by one; their text is shorter than `LISTING` lets it be."""
NAMED = 50_000
"""Where no more rows than these differ, they are asked for by their keys."""
WHOLE = 0.3
"""Where more than this share of the buckets differs, all rows are read at once: it costs less than picking them."""

_ARGUMENTS = 100
"""Cells of one JSON array: SQLite takes no more than 127 arguments."""

AGGREGATING = {"enable_sort": "'off'", "work_mem": "'64MB'", "jit": "'off'"}
"""Settings of PostgreSQL for digests: its planner takes every row for a bucket of its own, and would sort them all on disk."""
PLACED = (1 << 48) - 1
"""Of a digest, the bits that are shifted by a place: they stay a whole number of 64 bits with a sign, wherever it is."""
KEPT = "@crmm_row"
"""The variable of MySQL in which the digest of a row waits for its second sum; it has to hold a whole number before."""
LISTING = "SET SESSION group_concat_max_len = 16777216"
"""The setting of MySQL for digests: the buckets of a shelf are told in one text."""
_TRIM_SCALE = (13,)
"""The version of PostgreSQL from which it can write a number without the zeros behind its point."""
BIT_XOR = (14,)
"""The version of PostgreSQL from which it can aggregate by exclusive or."""


def can_digest(dialect: str, version: tuple[Any, ...], encoding: str, columns: Collection[str]) -> bool:
    """Return whether a server can make digests that others can be held against.

    Args:
        dialect: as of `Digested`.
        version: of the server.
        encoding: of the database; only PostgreSQL's counts.
        columns: names; drivers take some signs in them for their own.
    """
    if any("%" in name or ":" in name for name in columns):
        return False
    return dialect in ("mysql", "sqlite") or (version >= _TRIM_SCALE and encoding == "UTF8")


@dataclass(frozen=True)
class Digested:
    """A table of which digests are made.

    Args:
        dialect: `postgresql`, `mysql`, `duckdb` or, for `joined` of lines and `rows_of` alone, `sqlite`.
        place: the SQL of the table, where it is called `t`.
        columns: name → SQLAlchemy type; in DuckDB, where all is text, that of the table it is held against.
        filled: columns that always hold a value.
        indexed: columns whose greatest and smallest value an index over all rows knows.
        quote: writes an identifier.
    """

    dialect: str
    place: str
    columns: Mapping[str, Any]
    filled: frozenset[str]
    indexed: frozenset[str]
    quote: Callable[[str], str]

    def query(self, key: Sequence[str], columns: Sequence[str], forms: Forms, *, places: bool = False) -> str:
        """Return the query for `shelf, rows, buckets`, some hundred buckets on each shelf: `name rows sum` each, joined by commas.

        So that whoever holds two tables against each other need not look at the buckets of shelves that are the same.

        Args:
            key: columns whose values name a row.
            columns: whose values are compared.
            forms: with the names of the table.
            places: whether each bucket has a second sum that tells places (`row_place`); of servers only, and where `forms` say blocks, and once.
        """
        bucket, row = self.bucket(key, forms), self._hashed([*key, *columns], forms)
        if places:
            return self.told(self._placed(bucket, key, row), forms, "d.b, d.n, d.s, d.w")
        together = "bit_xor" if forms.once else "sum"
        buckets = f"SELECT {bucket} AS b, count(*) AS n, {together}({row}) AS s FROM {self.place} t GROUP BY 1"
        return self.told(buckets, forms)

    def _placed(self, bucket: str, key: Sequence[str], row: str) -> str:
        """Return the query for buckets with both sums, in which the digest of a row is made once for both.

        PostgreSQL would make it twice if it could take the inner query apart, which the clock, never the same, keeps it from.
        """
        place = f"abs(mod(t.{self.quote(key[0])}, {BLOCK}))"
        if self.dialect == "mysql":
            sums = f"bit_xor({KEPT} := {row}) AS s, bit_xor(({KEPT} & {PLACED}) << {place}) AS w"
            return f"SELECT {bucket} AS b, count(*) AS n, {sums} FROM {self.place} t GROUP BY 1"
        rows = f"SELECT {bucket} AS b, {place}::int AS place, {row} AS digest, clock_timestamp() FROM {self.place} t"
        sums = f"bit_xor(r.digest) AS s, bit_xor((r.digest & {PLACED}) << r.place) AS w"
        return f"SELECT r.b, count(*) AS n, {sums} FROM ({rows}) r GROUP BY 1"

    def _hashed(self, columns: Sequence[str], forms: Forms) -> str:
        """Return the SQL of a row's digest as a number: the first 60 bits of its MD5, or DuckDB's hash where DuckDB makes those of both sides."""
        if forms.lines:
            return f"hash({self.joined(columns, forms)})"
        digest = self._md5(columns, forms)
        if self.dialect == "postgresql":
            return f"('x' || substr({digest}, 1, 15))::bit(60)::bigint"
        if self.dialect == "duckdb":
            return f"('0x' || left({digest}, 15))::BIGINT"
        return f"CAST(conv(left({digest}, 15), 16, 10) AS UNSIGNED)"

    def told(self, buckets: str, forms: Forms, parts: str = "d.b, d.n, d.s") -> str:
        """Return the query for the shelves of buckets: of `b`, `n` and `s`, its name, rows and sum."""
        shelf = f"d.b {self._whole_parts} {SHELF}" if forms.blocks else "left(d.b, 2)"  # fmt: skip
        listed = f"string_agg(concat_ws(' ', {parts}), ',' ORDER BY d.b)"
        if self.dialect == "mysql":
            listed = f"group_concat(concat_ws(' ', {parts}) ORDER BY d.b SEPARATOR ',')"
        return f"SELECT {shelf}, sum(d.n), {listed} FROM ({buckets}) d GROUP BY 1"

    def each(self, key: Sequence[str], columns: Sequence[str], only: str, forms: Forms) -> str:
        """Return the query for some rows (`only`, a condition) as one shelf, on which each is a bucket of its own, named by its key.

        To group them costs MariaDB more than the digests do. The other arguments are those of `query`; the key is one of whole numbers, and stands
        there once.
        """
        row = f"concat_ws(' ', t.{self.quote(key[0])}, 1, {self.digest(key, columns, forms)})"
        listed = f"group_concat({row})" if self.dialect == "mysql" else f"string_agg({row}, ',')"
        return f"SELECT 0, count(*), coalesce({listed}, '') FROM {self.place} t WHERE {only}"

    def digest(self, key: Sequence[str], columns: Sequence[str], forms: Forms) -> str:
        """Return the SQL of a row's digest in hexadecimal; arguments as in `each`."""
        return f"left({self._md5([*key, *columns], forms)}, 15)"

    def bounds(self, key: str) -> str:
        """Return the query for the smallest and the greatest key, where an index answers it at once and holds all rows; else empty."""
        name = self.quote(key)
        return f"SELECT min(t.{name}), max(t.{name}) FROM {self.place} t" if key in self.indexed else ""

    def inside(self, key: Sequence[str], buckets: Collection[str], forms: Forms) -> str:
        """Return the condition for the rows of some buckets."""
        listed = ", ".join(bucket if forms.blocks else f"'{bucket}'" for bucket in sorted(buckets))
        return f"{self.bucket(key, forms)} IN ({listed})" if buckets else "1 = 0"

    def between(self, key: str, found: Sequence[tuple[int, int]]) -> str:
        """Return the condition for the rows of some ranges of keys."""
        return " OR ".join(f"t.{self.quote(key)} BETWEEN {first} AND {last}" for first, last in found) or "1 = 0"

    def named(self, key: Sequence[str], names: Collection[str]) -> str:
        """Return the condition for the rows of some keys, which are whole numbers."""
        listed = ", ".join(sorted(names))
        return f"t.{self.quote(key[0])} IN ({listed})" if names else "1 = 0"

    def rows_of(
        self, key: Sequence[str], buckets: Collection[str], forms: Forms, ask: Callable[[str], Sequence[Any]]
    ) -> str:
        """Return the condition for the rows of some buckets, by ranges of keys where these are few.

        Args:
            key: columns whose values name a row.
            buckets: their names.
            forms: of their digests.
            ask: returns what a query answers.
        """
        asked = self.bounds(key[0]) if forms.blocks and buckets else ""
        if asked:
            [(lowest, highest)] = ask(asked)
            found = None if lowest is None else ranges(buckets, int(lowest), int(highest))
            if found is not None:
                return self.between(key[0], found)
        return self.inside(key, buckets, forms)

    @property
    def _whole_parts(self) -> str:
        return {"mysql": "DIV", "duckdb": "//"}.get(self.dialect, "/")

    def bucket(self, key: Sequence[str], forms: Forms) -> str:
        """Return the SQL of a row's bucket."""
        if not forms.blocks:
            return f"left({self._md5(key, forms)}, {DIGITS})"
        value = f"t.{self.quote(key[0])}"
        if self.dialect == "duckdb":
            value = f"TRY_CAST({value} AS BIGINT)"
        block = f"{value} {self._whole_parts} {BLOCK}"
        bucket = f"({block}) % {BLOCKS}" if self.dialect == "sqlite" else f"mod({block}, {BLOCKS})"
        return bucket if key[0] in self.filled and self.dialect != "duckdb" else f"coalesce({bucket}, 0)"

    def _md5(self, columns: Sequence[str], forms: Forms) -> str:
        return f"md5({self.joined(columns, forms)})"

    def joined(self, columns: Sequence[str], forms: Forms) -> str:
        """Return the SQL of a row as one text."""
        if forms.lines:
            return self._line(columns, forms)
        between, nothing = (self._sign(sign) for sign in forms.signs)
        cells = [
            written(
                self.dialect, f"t.{self.quote(name)}", self.columns[name], alike=name in forms.alike,
                nothing="" if name in self.filled else nothing,
            )
            for name in columns
        ]  # fmt: skip
        return f"concat_ws({', '.join([between, *cells])})"

    def _line(self, columns: Sequence[str], forms: Forms) -> str:
        """Return the SQL of a row as one line: its key, which is a whole number, and JSON, in which all cells but the key are text or null."""
        key, *cells = (f"t.{self.quote(name)}" for name in columns)
        cells = [
            in_json(self.dialect, cell, self.columns[name], alike=name in forms.alike)
            for name, cell in zip(columns[1:], cells, strict=True)
        ]
        arrays = (", ".join(cells[first : first + _ARGUMENTS]) for first in range(0, len(cells), _ARGUMENTS))
        return " || ".join([key, *(f"CAST(json_array({array}) AS TEXT)" for array in arrays)])

    def _sign(self, sign: str) -> str:
        """Return a sign as a literal; of MySQL as bytes, so that columns of any collation can stand beside it."""
        return f"X'{sign.encode().hex()}'" if self.dialect == "mysql" else literal(sign)


@dataclass(frozen=True)
class TableDigests:
    """Digests of all rows of a table, to be held against those of text.

    Args:
        key: the column of the primary key.
        types: column → SQLAlchemy type, the key's too.
        forms: how cells are written.
        shelves: the digests.
    """

    key: str
    types: Mapping[str, Any]
    forms: Forms
    shelves: Digests


@dataclass(frozen=True)
class Buckets:
    """Some buckets of a table.

    Args:
        names: which.
        forms: of their digests.
    """

    names: frozenset[str]
    forms: Forms


def shelved(rows: Sequence[Sequence[Any]]) -> Digests:
    """Return the answer of `Digested.query` by shelf."""
    return {str(shelf): (int(count), str(buckets)) for shelf, count, buckets in rows}


def is_whole(told: Digests) -> bool:
    """Whether nothing is missing of what `Digested.each` tells: a server cuts a text that is longer than it may send (`max_allowed_packet`)."""
    return all(
        (rows, 15) == (listed.count(",") + 1, len(listed.rpartition(" ")[2])) if listed else not rows
        for rows, listed in told.values()
    )


def differing(left: Digests, right: Digests) -> tuple[set[str], int, int]:
    """Return the buckets that differ, the rows of `left` in the others, and how many buckets there are."""
    apart: set[str] = set()
    agreed = buckets = 0
    for shelf in left.keys() | right.keys():
        (rows, one), (_, other) = (side.get(shelf, (0, "")) for side in (left, right))
        buckets += max(one.count(","), other.count(",")) + 1
        if one == other:
            agreed += rows
            continue
        mine, theirs = (set(filter(None, side.split(","))) for side in (one, other))
        off = {told.partition(" ")[0] for told in mine ^ theirs}
        apart |= off
        agreed += rows - sum(int(told.split(" ", 2)[1]) for told in mine - theirs)
    return apart, agreed, buckets


def in_utf8(schema: str, table: str) -> str:
    """Return the query of MySQL for the columns of a table that hold UTF-8, which need not be converted.

    Args:
        schema: of the table; empty for the one that is in use.
        table: its name.
    """
    return (
        "SELECT column_name FROM information_schema.columns WHERE character_set_name IN ('utf8mb4', 'utf8mb3', 'utf8', 'ascii') "
        f"AND table_schema = {literal(schema) if schema else 'database()'} AND table_name = {literal(table)}"
    )


def ranges(buckets: Collection[str], lowest: int, highest: int) -> list[tuple[int, int]] | None:
    """Return the first and last keys of the blocks of some buckets; None where there are too many, or keys below zero.

    Args:
        buckets: their names.
        lowest: of the keys.
        highest: of the keys.
    """
    rounds = (highest // BLOCK) // BLOCKS - (lowest // BLOCK) // BLOCKS + 1
    if lowest < 0 or rounds * len(buckets) > RANGES:
        return None
    first = (lowest // BLOCK) // BLOCKS
    blocks = sorted((first + turn) * BLOCKS + int(bucket) for bucket in buckets for turn in range(rounds))
    return [(block * BLOCK, block * BLOCK + BLOCK - 1) for block in blocks if block >= 0]
