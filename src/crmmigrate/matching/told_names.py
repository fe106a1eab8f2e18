"""Other names of companies that a remark tells: 原名：永億光電企業股份有限公司, 已更名为杭州启明机械有限公司."""

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

_CALLED = "原(?:公司|單位|单位|客戶|客户|企業|企业)?名[稱称]?|曾用名|[舊旧][名稱称]|[變变改更]?更名?前(?:名[稱称])?|前身|(?:更名|改名|名[稱称][變变]更)(?:公司)?(?:名[稱称])?[為为是]"
_NAME = r"(?P<name>[A-Za-z0-9()（）\x{3400}-\x{9fff}]{2,40}?(?:公司|[厂廠]|合作社|[企實实][業业]社|工程行|商行|[經经]營部|经营部|事[務务]所|中心|[醫医]院|[學学]校))"
_TOLD = (
    rf"(?:^|[\s,，.。;；:：(（\d日月年]|已|於|于|本公司|該公司|该公司)(?:{_CALLED})\s*[:：為为是]?\s*[「“\"《]?{_NAME}"
)
"""A pattern of RE2; what does not end as a company's name does is no name."""


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
        told = pc.struct_field(pc.extract_regex(cells_in(frame, column), _TOLD), "name")
        if names is not None and told.null_count < len(told):
            own = f"{TOLD}{number or ''}"
            frame = frame.assign(**{own: told.cast(pa.large_string()).to_pandas().astype("str").set_axis(frame.index)})
            names = columns["name"] = replace(names, columns=(*names.columns, own))
    return frame, replace(rules, columns=columns)
