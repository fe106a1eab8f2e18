"""Further people at a company that remarks tell."""

from __future__ import annotations

import pandas as pd
import pytest
from tests.matching.test_pairs import decide

from crmmigrate.matching.put_right.noted_contacts import CONTACT, PHONE, with_noted_contacts
from crmmigrate.matching.roles import shipped

COLUMNS = ("客户名称", "联系人", "手机", "备注")


def noted(remark):
    frame = pd.DataFrame(
        [["c/1", "杭州启明机械", "王强", "13800138000", remark]], columns=["_record", *COLUMNS], dtype="str"
    )
    found, _ = with_noted_contacts(frame, shipped("account", COLUMNS))
    return (found[CONTACT][0], found[PHONE][0]) if PHONE in found else None


@pytest.mark.parametrize(
    ("remark", "told"),
    [
        ("另联系李俊涛 13900139011", ("李俊涛", "13900139011")),
        ("月结30天；采购 李俊涛 139-0013-9011", ("李俊涛", "139-0013-9011")),
        ("还有李总13900139011", ("李总", "13900139011")),
        ("老客户介绍 另联系李俊涛 13900139011", ("李俊涛", "13900139011")),
        ("发货前电话联系，联系人：李俊涛 电话：13900139011", ("李俊涛", "13900139011")),
        ("设备负责人李工（13900139011）", ("李工", "13900139011")),
        ("已寄样本", None),
        ("样品单号 13900139011", None),
        ("另有样品到付 13900139011", None),
        ("介绍人李俊涛 13900139011", None),
        ("司机李师傅 13900139011", None),
        ("经销商联系人李俊涛 13900139011", None),
        ("送货找李俊涛 13900139011", None),
        ("采购李俊涛 13900139011 已离职", None),
        ("代账会计，联系李俊涛 13900139011", None),
        ("另联系李俊涛 1390013901100", None),
        ("业务李强13900139000", None),  # the vendor's as a rule
        ("对接王敏 13900139000", None),
    ],
)  # fmt: skip
def test_who_is_told(remark, told):
    assert noted(remark) == told


def customer(name, contact, mobile, remark):
    return dict(zip(COLUMNS, (name, contact, mobile, remark), strict=True))


@pytest.mark.parametrize(
    ("one", "other", "decided"),
    [
        (("常州玖亿", "杨林", "18878658301", "另联系唐远 13609391261"), ("常州玖亿自动化科技有限公司", "唐远", "13609391261", ""), "merge"),
        (("常州玖亿", "杨林", "18878658301", "另联系唐远 13609391261"), ("常州玖亿自动化科技有限公司", "李总", "13609391262", "采购 唐远 13609391261"), "merge"),
        (("常州玖亿", "杨林", "18878658301", "介绍人唐远 13609391261"), ("常州玖亿自动化科技有限公司", "唐远", "13609391261", ""), "other"),
        (("常州玖亿机械", "杨林", "18878658301", "另联系唐远 13609391261"), ("常州凯特包装有限公司", "唐远", "13609391261", ""), "other"),
    ],
)  # fmt: skip
def test_such_companies(one, other, decided):
    pair = customer(*one), customer(*other)
    for sides in (pair, pair[::-1]):
        decision = decide("account", COLUMNS, *sides)
        assert (decision == "merge") is (decided == "merge")


def test_people_are_left_alone():
    columns = ["_record", "姓名", "手机", "备注"]
    frame = pd.DataFrame([["c/1", "王强", "13800138000", "另联系李俊涛 13900139011"]], columns=columns, dtype="str")
    rules = shipped("contact", columns[1:])
    assert with_noted_contacts(frame, rules) == (frame, rules)


def test_whom_remarks_on_several_companies_tell_is_of_none_of_them():
    frame = pd.DataFrame(
        [
            ["c/1", "宁波恒达机械有限公司", "王强", "13822222222", "另联系李强13900139000"],
            ["c/2", "宁波恒大机械有限公司", "赵六", "13833333333", "另联系李强 139-0013-9000"],
            ["c/3", "启明电子", "孙七", "13844444444", "另联系周八13900139008"],
            ["c/4", "杭州启明电子有限公司", "吴九", "13855555555", "另联系周八13900139008"],
        ],
        columns=["_record", *COLUMNS],
        dtype="str",
    )
    found, _ = with_noted_contacts(frame, shipped("account", COLUMNS))
    assert found[PHONE].tolist()[2:] == ["13900139008"] * 2
    assert found[PHONE].isna().tolist() == [True, True, False, False]
