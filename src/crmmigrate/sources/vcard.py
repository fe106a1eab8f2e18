"""Address books: vCard 2.1, 3.0 and 4.0, one card a row.

Source: vCard 2.1 (versit 1996), RFC 2426 (3.0), RFC 6350 (4.0).
"""

from __future__ import annotations

import contextlib
import quopri
import re
from base64 import b64decode
from binascii import Error as BadBase64
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crmmigrate.messages import Message
from crmmigrate.model.issue import declare_code
from crmmigrate.model.source import SourceTable
from crmmigrate.sources._frame import cell_issue, frames
from crmmigrate.sources._request import no_rows, too_large, unreadable
from crmmigrate.sources._letters import likeliest
from crmmigrate.sources._text import encoding_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pandas as pd

    from crmmigrate.sources._request import Request

TITLE = Message("address book (vCard)")
COLUMNS = (
    "FN", "FAMILY", "GIVEN", "ORG", "UNIT", "TITLE", "TEL_CELL", "TEL_WORK", "TEL_HOME", "TEL", "EMAIL", "ADR", "URL",
    "BDAY", "NOTE",
)  # fmt: skip
MAX_BYTES = 1 << 30
CHINESE = r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
ESCAPES_2_1 = ";,:\\"
"""What a backslash may stand before in vCard 2.1, which writes line breaks in quoted-printable; later ones: anything."""

declare_code("source.undecodable", Message("some bytes of the cell could not be decoded"))

_LINE = re.compile(r"^(?:[\w-]+\.)?([\w-]+)((?:;[^:\"]*(?:\"[^\"]*\"[^:\"]*)*)?):(.*)$", re.DOTALL)


@dataclass(frozen=True, slots=True)
class _Line:
    """A content line: name, parameters in capitals, and the value decoded but still escaped."""

    name: str
    parameters: dict[str, set[str]]
    value: str

    def is_a(self, kind: str) -> bool:
        return kind in self.parameters.get("TYPE", ())


def read(request: Request) -> Iterator[SourceTable]:
    """Yield the one table of an address book.

    Raises:
        LocationError: it holds no card, or cannot be read.
    """
    request.check_table([request.stem])
    if not request.wants(request.stem):
        return
    if request.path.stat().st_size > MAX_BYTES:
        raise too_large(Message("the address book is larger than {limit} MB", limit=MAX_BYTES >> 20), str(request.path))
    try:
        data = request.path.read_bytes()
    except OSError as error:
        raise unreadable(error, str(request.path)) from error
    encoding = encoding_of(request.path, request.encoding)
    text = data.decode(encoding, "replace").removeprefix("\ufeff")
    cards = list(_cards(text, encoding))
    if not cards:
        raise no_rows(str(request.path))
    facts = {**request.facts, "format": "vcard", "encoding": encoding, "rows": len(cards)}
    table = SourceTable(request.stem, request.inside, COLUMNS, lambda: iter(()), facts)

    def batches() -> Iterator[pd.DataFrame]:
        rows = []
        for number, card in enumerate(cards, 1):
            row = _row(card)
            for column, value in zip(COLUMNS, row, strict=True):
                if value and "\ufffd" in value:
                    origin = f"{request.inside}!{number}"
                    table.issues.append(cell_issue(table.name, origin, column, "source.undecodable", value))
            rows.append((str(number), row))
        yield from frames(rows, COLUMNS, f"{request.inside}!")

    table.read = batches
    return (yield table)


def _cards(text: str, encoding: str) -> Iterator[list[_Line]]:
    """Yield the lines of each card as they end; one that is not closed ends with the next one or the file.

    Only the card of an agent (2.1: `AGENT:`, then a whole card) stands inside another; it is a card of its own.
    """
    open_cards: list[list[_Line]] = []
    agent = False
    for raw in _unfolded(text):
        line = _parsed(raw, encoding)
        if line is None:
            continue
        mark = line.value.strip().upper()
        inside = line.name == "AGENT" and mark == "BEGIN:VCARD"
        if inside or (line.name == "BEGIN" and mark == "VCARD"):
            if not (agent or inside):
                yield from filter(None, open_cards)
                open_cards.clear()
            open_cards.append([])
        elif line.name == "END" and mark == "VCARD":
            if open_cards and (card := open_cards.pop()):
                yield card
        elif open_cards and mark:
            open_cards[-1].append(line)
        agent = line.name == "AGENT" and not mark
    yield from filter(None, open_cards)


def _unfolded(text: str) -> Iterator[str]:
    """Join folded lines: those that begin with a blank, and quoted-printable ones that end with `=`."""
    current = ""
    soft = False
    for line in re.split(r"\r\n|\r|\n", text):
        if soft:
            current += line.removeprefix(" ") if not line.startswith(" =") else line.lstrip()
        elif line[:1] in (" ", "\t") and current:
            current += line[1:]
        else:
            if current:
                yield current
            current = line
        soft = current.endswith("=") and "QUOTED-PRINTABLE" in current.split(":", 1)[0].upper()
        current = current[:-1] if soft else current
    if current:
        yield current


def _parsed(raw: str, encoding: str) -> _Line | None:
    found = _LINE.match(raw)
    if not found:
        return None
    parameters: dict[str, set[str]] = {}
    for part in re.findall(r';([^;"]*(?:"[^"]*"[^;"]*)*)', found.group(2)):
        name, separator, values = part.partition("=")
        if not separator:
            name, values = _bare(part), part
        words = {word.strip().strip('"').upper() for word in values.replace('"', "").split(",")}
        parameters.setdefault(name.strip().upper(), set()).update(words)
    value = found.group(3)
    coding = parameters.get("ENCODING", set())
    if "QUOTED-PRINTABLE" in coding:
        value = _decoded(quopri.decodestring(value.encode(encoding, "replace")), parameters)
    elif coding & {"BASE64", "B"} and found.group(1).upper() not in ("PHOTO", "LOGO", "SOUND", "KEY"):
        with contextlib.suppress(BadBase64):
            value = _decoded(b64decode(value), parameters)
    return _Line(found.group(1).upper(), parameters, value)


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
        except (UnicodeDecodeError, LookupError):
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
            cells[_telephone(line)].append(number)
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


def _telephone(line: _Line) -> str:
    for kind, column in (("CELL", "TEL_CELL"), ("WORK", "TEL_WORK"), ("HOME", "TEL_HOME")):
        if line.is_a(kind):
            return column
    return "TEL"


def _address(parts: Sequence[str]) -> str:
    """Write an address from the large to the small if it is Chinese, else from the small to the large."""
    box, extra, street, city, region, code, country = (*parts, *[""] * 7)[:7]
    if re.search(CHINESE, "".join(parts)):
        return f"{country}{region}{city}{street}{extra}{box}" + (f" {code}" if code else "")
    return ", ".join(part for part in (box, extra, street, city, region, code, country) if part)
