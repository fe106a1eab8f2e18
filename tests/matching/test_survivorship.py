"""Which values survive: names in two columns together, a value before none, a valid one before another, the newest by its date."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from crmmigrate.matching.golden.survivorship import golden, survivors
from crmmigrate.matching.roles import shipped
from crmmigrate.model.dedupe import ColumnRule, DedupeRules


@pytest.mark.parametrize(
    ("rows", "wanted"),
    [
        ([("张伟", None, "13911110001"), ("张", "伟", None)], ("张", "伟", "13911110001")),
        ([("张", "伟", None), ("张伟", None, "13911110001")], ("张", "伟", "13911110001")),
        ([(None, "Li Na", None), ("Li", "Na", None), ("李", "娜", "13911110001")], ("李", "娜", "13911110001")),
    ],
)
def test_a_surname_and_a_given_name_come_from_one_record(rows, wanted):
    frame = pd.DataFrame([(f"s/{at}", *row) for at, row in enumerate(rows)], columns=["_record", "姓", "名", "手机"], dtype="str")  # fmt: skip
    rules = shipped("contact", frame.columns)
    made = golden(frame, np.zeros(len(frame), dtype=np.int64), rules)
    assert tuple(made.rows[column][0].as_py() for column in ("姓", "名", "手机")) == wanted


def test_of_records_of_one_key_the_one_that_is_named_by_it_survives_with_the_values_of_all() -> None:
    names = ["s/客户/A1", "s/客户/A2", "s/客户/A2~5", "s/客户/A3~7", "s/客户/A3~9", "s/客户/A4", "s/客户/A4~8"]
    filled = [
        (None, "x"),
        ("远山", None),
        ("远山", "文三路"),
        ("鼎盛", "y"),
        (None, None),
        ("长城", None),
        ("长城", "z"),
    ]
    frame = pd.DataFrame(
        [(name, *row) for name, row in zip(names, filled, strict=True)],
        columns=["_record", "名称", "地址"],
        dtype="str",
    )
    rules = shipped("account", frame.columns)
    label = np.array([0, 1, 1, 2, 2, 1, 1])
    best = survivors(frame, label, rules)
    assert best.tolist() == [0, 1, 1, 3, 3, 1, 1], "A2~5 is called otherwise as soon as a row is put in before it"
    made = golden(frame, best, rules)
    assert made.rows["_record"].to_pylist() == ["s/客户/A1", "s/客户/A2", "s/客户/A3~7"]
    assert made.rows["地址"].to_pylist() == ["x", "文三路", "y"], "the values are those of the fullest record still"


def test_a_record_that_is_in_the_target_keeps_its_name_beside_one_of_its_key() -> None:
    frame = pd.DataFrame(
        {"_record": ["c/客户/A2", "c/客户/A2~5"], "名称": ["远山", "远山"], "_existing": [None, "c/客户/A2~5"]},
        dtype="str",
    )
    assert survivors(frame, np.array([0, 0]), shipped("account", ["名称"])).tolist() == [1, 1]


def merged(rules: DedupeRules, **columns: list[str | None]):
    """Return the one golden record of some records and column → (position of the winner, policy)."""
    count = len(next(iter(columns.values())))
    records = [f"s/t/{at}" for at in range(count)]
    frame = pd.DataFrame(
        {"_record": records, "_origin": [f"f!{at + 2}" for at in range(count)], **columns}, dtype="str"
    )
    best = survivors(frame, np.zeros(count, dtype=np.int64), rules)
    made = golden(frame, best, rules)
    told = pa.concat_tables(made.values.pieces()).to_pylist()
    winners = {row["column"]: (row["winner"] and records.index(row["winner"]), row["policy"]) for row in told}
    return made, made.rows.to_pylist()[0], winners


ACCOUNT = DedupeRules(
    1, "account",
    {"name": ColumnRule(("名称",)), "credit_code": ColumnRule(("信用代码",)), "phone": ColumnRule(("电话",)), "email": ColumnRule(("邮箱",)), "id_number": ColumnRule(("证件",))},
    updated="更新",
)  # fmt: skip


@pytest.mark.parametrize("policy", ["most_complete", "newest", "longest", "most_frequent"])
@pytest.mark.parametrize(
    ("column", "worse", "better"),
    [
        ("信用代码", "无", "91330206573659272Y"),
        ("信用代码", "000000000000000000", "91330206573659272Y"),
        ("信用代码", "913302065736592721", "91330206573659272Y"),
        ("信用代码", "9133O206573659272K", "91330206573659272Y"),
        ("信用代码", "330206000012345", "91330206573659272Y"),
        ("信用代码", "暂无", "9133"),
        ("证件", "330206199003071234", "330206199003071231"),
        ("证件", "3302**********1231", "330206199003071231"),
        ("证件", "-", "E12345678"),
        ("电话", "1381234567", "13812345670"),
        ("电话", "138****5670", "13812345670"),
        ("电话", "00000000", "0574-88886666"),
        ("邮箱", "li.lei@163", "li@hai-tian.cn"),
        ("邮箱", "none@none.com", "li@hai-tian.cn"),
        ("地址", "N/A", "中山路3号"),
        ("地址", "——", "中山路3号"),
        ("交货日", "0000-00-00 00:00:00", "2023-09-01"),
    ],
)
def test_whatever_the_policy_a_value_goes_before_none_and_a_valid_one_before_another(policy, column, worse, better):
    rules = replace(ACCOUNT, survivorship={"default": policy})
    times = ["2024-01-01", "2024-01-02", "2023-01-01"]
    _, record, winners = merged(
        rules, 名称=["海天模具"] * 3, **{column: [worse, worse, better]}, 备注=["a", "b", None], 更新=times
    )
    assert record[column] == better
    itself = policy == "longest" and len(better) > len(worse)
    assert winners[column] == (2, policy if itself else "valid_first")
    assert winners["备注"][1] == policy, "the policy itself decided here"


@pytest.mark.parametrize(
    ("column", "newest", "older"),
    [
        ("信用代码", "91330206144052790P", "91330206573659272Y"),
        ("信用代码", "无", "-"),
        ("证件", "E12345678", "330206199003071231"),
        ("电话", "+1 312 555 0199", "13812345670"),
        ("电话", "010-88886666", "13812345670"),
        ("电话", "95588", "13812345670"),
        ("状态", "待定", "活跃"),
        ("状态", "无效", "活跃"),
        ("余额", "0", "500"),
        ("余额", "0.00", "500"),
        ("邮箱", "li+crm@hai-tian.cn", "li@hai-tian.cn"),
    ],
)
def test_of_two_values_of_one_worth_the_policy_decides(column, newest, older):
    rules = replace(ACCOUNT, survivorship={"default": "newest"})
    _, record, winners = merged(
        rules, 名称=["海天模具"] * 2, **{column: [newest, older]}, 更新=["2024-01-01", "2023-01-01"]
    )
    assert record[column] == newest
    assert winners[column] == (0, "newest")


@pytest.mark.parametrize("policy", ["newest", "verified_first", "most_frequent"])
@pytest.mark.parametrize("word", ["无", "没有", "暂无", "none", "None", "未知", "unknown", "不详"])
def test_words_are_states_where_nobody_compares_and_a_policy_is_chosen(policy, word):
    rules = replace(ACCOUNT, survivorship={"default": policy}, verified="核实")
    _, record, winners = merged(
        rules, 名称=["海天模具"] * 3, 等级=[word, word, "A"], 电话=["无", "无", "13812345670"], 核实=["是", "是", "否"],
        更新=["2024-01-01", "2024-01-02", "2023-01-01"],
    )  # fmt: skip
    assert record["等级"] == word
    assert winners["等级"][1] == policy
    assert record["电话"] == "13812345670", "a telephone number is no state"


@pytest.mark.parametrize("sign", ["-", "/", "n/a", "N/A", "000000", "?", "——", "NULL", "nan", "(空)", "未填写"])
@pytest.mark.parametrize(
    ("survivorship", "wanted"),
    [({"default": "newest"}, "A"), ({"等级": "newest"}, None), ({"default": "longest", "等级": "newest"}, None)],
)
def test_signs_say_nothing_unless_a_policy_is_named_for_the_very_column(sign, survivorship, wanted):
    rules = replace(ACCOUNT, survivorship=survivorship)
    _, record, _ = merged(rules, 名称=["海天"] * 2, 等级=[sign, "A"], 更新=["2024-01-01", "2023-01-01"])
    assert record["等级"] == (wanted or sign)


@pytest.mark.parametrize("survivorship", [{}, {"default": "most_complete"}, {"等级": "most_complete"}])
def test_where_the_fullest_is_wanted_a_word_for_nothing_is_none(survivorship):
    rules = replace(ACCOUNT, survivorship=survivorship)
    _, record, _ = merged(rules, 名称=["海天"] * 2, 等级=["无", "A"], 备注=["老客户", None])
    assert record["等级"] == "A"


def test_a_union_leaves_out_what_says_nothing():
    rules = replace(ACCOUNT, survivorship={"default": "union"})
    _, record, _ = merged(rules, 电话=["无", "13812345670", "0574-88886666"], 地址=["-", None, "无"])
    assert record["电话"] == "13812345670; 0574-88886666"
    assert set(record["地址"].split("; ")) == {"-", "无"}, "nothing better is there"


def test_a_record_of_placeholders_is_not_the_fullest():
    _, record, _ = merged(
        ACCOUNT, 名称=["海天", "海天模具"], 地址=["无", "中山路3号"], 电话=["N/A", None], 邮箱=["-", None]
    )
    assert record["_record"] == "s/t/1"


@pytest.mark.parametrize(
    "newest_last",
    [
        ["2023/9/1", "2023/10/1", "2023/12/1"],
        ["2023-09-01", "2023年10月1日", "20231201"],
        ["45170", "45200.5", "45261"],
        ["2023/9/1 9:05", "2023/9/1 下午1:05", "2023-09-01 13:05:01"],
        ["1/9/2023", "1/10/2023", "1/12/2023"],
        ["9/1/2023", "9/25/2023", "10/1/2023"],
        ["2023年9月", "2023-09-02", "2023.9.10"],
        ["9/1/2023 11:59 AM", "9/1/2023 12:01 PM", "9/1/2023 1:00 PM"],
        ["20230901093000", "20230901100000", "2023-09-01T10:00:01Z"],
        ["不详", "昨天", "1999-1-1"],
        ["2023-13-45", None, "1999-1-1"],
    ],
)
def test_the_newest_is_told_by_dates_and_not_by_their_signs(newest_last):
    rules = replace(ACCOUNT, survivorship={"等级": "newest"})
    for order in ([0, 1, 2], [2, 1, 0]):
        made, record, _ = merged(rules, 等级=[str(at) for at in order], 更新=[newest_last[at] for at in order])
        assert record["等级"] == "2"
        unread = {"昨天": "f!3", "2023-13-45": f"f!{order.index(0) + 2}"}
        first = next((place for text, place in unread.items() if text in newest_last), None)
        assert made.undated == ((1, first) if first else (0, ""))


@pytest.mark.parametrize(
    "newest_last",
    [
        ["1", "2", "30000"],
        ["9", "10", "11"],
        ["29999", "30000", "100000"],
        ["200013", "200099", "200101"],
        ["0", "45170", "45261.5"],
        ["45170", "45200", "45261"],
        ["20230901", "20231001", "20231201"],
        ["1.0", "2.0", "10.0"],
        ["999999999999999998", "999999999999999999", "99999999999999999990"],
        [None, "-", "7"],
    ],
)
def test_the_newest_is_told_by_versions_of_rows_where_all_are_numbers(newest_last):
    rules = replace(ACCOUNT, survivorship={"等级": "newest"})
    for order in ([0, 1, 2], [2, 1, 0]):
        made, record, _ = merged(rules, 等级=[str(at) for at in order], 更新=[newest_last[at] for at in order])
        assert record["等级"] == "2"
        assert made.undated == (0, "")


@pytest.mark.parametrize(
    ("newest_last", "undated"),
    [
        (["45170", "20231001", "45261"], 0),
        (["7", "20230901", "2023-10-01"], 1),
        (["99999999", "20230901", "20231001"], 1),
        (["20231345", "20230901", "20231001"], 1),
    ],
)
def test_numbers_among_dates_are_no_versions(newest_last, undated):
    rules = replace(ACCOUNT, survivorship={"等级": "newest"})
    made, record, _ = merged(rules, 等级=["0", "1", "2"], 更新=newest_last)
    assert record["等级"] == "2"
    assert made.undated == ((1, "f!2") if undated else (0, ""))


@pytest.mark.parametrize(("sources", "foreign"), [(("crm", "erp"), ("s",)), (("erp", "s"), ())])
def test_an_order_of_sources_of_which_no_record_is_is_told(sources, foreign):
    rules = replace(ACCOUNT, survivorship={"等级": "source_priority"}, sources=sources)
    made, _, _ = merged(rules, 等级=["A", "B"])
    assert made.foreign == foreign
