"""Company names: registered, short, former, with slips, with place and branch; Chinese and others.

A name is taken apart into place, core, legal form and branch (the order of the registration rules of 2020:
行政区划 + 字号 + 行业 + 组织形式). Short names keep the characters of the core in order, so one core is a subsequence of the other.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, NamedTuple

from crmmigrate.matching import Comparer, Level, Tally
from crmmigrate.matching.bags import Holders, bags, hashed, numbered
from crmmigrate.matching.folding import bare, fold_values, is_chinese
from crmmigrate.matching.letters import Letters, mixed
from crmmigrate.matching.places import Place, all_apart, only_place, take_place
from crmmigrate.messages import Message

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np

LEVELS = (
    Level("registered", Message("the same registered name"), 0.30, 2e-7, shared=True, in_city=True),
    Level("here", Message("the same name in the same city, legal form aside"), 0.12, 6e-7, in_city=True),
    Level(
        "slip_here",
        Message("registered names of one city that sound the same or have two characters exchanged"),
        0.06,
        3e-7,
        in_city=True,
    ),
    Level("whole", Message("the same foreign name, legal form aside"), 0.05, 3e-7, shared=True),
    Level("same", Message("the same name"), 0.10, 1e-5, shared=True),
    Level("form", Message("names that differ in place, brackets or legal form only"), 0.12, 3e-5),
    Level("slip", Message("names that sound the same or have two characters exchanged"), 0.03, 3e-5),
    Level("short", Message("one name is short for the other"), 0.12, 2e-4, by_frequency=True),
    Level("one_in_trade", Message("names that differ in one character behind the brand"), 0.04, 2e-4),
    Level("brand", Message("one name is only the brand of the other"), 0.04, 1e-3, by_frequency=True),
    Level("one_character", Message("names that differ in one character"), 0.03, 3e-3),
    Level("similar", Message("similar names"), 0.03, 3e-3),
    Level("branch", Message("a company and its branch, or two of its branches"), 0.01, 1e-3),
    Level("group", Message("a group and a company of the same brand"), 0.002, 3e-3),
    Level("elsewhere", Message("the same brand in another place"), 0.008, 3e-3),
    Level("different", Message("different names"), 0.05, 0.985),
)
(_REGISTERED, _HERE, _SLIP_HERE, _WHOLE, _SAME, _FORM, _SLIP, _SHORT, _ONE_IN_TRADE, _BRAND, _ONE, _SIMILAR, _BRANCH_OF, _GROUP,
 _ELSEWHERE, _DIFFERENT) = range(16)  # fmt: skip

_LEGAL = (
    "股份有限责任公司", "股份有限公司", "有限责任公司", "有限公司", "有限合伙", "股份公司", "集团公司", "总公司", "公司", "普通合伙", "个体工商户", "有限责任", "有限",
)  # fmt: skip
_LEGAL_BY_END = {end: tuple(form for form in _LEGAL if form.endswith(end)) for end in {form[-2:] for form in _LEGAL}}
_FORM_INSIDE = re.compile(r"(?:股份有限公司|有限责任公司|有限公司|公司|集团|银行|事务所|合作社)")
_BRANCH = (
    "分公司",
    "支公司",
    "分店",
    "门店",
    "支行",
    "分行",
    "营业部",
    "营业厅",
    "办事处",
    "代表处",
    "分部",
    "分厂",
    "分院",
    "分校",
    "专卖店",
    "旗舰店",
    "体验店",
    "直营店",
    "工厂",
    "店",
)
_TAIL_BRANCH = re.compile(r"(?:分公司|支公司|分店|门店|支行|分行|营业部|营业厅|办事处|代表处|分部|分厂|分院|分校)\Z")
_BRACKET = re.compile(r"\(([^()]*)\)|\[([^\[\]]*)\]|【([^【】]*)】|〔([^〔〕]*)〕")
_NOTE = re.compile(r"(?<=公司)\s*[-–—_/、]\s*\S*\Z|\s+[-–—]?\s*[\d\s()+-]{7,}\Z")
"""A person, a department or a number that somebody wrote behind the name."""

_REMARK = re.compile("合伙|集团|个体|停用|注销|客户|暂|重复|公司|作废|[部组]\\Z")
_NOWHERE = Place()
_LONG = 9
_NUMBER = re.compile(r"\d+|第[一二三四五六七八九十百]+")
"""第一中学 and 第三中学 are two schools, not a slip."""

_FORMER = re.compile(r"(?:原名?|曾用名|前身)[:为是]?(.{2,})")
_WESTERN = re.compile(
    r"[\s,.]*\b(?:co|company|corp|corporation|inc|incorporated|ltd|limited|llc|llp|plc|gmbh|ag|aktiengesellschaft|sa|se|spa|srl|sarl|sas|bv|nv|"
    r"oy|ab|asa|pte|pty|pvt|private|kg|holdings?)\b\.?",
    re.IGNORECASE,
)
_INITIALS = re.compile(r"\b(?:[a-z]\.){2,}(?![a-z])")
"""A.G. is AG."""

_AND = re.compile(r"\s*&\s*|\s+(?:and|und|et)\s+")
_MARKS = re.compile("[\u0300-\u036f]+")
_BILINGUAL = re.compile(r"([a-z][a-z0-9 .,&'()-]*[a-z.)])\s*([\u4e00-\u9fff][\u4e00-\u9fff()]*公司)\Z")
"""ZTE 中兴通讯股份有限公司."""

_NATION = "中国"
_FOREIGN = 9
"""So many letters of a foreign name without its legal form are hardly two companies' by chance."""


