"""Guess what a column holds from its header and some of its values.

The evidence of header and values is added up as log-odds per meaning, as naive Bayes does; the surest meaning wins, and its share of
all is the confidence. Patterns are written for Python and for DuckDB's RE2 alike, so that the same one judges a sample here and all
values there.
"""

from __future__ import annotations

import math
import re
import unicodedata
from functools import cache, lru_cache
from itertools import filterfalse
from typing import TYPE_CHECKING

from crmmigrate.checks import profile_words as words
from crmmigrate.checks.profile_evidence import PATTERNS, MeaningPattern
from crmmigrate.checks.profile_headers import meanings_of_header

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["PATTERNS", "MeaningPattern", "guess_meaning", "header_misfit", "hidden"]

_HEADER, _SHARPNESS, _LEFT_ALONE = 5.0, 0.55, 0.25
"""What a header that names the meaning outright adds; how fast confidence grows with the lead; below this share content denies."""

_PICKLIST_MOST, _PICKLIST_SHARE, _PICKLIST_LENGTH = 60, 0.5, 24


def guess_meaning(header: str, values: Sequence[str], filled: int, distinct: int) -> tuple[str, float]:
    """Guess the meaning of a column.

    Args:
        header: its name; of a header of several rows (`客户信息/客户名称`) the last part counts.
        values: a sample of its distinct values.
        filled: how many cells hold a value.
        distinct: how many different values there are.

    Returns:
        A key of `model.profile.MEANINGS` and a confidence from 0 to 1.
    """
    if not filled:
        return "empty", 1.0
    said = meanings_of_header(header)
    scores = _content_scores(tuple(values), filled, distinct)
    for meaning, strength in said.items():
        scores[meaning] += _HEADER * strength
    best = max(scores, key=lambda meaning: (scores[meaning], meaning))
    weights = sum(math.exp(_SHARPNESS * (score - scores[best])) for score in scores.values())
    sure = 1 / weights
    if said and scores[best] < _HEADER:  # named, but the values deny it
        sure *= 0.7
    return best, round(sure, 2)


def header_misfit(header: str, meaning: str) -> str:
    """Return the meaning that a header names outright where the values mean another of a form of its own; else empty.

    Near meanings (mobile and phone, picklist and yes/no, …) fit each other.
    """
    said = meanings_of_header(header)
    named = max(said, key=lambda name: said[name], default="")
    if not named or said[named] < 0.9 or meaning in said or meaning in ("empty", "text", "picklist"):
        return ""
    kin = next((group for group in _KIN if named in group), frozenset({named}))
    return "" if meaning in kin else named


_KIN = (
    frozenset({"mobile", "phone", "messenger"}),
    frozenset({"picklist", "yes_no", "industry", "department", "job_title", "sex", "region", "text", "company"}),
    frozenset({"address", "region"}),
    frozenset({"date", "time", "year"}),
    frozenset({"amount", "quantity", "percent"}),
    frozenset({"id", "credit_code", "bank_account", "postcode", "plate", "vin"}),
)


def _content_scores(values: tuple[str, ...], filled: int, distinct: int) -> dict[str, float]:
    """Return what the values alone say: log-odds per meaning."""
    folded = [
        text for value in values if (text := unicodedata.normalize("NFKC", value).strip()) and not _says_nothing(text)
    ]
    if not folded:
        return {**dict.fromkeys(PATTERNS, -3.0), "picklist": 0.0, "text": 0.5}
    scores = {meaning: _score(meaning, pattern, folded) for meaning, pattern in PATTERNS.items()}
    if distinct >= 0.98 * filled and distinct > 3:
        scores["id"] += 0.7
        scores["sex"] -= 3.0
        scores["yes_no"] -= 3.0
    if _luhn_share(folded) > 0.8:
        scores["bank_account"] += 3.0
    if all(text.isascii() and text.isdigit() for text in folded):
        _weigh_numbers(scores, folded)
    scores["picklist"] = _picklist_score(folded, filled, distinct)
    scores["text"] = _text_score(folded)
    return scores


def _weigh_numbers(scores: dict[str, float], folded: Sequence[str]) -> None:
    """Tell bare whole numbers apart: counted up or of one width they are keys, else quantities; postcodes begin with a province."""
    numbers = sorted(map(int, folded))
    provinces = {text[:2] for text in folded}
    if scores["postcode"] > 2.5 and len(provinces) > 3:
        scores["postcode"] += min(3.5, 0.5 * len(folded))
    elif len(set(map(len, folded))) == 1 and len(folded) > 3 and len(folded[0]) > 3:
        scores["id"] += 1.0
        scores["quantity"] -= 1.5
    if numbers[-1] - numbers[0] < 1.05 * len(numbers) and len(numbers) > 4:
        scores["id"] += 3.0
    elif numbers[-1] < 1000:
        scores["quantity"] += 1.0


def _says_nothing(text: str) -> bool:
    return text.lower() in ("无", "-", "/", "n/a", "暂无", "none", "null", "未知", "没有", "?", "--")


def _score(meaning: str, pattern: MeaningPattern, folded: Sequence[str]) -> float:
    refuse, also = _REFUSALS.get(meaning), _ALSO.get(meaning)
    judged = list(filterfalse(refuse, folded)) if refuse else folded
    others = list(filterfalse(_compiled(pattern.telling).fullmatch, judged)) if pattern.telling else judged
    told = len(judged) - len(others)
    fit = told + len(list(filter(_compiled(pattern.content).fullmatch, others)))
    if also:
        told = len(list(filter(also, folded)))
        fit = max(fit, told)
    return pattern.gain * told / len(folded) - pattern.loss * (1 - fit / len(folded))


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    # DuckDB reads (?i) anywhere, Python only in front.
    flags = re.IGNORECASE if "(?i)" in pattern else 0
    return re.compile(pattern.replace("(?i)", ""), flags | re.DOTALL)


