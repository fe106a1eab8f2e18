"""What shops are called, however it is written: 锅先森-广州-银泰城 and 锅先森(银泰城店), 郑州建设路和颐酒店 and 和颐酒店(郑州建设路店).

A shop's name is that of no legal person: many have the same one, and a chain has shops of one mall in two cities.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from crmmigrate.matching import Tally, named
from crmmigrate.matching.companies.consumer_trades import CONSUMER, HOTELS, sells_to_people
from crmmigrate.matching.companies.levels import LEVELS
from crmmigrate.matching.companies.parts import STREET
from crmmigrate.matching.companies.public_body import counted
from crmmigrate.matching.companies.small_trades import does_one_thing
from crmmigrate.matching.places.place import city_names, take_place
from crmmigrate.matching.texts.bags import hashed, numbered_where_said
from crmmigrate.matching.texts.cells import ending, matched
from crmmigrate.matching.texts.folding import bare

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np

    from crmmigrate.matching.companies.name_columns import Names
    from crmmigrate.matching.companies.parts import Name

_NAMESAKE, _DIFFERENT, _OTHER_TRADE, _SISTER = named(LEVELS, "namesake", "different", "other_trade", "sister")
_SHORTER = named(LEVELS, "short", "inside", "brand", "one_in_trade", "longer", "word_more", "similar", "form")
_SHOP = "店"
_SUFFIX = re.compile(
    "(?<=[\u3400-\u9fff]{2})(?:大道|大街|路|街|购物中心|购物公园|购物广场|广场|百货大楼|百货|商场|商城|天地)\\Z"
)
"""What a street or a mall is, which one writes and another leaves out."""

_TELLS_APART = re.compile(
    "新馆|老馆|[一二三四五六七八九十\\d]期|[东西南北中新老上下前后左右]|[一二三四五六七八九十]|\\d"
)
"""What is put to one street, station or mall for another: 中山东路, 软件园二期, 金鹰新馆."""

_TRADERS = (
    f"{_SHOP}|商行|车行|经营部|门市部?|批发部|零售部|修理部|服务部|加工部|加工坊|超市|便利|工作室|诊所|卫生室|药房"
)
"""How those are called who trade as one person, a pattern of RE2."""

_ORDER = re.compile(
    "(?:第?(?:[一二三四五六七八九十]{1,3}|\\d{1,3})号?分?|[a-h]|[东西南北中]|[东西南北]门|[新老总分])?店\\Z"
)
"""Which of an owner's shops it is, where nothing says where that is."""

_NTH = re.compile("(?<=[\u3400-\u9fff]{2})第?([一二三四五六七八九十]{1,2})号?分?\\Z")

_LEAST_TURNED = 6
"""Characters of a name whose place may stand before or behind brand and trade."""

_BRAND, _WHERE, _WHOSE = 2, 2, 3
"""Characters of a brand and of where a shop is, at least; and so many at the head are the brand's: 一点点 and 1点点 are no neighbours."""


class _Called(NamedTuple):
    """What a shop is called.

    Args:
        stem: brand and where it is, without the city and the kind of street or mall.
        suffix: that kind.
        city: which it names, 4 digits.
        turned: the name, wherever it begins.
        skeleton: the stem without what tells two neighbours apart.
        head: of a hotel what stands before that word.
        trade: what is sold, where the brand ends with it.
    """

    stem: str
    suffix: str
    city: str
    turned: str
    skeleton: str
    head: str
    trade: str


