"""Names of people: blanks out of Chinese names, titles and honorifics (总, 先生, 女士, 经理 …) split off, notes and numbers too.

Characters are not simplified: 徵 and 昇 are somebody's name. Sex is told only by an explicit 先生 or 女士, or 男 or 女 in brackets.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from crmmigrate.messages import Message
from crmmigrate.model.person_titles import NOT_CALLED_SO, OF_MEN, OF_WOMEN, TASKS, TITLES, TRADITIONAL
from crmmigrate.model.standard import Cleaned, Flag, Standard
from crmmigrate.model.surnames import READINGS, surnames
from crmmigrate.standards._door import BLANKS, line, standing
from crmmigrate.standards._settle import settled
from crmmigrate.standards.empty import ALL_CODES, says_nothing

if TYPE_CHECKING:
    from crmmigrate.model.standard import Cleaner

CODES = {
    **ALL_CODES,
    "person.title": Message("a title or honorific split off a person's name"),
    "person.note": Message("words beside a person's name split off"),
    "person.phone": Message("a telephone number split off a person's name"),
    "person.surname-only": Message("only a surname"),
    "person.whole-name": Message("a whole name where only the surname belongs"),
    "person.maybe-title": Message("the last character may be a title or part of the name"),
    "person.several": Message("several people in one cell"),
    "person.not-a-name": Message("not a person's name"),
    "person.masked": Message("characters of the name are hidden"),
    "person.company": Message("a company in the place of a person's name"),
}
TITLE, NOTE, PHONE = (Flag(f"person.{name}", "info") for name in ("title", "note", "phone"))
SURNAME_ONLY, WHOLE_NAME, MAYBE_TITLE, SEVERAL = (
    Flag(f"person.{name}") for name in ("surname-only", "whole-name", "maybe-title", "several")
)
NOT_A_NAME = Flag("person.not-a-name", "error", "MAP")
COMPANY = Flag("person.company", "error", "MAP")
MASKED = Flag("person.masked")

_MALE, _FEMALE = frozenset((*OF_MEN, "Mr")), frozenset((*OF_WOMEN, "Mrs", "Ms", "Miss"))
_LONG_TITLES = frozenset((*TITLES, *TRADITIONAL))
_BY_LENGTH = "|".join(sorted(_LONG_TITLES, key=lambda title: (-len(title), title)))
_NOT_CALLED_SO = frozenset((*TASKS, "总裁助理", "总经理助理"))
_SURE_SHORT = "总|總"
_DOUBTFUL_SHORT = "工董局处科哥姐姨叔老师傅"
_CHINESE = re.compile("[\u3400-\u9fff\U00020000-\U0003ffff·•．]+\\Z")
_ANY_CHINESE = re.compile("[\u3400-\u9fff\U00020000-\U0003ffff]")
_TITLE = re.compile(f"(.+?)[\\s（(\\-/,，]*({_BY_LENGTH}|{_SURE_SHORT})[)）]?\\Z")
_TITLE_FIRST = re.compile(f"({_BY_LENGTH})[\\s:：\\-]*(.{{2,4}})\\Z")
_TITLE_APART = re.compile(f"({_BY_LENGTH}|{_SURE_SHORT})(?:\\s*[:：\\-/]\\s*|\\s+)(.+)\\Z")
"""主任 方: a title in front, and something between that tells it from 方's own name."""
_ENGLISH_TITLE = re.compile(r"(Mr|Mrs|Ms|Miss|Dr|Prof)\b\.?\s*(?=\S)", re.IGNORECASE)
_TELEPHONE = re.compile(
    r"[\s,，:：（(/\-]*((?:\+?86[- ]?)?1[3-9]\d{9}|0\d{2,3}-\d{7,8}|400-?\d{3}-?\d{4})[)）\s]*", re.ASCII
)
_BRACKETED = re.compile(r"[（(【\[]([^（）()【】\[\]]*)[)）】\]]")
_SEVERAL = re.compile(r"[/、,，;；&\n|]+|\s+(?:和|及)\s+")
_TWO = re.compile("([\u3400-\u9fff]{2,4})[和与及]([\u3400-\u9fff]{2,4})\\Z")
"""张三和李四; but 司马和平 is one."""
_COMPANY = re.compile(r"公司|集团|有限|事务所|合作社|\b(?:ltd|inc|co|gmbh|llc)\b\.?", re.IGNORECASE)
_MASKED = re.compile("[\u3400-\u9fff][*＊xX某]+\\Z|[*＊][\u3400-\u9fff]|[\u3400-\u9fff][*＊]")
_NOBODY = NOT_CALLED_SO | _LONG_TITLES | frozenset(("测试", "客户", "本人", "匿名", "test"))
_DEPARTMENT = re.compile("([\u4e00-\u9fff]{2,6}(?:部|处|科|室|中心))[\\s\\-/]*([\u4e00-\u9fff]{1,4})\\Z")
_FAMILIAR = re.compile("[老小阿大]([\u4e00-\u9fff])\\Z")
_ODD = re.compile(
    f"[某部处科室和及{_DOUBTFUL_SHORT}]|中心|公司|集团|有限|测试|联系|负责|客户|本人|匿名|前台|总机|值班|财务|采购|会计|出纳|同志|太太|老板|经理|先生|女士|小姐"
)
GIVEN_READINGS = {"长": "chang", "長": "chang"}
"""How characters are read in given names, see `READINGS`: 任长霞."""
_LABEL = re.compile(
    r"(?:联系人|姓名|名字|负责人|客户|收货人|收件人|法人(?:代表)?|法定代表人|经办人|业主|车主)\s*[:：]\s*"
)
_SEX = re.compile(r"[\s,，/、-]*(?<=[\s,，/、-])([男女])\Z")
_GLOSS = re.compile("([\u3400-\u9fff]{2,4})\\s*([A-Za-z][A-Za-z' -]+)\\Z")
_DOTS = str.maketrans({"•": "·", "．": "·", "・": "·", "‧": "·", "∙": "·", "⋅": "·"})
_EDGE = " ,，.。;；:：-—_/、*'\"“”"
_LATIN = re.compile("[^\\W\\d_](?:[^\\W\\d_]|[ .,'’\\-·])*\\Z")


