"""Company names in letters taken apart: legal forms of the world, what is written short, in another order or without accents."""

from __future__ import annotations

import re
import unicodedata
from itertools import pairwise
from typing import NamedTuple

from crmmigrate.matching.companies.abroad import Abroad, abroad_of, is_remark, without_remark
from crmmigrate.matching.companies.legal_forms import written_short
from crmmigrate.matching.companies.names_in_pinyin import first_two, in_one_way
from crmmigrate.matching.companies.terms import one_of
from crmmigrate.matching.country import country_of
from crmmigrate.matching.texts.folding import bare

_FORMS = re.compile(
    r"[\s,.]*\b(?:co|company|corp|corporation|inc|incorporated|ltd|ltda|limited|llc|llp|plc|gmbh|ag|aktiengesellschaft|ug|sa|se|spa|srl|sarl|sas|sl|snc|bv|nv|"
    r"oy|ab|asa|pte|pty|pvt|private|kg|holdings?|verwaltungs|beteiligungs|haftungsbeschrankt|eireli|fzco|fze|tbk|ooo|oao|zao|pao|sdn|bhd|berhad|kft|jsc|sti|"
    r"eurl|sasu|bvba|oyj|ohg|lda|sadecv|srldecv|spzoo)\b\.?"
    r"|[\s,.]+(?:as|me|ek|est|pt|ao|coop|kk|gk|yk|aps|sro|doo|slu)\.?\Z"
)
_FORM_OF = {
    "kg": "KG", "gmbh": "GmbH", "ag": "GmbH", "aktiengesellschaft": "GmbH", "bv": "BV", "nv": "BV", "srl": "SRL", "spa": "SRL", "sarl": "SARL", "sas": "SARL",
    "oy": "Oy", "ab": "AB", "asa": "ASA", "holding": "Holding", "holdings": "Holding",
    "verwaltungs": "Verwaltung", "beteiligungs": "Holding",
}  # fmt: skip
"""Forms by which a company is another one than that of the same name with another of them: a holding, a limited partnership, one in another country.
What a company of any country is called in English (Co., Ltd., Inc.) is none."""

_MOST_TELLING = ("Verwaltung", "Holding", "KG", "BV", "SRL", "SARL", "Oy", "AB", "ASA", "GmbH")
_INITIALS = re.compile(r"\b(?:[a-z]\.){2,}(?![a-z])|\b(?:[a-z]\.){2,}[a-z]\b|\b(?:[a-z]/)+[a-z]\b")
"""A.G. is AG, L.L.C is LLC, S/A is SA."""

_AND = re.compile(r"\s*&\s*|\s+(?:and|und|et|e|y)\s+")
_BEHIND_FORM = re.compile(r"(\b(?:ltd|limited|inc|llc|bv|gmbh|corp|kg|ag)\.?)(?:\s*/|\s+[-–—|]\s).*\Z")
"""Where or from whom somebody has it: Acme Ltd. /Canton Fair."""

_APOSTROPHES = str.maketrans("", "", "'’`")
_MARKS = re.compile("[\u0300-\u036f]+")
_UMLAUT = re.compile("(?<=[^aeiou])([aou])e(?=[^aeiou\\s])")
"""Jaeger is written for Jäger, and so is Jager where the keyboard has no ä."""

_WORD = re.compile(r"[a-z]+")
_PART = re.compile(r"[^\W_]+")
_LONG = {
    "intl": "international", "natl": "national", "mfg": "manufacturing", "mfrs": "manufacturers", "bros": "brothers",
    "gebr": "gebruder", "hnos": "hermanos", "engg": "engineering", "engrg": "engineering", "inds": "industries", "indl": "industrial", "tech": "technology",
    "techs": "technologies", "svcs": "services", "assoc": "associates", "equip": "equipment", "mach": "machinery", "prods": "products", "grp": "group",
    "imp": "import", "exp": "export", "importacao": "import", "exportacao": "export", "importacion": "import", "exportacion": "export", "dev": "development", "mgmt": "management", "elec": "electric", "chem": "chemical", "pharm": "pharmaceutical",
    "hk": "hongkong", "ctr": "center", "centre": "center", "sci": "science", "trdg": "trading", "cie": "compagnie", "intnl": "international",
    "constr": "construction", "constrn": "construction", "engr": "engineering", "manuf": "manufacturing", "mfr": "manufacturer", "assn": "association", "assns": "associations", "dept": "department", "depts": "departments",
    "svc": "service", "svce": "service", "servs": "services", "univ": "university", "hosp": "hospital", "fdn": "foundation", "mktg": "marketing", "mgt": "management", "mngmt": "management", "distrib": "distribution", "soln": "solution", "solns": "solutions",
    "transp": "transport", "refrig": "refrigeration", "envtl": "environmental", "agric": "agricultural", "invt": "investment", "invts": "investments", "frt": "freight", "fwdg": "forwarding", "pkg": "packaging", "prtg": "printing", "govt": "government", "hdwr": "hardware", "hdwe": "hardware", "trd": "trading",
}  # fmt: skip
"""Words that are written short in company names."""

