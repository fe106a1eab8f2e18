"""What people decided: a split says what a decision about each of its pairs would say."""

from __future__ import annotations

from itertools import combinations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmmigrate.errors import Findings
from crmmigrate.matching.apart import Apart
from crmmigrate.model.decision import Decision, Split, latest, refuse_torn, torn

RECORDS = "abcde"
PAIRS = st.sampled_from([*combinations(RECORDS, 2)])
SAID = st.tuples(PAIRS, st.sampled_from(["merge", "separate", "undecided"])).map(
    lambda x: Decision.of("account", *x[0], x[1])
)


@st.composite
def splits(draw):
    of = draw(st.lists(st.integers(0, 3), min_size=len(RECORDS), max_size=len(RECORDS)))
    sides = [tuple(r for r, side in zip(RECORDS, of, strict=True) if side == wanted) for wanted in (1, 2, 3)]
    sides = [side for side in sides if side]
    return Split("account", tuple(sides)) if len(sides) > 1 else Split("account", (("a",), ("b",)))


def pair_by_pair(told):
    """Return the same with a decision for each pair that a split keeps apart."""
    for one in told:
        if isinstance(one, Decision):
            yield one
        else:
            for here, there in combinations(one.sides, 2):
                yield from (Decision.of("account", x, y, "separate") for x, y in product(here, there))


def apart(kept):
    """Return the pairs that decisions keep apart."""
    said = {d.pair[1:] for d in kept if isinstance(d, Decision) and d.verdict == "separate"}
    return said | {p for p in combinations(RECORDS, 2) if any(s.parts(*p) for s in kept if isinstance(s, Split))}


def merged(kept):
    return {d.pair for d in kept if d.verdict == "merge"}


@given(st.lists(SAID | splits(), max_size=7), st.sets(st.sampled_from(RECORDS)), st.sets(st.sampled_from(RECORDS)))
def test_a_split_means_what_its_pairs_mean(told, ones, others):
    kept, contradicted = latest(told)
    plain, against = latest(pair_by_pair(told))
    assert merged(kept) == merged(plain)
    assert apart(kept) == apart(plain)
    assert bool(torn(kept)) is bool(torn(plain))
    assert bool(contradicted) is bool(against)
    number = RECORDS.index
    pairs = [
        (number(d.record_a), number(d.record_b)) for d in kept if isinstance(d, Decision) and d.verdict == "separate"
    ]
    whole = [
        ([[number(r) for r in side] for side in s.sides], [(number(a), number(b)) for a, b in s.spared])
        for s in kept
        if isinstance(s, Split)
    ]
    between = any(tuple(sorted((x, y))) in apart(plain) for x in ones for y in others)
    mine, theirs = ([number(r) for r in some] for some in (ones, others))
    assert Apart(pairs, whole).between(mine, theirs) is between
    assert {tuple(sorted(pair)) for pair in Apart(pairs, whole).labels()} <= {
        (number(a), number(b)) for a, b in apart(plain)
    }


@pytest.mark.parametrize("apart", [
    Decision.of("account", "a", "d", "separate", place="b!9"), Split("account", (("a", "z"), ("d",)), place="b!9"),
])  # fmt: skip
def test_who_is_torn_is_told_with_the_rows_that_merge_it(apart):
    way = [("a", "b"), ("b", "c"), ("c", "d"), ("d", "e"), ("x", "y")]
    merges = [Decision.of("account", *pair, "merge", place=f"b!{row}") for row, pair in enumerate(way, start=2)]
    with pytest.raises(Findings) as error:
        refuse_torn([apart], [*merges, apart])
    [found] = error.value.errors
    assert found.place == "b!9"
    assert found.text("en").count("b!") == 4
    assert "b!2, b!3, b!4" in found.text("en")


@pytest.mark.parametrize("earlier", [
    Decision.of("account", "a", "b", "merge"), Decision.of("account", "a", "b", "separate"), Split("account", (("a",), ("b",))),
])  # fmt: skip
def test_undecided_takes_back_what_was_decided_about_the_same_two_before(earlier):
    later = Decision.of("account", "b", "a", "undecided")
    kept, changed = latest([earlier, later])
    assert apart(kept) == merged(kept) == set()
    assert changed == [(earlier, later)]
    assert latest([Decision.of("account", "a", "c", "merge"), later])[1] == []
    assert latest([later, earlier]) == ([earlier], [])
