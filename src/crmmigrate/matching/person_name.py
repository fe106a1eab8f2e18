"""Names of people: Chinese and others, by sound and in pinyin, and with a title in place of the given name (张总, 小李, J. Smith)."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from crmmigrate.matching import Comparer, Level
from crmmigrate.matching.bags import hashed, numbered
from crmmigrate.matching.folding import bare, fold_values, is_chinese, sound, syllables
from crmmigrate.matching.letters import Letters
from crmmigrate.matching.shared import ItemComparer
from crmmigrate.messages import Message
from crmmigrate.model.surnames import surnames

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np

LEVELS = (
    Level("same", Message("the same name"), 0.82, 2e-3, by_frequency=True, shared=True),
    Level("sound", Message("names that sound the same"), 0.05, 1e-3),
    Level("pinyin", Message("a Chinese name and its pinyin"), 0.02, 3e-4),
    Level("surname", Message("the same surname, one with a title only"), 0.05, 2e-2),
    Level("one_character", Message("names that differ in one character"), 0.04, 8e-3),
    Level("part", Message("one name is a part of the other"), 0.01, 5e-3),
    Level("other_script", Message("a name in Chinese characters and one in letters"), 0.01, 0.02),
    Level("different", Message("different names"), 1e-4, 0.97),
)
_SOUND, _PINYIN, _SURNAME, _ONE, _PART, _OTHER_SCRIPT = 1, 2, 3, 4, 5, 6
_COMPOUND = "欧阳 太史 端木 上官 司马 东方 独孤 南宫 万俟 闻人 夏侯 诸葛 尉迟 公羊 赫连 澹台 皇甫 宗政 濮阳 公冶 太叔 申屠 公孙 慕容 仲孙 钟离 长孙 宇文 司徒 鲜于 司空 令狐 轩辕"
_DOUBLE = frozenset(_COMPOUND.split())
_TITLE = re.compile(
    r"(?:先生|女士|小姐|太太|老师|师傅|经理|总经理|副总|董事长|总监|主任|主管|科长|处长|部长|局长|校长|院长|厂长|店长|会计|工程师|医生|教授|老板|总|董|工|哥|姐)\Z"
)
_WESTERN_TITLE = re.compile(r"\b(?:mr|mrs|ms|miss|dr|prof)\b\.?\s*")
_YOUNG_OLD = re.compile(r"[小老]([\u4e00-\u9fff])\Z")
_DOTS = re.compile(r"(?<=[\u3400-\u9fff])\s?[·•・‧∙˙․‐‑]\s?(?=[\u3400-\u9fff])")
_MINORITY = re.compile(r"([\u3400-\u9fff]{3,})-([\u3400-\u9fff]{2,})\Z")
"""吐尔逊-玉素甫."""

_ASIDE = re.compile(r"[(\[【].*?[)\]】]")
_BEHIND = re.compile(
    r"(?<=[\u3400-\u9fff]{2})(?:\s*[-–—_/、,;].*|\d+|\s[\u3400-\u9fff]{0,6}(?:经理|总监|主管|主任|董事长|总裁|厂长|店长|部长|科长|处长|会计|出纳|工程师|助理|专员|秘书|业务员|采购员))\Z"
)
"""A place, a department, a post, another person or a number behind a name: 万伟敏-宁波, 金玲 质量经理, 李壮成、高昭珠, 王芳2."""

_FAMILIAR = ("阿", "小")
"""Before the end of a given name: 阿燕, 小燕."""

_WHOLE = 3
"""Characters of most Chinese names, those with a compound surname aside."""

_LATIN = re.compile(r"[^\W\d_\u3400-\u9fff]+")
_NOT_CHINESE = re.compile(r"[^\u3400-\u9fff]+")
_MARKS = re.compile("[\u0300-\u036f]+")


class Person(NamedTuple):
    """A name taken apart: all of it, the surname, whether the given name is missing or a letter, its pinyin or the ways of writing it so, and whether letters can be read as pinyin."""

    name: str
    surname: str
    vague: bool
    romans: tuple[str, ...] = ()
    spelt: bool = False


def take_apart(folded: str) -> Person:
    """Take a folded name apart; titles and notes in brackets are left off."""
    spaced = _BEHIND.sub("", _undotted(_ASIDE.sub("", _WESTERN_TITLE.sub("", folded))))
    if not is_chinese(spaced):
        return _latin(spaced if _LATIN.search(spaced) else folded)
    text = bare(_without_note(spaced))
    plain = _TITLE.sub("", text) or text
    # 小李 and 小李女士 are somebody called 李; 小红 is a name.
    if (called := _YOUNG_OLD.match(plain)) and called.group(1) in surnames() and not _TITLE.match(text):
        return _chinese(called.group(1), called.group(1))
    surname = plain[:2] if plain[:2] in _DOUBLE else plain[:1]
    if plain == surname:
        return _chinese(surname, surname)
    # 张工 may be an engineer, 张建工 is a name: a title of one character is only taken off behind a surname alone,
    # or behind a name that is complete without it.
    whole = text if plain != text and len(text) - len(plain) == 1 and len(plain) - len(surname) < 2 else plain
    # 郭春霞 Lucy
    return _chinese(_NOT_CHINESE.sub("", whole) or whole, surname)


def _undotted(name: str) -> str:
    """Return a name without the dot between the parts of a foreign one or of a people of the borders, however it is written."""
    if name.isalnum():
        return name
    name = _DOTS.sub("", name)
    if (found := _MINORITY.match(name)) and name[0] not in surnames():
        return found.group(1) + found.group(2)
    return name


def _without_note(spaced: str) -> str:
    """Return a name without the place or company behind it: 沈腾飞 长春 is 沈腾飞, 欧阳 娜娜 and 王 小明 are names."""
    name, _, note = spaced.strip().partition(" ")
    whole = 1 < len(name) <= _WHOLE and name not in _DOUBLE and name[0] in surnames()
    return name if whole and len(note) > 1 and is_chinese(note[0]) else spaced


def _chinese(name: str, surname: str) -> Person:
    return Person(name, surname, name == surname, (_pinyin(name), _pinyin(surname)))


def _latin(folded: str) -> Person:
    """Take a name without Chinese characters apart; the surname comes last, or before a comma."""
    text = _WESTERN_TITLE.sub("", folded)
    if not text.isascii():
        text = _MARKS.sub("", unicodedata.normalize("NFD", text))
    words = re.findall(r"\w+", text)
    letters = _LATIN.findall(text)
    if not letters:
        return Person("".join(sorted(words)), "", vague=False)
    first_surname = "," in text and len(letters) > 1
    surname, given = (letters[0], letters[1:]) if first_surname else (letters[-1], letters[:-1])
    vague = bool(given) and all(len(word) == 1 for word in given)
    ways = dict.fromkeys(("".join([surname, *given]), "".join(letters)))
    # Of an English given name no pinyin can be made: Vivian Xue is somebody called Xue. Liu Xin is 刘先生, and not 刘伟.
    ends = dict.fromkeys((letters[-1], letters[0]))
    ways_and_ends = (*ways, *(f"{end} " for end in ends))
    return Person("".join(sorted(words)), surname, vague, ways_and_ends, _is_pinyin("".join(given)))


@cache
def _pinyin(text: str) -> str:
    return sound(text).replace(" ", "")


def _is_pinyin(text: str) -> bool:
    """Return whether letters can be read as syllables of pinyin from their beginning to their end."""
    ends = {0}
    for end in range(1, len(text) + 1):
        if any(text[start:end] in syllables() for start in range(max(end - 6, 0), end) if start in ends):
            ends.add(end)
    return len(text) in ends


def make(values: Sequence[str], counts: np.ndarray) -> Comparer:
    """Return the comparer of people's names."""
    lists = [[name for name in map(take_apart, cells) if name[0]] for cells in fold_values(values)]
    return _People(lists, counts, len(LEVELS) - 1, "person")


