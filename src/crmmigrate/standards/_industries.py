"""The industries of GB/T 4754: sections and divisions as shipped, groups and classes from a table of the user's."""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NamedTuple

from crmmigrate.standards._fold import folded

LEVELS = {"section": 0, "division": 2, "group": 3, "class": 4}
"""Digits of the code of each level; a section has a letter instead."""
NAMES = ("门类", "大类", "中类", "小类")
_CODE = re.compile(r"([A-T])?(\d{2,4})?\Z", re.ASCII)
_COLUMNS = (("code", "代码"), ("name", "名称"))


class Tables(NamedTuple):
    section_of: dict[str, str]
    names: dict[str, str]
    by_name: dict[str, str]
    by_word: dict[str, str]
    by_code: dict[str, str]
    division_names: dict[str, str]


@cache
def tables() -> Tables:
    """Return names by section, and sections by folded name, by folded everyday word, and by code."""
    with (Path(__file__).parent.parent / "data" / "industries.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    names = {row["section"]: row["name"] for row in rows if not row["division"]}
    by_name = {folded(row["name"]): row["section"] for row in reversed(rows)}
    by_word: dict[str, str] = {}
    for row in rows:
        for word in filter(None, row["other"].split("|")):
            by_word.setdefault(folded(word), row["section"])
    by_code = {
        **{section: section for section in names},
        **{row["division"]: row["section"] for row in rows if row["division"]},
    }
    divisions = {row["division"]: row["name"] for row in rows if row["division"]}
    return Tables({name: section for section, name in names.items()}, names, by_name, by_word, by_code, divisions)


@dataclass(frozen=True)
class FullTable:
    """All four levels.

    Args:
        names: by code, without the section's letter: C, 13, 131, 1310.
        by_name: the codes of each folded name.
    """

    names: dict[str, str]
    by_name: dict[str, tuple[str, ...]]

    def section(self, code: str) -> str:
        """Return the section's letter of a code."""
        return code if not code.isdigit() else tables().by_code[code[:2]]

    def chain(self, code: str) -> list[str]:
        """Return the codes from the section down to `code`."""
        return [self.section(code), *(code[:length] for length in (2, 3, 4) if code.isdigit() and len(code) >= length)]

    def parts(self, code: str) -> dict[str, str]:
        """Return code and name of each level from the section down to `code`, as far as the table names them."""
        found = {}
        for level, each in zip(NAMES, self.chain(code), strict=False):
            found[f"{level}代码"] = each
            if each in self.names:
                found[level] = self.names[each]
        return found

    def named(self, text: str, level: str) -> tuple[str, ...]:
        """Return the codes a name has: one where they lie in each other (其他农业 019, 0190), the one of `level` if that is among them."""
        codes = self.by_name.get(folded(text), ())
        shortest = min(codes, key=_digits, default="")
        if any(shortest not in self.chain(code) for code in codes):
            return codes
        wanted = [code for code in codes if level != "any" and _digits(code) == LEVELS[level]]
        return tuple(wanted[:1] or [shortest]) if codes else ()

    def at(self, code: str, level: str) -> str:
        """Return the code at the level asked for, or `code` where that is less exact."""
        if level == "any" or _digits(code) <= LEVELS[level]:
            return code
        return code[: LEVELS[level]] if LEVELS[level] else self.section(code)


def _digits(code: str) -> int:
    return len(code) if code.isdigit() else 0


def full_table(path: Path) -> FullTable:
    """Read a table with the columns code and name: C, 13 or C13, 131, 1310. What it leaves out of sections and divisions is as shipped.

    Raises:
        ValueError: it can't be read, has no such columns or no rows, a code is none, or two rows have one code.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ValueError(f"{path.name}: {type(error).__name__}") from error
    keys = [next((key for key in spelt if rows and key in rows[0]), "") for spelt in _COLUMNS]
    if not all(keys):
        raise ValueError(f"{path.name}: code, name")
    own: dict[str, str] = {}
    for row in rows:
        code = _code((row[keys[0]] or "").strip().upper())
        name = (row[keys[1]] or "").strip()
        if not code or not name or own.setdefault(code, name) != name:
            raise ValueError(f"{path.name}: {row[keys[0]]}")
    shipped = tables()
    names = {**shipped.names, **shipped.division_names, **own}
    by_name: dict[str, list[str]] = defaultdict(list)
    for code, name in names.items():
        by_name[folded(name)].append(code)
    return FullTable(names, {name: tuple(codes) for name, codes in by_name.items()})


def _code(said: str) -> str:
    """Return the code without the section's letter, or nothing where GB/T 4754 can have no such code."""
    found = _CODE.match(said)
    if not found:
        return ""
    letter, digits = found.groups()
    if not digits:
        return letter or ""
    section = tables().by_code.get(digits[:2])
    return digits if section and letter in (None, section) else ""
