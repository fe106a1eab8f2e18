"""Random pairs of tables against brute force: whatever way rows are named, all that differs is found, and nothing else."""

import csv
import random
import sqlite3
from pathlib import Path

import pytest
import sqlalchemy as sa

from crmmigrate.cli.workspaces import context_for
from crmmigrate.model.location import Location
from crmmigrate.model.row_digest import BLOCK, BLOCKS
from crmmigrate.model.stage import Job
from crmmigrate.model.table import Tables
from crmmigrate.runner.comparison import read_two
from crmmigrate.stages.reconcile import ReconcileOptions, reconcile

COLUMNS = ("id", "名称", "备注", "数", "金额")
TYPES = {"postgresql": ("bigint", "text", "text", "bigint", "numeric(12,2)"),
         "mysql": ("bigint", "varchar(50)", "text", "bigint", "decimal(12,2)"),
         "sqlite": ("INTEGER", "TEXT", "TEXT", "INTEGER", "TEXT")}  # fmt: skip
TEXTS = ("华创", "华创 ", "東方", "东方", "😀🏢", "", None, "a,b", 'q"q', "换\n行", "007", "null", "\\N", "x" * 50)
SEEDS = range(4)


def pair(seed):
    """Return two tables, key → cells, that differ in a random share of their rows; keys in one round of buckets or in several."""
    draw = random.Random(seed)
    count = draw.choice((40, 400, 1500))
    far = BLOCK * BLOCKS * draw.choice((0, 0, 1, 3))
    keys = draw.sample(range(draw.choice((count, count * 3, count * 60))), count)
    keys = [key + (far if draw.random() < 0.3 else 0) - (draw.random() < 0.1 and seed % 5 == 4) * 10**6 for key in keys]

    def cells():
        amount = f"{draw.randrange(-(10**6), 10**6) / 100:.2f}"
        return [draw.choice(TEXTS), draw.choice(TEXTS), draw.choice((None, 0, 7, draw.randrange(10**15))), amount]

    left = {key: cells() for key in dict.fromkeys(keys)}
    right = {key: list(row) for key, row in left.items()}
    for key in draw.sample(sorted(left), int(len(left) * draw.choice((0, 0.01, 0.1, 0.6)))):
        way = draw.random()
        if way < 0.2:
            del right[key]
        elif way < 0.4:
            new = key + draw.choice((1, BLOCK, BLOCK * BLOCKS))
            right.setdefault(new, right.pop(key))
        elif way < 0.6:  # rows beside each other have each other's cells
            other = min((k for k in right if k > key), default=None)
            if other is not None:
                right[key], right[other] = right[other], right[key]
        else:
            at = draw.randrange(4)
            right[key][at] = cells()[at]
    return left, right


def brute(left, right, *, blank):
    """Return what differs: record and column, or record and nothing where a row is only on one side."""

    def cell(value):
        return None if value == "" and blank else value

    found = {(str(key), "") for key in left.keys() ^ right.keys()}
    for key in left.keys() & right.keys():
        both = zip(COLUMNS[1:], left[key], right[key], strict=True)
        found |= {(str(key), name) for name, old, new in both if cell(old) != cell(new)}
    return found


def write(place, rows):
    """Write a table where `place` says."""
    values = [[key, *cells] for key, cells in rows.items()]
    if isinstance(place, Path) and place.suffix == ".csv":
        with place.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([COLUMNS, *values])
        return str(place)
    if isinstance(place, Path):
        listed = ", ".join(map(" ".join, zip(COLUMNS, TYPES["sqlite"], strict=True)))
        with sqlite3.connect(place) as connection:
            connection.execute(f"CREATE TABLE t ({listed}, PRIMARY KEY (id))")
            connection.executemany("INSERT INTO t VALUES (?, ?, ?, ?, ?)", values)
        return f"sqlite:///{place}#t"
    dialect = "postgresql" if "postgres" in place else "mysql"
    listed = ", ".join(map(" ".join, zip(COLUMNS, TYPES[dialect], strict=True)))
    utf8 = " CHARACTER SET utf8mb4" if dialect == "mysql" else ""
    engine = sa.create_engine(Location(place.partition("#")[0]).url(), poolclass=sa.NullPool)
    table = place.partition("#")[2]
    with engine.begin() as connection:
        connection.exec_driver_sql(f"CREATE TABLE {table} ({listed}, PRIMARY KEY (id)){utf8}")
        if values:
            connection.execute(sa.insert(sa.table(table, *map(sa.column, COLUMNS))), [dict(zip(COLUMNS, v, strict=True)) for v in values])  # fmt: skip
    return place


def found_in(places):
    with context_for(None) as context:
        sides = read_two(*map(Location.parse, places), ["id"], [], context)
        options = ReconcileOptions(key=("id",), agreed=sides.agreed, kinds=sides.kinds)
        result = reconcile.function(Job(Tables(sides.tables), options, "run", lambda _: None))
        rows = result.tables["differences"].to_pylist()
        assert len({(row["_record"], row["column"]) for row in rows}) == len(rows)
        return {(row["_record"], row["column"]) for row in rows}, result.facts["rows"]


@pytest.mark.database("postgresql")
@pytest.mark.database("mysql")
@pytest.mark.parametrize("seed", SEEDS)
def test_two_servers(postgresql_url, mysql_url, monkeypatch, seed):
    left, right = pair(seed)
    sides = (postgresql_url, mysql_url) if seed % 2 else (mysql_url, postgresql_url)
    places = [write(f"{url}#t", rows) for url, rows in zip(sides, (left, right), strict=True)]
    wanted = brute(left, right, blank=False), [len(left), len(right)]
    assert found_in(places) == wanted
    monkeypatch.setattr("crmmigrate.model.row_digest.RANGES", 0)  # as if there were many buckets: sums name the rows
    assert found_in(places) == wanted
    monkeypatch.setattr("crmmigrate.model.row_digest.WHOLE", 1)  # even where most of them differ
    assert found_in(places) == wanted


@pytest.mark.database("postgresql")
@pytest.mark.database("mysql")
@pytest.mark.parametrize("seed", SEEDS)
def test_two_tables_of_one_server(postgresql_url, mysql_url, monkeypatch, seed):
    left, right = pair(seed + 100)
    monkeypatch.setattr("crmmigrate.model.row_digest.RANGES", 0)
    url = (postgresql_url, mysql_url)[seed % 2]
    places = [write(f"{url}#{name}", rows) for name, rows in zip("ab", (left, right), strict=True)]
    assert found_in(places) == (brute(left, right, blank=False), [len(left), len(right)])


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("ends", [("csv", "db"), ("db", "csv"), ("csv", "csv")])
def test_files(tmp_path, monkeypatch, seed, ends):
    monkeypatch.setattr("crmmigrate.stages.reconcile._FEW", 100)  # as if they were large
    left, right = pair(seed + 200)
    places = [write(tmp_path / f"{n}.{end}", rows) for n, (end, rows) in enumerate(zip(ends, (left, right), strict=True))]  # fmt: skip
    assert found_in(places) == (brute(left, right, blank=True), [len(left), len(right)])
