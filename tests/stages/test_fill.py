"""Gaps are filled where one row of the reference has the key; never over a value, never from an ambiguous row."""

from __future__ import annotations

import pickle

import pandas as pd
import pytest

from crmmigrate.errors import ConfigurationError
from crmmigrate.model.issue import ISSUE_COLUMNS
from crmmigrate.model.stage import Job
from crmmigrate.model.standard import ColumnStandard, DataStandard, ObjectStandard, Reference
from crmmigrate.model.table import Table, Tables
from crmmigrate.runner.tables import TableWriter
from crmmigrate.stages.fill import FillOptions, fill

CODE, OTHER_CODE = "91110000600037341L", "91330000719508198U"
REGISTRY = pd.DataFrame({
    "_record": list("123456"), "_origin": [f"工商登记.csv#工商登记!{number}" for number in range(2, 8)],
    "信用代码": [CODE, OTHER_CODE, None, None, None, "91330000MA27X0000X"], "企业名称": ["甲乙（北京）有限公司", "丙丁有限公司", "戊己有限公司", "戊己有限公司", "庚辛有限公司", "壬癸有限公司"],
    "曾用名": [None, "老丙丁有限公司", None, None, None, None], "行业": ["制造", "零售业", "制造业", "零售业", "制造业", "制造业"], "城市": ["北京", "杭州市", "A", "B", None, "C"],
}, dtype="str")  # fmt: skip
ACCOUNT = pd.DataFrame({
    "_record": [f"crm/{number}" for number in range(1, 9)], "_origin": [f"a!{number}" for number in range(2, 10)],
    "代码": [CODE, None, None, None, CODE, None, OTHER_CODE, None],
    "名称": ["随便有限公司", "甲乙(北京) 有限责任公司", "老丙丁有限公司", "戊己有限公司", "甲乙（北京）有限公司", "没有有限公司", "甲乙（北京）有限公司", None],
    "行业": [None, None, None, None, "建筑业", None, None, None], "身份证": [None, None, None, None, None, "11010519491231002X", None, None],
}, dtype="str")  # fmt: skip
SPEC = ObjectStandard(
    columns={
        "代码": ColumnStandard("credit_code"),
        "名称": ColumnStandard("company_name"),
        "行业": ColumnStandard(values={"制造业": "制造", "零售业": "", "建筑业": ""}),
        "城市": ColumnStandard("division", options={"level": "city"}),
        "身份证": ColumnStandard("resident_id", parts={"出生日期": "生日", "性别": "性别"}),
    },
    fill=[
        Reference(
            "registry.工商登记",
            [{"代码": "信用代码"}, {"名称": "企业名称"}, {"名称": "曾用名"}],
            {"代码": "信用代码", "行业": "行业", "城市": "城市"},
        )
    ],
)


def _tables(tmp_path, **frames) -> Tables:
    made = {}
    for number, (name, frame) in enumerate(frames.items()):
        writer = TableWriter(name, tmp_path / f"{number}.parquet")
        writer.write(frame)
        made[name] = Table(name, writer.close().path)
    return Tables(made)


@pytest.fixture
def tables(tmp_path):
    return _tables(tmp_path, **{"account": ACCOUNT, "registry.工商登记": REGISTRY})


def _run(tables, spec=SPEC, **options):
    return fill.function(
        Job(tables, FillOptions(DataStandard(1, {"account": spec}), **options), "run", lambda rows: None)
    )


@pytest.fixture
def filled(tables):
    content = _run(tables).tables["account"]
    batch = pickle.loads(pickle.dumps(content.function))(tables["account"].frame())
    return batch.rows.set_index("_record"), pd.DataFrame(batch.issues, columns=ISSUE_COLUMNS)


def test_the_first_key_that_finds_one_row_fills_in_standard_form(filled):
    rows, _ = filled
    assert rows.loc["crm/1", ["行业", "城市"]].tolist() == ["制造业", "北京市"]
    assert rows.loc["crm/2", ["代码", "行业", "城市"]].tolist() == [CODE, "制造业", "北京市"]
    assert rows.loc["crm/3", ["代码", "行业", "城市"]].tolist() == [OTHER_CODE, "零售业", "杭州市"]


