"""The help of every command, in both languages: aligned at 80 columns, with examples."""

from __future__ import annotations

import gettext
from collections.abc import Iterator

import click
import pytest

from crmmigrate.cli.help import Context, wrapped, wrapped_command
from crmmigrate.cli.root import root
from crmmigrate.messages import bind_click, speak
from crmmigrate.model.text_width import display_width


@pytest.fixture(params=["en", "zh"])
def language(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("LANGUAGE", "")
    speak(request.param)
    if request.param == "zh":
        bind_click()
    yield request.param
    speak("en")
    gettext.textdomain("messages")


def contexts(context: click.Context) -> Iterator[click.Context]:
    yield context
    if isinstance(context.command, click.Group):
        for name in context.command.list_commands(context):
            command = context.command.get_command(context, name)
            assert command is not None
            yield from contexts(Context(command, info_name=name, parent=context, terminal_width=80))


def test_help_is_aligned_at_80_columns_and_has_examples(language: str) -> None:
    examples, options, usage = {"en": ("Examples:", "Options:", "Usage:"), "zh": ("示例：", "选项：", "用法：")}[
        language
    ]
    seen = 0
    for context in contexts(Context(root, info_name="crmmigrate", terminal_width=80)):
        seen += 1
        lines = context.get_help().splitlines()
        assert [line for line in lines if display_width(line) > 80] == [], context.command_path
        assert lines[0].startswith(usage), context.command_path
        assert examples in lines, context.command_path
        assert "crmmigrate" in lines[lines.index(examples) + 1], context.command_path
        assert len(aligned(lines[lines.index(options) + 1 :])) == 1, context.command_path
    assert seen > 60


def aligned(lines: list[str]) -> set[int]:
    """Return the columns in which the meanings of options begin, those that stand beside their option."""
    rows = lines[: lines.index("")] if "" in lines else lines
    found = set()
    for row in rows:
        term, gap, meaning = row[2:].partition("  ")
        if term.strip() and gap and meaning.strip():
            found.add(display_width(row) - display_width(meaning.lstrip()))
        elif not term.strip():
            found.add(len(row) - len(row.lstrip()))
    return found


def test_chinese_is_broken_between_characters_and_punctuation_begins_no_line() -> None:
    text = "把客户数据迁移到新 CRM：审计、清洗、（去重）、对账。"
    lines = wrapped(text, 12)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert all(display_width(line) <= 12 for line in lines)
    assert [line for line in lines if line[0] in "：、。）"] == []
    assert [line for line in lines if line[-1] == "（"] == []


def test_a_word_longer_than_the_line_stays_whole() -> None:
    assert wrapped("a --very-long-option b", 8) == ["a", "--very-long-option", "b"]


def test_an_option_stays_with_its_value() -> None:
    lines = wrapped_command("crmmigrate map in.csv --mapping a.yaml --gate 'a b' -o out.csv", 30)
    assert lines == ["crmmigrate map in.csv", "--mapping a.yaml --gate 'a b'", "-o out.csv"]
