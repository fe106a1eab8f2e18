"""New records beside those of a CRM that calls its columns otherwise."""

from __future__ import annotations

import pandas as pd
import pytest

from crmmigrate.errors import ConfigurationError
from crmmigrate.model.stage import Job
from crmmigrate.model.table import Tables
from crmmigrate.runner.tables import Materialiser, TableWriter
from crmmigrate.stages.dedupe import DedupeOptions, dedupe

NEW = pd.DataFrame(
    {
        "_record": ["new/1", "new/2"],
        "_origin": ["new.csv!1", "new.csv!2"],
        "客户全称": ["上海远成机械有限公司", "杭州明德食品有限公司"],
        "联系电话": ["13800138011", "13911112222"],
        "税号": ["91310115MA1K3ABC1X", None],
        "登记日期": ["急", None],
    },
    dtype="str",
)  # fmt: skip
CRM = pd.DataFrame(
    {
        "_record": ["crm/1", "crm/2"],
        "_origin": ["crm.csv!1", "crm.csv!2"],
        "客户名称": ["上海远成机械有限公司", "苏州天工纺织有限公司"],
        "电话": ["138-0013-8011", "13555556666"],
        "官网": ["yuancheng.com", None],
    },
    dtype="str",
)  # fmt: skip


def ran(folder, crm):
    made = {}
    for name, frame in (("account", NEW), ("existing", crm)):
        writer = TableWriter(name, folder / f"{name}.parquet")
        writer.write(frame)
        made[name] = writer.close()
    tables = Tables(made)
    result = dedupe.function(Job(tables, DedupeOptions(object="account", existing="crm.csv"), "r", lambda rows: None))
    writer = Materialiser(tables, lambda name: folder / f"{name}-out.parquet", lambda rows: None)
    return result, writer.write("account", result.tables["account"]).frame().set_index("_record")


def test_other_headers_are_compared_and_every_value_keeps_its_column(tmp_path):
    _, golden = ran(tmp_path, CRM)
    assert sorted(golden.index) == ["crm/1", "crm/2", "new/2"]
    one = golden.loc["crm/1"]
    assert (one["客户名称"], one["电话"], one["官网"]) == ("上海远成机械有限公司", "138-0013-8011", "yuancheng.com")
    assert (one["客户全称"], one["联系电话"], one["税号"], one["登记日期"]) == (
        "上海远成机械有限公司", "13800138011", "91310115MA1K3ABC1X", "急",
    )  # fmt: skip
    assert golden.loc["new/2", "客户全称"] == "杭州明德食品有限公司"
    assert pd.isna(golden.loc["new/2", "客户名称"])


def test_it_is_told_what_is_compared_in_which_table(tmp_path):
    result, _ = ran(tmp_path, CRM)
    assert [str(note) for note in result.notes[:2]] == [
        "account: compared: 客户全称 (name), 税号 (credit_code), 联系电话 (phone); not compared: 登记日期 (--rules FILE says otherwise)",
        "account: compared with, in --existing: 客户名称 (name), 电话 (phone)",
    ]
    told = [str(note) for note in result.notes]
    assert "account: not compared with --existing, where no column is found for it: 税号 (credit_code)" in told
    assert "account: not compared, because only --existing has it: 官网 (website)" in told


def test_a_table_of_the_crm_without_any_such_column_is_refused(tmp_path):
    with pytest.raises(ConfigurationError) as error:
        ran(tmp_path, CRM[["_record", "_origin", "官网"]])
    assert error.value.code == "dedupe.no-columns"


def test_of_the_same_headers_it_is_told_once(tmp_path):
    result, _ = ran(tmp_path, NEW.assign(_record=["crm/1", "crm/2"]))
    assert [str(note)[:18] for note in result.notes].count("account: compared:") == 1
    assert not any("--existing:" in str(note) for note in result.notes)
