"""What one flat, one village and one mailbox domain say of two records, and what they do not."""

from __future__ import annotations

import pandas as pd
import pytest
from tests.matching.test_pairs import decide

from crmmigrate.matching.engine import match
from crmmigrate.matching.places.beyond import take_place_of_address
from crmmigrate.model.dedupe import ColumnRule, DedupeRules

PEOPLE = ("姓名", "手机", "住址", "邮箱")
SHOPS = ("客户名称", "联系人", "电话", "地址")
ONE, OTHER = "13800138001", "13900139002"


@pytest.mark.parametrize(
    ("name", "address", "mails", "decided"),
    [
        ("刘语璐", "南京市江宁区天元东路846号建设豪庭1幢1单元903室", ("", ""), "merge"),
        ("刘语璐", "南京市江宁区天元东路846号建设豪庭1幢1单元903室", ("liuyl@qq.com", "yulu88@163.com"), "review"),
        ("刘语璐", "南京市江宁区天元东路846号建设豪庭1幢1单元903室", ("yulu.liu@huaxin.com", "liuyl@qq.com"), "review"),
        ("赵勇", "深圳市宝安区沙井街道新桥工业区3栋2楼", ("", ""), "review"),
        ("赵敏", "武汉市洪山区珞喻路1037号学生宿舍12栋305", ("", ""), "review"),
        ("赵平", "杭州市滨江区网商路699号1号楼", ("", ""), "review"),
    ],
)
def test_one_name_in_one_flat(name, address, mails, decided):
    one, other = (dict(zip(PEOPLE, (name, mobile, address, mail), strict=True)) for mobile, mail in zip((ONE, OTHER), mails, strict=True))  # fmt: skip
    assert decide("contact", PEOPLE, one, other) == decided


@pytest.mark.parametrize(
    ("one", "other", "decided"),
    [
        (("便民超市", "周红", ONE, "萧县张庄村1组"), ("便民超市", "吴兰", OTHER, "萧县张庄村"), ("review", "alone")),
        (("红旗超市", "", "", "萧县大王村"), ("红旗超市", "", "", "萧县大王村3组"), ("review", "alone")),
        (("红旗超市", "周红", ONE, "萧县大王村"), ("红旗超市", "周红", ONE, "萧县大王村3组"), ("merge",)),
    ],
)
def test_a_village_has_many_houses(one, other, decided):
    assert decide("account", SHOPS, *(dict(zip(SHOPS, row, strict=True)) for row in (one, other))) in decided


@pytest.mark.parametrize(
    ("address", "city"), [("信宜镇隆镇", "440983"), ("中山古镇镇", "4420"), ("樟树冲村", ""), ("古县渡镇", "")]
)
def test_a_town_that_is_called_a_town_is_in_its_city(address, city):
    assert take_place_of_address(address)[0].city == city


def test_a_mailbox_at_work_and_a_private_one_are_two_to_a_rule():
    columns = {"name": ColumnRule(("姓名",)), "mobile": ColumnRule(("手机",)), "email": ColumnRule(("邮箱",))}
    rows = [["c/1", "王晓芳", ONE, "wangxf@acme.com"], ["c/2", "王晓芳", ONE, "wangxf88@qq.com"]]
    frame = pd.DataFrame(rows, columns=["_record", "姓名", "手机", "邮箱"], dtype="str")
    assert match(frame, DedupeRules(1, "contact", columns)).cluster.tolist() == [0, 0]
    rules = DedupeRules(1, "contact", columns, never=("different email",))
    assert match(frame, rules).cluster.tolist() == [0, 1]