class Name(NamedTuple):
    """A name taken apart: all folded; `core` is brand and trade, `branch` is empty for the company itself.

    `behind` is what stands in brackets behind a foreign name: its place, its department.
    """

    full: str
    core: str
    place: Place
    branch: str
    group: bool
    legal: bool
    national: bool = False
    behind: str = ""


def take_apart(folded: str) -> list[Name]:
    """Take a folded name apart; a former name in brackets follows as a second one."""
    former: list[str] = []
    if not folded[:1] > "z" and (both := _BILINGUAL.match(folded)):
        return [*take_apart(both.group(2)), *take_apart(both.group(1))]
    plain = folded.isalnum()  # without brackets, blanks and dashes
    if not plain and not folded.endswith("公司") and is_chinese(folded):
        folded = _NOTE.sub("", folded)
    place, branch, text, behind = _NOWHERE, "", folded, ""
    for found in () if plain else _BRACKET.finditer(folded):
        inner = next(filter(None, found.groups()), "")
        text = text.replace(found.group(), "", 1)
        if old := _FORMER.match(inner):
            former.append(old.group(1))
        elif named := only_place(inner):
            place = named
        elif inner.endswith(_BRANCH):
            branch = bare(inner)
        elif found.end() < len(folded) and len(inner) > 1 and not _REMARK.search(inner):
            text = text[: found.start()] + inner + text[found.start() :]
        else:
            behind = inner
    chinese = is_chinese(text)
    if chinese and not plain:
        text = bare(text)
    if text.endswith(_BRANCH):
        text, tail = _split_branch(text)
        branch, chinese = branch or tail, is_chinese(text)
    if not chinese:
        return [_foreign(folded, text, place, branch)._replace(behind=bare(behind))]
    stem = _without_form(text) or text
    head, core = take_place(stem, keep=2)
    if head.province:
        place = head
    national = folded.startswith(_NATION) or "(中国)" in folded
    # 南方航空 is 中国南方航空; 中国银行 is not 银行.
    core = core[2:] if core.startswith(_NATION) and len(core) >= 6 else core
    own = Name(folded if plain else bare(folded), core, place, branch, "集团" in folded, stem != text, national)
    return [own, *(name for old in former for name in take_apart(old))] if former else [own]


