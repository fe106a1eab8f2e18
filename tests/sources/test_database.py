"""Databases: every value as text, undamaged; nothing secret in an error."""

from __future__ import annotations

import sqlite3

import pytest
import sqlalchemy as sa

from crmmigrate.errors import ConfigurationError, LocationError
from crmmigrate.model.location import Location
from crmmigrate.sources import _snapshot, read_location

SERVERS = [pytest.param(name, marks=pytest.mark.database(name)) for name in ("postgresql", "mysql")]


def execute(url, *statements):
    engine = sa.create_engine(Location(url).url(), poolclass=sa.NullPool)
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


@pytest.mark.database("postgresql")
def test_postgresql_types(postgresql_url, read):
    execute(
        postgresql_url,
        "CREATE TYPE mood AS ENUM ('高', '低')",
        "CREATE TABLE t (id uuid PRIMARY KEY, big bigint, g bigint GENERATED ALWAYS AS (big - 1) STORED, f4 float4, iv interval, tx text[],"
        ' bi bit(5), c char(10), m money, e mood, ip inet, net cidr, x xml, d date, tm time, n numeric, "select" text)',
        "INSERT INTO t VALUES ('6f9619ff-8b86-d011-b42d-00c04fc964ff', 9223372036854775807, DEFAULT, 0.1, '1 mon 26:00', '{\"a,b\",NULL}',"
        " B'10101', 'ab', 1200.5, '高', '10.0.0.1', '10.0.0.0/8', '<a/>', '0044-03-15 BC', '24:00', 1.10, E'😀𠮷\\n\"x\",\\r\\t ')",
    )
    [(table, rows)] = read(postgresql_url).values()
    assert {name: values[0] for name, values in rows.items() if not name.startswith("_")} == {
        "id": "6f9619ff-8b86-d011-b42d-00c04fc964ff", "big": "9223372036854775807", "g": "9223372036854775806", "f4": "0.1",
        "iv": "1 mon 26:00:00", "tx": '{"a,b",NULL}', "bi": "10101", "c": "ab", "m": "1200.50", "e": "高", "ip": "10.0.0.1",
        "net": "10.0.0.0/8", "x": "<a/>", "d": "0044-03-15 BC", "tm": "24:00:00", "n": "1.10", "select": '😀𠮷\n"x",\r\t ',
    }  # fmt: skip
    assert table.issues == []


@pytest.mark.database("mysql")
def test_mysql_types(mysql_url, read):
    execute(
        mysql_url,
        "CREATE TABLE t (id bigint unsigned PRIMARY KEY, f float, f2 float(10,2), y year, d date, dt datetime(6), t time(3), b bit(8), j json,"
        " e enum('高','低'), c char(10), g varchar(10) AS (upper('x')) STORED, l varchar(20) CHARACTER SET latin1, gb varchar(20) CHARACTER SET gbk,"
        " n decimal(30,10), `select` text) CHARACTER SET utf8mb4",
    )
    execute(
        mysql_url,
        "SET sql_mode = ''",
        "INSERT INTO t (id, f, f2, y, d, dt, t, b, j, e, c, l, gb, n, `select`) VALUES (18446744073709551615, 16777216, 1200.5, 2023, '0000-00-00',"
        " '2023-00-00', '-838:59:59.5', b'10101', '{\"a\": 1.0}', '高', 'ab ', 'café', '张三', 1200.5, '😀𠮷\\n\\0x')",
    )
    [(table, rows)] = read(mysql_url).values()
    assert {name: values[0] for name, values in rows.items() if not name.startswith("_")} == {
        "id": "18446744073709551615", "f": "16777216", "f2": "1200.50", "y": "2023", "d": "0000-00-00", "dt": "2023-00-00 00:00:00.000000",
        "t": "-838:59:59.500", "b": "21", "j": '{"a": 1.0}', "e": "高", "c": "ab", "g": "X", "l": "café", "gb": "张三",
        "n": "1200.5000000000", "select": "😀𠮷\n\0x",
    }  # fmt: skip
    assert table.facts["modified"]


