"""Industries as the sections of GB/T 4754-2017: 制造业, 批发和零售业 …; divisions (65 软件和信息技术服务业) go to their section.

With a table of all of it they are as exact as they were said: 651 is 软件开发.

Everyday words (互联网, 贸易, 物流) stand for a section in `data/industries.csv`; a word that isn't there is flagged, never guessed.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from crmmigrate.messages import Message
from crmmigrate.model.standard import Cleaned, Flag, Standard
from crmmigrate.standards._door import line
from crmmigrate.standards._fold import folded
from crmmigrate.standards._industries import LEVELS, FullTable, Tables, full_table, tables
from crmmigrate.standards.empty import ALL_CODES, says_nothing
from crmmigrate.standards.enum import alike, fold_words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crmmigrate.model.standard import Cleaner

CODES = {
    **ALL_CODES,
    "industry.name": Message("an industry written with its name in GB/T 4754"),
    "industry.word": Message("an everyday word read as an industry of GB/T 4754"),
    "industry.ambiguous": Message("several industries of GB/T 4754 are called so"),
    "industry.unknown": Message("GB/T 4754 has no such industry"),
}
NAME, WORD = Flag("industry.name", "info", "MAP"), Flag("industry.word", "info", "MAP")
AMBIGUOUS, UNKNOWN = Flag("industry.ambiguous", "error", "MAP"), Flag("industry.unknown", "error", "MAP")
_CODED = re.compile(r"(?:([A-T])(\d{0,4})|(\d{2,4}))(?:[\s\-—:：.、]+|(?=[\u4e00-\u9fff])|\Z)(.*)\Z", re.ASCII)


def make(
    form: Literal["name", "code"] = "name", values: Mapping[str, str] | None = None, table: str = "",
    level: Literal["any", "section", "division", "group", "class"] = "any",
) -> Cleaner:  # fmt: skip
    """Return the cleaner.

    Args:
        form: whether the industry's name or its code comes out.
        values: more words, each with the section's name or letter it stands for.
        table: a CSV in UTF-8 with all of GB/T 4754, columns `code` and `name` (C, 13, 131, 1310): industries are then as exact as they were
            said; without it only sections come out.
        level: the most exact level that comes out with a table; a word that says less stays what it says.

    Raises:
        ValueError: another form or level, a level without a table, a word for no section, or a table that is none.
    """
    if form not in ("name", "code") or (level != "any" and (level not in LEVELS or not table)):
        raise ValueError(f"form: {form}, level: {level}")
    shipped = tables()
    own = {}
    for word, value in (values or {}).items():
        section = value if value in shipped.names else shipped.section_of.get(value)
        if section is None:
            raise ValueError(value)
        own[folded(word)] = section
    full = full_table(Path(table)) if table else FullTable(shipped.names, {})
    candidates = fold_words({name: name for name in full.names.values()})

    def clean(raw: str) -> Cleaned:
        """Return the industry, or the raw text with flag `industry.unknown` and candidates."""
        text, _ = line(raw)
        codes, how = _exact(text, full, level, shipped) if table else (), NAME
        if not codes and not (table and _CODED.match(text.upper())):
            section, how = _section(text, own, shipped)
            codes = (section,) if section else ()
        if len(codes) > 1:
            named = tuple(f"{code} {full.names[code]}" for code in codes)
            return Cleaned(raw, (AMBIGUOUS,), "suggested", candidates=named)
        if codes:
            code = full.at(codes[0], level)
            value = full.names[code] if form == "name" else code
            parts = full.parts(code)
            if value == raw:
                return Cleaned(value, parts=parts)
            return Cleaned(value, (how,), "likely" if how is WORD else "certain", parts)
        nothing = says_nothing(text)
        if nothing:
            return Cleaned(None, (nothing,))
        return Cleaned(raw, (UNKNOWN,), "suggested", candidates=alike(text, candidates))

    return clean


def _exact(text: str, full: FullTable, level: str, shipped: Tables) -> tuple[str, ...]:
    """Return the codes in the full table of a name, a code, or a code whose name does not contradict it."""
    codes = full.named(text, level)
    coded = None if codes else _CODED.match(text.upper())
    if not coded:
        return codes
    code = coded[2] or coded[3] or coded[1]
    section = shipped.by_code.get(code[:2], "") if code.isdigit() else code
    if code not in full.names or coded[1] not in (None, section):
        return ()
    rest = folded(coded[4])
    agrees = not rest or code in full.by_name.get(rest, ()) or shipped.by_word.get(rest) == section
    return (code,) if agrees else ()


def _section(text: str, own: Mapping[str, str], tables: Tables) -> tuple[str, Flag]:
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


def _coded(found: re.Match[str], tables: Tables) -> str:
    """Return the section of a code such as C, C13, 65 or 6510, where the name behind it does not say another."""
    letter, digits = found[1] or "", found[2] or found[3] or ""
    section = tables.by_code.get(digits[:2], "") if digits else letter
    if (letter and section != letter) or section not in tables.names:
        return ""
    rest = folded(found[4])
    said = tables.by_name.get(rest, tables.by_word.get(rest, section)) if rest else section
    return section if said == section else ""


STANDARD = Standard(
    "industry",
    make,
    Message("industries as sections of GB/T 4754"),
    ("form", "values", "table", "level"),
    CODES,
    paths=("table",),
)
