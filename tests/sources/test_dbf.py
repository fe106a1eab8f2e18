"""dBASE and FoxPro: what the columns' types and the memos say, exactly; a table of Visual FoxPro byte for byte."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmmigrate.errors import CrmMigrateError, LocationError
from crmmigrate.model.location import Location
from crmmigrate.sources import read_location


def field(name: str, kind: str, size: int, *, decimals: int = 0, flags: int = 0) -> bytes:
    return name.encode("gbk").ljust(11, b"\0") + kind.encode() + bytes(4) + bytes([size, decimals, flags]) + bytes(13)


def table(fields: list[bytes], rows: list[bytes], *, version: int = 3, page: int = 0) -> bytes:
    head = 33 + 32 * len(fields) + (263 if version >= 0x30 and version < 0x40 else 0)
    width = len(rows[0]) if rows else 1 + sum(one[16] for one in fields)
    start = struct.pack("<4BIHH17xBxx", version, 126, 11, 25, len(rows), head, width, page)
    return (start + b"".join(fields) + b"\r").ljust(head, b"\0") + b"".join(rows) + b"\x1a"


def test_visual_foxpro(tmp_path, only):
    fields = [
        field("id", "I", 4), field("amount", "Y", 8), field("rate", "B", 8), field("at", "T", 8), field("name", "V", 10),
        field("memo", "M", 4), field("note", "C", 5, flags=2), field("_NullFlags", "0", 1, flags=5),
    ]  # fmt: skip
    when = struct.pack("<II", 2_459_947, 3_723_000)  # 2023-01-02 01:02:03

    def row(number: int, name: bytes, memo: int, flags: int) -> bytes:
        start = b" " + struct.pack("<iqd", number, -12_005_000, 0.5)
        return (
            start
            + when
            + name.ljust(9, b"\0")
            + bytes([len(name)])
            + struct.pack("<I", memo)
            + b"ab   "
            + bytes([flags])
        )

    rows = [row(-7, "杭州".encode("gbk"), 1, 0b01), row(8, b"", 0, 0b11)]
    (tmp_path / "a.dbf").write_bytes(table(fields, rows, version=0x30, page=0x7A))
    memo = struct.pack(">IHH", 3, 0, 64).ljust(64, b"\0") + struct.pack(">II", 1, 8) + "很长的话".encode("gbk")
    (tmp_path / "a.fpt").write_bytes(memo.ljust(192, b"\0"))
    found, columns = only(tmp_path / "a.dbf")
    assert found.columns == ("id", "amount", "rate", "at", "name", "memo", "note")
    assert (columns["id"], columns["amount"], columns["rate"]) == (["-7", "8"], ["-1200.5000"] * 2, ["0.5"] * 2)
    assert columns["at"] == ["2023-01-02 01:02:03"] * 2
    assert (columns["name"], columns["memo"], columns["note"]) == (["杭州", None], ["很长的话", None], ["ab", None])
    assert found.issues == []


@pytest.mark.parametrize("kind", [3, 4])
def test_memos_of_dbase(tmp_path, only, kind):
    text = ("备注一" * 300).encode("gbk")
    (tmp_path / "a.dbf").write_bytes(
        table([field("n", "M", 10)], [b" " + b"1".rjust(10), b" " * 11], version=0x83 if kind == 3 else 0x8B)
    )
    block = text + b"\x1a\x1a" if kind == 3 else b"\xff\xff\x08\x00" + struct.pack("<I", len(text) + 8) + text
    (tmp_path / "a.DBT").write_bytes(struct.pack("<I", 9).ljust(20, b"\0").ljust(512, b"\0") + block)
    found, columns = only(tmp_path / "a.dbf")
    assert columns["n"] == ["备注一" * 300, None]
    assert found.facts["encoding"] == "gb18030"


@pytest.mark.parametrize(
    ("page", "beside", "encoding"),
    [(0x78, "", "big5hkscs"), (0, "", "big5hkscs"), (3, "UTF-8", "utf-8"), (0, "936", "gb18030")],
)
def test_the_code_page(tmp_path, only, page, beside, encoding):
    text = "臺北市電腦公司" if encoding == "big5hkscs" else "杭州市电脑公司"
    (tmp_path / "a.dbf").write_bytes(table([field("n", "C", 40)], [b" " + text.encode(encoding).ljust(40)], page=page))
    if beside:
        (tmp_path / "a.cpg").write_text(beside)
    found, columns = only(tmp_path / "a.dbf")
    assert (columns["n"], found.facts["encoding"].replace("cp936", "gb18030").replace("gbk", "gb18030")) == (
        [text],
        encoding,
    )
    assert found.issues == []


def test_a_long_text_column_and_the_encoding_that_is_given(tmp_path, only):
    raw = "Привет".encode("cp866").ljust(300)
    (tmp_path / "a.dbf").write_bytes(table([field("n", "C", 300 % 256, decimals=300 // 256)], [b" " + raw]))
    assert only(tmp_path / "a.dbf", encoding="cp866")[1]["n"] == ["Привет"]


def test_rows_keep_their_numbers_and_deleted_ones_are_told(tmp_path, only):
    (tmp_path / "a.dbf").write_bytes(table([field("n", "C", 3)], [b" a  ", b"*b  ", b" c  "]))
    found, columns = only(tmp_path / "a.dbf")
    assert (columns["n"], columns["_place"]) == (["a", "c"], ["1", "3"])
    assert found.facts["dropped_counts"] == {"deleted": 1}
    assert [(issue[2], issue[4], issue[7]) for issue in found.issues] == [("a.dbf!2", "source.row-deleted", "b")]


def test_a_version_that_is_not_read(tmp_path, read):
    head = struct.pack("<4BIHH", 4, 126, 1, 1, 0, 120, 11).ljust(68, b"\0") + b"NAME".ljust(48, b"\0") + b"\r"
    (tmp_path / "a.dbf").write_bytes(head.ljust(200, b"\0"))
    with pytest.raises(LocationError) as error:
        read(tmp_path / "a.dbf")
    assert error.value.code == "file.dbf-version"


GOOD = table(
    [field("a", "C", 4), field("b", "N", 5), field("d", "D", 8), field("l", "L", 1)],
    [b" abcd  1.520230102T", b" ef      7        F"],
)


@given(st.integers(0, len(GOOD) - 1), st.integers(0, 255), st.integers(0, len(GOOD)))
def test_whatever_is_broken_is_a_refusal_or_a_table(tmp_path_factory, place, byte, end):
    broken = bytearray(GOOD)
    broken[place] = byte
    path = tmp_path_factory.mktemp("dbf") / "a.dbf"
    path.write_bytes(broken[: max(1, end)] if end % 3 == 0 else broken)
    try:
        for found in read_location(Location(str(path))):
            list(found.batches())
    except CrmMigrateError as error:
        assert str(path) in error.place  # noqa: PT017 -- both outcomes are right


def test_asterisks_in_a_text_a_date_of_zeros_and_rows_the_header_does_not_count(tmp_path, only):
    fields = [field("t", "C", 3), field("n", "N", 3), field("d", "D", 8)]
    rows = [b" ***" + b"***" + b"00000000", b" b  " + b"  2" + b"20260102", b" c  " + b"  3" + b"20260103"]
    whole = table(fields, rows)
    (tmp_path / "a.dbf").write_bytes(whole[:4] + struct.pack("<I", 1) + whole[8:])
    found, columns = only(tmp_path / "a.dbf")
    assert (columns["t"], columns["d"]) == (["***", "b", "c"], [None, "2026-01-02", "2026-01-03"])
    assert [(issue[4], issue[2], issue[3], issue[7]) for issue in found.issues] == [
        ("source.row-beyond", "a.dbf!2", "", "2"),
        ("source.number-overflow", "a.dbf!1", "n", "***"),
    ]
