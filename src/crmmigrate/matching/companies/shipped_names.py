"""Names of companies as they stand on bills of lading and in fields of so many characters: with the agent who ships for them, cut off, with a nought for an O, and with the city in brackets."""

from __future__ import annotations

import re

from crmmigrate.matching.companies.pinyin_brands import is_city, is_pinyin

_AGENT = re.compile(
    r"\s*[(\[]\s*(?:via|c/o|care of)\s[^)\]]*[)\]]?\Z|(?<=...)[\s,;/-]+(?:c/o|care of)\s.+\Z|(?<=ltd|ted|llc|mbh|inc|bhd)[.\s,;/-]+via\s.+\Z",
    re.DOTALL,
)
_PRINCIPAL = re.compile(
    r".{2,}?[\s,;(/-]+(?:o/b(?:/?o)?|on behalf of|as agents? (?:for|of)|a/o)\s+(?P<whom>.{4,}?)\)?\Z", re.DOTALL
)
"""Harvest Line Freight O/B Blue Sky Toys Ltd: whose agent, and the agent is nobody here."""

_NOUGHT = re.compile(r"(?<=[a-z])0(?=[a-z])|(?<=\bc)0(?=[., ]*(?:ltd|limited|lt?\Z|\Z))")
_CUT = re.compile(
    r"(?<=[a-z])[\s,.]+(?:co(?:mpany)?\.?[\s,.]*(?:l|lt|li|lim|limi|limit|limite)|limi|limit|limite|compa|compan)\Z"
)
_CUT_SHORT = re.compile(r"(?<=[a-z])[\s,.]+com?p?\Z")
_FULL = 33
"""Characters of a name that fills its field."""

_BRACKETED_CITY = re.compile(r"(?P<brand>[a-z][a-z ]*[a-z])\s*\((?P<city>[a-z]{4,12})\)\s*(?P<rest>[a-z].*)", re.DOTALL)


def of_principal(folded: str) -> str:
    """Return a folded name without who ships for the company, before it or behind it."""
    if "o/b" in folded or "behalf" in folded or "agent" in folded or "a/o" in folded:
        found = _PRINCIPAL.fullmatch(folded)
        folded = found["whom"] if found else folded
    return _AGENT.sub("", folded) if "via" in folded or "c/o" in folded or "care of" in folded else folded


def put_right(folded: str) -> str:
    """Return a folded name in letters with its legal form whole and its city at the head, as Chinese companies are registered in English: Fei Xin (Foshan) Textile is Foshan Fei Xin Textile."""
    if folded.isalpha():
        return folded
    if "0" in folded:
        folded = _NOUGHT.sub("o", folded)
    folded = _CUT.sub(" co ltd", folded)
    if len(folded) >= _FULL:
        folded = _CUT_SHORT.sub(" co ltd", folded)
    found = _BRACKETED_CITY.fullmatch(folded) if "(" in folded else None
    if found and is_city(found["city"]) and is_pinyin(found["brand"]):
        return f"{found['city']} {found['brand']} {found['rest']}"
    return folded
