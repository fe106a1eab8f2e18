"""Scope rules keep records for a reason, and children follow their parents."""

from __future__ import annotations

import pandas as pd
import pytest
from openpyxl import load_workbook

from crmmigrate.errors import ConfigurationError
from crmmigrate.messages import Message
from crmmigrate.model.scope import KeepRule, ObjectScope, ScopeRules, read_scope
from crmmigrate.model.stage import Job
from crmmigrate.model.table import Table, Tables
from crmmigrate.reports.scope_sheet import write_scope
from crmmigrate.runner.tables import TableWriter
from crmmigrate.stages.scope import ScopeOptions, scope
from crmmigrate.standards._since import on_or_after


@pytest.fixture
def tables(tmp_path):
    account = pd.DataFrame({
        "_record": ["crm/1", "crm/2", "crm/3", "sales/1"], "_origin": list("abcd"),
        "日期": ["2024年1月5日", "2019.3.1", "6月31日", None], "状态": ["活跃", "ＶＩＰ", "vip", None],
    }, dtype="str")  # fmt: skip
    order = pd.DataFrame({
        "_record": ["o/1", "o/2", "o/3", "o/4"], "_origin": list("wxyz"), "_ref_account": ["crm/2", "crm/3", "crm/1", None],
        "下单": ["2024/2/1", "2018-01-01", "2010-01-01", "2024-01-01"],
    }, dtype="str")  # fmt: skip
    made = {}
    for name, frame in {"account": account, "order": order}.items():
        writer = TableWriter(name, tmp_path / f"{name}.parquet")
        writer.write(frame)
        made[name] = Table(name, writer.close().path)
    return Tables(made)


def _kept(tables, rules: dict[str, ObjectScope]) -> tuple[dict[str, set[str]], list]:
    result = scope.function(Job(tables, ScopeOptions(ScopeRules(1, rules)), "r", lambda rows: None))
    kept, aside = {}, []
    for name, content in result.tables.items():
        if content is tables[name]:
            kept[name] = set(content.frame()["_record"])
            continue
        kept[name] = set()
        for batch in content:
            kept[name] |= set(batch.rows["_record"])
            aside += batch.aside
    return kept, aside


def test_dates_of_the_record_and_of_its_children_keep_it(tables):
    rules = {
        "account": ObjectScope(
            (KeepRule("日期", since="2023-10-31"), KeepRule("下单", child="order", since="2023-10-31"))
        )
    }
    kept, aside = _kept(tables, rules)
    assert kept["account"] == {"crm/1", "crm/2", "crm/3"}
    assert {row[4] for row in aside} == {"scope.no-rule-holds"}
    assert {row[3] for row in aside} == {"out_of_scope"}


def test_a_date_that_may_be_too_early_keeps_its_record_and_is_told(tables):
    result = scope.function(
        Job(tables, ScopeOptions(ScopeRules(1, {"account": ObjectScope((KeepRule("日期", since="2023-10-31"),))})), "r", lambda rows: None)
    )  # fmt: skip
    assert [(row[1], row[3], row[4], row[7]) for row in result.issues] == [
        ("crm/3", "日期", "scope.date-unclear", "6月31日")
    ]
    (told,) = result.findings
    assert "1 dates may be before or after 2023-10-31" in str(told)
    assert "6月31日" not in str(told), "whatever stands in the cell"


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("2026-05-01", True), ("2023-10-30", False), ("2026年5月", True), ("2023年10月", None), ("2023-09", False), ("2022年", False), ("2023", None),
        ("05/06/2026", True), ("05/06/2021", False), ("10/11/2023", None), ("26/5/1", None), ("24/25/1", None), ("上周", None), ("5月1日", None),
        ("无", False), ("0000-00-00", False), ("1900-01-01", False), ("45800", True),
    ],
)  # fmt: skip
def test_a_day_counts_where_all_that_it_may_mean_is_late_enough(value, told):
    assert on_or_after([value], "2023-10-31") == [told]


def test_the_order_of_day_and_month_is_that_of_the_column():
    first, second = [f"{day}/12/2023" for day in range(13, 29)], [f"12/{day}/2023" for day in range(13, 29)]
    assert on_or_after(["10/11/2023", *first], "2023-10-31")[0] is True
    assert on_or_after(["10/11/2023", *second], "2023-10-31")[0] is False


def test_values_are_compared_without_width_and_case(tables):
    kept, _ = _kept(tables, {"account": ObjectScope((KeepRule("状态", values=("VIP",)),))})
    assert kept["account"] == {"crm/2", "crm/3"}


def test_sources_can_be_kept_whole_and_children_follow(tables):
    rules = {
        "account": ObjectScope((KeepRule(source=("sales",)), KeepRule("日期", since="2023-10-31"))),
        "order": ObjectScope(follow="account"),
    }
    kept, aside = _kept(tables, rules)
    assert kept["account"] == {"crm/1", "crm/3", "sales/1"}
    assert kept["order"] == {"o/2", "o/3", "o/4"}, "an order without an account is judged later, not here"
    assert {row[4] for row in aside if row[0] == "order"} == {"scope.parent-out"}


def test_objects_without_rules_stay_whole(tables):
    kept, aside = _kept(tables, {})
    assert len(kept["account"]) == 4
    assert aside == []


def test_the_form_names_business_objects_only(tables, tmp_path):
    beside = {name: Table(name, tables["order"].path) for name in ("_sources", "_files")}
    book = tmp_path / "form.xlsx"
    write_scope(book, "zh", ScopeRules(1, {}), Tables({**dict(tables.items()), **beside}), {})
    page = next(page for page in load_workbook(book) if page.title == Message("Scope").text("zh"))
    assert page.max_row == 3
    assert not any("_" in str(cell) for cell, *_ in page.iter_rows(values_only=True))


