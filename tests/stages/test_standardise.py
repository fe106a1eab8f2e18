"""Every column comes into its standard form, each change and doubt is an issue, and no row is lost."""

from __future__ import annotations

import pickle

import pandas as pd
import pytest

from crmmigrate.errors import ConfigurationError, Findings
from crmmigrate.messages import Message
from crmmigrate.model.project import Project
from crmmigrate.model.stage import Job
from crmmigrate.model.standard import FATES, ColumnStandard, DataStandard, ObjectStandard
from crmmigrate.model.table import Table, Tables
from crmmigrate.runner.tables import TableWriter
from crmmigrate.stages.standardise import StandardiseOptions, Standardiser, standardise
from crmmigrate.standards import check_standard

ACCOUNT = pd.DataFrame({
    "_record": ["crm/1", "crm/2", "crm/3", "crm/4"], "_origin": ["a!2", "a!3", "a!4", "a!5"],
    "名称": ["甲乙(北京)有限公司", "甲乙（北京）有限公司", "NA", None], "电话": ["13800138000", "1.38E+10", "N/A", "13800138000"],
    "地址": ["杭州市西湖区文三路1号", "西湖区文三路", None, "浙江省杭州市西湖区"], "省份": [None, None, "北京市", "杭州"], "级别": ["ａ", "x", "A", None],
}, dtype="str")  # fmt: skip
SPEC = ObjectStandard(
    columns={
        "名称": ColumnStandard("company_name", required=True),
        "电话": ColumnStandard("phone", options={"region": "CN"}),
        "地址": ColumnStandard("address", parts={"省": "省份", "市": "城市"}),
        "级别": ColumnStandard(values=["A", "B"]),
    }
)


@pytest.fixture
def tables(tmp_path):
    made = {}
    for name, frame in {"account": ACCOUNT, "other": ACCOUNT[["_record", "_origin", "电话"]]}.items():
        writer = TableWriter(name, tmp_path / f"{name}.parquet")
        writer.write(frame)
        made[name] = Table(name, writer.close().path)
    return Tables(made)


def _run(tables, options):
    return standardise.function(Job(tables, options, "run", lambda rows: None))


def _batch(tables, options=None, name="account"):
    content = _run(tables, options or StandardiseOptions(DataStandard(1, {"account": SPEC}))).tables[name]
    batch = pickle.loads(pickle.dumps(content.function))(tables[content.source].frame())
    return batch.rows, batch.issues.to_pandas()


def test_values_are_standard_and_no_row_is_lost(tables):
    rows, _ = _batch(tables)
    assert rows["_record"].tolist() == ["crm/1", "crm/2", "crm/3", "crm/4"]
    assert rows["名称"].tolist()[:3] == ["甲乙（北京）有限公司", "甲乙（北京）有限公司", "NA"]
    assert rows["电话"].fillna("").tolist() == ["+8613800138000", "1.38E+10", "", "+8613800138000"]
    assert rows["级别"].fillna("").tolist() == ["A", "x", "A", ""]
    assert all(str(dtype) == "str" for dtype in rows.dtypes)


def test_parts_fill_what_is_empty_and_only_that(tables):
    rows, issues = _batch(tables)
    assert rows["省份"].fillna("").tolist() == ["浙江省", "", "北京市", "杭州"]
    assert rows["城市"].fillna("").tolist() == ["杭州市", "", "", "杭州市"]
    filled = issues[issues["code"] == "standard.part"]
    assert sorted(filled[["_record", "column", "after", "rule"]].to_numpy().tolist()) == [
        ["crm/1", "城市", "杭州市", "address:地址"],
        ["crm/1", "省份", "浙江省", "address:地址"],
        ["crm/4", "城市", "杭州市", "address:地址"],
    ]


def test_every_change_and_every_doubt_is_an_issue(tables):
    rows, issues = _batch(tables)
    source = tables["account"].frame()
    for column in SPEC.columns:
        changed = {
            record
            for record, before, after in zip(source["_record"], source[column], rows[column], strict=True)
            if not (pd.isna(before) and pd.isna(after)) and before != after
        }
        assert changed <= set(issues[issues["column"] == column]["_record"]), column
    doubt = issues[(issues["_record"] == "crm/2") & (issues["column"] == "电话")].iloc[0]
    assert (doubt["code"], doubt["severity"], doubt["before"], doubt["rule"], doubt["confidence"]) == (
        "phone.float-damaged", "error", "1.38E+10", "phone", "suggested",
    )  # fmt: skip
    assert (doubt["table"], doubt["_origin"]) == ("account", "a!3")
    open_ = issues[(issues["_record"] == "crm/2") & (issues["column"] == "地址")].iloc[0]
    assert open_["after"] == "浙江省杭州市西湖区 | 江西省南昌市西湖区"


def test_what_became_of_the_cells_is_counted(tables):
    content = _run(tables, StandardiseOptions(DataStandard(1, {"account": SPEC}))).tables["account"]
    figures = content.function(ACCOUNT).columns
    none = dict.fromkeys(FATES, 0)
    assert figures["名称"] == none | {"right": 2, "mended": 1}
    assert figures["电话"] == none | {"mended": 2, "emptied": 1, "unusable": 1}
    assert figures["级别"] == none | {"right": 1, "mended": 1, "unusable": 1}


