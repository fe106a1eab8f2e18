"""People, e-mail and web addresses, lists of words, industries, plain text."""

from __future__ import annotations

import pytest

from crmmigrate.standards import load

PEOPLE = [
    ("张伟", "张伟", {"姓": "张", "名": "伟"}), ("张 伟", "张伟", {}), ("张　伟", "张伟", {}),
    ("诸葛 珍国", "诸葛珍国", {"姓": "诸葛"}), ("欧阳修", "欧阳修", {"姓": "欧阳", "名": "修"}),
    ("张总", "张", {"称谓": "总", "姓": "张"}), ("李女士", "李", {"称谓": "女士", "性别": "女"}), ("王先生", "王", {"性别": "男"}), ("欧阳女士", "欧阳", {"姓": "欧阳"}),
    ("张伟总经理", "张伟", {"称谓": "总经理"}), ("总经理 张伟", "张伟", {"称谓": "总经理"}), ("采购部王经理", "王", {"部门": "采购部", "称谓": "经理"}),
    ("张伟（财务）", "张伟", {"称谓": "财务"}), ("李雷(Lily)", "李雷", {"备注": "Lily"}), ("张伟13800138000", "张伟", {"电话": "13800138000"}),
    ("Mr. John Smith", "John Smith", {"称谓": "Mr", "性别": "男"}), ("阿卜杜拉•买买提", "阿卜杜拉·买买提", {}), ("徐徵", "徐徵", {}), ("董昇", "董昇", {}), ("王建工", "王建工", {}),
    ("主任 方", "方", {"称谓": "主任", "姓": "方"}), ("女士 李", "李", {"称谓": "女士", "性别": "女"}), ("经理 李", "李", {"称谓": "经理", "姓": "李"}),
    ("局长 刘", "刘", {"称谓": "局长"}), ("总 王", "王", {"称谓": "总"}), ("先生　张", "张", {"性别": "男"}), ("先生：张", "张", {"称谓": "先生"}), ("经理：欧阳", "欧阳", {"称谓": "经理"}),
    ("主任 方圆", "方圆", {"称谓": "主任", "名": "圆"}), ("总经理 李 明", "李明", {"称谓": "总经理"}), ("王 总", "王", {"称谓": "总"}),
    ("尉迟恭", "尉迟恭", {"姓": "尉迟"}), ("Smith, John", "Smith, John", {}),
]  # fmt: skip
PEOPLE_REFUSED = [
    ("张三/李四", "person.several"), ("杭州甲乙有限公司", "person.company"), ("12345", "person.not-a-name"), ("王**", "person.masked"), ("先生", "person.not-a-name"), ("测试先生", "person.not-a-name"), ("经理 总经理", "person.not-a-name"),
]  # fmt: skip
EMAILS = [
    ("a@b.com", "a@b.com"), ("A.B@QQ.COM", "a.b@qq.com"), ("a＠163.com", "a@163.com"), ("a @ 163.com", "a@163.com"), ("a@163,com", "a@163.com"), ("a@163。com", "a@163.com"),
    ("zhang@gmial.com", "zhang@gmail.com"), ("zhang@qq.con", "zhang@qq.com"), ("a@b.com;c@d.com", "a@b.com; c@d.com"), ("a@b.com/c@d.com", "a@b.com; c@d.com"),
    ("张三 <a@b.com>", "a@b.com"), ("mailto:a@b.com", "a@b.com"), ("邮箱：a@b.com", "a@b.com"), ("a@@b.com", "a@b.com"), ("zhang@qq.co", "zhang@qq.co"), ("zs@gmaik.com", "zs@gmaik.com"),
]  # fmt: skip
EMAILS_REFUSED = [
    ("a.163.com", "email.no-at"),
    ("a@b", "email.invalid"),
    ("张@b.com", "email.non-ascii"),
    ("abc", "email.invalid"),
]
URLS = [
    ("www.abc.com", "http://www.abc.com"), ("http://www.ABC.com/", "http://www.abc.com"), ("https://abc.com/X?y=1", "https://abc.com/X?y=1"), ("http:\\\\www.abc.com", "http://www.abc.com"),
    ("htp://abc.com", "http://abc.com"), ("www。abc。com", "http://www.abc.com"), ("公司.cn", "http://公司.cn"), ("a@b.com", "a@b.com"), ("abc", "abc"),
]  # fmt: skip
INDUSTRIES = [
    ("制造业", "制造业"), ("製造業", "制造业"), ("制造", "制造业"), ("C", "制造业"), ("C 制造业", "制造业"), ("C13", "制造业"), ("65 软件和信息技术服务业", "信息传输、软件和信息技术服务业"),
    ("互联网", "信息传输、软件和信息技术服务业"), ("信息传输,软件和信息技术服务业", "信息传输、软件和信息技术服务业"), ("批发零售", "批发和零售业"), ("A制造业", "A制造业"), ("其他", "其他"),
]  # fmt: skip


@pytest.mark.parametrize(("raw", "value", "parts"), PEOPLE)
def test_people(raw, value, parts):
    cleaned = load("person_name").make()(raw)
    assert cleaned.value == value
    assert parts.items() <= cleaned.parts.items()


@pytest.mark.parametrize(("raw", "code"), PEOPLE_REFUSED)
def test_people_refused(raw, code):
    cleaned = load("person_name").make()(raw)
    assert cleaned.value == raw
    assert [flag.code for flag in cleaned.flags] == [code]


