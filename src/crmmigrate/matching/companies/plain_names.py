"""Plain company names, most of them, taken apart together: 杭州启明机械有限公司, 启明机械(杭州)有限公司, 启明机械.

A place may stand at the head and a legal form at the end; in between is no word that `company_parts.take_apart` looks for.
Arrow searches for that in all names at once, and cuts them up together: what is plain is never a text of Python. What comes out is
what `take_apart` gives: `tests/matching/test_plain_names.py` holds the two together.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple

from crmmigrate.matching.companies import builders, offices, public_body, shop_in_town, trade_words, units, universities
from crmmigrate.matching.companies import marks as company_marks
from crmmigrate.matching.companies import parts as company_parts
from crmmigrate.matching.companies.brand_sounds import brand_pinyin
from crmmigrate.matching.companies.name_columns import Coded, Names, coded, columns, either, end_to_end, one
from crmmigrate.matching.companies.plain_heads import LEAST, has_odd_head, take_heads
from crmmigrate.matching.companies.readings import trades, which_may_be_read_otherwise
from crmmigrate.matching.companies.several_names import names_in
from crmmigrate.matching.companies.short_names import ends_in_person
from crmmigrate.matching.places import place as places
from crmmigrate.matching.texts.cells import ending, laid_out, mask, matched, texts_of
from crmmigrate.matching.texts.folding import bare

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import numpy as np
    import pyarrow as pa

    from crmmigrate.matching.places.place import Place

_CHINESE = "[\u3400-\u9fff]"
_LIMITED, _SHARES = ("有限责任公司", "有限公司"), "股份"
_FORM = "(?:股份)?有限(?:责任)?公司"
_LETTERS = rf"{_CHINESE}{{2}}(?:{_CHINESE}|[a-z])*"
_PLAIN = rf"^{_LETTERS}{_CHINESE}$"
_NO_LETTER = "[\u4dc0-\u4dff]"
"""Hexagrams."""

_NOTED = re.compile(rf"([^()]*(?:\([^()]*\))?[^()]*公司)\((?:{company_marks.STATE}|{company_marks.TERMS})\)")
"""杭州启明机械有限公司(老客户)."""

_BRACKETED = re.compile(rf"({_CHINESE}{{2,}})\(((?!原){_CHINESE}{{2,6}})\)((?:{_CHINESE}|[a-z])*{_FORM})")
"""启明机械(杭州)有限公司; what was 原 called something is a former name."""

_BLANKS = re.compile(rf"{_CHINESE}(?:{_CHINESE}|[a-z\s\u200b\ufeff])*")
_FORMERLY = re.compile(r"曾用名|原名|更名前|变更前|改名前|前身|\s旧[名称]|\s原")
_BRANCH = re.compile(rf"({_LETTERS}?{_FORM})({_CHINESE}{{2,8}}分公司)")
_BRAND, _BYTES = 2, 3
"""Characters of a brand; bytes of a Chinese character as UTF-8."""

_FEW = 2000
"""So few names are sooner taken apart one by one."""

_INSIDE = re.compile("公司|集团|银行|事务所|合作社|会社")
_COMPANY, _OFFICE = "公司", "分公司"
_NUMERALS = "一二三四五六七八九十"
_AT_ONCE = f"[省市{_NUMERALS}]"
"""What looks like more of the place, or like a number."""


class _Opened(NamedTuple):
    """Names whose parts lie open.

    Args:
        full: see `Name`.
        text: without brackets and branch, wherever these were cut off; of what they may be a part is looked for in `full` too.
        place: in brackets, None where there is none.
        branch: see `Name`.
        group: see `Name`.
    """

    full: pa.Array
    text: pa.Array
    place: Coded
    branch: Coded
    group: Coded

    def take(self, at: np.ndarray) -> _Opened:
        """Return some of the names."""
        import pyarrow as pa

        return _Opened(
            self.full.take(pa.array(at)), self.text.take(pa.array(at)), *(part.take(at) for part in self[2:])
        )


class _One(NamedTuple):
    """One name whose parts lie open, see `_Opened`."""

    full: str
    text: str
    place: Place | None
    branch: str
    group: bool


_ODD = _One("", "", None, "", group=False)


class Taken(NamedTuple):
    """Names taken apart.

    Args:
        names: in the order of the texts they were in.
        owners: the text of each.
    """

    names: Names
    owners: np.ndarray


def taken_apart(folded: pa.Array) -> Taken:
    """Return what `take_apart` gives of each folded name (large_string)."""
    import numpy as np

    return _one_by_one(folded, np.arange(len(folded))) if len(folded) < _FEW else together(folded)


def _one_by_one(folded: pa.Array, at: np.ndarray) -> Taken:
    """Return some names taken apart each by itself."""
    import numpy as np
    import pyarrow as pa

    lists = [company_parts.take_apart(text) for text in folded.take(pa.array(at)).to_pylist()]
    return Taken(columns([*chain(*lists)]), np.repeat(at, [*map(len, lists)]))


def together(folded: pa.Array) -> Taken:
    """Return `taken_apart`, whether they are many or few: what is wanted to do it together takes longer to make than a few names take."""
    import numpy as np
    import pyarrow as pa

    opened = _opened(folded)
    plain = np.flatnonzero(~_odd(opened.text))
    own, kept = _names(opened.take(plain))
    plain = plain[kept]
    some, owners = [own], [plain]
    other = trade_words.written_otherwise(own.core)
    if len(other):  # 汽车零件 is 汽车配件 as well
        words, at_most = zip(*map(trade_words.trade_otherwise, own.core.take(pa.array(other)).to_pylist()), strict=True)
        some.append(own.take(other)._replace(core=pa.array(words, pa.large_string()), at_most=coded(at_most)))
        owners.append(plain[other])
    rest = np.setdiff1d(np.arange(len(folded)), plain, assume_unique=True)
    if len(rest):
        odd = _one_by_one(folded, rest)
        some.append(odd.names)
        owners.append(odd.owners)
    if len(some) == 1:
        return Taken(own, plain)
    whole = np.concatenate(owners)
    order = np.argsort(whole, kind="stable")
    return Taken(end_to_end(some).take(order), whole[order])


def _opened(folded: pa.Array) -> _Opened:
    """Open folded names."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    count = len(folded)
    direct = matched(folded, _PLAIN) & ~matched(folded, _NO_LETTER)
    group = mask(pc.match_substring(folded, "集团"))
    rest = np.flatnonzero(~direct | mask(pc.ends_with(folded, _OFFICE)))
    singly = [_opened_one(text) for text in folded.take(pa.array(rest)).to_pylist()]
    full, text, place, branch, in_group = zip(*singly, strict=True) if singly else ((),) * len(_One._fields)
    which = np.zeros(count, dtype=bool)
    which[rest] = True
    group[rest] = in_group

    def among(values: Sequence[Any], nothing: Any) -> Coded:
        found = coded([nothing, *values])
        codes = np.zeros(count, dtype=np.int64)
        codes[rest] = found.codes[1:]
        return Coded(codes, found.values)

    whole, texts = (
        pc.replace_with_mask(folded, pa.array(which), pa.array(part, pa.large_string())) for part in (full, text)
    )
    return _Opened(whole, texts, among(place, None), among(branch, ""), either(False, True, group))


