"""Sources on a server cannot say without being read whether they changed: they are read, and what they say decides."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
import sqlalchemy
from tests.runner.small_migration import lay_out, opened, sql

from crmmigrate.errors import ConfigurationError, LocationError
from crmmigrate.model.schema import read_target_schema
from crmmigrate.runner.golive import shown_by
from crmmigrate.runner.refeeding import feed
from crmmigrate.runner.rereading import read_alike

Change = Callable[[str], None]


@pytest.fixture(
    params=[
        pytest.param("postgresql", marks=pytest.mark.database("postgresql")),
        pytest.param("mysql", marks=pytest.mark.database("mysql")),
    ]
)
def source(request: pytest.FixtureRequest) -> str:
    """Return the URL of a database that holds the customers, the last one without a name."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


def changing(url: str) -> Change:
    """Return what changes something in the source."""
    driver = {"postgresql": "postgresql+psycopg", "mysql": "mysql+pymysql"}
    kind, rest = url.split(":", 1)

    def change(statement: str) -> None:
        engine = sqlalchemy.create_engine(f"{driver[kind]}:{rest}")
        with engine.begin() as connection:
            connection.execute(sqlalchemy.text(statement))
        engine.dispose()

    return change


def migrated(folder: Path, url: str) -> Change:
    """Lay out the small migration with its customers on a server and the rest in files, and run it."""
    change = changing(url)
    lay_out(folder)
    people, columns = folder / "in" / "客户.csv", ("编号", "名称", "行业", "地址", "邮箱", "负责人")
    made = ", ".join(f"{column} VARCHAR(100)" for column in columns)
    change(f"CREATE TABLE 客户 ({made}, PRIMARY KEY (编号))")
    for row in csv.DictReader(people.read_text(encoding="utf-8").splitlines()):
        said = ", ".join("NULL" if row["编号"] == "20" and c == "名称" else f"'{row[c]}'" for c in columns)
        change(f"INSERT INTO 客户 VALUES ({said})")
    people.unlink()
    for file, before, now in (
        ("migration.yaml", "location: in/客户.csv", f'location: "{url}", tables: [客户]'),
        ("migration.yaml", "target:", "gates: {max_reject_ratio: 1.0}\ntarget:"),
        ("mappings/account.crmmap.yaml", "fields:", "gates: {max_reject_ratio: 1.0}\nfields:"),
    ):
        path = folder / file
        path.write_text(path.read_text(encoding="utf-8").replace(before, now, 1), encoding="utf-8")
    with opened(folder).open_target(to_create=True) as target:
        target.create(read_target_schema(folder / "schema.yaml"))
    opened(folder).run()
    return change


def named_by_hand(folder: Path, name: str) -> Path:
    """Fill in the name that is lacking in the workbook of rejects."""
    path = max((folder / "work" / "runs").glob("*-reconcile-*")) / "reports" / "待修正数据.xlsx"
    book = openpyxl.load_workbook(path)
    page = book["客户"]
    titles = [cell.value for cell in page[1]]
    page.cell(2, titles.index("名称") + 1).value = name
    book.save(path)
    return path


def test_rows_of_a_server_that_were_refused_are_fed_in_and_going_live_is_not_stale(tmp_path: Path, source: str) -> None:
    change = migrated(tmp_path, source)
    change("UPDATE 客户 SET 邮箱 = 'gone@corp1.cn' WHERE 编号 = '1'")  # MySQL now says that the table was changed
    change("UPDATE 客户 SET 邮箱 = 'boss1@corp1.cn' WHERE 编号 = '1'")  # its rows are the same
    assert [name for name, current in opened(tmp_path).plan() if not current] == ["load", "reconcile"]
    assert shown_by(opened(tmp_path)).changed == ()
    book = named_by_hand(tmp_path, "第二十号精密仪器有限公司")
    assert feed(opened(tmp_path), book).written == 1
    assert sql(tmp_path, "SELECT count(*) FROM accounts") == [(20,)]
    with pytest.raises(ConfigurationError) as caught:  # of the same sources, though they were read again
        feed(opened(tmp_path), book)
    assert caught.value.code == "rejects.nothing-corrected"
    assert shown_by(opened(tmp_path)).changed == ()
    assert not (tmp_path / "work" / "tables" / "again").exists()  # what was read to compare is kept by nobody

    change("UPDATE 客户 SET 邮箱 = 'other@corp1.cn' WHERE 编号 = '1'")
    assert not any(current for _, current in opened(tmp_path).plan())
    assert "extract" in shown_by(opened(tmp_path)).changed
    with pytest.raises(ConfigurationError) as caught:
        feed(opened(tmp_path), book)
    assert caught.value.code == "rejects.sources-changed"


@pytest.mark.database("postgresql")
def test_a_server_that_does_not_answer_is_told_and_leaves_nothing(tmp_path: Path, postgresql_url: str) -> None:
    migrated(tmp_path, postgresql_url)
    runs = sorted((tmp_path / "work" / "runs").iterdir())
    path = tmp_path / "migration.yaml"
    path.write_text(
        path.read_text(encoding="utf-8").replace(postgresql_url, f"{postgresql_url}_gone"), encoding="utf-8"
    )
    with pytest.raises(LocationError):
        opened(tmp_path).plan()
    assert sorted((tmp_path / "work" / "runs").iterdir()) == runs
    assert not (tmp_path / "work" / "tables" / "again").exists()


def test_files_tell_by_themselves(folder: Path) -> None:
    way = opened(folder)
    assert read_alike(way.project, way.context) is None
