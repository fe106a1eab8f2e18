"""The tree of a YAML file, by PyYAML's C parser: nodes with their places, no values yet."""

from __future__ import annotations

import typing
from functools import cache
from typing import Any

import yaml

DEEPEST = 60
"""Levels of nesting that are read: deep nesting ends the interpreter."""


class TooDeep(Exception):
    """Raised while the tree is composed, at the deepest node there may be."""

    def __init__(self, mark: Any) -> None:
        super().__init__()
        self.mark = mark


def compose(text: str) -> yaml.Node | None:
    """Return the tree of the file. Kinds of scalars are told apart by `Document`, so that YAML's own rules are left out."""
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
