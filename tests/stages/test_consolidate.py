"""Source tables become objects; children find their parents or say why not."""

from __future__ import annotations

import pandas as pd
import pytest
from tests.runner.small_migration import Silent

from crmmigrate.errors import ConfigurationError
from crmmigrate.model.correction import Correction
from crmmigrate.model.project import EachSpec, FeedSpec, RelationSpec
from crmmigrate.model.table import Table
from crmmigrate.runner.execute import Context, execute
from crmmigrate.runner.tables import TableWriter
from crmmigrate.runner.workspace import Workspace
from crmmigrate.stages import load_stage


@pytest.fixture
def run(tmp_path):
    def go(tables: dict[str, pd.DataFrame], objects, references=(), corrections=()):
        inputs = {}
        for name, frame in tables.items():
            writer = TableWriter(name, tmp_path / f"{len(inputs)}.parquet")
            writer.write(frame)
            inputs[name] = Table(name, writer.close().path)
        stage = load_stage("consolidate")
        return execute(
            stage,
            inputs,
            stage.options(objects, references, corrections),
            Context(Workspace(tmp_path / "work"), Silent()),
        )

    return go


def _table(source: str, **columns: list[str | None]) -> pd.DataFrame:
    rows = range(2, 2 + len(next(iter(columns.values()))))
    return pd.DataFrame(
        {"_record": [f"{source}/{i}" for i in rows], "_origin": [f"{source}!{i}" for i in rows], **columns}, dtype="str"
    )


ACCOUNTS = (
    FeedSpec("crm.客户", key="编号"),
    FeedSpec("erp.x", key="代码", columns={"编号": "代码", "名称": "单位名称"}),
)


def test_tables_are_stacked_under_the_objects_names(run):
    outcome = run(
        {
            "crm.客户": _table("crm", 编号=["1", "2"], 名称=["甲", "乙"]),
            "erp.x": _table("erp", 代码=["9"], 单位名称=["丙"], 停用=["否"]),
        },
        {"account": ACCOUNTS},
    )
    frame = outcome.tables["account"].frame()
    assert list(frame["名称"]) == ["甲", "乙", "丙"]
    assert list(frame["编号"]) == ["1", "2", "9"]
    assert "单位名称" not in frame
    assert frame["停用"].isna().sum() == 2
    assert outcome.run.manifest.accounting["erp.x"] == {
        "in": 1, "out": 1, "out_of_scope": 0, "merged": 0, "quarantined": 0, "rejected": 0,
    }  # fmt: skip


def test_a_child_finds_its_parent_an_orphan_and_an_ambiguous_one_do_not(run):
    outcome = run(
        {
            "crm.客户": _table("crm", 编号=["1", "2", "2"], 名称=["甲", "乙", "乙"]),
            "crm.人": _table("p", 客户=["1", "7", "2", None], 姓名=["a", "b", "c", "d"]),
        },
        {
            "account": (FeedSpec("crm.客户", key="编号"),),
            "contact": (FeedSpec("crm.人", relations={"account": RelationSpec("客户")}),),
        },
    )
    contact = outcome.tables["contact"].frame()
    assert contact["_ref_account"].tolist()[0] == "crm/2"
    assert contact["_ref_account"].isna().tolist() == [False, True, True, True]
    assert outcome.issues.frame()[["column", "code"]].values.tolist() == [
        ["客户", "consolidate.orphan"],
        ["客户", "consolidate.ambiguous-parent"],
    ]
    [child] = outcome.tables["_ambiguous"].records()
    assert {name: child[name] for name in ("object", "record", "parent", "column", "value", "required")} == {
        "object": "contact", "record": "p/4", "parent": "account", "column": "客户", "value": "2", "required": "true",
    }  # fmt: skip
    assert outcome.tables["_candidates"].records() == [
        {"object": "account", "record": record, "keyed": child["keyed"]} for record in ("crm/3", "crm/4")
    ]


def test_signs_of_templates_in_names_and_corrections_are_signs(run):
    given = Correction("contact", "p/2", "客户{号}", "1", "correct", "{{x}", "", "王敏")
    outcome = run(
        {
            "crm.客户{a}": _table("crm", 编号=["1"]),
            "crm.人": _table("p", **{"客户{号}": ["1", "1"], "电话{手机}": ["1", None]}),
        },
        {
            "account": (FeedSpec("crm.客户{a}", key="编号"),),
            "contact": (FeedSpec("crm.人", when="电话{手机}", relations={"account": RelationSpec("客户{号}")}),),
        },
        corrections=(given,),
    )
    assert outcome.issues.frame()[["code", "before"]].values.tolist() == [["consolidate.orphan", "{{x}"]]


