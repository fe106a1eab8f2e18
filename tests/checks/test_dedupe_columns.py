"""Columns by which duplicates are found: what is told where a table lacks them."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from crmmigrate.errors import ConfigurationError, Findings
from crmmigrate.model.dedupe import ColumnRule, DedupeRules
from crmmigrate.model.stage import Job, StageResult
from crmmigrate.model.table import Tables
from crmmigrate.runner.tables import TableWriter
from crmmigrate.stages.dedupe import DedupeOptions, _read_rules, dedupe


def result(folder: Path, options: DedupeOptions, **tables: list[str]) -> StageResult:
    """Run the stage over tables of one row with these columns."""
    made = {}
    for name, columns in tables.items():
        writer = TableWriter(name, folder / f"{name}.parquet")
        values = [f"{name}/1", "x!1", *(["13912345678"] * len(columns))]
        writer.write(pd.DataFrame([values], columns=["_record", "_origin", *columns], dtype="str"))
        made[name] = writer.close()
    return dedupe.function(Job(Tables(made), options, "r", lambda rows: None))


@pytest.mark.parametrize(
    ("columns", "kind", "example"),
    [(["姓", "手机"], None, "{version: 1, object: contact, columns: {full_name: […, …], mobile: …}}"),
     (["First Name", "Phone"], None, "{version: 1, object: contact, columns: {full_name: […, …], mobile: …}}"),
     (["编号", "手机"], "contact", "{version: 1, object: contact, columns: {full_name: […, …], mobile: …}}"),
     (["姓", "手机"], "account", "{version: 1, object: account, columns: {name: …, phone: …}}"),
     (["编号", "手机"], None, "{version: 1, object: account, columns: {name: …, phone: …}}")],
)  # fmt: skip
def test_a_table_without_names_is_refused_with_an_example_for_what_it_holds(tmp_path, columns, kind, example):
    with pytest.raises(ConfigurationError) as error:
        result(tmp_path, DedupeOptions(object=kind), 表=columns)
    assert error.value.code == "dedupe.no-columns"
    for language in ("en", "zh"):
        said = error.value.text(language)
        assert example in said
        assert ", ".join(columns) in said
        assert ({"en": "surname and given name", "zh": "姓、名"}[language] in said) == ("contact" in example)


def rules(**columns: str | tuple[str, ...]) -> DedupeOptions:
    """Return rules of people for these roles."""
    found = {role: ColumnRule((named,) if isinstance(named, str) else named) for role, named in columns.items()}
    return DedupeOptions((DedupeRules(1, "contact", found),))


def told(found: StageResult, language: str = "en") -> tuple[list[str], list[str]]:
    return [one.text(language) for one in found.findings], [one.text(language) for one in found.notes]


def test_roles_without_any_column_are_a_finding_with_the_nearest_header(tmp_path):
    found = result(
        tmp_path, rules(name="姓名", mobile="Mobil", email=("Post", "邮箱")), contact=["姓名", "Mobile", "备注"]
    )
    assert told(found) == (
        ["contact: roles not compared, because the table has none of their columns: Mobil (mobile: did you mean 'Mobile'?); Post (email); 邮箱 (email)"],
        [],
    )  # fmt: skip
    assert told(found, "zh")[0] == [
        "contact：以下角色没有比对，因为该表没有它们的任何一列：Mobil（mobile：是不是“Mobile”？）；Post (email)；邮箱 (email)"
    ]


def test_a_role_with_some_of_its_columns_is_a_note_in_one_line(tmp_path):
    options = rules(name="姓名", mobile=("手机", "移动电话"), address=("省份", "城市", "地址"))
    found = result(tmp_path, options, contact=["姓名", "手机", "省", "地址"])
    assert told(found) == (
        [],
        ["contact: columns that the table lacks, whose roles are compared by their other columns: 移动电话 (mobile); 省份 (address: did you mean '省'?); 城市 (address)"],
    )  # fmt: skip
    assert told(found, "zh")[1] == [
        "contact：该表缺少以下列，其角色按其余的列比对：移动电话 (mobile)；省份（address：是不是“省”？）；城市 (address)"
    ]


@pytest.mark.parametrize("role", ["full_name", "given_surname"])
def test_half_of_a_name_in_two_columns_is_a_finding(tmp_path, role):
    found = result(tmp_path, rules(**{role: ("Last Name", "Frist Name")}), contact=["Last Name", "First Name"])
    assert told(found) == (
        [f"contact: names in two columns are compared by one of them alone, because the table lacks the other: Frist Name ({role}: did you mean 'First Name'?)"],
        [],
    )  # fmt: skip


def test_a_header_that_another_role_names_is_not_meant(tmp_path):
    found = result(tmp_path, rules(name="姓名", mobile="电话", landline="电话2"), contact=["姓名", "电话"])
    assert told(found)[0][0].endswith(": 电话2 (landline)")


def test_a_column_of_the_records_in_the_crm_is_there(tmp_path):
    own = rules(name="姓名", mobile=("手机", "Mobile"), email="Email")
    options = DedupeOptions(own.rules, existing="crm.csv")
    found = result(tmp_path, options, contact=["姓名", "手机"], existing=["姓名", "Mobile", "Email"])
    assert told(found) == (
        ["contact: roles not compared, because the table has none of their columns: Email (email)"],
        [],
    )


def test_nothing_is_told_where_all_is_there(tmp_path):
    assert told(result(tmp_path, rules(name="姓名", mobile="手机"), contact=["姓名", "手机"])) == ([], [])


def test_a_table_with_none_of_the_columns_is_refused(tmp_path):
    with pytest.raises(ConfigurationError) as error:
        result(tmp_path, rules(name="姓名", mobile="手机"), contact=["客户", "电话"])
    assert error.value.code == "dedupe.no-columns"
    assert "客户, 电话" in error.value.text()


RULES = """version: 1
object: contact
key: 编号
columns: {name: 姓名, mobile: 手机}
updated: 更新时间
verified: 核实
survivorship: {default: most_complete, 手机: newest, mobile: union, 电子邮相: longest}
"""


def test_columns_that_are_named_beside_the_roles_and_are_not_there_are_told_with_their_place(tmp_path):
    path = tmp_path / "r.yaml"
    path.write_text(RULES, "utf-8")
    read = _read_rules(path)
    found, _ = told(result(tmp_path, DedupeOptions((read,)), contact=["会员编号", "姓名", "手机", "电子邮箱"]))
    assert [one.removeprefix(str(path)) for one in found] == [
        ":3:6: 'key' names the column '编号', which the table lacks, so that no record has a key in the crosswalk and the review workbook; did you mean '会员编号'?",
        ":5:10: 'updated' names the column '更新时间', which the table lacks, so that which value is the newest cannot be told; there are: 会员编号, 姓名, 手机, 电子邮箱",
        ":6:11: 'verified' names the column '核实', which the table lacks, so that which record is verified cannot be told; there are: 会员编号, 姓名, 手机, 电子邮箱",
        ":7:52: 'survivorship' names the column 'mobile', which the table lacks, so that the policy 'union' has no effect; that is a role; its columns are: 手机",
        ":7:67: 'survivorship' names the column '电子邮相', which the table lacks, so that the policy 'longest' has no effect; did you mean '电子邮箱'?",
    ]  # fmt: skip
    there = ["编号", "姓名", "手机", "更新时间", "核实", "mobile", "电子邮相"]
    for options, tables in (
        (DedupeOptions((read,)), {"contact": there}),
        (DedupeOptions((read,), existing="b"), {"contact": there[:3], "existing": there}),
    ):
        assert not [one for one in told(result(tmp_path, options, **tables))[0] if "the table lacks" in one]


def test_rules_and_another_object_contradict_each_other(tmp_path):
    path = tmp_path / "r.yaml"
    path.write_text(RULES, "utf-8")
    read = _read_rules(path)
    with pytest.raises(ConfigurationError) as error:
        result(tmp_path, DedupeOptions((read,), object="account"), contact=["姓名", "手机"])
    assert error.value.code == "dedupe.another-object"
    assert error.value.place == f"{path}:2:9"
    result(tmp_path, DedupeOptions((read,), object="contact"), contact=["姓名", "手机"])


def test_an_order_of_sources_needs_sources(tmp_path):
    path = tmp_path / "r.yaml"
    path.write_text(
        "version: 1\nobject: contact\ncolumns: {name: 姓名}\nsurvivorship: {手机: source_priority}\n", "utf-8"
    )
    with pytest.raises(Findings) as error:
        _read_rules(path)
    (one,) = error.value.errors
    assert (one.code, one.place) == ("dedupe.survivorship", f"{path}:4:20")
    assert "'sources'" in one.text("en")
