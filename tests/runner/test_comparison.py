"""Two tables on two servers: only rows that may differ are read, and nothing else comes out than if all were."""

import random

import pytest
import sqlalchemy as sa

from crmmigrate.cli.workspaces import context_for
from crmmigrate.errors import ConfigurationError
from crmmigrate.model.location import Location
from crmmigrate.model.stage import Job
from crmmigrate.model.table import Tables
from crmmigrate.runner.comparison import read_two
from crmmigrate.stages.reconcile import ReconcileOptions, reconcile

pytestmark = [pytest.mark.database("postgresql"), pytest.mark.database("mysql")]

POSTGRESQL = """CREATE TABLE t (id integer PRIMARY KEY, 名称 text, 等级 char(4), 金额 numeric(14,4), 有效 boolean, 建 timestamptz,
                改 timestamp(6), 日 date, 数 bigint, 照 bytea, 率 double precision)"""
MYSQL = """CREATE TABLE t (id bigint PRIMARY KEY, 名称 varchar(200), 等级 char(4), 金额 decimal(12,2), 有效 tinyint(1), 建 datetime,
           改 datetime(6), 日 date, 数 int, 照 blob, 率 double) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"""
COLUMNS = ("id", "名称", "等级", "金额", "有效", "建", "改", "日", "数", "照", "率")


def rows(count):
    draw = random.Random(7)
    names = ["杭州华创科技有限公司", "Müller & Söhne", "😀🏢", "", None, " 两端 ", "a\x1fb", "换\n行", "007", "1200.00"]
    return [
        (
            n,
            draw.choice(names),
            draw.choice(["A", "B ", None]),
            f"{draw.randrange(-(10**6), 10**6) / 100:.2f}",
            draw.choice([True, False, None]),
            draw.choice(["2023-05-01 14:30:00", "2023-05-01 00:00:00", None]),
            draw.choice(["2023-05-01 14:30:00.123400", "2023-05-01 00:00:00"]),
            draw.choice(["2023-05-01", None]),
            draw.choice([0, -5, 2**31 - 1, None]),
            draw.choice([b"\x00\xff", None]),
            draw.choice([0.1, 1e20, None]),
        )
        for n in range(count)
    ]


def fill(url, create, data):
    engine = sa.create_engine(Location(url).url(), poolclass=sa.NullPool)
    sign = '"' if "postgres" in url else "`"
    with engine.begin() as connection:
        if "postgres" in url:
            connection.exec_driver_sql("SET TimeZone = 'UTC'")
        connection.exec_driver_sql(create)
        listed = ", ".join(f"{sign}{name}{sign}" for name in COLUMNS)
        marks = ", ".join(["%s"] * len(COLUMNS))
        connection.exec_driver_sql(f"INSERT INTO t ({listed}) VALUES ({marks})", data)
    return engine


@pytest.fixture
def two(postgresql_url, mysql_url):
    data = rows(600)
    left, right = fill(postgresql_url, POSTGRESQL, data), fill(mysql_url, MYSQL, data)
    return (postgresql_url + "#t", mysql_url + "#t"), left, right


def compared(places, *, key=("id",), column=(), work=None):
    with context_for(work) as context:
        sides = read_two(*map(Location.parse, places), key, column, context)
        options = ReconcileOptions(key=key, column=column, agreed=sides.agreed, kinds=sides.kinds)
        result = reconcile.function(Job(Tables(sides.tables), options, "run", lambda _: None))
        found = {(d["_record"], d["column"], d["kind"]) for d in result.tables["differences"].to_pylist()}
        return found, sides.agreed, {name: table.rows for name, table in sides.tables.items()}, result.facts


def test_equal_tables_of_two_servers_agree_without_a_row_read(two):
    found, agreed, read, facts = compared(two[0])
    assert (found, agreed, read) == (set(), 600, {"left": 0, "right": 0})
    assert facts["rows"] == [600, 600]


