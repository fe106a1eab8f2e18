"""How much bytes look like text in an encoding: what tells GB 18030, Big5 and the others apart where no mark does.

Every encoding is judged by letters that real text in it is full of and that a wrong reading hits only by chance. A score is
about 1 for good text, 0 for what could be anything, and -1 for what cannot be.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

PLAUSIBLE = 0.2
"""A score below this is what noise gets."""
LOOK = 32 << 10
"""Letters looked at."""

# The signs that customer data is full of; a wrong decoding hits them only by chance.
_COMMON = frozenset(
    "的一是在有公司限市区區路号號省电電话話名客户戶姓地址手机機人中国國大小新年月日时時间間不了和为為业業务務经經理产產品"
    "北京上海广廣州深圳江苏蘇浙杭成都南西东東四川山河湖安福建重庆慶天津科技商贸貿易有信息股份集团團实實工程服装裝食"
    "王李张張刘劉陈陳杨楊赵趙黄黃周吴吳徐孙孫胡朱高林何郭马馬罗羅编編备備注註状狀态態日期联聯系係负負责責单單位金额額楼樓室街镇鎮县縣"
)
_HANGUL = frozenset("이가다는의에을를한고로지사시서대자인해기하도리은어원주구동부산정전아라니수성김박최조회업명호번상")
_WEST = frozenset("éèêëàâäáãåæçùûüúîïíìôöóòõøœñßýÿÉÈÊÀÂÄÁÃÅÆÇÙÛÜÚÎÍÔÖÓÕØŒÑ")
_EAST = frozenset("ąćęłńóśźżáčďéěíňřšťúůýžőűăâîșțşţđäöüßôĺľŕĄĆĘŁŃÓŚŹŻÁČĎÉĚÍŇŘŠŤÚŮÝŽŐŰĂÂÎŞŢĐÄÖÜ")
_SIGNS = frozenset("£€©®°·–—‘’“”„…§«»ºª½¼²³×•™№±")
_STRANGE = re.compile(r"[\x00-\x08\x0b\x0e-\x19\x1b-\x1f\x7f-\x9f\ue000-\uf8ff]")
_FOREIGN = re.compile(r"[\x80-\U0010ffff]")


def score(data: bytes, encoding: str) -> float:
    """Return how much bytes, cut anywhere at their end, look like text in one of `SCORES`; -1 where they are none."""
    import codecs

    try:
        text = codecs.getincrementaldecoder(encoding)().decode(data)
    except UnicodeDecodeError:
        return -1.0
    return likeness(text, encoding)


def likeness(text: str, encoding: str) -> float:
    """Return how much text that was decoded from `encoding` looks like text."""
    text = _around_foreign(text)
    foreign = _FOREIGN.findall(text)
    if not foreign or len(_STRANGE.findall(text)) > len(text) * 0.01:
        return -1.0
    return SCORES[encoding](text, foreign)


def _around_foreign(text: str) -> str:
    """Return the first part of a text that holds letters beyond ASCII."""
    found = _FOREIGN.search(text)
    start = max(0, found.start() - 100) if found else 0
    return text[start : start + LOOK]


def _chinese(encoding: str) -> Callable[[str, list[str]], float]:
    def judge(_: str, foreign: list[str]) -> float:
        common = sum(letter in _COMMON for letter in foreign)
        known = sum(
            "\u4e00" <= letter <= "\u9fff"
            or "\u3000" <= letter <= "\u303f"
            or "\uff00" <= letter <= "\uffef"
            or letter in "°±×÷·…—‘’“”℃№→←↑↓"
            for letter in foreign
        )
        native = sum(_native(letter, encoding) for letter in foreign)
        return (known * 0.2 + native * 0.4 + common * 0.8) / len(foreign) - 0.3

    return judge


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


def _japanese(_: str, foreign: list[str]) -> float:
    """Japanese text has kana between its signs; Chinese bytes read as Japanese give half-width ones at most."""
    kana = sum("\u3041" <= letter <= "\u30fe" for letter in foreign)
    known = sum("\u4e00" <= letter <= "\u9fff" or "\u3000" <= letter <= "\u30ff" for letter in foreign)
    half = sum("\uff61" <= letter <= "\uff9f" for letter in foreign)
    if kana < 2 or kana * 8 < len(foreign) or half * 2 > len(foreign):
        return -1.0
    return (known + half * 0.3) / len(foreign)


def _korean(_: str, foreign: list[str]) -> float:
    """Most of GB 2312's bytes are Hangul too, but not the syllables that Korean is full of."""
    hangul = [letter for letter in foreign if "\uac00" <= letter <= "\ud7a3"]
    common = sum(letter in _HANGUL for letter in hangul)
    if len(hangul) < 8 or len(hangul) < 0.95 * len(foreign) or common < 0.25 * len(hangul):
        return -1.0
    return 0.4 + common / len(hangul)


def _latin(usual: frozenset[str]) -> Callable[[str, list[str]], float]:
    """Latin letters with accents stand in words of plain ones; signs stand beside words and numbers."""

    def judge(text: str, foreign: list[str]) -> float:
        good = 0.0
        for found in re.finditer(r"[^\W\d_]*[\x80-\U0010ffff]+[^\W\d_]*", text):
            good += _word(found.group(), usual)
        return good / len(foreign)

    return judge


def _word(word: str, usual: frozenset[str]) -> float:
    foreign = [letter for letter in word if letter >= "\x80"]
    letters = [letter for letter in foreign if letter.isalpha()]
    signs = sum(letter in _SIGNS for letter in foreign)
    plain = len(word) - len(foreign)
    rest = len(foreign) - signs - sum(letter in usual for letter in letters)
    if re.search(r"[^\W\d_][£€©®°§½¼²³×±№ºª…]+[^\W\d_]|[a-zß-öø-ÿ][A-ZÀ-ÖØ-Þ]", word):
        return -float(len(foreign))
    if letters and (len(letters) > plain + 1 or (not plain and len(letters) > 1)):
        return -float(len(foreign))
    return 0.6 * signs + (len(letters) if plain else 0.2 * len(letters)) - 1.6 * rest


def _cyrillic(text: str, foreign: list[str]) -> float:
    """Russian words are whole, in small letters, with one capital in front or in capitals."""
    good = 0.0
    for word in re.findall(r"[^\W\d_]*[\x80-\U0010ffff]+[^\W\d_]*", text):
        whole = re.fullmatch(r"[А-ЯЁ]?[а-яё]+|[А-ЯЁ]+", word) is not None
        inside = len(_FOREIGN.findall(word))
        if whole:
            # Two Chinese signs can look like a word in capitals.
            good += inside * (0.3 if len(word) < 3 else 0.5 if word.isupper() else 1.0)
        else:
            good += 0.5 * inside if set(word) <= _SIGNS else -inside
    return good / len(foreign)


SCORES: dict[str, Callable[[str, list[str]], float]] = {
    "gb18030": _chinese("gb18030"),
    "big5hkscs": _chinese("big5hkscs"),
    "cp1252": _latin(_WEST),
    "cp1251": _cyrillic,
    "cp1250": _latin(_EAST),
    "cp932": _japanese,
    "cp949": _korean,
    "mac_roman": _latin(_WEST),
    "cp850": _latin(_WEST),
}
"""The encodings told apart, the likelier first: of two that fit equally well the first is taken."""


def likeliest(sample: bytes) -> str:
    """Return the likeliest of `SCORES` for bytes that are not UTF-8; empty where none makes sense."""
    scores = {name: score(sample, name) for name in SCORES}
    best = max(scores, key=lambda name: scores[name])
    return best if scores[best] > PLAUSIBLE else ""
