"""Extraction: what is kept of every source, and what happens to files that cannot be read."""

from __future__ import annotations

import json
import sqlite3

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from crmmigrate.errors import LocationError
from crmmigrate.model.location import Location
from crmmigrate.model.project import SourceSpec
from crmmigrate.model.source import SourceTable
from crmmigrate.runner.execute import Context, execute
from crmmigrate.runner.extract import FILE_COLUMNS, FILES, KEY_DOUBLED, SOURCE_COLUMNS, SOURCES, extraction
from crmmigrate.runner.single import read_tables
from crmmigrate.runner.workspace import Workspace


class Silent:
    def __init__(self):
        self.rows = 0

    def begin(self, title, total):
        return self.advance

    def advance(self, rows):
        self.rows += rows

    def end(self):
        pass


@pytest.fixture
def context(tmp_path):
    return Context(Workspace(tmp_path / "work"), Silent())


@pytest.fixture
def folder(tmp_path):
    """Give a folder of two tables, one of them twice, and of a third that breaks off behind its first 60,000 rows."""
    place = tmp_path / "旧系统"
    place.mkdir()
    (place / "客户.csv").write_text("编号,名称\n1,甲\n1,乙\n", encoding="utf-8")
    (place / "客户 - 副本.csv").write_text("编号,名称\n1,甲\n1,乙\n", encoding="utf-8")
    connection = sqlite3.connect(place / "工单.db")
    connection.executescript(
        "CREATE TABLE 工单 (no TEXT PRIMARY KEY, k REFERENCES 工单 (no)); INSERT INTO 工单 VALUES ('7', x'00')"
    )
    connection.close()
    return place


def break_off(path):
    with pq.ParquetWriter(path, pa.schema([("a", pa.string())]), compression="snappy", use_dictionary=False) as writer:
        for start in (0, 60_000):
            writer.write_table(pa.table({"a": [f"值{number or 1}" for number in range(start, start + 60_000)]}))
    group = pq.read_metadata(path).row_group(1).column(0)
    data = bytearray(path.read_bytes())
    data[group.data_page_offset : group.data_page_offset + group.total_compressed_size] = (
        b"\xff" * group.total_compressed_size
    )
    path.write_bytes(data)


def table(outcome, name):
    frame = outcome.tables[name].frame()
    return frame.astype(object).where(frame.notna(), None)


def test_sources_and_files_are_described(folder, context):
    outcome = read_tables([Location(str(folder))], context)
    sources = table(outcome, SOURCES)
    assert tuple(sources.columns) == SOURCE_COLUMNS
    ticket, customer = (sources[sources["table"] == name].iloc[0] for name in ("工单", "客户"))
    assert (ticket["key"], json.loads(ticket["issues"])) == ('["no"]', {"source.binary-value": 1})
    assert json.loads(ticket["foreign_keys"]) == [{"columns": ["k"], "table": "工单", "references": ["no"]}]
    assert (ticket["rows"], customer["rows"], customer["validation"]) == ("1", "2", None)
    assert json.loads(customer["decision"])[0] == "header.labels"
    assert json.loads(customer["issues"]) == {"source.duplicate-file": 1}
    files = table(outcome, FILES)
    assert tuple(files.columns) == FILE_COLUMNS
    assert {row.file: (row.state, row.why, row.format) for row in files.itertuples()} == {
        "客户 - 副本.csv": ("duplicate", "客户.csv", "csv"),
        "客户.csv": ("read", None, "csv"),
        "工单.db": ("read", None, "sqlite"),
    }
    assert set(sources["freshness"]) == {files[files["state"] == "read"]["modified"].max()}
    assert context.watcher.rows >= 3, "progress is told"


def test_the_fingerprint_is_that_of_the_cells(folder, context):
    def fingerprint():
        sources = table(read_tables([Location(str(folder / "客户.csv"))], context), SOURCES)
        return sources["fingerprint"][0], sources["sha256"][0]

    first = fingerprint()
    (folder / "客户.csv").write_text("编号;名称\r\n1;甲\r\n1;乙\r\n", encoding="utf-8")
    again = fingerprint()
    assert (first[0] == again[0], first[1] == again[1]) == (True, False)
    (folder / "客户.csv").write_text("编号,名称\n1,甲\n1,丙\n", encoding="utf-8")
    assert fingerprint()[0] != first[0]


