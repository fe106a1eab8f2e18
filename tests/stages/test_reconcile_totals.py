"""Totals that a mapping file asks for, relations in business words, and the rows behind the equation."""

import json
from copy import copy
from decimal import Decimal
from xml.etree import ElementTree as ET

import pytest
from openpyxl import load_workbook
from tests.stages.test_reconcile import ACCOUNT, ACCOUNT_7, Migration, record, write

from crmmigrate.errors import ConfigurationError
from crmmigrate.model.issue import ASIDE_COLUMNS
from crmmigrate.model.mapping import read_mappings
from crmmigrate.model.reconciliation import Rehearsal
from crmmigrate.model.stage import Job
from crmmigrate.model.table import Tables
from crmmigrate.stages.reconcile import ReconcileOptions, reconcile

TOTALS = """
gates:
  totals:
    - {sum: 金额, to: amount, by: [owner_id, year(created_on), active], tolerance: 0.05, control: "17,175,087.5"}
    - {by: owner_id, control: {staff/员工/E0: 5}}
"""


def asked_for(migration, text=TOTALS):
    """Return the migration with totals in its mapping file and amounts in its sources."""
    made = copy(migration)
    made.tables = dict(migration.tables)
    folder = made.folder / "mapped"
    folder.mkdir(exist_ok=True)
    (folder / "account.crmmap.yaml").write_text(ACCOUNT + text, encoding="utf-8")
    made.mappings = [next(m for m in migration.mappings if m.object == "user"), *read_mappings([folder])]
    source = [
        (record(i), f"旧.xlsx#客户!{i + 2}", f"￥{i},234.50" if i < 20 else "100万元" if i == 20 else "约三万" if i == 21 else None, f"staff/员工/E{i % 3}" if i % 5 else None)
        for i in range(25)
    ]  # fmt: skip
    made.tables["source.account"] = write(folder, "source.account", source, ("_record", "_origin", "金额", "_ref_user"))
    return made


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    made = Migration(tmp_path_factory.mktemp("totals"))
    made.load()
    return made


@pytest.fixture
def migration(whole, tmp_path):
    import shutil

    own = copy(whole)
    own.tables = dict(whole.tables)
    own.folder = tmp_path
    own.database = tmp_path / "crm.db"
    own.url = f"sqlite:///{own.database.as_posix()}"
    shutil.copyfile(whole.database, own.database)
    return asked_for(own)


def reported(result, folder, language="en"):
    """Return the reports of a result: JSON, workbook, page, JUnit."""
    for report in result.reports:
        report.write(folder / report.name, language)
    data = json.loads((folder / "reconcile.json").read_text(encoding="utf-8"))
    book = load_workbook(folder / "10_迁移核对报告.xlsx")
    page = (folder / "10_迁移核对报告.html").read_text(encoding="utf-8")
    return data, book, page, ET.parse(folder / "reconcile.junit.xml").getroot()


def figures(line):
    return tuple(
        None if line[name] is None else Decimal(line[name])
        for name in ("control", "source", "aside", "expected", "target")
    )


def declared(data, number=0):
    [account] = [one for one in data["objects"] if one["object"] == "account"]
    return account["declared"][number]


def test_a_total_holds_from_the_old_systems_figure_to_the_target(migration, tmp_path):
    # 20 rows of i,234.50 are expected, one of a million is out of scope; the old system said a little less than the sources hold
    expected = sum(Decimal(f"{i}234.50") for i in range(20))
    result = asked_for(migration, TOTALS.replace("17,175,087.5", str(expected + 1000000))).reconcile()
    assert result.findings == []
    data, book, page, junit = reported(result, tmp_path)
    total = declared(data)
    assert figures(total["groups"][0]) == (expected + 1000000, expected + 1000000, 1000000, expected, expected)
    assert total["unread"] == 1
    groups = {tuple(line["group"]): line for line in total["groups"][1:]}
    assert set(groups) == {
        (owner, "2023", active)
        for owner in ("", "staff/员工/E0", "staff/员工/E1", "staff/员工/E2")
        for active in ("true", "false")
    }
    assert sum(Decimal(line["expected"]) for line in groups.values()) == expected
    assert "Totals asked for" in book.sheetnames
    assert "Totals asked for" in page
    assert junit.get("failures") == "0"


