"""Records become target rows: values, lookups, references, SQL; what is missing is rejected, what is doubtful is said."""

from __future__ import annotations

import json
import pickle

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmmigrate.errors import ConfigurationError, Findings
from crmmigrate.model.document import Document
from crmmigrate.model.fieldmapper import by_column
from crmmigrate.model.issue import ASIDE_COLUMNS, ISSUE_COLUMNS
from crmmigrate.model.lookup import lookup_table
from crmmigrate.model.mapping import build_mapping
from crmmigrate.model.mapping_tables import value_map
from crmmigrate.model.stage import Job
from crmmigrate.model.table import Tables
from crmmigrate.runner.tables import Materialiser, TableWriter
from crmmigrate.stages import load_stage
from crmmigrate.stages.map import MapOptions, RowMapper

ACCOUNTS = [
    {"_record": "crm/1", "名称": " 甲 ", "级别": "A", "人": "走了", "手机": None, "电话": "0571-1", "金额": "12.345"},
    {"_record": "crm/2", "名称": None, "级别": "Z", "人": "李四", "手机": "138", "电话": "0571-1", "金额": "12万"},
    {"_record": "crm/3", "名称": "丙", "级别": "Z", "人": "没有", "手机": None, "电话": None, "金额": None},
    {"_record": "crm/4", "名称": "丁", "级别": None, "人": "同名", "手机": "139", "电话": None, "金额": "1"},
]
USERS = [
    {"_record": "u/1", "姓名": "走了", "状态": "离职", "交接人": "李四"},
    {"_record": "u/2", "姓名": "李四", "状态": "在职", "交接人": None},
    {"_record": "u/3", "姓名": "同名", "状态": "在职", "交接人": None},
    {"_record": "u/4", "姓名": "同名", "状态": "在职", "交接人": None},
]
LOOKUP = "lookup: {object: user, by: 姓名, follow: 交接人, active: {状态: 在职}, missing: blank}"


@pytest.fixture
def run(tmp_path):
    """Run the stage on the accounts and users with the fields given, through pickling and the writer of tables."""

    def table(name, rows):
        writer = TableWriter(name, tmp_path / f"{name}.parquet")
        writer.write(pd.DataFrame([{"_origin": f"{name}!{n}", **row} for n, row in enumerate(rows, 2)], dtype="str"))
        return writer.close()

    def go(fields, rows=None, users=None, where="", crosswalk=None):
        source = f"source: {{where: {json.dumps(where)}}}\n" if where else ""
        document = Document.parse(
            f"version: 1\nobject: account\n{source}target: accounts\nmatch: id\nfields:\n  id: _record\n{fields}",
            "a.yaml",
        )
        mapping = build_mapping(document)
        document.check()
        tables = Tables({"account": table("account", rows or ACCOUNTS), "user": table("user", users or USERS)})
        if crosswalk:
            tables = Tables({**dict(tables.items()), "crosswalk": table("crosswalk", crosswalk)})
        stage = load_stage("map")
        result = stage.function(Job(tables, MapOptions((mapping,), ("user=x", "crosswalk=x")), "r", lambda _: None))
        content = pickle.loads(pickle.dumps(result.tables["account"]))
        out = Materialiser(tables, lambda name: tmp_path / f"out_{name}.parquet", lambda _: None)
        made = out.write("account", content)
        rows_out = made.frame().astype(object).where(made.frame().notna(), None)
        return (
            {row["_record"]: row for row in rows_out.to_dict("records")},
            [dict(zip(ISSUE_COLUMNS, row, strict=True)) for row in out.issues.close().frame().itertuples(index=False)],
            [dict(zip(ASIDE_COLUMNS, row, strict=True)) for row in out.aside.close().frame().itertuples(index=False)],
        )

    return go


def codes(rows, record):
    return [row["code"] for row in rows if row["_record"] == record]


def test_columns_stand_in_the_order_of_the_mapping_with_record_and_origin(run):
    rows, issues, aside = run("  name: {from: 名称, do: [trim]}\n  origin: {const: 旧系统}\n  flag: {const: true}")
    assert list(rows["crm/1"]) == ["_record", "_origin", "id", "name", "origin", "flag"]
    assert list(rows["crm/1"].values()) == ["crm/1", "account!2", "crm/1", "甲", "旧系统", "true"]
    assert (len(rows), issues, aside) == (4, [], [])


