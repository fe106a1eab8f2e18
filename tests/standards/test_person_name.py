"""Tricky names of people: surnames of two characters, titles on either side, several people, other scripts."""

from __future__ import annotations

import pytest

from crmmigrate.model.surnames import surnames
from crmmigrate.standards import load
from crmmigrate.standards.person_name import romanised

CLEAN = load("person_name").make()
READ = [
    ("单雄信", "单雄信", {"姓": "单", "名": "雄信"}, []),
    ("尉迟恭", "尉迟恭", {"姓": "尉迟", "名": "恭"}, []),
    ("尉迟 恭", "尉迟恭", {"姓": "尉迟", "名": "恭"}, []),
    ("欧阳娜娜", "欧阳娜娜", {"姓": "欧阳", "名": "娜娜"}, []),
    ("司马相如", "司马相如", {"姓": "司马", "名": "相如"}, []),
    ("慕容复总", "慕容复", {"称谓": "总", "姓": "慕容", "名": "复", "称呼": "慕容总"}, []),
    ("令狐冲经理", "令狐冲", {"称谓": "经理", "姓": "令狐", "名": "冲", "称呼": "令狐经理"}, []),
    ("上官婉儿女士", "上官婉儿", {"称谓": "女士", "性别": "女", "姓": "上官", "名": "婉儿", "称呼": "上官女士"}, []),
    ("诸葛亮先生", "诸葛亮", {"称谓": "先生", "性别": "男", "姓": "诸葛", "名": "亮", "称呼": "诸葛先生"}, []),
    ("夏 侯惇", "夏侯惇", {"姓": "夏侯", "名": "惇"}, []),
    ("皇甫嵩", "皇甫嵩", {"姓": "皇甫", "名": "嵩"}, []),
    ("万俟卨", "万俟卨", {"姓": "万俟", "名": "卨"}, []),
    ("澹台灭明", "澹台灭明", {"姓": "澹台", "名": "灭明"}, []),
    ("单于", "单于", {"姓": "单于"}, ["person.surname-only"]),
    ("曾志伟", "曾志伟", {"姓": "曾", "名": "志伟"}, []),
    ("区念中", "区念中", {"姓": "区", "名": "念中"}, []),
    ("区先生", "区", {"称谓": "先生", "性别": "男", "姓": "区", "称呼": "区先生"}, ["person.surname-only"]),
    ("解经理", "解", {"称谓": "经理", "姓": "解", "称呼": "解经理"}, ["person.surname-only"]),
    ("查 先生", "查", {"称谓": "先生", "性别": "男", "姓": "查", "称呼": "查先生"}, ["person.surname-only"]),
    ("盖叫天", "盖叫天", {"姓": "盖", "名": "叫天"}, []),
    ("仇英", "仇英", {"姓": "仇", "名": "英"}, []),
    ("王经理 (男)", "王", {"性别": "男", "称谓": "经理", "姓": "王", "称呼": "王经理"}, ["person.surname-only"]),
    ("李明先生（财务）", "李明", {"称谓": "先生 财务", "性别": "男", "姓": "李", "名": "明", "称呼": "李先生"}, []),
    ("张三（女）", "张三", {"性别": "女", "姓": "张", "名": "三"}, []),
    ("张三,女", "张三", {"性别": "女", "姓": "张", "名": "三"}, []),
    ("张三 男", "张三", {"性别": "男", "姓": "张", "名": "三"}, []),
    ("联系人：张三", "张三", {"姓": "张", "名": "三"}, []),
    ("姓名:李四", "李四", {"姓": "李", "名": "四"}, []),
    ("收货人：王五 13800138000", "王五", {"电话": "13800138000", "姓": "王", "名": "五"}, []),
    ("法定代表人：赵六", "赵六", {"姓": "赵", "名": "六"}, []),
    ("王伟Wang Wei", "王伟", {"备注": "Wang Wei", "姓": "王", "名": "伟"}, []),
    ("王伟 Wang Wei", "王伟", {"备注": "Wang Wei", "姓": "王", "名": "伟"}, []),
    ("王伟 Wei Wang", "王伟", {"备注": "Wei Wang", "姓": "王", "名": "伟"}, []),
    ("王伟（Wang Wei）", "王伟", {"备注": "Wang Wei", "姓": "王", "名": "伟"}, []),
    ("Mr.张", "张", {"称谓": "Mr", "性别": "男", "姓": "张", "称呼": "Mr. 张"}, ["person.surname-only"]),
    ("Ms Zhang Wei", "Zhang Wei", {"称谓": "Ms", "性别": "女"}, []),
    ("Dr. Anna Schmidt", "Anna Schmidt", {"称谓": "Dr"}, []),
    ("Smith, John", "Smith, John", {}, []),
    ("O'Neil", "O'Neil", {}, []),
    ("Jean-Pierre Dupont", "Jean-Pierre Dupont", {}, []),
    ("阿卜杜拉·买买提", "阿卜杜拉·买买提", {}, []),
    ("阿卜杜拉•买买提", "阿卜杜拉·买买提", {}, []),
    ("阿卜杜拉．买买提", "阿卜杜拉·买买提", {}, []),
    ("买买提·艾力 先生", "买买提·艾力", {"称谓": "先生", "性别": "男"}, []),
    ("迪丽热巴·迪力木拉提", "迪丽热巴·迪力木拉提", {}, []),
    ("采购部王经理", "王", {"称谓": "经理", "部门": "采购部", "姓": "王", "称呼": "王经理"}, ["person.surname-only"]),
    ("采购部 李雷", "李雷", {"部门": "采购部", "姓": "李", "名": "雷"}, []),
    ("技术中心张工", "张工", {"部门": "技术中心", "姓": "张", "名": "工"}, ["person.maybe-title"]),
    ("董事长张三", "张三", {"称谓": "董事长", "姓": "张", "名": "三", "称呼": "张董事长"}, []),
    ("张三董事长", "张三", {"称谓": "董事长", "姓": "张", "名": "三", "称呼": "张董事长"}, []),
    ("丁总工程师", "丁", {"称谓": "总工程师", "姓": "丁", "称呼": "丁总工程师"}, ["person.surname-only"]),
    ("孙老师", "孙", {"称谓": "老师", "姓": "孙", "称呼": "孙老师"}, ["person.surname-only"]),
    ("刘总监", "刘", {"称谓": "总监", "姓": "刘", "称呼": "刘总监"}, ["person.surname-only"]),
    ("赵副总", "赵", {"称谓": "副总", "姓": "赵", "称呼": "赵副总"}, ["person.surname-only"]),
    ("陈厂长", "陈", {"称谓": "厂长", "姓": "陈", "称呼": "陈厂长"}, ["person.surname-only"]),
    ("周局长", "周", {"称谓": "局长", "姓": "周", "称呼": "周局长"}, ["person.surname-only"]),
    ("吴主任 ", "吴", {"称谓": "主任", "姓": "吴", "称呼": "吴主任"}, ["person.surname-only"]),
    ("总经理:李明", "李明", {"称谓": "总经理", "姓": "李", "名": "明", "称呼": "李总经理"}, []),
    ("总经理助理 王芳", "王芳", {"称谓": "总经理助理", "姓": "王", "名": "芳"}, []),
    ("主任 方", "方", {"称谓": "主任", "姓": "方", "称呼": "方主任"}, ["person.surname-only"]),
    ("女士 李", "李", {"称谓": "女士", "性别": "女", "姓": "李", "称呼": "李女士"}, ["person.surname-only"]),
    ("老板 陈", "陈", {"称谓": "老板", "姓": "陈", "称呼": "陈老板"}, ["person.surname-only"]),
    ("陈老板娘", "陈", {"称谓": "老板娘", "姓": "陈", "称呼": "陈老板娘"}, ["person.surname-only"]),
    ("刘师傅", "刘", {"称谓": "师傅", "姓": "刘", "称呼": "刘师傅"}, ["person.surname-only"]),
    ("小王", "小王", {"姓": "王"}, ["person.surname-only"]),
    ("老李", "老李", {"姓": "李"}, ["person.surname-only"]),
    ("大刘", "大刘", {"姓": "刘"}, ["person.surname-only"]),
    ("李工", "李工", {"姓": "李", "名": "工"}, ["person.maybe-title"]),
    ("司马工", "司马工", {"姓": "司马", "名": "工"}, ["person.maybe-title"]),
    ("周董", "周董", {"姓": "周", "名": "董"}, ["person.maybe-title"]),
    ("张哥", "张哥", {"姓": "张", "名": "哥"}, ["person.maybe-title"]),
    ("徐徵", "徐徵", {"姓": "徐", "名": "徵"}, []),
    ("董昇", "董昇", {"姓": "董", "名": "昇"}, []),
    ("王建工", "王建工", {"姓": "王", "名": "建工"}, []),
    ("张三13800138000", "张三", {"电话": "13800138000", "姓": "张", "名": "三"}, []),
    ("张三 0571-87654321", "张三", {"电话": "0571-87654321", "姓": "张", "名": "三"}, []),
    ("张三（采购）13800138000", "张三", {"电话": "13800138000", "称谓": "采购", "姓": "张", "名": "三"}, []),
    ("张三（已离职）", "张三", {"备注": "已离职", "姓": "张", "名": "三"}, []),
    ("张 三 丰", "张三丰", {"姓": "张", "名": "三丰"}, []),
    ("马\u3000晓东", "马晓东", {"姓": "马", "名": "晓东"}, []),
    ("\u3000王芳\u3000", "王芳", {"姓": "王", "名": "芳"}, []),
    ("張偉", "張偉", {"姓": "張", "名": "偉"}, []),
    ("陳總", "陳", {"称谓": "總", "姓": "陳", "称呼": "陳總"}, ["person.surname-only"]),
    ("于是乎", "于是乎", {"姓": "于", "名": "是乎"}, []),
    ("贺知章", "贺知章", {"姓": "贺", "名": "知章"}, []),
    ("樊梨花", "樊梨花", {"姓": "樊", "名": "梨花"}, []),
]
OPEN = [
    ("张三/李四", "person.several", ("张三", "李四")),
    ("张三、李四", "person.several", ("张三", "李四")),
    ("张三 李四", "person.several", ("张三", "李四")),
    ("张总/李总", "person.several", ("张", "李")),
    ("张三经理、李四", "person.several", ("张三", "李四")),
    ("张三,李四,王五", "person.several", ("张三", "李四", "王五")),
    ("张三&李四", "person.several", ("张三", "李四")),
    ("张三和李四", "person.several", ("张三", "李四")),
    ("杭州甲乙有限公司", "person.company", ()),
    ("北京丙丁集团", "person.company", ()),
    ("某某事务所", "person.company", ()),
    ("12345", "person.not-a-name", ()),
    ("王**", "person.masked", ()),
    ("李某某", "person.masked", ()),
    ("张*", "person.masked", ()),
    ("先生", "person.not-a-name", ()),
    ("总经理", "person.not-a-name", ()),
    ("前台", "person.not-a-name", ()),
    ("测试", "person.not-a-name", ()),
    ("测试先生", "person.not-a-name", ()),
    ("经理 总经理", "person.not-a-name", ()),
    ("客户", "person.not-a-name", ()),
    ("@@@", "person.not-a-name", ()),
]
PINYIN = [
    ("曾", "志伟", "Zeng Zhiwei"), ("单", "雄信", "Shan Xiongxin"), ("仇", "英", "Qiu Ying"), ("尉迟", "恭", "Yuchi Gong"), ("解", "晓东", "Xie Xiaodong"), ("查", "良镛", "Zha Liangyong"),
    ("盖", "叫天", "Ge Jiaotian"), ("区", "念中", "Ou Nianzhong"), ("任", "长霞", "Ren Changxia"), ("朴", "树", "Piao Shu"), ("乐", "嘉", "Yue Jia"), ("万俟", "卨", "Moqi Xie"), ("澹台", "灭明", "Tantai Mieming"),
    ("吕", "布", "Lyu Bu"), ("华", "罗庚", "Hua Luogeng"), ("缪", "荃孙", "Miao Quansun"), ("长孙", "无忌", "Zhangsun Wuji"), ("单于", "", "Chanyu"), ("令狐", "冲", "Linghu Chong"), ("翟", "天临", "Zhai Tianlin"),
    ("逄", "锦聚", "Pang Jinju"), ("郗", "鉴", "Xi Jian"), ("宓", "妃", "Mi Fei"), ("乜", "子", "Nie Zi"), ("张", "三", "Zhang San"),
]  # fmt: skip


