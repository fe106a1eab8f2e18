"""Shops, farms and restaurants of counties: called with their place, by their keeper, or by another word for what they do; and two shops of one owner."""

from __future__ import annotations

import pandas as pd
import pytest

from crmmigrate.matching.companies.levels import LEVELS
from crmmigrate.matching.company_name import make
from crmmigrate.matching.engine import match
from crmmigrate.matching.put_right.bodies_in_place import with_places
from crmmigrate.matching.put_right.shops_and_keepers import KEEPER, with_keepers
from crmmigrate.matching.put_right.shops_in_place import ALONE, with_shops_alone
from crmmigrate.matching.roles import shipped

COLUMNS = ["客户名称", "联系人", "手机", "县区", "乡镇街道", "详细地址", "营业执照号"]
MOBILE, OTHERS = "13912345601", "13700001111"


def frame_of(*rows):
    return pd.DataFrame([(f"s/{at}", *row) for at, row in enumerate(rows)], columns=["_record", *COLUMNS[: len(rows[0])]], dtype="str")  # fmt: skip


def decide(one, other):
    frame = frame_of(one, other)
    found = match(frame, shipped("account", frame.columns))
    return "merge" if found.cluster[1] == 0 else "review" if "review" in found.decision else ""


def level(one, other):
    import numpy as np

    found = make([one, other], np.ones(2)).compare(np.array([0, 1]), np.array([1, 0]))
    assert found[0] == found[1]
    return LEVELS[found[0]].name


def alone(name, *where):
    frame = frame_of((name, "李娜", MOBILE, *where))
    told, rules = with_shops_alone(frame, shipped("account", frame.columns))
    beside = told[ALONE][0] if ALONE in rules.columns["name"].columns else None
    return told["客户名称"][0], beside


@pytest.mark.parametrize(
    ("name", "where", "wanted"),
    [
        ("通城鑫月烧烤店", ("通城县", "五里镇", None), (None, "鑫月烧烤店")),
        ("萧县永固镇鑫月烧烤店", ("萧县", "永固", None), (None, "鑫月烧烤店")),
        ("永固鑫月烧烤店", (None, None, "萧县永固镇建设路12号"), (None, "鑫月烧烤店")),
        ("永固-鑫月馆", ("萧县", "永固镇", None), ("鑫月馆", None)),
        ("永固鑫月种植专业合作社", ("萧县", "永固镇", None), (None, "鑫月种植专业合作社")),
        ("通城茶百味（东风路店）", ("通城县", "五里镇", None), (None, "茶百味(东风路店)")),
        ("永固幼儿园", ("萧县", "永固镇", None), (None, None)),
        ("永固平价超市", ("萧县", "永固镇", None), (None, None)),
        ("永固超市", ("萧县", "永固镇", None), (None, None)),
        ("通城鑫月烧烤店", ("萧县", "永固镇", None), (None, None)),
        ("人民西路生活超市", ("萧县", "永固镇", "人民西路"), (None, None)),
        ("通城鑫月商贸有限公司", ("通城县", "五里镇", None), (None, None)),
        ("通城县中心小学", ("通城县", "五里镇", None), (None, None)),
    ],
)
def test_a_shop_without_its_own_place_before_it(name, where, wanted):
    instead, beside = wanted
    assert alone(name, *where) == (instead or name, beside)


@pytest.mark.parametrize(
    ("name", "contact", "shop", "keeper"),
    [
        ("郝建军（老郝小卖部）", "郝建军", "老郝小卖部", "郝建军"),
        ("郝建军（郝家烘焙坊）", "郝建军", "郝家烘焙坊", "郝建军"),
        ("郝建军（大碗快餐店）", "王芳", "大碗快餐店", "郝建军"),
        ("大碗快餐店-郝建军", "郝老板", "大碗快餐店", "郝建军"),
        ("大碗快餐店(甘建军)", "甘总", "大碗快餐店", "甘建军"),
        ("郝建军（郝建军种植专业合作社）", "郝哥", "郝建军种植专业合作社", "郝建军"),
        ("大碗快餐店（郝建军）", "建军", "大碗快餐店", "郝建军"),
        ("郝建军-面馆", "郝建军", "郝建军面馆", None),
        ("麦当劳（东风路店）", "王芳", "麦当劳（东风路店）", None),
        ("大碗快餐店-江华", "王芳", "大碗快餐店-江华", None),
        ("大碗快餐店-城北店", "郝建军", "大碗快餐店-城北店", None),
    ],
)
def test_whoever_keeps_a_shop_stands_before_or_behind_it(name, contact, shop, keeper):
    frame = frame_of((name, contact, MOBILE))
    told, rules = with_keepers(frame, shipped("account", frame.columns))
    assert told["客户名称"][0] == shop
    assert (told[KEEPER][0] if KEEPER in rules.columns["contact"].columns else None) == keeper


