"""Decisions on the command line: listed, undone in a project and without one, checked by a plan; what comes next is named rightly."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from openpyxl import Workbook, load_workbook

from crmmigrate.cli import main
from crmmigrate.messages import speak
from crmmigrate.model.decision import ReviewGroup, ReviewRow
from crmmigrate.model.issue import ASIDE
from crmmigrate.reports.review import write_review

FILES = {
    "migration.yaml": """version: 1
sources: {crm: in/客户.csv, erp: in/单位.csv, calls: in/拜访.csv}
objects:
  account: [{table: crm.客户, key: 编号}, {table: erp.单位, key: 编号}]
  visit: [{table: calls.拜访, key: 号, relations: {account: {column: 客户, table: crm.客户}}}]
dedupe: [dedupe.yaml]
standard: standard.yaml
""",
    "standard.yaml": "version: 1\nobjects: {account: {key: 编号, columns: {客户名称: {standard: text}}}}\n",
    "dedupe.yaml": "version: 1\nobject: account\nkey: 编号\ncolumns: {name: 客户名称, phone: 电话}\n",
    "in/客户.csv": "编号,客户名称,电话\nC1,杭州启明精密机械有限公司,0571-88886666\nC2,杭州启明精密机械,0571-11112222\nC3,宁波远航国际贸易有限公司,0574-77776666\n",
    "in/单位.csv": "编号,客户名称,电话\nE1,启明机械,0571-88886666\n",
    "in/拜访.csv": "号,客户\nV1,C1\nV2,C2\n",
}
TABLES = ("account", "visit", "crosswalk", "values")


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    """Return a project after its first run of dedupe."""
    folder = tmp_path_factory.mktemp("made") / "p"
    for name, text in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    with pytest.raises(SystemExit) as end:
        main(["run", str(folder), "--to", "dedupe"])
    assert end.value.code == 1
    return folder


@pytest.fixture
def project(made, tmp_path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "p"))


@pytest.fixture
def crmmigrate(capsys):
    def call(*words: object, code: tuple[int, ...] = (0, 1), json_: bool = True) -> Any:
        capsys.readouterr()
        with pytest.raises(SystemExit) as end:
            main([*map(str, words), *(("--format", "json") if json_ else ())])
        out, err = capsys.readouterr()
        assert end.value.code in code, err
        return {**json.loads(out), "stderr": err} if json_ else out + err

    yield call
    speak("en")


def tables(project: Path) -> dict[str, pd.DataFrame]:
    newest = max((project / "work" / "runs").glob("*-dedupe-*"))
    return {name: pd.read_parquet(newest / "tables" / f"{name}.parquet") for name in (*TABLES, ASIDE)}


def reviewed(project: Path, copy: Path, word: str) -> Path:
    """Fill in the review workbook of the run."""
    book = load_workbook(next((project / "work" / "runs").glob("*-dedupe-*/reports/*审核表.xlsx")))
    sheet = book["account"]
    at = {cell.value: cell.column for cell in sheet[1]}
    for row in range(2, sheet.max_row + 1):
        if sheet.cell(row, at["_record"]).value == sheet.cell(row, at["_leading"]).value:
            continue
        sheet.cell(row, at["Decision"], word)
        sheet.cell(row, at["Reviewer"], "王敏")
    book.save(copy)
    return copy


def test_a_merge_is_undone_as_if_it_had_never_been(project, crmmigrate, tmp_path):
    before = tables(project)
    assert (
        dict(zip(before["crosswalk"]["_record"], before["crosswalk"]["survivor"], strict=True))["erp/单位/E1"]
        == "crm/客户/C1"
    )
    book = reviewed(project, tmp_path / "b.xlsx", "合并")
    crmmigrate("run", project, "--to", "dedupe", "--decisions", book)
    merged = tables(project)
    assert merged["visit"]["_ref_account"].tolist() == ["crm/客户/C1", "crm/客户/C1"]
    listed = crmmigrate("decisions", "list", project)["facts"]["decisions"]
    assert [(d["records"], d["verdict"], d["reviewer"]) for d in listed] == [
        (["crm/客户/C1", "crm/客户/C2"], "merge", "王敏")
    ]
    undo = crmmigrate("dedupe", "undo", "C2", "C2", "--project", project, "--reason", "两家公司", "--by", "李雷")
    assert undo["facts"]["records"] == ["crm/客户/C1", "crm/客户/C2", "erp/单位/E1"]
    again = crmmigrate("run", project, "--to", "dedupe")
    assert not any("contradicted" in finding for finding in again["findings"])
    after = tables(project)
    for name in (*TABLES, ASIDE):
        pd.testing.assert_frame_equal(after[name], before[name])
    listed = crmmigrate("decisions", "list", project)["facts"]["decisions"]
    assert {d["verdict"] for d in listed} == {"separate"}
    assert {d["reviewer"] for d in listed} == {"李雷"}


def test_what_people_type_in_follows_the_data_standard_of_the_project(project, crmmigrate, tmp_path):
    book = reviewed(project, tmp_path / "b.xlsx", "合并")
    workbook = load_workbook(book)
    sheet = workbook["account"]
    at = {cell.value: cell.column for cell in sheet[1]}
    for row in range(3, sheet.max_row + 1, 2):
        sheet.cell(row, at["Keep: 电话"], "138-0013-8000")
    workbook.save(book)
    crmmigrate("run", project, "--to", "dedupe", "--decisions", book)
    accounts = tables(project)["account"].set_index("_record")
    assert accounts.loc["crm/客户/C1", "电话"] == "138-0013-8000"  # the standard says nothing of telephone numbers
    # The values of the records stay as they are, so that it is the standard alone by which dedupe is run again.
    known = "电话: {values: [0571-88886666, 0571-11112222, 0574-77776666]}"
    standard = project / "standard.yaml"
    standard.write_text(
        standard.read_text("utf-8").replace("{standard: text}", f"{{standard: text}}, {known}"), "utf-8"
    )
    again = crmmigrate("run", project, "--to", "dedupe")
    assert tables(project)["account"].set_index("_record").loc["crm/客户/C1", "电话"] == "0571-88886666"
    assert any(
        re.search(r"refuses, so that the rules decide: \d \(\S+\.xlsx!account!\d 电话", found)
        for found in again["findings"]
    )


def test_a_whole_group_is_taken_apart(project, crmmigrate):
    assert crmmigrate("decisions", "undo", "E1", "--project", project)["facts"]["sides"] == 2
    crmmigrate("run", project, "--to", "dedupe")
    after = tables(project)
    assert after["crosswalk"]["_record"].tolist() == after["crosswalk"]["survivor"].tolist()
    assert len(after["account"]) == 4
    assert not (after[ASIDE]["reason"] == "merged").any()


@pytest.mark.parametrize(("language", "words"), [("en", "records are kept apart"), ("zh", "互不合并")])
def test_without_a_project_a_workbook_is_written_for_the_next_run(project, crmmigrate, tmp_path, language, words):
    table, walk, book, out = (
        project / "in" / "客户.csv",
        tmp_path / "walk.csv",
        tmp_path / "undo.xlsx",
        tmp_path / "o.csv",
    )
    rows = table.read_text("utf-8").splitlines()
    table.write_text("\n".join([*rows, "C4,杭州启明机械,0571-88886666"]) + "\n", "utf-8")
    done = crmmigrate("dedupe", table, "--object", "account", "-o", out, "--crosswalk", walk)
    assert done["counts"]["account"]["merged"] == 1
    said = crmmigrate(
        "decisions", "undo", "客户/客户/5", "--crosswalk", walk, "-o", book, "--lang", language, json_=False
    )
    assert words in said
    assert str(book) in said
    table.write_text("\n".join([rows[0], "C4,杭州启明机械,0571-88886666", *rows[1:]]) + "\n", "utf-8")
    done = crmmigrate("dedupe", table, "--object", "account", "-o", out, "--decisions", book)
    assert done["counts"]["account"]["merged"] == 0, "the decision found its rows again, though each has moved by one"


@pytest.mark.parametrize(
    ("words", "code"),
    [(("nobody",), "decisions.unknown"), (("C3",), "decisions.not-merged"), (("C1", "C3"), "decisions.not-in-group"),
     (("C1", "--crosswalk", "w.csv"), "usage.undo")],
)  # fmt: skip
def test_what_cannot_be_undone_is_refused(project, crmmigrate, words, code):
    assert crmmigrate("decisions", "undo", *words, "--project", project, code=(2,))["code"] == code
    assert not (project / "decisions").exists()


def test_another_file_than_a_crosswalk_is_refused(project, crmmigrate, tmp_path):
    words = ("decisions", "undo", "C1", "--crosswalk", project / "in" / "客户.csv", "-o", tmp_path / "o.xlsx")
    assert crmmigrate(*words, code=(2,))["code"] == "decisions.no-crosswalk"
    assert not (tmp_path / "o.xlsx").exists()


def test_nothing_to_undo_before_the_first_run(project, crmmigrate):
    shutil.rmtree(project / "work")
    assert crmmigrate("decisions", "undo", "C1", "--project", project, code=(2,))["code"] == "decisions.nothing-yet"
    assert "nobody decided anything yet" in crmmigrate("decisions", "list", project, json_=False)


def test_a_decision_that_was_taken_back_is_listed_no_more_and_that_is_said(project, crmmigrate, tmp_path):
    crmmigrate("run", project, "--to", "dedupe", "--decisions", reviewed(project, tmp_path / "b.xlsx", "合并"))
    book = load_workbook(tmp_path / "b.xlsx")
    heads = {cell.value: cell.column for cell in book["account"][1]}
    book["account"].cell(3, heads["Decision"], "待定")
    book.save(tmp_path / "c.xlsx")
    again = crmmigrate("run", project, "--to", "dedupe", "--decisions", tmp_path / "c.xlsx")
    assert any("takes back: 1; they do not hold any more: " in finding for finding in again["findings"])
    assert any(name.endswith("审核表.xlsx") for name in again["files"])
    assert crmmigrate("decisions", "list", project)["facts"]["decisions"] == []
    assert "1 earlier decisions were taken back by a later 'undecided'" in crmmigrate(
        "decisions", "list", project, json_=False
    )


def test_a_plan_looks_at_the_decisions_and_keeps_nothing(project, crmmigrate, tmp_path):
    plan = ("run", project, "--to", "map", "--plan")
    current = {step["stage"]: step["up_to_date"] for step in crmmigrate(*plan)["facts"]["steps"]}
    assert current["dedupe"] is True
    book = reviewed(project, tmp_path / "b.xlsx", "Merge")
    planned = {step["stage"]: step["up_to_date"] for step in crmmigrate(*plan, "--decisions", book)["facts"]["steps"]}
    assert {stage for stage in current if planned[stage] != current[stage]} == {"dedupe"}
    assert not (project / "decisions").exists()
    Workbook().save(book)
    assert crmmigrate(*plan, "--decisions", book, code=(2,))["code"] == "review.no-sheet"


def next_step(text: str) -> str:
    return re.findall(r"^next: (.*)$", text, re.MULTILINE)[-1]


def test_what_comes_next_names_this_project_and_the_next_stage(project, crmmigrate, monkeypatch):
    migration = project / "migration.yaml"
    for last, following in (("consolidate", "scope"), ("fill", "dedupe")):
        said = next_step(crmmigrate("run", migration, "--to", last, json_=False))
        assert said == f"crmmigrate run {migration} --to {following}", "all of it was done before"
    said = next_step(crmmigrate("run", migration, "--from", "scope", "--to", "standardise", json_=False))
    assert said == f"crmmigrate run {migration} --to fill"
    shutil.rmtree(next((project / "work" / "runs").glob("*-dedupe-*")))
    said = next_step(crmmigrate("run", project, "--to", "dedupe", json_=False))
    book = next((project / "work" / "runs").glob("*-dedupe-*/reports/*审核表.xlsx"))
    assert said == f"decide in {book}, then: crmmigrate run {migration} --to dedupe --decisions {book}"
    assert (
        next_step(crmmigrate("status", "--work", project / "work", json_=False))
        == f"crmmigrate run {migration} --to rules"
    )
    work = project / "elsewhere"
    said = next_step(crmmigrate("run", migration, "--work", work, "--to", "extract", json_=False))
    assert said == f"crmmigrate run {migration} --work {work} --to audit"
    monkeypatch.chdir(project)
    assert next_step(crmmigrate("status", json_=False)) == "crmmigrate run migration.yaml --to rules"


def test_new_rows_are_matched_with_golden_records_of_before(project, crmmigrate, tmp_path):
    """The golden table of one run is what is in the CRM at the next."""
    golden, out, report = tmp_path / "golden.parquet", tmp_path / "all.csv", tmp_path / "r.html"
    rules = ("--rules", project / "dedupe.yaml")
    crmmigrate("dedupe", project / "in" / "客户.csv", *rules, "-o", golden)
    done = crmmigrate("dedupe", project / "in" / "单位.csv", *rules, "--existing", golden, "-o", out, "--report", report, "--thresholds", "0.95")  # fmt: skip
    assert done["counts"]["单位"] | {"in": 1} == done["counts"]["单位"]
    assert (done["counts"]["单位"]["merged"], done["counts"]["existing"]["merged"]) == (1, 0)
    assert pd.read_csv(out)["编号"].tolist() == ["C1", "C2", "C3"]
    assert "<svg" in report.read_text("utf-8")
    refused = crmmigrate("dedupe", project / "in" / "单位.csv", *rules, "-o", out, "--report", "r.txt", code=(2,))
    assert refused["code"] == "usage.report-file"


def test_a_source_may_be_what_is_in_the_crm_already(project, crmmigrate):
    """Three records of the CRM, two of them alike: they stay, a record of the ERP joins one, visits stay where they were."""
    path = project / "migration.yaml"
    path.write_text(
        path.read_text("utf-8").replace("erp: in/单位.csv", "erp: {location: in/单位.csv, existing: true}"), "utf-8"
    )
    done = crmmigrate("run", project, "--to", "dedupe")
    after = tables(project)
    walk = dict(zip(after["crosswalk"]["_record"], after["crosswalk"]["survivor"], strict=True))
    assert walk["crm/客户/C1"] == walk["erp/单位/E1"] == "erp/单位/E1"
    assert after["visit"]["_ref_account"].tolist() == ["erp/单位/E1", "crm/客户/C2"]
    golden = after["account"].set_index("_record").loc["erp/单位/E1"]
    assert golden["客户名称"] == "启明机械"
    assert done["counts"]["dedupe"]["account"] | {"in": 4, "out": 3, "merged": 1} == done["counts"]["dedupe"]["account"]


def answered(book: Path, pair: tuple[str, str]) -> Path:
    """Write a review workbook in which a person merges two accounts."""
    leading, other = (
        ReviewRow(record, "", share, None, (), {}) for record, share in zip(pair, (None, 0.9), strict=True)
    )
    write_review(book, "en", [ReviewGroup("account", (), (leading, other))])
    made = load_workbook(book)
    header = [cell.value for cell in made["account"][1]]
    made["account"].cell(3, header.index("Decision") + 1, "Merge")
    made.save(book)
    return book


@pytest.mark.parametrize(
    ("pair", "code"),
    [(("crm/客户/C1", "crm/客户/C2"), "review.two-existing"), (("elsewhere/客户/X1", "elsewhere/客户/X2"), "review.strange")],
)  # fmt: skip
def test_a_workbook_that_dedupe_refuses_is_not_kept(project, crmmigrate, tmp_path, pair, code):
    path = project / "migration.yaml"
    path.write_text(
        path.read_text("utf-8").replace("crm: in/客户.csv", "crm: {location: in/客户.csv, existing: true}"), "utf-8"
    )
    book = answered(tmp_path / "mine.xlsx", pair)
    refused = crmmigrate("run", project, "--to", "dedupe", "--decisions", book, json_=False, code=(2,))
    assert code in refused
    assert re.search(r"^mine\.xlsx", refused, re.MULTILINE), "the user's own file is named"
    assert "mine.xlsx was not kept" in refused
    assert list((project / "decisions").iterdir()) == []
    crmmigrate("run", project, "--to", "dedupe")
    fine = answered(tmp_path / "mine.xlsx", ("crm/客户/C1", "erp/单位/E1"))
    crmmigrate("run", project, "--to", "dedupe", "--decisions", fine)


def test_a_kept_workbook_is_taken_back(project, crmmigrate, tmp_path):
    book = answered(tmp_path / "mine.xlsx", ("crm/客户/C1", "crm/客户/C2"))
    before = tables(project)
    crmmigrate("run", project, "--to", "dedupe", "--decisions", book)
    path = project / "migration.yaml"
    whole = path.read_text("utf-8")
    path.write_text(whole.replace("crm: in/客户.csv", "crm: {location: in/客户.csv, existing: true}"), "utf-8")
    refused = crmmigrate("run", project, "--to", "dedupe", json_=False, code=(2,))
    [kept] = (project / "decisions").iterdir()
    assert f"crmmigrate decisions remove {kept.name} --project {path}" in refused
    assert (
        crmmigrate("decisions", "remove", "other", "--project", project, code=(2,))["code"] == "decisions.no-workbook"
    )
    path.write_text(whole, "utf-8")
    removed = crmmigrate("decisions", "remove", "mine.xlsx", "--project", project)
    assert removed["facts"] == {"removed": kept.name, "decisions": 1}
    assert (project / "decisions" / "removed" / kept.name).is_file(), "nothing that people wrote is lost"
    crmmigrate("run", project, "--from", "dedupe", "--to", "dedupe")
    for name, table in tables(project).items():
        pd.testing.assert_frame_equal(table, before[name])
    shutil.copyfile(book, project / "decisions" / "1Z-mine.xlsx")
    shutil.copyfile(book, project / "decisions" / "2Z-mine.xlsx")
    both = crmmigrate("decisions", "remove", "mine", "--project", project, code=(2,))
    assert both["code"] == "decisions.several-workbooks"
    assert crmmigrate("decisions", "remove", "2Z-mine.xlsx", "--project", project)["facts"]["decisions"] == 1


WALK = "object,_record,survivor,key\naccount,t/t/2,t/t/2,R2\naccount,t/t/3,t/t/2,R3\naccount,t/t/4,t/t/2,R4\n"


@pytest.mark.parametrize(
    ("taken", "lines"),
    [((), ["t/t/2", "t/t/3", "t/t/4"]), (("R4",), ["t/t/4", "t/t/2, t/t/3"]), (("R3", "R4"), ["t/t/3, t/t/4", "t/t/2"])],
)  # fmt: skip
def test_undo_says_which_records_are_kept_apart_from_which(crmmigrate, tmp_path, taken, lines):
    walk, book = tmp_path / "walk.csv", tmp_path / "undo.xlsx"
    walk.write_text(WALK, "utf-8")
    said = crmmigrate("decisions", "undo", "R2", *taken, "--crosswalk", walk, "-o", book, json_=False)
    assert [line.strip() for line in said.splitlines() if line.strip().startswith("t/t/")] == lines
    assert ("kept apart from each other" in said) is (not taken)
    assert ("those of the others; what stands in one line may stay merged" in said) is bool(taken)
    assert f"with every --decisions that it was given then and --decisions {book} behind them" in said


def test_undo_writes_nothing_but_a_workbook(crmmigrate, tmp_path):
    walk = tmp_path / "walk.csv"
    walk.write_text(WALK, "utf-8")
    refused = crmmigrate("decisions", "undo", "R2", "--crosswalk", walk, "-o", tmp_path / "u.csv", code=(2,))
    assert refused["code"] == "usage.undo-file"
    assert not (tmp_path / "u.csv").exists()


def test_the_next_step_names_the_workbooks_given_before(crmmigrate, tmp_path):
    """Two that a person kept apart stay apart, when a person does what is printed."""
    table, walk, out = tmp_path / "t.csv", tmp_path / "walk.csv", tmp_path / "o.csv"
    table.write_text(
        "客户名称,电话\n杭州启明精密机械有限公司,0571-88886666\n杭州启明精密机械有限公司,0571-88886666\n宁波远航国际贸易,0574-77776666\n宁波远航国际贸易有限公司,0574-11112222\n",
        "utf-8",
    )
    dedupe = ("dedupe", table, "--object", "account", "-o", out)
    undo, review = tmp_path / "undo.xlsx", tmp_path / "review.xlsx"
    assert crmmigrate(*dedupe, "--crosswalk", walk)["counts"]["account"]["merged"] == 1
    crmmigrate("decisions", "undo", "t/2", "--crosswalk", walk, "-o", undo)
    said = crmmigrate(*dedupe, "--review", review, "--decisions", undo, json_=False)
    options = f"--decisions {undo} --decisions {review}"
    assert said.count(options) == 2, "in the finding and in the next step"
    done = crmmigrate(*dedupe, *options.split())
    assert done["counts"]["account"]["merged"] == 0


def test_the_same_rows_again_are_refused(project, crmmigrate, tmp_path):
    golden = tmp_path / "golden.parquet"
    crmmigrate("dedupe", project / "in" / "客户.csv", "--rules", project / "dedupe.yaml", "-o", golden)
    words = (
        "dedupe",
        project / "in" / "客户.csv",
        "--rules",
        project / "dedupe.yaml",
        "--existing",
        golden,
        "-o",
        tmp_path / "o.csv",
    )
    assert crmmigrate(*words, code=(2,))["code"] == "dedupe.existing-again"


def test_a_business_key_goes_before_the_number_of_a_row(crmmigrate, tmp_path):
    """The key 3 is the first row; the third row has another key. Records are named by keys, too."""
    place = tmp_path / "walk.csv"
    place.write_text(
        "object,_record,survivor,key\naccount,t/t/2,t/t/2,3\naccount,t/t/5,t/t/2,9\naccount,t/t/3,t/t/3,2\naccount,t/t/4,t/t/3,7\n",
        "utf-8",
    )
    done = crmmigrate("decisions", "undo", "3", "--crosswalk", place, "-o", tmp_path / "undo.xlsx")
    assert done["facts"]["records"] == ["t/t/2", "t/t/5"]
    done = crmmigrate("decisions", "undo", "3", "9", "--crosswalk", place, "-o", tmp_path / "undo2.xlsx")
    assert done["facts"]["records"] == ["t/t/2", "t/t/5"]
    refused = crmmigrate("decisions", "undo", "3", "7", "--crosswalk", place, "-o", tmp_path / "undo3.xlsx", code=(2,))
    assert refused["code"] == "decisions.not-in-group"
