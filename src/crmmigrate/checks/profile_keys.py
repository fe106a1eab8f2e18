"""What tells one company or person from another: SQL that folds names, numbers and addresses, and the columns to take them from."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from crmmigrate.checks.profile_codes import SHAPES
from crmmigrate.checks.profile_letters import simplified_forms, widths
from crmmigrate.checks.profile_words import provinces_and_cities
from crmmigrate.model.check_digits import CREDIT_SIGNS, CREDIT_WEIGHTS
from crmmigrate.model.table import quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from crmmigrate.model.profile import ColumnProfile, TableProfile
    from crmmigrate.model.table import Tables

SURE = 0.6
"""Below this confidence a guessed meaning is not relied upon."""

_KIND = re.compile(r"(?:特别行政区|(?:壮族|回族|维吾尔)?自治区|(?:[一-鿿]{1,3}族)*自治州|地区|[省市盟])\Z")
_FULL, _HALF = widths("0123456789()ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz@.+")
_BLANK = r"\s\x{a0}\x{ad}\x{200b}-\x{200f}\x{202a}-\x{202e}\x{2060}\x{3000}\x{feff}"
_MARKS = rf"{_BLANK}()\[\]【】·.,，。、&-"
_NAME = re.compile(r'[a-z_]\w*(?:\.[a-z_]\w*)?|"(?:[^"]|"")+"', re.ASCII | re.IGNORECASE)
_AT_HEAD = "^(?:中国)?(?:{})"
_LEGAL = "股份有限公司|有限责任公司|有限公司|集团|总公司|公司|co\\.?,?ltd\\.?|limited|ltd|inc|llc|corp"
_CONTACTS = re.compile("联系人|通讯录|名片|contact|people|person", re.IGNORECASE)
_OF_ONE_COMPANY = 0.25
"""The part of a table's companies that stand there again, each time with somebody else, from which on its rows are people."""
_EVENT = ("单号", "订单", "记录", "ticket", "order", "subject", "主题", "内容", "商机")


@cache
def places() -> str:
    """Return an alternation of the short names of provinces and prefecture-level cities (GB/T 2260)."""
    names = {_KIND.sub("", name) for group in provinces_and_cities() for name in group}
    return "|".join(sorted((name for name in names if 2 <= len(name) <= 5), key=lambda name: (-len(name), name)))


def _with(expression: str, body: Callable[[str], str], name: str = "x") -> str:
    """Return the SQL of `body` of the value of `expression`, reckoned once and called `name`.

    DuckDB compiles the patterns within a lambda anew for every 2,048 rows: what has a name already needs none.
    """
    if _NAME.fullmatch(expression):
        return body(expression)
    return f"list_transform([{expression}], lambda {name}: {body(name)})[1]"


def half_width(expression: str) -> str:
    """Return the SQL of `expression` in half-width letters and digits. `translate` is slow: only where one occurs."""
    return _with(
        expression,
        lambda x: (
            rf"CASE WHEN regexp_matches({x}, '[\x{{ff01}}-\x{{ff5e}}]') THEN translate({x}, '{_FULL}', '{_HALF}') ELSE {x} END"
        ),
    )


def squeezed(expression: str) -> str:
    """Return the SQL of a value without blanks, in half width and upper case: what equal keys have in common. Empty is null."""
    # Most keys are ASCII or Chinese characters without blanks, and only need their case folded.
    return _with(
        expression,
        lambda x: (
            f"CASE WHEN regexp_full_match({x}, '[!-~一-鿿]+') THEN upper({x}) ELSE nullif(upper({half_width(_without(x, _BLANK))}), '') END"
        ),
    )


def _without(expression: str, signs: str) -> str:
    return f"regexp_replace({expression}, '[{signs}]', '', 'g')"


@cache
def _foldable() -> dict[str, str]:
    """Return the traditional characters that have one simplified form, and that."""
    return {old: new for old, new in simplified_forms().items() if len(new) == 1}


_FEW = 20_000
"""Cells that are looked at in Python where a pattern would cost more to compile."""


def traditional_signs() -> str:
    """Return a class of RE2 that matches one traditional character which has a simplified form."""
    return f"[{''.join(_foldable())}]"


