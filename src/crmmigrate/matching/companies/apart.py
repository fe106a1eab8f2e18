"""The company names that values hold, taken apart; of many values in shares, which several processes take."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from crmmigrate.matching.companies.brand_sounds import forget
from crmmigrate.matching.companies.name_columns import Names, end_to_end
from crmmigrate.matching.companies.no_company import companies_in
from crmmigrate.matching.companies.plain_names import taken_apart

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np

    from crmmigrate.matching import Values


class Apart(NamedTuple):
    """Names of values.

    Args:
        names: in the order of the values.
        owners: the value of each, ascending.
        values: how many there are.
    """

    names: Names
    owners: np.ndarray
    values: int


def apart(values: Values) -> Apart:
    """Return the names that distinct values of a role hold; what is found of a value does not depend on the others."""
    held = companies_in(values)
    names, cells = taken_apart(held.texts)
    forget()
    return Apart(names, held.owners[cells], held.values)


def joined(shares: Sequence[Apart]) -> Apart:
    """Return `apart` of all values, given that of each share of them, in their order."""
    import numpy as np

    ends = np.cumsum([share.values for share in shares])
    owners = [share.owners + end - share.values for share, end in zip(shares, ends, strict=True)]
    return Apart(end_to_end([share.names for share in shares]), np.concatenate(owners), int(ends[-1]))
