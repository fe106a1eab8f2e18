"""Read the divisions an address begins with, and say only what follows from them.

Full names are taken wherever they stand in order; short names (浙江 杭州 西湖) only where nothing else can be meant: not before 路 or 大学,
a county's only behind its province or city. A level that is left out is filled where one division fits, else it stays open.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cache

from crmmigrate.standards._divisions import CITY, COUNTY, PROVINCE, Division, divisions, former_divisions, short_name

NOT_A_PLACE = re.compile(
    r"[东西南北中新老上下大小环]{0,2}[一二三四五六七八九十]?(?:路|街|大道|大街|道|巷|弄|胡同|镇|乡|村|桥|湖|山|江|河|港|口|门|里|园|城|站|湾)|"
    r"大厦|大楼|广场|公园|花园|小区|新村|新城|大学|学院|医院|银行|公司|集团|国际|饭店|酒店|宾馆|中学|小学|火车站|高铁|机场|工业|科技|经济|开发区|高新|人民|商|电|"
    r"[省市区县州盟旗]"
)
NOT_A_CITY = re.compile(
    r"[东西南北中新老]{0,2}[一二三四五六七八九十]?(?:路|街|大道|大街|道|巷|弄|胡同)|大厦|大楼|广场|公园|大学|学院|医院|银行|公司|集团|国际|饭店|酒店|宾馆|"
    r"[省市区县州盟旗]"
)
"""Behind the short name of a city or province these say that it is part of another name."""
STREET = re.compile("[\u4e00-\u9fff]{1,6}?(?:路|街|大道|道|巷|弄|镇|乡|村|园|区|号)")
SEPARATOR = re.compile(r"[\s,，、/|_>\-·.。:：;；]+")
NOISE = re.compile(r"(?:省直辖县级行政区划|自治区直辖县级行政区划|市辖区|省直辖|县(?=[\u4e00-\u9fff]{2,6}县))")
CITY_IN_NAME = frozenset(("市中区", "市北区", "市南区"))
"""Counties whose name begins with 市: 济南市中区 lacks one 市, not two."""
AMBIGUOUS_SHORT = frozenset(("朝阳",))
"""Short names of a prefecture that mean somebody else's county as often."""


@dataclass(frozen=True, slots=True)
class Token:
    """A name found in the text, what it may be, and where it ends."""

    text: str
    candidates: tuple[Division, ...]
    end: int
    short: bool


@dataclass(slots=True)
class Place:
    """What an address begins with.

    Args:
        chain: the divisions' names from the province down that are certain.
        levels: names by level (1 province, 2 city, 3 county).
        rest: the text behind them.
        status: `full`, `partial`, `ambiguous`, `conflict` or `none`.
        candidates: whole chains, where it is not certain which.
    """

    levels: dict[int, str] = field(default_factory=dict)
    rest: str = ""
    status: str = "none"
    code: str = ""
    short: bool = False
    filled: bool = False
    former: bool = False
    candidates: tuple[str, ...] = ()

    @property
    def chain(self) -> str:
        """The names in one, 北京市 not doubled."""
        return "".join(dict.fromkeys(self.levels[level] for level in sorted(self.levels)))