@pytest.mark.parametrize(("raw", "value", "parts", "doubts"), READ)
def test_read(raw, value, parts, doubts):
    cleaned = CLEAN(raw)
    assert (cleaned.value, dict(cleaned.parts)) == (value, parts)
    assert [flag.code for flag in cleaned.flags if flag.severity != "info"] == doubts
    assert CLEAN(value).value == value


@pytest.mark.parametrize(("raw", "code", "candidates"), OPEN)
def test_what_is_no_single_name_stays(raw, code, candidates):
    cleaned = CLEAN(raw)
    assert (cleaned.value, cleaned.confidence, cleaned.candidates) == (raw, "suggested", candidates)
    assert code in [flag.code for flag in cleaned.flags]


@pytest.mark.parametrize(("surname", "given", "pinyin"), PINYIN)
def test_surnames_have_their_own_readings(surname, given, pinyin):
    assert romanised(surname, given) == pinyin


def test_pinyin_where_it_is_asked_for():
    assert load("person_name").make(pinyin=True)("曾志伟先生").parts["拼音"] == "Zeng Zhiwei"
    assert "拼音" not in CLEAN("曾志伟先生").parts


def test_sex_is_never_told_by_a_name():
    assert all("性别" not in CLEAN(name).parts for name in ("王丽娟", "李建国", "陈总", "刘经理", "孙老师", "小王"))


