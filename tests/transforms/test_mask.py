"""Masked values keep their form and their equality, and nothing of the person."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmmigrate.transforms.mask import KINDS, make


@given(st.sampled_from(KINDS), st.text(max_size=40))
def test_equal_values_stay_equal_and_nothing_raises(kind, value):
    assert make(kind, "k")(value) == make(kind, "k")(value)


@given(st.text("王李张刘陈小明大红abc0123456789-", min_size=6, max_size=30))
def test_text_keeps_its_length_and_changes_with_the_key(value):
    masked = make("text", "one")(value)
    assert len(masked) == len(value)
    assert re.sub(r"[0-9]", "0", re.sub(r"[^\W\d_]", "x", masked)) == re.sub(
        r"[0-9]", "0", re.sub(r"[^\W\d_]", "x", value)
    )


def test_different_keys_give_different_people():
    assert {make("person", f"k{i}")("欧阳小明") for i in range(8)} != {make("person", "k0")("欧阳小明")}


def test_a_phone_stays_a_phone_of_its_kind():
    masked = make("phone", "k")("+8613812345678")
    assert re.fullmatch(r"\+8613\d{9}", masked)
    assert masked != "+8613812345678"


def test_colleagues_keep_a_common_domain_that_belongs_to_nobody():
    mask = make("email", "k")
    a, b = mask("wang@acme.cn"), mask("li@acme.cn")
    assert a.endswith(".example")
    assert a.partition("@")[2] == b.partition("@")[2]
    assert a != b


def test_an_id_number_keeps_a_right_check_digit():
    masked = make("id", "k")("11010519491231002X")
    assert masked != "11010519491231002X"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    total = sum(int(c) * w for c, w in zip(masked, weights, strict=False))
    assert masked[17] == "10X98765432"[total % 11]


def test_an_unknown_kind_is_refused():
    with pytest.raises(ValueError, match="person"):
        make("people", "k")