@pytest.mark.parametrize(
    ("one", "other", "wanted"),
    [
        ("启明商店", "启明超市", "similar"),
        ("启明小卖部", "启明便利店", "similar"),
        ("启明餐馆", "启明酒楼", "similar"),
        ("启明五金店", "启明五金建材", "similar"),
        ("启明卫生室", "启明诊所", "similar"),
        ("A老王五金店", "老王五金店", "namesake"),
        ("AAA老王五金店", "老王五金店", "namesake"),
        ("A佳超市", "佳超市", "one_character"),
        ("小桥村卫生室", "小桥卫生所", "similar"),
        ("启明商店", "启明包子铺", "other_trade"),
        ("王芳批发部", "王芳包子铺", "other_trade"),
        ("月亮综合商店", "百草口腔诊所", "other_trade"),
        ("月亮果园", "启明农资店", "other_trade"),
        ("启明种子店", "永固启明种子店", "branch"),
        ("启明烧烤店", "周家口启明烧烤店", "branch"),
        ("平价超市", "永固平价超市", "different"),
        ("启明五金商店", "启明五金", "short"),
        ("启明建材批发部", "启明建材店", "short"),
        ("王芳批发部", "启明五金店", "different"),
    ],
)
def test_one_kind_of_shop_and_other_trades(one, other, wanted):
    assert level(one, other) == wanted


IN_TOWN = ("萧县", "永固镇")


@pytest.mark.parametrize(
    ("one", "other", "wanted"),
    [
        (("启明商店", "张三丰", MOBILE, *IN_TOWN, "小桥村"), ("启明超市", "张三丰", MOBILE, *IN_TOWN, "萧县永固镇小桥村"), "merge"),
        (("启明商店", "张三丰", MOBILE, *IN_TOWN, "小桥村"), ("启明超市", "李娜", OTHERS, *IN_TOWN, "石岭村"), ""),
        (("永固-启明餐馆", "张三丰", MOBILE, *IN_TOWN, ""), ("启明餐馆", "张三丰", MOBILE, *IN_TOWN, "小桥村"), "merge"),
        (("启明果园", "张三丰", MOBILE, *IN_TOWN, "小桥村"), ("张三丰", "张三丰", MOBILE, *IN_TOWN, "永固镇小桥村"), "merge"),
        # One owner's two shops.
        (
            ("启明餐馆", "张三丰", MOBILE, "萧县", "白土镇", "小桥村"),
            ("永固启明餐馆", "张三丰", MOBILE, *IN_TOWN, "建设路12号"),
            "review",
        ),
        (("月亮餐馆", "张三丰", MOBILE, *IN_TOWN, "小桥村"), ("百草诊所", "张三丰", MOBILE, "萧县", "白土镇", "石岭村"), ""),
        (("张三丰批发部", "张三丰", MOBILE, *IN_TOWN, "建设路12号"), ("张三丰包子铺", "张三丰", MOBILE, *IN_TOWN, "镇政府旁"), "review"),
        (("启明餐馆", "张三丰", MOBILE, *IN_TOWN, "建设路12号"), ("启明餐馆分店", "张三丰", MOBILE, *IN_TOWN, "中学旁"), ""),
        (("张三丰（郝家烘焙坊）", "张三丰", MOBILE, *IN_TOWN, "小桥村"), ("启明涂料店", "张三丰", MOBILE, "萧县", "白土镇", "建设路12号"), ""),
        (("张三丰", "张三丰", MOBILE, *IN_TOWN, "小桥村"), ("启明涂料店", "张三丰", MOBILE, "萧县", "白土镇", "建设路12号"), "review"),
        (
            ("启明门窗店", "张三丰", MOBILE, *IN_TOWN, "建设路12号"),
            ("启明门窗店（老街店）", "张三丰", MOBILE, *IN_TOWN, "老街9号"),
            "",
        ),
        # Nothing says where 永固 is.
        (
            ("启明种子店", "张三丰", MOBILE, "", "", ""),
            ("永固-启明种子店", "张三丰", MOBILE, "萧县", "", "小桥村"),
            "review",
        ),
        # A shop that was renamed after its owner.
        (("月亮汽修店", "张三丰", MOBILE, *IN_TOWN, "小桥村"), ("张三丰汽修店", "张哥", MOBILE, *IN_TOWN, ""), "review"),
    ],
)  # fmt: skip
def test_two_records_of_one_town(one, other, wanted):
    assert decide(one, other) == wanted
    assert decide(other, one) == wanted


def test_one_licence_is_one_shop_whatever_it_is_called():
    one = ("月亮餐馆", "张三丰", MOBILE, *IN_TOWN, "小桥村", "92341322MA2N0A1C3X")
    other = ("启明超市", "李娜", OTHERS, "萧县", "白土镇", "石岭村", "92341322MA2N0A1C3X")
    assert decide(one, other) == "review"


def test_a_town_that_is_called_like_a_city_elsewhere_gives_no_body_its_city():
    frame = frame_of(("县人民医院", "李娜", MOBILE, "泰和县", "澄江", ""))
    assert with_places(frame, shipped("account", frame.columns))["客户名称"][0] == "县人民医院"
