"""Construction companies: those of a city that are called by their number, 青岛六建 is 青岛市第六建筑工程公司; and those of the state with their sites."""

from __future__ import annotations

import re

from crmmigrate.matching.companies.public_body import counted

_SHORT = re.compile(r"第?([一二三四五六七八九十]{1,2}|\d{1,2})建(集团)?")
_IN_FULL = ("建筑工程", "建筑", "建设工程", "建设", "建筑安装工程", "建筑安装")

SITE = re.compile(
    "中国?[建铁交冶核水电能化]{1,3}(?:第?[一二三四五六七八九十\\d]{1,3})?(?:公?局|航局|工程局|院)(?:集团)?(?=.{2,20}(?:项目部|项目经理部|指挥部)\\Z)"
)
"""A builder of the state, in front of the site: 中建三局锦美广场项目部."""

_OFFICES = ("项目部", "项目经理部")
_PHASE = re.compile("第?([一二三四五六七八九十]{1,2})(?=期|标段|号[楼院])")
_ENDS = frozenset("程目地")
_WORKS = "(?:扩建|新建|迁建|改建|改造|提升|整治|配套|安置房?|[一二三四五六七八九十\\d]期|标段?|[厂站校院区村馆库])工程|项目|工地"
PROJECT = f"(?:公司|集团|建[设筑]|工程|装饰|园林|路桥|局).*(?:{_WORKS})$"
"""The end of a name that is a builder's with the project behind it, a pattern of RE2."""

_PROJECT = re.compile(
    f"(?:(?<=..)(?:公司|(?:建[设筑]|工程|装饰|园林|路桥)(?:集团)?|集团)|\\A中国?[建铁交冶核水电能化].{{0,3}}局(?:集团)?)(?!(?:工程|管理|投资|施工|建设)+项目)[\u3400-\u9fff\\da-z]{{2,16}}?(?:{_WORKS})\\Z"
)


def with_office(folded: str) -> str:
    """Return a name of a builder's project as its office is called: 德邦建设云栖花园二期项目 is 德邦建设云栖花园2期项目部."""
    if folded[-1:] in _ENDS and _PROJECT.search(folded):
        folded += "部" if folded.endswith("项目") else "项目部"
    return _PHASE.sub(lambda phase: counted(phase.group(1)), folded) if folded.endswith(_OFFICES) else folded


def in_full(core: str, *, known: bool) -> list[str]:
    """Return what a construction company called by its number may be called in full; nothing of any other.

    Args:
        core: of its name, without place and legal form.
        known: whether a place before it or 集团 tells that it is one.
    """
    if "建" not in core[1:4] or not known or not (found := _SHORT.fullmatch(core)):
        return []
    number = found.group(1)
    number = number if number.isdigit() else counted(number)
    return [f"第{number}{trade}{found.group(2) or ''}" for trade in _IN_FULL]
