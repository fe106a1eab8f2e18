"""What holds for every standard and every text: it is total, idempotent, in its format or untouched with a flag."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from crmmigrate import standards
from crmmigrate.errors import ConfigurationError, Findings
from crmmigrate.messages import Message
from crmmigrate.model.issue import CLASSES, CODES, SEVERITIES
from crmmigrate.model.standard import ColumnStandard

OPTIONS = {
    "enum": {"values": {"制造业": "制造业", "生产": "制造业", "零售": "批发和零售业", "N/A级": "N/A级"}},
    "division": {"level": "city"},
}
FORMATS = {
    "bool": r"true|false",
    "enum": r"制造业|批发和零售业|N/A级",
    "phone": r"(?:\+\d{7,15}|\d{3,8})(?:;ext=\d{1,6})?(?:; (?:\+\d{7,15}|\d{3,8})(?:;ext=\d{1,6})?)*",
    "email": r"[^\s@;]+@[^\s@;]+\.[a-z]{2,24}(?:; [^\s@;]+@[^\s@;]+\.[a-z]{2,24})*",
    "url": r"https?://\S+\.\S+",
    "credit_code": r"[0-9ANY][0-9]\d{6}[0-9A-HJ-NPQRTUWXY]{10}",
    "resident_id": r"\d{17}[\dX]",
    "date": r"\d{4}-\d\d-\d\d",
    "datetime": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d",
    "amount": r"-?\d+(?:\.\d+)?",
    "percent": r"-?\d+(?:\.\d+)?",
}
SEEDS = (
    "13800138000", "0571-87654321转801", "1.3800138E+10", "138 0013 8000/139-0013-9000", "+852 2123 4567", "2023年5月1日", "45047.5", "民国112年5月1日",
    "05/01/2023", "12万", "¥1,200.00", "人民币壹仟元整", "10-20万", "杭州甲乙(北京)科技有限公司采购部", "臺灣積體電路製造股份有限公司", "张伟（采购）13800138000",
    "欧阳女士", "王工", "浙江 杭州 西湖 文三路1号", "西湖区文三路", "北京市北京市朝阳区", "９１１１００００６０００３７３４１Ｌ", "11010519491231002x", "a＠163,com", "张三 <a@b.com>",
    "http:\\\\www.abc.com", "是", "√", "制造業", "65 软件和信息技术服务业", "12.5%", "百分之十二", "N/A", "无", "-", "同上", "\u200b\u00a0NA\u3000", "日??己", "\ue000甲",
)  # fmt: skip
PIECES = st.sampled_from((
    *"0123456789０１２３４９ＡａＢ　 \t\n.-/:：;；,，、()（）[]【】+*#@＠°%％¥$€年月日时分秒点万亿千百元角整甲乙张王李欧阳总工先生女士经理有限责任公司分部省市区县州路号街西湖朝北京南杭州浙江上海吉林海朝阳转",
    "有限公司", "（北京）", "采购部", "经理", "先生", "13800138000", "0571", "2023", "12", "31", "壹仟", "@qq.com", ".com", "http://", "www.", "91110000600037341L", "\u200b",
    "\ufeff", "\ue000", "\ufffd", "\ud800", "繁體", "電話", "E+10", ".0", "浙江省", "杭州市", "西湖区", "朝阳区", "北京市", "江苏省", "鼓楼区", "曾用名", "原", "邮编", "310012", "Ltd", "Mr. ",
    "(停用)", "-注销", "ext", "T", "Z", "下午", "民国", "无", "N/A", "C13", "业",
))  # fmt: skip
TEXTS = st.one_of(st.lists(PIECES, max_size=9).map("".join), st.text(max_size=25), st.sampled_from(SEEDS))


def cleaner(name: str):
    return standards.load(name).make(**OPTIONS.get(name, {}))


CLEANERS = {name: cleaner(name) for name in standards.NAMES}


@pytest.mark.parametrize("name", standards.NAMES)
@given(raw=TEXTS)
@example("")
@example(" ")
@example("\x00")
@settings(max_examples=120)
def test_total_idempotent_and_in_its_format(name, raw):
    clean = CLEANERS[name]
    cleaned = clean(raw)
    applied = raw if cleaned.confidence == "suggested" else cleaned.value
    if cleaned.confidence == "suggested":
        assert cleaned.value == raw
        assert cleaned.flags
    if applied != raw:
        assert cleaned.flags, "a change says what it was"
    if applied is not None:
        assert clean(applied).value == applied
        in_format = re.fullmatch(FORMATS.get(name, "(?s:.*)"), applied)
        assert in_format or (applied == raw and cleaned.flags)
    for flag in cleaned.flags:
        assert flag.code in standards.load(name).codes
        assert flag.severity in SEVERITIES
        assert flag.kind in CLASSES
    assert all(isinstance(value, str) and value for value in cleaned.parts.values())
    assert all(isinstance(value, str) for value in cleaned.candidates)


@pytest.mark.parametrize("name", standards.NAMES)
def test_the_seeds_are_idempotent(name):
    for raw in SEEDS:
        cleaned = CLEANERS[name](raw)
        if cleaned.value is not None:
            assert CLEANERS[name](cleaned.value).value == cleaned.value, raw


@pytest.mark.parametrize("name", standards.NAMES)
def test_declarations(name):
    standard = standards.load(name)
    assert standard.name == name
    assert standard.make.__doc__
    assert all(CODES[code] == title for code, title in standard.codes.items())


@pytest.mark.parametrize("name", [name for name in standards.NAMES if name not in ("company_name", "bool")])
@pytest.mark.parametrize("raw", ["N/A", "无", "-", "待定", "—", "暂无", " ", "NULL"])
def test_words_that_say_nothing_become_empty(name, raw):
    assert CLEANERS[name](raw).value is None


@pytest.mark.parametrize("raw", ["NA", "None", "null", "Nan"])
def test_companies_of_such_names_survive(raw):
    assert CLEANERS["company_name"](raw).value == raw


@pytest.mark.parametrize("raw", ["N/A", "无", "-", "待定"])
def test_a_company_is_not_called_nothing(raw):
    assert CLEANERS["company_name"](raw).value is None


def test_an_unknown_standard_is_refused_with_the_nearest():
    with pytest.raises(ConfigurationError) as caught:
        standards.load("compny_name")
    assert caught.value.code == "standard.unknown"
    assert caught.value.hint == Message("did you mean '{name}'?", name="company_name")


def test_an_unknown_option_is_refused():
    with pytest.raises(ConfigurationError, match=r"standard\.unknown-option"):
        standards.cleaner(ColumnStandard("phone", options={"regon": "CN"}))


def test_a_wrong_option_value_is_refused():
    with pytest.raises(ConfigurationError, match=r"standard\.option-value"):
        standards.cleaner(ColumnStandard("date", options={"order": "ymd"}))


def test_check_standard_finds_everything_with_its_place(tmp_path):
    path = tmp_path / "standard.yaml"
    path.write_text(
        "version: 1\nobjects:\n  account:\n    columns:\n      名称: {standard: compny_name}\n      手机: {standard: phone, regon: CN}\n"
        "      行业: {values: lists/none.csv}\n      级别: {values: [A, B]}\n",
        encoding="utf-8",
    )
    with pytest.raises(Findings) as caught:
        standards.check_standard(path)
    found = [(error.code, error.place.rpartition("standard.yaml:")[2]) for error in caught.value.errors]
    assert [code for code, _ in found] == ["standard.unknown", "standard.unknown-option", "standard.values-unreadable"]
    assert [place.partition(":")[0] for _, place in found] == ["5", "6", "7"]


def test_lists_of_values_come_inline_or_from_a_file(tmp_path):
    (tmp_path / "list.csv").write_text("value,synonyms\n制造业,制造|生产\n零售业,\n", encoding="utf-8-sig")
    from_file = standards.read_values("list.csv", tmp_path)
    assert from_file == {"制造业": "制造业", "零售业": "零售业", "制造": "制造业", "生产": "制造业"}
    assert standards.read_values({"制造业": "制造|生产", "零售业": ""}) == from_file
    assert standards.read_values(["A", "B"]) == {"A": "A", "B": "B"}
