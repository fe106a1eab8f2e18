"""Address books: vCard 2.1, 3.0 and 4.0, one card a row.

Source: vCard 2.1 (versit 1996), RFC 2426 (3.0), RFC 6350 (4.0).
"""

from __future__ import annotations

import quopri
import re
from base64 import b64decode
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from crmmigrate.messages import Message
from crmmigrate.model.issue import declare_code
from crmmigrate.model.source import SourceTable
from crmmigrate.sources._frame import cell_issue, frames
from crmmigrate.sources._letters import likeliest
from crmmigrate.sources._request import no_rows, too_large, unreadable
from crmmigrate.sources._text import MAX_LINE, MIXED, check_lines, encoding_of, pieces

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    import pandas as pd

    from crmmigrate.sources._request import Request

TITLE = Message("address book (vCard)")
COLUMNS = (
    "FN", "FAMILY", "GIVEN", "ORG", "UNIT", "TITLE", "TEL_CELL", "TEL_WORK", "TEL_HOME", "TEL", "EMAIL", "ADR", "URL",
    "BDAY", "NOTE",
)  # fmt: skip
MAX_LINES = 100_000
MAX_NESTED = 100
MAX_NAMES = 50
"""Told of what comes into no column."""
CHINESE = r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
ESCAPES_2_1 = ";,:\\"
"""What a backslash may stand before in vCard 2.1, which writes line breaks in quoted-printable; later ones: anything."""

_TELEPHONES = (
    ("CELL", "TEL_CELL", re.compile(r"mobile|cell|iphone|手机|移动", re.IGNORECASE)),
    ("WORK", "TEL_WORK", re.compile(r"work|office|company|工作|办公|公司|单位", re.IGNORECASE)),
    ("HOME", "TEL_HOME", re.compile(r"home|住宅|家庭|家里", re.IGNORECASE)),
)

_READ = frozenset({"N", "ORG", "ADR", "TEL", "FN", "TITLE", "EMAIL", "URL", "BDAY", "NOTE"})
_ABOUT = frozenset(
    {"VERSION", "BEGIN", "END", "PRODID", "AGENT", "X-ABLABEL", "UID", "REV", "PHOTO", "LOGO", "SOUND", "KEY"}
)
"""What says something of the card, not of the person."""

declare_code(
    "source.vcard-property", Message("properties of the cards that come into no column, and how often they stand")
)
declare_code("source.vcard-fax", Message("fax numbers that stand among the telephone numbers, and how many"))
OPEN = declare_code(
    "source.vcard-open",
    Message(
        "the card has no beginning or no end (BEGIN:VCARD, END:VCARD): is the file cut off, or did cards run together?"
    ),
)
declare_code("source.undecodable", Message("some bytes of the cell could not be decoded"))

_PICTURE = re.compile(r"(?:[\w-]+\.)?(?:PHOTO|LOGO|SOUND|KEY)[;:]", re.IGNORECASE)
_LINE = re.compile(r"^(?:([\w-]+)\.)?([\w-]+)((?:;[^:\"]*(?:\"[^\"]*\"[^:\"]*)*)?):(.*)$", re.DOTALL)


@dataclass(frozen=True, slots=True)
class _Line:
    """A content line: name, parameters in capitals, and the value decoded but still escaped."""

    name: str
    parameters: dict[str, set[str]]
    value: str
    group: str = ""
    undecodable: bool = False

    def is_a(self, kind: str) -> bool:
        return kind in self.parameters.get("TYPE", ())


@dataclass(slots=True)
class _Card:
    """The lines of a card, and whether it has a beginning and an end."""

    lines: list[_Line] = field(default_factory=list)
    whole: bool = False


def read(request: Request) -> Iterator[SourceTable]:
    """Yield the one table of an address book.

    Raises:
        LocationError: it holds no card, or cannot be read.
    """
    request.check_table([request.stem])
    if not request.wants(request.stem):
        return
    try:
        check_lines(request.path)
        encoding = encoding_of(request.path, request.encoding)
        if not any(_cards(request.path, encoding)):
            raise no_rows(str(request.path))
        facts = {**request.facts, "format": "vcard", "encoding": encoding}
    except OSError as error:
        raise unreadable(error, str(request.path)) from error
    table = SourceTable(request.stem, request.inside, COLUMNS, lambda: iter(()), facts)

    def rows() -> Iterator[tuple[str, list[str | None]]]:
        number = 0
        left: Counter[str] = Counter()
        for number, card in enumerate(_cards(request.path, encoding), 1):
            row = _row(card.lines)
            origin = f"{request.inside}!{number}"
            if not card.whole:
                table.issues.append(cell_issue(table.name, origin, "", OPEN, None))
            odd = {line.name if line.name in COLUMNS else "": line.value for line in card.lines if line.undecodable}
            odd |= {name: value for name, value in zip(COLUMNS, row, strict=True) if value and "\ufffd" in value}
            for column, value in odd.items():
                table.issues.append(cell_issue(table.name, origin, column, "source.undecodable", value))
            left.update(line.name for line in card.lines if line.name not in _READ | _ABOUT)
            left["TEL;FAX"] += sum(line.name == "TEL" and line.is_a("FAX") for line in card.lines)
            yield str(number), row
        facts["rows"] = number
        _tell_left(table, left)

    def batches() -> Iterator[pd.DataFrame]:
        yield from frames(rows(), COLUMNS, f"{request.inside}!")

    table.read = batches
    return (yield table)


