"""Construction companies of a city that are called by their number: 青岛六建 is 青岛市第六建筑工程公司."""

from __future__ import annotations

import re

from crmmigrate.matching.public_body import counted

_SHORT = re.compile(r"第?([一二三四五六七八九十]{1,2}|\d{1,2})建(集团)?")
_IN_FULL = ("建筑工程", "建筑", "建设工程", "建设", "建筑安装工程", "建筑安装")


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
