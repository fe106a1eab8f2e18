"""Text files: their encoding, and their lines.

The encoding is found in this order: byte order mark; UTF-16 by its zeros; UTF-8 if it holds to the end; the likeliest other
encoding if that holds to the end; some lines in UTF-8 and some in another encoding; one in which all but a few places can be
read; and for text that is nearly all ASCII, Windows' western one, which is told as a guess.
"""

from __future__ import annotations

import codecs
import re
from typing import TYPE_CHECKING, TextIO

from crmmigrate.errors import LocationError
from crmmigrate.messages import Message
from crmmigrate.model.issue import declare_code
from crmmigrate.sources._letters import PLAUSIBLE, likeliest, likeness, score
from crmmigrate.sources._request import CHUNK, damaged, too_large

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"),
)  # fmt: skip
SAMPLE = 256 << 10
MAX_LINE = 16 << 20
"""Letters of a line: no row of a table of customers is longer."""
MIXED = "utf-8+"
"""What the name of a mixture begins with: a line is UTF-8, or else in the encoding behind the plus sign."""
MIXABLE = ("gb18030", "big5hkscs", "cp1252")
GUESS = "cp1252"

declare_code(
    "source.encoding-guessed",
    Message("the few letters that are not ASCII do not tell the encoding; it was taken for Windows-1252"),
)

_LINES = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
_UTF8_PAIR = re.compile(rb"(?:[\xe3-\xe9][\x80-\xbf]{2}){2,}(?![\x80-\xff])")


class OtherLine(str):
    """A line of a mixture that is not in UTF-8."""

    __slots__ = ()


def encoding_of(path: Path, given: str = "") -> str:
    """Return the encoding of a text file, or a mixture of two (`MIXED` and the second).

    Args:
        path: the file.
        given: what the user says; only checked to exist.

    Raises:
        LocationError: `source.encoding-unknown`, if it is text in none of the known encodings.
    """
    return encoding_and_doubt(path, given)[0]


def encoding_and_doubt(path: Path, given: str = "") -> tuple[str, bool]:
    """Return what `encoding_of` returns, and whether it is no more than a guess."""
    if given:
        return _named(given, path), False
    with path.open("rb") as file:
        sample = file.read(SAMPLE)
    sure = next((name for mark, name in _MARKS if sample.startswith(mark)), "") or _utf16(sample)
    if sure:
        return sure, False
    if _holds(path, "utf-8"):
        return ("gb18030" if _only_by_chance(sample) else "utf-8"), False
    if sample.isascii():
        sample = _first_foreign(path)
    name = likeliest(sample)
    if name and _holds(path, name):
        return (_mixture(path) or name if _has_utf8(path) else name), False
    mended = _mixture(path) or _mostly(sample, name)
    if mended:
        return mended, False
    if _nearly_ascii(sample):
        return GUESS, True
    raise LocationError(
        "source.encoding-unknown", Message("the file is text in no known encoding"), str(path),
        Message("say which it is, for example --encoding gb18030, or save it as UTF-8"),
    )  # fmt: skip


def text_codec(name: str) -> str:
    """Return Python's name of an encoding of text.

    Raises:
        LookupError: there is none of that name, or it makes something else than text of bytes (rot13, zip).
    """
    found = codecs.lookup(name)
    if not getattr(found, "_is_text_encoding", True):  # what `open` itself asks
        raise LookupError(name)
    return found.name


def declared_encoding(name: str) -> str:
    """Return the encoding a document declares, or the superset of it that those who declare it use.

    Raises:
        LookupError: there is no such encoding of text.
    """
    return text_codec("gb18030" if name.lower() in ("gb2312", "gbk") else name)


def _named(given: str, path: Path) -> str:
    try:
        return text_codec(given)
    except LookupError as error:
        raise LocationError(
            "source.encoding-name", Message("no encoding is called '{name}'", name=given), str(path),
            Message("for example: {names}", names="utf-8, gb18030, big5, utf-16, cp1252"),
        ) from error  # fmt: skip


def _first_foreign(path: Path) -> bytes:
    """Return a sample that begins shortly before the first byte that is not ASCII."""
    start = 0
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            found = re.search(rb"[\x80-\xff]", chunk)
            if found:
                file.seek(max(0, start + found.start() - 1024))
                return file.read(SAMPLE)
            start += len(chunk)
    return b""


