"""What goes wrong around a load: the right error, whole batches or nothing, and the next run brings it to its end."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from tests.conftest import execute as on_server
from tests.targets.crm import ACCOUNTS, PLAN, SCHEMA, USERS, account, execute, rows, table

from crmmigrate.errors import LocationError
from crmmigrate.targets import open_target

USER = rows(USERS, {"external_id": "u1", "name": "王敏"})
SERVERS = [pytest.param(kind, marks=pytest.mark.database(kind)) for kind in ("postgresql", "mysql")]
CUT = {
    "postgresql": """CREATE FUNCTION cut() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF NEW.external_id = 'a5' THEN PERFORM pg_terminate_backend(pg_backend_pid()); END IF; RETURN NEW; END $$;
        CREATE TRIGGER cutting BEFORE INSERT ON accounts FOR EACH ROW EXECUTE FUNCTION cut()""",
    "mysql": "CREATE TRIGGER cutting BEFORE INSERT ON accounts FOR EACH ROW "
             "BEGIN IF NEW.external_id = 'a5' THEN KILL CONNECTION_ID(); END IF; END",
}  # fmt: skip
DROP = {"postgresql": "DROP TRIGGER cutting ON accounts", "mysql": "DROP TRIGGER cutting"}


@pytest.fixture(params=SERVERS)
def kind(request: pytest.FixtureRequest) -> str:
    found: str = request.param
    return found


@pytest.fixture
def url(kind: str, new_database: Any) -> str:
    made: str = new_database(kind)
    return made


@pytest.fixture
def target(url: str) -> Iterator[Any]:
    with open_target(url) as opened:
        opened.create(SCHEMA)
        yield opened


def test_a_connection_cut_in_mid_batch_leaves_nothing_of_the_batch(target: Any, kind: str) -> None:
    batch = rows(ACCOUNTS, *(account(f"a{i}") for i in range(10)))
    target.begin_run("load", "r", PLAN)
    target.write_batch("r", 1, USERS, USER)
    execute(target, CUT[kind])
    before = target.digest()
    with pytest.raises(LocationError) as caught:
        target.write_batch("r", 2, ACCOUNTS, batch)
    assert (caught.value.code, caught.value.exit_code) == ("target.unreachable", 3), str(caught.value)
    assert target.digest() == before
    assert target.batches("r")[0][0] == 1
    execute(target, DROP[kind])
    target.close_run("r", "stopped")  # over a new connection
    target.resume_run("r")
    assert target.write_batch("r", 2, ACCOUNTS, batch).inserted == 10


def test_a_right_that_is_missing_is_said_before_the_first_row(target: Any, kind: str, url: str) -> None:
    role, parts = f"crmm_{secrets.token_hex(4)}", urlsplit(url)
    database = parts.path.lstrip("/")
    if kind == "postgresql":
        on_server(kind, f"CREATE ROLE {role} LOGIN PASSWORD 'x'")
        execute(target, f"GRANT CREATE, USAGE ON SCHEMA public TO {role}")
        execute(target, f"GRANT ALL ON ALL TABLES IN SCHEMA public TO {role}")
        execute(target, f"REVOKE DELETE ON contacts FROM {role}")
    else:
        on_server(kind, f"CREATE USER {role}@'%' IDENTIFIED BY 'x'")
        for name in ("users", "accounts"):
            on_server(kind, f"GRANT ALL ON {database}.{name} TO {role}@'%'")
        on_server(kind, f"GRANT SELECT, INSERT, UPDATE ON {database}.contacts TO {role}@'%'")
    try:
        limited = f"{parts.scheme}://{role}:x@{parts.hostname}:{parts.port}{parts.path}"
        with open_target(limited) as poor:
            with pytest.raises(LocationError) as caught:
                poor.check(PLAN)
            assert poor.runs() == []
        assert (caught.value.code, caught.value.exit_code) == ("target.not-permitted", 3)
        assert "contacts" in caught.value.place
        assert "DELETE" in str(caught.value)
    finally:
        if kind == "postgresql":
            execute(target, f"DROP OWNED BY {role}")
            on_server(kind, f"DROP ROLE {role}")
        else:
            on_server(kind, f"DROP USER {role}@'%'")


def test_a_lock_that_somebody_keeps_is_called_by_its_name(target: Any) -> None:
    """Not a database that does not answer: address, user and server are as they should be."""
    import sqlalchemy as sa

    execute(target, "INSERT INTO accounts (external_id, name) VALUES ('a1', 'old')")
    change = sa.text("UPDATE accounts SET name = 'new' WHERE external_id = 'a1'")
    short = {"postgresql": "SET LOCAL lock_timeout = '200ms'", "mysql": "SET SESSION innodb_lock_wait_timeout = 1"}
    engine = target.session.dialect.engine(str(target.session.engine.url.render_as_string(hide_password=False)))

    def late() -> None:
        with target.session.transaction() as connection:
            connection.execute(sa.text(short[engine.dialect.name]))
            connection.execute(change)

    try:
        with engine.begin() as somebody:
            somebody.execute(change)
            with pytest.raises(LocationError) as caught:
                late()
    finally:
        engine.dispose()
    assert (caught.value.code, caught.value.exit_code) == ("target.locked", 3)
    assert "--resume" in caught.value.text("en")


def test_a_deadlock_with_somebody_else_costs_nobody_a_row(target: Any) -> None:
    execute(target, "INSERT INTO accounts (external_id, name) VALUES ('a1', 'old'), ('a2', 'old')")
    target.begin_run("load", "r", PLAN)
    target.write_batch("r", 1, USERS, USER)
    held, done = threading.Event(), []

    def somebody() -> None:
        """Lock the second row, wait until the load waits for it, then ask for the first; if chosen as the victim, that is it."""
        import sqlalchemy as sa

        engine = target.session.dialect.engine(str(target.session.engine.url.render_as_string(hide_password=False)))
        try:
            with engine.begin() as connection:
                connection.execute(sa.text("UPDATE accounts SET note = 'x' WHERE external_id = 'a2'"))
                held.set()
                threading.Event().wait(1.5)
                connection.execute(sa.text("UPDATE accounts SET note = 'x' WHERE external_id = 'a1'"))
            done.append("won")
        except sa.exc.DBAPIError:
            done.append("lost")
        finally:
            engine.dispose()

    other = threading.Thread(target=somebody)
    other.start()
    assert held.wait(20)
    outcome = target.write_batch("r", 2, ACCOUNTS, rows(ACCOUNTS, account("a1"), account("a2")))
    other.join(60)
    assert (outcome.updated, outcome.rejects) == (2, ())
    note = "x" if done == ["won"] else None
    assert sorted(table(target, "accounts", "external_id", "name", "note")) == [
        ("a1", "公司a1", note),
        ("a2", "公司a2", note),
    ]
    assert target.batches("r")[0][0] == 2


def test_runs_follow_each_other_though_the_clock_is_set_back(target: Any) -> None:
    target.begin_run("load", "first", PLAN)
    target.close_run("first", "done")
    execute(target, "UPDATE crmm_run SET since = '2090-01-01T00:00:00+00:00'")
    target.begin_run("load", "second", PLAN)
    target.write_batch("second", 1, USERS, USER)
    target.close_run("second", "done")
    assert [run.run for run in target.runs()] == ["first", "second"]
    assert target.runs()[1].since == "2090-01-01T00:00:01+00:00"