def simplified(expression: str, signs: str) -> str:
    """Return the SQL of `expression` with the traditional characters among `signs` made simplified.

    `translate` takes as long as its list of signs, so it is given only those that occur.
    """
    if not signs:
        return expression
    forms = _foldable()
    simple = "".join(forms[sign] for sign in signs)
    return _with(
        expression,
        lambda x: f"CASE WHEN regexp_matches({x}, '[{signs}]') THEN translate({x}, '{signs}', '{simple}') ELSE {x} END",
    )


def folded_company(expression: str, signs: str = "") -> str:
    """Return the SQL that folds a company name to what tells it from others: case, width, blanks, brackets and legal form go.

    What somebody wrote behind the name goes too: a telephone number, a person, `（停用）`; traditional characters become simplified ones.

    Args:
        expression: an SQL expression of text.
        signs: the traditional characters in it, to be made simplified.
    """
    bare = _with(simplified(expression, signs), _bare_company)
    return _with(bare, lambda x: _with(_core(x), lambda core: _core_or_bare(core, x), "core"))


def folded_columns(source: str, cells: Mapping[str, str], signs: str = "") -> str:
    """Return the SQL of `source` with further columns that fold company names as `folded_company` does, faster.

    Args:
        source: the SQL of a relation.
        cells: name of a further column → the column to fold.
        signs: the traditional characters in them, to be made simplified.
    """
    # Step by step in columns, not in lambdas: see `_with`.
    for step in (
        {name: simplified(cell, signs) for name, cell in cells.items()},
        {f"{name}_bare": _bare_company(name) for name in cells},
        {f"{name}_core": _core(f"{name}_bare") for name in cells},
        {f"{name}_folded": _core_or_bare(f"{name}_core", f"{name}_bare") for name in cells},
    ):
        source = f"(SELECT *, {', '.join(f'{column} AS {name}' for name, column in step.items())} FROM {source})"
    return source


def _bare_company(x: str) -> str:
    noted = f"lower({half_width(x)})"
    named = rf"regexp_replace({noted}, '(公司)\s*[-–—_/、].*$|\s+[-–—]?\s*[0-9() +-]{{7,}}$|(公司)[(（][^()（）分店厂处行所]*[)）]\s*$|[(（](?:停用|注销|作废|重复|暂停|待确认)[)）]', '\1\2', 'g')"
    # What is to go stands beside a sign that is neither a character nor a digit: a name without one is bare already.
    return rf"CASE WHEN regexp_full_match({x}, '[\p{{Han}}a-z0-9]+') THEN {x} ELSE {_without(named, _MARKS)} END"


def _core(x: str) -> str:
    return f"regexp_replace({x}, '(?:{_LEGAL})', '', 'g')"


def _core_or_bare(core: str, bare: str) -> str:
    """Return the SQL of the name without its legal form; with it where too little is left."""
    return f"CASE WHEN length({core}) >= 2 THEN {core} ELSE nullif({bare}, '') END"


def placeless(folded: str) -> str:
    """Return the SQL of a folded company name without the place at its head, or else at its end. Best of a column: it is reckoned thrice."""
    # The end is searched for only where the head has none: looking for some 360 names at every sign is slow.
    head = f"regexp_replace({folded}, '^(?:中国)?(?:(?:{places()})[省市]?)+', '')"
    bare = f"CASE WHEN regexp_matches({folded}, '{_AT_HEAD.format(places())}') THEN {head} ELSE regexp_replace({folded}, '(?:{places()})[省市]?$', '') END"
    rest = _with(bare, lambda x: f"CASE WHEN length({x}) >= 2 THEN {x} END")
    return f"coalesce({rest}, {folded})"


def place_of(folded: str, rest: str) -> str:
    """Return the SQL of the place at the head or the end of a folded company name, its last one; empty without.

    Args:
        folded: the name.
        rest: the name without its place, as `placeless` makes it. Only what it lacks is looked at.
    """
    removed = f"CASE WHEN {folded} = {rest} THEN '' WHEN ends_with({folded}, {rest}) THEN left({folded}, length({folded}) - length({rest})) ELSE right({folded}, length({folded}) - length({rest})) END"
    return f"regexp_replace(regexp_extract({removed}, '(?:{places()})[省市]?$'), '[省市]$', '')"


