"""What people call themselves where a form asks for their name, and nobody is called: 静待花开, 小太阳, tb39482."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crmmigrate.matching.people.spelt import may_be_english
from crmmigrate.matching.texts.folding import is_chinese
from crmmigrate.model.surnames import common_surnames, surnames

if TYPE_CHECKING:
    from crmmigrate.matching.people.parts import Person

_WITH_DIGITS = re.compile(r"(?=[a-z\d]*[a-z])(?=[a-z\d]*\d)[a-z\d]+")
_LONGEST = 3
"""Characters of a name with a surname of one."""

_COMMON = 100
_OF_WORDS = frozenset("大天海水雨云山青星月明阳春冬光花木")
"""Surnames of few, with which words of two characters begin by which people call themselves: 大海, 阳光."""


def is_screen_name(person: Person) -> bool:
    """Return whether somebody is called as nobody's whole name is: without a surname, with too many characters behind it, or with digits."""
    name = person.name
    if person.vague or not name:
        return False
    if is_chinese(name):
        return not _begins_as_name(name)
    return _WITH_DIGITS.fullmatch(name) is not None


def is_english_alone(person: Person) -> bool:
    """Return whether somebody is called by an English given name and no more."""
    return not person.first and may_be_english(person.name)


def _begins_as_name(name: str) -> bool:
    """Return whether a name in characters begins with a surname, and is as long as a name is with that; 欧阳 is one, and 范徐丽泰 has her husband's before hers."""
    if name[:2] in surnames() and len(name) > 1:
        return len(name) <= _LONGEST + 1
    if name[0] not in surnames() or (len(name) < _LONGEST and name[0] in _OF_WORDS):
        return False
    common = common_surnames(_COMMON)
    return len(name) <= _LONGEST or (len(name) == _LONGEST + 1 and name[0] in common and name[1] in common)