CHANGES = {
    "UPDATE t SET 名称 = '别的' WHERE id = 17": ("17", "名称", {"value.other", "value.added"}),
    "UPDATE t SET 名称 = concat(名称, ' ') WHERE id = {filled}": ("{filled}", "名称", {"value.blanks"}),
    "UPDATE t SET 名称 = NULL WHERE id = {empty}": ("{empty}", "名称", {"value.empty"}),
    "UPDATE t SET 名称 = '' WHERE id = {null}": ("{null}", "名称", {"value.empty"}),
    "UPDATE t SET 名称 = '7' WHERE id = {zeros}": ("{zeros}", "名称", {"value.zeros"}),
    "UPDATE t SET 名称 = '1200' WHERE id = {number}": ("{number}", "名称", {"value.notation"}),
    "UPDATE t SET 名称 = '??' WHERE id = {emoji}": ("{emoji}", "名称", {"value.damaged"}),
    "UPDATE t SET 金额 = 金额 + 0.01 WHERE id = 30": ("30", "金额", {"value.other", "value.rounding"}),
    "UPDATE t SET 金额 = 金额 * 100 WHERE id = 31": ("31", "金额", {"value.factor"}),
    "UPDATE t SET 有效 = 1 - 有效 WHERE id = {yes}": ("{yes}", "有效", {"value.other"}),
    "UPDATE t SET 建 = '2023-05-01 22:30:00' WHERE id = {noon}": ("{noon}", "建", {"value.hours"}),
    "UPDATE t SET 改 = '2023-05-01 14:30:00.123401' WHERE id = {fine}": ("{fine}", "改", {"value.other"}),
    "UPDATE t SET 日 = '2023-01-05' WHERE id = 41": ("41", "日", {"value.day_month", "value.added"}),
    "UPDATE t SET 数 = 8 WHERE id = 42": ("42", "数", {"value.other", "value.added"}),
    "UPDATE t SET 照 = x'00fe' WHERE id = 43": ("43", "照", {"value.other", "value.added"}),
    "UPDATE t SET 率 = 0.10000000000000002 WHERE id = {tenth}": ("{tenth}", "率", {"value.rounding", "value.other", "value.truncated"}),
    "DELETE FROM t WHERE id = 50": ("50", "", {"row.missing"}),
    "UPDATE t SET id = 5000 WHERE id = 51": ("51", "", {"row.missing"}),
    "UPDATE t SET 等级 = 'b' WHERE id = {b}": ("{b}", "等级", {"value.case"}),
}  # fmt: skip


def places_of():
    """Return a row of each sort that a change is about."""
    free = rows(600)[100:]

    def first(at, value):
        return free.pop(next(index for index, row in enumerate(free) if row[at] == value))[0]

    return {"filled": first(1, "杭州华创科技有限公司"), "empty": first(1, ""), "null": first(1, None), "zeros": first(1, "007"),
            "number": first(1, "1200.00"), "emoji": first(1, "😀🏢"), "yes": first(4, True), "noon": first(5, "2023-05-01 14:30:00"),
            "fine": first(6, "2023-05-01 14:30:00.123400"), "tenth": first(10, 0.1), "b": first(2, "B ")}  # fmt: skip


def test_each_change_is_found_alone_and_hardly_a_row_is_read(two, monkeypatch):
    """All changes are made at once, each in a row of its own; what is found is them and nothing else."""
    at, wanted = places_of(), {}
    with two[2].begin() as connection:
        used = set()
        for statement, (pattern, column, kinds) in CHANGES.items():
            record = pattern.format(**at)
            assert record not in used
            used.add(record)
            connection.exec_driver_sql(statement.format(**at))
            wanted[record, column] = kinds
    found, agreed, read, _ = compared(two[0])
    moved = ("5000", "", "row.extra")
    assert moved in found
    assert {(record, column) for record, column, _ in found - {moved}} == set(wanted)
    wrong = [(r, c, kind) for r, c, kind in found - {moved} if kind not in wanted[r, c]]
    assert not wrong
    assert read["left"] + agreed == 600
    assert read["left"] < 130  # 19 rows of 600 are touched, and they take their neighbours along
    monkeypatch.setattr("crmmigrate.model.row_digest.RANGES", 0)  # as if there were many of them
    again, agreed, read, _ = compared(two[0])
    assert again == found
    assert read["left"] + agreed == 600
    assert read["left"] < 130  # where one row of a bucket differs, it alone; else its neighbours too
    monkeypatch.setattr("crmmigrate.model.row_place.NAMED", 0)  # as if more keys were named than can be asked for
    again, agreed, read, _ = compared(two[0])
    assert again == found
    assert read["left"] + agreed == 600
    assert read["left"] < 30  # the digest of each row of these buckets was looked at


