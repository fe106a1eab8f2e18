"""Suggested mappings against the truth: the sample's tables, and pairs of field lists that CRMs publish.

Precision is the share of suggested pairs that are right, recall the share of right pairs that were suggested. Pairs that
consultants would decide in this way or that (`either` in the truth files) count for neither.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest

from crmmigrate.checks.profile_meaning import guess_meaning
from crmmigrate.checks.suggest_pairs import suggest
from crmmigrate.checks.suggest_values import match_codes
from crmmigrate.checks.suggest_words import ideas
from crmmigrate.cli.lint import find
from crmmigrate.cli.progress import Bars
from crmmigrate.errors import ConfigurationError
from crmmigrate.model.document import Document
from crmmigrate.model.location import Location
from crmmigrate.model.mapping import read_mapping
from crmmigrate.model.schema import TargetColumn, TargetSchema, TargetTable, read_target_schema
from crmmigrate.model.suggestion import Pair, SourceColumn, Suggestion
from crmmigrate.reports.mapping_draft import Draft, draft_text
from crmmigrate.runner.execute import Context
from crmmigrate.runner.mapping_tests import run_test
from crmmigrate.runner.single import read_one
from crmmigrate.runner.suggesting import best_table, draft_for, look_at
from crmmigrate.runner.workspace import Workspace

TRUTH = Path(__file__).parent / "suggest"
ROOT = Path(__file__).parents[2]
IN = ROOT / "samples" / "b2b" / "in"
SCHEMA = ROOT / "mappings" / "b2b" / "schema.yaml"
PUBLISHED = sorted(path.stem for path in TRUTH.glob("*_to_*.yaml"))
SAMPLES: list[dict[str, Any]] = Document.load(TRUTH / "samples.yaml").value


def column_of(name: str, values: list[Any]) -> SourceColumn:
    texts = [str(value) for value in values if value not in ("", None)]
    counts = {text: texts.count(text) for text in texts}
    meaning, _ = guess_meaning(name, list(counts), len(texts), len(counts))
    return SourceColumn(name, meaning, len(texts), len(counts), max(map(len, counts), default=0), counts)


def judged(found: Suggestion, truth: dict[str, str], either: dict[str, list[str]]) -> tuple[int, int, int]:
    """Return the right pairs, the wrong ones, and those that are missing."""
    got = {pair.target: pair.source for pair in found.pairs}
    right = sum(truth.get(target) == source for target, source in got.items())
    wrong = sum(truth.get(target) != source and source not in either.get(target, []) for target, source in got.items())
    return right, wrong, len(truth) - right


def rates(right: int, wrong: int, missing: int) -> tuple[float, float]:
    return right / max(1, right + wrong), right / max(1, right + missing)


@cache
def published(case: str) -> tuple[dict[str, Any], TargetSchema, list[SourceColumn]]:
    document = Document.load(TRUTH / f"{case}.yaml")
    part = Document.parse("version: 1", f"{case}.yaml")
    part.value = document.value["schema"]
    schema = part.read(TargetSchema)
    part.check()
    columns = document.value["columns"]
    return document.value, schema, [column_of(name, values) for name, values in columns.items()]


@pytest.fixture(scope="module")
def read(tmp_path_factory):
    """Return what reads a table of the sample, each once."""
    context = Context(Workspace(tmp_path_factory.mktemp("work")), Bars())
    known: dict[str, Any] = {}

    def table(location: str) -> Any:
        if location not in known:
            place = (
                location.replace("sqlite:///", f"sqlite:///{IN.as_posix()}/")
                if "://" in location
                else str(IN / location)
            )
            known[location] = read_one(Location.parse(place), context)
        return known[location]

    return table


@pytest.mark.parametrize("case", PUBLISHED)
def test_published_field_lists_find_each_other(case, capsys):
    value, schema, columns = published(case)
    found = suggest(columns, schema, value["target"], value["table"])
    precision, recall = rates(*judged(found, value["truth"], value.get("either", {})))
    with capsys.disabled():
        print(f"\n{case}: precision {precision:.2f}, recall {recall:.2f}")  # noqa: T201  # the figures are what the test is for
    assert precision >= 0.9
    assert recall >= 0.85


ERP = {
    "products": {
        "物料编码": "code", "名称": "name", "型号": "model", "规格": "spec", "计量单位": "unit", "单价": "price", "停产": "discontinued", "品牌": "brand",
        "条形码": "barcode", "库存": "stock", "助记码": "pinyin_code", "保质期": "shelf_life", "生产日期": "produced_on", "批号": "batch_number",
    },
    "contracts": {
        "合同编号": "number", "合同名称": "name", "签订日期": "signed_on", "生效日期": "starts_on", "到期日期": "ends_on", "价税合计": "amount", "税额": "tax",
        "付款条件": "payment_terms", "折扣率": "discount", "制单人": "created_by", "备注": "remark",
    },
    "opportunities": {"商机名称": "title", "预计签单日期": "expected_close_date", "赢单率": "probability", "竞争对手": "competitor", "商机编号": "number"},
    "deliveries": {"快递单号": "tracking_number", "物流公司": "carrier", "交货日期": "delivered_on", "收货地址": "shipping_address"},
    "customers": {"客户名称": "name", "信用额度": "credit_limit", "开户行": "bank", "满意度": "satisfaction", "法定代表人": "legal_representative"},
}  # fmt: skip
"""Table of a target → headers that exports of Chinese ERPs and CRMs have → its columns."""


@pytest.mark.parametrize("table", ERP)
def test_headers_of_chinese_exports_find_their_columns(table):
    truth = ERP[table]
    schema = TargetSchema(
        1, {table: TargetTable({name: TargetColumn() for name in (*truth.values(), "color", "level")})}
    )
    found = suggest([column_of(name, ["a", "b"]) for name in truth], schema, table, "export")
    assert {pair.source: pair.target for pair in found.pairs} == truth


def test_the_unit_of_a_contact_is_a_company_and_that_of_a_product_a_measure():
    assert ideas("单位") == (frozenset({"customer", "unit"}),)
    for name, column in (("products", "uom"), ("contacts", "company")):
        schema = TargetSchema(1, {name: TargetTable({column: TargetColumn(), "level": TargetColumn()})})
        assert [pair.target for pair in suggest([column_of("单位", ["a", "b"])], schema, name, "x").pairs] == [column]


def test_the_tables_of_the_sample_find_their_columns(read, capsys):
    schema = read_target_schema(SCHEMA)
    total = (0, 0, 0)
    for case in SAMPLES:
        table = read(case["location"])
        counts = judged(suggest(look_at(table), schema, case["table"], table.name.partition(".")[2]), case["truth"], {})
        total = tuple(a + b for a, b in zip(total, counts, strict=True))
    precision, recall = rates(*total)
    with capsys.disabled():
        print(f"\nsample: precision {precision:.2f}, recall {recall:.2f}")  # noqa: T201  # the figures are what the test is for
    assert precision >= 0.9
    assert recall >= 0.85


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_suggested_file_lints_clean_and_passes_its_own_test(language, read, tmp_path):
    schema = read_target_schema(SCHEMA)
    wanted = ("员工名单.xlsx", "旧CRM导出.xlsx#客户", "旧CRM导出.xlsx#联系人", "旧CRM导出.xlsx#跟进记录", "ERP订单.csv")
    for case in (case for location in wanted for case in SAMPLES if case["location"] == location):
        table = read(case["location"])
        draft = draft_for(table, look_at(table), schema, case["table"], "", tmp_path)
        path = tmp_path / f"{draft.object}.crmmap.yaml"
        path.write_text(draft_text(draft, language), encoding="utf-8")
        assert list(find([path], None, table.data_columns)) == []
        against = list(find([path], schema, table.data_columns))
        assert {finding.code for finding in against} <= {"mapping.required-unmapped"}, [
            f.message.text() for f in against
        ]
        mapping = read_mapping(path)
        assert [run_test(mapping, test).wrong for test in mapping.tests] == [[]]
    text = (tmp_path / "account.crmmap.yaml").read_text(encoding="utf-8")
    assert "owner_id: {from: 负责人, lookup: {object: user, by: 姓名, missing: blank}}" in text
    assert "  # open: no code for: 小微" in text if language == "en" else "小微" in text
    assert "account_id: {from: 客户编号, lookup: {object: account, by: 客户编号" in (
        tmp_path / "contact.crmmap.yaml"
    ).read_text(encoding="utf-8")
    user = (tmp_path / "user.crmmap.yaml").read_text(encoding="utf-8")
    assert "  # active: {from: 状态, values: {…}}" in user
    assert "  - 交接人  # " in user


def test_a_reference_whose_object_has_no_mapping_file_is_open_and_not_made_up(read, tmp_path):
    schema = read_target_schema(SCHEMA)
    table = read("ERP订单.csv")
    text = draft_text(draft_for(table, look_at(table), schema, "orders", "", tmp_path), "en")
    assert "  # open: it names a row of accounts, for which no mapping file lies here yet" in text
    assert "lookup: {object: account" not in text
    path = tmp_path / "order.crmmap.yaml"
    path.write_text(text, encoding="utf-8")
    assert list(find([path], None, table.data_columns)) == []


def test_unique_columns_without_a_source_are_named_and_a_picklist_is_no_key():
    part = Document.parse("""version: 1
