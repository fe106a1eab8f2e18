"""Public bodies among the names of companies: hospitals, schools and offices, what they are called for short, and their departments."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from crmmigrate.matching.companies import offices, universities
from crmmigrate.matching.places.place import only_place, take_place

if TYPE_CHECKING:
    from crmmigrate.matching.places.place import Place

_PUBLIC = re.compile(
    "(?:局|(?:宣传|组织|统战|统一战线工作)部|海关|政府|委员会|办事处|法院|检察院|[中小]学|学校|大学|学院|幼儿园|医院|保健院|卫生院|[支大总]队|派出所|管理所|中心|服务站|[村居]委会|党校|图书馆|博物馆|文化馆|(?:信息化|服务管理)办公室"
    "|(?<=..)(?:职院|科院|外院|科大|理工|师专|医专))\\Z"
)
"""Bodies that each district has its own of."""

LAST = "局关府会院学校园队所心站馆"
"""The last characters of all of them."""

_LOCAL = re.compile("..(?:街道|[镇乡村](?!市))")
_NAMED = re.compile("..(?:社区|卫生院\\Z)")
_OF_A_BRAND = re.compile(
    "(?!第|附属|人民|中心|大学|医学院|铁路|铁道|职工|工人|武警|部队|公安|矿[山务工]|煤矿|民族|友谊|妇女|妇幼|省|市|县)[\u3400-\u9fff]{2,4}"
    "(?:妇产|妇儿|骨科|骨伤|眼科|口腔|整形|美容|整形美容|男科|肛肠|胃肠|耳鼻喉|皮肤|康复|中医|中西医结合|儿童|综合|专科|老年|脑科|心理)医院\\Z"
)
"""诚德妇产医院 is a company's, and no district has its own."""


FULL = {
    "人社局": "人力资源和社会保障局", "市监局": "市场监督管理局", "市场监管局": "市场监督管理局", "食药监局": "食品药品监督管理局", "药监局": "药品监督管理局",
    "质监局": "质量技术监督局", "住建局": "住房和城乡建设局", "住建委": "住房和城乡建设委员会", "发改局": "发展和改革局", "发改委": "发展和改革委员会",
    "工信局": "工业和信息化局", "经信局": "经济和信息化局", "应急局": "应急管理局", "自规局": "自然资源和规划局", "文旅局": "文化和旅游局",
    "医保局": "医疗保障局", "城管局": "城市管理局", "教体局": "教育和体育局", "科技局": "科学技术局", "民宗局": "民族宗教事务局", "卫健局": "卫生健康局",
    "卫健委": "卫生健康委员会", "国资委": "国有资产监督管理委员会", "残联": "残疾人联合会", "妇联": "妇女联合会", "工商联": "工商业联合会", "供销社": "供销",
    "疾控中心": "疾病预防控制中心", "公积金中心": "住房公积金管理中心", "政务中心": "政务服务中心", "妇保院": "妇幼保健院", "妇幼院": "妇幼保健院", "妇幼保建院": "妇幼保健院", "人医": "人民医院",
    "中医医院": "中医院", "精卫中心": "精神卫生中心", "社区医院": "社区卫生服务中心", "街道社区卫生服务中心": "社区卫生服务中心", "街道社卫中心": "社区卫生服务中心", "社卫中心": "社区卫生服务中心",
    "卫生服中心": "卫生服务中心", "卫生苑": "卫生院", "传染病院": "传染病医院", "卫校": "卫生学校", "职中": "职业中学",
    "职高": "职业高级中学", "技校": "技工学校", "实小": "实验小学", "中心校": "中心小学", "中心完小": "中心小学", "中心完全小学": "中心小学", "街道办": "街道办事处", "业委会": "业主委员会", "村委会": "村民委员会", "村委": "村民委员会", "居委会": "居民委员会",
    "管委会": "管理委员会", "律所": "律师事务所", "律师所": "律师事务所", "会计所": "会计师事务所", "会计师所": "会计师事务所",
    "服务中新": "服务中心", "疾控中新": "疾病预防控制中心", "控制中新": "控制中心", "交通局": "交通运输局", "电力局": "供电局", "特检院": "特种设备检验研究院", "质检院": "产品质量监督检验研究院", "计生委": "计划生育委员会",
    "交运局": "交通运输局", "财局": "财政局", **offices.SHORT, "纪委": "纪律检查委员会", "统一战线工作部": "统战部",
}  # fmt: skip
"""What bodies are called for short, with what they are in full; 供销合作社 without its legal form, as all cores."""

