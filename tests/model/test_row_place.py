"""The second sum of a bucket names the row that differs, and never a wrong one alone."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmmigrate.model.row_digest import BLOCK, BLOCKS, PLACED, SHELF
from crmmigrate.model.row_place import fullest, holds, named_keys, places


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
    names = named_keys(digests(rows), digests(other), 0, 400)
    assert names is not None
    assert names >= off
    alone = [key for key in off if sum(int(o) // BLOCK == int(key) // BLOCK for o in off) == 1]
    assert len(names) <= len(alone) + BLOCK * (len(off) - len(alone))


def test_several_rounds_of_keys_name_one_key_in_each():
    rows = {5: 77, BLOCK * BLOCKS + 5: 88, BLOCK * BLOCKS * 2 + 9: 99}
    other = rows | {BLOCK * BLOCKS + 5: 1 << 59 | 3}
    names = named_keys(digests(rows), digests(other), 5, BLOCK * BLOCKS * 2 + 9)
    assert names == {str(turn * BLOCK * BLOCKS + 5) for turn in range(3)}


def test_two_rows_of_a_bucket_and_a_change_that_no_shift_shows_name_the_whole_block():
    rows, other = ({key: digest_of(key, version) for key in (1, 2)} for version in (1, 2))
    assert list(places(digests(rows), digests(other))) == [(0, None)]
    assert list(places(digests(rows), digests(rows | {2: other[2]}))) == [(0, 2)]
    assert list(places(digests({1: 5}), digests({1: 5 + PLACED + 1}))) == [(0, None)]
    assert named_keys(digests(rows), digests(other), 0, 9) == {str(key) for key in range(BLOCK)}


@pytest.mark.parametrize("lowest", [-1, -(10**9)])
def test_keys_below_zero_are_not_named(lowest):
    assert named_keys(digests({1: 5}), digests({1: 6}), lowest, 10) is None


def test_a_key_space_with_too_many_rounds_is_not_named():
    assert named_keys(digests({1: 5}), digests({1: 6}), 0, 2**62) is None


def test_sums_that_are_not_those_of_the_rows_are_seen():
    rows = {3: 2**59 + 12345, 4: 99, 20: 7}
    told = fullest(digests(rows))
    assert told.split(" ")[:2] == ["0", "2"]
    listed = ",".join(f"{key} 1 {digest:015x}" for key, digest in rows.items() if key < BLOCK)
    assert holds(told, {"0": (2, listed)})
    name, number, first, second = told.split(" ")
    assert not holds(" ".join((name, number, first, str(int(second) ^ 1))), {"0": (2, listed)})
    assert fullest({}) == ""
