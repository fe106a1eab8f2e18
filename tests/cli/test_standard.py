"""`crmmigrate standard` as people call it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from openpyxl import Workbook, load_workbook

from crmmigrate.cli.root import root
from crmmigrate.errors import ConfigurationError

PACK = Path(__file__).parents[2] / "mappings" / "b2b"


@pytest.fixture
def standard(tmp_path) -> Path:
    for file in [PACK / "standard.yaml", *(PACK / "lists").iterdir()]:
        copy = tmp_path / file.relative_to(PACK)
        copy.parent.mkdir(exist_ok=True)
        copy.write_bytes(file.read_bytes())
    return tmp_path / "standard.yaml"


def call(*words: object) -> tuple[int, str, str]:
    result = CliRunner().invoke(root, ["standard", *map(str, words)], standalone_mode=False)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return int(result.return_value or 0), result.stdout, result.stderr


def test_a_round_trip_by_hand(standard, tmp_path):
    book = tmp_path / "book.xlsx"
    before = standard.read_bytes()
    assert call("sheet", standard, "-o", book)[0] == 0
    code, out, _ = call("collect", book, standard)
    assert (code, out, standard.read_bytes()) == (0, "", before)
    workbook = load_workbook(book)
    sheet = workbook.worksheets[1]
    header = [cell.value for cell in sheet[1]]
    row = next(row for row in sheet.iter_rows(min_row=2) if row[1].value == "网址")
    row[header.index("Required")].value = "yes"
    workbook.save(book)
    code, out, _ = call("collect", book, standard, "--plan")
    assert "网址, Required: – → true" in out
    assert standard.read_bytes() == before
    assert call("collect", book, standard)[0] == 0
    expected = before.decode().replace("网址: {standard: url}", "网址: {standard: url, required: true}")
    assert standard.read_text(encoding="utf-8") == expected


def test_a_workbook_is_written_over_once_the_standard_says_all_that_people_wrote(standard, tmp_path):
    book = tmp_path / "book.xlsx"
    assert call("sheet", standard, "-o", book)[0] == 0
    load_workbook(book).save(book)  # as Excel does to a book that was only looked at
    assert call("sheet", standard, "-o", book)[0] == 0

    def write(title: str, value: str) -> None:
        workbook = load_workbook(book)
        rows = list(workbook.worksheets[1].iter_rows())
        titles = [cell.value for cell in rows[0]]
        next(row for row in rows if row[1].value == "网址")[titles.index(title)].value = value
        workbook.save(book)

    def refused() -> bool:
        try:
            return call("sheet", standard, "-o", book)[0] != 0
        except ConfigurationError as error:
            return error.code == "file.written-in"

    write("Required", "yes")
    write("Confirmed by", "王敏")
    assert refused()
    assert call("collect", book, standard)[0] == 0
    assert not refused(), "the standard says it now"
    for title in ("Remarks", "Confirmed by"):
        write(title, "王敏")
        assert refused(), "the standard has no place for it"
        write(title, "")


def test_a_workbook_in_which_people_wrote_and_a_file_of_somebody_else_stay(standard, tmp_path):
    book = tmp_path / "book.xlsx"
    for _ in range(2):  # what nobody touched is written over
        assert call("sheet", standard, "-o", book)[0] == 0
    workbook = load_workbook(book)
    workbook.worksheets[1]["A2"] = "王敏"
    workbook.save(book)
    other = tmp_path / "other.xlsx"
    Workbook().save(other)
    for path, code in ((book, "file.written-in"), (other, "file.not-ours"), (standard, "file.not-ours")):
        before = path.read_bytes()
        with pytest.raises(ConfigurationError) as error:
            call("sheet", standard, "-o", path)
        assert (error.value.code, error.value.place) == (code, str(path))
        assert path.read_bytes() == before


def test_lint_speaks_json_and_fails_on_errors(standard):
    assert call("lint", standard)[0] == 0
    standard.write_text(
        standard.read_text(encoding="utf-8").replace("standard: url", "standard: ulr"), encoding="utf-8"
    )
    code, out, _ = call("lint", standard, "--format", "json")
    found = json.loads(out)
    assert code == 1
    assert [finding["code"] for finding in found["findings"]] == ["standard.unknown"]
    assert found["findings"][0]["hint"] == "did you mean 'url'?"


def test_an_export_says_how_it_is_used(standard, tmp_path):
    code, _, err = call("export", standard, "--object", "contact", "-o", tmp_path / "contact.yaml")
    assert code == 0
    assert "load_pandera_schema" in err
    assert (tmp_path / "contact.yaml").read_text(encoding="utf-8").startswith("schema_type: dataframe")
