"""Blocks of keys: every key of a bucket lies in one of its ranges, and no other."""

import pytest
import sqlalchemy as sa

from crmmigrate.model.location import Location
from crmmigrate.model.row_digest import BLOCK, BLOCKS, Digested, differing, is_whole, ranges, shelved
from crmmigrate.model.row_form import agree, written


@pytest.mark.parametrize(("lowest", "highest"), [(0, 5000), (17, 17), (BLOCK * BLOCKS - 40, BLOCK * BLOCKS * 3 + 25)])
def test_the_ranges_of_buckets_hold_their_keys_and_no_others(lowest, highest):
    keys = [*range(lowest, min(highest, lowest + 3000) + 1), *range(max(lowest, highest - 3000), highest + 1)]
    wanted = {str(key // BLOCK % BLOCKS) for key in keys[::997]}
    found = ranges(wanted, lowest, highest)
    assert found is not None
    assert {k for k in keys if any(first <= k <= last for first, last in found)} == {
        k for k in keys if str(k // BLOCK % BLOCKS) in wanted
    }


def test_too_many_blocks_or_keys_below_zero_are_not_looked_up_one_by_one():
    assert ranges({"0"}, -5, 100) is None
    assert ranges({str(n) for n in range(300)}, 0, 10_000) is None
    assert ranges({"0"}, 0, 2**62) is None


def test_only_buckets_of_shelves_that_differ_are_looked_at():
    left = {"0": (5, "1 2 99,2 3 77"), "1": (4, "300 4 8"), "2": (1, "600 1 1")}
    right = {"0": (5, "1 2 99,2 3 78"), "1": (4, "300 4 8"), "3": (2, "800 2 2")}
    assert differing(left, right) == ({"2", "600", "800"}, 6, 5)


@pytest.mark.parametrize(("kind", "alike", "other"), [
    (sa.Numeric(12, 2), ["1200", "1200.0", "1200.00", "1200."], ["120", "1200..", "1200.0.0", "12.00", None, ""]),
    (sa.Numeric(12, 2), ["1.2", "1.20"], ["1.2.0", "1.2.", "1.2 0", "-1.2"]),
    (sa.Float(), ["1.5e17"], ["1.5e170", "1.5E17", "1.5"]),
    (sa.Integer(), ["1200"], ["12", "1200.0", "01200"]),
    (sa.Boolean(), ["true", "1"], ["false", "0", "t", "", None]),
    (sa.DateTime(), ["2023-05-01", "2023-05-01T00:00:00", "2023-05-01 00:00:00"], ["2023-05-01T00:00:01", "2023-05-01 00:00:00 00:00:00", "2023-05-01T"]),
    (sa.Text(), ["1.0"], ["1", "1.00", "1.0 ", None, ""]),
])  # fmt: skip
def test_text_has_the_same_form_only_where_it_means_the_same(kind, alike, other):
    import duckdb

    def form(text):
        cell = written("duckdb", "t.v", kind, alike=False, nothing="'\U000f0000'")
        return duckdb.execute(f"SELECT concat_ws('|', {cell}) FROM (SELECT ?::VARCHAR AS v) t", [text]).fetchone()[0]

    assert len({form(text) for text in alike}) == 1
    assert form(alike[0]) not in {form(text) for text in other}


@pytest.mark.database("mysql")
@pytest.mark.parametrize(("most", "whole"), [(1024, True), (26, False), (24, False), (23, False), (4, False)])
def test_a_list_that_a_server_cuts_is_not_taken_for_whole(mysql_url, most, whole):
    """However little is left: one item is 20 signs long, and a cut behind one is a cut too."""
    engine = sa.create_engine(Location(mysql_url).url(), poolclass=sa.NullPool)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t (id bigint PRIMARY KEY, a varchar(9))")
        connection.exec_driver_sql("INSERT INTO t VALUES (10, 'x'), (11, 'y')")
        connection.exec_driver_sql(f"SET SESSION group_concat_max_len = {most}")
        types = {"id": sa.BigInteger(), "a": sa.String(9)}
        forms = agree(types, types, ["id"], once=True)
        side = Digested("mysql", "t", types, frozenset(["id"]), frozenset(["id"]), lambda name: f"`{name}`")
        told = shelved(
            connection.exec_driver_sql(side.each(["id"], ["a"], side.inside(["id"], ["0"], forms), forms)).fetchall()
        )
    assert is_whole(told) == whole
