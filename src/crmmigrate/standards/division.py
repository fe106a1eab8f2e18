"""One province, city or county by its full name: 北京 and 北京市 are one; 朝阳区 alone, where several are called so, keeps its name.

Source: the Ministry of Civil Affairs' divisions as of 2025-12-31 (`data/README.md`).
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Literal

from crmmigrate.messages import Message
from crmmigrate.model.standard import Cleaned, Flag, Standard
from crmmigrate.standards._divisions import CITY, COUNTY, PROVINCE, divisions, former_divisions, short_name
from crmmigrate.standards._door import line
from crmmigrate.standards._fold import simplified
from crmmigrate.standards._places import reader
from crmmigrate.standards.empty import ALL_CODES, says_nothing

if TYPE_CHECKING:
    from crmmigrate.model.standard import Cleaner

CODES = {
    **ALL_CODES,
    "division.name": Message("a division written with its full name"),
    "division.inside": Message("the division was written with those it lies in"),
    "division.ambiguous": Message("several divisions are called so"),
    "division.former": Message("a division that exists no more"),
    "division.unknown": Message("no division is called so"),
}
NAME, INSIDE = Flag("division.name", "info"), Flag("division.inside", "info")
AMBIGUOUS, FORMER, UNKNOWN = (Flag(f"division.{name}") for name in ("ambiguous", "former", "unknown"))
LEVELS = {"province": PROVINCE, "city": CITY, "county": COUNTY}


def make(level: Literal["province", "city", "county"] = "province") -> Cleaner:
    """Return the cleaner.

    Args:
        level: what the column holds; a municipality is province and city, a county directly under its province is a city too.

    Raises:
        ValueError: another level.
    """
    if level not in LEVELS:
        raise ValueError(f"level: {level}")
    full, brief, former = _names(LEVELS[level])
    higher = _names(PROVINCE)[1] if level == "city" else {}

    def clean(raw: str) -> Cleaned:
        """Return the full name, or the raw text with a flag that says why not."""
        text, _ = line(raw)
        nothing = says_nothing(text)
        if nothing:
            return Cleaned(None, (nothing,))
        name = simplified(text).replace(" ", "").strip("-/,，")
        if name in full:
            return Cleaned(name, () if name == raw else (NAME,))
        found = sorted({*brief.get(name, ()), *higher.get(name, ())} if name in brief else ())
        if len(found) == 1:
            return Cleaned(found[0], (NAME,))
        if found:
            return Cleaned(raw, (AMBIGUOUS,), "suggested", candidates=tuple(found))
        if name in former:
            return Cleaned(raw, (FORMER,), "suggested")
        return _inside(raw, name, full)

    return clean


def _names(level: int) -> tuple[frozenset[str], dict[str, set[str]], frozenset[str]]:
    """Return full names, full names by what people call them, and the names that are gone."""
    mine = [
        division.name for division in divisions()
        if division.level == level
        or (level == CITY and division.level == PROVINCE and division.name.endswith("市"))
        or (level == CITY and division.level == COUNTY and not division.city)
    ]  # fmt: skip
    brief: dict[str, set[str]] = defaultdict(set)
    for name in mine:
        short = short_name(name, level)
        brief[short].add(name)
        for long, ending in (("自治州", "州"), ("自治县", "县"), ("特别行政区", "")):
            if name.endswith(long):
                brief[short + ending].add(name)
        if level == PROVINCE:
            brief[short + ("市" if name.endswith("市") else "省")].add(name)
            if "自治区" in name:
                brief[short + "自治区"].add(name)
    gone = frozenset(division.name for division in former_divisions() if division.level == level)
    return frozenset(mine), dict(brief), gone


def _inside(raw: str, name: str, full: frozenset[str]) -> Cleaned:
    """Take 浙江省杭州市 for 杭州市: the text must be nothing but divisions, each in the one before."""
    head_and_rest = reader().read(name)
    head = head_and_rest.head
    if head.status not in ("full", "partial") or head_and_rest.rest or head.former:
        return Cleaned(raw, (UNKNOWN,), "suggested", candidates=head.candidates)
    deepest = head.levels[max(head.levels)]
    if deepest in full:
        return Cleaned(deepest, (INSIDE,), "likely" if head.short or head.renamed else "certain")
    outer = tuple(name for name in head.levels.values() if name in full)
    return Cleaned(raw, (UNKNOWN,), "suggested", candidates=outer)


STANDARD = Standard("division", make, Message("provinces, cities or counties by their full names"), ("level",), CODES)
