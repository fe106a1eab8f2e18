"""Files that cannot be read: each with a code, its place, a reason and a next step, never a traceback."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from crmmigrate.errors import CrmMigrateError, LocationError

NASTY = Path(__file__).parent / "nasty" / "books"
ENCRYPTED = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 1000 + "EncryptedPackage".encode("utf-16-le") + b"\0" * 1000


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.xlsx", b"", "file.empty"),
        ("a.csv", b"\xef\xbb\xbf\r\n", "source.empty"),
        ("a.xlsx", b"PK\x03\x04" + b"x" * 500, "file.damaged"),
        ("a.xls", b'\xef\xbb\xbf<?xml version="1.0"?>\n<html xmlns:o="urn">', "source.empty"),
        ("a.xls", b"<html><frameset><frame src='a_files/sheet001.htm'></frameset></html>", "file.is-html"),
        ("a.xls", b"<meta charset=gbk><table>", "source.empty"),
        ("a.xlsx", "编号,名称\n1,甲\n".encode("gbk"), "file.is-csv"),
        ("a.xlsx", ENCRYPTED, "file.password"),
        ("a.xls", ENCRYPTED[:600], "file.damaged"),
        ("a.csv", bytes(range(256)) * 20, "file.unknown-format"),
        ("a.csv", b"a,b\n" + b"\x81\xff\xfe \xff\x80 \xf5\xff\n" * 30, "source.encoding-unknown"),
        ("a.csv", b"%PDF-1.7 ...", "file.no-table"),
        ("a.parquet", b"PAR1" + b"\0" * 100, "file.damaged"),
        ("a.json", b'{"a": 1}\n{"a": \n', "source.json"),
        ("a.json", b"[1, 2]", "source.json-shape"),
        ("a.vcf", b"BEGIN:VCARD\nEND:VCARD\n", "source.empty"),
    ],
)
def test_refused_with_a_reason(tmp_path, read, name, content, code):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(CrmMigrateError) as error:
        read(path)
    assert error.value.code == code
    assert error.value.exit_code in (2, 3)
    assert error.value.hint is not None
    assert str(path) in error.value.place


def test_an_archive_that_is_no_workbook(tmp_path, read):
    import zipfile

    with zipfile.ZipFile(tmp_path / "a.xlsx", "w") as archive:
        archive.writestr("x.txt", "x")
    with pytest.raises(LocationError) as error:
        read(tmp_path / "a.xlsx")
    assert error.value.code == "file.no-table"


def test_an_empty_sheet(tmp_path, workbook, read):
    path = workbook.write(tmp_path / "a.xlsx", {"空": workbook.sheet({})})
    for place in (path, f"{path}#空"):
        with pytest.raises(LocationError) as error:
            read(place)
        assert error.value.code == "source.empty"


def test_a_missing_file_and_the_one_that_was_meant(tmp_path, read):
    (tmp_path / "客户资料2023.xlsx").write_bytes(b"x")
    (tmp_path / "~$客户资料2032.xlsx").write_bytes(b"x")
    with pytest.raises(LocationError) as error:
        read(tmp_path / "客户资料2032.xlsx")
    assert error.value.code == "file.missing"
    assert "did you mean '客户资料2023.xlsx'" in error.value.text()
    with pytest.raises(LocationError) as error:
        read(tmp_path / "no" / "a.xlsx")
    assert error.value.code == "file.missing"


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read(tmp_path, read):
    path = tmp_path / "a.csv"
    path.write_text("a,b\n1,2\n")
    path.chmod(0)
    with pytest.raises(LocationError) as error:
        read(path)
    assert error.value.code == "file.unreadable"


def test_a_file_locked_by_another_program(tmp_path, read, monkeypatch):
    """As Windows does with a workbook that is open in Excel."""
    from pathlib import Path

    path = tmp_path / "a.xlsx"
    path.write_bytes(b"PK\x03\x04")
    opened = Path.open

    def locked(self, *arguments, **options):
        if self == path:
            raise PermissionError(13, "Permission denied")
        return opened(self, *arguments, **options)

    monkeypatch.setattr(Path, "open", locked)
    with pytest.raises(LocationError) as error:
        read(path)
    assert error.value.code == "file.unreadable"
    assert "Permission denied" in error.value.text()


@pytest.mark.parametrize("kind", ["xlsx", "parquet", "db", "vcf", "jsonl"])
def test_whatever_is_broken_in_a_file_is_a_refusal_or_a_table(tmp_path, workbook, read, kind):
    """Bytes changed, cut out or cut off anywhere never end in another exception."""
    import random
    import sqlite3

    import pandas as pd

    good = tmp_path / f"good.{kind}"
    if kind == "xlsx":
        workbook.write(
            good,
            {"s": workbook.table([["名称", "电话"], ["甲", "1"], ["乙", "2"]])},
            ["yyyy-mm-dd"],
            "<si><t>x</t></si>",
        )
    elif kind == "parquet":
        pd.DataFrame({"a": ["x", "y"] * 20}).to_parquet(good)
    elif kind == "db":
        connection = sqlite3.connect(good)
        connection.executescript("CREATE TABLE t (a TEXT PRIMARY KEY, b); INSERT INTO t VALUES ('x', 1), ('y', 2)")
        connection.close()
    else:
        good.write_text(
            "BEGIN:VCARD\nFN:甲\nEND:VCARD\n" if kind == "vcf" else '{"a": 1, "b": "x"}\n' * 9, encoding="utf-8"
        )
    data = good.read_bytes()
    dice = random.Random(7)
    for number in range(60):
        broken = bytearray(data if number % 3 else data[: dice.randrange(1, len(data))])
        for _ in range(number % 7):
            broken[dice.randrange(len(broken))] = dice.randrange(256)
        path = tmp_path / f"broken.{kind}"
        path.write_bytes(broken)
        try:
            read(path)
        except CrmMigrateError as error:
            assert error.exit_code in (2, 3)  # noqa: PT017 -- both outcomes are right
            assert str(path) in error.place  # noqa: PT017


@pytest.mark.parametrize("name", ["rich.xlsx", "choices.xlsb", "choices.ods", "choices.xls"])
def test_whatever_is_broken_inside_a_workbook_is_a_refusal_or_a_table(tmp_path, read, name):
    """Bytes changed in a part of a package, whose checksums are right, or in an old workbook never end in another exception."""
    import random
    import zipfile

    good = NASTY / name
    parts = {"": good.read_bytes()}
    if zipfile.is_zipfile(good):
        with zipfile.ZipFile(good) as package:
            parts = {part: package.read(part) for part in package.namelist() if package.getinfo(part).file_size}
    dice = random.Random(11)
    for _ in range(60):
        part = dice.choice([*parts])
        broken = bytearray(parts[part])
        for _ in range(dice.randrange(1, 6)):
            at = dice.randrange(len(broken))
            broken[at : at + dice.randrange(3)] = dice.choice(
                (b"", b"0", b"-", b"<", b'"', b"\xff", broken[at : at + 20])
            )
        path = tmp_path / f"broken{good.suffix}"
        if part:
            with zipfile.ZipFile(path, "w") as package:
                for each, content in parts.items():
                    package.writestr(each, bytes(broken) if each == part else content)
        else:
            path.write_bytes(broken)
        try:
            read(path)
        except CrmMigrateError as error:
            assert str(path) in error.place  # noqa: PT017 -- both outcomes are right


def test_a_mistake_of_ours_is_no_damaged_file(tmp_path, workbook):
    """Only what damaged files bring a library to throw is called damage."""
    from crmmigrate.sources._package import Package

    package = Package(workbook.write(tmp_path / "a.xlsx", {"s": workbook.sheet({})}))
    for mistake in (AttributeError, KeyError, IndexError, TypeError, ValueError, RuntimeError):
        with pytest.raises(mistake), package.guard():
            raise mistake
    with pytest.raises(KeyError):
        next(package.chunks("xl/nothing.xml"))


def test_a_shared_text_that_does_not_exist(tmp_path, workbook, read):
    sheet = workbook.sheet({1: {"A": "名", "B": "b"}, 2: {"A": '<c r="A2" t="s"><v>99</v></c>'}})
    with pytest.raises(LocationError) as error:
        read(workbook.write(tmp_path / "a.xlsx", {"s": sheet}))
    assert error.value.code == "file.damaged"
