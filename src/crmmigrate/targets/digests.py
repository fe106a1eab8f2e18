"""Digests of tables that do not depend on the order of their rows, so that two states of a target can be compared.

A digest is the sum (modulo 2**128) of a hash per row, with the number of rows. Sums can be added and taken away: the digest of a
table less some of its rows is the digest of the others. Where the server has a hash of its own (`Dialect.hashing`) it adds up the
rows where they lie; else they come to the client, and the hash is BLAKE2b. Digests by different hashes say nothing about each other.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

_MODULUS = 2**128


@dataclass(frozen=True)
class RowSum:
    """The sum of the hashes of some rows, how many they are, and which hash the server took; none: the rows came to the client."""

    total: int = 0
    rows: int = 0
    by: str = field(default="", compare=False)

    def __add__(self, other: RowSum) -> RowSum:
        return RowSum((self.total + other.total) % _MODULUS, self.rows + other.rows, self.by or other.by)

    def __sub__(self, other: RowSum) -> RowSum:
        return RowSum((self.total - other.total) % _MODULUS, self.rows - other.rows, self.by or other.by)

    def __str__(self) -> str:
        return f"{self.rows}:{self.total:032x}" + (f":{self.by}" if self.by else "")

    @classmethod
    def parse(cls, text: str) -> RowSum:
        """Read what `str` wrote."""
        rows, total, *by = text.split(":")
        return cls(int(total, 16), int(rows), by[0] if by else "")

    @classmethod
    def of(cls, rows: int, total: int, by: str) -> RowSum:
        """Return what a server has added up."""
        return cls(total % _MODULUS, rows, by)


def row_sum(rows: Iterable[tuple[Any, ...]]) -> RowSum:
    """Add up rows of values as the driver gives them."""
    total = count = 0
    digest = hashlib.blake2b
    for row in rows:
        text = repr(row)
        if "<memory at " in text:  # bytes of PostgreSQL; a text that says so is only looked at twice
            text = repr(tuple(bytes(value) if isinstance(value, memoryview) else value for value in row))
        total += int.from_bytes(digest(text.encode("utf-8", "surrogatepass"), digest_size=16).digest(), "big")
        count += 1
    return RowSum(total % _MODULUS, count)