def valid_code(expression: str) -> str:
    """Return the SQL of a unified social credit code whose check sign agrees (GB 32100-2015); null for anything else."""
    code, shape = squeezed(expression), SHAPES["credit_code"]
    total = " + ".join(
        f"(strpos('{CREDIT_SIGNS}', c[{place}]) - 1) * {weight}" for place, weight in enumerate(CREDIT_WEIGHTS, start=1)
    )
    return (
        f"list_transform([{code}], lambda c: CASE WHEN regexp_full_match(c, '{shape}') "
        f"AND strpos('{CREDIT_SIGNS}', c[18]) - 1 = (31 - ({total}) % 31) % 31 THEN c END)[1]"
    )


def phone_numbers(expression: str) -> str:
    """Return the SQL of the list of numbers in one cell, each as its last digits (11 of a mobile, 8 of a landline); no extension."""
    return _with(expression, _phone_numbers, "cell")


def _phone_numbers(cell: str) -> str:
    plain = f"replace(replace({half_width(cell)}, 'O', '0'), 'o', '0')"
    parts = rf"regexp_split_to_array(regexp_replace({plain}, '\.0+$', ''), '[;；、,，/|\n]')"
    digits = r"regexp_replace(regexp_replace(part, '(?:转|分机|[eE]xt|[xX#]).*$', ''), '[^0-9]', '', 'g')"
    every = f"list_filter(list_transform({parts}, lambda part: {_last_digits(digits)}), lambda part: part IS NOT NULL)"
    # Most cells are one number in its usual form, and most others one with signs between its digits: there no part need be looked for.
    return (
        f"CASE WHEN regexp_full_match({cell}, '1[3-9][0-9]{{9}}') THEN [{cell}] "
        f"WHEN regexp_full_match({cell}, '0(?:10|[2-9][0-9]{{1,2}})-?[0-9]{{7,8}}') THEN [right(replace({cell}, '-', ''), 8)] "
        f"WHEN regexp_full_match({cell}, '[+(]?(?:[0-9][ ()-]*){{7,}}') THEN [{_last_digits(_without(cell, '^0-9'))}] ELSE {every} END"
    )


def _last_digits(digits: str) -> str:
    return _with(
        digits,
        lambda x: (
            f"CASE WHEN regexp_matches({x}, '1[3-9][0-9]{{9}}$') THEN right({x}, 11) WHEN length({x}) >= 7 THEN right({x}, 8) END"
        ),
        "digits",
    )


def domain(expression: str) -> str:
    """Return the SQL of the domain of an e-mail address or web address, in lower case; null without."""
    name = r"[a-z0-9-]+(?:\.[a-z0-9-]+)+"
    searched = r"nullif(regexp_extract(lower({}), '(?:[@]|^(?:https?://)?(?:www\.)?)(" + name + ")', 1), '')"
    plain = f"(?i)(?:mailto:)?[a-z0-9_-]+@{name}"
    return _with(
        expression,
        lambda x: (
            f"CASE WHEN regexp_full_match({x}, '{plain}') THEN lower(substring({x}, strpos({x}, '@') + 1)) ELSE {searched.format(half_width(x))} END"
        ),
    )


def bare_person(expression: str) -> str:
    """Return the SQL of a person's name without blanks, titles and forms of address; of `王总` only the surname is left."""
    name = _without(f"lower({half_width(expression)})", rf"{_BLANK}·.,()")
    return f"nullif(regexp_replace({name}, '(?:先生|女士|小姐|同志|总经理|副总|经理|主任|主管|工程师|总监|老师|总|工)$', ''), '')"


def surest(columns: Sequence[ColumnProfile], *meanings: str) -> str:
    """Return the name of the best-filled column of one of `meanings` (the first that has any), or empty."""
    for meaning in meanings:
        if found := [c for c in columns if c.meaning == meaning and c.confidence >= SURE and c.filled]:
            return max(found, key=lambda column: (column.filled, column.confidence)).name
    return ""


def is_event(profile: TableProfile) -> bool:
    """Tell whether rows are things that happened (tickets, orders, notes): they repeat their customers by nature."""
    return any(word in column.name.lower() for column in profile.columns for word in _EVENT)


@dataclass(frozen=True)
class Subject:
    """A table whose rows stand for companies or for people.

    Args:
        kind: `company` or `person`.
        profile: the table.
        name: the column that names whom.
        former: further columns that name a company.
        codes: columns of credit codes; `phones`, `emails`, `messengers` likewise.
        sites: columns of web addresses.
        parents: of people, columns that say whose they are: foreign keys and companies.
    """

    kind: str
    profile: TableProfile
    name: str
    former: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    messengers: tuple[str, ...] = ()
    sites: tuple[str, ...] = ()
    parents: tuple[str, ...] = ()


