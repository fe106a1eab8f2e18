"""Branches, shops and departments: of which each company's name is."""

from __future__ import annotations

import re
from operator import itemgetter
from typing import TYPE_CHECKING, NamedTuple

from crmmigrate.matching.companies.departments import Departments
from crmmigrate.matching.companies.parts import STREET
from crmmigrate.matching.companies.plants import is_site, is_unplaced
from crmmigrate.matching.companies.shop import other_shop
from crmmigrate.matching.companies.shop_names import sold_in_shop, which_is_numbered
from crmmigrate.matching.companies.units import IN_HOTEL
from crmmigrate.matching.companies.universities import SCHOOLS
from crmmigrate.matching.places.place import Place, only_place, take_place
from crmmigrate.matching.texts.bags import numbered, numbered_where_said
from crmmigrate.matching.texts.cells import ending, matched

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

    from crmmigrate.matching.companies.name_columns import Names
    from crmmigrate.matching.companies.shop_names import ShopNames
    from crmmigrate.matching.texts.bags import Bags

_SHOP, _BRANCH = "店", "分公司"
_FOR_THE_WHOLE = re.compile(
    "(?:信息(?:技术|网络|管理)?|网络(?:信息|管理)?|计算|数据|采购|招标|招标采购|后勤(?:服务|保障)?|设备(?:管理)?|资产(?:管理)?|物资)(?:中心|科|处|部|办公室)\\Z"
)
"""What buys for the whole body that it is of, and may be that body in a table of customers; each office of a university buys for itself."""

_CAMPUS = re.compile("(?:校区|园区|分园|[学中际儿]部)\\Z")
"""A site of a school, which may stand for the school in a table of customers."""

_STREET = re.compile("(?<=[\u3400-\u9fff]{2})(?:路|街|大道|大街)\\Z")


_FURTHER = re.compile("(?:[分新]|第?(?:[二三四五六七八九十]|[2-9]|1\\d)号?)店")
"""A further shop of whoever has the first."""


class _Where(NamedTuple):
    """Where the shop of a branch is: 长沙黄河路店 in 长沙, 黄河, 路.

    Args:
        stem: what it is called after; of other branches all of it.
        street: the word that says that this is a street.
        city: 4-digit code of the shop's city, or else of the company's.
    """

    stem: str
    street: str
    city: str


