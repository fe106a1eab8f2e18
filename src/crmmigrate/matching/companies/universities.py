"""Universities and colleges: what they are called for short (岭海农大, 临安职院), and the departments behind their names, of which each is a customer of its own."""

from __future__ import annotations

import re

_SURE = {
    "农大": "农业大学", "林大": "林业大学", "财大": "财经大学", "中医大": "中医药大学", "医大": "医科大学", "师大": "师范大学", "工大": "工业大学", "交大": "交通大学",
    "民大": "民族大学", "外大": "外国语大学", "师院": "师范学院", "财院": "财经学院",
}  # fmt: skip
_MAYBE = {
    "职院": ("职业技术学院", "职业学院"), "科大": ("科技大学", "科学技术大学"), "科院": ("科技学院",), "理工": ("理工大学", "理工学院"), "外院": ("外国语学院",),
    "师专": ("师范高等专科学校",), "医专": ("医学高等专科学校",),
}  # fmt: skip
"""What may be short for one or another: 昌安科院 is an academy of science as well."""

CALLED = (*_SURE, *_MAYBE)
"""What ends the names of universities and colleges as they are called."""

_CALLED = re.compile(rf"(.*?)(中医大|理工大|{'|'.join(CALLED)})\Z")
_LAST = frozenset(called[-1] for called in CALLED)
_OWN = 2
"""Characters that stand before what one is called, where no place does."""

_NUMERAL = r"[一二三四五六七八九十\d]"
_SHORT = (
    "(?:[农林财医师工交民外科]大(?!学(?!生)|[中小]学|[厦道街路楼桥药队堂城])|(?:职院|科院|外院|师院|财院|师专|医专)(?![路街])"
    "|理工(?!大|学[院校]|[路街]))"
)
_NO_DEPARTMENT = rf"附|第?{_NUMERAL}{{1,2}}(?:附|院|医院|临床)|.*(?:公司|集团|出版社|医院.|(?:经营|门市|批发|营业|销售|经销|办事|项目|项目经理|指挥|分)部\Z|(?:办事|代表|销售|售楼)处\Z|(?:附属|分)院\Z)"
_DEPARTMENT = re.compile(
    rf"(.{{2,}}?(?:大学(?![生城路街])|学院(?![路街])|(?<=..){_SHORT}))(?!{_NO_DEPARTMENT})"
    r"((?:[\u3400-\u9fffa-z\d]{1,12}(?:科|科室|[部处室系办]|[病院校]区|中心|学院|研究[院所]|(?<!医)院)|校医院|[\u3400-\u9fff\d]{0,10}(?:实验室|后勤|食堂|图书馆)))"
)
"""A department behind a university or college. Students, a quarter, a street called after one, its hospitals and what others have there are none."""

FOR_SHORT = f"(?:{'|'.join(CALLED)})"
"""Where one may stand for short, a pattern of RE2."""

SCHOOLS = f"(?:大学|学院|{FOR_SHORT})"
"""What ends the name of a university or college."""

REGISTERED = "^.{2,}(?:..大学|(?:职业(?:技术)?|师范|政法|警察|民族)学院)$"
"""The names of those that bear a name of their own: a ministry gives it, and no place needs to stand before it; 信息工程学院 is a department of many. A pattern of RE2."""

OF_EACH_CITY = "(?:老年|社区|业余|职工|开放|电视|市民|家长|企业|网络|空中)大学$"
"""Those of which each city may have one; a pattern of RE2."""


def division(name: str) -> tuple[str, str]:
    """Return the name of a university or a college without the department behind it, and the department (`江海农业大学`, `马院`); empty where there is none."""
    found = _DEPARTMENT.fullmatch(name)
    return (found.group(1), found.group(2)) if found else (name, "")


def in_full(core: str, *, in_place: bool) -> str:
    """Return the core of a name in full where it ends with what a university is called for short: 岭海农大 is 岭海农业大学.

    Args:
        core: of any name.
        in_place: whether a place stands before it.
    """
    head, called = _called(core, in_place=in_place)
    return head + _SURE[called] if called in _SURE else core


def may_be(core: str, *, in_place: bool) -> list[str]:
    """Return what a university or college that is called so may be in full: 临安职院, 昌东理工; arguments as for `in_full`."""
    head, called = _called(core, in_place=in_place)
    return [head + full for full in _MAYBE.get(called, ())]


def _called(core: str, *, in_place: bool) -> tuple[str, str]:
    found = _CALLED.fullmatch(core) if core[-1:] in _LAST else None
    return (found.group(1), found.group(2)) if found and (in_place or len(found.group(1)) >= _OWN) else (core, "")
