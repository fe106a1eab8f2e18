"""Rooms of a housing estate as building-unit-room, 3-2-1501: 3栋2单元1501室, 三幢二单元1501, 3#2-1501, A座1203.

Two numbers are building and room. A code that a spreadsheet turned into a date (2-3 became 2月3日) is flagged, never guessed.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crmmigrate.messages import Message
from crmmigrate.model.standard import Cleaned, Flag, Standard
from crmmigrate.standards._door import line
from crmmigrate.standards._numerals import numeral
from crmmigrate.standards.empty import ALL_CODES, says_nothing

if TYPE_CHECKING:
    from crmmigrate.model.standard import Cleaner

CODES = {
    **ALL_CODES,
    "room.format": Message("room written as building-unit-room"),
    "room.no-building": Message("a room without its building"),
    "room.no-room": Message("a building without its room"),
    "room.date": Message("a spreadsheet turned the room into a date"),
    "room.several": Message("several rooms in one cell"),
    "room.unreadable": Message("not a room"),
}
FORMAT = Flag("room.format", "info")
ERRORS = {name: Flag(f"room.{name}", "error") for name in ("no-building", "no-room", "date", "several", "unreadable")}
_CODE = re.compile(
    r"(?:(?P<zone>[\u4e00-\u9fffA-Za-z0-9]{1,6}[区期苑园])-?)?(?P<building>[A-Za-z]?\d{1,3}[A-Za-z]?|[A-Za-z])-(?:(?P<unit>\d{1,2}|[A-Za-z])-)?(?P<room>[A-Za-z]?\d{2,4}[A-Za-z]?)\Z",
    re.ASCII,
)
_N = "[A-Za-z]?\\d{1,3}[A-Za-z]?|[A-Za-z]|[一二三四五六七八九十百]{1,4}"
_WORDS = re.compile(
    rf"(?:(?P<zone>[\u4e00-\u9fff]{{0,5}}?[A-Za-z0-9一二三四五六七八九十东南西北]{{1,3}}[区期]|[\u4e00-\u9fff]{{1,6}}[苑园]|[东南西北][区苑园])[\s\-]*)?"
    rf"(?:第?(?P<building>{_N})[\s\-]*(?:号楼|#楼|栋|幢|棟|号樓|楼|座|号|#)[\s\-]*)"
    rf"(?:第?(?P<unit>{_N}|[甲乙丙丁东西中])[\s\-]*(?:单元|單元|门|梯|-)[\s\-]*)?"
    rf"(?:(?P<floor>\d{{1,2}}|[一二三四五六七八九十]{{1,3}})[层楼]\s*)?(?P<room>[A-Za-z]?\d{{2,4}}[A-Za-z]?)[\s]*(?:室|房|号房?|户|号室)?\Z",
    re.ASCII,
)
_DATE = re.compile(
    r"\d{4}[-/年]\d{1,2}[-/月]\d{1,2}|\d{1,2}月\d{1,2}日|\d{1,2}-(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)-\d{1,2}",
    re.IGNORECASE,
)
_ONLY_ROOM = re.compile(r"[A-Za-z]?\d{3,4}[A-Za-z]?\s*(?:室|房|号房?)?\Z", re.ASCII)
_ONLY_BUILDING = re.compile(rf"第?(?:{_N})\s*(?:号楼|栋|幢|座|楼)(?:第?(?:{_N})\s*(?:单元|门))?\Z", re.ASCII)
_MARKS = str.maketrans("－—–―‐‑_/／\\＃", "--------" + "--" + "#")
_SEPARATORS = re.compile(r"[,，、;；]+")


def make() -> Cleaner:
    """Return the cleaner."""
    return _clean


def _clean(raw: str) -> Cleaned:
    """Return building-unit-room, or the raw text with a flag; 分区, 楼栋, 单元, 楼层, 房号 in parts."""
    found = _CODE.match(raw)
    if found and not _DATE.match(raw):
        return _answer(raw, found)
    text, _ = line(raw)
    nothing = says_nothing(text)
    if nothing:
        return Cleaned(None, (nothing,))
    if _DATE.match(text):
        return Cleaned(raw, (ERRORS["date"],), "suggested")
    plain = re.sub(r"\s*-+\s*", "-", text.translate(_MARKS)).strip(" -.。")
    found = _CODE.match(plain.replace(" ", "")) or _WORDS.match(plain)
    if found:
        return _answer(raw, found)
    return Cleaned(raw, (ERRORS[_why(plain)],), "suggested")


def _why(text: str) -> str:
    if len([piece for piece in _SEPARATORS.split(text) if piece.strip()]) > 1:
        return "several"
    if _ONLY_ROOM.match(text):
        return "no-building"
    return "no-room" if _ONLY_BUILDING.match(text) else "unreadable"


def _answer(raw: str, found: re.Match[str]) -> Cleaned:
    building, unit, room = _number(found["building"]), _number(found["unit"] or ""), found["room"].upper()
    floor = found.groupdict().get("floor") or ""
    if floor and room.isdigit() and len(room) <= 2:
        room = f"{_number(floor)}{room.zfill(2)}"
    zone = (found["zone"] or "").upper()
    value = "-".join(part for part in (zone, building, unit, room) if part)
    parts = {"分区": zone, "楼栋": building, "单元": unit, "楼层": _floor(room), "房号": room}
    parts = {name: part for name, part in parts.items() if part}
    if not _CODE.match(value) or _DATE.match(value):
        return Cleaned(raw, (ERRORS["unreadable"],), "suggested")
    return Cleaned(value, () if value == raw else (FORMAT,), parts=parts)


def _number(text: str) -> str:
    """Return 3 for 03 and 三, A for a."""
    chinese = numeral(text) if text else None
    if chinese is not None and not text.isascii():
        return str(chinese)
    return text.upper().lstrip("0") or ("0" if text else "")


def _floor(room: str) -> str:
    """Return 15 of 1501 and 3 of 301; empty where the room has another form."""
    return str(int(room[:-2])) if room.isascii() and room.isdigit() and len(room) in (3, 4) and int(room[:-2]) else ""


STANDARD = Standard("room", make, Message("rooms as building-unit-room"), (), CODES)
