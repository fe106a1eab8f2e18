"""Names of people taken apart: Chinese and others, with titles, posts, companies and notes around them, nicknames and masked names."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import NamedTuple

from crmmigrate.matching.companies.readings import trades
from crmmigrate.matching.people.beside import is_company, unsorted, with_post, without_post, without_relation
from crmmigrate.matching.people.in_pinyin import of_name, of_surname
from crmmigrate.matching.people.sexes import WESTERN_TITLE, of_title
from crmmigrate.matching.people.spelt import is_spelt
from crmmigrate.matching.texts.folding import bare, is_chinese
from crmmigrate.model.person_titles import (
    OF_A_PART,
    OF_MEN,
    OF_WOMEN,
    OFFICES,
    PROFESSIONS,
    SHORT,
    STAFF,
    TASKS,
    TITLES,
)
from crmmigrate.model.surnames import common_surnames, surnames

_COMPOUND = "欧阳 太史 端木 上官 司马 东方 独孤 南宫 万俟 闻人 夏侯 诸葛 尉迟 公羊 赫连 澹台 皇甫 宗政 濮阳 公冶 太叔 申屠 公孙 慕容 仲孙 钟离 长孙 宇文 司徒 鲜于 司空 令狐 轩辕"
_DOUBLE = frozenset(_COMPOUND.split())
_TITLE = re.compile(rf"(?:{'|'.join(sorted(TITLES, key=len, reverse=True))}|[{SHORT}])\Z")
_ENDS = frozenset("".join(title[-1] for title in (*TITLES, *OFFICES, *OF_A_PART, *PROFESSIONS, *TASKS, *STAFF)) + SHORT)
"""The last characters of titles and posts."""

_ALL_CHINESE = re.compile("[\u3400-\u4dbf\u4e00-\u9fff]+")
_OF_MEN = re.compile(rf"(?:{'|'.join(OF_MEN)}|[哥叔伯爷弟])\Z")
_OF_WOMEN = re.compile(rf"(?:{'|'.join(OF_WOMEN)}|老板娘|师母|[姐姨嫂婶妹])\Z")
_BY_NAME = re.compile(
    r"(?:[阿小老大]([\u4e00-\u9fff])|([\u4e00-\u9fff])\2|([\u4e00-\u9fff])(?:哥|姐|叔|姨|嫂|婶|妹|弟|仔|总|爷|儿|宝)|([\u4e00-\u9fff]))\Z"
)
"""阿丽, 小丽, 丽丽, 丽姐, 丽: one character of a given name, or a surname."""

_OLDER = frozenset("哥姐姨嫂婶")
_FAMILIARLY = re.compile("([\u3400-\u9fff][^\\x00-\u33ff大小二三四五老阿])[哥姐姨嫂婶]")
"""春梅姐 is called 春梅, and 张伟哥 is 张伟; 王大姐 is somebody called 王."""

_LETTERS_AND_TITLE = re.compile(
    r"([a-z][^\d\u3400-\u9fff]*\s[^\d\u3400-\u9fff]*?[^\s\d\u3400-\u9fff])\s*[(]?(?:博士|先生|女士|小姐|教授|老师|太太|医生)[)]?\Z"
)
"""Lee Chi Ming 博士."""

_LONGEST_IN_LETTERS = 80

_TAG = re.compile(r"(?<=[\u3400-\u9fff]{2})(?:(?:工作|私人|生活|新|旧|老|小|备用|常用)号码?|微信号?)\Z")
"""王家林工作号: which of somebody's numbers or accounts it is."""

_NUMBER = re.compile(r"(?<=[\u3400-\u9fff])\s?\+?\d{7,13}\Z")
"""袁霞15966493573: the telephone behind a name."""

_GLUED = re.compile(r"([a-z]{2,12})[\s.]?([\u3400-\u9fff]{1,2})|([\u3400-\u9fff]{1,2})[\s.]?([a-z]{2,12})")
"""Amy肖, 肖Amy: an English given name and a surname; of 胡ji only the surname is known."""