def test_a_control_figure_that_is_off_is_a_finding_until_it_is_accepted(migration, tmp_path):
    held = sum(Decimal(f"{i}234.50") for i in range(20)) + 1000000
    result = migration.reconcile()
    [finding] = result.findings
    off = held - Decimal("17175087.5")
    assert f"first: sources against the old system's figure: {off.normalize():+,f}" in finding.text("en")
    assert not result.facts["agrees"]
    assert result.facts["totals_off"] == {"account": 1}
    accepted = TOTALS.replace('control: "17,175,087.5"', f'control: "17,175,087.5", accepted: [{{at: control, difference: "{off}", reason: paper, by: 财务部}}]')  # fmt: skip
    again = asked_for(migration, accepted).reconcile()
    assert again.findings == []
    data, book, *_ = reported(again, tmp_path)
    assert declared(data)["groups"][0]["checks"][0]["accepted"] == "paper"
    assert any("paper" in row for row in book["Totals asked for"].iter_rows(values_only=True))
    stale = accepted.replace(f'difference: "{off}"', f'difference: "{off + 7}"')
    assert asked_for(migration, stale).reconcile().findings


def test_amounts_that_change_hands_show_in_their_groups(migration, tmp_path):
    result = asked_for(migration, TOTALS.replace(', control: "17,175,087.5"', "")).reconcile()
    assert result.findings == []
    migration.damage(f"UPDATE accounts SET owner_id = (SELECT id FROM users WHERE name = '王2') {ACCOUNT_7}")
    result = asked_for(migration, TOTALS.replace(', control: "17,175,087.5"', "")).reconcile()
    data, _, page, junit = reported(result, tmp_path)
    off = {tuple(line["group"]): [(c["at"], c["difference"]) for c in line["checks"] if Decimal(c["difference"])]
           for line in declared(data)["groups"] if any(Decimal(c["difference"]) for c in line["checks"])}  # fmt: skip
    assert off == {
        ("staff/员工/E1", "2023", "true"): [("target", "-7234.5")], ("staff/员工/E2", "2023", "true"): [("target", "7234.5")],
    }  # fmt: skip
    assert {tuple(line["group"]): line["target"] for line in declared(data, 1)["groups"]}["staff/员工/E1",] == "5"
    assert "staff/员工/E1" in page
    failed = {case.get("name") for case in junit.iter("testcase") if case.find("failure") is not None}
    assert failed == {"value.reference", "total amount by owner_id, year(created_on), active", "total rows by owner_id"}


def test_amounts_that_change_their_year_or_month_show_in_both(migration, tmp_path):
    totals = "gates: {totals: [{to: amount, by: year(created_on)}, {by: month(created_on)}]}"
    migration.damage(f"UPDATE accounts SET created_on = '2022-12-08' {ACCOUNT_7}")
    data, *_ = reported(asked_for(migration, totals).reconcile(), tmp_path)
    whole = sum(Decimal(f"{i}234.50") for i in range(20))
    years = {tuple(line["group"]): figures(line)[3:] for line in declared(data)["groups"][1:]}
    assert years == {("2022",): (0, Decimal("7234.5")), ("2023",): (whole, whole - Decimal("7234.5"))}
    months = {tuple(line["group"]): figures(line)[3:] for line in declared(data, 1)["groups"][1:]}
    assert months == {("2022-12",): (0, 1), ("2023-05",): (20, 19)}


def test_a_control_figure_of_one_group_is_compared_with_its_source_rows(migration, tmp_path):
    result = asked_for(
        migration, "gates: {totals: [{by: owner_id, control: {staff/员工/E0: 6, staff/员工/E9: 1}}]}"
    ).reconcile()
    data, *_ = reported(result, tmp_path)
    off = {tuple(line["group"]): [(c["at"], c["difference"]) for c in line["checks"] if Decimal(c["difference"])]
           for line in declared(data)["groups"] if any(Decimal(c["difference"]) for c in line["checks"])}  # fmt: skip
    assert off == {("staff/员工/E0",): [("control", "-1")], ("staff/员工/E9",): [("control", "-1")]}
    assert "2 of its lines" in result.findings[0].text("en")


