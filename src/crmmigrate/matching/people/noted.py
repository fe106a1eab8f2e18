"""Whom a note in a list of contacts names: 刘文静 华航化工, 华航化工 采购刘文静, 上海段婷婷, 苏勇客户."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crmmigrate.matching.people.beside import is_company, unsorted, with_post, without_post, without_relation
from crmmigrate.matching.people.parts import beside_company, is_surname_and_given, is_whole_name
from crmmigrate.matching.places.place import only_place, take_place

if TYPE_CHECKING:
    from collections.abc import Sequence

_APART = re.compile(r"[\s\-–—_/、,;·@()\[\]【】]+")
_MOST = 3
"""Characters of most whole names; a company is called by two as a rule."""


def whom_a_note_names(folded: str, *, of_a_company: bool) -> str:
    """Return somebody's whole name that a folded note tells, or what holds it; nothing where it tells none.

    Args:
        folded: the note.
        of_a_company: whether a company, a post, a place or the like has to stand beside it.
    """
    note = unsorted(folded)
    told = without_relation(note)
    parts = [part for part in _APART.split(told) if part]
    if len(parts) == 1 and beside_company(parts[0]):
        return parts[0]
    companies = [part for part in parts if any(map(is_company, with_post(part)))]
    named = [part for part in parts if part not in companies and is_surname_and_given(without_post(part))]
    if not named and len(parts) == 1:
        return _behind_place(parts[0])
    whom = named if len(named) == 1 else _likeliest(named)
    if len(whom) != 1:
        return ""
    name = without_post(whom[0])
    if len(parts) == 1 and only_place(name):
        return ""
    beside = companies or len(named) > 1 or told != note or any(only_place(part) for part in parts if part != whom[0])
    return name if beside or name != whom[0] or not of_a_company else ""


def _likeliest(named: Sequence[str]) -> Sequence[str]:
    """Return those of several parts that are likelier a person's name than a company's for short: 孟婷婷 of 孟婷婷 易腾, 王伟 of 王伟 海腾."""
    common = [part for part in named if is_whole_name(without_post(part)) and not only_place(part)]
    long = [part for part in common if len(without_post(part)) >= _MOST]
    return long if len(long) == 1 else common


def _behind_place(part: str) -> str:
    """Return the whole name behind a town: 段婷婷 of 上海段婷婷."""
    place, name = take_place(part)
    whole = is_whole_name(name) or (len(name) == _MOST and is_surname_and_given(name))
    return name if place.city and whole else ""