_HIDDEN = re.compile(r"([\u3400-\u9fff]{0,3})\*+([\u3400-\u9fff]{0,2})")
"""陈**, *丽颖, 王*明: names as shops and delivery services print them."""

_APART = re.compile(r"[\s\-–—_/、,;·@]+")
_DESK = re.compile(
    r"(?:研发|供应|采购|销售|技术|财务|生产|质量|品质|业务|商务|市场|售后|人事|行政|仓库|工程|设计|客服|外贸|设备|信息)([\u3400-\u9fff])\Z"
)
"""徐工供应金: a company, a department and a surname."""

_COMMON_SURNAMES = 100
_YOUNG_OLD = re.compile(r"[小老]([\u4e00-\u9fff])\Z")
_DOTS = re.compile(r"(?<=[\u3400-\u9fff])\s?[·•・‧∙˙․‐‑]\s?(?=[\u3400-\u9fff])")
_MINORITY = re.compile(r"([\u3400-\u9fff]{3,})-([\u3400-\u9fff]{2,})\Z")
"""吐尔逊-玉素甫."""

_ASIDE = re.compile(r"[(\[【].*?[)\]】]")
_POSTS = f"[\u3400-\u9fff]{{0,6}}(?:{'|'.join((*OFFICES, *OF_A_PART, *PROFESSIONS, *TASKS, *STAFF))})"
_BEHIND = re.compile(rf"(?<=[\u3400-\u9fff]{{2}})(?:\s*[-–—_/、,;@].*|\d+|\s{_POSTS})\Z")
"""A place, a department, a post, a company, another person or a number behind a name: 万伟敏-宁波, 金玲 质量经理, 孙海@凯旋汽配, 李壮成、高昭珠, 王芳2."""

_WHOLE = 3
"""Characters of most Chinese names, those with a compound surname aside."""

_WITH_COMPANY = 5
"""Characters at least of a name, or a surname with a title, and a company."""

_LATIN = re.compile(r"[^\W\d_\u3400-\u9fff]+")
_LATIN_OR_DIGIT = re.compile(r"[a-z0-9]")
_NOT_CHINESE = re.compile(r"[^\u3400-\u9fff]+")
_MARKS = re.compile("[\u0300-\u036f]+")


class Person(NamedTuple):
    """A name taken apart.

    Args:
        name: all of it.
        surname: as far as it is known.
        vague: whether the given name is missing, or no more of it there than a character or a letter.
        romans: the ways of writing it in letters.
        spelt: whether letters can be read as pinyin.
        called: a part of the given name by which somebody is called.
        sex: `m` or `f` where a title tells it.
        first: the first given name in letters that is more than an initial.
        more: the other given names in letters, and all of them where none is more than an initial.
        age: 老 or 小 before a surname with a title: where both are told, they are father and son.
        ends: the ways of writing the surname in letters; of a name in letters, the words at its ends.
    """

    name: str
    surname: str
    vague: bool
    romans: tuple[str, ...] = ()
    spelt: bool = False
    called: str = ""
    sex: str = ""
    first: str = ""
    more: tuple[str, ...] = ()
    age: str = ""
    ends: tuple[str, ...] = ()

    @property
    def given(self) -> str:
        """The given name; nothing where it is not known as a whole."""
        return "" if self.vague else self.name[len(self.surname) :]


def people(folded: str) -> list[Person]:
    """Return whom a folded cell may mean: the cell as a name, and, where a company or department may stand before it, what is left without that."""
    short = folded[:1].isascii() and len(folded) <= _LONGEST_IN_LETTERS
    if short and (titled := _LETTERS_AND_TITLE.fullmatch(folded)):
        folded = titled[1]
    if folded[-1:] in _OLDER and (familiar := _FAMILIARLY.fullmatch(folded)):
        folded = familiar[1]
    if _is_plain(folded):
        return [_chinese(folded, folded[0])]
    return _people(folded)


