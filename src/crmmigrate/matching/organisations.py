"""Well-known organisations by what everybody calls them: 工行, 浦发银行, 一汽, 中科院长光所, 浙一, XJTU, 中电科14所, 中国移动河南公司."""

from __future__ import annotations

import csv
import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

from crmmigrate.matching.folding import bare, fold
from crmmigrate.matching.places import take_place

_FILE = Path(__file__).parents[1] / "data" / "organisations.csv"
_FORM = re.compile("(?:股份|控股|集团)?(?:有限|有限责任|股份|股份有限|总)?公司|股份|集团")
_LIMITED = {"公司": "有限公司", "总公司": "有限公司", "集团": "集团有限公司"}
_BRANCH = re.compile(
    r"[\u3400-\u9fff\d]{1,12}(?:分公司|支公司|分行|支行|营业部|营业厅|分理处|储蓄所|办事处|分局|分院|院区|校区|[科系处]|实验室|中心|学院|图书馆|食堂)"
)
"""What stands behind an organisation is its branch; anything else makes another name of it: 一汽解放, 中石化工建."""

_CARRIERS = {"移动": "中国移动通信集团", "联": "中国联合网络通信集团", "电信": "中国电信集团"}
_CARRIER = re.compile("(?:中国)?(?:(移动)(?:通信)?|(联)(?:通|合网络通信)|(电信))(?:集团|股份)*(?:有限)?(?:公司)?(?=..)")
_GRID = re.compile("(?:国网|国家电网)(?:有限)?(?:公司)?(?=..)")
_GRID_TAIL = re.compile("省?(?:电力|供电)?(?:局|有限公司|分公司|公司)*")
_CARRIER_TAIL = re.compile("省?(?:分公司|有限公司|有限责任公司|公司)?")
_INSTITUTE = re.compile(
    "(?:中电科|中国电科|电科集团|中国电子科技集团(?:有限)?公司)(?:集团)?第?([一二三四五六七八九十]{1,3}|\\d{1,2})(?:研究)?所"
)
_SERIES = frozenset(("中国", "国网", "国家", "移动", "联通", "电信", "中电", "电科"))
_WEAK, _WEAK_LETTERS = 2, 4
"""So short an abbreviation, in characters or in letters, may be another's name; there are a 朝阳医院 and a 龙华医院 in several cities."""


class Known(NamedTuple):
    """What a name stands for.

    Args:
        name: the organisation's, folded, with its branch.
        whole: which organisation it is, without its legal form; empty for a branch.
        sure: whether the name is hardly anybody else's.
    """

    name: str
    whole: str
    sure: bool


@cache
def _aliases() -> dict[str, list[tuple[str, str]]]:
    """Return aliases and names with the name they stand for, by their first three characters, or the two that they have, the longest first."""
    with _FILE.open(encoding="utf-8", newline="") as file:
        rows = [(row["alias"], row["name"]) for row in csv.DictReader(file)]
    folded = fold([text for row in rows for text in row])
    named = dict(zip(map(bare, folded[::2]), folded[1::2], strict=True))
    named |= {bare(name): name for name in folded[1::2]}
    heads: dict[str, list[tuple[str, str]]] = {}
    for alias in sorted(named, key=len, reverse=True):
        heads.setdefault(alias[:3], []).append((alias, named[alias]))
    return heads


def known(text: str) -> Known | None:
    """Return what organisation a folded name without notes stands for, or None for any other name."""
    head = text[:2]
    if head in _SERIES and (series := _series(bare(text))):
        return series
    aliases = _aliases()
    plain = text if text.isalnum() else bare(text)
    for alias, name in (*aliases.get(plain[:3], ()), *aliases.get(plain[:2], ())):
        if plain.startswith(alias):
            rest = plain[len(alias) :]
            if not rest or (_FORM.fullmatch(rest) and not name.endswith("公司")):
                weak = _WEAK_LETTERS if alias.isascii() or alias.endswith("医院") else _WEAK
                return Known(
                    name + ("" if name[-1] in "院所学校社" else _LIMITED.get(rest, rest)),
                    whole=bare(name),
                    sure=len(alias) > weak or alias == bare(name),
                )
            if _BRANCH.fullmatch(rest):
                return Known(name + rest, whole="", sure=True)
    return None


def _series(plain: str) -> Known | None:
    """Return the company of a carrier or of the grid in one province or city, or a numbered institute."""
    if number := _INSTITUTE.fullmatch(plain):
        return Known(f"中国电子科技集团公司第{number.group(1)}研究所", whole="", sure=True)
    if carrier := _CARRIER.match(plain):
        at = plain[carrier.end() :]
        rest = take_place(at)[1]
        if rest != at and _CARRIER_TAIL.fullmatch(rest):
            whose = _CARRIERS[next(filter(None, carrier.groups()))]
            place = at[: len(at) - len(rest)].removesuffix("省").removesuffix("市")
            return Known(f"{whose}有限公司{place}分公司", whole="", sure=True)
    if grid := _GRID.match(plain):
        at = plain[grid.end() :]
        rest = take_place(at)[1]
        if rest != at and _GRID_TAIL.fullmatch(rest):
            place = at[: len(at) - len(rest)].removesuffix("省").removesuffix("市")
            return Known(f"国家电网{place}电力公司", whole="", sure=True)
    return None