def test_clean_rows_make_no_issues(tables):
    rows, _ = _batch(tables)
    again = Standardiser("account", SPEC)(rows)
    noted = set(again.issues.column("code").to_pylist())
    assert noted == {"phone.float-damaged", "address.ambiguous", "enum.unknown"}


def test_tables_without_a_standard_pass_unchanged(tables):
    result = _run(tables, StandardiseOptions(DataStandard(1, {"account": SPEC})))
    assert result.tables["other"] is tables["other"]
    assert result.facts["objects"]["account"] == {"rows": 4, "columns": 4, "cells": 16}


def test_columns_on_the_command_line(tables):
    only = Tables({"account": tables["account"]})
    rows, issues = _batch(only, StandardiseOptions(column=("电话=phone", "名称=company_name")))
    assert rows["电话"].tolist()[0] == "+8613800138000"
    assert set(issues["column"]) == {"电话", "名称"}


def test_a_missing_column_is_a_finding(tables):
    spec = ObjectStandard(columns={"电话": ColumnStandard("phone"), "邮箱": ColumnStandard("email")})
    result = _run(tables, StandardiseOptions(DataStandard(1, {"account": spec})))
    assert [finding.params["columns"] for finding in result.findings] == ["邮箱"]


def test_no_column_at_all_is_an_error_with_the_nearest(tables):
    spec = ObjectStandard(columns={"公司名称": ColumnStandard("company_name")})
    with pytest.raises(ConfigurationError) as caught:
        _run(tables, StandardiseOptions(DataStandard(1, {"account": spec})))
    assert caught.value.code == "standard.no-column"
    assert caught.value.hint == Message("did you mean '{name}'?", name="名称")


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (StandardiseOptions(), "standard.none"),
        (StandardiseOptions(column=("电话",)), "standard.column-option"),
        (StandardiseOptions(column=("电话=fone",)), "standard.unknown"),
        (StandardiseOptions(DataStandard(1, {"account": SPEC}), object="acount"), "standard.unknown-object"),
    ],
)
def test_usage_errors(tables, options, code):
    with pytest.raises(ConfigurationError) as caught:
        _run(tables, options)
    assert caught.value.code == code


def test_a_single_table_takes_the_only_object_or_the_one_asked_for(tables):
    alone = Tables({"客户": tables["account"]})
    one = StandardiseOptions(DataStandard(1, {"account": SPEC}))
    assert isinstance(_run(alone, one).tables["客户"].function, Standardiser)
    two = DataStandard(1, {"account": SPEC, "contact": ObjectStandard(columns={"姓名": ColumnStandard("person_name")})})
    with pytest.raises(ConfigurationError, match=r"standard\.which-object"):
        _run(alone, StandardiseOptions(two))
    assert isinstance(_run(alone, StandardiseOptions(two, object="account")).tables["客户"].function, Standardiser)


def test_from_project_reads_the_standard(tmp_path):
    (tmp_path / "standard.yaml").write_text(
        "version: 1\nobjects: {account: {columns: {电话: {standard: phone, region: HK}}}}\n", encoding="utf-8"
    )
    options = StandardiseOptions.from_project(Project(1, {}, standard="standard.yaml", folder=tmp_path))
    assert options.standard.objects["account"].columns["电话"].options == {"region": "HK"}


def _one_column(tmp_path, values, spec):
    frame = pd.DataFrame(
        {"_record": [f"crm/{n}" for n in range(len(values))], "_origin": "a", "列": values}, dtype="str"
    )
    writer = TableWriter("account", tmp_path / "one.parquet")
    writer.write(frame)
    only = Tables({"account": Table("account", writer.close().path)})
    options = StandardiseOptions(DataStandard(1, {"account": ObjectStandard(columns={"列": spec})}))
    return (*_batch(only, options), _run(only, options))


def test_a_column_that_proves_its_order_of_day_and_month_is_read_in_it(tmp_path):
    proof = ["13/01/2023", "25/02/2023", "31/03/2023"]
    rows, issues, result = _one_column(tmp_path, [*proof, "05/01/2023"], ColumnStandard("date"))
    assert rows["列"].tolist()[-1] == "2023-01-05"
    assert issues.iloc[-1][["code", "confidence"]].tolist() == ["date.order", "likely"]
    assert result.facts["learned"] == {"account": {"列": {"order": "dmy"}}}
    rows, issues, result = _one_column(tmp_path, [*proof[:2], "05/01/2023"], ColumnStandard("date"))
    assert rows["列"].tolist()[-1] == "05/01/2023"
    assert "learned" not in result.facts


def test_an_order_that_is_given_is_not_overruled(tmp_path):
    spec = ColumnStandard("date", options={"order": "mdy"})
    rows, _, _ = _one_column(tmp_path, ["13/01/2023", "25/02/2023", "31/03/2023", "05/01/2023"], spec)
    assert rows["列"].tolist()[-1] == "2023-05-01"