def _is_plain(folded: str) -> bool:
    """Return whether a cell is a surname and a given name, as most are, and nothing that `_people` looks for."""
    return (
        1 < len(folded) <= _WHOLE
        and folded[0] in surnames()
        and _ALL_CHINESE.fullmatch(folded) is not None
        and folded[-1] not in _ENDS
        and folded[:2] not in _DOUBLE
        and _BY_NAME.match(folded) is None
        and (len(folded) < _WHOLE or folded[0] in _common() or folded[-1] not in _common())
    )


def _people(folded: str) -> list[Person]:
    if folded.isascii():
        return [_titled(take_apart(folded), folded)]
    text = unsorted(folded)
    if glued := _GLUED.fullmatch(text):
        given, surname = glued.group(1) or glued.group(4), glued.group(2) or glued.group(3)
        if surname in surnames() and not is_spelt([given]):
            return [_latin(f"{given} {of_surname(surname)[0]}")]
    if "*" in text:
        return _hidden(_ASIDE.sub("", text))
    text = _the_person(without_relation(_TAG.sub("", _NUMBER.sub("", text))))
    found = take_apart(text)
    if not is_chinese(found.name):
        return [_titled(found, folded)]
    plain = _ASIDE.sub("", text)
    whole = bare(plain)
    several = beside_company(plain.strip()) or [found, *_behind_company(whole, found)]
    sex = "m" if _OF_MEN.search(whole) else "f" if _OF_WOMEN.search(whole) else ""
    return [person._replace(sex=sex) if person.vague else person for person in several] if sex else several


def _titled(found: Person, folded: str) -> Person:
    """Return somebody of whom a surname in letters is all there is with what the title before it tells: Mr Weber is not Mrs Weber."""
    titled = not found.first and found.surname and WESTERN_TITLE.match(folded)
    return found._replace(vague=True, sex=of_title(folded)) if titled else found


def is_person(folded: str) -> bool:
    """Return whether a folded cell that may as well hold a company is a person's name or what one is called."""
    text = unsorted(_ASIDE.sub("", folded)).strip()
    if "*" in text:
        return bool(text.strip("*")) and _HIDDEN.fullmatch(bare_but_stars(text)) is not None
    whole = bare(text)
    return (
        is_chinese(whole)
        and not _LATIN_OR_DIGIT.search(whole)
        and (_is_called(whole) or _is_whole(whole) or (len(whole) == _WHOLE + 1 and whole[:2] in _DOUBLE))
    )


def is_whole_name(folded: str) -> bool:
    """Return whether a folded cell is just a Chinese name with a surname that many bear: 张伟, and not 随缘."""
    return is_surname_and_given(folded) and (folded[:2] in _DOUBLE or folded[0] in _common())


def is_surname_and_given(text: str) -> bool:
    """Return whether a text without blanks may be a whole Chinese name, however rare its surname."""
    return _WHOLE <= len(text) <= _WHOLE + 1 if text[:2] in _DOUBLE else _is_whole(text)


def _hidden(text: str) -> list[Person]:
    """Take a masked name apart."""
    shown = _HIDDEN.fullmatch(bare_but_stars(text))
    if shown is None:
        return []
    head, tail = shown.groups()
    if head in surnames() and not tail:
        return [_chinese(head, head)]
    if not head:
        return [Person(tail, "", vague=True, called=tail)] if tail else []
    return [_chinese(head + tail, head[:2] if head[:2] in _DOUBLE else head[:1])]


def bare_but_stars(text: str) -> str:
    """Return `text` without blanks and punctuation other than stars."""
    return "*".join(map(bare, text.split("*")))


def _the_person(text: str) -> str:
    """Return the part of a text that seems to be a person, where a company stands beside it: 铭华 秦老师, 阿美 宏达, 老张-长沙艾伦."""
    parts = [part for part in _APART.split(text) if part]
    if len(parts) < 2 or parts[0] in surnames() or all(len(part) == 1 for part in parts):
        return text
    if _is_called(parts[0]):
        return parts[0]
    if _is_whole(parts[0]) and not is_company(parts[0]):
        return text
    others = [part for part in map(without_post, parts[1:]) if _is_called(part) or _is_whole(part)]
    return others[0] if len(others) == 1 else text


