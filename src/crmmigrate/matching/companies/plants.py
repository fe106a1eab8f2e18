"""What stands behind a company's name: its plants (台中廠) and other sites (昆山基地)."""

from __future__ import annotations

import re

_SITES = ("厂", "厂区", "园区", "基地", "仓库")
_PLANT = re.compile(
    f"(?:有限(?:责任)?公司|企业社|实业社|工程行)(?:[\u4e00-\u9fff]{{1,6}}厂|[\u4e00-\u9fff]{{2,6}}(?:{'|'.join(_SITES)}))\\Z"
)

_BRANCH = re.compile(f"[\u4e00-\u9fff\\d]{{1,6}}(?:{'|'.join(_SITES)})\\Z")

_UNPLACED = re.compile("(?:[新老旧一二三四五六七八九十\\d]|第[一二三四五六七八九十\\d])(?:厂|厂区)\\Z")
"""A plant that is not called after where it is, and may be where the company itself is said to be."""


def is_site(branch: str) -> bool:
    """Return whether a branch is a plant or another site, which has no registration of its own: 二厂区, 江边厂区."""
    return _BRANCH.fullmatch(branch) is not None


def is_unplaced(branch: str) -> bool:
    """Return whether a branch is a plant without a place of its own: 新厂, 二厂, and not 临平厂."""
    return _UNPLACED.fullmatch(branch) is not None


def is_plant(text: str) -> bool:
    """Return whether a folded name is that of a company's plant or site: 上國食品有限公司台北廠; 杭州启明机械厂 is a company of its own."""
    return text.endswith(_SITES) and _PLANT.search(text) is not None
