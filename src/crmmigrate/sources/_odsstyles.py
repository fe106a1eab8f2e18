"""The number formats of OpenDocument, rewritten as format codes of Excel, so that one rule shows the numbers of both.

Source: OpenDocument 1.3 part 3, 16.29 (data styles).
"""

from __future__ import annotations

from dataclasses import dataclass, field

from crmmigrate.sources._numbers import PLAIN, NumberFormat, number_format

NUMBER = "urn:oasis:names:tc:opendocument:xmlns:datastyle:1.0 "
STYLE = "urn:oasis:names:tc:opendocument:xmlns:style:1.0 "
TABLE = "urn:oasis:names:tc:opendocument:xmlns:table:1.0 "
_KINDS = frozenset(
    f"{NUMBER}{kind}-style" for kind in ("number", "currency", "percentage", "date", "time", "boolean", "text")
)
MAX_DIGITS = 100


@dataclass
class _DataStyle:
    """A number format as it is written."""

    kind: str
    elapsed: bool = False
    code: str = ""
    positive: str = ""
    literal: list[str] | None = None
    inserts: dict[int, str] = field(default_factory=dict)


class OdsStyles:
    """Gathers the styles while the document streams by."""

    def __init__(self) -> None:
        self._data: dict[str, _DataStyle] = {}
        self._cells: dict[str, tuple[str, str]] = {}
        self.hidden_tables: set[str] = set()
        self._open: _DataStyle | None = None
        self._style = ""
        self._insert = -1
        self._known: dict[str, NumberFormat] = {}

    def start(self, name: str, given: dict[str, str]) -> None:
        """Take a start tag."""
        if name in _KINDS:
            kind = name.removeprefix(NUMBER).removesuffix("-style")
            self._open = _DataStyle(kind, given.get(f"{NUMBER}truncate-on-overflow") == "false")
            self._data[given.get(f"{STYLE}name", "")] = self._open
        elif name == f"{STYLE}style":
            self._style = given.get(f"{STYLE}name", "")
            if given.get(f"{STYLE}family") == "table-cell":
                parents = given.get(f"{STYLE}data-style-name", ""), given.get(f"{STYLE}parent-style-name", "")
                self._cells[self._style] = parents
        elif name == f"{STYLE}table-properties":
            if given.get(f"{TABLE}display") == "false":
                self.hidden_tables.add(self._style)
        elif self._open is not None:
            self._part(self._open, name, given)

    def _part(self, style: _DataStyle, name: str, given: dict[str, str]) -> None:
        local = name.rpartition(" ")[2]
        if local in ("text", "currency-symbol"):
            style.literal = []
        elif local == "embedded-text":
            style.literal, self._insert = [], int(given.get(f"{NUMBER}position", "0"))
        elif local == "number":
            style.code += _digits(given)
        elif local in ("scientific-number", "fraction"):
            style.code += "0.00E+00" if local == "scientific-number" else "# ?/?"
        elif local == "map" and ">" in given.get(f"{STYLE}condition", ""):
            style.positive = style.positive or given.get(f"{STYLE}apply-style-name", "")

    def end(self, name: str) -> None:
        """Take an end tag."""
        if name in _KINDS:
            self._open = None
        elif self._open is not None and self._open.literal is not None:
            literal = "".join(self._open.literal)
            self._open.literal = None
            if name == f"{NUMBER}embedded-text":
                self._open.inserts[self._insert] = literal
            elif self._open.kind == "percentage" and "%" in literal:
                self._open.code += "%"
            else:
                self._open.code += "".join(f"\\{letter}" for letter in literal)
        elif self._open is not None and name == f"{NUMBER}number" and self._open.inserts:
            self._open.code = _inserted(self._open.code, self._open.inserts)
            self._open.inserts = {}

    def text(self, data: str) -> None:
        """Take a piece of text."""
        if self._open is not None and self._open.literal is not None:
            self._open.literal.append(data)

    def shown(self, style: str) -> NumberFormat:
        """Return the number format of a cell style."""
        known = self._known.get(style)
        if known is None:
            known = self._known[style] = self._resolved(style)
        return known

    def _resolved(self, style: str) -> NumberFormat:
        for _ in range(20):  # a chain of parents; a cycle is nobody's format
            data, parent = self._cells.get(style, ("", ""))
            if data:
                found = self._data.get(data)
                return self._meaning(self._data.get(found.positive, found)) if found else PLAIN
            style = parent
        return PLAIN

    @staticmethod
    def _meaning(style: _DataStyle) -> NumberFormat:
        if style.kind == "time":
            return NumberFormat("elapsed" if style.elapsed else "time")
        if style.kind == "date":
            return NumberFormat("date")
        return number_format(200, style.code) if style.code else PLAIN


def _digits(given: dict[str, str]) -> str:
    """Return the code of a number: `0000`, `0.00`, `#,##0`; what is not given is not shown in a certain way."""
    whole = min(int(given.get(f"{NUMBER}min-integer-digits", "0") or 0), MAX_DIGITS)
    decimals = min(int(given.get(f"{NUMBER}decimal-places", "0") or 0), MAX_DIGITS)
    if given.get(f"{NUMBER}grouping") == "true":
        code = "#,##0"
    elif whole == 0 or (whole == 1 and f"{NUMBER}decimal-places" not in given):
        code = "#"
    else:
        code = "0" * whole
    return f"{code}.{'0' * decimals}" if decimals else code


def _inserted(code: str, inserts: dict[int, str]) -> str:
    """Return the code with literals put between its last digits; positions count digits from the right."""
    for position, literal in sorted(inserts.items()):
        places = [at for at, letter in enumerate(code) if letter == "0" and (not at or code[at - 1] != "\\")]
        if 0 < position <= len(places):
            at = places[-position]
            code = code[:at] + "".join(f"\\{letter}" for letter in literal) + code[at:]
    return code
