"""The cores of company names, numbered: 萧山恒达机械 is 恒达机械 of 萧山区."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmmigrate.matching.texts.bags import numbered
from crmmigrate.matching.texts.letters import Letters

if TYPE_CHECKING:
    import numpy as np

    from crmmigrate.matching.companies.name_columns import Names


class Cores:
    """The brand and trade of names, alone and with the district of the name before them.

    Args:
        names: whose cores they are, by their number.
    """

    def __init__(self, names: Names) -> None:
        import numpy as np
        import pyarrow as pa
        import pyarrow.compute as pc

        count = len(names.core)
        self.districted = np.flatnonzero(names.district.true())
        """The names that say their district."""

        some = names.take(self.districted)
        districts = pa.array(some.district.values, names.core.type).take(pa.array(some.district.codes))
        seated = pc.binary_join_element_wise(districts, some.core, pa.scalar("", names.core.type))
        self.districted_sounds = Letters(seated).sounds()
        numbers = numbered(pa.concat_arrays([names.core, seated]))
        self.core, self._seated = numbers[:count], numbers[:count].copy()
        self._seated[self.districted] = numbers[count:]

    def same(self, one: np.ndarray, other: np.ndarray) -> np.ndarray:
        """Return where two names have one core, with the district of one of them before it or without."""
        import numpy as np

        core, seated = self.core, self._seated
        return np.asarray((core[one] == core[other]) | (seated[one] == core[other]) | (core[one] == seated[other]))
