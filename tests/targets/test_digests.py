from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from crmmigrate.targets.digests import RowSum, row_sum

ROWS = st.lists(st.tuples(st.integers() | st.none(), st.text(max_size=5)), max_size=8)


@given(ROWS, st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(rows: list[tuple[int | None, str]], chance: object) -> None:
    mixed = list(rows)
    chance.shuffle(mixed)  # type: ignore[attr-defined]
    assert row_sum(mixed) == row_sum(rows)


@given(ROWS, ROWS)
def test_sums_add_up_and_come_apart(left: list[tuple[int | None, str]], right: list[tuple[int | None, str]]) -> None:
    whole = row_sum([*left, *right])
    assert whole == row_sum(left) + row_sum(right)
    assert whole - row_sum(right) == row_sum(left)
    assert RowSum.parse(str(whole)) == whole


@given(ROWS, ROWS)
def test_other_rows_give_another_digest(
    left: list[tuple[int | None, str]], right: list[tuple[int | None, str]]
) -> None:
    same = sorted(map(repr, left)) == sorted(map(repr, right))
    assert (row_sum(left) == row_sum(right)) == same


def test_a_row_twice_is_not_no_row() -> None:
    assert len({str(row_sum([("a",)] * count)) for count in range(4)}) == 4
