"""Worklists: each person gets their own, what they answer is applied with its reason, what has no reason is refused."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from openpyxl import load_workbook
from tests.command_line import called
from tests.runner.small_migration import opened

from crmmigrate.errors import ConfigurationError, Findings
from crmmigrate.model.project import read_project
from crmmigrate.reports.worklist import read_worklist
from crmmigrate.runner.pipeline import Pipeline
from crmmigrate.runner.tasks import build, keep
from crmmigrate.runner.workspace import Workspace

FILES = {
    "migration.yaml": """version: 1
sources:
  crm: {location: in/客户.csv, owner: 运营部}
  people: {location: in/联系人.csv, owner: 运营部}
objects:
  account: [{table: crm.客户, key: 编号}]
  contact: [{table: people.联系人, key: 工号, relations: {account: 编号}}]
standard: standard.yaml
""",
    "standard.yaml": """version: 1
objects:
  account:
    key: 编号
    owner: 负责人
    known_by: [名称]
    columns:
      名称: {standard: company_name, required: true}
      电话: {standard: phone, region: CN}
      行业: {values: [制造业, 零售业], wanted: true}
  contact:
    key: 工号
    columns:
      姓名: {standard: person_name}
      手机: {standard: phone, region: CN}
""",
    "in/客户.csv": """编号,名称,电话,行业,负责人
