"""Company names taken apart: place, core, legal form, branch; Chinese ones after the registration rules of 2020 (行政区划 + 字号 + 行业 + 组织形式)."""

from __future__ import annotations

import re
from typing import NamedTuple

from crmmigrate.matching.companies import branches_abroad, builders, estates, offices, public_body, universities
from crmmigrate.matching.companies.abroad import Abroad
from crmmigrate.matching.companies.brand_sounds import brand_pinyin
from crmmigrate.matching.companies.eastern_forms import written_out
from crmmigrate.matching.companies.foreign_name import take_foreign_apart
from crmmigrate.matching.companies.head_offices import without_head_office
from crmmigrate.matching.companies.labels import without_label
from crmmigrate.matching.companies.marks import completed, without_notes, without_remarks
from crmmigrate.matching.companies.names_in_pinyin import is_spelt
from crmmigrate.matching.companies.organisations import known
from crmmigrate.matching.companies.plants import is_plant
from crmmigrate.matching.companies.readings import may_be_read_otherwise, readings, trades, with_city_as_brand
from crmmigrate.matching.companies.several_names import names_in
from crmmigrate.matching.companies.shipped_names import of_principal, put_right
from crmmigrate.matching.companies.shop import of_whom, with_shop_in_brackets, without_kind_of_city
from crmmigrate.matching.companies.shop_in_town import without_town
from crmmigrate.matching.companies.short_names import brand_before_person, former_kind, is_spoken_of
from crmmigrate.matching.companies.trade_words import trade_in_full, trade_otherwise
from crmmigrate.matching.companies.units import without_unit
from crmmigrate.matching.places.mistyped import righted
from crmmigrate.matching.places.place import (
    Place,
    city_pinyin,
    only_place,
    take_district,
    take_place,
    take_telling_county,
    without_city,
)
from crmmigrate.matching.texts.folding import bare, is_chinese
from crmmigrate.model.legal_form import spelt

LEGAL_FORMS = (
    "股份有限责任公司", "股份有限公司", "有限责任公司", "有限公司", "有限合伙", "股份公司", "集团公司", "总公司", "公司", "普通合伙", "个体工商户", "有限责任", "有限",
    "合伙企业", "农民专业合作社", "专业合作社", "合作社", "总厂", "厂", "经营部", "门市部", "批发部", "零售部", "企业社", "实业社", "工程行",
)  # fmt: skip
_LEGAL_BY_END = {
    end: tuple(form for form in LEGAL_FORMS if form[-1] == end) for end in {form[-1] for form in LEGAL_FORMS}
}
_KINDS = {
    "合伙企业": "合伙", "农民专业合作社": "合作社", "专业合作社": "合作社", "合作社": "合作社", "总厂": "厂", "厂": "厂", "经营部": "个体", "门市部": "个体", "批发部": "个体", "零售部": "零售",
    **dict.fromkeys(("企业社", "实业社", "工程行"), "行号"),
}  # fmt: skip
"""Forms of legal persons of their own, 行号 those of traders of Taiwan; all others are companies."""

_OF_TRADERS = ("", "个体", "零售")
_JAPANESE = re.compile(r"株式会社|有限会社|合同会社|合[名资]会社|\([株有同]\)")
_FORM_INSIDE = re.compile(r"(?:股份有限公司|有限责任公司|有限公司|公司|集团|银行|事务所|合作社|企业社|实业社|工程行)")
BRANCHES = (
    "分公司", "支公司", "分店", "门店", "支行", "分行", "营业部", "营业厅", "办事处", "代表处", "分部", "分厂", "分院", "分校", "专卖店", "旗舰店", "体验店", "直营店",
    "分理处", "储蓄所", "工厂", "店", "项目部", "项目经理部", "指挥部", "服务中心", "服务处", "管理处", "售楼处",
    "销售部", "经销部", "销售处", "办事部",
)  # fmt: skip
_TAIL_BRANCH = re.compile(
    r"(?:分公司|支公司|分店|门店|支行|分行|营业部|营业厅|办事处|代表处|分部|分厂|分院|分校|分理处|储蓄所|销售部|经销部|销售处|办事部)\Z"
)
_NUMBERED_BRANCH = re.compile(r"第?(?:[一二三四五六七八九十]{1,3}|\d{1,2})分公司\Z")
_SELLERS = ("销售部", "经销部", "销售处", "办事部")
"""What many traders are called too: a branch only behind a company or a place."""