def test_a_required_value_that_is_missing_rejects_the_row(run):
    rows, _, aside = run("  name: {from: 名称, do: [trim], required: true}")
    assert set(rows) == {"crm/1", "crm/3", "crm/4"}
    [row] = aside
    assert (row["_record"], row["_origin"], row["reason"], row["code"], row["column"]) == (
        "crm/2", "account!3", "rejected", "map.required", "名称",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("how", "value", "rejected", "issue"),
    [
        ("reject", None, True, []),
        ("blank", None, False, ["map.unmapped-value"]),
        ("keep", "Z", False, ["map.unmapped-value"]),
        ("default, default: d", "d", False, ["map.unmapped-value", "map.default"]),
    ],
)
def test_values_that_the_map_does_not_name(run, how, value, rejected, issue):
    rows, issues, aside = run(f"  level: {{from: 级别, values: {{A: a}}, unmapped: {how}}}")
    assert rows["crm/1"]["level"] == "a"
    assert codes(aside, "crm/3") == (["map.unmapped-value"] if rejected else [])
    assert ("crm/3" in rows) is not rejected
    assert rejected or rows["crm/3"]["level"] == value
    assert codes(issues, "crm/3") == issue


def test_a_default_fills_what_is_empty_and_says_so(run):
    rows, issues, _ = run("  level: {from: 级别, default: C}")
    assert rows["crm/4"]["level"] == "C"
    [issue] = issues
    assert (issue["_record"], issue["code"], issue["severity"], issue["after"]) == ("crm/4", "map.default", "info", "C")


def test_several_columns_become_one_value(run):
    rows, _, _ = run(
        "  phone: {from: [手机, 电话], do: [first_non_empty]}\n  both: {from: [手机, 电话], do: [{concat: ' / '}]}"
    )
    assert [row["phone"] for row in rows.values()] == ["0571-1", "138", None, "139"]
    assert [row["both"] for row in rows.values()] == ["0571-1", "138 / 0571-1", None, "139"]


@pytest.mark.parametrize(("how", "value"), [("keep", "12万"), ("blank", None), ("reject", "-")])
def test_what_a_step_cannot_use(run, how, value):
    rows, issues, aside = run(f"  amount: {{from: 金额, do: [{{number: 2}}], on_error: {how}}}")
    assert rows["crm/1"]["amount"] == "12.35"
    assert codes(issues, "crm/1") == ["number.rounded"]
    assert codes(issues, "crm/2") == ["number.not-a-number"]
    assert rows.get("crm/2", {"amount": "-"})["amount"] == value
    assert codes(aside, "crm/2") == (["number.not-a-number"] if how == "reject" else [])


def test_a_standard_is_a_step_too(run):
    rows, issues, _ = run("  phone: {from: 手机, do: [{phone: {region: CN}}], on_error: blank}")
    assert rows["crm/2"]["phone"] is None
    assert codes(issues, "crm/2")


def test_lookups_follow_successors_and_refuse_to_guess(run):
    rows, issues, aside = run(f"  owner: {{from: 人, {LOOKUP}}}")
    assert {record: row["owner"] for record, row in rows.items()} == {"crm/1": "u/2", "crm/2": "u/2", "crm/3": None}
    assert codes(issues, "crm/1") == ["map.lookup-followed"]
    assert codes(issues, "crm/3") == ["map.lookup-missing"]
    assert codes(aside, "crm/4") == ["map.lookup-ambiguous"]
    assert aside[0]["value"] == "同名"


@pytest.mark.parametrize(
    ("missing", "owner", "code"),
    [("reject", "-", None), ("defer", None, "map.lookup-deferred"), ("default, default: 李四", "u/2", "map.default")],
)
def test_lookups_that_find_nothing(run, missing, owner, code):
    spec = LOOKUP.replace("missing: blank", f"missing: {missing}")
    rows, issues, aside = run(f"  owner: {{from: 人, {spec}}}")
    assert rows.get("crm/3", {"owner": "-"})["owner"] == owner
    assert codes(issues, "crm/3") == ([code] if code else [])
    assert codes(aside, "crm/3") == ([] if code else ["map.lookup-missing"])


