"""Legal forms of companies in letters, and in which countries' law each exists."""

from __future__ import annotations

import re

_SPELT = {
    "kabushiki kaisha": "kk", "godo kaisha": "gk", "yugen kaisha": "yk", "gesellschaft mit beschrankter haftung": "gmbh", "gesellschaft mbh": "gmbh", "gesellschaft m b h": "gmbh", "gesellschaft m.b.h": "gmbh", "ges.m.b.h": "gmbh", "aktiengesellschaft": "ag",
    "unternehmergesellschaft": "ug", "kommanditgesellschaft": "kg", "societe anonyme": "sa", "societe a responsabilite limitee": "sarl",
    "societe par actions simplifiee": "sas", "besloten vennootschap": "bv", "sendirian berhad": "sdn bhd", "joint stock company": "jsc",
    "limited liability company": "llc", "sa de cv": "sadecv", "s a de c v": "sadecv", "s de rl de cv": "srldecv", "s. de rl de cv": "srldecv", "sp z oo": "spzoo", "sp. z oo": "spzoo",
    "sociedad anonima": "sa", "sociedad limitada": "sl", "societa per azioni": "spa", "societa a responsabilita limitata": "srl", "aktiebolag": "ab",
    "sanayi ve ticaret": "", "san. ve tic": "", "san ve tic": "",
}  # fmt: skip
"""What is written with one sign as well."""

_WRITTEN_OUT = re.compile(rf"\b(?:{'|'.join(map(re.escape, sorted(_SPELT, key=len, reverse=True)))})\b")

_SAME = {
    "limited": "ltd", "incorporated": "inc", "corporation": "corp", "company": "co", "berhad": "bhd", "oyj": "oy", "holdings": "holding",
    "haftungsbeschrankt": "ug", "pjsc": "jsc", "eg": "eg",
}  # fmt: skip
_COUNTRIES = {
    "gmbh": "at ch de li", "ag": "at ch de li", "kg": "at ch de", "ug": "de", "ohg": "de", "ek": "de",
    "sarl": "ch fr lu ma", "sas": "co fr it", "sasu": "fr", "eurl": "fr", "spa": "cl it", "srl": "ar be it ro", "snc": "be fr it",
    "bv": "be nl", "nv": "be nl", "bvba": "be", "ab": "fi se", "oy": "fi", "asa": "no", "aps": "dk", "sl": "es", "slu": "es",
    "sa": "ar be br ch es fr gr lu ma mx pl pt ro", "lda": "pt", "ltda": "bo br cl co pe pt", "eireli": "br", "sadecv": "mx sv", "srldecv": "mx",
    "kk": "jp", "gk": "jp", "yk": "jp", "pvt": "bd in lk np pk", "private": "bd in lk my np pk sg", "pty": "au za", "pte": "sg", "sdn": "bn my", "bhd": "bn my", "tbk": "id",
    "kft": "hu", "spzoo": "pl", "sro": "cz sk", "doo": "ba hr me rs si", "ooo": "by ru", "oao": "by ru", "zao": "by ru", "pao": "ru",
    "inc": "ca jp kr ph tw us", "corp": "ca jp kr ph tw us", "llc": "ae jp om qa us", "llp": "ca gb in sg us", "plc": "gb ie", "sti": "tr", "fze": "ae", "fzco": "ae",
}  # fmt: skip
"""By form, the codes of the countries that have it (ISO 3166-1); companies of Japan, Korea and Taiwan call themselves Inc. in English.

Co. and Ltd. are any country's: that is how companies of all countries are called in English.
"""

_PRIVATE = frozenset(("pvt", "pte"))
_ANY = frozenset(("co", "ltd", "jsc", "se"))
_WORD = re.compile(r"[a-z]+")

ALIKE, OTHER, ABROAD = range(3)
"""How two legal forms of one name relate: they may be one company's, they are two companies' of a country, or of two countries."""


def written_short(plain: str) -> str:
    """Return a folded name without accents with its legal form as it is written short: Gesellschaft mit beschränkter Haftung is GmbH."""
    return _WRITTEN_OUT.sub(lambda found: _SPELT[found.group()], plain)


def form_of(plain: str) -> str:
    """Return the legal form at the end of a folded name without accents, in the order of the alphabet; empty where it has none."""
    found: set[str] = set()
    for word in reversed(_WORD.findall(plain)):
        form = _SAME.get(word, word)
        if form not in _COUNTRIES and form not in _ANY:
            break
        found.add(form)
    return " ".join(sorted(found))


def related(one: str, other: str) -> int:
    """Return how two legal forms relate: `ALIKE`, `OTHER` or `ABROAD`; whoever leaves out a part of his means the whole."""
    mine, its = set(one.split()), set(other.split())
    mine, its = _private_as(mine, its), _private_as(its, mine)
    if mine <= its or its <= mine:
        return ALIKE
    here, there = _law(mine), _law(its)
    return ABROAD if here and there and here.isdisjoint(there) else OTHER


def _private_as(form: set[str], other: set[str]) -> set[str]:
    """Return a legal form with Private as it is written short in the other: Pvt in India, Pte in Singapore."""
    short = other & _PRIVATE
    return (form - {"private"}) | short if "private" in form and len(short) == 1 else form


def _law(form: set[str]) -> frozenset[str]:
    """Return the countries that have all parts of a form; none where it is any country's."""
    told = [frozenset(_COUNTRIES[part].split()) for part in form if part in _COUNTRIES]
    return frozenset.intersection(*told) if told else frozenset()