FULL_IN_PLACE = {
    "妇幼": "妇幼保健院",
    "妇保": "妇幼保健院",
    "中医": "中医院",
    "口腔": "口腔医院",
    "肿瘤": "肿瘤医院",
    "消防": "消防救援支队",
    "疾控": "疾病预防控制中心",
    "cdc": "疾病预防控制中心",
    "公积金": "住房公积金管理中心",
    "中院": "中级人民法院",
    "高院": "高级人民法院",
    "教委": "教育局",
    "政府": "人民政府",
}
_OF_A_SCHOOL = "校区|园区|分园|(?:小学|初中|高中|国际|幼儿)部"
"""How the parts of schools and kindergartens end that are sites of their own."""

_CAMPUS_BRACKETED = re.compile(
    rf"(?<=[院学校园大中小])\s*[(\[【]\s*([\u3400-\u9fff]{{1,6}}(?:院区|校区|分院)|[东西南北]院|[\u3400-\u9fff]{{0,6}}(?:{_OF_A_SCHOOL}))\s*[)\]】]\Z"
)
_CAMPUS_BEHIND = re.compile("(.+[院学大中])([\u3400-\u9fff]{1,6}(?:院区|校区|分院)|[东西南北]院)")
_CLOSING, _CAMPUS_ENDS = ")]】", "区院"
_NUMERALS = "一二三四五六七八九十"
_OF_A_CITY = "市县省"
_NTH_HOSPITAL = re.compile(r"第?(\d{1,2}|[一二三四五六七八九十]{1,2})医院")

_ENDS = {end: tuple(short for short in FULL if short[-1] == end) for end in {short[-1] for short in FULL}}
_ORDINAL = re.compile("第([一二三四五六七八九十]{1,3})")
_NTH_MISTYPED = re.compile("[弟迪蒂娣帝递地](?=[一二三四五六七八九十]{1,3}(?:人民|中心|医|中学|小学|分|店|厂|$))")
"""第 as a pinyin keyboard mistypes it."""

_NTH = re.compile(r"([一二三四五六七八九十]{1,2}|\d{1,2})(中|院|小|幼)[学儿]?园?")
_NTH_OF = {"中": "中学", "院": "人民医院", "小": "小学", "幼": "幼儿园"}
_NTH_THERE = re.compile(r"([\u3400-\u9fff]{2,3})([一二三四五六七八九十]{1,2})([中小幼])")
"""桐庐一中: so many characters are a county's name as it is called, or a school's own."""

NTH_AT_END = "[一二三四五六七八九十][中小幼]$"
"""The end of what a numbered school is called for short, a pattern of RE2."""

_OF_THE_PARTY = re.compile("(?:中共|中国共产党)(?=[\u3400-\u9fff]{2,8}?[省市县区州旗](?:委员会.{2}|委(?!员会).{2}|纪))")
_AT_COMMITTEE = re.compile(
    "委(?:员会)?(?=(?:宣传|组织|统战|统一战线工作)部|政法委|党校|办公室|老干部局|网信办|巡察办|编办|机构编制)"
)
_AFFILIATED = re.compile(
    r"(?:[附付]属?第?([一二三四五六七八九十]|\d{1,2})(?:医院|院)?|第?([一二三四五六七八九十]|\d{1,2})[附付](?:属(?:医院|院)?|医?院))\Z"
)
"""附属第二医院, 附二院, 第二附属医院, 二附院; 付 as it is mistyped."""

_NTH_OF_UNIVERSITY = re.compile(r"(?<=大)第?([一二三四五六七八九十]|\d{1,2})院\Z")
"""医大五院 is 医科大学附属第五医院."""

_UNIVERSITY_OF = re.compile("大(?=附属)")
_OF_MEDICINE = re.compile("(?<!科)医大学(?=附属)")
"""大庆医大附三院 is of 大庆医科大学."""

_OF_THE_PEOPLE = re.compile("(?<!人民)(?=(?:法院|检察院)\\Z)")
"""西湖区法院 is 西湖区人民法院."""

_OF_A_TOWN = re.compile("(?<=..)[镇乡]?中心(?=卫生院\\Z)|(?<=..)[镇乡](?=卫生院\\Z)")
"""马店镇中心卫生院 and 马店卫生院 are 马店镇卫生院: a town has one."""

_CLINIC = re.compile("([\u3400-\u9fff]{2,3})(?:[镇乡]医院|社区卫生服务中心)")
_BRANCH_IN_TOWN = re.compile(
    "(?:人民|中心|中)医院(?:(?:紧密型)?(?:医共体|医疗集团|医疗共同体|医联体)[-–—]?)?([\u3400-\u9fff]{2,3}?)[镇乡]?分院"
)
"""县人民医院医共体王庄分院 is 王庄镇卫生院 since the county's hospital runs it."""

