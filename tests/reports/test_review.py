"""The review workbook: what is written comes back, whatever people do to it; what cannot be read is said with its place."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from openpyxl import Workbook, load_workbook

from crmmigrate.errors import ConfigurationError, Findings, LocationError
from crmmigrate.messages import LANGUAGES, Message
from crmmigrate.model.decision import ReviewGroup, ReviewRow
from crmmigrate.reports.review import _DECISION, _WHO, _WHY, VERDICTS, is_filled_in, read_review, write_review
from crmmigrate.reports.seal import NO_BATCH
from crmmigrate.reports.worksheet import Column, Sheet, write_workbook

if TYPE_CHECKING:
    from pathlib import Path


def group(kind: str, leader: str, *others: str) -> ReviewGroup:
    rows = [ReviewRow(leader, f"book!{leader}", None, Message(""), (), {"名称": "=1+1", "电话": "013800138000"})]
    rows += [
        ReviewRow(other, f"book!{other}", 0.91, Message("the same name"), ("电话",), {"名称": "+甲", "电话": "1"}, 2)
        for other in others
    ]
    return ReviewGroup(kind, ("名称", "电话"), tuple(rows))


@pytest.fixture
def book(tmp_path) -> Path:
    path = tmp_path / "review.xlsx"
    write_review(path, "en", [group("account", "a", "b", "c"), group("account", "d", "e"), group("contact", "p", "q")])
    return path


def fill(book: Path, words: dict[tuple[str, str], str], **more: str) -> None:
    """Write decisions into the rows of (leading, record), and further columns by title."""
    workbook = load_workbook(book)
    for sheet in workbook.worksheets[1:-1]:
        header = [cell.value for cell in sheet[1]]
        for row in sheet.iter_rows(min_row=2):
            cells = dict(zip(header, row, strict=True))
            word = words.get((cells["_leading"].value, cells["_record"].value))
            if word is not None:
                cells["Decision"].value = word
                for title, value in more.items():
                    cells[title].value = value
    workbook.save(book)


def test_an_untouched_workbook_decides_nothing(book):
    assert read_review(book) == ()


def test_a_workbook_without_any_word_of_a_person_is_not_filled_in(book):
    assert not is_filled_in(book)


@pytest.mark.parametrize(
    ("word", "more"), [("Merge", {}), ("undecided", {}), ("", {"Why": "asked them"}), ("", {"Reviewer": "王敏"})]
)
def test_a_workbook_with_a_word_of_a_person_is_filled_in(book, word, more):
    fill(book, {("a", "b"): word}, **more)
    assert is_filled_in(book)


def test_a_workbook_that_was_altered_is_taken_to_be_filled_in(book):
    workbook = load_workbook(book)
    workbook.worksheets[1]["A2"] = "王敏"
    workbook.save(book)
    assert is_filled_in(book)


def test_decisions_come_back(book):
    fill(
        book,
        {("a", "b"): "Merge", ("a", "c"): "不合并", ("d", "e"): " undecided ", ("p", "q"): "合并"},
        Why="known",
        Reviewer="王敏",
    )
    found = {(d.object, d.record_a, d.record_b): d for d in read_review(book)}
    assert {pair: d.verdict for pair, d in found.items()} == {
        ("account", "a", "b"): "merge", ("account", "a", "c"): "separate", ("account", "d", "e"): "undecided",
        ("contact", "p", "q"): "merge",
    }  # fmt: skip
    assert (found["account", "a", "b"].reason, found["account", "a", "b"].reviewer) == ("known", "王敏")
    assert found["account", "a", "b"].place == "review.xlsx!account!3"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_workbook_in_any_language_is_read_back(tmp_path, language):
    path = tmp_path / "review.xlsx"
    write_review(path, language, [group("account", "a", "b")])
    workbook = load_workbook(path)
    sheet = workbook.worksheets[1]
    columns = {cell.value: cell.column for cell in sheet[1]}
    for title, value in ((_DECISION, VERDICTS["separate"].text(language)), (_WHY, "known"), (_WHO, "王敏")):
        sheet.cell(3, columns[title.text(language)], value)
    workbook.save(path)
    assert [(d.verdict, d.reason, d.reviewer) for d in read_review(path)] == [("separate", "known", "王敏")]


def test_rows_may_be_sorted_and_deleted(book):
    fill(book, {("d", "e"): "Merge"})
    workbook = load_workbook(book)
    sheet = workbook["account"]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)]
    sheet.delete_rows(2, len(rows))
    for row in [rows[-1], *rows[1:2]]:
        sheet.append(row)
    workbook.save(book)
    assert [(d.record_a, d.record_b) for d in read_review(book)] == [("d", "e")]


def test_the_sheet_is_one_to_work_with(book):
    workbook = load_workbook(book)
    assert workbook.sheetnames[1:] == ["account", "contact", "Sign-off"]
    sheet = workbook["account"]
    header = {cell.value: cell.column_letter for cell in sheet[1]}
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref.startswith("A1:")
    for name in ("_object", "_leading", "_record"):
        assert sheet.column_dimensions[header[name]].hidden
    there, own = header["_leading:电话"], header["_own:电话"]
    rules = {rule.formula1: rule for rule in sheet.data_validations.dataValidation}
    assert list(rules) == ['"Merge,Keep apart,Undecided"', f"${there}2:${own}2"]
    assert not rules[f"${there}2:${own}2"].showErrorMessage
    cell = sheet[f"{header['名称']}2"]
    assert (cell.value, cell.data_type) == ("=1+1", "s")
    assert sheet[f"{header['电话']}2"].value == "013800138000"
    assert [sheet[f"{header['Similarity']}{row}"].value for row in (2, 3)] == [None, "91%"]
    assert sheet[f"{header['Fields in conflict']}3"].value == "电话"


def test_what_is_no_decision_is_said_with_its_place(book):
    fill(book, {("a", "b"): "Murge", ("a", "c"): "maybe"})
    with pytest.raises(Findings) as error:
        read_review(book)
    assert [found.place for found in error.value.errors] == ["review.xlsx!account!3", "review.xlsx!account!4"]
    assert {found.code for found in error.value.errors} == {"review.word"}
    assert "did you mean 'merge'?" in error.value.text("en")


def test_nothing_can_be_written_in_the_row_of_a_leading_record(book):
    sheet = load_workbook(book)["account"]
    at = {cell.value: cell.column for cell in sheet[1]}
    for title in ("Decision", "Keep: 电话", "Why", "Reviewer"):
        assert [sheet.cell(row, at[title]).protection.locked for row in (2, 3, 4, 5, 6)] == [
            True,
            False,
            False,
            True,
            False,
        ]


@pytest.mark.parametrize("more", [{}, {"Keep: 电话": "1"}])
def test_a_decision_in_the_row_of_a_leading_record_is_told_with_its_place(book, more):
    fill(book, {("a", "a"): "" if more else "Merge", ("a", "b"): "Merge"}, **more)
    with pytest.raises(Findings) as error:
        read_review(book)
    assert [(found.code, found.place) for found in error.value.errors] == [("review.leading", "review.xlsx!account!2")]


def test_a_leading_record_that_is_undecided_says_nothing(book):
    fill(book, {("a", "a"): "undecided"})
    assert read_review(book) == ()


@pytest.mark.parametrize("word", ["", "Undecided"])
def test_a_value_to_keep_without_a_decision_is_told_with_its_place(book, word):
    fill(book, {("a", "c"): word}, **{"Keep: 电话": "0571-1"})
    with pytest.raises(Findings) as error:
        read_review(book)
    assert [(found.code, found.place) for found in error.value.errors] == [
        ("review.keep-undecided", "review.xlsx!account!4")
    ]
    assert "电话" in error.value.text("en")


def test_a_value_to_keep_of_two_that_are_kept_apart_says_nothing(book):
    fill(book, {("a", "c"): "Keep apart"}, **{"Keep: 电话": "0571-1"})
    assert [(one.verdict, one.choices) for one in read_review(book)] == [("separate", ())]


def test_one_pair_decided_twice_and_differently(book):
    fill(book, {("a", "b"): "Merge"})
    workbook = load_workbook(book)
    sheet = workbook["account"]
    header = [cell.value for cell in sheet[1]]
    row = [cell.value for cell in sheet[3]]
    row[header.index("Decision")] = "Keep apart"
    sheet.append(row)
    workbook.save(book)
    with pytest.raises(Findings) as error:
        read_review(book)
    assert [found.code for found in error.value.errors] == ["review.contradiction"]


def test_a_decision_without_its_hidden_key(book):
    workbook = load_workbook(book)
    sheet = workbook["account"]
    header = [cell.value for cell in sheet[1]]
    sheet.append(["Merge" if title == "Decision" else None for title in header])
    workbook.save(book)
    with pytest.raises(Findings) as error:
        read_review(book)
    assert [found.code for found in error.value.errors] == ["review.key-missing"]


def test_other_files_are_refused(tmp_path):
    Workbook().save(tmp_path / "other.xlsx")
    (tmp_path / "text.xlsx").write_text("甲,乙")
    with pytest.raises(ConfigurationError) as error:
        read_review(tmp_path / "other.xlsx")
    assert error.value.code == "review.no-sheet"
    with pytest.raises(ConfigurationError) as error:
        read_review(tmp_path / "text.xlsx")
    assert error.value.code == "review.not-a-workbook"
    with pytest.raises(LocationError):
        read_review(tmp_path / "missing.xlsx")


def test_a_workbook_whose_sheet_breaks_off_is_refused(book):
    import zipfile

    with zipfile.ZipFile(book) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    sheets = [name for name in parts if name.startswith("xl/worksheets/sheet")]
    with zipfile.ZipFile(book, "w") as new:
        for name, data in parts.items():
            new.writestr(name, data[: len(data) // 2] if name in sheets[1:2] else data)
    with pytest.raises(ConfigurationError) as error:
        read_review(book)
    assert error.value.code == "review.not-a-workbook"


def test_cells_beyond_a_wrong_dimension_are_read(book):
    import re
    import zipfile

    fill(book, {("a", "b"): "Merge"})
    with zipfile.ZipFile(book) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    with zipfile.ZipFile(book, "w") as new:
        for name, data in parts.items():
            new.writestr(name, re.sub(rb'<dimension ref="[^"]*"', b'<dimension ref="A1"', data))
    assert [d.verdict for d in read_review(book)] == ["merge"]


def test_a_merge_of_what_a_split_takes_apart_is_told_with_both_places(tmp_path):
    columns = [Column(name) for name in ("_object", "_record", "_leading", "_side")]
    rows = [("account", record, "a", side, VERDICTS["separate"]) for record, side in zip("abc", "112", strict=True)]
    merges = [("account", "ab"), ("account", "bc"), ("contact", "bc"), ("account", "cd")]
    rows += [(kind, one, other, None, VERDICTS["merge"]) for kind, (one, other) in merges]
    sheet = Sheet(Message("Decisions"), [*columns, Column(_DECISION, entry=True)], rows, batch=NO_BATCH)
    write_workbook(tmp_path / "b.xlsx", "en", [sheet])
    with pytest.raises(Findings) as error:
        read_review(tmp_path / "b.xlsx")
    [found] = error.value.errors
    assert (found.code, found.place) == ("review.contradiction", "b.xlsx!Decisions!2")
    assert "b.xlsx!Decisions!6" in found.text("en")
