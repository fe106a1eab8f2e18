"""What extraction says of each table and file, in words: its facts are codes and JSON, people read sentences and short lists."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from crmmigrate.messages import Message
from crmmigrate.model.issue import CODES
from crmmigrate.model.profile import PERSONAL
from crmmigrate.model.source import DECISIONS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from crmmigrate.model.profile import TableProfile

SOURCE_TITLES: dict[str, Message] = {
    "source": Message("Source"), "table": Message("Table"), "file": Message("File"), "format": Message("Format"), "encoding": Message("Encoding"),
    "rows": Message("Number of rows"), "columns": Message("Number of columns"), "owner": Message("Owner"), "modified": Message("Changed on"),
    "freshness": Message("Newest file of the source"), "region": Message("Place in the sheet"), "header": Message("Header row"),
    "layout": Message("Layout said in migration.yaml"), "decision": Message("Why the table is there"), "confidence": Message("Sure (%)"),
    "dropped": Message("Rows set aside in reading"), "hidden": Message("Hidden"), "key": Message("Declared key"), "unique": Message("Declared unique"),
    "foreign_keys": Message("Declared references"), "comments": Message("Comments in the source"), "validation": Message("Lists to choose from"),
    "issues": Message("Noted while reading"), "noted_at": Message("Noted first at"), "size": Message("Size in bytes"), "sha256": Message("Fingerprint of the file"),
    "fingerprint": Message("Fingerprint of the cells"), "counted": Message("Counted in the database"),
}  # fmt: skip
"""Every column of extraction's table of sources, in the order in which people read them."""

SOURCE_NUMBERS = frozenset({"rows", "columns", "size", "confidence"})

STATES: dict[str, Message] = {
    "read": Message("read"), "duplicate": Message("copy of another file"), "older-version": Message("older version"), "lock": Message("lock file"),
    "temporary": Message("temporary file"), "no-table": Message("no table"), "unreadable": Message("unreadable"), "empty": Message("empty"),
    "excluded": Message("excluded"), "not-asked": Message("not asked for"), "archive": Message("archive, not opened"), "hidden": Message("hidden file"),
    "link": Message("link, not followed"), "own": Message("made by this program"),
}  # fmt: skip
"""What became of a file (`model.source.FILE_STATES`), in words."""

_SET_ASIDE: dict[str, Message] = {
    "title": Message("title"), "header": Message("header"), "repeated-header": Message("repeated header"), "units": Message("units"),
    "section": Message("section heading"), "subtotal": Message("subtotal"), "note": Message("note"), "blank": Message("blank row"),
    "outside": Message("outside the table"), "deleted": Message("marked as deleted"),
}  # fmt: skip
_HIDDEN: dict[str, Message] = {"sheet": Message("the sheet"), "rows": Message("rows"), "columns": Message("columns")}
_OF_FILES = frozenset({"source.duplicate-file", "source.older-version", "source.archive", "source.empty-file"})
"""Noted at some table because every issue has one; the list of files tells them better."""
_LISTED, _DIGITS = 12, 16


def source_cell(name: str, text: str | None, profile: TableProfile | None = None) -> Any:
    """Return one fact of a table for people.

    Args:
        name: a column of extraction's table of sources.
        text: the fact as extraction wrote it: plain text, or JSON.
        profile: of the table; lists to choose from that hold personal data are only counted.

    Returns:
        A number, a text, or several messages.
    """
    if not text:
        return None
    value = _parsed(text)
    if name == "confidence":
        return round(100 * value) if isinstance(value, int | float) else text
    if name in SOURCE_NUMBERS:
        return value if isinstance(value, int) else text
    if name in ("modified", "freshness"):
        return text[:16].replace("T", " ")
    if name in ("sha256", "fingerprint"):
        return text[:_DIGITS]
    if name == "validation" and isinstance(value, dict):
        return _choices(value, profile)
    how = _FACTS.get(name)
    return how(value) if how and isinstance(value, list | dict) else told(text)