1,甲乙科技有限公司,1380013800,制造业,王敏
2,丙丁贸易有限公司,13800138001,,李建国
3,戊己实业有限公司,139-0013,,
""",
    "in/联系人.csv": "工号,编号,姓名,手机\nP1,1,张三丰,1391234567\nP2,3,李四光,13912345678\n",
}


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    """The project, whose stages are done. Nobody writes into its folder: take `folder`."""
    folder = tmp_path_factory.mktemp("made")
    for name, text in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    run(folder)
    return folder


@pytest.fixture
def folder(made, tmp_path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "p"))


def run(folder: Path) -> Pipeline:
    pipeline = opened(folder)
    pipeline.run("", "fill")
    return pipeline


def handed_out(folder: Path) -> dict[str, tuple[Path, int, int]]:
    return build(read_project(folder / "migration.yaml"), Workspace(folder / "work"), folder / "lists")


def answer(book: Path, sheet: str, row: int, **cells: str) -> None:
    workbook = load_workbook(book)
    page = workbook[sheet]
    titles = [cell.value for cell in page[1]]
    for title, value in cells.items():
        page.cell(row, titles.index(title.replace("_", " ")) + 1).value = value
    workbook.save(book)


def cells(pipeline: Pipeline, table: str, column: str) -> list[str | None]:
    values = pipeline.tables[table].frame([column])[column].tolist()
    return [value if isinstance(value, str) else None for value in values]


def test_everyone_gets_their_own(folder):
    run(folder)
    made = handed_out(folder)
    # 3 has no 负责人: its source's owner; the contact has none of its own: its customer's owner.
    assert {owner: (doubts, gaps) for owner, (_, doubts, gaps) in made.items()} == {
        "王敏": (2, 0), "李建国": (0, 1), "运营部": (1, 1),
    }  # fmt: skip
    assert load_workbook(made["王敏"][0]).sheetnames == [
        "About this workbook",
        "To settle account",
        "To settle contact",
        "Sign-off",
    ]
    page = load_workbook(made["运营部"][0])["To fill in account"]
    assert [cell.value for cell in page[2]][:2] == ["戊己实业有限公司", None]


def test_answers_are_applied_with_their_reason(folder):
    run(folder)
    made = handed_out(folder)
    answer(made["王敏"][0], "To settle account", 2, What_to_do="correct", New_value="138 0013 8000", Reason_for_the_change="asked", Done_by="王敏")  # fmt: skip
    answer(made["王敏"][0], "To settle contact", 2, What_to_do="make empty", Reason_for_the_change="left the firm")
    answer(made["李建国"][0], "To fill in account", 2, 行业="零售业", Where_the_value_is_from="website")
    books = tuple(book for book, _, _ in made.values())
    assert len(keep(read_project(folder / "migration.yaml"), books)) == 3
    after = run(folder)
    assert cells(after, "account", "电话") == ["+8613800138000", "+8613800138001", "139-0013"]
    assert cells(after, "account", "行业") == ["制造业", "零售业", None]
    assert cells(after, "contact", "手机") == [None, "+8613912345678"]
    standardised = next(step for step in after.steps if step.name == "standardise")
    issues = standardised.outcome.issues.frame()
    applied = issues[issues["code"] == "correct.applied"]
    assert sorted(applied["rule"]) == ["asked (王敏)", "left the firm", "website"]
    assert {owner: (doubts, gaps) for owner, (_, doubts, gaps) in handed_out(folder).items()} == {"运营部": (1, 1)}


def test_what_is_right_as_it_is_does_not_come_again(folder):
    run(folder)
    book = handed_out(folder)["王敏"][0]
    answer(book, "To settle account", 2, What_to_do="right as it is")
    keep(read_project(folder / "migration.yaml"), (book,))
    run(folder)
    assert handed_out(folder)["王敏"][1] == 1


def test_a_correction_waits_where_the_source_has_changed(folder):
    run(folder)
    book = handed_out(folder)["王敏"][0]
    answer(book, "To settle account", 2, New_value="13800138000", Reason_for_the_change="asked")
    keep(read_project(folder / "migration.yaml"), (book,))
    source = folder / "in" / "客户.csv"
    source.write_text(source.read_text("utf-8").replace("1380013800,", "1370013700,"), encoding="utf-8")
    after = run(folder)
    assert cells(after, "account", "电话")[0] == "1370013700"
    assert handed_out(folder)["王敏"][1] == 2
    source.write_text(source.read_text("utf-8").replace("1,甲乙科技", "9,甲乙科技"), encoding="utf-8")
    after = run(folder)
    findings = [found.text() for step in after.steps if step.outcome for found in step.outcome.result.findings]
    assert "account: 1 corrected rows are not among the rows any more" in findings


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"What_to_do": "correct", "New_value": "1"}, "tasks.no-reason"),
        ({"What_to_do": "make empty"}, "tasks.no-reason"),
        ({"What_to_do": "correct", "Reason_for_the_change": "x"}, "tasks.no-value"),
        ({"What_to_do": "make empty", "New_value": "1", "Reason_for_the_change": "x"}, "tasks.contradiction"),
        ({"What_to_do": "merge"}, "tasks.word"),
        ({"New_value": "1", "Reason_for_the_change": "x"}, "tasks.unusable"),
        ({"New_value": "1", "Reason_for_the_change": "x", "_record": ""}, "tasks.altered"),
    ],
)
def test_what_cannot_be_taken_over_is_said_with_its_row_and_nothing_is_kept(folder, given, code):
    run(folder)
    book = handed_out(folder)["王敏"][0]
    workbook = load_workbook(book)
    page = workbook["To settle account"]
    titles = [cell.value for cell in page[1]]
    for title, value in given.items():
        page.cell(2, titles.index(title if title == "_record" else title.replace("_", " ")) + 1).value = value
    workbook.save(book)
    with pytest.raises(Findings) as error:
        keep(read_project(folder / "migration.yaml"), (book,))
    assert [(found.code, found.place) for found in error.value.errors] == [(code, "王敏.xlsx!To settle account!2")]
    assert not (folder / "corrections").exists()


def test_a_filled_in_value_that_the_standard_refuses_is_told_with_the_words_it_takes(folder):
    run(folder)
    book = handed_out(folder)["李建国"][0]
    answer(book, "To fill in account", 2, 行业="很大", Where_the_value_is_from="website")
    with pytest.raises(Findings) as error:
        keep(read_project(folder / "migration.yaml"), (book,))
    [found] = error.value.errors
    assert (found.code, found.place) == ("tasks.unusable", "李建国.xlsx!To fill in account!2")
    assert "制造业, 零售业" in str(found)
    assert "很大" not in str(found)
    answer(book, "To fill in account", 2, 行业="零售业")
    assert len(keep(read_project(folder / "migration.yaml"), (book,))) == 1


LEAVER = {
    "mappings/account.crmmap.yaml": """version: 1
object: account
target: {table: accounts}
match: {on: [number]}
fields:
  number: 编号
  owner_id: {from: 负责人, lookup: {object: user, by: 姓名, follow: 交接人, active: {状态: 在职}, missing: blank}}
