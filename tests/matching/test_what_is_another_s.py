"""What stands in a record and is somebody else's, or says nothing: it brings no two together."""

from __future__ import annotations

import pytest
from tests.matching.test_pairs import decide, valid_code

LEAD = ("姓名", "手机号", "微信号/昵称", "个人主页", "证件号码", "备注")
CUSTOMER = ("客户名称", "营业执照名称", "电话", "地址", "开票信息")
PAGE, SHOP = "https://www.facebook.com/profile.php?id=", "成都华沙置地有限公司"


def made(columns, *cells):
    return {column: cell or None for column, cell in zip(columns, cells, strict=True)}


@pytest.mark.parametrize(
    ("one", "other", "decided"),
    [
        (("王芳", "13800138001", "", f"{PAGE}100001", "", ""), ("王芳", "13900139002", "", f"{PAGE}100002", "", ""), "alone"),
        (("王芳", "13800138001", "", f"{PAGE}100001", "", ""), ("王芳", "", "", f"{PAGE}100001&ref=x", "", ""), "merge"),
        (("黄勇", "", "", "linkedin.com/company/acme", "", ""), ("黄勇", "", "", "linkedin.com/company/acme", "", ""), "review"),
        (("刘洋", "13411110001", "无微信", "", "", ""), ("刘洋", "13922220002", "无微信", "", "", ""), "alone"),
        (("赵越", "13900139314", "岁月静好", "", "", ""), ("赵越", "13922220315", "岁月静好", "", "", ""), "review"),
        (("Tan Wei Ming", "60123456789", "", "", "900101-14-5678", ""), ("Tan Wei Ming", "60123456789", "", "", "850505-10-1234", ""), "never"),
        (("李静", "13800138803", "", "", "", "联系号码13800138810 物业"), ("李静", "13800138804", "", "", "", "联系号码13800138810 物业"), "alone"),
    ],
)  # fmt: skip
def test_people(one, other, decided):
    pair = made(LEAD, *one), made(LEAD, *other)
    for sides in (pair, pair[::-1]):
        decision = decide("contact", LEAD, *sides)
        assert decision != "merge" if decided in ("never", "review") else decision == decided


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("华沙万家望江店", "", "", "成都市武侯区望江路9号", f"{SHOP} 税号 {valid_code(9)}"), ("华沙万家春熙店", "", "", "成都市锦江区春熙路19号", f"{SHOP} 税号 {valid_code(9)}")),
        (("华沙万家望江店", "", "", "成都市武侯区望江路9号", f"{SHOP} 税号 {valid_code(9)}"), (SHOP, "", "", "", "")),
        (("张美莲", "", "", "", f"成都美丽建材有限公司 税号 {valid_code(8)}"), ("成都美丽建材有限公司", "", "", "", "")),
        (("小龙坎老火锅", "成都大龙餐饮管理有限公司", "028-81110001", "成都市锦江区红星路10号", ""), ("成都大龙餐饮管理有限公司", "", "", "成都市高新区天府二街99号", "")),
    ],
)  # fmt: skip
def test_companies(one, other):
    pair = made(CUSTOMER, *one), made(CUSTOMER, *other)
    assert decide("account", CUSTOMER, *pair) != "merge"
    assert decide("account", CUSTOMER, *pair[::-1]) != "merge"


def test_long_cells_take_no_time():
    from crmmigrate.matching.people.parts import people
    from crmmigrate.matching.profile import page

    assert people("a " * 40_000) is not None
    assert page("a.b" + "/" * 60_000 + "x1") == ""
