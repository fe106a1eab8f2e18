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
from crmmigrate.sources._text import encoding_of, likeliest

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
    """Yield the lines of each card; a card that is not closed ends with the next one or the file."""
    card: list[_Line] | None = None
    depth = 0
    for raw in _unfolded(text):
        line = _parsed(raw, encoding)
        if line is None:
            continue
        mark = line.value.strip().upper()
        if line.name == "BEGIN" and mark == "VCARD":
            if card and not depth:
                yield card
            card = card if card is not None and depth else []
        elif line.name == "END" and mark == "VCARD":
            if card:
                yield card
            card = None
        elif card is not None and line.value.strip():
            card.append(line)
    if card:
        yield card


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


def _parts(value: str, separator: str = ";") -> list[str]:
    """Cut a structured value at its separators and undo the escapes."""
    return [_unescaped(part) for part in re.split(rf"(?<!\\){separator}", value)]


def _unescaped(text: str) -> str:
    return re.sub(r"\\(.)", lambda found: "\n" if found.group(1) in "nN" else found.group(1), text, flags=re.DOTALL)


def _row(card: Sequence[_Line]) -> list[str | None]:
    """Return the cells of a card; several values of one kind are joined with `; `."""
    cells: dict[str, list[str]] = {column: [] for column in COLUMNS}
    for line in card:
        if line.name == "N":
            family, given = (*_parts(line.value), "", "")[:2]
            cells["FAMILY"].append(family)
            cells["GIVEN"].append(given)
        elif line.name == "ORG":
            company, *units = _parts(line.value)
            cells["ORG"].append(company)
            cells["UNIT"].append(" ".join(unit for unit in units if unit))
        elif line.name == "ADR":
            cells["ADR"].append(_address(line.value))
        elif line.name == "TEL":
            number = re.sub(r"^tel:", "", _unescaped(line.value), flags=re.IGNORECASE)
            cells[_telephone(line)].append(number)
        elif line.name in ("FN", "TITLE", "EMAIL", "URL", "BDAY", "NOTE"):
            cells[line.name].append(_unescaped(line.value))
    if not any(cells["FN"]):
        cells["FN"] = ["".join(cells["FAMILY"] + cells["GIVEN"])]
    return ["; ".join(dict.fromkeys(value for value in values if value)) or None for values in cells.values()]


def _telephone(line: _Line) -> str:
    for kind, column in (("CELL", "TEL_CELL"), ("WORK", "TEL_WORK"), ("HOME", "TEL_HOME")):
        if line.is_a(kind):
            return column
    return "TEL"


def _address(value: str) -> str:
    """Write an address from the large to the small if it is Chinese, else from the small to the large."""
    box, extra, street, city, region, code, country = (*_parts(value), *[""] * 7)[:7]
    if re.search(r"[\u4e00-\u9fff]", value):
        return f"{country}{region}{city}{street}{extra}{box}" + (f" {code}" if code else "")
    return ", ".join(part for part in (box, extra, street, city, region, code, country) if part)
