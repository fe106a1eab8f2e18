"""Two people of one household."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from crmmigrate.matching.comparison import Comparison
from crmmigrate.matching.roles import shipped

COLUMNS = ["_record", "姓名", "手机", "收货地址"]
HOME = "河北省保定市竞秀区和平街515号金色家园5栋2单元1973"


@pytest.mark.parametrize(
    ("one", "other", "mobile", "said"),
    [
        ("沈军", "赵惠芳", "15073425278", False),
        ("田婷婷", "田志强", "15073425278", False),
        ("沈军", "赵惠芳", "15073425279", True),
        ("一路顺风", "赵惠芳", "15073425278", True),
        ("赵惠芳", "赵惠芳", "15073425278", True),
    ],
)
def test_the_address_says_nothing_of_two_people_with_one_telephone(one, other, mobile, said):
    rows = [("c/1", one, "15073425278", HOME), ("c/2", other, mobile, HOME)]
    frame = pd.DataFrame(rows, columns=COLUMNS, dtype="str")
    comparison = Comparison(frame, shipped("contact", COLUMNS[1:]))
    levels = comparison.levels(np.array([0]), np.array([1]))[0][0]
    assert (levels[comparison.names.index("address")] >= 0) == said
