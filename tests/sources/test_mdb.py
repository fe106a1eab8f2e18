"""Access: refused with a way out where mdbtools is not installed; where it is, a database is read through it.

No Access database can be written without Access, and none is in this repository: the test that reads one takes the path of
`CRMMIGRATE_TEST_MDB`.
"""

from __future__ import annotations

import os

import pytest

from crmmigrate.errors import LocationError
from crmmigrate.sources import mdb

HEAD = b"\0\1\0\0Standard Jet DB\0" + b"\1" + bytes(4096)


def test_without_mdbtools(tmp_path, read, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    (tmp_path / "旧系统.mdb").write_bytes(HEAD)
    with pytest.raises(LocationError) as error:
        read(tmp_path / "旧系统.mdb")
    assert error.value.code == "source.no-mdbtools"
    assert error.value.exit_code == 3
    assert "apt install mdbtools" in error.value.text()
    assert "in Access, export the tables" in error.value.text()


@pytest.mark.program("mdb-export", "mdbtools")
def test_a_damaged_database(tmp_path, read):
    (tmp_path / "a.accdb").write_bytes(HEAD.replace(b"Jet", b"ACE"))
    with pytest.raises(LocationError) as error:
        read(tmp_path / "a.accdb")
    assert error.value.code in ("file.damaged", "source.empty")


def test_keys_as_mdbtools_names_them():
    schema = (
        "CREATE TABLE `Order Details`\n (\n\t`OrderID`\t\t\tint\n);\n"
        "ALTER TABLE `Order Details` ADD PRIMARY KEY (`OrderID`, `订单`);\n"
        "ALTER TABLE `Orders` ADD CONSTRAINT `x_fk` FOREIGN KEY (`CustomerID`) REFERENCES `客``户`(`编号`) ON UPDATE CASCADE;\n"
    )
    keys, links = mdb._keys(schema)
    assert keys == {"Order Details": ["OrderID", "订单"]}
    assert links == {"Orders": [{"columns": ["CustomerID"], "table": "客`户", "references": ["编号"]}]}


def test_rows_as_mdbtools_writes_them(tmp_path, monkeypatch, read):
    """A program of the same name that writes what mdb-export 1.0 writes: null apart from empty, line breaks in cells."""
    if os.name == "nt":
        pytest.skip("a shell script stands for mdb-export here")
    answers = {
        "mdb-tables": "printf '客户\\n'",
        "mdb-schema": "printf 'ALTER TABLE `客户` ADD PRIMARY KEY (`编号`);\\n'",
        "mdb-export": 'printf \'编号,名称,备注\\r\\n"000123","甲\\r\\n公司",%s\\r\\n1,"","NA"\\r\\n\' "$2"',
    }
    for name, answer in answers.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{answer}\n", encoding="utf-8")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    (tmp_path / "a.mdb").write_bytes(HEAD)
    [(table, rows)] = read(tmp_path / "a.mdb").values()
    assert (table.name, table.facts["key"], table.facts["rows"]) == ("客户", ["编号"], 2)
    assert rows["编号"] == ["000123", "1"]
    assert rows["名称"] == ["甲\r\n公司", None]
    assert rows["备注"] == [None, "NA"]
    assert rows["_origin"] == ["a.mdb#客户!1", "a.mdb#客户!2"]


@pytest.mark.program("mdb-export", "mdbtools")
@pytest.mark.skipif("CRMMIGRATE_TEST_MDB" not in os.environ, reason="CRMMIGRATE_TEST_MDB names no Access database")
def test_a_real_database(read):
    found = read(os.environ["CRMMIGRATE_TEST_MDB"])
    assert found
    for name, (table, rows) in found.items():
        assert not name.startswith("MSys")
        assert table.facts["rows"] == len(rows["_place"]) > 0
