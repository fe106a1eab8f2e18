"""Names in two columns compared."""

from __future__ import annotations

import numpy as np
import pytest

from crmmigrate.matching import SEPARATOR
from crmmigrate.matching.given_surname import LEVELS, make


@pytest.mark.parametrize(
    ("one", "other", "wanted"),
    [
        (("Emma", "Louca"), ("emma", "louca"), "same"), (("kyra", "wilde"), ("wilde", "kyra"), "swapped"),
        (("mitchell", "green"), ("mitchel", "green"), "close"), (("flynn", "welqer"), ("weller", "flynn"), "close"),
        (("emma", "louca"), ("anna", "louca"), "surname"), (("emma", "louca"), ("emma", "pamplin"), "given"),
        (("emma", "louca"), ("", "louca"), "surname"), (("emma", "louca"), ("harley", "mccarthy"), "different"), (("", ""), ("emma", "louca"), ""),
    ],
)  # fmt: skip
def test_levels(one, other, wanted):
    values = [SEPARATOR.join(one), SEPARATOR.join(other)]
    found = make(values, np.ones(2)).compare(np.array([0, 1]), np.array([1, 0]))
    assert [LEVELS[level].name if level >= 0 else "" for level in found] == [wanted] * 2


def test_swapped_names_share_a_key():
    values = [SEPARATOR.join(pair) for pair in (("kyra", "wilde"), ("wilde", "kyra"), ("emma", "louca"))]
    kinds = {
        kind: dict(zip(owners.tolist(), keys.tolist(), strict=False))
        for kind, owners, keys in make(values, np.ones(3)).candidate_keys()
    }
    assert kinds["both"][0] == kinds["both"][1] != kinds["both"][2]
