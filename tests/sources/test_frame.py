"""Column names and frames: always usable, never ambiguous."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from crmmigrate.sources._frame import column_names, frames, letters


@given(
    st.lists(
        st.one_of(st.none(), st.sampled_from(["a", "a (2)", " a", "a\nb", "", "列A"]), st.text(max_size=5)), max_size=8
    )
)
def test_names_are_never_empty_never_twice_and_on_one_line(labels):
    names = column_names(labels)
    assert len(names) == len(labels) == len(set(names))
    assert all(name and "\n" not in name and name == name.strip() for name in names)
    assert column_names(names) == names


def test_letters_of_columns():
    assert [letters(index) for index in (0, 25, 26, 701, 702, 16_383)] == ["A", "Z", "AA", "ZZ", "AAA", "XFD"]
    assert column_names(["a", None, "a"], [0, 2, 3]) == ("a", "列C", "a (2)")


def test_names_that_only_their_case_tells_apart_are_one_to_sql():
    assert column_names(["ID", "id", "Id (2)", "Ａ", "ａ"]) == ("ID", "id (2)", "Id (2) (2)", "Ａ", "ａ")


def test_frames_hold_every_row_once_and_at_least_one_comes():
    rows = [(str(i), [str(i), None if i % 2 else ""]) for i in range(5)]
    found = list(frames(rows, ("a", "b"), "f!", size=2))
    assert [len(frame) for frame in found] == [2, 2, 1]
    assert [origin for frame in found for origin in frame["_origin"]] == [f"f!{i}" for i in range(5)]
    assert all(frame["b"].isna().all() for frame in found)
    [empty] = frames([], ("a",), "f!")
    assert list(empty.columns) == ["a", "_place", "_origin"]
    assert str(empty["a"].dtype) == "str"
