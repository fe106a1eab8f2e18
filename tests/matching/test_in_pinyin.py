"""Mainland companies and addresses in pinyin."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from crmmigrate.matching.companies.levels import LEVELS
from crmmigrate.matching.companies.names_in_pinyin import first_two, in_one_way
from crmmigrate.matching.companies.shipped_names import put_right
from crmmigrate.matching.company_name import make as names
from crmmigrate.matching.engine import match
from crmmigrate.matching.places.address_parts import take_apart
from crmmigrate.matching.places.place import city_pinyin, only_place
from crmmigrate.matching.places.two_tongues import same_place
from crmmigrate.matching.roles import shipped
from crmmigrate.matching.texts.folding import fold


@pytest.mark.parametrize(
    ("city", "said"),
    [
        ("长沙", "changsha"),
        ("重庆", "chongqing"),
        ("成都", "chengdu"),
        ("厦门", "xiamen"),
        ("佛山", "foshan"),
        ("六安", "luan"),
        ("蚌埠", "bengbu"),
        ("长治", "changzhi"),
        ("杭州", "hangzhou"),
        ("香港", ""),
    ],
)
def test_cities_are_read_as_they_are_called(city, said):
    assert city_pinyin(only_place(city)) == said


@pytest.mark.parametrize(
    ("chinese", "letters", "same"),
    [
        ("苏州市吴中区和盛街103号", "NO.103 HE SHENG STREET, WUZHONG DISTRICT, SUZHOU, CHINA", True),
        ("苏州市吴中区和盛街103号", "103# HESHENG ST SUZHOU P.R.CHINA", True),
        ("苏州市吴中区和盛街103号", "NO.105 HESHENG STREET, SUZHOU", False),
        ("苏州市吴中区和盛街103号", "NO.103 HESHENG STREET, WUXI", False),
        ("苏州市吴中区和盛街103号", "NO.103 HEXING STREET, SUZHOU", False),
        ("长沙市芙蓉区滨海工业园南阳路409号", "NO.409 NANYANG ROAD, FURONG, CHANGSHA", True),
        ("杭州市西湖区文三西路88号2幢301室", "Rm 301, Bldg 2, No. 88 Wensan West Rd., Hangzhou 310012", True),
        ("杭州市西湖区文三西路88号2幢301室", "Rm 401, Bldg 2, No. 88 Wensan West Rd., Hangzhou", False),
        ("泉州市丰泽区云帆二路637号", "NO.637 YUNFAN 2ND ROAD, QUANZHOU", True),
        ("泉州市丰泽区云帆二路637号", "NO.637 YUNFAN 3RD ROAD, QUANZHOU", False),
        ("苏州市吴中区科技园103号", "NO.103 KEJI STREET, SUZHOU", False),  # no street
    ],
)
def test_an_address_in_letters_beside_a_chinese_one(chinese, letters, same):
    one, other = take_apart(fold([chinese])), take_apart(fold([letters]))
    assert bool(same_place(one.place, one.line, other.line)) is same


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("zhuhai jinwan run hua valves co ltd", "zhuhai runhua valve co., ltd"),
        ("run hua (zhuhai) valve limited", "zhuhai runhua valves limited"),
        ("zhuhai run hua valve c0., ltd", "zhuhai runhua valve co. ltd"),
        ("fuzhou taijiang run hua valve co ltd", "fuzhou runhua valve co ltd"),
        ("zhuhai runhua valve co.,lt", "zhuhai run hua valve limi"),
    ],
)
def test_names_of_mainland_companies_are_written_in_one_way(one, other):
    strip = str.maketrans("", "", "., ")
    assert in_one_way(put_right(one)).translate(strip) == in_one_way(put_right(other)).translate(strip)


@pytest.mark.parametrize(
    "name", ["acme valves co., ltd", "shanghai mental health centre", "suzhou co ltd", "run hua valve co", "beijing"]
)
def test_other_names_stay(name):
    assert in_one_way(name) == name


def test_the_first_two_syllables_of_a_brand_of_three():
    assert first_two("anshangfeng") == ["anshang"]
    assert first_two("runhua") == []


def level(one, other):
    values = [one, other]
    comparer = names(values, np.ones(2, dtype=np.int64))
    return LEVELS[int(comparer.compare(np.array([0]), np.array([1]))[0])].name


@pytest.mark.parametrize(
    ("one", "other", "wanted"),
    [
        ("ZHUHAI RUNHUA VALVES CO., LTD", "Zhuhai Run Hua Valve Limited", "in_pinyin"),
        ("长沙砚行阀门有限公司", "CHANGSHA YAN HANG VALVE CO LTD", "romanised"),
        ("成都砚尚丰阀门有限公司", "CHENGDU YANSHANGFENG VALVE CO LTD", "romanised"),
        ("成都砚尚科阀门有限公司", "CHENGDU YANSHANGFENG VALVE CO LTD", "different"),
        ("ACME VALVES CO., LTD", "Acme Valves Limited", "whole"),
    ],
)
def test_levels_of_names_in_pinyin(one, other, wanted):
    assert level(one, other) == wanted


COLUMNS = ["_record", "公司名称", "电话", "地址"]


def decisions(*rows):
    frame = pd.DataFrame([(f"s/{at}", *row) for at, row in enumerate(rows)], columns=COLUMNS, dtype="str")
    found = match(frame, shipped("account", COLUMNS[1:]))
    return found.cluster.tolist(), found.decision.tolist()


def test_a_name_in_pinyin_alone_is_asked_about():
    """润华 and 润桦 are written alike in letters."""
    alone = decisions(("ZHUHAI RUNHUA VALVE CO LTD", None, None), ("ZHUHAI RUN HUA VALVES LIMITED", None, None))
    assert alone == ([0, 1], ["review"])
    other = decisions(
        ("ZHUHAI RUNHUA VALVE CO LTD", "13912340001", None), ("ZHUHAI RUN HUA VALVES LIMITED", "13812340002", None)
    )
    assert other == ([0, 1], ["review"])
    phone = decisions(
        ("ZHUHAI RUNHUA VALVE CO LTD", "13912340001", None), ("ZHUHAI RUN HUA VALVES LIMITED", "13912340001", None)
    )
    assert phone == ([0, 0], ["merge"])


def test_a_company_in_letters_is_the_chinese_one_at_its_address_and_telephone():
    found = decisions(
        ("珠海润华阀门有限公司", "13912340001", "珠海市香洲区和盛路103号"),
        ("ZHUHAI RUN HUA VALVE CO LTD", "13912340001", "NO.103 HESHENG ROAD, XIANGZHOU, ZHUHAI, CHINA"),
    )
    assert found[0] == [0, 0]
