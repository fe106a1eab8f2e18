"""What names leave of the divisions that an address may mean."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmmigrate.standards._divisions import CITY, COUNTY, PROVINCE
from crmmigrate.standards._gazetteer import RECENT, inside_of

if TYPE_CHECKING:
    from crmmigrate.standards._divisions import Division
    from crmmigrate.standards._gazetteer import Token


def repeats(token: Token, chains: list[Division]) -> bool:
    """Whether a name is one of the divisions there are already, or what became of it."""
    return any(
        (one.code == chain.code and one.name == chain.name) or one.code in chain.became or chain.code in one.became
        for one in token.candidates for chain in chains
    )  # fmt: skip


def narrowed(chains: list[Division], token: Token) -> list[Division]:
    """Return what the token's candidates leave of the chains; those that exist before those that are gone."""
    found = [one for one in token.candidates if not chains or any(inside_of(one, chain) for chain in chains)]
    now = [one for one in found if not one.former]
    if now and not chains:
        cities = {(one.province, one.city) for one in now}
        codes = {one.code for one in now}
        now += [
            one for one in found
            if one.former and one.last >= RECENT and one.level == now[0].level and not token.short
            and (one.province, one.city) not in cities and not codes & set(one.became)
        ]  # fmt: skip
    found = now or (latest(found) if chains else found)
    same = [one for one in found if any(one.code == chain.code for chain in chains)]
    return same if same and len(found) > 1 else found


def latest(gone: list[Division]) -> list[Division]:
    """Return of divisions that are gone, and lay in one place, what existed last under each name."""
    latest: dict[str, Division] = {}
    for one in sorted(gone, key=lambda one: one.last):
        latest[one.name] = one
    return list(latest.values())


def levels_of(division: Division) -> dict[int, str]:
    """Return the names by level; a municipality is its own city."""
    levels = {PROVINCE: division.province, CITY: division.city if division.level > PROVINCE else ""}
    if division.level == CITY:
        levels[CITY] = division.name
    if division.level == COUNTY:
        levels[COUNTY] = division.name
    if division.level == PROVINCE and division.province.endswith("市"):
        levels[CITY] = division.province
    return {level: name for level, name in levels.items() if name}


def shared_levels(chains: list[Division]) -> dict[int, str]:
    """Return the names that all share, from the province down."""
    first = levels_of(chains[0])
    shared: dict[int, str] = {}
    for level, name in sorted(first.items()):
        if any(levels_of(chain).get(level) != name for chain in chains[1:]):
            break
        shared[level] = name
    return shared