_LONG_BEHIND = {"eng": "engineering", "ins": "insurance", "inst": "institute", "sys": "systems", "labs": "laboratories", "mech": "mechanical", "comms": "communications", "elect": "electric", "ent": "enterprise", "trade": "trading", "entp": "enterprise", "prec": "precision", "semicon": "semiconductor", "distr": "distribution"}  # fmt: skip
"""Such as are names of their own at the head: Eng Seng Trading."""

_HEAD = 4
"""Words of a name among which the pinyin of a Chinese brand is looked for."""


class Foreign(NamedTuple):
    """A name in letters taken apart, folded.

    Args:
        core: without legal form, punctuation and accents.
        kind: of legal form; 公司 where it may be any, empty where it has none.
        words: of the core, in the order of the alphabet: Foster & Patterson is Patterson & Foster.
        heads: the words at its head, each two of them together, and the first two syllables of longer ones in pinyin.
        behind: what stands in brackets behind it, where that is no legal form; of a country the code.
        country: the code of the country that it names there or elsewhere, but not at its head: subsidiaries are called so.
        abroad: what it says beside brand and trade.
    """

    core: str
    kind: str
    words: str
    heads: tuple[str, ...]
    behind: str
    country: str
    abroad: Abroad


def take_foreign_apart(text: str, behind: str = "") -> Foreign:
    """Take a folded name without Chinese characters apart: accents and how "and" is written do not count.

    Args:
        text: the name.
        behind: what stands in brackets behind it.
    """
    text, behind = in_one_way(text), "" if is_remark(behind) else behind
    named = _country_called(behind)
    note = named or bare(_FORMS.sub("", _without_accents(behind)))
    plain = _AND.sub(" ", text.translate(_APOSTROPHES))
    plain = _INITIALS.sub(lambda found: re.sub("[./]", "", found.group()), plain)
    plain = without_remark(plain)
    dashed = written_short(
        _without_accents(plain)
    )  # what stands behind a legal form and a dash is looked at only there
    plain = _BEHIND_FORM.sub(r"\1", plain.removeprefix("the ") if plain.count(" ") > 1 else plain)
    country = named or _country(_PART.findall(_FORMS.sub(" ", plain)))  # Israel is none any more without its accents
    written = _WORD.findall(written_short(_letters(plain).replace("hong kong", "hongkong")))[:_HEAD]
    plain = written_short(_without_accents(plain).replace("hong kong", "hongkong"))
    whole = bare(plain)
    parts = _parts(plain) or [whole]
    core = "".join(parts)
    two = (part for word in written for part in first_two(word))
    heads = tuple(dict.fromkeys([*written, *(one + other for one, other in pairwise(written)), *two]))
    return Foreign(
        core,
        _kind(plain) if _FORMS.search(plain) and core != whole else "",
        " ".join(sorted(parts)),
        heads,
        note,
        country,
        abroad_of(dashed, "" if named else _without_accents(behind), _parts),
    )


def _parts(plain: str) -> list[str]:
    """Return the words of a name without its legal form, those that are written short in full."""
    return _in_full(_PART.findall(_FORMS.sub(" ", plain)))


def _in_full(words: list[str]) -> list[str]:
    """Return the words of a name without those that are written short, and of what many trade in one thing: Textile is Textiles."""
    long = [_LONG.get(word, word) for word in words]
    return [*long[:1], *(one_of(_LONG_BEHIND.get(word, word)) for word in long[1:])]


def _without_accents(text: str) -> str:
    return _UMLAUT.sub(r"\1", _letters(text))


def _letters(text: str) -> str:
    """Return a text without accents, Jaeger as it is written: so is Yuehai, in pinyin."""
    return text if text.isascii() else _MARKS.sub("", unicodedata.normalize("NFD", text))


def _country(words: list[str]) -> str:
    """Return the code of the country that one word behind the first names, or two together."""
    behind = words[1:]
    named = (*(" ".join(two) for two in pairwise(behind)), *(word for word in behind if len(word) > 1))
    return next(filter(None, map(_country_called, named)), "")


def _country_called(word: str) -> str:
    # Codes are countries in a list of countries; in a name two letters may be anything, but for these.
    return country_of(word) if len(word) > len("xx") or word in ("uk", "us", "hk") else ""


def _kind(plain: str) -> str:
    """Return the kind of the legal form of a name: 公司 where it may be any."""
    kinds = [kind for kind in map(_FORM_OF.get, _WORD.findall(plain)) if kind]
    return min(kinds, key=_MOST_TELLING.index) if kinds else "公司"