def _opened_one(text: str) -> _One:
    """Open a folded name; one that has something else in it than Chinese characters and letters stays as it is."""
    if not text.isalnum():
        group = "集团" in text
        if text.endswith(")") and (noted := _NOTED.fullmatch(text)):
            text = noted.group(1)
        if "(" not in text:
            if _BLANKS.fullmatch(text) and text.endswith("司") and not (_FORMERLY.search(text) or names_in(text)):
                whole = bare(text)
                if whole.endswith(_LIMITED) or text.endswith(_OFFICE):
                    return _with_branch(whole, group=group)
            if not text.isalnum():
                return _ODD
        elif text.endswith(_COMPANY) and (found := _BRACKETED.fullmatch(text)) and not re.search(_NO_LETTER, text):
            before, inner, behind = found.groups()
            full = before + inner + behind
            if place := _only_place(inner):
                return _One(full, before + behind, place, "", group)
        else:
            return _ODD
    return _with_branch(text, group="集团" in text)


def _with_branch(text: str, *, group: bool) -> _One:
    """Open a name that may end in a branch."""
    if text.endswith(_OFFICE):
        company = branch = ""
        if found := _BRANCH.fullmatch(text):
            company, branch = found.groups()
            plain = not _INSIDE.search(branch, 0, len(branch) - len(_OFFICE))
        elif plain := not _INSIDE.search(text, 0, len(text) - len(_OFFICE)):
            company, branch = company_parts.split_branch(text)
        if plain:
            return _One(text, company, None, branch, group)
    return _One(text, text, None, "", group)


def _odd(names: pa.Array) -> np.ndarray:
    """Return which names have something that is looked for."""
    import numpy as np

    formal = ending(names, *_LIMITED)
    ends = np.where(formal, matched(names, f"(?:{_core_ends()}){_FORM}$"), matched(names, _formless()))
    return np.asarray(~matched(names, _PLAIN) | matched(names, _anywhere()) | ends)


def _any_of(words: Iterable[str]) -> str:
    return "|".join(sorted(words))


@cache
def _anywhere() -> str:
    """Return the pattern of what is looked for anywhere in a name: districts, towns, markets, numbers, shops of a chain, what is no longer used, words that are mistyped."""
    return f"[区县旗镇乡社第附付]|市政|{shop_in_town.MARKETS}|连锁|街道|中国|[弟迪蒂娣帝递地][{_NUMERALS}]|卫生院|停用|禁用|作废|已[注吊冻失删]|{_any_of(offices.SLIPS)}"


def _ends_in_core() -> Iterator[str]:
    yield from company_parts.LEGAL_FORMS
    yield from public_body.FULL
    yield from public_body.FULL_IN_PLACE
    yield from ("医院", "分院", "法院", "检察院", "大", *universities.CALLED)


@cache
def _core_ends() -> str:
    """Return the pattern of what is looked for at the end of a name without its legal form."""
    return _any_of(_ends_in_core())


