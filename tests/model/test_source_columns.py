"""Target columns are explained by the columns that people know."""

from __future__ import annotations

from pathlib import Path

from crmmigrate.model.mapping import read_mapping
from crmmigrate.model.project import FeedSpec, RelationSpec
from crmmigrate.model.source_columns import columns_behind

MAPPING = """version: 1
object: contact
target: {table: contacts}
match: external_id
fields:
  external_id: _record
  account_id: {lookup: {object: account, missing: reject}, required: true}
  phone: {from: [手机, 电话], do: [first_non_empty]}
  active: {from: 状态, values: {在职: "true"}}
  origin: {const: 旧系统}
"""


def test_a_reference_to_the_parent_is_made_from_the_columns_that_name_it(tmp_path: Path) -> None:
    (tmp_path / "contact.crmmap.yaml").write_text(MAPPING, "utf-8")
    feeds = [
        FeedSpec("crm.联系人", relations={"account": RelationSpec("客户编号")}),
        FeedSpec("erp.contacts", columns={"客户名称": "单位"}, relations={"account": RelationSpec("单位", by="客户名称")}),
        FeedSpec("sales.表", relations={"account": RelationSpec(same_row=True)}),
    ]  # fmt: skip
    found = columns_behind([read_mapping(tmp_path / "contact.crmmap.yaml")], {"contact": feeds})
    assert found == {
        "contact": {"account_id": ("客户编号", "客户名称"), "phone": ("手机", "电话"), "active": ("状态",)}
    }