def test_sqlite_says_what_cannot_be_decoded_and_where(tmp_path, read):
    path = tmp_path / "a.db"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, a, b TEXT, c AS (id * 2))")
    connection.executemany("INSERT INTO t (a, b) VALUES (?, ?)", [(n, f"文{n}") for n in range(5_000)])
    connection.execute(
        "INSERT INTO t VALUES (9000, x'00ff', CAST(x'd5c5c8fd' AS TEXT)), (9001, 1.5, CAST(x'ff' AS TEXT)), (9002, 'a', char(97, 0, 98))"
    )
    connection.commit()
    connection.close()
    [(table, rows)] = read(path).values()
    assert len(set(rows["_place"])) == 5_003
    assert rows["b"][:2] == ["文0", "文1"]
    assert (rows["a"][-3:], rows["b"][-3:], rows["c"][-1]) == (
        ["00ff", "1.5", "a"],
        ["张三", "\ufffd", "a\0b"],
        "18004",
    )
    assert [(issue[2], issue[3], issue[4]) for issue in table.issues] == [
        ("a.db#t:9000", "a", "source.binary-value"),
        ("a.db#t:9000", "b", "source.undecodable"),
        ("a.db#t:9001", "b", "source.undecodable"),
    ]


def test_long_rows_come_in_smaller_chunks(tmp_path, monkeypatch):
    monkeypatch.setattr(_snapshot, "BYTES", 100_000)
    monkeypatch.setattr(_snapshot, "FETCH_BYTES", 20_000)
    path = tmp_path / "a.db"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, v)")
    connection.executemany("INSERT INTO t VALUES (?, ?)", [(n, "x" * (5_000 if n > 99 else 1)) for n in range(600)])
    connection.commit()
    connection.close()
    [table] = read_location(Location(str(path)))
    frames = list(table.batches())
    assert [int(v) for frame in frames for v in frame["id"]] == list(range(600))
    assert len(frames) > 9
    assert max(len(frame) for frame in frames[1:]) < 50


def test_keys_that_are_not_complete_and_keys_with_a_slash(tmp_path, read):
    path = tmp_path / "a.db"
    connection = sqlite3.connect(path)
    connection.executescript(
        "CREATE TABLE t (a TEXT, b TEXT, PRIMARY KEY (a, b)); INSERT INTO t VALUES ('x/y', 'z'), ('x', 'y/z'), (NULL, 'z'), (NULL, 'z');"
        "CREATE TABLE u (a TEXT NOT NULL UNIQUE, b); INSERT INTO u VALUES ('k', 1)"
    )
    connection.close()
    found = read(path)
    assert sorted(found["t"][1]["_place"]) == ["x%2Fy/z", "x/y%2Fz", "~1", "~2"]
    assert found["u"][1]["_place"] == ["k"]
    assert found["u"][0].facts["unique"] == [["a"]]


@pytest.mark.parametrize("dialect", SERVERS)
def test_all_tables_are_of_one_moment(dialect, request):
    url = request.getfixturevalue(f"{dialect}_url")
    rows = ", ".join(f"({number}, 'old')" for number in range(50))
    for name in ("a", "b", "c"):
        execute(url, f"CREATE TABLE {name} (id int PRIMARY KEY, v varchar(9))", f"INSERT INTO {name} VALUES {rows}")
    tables = read_location(Location(url))
    first = next(tables)
    execute(url, "UPDATE a SET v = 'new'", "DELETE FROM b WHERE id > 9", "INSERT INTO c VALUES (99, 'new')")
    read = {table.name: [v for frame in table.batches() for v in frame["v"]] for table in (first, *tables)}
    assert read == dict.fromkeys("abc", ["old"] * 50)
    again = {table.name: [v for frame in table.batches() for v in frame["v"]] for table in read_location(Location(url))}
    assert (len(again["b"]), again["a"][0], again["c"][-1]) == (10, "new", "new")


def test_a_sqlite_file_is_of_one_moment(tmp_path):
    path = tmp_path / "a.db"
    connection = sqlite3.connect(path)
    connection.executescript(
        "PRAGMA journal_mode=WAL; CREATE TABLE a (v); CREATE TABLE b (v); INSERT INTO a VALUES (1); INSERT INTO b VALUES (1)"
    )
    tables = list(read_location(Location(str(path))))
    connection.executescript("UPDATE a SET v = 2; DELETE FROM b")
    connection.close()
    assert [[v for frame in table.batches() for v in frame["v"]] for table in tables] == [["1"], ["1"]]


