"""Departments of a body by their short names: 马院 is 马克思主义学院, 国资处 国有资产管理处, 教务部 教务处; and the phases of a builder's project."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np

    from crmmigrate.matching.companies.name_columns import Names

_KIND = re.compile("(.+?)(学?院|中心|[处部]|系|馆|科|所|室|办)")
_JOINING = re.compile("(?<=.)[与和及](?=.)")
_NETWORK = re.compile("(?:网络?|信息?化?){1,2}(?:技术|管理)?中心")
"""A body has one of them, whatever it is called."""

_ASSETS = re.compile("\\A资产(?=(?:管理)?[处部])")
_PHASE = re.compile(r"\A(.*项目(?:经理)?部)\d+期\Z")
_NUMERALS = re.compile(r"[一二三四五六七八九十\d]")
_OF_SCIENCE = re.compile("(?:科学|技术|(?<!学)工程)+")
_OF_OFFICES = re.compile("(?:管理|工作|事务|服务|保障|建设|技术|化)+")
"""What many have in their names and are called without: 机械学院 is 机械工程学院, but 化学学院 not 化学工程学院, nor 经济学院 经济管理学院."""

_SCHOOLS, _LIKE = ("院", "学院"), {"院": "学院", "部": "处"}


class Departments:
    """The branch of each name, of which those of bodies may be written in short.

    Args:
        names: all.
    """

    def __init__(self, names: Names) -> None:
        self._part, self._said = names.branch
        self._project = names.branch.each(lambda branch: "项目" in branch)
        self._of_body = names.branch.true() & names.public.true() & ~names.kind.true()

    def alike(self, one: np.ndarray, other: np.ndarray) -> np.ndarray:
        """Return where names of other branches are of one department of a body, given that the body is the same."""
        return self._where(one_department, self._of_body, one, other)

    def maybe_one_project(self, one: np.ndarray, other: np.ndarray) -> np.ndarray:
        """Return where one name is of a builder's project and the other of a phase of it, which may be all of it."""
        return self._where(_is_phase, self._project, one, other)

    def _where(
        self, true: Callable[[str, str], bool], of: np.ndarray, one: np.ndarray, other: np.ndarray
    ) -> np.ndarray:
        import numpy as np

        found = of[one] & of[other]
        rest = np.flatnonzero(found)
        mine, its = (self._part[side[rest]].tolist() for side in (one, other))
        found[rest] = [true(self._said[a], self._said[b]) for a, b in zip(mine, its, strict=True)]
        return np.asarray(found)


@lru_cache(maxsize=20_000)
def one_department(one: str, other: str) -> bool:
    """Return whether two departments of one body are the same: the short name begins like the other, has its characters in their order and ends in the same kind of office."""
    short, long = sorted((_plain(one), _plain(other)), key=len)
    if short == long:
        return True
    mine, its = _KIND.fullmatch(short), _KIND.fullmatch(long)
    if not mine or not its or _NUMERALS.findall(short) != _NUMERALS.findall(long):
        return False
    (stem, kind), (longer, other_kind) = mine.groups(), its.groups()
    if _LIKE.get(kind, kind) != _LIKE.get(other_kind, other_kind):
        return False
    if stem == longer:
        return True
    if len(stem) > 1 and longer.startswith(stem):
        return (_OF_SCIENCE if kind in _SCHOOLS else _OF_OFFICES).fullmatch(longer, len(stem)) is not None
    return stem[0] == longer[0] and not longer.endswith("研究") and _is_short(stem, longer, kind)


def _is_short(stem: str, longer: str, kind: str) -> bool:
    """Return whether what a department is for is said in short: 马 for 马克思主义, 国资 for 国有资产, and not 实验 for 实训与实验 nor 化工 for 化学与农业工程."""
    if len(stem) == 1:
        return kind == "院"
    words = _OF_OFFICES.sub("", longer) if len(longer) > 2 * len(stem) else longer
    return stem not in longer and len(words) <= 2 * len(stem) and _in_order(stem, longer)


def _is_phase(one: str, other: str) -> bool:
    return one in _PHASE.findall(other) or other in _PHASE.findall(one)


def _plain(department: str) -> str:
    department = _ASSETS.sub("国有资产", _JOINING.sub("", department))
    return "网信中心" if _NETWORK.fullmatch(department) else department


def _in_order(short: str, long: str) -> bool:
    """Return whether the characters of one text stand in the other in their order."""
    rest = iter(long)
    return all(sign in rest for sign in short)