class Gazetteer:
    """Names by their first two characters, longest first."""

    def __init__(self) -> None:
        full: dict[str, list[Division]] = defaultdict(list)
        short: dict[str, list[Division]] = defaultdict(list)
        now = divisions()
        for division in now:
            full[division.name].append(division)
            brief = short_name(division.name, division.level)
            if brief != division.name:
                short[brief].append(division)
            for long, ending in (("自治州", "州"), ("自治县", "县")):
                if division.name.endswith(long) and brief + ending != division.name:
                    full[brief + ending].append(division)
        exists = {(division.province, division.name) for division in now}
        for division in former_divisions():
            if (division.province, division.name) not in exists and len(division.name) > 2:
                full[division.name].append(division)
        self.full, self.short = dict(full), dict(short)
        self.cities_with_counties = {(division.province, division.city) for division in now if division.level == COUNTY}
        starts: dict[str, set[str]] = defaultdict(set)
        for name in (*full, *short):
            starts[name[:2]].add(name)
        self.starts = {start: sorted(names, key=len, reverse=True) for start, names in starts.items()}

    def token(self, text: str, start: int, before: Division | None, marks: frozenset[int]) -> Token | None:
        """Return the longest name at `start` that may be a division, or None."""
        for name in self.starts.get(text[start : start + 2], ()):
            if not text.startswith(name, start):
                continue
            end = start + len(name)
            if name in self.full:
                if name[-1] == "市" and text[end - 1 : end + 2] in CITY_IN_NAME and self._names_county(text, end, name):
                    return Token(name[:-1], tuple(self.full[name]), end - 1, short=True)
                return Token(name, tuple(self.full[name]), end, short=False)
            candidates = self._short(name, text, end, before, marks)
            if candidates:
                return Token(name, candidates, end, short=True)
        return None

    def _short(
        self, name: str, text: str, end: int, before: Division | None, marks: frozenset[int]
    ) -> tuple[Division, ...]:
        alone = end == len(text) or end in marks or SEPARATOR.match(text, end)
        found = tuple(self.short[name])
        high = tuple(division for division in found if division.level < COUNTY)
        if not alone:
            refused = NOT_A_CITY if high else NOT_A_PLACE
            if refused.match(text, end) and not any(self._goes_on(text, end, division, marks) for division in high):
                return ()
        if before is None:
            if high:
                top = tuple(division for division in high if division.level == PROVINCE)
                return top or (found if name in AMBIGUOUS_SHORT else high)
            return found if len(found) == 1 and found[0].name.endswith("市") else ()
        inside = tuple(division for division in found if _inside(division, before))
        higher = tuple(division for division in inside if division.level < COUNTY)
        if higher:
            return higher
        refused_county = not alone and (NOT_A_PLACE.match(text, end) or not STREET.match(text, end))
        return () if refused_county else inside

    def _names_county(self, text: str, end: int, city: str) -> bool:
        """Whether 济南市中区 is 济南 and 市中区: that city has such a county, and 中区 is none."""
        county = text[end - 1 : end + 2]
        return any(division.city == city for division in self.full[county]) and text[end : end + 3] != county

    def _goes_on(self, text: str, end: int, division: Division, marks: frozenset[int]) -> bool:
        """Whether a division inside of this one follows at once: 杭州西湖区, though 西湖 alone might be a lake."""
        token = self.token(text, end, division, marks)
        return token is not None and any(
            _inside(candidate, division) and candidate != division for candidate in token.candidates
        )

    def read(self, text: str, marks: frozenset[int]) -> Place:
        """Return the place at the start of `text`, in which blanks were taken out at `marks`."""
        chains: list[Division] = []
        position = 0
        given: list[Token] = []
        for _ in range(6):
            start = self._skip(text, position, bool(chains))
            token = self.token(text, start, chains[0] if chains else None, marks)
            if token is None or (chains and chains[0].level == COUNTY and not _repeats(token, chains)):
                break
            deeper = _deeper(chains, token)
            if not deeper:
                if token.short or not _conflicts(chains, token):
                    break
                return _conflict(text, chains, token)
            chains, position = deeper, token.end
            given.append(token)
        return self._place(chains, given, text[self._skip(text, position, after=bool(chains)) :])

    @staticmethod
    def _skip(text: str, position: int, after: bool) -> int:  # noqa: FBT001
        while True:
            found = SEPARATOR.match(text, position) or (NOISE.match(text, position) if after else None)
            if not found:
                return position
            position = found.end()

    def _place(self, chains: list[Division], given: list[Token], rest: str) -> Place:
        if not chains:
            return Place(rest=rest)
        place = Place(rest=rest, short=any(token.short for token in given))
        if len(chains) > 1:
            place.status = "ambiguous"
            place.candidates = tuple(dict.fromkeys("".join(division.chain) for division in chains))
            place.levels = _common(chains) if len(given) > 1 else {}
            return place
        found = chains[0]
        place.levels = _levels(found)
        place.code, place.former = found.code, found.former
        shown = {name for token in given for name in (token.text,)}
        brief = {short_name(name, level) for level, name in place.levels.items()} | set(place.levels.values())
        place.filled = len(shown & brief) < len(set(place.levels.values()))
        complete = found.level == COUNTY or (found.province, found.city) not in self.cities_with_counties
        place.status = "full" if complete else "partial"
        return place


def _inside(division: Division, outer: Division) -> bool:
    """Whether a division lies in another, or is the same (北京市北京市)."""
    if division.province != outer.province or division.level < outer.level:
        return False
    if outer.level == PROVINCE:
        return True
    if outer.level == CITY:
        return division.city == outer.city
    return division.code == outer.code


def _repeats(token: Token, chains: list[Division]) -> bool:
    return any(candidate.code == chain.code for candidate in token.candidates for chain in chains)


def _deeper(chains: list[Division], token: Token) -> list[Division]:
    """Return what the token's candidates leave of the chains; those that exist before those that are gone."""
    if not chains:
        found = list(token.candidates)
    else:
        found = [candidate for candidate in token.candidates if any(_inside(candidate, chain) for chain in chains)]
    now = [division for division in found if not division.former]
    found = now or list({(division.province, division.city, division.name): division for division in found}.values())
    same = [division for division in found if any(division.code == chain.code for chain in chains)]
    return same if same and len(found) > 1 else found


def _conflicts(chains: list[Division], token: Token) -> bool:
    """Whether a full name behind other names contradicts them: a county or city elsewhere, not a street called so."""
    return bool(chains) and token.text[-1] in "省市区县州盟旗"


def _conflict(text: str, chains: list[Division], token: Token) -> Place:
    candidates = [
        *("".join(chain.chain) for chain in chains),
        *("".join(division.chain) for division in token.candidates),
    ]
    return Place(rest=text, status="conflict", candidates=tuple(dict.fromkeys(candidates))[:5])


def _levels(division: Division) -> dict[int, str]:
    levels = {PROVINCE: division.province, CITY: division.city if division.level > PROVINCE else ""}
    if division.level == CITY:
        levels[CITY] = division.name
    if division.level == COUNTY:
        levels[COUNTY] = division.name
    if division.level == PROVINCE and division.province.endswith("市"):
        levels[CITY] = division.province
    return {level: name for level, name in levels.items() if name}


def _common(chains: list[Division]) -> dict[int, str]:
    first = _levels(chains[0])
    shared: dict[int, str] = {}
    for level, name in sorted(first.items()):
        if any(_levels(chain).get(level) != name for chain in chains[1:]):
            break
        shared[level] = name
    return shared


@cache
def gazetteer() -> Gazetteer:
    """Return the one gazetteer of the process."""
    return Gazetteer()
