"""Text read in the wrong encoding, and pinyin written behind characters: turned back only where the way back is exact.

Three kinds are known: GBK read as Latin (ÕÅÎ°), UTF-8 read as GBK (寮犱紵) and UTF-8 read as Latin (å¼ ä¼Ÿ). The bytes are made again
and decoded strictly; what comes out must be common Chinese, and must give the very same scrambled text when it is scrambled again.

Source: GB 2312-80 (the 6,763 common characters).
"""

from __future__ import annotations

import re
import unicodedata


def _common() -> str:
    signs = []
    for high in range(0xB0, 0xF8):
        for low in range(0xA1, 0xFF):
            try:
                signs.append(bytes((high, low)).decode("gb2312"))
            except UnicodeDecodeError:
                continue
    return "".join(signs)


COMMON = frozenset(_common())
"""The Chinese characters of GB 2312."""
SIMPLE = "".join(sorted(COMMON))
"""The same, for the inside of a character class: none of them means anything there."""
_LATIN = re.compile(
    "[\u00a0-\u00ff\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2013-\u2022\u2026\u2030\u2039\u203a\u20ac\u2122]{2,}"
)
_ACCENTED = re.compile("[\u00c0-\u00ff]")
_RARE = re.compile(f"[\u3400-\u9fff\ue000-\uf8ff\u20ac](?<![{SIMPLE}])")
_CHINESE_ONLY = re.compile(f"[ -~{SIMPLE}（）、，。·：；“”《》—]+\\Z")
_HAS_CHINESE = re.compile(f"[{SIMPLE}]")
_LETTER_BESIDE = re.compile("[A-Za-z][\u00a0-\u024f]|[\u00a0-\u024f][A-Za-z]")
_GLOSS = re.compile("([\u3400-\u9fff]) ?[(（]\\s?([a-zà-ǜü]{1,7})\\s?[)）]")


def unscrambled(text: str) -> str:
    """Return what the text was before it was read in the wrong encoding, or an empty text where that is not certain."""
    if _LATIN.search(text):
        return _from_latin(text)
    if _RARE.search(text):
        return _back(text, "gb18030", "utf-8")
    return ""


def _from_latin(text: str) -> str:
    turned = _back(text, "cp1252", "utf-8") or _back(text, "latin-1", "utf-8")
    if turned or not _ACCENTED.search(text) or _LETTER_BESIDE.search(text) or _is_european(text):
        return turned
    return _back(text, "cp1252", "gb2312") or _back(text, "latin-1", "gb2312")


def _is_european(text: str) -> bool:
    """Whether the bytes are UTF-8 all the same, of a language that is not Chinese: Ã© was é."""
    try:
        text.encode("cp1252").decode("utf-8")
    except UnicodeError:
        return False
    return True


def _back(text: str, read_as: str, written_in: str) -> str:
    try:
        turned = text.encode(read_as).decode(written_in)
        again = turned.encode(written_in).decode(read_as)
    except UnicodeError:
        return ""
    certain = again == text and _CHINESE_ONLY.match(turned) and _HAS_CHINESE.search(turned)
    return turned if certain and _plain(turned) == _plain(text) else ""


def _plain(text: str) -> str:
    """Return the signs that every encoding writes alike: where they differ, a name of rare characters only happens to be UTF-8."""
    return "".join(sign for sign in text if sign.isascii())


def without_gloss(text: str) -> str:
    """Return `text` without the pinyin behind its characters, where the pinyin is a reading of the character: 業(yè)務(wù).

    One without a tone (我們(men)) may be a word in brackets; it is taken for pinyin where another one that has its tone stands in the text.
    """
    from pypinyin import Style, pinyin

    toned = False

    def plain(found: re.Match[str]) -> str:
        nonlocal toned
        sign, sound = found[1], unicodedata.normalize("NFC", found[2])
        if sound not in pinyin(sign, style=Style.TONE, heteronym=True)[0] or (sound.isascii() and not toned):
            return found.group()
        toned = toned or not sound.isascii()
        return sign

    while (shorter := _GLOSS.sub(plain, text)) != text:
        text = shorter
    return text