def test_what_the_policy_kept_is_in_the_total(tmp_path):
    made = Migration(tmp_path)
    with made.open() as target:
        target.create(made.schema)
    made.damage("INSERT INTO accounts (external_id, name, amount) VALUES (?, '手工录入', 5)", record(7))
    made.load()
    result = asked_for(made, "gates: {totals: [{to: amount, by: active}]}").reconcile()
    assert result.facts["explained"] == {"account": 2}
    assert result.findings == []


def test_what_the_policy_kept_makes_no_column_and_no_parent_differ(tmp_path):
    made = Migration(tmp_path)
    with made.open() as target:
        target.create(made.schema)
    made.damage("INSERT INTO users (id, external_id, name) VALUES (77, 'other', '别人')")
    made.damage("INSERT INTO accounts (external_id, name, amount, owner_id) VALUES (?, '手工录入', 5, 77)", record(7))
    made.load()
    result = asked_for(made, "").reconcile()
    assert result.facts["explained"] == {"account": 3}
    data, book, *_ = reported(result, tmp_path)
    for one in data["objects"]:
        for total in one["totals"]:
            for figure in ("filled", "distinct", "total", "least", "greatest", "length"):
                assert total[figure][0] == total[figure][1], (total["column"], figure)
        for relation in one["relations"]:
            assert relation["children"][0] == relation["children"][1]
            assert relation["parents_off"] == 0
    results = {row[-1] for row in book["Totals"].iter_rows(min_row=2, values_only=True)}
    assert results == {"agrees"}


def test_rows_are_listed_by_their_number_not_by_its_first_digit(migration, tmp_path):
    for number in (9, 1, 12):  # rows 11, 3 and 14 of the sheet
        migration.damage("UPDATE accounts SET remark = 'x' WHERE external_id = ?", record(number))
    migration.damage("DELETE FROM accounts WHERE external_id IN (?, ?)", record(0), record(18))  # rows 2 and 20
    made = copy(migration)
    made.tables = dict(migration.tables)
    late = [("account", record(i), "", "out_of_scope", "scope.old", None, None, None) for i in (20, 21, 22, 23, 24)]
    made.tables["aside"] = write(tmp_path, "aside", late, ASIDE_COLUMNS)
    source = [(record(i), f"旧.xlsx#客户!{9 + i - 20 if i >= 20 else i + 2}") for i in range(25)]
    made.tables["source.account"] = write(tmp_path, "source.account", source, ("_record", "_origin"))
    _, book, *_ = reported(made.reconcile(), tmp_path)
    places = [row[1].rpartition("!")[2] for row in book["Differences"].iter_rows(min_row=2, values_only=True)]
    assert places == ["2", "20", "3", "11", "14"]
    aside = [row[1].rpartition("!")[2] for row in book["Rows, Out of scope"].iter_rows(min_row=2, values_only=True)]
    assert aside == ["9", "10", "11", "12", "13"]


def test_an_object_of_ones_own_is_called_as_the_target_calls_its_table():
    from crmmigrate.model.reconciliation import Equation, ObjectReconciliation, Reconciliation

    own = ObjectReconciliation("gadget", "gadgets", Equation(1, {}, 1, 1), called="设备")
    found = Reconciliation((own, ObjectReconciliation("account", "accounts", Equation(1, {}, 1, 1), called="往来单位")))
    assert [str(found.title(name)) for name in ("gadget", "account", "other")] == ["设备", "account", "other"]


@pytest.mark.parametrize(("text", "code", "place"), [
    ("gates: {totals: [{to: amount, tolerance: etwa}]}", "mapping.total-number", ":15:"),
    ("gates: {totals: [{to: amount, by: year(created)}]}", "mapping.total-unknown", ":15:"),
    ("gates: {totals: [{sum: 金额}]}", "mapping.total-unknown", ":15:"),
])  # fmt: skip
def test_a_total_that_cannot_be_made_is_refused_with_its_place(migration, text, code, place):
    with pytest.raises(ConfigurationError) as caught:
        asked_for(migration, text).reconcile()
    assert caught.value.code == code
    assert place in caught.value.place


