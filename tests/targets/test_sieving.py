"""A server's digests of a target's table, held against those of the same rows as text in DuckDB."""

import duckdb
import pyarrow as pa
import pytest
import sqlalchemy as sa

from crmmigrate.model.location import Location
from crmmigrate.model.row_digest import Buckets, Digested, differing, shelved
from crmmigrate.model.table import quoted
from crmmigrate.targets import open_target

TYPES = {
    "postgresql": (
        "text", "varchar(50)", "bigint", "numeric(14,2)", "numeric", "boolean", "date", "timestamp", "double precision", "uuid",
    ),
    "mysql": (
        "text", "varchar(50)", "bigint", "decimal(14,2)", "decimal(20,6)", "tinyint(1)", "date", "datetime", "double", "char(36)",
    ),
    "sqlite": (
        "text", "varchar(50)", "bigint", "numeric(14,2)", "numeric", "boolean", "date", "datetime", "double", "char(36)",
    ),
}  # fmt: skip
COLUMNS = ("备注", "name", "n", "amount", "rate", "active", "day", "made", "ratio", "code")
ROWS = [
    ('重要😀\t\n\\n\\"', " 'a' ", 7, "1200.00", "0.5", True, "2023-05-01", "2023-05-01 14:30:05", 0.25, "0b1c6a9e-0000-4000-8000-000000000001"),
    ("", None, -7, "-0.10", "1200", False, "1999-12-31", "2023-05-01 00:00:00", 100.0, None),
    (None, "", None, None, None, None, None, None, None, None),
    (None, None, 0, "0.00", "-1.250", True, "2024-02-29", "2023-12-31 23:59:59", -1.5, "0b1c6a9e-0000-4000-8000-000000000002"),
]  # fmt: skip


@pytest.fixture(
    params=[
        pytest.param((kind, key), marks=pytest.mark.database(kind))
        for kind in ("postgresql", "mysql")
        for key in ("bigint", "varchar(20)")
    ]
    + [("sqlite", "bigint")]
)
def table(request):
    """Return the URL of a database with `things`, 400 rows of all kinds of cells, by numbers or by text."""
    kind, key = request.param
    url = request.getfixturevalue(f"{kind}_url")
    engine = sa.create_engine(Location.parse(url).url())
    quote = engine.dialect.identifier_preparer.quote_identifier
    listed = ", ".join(f"{quote(name)} {sort}" for name, sort in zip(COLUMNS, TYPES[kind], strict=True))
    with engine.begin() as connection:
        connection.exec_driver_sql(f"CREATE TABLE things (id {key} PRIMARY KEY, {listed})")
        whole = sa.table("things", *(sa.column(name) for name in ("id", *COLUMNS)))
        connection.execute(
            whole.insert(), [dict(zip(("id", *COLUMNS), (n if key == "bigint" else f"K{n}", *ROWS[n % 4]), strict=True)) for n in range(400)]
        )  # fmt: skip
    yield url, engine
    engine.dispose()


def held_against(url, texts):
    """Return the buckets in which the table is not as the texts, how many there are, and the keys of the rows in them."""
    with open_target(url) as target:
        digests = target.bucket_digests("things", COLUMNS)
        connection = duckdb.connect()
        connection.register("texts", texts)
        side = Digested("duckdb", "texts", digests.types, frozenset(["id"]), frozenset(), quoted)
        mine = connection.execute(side.query(["id"], COLUMNS, digests.forms)).fetchall()
        apart, agreed, buckets = differing(shelved(mine), digests.shelves)
        read = list(target.arrow_rows("things", ["id"], Buckets(frozenset(apart), digests.forms)))
        return apart, agreed, buckets, {key for batch in read for key in batch["id"].to_pylist()}


def texts_of(url):
    with open_target(url) as target:
        return pa.concat_tables(target.arrow_rows("things", ["id", *COLUMNS]))


DAMAGES = [
    "name = NULL WHERE name = ''", "name = '' WHERE name IS NULL", "n = 8 WHERE n = 7", "amount = amount + 0.01", "rate = rate * 10",
    "active = NOT active", "day = '2023-05-02' WHERE active", "made = '2023-05-01 14:30:06' WHERE n = 7", "n = 70 WHERE n = 7", "ratio = 2.5 WHERE n = 7", "ratio = 0.26 WHERE n = 7", "name = ' ''A'' ' WHERE n = 7",
]  # fmt: skip