def test_where_much_differs_all_is_read(two):
    with two[2].begin() as connection:
        connection.exec_driver_sql("UPDATE t SET 数 = 1 WHERE id >= 300")
    found, agreed, read, facts = compared(two[0], column=("数", "名称"))
    assert {column for _, column, _ in found} == {"数"}
    assert (agreed, read) == (0, {"left": 600, "right": 600})
    assert len(found) == 300
    assert facts["rows"] == [600, 600]


def test_one_row_of_each_bucket_is_read_alone(two, monkeypatch):
    """Every bucket differs, but one row of each does: its second sum tells which, and so do the digests of its rows."""
    monkeypatch.setattr("crmmigrate.model.row_digest.RANGES", 0)  # as if there were many buckets
    with two[2].begin() as connection:
        connection.exec_driver_sql("UPDATE t SET 数 = 7654321 WHERE mod(id, 16) = 3")
    for _ in range(2):
        found, agreed, read, facts = compared(two[0], column=("数", "名称"))
        assert {record for record, _, _ in found} == {str(number) for number in range(3, 600, 16)}
        assert read["left"] == read["right"] == len(found) == 38
        assert agreed == 562
        assert facts["rows"] == [600, 600]
        monkeypatch.setattr("crmmigrate.model.row_place.NAMED", 0)  # as if too many keys were named


def test_where_sums_name_other_rows_than_those_that_differ_all_is_asked_again(two, monkeypatch):
    """What was read does not make up what the buckets differ by, so that it is not believed."""
    monkeypatch.setattr("crmmigrate.model.row_digest.RANGES", 0)  # as if there were many buckets
    monkeypatch.setattr("crmmigrate.model.row_place.BLOCK", 8)  # as if the places were others than the server's
    with two[2].begin() as connection:
        connection.exec_driver_sql("UPDATE t SET 数 = 7654321 WHERE mod(id, 16) = 3 AND id > 100")
    found, agreed, read, _ = compared(two[0], column=("数", "名称"))
    assert {record for record, _, _ in found} == {str(number) for number in range(3, 600, 16) if number > 100}
    assert read["left"] == read["right"] == len(found) == 600 - agreed


def test_rows_that_one_side_lacks_are_named_by_their_place(two, monkeypatch):
    """A row is there on one side only, in buckets of which every one differs; its neighbours are not read."""
    monkeypatch.setattr("crmmigrate.model.row_digest.RANGES", 0)  # as if there were many buckets
    with two[2].begin() as connection:
        connection.exec_driver_sql("DELETE FROM t WHERE mod(id, 32) = 5")
    with two[1].begin() as connection:
        connection.exec_driver_sql("DELETE FROM t WHERE mod(id, 32) = 21")
    found, agreed, read, facts = compared(two[0], column=("数", "名称"))
    missing, extra = range(5, 600, 32), range(21, 600, 32)
    assert found == {(str(k), "", "row.missing") for k in missing} | {(str(k), "", "row.extra") for k in extra}
    assert read == {"left": len(missing), "right": len(extra)}
    assert facts["rows"] == [600 - len(extra), 600 - len(missing)]
    assert agreed == 600 - len(missing) - len(extra)


def test_a_key_of_two_columns_with_gaps_and_repeats(two):
    """Without a key that names one row, rows are matched as often as they stand on both sides."""
    with two[2].begin() as connection:
        connection.exec_driver_sql("DELETE FROM t WHERE id = 7")
    found, agreed, _, _ = compared(two[0], key=("名称", "日"), column=("有效",))
    assert agreed > 0
    assert [kind for _, column, kind in found if not column] in (["row.missing"], ["row.fewer"])


def test_the_same_server_twice_and_a_narrower_type(two):
    with two[1].begin() as connection:
        connection.exec_driver_sql("CREATE TABLE u AS SELECT id::text AS id, 金额::numeric(20,6) AS 金额 FROM t")
        connection.exec_driver_sql("UPDATE u SET 金额 = 金额 + 0.000001 WHERE id = '9'")
    found, agreed, _, _ = compared((two[0][0], two[0][0].replace("#t", "#u")), column=("金额",))
    assert {(record, column) for record, column, _ in found} == {("9", "金额")}
    assert agreed == 599


def test_a_column_that_is_not_there_is_told_with_the_place(two):
    with pytest.raises(ConfigurationError) as told:
        compared(two[0], key=("编号",))
    assert told.value.code == "compare.no-column"
    assert "#t" in told.value.place