def test_what_is_there_stays(filled):
    rows, _ = filled
    assert rows.loc["crm/5", ["行业", "城市"]].tolist() == ["建筑业", "北京市"]
    assert rows["名称"].dropna().tolist() == ACCOUNT["名称"].dropna().tolist()


def test_an_ambiguous_key_fills_nothing(filled):
    rows, issues = filled
    assert rows.loc["crm/4", ["代码", "行业", "城市"]].isna().all()
    noted = issues[issues["_record"] == "crm/4"]
    assert noted[["column", "code", "severity", "before"]].to_numpy().tolist() == [
        ["名称", "fill.ambiguous", "warning", "戊己有限公司"]
    ]


def test_the_code_goes_before_the_name(filled):
    rows, issues = filled
    assert rows.loc["crm/7", "代码"] == OTHER_CODE
    assert issues[issues["_record"] == "crm/7"]["code"].tolist() == ["fill.reference"] * 2
    assert rows.loc["crm/7", ["行业", "城市"]].tolist() == ["零售业", "杭州市"]


def test_a_good_code_that_the_reference_lacks_contradicts_a_row_found_by_name(tmp_path):
    lone = ACCOUNT.iloc[[6]]
    tables = _tables(tmp_path, **{"account": lone, "registry.工商登记": REGISTRY.drop(index=1)})
    batch = _run(tables).tables["account"].function(tables["account"].frame())
    assert batch.rows["行业"].isna().all()
    assert [issue[4] for issue in batch.issues] == ["fill.conflict"]


def test_each_fill_names_its_source_row(filled):
    _, issues = filled
    issue = issues[(issues["_record"] == "crm/2") & (issues["column"] == "行业")].iloc[0]
    assert (issue["code"], issue["severity"], issue["after"]) == ("fill.reference", "info", "制造业")
    assert issue["rule"] == "registry.工商登记 工商登记.csv#工商登记!2"
    assert issue["confidence"] == "likely"
    assert issues[(issues["_record"] == "crm/1") & (issues["column"] == "行业")].iloc[0]["confidence"] == "certain"


def test_parts_of_the_own_value_fill_too(filled):
    rows, issues = filled
    assert rows.loc["crm/6", ["生日", "性别"]].tolist() == ["1949-12-31", "女"]
    assert set(issues[issues["_record"] == "crm/6"]["code"]) == {"fill.part"}


def test_every_filled_cell_is_an_issue_and_no_other(filled, tables):
    rows, issues = filled
    before = tables["account"].frame().set_index("_record").reindex(columns=rows.columns)
    changed = {
        (record, column)
        for column in rows
        for record in rows.index
        if pd.isna(before.loc[record, column]) and not pd.isna(rows.loc[record, column])
    }
    noted = issues[issues["severity"] == "info"]
    assert changed == set(zip(noted["_record"], noted["column"], strict=True))


def test_a_reference_given_on_its_own(tmp_path):
    tables = _tables(tmp_path, 客户=ACCOUNT, registry=REGISTRY)
    result = _run(tables, reference=("registry=工商登记.csv",), object="account")
    assert set(result.tables) == {"客户"}
    assert result.findings == []
    assert result.tables["客户"].function(tables["客户"].frame()).rows["行业"].tolist()[0] == "制造业"


def test_a_reference_that_is_not_here_is_a_finding(tmp_path):
    tables = _tables(tmp_path, account=ACCOUNT)
    result = _run(tables)
    assert [finding.params["name"] for finding in result.findings] == ["registry.工商登记"]
    batch = result.tables["account"].function(tables["account"].frame())
    assert {issue[4] for issue in batch.issues} == {"fill.part"}


def test_a_reference_without_the_column_is_an_error(tables):
    spec = ObjectStandard(fill=[Reference("registry.工商登记", [{"名称": "企业名"}], {"行业": "行业"})])
    with pytest.raises(ConfigurationError) as caught:
        _run(tables, spec)
    assert caught.value.code == "fill.no-column"


def test_tables_without_gaps_to_fill_pass_unchanged(tables):
    result = _run(tables, ObjectStandard(columns={"名称": ColumnStandard("company_name")}))
    assert result.tables["account"] is tables["account"]
    assert result.tables["registry.工商登记"] is tables["registry.工商登记"]


