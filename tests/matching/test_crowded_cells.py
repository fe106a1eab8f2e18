"""Cells of companies in which more stands than their header says."""

from __future__ import annotations

import pandas as pd
import pytest

from crmmigrate.matching.engine import match
from crmmigrate.matching.put_right.crowded_cells import taken_out, with_parts_apart
from crmmigrate.matching.roles import shipped


@pytest.mark.parametrize(
    ("kind", "cell", "own", "told"),
    [
        (
            "name",
            "NINGBO HENGTAI TOYS CO.,LTD; ADD: NO.12 LANTIAN ROAD, NINGBO; TEL: 0574-87654321; ATTN: MS LIN",
            "NINGBO HENGTAI TOYS CO.,LTD",
            {"address": ["NO.12 LANTIAN ROAD, NINGBO"], "phone": ["0574-87654321"], "contact": ["MS LIN"]},
        ),
        (
            "name",
            "宁波恒泰玩具有限公司\n地址：宁波市海曙区蓝天路12号\n电话：0574-87654321\n13912345678\n联系人：林静",
            "宁波恒泰玩具有限公司",
            {"address": ["宁波市海曙区蓝天路12号"], "phone": ["0574-87654321\n13912345678"], "contact": ["林静"]},
        ),
        (
            "name",
            "宁波恒泰玩具有限公司地址：蓝天路12号电话：13912345678联系人：林静",
            "宁波恒泰玩具有限公司",
            {"address": ["蓝天路12号"], "phone": ["13912345678"], "contact": ["林静"]},
        ),
        ("address", "蓝天路12号物流电话：0574-87654321", "蓝天路12号物流电话：0574-87654321", {}),
        (
            "address",
            "宁波市海曙区蓝天路12号, ATTN:林静, TEL:13912345678; FAX:0574-87654322, lin@hengtai-toys.cn",
            "宁波市海曙区蓝天路12号",
            {"email": ["lin@hengtai-toys.cn"], "contact": ["林静"], "phone": ["13912345678", "0574-87654322"]},
        ),
        (
            "address",
            "NO 12, LANTIAN RD, NINGBO CODE 3302961234",
            "NO 12, LANTIAN RD, NINGBO",
            {"credit_code": ["3302961234"]},
        ),
        ("address", "NO 12, LANTIAN RD, NINGBO; PICK UP: NO 99, DADI ROAD, NINGBO", "NO 12, LANTIAN RD, NINGBO", {}),
        ("address", "PICK UP: NO 99, DADI ROAD, NINGBO", "NO 99, DADI ROAD, NINGBO", {}),
        ("address", "收货地址:蓝天路12号 电话:0574-87654321", "蓝天路12号", {"phone": ["0574-87654321"]}),
        ("address", "宁波市海曙区蓝天路12号 装货地址:宁波市北仑区大地路99号", "宁波市海曙区蓝天路12号", {}),
        ("contact", "MS LIN lin@hengtai-toys.cn", "MS LIN", {"email": ["lin@hengtai-toys.cn"]}),
        ("name", "Blue Sky Toys code: 3302961234", "Blue Sky Toys", {"credit_code": ["3302961234"]}),
        ("name", "Blue Sky Toys Code 91330206MA2H5K8Q1T", "Blue Sky Toys", {"credit_code": ["91330206MA2H5K8Q1T"]}),
        ("name", "T: Systems", "T: Systems", {}),
        ("name", "NOTE: Blue Ltd", "NOTE: Blue Ltd", {}),
        ("address", "1 CODE ROAD, SINGAPORE 123456", "1 CODE ROAD, SINGAPORE 123456", {}),
        ("remark", "Code 24680135", "Code 24680135", {}),
        ("name", "蓝天玩具有限公司 海关编码3302961234", "蓝天玩具有限公司", {"credit_code": ["3302961234"]}),
        ("remark", "海关注册编码3302961234", "", {"credit_code": ["3302961234"]}),
        ("remark", "母公司税号91330206MA2H5K8Q1T", "母公司税号91330206MA2H5K8Q1T", {}),
        ("remark", "老客户 统一编号:24680135", "老客户", {"credit_code": ["24680135"]}),
    ],
)
def test_each_part_is_told_by_its_label(kind, cell, own, told):
    assert taken_out(cell, kind) == (own, told)


