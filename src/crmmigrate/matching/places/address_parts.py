"""Addresses taken apart into place and line: one by one, or all of a table together.

Most lines are Chinese characters up to the first number, a place and a street, and what follows: 浙江省杭州市西湖区文三路 and 193号1幢1310室. Each of both
is looked at once, however often it stands in the table. What comes out is what `take_apart` gives: `tests/matching/test_plain_values.py` holds the two together.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from crmmigrate.matching.places.beyond import take_place_of_address
from crmmigrate.matching.places.place import Place
from crmmigrate.matching.places.street import short
from crmmigrate.matching.texts.bags import distinct
from crmmigrate.matching.texts.cells import cells_of, laid_out, mask, matched, texts_of
from crmmigrate.matching.texts.folding import bare, is_chinese

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    import pyarrow as pa

    from crmmigrate.matching import Values

CHINESE_DIGITS = "零一二三四五六七八九"
_TENS = re.compile(rf"([{CHINESE_DIGITS}]?)十([{CHINESE_DIGITS}]?)(?=号|单元|[幢栋座层楼])")
"""三十二栋 is 32栋; 十 elsewhere is a part of a name (十里河)."""

_ESTATE = re.compile(r"(?<=[\u3400-\u9fff]{2})小区(?=\d|$)", re.MULTILINE)
"""What an estate is, behind its name."""

_HAS_NUMBER = re.compile(f"[{CHINESE_DIGITS}]")
_NOWHERE = Place()
NUMBER = re.compile(r"\d+")
_BETWEEN = re.compile(r"(?<=\d)\s*[-#]\s*(?=\d)")
_COUNTED = re.compile(
    r"(?<=\d)(?:(?:号楼|号院|单元|[号幢栋座室楼层])+(?=\d|$)|号?(?:门面房?|[摊铺]位|铺面|商铺)$)", re.MULTILINE
)
"""7-2-401, 7幢2单元401室 and 7号楼2单元401 are one flat, and 407号门面 is 407号."""

_IN_MALL = re.compile(
    r"(?:(?:负|地下|(?<![a-z])(?P<below>b))(?P<basement>\d)(?P<told>(?:楼|层|f)?[-室]?(?=[a-z]|\d+(?:号?商?铺|号?档口))|(?:楼|层|f)|[-室])"
    r"|(?:(?<![a-z\d])l(?P<level>\d)|(?<=[\u3400-\u9fff])(?P<floor>\d{1,2})(?:楼|层|f(?![a-z]{2})))[-室]?)(?P<unit>[a-z]?\d{2,4})(?!\d)(?:号?(?:商铺|铺位?|档口)|[室号])?",
)
"""负一楼-B120号, 地下一层B120商铺 and B1-B120, 三楼320号铺 and L3320: the floor of a mall or an office, and what is there."""

_HANDLING = re.compile(
    r"(?:(?:送货|派送|送达)前.*|(?:菜鸟|妈妈|快递)?驿站(?:代收)?|丰巢(?:柜|快递柜)?|快递柜|门卫|传达室|代收点?|自提点?)\Z"
)
"""How a parcel is to be delivered is no part of where."""

_HANDLED = ("站", "收", "巢", "柜", "卫", "传达室", "点", "提")
"""How each of these ends; one that says what to do before (前) may end in anything."""

_TOWN = re.compile("[省市区县]")

_HEAD_AND_TAIL = "^[\u3400-\u4dbf\u4e00-\u9fff]+[0-9][^,]*$"
_BEFORE_DELIVERY = "(?:送货|派送|送达)前"
"""What `_HANDLING` may find in the head already."""


class Address(NamedTuple):
    """An address: its place and the line below without punctuation."""

    place: Place
    line: str


class Addresses(NamedTuple):
    """The addresses of the values of a role.

    Args:
        place: of each value, its position among `places`.
        places: distinct ones.
        lines: of each value (large_string).
    """

    place: np.ndarray
    places: list[Place]
    lines: pa.Array


def _taken(cell: str) -> tuple[Place, str]:
    if cell[:1].isascii() and not is_chinese(cell):
        cell = short(cell)
    first, comma, then = cell.partition(",")
    place, line = take_place_of_address(_plain(cell))  # 九江 and 三亚 are no numbers
    if comma and not _TOWN.search(first) and _TOWN.search(then):
        # 紫荆花园24幢403室,沈阳市创业路209号: the estate stands before the town.
        place, line = take_place_of_address(_plain(then) + _plain(first))
    return place, _numbered(line).rstrip("-")


def _plain(cell: str) -> str:
    text = bare(_BETWEEN.sub("室", cell) if "-" in cell or "#" in cell else cell)
    return _HANDLING.sub("", text) if text.endswith(_HANDLED) or "前" in text else text


def _numbered(lines: str) -> str:
    """Return a line, or several, with their numbers in one way."""
    if "十" in lines:
        lines = _TENS.sub(_ten, lines)
    if "小区" in lines:
        lines = _ESTATE.sub("", lines)
    if _HAS_NUMBER.search(lines):
        for digit, sign in enumerate(CHINESE_DIGITS):
            lines = lines.replace(sign, str(digit))
    return _COUNTED.sub("-", _IN_MALL.sub(_on_floor, lines))


def _on_floor(met: re.Match[str]) -> str:
    """Return floor and unit as all write them."""
    floor = f"b{met['basement']}" if met["basement"] else met["level"] or met["floor"]
    return f"{floor}-{met['unit']}"


def _ten(met: re.Match[str]) -> str:
    tens, ones = (
        CHINESE_DIGITS.index(sign) if sign else nought for sign, nought in zip(met.groups(), (1, 0), strict=True)
    )
    return str(10 * tens + ones)


def take_apart(cells: Sequence[str]) -> Address:
    """Take the folded cells of an address apart; they go from the province down."""
    place, line = _NOWHERE, ""
    for cell in cells:
        found, rest = _taken(cell)
        place = _together(place, found)
        if rest and not line.endswith(rest):
            line += rest
    return Address(place, line)


def _together(place: Place, found: Place) -> Place:
    """Return the place that an earlier cell names with what a later one adds."""
    return place if place.province and place.city else Place(place.province or found.province, place.city or found.city)


def taken_apart(values: Values) -> Addresses:
    """Return what `take_apart` gives of the cells of each value of a role."""
    import numpy as np
    import pandas as pd
    import pyarrow as pa
    import pyarrow.compute as pc

    cells, owners, count = cells_of(values)
    kinds: dict[Place, int] = {_NOWHERE: 0}
    which, lines = _cells_apart(cells, kinds)
    place = _places(which, owners, count, kinds)
    said = np.flatnonzero(mask(pc.greater(pc.binary_length(lines), 0)))
    where = np.full(count, -1)
    where[owners[said]] = said
    whole = pc.fill_null(lines.take(pa.array(where, mask=where < 0)), "")
    several = np.bincount(owners[said], minlength=count) > 1
    if several.any():  # seldom: what stands twice is left out
        ends = np.searchsorted(owners, np.flatnonzero(several), side="right")
        begins = np.searchsorted(owners, np.flatnonzero(several))
        joined = [take_apart(cells[begin:end].to_pylist()).line for begin, end in zip(begins, ends, strict=True)]
        whole = pc.replace_with_mask(whole, pa.array(several), pa.array(joined, pa.large_string()))
    place, met = pd.factorize(place)
    every = list(kinds)
    return Addresses(place, [every[kind] for kind in met], whole)


def _places(which: np.ndarray, owners: np.ndarray, count: int, kinds: dict[Place, int]) -> np.ndarray:
    """Return the place of each value, given those of its cells; `kinds` takes up new ones."""
    import numpy as np

    result = np.zeros(count, dtype=np.int64)
    behind = np.arange(len(owners)) - np.searchsorted(owners, owners)
    for rank in range(int(behind.max(initial=-1)) + 1):
        at = np.flatnonzero(behind == rank)
        inverse, pairs = distinct(result[owners[at]] * len(kinds) + which[at])
        every = list(kinds)
        both = [_together(every[pair // len(every)], every[pair % len(every)]) for pair in pairs.tolist()]
        result[owners[at]] = np.array([kinds.setdefault(place, len(kinds)) for place in both], dtype=np.int64)[inverse]
    return result


def _cells_apart(cells: pa.Array, kinds: dict[Place, int]) -> tuple[np.ndarray, pa.Array]:
    """Return the place of each cell, as `kinds` numbers them, and its line."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    plain = matched(cells, _HEAD_AND_TAIL) & ~matched(cells, _BEFORE_DELIVERY)
    place = np.zeros(len(cells), dtype=np.int64)

    def numbers_of(places: list[Place]) -> np.ndarray:
        return np.array([kinds.setdefault(place, len(kinds)) for place in places], dtype=np.int64)

    heads, tails = (part.dictionary_encode() for part in _head_and_tail(cells.filter(pa.array(plain))))
    taken = [take_place_of_address(head) for head in heads.dictionary.to_pylist()]
    place[plain] = numbers_of([found for found, _ in taken])[heads.indices.to_numpy()]
    fronts = pa.array(_numbered("\n".join([rest for _, rest in taken])).split("\n"), pa.large_string())
    # One long text is done in half the time that many short ones take.
    ends = [tail.rstrip("-") for tail in _numbered("\n".join(map(_plain, tails.dictionary.to_pylist()))).split("\n")]
    lines = pc.binary_join_element_wise(
        fronts.take(heads.indices), pa.array(ends, pa.large_string()).take(tails.indices), pa.scalar("", fronts.type)
    )
    if plain.all():
        return place, lines
    rest = cells.filter(pa.array(~plain)).dictionary_encode()
    odd = [_taken(cell) for cell in rest.dictionary.to_pylist()]
    place[~plain] = numbers_of([found for found, _ in odd])[rest.indices.to_numpy()]
    others = pa.array([line for _, line in odd], pa.large_string()).take(rest.indices)
    order = np.argsort(np.r_[np.flatnonzero(plain), np.flatnonzero(~plain)], kind="stable")
    return place, pa.concat_arrays([lines, others]).take(pa.array(order))


def _head_and_tail(cells: pa.Array) -> tuple[pa.Array, pa.Array]:
    """Return what stands before the first digit of each cell, and the rest; something stands before it."""
    import numpy as np

    signs, begins = laid_out(cells)
    digits = np.flatnonzero(signs - ord("0") < 10)
    first = digits[np.searchsorted(digits, begins[:-1])]
    step = np.zeros(len(signs), dtype=np.int8)
    step[begins[:-1]], step[first] = 1, -1
    front = np.cumsum(step, dtype=np.int8).astype(bool)
    split = np.zeros(len(begins), dtype=np.int64)
    np.cumsum(first - begins[:-1], out=split[1:])
    return texts_of(signs[front], split), texts_of(signs[~front], begins - split)
