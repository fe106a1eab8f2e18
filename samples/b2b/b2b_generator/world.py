"""What is true: companies, people and staff, each computed from its number alone."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from b2b_generator import words
from b2b_generator.codes import credit_code, mobile
from b2b_generator.draws import Draws, Shuffle
from b2b_generator.places import BUILDINGS, CITIES, STREETS, City

PEOPLE_PER_COMPANY = (
    20  # 0-5 in its first CRM row, 6-11 and 12-17 in its duplicates, 18 in a sales sheet, 19 in an address book
)
_MOBILES = (
    3_799_999_979  # a prime below the 3.8 billion numbers there are, so that no digit repeats from company to company
)
NULL_LIKE_NAMES = ("NA", "None")


@dataclass(frozen=True, slots=True)
class Size:
    """How many rows of each source there are at a scale."""

    customers: int
    contacts: int
    opportunities: int
    activities: int
    erp: int
    orders: int
    sales: int
    cards: int
    tickets: int
    staff: int
    registry: int

    @classmethod
    def at(cls, scale: float) -> Size:
        """Scale the full set (1.0); no table gets smaller than the traps in it need."""

        def rows(full: int, least: int = 20) -> int:
            return max(round(full * scale), least)

        return cls(
            customers=rows(3200, 100),
            contacts=rows(6400, 200),
            opportunities=rows(1800),
            activities=rows(12000),
            erp=rows(2100, 60),
            orders=rows(9000),
            sales=rows(1900, 40),
            cards=rows(420),
            tickets=rows(2500, 100),
            staff=min(max(rows(65), 13), 65),
            registry=rows(1500),
        )


@dataclass(frozen=True)
class Ranges:
    """Which numbers stand for which companies.

    Ordinary ones come first: only they have duplicates and appear in several sources. Then, in the CRM once each: bases of traps, the traps
    that look like them, companies called NA or None, companies whose name is missing. Then those only the ERP knows (the last of them traps), only the
    sales departments, only an address book.
    """

    ordinary: int
    traps: int
    null_like: int
    nameless: int
    erp_only: int
    erp_traps: int
    sales_only: int
    cards_only: int

    @property
    def crm(self) -> int:
        """How many companies the CRM knows."""
        return self.ordinary + 2 * self.traps + self.null_like + self.nameless

    @property
    def erp_start(self) -> int:
        """Give the number of the first company only the ERP knows."""
        return self.crm

    @property
    def sales_start(self) -> int:
        """Give the number of the first company only the sales departments know."""
        return self.crm + self.erp_only

    @property
    def cards_start(self) -> int:
        """Give the number of the first company only an address book knows."""
        return self.sales_start + self.sales_only

    @property
    def total(self) -> int:
        """How many companies there are."""
        return self.cards_start + self.cards_only


@dataclass(frozen=True, slots=True)
class Company:
    """A company as registered.

    Args:
        parts: region, core, trade word and legal form of the name.
        line: telephone as written in a register, `0571-88886666`.
        trap: `branch`, `sister` or `other_city` where it looks like company `base`, else empty.
    """

    number: int
    name: str
    short: str
    former: str
    parts: tuple[str, str, str, str]
    credit_code: str
    trade: words.Trade
    size: str
    city: City
    district: str
    address: str
    line: str
    domain: str
    founded: int
    trap: str = ""
    base: int = -1

    @property
    def line_e164(self) -> str:
        """The telephone in E.164."""
        return "+86" + self.line.lstrip("0").replace("-", "")


@dataclass(frozen=True, slots=True)
class Person:
    """A contact person."""

    number: int
    surname: str
    given: str
    title: str
    mobile: str
    home: str
    email: str
    wechat: str

    @property
    def name(self) -> str:
        """The full name."""
        return self.surname + self.given


@dataclass(frozen=True, slots=True)
class Employee:
    """One line of the staff list."""

    number: int
    name: str
    department: str
    mobile: str
    email: str
    left: str
    successor: str


class World:
    """All that is true at a seed and size.

    Args:
        draws: the seed.
        size: rows per source.
        ranges: which company numbers exist.
    """

    def __init__(self, draws: Draws, size: Size, ranges: Ranges) -> None:
        self.draws = draws
        self.size = size
        self.ranges = ranges
        self._cores = Shuffle(draws, len(words.CORE) ** 2, "core")
        self._lines = {digits: Shuffle(draws, 7 * 10 ** (digits - 1), "line", digits) for digits in (7, 8)}
        self._credit = Shuffle(draws, 10**8, "credit")
        self._mobiles = Shuffle(draws, _MOBILES, "mobile")
        self.company = lru_cache(maxsize=8192)(self._company)
        self.person = lru_cache(maxsize=8192)(self._person)
        self.staff = self._staff()
        active = {person.name for person in self.staff if not person.left}
        self.without_successor = {
            person.name for person in self.staff if person.left and person.successor not in active
        } - active

    def _core(self, number: int) -> tuple[str, str]:
        """Give the core of a name and its pinyin: two characters, all different up to 13,456 companies, then three and four."""
        count = len(words.CORE)
        rounds, index = divmod(number, count**2)
        first, second = divmod(self._cores[index], count)
        chars = [words.CORE[first], words.CORE[second]]
        while rounds:
            rounds, extra = divmod(rounds - 1, count)
            chars.append(words.CORE[extra])
        return "".join(c for c, _ in chars), "".join(p for _, p in chars)

    def _trap(self, number: int) -> tuple[str, int]:
        """Tell whether a company looks like another: how, and like which."""
        r = self.ranges
        kinds = ("branch", "sister", "other_city", "sister_place")
        if r.ordinary + r.traps <= number < r.ordinary + 2 * r.traps:
            index = number - r.ordinary - r.traps
            return kinds[index % 4], r.ordinary + index
        first = r.sales_start - r.erp_traps
        if first <= number < r.sales_start and r.traps:
            index = number - first
            return kinds[(index + 1) % 3], r.ordinary + index % r.traps
        return "", -1

    def _company(self, number: int) -> Company:
        rng = self.draws.stream("company", number)
        trap, base_number = self._trap(number)
        base = self.company(base_number) if trap else None
        city = rng.choice(CITIES)
        trade = rng.choice(words.TRADES)
        core, pinyin = self._core(number)
        legal = rng.choice(words.LEGAL_FORMS)
        if base:
            core, pinyin = self._core(base_number)
            city = (
                base.city
                if trap in {"sister", "sister_place"}
                else rng.choice([c for c in CITIES if c.name != base.city.name])
            )
            trade = (
                base.trade
                if trap in {"branch", "other_city"}
                else rng.choice([t for t in words.TRADES if t.section != base.trade.section])
            )
            legal = base.parts[3] if trap != "sister_place" else legal
        district_code, district = rng.choice(city.districts)
        founded = rng.randint(1996, 2022)
        line = f"{city.area_code}-{self._local_line(city, number)}"
        address = f"{rng.choice(STREETS)}{rng.randint(1, 1999)}号{rng.choice(BUILDINGS)}"
        if address[-1] != "号":
            address += f"{rng.randint(2, 28)}{rng.choice(('层', '楼'))}{rng.randint(201, 2899)}室"
        domain = f"{city.initials}{pinyin}{trade.letters}{rng.choice(('.com', '.com', '.cn', '.com.cn'))}"
        if base and trap != "other_city":
            domain = base.domain
        if base and trap == "sister_place":
            district, address, line = base.district, base.address, base.line
        region = city.short if rng.random() < 0.75 else city.name
        parts = (region, core, trade.word, legal)
        name = _full_name(parts, in_brackets=rng.random() < 0.1)
        if base and trap == "branch":
            name = f"{base.name}{city.short}分公司"
        former = self._former(parts, number) if not trap else ""
        r = self.ranges
        null_like = number - r.ordinary - 2 * r.traps
        if 0 <= null_like < r.null_like:
            name, former = NULL_LIKE_NAMES[null_like % len(NULL_LIKE_NAMES)], ""
        return Company(
            number=number,
            name=name,
            short=core + trade.short,
            former=former,
            parts=parts,
            credit_code=credit_code(district_code, self._credit[number], founded),
            trade=trade,
            size=rng.choice(tuple(words.SIZES)),
            city=city,
            district=district,
            address=address,
            line=line,
            domain=domain,
            founded=founded,
            trap=trap,
            base=base_number,
        )

    def _local_line(self, city: City, number: int) -> str:
        return str(2 * 10 ** (city.digits - 1) + self._lines[city.digits][number % self._lines[city.digits].size])

    def _former(self, parts: tuple[str, str, str, str], number: int) -> str:
        """Give 15 % of the companies a former name: another region's, trade's or legal form's."""
        if not self.draws.chance(0.15, "former", number):
            return ""
        region, core, trade, legal = parts
        other = self.draws.pick([t.word for t in words.TRADES if t.word != trade], "former trade", number)
        kind = self.draws.whole("former kind", number) % 3
        if kind == 0:
            return _full_name((region, core, other, legal))
        if kind == 1:
            return f"{region}{core}{trade}厂"
        return _full_name((region, core, trade, "有限责任公司" if legal != "有限责任公司" else "有限公司"))

    def _person(self, number: int) -> Person:
        rng = self.draws.stream("person", number)
        surname, surname_letters = rng.choice(words.SURNAMES)
        given = [rng.choice(words.GIVEN) for _ in range(2 if rng.random() < 0.8 else 1)]
        if len(given) == 2 and given[0] == given[1]:
            given = given[:1]
        company = (
            self.company(number // PEOPLE_PER_COMPANY) if number < self.ranges.total * PEOPLE_PER_COMPANY else None
        )
        letters = surname_letters + "".join(p for _, p in given)
        digits = mobile(self._mobiles[number % self._mobiles.size])
        host = (
            company.domain
            if company and rng.random() < 0.6
            else rng.choice(("qq.com", "163.com", "126.com", "gmail.com", "sina.com"))
        )
        local = letters if company and host == company.domain else f"{letters}{digits[-4:]}"
        return Person(
            number=number,
            surname=surname,
            given="".join(c for c, _ in given),
            title=rng.choice(words.TITLES),
            mobile=digits,
            home=f"{company.city.area_code}-{8 * 10 ** (company.city.digits - 1) + int(digits[-6:])}"
            if company
            else "",
            email=f"{local}@{host}",
            wechat=rng.choice((digits, f"wx_{letters}{digits[-3:]}", "")),
        )

    def _staff(self) -> tuple[Employee, ...]:
        count = self.size.staff
        gone = round(count * 14 / 65)
        order = Shuffle(self.draws, count, "leavers")
        leavers = {order[i] for i in range(count) if order[i] >= 3}  # the owners of the address books stay
        leavers = set(sorted(leavers, key=order.where)[:gone])
        active = [i for i in range(count) if i not in leavers]
        without = set(sorted(leavers)[: max(1, gone // 5)])
        people = []
        for i in range(count):
            rng = self.draws.stream("employee", i)
            left, successor = "", ""
            if i in leavers:
                left = f"{rng.randint(2019, 2026)}-{rng.randint(1, 9):02d}-{rng.randint(1, 28):02d}"
                successor = "" if i in without else words.STAFF_NAMES[rng.choice(active)]
            number = self.ranges.total * PEOPLE_PER_COMPANY + self.size.contacts + i
            people.append(
                Employee(
                    number=i,
                    name=words.STAFF_NAMES[i],
                    department=words.STAFF_DEPARTMENTS[i % len(words.STAFF_DEPARTMENTS)],
                    mobile=mobile(self._mobiles[number]),
                    email=f"user{i + 1:02d}@example.com",
                    left=left,
                    successor=successor,
                )
            )
        return tuple(people)


def _full_name(parts: tuple[str, str, str, str], *, in_brackets: bool = False) -> str:
    region, core, trade, legal = parts
    return f"{core}{trade}（{region}）{legal}" if in_brackets else f"{region}{core}{trade}{legal}"