def _foreign(folded: str, text: str, place: Place, branch: str) -> Name:
    """Take a name without Chinese characters apart: accents and how "and" is written do not count."""
    plain = _INITIALS.sub(lambda found: found.group().replace(".", ""), _AND.sub(" ", text))
    if not plain.isascii():
        plain = _MARKS.sub("", unicodedata.normalize("NFD", plain))
    whole = bare(plain)
    core = bare(_WESTERN.sub("", plain)) or whole
    return Name(bare(folded), core, place, branch, group=False, legal=core != whole)


def _without_form(text: str) -> str:
    """Return a name without the legal forms at its end."""
    forms = _LEGAL_BY_END.get(text[-2:], ())
    while form := next(filter(text.endswith, forms), ""):
        text = text[: -len(form)]
        forms = _LEGAL_BY_END.get(text[-2:], ())
    return text


def _split_branch(text: str) -> tuple[str, str]:
    """Return a name that ends like a branch's without its branch, and the branch (`上海分公司`, `西湖支行`)."""
    inside = [found.end() for found in _FORM_INSIDE.finditer(text) if found.end() < len(text)]
    if inside and inside[-1] >= 3 and not text.endswith("分公司", 0, inside[-1]):
        return text[: inside[-1]], text[inside[-1] :]
    if inside and len(inside) > 1:
        return text[: inside[-2]], text[inside[-2] :]
    if found := _TAIL_BRANCH.search(text):
        for start in range(2, found.start() + 1):
            place, rest = take_place(text[start : found.start()])
            if place.province and not rest:
                return text[:start], text[start:]
        return text[: found.start()], text[found.start() :]
    return text, ""


def make(values: Sequence[str], counts: np.ndarray) -> Comparer:  # noqa: ARG001  (as all comparators)
    """Return the comparer of company names; several names of a record are its current and former ones."""
    lists: list[list[Name]] = []
    for cells in fold_values(values):
        taken = take_apart(cells[0]) if len(cells) == 1 else [name for cell in cells for name in take_apart(cell)]
        lists.append([name for name in (dict.fromkeys(taken) if len(taken) > 1 else taken) if name.full])
    return _Companies(lists)


