"""What a rollback kept is named as the sources name it, and by options with which it is rolled back later."""

from __future__ import annotations

import shlex
import shutil
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from tests.command_line import called
from tests.runner.small_migration import opened
from tests.runner.test_refeeding import URL, migrated, project


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = project(tmp_path_factory.mktemp("made"), URL)
    migrated(folder)
    return folder


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    """Return a copy of a migrated project."""
    return Path(shutil.copytree(made, tmp_path / "p"))


def listed(folder: Path, stage: str = "rollback") -> list[dict[str, Any]]:
    book = max(folder.glob(f"work/runs/*-{stage}-*")) / "reports" / "回滚保留清单.xlsx"
    titles, *lines = openpyxl.load_workbook(book)["Kept"].iter_rows(values_only=True)
    return [dict(zip(titles, line, strict=True)) for line in lines]


def test_what_was_kept_is_found_in_the_sources_and_rolled_back_by_its_options(tmp_path: Path) -> None:
    folder = project(tmp_path, URL)
    standard = folder / "standard.yaml"
    known = standard.read_text("utf-8").replace("key: 编号", "key: 编号, known_by: [名称]")
    standard.write_text(known, encoding="utf-8")
    migrated(folder)
    with opened(folder).open_target() as target, target.session.transaction() as connection:
        connection.exec_driver_sql("UPDATE accounts SET name = 'by hand' WHERE code = 'A5'")
        key = connection.exec_driver_sql("SELECT id FROM accounts WHERE code = 'A5'").scalar()
    words = ("--project", folder / "migration.yaml")
    assert called("rollback", "last", "--apply", *words).returncode == 6
    [line] = listed(folder)
    assert (line["Record"], line["Place"], line["Name"]) == ("crm/客户/5", "客户.csv!6", "庚…司")
    assert line["Key in the target"] == str(key)
    with opened(folder).open_target() as target, target.session.transaction() as connection:
        connection.exec_driver_sql("UPDATE accounts SET name = '庚辛食品有限公司' WHERE code = 'A5'")
    load = opened(folder).load_chain()[-1].run
    options = shlex.split(line["Options of a rollback of this row"])
    assert called("rollback", load, *options, "--apply", *words).returncode == 0
    with opened(folder).open_target() as target:
        assert not [row for part in target.rows("accounts", ["id"]) for row in part.itertuples()]


def test_a_workspace_that_forgot_the_load_lists_the_keys_alone(folder: Path) -> None:
    with opened(folder).open_target() as target, target.session.transaction() as connection:
        connection.exec_driver_sql("UPDATE accounts SET name = 'by hand' WHERE code = 'A5'")
    load = opened(folder).load_chain()[-1].run
    shutil.rmtree(folder / "work" / "runs" / load)
    assert called("rollback", load, "--apply", "--project", folder / "migration.yaml").returncode == 6
    [line] = listed(folder)
    assert line["Record"] is None
    assert line["Options of a rollback of this row"] == f"--object account --key {line['Key in the target']}"


@pytest.mark.parametrize("damaged", ["standard.yaml", "*load*/tables/contact", "*consolidate*/tables/contact"])
def test_a_rollback_that_was_done_says_so_whatever_became_of_the_names(folder: Path, damaged: str) -> None:
    with opened(folder).open_target() as target, target.session.transaction() as connection:
        connection.exec_driver_sql("UPDATE contacts SET name = 'by hand'")
    load = opened(folder).load_chain()[-1].run
    if damaged == "standard.yaml":
        (folder / damaged).write_text("version: [1\n", encoding="utf-8")
    else:
        [table] = folder.glob(f"work/runs/{damaged}.parquet")
        table.write_bytes(table.read_bytes()[:40])
    done = called("rollback", load, "--apply", "--project", folder / "migration.yaml", "--format", "json")
    assert done.returncode == 6, done.stderr
    assert '"digest_equal": true' in done.stdout
    assert {line["Key in the target"] for line in listed(folder)} == {"1", "2", "3", "4"}
