"""The page of the files people write: every key of every kind of file, from the dataclasses that read them."""

from __future__ import annotations

import json
import types
import typing
from collections import Counter
from collections.abc import Iterator
from dataclasses import MISSING, Field, is_dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin

from page_parts import page, say, table

_CHINESE = Path(__file__).parent / "zh" / "meanings.json"
"""English → Chinese of what the docstrings say of kinds and keys: the program itself shows none of it, so its catalogue does not hold it."""


def files() -> str:
    """Return the page."""
    from crmmigrate.runner.file_kinds import KINDS

    told = say(
        "Every key of every file. A key that is not here is an error, reported with file, line, column, and the nearest known name. "
        "Where a list is meant, one value may stand without brackets. A value of a kind with a *short form* may be written alone in "
        "the place of the whole. `crmmigrate schema -o .schemas` writes the JSON Schemas for editors; a new project has them, and its files name them.",
        "各种文件的每一个键。未列出的键即为错误，会连同文件、行、列以及最接近的正确名称报告。需要列表之处，单个值可以不加方括号；带*简写*的值可以只写该项。"
        "`crmmigrate schema -o .schemas` 输出供编辑器使用的 JSON Schema；新项目自带这些文件，各文件首行已引用。",
    )
    names = Counter(one.__name__ for kind in KINDS.values() for one in _kinds(kind.read_as, []))
    parts = []
    for kind in KINDS.values():
        parts.append(f"## `{kind.pattern}`\n\n{kind.title.text()}\n")
        within = list(_kinds(kind.read_as, []))
        titles = {
            one: one.__name__ if names[one.__name__] == 1 else f"{one.__name__} {kind.read_as.__name__}"
            for one in within
        }
        parts += [_section(one, titles, top=one is kind.read_as) for one in within]
    return page(say("Files", "文件格式"), told, *parts)


def _kinds(kind: type, seen: list[type]) -> Iterator[type]:
    """Yield a dataclass and those that its fields are made of, each once."""
    from crmmigrate.model.json_schema import fields_of

    seen.append(kind)
    yield kind
    hints = typing.get_type_hints(kind)
    for declared in fields_of(kind).values():
        for inner in _dataclasses(hints[declared.name]):
            if inner not in seen:
                yield from _kinds(inner, seen)


def _dataclasses(hint: Any) -> Iterator[type]:
    if is_dataclass(hint):
        yield typing.cast("type", hint)
    for inner in get_args(hint):
        yield from _dataclasses(inner)


def _section(kind: type, titles: dict[type, str], *, top: bool) -> str:
    from crmmigrate.model.json_schema import about, fields_of, meanings, needed

    hints, told = typing.get_type_hints(kind), meanings(kind)
    rows = []
    for key, declared in fields_of(kind).items():
        short = say(" (short form)", "（简写）") if declared.metadata.get("short") else ""
        what = say("required", "必填") if needed(declared) else _default(declared)
        rows.append(
            (f"`{key}`{short}", _type(hints[declared.name], titles), what, _meaning(told.get(declared.name, "")))
        )
    header = (say("key", "键"), say("value", "值"), say("default", "默认值"), say("meaning", "含义"))
    title = "" if top else f"### {titles[kind]}\n\n"
    return f"{title}{_meaning(about(kind))}\n\n{table(header, rows)}"


def _said() -> Iterator[str]:
    """Yield what the docstrings say of every kind and key, in English."""
    from crmmigrate.model.json_schema import about, fields_of, meanings
    from crmmigrate.runner.file_kinds import KINDS

    for kind in KINDS.values():
        for one in _kinds(kind.read_as, []):
            told = meanings(one)
            yield from (
                about(one),
                *(told[declared.name] for declared in fields_of(one).values() if declared.name in told),
            )


@cache
def _chinese() -> dict[str, str]:
    """Return English → Chinese of what the docstrings say.

    Raises:
        SystemExit: something is without Chinese, or is said no more.
    """
    read: dict[str, str] = json.loads(_CHINESE.read_text(encoding="utf-8"))
    if odd := set(_said()) ^ set(read):
        raise SystemExit(f"{_CHINESE}: to add or to take out: {sorted(odd)}")
    return read


def _meaning(english: str) -> str:
    return say(english, _chinese()[english]) if english else ""


def _default(declared: Field[Any]) -> str:
    value = declared.default
    return (
        ""
        if value is MISSING or value in ("", None, ())
        else f"`{str(value).lower() if isinstance(value, bool) else value}`"
    )


def _type(hint: Any, titles: dict[type, str]) -> str:
    origin, inner = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        return say(" or ", " 或 ").join(_type(one, titles) for one in inner if one is not type(None))
    if origin is Literal:
        return ", ".join(f"`{one}`" for one in inner)
    if origin in (list, tuple):
        return say("list of ", "列表：") + _type(inner[0], titles)
    if origin is dict:
        return say("name → ", "名称 → ") + _type(inner[1], titles)
    if is_dataclass(hint):
        title = titles[typing.cast("type", hint)]
        return f"[{title}](#{title.lower().replace(' ', '-')})"
    names = {str: ("text", "文本"), int: ("whole number", "整数"), float: ("number", "数字"), bool: ("true or false", "true 或 false")}  # fmt: skip
    return say(*names[hint]) if hint in names else say("anything", "任意")
