"""What the beginnings of addresses have come to, kept so that the next address that begins so need not be read from the start.

A memory of its own answers: it changes how long reading takes, never what is read.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from crmmigrate.standards._divisions import COUNTY
from crmmigrate.standards._gazetteer import CITY_IN_NAME
from crmmigrate.standards._townships import ENDING

if TYPE_CHECKING:
    from crmmigrate.standards._divisions import Division
    from crmmigrate.standards._gazetteer import Gazetteer, Token
    from crmmigrate.standards._places import Head

_LONGEST = 28
_REMEMBERED = 20_000
_TOWN_LIKE = frozenset("镇乡村桥")
"""Behind a short name these ask for what follows further on."""


@dataclass(frozen=True, slots=True)
class State:
    """What a beginning of texts has come to, and its head where nothing behind can change it but a township.

    `short` says that short names are in it: then a township behind may even change what they mean.
    """

    chains: tuple[Division, ...]
    given: tuple[Token, ...]
    head: Head | None
    short: bool


class Beginnings:
    """Remembers beginnings by their text; at most 20,000 of them.

    Args:
        names: the gazetteer by which they were read.
    """

    def __init__(self, names: Gazetteer) -> None:
        self.names = names
        self._states: dict[str, State] = {}
        self._lengths: dict[str, tuple[int, ...]] = {}

    def of(self, text: str, marks: frozenset[int]) -> tuple[State | None, int]:
        """Return what the longest beginning of the text that was met before has come to, and where it ends.

        Args:
            text: an address without blanks at Chinese characters.
            marks: where blanks were: they end short names.
        """
        states = self._states
        for end in self._lengths.get(text[:2], ()):
            state = states.get(text[:end])
            if state:
                open_ = (
                    text[end - 1 : end + 2] in CITY_IN_NAME
                    or (state.short and (marks or ENDING.search(text, end, end + 12)))
                    or (marks and self._ends_a_longer(text, state, marks))
                )
                return (None, 0) if open_ else (state, end)
        return None, 0

    def _ends_a_longer(self, text: str, state: State, marks: frozenset[int]) -> bool:
        """Whether a blank ends a short name that begins like one of the full names, and would be taken in its place."""
        short = self.names.short
        return any(
            text[token.end - len(token.text) : mark] in short
            for token in state.given for mark in marks if mark > token.end
        )  # fmt: skip

    def keep(self, text: str, end: int, chains: list[Division], given: list[Token], head: Head) -> None:
        """Keep what the text up to `end` has come to, if it would in any text."""
        if end > _LONGEST or not self._lasting(text, end, given):
            return
        if len(self._states) >= _REMEMBERED:
            self._states.clear()
            self._lengths.clear()
        only = len(chains) == 1 and not chains[0].former and head.code == chains[0].code
        sure = head if only and head.status in ("full", "partial") else None
        self._states[text[:end]] = State(tuple(chains), tuple(given), sure, any(token.short for token in given))
        lengths = self._lengths.get(text[:2], ())
        if end not in lengths:
            self._lengths[text[:2]] = tuple(sorted((*lengths, end), reverse=True))

    def _lasting(self, text: str, end: int, given: list[Token]) -> bool:
        """Whether the names mean the same whatever comes behind them.

        The last is a full one that no other name begins with. Short ones before it are provinces and cities, no township is near,
        and no longer name could begin where they do: what `Gazetteer` asks of the signs behind them is answered by the last name.
        """
        last = given[-1]
        if last.short or len(last.text) <= len("开县") or last.text in self.names.beginnings:
            return False
        short = [token for token in given if token.short]
        if short and ENDING.search(text, 0, end + 12):
            return False
        return all(self._means_the_same(text, end, token) for token in short)

    def _means_the_same(self, text: str, end: int, short: Token) -> bool:
        if any(one.level == COUNTY for one in short.candidates) or text[short.end] in _TOWN_LIKE:
            return False
        begin = short.end - len(short.text)
        longer = (name for name in self.names.starts[text[begin : begin + 2]] if len(name) > end - begin)
        return not any(name.startswith(text[begin:end]) for name in longer)