def test_keys_meet_without_blanks_and_full_width_but_one_written_alike_comes_first(run):
    outcome = run(
        {
            "crm.客户": _table("crm", 编号=["k003", "k004 ", "a1", " a1", "k　7"], 名称=["甲", "乙", "丙", "丁", "戊"]),
            "crm.人": _table("p", 客户=[" k003", "ｋ００４", "a1", "a1 ", "k 7", "  ", "k9"]),
        },
        {
            "account": (FeedSpec("crm.客户", key="编号"),),
            "contact": (FeedSpec("crm.人", relations={"account": RelationSpec("客户")}),),
        },
    )
    contact = outcome.tables["contact"].frame()
    assert contact["_ref_account"].fillna("").tolist() == ["crm/2", "crm/3", "crm/4", "", "crm/6", "", ""]
    told = outcome.issues.frame()[["code", "before", "after"]].fillna("").values.tolist()
    folded = "consolidate.key-folded"
    assert told == [
        [folded, " k003", "k003"],
        [folded, "ｋ００４", "k004 "],
        ["consolidate.ambiguous-parent", "a1 ", ""],
        [folded, "k 7", "k　7"],
        ["consolidate.orphan", "k9", ""],
    ]
    [child] = outcome.tables["_ambiguous"].records()
    keyed = {row["record"]: row["keyed"] for row in outcome.tables["_candidates"].records()}
    assert (child["record"], keyed) == ("p/5", {"crm/4": child["keyed"], "crm/5": child["keyed"]})


def test_the_children_of_two_parents_are_the_rows_that_the_object_gets_and_there_is_no_table_without_them(run):
    given = {
        "crm.客户": _table("crm", 编号=["1", "2", "2"]),
        "crm.单": _table("o", 单号=["A", "A", "B"], 客户=["2", "2", "1"], 标签=["1;2", None, "1"]),
    }
    account = (FeedSpec("crm.客户", key="编号"),)
    header = FeedSpec("crm.单", group=("单号",), relations={"account": RelationSpec("客户")})
    tag = FeedSpec("crm.单", each=EachSpec("标签"), relations={"account": RelationSpec("标签")})
    outcome = run(given, {"account": account, "order": (header,), "tag": (tag,)})
    children = outcome.tables["_ambiguous"].frame()
    assert children[["object", "record"]].to_numpy().tolist() == [["order", "o/2"], ["tag", "o/2/#2"]]
    assert (
        "_ambiguous"
        not in run(
            {**given, "crm.客户": _table("crm", 编号=["1", "2"])}, {"account": account, "order": (header,)}
        ).tables
    )


def test_one_row_feeds_two_objects_and_they_belong_together(run):
    same = RelationSpec(same_row=True)
    outcome = run(
        {"s.a": _table("s", 公司=["甲", None, None], 姓名=["x", "y", None])},
        {
            "account": (FeedSpec("s.*", when="公司", columns={"名称": "公司"}),),
            "contact": (FeedSpec("s.*", when="姓名", relations={"account": same}),),
        },
    )
    contact = outcome.tables["contact"].frame()
    assert contact["_ref_account"].tolist()[0] == "s/2"
    assert contact["_ref_account"].isna().tolist() == [False, True]
    aside = outcome.aside.frame()
    assert aside[["_record", "reason", "code"]].values.tolist() == [["s/4", "quarantined", "consolidate.unused"]]
    assert outcome.run.manifest.accounting["s.a"]["quarantined"] == 1


def test_tables_that_feed_nothing_are_a_finding(run):
    outcome = run(
        {
            "crm.客户": _table("crm", 编号=["1"]),
            "crm.客户 (2)": _table("part", 部门=["一部", "二部"]),
            "crm.空": _table("none", 部门=[]),
            "reg.x": _table("reg", 名称=["甲"]),
        },
        {"account": (FeedSpec("crm.客户"),)},
        ("reg.*",),
    )
    assert [found.text("en") for found in outcome.result.findings] == [
        "tables that feed no object, their 2 rows are set aside: crm.客户 (2)"
    ]
    assert outcome.run.manifest.accounting["crm.客户 (2)"]["quarantined"] == 2


