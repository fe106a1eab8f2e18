"""The go-live check over a real small migration: what ticks its items, and what unticks them again."""

from __future__ import annotations

import hashlib
import json
import re
import resource
import shutil
import subprocess
import sys
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from openpyxl import load_workbook
from tests.runner.small_migration import NAMES, opened

from crmmigrate.cli.root import root
from crmmigrate.errors import Findings
from crmmigrate.messages import speak
from crmmigrate.model.golive import ITEMS
from crmmigrate.reports.golive_sheet import read_checklist
from crmmigrate.runner.acceptance import Handout
from crmmigrate.runner.acceptance import build as hand_out
from crmmigrate.runner.acceptance_collect import collect
from crmmigrate.runner.golive import check
from crmmigrate.runner.golive_books import build
from crmmigrate.runner.privacy import scan
from crmmigrate.runner.undo import rehearse as rehearse_rollback
from crmmigrate.runner.undo import undo
from crmmigrate.runner.wave_load import load_wave
from crmmigrate.runner.workspace import Workspace

TODAY = datetime.now(UTC).date()

BY_HAND = [item.code for item in ITEMS if not item.by_evidence]


def accepted(handout: Handout) -> tuple[Path, ...]:
    """Fill in the workbooks of key users: every customer is right, signed by the user."""
    books = tuple(book for book, _, _ in handout.books.values())
    for path in books:
        book = load_workbook(path)
        customers, signature = book.worksheets[1], book.worksheets[-1]
        verdict = [cell.value for cell in customers[1]].index("Your verdict") + 1
        for row in range(2, customers.max_row + 1):
            customers.cell(row, verdict).value = "right"
        signature["B2"], signature["C2"], signature["F2"] = signature["A2"].value, "yes", str(TODAY)
        book.save(path)
    return books


@pytest.fixture(scope="module")
def ready(finished, tmp_path_factory) -> Path:
    """Return a migration for which all evidence is there."""
    folder = Path(shutil.copytree(finished, tmp_path_factory.mktemp("golive") / "p"))
    workspace = Workspace(folder / "work")
    rehearse_rollback(opened(folder), workspace.latest("load").run)
    collect(opened(folder), accepted(hand_out(opened(folder), folder / "uat", share=1.0)))
    scan(workspace, opened(folder).project)
    return folder


@pytest.fixture
def folder(ready, tmp_path) -> Path:
    shutil.copytree(ready, tmp_path / "p")
    return tmp_path / "p"


def states(folder: Path, *books: Path) -> dict[str, str]:
    _, decision = check(opened(folder), books)
    return {one.item.code: one.state for one in decision.open}


def answered(folder: Path, day: str = "", **answers: str) -> Path:
    """Build the checklist and answer all of it; `answers` by code with _ for the point say otherwise."""
    book = build(opened(folder), folder / "out")[0][0]
    workbook = load_workbook(book)
    page = workbook.worksheets[2]
    heads = {cell.value: cell.column for cell in page[1]}
    for row in range(2, page.max_row + 1):
        code = page.cell(row, heads["_item"]).value
        said = answers.get(code.replace(".", "_"), "yes")
        page.cell(row, heads["Done (yes / no)"]).value = said
        page.cell(row, heads["Confirmed by"]).value = "李建国"
        page.cell(row, heads["Day"]).value = day or str(TODAY)
    workbook.save(book)
    return book


def test_go_only_when_people_have_ticked_what_the_runs_cannot(folder):
    assert states(folder) == dict.fromkeys(BY_HAND, "waiting")
    book = answered(folder)
    assert states(folder, book) == {}
    assert states(folder) == {}, "answers are kept"


def test_a_tick_without_a_day_is_refused_with_its_place(folder):
    with pytest.raises(Findings) as error:
        check(opened(folder), (answered(folder, day="下周三"),))
    assert {found.code for found in error.value.errors} == {"golive.no-day"}
    assert all(re.search(r"\.xlsx!.+!\d+$", found.place) for found in error.value.errors)
    assert states(folder) == dict.fromkeys(BY_HAND, "waiting")


