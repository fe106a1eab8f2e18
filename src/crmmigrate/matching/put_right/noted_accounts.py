"""WeChat accounts that remarks on people tell: 微信wang_fang77."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from crmmigrate.matching.phones.columns import cells_in
from crmmigrate.matching.put_right.noted_numbers import once
from crmmigrate.matching.roles import PEOPLE
from crmmigrate.matching.shipped_headers import REMARK

if TYPE_CHECKING:
    import pandas as pd

    from crmmigrate.model.dedupe import DedupeRules

NOTED = "_crmm_noted_wechat"
"""The column of accounts that remarks tell."""

_BEGIN = r"(?:^|[\s,，.。;；(（、/|])"
_WHOSE = "(?:已|可|请)?(?:添?加了?)?(?:本人|自己|他|她|其|个人|新|旧|老|原|原来|以前|之前|曾用|另|另外|另一个?|其他|备用|第二个?|还有个?|常用)?的?"
_ACCOUNT = rf"(?i){_BEGIN}{_WHOSE}(?:微信号?|wechat|vx)(?:是|为|改为|[:：])?\s*(?P<account>[a-z][a-z0-9_-]{{5,19}}|1[3-9][0-9]{{9}})(?:$|[^a-z0-9_-])"
"""A pattern of RE2: nothing but the words for a person's own stands before it, so it is no one else's (推荐人微信…)."""

_NAMED = "微信|(?i:wechat|vx)"
_ANOTHERS = (
    r"(?:老婆|老公|妻子?|丈夫|爱人|太太|先生|父亲?|母亲?|爸|妈|儿子|女儿|朋友|同事|助理|秘书|司机|客服|前台|家人|公司|单位|我司|公众号|群主?)[的\s:：]*(?i:微信|wechat|vx)"
    r"|(?:推荐人|介绍人|客户经理|业务员|上级|上家|对接人)[^。;；]{0,8}(?i:微信|wechat|vx)"
)
"""Whose it is, where a name or a sign stands between: 推荐人李琦，微信…."""


def with_noted_accounts(frame: pd.DataFrame, rules: DedupeRules) -> tuple[pd.DataFrame, DedupeRules]:
    """Return the records of people with the WeChat accounts that their remarks tell, and the rules that say so; for comparing only.

    A mobile is known to WeChat by its number, so that they are among the mobiles too.

    Args:
        frame: all records of the table; missing = NaN.
        rules: of the object.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    remarks, accounts = rules.columns.get(REMARK), rules.columns.get("wechat")
    if rules.object not in PEOPLE or remarks is None or remarks.compare or accounts is None or accounts.compare:
        return frame, rules
    roles = [role for role in ("wechat", "mobile") if role in rules.columns and not rules.columns[role].compare]
    for number, column in enumerate(column for column in remarks.columns if column in frame.columns):
        cells = cells_in(frame, column)
        if not pc.any(pc.match_substring_regex(cells, _NAMED)).as_py():
            continue
        told = pc.struct_field(pc.extract_regex(cells, _ACCOUNT), "account")
        told = pc.if_else(pc.match_substring_regex(cells, _ANOTHERS), None, told)
        told = once(told)
        if told.null_count < len(told):
            own = f"{NOTED}{number or ''}"
            frame = frame.assign(**{own: told.cast(pa.large_string()).to_pandas().astype("str").set_axis(frame.index)})
            more = {role: replace(rule := rules.columns[role], columns=(*rule.columns, own)) for role in roles}
            rules = replace(rules, columns=rules.columns | more)
    return frame, rules
