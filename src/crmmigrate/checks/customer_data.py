"""Tell files that hold customer data before they are committed. What is found is counted, never shown."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from crmmigrate.messages import Message
from crmmigrate.model.check_digits import resident_digit

if TYPE_CHECKING:
    from collections.abc import Callable

DATA_FILES = frozenset({
    ".xlsx", ".xlsm", ".xlsb", ".xls", ".ods", ".et", ".dbf", ".mdb", ".accdb", ".db", ".sqlite", ".sqlite3", ".parquet", ".vcf", ".feather", ".dta",
    ".sav", ".bak", ".dmp",
})  # fmt: skip
"""Kinds of files that hold tables; what is in them cannot be read in a diff either."""

DATA_FILE, PERSONAL = "guard.data-file", "guard.personal-data"
TITLES = {DATA_FILE: Message("a file that holds tables"), PERSONAL: Message("a text with personal data")}

_MOBILE = re.compile(r"(?<![\d.])(?:\+?86[- ]?)?(1[3-9]\d{9})(?![\d.])")
_IDENTITY = re.compile(
    r"(?<![\dA-Za-z])([1-9]\d{5}(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx])(?![\dA-Za-z])"
)
_EMAIL = re.compile(r"[A-Za-z0-9][\w.+-]{0,63}@(?:[A-Za-z0-9-]{1,63}\.)+[A-Za-z]{2,24}")
_RESERVED = re.compile(r"@(?:[\w.-]+\.)?(?:example|test|invalid|localhost)(?:\.(?:com|net|org|cn))?\Z", re.IGNORECASE)
_SHAPE = re.compile(r"[A9汉@._+-]+\Z")
"""What our own reports show in place of a value: its shape, `A` for every letter, `汉` for every character, `9` for every digit."""
_MADE_UP = re.compile(r"1[3-9]\d{0,2}(\d)\1{5,}|1[3-9]\d(?:0{4}\d{4}|1234\d{4}|12345678|87654321)")
"""Numbers that documentation and tests use: 13800138000 is China Mobile's own, ten zeros nobody's."""

_FEW = {"mobile": 3, "email": 3, "identity": 1}
"""From so many different ones on a text is customer data: a note may name the team."""

_KINDS = {
    "mobile": Message("mobile numbers"),
    "email": Message("e-mail addresses"),
    "identity": Message("identity numbers"),
}


_HEAD = 8192
_UTF16 = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
_MANY_ZEROS = 20
"""So many times as many zeros at even places as at odd ones, or the other way, are those of UTF-16."""

_TEXTS = frozenset(
    (".csv", ".tsv", ".tab", ".txt", ".json", ".jsonl", ".yaml", ".yml", ".sql", ".md", ".xml", ".html", ".log", ".dat")
)
"""Texts, whatever bytes are in them."""


class Suspicion(NamedTuple):
    """Why a file should not be committed.

    Args:
        code: `guard.data-file` or `guard.personal-data`.
        message: what was found, in numbers.
        line: of the first, from 1.
    """

    code: str
    message: Message
    line: int = 1


def suspicions(name: str, content: bytes) -> list[Suspicion]:
    """Look at one file.

    Args:
        name: of the file; its ending says what kind it is.
        content: the whole file, or its first megabytes.

    Returns:
        What speaks against committing it; nothing where it may go.

    Source:
        GB 11643 (identity numbers, with their check digit); numbering plan of MIIT (mobile numbers); RFC 2606 (reserved names of
        documentation, which are left alone).
    """
    ending = "." + name.rpartition(".")[2].lower()
    if ending in DATA_FILES:
        kind = Message("files of this kind ({ending}) hold tables, perhaps of customers", ending=ending)
        return [Suspicion(DATA_FILE, kind)]
    if b"\0" in content[:_HEAD] and ending not in _TEXTS and content[:2] not in _UTF16:
        return []  # pictures, programs: no table
    text = _text(content)
    found = {
        "mobile": _places(_MOBILE, text, lambda number: not _MADE_UP.fullmatch(number) and number != "13800138000"),
        "email": _places(_EMAIL, text, lambda address: not _RESERVED.search(address) and not _SHAPE.match(address)),
        "identity": _places(_IDENTITY, text, _is_identity),
    }
    return [
        Suspicion(PERSONAL, Message("{count} different {kind}", count=len(places), kind=_KINDS[kind]), text.count("\n", 0, min(places.values())) + 1)
        for kind, places in found.items() if len(places) >= _FEW[kind]
    ]  # fmt: skip


def _text(content: bytes) -> str:
    if (head := content[:2]) in _UTF16 or b"\0" in content[:_HEAD]:
        # What Excel calls Unicode text has zeros where it is ASCII, at every other byte.
        even, odd = content[:_HEAD:2].count(0), content[1:_HEAD:2].count(0)
        if head in _UTF16 or max(even, odd) > _MANY_ZEROS * max(min(even, odd), 1):
            kind = _UTF16.get(head, "utf-16-be" if even > odd else "utf-16-le")
            return content.decode(kind, errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("gb18030", errors="replace")


def _places(pattern: re.Pattern[str], text: str, counts: Callable[[str], object]) -> dict[str, int]:
    """Return each different match that counts, with the place of its first."""
    found: dict[str, int] = {}
    for match in pattern.finditer(text):
        word = match.group(match.lastindex or 0)
        if word not in found and counts(word):
            found[word] = match.start()
    return found


def _is_identity(number: str) -> bool:
    return resident_digit(number[:17]) == number[17].upper()
