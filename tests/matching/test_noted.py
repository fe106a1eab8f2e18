"""Whom a note names."""

from __future__ import annotations

import pytest

from crmmigrate.matching.people.noted import whom_a_note_names


@pytest.mark.parametrize(
    ("note", "name"),
    [
        ("苏勇客户", "苏勇"),
        ("客户李娜", "李娜"),
        ("李国强（老客户）", "李国强"),
        ("苏俊杰同学介绍", "苏俊杰"),
        ("上海段婷婷", "段婷婷"),
        ("龚云飞(郑州)", "龚云飞"),
        ("张伟-上海", "张伟"),
        ("孟婷婷 易腾", "孟婷婷"),
        ("华航化工 采购刘文静", "刘文静"),
        ("王总客户", ""),
        ("张伟介绍", ""),
        ("老客户", ""),
        ("客户", ""),
        ("杭州", ""),
        ("高安", ""),
        ("随缘", ""),
        ("华泰机械有限公司", ""),
    ],
)
def test_a_note_names_somebody(note, name):
    assert whom_a_note_names(note.replace("（", "(").replace("）", ")"), of_a_company=True) == name