""",
    "in/员工.csv": "工号,姓名,状态,交接人\nE1,王敏,离职,赵强\nE2,赵强,离职,钱进\nE3,钱进,在职,\nE4,李建国,在职,\n",
}


def test_the_worklist_of_who_left_goes_to_the_successor(folder):
    for name, text in LEAVER.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    project = folder / "migration.yaml"
    text = project.read_text("utf-8").replace(
        "objects:\n", "  staff: {location: in/员工.csv}\nobjects:\n  user: [{table: staff.员工, key: 工号}]\n"
    )
    project.write_text(text + "mappings: mappings/\n", encoding="utf-8")
    run(folder)
    assert set(handed_out(folder)) == {"钱进", "李建国", "运营部"}
    (folder / "mappings/account.crmmap.yaml").write_text("version: [", encoding="utf-8")
    assert set(handed_out(folder)) == {"王敏", "李建国", "运营部"}


def test_before_the_first_run_there_is_nothing_to_hand_out(folder):
    shutil.rmtree(folder / "work")
    with pytest.raises(ConfigurationError) as error:
        handed_out(folder)
    assert error.value.code == "tasks.nothing-yet"


def test_an_untouched_workbook_decides_nothing(folder):
    run(folder)
    for book, _, _ in handed_out(folder).values():
        assert read_worklist(book) == ()


def test_a_gap_behind_a_placeholder_is_filled(folder):
    source = folder / "in" / "客户.csv"
    source.write_text(source.read_text("utf-8").replace("13800138001,,", "13800138001,无,"), encoding="utf-8")
    run(folder)
    book = handed_out(folder)["李建国"][0]
    answer(book, "To fill in account", 2, 行业="零售业", Where_the_value_is_from="website")
    keep(read_project(folder / "migration.yaml"), (book,))
    assert cells(run(folder), "account", "行业") == ["制造业", "零售业", None]


def test_answers_that_wait_are_not_written_over_and_like_names_are_told_apart(folder):
    source = folder / "in" / "客户.csv"
    source.write_text(source.read_text("utf-8").replace("王敏", "王/敏").replace("李建国", "王_敏"), encoding="utf-8")
    run(folder)
    made = handed_out(folder)
    assert sorted(path.name for path, _, _ in made.values()) == ["王_敏 (2).xlsx", "王_敏.xlsx", "运营部.xlsx"]
    answer(made["王/敏"][0], "To settle account", 2, What_to_do="make empty", Reason_for_the_change="x")
    with pytest.raises(ConfigurationError) as error:
        handed_out(folder)
    assert error.value.code == "tasks.uncollected"
    keep(read_project(folder / "migration.yaml"), (made["王/敏"][0],))
    handed_out(folder)


def test_a_workbook_of_another_migration_is_refused(folder):
    run(folder)
    book = handed_out(folder)["王敏"][0]
    answer(book, "To settle account", 2, What_to_do="make empty", Reason_for_the_change="x")
    project = folder / "migration.yaml"
    project.write_text(
        project.read_text("utf-8").replace("crm:", "old:").replace("crm.客户", "old.客户"), encoding="utf-8"
    )
    with pytest.raises(ConfigurationError) as error:
        keep(read_project(project), (book,))
    assert error.value.code == "tasks.other-project"


def test_what_a_number_suggests_is_proposed_in_the_workbook_and_taken_over_from_it(folder):
    standard = (folder / "standard.yaml").read_text(encoding="utf-8")
    wanted = "      电话: {standard: phone, region: CN, parts: {省: 省份}}\n      省份: {standard: division}\n"
    standard = standard.replace("      电话: {standard: phone, region: CN}\n", wanted)
    (folder / "standard.yaml").write_text(standard, encoding="utf-8")
    (folder / "in/客户.csv").write_text(
        "编号,名称,电话,行业,负责人,省份\n1,甲乙科技有限公司,0571-88888886,制造业,王敏,\n2,丙丁贸易有限公司,0571-88888887,制造业,王敏,江苏省\n",
        encoding="utf-8",
    )
    run(folder)
    book = handed_out(folder)["王敏"][0]
    page = load_workbook(book)["To settle account"]
    titles = [cell.value for cell in page[1]]
    rows = [dict(zip(titles, [cell.value for cell in line], strict=True)) for line in page.iter_rows(min_row=2)]
    assert [(row["Column"], row["Value in the source"], row["Proposal"]) for row in rows] == [("省份", None, "浙江省")]
    answer(book, "To settle account", 2, What_to_do="correct", New_value="浙江", Reason_for_the_change="as proposed")
    assert len(keep(read_project(folder / "migration.yaml"), (book,))) == 1
    after = run(folder)
    assert cells(after, "account", "省份") == ["浙江省", "江苏省"]
    book = handed_out(folder)["王敏"][0]
    assert "To settle account" not in load_workbook(book).sheetnames  # only the contact's damaged number is left


def test_once_something_is_loaded_what_was_settled_is_brought_in_by_a_delta(folder):
    run(folder)
    book, _, _ = handed_out(folder)["王敏"]
    answer(book, "To settle account", 2, New_value="13800138000", Reason_for_the_change="asked")
    words = ("tasks", "collect", "migration.yaml", book)
    assert "next: crmmigrate run migration.yaml" in called(*words, cwd=folder).stderr
    Workspace(folder / "work").begin("load").end("done", 0)
    assert "next: crmmigrate delta migration.yaml" in called(*words, cwd=folder).stderr
