"""Names of people: Chinese and others, by sound and in pinyin, and with a title in place of the given name (张总, 小李, J. Smith)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmmigrate.matching import SEPARATOR, Comparer, Level, Tally, listed
from crmmigrate.matching.people.beside import place_beside
from crmmigrate.matching.people.for_short import FAMILIAR, OF_TWO_PARTS, calls, is_given_in_letters, is_part
from crmmigrate.matching.people.in_letters import beside, both, with_english
from crmmigrate.matching.people.latin_name import CLOSE, NICKNAME, ONE_WORD, OTHER_GIVEN, PART, SIMILAR, LatinNames
from crmmigrate.matching.people.parts import Person, is_whole_name, people
from crmmigrate.matching.people.romanised import GIVEN, SURNAME, WHOLE, Romanised, ways_in_letters
from crmmigrate.matching.people.screen_names import is_english_alone, is_screen_name
from crmmigrate.matching.people.sexes import of_characters, of_given_name, of_title
from crmmigrate.matching.people.two_tongues import TwoTongues
from crmmigrate.matching.places.place import all_apart
from crmmigrate.matching.texts.bags import numbered
from crmmigrate.matching.texts.blurred_sound import blurred
from crmmigrate.matching.texts.folding import fold_values, is_chinese, script
from crmmigrate.matching.texts.letters import Letters
from crmmigrate.matching.texts.look_alikes import look_alike
from crmmigrate.matching.texts.shared import ItemComparer
from crmmigrate.matching.texts.taken_apart import is_taken_apart
from crmmigrate.messages import Message
from crmmigrate.model.person_titles import is_desk, is_no_name
from crmmigrate.model.placeholders import is_nobody

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np

    from crmmigrate.matching import Values
    from crmmigrate.matching.places.place import Place

_COUPLE = Message("one surname, and a title of the one sex before or with a name of the other")
LEVELS = (
    Level("same", Message("the same name"), 0.82, 2e-3, by_frequency=True, shared=True),
    Level("sound", Message("names that sound the same"), 0.05, 1e-3),
    Level("pinyin", Message("a Chinese name and how it is written in letters"), 0.02, 3e-4),
    Level("close", Message("names in letters that differ in a letter or two, or in a further given name"), 0.05, 2e-4),
    Level("nickname", Message("one surname behind a given name and its short form"), 0.02, 1e-4),
    Level("surname", Message("the same surname, one with a title only"), 0.06, 5e-3),
    Level(
        "slip",
        Message(
            "names of which one lacks a character, or has two exchanged, one hidden or one that looks like another"
        ),
        0.03,
        1e-3,
    ),
    Level("one_character", Message("names that differ in one character"), 0.04, 8e-3),
    Level("other_character", Message("names of which one character is another, and sounds otherwise"), 0.02, 8e-3),
    Level("other_given", Message("names in letters that differ in a letter as two given names do"), 0.03, 2e-4),
    Level("similar", Message("similar names in letters"), 0.02, 1e-3),
    Level("part", Message("one name is a part of the other"), 0.05, 5e-3),
    Level("one_word", Message("names in letters of which the given name or the surname is alike"), 0.03, 0.015),
    Level("maybe_other_sex", _COUPLE, 0.03, 5e-3),
    Level("other_sex", _COUPLE, 0.01, 0.01),
    Level("unclear", Message("names that say nothing about each other"), 0.01, 0.02),
    Level(
        "screen_name", Message("a name beside what is nobody's name, as people call themselves on the web"), 0.01, 0.01
    ),
    Level("unnamed", Message("in the place of a name stands what somebody is"), 0.01, 0.01),
    Level("other_script", Message("names in two scripts"), 0.01, 0.02),
    Level("different", Message("different names"), 1e-4, 0.97),
)
_SOUND, _PINYIN, _CLOSE, _NICKNAME, _SURNAME, _SLIP, _ONE, _OTHER_CHARACTER, _OTHER_GIVEN = range(1, 10)
_SIMILAR, _PART, _ONE_WORD, _MAYBE_OTHER_SEX, _OTHER_SEX, _UNCLEAR, _SCREEN_NAME, _UNNAMED, _OTHER_SCRIPT = range(
    10, 19
)
_IN_LETTERS = {CLOSE: _CLOSE, SIMILAR: _SIMILAR, OTHER_GIVEN: _OTHER_GIVEN, PART: _PART, ONE_WORD: _ONE_WORD, NICKNAME: _NICKNAME}  # fmt: skip
_A_COUPLE = 1 * 2
"""王先生 and 王女士."""

_FATHER_AND_SON = 1 * 2
"""老沈总 and 小沈总."""

FEW, COMMON = 4, 3e-4
"""So many further records, and so large a part of all, have a name that two people of one company may well share."""


def make(values: Values, counts: np.ndarray, letters: Sequence[int] = (), renamed: Sequence[int] = ()) -> Comparer:
    """Return the comparer of people's names.

    Args:
        values: distinct values of the role.
        counts: in how many records each stands.
        letters: the places in each value of the cells in which a name in letters stands beside the others.
        renamed: those of the cells in which stand names that only a remark tells.
    """
    told = _told(values, renamed)
    values, more = beside(values, letters) if letters else (values, [])
    folded = fold_values(values)
    lists = [list(dict.fromkeys(name for cell in cells for name in _called(cell))) for cells in folded]
    more = both(more, [with_english(cells) for cells in folded])
    first = [cells[0] if cells else "" for cells in folded]
    titled, places = [of_title(cell) for cell in first], [place_beside(cell) for cell in first]
    comparer = People([*lists, *more], counts, titled, places, first)
    if renamed:
        comparer.renamed, comparer.own = told, numbered([names[0].name if names else "" for names in lists])
    return comparer


def _told(values: Values, renamed: Sequence[int]) -> np.ndarray:
    """Return of which values a remark tells a further name."""
    import numpy as np

    cells = (value.split(SEPARATOR) for value in listed(values)) if renamed else ()
    return np.array([any(own[place] for place in renamed if place < len(own)) for own in cells], dtype=bool)


def _called(cell: str) -> list[Person]:
    """Return whom a folded cell may mean; of one that only says what somebody is (老板娘, 设备科), somebody without a name."""
    if is_nobody(cell):
        return []
    if is_no_name(cell):
        return [Person(cell, "", vague=True)]
    return [person for person in people(cell) if person.name]


class People(ItemComparer):
    """The comparer of people's names, see `make`."""

    once = True

    def __init__(
        self,
        lists: Sequence[Sequence[Person]],
        counts: np.ndarray,
        titled: Sequence[str],
        places: Sequence[Place],
        first: Sequence[str],
    ) -> None:
        import numpy as np

        self.values = len(counts)
        """Of distinct values; in the bags behind theirs are the names in letters that stand beside their own."""
        counts = np.concatenate([counts, counts[: len(lists) - len(counts)]])
        super().__init__(lists, counts, len(LEVELS) - 1, "person")
        self.age = np.array(["老小".find(item.age) + 1 if item.age else 0 for item in self.items], dtype=np.int8)
        self.renamed: np.ndarray | None = None
        """Of values, where remarks tell names: whether one does so of this."""
        self.own = np.zeros(0, dtype=np.int64)
        """Of values, where remarks tell names: a number for the name that the table itself gives."""
        self.titled = _numbers(titled)
        """Of values: who are called the same are one item, with a title or without."""
        self.whole = np.array([*map(is_whole_name, first)], dtype=bool)
        """Of values: whether just a whole Chinese name stands there."""
        self.desk = np.array([*map(is_desk, first)], dtype=bool)
        """Of values: whether it is where somebody answers, and not who."""
        met = list(dict.fromkeys(places))
        numbers = {place: number for number, place in enumerate(met)}
        self.place = np.array([numbers[place] for place in places], dtype=np.int64)
        self.apart = all_apart(met)
        self.named = np.array([counts.sum()])
        names = [item.name for item in self.items]
        self.vague = np.array([item.vague for item in self.items], dtype=bool)
        self.surname = numbered([item.surname for item in self.items])
        self.unnamed = np.array([not item.surname for item in self.items], dtype=bool)
        self.sex = _numbers([item.sex for item in self.items])
        self.bears = _numbers([of_given_name(item.first) for item in self.items])
        self.may_bear = _numbers([of_characters(item.given) for item in self.items])
        self.screen_name, self.english = np.array([(is_screen_name(item), is_english_alone(item)) for item in self.items], dtype=bool).reshape(-1, 2).T  # fmt: skip
        self.tongues = TwoTongues(self.items)
        self.called = np.array([bool(item.called) for item in self.items], dtype=bool)
        self.nobody = self.vague & self.unnamed & ~self.called
        self.sounds = Letters(names).sounds()
        self.chinese = np.array([is_chinese(name) for name in names], dtype=bool)
        self.in_characters = np.array([is_chinese(cell) for cell in first], dtype=bool)
        """Of values."""
        self.script = np.array([script(name) for name in names], dtype=np.int64)
        self.begin = np.array([ord(name[:1] or "\0") for name in names], dtype=np.int64)
        self.end = np.array([ord(name[-1:] or "\0") for name in names], dtype=np.int64)
        self.length = np.array([len(name) for name in names], dtype=np.int64)
        self.familiar = np.array([name[:1] in FAMILIAR for name in names], dtype=bool)
        self.spelt = np.array([item.spelt for item in self.items], dtype=bool)
        self.latin = LatinNames(self.items)
        self.romanised = Romanised(self.items)
        self.roman = ways_in_letters(self.items)

    def written(self) -> list[str]:
        """Return each name as it is written, whoever bears it."""
        return ["\x1f".join((item.name, item.surname, "?" if item.vague else "", item.called)) for item in self.items]

    def compare(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        """Return the level of each pair of value indices: Mr. Weber is not Mrs. Claudia Weber."""
        import numpy as np

        levels = super().compare(left, right)
        if len(self.bag.sizes) > self.values:
            levels = self._beside(left, right, levels)
        levels[(levels == _SURNAME) & (self.titled[left] * self.titled[right] == _A_COUPLE)] = _OTHER_SEX
        return np.asarray(levels)

    def _beside(self, left: np.ndarray, right: np.ndarray, levels: np.ndarray) -> np.ndarray:
        """Return the levels of pairs, better ones where the name in letters beside the one is the other's; two whose own names are in characters are called by these."""
        import numpy as np

        for mine, theirs in ((left + self.values, right), (left, right + self.values)):
            asked = np.flatnonzero((levels > _PINYIN) & (self.bag.sizes[mine] > 0) & (self.bag.sizes[theirs] > 0))
            asked = asked[~(self.in_characters[left[asked]] & self.in_characters[right[asked]])]
            found = super().compare(mine[asked], theirs[asked])
            told = (found >= 0) & (found <= _NICKNAME)
            levels[asked[told]] = np.minimum(levels[asked[told]], _PINYIN)
        return levels

    def _levels(self, one: np.ndarray, other: np.ndarray) -> np.ndarray:
        import numpy as np

        levels = super()._levels(one, other)
        # 张总 and 张总 have no more in common than the surname, 阿丽 and 阿丽 a character.
        vague = (one == other) & self.vague[one]
        levels[vague] = np.where(self.unnamed[one], _PART, _SURNAME)[vague]
        levels[self.nobody[one] | self.nobody[other]] = _UNNAMED
        levels[self.age[one] * self.age[other] == _FATHER_AND_SON] = self.last
        return np.asarray(levels)

    def relate(self, one: np.ndarray, other: np.ndarray) -> np.ndarray:
        """Return the levels of pairs of names that are not the same."""
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
        for index in np.flatnonzero((levels == _ONE) & self.chinese[one] & self.chinese[other]):
            levels[index] = _one_off(a[index], b[index])
        one_other = (distance == 1) & (self.length[one] == self.length[other]) & (self.length[one] > 1)
        # 海军 and 海燕 are brother and sister.
        levels[(levels == _OTHER_CHARACTER) & (self.may_bear[one] * self.may_bear[other] == _A_COUPLE)] = self.last
        # 王语桐 and 朱语桐 have two fathers.
        levels[(levels == _OTHER_CHARACTER) & (self.surname[one] != self.surname[other])] = self.last
        levels[look_alike(a, b, one_other & self.chinese[one] & self.chinese[other])] = _SLIP
        levels[(self.sounds[one] == self.sounds[other]) | self._same_letters(one, other)] = _SOUND
        alike = self.latin.compare(one, other)
        for found, level in _IN_LETTERS.items():
            levels[(alike == found) & (levels != _SOUND)] = level
        longest = np.maximum(self.length[one], self.length[other])
        both = (self.end[one] == self.end[other]) | ((longest >= OF_TWO_PARTS) & (self.begin[one] == self.begin[other]))
        both &= self.chinese[one] & self.chinese[other]
        familiar = self.familiar[one] != self.familiar[other]
        for index in np.flatnonzero(
            (levels == self.last) & both & ((self.length[one] != self.length[other]) | familiar)
        ):
            if is_part(a[index], b[index]):
                levels[index] = _PART
        kin = (self.surname[one] == self.surname[other]) & ~self.unnamed[one]
        levels[vague] = np.where(kin, _SURNAME, self.last)[vague]
        levels[vague & self.latin.other_initials(one, other)] = _ONE_WORD
        for bears, level in ((self.bears, _OTHER_SEX), (self.may_bear, _MAYBE_OTHER_SEX)):
            couple = (self.sex[one] * bears[other] == _A_COUPLE) | (bears[one] * self.sex[other] == _A_COUPLE)
            levels[(levels == _SURNAME) & couple] = level
        for index in np.flatnonzero((levels == self.last) & (self.called[one] | self.called[other])):
            levels[index] = self._by_name(self.items[one[index]], self.items[other[index]])
        apart = (levels == self.last) & (self.begin[one] == self.begin[other])
        apart &= (self.length[one] != self.length[other]) & self.chinese[one] & self.chinese[other]
        for index in np.flatnonzero(apart):
            if is_taken_apart(a[index], b[index]):
                levels[index] = _SLIP
        levels[(levels == self.last) & self._by_screen_name(one, other)] = _SCREEN_NAME
        levels[self.sex[one] * self.sex[other] == _A_COUPLE] = self.last
        # Иван Петров is maybe Ivan Petrov, 김민준 Kim Minjun.
        scripts = (self.script[one] != self.script[other]) & ~self.chinese[one] & ~self.chinese[other]
        levels[(levels == self.last) & scripts] = _OTHER_SCRIPT
        self._crossed(one, other, levels, vague)
        return levels

    def _same_letters(self, one: np.ndarray, other: np.ndarray) -> np.ndarray:
        """Return where two names in letters are the same but for the blanks in them and where the surname stands: Xiao Qing Huang, Huang Xiaoqing."""
        import numpy as np

        found = ~self.chinese[one] & ~self.chinese[other]
        for side in (0, 1):
            both = np.flatnonzero(found)
            found[both] = self._meets(one[both], other[both], side)
        return np.asarray(found)

    def _meets(self, one: np.ndarray, other: np.ndarray, side: int) -> np.ndarray:
        """Return where a way of writing the whole names (0) or the surnames (1) in letters is one of both."""
        import numpy as np

        mine, theirs = self.roman[one, side], self.roman[other, side]
        return np.asarray(((mine[:, :, None] == theirs[:, None, :]) & (mine[:, :, None] != 0)).any(axis=(1, 2)))

    def _by_screen_name(self, one: np.ndarray, other: np.ndarray) -> np.ndarray:
        """Return where of two names in one script, or in characters and in pinyin, one is nobody's, or an English one alone beside a Chinese one."""
        import numpy as np

        of_china = self.spelt | self.chinese
        english = (self.english[one] & of_china[other]) | (of_china[one] & self.english[other])
        nobodys = self.screen_name[one] | self.screen_name[other]
        readable = (self.chinese[one] == self.chinese[other]) | self.spelt[one] | self.spelt[other]
        return np.asarray(english | (nobodys & readable))

    def _crossed(self, one: np.ndarray, other: np.ndarray, levels: np.ndarray, vague: np.ndarray) -> None:
        """Raise the levels of pairs of a Chinese name and how it is written in letters."""
        import numpy as np

        crossed = np.flatnonzero(self.chinese[one] != self.chinese[other])
        if len(crossed):
            spelt = self.spelt[one[crossed]] | self.spelt[other[crossed]]
            for side, level in ((1, _SURNAME), (0, _PINYIN)):
                meets = self._meets(one[crossed], other[crossed], side)
                found = meets & (vague[crossed] | ~spelt if side else ~vague[crossed])
                levels[crossed[found]] = np.minimum(levels[crossed[found]], level)
            self._romanise(one, other, levels, crossed, spelt)

    def _romanise(
        self, one: np.ndarray, other: np.ndarray, levels: np.ndarray, crossed: np.ndarray, spelt: np.ndarray
    ) -> None:
        """Set the levels of pairs in two scripts that pinyin does not bring together; letters that are no pinyin may be anything."""
        import numpy as np

        open_ = levels[crossed] == self.last
        asked = crossed[open_]
        found = np.zeros(len(crossed), dtype=np.int8)
        found[open_] = self.romanised.compare(one[asked], other[asked], self.chinese)
        levels[crossed[(found == GIVEN) | (open_ & (found == 0) & ~spelt)]] = _OTHER_SCRIPT
        levels[crossed[found == SURNAME]] = _SURNAME
        levels[crossed[found == WHOLE]] = _PINYIN
        given = self.screen_name[one[crossed]] | self.screen_name[other[crossed]]
        for index in crossed[given & (levels[crossed] > _PART)]:
            pair = [self.items[at] for at in sorted((one[index], other[index]), key=lambda at: not self.chinese[at])]
            if is_given_in_letters(*pair):
                levels[index] = _PART

    def _by_name(self, one: Person, other: Person) -> int:
        """Return the level of two names of which one is a character of a given name, or maybe a surname."""
        if one.called == other.called:
            return _PART
        if one.vague and other.vague:
            return self.last if one.surname and other.surname else _UNCLEAR
        meets = any(calls(a, b.given) for a, b in ((one, other), (other, one)))
        return _PART if meets else self.last

    def others(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        """Return how many further records have the name; where a town stands beside it and another beside the other, many: who writes it there knows both."""
        import numpy as np

        result = super().others(left, right)
        many = max(FEW, 2 * COMMON * int(self.named[0]))
        apart = self.apart[self.place[left], self.place[right]]
        result[apart] = np.maximum(result[apart], many)
        return result

    def in_two_tongues(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        """Return of which pairs of value indices one has an English given name beside the surname, and the other a Chinese one, in letters both."""
        import numpy as np

        owner, one, other = self.bag.cross(left, right)
        found = np.zeros(len(left), dtype=bool)
        found[owner[self.tongues.meet(one, other)]] = True
        return found

    def tallies(self) -> list[Tally]:
        """Return in how many records each name stands, and any."""
        import numpy as np

        return [*super().tallies(), Tally(np.zeros(1, dtype=np.int64), self.named)]

    def recount(self, times: Sequence[Callable[[np.ndarray], np.ndarray]]) -> None:
        """Take the names to stand in so many records."""
        import numpy as np

        super().recount(times)
        self.named = times[1](np.zeros(1, dtype=np.int64))

    def candidate_keys(self) -> list[tuple[str, np.ndarray, np.ndarray]]:
        """Return the ways of writing whole names in pinyin, and others as they are; 张总 is no key: too many are called so."""
        import numpy as np

        if not len(self.items):
            return [self.keyed(self.kind, np.zeros(0, dtype=np.int64))]
        ways = [np.where(self.vague | (way == 0), -1, way) for way in self.roman[:, 0].T]
        ways[0] = np.where(~self.vague & (ways[0] < 0), self.sounds, ways[0])
        ways += self.latin.by_given_names()
        _, values, keys = zip(*(self.keyed(self.kind, way) for way in ways), strict=True)
        return [(self.kind, np.concatenate(values) % self.values, np.concatenate(keys))]


def _numbers(sexes: Sequence[str]) -> np.ndarray:
    """Return numbers for sexes; only those of a couple make `_A_COUPLE`."""
    import numpy as np

    return np.array([("", "m", "f").index(sex) for sex in sexes], dtype=np.int8)


def _one_off(one: str, other: str) -> int:
    """Return the level of two Chinese names a character apart; of two that sound otherwise, nobody writes one who hears the other: 军 for 平."""
    if len(one) != len(other) or "*" in one + other or sorted(one) == sorted(other):
        return _SLIP
    return _ONE if blurred(one) == blurred(other) else _OTHER_CHARACTER