def test_a_reference_table_passes_and_feeds_nothing(run):
    outcome = run({"crm.客户": _table("crm", 编号=["1"]), "reg.x": _table("reg", 名称=["甲"])},
                  {"account": (FeedSpec("crm.客户"),)}, ("reg.*",))  # fmt: skip
    assert outcome.tables["reg.x"].rows == 1


NAMED = {
    "crm.客户": _table("crm", 名称=["杭州 启明公司", "苏州明珠公司", "宁波远航公司"], 停用=["", "是", ""]),
    "erp.x": _table("erp", 代码=["K1", "K2"], 单位名称=["杭州启明(公司)", "苏州明珠公司"]),
    "crm.跟进": _table("a", 客户=["宁波远航公司", "杭州启明公司", "苏州明珠公司", "苏州明珠", "（）", None]),
}
LEDGER = FeedSpec("erp.x", key="代码", columns={"名称": "单位名称"})


def _by_name(feeds, relation):
    return {"account": feeds, "activity": (FeedSpec("crm.跟进", relations={"account": relation}),)}


def test_a_child_names_its_parent_by_name_in_whatever_table_that_is(run):
    outcome = run(NAMED, _by_name((FeedSpec("crm.客户"), LEDGER), RelationSpec("客户", by="名称")))
    activity = outcome.tables["activity"].frame()
    assert activity["_ref_account"].fillna("").tolist() == ["crm/4", "", "", "", "", ""]
    candidates = outcome.tables["_candidates"].frame().groupby("keyed")["record"].agg(list).to_dict()
    waiting = {row["record"]: candidates[row["keyed"]] for row in outcome.tables["_ambiguous"].records()}
    assert waiting == {"a/3": ["crm/2", "erp/2"], "a/4": ["crm/3", "erp/3"]}
    told = outcome.issues.frame()[["_record", "code"]].to_numpy().tolist()
    several = "consolidate.ambiguous-parent"
    assert told == [["a/3", several], ["a/4", several], ["a/5", "consolidate.orphan"], ["a/6", "consolidate.orphan"]]


def test_a_name_is_looked_for_among_the_rows_that_feed_the_parent_and_in_the_table_that_is_named(run):
    only = (FeedSpec("crm.客户", when="停用"), LEDGER)
    outcome = run(NAMED, _by_name(only, RelationSpec("客户", by="名称", table="crm.客户")))
    assert outcome.tables["activity"].frame()["_ref_account"].fillna("").tolist() == ["", "", "crm/3", "", "", ""]
    outcome = run(NAMED, _by_name(only, RelationSpec("客户", by="名称", table="erp.x")))
    assert outcome.tables["activity"].frame()["_ref_account"].fillna("").tolist() == ["", "erp/2", "erp/3", "", "", ""]
    told = outcome.issues.frame()[["_record", "code", "after"]].fillna("").to_numpy().tolist()
    assert told[1] == ["a/3", "consolidate.name-folded", "杭州启明(公司)"]


def test_a_corrected_name_is_the_name_by_which_a_parent_is_looked_for(run):
    renamed = Correction(
        "account", "crm/4", "名称", "宁波远航公司", "correct", "宁波海港公司", "王敏", "", "2026-01-01"
    )
    mended = Correction("activity", "a/5", "客户", "苏州明珠", "correct", "宁波海港公司", "王敏", "", "2026-01-01")
    found = run(
        NAMED, _by_name((FeedSpec("crm.客户"),), RelationSpec("客户", by="名称")), corrections=(renamed, mended)
    )
    links = found.tables["activity"].frame()["_ref_account"].fillna("").tolist()
    assert links == ["crm/4", "crm/2", "crm/3", "crm/4", "", ""], "the former name is still said by others"


@pytest.mark.parametrize(
    ("feed", "code"),
    [
        (FeedSpec("crm.客卢"), "consolidate.no-table"),
        (FeedSpec("crm.客户", columns={"名称": "名稱"}), "consolidate.no-column"),
        (FeedSpec("crm.客户", when="没有"), "consolidate.no-column"),
    ],
)
def test_a_wrong_name_is_refused_with_the_nearest(run, feed, code):
    with pytest.raises(ConfigurationError) as caught:
        run({"crm.客户": _table("crm", 编号=["1"], 名称=["甲"])}, {"account": (feed,)})
    assert caught.value.code == code
    assert caught.value.hint is not None


