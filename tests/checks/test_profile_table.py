from itertools import pairwise

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmmigrate.checks.profile_column import profile_column
from crmmigrate.checks.profile_effort import estimate_effort
from crmmigrate.checks.profile_keys import folded_company
from crmmigrate.checks.profile_measures import DAMAGE_REMEDIES, DOUBT_REMEDIES
from crmmigrate.checks.profile_risks import find_risks
from crmmigrate.checks.profile_scores import scores
from crmmigrate.model.profile import DAMAGES, DIMENSIONS, DOUBTS, WAYS_OF_WRITING
from crmmigrate.model.table import Table, Tables
from crmmigrate.stages.audit import examine


def tables(folder, **columns_by_table):
    made = {}
    for word, columns in columns_by_table.items():
        name = word.replace("__", ".")
        path = folder / f"{name}.parquet"
        pd.DataFrame(columns, dtype="str").to_parquet(path, index=False)
        made[name] = Table(name, path)
    return Tables(made)


def profiled(folder, columns):
    return examine(tables(folder, t=columns)).tables[0]


def column(folder, header, values):
    held = tables(folder, t={header: values})
    return profile_column(held.connection, held["t"], header)


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
        ("手机", "013812345670", "13812345670", "leading-zero"),
        ("手机", "138****5670", "13812345670", "masked"),
        ("手机", "1381234567O", "13812345670", "letter-for-digit"),
        ("手机", "1381234567", "13812345670", "wrong-length"),
        ("手机", "13800138000", "13812345670", "filler"),
        ("电话", "571-88886666", "0571-88886666", "lost-zero"),
        ("电话", "88886666", "0571-88886666", "no-area-code"),
        ("电话", "0571-88886666转801", "0571-88886666", "extension"),
        ("电话", "（0571）88886666", "0571-88886666", "brackets"),
        ("电话", "057188886666", "0571-88886666", "separators"),
        ("电话", "+86 571 88886666", "0571-88886666", "country-code"),
        ("邮箱", "mailto:li@example.cn", "li@example.cn", "label"),
        ("邮箱", "li@gmial.com", "li@gmail.com", "mail-host"),
        ("邮箱", "li.example.cn", "li@example.cn", "no-at"),
        ("邮箱", "test@test.com", "latest@example.com", "filler"),
        ("邮箱", "LI@EXAMPLE.CN", "li@example.cn", "letter-case"),
        ("统一社会信用代码", "91330106MA2AXKT59A", "91340100MA2NQ1HL6E", "wrong-check"),
        ("统一社会信用代码", "91340100 MA2NQ1HL6E", "91340100MA2NQ1HL6E", "inner-blanks"),
        ("统一社会信用代码", "330106000012345", "91340100MA2NQ1HL6E", "old-number"),
        ("身份证号", "330106199001011230", "33010619900101123X", "wrong-check"),
        ("身份证号", "330106199002301234", "33010619900101123X", "impossible-date"),
        ("身份证号", "330106********1234", "33010619900101123X", "masked"),
        ("车架号", "LSVAM4187C2184848", "LSVAM4187C2184847", "wrong-check"),
        ("创建日期", "2023年5月1日", "2023-05-01", "date-chinese"),
        ("创建日期", "2023年6月31日", "2023-06-30", "impossible-date"),
        ("创建日期", "2023-02-29", "2024-02-29", "impossible-date"),
        ("创建日期", "1900-01-01", "1990-01-01", "default-date"),
        ("创建日期", "03/04/2023", "2023-05-01", "date-order"),
        ("创建日期", "20230501", "2023-05-01", "date-compact"),
        ("金额", "12万", "120000.00", "amount-wan"),
        ("金额", "¥1,200.00", "1200.00", "currency-sign"),
        ("金额", "面议", "1200.00", "text-in-numbers"),
        ("姓名", "张总", "张宗", "honorific"),
        ("姓名", "李丽女士", "李丽", "name-title"),
        ("姓名", "王 芳", "王芳", "inner-blanks"),
        ("客户名称", "明达科技", "杭州明达科技有限公司", "no-legal-form"),
        ("客户名称", "明达有限公司（停用）", "杭州明达企业（有限合伙）", "name-note"),
        ("客户名称", "明达有限公", "明达有限公司", "name-slip"),
        ("客户名称", "明达（杭州有限公司", "明达（杭州）有限公司", "unbalanced"),
        ("客户名称", "明達貿易有限公司", "乾坤贸易有限公司", "traditional"),
        ("客户名称", "None", "明达有限公司", "placeholder-name"),
        ("备注", "業(yè)務(wù)合作", "业务(合作)", "pinyin-gloss"),
        ("备注", "寮犱笁", "张三，寮国的客户", "mojibake"),
        ("备注", "ÕÅÈý", "Müller，很好", "mojibake"),
        ("备注", "好", "好", "private-use"),
        ("地址", "杭州市西湖区文三路1号", "浙江省杭州市西湖区文三路1号", "no-province"),
        ("地址", "浙江杭州西湖区文三路1号", "浙江省杭州市西湖区文三路1号", "short-region"),
        ("城市", "杭州", "杭州市", "short-region"),
        ("邮编", "10020", "310020", "lost-zero"),
        ("是否停用", "Y", "否", "other-words"),
    ],
)
def test_each_kind_of_damage_is_counted(tmp_path, header, bad, good, kind):
    found = column(tmp_path, header, [bad, good, good])
    assert found.damage.get(kind) == 1
    assert set(found.damage) <= set(DAMAGES)


