"""Facts of sources, states of files and codes of risks are told in words."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from crmmigrate.messages import Message
from crmmigrate.model.audit import RISKS, SUBJECTS, Change
from crmmigrate.model.profile import ColumnProfile, Form, TableProfile, Variant
from crmmigrate.model.source import DECISIONS, DROPPED_REASONS, FILE_STATES
from crmmigrate.reports.facts import _SET_ASIDE, SOURCE_TITLES, STATES, file_why, source_cell
from crmmigrate.reports.findings import change_rows, doubt_lines, form_lines, risk_title, short_damage_lines
from crmmigrate.reports.worksheet import shown
from crmmigrate.runner.extract import SOURCE_COLUMNS

CHECKS = Path(__file__).parents[2] / "src" / "crmmigrate" / "checks"


def column(name, meaning, **more):
    return ColumnProfile("crm.客户", name, meaning, 0.9, 50, 50, 50, 1, 9, None, **more)


def test_every_fact_state_and_reason_has_a_title():
    assert set(SOURCE_COLUMNS) == set(SOURCE_TITLES)
    assert set(FILE_STATES) == set(STATES)
    assert set(DROPPED_REASONS) == set(_SET_ASIDE)


def test_every_risk_has_a_title():
    text = (CHECKS / "profile_risks.py").read_text(encoding="utf-8")
    kinds = re.findall(r'f?"((?:table|relation|source|sources|column|privacy)\.[a-z{][a-z.{}-]*)"', text)
    named = {code.replace("{found.kind}", kind) for code in kinds for kind in SUBJECTS}
    files = {f"file.{state}" for state in re.findall(r'^    "([a-z-]+)": \(Message\(', text, re.MULTILINE)}
    assert len(files) >= 6
    assert named | files == set(RISKS)


@pytest.mark.parametrize(
    ("name", "fact", "told"),
    [
        ("foreign_keys", [{"columns": ["c", "d"], "table": "customer", "references": ["id", "no"]}], "c + d → customer(id + no)"),
        ("unique", [["a"], ["b", "c"]], "a; b + c"),
        ("key", ["a", "b"], "a + b"),
        ("header", [3, 4], "3; 4"),
        ("decision", ["header.words", "header.titles"], "words that tables have in their headers; titles stand above the header"),
        ("comments", {"": "所有客户", "dh": "电话"}, "the table: 所有客户; dh: 电话"),
        ("hidden", {"sheet": True, "rows": 3, "columns": ["C", "F"]}, "the sheet; rows: 3; columns: C, F"),
        ("dropped", {"subtotal": 2}, "2 × subtotal"),
        ("validation", {"负责人": ["张三", "李四"], "级别": ["A", "B"]}, "负责人: 2 choices; 级别: A / B"),
        ("issues", {"source.empty-file": 1, "some.code": 2}, "2 × some.code"),
    ],
)  # fmt: skip
def test_facts_are_told_in_words(name, fact, told):
    profile = TableProfile("crm.客户", 50, (column("负责人", "person"), column("级别", "picklist")))
    assert shown(source_cell(name, json.dumps(fact, ensure_ascii=False), profile), "en") == told


def test_lists_have_the_marks_of_the_language():
    fact = json.dumps({"": "所有客户", "dh": "电话"}, ensure_ascii=False)
    assert shown(source_cell("comments", fact), "zh").endswith("：所有客户；dh：电话")
    assert (
        shown(form_lines(column("电话", "phone", forms=(Form("9", 1234, "1"), Form("汉", 5, "无")))), "zh")
        == "9 × 1,234（1）；汉 × 5（无）"
    )


def test_plain_facts():
    assert source_cell("confidence", "0.87") == 87
    assert source_cell("rows", "12") == 12
    assert source_cell("modified", "2024-05-01T09:30:00+00:00") == "2024-05-01 09:30"
    assert source_cell("layout", "客户*") == "客户*"
    assert source_cell("region", None) is None
    assert set(DECISIONS) >= {"header.words"}
    assert shown(file_why("duplicate", "a.xlsx"), "en") == "the same content as a.xlsx"


def test_damage_is_grouped_and_doubts_are_masked():
    damage = {"country-code": 9, "separators": 8, "brackets": 7, "extension": 6, "wrong-length": 2}
    lines = [line.text("en") for line in short_damage_lines(column("电话", "phone", damage=damage))]
    assert lines[0] == "2 × digits missing or too many"
    assert lines[1].startswith("only written otherwise: 9 × ")
    assert lines[1].endswith(", 1 more")
    doubtful = column(
        "电话", "email", header_meaning="phone", doubts={"overlong": 1}, variants=(Variant("张*", "李*", 2),)
    )
    assert [line.text("en") for line in doubt_lines(doubtful)] == [
        "the header says phone number", "1 × far longer than the column's values are", "2 × “李*” beside “张*”",
    ]  # fmt: skip


def test_risks_of_a_comparison_are_sentences():
    change = Change("risk", "damage.lost-digits · crm.客户/身份证号", "cells", 3, None, "gone")
    [row] = change_rows([change])
    assert row[2].text("en") == "crm.客户/身份证号: an 18-digit number whose last digits Excel set to 000"
    assert risk_title("column.gaps") == Message("a column with many gaps")
    assert risk_title("code.of-another-version") == "code.of-another-version"
