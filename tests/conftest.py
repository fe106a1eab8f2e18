"""What every test may use: an environment of its own, and databases that are gone when the test is.

The servers are those of CRMMIGRATE_TEST_POSTGRESQL and CRMMIGRATE_TEST_MYSQL (URLs without a database), by default
the ones on this machine as root without a password. Where none answers, the tests that need it are skipped with a
line that says so; with CI=true they fail, because a skipped test proves nothing. So it is with other programs that a
test asks for, and with the browser in which tests open reports: a Chromium of this machine, or the one that
CRMMIGRATE_TEST_CHROMIUM names.
"""

from __future__ import annotations

import gc
import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import settings

from crmmigrate.messages import speak
from crmmigrate.model.location import Location
from crmmigrate.model.processes import allowed

if TYPE_CHECKING:
    from playwright.sync_api import Browser

# A slow, shared machine must not make a property fail. What CI has no time for is asked with --hypothesis-profile=thorough.
settings.register_profile("project", deadline=None, max_examples=50)
settings.register_profile("thorough", deadline=None, max_examples=1000)
settings.load_profile("project")

SERVERS = {
    "postgresql": ("CRMMIGRATE_TEST_POSTGRESQL", "postgresql://root@127.0.0.1:5432"),
    "mysql": ("CRMMIGRATE_TEST_MYSQL", "mysql://root@127.0.0.1:3306"),
}
LONG = ("test_conformance.py", "samples", "targets", "runner", "cli", "reports", "stages", "matching")
"""Files and folders with long tests, the longest first; the others have thousands of quick ones."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let the conformance kit of targets be held against one's own."""
    parser.addoption(
        "--target",
        help="what test_conformance.py is about: the URL of an empty database, or a file with a class SYSTEM (tests/targets/systems.py)",
    )


@pytest.fixture(scope="session", autouse=True)
def _own_environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep the user's language, home and colours out of the tests, in this process and in those it starts."""
    home = str(tmp_path_factory.mktemp("home"))
    with pytest.MonkeyPatch.context() as patch:
        for name in ("CRMMIGRATE_LANG", "LANGUAGE", "LC_ALL", "LC_MESSAGES", "FORCE_COLOR"):
            patch.delenv(name, raising=False)
        for name, value in (("LANG", "C.UTF-8"), ("HOME", home), ("USERPROFILE", home), ("NO_COLOR", "1")):
            patch.setenv(name, value)
        yield


@pytest.fixture(autouse=True)
def _english() -> None:
    """Let no test leave its language behind."""
    speak("en")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that take longest, so that the last ones, done side by side, end together."""
    items.sort(key=lambda item: (*(room not in item.path.parts for room in LONG), item.path))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Let `-n auto` begin three processes for every two processors: a good part of the time tests wait, for servers and processes of theirs."""
    cores = allowed()
    return cores + cores // 2


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """Spare the collector of garbage the thousands of tests, which stay: it would look at them again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def pytest_sessionfinish() -> None:
    """Let what was spared go in the usual way."""
    gc.unfreeze()


def server(dialect: str) -> str:
    """Return the URL of the server of `dialect`, without a database."""
    variable, default = SERVERS[dialect]
    return os.environ.get(variable, default).rstrip("/")


def execute(dialect: str, statement: str, database: str = "") -> None:
    """Run one statement on the server, outside any database of a test; on PostgreSQL several, and in `database` where one is named."""
    url = urlsplit(server(dialect))
    user, password = unquote(url.username or "root"), unquote(url.password or "")
    host = url.hostname or "127.0.0.1"
    if dialect == "postgresql":
        import psycopg

        with psycopg.connect(
            host=host, port=url.port or 5432, user=user, password=password, dbname=database or "postgres", connect_timeout=5,
            autocommit=True,
        ) as connection:  # fmt: skip
            connection.execute(statement.encode())
    else:
        import pymysql

        connection = pymysql.connect(
            host=host, port=url.port or 3306, user=user, password=password, connect_timeout=5, autocommit=True
        )
        with connection, connection.cursor() as cursor:
            cursor.execute(statement)


@cache
def out_of_reach(dialect: str) -> str:
    """Return why the server of `dialect` does not answer, in one line, or nothing where it does."""
    try:
        execute(dialect, "SELECT 1")
    except Exception as error:  # noqa: BLE001  (each driver has its own tree, and a missing driver counts too)
        return f"no {dialect} server at {Location(server(dialect)).shown} ({SERVERS[dialect][0]}): {str(error).splitlines()[0]}"
    return ""


def chromium() -> str:
    """Return the path of a Chromium or Chrome on this machine; empty where there is none."""
    names = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "chrome")
    return os.environ.get("CRMMIGRATE_TEST_CHROMIUM") or next(filter(None, map(shutil.which, names)), "")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Give the browser to tests that are marked `browser`."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium())
        yield started
        started.close()


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip a test of a database, program or browser that is out of reach; in CI, fail it."""
    reasons = [out_of_reach(*mark.args) for mark in item.iter_markers("database")]
    programs = [mark.args for mark in item.iter_markers("program")]
    reasons += [f"no {name} here (apt install {package})" for name, package in programs if not shutil.which(name)]
    if item.get_closest_marker("browser") and not chromium():
        reasons.append("no Chromium on this machine (apt install chromium-headless-shell, or CRMMIGRATE_TEST_CHROMIUM)")
    for reason in filter(None, reasons):
        if os.environ.get("CI") == "true":
            pytest.fail(reason, pytrace=False)
        pytest.skip(reason)