_ASSOCIATIONS = ("协会", "商会", "学会", "联合会", "促进会", "研究会", "基金会", "总工会")
_DIGITS = {sign: value for value, sign in enumerate("零一二三四五六七八九")}
_SHORTEST, _LONGEST = 2, 5
"""Characters of 二院, and of 十二幼儿园."""

_PREFECTURE = 4
"""Digits of its code; a county-level city has six."""

_UNIVERSITY = re.compile("(?:医科|药科|科技|理工|工业|师范|农业|林业|财经|民族|政法|外国语)大\\Z")

_PART = re.compile(
    r"(.{2,}?(?:医院(?!用品)|保健院|卫生院|人医(?!院)|病院|妇幼(?!保健|健康|卫生))(?![路街]))"
    r"((?:[\u3400-\u9fff\d]{1,10}(?:科|科室|[部处室系]|[病院校]区|中心|学院|研究[院所])|[\u3400-\u9fff\d]{0,10}(?:实验室|后勤|食堂|图书馆)))"
    r"(?<!经营部)(?<!门市部)(?<!批发部)\Z"
)
_CAMPUS = re.compile(
    rf"(.{{2,}}?(?:[中小]学|学校|中心校|[{_NUMERALS}附][中小](?!学)|实小|幼儿园))([\u3400-\u9fff]{{1,8}}[校分][区校]|[\u3400-\u9fff]{{0,8}}(?:{_OF_A_SCHOOL}))"
)
"""A department or a campus behind the hospital or the school that it belongs to; a shop is none: 医院用品经营部."""

OF_EACH_TOWN = ("社区卫生服务中心", "卫生院", "村民委员会", "居民委员会", "街道办事处", "业主委员会")
"""The ends of bodies that are called after their town, street or housing estate, of which many a city has one of that name."""

OF_A_DISTRICT = (
    "^(?:[\u3400-\u9fff]{2,3}区|[市区县省]).*(?:局|委员会|政府|中心|法院|检察院|[中小]学|医院|图书馆|文化馆)$"
)
"""Where no place was found, one of several cities is meant: 通州区文化和旅游局, 市人力资源和社会保障局. A pattern of RE2."""

_REGION = re.compile("华[东南北中]|[东西]北|[东西]南")
"""What stands in brackets behind the name of one of two universities: 中国石油大学(华东)."""

_GARBLED_CITY = re.compile("[\u3400-\u9fff]{2}(?:市|州市|县)(?=.{4})|[\u3400-\u9fff]市州(?=.{4})")


def is_public(name: str, core: str = "") -> bool:
    """Return whether a name, or its core as it is in full, is that of a body of which each district has its own; one of a street or village says itself where it is."""
    return is_body(name, core) and not _LOCAL.search(name) and not _NAMED.match(core) and not _OF_A_BRAND.match(core)


def is_body(name: str, core: str = "") -> bool:
    """Return whether a name, or its core as it is in full, is that of a public body."""
    return (_PUBLIC.search(name) or _PUBLIC.search(core) or _NTH_THERE.fullmatch(name)) is not None


def spelt_out(core: str, *, in_place: bool) -> str:
    """Return the name of a body without its place as it is in full: 人社局, 附一医院, 第十二中学 as 第12中学.

    Args:
        core: of any name; that of a company is returned as it is.
        in_place: whether a place stands before it: 二院 alone may be anything.
    """
    if in_place and len(core) <= _LONGEST and (nth := _NTH.fullmatch(core)):
        core = f"第{nth.group(1)}{_NTH_OF[nth.group(2)]}"
    elif in_place and (nth := _NTH_HOSPITAL.fullmatch(core)):
        core = f"第{nth.group(1)}医院"
    elif not in_place and core[-1:] in _NTH_OF and (nth := _NTH_THERE.fullmatch(core)):
        core = f"{nth.group(1)}第{nth.group(2)}{_NTH_OF[nth.group(3)]}"
    core = _NTH_MISTYPED.sub("第", core)
    if in_place and core[0] == "委":
        core = _AT_COMMITTEE.sub("", core, count=1)
    if in_place:
        core = FULL_IN_PLACE.get(core, core)
    while short := next(filter(core.endswith, _ENDS.get(core[-1:], ())), ""):
        core = core.removesuffix(short) + FULL[short]
    core = universities.in_full(core, in_place=in_place)
    if core.endswith("大") and _UNIVERSITY.search(core):
        core += "学"
    if core.endswith("院"):
        core = _NTH_OF_UNIVERSITY.sub(r"附属第\1医院", core)
    if "附" in core:
        of = core[: core.index("附")].removesuffix("医学院")
        core = universities.in_full(of, in_place=in_place) + core[len(of) :]
    if "附" in core or "付" in core:
        core = _AFFILIATED.sub(lambda found: f"附属第{found.group(1) or found.group(2)}医院", core)
        core = _OF_MEDICINE.sub("医科大学", _UNIVERSITY_OF.sub("大学", core))
    if core.endswith(("法院", "检察院")):
        core = _OF_THE_PEOPLE.sub("人民", core)
    if core.endswith("卫生院"):
        core = _OF_A_TOWN.sub("", core)
    core = offices.in_one_way(core, in_place=in_place)
    return _ORDINAL.sub(lambda found: f"第{counted(found.group(1))}", core) if "第" in core else core


