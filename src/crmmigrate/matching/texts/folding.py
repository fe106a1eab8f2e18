"""Write text so that what people write in several ways is written one way; for comparing only, never for output."""

from __future__ import annotations

import json
import re
import unicodedata
import zlib
from collections.abc import Sequence
from functools import cache
from importlib.util import find_spec
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crmmigrate.matching import SEPARATOR

if TYPE_CHECKING:
    import pyarrow as pa

    from crmmigrate.matching import Values

_NOT_WORD = re.compile(r"[\W_]+")
_BLANKS = re.compile(rf"[^\S\n{SEPARATOR}]+")
_LAST = 0x9FFF
_LOOKALIKE = (("巿", "市"), ("冇", "有"))
"""Characters that scanners and fonts give for commoner ones of the same shape."""

_CJK = re.compile(r"[\u3400-\u9fff]")
_ODD = f"[^\x1f-\x7f\u3400-\u9fff]|  |^ | $| {SEPARATOR}|{SEPARATOR} "
"""What may have to be normalised, and blanks that are taken out. Of all else NFKC changes nothing, and case-folding no more than lower case does."""


@cache
def _simplifier() -> Any:
    import opencc

    return opencc.OpenCC("t2s")


def fold(texts: Sequence[str]) -> list[str]:
    """Return each text in NFKC, lower case, simplified characters and without surplus blanks.

    Source: Unicode Standard Annex 15 (NFKC); OpenCC dictionary t2s.
    """
    return _folded(texts).split("\n") if texts else []


def _folded(texts: Sequence[str]) -> str:
    """Return `fold` of texts, one a line: one long text is done in a fraction of the time that many short ones take."""
    whole = "\n".join(texts)
    if whole.count("\n") >= len(texts):
        whole = "\n".join(text.replace("\n", " ") for text in texts)
    if whole.isascii():
        whole = whole.lower()
    else:
        # Those that are normal already, most of them, come back as they are.
        whole = "\n".join([unicodedata.normalize("NFKC", text) for text in whole.split("\n")]).casefold()
        if is_chinese(whole):
            whole = _simplified(whole)
    whole = _BLANKS.sub(" ", whole)
    for between in ("\n", SEPARATOR):
        whole = whole.replace(" " + between, between).replace(between + " ", between)
    return whole.strip(" ")


def _simplified(whole: str) -> str:
    whole = _simplifier().convert(whole)
    # Both are seldom met: looking for them takes a fraction of what translating every character takes.
    for seen, meant in _LOOKALIKE:
        whole = whole.replace(seen, meant)
    return whole


def folded(values: Values) -> pa.Array:
    """Return `fold` of each value of a role (large_string); the several values that it may consist of stay together.

    Most values are such as need lower case at most, and simplified characters: these are never made texts of Python.
    """
    import pyarrow.compute as pc

    texts = texts_of(values)
    odd = pc.match_substring_regex(texts, _ODD)
    result = pc.ascii_lower(texts)
    chinese = pc.invert(pc.or_(pc.string_is_ascii(texts), odd))
    if pc.any(chinese).as_py():
        result = pc.replace_with_mask(result, chinese, of_lines(_simplified(lines(result.filter(chinese)))))
    if pc.any(odd).as_py():
        result = pc.replace_with_mask(result, odd, of_lines(_folded(texts.filter(odd).to_pylist())))
    return result


def texts_of(values: Values) -> pa.Array:
    """Return the values of a role as they are (large_string)."""
    import pyarrow as pa

    return values.cast(pa.large_string()) if isinstance(values, pa.Array) else pa.array(values, pa.large_string())


def lines(texts: pa.Array) -> str:
    """Return texts (large_string, one or more, without line ends), one a line."""
    import pyarrow as pa
    import pyarrow.compute as pc

    ended = pc.binary_join_element_wise(texts, pa.scalar("", texts.type), pa.scalar("\n", texts.type))
    return str(memoryview(ended.buffers()[2])[:-1], "utf-8")


