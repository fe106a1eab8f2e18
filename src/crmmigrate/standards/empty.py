"""Words that say "nothing": 无, -, N/A, 待定 … become null; everything else stays as it is."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crmmigrate.messages import Message
from crmmigrate.model.standard import Cleaned, Flag, Standard
from crmmigrate.standards._door import CODES, line

if TYPE_CHECKING:
    from collections.abc import Iterable

    from crmmigrate.model.standard import Cleaner

NOTHING = Flag("empty.word", "info")
DITTO = Flag("empty.ditto", "warning", "LOGIC")
EMPTY_CODES = {
    "empty.word": Message("a word that says nothing was made empty"),
    "empty.ditto": Message("“same as above” refers to a row that may have moved"),
}
ALL_CODES = {**CODES, **EMPTY_CODES}
"""The codes of the door and of empty words, which nearly every standard uses."""

_MARKS = re.compile(r"[\s\-‐‑–—―_－/／\\|.。．·•…,，、;；:：~～*＊?？!！#'\"“”‘’()（）\[\]【】<>《》=+]*\Z")
_CHINESE = frozenset(
    [
        "无",
        "没有",
        "暂无",
        "暂缺",
        "空",
        "空白",
        "缺",
        "缺失",
        "待定",
        "待补",
        "待补充",
        "待填",
        "待完善",
        "待确认",
        "待核实",
        "未知",
        "不知",
        "不知道",
        "不详",
        "不明",
        "未填",
        "未填写",
        "未提供",
        "未登记",
        "無",
        "沒有",
        "暫無",
        "不適用",
        "不适用",
        "无数据",
        "无此项",
        "保密",
        "无效",
        "暂无数据",
        "没填",
        "未录入",
        "待录入",
        "待查",
        "无资料",
        "無資料",
        "不詳",
        "【无】",
        "（空）",
        "（无）",
    ]
)
_LATIN = frozenset(
    [
        "n/a",
        "n／a",
        "#n/a",
        "n.a.",
        "n.a",
        "na",
        "nan",
        "null",
        "none",
        "nil",
        "(null)",
        "<null>",
        "(none)",
        "tbd",
        "tbc",
        "unknown",
        "[null]",
        "#null!",
        "#num!",
        "#value!",
        "#ref!",
        "#name?",
        "#div/0!",
        "undefined",
    ]
)
_DITTO = frozenset(["同上", "〃", "同前", "同左", "ditto", "″"])
WORDS = _CHINESE | _LATIN
COMPANY_WORDS = WORDS - frozenset(
    ["na", "nan", "null", "none", "nil", "n.a", "tbd", "tbc", "unknown", "undefined", "空", "空白", "保密"]
)
"""A company may be called NA, None, Null or 空白; it is not called 无, - or N/A."""
_LONGEST = 12


def says_nothing(text: str, words: frozenset[str] = WORDS) -> Flag | None:
    """Return the flag of an empty word, or None where `text` (already through the door) says something."""
    if len(text) > _LONGEST:
        return NOTHING if _MARKS.match(text) else None
    lowered = text.lower()
    if lowered in words or _MARKS.match(text):
        return NOTHING
    return DITTO if lowered in _DITTO else None


def make(words: Iterable[str] = (), keep: Iterable[str] = ()) -> Cleaner:
    """Return the cleaner.

    Args:
        words: more words that say nothing in this column.
        keep: words that do say something here.
    """
    known = (WORDS | {word.lower() for word in words}) - {word.lower() for word in keep}

    def clean(raw: str) -> Cleaned:
        """Return null for an empty word; the raw text for anything else."""
        flag = says_nothing(line(raw)[0], known)
        return Cleaned(None, (flag,)) if flag else Cleaned(raw)

    return clean


STANDARD = Standard("empty", make, Message("nothing: 无, -, N/A, 待定 become empty"), ("words", "keep"), EMPTY_CODES)
