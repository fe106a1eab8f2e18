"""Addresses: province, city and the line below, with the numbers in it."""

from __future__ import annotations

import re
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

from crmmigrate.matching import Comparer, Level, Tally
from crmmigrate.matching.places.address_parts import NUMBER, Addresses, taken_apart
from crmmigrate.matching.places.beyond import HONG_KONG, IN_HONG_KONG, TAIWAN
from crmmigrate.matching.places.localities import Localities, towns_in_columns
from crmmigrate.matching.places.place import BEYOND, all_apart
from crmmigrate.matching.places.taiwan import IN_LETTERS, cities_of
from crmmigrate.matching.places.towns_abroad import TownsAbroad
from crmmigrate.matching.places.two_tongues import same_place
from crmmigrate.matching.texts.bags import hashed, numbered_where_said
from crmmigrate.matching.texts.cells import matched
from crmmigrate.messages import Message

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np
    import pyarrow as pa

    from crmmigrate.matching import Values

LEVELS = (
    Level("same", Message("the same address"), 0.45, 5e-4, by_frequency=True, shared=True, in_city=True),
    Level("similar", Message("similar addresses with the same numbers"), 0.15, 1e-3, in_city=True),
    Level("same_city", Message("the same city"), 0.20, 0.033, in_city=True, city_alone=True),
    Level("elsewhere_in_city", Message("another address in the same city"), 0.10, 0.02, in_city=True),
    Level("same_province", Message("the same province"), 0.03, 0.06),
    Level("other_line", Message("different addresses"), 0.12, 0.90),
    Level("other_town", Message("other towns or states abroad"), 0.08, 0.80),
    Level("unclear", Message("addresses that say nothing about each other"), 0.03, 0.03),
    Level("different", Message("another city or province"), 0.05, 0.86),
)
_SAME, _SIMILAR, _CITY, _ELSEWHERE, _PROVINCE, _OTHER, _TOWN, _UNCLEAR, _FAR = range(9)
_DOORS = 3
"""So many numbers name a flat or an office, whatever the words between them."""

_FIRST = r"^\P{Nd}*(?P<first>\p{Nd}+)"
_MANY = rf"\p{{Nd}}(?:\P{{Nd}}+\p{{Nd}}+){{{_DOORS - 1}}}"
"""As many numbers as `_DOORS`, and a first one at all; patterns of RE2."""

_FLAT_AT_END = r"(?P<name>[^\P{Han}号弄]{2,3})(?P<building>b?\p{Nd}+)(?:-[a-z]?\p{Nd}+)?-(?P<room>[a-z]?\p{Nd}+)$"
"""Building, maybe unit, and room behind the end of an estate's name, or floor and shop behind that of a mall; a pattern of RE2."""

_AT_WORK = (
    "工业|园区|产业|科技园|软件园|厂|大厦|写字楼|办公|商务|公司|集团|中心|广场|宿舍|学校|学院|大学|医院|市场|商场"
)
_ROOM = r"-[a-z]?\p{Nd}{3,4}-?$"
"""Where people work or lodge together, and the number of a flat; patterns of RE2."""

_ESTATE = re.compile(r"^(.*?)(?:(?<=\d)(?:号院?|弄))?([\u3400-\u9fff]{2,})b?\d+(?:-([a-z]?\d+))?-[a-z]?\d+$")
_SHORT_ESTATE = 2
"""Characters of the name of an estate whose building, unit and room are told; one more where only two of these are."""

_ANY_ESTATE = frozenset(("小区", "花园", "公寓", "家园", "新村", "社区", "大厦", "广场", "宿舍", "幸福村", "小区内"))
"""What an estate is, and no name of one."""

_QUARTER = 14
"""Letters of a line without a number that says no more than a town."""

_FILLED = 3
"""Characters of a line that says something."""


def make(values: Values, counts: np.ndarray, *, lines: bool = True, towns: Sequence[int] = ()) -> Comparer:
    """Return the comparer of addresses; several cells are parts of one address.

    Args:
        values: distinct values of the role.
        counts: in how many records each stands.
        lines: whether the last cell says where in a town; else all say in which one.
        towns: the places of the cells that say in which town of a county.
    """
    parts, told = towns_in_columns(values, towns)
    addresses = taken_apart(parts)
    where = Localities(addresses.lines, told)
    addresses = addresses._replace(lines=where.lines)
    del where.lines  # from here on they are numbers
    return _Addresses(addresses, where, TownsAbroad(values, lines=lines), counts, lines=lines)


