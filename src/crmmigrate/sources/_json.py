"""JSON as a stream: values one after another, the elements of a list inside, numbers as they are written.

Nothing but one value is in memory at a time. The standard library parses each value and keeps its numbers as they are
written; what streams is here, because the libraries that stream (ijson 3.6) write numbers anew (`1E5` becomes `1E+5`, `-0`
becomes `0`, `0.000000001` becomes `1E-9`) and give up a file at the first byte that is no UTF-8.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_VALUE = 8 << 20
"""Letters of one object; of a file that is one object, more are looked through for the list in it."""
_CHUNK = 1 << 16
_SPACE = re.compile(r"[ \t\r\n\ufeff]*")


class Number(str):
    """A number as it is written in the file."""

    __slots__ = ()


class Object(dict[str, Any]):
    """An object that remembers the names that stand in it twice; the last value counts."""

    doubled: tuple[str, ...] = ()


class TooLarge(Exception):
    """A value is longer than `MAX_VALUE`."""


def _object(pairs: list[tuple[str, Any]]) -> Object:
    found = Object(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        found.doubled = tuple(dict.fromkeys(name for name in names if names.count(name) > 1))
    return found


_DECODER = json.JSONDecoder(parse_int=Number, parse_float=Number, parse_constant=Number, object_pairs_hook=_object)


class Stream:
    """The text of a JSON file, of which a piece is in memory.

    Args:
        file: the open text.
    """

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._text = ""
        self._at = 0
        self._ended = False
        self._lines = 0

    @property
    def line(self) -> int:
        """Number of the line reached, from 1."""
        return self._lines + self._text.count("\n", 0, self._at) + 1

    def peek(self) -> str:
        """Return the next letter that is no white space, or nothing at the end."""
        while True:
            self._at = _SPACE.match(self._text, self._at).end()  # type: ignore[union-attr]
            if self._at < len(self._text) or not self._more():
                return self._text[self._at : self._at + 1]

    def skip(self, letter: str) -> bool:
        """Go behind `letter` if it comes next."""
        if self.peek() != letter:
            return False
        self._at += 1
        return True

    def expect(self, letter: str) -> None:
        """Go behind `letter`.

        Raises:
            json.JSONDecodeError: another one comes.
        """
        if not self.skip(letter):
            raise json.JSONDecodeError(f"no {letter}", "", 0)

    def value(self) -> Any:
        """Return the next value.

        Raises:
            json.JSONDecodeError: it is none.
            RecursionError: it is nested too deep.
            TooLarge: it is longer than `MAX_VALUE`.
        """
        first = self.peek()
        wanted = _CHUNK
        while True:
            try:
                found, end = _DECODER.raw_decode(self._text, self._at)
            except json.JSONDecodeError as error:
                # Broken off where the text in memory ends, or simply wrong?
                if self._ended or (error.pos < len(self._text) - 20 and "Unterminated" not in error.msg):
                    raise
            else:
                # A number may go on behind what is in memory.
                if self._ended or end < len(self._text) or first in '{["':
                    self._at = end
                    return found
            if len(self._text) - self._at > MAX_VALUE:
                raise TooLarge
            self._more(wanted)
            wanted *= 2

    def _more(self, size: int = _CHUNK) -> bool:
        """Take up more of the file; tell whether there was any."""
        chunk = "" if self._ended else self._file.read(size)
        if not chunk:
            self._ended = True
            return False
        if self._at > _CHUNK:
            self._lines += self._text.count("\n", 0, self._at)
            self._text = self._text[self._at :]
            self._at = 0
        self._text += chunk
        return True


def values(stream: Stream) -> Iterator[Any]:
    """Yield the values that stand one after another: JSON Lines."""
    while stream.peek():
        yield stream.value()


def elements(stream: Stream, path: tuple[str, ...]) -> Iterator[Any]:
    """Yield the elements of the list that the names of `path` lead to; of the file's list where there are none.

    Raises:
        json.JSONDecodeError: the text is not as it should be.
    """
    if path:
        for name in names(stream):
            if name == path[0]:
                yield from elements(stream, path[1:])
                return
            skip_value(stream)
        return
    stream.expect("[")
    if stream.skip("]"):
        return
    while True:
        yield stream.value()
        if stream.skip("]"):
            return
        stream.expect(",")


def names(stream: Stream) -> Iterator[str]:
    """Yield the names of the object that comes next; the value of each has to be read before the next."""
    stream.expect("{")
    if stream.skip("}"):
        return
    while True:
        name = stream.value()
        stream.expect(":")
        yield name
        if stream.skip("}"):
            return
        stream.expect(",")


def skip_value(stream: Stream) -> None:
    """Go behind the next value, however long it is."""
    try:
        stream.value()
    except TooLarge:
        kind = stream.peek()
        if kind == "[":
            stream.skip("[")
            if stream.skip("]"):
                return
            while True:
                skip_value(stream)
                if stream.skip("]"):
                    return
                stream.expect(",")
        if kind != "{":
            raise
        for _ in names(stream):
            skip_value(stream)


def lists_ahead(stream: Stream, depth: int = 2) -> Iterator[tuple[tuple[str, ...], bool]]:
    """Yield the path of each value in the object that comes next, and whether it is a list of objects.

    The same lists as `lists_in` gives, of an object that is too long for memory.
    """
    for name in names(stream):
        kind = stream.peek()
        if kind == "{" and depth > 1:
            yield from (((name, *path), is_list) for path, is_list in lists_ahead(stream, depth - 1))
        elif kind == "[":
            sorts = {isinstance(item, Object) for item in elements(stream, ())}
            yield (name,), sorts == {True}
        else:
            skip_value(stream)
            yield (name,), False


def lists_in(found: Object, depth: int = 2) -> dict[tuple[str, ...], int]:
    """Return the paths of the lists of objects in an object, with their lengths."""
    lists: dict[tuple[str, ...], int] = {}
    for name, value in found.items():
        if isinstance(value, list) and value and all(isinstance(item, dict) for item in value):
            lists[(name,)] = len(value)
        elif isinstance(value, dict) and depth > 1:
            lists |= {(name, *path): size for path, size in lists_in(Object(value), depth - 1).items()}
    return lists


def flat(record: Object, above: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Yield the path and the value of each leaf: objects in objects are taken apart, lists are not."""
    for name, value in record.items():
        if isinstance(value, dict) and value:
            yield from flat(Object(value), (*above, name))
        else:
            yield (*above, name), value


def doubled(record: Any) -> Iterator[str]:
    """Yield the names that stand twice in an object or in those inside it."""
    if isinstance(record, Object):
        yield from record.doubled
    inner = record.values() if isinstance(record, dict) else record if isinstance(record, list) else ()
    for value in inner:
        yield from doubled(value)


def written(value: Any) -> str | None:
    """Return a value as text: texts and numbers as they are, lists as JSON with the digits of the file."""
    if value is None or type(value) is str:
        return value
    if isinstance(value, Number):
        return str(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return _json(value)


def _json(value: Any) -> str:
    if isinstance(value, dict):
        return (
            "{"
            + ", ".join(f"{json.dumps(name, ensure_ascii=False)}: {_json(item)}" for name, item in value.items())
            + "}"
        )
    if isinstance(value, list):
        return "[" + ", ".join(map(_json, value)) + "]"
    return str(value) if isinstance(value, Number) else json.dumps(value, ensure_ascii=False)