def _tell_left(table: SourceTable, left: Counter[str]) -> None:
    """Note once a file which properties come into no column (names and counts only), and how many numbers are of a fax."""
    faxes = left.pop("TEL;FAX", 0)
    if named := ", ".join(f"{name} ({count})" for name, count in left.most_common(MAX_NAMES)):
        table.issues.append(cell_issue(table.name, table.file, "", "source.vcard-property", named, severity="info"))
    if faxes:
        table.issues.append(cell_issue(table.name, table.file, "TEL", "source.vcard-fax", str(faxes)))


def _cards(path: Path, encoding: str) -> Iterator[_Card]:
    """Yield each card as it ends; one that is not closed ends with the next one or the file.

    Only the card of an agent (2.1: `AGENT:`, then a whole card) stands inside another; it is a card of its own. What
    stands outside of all cards is the card of somebody too: its beginning is missing.
    """
    open_cards: list[_Card] = []
    agent = False
    second = encoding.removeprefix(MIXED)
    for raw in _unfolded(path, encoding):
        line = _parsed(raw, second)
        if line is None:
            continue
        mark = line.value.strip().upper()
        inside = line.name == "AGENT" and mark == "BEGIN:VCARD"
        if inside or (line.name == "BEGIN" and mark == "VCARD"):
            if not (agent or inside):
                yield from _broken_off(open_cards)
                open_cards.clear()
            open_cards.append(_Card(whole=True))
            if len(open_cards) > MAX_NESTED:
                raise too_large(Message("cards stand in cards, {limit} deep", limit=MAX_NESTED), str(path))
        elif line.name == "END" and mark == "VCARD":
            if open_cards and (card := open_cards.pop()).lines:
                yield card
        elif mark and (open_cards or line.name in _READ):
            if not open_cards:
                open_cards.append(_Card())
            open_cards[-1].lines.append(line)
            if len(open_cards[-1].lines) > MAX_LINES:
                raise too_large(Message("a card has more than {limit} lines", limit=MAX_LINES), str(path))
        agent = line.name == "AGENT" and not mark
    yield from _broken_off(open_cards)


def _broken_off(cards: list[_Card]) -> Iterator[_Card]:
    """Yield the cards that are still open where another one begins or the file ends."""
    for card in cards:
        card.whole = False
        if card.lines:
            yield card


def _unfolded(path: Path, encoding: str) -> Iterator[str]:
    """Join folded lines: those that begin with a blank, and quoted-printable ones that end with `=`; pictures are cut short."""
    current: list[str] = []
    size = 0
    soft = quoted = False
    for piece in pieces(path, encoding):
        line = piece.rstrip("\r\n").removeprefix("\ufeff")
        if soft:
            line = line.removeprefix(" ") if not line.startswith(" =") else line.lstrip()
        elif line[:1] in (" ", "\t") and current:
            line = line[1:]
        else:
            if current:
                yield "".join(current)
            current, size = [], 0
            quoted = "QUOTED-PRINTABLE" in line.split(":", 1)[0].upper()
        soft = quoted and line.endswith("=")
        if not (current and _PICTURE.match(current[0])):
            current.append(line[:-1] if soft else line)
            size += len(line)
        if size > MAX_LINE:
            raise too_large(Message("a line is longer than {limit} characters", limit=MAX_LINE), str(path))
    if current:
        yield "".join(current)


def _parsed(raw: str, encoding: str) -> _Line | None:
    found = _LINE.match(raw)
    if not found:
        return None
    parameters: dict[str, set[str]] = {}
    for part in re.findall(r';([^;"]*(?:"[^"]*"[^;"]*)*)', found.group(3)):
        name, separator, values = part.partition("=")
        if not separator:
            name, values = _bare(part), part
        words = {word.strip().strip('"').upper() for word in values.replace('"', "").split(",")}
        parameters.setdefault(name.strip().upper(), set()).update(words)
    value = found.group(4)
    coding = parameters.get("ENCODING", set())
    if "QUOTED-PRINTABLE" in coding:
        value = _decoded(quopri.decodestring(value.encode(encoding, "replace")), parameters)
    elif coding & {"BASE64", "B"} and found.group(2).upper() not in ("PHOTO", "LOGO", "SOUND", "KEY"):
        try:
            value = _decoded(b64decode(value), parameters)
        except ValueError:  # no Base64, whatever the line says: it stays as it is written
            return _Line(found.group(2).upper(), parameters, value, (found.group(1) or "").upper(), undecodable=True)
    return _Line(found.group(2).upper(), parameters, value, (found.group(1) or "").upper())


