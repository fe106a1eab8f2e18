"""Databases: every value as text, undamaged; nothing secret in an error."""

from __future__ import annotations

import sqlite3

import pytest
import sqlalchemy as sa

from crmmigrate.errors import LocationError
from crmmigrate.model.location import Location


def execute(url, *statements):
    engine = sa.create_engine(Location(url).url())
    with engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
    engine.dispose()


@pytest.fixture
def tickets(tmp_path):
    path = tmp_path / "工单.db"
    connection = sqlite3.connect(path)
    connection.executescript(
        "CREATE TABLE tickets (no TEXT PRIMARY KEY, at DATE, amount NUMERIC, ratio REAL, ok BOOLEAN, data BLOB);"
        "INSERT INTO tickets VALUES ('T-7','not a date',1200.5,0.1,1,x'00ff'),('000123',NULL,'1E5',2.0,'TRUE',NULL);"
        "CREATE TABLE \"t 2\" (a, \"a\nb\"); INSERT INTO \"t 2\" VALUES ('','NA'),(CAST(x'd5c5c8fd' AS TEXT),110101199003070011);"
        "CREATE TABLE crmm_run (id)"
    )
    connection.close()
    return path


def test_sqlite_file_is_a_database(tickets, read):
    found = read(tickets)
    assert list(found) == ["t 2", "tickets"]
    table, rows = found["tickets"]
    assert table.facts["key"] == ["no"]
    assert table.facts["rows"] == 2
    assert rows["no"] == ["000123", "T-7"]
    assert rows["at"] == [None, "not a date"]
    assert rows["amount"] == ["100000", "1200.5"]
    assert (rows["ratio"], rows["ok"], rows["data"]) == (["2", "0.1"], ["TRUE", "1"], [None, "00ff"])
    assert rows["_origin"] == ["工单.db#tickets:000123", "工单.db#tickets:T-7"]
    assert [(i[2], i[3], i[4]) for i in table.issues] == [("工单.db#tickets:T-7", "data", "source.binary-value")]
    other, rows = found["t 2"]
    assert rows["a"] == [None, "张三"]
    assert rows["a b"] == ["NA", "110101199003070011"]
    assert [(i[2], i[4]) for i in other.issues] == [
        ("工单.db#t 2", "source.no-key"),
        ("工单.db#t 2:2", "source.undecodable"),
    ]


def test_sqlite_url_and_table(tickets, read, tmp_path):
    assert list(read(f"sqlite:///{tickets}#tickets")) == ["tickets"]
    with pytest.raises(LocationError) as error:
        read(f"sqlite:///{tickets}#ticket")
    assert error.value.code == "source.no-table"
    assert "did you mean 'tickets'" in error.value.text()
    with pytest.raises(LocationError) as error:
        read(f"sqlite:///{tmp_path}/工单2.db")
    assert error.value.code == "file.missing"
    assert not (tmp_path / "工单2.db").exists()


def test_a_broken_sqlite_file(tmp_path, read):
    (tmp_path / "a.db").write_bytes(b"SQLite format 3\0" + b"\xff" * 4000)
    with pytest.raises(LocationError):
        read(tmp_path / "a.db")


@pytest.mark.database("postgresql")
def test_postgresql(postgresql_url, read):
    execute(
        postgresql_url,
        "CREATE SCHEMA sales",
        "CREATE TABLE sales.customers (id bigint PRIMARY KEY, n numeric(20,2), at timestamptz, d date, f float8, b boolean,"
        ' j jsonb, raw bytea, "名 %%称" varchar(50), ar int[])',
        "INSERT INTO sales.customers VALUES (10, 1200.50, '2023-05-01 14:30:00Z', '2023-05-01', 0.1, true, '{\"a\": 1}',"
        " '\\x00ff', 'NA', '{1,2}'), (9, 123456789012345678.01, NULL, NULL, 'NaN', false, NULL, NULL, ' x', NULL)",
        "CREATE TABLE plain (a text)",
        "INSERT INTO plain VALUES ('000123'), (''), ('None')",
    )
    [(table, rows)] = read(f"{postgresql_url}#sales.customers").values()
    assert rows["id"] == ["9", "10"]
    assert rows["n"] == ["123456789012345678.01", "1200.50"]
    assert (rows["d"][1], rows["f"], rows["b"]) == ("2023-05-01", ["NaN", "0.1"], ["false", "true"])
    assert rows["at"][1].startswith("2023-05-01 ")
    assert (rows["j"][1], rows["raw"][1], rows["ar"][1]) == ('{"a": 1}', "00ff", "{1,2}")
    assert rows["名 %称"] == [" x", "NA"]
    assert rows["_place"] == ["9", "10"]
    assert [issue[4] for issue in table.issues] == ["source.binary-value"]
    assert read(postgresql_url)["plain"][1]["a"] == ["000123", None, "None"]


@pytest.mark.database("mysql")
def test_mysql(mysql_url, read):
    execute(
        mysql_url,
        "CREATE TABLE customers (a varchar(20), b int, d decimal(20,2), dt datetime, da date, t time, f double, raw varbinary(9),"
        " `名 %%称` text, bit bit(8), ok bit(1), PRIMARY KEY (a, b)) CHARACTER SET utf8mb4",
        "INSERT INTO customers VALUES ('x', 2, 1200.50, '2023-05-01 14:30:00', '2023-05-01', '26:00:00', 0.1, x'00ff', '😀NA', b'1', b'0'),"
        " ('000123', 1, NULL, NULL, NULL, NULL, NULL, NULL, '', NULL, NULL)",
    )
    [(table, rows)] = read(mysql_url).values()
    assert table.facts["key"] == ["a", "b"]
    assert rows["_place"] == ["000123/1", "x/2"]
    values = {name: column[1] for name, column in rows.items()}
    assert (values["d"], values["dt"], values["da"], values["t"]) == (
        "1200.50",
        "2023-05-01 14:30:00",
        "2023-05-01",
        "26:00:00",
    )
    assert (values["f"], values["raw"], values["名 %称"]) == ("0.1", "00ff", "😀NA")
    assert rows["名 %称"][0] is None
    assert (rows["bit"], rows["ok"]) == ([None, "1"], [None, "0"])
    assert [issue[3] for issue in table.issues] == ["raw"]


@pytest.mark.parametrize("url", ["postgresql://u:geheim@127.0.0.1:1/x", "mysql://u:geheim@127.0.0.1:1/x"])
def test_a_database_that_refuses(url, read):
    with pytest.raises(LocationError) as error:
        read(url)
    assert error.value.code == "database.unreachable"
    assert error.value.exit_code == 3
    assert "geheim" not in error.value.text()
