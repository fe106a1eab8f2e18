"""What the system and the YAML parser say is told in the reader's language, with its place."""

from __future__ import annotations

import errno
import os
from typing import Any

import pytest

from crmmigrate.errors import ConfigurationError
from crmmigrate.messages import Message
from crmmigrate.model.document import Document
from crmmigrate.model.system_words import os_reason


@pytest.mark.parametrize(
    ("text", "place"),
    [("a: b: c", "x.yaml:1:5"), ("a: [1, 2", "x.yaml:2:1"), ("a: {b: 1", "x.yaml:2:1"), ("a:\n\t- b", "x.yaml:2:1"), ("a: 'x", "x.yaml:2:1"),
     ("- a\nb: c", "x.yaml:2:1"), ("a: *x", "x.yaml:1:4"), ('a: "\\d"', "x.yaml:1:5"), ("a: @b", "x.yaml:1:4"), ("? : :", "x.yaml:1:3")],
)  # fmt: skip
def test_the_parsers_words_are_chinese_in_chinese(text: str, place: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        Document.parse(text + "\n", "x.yaml")
    why = caught.value.message.params["why"]
    assert isinstance(why, Message)
    assert why.text("zh") != why.text("en"), "it is in the catalogue"
    assert caught.value.place == place


def test_the_systems_words_are_chinese_in_chinese_and_its_own_in_english() -> None:
    full = os_reason(OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)))
    assert isinstance(full, Message)
    assert (full.text("en"), full.text("zh")) == (os.strerror(errno.ENOSPC), "磁盘空间不足")
    held: Any = PermissionError(errno.EACCES, "as Windows says it")
    assert str(os_reason(held)) == str(Message("Permission denied"))
    held.winerror = 32
    assert os_reason(held) == Message("used by another program")
    assert os_reason(OSError(98765, "made up")) == "made up"
    assert os_reason(OSError()) == "OSError"
