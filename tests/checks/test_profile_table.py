from itertools import pairwise

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmmigrate.checks import profile_table as module
from crmmigrate.checks.profile_duplicates import add_repetition, folded_company, overlap
from crmmigrate.checks.profile_risks import estimate_effort, find_risks, scores
from crmmigrate.checks.profile_table import profile_table
from crmmigrate.model.profile import DAMAGES, DIMENSIONS
from crmmigrate.model.table import Table, Tables


def tables(folder, **columns_by_table):
    made = {}
    for word, columns in columns_by_table.items():
        name = word.replace("__", ".")
        path = folder / f"{name}.parquet"
        pd.DataFrame(columns, dtype="str").to_parquet(path, index=False)
        made[name] = Table(name, path)
    return Tables(made)


def profiled(folder, columns):
    held = tables(folder, t=columns)
    return add_repetition(held, profile_table(held, held["t"]))


def column(folder, header, values):
    return profiled(folder, {header: values}).columns[0]


@pytest.mark.parametrize(
    ("header", "bad", "good", "kind"),
    [
        ("手机", "13800138000.0", "13800138001", "float-number"),
        ("客户编号", "1.00000E+05", "100000", "scientific"),
        ("身份证号", "330106199001010000", "330106199001011234", "lost-digits"),
        ("电话", "０571-88886666", "0571-88886666", "full-width"),
        ("客户名称", "明达\u00a0有限公司", "明达（杭州）有限公司，原华信", "invisible"),
        ("客户名称", "明达\u200b有限公司", "明达有限公司", "invisible"),
        ("备注", "日??己思懊", "真的吗？？好", "mojibake"),
        ("备注", "锟斤拷锟斤拷", "好", "mojibake"),
        ("备注", "a\x07b", "a\nb", "control"),
        ("客户名称", " 明达有限公司", "明达 有限公司", "outer-blanks"),
        ("客户名称", "\u3000明达有限公司", "明达有限公司", "outer-blanks"),
        ("邮箱", "N/A", "na@a.com", "placeholder"),
        ("备注", "暂无", "暂无联系方式", "placeholder"),
        ("金额", "#REF!", "12", "error-value"),
        ("备注", "=1+1", "1+1=2", "formula"),
        ("创建日期", "45047", "2023-05-01", "serial-date"),
        ("手机", "13800138000/13900139000", "138/0013/8000", "several-values"),
    ],
)
def test_each_kind_of_damage_is_counted(tmp_path, header, bad, good, kind):
    assert column(tmp_path, header, [bad, good, good]).damage.get(kind) == 1


def test_damage_is_named():
    assert set(DAMAGES) >= {*module._DAMAGE, *module._DAMAGE_OF_MEANING, "mixed-forms"}


def test_counts_forms_and_conformity(tmp_path):
    found = column(tmp_path, "手机", ["13800138000", "13800138000", "+86 13900139000", None, ""])
    assert (found.rows, found.filled, found.distinct, found.shortest, found.longest) == (5, 3, 2, 11, 15)
    assert found.meaning == "mobile"
    assert found.conforming == 2
    assert [(form.mask, form.cells) for form in found.forms] == [("99999999999", 2), ("+99 99999999999", 1)]
    assert "138001380" not in found.forms[0].example


def test_masks_leave_no_letter_of_any_script(tmp_path):
    found = column(tmp_path, "编号", ["Аб-Ω1ａé中"])
    assert found.forms[0].mask == "AA-A9AA汉"


def test_keys_and_repeated_rows(tmp_path):
    found = profiled(tmp_path, {"编号": ["1", "2", "3"], "名称": ["甲", "甲", None]})
    assert found.keys == ("编号",)
    assert found.duplicate_rows == 0
    assert profiled(tmp_path, {"a": ["1", "1", "1"], "b": ["x", "x", None]}).duplicate_rows == 1


def test_a_wide_table_is_profiled_in_parts(tmp_path, monkeypatch):
    columns = {f"c{i}": [str(i), None, "x"] for i in range(7)}
    whole = profiled(tmp_path, columns)
    monkeypatch.setattr(module, "_CELLS_AT_ONCE", 6)
    assert profiled(tmp_path, columns) == whole


def test_quotes_in_names_and_values(tmp_path):
    found = profiled(tmp_path, {"o'b\"r手机": ["it's", 'a"b', "'; DROP TABLE x; --"]})
    assert found.columns[0].filled == 3


names = st.one_of(st.none(), st.text(max_size=6))