@pytest.mark.parametrize(
    ("header", "values", "kind", "cells"),
    [
        ("金额", [*(f"{n}.00" for n in range(900, 1100)), "98000000.00"], "extreme", 1),
        ("金额", [*(f"{n}.00" for n in range(900, 1100)), "-1000.00"], "negative", 1),
        ("折扣", ["80%", "90%", "95%", "70%", "110%"], "over-100", 1),
        ("创建日期", ["2020-01-01", "2021-01-01", "2022-01-01", "2199-01-01"], "future", 1),
        ("创建日期", ["2020-01-01", "2021-01-01", "2022-01-01", "1952-01-01"], "old", 1),
        ("生日", ["1990-01-01", "1991-01-01", "1992-01-01", "1952-01-01"], "old", 0),
        ("备注", [*(f"好{n}" for n in range(50)), "很好" * 40], "overlong", 1),
        ("状态", ["正常"] * 9, "constant", 9),
    ],
)
def test_doubts_are_counted(tmp_path, header, values, kind, cells):
    found = column(tmp_path, header, values)
    assert found.doubts.get(kind, 0) == cells
    assert set(found.doubts) <= set(DOUBTS)


@pytest.mark.parametrize(
    ("header", "values", "cells"),
    [
        ("客户代码", [*(f"{n * 37 + 1000:06d}" for n in range(2700, 3700)), "99123", "98765"], 2),
        ("客户代码", [f"{n:06d}"[-6:] for n in range(1, 500)], 0),
        ("客户代码", [str(n) for n in range(1, 2000)], 0),
        ("客户代码", [str(n * 911) for n in range(1, 2000)], 0),
    ],
)
def test_lost_zeros_are_told_from_numbers_counted_up(tmp_path, header, values, cells):
    assert column(tmp_path, header, values).damage.get("lost-zero", 0) == cells


def test_cut_off_texts(tmp_path):
    texts = [("一二三四五六七八九十" * 5)[:length] + str(length)[:0] for length in range(8, 20)]
    cut = [chr(0x4E00 + n) + "客户要求下周再联系，先发报价单给他看" + "！" for n in range(9)]
    assert {len(text) for text in cut} == {20}
    assert column(tmp_path, "备注", texts + cut).damage["truncated"] == 9
    assert "truncated" not in column(tmp_path, "备注", texts + cut[:3]).damage