@pytest.mark.database("postgresql")
def test_a_table_being_read_cannot_be_emptied(postgresql_url):
    execute(postgresql_url, "CREATE TABLE a (v int)", "INSERT INTO a VALUES (1)")
    [table] = read_location(Location(postgresql_url))
    with pytest.raises(sa.exc.OperationalError, match="lock timeout"):
        execute(postgresql_url, "SET lock_timeout = '200ms'", "TRUNCATE a")
    assert sum(len(frame) for frame in table.batches()) == 1
    execute(postgresql_url, "SET lock_timeout = '5s'", "TRUNCATE a")


KILL = {
    "postgresql": "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()",
    "mysql": "SELECT id FROM information_schema.processlist WHERE db = database() AND id <> connection_id()",
}


def kill_others(url, dialect):
    engine = sa.create_engine(Location(url).url(), poolclass=sa.NullPool)
    with engine.connect() as connection:
        for (number,) in connection.exec_driver_sql(KILL[dialect]).all():
            if dialect == "mysql":
                connection.exec_driver_sql(f"KILL {number}")


@pytest.mark.parametrize("dialect", SERVERS)
def test_a_connection_that_breaks_off_is_never_half_a_table(dialect, request):
    url = request.getfixturevalue(f"{dialect}_url")
    numbers = "generate_series(1, 150000) n" if dialect == "postgresql" else "(SELECT seq n FROM seq_1_to_150000) s"
    execute(
        url,
        "CREATE TABLE a (id int PRIMARY KEY, v varchar(400))",
        f"INSERT INTO a SELECT n, repeat('秘', 300) FROM {numbers}",
        "CREATE TABLE b (id int)",
    )
    first, second = read_location(Location(url))
    batches = first.batches()
    next(batches)
    kill_others(url, dialect)
    with pytest.raises(LocationError) as error:
        list(batches)
    assert error.value.code == "database.lost"
    assert error.value.place.endswith("#a")
    assert error.value.hint is not None
    assert "秘" not in error.value.text()
    with pytest.raises(LocationError) as error:
        list(second.batches())
    assert (error.value.code, error.value.place.endswith("#b")) == ("database.lost", True)


@pytest.mark.parametrize("dialect", SERVERS)
def test_what_a_database_says_of_its_tables(dialect, request, read):
    url = request.getfixturevalue(f"{dialect}_url")
    remark = {"postgresql": "", "mysql": " COMMENT '工商全称'"}[dialect]
    execute(
        url,
        f"CREATE TABLE 客户 (id int PRIMARY KEY, code varchar(18) UNIQUE, 名称 varchar(90){remark})",
        "CREATE TABLE 订单 (no int, line int, 客户 int, PRIMARY KEY (no, line), FOREIGN KEY (客户) REFERENCES 客户 (id))",
        *(["COMMENT ON COLUMN 客户.名称 IS '工商全称'"] if dialect == "postgresql" else []),
        "CREATE VIEW 视图 AS SELECT id FROM 客户",
        "INSERT INTO 客户 VALUES (1, '9', 'x')",
    )
    found = read(url)
    assert list(found) == ["客户", "订单"]
    facts = found["客户"][0].facts
    assert (facts["key"], facts["unique"], facts["comments"]) == (["id"], [["code"]], {"名称": "工商全称"})
    assert "视图" in facts["beside"]
    facts = found["订单"][0].facts
    assert (facts["key"], facts["foreign_keys"]) == (
        ["no", "line"],
        [{"columns": ["客户"], "table": "客户", "references": ["id"]}],
    )
    assert read(f"{url}#视图")["视图"][1]["id"] == ["1"]
    assert sorted(read(url, tables=("视图", "订*"))) == ["视图", "订单"]


@pytest.mark.database("postgresql")
def test_schemas_partitions_and_heirs(postgresql_url, read):
    execute(
        postgresql_url,
        "CREATE SCHEMA 销售",
        "CREATE TABLE 销售.客户 (id int PRIMARY KEY)",
        "INSERT INTO 销售.客户 VALUES (7)",
    )
    with pytest.raises(LocationError) as error:
        read(postgresql_url)
    assert "销售.*" in error.value.text()
    execute(
        postgresql_url,
        "CREATE TABLE p (id int, y int) PARTITION BY RANGE (y)",
        "CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (9)",
        "INSERT INTO p VALUES (1, 1)",
        "CREATE TABLE parent (id int)",
        "CREATE TABLE heir (more int) INHERITS (parent)",
        "INSERT INTO parent VALUES (1)",
        "INSERT INTO heir VALUES (2, 2)",
    )
    found = {name: rows["id"] for name, (_, rows) in read(postgresql_url).items()}
    assert found == {"p": ["1"], "parent": ["1"], "heir": ["2"]}
    assert sorted(read(f"{postgresql_url}#parent")["parent"][1]["id"]) == ["1", "2"]
    assert list(read(postgresql_url, tables=("销售.*",))) == ["销售.客户"]
    assert read(f"{postgresql_url}#销售.客户")["销售.客户"][1]["id"] == ["7"]