def test_columns_that_drivers_take_for_parameters_are_read_whole(two):
    """A name with a percent sign or a colon makes no trouble; then nothing is narrowed."""
    with two[1].begin() as connection:
        connection.exec_driver_sql('CREATE TABLE p AS SELECT id, 名称 AS "占比%%" FROM t')
    with two[2].begin() as connection:
        connection.exec_driver_sql("CREATE TABLE p AS SELECT id, 名称 AS `占比%%` FROM t")
        connection.exec_driver_sql("UPDATE p SET id = -1 WHERE id = 3")
    found, agreed, _, _ = compared(tuple(place.replace("#t", "#p") for place in two[0]))
    assert {record for record, _, _ in found} == {"3", "-1"}
    assert agreed == 0


def test_rows_that_swap_their_values_are_found_even_in_one_bucket(two):
    """Keys beside each other lie in one bucket: what tells the rows apart is the key in their digests."""
    data = rows(600)
    first = next(
        n for n in range(0, 600, 16) if data[n][8] != data[n + 1][8] and None not in (data[n][8], data[n + 1][8])
    )
    with two[2].begin() as connection:
        for at, other in ((first, first + 1), (first + 1, first)):
            connection.exec_driver_sql(f"UPDATE t SET 数 = {data[other][8]} WHERE id = {at}")
    found, agreed, read, _ = compared(two[0])
    assert found == {(str(at), "数", "value.swapped") for at in (first, first + 1)}
    assert (agreed, read) == (584, {"left": 16, "right": 16})


def test_repeated_rows_without_a_key_hide_nothing(two):
    """Two equal rows on each side would cancel each other out in an exclusive or; only keys that are unique get one."""
    for engine, kind in ((two[1], "integer"), (two[2], "int")):
        with engine.begin() as connection:
            connection.exec_driver_sql(f"CREATE TABLE twice (id {kind}, 数 {kind})")
            connection.exec_driver_sql("INSERT INTO twice VALUES (1, 5), (1, 5), (-40, 7), (NULL, 8)")
    places = tuple(place.replace("#t", "#twice") for place in two[0])
    assert compared(places)[:2] == (set(), 4)
    with two[2].begin() as connection:
        connection.exec_driver_sql("UPDATE twice SET 数 = 6 WHERE id = 1")
    found, agreed, _, _ = compared(places)
    assert {(record, column) for record, column, _ in found} == {("1", "数")}
    assert agreed < 4


def test_cells_that_hold_the_separator_never_make_two_rows_alike(two):
    for engine, cells in ((two[1], ("a\x1fb", "c")), (two[2], ("a", "b\x1fc"))):
        with engine.begin() as connection:
            connection.exec_driver_sql("CREATE TABLE s (id int PRIMARY KEY, 甲 varchar(20), 乙 varchar(20))")
            connection.exec_driver_sql("INSERT INTO s VALUES (1, %s, %s), (2, '', NULL)", cells)
    with two[2].begin() as connection:
        connection.exec_driver_sql("UPDATE s SET 甲 = NULL, 乙 = '' WHERE id = 2")
    found, _, _, _ = compared(tuple(place.replace("#t", "#s") for place in two[0]))
    assert {(record, column) for record, column, _ in found} == {("1", "甲"), ("1", "乙"), ("2", "甲"), ("2", "乙")}


def test_columns_of_another_charset_and_collation_agree(two):
    with two[1].begin() as connection:
        connection.exec_driver_sql("CREATE TABLE g (id integer PRIMARY KEY, 甲 text, 乙 text, 丙 text)")
        connection.exec_driver_sql("INSERT INTO g VALUES (1, '华创', 'é', '东方'), (2, NULL, '', '瑞科')")
    with two[2].begin() as connection:
        connection.exec_driver_sql(
            "CREATE TABLE g (id int PRIMARY KEY, 甲 varchar(20) CHARACTER SET gbk, 乙 varchar(20) CHARACTER SET latin1, "
            "丙 varchar(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci)"
        )
        connection.exec_driver_sql("INSERT INTO g VALUES (1, '华创', 'é', '东方'), (2, NULL, '', '瑞科')")
    assert compared(tuple(place.replace("#t", "#g") for place in two[0]))[:2] == (set(), 2)