_SOLD = "超市|便利店|大?药[房店]|医药|火锅|咖啡|健身|眼镜|烘焙|蛋糕|口腔|宠物医院|酒店|宾馆|餐厅|饭店|书店|影[城院]|美容|美发|足浴|奶茶|烤肉|烧烤|快餐|生鲜|酒楼|料理|小吃"
_SHOP = re.compile(
    rf"(?:{_SOLD})(?:连锁)?"
    r"(?=[\u4e00-\u9fff\d]{2,8}店\Z)(?!(?:专卖|旗舰|直营|体验|连锁|加盟|门)店)"
)
"""What a shop is, in front of which of them it is: 思弘超市鸠江店."""

_SHOP_AT_END = re.compile(rf"(?<=..)(?:{_SOLD})\Z")
_CHAIN = re.compile(
    r"(?<=[\u3400-\u9fff]{2}[店房市])连锁\Z|(?<=[\u3400-\u9fff]{2})连锁(?=大?(?:药[房店]|超市|便利店)\Z)"
)
"""康佰家大药房连锁 is 康佰家大药房."""

STREET = re.compile("[东西南北中前后内外上下新老环一二三四五六七八九十]{0,2}大?(?:路|街|道|巷|弄|胡同)")
"""How a street goes on that is called after a city: 南京东路, 北京中路, 上海大道."""

_DASHED = re.compile(
    rf"(?<=公司|集团|银行)\s*[·•・‧∙–—_/-]\s*(?=[\u4e00-\u9fff\d]{{0,10}}(?:{'|'.join(BRANCHES)}|厂)\Z)|\s*[·•・‧∙–—_/-]\s*(?=[\u4e00-\u9fff\d]{{2,10}}{_TAIL_BRANCH.pattern})"
)
"""Between a company and its branch."""

_DOTTED = re.compile(r"[·•・‧∙–—-]\s*([^·•・‧∙–—-]{2,}(?:店|支行|营业部|分部))\Z")
_SAME_SHOP = re.compile("(?<=.)(?:分店|门店)\\Z|门店\\Z")
_OFFICE = ("街道办事处", "地区办事处")  # no branch of anything, but a body

BANKS = {
    "工行": "中国工商银行", "农行": "中国农业银行", "建行": "中国建设银行", "中行": "中国银行", "交行": "交通银行", "招行": "招商银行", "邮储": "中国邮政储蓄银行",
}  # fmt: skip
_DISTRICT_KIND = re.compile("(?:自治县|(?<!高)新区|区|县|市|旗)\\Z")
_BRACKET = re.compile(r"\(([^()]*)\)|\[([^\[\]]*)\]|【([^【】]*)】|〔([^〔〕]*)〕")
_IN_TOWN = re.compile(
    "(?<=^[\u3400-\u9fff]{2})镇(?=[\u3400-\u9fff]{3})|(?<=^[\u3400-\u9fff]{3})镇(?=[\u3400-\u9fff]{3})"
)
"""虎门镇鑫源制衣 is 虎门鑫源制衣."""

_PRACTICE = re.compile("(?:诊所|卫生[室所站]|门诊部?|口腔|牙科|药房|药店|超市|商行|经营部|批发部|五金|建材|百货)\\Z")
"""What somebody does, in brackets behind the name: 董峰(西医内科诊所)."""

_REMARK = re.compile("合伙|集团|个体|停用|注销|客户|暂|重复|公司|作废|[部组]\\Z")
_NOWHERE = Place()
_FORMER = re.compile(r"(?:原名?|曾用名|前身)[:为是]?(.{2,})")
_CUT_OFF = re.compile(r"(?:市|\d|\d{3,4})(?![\d号天世年月日时分度维站点方米路线楼位级])[\u3400-\u9fff]{4}")
_NATION = "中国"
_MOST_WITHIN = 4
_BRAND = 2
"""Characters of a brand."""