def test_a_column_may_take_only_certain_changes(tmp_path):
    values = ["13800138OOO", "138-0013-8000"]
    rows, _, _ = _one_column(tmp_path, values, ColumnStandard("phone"))
    assert rows["列"].tolist() == ["+8613800138000", "+8613800138000"]
    rows, issues, _ = _one_column(tmp_path, values, ColumnStandard("phone", apply="certain"))
    assert rows["列"].tolist() == ["13800138OOO", "+8613800138000"]
    held = issues[issues["code"] == "standard.withheld"].iloc[0]
    assert (held["before"], held["after"], held["confidence"]) == ("13800138OOO", "+8613800138000", "suggested")
    assert held["severity"] == "warning"
    spec = ColumnStandard("phone", apply="certain", required=True)
    rows, issues, _ = _one_column(tmp_path, values, spec)
    held = issues[issues["code"] == "standard.withheld"].iloc[0]
    assert (held["severity"], rows["列"].tolist()[0]) == ("error", "13800138OOO")


def test_the_confidence_a_column_takes_is_read_from_the_standard(tmp_path):
    path = tmp_path / "standard.yaml"
    path.write_text(
        "version: 1\nobjects: {account: {columns: {电话: {standard: phone, apply: certain}}}}\n", encoding="utf-8"
    )
    assert check_standard(path).objects["account"].columns["电话"].apply == "certain"
    path.write_text(
        "version: 1\nobjects: {account: {columns: {电话: {standard: phone, apply: always}}}}\n", encoding="utf-8"
    )
    with pytest.raises(Findings):
        check_standard(path)


PLACES = pd.DataFrame({
    "_record": [f"crm/{i}" for i in range(8)], "_origin": [f"a!{i}" for i in range(8)],
    "电话": ["87654321", "87654321", "87654321", "7654321", "0571-87654321", "13800138000", None, "87654321转801"],
    "城市": ["杭州", "上海市", None, "杭州市", "北京市", "上海", "上海", "南京"],
    "地址": [None, None, "浙江省宁波市海曙区中山西路1号", None, None, None, None, None],
}, dtype="str")  # fmt: skip
PHONE_OF_PLACE = ColumnStandard("phone", options={"area_from": ["城市", "地址"]})


def _with_places(tmp_path, columns, frame=PLACES):
    writer = TableWriter("account", tmp_path / "account.parquet")
    writer.write(frame)
    tables = Tables({"account": Table("account", writer.close().path)})
    options = StandardiseOptions(DataStandard(1, {"account": ObjectStandard(columns=columns)}))
    return *_batch(tables, options), _run(tables, options)


def test_the_area_code_is_that_of_the_place_in_the_row_where_asked_for(tmp_path):
    city = ColumnStandard("division", options={"level": "city"})
    rows, issues, result = _with_places(tmp_path, {"电话": PHONE_OF_PLACE, "城市": city})
    assert rows["电话"].fillna("").tolist() == [
        "+8657187654321", "+862187654321", "+8657487654321", "7654321", "+8657187654321", "+8613800138000", "", "+862587654321;ext=801",
    ]  # fmt: skip
    told = issues[(issues["column"] == "电话") & (issues["code"] == "phone.area-of-row")]
    assert told["_record"].tolist() == ["crm/0", "crm/1", "crm/2", "crm/7"]
    assert set(told["confidence"]) == {"likely"}
    assert told["before"].tolist()[0] == "87654321"
    assert rows["城市"].tolist()[0] == "杭州市"
    assert not result.findings


def test_without_being_asked_a_local_number_stays_local(tmp_path):
    rows, _, _ = _with_places(tmp_path, {"电话": ColumnStandard("phone")})
    assert rows["电话"].fillna("").tolist()[:4] == ["87654321", "87654321", "87654321", "7654321"]


def test_the_area_code_of_the_place_is_left_to_people_where_only_certain_changes_are_made(tmp_path):
    spec = ColumnStandard("phone", apply="certain", options={"area_from": "城市"})
    rows, issues, _ = _with_places(tmp_path, {"电话": spec})
    assert rows["电话"].tolist()[0] == "87654321"
    held = issues[(issues["code"] == "standard.withheld") & (issues["_record"] == "crm/0")].iloc[0]
    assert (held["before"], held["after"]) == ("87654321", "+8657187654321")


def test_a_column_to_read_with_that_is_not_there_is_a_finding(tmp_path):
    spec = ColumnStandard("phone", options={"area_from": ["城市", "所在地"]})
    _, _, result = _with_places(tmp_path, {"电话": spec})
    assert [finding.params["other"] for finding in result.findings] == ["所在地"]


def test_an_option_that_only_the_row_gives_cannot_be_written(tmp_path):
    with pytest.raises(ConfigurationError) as caught:
        _with_places(tmp_path, {"电话": ColumnStandard("phone", options={"area_of_row": "571"})})
    assert caught.value.code == "standard.unknown-option"
