"""Two versions of a mapping file, compared by what they mean; rows counted by the code of the stage map."""

from __future__ import annotations

import shutil
from pathlib import Path

import pandas as pd
import pytest

from crmmigrate.checks.difference import compare
from crmmigrate.messages import speak
from crmmigrate.model.mapping import read_mapping
from crmmigrate.model.table import Table
from crmmigrate.runner.comparing import count_rows

PACK = Path(__file__).parents[2] / "mappings" / "b2b"
ACCOUNT = (PACK / "account.crmmap.yaml").read_text(encoding="utf-8")


@pytest.fixture
def versions(tmp_path):
    """Return what gives the shipped file and an edited copy of it, each with its value maps."""
    for name in ("old", "new"):
        shutil.copytree(PACK, tmp_path / name)

    def both(*edits: tuple[str, str]):
        text = ACCOUNT
        for before, after in edits:
            assert text.count(before) >= 1, before
            text = text.replace(before, after, 1)
        (tmp_path / "new" / "account.crmmap.yaml").write_text(text, encoding="utf-8")
        return read_mapping(tmp_path / "old" / "account.crmmap.yaml"), read_mapping(
            tmp_path / "new" / "account.crmmap.yaml"
        )

    return both


@pytest.mark.parametrize(
    ("before", "after", "kind", "subject", "risky", "said"),
    [
        ("  website: {from: 网址, do: [{truncate: 255}]}\n", "", "removed", "website", True, "no longer filled; it came from 网址"),
        ("city: {from: 城市}", "city: {from: 城市}\n  fax: {from: 传真}", "added", "fax", False, "is filled, from 传真"),
        ("city: {from: 城市}", "town: {from: 城市}", "changed", "town", True, "what went to 'city' goes to 'town' now"),
        ("number: {from: 客户编号}", "number: {from: 编号}", "changed", "number", True, "comes from 编号, no longer from 客户编号"),
        ("do: [upper]", "do: [upper, trim]", "changed", "credit_code", True, "its steps are upper › trim, no longer upper"),
        ("小型: small", "小型: medium", "changed", "company_size", True, "1 values mean something else: 小型: small → medium"),
        ("小型: small, ", "", "removed", "company_size", True, "1 values are no longer mapped: 小型 → small"),
        ("小型: small", "小型: small, 小微: micro", "added", "company_size", False, "1 values are mapped now: 小微 → micro"),
        ("大型: large}\n    unmapped: blank", "大型: large}\n    unmapped: reject", "changed", "company_size", True, "blank → reject"),
        ("city: {from: 城市}", "city: {from: 城市, default: 不详}", "changed", "city", True, "不详 is taken, no longer –"),
        ("city: {from: 城市}", "city: {from: 城市, required: true}", "changed", "city", True, "is required"),
        ("do: [trim], required: true}", "do: [trim]}", "changed", "name", True, "is no longer required"),
        ("disabled: {from: 停用, do: [bool], on_error: blank}", "disabled: {from: 停用, do: [bool], on_error: keep}", "changed", "disabled", True, "blank → keep"),
        ("by: 姓名, follow", "by: 工号, follow", "changed", "owner_id", True, "lookup, by: 姓名 → 工号"),
        ("active: {状态: 在职}, missing: blank}", "active: {状态: 在职}, missing: reject}", "changed", "owner_id", True, "lookup, missing: blank → reject"),
        ("policy: fill_empty", "policy: overwrite", "changed", "write", True, "'overwrite', no longer by 'fill_empty'"),
        ("on: [external_id]", "on: [number]", "changed", "match", True, "matched on number, no longer on external_id"),
        ("mode: upsert", "mode: insert", "changed", "write", True, "'insert', no longer by 'upsert'"),
        ("target: {table: accounts}", "target: {table: clients}", "changed", "target", True, "accounts → clients"),
        ("  - NOTE\n", "", "removed", "ignore", False, "no longer left out: NOTE"),
        ("owner: 销售运营部", "owner: 市场部", "changed", "owner", False, "销售运营部 → 市场部"),
        ("  - given: {_record: crm/客户/C2, 客户编号: C2}\n    rejects: map.required\n", "", "changed", "tests", True, "tests: 3 → 2"),
    ],
)  # fmt: skip
def test_every_kind_of_change_is_said_once_with_its_risk_and_place(before, after, kind, subject, risky, said, versions):
    found = compare(*versions((before, after)))
    assert [(one.kind, one.subject, one.risk is not None) for one in found] == [(kind, subject, risky)]
    assert said in found[0].message.text("en")
    file, line, _ = found[0].place.rsplit(":", 2)
    assert int(line) > 1
    assert Path(file).exists()
    speak("zh")
    assert found[0].message.text("zh") != found[0].message.text("en")


