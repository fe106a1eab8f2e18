"""Tables are written whole or not at all, and row-wise work gives the same in one process and in several."""

from __future__ import annotations

from functools import partial

import pandas as pd
import pytest

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
