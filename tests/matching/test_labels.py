"""What people decided moves the weights of the levels it is about, towards what they said, and never far."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from crmmigrate.matching.comparison import Comparison
from crmmigrate.matching.labels import teach
from crmmigrate.model.dedupe import ColumnRule, DedupeRules

RULES = DedupeRules(1, "account", {"name": ColumnRule(("名称",)), "phone": ColumnRule(("电话",))})


def comparison(count: int = 40) -> Comparison:
    """Return records of which 2n and 2n + 1 have names that are short for each other, and every other pair one phone."""
    rows = []
    for number in range(count):
        name, phone = f"杭州启明{'甲乙丙丁戊己庚辛壬癸'[number % 10]}{number}精密机械有限公司", f"0571-88{number:06d}"
        rows += [
            [f"r/{2 * number:03d}", name, phone],
            [f"r/{2 * number + 1:03d}", name[2:-4], phone if number % 2 else None],
        ]
    return Comparison(pd.DataFrame(rows, columns=["_record", "名称", "电话"], dtype="str"), RULES)


def pairs(count: int) -> list[tuple[int, int]]:
    return [(2 * number, 2 * number + 1) for number in range(count)]


def bits(made: Comparison) -> np.ndarray:
    left, right = (np.array(side) for side in zip(*pairs(40), strict=True))
    return made.score(left, right).bits


@pytest.mark.parametrize("mostly", [True, False])
def test_weights_follow_what_people_say(mostly):
    made = comparison()
    before = bits(made)
    said = [mostly if number % 5 else not mostly for number in range(40)]
    assert teach(made, made.model, pairs(40), said) > 0
    moved = bits(made) - before
    assert np.abs(moved).max() <= 4 * len(RULES.columns)
    assert (moved.mean() < 0) or mostly
    chance = 1 / (1 + 2.0 ** -np.r_[before, bits(made)])
    wanted = np.array(said, dtype=float)
    assert np.abs(chance[40:] - wanted).sum() <= np.abs(chance[:40] - wanted).sum()


@pytest.mark.parametrize("said", [[True] * 4 + [False] * 4, [True] * 40, []])
def test_too_few_labels_or_labels_of_one_kind_teach_nothing(said):
    made = comparison()
    before = [field.m.copy() for field in made.model.fields]
    assert teach(made, made.model, pairs(len(said)), said) == 0
    assert all((field.m == m).all() for field, m in zip(made.model.fields, before, strict=True))