class ShopNames:
    """Of each name whether it is a shop's, without legal form and district, and what it is called then.

    Args:
        names: all.
        records: in how many records each stands.
    """

    def __init__(self, names: Names, records: np.ndarray) -> None:
        import numpy as np
        import pyarrow as pa

        formless = ~names.kind.true() & ~names.group.true() & ~names.at_most.true() & ~names.organisation.true()
        self.shop = formless & ~names.district.true()
        asked = pa.array(np.flatnonzero(self.shop))
        full, core = names.full.take(asked), names.core.take(asked)
        self.shop[self.shop] = sells_to_people(full, _SHOP) | sells_to_people(core, _SHOP)
        self.trader = self.shop | (
            ~names.kind.each(lambda kind: kind == "公司") & matched(names.full, f"(?:{_TRADERS})$")
        )
        self.at = np.flatnonzero(self.shop)
        self._located = names.branch.each(_says_where)
        called = [_called(name) for name in names.take(self.at).each()]
        parts = zip(*called, strict=True) if called else ((),) * len(_Called._fields)
        columns = [pa.array(part, pa.large_string()) for part in parts]
        self.stem, self.turned = hashed(columns[0]), hashed(columns[3])
        """The first ones are numbers that are the same in whatever table the names stand; by place in `at`."""
        self._stem, self._suffix, self._city, self._turned, self._skeleton, self._head, self._trade = (
            self._spread(numbered_where_said(column)) for column in columns
        )

        self.records = np.zeros(len(self.shop) + 1)
        """Of each name, how many records have a shop's that is called so in whatever city."""
        self._own = records[self.at]
        _, which = np.unique(self.stem, return_inverse=True)
        self.records[self.at] = np.bincount(which, weights=self._own)[which] if len(which) else 0

    def _spread(self, numbers: np.ndarray) -> np.ndarray:
        """Return the numbers of the shops' names for all names, -1 for the others and at last for none."""
        import numpy as np

        found = np.full(len(self.shop) + 1, -1, dtype=np.int32)
        found[self.at] = numbers
        return found

    def alike(self, one: np.ndarray, other: np.ndarray) -> np.ndarray:
        """Return where two names are what one shop is called."""
        import numpy as np

        same = (self._stem[one] >= 0) & (self._stem[one] == self._stem[other])
        for said in (self._suffix, self._city):
            a, b = said[one], said[other]
            same &= (a < 0) | (b < 0) | (a == b)
        return np.asarray(same | ((self._turned[one] >= 0) & (self._turned[one] == self._turned[other])))

    def others(self, one: np.ndarray, other: np.ndarray) -> np.ndarray:
        """Return how many further records have the name that two have in common, if they do."""
        import numpy as np

        fewest = np.minimum(self.records[one], self.records[other]) - 2
        return np.where((one >= 0) & (other >= 0) & self.alike(one, other), np.maximum(fewest, 0), 0)

    def tally(self) -> Tally:
        """Return in how many records each name of shops stands."""
        return Tally(self.stem, self._own)

    def recount(self, times: Callable[[np.ndarray], np.ndarray]) -> None:
        """Take so many records to have the names."""
        self.records[self.at] = times(self.stem)

    def neighbours(self, one: np.ndarray, other: np.ndarray) -> np.ndarray:
        """Return where two names are those of a chain's shops in neighbouring streets or halls of a mall."""
        import numpy as np

        same = (self._skeleton[one] >= 0) & (self._skeleton[one] == self._skeleton[other])
        return np.asarray(same & (self._stem[one] != self._stem[other]))

    def told(self, levels: np.ndarray, one: np.ndarray, other: np.ndarray) -> np.ndarray:
        """Return the levels of pairs of names with what these are as names of shops."""
        import numpy as np

        rest = np.flatnonzero(self.shop[one] & self.shop[other])
        if not len(rest):
            return levels
        a, b = one[rest], other[rest]
        seen = levels[rest]
        lines = (self._head[a] >= 0) & (self._head[b] >= 0) & (self._head[a] != self._head[b])
        seen[lines & np.isin(seen, _SHORTER)] = _SISTER
        trades = (self._trade[a] >= 0) & (self._trade[b] >= 0) & (self._trade[a] != self._trade[b])
        brands = self._located[a] & self._located[b]
        seen[(trades | brands) & (seen == _DIFFERENT)] = _OTHER_TRADE
        seen[self.alike(a, b)] = _NAMESAKE
        levels[rest] = seen
        return levels


