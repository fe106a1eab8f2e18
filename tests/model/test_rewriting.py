"""A YAML file is changed only where its meaning changes."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from crmmigrate.model.document import Document
from crmmigrate.model.lint import Repair
from crmmigrate.model.rewriting import repaired, rewritten, written

TEXT = """\
# the data standard
version: 1
objects:
  account:   # customers
    key: 客户编号
    columns:
      客户名称: {standard: company_name, required: true}  # as registered
      手机:    {standard: phone, region: CN}

      地址:
        standard: address
        parts: [省, 市]
      行业: {values: lists/industry.csv}
    # contacts follow
  contact:
    columns:
      姓名: {standard: 'person_name'}
"""


def value_of(text: str) -> Any:
    return Document.parse(text).value


def test_nothing_changed_is_byte_for_byte_the_same():
    assert rewritten(TEXT, value_of(TEXT)) == TEXT


@pytest.mark.parametrize(
    ("path", "new", "before", "after"),
    [
        (("客户名称", "required"), False, "required: true", "required: false"),
        (("手机", "region"), "HK", "region: CN", "region: HK"),
        (("手机", "max_length"), 20, "region: CN}", "region: CN, max_length: 20}"),
        (("地址", "standard"), "text", "standard: address\n", "standard: text\n"),
        (("地址", "parts"), ["省", "市", "区"], "parts: [省, 市]", "parts: [省, 市, 区]"),
        (("地址", "required"), True, "parts: [省, 市]\n", "parts: [省, 市]\n        required: true\n"),
    ],
)
def test_one_change_touches_one_place(path, new, before, after):
    value = value_of(TEXT)
    value["objects"]["account"]["columns"][path[0]][path[1]] = new
    assert rewritten(TEXT, value) == TEXT.replace(before, after)


def test_a_new_column_stands_behind_its_brothers():
    value = value_of(TEXT)
    value["objects"]["account"]["columns"]["网址"] = {"standard": "url"}
    line = "      行业: {values: lists/industry.csv}\n"
    assert rewritten(TEXT, value) == TEXT.replace(line, line + "      网址: {standard: url}\n")


def test_a_column_taken_out_takes_its_line_with_it():
    value = value_of(TEXT)
    del value["objects"]["account"]["columns"]["手机"]
    del value["objects"]["account"]["columns"]["客户名称"]["required"]
    expected = TEXT.replace("      手机:    {standard: phone, region: CN}\n", "").replace(", required: true", "")
    assert rewritten(TEXT, value) == expected


def test_items_of_a_block_list_come_and_go_with_their_lines():
    text = "a:\n  - x\n  - y  # why\n  # above w\n  - w  # w\nb: 1\n"
    assert rewritten(text, {"a": ["x", "w"], "b": 1}) == text.replace("  - y  # why\n", "")
    assert rewritten(text, {"a": ["x", "y", "w", "z"], "b": 1}) == text.replace("- w  # w\n", "- w  # w\n  - z\n")
    assert rewritten(text, {"a": ["y", "z"], "b": 1}) == "a:\n  - y  # why\n  - z\n  # above w\nb: 1\n"


def test_items_of_a_flow_list_come_and_go_with_their_commas():
    text = "a: [x, 'y', w]  # why\nb: 1\n"
    for wanted, expected in (
        (["x", "w"], "[x, w]"), (["y", "w"], "['y', w]"), (["x", "y"], "[x, 'y']"), (["x", "y", "w", "z"], "[x, 'y', w, z]"), (["y", "z"], "['y', z]"),
    ):  # fmt: skip
        assert rewritten(text, {"a": wanted, "b": 1}) == text.replace("[x, 'y', w]", expected)


def test_a_block_list_in_another_order_is_written_in_one_line():
    text = "a:\n  - x\n  - y  # why\nb: 1\n"
    assert rewritten(text, {"a": ["y", "x"], "b": 1}) == "a: [y, x]  # why\nb: 1\n"


def test_signs_that_yaml_does_not_take_are_escaped():
    for sign in "\x85\x8f\u2028\ufeff\x7f":
        text = rewritten("a: 1\n", {"a": f"x{sign}y"})
        assert value_of(text) == {"a": f"x{sign}y"}


WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=8)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-1000, 1000) | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=12,
)


@given(VALUES)
def test_a_written_value_is_read_back(value):
    assert value_of(f"v: {written(value)}\n") == {"v": value}


@given(st.dictionaries(WORDS, VALUES, max_size=4), st.dictionaries(WORDS, VALUES, max_size=4))
def test_whatever_is_asked_for_is_said(old, new):
    block = "".join(f"{written(key)}: {written(child)}\n" for key, child in old.items()) or "{}\n"
    assert value_of(rewritten(block, deepcopy(new))) == new


@given(st.dictionaries(WORDS, VALUES, min_size=1, max_size=4), st.dictionaries(WORDS, VALUES, max_size=4))
def test_blocks_within_blocks_too(old, new):
    block = yaml.safe_dump(old, default_flow_style=False, allow_unicode=True, sort_keys=False)
    before = value_of(block)
    assert rewritten(block, before) == block
    mixed = {**before, **new}
    assert value_of(rewritten(block, mixed)) == mixed


FILE = """# kept
a: {x: 1, y: [p, q], z: 3}  # kept
list:
  - one  # goes with one
  - two
  - three
block:
  k: v  # goes with k
  l: 'w'
last: [only]
"""


@pytest.mark.parametrize(
    ("what", "path", "value", "old", "new"),
    [
        ("remove", ("a", "x"), None, "{x: 1, y", "{y"), ("remove", ("a", "z"), None, ", z: 3}", "}"), ("remove", ("a", "y", 0), None, "[p, q]", "[q]"),
        ("remove", ("a", "y", 1), None, "[p, q]", "[p]"), ("remove", ("list", 0), None, "  - one  # goes with one\n", ""), ("remove", ("list", 2), None, "  - three\n", ""),
        ("remove", ("block", "k"), None, "  k: v  # goes with k\n", ""), ("remove", ("last", 0), None, "last: [only]\n", ""),
        ("rename", ("block", "l"), "m n", "  l: 'w'", "  m n: 'w'"), ("set", ("block", "l"), "x: y", "'w'", '"x: y"'), ("set", ("a", "y", 1), "r", "[p, q]", "[p, r]"),
        ("remove", ("nowhere",), None, "", ""), ("remove", ("list", 7), None, "", ""), ("set", ("a", "x", "deeper"), "1", "", ""),
    ],
)  # fmt: skip
def test_a_repair_touches_its_own_bytes_only(what, path, value, old, new):
    assert repaired(FILE, [Repair(what, path, value)]) == FILE.replace(old, new, 1)


def test_repairs_that_touch_each_other_are_done_one_after_the_other():
    both = [Repair("remove", ("a", "y", 0)), Repair("remove", ("a", "y", 1))]
    once = repaired(FILE, both)
    assert once != FILE
    assert repaired(once, [Repair("remove", ("a", "y", 0))]) == FILE.replace(", y: [p, q]", "").replace(
        "y: [p, q], ", ""
    )
