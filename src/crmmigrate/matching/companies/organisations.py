"""Well-known organisations by what everybody calls them: 工行, 浦发银行, 一汽, 中科院长光所, 浙一, XJTU, 中电科14所, 中国移动河南公司."""

from __future__ import annotations

import csv
import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

from crmmigrate.matching.places.place import take_place
from crmmigrate.matching.texts.folding import bare, fold

_FILE = Path(__file__).parents[2] / "data" / "organisations.csv"
_FORM = re.compile("(?:股份|控股|集团)?(?:有限|有限责任|股份|股份有限|总)?公司|股份|集团")
_LIMITED = {"公司": "有限公司", "总公司": "有限公司", "集团": "集团有限公司"}
_BY_SHARES = "股份"
"""Ends the name of a group that is a company limited by shares itself: 中国平安保险(集团)股份."""

_OF_A_GROUP = ("集团", "控股")
_LIMITED_FORM = ("有限公司", "有限责任公司")
_DIVISION = "分公司|支公司|分行|支行|营业部|营业厅|分理处|储蓄所|办事处|分局|分院|院区|校区"
_BRANCH = re.compile(
    rf"(?![街路道厦桥区巷弄])[\u3400-\u9fff\d]{{1,12}}(?:{_DIVISION}|[科系处]|实验室|中心|学院)|[\u3400-\u9fff\d]{{0,12}}(?:图书馆|食堂)"
)
"""What stands behind an organisation is its branch; anything else makes another name of it: 一汽解放, 中石化工建; 南大街 is a street."""

_PLACED_BRANCH = re.compile(rf"[\u3400-\u9fff\d]{{0,8}}(?:{_DIVISION}|图书馆)")
"""What stands behind an ambiguous alias and a place, where it is a branch."""

_FACULTY = re.compile(r"(?![街路道厦桥区巷弄])[\u3400-\u9fff\d]{0,12}(?:[^联关]系|学院|实验室|图书馆|食堂)")
"""What only universities, institutes and hospitals have, behind an ambiguous alias without a place."""

_CARRIERS = {"移动": "中国移动通信集团", "联": "中国联合网络通信集团", "电信": "中国电信集团"}
_CARRIER = re.compile("(?:中国)?(?:(移动)(?:通信)?|(联)(?:通|合网络通信)|(电信))(?:集团|股份)*(?:有限)?(?:公司)?(?=..)")
_GRID = re.compile("(?:国网|国家电网)(?:有限)?(?:公司)?(?=..)")
_GRID_TAIL = re.compile("省?(?:电力|供电)?(?:局|有限公司|分公司|公司)*")
_CARRIER_TAIL = re.compile("省?(?:分公司|有限公司|有限责任公司|公司)?")
_INSTITUTE = re.compile(
    "(?:中电科|中国电科|电科集团|中国电子科技集团(?:有限)?公司)(?:集团)?第?([一二三四五六七八九十]{1,3}|\\d{1,2})(?:研究)?所"
)
_SERIES = frozenset(("中国", "国网", "国家", "移动", "联通", "电信", "中电", "电科"))


class Known(NamedTuple):
    """What a name stands for.

    Args:
        name: the organisation's, folded, with its branch.
        whole: which organisation it is, without its legal form; empty for a branch.
        at_most: the level that the name reaches at most: none but its own says without a place where it is, and one of several may be meant.
    """

    name: str
    whole: str
    at_most: str = ""

    @property
    def sure(self) -> bool:
        """Whether the name is hardly anybody else's."""
        return self.at_most != "form"


class _Alias(NamedTuple):
    """What an organisation is called.

    Args:
        called: the alias.
        name: the organisation's.
        by_shares: whether it is a group that is a company limited by shares.
        at_most: see `Known`.
    """

    called: str
    name: str
    by_shares: bool
    at_most: str