def other_names(core: str) -> list[str]:
    """Return what else the core of a body's name may mean: its successor, 第二人民医院 for 第2医院, and what stands behind 市 and 省 alone."""
    if core[-1] not in "局会院心校室" and core[0] not in _OF_A_CITY:
        return []
    found = [*offices.successors(core)]
    if core == "医院":  # 县医院 is 县人民医院 as a rule
        found.append("人民医院")
    if clinic := _CLINIC.fullmatch(core):
        found.append(f"{clinic[1]}卫生院")
    if nth := _NTH_HOSPITAL.fullmatch(core):
        found.append(spelt_out(f"第{nth.group(1)}人民医院", in_place=True))
    if core[0] in _OF_A_CITY and len(core) > _SHORTEST:
        rest = spelt_out(core[1:], in_place=True)
        found += [rest, *other_names(rest)]
    return found


def clinic_of(core: str, branch: str) -> str:
    """Return the clinic of a town that a branch of a county's hospital is as a rule; empty for other branches."""
    found = _BRANCH_IN_TOWN.fullmatch(core + branch) if branch.endswith("分院") else None
    return f"{found[1]}卫生院" if found else ""


def without_party(folded: str) -> str:
    """Return the name of a part of a committee of the party as it is mostly called: 中共涞源县委员会宣传部 is 涞源县委员会宣传部."""
    return _OF_THE_PARTY.sub("", folded, count=1) if folded[:2] in ("中共", "中国") else folded


def with_campus(folded: str) -> str:
    """Return a name with the campus in brackets behind a hospital or a university written without them: 华西医院(锦江院区) is 华西医院锦江院区."""
    return _CAMPUS_BRACKETED.sub(r"\1", folded) if folded[-1:] in _CLOSING else folded


def campus_of(folded: str) -> tuple[str, str]:
    """Return a hospital or a university without the campus at the end of its name, and the campus; empty texts where there is none."""
    found = _CAMPUS_BEHIND.fullmatch(folded) if folded[-1:] in _CAMPUS_ENDS else None
    return (found[1], found[2]) if found else ("", "")


def is_campus(name: str, inner: str) -> bool:
    """Return whether what stands in brackets behind a university's name tells it from another of that name: 哈尔滨工业大学(深圳), 中国石油大学(华东)."""
    if not name.endswith("大学"):
        return False
    place = only_place(inner)
    return place.city != take_place(name)[0].city if place else _REGION.fullmatch(inner) is not None


def tier(core: str, place: Place, district: str, *, public: bool) -> str:
    """Return whether a name is that of a body of a province (`省`), a city (`市`) or a county or district (`县`); empty where it does not say so.

    Args:
        core: its name without the place and district.
        place: where it is; a county-level city may be either.
        district: in which.
        public: whether it is a body that each district has its own of. Associations are founded on each level too.
    """
    if not place.province:
        return core[0] if core[:1] and core[0] in _OF_A_CITY and len(core) > _SHORTEST else ""
    if not (public or core.endswith(_ASSOCIATIONS)) or len(place.city) > _PREFECTURE:
        return ""
    return "县" if district else "市" if place.city else "省"


def division(name: str) -> tuple[str, str]:
    """Return a name without the department behind it, and the department (`第一人民医院`, `药剂科`); empty where there is none."""
    found = _PART.fullmatch(name) or _CAMPUS.fullmatch(name)
    return (found.group(1), found.group(2)) if found else (name, "")


def without_garbled_city(core: str) -> str:
    """Return the name of a body in which no place was found without what seems to be a mistyped one (准安市妇幼保健院)."""
    return core[found.end() :] if (found := _GARBLED_CITY.match(core)) and is_public(core) else core


def counted(numeral: str) -> str:
    """Return 十二 as 12."""
    tens, ten, ones = numeral.rpartition("十")
    if not ten:
        return "".join(str(_DIGITS[sign]) for sign in numeral)
    return str((_DIGITS.get(tens, 1) if tens else 1) * 10 + _DIGITS.get(ones, 0))
