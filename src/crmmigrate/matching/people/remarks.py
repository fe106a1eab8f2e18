"""Columns of remarks in lists of contacts of a messenger: what one calls somebody who has a nickname there."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crmmigrate.matching.texts.folding import bare, fold
from crmmigrate.model.dedupe import FULL_NAME

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_REMARK = re.compile("(?:客户|好友|联系人|微信|企业微信|企微|昵称)*备注(名称?|姓名|昵称)?")
_NICKNAMES = frozenset(("昵称", "微信昵称", "客户昵称", "好友昵称"))
_OF_WECHAT = _NICKNAMES | {"添加人", "添加方式"}
"""Headers beside which 备注 is a name: those of contacts in 企业微信, and of nicknames. In other tables it is any note."""


def is_remark(column: str) -> bool:
    """Return whether a header is one of remarks, among which names may be: 备注, 好友备注名."""
    return _REMARK.fullmatch(_plain(column)) is not None


def says_name(column: str) -> bool:
    """Return whether the header of remarks says that they are names: 备注名, and not 备注."""
    met = _REMARK.fullmatch(_plain(column))
    return met is not None and met[1] is not None


def is_nickname(column: str) -> bool:
    """Return whether a header says that what people call themselves stands there."""
    return _plain(column) in _NICKNAMES


def with_remarks(found: Mapping[str, tuple[str, ...]], columns: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Return the roles of people with the remarks behind the other names, where remarks may name them.

    Args:
        found: columns by role, without those.
        columns: the table's.
    """
    taken = {column for held in found.values() for column in held}
    plain = {column: _plain(column) for column in columns if column not in taken}
    listed = not _OF_WECHAT.isdisjoint(plain.values())
    remarks = [column for column in plain if is_remark(column) and (listed or says_name(column))]
    called = found["name"] if "name" in found else tuple(c for c in plain if plain[c] in _NICKNAMES)[:1]
    if not remarks or not called or FULL_NAME in found:
        return dict(found)
    return {"name": (*called, remarks[0]), **{role: held for role, held in found.items() if role != "name"}}


def _plain(column: str) -> str:
    return column if column.isascii() else bare(fold([column])[0])
