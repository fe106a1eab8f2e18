"""Columns counted in the database have the profile that reading every row gives, on every kind of server."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal

import pandas as pd
import pytest
import sqlalchemy as sa
from tests.runner.small_migration import Silent

from crmmigrate.checks.profile_counted import needs_rows
from crmmigrate.model.location import Location
from crmmigrate.model.source import InPlace
from crmmigrate.model.table import Tables
from crmmigrate.runner.execute import Context
from crmmigrate.runner.single import read_tables
from crmmigrate.runner.workspace import Workspace
from crmmigrate.stages.audit import examine

ROWS = 2_000
LEVELS = ("重点客户", "普通客户", "普通客戶", " 普通客户", "Ａ级", "vip", "VIP", "vip ", "潜在\n客户", "", None)
LINES = ("整车", "配件", "金融", "保险", "售后", "二手车", "精品")
SHOPS = 50


def row(n):
    shop = n % SHOPS
    return {
        "id": n + 1, "name": f"杭州启明{n}有限公司", "mobile": f"138{n:08}", "level": LEVELS[n * 7 % len(LEVELS)], "rate": Decimal("1.50") * (n % 9),
        "active": n % 3 == 0, "shop": f"门店{shop:02}", "line": LINES[0 if n == 1 else 1 + shop % 6], "percent %": f"{n % 20}%",
        "since": dt.date(2020, 1, 1) + dt.timedelta(days=n % 30), "kind": "12", "blank": None, "note": f"备注 {n}",
    }  # fmt: skip


def make(url):
    tables = sa.MetaData()
    columns = {"level": sa.String(20), "rate": sa.Numeric(12, 2), "active": sa.Boolean, "shop": sa.String(20), "line": sa.Text, "percent %": sa.String(9),
               "since": sa.Date, "kind": sa.String(5), "blank": sa.String(5)}  # fmt: skip
    own = {"name": sa.String(50), "mobile": sa.String(20), "note": sa.String(50)}
    key = sa.Column("id", sa.Integer, primary_key=True)
    keyed = sa.Table("customers", tables, key, *(sa.Column(n, k) for n, k in (own | columns).items()))
    keyless = sa.Table(
        "visits",
        tables,
        *(
            sa.Column(n, k)
            for n, k in ({"note": sa.String(50), **columns}).items()
            if n in ("note", "level", "shop", "line", "since")
        ),
    )
    engine = sa.create_engine(Location(url).url(), poolclass=sa.NullPool)
    with engine.begin() as connection:
        tables.create_all(connection)
        connection.execute(keyed.insert(), [row(n) for n in range(ROWS)])
        rows = [{c.name: value for c in keyless.columns for value in [row(n)[c.name]]} for n in range(ROWS)]
        connection.execute(keyless.insert(), [*rows, *rows[:37]])
    engine.dispose()


def extracted(url, folder, rows):
    return read_tables(
        [Location.parse(url)], Context(Workspace(folder), Silent()), in_place=InPlace(rows, needs_rows)
    ).tables


def audited(url, folder, rows):
    tables = extracted(url, folder, rows)
    return tables, examine(Tables(tables))


def test_what_is_counted_has_the_profile_of_what_is_read(database_url, tmp_path):
    make(database_url)
    counted_tables, counted = audited(database_url, tmp_path / "counted", 0)
    tables, whole = audited(database_url, tmp_path / "whole", ROWS * 2)
    assert not [name for name in tables if name.startswith("_values")]
    for one, other in zip(counted.tables, whole.tables, strict=True):
        in_place = {column.name for column in one.columns if column.in_place}
        assert in_place == {c.name for c in other.columns} - {"id", "name", "mobile", "note", "since"}
        assert not any(column.in_place for column in other.columns)
        assert [replace(column, in_place=False) for column in one.columns] == list(other.columns)
        assert (one.rows, one.keys, one.duplicate_rows) == (other.rows, other.keys, other.duplicate_rows)
        assert (one.recent_rows, one.dated_rows, one.duplicates) == (
            other.recent_rows,
            other.dated_rows,
            other.duplicates,
        )
        rules = [{d for d in t.dependencies if {d.left, d.right} <= in_place} for t in (one, other)]
        assert rules[0] == rules[1]
        assert ("shop", "line") in {(d.left, d.right) for d in rules[0]}
        values = counted_tables[f"_values.{one.name}"].frame()
        assert set(values["column"]) == in_place - {"blank"}
        rows = counted_tables[one.name].frame()
        assert rows[sorted(in_place)].isna().all(axis=None)
        pd.testing.assert_frame_equal(rows.drop(columns=in_place), tables[one.name].frame().drop(columns=in_place))
    assert [t.duplicate_rows for t in counted.tables] == [0, 37]
    assert counted.same_columns == whole.same_columns
    described = {source["table"]: source for source in counted.sources}
    assert "level, rate" in described["customers"]["counted"]
    assert not described["customers"]["fingerprint"]


def test_a_column_that_has_too_many_values_after_all_or_bytes_in_another_encoding_is_read(tmp_path):
    url = f"sqlite:///{tmp_path / 'a.db'}"
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t (id INTEGER PRIMARY KEY, late TEXT, raw, mixed TEXT COLLATE NOCASE)")
        connection.exec_driver_sql(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 30000) INSERT INTO t"
            " SELECT i, CASE WHEN i <= 20000 THEN 'a' || i % 9 ELSE 'b' || i END,"
            " CASE WHEN i = 7 THEN CAST(x'd5c5c8fd' AS TEXT) ELSE 'x' END, CASE i % 3 WHEN 0 THEN 'ab' WHEN 1 THEN 'AB' ELSE 'c' END FROM n"
        )
    tables = extracted(url, tmp_path / "work", 0)
    assert tables["a.t"].frame()["raw"].iloc[6] == "张三"
    values = tables["_values.a.t"].frame()
    assert set(values["column"]) == {"mixed"}
    assert dict(zip(values["value"], values["n"], strict=True)) == {"ab": "10000", "AB": "10000", "c": "10000"}


@pytest.mark.parametrize("rows", [ROWS, ROWS * 2])
def test_a_table_of_fewer_rows_than_asked_for_is_read_whole(sqlite_url, tmp_path, rows):
    make(sqlite_url)
    tables = extracted(f"{sqlite_url}#customers", tmp_path / "work", rows)
    assert any(name.startswith("_values.") for name in tables) == (rows == ROWS)