@pytest.mark.parametrize("raw", ["主任 方", "女士 李", "经理：欧阳"])
def test_a_surname_behind_a_title_is_not_certain(raw):
    cleaned = load("person_name").make()(raw)
    assert cleaned.confidence == "likely"
    assert [flag.code for flag in cleaned.flags] == ["person.title", "person.surname-only"]


def test_a_title_that_may_be_a_name_is_only_a_suggestion():
    cleaned = load("person_name").make()("王工")
    assert (cleaned.value, cleaned.candidates) == ("王工", ("王",))


@pytest.mark.parametrize(("raw", "value"), EMAILS)
def test_emails(raw, value):
    assert load("email").make()(raw).value == value


@pytest.mark.parametrize(("raw", "code"), EMAILS_REFUSED)
def test_emails_refused(raw, code):
    cleaned = load("email").make()(raw)
    assert cleaned.value == raw
    assert [flag.code for flag in cleaned.flags] == [code]


def test_an_unsure_domain_is_only_a_suggestion():
    assert load("email").make()("zhang@qq.co").candidates == ("zhang@qq.com",)


@pytest.mark.parametrize(("raw", "value"), URLS)
def test_urls(raw, value):
    assert load("url").make()(raw).value == value


@pytest.mark.parametrize(("raw", "value"), INDUSTRIES)
def test_industries(raw, value):
    assert load("industry").make()(raw).value == value


def test_industries_as_codes_and_own_words():
    assert load("industry").make(form="code")("餐饮").value == "H"
    assert load("industry").make(values={"直播": "I"})("直播").value == "信息传输、软件和信息技术服务业"


def test_lists_of_words_fold_spelling_and_suggest():
    clean = load("enum").make({"A级": "A级", "重点": "A级", "Ｂ类": "B级", "商务谈判": "商务谈判"})
    assert [clean(raw).value for raw in ("Ａ级", "a级", "重點", "b类", "4-商务谈判")] == [
        "A级",
        "A级",
        "A级",
        "B级",
        "商务谈判",
    ]
    unknown = clean("重点客")
    assert (unknown.value, unknown.candidates[0]) == ("重点客", "A级")


def test_two_values_spelt_alike_are_refused():
    with pytest.raises(ValueError, match="a"):
        load("enum").make({"甲": "A", "乙": "B", "a": "B"})


@pytest.mark.parametrize(("text", "candidates"), [
    ("退货", ()), ("未完成", ()), ("不取消", ()), ("代发货", ("待发货",)), ("完成", ("已完成",)), ("in active", ()), ("inactive", ()), ("not active", ()), ("actve", ("active",)),
])  # fmt: skip
def test_what_is_hardly_alike_or_says_the_opposite_is_not_suggested(text, candidates):
    clean = load("enum").make(["草稿", "待发货", "已发货", "已完成", "已取消", "active"])
    assert clean(text).candidates[:1] == candidates


def test_what_both_deny_is_suggested():
    assert load("enum").make(["未付款", "已付款"])("未付钱款").candidates == ("未付款",)


def test_yes_and_no():
    clean = load("bool").make(false=["在用"])
    assert [clean(raw).value for raw in ("是", "√", "Ｙ", "1", "否", "×", "0", "在用")] == ["true"] * 4 + ["false"] * 4
    assert clean("也许").value == "也许"


@pytest.mark.parametrize("raw", ["1", "1.0", "1.2", "12", "-1.5", "１"])
def test_a_share_of_1_or_more_needs_its_sign(raw):
    cleaned = load("percent").make()(raw)
    assert (cleaned.value, [flag.code for flag in cleaned.flags]) == (raw, ["percent.no-sign"])
    assert load("percent").make()("0.999").flags == ()
    assert load("percent").make()("120%").value == "1.2"


def test_text_takes_out_what_nobody_sees_and_nothing_else():
    clean = load("text").make()
    assert clean("\ufeff甲\u200b乙\u00a0\u00a0丙 ").value == "甲乙 丙"
    assert clean("第一行 \r\n 第二行").value == "第一行\n第二行"
    assert clean("ＡＢ１２，（㈱①）～").value == "AB12，（㈱①）～"
    assert [flag.code for flag in clean("日??己思懊").flags] == ["text.lost"]
    assert [flag.code for flag in clean("真的吗??").flags] == []
    assert load("text").make(lines=False)("甲\n乙").value == "甲 乙"
    assert load("text").make(keep=["无"])("无").value == "无"


def test_empty_leaves_everything_else_alone():
    clean = load("empty").make(words=["没填"])
    assert clean(" Ａ  b ").value == " Ａ  b "
    assert clean("没填").value is None


def test_no_name_with_a_rare_character_is_taken_for_scrambled_text():
    from crmmigrate.standards._scrambled import COMMON, unscrambled

    rare = [chr(code) for code in range(0x4E00, 0xA000) if chr(code) not in COMMON]
    names = [
        name for sign in rare for name in (sign, f"王{sign}", f"{sign}明", f"欧阳{sign}", f"琛{sign}", f"涓{sign}甲")
    ]
    assert [name for name in names if unscrambled(name)] == []


@pytest.mark.parametrize("name", ["张伟", "杭州甲乙科技有限公司", "王小明", "浙江省杭州市西湖区文三路"])
def test_text_read_in_the_wrong_encoding_comes_back_whole(name):
    clean = load("text").make()
    for written, read in (("gb18030", "latin-1"), ("utf-8", "latin-1"), ("utf-8", "gb18030")):
        try:
            scrambled = name.encode(written).decode(read)
        except UnicodeDecodeError:
            continue
        assert clean(scrambled).value == name
        assert clean(scrambled).confidence == "likely"