def subjects(profile: TableProfile) -> list[Subject]:
    """Return whom the rows of a table stand for: companies, people, both or (events, lists of other things) nobody.

    A list of contacts names the company of each: that comes again with every contact, and is no duplicate of a company.
    """
    if is_event(profile) or not profile.rows:
        return []
    columns = [column for column in profile.columns if column.filled and column.confidence >= SURE]

    def named(*meanings: str) -> tuple[str, ...]:
        return tuple(column.name for column in columns if column.meaning in meanings)

    found = []
    company = surest(columns, "company")
    person = _main_person(columns, beside_company=bool(company))
    if company and not (person and _are_people(profile, columns, company)):
        # A former or short name belongs to one row; a bank or a dealer comes again and again and names nobody.
        former = tuple(
            c.name for c in columns if c.meaning == "company" and c.name != company and c.distinct >= 0.5 * c.filled
        )
        phones = named("phone") if person else named("mobile", "phone")
        found.append(
            Subject(
                "company", profile, company, former, named("credit_code"), phones, named("email"), sites=named("url")
            )
        )
    if person and (phones := named("mobile", "phone")):
        foreign = tuple(c.name for c in columns if c.meaning == "id" and c.distinct < c.filled)
        parents = foreign + ((company,) if company else ())
        found.append(
            Subject("person", profile, person, (), (), phones, named("email"), named("messenger"), parents=parents)
        )
    return found


def _are_people(profile: TableProfile, columns: Sequence[ColumnProfile], company: str) -> bool:
    """Tell whether the rows of a table that names companies and people are people: it says so, or its companies come again where its numbers don't."""
    if any(column.meaning == "credit_code" for column in columns):
        return False
    keys = (column.name for column in profile.columns if column.meaning == "id" and column.distinct == column.filled)
    if _CONTACTS.search(profile.name.rpartition(".")[2]) or any(map(_CONTACTS.search, keys)):
        return True
    again = {column.name: 1 - column.distinct / column.filled for column in columns}
    mobiles = [again[column.name] for column in columns if column.meaning == "mobile"]
    return bool(mobiles) and again[company] >= max(_OF_ONE_COMPANY, 2 * min(mobiles))


def _main_person(columns: Sequence[ColumnProfile], *, beside_company: bool) -> str:
    """Return the column of the people a row is about: nearly as many names as cells. Owners and handlers come again and again.

    Beside a company the people are its contacts only where a mobile number of theirs stands in the row too.
    """
    people = [c for c in columns if c.meaning == "person" and c.distinct >= 0.5 * c.filled]
    if beside_company and not any(
        c.meaning == "mobile" or re.search("手机|cell|mobile", c.name, re.IGNORECASE) for c in columns
    ):
        return ""
    return max(people, key=lambda c: (c.filled, c.distinct, -len(c.name))).name if people else ""


def quoted_all(names: Sequence[str]) -> list[str]:
    """Return the names as SQL identifiers."""
    return [quoted(name) for name in names]


def traditional_in(tables: Tables, subject: Subject, columns: Sequence[str]) -> str:
    """Return the traditional characters that occur in some columns.

    To compile a pattern of three thousand characters takes longer than to look at some thousand cells.
    """
    if subject.profile.rows * len(columns) <= _FEW:
        names = ", ".join(quoted_all(columns))
        rows = tables.connection.execute(f"SELECT {names} FROM {quoted(subject.profile.name)}").fetchall()
        return "".join(sorted({sign for row in rows for cell in row for sign in cell or ""} & set(_foldable())))
    signs = traditional_signs()
    cells = ", ".join(f"regexp_extract_all({cell}, '{signs}')" for cell in quoted_all(columns))
    some = " OR ".join(f"regexp_matches({cell}, '{signs}')" for cell in quoted_all(columns))
    query = f"SELECT string_agg(sign, '' ORDER BY sign) FROM (SELECT DISTINCT unnest(flatten([{cells}])) AS sign FROM {quoted(subject.profile.name)} WHERE {some})"
    return str(tables.value(query) or "")
