"""The door every raw text passes first: what nobody sees or types on purpose is taken out, nothing else.

Never blanket NFKC: it turns ㈱ into (株), ① into 1, ﹣ and 〇 variants into others, and damages correct Chinese names. Only letters and
digits of full width become half width; punctuation is left to the standard that knows what it means. Scrambled text and pinyin behind
characters go to `_scrambled.py`, which changes them only where the way back is exact.

Source: Unicode 15 (format and private-use characters); GB 18030-2022, annex D (characters that GB 18030-2005 had put into private use).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crmmigrate.messages import Message
from crmmigrate.model.standard import Flag
from crmmigrate.standards._scrambled import SIMPLE, unscrambled, without_gloss

if TYPE_CHECKING:
    from collections.abc import Mapping

CODES: Mapping[str, Message] = {
    "text.invisible": Message("invisible characters taken out"),
    "text.blanks": Message("blanks put in order"),
    "text.width": Message("full-width letters or digits made half width"),
    "text.private-use": Message("private-use characters nobody else can read"),
    "text.private-mended": Message("private-use characters of old systems written as the characters they were"),
    "text.lost": Message("characters were lost before the data came here"),
    "text.mojibake": Message("text read in the wrong encoding turned back"),
    "text.gloss": Message("pinyin behind characters taken out"),
    "text.sign": Message("signs that many systems cannot hold, such as ① or ㈱"),
}
"""Every standard may use these."""

INVISIBLE = Flag("text.invisible", "info")
BLANKS = Flag("text.blanks", "info")
WIDTH = Flag("text.width", "info")
PRIVATE_USE = Flag("text.private-use", "warning")
PRIVATE_MENDED = Flag("text.private-mended", "info")
LOST = Flag("text.lost", "warning")
MOJIBAKE = Flag("text.mojibake", "info")
GLOSS = Flag("text.gloss", "info")
SIGN = Flag("text.sign", "warning")
LIKELY = frozenset((MOJIBAKE,))
"""What makes an answer likely rather than certain."""

_LINE_ENDS = re.compile(r"\r\n?|\u2028|\u2029|\x85|_x000[dD]_\n?")
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff]"
)
_BLANK = re.compile("[\t\x0b\x0c \u00a0\u1680\u2000-\u200a\u202f\u205f\u3000\u2800\u3164\uffa0]+")
_AROUND_LINE = re.compile(r" ?\n ?")
_FULL_WIDTH = re.compile("[\uff10-\uff19\uff21-\uff3a\uff41-\uff5a]")
_HALF_WIDTH = {
    code: code - 0xFEE0 for span in ((0xFF10, 0xFF1A), (0xFF21, 0xFF3B), (0xFF41, 0xFF5B)) for code in range(*span)
}
_PRIVATE_USE = re.compile("[\ue000-\uf8ff\U000f0000-\U0010fffd]")
_LOST = re.compile("\ufffd|(?<=[\u4e00-\u9fff])\\?\\?+(?=[\u4e00-\u9fff])|锟斤拷")
_PRIVATE_KNOWN = str.maketrans(
    "\ue7c7\ue81e\ue826\ue82b\ue82c\ue832\ue843\ue854\ue864",
    "\u1e3f\u9fb4\u9fb5\u9fb6\u9fb7\u9fb8\u9fb9\u9fba\u9fbb",
)
_SIGN = re.compile("[\u2460-\u24ff\u3200-\u32ff]")
_GLOSSED = re.compile("[\u3400-\u9fff] ?[(（]\\s?[a-zà-ǜ]")
_SCRAMBLED_PIECES = re.compile("锟斤拷|鍏徃|鏈夐檺|锛|銆|鈥")
_CLEAN = re.compile(f"(?![ ])[ -~{SIMPLE}（）]*(?<! )\\Z")
_TWO_BLANKS = "  "


def door(raw: str) -> tuple[str, tuple[Flag, ...]]:
    """Return `raw` without invisible characters, with single blanks and half-width letters and digits, and what was done.

    Line ends become one newline; a text that is already clean comes back as it is.
    """
    if _clean(raw):
        return raw, () if "锟斤拷" not in raw else (LOST,)
    text, flags = _through(raw)
    for _ in range(3):
        if text == raw or _clean(text):
            break
        raw = text
        text, more = _through(raw)
        flags = tuple(dict.fromkeys((*flags, *more)))
    return text, flags


def _clean(text: str) -> bool:
    """Whether nothing needs to be looked at but lost characters."""
    return bool(
        _CLEAN.match(text)
        and _TWO_BLANKS not in text
        and "??" not in text
        and not (("(" in text or "（" in text) and _GLOSSED.search(text))
    )


def _through(raw: str) -> tuple[str, tuple[Flag, ...]]:
    flags = []
    turned = unscrambled(raw.strip())
    if turned:
        raw = turned
        flags.append(MOJIBAKE)
    ended = _LINE_ENDS.sub("\n", raw)
    text = _INVISIBLE.sub("", ended)
    if text != ended:
        flags.append(INVISIBLE)
    spaced = _AROUND_LINE.sub("\n", _BLANK.sub(" ", text)).strip(" \n")
    if spaced != text or ended != raw:
        flags.append(BLANKS)
    text = spaced
    if _FULL_WIDTH.search(text):
        text = text.translate(_HALF_WIDTH)
        flags.append(WIDTH)
    if _GLOSSED.search(text):
        plain = without_gloss(text)
        if plain != text:
            text = plain
            flags.append(GLOSS)
    return _marked(text, flags)


def _marked(text: str, flags: list[Flag]) -> tuple[str, tuple[Flag, ...]]:
    if _PRIVATE_USE.search(text):
        known = text.translate(_PRIVATE_KNOWN)
        if known != text:
            text = known
            flags.append(PRIVATE_MENDED)
        if _PRIVATE_USE.search(text):
            flags.append(PRIVATE_USE)
    if _LOST.search(text) or _SCRAMBLED_PIECES.search(text):
        flags.append(LOST)
    if _SIGN.search(text):
        flags.append(SIGN)
    return text, tuple(flags)


def standing(flags: tuple[Flag, ...]) -> tuple[Flag, ...]:
    """Return those flags that are true of a text even if nothing in it was changed: lost and private characters, rare signs."""
    return tuple(flag for flag in flags if flag.severity != "info")


def line(raw: str) -> tuple[str, tuple[Flag, ...]]:
    """Return what `door` returns, in one line: a newline becomes a blank."""
    text, flags = door(raw)
    if "\n" in text:
        text = _BLANK.sub(" ", text.replace("\n", " "))
        flags = flags if BLANKS in flags else (*flags, BLANKS)
    return text, flags
