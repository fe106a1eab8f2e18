"""What a company's name in letters says beside brand and trade: its legal form, which of several it is, and whether many are called so."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from crmmigrate.matching.companies.bodies_abroad import called_after
from crmmigrate.matching.companies.legal_forms import form_of

if TYPE_CHECKING:
    from collections.abc import Callable

_DASHED = re.compile(r"(?<=\w\w)[.,)]?(?:\s+[-–—|]\s*|\s*[-–—|]\s+)(?P<tail>[^-–—|]{3,40})\Z")
"""Acme - Dallas; Jean-Pierre Transports is called so."""

_REMARK = re.compile(
    r"\W*(?:(?:do not|don'?t|not|see|use|now|formerly|previously|former|fka|f/k/a|aka|a/k/a|dba|d/b/a|attn|c/o|ms|mrs|mr|dr|merged?|replaced|moved)\b.*"
    r"|(?:(?:the|main|head|old|new|in|active|inactive|test|dup|duplicate|dupe|copy|closed?|vip|obsolete|archived?|deleted?|prospect|customer|client|supplier|vendor|partner|"
    r"distributor|blocked|on|hold|bad|debt|temp|temporary|hq|headquarters?|office|corporate|key|account|legacy|out of business|bankrupt|cancelled|canceled|terminated|cash|only|confidential|cod|"
    r"(?:a/?c|acct?|account)(?: ?(?:no\.?|#)? ?\d{1,2})?|usd|eur|gbp|hkd|rmb|cny|twd|ntd|sgd|myr|thb|jpy|aud)\W*)+)\Z"
)
"""What somebody noted of a customer, or in which currency it pays into which account; the head office is the company itself."""

_STARRED = re.compile(r"\s*\*[^*]{2,20}\*\s*\Z")
_UNIT = "store|shop|unit|lodge|plant|post|chapter|local|location|site|warehouse|building|bldg|block|hall|station|outlet|restaurant|depot|section|district|division"
_COUNTED = re.compile(
    rf"[\s,.(-]+(?:(?:(?P<unit>{_UNIT})s?\s*)?(?:#|(?:no|nr|num|number)\b\.?|№)\s*|(?P<named>{_UNIT})\s+)(?P<which>\d+[a-z]?|[a-z]|[ivx]{{2,5}})\)?\Z"
)
"""Store #12, Lodge No. 4, Unit A, Plant II."""

_DIGITS = re.compile(r"\d+")
_BODIES = frozenset(
    (
        "school", "schools", "academy", "church", "chapel", "cathedral", "parish", "temple", "mosque", "synagogue", "ministry", "ministries", "hospital", "clinic", "club", "lodge",
        "college", "kindergarten", "nursery", "preschool", "library", "museum", "rotary", "kiwanis", "lions", "legion", "ymca", "ywca", "pta", "schule", "grundschule", "realschule", "hauptschule",
        "gymnasium", "kirche", "kirchengemeinde", "krankenhaus", "klinik", "verein", "ecole", "lycee", "eglise", "paroisse", "hopital", "mairie", "escuela", "colegio", "iglesia", "parroquia",
        "scuola", "liceo", "chiesa", "parrocchia", "ospedale", "comune", "escola", "igreja", "township",
    )
)  # fmt: skip
"""What many places have one of, which are called alike as often as not."""


class Abroad(NamedTuple):
    """What a name in letters says beside brand and trade.

    Args:
        form: its legal form, see `form_of`.
        base: what is left of its core without tail and numbers, where it has any.
        tail: what stands behind a dash or in brackets behind it, or which unit it is; a remark is none.
        number: its numbers, and the letter of a unit.
        common: whether it is a body like a school, and no company.
        part: what of a body it is: its library, its press; empty for the body itself.
        within: whether what it is part of is called so without that.
    """

    form: str = ""
    base: str = ""
    tail: str = ""
    number: str = ""
    common: bool = False
    part: str = ""
    within: bool = False


def head_of(plain: str) -> tuple[str, str]:
    """Return what stands before the dash of a folded name, and what stands behind it; nothing where the name goes on there to its legal form."""
    found = _DASHED.search(plain)
    if not found or form_of(found["tail"]):
        return plain, ""
    return plain[: found.start()], found["tail"].strip()


def without_remark(plain: str) -> str:
    """Return a folded name without what somebody noted behind it: - OLD, *VIP*."""
    if "*" in plain:
        plain = _STARRED.sub("", plain)
    found = _DASHED.search(plain)
    return plain[: found.start()] if found and _REMARK.match(found["tail"]) else plain.strip()


def is_remark(behind: str) -> bool:
    """Return whether what stands in brackets behind a name was noted by somebody: [NEW], (USD)."""
    return bool(behind) and _REMARK.match(behind) is not None


def abroad_of(plain: str, behind: str, parts_of: Callable[[str], list[str]]) -> Abroad:
    """Return what a name says beside brand and trade.

    Args:
        plain: it, folded and without accents.
        behind: what stands in brackets behind it, without accents; empty where that is a country.
        parts_of: takes words out of such a name, without its legal form.
    """
    head, tail = head_of(plain)
    form = form_of(head)
    if behind and not tail and not _REMARK.match(behind) and not form_of(behind) and not _stands_for(behind, head):
        tail = behind
    number = ""
    counted = _COUNTED.search(head)
    if counted:
        number = counted["which"].lstrip("0")
        head = head[: counted.start()]
        tail = tail or f"#{number}"
    parts = parts_of(head)
    number = " ".join(
        [*(digits.lstrip("0") for digits in _DIGITS.findall(" ".join(parts))), *([number] if number else [])]
    )
    base = _DIGITS.sub("", "".join(parts)) if tail or number else ""
    common = not form and not _BODIES.isdisjoint(parts)
    return Abroad(form, base, tail if base else "", number, common, *called_after(f"{plain} {behind}"))


def _stands_for(short: str, head: str) -> bool:
    """Return whether what stands in brackets is made of the initials of a name, with or without those of its legal form, or too short to tell of a place."""
    letters = re.sub("[^a-z]", "", short)
    initials = "".join(word[0] for word in re.findall("[a-z]+", head))
    made = " " not in short.strip() and len(letters) <= len(initials) + 2 and letters[:2] == initials[:2]
    return made or len(letters) < len("abc")