@lru_cache(maxsize=512)  # a sample of values, each of which several meanings ask about
def _is_region(text: str) -> bool:
    known = words.regions()
    if text in known:
        return True
    parts = _REGION_PARTS.findall(text)
    return (1 < len(parts) <= 3 and all(part.strip(" -/") in known for part in parts)) or bool(
        (split := _BETWEEN_REGIONS.split(text)) and len(split) > 1 and all(part in known for part in split)
    )


_REGION_PARTS = re.compile(r".+?(?:省|自治区|特别行政区|市|区|县|州|盟|旗)|.+$")
_BETWEEN_REGIONS = re.compile(r"[ \-/>,]+")


def _is_person(text: str) -> bool:
    if text in words.EVERYDAY or text in words.large_regions():
        return False
    if _ENGLISH_NAME.fullmatch(text):
        return not _compiled(_ENGLISH_TITLED).fullmatch(text)
    name = _ADDRESSED.sub("", _BLANKS.sub("", text)) or text
    single, double = words.surnames_by_length()
    if not _HAN_NAME.fullmatch(name):
        return False
    if len(name) == 1:
        return name in single and name != text
    if _compiled(_NO_NAME).fullmatch(name):
        return False
    return (
        (name[0] in single and len(name) <= 3)
        or name[:2] in double
        or (name[0] in single and name[1:2] in single and len(name) == 4)
    )


_ENGLISH_NAME = re.compile(r"[A-Z][a-z'’]+(?: [A-Z]\.)?(?: [A-Z][a-z'’]+){1,2}")
_ENGLISH_TITLED = f"(?i).*\\b(?:{words.ENGLISH_TITLES}|street|road|service)\\b.*"
_ADDRESSED = re.compile(r"[（(].*[)）]$|(?:先生|女士|小姐|老师|经理|总|工)$")
_BLANKS = re.compile(r"\s")
_HAN_NAME = re.compile(r"[㐀-鿿𠀀-𯿿]{1,4}(?:·[㐀-鿿]{1,8})?")
_NO_NAME = f".*(?:{words.TITLES}|公司|部|省|市|县|科|处|室|业|路|类|级|期|型|款|品|店|厂|费|率|号|性|式|员|群|站|网|会)"


def _is_sex(text: str) -> bool:
    return text.lower() in words.SEXES


def _is_yes_no(text: str) -> bool:
    return text.lower() in words.YES_NO


_ALSO: dict[str, Callable[[str], bool]] = {
    "region": _is_region,
    "person": _is_person,
    "sex": _is_sex,
    "yes_no": _is_yes_no,
}
"""Meanings whose telling values are known by words, not by a pattern."""


def _is_other_number(text: str) -> bool:
    return any(_compiled(PATTERNS[name].telling).fullmatch(text) for name in ("date", "mobile", "phone"))


_REFUSALS: dict[str, Callable[[str], bool]] = {
    "company": _is_region,
    "industry": _is_region,
    "department": _is_region,
    "address": _is_region,
    "id": _is_other_number,
}


def _luhn_share(folded: Sequence[str]) -> float:
    plain = (text.replace(" ", "").replace("-", "") for text in folded)
    digits = [text for text in plain if text.isdecimal() and 15 <= len(text) <= 19]
    if len(digits) < 0.8 * len(folded):
        return 0.0
    good = 0
    for number in digits:
        total = sum(int(d) if i % 2 == 0 else sum(divmod(2 * int(d), 10)) for i, d in enumerate(reversed(number)))
        good += total % 10 == 0
    return good / len(digits)


def _picklist_score(folded: Sequence[str], filled: int, distinct: int) -> float:
    """Few short values come again and again."""
    longest = max(map(len, folded))
    if longest > _PICKLIST_LENGTH or distinct > 3 * _PICKLIST_MOST:
        return -2.0
    few = distinct <= _PICKLIST_MOST and distinct <= filled * _PICKLIST_SHARE
    if few:
        return 3.2 if longest <= 12 else 2.2
    return 1.0 if distinct <= _PICKLIST_MOST and distinct <= 0.8 * filled and longest <= 12 else 0.0


def _text_score(folded: Sequence[str]) -> float:
    """Sentences: long, of many lengths, with marks between and words of talk."""
    sentences = sum(1 for text in folded if _BETWEEN_CLAUSES.search(text) or len(text) > 30 or len(text.split()) > 4)
    talk = len(list(filter(_TALK.search, folded)))
    share = len(folded)
    return 0.8 + 3.2 * sentences / share + 2.4 * talk / share


_BETWEEN_CLAUSES = re.compile(r"[，。；！？、]|[,;!?] |\. |\n")
_TALK = re.compile(r"[的了在已待需不要请再未可并与等]|\b(?:the|to|for|and|is|of)\b")


def hidden(value: str) -> str:
    """Return `value` with all but its first and last character hidden; of two characters or one, only the first shows."""
    if len(value) <= 2:
        return value[:1] + "*" * (len(value) - 1)
    return value[0] + "*" * min(len(value) - 2, 12) + value[-1]
