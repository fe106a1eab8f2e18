"""What is typed where something is demanded: two records that have it share nothing."""

from __future__ import annotations

import re

_NAMES = frozenset(
    [
        "无",
        "暂无",
        "没有",
        "未知",
        "不详",
        "保密",
        "匿名",
        "自己",
        "个人",
        "本人",
        "私人",
        "自用",
        "测试",
        "测试公司",
        "测试客户",
        "测试账号",
        "试用",
        "客户",
        "公司",
        "单位",
        "个体",
        "个体户",
        "散客",
        "零散客户",
        "其他",
        "其它",
        "某公司",
        "某单位",
        "无公司",
        "无单位",
        "个人客户",
        "个人用户",
        "自由职业",
        "待定",
        "待补充",
        "不清楚",
        "不知道",
        "test",
        "tests",
        "testing",
        "demo",
        "asdf",
        "asd",
        "qwe",
        "qwer",
        "qwerty",
        "abc",
        "abcd",
        "aaa",
        "aa",
        "xxx",
        "xx",
        "none",
        "null",
        "n/a",
        "na",
        "no",
        "unknown",
        "company",
        "individual",
        "personal",
    ]
)
_DIGITS = 3

NUMBER = re.compile(r"(\d)\1{6,}\Z|0*1234567\d*\Z|1[3-9](\d)\2{8}\Z|1[3-9]\d0{8}\Z")
"""Matches a telephone number that is nobody's: 00000000, 12345678901, 13888888888; 13588888888 is somebody's, and was not cheap."""

_BOX = re.compile(r"test\d*|abc|aaa?|xxx?|123|1+|0+|none|null|no|noemail|no-?reply|asdf?|qwe|example")


def is_name(folded: str) -> bool:
    """Return whether a folded cell is no name of a company or person: 自己, 保密, test, 11."""
    return folded in _NAMES or (len(folded) <= _DIGITS and folded.isdigit())


def is_box(box: str) -> bool:
    """Return whether what stands before the @ is nobody's: test, 123, none."""
    return _BOX.fullmatch(box) is not None
