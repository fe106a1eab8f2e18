"""One row becomes several (many-to-many), several become one (an order's header of its lines), and every row is accounted for."""

from __future__ import annotations

import pandas as pd
import pytest

from crmmigrate.errors import ConfigurationError
from crmmigrate.model.document import Document
from crmmigrate.model.issue import ASIDE_COLUMNS
from crmmigrate.model.project import Project
from crmmigrate.model.stage import Job
from crmmigrate.model.table import Tables
from crmmigrate.runner.accounting import account
from crmmigrate.runner.engine import LocalEngine
from crmmigrate.runner.tables import Materialiser, TableWriter
from crmmigrate.stages.consolidate import ConsolidateOptions, consolidate

LINES = [
    {"_record": "s/1", "单号": "D1", "客户": "甲", "产品": "A", "金额": "1,000.50"},
    {"_record": "s/2", "单号": "D2", "客户": "乙", "产品": "B", "金额": "3"},
    {"_record": "s/3", "单号": "D1", "客户": None, "产品": "C", "金额": "2"},
    {"_record": "s/4", "单号": "D2", "客户": "丙", "产品": "B", "金额": "约5"},
    {"_record": "s/5", "单号": None, "客户": "丁", "产品": "D", "金额": "7"},
    {"_record": "s/6", "单号": " ", "客户": "戊", "产品": "D", "金额": "8"},
]
CUSTOMERS = [
    {"_record": "c/1", "名称": "甲", "标签": " 重点;老客户; 重点 ;"}, {"_record": "c/2", "名称": "乙", "标签": None},
    {"_record": "c/3", "名称": "丙", "标签": "老客户"}, {"_record": "c/4", "名称": "丁", "标签": " ; "},
]  # fmt: skip


@pytest.fixture
def run(tmp_path):
    def go(objects, **sources):
        tables = {}
        for name, rows in sources.items():
            writer = TableWriter(f"old.{name}", tmp_path / f"{name}.parquet")
            writer.write(
                pd.DataFrame([{"_origin": f"{name}!{n}", **row} for n, row in enumerate(rows, 2)], dtype="str")
            )
            tables[f"old.{name}"] = writer.close()
        document = Document.parse(f"version: 1\nsources: {{old: in/}}\nobjects:\n{objects}", "migration.yaml")
        project = document.read(Project)
        document.check()
        given = Tables(tables)
        result = consolidate.function(Job(given, ConsolidateOptions.from_project(project), "r", lambda _: None))
        out = Materialiser(given, lambda name: tmp_path / f"out_{name}.parquet", lambda _: None)
        made = {name: out.write(name, content) for name, content in result.tables.items()}
        out.note(result.issues, result.aside)
        out.issues.close()
        aside = out.aside.close()
        figures = account(dict(given.items()), made, aside, result.flows, LocalEngine(), result.pieces)
        rows = {
            name: [{key: cell for key, cell in row.items() if key != "_origin"} for row in table.frame().astype(object).where(table.frame().notna(), None).to_dict("records")]
            for name, table in made.items()
        }  # fmt: skip
        return rows, result.issues, [dict(zip(ASIDE_COLUMNS, row, strict=True)) for row in result.aside], figures

    return go


ORDER = "  order: {table: old.明细, key: 单号, group: [单号], combine: {金额: sum, 产品: join}}\n"


def test_rows_of_one_order_become_its_header(run):
    rows, issues, aside, figures = run(ORDER, 明细=LINES)
    assert sorted((row["_record"], row["客户"], row["产品"], row["金额"]) for row in rows["order"]) == [
        ("s/1", "甲", "A; C", "1002.5"), ("s/2", "乙", "B", None), ("s/5", "丁", "D", "7"), ("s/6", "戊", "D", "8"),
    ]  # fmt: skip
    assert [(row["_record"], row["reason"], row["code"], row["into"]) for row in aside] == [
        ("s/3", "merged", "consolidate.grouped", "s/1"), ("s/4", "merged", "consolidate.grouped", "s/2"),
    ]  # fmt: skip
    assert sorted((issue[1], issue[3], issue[4]) for issue in issues) == [
        ("s/2", "客户", "consolidate.group-differs"), ("s/2", "金额", "consolidate.not-a-number"),
    ]  # fmt: skip
    assert (figures["old.明细"]["out"], figures["old.明细"]["merged"]) == (4, 2)


@pytest.mark.parametrize("relation", ["{same_row: true}", "{column: 单号, required: false}"])
def test_lines_belong_to_the_header_made_of_them(run, relation):
    rows, _, aside, figures = run(f"{ORDER}  line: {{table: old.明细, relations: {{order: {relation}}}}}\n", 明细=LINES)
    parents = {row["_record"]: row["_ref_order"] for row in rows["line"]}
    assert [parents[f"s/{n}"] for n in (1, 2, 3, 4)] == ["s/1", "s/2", "s/1", "s/2"]
    assert (aside, figures["old.明细"]["out"]) == ([], 6)


def test_a_list_in_a_cell_becomes_rows_that_link_both_sides(run):
    objects = (
        "  account: {table: old.客户}\n"
        "  account_tag: {table: old.客户, each: {column: 标签}, relations: {account: {same_row: true}}}\n"
        "  tag: {table: old.客户, each: {column: 标签}, group: [标签], combine: {名称: count}}\n"
    )
    rows, issues, aside, figures = run(objects, 客户=CUSTOMERS)
    assert [(row["_record"], row["标签"], row["_ref_account"]) for row in rows["account_tag"]] == [
        ("c/1/#1", "重点", "c/1"), ("c/1/#2", "老客户", "c/1"), ("c/3/#1", "老客户", "c/3"),
    ]  # fmt: skip
    assert sorted((row["_record"], row["标签"], row["名称"]) for row in rows["tag"]) == [
        ("c/1/#1", "重点", "1"),
        ("c/1/#2", "老客户", "2"),
    ]
    assert (issues, aside) == ([], [])
    assert figures["old.客户"]["out"] == 4


def test_rows_without_anything_in_the_list_are_set_aside_where_they_feed_nothing_else(run):
    rows, _, aside, figures = run("  tag: {table: old.客户, each: {column: 标签}}\n", 客户=CUSTOMERS)
    assert len(rows["tag"]) == 3
    assert [(row["_record"], row["code"]) for row in aside] == [
        ("c/2", "consolidate.unused"),
        ("c/4", "consolidate.unused"),
    ]
    assert (figures["old.客户"]["in"], figures["old.客户"]["out"]) == (4, 2)


def test_two_names_of_a_column_that_are_one_to_sql_are_refused(run):
    feeds = "  account: [{table: old.a}, {table: old.b}]\n"
    with pytest.raises(ConfigurationError) as caught:
        run(feeds, a=[{"_record": "a/1", "ID": "1"}], b=[{"_record": "b/1", "id": "2"}])
    assert (caught.value.code, caught.value.place) == ("consolidate.columns-alike", "old.a, old.b")