def split_name(name: str) -> tuple[str, str]:
    """Return surname and given name of a Chinese name; the surname is empty where it is unknown."""
    known = surnames()
    if name[:2] in known and len(name) > 2:
        return name[:2], name[2:]
    return (name[:1], name[1:]) if name[:1] in known and len(name) > 1 else ("", name)


def make(*, pinyin: bool = False, holds: Literal["whole", "surname", "given"] = "whole") -> Cleaner:
    """Return the cleaner.

    Args:
        pinyin: whether to give the part 拼音 too: `Zeng Zhiwei`, surnames by their own readings.
        holds: what the column holds: whole names, or only surnames or given names, as the columns FAMILY and GIVEN of address books.

    Raises:
        ValueError: `pinyin` is neither true nor false, or another word for `holds`.
    """
    if not isinstance(pinyin, bool):
        raise ValueError(f"pinyin: {pinyin}")  # noqa: TRY004
    if holds not in ("whole", "surname", "given"):
        raise ValueError(f"holds: {holds}")
    known = surnames()
    if holds != "whole":
        return settled(_one_part(holds, known))

    def once(raw: str) -> Cleaned:
        text, flags = line(raw)
        nothing = says_nothing(text)
        if nothing:
            return Cleaned(None, (nothing,))
        text = _LABEL.sub("", text, count=1) if _LABEL.match(text) and _LABEL.sub("", text, count=1) else text
        if text in _NOBODY:
            return Cleaned(raw, (NOT_A_NAME,), "suggested")
        if len(text) <= 4 and text == raw and _CHINESE.match(text) and not _ODD.search(text) and not _TITLE.match(text):
            return _whole(raw, text, {}, flags, known)
        if _MASKED.search(text):
            return Cleaned(raw, (MASKED,), "suggested")
        if _COMPANY.search(text):
            return Cleaned(raw, (COMPANY,), "suggested")
        name, parts, own = _strip(text.translate(_DOTS))
        if not name:
            return Cleaned(raw, (NOT_A_NAME,), "suggested")
        several = _people(name)
        if len(several) > 1 and (_ANY_CHINESE.search(name) or ", " not in name):
            return Cleaned(raw, (SEVERAL,), "suggested", candidates=several)
        return _whole(raw, name, parts, (*flags, *own), known)

    plain = settled(once)

    def clean(raw: str) -> Cleaned:
        """Return the name alone; 姓, 名, 称谓, 称呼, 性别, 备注, 部门, 电话 and, where asked for, 拼音 in parts."""
        cleaned = plain(raw)
        parts = dict(cleaned.parts)
        if "姓" in parts and parts.get("称谓"):
            parts.update({"称呼": said} if (said := _salutation(parts)) else {})
        if pinyin and "姓" in parts:
            parts["拼音"] = romanised(parts["姓"], parts.get("名", ""))
        return cleaned._replace(parts=parts) if parts != cleaned.parts else cleaned

    return clean