def test_a_reference_is_the_record_of_the_parent_and_must_be_there_where_required(run):
    rows = [{"_record": "c/1", "_ref_account": "a/1"}, {"_record": "c/2", "_ref_account": None}]
    field = "  account_id: {lookup: {object: account, missing: %s}, required: %s}"
    kept, _, aside = run(field % ("reject", "true"), rows)
    assert kept["c/1"]["account_id"] == "a/1"
    assert codes(aside, "c/2") == ["map.reference-missing"]
    kept, _, aside = run(field % ("blank", "false"), rows)
    assert (kept["c/2"]["account_id"], aside) == (None, [])
    kept, _, aside = run(field % ("reject", "true"), [{"_record": "c/1"}])
    assert codes(aside, "c/1") == ["map.reference-missing"]


def test_sql_sees_the_row_and_nothing_else(run):
    rows, _, _ = run("  both: {sql: \"名称 || '-' || coalesce(级别, '?')\"}\n  n: {sql: TRY_CAST(金额 AS DOUBLE) * 2}")
    assert [(row["both"], row["n"]) for row in rows.values()] == [
        (" 甲 -A", "24.69"),
        (None, None),
        ("丙-Z", None),
        ("丁-?", "2.0"),
    ]


PHONES = [
    {"_record": f"p/{n}", "电话": phone, "手机": mobile}
    for n, (phone, mobile) in enumerate([("无号码", None), ("N/A", None), ("0571-87654321", "1"), (None, None), ("  ", None)], 1)
]  # fmt: skip


@pytest.mark.parametrize(
    ("field", "told"),
    [
        ("from: 电话, do: [digits]", {"p/1": ["map.blanked"], "p/2": ["map.blanked"]}),
        ("from: 电话, do: [phone, digits]", {"p/1": ["phone.invalid", "map.blanked"], "p/2": ["empty.word"], "p/3": ["phone.format"], "p/5": ["empty.word"]}),
        ("from: 电话, do: [{replace: {find: 无号码}}]", {"p/1": ["map.blanked"]}),
        ("from: 电话, do: [trim, {split: /}, {part: 2}]", {f"p/{n}": ["map.blanked"] for n in (1, 3)}),
        ("from: [手机, 电话], do: [{part: 1}]", {"p/1": ["map.blanked"], "p/2": ["map.blanked"]}),
        ("from: [手机, 电话], do: [digits]", {"p/1": ["map.blanked"], "p/2": ["map.blanked"]}),
        ("from: 电话, do: [digits], default: x", {f"p/{n}": ["map.default"] for n in (1, 2, 4, 5)}),
        ("from: 电话, values: {无号码: null}, unmapped: keep", {f"p/{n}": ["map.unmapped-value"] for n in (2, 3, 5)}),
        ("sql: TRY_CAST(电话 AS DOUBLE)", {f"p/{n}": ["map.blanked"] for n in (1, 2, 3)}),
        ("sql: 'TRY_CAST(\"电话\" AS DOUBLE)'", {f"p/{n}": ["map.blanked"] for n in (1, 2, 3)}),
        ("sql: \"NULLIF(coalesce(手机, '电话'), '电话')\"", {}),
        ("from: 电话, do: [{phone: {part: 手机}}]", {
            "p/1": ["phone.invalid", "map.no-part"], "p/2": ["empty.word"], "p/3": ["phone.format", "map.no-part"], "p/5": ["empty.word"]}),
    ],
)  # fmt: skip
def test_what_becomes_nothing_on_the_way_is_said(run, field, told):
    rows, issues, aside = run(f"  x: {{{field}}}", PHONES)
    assert {record: codes(issues, record) for record in rows if codes(issues, record)} == told
    assert aside == []
    for issue in issues:
        if issue["code"] == "map.blanked":
            assert issue["severity"] == "warning"
            assert issue["before"]
            assert rows[issue["_record"]]["x"] is None


def test_a_row_rejected_for_an_emptied_value_shows_what_stood_there(run):
    rows, issues, aside = run("  x: {from: 电话, do: [digits], required: true}", PHONES)
    assert {row["_record"]: (row["code"], row["value"]) for row in aside}["p/1"] == ("map.required", "无号码")
    assert (list(rows), issues) == (["p/3"], [])


