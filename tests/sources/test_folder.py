"""Folders: one table per file, lock files and hidden files left out."""

from __future__ import annotations

import hashlib
import os

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.command_line import called

from crmmigrate.errors import LocationError
from crmmigrate.model.location import Location
from crmmigrate.model.source import Reading
from crmmigrate.sources import _held, read_location
from crmmigrate.sources._versions import rank, version_of, version_of_path


def test_tables_of_a_folder(tmp_path, workbook, read):
    sheet = workbook.table([["a", "b"], ["x", "y"]])
    (tmp_path / "销售" / "2023").mkdir(parents=True)
    (tmp_path / ".git").mkdir()
    workbook.write(tmp_path / "销售" / "一部.xlsx", {"Sheet1": sheet, "leer": workbook.sheet({})})
    workbook.write(tmp_path / "销售" / "2023" / "二部.xlsx", {"客户": sheet, "联系人": sheet})
    (tmp_path / "销售" / "三部.csv").write_text("a,b\n1,2\n")
    (tmp_path / "销售" / "~$一部.xlsx").write_bytes(b"lock")
    (tmp_path / ".git" / "x.csv").write_text("a,b\n1,2\n")
    (tmp_path / "photo.png").write_bytes(b"x")
    found = read(tmp_path)
    assert sorted(found) == ["一部", "三部", "二部/客户", "二部/联系人"]
    assert found["二部/客户"][0].file == "销售/2023/二部.xlsx"
    assert found["二部/客户"][1]["_origin"] == ["销售/2023/二部.xlsx#客户!2"]
    assert list(read(f"{tmp_path}#三部")) == ["三部"]
    assert sorted(read(tmp_path, tables=("二部/*",))) == ["二部/客户", "二部/联系人"]


def test_what_this_program_made_is_no_source(tmp_path):
    """An audit of a folder in which the reports of an earlier one lie, and the workspace of a migration, is about the same tables."""
    (tmp_path / "客户.csv").write_text("编号,名称\n1,甲\n2,乙\n", encoding="utf-8")
    for folder in ("out", "again"):
        assert called("audit", tmp_path, "-o", tmp_path / folder).returncode in (0, 1)
    (tmp_path / "work" / "runs" / "1").mkdir(parents=True)
    (tmp_path / "work" / "log.jsonl").write_text("{}\n")
    (tmp_path / "work" / "runs" / "1" / "表.csv").write_text("a,b\n1,2\n")
    (tmp_path / "settings.json").write_text('[{"program": "another", "rows": 1}]')
    reading = Reading()
    assert [table.name for table in read_location(Location(str(tmp_path)), reading=reading)] == ["settings", "客户"]
    states = {one.file: one.state for one in reading.files}
    own = {"01_数据源盘点表.xlsx", "01_数据质量审计报告.html", "audit.json"}
    assert {file for file, state in states.items() if state == "own"} == {
        f"{folder}/{file}" for folder in ("out", "again") for file in own
    } | {"work"}
    book = tmp_path / "out" / "01_数据源盘点表.xlsx"
    assert next(read_location(Location(str(book))))  # asked for by its name it is read


def test_files_of_one_name_are_told_apart(tmp_path, read):
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "客户.csv").write_text(f"a,b\n1,{folder}\n")
    (tmp_path / "b" / "客户.tsv").write_text("a\tb\n1\t2\n")
    assert sorted(read(tmp_path)) == ["a/客户", "b/客户.csv", "b/客户.tsv"]


def test_an_empty_folder_and_a_file_that_is_damaged(tmp_path, read):
    with pytest.raises(LocationError) as error:
        read(tmp_path)
    assert error.value.code == "source.empty"
    (tmp_path / "a.xlsx").write_bytes(b"PK\x03\x04 broken")
    with pytest.raises(LocationError) as error:
        read(tmp_path)
    assert error.value.code == "file.damaged"
    assert "a.xlsx" in error.value.place


def large(workbook, path, rows):
    """Write a workbook with a megabyte of shared texts."""
    texts = "".join(f"<si><t>{path.stem}{number:0>200}</t></si>" for number in range(rows))
    cells = {
        number: {"A": f'<c r="A{number}" t="s"><v>{number - 2}</v></c>', "B": str(number)}
        for number in range(2, rows + 2)
    }
    return workbook.write(path, {"s": workbook.sheet({1: {"A": "名称", "B": "号"}, **cells})}, (), texts)


def test_a_folder_holds_few_of_its_open_workbooks(tmp_path, workbook, monkeypatch):
    monkeypatch.setattr(_held, "HELD", 1)
    for number in range(8):
        large(workbook, tmp_path / f"表{number}.xlsx", 5_000)
    before = pa.total_allocated_bytes()
    tables = list(read_location(Location(str(tmp_path))))
    assert pa.total_allocated_bytes() - before < 3_000_000  # one of the eight
    rows = {table.name: pd.concat(table.batches()) for table in tables}
    assert {name: (len(frame), frame["名称"].iloc[-1]) for name, frame in rows.items()} == {
        f"表{number}": (5_000, f"表{number}{4_999:0>200}") for number in range(8)
    }
    assert [table.facts["rows"] for table in tables] == [5_000] * 8


