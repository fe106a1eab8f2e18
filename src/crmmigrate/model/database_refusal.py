"""What to do when a database refuses: it is missing, the user is not known, has no right, or nobody answers."""

from __future__ import annotations

import re
from typing import Literal

from crmmigrate.messages import Message

Refusal = Literal["missing", "user", "rights", "silent", "folder", "file", "room"]

_ADVICE: dict[Refusal, Message] = {
    "missing": Message("the server has no database of this name: check the name, or create the database first"),
    "user": Message("check the user and the password; a server may also know a user only from certain addresses"),
    "rights": Message("the server knows the user, but gives it no right to this: ask the administrator for it"),
    "silent": Message("check host and port, and whether the server runs"),
    "folder": Message("the file cannot be opened: check the path, that its folder exists, and that you may read and write both"),
    "file": Message("you may not write to the file: check your rights to it and to its folder, and that no other program holds it"),
    "room": Message("make room on the disk, then run it again"),
}  # fmt: skip
_REASONS: dict[Refusal, Message] = {
    "missing": Message("there is no database of this name"), "user": Message("the user or the password is not accepted"),
    "rights": Message("the user has no right to this"), "silent": Message("nobody answers"), "folder": Message("the file cannot be opened"),
    "file": Message("the file cannot be written"), "room": Message("there is no room left"),
}  # fmt: skip
_STATES: dict[str, Refusal] = {
    "3D": "missing", "28": "user", "42501": "rights", "08": "silent", "53100": "room",
}  # fmt: skip
"""Beginnings of SQLSTATE (PostgreSQL, appendix A)."""
_NUMBERS: dict[int, Refusal] = {
    1049: "missing", 1045: "user", 1130: "user", 1698: "user", 1044: "rights", 1142: "rights", 1143: "rights", 1227: "rights", 1370: "rights",
    2002: "silent", 2003: "silent", 2005: "silent", 1021: "room", 1114: "room",
}  # fmt: skip
"""Numbers of MariaDB's and MySQL's server and client errors."""
_SQLITE: dict[int, Refusal] = {3: "file", 8: "file", 13: "room", 14: "folder"}
"""Primary result codes of SQLite: PERM, READONLY, FULL, CANTOPEN."""
_TOLD: tuple[tuple[str, Refusal], ...] = (
    (r'database "[^"]*" does not exist', "missing"),
    (r'role "[^"]*" does not exist|authentication failed|no pg_hba\.conf entry|no password supplied', "user"),
    (r"permission denied", "rights"),
    (r"Connection refused|could not translate host name|failed to resolve|timeout expired|No route to host|Network is unreachable", "silent"),
)  # fmt: skip
"""What PostgreSQL says where a connection fails, for which its client has no SQLSTATE; a server that speaks another language is not understood."""


def refusal(error: BaseException) -> Refusal | None:
    """Return why a database refused; None where it does not say so, or for another reason.

    Args:
        error: of a driver, or of SQLAlchemy around it.
    """
    cause = getattr(error, "orig", None) or error
    code = getattr(cause, "sqlite_errorcode", None)
    if isinstance(code, int):
        return _SQLITE.get(code & 0xFF)
    first = cause.args[0] if cause.args else None
    if isinstance(first, int):
        return _NUMBERS.get(first)
    state = str(getattr(cause, "sqlstate", None) or "")
    if state:
        return next((kind for start, kind in _STATES.items() if state.startswith(start)), None)
    return next((kind for words, kind in _TOLD if re.search(words, str(cause))), None)


def advice(error: BaseException) -> Message | None:
    """Return what to do about it; None where that is not known."""
    kind = refusal(error)
    return _ADVICE[kind] if kind else None


def reason(error: BaseException) -> Message | None:
    """Return why it refused, in words; None where that is not known."""
    kind = refusal(error)
    return _REASONS[kind] if kind else None