picklists: {states: {new: new, old: old}}
tables:
  leads:
    columns:
      status: {type: text, length: 10, required: true, picklist: states}
      tax_code: {type: text, length: 20, unique: true}
      title: {type: text, length: 50, required: true}
      name: {type: text, length: 50, required: true}
""", "schema.yaml")  # fmt: skip
    schema = part.read(TargetSchema)
    part.check()
    columns = {"s": SourceColumn("s", filled=3, distinct=2, values={"new": 2, "old": 1}),
               "t": SourceColumn("t", filled=3, distinct=1), "n": SourceColumn("n", filled=3, distinct=3)}  # fmt: skip
    pairs = (
        Pair("s", "status", 0.9, codes={"new": "new", "old": "old"}),
        Pair("t", "title", 0.9),
        Pair("n", "name", 0.9),
    )
    text = draft_text(Draft(Suggestion(pairs, (), ("tax_code",)), columns, schema, "leads", "lead", "x", "", {}), "en")
    assert "# open: no unique column of the target has a source (tax_code): by what" in text
    assert "match: {on: [name]," in text


def test_the_table_that_fits_best_is_found(read):
    schema = read_target_schema(SCHEMA)
    for case in SAMPLES[:7]:
        table = read(case["location"])
        assert best_table(look_at(table), schema, table.name.partition(".")[2]) == case["table"], case["location"]


def test_a_table_that_is_not_there_and_one_that_nothing_fits(read, tmp_path):
    schema = read_target_schema(SCHEMA)
    table = read("ERP订单.csv")
    with pytest.raises(ConfigurationError) as missing:
        draft_for(table, look_at(table), schema, "ordrs", "", tmp_path)
    assert missing.value.hint is not None
    assert "orders" in missing.value.hint.text()
    alone = [column_of("zzq", ["#", "?"])]
    with pytest.raises(ConfigurationError) as nothing:
        draft_for(table, alone, schema, "orders", "", tmp_path)
    assert nothing.value.code == "suggest.nothing"


@pytest.mark.parametrize(
    ("one", "other"),
    [("khmc", "客户名称"), ("KHBH", "客户编号"), ("kehumingcheng", "客户名称"), ("cjrq", "创建日期"), ("客户名称*", "Account Name"),
     ("createdDate", "创建日期"), ("cname", "客户名称"), ("CUST_NM", "客户名称"), ("custtel1", "客户电话"), ("p_addr", "联系人地址"), ("empno", "员工编号"), ("crt_dt", "创建日期"), ("客户信息/地址", "customer address"), ("下次联系时间（必填）", "下次联系时间")],
)  # fmt: skip
def test_names_in_pinyin_english_and_chinese_stand_for_the_same(one, other):
    mine, theirs = ideas(one), ideas(other)
    assert len(mine) == len(theirs)
    assert all(any(word & another for another in theirs) for word in mine)


def test_values_find_their_codes_by_name_form_and_beginning():
    codes = {"prospect": "潜在客户", "customer": "成交客户", "lost": "流失客户", "A": "A级"}
    values = {"潜在 客户": 1, "成交": 1, "Ａ": 1, "a级": 1, "LOST": 1, "别的": 1, "客户": 1}
    assert match_codes(values, codes) == {
        "潜在 客户": "prospect", "成交": "customer", "Ａ": "A", "a级": "A", "LOST": "lost", "别的": None, "客户": None,
    }  # fmt: skip


def test_currencies_find_their_codes_by_whatever_they_are_called():
    said = {"人民币": 1, "RMB": 1, "美金": 1, "港币": 1, "元": 1, "英镑": 1}
    found = {"人民币": "CNY", "RMB": "CNY", "美金": "USD", "港币": "HKD", "元": None, "英镑": None}
    assert match_codes(said, {"CNY": "Chinese yuan", "USD": "US dollar", "HKD": "Hong Kong dollar"}) == found
    assert match_codes({"人民币": 1, "美元": 1}, {"01": "RMB", "02": "美金"}) == {"人民币": "01", "美元": "02"}
    assert match_codes({"元": 1, "人民币": 1}, {"1": "块", "2": "箱"}) == {"元": None, "人民币": None}, "units"


def test_a_text_without_a_limit_is_not_cut():
    from crmmigrate.model.schema import LONGEST
    from crmmigrate.reports.mapping_draft import _steps

    column = column_of("金额", ["12", "8万"])
    assert _steps(TargetColumn(length=LONGEST), column) == {"do": ["trim"]}
    assert _steps(TargetColumn(length=20), column) == {"do": ["trim", {"truncate": 20}]}
    money = {"do": ["amount", {"number": 2}], "on_error": "blank"}
    assert _steps(TargetColumn("decimal"), column) == money, "amounts as people write them"


def test_a_column_of_eleven_characters_takes_numbers_as_they_are_dialled():
    part = Document.parse(
        "{version: 1, tables: {people: {columns: {no: {unique: true}, tel: {length: 11}}}}}", "schema.yaml"
    )
    schema = part.read(TargetSchema)
    columns = {"ctel": column_of("ctel", ["+86 13912740001", "13912740002"])}
    text = draft_text(
        Draft(Suggestion((Pair("ctel", "tel", 0.9),), (), ()), columns, schema, "people", "person", "x", "", {}), "en"
    )
    assert (
        'tel: {from: ctel, do: [{phone: {region: CN}}, {split: "; "}, {part: 1}, national_phone], on_error: blank}'
        in text
    )


def test_of_columns_that_mean_the_same_the_fuller_one_is_suggested():
    """An address book brings columns of its own beside those of the CRM, and they are empty in most rows."""
    schema = TargetSchema(1, {"accounts": TargetTable({"name": TargetColumn(), "email": TargetColumn()})})
    columns = [
        column_of("EMAIL", ["x@a.cn", "", "", ""]), column_of("邮箱", [f"{i}@a.cn" for i in range(4)]),
        column_of("name", ["远大", "恒通", "瑞丰", "金石"]),
    ]  # fmt: skip
    for given in (columns, columns[::-1]):
        assert {pair.target: pair.source for pair in suggest(given, schema, "accounts").pairs}["email"] == "邮箱"
