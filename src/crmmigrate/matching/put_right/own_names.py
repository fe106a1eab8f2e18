"""What people call themselves in a messenger, where it stands among accounts or in the place of a name: 向日葵12, 岁月静好, wxid_3ab19e9f."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from crmmigrate.matching.headers import header_names
from crmmigrate.matching.people_headers import NICKNAME
from crmmigrate.matching.phones.columns import cells_in
from crmmigrate.model.dedupe import ColumnRule

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

    from crmmigrate.model.dedupe import DedupeRules

AS_ACCOUNT, AS_NAME, AS_BOTH = "_crmm_nickname", "_crmm_own_name", "_crmm_own_account"
"""The columns of nicknames that stood among accounts, and in the place of a name, and of accounts in the place of a name."""

_FILLER = r"^(?:[与和]?(?:同|为|是|即)?(?:手机|电话|微信)(?:号码?)?(?:同号?|一样|即微信|号)?|(?:已|未|没|待|可|加)(?:加|通过|添加)?(?:微信|好友)?|手?机?同号|同上|(?:无|没有|暂无|不详|未知)(?:微信|昵称)?号?|微信(?:名|昵称)?|昵称|(?i:n/?a|none|null))$"
_ACCOUNT = r"^[A-Za-z][A-Za-z0-9_-]{5,19}$|^[0-9 +-]+$"
"""What may be an account (six signs at least) or a number."""

_NO_NAME = (
    r"^(?:[^0-9(（\s]*[\x{3400}-\x{9fff}A-Za-z~。.、_-][^0-9(（\s]*[0-9]{1,6}|wxid_[0-9a-z]+|[a-z]+_?[0-9]+[a-z0-9_]*)$"
)
_TITLED = r"(?:先生|女士|小姐|老师|师傅|经理|总|太太)|[0-9]{7}"


def with_own_names(frame: pd.DataFrame, rules: DedupeRules) -> tuple[pd.DataFrame, DedupeRules]:
    """Return the records of people with what they call themselves in a column of its own, and the rules that compare it; for comparing only.

    Only where a header says that nicknames stand among the accounts.

    Args:
        frame: all records of the table; missing = NaN.
        rules: of the object.
    """
    import pyarrow.compute as pc

    accounts, names = rules.columns.get("wechat"), rules.columns.get("name")
    mixed = [column for column in accounts.columns if _mixed(column) and column in frame.columns] if accounts else []
    if not mixed or names is None or NICKNAME in rules.columns or accounts is None or accounts.compare or names.compare:
        return frame, rules
    held: list[str] = []
    for number, column in enumerate(mixed):
        cells = pc.utf8_trim_whitespace(cells_in(frame, column))
        filler = pc.match_substring_regex(cells, _FILLER)
        nickname = pc.and_not(pc.invert(pc.match_substring_regex(cells, _ACCOUNT)), filler)
        held.append(f"{AS_ACCOUNT}{number or ''}")
        aside = pc.fill_null(pc.or_(nickname, filler), fill_value=False).to_numpy(zero_copy_only=False)
        frame = frame.assign(**{held[-1]: _column(frame, pc.if_else(nickname, cells, None)), column: frame[column].mask(aside)})  # fmt: skip
    name = next((column for column in names.columns if column in frame.columns), None)
    if name is not None:
        cells = pc.utf8_trim_whitespace(cells_in(frame, name))
        own = pc.and_not(pc.match_substring_regex(cells, _NO_NAME), pc.match_substring_regex(cells, _TITLED))
        for column in held:
            own = pc.or_kleene(own, pc.equal(cells, pc.utf8_trim_whitespace(cells_in(frame, column))))
        own = pc.fill_null(own, fill_value=False)
        if pc.any(own).as_py():
            frame = frame.assign(**{AS_NAME: _column(frame, pc.if_else(own, cells, None)), name: frame[name].mask(own.to_numpy(zero_copy_only=False)), AS_BOTH: _column(frame, pc.if_else(pc.and_(own, pc.match_substring_regex(cells, _ACCOUNT)), cells, None))})  # fmt: skip
            held.append(AS_NAME)
            rules = replace(rules, columns=rules.columns | {"wechat": replace(accounts, columns=(*accounts.columns, AS_BOTH))})  # fmt: skip
    return frame, replace(rules, columns=rules.columns | {NICKNAME: ColumnRule(tuple(held))})


def _mixed(column: str) -> bool:
    """Return whether a header says that accounts and nicknames stand there: 微信号/昵称."""
    return any(name.endswith("昵称") for name in header_names(column))


def _column(frame: pd.DataFrame, cells: pa.Array) -> pd.Series:
    import pyarrow as pa

    found: pd.Series = cells.cast(pa.large_string()).to_pandas().astype("str").set_axis(frame.index)
    return found
