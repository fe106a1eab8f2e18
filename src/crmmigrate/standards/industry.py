"""Industries as the sections of GB/T 4754-2017: 制造业, 批发和零售业 …; divisions (65 软件和信息技术服务业) go to their section.

Everyday words (互联网, 贸易, 物流) stand for a section in `data/industries.csv`; a word that isn't there is flagged, never guessed.
"""

from __future__ import annotations

import csv
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

from crmmigrate.messages import Message
from crmmigrate.model.standard import Cleaned, Flag, Standard
from crmmigrate.standards._door import line
from crmmigrate.standards._fold import folded
from crmmigrate.standards.empty import ALL_CODES, says_nothing
from crmmigrate.standards.enum import alike, fold_words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crmmigrate.model.standard import Cleaner

CODES = {
    **ALL_CODES,
    "industry.name": Message("an industry written with its name in GB/T 4754"),
    "industry.word": Message("an everyday word read as an industry of GB/T 4754"),
    "industry.unknown": Message("GB/T 4754 has no such industry"),
}
NAME, WORD = Flag("industry.name", "info", "MAP"), Flag("industry.word", "info", "MAP")
UNKNOWN = Flag("industry.unknown", "error", "MAP")
_CODED = re.compile(r"(?:([A-T])(\d{0,4})|(\d{2,4}))(?:[\s\-—:：.、]+|(?=[\u4e00-\u9fff])|\Z)(.*)\Z", re.ASCII)


class _Tables(NamedTuple):
    section_of: dict[str, str]
    names: dict[str, str]
    by_name: dict[str, str]
    by_word: dict[str, str]
    by_code: dict[str, str]


@cache
def _tables() -> _Tables:
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
    return _Tables({name: section for section, name in names.items()}, names, by_name, by_word, by_code)


def make(form: Literal["name", "code"] = "name", values: Mapping[str, str] | None = None) -> Cleaner:
    """Return the cleaner.

    Args:
        form: whether the section's name or its letter comes out.
        values: more words, each with the section's name or letter it stands for.

    Raises:
        ValueError: another form, or a word for no section.
    """
    if form not in ("name", "code"):
        raise ValueError(f"form: {form}")
    tables = _tables()
    own = {}
    for word, value in (values or {}).items():
        section = value if value in tables.names else tables.section_of.get(value)
        if section is None:
            raise ValueError(value)
        own[folded(word)] = section
    candidates = fold_words({name: name for name in tables.section_of})

    def clean(raw: str) -> Cleaned:
        """Return the section, or the raw text with flag `industry.unknown` and candidates."""
        text, _ = line(raw)
        section, how = _section(text, own, tables)
        if section:
            value = tables.names[section] if form == "name" else section
            parts = {"门类代码": section, "门类": tables.names[section]}
            if value == raw:
                return Cleaned(value, parts=parts)
            return Cleaned(value, (how,), "likely" if how is WORD else "certain", parts)
        nothing = says_nothing(text)
        if nothing:
            return Cleaned(None, (nothing,))
        return Cleaned(raw, (UNKNOWN,), "suggested", candidates=alike(text, candidates))

    return clean


def _section(text: str, own: Mapping[str, str], tables: _Tables) -> tuple[str, Flag]:
    key = folded(text)
    if key in own:
        return own[key], WORD
    if key in tables.by_name:
        return tables.by_name[key], NAME
    if key in tables.by_word:
        return tables.by_word[key], WORD
    coded = _CODED.match(text.upper())
    if coded:
        return _coded(coded, tables), NAME
    for ending in ("行业", "业", "类"):
        shorter = key.removesuffix(folded(ending))
        if shorter != key and shorter in tables.by_word:
            return tables.by_word[shorter], WORD
    return "", NAME


def _coded(found: re.Match[str], tables: _Tables) -> str:
    """Return the section of a code such as C, C13, 65 or 6510, where the name behind it does not say another."""
    letter, digits = found[1] or "", found[2] or found[3] or ""
    section = tables.by_code.get(digits[:2], "") if digits else letter
    if (letter and section != letter) or section not in tables.names:
        return ""
    rest = folded(found[4])
    said = tables.by_name.get(rest, tables.by_word.get(rest, section)) if rest else section
    return section if said == section else ""


STANDARD = Standard("industry", make, Message("industries as sections of GB/T 4754"), ("form", "values"), CODES)