@pytest.mark.parametrize(
    "sql",
    [
        "(SELECT max(content) FROM read_text('/etc/hostname'))",
        "1; DROP TABLE x",
        "1) FROM x --",
        "nothing",
        "CAST(金额 AS DOUBLE)",
    ],
)
def test_sql_that_fails_or_reaches_out_stops_with_its_place(run, sql):
    with pytest.raises(ConfigurationError) as found:
        run(f'  x: {{sql: "{sql}"}}')
    assert found.value.code == "map.sql"


def test_rows_that_the_mapping_does_not_want_are_set_aside(run):
    rows, issues, aside = run("  name: {from: 名称, required: true}", where="\"级别\" = 'A' OR 手机 IS NOT NULL")
    assert set(rows) == {"crm/1", "crm/4"}
    assert [(row["_record"], row["reason"], row["code"]) for row in aside] == [
        ("crm/2", "rejected", "map.required"), ("crm/3", "out_of_scope", "map.not-wanted"),
    ]  # fmt: skip
    assert issues == []


@pytest.mark.parametrize(
    ("word", "value"), [("ＶＩＰ　客戶", "v"), ("vip 客户", "v"), ("A+", "p"), ("A-", None), ("製造業", "m")]
)
def test_words_of_a_value_map_are_found_whatever_their_width_case_and_script(run, word, value):
    rows, _, _ = run(
        "  x: {from: 级别, values: {VIP 客户: v, A+: p, 制造业: m}, unmapped: blank}", [{"_record": "1", "级别": word}]
    )
    assert rows["1"]["x"] == value


def test_entries_that_differ_only_in_case_and_answer_differently_are_taken_letter_by_letter(run):
    cells = [{"_record": word, "级别": word} for word in ("a", "A", "ａ")]
    rows, _, _ = run("  x: {from: 级别, values: {a: small, A: large}, unmapped: blank}", cells)
    assert {record: row["x"] for record, row in rows.items()} == {"a": "small", "A": "large", "ａ": None}


def test_a_name_may_be_made_of_several_columns(run):
    users = [{"_record": "u/1", "姓名": "李四", "部门": "一部"}, {"_record": "u/2", "姓名": "李四", "部门": "二部"}]
    rows = [{"_record": "1", "人": " 李四 ", "组": "二部"}, {"_record": "2", "人": "李四", "组": None}]
    kept, issues, _ = run(
        "  o: {from: [组, 人], lookup: {object: user, by: [部门, 姓名], missing: blank}}", rows, users
    )
    assert [row["o"] for row in kept.values()] == ["u/2", None]
    assert issues == []


def test_a_reference_may_be_to_one_of_several_objects_and_says_to_which(run):
    users = [{"_record": "u/1", "编号": "1", "名称": None}, {"_record": "u/2", "编号": "2", "名称": None}]
    rows = [
        {"_record": "a/1", "编号": "1", "向": "2"},
        {"_record": "a/2", "编号": "9", "向": "9"},
        {"_record": "a/3", "编号": "8", "向": "7"},
    ]
    field = "  to: {from: 向, lookup: {object: account, or: user, by: 编号, missing: blank}}\n  kind: {kind_of: to, values: {account: A, user: U}}"
    kept, _, _ = run(field, rows, users)
    assert [(row["to"], row["kind"]) for row in kept.values()] == [
        ("user:u/2", "U"),
        ("account:a/2", "A"),
        (None, None),
    ]


def test_references_that_came_with_the_row_may_be_to_one_of_several_objects(run):
    rows = [
        {"_record": "1", "_ref_account": None, "_ref_user": "u/1"},
        {"_record": "2", "_ref_account": "a/1", "_ref_user": None},
    ]
    kept, _, _ = run("  to: {lookup: {object: account, or: user}}\n  kind: {kind_of: to}", rows)
    assert [(row["to"], row["kind"]) for row in kept.values()] == [("user:u/1", "user"), ("account:a/1", "account")]


def test_a_record_that_was_merged_is_found_as_its_survivor(run):
    users = [{"_record": "s/员工/1", "姓名": "李四"}]
    walk = [
        {"_record": "s/员工/7", "object": "user", "survivor": "s/员工/1"},
        {"_record": "s/员工/1", "object": "user", "survivor": "s/员工/1"},
    ]
    rows = [{"_record": str(n), "人": n} for n in ("7", "1", "8")]
    field = "  o: {from: 人, do: [{prefix: s/员工/}], lookup: {object: user, by: _record, missing: blank}}"
    kept, _, _ = run(field, rows, users, crosswalk=walk)
    assert [row["o"] for row in kept.values()] == ["s/员工/1", "s/员工/1", None]


