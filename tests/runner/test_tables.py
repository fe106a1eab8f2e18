"""Tables are written whole or not at all, and row-wise work gives the same in one process and in several."""

from __future__ import annotations

import shutil
from functools import partial

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from crmmigrate.errors import LocationError
from crmmigrate.model.content_digest import content_digest
from crmmigrate.model.table import Table, Tables
from crmmigrate.runner import engine as module
from crmmigrate.runner.engine import apply
from crmmigrate.runner.tables import TableWriter
from crmmigrate.stages.trial import _sample_batch


def test_text_comes_back_as_it_was(tmp_path):
    frame = pd.DataFrame({"_record": ["1", "2", "3"], "a": ["000123", None, "NA"]}, dtype="str")
    writer = TableWriter("t", tmp_path / "t.parquet")
    writer.write(frame)
    table = writer.close()
    pd.testing.assert_frame_equal(table.frame(), frame)
    assert table.rows == 3
    assert table.columns == ("_record", "a")


def test_an_unfinished_table_does_not_exist(tmp_path):
    writer = TableWriter("t", tmp_path / "t.parquet")
    writer.write(pd.DataFrame({"a": ["1"]}, dtype="str"))
    assert not (tmp_path / "t.parquet").exists()
    writer.close()
    assert (tmp_path / "t.parquet").exists()


def test_what_goes_wrong_while_a_batch_is_written_is_raised_by_what_is_asked_next(tmp_path):
    many = pa.table({"a": ["1"] * 5000})
    for ask in (TableWriter.close, TableWriter.discard, lambda writer: writer.write_arrow(many)):
        writer = TableWriter("t", tmp_path / "t.parquet")
        writer.write_arrow(many)
        writer.write_arrow(many.rename_columns(["b"]))
        with pytest.raises(ValueError, match="field names"):
            ask(writer)
        assert not (tmp_path / "t.parquet").exists()
        assert ask is not TableWriter.discard or not [*tmp_path.iterdir()]
        writer.discard()
        assert not [*tmp_path.iterdir()]


def test_a_batch_with_a_new_column_is_refused(tmp_path):
    writer = TableWriter("t", tmp_path / "t.parquet")
    writer.write(pd.DataFrame({"a": ["1"]}, dtype="str"))
    with pytest.raises(ValueError, match="'b'"):
        writer.write(pd.DataFrame({"a": ["1"], "b": ["2"]}, dtype="str"))


def test_several_processes_give_the_same_in_the_same_order(monkeypatch):
    batches = [
        pd.DataFrame({"_record": [f"x{i}", f"y{i}"], "a": ["王小明", "13812345678"]}, dtype="str") for i in range(12)
    ]
    function = partial(_sample_batch, frozenset(f"x{i}" for i in range(12)), {"a": "person"}, "key")
    alone = pd.concat(batch.rows for batch in apply(function, batches, 0))
    monkeypatch.setattr(module, "PARALLEL_ROWS", 0)
    together = pd.concat(batch.rows for batch in apply(function, batches, 24))
    assert len(alone) == 12
    pd.testing.assert_frame_equal(alone, together)


def test_small_tables_of_the_programs_own_questions_are_seen_by_the_one_who_asks_and_read_anew(tmp_path):
    def written(*cells: str) -> Table:
        writer = TableWriter("t", tmp_path / "t.parquet")
        writer.write(pd.DataFrame({"a": list(cells)}, dtype="str"))
        return writer.close()

    first = Tables({"t": written("1", "2")}, confined=False)
    other = Tables({"u": written("1", "2")}, confined=False)
    assert (first.value("SELECT count(*) FROM t"), other.value("SELECT count(*) FROM u")) == (2, 2)
    with pytest.raises(Exception, match="does not exist"):
        other.value("SELECT count(*) FROM t")
    written("3")
    assert first.value("SELECT max(a) FROM t") == "3"
    assert first.value("SELECT current_setting('memory_limit')") == Tables({}).value(
        "SELECT current_setting('memory_limit')"
    )
    assert first.value("SELECT current_setting('temp_directory')") == ""


def test_large_tables_have_a_duckdb_of_their_own_that_spills_beside_them(tmp_path, monkeypatch):
    writer = TableWriter("t", tmp_path / "t.parquet")
    writer.write(pd.DataFrame({"a": ["1"]}, dtype="str"))
    table = writer.close()
    monkeypatch.setattr("crmmigrate.model.table.SMALL", table.size - 1)
    tables = Tables({"t": table}, "256MB", confined=False)
    assert tables.value("SELECT current_setting('temp_directory')") == str(tmp_path / ".spill")
    assert tables.value("SELECT current_setting('enable_external_access')") is False


