"""What stands behind a company's name: its plants (台中廠)."""

from __future__ import annotations

import re

_PLANT = re.compile("(?:有限(?:责任)?公司|企业社|实业社|工程行)[\u4e00-\u9fff]{1,6}厂\\Z")


def is_plant(text: str) -> bool:
    """Return whether a folded name is that of a company's plant: 上國食品有限公司台北廠; 杭州启明机械厂 is a company of its own."""
    return text.endswith("厂") and _PLANT.search(text) is not None
