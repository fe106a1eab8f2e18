"""What two companies share because one person is behind both: his mobile, his WeChat, his QQ and his name are one thing, whatever he has companies for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmmigrate.matching import agreeing, by_name
from crmmigrate.matching.companies.levels import LEVELS

if TYPE_CHECKING:
    import numpy as np

    from crmmigrate.matching import Comparer
    from crmmigrate.matching.comparison import Comparison

_DIFFERENT = by_name(LEVELS)["different"]
_HIS = ("phone", "wechat", "qq")
"""Roles of what one is reached by, of which one is worth as much as all."""

_SHOPS, _SHORTEST_SHOP = ("店", "行", "部", "馆", "超市", "中心"), 5
_BRAND, _WHOLE = 2, 4
"""Characters of a brand; of brand and trade behind a place at least."""


def unsay_boss(by: Comparison, left: np.ndarray, right: np.ndarray, levels: np.ndarray) -> None:
    """Let no more than one of these roles speak for or against two companies; nor his name for two registered ones that are called otherwise.

    Args:
        by: has the roles and their comparers.
        left: records.
        right: records.
        levels: of the pairs, pairs × roles; changed in place.
    """
    import numpy as np

    names, his = by.of("company_name"), [by.names.index(role) for role in _HIS if role in by.names]
    if not names or not his or by.of("person_name"):
        return
    shared, differ = np.zeros(len(levels), dtype=bool), np.zeros(len(levels), dtype=bool)
    for at in his:
        agree = agreeing([*by.roles.values()][at].priors())[levels[:, at]]
        levels[agree & shared, at] = -1
        shared |= agree
    for at in his:
        other = levels[:, at] == by.model.fields[at].last
        levels[other & (shared | differ), at] = -1
        differ |= other
    two = np.flatnonzero(shared & (levels[:, names[0]] == _DIFFERENT))
    two = two[_two_brands(by.comparers[names[0]], *(by.codes[side[two], names[0]] for side in (left, right)))]
    for at, role in enumerate(by.roles.values()):
        if role.joint and role.compare == "person_name":
            agree = two[agreeing(role.priors())[levels[two, at]]]
            levels[agree[~_called_after_him(by, names[0], at, left[agree], right[agree])], at] = -1


def _called_after_him(by: Comparison, name: int, contact: int, left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Return where two shops of one trade are told apart only by that one is called after who is asked for there: 月亮汽修店 and 张三丰汽修店, or 三丰汽修店, of 张三丰.

    Args:
        by: has the comparers.
        name: the role of the names.
        contact: the role of the people.
        left: records.
        right: records.
    """
    import numpy as np

    names, people = by.comparers[name], by.comparers[contact]
    sides = []
    for side in (left, right):
        cores = names.letters.texts(names.first[by.codes[side, name]])  # type: ignore[attr-defined]
        values = by.codes[side, contact]
        bag = people.bag  # type: ignore[attr-defined]
        whole = people.whole[values] & (bag.sizes[values] > 0)  # type: ignore[attr-defined]
        items = bag.items[np.where(whole, bag.starts[values], 0)].tolist()
        asked = [people.items[item].name if said else "" for item, said in zip(items, whole.tolist(), strict=True)]  # type: ignore[attr-defined]
        sides.append((cores, asked))
    (mine, here), (its, there) = sides
    return np.array(
        [
            any(person and (_named_after(a, b, person) or _named_after(b, a, person)) for person in asked)
            for a, b, *asked in zip(mine, its, here, there, strict=True)
        ],
        dtype=bool,
    )


def _named_after(shop: str, other: str, person: str) -> bool:
    """Return whether a shop is a person's, by name or by given name, and does what the other one does."""
    for called in (person, person[1:]):
        trade = shop[len(called) :]
        if len(called) > 1 and shop.startswith(called) and len(trade) > 1 and other.endswith(trade):
            return True
    return False


def _two_brands(names: Comparer, left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Return where both values are registered names, or whole ones (顺捷小吃店, 宁波春浦电器), of two brands.

    Args:
        names: the comparer of company names.
        left: values.
        right: values.
    """
    import numpy as np

    one, other = (names.first[side] for side in (left, right))  # type: ignore[attr-defined]
    kind: np.ndarray = np.append(names.kind, -1)  # type: ignore[attr-defined]
    shops: np.ndarray = np.zeros(len(kind), dtype=bool)
    met = np.unique(np.concatenate([one, other]))
    shops[met] = _shops(names.letters.texts(met))  # type: ignore[attr-defined]
    whole = shops | np.append(names.placed & ~names.public & (names.length >= _WHOLE), False)  # type: ignore[attr-defined]
    registered = [(side >= 0) & ((kind[side] >= 0) | whole[side]) for side in (one, other)]
    found = registered[0] & registered[1]
    cores = (names.letters.texts(side[found]) for side in (one, other))  # type: ignore[attr-defined]
    found[found] = [_other_brand(mine, its) for mine, its in zip(*cores, strict=True)]
    return np.asarray(found)


def _other_brand(one: str, other: str) -> bool:
    """Return whether the brands of two cores have no character in common, or are others before trades that have none: 雅图 may be 雅众特, as somebody wrote it, but 浩邦包装 is not 格邦食品."""
    brand, its = one[:_BRAND], other[:_BRAND]
    return set(brand).isdisjoint(its) or (brand != its and set(one[_BRAND:]).isdisjoint(other[_BRAND:]))


def _shops(cores: list[str]) -> np.ndarray:
    """Return which cores say a shop's brand and what it sells."""
    import numpy as np

    return np.array([len(core) >= _SHORTEST_SHOP and core.endswith(_SHOPS) for core in cores], dtype=bool)
