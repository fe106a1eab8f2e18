"""Workbooks that come back damaged, or with signs in them that only look like numbers."""

from __future__ import annotations

import zipfile

import pytest
from openpyxl import Workbook, load_workbook

from crmmigrate.errors import ConfigurationError
from crmmigrate.messages import Message
from crmmigrate.model.document import Document
from crmmigrate.model.mapping import build_mapping
from crmmigrate.reports.mapping_returned import collect
from crmmigrate.reports.mapping_sheet import TITLES, Around, write_mapping_sheet
from crmmigrate.reports.returned import read_back


def test_a_workbook_whose_bytes_are_damaged_is_refused(tmp_path):
    book = Workbook()
    for number in range(300):
        book.active.append([f"第{number}行", number * 7919])
    path = tmp_path / "book.xlsx"
    book.save(path)
    with zipfile.ZipFile(path) as package:
        at = package.getinfo("xl/worksheets/sheet1.xml").header_offset + 80
    content = bytearray(path.read_bytes())
    content[at : at + 40] = b"\xff" * 40
    path.write_bytes(content)
    with pytest.raises(ConfigurationError) as caught:
        list(read_back(path, {"a": "第0行"}, ("a",), code="x", made_by=Message("another workbook")))
    assert caught.value.code == "x.not-a-workbook"


def test_the_mark_that_excel_leaves_beside_an_open_workbook_is_told(tmp_path):
    mark = tmp_path / "~$王敏.xlsx"
    mark.write_bytes(b"\x06Excel" + b" " * 160)
    with pytest.raises(ConfigurationError) as caught:
        list(read_back(mark, {"a": "A"}, ("a",), code="x", made_by=Message("another workbook")))
    assert "王敏.xlsx is open" in caught.value.hint.text("en")


def test_a_circled_digit_in_the_place_of_a_number_is_text(tmp_path):
    text = "version: 1\nobject: account\nsource: {table: 客户}\ntarget: {table: accounts}\nfields:\n  level: {from: 级别, default: 5}\n"
    document = Document.parse(text, "account.crmmap.yaml")
    mapping = build_mapping(document)
    path = tmp_path / "book.xlsx"
    write_mapping_sheet(path, "zh", document, mapping, Around())
    book = load_workbook(path)
    page = book.worksheets[1]
    at = [cell.value for cell in page[1]].index(TITLES["default"].text("zh")) + 1
    page.cell(2, at, "①")
    book.save(path)
    assert collect(path, document, mapping).value["fields"]["level"]["default"] == "①"
