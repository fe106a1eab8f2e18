"""Names in the objects of a migration.yaml that its sources do not have are told before a row is read, each with its place."""

from __future__ import annotations

import pytest
from tests.runner.small_migration import lay_out, opened

from crmmigrate.checks.feed_names import check_feeds
from crmmigrate.errors import Findings
from crmmigrate.model.project import FeedSpec, RelationSpec, read_project

COLUMNS = {
    "crm.客户": ("编号", "名称", "有效"),
    "crm.旧客户": ("编号", "简称"),
    "crm.联系人": ("号", "编号", "姓名", "客户"),
}  # fmt: skip

TEXT = """version: 1
sources: {crm: in/}
objects:
  account:
  - {table: crm.客户, key: 编号}
  contact:
  - table: crm.联系人
"""


def told(tmp_path, text: str) -> list[str]:
    """Return `line:column code → hint` of every mistake."""
    file = tmp_path / "migration.yaml"
    file.write_text(text, encoding="utf-8")
    project = read_project(file)
    try:
        check_feeds(project.objects, COLUMNS, project.written_in)
    except Findings as found:
        return [
            f"{error.place.removeprefix(f'{file}:')} {error.code} {error.hint.text('en').split(';')[0] if error.hint else ''}"
            for error in found.errors
        ]
    return []


COLUMNS_OF_CONTACT = "consolidate.no-column there are: 号, 编号, 姓名, 客户"


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("    key: 号\n    columns: {电话: 手机, 名字: 姓名}\n", [f"9:19 {COLUMNS_OF_CONTACT}"]),
        ("    key: 号码\n    when: 在职\n", ["8:10 consolidate.no-column did you mean '号'?", f"9:11 {COLUMNS_OF_CONTACT}"]),
        ("    each: {column: 标签}\n", [f"8:20 {COLUMNS_OF_CONTACT}"]),
        ("    group: [姓名, 手机]\n    combine: {号: sum, 次数: sum}\n", [f"8:17 {COLUMNS_OF_CONTACT}", f"9:23 {COLUMNS_OF_CONTACT}"]),
        ("    columns: {行: _origin}\n", []),
        ("    key: _record\n", [f"8:10 {COLUMNS_OF_CONTACT}"]),
        ("    relations: {account: 客户号}\n", ["8:26 consolidate.no-column did you mean '客户'?"]),
        ("    relations: {account: {column: 客户, by: 名称}}\n", []),
        ("    relations: {account: {column: 客户, by: 简称}}\n", ["8:43 consolidate.no-column there are: 编号, 名称, 有效"]),
        ("    relations: {account: {column: 客户, by: 名称, table: crm.客卢}}\n", ["8:54 consolidate.no-table did you mean 'crm.客户'?"]),
        ("    relations: {account: {column: 客户, table: erp.客户}}\n", ["8:46 consolidate.no-table there are: crm.客户, crm.旧客户, crm.联系人"]),
        ("    relations: {account: {column: 客户, table: crm.旧客户}}\n", []),
        ("  visit: [crm.拜访, crm.联糸人]\n", [
            "8:11 consolidate.no-table there are: crm.客户, crm.旧客户, crm.联系人", "8:19 consolidate.no-table did you mean 'crm.联系人'?",
        ]),
        ("  visit: {table: 'crm.*客户', columns: {名称: 简称}}\n", ["8:43 consolidate.no-column there are: 编号, 名称, 有效"]),
    ],
)  # fmt: skip
def test_each_name_that_no_source_has_is_told_with_its_place(tmp_path, lines, expected):
    assert told(tmp_path, TEXT + lines) == expected


def test_a_parent_without_a_key_is_told_where_it_is_named(tmp_path):
    text = TEXT.replace(", key: 编号", "") + "    relations: {account: 客户}\n"
    assert told(tmp_path, text) == ["8:17 consolidate.no-key add 'key: COLUMN' to its entry under 'objects'"]


@pytest.mark.parametrize(
    "row",
    [("1", "张三丰", "13800138001"), ("张三丰", "zhangsf@feiyan.cn"), ("张三丰", "杭州市文三路12号"), ("10023", "张三丰"), ("张三丰", "2024-01-05")],
)  # fmt: skip
def test_what_stands_in_a_wrong_header_row_is_not_shown(row):
    objects = {
        "account": (FeedSpec("crm.客户", key="客户编号"),),
        "contact": (FeedSpec("crm.客户", relations={"account": RelationSpec(row[0], by="名称")}),),
    }
    with pytest.raises(Findings) as caught:
        check_feeds(objects, {"crm.客户": row})
    assert len(caught.value.errors) == 2
    for error in caught.value.errors:
        assert "张三丰" not in str(error.hint), "it is a customer"
        assert "layout" in str(error.hint)


def test_names_are_told_before_a_row_is_read(tmp_path):
    folder = lay_out(tmp_path)
    file = folder / "migration.yaml"
    file.write_text(
        file.read_text("utf-8").replace("crm.客户, key: 编号", "crm.客户, key: 编号, columns: {名称: 名号}"),
        encoding="utf-8",
    )
    pipeline = opened(folder)
    with pytest.raises(Findings) as caught:
        pipeline.run(last="extract")
    assert caught.value.place == f"{file}:8:52"
    assert not list((folder / "work").rglob("*.parquet"))
    assert not pipeline.steps


def test_names_changed_after_the_sources_were_read_have_their_place_too(tmp_path):
    folder = lay_out(tmp_path)
    opened(folder).run(last="extract")
    file = folder / "migration.yaml"
    file.write_text(file.read_text("utf-8").replace("{account: 编号}", "{account: 客户}"), encoding="utf-8")
    pipeline = opened(folder)
    with pytest.raises(Findings) as caught:
        pipeline.run(last="consolidate")
    assert [step.reused for step in pipeline.steps] == [True, False], "what was read is taken"
    assert caught.value.place == f"{file}:9:62"
