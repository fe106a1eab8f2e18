"""The old CRM: customers, contacts, opportunities and activities in one workbook."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path

from b2b_generator import dirt, words
from b2b_generator.dirt import Cell
from b2b_generator.plan import CUTOFF, ContactRow, CustomerRow, Plan, key
from b2b_generator.world import Company
from b2b_generator.writers import Truth, Workbook

FILE = "旧CRM导出.xlsx"
CUSTOMERS = [
    "客户编号",
    "客户名称",
    "曾用名",
    "统一社会信用代码",
    "行业",
    "规模",
    "客户级别",
    "省份",
    "城市",
    "详细地址",
    "电话",
    "邮箱",
    "网址",
    "负责人",
    "创建日期",
    "最后跟进日期",
    "状态",
    "备注",
]
CONTACTS = ["联系人编号", "客户编号", "姓名", "职务", "手机", "电话", "邮箱", "微信", "是否主要联系人", "备注"]
OPPORTUNITIES = ["商机编号", "客户编号", "商机名称", "阶段", "预计金额", "预计成交日期", "负责人", "创建日期"]
ACTIVITIES = ["记录编号", "客户编号", "联系人编号", "跟进方式", "跟进时间", "跟进内容", "跟进人"]

Tick = Callable[[int], None]


class CrmWriter:
    """Writes the workbook and what is true of its rows."""

    def __init__(self, plan: Plan, truth: Truth, tick: Tick) -> None:
        self.plan = plan
        self.truth = truth
        self.tick = tick

    def write(self, path: Path) -> None:
        """Write the four tables one after the other."""
        with Workbook(path) as book:
            for name, header, fill in (
                ("客户", CUSTOMERS, self._customer),
                ("联系人", CONTACTS, self._contacts),
                ("商机", OPPORTUNITIES, self._opportunities),
                ("跟进记录", ACTIVITIES, self._activities),
            ):
                book.table(name, header)
                for row in range(self.plan.size.customers):
                    fill(book, self.plan.customer(row))
                    if row % 1000 == 999:
                        self.tick(1000)

    def _put(self, book: Workbook, table: str, header: list[str], cells: Mapping[str, Cell]) -> str:
        """Write a row and note its dirt; give its origin."""
        origin = f"{FILE}#{book.write(cells[column].value for column in header)}"
        self.truth.cells(table, origin, cells.items())
        return origin

    def origin_of(self, row: int, table: str = "客户") -> str:
        """Give the origin of a row of a table."""
        part, place = divmod(row, 1_048_575)
        return f"{FILE}#{table}{f'_{part + 1}' if part else ''}!{place + 2}"

    def _customer(self, book: Workbook, customer: CustomerRow) -> None:
        plan = self.plan
        rng = plan.draws.stream("customer", customer.row)
        cells = customer_cells(plan, customer, rng)
        origin = self._put(book, "account", CUSTOMERS, cells)
        fault = "blank_name" if customer.nameless else ""
        self.truth.row("account", origin, ("A", customer.company.number), in_scope=customer.active, fault=fault)
        if customer.active:
            note_owner(plan, self.truth, origin, cells["负责人"])
        if customer.company.trap:
            base = self.origin_of(plan.first_row(customer.company.base))
            self.truth.never("account", base, origin, customer.company.trap)

    def _contacts(self, book: Workbook, customer: CustomerRow) -> None:
        plan = self.plan
        before: tuple[ContactRow, str] | None = None
        switchboard = plan.draws.chance(0.05, "switchboard pair", customer.row) and not customer.duplicate
        for contact in plan.customer_contacts(customer):
            rng = plan.draws.stream("contact", contact.number)
            cells = self._contact_cells(customer, contact, rng)
            origin = self._put(book, "contact", CONTACTS, cells)
            fault = (
                "orphan"
                if contact.orphan
                else "blank_name"
                if contact.blank
                else "parent_rejected"
                if customer.nameless
                else ""
            )
            in_scope = customer.active or contact.orphan
            if customer.active and not contact.orphan:
                plan.has_contact[customer.company.number] = True
            self.truth.row("contact", origin, ("P", contact.person.number), in_scope=in_scope, fault=fault)
            sound = not (contact.orphan or contact.blank or customer.nameless)
            if before and sound and contact.shared_mobile:
                self.truth.never("contact", before[1], origin, "shared_mobile")
            elif before and sound and switchboard and contact.person.number != before[0].person.number:
                self.truth.never("contact", before[1], origin, "shared_switchboard")
            before = (contact, origin) if sound else None

    def _contact_cells(self, customer: CustomerRow, contact: ContactRow, rng: random.Random) -> dict[str, Cell]:
        plan, person, company = self.plan, contact.person, customer.company
        name, title = Cell(person.name), Cell(person.title)
        repeated = contact.twin or customer.duplicate
        if repeated and rng.random() < 0.3:
            name = Cell(dirt.honorific(rng, person.surname, person.title), person.surname, "name_honorific")
        elif rng.random() < 0.05:
            name = Cell(
                f"{person.name}{rng.choice(('先生', '女士', '（' + person.title + '）'))}",
                person.name,
                "name_with_title",
            )
        elif rng.random() < 0.04:
            blank = rng.choice(("\u3000", " ", "\u00a0"))
            name = Cell(f"{person.surname}{blank}{person.given}", person.name, "name_blanks")
        other = plan.world.person(person.number // 20 * 20 + 17).mobile
        # A second row of somebody is told by the telephone or by the name: one of the two stays readable.
        if contact.shared_mobile:
            mobile = Cell(contact.shared_mobile)
        elif name.kind == "name_honorific":
            mobile = dirt.mobile(rng, person.mobile, other, {"plain": 60, "form": 40})
        else:
            mobile = dirt.mobile(rng, person.mobile, other)
        if mobile.value == person.mobile and rng.random() < 0.1:
            mobile = Cell(int(person.mobile))  # a number cell
        mail = dirt.email(rng, person.email) if rng.random() < 0.6 else dirt.nothing(rng)
        if not mobile.value and not mail.clean and (mail.kind or not mail.value):
            mobile = Cell(person.mobile)
        line = Cell("")
        if not (contact.orphan or contact.blank) and rng.random() < 0.45:
            line = dirt.line(rng, company, rng.randint(100, 899) if rng.random() < 0.3 else 0)
        return {
            "联系人编号": Cell(contact.key),
            "客户编号": Cell(
                key("C", plan.size.customers + contact.number, plan.size.customers) if contact.orphan else customer.key
            ),
            "姓名": Cell("") if contact.blank else name,
            "职务": title if rng.random() < 0.9 else Cell(""),
            "手机": mobile,
            "电话": line,
            "邮箱": mail,
            "微信": Cell(person.wechat),
            "是否主要联系人": dirt.choice(
                rng, words.YES_NO, "是" if contact.number == plan.contacts.start(customer.row) else "否"
            ),
            "备注": Cell(rng.choice(words.NOTES)),
        }

    def _opportunities(self, book: Workbook, customer: CustomerRow) -> None:
        plan = self.plan
        for place, number in enumerate(plan.opportunities.of(customer.row)):
            rng = plan.draws.stream("opportunity", number)
            created = plan.child_day(customer, "opportunity", place, number)
            yuan = rng.choice((rng.randint(2, 400) * 5000, rng.randint(800, 900000)))
            backwards = plan.draws.chance(0.03, "expected before created", number)
            sign = -1 if backwards else 1
            cells = {
                "商机编号": Cell(key("O", number, plan.size.opportunities)),
                "客户编号": Cell(customer.key),
                "商机名称": Cell(f"{customer.company.short}{rng.choice(words.PRODUCTS)}"),
                "阶段": dirt.choice(rng, words.STAGES, rng.choice(tuple(words.STAGES))),
                "预计金额": dirt.amount(rng, yuan, native=True),
                "预计成交日期": dirt.day(
                    rng, created + sign * timedelta(days=rng.randint(20, 300)), native=True, may_fail=True
                ),
                "负责人": owner(plan, rng),
                "创建日期": dirt.day(rng, created, native=True),
            }
            origin = self._put(book, "opportunity", OPPORTUNITIES, cells)
            self._child("opportunity", origin, ("O", number), customer)
            if backwards and customer.active and cells["预计成交日期"].kind != "date_impossible":
                self.truth.found("opportunity.expected-before-created", origin, "预计成交日期")

    def note_unreachable(self) -> None:
        """Note the opportunities of companies of which no source has a contact; all sources are written by then."""
        plan = self.plan
        for row, numbers in plan.opportunities.each():
            customer = plan.customer(row) if numbers else None
            if customer and customer.active and not plan.has_contact[customer.company.number]:
                for number in numbers:
                    self.truth.found("opportunity.without-contact", self.origin_of(number, "商机"))

    def _activities(self, book: Workbook, customer: CustomerRow) -> None:
        plan = self.plan
        sound = [c for c in plan.customer_contacts(customer) if not (c.orphan or c.blank)]
        for place, number in enumerate(plan.activities.of(customer.row)):
            rng = plan.draws.stream("activity", number)
            day = plan.child_day(customer, "activity", place, number)
            time = datetime(day.year, day.month, day.day, rng.randint(8, 18), rng.randint(0, 59))  # noqa: DTZ001 - local time without a zone, as exported
            cells = {
                "记录编号": Cell(key("F", number, plan.size.activities)),
                "客户编号": Cell(customer.key),
                "联系人编号": Cell(rng.choice(sound).key if sound and rng.random() < 0.85 else ""),
                "跟进方式": dirt.choice(rng, words.FOLLOW_UPS, rng.choice(tuple(words.FOLLOW_UPS))),
                "跟进时间": dirt.moment(rng, time, native=True),
                "跟进内容": Cell(rng.choice(words.TALKS)),
                "跟进人": owner(plan, rng),
            }
            origin = self._put(book, "activity", ACTIVITIES, cells)
            self._child("activity", origin, ("F", number), customer)

    def _child(self, table: str, origin: str, entity: tuple[str, int], customer: CustomerRow) -> None:
        fault = "parent_rejected" if customer.nameless else ""
        self.truth.row(table, origin, entity, in_scope=customer.active, fault=fault)


def note_owner(plan: Plan, truth: Truth, origin: str, cell: Cell) -> None:
    """Note a customer whose owner left, and nobody who is there took over from."""
    if (cell.clean or cell.value) in plan.world.without_successor:
        truth.found("account.owner-not-active", origin, "负责人")


def owner(plan: Plan, rng: random.Random) -> Cell:
    """Name a member of the staff, gone or not; a few names are written with a blank."""
    name = rng.choice(plan.world.staff).name
    if rng.random() < 0.02:
        end = 2 if name[:2] in {"欧阳", "上官", "诸葛"} else 1
        return Cell(f"{name[:end]} {name[end:]}", name, "owner_blanks")
    return Cell(name)


def customer_cells(plan: Plan, customer: CustomerRow, rng: random.Random) -> dict[str, Cell]:
    """Write a row of 客户. A duplicate always keeps something that proves whose it is: credit code, telephone or e-mail."""
    company, first = customer.company, not customer.duplicate
    r = plan.ranges
    special = company.number >= r.ordinary
    name = _customer_name(plan, customer, rng)
    code, phone, mail = Cell(""), Cell(""), Cell("")
    address = f"info@{company.domain}"
    if special or rng.random() < (0.75 if first else 0.45):
        code = Cell(company.credit_code) if special else dirt.credit_code(rng, company.credit_code)
    if rng.random() < (0.85 if first else 0.6):
        phone = dirt.line(rng, company)
    if rng.random() < (0.6 if first else 0.4):
        mail = dirt.email(rng, address)
    if customer.nameless:
        code, phone = Cell(""), Cell(company.line)
    if not first and not (code.value and code.clean == "" and not code.kind) and not phone.value and not mail.value:
        phone = Cell(company.line)
    last = _own_last_day(customer, rng)
    level = rng.choices(tuple(words.LEVELS), (1, 3, 4, 2))[0]
    city_full = rng.random() < 0.7
    return {
        "客户编号": Cell(customer.key),
        "客户名称": name,
        "曾用名": Cell(company.former if first and rng.random() < 0.5 else ""),
        "统一社会信用代码": code,
        "行业": dirt.choice(rng, words.INDUSTRIES, company.trade.section, 0.4) if rng.random() < 0.7 else Cell(""),
        "规模": dirt.choice(rng, words.SIZES, company.size) if rng.random() < 0.6 else Cell(""),
        "客户级别": dirt.choice(rng, words.LEVELS, level),
        "省份": _place(company.city.province, full=rng.random() < 0.7) if rng.random() < 0.85 else Cell(""),
        "城市": _place(company.city.name, full=city_full) if rng.random() < 0.9 else Cell(""),
        "详细地址": dirt.address(rng, company) if rng.random() < 0.85 else Cell(""),
        "电话": phone,
        "邮箱": mail if mail.value else dirt.nothing(rng),
        "网址": Cell(f"www.{company.domain}" if rng.random() < 0.3 else ""),
        "负责人": owner(plan, rng),
        "创建日期": dirt.day(rng, customer.created, native=True, may_fail=True),
        "最后跟进日期": last,
        "状态": dirt.choice(rng, words.STATUSES, rng.choice(tuple(words.STATUSES))),
        "备注": Cell(rng.choice(words.NOTES)),
    }


def _customer_name(plan: Plan, customer: CustomerRow, rng: random.Random) -> Cell:
    company: Company = customer.company
    if customer.nameless:
        return Cell("")
    if company.number >= plan.ranges.ordinary:
        return Cell(company.name)
    if customer.duplicate:
        return dirt.company_name(rng, company)
    if rng.random() < 0.12:
        return dirt.company_name(rng, company, rng.choice(("brackets", "invisible", "traditional")))
    return Cell(company.name)


def _own_last_day(customer: CustomerRow, rng: random.Random) -> Cell:
    """Write 最后跟进日期: the last day, or nothing or something older where only a child shows it."""
    if customer.witness == "own":
        return dirt.day(rng, customer.last, native=True)
    if rng.random() < 0.5:
        return Cell("")
    latest = min(customer.last, CUTOFF - timedelta(days=1))
    return dirt.day(rng, dirt.later(min(customer.created, latest), latest, rng.random()), native=True)


def _place(name: str, *, full: bool) -> Cell:
    """Write a province or city in full or as people call it."""
    if full:
        return Cell(name)
    short = name
    for ending in ("壮族自治区", "回族自治区", "维吾尔自治区", "自治区", "省", "市"):
        if short.endswith(ending):
            short = short.removesuffix(ending)
            break
    return Cell(short, name, "place_short")
