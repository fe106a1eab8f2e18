"""Addresses: province, city and the line below, with the numbers in it."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from crmmigrate.matching import Comparer, Level, Tally
from crmmigrate.matching.bags import hashed, numbered
from crmmigrate.matching.folding import bare, fold_values, is_chinese
from crmmigrate.matching.places import Place, all_apart, take_place
from crmmigrate.matching.street import short
from crmmigrate.messages import Message

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np

LEVELS = (
    Level("same", Message("the same address"), 0.45, 5e-4, by_frequency=True, shared=True, in_city=True),
    Level("similar", Message("similar addresses with the same numbers"), 0.15, 1e-3, in_city=True),
    Level("same_city", Message("the same city"), 0.20, 0.033, in_city=True, city_alone=True),
    Level("elsewhere_in_city", Message("another address in the same city"), 0.10, 0.02, in_city=True),
    Level("same_province", Message("the same province"), 0.03, 0.06),
    Level("other_line", Message("different addresses, of which no city is known"), 0.12, 0.90),
    Level("unclear", Message("addresses that say nothing about each other"), 0.03, 0.03),
    Level("different", Message("another city or province"), 0.05, 0.86),
)
_SAME, _SIMILAR, _CITY, _ELSEWHERE, _PROVINCE, _OTHER, _UNCLEAR, _FAR = range(8)
_CHINESE_DIGITS = "零一二三四五六七八九"
_CHINESE_NUMBER, _HAS_NUMBER = str.maketrans(_CHINESE_DIGITS, "0123456789"), re.compile(f"[{_CHINESE_DIGITS}]")
_NOWHERE = Place()
_SHORT = 6
_NUMBER = re.compile(r"\d+")
_BETWEEN = re.compile(r"(?<=\d)\s*[-#]\s*(?=\d)")
_COUNTED = re.compile(r"(?<=\d)(?:号楼|号院|单元|[号幢栋座室楼层])+(?=\d|\Z)")
"""7-2-401, 7幢2单元401室 and 7号楼2单元401 are one flat."""

_HANDLING = re.compile(
    r"(?:(?:送货|派送|送达)前.*|(?:菜鸟|妈妈|快递)?驿站(?:代收)?|丰巢(?:柜|快递柜)?|快递柜|门卫|传达室|代收点?|自提点?)\Z"
)
"""How a parcel is to be delivered is no part of where."""

_HANDLED = ("站", "收", "巢", "柜", "卫", "传达室", "点", "提")
"""How each of these ends; one that says what to do before (前) may end in anything."""

_TOWN = re.compile("[省市区县]")
_DOORS = 3
"""So many numbers name a flat or an office, whatever the words between them."""


class Address(NamedTuple):
    """An address: its place, the line below without punctuation, and the numbers in that."""

    place: Place
    line: str
    numbers: tuple[str, ...]


def _taken(cell: str) -> tuple[Place, str]:
    if cell[:1].isascii() and not is_chinese(cell):
        cell = short(cell)
    first, comma, then = cell.partition(",")
    place, line = take_place(_plain(cell))  # 九江 and 三亚 are no numbers
    if comma and not _TOWN.search(first) and _TOWN.search(then):
        # 紫荆花园24幢403室,沈阳市创业路209号: the estate stands before the town.
        place, line = take_place(_plain(then) + _plain(first))
    line = line.translate(_CHINESE_NUMBER) if _HAS_NUMBER.search(line) else line
    return place, _COUNTED.sub("-", line).rstrip("-")


def _plain(cell: str) -> str:
    text = bare(_BETWEEN.sub("室", cell) if "-" in cell or "#" in cell else cell)
    return _HANDLING.sub("", text) if text.endswith(_HANDLED) or "前" in text else text


_known = lru_cache(maxsize=10_000)(_taken)
"""Cells as short as a city's name come again and again."""


def take_apart(cells: Sequence[str]) -> Address:
    """Take the folded cells of an address apart; they go from the province down."""
    place, line = _NOWHERE, ""
    for cell in cells:
        found, rest = _known(cell) if len(cell) <= _SHORT else _taken(cell)
        if place is _NOWHERE:
            place = found
        elif not (place.province and place.city):
            place = Place(place.province or found.province, place.city or found.city)
        if rest and not line.endswith(rest):
            line += rest
    return Address(place, line, tuple(_NUMBER.findall(line)))


def make(values: Sequence[str], counts: np.ndarray) -> Comparer:
    """Return the comparer of addresses; several cells are parts of one address."""
    return _Addresses([take_apart(cells) for cells in fold_values(values)], counts)


