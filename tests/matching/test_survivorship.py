"""Names in two columns survive together."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from crmmigrate.matching.golden.survivorship import golden
from crmmigrate.matching.roles import shipped


@pytest.mark.parametrize(
    ("rows", "wanted"),
    [
        ([("张伟", None, "13911110001"), ("张", "伟", None)], ("张", "伟", "13911110001")),
        ([("张", "伟", None), ("张伟", None, "13911110001")], ("张", "伟", "13911110001")),
        ([(None, "Li Na", None), ("Li", "Na", None), ("李", "娜", "13911110001")], ("李", "娜", "13911110001")),
    ],
)
def test_a_surname_and_a_given_name_come_from_one_record(rows, wanted):
    frame = pd.DataFrame([(f"s/{at}", *row) for at, row in enumerate(rows)], columns=["_record", "姓", "名", "手机"], dtype="str")  # fmt: skip
    rules = shipped("contact", frame.columns)
    made = golden(frame, np.zeros(len(frame), dtype=np.int64), rules)
    assert tuple(made.rows[column][0].as_py() for column in ("姓", "名", "手机")) == wanted