class Name(NamedTuple):
    """A name taken apart, all folded.

    Args:
        full: the name without punctuation and remarks.
        core: brand and trade.
        place: where it is registered.
        branch: empty for the company itself.
        group: whether it calls itself a group.
        kind: of legal form: `公司`, `厂`, `合伙`, …; empty where it has none.
        national: whether it is registered for the whole country.
        behind: what stands in brackets behind a foreign name: its place, its department.
        district: in which it is, without the word that says what that is.
        public: whether it is a body that each district has its own of.
        romans: the pinyin of a Chinese brand; of a foreign name the words at its head.
        seat: the pinyin of the mainland city in which a Chinese name is registered.
        words: of the core of a foreign name, in the order of the alphabet.
        country: which a foreign name names, not at its head.
        at_most: the level that this reading of a name reaches at most, where it is a guess.
        organisation: which well-known one it is, as it is called in full.
        tier: whether it is a body of a province (`省`), a city (`市`) or a county or district (`县`); empty where it does not say so.
        department: right behind a name without a legal form; or a letter behind any, by which units are told apart.
        abroad: what a foreign name says beside brand and trade.
    """

    full: str
    core: str
    place: Place
    branch: str
    group: bool
    kind: str
    national: bool = False
    behind: str = ""
    district: str = ""
    public: bool = False
    romans: tuple[str, ...] = ()
    seat: str = ""
    words: str = ""
    country: str = ""
    at_most: str = ""
    organisation: str = ""
    tier: str = ""
    department: str = ""
    abroad: Abroad | None = None

    def of(self, unit: str, department: str) -> Name:
        """Return the name of a unit of what has this name, or of its department."""
        return self._replace(full=self.full + unit, branch=self.branch + unit, department=department)


def take_apart(folded: str, within: int = 0) -> list[Name]:
    """Take a folded name apart; a former name in brackets follows as a second one, and so does an English one behind it.

    Args:
        folded: the name.
        within: in so many other names it was told.
    """
    folded = without_label(folded) if folded.isalnum() else of_principal(without_label(folded))
    folded = offices.without_room(offices.righted(folded))
    if within < _MOST_WITHIN and (several := names_in(folded)):
        told = (name for one in several for name in take_apart(one, within + 1))
        # Told beside another, a name in letters is no short one, even where it lacks its legal form.
        return [name if name.kind or not name.abroad else name._replace(kind="公司") for name in told]
    whole = folded.isalnum() and not folded.endswith("店")
    folded, department = without_notes(folded if whole else with_shop_in_brackets(folded))
    folded, unit, mark = without_unit(without_head_office(folded))
    folded = folded if folded.isalnum() else without_remarks(_DASHED.sub("", folded))
    folded = public_body.without_party(builders.with_office(completed(folded)))
    folded = public_body.with_campus(folded)
    names = _all_taken(folded)
    if unit or mark or department:
        # A company is one customer, whoever buys for it; a body's departments are several.
        names = [name.of(unit, mark or ("" if name.kind else department)) for name in names]
    return names


def _all_taken(folded: str) -> list[Name]:
    """Take a folded name without notes apart, by itself and as the well-known organisation that it stands for."""
    of, campus = public_body.campus_of(folded)
    if campus and known(of):
        return [name.of(campus, "") for name in _all_taken(of)]
    organisation = known(folded)
    if organisation and organisation.sure:
        whole = organisation.whole
        return [
            name._replace(
                national=name.national or bool(whole), organisation=whole, at_most=name.at_most or organisation.at_most
            )
            for name in map(_formless, _taken(organisation.name))
        ]
    taken = _taken(folded)
    if organisation:  # it may be another's name as well
        taken += [name._replace(at_most="form") for name in _taken(organisation.name)]
    return taken


def _formless(name: Name) -> Name:
    """Return the name of a well-known organisation, which stands without its legal form: what looks like one (酒厂) is part of it."""
    return name._replace(kind="") if name.kind == "厂" else name


def _taken(folded: str) -> list[Name]:
    """Take a folded name without notes apart."""
    plain = folded.isalnum()  # without brackets, blanks and dashes
    folded = folded if plain or is_chinese(folded) else put_right(written_out(folded))
    japanese = _JAPANESE.search(folded) if "社" in folded or not plain else None
    if japanese:
        folded = folded.replace(japanese.group(), "").strip()
    text, whole, place, branch, behind, former = (folded, folded, _NOWHERE, "", "", []) if plain else _bracketed(folded)
    if not plain and not branch and (dotted := _DOTTED.search(text)) and is_chinese(text):
        text, branch = text[: dotted.start()], bare(dotted.group(1))
    chinese = is_chinese(text)
    text = bare(text) if chinese else text
    of, department = universities.division(text) if chinese and not branch else (text, "")
    if department:
        text, branch = of, department
    elif (text.endswith(BRANCHES) and not text.endswith(_OFFICE)) or is_plant(text):
        text, tail = split_branch(BANKS.get(text[:2], text[:2]) + text[2:])
        branch, chinese = branch or tail, is_chinese(text)
    elif chinese and not branch and not text.endswith("公司"):
        text, branch = public_body.division(text)
    if not chinese:
        text, behind, unit = branches_abroad.split_branch(text, behind)
        return _foreign(folded, text, place, branch or unit, behind)
    full = whole if plain else bare(whole)
    full = _SAME_SHOP.sub("店", full) if full.endswith("店") else full
    own = _chinese(
        text, spelt(full), place, estates.office(text, branch), group="集团" in folded,
        national=folded.startswith(_NATION) or "(中国)" in folded, otherwise="公司" if japanese else "",
    )  # fmt: skip
    names = [own, *_otherwise(own)]
    told = (name for old in former for name in take_apart(old))
    return [*names, *(name._replace(kind=former_kind(name.full, name.kind, own.kind)) for name in told)]


