"""What a company is called on a form or in a list, written before its name: 客户：, 供应商-, 公司名称：, Company name:."""

from __future__ import annotations

import re

_PARTY = "客户|顾客|供应商|供货商|经销商|代理商|厂家|厂商|生产商"
_LABEL = re.compile(
    rf"(?:(?:(?:{_PARTY}|[买卖甲乙供需]方|(?:采购|购货|供货|销货|销售|开票|发票|收货|付款|收款|往来|使用|客户|供应)?(?:单位|公司|企业|方))?(?:名称?|全称|抬头)?"
    rf"|(?:customer|client|supplier|vendor|company|account|business)(?: name)?)\s*:|(?:{_PARTY})\s*[-–—_/|])\s*"
    r"(?=[^\W\d_][^\W_])"
)
"""A dash behind 公司 may be any: only what somebody is to who wrote it down goes with one."""


def without_label(folded: str) -> str:
    """Return a folded name without a label before it."""
    if folded.isalnum():
        return folded
    found = _LABEL.match(folded)
    return folded[found.end() :] if found else folded