@pytest.mark.database("postgresql")
def test_rows_that_a_policy_hides_are_an_error(postgresql_url, read):
    role = "crmmigrate_test_reader"
    execute(
        postgresql_url,
        "CREATE TABLE t (id int)",
        "INSERT INTO t VALUES (1), (2)",
        "CREATE TABLE u (id int)",
        f"DROP ROLE IF EXISTS {role}",
        f"CREATE ROLE {role} LOGIN",
        f"GRANT SELECT ON t TO {role}",
    )
    try:
        address = Location(postgresql_url).address
        own = address.replace(address.split("//")[1].split("@")[0], role, 1)
        assert read(f"{own}#t")["t"][1]["id"] == ["1", "2"]
        with pytest.raises(LocationError) as error:
            read(own)
        assert error.value.code == "database.not-allowed"
        execute(postgresql_url, "ALTER TABLE t ENABLE ROW LEVEL SECURITY", "CREATE POLICY p ON t USING (id = 1)")
        with pytest.raises(LocationError) as error:
            read(f"{own}#t")
        assert error.value.code == "database.not-allowed"
    finally:
        execute(postgresql_url, f"DROP OWNED BY {role}", f"DROP ROLE {role}")


@pytest.mark.database("mysql")
def test_a_table_without_transactions_is_told(mysql_url, read):
    execute(mysql_url, "CREATE TABLE t (id int) ENGINE=MyISAM", "INSERT INTO t VALUES (1)")
    [(table, _)] = read(mysql_url).values()
    assert {issue[4] for issue in table.issues} == {"source.no-key", "source.no-snapshot"}


@pytest.mark.database("postgresql")
def test_text_in_no_encoding(postgresql_url, read):
    """A database that was made without an encoding holds whatever bytes its clients sent."""
    name = postgresql_url.rpartition("/")[2]
    engine = sa.create_engine(Location(postgresql_url.replace(name, "postgres")).url(), isolation_level="AUTOCOMMIT")
    ascii_name = f"{name}_ascii"
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {ascii_name} ENCODING 'SQL_ASCII' LOCALE 'C' TEMPLATE template0")
    try:
        url = postgresql_url.replace(name, ascii_name)
        execute(
            f"{url}?client_encoding=utf8",
            "CREATE TABLE t (id int PRIMARY KEY, v text)",
            "INSERT INTO t VALUES (1, '张三'), (2, convert_from('\\xd5c5c8fd', 'SQL_ASCII'))",
        )
        [(table, rows)] = read(url).values()
        assert rows["v"] == ["张三", "张三"]
        assert [issue[2:5] for issue in table.issues] == [(f"{ascii_name}#t:2", "v", "source.undecodable")]
    finally:
        with engine.connect() as connection:
            connection.exec_driver_sql(f"DROP DATABASE {ascii_name} WITH (FORCE)")
        engine.dispose()


@pytest.mark.parametrize(
    ("url", "command"),
    [("mssql://u:geheim@h/x", "pip install pyodbc"), ("oracle://u:geheim@h/x", "pip install oracledb")],
)
def test_a_driver_that_is_not_installed(url, command, read):
    with pytest.raises(ConfigurationError) as error:
        read(url)
    assert error.value.code == "database.no-driver"
    assert command in error.value.text()
    assert "geheim" not in error.value.text()


@pytest.mark.parametrize("url", ["postgresql://u:geheim@127.0.0.1:1/x", "mysql://u:geheim@127.0.0.1:1/x"])
def test_a_database_that_refuses(url, read):
    with pytest.raises(LocationError) as error:
        read(url)
    assert error.value.code == "database.unreachable"
    assert error.value.exit_code == 3
    assert "geheim" not in error.value.text()
