"""What the bulk paths send, read back by the servers themselves."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pyarrow as pa
import pytest
import sqlalchemy as sa

from crmmigrate.errors import LocationError
from crmmigrate.targets import open_target
from crmmigrate.targets.cells import Cells, as_lines, parse_column, text_array
from crmmigrate.targets.live import LiveColumn

ODD = ["上海市 😀", "", None, "\\N", "a\tb", "line\nbreak\r\n", "back\\slash", '"quoted", comma', "\\.", "NULL", " 尾 "]


def test_text_that_fits_stays_as_it_is_and_the_rest_is_told_by_position() -> None:
    live = LiveColumn("name", "text", sa.String(3), length=3, nul=False)
    fitting, none = parse_column(live, str, text_array(pd.Series(["王敏", None, "", "王敏"], dtype="str")))
    assert (fitting.values, none) == (["王敏", None, "", "王敏"], {})
    mixed, wrong = parse_column(live, str, pa.array(["王敏", "四个字啊", "a\0", None]))
    assert mixed.values == ["王敏", None, None, None]
    assert wrong == {1: "load.unfit-length", 2: "load.unfit-character"}
    number = LiveColumn("n", "integer", sa.Integer())
    assert parse_column(number, str, pa.array(["7", "", "x"]))[0].values == [7, None, None]


def test_a_slice_of_a_column_sends_only_its_own_rows() -> None:
    column = pd.Series(["一", "二", None, "四"], dtype="str").iloc[1:3]
    assert b"".join(as_lines([Cells(str, texts=text_array(column)), Cells(str, [1, 2])])) == "二\t1\n\\N\t2\n".encode()
    assert b"".join(as_lines([Cells(str, [1, 2, 3]).take([0, 2])])) == b"1\n3\n"


@pytest.mark.parametrize(
    "kind",
    [
        "sqlite",
        pytest.param("postgresql", marks=pytest.mark.database("postgresql")),
        pytest.param("mysql", marks=pytest.mark.database("mysql")),
    ],
)
def test_odd_text_arrives_as_it_was_sent(kind: str, shared_database: Any, tmp_path: Any) -> None:
    url = f"sqlite:///{tmp_path / 'odd.db'}" if kind == "sqlite" else shared_database(kind)
    with open_target(url) as target:
        dialect = target.dialect  # type: ignore[attr-defined]
        dialect.creating = True
        with target.session.transaction() as connection:  # type: ignore[attr-defined]
            made = sa.Table("odd", sa.MetaData(), sa.Column("n", sa.Integer), sa.Column("t", sa.String(50)),
                            prefixes=["TEMPORARY"], **dialect.table_options())  # fmt: skip
            made.create(connection)
            rows = list(enumerate(ODD * 30))  # enough for LOAD DATA
            cells = [Cells(dialect.wire, [n for n, _ in rows]), Cells(dialect.wire, texts=pa.array(ODD * 30))]
            dialect.bulk(connection, "odd", ("n", "t"), cells)
            assert connection.execute(sa.select(made).order_by(made.c.n)).all() == rows


@pytest.mark.database("mysql")
def test_load_data_that_would_cut_or_skip_a_row_inserts_nothing(shared_database: Any) -> None:
    with open_target(shared_database("mysql")) as target, target.session.transaction() as connection:  # type: ignore[attr-defined]
        dialect = target.dialect  # type: ignore[attr-defined]
        connection.exec_driver_sql("CREATE TEMPORARY TABLE short (n INT PRIMARY KEY, t VARCHAR(3)) ENGINE=InnoDB")
        good = [Cells(dialect.wire, list(range(300))), Cells(dialect.wire, ["三个字"] * 300)]
        long = [good[0], Cells(dialect.wire, ["三个字"] * 299 + ["四个字啊"])]
        twice = [Cells(dialect.wire, [*range(299), 0]), good[1]]
        for refused in (long, twice):
            assert dialect._load(connection, "short", ("n", "t"), refused) is None
            assert connection.exec_driver_sql("SELECT count(*) FROM short").scalar() == 0
        assert dialect._load(connection, "short", ("n", "t"), good) is not None
        assert connection.exec_driver_sql("SELECT count(*) FROM short").scalar() == 300


@pytest.mark.database("mysql")
def test_a_server_that_asks_for_a_file_unasked_gets_none(shared_database: Any, tmp_path: Any) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("geheim\n")
    with open_target(shared_database("mysql")) as target:
        session = target.session  # type: ignore[attr-defined]
        with session.transaction() as connection:
            connection.exec_driver_sql("CREATE TABLE got (t VARCHAR(30)) ENGINE=InnoDB")
        with pytest.raises(LocationError), session.transaction() as connection:
            connection.exec_driver_sql(f"LOAD DATA LOCAL INFILE '{secret}' INTO TABLE got")
        with session.transaction() as connection:
            assert connection.exec_driver_sql("SELECT count(*) FROM got").scalar() == 0
