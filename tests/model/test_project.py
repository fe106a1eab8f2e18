"""A migration.yaml is read strictly; everything wrong is told at once, each with its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from crmmigrate.errors import Findings
from crmmigrate.model.project import read_project
from crmmigrate.model.project_layout import RegionSpec


def _write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "migration.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_short_forms(tmp_path):
    (tmp_path / "standard.yaml").write_text("version: 1\nobjects: {}\n", encoding="utf-8")
    project = read_project(_write(tmp_path, (
        "version: 1\nsources: {crm: in/a.xlsx, erp: {location: b.csv, encoding: gb18030}}\nstandard: standard.yaml\n"
        "objects:\n  account: [crm.客户]\n  contact:\n    - {table: crm.人, relations: {account: 客户编号}}\n"
        'target: {url: "sqlite:///work/crm.db"}\nwindow: {days: [sat], from: "22:00", to: "06:00"}\n'
    )))  # fmt: skip
    assert project.sources["crm"].location == "in/a.xlsx"
    assert project.objects["contact"][0].relations["account"].column == "客户编号"
    assert project.window is not None
    assert project.window.start == "22:00"
    assert project.location("sqlite:///work/crm.db").file == (tmp_path / "work" / "crm.db").resolve()
    assert project.location("in/a.xlsx").path == tmp_path / "in" / "a.xlsx"


@pytest.mark.parametrize(
    ("text", "place", "code"),
    [
        ("version: 1\nsorces: {}\nsources: {}\n", ":2:1", "yaml.unknown-key"),
        ("version: one\nsources: {}\n", ":1:10", "yaml.type"),
        ("version: 2\nsources: {}\n", ":1:10", "yaml.version"),
        ("version: 1\n", ":1:1", "yaml.missing-key"),
        ("version: 1\nsources: {}\nstandard: none.yaml\n", ":3:11", "project.file-missing"),
        ("version: 1\nsources: {a: 'postgresql://u:pw@h/d'}\n", ":2:14", "project.secret"),
        ("version: 1\nsources: {a: {location: 'mysql://u:pw@x@h/d'}}\n", ":2:25", "project.secret"),
        ("version: 1\nsources: {}\ntarget: 'postgresql://u:a/pw@h/d'\n", ":3:9", "project.secret"),
        ("version: 1\nsources: {}\ntrial: {url: 'mysql://h/d?user=u&password=pw@'}\n", ":3:14", "project.secret"),
        ("version: 1\nsources: {}\nrules: rules.yaml\n", ":3:8", "project.file-missing"),
        ("version: 1\nsources: {}\nobjects: {b: [{table: t, relations: {a: k}}]}\n", ":3:38", "project.unknown-object"),
        ("version: 1\nsources: {}\nversion: 1\n", ":3:1", "yaml.duplicate-key"),
        ("version: 1\nsources: {a: {location: b, layout: {s: {heder: 2}}}}\n", ":2:41", "yaml.unknown-key"),
        ("version: 1\nsources: {a: {location: b, layout: {s: {header: [2, 4]}}}}\n", ":2:49", "project.layout"),
        ("version: 1\nsources: {a: {location: b, layout: {s: {columns: 'A-C'}}}}\n", ":2:50", "project.layout"),
        (
            "version: 1\nsources: {a: {location: b, layout: {s: [{header: 1}, {rows: '9:3'}]}}}\n",
            ":2:61",
            "project.layout",
        ),
        ("version: 1\nsources: {a: {location: b, layout: {s: {rows: 5}}}}\n", ":2:47", "project.layout"),
        ("version: 1\nsources: {a: {location: b, layout: {s: {drop: [x]}}}}\n", ":2:47", "project.layout"),
        ("version: 1\nsources: {}\ntarget: {url: 'sqlite:///a.db', batch_rows: 0}\n", ":3:45", "project.too-few"),
        ("version: 1\nsources: {}\ntarget: {url: 'sqlite:///a.db', writers: -1}\n", ":3:42", "project.too-few"),
        ("version: 1\nsources: {}\nwindow: {days: [someday]}\n", ":3:17", "yaml.not-allowed"),
    ],
)
def test_each_mistake_has_its_place(tmp_path, text, place, code):
    path = _write(tmp_path, text)
    with pytest.raises(Findings) as caught:
        read_project(path)
    assert [error.code for error in caught.value.errors] == [code]
    assert caught.value.errors[0].place == f"{path}{place}"
    assert "pw@" not in caught.value.text("en")


def test_all_mistakes_are_told_together(tmp_path):
    with pytest.raises(Findings) as caught:
        read_project(_write(tmp_path, "version: 1\nsources: {}\nscope: a.yaml\ndedupe: [b.yaml]\ntrail: {}\n"))
    assert [error.code for error in caught.value.errors] == [
        "project.file-missing", "project.file-missing", "yaml.unknown-key",
    ]  # fmt: skip


def test_layouts_of_sheets(tmp_path):
    project = read_project(_write(tmp_path, (
        "version: 1\nsources:\n  crm:\n    location: a.xlsx\n    layout:\n"
        '      客户: {header: [3, 4], columns: "A:K", rows: "5:480", drop: [17, "200:210"]}\n'
        '      "*": {header: 2}\n      表: [{header: []}, {rows: "9:"}]\n'
    )))  # fmt: skip
    layout = project.sources["crm"].layout
    assert layout["客户"] == (RegionSpec((3, 4), "A:K", "5:480", ("17", "200:210")),)
    assert layout["*"] == (RegionSpec((2,)),)
    assert layout["表"] == (RegionSpec(()), RegionSpec(None, "", "9:"))


@pytest.mark.parametrize(("text", "ratio"), [("5%", 0.05), ("0.5%", 0.005), ("0.05", 0.05), ("1", 1.0), ("off", "off")])
def test_a_gate_is_a_ratio_or_a_percentage(tmp_path, text, ratio):
    path = _write(tmp_path, f"version: 1\nsources: {{}}\ngates: {{duplicate_rate: {text}}}\n")
    assert read_project(path).gates.duplicate_rate == ratio


@pytest.mark.parametrize("text", ["5", "150%", "few", "-0.1", "true"])
def test_what_is_no_ratio_is_told_with_what_is_expected(tmp_path, text):
    path = _write(tmp_path, f"version: 1\nsources: {{}}\ngates: {{duplicate_rate: {text}}}\n")
    with pytest.raises(Findings) as error:
        read_project(path)
    [found] = error.value.errors
    assert found.code == "yaml.not-allowed"
    assert "such as 0.05 or 5%, or off" in str(found)
