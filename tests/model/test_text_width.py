"""The width of a text in columns."""

from __future__ import annotations

from wcwidth import wcswidth

from crmmigrate.model.text_width import display_width, padded


def test_width_counts_chinese_twice() -> None:
    assert display_width("中文ab") == 6
    assert display_width("a\n中文") == 4
    assert display_width("") == 0


def test_display_width_is_that_of_wcwidth() -> None:
    """Most texts are measured without it; every sign of the Basic Multilingual Plane is, alone and between others, as it says."""
    for sign in map(chr, [*range(0x20, 0x7F), *range(0xA0, 0xD800), *range(0xE000, 0x10000)]):
        for text in (sign, f"中{sign}a"):
            if text.splitlines() == [text]:
                assert display_width(text) == max(wcswidth(text), len(text)), ascii(text)


def test_padding_counts_columns_not_characters() -> None:
    assert padded("客户", 6) == "客户  "
    assert padded("客户", 3) == "客户"
