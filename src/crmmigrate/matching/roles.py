"""The roles that columns play in a dedupe.yaml, which comparator each has, and where the shipped rules find their columns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from typing import Any

from crmmigrate.matching import Level, comparator
from crmmigrate.matching.documents import of_documents
from crmmigrate.matching.flats import flat_columns
from crmmigrate.matching.headers import address_columns, alike, header_names, is_condition, plain
from crmmigrate.matching.people.in_letters import places_of_letters
from crmmigrate.matching.people.remarks import is_nickname, with_remarks
from crmmigrate.matching.people_headers import (
    IN_LETTERS,
    NICKNAME,
    PROFILE,
    in_letters,
    notes,
    pages,
    places_of_renamed,
)
from crmmigrate.matching.shipped_headers import (
    ACCOUNT,
    ALSO,
    CLERKS,
    CONTACT,
    FULL_BESIDE_SHORT,
    GIVEN_NAMES,
    HANDLED,
    HOUSES,
    INVOICE,
    LICENSED,
    MANY,
    MOBILE_ABROAD,
    OF_TOWNS,
    REMARK,
    SALE,
    SELLER,
    SHARED_LINE,
    SHORT,
    SIGNED_UP,
    SOLD,
    SURNAMES,
    TOWNS,
    patterns,
)
from crmmigrate.matching.texts.folding import is_chinese
from crmmigrate.matching.whose_table import named_by, of_others, owners
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
        frequent: whether what agrees is worth the less, the more records have it.
        joint: whether it is of somebody else than the record, as a person's employer or whom to ask for at a company: its keys count
            only together with a person's name.
        steady: whether its common levels keep their u: colleagues share a switchboard and a domain, so what strangers
            share says nothing about them.
    """

    compare: str
    options: Mapping[str, str | bool] = field(default_factory=dict)
    levels: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    blocks: bool = True
    steady: bool = False
    joint: bool = False
    frequent: bool = False

    def priors(self) -> tuple[Level, ...]:
        """Return the comparator's levels with the role's own m and u."""
        levels: tuple[Level, ...] = comparator(self.compare).LEVELS
        own = [self.levels.get(level.name, (level.m, level.u)) for level in levels]
        many = self.frequent or "of" in self.options  # of one company's people there are many
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
    "sex": Role("sex", blocks=False, steady=True),
    "postcode": Role("serial", {"postcodes": True}),
    "word": Role("word"),
    "credit_code": Role("code", levels={"same": (0.95, 1e-6)}),
    "id_number": Role("identity_number"),
    "vehicle": Role("vehicle"),
    NICKNAME: Role("word", levels={"same": (0.50, 2e-3), "close": (0.01, 2e-3), "similar": (0.02, 0.015), "different": (0.47, 0.98)}, frequent=True),
    PROFILE: Role("profile"),
    IN_LETTERS: Role("person_name", blocks=False),
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
    "personal_email": Role("email", levels={"desk": (0.20, 0.10), "same_domain": (0.12, 0.12), "numbered": (0.01, 0.01), "work_and_own": (0.20, 0.30)}, steady=True),
    "email": Role("email"),
    "website": Role("website"),
    "address": Role("address"),
    "parent": Role("reference", joint=True),
    "text": Role("text", blocks=False),
    INVOICE: Role("text", blocks=False),
    REMARK: Role("text", blocks=False),
    SOLD: Role("text", blocks=False),
    EXISTING_ROLE: Role("reference", blocks=False, steady=True),
}  # fmt: skip
"""By name in the `columns` of a dedupe.yaml."""


_BOSS = Role("code", levels={"same": (0.60, 3e-4), "typo": (0.02, 3e-4), "different": (0.38, 0.999)}, frequent=True)
"""An account of who is behind a company: he may have another one, as he may for his mobile."""


def roles_of(roles: Mapping[str, Role], *kinds: str) -> list[int]:
    """Return the places of the roles that are compared so, those of somebody else than the record (`joint`) aside."""
    return [at for at, role in enumerate(roles.values()) if role.compare in kinds and not role.joint]


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
    if name in ("wechat", "qq") and object_name not in PEOPLE:
        return _BOSS
    return ROLES[name]


def options_of(role: Role, columns: Sequence[str]) -> Mapping[str, Any]:
    """Return the options of a role's comparator, where it plays in these columns."""
    said = say_mobile(columns) if role.options.get("only") == "mobile" else ()
    if role.compare == "person_name":
        places = {"letters": places_of_letters(columns), "renamed": places_of_renamed(columns)}
        return {**role.options, **{name: found for name, found in places.items() if found}}
    if role.compare == "identity_number" and of_documents(columns):
        return {**role.options, "documents": True}
    if role.compare == "address":
        if len(alike(TOWNS, columns)) == len(columns):
            return {**role.options, "lines": False}
        if towns := alike(OF_TOWNS, columns):
            return {**role.options, "towns": tuple(columns.index(column) for column in towns)}
    return {**role.options, "said": said} if said else role.options


