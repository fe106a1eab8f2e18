"""Cities of Taiwan in addresses: companies of one name in two of them are two."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from crmmigrate.matching.address import LEVELS, make
from crmmigrate.matching.engine import match
from crmmigrate.matching.roles import shipped
from crmmigrate.matching.texts.folding import fold


@pytest.mark.parametrize(
    ("one", "other", "apart"),
    [
        ("高雄市楠梓區民生路三段7號", "嘉義市西區復興街20號", True),
        ("高雄市楠梓區民生路三段7號", "5F., No.20, Fuxing St., West Dist., Chiayi City 600, Taiwan", True),
        ("高雄市楠梓區民生路三段7號", "No.20, Fuxing Rd., Lingya Dist., Kaohsiung", False),
        ("台北縣板橋市文化路7號", "新北市板橋區文化路7號", False),
        ("No.20, Fuxing Rd., New Taipei City", "No.20, Fuxing Rd., Taipei", False),
        ("高雄市楠梓區民生路三段7號", "Via Garibaldi 3, 20121 Milan", False),
        ("12 Tainan Road, Leeds", "9 Keelung Road, Leeds", False),
    ],
)
def test_which_cities_are_two(one, other, apart):
    addresses = make(fold([one, other]), np.ones(2, dtype=np.int64))
    left, right = np.array([0, 1]), np.array([1, 0])
    assert addresses.different(left, right).tolist() == [apart] * 2
    assert (LEVELS[addresses.compare(left, right)[0]].name == "different") == apart


def _clusters(*rows: dict[str, str]) -> list[int]:
    columns = list(dict.fromkeys(name for row in rows for name in row))
    frame = pd.DataFrame(
        [{"_record": f"s/{at}", **row} for at, row in enumerate(rows)], columns=["_record", *columns], dtype="str"
    )
    rules = shipped("account", columns)
    assert rules is not None
    return match(frame, rules).cluster.tolist()


def test_firms_of_one_name_in_two_cities_are_two_and_in_one_city_one():
    name = {"公司名稱": "嘉富工程行"}
    first = {"地址": "高雄市楠梓區民生路三段7號", "電話": "07-3456789"}
    other = {"地址": "No.20, Fuxing St., West Dist., Chiayi", "電話": "05-2345678"}
    assert _clusters(name | first, name | other) == [0, 1]
    same = {"地址": "No.7, Sec. 3, Minsheng Rd., Nanzi Dist., Kaohsiung", "電話": "+886 7 3456789"}
    assert _clusters(name | first, name | same) == [0, 0]
