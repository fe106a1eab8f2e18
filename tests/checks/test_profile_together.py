"""The checks of an audit above the single column, on tables made here."""

import json
import sqlite3
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crmmigrate.checks.profile_contradictions import find_contradictions
from crmmigrate.checks.profile_dependencies import find_dependencies, pair_keys
from crmmigrate.checks.profile_duplicates import components, estimate_duplicates, overlaps, tie
from crmmigrate.checks.profile_keys import (
    bare_person,
    folded_columns,
    folded_company,
    phone_numbers,
    place_of,
    placeless,
    subjects,
    valid_code,
)
from crmmigrate.checks.profile_relations import find_relations
from crmmigrate.checks.profile_rows import find_misplaced
from crmmigrate.checks.profile_table import Asked, profile_tables
from crmmigrate.model.location import Location
from crmmigrate.model.table import Table, Tables

BRANDS = [a + b for a in "明启盛泰宏恒丰通瑞祥" for b in "远博诚信德和康安"]
TRADES = ["电子科技", "医疗器械", "国际贸易", "建筑工程", "餐饮管理"]
CITIES = ["杭州", "南京", "成都", "青岛", "长沙"]


def company(number):
    return f"{CITIES[number % 5]}{BRANDS[number % 80]}{TRADES[number // 80 % 5]}有限公司"


