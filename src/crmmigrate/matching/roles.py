"""The roles that columns play in a dedupe.yaml, which comparator each has, and where the shipped rules find their columns."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from crmmigrate.matching import Level, comparator
from crmmigrate.matching.folding import fold, is_chinese
from crmmigrate.matching.remarks import with_remarks
from crmmigrate.model.dedupe import ASPECTS, EXISTING_ROLE, FULL_NAME, ColumnRule, DedupeRules, parse_never

PEOPLE = ("contact", "person", "user", "lead", "owner")


@dataclass(frozen=True)
class Role:
    """One role.

    Args:
        compare: its comparator.
        options: of the comparator's `make`.
        levels: level → (m, u) in place of the comparator's.
        blocks: whether it brings blocking keys.
        joint: whether it is of somebody else than the record, as a person's employer or whom to ask for at a company: its keys count
            only together with a person's name.
        steady: whether its common levels keep their u: colleagues share a switchboard and a domain, so what strangers
            share says nothing about them.
    """

    compare: str
    options: Mapping[str, str] = field(default_factory=dict)
    levels: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    blocks: bool = True
    steady: bool = False
    joint: bool = False

    def priors(self) -> tuple[Level, ...]:
        """Return the comparator's levels with the role's own m and u."""
        levels: tuple[Level, ...] = comparator(self.compare).LEVELS
        own = [self.levels.get(level.name, (level.m, level.u)) for level in levels]
        many = "of" in self.options  # of one company's people there are many
        return tuple(
            replace(
                level, m=m, u=u, by_frequency=level.by_frequency or (many and m > u), sole=level.sole and not self.joint
            )
            for level, (m, u) in zip(levels, own, strict=True)
        )


ROLES: dict[str, Role] = {
    "name": Role("company_name"),
    "company": Role("company_name"),
    "employer": Role("company_name", {"of": "people"}, joint=True),
    "person": Role("person_name"),
    FULL_NAME: Role("person_name"),
    "given_surname": Role("given_surname"),
    "birth": Role("date"),
    "postcode": Role("serial"),
    "word": Role("word"),
    "credit_code": Role("code"),
    "id_number": Role("code"),
    "wechat": Role("code", levels={"same": (0.9, 1e-4), "typo": (0.02, 1e-4), "different": (0.08, 0.999)}),
    "qq": Role("code", levels={"same": (0.9, 1e-4), "typo": (0.02, 1e-4), "different": (0.08, 0.999)}),
    "buyer": Role("word", levels={"same": (0.9, 1e-4)}),
    "code": Role("code"),
    "phone": Role("phone"),
    "mobile": Role("phone", {"only": "mobile"}, {"same": (0.85, 1e-4), "same_local": (0.01, 1e-3), "different": (0.14, 0.999)}),
    "landline": Role("phone", {"only": "landline"}, {"same": (0.60, 0.20), "same_local": (0.10, 0.05), "different": (0.30, 0.75)}, steady=True),
    "home_phone": Role("phone", {"only": "landline"}, {"same": (0.50, 1e-3), "same_local": (0.05, 2e-3), "different": (0.44, 0.99)}),
    "contact": Role("person_name", levels={"same": (0.60, 2e-3), "different": (0.30, 0.97)}, blocks=False, joint=True),
    "country": Role("country", blocks=False),
    "bank_account": Role("code", levels={"same": (0.70, 2e-6), "typo": (0.03, 2e-5), "different": (0.27, 0.99)}),
    "personal_email": Role("email", levels={"desk": (0.20, 0.10), "same_domain": (0.12, 0.12)}, steady=True),
    "email": Role("email"),
    "website": Role("website"),
    "address": Role("address"),
    "parent": Role("reference", joint=True),
    "text": Role("text", blocks=False),
    EXISTING_ROLE: Role("reference", blocks=False, steady=True),
}  # fmt: skip
"""By name in the `columns` of a dedupe.yaml."""


def role_of(name: str, rule: ColumnRule, object_name: str) -> Role:
    """Return the role called `name` for an object; `name` is a person's name where the object is one of people."""
    if rule.compare:
        role = ROLES.get(name)
        return Role(rule.compare, {}, role.levels if role and role.compare == rule.compare else {})
    if name == "name" and object_name in PEOPLE:
        return ROLES["person"]
    if name == "company" and object_name in PEOPLE:
        return ROLES["employer"]
    if name == "phone" and object_name in PEOPLE:
        return ROLES["mobile"]
    if name == "email" and object_name in PEOPLE:
        return ROLES["personal_email"]
    return ROLES[name]