def _is_called(text: str) -> bool:
    plain = _TITLE.sub("", text)
    return (len(text) > 1 and bool(_BY_NAME.fullmatch(text))) or (
        plain != text and (plain in surnames() or _is_whole(plain) or _young_or_old(plain))
    )


def _young_or_old(text: str) -> bool:
    """Return whether a text is a surname behind 老 or 小: 老沈 of 老沈总."""
    called = _YOUNG_OLD.match(text)
    return called is not None and called.group(1) in surnames()


def _is_whole(text: str) -> bool:
    return 1 < len(text) <= _WHOLE and text[0] in surnames() and text not in _DOUBLE and is_chinese(text[-1])


@cache
def _common() -> frozenset[str]:
    return frozenset(common_surnames(_COMMON_SURNAMES))


_A_COMPANY = re.compile("(?:公司|集团|工厂|事务所|研究院|大学|医院|学校|[中小]学|合作社|商行|经营部|[厂店])\\Z")
"""What ends so is no person with a company behind the name: 华泰机械有限公司."""


def beside_company(text: str) -> list[Person]:
    """Return who is meant where a company that is known for one by what it does stands beside the name without a blank: 富力服饰万经理, 丁梦洁华祥装饰."""
    if len(text) < _WITH_COMPANY or not _ALL_CHINESE.fullmatch(text) or _A_COMPANY.search(text):
        return []
    plain = _TITLE.sub("", text)
    if plain != text:
        surname = plain[-2:] if plain[-2:] in _DOUBLE else plain[-1]
        if surname in surnames() and is_company(plain.removesuffix(surname)):
            return [_chinese(surname, surname)]
    for length in (_WHOLE + 1, _WHOLE, 2):
        end = plain[-length:]
        if is_surname_and_given(end) and end not in trades() and is_company(plain[:-length]):
            return [_chinese(end, end[:2] if end[:2] in _DOUBLE else end[0])]
    # 江凯广宇软件 is 江凯 of 广宇软件; of 苏万里煜辉医药 both may be meant.
    lengths = (_WHOLE + 1, _WHOLE) if text[:2] in _DOUBLE else (_WHOLE, 2)
    found = [
        length
        for length in lengths
        if is_surname_and_given(text[:length]) and any(map(is_company, with_post(text[length:])))
    ]
    return [_chinese(text[:length], text[:2] if text[:2] in _DOUBLE else text[0]) for length in found]


def _behind_company(text: str, found: Person) -> list[Person]:
    """Return who is meant where a company or a department stands before the name without a blank: 德龙于强, 华泰徐老师, 徐工供应金."""
    plain = _TITLE.sub("", text)
    titled = plain != text
    if len(plain) < _WHOLE or plain[:2] in _DOUBLE or found.name not in (text, plain):
        return []
    last = plain[-1]
    if not titled and len(plain) == _WHOLE and plain[0] not in _common() and last in _common():
        return [_chinese(last + plain[:-1], last)]  # 明亮蔡
    if titled and ((len(plain) > _WHOLE and last in surnames()) or last in _common()):
        return [_chinese(last, last)]
    if len(plain) == _WHOLE:
        return []
    if (desk := _DESK.search(plain)) and desk.group(1) in surnames():
        return [_chinese(desk.group(1), desk.group(1))]
    ends = (plain[-length:] for length in (_WHOLE, 2))
    return [_chinese(end, end[0]) for end in ends if end[0] in surnames() and end != found.name and end not in _DOUBLE]