def test_a_column_that_is_not_there_is_refused(tables):
    with pytest.raises(ConfigurationError) as caught:
        _kept(tables, {"account": ObjectScope((KeepRule("日朝", since="2023-10-31"),))})
    assert caught.value.hint is not None
    assert "日期" in caught.value.text("en")


def test_a_child_that_names_no_such_parent_keeps_none_and_says_so(tmp_path):
    """Also where the parent has a link of that name to another of its kind."""
    given = {
        "account": {"_record": ["a/1"], "_origin": ["a"], "_ref_account": ["a/1"]},
        "note": {"_record": ["n/1"], "_origin": ["b"], "内容": ["甲"]},
    }
    made = {}
    for name, columns in given.items():
        writer = TableWriter(name, tmp_path / f"{name}.parquet")
        writer.write(pd.DataFrame(columns, dtype="str"))
        made[name] = Table(name, writer.close().path)
    with pytest.raises(ConfigurationError) as caught:
        _kept(Tables(made), {"account": ObjectScope((KeepRule(child="note"),))})
    assert "_ref_account" in caught.value.text("en")


def test_the_file_is_checked_with_places(tmp_path):
    path = tmp_path / "scope.yaml"
    path.write_text(
        "version: 1\nobjects:\n  account:\n    keep:\n      - {column: 日期}\n      - {column: 日期, since: 2023-13-01}\n",
        encoding="utf-8",
    )
    with pytest.raises(ConfigurationError) as caught:
        read_scope(path)
    text = caught.value.text("en")
    assert "scope.yaml:5:9" in text
    assert "scope.date" in text


def test_an_object_that_is_not_there_is_refused_wherever_it_is_named(tmp_path):
    """A typo in `child` would keep nobody, one in `follow` everybody, and nobody would notice."""
    path = tmp_path / "scope.yaml"
    path.write_text(
        "version: 1\nobjects:\n  account:\n    keep:\n      - {child: tickets, column: 日期, since: 2023-01-01}\n"
        "  contact: {follow: acount}\n  order: {follow: account}\n",
        encoding="utf-8",
    )
    assert set(read_scope(path).objects) == {"account", "contact", "order"}
    with pytest.raises(ConfigurationError) as caught:
        read_scope(path, ["account", "contact", "ticket"])
    text = caught.value.text("en")
    assert [word in text for word in ("scope.yaml:5:17", "did you mean 'ticket'?")] == [True, True]
    assert [word in text for word in ("scope.yaml:6:21", "did you mean 'account'?")] == [True, True]
    assert [word in text for word in ("scope.yaml:7:3", "known are: account, contact, ticket")] == [True, True]


def test_rules_that_are_not_about_the_only_table_set_nothing_aside_silently(tables):
    """A mistyped --object would keep every row."""
    alone = Tables({"Acount": tables["account"]})
    rules = {"account": ObjectScope((KeepRule(source=("sales",)),)), "order": ObjectScope(follow="account")}
    with pytest.raises(ConfigurationError, match=r"scope\.unknown-object") as caught:
        _kept(alone, rules)
    assert "did you mean 'account'?" in caught.value.text("en")
    kept, aside = _kept(alone, {"account": rules["account"]})  # of one object: it is meant whatever the table is called
    assert (len(kept["Acount"]), len(aside)) == (1, 3)


def test_what_stays_is_in_the_order_in_which_it_came(tmp_path):
    rows = pd.DataFrame(
        {
            "_record": [f"crm/{n}" for n in range(3000)],
            "_origin": "x",
            "日期": ["2024-01-01", "2010-01-01", None] * 1000,
        },
        dtype="str",
    )
    writer = TableWriter("account", tmp_path / "account.parquet")
    writer.write(rows)
    orders = TableWriter("order", tmp_path / "order.parquet")
    parents = [f"crm/{n * 7 % 3000}" for n in range(90_000)]
    orders.write(
        pd.DataFrame(
            {"_record": [f"o/{n}" for n in range(90_000)], "_origin": "x", "_ref_account": parents}, dtype="str"
        )
    )
    tables = Tables({"account": writer.close(), "order": orders.close()})
    rules = {"account": ObjectScope((KeepRule("日期", since="2023-10-31"),)), "order": ObjectScope(follow="account")}
    result = scope.function(Job(tables, ScopeOptions(ScopeRules(1, rules)), "r", lambda rows: None))
    found = {
        name: [record for batch in batches for record in batch.rows["_record"]]
        for name, batches in result.tables.items()
    }
    assert found["account"] == [f"crm/{n}" for n in range(0, 3000, 3)]
    assert found["order"] == [f"o/{n}" for n in range(90_000) if n * 7 % 3000 % 3 == 0]


def test_who_signs_what_stays_behind_sees_the_column_that_decided(tmp_path):
    frame = pd.DataFrame({"_record": ["crm/1", "crm/2"], "_origin": ["a", "b"], **{name: ["1", "2"] for name in "甲乙丙丁戊"},
                          "日期": ["2024-01-05", "2019-03-01"]}, dtype="str")  # fmt: skip
    writer = TableWriter("account", tmp_path / "account.parquet")
    writer.write(frame)
    rules = ScopeRules(1, {"account": ObjectScope((KeepRule("日期", since="2023-10-31"),))})
    job = Job(Tables({"account": Table("account", writer.close().path)}), ScopeOptions(rules), "r", lambda rows: None)
    (report,) = scope.function(job).reports
    report.write(tmp_path / "scope.xlsx", "zh")
    cells = {
        cell.value for sheet in load_workbook(tmp_path / "scope.xlsx") for row in sheet.iter_rows() for cell in row
    }
    assert {"日期", "2019-03-01", "丁"} <= cells
    assert "戊" not in cells