def _header(rows: Any) -> tuple[str, ...]:
    return tuple(map(str, rows))


def _decision(codes: Any) -> Any:
    if not isinstance(codes, list):
        return _told(codes)
    return tuple(DECISIONS.get(str(code), str(code)) for code in codes)


def _dropped(counts: Any) -> Any:
    return tuple(Message("{count} × {what}", count=n, what=_SET_ASIDE.get(why, why)) for why, n in counts.items())


def _hidden(parts: Mapping[str, Any]) -> Any:
    return tuple(
        _HIDDEN.get(what, what) if which is True else Message("{what}: {which}", what=_HIDDEN.get(what, what), which=_told(which))
        for what, which in parts.items() if which
    )  # fmt: skip


def _key(columns: Sequence[Any]) -> str:
    return " + ".join(map(str, columns))


def _unique(keys: Sequence[Any]) -> tuple[str, ...]:
    return tuple(" + ".join(map(str, key)) if isinstance(key, list) else str(key) for key in keys)


def _references(links: Sequence[Any]) -> Any:
    return tuple(
        f"{' + '.join(link['columns'])} → {link.get('table')}({' + '.join(link.get('references') or [])})"
        for link in links if isinstance(link, dict) and isinstance(link.get("columns"), list)
    )  # fmt: skip


def _comments(remarks: Mapping[str, Any]) -> Any:
    told_of = [Message("the table: {text}", text=remarks[""])] if remarks.get("") else []
    return (
        *told_of,
        *(Message("{what}: {which}", what=column, which=text) for column, text in remarks.items() if column),
    )


def _issues(counts: Mapping[str, Any]) -> Any:
    return tuple(
        Message("{count} × {what}", count=count, what=CODES.get(code, code)) for code, count in counts.items() if code not in _OF_FILES
    )  # fmt: skip


def _noted_at(places: Mapping[str, Any]) -> Any:
    return tuple(
        Message("{what}: {which}", what=CODES.get(code, code), which=", ".join(map(str, where)))
        for code, where in places.items() if code not in _OF_FILES
    )  # fmt: skip


_FACTS: dict[str, Callable[[Any], Any]] = {
    "header": _header,
    "decision": _decision,
    "dropped": _dropped,
    "hidden": _hidden,
    "key": _key,
    "unique": _unique,
    "foreign_keys": _references,
    "comments": _comments,
    "issues": _issues,
    "noted_at": _noted_at,
}


def _choices(lists: Mapping[str, Any], profile: TableProfile | None) -> Any:
    personal = {column.name for column in profile.columns if column.meaning in PERSONAL} if profile else set(lists)
    lines: list[Message | str] = []
    for column, choices in lists.items():
        if not isinstance(choices, list) or column in personal:
            lines.append(Message("{column}: {count} choices", column=column, count=len(choices) if isinstance(choices, list) else 1))  # fmt: skip
        else:
            rest = " …" if len(choices) > _LISTED else ""
            lines.append(
                Message("{what}: {which}", what=column, which=f"{' / '.join(map(str, choices[:_LISTED]))}{rest}")
            )
    return tuple(lines)


def file_why(state: str, why: str | None) -> Message | str | None:
    """Return why a file has its state."""
    if state == "duplicate" and why:
        return Message("the same content as {file}", file=why)
    if state == "older-version" and why:
        return Message("newer: {file}", file=why)
    return why or None


def told(text: str | None) -> str:
    """Return a fact that extraction wrote as JSON in a readable line; anything else as it stands."""
    value = _parsed(text)
    return (text or "") if value is None else _told(value)


def _parsed(text: str | None) -> Any:
    try:
        return json.loads(text or "")
    except ValueError:
        return None


def _told(value: Any) -> str:
    if isinstance(value, dict):
        return "; ".join(f"{name}: {_told(part)}" for name, part in value.items())
    if isinstance(value, list):
        return ", ".join(f"({_told(part)})" if isinstance(part, dict) else _told(part) for part in value[:50]) + (
            " …" if len(value) > 50 else ""
        )
    return str(value)