_NEVER = {
    "account": ("different credit_code", "different branch", "different region", "only shared phone", "only shared wechat", "only shared qq"),
    "contact": ("different id_number", "different parent without shared mobile, email, wechat, qq", "only shared mobile", "only shared landline", "only shared home_phone"),
}  # fmt: skip


@dataclass(frozen=True)
class Headed:
    """What a table's headers say of its columns.

    Args:
        columns: role → columns.
        shared: those of numbers that are not one person's.
    """

    columns: Mapping[str, tuple[str, ...]]
    shared: AbstractSet[str]


def shipped(object_name: str, columns: Iterable[str]) -> DedupeRules | None:
    """Return the shipped rules for a table with these columns, or None where they find no name column.

    Args:
        object_name: `account` or `contact`.
        columns: the table's.
    """
    return shipped_rules(object_name, headed(object_name, columns))


def headed(object_name: str, columns: Iterable[str]) -> Headed:
    """Return which columns of a table play which role, by their headers alone."""
    columns = list(columns)
    there: dict[str, str] = {}
    for column in columns:
        for name in header_names(column):
            there.setdefault(name, column)
    wanted, like = (
        (CONTACT, patterns("contact", there)) if object_name in PEOPLE else (ACCOUNT, patterns("account", there))
    )
    known = {
        role: tuple(dict.fromkeys(there[plain(name)] for name in names if plain(name) in there))
        for role, names in wanted.items()
    }
    people = known["name"] or _made_like("name", like.get("name", ""), columns, ())
    if wanted is CONTACT and (named := named_by(people, columns)) != people and not _halves(there, known["name"]):
        known = {role: tuple(one for one in held if one not in named) for role, held in known.items()}
        known["name"] = people = named
    if wanted is CONTACT:
        known["parent"] = of_others(known["parent"], people, known["company"])
    employed = wanted is ACCOUNT or known["company"] or known["parent"] or alike(like["company"], columns)
    shared = _shared_lines(columns, people, at_work=bool(employed))
    if "mobile" in known:
        known["mobile"] = tuple(column for column in known["mobile"] if column not in shared)
    taken = {column for found in known.values() for column in found}
    if wanted is CONTACT and any(map(SALE.match, there)):
        taken |= {column for column in columns if any(SELLER.fullmatch(name) for name in header_names(column))}
    if wanted is ACCOUNT and (any(map(CLERKS.fullmatch, there)) or not HOUSES.isdisjoint(there)):
        taken |= {column for column in columns if any(HANDLED.fullmatch(name) for name in header_names(column))}
    found: dict[str, tuple[str, ...]] = {}
    if wanted is CONTACT and (halves := _halves(there, known["name"])):
        found[FULL_NAME] = halves
        known["name"] = ()
        like = like | {"name": ""}
    for role, present in known.items():
        free = [name for name in columns if name not in taken and not (role == "mobile" and name in shared)]
        if role == "address":
            named = address_columns(like[role], free, present)
        else:
            named = _made_like(role, like.get(role, ""), free, present)
        if named:
            found[role] = named
    free = [name for name in columns if name not in taken]
    found = (
        _more_of_people(with_remarks(found, columns), there, columns)
        if wanted is CONTACT
        else _with_licence(found, like["name"], free)
    )
    return Headed(_without_others(found, there, of_customers=wanted is ACCOUNT), shared)


def _more_of_people(
    found: Mapping[str, tuple[str, ...]], there: Mapping[str, str], columns: Sequence[str]
) -> dict[str, tuple[str, ...]]:
    """Return the roles of people with those that only tables of people have: their flats, pages and names in letters."""
    taken = {column for held in found.values() for column in held}
    nicknames = tuple(column for column in columns if column not in taken and is_nickname(column))
    more = {
        NICKNAME: nicknames if "name" in found else (),
        PROFILE: pages(columns),
        REMARK: tuple(column for column in notes(columns) if column not in taken),
    }
    if "address" not in found:
        more["address"] = flat_columns(there)
    if "name" in found:
        more[IN_LETTERS] = tuple(column for column in in_letters(columns) if column not in taken)
    return {**found, **{role: held for role, held in more.items() if held}}


