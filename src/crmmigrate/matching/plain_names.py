"""Plain company names, most of them, taken apart together: 杭州启明机械有限公司, 启明机械(杭州)有限公司, 启明机械.

A place may stand at the head and a legal form at the end; in between is no word that `company_parts.take_apart` looks for.
That is searched for in all names at once: together they take two fifths of the time. What comes out is what `take_apart` gives:
`tests/matching/test_plain_names.py` holds the two together.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING, NamedTuple

from crmmigrate.matching import company_marks, company_parts, mistyped_places, organisations, places, public_body
from crmmigrate.matching.company_parts import Name
from crmmigrate.matching.company_readings import may_be_read_otherwise, trades
from crmmigrate.matching.folding import bare
from crmmigrate.matching.trade_words import trade_in_full, trade_otherwise

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import pyarrow as pa

    from crmmigrate.matching.places import Place

_CHINESE = "[\u3400-\u9fff]"
_LIMITED, _SHARES = ("有限责任公司", "有限公司"), "股份"
_FORM = "(?:股份)?有限(?:责任)?公司"
_LETTERS = rf"{_CHINESE}{{2}}(?:{_CHINESE}|[a-z])*"
_PLAIN = rf"^{_LETTERS}{_CHINESE}$"
_NOTED = re.compile(rf"([^()]*(?:\([^()]*\))?[^()]*公司)\((?:{company_marks.STATE}|{company_marks.TERMS})\)")
"""杭州启明机械有限公司(老客户)."""

_BRACKETED = re.compile(rf"({_CHINESE}{{2,}})\(((?!原){_CHINESE}{{2,6}})\)((?:{_CHINESE}|[a-z])*{_FORM})")
"""启明机械(杭州)有限公司; what was 原 called something is a former name."""

_BLANKS = re.compile(rf"{_CHINESE}(?:{_CHINESE}|[a-z\s\u200b\ufeff])*")
_FORMERLY = re.compile("曾用名|原名|更名前|前身")
_BRANCH = re.compile(rf"({_LETTERS}?{_FORM})({_CHINESE}{{2,8}}分公司)")
_INSIDE = re.compile("公司|集团|银行|事务所|合作社|会社")
_COMPANY, _OFFICE = "公司", "分公司"
_NUMERALS = "一二三四五六七八九十"
_AT_ONCE = frozenset("省市" + _NUMERALS)
"""What looks like more of the place, or like a number."""

_LEAST = 2
"""Characters that are left of a name without its place and form."""

_ROOM = "龘" * 6
"""Stands behind a place for a name that is like no other."""


class _Head(NamedTuple):
    """A place at the head of a name.

    Args:
        place: province and city.
        district: of a county-level city its name, without the word that says what it is.
        seat: see `Name`.
    """

    place: Place
    district: str
    seat: str


class _Opened(NamedTuple):
    """A name whose parts lie open.

    Args:
        full: see `Name`.
        text: without brackets and branch.
        place: in brackets, None where there is none.
        branch: see `Name`.
        group: see `Name`.
    """

    full: str
    text: str
    place: Place | None
    branch: str
    group: bool


_ODD = _Opened("", "", None, "", group=False)


def taken_apart(folded: Sequence[str]) -> list[list[Name]]:
    """Return what `take_apart` gives of each folded name."""
    import pyarrow as pa

    opened = [_opened(text) for text in folded]
    odd = _odd(pa.array([name.text for name in opened], pa.large_string())).to_pylist()
    return [
        (not is_odd and _names(name)) or company_parts.take_apart(text)
        for text, name, is_odd in zip(folded, opened, odd, strict=True)
    ]


def _opened(text: str) -> _Opened:
    """Open a folded name; one that has something else in it than Chinese characters and letters stays as it is."""
    if not text.isalnum():
        group = "集团" in text
        if text.endswith(")") and (noted := _NOTED.fullmatch(text)):
            text = noted.group(1)
        if "(" not in text:
            if _BLANKS.fullmatch(text) and text.endswith("司") and not _FORMERLY.search(text):
                whole = bare(text)
                if whole.endswith(_LIMITED) or text.endswith(_OFFICE):
                    return _with_branch(whole, group=group)
            if not text.isalnum():
                return _ODD
        elif text.endswith(_COMPANY) and (found := _BRACKETED.fullmatch(text)):
            before, inner, behind = found.groups()
            full = before + inner + behind
            if place := _only_place(inner):
                return _Opened(full, before + behind, place, "", group)
        else:
            return _ODD
    return _with_branch(text, group="集团" in text)


def _with_branch(text: str, *, group: bool) -> _Opened:
    """Open a name that may end in a branch."""
    if text.endswith(_OFFICE) and (found := _BRANCH.fullmatch(text)):
        company, branch = found.groups()
        if not _INSIDE.search(branch, 0, len(branch) - len(_OFFICE)):
            return _Opened(text, company, None, branch, group)
    return _Opened(text, text, None, "", group)


def _odd(names: pa.Array) -> pa.Array:
    """Return which names have something that is looked for."""
    import pyarrow.compute as pc

    def found(pattern: str) -> pa.Array:
        return pc.match_substring_regex(names, pattern)

    odd = pc.or_(pc.invert(found(_PLAIN)), found(_anywhere()))
    return pc.or_(odd, pc.if_else(found(f"{_FORM}$"), found(f"(?:{_core_ends()}){_FORM}$"), found(_formless())))


def _any_of(words: Iterable[str]) -> str:
    return "|".join(sorted(words))


@cache
def _anywhere() -> str:
    """Return the pattern of what is looked for anywhere in a name: districts, towns, numbers, shops of a chain."""
    return f"[区县旗镇乡社第附付]|市[场政]|连锁|街道|中国|[弟迪蒂娣帝递地][{_NUMERALS}]|卫生院"


def _ends_in_core() -> Iterator[str]:
    yield from company_parts.LEGAL_FORMS
    yield from public_body.FULL
    yield from public_body.FULL_IN_PLACE
    yield from ("医院", "大")


@cache
def _core_ends() -> str:
    """Return the pattern of what is looked for at the end of a name without its legal form."""
    return _any_of(_ends_in_core())


@cache
def _formless() -> str:
    """Return the pattern of what is looked for in a name without a legal form, or with one that is written otherwise."""
    ends = {branch[-1] for branch in company_parts.BRANCHES} | set(public_body.LAST)
    last = "".join(sorted(sign for sign in ends if re.fullmatch(_CHINESE, sign)))
    return f"[司限冇院学校]|分.{{0,2}}$|[{last}]$|(?:{_core_ends()})$"


@cache
def _odd_heads() -> dict[str, tuple[str, ...]]:
    """Return by their first two characters the heads of well-known organisations, mistyped places, ranks, and of places that are hard to tell."""
    odd = {*organisations.called(), *mistyped_places.mistyped_cities(), *company_parts.BANKS, "个体", "中华", "国家"}
    odd |= {name for name in places.place_names() if len(name) > 1 and name not in _heads()}
    found: dict[str, tuple[str, ...]] = {}
    for head in sorted(odd):
        found[head[:2]] = (*found.get(head[:2], ()), head)
    return found


@cache
def _heads() -> dict[str, _Head]:
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
        place, district, rest = places.take_district(head + _ROOM, keep=_LEAST)
        if rest == _ROOM and place.province:
            found[head] = _Head(place, company_parts.without_kind(district), places.city_pinyin(place))
    return found


@cache
def _sizes() -> dict[str, tuple[int, ...]]:
    """Return by the first two characters how long the heads are, the longest first."""
    found: dict[str, set[int]] = {}
    for head in _heads():
        found.setdefault(head[:2], set()).add(len(head))
    return {head: tuple(sorted(sizes, reverse=True)) for head, sizes in found.items()}


_only_place = lru_cache(maxsize=20_000)(places.only_place)
_plain_branch = lru_cache(maxsize=20_000)(company_parts.plain_branch)
_NOWHERE = _Head(places.Place(), "", "")


def _names(opened: _Opened) -> list[Name] | None:
    """Return a plain name taken apart; None where it is not as plain as it seemed."""
    full, text, place, branch, group = opened
    start = text[:2]
    if start in _odd_heads() and (text.startswith(_odd_heads()[start]) or full.startswith(_odd_heads()[start])):
        return None
    formal = text.endswith(_LIMITED)
    stem = text.removesuffix(_LIMITED[0]).removesuffix(_LIMITED[1]).removesuffix(_SHARES) if formal else text
    head, core = _NOWHERE, stem
    for size in _sizes().get(start, ()):
        if found := _heads().get(stem[:size]):
            head, core = found, stem[size:]
            break
    if len(core) < _LEAST or core[0] in _AT_ONCE or "市" in core:
        return None
    if not formal and text[-1] in company_marks.ENDS and company_marks.without_people(text)[0] != text:
        return None
    at, district, seat = head
    if place and not at.province:
        at, seat = place, places.city_pinyin(place)
    if may_be_read_otherwise(core, at):
        return None
    core = trade_in_full(core)
    own = Name(
        full, core, at, _plain_branch(branch, at) if branch else "", group, "公司" if formal else "", False, "",
        district, core in trades(), company_parts.brand_pinyin(core[:2]), seat,
    )  # fmt: skip
    other = trade_otherwise(core)
    return [own, own._replace(core=other, at_most="here")] if other else [own]
