"""Addresses of renamed, merged and split divisions, townships that tell a county, and what must not be guessed."""

from __future__ import annotations

import pytest

from crmmigrate.standards import load
from crmmigrate.standards._divisions import COUNTY, divisions, former_divisions

CLEAN = load("address").make()
RENAMED = [
    ("襄樊市樊城区人民路1号", "湖北省襄阳市樊城区人民路1号", "樊城区"),
    ("湖北省襄樊市", "湖北省襄阳市", ""),
    ("浙江省杭州市富阳市春江街道", "浙江省杭州市富阳区春江街道", "富阳区"),
    ("浙江省杭州市下城区体育场路", "浙江省杭州市拱墅区体育场路", "拱墅区"),
    ("上海市闸北区共和新路1号", "上海市静安区共和新路1号", "静安区"),
    ("上海市卢湾区淮海中路1号", "上海市黄浦区淮海中路1号", "黄浦区"),
    ("上海市南汇区惠南镇", "上海市浦东新区惠南镇", "浦东新区"),
    ("山东省莱芜市钢城区府前大街", "山东省济南市钢城区府前大街", "钢城区"),
    ("山东省莱芜市人民路1号", "山东省莱芜市人民路1号", ""),
    ("广西柳州地区忻城县", "广西壮族自治区来宾市忻城县", "忻城县"),
    ("安徽省巢湖市庐江县庐城镇", "安徽省合肥市庐江县庐城镇", "庐江县"),
    ("四川省重庆市江津县", "重庆市江津区", "江津区"),
    ("重庆市江北区观音桥街道", "重庆市两江新区观音桥街道", "两江新区"),
    ("江苏省苏州市沧浪区人民路", "江苏省苏州市姑苏区人民路", "姑苏区"),
    ("绍兴县柯桥街道", "浙江省绍兴市柯桥区柯桥街道", "柯桥区"),
    ("浙江省绍兴县杨汛桥镇", "浙江省绍兴市柯桥区杨汛桥镇", "柯桥区"),
    ("贵州省铜仁地区德江县", "贵州省铜仁市德江县", "德江县"),
    ("河北省邯郸县", "河北省邯郸市邯郸县", "邯郸县"),
    ("辽宁省大连市普兰店市", "辽宁省大连市普兰店区", "普兰店区"),
    ("河南省洛阳市孟津县", "河南省洛阳市孟津区", "孟津区"),
    ("浙江省宁波市奉化市浙江省宁波市奉化区岳林街道", "浙江省宁波市奉化区岳林街道", "奉化区"),
    ("东城街道广东省阳江市阳东县东城街道", "广东省阳江市阳东区东城街道", "阳东区"),
    ("郫县犀浦镇", "四川省成都市郫都区犀浦镇", "郫都区"),
    ("浙江省绍兴县孙端镇", "浙江省绍兴市越城区孙端镇", "越城区"),
    ("江苏省吴县市甪直镇", "江苏省苏州市吴中区甪直镇", "吴中区"),
    ("江苏省苏州市吴县市黄埭镇", "江苏省苏州市相城区黄埭镇", "相城区"),
    ("山西省大同市矿区新平旺", "山西省大同市云冈区新平旺", "云冈区"),
    ("湖北省襄阳县双沟镇", "湖北省襄阳市襄州区双沟镇", "襄州区"),
    ("黑龙江省伊春市伊春区", "黑龙江省伊春市伊美区", "伊美区"),
]
READ = [
    ("鼓楼区湖南路街道", "江苏省南京市鼓楼区湖南路街道", "filled", "鼓楼区"),
    ("西湖区转塘街道方家畈244号", "浙江省杭州市西湖区转塘街道方家畈244号", "filled", "西湖区"),
    ("温州市柳市镇柳黄路", "浙江省温州市乐清市柳市镇柳黄路", "filled", "乐清市"),
    ("上海市南京西路街道", "上海市静安区南京西路街道", "filled", "静安区"),
    ("浙江省东阳市横店镇", "浙江省金华市东阳市横店镇", "filled", "东阳市"),
    ("金华义乌国际商贸城", "浙江省金华市义乌市国际商贸城", "filled", "义乌市"),
    ("义乌江东街道青岩街141号", "浙江省金华市义乌市江东街道青岩街141号", "filled", "义乌市"),
    ("上海松江新桥镇民强路", "上海市松江区新桥镇民强路", "ok", "松江区"),
    ("宁波北仑新大路花峙新村", "浙江省宁波市北仑区新大路花峙新村", "filled", "北仑区"),
    ("杭州余杭塘路1号", "浙江省杭州市余杭塘路1号", "partial", ""),
    ("浙江省温州市浙江省永嘉县上塘镇", "浙江省温州市永嘉县上塘镇", "ok", "永嘉县"),
    ("新疆阿克苏市新和县东方花园", "新疆维吾尔自治区阿克苏地区新和县东方花园", "filled", "新和县"),
    ("河南省开封市杞县城区", "河南省开封市杞县城区", "ok", "杞县"),
    ("省直辖县级行政区划澄迈县瑞溪镇", "海南省澄迈县瑞溪镇", "filled", "澄迈县"),
    ("湖北省直辖天门市竟陵", "湖北省天门市竟陵", "ok", "天门市"),
    ("广东东莞虎门镇居岐工业区", "广东省东莞市虎门镇居岐工业区", "ok", ""),
    ("东莞市东城区牛山", "广东省东莞市东城区牛山", "filled", ""),
    ("浦东新区张江镇", "上海市浦东新区张江镇", "filled", "浦东新区"),
    ("上海浦东区锦绣路", "上海市浦东新区锦绣路", "ok", "浦东新区"),
    ("龙华新区大浪街道", "广东省深圳市龙华区大浪街道", "filled", "龙华区"),
    ("深圳市龙华新区大浪街道", "广东省深圳市龙华区大浪街道", "filled", "龙华区"),
    ("云南省红河州金平县", "云南省红河哈尼族彝族自治州金平苗族瑶族傣族自治县", "ok", "金平苗族瑶族傣族自治县"),
    ("阜蒙县", "辽宁省阜新市阜新蒙古族自治县", "filled", "阜新蒙古族自治县"),
    ("内蒙古呼和浩特市土默特左旗", "内蒙古自治区呼和浩特市土默特左旗", "ok", "土默特左旗"),
    ("黄石市", "湖北省黄石市", "partial", ""),
    ("台灣省臺北市信義區", "台湾省台北市信义区", "ok", ""),
    ("香港九龙尖沙咀", "香港特别行政区九龙尖沙咀", "ok", ""),
    ("澳门特别行政区", "澳门特别行政区", "ok", ""),
    ("新疆维吾尔自治区石河子市北三路", "新疆维吾尔自治区石河子市北三路", "ok", "石河子市"),
    ("海南省三沙市", "海南省三沙市", "partial", ""),
    ("重庆市两江新区", "重庆市两江新区", "ok", "两江新区"),
    ("浙江省杭州市西湖区西湖大道1号", "浙江省杭州市西湖区西湖大道1号", "ok", "西湖区"),
    ("浙江省乐清市柳市镇", "浙江省温州市乐清市柳市镇", "filled", "乐清市"),
]
OPEN = [
    ("江北区观音桥步行街1号", "ambiguous", ("浙江省宁波市江北区", "重庆市江北区")),
    ("朝阳区建国门外街道", "ambiguous", ("北京市朝阳区", "吉林省长春市朝阳区")),
    ("河南岸街道演达大道", "none", ()),
    ("潍坊新村街道张杨路", "none", ()),
    ("余杭塘路764号", "none", ()),
    ("鄞县大道158号", "none", ()),
    ("江苏省无锡市锡山区中国浙江省杭州市临安市沙地路", "conflict", ("江苏省无锡市锡山区", "浙江省")),
    ("吉首市凤凰县禾库镇", "conflict", ("湖南省湘西土家族苗族自治州吉首市", "湖南省湘西土家族苗族自治州凤凰县")),
    ("浙江省金华市婺城区金华市金东区孝顺镇", "conflict", ("浙江省金华市婺城区", "浙江省金华市")),
    ("开县城关镇", "none", ()),
    ("浙江传媒学院继续教育学院", "none", ()),
    ("阿里巴巴网络科技有限公司", "none", ()),
    ("柯桥联合市场C区889号", "none", ("浙江省绍兴市柯桥区",)),
]


