"""The tree of a YAML file, by PyYAML's C parser: nodes, what single values mean, and places inside a text."""

from __future__ import annotations

import re
import typing
from functools import cache
from typing import Any

import yaml

DEEPEST = 60
"""Levels of nesting that are read: deep nesting ends the interpreter."""

_NUMBER = re.compile(r"[-+]?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?\Z")
_WORDS: dict[str, bool | None] = {"": None, "~": None, "null": None, "Null": None, "NULL": None,
                                  "true": True, "True": True, "TRUE": True,
                                  "false": False, "False": False, "FALSE": False}  # fmt: skip
_LONGEST_NUMBER = 300
"""What is longer is text: Python refuses to read whole numbers of some thousand digits, and a float ends at 1e308."""


class _WrittenInt(int):
    """A whole number that remembers how it was written, e.g. `+86`: where text is meant, that is the text."""

    text: str

    def __str__(self) -> str:
        return self.text


class _WrittenFloat(float):
    """A number that remembers how it was written, e.g. `1.10`: where text is meant, that is the text."""

    text: str

    def __str__(self) -> str:
        return self.text


class TooDeep(Exception):
    """Raised while the tree is composed, at the deepest node there may be."""

    def __init__(self, mark: Any) -> None:
        super().__init__()
        self.mark = mark


def compose(text: str) -> yaml.Node | None:
    """Return the tree of the file. Kinds of scalars are told apart by `scalar`, so that YAML's own rules are left out."""
    return typing.cast("yaml.Node | None", _parser()(text).get_single_node())


@cache
def _parser() -> Any:
    parser: Any = yaml.SafeLoader
    if hasattr(yaml, "CSafeLoader"):
        from yaml import cyaml

        parser = cyaml.CParser  # type: ignore[attr-defined]

    class Untagged(parser):  # type: ignore[misc]
        """The parser without PyYAML's resolver, which would ask ten expressions about each scalar.

        It calls the two methods about paths before and after each node, which tells the depth: libyaml's composing
        calls itself without a limit, and some ten thousand brackets would end the interpreter.
        """

        depth = 0

        def resolve(self, kind: type, value: Any, implicit: Any) -> str:
            del value, implicit
            return kind.__name__

        def descend_resolver(self, parent: Any, index: Any) -> None:
            del index
            self.depth += 1
            if self.depth > DEEPEST + 1:
                raise TooDeep(parent.start_mark)

        def ascend_resolver(self) -> None:
            self.depth -= 1

    return Untagged


def scalar(node: yaml.ScalarNode) -> Any:
    """Return what a scalar means by the rules of YAML 1.2; what is quoted, or a block, is text."""
    text: str = node.value
    if node.style in ("'", '"', "|", ">"):
        return text
    if text in _WORDS:
        return _WORDS[text]
    number = _NUMBER.match(text)
    if not number or len(text) > _LONGEST_NUMBER:
        return text
    return _number(text, whole=not (number.group(2) or number.group(3)))


def _number(text: str, *, whole: bool) -> Any:
    """Return the number `text` means; where Python would write it in another way, it remembers the text."""
    value: int | float = int(text) if whole else float(text)
    if value in (float("inf"), float("-inf")):
        return text
    if str(value) == text:
        return value
    written = _WrittenInt(value) if whole else _WrittenFloat(value)
    written.text = text
    return written


def place_in(text: str, start: tuple[int, int], value: str, offset: int) -> tuple[int, int]:
    """Return line and column in a file of a character of one of its texts.

    What is between two blanks is written as it is read, but for quotes: so the characters are counted off, blanks left out. Where
    that does not lead there (a text with backslashes, an alias) it is the start of the text.

    Args:
        text: the file.
        start: line and column, from 1, of the text as it is written there.
        value: the text as it is read.
        offset: how many characters of it stand before the one that is meant.
    """
    if not offset:
        return start
    lines = text.split("\n")
    at = sum(len(line) + 1 for line in lines[: start[0] - 1]) + start[1] - 1
    quote = text[at : at + 1]
    if quote in ("|", ">"):
        at = text.find("\n", at) + 1
    elif quote in ("'", '"'):
        at += 1
    for number, sign in enumerate(value):
        while not sign.isspace() and text[at : at + 1].isspace():
            at += 1
        if number == offset:
            break
        if sign.isspace():
            continue
        if text[at : at + 1] != sign:
            return start
        at += 2 if sign == quote == "'" else 1
    before = text[:at].rpartition("\n")[0]
    return (before.count("\n") + 2 if "\n" in text[:at] else 1), at - (len(before) + 1 if "\n" in text[:at] else 0) + 1