class _Companies:
    def __init__(self, lists: list[list[Name]]) -> None:
        import numpy as np

        self.bag, names = bags(lists)
        cores = [name.core for name in names]
        self.cores = np.array([*cores, ""], dtype=object)[:-1]
        self.full = numbered([name.full for name in names])
        self.core = numbered(cores)
        self.letters = Letters(cores)
        self.sounds = self.letters.sounds()
        chinese = [is_chinese(core) for core in cores]
        self.chinese = np.array(chinese, dtype=bool)
        # The brand: the first two characters of a Chinese core, the first word's five letters of another.
        brands = [core[:2] if its else core[:5] for core, its in zip(cores, chinese, strict=True)]
        self.brand = numbered(brands)
        self.brand_key = hashed(brands)
        self.length = np.array([len(core) for core in cores], dtype=np.int64)
        self.group = np.array([name.group for name in names], dtype=bool)
        # 中国 stands in names that are registered for the whole country.
        national = np.array([name.national for name in names], dtype=bool)
        self.national = national
        self.sure = np.array([name.legal and bool(name.place.city) and not name.branch for name in names], dtype=bool)
        self.behind = numbered([name.behind for name in names])
        self.noted = np.array([bool(name.behind) for name in names], dtype=bool)
        self.part = numbered([name.branch for name in names])
        numbers = ["" if core.isalpha() and "第" not in core else " ".join(_NUMBER.findall(core)) for core in cores]
        self.number = numbered(numbers)
        self.numbered = np.array([bool(found) for found in numbers], dtype=bool)
        ids: dict[Place, int] = {}
        self.place = np.array([ids.setdefault(name.place, len(ids)) for name in names], dtype=np.int64)
        places = list(ids)
        self.province = np.array([int(name.place.province or -1) for name in names], dtype=np.int64)
        # A county-level city is looked for with its prefecture.
        self.town = np.array([int(name.place.city[:4] or -1) for name in names], dtype=np.int64)
        self.city = np.array([bool(name.place.city) for name in names], dtype=bool)
        self._apart = all_apart(places)
        self.first_item = np.where(self.bag.sizes > 0, self.bag.starts, -1)
        self.branch = np.append(self.part, -1)[self._first()]
        one_each = np.unique(self.core, return_index=True)[1]  # a core has one brand
        self.brand_cores = np.bincount(self.brand[one_each], minlength=len(names) + 1)[self.brand]

    def _first(self) -> np.ndarray:
        """Return the number of each value's first name, -1 where there is none."""
        import numpy as np

        if not len(self.bag.items):
            return np.full(len(self.bag.sizes), -1)
        return np.where(self.first_item < 0, -1, self.bag.items[self.first_item])

    def compare(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        """Return the best level over all names of both sides."""
        return self.bag.best(left, right, self._levels)

    def _levels(self, one: np.ndarray, other: np.ndarray) -> np.ndarray:
        import numpy as np

        far = self._apart[self.place[one], self.place[other]]
        same_core = self.core[one] == self.core[other]
        same_full = self.full[one] == self.full[other]
        levels = np.full(len(one), _DIFFERENT, dtype=np.int8)
        levels[same_core & far] = _ELSEWHERE
        sure = self.sure[one] & self.sure[other]
        city = self.city[one] & self.city[other] & ~far
        longer = np.maximum(self.length[one], self.length[other])
        levels[same_core & ~far] = _FORM
        levels[same_full] = _SAME
        levels[same_core & city & (longer >= 4)] = _HERE
        levels[same_core & ~self.chinese[one] & (longer >= _FOREIGN)] = _WHOLE
        national = self.national[one] & self.national[other] & ~far
        # So long a name without a place is that of an institution, or names its place itself.
        long = same_full & (longer >= _LONG) & self.chinese[one]
        levels[(same_core & ((city & sure) | national)) | long] = _REGISTERED
        levels[same_core & ~far & (self.part[one] != self.part[other])] = _BRANCH_OF
        alike = self.sounds[one] == self.sounds[other]
        levels[alike & ~same_core & (longer >= 2) & ~far] = _SLIP
        rest = np.flatnonzero(~same_core & ~same_full & ~alike)
        if len(rest):
            levels[rest] = self._fuzzy(one[rest], other[rest], far[rest])
        levels[(levels == _SLIP) & sure & city & (longer >= 4)] = _SLIP_HERE
        mixed = (self.group[one] != self.group[other]) & (levels < _GROUP) & (levels != _SLIP) & (levels != _SLIP_HERE)
        levels[mixed] = _GROUP
        elsewhere = self.noted[one] & self.noted[other] & (self.behind[one] != self.behind[other])
        levels[elsewhere & (levels < _ELSEWHERE)] = _ELSEWHERE
        return levels

    def _fuzzy(self, one: np.ndarray, other: np.ndarray, far: np.ndarray) -> np.ndarray:
        import numpy as np
        from rapidfuzz.distance import OSA, LCSseq
        from rapidfuzz.process import cpdist

        a, b = self.cores[one].tolist(), self.cores[other].tolist()
        common = cpdist(a, b, scorer=LCSseq.similarity).astype(np.int64)
        distance = cpdist(a, b, scorer=OSA.distance).astype(np.int64)
        short = np.minimum(self.length[one], self.length[other])
        longer = np.maximum(self.length[one], self.length[other])
        brand = self.brand[one] == self.brand[other]
        levels = np.full(len(one), _DIFFERENT, dtype=np.int8)
        levels[(distance <= 0.25 * longer) & (longer >= 6)] = _SIMILAR
        levels[(distance == 1) & (short >= 4)] = _ONE
        levels[
            (common == short)
            & (longer == short + 1)
            & (short >= np.where(self.chinese[one] & self.chinese[other], 3, 6))
        ] = _ONE
        levels[(distance == 1) & brand & (short >= 5)] = _ONE_IN_TRADE
        inside = (common == short) & brand
        levels[inside & (short >= 3)] = _SHORT
        levels[inside & (short == 2)] = _BRAND
        swapped = (distance == 1) & (self.length[one] == self.length[other]) & (short >= 4)
        for index in np.flatnonzero(swapped):
            if sorted(a[index]) == sorted(b[index]):
                levels[index] = _SLIP
        levels[far & (levels < _ELSEWHERE)] = _ELSEWHERE
        numbered = self.numbered[one] & self.numbered[other]
        levels[numbered & (self.number[one] != self.number[other])] = _DIFFERENT
        return levels

    def others(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        """Return how many further cores begin with the rarer of the two brands."""
        import numpy as np

        if not len(self.bag.items):
            return np.zeros(len(left))
        first = self._first()
        a, b = first[left], first[right]
        fewest = np.minimum(self.brand_cores[a], self.brand_cores[b])
        return np.where((a < 0) | (b < 0), 0, np.maximum(fewest - 2, 0))

    def tallies(self) -> list[Tally]:
        """Return the brands with the cores that begin with them."""
        import numpy as np

        return [Tally(self.brand_key, np.ones(len(self.cores), dtype=np.int64), hashed(self.cores))]

    def recount(self, times: Sequence[Callable[[np.ndarray], np.ndarray]]) -> None:
        """Take so many cores to begin with the brands."""
        self.brand_cores = times[0](self.brand_key)

    def different(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:  # noqa: ARG002  (as all comparers)
        """Names alone never exclude that two records are one company."""
        import numpy as np

        return np.zeros(len(left), dtype=bool)

    def other_branch(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        """Return where the current names are of different branches, or of a branch and the company itself."""
        import numpy as np

        one, other = self.branch[left], self.branch[right]
        return np.asarray((one >= 0) & (other >= 0) & (one != other))

    def candidate_keys(self) -> list[tuple[str, np.ndarray, np.ndarray]]:
        """Return the keys: sound, brand with place, brand with pairs of characters, core without a character, grams.

        What two cores one slip apart share is a core without one of its characters.
        """
        import numpy as np

        values = np.repeat(np.arange(len(self.bag.sizes)), self.bag.sizes)
        items = self.bag.items
        placed, citied = np.flatnonzero(self.province[items] >= 0), np.flatnonzero(self.town[items] >= 0)
        found = [
            ("sound", values, self.sounds[items]),
            ("here", values[citied], mixed(self.sounds[items[citied]], self.town[items[citied]])),
            ("brand", values[placed], mixed(self.brand_key[items[placed]], self.province[items[placed]])),
            ("marque", values, self.brand_key[items]),
        ]
        # Two characters alone have their sound for a key, more than three what stands behind the brand.
        short = self.letters.runs(2, of=self.chinese & (self.length == 3))
        foreign = self.letters.runs(3, of=~self.chinese)
        keys = {
            "trade": self._behind(),
            "slip": self.letters.shortened(np.where(self.chinese, 4, 6)),
            "gram": (np.r_[short[0], foreign[0]], np.r_[short[1], foreign[1]]),
        }
        holders = Holders(items, len(self.core))
        for kind, (names, numbers) in keys.items():
            where, told = holders.of(names, numbers)
            found.append((kind, values[where], told))
        return found

    def _behind(self) -> tuple[np.ndarray, np.ndarray]:
        """Return (name, key) of the brand of a Chinese core with each pair of characters behind it."""
        names, numbers = self.letters.runs(2, begin=2, of=self.chinese)
        return names, mixed(self.brand_key[names], numbers)
