"""What keeps two company names apart, however alike they are: other departments, countries or organisations, and readings that are guesses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmmigrate.matching import by_name, named
from crmmigrate.matching.companies.abroad_told import AbroadTold
from crmmigrate.matching.companies.added_words import sisters
from crmmigrate.matching.companies.bodies import Bodies
from crmmigrate.matching.companies.levels import LEVELS
from crmmigrate.matching.companies.pinyin_brands import PinyinBrands
from crmmigrate.matching.companies.shop_names import ShopNames
from crmmigrate.matching.companies.sisters import Sisters
from crmmigrate.matching.companies.small_trades import SmallTrades
from crmmigrate.matching.companies.trades_in_english import other_trade
from crmmigrate.matching.texts.bags import numbered
from crmmigrate.matching.texts.cells import ending, matched

if TYPE_CHECKING:
    import numpy as np

    from crmmigrate.matching.companies.name_columns import Names

_AT = by_name(LEVELS)
_FORM, _ROMANISED, _OTHER_FORM, _BRANCH, _CALLED_AFTER, _DIFFERENT, _SISTER = named(
    LEVELS, "form", "romanised", "other_form", "branch", "called_after", "different", "sister"
)
_SHORTER = named(
    LEVELS,
    "short",
    "inside",
    "brand",
    "one_character",
    "other_character",
    "one_in_trade",
    "longer",
    "word_more",
    "similar",
)
"""Levels that a body and what is called after it reach: 宁波大学 and 宁波大学出版社."""

_ALIKE = named(LEVELS, "one_in_trade", "one_character", "other_character", "similar")
_WITHIN = named(LEVELS, "short", "inside", "word_more")
_LOCAL = "(?:村民委员会|居民委员会|[中小]学|学校|幼儿园|卫生院|卫生室|卫生服务中心|派出所)$"
"""Bodies that are called after where they are, as their neighbours are, one behind the other in one town."""

_OF_EACH_TIER = "(?:局|化办公室|管理办公室|委员会|人民政府|法院|检察院)$|^(?:人民|中|中心|妇幼保?健?)(?:医院|院)$|^(?:图书|文化|博物|档案)馆$|^疾病预防控制中心$"
"""Bodies without a name or a number of their own, that a city has and each of its districts: 金华市教育局 and 金华市婺城区教育局. A pattern of RE2."""

_TAIL = 2
"""Characters that what is called after a body has behind its name; 第一中学校 is 第一中学."""

_LEAST = {"behind": "elsewhere", "country": "elsewhere", "department": "branch", "organisation": "different"}
"""What names tell, and the level that those reach at most which tell otherwise: 电子科技大学 is not 杭州电子科技大学."""


_SMALL = frozenset(("合作社", "个体", "零售", "行号"))
"""Kinds of legal forms of what one person or a few keep."""


class Told:
    """What each name tells of what it is.

    Args:
        said: the names.
        records: in how many records each stands.
    """

    def __init__(self, said: Names, records: np.ndarray) -> None:
        import numpy as np
        import pyarrow.compute as pc

        self.told = [(getattr(said, field).where_said(), _AT[name]) for field, name in _LEAST.items()]
        # A reading that is a guess reaches no higher level than that.
        self.cap = said.at_most.each(lambda at_most: _AT[at_most] if at_most else 0).astype(np.int8)
        self.tier = said.tier.where_said()
        self.public = said.public.true()
        self.city = said.place.each(lambda place: bool(place.city))
        self.core, self.words, self.foreign = said.core, said.words, said.words.true()
        self.abroad, self.sisters, self.shops = AbroadTold(said), Sisters(said), ShopNames(said, records)
        self.bodies, self.pinyin, self.small = Bodies(said), PinyinBrands(said), SmallTrades(said)
        small = said.kind.each(lambda kind: kind in _SMALL) | ending(said.full, "农场", "果园", "养殖场", "农家乐")
        self.kept = (self.shops.trader | small) & ~said.group.true() & ~self.public
        """Which are names of shops, farms and cooperatives, that somebody keeps."""
        self.body, self.part = self.public & ~said.kind.true(), said.branch.codes
        self.local, self.nameless = matched(said.core, _LOCAL), matched(said.core, _OF_EACH_TIER)
        self.end = numbered(pc.utf8_slice_codeunits(said.core, -2))

    def lowered(self, levels: np.ndarray, one: np.ndarray, other: np.ndarray) -> np.ndarray:
        """Return the levels of pairs of names that are no higher than what both tell allows."""
        import numpy as np

        levels = self.shops.told(levels, one, other)
        for said, least in self.told:
            a, b = said[one], said[other]
            levels[(a >= 0) & (b >= 0) & (a != b) & (levels < least)] = least
        levels = self.sisters.lowered(self.abroad.lowered(levels, one, other), one, other)
        levels[self._other_trade(one, other, levels)] = _SISTER
        levels = self.pinyin.lowered(levels, one, other)
        levels[self._called_after(one, other, levels)] = _CALLED_AFTER
        # 昌安科院 is not short for 昌安科技学院荷塘校区.
        parts = self.body[one] & self.body[other] & (self.part[one] != self.part[other])
        levels[parts & np.isin(levels, _SHORTER)] = _BRANCH
        # 附属小学 and 附属中学, 前进村 and 石桥村.
        ends = self.body[one] & self.body[other] & (self.end[one] != self.end[other])
        ends |= self.local[one] & self.local[other]
        levels[ends & np.isin(levels, _ALIKE)] = _DIFFERENT
        # 白沙镇中学 and 白沙镇中心小学.
        other_kind = self.local[one] & self.local[other] & (self.end[one] != self.end[other])
        levels[other_kind & np.isin(levels, _WITHIN)] = _DIFFERENT
        levels = self.small.told(levels, one, other)
        levels[sisters(self.core, one, other, levels)] = _SISTER
        levels[self._guessed_too_much(one, other, levels) | self._other_tier(one, other)] = _DIFFERENT
        return np.asarray(np.maximum(levels, np.maximum(self.cap[one], self.cap[other])))

    def _guessed_too_much(self, one: np.ndarray, other: np.ndarray, levels: np.ndarray) -> np.ndarray:
        """Return where two guesses meet, or a guess at a body's or a clinic's other name and a name that is only like it."""
        import numpy as np

        a, b = self.cap[one] >= _FORM, self.cap[other] >= _FORM
        exact = (a & self.public[one]) | (b & self.public[other])
        exact |= np.maximum(self.cap[one], self.cap[other]) == _OTHER_FORM
        return np.asarray((a & b) | (exact & (levels > _FORM)))

    def _other_trade(self, one: np.ndarray, other: np.ndarray, levels: np.ndarray) -> np.ndarray:
        """Return where an English name with the brand of a Chinese one says another trade: 海天模具 is not Haitian Machinery."""
        import numpy as np
        import pyarrow as pa

        result = levels == _ROMANISED
        rest = np.flatnonzero(result)
        written, texts = self.words
        foreign = np.where(self.foreign[one[rest]], one[rest], other[rest])
        chinese = np.where(self.foreign[one[rest]], other[rest], one[rest])
        words = [texts[at] for at in written[foreign].tolist()]
        result[rest] = [*map(other_trade, self.core.take(pa.array(chinese)).to_pylist(), words)]
        return np.asarray(result)

    def _called_after(self, one: np.ndarray, other: np.ndarray, levels: np.ndarray) -> np.ndarray:
        """Return where one is a body and the other's name goes on behind it: bodies are called by their whole name, and seldom by less."""
        import numpy as np
        import pyarrow as pa

        result = (self.body[one] | self.body[other]) & np.isin(levels, _SHORTER)
        rest = np.flatnonzero(result)
        cores = [self.core.take(pa.array(side[rest])).to_pylist() for side in (one, other)]
        result[rest] = [
            (self.body[one[at]] and _goes_on(mine, its)) or (self.body[other[at]] and _goes_on(its, mine))
            for at, mine, its in zip(rest.tolist(), *cores, strict=True)
        ]
        return np.asarray(result)

    def _other_tier(self, one: np.ndarray, other: np.ndarray) -> np.ndarray:
        """Return where one is a body of a province, a city or a county and the other of another; of a body with a name or a number of its own, its district may be told or not."""
        import numpy as np

        a, b = self.tier[one], self.tier[other]
        return np.asarray(
            (a >= 0)
            & (b >= 0)
            & (a != b)
            & (self.nameless[one] & self.nameless[other] | ~(self.city[one] & self.city[other]))
        )


def _goes_on(body: str, longer: str) -> bool:
    """Return whether the longer name goes on behind that of a body."""
    return len(longer) >= len(body) + _TAIL and longer.startswith(body)
