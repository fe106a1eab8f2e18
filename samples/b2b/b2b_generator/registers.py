"""The ticket database, the staff list and the registry extract."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from b2b_generator import dirt, words
from b2b_generator.crm import owner
from b2b_generator.dirt import Cell, Value
from b2b_generator.draws import Shuffle
from b2b_generator.plan import Plan, key
from b2b_generator.writers import CsvTable, Truth, settle_workbook, write_database

TICKETS_FILE = "工单.db"
STAFF_FILE = "员工名单.xlsx"
REGISTRY_FILE = "工商登记.csv"
TICKETS = [
    "ticket_no",
    "customer_no",
    "contact_name",
    "phone",
    "subject",
    "category",
    "priority",
    "status",
    "opened_at",
    "closed_at",
    "handler",
]
STAFF = ["员工编号", "姓名", "部门", "手机", "邮箱", "状态", "离职日期", "交接人"]
REGISTRY = [
    "统一社会信用代码",
    "企业名称",
    "曾用名",
    "登记状态",
    "行业门类",
    "规模",
    "省",
    "市",
    "区县",
    "注册地址",
    "成立日期",
    "法定代表人",
]


def write_tickets(plan: Plan, truth: Truth, path: Path) -> None:
    """Write the tickets; 1 % name a customer who does not exist."""
    ddl = f"CREATE TABLE tickets (ticket_no TEXT PRIMARY KEY, {', '.join(f'{c} TEXT' for c in TICKETS[1:])})"
    write_database(path, ddl, f"INSERT INTO tickets VALUES ({', '.join('?' * len(TICKETS))})", _tickets(plan, truth))


def _tickets(plan: Plan, truth: Truth) -> Iterator[list[Value]]:
    for row, numbers in plan.tickets.each():
        if not numbers:
            continue
        customer = plan.customer(row)
        contacts = [c for c in plan.customer_contacts(customer) if not (c.orphan or c.blank)]
        for place, number in enumerate(numbers):
            rng = plan.draws.stream("ticket", number)
            # The ticket that shows a customer to be active must stay with the customer.
            unknown = (number == 5 or plan.draws.chance(0.01, "unknown customer", number)) and not (
                place == 0 and customer.witness == "ticket"
            )
            day = plan.child_day(customer, "ticket", place, number)
            opened = datetime(day.year, day.month, day.day, rng.randint(8, 18), rng.randint(0, 59))  # noqa: DTZ001 - local time without a zone, as stored
            status = rng.choice(tuple(words.TICKET_STATUSES))
            closed = opened + timedelta(hours=rng.randint(1, 240))
            if backwards := status == "已关闭" and plan.draws.chance(0.05, "closed before opened", number):
                closed = opened - (closed - opened)
            person = rng.choice(contacts).person if contacts else None
            customer_no = key("C", plan.size.customers + number, plan.size.customers) if unknown else customer.key
            cells = {
                "ticket_no": Cell(key("T-", number, plan.size.tickets)),
                "customer_no": Cell(customer_no),
                "contact_name": Cell(person.name if person else None),
                "phone": dirt.mobile(rng, person.mobile) if person else Cell(None),
                "subject": Cell(rng.choice(words.SUBJECTS)),
                "category": dirt.choice(rng, words.TICKET_CATEGORIES, rng.choice(tuple(words.TICKET_CATEGORIES))),
                "priority": dirt.choice(rng, words.PRIORITIES, rng.choice(tuple(words.PRIORITIES))),
                "status": dirt.choice(rng, words.TICKET_STATUSES, status),
                "opened_at": dirt.moment(rng, opened, native=False),
                "closed_at": dirt.moment(rng, closed, native=False) if status == "已关闭" else Cell(None),
                "handler": owner(plan, rng),
            }
            origin = f"{TICKETS_FILE}#tickets:{cells['ticket_no'].value}"
            truth.cells("ticket", origin, cells.items())
            fault = "orphan" if unknown else "parent_rejected" if customer.nameless else ""
            truth.row("ticket", origin, ("T", number), in_scope=customer.active or unknown, fault=fault)
            if backwards and (customer.active or unknown):
                truth.found("ticket.closed-before-opened", origin, "关闭时间")
            yield [cells[column].value for column in TICKETS]


def write_staff(plan: Plan, truth: Truth, path: Path) -> None:
    """Write the staff list."""
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheet = book.create_sheet("员工名单")
    sheet.append(STAFF)
    for place, person in enumerate(plan.world.staff):
        status = "离职" if person.left else "在职"
        sheet.append(
            [
                f"E{person.number + 1:03d}",
                person.name,
                person.department,
                person.mobile,
                person.email,
                status,
                person.left or None,
                person.successor or None,
            ]
        )
        truth.row("user", f"{STAFF_FILE}#员工名单!{place + 2}", ("U", person.number))
        truth.owner(person.name, status, person.successor)
    book.save(path)
    settle_workbook(path)


def write_registry(plan: Plan, path: Path) -> None:
    """Write the registry extract: ordinary companies of the CRM, as registered, then others where it asks for more."""
    order = Shuffle(plan.draws, plan.ranges.ordinary, "registry")
    with CsvTable(path, REGISTRY, "utf-8-sig") as table:
        for row in range(min(plan.size.registry, plan.ranges.ordinary)):
            company = plan.world.company(order[row])
            rng = plan.draws.stream("registry", row)
            city = company.city
            full = (
                (city.province if city.province != city.name else "") + city.name + company.district + company.address
            )
            legal_person = rng.choice(words.SURNAMES)[0] + rng.choice(words.GIVEN)[0] + rng.choice(words.GIVEN)[0]
            founded = f"{company.founded}-{rng.randint(1, 12):02d}-{rng.randint(1, 28):02d}"
            state = rng.choices(("存续", "在业", "注销", "吊销"), (80, 14, 4, 2))[0]
            head = [company.credit_code, company.name, company.former, state, company.trade.section, company.size]
            table.write([*head, city.province, city.name, company.district, full, founded, legal_person])
