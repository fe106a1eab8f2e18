"""Records that people decided about, found again after their rows have moved."""

from __future__ import annotations

import pandas as pd
import pytest

from crmmigrate.matching.golden.recall import marks, recall
from crmmigrate.model.decision import Decision
from crmmigrate.model.dedupe import ColumnRule, DedupeRules


def rows(*held: list[str]) -> pd.DataFrame:
    columns = [f"c{number}" for number in range(len(held[0]))]
    frame = pd.DataFrame(held, columns=columns, dtype="str")
    numbers = range(2, len(held) + 2)
    return frame.assign(_record=[f"crm/客户/{n}" for n in numbers], _origin=[f"客户.csv!{n}" for n in numbers])


@pytest.mark.parametrize("roles", range(2, 20))
def test_a_row_that_holds_all_of_it_wins_over_one_in_its_old_place_that_holds_half(roles):
    rules = DedupeRules(1, "account", {f"c{n}": ColumnRule((f"c{n}",)) for n in range(roles)})
    first, other = [f"甲{n}" for n in range(roles)], [f"乙{n}" for n in range(roles)]
    like_first = [*first[: (roles + 1) // 2], *(f"丙{n}" for n in range(roles // 2))]
    before, now = rows(first, other), rows(like_first, other, first)
    decision = Decision.of("account", "crm/客户/2", "crm/客户/3", "merge", marks=tuple(marks(before, rules)))
    [found], lost = recall([decision], now, rules)
    assert not lost
    assert {found.record_a, found.record_b} == {"crm/客户/3", "crm/客户/4"}
