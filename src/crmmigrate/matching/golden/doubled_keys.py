"""Of merged records of one key, the one that is named by the key alone gives its name to the golden record.

Where a key stands in a table twice, the later rows are named by their place too (`crm/客户/A2~5`). A row put in before them renames these, and what
was loaded under such a name would look like a record that is gone, beside a new one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmmigrate.model.dedupe import EXISTING

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

_PLACE = r"~[^~/]*$"


def is_new(rows: pd.DataFrame) -> np.ndarray:
    """Return of each row whether its record is not in the target already."""
    import numpy as np

    return rows[EXISTING].isna().to_numpy() if EXISTING in rows.columns else np.ones(len(rows), dtype=bool)


def named_by_key(records: pd.Series, best: np.ndarray, new: np.ndarray) -> np.ndarray:
    """Return per row the position of its survivor: that of the plain key, where the chosen one has the same key and a place.

    Args:
        records: the `_record` of the rows.
        best: per row the position of the survivor that was chosen.
        new: per row whether it is not in the target already; one that is keeps its name.
    """
    import numpy as np

    chosen = np.flatnonzero((best == np.arange(len(best))) & new)
    names = records.iloc[chosen]
    placed = names.str.contains(_PLACE, regex=True).to_numpy(dtype=bool)
    if not placed.any():
        return best
    at = dict(zip(records, range(len(records)), strict=True))
    renamed = np.arange(len(best), dtype=best.dtype)
    for position, plain in zip(chosen[placed].tolist(), names[placed].str.replace(_PLACE, "", regex=True), strict=True):
        other = at.get(plain)
        if other is not None and best[other] == position:
            renamed[position] = other
    return np.asarray(renamed[best])
