"""Secrets from the environment and from a keyring: here that of keyrings.alt, which is a file."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import keyring
import pytest
from keyrings.alt.file import PlaintextKeyring

from crmmigrate.errors import ConfigurationError, Findings
from crmmigrate.model.location import Location
from crmmigrate.model.project import read_project
from crmmigrate.model.secret import names_secret, with_secrets

URL = "postgresql://loader:${keyring:crm db/loader@shop}@host/db"


@pytest.fixture
def file(tmp_path: Path) -> Iterator[Path]:
    """A keyring in a file, with one password."""
    before, made = keyring.get_keyring(), PlaintextKeyring()
    made.file_path = str(tmp_path / "keyring.cfg")
    keyring.set_keyring(made)
    keyring.set_password("crm db", "loader@shop", "p@ss/w:rd#")
    yield Path(made.file_path)
    keyring.set_keyring(before)


def test_a_secret_comes_from_the_keyring_as_a_url_writes_it(file: Path) -> None:
    assert file.exists()
    assert Location(URL).url() == "postgresql+psycopg://loader:p%40ss%2Fw%3Ard%23@host/db"
    assert not Location(URL).has_password
    assert Location(URL).shown == "postgresql://loader:***@host/db"
    assert with_secrets("Bearer ${keyring:crm db/loader@shop} ${env:A}", "x", {"A": "1"}) == "Bearer p@ss/w:rd# 1"


def test_a_secret_that_is_not_there_is_said_so_with_how_to_put_it_there(file: Path) -> None:
    del file
    with pytest.raises(ConfigurationError) as caught:
        with_secrets("${keyring:crm db/nobody}", "migration.yaml")
    assert caught.value.code == "location.secret-missing"
    assert 'keyring set "crm db" "nobody"' in str(caught.value)


def test_without_the_library_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)  # as Python has it where a package is not installed
    with pytest.raises(ConfigurationError) as caught:
        with_secrets("${keyring:crm/loader}", "migration.yaml")
    assert caught.value.code == "location.no-keyring"
    assert "pip install 'crmmigrate[keyring]'" in str(caught.value)


def test_a_keyring_that_cannot_be_read_is_an_error_of_its_own() -> None:
    from keyring.backends.fail import Keyring

    before = keyring.get_keyring()
    keyring.set_keyring(Keyring())  # what the library itself puts in place where a machine has none
    try:
        with pytest.raises(ConfigurationError) as caught:
            with_secrets("${keyring:crm/loader}", "migration.yaml")
    finally:
        keyring.set_keyring(before)
    assert caught.value.code == "location.no-keyring"
    assert "NoKeyringError" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "named"),
    [("${keyring:a/b}", True), ("${env:A}", True), ("${keyring:a}", False), ("$keyring", False), ("", False)],
)
def test_only_what_is_written_so_names_a_secret(text: str, named: bool) -> None:
    assert names_secret(text) is named


@pytest.mark.parametrize(
    ("password", "codes"), [("${keyring:crm/loader}", set()), ("${env:PW}", set()), ("written", {"project.secret"})]
)
def test_a_project_takes_a_secret_by_name_alone(tmp_path: Path, password: str, codes: set[str]) -> None:
    file = tmp_path / "migration.yaml"
    file.write_text(
        f"version: 1\nobjects: {{}}\ntarget: {{url: 'postgresql://me:{password}@host/db'}}\n", encoding="utf-8"
    )
    found: set[str] = set()
    try:
        read_project(file)
    except Findings as error:
        found = {one.code for one in error.errors}
    assert found & {"project.secret"} == codes
