"""A rollback is rehearsed on the real target: it is timed and proven, and nothing of it stays."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from openpyxl import load_workbook
from tests.runner.small_migration import opened

from crmmigrate.cli.rollback import undo_lines
from crmmigrate.messages import speak
from crmmigrate.model.issue import text_frame
from crmmigrate.model.load_plan import LoadPlan, ObjectLoad
from crmmigrate.runner.execute import Outcome
from crmmigrate.runner.undo import rehearse, undo
from crmmigrate.runner.workspace import Workspace

SCHEMA = """version: 1
tables:
  accounts:
    columns:
      id: {type: integer, identity: true}
      external_id: {type: text, length: 50, required: true, unique: true}
      name: {type: text, length: 20}
"""
ACCOUNTS = ObjectLoad("account", "accounts", ("external_id", "name"), match_on=("external_id",))


@pytest.fixture
def folder(tmp_path: Path, database_url: str) -> Path:
    """A target with two rows of its own, of which one was updated by the load `r`, and three that it inserted."""
    (tmp_path / "migration.yaml").write_text(
        f'version: 1\nsources: {{a: x.csv}}\ntarget: {{url: "{database_url}", schema: schema.yaml}}\n', encoding="utf-8"
    )
    (tmp_path / "schema.yaml").write_text(SCHEMA, encoding="utf-8")
    from crmmigrate.model.schema import read_target_schema

    with opened(tmp_path).open_target(to_create=True) as target:
        target.create(read_target_schema(tmp_path / "schema.yaml"))
        with target.session.transaction() as connection:
            connection.execute(sa.text("INSERT INTO accounts (external_id, name) VALUES ('a0', 'old'), ('z', 'old')"))
        target.begin_run("load", "r", LoadPlan((ACCOUNTS,), 2))
        for number, names in enumerate((("a0", "a1"), ("a2", "a3")), 1):
            frame = text_frame(
                [[name, "x", name, "new"] for name in names], ["_record", "_origin", "external_id", "name"]
            )
            target.write_batch("r", number, ACCOUNTS, frame)
        target.close_run("r", "done")
    return tmp_path


def test_it_is_timed_and_proven_and_nothing_stays(folder: Path) -> None:
    with opened(folder).open_target() as target:
        before, runs = target.digest(), target.runs()
    assert Workspace(folder / "work").latest("rehearsal") is None
    outcome = rehearse(opened(folder), "r")
    facts = outcome.result.facts
    assert (facts["undone"], facts["digest_equal"], facts["unchanged"], facts["applied"]) == (4, True, True, False)
    with opened(folder).open_target() as target:
        assert target.digest() == before
        assert (
            [(run.run, run.state) for run in target.runs()] == [(run.run, run.state) for run in runs] == [("r", "done")]
        )
    shown = Workspace(folder / "work").latest("rehearsal").facts
    assert (shown["undoes"], shown["changes"], shown["kept"], shown["error"]) == ("r", 4, 0, 0)
    assert shown["seconds"] >= 0
    assert undo(opened(folder), "r", apply=True).result.facts["digest_equal"] is True, "the real one goes as before"


def test_what_people_edited_is_told_and_not_proven_away(folder: Path) -> None:
    with opened(folder).open_target() as target, target.session.transaction() as connection:
        connection.execute(sa.text("UPDATE accounts SET name = 'by hand' WHERE external_id = 'a2'"))

    def told(outcome: Outcome) -> list[str]:
        (book,) = (outcome.run.folder / "reports").glob("*.xlsx")
        return [str(cell.value) for sheet in load_workbook(book) for row in sheet for cell in row if cell.value]

    rehearsed = told(rehearse(opened(folder), "r"))
    shown = Workspace(folder / "work").latest("rehearsal").facts
    assert (shown["changes"], shown["kept"], shown["digest_equal"], shown["unchanged"]) == (4, 1, True, True)
    assert {"r was not undone yet; when it is, these rows will not be, or not wholly.", "would be kept: edited since"} <= {*rehearsed}  # fmt: skip
    done = told(undo(opened(folder), "r", apply=True))
    assert {"r was undone; these rows were not, or not wholly.", "kept: edited since"} <= {*done}


def test_a_delta_of_an_earlier_version_has_its_rows_indexed_before(folder: Path) -> None:
    with opened(folder).open_target() as target:
        target.begin_run("load", "s", LoadPlan((ACCOUNTS, replace(ACCOUNTS, change="update")), 2))
        target.write_batch(
            "s", 1, ACCOUNTS, text_frame([["a9", "x", "a9", "new"]], ["_record", "_origin", *ACCOUNTS.columns])
        )
        target.close_run("s", "done")
        [index] = [
            name
            for name in (row["name"] for row in sa.inspect(target.session.engine).get_indexes("crmm_image_account"))
            if name.endswith("_key")
        ]
        with target.session.transaction() as connection:
            of = " ON crmm_image_account" if connection.dialect.name in ("mysql", "mariadb") else ""
            connection.execute(sa.text(f"DROP INDEX {index}{of}"))
        before = target.digest()
    facts = rehearse(opened(folder), "s").result.facts
    assert (facts["undone"], facts["unchanged"]) == (1, True)
    with opened(folder).open_target() as target:
        assert (target.digest(), [run.run for run in target.runs()]) == (before, ["r", "s"])


def test_the_last_load_is_undone_even_where_it_stopped_itself_and_a_plan_says_what_would_be(folder: Path) -> None:
    workspace = Workspace(folder / "work")
    workspace.begin("load", run="r").end("stopped", 4)
    workspace.begin("load", run="s").end("failed", 3)  # the target never knew it
    planned = undo(opened(folder), "last", apply=False).result.facts
    told = undo_lines(planned)[1].split(maxsplit=1)
    speak("zh")
    told += undo_lines(planned)[1].split(maxsplit=1)
    speak("en")
    assert (planned["undoes"], told) == ("r", ["4", "would be undone", "4", "将被撤销"])
    done = undo(opened(folder), "last", apply=True).result.facts
    assert undo_lines(done)[1].split() == ["4", "undone"]