def options_of(role: Role, columns: Sequence[str]) -> Mapping[str, Any]:
    """Return the options of a role's comparator, where it plays in these columns."""
    said = say_mobile(columns) if role.options.get("only") == "mobile" else ()
    return {**role.options, "said": said} if said else role.options


_ACCOUNT: dict[str, tuple[str, ...]] = {
    "name": ("客户名称", "公司名称", "单位名称", "企业名称", "客户全称", "公司全称", "单位全称", "企业全称", "工商全称", "全称", "商户名称", "供应商名称", "名称", "客户", "公司", "公司名", "单位", "name", "company", "company_name", "account_name", "customer_name", "曾用名", "former_name", "简称", "客户简称", "英文名称", "英文名", "英文全称", "公司英文名", "公司英文名称", "english_name", "name_en"),
    "credit_code": ("统一社会信用代码", "社会信用代码", "信用代码", "税号", "纳税人识别号", "credit_code", "tax_id", "tax_no", "uscc"),
    "phone": ("电话", "联系电话", "公司电话", "座机", "固定电话", "手机", "手机号", "phone", "tel", "telephone", "mobile", "phone_number"),
    "email": ("邮箱", "电子邮箱", "电子邮件", "email", "e-mail", "mail"),
    "country": ("国家", "国家或地区", "国家/地区", "所在国家", "country", "country_region", "nation"),
    "bank_account": ("银行账号", "银行帐号", "银行账户", "银行卡号", "对公账号", "开户账号", "开户行账号", "bank_account", "bank_account_no", "iban"),
    "contact": ("联系人", "联系人姓名", "主要联系人", "首要联系人", "contact", "contact_person", "contact_name", "primary_contact"),
    "website": ("网址", "网站", "官网", "公司网址", "website", "url", "homepage"),
    "address": ("省份", "省", "所在省份", "所在省", "城市", "市", "所在城市", "所在市", "province", "state", "city", "区县", "区/县", "所在区县", "区", "县", "district", "county", "详细地址", "地址", "公司地址", "注册地址", "联系地址", "address", "street"),
}  # fmt: skip
_CONTACT: dict[str, tuple[str, ...]] = {
    "name": ("姓名", "联系人", "联系人姓名", "名字", "name", "full_name", "contact_name", "FN"),
    "mobile": ("手机", "手机号", "手机号码", "移动电话", "电话", "联系电话", "座机", "固定电话", "固话", "mobile", "mobile_phone", "mobile_number", "mobil", "handy", "móvil", "celular", "cell", "cell_phone", "phone", "tel", "telephone", "TEL_CELL"),
    "landline": ("电话", "座机", "固定电话", "办公电话", "联系电话", "phone", "tel", "telephone", "home_phone", "work_phone", "business_phone", "TEL_WORK"),
    "email": ("邮箱", "电子邮箱", "电子邮件", "email", "e-mail", "mail", "EMAIL"),
    "wechat": ("微信", "微信号", "wechat"),
    "qq": ("QQ", "QQ号", "QQ号码"),
    "buyer": ("旺旺昵称", "旺旺", "旺旺号", "旺旺名", "淘宝昵称", "淘宝账号", "买家昵称", "买家会员名", "会员名", "京东账号", "京东用户名"),
    "id_number": ("身份证号", "身份证", "身份证号码", "证件号码", "id_number"),
    "birth": ("出生日期", "出生年月", "生日", "date_of_birth", "birth_date", "birthdate", "birthday", "dob"),
    "address": ("省份", "省", "城市", "市", "区县", "区/县", "家庭住址", "家庭地址", "住址", "现住址", "通讯地址", "联系地址", "详细地址", "地址", "province", "city", "town", "suburb", "street_number", "house_number", "address", "street"),
    "company": ("公司", "公司名称", "客户名称", "单位", "单位名称", "company", "organization", "organisation", "organization_1_name", "firma", "empresa", "ORG"),
    "parent": ("_ref_account", "客户编号", "客户代码", "客户ID", "account_id", "customer_id", "company_id"),
}  # fmt: skip
_PERSON_COLUMNS = {
    "姓名", "联系人姓名", "full_name", "contact_name", "first_name", "last_name", "given_name", "family_name", "surname",
    "fn", "姓", "姓氏", "nachname", "vorname", "apellidos", "cognome",
}  # fmt: skip
_SURNAMES = (
    "姓", "姓氏", "last_name", "surname", "family_name", "nachname", "familienname", "nom_de_famille", "apellido",
    "apellidos", "cognome", "sobrenome", "contact_last_name", "nom",
)  # fmt: skip
_GIVEN_NAMES = (
    "名", "first_name", "first_names", "given_name", "given_names", "forename", "forenames", "vorname",
    "contact_first_name", "prénom", "prenom", "nombre", "nome", "名字", "name",
)  # fmt: skip
"""Headers of names in two columns; the last two are a whole name where no column of surnames is, but `Name` beside `Vorname` is the surname."""