TEXTS = st.sampled_from([None, "", " ", "a", "A", " a ", "b", "zz", "长" * 6, "甲"])
SHAPES = [
    "from: 值", "from: 值, required: true", "from: 值, default: d", "from: 值, do: [trim]", "from: 值, do: [trim, {truncate: 3}, upper]",
    "from: 值, values: {a: '1', 甲: null, b: '2'}, unmapped: blank", "from: 值, values: {a: '1'}, unmapped: reject",
    "from: 值, do: [trim], values: {a: '1'}, unmapped: default, default: z", "from: 值, do: [lower], lookup: {object: user, by: 姓名, missing: blank}",
]  # fmt: skip


@given(st.lists(TEXTS, min_size=1, max_size=12), st.sampled_from(SHAPES))
def test_a_whole_column_is_answered_as_its_values_are_one_by_one(values, shape):
    mapping = build_mapping(
        Document.parse(f"version: 1\nobject: a\ntarget: t\nmatch: x\nfields:\n  x: {{{shape}}}", "a.yaml")
    )
    found = (
        lookup_table(mapping.fields["x"].lookup, [{"_record": "u", "姓名": "a"}])
        if mapping.fields["x"].lookup
        else None
    )
    mapper = RowMapper(mapping, "a", value_map(mapping, "x", mapping.fields["x"]), {"x": found} if found else {})
    [one] = mapper.fields
    answered = by_column(one, pa.chunked_array([pa.array(values, pa.string())]), len(values))
    wanted = [one.answer((value or None,)) for value in values]
    assert answered.values.to_pylist() == [answer.value for answer in wanted]
    assert [(row, answer) for row, _, answer in answered.notable] == [
        (row, answer) for row, answer in enumerate(wanted) if answer.flags or answer.reject
    ]


def test_all_that_does_not_fit_the_program_or_the_tables_is_said_at_once(run):
    with pytest.raises(Findings) as found:
        run(
            "  a: {from: 名字}\n  b: {from: 名称, do: [trimm]}\n  c: {from: 名称, do: [{truncate: x}]}\n"
            "  d: {from: 人, lookup: {object: usr, by: 姓名}}\n  e: {from: 人, lookup: {object: user, by: 名}}\n"
            "  f: {from: 级别, values: none.csv}\n  g: {from: 名称, do: [{phone: {regoin: CN}}]}"
        )
    assert [error.code for error in found.value.errors] == [
        "map.no-column", "mapping.unknown-standard", "mapping.bad-option", "map.no-lookup-table", "map.no-column",
        "mapping.value-file-missing", "standard.unknown-option",
    ]  # fmt: skip


@pytest.mark.parametrize("named", ["nothing", "id", "kind"])
def test_the_kind_of_what_is_no_reference_is_refused(run, named):
    with pytest.raises(ConfigurationError) as found:
        run(f"  kind: {{kind_of: {named}}}")
    assert found.value.code == "mapping.kind-of"


def test_a_project_needs_a_mapping_for_each_object(tmp_path):
    stage = load_stage("map")
    with pytest.raises(ConfigurationError) as found:
        stage.function(Job(Tables({}), MapOptions((), objects=("account",)), "r", lambda _: None))
    assert found.value.code == "map.no-mapping"


def test_an_empty_table_keeps_its_columns(run, tmp_path):
    rows, issues, aside = run(f"  owner: {{from: 人, {LOOKUP}}}", rows=[dict.fromkeys(ACCOUNTS[0])])
    assert len(rows) == 1
    assert (issues, aside) == ([], [])


@pytest.mark.parametrize(
    "sql", ["count(*)", "unnest([1, 2])", "row_number() OVER ()", "random()", "(SELECT max(名称))"]
)
def test_sql_that_looks_beyond_its_row_is_refused(run, sql):
    with pytest.raises(ConfigurationError) as found:
        run(f'  x: {{sql: "{sql}"}}')
    assert found.value.code in ("map.sql-not-row-wise", "map.sql")
