"""Text files made to exhaust a reader: each is refused with its reason, within seconds and little memory."""

from __future__ import annotations

import struct
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.sources.measured import MEGABYTES, SECONDS, Reader, reading


def sparse(path: Path, beginning: bytes, size: int = 2 << 30) -> None:
    """Write a file of `size` bytes that takes no room: behind its beginning nothing but zeros."""
    with path.open("wb") as file:
        file.write(beginning)
        file.truncate(size)


def endless_quote(path: Path) -> None:
    path.write_bytes(b'a,b\n1,"' + b"\n" * (40 << 20))


def wide_row(path: Path) -> None:
    path.write_bytes(b"a,b\n1,2\n" + b"," * (4 << 20) + b"\n")


def folded_card(path: Path) -> None:
    path.write_bytes(b"BEGIN:VCARD\nFN:x\nNOTE:y\n" + b" z23456789012345678901234567890123456789\n" * (1 << 20))


def dbf(rows: int, memo: bytes = b"") -> bytes:
    field = b"A".ljust(11, b"\0") + (b"M" if memo else b"C") + bytes(4) + bytes([10, 0]) + bytes(14)
    return (
        struct.pack("<4BIHH20x", 0xF5 if memo else 3, 126, 1, 1, rows, 65, 11)
        + field
        + b"\r "
        + (memo or b"x").rjust(10)
    )


def long_memo(path: Path) -> None:
    path.write_bytes(dbf(1, b"1"))
    path.with_suffix(".fpt").write_bytes(
        struct.pack(">IHH", 2, 0, 64).ljust(64, b"\0") + struct.pack(">II", 1, 0xFFFFFFF0)
    )


def long_parquet_cell(path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    pq.write_table(pa.table({"a": ["x" * (64 << 20)]}), path, compression="zstd", use_dictionary=False)


FILES = {
    "cell of 2 GB.csv": (lambda path: sparse(path, b"a,b\n1," + b"x" * (1 << 17)), "source.too-large"),
    "endless quote.csv": (endless_quote, "source.too-large"),
    "four million cells.csv": (wide_row, "source.too-large"),
    "deep.json": (lambda path: path.write_bytes(b"[" * (20 << 20)), "source.json-deep"),
    "deep objects.json": (lambda path: path.write_bytes(b'{"a":' * (4 << 20)), "source.json-deep"),
    "text of 2 GB.json": (lambda path: sparse(path, b'[{"a":"' + b"x" * (1 << 17)), "file.damaged"),
    "endless text.json": (lambda path: path.write_bytes(b'[{"a":"' + b"x" * (40 << 20)), "source.too-large"),
    "line of 2 GB.vcf": (lambda path: sparse(path, b"BEGIN:VCARD\nNOTE:" + b"x" * (1 << 17)), "source.too-large"),
    "folded without end.vcf": (folded_card, "source.too-large"),
    "cards in cards.vcf": (lambda path: path.write_bytes(b"BEGIN:VCARD\nAGENT:\n" * 100_000), "source.too-large"),
    "four billion rows.dbf": (lambda path: path.write_bytes(dbf(0xFFFFFFFF)), "file.damaged"),
    "memo of 4 GB.dbf": (long_memo, "file.damaged"),
    "cell of 64 MB.parquet": (long_parquet_cell, "source.too-large"),
}  # fmt: skip


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    with reading() as made:
        yield made


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells the memory a process needed at most (/proc)")
@pytest.mark.parametrize("name", FILES)
def test_refused_within_bounds(tmp_path, reader, name):
    make, code = FILES[name]
    make(tmp_path / name)
    found = reader.read(tmp_path / name)
    assert found.said == code
    assert found.seconds < SECONDS
    assert found.megabytes < MEGABYTES
