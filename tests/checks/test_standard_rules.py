"""Lint of data standards: each fault alone is found at its place; the shipped standard is sound."""

from __future__ import annotations

from pathlib import Path

import pytest

from crmmigrate.runner.standard_lint import findings

PACK = Path(__file__).parents[2] / "mappings" / "b2b" / "standard.yaml"
SOUND = """\
version: 1
objects:
  account:
    key: 编号
    columns:
      编号: {required: true, unique: true}
      名称: {standard: company_name}
      地址: {standard: address, parts: {省: 省份}}
      省份: {standard: division}
      级别: {values: {A: 甲|一级, B: 乙}, max_length: 5}
    fill:
      - {table: registry, by: [{名称: 企业名称}], columns: {省份: 省}}
"""


@pytest.mark.parametrize(
    ("before", "after", "code", "line", "severity"),
    [
        ("key: 编号", "key: 编码", "standard.key-unknown", 4, "error"),
        ("{省: 省份}", "{省: 省会}", "standard.part-unknown", 8, "warning"),
        (
            "{standard: company_name}",
            "{standard: company_name, parts: {省: 省份}}",
            "standard.part-twice",
            8,
            "warning",
        ),
        ("by: [{名称: 企业名称}]", "by: [{名字: 企业名称}]", "standard.fill-unknown", 12, "error"),
        ("columns: {省份: 省}", "columns: {省分: 省}", "standard.fill-unknown", 12, "error"),
        ("by: [{名称: 企业名称}]", "by: []", "standard.fill-by-nothing", 12, "error"),
        ("max_length: 5", "max_length: 0.5", "yaml.type", 10, "error"),
        ("{A: 甲|一级, B: 乙}", "{A级客户: 甲, B: 乙}, unique: true", "standard.unique-picklist", 10, "warning"),
        ("{A: 甲|一级, B: 乙}", "{A级重点客户: 甲, B: 乙}", "standard.value-too-long", 10, "error"),
        ("B: 乙", "B: 甲", "standard.word-twice", 10, "error"),
        ("standard: division", "standard: divison", "standard.unknown", 9, "error"),
        ("standard: division", "standard: division, levle: city", "standard.unknown-option", 9, "error"),
    ],
)
def test_each_fault_is_found_at_its_line(tmp_path, before, after, code, line, severity):
    path = tmp_path / "standard.yaml"
    assert before in SOUND
    path.write_text(SOUND.replace(before, after), encoding="utf-8")
    found = list(findings(path))
    assert [(finding.code, finding.line, finding.severity) for finding in found] == [(code, line, severity)]


def test_sound_standards_have_no_findings(tmp_path):
    path = tmp_path / "standard.yaml"
    path.write_text(SOUND, encoding="utf-8")
    assert list(findings(path)) == []
    assert list(findings(PACK)) == []


def test_an_empty_standard_says_so(tmp_path):
    path = tmp_path / "standard.yaml"
    path.write_text("version: 1\nobjects:\n  account:\n    columns: {}\n", encoding="utf-8")
    assert [finding.code for finding in findings(path)] == ["standard.no-columns"]
