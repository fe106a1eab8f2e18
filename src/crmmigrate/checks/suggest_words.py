"""How alike the names of two columns are: by the ideas their words stand for, in Chinese, English, pinyin and short names."""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache
from importlib import resources
from typing import NamedTuple

Ideas = tuple[frozenset[str], ...]
"""The ideas of a name, word by word; a word may stand for several."""

_OWN_WEIGHTS = {
    "name": 0.8,
    "date": 0.6,
    "number": 0.7,
    "id": 0.6,
    "yes_no": 0.4,
    "former": 1.2,
    "parent": 1.2,
    "shipping": 1.2,
    "secondary": 1.2,
    "salutation": 2.0,
}
"""A name, a date, a number are what many columns are. That something is of old, or of the parent, or the place where goods go, makes
it another thing, as does the title before a name: the address of a customer, when nothing else is said, is the one that is billed, and the telephone the one at work."""
_OPPOSITE = (
    ("last", "next"),
    ("opened", "done"),
    ("billing", "shipping"),
    ("create", "update"),
    ("first_name", "last_name"),
)
_FIELD, _QUALIFIER, _ENTITY, _OWN, _UNKNOWN = 1.0, 0.6, 0.5, 0.08, 0.6
_OPPOSED, _OTHER_DATE = 3.0, 2.2
_LONGEST_PHRASE = 4
_ASIDE = re.compile(r"[(\[【（][^)\]】）]*[)\]】）]|[*＊:：]+")
_PIECES = re.compile(r"[㐀-鿿豈-﫿]+|[a-z0-9]+")
_NAMELESS = re.compile(
    r"(?:列|栏|字段|第|unnamed|column|col|field|var|v|f|c)?[\s_:.-]*(?:[a-z]{1,2}|\d*)\s*列?", re.IGNORECASE
)
_FILLERS = frozenset({"of", "the", "by", "a", "and", "的", "this"})


class _Lexicon(NamedTuple):
    """`words`: word → ideas; `groups`: idea → its group; `related`: pair of ideas → how alike, 0 to 1; `initials`: letter → things it may stand for."""

    words: dict[str, frozenset[str]]
    groups: dict[str, str]
    related: dict[frozenset[str], float]
    initials: dict[str, frozenset[str]]


@cache
def _lexicon() -> _Lexicon:
    from crmmigrate.model.document import Document

    text = (resources.files("crmmigrate") / "data" / "field_words.yaml").read_text(encoding="utf-8")
    value = Document.parse(text, "field_words.yaml").value
    words: dict[str, frozenset[str]] = {}
    groups: dict[str, str] = {}
    for group in ("entities", "qualifiers", "fields"):
        for idea, named in value[group].items():
            groups[idea] = group
            for word in map(str, named):
                words[word] = words.get(word, frozenset()) | {idea}
    related = {frozenset((one, other)): float(alike) for one, other, alike in value["related"]}
    initials = {str(letter): frozenset(things) for letter, things in value["initials"].items()}
    return _Lexicon(words, groups, related, initials)


@lru_cache(maxsize=4096)
def ideas(name: str) -> Ideas:
    """Return what the words of a column's name stand for.

    Args:
        name: as it stands in the source or target; of a header of several rows (`客户信息/地址`) the last part counts, and
            of the parts above it the thing that they are about.
    """
    above, _, _ = unicodedata.normalize("NFKC", name).rpartition("/") if not name.isascii() else ("", "", "")
    things = own_ideas(above) if above else frozenset()
    found: list[frozenset[str]] = [frozenset({thing}) for thing in sorted(things)]
    words: list[str] = []
    for piece in _PIECES.findall(_plain(name)):
        if piece.isascii():
            words.append(piece)
            continue
        found += _phrases(words)
        words = []
        found += _characters(piece)
    found += _phrases(words)
    return tuple(dict.fromkeys(found))