def test_what_is_wrong_is_told_once_though_a_file_is_opened_again(tmp_path, workbook, monkeypatch):
    monkeypatch.setattr(_held, "HELD", 1)
    for name in ("a", "b"):
        rows = {1: {"A": "名称", "B": "号"}, 2: {"A": name, "B": '<c r="B2" t="e"><v>#N/A</v></c>'}, 3: {"C": "外"}}
        workbook.write(tmp_path / f"{name}.xlsx", {"s": workbook.sheet(rows)})
    tables = list(read_location(Location(str(tmp_path))))
    for _ in range(2):
        for table in tables:
            list(table.batches())
    told = [(issue[0], issue[2], issue[4]) for table in tables for issue in table.issues]
    assert told == [
        (name, f"{name}.xlsx#s!{row}", code)
        for name in ("a", "b") for row, code in ((2, "source.error-cell"), (3, "source.cell-outside"))
    ]  # fmt: skip


def test_a_file_that_changes_while_the_folder_is_read_is_refused(tmp_path, workbook, monkeypatch):
    monkeypatch.setattr(_held, "HELD", 1)
    for name in ("a", "b"):
        workbook.write(tmp_path / f"{name}.xlsx", {"s": workbook.table([["名称", "号"], [name, "1"]])})
    tables = list(read_location(Location(str(tmp_path))))
    workbook.write(tmp_path / "a.xlsx", {"s": workbook.table([["名称", "别的"], ["甲", "1"]])})
    with pytest.raises(LocationError) as error:
        list(tables[0].batches())
    assert error.value.code == "file.changed"
    assert "a.xlsx" in error.value.place


def put(folder, **files):
    for number, (name, text) in enumerate(files.items()):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
        os.utime(path, (1_700_000_000 + number, 1_700_000_000 + number))


def look(folder, **options):
    """Read a folder: its files as path → (state, why), its tables, their issues."""
    reading = Reading(keep_going=options.pop("keep_going", False))
    tables = list(read_location(Location(str(folder)), reading=reading, **options))
    for table in tables:
        list(table.batches())
    files = {file.file: (file.state, file.why if isinstance(file.why, str) else None) for file in reading.files}
    return files, [table.name for table in tables], [i[2:5:2] for t in tables for i in t.issues], reading


def test_every_file_is_listed_with_what_became_of_it(tmp_path):
    put(tmp_path / "f", **{
        "客户.csv": "编号,名称\n1,甲\n", "旧/客户.csv": "编号,名称\n1,甲\n", "空.csv": "", "~$客户.xlsx": "x", "a.tmp": "x", ".x": "x", "照片.png": "x",
        "历史.zip": "PK", "Thumbs.db": "x", ".git/a.csv": "a,b\n1,2\n",
    })  # fmt: skip
    (tmp_path / "外.csv").write_text("a,b\n1,2\n")
    (tmp_path / "f" / "link.csv").symlink_to(tmp_path / "外.csv")
    (tmp_path / "f" / "out").symlink_to(tmp_path)
    os.mkfifo(tmp_path / "f" / "pipe.csv")
    files, tables, issues, reading = look(tmp_path / "f")
    assert files == {
        "客户.csv": ("read", None), "旧/客户.csv": ("duplicate", "客户.csv"), "空.csv": ("empty", None), "~$客户.xlsx": ("lock", None),
        "a.tmp": ("temporary", None), ".x": ("hidden", None), ".git": ("hidden", None), "照片.png": ("no-table", None),
        "历史.zip": ("archive", None), "Thumbs.db": ("no-table", None), "link.csv": ("link", None), "out": ("link", None),
        "pipe.csv": ("no-table", None),
    }  # fmt: skip
    assert tables == ["客户"]
    assert issues == [
        ("历史.zip", "source.archive"),
        ("旧/客户.csv", "source.duplicate-file"),
        ("空.csv", "source.empty-file"),
    ]
    [read] = [file for file in reading.files if file.file == "客户.csv"]
    assert (read.format, read.size, read.modified) == ("csv", 20, "2023-11-14T22:13:20+00:00")
    assert read.sha256 == hashlib.sha256((tmp_path / "f" / "客户.csv").read_bytes()).hexdigest()


