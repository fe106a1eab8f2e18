"""The workbook of the data standard: unedited it changes nothing, edited it changes exactly what was edited."""

from __future__ import annotations

from pathlib import Path

import pytest
from openpyxl import load_workbook

from crmmigrate.errors import ConfigurationError, Findings
from crmmigrate.messages import LANGUAGES, speak
from crmmigrate.model.document import Document
from crmmigrate.model.rewriting import rewritten
from crmmigrate.reports.administrator import duties
from crmmigrate.reports.standard_sheet import FIELDS, collect, write_standard_sheet
from crmmigrate.standards import NAMES, check_standard, load

PACK = Path(__file__).parents[2] / "mappings" / "b2b" / "standard.yaml"
TEXT = """\
version: 1
objects:
  account:
    columns:
      客户名称: {standard: company_name, required: true}   # as registered
      电话: {standard: phone, region: CN, max_length: 20}
      级别: {values: [A, B]}
      行业: {values: {制造业: 制造|生产, 其他: ""}}
      地址: {standard: address, parts: {省: 省份}}
      省份: {}
"""


@pytest.fixture(params=LANGUAGES)
def language(request):
    speak(request.param)
    yield request.param
    speak("en")


@pytest.fixture
def standard(tmp_path) -> Path:
    path = tmp_path / "standard.yaml"
    path.write_text(TEXT, encoding="utf-8")
    return path


def written(standard: Path, language: str = "en") -> Path:
    book = standard.with_suffix(".xlsx")
    explained = {name: load(name).title for name in NAMES}
    data = check_standard(standard)
    write_standard_sheet(book, language, Document.load(standard).value, explained, list(duties(data, explained)))
    return book


def edit(book: Path, language: str, column: str, **cells: str | None) -> None:
    workbook = load_workbook(book)
    sheet = workbook.worksheets[1]
    header = [cell.value for cell in sheet[1]]
    for row in sheet.iter_rows(min_row=2):
        if row[1].value == column:
            for name, value in cells.items():
                title = FIELDS[name].text(language) if name in FIELDS else name
                row[header.index(title)].value = value
            break
    workbook.save(book)


def test_the_shipped_standard_comes_back_to_the_byte(tmp_path, language):
    for file in PACK.parent.rglob("*"):
        if file.is_file() and (file == PACK or file.suffix == ".csv"):
            (tmp_path / file.relative_to(PACK.parent)).parent.mkdir(exist_ok=True)
            (tmp_path / file.relative_to(PACK.parent)).write_bytes(file.read_bytes())
    standard = tmp_path / PACK.name
    found = collect(written(standard, language), Document.load(standard), NAMES)
    assert found.changes == []
    assert rewritten(PACK.read_text(encoding="utf-8"), found.value) == PACK.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("column", "cells", "before", "after"),
    [
        ("客户名称", {"required": "NO"}, "required: true", "required: false"),
        ("电话", {"options": "region=HK"}, "region: CN", "region: HK"),
        ("电话", {"options": None, "max_length": "30"}, "region: CN, max_length: 20", "max_length: 30"),
        ("级别", {"values": "A; B；C"}, "[A, B]", "[A, B, C]"),
        ("级别", {"values": "lists/level.csv"}, "[A, B]", "lists/level.csv"),
        ("行业", {"values": "制造业=制造|生产|工业; 其他"}, "制造|生产", "制造|生产|工业"),
        ("地址", {"parts": "省=省份; 市=城市"}, "{省: 省份}", "{省: 省份, 市: 城市}"),
        ("省份", {"standard": "division"}, "省份: {}", "省份: {standard: division}"),
    ],
)
def test_an_edited_cell_changes_its_own_value_only(standard, language, column, cells, before, after):
    book = written(standard, language)
    given = {name: {"NO": {"en": "no", "zh": "否"}[language]}.get(str(value), value) for name, value in cells.items()}
    edit(book, language, column, **given)
    found = collect(book, Document.load(standard), NAMES)
    assert rewritten(TEXT, found.value) == TEXT.replace(before, after)


def test_columns_come_and_go(standard):
    book = written(standard)
    workbook = load_workbook(book)
    sheet = workbook.worksheets[1]
    sheet.append(["account", "网址", "url"])
    workbook.save(book)
    edit(book, "en", "级别", Decision="take out", Remarks="nobody uses it")
    found = collect(book, Document.load(standard), NAMES)
    text = rewritten(TEXT, found.value)
    assert text == TEXT.replace("      级别: {values: [A, B]}\n", "") + "      网址: {standard: url}\n"
    assert [remark for _, remark in found.remarks] == ["nobody uses it"]


def test_what_was_changed_here_and_there_is_refused(standard):
    book = written(standard)
    edit(book, "en", "电话", max_length="30")
    standard.write_text(TEXT.replace("max_length: 20", "max_length: 40"), encoding="utf-8")
    with pytest.raises(Findings) as error:
        collect(book, Document.load(standard), NAMES)
    assert [found.code for found in error.value.errors] == ["standard.conflict"]
    assert error.value.errors[0].place == "standard.xlsx!Data standard!3"


def test_a_change_in_the_file_alone_stays(standard):
    book = written(standard)
    changed = TEXT.replace("max_length: 20", "max_length: 40")
    standard.write_text(changed, encoding="utf-8")
    found = collect(book, Document.load(standard), NAMES)
    assert (found.changes, rewritten(changed, found.value)) == ([], changed)


@pytest.mark.parametrize(
    ("column", "cells", "code"),
    [
        ("电话", {"standard": "phon"}, "standard.unknown"),
        ("电话", {"required": "maybe"}, "standard.word"),
        ("电话", {"max_length": "long"}, "standard.word"),
        ("电话", {"_key": '["acount", "电话"]'}, "standard.altered"),
        (None, {"Object": "acount", "Column": "电话"}, "standard.unknown-object"),
        (None, {"Object": "account"}, "standard.row-without-column"),
    ],
)
def test_what_cannot_be_read_is_said_with_its_row(standard, column, cells, code):
    book = written(standard)
    edit(book, "en", column, **cells)
    with pytest.raises(Findings) as error:
        collect(book, Document.load(standard), NAMES)
    [found] = error.value.errors
    assert (found.code, found.place.rpartition("!")[0]) == (code, "standard.xlsx!Data standard")
    assert found.place.endswith("!3") == (column is not None), "the row that was changed, or the first empty one"


def test_another_workbook_is_refused(standard, tmp_path):
    from crmmigrate.reports.worksheet import Column, Sheet, write_workbook

    write_workbook(tmp_path / "other.xlsx", "en", [Sheet("x", [Column("a")], [["b"]])])
    with pytest.raises(ConfigurationError) as error:
        collect(tmp_path / "other.xlsx", Document.load(standard), NAMES)
    assert error.value.code == "standard.no-sheet"


def test_the_administrator_is_told_every_rule(standard):
    explained = {name: load(name).title for name in NAMES}
    found = [(column, rule.template) for _, column, rule, _ in duties(check_standard(standard), explained)]
    assert found == [
        ("客户名称", "required field"), ("客户名称", "validation rule"), ("电话", "length"), ("电话", "validation rule"),
        ("级别", "picklist"), ("行业", "picklist"), ("地址", "validation rule"),
    ]  # fmt: skip