CALLED = pd.DataFrame({
    "_record": list("abcdef"), "_origin": [f"a!{number}" for number in range(6)],
    "电话": ["+8657188888888;ext=8", "+862155556666", "+8657188888888", "+864008123456", None, "+8657188888888"],
    "邮编": [None, None, None, None, "310012", "210000"],
    "省": [None, "上海市", "江苏省", None, None, None],
}, dtype="str")  # fmt: skip
REGIONS = ObjectStandard(
    columns={
        "电话": ColumnStandard("phone", parts={"省": "省", "市": "市"}),
        "邮编": ColumnStandard("postcode", parts={"省": "省"}),
        "省": ColumnStandard("division"),
        "市": ColumnStandard("division", options={"level": "city"}),
    }
)


def test_what_is_only_probable_is_proposed_and_never_filled_in(tmp_path):
    tables = _tables(tmp_path, account=CALLED)
    batch = _run(tables, REGIONS).tables["account"].function(tables["account"].frame())
    assert batch.rows["市"].isna().all()
    assert batch.rows["省"].fillna("").tolist() == CALLED["省"].fillna("").tolist()
    issues = pd.DataFrame(batch.issues, columns=ISSUE_COLUMNS)
    assert set(zip(issues["code"], issues["severity"], issues["confidence"], strict=True)) == {
        ("fill.suggested", "warning", "suggested")
    }
    assert issues[["_record", "column", "after", "rule"]].to_numpy().tolist() == [
        ["a", "省", "浙江省", "phone:电话"], ["a", "市", "杭州市", "phone:电话"], ["b", "市", "上海市", "phone:电话"],
        ["e", "省", "浙江省", "postcode:邮编"],
        ["f", "省", "浙江省", "phone:电话"], ["f", "市", "杭州市", "phone:电话"], ["f", "省", "江苏省", "postcode:邮编"],
    ]  # fmt: skip


POSTED = pd.DataFrame({
    "_record": list("abc"), "_origin": ["a!2", "a!3", "a!4"],
    "地址": ["文三路90号 邮编：310012", "中山路1号(210008)", "浙江省杭州市西湖区文三路90号 310012"],
    "邮编": [None, "310012", None], "省": [None, None, None],
}, dtype="str")  # fmt: skip
POSTCODES = ObjectStandard(
    columns={
        "地址": ColumnStandard("address", parts={"邮编": "邮编", "省": "省"}),
        "邮编": ColumnStandard("postcode", parts={"省": "省"}),
        "省": ColumnStandard("division"),
    }
)


def test_a_postcode_in_the_address_fills_its_column_which_then_suggests_the_province(tmp_path):
    tables = _tables(tmp_path, account=POSTED)
    batch = _run(tables, POSTCODES).tables["account"].function(tables["account"].frame())
    assert batch.rows["邮编"].tolist() == ["310012", "310012", "310012"]
    assert batch.rows["省"].fillna("").tolist() == ["", "", "浙江省"]
    issues = pd.DataFrame(batch.issues, columns=ISSUE_COLUMNS)
    assert issues[["_record", "column", "code", "after", "rule"]].to_numpy().tolist() == [
        ["a", "邮编", "fill.part", "310012", "address:地址"], ["a", "省", "fill.suggested", "浙江省", "postcode:邮编"],
        ["b", "省", "fill.suggested", "浙江省", "postcode:邮编"],  # what stands in the column goes before the address's 210008
        ["c", "邮编", "fill.part", "310012", "address:地址"], ["c", "省", "fill.part", "浙江省", "address:地址"],
    ]  # fmt: skip


def test_an_identity_number_fills_birth_date_sex_and_province(tmp_path):
    person = pd.DataFrame({"_record": ["a"], "_origin": ["a!2"], "证": ["11010519491231002X"]}, dtype="str")
    parts = {"出生日期": "生日", "性别": "性别", "省": "籍贯"}
    spec = ObjectStandard(columns={"证": ColumnStandard("resident_id", parts=parts)})
    tables = _tables(tmp_path, person=person)
    content = fill.function(Job(tables, FillOptions(DataStandard(1, {"person": spec})), "run", lambda rows: None))
    batch = content.tables["person"].function(person)
    assert batch.rows[["生日", "性别", "籍贯"]].to_numpy().tolist() == [["1949-12-31", "女", "北京市"]]
    assert {(issue[4], issue[9]) for issue in batch.issues} == {("fill.part", "resident_id:证")}
