"""Damage that shows in single values: which kinds there are for which meaning, as SQL over distinct values.

Two kinds of SQL are made of each column's meaning: which values are suspicious at all (one cheap look at every value), and what each
suspicious value suffers from. In both `v` is the value; in the latter `h` is it with full-width signs made half-width.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from crmmigrate.checks import profile_words as words
from crmmigrate.checks.profile_evidence import PATTERNS
from crmmigrate.model.placeholders import COUNTED, FILLED, MAYBE_A_NAME
from crmmigrate.model.table import literal

if TYPE_CHECKING:
    from collections.abc import Callable

HAN = r"㐀-鿿\x{20000}-\x{323af}"
_BLANK = r"[\s\x{a0}\x{200b}\x{feff}]"

_EVERYWHERE: dict[str, str] = {
    "full-width": "[０-９Ａ-Ｚａ-ｚ＋＠．]",
    "invisible": r"[\x{a0}\x{ad}\x{200b}-\x{200f}\x{2028}-\x{202e}\x{2060}\x{feff}]",
    "private-use": r"[\x{e000}-\x{f8ff}\x{f0000}-\x{10fffd}]",
    "mojibake": r"\x{fffd}|锟斤拷|[锟斤拷]{3}|烫烫|屯屯|Ã[\x{80}-\x{bf}]|â€|[\x{c0}-\x{f7}][\x{a0}-\x{ff}]{3}|\A(?:[\x{b0}-\x{f7}][\x{a1}-\x{fe}])+\z|[一-鿿]\?{2,}|\?{2,}[一-鿿]",
    "control": r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x{80}-\x{9f}]",
    "outer-blanks": r"\A[\s\x{3000}]|[\s\x{3000}]\z",
    "error-value": r"\A#(?:N/A|REF!|VALUE!|DIV/0!|NAME\?|NULL!|NUM!|SPILL!|CALC!)\z",
    "formula": r"\A[=@]|\A[+-][A-Za-z(]",
    "scientific": r"\A[0-9](?:\.[0-9]+)?[eE]\+?[0-9]{1,2}\z",
    "pinyin-gloss": r"(?:[㐀-鿿][(（][a-zāáǎàōóǒòēéěèīíǐìūúǔùǖǘǚǜü]{1,6}[)）]){2}|[㐀-鿿][(（][a-z]*[āáǎàōóǒòēéěèīíǐìūúǔùǖǘǚǜü][a-z]*[)）]",
}
"""Kinds that are damage in any column."""

_SPOT = r"\A[\s\x{3000}=@#+-]|\s\z|[^\x20-\x7e㐀-鿿\x{20000}-\x{323af}、-】〔-〟–—‘’“”…·（）！，：；？％￥]|\?\?|　\z|[a-z][)）]|[0-9][eE]\+?[0-9]|拷|烫|屯"
"""What at least one of `_EVERYWHERE` needs."""

NO_TRADITIONAL = frozenset(
    {"url", "email", "mobile", "phone", "credit_code", "id_number", "date", "amount", "id", "bank_account"}
)


OWN_CLEAN = frozenset({"address", "company", "person"})
"""Meanings whose values may be clean, or suspicious, whether or not they are in the standard form."""


def found(pattern: str, of: str = "h") -> str:
    """Return the SQL that says whether `pattern` is found in a column of the table of values."""
    return f"regexp_matches({of}, {literal(pattern)})"


def _whole(pattern: str) -> str:
    return rf"\A(?:{pattern})\z"


@cache
def misread() -> str:
    """Return the class of characters that lead bytes of Chinese in UTF-8 (E4 to E9) become when they are read as GBK."""
    signs = "".join(
        bytes((lead, trail)).decode("gbk", "ignore") for lead in range(0xE4, 0xEA) for trail in range(0x80, 0xC0)
    )
    return "[" + "".join(sign for sign in signs if "㐀" <= sign <= "鿿") + "]"


def misread_candidate(of: str = "v") -> str:
    """Return the SQL of values that may be UTF-8 read as GBK (`寮犱笁`); `is_misread` decides."""
    return f"regexp_matches({of}, {literal(misread() + '.?.?' + misread() + '|^.?' + misread() + '.{0,2}$')})"


def is_misread(value: str) -> bool:
    """Say whether a value is UTF-8 text that was read as GBK: its bytes make nearly all of it Chinese again."""
    try:
        raw = value.encode("gbk")
    except UnicodeEncodeError:
        raw = value.encode("gb18030", "ignore")
    mended = raw.decode("utf-8", "ignore")
    han = sum(1 for sign in mended if "一" <= sign <= "鿿")
    return han > 0 and len(mended.encode()) >= 0.7 * len(raw) and han * 3 >= 0.6 * len(raw)


@cache
def _regions() -> tuple[str, str, str, str]:
    """Return the provinces and the prefectures as alternatives of a pattern: full, then short."""
    provinces, cities = words.provinces_and_cities()
    ends = ("特别行政区", "维吾尔自治区", "壮族自治区", "回族自治区", "自治区", "省", "市")
    short_p = {name.removesuffix(next(end for end in ends if name.endswith(end))) for name in provinces}
    short_c = {name.removesuffix("市") for name in cities if name.endswith("市")} | {"北京", "上海", "天津", "重庆"}
    full_c = [*cities, "北京市", "上海市", "天津市", "重庆市"]
    joined = ("|".join(sorted(names, key=len, reverse=True)) for names in (provinces, full_c, short_p, short_c))
    full_province, full_city, short_province, short_city = joined
    return full_province, full_city, short_province, short_city


_PHONE: list[tuple[str, str]] = [
    ("masked", found(r"[0-9](?:\*{2,}|[xX]{3,})|\*{3,}[0-9]")),
    ("several-values", found(r"[0-9]{7,}[^0-9+(（]*[;；、,，/|\n ][^0-9]*[0-9]{3,}[- ]?[0-9]{4}|[0-9]{7,}[;；、,，/|\n ] ?[0-9]{3,8}(?:\D|\z)")),
    ("letter-for-digit", found(r"[0-9][OoIl]|[OoIl][0-9]")),
    ("wrong-length", found(r"\A1[3-9][0-9]{8}\z|\A1[3-9][0-9]{10,}\z|\A[0-9]{1,6}\z|\A0[0-9]{2,3}-[0-9]{1,6}\z|\A0[0-9]{2,3}-[0-9]{9,}\z")),
    ("extension", found(r"转|分机|ext|[0-9]{7,8} ?[-*#x] ?[0-9]{1,6}\z")),
    ("leading-zero", found(r"\A0 ?1[3-9][0-9](?:[- ]?[0-9]){8}\z")),
    ("country-code", found(r"\A(?:\+|00)?\(?\+?86\)?[- ]?[0-9]")),
    ("brackets", found(r"[(\[][0-9]{3,4}[)\]]")),
    ("lost-zero", found(r"\A[1-9][0-9]{1,2}[- ][0-9]{7,8}\z")),
    ("no-area-code", found(r"\A[2-9][0-9]{2,3}[- ]?[0-9]{4}\z")),
    ("separators", found(r"\A1[3-9][0-9][- .][0-9]{4}[- .]?[0-9]{4}\z|\A1[3-9][0-9]+[- .][0-9 -]+\z|\A0[0-9]{9,11}\z|\A0[0-9]{2,3}[ .][0-9 -]+\z|\A0[0-9]{2,3}-[0-9]{3,4}[- ][0-9]{3,4}\z")),
    ("other-content", found(r"@|[A-Za-z㐀-鿿]{2,}")),
]  # fmt: skip
_YEAR = r"(?:19|20)[0-9]{2}"
_DAY_PARTS = (rf"({_YEAR})\D", rf"{_YEAR}\D+([0-9]{{1,2}})\D", rf"{_YEAR}\D+[0-9]{{1,2}}\D+([0-9]{{1,2}})")
_BAD_DAY = f"try_cast(concat_ws('-', {', '.join(f'regexp_extract(h, {literal(part)}, 1)' for part in _DAY_PARTS)}) AS DATE) IS NULL"
_FULL_DAY = found(r"(?:19|20)[0-9]{2}[-/.年] ?[0-9]{1,2}[-/.月] ?[0-9]{1,2}(?:[^0-9]|$)")
_DATE: list[tuple[str, str]] = [
    ("default-date", found(r"\A(?:1900[-/.年]0?1[-/.月]0?[01]|1899[-/.年]12|1970[-/.年]0?1[-/.月]0?1|0000|0001[-/.年]|9999|2099[-/.年]12[-/.月]31)(?:\D|\z)")),
    ("impossible-date", f"{_FULL_DAY} AND {_BAD_DAY}"),
    ("date-chinese", found(r"(?:19|20)[0-9]{2}年")),
    ("date-dots", found(r"\A(?:19|20)[0-9]{2}\.[0-9]{1,2}")),
    ("date-slashes", found(r"\A(?:19|20)[0-9]{2}/[0-9]{1,2}")),
    ("date-compact", found(r"\A(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])(?:\D|\z)")),
    ("serial-date", found(r"\A[1-9][0-9]{4}(?:\.[0-9]+)?\z")),
    ("date-order", found(r"\A[0-9]{1,2}[-/.][0-9]{1,2}[-/.](?:19|20)?[0-9]{2}(?:\D|\z)")),
    ("date-padding", found(r"\A(?:19|20)[0-9]{2}-[0-9]{1,2}-[0-9]{1,2}(?:\D|\z)") + " AND NOT " + found(r"\A[0-9]{4}-[0-9]{2}-[0-9]{2}")),
    ("date-partial", found(r"\A(?:19|20)[0-9]{2}(?:-[0-9]{1,2})?\z|[0-9]{1,2}月")),
    ("other-content", "NOT " + found(r"[0-9]{2}")),
]  # fmt: skip
_NUMBER: list[tuple[str, str]] = [
    ("amount-wan", found(r"[0-9] ?[万亿千]")),
    ("currency-sign", found(r"(?i)[¥￥$€]|RMB|CNY|USD|人民币")),
    ("thousands", found(r"[0-9],[0-9]{3}")),
    ("amount-unit", found(rf"[0-9] ?[{HAN}㎡%A-Za-z]{{1,4}}\z")),
    ("text-in-numbers", "NOT " + found(r"\A-?[0-9]+(?:\.[0-9]+)?\z")),
]  # fmt: skip
_LEGAL_END = rf"(?:{words.LEGAL_FORMS}|合伙|企业|总站|站|局|所|院|馆|部|会|校|园|队|队部|Ltd\.?|Inc\.?|LLC|Corp\.?|GmbH|Limited|Co\.?)"
_PARTNERS = r"(?:合伙|个体|个人独资|特殊|外商|中外)"


def kinds_of(meaning: str) -> list[tuple[str, str]]:
    """Return the kinds of damage a value of `meaning` may show, with their SQL; of them the first that applies counts."""
    if meaning in ("mobile", "phone"):
        return _PHONE
    if meaning == "date":
        return _DATE
    if meaning in ("amount", "quantity"):
        return _NUMBER
    if meaning in ("credit_code", "id_number", "vin"):
        return _code_kinds(meaning)
    return _WORDY[meaning]() if meaning in _WORDY else []


def _code_kinds(meaning: str) -> list[tuple[str, str]]:
    length = 17 if meaning == "vin" else 18
    letters = "[OoIiZzSs]" if meaning == "credit_code" else "[OoIiQq]" if meaning == "vin" else "[OoIl]"
    return [
        ("masked", found(r"\*{2,}")),
        ("inner-blanks", found(r"\S[\s-]+\S")),
        ("old-number", "false" if meaning == "vin" else found(r"\A[0-9]{15}\z|\A[0-9]{8}-?[0-9Xx]\z")),
        ("wrong-length", f"length(h) <> {length} AND {found('[0-9]')} AND NOT {found(_EVERYWHERE['scientific'])}"),
        ("other-content", "NOT " + found(r"[0-9]{4}")),
        ("letter-for-digit", found(letters)),
        ("letter-case", f"h <> upper(h) AND {found('[0-9]')}"),
    ]


_MAIL_SLIPS = (
    r"(?i)@(?:gmial|gamil|gmai|gmal|gmaill|gnail|gmil|hotmial|hotmai|hotmal|yaho|yahooo|outlok|outloook|sian|snia|sinna|foxmial|aliyum)\."
    r"|\.(?:con|cmo|comn|ocm|cim|c0m|coom)\z|[,，](?:com|cn|net)\z|\.\z|\.\.|@[^.]*\z|@.*@"
)


def _email_kinds() -> list[tuple[str, str]]:
    return [
        ("label", found(r"(?i)\A(?:mailto|e-?mail|邮箱)[:：]")),
        ("inner-blanks", found(r"\S\s+@|@\s+\S|\S\s+\.")),
        ("no-at", "NOT " + found("@")),
        ("several-values", found("@.*[;；、,， /]+[^@]+@")),
        ("mail-host", found(_MAIL_SLIPS)),
        ("letter-case", found("[A-Z]")),
    ]  # fmt: skip


def _company_kinds() -> list[tuple[str, str]]:
    legal, partners = _LEGAL_END, _PARTNERS
    noted = rf"(?:公司|集团|厂|店|中心|院|所)\s*(?:[（(\[【][^）)]*[）)\]】]|[-—/]\s*[{HAN}A-Za-z]{{1,8}}|\s*[+(（]?[0-9][0-9() +-]{{6,}})\s*\z"
    return [
        ("placeholder-name", f"lower(trim(h)) IN ({', '.join(map(literal, MAYBE_A_NAME))})"),
        ("name-slip", found(r"公限司|有公限|[^有\s\x{a0}\x{200b}\x{feff}]限公司|有限公\z|公司公司|有限有限|限责公司|有限任公司|[^股]份有限公司|有限[^公责合]?司\z") + " AND NOT " + found(r"\A[^(（]*[A-Za-z]限公司")),
        ("unbalanced", found(r"\A[^()]*\([^()]*\z|\A[^()]*\)")),
        ("name-note", f"{found(noted)} AND NOT {found(partners)}"),
        ("half-brackets", found(f"[{HAN}][()]|[()][{HAN}]", "v")),
        ("inner-blanks", found(rf"[{HAN}()]{_BLANK}+\S|\S{_BLANK}+[{HAN}()]")),
        ("no-legal-form", found(f"[{HAN}]") + " AND NOT " + found(rf"(?i){legal}(?:[(（].*[)）])?\s*$")),
    ]  # fmt: skip


def _person_kinds() -> list[tuple[str, str]]:
    calls = "总|工|哥|姐|经理|先生|女士|小姐|老师|主任|老板|厂长|院长|校长|会计|师傅|太太|局长|处长|科长|董|书记|部长|所长|店长|老总"
    double = "|".join(sorted(words.surnames_by_length()[1]))
    return [
        ("honorific", found(rf"\A(?:{double}|[{HAN}])(?:{calls})\z|\A[老小阿][{HAN}]\z")),
        ("name-title", found(rf"[{HAN}]{{2,4}} ?(?:[(（].+[)）]|总|经理|先生|女士|小姐|老师|主任)\z|\A[{HAN}]{{2,4}}[-/ ](?:{words.TITLES})\z")),
        ("several-values", found(rf"[{HAN}]{{2,4}}[、/;；,，][{HAN}]{{2,4}}")),
        ("inner-blanks", found(rf"[{HAN}]{_BLANK}+[{HAN}]")),
        ("other-content", found("[0-9@]")),
    ]  # fmt: skip


def _address_kinds() -> list[tuple[str, str]]:
    full_p, full_c, short_p, short_c = _regions()
    first = rf"\A\s*(?:{full_p}|{short_p})?\s*"
    short_city = f"{found(first + f'(?:{short_c})')} AND NOT {found(first + f'(?:{full_c})')}"
    short_province = found(rf"\A(?:{short_p})") + " AND NOT " + found(rf"\A(?:{full_p}|{full_c})")
    has_han = found(f"[{HAN}]{{2}}")
    without = found(rf"\A\s*(?:{full_p}|(?:{short_p})[省市])")
    return [
        ("short-region", f"{has_han} AND (({short_city}) OR ({short_province}))"),
        ("no-province", f"{has_han} AND NOT {without}"),
        ("inner-blanks", found(rf"[{HAN}]{_BLANK}+[{HAN}]")),
    ]


def short_region() -> str:
    """Return the SQL of regions in their short form; damage only where a column also has full ones."""
    _, _, short_p, short_c = _regions()
    return found(_whole(f"{short_p}|{short_c}"), "v")


_WORDY: dict[str, Callable[[], list[tuple[str, str]]]] = {
    "email": _email_kinds,
    "company": _company_kinds,
    "person": _person_kinds,
    "address": _address_kinds,
    "postcode": lambda: [("lost-zero", found(r"\A[1-9][0-9]{4}\z")), ("wrong-length", "NOT " + found(r"\A[0-9]{6}\z"))],
    "percent": lambda: [("text-in-numbers", "NOT " + found("[0-9]"))],
    "plate": lambda: [("separators", found("[-· .]")), ("letter-case", found("[a-z]"))],
    "bank_account": lambda: [("separators", found(r"[0-9][ -]+[0-9]"))],
}

_FLOAT = frozenset({"mobile", "phone", "id", "credit_code", "id_number", "messenger", "postcode", "bank_account"})
_LONG = frozenset({"id_number", "credit_code", "id", "bank_account"})
_AS_FLOAT = found(r"\A[0-9]+\.0+\z")
_LOST_DIGITS = found(r"\A[0-9]{15}0{3}\z|\A[0-9]\.[0-9]+[eE]\+?17\z")
_FILLED = frozenset(
    {
        "mobile",
        "phone",
        "email",
        "person",
        "company",
        "credit_code",
        "id_number",
        "address",
        "postcode",
        "messenger",
        "bank_account",
        "text",
    }
)


def suspicious(meaning: str, traditional: str) -> str:
    """Return the SQL that picks, in one cheap look at each value, those that may be damaged.

    Args:
        meaning: of the column.
        traditional: the characters of traditional Chinese to look for; none where the column has none.
    """
    placeholders = ", ".join(map(literal, COUNTED))
    signs = [_SPOT]  # one pattern is one look
    if traditional and meaning not in NO_TRADITIONAL:
        signs.append(f"[{traditional}]")
    if meaning in _FILLED:
        signs.append(FILLED)
    if meaning in _ALSO:
        signs.append(_ALSO[meaning])
    parts = [
        found("|".join(f"(?:{sign})" for sign in signs), "v"),
        f"(length(v) < 8 AND lower(trim(v)) IN ({placeholders}))",
    ]
    shape = PATTERNS[meaning].conform if meaning in PATTERNS else ""
    if meaning in ("address", "company"):  # see `OWN_CLEAN`
        parts.append("NOT " + found(_clean_name(meaning), "v"))
    elif meaning == "person":
        parts.append("NOT " + found(rf"\A(?:[{HAN}·]{{2,6}}|[A-Z][a-z]+(?: [A-Z][a-z]+)+)\z", "v"))
        parts.append(
            found(r"(?:总|工|哥|姐|经理|先生|女士|小姐|老师|主任|老板|长|会计|师傅|太太|董|书记)\z|\A[老小阿].\z", "v")
        )
    elif shape:
        parts.append(f"NOT {found(_whole(shape), 'v')}")
    if meaning == "address":
        full_p, _, _, short_c = _regions()
        parts.append(
            found(rf"\A(?:{full_p})(?:{short_c})", "v")
            + " AND NOT "
            + found(rf"\A(?:{full_p})?(?:{_regions()[1]})", "v")
        )
    return " OR ".join(parts)


def _clean_name(meaning: str) -> str:
    if meaning == "address":
        return rf"\A(?:{_regions()[0]})\S*\z"
    ends = "公司|厂|店|中心|事务所|合作社|集团|银行|医院|学校|大学"
    return rf"\A(?:[^\s()]{{3,}}(?:{ends})|[^\s()/—-]{{3,}}{_LEGAL_END})\z"


_ALSO = {
    "date": r"-02-(?:29|30)|-(?:04|06|09|11)-31|\A(?:1900|1970|1899|2099|9999|0)",
    "phone": r"-[0-9]{1,6}\z|\A[48]00|\A1[3-9][0-9]{8}\z",
    "email": _MAIL_SLIPS,
    "id": r"\.0+\z|0{3}\z",
    "id_number": r"0{3}\z",
    "credit_code": r"0{3}\z",
    "messenger": r"\.0+\z",
    "company": r"公限|[^有]限公|公司公|有限有|限责公|限任公|[^股]份有|[（(][^)）]*\z|\A[^（(]*[)）]",
}
"""Values in standard form that may be damaged all the same."""


def kinds_sql(meaning: str, traditional: str) -> str:
    """Return the SQL of the list of kinds a suspicious value shows; over `v` and `h`. Arguments as of `suspicious`."""
    placeholders = ", ".join(map(literal, COUNTED))
    nothing = f"lower(trim(v)) IN ({placeholders})"
    everywhere = ", ".join(
        f"CASE WHEN {found(pattern, 'v')} THEN {literal(kind)} END" for kind, pattern in _EVERYWHERE.items()
    )
    cases = []
    if traditional and meaning not in NO_TRADITIONAL:
        cases.append(f"CASE WHEN {found(f'[{traditional}]', 'v')} THEN 'traditional' END")
    if meaning in _FLOAT:
        cases.append(f"CASE WHEN {_AS_FLOAT} THEN 'float-number' END")
    if meaning in _LONG:
        cases.append(f"CASE WHEN {_LOST_DIGITS} THEN 'lost-digits' END")
    if meaning in _FILLED:
        cases.append(f"CASE WHEN {found(FILLED)} THEN 'filler' END")
    own = kinds_of(meaning)
    cut = f"WHEN {_AS_FLOAT} OR {found(_EVERYWHERE['scientific'])} THEN NULL " if meaning in _FLOAT else ""
    if own:
        ways = " ".join(f"WHEN {condition} THEN {literal(kind)}" for kind, condition in own)
        cases.append(f"CASE {cut}{ways} END")
    named = "'placeholder-name'" if meaning == "company" else "'placeholder'"
    word = f"CASE WHEN lower(trim(v)) IN ({', '.join(map(literal, MAYBE_A_NAME))}) THEN {named} ELSE 'placeholder' END"
    own_cases = ", ".join(cases) or "NULL"
    return f"CASE WHEN {nothing} THEN [{word}] WHEN {found(_SPOT, 'v')} THEN {_listed(f'{everywhere}, {own_cases}')} ELSE {_listed(own_cases)} END"


def _listed(cases: str) -> str:
    return f"list_filter([{cases}], lambda kind: kind IS NOT NULL)"
