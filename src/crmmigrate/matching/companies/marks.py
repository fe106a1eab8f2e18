"""What people note around a company's name: a state or a number before it, whom to ask for, a department or terms behind it."""

from __future__ import annotations

import re
from functools import cache

from crmmigrate.matching.companies import universities
from crmmigrate.matching.places.place import only_place, take_place
from crmmigrate.matching.texts.folding import is_chinese
from crmmigrate.model.person_titles import FAMILIAR, HONORIFICS, TITLES
from crmmigrate.model.surnames import surnames

STATE = (
    "待核[实对查]|待[定查]|待确认|未核实|已?核实|黑名单|白名单|灰名单|重复|疑似重复|已?(?:停用|禁用|作废|注销|吊销|冻结|失效|删除|合并|停业|倒闭|搬迁|关闭|归档|停止使用|停止合作|终止合作|废弃|弃用|停供)|勿用|不要用|不再?用|不再使用|不再?合作|无效|暂停|[停废]|测试|"
    "vip|标杆(?:客户)?|样板(?:客户)?|新|旧|老|新客户|[老大小]客户|重[点要](?:客户)?|潜在(?:客户)?|意向(?:客户)?|欠款(?:客户)?|[新旧老]账户?"
)
"""What state somebody noted that a customer is in, a pattern."""

_PAYMENT = "(?:货到|预付|先)付款|款到发货|先款后货|月结(?:\\d+天)?|现结|现款(?:现货)?|季结|半月结|寄售|代销|铺货|赊销|不?含税|不?开票|专票|普票|自提|到付|现金"
TERMS = rf"{_PAYMENT}|展会|网络|转介绍|个体(?:工商)?户?|老板|[新老大小]客户|试用|代理商?|经销商?|终端|贸易商|供应商"
_SIGNS = "/\"'“”‘’`´「」『』<>《》*#★☆◆◇●○■□▲△※!.。,，、;；:：~·-"
_MARKED = re.compile(
    rf"(?:[\s{re.escape(_SIGNS)}]+|[(\[【〔](?:{STATE}|{TERMS}|[甲乙]方|[总分]包|\d{{1,4}})[)\]】〕]|(?:{STATE})\s*[-_–—:/]\s*)+(?=\S\S)"
)
"""[待核实], (黑名单), [甲方], 【停用】, (1), #, *, quotation marks."""

_NUMBER = re.compile(r"(?:\d{1,8}|[a-exz]|xx|zz)\s?(?=[\u3400-\u9fff])")
"""1厦门华泰密封件有限公司, A厦门华泰密封件有限公司, and Z or X before what is no longer used; 3M and 58同城 are called so, hence a place must follow."""

_SORTED = re.compile(r"a{1,3}[\s.-]?(?=[\u3400-\u9fff]{3,}(?:[店馆铺坊行]|超市|诊所|小卖部|批发部|经营部)\Z)")
"""A老王五金店, AAA老王五金店: written so that it comes first in a list."""

_FIRST = frozenset("0123456789abcdexz")

_TITLES = "|".join(
    (*HONORIFICS, "总经理", "副总经理", "副总", "经理", "副经理", "董事长", "主任", "副主任", "科员", "工程师")
)
_SHORT_TITLES = "|".join((*(title for title in TITLES if title not in FAMILIAR), "[总工董姐哥]"))
"""Titles behind a surname alone: 金利电工 is no 金 of the name 利电."""

_SEPARATED = r"\s*[-–—_/、,;:|]\s*|\s+"
_BUY = "采购|供应|设备|总务|后勤|物资|基建|动力|成本|合约|招采"
_DEPARTMENTS = f"(?:(?:财务|{_BUY})[部科处]|招采中心)"
"""Departments that buy and pay for the whole of what they belong to; each of the others is asked about by itself."""

_OF_UNIVERSITY = re.compile(rf"{universities.SCHOOLS}(?:{_SEPARATED})?(?:{_BUY})[部科处]\Z")
"""Those of a university buy for themselves; the money is the university's."""

_ENDED = "已?(?:停用|禁用|作废|注销|吊销|冻结|失效|删除)"
"""States that nobody is called, so that a blank is enough behind them, and nothing where they stand behind a company."""

_STOPPED = "已?(?:停用|禁用|作废)|已(?:注销|吊销|冻结|失效|删除)"
"""Those that no name begins with: 注销代办 and 失效分析 are trades."""

_PUNCTUATION = re.compile(rf"[\s{re.escape(_SIGNS)}]+\Z")
_BODIES = "司厂社校院所局团学会处心行店部场站馆园"
"""The last characters of what has departments, and whose employees may be named right behind it."""