class Branches:
    """The branch and the department of each value's first name, and which are called 店 without a legal form.

    Of 麟威望江店 nobody knows where the branch begins: it is not said to be another than 麟威眼镜有限公司望江店.

    Args:
        names: all.
        bag: the names of each value.
        first: the number of each value's first name, -1 where there is none.
        full: a number for each name as a whole.
        called: what those that are shops are called.
    """

    def __init__(self, names: Names, bag: Bags, first: np.ndarray, full: np.ndarray, called: ShopNames) -> None:
        import numpy as np

        self._first, self._called, self.departments = first, called, Departments(names)
        part, whole = names.branch.codes, ~names.branch.true()
        ends = names.branch.each(lambda branch: not branch or branch.endswith(_SHOP))
        shops = np.flatnonzero(~names.kind.true() & ends & ending(names.full, _SHOP))
        self._shops = {
            index: name.core + name.branch for index, name in zip(shops.tolist(), names.take(shops).each(), strict=True)
        }
        self._shop = np.isin(first, shops)
        unknown = np.zeros(len(part), dtype=bool)
        unknown[shops[whole[shops]]] = True
        unknown &= ~sold_in_shop(names)  # 一品早餐店 is the shop itself, and 一品早餐店二店 another
        self._branch = np.append(np.where(unknown, -1, part), -1)[first]
        # Nor of which branch 浙大机械系 is, which may be 浙江大学机械系.
        guessed = names.at_most.true() & ~whole
        values = np.repeat(np.arange(len(bag.sizes)), bag.sizes)[guessed[bag.items]]
        self._branch[values[np.append(whole, False)[first][values]]] = -1
        told = names.branch.beside(names.place).mapped(lambda said: _where(*said))
        self._told = [np.append(told.mapped(itemgetter(at)).where_said(), -1)[first] for at in range(3)]
        stems = told.mapped(itemgetter(0))
        self._stem, self._stems = np.append(stems.codes, -1)[first], stems.values
        self._house = np.append(_houses(names.full), -1)[first]
        self._noted = np.append(names.department.where_said(), -1)[first]
        for_all = names.public.true() & names.branch.each(lambda branch: _FOR_THE_WHOLE.match(branch) is not None)
        for_all &= ~matched(names.core, f"{SCHOOLS}$")
        for_all |= ~names.kind.true() & names.branch.each(lambda branch: _CAMPUS.search(branch) is not None)
        self._for_all, self._none = np.append(for_all, False)[first], np.append(whole, False)[first]
        self._whole = np.append(full, -1)[first]
        further = names.branch.each(lambda branch: _FURTHER.fullmatch(branch) is not None)
        self._core, self._further = np.append(numbered(names.core), -1)[first], np.append(further, False)[first]
        self._clinic = _clinics(names, bag)
        self._site = np.append(names.kind.true() & names.branch.each(is_site), False)[first]
        self._unplaced = np.append(names.kind.true() & names.branch.each(is_unplaced), False)[first]
        self._chinese = np.append(matched(names.full, "[\u3400-\u9fff]"), False)[first]
        at_house = ~names.kind.true() & ends & ~names.branch.each(which_is_numbered)
        self._company = np.append(whole & names.kind.true(), False)[first]
        self._of_house = np.append(at_house, False)[first]
        """Whether a shop is told from others by where it is, if by anything."""

    def other(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        """Return where two values are of different branches or departments, or of a branch and the company itself.

        What a name in letters has behind it nobody knows: Fenglin Hotel Zhengzhou is 枫林酒店(郑州店).
        """
        import numpy as np

        one, other = self._branch[left], self._branch[right]
        first, second = self._first[left], self._first[right]
        whole = (self._for_all[left] & self._none[right]) | (self._none[left] & self._for_all[right])
        named = (first >= 0) & (second >= 0)
        # 松间水疗会所 may be 松间酒店水疗会所.
        house = (self._house[left] >= 0) & (self._house[left] == self._house[right])
        house &= self._none[left] | self._none[right]
        clinic = (self._clinic[left] >= 0) & (self._clinic[left] == self._clinic[right])
        maybe = house | clinic | self._maybe_one_shop(left, right) | (named & self._called.alike(first, second))
        apart = (
            (one >= 0) & (other >= 0) & (one != other) & ~maybe & ~whole & (self._chinese[left] == self._chinese[right])
        )
        rest = np.flatnonzero(apart & named)
        apart[rest] = ~self.departments.alike(first[rest], second[rest])
        rest = rest[apart[rest]]
        apart[rest] = ~self.departments.maybe_one_project(first[rest], second[rest])
        for index in np.flatnonzero(~apart & ~maybe & self._shop[left] & self._shop[right]):
            apart[index] = other_shop(self._shops[first[index]], self._shops[second[index]])
        apart |= named & self._called.neighbours(first, second)
        # 婵婵瓷砖店 may have a branch in its name for all we know, but it is not 婵婵瓷砖店二店.
        further = (self._further[left] & self._none[right]) | (self._none[left] & self._further[right])
        apart |= named & further & (self._core[left] == self._core[right])
        mine, its = self._noted[left], self._noted[right]
        return np.asarray(
            (apart & (self._whole[left] != self._whole[right])) | ((mine >= 0) & (its >= 0) & (mine != its))
        )

    def of_one_person(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        """Return where one value is a company and the other a plant of one: registered as one, they may be one customer."""
        import numpy as np

        return np.asarray((self._site[left] & self._none[right]) | (self._none[left] & self._site[right]))

    def may_be_its_plant(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        """Return where one value is a company and the other its plant that does not say where it is: 启明机械有限公司(新厂)."""
        import numpy as np

        return np.asarray((self._unplaced[left] & self._none[right]) | (self._none[left] & self._unplaced[right]))

    def maybe_in_one_house(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        """Return where one value is a brand and the other its shop that is called after where it is: the same one, if both are in one house."""
        import numpy as np

        alone = (self._told[0] < 0) & (self._branch >= 0)
        return np.asarray((alone[left] | alone[right]) & self._of_house[left] & self._of_house[right])

    def maybe_its_shop(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        """Return where one value is a shop and the other a company without a branch: as the shop is written down that its company has at one address, if it is there."""
        import numpy as np

        return np.asarray((self._of_house[left] & self._company[right]) | (self._company[left] & self._of_house[right]))

    def where(self, value: int) -> str:
        """Return what the shop of a value is called after, without its city and the word for a street; empty where it does not say so."""
        return self._stems[self._stem[value]] if self._stem[value] >= 0 and self._of_house[value] else ""

    def _maybe_one_shop(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        """Return where two branches of other names may be one shop: 朝阳店 stands in 朝阳街 for all we know, and 长沙黄河店 is 黄河店 of 长沙."""
        import numpy as np

        one, other = ([part[side] for part in self._told] for side in (left, right))
        differ = [(mine >= 0) & (its >= 0) & (mine != its) for mine, its in zip(one, other, strict=True)]
        return np.asarray((one[0] >= 0) & (one[0] == other[0]) & ~differ[1] & ~differ[2])


def is_registered(branch: str) -> bool:
    """Return whether a company's branch is registered by its name, which tells its place: 杭州分公司, and not 第一分公司, 分公司 or 杭州办事处."""
    place = branch.removesuffix(_BRANCH)
    return place != branch and only_place(place) is not None


def _clinics(names: Names, bag: Bags) -> np.ndarray:
    """Return a number for the clinic of a town that each value is or may be, -1 for none: 县人民医院王庄分院 is 王庄卫生院."""
    import numpy as np

    clinic = ending(names.core, "卫生院") & ~names.branch.true() & ~names.kind.true()
    values = np.repeat(np.arange(len(bag.sizes)), bag.sizes)
    at = np.flatnonzero(clinic[bag.items])
    found = np.full(len(bag.sizes), -1)
    found[values[at]] = numbered(names.core)[bag.items[at]]
    return found


def _houses(names: pa.Array) -> np.ndarray:
    """Return a number for the house in a hotel that each name (large_string) ends with, -1 for none; it may stand elsewhere."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    found = np.full(len(names), -1)
    asked = np.flatnonzero(ending(names, *"厅吧v会疗所心馆a浴城拿房室堂"))
    house = pc.struct_field(pc.extract_regex(names.take(pa.array(asked)), f"(?P<house>{IN_HOTEL})$"), "house")
    found[asked] = numbered_where_said(pc.fill_null(house, ""))
    return found


def _where(branch: str, place: Place) -> _Where:
    if not branch.endswith(_SHOP):
        return _Where(branch, "", "")
    name = branch.removesuffix(_SHOP)
    own, rest = take_place(name, keep=2)
    if not own.city or STREET.match(rest):
        own, rest = place, name
    street = _STREET.search(rest)
    return _Where(_STREET.sub("", rest), street.group() if street else "", own.city[:4])