def test_layout_comments_order_of_keys_and_inline_or_csv_mean_nothing(versions, tmp_path):
    (tmp_path / "new" / "lists" / "size.csv").write_text(
        "source,target\n大型,large\n微型,micro\n小型,small\n中型,medium\n", encoding="utf-8"
    )
    old, new = versions(
        (
            "values: {微型: micro, 小型: small, 中型: medium, 大型: large}",
            "values: lists/size.csv  # in a list of its own",
        ),
        ("province: {from: 省份}", "province:\n    from: [省份]"),
        ("# Customers", "# Our customers"),
    )
    assert compare(old, new) == []
    assert compare(old, old) == []


def test_a_changed_csv_of_values_is_a_change_of_the_mapping(versions, tmp_path):
    path = tmp_path / "new" / "lists" / "industry_code.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("制造业,C", "制造业,D"), encoding="utf-8")
    (only,) = compare(*versions())
    assert "制造业: C → D" in only.message.text("en")


def test_rows_are_counted_column_by_column_and_all_together(versions, tmp_path):
    frame = pd.DataFrame(
        {
            "_record": [f"r/{n}" for n in range(6)], "_origin": [f"f!{n}" for n in range(6)], "客户编号": ["1", "2", "3", "4", "5", "6"],
            "客户名称": ["a", "b", None, "d", "e", "f"], "规模": ["小型", "小型", "中型", "小微", None, "大型"], "网址": ["x", None, None, None, None, "y"],
            "城市": ["杭州", None, "上海", "北京", "深圳", None], "负责人": ["甲", None, None, None, None, None],
        },
        dtype="str",
    )  # fmt: skip
    path = tmp_path / "account.parquet"
    frame.to_parquet(path)
    old, new = versions(
        ("小型: small", "小型: medium, 小微: small"), ("  website: {from: 网址, do: [{truncate: 255}]}\n", ""),
        ("city: {from: 城市}", "city: {from: 城市, required: true}"), ("by: 姓名, follow", "by: 工号, follow"),
    )  # fmt: skip
    found, touched = count_rows(old, new, compare(old, new), Table("account", path))
    assert {one.subject: one.rows for one in found} == {"company_size": 3, "website": 2, "city": 2, "owner_id": None}
    assert touched == 4


def test_a_total_that_is_compared_less_strictly_is_told(tmp_path):
    from crmmigrate.checks.difference import compare
    from crmmigrate.model.mapping import read_mapping

    text = "version: 1\nobject: a\ntarget: a\nmatch: x\nfields: {x: 编号, amount: 金额}\ngates: {totals: [{sum: 金额, to: amount, tolerance: %s}]}\n"
    made = []
    for name, tolerance in (("old", 0), ("new", "0.50")):
        (tmp_path / f"{name}.crmmap.yaml").write_text(text % tolerance, encoding="utf-8")
        made.append(read_mapping(tmp_path / f"{name}.crmmap.yaml"))
    [found] = compare(*made)
    assert (found.subject, bool(found.risk)) == ("gates", True)
    assert compare(made[0], made[0]) == []