def _bare(word: str) -> str:
    """Return the parameter a bare word of vCard 2.1 belongs to."""
    return "ENCODING" if word.strip().upper() in ("QUOTED-PRINTABLE", "BASE64", "8BIT", "7BIT") else "TYPE"


def _decoded(data: bytes, parameters: dict[str, set[str]]) -> str:
    """Decode bytes by their CHARSET if that holds, else by what they look like."""
    named = next(iter(parameters.get("CHARSET", ())), "UTF-8")
    named = "gb18030" if named in ("GBK", "GB2312", "GB_2312-80", "CP936") else named
    for encoding in (named, "utf-8", likeliest(data) or "gb18030"):
        try:
            return data.decode(encoding)
        except (ValueError, LookupError):  # CHARSET may name any codec of Python, or none
            continue
    return data.decode("utf-8", "replace")


def _parts(value: str, escapes: str) -> list[str]:
    """Cut a structured value at its semicolons and undo the escapes."""
    parts = [""]
    for piece in re.findall(r"\\.|;|[^\\;]+|\\", value, re.DOTALL):
        if piece == ";":
            parts.append("")
        else:
            parts[-1] += piece
    return [_unescaped(part, escapes) for part in parts]


def _unescaped(text: str, escapes: str) -> str:
    def sign(found: re.Match[str]) -> str:
        letter = found.group(1)
        if escapes and letter not in escapes:
            return found.group()
        return "\n" if letter in "nN" else letter

    return re.sub(r"\\(.)", sign, text, flags=re.DOTALL)


def _row(card: Sequence[_Line]) -> list[str | None]:
    """Return the cells of a card; several values of one kind are joined with `; `."""
    cells: dict[str, list[str]] = {column: [] for column in COLUMNS}
    names: list[str] = []
    version = next((line.value.strip() for line in card if line.name == "VERSION"), "")
    escapes = ESCAPES_2_1 if version == "2.1" else ""
    labels = {line.group: line.value for line in card if line.name == "X-ABLABEL"}
    for line in card:
        if line.name == "N":
            family, given, *more = (*_parts(line.value, escapes), *[""] * 5)[:5]
            cells["FAMILY"].append(family)
            cells["GIVEN"].append(given)
            names.append(_full_name(family, given, *more))
        elif line.name == "ORG":
            company, *units = _parts(line.value, escapes)
            cells["ORG"].append(company)
            cells["UNIT"].append(" ".join(unit for unit in units if unit))
        elif line.name == "ADR":
            cells["ADR"].append(_address(_parts(line.value, escapes)))
        elif line.name == "TEL":
            number = re.sub(r"^tel:", "", _unescaped(line.value, escapes), flags=re.IGNORECASE)
            cells[_telephone(line, labels.get(line.group or "-", ""))].append(number)
        elif line.name in ("FN", "TITLE", "EMAIL", "URL", "BDAY", "NOTE"):
            cells[line.name].append(_unescaped(line.value, escapes))
    if not any(cells["FN"]):
        cells["FN"] = names[:1]
    return ["; ".join(dict.fromkeys(value for value in values if value)) or None for values in cells.values()]


def _full_name(family: str, given: str, middle: str, prefix: str, suffix: str) -> str:
    """Write a name as it is said: Chinese ones without blanks, others with the family name behind the given one."""
    if re.search(CHINESE, family + given):
        return family + given
    return " ".join(part.strip() for part in (prefix, given, middle, family, suffix) if part.strip())


def _telephone(line: _Line, label: str) -> str:
    """Return the column of a telephone by its type, or by the label that a group gives it (`item1.X-ABLabel`)."""
    for kind, column, words in _TELEPHONES:
        if line.is_a(kind) or words.search(label):
            return column
    return "TEL"


def _address(parts: Sequence[str]) -> str:
    """Write an address from the large to the small if it is Chinese, else from the small to the large."""
    box, extra, street, city, region, code, country = (*parts, *[""] * 7)[:7]
    if re.search(CHINESE, "".join(parts)):
        return f"{country}{region}{city}{street}{extra}{box}" + (f" {code}" if code else "")
    return ", ".join(part for part in (box, extra, street, city, region, code, country) if part)