def test_a_table_that_breaks_off_is_given_up_by_an_audit_and_stops_a_migration(folder, context):
    break_off(folder / "坏.parquet")
    outcome = read_tables([Location(str(folder))], context)
    assert "旧系统.坏" not in outcome.tables
    assert "坏" not in set(table(outcome, SOURCES)["table"])
    [bad] = [row for row in table(outcome, FILES).itertuples() if row.file == "坏.parquet"]
    assert bad.state == "unreadable"
    assert any(
        "file.damaged" in found.text("en") and "坏.parquet" in found.text("en") for found in outcome.result.findings
    )
    assert not list((outcome.run.folder / "tables").glob("*坏*"))
    assert outcome.run.manifest.exit_code == 1
    stage = extraction({"old": (SourceSpec(str(folder)), Location(str(folder)))}, {})
    with pytest.raises(LocationError) as error:
        execute(stage, {}, None, context)
    assert error.value.code == "file.damaged"


def test_what_was_wrong_with_a_table_that_is_given_up_is_no_finding(folder, context):
    break_off(folder / "坏.parquet")  # its first two rows have the same key
    stage = extraction(
        {"old": (SourceSpec(str(folder)), Location(str(folder)))}, {"old.坏": "a", "old.客户": "编号"}, keep_going=True
    )
    outcome = execute(stage, {}, None, context)
    [told] = [text for found in outcome.result.findings if KEY_DOUBLED in (text := found.text("en"))]
    assert ": 1, first at 客户.csv" in told
    assert KEY_DOUBLED in set(outcome.issues.frame()["code"])
    assert "old.坏" not in set(outcome.issues.frame()["table"])
    assert not list(outcome.run.folder.rglob("*.part"))


def test_if_nothing_can_be_read_the_reason_is_said(tmp_path, context):
    (tmp_path / "f").mkdir()
    (tmp_path / "f" / "a.xlsx").write_bytes(b"PK\x03\x04 broken")
    with pytest.raises(LocationError) as error:
        read_tables([Location(str(tmp_path / "f"))], context)
    assert error.value.code == "file.damaged"


def test_a_file_on_its_own_is_listed_too(folder, context):
    outcome = read_tables([Location(str(folder / "工单.db")), Location(str(folder / "客户.csv"))], context)
    files = table(outcome, FILES)
    assert files[["source", "file", "state"]].to_numpy().tolist() == [
        ["工单", "工单.db", "read"],
        ["客户", "客户.csv", "read"],
    ]
    assert pd.notna(files["sha256"]).all()


def test_rows_that_stay_in_arrow_are_those_of_the_frames(context, tmp_path, monkeypatch):
    """Names, order, empty cells and the fingerprint are the same whichever way a Parquet file goes."""
    path = tmp_path / "客户.parquet"
    cells = ["甲", "", None, "a\nb", "乙" * 50] * 20_000
    pq.write_table(pa.table({"名称": cells, "_origin": [None, "旧.xlsx!7"] * 50_000, "数": range(100_000)}), path)
    sources = {"crm": (SourceSpec(str(path)), Location.parse(str(path)))}
    one, two = (_extracted(sources, context, monkeypatch, arrow=arrow) for arrow in (True, False))
    assert one[0].equals(two[0])
    assert one[1] == two[1]


def _extracted(sources, context, monkeypatch, *, arrow):
    with monkeypatch.context() as patched:
        if not arrow:
            patched.setattr(SourceTable, "arrow_batches", lambda table: None)  # as of a reader that has only frames
        tables = execute(extraction(sources, {}), {}, None, context).tables
    return pq.read_table(tables["crm.客户"].path), [row["fingerprint"] for row in tables[SOURCES].records()]