def take_apart(folded: str) -> Person:
    """Take a folded name apart; titles and notes in brackets are left off."""
    spaced = _BEHIND.sub("", _undotted(_ASIDE.sub("", WESTERN_TITLE.sub("", folded))))
    if not is_chinese(spaced):
        return _latin(spaced if _LATIN.search(spaced) else folded)
    text = bare(_without_note(spaced))
    plain = _TITLE.sub("", text) or text
    if (nick := _nickname(text, plain)) is not None:
        return nick
    if (posted := _before_post(text)) is not None:
        return posted
    # 小李 and 小李女士 are somebody called 李; 小红 is a name.
    if (called := _YOUNG_OLD.match(plain)) and called.group(1) in surnames() and not _TITLE.match(text):
        return _chinese(called.group(1), called.group(1))._replace(age="" if plain == text else plain[0])
    surname = plain[:2] if plain[:2] in _DOUBLE else plain[:1]
    if plain == surname:
        return _chinese(surname, surname)
    # 张工 may be an engineer, 张建工 is a name: a title of one character is only taken off behind a surname alone,
    # or behind a name that is complete without it.
    whole = text if plain != text and len(text) - len(plain) == 1 and len(plain) - len(surname) < 2 else plain
    # 郭春霞 Lucy
    return _chinese(_NOT_CHINESE.sub("", whole) or whole, surname)


def _nickname(text: str, plain: str) -> Person | None:
    """Return who is called by one character: of the given name, or the surname, or who knows."""
    by = _BY_NAME.fullmatch(text) or (_BY_NAME.fullmatch(plain) if len(plain) == 1 else None)
    if by is None:
        return None
    called = next(filter(None, by.groups()))
    if called not in surnames():
        return Person(called, "", vague=True, called=called)
    if by.group(2):
        return _chinese(plain, called)._replace(called=called)
    return _chinese(called, called)._replace(called=called)


def _before_post(text: str) -> Person | None:
    """Return the name before a post that is written without a blank: 高浩强出纳."""
    for length in (_WHOLE, 2):
        if len(text) > length and _is_whole(text[:length]) and re.fullmatch(_POSTS, text[length:]):
            return _chinese(text[:length], text[0])
    return None


def _undotted(name: str) -> str:
    """Return a name without the dot between the parts of a foreign one or of a people of the borders, however it is written."""
    if name.isalnum():
        return name
    name = _DOTS.sub("", name)
    if (found := _MINORITY.match(name)) and name[0] not in surnames() and name[:2] not in _DOUBLE:
        return found.group(1) + found.group(2)
    return name


def _without_note(spaced: str) -> str:
    """Return a name without the place or company behind it: 沈腾飞 长春 is 沈腾飞, 欧阳 娜娜 and 王 小明 are names."""
    name, _, note = spaced.strip().partition(" ")
    return name if is_surname_and_given(name) and len(note) > 1 and is_chinese(note[0]) else spaced


def _chinese(name: str, surname: str) -> Person:
    ends = of_surname(surname) if surname else ()
    return Person(name, surname, name == surname, of_name(name, surname), ends=ends)


def _latin(folded: str) -> Person:
    """Take a name without Chinese characters apart; the surname comes last, or before a comma."""
    text = WESTERN_TITLE.sub("", folded)
    if not text.isascii():
        text = _MARKS.sub("", unicodedata.normalize("NFD", text))
    words = re.findall(r"\w+", text)
    letters = _LATIN.findall(text)
    if not letters:
        return Person("".join(sorted(words)), "", vague=False)
    first_surname = "," in text and len(letters) > 1
    surname, given = (letters[0], letters[1:]) if first_surname else (letters[-1], letters[:-1])
    vague = bool(given) and all(len(word) == 1 for word in given)
    ways = dict.fromkeys(("".join([surname, *given]), "".join(letters)))
    # Of an English given name no pinyin can be made: Vivian Xue is somebody called Xue. Liu Xin is 刘先生, and not 刘伟.
    ends = dict.fromkeys((letters[-1], letters[0]))
    first = next((word for word in given if len(word) > 1), "")
    more = tuple(word for word in given if word != first)
    return Person("".join(sorted(words)), surname, vague, tuple(ways), is_spelt(letters), first=first, more=more, ends=tuple(ends))  # fmt: skip
