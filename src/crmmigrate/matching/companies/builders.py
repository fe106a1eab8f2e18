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
