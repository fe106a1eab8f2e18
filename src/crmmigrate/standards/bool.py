"""Yes or no as `true` and `false`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmmigrate.messages import Message
from crmmigrate.model.standard import Cleaned, Flag, Standard
from crmmigrate.standards._door import line
from crmmigrate.standards._fold import folded
from crmmigrate.standards.empty import ALL_CODES, says_nothing

if TYPE_CHECKING:
    from collections.abc import Iterable

    from crmmigrate.model.standard import Cleaner

WORD = Flag("bool.word", "info")
UNKNOWN = Flag("bool.unknown", "error")
CODES = {
    **ALL_CODES,
    "bool.word": Message("a word for yes or no written as true or false"),
    "bool.unknown": Message("neither yes nor no"),
}
TRUE = (
    "true",
    "t",
    "yes",
    "y",
    "1",
    "on",
    "是",
    "是的",
    "对",
    "真",
    "√",
    "✓",
    "✔",
    "☑",
    "■",
    "有",
    "已",
    "启用",
    "已启用",
    "enabled",
    "正确",
)
FALSE = (
    "false",
    "f",
    "no",
    "n",
    "0",
    "off",
    "否",
    "不是",
    "错",
    "假",
    "×",
    "✗",
    "✘",
    "☒",
    "□",
    "☐",
    "没有",
    "未",
    "禁用",
    "停用",
    "已停用",
    "已禁用",
    "不",
    "不是的",
    "✕",
    "disabled",
)
_FLOATS = {"1.0": "1", "0.0": "0"}
"""What a spreadsheet makes of 1 and 0; folded they would be 10 and 00."""


def make(true: Iterable[str] = (), false: Iterable[str] = ()) -> Cleaner:
    """Return the cleaner.

    Args:
        true: words that mean yes in this column; they go before the usual ones.
        false: words that mean no in this column.
    """
    own = {folded(str(word)): "true" for word in true} | {folded(str(word)): "false" for word in false}
    usual = {folded(word): "true" for word in TRUE} | {folded(word): "false" for word in FALSE}
    words = usual | own

    def clean(raw: str) -> Cleaned:
        """Return `true` or `false`; null for an empty word; the raw text with flag `bool.unknown` for anything else."""
        text, _ = line(raw)
        key = _FLOATS.get(text) or folded(text)
        if key in words:
            value = words[key]
            return Cleaned(value) if value == raw else Cleaned(value, (WORD,))
        nothing = says_nothing(text)
        return Cleaned(None, (nothing,)) if nothing else Cleaned(raw, (UNKNOWN,), "suggested")

    return clean


STANDARD = Standard("bool", make, Message("yes or no: true or false"), ("true", "false"), CODES)
