"""Companies at the address and telephone of one who does that for many: a company secretary of Hong Kong, an incubator, a centre of offices."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from crmmigrate.matching.companies.levels import LEVELS
from crmmigrate.matching.person_name import FEW

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np

    from crmmigrate.matching.roles import Role

_OTHER_NAMES = [
    index for index, level in enumerate(LEVELS) if level.name in ("different", "other_character", "sister", "group")
]


@dataclass(frozen=True)
class SharedOffices:
    """What such companies have in common.

    Args:
        name: the role of company names.
        there: of the roles of addresses and telephones, per level, and at last for none, whether they share one.
    """

    name: int
    there: Mapping[int, np.ndarray]

    def told_twice(self, levels: np.ndarray, others: np.ndarray) -> tuple[list[int], np.ndarray]:
        """Return the roles of addresses and telephones, and the pairs of other names of which these say nothing: so many others share both.

        Of two that share them alone, one may have been renamed; a telephone alone is a company's too, of which many people are known.

        Args:
            levels: pairs × roles.
            others: how many further records share what the pair has in common, pairs × roles.
        """
        import numpy as np

        found = np.isin(levels[:, self.name], _OTHER_NAMES)
        shared = np.zeros(len(levels), dtype=np.int8)
        for at, agrees in self.there.items():
            same = agrees[levels[:, at]]
            found &= ~same | (others[:, at] >= FEW)
            shared += same
        return list(self.there), np.asarray(found & (shared > 1))


def offices_of(roles: Mapping[str, Role]) -> SharedOffices | None:
    """Return what is shared in a table with these roles; None where it is of people, or has no address or telephone."""
    import numpy as np

    kinds = [(role.compare, role.joint) for role in roles.values()]
    if ("company_name", False) not in kinds or ("person_name", False) in kinds:
        return None
    there = {
        at: np.array([*(level.by_frequency and level.shared for level in role.priors()), False])
        for at, role in enumerate(roles.values())
        if role.compare in ("address", "phone") and not role.joint
    }
    return SharedOffices(kinds.index(("company_name", False)), there) if there else None
