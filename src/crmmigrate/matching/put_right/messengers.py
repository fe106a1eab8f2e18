"""Mobiles that are written as WeChat accounts: where a company's people are reached, it is one number wherever it stands."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from crmmigrate.matching.roles import PEOPLE

if TYPE_CHECKING:
    import pandas as pd

    from crmmigrate.model.dedupe import DedupeRules

AS_ACCOUNT = "_crmm_wechat"
"""The column of mobiles that stand among WeChat accounts."""

_MOBILE = r"^[^\da-zA-Z]*(?:\+?86[ -]?)?(1[3-9]\d[ -]?\d{4}[ -]?\d{4})[^\da-zA-Z]*$"
"""Such and nothing else: of a13800138000 nobody knows whether it is one."""


_ABROAD = r"^\s*((?:\+|00)[1-9][\d ().-]{8,18}\d)\s*$"


def with_mobiles(frame: pd.DataFrame, rules: DedupeRules) -> tuple[pd.DataFrame, DedupeRules]:
    """Return the records of companies with the mobiles that are their WeChat accounts as telephones too; for comparing only. A table of people has them among its mobiles.

    Args:
        frame: all records of the table; missing = NaN.
        rules: of the object.
    """
    accounts, phones = rules.columns.get("wechat"), rules.columns.get("phone")
    if rules.object in PEOPLE or accounts is None or phones is None or accounts.compare or phones.compare:
        return frame, rules
    for number, column in enumerate(column for column in accounts.columns if column in frame.columns):
        found = frame[column].str.extract(_MOBILE, expand=False)
        found = found.fillna(frame[column].str.extract(_ABROAD, expand=False))
        if found.notna().any():
            own = f"{AS_ACCOUNT}{number or ''}"
            frame, phones = frame.assign(**{own: found}), replace(phones, columns=(*phones.columns, own))
    return frame, replace(rules, columns=rules.columns | {"phone": phones})