def test_there_are_enough_compound_surnames():
    assert sum(len(surname) > 1 for surname in surnames()) >= 56


def test_pinyin_is_yes_or_no():
    with pytest.raises(ValueError, match="pinyin"):
        load("person_name").make(pinyin="yes")


IN_PARTS = [
    ("surname", "王", "王", {"姓": "王"}, []),
    ("surname", " 欧 阳 ", "欧阳", {"姓": "欧阳"}, ["text.blanks"]),
    ("surname", "王总", "王", {"姓": "王", "称谓": "总"}, ["person.title"]),
    ("surname", "王小明", "王小明", {"姓": "王", "名": "小明"}, ["person.whole-name"]),
    ("surname", "尉迟恭", "尉迟恭", {"姓": "尉迟", "名": "恭"}, ["person.whole-name"]),
    ("surname", "司徒", "司徒", {"姓": "司徒"}, []),
    ("surname", "和", "和", {"姓": "和"}, []),
    ("surname", "Smith", "Smith", {"姓": "Smith"}, []),
    ("surname", "van der Berg", "van der Berg", {"姓": "van der Berg"}, []),
    ("surname", "12", "12", {}, ["person.not-a-name"]),
    ("surname", "无", None, {}, ["empty.word"]),
    ("given", "志伟", "志伟", {"名": "志伟"}, []),
    ("given", "文静", "文静", {"名": "文静"}, []),
    ("given", "小平", "小平", {"名": "小平"}, []),
    ("given", "工", "工", {"名": "工"}, []),
    ("given", "伟 国", "伟国", {"名": "伟国"}, ["text.blanks"]),
    ("given", "Anna-Maria", "Anna-Maria", {"名": "Anna-Maria"}, []),
    ("given", "王*", "王*", {}, ["person.masked"]),
    ("given", "甲乙有限公司", "甲乙有限公司", {}, ["person.company"]),
]


@pytest.mark.parametrize(("holds", "raw", "value", "parts", "codes"), IN_PARTS)
def test_a_column_of_surnames_or_given_names_holds_no_whole_names(holds, raw, value, parts, codes):
    cleaned = load("person_name").make(holds=holds)(raw)
    assert (cleaned.value, dict(cleaned.parts), [flag.code for flag in cleaned.flags]) == (value, parts, codes)


def test_another_word_for_what_a_column_holds_is_refused():
    with pytest.raises(ValueError, match="holds: family"):
        load("person_name").make(holds="family")
