"""The b2b sample: deterministic, as its README promises, and its truth is true of its files."""

from __future__ import annotations

import csv
import filecmp
import importlib.util
import sqlite3
import sys
from collections import Counter, defaultdict
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

SAMPLE = Path(__file__).resolve().parents[2] / "samples" / "b2b"
CUTOFF = date(2023, 10, 31)


def load_generator():
    spec = importlib.util.spec_from_file_location("b2b_sample_generate", SAMPLE / "generate.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("b2b")
    counts = load_generator().generate(folder, scale=0.05)
    return folder, counts


def truth(folder, name):
    with (folder / "truth" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def text(value):
    return "" if value is None else str(value)


def sheet_rows(path, headers):
    from openpyxl import load_workbook

    book = load_workbook(path)
    for sheet in book:
        columns = headers or [text(cell.value) for cell in sheet[1]]
        for number, row in enumerate(sheet.iter_rows(values_only=True), start=1):
            yield f"{path.name}#{sheet.title}!{number}", dict(zip(columns, map(text, row), strict=False))


def csv_rows(path, encoding):
    with path.open(encoding=encoding, newline="") as file:
        for number, row in enumerate(csv.DictReader(file), start=2):
            yield f"{path.name}!{number}", row


def card_rows(path):
    import quopri

    raw = path.read_bytes().replace(b"=\r\n", b"").replace(b"\r\n ", b"")
    for number, card in enumerate(raw.split(b"BEGIN:VCARD")[1:], start=1):
        row = {}
        for line in card.decode("utf-8").splitlines():
            name, _, value = line.partition(":")
            if "QUOTED-PRINTABLE" in name:
                value = quopri.decodestring(value).decode("gbk")
            name = name.replace("TYPE=", "").split(";")
            column = "_".join(name[:2]) if name[0] == "TEL" else name[0]
            value = value.replace("\\,", ",")
            row[column] = value.split(";")[2] if column == "ADR" else value.split(";")[0] if column == "ORG" else value
        yield f"{path.name}!{number}", row


SALES_HEADER = [
    *["序号", "客户信息/客户名称", "客户信息/地址", "客户信息/电话", "联系人信息/姓名", "联系人信息/职务"],
    *["联系人信息/手机", "意向/级别", "意向/预计金额", "意向/下次跟进", "备注"],
]


@pytest.fixture(scope="module")
def cells(made):
    folder = made[0] / "in"
    rows = dict(sheet_rows(folder / "旧CRM导出.xlsx", None))
    rows |= sheet_rows(folder / "员工名单.xlsx", None)
    for path in sorted((folder / "销售").iterdir()):
        rows |= sheet_rows(path, SALES_HEADER)
    for name in ("ERP客户档案.csv", "ERP订单.csv"):
        rows |= csv_rows(folder / name, "gb18030")
    for path in sorted((folder / "通讯录").iterdir()):
        rows |= card_rows(path)
    connection = sqlite3.connect(folder / "工单.db")
    connection.row_factory = sqlite3.Row
    rows |= {f"工单.db#tickets:{row['ticket_no']}": dict(row) for row in connection.execute("SELECT * FROM tickets")}
    connection.close()
    return rows


def files(folder):
    return sorted(path.relative_to(folder) for path in folder.rglob("*") if path.is_file())


def test_same_seed_gives_the_same_bytes(made, tmp_path):
    load_generator().generate(tmp_path, scale=0.05)
    assert files(tmp_path) == files(made[0])
    assert filecmp.cmpfiles(tmp_path, made[0], files(tmp_path), shallow=False)[1:] == ([], [])


def content(path):
    """What a file holds, apart from how the zlib or SQLite of the day packs it."""
    if path.suffix == ".xlsx":
        return list(sheet_rows(path, None))
    if path.suffix == ".db":
        connection = sqlite3.connect(path)
        lines = list(connection.iterdump())
        connection.close()
        return lines
    return path.read_bytes()


def test_the_checked_in_set_is_what_the_generator_makes(made):
    assert len(files(made[0])) == 21
    assert [path for path in files(made[0]) if content(SAMPLE / path) != content(made[0] / path)] == []
    assert sum((SAMPLE / path).stat().st_size for path in files(made[0])) < 1_500_000


def test_another_seed_is_another_world(made, tmp_path):
    load_generator().generate(tmp_path, seed=7, scale=0.05)
    assert not filecmp.cmp(tmp_path / "in" / "ERP客户档案.csv", made[0] / "in" / "ERP客户档案.csv", shallow=False)


def test_full_scale_has_the_promised_counts():
    load_generator()
    sys.path.insert(0, str(SAMPLE))
    from b2b_generator.plan import Plan

    plan = Plan(20261031, 1.0)
    size = plan.size
    assert (size.customers, size.contacts, size.opportunities, size.activities) == (3200, 6400, 1800, 12000)
    assert (size.erp, size.orders, size.sales, size.cards, size.tickets) == (2100, 9000, 1900, 420, 2500)
    assert (size.staff, size.registry) == (65, 1500)
    assert sum(1 for person in plan.world.staff if person.left) == 14
    for spread, rows in ((plan.contacts, 6400), (plan.activities, 12000), (plan.orders, 9000)):
        dealt = [number for _, numbers in spread.each() for number in numbers]
        assert dealt == list(range(rows))


def test_small_scale_counts(made, cells):
    rows = Counter(origin.partition("!")[0].partition(":")[0] for origin in cells)
    assert rows["旧CRM导出.xlsx#客户"] == 160 + 1
    assert rows["旧CRM导出.xlsx#联系人"] == 320 + 1
    assert rows["旧CRM导出.xlsx#商机"] == 90 + 1
    assert rows["旧CRM导出.xlsx#跟进记录"] == 600 + 1
    assert (rows["ERP客户档案.csv"], rows["ERP订单.csv"], rows["工单.db#tickets"]) == (105, 450, 125)
    assert made[1]["user"] == 20


def test_every_origin_in_the_truth_exists(made, cells):
    folder = made[0]
    for name in ("entities", "values", "scope", "faults"):
        assert {row["origin"] for row in truth(folder, name)} <= cells.keys()
    for row in truth(folder, "never"):
        assert {row["origin_a"], row["origin_b"]} <= cells.keys()
    entities = truth(folder, "entities")
    assert len({(row["object"], row["origin"]) for row in entities}) == len(entities)


def test_every_dirty_value_stands_in_its_cell(made, cells):
    values = truth(made[0], "values")
    assert len(values) > 1500
    wrong = [row for row in values if cells[row["origin"]].get(row["column"]) != row["dirty"]]
    assert wrong == []
    assert not [row for row in values if row["dirty"] == row["clean"]]


def test_all_kinds_of_dirt_are_there(made):
    kinds = {row["kind"] for row in truth(made[0], "values")}
    names = "short_name former_name brackets region_moved traditional typo invisible suffix"
    phones = "two_in_cell country_code separators full_width float 86 leading_zero letter_o extension brackets digit_missing digit_too_many scientific"
    rest = "date_serial date_chinese date_dots date_slashes date_compact date_impossible amount_wan amount_currency_sign picklist placeholder"
    wanted = {
        *names.split(),
        *(f"phone_{name}" for name in phones.split()),
        *rest.split(),
        "email_full_width",
        "email_typo",
        "owner_blanks",
    }
    assert wanted - kinds == set()


def test_companies_called_na_and_none_are_there(cells):
    names = [row.get("客户名称") for row in cells.values()]
    assert "NA" in names
    assert "None" in names


def test_credit_codes_are_valid_unless_the_truth_says_otherwise(made, cells):
    from stdnum.cn import uscc

    damaged = {
        (row["origin"], row["column"]): row for row in truth(made[0], "values") if row["kind"].startswith("code_")
    }
    checked = 0
    for origin, row in cells.items():
        for column in ("统一社会信用代码", "税号"):
            code = row.get(column)
            if not code or code == column:
                continue
            note = damaged.get((origin, column))
            assert note is not None or uscc.is_valid(code), code
            if note:
                assert not note["clean"] or uscc.is_valid(note["clean"])
                assert note["kind"] not in {"code_check_wrong", "code_scientific"} or not uscc.is_valid(code)
            checked += 1
    assert checked > 100
    assert damaged


def test_registry_codes_are_valid(made):
    from stdnum.cn import uscc

    rows = dict(csv_rows(made[0] / "in" / "工商登记.csv", "utf-8-sig"))
    assert len(rows) == 75
    assert all(uscc.is_valid(row["统一社会信用代码"]) for row in rows.values())


def test_counts_are_an_equation_and_follow_from_the_other_files(made):
    folder, counts = made
    scope = {(row["object"], row["origin"]): row["in_scope"] == "true" for row in truth(folder, "scope")}
    faults = {(row["object"], row["origin"]) for row in truth(folder, "faults")}
    groups = defaultdict(list)
    for row in truth(folder, "entities"):
        groups[row["object"]].append(row)
    for row in truth(folder, "counts"):
        name = row["object"]
        source, outside, merged, rejected, expected = (
            int(row[c]) for c in ("source", "out_of_scope", "duplicates", "faults", "expected")
        )
        assert source - outside - merged - rejected == expected
        assert source == len(groups[name]) == counts[name]
        assert outside == sum(not scope[name, entry["origin"]] for entry in groups[name])
        assert rejected == sum(entry[0] == name for entry in faults)
        kept = {e["entity"] for e in groups[name] if scope[name, e["origin"]] and (name, e["origin"]) not in faults}
        assert expected == len(kept)
    assert set(groups) == {"user", "account", "contact", "opportunity", "activity", "ticket", "order"}
    assert all(scope[fault] for fault in faults)


def read_day(value):
    for form in ("%Y-%m-%d", "%Y-%m-%d %H:%M:%S", "%Y年%m月%d日", "%Y.%m.%d", "%Y/%m/%d", "%Y%m%d"):
        for shown in (value, value.split(" ")[0]):
            try:
                return datetime.strptime(shown, form).date()  # noqa: DTZ007
            except ValueError:
                continue
    return date(1899, 12, 30) + timedelta(days=int(value))


def test_scope_follows_from_the_rows_own_dates(made, cells):
    recent = set()
    children = (("跟进时间", "客户编号"), ("opened_at", "customer_no"), ("下单日期", "客户代码"))
    for origin, row in cells.items():
        if origin.endswith("!1"):
            continue
        dated = [*children, ("创建日期", "客户编号")] if "#商机" in origin else children
        for column, parent in dated:
            if row.get(column) and read_day(row[column]) >= CUTOFF:
                recent.add(row[parent])
        if row.get("最后跟进日期") and read_day(row["最后跟进日期"]) >= CUTOFF:
            recent.add(row["客户编号"])
    orphans = {(row["object"], row["origin"]) for row in truth(made[0], "faults") if row["kind"] == "orphan"}
    outside = 0
    for entry in truth(made[0], "scope"):
        row = cells[entry["origin"]]
        owner = row.get("客户编号") or row.get("客户代码") or row.get("customer_no")
        expected = owner is None or owner in recent or (entry["object"], entry["origin"]) in orphans
        assert (entry["in_scope"] == "true") == expected, entry
        outside += not expected
    assert outside > 100


def test_orphans_name_parents_that_do_not_exist(made, cells):
    known = {row["客户编号"] for origin, row in cells.items() if "#客户!" in origin}
    orphans = [row for row in truth(made[0], "faults") if row["kind"] == "orphan"]
    assert {row["object"] for row in orphans} == {"contact", "ticket"}
    for row in orphans:
        cell = cells[row["origin"]]
        assert (cell.get("客户编号") or cell.get("customer_no")) not in known
    kinds = {row["kind"] for row in truth(made[0], "faults")}
    assert kinds == {"orphan", "blank_name", "parent_rejected"}


def test_traps_are_different_entities_that_look_alike(made, cells):
    entity = {(row["object"], row["origin"]): row["entity"] for row in truth(made[0], "entities")}
    kinds = Counter()
    for row in truth(made[0], "never"):
        kinds[row["kind"]] += 1
        assert entity[row["object"], row["origin_a"]] != entity[row["object"], row["origin_b"]]
        a, b = cells[row["origin_a"]], cells[row["origin_b"]]
        if row["object"] == "account":
            codes = [cell.get("统一社会信用代码") or cell.get("税号") for cell in (a, b)]
            assert all(codes)
            assert codes[0] != codes[1]
        else:
            assert a["姓名"] != b["姓名"]
    assert set(kinds) >= {"branch", "sister", "sister_place", "other_city", "shared_mobile", "shared_switchboard"}


def test_duplicates_lie_within_and_across_sources(made):
    rows = defaultdict(list)
    for row in truth(made[0], "entities"):
        if row["object"] == "account":
            rows[row["entity"]].append(row["origin"].partition("#")[0].partition("!")[0])
    within = sum(len([s for s in sources if s == "旧CRM导出.xlsx"]) > 1 for sources in rows.values())
    across = sum(len(set(sources)) > 1 for sources in rows.values())
    assert within >= 15
    assert across >= 40


def test_people_who_left_have_active_successors(made):
    owners = truth(made[0], "owners")
    active = {row["name"] for row in owners if row["status"] == "在职"}
    gone = [row for row in owners if row["status"] == "离职"]
    assert {row["successor"] for row in gone} - {""} <= active
    assert any(not row["successor"] for row in gone)
    assert any(row["successor"] for row in gone)


def test_sheets_go_on_where_excel_ends(tmp_path, monkeypatch):
    sys.path.insert(0, str(SAMPLE))
    from b2b_generator import writers

    monkeypatch.setattr(writers, "SHEET_ROWS", 4)
    with writers.Workbook(tmp_path / "long.xlsx") as book:
        book.table("客户", ["编号"])
        places = [book.write([i]) for i in range(5)]
    assert places == ["客户!2", "客户!3", "客户!4", "客户_2!2", "客户_2!3"]
    assert dict(sheet_rows(tmp_path / "long.xlsx", None))["long.xlsx#客户_2!3"] == {"编号": "4"}