@cache
def _behind() -> re.Pattern[str]:
    """Return the pattern of a note behind a Chinese name."""
    single = "".join(sorted(name for name in surnames() if len(name) == 1))
    double = "|".join(sorted(name for name in surnames() if len(name) > 1))
    surname = f"(?:{double}|[{single}])"
    person = f"{surname}(?:[\\u3400-\\u9fff]{{0,2}}(?:{_TITLES})|(?:{_SHORT_TITLES}))"
    note = f"(?:{person}|{_DEPARTMENTS}|{STATE}|{TERMS}|{_TASK})"
    return re.compile(
        rf"(?:(?<=...)(?:{_SEPARATED})(?:{person}|{_DEPARTMENTS})|\s*[(\[【〔]\s*{note}\s*[)\]】〕]|(?<=公司)\s*[(\[【〔]\s*{surname}\s*[)\]】〕]|(?<=公司.厂)\s*[(\[【〔]\s*[新老旧]厂区?\s*[)\]】〕]"
        rf"|(?<=[{_BODIES}])(?:{person})|(?<=..[{_BODIES}]){_DEPARTMENTS}|(?<=...)(?:采购|财务|总务|基建)[部科处]|(?<=..[{_BODIES}])\s?{_ENDED})\Z"
    )  # fmt: skip


ENDS = frozenset("".join(title[-1] for title in TITLES) + "总工董姐哥部科处心员师)]】〕用废销结效除账户" + _SIGNS)
_TASK = "[新老旧]账|已?签约?|已签合同|[原新老旧]合同|已?中标|未中标|投标中|在谈|洽谈中|跟进中|续[费签约]|维保|维护|[已又]?换了?(?:人|负责人|联系人)|技改(?:项目)?|(?:20\\d\\d年?)?(?:改造|扩建)(?:项目)?|设备(?:采购|款)|外协|人民币|美[元金]|样品|质保金|尾款|货款"
_ENDS_NOTED = re.compile(
    rf"(?<=[^\s\d])\s*[-–—_/、]\s*(?:{STATE}|{_PAYMENT}|[新老大小]客户|招标|投标|询价|备用|临时|{_TASK})\Z"
)
"""-老客户, /月结, -续费."""

_PHASED = re.compile(
    r"\A(?!.*(?:物业|花园|小区|广场|地产|置业|项目(?![)\]】〕]?\Z)|(?:建[设筑]|工程|路桥|园林|装饰)(?!.*[院系])))(.{3,}(?:公司|[院学校局会处科系馆站所府团委队部]|幼儿园|(?:采购|信息|网络|数据|控制|保健|服务|交易|急救|技术|教育)中心))"
    r"\s*(?:[-–—_/]\s*第?[一二三四五\d]期(?:项目|工程)?|[(\[【〔]\s*第?[一二三四五\d]期(?:项目|工程)?\s*[)\]】〕])\Z"
)
"""A second order of a customer, as its sales person calls it: 武汉市儿童医院-二期; of an estate or a builder's project it is another place."""

_DEPARTMENT = re.compile(_DEPARTMENTS)

_RANKED = re.compile(
    r"(?:(?:个体(?:工商户|户|(?!工商户|户))[:\s]*|[a-z]\s*[-_–—]|[a-z]{2,3}_|\d{1,3}\s*[.,、]|\d{1,8}\s*[-_–—、]|(?:0\d{1,7}|\d{5,8})\s|[a-z]{1,3}\d{2,8}[-_–—\s]|vip[-_–—]?|[★☆◆●*#]+|"
    rf"(?:[xz]{{1,2}}\s?)?(?:{STATE})\s*[-_–—:]|{_ENDED}\s|[xz]?(?:{_STOPPED}))\s*)+"
    r"(?=[\u3400-\u9fff]{2}[\u3400-\u9fff(\[【〔])"
)
"""How customers are ranked or numbered by who writes them down: A-厦门利控用品有限公司, VIP杭州启明机械厂, ★…, KH0446 …, K266—…, 0012 …, 0012-…, 停用-…, Z停用-…."""

_OF_THE_STATE = re.compile("(?:中华人民共和国|国家税务总局)(?=..)")
_PHONE_BEHIND = re.compile(r"(?<=[司店厂部院行社所])\d{7,12}\Z")
_FORMERLY = re.compile(r"\s+(?:曾用名|原名|更名前|前身)[:为是]?\s*([\u3400-\u9fff()]{4,})\Z")
_CALLED = re.compile(
    r"(?<=公司|支行|分行)\s*(?:\*[^*]+\*|\s(?![^\s]*(?:公司|[店部行厂处院校所]|中心))[\u3400-\u9fff]{2,6})\Z"
)
"""What somebody noted behind the name: … 欠款客户, *勿用*."""

_BEHIND_COMPANY = re.compile(r"(?<=公司)\s*[-–—_/、]\s*\S*\Z|\s+[-–—]?\s*[\d\s()+-]{7,}\Z")
"""A person, a department or a number that somebody wrote behind the name."""


