"""Rows of people whose name and post have changed places: 仓库主管 under 姓名, and 朱彩云 under 职务."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crmmigrate.matching.companies.no_company import is_no_company
from crmmigrate.matching.people.parts import is_person, is_surname_and_given, is_whole_name
from crmmigrate.matching.roles import PEOPLE
from crmmigrate.matching.texts.folding import bare, fold
from crmmigrate.model.person_titles import SHORT, TITLES
from crmmigrate.model.surnames import surnames

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

    from crmmigrate.model.dedupe import DedupeRules

_OF_POSTS = re.compile(
    "(?:联系人|客户|现任|担任)?(?:职务|职位|岗位|职称|头衔)(?:名称)?|(?:job)?(?:title|position|post)"
)
_MORE_POSTS = re.compile(
    "(?:[a-z]{2,3})?(?:网管|仓管|库管|仓库|品管|质检|跟单|客服|司机|员工|职员|法人|法务|主管|经理|总监|工程师|专员|助理)"
)
_JOBS = frozenset(
    "高工 总工 安全 安保 安工 文员 文秘 施工 司机 董事 董秘 高管 包装 包工 项目 管理 管工 车工 车间 金工 水工 钱工 平面 计划 计调 计量 商务 单证 白班 全职 常务 成本 关务 "  # noqa: SIM905
    "党委 党办 强电 弱电 管家 应届 实习 成员 马工 高级 中级 主任 主管 主办 主播 主厨 厨师".split()
)
"""Posts that look like somebody's name."""

_ENGLISH = re.compile(r"(?<=[\u3400-\u9fff])\s*[a-z]+\Z")
"""蒋光 Frank."""

_OF_JOBS = frozenset("员工师岗官手")
"""What posts of three characters and more end with, and hardly a name: 程序员, 钟点工."""

_TITLES = tuple(sorted((*TITLES, *SHORT), key=len, reverse=True))
_TWO, _WHOLE, _LONGEST, _MANY = 2, 3, 10, 3
"""Characters of names, and at most of a post; a value of the column of posts that so many have is a post."""


def columns_of_posts(columns: Iterable[str], rules: DedupeRules) -> list[str]:
    """Return the columns of a table of people in which the names stand that belong under the header of names."""
    if rules.object not in PEOPLE or "name" not in rules.columns:
        return []
    taken = {column for rule in rules.columns.values() for column in rule.columns}
    return [c for c in columns if c not in taken and _OF_POSTS.fullmatch(bare(fold([c])[0]))][:1]


def names_put_right(frame: pd.DataFrame, rules: DedupeRules) -> pd.DataFrame:
    """Return the records of people, with the name where it belongs, where a post stands in its place and the name in that of the post; for comparing only."""
    beside = columns_of_posts(frame.columns, rules)
    names = [column for column in rules.columns["name"].columns if column in frame.columns] if beside else []
    if not names:
        return frame
    [post], name = beside, names[0]
    times = frame[post].value_counts()
    held = frame[post].isin(_people([str(cell) for cell in times.index[times < _MANY]]))
    if not held.any():
        return frame
    held &= frame[name].isin(_posts([str(cell) for cell in frame.loc[held, name].dropna().unique()]))
    return frame.assign(**{name: frame[name].mask(held, frame[post])}) if held.any() else frame


def _people(cells: list[str]) -> list[str]:
    """Return the cells under the header of posts that are people: 朱彩云, 宋工, and not 高工."""
    return [cell for cell, folded in zip(cells, fold(cells), strict=True) if _is_somebody(_ENGLISH.sub("", folded))]


def _is_somebody(folded: str) -> bool:
    if (
        folded in _JOBS
        or (folded[-1:] in _OF_JOBS and len(folded) > _TWO)
        or is_no_company(folded)
        or not is_person(folded)
    ):
        return False
    title = next((title for title in _TITLES if folded.endswith(title)), "")
    called = folded.removesuffix(title)
    if title:
        return is_whole_name(called) or called in surnames()
    return is_whole_name(folded) or (len(folded) == _WHOLE and is_surname_and_given(folded))


def _posts(cells: list[str]) -> list[str]:
    """Return the cells under the header of names that are posts and nobody's name."""
    short = [cell for cell in cells if len(cell) <= _LONGEST]
    return [cell for cell, folded in zip(short, fold(short), strict=True) if folded and is_post(folded)]


def is_post(folded: str) -> bool:
    """Return whether a folded cell is a post, or a state in the place of one, and nobody's name."""
    return is_no_company(folded) or _MORE_POSTS.fullmatch(folded) is not None