@cache
def _aliases() -> dict[str, list[_Alias]]:
    """Return aliases and names by their first three characters, or the two that they have, the longest first."""
    with _FILE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    folded = fold([row[key] for row in rows for key in ("alias", "name")])
    found: dict[str, _Alias] = {}
    for row, called, full in zip(rows, map(bare, folded[::2]), folded[1::2], strict=True):
        name = full.removesuffix(_BY_SHARES)
        at_most = "form" if row["ambiguous"] else "" if take_place(called)[0].province else "known"
        found[called] = _Alias(called, name, name != full, at_most)
    for alias in list(found.values()):
        found[bare(alias.name)] = _Alias(bare(alias.name), alias.name, alias.by_shares, "")
    heads: dict[str, list[_Alias]] = {}
    for called in sorted(found, key=len, reverse=True):
        heads.setdefault(called[:3], []).append(found[called])
    return heads


def called() -> frozenset[str]:
    """Return what names of well-known organisations begin with."""
    return _SERIES.union(alias.called for aliases in _aliases().values() for alias in aliases)


def known(text: str) -> Known | None:
    """Return what organisation a folded name without notes stands for, or None for any other name."""
    head = text[:2]
    if head in _SERIES and (series := _series(bare(text))):
        return series
    aliases = _aliases()
    plain = text if text.isalnum() else bare(text)
    for alias in (*aliases.get(plain[:3], ()), *aliases.get(plain[:2], ())):
        if plain.startswith(alias.called):
            rest = plain[len(alias.called) :]
            if not rest or (_FORM.fullmatch(rest) and not alias.name.endswith("公司")):
                return _in_form(plain, alias, rest)
            if _BRANCH.fullmatch(rest):
                return _branch(alias, rest)
    return None


def _in_form(plain: str, alias: _Alias, form: str) -> Known | None:
    """Return what an alias with this legal form stands for: 中国建筑股份有限公司 is not 中国建筑集团, nor 国药集团股份 国药集团."""
    whole = bare(alias.name)
    group = whole.endswith(_OF_A_GROUP)
    if form.startswith(_OF_A_GROUP) and not group:
        return None  # 武钢集团 is not 武汉钢铁
    shares = _BY_SHARES in form
    limited = form in _LIMITED_FORM and (alias.by_shares or not alias.called.endswith(_OF_A_GROUP))
    if group and (limited or (shares and not alias.by_shares)):
        return Known(plain, whole + (_BY_SHARES if shares else "有限")) if alias.at_most != "form" else None
    full = alias.name + ("" if whole[-1] in "院所学校社" else _LIMITED.get(form, form))
    return Known(full, whole, alias.at_most)


def _branch(alias: _Alias, branch: str) -> Known | None:
    """Return the branch that stands behind an alias; behind an ambiguous one only a faculty, or where it says where it is: 重大项目管理处 is none of 重庆大学."""
    if alias.at_most == "form" and not (alias.name[-1] in "院所学校" and _FACULTY.fullmatch(branch)):
        rest = take_place(branch)[1]
        if rest == branch or not _PLACED_BRANCH.fullmatch(rest):
            return None
    return Known(alias.name + branch, "", alias.at_most)


def _series(plain: str) -> Known | None:
    """Return the company of a carrier or of the grid in one province or city, or a numbered institute."""
    if number := _INSTITUTE.fullmatch(plain):
        return Known(f"中国电子科技集团公司第{number.group(1)}研究所", whole="")
    if carrier := _CARRIER.match(plain):
        at = plain[carrier.end() :]
        rest = take_place(at)[1]
        if rest != at and _CARRIER_TAIL.fullmatch(rest):
            whose = _CARRIERS[next(filter(None, carrier.groups()))]
            place = at[: len(at) - len(rest)].removesuffix("省").removesuffix("市")
            return Known(f"{whose}有限公司{place}分公司", whole="")
    if grid := _GRID.match(plain):
        at = plain[grid.end() :]
        rest = take_place(at)[1]
        if rest != at and _GRID_TAIL.fullmatch(rest):
            place = at[: len(at) - len(rest)].removesuffix("省").removesuffix("市")
            return Known(f"国家电网{place}电力公司", whole="")
    return None