_BRANCH_MISTYPED = re.compile("(?<=公司..)分(?:[^公]司|公[^司路园寓])\\Z|(?<=公司...)分(?:[^公]司|公[^司路园寓])\\Z")
_FORM_CUT = re.compile(
    "(?<=集团股份)(?=[\u3400-\u9fff]{2,10}(?:分公司|项目部)\\Z)|有限公(?=[^司\\s][\u3400-\u9fff]{1,7}分公司\\Z)"
)
_FORM_BRACKETED = re.compile(r"\s*[(\[【〔]((?:股份)?有限(?:责任)?公司)[)\]】〕]\Z")
"""…集团股份浙江分公司, …有限公浙江分公司; …开发(有限公司)."""

_NUMBERED = re.compile("(?<=建筑|建设|建工|工程|集团|公司)第?([一二三四五六七八九十]{1,2})分\\Z")
"""…建筑二分, as builders call their branches."""

_TRADER = re.compile(r"个体(?:工商户|户)?[:\s]+(?=[\u3400-\u9fff]{2,4}\Z)")
"""个体工商户 张三."""


def without_notes(folded: str) -> tuple[str, str]:
    """Return a folded name without what people note around it, and the department right behind it; a name that would be nothing else stays as it is."""
    folded, department = without_people(_without_marks(_PHASED.sub(r"\1", folded) if "期" in folded[-4:] else folded))
    if before := _RANKED.match(folded) or _TRADER.match(folded):
        folded = folded[before.end() :]
    if state := _OF_THE_STATE.match(folded):
        folded = folded[state.end() :]
    if folded[-1:].isdigit():
        folded = _PHONE_BEHIND.sub("", folded)
    return folded, department


def without_remarks(folded: str) -> str:
    """Return a folded name, in which nothing but a company's branch stands behind a dash, without what somebody noted behind it; a former name comes to stand in brackets."""
    folded = _CALLED.sub("", _FORMERLY.sub(r"(原名\1)", folded))
    return _BEHIND_COMPANY.sub("", folded) if not folded.endswith("公司") and is_chinese(folded) else folded


_CITY, _WITH_TRADE = (2, 3), 4
"""Characters of a city as it is called, and at least of brand and trade."""

_LIMITED_MISTYPED = ("有现公司", "有县公司", "有阻公司", "有陷公司", "有限工司", "有限公可")


def completed(folded: str) -> str:
    """Return a folded name with what is wanting at its end where it was cut off: 上海分公 is 上海分公司, and so is 启明机械上海分, and a bracket is closed; 有现公司 is a slip, but 有线公司 one of cable television."""
    if "(" in folded and ")" not in folded[folded.rindex("(") :]:
        folded += ")"
    if folded.endswith(("分公", "有限公")):
        return folded + "司"
    if folded.endswith("集团股份"):
        return folded + "有限公司"
    if folded.endswith("集团公司"):
        return folded[:-2] + "有限公司"
    folded = _FORM_CUT.sub("有限公司", _FORM_BRACKETED.sub(r"\1", folded))
    if folded.endswith(_LIMITED_MISTYPED):
        return folded[:-4] + "有限公司"
    if "分" in folded[-3:] and _BRANCH_MISTYPED.search(folded):
        return folded[:-3] + "分公司"
    if folded.endswith("分") and (numbered := _NUMBERED.search(folded)):
        return f"{folded[: numbered.start()]}第{numbered[1]}分公司"
    short = folded.endswith("分") and ("公司" in folded or _ends_in_city(folded[:-1]))
    return folded + "公司" if short else folded


def _ends_in_city(folded: str) -> bool:
    """Return whether a city stands at the end of a folded name, behind brand and trade: 启明机械太原, of which 启明机械太原分 is the branch."""
    cities = (folded[-size:] for size in _CITY if len(folded) >= size + _WITH_TRADE)
    return any((place := only_place(city)) is not None and bool(place.city) for city in cities)


def _without_marks(folded: str) -> str:
    """Return a folded name without a state, signs or a number before it."""
    first = folded[:1]
    if not first.isalnum():
        before = _MARKED.match(folded)
        return folded[before.end() :] if before else folded
    if first in _FIRST and (number := _NUMBER.match(folded)) and take_place(folded[number.end() :], 2)[0].province:
        return folded[number.end() :]
    return _SORTED.sub("", folded) if first == "a" else folded


def without_people(folded: str) -> tuple[str, str]:
    """Return a folded name without people, states and terms behind it, and the department right behind it."""
    department = ""
    while folded[-1:] in ENDS and is_chinese(folded):
        shorter = _PUNCTUATION.sub("", folded)
        noted = shorter[-1:] in ENDS and not _OF_UNIVERSITY.search(shorter)
        if noted and (note := _behind().search(shorter)):
            shorter = shorter[: note.start()]
            department = note.group() if _DEPARTMENT.fullmatch(note.group()) else department
        if len(shorter) < 2 or shorter == folded:
            break
        folded = shorter
    return (folded if folded.isalnum() else _ENDS_NOTED.sub("", folded)), department