def _plain(name: str) -> str:
    text = unicodedata.normalize("NFKC", name)
    if not text.isascii():
        text = text.rpartition("/")[2] or text
    text = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", text)
    return (_ASIDE.sub(" ", text).strip() or text).lower()


def _characters(run: str) -> list[frozenset[str]]:
    """Cut a run of Chinese characters into known words, longest first; what stands between is one unknown word each."""
    words = _lexicon().words
    found: list[frozenset[str]] = []
    unknown = ""
    start = 0
    while start < len(run):
        end = next((end for end in range(len(run), start, -1) if run[start:end] in words), 0)
        if not end:
            unknown += run[start]
            start += 1
            continue
        if unknown.strip("的"):
            found.append(frozenset({f"={unknown}"}))
        unknown = ""
        found.append(words[run[start:end]])
        start = end
    if unknown.strip("的"):
        found.append(frozenset({f"={unknown}"}))
    return found


def _phrases(run: list[str]) -> list[frozenset[str]]:
    """Cut a run of English words into known phrases, longest first; a word nobody knows may be pinyin, or short words glued together."""
    words, initials = _lexicon().words, _lexicon().initials
    found: list[frozenset[str]] = []
    start = 0
    while start < len(run):
        for length in range(min(_LONGEST_PHRASE, len(run) - start), 0, -1):
            phrase = " ".join(run[start : start + length])
            known = words.get(phrase) or words.get(phrase.removesuffix("s"))
            if known:
                found.append(known)
                start += length
                break
        else:
            word = run[start]
            start += 1
            if word in initials and start < len(run):
                found.append(initials[word])
            elif word not in _FILLERS and not word.isdigit():
                found += _pinyin_words(word) or _glued(word) or [frozenset({f"={word}"})]
    return found


def _glued(word: str) -> list[frozenset[str]]:
    """Return the ideas of a word made of known ones without a gap (`custname`, `empno`), the first perhaps by its letter alone (`cname`); else nothing."""
    lexicon = _lexicon()
    word = word.rstrip("0123456789")
    if known := lexicon.words.get(word):  # email1
        return [known]
    for end in range(len(word) - 2, 0, -1):
        first, rest = word[:end], word[end:]
        thing = lexicon.initials.get(first) if end == 1 else lexicon.words.get(first) if end > 2 else None
        known = lexicon.words.get(rest)
        if thing and known:
            return [thing, known]
    return []


@cache
def _pinyin_index() -> dict[str, frozenset[str]]:
    """Return the pinyin of the known Chinese words, in full and by initials (kehu, kh), with their ideas."""
    from pypinyin import Style, lazy_pinyin

    index: dict[str, frozenset[str]] = {}
    lexicon = _lexicon()
    ranks = {"fields": 0, "entities": 1, "qualifiers": 2}  # mc is 名称 more often than 末次
    for word, meant in sorted(
        lexicon.words.items(), key=lambda item: min(ranks[lexicon.groups[idea]] for idea in item[1])
    ):
        if len(word) < 2 or word.isascii():
            continue
        for style in (Style.NORMAL, Style.FIRST_LETTER):
            index.setdefault("".join(lazy_pinyin(word, style=style)), meant)
    return index


def _pinyin_words(word: str) -> list[frozenset[str]]:
    """Return the ideas of a word that is pinyin from its beginning to its end (`khmc`, `kehumingcheng`); else nothing."""
    index = _pinyin_index()
    best: dict[int, list[frozenset[str]]] = {0: []}
    for end in range(2, len(word) + 1):
        ways = [
            [*best[start], index[word[start:end]]] for start in range(end) if start in best and word[start:end] in index
        ]
        if ways:
            best[end] = min(ways, key=len)
    return best.get(len(word), [])


def own_ideas(table: str, name: str = "") -> frozenset[str]:
    """Return the things a table is about, by its names; in the names of its columns they say little."""
    lexicon = _lexicon()
    words = (*ideas(table), *ideas(name))
    return frozenset(idea for word in words for idea in word if lexicon.groups.get(idea) == "entities")


