"""What somebody is called for short: a part of the name in characters."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crmmigrate.matching.people.parts import Person

OF_TWO_PARTS = 5
"""Characters at least of a name that is no Chinese one, but a given name and the father's, or a foreign one."""

FAMILIAR = ("阿", "小")
"""Before the end of a given name: 阿燕, 小燕."""


def calls(one: Person, given: str) -> bool:
    """Return whether somebody of that given name may be called so: 小明 is the end of it where it may as well be a surname, as in 小李."""
    return bool(one.called) and (given.endswith(one.called) if one.surname else one.called in given)


def is_given_in_letters(given: Person, whole: Person) -> bool:
    """Return whether a given name in characters is that of somebody in letters: 翠元 of Wang Cuiyuan."""
    return given.romans[:1] in [("".join((whole.first, *whole.more)),), (whole.surname,)]


def is_part(one: str, other: str) -> bool:
    """Return whether the shorter of two names is the other without its surname, without the company before it or without the father's name behind it (阿依古丽·买买提), or one is 阿 or 小 and the other's end."""
    short, long = sorted((one, other), key=len)
    if len(long) >= OF_TWO_PARTS and long.startswith(short) and len(short) > 1:
        return True
    called = short if short[:1] in FAMILIAR else long if long[:1] in FAMILIAR and len(long) == len(short) else ""
    return (long if called == short else short).endswith(called[1:]) if called[1:] else long.endswith(short)
