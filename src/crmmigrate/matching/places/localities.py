"""Towns, villages and landmarks of the country, where few houses have a number: 峰口镇小桥村, 城关镇政府旁.

A line begins with its town or leaves it out; a table has a column of the towns, or none. So the town and what is said of it are held apart, and what both sides say is compared.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from crmmigrate.matching import SEPARATOR
from crmmigrate.matching.places.address_parts import CHINESE_DIGITS
from crmmigrate.matching.texts.bags import numbered_where_said
from crmmigrate.matching.texts.cells import mask, matched
from crmmigrate.matching.texts.folding import folded, sound

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    import pyarrow as pa

    from crmmigrate.matching import Values

_KIND = "(?:镇|乡|街道(?:办事处|办)?)"
_TOWN = r"(?:\p{Han}{2,4}?|[1-9]\p{Han}{1,3}?|\p{Han}{1,2}[1-9]\p{Han}{0,2}?)"
"""Of a line, in which numerals are digits: 5里镇."""

_AT_HEAD = rf"^(?P<town>{_TOWN}){_KIND}(?P<rest>(?:[^口村].*)?)$"
_IN_COLUMN = rf"^(?:(?P<town>\p{{Han}}{{2,4}}?){_KIND}|(?P<short>\p{{Han}}{{2,4}}))$"
_NO_TOWN = "[路街巷弄道村号市区县]$|街道$"
"""What a column of towns holds that is none: the street itself, in a column that is called 街道."""

_SCENIC = r"^[^镇乡\pN]{1,4}?(?:[水城家故下老]乡|[小古]镇[^镇]|[小古]镇$)"
"""Words, and estates that are called so: 水乡人家, 阳光小镇. A pattern of RE2."""

_SEAT = "城关"
"""What the town of a county's seat is called, until it becomes a street of another name."""

_VILLAGE = r"^(?:\p{Han}{2,4}县)?(?P<village>[\p{Han}1-9]{1,6}?)(?:行政)?村(?:村?委会?|\pN{1,3}[组队社]|第?\pN{1,2}村民小组)?-?$"
_GROUP = r"村\D*(?P<group>\pN{1,3})[组队社村]"
"""Patterns of RE2."""

_BESIDE = "(?:斜?对面|旁边?|隔壁|附近|门口|[门路街]?口|边上?|后面?|前面?|处)"
_STREET = r"^[\p{Han}1-9]{1,6}?(?:路|街|大道|巷)(?:[东南西北中]段)?\pN+[^村]*$"

LANDMARK = (
    "^(?:镇|乡|县|村|镇上|街道)?(?:政府|人民政府|村委会|居委会|[中小]学|中心[小学校]+|学校|幼儿园|卫生院|医院|供销社|信用社|农商行|国道|省道|公路|高速|"
    "桥头|车站|汽车站|客运站|火车站|农贸市场|菜市场|市场|集市|邮局|邮政|派出所|加油站|老街|新街|街上|集镇|镇上|街道|十字路口|[路街村]口|广场|公园)"
    f"{_BESIDE}*$"
)
"""What each town has one of: 镇政府旁, 供销社对面."""


