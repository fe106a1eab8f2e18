"""Customers that are people or shops in one column, and people and companies that have changed places."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from crmmigrate.matching.engine import match
from crmmigrate.matching.golden.survivorship import golden
from crmmigrate.matching.people.noted import whom_a_note_names
from crmmigrate.matching.put_right.course import sorted_out
from crmmigrate.matching.put_right.parties import CALLED, FOUND, NUMBER, holds_both
from crmmigrate.matching.roles import shipped

COLUMNS = ("_record", "客户名称", "收货人", "手机", "收货地址")


def grouped(rows, columns=COLUMNS):
    frame = pd.DataFrame([(f"s/{at}", *row) for at, row in enumerate(rows)], columns=list(columns), dtype="str")
    rules = shipped("contact", frame.columns)
    return match(frame, rules).cluster.tolist(), sorted_out(frame, rules)


def test_a_person_under_the_header_of_customers_is_one():
    rows = [
        ("罗建平", None, "13993125629", None),
        ("罗老师", None, "139 9312 5629", None),
        ("李勇", None, "13823288886", "上海市滨河路389号7栋2单元1204室"),
        ("许秀英", None, "13823288886", "上海市滨河路389号7-2-1204"),
        ("阿亮文具店", "王亮", "13063142662", None),
    ]
    clusters, (frame, rules) = grouped(rows)
    assert clusters == [0, 0, 2, 3, 4]
    assert rules.columns["name"].columns == ("收货人", FOUND)
    assert frame["客户名称"].isna().tolist() == [True, True, True, True, False]


@pytest.mark.parametrize(("branches", "clusters"), [(("", ""), [0, 0]), (("（江北店）", "（创业路店）"), [0, 1])])
def test_a_shop_is_one_whoever_was_asked_for_there_and_two_of_a_chain_are_two(branches, clusters):
    rows = [
        (f"老街鞋店{branch}", who, phone, f"重庆市兴业路{house}号底商19号")
        for branch, who, phone, house in zip(
            branches, ("邓学新", None), ("18777717735", None), (64, 64 if branches == ("", "") else 119), strict=True
        )
    ]
    others = [("宏达母婴店", "马辉", "13842742062", None), ("张三", None, "13911112222", None)]
    assert grouped([*rows, *others])[0][:2] == clusters


def test_a_person_and_a_company_that_have_changed_places_are_put_right():
    columns = ("_record", "姓名", "公司", "手机")
    rows = [("周海萍", "青岛艾威轴承有限公司", "17368926108"), ("青岛艾威轴承有限公司", "周海萍", "17368926108")]
    clusters, (frame, rules) = grouped(rows, columns)
    assert clusters == [0, 0]
    assert frame["姓名"].tolist() == ["周海萍"] * 2
    assert not holds_both(rules)


def test_a_short_company_under_a_header_of_companies_stays_one():
    columns = ("_record", "姓名", "公司", "手机")
    frame = grouped([("李鹏", "徐工", "13636365812"), (None, "万科", None)], columns)[1][0]
    assert frame["公司"].tolist() == ["徐工", "万科"]


@pytest.mark.parametrize(
    ("name", "employer"),
    [
        ("鸿远机械 李娜", "鸿远机械"), ("刘总-宏图科技", "宏图科技"), ("王强（恒达贸易）", "恒达贸易"), ("李娜/杭州鸿远机械有限公司", "杭州鸿远机械有限公司"),
        ("李娜 浙江大学", "浙江大学"), ("李娜 杭州第一医院", "杭州第一医院"),
        ("李娜 大学同学", None), ("李娜 医院护士", None), ("李娜 软件工程师", None), ("李娜 设备维修", None), ("李娜 上海公司", None), ("李娜 上海物流公司", None),
        ("李娜 外贸公司", None), ("李娜 第一医院", None), ("李娜 设备供应商", None),
        ("售后服务 李娜", None), ("物流部 李娜", None), ("李娜", None), ("鸿远机械", None), ("恒达贸易 宏图科技 李娜", None), ("李娜 工程师", None),
    ],
)  # fmt: skip
def test_a_company_beside_a_name_is_the_employer_where_none_is_told(name, employer):
    columns = ("_record", "姓名", "公司", "手机")
    frame = grouped([(name, None, "13636365812"), (name, "徐工集团", None)], columns)[1][0]
    assert (
        frame["公司"].tolist() == [employer or None, "徐工集团"]
        if employer
        else frame["公司"].isna().tolist() == [True, False]
    )
    assert frame["姓名"].tolist() == [name] * 2


def test_a_company_beside_a_name_brings_people_of_one_switchboard_together():
    columns = ("_record", "姓名", "公司", "电话")
    rows = [
        ("鸿远机械 李娜", None, "0571-88001234"),
        ("李娜", "杭州鸿远机械有限公司", "0571-88001234"),
        ("恒达贸易 李娜", None, "021-66001234"),
    ]
    assert grouped(rows, columns)[0] == [0, 0, 2]


@pytest.mark.parametrize("word", ["大学同学", "设备维修", "上海公司", "保险公司", "医院护士"])
def test_two_who_are_called_alike_are_not_one_for_how_somebody_knows_them(word):
    columns = ("_record", "姓名", "公司", "手机")
    assert grouped([(f"张伟 {word}", None, mobile) for mobile in ("13805711001", "15967112233")], columns)[0] == [0, 1]


@pytest.mark.parametrize(
    ("surname", "given", "whole"),
    [
        ("张", "伟", "张伟"),
        ("张伟", None, "张伟"),
        ("张伟", "伟", "张伟"),
        ("张", "张伟", "张伟"),
        ("张", "张", "张张"),
        (None, "伟", "伟"),
        ("Smith", "John", "John Smith"),
        (" Smith ", "", "Smith"),
        ("Smith", "John Smith", "John Smith"),
        ("Smith, John", "John", "Smith, John"),
        ("Jones", "Jonesy", "Jonesy Jones"),
        (None, None, None),
    ],
)
def test_names_in_two_columns_are_one(surname, given, whole):
    frame = pd.DataFrame([("s/1", surname, given)], columns=["_record", "姓", "名"], dtype="str")
    joined, rules = sorted_out(frame, shipped("contact", frame.columns))
    [column] = rules.columns["full_name"].columns
    assert joined[column].fillna("").tolist() == [whole or ""]


def test_people_whose_names_stand_in_two_columns_are_merged():
    rows = [
        ("张", "伟", "13911110001"),
        ("张伟", None, "139 1111 0001"),
        ("Oliveri", "Michaela", "13912340678"),
        ("Olivieri", "Micheala", "13912340678"),
        ("Lovelock", "Thomas", "13912340678"),
    ]
    clusters, _ = grouped(rows, ("_record", "姓", "名", "手机"))
    assert clusters == [0, 0, 2, 2, 4]


def test_a_surname_alone_does_not_make_two_people_one():
    rows = [("Jane Smith", "13912340678"), ("Paul Smith", "13912340678"), ("Smith", "13912340678")]
    clusters, _ = grouped(rows, ("_record", "姓名", "手机"))
    assert clusters[0] != clusters[1]


@pytest.mark.parametrize(
    ("rows", "kept"),
    [
        ([("张伟", None), (None, "张伟")], ("张伟", None)),
        ([("Smith", None), (None, "John Smith")], (None, "John Smith")),
        ([("李娜", None), ("李", "娜"), (None, "李娜")], ("李", "娜")),
        ([("Smith", "John"), ("John", "Smith")], ("Smith", "John")),
    ],
)
def test_both_parts_of_a_name_survive_together(rows, kept):
    frame = pd.DataFrame([(f"s/{n}", *row) for n, row in enumerate(rows)], columns=["_record", "姓", "名"], dtype="str")
    rules = shipped("contact", frame.columns)
    made = golden(frame, np.zeros(len(frame), dtype=np.int64), rules).rows
    assert (made["姓"][0].as_py(), made["名"][0].as_py()) == kept


@pytest.mark.parametrize(
    ("name", "company", "changed"),
    [
        ("骏川装饰", "江海燕", True), ("中砾餐饮管理", "龚建国", True), ("浙江移动", "周炳坤", True), ("中铁建", "徐婷婷", True), ("海屿机电", "孔根发", True),
        ("徐工", "万科", False), ("王建设", "李娜", False), ("刘文静 华航化工", "万科", False), ("江海燕", "万森化工", False),
    ],
)  # fmt: skip
def test_a_company_is_known_in_the_place_of_a_name_by_what_it_does(name, company, changed):
    columns = ("_record", "姓名", "公司", "手机")
    frame = grouped([(name, company, "13636365812")], columns)[1][0]
    assert frame[["姓名", "公司"]].to_numpy().tolist() == [[company, name] if changed else [name, company]]


REMARKED = ("_record", "姓名", "备注", "手机", "公司", "添加人")


@pytest.mark.parametrize(
    ("nickname", "remark", "called"),
    [
        ("随缘", "刘文静 华航化工", "刘文静"), ("Sunny", "华航化工 采购刘文静", "刘文静"), ("根根", "华为 总经理韦长根", "韦长根"), ("阳光", "姚磊-飞楠盛服饰技术", "姚磊"),
        ("随缘", "华航化工刘文静", "华航化工刘文静"), ("平安", "欧阳树人 比亚迪", "欧阳树人"), ("王强", "高意向", "王强"), ("王强", "老客户 已报价", "王强"),
        ("王强", None, "王强"), (None, "刘文静 华航化工", "刘文静"),
    ],
)  # fmt: skip
def test_a_remark_names_who_has_a_nickname(nickname, remark, called):
    rows = [(nickname, remark, "13636365812", None, "冯倩"), ("赵敏", None, "13636365813", None, "冯倩")]
    frame, rules = grouped(rows, REMARKED)[1]
    assert rules.columns["name"].columns == (CALLED,)
    assert frame[CALLED].tolist() == [called, "赵敏"]


def test_what_many_remarks_say_is_no_name():
    rows = [("王强", "高总经理", f"1363636581{at}", None, "冯倩") for at in range(3)]
    rows = [(name, "高丽 重要客户公司", *rest) for name, _, *rest in rows]
    assert grouped(rows, REMARKED)[1][0][CALLED].tolist() == ["王强"] * 3


@pytest.mark.parametrize(
    ("columns", "names"),
    [
        (("姓名", "备注名", "手机"), ("姓名", "备注名")),
        (("昵称", "备注", "手机"), ("昵称", "备注")),
        (("姓名", "备注", "手机", "添加人"), ("姓名", "备注")),
        (("姓名", "备注", "手机", "添加时间"), ("姓名",)),
        (("姓名", "备注", "手机"), ("姓名",)),
        (("姓", "名", "备注名"), None),
    ],
)
def test_remarks_are_names_in_lists_of_a_messenger(columns, names):
    rules = shipped("contact", columns)
    assert (rules.columns["name"].columns if "name" in rules.columns else None) == names


def test_a_mobile_beside_a_name_is_one_of_that_person():
    columns = ("_record", "姓名", "手机", "备用电话")
    rows = [("许彩虹 158 2514 8788", None, None), ("许彩虹", None, "15825148788"), ("李娜 15825148789", None, None)]
    clusters, (_, rules) = grouped(rows, columns)
    assert clusters == [0, 0, 2]
    assert rules.columns["mobile"].columns == ("手机", "备用电话", NUMBER)


@pytest.mark.parametrize(
    ("one", "other", "mobiles", "together"),
    [
        ("吕志强", "吕志伟", ("13575966828", "13114691364"), False),
        ("金永福", "金女士", ("17792483406", "13689345445"), False),
        ("金红霞", "金女士", ("17792483406", "13689345445"), True),
        ("吕晓丽", "吕小莉", ("13575966828", "13114691364"), True),
        ("吕志强", "吕志强", ("13575966828", "13114691364"), True),
    ],
)
def test_an_account_of_a_shop_is_a_family_s(one, other, mobiles, together):
    columns = ("_record", "买家昵称", "收货人", "手机号", "省", "市", "详细地址")
    where = ("河南省", "郑州市", "工业大道830号万科金域9幢4单元1402室")
    rows = [("jd904915174", who, mobile, *where) for who, mobile in zip((one, other), mobiles, strict=True)]
    assert (grouped(rows, columns)[0] == [0, 0]) is together


def test_a_remark_is_no_name_where_it_is_not_known_whose():
    """Two columns of names, one of them empty as a rule: what stands in 备注 is not compared as a third."""
    columns = ("_record", "姓名", "联系人", "手机", "备注", "添加人")
    rows = [
        ("c/1", "张伟", None, "13636365811", "老客户", "冯倩"),
        ("c/2", None, "李娜", "13636365811", "老客户", "冯倩"),
    ]
    frame = pd.DataFrame(rows, columns=list(columns), dtype="str")
    rules = shipped("contact", columns[1:])
    assert "备注" not in sorted_out(frame, rules)[1].columns["name"].columns
    assert match(frame, rules).cluster.tolist() == [0, 1]


@pytest.mark.parametrize(
    "company", ["华泰机械有限公司", "金鑫建材有限公司", "方正科技股份有限公司", "高德软件有限公司"]
)
def test_a_company_is_nobody_with_a_company_behind_the_name(company):
    assert not whom_a_note_names(company, of_a_company=True)
    rows = [("c/1", company, "13636365811", "周丽"), ("c/2", "周丽", "13636365811", company)]
    frame = pd.DataFrame(rows, columns=["_record", "姓名", "手机", "公司"], dtype="str")
    assert match(frame, shipped("contact", frame.columns[1:])).cluster.tolist() == [0, 0]


def test_a_remark_names_nobody_anew_who_is_named():
    columns = ("_record", "姓名", "手机", "备注", "添加人")
    rows = [("c/1", "张伟", "13636365811", "财务李小红", "冯倩"), ("c/2", "随缘", "13636365812", "财务李小红", "冯倩")]
    frame = pd.DataFrame(rows, columns=list(columns), dtype="str")
    assert sorted_out(frame, shipped("contact", columns[1:]))[0][CALLED].tolist() == ["张伟", "李小红"]
