"""Read the divisions an address begins with, and say only what follows from them.

A level that is left out is filled where one division fits, else it stays open; a township that only one of them has decides between
several. A division that is gone is read as what it became where all of it went to one place.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import TYPE_CHECKING, Literal

from crmmigrate.standards._beginnings import Beginnings
from crmmigrate.standards._chains import latest, levels_of, narrowed, repeats, shared_levels
from crmmigrate.standards._divisions import CITY, COUNTY, PROVINCE, short_name
from crmmigrate.standards._gazetteer import CITY_IN_NAME, SEPARATOR, Gazetteer, Token, inside_of
from crmmigrate.standards._townships import ENDING, county_of, heir_of, leading_township, owners, township_in

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crmmigrate.standards._divisions import Division

FRONT_NOISE = re.compile(r"(?:省|自治区)?直辖县级行政区划|市辖区")
NOISE = re.compile(
    r"省直辖县级行政区划|自治区直辖县级行政区划|市辖区|省?直辖(?:县级行政区划)?|县(?=[\u4e00-\u9fff]{2,6}县)|其[它他][区县市]|(?:null|None|undefined)(?=[\u4e00-\u9fff])|"
    "中国(?=[\u4e00-\u9fff]{2,3}[省市])|生产建设兵团(?=[\u4e00-\u9fff]{3,5}市)"
)
TOWNSHIP_FIRST = re.compile("([\u4e00-\u9fff]{2,7}?(?:街道|镇|乡))[\\s,，]*")
"""A form that asks for the township first: 龙华店乡河北省沧州市河间市龙华店乡."""
ORGANISATION = re.compile(r"[^\d路街道巷号区县镇乡村]{2,}(?:公司|学院|大学|集团)\Z")
"""A name that begins with a place is no address: 浙江传媒学院."""
_REMEMBERED = 20_000
_SKIPPED = frozenset(" ,，、/|_>-·.。:：;；\t\n省自直市县其nNu中生")
"""What separators and noise begin with."""
NOWHERE: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Head:
    """The divisions of an address.

    Args:
        levels: the names that are certain, by level (1 province, 2 city, 3 county).
        status: `full`, `partial` (no county), `ambiguous`, `conflict` or `none`.
        code: of the deepest division; empty where it is open.
        short: whether a name was written short.
        filled: whether a level was left out in the text.
        former: whether a division is named that exists no more, and stays.
        renamed: whether one was, and is written as what it became.
        candidates: whole chains, where it is not certain which, or where a former one is kept.
        shown: what callers made of it, kept because thousands of addresses share one head.
    """

    levels: Mapping[int, str] = field(default_factory=dict)
    status: Literal["full", "partial", "ambiguous", "conflict", "none"] = "none"
    code: str = ""
    short: bool = False
    filled: bool = False
    former: bool = False
    renamed: bool = False
    candidates: tuple[str, ...] = ()
    shown: dict[object, dict[str, str]] = field(default_factory=dict, compare=False, repr=False)

    @cached_property
    def chain(self) -> str:
        """The names in one, 北京市 not doubled."""
        return "".join(dict.fromkeys(self.levels[level] for level in sorted(self.levels)))


@dataclass(slots=True)
class Place:
    """An address read: its divisions, the township it goes on with, and all the text behind the divisions.

    `ended` says that no division can begin where the rest begins.
    """

    head: Head
    rest: str = ""
    township: str = ""
    township_code: str = ""
    ended: bool = False


@dataclass(slots=True)
class _Found:
    """What the reading has come to: the divisions that are possible, the names that told them, and where they end."""

    chains: list[Division] = field(default_factory=list)
    given: list[Token] = field(default_factory=list)
    position: int = 0
    again: bool = False
    other: Token | None = None


class Reader:
    """Reads places by one gazetteer.

    Args:
        as_of: the year at whose end the divisions existed; None for the newest table.
        keep: whether the names of divisions that are gone stay, though all of them became another.
    """

    def __init__(self, as_of: int | None = None, *, keep: bool = False) -> None:
        self.names = Gazetteer(as_of)
        self.keep = keep
        self._beginnings = Beginnings(self.names)
        self._heads: dict[tuple[str, ...], Head] = {}
        self._stable: dict[tuple[str, str], bool] = {}

    def read(self, text: str, marks: frozenset[int] = NOWHERE) -> Place:
        """Return the place at the start of `text`, in which blanks were taken out at `marks`."""
        found = _Found()
        state, end = self._beginnings.of(text, marks)
        if state:
            head = state.head
            if head and self._ends(text, end, state.chains[0]):
                rest = text[end:]
                if not ENDING.search(rest, 1, 12):
                    return Place(head, rest, ended=True)
                if state.chains[0].level == COUNTY:
                    return Place(head, rest, *township_in(rest, head.code), ended=True)
            found = _Found(list(state.chains), list(state.given), end)
        begun = found.position
        self._walk(text, found, marks)
        if not found.chains:
            return self._behind_township(text, marks)
        place = self._place(found, text[self._skip(text, found.position, after=True) :], text)
        if not marks and found.position > begun and not found.again and not found.other:
            self._beginnings.keep(text, found.position, found.chains, found.given, place.head)
        return place

    def settles(self, place: Place) -> bool:
        """Whether a place written in full is read as the same again."""
        head, chain = place.head, place.head.chain
        stable = self._stable.get((head.code, chain))
        if stable is None:
            again = self.read(chain + "1")
            same = again.head.chain == chain and max(head.levels.values(), key=len) not in self.names.beginnings
            known = again.head.code == head.code and head.code in self.names.by_code
            stable = self._stable[head.code, chain] = same and known and again.rest == "1"
        city = chain[-1] + place.rest[:2] in CITY_IN_NAME
        if stable and not city and (place.ended or self._ends(place.rest, 0, self.names.by_code[head.code])):
            return True
        again = self.read(chain + place.rest)
        return again.rest == place.rest and again.head.chain == chain

    def _ends(self, text: str, end: int, last: Division) -> bool:
        """Whether the divisions surely end here, with `last`: no name of another begins, and nothing is to be skipped."""
        if text[end : end + 1] in _SKIPPED and self._skip(text, end, after=True) > end:
            return False
        names = self.names.starts.get(text[end : end + 2])
        return names is None or not any(
            text.startswith(name, end) and self.names.possible(name, last) for name in names
        )

    def _behind_township(self, text: str, marks: frozenset[int]) -> Place:
        """Read a text that begins with no division, but perhaps with a township that the divisions follow."""
        first = TOWNSHIP_FIRST.match(text)
        token = self.names.token(text, first.end(), None, marks) if first else None
        if first and token and not token.short and any(one.level < COUNTY for one in token.candidates):
            found = _Found(position=first.end())
            self._walk(text, found, marks)
            rest = text[self._skip(text, found.position, after=True) :]
            place = self._place(found, rest, text)
            if place.head.status in ("full", "partial"):
                place.rest = rest if first[1] in rest else first[1] + rest
                return place
            return Place(Head(), text)
        rest = text[self._skip(text, 0, after=False) :]
        return Place(Head(candidates=self.names.perhaps(rest)), rest)

    def _walk(self, text: str, found: _Found, marks: frozenset[int]) -> None:
        for _ in range(10):
            chains = found.chains
            start = self._skip(text, found.position, after=bool(chains))
            if text[start : start + 2] not in self.names.starts:
                break
            token = self.names.token(text, start, chains[0] if chains else None, marks)
            if token is None:
                break
            deeper = (
                narrowed(chains, token) if not chains or chains[0].level < COUNTY else _prefecture_meant(found, token)
            )
            if deeper and not (token.short and repeats(token, chains)):
                found.chains, found.position = deeper, token.end
                found.given.append(token)
            elif self._said_again(text, token, found, marks):
                found.position, found.again = token.end, True
            else:
                if self._contradicts(text, token, found, marks):
                    found.other = token
                break

    def _said_again(self, text: str, token: Token, found: _Found, marks: frozenset[int]) -> bool:
        """Whether a name says nothing new: the same once more, or the way down from the province begun again."""
        chains = found.chains
        if not chains:
            return False
        if repeats(token, chains):
            doubled = token.text == found.given[-1].text
            if found.again or (not token.short and (chains[0].level < COUNTY or doubled)):
                return True
            if not doubled:
                return False
        outer = [one for one in token.candidates if any(inside_of(chain, one) for chain in chains)]
        if not outer:
            return False
        start = self._skip(text, token.end, after=True)
        follows = self.names.token(text, start, outer[0], marks)
        if follows is None:
            return False
        if repeats(follows, chains) and not repeats(token, chains):
            return True
        deeper = any(inside_of(one, chain) for one in follows.candidates for chain in chains)
        higher = any(inside_of(chain, one) for one in follows.candidates for chain in chains)
        return (deeper and chains[0].level < COUNTY) or (higher and not follows.short and not token.short)

    def _contradicts(self, text: str, token: Token, found: _Found, marks: frozenset[int]) -> bool:
        """Whether a full name contradicts the names before it: a county or city elsewhere, not a street called so."""
        chain, first = (found.chains or token.candidates)[0], token.candidates[0]
        if token.short or not found.chains or token.text[-1] not in "省市区县州盟旗" or len(token.text) == len("城区"):
            return False
        if chain.level < COUNTY:
            counties = chain.level == PROVINCE or (chain.province, chain.city) in self.names.cities_with_counties
            return counties or first.level < COUNTY
        if first.level == COUNTY:
            return any(
                (one.province, one.city) == (chain.province, chain.city) and not one.former for one in token.candidates
            )
        if first.level == PROVINCE and first.province != chain.province:
            _, codes = leading_township(text[token.end :])
            if any(code.startswith(first.code[:2]) for code in codes):
                return True
        follows = self.names.token(text, token.end, first, marks)
        if follows is None or follows.short or not any(inside_of(one, first) for one in follows.candidates):
            return False
        return not any(inside_of(one, other) for one in found.chains for other in follows.candidates)

    @staticmethod
    def _skip(text: str, position: int, *, after: bool) -> int:
        if text[position : position + 1] not in _SKIPPED:
            return position
        while True:
            found = SEPARATOR.match(text, position) or (NOISE if after else FRONT_NOISE).match(text, position)
            if not found:
                return position
            position = found.end()

    def _place(self, found: _Found, rest: str, text: str) -> Place:
        chains = found.chains
        if found.other:
            other = [one for one in found.other.candidates if not one.former] or found.other.candidates
            both = [*("".join(one.chain) for one in chains), *("".join(one.chain) for one in other)]
            return Place(Head(status="conflict", candidates=tuple(dict.fromkeys(both))[:5]), text)
        if chains[0].level < COUNTY and all(token.short for token in found.given) and ORGANISATION.match(rest):
            return Place(Head(), text)
        told = False
        if ENDING.search(rest, 1, 12):
            chains, told = self._by_township(chains, rest)
        if len(chains) > 1:
            return Place(self._open(chains, found.given), rest)
        fixed = not told and not chains[0].former
        key: tuple[str, ...] = (chains[0].code, *[token.text for token in found.given]) if fixed else ()
        head = self._heads.get(key) if key else None
        if head is None:
            head = self._head(chains[0], found.given, rest, told=told)
            if key and len(self._heads) < _REMEMBERED:
                self._heads[key] = head
        township, code = township_in(rest, head.code) if head.code else ("", "")
        return Place(head, rest, township, code)

    def _by_township(self, chains: list[Division], rest: str) -> tuple[list[Division], bool]:
        """Return the one division that has the township the text goes on with, and whether that told it."""
        if len(chains) > 1:
            having = owners([chain for chain in chains if chain.level == COUNTY], rest)
            return (having, True) if len(having) == 1 else (chains, False)
        chain = chains[0]
        if chain.level == COUNTY or chain.former:
            return chains, False
        municipal = chain.level == PROVINCE and chain.name.endswith("市")
        if chain.level == PROVINCE and not municipal:
            return chains, False
        county = self.names.by_code.get(county_of(rest, chain.code[:2] if municipal else chain.code[:4]))
        return ([county], True) if county and county.level == COUNTY else (chains, False)

    def _open(self, chains: list[Division], given: list[Token]) -> Head:
        """Return what is certain though several divisions fit: the levels above them that were named, and their own name."""
        levels = shared_levels(chains) if len(given) > 1 else {}
        name = chains[0].name
        if len({chain.name for chain in chains}) == 1 and chains[0].level == COUNTY and len(name) > len("城区"):
            levels = {**levels, COUNTY: name}
        candidates = tuple(dict.fromkeys("".join(chain.chain) for chain in chains))
        return Head(levels, "ambiguous", short=any(token.short for token in given), candidates=candidates)

    def _head(self, found: Division, given: list[Token], rest: str, *, told: bool) -> Head:
        written = [one for token in given for one in token.candidates if one.former and one.name == token.text]
        heirs = [self.names.by_code[code] for code in found.became if code in self.names.by_code]
        if len(heirs) > 1 and ENDING.search(rest, 1, 12):
            heirs = heir_of(heirs, rest)
        former, renamed = found.former, False
        candidates: tuple[str, ...] = ()
        if found.former and len(heirs) == 1 and not self.keep and not self._elsewhere(heirs[0], rest):
            found, former, renamed = heirs[0], False, True
        elif found.former:
            candidates = tuple("".join(heir.chain) for heir in heirs)
        levels = levels_of(found)
        if not found.former and any(one.level == CITY and one.name != levels.get(CITY) for one in written):
            old = next(one for one in written if one.level == CITY and one.name != levels.get(CITY))
            if inside_of(found, old):
                renamed, former = not self.keep, self.keep
                levels = {**levels, CITY: old.name} if self.keep else levels
        names = set(levels.values())
        said = {token.text for token in given} | {
            one.name for token in given if not token.short for one in token.candidates
        }
        briefs = {one.name for token in given if token.short for one in token.candidates}
        filled = bool(names - said - briefs) and not renamed
        complete = found.level == COUNTY or (found.province, found.city) not in self.names.cities_with_counties
        return Head(
            levels, "full" if complete else "partial", found.code, any(token.short for token in given),
            filled or told, former, renamed, candidates,
        )  # fmt: skip

    def _elsewhere(self, heir: Division, rest: str) -> bool:
        """Whether the township behind a renamed division belongs to another county of its prefecture: a part went there."""
        county = county_of(rest, heir.code[:4]) if ENDING.search(rest, 1, 12) else ""
        return county in self.names.by_code and county != heir.code


def _prefecture_meant(found: _Found, token: Token) -> list[Division]:
    """Return the county behind 阿克苏市, where 阿克苏地区 was meant by it, or behind a name that was a prefecture's once (巢湖市庐江县)."""
    if len(found.chains) > 1 or token.short:
        return []
    chain = found.chains[0]
    old = [one for one in found.given[-1].candidates if one.level == CITY and one.former]
    counties = [one for one in token.candidates if one.level == COUNTY and one.code != chain.code]
    inside = [one for one in counties if any(inside_of(one, city) for city in old)]
    if inside or not chain.name.endswith("市") or short_name(chain.name, COUNTY) != short_name(chain.city, CITY):
        return latest([one for one in inside if one.former]) if all(one.former for one in inside) else [
            one for one in inside if not one.former
        ]  # fmt: skip
    return [one for one in counties if not one.former and (one.province, one.city) == (chain.province, chain.city)]


@cache
def _reader(as_of: int | None, keep: bool) -> Reader:  # noqa: FBT001
    return Reader(as_of, keep=keep)


def reader(as_of: int | None = None, *, keep: bool = False) -> Reader:
    """Return the one reader of the process for these options."""
    return _reader(as_of, keep)
