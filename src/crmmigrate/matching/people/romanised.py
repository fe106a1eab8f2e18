"""Chinese names in the letters of Hong Kong and Taiwan: Chan Tai Man is 陈大文, Hsu Chih-wei 许志伟."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING, NamedTuple

from crmmigrate.matching.people import in_pinyin
from crmmigrate.matching.people.nicknames import is_given
from crmmigrate.matching.people.sexes import of_given_name
from crmmigrate.matching.texts.bags import hashed
from crmmigrate.matching.texts.folding import is_pinyin, sound, syllables
from crmmigrate.model.surnames import common_surnames

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np

    from crmmigrate.matching.people.parts import Person

    _Ways = Callable[[str], frozenset[str]]

WHOLE, SURNAME, GIVEN, OTHER_GIVEN = 1, 2, 3, 4
"""The name in letters is the other; its surname is, and beside it stands a given name of another language, or none; its given name is; its surname is, and its given name ends otherwise."""

_INITIALS = {
    "b": "p|b", "d": "t|d", "g": "k|g", "gw": "kw|gw|k", "z": "ts|ch|tz|j|c|tj", "c": "ch|ts|c", "s": "s|sh|sz", "j": "y|j|",
    "ng": "ng|", "n": "n|l", "": "|ng",
}  # fmt: skip
_FINALS = {
    "aa": "a|ar|ah", "aai": "ai|aai", "aau": "au|aau", "ai": "ai|ei|y|i", "au": "au|ow|ou", "am": "am|um", "an": "an|un|en",
    "ang": "ang|ung|eng", "ap": "ap|up", "at": "at|ut", "ak": "ak|uk|ack", "aak": "ak|aak|ack", "e": "e|eh", "ei": "ei|i|ay|ee|ey|e",
    "eng": "eng|ing", "i": "i|ee|e|ze|z|ie|h|ih", "iu": "iu|ew|ieu|io", "ik": "ik|ick", "o": "o|or|oh|aw", "oi": "oi|oy", "ou": "o|ou|u|ow|oe",
    "ok": "ok|ock", "on": "on|orn", "u": "u|oo", "ui": "ui|ooi|oi", "un": "un|oon", "ung": "ung|oong", "oe": "eu|oe", "oeng": "eung|oeng|eong|ong|erng", "oek": "euk|eok|ock|euk",
    "eoi": "ui|eui|oi|uy", "eon": "un|eun|on", "eot": "ut|eot", "yu": "yu|u|ue|ui|ee|hu", "yun": "uen|yuen|un|yun|oon", "yut": "uet|yuet|ut",
}  # fmt: skip
"""Jyutping's finals and how they are written in names; those that are not here are written as they are. Of our own reading of names of Hong Kong, where no rule binds anybody."""

_READING = re.compile(r"(ng|gw|kw|[bpmfdtnlgkhwzcsj]?)(.*?)[1-6]")
_LONGEST = 7
"""Letters of a character at most: cheung."""

_GREATEST = 4
"""So many words a name in letters has at most: a surname, two given names and an English one."""

_COMMON = 100
"""So many surnames most people of the mainland bear."""


class Romanised:
    """What the letters of people's names say where others are written in characters.

    Args:
        people: of whom the words of those in letters are read.
    """

    def __init__(self, people: Sequence[Person]) -> None:
        self._people = people

    def compare(self, one: np.ndarray, other: np.ndarray, chinese: np.ndarray) -> np.ndarray:
        """Return WHOLE, SURNAME, GIVEN or OTHER_GIVEN for pairs of which one name is in characters and the other in letters, else 0.

        Args:
            one: people.
            other: people.
            chinese: of all people, whether their name is in characters.
        """
        import numpy as np

        found = np.zeros(len(one), dtype=np.int8)
        for index, (a, b) in enumerate(zip(one, other, strict=True)):
            name, letters = (self._people[a], self._people[b]) if chinese[a] else (self._people[b], self._people[a])
            if name.surname and len(name.name) > len(name.surname):
                found[index] = _compared(name.surname, name.given, _letters(letters))
        return found


class _Letters(NamedTuple):
    """A name in letters.

    Args:
        words: those that may be a Chinese name's: the surname last, where it was told.
        mandarin: whether all of them are syllables of pinyin, and one at an end a surname that many bear: nobody of Hong Kong.
    """

    words: tuple[str, ...]
    mandarin: bool


@lru_cache(maxsize=20_000)
def _letters(person: Person) -> _Letters:
    said = [word for word in (person.first, *person.more, person.surname) if word]
    words = tuple(word for word in said if not is_foreign(word)) if 1 < len(said) <= _GREATEST else ()
    ends = {*words[:1], *words[-1:]}
    return _Letters(words, syllables().issuperset(words) and not ends.isdisjoint(_surnames_in_pinyin()))


@cache
def _surnames_in_pinyin() -> frozenset[str]:
    return frozenset(map(sound, common_surnames(_COMMON)))


def _compared(surname: str, given: str, letters: _Letters) -> int:
    """Return what a name in characters and one in letters have in common."""
    ways = _mandarin if letters.mandarin else _spellings
    own = _joined(surname, letters.words, ways)
    found = 0
    for at, word in enumerate(own):
        rest = own[:at] + own[at + 1 :]
        one_given = bool(rest) and _written(given, "".join(rest), ways)
        if not _written(surname, word, ways):
            found = found or (GIVEN if one_given else 0)
        elif one_given:
            return WHOLE
        elif at in (0, len(own) - 1):
            found = _beside(given, rest, ways) or found
    return found