_SIGNS = re.compile(r"[\s_*:：.-]+")
_TONGUES = re.compile(r"(?<=[\u3400-\u9fff])\s+(?=[a-z])|(?<=[a-z.])\s+(?=[\u3400-\u9fff])")
"""Between what a header says in Chinese and in English: 客户名称 Customer."""

_NUMBER_OF = frozenset(("id", "no", "no.", "code", "number", "编号", "代码", "编码"))
"""客户 ID is no customer."""

_ASIDE = re.compile(r"[(\[【（].*?[)\]】）]")
_WHO = "客户|顾客|公司|企业|单位|商户|商家|供应商|供货商|厂商|厂家|经销商|代理商|合作商|加盟商|往来单位|往来户?|客商|购货|机构|组织|店铺|门店|甲方|乙方|合作方|用户单位|委托单位|开票|工商|注册|登记|学校|医院"
_WHOSE = f"{_WHO}|办公|收货|工作|联系人?|联络人?|负责人|主要|备用|业务|前台|个人|本人|电子|办公室"
_WHICH = "company|office|work|business|contact|primary|main|personal|customer|client|supplier|vendor|home"
_NTH = r"(?:\d{1,2}|[一二三四五六七八九十])?"
"""Behind the header of one of several columns: 电话2, 邮箱二, phone 3."""

_SHARED_LINE = re.compile(
    f"{_WHO}|办公|工作|业务|收货|前台|热线|总机|company|office|work|business|customer|client|supplier|vendor"
)
"""In headers of numbers that all have who are reached there: a mobile under one of them is nobody's own."""

