"""Shops whose names begin with the town or the market they are in: 仙居镇袁涛家餐馆, 临沂小商品城贾记水果店."""

from __future__ import annotations

import re

from crmmigrate.matching.companies.readings import trades
from crmmigrate.matching.companies.units import is_trader

MARKETS = "市场|商品城|商贸城|商城|建材城|批发城|装饰城|美食城|美食街|步行街"
_HEAD = re.compile(
    f"[\u3400-\u9fff]{{2,3}}?(?:镇|(?<!水)乡(?!村)|街道)|[\u3400-\u9fff]{{2,8}}?(?:{MARKETS})(?!营销|调|推广|策划)"
)
_LEAST = 4
"""Characters of a brand and what is sold."""


def without_town(core: str) -> str:
    """Return the name of a shop without the town or the market at its head; nothing where no shop with a brand of its own stands behind one.

    Args:
        core: the name without province, city, district and legal form.
    """
    found = _HEAD.match(core)
    rest = core[found.end() :] if found else ""
    named = len(rest) >= _LEAST and rest[:2] not in trades()
    return rest if named and (is_trader(rest) or is_trader(rest.removesuffix("店"))) else ""
