"""Where somebody lives, in the tables of who manages or furnishes an estate: in columns of the estate, the house and the flat."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_ESTATES = (
    "小区",
    "小区名称",
    "小区名",
    "所在小区",
    "居住小区",
    "楼盘",
    "楼盘名称",
    "楼盘名",
    "楼盘小区",
    "小区楼盘",
    "社区",
    "期数",
    "组团",
)
_HOUSES = ("楼栋", "楼栋号", "楼号", "栋号", "幢号", "楼幢", "单元", "单元号")
_ROOMS = (
    "房号",
    "房间号",
    "室号",
    "楼栋房号",
    "栋号房号",
    "楼号房号",
    "楼栋单元房号",
    "单元房号",
    "门牌",
    "门牌号",
    "户号",
)
"""Of an address from the greatest part to the smallest."""


def flat_columns(there: Mapping[str, str]) -> tuple[str, ...]:
    """Return the columns that make the address of a flat, from the estate on; none where no flat is told.

    Args:
        there: header as it is looked for → column.
    """
    if not any(name in there for name in _ROOMS):
        return ()
    names = (name for name in (*_ESTATES, *_HOUSES, *_ROOMS) if name in there)
    return tuple(dict.fromkeys(there[name] for name in names))
