"""Personal data that the migration's own sources hold, found again in any text: all values in one walk through it (Aho-Corasick)."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from typing import TYPE_CHECKING

from crmmigrate.checks.personal_patterns import digit_runs, find_patterns, narrow, numbers_in
from crmmigrate.model.privacy import Hit, plain

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from ahocorasick_rs import AhoCorasick

    from crmmigrate.model.privacy import Kind

_HAN = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]")
_TITLED = re.compile(
    r".{1,2}(?:先生|女士|小姐|太太|老师|师傅|总|经理|主任|工|董|局|处|科长|部长|厂长|老板|医生|阿姨|哥|姐)\Z"
)
_TOLD_BEFORE = ("联系人", "姓名", "客户", "负责人", "业务员", "经办人", "收件人", "申请人", "处理人", "跟进人", "由", "与", "给", "向", "是", "为", "叫", "和", "请")  # fmt: skip
_TOLD_BEHIND = ("先生", "女士", "小姐", "老师", "师傅", "总", "经理", "的", "和", "与", "已", "在", "说", "来电", "电话", "手机")  # fmt: skip
_TELLING = 3
"""Han characters of a name from which it is searched for inside a sentence; shorter ones have to stand alone or beside a telling word."""

_LONG_ENOUGH: dict[Kind, int] = {"phone": 10, "identity": 15, "card": 12, "address": 7, "messenger": 6, "email": 6}
_BY_DIGITS = ("phone", "identity", "card")


class KnownValues:
    """The personal values of the sources, ready to be searched for.

    Args:
        values: kind → values as the sources or the standard write them.
        public: values that may hold somebody's name and tell nothing about them: companies.
        words: texts of the program and of its reference tables; a name that occurs in one of them is not searched for.
        structure: names of sources, files and tables, and of the people who take part.
        made_up: masked values: a trial's own names and numbers, which may happen to be somebody's.
    """

    def __init__(
        self,
        values: Mapping[Kind, Iterable[str]],
        public: Iterable[str] = (),
        words: Iterable[str] = (),
        structure: Iterable[str] = (),
        made_up: Collection[str] = frozenset(),
    ) -> None:
        self.unsearched: Counter[str] = Counter()
        self.structural: set[str] = set()
        self.numbers: dict[str, Kind] = {}
        needles: dict[str, Kind] = {}
        for kind, raw in values.items():
            for value in {narrow(text).strip() for text in raw}:
                form = plain(value)
                if form in made_up:
                    continue
                if kind == "person":
                    needles |= self._name(value)
                elif kind in _BY_DIGITS and form.rstrip("x").isdigit():
                    if len(form) >= _LONG_ENOUGH[kind]:
                        self.numbers[form] = kind
                elif len(form) >= _LONG_ENOUGH[kind]:
                    needles[value] = kind
        self._leave_out(needles, structure, "structure")
        self._leave_out(needles, words, "word")
        self.searched: Counter[Kind] = Counter([*needles.values(), *self.numbers.values()])
        shields = {narrow(text).strip() for text in public} - set(needles)
        self._needles = [*needles, *(shield for shield in shields if len(shield) > 2)]
        self._kinds: list[Kind | None] = [*needles.values(), *[None] * (len(self._needles) - len(needles))]
        self._automaton = _automaton(self._needles)

    def _name(self, value: str) -> dict[str, Kind]:
        if _HAN.search(value):
            told = 2 <= len(value) <= 20 and not _TITLED.match(value)
        else:
            told = len(value) >= 5 and bool(re.search(r"[A-Za-z]{2,}[ .·-]+[A-Za-z]{2,}", value))
        if not told:
            self.unsearched["short"] += 1
            return {}
        return {value: "person"}

    def _leave_out(self, needles: dict[str, Kind], texts: Iterable[str], why: str) -> None:
        """Take out the names that occur in texts, all of which are looked through once."""
        names = [value for value, kind in needles.items() if kind == "person"]
        if not names:
            return
        found = _automaton(names, overlapping=True)
        met = {
            names[at] for text in texts for at, _, _ in found.find_matches_as_indexes(narrow(text), overlapping=True)
        }
        for name in met:
            del needles[name]
        self.structural |= met if why == "structure" else set()
        self.unsearched[why] += len(met)

    def find(self, text: str, *, alone: bool = False) -> Iterator[Hit]:
        """Yield where a text of normal width holds one of the values.

        Args:
            text: as `narrow` returns it.
            alone: only names that stand alone count: in masked data characters come together by chance.
        """
        for start, run in digit_runs(text) if self.numbers else ():
            yield from self._numbers(start, run)
        if not self._needles:
            return
        for at, start, end in self._automaton.find_matches_as_indexes(text):
            kind = self._kinds[at]
            if kind is not None and _stands(text, start, end, kind, alone=alone):
                yield Hit(start, end, kind, known=True)

    def _numbers(self, start: int, run: str) -> Iterator[Hit]:
        ended = 0
        for first, last in numbers_in(run):
            if first >= ended and (kind := self.numbers.get(plain(run[first:last]))):
                ended = last
                yield Hit(start + first, start + last, kind, known=True)

    def search(self, text: str, *, masked: bool = False) -> list[Hit]:
        """Return what a text holds, by its form or because the sources hold it, in order and without overlaps.

        Args:
            text: of normal width.
            masked: the text is made-up data, whose numbers look like real ones: only what the sources hold counts.
        """
        found = sorted(self.find(text, alone=masked), key=lambda hit: hit.start)
        if masked:
            return found
        formed = (hit for hit in find_patterns(text) if not _overlaps(found, hit))
        return sorted([*found, *formed])


def _overlaps(found: list[Hit], hit: Hit) -> bool:
    """Whether one of the hits found, which are in order, shares a character with another one."""
    at = bisect_left(found, hit.start, key=lambda one: one.start)
    near = found[max(0, at - 1) : at + 1]
    return any(hit.start < other.end and other.start < hit.end for other in near)


def _automaton(needles: list[str], *, overlapping: bool = False) -> AhoCorasick:
    from ahocorasick_rs import AhoCorasick, Implementation, MatchKind

    # The longest match lets a company shield the name in it; matches that overlap exist in the standard kind only.
    kind = MatchKind.Standard if overlapping else MatchKind.LeftmostLongest
    return AhoCorasick(needles, matchkind=kind, implementation=Implementation.ContiguousNFA)


def _stands(text: str, start: int, end: int, kind: Kind, *, alone: bool) -> bool:
    """Whether a value that was found is the whole of what stands there, not a part of another word."""
    before, behind = text[start - 1 : start], text[end : end + 1]
    if text[start].isascii() and before.isascii() and before.isalnum():
        return False
    if text[end - 1].isascii() and behind.isascii() and behind.isalnum():
        return False
    if kind != "person" or text[start].isascii():
        return True
    free = not _HAN.match(before), not _HAN.match(behind)
    if alone:
        return all(free)
    if end - start >= _TELLING:
        return True
    left = free[0] or text.endswith(_TOLD_BEFORE, max(0, start - 3), start)
    return left and (free[1] or text.startswith(_TOLD_BEHIND, end))
