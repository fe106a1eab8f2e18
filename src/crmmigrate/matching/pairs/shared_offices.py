"""Companies at the address and telephone of one who does that for many: a company secretary of Hong Kong, an incubator, a centre of offices."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from crmmigrate.matching import named
from crmmigrate.matching.companies.levels import LEVELS
from crmmigrate.matching.person_name import FEW
from crmmigrate.matching.roles import roles_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np

    from crmmigrate.matching.roles import Role
    from crmmigrate.matching.weights import Field

_OTHER_NAMES = named(LEVELS, "different", "other_character", "sister", "group")


@dataclass(frozen=True)
class SharedOffices:
    """What such companies have in common.

    Args:
        name: the role of company names.
        there: of the roles of addresses and telephones, per level, and at last for none, whether they share one.
    """

    name: int
    there: Mapping[int, np.ndarray]

    def temper(
        self,
        weights: Sequence[np.ndarray],
        levels: np.ndarray,
        others: np.ndarray,
        fields: Sequence[Field],  # noqa: ARG002  (as all who temper)
    ) -> None:
        """Let address and telephone say nothing for two of other names, where so many others share both; arguments as for `Model.weights`.

        Of two that share them alone, one may have been renamed; a telephone alone is a company's too, of which many people are known.
        """
        import numpy as np

        found = np.isin(levels[:, self.name], _OTHER_NAMES)
        shared = np.zeros(len(levels), dtype=np.int8)
        for at, agrees in self.there.items():
            same = agrees[levels[:, at]]
            found &= ~same | (others[:, at] >= FEW)
            shared += same
        found &= shared > 1
        for at in self.there:
            weights[at][found] = np.minimum(weights[at][found], 0.0)


def offices_of(roles: Mapping[str, Role]) -> SharedOffices | None:
    """Return what is shared in a table with these roles; None where it is of people, or has no address or telephone."""
    import numpy as np

    names, every = roles_of(roles, "company_name"), [*roles.values()]
    if not names or roles_of(roles, "person_name"):
        return None
    there = {
        at: np.array([*(level.by_frequency and level.shared for level in every[at].priors()), False])
        for at in roles_of(roles, "address", "phone")
    }
    return SharedOffices(names[0], there) if there else None
