"""A ledger in which one customer code stands twice: its orders go with the record that the two become, or say why they do not go."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
import sqlalchemy as sa
from tests.command_line import called
from tests.runner.small_migration import opened

from crmmigrate.model.schema import read_target_schema
from crmmigrate.reports.reconciliation import DATA
from crmmigrate.runner.delta import apply, compare
from crmmigrate.runner.pipeline import Pipeline
from crmmigrate.runner.refeeding import feed
from crmmigrate.runner.trial import rehearse
from crmmigrate.stages.dedupe import REVIEW_BOOK

FILES = {
    "migration.yaml": """version: 1
sources: {erp: in/账簿.csv, people: in/联系人.csv, sales: in/订单.csv}
objects:
  account: [{table: erp.账簿, key: 代码, relations: {account: {column: 上级, required: false}}}]
  contact: [{table: people.联系人, key: 工号, relations: {account: 客户}}]
  order: [{table: sales.订单, key: 单号, relations: {account: 客户, contact: {column: 经办, required: false}}}]
standard: standard.yaml
dedupe: [dedupe.yaml, people.yaml]
mappings: mappings/
gates: {max_reject_ratio: 1.0}
target: {url: "sqlite:///work/crm.db", schema: schema.yaml}
""",
    "standard.yaml": "version: 1\nobjects: {account: {key: 代码, columns: {名称: {standard: company_name}}}}\n",
    "dedupe.yaml": "version: 1\nobject: account\ncolumns: {company: 名称, phone: 电话}\n",
    "people.yaml": "version: 1\nobject: contact\nkey: 工号\ncolumns: {name: 姓名, mobile: 手机, parent: _ref_account}\n",
    "scope.yaml": "version: 1\nobjects: {account: {keep: [{column: 状态, values: [在用]}]}, order: {follow: account}}\n",
    "schema.yaml": """version: 1
tables:
  accounts:
    columns: {id: {type: integer, identity: true}, no: {unique: true}, name: {}, parent_id: {type: integer, references: accounts}}
  contacts:
    columns: {id: {type: integer, identity: true}, no: {unique: true}, name: {}, account_id: {type: integer, references: accounts}}
  orders:
    columns:
      id: {type: integer, identity: true}
      no: {unique: true}
      account_id: {type: integer, references: accounts}
      contact_id: {type: integer, references: contacts}
""",
    "mappings/account.crmmap.yaml": """version: 1
object: account
target: {table: accounts}
match: {on: [no]}
fields: {no: {from: _record}, name: {from: 名称}, parent_id: {lookup: {object: account, missing: defer}}}
""",
    "mappings/contact.crmmap.yaml": """version: 1
object: contact
target: {table: contacts}
match: {on: [no]}
fields: {no: {from: _record}, name: {from: 姓名}, account_id: {lookup: {object: account}}}
""",
    "mappings/order.crmmap.yaml": """version: 1
object: order
target: {table: orders}
match: {on: [no]}
fields: {no: {from: _record}, account_id: {lookup: {object: account}}, contact_id: {lookup: {object: contact, missing: blank}}}
""",
    "in/账簿.csv": """代码,名称,电话,状态,上级
