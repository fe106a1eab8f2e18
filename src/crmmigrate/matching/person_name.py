"""Names of people: Chinese and others, by sound, and with a title in place of the given name (张总, 李女士)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crmmigrate.matching import Comparer, Level
from crmmigrate.matching.bags import numbered
from crmmigrate.matching.folding import bare, fold_values, is_chinese
from crmmigrate.matching.letters import Letters
from crmmigrate.matching.shared import ItemComparer
from crmmigrate.messages import Message

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np

LEVELS = (
    Level("same", Message("the same name"), 0.82, 2e-3, by_frequency=True, shared=True),
    Level("sound", Message("names that sound the same"), 0.05, 1e-3),
    Level("surname", Message("the same surname, one with a title only"), 0.05, 2e-2),
    Level("one_character", Message("names that differ in one character"), 0.04, 8e-3),
    Level("different", Message("different names"), 1e-4, 0.97),
)
_SOUND, _SURNAME, _ONE = 1, 2, 3
_COMPOUND = "欧阳 太史 端木 上官 司马 东方 独孤 南宫 万俟 闻人 夏侯 诸葛 尉迟 公羊 赫连 澹台 皇甫 宗政 濮阳 公冶 太叔 申屠 公孙 慕容 仲孙 钟离 长孙 宇文 司徒 鲜于 司空 令狐 轩辕"
_DOUBLE = frozenset(_COMPOUND.split())
_TITLE = re.compile(
    r"(?:先生|女士|小姐|太太|老师|师傅|经理|总经理|副总|董事长|总监|主任|主管|科长|处长|部长|局长|校长|院长|厂长|店长|会计|工程师|医生|教授|老板|总|董|工|哥|姐)\Z"
)
_WESTERN_TITLE = re.compile(r"\b(?:mr|mrs|ms|miss|dr|prof)\b\.?\s*")


def take_apart(folded: str) -> tuple[str, str, bool]:
    """Return (name, surname, whether the given name is missing) of a folded name; titles and notes in brackets are left off."""
    text = re.sub(r"[(\[【].*?[)\]】]", "", _WESTERN_TITLE.sub("", folded))
    text = bare(text)
    if not is_chinese(text):
        words = sorted(re.findall(r"\w+", _WESTERN_TITLE.sub("", folded)))
        return "".join(words), "", False
    plain = _TITLE.sub("", text) or text
    surname = plain[:2] if plain[:2] in _DOUBLE else plain[:1]
    if plain == surname:
        return surname, surname, True
    # 张工 may be an engineer, 张建工 is a name: a title of one character is only taken off behind a surname alone,
    # or behind a name that is complete without it.
    whole = text if plain != text and len(text) - len(plain) == 1 and len(plain) - len(surname) < 2 else plain
    return whole, surname, False


def make(values: Sequence[str], counts: np.ndarray) -> Comparer:
    """Return the comparer of people's names."""
    lists = [[name for name in map(take_apart, cells) if name[0]] for cells in fold_values(values)]
    return _People(lists, counts, len(LEVELS) - 1, "person")


class _People(ItemComparer):
    def __init__(
        self, lists: Sequence[Sequence[tuple[str, str, bool]]], counts: np.ndarray, last: int, kind: str
    ) -> None:
        import numpy as np

        super().__init__(lists, counts, last, kind)
        self.vague = np.array([item[2] for item in self.items], dtype=bool)
        self.surname = numbered([item[1] for item in self.items])
        self.sounds = Letters([item[0] for item in self.items]).sounds()
        self.chinese = np.array([is_chinese(item[0]) for item in self.items], dtype=bool)
        self.length = np.array([len(item[0]) for item in self.items], dtype=np.int64)

    def written(self, item: tuple[str, str, bool]) -> str:
        return "\x1f".join((item[0], item[1], "?" if item[2] else ""))

    def _levels(self, one: np.ndarray, other: np.ndarray) -> np.ndarray:
        import numpy as np

        levels = super()._levels(one, other)
        levels[(one == other) & self.vague[one]] = _SURNAME  # 张总 and 张总 have no more in common than the surname
        return np.asarray(levels)

    def relate(self, one: np.ndarray, other: np.ndarray) -> np.ndarray:
        import numpy as np
        from rapidfuzz.distance import OSA
        from rapidfuzz.process import cpdist

        a, b = [self.items[index][0] for index in one], [self.items[index][0] for index in other]
        distance = cpdist(a, b, scorer=OSA.distance, score_cutoff=1)
        vague = self.vague[one] | self.vague[other]
        levels = np.full(len(one), self.last, dtype=np.int8)
        levels[(distance <= 1) & (np.minimum(self.length[one], self.length[other]) >= 3)] = _ONE
        fewer = (self.length[one] != self.length[other]) & (self.surname[one] == self.surname[other])
        levels[(distance <= 1) & fewer & self.chinese[one] & self.chinese[other]] = _ONE
        levels[self.sounds[one] == self.sounds[other]] = _SOUND
        levels[vague] = np.where(self.surname[one] == self.surname[other], _SURNAME, self.last)[vague]
        return levels

    def candidate_keys(self) -> list[tuple[str, np.ndarray, np.ndarray]]:
        import numpy as np

        # 张总 is no key: too many are called so.
        return [self.keyed(self.kind, np.where(self.vague, -1, self.sounds))]
