"""What holds for every standard and every text: it is total, idempotent, in its format or untouched with a flag."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from crmmigrate import standards
from crmmigrate.errors import ConfigurationError, Findings
from crmmigrate.messages import Message
from crmmigrate.model.issue import CLASSES, CODES, SEVERITIES
from crmmigrate.model.standard import ColumnStandard

OPTIONS = {
    "quantity": {"unit": "kg"},
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
    "org_code": r"[0-9A-Z]{8}-[0-9X]",
    "reg_no": r"\d{13}|\d{15}|[\u4e00-\u9fff]{2,8}字第?\d{4,8}(?:-\d{1,3})?号?",
    "tax_id": r"[0-9A-Z]{15}|[0-9A-Z]{17}|[0-9A-Z]{18}|[0-9A-Z]{20}",
    "vin": r"[0-9A-HJ-NPR-Z]{17}",
    "plate": r"[^\s·;]{5,9}(?:; [^\s·;]{5,9})*",
    "wechat": r"(?:[A-Za-z][A-Za-z0-9_\-]{5,19}|\d{5,11})(?:; (?:[A-Za-z][A-Za-z0-9_\-]{5,19}|\d{5,11}))*",
    "qq": r"[1-9]\d{4,9}(?:; [1-9]\d{4,9})*",
    "room": r"(?:[^\s-]{2,8}-)?(?:[A-Z]?\d{1,3}[A-Z]?|[A-Z])-(?:\d{1,2}-|[A-Z]-)?[A-Z]?\d{2,4}[A-Z]?",
    "quantity": r"-?\d+(?:\.\d+)?",
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
ALPHABETS = {
    "address": "地址： 地址: 通讯地址： 住所： # - ， 。 中国 中华人民共和国 浙江省 浙江 杭州市 杭州 西湖区 西湖 北京市 北京 朝阳区 朝阳 吉林市 市辖区 省直辖 县 市中区 济南 江干区 省 市 区 县 州 路 号 "
               "文三路 1号 大厦 大学 邮编：310012 310012 （310012） 臺灣 台湾省 13800138000 电话 电话： 手机: 0571-87654321 ( ) （ ） [ ] 张三 无 同上 N/A , ; 、 _ 恩施州 新疆",
    "person_name": "Mr Mr. Ms Dr Prof · • . - 张 王 李 方 经 欧阳 伟 先生 女士 经理 总经理 总 主任 副总 局长 老师 老板 工 董 财务 前台 采购部 部 （ ） ( ) 【 】 （财务） （总） / 、 ， ; ： 老 小 某 * x 和 及 公司 "
                   "13800138000 0571-87654321 +86 电话 测试 客户 无 N/A 同上 John Smith O'Neil Lily 阿卜杜拉·买买提 同志 大姐 1 ' \" _",
    "company_name": "有 限 有限 公司 有限公司 有限责任公司 股份有限公司 集团 集团有限公司 公可 公司司 么司 分公司 杭州 北京 浙江省 甲乙 科技 （ ） ( ) [ ] 【 】 《 》 { } （） （北京） （集团） （停用） 停用 已注销 老客户 VIP "
                    "【重点】 * ★ # - — _ / ， ； ： 。 . · 采购部 信息中心 王经理 联系人： 张三 13800138000 电话： 0571-87654321 曾用名： 原 更名前 前身 厂 事务所 普通合伙 臺灣 無 无 同上 N/A NA null A B 1 3M & \" ' “ ” 、",
    "amount": "1 2 0 00 000 1234 12 . , ， 。 - − + ( ) （ ） ¥ ￥ $ € 元 美元 人民币 CNY rmb 万 千 百 亿 十万 千万 w k K 壹 贰 佰 仟 萬 拾 圆 角 分 整 正 零 约 左右 以上 至 ~ - 金额： 合计 预计 多 余 上下 e E+ e5 无 % .5 .00 .000 "
              "不超过 < > / 无 -0 0.1 1199.9999999999998",
    "percent": "1 2 0 . 12 % ％ ‰ pct percent - 百分之 千分之 十 二 一 百 零 .5 1.0 无 ,",
    "date": "农历 阴历 闰 正月 腊月 八月 初 十五 廿三 三十 除夕 中秋节 国庆 冬至 大寒 第 天 当天 底 季度 上旬 Q1 2023 2024 23 1 5 05 31 13 - / . 年 月 日 号 T Z +08:00 +00 +08 -05:00 UTC GMT : 14:30 18:00:00 14:30:00 00:00 上午 下午 晚上 PM AM 星期一 Mon, May Sep sept 45047 .5 .0 民国 112 元 二〇二三 五 一 十 0000-00-00 1900-01-01 20230501 , 、 无",
    "phone": "13800138000 0571 87654321 0571-87654321 010 400 800 95588 +86 0086 86 +852 2123 4567 +1 415 555 2671 138 0013 8000 - ( ) ; / , 、 转 ext ;ext= x # * 801 8001 E+10 .0 电话 手机： Tel: 传真 o O l I 张三 或 和 及 00000000 12345678 无",
    "email": "a b zhang . @ @@ ＠ # 163.com 163,com qq.com qq.con gmial.com .com 。 ， , ; / < > 张三 邮箱： mailto: E-mail ( ) [at] at - _ + cn 无 ' \" :",
    "url": "http:// https:// http: // htp:// \\\\ www. www abc . com 。 cn 公司 / ? # & = : 8080 @ , 、 网址： 无 ; 中国 www。",
    "credit_code": "91110000600037341L 9111 0000 6000 3734 1L O I S Z - _ 统一社会信用代码： 110000012345678 12345678 - X x （ ） 9 1 L 无",
    "org_code": "60003734-1 6000 3734 1 - X x I O Z S 组织机构代码： 91110000600037341L . 0 E+ 无",
    "reg_no": "330106000123458 330106 000123458 3301002000123 企独浙杭总 字第 字 000123 号 注册号： - . .0 E+14 91110000600037341L 无",
    "tax_id": "91110000600037341L 110000 600037341 110105491231002 11010519491231002X 01 税号： - O I S Z L X 无 .0 E+17",
    "vin": "1HGCM82633A004352 LSVAA4187E2184731 1HGCM826 33A004352 I O Q VIN： 车架号 - * x 无 11111111111111111",
    "plate": "京A12345 京 A 12345 沪 AD1234 D 粵B · - . 警 学 港 粤Z O I 、 / ; 新车 应急 使 使123456 WJ 无",
    "wechat": "abc123 zhang_san 微信： 微信 vx: wx 13800138000 +86 12345678 QQ qq: @qq.com 同手机 同号 / 、 - _ 张三 . ; 无",
    "qq": "12345678 87654321 QQ: qq 扣扣 @qq.com @vip.qq.com ＠ .0 E+08 13800138000 0 / 、 ; - 无",
    "room": "3 2 1501 03 0301 15 - -- / 号楼 栋 幢 座 # 单元 门 室 号 层 第 三 二 十 A B a 东区 一期 花园 2月3日 2023 1 , 、 无",
    "quantity": "1 2 00 , 1,200 . 5 万 千 台 件 kg 公斤 斤 吨 t m² 半 三 十 - ~ 约 左右 以上 多 数量： w k 无",
    "simplified": "業務 徐徵 乾 著 於 張三 臺灣 ( ) yè (yè) zhāng 寮犱紵 ÕÅÎ° °¡ \x1b \u00a0 无 ㈱ ①",
    "text": "業務 ( ) yè (yè) （yè） zhāng 张 寮犱紵 寮犱 笁 ÕÅ Î° å¼ ä¼Ÿ °¡ ·· \x1b \x80 \u00a0 无 ㈱ ① \ue81e Müller é ?? 锟斤拷",
    "resident_id": "11010519491231002X 11010519491231002 X x 110105491231002 1101051949 1231 002X - ' 身份证： . 0 * 无",
    "bool": "是 否 有 无 对 错 √ × Y N yes no true false 1 0 t f T F . 。 在用 不 勾 ✓ （ ） on off",
    "industry": "制造业 制造 製造業 C C13 65 A 互联网 批发 零售 批发和零售业 、 ， , - / 业 软件 信息传输 餐饮 其他 无 H 13 : （ ）",
    "division": "杭州 杭州市 浙江 浙江省 北京 北京市 西湖区 朝阳 朝阳区 恩施州 吉林 吉林市 仙桃 省 市 区 县 州 自治区 新疆 - / 、 臺灣 中国 市辖区 无",
    "enum": "制造业 生产 零售 批发和零售业 N/A级 N/A 级 1- 4. - 、 （ ） 製造業 業 A 无",
}  # fmt: skip
"""The words that stand in the rules of each standard: what random text never hits."""
ALPHABETS["datetime"] = ALPHABETS["date"]
GIVEN = {
    "address": ["地址：#", "地址：地址：无", "地址：", "中国 -"],
    "person_name": ["Mr·", "Mr. Mr·", "经理 先生", "测试先生", "（·）", "主任 总 张", "经理 李 王经理"],
    "company_name": ["有限有限公司有限公司", "（）有限公司", "（（））", "甲（（））有限公司", ".无", "【】", "有限公司公司公司"],
    "amount": ["--5", "(-5)", "-(5)", "1199.9999999999998"],
    "percent": ["1", "1.2", "100%"],
    "date": ["2023-05-01T18:00:00+00", "9999-12-31T23:00:00Z", "0001-01-01T00:00:00+14:00"],
    "datetime": ["2023-05-01 06:30:00+00", "9999-12-31T23:00:00Z", "0001-01-01T00:00:00+14:00"],
}  # fmt: skip
OWN = {
    name: st.lists(st.sampled_from((*ALPHABETS[name].split(), " ")), max_size=7).map("".join)
    for name in standards.NAMES
    if name in ALPHABETS
}
TEXTS = st.one_of(st.lists(PIECES, max_size=9).map("".join), st.text(max_size=25), st.sampled_from(SEEDS))


def cleaner(name: str):
    return standards.load(name).make(**OPTIONS.get(name, {}))


CLEANERS = {name: cleaner(name) for name in standards.NAMES}


@pytest.mark.parametrize("name", standards.NAMES)
@given(raw=TEXTS)
@example("")
@example(" ")
@example("\x00")
def test_total_idempotent_and_in_its_format(name, raw):
    check(name, raw)


@pytest.mark.parametrize("name", OWN)
@given(data=st.data())
def test_the_same_for_texts_of_the_words_in_its_rules(name, data):
    check(name, data.draw(OWN[name]))


@pytest.mark.parametrize(("name", "raw"), [(name, raw) for name, texts in GIVEN.items() for raw in texts])
def test_the_same_for_texts_that_went_wrong(name, raw):
    check(name, raw)


VARIANTS = [
    ("person_name", {"holds": "surname"}),
    ("person_name", {"holds": "given"}),
    ("phone", {"area_of_row": "571"}),
    ("phone", {"likely_region": "HK"}),
]


@pytest.mark.parametrize(("name", "options"), VARIANTS)
@given(data=st.data())
def test_the_same_with_other_options(name, options, data):
    clean = standards.load(name).make(**options)
    check(name, data.draw(st.one_of(OWN[name], TEXTS)), clean)


def check(name, raw, clean=None):
    clean = clean or CLEANERS[name]
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
