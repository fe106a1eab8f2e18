import random

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmmigrate.checks.compare import compare_tables
from crmmigrate.checks.difference_kind import difference_kind
from crmmigrate.errors import ConfigurationError
from crmmigrate.model.reconciliation import KINDS
from crmmigrate.model.table import Table

ROWS = 400


def clean_rows():
    dice = random.Random(7)
    return [
        {
            "key": f"C{i:04}",
            "name": f"杭州明达{chr(0x4E00 + i)}有限公司 Ltd",
            "amount": f"{dice.randint(100, 99999)}.{dice.randint(1, 9)}5",
            "day": f"2023-{dice.randint(1, 12):02}-{dice.randint(1, 28):02}",
            "owner": f"staff/{i % 7}",
            "note": None if i % 3 else "好😀",
        }
        for i in range(ROWS)
    ]


def write(path, rows, columns=("key", "name", "amount", "day", "owner", "note")):
    pd.DataFrame(rows, columns=list(columns), dtype="str").to_parquet(path, index=False)
    return Table(path.stem, path)


def lost(rows):
    del rows[17]


def doubled(rows):
    rows.append(dict(rows[17]))


def extra(rows):
    rows.append({**rows[17], "key": "X1"})


def change(column, function):
    def corrupt(rows):
        rows[18][column] = function(rows[18][column])

    return corrupt


def swapped(rows):
    rows[17]["name"], rows[18]["name"] = rows[18]["name"], rows[17]["name"]


CORRUPTIONS = {
    "lost row": (lost, [("C0017", "", "row.missing")]),
    "doubled row": (doubled, [("C0017", "", "row.doubled")]),
    "stranger": (extra, [("X1", "", "row.extra")]),
    "swapped values": (swapped, [("C0017", "name", "value.swapped"), ("C0018", "name", "value.swapped")]),
    "cents for yuan": (change("amount", lambda v: v.replace(".", "") + ".00"), [("C0018", "amount", "value.factor")]),
    "rounded": (change("amount", lambda v: v[:-1] + "0"), [("C0018", "amount", "value.rounding")]),
    "truncated": (change("name", lambda v: v[:5]), [("C0018", "name", "value.truncated")]),
    "null for value": (change("name", lambda v: None), [("C0018", "name", "value.lost")]),
    "null for empty": (change("note", lambda v: None), [("C0018", "note", "value.lost")]),
    "trailing blank": (change("name", lambda v: v + " "), [("C0018", "name", "value.blanks")]),
    "case fold": (change("name", str.lower), [("C0018", "name", "value.case")]),
    "wrong owner": (change("owner", lambda v: "staff/99"), [("C0018", "owner", "value.other")]),
    "lost emoji": (change("note", lambda v: "好?"), [("C0018", "note", "value.damaged")]),
    "day shifted": (change("day", lambda v: "2021-01-01"), [("C0018", "day", "value.other")]),
}


@pytest.mark.parametrize("name", CORRUPTIONS)
def test_a_single_corruption_is_found_alone(tmp_path, name):
    corrupt, expected = CORRUPTIONS[name]
    left = write(tmp_path / "left.parquet", clean_rows())
    rows = clean_rows()
    corrupt(rows)
    random.Random(1).shuffle(rows)
    found = compare_tables(left, write(tmp_path / "right.parquet", rows), ["key"])
    assert [(r["_record"], r["column"] or "", r["kind"]) for r in found.fillna("").to_dict("records")] == expected
    assert set(found["kind"]) <= set(KINDS)


def test_empty_text_and_nothing_are_not_the_same(tmp_path):
    left = write(tmp_path / "left.parquet", [{"key": "1", "note": None}, {"key": "2", "note": ""}], ("key", "note"))
    right = write(tmp_path / "right.parquet", [{"key": "1", "note": ""}, {"key": "2", "note": None}], ("key", "note"))
    assert list(compare_tables(left, right, ["key"])["kind"]) == ["value.empty", "value.empty"]


def test_the_same_value_in_another_form_is_no_difference(tmp_path):
    pairs = [("1200.00", "1200"), ("1200.50", "1200.5"), ("-0.00", "0"), ("2023-05-01", "2023-05-01 00:00:00"),
             ("2023-05-01T14:30:00", "2023-05-01 14:30:00.000000"), ("2023-05-01 14:30", "2023-05-01T14:30:00")]  # fmt: skip
    left = write(tmp_path / "left.parquet", [{"key": str(i), "v": a} for i, (a, _) in enumerate(pairs)], ("key", "v"))
    right = write(tmp_path / "right.parquet", [{"key": str(i), "v": b} for i, (_, b) in enumerate(pairs)], ("key", "v"))
    assert compare_tables(left, right, ["key"]).empty


@pytest.mark.parametrize(
    ("left", "right"), [("007", "7"), ("1E5", "100000"), ("2023-05-01", "2023-05-02 00:00"), ("1.5", "1.50x")]
)
def test_what_only_looks_alike_differs(tmp_path, left, right):
    a = write(tmp_path / "left.parquet", [{"key": "1", "v": left}], ("key", "v"))
    b = write(tmp_path / "right.parquet", [{"key": "1", "v": right}], ("key", "v"))
    assert len(compare_tables(a, b, ["key"])) == 1


def test_keys_of_several_columns_and_empty_keys(tmp_path):
    columns = ("a", "b", "v")
    left = write(tmp_path / "left.parquet", [{"a": "1", "b": "23", "v": "x"}, {"a": None, "b": "1", "v": "y"}], columns)
    right = write(
        tmp_path / "right.parquet", [{"a": "12", "b": "3", "v": "x"}, {"a": None, "b": "1", "v": "y"}], columns
    )
    found = compare_tables(left, right, ["a", "b"])
    assert sorted(zip(found["_record"], found["kind"], strict=True)) == [("1/23", "row.missing"), ("12/3", "row.extra")]


def test_rows_that_repeat_on_both_sides_are_no_difference(tmp_path):
    rows = [{"key": "1", "v": "b"}, {"key": "1", "v": "a"}]
    left = write(tmp_path / "left.parquet", rows, ("key", "v"))
    right = write(tmp_path / "right.parquet", rows[::-1], ("key", "v"))
    assert compare_tables(left, right, ["key"]).empty


def test_an_unknown_key_is_refused_with_a_place(tmp_path):
    left = write(tmp_path / "left.parquet", [{"key": "1", "v": "a"}], ("key", "v"))
    with pytest.raises(ConfigurationError) as caught:
        compare_tables(left, left, ["keys"])
    assert caught.value.code == "compare.no-column"
    assert caught.value.place == "left"
    assert caught.value.hint is not None


@given(st.one_of(st.none(), st.text(max_size=8)), st.one_of(st.none(), st.text(max_size=8)))
def test_every_difference_has_a_kind(left, right):
    assert difference_kind(left, right) in KINDS


cells = st.one_of(st.none(), st.sampled_from(["", "a", "A", "1", "1.0", "1.00", "2023-01-01", "甲", "'\"", "null"]))


@settings(max_examples=25)
@given(st.lists(st.tuples(st.sampled_from("xyz"), cells), max_size=6))
def test_a_table_never_differs_from_itself(tmp_path_factory, rows):
    folder = tmp_path_factory.mktemp("same")
    table = write(folder / "t.parquet", [{"key": k, "v": v} for k, v in rows], ("key", "v"))
    assert compare_tables(table, table, ["key"]).empty