@pytest.mark.parametrize(("raw", "value", "county"), RENAMED)
def test_a_division_that_is_gone_is_what_it_became_or_stays_with_candidates(raw, value, county):
    cleaned = CLEAN(raw)
    assert (cleaned.value, cleaned.parts["状态"], cleaned.parts.get("区县", "")) == (value, "renamed", county)
    codes = [flag.code for flag in cleaned.flags]
    assert ("address.renamed" in codes and cleaned.confidence == "likely") or (
        "address.former" in codes and len(cleaned.candidates) > 1
    )


@pytest.mark.parametrize(("raw", "value", "status", "county"), READ)
def test_read(raw, value, status, county):
    cleaned = CLEAN(raw)
    assert (cleaned.value, cleaned.parts["状态"], cleaned.parts.get("区县", "")) == (value, status, county)


@pytest.mark.parametrize(("raw", "status", "candidates"), OPEN)
def test_what_is_uncertain_is_not_guessed(raw, status, candidates):
    cleaned = CLEAN(raw)
    assert (cleaned.value, cleaned.parts["状态"], cleaned.candidates[:2]) == (raw, status, candidates)
    assert "市" not in cleaned.parts


@pytest.mark.parametrize(
    ("raw", "township", "code"),
    [
        ("浙江省杭州市西湖区蒋村街道文一西路1号", "蒋村街道", "330106012"),
        ("浙江省杭州市西湖区新城乡人民路1号", "新城乡", ""),
        ("浙江省杭州市西湖区文三路1号", "", ""),
        ("浙江省杭州市西湖区镇前街1号", "", ""),
    ],
)
def test_townships_are_a_part(raw, township, code):
    parts = CLEAN(raw).parts
    assert (parts.get("乡镇街道", ""), parts.get("乡镇街道代码", "")) == (township, code)