def code(number):
    body = f"9133010{number % 10}MA{number:07}"[:17]
    signs, weights = "0123456789ABCDEFGHJKLMNPQRTUWXY", (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
    return body + signs[(31 - sum(signs.index(s) * w for s, w in zip(body, weights, strict=True)) % 31) % 31]


def phone(number):
    return f"0571-8{number:07}"


def tables_of(folder, **frames):
    made = {}
    for short, columns in frames.items():
        name = short.replace("__", ".")
        frame = pd.DataFrame(columns, dtype="str")
        path = Path(folder) / f"{name.replace('/', '_')}.parquet"
        frame.to_parquet(path, index=False)
        made[name] = Table(name, path)
    return Tables(made)


def profiles_of(tables):
    return list(profile_tables(tables, [Asked(table) for _, table in tables.items()]))


def value(expression, text):
    import duckdb

    return duckdb.execute(f"SELECT {expression} FROM (SELECT ?::VARCHAR AS cell)", [text]).fetchone()[0]


@pytest.mark.parametrize(
    ("name", "core", "place"),
    [
        ("杭州启明电子科技有限公司", "启明电子科技", "杭州"), ("启明电子科技（杭州市）有限公司", "启明电子科技", "杭州"),
        ("浙江省杭州市启明电子科技股份有限公司 ", "启明电子科技", "杭州"), ("杭州启明电子科技有限公司 0571-88886666", "启明电子科技", "杭州"),
        ("杭州启明电子科技有限公司-王经理", "启明电子科技", "杭州"), ("启明电子科技有限公司（老客户）", "启明电子科技", ""), ("ＡＢＣ Co., Ltd.", "abc", ""),
    ],
)  # fmt: skip
def test_a_company_name_is_folded_to_what_tells_it_from_others(name, core, place):
    folded = folded_company("cell")
    assert value(placeless(folded), name) == core
    assert value(place_of(folded, placeless(folded)), name) == place


def test_traditional_characters_are_folded_where_they_are_named():
    assert value(folded_company("cell", "業務發東"), "廣東業務") == value(folded_company("cell"), "廣东业务")


def test_numbers_are_folded():
    assert value(phone_numbers("cell"), "+86 138 0013 8000; 0571-88886666转801") == ["13800138000", "88886666"]
    assert value(phone_numbers("cell"), "13800138000.0") == ["13800138000"]
    assert value(phone_numbers("cell"), "无") == []
    assert value(bare_person("cell"), "王 总") == "王"
    assert value(valid_code("cell"), code(12).lower() + " ") == code(12)
    assert value(valid_code("cell"), code(12)[:-1] + ("1" if code(12)[-1] != "1" else "2")) is None


@given(st.lists(st.tuples(st.integers(0, 29), st.integers(0, 29)), max_size=60))
def test_components_are_those_of_a_plain_search(edges):
    left, right = (np.array([edge[side] for edge in edges], "int64") for side in (0, 1))
    found = components(30, left, right)
    reached = {node: {node} for node in range(30)}
    for _ in range(30):
        for a, b in edges:
            reached[a] = reached[b] = reached[a] | reached[b]
    for node in range(30):
        group = {other for other in range(30) if found[other] == found[node]}
        whole = {node}
        while True:
            more = whole | {y for x, y in edges if x in whole} | {x for x, y in edges if y in whole}
            if more == whole:
                break
            whole = more
        assert group == whole


def customers(count, twins, seed=0):
    """Rows for `count` companies, and `twins` more rows for some of them, written otherwise."""
    numbers = [*range(count), *range(0, 2 * twins, 2)]
    names = [company(n) for n in range(count)] + [company(n).replace("有限公司", "") for n in range(0, 2 * twins, 2)]
    codes = [code(n) if n % 3 else None for n in numbers]
    phones = [phone(n) for n in range(count)] + [phone(n) if n % 4 else None for n in range(0, 2 * twins, 2)]
    frame = pd.DataFrame(
        {
            "客户编号": [f"C{i:05}" for i in range(len(numbers))],
            "客户名称": names,
            "统一社会信用代码": codes,
            "电话": phones,
        }
    )
    return frame.sample(frac=1, random_state=seed)


def estimate(tables):
    profile = profiles_of(tables)[0]
    return estimate_duplicates(tie(tables, subjects(profile)), 0)


def test_duplicates_are_estimated_within_their_bounds(tmp_path):
    found = estimate(tables_of(tmp_path, crm__c=customers(300, 40)))
    assert found.low <= 40 <= found.high
    assert abs(found.estimate - 40) <= 4


@pytest.mark.parametrize("name", ["crm__联系人", "crm__x"])
def test_contacts_of_one_company_are_no_duplicates_of_it(tmp_path, name):
    people = [
        f"{'赵钱孙李周'[n % 5]}{'一二三四五六七八九十'[n // 5 % 10]}{'甲乙丙丁'[n // 50 % 4]}" for n in range(160)
    ]
    contacts = pd.DataFrame({
        "编号": [f"P{n:04}" for n in range(160)], "姓名": people, "手机": [f"1380000{n:04}" for n in range(160)], "单位": [company(n // 2) for n in range(160)],
    })  # fmt: skip
    tables = tables_of(tmp_path, crm__客户=customers(100, 0), **{name: contacts})
    found = [(s.profile.name, s.kind) for profile in profiles_of(tables) for s in subjects(profile)]
    assert found == [("crm.客户", "company"), (name.replace("__", "."), "person")]


def test_a_list_of_companies_with_whom_to_call_there_is_both(tmp_path):
    """The same companies again, each with its own number: here that is what to look for."""
    frame = pd.DataFrame({
        "客户名称": [company(n % 70) for n in range(80)], "联系人姓名": [f"{'赵钱孙李周'[n % 5]}{'一二三四五六七八九十'[n // 5 % 10]}{n}" for n in range(80)],
        "手机": [f"1380000{n:04}" for n in range(80)],
    })  # fmt: skip
    tables = tables_of(tmp_path, sales__一部=frame)
    assert [s.kind for s in subjects(profiles_of(tables)[0])][:1] == ["company"]


def test_a_bank_that_comes_again_and_again_ties_no_rows(tmp_path):
    names = [company(n) for n in range(60)]
    tables = tables_of(tmp_path, erp__a={"单位名称": names, "开户行": ["中国工商银行"] * 60})
    assert estimate(tables).estimate == 0


def test_two_valid_codes_are_two_companies_and_a_shared_phone_is_no_proof(tmp_path):
    frame = pd.DataFrame({
        "客户编号": ["1a", "2a", "3a", "4a"], "客户名称": ["杭州启明电子有限公司", "杭州启明电子有限公司", "成都泰和餐饮有限公司", "青岛宏远贸易有限公司"],
        "统一社会信用代码": [code(1), code(2), None, None], "电话": ["0571-81112222", "0571-81112222", "028-61112222", "028-61112222"],
    })  # fmt: skip
    assert estimate(tables_of(tmp_path, crm__c=frame)).estimate == 0


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10_000), swap=st.booleans())
def test_order_of_rows_and_tables_changes_nothing(tmp_path, seed, swap):
    one, two = customers(120, 15), customers(60, 5)
    two = two.drop(columns="统一社会信用代码")

    def judged(frames):
        tables = tables_of(tmp_path, **frames)
        profiles = profiles_of(tables)
        ties = tie(tables, [subject for profile in profiles for subject in subjects(profile)])
        counts = {s.profile.name: estimate_duplicates(ties, n) for n, s in enumerate(ties.subjects)}
        relations, same = find_relations(tables, profiles, [])
        rules = {p.name: find_dependencies(tables, p) for p in profiles}
        return counts, overlaps(ties), sorted(map(str, relations)), sorted(s.shared for s in same), rules

    plain = judged({"crm__c": one, "erp__k": two})
    shuffled = {"crm__c": one.sample(frac=1, random_state=seed), "erp__k": two.sample(frac=1, random_state=seed)}
    assert judged(dict(reversed(shuffled.items())) if swap else shuffled) == plain


def test_references_are_found_with_their_orphans_and_small_numbers_are_none(tmp_path):
    children = pd.DataFrame({
        "联系人编号": [f"P{i:05}" for i in range(200)], "所属": [f"C{i % 90:05}" for i in range(195)] + ["C99999"] * 5, "序号": [str(i) for i in range(200)],
        "数量编号": [str(i % 50) for i in range(200)],
    })  # fmt: skip
    parents = customers(100, 0)
    numbered = pd.DataFrame({"id": [str(i) for i in range(60)], "名称": [f"x{i}" for i in range(60)]})
    tables = tables_of(tmp_path, crm__p=children, crm__c=parents, crm__n=numbered)
    relations, _ = find_relations(tables, profiles_of(tables), [])
    assert [(r.child, r.column, r.parent, r.key, r.orphans) for r in relations] == [
        ("crm.p", "所属", "crm.c", "客户编号", 5)
    ]


def test_declared_references_are_checked_even_where_content_would_not_tell(tmp_path):
    from crmmigrate.sources import read_location

    with sqlite3.connect(tmp_path / "shop.db") as database:
        database.executescript(
            "CREATE TABLE customer (id TEXT PRIMARY KEY); CREATE TABLE orders (c TEXT REFERENCES customer(id));"
            "INSERT INTO customer VALUES ('1'), ('2'), ('3'); INSERT INTO orders VALUES ('1'), ('2'), ('9');"
        )
    database.close()
    for place in (tmp_path / "shop.db", tmp_path):  # in a folder its tables are called shop/customer, shop/orders
        read = {table.name: table for table in read_location(Location.parse(str(place)))}
        tables = tables_of(
            tmp_path, **{f"db__{name}": pd.concat(t.batches())[list(t.columns)] for name, t in read.items()}
        )
        declared = [
            {"source": "db", "table": name, "foreign_keys": json.dumps(table.facts.get("foreign_keys", []))}
            for name, table in read.items()
        ]
        relations, _ = find_relations(tables, profiles_of(tables), declared)
        assert [(r.declared, r.filled, r.orphans) for r in relations] == [(True, 3, 1)]


def numbered(head, numbers):
    return [f"{head}{number:05}" for number in numbers]


def test_a_few_rows_entered_twice_hide_no_orphans(tmp_path):
    customers = {
        "客户编号": numbered("C", [*range(200), 7, 7, 9]),
        "客户名称": [company(n) for n in [*range(200), 7, 7, 9]],
    }
    of = [n % 200 for n in range(0, 900, 7)] + [99999]
    contacts = {"联系人编号": numbered("P", range(len(of))), "客户编号": numbered("C", of)}
    tables = tables_of(tmp_path, crm__客户=customers, crm__联系人=contacts)
    relations, _ = find_relations(tables, profiles_of(tables), [])
    assert [(r.child, r.column, r.parent, r.key, r.orphans) for r in relations] == [
        ("crm.联系人", "客户编号", "crm.客户", "客户编号", 1)
    ]


def test_numbers_that_hardly_repeat_are_not_referred_to_for_that(tmp_path):
    """Nearly every contact is the only one of its customer: visits still refer to customers, and customers to nothing."""
    of = [*range(190), 3, 4]
    frames = {
        "crm__customers": {"customer_id": numbered("C", range(200))},
        "crm__contacts": {"contact_id": numbered("P", range(len(of))), "customer_id": numbered("C", of)},
        "crm__visits": {"visit_id": numbered("V", range(400)), "customer_id": numbered("C", [n % 190 for n in range(400)])},
    }  # fmt: skip
    tables = tables_of(tmp_path, **frames)
    relations, _ = find_relations(tables, profiles_of(tables), [])
    assert {(r.child, r.parent) for r in relations} == {
        ("crm.contacts", "crm.customers"),
        ("crm.visits", "crm.customers"),
    }
    del frames["crm__customers"]
    (tmp_path / "b").mkdir()
    tables = tables_of(tmp_path / "b", **frames)
    assert not find_relations(tables, profiles_of(tables), [])[0]


def test_one_column_under_two_names_is_found_by_content(tmp_path):
    left = {"客户名称": [company(n) for n in range(60)], "说明": ["甲"] * 60}
    right = {"buyer": [company(n) for n in range(20, 80)], "note": ["乙"] * 60}
    tables = tables_of(tmp_path, crm__a=left, erp__b=right)
    _, same = find_relations(tables, profiles_of(tables), [])
    assert [(s.column, s.other_column) for s in same] == [("客户名称", "buyer")]
    assert same[0].shared == pytest.approx(2 / 3, abs=0.05)


def test_broken_rules_are_counted_and_forms_are_no_breach(tmp_path):
    names = [company(n // 2) for n in range(100)]
    names[1], names[3] = names[1].replace("有限公司", "（有限公司）"), "成都泰和餐饮有限公司"
    tables = tables_of(tmp_path, crm__c={"统一社会信用代码": [code(n // 2) for n in range(100)], "客户名称": names})
    broken = [d for d in find_dependencies(tables, profiles_of(tables)[0]) if d.left == "统一社会信用代码"]
    assert [(d.right, d.groups, d.broken, d.rows, d.known) for d in broken] == [("客户名称", 50, 1, 2, True)]


def test_pairs_of_columns_are_keys_where_no_column_is(tmp_path):
    rows = [(f"K{n // 4:03}", str(n % 4), "甲") for n in range(100)]
    columns = dict(zip(("客户编号", "行号", "状态"), map(list, zip(*rows, strict=True)), strict=True))
    tables = tables_of(tmp_path, crm__lines=columns)
    assert pair_keys(tables, profiles_of(tables)[0]) == ("客户编号 + 行号",)


def test_rows_out_of_line_are_counted(tmp_path):
    count = 60
    rows = [
        [f"C{n:03}", company(n), f"138{n:08}", f"a{n}@ex{n % 7}.com", code(n), f"2024-01-{n % 28 + 1:02}"]
        for n in range(count)
    ]
    headers = ["客户编号", "客户名称", "手机", "邮箱", "统一社会信用代码", "创建日期"]
    rows[5] = [rows[5][0], None, rows[5][1], rows[5][2], rows[5][3], rows[5][4]]
    rows[9] = headers
    rows[20] = [None, "合计", None, None, None, None]
    tables = tables_of(tmp_path, crm__c=dict(zip(headers, map(list, zip(*rows, strict=True)), strict=True)))
    found = find_misplaced(tables, profiles_of(tables)[0])
    assert (found.shifted, found.headers, found.sparse) == (1, 1, 1)


def test_contradictions_between_sources_are_counted_per_pair_of_columns(tmp_path):
    left = pd.DataFrame({"客户名称": [company(n) for n in range(60)], "电话": [phone(n) for n in range(60)]})
    right = pd.DataFrame(
        {
            "单位名称": [company(n) for n in range(60)],
            "联系电话": [f"(0571) {phone(n)[5:]}" if n > 5 else phone(n + 900) for n in range(60)],
        }
    )
    tables = tables_of(tmp_path, crm__c=left, erp__k=right)
    ties = tie(tables, [subject for profile in profiles_of(tables) for subject in subjects(profile)])
    found = [c for c in find_contradictions(tables, ties) if c.meaning == "phone"]
    assert [(c.left_column, c.right_column, c.compared, c.differ) for c in found] == [("电话", "联系电话", 60, 6)]


def test_names_folded_in_columns_are_those_folded_cell_by_cell(tmp_path):
    endings = ["有限公司", "（停用）", "公司-王总", "公司（老客户）", "Ltd", "", " 0571-88886666", "Ａ公司", "總公司"]
    names = [f"{start}明启{end}" for start in ("杭州", "", "國際", "（杭州）", "co.,ltd ") for end in endings]
    held = tables_of(tmp_path, t={"name": [*names, "公司", None]})
    rows = held.frame(
        f"SELECT {folded_company('name', '國際')} AS x, one_folded AS y FROM {folded_columns('t', {'one': 'name'}, '國際')}"
    )
    assert rows["x"].fillna("-").tolist() == rows["y"].fillna("-").tolist()
    assert {"杭州明启", "国际明启", "公司", "明启"} <= set(rows["y"].dropna())


@pytest.mark.parametrize(
    ("cell", "told"),
    [("+86 138-0013-8000", ["13800138000"]), ("(0571) 8888 6666", ["88886666"]), ("138 0013", ["1380013"]), ("12-34", []), ("8888(66)", [])],
)  # fmt: skip
def test_a_number_with_signs_between_its_digits(tmp_path, cell, told):
    held = tables_of(tmp_path, t={"p": [cell]})
    assert held.connection.execute(f"SELECT {phone_numbers('p')} FROM t").fetchall()[0][0] == told
