"""A missing database, an unknown user, a missing right and a silent server are told apart, as a target and as a source."""

from __future__ import annotations

import re
import secrets
import sqlite3
from typing import TYPE_CHECKING

import pytest
from tests.command_line import called
from tests.conftest import execute, server

from crmmigrate.model.database_refusal import advice, reason, refusal
from crmmigrate.targets import open_target

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HINTS = {
    "missing": "no database of this name",
    "user": "check the user and the password",
    "rights": "gives it no right to this",
    "silent": "whether the server runs",
}
SCHEMA = "version: 1\ntables: {t: {columns: {id: {type: integer, identity: true}}}}\n"


@pytest.fixture(params=[pytest.param(name, marks=pytest.mark.database(name)) for name in ("postgresql", "mysql")])
def known(request: pytest.FixtureRequest) -> Iterator[tuple[str, str]]:
    """A server's dialect and the name of a database and of a user who may do nothing in it."""
    dialect, name = str(request.param), f"crmm_{secrets.token_hex(4)}"
    execute(dialect, f"CREATE DATABASE {name}")
    if dialect == "postgresql":
        execute(dialect, f"REVOKE CONNECT ON DATABASE {name} FROM PUBLIC")
        execute(dialect, f"CREATE ROLE {name} LOGIN PASSWORD 'secret'")
    else:
        execute(dialect, f"CREATE USER '{name}'@'%' IDENTIFIED BY 'secret'")
        execute(dialect, f"CREATE USER '{name}'@'localhost' IDENTIFIED BY 'secret'")
    yield dialect, name
    execute(dialect, f"DROP DATABASE {name}")
    if dialect == "postgresql":
        execute(dialect, f"DROP ROLE {name}")
    else:
        execute(dialect, f"DROP USER '{name}'@'%', '{name}'@'localhost'")


def test_servers_say_what_is_missing(known: tuple[str, str], tmp_path: Path) -> None:
    dialect, name = known
    (tmp_path / "schema.yaml").write_text(SCHEMA, encoding="utf-8")
    root = server(dialect)
    address = root.rpartition("@")[2]
    places = {
        "missing": f"{root}/{name}_none", "rights": f"{dialect}://{name}:secret@{address}/{name}", "user": f"{dialect}://{name}x:secret@{address}/{name}",
        "silent": f"{dialect}://{name}@127.0.0.1:1/{name}",
    }  # fmt: skip
    for kind, place in places.items():
        for words in (
            ("target", "create", place, "--schema", tmp_path / "schema.yaml"),
            ("audit", place, "-o", tmp_path / "out"),
        ):
            done = called(*words)
            assert done.returncode == 3
            assert HINTS[kind] in done.stderr, (kind, done.stderr)
            assert "OperationalError" not in done.stderr


@pytest.mark.database("mysql")
def test_an_unknown_user_is_told_in_words_beside_the_number(tmp_path: Path) -> None:
    (tmp_path / "schema.yaml").write_text(SCHEMA, encoding="utf-8")
    address = server("mysql").rpartition("@")[2]
    done = called("target", "create", f"mysql://nobody@{address}/mysql", "--schema", tmp_path / "schema.yaml")
    assert re.search(r"the database refuses: the user or the password is not accepted \(\d+\)", done.stderr), (
        done.stderr
    )


def test_sqlite_says_whether_the_folder_or_the_right_is_missing(tmp_path: Path) -> None:
    sqlite3.connect(tmp_path / "x.db").execute("CREATE TABLE t (id)").connection.close()
    tries = {"folder": (tmp_path / "none" / "x.db", "rw"), "file": (tmp_path / "x.db", "ro")}
    for kind, (path, mode) in tries.items():
        with pytest.raises(sqlite3.OperationalError) as caught:
            sqlite3.connect(f"{path.as_uri()}?mode={mode}", uri=True).execute("INSERT INTO t VALUES (1)")
        assert refusal(caught.value) == kind
        assert advice(caught.value) is not None
        assert reason(caught.value) is not None


def test_what_is_about_a_row_is_no_refusal(tmp_path: Path) -> None:
    assert refusal(sqlite3.IntegrityError("UNIQUE constraint failed: t.x")) is None
    assert refusal(ValueError(7, "x")) is None
    with open_target(f"sqlite:///{tmp_path / 'x.db'}"):
        assert not (tmp_path / "x.db").exists()
