"""Surnames that are read otherwise than their characters are as a rule: 曾 is Zeng, 翟 is Zhai.

Source: the readings that 现代汉语词典 marks as those of surnames (姓). 覃 is Qin with most who bear it.
"""

from __future__ import annotations

_WRITTEN = str.maketrans("曾单解仇查区缪翟朴覃召薄卜", "增善谢求闸欧庙寨票秦哨博不")
"""To characters of which the commonest reading is that of the surname."""


def as_read(name: str) -> str:
    """Return a name in characters with another character in the place of the surname where that is read as no dictionary has it first; for reading only.

    Nobody is called Zhangqing or Zhangjiang: 长 in a given name is read as 常.
    """
    return (name[:1].translate(_WRITTEN) + name[1:]).replace("长", "常")
