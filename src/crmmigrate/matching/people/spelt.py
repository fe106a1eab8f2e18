"""Chinese names in letters: Xiao Qing Huang is one, Ai Tanaka is none, and Ryan Chenghang Lu is Chenghang Lu with an English name."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from crmmigrate.matching.people.in_pinyin import of_surname
from crmmigrate.matching.people.nicknames import is_given
from crmmigrate.matching.people.romanised import ABROAD, is_foreign
from crmmigrate.matching.people.sexes import of_given_name
from crmmigrate.matching.texts.folding import is_pinyin, syllables
from crmmigrate.model.surnames import surnames

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_WORD = re.compile("[a-z]+")
_ASIDE = re.compile(r"[(\[]\s*([a-z]+)\s*[)\]]")
_LEAST = 3
"""Words of an English name, a surname and a given name at least; and letters of an English one that no list has."""


def is_spelt(words: Sequence[str]) -> bool:
    """Return whether a name of these words can be read as pinyin, but for an English name beside it; Lisa and Linda can, and are seldom meant so."""
    words = without_english(words) or words
    if len(words) < _LEAST - 1:
        return is_pinyin("".join(words)) and not any(map(is_english, words))
    return any(
        surname in _in_pinyin() and _is_given_name(given) and not any(map(is_english, given))
        for surname, given in _readings(words)
    )


def _readings(words: Sequence[str]) -> Iterator[tuple[str, Sequence[str]]]:
    """Give the ways of reading words as a surname, of two of them maybe (Ou Yang), and a given name."""
    for size in range(1, min(_LEAST, len(words))):
        yield "".join(words[-size:]), words[:-size]
        yield "".join(words[:size]), words[size:]


def without_english(words: Sequence[str]) -> Sequence[str]:
    """Return the words of a name without the one English name among them, where the others are a Chinese name: nothing where they are not, or there is none."""
    chinese = [word for word in words if not is_foreign(word)]
    if len(words) < _LEAST or len(chinese) != len(words) - 1:
        return ()
    named = (
        is_surname(surname) and (_is_given_name(given) or len(given) == _LEAST - 1)
        for surname, given in _readings(chinese)
    )
    return chinese if any(named) else ()


def also_called(folded: str) -> list[str]:
    """Return what somebody is called besides, where an English name stands beside a Chinese one in letters: Ryan Chenghang Lu is Chenghang Lu, and Ming Wing (Frank) Yeung is Frank Yeung."""
    words = _WORD.findall(_ASIDE.sub("", folded))
    if aside := _ASIDE.search(folded):
        return [f"{aside[1]} {words[-1]}"] if len(words) > 1 and is_english(aside[1]) else []
    return [" ".join(chinese)] if "," not in folded and (chinese := without_english(words)) else []


def english_beside(folded: str) -> str:
    """Return the one English name beside a name in characters, nothing where there is none: Lucy of 郭春霞 Lucy."""
    words = _WORD.findall(folded)
    return words[0] if len(words) == 1 and may_be_english(words[0]) else ""


def is_surname(word: str) -> bool:
    """Return whether a word in letters may be a Chinese surname."""
    return word in _in_pinyin() or word in _abroad()


def may_be_english(word: str) -> bool:
    """Return whether a folded word is an English given name, or long enough for one and nothing in pinyin."""
    return is_english(word) or (word.isascii() and word.isalpha() and len(word) >= _LEAST and not is_pinyin(word))


def is_english(word: str) -> bool:
    """Return whether a folded word is an English given name, and not one that is as well a syllable of pinyin."""
    return word not in syllables() and (is_given(word) or bool(of_given_name(word)))


def _is_given_name(words: Sequence[str]) -> bool:
    """Return whether words are the given name of somebody in pinyin: one or two syllables."""
    return _given_names().fullmatch("".join(words)) is not None


@cache
def _given_names() -> re.Pattern[str]:
    return re.compile(f"(?:{'|'.join(sorted(syllables(), key=len, reverse=True))}){{1,2}}")


@cache
def _in_pinyin() -> frozenset[str]:
    """Return the words of pinyin that a surname may be: 陈 is Chen, and Chan where it is as well a syllable."""
    return frozenset(way for surname in surnames() for way in of_surname(surname)) | (_abroad() & syllables())


@cache
def _abroad() -> frozenset[str]:
    return frozenset(way for ways in ABROAD.values() for way in ways)
