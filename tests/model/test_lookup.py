"""Names find one active record, successors are followed, and what is doubtful is said."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmmigrate.model.lookup import AMBIGUOUS, FOLLOWED, INACTIVE, MISSING, lookup_table
from crmmigrate.model.mapping import Lookup

SPEC = Lookup("user", by=("姓名",), follow="交接人", active={"状态": ("在职", "试用")})


def staff(*rows):
    return [dict(zip(("_record", "姓名", "状态", "交接人"), row, strict=True)) for row in rows]


TABLE = lookup_table(
    SPEC,
    staff(
        ("1", "在职的", "在职", None), ("2", "试用的", "试用", None), ("3", "走了", "离职", "接手"), ("4", "接手", "离职", "在职的"),
        ("5", "无人接", "离职", None), ("6", "圈一", "离职", "圈二"), ("7", "圈二", "离职", "圈一"), ("8", "同名", "在职", None),
        ("9", "同名", "在职", None), ("10", "回来", "离职", "试用的"), ("11", "回来", "在职", None), ("12", "交给同名", "离职", "同名"),
        ("13", "交给谁", "离职", "不存在"), ("14", " 空格 ", "在职", None), ("15", None, "在职", None),
    ),
)  # fmt: skip


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("在职的", ("1", "")), ("试用的", ("2", "")), ("接手", ("1", FOLLOWED)), ("走了", ("1", FOLLOWED)), ("无人接", (None, INACTIVE)),
        ("圈一", (None, INACTIVE)), ("同名", (None, AMBIGUOUS)), ("回来", ("11", "")), ("交给同名", (None, AMBIGUOUS)),
        ("交给谁", (None, INACTIVE)), ("空格", ("14", "")), (" 在职的 ", ("1", "")), ("没有", (None, MISSING)), ("", (None, MISSING)),
    ],
)  # fmt: skip
def test_example(name, answer):
    assert tuple(TABLE.find(name)) == answer


NAMES = st.sampled_from(["a", "b", "c", "d", None])


@given(st.lists(st.tuples(NAMES, st.sampled_from(["在职", "离职", None]), NAMES), max_size=12))
def test_whoever_is_found_is_active(rows):
    people = staff(*((str(n), name, state, after) for n, (name, state, after) in enumerate(rows)))
    table = lookup_table(SPEC, people)
    active = {person["_record"] for person in people if person["状态"] == "在职"}
    for name in "abcd":
        found = table.find(name)
        assert (found.record in active) if found.record else found.code
