"""A command that is shown must be one that can be copied into a shell."""

import subprocess

import pytest

from crmmigrate.messages import shell_line

WORDS = ["a.yaml", "客户数据 迁移/migration.yaml", "终版(2)/a.yaml", "it's", 'a"b', "$HOME", "a`b", "!x", ""]


@pytest.mark.parametrize("word", WORDS)
def test_a_shell_takes_every_word_as_it_is(word):
    line = shell_line("printf", "%s", word)
    assert subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=True).stdout == word


def test_only_words_that_need_them_have_quotation_marks():
    assert shell_line("crmmigrate", "客户/a.yaml", "--work", "my work") == 'crmmigrate 客户/a.yaml --work "my work"'
