"""Blocks of keys: every key of a bucket lies in one of its ranges, and no other."""

import pytest

from crmmigrate.model.row_digest import BLOCK, BLOCKS, differing, ranges


@pytest.mark.parametrize(("lowest", "highest"), [(0, 5000), (17, 17), (BLOCK * BLOCKS - 40, BLOCK * BLOCKS * 3 + 25)])
def test_the_ranges_of_buckets_hold_their_keys_and_no_others(lowest, highest):
    keys = [*range(lowest, min(highest, lowest + 3000) + 1), *range(max(lowest, highest - 3000), highest + 1)]
    wanted = {str(key // BLOCK % BLOCKS) for key in keys[::997]}
    found = ranges(wanted, lowest, highest)
    assert found is not None
    assert {k for k in keys if any(first <= k <= last for first, last in found)} == {
        k for k in keys if str(k // BLOCK % BLOCKS) in wanted
    }


def test_too_many_blocks_or_keys_below_zero_are_not_looked_up_one_by_one():
    assert ranges({"0"}, -5, 100) is None
    assert ranges({str(n) for n in range(300)}, 0, 10_000) is None
    assert ranges({"0"}, 0, 2**62) is None


def test_only_buckets_of_shelves_that_differ_are_looked_at():
    left = {"0": (5, "1 2 99,2 3 77"), "1": (4, "300 4 8"), "2": (1, "600 1 1")}
    right = {"0": (5, "1 2 99,2 3 78"), "1": (4, "300 4 8"), "3": (2, "800 2 2")}
    assert differing(left, right) == ({"2", "600", "800"}, 6, 5)