def test_each_column_adds_up_on_both_sides_by_what_it_holds(migration, tmp_path):
    migration.damage("UPDATE accounts SET amount = 5, remark = '老' WHERE external_id = ?", record(4))
    migration.damage("UPDATE accounts SET created_on = '2031-01-01' WHERE external_id = ?", record(6))
    data, book, page, _ = reported(asked_for(migration, "").reconcile(), tmp_path)
    [account] = [one for one in data["objects"] if one["object"] == "account"]
    columns = {total["column"]: total for total in account["totals"]}
    assert columns["amount"]["least"] == ["234.5", "5"]
    assert columns["amount"]["greatest"] == ["19234.5", "19234.5"]
    assert (columns["amount"]["length"], columns["created_on"]["length"]) == ([None, None], [None, None])
    assert columns["created_on"]["greatest"] == ["2023-05-20", "2031-01-01"]
    assert columns["remark"]["length"] == [39, 37]
    assert columns["remark"]["least"] == [None, None], "the smallest text may be somebody's name"
    titles, *lines = book["Differences"].iter_rows(values_only=True)
    assert {(row[2], row[-1]) for row in lines} == {("amount", "金额"), ("remark", "备注"), ("created_on", "日期")}
    assert titles[-1] == "Rule of the mapping"
    assert "Rule of the mapping" in page


def test_children_are_counted_from_the_sources_to_the_target(migration, tmp_path):
    migration.damage("DELETE FROM accounts WHERE external_id IN (?, ?)", record(7), record(4))
    migration.damage(
        "UPDATE accounts SET owner_id = (SELECT id FROM users WHERE name = '王2') WHERE external_id = ?", record(1)
    )
    data, book, page, _ = reported(asked_for(migration, "").reconcile(), tmp_path)
    [account] = [one for one in data["objects"] if one["object"] == "account"]
    [relation] = account["relations"]
    assert (relation["before"], relation["aside"], relation["children"], relation["parents"]) == (
        20,
        4,
        [16, 14],
        [3, 3, 3],
    )
    assert [(one["parent"], one["before"], one["aside"], one["expected"], one["actual"]) for one in relation["off"]] == [
        ("staff/员工/E1", 7, 1, 6, 3), ("staff/员工/E2", 6, 1, 5, 6),
    ]  # fmt: skip
    assert ("account per user", "staff/员工/E1", 7, 1, 6, 3, "differs") in set(
        book["Children per parent"].iter_rows(values_only=True)
    )
    assert "account per user" in page


def test_the_rows_behind_each_term_are_listed(migration, tmp_path):
    _, book, *_ = reported(asked_for(migration, "").reconcile(), tmp_path)
    [_, merged] = book["Rows, Merged"].iter_rows(values_only=True)
    assert merged[:3] == ("account", "旧.xlsx#客户!23", "dedupe.merged")
    assert merged[-1] == record(1)
    assert [row[1] for row in book["Rows, Rejected"].iter_rows(values_only=True)][1:] == [
        "旧.xlsx#客户!26",
        "旧.xlsx#客户!25",
    ]


def test_earlier_rehearsals_stand_beside_this_one(migration, tmp_path):
    earlier = (Rehearsal("20261101-reconcile-1", "2026-11-01T08:00:00", True, 28, 5, 23, 20, 7, 0, 2),)
    options = ReconcileOptions(mappings=migration.mappings, schema=migration.schema, earlier=earlier)
    with migration.open() as target:
        result = reconcile.function(Job(Tables(migration.tables), options, "run", lambda rows: None, target))
    data, book, page, _ = reported(result, tmp_path)
    rows = list(book["Rehearsals"].iter_rows(values_only=True))[1:]
    assert rows == [
        ("2026-11-01 08:00", "20261101-reconcile-1", "a sample (trial)", 28, 5, 23, 20, 3, 7, 0, 2),
        ("this run", None, None, 28, 5, 23, 23, 0, 0, 0, 1),
    ]  # fmt: skip
    assert "20261101-reconcile-1" in page
    assert data["earlier"][0]["differences"] == 7