def test_a_day_may_be_written_in_any_way(folder):
    assert states(folder, answered(folder, day=f"{TODAY:%Y年%m月%d日}")) == {}


@pytest.mark.parametrize("days", [-3650, -2, 2, 400])
def test_a_tick_of_a_day_before_the_load_or_in_the_future_is_refused(folder, days):
    day = TODAY + timedelta(days=days)
    with pytest.raises(Findings) as error:
        check(opened(folder), (answered(folder, day=str(day)),))
    assert {found.code for found in error.value.errors} == {"golive.impossible-day"}
    assert states(folder) == dict.fromkeys(BY_HAND, "waiting")


@pytest.mark.parametrize("days", [-1, 1])
def test_time_zones_make_a_day_of_difference(folder, days):
    assert states(folder, answered(folder, day=str(TODAY + timedelta(days=days)))) == {}


def test_changed_data_or_mapping_unticks_the_load(folder):
    answered_book = answered(folder)
    assert states(folder, answered_book) == {}
    path = folder / "mappings" / "contact.crmmap.yaml"
    kept = path.read_text("utf-8")
    path.write_text(kept.replace("{from: 手机}", "{from: 手机, on_error: blank}"), encoding="utf-8")
    assert states(folder) == {"data.load": "stale"}
    path.write_text(kept, encoding="utf-8")
    with (folder / "migration.yaml").open("a", encoding="utf-8") as file:
        file.write("gates: {duplicate_rate: off}\n")
    assert states(folder) == {}, "a gate is no data"
    with (folder / "in" / "联系人.csv").open("a", encoding="utf-8") as file:
        file.write("P99,6,端木赐,13912740099,\n")
    assert states(folder) == {"data.load": "stale"}


def test_another_load_unticks_all_that_was_about_the_one_before(folder):
    assert states(folder, answered(folder)) == {}
    opened(folder).run(first="load", last="load")
    lost = states(folder)
    assert {code for code, state in lost.items() if state == "stale"} == {
        "data.reconciled", "data.privacy", "users.accepted", "system.backup", "communication.decision",
    }  # fmt: skip
    assert "system.rollback" not in lost, "it changed nothing, so that there is nothing to be rehearsed"


def test_a_load_that_was_rolled_back_is_none(folder):
    undo(opened(folder), Workspace(folder / "work").latest("load").run, apply=True)
    assert states(folder)["data.load"] == "missing"


def test_the_status_stands_although_the_folder_of_a_load_that_was_rolled_back_is_gone(folder):
    undo(opened(folder), Workspace(folder / "work").latest("load").run, apply=True)
    for run in folder.glob("work/runs/*-load-*"):
        shutil.rmtree(run)
    done = CliRunner().invoke(root, ["status", "--work", str(folder / "work")])
    assert (done.exit_code, done.exception) == (0, None)


def test_a_load_is_not_complete_while_a_wave_waits(folder):
    undo(opened(folder), Workspace(folder / "work").latest("load").run, apply=True)
    load_wave(opened(folder), "first")
    assert states(folder)["data.load"] == "missing"
    load_wave(opened(folder), "second")
    first, second = [one.run for one in Workspace(folder / "work").manifests() if one.stage == "load"][-2:]
    rehearse_rollback(opened(folder), second)
    open_items = states(folder)
    assert "data.load" not in open_items
    assert open_items["system.rollback"] == "missing", "the first wave would have to go too"
    rehearse_rollback(opened(folder), first)
    assert "system.rollback" not in states(folder)


def test_an_owner_who_is_not_active_is_counted(folder):
    path = folder / "mappings" / "account.crmmap.yaml"
    path.write_text(path.read_text("utf-8").replace("active: {状态: 在职}", "active: {状态: 离职}"), encoding="utf-8")
    _, decision = check(opened(folder))
    [owners] = [one for one in decision.open if one.item.code == "users.owners"]
    assert (owners.state, owners.told.text("en")) == ("failed", "20 of 20 records have no active owner")


