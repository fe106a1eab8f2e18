"""Names in letters beside others: 孙涛博 with the English name Leo is Leo Sun, and Wong Wing Sze with Fiona is Fiona Wong."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from crmmigrate.matching import SEPARATOR, listed
from crmmigrate.matching.people.parts import Person, people
from crmmigrate.matching.people.romanised import of_surname
from crmmigrate.matching.people.spelt import also_called, english_beside
from crmmigrate.matching.people_headers import IN_LETTERS, in_letters
from crmmigrate.matching.texts.folding import fold, is_chinese

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from crmmigrate.matching import Values
    from crmmigrate.model.dedupe import DedupeRules

_MOST = 8
"""So many ways of writing a name in letters are looked for."""


def with_letters(frame: pd.DataFrame, rules: DedupeRules) -> tuple[pd.DataFrame, DedupeRules]:
    """Return the rules with the columns of names in letters behind those of the other names.

    Args:
        frame: all records of the table.
        rules: of the object.
    """
    letters, names = rules.columns.get(IN_LETTERS), rules.columns.get("name")
    if letters is None or names is None or names.compare or letters.compare:
        return frame, rules
    there = tuple(column for column in letters.columns if column in frame.columns and column not in names.columns)
    others = {role: rule for role, rule in rules.columns.items() if role != IN_LETTERS}
    columns = tuple(column for column in names.columns if column in frame.columns)
    return frame, replace(
        rules, columns=others | {"name": replace(names, columns=(*columns, *there) if columns else there)}
    )


def places_of_letters(columns: Sequence[str]) -> tuple[int, ...]:
    """Return the places of the columns of names in letters behind those of other names."""
    found = {*in_letters(columns)}
    return tuple(place for place, column in enumerate(columns) if place and column in found)


def beside(values: Values, places: Sequence[int]) -> tuple[list[str], list[list[Person]]]:
    """Return the values without the names in letters that stand beside others, and whom those name, by value.

    Where no other name is told, the one in letters is the name.

    Args:
        values: of the role of names.
        places: in each value, of the cells of names in letters.
    """
    own: list[str] = []
    letters: list[str] = []
    for value in listed(values):
        cells = value.split(SEPARATOR)
        told = SEPARATOR.join(cell for place, cell in enumerate(cells) if place not in places and cell)
        other = SEPARATOR.join(cell for place, cell in enumerate(cells) if place in places and cell)
        own.append(told or other)
        letters.append(other if told else "")
    said = [at for at, other in enumerate(letters) if other]
    folded = [fold([side[at] for at in said]) for side in (own, letters)]
    found: list[list[Person]] = [[] for _ in own]
    for at, name, other in zip(said, *folded, strict=True):
        found[at] = _named(name.split(SEPARATOR)[0], other.split(SEPARATOR))
    return own, found


def with_english(cells: Sequence[str]) -> list[Person]:
    """Return whom the folded cells of a name name besides where an English name stands in them: Lucy Guo of 郭春霞 Lucy, Chenghang Lu of Ryan Chenghang Lu."""
    found: dict[Person, None] = {}
    for cell in cells:
        if cell.isascii():
            found |= dict.fromkeys(person for also in also_called(cell) for person in people(also))
        elif english := english_beside(cell):
            found |= dict.fromkeys(_named(cell, [english]))
    return [*found][:_MOST]


def both(one: list[list[Person]], other: list[list[Person]]) -> list[list[Person]]:
    """Return by value whom the one and the other name; nothing where they name nobody."""
    if not any(other):
        return one
    return [[*a, *b] for a, b in zip(one or [[]] * len(other), other, strict=True)]


def _named(name: str, letters: Sequence[str]) -> list[Person]:
    """Return whom letters name beside a name, as far as the name does not say so itself."""
    [owner, *_] = people(name) or [Person("", "", vague=True)]
    found: dict[Person, None] = {}
    for cell in letters:
        for person in people(cell):
            if not person.name or is_chinese(person.name) or person.name == owner.name:
                continue
            if person.first or person.more:
                found[person] = None
            else:
                found |= dict.fromkeys(one for way in _surnames(owner, name) for one in people(f"{person.name} {way}"))
    return [*found][:_MOST]


def _surnames(owner: Person, name: str) -> list[str]:
    """Return how the surname of a name may be written in letters; of a name in letters it is the first word or the last."""
    if is_chinese(owner.name):
        return sorted(of_surname(owner.surname)) if owner.surname else []
    words = name.replace(",", " ").split()
    return list(dict.fromkeys((words[-1], words[0]))) if len(words) > 1 else []