def test_a_former_name_is_nobody_s_where_another_table_has_it_as_its_name(run):
    renamed = Correction(
        "account", "erp/3", "名称", "苏州明珠公司", "correct", "无锡明珠公司", "王敏", "", "2026-01-01"
    )
    found = run(
        NAMED, _by_name((FeedSpec("crm.客户"), LEDGER), RelationSpec("客户", by="名称")), corrections=(renamed,)
    )
    assert found.tables["activity"].frame()["_ref_account"].fillna("").tolist()[2] == "crm/3"


def test_a_parent_that_has_a_name_in_two_ways_is_one(run):
    given = {
        "crm.客户": _table("crm", 编号=["1", "1"], 名称=["甲 公司", "甲（公司）"]),
        "crm.跟进": _table("a", 客户=["甲公司"]),
    }
    outcome = run(given, _by_name((FeedSpec("crm.客户", group=("编号",)),), RelationSpec("客户", by="名称")))
    assert outcome.tables["activity"].frame()["_ref_account"].tolist() == ["crm/2"]
    assert "_ambiguous" not in outcome.tables


def test_a_row_that_feeds_no_parent_is_no_candidate(run):
    given = {
        "crm.客户": _table("crm", 编号=["1", "1"], 名称=["甲", "乙"], 有效=["是", ""]),
        "crm.人": _table("p", 客户=["1"]),
    }
    contact = FeedSpec("crm.人", relations={"account": RelationSpec("客户")})
    outcome = run(given, {"account": (FeedSpec("crm.客户", key="编号", when="有效"),), "contact": (contact,)})
    assert outcome.tables["contact"].frame()["_ref_account"].tolist() == ["crm/2"]
    assert "_ambiguous" not in outcome.tables


def test_a_column_that_the_object_calls_otherwise_is_not_the_name(run):
    given = {"crm.客户": _table("crm", 名称=["甲"]), "crm.跟进": _table("a", 客户=["甲"])}
    with pytest.raises(ConfigurationError) as caught:
        run(given, _by_name((FeedSpec("crm.客户", columns={"简称": "名称"}),), RelationSpec("客户", by="名称")))
    assert caught.value.code == "consolidate.no-column"


def test_a_name_that_no_parent_has_a_column_for_is_refused_with_the_nearest(run):
    with pytest.raises(ConfigurationError) as caught:
        run(NAMED, _by_name((FeedSpec("crm.客户"), LEDGER), RelationSpec("客户", by="名稱")))
    assert caught.value.code == "consolidate.no-column"
    assert "名称" in str(caught.value.hint)
    with pytest.raises(ConfigurationError) as caught:
        run(NAMED, _by_name((FeedSpec("crm.客户"), LEDGER), RelationSpec("客户", by="名称", table="erp.y")))
    assert caught.value.code == "consolidate.no-table"
    assert "erp.x" in str(caught.value.hint)


@pytest.mark.parametrize("own", ["_record", "_origin"])
def test_a_parent_is_not_named_by_what_reading_gave_its_rows(run, own):
    with pytest.raises(ConfigurationError) as caught:
        run(NAMED, _by_name((FeedSpec("crm.客户"), LEDGER), RelationSpec("客户", by=own)))
    assert caught.value.code == "consolidate.no-column"
    with pytest.raises(ConfigurationError) as caught:
        run(NAMED, {"account": (FeedSpec("crm.客户", key=own),)})
    assert caught.value.code == "consolidate.no-column", "as it is told before a row is read"


def test_a_relation_may_name_one_table_of_those_that_a_pattern_takes_by_its_key(run):
    given = {
        "crm.a": _table("a", 客户编号=["1"]),
        "s.一部": _table("s1", 代码=["1", "2"]),
        "s.二部": _table("s2", 代码=["1"]),
        "crm.人": _table("p", cust=["1", "2", "3"]),
    }
    account = (FeedSpec("crm.a", key="客户编号"), FeedSpec("s.*", key="代码"))
    contact = FeedSpec("crm.人", relations={"account": RelationSpec("cust", table="s.一部")})
    outcome = run(given, {"account": account, "contact": (contact,)})
    assert outcome.tables["contact"].frame()["_ref_account"].fillna("").tolist() == ["s1/2", "s1/3", ""]
