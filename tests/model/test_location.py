"""Locations: what is behind `#`, what may be shown, and where secrets come from."""

from __future__ import annotations

import pytest

from crmmigrate.errors import ConfigurationError
from crmmigrate.model.location import Location


@pytest.mark.parametrize(
    ("text", "address", "table", "name"),
    [
        ("客户.xlsx", "客户.xlsx", "", "客户.xlsx"),
        ("客户.xlsx#联系人", "客户.xlsx", "联系人", "客户.xlsx"),
        ("sqlite:///old.db#customers", "sqlite:///old.db", "customers", "old"),
        ("postgresql://u@host/db#sales.customers", "postgresql://u@host/db", "sales.customers", "db"),
        ("-", "-", "", "stdin"),
    ],
)
def test_forms(text, address, table, name):
    location = Location.parse(text)
    assert (location.address, location.table, location.name) == (address, table, name)


def test_a_hash_in_an_existing_file_s_name_belongs_to_the_name(tmp_path):
    path = tmp_path / "a#b.csv"
    path.write_text("x\n1\n", encoding="utf-8")
    assert Location.parse(str(path)).path == path


def test_a_password_is_never_shown_and_comes_from_the_environment():
    location = Location.parse("postgresql://me:${env:PW}@host/db#t")
    assert location.url({"PW": "p@ss/word"}) == "postgresql+psycopg://me:p%40ss%2Fword@host/db"
    assert "p@ss" not in location.shown
    assert Location("mysql://me:secret@host/db").shown == "mysql://me:***@host/db"
    with pytest.raises(ConfigurationError) as caught:
        location.url({})
    assert caught.value.code == "location.secret-missing"


def test_an_empty_location_is_refused():
    with pytest.raises(ConfigurationError):
        Location.parse("")