_OWNER = re.compile("(.{2,}?)(?:姓名|名字|名称?|(?:full)?name)")
_ORGANISATION = (
    rf"(?:{_WHO})+(?:名称?|全称|全名|抬头)?|抬头|店名|(?:company|customer|client|vendor|supplier|organi[sz]ation|firm|employer|merchant|dealer|buyer|importer|distributor)(?:legal|full|trading)?(?:name)?"
    r"|(?:account|business|legal|registered|trading|partner|store|shop|school|hospital|org)name"
)
_TELEPHONE = (
    rf"(?:{_WHOSE}|固定|移动)*(?:电话|手机|座机|固话|热线|总机)(?:号码?)?{_NTH}|(?:{_WHOSE})*(?:联系|联络)方式{_NTH}"
    rf"|(?:{_WHICH}|mobile|cell|land|fixed|direct)*(?:phone|telephone|tel|mobile|cell|landline|telefon)(?:number|no|num)?{_NTH}(?:value)?"
)
_MAILBOX = rf"(?:{_WHOSE})*(?:邮箱|邮件|电邮|信箱)(?:地址|[账帐]号)?{_NTH}|(?:{_WHICH})*e?mail(?:address|addr|地址)?{_NTH}(?:value)?"
_WHERE = rf"(?:{_WHICH}|registered|mailing|postal|street|billing|shipping|other|full|head)*"
_LINE = (
    rf"(?:{_WHOSE}|街道|经营|通[讯信]|详细|具体|收货|邮寄|营业|所在|家庭|现|实际|总部)*(?:地址|住址|通[讯信]处|住所|经营场所|所在地)"
    rf"|{_WHERE}(?:address|addr)(?:line)?1?(?:street1?|formatted)?|{_WHERE}street(?:address)?1?"
)
_COUNTRY = rf"(?:{_WHOSE}|注册|所属)*(?:国家|国别)(?:或地区|/地区)?|{_WHERE}country(?:/?region)?(?:name|code)?"
_LIKE: dict[str, dict[str, str]] = {
    "account": {
        "name": _ORGANISATION,
        "credit_code": r"(?:统一)?(?:社会)?信用(?:代码|编码|号码?)(?:证号)?|(?:纳税|税务)?(?:登记|识别)?(?:税号|证号)|税务登记(?:证?号码?|代码)|纳税人?识别[号码]+|(?:组织)?机构代码(?:证号?)?|(?:工商)?注册号码?|营业执照(?:注册)?(?:号码?|编号)?"
        r"|统一编号|(?:商业|公司)登记(?:证?号码?|编号)|(?:company)?(?:tax|vat|gst)(?:payer)?(?:registration)?(?:id|no|number|code)|(?:business|company)?registration(?:no|number)|brno|(?:unified)?(?:social)?creditcode",
        "phone": _TELEPHONE,
        "email": _MAILBOX,
        "country": _COUNTRY,
        "website": r"(?:公司|企业|单位|客户)?(?:网址|网站|官网|主页)(?:地址)?|(?:company|corporate)?(?:website|webaddress|homepage|website?url|web)",
        "address": _LINE,
    },
    "contact": {
        "name": r"(?:联系|联络|对接|负责|经办|收货)人(?:姓名|名称?)?|(?:客户|会员|业主|车主|员工|学员|学生|患者|人员|用户|顾客)(?:姓名|名字)|名字|(?:contact|customer|client|member|employee|guest|owner|display|person)(?:person|full)?name|contact(?:person)?",
        "mobile": _TELEPHONE,
        "landline": _TELEPHONE,
        "email": _MAILBOX,
        "wechat": r"(?:个人)?微信(?:号码?|[账帐]号|id)?|we?chat(?:id|no|number)?|wx(?:id|号)?",
        "id_number": r"(?:身份证件?|证件|身份)(?:号码?)?|id(?:card)?(?:no|number)|(?:social|soc)sec(?:urity)?(?:id|no|number)|ssn|(?:national|identity)(?:id|no|number|card)+",
        "address": _LINE,
        "company": rf"(?!.*门店)(?:所属|所在|工作|任职|就职)*(?:{_ORGANISATION})",
    },
}  # fmt: skip
"""How the headers of each role are made, for those that none of the names above is; the columns of a role whose name is known come first."""

_MANY = frozenset(("phone", "mobile", "landline", "email"))
_LINES = re.compile(r"[址处所]\Z|address|street(?!.?number)")
_LINES_AT_END = re.compile(r"(?:street)?(?:address|addr|street)(?:line)?1?(?:street1?|formatted)?\Z")
_STATE = "state"
"""Of an address, or of an order: open, paid."""

_OF_AN_ADDRESS = frozenset(
    ("zip", "zipcode", "zip/postalcode", "postcode", "postalcode", "pincode", "邮编", "邮政编码", "country", "国家")
)
"""Headers beside which a state is one of a country, beside those that the role has."""

_MOBILE_ABROAD = re.compile(
    rf"(?:{_WHOSE}|{_WHICH})*(?:(?:mobile?|cell|handy|m[oó]vil|celular)(?:phone|telephone|telefon)?(?:number|no|num|nr)?|手機(?:號碼?)?|(?:流動|行動)電話(?:號碼?)?){_NTH}(?:value)?"
)
"""手机 is not: where it stands, other numbers than mobiles of the mainland are landlines as a rule."""

