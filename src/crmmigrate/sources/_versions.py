"""What a file's name says about its version: `客户_最终版2`, `客户 - 副本 (1)`, `客户_20230501`, `客户_v1.2`, `客户备份`."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace

_FINAL = r"最终确认版|最终版|最终|终版|终稿|定稿|final"
_NEWER = r"最新版|最新|新版|修改版|修改|修订版|修订|更新版|更新|已改|(?<=[\s_\-(])[新改]|new|latest"
_OLDER = r"旧版|旧|老版|备份文件|备份|存档|副本|复件|拷贝|backup|bak|copy|old"
_WORD = re.compile(
    rf"(?:^|(?<=[^a-z])|(?<=[一-鿿]))(?:(?P<final>{_FINAL})|(?P<newer>{_NEWER})|(?P<older>{_OLDER}))[\s_-]*(?P<count>\d{{0,3}})[)\]】]?$"
)
_PREFIX = re.compile(
    r"^(?P<older>副本|复件|备份|旧(?!crm|erp|oa|dms|系统|平台|软件|库)|copy of|backup of)[\s_-]*(?:\(\d+\)|\d+)?[\s_-]*(?=.)"
)
_NUMBER = re.compile(
    r"(?:[\s_\-.(]|(?<=[一-鿿])|^)(?:v|ver|version|版本|第)[\s_.]?(?P<number>\d{1,3}(?:\.\d{1,3}){0,2})版?[)\]】]?$"
)
_COUNT = re.compile(r"\((?P<number>\d{1,3})\)$")
_DATE = re.compile(
    r"(?:[\s_\-.(]|(?<=[^\d])|^)(?P<year>(?:19|20)\d\d)(?P<mark>[-._年]?)(?P<month>\d{1,2})[-._月]?(?P<day>\d{1,2})日?"
    r"(?:[\s_\-T]?\d{2}[:.h时-]?\d{2}(?:[:.m分-]?\d{2})?)?[)\]】]?$"
)
_EDGE = " \t_-–—.·+"
_OPEN = _EDGE + "([【"


@dataclass(frozen=True)
class Version:
    """A file's name without what marks its version, and the order of the versions.

    Args:
        stem: what the versions have in common, with its folder; empty where the name is nothing but marks.
        marked: whether the name says that it is a version at all.
        older: says that it is a copy or an old one.
        word: 0 none, 1 newer, 2 final.
        numbers: of the version.
        date: `20230501`, or empty.
    """

    stem: str
    marked: bool
    older: bool = False
    word: int = 0
    numbers: tuple[int, ...] = ()
    date: str = ""


def version_of(stem: str) -> Version:
    """Take the marks off a file's name, from its end and its beginning.

    A year or a month alone (`客户2023`, `销售_202305`) is no mark: such files are parts of the whole, not versions of it.
    """
    rest = unicodedata.normalize("NFKC", stem).casefold().strip(_EDGE).rstrip(_OPEN)
    older, word, date = False, 0, ""
    numbers: list[int] = []
    while rest:
        whole = unicodedata.normalize("NFKC", rest)
        if found := _COUNT.search(whole) or _NUMBER.search(whole):
            numbers[:0] = [int(part) for part in found["number"].split(".")]
        elif (found := _DATE.search(whole)) and _is_date(found):
            date = date or f"{found['year']}{int(found['month']):02}{int(found['day']):02}"
        elif found := _WORD.search(whole):
            older = older or bool(found["older"])
            word = max(word, 2 if found["final"] else 1 if found["newer"] else 0)
            numbers[:0] = [int(found["count"])] if found["count"] else []
        else:
            break
        rest = whole[: found.start()].rstrip(_OPEN)
    if found := _PREFIX.search(rest):
        older, rest = True, rest[found.end() :]
    plain = re.sub(r"[\s_\-–—.]+", "", rest)
    marked = older or bool(word or numbers or date)
    return Version(plain, marked, older, word, tuple(numbers), date)


def version_of_path(inside: str) -> Version:
    """Return the version of a file by its path: folders that are nothing but marks (`备份/`, `2023-05-01/`) count for it.

    Args:
        inside: the path in its source, parts joined by `/`.
    """
    *folders, name = inside.split("/")
    version = version_of(name.rpartition(".")[0] or name)
    marks = [version_of(folder) for folder in folders]
    place = [folder for folder, mark in zip(folders, marks, strict=True) if mark.stem]
    said = [mark for mark in marks if not mark.stem]
    return replace(
        version, stem="/".join([*place, version.stem]) if version.stem else "", marked=version.marked or bool(said),
        older=version.older or any(mark.older for mark in said), date=version.date or next((m.date for m in said if m.date), ""),
    )  # fmt: skip


def _is_date(found: re.Match[str]) -> bool:
    if not found["mark"] and len(found["month"] + found["day"]) != 4:
        return False  # 2023051 is a number
    return 1 <= int(found["month"]) <= 12 and 1 <= int(found["day"]) <= 31


def rank(version: Version, modified: str, *, all_dated: bool) -> tuple[object, ...]:
    """Return what sorts versions of one file from the oldest to the newest.

    Args:
        version: of the name.
        modified: when the file was changed last, ISO; stands in for a date where the name has none.
        all_dated: whether every version has a date in its name; then it decides before words and numbers.
    """
    date = version.date or modified[:10].replace("-", "")
    said = (version.word, version.numbers)
    return (not version.older, date, said, modified) if all_dated else (not version.older, said, date, modified)


def alike(first: frozenset[str], second: frozenset[str]) -> bool:
    """Whether two files have mostly the same columns: at least half of all that either has."""
    return bool(first) and len(first & second) * 2 >= len(first | second)
