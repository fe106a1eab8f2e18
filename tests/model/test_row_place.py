"""The second sum of a bucket names the row that differs, and never a wrong one alone."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmmigrate.model.row_digest import BLOCK, BLOCKS, PLACED, SHELF
from crmmigrate.model.row_place import Account, named_keys, place, sums_apart


def digests(rows):
    """Return what a server would tell of key → digest."""
    buckets = {}
    for key, digest in rows.items():
        number, first, second = buckets.get(key // BLOCK % BLOCKS, (0, 0, 0))
        buckets[key // BLOCK % BLOCKS] = (number + 1, first ^ digest, second ^ (digest & PLACED) << key % BLOCK)
    shelves = {}
    for bucket, sums in sorted(buckets.items()):
        shelves.setdefault(str(bucket // SHELF), []).append((sums[0], " ".join(map(str, (bucket, *sums)))))
    return {name: (sum(n for n, _ in told), ",".join(text for _, text in told)) for name, told in shelves.items()}


def places(left, right):
    return [(bucket, place(*sums)) for bucket, *sums in sums_apart(left, right)]


def digest_of(key, version):
    return int(hashlib.md5(f"{key} {version}".encode(), usedforsecurity=False).hexdigest()[:15], 16)


KEYS = st.sets(st.integers(0, 400), min_size=1, max_size=80)


@given(KEYS, st.data())
def test_every_row_that_differs_is_named(keys, data):
    some = st.sets(st.sampled_from(sorted(keys)), max_size=12)
    changed, gone = data.draw(some), data.draw(some)
    rows = {key: digest_of(key, 1) for key in keys}
    other = {key: digest_of(key, 2 if key in changed else 1) for key in keys - gone}
    off = {str(key) for key in changed | gone}
    names = named_keys(sums_apart(digests(rows), digests(other)), 0, 400)
    assert names is not None
    assert names >= off
    alone = [key for key in off if sum(int(o) // BLOCK == int(key) // BLOCK for o in off) == 1]
    assert len(names) <= len(alone) + BLOCK * (len(off) - len(alone))


def test_several_rounds_of_keys_name_one_key_in_each():
    rows = {5: 77, BLOCK * BLOCKS + 5: 88, BLOCK * BLOCKS * 2 + 9: 99}
    other = rows | {BLOCK * BLOCKS + 5: 1 << 59 | 3}
    names = named_keys(sums_apart(digests(rows), digests(other)), 5, BLOCK * BLOCKS * 2 + 9)
    assert names == {str(turn * BLOCK * BLOCKS + 5) for turn in range(3)}


def test_two_rows_of_a_bucket_and_a_change_that_no_shift_shows_name_the_whole_block():
    rows, other = ({key: digest_of(key, version) for key in (1, 2)} for version in (1, 2))
    assert places(digests(rows), digests(other)) == [(0, None)]
    assert places(digests(rows), digests(rows | {2: other[2]})) == [(0, 2)]
    assert places(digests({1: 5}), digests({1: 5 + PLACED + 1})) == [(0, None)]
    assert named_keys(sums_apart(digests(rows), digests(other)), 0, 9) == {str(key) for key in range(BLOCK)}


@pytest.mark.parametrize("lowest", [-1, -(10**9)])
def test_keys_below_zero_are_not_named(lowest):
    assert named_keys(sums_apart(digests({1: 5}), digests({1: 6})), lowest, 10) is None


def test_a_key_space_with_too_many_rounds_is_not_named():
    assert named_keys(sums_apart(digests({1: 5}), digests({1: 6})), 0, 2**62) is None


def taken(account, rows, names):
    """Hand over the rows of one side that have such a name."""
    found = [(str(key), f"{digest:015x}") for key, digest in rows.items() if str(key) in names]
    account.take([key for key, _ in found], [digest for _, digest in found])


@given(KEYS, st.data())
def test_the_account_is_settled_by_all_rows_that_differ_and_by_nothing_less(keys, data):
    some = st.sets(st.sampled_from(sorted(keys)), max_size=12)
    changed, gone = data.draw(some), data.draw(some)
    rows = {key: digest_of(key, 1) for key in keys}
    other = {key: digest_of(key, 2 if key in changed else 1) for key in keys - gone}
    names = named_keys(sums_apart(digests(rows), digests(other)), 0, 400)
    missed = data.draw(st.sampled_from(sorted({str(key) for key in changed | gone}))) if changed | gone else None
    for left_out in {None, missed}:
        account = Account(sums_apart(digests(rows), digests(other)))
        for side in (rows, other):
            taken(account, side, names - {left_out})
        assert account.settled == (left_out is None)


def test_a_row_that_a_wrong_sum_names_does_not_settle_the_account():
    rows = {3: 12345, 4: 99}
    other = rows | {3: 54321}
    told = digests(other)
    ((shelf, (number, bucket)),) = told.items()
    name, count, first, _ = bucket.split(" ")
    wrong = (12345 << 3 ^ 99 << 4) ^ (12345 ^ 54321) << 4  # as if the row with the key 4 were the one
    twisted = {shelf: (number, f"{name} {count} {first} {wrong}")}
    assert named_keys(sums_apart(digests(rows), twisted), 3, 4) == {"4"}
    account = Account(sums_apart(digests(rows), twisted))
    for side in (rows, other):
        taken(account, side, {"4"})
    assert not account.settled