_FLAT = (
    "小区", "小区名称", "楼盘", "期数", "组团", "楼栋", "楼栋号", "楼号", "栋号", "幢号", "单元", "单元号", "房号", "房间号", "室号",
)  # fmt: skip
"""Where somebody lives, in the tables of who manages the estate."""

_NEVER = {
    "account": ("different credit_code", "different branch", "different region", "only shared phone"),
    "contact": ("different id_number", "different parent without shared mobile, email, wechat, qq", "only shared mobile", "only shared landline", "only shared home_phone"),
}  # fmt: skip


def shipped(object_name: str, columns: Iterable[str]) -> DedupeRules | None:
    """Return the shipped rules for a table with these columns, or None where they find no name column.

    Args:
        object_name: `account` or `contact`.
        columns: the table's.
    """
    columns = list(columns)
    there: dict[str, str] = {}
    for column in columns:
        for name in _names(column):
            there.setdefault(name, column)
    wanted, like = (_CONTACT, _LIKE["contact"]) if object_name in PEOPLE else (_ACCOUNT, _LIKE["account"])
    known = {
        role: tuple(dict.fromkeys(there[_plain(name)] for name in names if _plain(name) in there))
        for role, names in wanted.items()
    }
    shared = _shared_lines(columns, known["name"] or _made_like("name", like.get("name", ""), columns, ()))
    if "mobile" in known:
        known["mobile"] = tuple(column for column in known["mobile"] if column not in shared)
    taken = {column for found in known.values() for column in found}
    found: dict[str, ColumnRule] = {}
    if wanted is _CONTACT and (halves := _halves(there, known["name"])):
        found[FULL_NAME] = ColumnRule(halves)
        known["name"] = ()
        like = like | {"name": ""}
    for role, present in known.items():
        free = [name for name in columns if name not in taken and not (role == "mobile" and name in shared)]
        named = present + _made_like(role, like.get(role, ""), free, present)
        if named:
            found[role] = ColumnRule(named)
    found = with_remarks(found, columns) if wanted is _CONTACT else found
    if found.keys().isdisjoint(("name", FULL_NAME)):
        return None
    if wanted is _CONTACT and "address" not in found and not {"房号", "房间号", "室号"}.isdisjoint(there):
        found["address"] = ColumnRule(tuple(there[name] for name in _FLAT if name in there))
    if "address" in found and _is_condition(found["address"].columns, there):
        found.pop("address")
    if "wechat" in found and "mobile" in found:  # a mobile is known to WeChat by its number
        found["mobile"] = ColumnRule(tuple(dict.fromkeys((*found["mobile"].columns, *found["wechat"].columns))))
    if wanted is _CONTACT and found.keys().isdisjoint(("company", "parent")):
        found = _at_home(found, shared)
    if "parent" in found:
        found["parent"] = ColumnRule(found["parent"].columns[:1])
        found.pop("company", None)
    return DedupeRules(1, object_name, found, never=never_rules(object_name, found))


def say_mobile(columns: Sequence[str]) -> tuple[int, ...]:
    """Return the places of the columns whose headers say that their numbers are mobiles, as it is written where numbers of the mainland are the exception."""
    return tuple(
        place
        for place, column in enumerate(columns)
        if any(_MOBILE_ABROAD.fullmatch(name) for name in (_plain(column), *_names(column)))
    )


def _at_home(found: Mapping[str, ColumnRule], shared: Collection[str]) -> dict[str, ColumnRule]:
    """Return the rules of an address book that tells of no company: a number that is no mobile is that of somebody's home there, but for such as are a company's by their headers.

    So is one of North America, where mobiles look like all other numbers.
    """
    found = dict(found)
    numbers = {column: role for role in ("mobile", "landline") if role in found for column in found[role].columns}
    handles = found["wechat"].columns if "wechat" in found else ()
    if home := tuple(
        column for column in numbers if column not in shared and column not in handles and not say_mobile([column])
    ):
        found["home_phone"] = ColumnRule(home)
    if office := tuple(column for column, role in numbers.items() if role == "landline" and column in shared):
        return found | {"landline": ColumnRule(office)}
    found.pop("landline", None)
    return found