class _Addresses:
    def __init__(self, addresses: list[Address], counts: np.ndarray) -> None:
        import numpy as np

        self.lines = np.array([address.line for address in addresses], dtype=object)
        self.numbers = np.empty(len(addresses), dtype=object)
        self.numbers[:] = [address.numbers for address in addresses]
        self.line = numbered([address.line for address in addresses])
        self.records = np.bincount(self.line, weights=counts) if len(addresses) else np.zeros(0)
        self.length = np.array([len(address.line) for address in addresses], dtype=np.int64)
        first = numbered([address.numbers[0] if address.numbers else "" for address in addresses])
        self.first = np.where([bool(address.numbers) for address in addresses], first, -1) if len(addresses) else first
        self.known = np.array([bool(address.line or address.place.province) for address in addresses], dtype=bool)
        self.filled = np.array([len(address.line) >= 3 for address in addresses], dtype=bool)
        places: dict[Place, int] = {}
        self.place = np.array([places.setdefault(address.place, len(places)) for address in addresses], dtype=np.int64)
        kinds = list(places)
        self._apart = all_apart(kinds)
        self.city = np.array([bool(kind.city) for kind in kinds], dtype=bool)
        self.province = np.array([bool(kind.province) for kind in kinds], dtype=bool)

    def compare(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        """Return the level of each pair."""
        import numpy as np

        levels = np.full(len(left), _UNCLEAR, dtype=np.int8)
        a, b = self.place[left], self.place[right]
        levels[self.province[a] & self.province[b]] = _PROVINCE
        levels[self.city[a] & self.city[b]] = _CITY
        far = self._apart[a, b] if len(left) else np.zeros(0, dtype=bool)
        both = self.filled[left] & self.filled[right] & ~far
        levels[both & (self.line[left] == self.line[right])] = _SAME
        rest = np.flatnonzero(both & (self.line[left] != self.line[right]))
        if len(rest):
            close = self._similar(left[rest], right[rest])
            levels[rest[close]] = _SIMILAR
            rest = rest[~close & (self.first[left[rest]] >= 0) & (self.first[right[rest]] >= 0)]
            numbered_apart = self.first[left[rest]] != self.first[right[rest]]
            levels[rest[numbered_apart & ~self.province[a[rest]] & ~self.province[b[rest]]]] = _OTHER
            levels[rest[levels[rest] == _CITY]] = _ELSEWHERE
        levels[far] = _FAR
        levels[~self.known[left] | ~self.known[right]] = -1
        return levels

    def _similar(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        import numpy as np
        from rapidfuzz.distance import LCSseq
        from rapidfuzz.process import cpdist

        close = (self.first[left] == self.first[right]) & (self.first[left] >= 0)
        close &= (self.length[left] >= 4) & (self.length[right] >= 4)
        rest = np.flatnonzero(close)
        common = cpdist(self.lines[left[rest]].tolist(), self.lines[right[rest]].tolist(), scorer=LCSseq.similarity)
        shorter = np.minimum(self.length[left[rest]], self.length[right[rest]])
        numbers = zip(self.numbers[left[rest]], self.numbers[right[rest]], strict=True)
        within = [set(a) <= set(b) or set(b) <= set(a) for a, b in numbers]
        close[rest] = (common >= 0.75 * shorter) & np.array(within, dtype=bool)
        return np.asarray(close)

    def others(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        """Return how many further records have the line."""
        import numpy as np

        return np.where(self.line[left] == self.line[right], np.maximum(self.records[self.line[left]] - 2, 0), 0)

    def tallies(self) -> list[Tally]:
        """Return in how many records each line stands."""
        import numpy as np

        first = np.unique(self.line, return_index=True)[1]
        return [Tally(hashed(self.lines[first]), self.records)]

    def recount(self, times: Sequence[Callable[[np.ndarray], np.ndarray]]) -> None:
        """Take the lines to stand in so many records."""
        self.records = times[0](self.tallies()[0].keys)

    def different(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        """Return where the places exclude each other."""
        import numpy as np

        if not len(left):
            return np.zeros(0, dtype=bool)
        return np.asarray(self._apart[self.place[left], self.place[right]])

    def candidate_keys(self) -> list[tuple[str, np.ndarray, np.ndarray]]:
        """Return whole address lines with a number."""
        import numpy as np

        values = np.flatnonzero((self.first >= 0) & (self.length >= 5))
        doors = [address_key(line, numbers) for line, numbers in zip(self.lines, self.numbers, strict=True)]
        flats = np.flatnonzero([bool(door) for door in doors])
        return [
            ("address", values, hashed(self.lines[values])),
            ("doors", flats, hashed([doors[flat] for flat in flats])),
        ]


def address_key(line: str, numbers: Sequence[str]) -> str:
    """Return what names a flat or an office however it is written: all numbers, and the end of the street's name; nothing of other addresses."""
    if len(numbers) < _DOORS:
        return ""
    start = line.find(numbers[0])
    return "|".join((line[max(start - 2, 0) : start], *numbers)) if start > 1 else ""
