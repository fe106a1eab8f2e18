"""Which row of which source stands for whom, and which customers are active: computed per row, nothing stored."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from b2b_generator.draws import Draws, Shuffle, Spread
from b2b_generator.world import PEOPLE_PER_COMPANY, Company, Person, Ranges, Size, World

CUTOFF = date(2023, 10, 31)
TODAY = date(2026, 10, 31)
DUPLICATES = 0.14
TRAPS = 0.02


@dataclass(frozen=True, slots=True)
class CustomerRow:
    """What is known of a row of 客户 before it is written.

    Args:
        row: its place, from 0.
        duplicate: 0 for a company's first row, 1 and 2 for its duplicates.
        last: the last day anything happened.
        witness: which column or child table shows that day: `own`, `activity`, `opportunity`, `ticket`.
    """

    row: int
    key: str
    company: Company
    duplicate: int
    active: bool
    nameless: bool
    created: date
    last: date
    witness: str


@dataclass(frozen=True, slots=True)
class ContactRow:
    """What is known of a row of 联系人 before it is written."""

    number: int
    key: str
    person: Person
    twin: bool
    orphan: bool
    blank: bool
    shared_mobile: str


def key(letter: str, number: int, rows: int) -> str:
    """Write a source key, `C00012`: five digits, more where there are more rows."""
    return f"{letter}{number + 1:0{max(5, len(str(rows)))}d}"


def ranges_of(size: Size) -> Ranges:
    """Deal the company numbers."""
    known = size.customers - round(size.customers * DUPLICATES)
    traps = max(round(size.customers * TRAPS), 4)
    nameless = max(size.customers // 1000, 1)
    erp = size.erp - round(size.erp * DUPLICATES)
    sales = size.sales - round(size.sales * DUPLICATES)
    return Ranges(
        ordinary=known - 2 * traps - 2 - nameless,
        traps=traps,
        null_like=2,
        nameless=nameless,
        erp_only=erp - round(erp * 0.6),
        erp_traps=max(round(size.erp * TRAPS), 3),
        sales_only=sales - round(sales * 0.45),
        cards_only=max(round(size.cards * 0.08), 1),
    )


class Plan:
    """Answers, for each row of each source, what it stands for.

    Args:
        seed: of everything.
        scale: 1.0 is the full set.
    """

    def __init__(self, seed: int, scale: float) -> None:
        self.draws = draws = Draws(seed)
        self.size = size = Size.at(scale)
        self.ranges = r = ranges_of(size)
        self.world = World(draws, size, r)
        self.crm_order = Shuffle(draws, size.customers, "crm order")
        self.crm_twins = Shuffle(draws, r.ordinary, "crm twins")
        self.has_contact = bytearray(r.total)  # by company; marked as the sources are written
        self.contacts = Spread(size.customers, size.contacts, (1, 2, 4, 1, 3, 2, 1, 2, 3, 1))
        self.opportunities = Spread(size.customers, size.opportunities, (0, 1, 0, 2, 0, 0, 1, 0, 3, 0))
        self.activities = Spread(size.customers, size.activities, (2, 0, 6, 3, 9, 1, 4, 0, 7, 5))
        self.tickets = Spread(size.customers, size.tickets, (0, 1, 0, 0, 2, 1, 0, 3, 0, 1))
        self.orders = Spread(size.erp, size.orders, (3, 0, 6, 9, 2, 5, 8, 4, 3, 3))

    def customer(self, row: int) -> CustomerRow:
        """Describe a row of 客户."""
        r, draws = self.ranges, self.draws
        slot = self.crm_order[row]
        number, duplicate = slot, 0
        if slot >= r.crm:
            extra = slot - r.crm
            duplicate = 2 if extra % 10 == 9 else 1
            number = self.crm_twins[extra - (duplicate - 1)]
        nameless = r.crm - r.nameless <= slot < r.crm
        active = nameless or not self.dormant(number)
        if duplicate and active and draws.chance(0.15, "twin sleeps", row):
            active = False
        rng = draws.stream("customer dates", row)
        edge = rng.random() < 0.02
        if active:
            last = (
                CUTOFF if edge else TODAY - timedelta(days=1 + int(rng.random() ** 1.5 * ((TODAY - CUTOFF).days - 1)))
            )
        else:
            last = CUTOFF - timedelta(days=1) if edge else CUTOFF - timedelta(days=1 + int(rng.random() * 2300))
        created = max(date(2010, 1, 4), last - timedelta(days=rng.randint(30, 2600)))
        witnesses = ["own"] * 8
        for name, spread in (
            ("activity", self.activities),
            ("opportunity", self.opportunities),
            ("ticket", self.tickets),
        ):
            if len(spread.of(row)):
                witnesses.append(name)
        return CustomerRow(
            row=row,
            key=key("C", row, self.size.customers),
            company=self.world.company(number),
            duplicate=duplicate,
            active=active,
            nameless=nameless,
            created=created,
            last=last,
            witness=rng.choice(witnesses),
        )

    def dormant(self, number: int) -> bool:
        """Whether nothing has happened with a company for three years."""
        return self.draws.chance(0.352, "dormant", number)

    def first_row(self, number: int) -> int:
        """Give the row of 客户 where a company of the CRM stands first."""
        return self.crm_order.where(number)

    def child_day(self, customer: CustomerRow, table: str, place: int, number: int) -> date:
        """Give the day of a customer's child: the first of its witness table is the last day itself, the others lie before."""
        if place == 0 and customer.witness == table:
            return customer.last
        latest = customer.last
        if customer.witness not in {"own", table} and customer.active:
            # What another table alone shows must not be shown here.
            latest = min(customer.last, CUTOFF - timedelta(days=1))
        earliest = min(customer.created, latest)
        return earliest + timedelta(days=int((latest - earliest).days * self.draws.unit(table, "day", number) ** 0.6))

    def customer_contacts(self, customer: CustomerRow) -> list[ContactRow]:
        """Describe a customer's rows of 联系人."""
        draws, rows = self.draws, []
        first = customer.company.number * PEOPLE_PER_COMPANY
        own = first + 6 * customer.duplicate
        theirs = len(self.contacts.of(self.first_row(customer.company.number))) if customer.duplicate else 0
        previous: ContactRow | None = None
        for place, number in enumerate(self.contacts.of(customer.row)):
            person = self.world.person(own + place)
            if customer.duplicate and place < theirs and draws.chance(0.5, "same contact", number):
                person = self.world.person(first + place)
            orphan, blank = self.orphan(number), self.blank(number)
            twin, shared = False, ""
            if previous and not (
                orphan or blank or previous.orphan or previous.blank or previous.twin or customer.duplicate
            ):
                roll = draws.unit("contact twin", number)
                if roll < 0.06:
                    twin, person = True, previous.person
                elif roll < 0.08 and person.surname != previous.person.surname and not previous.shared_mobile:
                    shared = previous.person.mobile
            if orphan or blank:
                person = self.world.person(self.ranges.total * PEOPLE_PER_COMPANY + number)
            previous = ContactRow(number, key("L", number, self.size.contacts), person, twin, orphan, blank, shared)
            rows.append(previous)
        return rows

    def orphan(self, number: int) -> bool:
        """Whether a contact's 客户编号 exists nowhere."""
        return number == 7 or self.draws.chance(0.03, "orphan", number)

    def blank(self, number: int) -> bool:
        """Whether a contact has no name."""
        return number != 7 and (number in {11, 23, 37, 53} or self.draws.chance(0.002, "blank", number))
