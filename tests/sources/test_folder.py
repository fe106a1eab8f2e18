"""Folders: one table per file, lock files and hidden files left out."""

from __future__ import annotations

import pytest

from crmmigrate.errors import LocationError


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