def test_pairs_of_a_table_that_ties_two_others_are_compared(tmp_path):
    import duckdb

    from crmmigrate.checks.object_frames import ObjectFrames
    from crmmigrate.checks.relations import pairs

    connection = duckdb.connect(":memory:")
    expected, actual = [(1, 1), (1, 2), (2, 1), (3, 3)], [(1, 1), (1, 2), (1, 2), (2, 2), (3, 3)]
    for name, rows in (("crmm_left_0", expected), ("crmm_right_0", actual)):
        connection.execute(f"CREATE TABLE {name} (account_id VARCHAR, user_id VARCHAR)")
        connection.executemany(f"INSERT INTO {name} VALUES (?, ?)", rows)
    frames = ObjectFrames(
        "visit", "visits", "s", "e", "a", "w", "t", ("account_id", "user_id"), {"account_id": "account", "user_id": "user"}, match_on=("account_id", "user_id"),
    )  # fmt: skip
    [pair] = pairs(connection, frames, frames.left)
    assert (pair.parents, pair.pairs, pair.lost, pair.extra, pair.repeated) == (("account", "user"), (4, 4), 1, 1, 1)
    assert not pair.agrees


def test_a_row_lost_on_the_way_is_a_failure_for_ci(migration, tmp_path):
    kept = migration.tables["aside"].frame()
    kept = kept[kept["_record"] != record(20)]
    migration.tables["aside"] = write(migration.folder, "aside2", kept.to_numpy().tolist(), ASIDE_COLUMNS)
    *_, junit = reported(asked_for(migration, "").reconcile(), tmp_path, "zh")
    failed = {
        case.get("name"): case.find("failure").text
        for case in junit.iter("testcase")
        if case.find("failure") is not None
    }
    assert set(failed) == {"equation", "row.unaccounted"}
    assert "旧.xlsx#客户!22" in failed["row.unaccounted"]
    assert junit.get("failures") == "2"


def reconciled(migration, loads):
    options = ReconcileOptions(mappings=migration.mappings, schema=migration.schema, loads=loads)
    with migration.open() as target:
        return reconcile.function(Job(Tables(migration.tables), options, "run", lambda rows: None, target))


def test_rows_that_were_loaded_earlier_and_are_not_to_be_loaded_any_more_are_told_beside_the_equation(
    tmp_path, database_url
):
    migration = Migration(tmp_path, database_url)
    migration.load()
    made = asked_for(migration, "gates: {totals: [{to: amount}, {}]}")
    source, aside = made.tables["source.account"].frame(), made.tables["aside"].frame()
    expected = made.tables["expected.account"].frame()
    gone, out = record(3), record(4)
    made.tables |= {
        "source.account": write(tmp_path, "later.source", source[source["_record"] != gone].to_numpy(), source.columns),
        "expected.account": write(
            tmp_path, "later.expected", expected[~expected["_record"].isin([gone, out])].to_numpy(), expected.columns
        ),
        "aside": write(
            tmp_path,
            "later.aside",
            [*aside.to_numpy(), ("account", out, "", "out_of_scope", "scope.old", None, None, None)],
            ASIDE_COLUMNS,
        ),
    }
    result = reconciled(made, frozenset({"load-1"}))
    assert result.findings == []
    assert result.facts["agrees"] is True
    assert result.facts["left_over"] == {"account": {"gone": 1, "set_aside": 1, "table": 20}}
    [told] = [note.text() for note in result.notes]
    assert (
        "the table holds 20 rows = 18 of those expected + 1 loaded earlier and gone from the sources + 1 loaded earlier and set aside since + 0"
        in told
    )
    reports = {report.name: report for report in result.reports}
    data, book, page = (tmp_path / name for name in ("reconcile.json", "10_迁移核对报告.xlsx", "10_迁移核对报告.html"))
    for path in (data, book, page):
        reports[path.name].write(path, "en")
    one = next(o for o in json.loads(data.read_text(encoding="utf-8"))["objects"] if o["object"] == "account")
    assert (one["left_over"], one["table_rows"]) == ({"gone": 1, "aside": 1}, 20)
    assert [(total["column"], Decimal(total["left_over"])) for total in one["declared"]] == [("amount", Decimal(7469)), ("", Decimal(2))]  # fmt: skip
    assert {total["column"]: total["left_over"] for total in one["totals"]}["amount"] == "7469"
    equation = list(load_workbook(book)["Equation"].values)
    line = dict(zip(equation[0], next(row for row in equation[1:] if row[0] == "account"), strict=True))
    assert (
        line["Loaded earlier, gone from the sources"],
        line["Loaded earlier, set aside since"],
        line["Rows of the table"],
    ) == (1, 1, 20)
    assert "an earlier load brought these rows in" in page.read_text(encoding="utf-8")

    assert reconciled(made, frozenset({"load-2"})).facts["left_over"] == {}, "another project linked them"