def _otherwise(own: Name) -> list[Name]:
    """Return what else a Chinese name may be, where it is not plain where place and brand begin, or what a body is called in full."""
    cores = public_body.other_names(own.core) if own.core and not own.kind else []
    cores += universities.may_be(own.core, in_place=bool(own.place.province)) if not own.kind else []
    if cut := _CUT_OFF.match(own.core):  # 市 of a city that was cut off, a number before the name
        cores.append(own.core[cut.end() - 4 :])
    found = [own._replace(core=core, at_most="form", romans=brand_pinyin(core[:_BRAND])) for core in cores]
    if clinic := public_body.clinic_of(own.core, own.branch):
        found.append(own._replace(core=clinic, branch="", at_most="form"))
    known = bool(own.place.province) or own.group
    found += [own._replace(core=core, at_most="form") for core in builders.in_full(own.core, known=known)]
    if own.branch.endswith("店") and (shop := _SHOP_AT_END.search(own.core)):  # 老百家滨河店
        found.append(own._replace(core=own.core[: shop.start()] + own.branch, branch="", kind="", at_most="short"))
    if not own.kind and (brand := brand_before_person(own.core)):
        found.append(own._replace(core=brand, at_most="brand", romans=brand_pinyin(brand[:_BRAND])))
    if own.kind in _OF_TRADERS and (bare_shop := without_town(own.core)):
        found.append(own._replace(core=bare_shop, at_most="inside", romans=brand_pinyin(bare_shop[:_BRAND])))
    core, at_most = trade_otherwise(own.core)
    if core:
        found.append(own._replace(core=core, at_most=at_most))
    if own.kind and (brand := with_city_as_brand(own.core, own.place)):
        found.append(own._replace(core=brand, place=_NOWHERE, district="", seat="", at_most="form", romans=()))
    if own.district or own.public or not may_be_read_otherwise(own.core, own.place):
        return found
    return found + [
        own._replace(
            core=other.core, place=other.place, district=other.district, romans=brand_pinyin(other.core[:_BRAND]),
            seat=city_pinyin(other.place), at_most="slip" if other.guessed else "form",
        )
        for other in readings(own.core, own.place, formal=bool(own.kind) or own.core.endswith("商行"))
    ]  # fmt: skip


def _bracketed(folded: str) -> tuple[str, str, Place, str, str, list[str]]:
    """Return a folded name without its brackets, the name without remarks, and what the brackets say: place, branch, anything else, former names."""
    text, whole, place, branch, behind = folded, folded, _NOWHERE, "", ""
    former: list[str] = []
    for found in _BRACKET.finditer(folded):
        inner = next(filter(None, found.groups()), "")
        text = text.replace(found.group(), "", 1)
        if found.end() == len(folded) and public_body.is_campus(folded[: found.start()], inner):
            branch = bare(inner)
            continue
        if old := _FORMER.match(inner):
            former.append(old.group(1))
            whole = whole.replace(found.group(), "", 1)
        elif named := only_place(inner):
            place = named
        elif inner.endswith(BRANCHES) or is_plant(text + inner):
            branch = bare(inner)
        elif found.end() == len(folded) and of_whom(text, inner):
            text = inner + text
        elif found.end() == len(folded) and _PRACTICE.search(inner):
            text += inner
        elif inner.endswith("办") and only_place(inner[:-1]):
            branch = inner + "事处"
        elif found.end() < len(folded) and len(inner) > 1 and not _REMARK.search(inner):
            text = text[: found.start()] + inner + text[found.start() :]
        else:
            behind = inner
            whole = whole.replace(found.group(), "", 1) if _REMARK.search(inner) else whole
    return text, whole, place, branch, behind, former


