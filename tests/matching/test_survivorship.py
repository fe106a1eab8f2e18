"""Names in two columns survive together."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from crmmigrate.matching.golden.survivorship import golden, survivors
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


def test_of_records_of_one_key_the_one_that_is_named_by_it_survives_with_the_values_of_all() -> None:
    names = ["s/客户/A1", "s/客户/A2", "s/客户/A2~5", "s/客户/A3~7", "s/客户/A3~9", "s/客户/A4", "s/客户/A4~8"]
    filled = [
        (None, "x"),
        ("远山", None),
        ("远山", "文三路"),
        ("鼎盛", "y"),
        (None, None),
        ("长城", None),
        ("长城", "z"),
    ]
    frame = pd.DataFrame(
        [(name, *row) for name, row in zip(names, filled, strict=True)],
        columns=["_record", "名称", "地址"],
        dtype="str",
    )
    rules = shipped("account", frame.columns)
    label = np.array([0, 1, 1, 2, 2, 1, 1])
    best = survivors(frame, label, rules)
    assert best.tolist() == [0, 1, 1, 3, 3, 1, 1], "A2~5 is called otherwise as soon as a row is put in before it"
    made = golden(frame, best, rules)
    assert made.rows["_record"].to_pylist() == ["s/客户/A1", "s/客户/A2", "s/客户/A3~7"]
    assert made.rows["地址"].to_pylist() == ["x", "文三路", "y"], "the values are those of the fullest record still"


def test_a_record_that_is_in_the_target_keeps_its_name_beside_one_of_its_key() -> None:
    frame = pd.DataFrame(
        {"_record": ["c/客户/A2", "c/客户/A2~5"], "名称": ["远山", "远山"], "_existing": [None, "c/客户/A2~5"]},
        dtype="str",
    )
    assert survivors(frame, np.array([0, 0]), shipped("account", ["名称"])).tolist() == [1, 1]
