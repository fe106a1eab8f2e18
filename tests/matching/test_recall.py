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
    recalled = recall([decision], now, rules)
    [found] = recalled.found
    assert not recalled.lost
    assert {found.record_a, found.record_b} == {"crm/客户/3", "crm/客户/4"}


def keyed(*held: tuple[str, str, str]) -> pd.DataFrame:
    frame = pd.DataFrame(held, columns=["_record", "name", "phone"], dtype="str")
    return frame.assign(_origin=[f"客户.csv!{number}" for number in range(2, len(held) + 2)])


KEYED = DedupeRules(1, "account", {"name": ColumnRule(("name",)), "phone": ColumnRule(("phone",))})


@pytest.mark.parametrize(
    ("held", "verdict", "stands"),
    [
        (("新记海鲜", "020-2"), "merge", False),
        (("新记海鲜", "0571-1"), "merge", True),
        (("杭州易通科技", "020-2"), "merge", True),
        (("新记海鲜", "020-2"), "separate", True),
        (("杭州 易通科技", "0571 1"), "merge", True),
        (("杭州 易通 科技", "（0571）1"), "merge", True),
    ],
)
def test_a_merge_waits_where_a_key_stands_for_another_thing(held, verdict, stands):
    before = keyed(("crm/客户/A1", "杭州一通科技", "0571-1"), ("crm/客户/A2", "杭州易通科技", "0571-1"))
    now = keyed(("crm/客户/A2", *held), ("crm/客户/A1", "杭州一通科技", "0571-1"))
    decision = Decision.of(
        "account", "crm/客户/A1", "crm/客户/A2", verdict, marks=tuple(marks(before, KEYED, keyed=True))
    )
    recalled = recall([decision], now, KEYED)
    assert [one.verdict for one in recalled.found] == [verdict] * stands
    assert recalled.outlived == [decision] * (not stands)
    assert not recalled.lost


def test_of_records_with_a_key_nothing_is_marked_unless_asked_for():
    frame = keyed(("crm/客户/A1", "杭州一通科技", "0571-1"))
    assert marks(frame, KEYED) == [""]
    assert marks(frame, KEYED, keyed=True)[0].startswith("@name=")