def _joined(surname: str, words: tuple[str, ...], ways: _Ways) -> tuple[str, ...]:
    """Return words with a surname of two characters as one of them: Au Yeung."""
    for at in range(len(words) - 1 if len(surname) > 1 else 0):
        both = words[at] + words[at + 1]
        if _written(surname, both, ways):
            return (*words[:at], both, *words[at + 2 :])
    return words


def _beside(given: str, words: tuple[str, ...], ways: _Ways) -> int:
    """Return what the words beside a surname say of a given name: one that is joined, or of which the end is the same, may be it in letters that we do not know; sisters are 美玲 and 美芳."""
    if not words:
        return SURNAME
    other = len(words) == len(given) and not _written(given[-1], words[-1], ways)
    return OTHER_GIVEN if other else 0


def is_foreign(word: str) -> bool:
    """Return whether a word is none of a Chinese name, but a given name of another language, as far as one can tell."""
    if word in syllables():
        return False
    return (
        is_given(word) or bool(of_given_name(word)) or not (is_pinyin(word) or _SYLLABLES.fullmatch(word) is not None)
    )


def _written(characters: str, letters: str, ways: _Ways) -> bool:
    """Return whether characters may be written so."""
    if len(characters) == 1:
        return letters in ways(characters)
    ends = {0}
    for sign in characters:
        said = ways(sign)
        ends = {end for begin in ends for end in range(begin + 1, begin + _LONGEST + 1) if letters[begin:end] in said}
    return len(letters) in ends


def of_surname(surname: str) -> list[str]:
    """Return how a surname in characters is written in letters: in pinyin, and as most do in Hong Kong and Singapore, where that is another way."""
    said = in_pinyin.of_surname(surname)
    return list(dict.fromkeys((*said, *ABROAD.get(surname, ()))))


def ways_in_letters(people: Sequence[Person]) -> np.ndarray:
    """Return numbers (people × 2 × WAYS): the ways of writing the whole name, and the surname; 0 for none."""
    import numpy as np

    flat: list[str] = []
    at: list[tuple[int, int, int]] = []
    for index, person in enumerate(people):
        for side, words in enumerate((person.romans, person.ends)):
            flat += words
            at += [(index, side, place) for place in range(len(words))]
    table = np.zeros((len(people), 2, in_pinyin.WAYS), dtype=np.int64)
    if flat:
        table[tuple(np.array(at).T)] = hashed(flat)
    return table


@cache
def _mandarin(sign: str) -> frozenset[str]:
    """Return how a character may be written in Taiwan: by Wade and Giles, as a rule without its signs."""
    from pypinyin import Style, pinyin

    return frozenset(way.replace("v", "u").replace("'", "") for way in pinyin(sign, Style.WADEGILES, heteronym=True)[0])


@cache
def _spellings(sign: str) -> frozenset[str]:
    """Return how a character may be written in Hong Kong or in Taiwan, or in pinyin beside a surname of there."""
    from ToJyutping import get_jyutping_candidates

    said = {reading for _, several in get_jyutping_candidates(sign) for reading in several or ()}
    parts = [found.groups() for found in map(_READING.fullmatch, said) if found]
    cantonese = {
        begin + end
        for a, b in parts
        for begin in (_INITIALS.get(a, a).split("|") if b else [a])
        for end in _FINALS.get(b, b).split("|")
    }
    return _mandarin(sign) | cantonese | {sound(sign)}


ABROAD: dict[str, tuple[str, ...]] = {
    line.split()[0]: tuple(line.split()[1:])
    for line in (
        "陈 chan tan", "黄 wong ng ooi", "王 wong ong", "李 lee", "张 cheung teo chang", "林 lam lim", "刘 lau low", "吴 ng goh", "周 chow chew", "杨 yeung yeo",
        "郑 cheng tay", "谢 tse chia", "许 hui koh", "蔡 choi chua tsoi", "梁 leung neo", "叶 yip yap", "郭 kwok kwek", "何 ho", "罗 lo", "邓 tang", "曾 tsang chan",
        "徐 tsui chee", "朱 chu", "苏 so soh", "冯 fung", "潘 poon phua", "彭 pang", "谭 tam", "余 yu yee", "麦 mak", "赵 chiu", "钟 chung", "黎 lai", "方 fong",
        "马 ma", "胡 wu woo", "高 ko", "洪 hung ang", "沈 shum sim", "卢 lo loh", "石 shek", "江 kong", "汤 tong", "廖 liu", "关 kwan", "欧阳 auyeung", "吕 lui", "孙 suen", "邱 yau khoo",
    )
}  # fmt: skip
"""Surnames as most who bear them write them in Hong Kong, and in Singapore those from Fujian and Chaozhou."""

_AS_THEY_ARE = ("aam", "aan", "aat", "aang", "aap", "em", "ep", "ek", "im", "in", "ing", "ip", "it", "ong", "ot", "ut", "uk")  # fmt: skip
"""Jyutping's other finals."""

_SYLLABLES = re.compile(
    "ng|(?:(?:[bpmfdtnlgkhwzcsjy]|ng|kw|gw|ch|ts|tz|sh|sz|hs)?(?:{})){{1,2}}".format(
        "|".join(sorted({way for ways in _FINALS.values() for way in ways.split("|")} | {*_AS_THEY_ARE}))
    )
)
"""What can be read as Cantonese: Tai, Siuming."""