def _halves(there: Mapping[str, str], whole: Sequence[str]) -> tuple[str, ...]:
    """Return the column of surnames and that of given names, which may be one (姓/名); none where one is missing or a column has whole names."""
    surnames, given = (
        [there[_plain(name)] for name in names if _plain(name) in there] for names in (_SURNAMES, _GIVEN_NAMES)
    )
    if not surnames and "name" in there and given[0] != there["name"] and not is_chinese(given[0]):
        surnames = [there["name"]]  # beside Vorname
    found = surnames and given and set(whole) <= set(given)
    return tuple(dict.fromkeys((surnames[0], given[0]))) if found else ()


def never_rules(object_name: str, roles: Iterable[str]) -> tuple[str, ...]:
    """Return the built-in never rules for an object, without the roles that none of its columns plays."""
    roles = tuple(roles)
    never = _NEVER["contact" if object_name in PEOPLE else "account"]
    return tuple(text for rule in never if (text := _usable(rule, roles)))


def of_people(columns: Iterable[str]) -> bool:
    """Return whether a table with these columns seems to hold people."""
    return not {name for column in columns for name in _names(column)}.isdisjoint(map(_plain, _PERSON_COLUMNS))


def _shared_lines(columns: Iterable[str], people: Iterable[str]) -> set[str]:
    """Return the columns whose headers say that a number there is not one person's; where people are called 客户姓名, 客户手机 is theirs."""
    owners = tuple(met[1] for column in people for name in _names(column) if (met := _OWNER.fullmatch(name)))
    return {
        column
        for column in columns
        if any(_SHARED_LINE.search(name) and not name.startswith(owners) for name in _names(column))
    }


def _made_like(role: str, pattern: str, columns: Sequence[str], present: tuple[str, ...]) -> tuple[str, ...]:
    """Return the columns whose headers are made like those of a role, where it has none yet; an address needs more than its city."""
    enough = _LINES.search(" ".join(present)) if role == "address" else present and role != "mobile"
    if not pattern or enough:  # a mobile may stand in any column of numbers: 备用电话 beside 手机
        return ()
    alike = [column for column in columns if any(re.fullmatch(pattern, name) for name in _names(column))]
    if role == "address" and alike:
        return tuple(name for name in (*_town_of(alike[0], columns), alike[0]) if name not in present)
    return tuple(alike if role in _MANY else alike[:1])


def _is_condition(columns: Sequence[str], there: Iterable[str]) -> bool:
    """Return whether all that is known of an address is a column `State` without anything else of one: orders and tickets are open, paid or shipped there."""
    return [_names(column) for column in columns] == [[_STATE]] and _OF_AN_ADDRESS.isdisjoint(there)


def _town_of(line: str, columns: Sequence[str]) -> list[str]:
    """Return the columns of the state and the city to which the column of a line belongs: Mailing City of Mailing Street."""
    whose = _LINES_AT_END.sub("", _plain(line))
    named = {name: column for column in reversed(columns) for name in _names(column)}
    return [named[name] for part in ("state", "province", "city") if (name := whose + part) in named and whose]


def _names(column: str) -> list[str]:
    """Return what a header calls its column: `公司名稱/Company Name (必填)` is `公司名称` and `companyname`."""
    if column.startswith("_"):
        return [_plain(column)]
    text = column if column.isascii() else fold([column])[0]
    parts = [text, *text.split("/"), *_ASIDE.sub("", text).split("/")]
    if len(tongues := _TONGUES.split(text)) > 1 and _NUMBER_OF.isdisjoint(tongues):
        parts += tongues
    return list(dict.fromkeys(name for part in parts if (name := _plain(part))))


def _plain(column: str) -> str:
    """Return a column's name as it is looked for: `Company Name` is `company_name`, `*电话：` is `电话`."""
    return _SIGNS.sub("", column.casefold()) if not column.startswith("_") else column.casefold()


def _usable(text: str, roles: Iterable[str]) -> str:
    """Return a never rule without the roles that are not there, or nothing where its subject is not."""
    rule = parse_never(text)
    if rule is None or rule.subject not in {*roles, *ASPECTS}:
        return ""
    without = [role for role in rule.without if role in set(roles)]
    return text.partition(" without")[0] + (f" without shared {', '.join(without)}" if without else "")
