"""Tables of names that nobody said anything about: people or companies."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from crmmigrate.checks.table_of_people import names_people
from crmmigrate.model.table import Table
from crmmigrate.runner.tables import TableWriter

PEOPLE = ["John Smith", "Mary Jones", "Rajesh Kumar", "Maria Garcia", "Klaus Weber"]
COMPANIES = ["Blue Sky Ltd", "Siemens AG", "Goldman Sachs", "Home Depot", "Bosch"]
CHINESE = ["张伟", "李小明", "欧阳娜娜", "陈静", "刘洋"]
BRANDS = ["华为", "万科", "中通快递", "海底捞", "鸿远机械"]


def stored(folder: Path, name: str, values: list[str | None], *others: str) -> Table:
    folder.mkdir(exist_ok=True)
    frame = pd.DataFrame({"_record": [f"t/t/{row}" for row in range(len(values))], name: values}, dtype="str")
    writer = TableWriter("customers", folder / "customers.parquet")
    writer.write(frame.assign(**dict.fromkeys(others, "x")))
    return writer.close()


@pytest.mark.parametrize(("name", "values"), [("Name", PEOPLE), ("name *", CHINESE), ("NAME", CHINESE)])
def test_of_people(tmp_path, name, values):
    assert names_people(stored(tmp_path, name, values, "Phone"))


@pytest.mark.parametrize("beside", ["Company", "Job Title", "Date of Birth", "职务"])
def test_a_name_beside_a_company_or_a_post_is_a_person_s(tmp_path, beside):
    assert names_people(stored(tmp_path, "Name", COMPANIES, beside))


@pytest.mark.parametrize(("name", "values"), [("Name", COMPANIES), ("Name", BRANDS), ("Name", [None]), ("Name", []), ("客户名称", CHINESE), ("Company", PEOPLE)])  # fmt: skip
def test_of_companies(tmp_path, name, values):
    assert not names_people(stored(tmp_path, name, values, "Website"))


def test_companies_with_departments_are_no_people(tmp_path):
    assert not names_people(
        stored(tmp_path, "Name", ["Acme Tools Ltd", "Globex GmbH", "Initech Inc.", "Umbrella Corp"], "Department")
    )


def test_the_order_of_rows_says_nothing(tmp_path):
    rows = [*COMPANIES * 500, *PEOPLE * 500, *CHINESE * 500]
    found = {names_people(stored(tmp_path / str(step), "Name", rows[::step])) for step in (1, -1)}
    assert len(found) == 1
