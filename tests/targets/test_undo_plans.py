"""How a rollback on MariaDB and MySQL goes over rows and images: in the order of the keys, the images once more than they are undone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from tests.targets.crm import PLAN, SCHEMA, USERS, execute, load, roll_back, rows, table

from crmmigrate.targets import open_target
from crmmigrate.targets.key_ranges import MOST_RANGES, gaps
from crmmigrate.targets.mysql_undo import NAMED_KEYS

SCATTERED = 2 * NAMED_KEYS + 1
"""Rows of one batch between which other people's lie; more than one statement names."""


@pytest.fixture
def mysql(mysql_url: str) -> Iterator[Any]:
    with open_target(mysql_url) as opened:
        opened.create(SCHEMA)
        yield opened


def people(*numbers: int, name: str = "新") -> Any:
    return rows(USERS, *({"external_id": f"u{number}", "name": f"{name}{number}"} for number in numbers))


def fill(target: Any, count: int) -> None:
    """Have users that were there before."""
    old = ", ".join(f"('u{number}', '旧{number}')" for number in range(1, count + 1))
    execute(target, f"INSERT INTO users (external_id, name) VALUES {old}")


@contextmanager
def plans(target: Any, begin: str) -> Iterator[list[tuple[str, str]]]:
    """Collect, for each statement that begins so, the table that the server reads first, and whether it takes a temporary one."""
    found: list[tuple[str, str]] = []

    def explain(connection: Any, cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if statement.startswith(begin):
            with connection.connection.cursor() as other:
                other.execute("EXPLAIN " + statement, parameters)
                names = [column[0] for column in other.description]
                first = dict(zip(names, other.fetchall()[0], strict=True))
                found.append((first["table"], first["Extra"] or ""))

    sa.event.listen(target.session.engine, "before_cursor_execute", explain)
    yield found
    sa.event.remove(target.session.engine, "before_cursor_execute", explain)


@contextmanager
def statements(target: Any) -> Iterator[list[str]]:
    """Collect the statements that are sent."""
    found: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *_: Any) -> None:
        found.append(statement)

    sa.event.listen(target.session.engine, "before_cursor_execute", note)
    yield found
    sa.event.remove(target.session.engine, "before_cursor_execute", note)


@given(st.lists(st.tuples(st.integers(-5, 60), st.integers(0, 9)), max_size=20))
def test_the_gaps_between_ranges_hold_each_other_row_once(starts: list[tuple[int, int]]) -> None:
    ranges = sorted((first, first + length) for first, length in starts)
    engine = sa.create_engine("sqlite://")
    key = sa.column("k")
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t (k INTEGER PRIMARY KEY)")
        connection.exec_driver_sql("INSERT INTO t VALUES " + ", ".join(f"({number})" for number in range(-10, 80)))
        query = sa.select(key).select_from(sa.table("t"))
        found = [row for where in gaps(key, ranges) for row in connection.execute(query.where(where)).scalars()]
    engine.dispose()
    assert sorted(found) == [k for k in range(-10, 80) if not any(first <= k <= last for first, last in ranges)]


@pytest.mark.database("mysql")
@pytest.mark.parametrize("step", [1, 2])
def test_rows_are_given_back_while_they_are_read_whether_their_keys_have_gaps_or_not(mysql: Any, step: int) -> None:
    fill(mysql, SCATTERED * step)
    before = table(mysql, "users", "external_id", "name")
    load(mysql, "r", (USERS, people(*range(1, SCATTERED * step + 1, step))))
    assert table(mysql, "users", "name")[0] == ("新1",)
    with plans(mysql, "UPDATE users") as found:
        assert roll_back(mysql, "r") == {"undone": SCATTERED}
    assert {first for first, _ in found} == {"users"}
    assert not [extra for _, extra in found if "temporary" in extra]
    assert len(found) == (1 if step == 1 else 3)
    assert table(mysql, "users", "external_id", "name") == before


@pytest.mark.database("mysql")
def test_a_row_between_that_somebody_has_locked_is_not_waited_for(mysql: Any, mysql_url: str) -> None:
    fill(mysql, 40)
    load(mysql, "r", (USERS, people(*range(1, 41, 2))))
    with open_target(mysql_url) as other, other.session.transaction() as colleague:  # type: ignore[attr-defined]
        colleague.exec_driver_sql("UPDATE users SET name = '同事' WHERE external_id = 'u2'")
        mysql.begin_run("rollback", "undo", PLAN, parent="r")
        outcome = mysql.undo_batch("undo", 1, "r", 1, apply=True)
    assert outcome.counts["undone"] == 20
    assert table(mysql, "users", "name")[:3] == [("旧1",), ("同事",), ("旧3",)]