def _utf16(sample: bytes) -> str:
    """Return which UTF-16 a text without a mark is: the upper halves of its ASCII letters are zeros at every other place."""
    low, high = sample[::2].count(0), sample[1::2].count(0)
    if min(low, high) * 20 > max(low, high) or not max(low, high):
        return ""
    name = "utf-16-le" if high > low else "utf-16-be"
    text = sample[: len(sample) // 2 * 2].decode(name, "replace")
    usual = sum(
        letter in "\t\r\n" or " " <= letter < "\x7f" or "\u4e00" <= letter <= "\u9fff" or "\u3000" <= letter <= "\u30ff"
        or "\uff00" <= letter <= "\uffee" or "\xa0" <= letter <= "\u024f" or "\u0400" <= letter <= "\u04ff"
        or "\uac00" <= letter <= "\ud7a3" or "\u2000" <= letter <= "\u22ff"
        for letter in text
    )  # fmt: skip
    return name if usual >= 0.9 * len(text) else ""


def _holds(path: Path, encoding: str) -> bool:
    """Whether the whole file is text in `encoding`.

    Raises:
        LocationError: a piece of it is all zeros, as a crash leaves a file that was not written to its end.
    """
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        with path.open("rb") as file:
            while chunk := file.read(CHUNK):
                if not chunk.strip(b"\0"):
                    raise damaged(str(path))
                if not (chunk.isascii() and decoder.getstate()[0] == b""):
                    decoder.decode(chunk)
            decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _only_by_chance(data: bytes) -> bool:
    """Whether the few letters of a text are UTF-8 only by chance: two bytes each, no words, but good Chinese as GB 18030."""
    if data.isascii():
        return False
    foreign = re.findall(rb"[\x80-\xff]+", data)
    if sum(map(len, foreign)) > 24 or any(byte >= 0xE0 for run in foreign for byte in run):
        return False
    text = data.decode("utf-8", "ignore")
    words = max(likeness(text, "cp1252"), likeness(text, "cp1251"))
    return words <= PLAUSIBLE and score(data, "gb18030") > 0.6


def _has_utf8(path: Path) -> bool:
    """Whether somewhere stand two signs or more of three bytes each, as only UTF-8 has them."""
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            # What stands before is looked at only then: that is twice as fast as to let the pattern do it.
            if any(chunk[max(0, found.start() - 1) : found.start()].isascii() for found in _UTF8_PAIR.finditer(chunk)):
                return True
    return False


def _mixture(path: Path) -> str:
    """Return the mixture that a file is whose lines are partly UTF-8, partly in one other encoding; else nothing."""
    unicode = others = 0
    sample = b""
    with path.open("rb") as file:
        while raw := file.readline(MAX_LINE):
            if raw.isascii():
                continue
            if _is_utf8(raw):
                unicode += 1
            else:
                others += 1
                sample += raw if len(sample) < SAMPLE else b""
    if not (unicode and others):
        return ""
    second = likeliest(sample)
    # Bytes that got lost in a few lines of a UTF-8 file make no second encoding.
    return (
        MIXED + second if second in MIXABLE and "\ufffd" not in sample.decode(second, "replace")[: SAMPLE // 4] else ""
    )


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return not _only_by_chance(data)


def _mostly(sample: bytes, likely: str) -> str:
    """Return the encoding in which all but a few places of the text can be read."""
    for name in ("utf-8", likely or "gb18030"):
        text = sample.decode(name, "replace")
        foreign = sum(letter >= "\x80" for letter in text)
        strange = sum(letter < " " and letter not in "\t\r\n\f\x1a" for letter in text)
        legible = name == "utf-8" or likeness(text.replace("\ufffd", ""), name) > PLAUSIBLE
        if foreign > 20 and text.count("\ufffd") * 20 <= foreign and strange * 100 <= len(text) and legible:
            return name
    return ""


def _nearly_ascii(sample: bytes) -> bool:
    foreign = len(re.findall(rb"[\x80-\xff]", sample))
    strange = len(re.findall(rb"[\x00-\x08\x0b\x0e-\x19\x1b-\x1f]", sample))
    return foreign * 10 <= len(sample) and strange * 100 <= len(sample)


def check_lines(path: Path) -> None:
    """Refuse a file with a line that no table has, before anything else looks at the whole of it.

    Raises:
        LocationError: `source.too-large`.
    """
    length = 0
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            first = next((found.start() for found in re.finditer(rb"[\r\n]", chunk)), -1)
            if first < 0:
                length += len(chunk)
            else:
                length = len(chunk) - max(chunk.rfind(b"\n"), chunk.rfind(b"\r"))
            if length > 4 * MAX_LINE:
                raise _line_too_long(path)


def _line_too_long(path: Path, number: int = 0) -> LocationError:
    place = f"{path}:{number}" if number else str(path)
    return too_large(Message("a line is longer than {limit} characters", limit=MAX_LINE), place)


def opened(path: Path, encoding: str) -> TextIO:
    """Open a text file; what can't be decoded becomes U+FFFD, line ends stay. Of a mixture, only what is UTF-8 is legible."""
    return path.open(encoding="utf-8" if encoding.startswith(MIXED) else encoding, errors="replace", newline="")


def pieces(path: Path, encoding: str) -> Iterator[str]:
    """Yield the lines of a text file with their ends; what can't be decoded becomes U+FFFD.

    Raises:
        LocationError: a line is longer than `MAX_LINE`.
    """
    if encoding.startswith(MIXED):
        yield from _mixed_pieces(path, encoding.removeprefix(MIXED))
        return
    with opened(path, encoding) as file:
        number = 0
        while line := file.readline(MAX_LINE):
            number += 1
            if len(line) == MAX_LINE:
                raise _line_too_long(path, number)
            yield line


def _mixed_pieces(path: Path, second: str) -> Iterator[str]:
    with path.open("rb") as file:
        number = 0
        while raw := file.readline(MAX_LINE):
            number += 1
            if len(raw) == MAX_LINE:
                raise _line_too_long(path, number)
            if raw.isascii() or _is_utf8(raw):
                yield from _LINES.findall(raw.decode())
            else:
                yield from map(OtherLine, _LINES.findall(raw.decode(second, "replace")))