def _one_part(holds: str, known: frozenset[str]) -> Cleaner:
    """Return what reads a column of surnames or of given names: no surname is missed in it, and 小平 is no 平."""

    def once(raw: str) -> Cleaned:
        text, flags = line(raw)
        nothing = says_nothing(text)
        if nothing:
            return Cleaned(None, (nothing,))
        if _MASKED.search(text):
            return Cleaned(raw, (MASKED,), "suggested")
        if text in _NOBODY or _COMPANY.search(text):
            return Cleaned(raw, (COMPANY if _COMPANY.search(text) else NOT_A_NAME,), "suggested")
        name = _squeezed(text.translate(_DOTS).strip(_EDGE))
        title = ""
        if holds == "surname":
            name, title = _untitled(name)
        if not _CHINESE.match(name) and not _LATIN.match(name):
            return Cleaned(raw, (NOT_A_NAME,), "suggested")
        parts = {"姓" if holds == "surname" else "名": name} | ({"称谓": title} if title else {})
        doubts: tuple[Flag, ...] = ()
        surname = split_name(name)[0] if holds == "surname" and name not in known and "·" not in name else ""
        if surname:
            doubts = (WHOLE_NAME,)
            parts |= {"姓": surname, "名": name.removeprefix(surname)}
        if name == raw:
            return Cleaned(name, (*standing(flags), *doubts), parts=parts, candidates=(surname,) if surname else ())
        own = (*flags, *((TITLE,) if title else ())) or (BLANKS,)
        return Cleaned(name, (*own, *doubts), "likely" if title else "certain", parts, (surname,) if surname else ())

    return once


def _salutation(parts: dict[str, str]) -> str:
    """Return 王总 or 李女士: the surname with the first title that people are called by; an English one in front."""
    titles = parts["称谓"].split()
    title = next((title for title in titles if title not in _NOT_CALLED_SO), "")
    if not title:
        return ""
    return f"{title}. {parts['姓']}" if title.isascii() else parts["姓"] + title


def romanised(surname: str, given: str) -> str:
    """Return a Chinese name in pinyin without tones, surname first: `Shan Xiongxin`, `Yuchi Gong`; ü is written yu, as in passports.

    Surnames are read as surnames (曾 zeng, 单 shan, 仇 qiu, 区 ou), given names by pypinyin's phrases.
    """
    return " ".join(filter(None, (_syllables(surname).capitalize(), _syllables(given, given=True).capitalize())))


@lru_cache(maxsize=50_000)
def _syllables(text: str, *, given: bool = False) -> str:
    from pypinyin import Style, lazy_pinyin

    if not given and text in READINGS:
        return READINGS[text]
    syllables = lazy_pinyin(text, style=Style.NORMAL, v_to_u=True)
    if given:
        syllables = (
            [GIVEN_READINGS.get(sign, said) for sign, said in zip(text, syllables, strict=True)]
            if len(syllables) == len(text)
            else syllables
        )
    return "".join(syllables).replace("ü", "yu").replace("nyue", "nue").replace("lyue", "lue")


def _people(name: str) -> tuple[str, ...]:
    """Return the people in a cell, without their titles: 张总/李总, 张三 李四."""
    pieces = [piece.strip() for piece in _SEVERAL.split(name) if piece.strip()]
    words = name.split(" ")
    both = _TWO.match(name)
    if both and both[1] not in surnames() and all(split_name(word)[0] for word in both.groups()):
        pieces = list(both.groups())
    if len(pieces) == 1 and len(words) > 1 and all(2 <= len(word) <= 4 and split_name(word)[0] for word in words):
        pieces = [] if words[0] in surnames() else words
    return tuple(dict.fromkeys(_untitled(_squeezed(piece))[0] for piece in pieces))


def _strip(text: str) -> tuple[str, dict[str, str], tuple[Flag, ...]]:
    parts: dict[str, str] = {}
    flags: list[Flag] = []
    telephone = _TELEPHONE.search(text)
    if telephone and len(text) > len(telephone.group()):
        parts["电话"] = telephone[1]
        text = text[: telephone.start()] + " " + text[telephone.end() :]
        flags.append(PHONE)
    for bracketed in _BRACKETED.finditer(text):
        said = bracketed[1].strip()
        if said in ("男", "女"):
            parts["性别"] = said
            flags.append(NOTE)
        elif said in _LONG_TITLES or said in _SURE_SHORT.split("|"):
            parts["称谓"] = f"{parts['称谓']} {said}" if "称谓" in parts else said
            flags.append(TITLE)
        elif said:
            parts["备注"] = f"{parts['备注']} {said}" if "备注" in parts else said
            flags.append(NOTE)
    text = _BRACKETED.sub(" ", text).strip(_EDGE)
    sex = _SEX.search(text)
    if sex and sex.start():
        parts["性别"] = sex[1]
        text = text[: sex.start()]
        flags.append(NOTE)
    gloss = _GLOSS.match(text)
    if gloss and _reads(gloss[1], gloss[2]):
        parts["备注"] = " ".join(filter(None, (parts.get("备注"), gloss[2].strip())))
        text = gloss[1]
        flags.append(NOTE)
    name, apart = _title_apart(text)
    name, title = _untitled(_squeezed(name))
    title = " ".join(filter(None, (apart, title)))
    if title:
        parts["称谓"] = " ".join(filter(None, (title, parts.get("称谓"))))
        flags.append(TITLE)
    department = _DEPARTMENT.match(name)
    if department and (department[2] in surnames() or split_name(department[2])[0]):
        parts["部门"] = department[1]
        name = department[2]
        flags.append(NOTE)
    return name, parts, tuple(dict.fromkeys(flags))