def which_is_numbered(branch: str) -> bool:
    """Return whether a branch only says which of an owner's shops it is: 二店, 新店, B店."""
    return _ORDER.match(branch) is not None


def _says_where(branch: str) -> bool:
    return branch.endswith(_SHOP) and not which_is_numbered(branch)


def sold_in_shop(names: Names) -> np.ndarray:
    """Return which names end in 店 as what is sold does: 一品早餐店 is the shop itself."""
    import pyarrow as pa

    found = ending(names.core, _SHOP)
    cores = names.core.filter(pa.array(found))
    found[found] = sells_to_people(cores) | does_one_thing(cores)
    return found


def _called(name: Name) -> _Called:
    """Return what a shop is called."""
    whole = bare(name.full)
    placed = _says_where(name.branch) or (name.core.endswith(_SHOP) and not _TRADE.search(name.core))
    hotel, trade = _HOTEL.search(name.core), _TRADE.search(name.core)
    text, city = _without_city(name) if placed else (whole, "")
    suffix = _SUFFIX.search(text) if placed else None
    stem = text[: suffix.start()] if suffix else text
    stem = _NTH.sub(lambda nth: counted(nth.group(1)), stem) if placed else stem
    turned = _least_turn(whole.replace(_SHOP, ""))
    return _Called(
        stem, suffix.group() if suffix else "", city, turned if len(turned) >= _LEAST_TURNED else "",
        _skeleton(stem) if placed else "", _GRADE.sub("", name.core[: hotel.start()]) if hotel else "",
        _sold(trade.group()) if trade else "",
    )  # fmt: skip


def _skeleton(stem: str) -> str:
    """Return brand and where it is without what tells two neighbours apart; 茶屿二 is none of its own."""
    brand = min(_WHOSE, max(_BRAND, len(stem) - 1))
    return stem[:brand] + _TELLS_APART.sub("", stem[brand:])


def _least_turn(text: str) -> str:
    """Return the same for all texts of which one begins anywhere within the other and goes on with what is before that: 郑州建设路和颐酒店 and 和颐酒店郑州建设路."""
    return min((text[at:] + text[:at] for at in range(len(text))), default="")


def _without_city(name: Name) -> tuple[str, str]:
    """Return brand and where the shop is, without the city, and that; of a brand that has a city in it (小城重庆火锅) only the last one is where it is."""
    text = (name.core + name.branch).removesuffix(_SHOP)
    # Of 柚见茶广州工业园一路店 nobody knows where the brand ends; a trade does.
    begin = len(name.core) if name.branch and _TRADE.search(name.core) else _BRAND
    for found in reversed([*_cities().finditer(text, begin)]):
        behind = text[found.end() :]
        if len(behind) >= _WHERE and not STREET.match(behind):
            return text[: found.start()] + behind, take_place(found.group())[0].city[:4]
    return text, name.place.city[:4]


def _sold(trade: str) -> str:
    """Return what is sold without the word for a shop."""
    return trade[:-1] if trade[-1] in "店馆铺坊行屋" and len(trade) > 2 else trade


_HOTEL = re.compile(f"{HOTELS}\\Z")
_GRADE = re.compile("(?<=..)(?:快捷|商务|国际|连锁|大)\\Z")
"""What a hotel is called as well, and is left out as often."""

_TRADE = re.compile(f"{CONSUMER}\\Z")


@cache
def _cities() -> re.Pattern[str]:
    """Return the pattern of a city within a shop's name, which is no park or station called after one."""
    names = sorted(
        (name for name in city_names() if len(name) > 1 and not name.endswith("市")),
        key=lambda name: (-len(name), name),
    )
    return re.compile(f"(?:{'|'.join(names)})(?:市(?!政府|民|场))?(?!公园|广场|大学|医院|桥|门|[东西南北]?站)")
