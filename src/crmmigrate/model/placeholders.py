"""What is typed where something is demanded, in one place for the audit, for cleaning and for matching, which go to different lengths.

Cleaning makes empty what says nothing (`NOTHING`): nobody misses it. The audit counts less of that (`COUNTED`): 待定 and 保密 are values of
columns that hold a state or the like. Matching leaves out more (`NOBODY`): 散客 and test are kept in the data, but two records that both
say so are not one customer. All of it is lower case.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

_ABSENT = frozenset("无 没有 暂无 暂缺 空 未知 不详 未填 未填写 无数据 待补 無 沒有 暫無 不詳 （空） (空)".split())  # noqa: SIM905
_SPREADSHEET = frozenset("n/a #n/a na nan null none nil (null) <null> tbd unknown undefined".split())  # noqa: SIM905
_STATE = frozenset(
    "空白 缺 缺失 待定 待补充 待填 待完善 待确认 待核实 待录入 待查 不知 不知道 不明 未提供 未登记 未录入 没填 不适用 不適用 无此项 保密 无效 "  # noqa: SIM905
    "暂无数据 无资料 無資料 【无】 （无） n／a n.a. n.a (none) tbc [null] #null! #num! #value! #ref! #name? #div/0!".split()
)
"""Says nothing as well, but is a value of some columns, or is counted by the audit as something else (an error of a spreadsheet)."""

NOTHING = _ABSENT | _SPREADSHEET | _STATE
"""Words that say nothing in any column."""

NOTHING_OF_A_COMPANY = NOTHING - frozenset(
    ["na", "nan", "null", "none", "nil", "n.a", "tbd", "tbc", "unknown", "undefined", "空", "空白", "保密"]
)
"""A company may be called NA, None, Null or 空白; it is not called 无, - or N/A."""

MAYBE_A_NAME = ("na", "none", "null", "nan", "nil", "unknown")
"""Those of the words that the audit counts which a company may be called."""

COUNTED = (
    *sorted((_ABSENT | _SPREADSHEET) - frozenset("無 沒有 暫無 不詳".split())),  # noqa: SIM905
    *"略 — —— - -- --- / // ? ?? ？ . .. * **".split(),  # noqa: SIM905
)
"""What the audit counts as a placeholder, signs among it; it counts traditional characters by themselves."""

_SIGNS = frozenset(word for word in COUNTED if not any(sign.isalpha() for sign in word))

NOBODY = NOTHING | frozenset(
    "自己 个人 本人 私人 自用 匿名 测试 测试公司 测试客户 测试账号 试用 客户 公司 单位 个体 个体户 散客 零散客户 其他 其它 某公司 某单位 无公司 "  # noqa: SIM905
    "无单位 个人客户 个人用户 自由职业 不清楚 test tests testing demo asdf asd qwe qwer qwerty abc abcd aaa aa xxx xx no company individual "
    "personal".split()
)
"""What is no name of a company or person."""

FILLED = (
    r"\A(?:0+|1{4,}|8{6,}|9{5,}|1?2?345678?9?0?|123456?|1234567890?1?|12345678901|13800138000"
    r"|1[3-9](?:0{9}|1{9}|2{9}|3{9}|4{9}|5{9}|6{9}|7{9}|8{9}|9{9})|0[0-9]{2,3}-?(?:0{7,8}|1{7,8}|12345678?|8{7,8})"
    r"|(?i:x{3,}|a{3,}|asdf?|qwer(?:ty)?|test[0-9]*|测试[0-9]*|测试客户|aaa+|abc(?:def)?|[a-z]?test[0-9]*@.*"
    r"|(?:a|aa|aaa|abc|xxx|123|1|none|no|noemail)@.*))\z"
)
"""Numbers, words and mailboxes that the audit counts as made up; a pattern of RE2, which knows no repetition of what was found."""

NUMBER = re.compile(r"(\d)\1{6,}\Z|0*1234567\d*\Z|1[3-9](\d)\2{8}\Z|1[3-9]\d0{8}\Z")
"""Matches a telephone number without its 0 that is nobody's: 00000000, 12345678901, 13888888888; 13588888888 is somebody's, and was not cheap.

`standards/phone.py` and `standards/qq.py` only doubt numbers, and look at them as they are written.
"""

CODE = re.compile(r"(.)\1+\Z|0*1234567\d*\Z")
"""Matches a code that is nobody's: 000000000000000000, 123456789012345678."""

BOX = re.compile(r"test\d*|abc|aaa?|xxx?|123|1+|0+|none|null|no|noemail|no-?reply|asdf?|qwe|example")
"""Matches all that stands before the @ of nobody's mailbox: test, 123, none."""

ZEROS = re.compile(r"0(?:[-/: ]?0){5,}\Z")
"""Matches what a program or a person fills a column of any kind with: 000000, 0000-00-00 00:00:00. An amount or a count is shorter."""

_DIGITS = 3


def is_nobody(folded: str) -> bool:
    """Return whether a folded cell is no name of a company or person: 自己, 保密, test, 11."""
    return folded in NOBODY or (len(folded) <= _DIGITS and folded.isdigit())


def says_nothing(folded: str, words: Collection[str] = frozenset(COUNTED)) -> bool:
    """Return whether a folded cell is no value beside one that says something: 无, -, n/a, 000000.

    Args:
        folded: the cell.
        words: those that say nothing in its column; in any column only the ones that the audit counts: 待定 and 无效 are states.
    """
    return folded in words or folded in _SIGNS or ZEROS.match(folded) is not None
