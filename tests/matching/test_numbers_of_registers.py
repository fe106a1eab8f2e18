"""Numbers of companies elsewhere, and of the customs: how they are written, which of them are compared, and their columns."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from crmmigrate.matching.code import LEVELS, make, normal
from crmmigrate.matching.engine import match
from crmmigrate.matching.numbers_of_registers import numbers_in
from crmmigrate.matching.roles import headed, shipped


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("br 51730284", "51730284"),
        ("br no. 51730284-000-03-22-1", "51730284"),
        ("brn:51730284-001", "51730284"),
        ("ubn 24680135", "24680135"),
        ("統編24680135", "24680135"),
        ("uen: 201512345k", "201512345K"),
        ("uen t09ll0001b", "T09LL0001B"),
        ("ssm 201501023456", "201501023456"),
        ("roc no 1148776-v", "1148776V"),
        ("1148776-v", "1148776V"),
        ("vat de 811907980", "DE811907980"),
        ("eori nl811907980b01", "811907980B01"),
        ("pl 7251801126", "7251801126"),
        ("nip: 7251801126", "7251801126"),
        ("ein 48-3300417", "483300417"),
        ("tax id 48-3300417", "483300417"),
        ("cnpj 33.041.260/0652-90", "33041260065290"),
        ("gstin 27aapfu0939f1zv", "27AAPFU0939F1ZV"),
        ("海关编码 3302961234", "3302961234"),
        ("uscc:91330206ma2h5k8q1t", "91330206MA2H5K8Q1T"),
        ("br_wang_1990", "BR_WANG_1990"),
        ("code_red", "CODE_RED"),
        ("uen88", "UEN88"),
        ("extsi13912345678", "EXTSI13912345678"),
    ],
)
def test_what_number_it_is_does_not_count(raw, code):
    assert normal(raw) == code


@pytest.mark.parametrize(
    ("cell", "numbers"),
    [
        ("201501023456 (1148776-v)", ["201501023456", "1148776-v"]),
        ("1148776-v / 201501023456", ["1148776-v", "201501023456"]),
        ("201501023456", ["201501023456"]),
        ("201501023456 (old)", ["201501023456 (old)"]),
        ("uscc:91330206ma2h5k8q1t, 3302961234", ["91330206ma2h5k8q1t", "3302961234"]),
        ("3302961234 6222021001116245", ["3302961234 6222021001116245"]),
    ],
)
def test_a_cell_may_hold_the_numbers_of_a_company_in_two_registers(cell, numbers):
    assert numbers_in(cell) == numbers


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        ("201501023456 (1148776-V)", "1148776-V", "same"),
        ("201501023456 (1148776-V)", "201501023456", "same"),
        ("BR 51730284", "51730284-000-03-22-1", "same"),
        ("UEN 201512345k", "201512345K", "same"),
        ("201501023456", "1148776-V", None),
        ("201501023456 (1148776-V)", "201701098765 (1239871-T)", "different"),
        ("201501023456 (1148776-V)", "1239871-T", "different"),
        ("1148776-V", "1239871-T", "different"),
        ("BR 51730284", "68820417", "different"),
        ("CR No. 1592406", "BR 51730284", None),
        ("CR 1592406", "1592406", "same"),
        ("1592406", "1738850", "different"),
        ("51730284", "201512345K", "different"),
        ("0105551234567", "91440300MA5F3K2L7Q", "different"),
        ("4403011234567", "91440300MA5F3K2L7Q", None),
        ("3302961234", "91330206MA2H5K8Q1T", None),
        ("3302961234 / 91330206MA2H5K8Q1T", "USCC:91330206MA2H5K8Q1T", "same"),
        ("5001961234 / 91500106MA2H5K8Q14", "5001961234", "same"),
        ("91330206MA2H5K8Q1T 3302961234", "海关编码3302961234", "same"),
        ("3302961234", "3302968877", "different"),
        ("PL 7251801126", "VAT 7251801126", "same"),
    ],
)
def test_numbers_of_one_register_agree_or_contradict_each_other(one, other, level):
    found = make([one, other], np.ones(2)).compare(np.array([0, 1]), np.array([1, 0]))
    assert [LEVELS[at].name if at >= 0 else None for at in found] == [level] * 2


@pytest.mark.parametrize(
    "header",
    [
        "BR/UBN/UEN/SSM",
        "BR No.",
        "UEN",
        "UEN No",
        "SSM No.",
        "Co. Reg. No.",
        "Company Reg No",
        "ROC No",
        "統編",
        "海关编码/EORI",
        "海关注册编码",
    ],
)
def test_a_column_of_such_numbers_is_known(header):
    assert headed("account", ["Company Name", header]).columns["credit_code"] == (header,)


@pytest.mark.parametrize("header", ["Order No.", "BR", "Reg No", "Region No"])
def test_another_number_is_none(header):
    assert "credit_code" not in headed("account", ["Company Name", header]).columns


def test_a_local_name_is_a_name_and_a_country_is_written_short():
    found = headed("account", ["Customer Name", "Local Name", "Ctry"]).columns
    assert (found["name"], found["country"]) == (("Customer Name", "Local Name"), ("Ctry",))


def _clusters(*rows: dict[str, str]) -> list[int]:
    frame = pd.DataFrame([{"_record": f"s/{at}", **row} for at, row in enumerate(rows)], dtype="str")
    rules = shipped("account", list(frame.columns))
    assert rules is not None
    return match(frame, rules).cluster.tolist()


def test_two_companies_at_one_desk_have_two_numbers_and_one_has_one():
    desk = {"Tel": "2793 0518", "Address": "Unit 6, 9/F, Wing Fat Centre, 14 Tai Yau Street, San Po Kong, Hong Kong"}
    rows = (
        {"Company Name": "Hop Lung Trading Ltd", "BR No": "51730284-000", **desk},
        {"Company Name": "Hop Lung Logistics Ltd", "BR No": "BR 68820417", **desk},
        {"Company Name": "Hop Lung Trading Limited", "BR No": "BR 51730284", **desk},
    )
    assert _clusters(*rows) == [0, 1, 0]