@cache
def _formless() -> str:
    """Return the pattern of what is looked for in a name without a legal form, or with one that is written otherwise."""
    ends = {branch[-1] for branch in company_parts.BRANCHES} | set(public_body.LAST)
    last = "".join(sorted(sign for sign in ends if re.fullmatch(_CHINESE, sign)))
    return f"[司限冇院学校]|集团股份$|{offices.ROOM_AT_END}|分.{{0,2}}$|[{last}]$|(?:{_core_ends()})$|{universities.FOR_SHORT}|{units.TAIL}|{builders.PROJECT}|{public_body.NTH_AT_END}"


_only_place = lru_cache(maxsize=20_000)(places.only_place)


def _names(opened: _Opened) -> tuple[Names, np.ndarray]:
    """Return plain names taken apart, and their positions; those that are not as plain as they seemed are left out."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    formal = ending(opened.text, *_LIMITED)
    cut = np.flatnonzero(opened.place.true() | opened.branch.true())  # what is looked for may have been cut through
    odd = has_odd_head(opened.text)
    odd[cut] |= has_odd_head(opened.full.take(pa.array(cut)))
    stems = _without_form(opened.text, formal)
    heads, sizes = take_heads(stems)
    cores = _cut(stems, sizes, np.zeros_like(sizes))
    odd |= (
        ~matched(cores, f"^.{{{LEAST},}}$") | matched(cores, f"^{_AT_ONCE}|市") | _ends_in_people(opened.text, formal)
    )
    kept = np.flatnonzero(~odd)
    opened, heads, cores, formal = opened.take(kept), heads.take(kept), cores.take(pa.array(kept)), formal[kept]
    at, seat = _where(heads, opened.place)
    sure = np.flatnonzero(~which_may_be_read_otherwise(cores, at))
    kept, cores, formal = kept[sure], trade_words.in_full(cores.take(pa.array(sure))), formal[sure]
    opened, heads, at, seat = opened.take(sure), heads.take(sure), at.take(sure), seat.take(sure)
    branch = opened.branch.beside(at).mapped(lambda said: company_parts.plain_branch(*said) if said[0] else "")
    public = mask(pc.is_in(cores, pa.array(sorted(trades()), cores.type)))
    no, nothing = one(False, len(kept)), one("", len(kept))
    return Names(
        full=opened.full, core=cores, place=at, branch=branch, group=opened.group, kind=either("", "公司", formal), national=no, behind=nothing,
        district=heads.mapped(lambda head: head.district), public=either(False, True, public), romans=_romans(cores), seat=seat, words=nothing,
        country=nothing, at_most=nothing, organisation=nothing, tier=nothing, department=nothing,
        abroad=one(None, len(kept)),
    ), kept  # fmt: skip


def _without_form(texts: pa.Array, formal: np.ndarray) -> pa.Array:
    """Return names without their legal form."""
    import numpy as np

    limited, liable = (len(form) for form in reversed(_LIMITED))
    size = np.where(formal, limited, 0)
    size[ending(texts, _LIMITED[0])] = liable
    size[ending(texts, *(_SHARES + form for form in _LIMITED))] += len(_SHARES)
    return _cut(texts, np.zeros_like(size), size)


def _cut(texts: pa.Array, front: np.ndarray, back: np.ndarray) -> pa.Array:
    """Return texts without so many Chinese characters, of which they have that many, at both ends."""
    import numpy as np

    signs, begins = laid_out(texts)
    front, back = front * _BYTES, back * _BYTES
    kept = np.diff(begins) - front - back
    wanted = np.repeat(np.tile([False, True, False], len(kept)), np.stack([front, kept, back]).T.ravel())
    return texts_of(signs[wanted], np.r_[0, np.cumsum(kept)])


def _ends_in_people(texts: pa.Array, formal: np.ndarray) -> np.ndarray:
    """Return at which names without a legal form somebody noted whom to ask for."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    ends = pa.array(sorted(company_marks.ENDS), texts.type)
    found = ~formal & mask(pc.is_in(pc.utf8_slice_codeunits(texts, -1), ends))
    asked = np.flatnonzero(found)
    some = texts.take(pa.array(asked)).to_pylist()
    found[asked] = [company_marks.without_people(text)[0] != text or ends_in_person(text) for text in some]
    return np.asarray(found)


def _where(heads: Coded, bracketed: Coded) -> tuple[Coded, Coded]:
    """Return where names are registered, and the pinyin of the city."""
    both = heads.beside(bracketed)
    return (
        both.mapped(lambda said: said[0].place if said[0].place.province else said[1] or said[0].place),
        both.mapped(
            lambda said: places.city_pinyin(said[1]) if said[1] and not said[0].place.province else said[0].seat
        ),
    )


def _romans(cores: pa.Array) -> Coded:
    """Return the pinyin of the brands of names."""
    import numpy as np
    import pyarrow.compute as pc

    brands = pc.utf8_slice_codeunits(cores, 0, _BRAND).dictionary_encode()
    every = Coded(brands.indices.to_numpy().astype(np.int64), brands.dictionary.to_pylist())
    return every.mapped(brand_pinyin)
