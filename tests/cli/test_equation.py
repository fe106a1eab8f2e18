"""What `crmmigrate reconcile` says where everything agrees: a proof that is silent proves nothing to a person."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from crmmigrate.cli.equation import reconciled_lines
from crmmigrate.cli.root import root
from crmmigrate.errors import ConfigurationError
from crmmigrate.messages import speak


def compared(*places: object) -> tuple[int, str]:
    speak("en")
    done = CliRunner().invoke(root, ["reconcile", *map(str, places), "--key", "编号"], standalone_mode=False)
    return done.return_value, done.stdout


def test_two_tables_that_agree_are_said_to(tmp_path):
    left, right = tmp_path / "a.csv", tmp_path / "b.csv"
    left.write_text("编号,名称\n1,甲\n2,乙\n", encoding="utf-8")
    right.write_text("编号,名称\n1,甲\n2,乙\n", encoding="utf-8")
    assert compared(left, right) == (0, "the two tables agree in all 2 rows (columns beside the key: 1)\n")
    right.write_text("编号,名称\n1,甲\n2,丙\n", encoding="utf-8")
    assert compared(left, right) == (1, "")


def test_without_a_place_the_migration_of_this_folder_is_meant(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigurationError) as caught:
        CliRunner().invoke(root, ["reconcile"], standalone_mode=False, catch_exceptions=False)
    assert (caught.value.code, caught.value.place) == ("file.missing", "migration.yaml")


def test_every_object_of_a_migration_has_its_line():
    figures = {
        "source": 9,
        "out_of_scope": 1,
        "merged": 2,
        "quarantined": 0,
        "rejected": 1,
        "expected": 5,
        "in_target": 5,
        "difference": 0,
    }
    lines = reconciled_lines(
        {"agrees": True, "objects": {"account": figures, "contact": {**figures, "in_target": 4, "difference": 1}}}
    )
    assert [line.partition(":")[0] for line in lines] == ["account", "contact"]
    assert "MISSING" in lines[1]