@settings(max_examples=25)
@given(st.lists(names, max_size=12))
def test_profile_counts_agree_with_a_slow_count(tmp_path_factory, values):
    values = [v if v is None else v.encode("utf-8", "ignore").decode().replace("\x00", "") for v in values]
    found = column(tmp_path_factory.mktemp("t"), "备注", values)
    filled = [v for v in values if v]
    assert (found.rows, found.filled, found.distinct) == (len(values), len(filled), len(set(filled)))
    assert all(0 < count <= len(filled) for count in found.damage.values())


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [
        ("杭州明达科技有限公司", "杭州明达科技", True),
        ("（杭州）明达科技有限公司", "杭州明达科技股份有限公司", True),
        ("ＡＢＣ贸易有限公司", "abc 贸易", True),
        ("杭州明达科技有限公司", "杭州明达贸易有限公司", False),
        ("公司", "有限公司", False),
    ],
)
def test_company_names_are_folded(tmp_path, left, right, same):
    held = tables(tmp_path, t={"a": [left], "b": [right]})
    [row] = held.frame(f"SELECT {folded_company('a')} AS x, {folded_company('b')} AS y FROM t").to_dict("records")
    assert (row["x"] == row["y"]) is same


def test_people_of_one_name_are_told_apart_by_their_phone(tmp_path):
    found = profiled(
        tmp_path,
        {
            "姓名": ["王芳", "王 芳", "王芳", "李明"],
            "手机": ["13800138000", "+86 138 0013 8000.0", "13900139000", "13700137000"],
        },
    )
    assert found.near_duplicates == 1


def test_rows_are_joined_by_chains_of_keys(tmp_path):
    found = profiled(
        tmp_path,
        {
            "客户名称": ["明达有限公司", "明达", "名达有限公司", "华信有限公司", "天元有限公司"],
            "曾用名": [None, None, None, None, "华信公司"],
            "信用代码": ["91330106MA2AXXXX0K", None, None, None, None],
            "税号": [None, None, "91330106ma2axxxx0k", None, None],
        },
    )
    assert found.near_duplicates == 3


def test_a_phone_of_many_rows_joins_none(tmp_path):
    names = [f"甲乙{chr(0x4E00 + 40 * i)}有限公司" for i in range(9)]
    found = profiled(tmp_path, {"公司名称": names, "电话": ["0571-88886666"] * 9})
    assert found.near_duplicates == 0


def test_events_are_not_judged_for_duplicates(tmp_path):
    found = profiled(tmp_path, {"订单号": ["1", "2"], "客户名称": ["明达有限公司", "明达有限公司"]})
    assert found.near_duplicates is None


def test_two_names_for_one_credit_code(tmp_path):
    code = "91330106MA2AXXXX0K"
    found = profiled(
        tmp_path,
        {"信用代码": [code, code, "91110108551385082Q"], "公司名称": ["明达有限公司", "华信有限公司", "天元有限公司"]},
    )
    assert found.contradictions == 1


def test_old_rows_are_counted(tmp_path):
    found = profiled(tmp_path, {"日期": ["2026-01-01", "2023/5/1", "2019年1月1日", None, "x"]})
    assert (found.recent_rows, found.dated_rows) == (2, 3)


def test_overlap_across_sources(tmp_path):
    held = tables(
        tmp_path, crm__a={"客户名称": ["明达有限公司", "华信有限公司"]}, erp__b={"单位名称": ["明达", "天元有限公司"]}
    )
    found = [add_repetition(held, profile_table(held, table)) for _, table in held.items()]
    assert overlap(held, found) == (1, 3)


def test_scores_lie_between_0_and_1_and_fall_with_damage(tmp_path):
    good = profiled(
        tmp_path, {"编号": ["1", "2"], "手机": ["13800138000", "13900139000"], "日期": ["2026-01-01", "2026-02-01"]}
    )
    bad = profiled(tmp_path, {"编号": ["1", "2"], "手机": ["13800138000.0", None], "日期": ["45047", "2019-02-01"]})
    high, low = scores([good]), scores([bad], dropped=2)
    assert set(high) == set(DIMENSIONS)
    assert all(value == 1 for value in high.values())
    for name in ("normativity", "completeness", "accuracy", "consistency", "accessibility"):
        assert 0 <= low[name] < 1


def test_risks_are_ordered_and_effort_is_explained(tmp_path):
    found = profiled(
        tmp_path,
        {"姓名": ["王芳"] * 4, "身份证号": ["330106199001010000"] * 4, "手机": ["13800138000", None, None, None]},
    )
    risks = find_risks([found], [{"source": "crm", "table": "客户", "owner": "", "hidden": '{"sheet": true}'}])
    assert [risk.level for risk in risks] == sorted((risk.level for risk in risks), reverse=True)
    codes = {risk.code for risk in risks}
    assert codes >= {
        "table.no-key",
        "table.repeated-rows",
        "damage.lost-digits",
        "privacy.id-number",
        "column.gaps",
        "source.no-owner",
        "source.hidden",
    }
    assert all(later.level <= earlier.level for earlier, later in pairwise(risks))
    effort = estimate_effort([found])
    assert (effort.fill, effort.mend) == (3, 4)
    assert effort.days > 0
    assert len(effort.assumptions) == 4
