"""What people note around a company's name: a state or a number before it, whom to ask for, a department or terms behind it."""

from __future__ import annotations

import re
from functools import cache

from crmmigrate.matching.folding import is_chinese
from crmmigrate.matching.places import take_place
from crmmigrate.model.surnames import surnames

STATE = (
    "待核[实对查]|待[定查]|待确认|未核实|已?核实|黑名单|白名单|灰名单|重复|疑似重复|已?(?:停用|禁用|作废|注销|吊销|冻结|失效|删除|合并|停业|倒闭|搬迁|关闭|归档)|勿用|不要用|暂停|测试|"
    "vip|新|旧|老|新客户|[老大小]客户|重[点要](?:客户)?|潜在(?:客户)?|意向(?:客户)?|欠款(?:客户)?"
)
"""What state somebody noted that a customer is in, a pattern."""

_TERMS = (
    "(?:货到|预付|先)付款|款到发货|先款后货|月结(?:\\d+天)?|现结|现款(?:现货)?|季结|半月结|不?含税|不?开票|专票|普票|自提|到付|现金|展会|网络|转介绍|个体(?:工商)?户?|老板|"
    "[新老大小]客户|试用|代理商?|经销商?|终端|贸易商|供应商"
)
_SIGNS = "\"'“”‘’`´「」『』<>《》*#★☆◆◇●○■□▲△※!.。,，、;；:：~·-"
_BEFORE = re.compile(
    rf"(?:[\s{re.escape(_SIGNS)}]+|[(\[【〔](?:{STATE}|{_TERMS})[)\]】〕]|(?:{STATE})\s*[-_–—:/]\s*)+(?=\S\S)"
)
"""[待核实], (黑名单), 【停用】, #, *, quotation marks."""

_DIGIT = re.compile(r"\d{1,2}(?=[\u3400-\u9fff])")
"""1厦门华泰密封件有限公司; 3M and 58同城 are called so, hence a place must follow."""

_TITLES = "总经理|副总|经理|董事长|主任|老师|先生|女士|小姐|师傅"
_SHORT_TITLES = "老板娘?|主管|会计|出纳|采购|科长|处长|部长|院长|校长|厂长|店长|所长|局长|队长|总监|教授|博士|医生|大夫|书记|秘书|助理|工程师|总工|[总工董姐哥]"
"""Titles behind a surname alone: 金利电工 is no 金 of the name 利电."""

_DEPARTMENTS = "(?:采购|供应|设备|财务|总务|后勤|物资|基建|动力)[部科处]"
"""Departments that buy and pay for the whole of what they belong to; each of the others is asked about by itself."""

_SEPARATED = r"\s*[-–—_/、,;:|]\s*|\s+"
_PUNCTUATION = re.compile(rf"[\s{re.escape(_SIGNS)}]+\Z")
_BODIES = "司厂社校院所局团学会处心行店部场站馆园"
"""The last characters of what has departments, and whose employees may be named right behind it."""


@cache
def _behind() -> re.Pattern[str]:
    """Return the pattern of a note behind a Chinese name."""
    single = "".join(sorted(name for name in surnames() if len(name) == 1))
    double = "|".join(sorted(name for name in surnames() if len(name) > 1))
    surname = f"(?:{double}|[{single}])"
    person = f"{surname}(?:[\\u3400-\\u9fff]{{0,2}}(?:{_TITLES})|(?:{_SHORT_TITLES}))"
    note = f"(?:{person}|{_DEPARTMENTS}|{STATE}|{_TERMS})"
    return re.compile(
        rf"(?:(?<=...)(?:{_SEPARATED})(?:{person}|{_DEPARTMENTS})|\s*[(\[【〔]\s*{note}\s*[)\]】〕]"
        rf"|(?<=[{_BODIES}])(?:{person})|(?<=..[{_BODIES}]){_DEPARTMENTS}|(?<=...)(?:采购|财务|总务|基建)[部科处])\Z"
    )  # fmt: skip


_ENDS = frozenset("总工董姐哥理长任师生士姐傅板娘管计纳购监授博夫记书理手人部科处)]】〕" + _SIGNS)


_DEPARTMENT = re.compile(_DEPARTMENTS)


def without_notes(folded: str) -> tuple[str, str]:
    """Return a folded name without what people note around it, and the department right behind it; a name that would be nothing else stays as it is."""
    department = ""
    first = folded[:1]
    if not first.isalnum():
        before = _BEFORE.match(folded)
        folded = folded[before.end() :] if before else folded
    elif first.isdigit() and (digit := _DIGIT.match(folded)) and take_place(folded[digit.end() :], 2)[0].province:
        folded = folded[digit.end() :]
    while folded[-1:] in _ENDS and is_chinese(folded):
        shorter = _PUNCTUATION.sub("", folded)
        if shorter[-1:] in _ENDS and (note := _behind().search(shorter)):
            shorter = shorter[: note.start()]
            department = note.group() if _DEPARTMENT.fullmatch(note.group()) else department
        if len(shorter) < 2 or shorter == folded:
            break
        folded = shorter
    return folded, department