def test_answers_without_a_name_or_with_another_word_are_refused(folder):
    book = answered(folder, training_done="perhaps")
    with pytest.raises(Findings) as caught:
        read_checklist(book)
    assert [error.code for error in caught.value.errors] == ["golive.word"]
    workbook = load_workbook(book)
    page = workbook.worksheets[2]
    heads = {cell.value: cell.column for cell in page[1]}
    page.cell(2, heads["Confirmed by"]).value = None
    page.cell(3, heads["_item"]).value = "data.load"
    workbook.save(book)
    with pytest.raises(Findings) as caught:
        check(opened(folder), (book,))
    assert sorted(error.code for error in caught.value.errors) == [
        "golive.altered",
        "golive.unsigned",
        "golive.word",
    ]
    assert not (folder / "golive").exists(), "nothing of it is kept"


def test_the_exit_code_says_go_no_go_or_wait(folder):
    def code(*words: str) -> int:
        return CliRunner().invoke(root, ["golive", "check", str(folder), *words], standalone_mode=False).return_value

    assert code() == 5, "only people are waited for"
    assert code("--book", str(answered(folder))) == 0
    path = folder / "standard.yaml"
    path.write_text(path.read_text("utf-8").replace("known_by: [名称]", "known_by: [编号]"), encoding="utf-8")
    assert code() == 1


@pytest.mark.parametrize("language", ["en", "zh"])
def test_runbook_and_register_stand_beside_the_checklist(folder, language):
    speak(language)
    (checklist, runbook, register), _ = build(opened(folder), folder / "out")
    rows = [[cell.value for cell in row] for row in load_workbook(runbook).worksheets[1]]
    assert len([row for row in rows if row[0]]) == 19, (
        "two waves: each is loaded, its rollback rehearsed, its run closed"
    )
    commands = [str(row[2]) for row in rows if "load" in str(row[2]).split()]
    assert commands == [f"crmmigrate load migration.yaml --wave {wave}" for wave in ("first", "second")]
    runs = [f"RUN-{wave}" for wave in ("first", "second")]
    told = [str(row[2]) for row in rows if "--rehearse" in str(row[2]) or "close" in str(row[2])]
    assert [line.split()[2] for line in told] == [*runs, *runs]
    [reconcile] = [str(row[4]) for row in rows if "reconcile" in str(row[2])]
    assert [part.split()[0] for part in reconcile.split("crmmigrate rollback ")[1:]] == runs[::-1]
    back = [str(row[4]) for row in rows if "--wave" in str(row[2])]
    assert [line.partition("rollback ")[2] for line in back] == [
        f"RUN-{wave} --apply --project migration.yaml" for wave in ("first", "second")
    ]
    risks = load_workbook(register).worksheets[1]
    assert risks.max_row >= 11
    assert build(opened(folder), folder / "out") == ([checklist, runbook, register], []), "nobody wrote in them"
    book = load_workbook(runbook)
    book.worksheets[1]["F3"] = "李建国"
    book.save(runbook)
    assert build(opened(folder), folder / "out") == ([checklist, register], [runbook])


def test_the_bundle_of_evidence_holds_digests_of_all_and_no_personal_report(folder):
    done = CliRunner().invoke(
        root, ["golive", "evidence", str(folder), "-o", str(folder / "e.zip"), "--format", "json"]
    )
    assert done.exit_code == 0, done.output
    with zipfile.ZipFile(folder / "e.zip") as package:
        told = json.loads(package.read("manifest.json"))
        assert told["log_unbroken"]
        for one in told["files"]:
            assert (one["name"] in package.namelist()) == one["packed"]
            if one["packed"]:
                assert hashlib.sha256(package.read(one["name"])).hexdigest() == one["sha256"]
    assert "log.jsonl" in {one["name"] for one in told["files"]}