def test_rows_as_they_should_be_have_the_same_digests_and_each_damage_another(table):
    url, engine = table
    texts = texts_of(url)
    assert texts.num_rows == 400
    apart, agreed, buckets, read = held_against(url, texts)
    assert (apart, agreed, read) == (set(), 400, set())
    assert buckets >= 25
    key = texts["id"][0].as_py()
    for damage in DAMAGES:
        change, _, where = damage.partition(" WHERE ")
        with engine.begin() as connection:
            one = connection.execute(
                sa.text(f"SELECT id FROM things WHERE {where or 'amount > 1'} ORDER BY id LIMIT 1")
            ).scalar()
            before = connection.execute(sa.text("SELECT * FROM things WHERE id = :id"), {"id": one}).mappings().one()
            connection.execute(sa.text(f"UPDATE things SET {change} WHERE id = :id"), {"id": one})
        apart, agreed, _, read = held_against(url, texts)
        assert len(apart) == 1, damage
        assert str(one) in read, damage
        assert agreed == 400 - len(read), damage
        with engine.begin() as connection:
            connection.execute(sa.text("DELETE FROM things WHERE id = :id"), {"id": one})
            connection.execute(sa.table("things", *(sa.column(name) for name in before)).insert(), dict(before))
    assert held_against(url, texts)[0] == set()
    with engine.begin() as connection:
        connection.execute(sa.text("DELETE FROM things WHERE id = :id"), {"id": int(key) if key.isdigit() else key})
    assert len(held_against(url, texts)[0]) == 1


def test_rows_of_sqlite_are_digested_some_thousand_at_a_time_however_many_columns_they_have(sqlite_url):
    names = [f"c{number}" for number in range(250)]
    engine = sa.create_engine(Location.parse(sqlite_url).url())
    with engine.begin() as connection:
        connection.exec_driver_sql(
            f"CREATE TABLE things (id INTEGER PRIMARY KEY, {', '.join(f'{name} text' for name in names)})"
        )
        things = sa.table("things", *map(sa.column, ("id", *names)))
        connection.execute(
            things.insert(), [{"id": 3 * n - 6_000, "c0": f"文{n}", "c249": "末"} for n in range(12_000)]
        )
    engine.dispose()
    with open_target(sqlite_url) as target:
        digests = target.bucket_digests("things", names)
        texts = pa.concat_tables(target.arrow_rows("things", ["id", *names]))
    connection = duckdb.connect()
    connection.register("texts", texts)
    side = Digested("duckdb", "texts", digests.types, frozenset(["id"]), frozenset(), quoted)
    mine = shelved(connection.execute(side.query(["id"], names, digests.forms)).fetchall())
    apart, agreed, buckets = differing(mine, digests.shelves)
    assert (apart, agreed) == (set(), 12_000)
    assert buckets > 2_000


@pytest.mark.parametrize(
    "odd",
    [
        "INSERT INTO things VALUES (NULL, 'a', 1)",
        "INSERT INTO things VALUES ('K1', 'a', 1)",
        "INSERT INTO things VALUES (7, X'61', 1)",
        "INSERT INTO things VALUES (7, CAST(X'ff' AS TEXT), 1)",
    ],
)
def test_of_rows_of_sqlite_that_cannot_be_a_line_no_digests_are_made(sqlite_url, odd):
    engine = sa.create_engine(Location.parse(sqlite_url).url())
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE things (id bigint PRIMARY KEY, name text, n int)")
        connection.exec_driver_sql("INSERT INTO things VALUES (5, 'a', 1)")
    with open_target(sqlite_url) as target:
        assert target.bucket_digests("things", ["name", "n"]).shelves
    with engine.begin() as connection:
        connection.exec_driver_sql(odd)
    engine.dispose()
    with open_target(sqlite_url) as target:
        assert target.bucket_digests("things", ["name", "n"]) is None


@pytest.mark.database("postgresql")
def test_a_moment_with_a_zone_is_read_and_not_digested(postgresql_url):
    engine = sa.create_engine(Location.parse(postgresql_url).url())
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE things (id int PRIMARY KEY, made timestamptz)")
    engine.dispose()
    with open_target(postgresql_url) as target:
        assert target.bucket_digests("things", ["made"]) is None
        assert target.bucket_digests("things", []) is not None
