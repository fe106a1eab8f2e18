"""Other names of companies that a remark tells: 原名：永億光電企業股份有限公司, 已更名为杭州启明机械有限公司, 已改名大峻汽修店."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from crmmigrate.matching.phones.columns import cells_in
from crmmigrate.matching.shipped_headers import REMARK

if TYPE_CHECKING:
    import pandas as pd

    from crmmigrate.model.dedupe import DedupeRules

TOLD = "_crmm_former"
"""The column of the names that remarks tell."""

_CALLED = "原(?:公司|單位|单位|客戶|客户|企業|企业)?名[稱称]?|曾用名|[舊旧][名稱称]|(?:[變变改更]?更名?|改名)前(?:名[稱称])?|前身|(?:更名|改名|名[稱称][變变]更)(?:公司)?(?:名[稱称])?[為为是]"
_NAME = r"(?P<name>[A-Za-z0-9()（）\x{3400}-\x{9fff}]{2,40}?(?:公司|[厂廠]|合作社|[企實实][業业]社|工程行|商行|[經经]營部|经营部|事[務务]所|中心|[醫医]院|[學学]校|大[學学]|[學学]院|集[團团]|酒店|研究[院所]))"
_SHOP = r"(?P<name>[A-Za-z0-9()（）\x{3400}-\x{9fff}]{2,40}?(?:[\x{3400}-\x{9fff}]店|超市|便利|[商车車花琴粮][行]|(?:门市|門市|批发|零售|经销|经营|服务|维修|加工|俱乐)部|[馆館坊铺舖社站城]|诊所|会所|工作室|卫生室))"
"""A shop's name: such words stand behind anything, so that nothing else may follow, nor stand before but that it is the new name."""

_RENAMED = "(?:(?:[已现現][已经]?|[后後]来?)?(?:更名|改名|改叫|改称|名[稱称][變变]更)(?:公司|店名)?(?:名[稱称])?|[现現新]名[稱称]?)[为為成是叫作了]?"
_WHO = r"(?:(?:[0-9]{2,4}年?(?:[0-9]{1,2}月)?)?(?:[本该該此]|客[户戶])?(?:公司|企[业業]|[单單]位|工?[厂廠]|客[户戶]|[对對]方)?)"
"""When, and who it is that was renamed: the company itself, for it is told of it; its mother or a rival is called otherwise."""

_FORMS_IN_LETTERS = r"(?i:\bL\.?L\.?C|\bLtda?|\bLimited|\bInc|\bCorp(?:oration)?|\bCo|Company|GmbH|\bA\.?G|\bK\.?G|\bS\.?p\.?A|\bS\.?r\.?l|\bS\.?A(?:\.?S)?|\bSarl|\bB\.?V|\bN\.?V|\bAB|\bApS|\bOyj?|\bLda|\bC\.V|\bBhd|\bP\.?L\.?C|\bJ\.?S\.?C|\bd\.o\.o|\bŞti)"
_BEGIN, _END = r"(?:^|[\s,，.。;；:：(（])", r"(?:$|[\s,，.。;；)）」”\"》])"
_IN_LETTERS = r"(?P<name>[\p{Latin}0-9][\p{Latin}0-9 &.,'’/-]{3,60}?)"
_IN_LETTERS_FORMAL = (
    rf"(?P<name>PT \p{{Lu}}[\p{{Latin}} ]{{2,40}}?|\p{{Lu}}[\p{{Latin}}0-9 &.,'’-]{{1,50}}?(?:{_FORMS_IN_LETTERS})\.?)"
)
"""A name with its legal form: behind "now" and "ex" nearly anything may stand."""

_TOLD = (
    rf"(?:{_BEGIN}|[\d日月年现現]|已|於|于|本公司|該公司|该公司)(?:{_CALLED})\s*[:：為为是叫]?\s*[「“\"《]?{_NAME}",
    rf"{_BEGIN}(?:即?原(?:[来來先](?:[叫是为為]|的?名字是))?|[现現](?:[名称稱叫]|在[叫是]|改名|改[为為])?|(?:以|之|[从從])前[叫是]|[后後](?:更名|改名?|[叫为為])[为為]?)\s*[:：為为是]?\s*[「“\"《]?{_NAME}{_END}",
    rf"{_BEGIN}{_WHO}{_RENAMED}\s*[:：]?\s*[「“\"《]?{_NAME}",
    rf"{_BEGIN}(?:{_RENAMED}|(?:{_CALLED})[為为是]?)\s*[:：]?\s*[「“\"《]?{_SHOP}{_END}",
    rf"{_BEGIN}(?:[0-9]{{4}}年?(?:[0-9]{{1,2}}月)?)?(?:由|[从從])?{_NAME}(?:更名|改名|[变變]更|改制)(?:而[来來]|[过過]?[来來]的?)?{_END}",
    rf"(?:^|[\s,;.(])(?i:formerly(?: known as| called)?|(?:former|old|new) name|f/?k/?a|previously(?: known as)?|renamed (?:to|as)|rebranded (?:to|as)|now (?:called|known as)|name changed to|changed (?:its |their )?name to)\s*:?\s+{_IN_LETTERS}\s*(?:$|[;)])",
    rf"(?:^|[\s,;.(])(?i:now|ex)\s+{_IN_LETTERS_FORMAL}\s*(?:$|[;)])",
)
"""Patterns of RE2, the surest first; what does not end as a company's name does is no name, and behind 原 or 现 alone nothing may follow it: 原启明公司采购部 is where somebody worked."""


_OTHERS = "^(?:供[应應][商方]|客[户戶]|[单單]位|公司|[经經][销銷]商|代理商|[联聯]系人|合作|采[购購])"
"""原供应商为启明公司 tells of another."""


def with_told_names(frame: pd.DataFrame, rules: DedupeRules) -> tuple[pd.DataFrame, DedupeRules]:
    """Return the records with the names that their remarks tell beside their own, and the rules that say so; for comparing only.

    Args:
        frame: all records of the table; missing = NaN.
        rules: of the object.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    rule, names = rules.columns.get(REMARK), rules.columns.get("name")
    if rule is None or rule.compare:  # who says how remarks are compared has them compared
        return frame, rules
    columns = {role: held for role, held in rules.columns.items() if role != REMARK}
    for number, column in enumerate(column for column in rule.columns if column in frame.columns):
        cells = cells_in(frame, column)
        told = pc.coalesce(*(pc.struct_field(pc.extract_regex(cells, pattern), "name") for pattern in _TOLD))
        told = pc.if_else(pc.match_substring_regex(told, _OTHERS), None, told)
        if names is not None and told.null_count < len(told):
            own = f"{TOLD}{number or ''}"
            frame = frame.assign(**{own: told.cast(pa.large_string()).to_pandas().astype("str").set_axis(frame.index)})
            names = columns["name"] = replace(names, columns=(*names.columns, own))
    return frame, replace(rules, columns=columns)