@pytest.mark.skipif(sys.platform == "win32", reason="limits the size of files")
@pytest.mark.parametrize("words", [("golive", "evidence"), ("report",)])
def test_where_there_is_no_room_the_file_of_before_stays(folder, words):
    """The limit of a file's size stands for the disk."""
    first = min((folder / "work" / "runs").iterdir())
    path = folder / "验收证据.zip" if words[0] == "golive" else first / "reports" / "00_运行报告.html"
    path.parent.mkdir(exist_ok=True)
    path.write_text("of before", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-B", "-c", "from crmmigrate.cli import main; main()", *words, str(folder)], capture_output=True, check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096)),
    )  # fmt: skip
    assert (done.returncode, b"report.not-writable" in done.stderr) == (3, True), done.stderr
    assert path.read_text(encoding="utf-8") == "of before"
    assert not list(path.parent.glob(".*.draft"))


def test_the_checklist_is_named_where_it_lies(folder):
    done = CliRunner().invoke(root, ["golive", "build", str(folder), "-o", str(folder / "my books")])
    assert f'--book "{folder / "my books" / "上线检查清单.xlsx"}"' in done.output


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_acceptance_report_tells_the_decision_the_equation_and_the_gates(folder, language):
    speak(language)
    run, _ = check(opened(folder), (answered(folder),)) if language == "en" else check(opened(folder))
    page = (run.folder / "reports" / "迁移验收报告.html").read_text("utf-8")
    book = load_workbook(run.folder / "reports" / "迁移验收报告.xlsx")
    text = "\n".join(str(cell.value) for sheet in book for row in sheet for cell in row)
    for told in (page, text):
        assert Workspace(folder / "work").latest("load").run in told
        assert {"en": "contact", "zh": "联系人"}[language] in told
        assert ("NO-GO" in told) is False
        assert ("不可上线" in told) is (language == "zh"), "nobody answered there"
    assert not any(name in page + text for name in NAMES), "it goes to everyone"


def test_the_runbook_names_the_run_of_each_wave_that_was_loaded(folder):
    undo(opened(folder), Workspace(folder / "work").latest("load").run, apply=True)
    load_wave(opened(folder), "first")
    first = Workspace(folder / "work").latest("load").run
    (_, runbook, _), _ = build(opened(folder), folder / "out")
    rows = [[str(cell.value) for cell in row] for row in load_workbook(runbook).worksheets[1]]
    closing = [row[2].split()[2] for row in rows if "crmmigrate close" in row[2]]
    assert closing == [first, "RUN-second"]
    assert [row[4].split()[4] for row in rows if "--wave" in row[2]] == [first, "RUN-second"]


def test_a_delta_that_has_nothing_to_write_settles_what_is_gone_from_the_sources(folder):
    from crmmigrate.runner.delta import apply, compare
    from crmmigrate.runner.golive import shown_by

    customers = folder / "in" / "联系人.csv"
    lines = customers.read_text(encoding="utf-8").splitlines(keepends=True)
    customers.write_text("".join(lines[:-1]), encoding="utf-8")
    assert shown_by(opened(folder)).changed
    way = opened(folder)
    compared = compare(way)
    assert compared.work == 0
    apply(way, compared)
    assert shown_by(opened(folder)).changed == ()
    whole = (folder / "migration.yaml").read_text("utf-8")
    kept = [line for line in whole.splitlines(keepends=True) if not line.startswith("  contact: ")]
    (folder / "migration.yaml").write_text("".join(kept), encoding="utf-8")
    opened(folder).run(last="validate")
    assert shown_by(opened(folder)).changed, "contacts are not migrated any more, and the delta compared them"
    (folder / "migration.yaml").write_text(whole, encoding="utf-8")
    opened(folder).run(last="validate")
    customers.write_text("".join(lines[:-2]), encoding="utf-8")
    assert shown_by(opened(folder)).changed, "of what has changed since, that delta says nothing"
