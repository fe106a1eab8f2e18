"""Lines of addresses in letters, written in different ways."""

from __future__ import annotations

import numpy as np
import pytest

from crmmigrate.matching.address import LEVELS, make


def level(one: str, other: str) -> str:
    addresses = make([one, other], np.ones(2, dtype=np.int64))
    return LEVELS[addresses.compare(np.array([0]), np.array([1]))[0]].name


@pytest.mark.parametrize(
    ("one", "other", "wanted"),
    [
        ("102 Fifth Ave. between 15th and 16th Sts., New York", "102 5th Avenue", "same"),
        ("156 2nd Ave. at 10th St.", "156 Second Avenue", "same"),
        ("2651 West Washington Boulevard", "2651 W. Washington Blvd", "same"),
        ("Hauptstraße 57", "Hauptstr. 57", "same"),
        ("Hauptstraße 57", "Hauptstr. 59", "other_line"),
        ("12 Off Road Park", "12 Off Rd Park", "same"),
        ("Near Lake 5", "Near Lake 5", "same"),
        ("浙江省杭州市西湖区文三路 100 号 A 座", "杭州市西湖区文三路100号A座", "same"),
    ],
)
def test_one_address_written_twice(one, other, wanted):
    assert level(one, other) == wanted