def _foreign(folded: str, text: str, place: Place, branch: str, behind: str) -> list[Name]:
    """Take a name without Chinese characters apart, from which brackets and branch were taken off."""
    taken = take_foreign_apart(text, behind)
    return [
        Name(
            bare(folded), taken.core, place, branch, group=False, kind=taken.kind, behind=taken.behind, romans=taken.heads,
            words=taken.words, country=taken.country, abroad=taken.abroad, at_most="in_pinyin" if is_spelt(taken.heads) else "",
        )
    ]  # fmt: skip


def _chinese(text: str, full: str, place: Place, branch: str, *, group: bool, national: bool, otherwise: str) -> Name:
    """Take a name with Chinese characters apart, from which brackets and branch were taken off; `otherwise` is its kind where it ends in no legal form."""
    text = full if text == full else spelt(text)
    stem, kind = _without_form(text)
    head, district, core = take_district(stem, keep=2)
    if not head.province and (right := righted(stem)) != stem:
        head, district, core = take_district(right, keep=2)
    if not head.province and not kind and not place.province and public_body.is_body(stem):
        head, district, core = take_telling_county(stem, keep=2)
    place = head if head.province else place
    if not kind and not place.province:
        core = public_body.without_garbled_city(core)
    core = public_body.spelt_out(core, in_place=bool(head.province))
    if kind and "镇" in core:
        core = _IN_TOWN.sub("", core)
    core = trade_in_full(core)
    # 南方航空 is 中国南方航空; 中国银行 is not 银行.
    core = core[2:] if core.startswith(_NATION) and len(core) >= 6 else core
    core = _CHAIN.sub("", core) if "连锁" in core else core
    public = not kind and public_body.is_public(text, core)
    kind = "" if kind and is_spoken_of(text, core) else kind
    return Name(
        full, core, place, plain_branch(branch, place) if branch else "", group, kind or otherwise, national, "", without_kind(district),
        public or core in trades(), brand_pinyin(core[:_BRAND]), city_pinyin(place), tier="" if kind else public_body.tier(core, place, district, public=public),
    )  # fmt: skip


def without_kind(district: str) -> str:
    """Return a district without the word that says what it is."""
    return _DISTRICT_KIND.sub("", district) if district else ""


def plain_branch(branch: str, place: Place) -> str:
    """Return a branch without the city of its company: of one in 保定, 保定莲池营业部 is 莲池营业部; 滨湖分店 is 滨湖店.

    Another city tells it from other branches, and 南京路店 is in a street, in whatever city.
    """
    branch = without_kind_of_city(_SAME_SHOP.sub("店", branch))
    rest = without_city(branch, place)
    return branch if rest in BRANCHES or STREET.match(rest) else rest


def _without_form(text: str) -> tuple[str, str]:
    """Return a name without the legal forms at its end, and the kind of the last one."""
    kind = ""
    while form := next(filter(text.endswith, _LEGAL_BY_END.get(text[-1:], ())), ""):
        if len(text) - len(form) < _BRAND:
            break
        text, kind = text[: -len(form)], kind or _KINDS.get(form, "公司")
    return text, kind


def split_branch(text: str) -> tuple[str, str]:
    """Return a name that ends like a branch's without its branch, and the branch (`上海分公司`, `西湖支行`)."""
    inside = [found.end() for found in _FORM_INSIDE.finditer(text) if found.end() < len(text)]
    if inside and inside[-1] >= 3 and not text.endswith("分公司", 0, inside[-1]):
        return text[: inside[-1]], text[inside[-1] :]
    if inside and len(inside) > 1:
        return text[: inside[-2]], text[inside[-2] :]
    if (numbered := _NUMBERED_BRANCH.search(text)) and numbered.start() >= _BRAND:
        return text[: numbered.start()], text[numbered.start() :]
    if found := _TAIL_BRANCH.search(text):
        for start in range(2, found.start() + 1):
            place, rest = take_place(text[start : found.start()])
            if place.province and not rest:
                return text[:start], text[start:]
        if found.group() in _SELLERS:
            return text, ""
        if found.group() not in ("分店", "门店"):
            return text[: found.start()], text[found.start() :]
        text = text[: found.start()] + "店"
    shop = _SHOP.search(text) or estates.ESTATE.search(text)
    if (shop and shop.start() >= _BRAND) or (shop := builders.SITE.match(text)):
        return text[: shop.end()], text[shop.end() :]
    return text, ""
