"""Townships and streets (乡镇街道) of each county by name, from `data/townships.csv`: what tells a county that is not named, or not alone so."""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from crmmigrate.standards._divisions import Division

DATA = Path(__file__).parent.parent / "data"
ENDING = re.compile("街道|镇|乡|苏木")
BY_FORM = re.compile("[\u4e00-\u9fff]{2,6}?(?:街道(?:办事处)?|[镇乡](?![东西南北中]?[路街巷道村里]|政府|中心|企业))")
"""What looks like a township where the table has none: it may be new, gone, or written in another way."""
_LONGEST = 12


@cache
def townships() -> dict[str, tuple[str, ...]]:
    """Return the nine-digit codes of the townships of each name."""
    found: dict[str, list[str]] = defaultdict(list)
    with (DATA / "townships.csv").open(encoding="utf-8", newline="") as file:
        for code, name in list(csv.reader(file))[1:]:
            found[name].append(code)
    return {name: tuple(codes) for name, codes in found.items()}


def leading_township(text: str) -> tuple[str, tuple[str, ...]]:
    """Return the longest township a text begins with, and the codes of all that are called so; nothing where it begins with none."""
    known = townships()
    best: tuple[str, tuple[str, ...]] = ("", ())
    for ending in ENDING.finditer(text, 1, _LONGEST):
        name = text[: ending.end()]
        if name in known:
            best = (name, known[name])
    return best


def township_in(text: str, county: str) -> tuple[str, str]:
    """Return the township that a text behind a county begins with and its code; the code is empty where only its form tells it."""
    if not ENDING.search(text, 1, _LONGEST):
        return "", ""
    name, codes = leading_township(text)
    own = [code for code in codes if code.startswith(county)]
    if len(own) == 1:
        return name, own[0]
    formed = BY_FORM.match(text)
    return (formed.group().removesuffix("办事处"), "") if formed else ("", "")


def owners(divisions: Iterable[Division], text: str) -> list[Division]:
    """Return the divisions that have the township a text begins with."""
    _, codes = leading_township(text)
    return [
        division for division in divisions if any(division.code == code[:6] for code in codes)
    ] if codes else []  # fmt: skip


def heir_of(heirs: list[Division], text: str) -> list[Division]:
    """Return the one of several divisions that has the township a text begins with, a town that became a street counted; else all."""
    having = owners(heirs, text)
    formed = None if having else BY_FORM.match(text)
    if formed:
        stem = ENDING.split(formed.group())[0]
        codes = {code[:6] for ending in ("街道", "镇", "乡") for code in townships().get(stem + ending, ())}
        having = [heir for heir in heirs if heir.code in codes]
    return having if len(having) == 1 else heirs


def county_of(text: str, outer: str) -> str:
    """Return the one county with codes that begin with `outer` that has the township a text begins with; empty where none or several do."""
    _, codes = leading_township(text)
    found = {code[:6] for code in codes if code.startswith(outer)}
    return found.pop() if len(found) == 1 else ""
