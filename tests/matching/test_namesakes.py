"""People of one name in one company, of whom a mobile is all that differs: of a common name they are two as a rule."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from crmmigrate.matching.engine import match
from crmmigrate.matching.evidence import Here
from crmmigrate.matching.explaining import Explainer
from crmmigrate.matching.roles import shipped

COMPANIES = [
    "杭州启明机械有限公司",
    "宁波海曙远航物流有限公司",
    "青岛海容冷链有限公司",
    "成都天府软件有限公司",
    "武汉光谷联合科技有限公司",
    "厦门鹭岛食品有限公司",
]


def contacts(rows):
    frame = pd.DataFrame(
        [(f"s/{at:02}", *row) for at, row in enumerate(rows)], columns=["_record", "姓名", "公司", "手机"], dtype="str"
    )
    rules = shipped("contact", frame.columns)
    assert rules is not None
    return frame, rules


@pytest.mark.parametrize(("name", "together"), [("张伟", False), ("欧阳靖雯", True)])
def test_only_a_rare_name_is_merged_where_the_mobile_was_changed(name, together):
    rows = [("张伟", company, f"1380013800{at}") for at, company in enumerate(COMPANIES)]
    rows += [(name, "苏州锦正茶业有限公司", "13911112222"), (name, "苏州锦正茶业有限公司", "13733334444")]
    frame, rules = contacts(rows)
    found = match(frame, rules)
    assert together == bool(found.cluster[6] == found.cluster[7])


@pytest.mark.parametrize(("name", "together"), [("邓娟", False), ("毛国辰", True)])
def test_one_identity_number_and_two_names_are_not_merged(name, together):
    number = "330109197312174116"
    rows = [("毛国辰", number, "13817152271"), (name, number, "18809506263")]
    frame = pd.DataFrame(
        [(f"s/{at}", *row) for at, row in enumerate(rows)], columns=["_record", "姓名", "身份证号", "手机"]
    )
    rules = shipped("contact", frame.columns)
    assert rules is not None
    found = match(frame, rules)
    assert together == bool(found.cluster[0] == found.cluster[1])


def test_the_shop_at_which_a_member_registered_is_no_employer():
    rules = shipped("contact", ["会员姓名", "手机", "登记门店", "身份证号"])
    assert rules is not None
    assert "company" not in rules.columns


@pytest.mark.parametrize(("people", "together"), [(3, True), (400, False)])
def test_a_large_employer_says_less_of_two_people_of_one_name(people, together):
    rows = [
        (f"{'赵钱孙周'[at % 4]}{chr(0x4E00 + at)}{chr(0x5000 + at)}", "宝隆钢铁股份有限公司") for at in range(people)
    ]
    rows += [("欧阳靖雯", "宝隆钢铁股份有限公司")] * 2
    rows += [
        (f"吴{chr(0x6000 + at)}{chr(0x6200 + at)}", f"杭州{chr(0x6000 + at)}{chr(0x6200 + at)}机械有限公司")
        for at in range(200)
    ]
    frame = pd.DataFrame(
        [(f"s/{at:04}", *row, f"部门{at}") for at, row in enumerate(rows)], columns=["_record", "姓名", "公司", "部门"], dtype="str"
    )  # fmt: skip
    rules = shipped("contact", frame.columns)
    assert rules is not None
    found = match(frame, rules)
    assert together == bool(found.cluster[people] == found.cluster[people + 1])


def test_people_are_counted_the_same_in_a_part_that_is_told_the_sums():
    from crmmigrate.matching.company_name import make

    values = ["宝隆钢铁股份有限公司", "宝隆钢铁", "杭州启明机械有限公司", ""]
    counts = np.array([40, 30, 12, 5])
    left, right = np.array([0, 0, 2, 3]), np.array([0, 1, 2, 3])
    whole, part = make(values, counts, of="people"), make(values, np.ones(4, dtype=np.int64), of="people")
    told = [dict(zip(tally.keys.tolist(), tally.times.tolist(), strict=True)) for tally in whole.tallies()]
    part.recount([lambda keys, known=known: np.array([known.get(key, 0) for key in keys.tolist()]) for known in told])
    assert part.others(left, right).tolist() == whole.others(left, right).tolist() == [35, 25, 7, 0]


def test_nobody_is_asked_about_colleagues_on_one_telephone():
    names = [
        "张伟民",
        "李国强",
        "王秀兰",
        "刘建军",
        "陈晓燕",
        "杨德明",
        "赵文静",
        "黄志刚",
        "周海燕",
        "吴永红",
        "徐丽萍",
        "孙学军",
    ]
    rows = [(name, COMPANIES[at // 2], f"1380013800{at // 2}") for at, name in enumerate(names)]
    frame, rules = contacts(rows)
    found = match(frame, rules)
    assert len(set(found.cluster)) == len(rows)
    assert not len(found.left)  # none of them is likely enough to be looked at


def test_a_company_says_nothing_for_two_people_of_different_names():
    rows = [
        ("张伟民", COMPANIES[0], "13800138000"),
        ("李国强", COMPANIES[0], "13800138000"),
        ("王秀兰", COMPANIES[1], "13800138001"),
    ]
    frame, rules = contacts(rows)
    comparison = Here(frame, rules).comparison
    left, right = np.array([0]), np.array([1])
    weights = dict(zip(comparison.names, comparison.score(left, right).weights[0], strict=True))
    assert weights["mobile"] > 0
    assert weights["company"] == 0


def test_who_is_asked_about_two_people_reads_why_their_company_counts_for_nothing():
    rows = [
        ("张伟民", COMPANIES[0], "13800138000", "buyer@hengtong.cn"),
        ("李国强", COMPANIES[0], "13800138000", "buyer@hengtong.cn"),
        ("王秀兰", COMPANIES[1], "13800138001", "wang@hengtong.cn"),
        ("王秀兰", COMPANIES[1], "13800138001", None),
    ]
    frame = pd.DataFrame(
        [(f"s/{at}", *row) for at, row in enumerate(rows)],
        columns=["_record", "姓名", "公司", "手机", "邮箱"],
        dtype="str",
    )
    rules = shipped("contact", frame.columns)
    assert rules is not None
    found = match(frame, rules)
    told = Explainer(rules, found)
    number, texts = told.told()
    sentences = [texts[at] for at in number.tolist()]
    pairs = list(zip(found.left.tolist(), found.right.tolist(), strict=True))
    two, one = pairs.index((0, 1)), pairs.index((2, 3))
    for sentence in (sentences[two], told.message(two).text("en")):
        assert "the same registered name; the names differ, and colleagues have that in common (+0.0)" in sentence
    for sentence in (sentences[one], told.message(one).text("en")):
        assert "colleagues" not in sentence


@pytest.mark.parametrize("called", ["Lucy", "Peter", "Tom Smith"])
def test_a_name_in_letters_and_one_in_characters_on_one_telephone_of_one_company_are_asked_about(called):
    rows = [
        (called, COMPANIES[0], "13800138000"),
        ("陈露", COMPANIES[0], "13800138000"),
        ("王秀兰", COMPANIES[1], None),
    ]
    frame, rules = contacts(rows)
    found = match(frame, rules)
    assert len(set(found.cluster)) == len(rows)
    assert [*zip(found.left.tolist(), found.right.tolist(), strict=True)] == [(0, 1)]


@pytest.mark.parametrize(
    ("others", "merged"),
    [
        ([("王伟", "苏州锦正茶业有限公司", "13911112222")], True),
        ([("王伟", "苏州锦正茶业有限公司", "13911112222"), ("王芳", "苏州锦正茶业有限公司", "13911112222")], False),
        ([("王伟", "苏州锦正茶业有限公司", "13911112222"), ("王芳", "苏州锦正茶业有限公司", "13733334444")], True),
        ([("王伟", "苏州锦正茶业有限公司", "13911112222"), ("王经理", "苏州锦正茶业有限公司", "13911112222")], True),
    ],
)
def test_somebody_who_may_be_either_of_two_is_asked_about(others, merged):
    """王总 is whoever of that surname has the telephone; where two have it, nobody knows whom."""
    frame, rules = contacts([("王总", "苏州锦正茶业有限公司", "13911112222"), *others])
    found = match(frame, rules)
    assert bool(found.cluster[0] == found.cluster[1]) is merged
    shown = {(a, b): decision for a, b, decision in zip(found.left, found.right, found.decision, strict=True)}
    assert shown[0, 1] == ("merge" if merged else "review")


@pytest.mark.parametrize(
    ("one", "other", "together"),
    [
        ("崔海涛", "崔海涛", True),
        ("崔海涛（上海）", "崔海涛", True),
        ("崔海涛（上海）", "崔海涛（上海市）", True),
        ("崔海涛（浙江）", "崔海涛（杭州）", True),
        ("崔海涛（上海）", "崔海涛（采购）", True),
        ("崔海涛（上海）", "崔海涛（北京）", False),
        ("崔海涛-上海", "崔海涛 杭州市", False),
    ],
)
def test_a_town_beside_each_name_tells_namesakes_apart(one, other, together):
    rows = [
        (f"欧阳{name}", company, f"1380013800{at}")
        for at, (name, company) in enumerate(zip("靖雯浩然子轩", COMPANIES, strict=True))
    ]
    rows += [(one, "苏州锦正茶业有限公司", "13911112222"), (other, "苏州锦正茶业有限公司", "13733334444")]
    frame, rules = contacts(rows)
    assert together == bool((found := match(frame, rules)).cluster[6] == found.cluster[7])
    same = frame.assign(手机=frame["手机"].where(frame["_record"] != "s/07", "13911112222"))
    assert (found := match(same, rules)).cluster[6] == found.cluster[7]