def test_every_county_gone_since_2010_is_mapped_kept_or_listed():
    codes = {division.code: division.name for division in divisions()}
    lost = []
    for division in former_divisions():
        if division.level == COUNTY and division.last >= 2010:
            cleaned = CLEAN("".join(division.chain) + "人民路1号")
            names = {division.name, *(codes[code] for code in division.became)}
            if not names & {cleaned.parts.get("区县"), cleaned.parts.get("市")} and not cleaned.candidates:
                lost.append(division.chain)
    assert lost == []


def test_a_name_that_is_gone_may_be_kept():
    keep = load("address").make(renamed="keep")
    cleaned = keep("浙江省杭州市下城区体育场路")
    assert cleaned.value == "浙江省杭州市下城区体育场路"
    assert [flag.code for flag in cleaned.flags] == ["address.former"]
    assert cleaned.candidates == ("浙江省杭州市拱墅区",)
    assert keep("湖北省襄樊市襄城区胜利街").value == "湖北省襄樊市襄城区胜利街"


@pytest.mark.parametrize(
    ("as_of", "raw", "value"),
    [
        (2015, "浙江省杭州市下城区体育场路", "浙江省杭州市下城区体育场路"),
        ("2015-06-30", "杭州市富阳区春江街道", "浙江省杭州市富阳区春江街道"),
        (2009, "襄樊市襄城区", "湖北省襄樊市襄城区"),
        (2012, "杭州市富阳市春江街道", "浙江省杭州市富阳市春江街道"),
        (2019, "浙江省杭州市钱塘区下沙街道", "浙江省杭州市江干区下沙街道"),
        ("2025-12-31", "上海市闸北区", "上海市静安区"),
    ],
)
def test_divisions_of_another_year(as_of, raw, value):
    assert load("address").make(as_of=as_of)(raw).value == value


@pytest.mark.parametrize(
    "options", [{"as_of": 1970}, {"as_of": "now"}, {"renamed": "yes"}, {"municipality": "x"}, {"direct": "x"}]
)
def test_wrong_options_are_refused(options):
    with pytest.raises(ValueError, match=r"as_of|renamed|isoformat"):
        load("address").make(**options)


def test_municipalities_and_counties_under_a_province_as_configured():
    raw = "北京市朝阳区建国路88号", "湖北省仙桃市沔州大道1号"
    same = [CLEAN(text).parts for text in raw]
    assert [(parts.get("市"), parts.get("区县")) for parts in same] == [("北京市", "朝阳区"), (None, "仙桃市")]
    other = load("address").make(municipality="districts", direct="city")
    assert [(other(text).parts.get("市"), other(text).parts.get("区县")) for text in raw] == [
        ("市辖区", "朝阳区"),
        ("仙桃市", None),
    ]
    both = load("address").make(municipality="empty", direct="both")
    assert [(both(text).parts.get("市"), both(text).parts.get("区县")) for text in raw] == [
        (None, "朝阳区"),
        ("仙桃市", "仙桃市"),
    ]


@pytest.mark.parametrize(
    ("raw", "county", "candidates"),
    [("浙江省绍兴县", "绍兴县", ("浙江省绍兴市越城区", "浙江省绍兴市柯桥区")), ("江苏省吴县市", "吴县市", ("江苏省苏州市吴中区", "江苏省苏州市相城区")),
     ("九江市庐山区十里大道1号", "庐山区", ("江西省九江市濂溪区", "江西省九江市庐山市")), ("山西省大同市城区", "城区", ("山西省大同市平城区", "山西省大同市云冈区"))],
)  # fmt: skip
def test_a_county_whose_area_went_to_several_keeps_its_name_with_candidates(raw, county, candidates):
    cleaned = CLEAN(raw)
    assert (cleaned.parts["区县"], cleaned.candidates) == (county, candidates)
    assert "address.former" in [flag.code for flag in cleaned.flags]


def test_every_successor_exists():
    codes = {division.code for division in divisions()}
    assert all(set(division.became) <= codes for division in former_divisions())