K1,杭州启明精密机械有限公司,0571-88886666,在用,
K1,杭州启明精密机械有限公司,0571-88886666,在用,K1
K2,宁波远航国际贸易有限公司,0574-77776666,在用,K1
K3,苏州明珠纺织品有限公司,0512-66665555,在用,
K3,成都蓝天广告传媒有限公司,028-55554444,停用,
""",
    "in/联系人.csv": "工号,客户,姓名,手机\nP1,K1,欧阳静怡,13912740001\nP2,K1,欧阳静怡,13912740001\nP3,K3,司徒雨桐,13912740003\n",
    "in/订单.csv": "单号,客户,经办\nD1,K1,P1\nD2,K2,P2\nD3,K3,P3\nD4, Ｋ１,\n",
}
CODE = "dedupe.ambiguous-parent"
ONE = "SELECT o.no, a.no FROM {0} o LEFT JOIN accounts a ON a.id = o.{1} ORDER BY 1"


def laid_out(folder: Path) -> Path:
    for name, text in FILES.items():
        path = folder / "p" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    with opened(folder / "p").open_target(to_create=True) as target:
        target.create(read_target_schema(folder / "p" / "schema.yaml"))
    return folder / "p"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return laid_out(tmp_path)


@pytest.fixture(scope="module")
def went(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Pipeline]:
    """The whole way of the files as they are. Nobody writes into its folder: take `loaded`."""
    folder = laid_out(tmp_path_factory.mktemp("went"))
    way = opened(folder)
    way.run()
    return folder, way


@pytest.fixture
def loaded(went: tuple[Path, Pipeline], tmp_path: Path) -> Path:
    return Path(shutil.copytree(went[0], tmp_path / "p"))


def rewritten(folder: Path, name: str, old: str, new: str) -> None:
    text = (folder / name).read_text(encoding="utf-8")
    assert old in text
    (folder / name).write_text(text.replace(old, new), encoding="utf-8")


def links(folder: Path, table: str, column: str = "account_id") -> dict[str, str]:
    """Return record → the record of its parent, of the rows in the target."""
    engine = sa.create_engine(f"sqlite:///{folder / 'work' / 'crm.db'}")
    with engine.connect() as connection:
        found = connection.execute(sa.text(ONE.format(table, column))).fetchall()
    engine.dispose()
    return {row[0].rpartition("/")[2]: row[1] for row in found}


def aside(way: Pipeline, step: str) -> pd.DataFrame:
    found = next(one for one in way.steps if one.name == step)
    return way.aside_of(found.manifest).frame()


def agreed(way: Pipeline) -> dict[str, Any]:
    """Return the figures of the reconciliation, in which every source row is in the target or set aside."""
    outcome = way.steps[-1].outcome
    assert outcome is not None
    facts = outcome.run.manifest.facts
    for figures in facts["objects"].values():
        gone = sum(figures[reason] for reason in ("out_of_scope", "merged", "quarantined", "rejected"))
        assert (figures["source"], figures["difference"]) == (figures["expected"] + gone, 0)
    assert facts["differences"] == 0
    return facts


def relations(way: Pipeline) -> dict[str, dict[str, Any]]:
    """Return `object.column` → what the reconciliation says of that relation."""
    outcome = way.steps[-1].outcome
    assert outcome is not None
    told = json.loads((outcome.run.folder / "reports" / DATA).read_text(encoding="utf-8"))
    return {f"{one['object']}.{found['column']}": found for one in told["objects"] for found in one["relations"]}


def test_children_go_with_the_record_that_those_of_their_key_became(went: tuple[Path, Pipeline]) -> None:
    folder, way = went
    k1 = links(folder, "orders")["D1"]
    assert k1.startswith("erp/账簿/K1")
    assert links(folder, "orders") == {"D1": k1, "D2": "erp/账簿/K2", "D4": k1}
    assert list(links(folder, "contacts").values()) == [k1]
    above = links(folder, "accounts", "parent_id")
    assert (above["K2"], above[k1.rpartition("/")[2]]) == (k1, None), "nobody is his own parent"
    facts = agreed(way)["objects"]
    assert (facts["order"]["source"], facts["order"]["rejected"], facts["order"]["expected"]) == (4, 1, 3)
    assert (facts["contact"]["merged"], facts["contact"]["rejected"]) == (1, 1)
    found = relations(way)["order.account_id"]
    assert (found["before"], found["children"], found["off"]) == (3, [3, 3], [])


def test_children_of_records_that_stay_several_are_rejected_with_a_reason(folder: Path) -> None:
    rewritten(folder, "in/账簿.csv", "77776666,在用,K1", "77776666,在用,K3")
    way = opened(folder)
    way.run()
    found = aside(way, "dedupe")
    found = found[found["reason"] == "rejected"]
    assert found[["table", "_record", "_origin", "code", "column", "value"]].to_numpy().tolist() == [
        ["contact", "people/联系人/P3", "联系人.csv!4", CODE, "客户", "K3"],
        ["order", "sales/订单/D3", "订单.csv!4", CODE, "客户", "K3"],
    ]
    step = next(one for one in way.steps if one.name == "dedupe")
    assert step.outcome is not None
    told = step.outcome.issues.frame()
    told = told[told["code"] == CODE][["_record", "severity", "before"]].to_numpy().tolist()
    assert told == [["erp/账簿/K2", "warning", "K3"]], "an account need not have another above it"
    assert links(folder, "accounts", "parent_id")["K2"] is None
    said = [finding.text("zh") for finding in step.outcome.result.findings]
    assert sum("所写编号在 account 中有几条记录" in one for one in said) == 2
    assert agreed(way)["objects"]["order"]["rejected"] == 1
    book = way.steps[-1].outcome.run.folder / "reports" / "待修正数据.xlsx"  # type: ignore[union-attr]
    sheet = openpyxl.load_workbook(book)["order"]
    assert any("复核疑似重复" in str(cell.value) or "reviewing duplicates" in str(cell.value) for cell in sheet[2])


def test_what_people_correct_in_the_workbook_of_rejects_names_another_parent(loaded: Path) -> None:
    folder = loaded
    book = max((folder / "work" / "runs").glob("*-reconcile-*")) / "reports" / "待修正数据.xlsx"
    workbook = openpyxl.load_workbook(book)
    for name in ("contact", "order"):
        sheet = workbook[name]
        at = {cell.value: cell.column for cell in sheet[1]}
        sheet.cell(2, at["客户"], "K2")
    workbook.save(folder / "back.xlsx")
    feed(opened(folder), folder / "back.xlsx")
    assert links(folder, "orders")["D3"] == links(folder, "contacts")["P3"] == "erp/账簿/K2"


def test_a_candidate_out_of_scope_is_none(folder: Path) -> None:
    rewritten(folder, "migration.yaml", "dedupe:", "scope: scope.yaml\ndedupe:")
    way = opened(folder)
    way.run()
    assert links(folder, "orders")["D3"].startswith("erp/账簿/K3")
    facts = agreed(way)["objects"]
    assert (facts["account"]["out_of_scope"], facts["order"]["rejected"], facts["order"]["expected"]) == (1, 0, 4)
    assert relations(way)["order.account_id"]["off"] == []


def test_children_of_which_every_candidate_is_out_of_scope_are_so_too(folder: Path) -> None:
    rewritten(folder, "migration.yaml", "dedupe:", "scope: scope.yaml\ndedupe:")
    rewritten(folder, "in/账簿.csv", "0512-66665555,在用", "0512-66665555,停用")
    way = opened(folder)
    way.run()
    facts = agreed(way)["objects"]
    assert (facts["order"]["out_of_scope"], facts["order"]["rejected"]) == (1, 0)
    assert (facts["contact"]["out_of_scope"], facts["contact"]["rejected"]) == (0, 1), (
        "no rule says that contacts follow"
    )


def test_a_child_of_several_keeps_each_of_them_in_scope(folder: Path) -> None:
    rewritten(folder, "scope.yaml", "{column: 状态, values: [在用]}", "{child: order, column: 单号, values: [D1, D3]}")
    rewritten(folder, "migration.yaml", "dedupe:", "scope: scope.yaml\ndedupe:")
    way = opened(folder)
    way.run(last="scope")
    kept = way.tables["account"].frame()["代码"].tolist()
    assert kept == ["K1", "K1", "K3", "K3"]


def test_where_the_parents_are_not_deduplicated_their_children_are_rejected(folder: Path) -> None:
    rewritten(folder, "migration.yaml", "dedupe: [dedupe.yaml, people.yaml]", "dedupe: [people.yaml]")
    way = opened(folder)
    way.run()
    found = aside(way, "dedupe")
    assert set(found[found["code"] == CODE]["_record"].str.rpartition("/")[2]) == {"D1", "D3", "D4", "P1", "P3"}
    assert agreed(way)["objects"]["order"]["expected"] == 1
    rewritten(folder, "migration.yaml", "dedupe: [people.yaml]", "dedupe: [dedupe.yaml, people.yaml]")
    later = opened(folder)
    apply(later, compare(later))
    found_later = links(folder, "orders")
    assert found_later["D1"] == found_later["D4"] == links(folder, "contacts")["P1"] is not None


def test_children_that_were_merged_before_their_parents_have_the_link_of_either(folder: Path) -> None:
    rewritten(folder, "migration.yaml", "[dedupe.yaml, people.yaml]", "[people.yaml, dedupe.yaml]")
    rewritten(folder, "people.yaml", ", parent: _ref_account", "")
    rewritten(folder, "in/联系人.csv", "P1,K1,", "P1,,")
    way = opened(folder)
    way.run()
    assert list(links(folder, "contacts").values()) == [links(folder, "orders")["D1"]]
    agreed(way)


@pytest.mark.parametrize("other", ["苏州明珠纺织品,0512-11112222", "成都蓝天广告传媒有限公司,028-55554444"])
def test_when_people_decide_that_the_records_of_a_key_are_one_their_children_follow(folder: Path, other: str) -> None:
    """They are asked even where nothing else speaks for it: that is what the children wait for."""
    rewritten(folder, "in/账簿.csv", "成都蓝天广告传媒有限公司,028-55554444", other)
    first = opened(folder)
    first.run(last="dedupe")
    outcome = first.steps[-1].outcome
    assert outcome is not None
    workbook = openpyxl.load_workbook(outcome.run.folder / "reports" / REVIEW_BOOK)
    sheet = workbook["account"]
    at = {cell.value: cell.column for cell in sheet[1]}
    assert [sheet.cell(row, at["Rows that depend on it"]).value for row in (2, 3)] == [2, 2], (
        "they may belong to either"
    )
    sheet.cell(3, at["Decision"], "合并")
    sheet.cell(3, at["Reviewer"], "王敏")
    workbook.save(folder / "back.xlsx")
    assert called("run", str(folder), "--to", "dedupe", "--decisions", str(folder / "back.xlsx")).returncode < 2
    way = opened(folder)
    way.run()
    assert links(folder, "orders")["D3"] == links(folder, "contacts")["P3"] is not None
    assert agreed(way)["objects"]["order"]["rejected"] == 0


def test_when_people_decide_that_they_are_two_nobody_is_asked_again(folder: Path) -> None:
    first = opened(folder)
    first.run(last="dedupe")
    outcome = first.steps[-1].outcome
    assert outcome is not None
    assert outcome.result.facts["account"]["residual_duplicate_estimate"] == 0, (
        "a shared key makes them no likely duplicates"
    )
    workbook = openpyxl.load_workbook(outcome.run.folder / "reports" / REVIEW_BOOK)
    sheet = workbook["account"]
    at = {cell.value: cell.column for cell in sheet[1]}
    assert sheet.max_row == 3
    assert "name both by one key" in "".join(
        str(sheet.cell(row, column).value) for row in (2, 3) for column in at.values()
    )
    sheet.cell(3, at["Decision"], "不合并")
    sheet.cell(3, at["Reviewer"], "王敏")
    workbook.save(folder / "back.xlsx")
    ended = called("run", str(folder), "--to", "dedupe", "--decisions", str(folder / "back.xlsx"))
    assert ended.returncode < 2
    way = opened(folder)
    way.run(last="dedupe")
    found = aside(way, "dedupe")
    assert set(found[found["code"] == CODE]["_record"].str.rpartition("/")[2]) == {"D3", "P3"}
    again = way.steps[-1]
    assert not (way.context.workspace.runs_folder / again.manifest.run / "reports" / REVIEW_BOOK).exists()


def test_when_the_merge_is_undone_the_children_wait_and_a_delta_says_so(loaded: Path) -> None:
    folder = loaded
    ended = called("dedupe", "undo", "erp/账簿/K1", "--project", str(folder), "--reason", "两家公司", "--by", "王敏")
    assert ended.returncode == 0, ended.stderr
    way = opened(folder)
    compared = compare(way)
    found = aside(way, "dedupe")
    assert set(found[found["code"] == CODE]["_record"].str.rpartition("/")[2]) == {"D1", "D3", "D4", "P1", "P3"}
    changes = compared.outcome.tables["changes"].frame()
    orders = changes[changes["object"] == "order"].fillna("")
    assert sorted(orders[["kind", "_record", "column", "after"]].to_numpy().tolist()) == [
        ["set_aside", "sales/订单/D1", "", ""],
        ["set_aside", "sales/订单/D4", "", ""],
    ], "the contact of D2 is one of those that wait, and stays in the target, so that D2 keeps it"


def test_the_sample_of_a_trial_is_closed_over_links_that_dedupe_found(folder: Path) -> None:
    rewritten(folder, "migration.yaml", "gates:", "trial: {rows: 1}\ngates:")
    trial = rehearse(opened(folder))
    outcome = next(step.outcome for step in trial.steps if step.name == "reconcile")
    assert outcome is not None
    assert outcome.run.manifest.facts["differences"] == 0
    drawn = next(step.outcome for step in trial.steps if step.name == "trial")
    assert drawn is not None
    accounts = set(drawn.tables["account"].frame()["_record"])
    orders = drawn.tables["order"].frame()["_ref_account"]
    assert orders.notna().all()
    assert set(orders) <= accounts
