"""Telephone numbers of North America that look like mobiles of the mainland."""

from __future__ import annotations

import pandas as pd
import pytest

from crmmigrate.matching.engine import match
from crmmigrate.matching.phone import numbers
from crmmigrate.matching.phones.north_american import as_dialled
from crmmigrate.matching.roles import shipped

WRITTEN = "(415) 555-0134"
IN_AMERICA, IN_CHINA = ("United States", "12 Main Street"), ("China", "12 Main Street")


def read(*rows: tuple[str | None, ...], kind: str = "account", name: str = "Acme Trading") -> list[list[str]]:
    """Return the numbers of some rows of (telephone, country, address, name) as they are compared."""
    header = "Company" if kind == "account" else "Full Name"
    filled = [(*(*row, None, None)[:3], row[3] if len(row) > 3 else name) for row in rows]
    frame = pd.DataFrame(filled, columns=["Phone", "Country", "Address", header], dtype="str")
    rules = shipped(kind, frame.columns)
    assert rules is not None
    return [numbers(cell) for cell in as_dialled(frame, rules)["Phone"].fillna("").str.casefold()]


@pytest.mark.parametrize("kind", ["account", "contact"])
@pytest.mark.parametrize(
    "number",
    [
        "+18302897083", "18302897083", "0018302897083", "(+1)8302897083", "1(830)2897083", "1 830 289 7083", "+1 830 289 7083", "+1-830-289-7083", "1-830-289-7083",
        "(830) 289-7083", "830-289-7083", "830.289.7083", "8302897083", "+18302897083 x12", "18302897083ext 12", "Tel: +18302897083",
    ],
)  # fmt: skip
def test_every_way_in_which_a_number_is_written_is_one(number, kind):
    assert read((number,), (WRITTEN,), kind=kind)[0] == ["8302897083"]


def test_several_numbers_of_a_cell():
    assert read(("18302897083/+18302897084; 830-289-7085",), (WRITTEN,))[0] == [
        "8302897083",
        "8302897084",
        "8302897085",
    ]


@pytest.mark.parametrize(
    ("row", "others"),
    [
        (("18302897083",), [(WRITTEN,), ("+1 415 555 0135",), ("+86 139 1234 5678",)]),
        (("18302897083", *IN_AMERICA), []),
        (("18302897083", "美国"), []),
        (("18302897083", None, "12 Main Street, Springfield, IL 62701"), []),
        (("18302897083", None, "12 Main Street, Toronto, Canada"), []),
        (("+18302897083", None, "12 Main St, Austin TX"), [("13800138000", "China"), ("0571-88886666", "China")]),
        (("+18302897083", None, "Toronto, ON."), [("13800138000", "China"), ("0571-88886666", "China")]),
        (("+18302897083",), []),
        (("+18302897083", *IN_AMERICA), [("13800138000", "China"), ("0571-88886666", "China")]),
        (("+18302897083", None, None, "王小明"), [(WRITTEN,)]),
    ],
)  # fmt: skip
def test_the_table_or_the_row_says_north_america(row, others):
    assert read(row, *others)[0] == ["8302897083"]


@pytest.mark.parametrize(
    ("row", "others"),
    [
        (("18302897083",), []),
        (("18302897083",), [("400-810-8888",), ("800-810-8888",)]),
        (("18302897083",), [(WRITTEN,), ("+86 139 1234 5678",)]),
        (("18302897083", *IN_AMERICA), [("13800138000",)]),
        (("18302897083", *IN_CHINA), [(WRITTEN,)]),
        (("18302897083", "Germany"), [(WRITTEN,)]),
        (("18302897083", None, "杭州市文三路1号"), [(WRITTEN,)]),
        (("18302897083", None, None, "王小明"), [(WRITTEN,)]),
        (("+18302897083",), [("0571-88886666",)]),
        (("+18302897083",), [("(010)88886666",)]),
        (("+18302897083",), [("13800138000",)]),
        (("+18302897083",), [("139 1234 5678",)]),
        (("+18302897083", *IN_CHINA), []),
        (("+18302897083", None, None, "王小明"), []),
        (("+18302897083", None, "杭州市文三路1号"), [(WRITTEN,)]),
    ],
)  # fmt: skip
def test_a_mobile_of_the_mainland_stays_one(row, others):
    assert read(row, *others)[0] == ["18302897083"]


@pytest.mark.parametrize("mobile", ["13800138000", "+13800138000", "13923456789", "13723456789", "19623456789"])
def test_what_is_no_number_of_there_stays_a_mobile_among_such(mobile):
    assert read((mobile,), (WRITTEN,), (WRITTEN,), (WRITTEN,))[0] == [mobile.lstrip("+")]


def test_the_1_behind_the_code_of_another_country_is_none():
    assert read(("+44 1782 4150897",), (WRITTEN,))[0] == ["4417824150897"]


def test_a_cell_that_names_no_number_and_one_that_is_missing_stay():
    frame = pd.DataFrame({"Company": ["A", "B"], "Phone": [None, WRITTEN]}, dtype="str")
    rules = shipped("account", frame.columns)
    assert rules is not None
    assert as_dialled(frame, rules)["Phone"].isna().tolist() == [True, False]


@pytest.mark.parametrize("other", ["+1 830 289 7083", "(830) 289-7083", "830-289-7083", "8302897083", "18302897083"])
def test_people_are_found_by_it_and_shown_as_they_are(other):
    rows = [("s/1", "Thomas Green", "+18302897083"), ("s/2", "Thomas Green", other), ("s/3", "Mary Baker", WRITTEN)]
    frame = pd.DataFrame(rows, columns=["_record", "Full Name", "Mobile"], dtype="str")
    rules = shipped("contact", frame.columns)
    assert rules is not None
    assert match(frame, rules).cluster.tolist() == [0, 0, 2]
    assert frame["Mobile"].tolist() == ["+18302897083", other, WRITTEN]