def likeness(source: Ideas, target: Ideas, own: frozenset[str], refers: frozenset[str] = frozenset()) -> float:
    """Return how much two names have in common, 0 to 1: the weight of the ideas they share, in that of all they name (Dice).

    Args:
        source: ideas of one name.
        target: ideas of the other.
        own: what the table itself is about.
        refers: what the target's column refers to; such a thing weighs as much as a kind of value.
    """
    if refers:  # the key of another table's row: that it is a key says nothing
        target = tuple(word for word in target if "id" not in word) or target
    total = sum(_weight(word, own, refers) for word in (*source, *target))
    if any(_says_opposite(source, target, one, other) for one, other in _OPPOSITE):
        total *= _OPPOSED
    elif _other_dates(source, target):
        total *= _OTHER_DATE
    shared = 0.0
    left = list(target)
    pairs = sorted(
        ((_alike(one, other), i, other) for i, one in enumerate(source) for other in target), key=lambda p: -p[0]
    )
    used: set[int] = set()
    for alike, index, other in pairs:
        if alike and index not in used and other in left:
            used.add(index)
            left.remove(other)
            shared += alike * (_weight(source[index], own, refers) + _weight(other, own, refers))
    return shared / total if total else 0.0


def _says_opposite(source: Ideas, target: Ideas, one: str, other: str) -> bool:
    mine, theirs = frozenset().union(*source), frozenset().union(*target)
    return (one in mine and other in theirs and one not in theirs) or (
        other in mine and one in theirs and other not in theirs
    )


def _other_dates(source: Ideas, target: Ideas) -> bool:
    """Whether both are dates of something, and nothing that the one is of has to do with anything of the other.

    A word that nobody knows says of what, too.
    """
    groups = _lexicon().groups
    mine, theirs = (
        [word for word in found if any(groups.get(idea, "qualifiers") == "qualifiers" for idea in word)]
        for found in (source, target)
    )
    are_dates = all(any("date" in word for word in found) for found in (source, target))
    return are_dates and bool(mine and theirs) and not any(_alike(one, other) for one in mine for other in theirs)


@lru_cache(maxsize=100_000)
def _alike(one: frozenset[str], other: frozenset[str]) -> float:
    if one & other:
        return 1.0
    related = _lexicon().related
    return max((related.get(frozenset((a, b)), 0.0) for a in one for b in other), default=0.0)


def _weight(word: frozenset[str], own: frozenset[str], refers: frozenset[str]) -> float:
    return max(_idea_weight(idea, own, refers) for idea in word)


def _idea_weight(idea: str, own: frozenset[str], refers: frozenset[str]) -> float:
    group = _lexicon().groups.get(idea)
    if group == "entities":
        return _FIELD if idea in refers else _OWN if idea in own else _ENTITY
    if group == "qualifiers":
        return _OWN_WEIGHTS.get(idea, _QUALIFIER)
    return _OWN_WEIGHTS.get(idea, _FIELD) if group else _UNKNOWN


def same_text(one: str, other: str) -> float:
    """Return how alike two names are letter by letter, 0 to 1 (normalised Levenshtein distance)."""
    from rapidfuzz.distance import Levenshtein

    first, second = ("".join(_PIECES.findall(_plain(name))) for name in (one, other))
    return float(Levenshtein.normalized_similarity(first, second)) if first and second else 0.0


def is_nameless(name: str) -> bool:
    """Whether a name only counts the columns, as programs do where the file had none (`列3`, `F12`, `Unnamed: 4`)."""
    return _NAMELESS.fullmatch(unicodedata.normalize("NFKC", name).strip()) is not None


def is_telling(found: Ideas) -> bool:
    """Whether a name says what its column holds: some word of it is known, and not only that of a thing."""
    groups = _lexicon().groups
    return any(groups.get(idea) in ("fields", "qualifiers") for word in found for idea in word)