class _Addresses:
    def __init__(
        self, addresses: Addresses, where: Localities, towns: TownsAbroad, counts: np.ndarray, *, lines: bool
    ) -> None:
        import numpy as np
        import pyarrow as pa
        import pyarrow.compute as pc

        met = addresses.lines.dictionary_encode()
        self.line = met.indices.to_numpy().astype(np.int32)
        self.lines = met.dictionary.to_numpy(zero_copy_only=False)
        """Distinct ones, by what `line` says."""
        self.records = np.bincount(self.line, weights=counts, minlength=len(self.lines))
        self.length = pc.utf8_length(met.dictionary).to_numpy()[self.line]
        first = pc.struct_field(pc.extract_regex(met.dictionary, _FIRST), "first")
        self.first = numbered_where_said(pc.fill_null(first, ""))[self.line]
        self.many = matched(met.dictionary, _MANY)
        """Of each line, whether it has as many numbers as name a door."""
        flat = pc.extract_regex(met.dictionary, _FLAT_AT_END)
        name, building, room = (pc.struct_field(flat, part) for part in ("name", "building", "room"))
        room = pc.binary_join_element_wise(building, room, pa.scalar("-", room.type))
        self.flat = numbered_where_said(pc.fill_null(room, ""))[self.line]
        self.at_home = ((self.flat >= 0) | self.many[self.line]) & _homes(met.dictionary)[self.line]
        """Of each value, whether it tells a flat, as far as one can see."""
        chinese = matched(met.dictionary, r"\p{Han}")
        self.chinese = chinese[self.line]
        self.quarter = ~self.chinese & (self.first < 0) & (self.length <= _QUARTER)
        """Whether a line in letters is nothing but a town or a quarter: Kowloon Bay, Johor Bahru."""
        self.door = pc.binary_join_element_wise(name, room, pa.scalar("", room.type))
        """Of each line that ends with an estate, a building and a room, the end of the first and the others."""
        self.place = addresses.place
        self.where, self.towns = where, towns
        self.kinds = kinds = addresses.places
        self._apart = all_apart(kinds)
        self.city = np.array([bool(kind.city) for kind in kinds], dtype=bool)
        self.known = (
            (self.length > 0) | where.said | np.array([bool(kind.province) for kind in kinds], dtype=bool)[self.place]
        )
        self.beyond = np.array([int(kind.province) if kind.province in BEYOND else 0 for kind in kinds])[self.place]
        """The region of each value in Taiwan, Hong Kong or Macau, 0 of all others."""
        said = ~chinese
        said[said] = matched(met.dictionary.filter(pa.array(said)), IN_HONG_KONG)
        self.beyond[said[self.line] & (self.beyond == 0)] = HONG_KONG
        said = ~chinese
        said[said] = matched(met.dictionary.filter(pa.array(said)), IN_LETTERS)
        said[self.line[self.beyond == TAIWAN]] = True
        of = np.full(len(self.lines), -1)
        of[said] = cities_of(self.lines[said].tolist())
        self.isle = of[self.line]
        """The city or county of each value in Taiwan, -1 of all others."""
        # That both are in Taiwan or in Hong Kong says no more of them than that they are in one country.
        self.province = np.array([bool(kind.province) and kind.province not in BEYOND for kind in kinds], dtype=bool)
        self.filled = (self.length >= _FILLED) | where.landmark
        self.town = np.zeros(len(self.line), dtype=bool)
        """Whether a line is nothing but a town."""
        if not lines:
            self.town = self.filled & (self.first < 0)
            self.filled &= ~self.town

    @cached_property
    def _keys(self) -> np.ndarray:
        """A number for each line, the same in whatever table it stands."""
        return hashed(self.lines)

    def compare(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        """Return the level of each pair."""
        import numpy as np

        levels = np.full(len(left), _UNCLEAR, dtype=np.int8)
        a, b = self.place[left], self.place[right]
        levels[self.province[a] & self.province[b]] = _PROVINCE
        one_town = self.town[left] & (self.line[left] == self.line[right])
        far, here = self.different(left, right), self.where.one_town(left, right)
        levels[one_town | here | (self.city[a] & self.city[b])] = _CITY
        beside = self.where.apart(left, right) | self.where.two_sites(left, right)
        both = self.filled[left] & self.filled[right] & ~far & ~beside
        one_line = both & (self.line[left] == self.line[right])
        # Each town has a market, and a village many houses.
        one_line &= ~self.where.landmark[left] & (self.where.village[left] < 0)
        levels[one_line] = np.where(self.quarter[left[one_line]], _CITY, _SAME)
        levels[both & self.where.one_village(left, right)] = _SIMILAR
        levels[both & here & self.where.landmark[left] & (self.line[left] == self.line[right])] = _SIMILAR
        rest = np.flatnonzero(both & (self.line[left] != self.line[right]))
        if len(rest):
            close = self._similar(left[rest], right[rest]) | self._one_flat(left[rest], right[rest])
            levels[rest[close]] = _SIMILAR
            rest = rest[
                ~close & (levels[rest] != _SIMILAR) & (self.first[left[rest]] >= 0) & (self.first[right[rest]] >= 0)
            ]
            # 10樓03室 is Unit 03, 10/F: of two languages the numbers stand in two orders.
            numbered_apart = self.first[left[rest]] != self.first[right[rest]]
            numbered_apart &= self.chinese[left[rest]] == self.chinese[right[rest]]
            levels[rest[numbered_apart & ~self.province[a[rest]] & ~self.province[b[rest]]]] = _OTHER
            levels[rest[levels[rest] == _CITY]] = _ELSEWHERE
        levels[beside & (levels == _CITY)] = _ELSEWHERE
        levels[beside & (levels == _UNCLEAR)] = _OTHER
        levels[far] = _FAR
        # Of two languages no more is seen than that both are in Hong Kong, which is one city.
        there = (self.beyond[left] == HONG_KONG) & (self.beyond[right] == HONG_KONG)
        two = self.chinese[left] != self.chinese[right]
        levels[there & (levels == _UNCLEAR) & two] = _CITY
        rest = np.flatnonzero(two & both & np.isin(levels, (_UNCLEAR, _CITY, _PROVINCE)))
        levels[rest] = self._of_two_tongues(left[rest], right[rest], levels[rest])
        # The line holds the towns too: of one house whose town is called otherwise it is alike all the same.
        rest = np.flatnonzero(np.isin(levels, (_OTHER, _UNCLEAR)) & self.towns.said[left] & self.towns.said[right])
        levels[rest[self.towns.differ(left[rest], right[rest])]] = _TOWN
        levels[~self.known[left] | ~self.known[right]] = -1
        return levels

    def _similar(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        import numpy as np
        from rapidfuzz.distance import LCSseq
        from rapidfuzz.process import cpdist

        close = (self.first[left] == self.first[right]) & (self.first[left] >= 0)
        close &= (self.length[left] >= 4) & (self.length[right] >= 4)
        rest = np.flatnonzero(close)
        a, b = self.lines[self.line[left[rest]]].tolist(), self.lines[self.line[right[rest]]].tolist()
        common = cpdist(a, b, scorer=LCSseq.similarity)
        shorter = np.minimum(self.length[left[rest]], self.length[right[rest]])
        alike = np.flatnonzero(common >= 0.75 * shorter)
        numbers = ((set(NUMBER.findall(a[pair])), set(NUMBER.findall(b[pair]))) for pair in alike.tolist())
        close[rest] = False
        close[rest[alike]] = np.array([one <= other or other <= one for one, other in numbers], dtype=bool)
        return np.asarray(close)

    def _of_two_tongues(self, left: np.ndarray, right: np.ndarray, levels: np.ndarray) -> np.ndarray:
        """Return the levels of pairs of which one side is in Chinese and the other in letters."""
        import numpy as np

        chinese, letters = np.where(self.chinese[left], left, right), np.where(self.chinese[left], right, left)
        for pair, (one, other) in enumerate(zip(chinese.tolist(), letters.tolist(), strict=True)):
            same = same_place(self.kinds[self.place[one]], self.line_of(one), self.line_of(other))
            if same:
                levels[pair] = _SIMILAR
            elif same is False:
                levels[pair] = {_CITY: _ELSEWHERE, _UNCLEAR: _OTHER}.get(levels[pair], levels[pair])
        return levels

    def _one_flat(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        """Return which pairs are one flat of one estate, of which one side does not say the road."""
        import numpy as np

        one = (self.flat[left] == self.flat[right]) & (self.flat[left] >= 0)
        for pair in np.flatnonzero(one).tolist():
            one[pair] = one_flat(self.lines[self.line[left[pair]]], self.lines[self.line[right[pair]]])
        return np.asarray(one)

    def line_of(self, value: int) -> str:
        """Return where in its town a value is."""
        return str(self.lines[self.line[value]])

    def others(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        """Return how many further records have the line."""
        import numpy as np

        return np.where(self.line[left] == self.line[right], np.maximum(self.records[self.line[left]] - 2, 0), 0)

    def tallies(self) -> list[Tally]:
        """Return in how many records each line stands."""
        return [Tally(self._keys, self.records)]

    def recount(self, times: Sequence[Callable[[np.ndarray], np.ndarray]]) -> None:
        """Take the lines to stand in so many records."""
        self.records = times[0](self._keys)

    def different(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        """Return where the places exclude each other."""
        import numpy as np

        if not len(left):
            return np.zeros(0, dtype=bool)
        one, other = self.isle[left], self.isle[right]
        return np.asarray(
            self._apart[self.place[left], self.place[right]] | ((one >= 0) & (other >= 0) & (one != other))
        )

    def candidate_keys(self) -> list[tuple[str, np.ndarray, np.ndarray]]:
        """Return whole address lines with a number."""
        import numpy as np

        values = np.flatnonzero((self.first >= 0) & (self.length >= 5))
        doors, within, brief = np.full((3, len(self.lines)), -1)
        ends = self.door.is_valid().to_numpy(zero_copy_only=False)
        brief[ends] = hashed(self.door.drop_null())
        for numbers, first, asked in ((doors, 0, self.many), (within, 1, self.many & ~ends)):
            many = np.flatnonzero(asked)
            named = [address_key(line, NUMBER.findall(line), first) for line in self.lines[many]]
            said = np.array([bool(door) for door in named], dtype=bool)
            numbers[many[said]] = hashed([door for door in named if door])
        keyed = [
            (flats, numbers[self.line[flats]])
            for numbers in (doors, within, brief)
            if len(flats := np.flatnonzero(numbers[self.line] >= 0))
        ]
        flats, keys = (np.concatenate([part[side] for part in keyed] or [np.zeros(0, np.int64)]) for side in (0, 1))
        return [("address", values, self._keys[self.line[values]]), ("doors", flats, keys)]


def _homes(lines: pa.Array) -> np.ndarray:
    """Return which lines end with a flat, and where nobody works or lodges with many, as far as one can see."""
    found: np.ndarray = matched(lines, _ROOM) & ~matched(lines, _AT_WORK)
    return found


def address_key(line: str, numbers: Sequence[str], first: int = 0) -> str:
    """Return what names a flat or an office however it is written: its numbers, and the end of the name before them; nothing of other addresses.

    Args:
        line: of an address.
        numbers: all in it.
        first: where to begin: with 1, the street and its number may be missing before the estate.
    """
    if len(numbers) < _DOORS + first:
        return ""
    start = line.find(numbers[0])
    for before, number in pairwise(numbers[: first + 1]):
        start = line.find(number, start + len(before))
    return "|".join((line[max(start - 2, 0) : start], *numbers[first:])) if start > 1 else ""


def one_flat(line: str, other: str) -> bool:
    """Return whether two lines that end with the same building and room name one flat of one estate, of which one may not say the unit; where both say a street with a number, they would be alike as a whole."""
    found = _ESTATE.search(line), _ESTATE.search(other)
    if not (found[0] and found[1]):
        return False
    (road, estate, unit), (other_road, other_estate, other_unit) = (met.groups() for met in found if met)
    if (NUMBER.search(road) and NUMBER.search(other_road)) or (unit and other_unit and unit != other_unit):
        return False
    shorter = min(estate, other_estate, key=len)
    least = _SHORT_ESTATE if unit and other_unit else _SHORT_ESTATE + 1
    return (
        shorter not in _ANY_ESTATE
        and len(shorter) >= least
        and estate.endswith(shorter)
        and other_estate.endswith(shorter)
    )
