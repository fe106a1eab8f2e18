"""All rows are not loaded once more over what people did in the target since, unless that is meant."""

from __future__ import annotations

import shutil
from pathlib import Path

import openpyxl
import pytest
from tests.command_line import answered, called
from tests.runner.small_migration import opened
from tests.runner.test_delta import URL, by_hand, loaded, source, state, written

from crmmigrate.errors import ConfigurationError
from crmmigrate.runner import delta
from crmmigrate.runner.overwriting import Edits
from crmmigrate.runner.undo import undo
from crmmigrate.runner.workspace import Workspace


@pytest.fixture(scope="module")
def staged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose stages up to validate are done: they do not depend on the target."""
    folder = written(tmp_path_factory.mktemp("staged") / "p", URL)
    opened(folder).run(last="validate")
    return folder


@pytest.fixture(scope="module")
def once(staged: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return loaded(Path(shutil.copytree(staged, tmp_path_factory.mktemp("once") / "p")))


@pytest.fixture
def folder(once: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(once, tmp_path / "p"))


def refused(folder: Path) -> ConfigurationError:
    """Load all rows once more, which is refused before anything is written."""
    before, loads = state(folder), Workspace(folder / "work").loads()
    with pytest.raises(ConfigurationError) as error:
        opened(folder).run(last="load")
    assert error.value.code == "load.overwrites-edits"
    assert (state(folder), Workspace(folder / "work").loads()) == (before, loads)
    return error.value


def test_edits_and_deletions_are_found_in_every_database(staged: Path, tmp_path: Path, database_url: str) -> None:
    folder = loaded(written(Path(shutil.copytree(staged, tmp_path / "p")), database_url))
    opened(folder).run(last="load")  # changes nothing, and nobody has edited anything
    by_hand(
        folder,
        "UPDATE accounts SET code = 'HAND', level = '重点' WHERE external_id = 'crm/客户/3'",
        "DELETE FROM contacts WHERE external_id = 'people/联系人/P7'",
        "UPDATE contacts SET account_id = NULL WHERE external_id = 'people/联系人/P1'",
    )
    said = refused(folder).message.text("en")
    assert "would write over 2 rows" in said
    assert "bring back 1 that they deleted (account 1, contact 2)" in said
    way = opened(folder)
    way.edits = Edits(meant=True)
    way.run(last="load")
    found = {
        (one.record, one.column, one.base, one.theirs) for name in way.edits.found for one in way.edits.found[name]
    }
    assert ("crm/客户/3", "code", "A3", "HAND") in found
    assert ("people/联系人/P7", "", None, None) in found
    assert {(record, column) for record, column, _, _ in found} - {
        ("crm/客户/3", "code"),
        ("people/联系人/P7", ""),
    } == {("people/联系人/P1", "account_id")}
    assert opened(folder).run(last="load")[-1].outcome, "nothing is left to be asked about"


def test_what_is_not_written_over_stops_nothing(folder: Path) -> None:
    by_hand(
        folder,
        "UPDATE accounts SET remark = '再联系' WHERE external_id = 'crm/客户/5'",
        "UPDATE accounts SET name = '壬癸集团有限公司' WHERE external_id = 'crm/客户/4'",
        "INSERT INTO contacts (external_id, name) VALUES ('own', '自建')",
    )
    text = (folder / "in" / "客户.csv").read_text("utf-8")
    source(
        folder, text.replace("壬癸建设有限公司", "壬癸集团有限公司").replace("A5", "A55")
    )  # the one says what the target holds, the other nobody touched
    totals = opened(folder).run(last="load")[-1].manifest.facts["objects"]
    assert (totals["account"]["updated"], totals["account"]["inserted"]) == (1, 0)


def test_a_target_that_was_rolled_back_is_loaded_as_if_it_were_fresh(folder: Path) -> None:
    undo(opened(folder), "last", apply=True)
    by_hand(folder, "INSERT INTO contacts (external_id, name) VALUES ('people/联系人/P7', '自建')")
    opened(folder).run(last="load")


def test_a_row_that_a_delta_took_out_comes_back_without_a_word(folder: Path) -> None:
    text = (folder / "in" / "联系人.csv").read_text("utf-8")
    source(folder, text.replace("P7,7,张三\n", "").replace("P7,7,李四\n", ""), "联系人")
    way = opened(folder)
    delta.apply(way, delta.compare(way, deletes="delete"))
    assert len(state(folder)["contacts"]) == 3
    source(folder, text, "联系人")
    opened(folder).run(last="load")
    assert len(state(folder)["contacts"]) == 4


def test_a_field_that_a_delta_wrote_is_no_edit_and_one_edited_before_it_still_is(folder: Path) -> None:
    by_hand(folder, "UPDATE accounts SET code = 'HAND' WHERE external_id = 'crm/客户/3'")
    text = (folder / "in" / "客户.csv").read_text("utf-8")
    source(folder, text.replace("戊己实业有限公司", "戊己酒店管理有限公司").replace("A5", "A55"))
    way = opened(folder)
    delta.apply(way, delta.compare(way))
    assert "write over 1 rows" in refused(folder).message.text("en")


def test_the_command_line_says_it_before_and_does_it_only_when_told(folder: Path) -> None:
    by_hand(folder, "UPDATE accounts SET code = 'HAND' WHERE external_id = 'crm/客户/3'")
    checked = answered("load", "--check", cwd=folder)
    assert checked["facts"]["edits"] == {"edited": {"account": 1}, "gone": {}}
    assert "crmmigrate delta migration.yaml" in called("load", "--check", cwd=folder).stderr.partition("next: ")[2]
    assert any("would write over 1 rows" in found for found in checked["findings"])
    [book] = (name for name in checked["files"] if name.endswith("人工改动清单.xlsx"))
    rows = list(openpyxl.load_workbook(folder / book).worksheets[1].iter_rows(min_row=2, values_only=True))
    assert [row[5:9] for row in rows] == [("code", "A3", "HAND", "A3")]
    for words in (("run",), ("load",)):
        stopped = called(*words, cwd=folder)
        assert (stopped.returncode, "[load.overwrites-edits]" in stopped.stderr) == (2, True), words
        assert "crmmigrate delta migration.yaml" in stopped.stderr
    done = called("load", "--overwrite-edits", cwd=folder)
    assert "account: 0 rows were inserted, 1 updated" in done.stdout
    assert "written over: 1 rows that people had edited" in done.stdout
    assert "人工改动清单.xlsx" in done.stderr