def test_sql_over_tables_sees_no_files(tmp_path):
    writer = TableWriter("t", tmp_path / "t.parquet")
    writer.write(pd.DataFrame({"a": ["1", "2"]}, dtype="str"))
    tables = Tables({"客户": Table("客户", writer.close().path)})
    assert tables.value('SELECT count(*) FROM "客户"') == 2
    secret = tmp_path / "secret.csv"
    secret.write_text("a\n1\n", encoding="utf-8")
    for query in (f"SELECT * FROM '{secret}'", f"SELECT * FROM read_csv('{secret}')", f"COPY (SELECT 1) TO '{secret}'"):
        with pytest.raises(Exception, match=r"(?i)disabled|permission|access"):
            tables.sql(query)
    with pytest.raises(Exception, match=r"(?i)lock"):
        tables.sql("SET enable_external_access = true")


def test_a_folder_of_files_is_one_table_in_the_order_of_their_names(tmp_path):
    whole = pd.DataFrame(
        {"_record": [f"r{n}" for n in range(23)], "a": [None if n % 3 else "x" for n in range(23)]}, dtype="str"
    )
    one = TableWriter("t", tmp_path / "one.parquet")
    one.write(whole)
    single = one.close()
    folder = tmp_path / "t.parquet"
    folder.mkdir()
    for number, (first, last) in enumerate([(0, 9), (9, 9), (9, 10), (10, 23)]):
        writer = TableWriter("t", folder / f"part-{number:05}.parquet")
        writer.write(whole.iloc[first:last])
        writer.close()
    table = Table("t", folder)
    assert (table.rows, table.columns, table.filled) == (23, ("_record", "a"), single.filled)
    assert [list(batch["_record"]) for batch in table.batches(5)] == [
        list(batch["_record"]) for batch in single.batches(5)
    ]
    for number in range(6):
        assert table.batch(number, 5).equals(single.batch(number, 5))
        assert (
            single.batch(number, 5)
            .reset_index(drop=True)
            .equals(whole.iloc[number * 5 : number * 5 + 5].reset_index(drop=True))
        )
    assert table.frame().equals(whole)
    assert content_digest(table) == content_digest(single)
    assert Tables({"t": table}).sql("SELECT _record FROM t").column(0).to_pylist() == list(whole["_record"])
    before = table.digest
    (folder / "part-00001.parquet").unlink()
    assert table.digest != before
    shutil.rmtree(folder)
    with pytest.raises(LocationError) as caught:
        Table("t", folder).rows  # noqa: B018
    assert caught.value.code == "table.gone"


def test_a_digest_tells_any_two_contents_apart_and_not_how_they_are_cut(tmp_path, monkeypatch):
    contents = [
        {"a": ["ab", "c"], "b": ["d", "e"]},
        {"a": ["a", "bc"], "b": ["d", "e"]},
        {"a": ["ab", "cd"], "b": ["", "e"]},
        {"a": ["ab", "cd"], "b": [None, "e"]},
        {"a": ["c", "ab"], "b": ["e", "d"]},
        {"a": ["ab"], "b": ["d"]},
        {"a": [], "b": []},
        {"b": ["ab", "c"], "a": ["d", "e"]},
        {"a": ["测试", None], "b": [None, None]},
    ]

    def digests(name: str, rows_at_once: int) -> list[str]:
        found = []
        for number, content in enumerate(contents):
            writer = TableWriter("t", tmp_path / f"{name}{number}.parquet")
            frame = pd.DataFrame(content, dtype="str")
            for start in range(0, max(len(frame), 1), rows_at_once):
                writer.write(frame.iloc[start : start + rows_at_once])
            found.append(content_digest(writer.close()))
        return found

    once = digests("whole", 5)
    assert len(set(once)) == len(contents)
    assert digests("cut", 1) == once
    monkeypatch.setattr("crmmigrate.model.content_digest.DIGEST_ROWS", 1)
    assert len(set(digests("one", 5))) == len(contents)


@pytest.mark.parametrize("rows_of_groups", [1, 3, 100])
def test_the_rows_behind_any_place_are_read_alone_whatever_files_and_groups_they_are_in(tmp_path, rows_of_groups):
    folder = tmp_path / "t.parquet"
    folder.mkdir()
    written = [f"r{place}" for place in range(10)]
    for name, cells in (("a", written[:4]), ("b", written[4:5]), ("c", written[5:])):
        rows = pa.table({"_record": pa.array(cells, pa.string()), "b": pa.array(cells, pa.string())})
        pq.write_table(rows, folder / f"{name}.parquet", row_group_size=rows_of_groups)
    table = Table("t", folder)
    for skip in range(12):
        read = list(table.batches(4, ["_record"], skip))
        assert [list(batch.columns) for batch in read] == [["_record"]] * len(read)
        assert [record for batch in read for record in batch["_record"]] == written[skip:]
