"""Companies with a name in Chinese and one in letters: the Chinese ones tell more."""

from __future__ import annotations

import numpy as np
import pytest

from crmmigrate.matching import SEPARATOR
from crmmigrate.matching.company_name import LEVELS, make


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        (("Wing Hop Trading Ltd", "永合貿易有限公司"), ("Wing Hop Trading Limited", "永合貿易有限公司"), "same"),
        (("Wing Hop Trading Ltd", "永合貿易有限公司"), ("Wing Hop Trading Ltd", "榮合貿易有限公司"), "other_character"),
        (("Wing Hop Trading Ltd", "永合貿易有限公司"), ("大昌行貿易有限公司", "Tai Cheong Hong Trading"), "different"),
        (("Wing Hop Trading Ltd", "永合貿易有限公司"), ("永合貿易有限公司", "Wing Hop Trading Ltd"), "same"),
        (("Yonghe Trading Ltd", "永合貿易有限公司"), ("Wing Hop Trading Ltd", "永合貿易有限公司"), "same"),
        (("Wing Hop Trading Ltd", "永合"), ("Wing Hop Trading Limited", "永合貿易有限公司"), "whole"),
        (("Wing Hop Trading Ltd", ""), ("Wing Hop Trading Limited", "永合貿易有限公司"), "whole"),
        (("Kian Hin Sdn Bhd", "建兴有限公司"), ("Kian Hin Sdn Bhd - Ipoh Branch", "建兴有限公司"), "branch"),
        (("Kian Hin Sdn Bhd", "建兴有限公司"), ("Kian Hin Pte Ltd", "建兴有限公司"), "other_law"),
        (("Wing Hop Trading Ltd", ""), ("大昌行貿易有限公司", ""), "other_script"),
        (("永合贸易有限公司", "Wing Hop Trading"), ("大昌贸易有限公司", "Wing Hop Trading"), "different"),
    ],
)
def test_names_of_two_scripts_are_compared_each_with_its_own_kind(one, other, level):
    values = [SEPARATOR.join(filter(None, names)) for names in (one, other)]
    found = make(values, np.ones(2, dtype=np.int64)).compare(np.array([0, 1]), np.array([1, 0]))
    assert [LEVELS[at].name for at in found] == [level] * 2
