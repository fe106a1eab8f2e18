"""Two sites of one company's name: shops of a chain, agencies, franchises, each with an address and a telephone of its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from crmmigrate.matching import agreeing, by_name, named
from crmmigrate.matching.address import LEVELS as ADDRESS_LEVELS
from crmmigrate.matching.companies.levels import LEVELS as COMPANY_LEVELS
from crmmigrate.matching.person_name import FEW
from crmmigrate.matching.phone import HOTLINE
from crmmigrate.matching.roles import roles_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np

    from crmmigrate.matching.roles import Role
    from crmmigrate.matching.weights import Field

_NAME = by_name(COMPANY_LEVELS)
_REGISTERED = named(COMPANY_LEVELS, "registered", "here", "slip_here")
"""Names that the register gives once in a city, however many telephones there are."""

_ONE_NAME = named(COMPANY_LEVELS, "whole", "in_pinyin", "known", "same", "namesake", "form")
_CALLED_AFTER = _NAME["called_after"]
_NAMESAKE, _SISTER, _OTHER_TRADE, _OTHER_NAME = named(COMPANY_LEVELS, "namesake", "sister", "other_trade", "different")
_ADDRESS = by_name(ADDRESS_LEVELS)
_TOWN = _ADDRESS["other_town"]
_ELSEWHERE = named(ADDRESS_LEVELS, "elsewhere_in_city", "same_province", "other_line", "other_town", "different")
_SELDOM = 2e-3
"""What strangers have in common less often than that speaks for one shop of a name that many have."""

_HERE = [_ADDRESS["same"], _ADDRESS["similar"]]
_WEBS = ("website", "email")
_ALIKE = ("country", "reference", *_WEBS)
"""What says nothing of which site of a company it is."""


@dataclass(frozen=True)
class Sites:
    """What tells two sites of a company apart.

    Args:
        names: the roles of company names.
        address: the role of the address.
        phones: of each role of telephones, by which level they differ.
        webs: of the roles of websites and mailboxes, per level, and at last for none, whether it speaks for one company.
        shared: of these, whether they have one of them in common.
        others: of all further roles, whether it speaks for one thing.
        licences: the roles of codes of which each licence has its own.
    """

    names: tuple[int, ...]
    address: int
    phones: Mapping[int, int]
    webs: Mapping[int, np.ndarray]
    shared: Mapping[int, np.ndarray]
    others: Mapping[int, np.ndarray]
    licences: tuple[int, ...] = ()

    def two(self, levels: np.ndarray) -> np.ndarray:
        """Return pairs at two addresses with two telephones that agree in nothing but name, website and mailbox; registered names aside."""
        import numpy as np

        other_phone, one_phone, hotline = np.zeros((3, len(levels)), dtype=bool)
        for at, last in self.phones.items():
            seen = levels[:, at]
            other_phone |= seen == last
            one_phone |= (seen >= 0) & (seen < last) & (seen != HOTLINE)
            hotline |= seen == HOTLINE
        # A chain's shops of one mall have one name in each city, and one number that is called from everywhere.
        other_phone |= hotline & self._called(levels, (_NAMESAKE, _SISTER))
        there = np.isin(levels[:, self.address], _ELSEWHERE)
        return np.asarray(there & other_phone & ~one_phone & ~self._agree(levels) & ~self._called(levels, _REGISTERED))

    def doubtful(self, levels: np.ndarray) -> np.ndarray:
        """Return pairs that share name and website, but neither address nor telephone; and those of one name in two towns that share nothing else."""
        import numpy as np

        nothing = ~self._any(self.shared, levels) & ~self._agree(levels)
        for at, last in self.phones.items():
            nothing &= (levels[:, at] < 0) | (levels[:, at] == last)
        namesakes = nothing & (levels[:, self.address] == _TOWN) & self._called(levels, _ONE_NAME)
        return np.asarray(self.two(levels) | namesakes)

    def temper(
        self, weights: Sequence[np.ndarray], levels: np.ndarray, others: np.ndarray, fields: Sequence[Field],  # noqa: ARG002  (as all who temper)
    ) -> None:  # fmt: skip
        """Let roles not speak for one thing where they say nothing of which site it is; arguments as for `Model.weights`."""
        import numpy as np

        for roles, said in (
            ([*self.names, *self.webs], self.uncounted(levels, others)),
            ([*self.names], self._of_many(levels, others)),
            ([*self.phones, *(at for at in self.others if at not in self.licences)], self._two_trades(levels)),
            ([*self.phones], self._tenants(levels, others)),
        ):
            for role in roles:
                weights[role][said] = np.minimum(weights[role][said], 0.0)

    def _two_trades(self, levels: np.ndarray) -> np.ndarray:
        """Return pairs of shops with other names, trades and addresses: who owns both has one telephone, but a licence for each."""
        import numpy as np

        return np.asarray(self._called(levels, (_OTHER_TRADE,)) & np.isin(levels[:, self.address], _ELSEWHERE))

    def _tenants(self, levels: np.ndarray, others: np.ndarray) -> np.ndarray:
        """Return pairs of other names at other addresses that have nothing but a telephone in common, which others have too: that of a mall, an office or who keeps the books."""
        import numpy as np

        many = np.zeros(len(levels), dtype=bool)
        for at, last in self.phones.items():
            many |= (levels[:, at] >= 0) & (levels[:, at] < last) & (others[:, at] > 0)
        named = self._called(levels, (_OTHER_NAME, _OTHER_TRADE)) & np.isin(levels[:, self.address], _ELSEWHERE)
        return np.asarray(many & named & ~self._agree(levels) & ~self._any(self.webs, levels))

    def uncounted(self, levels: np.ndarray, others: np.ndarray) -> np.ndarray:
        """Return pairs of two sites of which name and website say nothing, because a chain's shops share them, or many shops, or all that is called after a body, or because no site is shared.

        Args:
            levels: pairs × roles.
            others: how many further records share what the pair has in common, pairs × roles.
        """
        import numpy as np

        two = self.two(levels)
        if not two.any():
            return two
        chain = np.zeros(len(levels), dtype=bool)
        for at, shared in self.shared.items():
            chain |= shared[levels[:, at]] & (others[:, at] >= FEW)
        far = levels[:, self.address] == _TOWN
        # A shop and another are two in one town as well, if they are not called quite the same.
        near = chain & ~self._called(levels, _ONE_NAME)
        body = self._called(levels, (_CALLED_AFTER, _NAMESAKE))
        return np.asarray(two & ((far & (chain | ~self._any(self.webs, levels))) | near | body))

    def _of_many(self, levels: np.ndarray, others: np.ndarray) -> np.ndarray:
        """Return pairs of a name that many records have, with two telephones and without one address, that agree in nothing else."""
        import numpy as np

        common = np.isin(levels[:, self.names], [_NAMESAKE]) & (others[:, self.names] >= FEW)
        apart = np.zeros(len(levels), dtype=bool)
        for at, last in self.phones.items():
            apart |= levels[:, at] == last
        for at, last in self.phones.items():
            apart &= (levels[:, at] < 0) | (levels[:, at] == last)
        here = np.isin(levels[:, self.address], _HERE)
        return np.asarray(common.any(axis=1) & apart & ~here & ~self._agree(levels) & ~self._any(self.webs, levels))

    def _called(self, levels: np.ndarray, wanted: tuple[int, ...]) -> np.ndarray:
        import numpy as np

        return np.asarray(np.isin(levels[:, self.names], wanted).any(axis=1))

    def _agree(self, levels: np.ndarray) -> np.ndarray:
        return self._any(self.others, levels)

    @staticmethod
    def _any(roles: Mapping[int, np.ndarray], levels: np.ndarray) -> np.ndarray:
        import numpy as np

        found = np.zeros(len(levels), dtype=bool)
        for at, true in roles.items():
            found |= true[levels[:, at]]
        return found


def sites_of(roles: Mapping[str, Role]) -> Sites | None:
    """Return what tells sites apart in a table with these roles; None where it is not of companies with address and telephone."""
    import numpy as np

    names, address = tuple(roles_of(roles, "company_name")), next(iter(roles_of(roles, "address")), -1)
    if not names or address < 0 or roles_of(roles, "person_name"):
        return None
    phones: dict[int, int] = {}
    webs: dict[int, np.ndarray] = {}
    shared: dict[int, np.ndarray] = {}
    others: dict[int, np.ndarray] = {}
    for at, role in enumerate(roles.values()):
        levels, agrees = role.priors(), agreeing(role.priors())
        if role.compare == "phone":
            phones[at] = len(levels) - 1
        elif role.compare in _WEBS:
            webs[at], shared[at] = agrees, np.array([*(level.shared for level in levels), False])
        elif role.compare not in _ALIKE and at not in (address, *names):
            # 邹桂芳 and 肖桂芳 have a shop of one name each.
            seldom = np.array([*(level.u <= _SELDOM for level in levels), False])
            others[at] = agrees & seldom
    licences = tuple(at for at, name in enumerate(roles) if name == "credit_code")
    return Sites(names, address, phones, webs, shared, others, licences)
