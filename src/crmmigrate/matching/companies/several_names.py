"""Several names of one company in a cell: the one it had before, the one under which it trades, and the same in another script."""

from __future__ import annotations

import re

from crmmigrate.matching.companies.marks import STATE, TERMS
from crmmigrate.matching.companies.readings import trades
from crmmigrate.matching.places.place import take_place
from crmmigrate.matching.texts.folding import bare, is_chinese
from crmmigrate.model.person_titles import HONORIFICS, OWNERS

_BODY = "(?:(?<!分)公司|集团|[厂店社行院所局校馆会]|中心)"
"""How the name of a company or a body ends."""

_OPEN, _CLOSE = r"[(\[【〔]", r"[)\]】〕]"
_CALLED = "曾用名|前身|旧[名称]|(?:更名|变更|改名)前"
_BEFORE = f"原(?:名称?)?|{_CALLED}"
_BECAME = "变更(?:而来)?|更名(?:而来)?|改名|改制(?:而来)?"
_WHEN = r"(?:[\d年月日./-]*\s*)"
_NAME = rf"[\u3400-\u9fff][^\s]{{2,}}{_BODY}"
_FORMER_BRACKETED = re.compile(
    rf"(?P<now>.{{4,}}?)\s*{_OPEN}{_WHEN}(?:(?:{_BEFORE})[:为是]?\s*(?P<told>{_NAME})|由?(?P<became>{_NAME})(?:{_BECAME})){_CLOSE}\Z"
)
"""…有限公司(由…有限公司变更), …有限公司(…有限公司更名), …有限公司(更名前:…有限公司)."""

_FORMER_BEHIND = re.compile(
    rf"(?P<now>.{{3,}}{_BODY})[\s,;/-]+(?:原名称?|原(?!材料|料|创|油|木|味)|{_CALLED})[:为是]?\s*(?P<told>{_NAME})\Z"
)
"""…有限公司 原…有限公司; a blank before 原材料 is one within a name."""

_NOW = re.compile(
    rf"(?P<old>.{{4,}}?)\s*{_OPEN}{_WHEN}(?:现(?:名|称|为)?|(?:现已?|已)?(?:更名|变更|改名)[为成])[:为是]?\s*(?P<now>{_NAME}){_CLOSE}\Z"
)
"""…有限公司(已更名为…有限公司)."""

_IN_LETTERS = re.compile(
    r"[\s,;(\[-]+(?P<how>(?<=[,;(\[])now|(?<=[,;(\[] )now|now known as|n/k/a|formerly(?: known as| called)?|previously(?: known as| called)?|f/k/a|f\.k\.a\.|fka|vormals|ehemals|anciennement|"
    r"a/k/a|a\.k\.a\.|aka|also known as|d/b/a|d\.b\.a\.?|dba|t/a|trading as|doing business as):?\s+"
)
_IS_TODAY = re.compile(r"now|n/k/a|d|t")
"""What stands behind these words is how it is called today."""

_LEAST = 3
_CHINESE_BEHIND = re.compile(
    rf"(?P<english>[a-z][^\u3400-\u9fff]*[a-z.)])\s*(?P<between>[/|,(\[-]?)\s*(?P<chinese>[\u3400-\u9fff][\u3400-\u9fff()]*{_BODY})[)\]]?\Z"
)
"""ZTE 中兴通讯股份有限公司, Wing Lung Trading Ltd/永隆贸易有限公司."""

_TRADER = re.compile("[\u3400-\u9fff]{4}(?:企业社|行)\\Z")
"""The forms of firms in Taiwan that are no company."""

_BRACKETED = re.compile(r"\([^()]*\)?")
_FORM = re.compile(rf"(?:股份)?(?:有限)?(?:责任)?{_BODY}\Z")

_ENGLISH_BEHIND = re.compile(
    r"(?P<chinese>[^a-z]*[\u3400-\u9fff)])\s*[\s/|(\[,-]\s*(?P<english>[a-z][^\u3400-\u9fff:;]{5,})\Z"
)
"""利金工程(广州)有限公司 Guangzhou Lijin Engineering Co., Ltd."""


_WHOSE_SHOP = re.compile(
    rf"(?P<whose>[\u3400-\u9fff](?:{'|'.join((*OWNERS, *HONORIFICS))}|[总哥姐])|[老小][\u3400-\u9fff]){_OPEN}(?P<shop>(?!(?:{STATE}|{TERMS}|工地|老家|本人|微信|手机|电话){_CLOSE})[\u3400-\u9fff]{{2,4}}){_CLOSE}"
)
"""付老板(诚悦), 老付(诚悦): whose shop it is, and what that is called for short."""


def names_in(folded: str) -> tuple[str, ...]:
    """Return the names that a folded cell holds, the one to go by first; nothing where it holds one."""
    if folded[:1] > "z" and folded.isalnum():
        return ()
    if not is_chinese(folded):
        return _renamed_in_letters(folded)
    if found := _WHOSE_SHOP.fullmatch(folded):
        return found["shop"], found["whose"]
    return _two_tongues(folded) or _renamed(folded) or _renamed_in_letters(folded)


def _renamed(folded: str) -> tuple[str, ...]:
    """Return the current and the former name of a cell in Chinese that tells both."""
    if "名" not in folded and "原" not in folded and "变更" not in folded and "现" not in folded:
        return ()
    if found := _NOW.match(folded):
        return found["now"], found["old"]
    if found := _FORMER_BRACKETED.match(folded):
        return found["now"], found["told"] or found["became"]
    found = _FORMER_BEHIND.match(folded)
    return (found["now"], found["told"]) if found else ()


def _renamed_in_letters(folded: str) -> tuple[str, ...]:
    """Return both names of a cell that says "formerly", "trading as" or the like."""
    found = _IN_LETTERS.search(folded, _LEAST)
    if not found:
        return ()
    one, other = folded[: found.start()], folded[found.end() :]
    if "(" in found.group() or "[" in found.group():
        other = other.rstrip(")] ")
    if len(other) < _LEAST:
        return ()
    return (other, one) if _IS_TODAY.match(found["how"]) else (one, other)


def _two_tongues(folded: str) -> tuple[str, ...]:
    """Return the Chinese and the English name of a cell that has both."""
    if not folded[:1] > "z" and (both := _CHINESE_BEHIND.match(folded)):
        # Without something between them, letters before a company's name are an acronym: ZTE 中兴通讯; two are hardly one (JS环球生活).
        sure = both["chinese"].endswith("公司") or (_TRADER.search(both["chinese"]) and " " in both["english"].strip())
        whole = both["between"] or (sure and len(both["english"]) >= _LEAST)
        if whole and _has_brand(both["chinese"]):
            return both["chinese"], both["english"]
    elif folded[-1:].isascii() and (both := _ENGLISH_BEHIND.match(folded)) and " " in both["english"].strip():
        return both["chinese"], both["english"].rstrip(")] ")
    return ()


def _has_brand(chinese: str) -> bool:
    """Return whether a name in Chinese is one without the letters before it: those of ABB(中国)有限公司 and TCL电子科技(上海)有限公司 are its brand."""
    stem = bare(_FORM.sub("", _BRACKETED.sub("", chinese))).removeprefix("中国")
    rest = take_place(stem)[1]
    return len(rest) > 1 and not any(rest[:size] in trades() for size in (2, 3, 4))