def drop(dialect: str, name: str) -> None:
    """Drop a database."""
    execute(dialect, f"DROP DATABASE {name}" + (" WITH (FORCE)" if dialect == "postgresql" else ""))


EMPTIED = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid();
DO $$ DECLARE name text; BEGIN
    FOR name IN SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_|^information_schema$' LOOP
        EXECUTE format('DROP SCHEMA %I CASCADE', name);
    END LOOP;
END $$;
CREATE SCHEMA public AUTHORIZATION pg_database_owner;
GRANT USAGE ON SCHEMA public TO PUBLIC;
"""


@pytest.fixture(scope="session")
def emptied() -> Iterator[list[str]]:
    """Give the names of PostgreSQL databases that were used and are empty again: to make one and to drop it takes a second."""
    names: list[str] = []
    yield names
    for name in names:
        drop("postgresql", name)


def _databases(emptied: list[str]) -> Iterator[Callable[[str], str]]:
    made: list[tuple[str, str]] = []

    def make(dialect: str) -> str:
        if reason := out_of_reach(dialect):
            (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(reason)
        if dialect == "postgresql" and emptied:
            made.append((dialect, emptied.pop()))
        else:
            name = f"crmmigrate_test_{secrets.token_hex(6)}"
            options = "ENCODING 'UTF8' TEMPLATE template0" if dialect == "postgresql" else "CHARACTER SET utf8mb4"
            execute(dialect, f"CREATE DATABASE {name} {options}")
            made.append((dialect, name))
        return f"{server(dialect)}/{made[-1][1]}"

    yield make
    for dialect, name in made:
        if dialect == "postgresql":
            execute(dialect, EMPTIED, name)
            emptied.append(name)
        else:
            drop(dialect, name)


new_database = pytest.fixture(_databases, name="new_database")
"""Gives a function that makes an empty database of a dialect and returns its URL; what is in them is gone after the test."""

shared_database = pytest.fixture(_databases, name="shared_database", scope="module")
"""The same for all tests of a file, which leave it as they found it: making a database takes longer than most tests."""


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """Return the URL of an SQLite file that does not exist yet."""
    return f"sqlite:///{(tmp_path / 'target.db').as_posix()}"


@pytest.fixture
def postgresql_url(new_database: Callable[[str], str]) -> str:
    """Return the URL of an empty PostgreSQL database."""
    return new_database("postgresql")


@pytest.fixture
def mysql_url(new_database: Callable[[str], str]) -> str:
    """Return the URL of an empty MariaDB or MySQL database."""
    return new_database("mysql")


@pytest.fixture(
    params=[
        "sqlite",
        pytest.param("postgresql", marks=pytest.mark.database("postgresql")),
        pytest.param("mysql", marks=pytest.mark.database("mysql")),
    ]
)
def database_url(request: pytest.FixtureRequest) -> str:
    """Return the URL of an empty database, once for each of the three kinds."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url