def of_lines(whole: str) -> pa.Array:
    """Return each line of a text (large_string)."""
    import numpy as np
    import pyarrow as pa

    data = np.frombuffer(whole.encode(), dtype=np.uint8)
    ends = np.flatnonzero(data == ord("\n"))
    begins = np.r_[0, ends - np.arange(len(ends)), len(data) - len(ends)].astype(np.int64)
    kept = data[data != ord("\n")]
    return pa.LargeStringArray.from_buffers(len(ends) + 1, pa.py_buffer(begins), pa.py_buffer(kept))


def fold_values(values: Values) -> list[list[str]]:
    """Return for each value of a role `fold` of the several values it may consist of, the first one first."""
    return [
        [part for part in cell.split(SEPARATOR) if part] if SEPARATOR in cell else [cell] if cell else []
        for cell in folded(values).to_pylist()
    ]


def bare(text: str) -> str:
    """Return `text` without blanks and punctuation."""
    return text if text.isalnum() else _NOT_WORD.sub("", text)


_TONES = str.maketrans("", "", "\u0300\u0301\u0304\u030c")


@cache
def _readings() -> dict[str, str]:
    """Return pypinyin's readings by code point, the commonest first (`hǎo,hào`).

    They are read from its file where that is found: importing pypinyin loads its phrases, which take more time and memory
    than all else that is needed of it.
    """
    found = find_spec("pypinyin")
    places = (found.submodule_search_locations if found else None) or [""]
    file = Path(places[0], "pinyin_dict.json")
    if file.is_file():
        return dict(json.loads(file.read_text(encoding="utf-8")))
    from pypinyin.pinyin_dict import pinyin_dict

    return {str(point): readings for point, readings in pinyin_dict.items()}


@cache
def _toneless(reading: str) -> str:
    bare_letters = unicodedata.normalize("NFD", reading).translate(_TONES)
    return unicodedata.normalize("NFC", bare_letters).replace("ü", "v")


@cache
def _sounds(character: str) -> tuple[str, ...]:
    """Return how a character may be read, without tones, the commonest way first; what is not Chinese as itself."""
    readings = _readings().get(str(ord(character))) if _CJK.match(character) else None
    return tuple(dict.fromkeys(map(_toneless, readings.split(",")))) if readings else (character,)


@cache
def _sound(character: str) -> str:
    return _sounds(character)[0]


def all_sounds(text: str) -> list[str]:
    """Return all ways to read a text of few characters in pinyin, without tones and blanks: 佛山 is `fushan` and `foshan`."""
    return ["".join(said) for said in product(*map(_sounds, text))]


def sound(text: str) -> str:
    """Return the pinyin of `text` without tones, character by character; what is not Chinese stays."""
    return " ".join(map(_sound, text))


@cache
def syllables() -> frozenset[str]:
    """Return the syllables of pinyin, without tones; sounds of a single consonant (嗯, n) are none."""
    first = (readings.partition(",")[0] for point, readings in _readings().items() if int(point) <= _LAST)
    return frozenset(said for said in map(_toneless, first) if len(said) > 1 or said in ("a", "e", "o"))


def is_chinese(text: str) -> bool:
    """Return whether `text` has a Chinese character."""
    return not text.isascii() and _CJK.search(text) is not None


def script(name: str) -> int:
    """Return a number for the script of a name's first letter; the same for all that are written from the Latin alphabet."""
    letter = name[:1]
    if not letter or letter.isascii():
        return 0
    kind = unicodedata.name(letter, "").partition(" ")[0]
    return 0 if kind == "LATIN" else zlib.crc32(kind.encode())


def is_pinyin(text: str) -> bool:
    """Return whether letters can be read as syllables of pinyin from their beginning to their end; 喔 ends nobody's name, as Leo and Theo do."""
    ends = {0}
    for end in range(1, len(text) + 1):
        starts = (start for start in range(max(end - 6, 0), end) if start in ends)
        if any(text[start:end] in syllables() and (start == 0 or text[start:end] != "o") for start in starts):
            ends.add(end)
    return len(text) in ends