@pytest.mark.parametrize(
    ("kind", "cell"),
    [
        ("address", "1 Sea Road, Springfield, IL, Zip Code: 62701-1234"),
        ("address", "Postal Code: 100-0001"),
        ("address", "1 Sea Road, Hull, postcode, code: 62701-1234"),
        ("address", "1 Sea Road, Pin Code 5600010"),
        ("name", "Blue Sky Toys Ltd HS code: 9503008900"),
        ("name", "Blue Sky Toys Ltd H.S. Code: 3303008900"),  # which one of the customs might begin with as well
        ("name", "Blue Sky Toys Ltd code: 24680135"),
        ("name", "蓝天玩具有限公司 海关编码：9503008900"),
        ("remark", "塑料玩具 海关编码：3303008900"),
        ("remark", "toys, customs code 3303008900"),
    ],
)
def test_a_code_of_letters_or_goods_is_no_company_s(kind, cell):
    assert taken_out(cell, kind) == (cell, {})


def test_many_blanks_in_a_cell():
    cell = f"Blue Sky Toys code{' ' * 20_000}x"
    assert taken_out(cell, "name") == (cell, {})


def _put_apart(*rows: dict[str, str]) -> pd.DataFrame:
    columns = list(dict.fromkeys(name for row in rows for name in row))
    frame = pd.DataFrame(
        [{"_record": f"s/{at}", **row} for at, row in enumerate(rows)], columns=["_record", *columns], dtype="str"
    )
    rules = shipped("account", columns)
    assert rules is not None
    return with_parts_apart(frame, rules)[0]


def test_a_part_goes_to_its_column_where_that_is_empty_and_numbers_beside_others():
    frame = _put_apart(
        {
            "Company Name": "Blue Sky Ltd TEL: 0044 1632 960001",
            "Address": "1 Sea Road, Hull",
            "Tel": "0044 1632 960002",
        },
        {"Company Name": "Red Sky Ltd; ADD: 9 Hill Road, Hull", "Address": "2 Sea Road, Hull", "Tel": ""},
        {"Company Name": "ADD: 9 Hill Road, Hull"},
    )
    assert frame["Company Name"].tolist() == ["Blue Sky Ltd", "Red Sky Ltd", "ADD: 9 Hill Road, Hull"]
    assert frame["Tel"].tolist()[0] == "0044 1632 960002; 0044 1632 960001"
    assert frame["Address"].tolist()[:2] == ["1 Sea Road, Hull", "2 Sea Road, Hull"]


def test_a_column_is_made_where_there_is_none():
    frame = _put_apart(
        {"Company Name": "Blue Sky Ltd", "Address": "1 Sea Road, Hull info@bluesky.example"},
        {"Company Name": "Red Sky Ltd"},
    )
    assert frame["_crmm_beside_email"].tolist()[0] == "info@bluesky.example"
    assert frame["Address"].tolist()[0] == "1 Sea Road, Hull"


def test_a_table_without_such_cells_stays_as_it_is():
    frame = pd.DataFrame(
        {"_record": ["s/0"], "Company Name": ["Blue Sky Ltd"], "Tel": ["0044 1632 960002"]}, dtype="str"
    )
    rules = shipped("account", ["Company Name", "Tel"])
    assert rules is not None
    same, unchanged = with_parts_apart(frame, rules)
    assert same.equals(frame)
    assert unchanged == rules


def test_a_company_is_found_whose_address_is_in_the_cell_of_its_name():
    rows = (
        {"名称 Name": "宁波恒泰玩具有限公司\n地址：宁波市海曙区蓝天路12号\n电话：13912345678", "电话": "", "地址": ""},
        {"名称 Name": "恒泰玩具", "电话": "139 1234 5678", "地址": "浙江省宁波市海曙区蓝天路12号"},
        {"名称 Name": "宁波大地五金有限公司\n地址：宁波市北仑区大地路9号", "电话": "13700000001", "地址": ""},
    )
    frame = pd.DataFrame([{"_record": f"s/{at}", **row} for at, row in enumerate(rows)], dtype="str").replace("", None)
    rules = shipped("account", list(frame.columns))
    assert rules is not None
    assert match(frame, rules).cluster.tolist() == [0, 0, 2]


def test_companies_are_found_whose_only_address_is_that_of_their_plant():
    rows = [(f"s/{at}", "启明机械", "1", "工厂地址：杭州市西湖区文三路1号") for at in range(3)]
    frame = pd.DataFrame(rows, columns=["_record", "客户名称", "联系人", "地址"], dtype="str")
    rules = shipped("account", list(frame.columns))
    assert rules is not None
    assert match(frame, rules).cluster.tolist() == [0, 0, 0]
