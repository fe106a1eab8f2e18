"""Personal data where it does not belong: what a scan looks for, what it found, and how a report declares what it holds."""

from __future__ import annotations

import hashlib
import hmac
import unicodedata
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, NamedTuple

from crmmigrate.messages import Message

if TYPE_CHECKING:
    from collections.abc import Mapping

Kind = Literal["person", "phone", "email", "identity", "card", "address", "messenger"]

KINDS: dict[Kind, Message] = {
    "person": Message("names of people"),
    "phone": Message("telephone numbers"),
    "email": Message("e-mail addresses"),
    "identity": Message("identity numbers"),
    "card": Message("bank cards"),
    "address": Message("addresses"),
    "messenger": Message("WeChat and QQ numbers"),
}
PERSONAL_STANDARDS: dict[str, Kind] = {
    "person_name": "person", "phone": "phone", "email": "email", "resident_id": "identity", "address": "address",
    "wechat": "messenger", "qq": "messenger",
}  # fmt: skip
"""Standard of a column → what its values are; company names, codes and the like are public (个人信息保护法, article 4)."""

PUBLIC_STANDARDS = ("company_name",)
"""Their values may hold somebody's name; a name inside one of them tells nothing about that person."""

STAGE_SCAN, STAGE_PURGE = "privacy", "purge"
"""The names of the runs in which was looked for personal data, and in which it was destroyed."""

HANDED_OUT = "handed_out"
"""The fact of a run that names the files with personal data that it wrote outside of its folder: name → path. A purge finds them by it."""

DECLARATION = "crmmigrate:personal-data"
"""What a report that holds personal data by design carries: a workbook among its keywords, a page in a meta tag."""

NOTICE = Message("This report holds personal data. Give it only to those who answer for these records, and delete it when they have settled them.")  # fmt: skip


def masked(value: str | None) -> str | None:
    """Return a value for others: its first and last character, of two only the first; what lies between and how long it is may be personal, too."""
    if value is None or len(value) <= 1:
        return value
    return f"{value[0]}…{value[-1] if len(value) > 2 else ''}"


class Hit(NamedTuple):
    """A place in a text that holds personal data: characters `start` to `end`; `known` where the sources hold this very value."""

    start: int
    end: int
    kind: Kind
    known: bool


@dataclass(frozen=True)
class Leak:
    """Personal data where it does not belong.

    Args:
        kind: of data.
        file: in which it stands, as it is named to people; `place` says where in it: `sheet!12`, `line 7`, `table.column!3`.
        shown: the value, masked.
        token: by which somebody with the workspace's key finds the value again (`pii token VALUE`).
        known: whether the migration's own sources hold this very value.
        times: how often it stands in this sheet, column or file.
    """

    kind: Kind
    file: str
    place: str
    shown: str
    token: str
    known: bool
    times: int = 1


@dataclass
class Scanned:
    """What came of a scan.

    Args:
        leaks: in order of their files.
        files: that were looked through, and how many `cells` (or lines) they hold.
        declared: reports that hold personal data by design, and copies of registers; they are not looked through.
        unread: file → why it could not be looked through. The scan proves nothing about them.
        searched: kind → different values of the sources that were searched for.
        unsearched: why → how many of their values were not.
    """

    leaks: list[Leak] = field(default_factory=list)
    files: int = 0
    cells: int = 0
    declared: list[str] = field(default_factory=list)
    unread: dict[str, Message] = field(default_factory=dict)
    searched: Mapping[Kind, int] = field(default_factory=dict)
    unsearched: Mapping[str, int] = field(default_factory=dict)

    @property
    def blind(self) -> bool:
        """Whether no value of the sources was searched for: then only what its form gives away was found, and no name."""
        return not sum(self.searched.values())

    def by_kind(self) -> dict[Kind, int]:
        """Return kind → leaks of it, of those there are."""
        return {kind: count for kind in KINDS if (count := sum(leak.kind == kind for leak in self.leaks))}


UNSEARCHED: dict[str, Message] = {
    "word": Message("they are words of the program or of its reference tables too"),
    "structure": Message("sources, their files and tables, or people who take part in the migration bear them"),
    "short": Message("too short to tell anybody (a surname with a title, a single word of Latin letters)"),
}
"""Why values of the sources are not searched for."""


def token(key: str, value: str) -> str:
    """Return what stands for a personal value where the value itself must not: the same for the same value, under the same key.

    Args:
        key: the secret of the workspace.
        value: as anybody writes it; blanks, full width and, of numbers, separators and the country code 86 make no difference.
    """
    return "pii-" + hmac.digest(key.encode(), f"token:{plain(value)}".encode(), hashlib.sha256).hex()[:16]


def plain(value: str) -> str:
    """Return a value as it is compared: normal width, small letters, no blanks; of a number its digits without 86."""
    text = "".join(unicodedata.normalize("NFKC", value).casefold().split())
    signs = text.translate(_SEPARATORS)
    return national(signs) if signs.isdecimal() and signs.isascii() else text


_SEPARATORS = str.maketrans("", "", "+-()./")


def national(digits: str) -> str:
    """Return the digits of a telephone number without the country code of China."""
    digits = digits.removeprefix("00") if digits.startswith("0086") else digits
    return digits[2:] if digits.startswith("86") and len(digits) in (12, 13) else digits


def shown(kind: Kind, value: str) -> str:
    """Return a value as a report may show it: enough to recognise the kind, not the person."""
    if kind == "email":
        return f"{value[:1]}***@***"
    kept = {"person": 1, "phone": 3, "identity": 2, "card": 4, "address": 2, "messenger": 1}[kind]
    return value[:kept] + "*" * max(min(len(value) - kept, 8), 1)
