"""Offices of the state: one way to write their names, what they were before the reforms, rooms behind them, and characters that are mistyped in them.

An office is one customer, whichever of its rooms ordered; hospitals, universities and what has a credit code of its own are not among them.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

SHORT = {
    "卫生健康委": "卫生健康委员会", "发展改革委": "发展和改革委员会", "发展和改革委": "发展和改革委员会", "住房城乡建设委": "住房和城乡建设委员会", "农委": "农业委员会", "大数据局": "大数据管理局",
    "信息办": "信息化办公室", "信息化工作办公室": "信息化办公室", "文广旅局": "文化广电和旅游局", "文广新局": "文化广电新闻出版局", "政务办": "政务服务管理办公室", "规自局": "自然资源和规划局",
    "资规局": "自然资源和规划局", "规划和自然资源局": "自然资源和规划局", "人力社保局": "人力资源和社会保障局", "林科所": "林业科学研究所", "林科院": "林业科学研究院", "水科所": "水利科学研究所",
    "水科院": "水利科学研究院", "环科所": "环境科学研究所", "环科院": "环境科学研究院", "社科院": "社会科学院", "建科院": "建筑科学研究院", "农科所": "农业科学研究所", "农科院": "农业科学院",
    "镇政府": "镇人民政府", "乡政府": "乡人民政府",
}  # fmt: skip
"""What offices and institutes are called for short, with what they are in full."""

_BECAME = {
    "工商行政管理局": ("市场监督管理局",), "工商局": ("市场监督管理局",), "质量技术监督局": ("市场监督管理局",), "食品药品监督管理局": ("市场监督管理局",), "环境保护局": ("生态环境局",),
    "环保局": ("生态环境局",), "环境局": ("生态环境局",), "国土资源局": ("自然资源局", "自然资源规划局"), "国土局": ("自然资源局", "自然资源规划局"), "规划局": ("自然资源规划局",), "自然资源局": ("自然资源规划局",),
    "卫生计划生育局": ("卫生健康局",), "卫计局": ("卫生健康局",), "卫生计划生育委员会": ("卫生健康委员会",), "卫计委": ("卫生健康委员会",), "卫生局": ("卫生健康局", "卫生健康委员会"),
    "卫生健康局": ("卫生健康委员会",), "旅游局": ("文化旅游局",), "文化局": ("文化旅游局",), "文化旅游局": ("文化广电旅游局",), "文化广电新闻出版局": ("文化广电旅游局", "文化旅游局"),
    "农业局": ("农业农村局",), "农业委员会": ("农业农村局", "农业农村委员会"), "教育委员会": ("教育局",), "发展计划委员会": ("发展改革委员会",), "计划委员会": ("发展改革委员会",), "发展改革局": ("发展改革委员会",),
    "信息化办公室": ("大数据管理局",), "政务服务管理办公室": ("行政审批局", "政务服务管理局"), "审批局": ("行政审批局",), "安监局": ("应急管理局",), "安全生产监督管理局": ("应急管理局",), "水利局": ("水务局",),
    "国家税务局": ("税务局",), "国税局": ("税务局",), "地方税务局": ("税务局",), "地税局": ("税务局",),
}  # fmt: skip
"""What offices were until the reforms of 2003 to 2018, and what took them over as a rule."""

_BESIDES = {"妇幼保健计划生育服务中心": "妇幼保健院", "社区服务中心": "社区卫生服务中心", "中心学校": "中心小学"}
"""What may stand for another body, whatever it is called after."""

_PLACES = tuple("省市区县州旗")

_JOINED = re.compile("(?<=..)[和与及](?=..)")
_VILLAGE = re.compile("村村民委员会\\Z|(?<=..)社区居民委员会\\Z")

SLIPS = {
    "教肓": "教育", "审记局": "审计局", "街到": "街道", "办是处": "办事处", "办事外": "办事处", "人名政府": "人民政府", "人名医院": "人民医院", "人名法院": "人民法院", "医完": "医院", "学元": "学院",
    "研宄": "研究", "集困": "集团", "资原局": "资源局", "资原和": "资源和", "财正局": "财政局", "民正局": "民政局", "中学学": "中学", "小学学": "小学",
}  # fmt: skip
"""Words of bodies with a character that looks or sounds like the right one, and makes no word."""

_SLIP = re.compile("|".join(SLIPS))
_MISTYPED = frozenset("肓记到是外名完元宄困原正学")

_OFFICE = "(?:局|(?:教育|卫生健康|发展和?改革|城乡建设|农业(?:农村)?|计划生育|监督管理|住建|卫健|发改|经信|国资|教|农)委(?:员会)?|街道(?:办事处|办)?|[镇乡](?:人民)?政府|法院|检察院|管委会|管理委员会)"
_SCHOOL = "(?:[中小]学|[一二三四五六七八九十][中小]|学校|幼儿园)"
_INSTITUTE = "(?:研究|科学|[林水环农社建]科|设计|计量|检测|监测)[院所]"
_SCHOOL_ROOM = "(?:校长|园长|教务|教导|总务|政教|德育|后勤|财务|信息|党政|党建|办公|电教|保卫|图书)(?:办公室|处|室|中心|科|馆)|办公室"
_INSTITUTE_ROOM = (
    "(?:办公|综合|财务|规划财务|计划财务|人事|行政|政策法规|后勤|信息|科研管理|党政)(?:办公室|科|室|处)|办公室"
)
_OTHER = "社区|街道|中心|[中小]学(?!教育|科)"
"""What stands behind an office and has rooms of its own, as has what ends in one character: 分局, 党委, 法庭, 大队."""

_ROOM = re.compile(
    rf"(?P<of>(?=.{{4,}})(?:[^(\[【〔]|[(\[【〔][^)\]】〕]*[)\]】〕]){{2,}}?(?:(?P<office>{_OFFICE})|(?P<school>{_SCHOOL})|(?P<institute>{_INSTITUTE})))\s*[-–—_/(\[【〔]?\s*"
    rf"(?:(?(office)(?!\w*(?:{_OTHER}))[^\W\d_局委府庭队所站院园馆校]{{0,8}}(?:科|科室|股|[^验教研究寝浴病]室)|(?(school)(?:{_SCHOOL_ROOM})|(?:{_INSTITUTE_ROOM}))))\s*[)\]】〕]?"
)
ROOM_AT_END = "[科股室处]$"
"""How rooms end, beside those that end as bodies do; a pattern of RE2."""

_ENDS = frozenset("科股室处馆心)]】〕")


def righted(folded: str) -> str:
    """Return a folded name with the words of bodies as they are written."""
    return folded if _MISTYPED.isdisjoint(folded) else _SLIP.sub(lambda slip: SLIPS[slip.group()], folded)


def without_room(folded: str) -> str:
    """Return a folded name of an office, a school or an institute without the room behind it that ordered."""
    found = _ROOM.fullmatch(folded) if folded[-1:] in _ENDS else None
    return found["of"] if found else folded


def in_one_way(core: str, *, in_place: bool) -> str:
    """Return the name of a body without its place as it is compared: 自然资源与规划局 as 自然资源规划局, 河口街道 as 河口街道办事处.

    Args:
        core: of any name; that of a company is returned as it is.
        in_place: whether a place stands before it.
    """
    if core.endswith(("局", "委员会")):
        core = _JOINED.sub("", core)
    if core.endswith("民委员会"):
        core = _VILLAGE.sub(lambda found: found.group()[-5:], core)
    elif in_place and core.endswith("街道") and len(core) > len("街道"):
        core += "办事处"
    return core


def successors(core: str) -> Iterator[str]:
    """Give what a body of this name, as it is compared, is called since it was taken over, or is called besides."""
    for old in filter(core.endswith, _BECAME):
        before = core.removesuffix(old)
        if not before or before.endswith(_PLACES):  # 文化广电旅游局 was never 旅游局
            yield from (before + new for new in _BECAME[old])
    yield from (core.removesuffix(old) + new for old, new in _BESIDES.items() if core.endswith(old))
