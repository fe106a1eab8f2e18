"""Which roles of a table of people tell who somebody is and of whom: what is said of him in two of them may be one thing."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crmmigrate.matching.roles import Role


def work_of(roles: Mapping[str, Role]) -> tuple[int, int] | None:
    """Return the roles of people's employers and of the address, None where one of them is missing."""
    places = {
        "employer" if role.joint else role.compare: index
        for index, role in enumerate(roles.values())
        if role.compare == "address" or (role.compare == "company_name" and role.joint)
    }
    return (places["employer"], places["address"]) if len(places) > 1 else None


def colleagues_of(roles: Mapping[str, Role]) -> tuple[int, tuple[int, ...]] | None:
    """Return the role of people's names and those of whom they are, None of a table of companies."""
    every = list(enumerate(roles.values()))
    people = [index for index, role in every if role.compare == "person_name" and not role.joint]
    return (people[0], tuple(index for index, role in every if role.joint)) if people else None


def identities_of(roles: Mapping[str, Role]) -> tuple[int, int] | None:
    """Return the roles of people's names and of identity numbers, None where one of them is missing."""
    people = colleagues_of(roles)
    return (people[0], list(roles).index("id_number")) if people and "id_number" in roles else None
