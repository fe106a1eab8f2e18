"""Tricky cells of each standard in `tricky/<standard>.csv`: what comes out, or why nothing does. A wrong value is worse than none.

`raw` may hold \\n and \\uXXXX; an empty `value` means that the cell becomes empty (codes `empty.…`) or stays as it is, with the flag `code`.
"""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest

from crmmigrate import standards

FOLDER = Path(__file__).parent / "tricky"
OPTIONS = {
    "enum": {"values": {"制造业": "制造业", "生产": "制造业", "批发和零售业": "批发和零售业", "零售": "批发和零售业", "A级": "A级", "重点": "A级", "B级": "B级",
                        "商务谈判": "商务谈判", "N/A级": "N/A级"}},
}  # fmt: skip
OPTIONS["division"] = {"level": "city"}
EMPTY = ("empty.word", "empty.ditto", "plate.temporary")


def unescaped(text: str) -> str:
    return re.sub(r"\\u([0-9a-f]{4})", lambda found: chr(int(found[1], 16)), text).replace("\\n", "\n")


def rows(name: str) -> list[tuple[str, str, str]]:
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return [(unescaped(row["raw"]), unescaped(row["value"]), row["code"]) for row in csv.DictReader(file)]


NAMES = tuple(sorted(path.stem for path in FOLDER.glob("*.csv")))
CLEANERS = {name: standards.load(name).make(**OPTIONS.get(name, {})) for name in NAMES}


@pytest.mark.parametrize(("name", "raw", "value", "code"), [(name, *row) for name in NAMES for row in rows(name)])
def test_tricky(name, raw, value, code):
    cleaned = CLEANERS[name](raw)
    codes = [flag.code for flag in cleaned.flags]
    if value:
        assert cleaned.value == value
        assert not code or code in codes
    else:
        assert cleaned.value == (None if code in EMPTY else raw)
        assert code in codes
        assert code in EMPTY or cleaned.confidence == "suggested"


@pytest.mark.parametrize("name", NAMES)
def test_no_row_is_there_twice(name):
    raws = [raw for raw, _, _ in rows(name)]
    assert len(raws) == len(set(raws))


def test_every_standard_has_tricky_rows():
    assert set(NAMES) == set(standards.NAMES)
    assert {name: len(rows(name)) for name in NAMES if len(rows(name)) < 100} == {}