def _reads(name: str, gloss: str) -> bool:
    """Whether a gloss is a Chinese name in pinyin, surname first or last: 王伟 Wang Wei."""
    surname, given = split_name(name)
    said = re.sub(r"[^a-z]", "", gloss.lower())
    return bool(surname) and said in (
        _syllables(surname) + _syllables(given, given=True),
        _syllables(given, given=True) + _syllables(surname),
    )


def _squeezed(name: str) -> str:
    """Take the blanks out of a Chinese name, and doubled ones out of any."""
    name = re.sub(r"\s*·\s*", "·", re.sub(r"\s+", " ", name))
    plain = name.replace(" ", "")
    words = name.split(" ")
    if not _CHINESE.match(plain) or len(plain) > 4:
        return name
    if len(plain) <= 3 or len(words) == len(plain) or (len(words) == 2 and words[0] in surnames()):
        return plain
    return name


def _title_apart(text: str) -> tuple[str, str]:
    """Return the text without a title that stands apart in front of a surname or a whole name, and the title."""
    found = _TITLE_APART.match(text)
    if not found:
        return text, ""
    name = re.sub(r"\s+", "", found[2])
    familiar = _FAMILIAR.match(name)
    known = name in surnames() or (familiar and familiar[1] in surnames()) or (len(name) <= 4 and split_name(name)[0])
    untitled, title = _untitled(name)
    if not known or (title and untitled not in surnames()) or name in _LONG_TITLES or not _CHINESE.match(name):
        return text, ""
    return name, found[1]


def _untitled(name: str) -> tuple[str, str]:
    """Return the name without titles, and the titles."""
    titles: list[str] = []
    for _ in range(4):
        found = _TITLE.match(name)
        if found and _ANY_CHINESE.search(found[1]):
            name, title = found[1].strip(_EDGE), found[2]
            titles.insert(0, title)
            continue
        first = _TITLE_FIRST.match(name)
        if first and split_name(first[2])[0] and _CHINESE.match(first[2]):
            titles.append(first[1])
            name = first[2]
            continue
        english = _ENGLISH_TITLE.match(name)
        if english and len(name) > english.end():
            titles.append(english[1].capitalize())
            name = name[english.end() :].strip(_EDGE)
            continue
        break
    return name, " ".join(titles)


def _whole(raw: str, name: str, parts: dict[str, str], flags: tuple[Flag, ...], known: frozenset[str]) -> Cleaned:
    chinese = bool(_CHINESE.match(name))
    if not chinese and (any(sign.isdigit() for sign in name) or not (_LATIN.match(name) or _ANY_CHINESE.search(name))):
        return Cleaned(raw, (NOT_A_NAME,), "suggested")
    title = parts.get("称谓", "")
    if title:
        words = title.split()
        sex = "男" if any(word in _MALE for word in words) else "女" if any(word in _FEMALE for word in words) else ""
        parts["性别"] = parts.get("性别", "") or sex
    confidence = "likely" if title or "备注" in parts or "性别" in parts else "certain"
    doubts: tuple[Flag, ...] = ()
    if chinese and "·" not in name:
        familiar = _FAMILIAR.match(name)
        if name in known or (familiar and familiar[1] in known):
            parts["姓"] = familiar[1] if familiar else name
            doubts = (SURNAME_ONLY,)
        elif len(name) <= 4:
            parts["姓"], parts["名"] = split_name(name)
            if name[-1] in _DOUBTFUL_SHORT and name[:-1] in known:
                doubts = (MAYBE_TITLE,)
    parts = {part: said for part, said in parts.items() if said}
    candidates = (name[:-1],) if doubts == (MAYBE_TITLE,) else ()
    if name == raw:
        return Cleaned(name, (*standing(flags), *doubts), parts=parts, candidates=candidates)
    return Cleaned(name, (*(flags or (BLANKS,)), *doubts), confidence, parts, candidates)  # type: ignore[arg-type]


STANDARD = Standard("person_name", make, Message("names of people"), ("pinyin", "holds"), CODES)
