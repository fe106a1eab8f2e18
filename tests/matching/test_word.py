"""Words compared."""

from __future__ import annotations

import numpy as np
import pytest

from crmmigrate.matching.word import LEVELS, make


@pytest.mark.parametrize(
    ("one", "other", "wanted"),
    [
        ("Surrey Hills", "surrey hills", "same"), ("berwick", "berwkck", "close"), ("pridham street", "pridhamstreet", "same"),
        ("milton", "milotn", "close"), ("cat", "dog", "different"), ("martha", "marhtas", "similar"), ("", "x", ""),
    ],
)  # fmt: skip
def test_levels(one, other, wanted):
    found = make([one, other], np.ones(2)).compare(np.array([0, 1]), np.array([1, 0]))
    assert [LEVELS[level].name if level >= 0 else "" for level in found] == [wanted] * 2


def test_close_words_share_a_key():
    kinds = {
        kind: (values.tolist(), keys.tolist())
        for kind, values, keys in make(["berwick", "berwkck", "milton"], np.ones(3)).candidate_keys()
    }
    _, heads = kinds["head"]
    assert heads[0] != heads[2]
    assert len(set(kinds["word"][1])) == 3
