"""Telephone numbers of Hong Kong with and without its code."""

from __future__ import annotations

import pandas as pd
import pytest

from crmmigrate.matching.engine import match
from crmmigrate.matching.phones.hong_kong import with_code
from crmmigrate.matching.roles import shipped

HERE = "12 Nathan Road, Kowloon, Hong Kong"


def coded(*rows: tuple[str | None, str | None], kind: str = "account") -> list[str]:
    """Return the telephones of some rows of (telephone, address) as they are compared."""
    frame = pd.DataFrame(
        [(f"s/{at}", "Golden Dragon Trading", *row) for at, row in enumerate(rows)],
        columns=["_record", "Company" if kind == "account" else "Full Name", "Phone", "Address"], dtype="str",
    )  # fmt: skip
    rules = shipped(kind, frame.columns)
    assert rules is not None
    return with_code(frame, rules)["Phone"].fillna("").tolist()


@pytest.mark.parametrize(
    ("number", "wanted"),
    [
        ("23456789", "+852 23456789"),
        ("2345 6789", "+852 2345 6789"),
        ("9123-4567", "+852 9123-4567"),
        ("5123 4567 / 2345 6789", "+852 5123 4567 / +852 2345 6789"),
        ("+852 2345 6789", "+852 2345 6789"),
        ("88888888", "88888888"),
        ("12345678", "12345678"),
        ("13812345678", "13812345678"),
        ("2345678", "2345678"),
        ("", ""),
    ],
)
@pytest.mark.parametrize("kind", ["account", "contact"])
def test_the_address_of_the_row_says_hong_kong(number, wanted, kind):
    assert coded((number, HERE), kind=kind) == [wanted]


def test_other_rows_have_the_code():
    assert coded(("23456789", None), ("+852 9123 4567", None), ("00852-23456780", None)) == [
        "+852 23456789",
        "+852 9123 4567",
        "00852-23456780",
    ]


def test_most_other_rows_are_of_hong_kong():
    assert coded(("23456789", None), (None, HERE), (None, "香港九龍彌敦道12號"))[0] == "+852 23456789"


@pytest.mark.parametrize(
    "others",
    [
        [("+852 9123 4567", None), ("0571-88886666", None), ("13812345678", None)],
        [("+65 9123 4567", None)],
        [("+852 9123 4567", None), *[(f"2345 6{at}", None) for at in range(100, 120)]],
        [(None, "12 Orchard Road, Singapore"), (None, HERE)],
        [],
    ],
)
def test_nothing_says_hong_kong(others):
    assert coded(("23456789", None), *others)[0] == "23456789"


def test_a_row_that_is_elsewhere_keeps_its_number():
    assert coded(("23456789", "上海市南京东路1号"), ("+852 9123 4567", HERE))[0] == "23456789"


def test_both_forms_are_one_number():
    rows = [("s/1", "Golden Dragon Trading", "2345 6789"), ("s/2", "Golden Dragn Trading", "+852 23456789")]
    frame = pd.DataFrame(rows, columns=["_record", "Company", "Phone"], dtype="str")
    rules = shipped("account", frame.columns)
    assert rules is not None
    assert match(frame, rules).cluster.tolist() == [0, 0]
    assert frame["Phone"].tolist() == ["2345 6789", "+852 23456789"]
