"""What people are called beside their names, in one place for cleaning and for matching: honorifics, offices, jobs, and words in the place of a name.

The audit counts titles by words of its own (`checks/profile_words.py`, `profile_damage.py`): there one more or less moves a figure, here it
decides what a name is.
"""

from __future__ import annotations

import re

OF_MEN = ("先生",)
OF_WOMEN = ("女士", "小姐", "太太", "夫人")
HONORIFICS = (*OF_MEN, *OF_WOMEN, "同志", "老师", "师傅")
"""Words for anybody."""

FAMILIAR = ("大哥", "大姐", "阿姨", "叔叔", "师母", "同学", "胖子")
"""Words among people who know each other."""

OFFICES = (
    "总经理", "副总经理", "总经理助理", "董事长", "副董事长", "总裁", "副总裁", "总裁助理", "总监", "副总", "老总", "总工程师", "总工", "董事", "经理", "副经理", "主任", "副主任",
    "主管",
)  # fmt: skip
OF_A_PART = (
    "部长", "科长", "处长", "局长", "厂长", "副厂长", "院长", "校长", "所长", "站长", "店长", "行长", "会长", "秘书长", "书记", "队长", "组长", "班长", "园长", "馆长", "护士长",
)  # fmt: skip
"""Offices whose first character may be the last of what stands before it: 万达店店长."""

OWNERS = ("老板娘", "老板")
PROFESSIONS = ("工程师", "教授", "医生", "大夫", "律师", "博士")
TASKS = ("秘书", "助理", "会计", "出纳", "采购", "前台", "财务")
"""What somebody does, and nobody is called: 王采购 is, 采购 alone isn't."""
STAFF = ("专员", "业务员", "销售员", "采购员", "技术员", "文员", "内勤")
"""Posts that stand behind a whole name and are seldom said to anybody."""

TITLES = (*HONORIFICS, *FAMILIAR, *OFFICES, *OF_A_PART, *OWNERS, *PROFESSIONS, *TASKS)
"""All of them, of two characters and more."""

TRADITIONAL = (
    "總經理", "副總經理", "經理", "副總", "董事長", "總裁", "總監", "部長", "科長", "課長", "處長", "局長", "廠長", "院長", "校長", "所長", "會長", "秘書", "會計", "採購", "老師", "醫生", "律師",
    "師傅", "老闆", "老闆娘",
)  # fmt: skip
"""Those that are written otherwise in traditional characters, which cleaning leaves as they are."""

SHORT = "总董工哥姐叔姨嫂婶伯"
"""Titles of one character behind a surname; behind more than that they may be the end of a given name."""

NOT_CALLED_SO = frozenset(
    [*TITLES, *STAFF, "联系人", "负责人", "经办人", "法人", "法定代表人", "收货人", "收件人", "业务", "销售", "客服", "司机", "仓库", "库管", "业主", "总机", "值班", "值班室",
     "传达室", "门卫", "管理员", "某某", "某先生", "某女士", "admin", "contact"]
)  # fmt: skip
"""What stands in the place of a name where somebody has to be named: a title or a task alone is nobody's name, nor 联系人."""

_DESK = re.compile(
    "(?:研发|供应|采购|销售|技术|财务|生产|质量|质检|品质|业务|商务|市场|售后|人事|行政|仓库|工程|设计|客服|外贸|设备|信息|后勤|总务|物资|基建|检验|医务|护理|药剂|办公)[部科处室]|药房|办公室|采购中心"
)
"""A department of a company, an office or a hospital, and nobody of it."""

_DESKS = frozenset(
    ("前台", "总机", "值班", "值班室", "传达室", "门卫", "保安室", "仓库", "客服", "财务", "采购", "销售", "业务")
)
_ENDS = frozenset("部科处室房心")


def is_no_name(folded: str) -> bool:
    """Return whether a folded cell says what somebody is, or where, and not who: 老板娘, 联系人, 前台, 设备科."""
    return folded in NOT_CALLED_SO or (folded[-1:] in _ENDS and _DESK.fullmatch(folded) is not None)


def is_desk(folded: str) -> bool:
    """Return whether a folded cell says where somebody answers, and neither who nor what he is: 前台, 设备科, and not 会计."""
    return folded in _DESKS or (folded[-1:] in _ENDS and _DESK.fullmatch(folded) is not None)
