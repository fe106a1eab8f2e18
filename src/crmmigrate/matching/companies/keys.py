"""By what company names are candidates for one another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmmigrate.matching.texts.bags import Holders
from crmmigrate.matching.texts.letters import mixed

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np

    from crmmigrate.matching.company_name import Companies


def keys(names: Companies) -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
    """Give the keys: sound, brand with place, brand with pairs of characters, core without a character, words, grams.

    What two cores one slip apart share is a core without one of its characters. Each kind is made when it is asked
    for: the one before is searched meanwhile.
    """
    import numpy as np

    values, items = names.owners(), names.bag.items
    placed, citied = np.flatnonzero(names.province[items] >= 0), np.flatnonzero(names.town[items] >= 0)
    holders = Holders(items, len(names.core))
    where, told = holders.of(names.by_core.districted, names.by_core.districted_sounds)
    yield "sound", np.r_[values, values[where]], np.r_[names.sounds[items], told]
    yield "here", values[citied], mixed(names.sounds[items[citied]], names.town[items[citied]])
    yield "brand", values[placed], mixed(names.brand_key[items[placed]], names.province[items[placed]])
    yield "marque", values, names.brand_key[items]
    yield _roman_keys(names, values)
    shops = names.told.shops
    shop_holders = Holders(items, len(names.core))
    for kind, numbers in (("shop", shops.stem), ("shop_turned", shops.turned)):
        where, told = shop_holders.of(shops.at, numbers)
        yield kind, values[where], told
    words = Holders(names.terms.written[items], len(names.terms.bag.sizes))
    where, told = words.of(*names.terms.keys())
    yield "term", values[where], told
    formal = np.flatnonzero(names.kind[items] >= 0)
    yield "spoken", values[formal], names.spoken[items[formal]]

    # What is made of a core is made once, however many names have it.
    holders = Holders(names.core[items], len(names.cores))
    cores, chinese, length = names.cores, names.chinese[names.cores], names.length[names.cores]

    def held(kind: str, at: np.ndarray, numbers: np.ndarray) -> tuple[str, np.ndarray, np.ndarray]:
        where, told = holders.of(names.core[at], numbers)
        return kind, values[where], told

    yield held("slip", *names.letters.shortened(np.where(names.chinese, 4, 6), cores))
    at, numbers = names.letters.runs(2, begin=2, of=cores[chinese])
    yield held("trade", at, mixed(names.brand_key[at], numbers))
    # Two characters alone have their sound for a key, more than three what stands behind the brand.
    yield held("twain", *names.letters.runs(2, of=cores[chinese & (length == 3)]))
    yield held("gram", *names.letters.runs(3, of=cores[~chinese]))


def _roman_keys(names: Companies, values: np.ndarray) -> tuple[str, np.ndarray, np.ndarray]:
    """Return the pinyin of brands, and the words at the head of foreign names, as keys."""
    import numpy as np

    at, column = np.nonzero(names.romans[names.bag.items]) if len(names.bag.items) else (values, values)
    return "roman", values[at], names.romans[names.bag.items[at], column] if len(at) else at
