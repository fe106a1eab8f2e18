"""Company names as they are registered: brackets （）, simplified characters, notes and departments split out, legal form kept.

A registered name is region + name + trade + legal form (企业名称登记管理规定, 2020). What people add around it (a department, a telephone
number, 已停用) goes to named parts; what they left out is not invented. A company may be called NA, None or null.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Literal

from crmmigrate.messages import Message
from crmmigrate.model.legal_form import spelt
from crmmigrate.model.placeholders import NOTHING_OF_A_COMPANY
from crmmigrate.model.standard import Cleaned, Flag, Standard
from crmmigrate.standards._company_parts import describe, key_of
from crmmigrate.standards._door import BLANKS, LIKELY, LOST, PRIVATE_USE, SIGN, line
from crmmigrate.standards._fold import is_simple, simplified
from crmmigrate.standards._settle import settled
from crmmigrate.standards.empty import ALL_CODES, says_nothing

if TYPE_CHECKING:
    from crmmigrate.model.standard import Cleaner

CODES = {
    **ALL_CODES,
    "company.brackets": Message("brackets of a company name made full width"),
    "company.simplified": Message("traditional characters of a company name simplified"),
    "company.note": Message("a note split off the company name"),
    "company.former-name": Message("a former name split off the company name"),
    "company.department": Message("a department split off the company name"),
    "company.phone": Message("a telephone number split off the company name"),
    "company.repeated": Message("a legal form written twice"),
    "company.misspelt": Message("a misspelt legal form mended"),
    "company.bracket-unclosed": Message("a bracket of the company name is not closed"),
    "company.cut": Message("the company name seems cut off"),
    "company.short": Message("no legal form: hardly the registered name"),
    "company.letters": Message("a company name without a letter"),
}
BRACKETS, SIMPLIFIED, NOTE, FORMER, DEPARTMENT, PHONE, REPEATED = (
    Flag(f"company.{name}", "info")
    for name in ("brackets", "simplified", "note", "former-name", "department", "phone", "repeated")
)
MISSPELT = Flag("company.misspelt")
UNCLOSED, CUT, SHORT = (Flag(f"company.{name}") for name in ("bracket-unclosed", "cut", "short"))
NO_LETTERS = Flag("company.letters", "error")

FORMS = (
    "特殊普通合伙", "普通合伙", "有限合伙", "股份有限公司", "有限责任公司", "集团有限公司", "有限公司", "股份公司", "集团公司", "总公司",
    "分公司", "子公司", "公司", "合作社", "联合社", "合伙企业", "个人独资企业", "事务所", "代表处", "办事处", "商行", "商店", "经营部", "门市部",
    "服务部", "维修部", "批发部", "销售部", "加工厂", "分厂", "工厂", "厂", "店", "中心", "医院", "诊所", "学校", "大学", "学院", "幼儿园", "协会",
    "学会", "基金会", "委员会", "研究院", "研究所", "设计院", "银行", "支行", "分行", "酒店", "宾馆", "饭店", "集团", "工作室", "合作联社", "农场", "工程队",
    "管理局", "局", "所", "院", "部", "站", "社", "行", "馆", "场", "园", "政府", "法院", "检察院",
)  # fmt: skip
_PLAIN_END = re.compile(
    r"[0-9A-Za-z\u4e00-\u9fff]+(?:（[\u4e00-\u9fff]{2,12}）[\u4e00-\u9fff]+)?(?:(?<=有限公司)|(?<=有限责任公司))\Z",
    re.ASCII,
)
"""The usual name, from which nothing comes off: Chinese throughout, one pair of brackets at most, a legal form at the end."""
_FORM_END = re.compile("(?:" + "|".join(FORMS) + ")(?:（[^）]*）)?\\Z")
_CHINESE = re.compile("[\u3400-\u9fff]")
_BRACKET = str.maketrans("()[]【】〔〕［］{}｛｝〈〉《》「」", "（）（）（）（）（）（）（）（）（）（）")
_ODD_BRACKET = re.compile("[" + re.escape("()[]【】〔〕［］{}｛｝〈〉《》「」") + "]")
_BLANK_AT_CHINESE = re.compile("(?<=[\u3400-\u9fff（）·、]) | (?=[\u3400-\u9fff（）·、])")
_EDGE = " \t,，;；:：。.、-－—–_/／*★☆●◆#\"“”'‘’"
_EMPTY_BRACKETS = re.compile(r"（\s*）")
_TELEPHONE = re.compile(
    r"[\s,，;；:：\-—/（]*(?:(?:联系)?电话|手机|tel|mob(?:ile)?|phone)?[\s.:：]*"
    r"(?<!\d)((?:\+?86[- ]?)?1[3-9]\d{9}|0\d{2,3}-?\d{7,8}(?:-\d{1,5})?|400-?\d{3}-?\d{4})[）\s]*\Z", re.IGNORECASE | re.ASCII)  # fmt: skip
_FORMER = re.compile(
    r"[\s\-—,，]*（?(?:曾用名|原名称?|原名为|更名前|前身)[:：为]?\s*([^（）]{3,}?)）?\s*\Z|[\s\-—,，（]+原[:：]?\s*([^（）]{3,}?)）?\s*\Z|(?<=公司)原([^（）]{4,}公司)\Z"
)
_STATES = "已停用|停用|已注销|注销|已吊销|吊销|作废|已作废|失效|冻结|暂停合作|停止合作|不再合作|已倒闭|倒闭|已搬迁|搬迁|已流失|流失|黑名单|拉黑"
_WORDS = "老客户|新客户|大客户|重点客户|重点|重要客户|重要|潜在客户|潜在|意向客户|客户|vip|VIP|KA|战略客户|合作中|测试|test|勿删|重复|旧|新|备用|临时|待核实|待确认|已合作|月结|现结|代理商?|经销商|供应商|甲方|乙方|转介绍|已签约|签约"
_TRAILING_NOTE = re.compile(
    rf"[\s\-—_,，;；/*]*（((?:{_STATES})[^（）]*|{_WORDS})）\Z|[\s\-—_,，;；/*]+({_STATES})\Z|(?<=公司|集团)[\s\-—_,，;；/*]+({_WORDS})\Z"
)
_BLANK_NOTE = re.compile(rf"(?<=公司|集团) (?=(?:{_WORDS}|联系人[:：]?\s?[\u4e00-\u9fff]{{2,4}})\Z)")
_LEADING_NOTE = re.compile(rf"（({_STATES}|{_WORDS})）[\s\-—_]*|[*★☆●◆■#]+\s*(?=[\u3400-\u9fff])")
_STATE = re.compile(_STATES)
_DEPARTMENT = re.compile(
    r"((?:有限|股份|集团|总|分|子|责任)公司|公司|集团|事务所|厂|（(?:普通合伙|有限合伙|特殊普通合伙)）)[\s\-—_/]*"
    r"（?((?:[\u4e00-\u9fff]{0,4}?)(?:采购|财务|人事|人力资源|行政|销售|市场|技术|研发|工程|生产|质量|品质|品控|信息|客服|售后|仓储|物流|法务|设备|综合|运营|业务|总经理|总裁|外贸|国际贸易|后勤|计划|供应链|项目)"
    r"(?:一|二|三|四|管理|服务|技术|保障)?(?:部门?|处|科|室|组|办公室|中心))）?\Z")  # fmt: skip
_CONTACT = re.compile(
    r"[\s\-—_/,，（]+(?:联系人[:：]?\s*)?([\u4e00-\u9fff]{1,3}(?:总经理|经理|总|先生|女士|小姐|主任|老师|厂长|老板)|(?<=联系人[:：])[\u4e00-\u9fff]{2,4})）?\Z"
)
_REPEATED = re.compile(r"((?:股份|责任)?有限公司)(?:\1|公司)+\Z|(有限)\2+公司\Z")
_CUT = re.compile(
    r"(?:有|有限|有限责|有限责任|有限责任公|有限公|股份|股份有|股份有限|股份有限公|集团有|集团有限|（[^）]*)\Z"
)


def make(short: Literal["flag", "accept"] = "flag") -> Cleaner:
    """Return the cleaner.

    Args:
        short: whether a name without a legal form is flagged.

    Raises:
        ValueError: another word for `short`.
    """
    if short not in ("flag", "accept"):
        raise ValueError(f"short: {short}")

    def once(raw: str) -> Cleaned:
        """Return the name alone, without parts of its own; what stood around it is in parts."""
        if _PLAIN_END.match(raw) and is_simple(raw) and not (raw.count("公司") > 1 or "有限有限" in raw):
            return Cleaned(raw, () if len(raw) > 5 or short != "flag" or _FORM_END.search(raw) else (SHORT,))
        text, flags = line(raw)
        nothing = says_nothing(text, NOTHING_OF_A_COMPANY)
        if nothing:
            return Cleaned(None, (nothing,))
        if not _CHINESE.search(text):
            return _foreign(raw, text, flags)
        if LOST in flags:
            return Cleaned(raw, (LOST,))
        name, parts, found = _strip(_spelt(text))
        if not name or not _CHINESE.search(name):
            return Cleaned(raw, (NO_LETTERS,), "suggested")
        doubts = _doubts(name, flag_short=short == "flag")
        if name == raw and flags:
            doubts = (*(flag for flag in flags if flag in (SIGN, PRIVATE_USE)), *doubts)
        if name == raw:
            return Cleaned(name, doubts, parts=parts)
        own = _spelling_flags(text, name, flags, found)
        likely = not _ONLY_LIKELY.isdisjoint(own)
        return Cleaned(name, own + doubts, "likely" if likely else "certain", parts)

    whole = settled(once)

    def clean(raw: str) -> Cleaned:
        """Return the name alone; what stood around it and what it is made of in parts."""
        cleaned = whole(raw)
        value = cleaned.value
        if value is None or not _CHINESE.search(value) or NO_LETTERS in cleaned.flags:
            return cleaned
        return Cleaned(value, cleaned.flags, cleaned.confidence, _Parts(value, cleaned.parts), cleaned.candidates)

    return clean


class _Parts(Mapping[str, str]):
    """What a name is made of, found when it is first asked for: most columns want the name alone, and it takes half the time.

    Args:
        name: in standard form.
        beside: the parts that stood around it.
    """

    __slots__ = ("_beside", "_found", "_name")

    def __init__(self, name: str, beside: Mapping[str, str]) -> None:
        self._name = name
        self._beside = beside
        self._found: dict[str, str] | None = None

    def _all(self) -> dict[str, str]:
        if self._found is None:
            self._found = {**describe(self._name), **self._beside}
        return self._found

    def __getitem__(self, part: str) -> str:
        return self._all()[part]

    def __iter__(self) -> Iterator[str]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())

    def __repr__(self) -> str:
        return repr(self._all())


_ONLY_LIKELY = LIKELY | {SIMPLIFIED, DEPARTMENT, REPEATED, NOTE, MISSPELT}


def _foreign(raw: str, text: str, flags: tuple[Flag, ...]) -> Cleaned:
    name = text.translate(str.maketrans("（），．＆", "(),.&")).strip(" ,;-_/*")
    if not any(sign.isalnum() for sign in name):
        return Cleaned(raw, (NO_LETTERS,), "suggested")
    if not any(sign.isalpha() for sign in name) and sum(map(str.isdigit, name)) > 4:
        return Cleaned(raw, (NO_LETTERS,), "suggested")
    parts = {"匹配键": match_key(name)}
    return Cleaned(name, parts=parts) if name == raw else Cleaned(name, flags or (BLANKS,), parts=parts)


def _spelt(text: str) -> str:
    """Return the text in simplified characters, brackets full width, no blanks beside Chinese characters."""
    text = _BLANK_NOTE.sub("-", simplified(text).translate(_BRACKET))
    return _EMPTY_BRACKETS.sub("", _BLANK_AT_CHINESE.sub("", text)).strip(_EDGE)


def _strip(name: str) -> tuple[str, dict[str, str], tuple[Flag, ...]]:
    """Split what people add off the name, until nothing more comes off."""
    parts: dict[str, str] = {}
    flags: list[Flag] = []
    for _ in range(8):
        for peel in (_peel_former, _peel_note, _peel_phone, _peel_contact, _peel_department):
            rest, part, said, flag = peel(name)
            if flag is not None and _CHINESE.search(rest):
                name = _EMPTY_BRACKETS.sub("", rest).strip(_EDGE)
                parts[part] = f"{said} {parts[part]}" if part in parts else said
                flags.append(flag)
                break
        else:
            break
    mended = name if _CUT.search(name) else spelt(name)
    if mended != name:
        name = mended
        flags.append(MISSPELT)
    mended = _REPEATED.sub(lambda found: found[1] or "有限公司", name)
    if mended != name:
        name = mended
        flags.append(REPEATED)
    return name, {part: said for part, said in parts.items() if said}, tuple(dict.fromkeys(flags))


Peeled = tuple[str, str, str, Flag | None]


def _peel_former(name: str) -> Peeled:
    found = _FORMER.search(name)
    if not found or found.start() < 4 or not _FORM_END.search(name[: found.start()]):
        return name, "", "", None
    return name[: found.start()], "曾用名", (found[1] or found[2] or found[3]).strip(_EDGE), FORMER


def _peel_note(name: str) -> Peeled:
    found = _TRAILING_NOTE.search(name)
    if found and found.start() >= 2:
        said = found[1] or found[2] or found[3]
        return name[: found.start()], "状态" if _STATE.match(said) else "备注", said, NOTE
    found = _LEADING_NOTE.match(name)
    if found:
        said = found[1] or ""
        return name[found.end() :], "状态" if _STATE.match(said) else "备注", said, NOTE
    return name, "", "", None


def _peel_phone(name: str) -> Peeled:
    found = _TELEPHONE.search(name)
    if not found or found.start() < 2:
        return name, "", "", None
    return name[: found.start()], "电话", found[1], PHONE


def _peel_contact(name: str) -> Peeled:
    found = _CONTACT.search(name)
    if not found or not _FORM_END.search(name[: found.start()]):
        return name, "", "", None
    return name[: found.start()], "联系人", found[1], NOTE


def _peel_department(name: str) -> Peeled:
    found = _DEPARTMENT.search(name)
    if not found:
        return name, "", "", None
    return name[: found.end(1)], "部门", found[2], DEPARTMENT


def _spelling_flags(text: str, name: str, flags: tuple[Flag, ...], found: tuple[Flag, ...]) -> tuple[Flag, ...]:
    own = list(flags)
    if simplified(text) != text:
        own.append(SIMPLIFIED)
    if _ODD_BRACKET.search(text) and "（" in name:
        own.append(BRACKETS)
    own += [flag for flag in found if flag not in own]
    return tuple(own) or (BLANKS,)


def _doubts(name: str, *, flag_short: bool) -> tuple[Flag, ...]:
    if name.count("（") != name.count("）"):
        return (UNCLOSED,)
    if _CUT.search(name) and len(name) > 4:
        return (CUT,)
    return (SHORT,) if flag_short and not _FORM_END.search(name) else ()


def match_key(name: str) -> str:
    """Return a key that all spellings of one registered name share: no brackets, blanks or marks, simplified, lower case, one word for limited."""
    return key_of(simplified(line(name)[0])) or name


STANDARD = Standard("company_name", make, Message("company names as registered"), ("short",), CODES)