class Localities:
    """The town of each value, and where in it that is.

    Args:
        lines: of each value (large_string), its town at the head of it or not.
        told: the towns that columns of their own tell, empty where they tell none.
    """

    def __init__(self, lines: pa.Array, told: pa.Array | None) -> None:
        import pyarrow as pa
        import pyarrow.compute as pc

        met = lines.dictionary_encode()
        found = pc.extract_regex(met.dictionary, _AT_HEAD)
        town, rest = (pc.struct_field(found, part) for part in ("town", "rest"))
        again = pc.extract_regex(rest, _AT_HEAD)  # 永固镇永固镇建设路: of two columns
        twice = pc.fill_null(pc.equal(pc.struct_field(again, "town"), town), fill_value=False)
        rest = pc.if_else(twice, pc.struct_field(again, "rest"), rest)
        scenic = pc.match_substring_regex(met.dictionary, _SCENIC)
        town = pc.if_else(pc.fill_null(scenic, False), pa.scalar(None, town.type), town)
        inside = pc.if_else(town.is_valid(), rest, met.dictionary)
        which = met.indices
        self.lines = inside.take(which)
        """Of each value, without its town."""
        said = pc.fill_null(town.take(which), "")
        if told is not None:
            said = pc.if_else(pc.equal(said, ""), told, said)
        self._town = numbered_where_said(said)
        self.said = self._town >= 0
        names = said.dictionary_encode()
        self._names: list[str] = names.dictionary.to_pylist()
        self._name = names.indices.to_numpy()
        seats = self._town[mask(pc.equal(said, _SEAT))]
        self._seat = seats[0] if len(seats) else -1
        house = pc.if_else(pc.match_substring_regex(inside, _STREET), inside, "")
        self._house = numbered_where_said(house)[which.to_numpy()]
        village = pc.struct_field(pc.extract_regex(inside, _VILLAGE), "village")
        self.village = numbered_where_said(pc.fill_null(village, ""))[which.to_numpy()]
        """Of each value, a number for the village that its line names and nothing below but a group of houses, -1 for none."""
        self._villages = bool((self.village >= 0).any())
        group = pc.struct_field(pc.extract_regex(inside, _GROUP), "group")
        self._group = numbered_where_said(pc.fill_null(group, ""))[which.to_numpy()]
        self.landmark = matched(inside, LANDMARK)[which.to_numpy()]
        """Whether a line is nothing but what each town has one of."""
        self._street = matched(inside, _STREET)[which.to_numpy()]

    def one_town(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        """Return where two values say one town."""
        import numpy as np

        return np.asarray((self._town[left] >= 0) & (self._town[left] == self._town[right]))

    def apart(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        """Return where two values say two towns, of which none may be the other mistyped or told for short."""
        import numpy as np

        if len(self._names) <= 1:
            return np.zeros(len(left), dtype=bool)
        one, other = self._town[left], self._town[right]
        result = (one >= 0) & (other >= 0) & (one != other)
        # 城关镇人民路12号 is 汉昌街道人民路12号 since.
        seat = (one == self._seat) | (other == self._seat)
        result &= ~(seat & (self._house[left] >= 0) & (self._house[left] == self._house[right]))
        at = np.flatnonzero(result)
        names = self._names
        pairs = zip(self._name[left[at]].tolist(), self._name[right[at]].tolist(), strict=True)
        result[at] = [_two_towns(*sorted((names[a], names[b]))) for a, b in pairs]
        return np.asarray(result)

    def one_village(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        """Return where two values say one village, and not two groups of its houses."""
        import numpy as np

        if not self._villages:  # as in most tables
            return np.zeros(len(left), dtype=bool)
        a, b = self._group[left], self._group[right]
        return np.asarray(
            (self.village[left] >= 0) & (self.village[left] == self.village[right]) & ((a < 0) | (b < 0) | (a == b))
        )

    def two_sites(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        """Return where two values say two villages, or a village and a house in a street."""
        import numpy as np

        if not self._villages:
            return np.zeros(len(left), dtype=bool)
        one, other = self.village[left], self.village[right]
        two = (one >= 0) & (other >= 0) & (one != other)
        return np.asarray(two | ((one >= 0) & self._street[right]) | ((other >= 0) & self._street[left]))


@lru_cache(maxsize=20_000)
def _two_towns(one: str, other: str) -> bool:
    if one in other or other in one or sound(one) == sound(other):
        return False
    return 2 * len(set(one) & set(other)) <= max(len(one), len(other))


def towns_in_columns(values: Values, columns: Sequence[int]) -> tuple[Values, pa.Array | None]:
    """Return the values of an address without the towns that stand in columns of their own, and these.

    Args:
        values: of the role.
        columns: the places of such columns among those of the role.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    if not columns or not len(values):
        return values, None
    texts = folded(values)
    lists = pc.split_pattern(texts, SEPARATOR)
    size = pc.list_value_length(lists)
    count = pc.min(size).as_py()
    if count != pc.max(size).as_py() or count <= max(columns):
        return values, None
    cells = [pc.list_element(lists, at) for at in range(count)]
    empty = pa.scalar("", pa.large_string())
    told = pa.nulls(len(texts), pa.large_string()).fill_null("")
    for at in columns:
        found = pc.extract_regex(cells[at], _IN_COLUMN)
        short, town = (pc.struct_field(found, part) for part in ("short", "town"))
        none = pc.match_substring_regex(short, _NO_TOWN)
        town = pc.fill_null(pc.if_else(pc.equal(town, ""), pc.if_else(none, empty, short), town), "")
        is_town = pc.not_equal(town, "")
        cells[at] = pc.if_else(is_town, empty, cells[at])
        told = pc.if_else(is_town, town, told)
    for digit, sign in enumerate(CHINESE_DIGITS):
        told = pc.replace_substring(told, sign, str(digit))
    return pc.binary_join_element_wise(*cells, pa.scalar(SEPARATOR, pa.large_string())), told