def shipped_rules(object_name: str, headers: Headed) -> DedupeRules | None:
    """Return the shipped rules where these columns play these roles, or None where none is of names."""
    found = dict(headers.columns)
    if found.keys().isdisjoint(("name", FULL_NAME)):
        return None
    if "wechat" in found and "mobile" in found:  # a mobile is known to WeChat by its number
        found["mobile"] = tuple(dict.fromkeys((*found["mobile"], *found["wechat"])))
    if object_name in PEOPLE and found.keys().isdisjoint(("company", "parent")):
        found = _at_home(found, headers.shared)
    if "parent" in found:
        found["parent"] = found["parent"][:1]
        found.pop("company", None)
    rules = {role: ColumnRule(columns) for role, columns in found.items()}
    return DedupeRules(1, object_name, rules, never=never_rules(object_name, rules))


def say_mobile(columns: Sequence[str]) -> tuple[int, ...]:
    """Return the places of the columns whose headers say that their numbers are mobiles, as it is written where numbers of the mainland are the exception."""
    return tuple(
        place
        for place, column in enumerate(columns)
        if any(MOBILE_ABROAD.fullmatch(name) for name in (plain(column), *header_names(column)))
    )


def _at_home(found: Mapping[str, tuple[str, ...]], shared: AbstractSet[str]) -> dict[str, tuple[str, ...]]:
    """Return the roles of an address book that tells of no company: a number that is no mobile is that of somebody's home there, but for such as are a company's by their headers.

    So is one of North America, where mobiles look like all other numbers.
    """
    found = dict(found)
    numbers = {column: role for role in ("mobile", "landline") if role in found for column in found[role]}
    handles = found.get("wechat", ())
    if home := tuple(
        column for column in numbers if column not in shared and column not in handles and not say_mobile([column])
    ):
        found["home_phone"] = home
    if office := tuple(column for column, role in numbers.items() if role == "landline" and column in shared):
        return found | {"landline": office}
    found.pop("landline", None)
    return found


def _halves(there: Mapping[str, str], whole: Sequence[str]) -> tuple[str, ...]:
    """Return the column of surnames and that of given names, which may be one (姓/名); none where one is missing or a column has whole names."""
    surnames, given = (
        [there[plain(name)] for name in names if plain(name) in there] for names in (SURNAMES, GIVEN_NAMES)
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


def _shared_lines(columns: Iterable[str], people: Iterable[str], *, at_work: bool) -> set[str]:
    """Return the columns whose headers say that a number there is not one person's; where people are called 客户姓名, 客户手机 is theirs, and where no company is told, 注册手机."""
    theirs = (*owners(people), *(() if at_work else SIGNED_UP))
    return {
        column
        for column in columns
        if any(SHARED_LINE.search(name) and not name.startswith(theirs) for name in header_names(column))
    }


def _made_like(role: str, pattern: str, columns: Sequence[str], present: tuple[str, ...]) -> tuple[str, ...]:
    """Return the columns of a role that are known, and those whose headers are made like such, where there is none or they count beside it."""
    if present and role == "name" and all(any(map(SHORT.search, header_names(name))) for name in present):
        return (*alike(FULL_BESIDE_SHORT, columns)[:1], *present)
    others = alike(ALSO.get(role, "") if present else pattern, columns) if pattern else []
    return (*present, *(others if role in MANY else others[:1]))


def _with_licence(
    found: dict[str, tuple[str, ...]], pattern: str, columns: Sequence[str]
) -> dict[str, tuple[str, ...]]:
    """Return the roles with what stands on the licence behind the other names; what stands over the door comes first."""
    licensed, names = alike(LICENSED, columns), found.get("name", ())
    if not licensed or not names:
        return found
    doors = [column for column in alike(pattern, columns) if column not in licensed] if names[0] in licensed else []
    return found | {"name": tuple(dict.fromkeys((*doors[:1], *names, *licensed[:1])))}


def _without_others(
    found: dict[str, tuple[str, ...]], there: Iterable[str], *, of_customers: bool
) -> dict[str, tuple[str, ...]]:
    """Return the roles without those whose columns tell of something else: a state of an order, the identity number of who signs for a company; projects that stand behind no names."""
    if "address" in found and is_condition(found["address"], there):
        del found["address"]
    if of_customers and not found.keys().isdisjoint(("credit_code", "contact")):
        found.pop("id_number", None)
    if "name" not in found:  # 项目名称 may be what names them
        found.pop(SOLD, None)
    if told := tuple(column for column in found.pop(INVOICE, ()) if column not in found.get("name", ())):
        found[INVOICE] = told
    return found


def _usable(text: str, roles: Iterable[str]) -> str:
    """Return a never rule without the roles that are not there, or nothing where its subject is not."""
    rule = parse_never(text)
    if rule is None or rule.subject not in {*roles, *ASPECTS}:
        return ""
    without = [role for role in rule.without if role in set(roles)]
    return text.partition(" without")[0] + (f" without shared {', '.join(without)}" if without else "")
