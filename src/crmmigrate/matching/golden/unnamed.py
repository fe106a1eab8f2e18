"""Records of a company in whose name's place stands a post or the like (经理, 学生): beside one that names the company, that cell is empty."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmmigrate.matching.companies.no_company import is_no_company
from crmmigrate.matching.texts.folding import folded
from crmmigrate.matching.two_tables import compared_columns
from crmmigrate.model.text_table import as_text

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from crmmigrate.model.dedupe import DedupeRules


def without_no_names(rows: pd.DataFrame, label: np.ndarray, rules: DedupeRules) -> pd.DataFrame:
    """Return the rows without the cells under the company's header that name none, in clusters in which another one does.

    Args:
        rows: of all clusters of two and more.
        label: of the cluster of each.
        rules: of the object.
    """
    import numpy as np
    import pyarrow as pa

    role = rules.columns.get("name")
    if role is None or rules.object != "account":
        return rows
    for column in (name for name in compared_columns(rules, "name") if name in rows.columns):
        values = as_text(rows[column]).unique().drop_null()
        none = values.filter(pa.array(map(is_no_company, folded(values).to_pylist()), pa.bool_()))
        if not len(none):
            continue
        empty = rows[column].isin(none.to_pylist()).to_numpy()
        named = np.unique(label[rows[column].notna().to_numpy() & ~empty])
        rows = rows.assign(**{column: rows[column].mask(empty & np.isin(label, named))})
    return rows
