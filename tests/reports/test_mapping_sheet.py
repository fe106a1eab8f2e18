"""The workbook of a mapping file and its way back: nothing edited, nothing changed; one cell edited, that one value changed."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from crmmigrate.errors import ConfigurationError, Findings
from crmmigrate.model.document import Document
from crmmigrate.model.mapping import build_mapping
from crmmigrate.model.rewriting import rewritten
from crmmigrate.model.schema import read_target_schema
from crmmigrate.model.suggestion import SourceColumn
from crmmigrate.model.valuemap import read_value_map, rewritten_value_map
from crmmigrate.reports.mapping_returned import collect
from crmmigrate.reports.mapping_sheet import TITLES, Around, write_mapping_sheet

PACK = Path(__file__).parents[2] / "mappings" / "b2b"
SCHEMA = read_target_schema(PACK / "schema.yaml")
DATA = {
    "规模": SourceColumn("规模", "picklist", 10, 3, 2, {"中型": 6, "小微": 3, "大型": 1}),
    "来源": SourceColumn("来源", "picklist", 7, 2, 2, {"展会": 5, "电话": 2}),
}


def load(text: str, name: str = "account.crmmap.yaml"):
    document = Document.parse(text, name)
    mapping = build_mapping(document)
    document.check()
    return document, mapping


def written_book(tmp_path, file: Path, language="zh", around=Around(SCHEMA, DATA)):  # noqa: B008
    document, mapping = load(file.read_text(encoding="utf-8"), str(file))
    book = tmp_path / "book.xlsx"
    write_mapping_sheet(book, language, document, mapping, around)
    return book


def edit(book: Path, sheet: int, find: str, cell: str, value: str | None, language="zh") -> None:
    """Put a value into the cell `cell` of the row in which `find` stands in one of the first two columns."""
    workbook = load_workbook(book)
    page = workbook.worksheets[sheet]
    header = [c.value for c in page[1]]
    row = next(row for row in page.iter_rows(min_row=2) if find in (row[0].value, row[1].value))
    row[header.index(TITLES[cell].text(language))].value = value
    workbook.save(book)


@pytest.fixture
def file(tmp_path) -> Path:
    shutil.copytree(PACK, tmp_path / "b2b")
    return tmp_path / "b2b" / "account.crmmap.yaml"


def taken(book: Path, file: Path):
    document, mapping = load(file.read_text(encoding="utf-8"), str(file))
    return collect(book, document, mapping), document


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("name", sorted(path.name for path in PACK.glob("*.crmmap.yaml")))
def test_without_edits_every_shipped_file_comes_back_byte_for_byte(name, language, tmp_path):
    file = PACK / name
    returned, document = taken(written_book(tmp_path, file, language), file)
    text = file.read_text(encoding="utf-8")
    assert (returned.edits, returned.csv) == ([], {})
    assert rewritten(text, returned.value) == text
    assert returned.value == document.value


@pytest.mark.parametrize(
    ("sheet", "find", "cell", "value", "before", "after"),
    [
        (1, "website", "note", "官网", "website: {from: 网址, do: [{truncate: 255}]}", "website: {from: 网址, do: [{truncate: 255}], note: 官网}"),
        (1, "former_name", "from", "原名", "former_name: {from: 曾用名}", "former_name: {from: 原名}"),
        (1, "city", "default", "不详", "city: {from: 城市}", "city: {from: 城市, default: 不详}"),
        (1, "phone", "from", "电话 + 手机", "phone: {from: 电话, ", "phone: {from: [电话, 手机], "),
        (1, "district", "decision", "删除", "  district: {from: 区县}\n", ""),
        (1, "name", "required", "否", "do: [trim], required: true}", "do: [trim], required: false}"),
        (2, "小型", "code", "medium", "小型: small", "小型: medium"),
        (2, "小微", "code", "micro", "大型: large}", "大型: large, 小微: micro}"),
        (2, "潜在客户", "code", None, "潜在客户: prospect", "潜在客户: null"),
        (3, "FAMILY", "decision", None, "", ""),
    ],
)  # fmt: skip
def test_an_edited_cell_changes_that_value_and_no_other_byte(  # noqa: PLR0913, PLR0917  # one parameter a column of the table
    sheet, find, cell, value, before, after, file, tmp_path
):
    book = written_book(tmp_path, file)
    edit(book, sheet, find, cell, value)
    returned, _ = taken(book, file)
    text = file.read_text(encoding="utf-8")
    assert text.count(before) == 1 or not before
    assert rewritten(text, returned.value) == text.replace(before, after, 1)
    assert len(returned.edits) == (1 if before else 0)


@pytest.mark.parametrize("changed", [False, True])
def test_a_workbook_of_one_mapping_is_not_written_into_another(changed, file, tmp_path):
    book = written_book(tmp_path, file)
    if changed:
        edit(book, 1, "phone", "from", "电话 + 手机")
    with pytest.raises(ConfigurationError) as refused:
        taken(book, file.with_name("contact.crmmap.yaml"))
    assert refused.value.code == "mapping.other-file"
    assert "account" in str(refused.value)


def test_a_column_left_out_is_brought_over_and_its_line_of_the_list_goes(file, tmp_path):
    book = written_book(tmp_path, file)
    edit(book, 3, "BDAY", "decision", "迁移")
    edit(book, 3, "BDAY", "to", "birthday")
    edit(book, 3, "来源", "decision", "不迁移")
    returned, _ = taken(book, file)
    text = file.read_text(encoding="utf-8")
    expected = text.replace("  - BDAY\n", "").replace("  - NOTE\n", "  - NOTE\n  - 来源\n")
    expected = expected.replace(
        "remark: {from: 备注, do: [{truncate: 2000}]}\n",
        "remark: {from: 备注, do: [{truncate: 2000}]}\n  birthday: {from: BDAY}\n",
    )
    assert rewritten(text, returned.value) == expected
    assert "# ERP" in expected


def test_values_kept_in_a_csv_are_changed_there(file, tmp_path):
    book = written_book(tmp_path, file)
    edit(book, 2, "制造业", "code", "X")
    returned, document = taken(book, file)
    assert returned.value == document.value
    assert returned.csv == {"lists/industry_code.csv": {"制造业": "X"}}
    path = file.parent / "lists" / "industry_code.csv"
    before = path.read_bytes().decode()
    after = rewritten_value_map(before, returned.csv["lists/industry_code.csv"])
    different = [(a, b) for a, b in zip(before.splitlines(), after.splitlines(), strict=True) if a != b]
    assert different == [("制造业,C", "制造业,X")]


def test_what_the_business_means_by_a_value_is_kept_beside_it(file, tmp_path):
    book = written_book(tmp_path, file)
    edit(book, 2, "制造业", "meaning", "含代工, 加工")
    returned, document = taken(book, file)
    assert returned.value == document.value
    assert returned.meanings == {"lists/industry_code.csv": {"制造业": "含代工, 加工"}}
    assert not returned.remarks
    path = file.parent / "lists" / "industry_code.csv"
    before = path.read_bytes().decode()
    after = rewritten_value_map(before, {}, returned.meanings["lists/industry_code.csv"])
    different = [(a, b) for a, b in zip(before.splitlines(), after.splitlines(), strict=True) if a != b]
    assert different == [("source,target", "source,target,meaning"), ("制造业,C", '制造业,C,"含代工, 加工"')]
    path.write_text(after, encoding="utf-8")
    assert read_value_map(path, "") == read_value_map(PACK / "lists" / "industry_code.csv", "")
    again, _ = taken(written_book(tmp_path, file), file)
    assert (again.edits, again.meanings) == ([], {})


def test_what_the_business_means_by_a_value_of_the_file_is_kept_in_the_file(file, tmp_path):
    book = written_book(tmp_path, file)
    edit(book, 2, "小型", "meaning", "50 人以下: 含个体")
    edit(book, 2, "小微", "meaning", "20 人以下")  # it stands in the data, and nothing is mapped from it yet
    returned, _ = taken(book, file)
    before = file.read_text(encoding="utf-8")
    after = rewritten(before, returned.value)
    [added] = [line for line in after.splitlines() if line not in before.splitlines()]
    assert added == '    meanings: {小型: "50 人以下: 含个体", 小微: "20 人以下"}'
    assert after.replace(f"{added}\n", "") == before
    assert (returned.meanings, returned.remarks) == ({}, [])

    file.write_text(after, encoding="utf-8")
    document, mapping = load(after, file)
    assert mapping.fields["company_size"].meanings == {"小型": "50 人以下: 含个体", "小微": "20 人以下"}
    bare = tmp_path / "bare.xlsx"
    write_mapping_sheet(bare, "zh", document, mapping, Around())  # shown again, without the data too
    rows = {
        row[1]: row[3]
        for row in load_workbook(bare).worksheets[2].iter_rows(min_row=2, values_only=True)
        if row[0] == "company_size"
    }
    assert (rows["小型"], rows["小微"]) == ("50 人以下: 含个体", "20 人以下")
    again, _ = taken(bare, file)
    assert (again.edits, rewritten(after, again.value)) == ([], after)

    edit(bare, 2, "小型", "meaning", None)
    edit(bare, 2, "小微", "meaning", None)
    emptied, _ = taken(bare, file)
    assert rewritten(after, emptied.value) == before


def test_a_meaning_does_not_map_a_value_to_nothing(file, tmp_path):
    """A line of a CSV without a target would: the value is not mapped yet, and its rows are still rejected."""
    path = file.parent / "lists" / "industry_code.csv"
    path.write_text(path.read_text("utf-8").replace("制造业,C\n", ""), "utf-8")
    file.write_text(
        file.read_text("utf-8").replace("values: lists/industry_code.csv", "values: lists/industry_code.csv, meanings: {制造业: 代工}"),
        "utf-8",
    )  # fmt: skip
    book = written_book(tmp_path, file)
    edit(book, 2, "制造业", "meaning", "含代工")
    returned, _ = taken(book, file)
    assert returned.meanings == {}
    assert rewritten(file.read_text("utf-8"), returned.value) == file.read_text("utf-8").replace(
        "制造业: 代工", "制造业: 含代工"
    )


def test_what_was_changed_here_and_in_the_file_is_a_conflict_and_nothing_is_taken(file, tmp_path):
    book = written_book(tmp_path, file)
    edit(book, 1, "website", "note", "官网")
    edit(book, 2, "小型", "code", "medium")
    file.write_text(
        file.read_text(encoding="utf-8").replace("小型: small", "小型: large").replace("website: {from: 网址", "website: {note: 网站, from: 网址"),
        encoding="utf-8",
    )  # fmt: skip
    with pytest.raises(Findings) as raised:
        taken(book, file)
    assert [error.code for error in raised.value.errors] == ["mapping.conflict", "mapping.conflict"]
    assert all("book.xlsx!" in error.place for error in raised.value.errors)


def test_a_change_in_the_file_alone_stays(file, tmp_path):
    book = written_book(tmp_path, file)
    changed = (
        file.read_text(encoding="utf-8").replace("小型: small", "小型: large").replace("{from: 区县}", "{from: 区}")
    )
    file.write_text(changed, encoding="utf-8")
    returned, _ = taken(book, file)
    assert rewritten(changed, returned.value) == changed


def test_words_that_are_none_and_a_target_that_is_filled_are_told_with_their_place(file, tmp_path):
    book = written_book(tmp_path, file)
    edit(book, 1, "website", "decision", "maybe")
    edit(book, 3, "FN", "decision", "迁移")
    edit(book, 3, "BDAY", "decision", "迁移")
    edit(book, 3, "BDAY", "to", "phone")
    with pytest.raises(Findings) as raised:
        taken(book, file)
    assert [error.code for error in raised.value.errors] == ["mapping.word", "mapping.no-target", "mapping.conflict"]


def test_another_workbook_is_refused(tmp_path, file):
    from openpyxl import Workbook

    book = tmp_path / "other.xlsx"
    Workbook().save(book)
    with pytest.raises(ConfigurationError) as raised:
        taken(book, file)
    assert raised.value.code == "mapping.no-sheet"


def test_values_of_the_data_are_counted_and_those_without_a_target_listed(file, tmp_path):
    workbook = load_workbook(written_book(tmp_path, file, "en"))
    values = {(row[0], row[1]): row for row in workbook["Values"].iter_rows(min_row=2, values_only=True)}
    assert values["company_size", "中型"][2] == 6
    assert values["company_size", "小微"][2:5] == (3, None, None)
    assert values["company_size", "中型"][5] == "中型"
    assert [row[0] for row in workbook["Unmapped columns"].iter_rows(min_row=2, values_only=True)][-1] == "来源"


_TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), min_size=1, max_size=12)
_NOTE = st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "Zs"]), max_size=20)


@settings(max_examples=12, phases=[Phase.generate])
@given(data=st.data())
def test_any_file_comes_back_and_any_edit_changes_only_what_it_names(data, tmp_path_factory):
    """Files of random names, values and notes, whose top is commented; then random cells of them are edited."""
    names = data.draw(st.lists(st.from_regex(r"[a-z]{1,6}", fullmatch=True), min_size=1, max_size=4, unique=True))
    value = {
        "version": 1, "object": "x", "target": {"table": "t"}, "match": {"on": [names[0]]},
        "fields": {
            name: {"from": data.draw(_TEXT), "note": data.draw(_NOTE), "values": data.draw(st.dictionaries(_TEXT, _TEXT, min_size=1, max_size=3)),
                   "meanings": data.draw(st.dictionaries(_TEXT, _NOTE, max_size=2))}
            for name in names
        },
        "ignore": data.draw(st.lists(_TEXT, max_size=3, unique=True)),
    }  # fmt: skip
    text = rewritten("# above\nversion: 1  # one\nobject: y\n", value)
    document, mapping = load(text)
    folder = tmp_path_factory.mktemp("round")
    book = folder / "book.xlsx"
    write_mapping_sheet(book, "en", document, mapping, Around())
    returned = collect(book, document, mapping)
    assert not returned.edits
    assert rewritten(text, returned.value) == text

    name = data.draw(st.sampled_from(names))
    note = data.draw(st.from_regex(r"[a-z]{1,8}", fullmatch=True))
    edit(book, 1, name, "note", note, "en")
    returned = collect(book, document, mapping)
    expected = {
        **document.value,
        "fields": {**document.value["fields"], name: {**document.value["fields"][name], "note": note}},
    }
    assert returned.value == expected
    again = rewritten(text, returned.value)
    assert Document.parse(again, "x").value == expected
    changed = [(a, b) for a, b in zip(text.splitlines(), again.splitlines(), strict=True) if a != b]
    assert len(changed) <= 1


@settings(max_examples=40)
@given(
    rows=st.dictionaries(_TEXT.map(str.strip).filter(bool), _TEXT.map(str.strip), max_size=6), newline=st.sampled_from(["\n", "\r\n"]),
    last=st.booleans(), new=st.dictionaries(_TEXT.map(str.strip).filter(bool), _TEXT.map(str.strip), max_size=3),
)  # fmt: skip
def test_a_value_map_is_rewritten_record_by_record(rows, newline, last, new, tmp_path_factory):
    import csv
    import io

    out = io.StringIO()
    writer = csv.writer(out, lineterminator=newline, quoting=csv.QUOTE_ALL)
    writer.writerow(["source", "note", "target"])
    writer.writerows([source, "n", target] for source, target in rows.items())
    text = out.getvalue() if last or not rows else out.getvalue().removesuffix(newline)
    assert rewritten_value_map(text, {}) == text
    path = tmp_path_factory.mktemp("map") / "m.csv"
    path.write_bytes(rewritten_value_map(text, {k: v or None for k, v in new.items()}).encode())
    expected = {k: v or None for k, v in (rows | new).items()}
    assert read_value_map(path, "") == expected


@pytest.mark.parametrize(
    ("before", "after", "names"),
    [
        ("website: {from: 网址", "website: {from: 邮箱", ["website"]),
        ("网址, do: [{truncate: 255}]", "网址, do: [{truncate: 20}]", ["website"]),
        ("  website: {from: 网址", "  fax: 传真\n  website: {from: 网址", ["fax"]),
    ],
)
def test_what_the_file_says_and_the_workbook_does_not_show_is_named(tmp_path, file, before, after, names):
    """Nobody confirmed it, so nobody can approve it."""
    book = written_book(tmp_path, file)
    assert taken(book, file)[0].unseen == []
    text = file.read_text(encoding="utf-8")
    assert before in text
    file.write_text(text.replace(before, after, 1), encoding="utf-8")
    assert taken(book, file)[0].unseen == names


def test_what_was_taken_over_from_the_workbook_was_seen(tmp_path, file):
    book = written_book(tmp_path, file)
    edit(book, 1, "website", "note", "官网")
    returned, _ = taken(book, file)
    assert returned.unseen == []
    file.write_text(rewritten(file.read_text(encoding="utf-8"), returned.value), encoding="utf-8")
    assert taken(book, file)[0].unseen == []
