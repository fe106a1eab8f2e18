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


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("postgresql://u:pa:ss@h/db", "postgresql://u:***@h/db"),
        ("postgresql://u:pa/ss@h/db", "postgresql://u:***@h/db"),
        ("mysql://u:p@ss@h/db", "mysql://u:***@h/db"),
        ("mysql://:ss@h/db", "mysql://:***@h/db"),
        ("postgresql://h/db?user=u&password=pa&ss", "postgresql://h/db?user=u&password=***&ss"),
        ("postgresql://h/db?PWD=ss&sslmode=require", "postgresql://h/db?PWD=***&sslmode=require"),
    ],
)
def test_a_password_in_any_form_is_neither_shown_nor_part_of_the_name(address, shown):
    location = Location(address, "t")
    assert location.shown == f"{shown}#t"
    assert location.name == "db"
    assert location.has_password


@pytest.mark.parametrize("address", ["postgresql://u:pa/ss@h", "postgresql://u:p@ss@h", "postgresql://u:ss@h"])
def test_a_url_without_a_database_is_named_after_its_server(address):
    assert Location(address).name == "h"


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://u:${env:PW}@h/db",
        "postgresql://u:${env:PW}@h/db?application_name=a@b",
        "postgresql://u@h:5432/db",
        "postgresql://h/db?user=u&password=${env:PW}",
        "sqlite:////home/a:b@c/x.db",
        "C:/a:b@c.csv",
    ],
)
def test_a_secret_from_the_environment_is_no_password_written_out(address):
    assert not Location(address).has_password
