"""What a CHECK of a database says, in the terms of a schema.yaml: ranges, lengths, patterns and lists of one column each.

Only what is said for certain is taken: a condition joined to others by AND, of one column and constants. A value that breaks it
is refused by the database, too; the other way round it need not be so, which is why the rest stays as text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from crmmigrate.model.schema import TargetColumn

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from collections.abc import Set as AbstractSet

_TOKEN = re.compile(
    r"""\s*(?:(?P<text>(?:\b(?:_[a-z0-9]+|[EN]))?'(?:[^'\\]|''|\\.)*')|(?P<quoted>`[^`]+`|"[^"]+"|\[[^\W\d][\w ]*\])|(?P<number>\d+(?:\.\d+)?)
    |(?P<word>\w+)|(?P<sign>::|>=|<=|<>|!=|~\*|[-=<>~(),+*/%|\[\].]+?))""",
    re.IGNORECASE | re.VERBOSE,
)
_CAST = frozenset({
    "character", "varying", "text", "numeric", "decimal", "integer", "bigint", "smallint", "double", "precision", "real", "date", "timestamp",
    "time", "without", "with", "zone", "bpchar", "char",
})  # fmt: skip
_ORDERED = frozenset({"integer", "decimal", "float", "date"})
_LENGTHS = frozenset({"length", "char_length", "character_length", "len"})
_TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "=", "<>": "<>", "!=": "!="}
_NUMBER = re.compile(r"-?\d+(\.\d+)?\Z", re.ASCII)
_DAY = re.compile(r"\d{4}-\d\d-\d\d\Z", re.ASCII)
_UNLIKE = re.compile(r"\[\[[:.=](?!digit:)|\\(?![dD.+*?()\[\]{}|^$/-])|\(\?(?!:)|\\\Z")
"""What a regular expression of a database may say that Python takes for something else."""

_SIGNS = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|.", re.DOTALL)
"""A pattern sign by sign; a list in square brackets is one."""

Token = tuple[str, str]
"""Kind (text, quoted, number, word, sign) and what it says."""


@dataclass(frozen=True)
class Said:
    """What a CHECK says.

    Args:
        columns: column → fields of a `TargetColumn` that say the same.
        values: column → the only texts that it allows.
        whole: whether all of it is said so.
    """

    columns: dict[str, dict[str, Any]] = field(default_factory=dict)
    values: dict[str, list[str]] = field(default_factory=dict)
    whole: bool = True


def read_check(sql: str, kinds: dict[str, str], dialect: str) -> Said:
    """Read the condition of a CHECK.

    Args:
        sql: as the database gives it.
        kinds: column → what its values mean (`LiveColumn.kind`).
        dialect: SQLAlchemy's name of the database.
    """
    is_mysql = dialect in ("mysql", "mariadb")
    said = Said()
    tokens = list(_tokens(sql, escapes=is_mysql))
    if not tokens:
        return replace(said, whole=False)
    for one in _conjuncts(tokens, {name.lower() for name in kinds}):
        found = _Condition(one, kinds, is_mysql).read()
        if found is None:
            said = replace(said, whole=False)
            continue
        column, fields, values, sure = found
        taken = tighten(said.columns.setdefault(column, {}), fields)
        taken = (not values or narrow(said.values, column, values)) and taken
        said = said if sure and taken else replace(said, whole=False)
    return said


def narrow(known: dict[str, list[str]], column: str, values: Sequence[str]) -> bool:
    """Keep of the only texts of a column those that another check allows too, and return whether both are said now; two without a text in common are not."""
    both = [value for value in known.get(column, values) if value in values]
    known[column] = both or known[column]
    return bool(both)


def tighten(known: dict[str, Any], fields: dict[str, Any]) -> bool:
    """Add fields of a column to those that other checks gave, and return whether they all are said now.

    Of two bounds the tighter one holds; of two patterns the first one.
    """
    for name, value in fields.items():
        if name not in known:
            known[name] = value
        elif name == "pattern":
            return bool(known[name] == value)
        elif name in ("length", "shortest"):
            known[name] = (min if name == "length" else max)(known[name], value)
        else:
            order: Any = Decimal if _NUMBER.match(value) else str
            known[name] = (max if name in ("at_least", "above") else min)(known[name], value, key=order)
    return True


def _tokens(sql: str, *, escapes: bool) -> Iterator[Token]:
    """Yield what a condition is made of, casts left out; nothing where a sign is not understood."""
    found: list[Token] = []
    at = 0
    while at < len(sql.rstrip()):
        match = _TOKEN.match(sql, at)
        if match is None:
            return
        at = match.end()
        kind = str(match.lastgroup)
        word = match[kind]
        if kind == "text":
            word = word[word.index("'") + 1 : -1].replace("''", "'")
            word = re.sub(r"\\(.)", r"\1", word) if escapes else word
        elif kind == "quoted":
            kind, word = "word", word[1:-1]
        found.append((kind, word))
    index = 0
    while index < len(found):
        if found[index] != ("sign", "::"):
            yield found[index]
            index += 1
            continue
        index += 1
        while index < len(found) and found[index][0] == "word" and found[index][1].lower() in _CAST:
            index += 1
        if (
            index + 2 < len(found)
            and found[index] == ("sign", "(")
            and found[index + 1][0] == "number"
            and found[index + 2] == ("sign", ")")
        ):
            index += 3
        while found[index : index + 2] == [("sign", "["), ("sign", "]")]:
            index += 2


def _bare(tokens: Sequence[Token]) -> Sequence[Token]:
    """Return tokens without the brackets around all of them."""
    while len(tokens) > 1 and tokens[0] == ("sign", "(") and tokens[-1] == ("sign", ")"):
        depth = 0
        for index, token in enumerate(tokens):
            depth += (token == ("sign", "(")) - (token == ("sign", ")"))
            if not depth and index < len(tokens) - 1:
                return tokens
        tokens = tokens[1:-1]
    return tokens


def _split(tokens: Sequence[Token], by: str) -> list[Sequence[Token]]:
    """Part tokens by AND or OR outside of brackets; the AND of BETWEEN parts nothing."""
    parts: list[list[Token]] = [[]]
    depth, between = 0, False
    for token in tokens:
        depth += (token == ("sign", "(")) - (token == ("sign", ")"))
        word = token[1].lower() if token[0] == "word" and not depth else ""
        if word == "and" and between:
            between = False
        elif word == by:
            parts.append([])
            continue
        between = between or word == "between"
        parts[-1].append(token)
    return [_bare(part) for part in parts]


def _conjuncts(tokens: Sequence[Token], names: AbstractSet[str]) -> Iterator[Sequence[Token]]:
    """Yield the conditions that must all hold; that the column of one may be empty besides goes without saying.

    Args:
        tokens: of the whole condition.
        names: of the table's columns, in small letters.
    """
    tokens = _bare(tokens)
    arms = _split(tokens, "or")
    ways = [arm for arm in arms if not _blank(arm)]
    blank = {_blank(arm) for arm in arms} - {""}
    if len(ways) != 1 or (blank and blank != {word.lower() for kind, word in ways[0] if kind == "word"} & names):
        yield tokens
        return
    parts = _split(ways[0], "and")
    if len(parts) == 1 and len(ways[0]) == len(tokens):
        yield parts[0]
        return
    for part in parts:
        yield from _conjuncts(part, names)


def _blank(tokens: Sequence[Token]) -> str:
    """Return the column of `column IS NULL`, in small letters; of any other condition nothing."""
    words = [word.lower() for _, word in tokens if word not in ("(", ")")]
    return words[0] if len(words) == 3 and words[1:] == ["is", "null"] else ""


Found = tuple[str, dict[str, Any], list[str], bool]
"""Column, fields, the only texts allowed, and whether that is all that the condition says."""


class _Condition:
    """One condition without AND and OR."""

    def __init__(self, tokens: Sequence[Token], kinds: dict[str, str], is_mysql: bool) -> None:  # noqa: FBT001
        self.tokens = list(tokens)
        self.kinds = kinds
        self.names = {name.lower(): name for name in kinds}
        self.is_mysql = is_mysql

    def read(self) -> Found | None:
        """Return what it says; None where that cannot be told."""
        left, at = self._operand(0)
        if left is None or at >= len(self.tokens):
            return self._turned()
        column, length = left
        sign = self.tokens[at][1].lower()
        rest = self.tokens[at + 1 :]
        if sign == "between":
            ands = [index for index, (kind, word) in enumerate(rest) if kind == "word" and word.lower() == "and"]
            if len(ands) != 1:
                return None
            bounds = self._constant(rest[: ands[0]]), self._constant(rest[ands[0] + 1 :])
            if None in bounds:
                return None
            lower = self._bound(column, length, ">=", str(bounds[0]))
            upper = self._bound(column, length, "<=", str(bounds[1]))
            if lower is None or upper is None:
                return None
            return column, lower[0] | upper[0], [], lower[1] and upper[1]
        if length:
            return self._compared(column, length=True, sign=sign, rest=rest)
        return (
            self._listed(column, sign, rest)
            or self._matched(column, sign, rest)
            or self._compared(column, length=False, sign=sign, rest=rest)
        )

    def _turned(self) -> Found | None:
        """Read `0 <= column`."""
        for index, (kind, sign) in enumerate(self.tokens):
            if kind == "sign" and sign in _TURNED:
                value = self._constant(self.tokens[:index])
                found, end = self._operand(index + 1)
                if value is None or found is None or end != len(self.tokens):
                    return None
                bound = self._bound(*found, _TURNED[sign], value)
                return None if bound is None else (found[0], bound[0], [], bound[1])
        return None

    def _operand(self, at: int) -> tuple[tuple[str, bool] | None, int]:
        """Return a column, whether its length is meant, and where it ends."""
        depth = 0
        length = False
        while at < len(self.tokens):
            kind, word = self.tokens[at]
            if (kind, word) == ("sign", "("):
                depth += 1
            elif kind == "word" and word.lower() in _LENGTHS and self.tokens[at + 1 : at + 2] == [("sign", "(")]:
                length = True
                self.bytes = self.is_mysql and word.lower() == "length"
            elif kind == "word" and word.lower() in self.names:
                word = self.names[word.lower()]
                end = at + 1
                while depth and self.tokens[end : end + 1] == [("sign", ")")]:
                    depth, end = depth - 1, end + 1
                return ((word, length), end) if not depth else (None, at)
            else:
                break
            at += 1
        return None, at

    bytes = False
    """Whether the length is counted in bytes: at most as many characters as that."""

    def _constant(self, tokens: Sequence[Token]) -> str | None:
        tokens = _bare(tokens)
        sign = "-" if len(tokens) == 2 and tokens[0] == ("sign", "-") and tokens[1][0] == "number" else ""
        tokens = tokens[1:] if sign else tokens
        return sign + tokens[0][1] if len(tokens) == 1 and tokens[0][0] in ("number", "text") else None

    def _compared(self, column: str, *, length: bool, sign: str, rest: Sequence[Token]) -> Found | None:
        value = self._constant(rest)
        bound = None if value is None else self._bound(column, length, sign, value)
        return None if bound is None else (column, bound[0], [], bound[1])

    def _bound(self, column: str, length: bool, sign: str, value: str) -> tuple[dict[str, Any], bool] | None:  # noqa: FBT001
        """Return the fields that say what a comparison says, and whether they say all of it."""
        kind = self.kinds[column]
        if length:
            return self._length_bound(sign, int(value)) if kind == "text" and value.isdigit() else None
        if kind == "text" and sign in ("<>", "!=") and not value:
            return {"shortest": 1}, True
        fits = (
            _NUMBER.match(value)
            if kind in ("integer", "decimal", "float")
            else _DAY.match(value)
            if kind == "date"
            else None
        )
        names = {
            ">=": ("at_least",),
            "<=": ("at_most",),
            ">": ("above",),
            "<": ("below",),
            "=": ("at_least", "at_most"),
        }
        return (dict.fromkeys(names[sign], value), True) if fits and sign in names else None

    def _length_bound(self, sign: str, value: int) -> tuple[dict[str, Any], bool] | None:
        fields: dict[str, Any] = {}
        if sign in ("=", "<=", "<"):
            fields["length"] = value - (sign == "<")
        if sign in ("=", ">=", ">") and not self.bytes:
            fields["shortest"] = value + (sign == ">")
        return (fields, not self.bytes) if fields else None

    def _listed(self, column: str, sign: str, rest: Sequence[Token]) -> Found | None:
        """Read `IN ('a', 'b')` and `= ANY (ARRAY['a', 'b'])`."""
        words = [word.lower() for kind, word in rest if kind == "word"]
        if not (sign == "in" and not words) and not (sign == "=" and words == ["any", "array"]):
            return None
        if self.kinds[column] in _ORDERED:  # a list of texts makes the column a picklist, which is one of text
            return None
        values = [word for kind, word in rest if kind == "text"]
        plain = all(kind in ("text", "word") or word in ("(", ")", ",", "[", "]") for kind, word in rest)
        return (column, {}, values, True) if values and plain else None

    def _matched(self, column: str, sign: str, rest: Sequence[Token]) -> Found | None:
        """Read a regular expression."""
        if self.kinds[column] != "text" or len(rest := list(_bare(rest))) != 1 or rest[0][0] != "text":
            return None
        text = rest[0][1]
        if sign not in ("~", "~*", "regexp", "rlike", "glob") or (sign != "glob" and _UNLIKE.search(text)):
            return None
        lettered = re.search("[A-Za-z]", re.sub(r"\\.", "", text)) is not None
        folded = lettered and (self.is_mysql or sign == "~*")  # MariaDB and MySQL look at case as the collation does
        if sign == "glob":
            pattern = _of_glob(text)
        else:
            pattern = ("(?i)" if folded else "") + text.replace("[:digit:]", "0-9")
            pattern = pattern if self.is_mysql else _of_whole_texts(pattern)
        try:
            re.compile(pattern)
        except re.error:
            return None
        return column, {"pattern": pattern}, [], not folded or sign == "~*"


def _of_glob(text: str) -> str:
    """Return a GLOB of SQLite as a regular expression."""
    made = ""
    for part in re.findall(r"\[\^?\]?[^\]]*\]|.", text, re.DOTALL):
        if part in ("*", "?"):
            made += ".*" if part == "*" else "."
        else:
            made += part.replace("\\", r"\\") if len(part) > 1 else re.escape(part)
    return _of_whole_texts(f"^{made}$")


def _of_whole_texts(pattern: str) -> str:
    """Return a pattern whose point is any sign and whose `$` is the end of the text, as in PostgreSQL and in a GLOB.

    To Python, MariaDB and MySQL a line break is no point, and one more may stand behind the end.
    """
    ended = _SIGNS.sub(lambda sign: r"\Z" if sign[0] == "$" else sign[0], pattern)
    return f"(?s){ended}" if "." in _SIGNS.findall(pattern) else ended


def narrowed(column: TargetColumn, fields: dict[str, Any]) -> TargetColumn:
    """Return a column with what checks say of it."""
    if "length" in fields:
        fields = {**fields, "length": min(fields["length"], column.length)}
    return replace(column, **fields)
