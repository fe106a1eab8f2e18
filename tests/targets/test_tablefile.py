"""Tables written to files and databases, and read back: no value changes on the way."""

from __future__ import annotations

import io
import types
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crmmigrate.errors import ConfigurationError, LocationError
from crmmigrate.model.location import Location
from crmmigrate.sources import read_location
from crmmigrate.targets.tablefile import write_table

VALUES = [
    "000123", "110101199003070011", "NA", "None", "nan", "null", "1E5", "2023-01-02", "1/2", "TRUE", "  leading", "trailing ",
    "😀", "a\nb", 'say "hi"', "=1+1", "+8613800000000", "-5", "@x", "a,b;c\td|e", "１２３", None, "0", "1.10", "_x000D_", "<&>", "\\N",
]  # fmt: skip


def frame(values, **more):
    columns = {"值": values, "序号": [f"k{i}" for i in range(len(values))], **more}
    return pd.DataFrame({name: pd.Series(column, dtype="str") for name, column in columns.items()})


def back(location):
    [table] = list(read_location(location))
    whole = pd.concat(list(table.batches()))
    return [value if isinstance(value, str) else None for value in whole["值"].tolist()]


@pytest.mark.parametrize("name", ["a.csv", "a.tsv", "a.xlsx", "a.parquet", "a.jsonl"])
def test_every_value_survives_every_file(tmp_path, name):
    location = Location(str(tmp_path / name))
    data = frame(VALUES)
    assert write_table(location, list(data.columns), [data.iloc[:10], data.iloc[10:]]) == len(VALUES)
    assert back(location) == VALUES
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_every_value_survives_every_database(database_url):
    location = Location(database_url, "客户 1")
    data = frame([*VALUES, "%s %(a)s :b"])
    assert write_table(location, list(data.columns), [data]) == len(VALUES) + 1
    assert sorted(back(location), key=str) == sorted([*VALUES, "%s %(a)s :b"], key=str)
    with pytest.raises(LocationError) as error:
        write_table(location, list(data.columns), [data])
    assert error.value.code == "target.table-exists"
    assert len(back(location)) == len(VALUES) + 1


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn"]), min_size=1, max_size=20),
        max_size=8,
    )
)
def test_any_text_survives_csv_and_xlsx(tmp_path, texts):
    for name in ("a.csv", "a.xlsx"):
        location = Location(str(tmp_path / name))
        data = frame(["甲乙", *texts])
        write_table(location, list(data.columns), [data])
        assert back(location) == ["甲乙", *texts]


def test_text_is_never_a_formula_in_a_workbook(tmp_path):
    import openpyxl

    path = tmp_path / "a.xlsx"
    data = frame(["=1+1", "000123", "bad\x00\x0bchar", "\ufffe\ufffflast"])
    write_table(Location(str(path), "客户/1:[x]"), list(data.columns), [data])
    book = openpyxl.load_workbook(path)
    sheet = book["客户 1  x"]
    assert [cell.data_type for cell in sheet["A"]] == ["s"] * 5
    assert [cell.value for cell in sheet["A"]] == ["值", "=1+1", "000123", "badchar", "last"]


def test_a_text_too_long_for_a_workbook_is_refused(tmp_path):
    """Excel counts UTF-16 units; cutting the text would change a record without a word."""
    path = tmp_path / "a.xlsx"
    for text in ("x" * 32_767, "😀" * 16_383):
        write_table(Location(str(path)), ["值"], [frame([text])])
        assert back(Location(str(path))) == [text]
    for text in ("x" * 32_768, "😀" * 16_384):
        with pytest.raises(LocationError) as error:
            write_table(Location(str(path), "客户"), ["序号", "值"], [frame(["a", text])])
        assert error.value.code == "target.cell-too-long"
        assert error.value.place == "客户!3"
        assert "值" in error.value.text()
        assert text[:9] not in error.value.text()
    assert [each.name for each in tmp_path.iterdir()] == ["a.xlsx"]


def test_more_rows_than_a_sheet_holds(tmp_path, monkeypatch):
    import openpyxl

    monkeypatch.setattr("crmmigrate.targets.tablefile.SHEET_ROWS", 10)
    path = tmp_path / "客户.xlsx"
    data = frame([str(i) for i in range(25)])
    assert write_table(Location(str(path)), ["值"], [data]) == 25
    book = openpyxl.load_workbook(path)
    assert [(sheet.title, sheet.max_row) for sheet in book] == [("客户", 11), ("客户 (2)", 11), ("客户 (3)", 6)]


def test_csv_for_excel_and_for_a_pipe(tmp_path, monkeypatch):
    data = frame(["甲", None])
    write_table(Location(str(tmp_path / "a.csv")), ["值", "序号"], [data])
    assert (tmp_path / "a.csv").read_bytes() == b"\xef\xbb\xbf" + "值,序号\r\n甲,k0\r\n,k1\r\n".encode()
    out = io.BytesIO()
    monkeypatch.setattr("sys.stdout", types.SimpleNamespace(buffer=out))
    assert write_table(Location("-"), ["序号", "值"], [data]) == 2
    assert out.getvalue() == "序号,值\r\nk0,甲\r\nk1,\r\n".encode()


@pytest.mark.parametrize("name", ["a.csv", "a.xlsx", "a.parquet", "a.jsonl"])
def test_no_rows_still_make_a_table(tmp_path, name):
    location = Location(str(tmp_path / name))
    assert write_table(location, ["值", "序号"], [frame([])]) == 0
    assert location.path.exists()


@pytest.mark.parametrize("name", ["a.csv", "a.xlsx", "a.parquet", "a.jsonl"])
def test_a_failure_leaves_the_old_file_and_nothing_else(tmp_path, name):
    path = tmp_path / name
    path.write_bytes(b"old")

    def batches():
        yield frame(["x"])
        raise OSError(28, "No space left on device")

    with pytest.raises(LocationError) as error:
        write_table(Location(str(path)), ["值"], batches())
    assert error.value.code == "target.unwritable"
    assert "No space left" in error.value.text()
    assert path.read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_a_folder_that_is_missing_or_is_a_file(tmp_path):
    (tmp_path / "file").write_text("x")
    for place in (tmp_path / "no" / "a.csv", tmp_path / "file" / "a.csv"):
        with pytest.raises(LocationError) as error:
            write_table(Location(str(place)), ["值"], [frame(["x"])])
        assert error.value.code == "target.unwritable"
        assert error.value.hint is not None


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_on_standard_output(monkeypatch):
    with Path("/dev/full").open("wb", buffering=0) as full:
        monkeypatch.setattr("sys.stdout", types.SimpleNamespace(buffer=full))
        with pytest.raises(LocationError) as error:
            write_table(Location("-"), ["值"], [frame(["x"])])
    assert error.value.code == "target.unwritable"


def test_refusals_before_anything_is_written(tmp_path, sqlite_url):
    with pytest.raises(ConfigurationError) as error:
        write_table(Location(str(tmp_path / "a.doc")), ["值"], [frame(["x"])])
    assert error.value.code == "target.ending"
    with pytest.raises(ConfigurationError) as error:
        write_table(Location(sqlite_url), ["值"], [frame(["x"])])
    assert error.value.code == "target.no-table-name"
    with pytest.raises(LocationError) as error:
        write_table(Location("postgresql://u:geheim@127.0.0.1:1/x", "t"), ["值"], [frame(["x"])])
    assert error.value.code == "database.unreachable"
    assert "geheim" not in error.value.text()