@pytest.mark.database("mysql")
def test_a_batch_of_which_one_row_was_edited_is_given_back_but_for_this(mysql: Any) -> None:
    fill(mysql, 60)
    load(mysql, "r", (USERS, people(*range(1, 41))))
    execute(mysql, "UPDATE users SET name = '人' WHERE external_id = 'u7'")
    assert roll_back(mysql, "r") == {"undone": 39, "kept_edited": 1}
    assert table(mysql, "users", "name")[5:8] == [("旧6",), ("人",), ("旧8",)]


@pytest.mark.database("mysql")
def test_many_batches_with_gaps_between_them_are_left_out_by_ranges(mysql: Any) -> None:
    batches = MOST_RANGES + 5
    fill(mysql, 3 * batches)
    load(mysql, "r", *((USERS, people(3 * number + 1)) for number in range(batches)))
    execute(mysql, "UPDATE users SET name = '人' WHERE external_id = 'u2'")
    with statements(mysql) as sent:
        assert roll_back(mysql, "r") == {"undone": batches}
    assert not [statement for statement in sent if "NOT IN" in statement and "FROM crmm_image" in statement]
    assert sum("GROUP BY crmm_image_user.batch" in statement for statement in sent) == 1
    assert table(mysql, "users", "name")[:4] == [("旧1",), ("人",), ("旧3",), ("旧4",)]


@pytest.mark.database("mysql")
def test_a_rollback_taken_up_by_another_process_is_proved_like_one_that_ran_through(mysql: Any, mysql_url: str) -> None:
    fill(mysql, 6)
    load(mysql, "r", (USERS, people(1, 2, 3)), (USERS, people(5, 7, name="新")))
    mysql.begin_run("rollback", "undo", PLAN, parent="r")
    mysql.undo_batch("undo", 2, "r", 2, apply=True)
    mysql.close_run("undo", "stopped")
    with open_target(mysql_url) as later:
        later.resume_run("undo")
        assert not later.undo_agrees("undo")
        later.undo_batch("undo", 1, "r", 1, apply=True)
        assert later.undo_agrees("undo")
        execute(later, "UPDATE users SET name = '人' WHERE external_id = 'u4'")
        assert not later.undo_agrees("undo")
        execute(later, "UPDATE users SET name = '旧4' WHERE external_id = 'u4'")
        assert later.undo_agrees("undo")


@pytest.mark.database("mysql")
@pytest.mark.parametrize(("one", "other"), [((1, 2), (2, 3)), ((1, 3), (3, 5))], ids=["without gaps", "with gaps"])
def test_a_row_that_two_batches_changed_is_proved_by_what_the_first_of_them_found(
    mysql: Any, one: tuple[int, int], other: tuple[int, int]
) -> None:
    fill(mysql, 6)
    before = mysql.digest()
    load(mysql, "r", (USERS, people(*one)), (USERS, people(*other, name="再")))
    assert table(mysql, "users", "name")[other[0] - 1] == (f"再{other[0]}",)
    assert roll_back(mysql, "r") == {"undone": 4}
    assert mysql.digest() == before


@pytest.mark.database("mysql")
def test_keys_with_gaps_are_left_out_in_their_order_and_told_apart_once(mysql: Any) -> None:
    fill(mysql, 40)
    load(mysql, "r", (USERS, people(*range(1, 21, 2))), (USERS, people(*range(22, 41, 3), 50, 51)))
    execute(mysql, "UPDATE users SET name = '人' WHERE external_id = 'u2'")
    with statements(mysql) as sent:
        assert roll_back(mysql, "r") == {"undone": 19}
    assert not [text for text in sent if "crmm_image" in text and ("NOT IN" in text or "HAVING" in text)]
    execute(mysql, "UPDATE users SET name = '人' WHERE external_id = 'u23'")
    assert not mysql.undo_agrees("undo-r")


@pytest.mark.database("mysql")
def test_numbers_that_are_filled_up_with_zeros_are_added_up_alike_wherever_they_stand(
    mysql: Any, mysql_url: str
) -> None:
    staff = replace(USERS, object="staff")
    plan = replace(PLAN, objects=(USERS, staff))
    fill(mysql, 6)
    execute(mysql, "ALTER TABLE accounts DROP FOREIGN KEY " + _foreign_key(mysql))
    execute(mysql, "ALTER TABLE users MODIFY id INT(12) UNSIGNED ZEROFILL NOT NULL AUTO_INCREMENT")
    with open_target(mysql_url) as target:
        before = target.digest()
        load(target, "r", (USERS, people(1, 3, 5)), (staff, people(3, 6, 7, name="再")), plan=plan)
        target.begin_run("rollback", "undo", plan, parent="r")
        for batch in (2, 1):
            assert target.undo_batch("undo", batch, "r", batch, apply=True).counts["undone"] == 3
        assert target.undo_agrees("undo")
        assert target.digest() == before


def _foreign_key(target: Any) -> str:
    with target.session.transaction() as connection:
        keys = sa.inspect(connection).get_foreign_keys("accounts")
    return str(next(key["name"] for key in keys if key["referred_table"] == "users"))