class _People(ItemComparer):
    once = True

    def __init__(self, lists: Sequence[Sequence[Person]], counts: np.ndarray, last: int, kind: str) -> None:
        import numpy as np

        super().__init__(lists, counts, last, kind)
        names = [item.name for item in self.items]
        self.vague = np.array([item.vague for item in self.items], dtype=bool)
        self.surname = numbered([item.surname for item in self.items])
        self.sounds = Letters(names).sounds()
        self.chinese = np.array([is_chinese(name) for name in names], dtype=bool)
        self.end = np.array([ord(name[-1:] or "\0") for name in names], dtype=np.int64)
        self.length = np.array([len(name) for name in names], dtype=np.int64)
        self.familiar = np.array([name[:1] in _FAMILIAR for name in names], dtype=bool)
        self.spelt = np.array([item.spelt for item in self.items], dtype=bool)
        self.roman = _romans([*zip(self.items, self.chinese.tolist(), strict=True)])

    def written(self, item: Person) -> str:
        return "\x1f".join((item.name, item.surname, "?" if item.vague else ""))

    def _levels(self, one: np.ndarray, other: np.ndarray) -> np.ndarray:
        import numpy as np

        levels = super()._levels(one, other)
        levels[(one == other) & self.vague[one]] = _SURNAME  # 张总 and 张总 have no more in common than the surname
        return np.asarray(levels)

    def relate(self, one: np.ndarray, other: np.ndarray) -> np.ndarray:
        import numpy as np
        from rapidfuzz.distance import OSA
        from rapidfuzz.process import cpdist

        a, b = [self.items[index].name for index in one], [self.items[index].name for index in other]
        distance = cpdist(a, b, scorer=OSA.distance, score_cutoff=1)
        vague = self.vague[one] | self.vague[other]
        levels = np.full(len(one), self.last, dtype=np.int8)
        levels[(distance <= 1) & (np.minimum(self.length[one], self.length[other]) >= 3)] = _ONE
        fewer = (self.length[one] != self.length[other]) & (self.surname[one] == self.surname[other])
        levels[(distance <= 1) & fewer & self.chinese[one] & self.chinese[other]] = _ONE
        levels[self.sounds[one] == self.sounds[other]] = _SOUND
        both = self.chinese[one] & self.chinese[other] & (self.end[one] == self.end[other])
        familiar = self.familiar[one] != self.familiar[other]
        for index in np.flatnonzero(
            (levels == self.last) & both & ((self.length[one] != self.length[other]) | familiar)
        ):
            if _is_part(a[index], b[index]):
                levels[index] = _PART
        levels[vague] = np.where(self.surname[one] == self.surname[other], _SURNAME, self.last)[vague]
        crossed = np.flatnonzero(self.chinese[one] != self.chinese[other])
        if len(crossed):
            spelt = self.spelt[one[crossed]] | self.spelt[other[crossed]]
            for side, level in ((1, _SURNAME), (0, _PINYIN)):
                mine, theirs = self.roman[one[crossed], side], self.roman[other[crossed], side]
                meets = (mine[:, :, None] == theirs[:, None, :]) & (mine[:, :, None] != 0)
                found = meets.any(axis=(1, 2)) & (vague[crossed] | ~spelt if side else ~vague[crossed])
                levels[crossed[found]] = np.minimum(levels[crossed[found]], level)
            foreign = crossed[(levels[crossed] == self.last) & ~spelt]
            levels[foreign] = _OTHER_SCRIPT
        return levels

    def candidate_keys(self) -> list[tuple[str, np.ndarray, np.ndarray]]:
        """Return the ways of writing whole names in pinyin, and others as they are; 张总 is no key: too many are called so."""
        import numpy as np

        if not len(self.items):
            return [self.keyed(self.kind, np.zeros(0, dtype=np.int64))]
        ways = [np.where(self.vague | (way == 0), -1, way) for way in self.roman[:, 0].T]
        ways[0] = np.where(~self.vague & (ways[0] < 0), self.sounds, ways[0])
        _, values, keys = zip(*(self.keyed(self.kind, way) for way in ways), strict=True)
        return [(self.kind, np.concatenate(values), np.concatenate(keys))]


def _is_part(one: str, other: str) -> bool:
    """Return whether the shorter of two names is the other without its surname or without the company before it, or one is 阿 or 小 and the other's end."""
    short, long = sorted((one, other), key=len)
    called = short if short[:1] in _FAMILIAR else long if long[:1] in _FAMILIAR and len(long) == len(short) else ""
    return (long if called == short else short).endswith(called[1:]) if called[1:] else long.endswith(short)


def _romans(people: Sequence[tuple[Person, bool]]) -> np.ndarray:
    """Return numbers (people × 2 × 2): up to two ways of writing the whole name, and of the surname; 0 for none."""
    import numpy as np

    flat: list[str] = []
    at: list[tuple[int, int, int]] = []
    for index, (person, chinese) in enumerate(people):
        ends = [way[:-1] for way in person.romans if way[-1:] == " "]
        whole = person.romans[: len(person.romans) - len(ends)]
        sides = (whole[:1], whole[1:2]) if chinese else (whole, ends)
        for side, words in enumerate(sides):
            flat += words
            at += [(index, side, place) for place in range(len(words))]
    table = np.zeros((len(people), 2, 2), dtype=np.int64)
    if flat:
        table[tuple(np.array(at).T)] = hashed(flat)
    return table
