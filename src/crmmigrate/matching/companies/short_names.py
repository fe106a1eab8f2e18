"""Names of companies that are told for short: former ones in brackets (…有限公司(原启明化工)), brands before whom to ask for there (皓腾芦总, 曜屿 冯经理), and before 公司 (启明公司)."""

from __future__ import annotations

import re
from functools import cache

from crmmigrate.matching.companies.readings import trades, trades_behind
from crmmigrate.matching.texts.folding import is_chinese
from crmmigrate.model.surnames import common_surnames, surnames

FORMER = "原"
"""In place of the legal form of a former name: what a registered company is called for short others of its brand are called too, but not what it was called before."""

_FORMS = ("限公司", "任公司", "份公司", "团公司", "总公司", "分公司", "子公司")
_OF_PERSON, _LONGEST, _COMMON = 3, 4, 100
_TITLES = "总|总经理|经理|老板娘?|厂长|主任|主管|科长|师傅|工"
_ENDS = tuple("总理板娘长任管傅工")
_ANYBODYS = re.compile(
    "工地|工厂|装修|送水|隔壁|朋友|同学|邻居|菜场|市场|门口|仓库|车间|食堂|后勤|采购|财务|物业|客户|老客|新客|介绍|微信|电话|散客"
)
"""What whoever is asked for has around him: 工地王总 is of no company 工地."""


def former_kind(full: str, kind: str, own: str) -> str:
    """Return the kind of a former name, which may be that of a person who had the shop before (原李红军).

    Args:
        full: the former name, folded.
        kind: of its legal form.
        own: kind of the present name's legal form.
    """
    return FORMER if own and not kind and (len(full) > _OF_PERSON or full[:1] not in surnames()) else kind


def brand_before_person(core: str) -> str:
    """Return the brand of a name without place and legal form that may be nothing but a brand and a person there; empty for others."""
    if not (found := _person_at_end().search(core) if core.endswith(_ENDS) else None):
        return ""
    brand = core[: found.start()]
    may_be = len(brand) <= _LONGEST and is_chinese(brand) and not _ANYBODYS.match(brand) and brand not in trades()
    return brand if may_be and brand[0] not in common_surnames(_COMMON) else ""


def is_spoken_of(text: str, core: str) -> bool:
    """Return whether 公司 behind a brand alone is no legal form, but how one speaks of a company: 杭州启明公司, and not 杭州启明有限公司 or 杭州粮油公司.

    Args:
        text: the name, folded.
        core: of it.
    """
    bare = text.endswith("公司") and not text.endswith(_FORMS)
    return bare and len(core) <= _LONGEST and next(trades_behind(core), "") == ""


def ends_in_person(text: str) -> bool:
    """Return whether a name may be one of `brand_before_person` behind its place."""
    return text.endswith(_ENDS) and _person_at_end().search(text) is not None


@cache
def _person_at_end() -> re.Pattern[str]:
    single = "".join(sorted(name for name in surnames() if len(name) == 1))
    double = "|".join(sorted(name for name in surnames() if len(name) > 1))
    return re.compile(rf"(?<=..)(?:{double}|[{single}])(?:{_TITLES})\Z")
