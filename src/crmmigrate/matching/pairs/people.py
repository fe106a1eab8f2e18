"""What people have in common because they work together: the address of their employer, their employer, each other's identity number."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from crmmigrate.matching.roles import roles_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np

    from crmmigrate.matching.roles import Role
    from crmmigrate.matching.weights import Field

_OTHER_NAMES = ("different", "other_script", "screen_name", "one_word")
"""Levels of people's names that say nothing for one person."""

_ONE_NUMBER, _NOBODYS_NUMBER = -4.0, 4
"""Bits that two names weigh at least, whose bearers have one identity number: people are asked; so many further records show that it is nobody's."""


@dataclass(frozen=True)
class People:
    """Which roles of a table tell who somebody is and of whom: what is said of him in two of them may be one thing.

    Args:
        name: the role of people's names, None of a table of companies.
        groups: the roles that tell of whom people are: the employer, the customer.
        work: the roles of the employer and of the address, which is the employer's; None where one of them is missing.
        postcode: the role of postcodes beside the address of the employer, None where one of the two is missing.
        number: the role of identity numbers, None where it is missing.
    """

    name: int | None
    groups: tuple[int, ...]
    work: tuple[int, int] | None
    postcode: int | None
    number: int | None

    def temper(
        self, weights: Sequence[np.ndarray], levels: np.ndarray, others: np.ndarray, fields: Sequence[Field]
    ) -> None:
        """Change the weights of pairs, by role, where one role says what another one says already; arguments as for `Model.weights`."""
        import numpy as np

        if self.work:
            company, address = self.work
            weights[address][self.at_work(levels, fields)] = 0.0
            moved = levels[:, company] == fields[company].last
            weights[address][moved] = np.maximum(weights[address][moved], 0.0)  # another company sits elsewhere
            if self.postcode is not None:
                weights[self.postcode][fields[company].agrees[levels[:, company]]] = 0.0
                weights[self.postcode][moved] = np.maximum(weights[self.postcode][moved], 0.0)
        two = self.two(levels, fields)
        for group in self.groups:
            weights[group][two] = np.minimum(weights[group][two], 0.0)
        if self.name is not None and self.number is not None:
            one = _of_one_number(levels, others, self.number) & (levels[:, self.name] == fields[self.name].last)
            weights[self.name][one] = np.maximum(weights[self.name][one], _ONE_NUMBER)

    def at_work(self, levels: np.ndarray, fields: Sequence[Field]) -> np.ndarray:
        """Return of which pairs of people employer and address agree: the address is where all work who are of the company, and says no more than that."""
        import numpy as np

        if not self.work:
            return np.zeros(len(levels), dtype=bool)
        company, address = (fields[at].agrees[levels[:, at]] for at in self.work)
        return np.asarray(company & address)

    def two(self, levels: np.ndarray, fields: Sequence[Field]) -> np.ndarray:
        """Return of which pairs of people the names differ or are in two scripts (Lucy, 陈露): on one telephone they are colleagues, and that they are of one company is the same thing once more."""
        import numpy as np

        if self.name is None:
            return np.zeros(len(levels), dtype=bool)
        other = np.array([*(level.name in _OTHER_NAMES for level in fields[self.name].levels), False])
        return np.asarray(other[levels[:, self.name]])

    def colleagues(self, levels: np.ndarray, fields: Sequence[Field]) -> dict[int, np.ndarray]:
        """Return by the roles that tell of whom people are which pairs of two people agree in them."""
        two = self.two(levels, fields)
        return {at: two & fields[at].agrees[levels[:, at]] for at in self.groups}


def people_of(roles: Mapping[str, Role]) -> People:
    """Return what is known of people in a table with these roles."""
    name = next(iter(roles_of(roles, "person_name")), None)
    joint = [at for at, role in enumerate(roles.values()) if role.joint]
    employers = [at for at in joint if [*roles.values()][at].compare == "company_name"]
    addresses = roles_of(roles, "address")
    work = (employers[-1], addresses[-1]) if employers and addresses else None
    postcodes = roles_of(roles, "serial") if work else []
    number = None if name is None or "id_number" not in roles else list(roles).index("id_number")
    return People(name, () if name is None else tuple(joint), work, postcodes[-1] if postcodes else None, number)


def _of_one_number(levels: np.ndarray, others: np.ndarray, number: int) -> np.ndarray:
    """Return of which pairs the identity number is one, which hardly others have: one of the two was given the wrong one, or the wrong name."""
    import numpy as np

    return np.asarray((levels[:, number] == 0) & (others[:, number] < _NOBODYS_NUMBER))
