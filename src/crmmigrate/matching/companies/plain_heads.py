"""What plain company names begin with: places, cut off many names together; and what is no plain head."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from crmmigrate.matching.companies import organisations
from crmmigrate.matching.companies import parts as company_parts
from crmmigrate.matching.companies.name_columns import Coded
from crmmigrate.matching.places import mistyped as mistyped_places
from crmmigrate.matching.places import place as places

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy as np
    import pyarrow as pa

    from crmmigrate.matching.places.place import Place

LEAST = 2
"""Characters that are left of a name without its place and form."""

_START = 2
"""So many characters at least a head has; by these it is looked for."""

_ROOM = "龘" * 6
"""Stands behind a place for a name that is like no other."""


class Head(NamedTuple):
    """A place at the head of a name.

    Args:
        place: province and city.
        district: of a county-level city its name, without the word that says what it is.
        seat: see `Name`.
    """

    place: Place
    district: str
    seat: str


_NOWHERE = Head(places.Place(), "", "")


class _Words:
    """Words with which texts may begin.

    Args:
        words: of two characters or more.
    """

    def __init__(self, words: Iterable[str]) -> None:
        self._by_size: dict[int, list[str]] = {}
        self._sizes: dict[str, int] = {}
        for word in sorted(words):
            self._by_size.setdefault(len(word), []).append(word)
            start = word[:_START]
            self._sizes[start] = self._sizes.get(start, 0) | 1 << len(word)

    def find(self, texts: pa.Array) -> tuple[np.ndarray, list[str]]:
        """Return for each text the number of the longest word with which it begins, -1 for none; and the words."""
        import numpy as np
        import pyarrow as pa
        import pyarrow.compute as pc

        found = np.full(len(texts), -1)
        words: list[str] = []
        starts = pc.utf8_slice_codeunits(texts, 0, _START).dictionary_encode()
        sizes = np.array([self._sizes.get(start, 0) for start in starts.dictionary.to_pylist()], dtype=np.int64)
        asked = np.flatnonzero(sizes[starts.indices.to_numpy()])
        sizes = sizes[starts.indices.to_numpy()[asked]]
        for size in sorted(self._by_size, reverse=True):
            some = asked[(sizes >> size & 1 > 0) & (found[asked] < 0)]
            heads = pc.utf8_slice_codeunits(texts.take(pa.array(some)), 0, size)
            number = pc.fill_null(pc.index_in(heads, pa.array(self._by_size[size], heads.type)), -1).to_numpy()
            found[some] = np.where(number < 0, -1, number + len(words))
            words += self._by_size[size]
        return found, words


def take_heads(texts: pa.Array) -> tuple[Coded, np.ndarray]:
    """Return the place at the head of each text (`Head`), and how many characters that takes."""
    import numpy as np

    number, words = _plain().find(texts)
    size = np.array([*map(len, words), 0])[number]
    heads = _heads()
    return Coded(np.where(number < 0, len(words), number), [*(heads[word] for word in words), _NOWHERE]), size


def has_odd_head(texts: pa.Array) -> np.ndarray:
    """Return which texts begin with a well-known organisation, a mistyped place, 中华 or the like, or a place that is hard to tell."""
    return _odd().find(texts)[0] >= 0


@cache
def _plain() -> _Words:
    return _Words(_heads())


@cache
def _odd() -> _Words:
    odd = {*organisations.called(), *mistyped_places.mistyped_cities(), *company_parts.BANKS, "个体", "中华", "国家"}
    return _Words(odd | {name for name in places.place_names() if len(name) > 1 and name not in _heads()})


@cache
def _heads() -> dict[str, Head]:
    """Return what names may begin with, and nothing else of them is part of the place."""
    provinces, cities = places.provinces_and_cities()
    whole = [
        *provinces,
        *(f"{name}{kind}" for name in provinces for kind in ("省", "市") if not name.endswith(kind)),
        *(f"{name}{kind}" for name in cities for kind in ("", "市") if not name.endswith("市") or not kind),
    ]
    within = [
        f"{province}{kind}{city}{town}"
        for province, code in provinces.items()
        for city, number in cities.items()
        if number.startswith(code)
        for kind in ("", "省")
        for town in ("", "市")
        if not (town and city.endswith("市"))
    ]
    twice = [  # 上海市上海启明
        f"{name}{kind}{again}"
        for name, place in places.city_names().items()
        if name in provinces
        for again in (name for name, other in places.city_names().items() if other == place)
        for kind in ("", "市")
        if not (kind and name.endswith("市"))
    ]
    found = {}
    for head in (*whole, *within, *twice):
        place, district, rest = places.take_district(head + _ROOM, keep=LEAST)
        if rest == _ROOM and place.province:
            found[head] = Head(place, company_parts.without_kind(district), places.city_pinyin(place))
    return found