def test_pages_and_xml_are_read_where_there_is_a_table_in_them(tmp_path):
    page = "<html><body><table><tr><td>a<td>b</tr><tr><td>1<td>2</tr></table></body></html>"
    put(tmp_path, **{
        "表.html": page, "帮助.htm": "<html><body><p>使用说明</p></body></html>", "框.html": "<html><iframe src=x></iframe><table></table></html>",
        "设置.xml": "<?xml version='1.0'?><config><item/></config>", "客户.xml": " ", "客户.csv": "a,b\n5,6\n", "~订单.csv": "a,b\n3,4\n",
    })  # fmt: skip
    files, tables, issues, _ = look(tmp_path)
    assert {name for name, (state, _) in files.items() if state == "read"} == {"表.html", "客户.csv", "~订单.csv"}
    assert {state for state, _ in files.values()} == {"read", "no-table"}
    assert (sorted(tables), issues) == (["~订单", "客户", "表"], [])
    put(tmp_path, **{"断.xml": "<Workbook xmlns='urn:schemas-microsoft-com:office:spreadsheet'><Worksheet>"})
    with pytest.raises(LocationError) as error:
        look(tmp_path)
    assert error.value.code == "file.damaged"


def test_older_versions_are_read_and_told(tmp_path):
    put(tmp_path, **{
        "客户_v1.csv": "编号,名称\n1,甲\n", "客户_v2.csv": "编号,名称\n1,乙\n", "客户_最终版.csv": "编号,名称\n1,丙\n",
        "客户_最终版2.csv": "编号,名称,电话\n1,丁,1\n", "客户 - 副本.csv": "编号,名称\n1,戊\n", "备份/客户.csv": "编号,名称\n1,己\n",
        "订单(1).csv": "单号,金额\n1,2\n", "订单.csv": "日期,人,车\n1,2,3\n", "一部/客户_最终版.csv": "编号,名称\n1,庚\n",
        "销售_202301.csv": "a,b\n1,2\n", "销售_202302.csv": "a,b\n1,3\n",
    })  # fmt: skip
    files, tables, issues, _ = look(tmp_path)
    newest = "客户_最终版2.csv"
    older = {name for name, (state, _) in files.items() if state == "older-version"}
    assert older == {"客户_v1.csv", "客户_v2.csv", "客户_最终版.csv", "客户 - 副本.csv", "备份/客户.csv"}
    assert {why for _, why in files.values()} == {None, newest}
    assert len(tables) == len(files)
    assert {place for place, code in issues if code == "source.older-version"} == older


def test_files_are_chosen_by_patterns(tmp_path):
    put(tmp_path, **{"客户_v1.csv": "a,b\n1,2\n", "客户_v2.csv": "a,b\n1,3\n", "x/订单.csv": "a,b\n1,4\n"})
    files, tables, issues, _ = look(tmp_path, exclude=("*_v1*",))
    assert (files["客户_v1.csv"][0], tables, issues) == ("excluded", ["订单", "客户_v2"], [])
    assert look(tmp_path, files=("x/*",))[1] == ["订单"]


def test_one_bad_file_stops_a_migration_but_no_audit(tmp_path):
    put(tmp_path, **{"a.csv": "a,b\n1,2\n", "b.xlsx": "PK\x03\x04 broken", "c.csv": "a,b\n3,4\n"})
    with pytest.raises(LocationError) as error:
        look(tmp_path)
    assert (error.value.code, "b.xlsx" in error.value.place) == ("file.damaged", True)
    files, tables, _, reading = look(tmp_path, keep_going=True)
    assert (files["b.xlsx"][0], tables) == ("unreadable", ["a", "c"])
    assert [error.code for error in reading.refused] == ["file.damaged"]


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("客户最终版(1)", "客户"), ("客户 - 副本 (2)", "客户"), ("副本客户", "客户"), ("客户（修改）", "客户"), ("客户V1.2", "客户"),
        ("客户第2版", "客户"), ("客户备份20230501", "客户"), ("客户2023年5月1日", "客户"), ("客户_2023-05-01 1430", "客户"), ("Copy of list", "list"),
        ("customers_old", "customers"), ("客户名单_新", "客户名单"), ("最终版", ""), ("household", "household"), ("gold", "gold"),
        ("renew", "renew"), ("客户2023", "客户2023"), ("销售_202305", "销售202305"), ("客户更改", "客户更改"), ("客户(北京)", "客户(北京)"),
        ("客户13800001111", "客户13800001111"),
    ],
)  # fmt: skip
def test_what_a_name_says_of_its_version(name, stem):
    assert version_of(name).stem == stem
    assert version_of(name).marked == (stem != name.casefold().replace("_", ""))


@given(st.text("客户_v12 ()（）-.副本最终版旧old备份2023", max_size=20))
def test_one_more_mark_changes_nothing_but_the_version(name):
    assert version_of(f"{name}_最终版").stem == version_of(name).stem
    assert version_of_path(f"备份/{name}.csv").stem == version_of_path(f"{name}.csv").stem


def test_versions_in_their_order():
    names = ["客户_旧", "客户", "客户(1)", "客户_v2", "客户_新", "客户_最终版", "客户_最终版2"]
    assert sorted(set(names), key=lambda n: rank(version_of(n), "2024", all_dated=False)) == names
    dated = ["客户_20230501_最终版", "客户_20230601"]
    assert sorted(set(dated), key=lambda n: rank(version_of(n), "2024", all_dated=True)) == dated