def test_rare_spellings_of_frequent_values(tmp_path):
    often = {"A": 30, "B": 20, "老客户介绍": 40, "销售一部": 40}
    rare = {"A级": 2, "ｂ": 1, "老客户绍介": 1, "销售二部": 1}
    values = [value for counts in (often, rare) for value, cells in counts.items() for _ in range(cells)]
    found = column(tmp_path, "来源", values)
    assert found.damage["spelling"] == 4
    assert [(variant.frequent, variant.rare, variant.cells) for variant in found.variants] == [
        ("A", "A*", 2), ("老***绍", "老***介", 1), ("B", "ｂ", 1),
    ]  # fmt: skip


def test_every_kind_of_damage_and_doubt_has_a_severity_and_a_measure_or_is_light_on_purpose():
    assert set(DAMAGES) >= WAYS_OF_WRITING
    assert set(DAMAGE_REMEDIES) <= set(DAMAGES)
    assert set(DAMAGES) - WAYS_OF_WRITING == set(DAMAGE_REMEDIES) - WAYS_OF_WRITING
    assert set(DOUBTS) == set(DOUBT_REMEDIES)
    for remedy in (*DAMAGE_REMEDIES.values(), *DOUBT_REMEDIES.values()):
        assert 1 <= remedy.impact <= 3
        assert remedy.measure.text("zh") != remedy.measure.text("en")


def test_what_a_column_shows_becomes_a_risk_with_a_measure(tmp_path):
    sizes = ["A"] * 30 + ["B"] * 20 + ["A级"] * 2
    mails = [f"user{n}@example.com" for n in range(52)]
    days = [f"2024-02-{1 + n % 28:02}" for n in range(50)] + ["2123-05-01", "2023-06-31"]
    found = profiled(tmp_path, {"客户级别": sizes, "电话": mails, "创建日期": days})
    risks = {(risk.code, risk.column): risk for risk in find_risks([found], [])}
    assert risks["damage.spelling", "客户级别"].finding.text("en").endswith("such as A* beside A")
    assert risks["column.header", "电话"].cells == 52
    assert risks["doubt.future", "创建日期"].cells == 1
    assert risks["damage.impossible-date", "创建日期"].cells == 1
    assert estimate_effort([found]).mend == 3


def test_a_header_that_names_something_else(tmp_path):
    mails = [f"user{n}@example.com" for n in range(8)]
    assert column(tmp_path, "电话", mails).header_meaning == "phone"
    assert column(tmp_path, "邮箱", mails).header_meaning == ""
    assert column(tmp_path, "电话", ["13812345670", "13912345670"]).header_meaning == ""


def test_forms_of_very_many_values_are_estimated(tmp_path):
    values = [f"{13_000_000_000 + n * 7919}" for n in range(15_000)] + [
        f"+86 {n + 13_900_000_000}" for n in range(5_000)
    ]
    found = column(tmp_path, "手机", values)
    assert found.forms_estimated
    assert found.distinct == 20_000
    assert found.damage["country-code"] == found.damage["mixed-forms"] == 5_000
    assert abs(found.forms[0].cells - 15_000) < 500


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


def test_one_date_far_ahead_makes_no_other_row_old(tmp_path):
    table = profiled(tmp_path, {"创建日期": ["2024-01-02", "2024-05-06", "2023-07-08", "2099-12-31", "2011-01-01"]})
    assert (table.recent_rows, table.dated_rows) == (4, 5)


def test_quotes_in_names_and_values(tmp_path):
    found = profiled(tmp_path, {"o'b\"r手机": ["it's", 'a"b', "'; DROP TABLE x; --"]})
    assert found.columns[0].filled == 3


names = st.one_of(st.none(), st.text(max_size=6))


@settings(max_examples=12, deadline=None)
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
    found = examine(held)
    assert (found.overlap, found.entities) == (1, 3)


def test_scores_lie_between_0_and_1_and_fall_with_damage(tmp_path):
    good = profiled(
        tmp_path, {"编号": ["1", "2"], "手机": ["13812345670", "13912345670"], "日期": ["2026-01-01", "2026-02-01"]}
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
    assert (effort.fill, effort.mend) == (3, 5)  # four lost digits, one telephone number made up
    assert effort.days > 0
