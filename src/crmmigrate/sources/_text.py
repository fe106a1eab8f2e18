"""Text files: which encoding, which delimiter."""

from __future__ import annotations

import codecs
import csv
import io
import re
from typing import TYPE_CHECKING

from crmmigrate.errors import LocationError
from crmmigrate.messages import Message
from crmmigrate.sources._request import CHUNK

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"),
)  # fmt: skip
CANDIDATES = ("gb18030", "big5hkscs", "cp1252")
SAMPLE = 256 << 10
PLAUSIBLE = 0.2
"""A score below this is what noise gets."""
DELIMITERS = ",;\t|"

# The signs that customer data is full of; a wrong decoding hits them only by chance.
_COMMON = frozenset(
    "的一是在有公司限市区區路号號省电電话話名客户戶姓地址手机機人中国國大小新年月日时時间間不了和为為业業务務经經理产產品"
    "北京上海广廣州深圳江苏蘇浙杭成都南西东東四川山河湖安福建重庆慶天津科技商贸貿易有信息股份集团團实實工程服装裝食"
    "王李张張刘劉陈陳杨楊赵趙黄黃周吴吳徐孙孫胡朱高林何郭马馬罗羅编編备備注註状狀态態日期联聯系係负負责責单單位金额額楼樓室街镇鎮县縣"
)


def encoding_of(path: Path, given: str = "") -> str:
    """Return the encoding of a text file: the byte order mark's, UTF-8 if it holds to the end, or the likeliest.

    Args:
        path: the file.
        given: what the user says; only checked to exist.

    Raises:
        LocationError: `source.encoding-unknown`, if it is text in none of the known encodings.
    """
    if given:
        try:
            return codecs.lookup(given).name
        except LookupError as error:
            raise LocationError(
                "source.encoding-name", Message("no encoding is called '{name}'", name=given), str(path),
                Message("for example: {names}", names="utf-8, gb18030, big5, utf-16, cp1252"),
            ) from error  # fmt: skip
    with path.open("rb") as file:
        sample = file.read(SAMPLE)
    for mark, name in _MARKS:
        if sample.startswith(mark):
            return name
    wide = _utf16(sample)
    if wide:
        return wide
    if _holds(path, "utf-8"):
        return "utf-8"
    if sample.isascii():
        sample = _first_foreign(path)
    name = likeliest(sample)
    if name and _holds(path, name):
        return name
    mended = _mostly(sample, name)
    if mended:
        return mended
    raise LocationError(
        "source.encoding-unknown", Message("the file is text in no known encoding"), str(path),
        Message("say which it is, for example --encoding gb18030, or save it as UTF-8"),
    )  # fmt: skip


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
    zeros = sample.count(0)
    if not zeros or zeros < len(sample) * 0.1:
        return ""
    for name in ("utf-16-le", "utf-16-be"):
        text = sample[: len(sample) // 2 * 2].decode(name, "replace")
        if "\n" in text and "\0" not in text and text.count("\ufffd") <= 1:
            return name
    return ""


def _holds(path: Path, encoding: str) -> bool:
    """Whether the whole file is text in `encoding`."""
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        with path.open("rb") as file:
            while chunk := file.read(CHUNK):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def likeliest(sample: bytes) -> str:
    """Return the likeliest of `CANDIDATES` for bytes that are not UTF-8; empty where none makes sense."""
    scores = {name: _score(sample, name) for name in CANDIDATES}
    best = max(scores, key=lambda name: scores[name])
    return best if scores[best] > PLAUSIBLE else ""


def _score(sample: bytes, encoding: str) -> float:
    """Return how much the decoded text looks like text, from -1 to 1."""
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        return _likeness(decoder.decode(sample), encoding)
    except UnicodeDecodeError:
        return -1.0


def _likeness(text: str, encoding: str) -> float:
    """Return how much text that was decoded from `encoding` looks like text, from -1 to 1."""
    strange = sum(1 for letter in text if letter < " " and letter not in "\t\r\n\f\x1a")
    foreign = [letter for letter in text if letter >= "\x80"]
    if not foreign or strange > len(text) * 0.01:
        return -1.0
    if encoding == "cp1252":
        runs = re.findall(r"[\x80-\uffff]{3,}", text)
        inside = len(re.findall(r"[A-Za-z][À-ÿ]|[À-ÿ][A-Za-z]", text))
        return (inside - 3 * sum(map(len, runs))) / len(foreign)
    common = sum(letter in _COMMON for letter in foreign)
    known = sum(
        "\u4e00" <= letter <= "\u9fff" or "\u3000" <= letter <= "\u303f" or "\uff00" <= letter <= "\uffef"
        for letter in foreign
    )
    native = sum(_native(letter, encoding) for letter in foreign)
    return (known * 0.2 + native * 0.4 + common * 0.8) / len(foreign) - 0.3


def _native(letter: str, encoding: str) -> bool:
    """Whether the letter is among the usual ones of the encoding: level 1 of GB 2312 or of Big5."""
    try:
        pair = letter.encode(encoding)
    except UnicodeEncodeError:
        return False
    if len(pair) != 2:
        return False
    if encoding == "gb18030":
        return (0xB0 <= pair[0] <= 0xD7 or 0xA1 <= pair[0] <= 0xA3) and pair[1] >= 0xA1
    return 0xA4 <= pair[0] <= 0xC6 or 0xA1 <= pair[0] <= 0xA2


def _mostly(sample: bytes, likely: str) -> str:
    """Return the encoding in which all but a few places of the text can be read."""
    for name in ("utf-8", likely or "gb18030"):
        text = sample.decode(name, "replace")
        foreign = sum(letter >= "\x80" for letter in text)
        strange = sum(letter < " " and letter not in "\t\r\n\f\x1a" for letter in text)
        legible = name == "utf-8" or _likeness(text.replace("\ufffd", ""), name) > PLAUSIBLE
        if foreign > 20 and text.count("\ufffd") * 20 <= foreign and strange * 100 <= len(text) and legible:
            return name
    return ""


def pieces(path: Path, encoding: str) -> Iterator[str]:
    """Yield the lines of a text file with their ends; what can't be decoded becomes U+FFFD."""
    with path.open(encoding=encoding, errors="replace", newline="") as file:
        yield from file


def delimiter_of(sample: str) -> str:
    """Return the delimiter of a CSV text: the one that cuts its lines into equally many pieces, the more the better."""
    first = sample.split("\n", 1)[0].strip().lower()
    if first.startswith("sep=") and len(first) == 5:
        return first[4]
    best, reached = ",", 0.0
    for delimiter in DELIMITERS:
        try:
            counts = [len(row) for row in csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter) if row]
        except csv.Error:
            continue
        counts = counts[:-1] if len(counts) > 1 and not sample.endswith(("\n", "\r")) else counts
        usual = max(set(counts), key=lambda size: (counts.count(size), size)) if counts else 1
        if usual > 1:
            quality = counts.count(usual) / len(counts) + min(usual, 50) / 500
            if quality > reached:
                best, reached = delimiter, quality
    return best
