"""Consoles of other encodings than UTF-8, and the width of what is printed."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from tests.command_line import PROCESS, called

from crmmigrate.model.text_width import display_width


def on_console(encoding: str, *words: str, folder: Path) -> tuple[int, str, str]:
    """Run a command as on a console of this encoding; what it writes must be readable in it."""
    environment = os.environ | {"PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"}
    done = subprocess.run([*PROCESS, *words], env=environment, cwd=folder, capture_output=True, check=False)
    return done.returncode, done.stdout.decode(encoding), done.stderr.decode(encoding)


def test_a_gbk_console_gets_chinese_and_no_question_marks(tmp_path: Path) -> None:
    (tmp_path / "客户.csv").write_text("客户名称,手机\n甲乙（北京）有限公司,138 0013 8000\n", encoding="utf-8")
    for words in (["--help"], ["audit", "--help"], ["doctor"]):
        code, out, err = on_console("gbk", *words, "--lang", "zh", folder=tmp_path)
        assert (code, err) == (0, "")
        assert "?" not in out
    command = ["standardise", "客户.csv", "--column", "手机=phone", "--lang", "zh", "-o"]
    code, _, err = on_console("gbk", *command, "clean.csv", folder=tmp_path)
    assert code == 0
    assert "甲乙（北京）有限公司" in (tmp_path / "clean.csv").read_text(encoding="utf-8-sig"), (
        "a file is UTF-8 on every console"
    )


def test_a_sign_that_the_console_lacks_is_written_in_the_nearest_way() -> None:
    code = "print('65 source − 0 → 喆 𠮷')"
    done = subprocess.run(
        [*PROCESS[:2], f"from crmmigrate.cli import _prepare_streams\n_prepare_streams()\n{code}"],
        env=os.environ | {"PYTHONIOENCODING": "gbk"}, capture_output=True, check=True,
    )  # fmt: skip
    assert done.stdout.decode("gbk").rstrip() == "65 source - 0 → 喆 ?"


RUN_COLUMNS = {"en": 61, "zh": 60}
"""Columns before the figures of a run: its name, and the widest state in the language."""


@pytest.mark.parametrize("language", ["en", "zh"])
def test_tables_stand_in_columns(tmp_path: Path, language: str) -> None:
    (tmp_path / "客户.csv").write_text("客户名称\n甲乙有限公司\n", encoding="utf-8")
    for output in ("a.csv", "b.csv"):
        done = called("standardise", tmp_path / "客户.csv", "--column", "客户名称=text", "-o", tmp_path / output,
                      "--work", tmp_path / "work", cwd=tmp_path)  # fmt: skip
        assert done.returncode == 0, done.stderr
    runs = called("runs", "--work", tmp_path / "work", "--lang", language).stdout.splitlines()
    colon = {"en": ": ", "zh": "："}[language]
    counted = [line for line in runs if f"客户{colon}1 = 1" in line]
    assert len(counted) == 2
    assert {display_width(line.partition(f"客户{colon}")[0]) for line in counted} == {RUN_COLUMNS[language]}
