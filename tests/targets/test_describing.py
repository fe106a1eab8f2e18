# ruff: noqa: ISC004
"""Databases described as schema.yaml: ours come back as they were, and others' with their ENUMs, CHECKs and comments."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from crmmigrate.errors import LocationError
from crmmigrate.model.location import Location
from crmmigrate.model.schema import LONGEST, read_target_schema
from crmmigrate.model.schema_text import schema_text
from crmmigrate.targets import open_target
from crmmigrate.targets.describing import describe
from crmmigrate.targets.live import reflect

PACK = Path(__file__).parents[2] / "mappings" / "b2b" / "schema.yaml"
FOREIGN = {
    "sqlite": [
        "CREATE TABLE owners (login VARCHAR(20) PRIMARY KEY, shown TEXT, born INTEGER)",
        "CREATE TABLE customers (id INTEGER PRIMARY KEY AUTOINCREMENT, name VARCHAR(80) NOT NULL, status VARCHAR(12) "
        "CHECK (status IN ('潜在', 'won''t', '成交')), rating DOUBLE, vip BOOLEAN NOT NULL DEFAULT 0, notes TEXT, "
        "owner VARCHAR(20) REFERENCES owners (login), area VARCHAR(9), no INTEGER, UNIQUE (area, no), "
        "CHECK (no > 0), CONSTRAINT wide CHECK (rating <= no))",
        "CREATE UNIQUE INDEX by_name ON customers (name)",
    ],
    "postgresql": [
        "CREATE TYPE mood AS ENUM ('happy', 'sad')",
        "CREATE TABLE owners (login VARCHAR(20) PRIMARY KEY, shown TEXT, born INTEGER)",
        "CREATE TABLE customers (id BIGSERIAL PRIMARY KEY, name VARCHAR(80) NOT NULL UNIQUE, status VARCHAR(12) "
        "CHECK (status IN ('潜在', 'won''t', '成交')), rating DOUBLE PRECISION, vip BOOLEAN NOT NULL DEFAULT false, notes TEXT, "
        "owner VARCHAR(20) REFERENCES owners (login), area VARCHAR(9), no INTEGER CHECK (no > 0), mood mood, UNIQUE (area, no), CONSTRAINT wide CHECK (rating <= no))",
        "COMMENT ON COLUMN customers.name IS '客户名称'",
        "COMMENT ON COLUMN customers.notes IS '备注\nwhat sales\nknow'",
        "COMMENT ON TABLE customers IS '客户'",
    ],
    "mysql": [
        "CREATE TABLE owners (login VARCHAR(20) PRIMARY KEY, shown TEXT, born INTEGER) CHARACTER SET utf8mb4",
        "CREATE TABLE customers (id BIGINT AUTO_INCREMENT PRIMARY KEY, name VARCHAR(80) NOT NULL UNIQUE COMMENT '客户名称', "
        "status VARCHAR(12), CONSTRAINT allowed CHECK (status IN ('潜在', 'won''t', '成交')), rating DOUBLE, "
        "vip BOOLEAN NOT NULL DEFAULT 0, notes TEXT COMMENT '备注\nwhat sales\nknow', owner VARCHAR(20) REFERENCES owners (login), "
        "area VARCHAR(9), no INTEGER CHECK (no > 0), mood ENUM('happy', 'sad'), UNIQUE (area, no), CONSTRAINT wide CHECK (rating <= no)) CHARACTER SET utf8mb4 COMMENT '客户'",
    ],
}


def described(url: str, *wanted: str):
    with open_target(Location.parse(url)) as target:
        return describe(target, wanted)


def make(url: str, statements: list[str]) -> None:
    engine = sa.create_engine(Location.parse(url).url())
    with engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
    engine.dispose()


def test_the_tables_that_a_schema_made_are_described_as_it_describes_them(database_url, tmp_path):
    schema = read_target_schema(PACK)
    with open_target(Location.parse(database_url), schema=schema) as target:
        target.create(schema)
        found = describe(target)
    assert set(found.tables) == set(schema.tables)
    assert {name: dict(codes) for name, codes in found.picklists.items()} == schema.picklists
    for name, table in schema.tables.items():
        mine = found.tables[name]
        assert list(mine.columns) == list(table.columns)
        for column, spec in table.columns.items():
            got = mine.columns[column]
            assert (got.type, got.required, got.unique, got.identity, got.references, got.picklist) == (
                spec.type, spec.required, spec.unique, spec.identity, spec.references, spec.picklist,
            ), f"{name}.{column}"  # fmt: skip
            if spec.type == "text":
                wanted = (
                    max(
                        s.length
                        for t in schema.tables.values()
                        for s in t.columns.values()
                        if s.picklist == spec.picklist
                    )
                    if spec.picklist
                    else spec.length
                )
                assert got.length in (spec.length, wanted)
            if spec.type == "decimal":
                exact = 15 if database_url.startswith("sqlite") else spec.precision  # SQLite's numbers are binary
                assert (got.precision, got.scale) == (exact, spec.scale)
    order = list(found.tables)
    for name, table in found.tables.items():
        assert all(order.index(c.references) <= order.index(name) for c in table.columns.values() if c.references)
    text = tmp_path / "schema.yaml"
    text.write_text(schema_text(found, ["one", "two"]), encoding="utf-8")
    again = read_target_schema(text)
    assert (again.tables, again.picklists) == (found.tables, found.picklists)


def test_a_foreign_database_tells_enums_checks_keys_and_comments(database_url):
    dialect = database_url.partition(":")[0]
    make(database_url, FOREIGN[dialect])
    found = described(database_url)
    columns = found.tables["customers"].columns
    assert columns["id"].identity
    assert not columns["id"].required
    assert (columns["name"].required, columns["name"].unique, columns["name"].length) == (True, True, 80)
    assert found.picklists["customers_status"] == {"潜在": "潜在", "won't": "won't", "成交": "成交"}
    assert columns["status"].picklist == "customers_status"
    assert (columns["rating"].type, columns["vip"].type) == ("decimal", "boolean")
    assert (columns["vip"].required, columns["vip"].must_be_mapped) == (True, False)  # it has a default
    assert (columns["name"].default, columns["vip"].default.lower()) == ("", {"postgresql": "false"}.get(dialect, "0"))
    assert columns["owner"].references == "owners"
    assert (found.tables["owners"].columns["login"].unique, found.tables["owners"].columns["login"].required) == (
        True,
        True,
    )
    assert found.tables["customers"].unique == (("area", "no"),)
    assert (columns["no"].picklist, columns["no"].above) == ("", "0")
    [(name, condition)] = found.tables["customers"].checks.items()
    assert (name, condition.replace("`", "").replace("::double precision", "")) == ("wide", "rating <= no")
    with open_target(Location.parse(database_url)) as target, target.session.transaction(write=False) as connection:
        customers = reflect(connection, "customers")
    for values, told in (
        ("'a', 9, 1", "wide"),
        ("'a', 0, 0", {"postgresql": "customers_no_check", "sqlite": "no > 0"}.get(dialect, "no")),
    ):
        with pytest.raises(sa.exc.DBAPIError) as refused:
            make(database_url, [f"INSERT INTO customers (name, rating, no) VALUES ({values})"])
        assert target.dialect.refusal(refused.value, customers) == ("check", told)
    assert columns["notes"].length == (16_383 if dialect == "mysql" else LONGEST)
    if dialect != "sqlite":
        assert (columns["name"].title, columns["notes"].title, columns["notes"].note) == (
            "客户名称",
            "备注",
            "what sales know",
        )
        assert found.tables["customers"].title == "客户"
        assert found.picklists["customers_mood"] == {"happy": "happy", "sad": "sad"}
    only = described(database_url, "customers")
    assert list(only.tables) == ["customers"]
    assert not only.tables["customers"].columns["owner"].references  # what is not described cannot be referred to


def test_a_unique_key_written_beside_a_type_with_a_length_is_seen(sqlite_url):
    make(sqlite_url, ["CREATE TABLE account (id INTEGER PRIMARY KEY, name TEXT, code VARCHAR(20) UNIQUE)"])
    columns = described(sqlite_url).tables["account"].columns
    assert [name for name, column in columns.items() if column.unique] == ["code"]


def test_a_table_that_is_not_there_is_named_with_a_guess(sqlite_url):
    make(sqlite_url, FOREIGN["sqlite"])
    with pytest.raises(LocationError) as raised:
        described(sqlite_url, "custmers")
    assert raised.value.hint is not None
    assert "customers" in raised.value.hint.text()


@pytest.mark.parametrize(
    "dialect",
    ["sqlite", pytest.param("postgresql", marks=pytest.mark.database("postgresql")), pytest.param("mysql", marks=pytest.mark.database("mysql"))],
)  # fmt: skip
def test_a_snapshot_of_a_foreign_database_can_be_created_anew(dialect, new_database, tmp_path):
    """As the trial does, in a scratch database; what was an ENUM or a CHECK is a table of codes there."""
    urls = [f"sqlite:///{tmp_path / f'{n}.db'}" if dialect == "sqlite" else new_database(dialect) for n in range(2)]
    make(urls[0], FOREIGN[dialect])
    before = described(urls[0])
    with open_target(Location.parse(urls[1]), schema=before) as target:
        target.create(before)
        after = describe(target)
    assert after.picklists == before.picklists
    assert {name: table.unique for name, table in after.tables.items()} == {
        name: table.unique for name, table in before.tables.items()
    }
    for name, table in before.tables.items():
        for column, spec in table.columns.items():
            got = after.tables[name].columns[column]
            kept = ("type", "required", "unique", "identity", "references", "picklist", "must_be_mapped")
            assert [getattr(got, key) for key in kept] == [getattr(spec, key) for key in kept], f"{name}.{column}"
