"""Forty-six kinds of damage on five kinds of place: all found, in the right class, and nothing that was not done."""

import csv
import random

import openpyxl
import pytest
import sqlalchemy as sa
from tests.checks.corruptions import COLUMNS, CORRUPTIONS, clean

from crmmigrate.cli.workspaces import context_for
from crmmigrate.model.location import Location
from crmmigrate.model.reconciliation import KINDS
from crmmigrate.model.stage import Job
from crmmigrate.model.table import Tables
from crmmigrate.runner.comparison import read_two
from crmmigrate.stages.reconcile import ReconcileOptions, reconcile

ROWS = 700


def written(kind, rows, folder, name, request):
    """Write rows to a place of a kind and return its address."""
    values = [tuple(row[column] for column in COLUMNS) for row in rows]
    if kind == "csv":
        path = folder / f"{name}.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([COLUMNS, *values])
        return str(path)
    if kind == "xlsx":
        book = openpyxl.Workbook()
        for row in (COLUMNS, *values):
            book.active.append(row)
        book.save(folder / f"{name}.xlsx")
        return str(folder / f"{name}.xlsx")
    url = request.getfixturevalue(f"{kind}_url")
    sign = "`" if kind == "mysql" else '"'
    with sa.create_engine(Location(url).url(), poolclass=sa.NullPool).begin() as connection:
        listed = ", ".join(f"{sign}{column}{sign} text" for column in COLUMNS)
        connection.exec_driver_sql(f"CREATE TABLE {name} ({listed})")
        marks = ", ".join(["?" if kind == "sqlite" else "%s"] * len(COLUMNS))
        connection.exec_driver_sql(f"INSERT INTO {name} VALUES ({marks})", values)
    return f"{url}#{name}"


def places(left, right):
    kinds = {left, right} & {"postgresql", "mysql"}
    return pytest.param(left, right, marks=[pytest.mark.database(kind) for kind in sorted(kinds)], id=f"{left}-{right}")


@pytest.mark.parametrize(("left", "right"), [
    places("csv", "csv"), places("csv", "xlsx"), places("xlsx", "sqlite"), places("csv", "postgresql"), places("mysql", "csv"),
    places("postgresql", "mysql"), places("mysql", "mysql"),
])  # fmt: skip
def test_every_damage_is_found_and_nothing_else(left, right, tmp_path, request):
    rows = clean(ROWS)
    a = written(left, rows, tmp_path, "a", request)
    wanted = set()
    places = range(ROWS - 15, 0, -(ROWS // len(CORRUPTIONS)))  # from the end, so that rows taken away move none
    for damage, at in zip(CORRUPTIONS.values(), places, strict=False):
        wanted |= damage(rows, at)
    random.Random(3).shuffle(rows)
    b = written(right, rows, tmp_path, "b", request)
    with context_for(None) as context:
        sides = read_two(Location.parse(a), Location.parse(b), ["key"], [], context)
        options = ReconcileOptions(key=("key",), agreed=sides.agreed, kinds=sides.kinds)
        result = reconcile.function(Job(Tables(sides.tables), options, "run", lambda _: None))
        found = result.tables["differences"].to_pylist()
    assert {(row["_record"], row["column"], row["kind"]) for row in found} == wanted
    assert len(found) == len(wanted)
    assert {kind for _, _, kind in wanted} <= set(KINDS)
