"""The ERP: customers and orders as GB18030 text."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

from b2b_generator import dirt, words
from b2b_generator.crm import note_owner, owner
from b2b_generator.dirt import Cell
from b2b_generator.draws import Shuffle
from b2b_generator.plan import CUTOFF, DUPLICATES, TODAY, Plan, key
from b2b_generator.world import PEOPLE_PER_COMPANY, Company
from b2b_generator.writers import CsvTable, Truth

CUSTOMERS_FILE = "ERP客户档案.csv"
ORDERS_FILE = "ERP订单.csv"
CUSTOMERS = [
    "客户代码",
    "单位名称",
    "税号",
    "客户分类",
    "地区",
    "地址",
    "联系电话",
    "联系人",
    "业务员",
    "建档日期",
    "停用",
]
ORDERS = ["订单号", "客户代码", "下单日期", "订单金额", "币种", "订单状态", "业务员"]
# Given names that GBK cannot write and GB18030 can.
RARE = ("㛃", "𠮷", "㵘", "䶮")


class ErpWriter:
    """Writes both files and what is true of their rows."""

    def __init__(self, plan: Plan, truth: Truth, tick: Callable[[int], None]) -> None:
        self.plan = plan
        self.truth = truth
        self.tick = tick
        size, r = plan.size, plan.ranges
        self.known = size.erp - round(size.erp * DUPLICATES)
        self.shared = self.known - r.erp_only
        self.order = Shuffle(plan.draws, size.erp, "erp order")
        self.partners = Shuffle(plan.draws, r.ordinary, "erp partners")
        self.twins = Shuffle(plan.draws, self.known - r.erp_traps, "erp twins")

    def company(self, slot: int) -> int:
        """Give the company of a slot; those from `known` on are duplicates."""
        if slot >= self.known:
            slot = self.twins[slot - self.known]
        if slot < self.shared:
            return self.partners[slot]
        return self.plan.ranges.erp_start + slot - self.shared

    def days(self, row: int) -> list[date]:
        """Give the days of a customer's orders."""
        draws = self.plan.draws
        numbers = self.plan.orders.of(row)
        number = self.company(self.order[row])
        if not numbers:
            return []
        sleeps = (
            self.plan.dormant(number)
            if number < self.plan.ranges.ordinary
            else draws.chance(0.22, "erp dormant", number)
        )
        latest = (
            CUTOFF - timedelta(days=1 + draws.whole("erp last", row) % 1500)
            if sleeps
            else TODAY - timedelta(days=1 + draws.whole("erp last", row) % 1090)
        )
        return [
            latest - timedelta(days=int(1400 * draws.unit("order day", n))) if place else latest
            for place, n in enumerate(numbers)
        ]

    def write(self, folder: Path) -> None:
        """Write customers, then orders."""
        with CsvTable(folder / CUSTOMERS_FILE, CUSTOMERS, "gb18030") as table:
            for row in range(self.plan.size.erp):
                self._customer(table, row)
                if row % 1000 == 999:
                    self.tick(1000)
        with CsvTable(folder / ORDERS_FILE, ORDERS, "gb18030") as table:
            for row in range(self.plan.size.erp):
                self._orders(table, row)
                if row % 1000 == 999:
                    self.tick(1000)

    def _customer(self, table: CsvTable, row: int) -> None:
        plan, slot = self.plan, self.order[row]
        company = plan.world.company(self.company(slot))
        rng = plan.draws.stream("erp", row)
        days = self.days(row)
        cells = self._cells(company, row, rng, twin=slot >= self.known)
        first = min([*days, date(2022, 6, 1)])
        cells["建档日期"] = dirt.day(rng, first - timedelta(days=rng.randint(1, 900)), native=False, may_fail=True)
        origin = table.write(cells[column].value for column in CUSTOMERS)
        self.truth.cells("account", origin, cells.items())
        in_scope = any(day >= CUTOFF for day in days)
        self.truth.row("account", origin, ("A", company.number), in_scope=in_scope)
        if in_scope:
            note_owner(plan, self.truth, origin, cells["业务员"])
        if company.trap:
            from b2b_generator.crm import CrmWriter

            base = CrmWriter(plan, self.truth, self.tick).origin_of(plan.first_row(company.base))
            self.truth.never("account", base, origin, company.trap)

    def _cells(self, company: Company, row: int, rng: random.Random, *, twin: bool) -> dict[str, Cell]:
        plan = self.plan
        name = Cell(company.name)
        tax = Cell("")
        if company.trap or rng.random() < 0.7:
            tax = Cell(company.credit_code) if company.trap else dirt.credit_code(rng, company.credit_code)
        if not company.trap and rng.random() < (0.9 if twin else 0.25):
            kind = "" if twin else rng.choice(("brackets", "invisible", "full_width", "typo", "suffix", "short_name"))
            name = dirt.company_name(rng, company, kind, gbk_only=True)
        line = dirt.line(rng, company) if rng.random() < 0.8 else Cell("")
        if not line.value and (not tax.value or tax.kind):
            line = Cell(company.line)
        person = plan.world.person(company.number * PEOPLE_PER_COMPANY)
        contact = (
            person.surname + plan.draws.pick(RARE, "rare", row)
            if plan.draws.chance(0.01, "rare name", row)
            else person.name
        )
        return {
            "客户代码": Cell(key("K", row, plan.size.erp)),
            "单位名称": name,
            "税号": tax,
            "客户分类": dirt.choice(rng, words.CUSTOMER_CLASSES, rng.choice(tuple(words.CUSTOMER_CLASSES))),
            "地区": Cell(company.city.short if rng.random() < 0.6 else company.city.name),
            "地址": dirt.address(rng, company, gbk_only=True) if rng.random() < 0.8 else Cell(""),
            "联系电话": line,
            "联系人": Cell(contact if rng.random() < 0.7 else ""),
            "业务员": owner(plan, rng),
            "停用": dirt.choice(rng, words.YES_NO, "是" if rng.random() < 0.06 else "否"),
        }

    def _orders(self, table: CsvTable, row: int) -> None:
        plan = self.plan
        days = self.days(row)
        in_scope = any(day >= CUTOFF for day in days)
        for day, number in zip(days, plan.orders.of(row), strict=True):
            rng = plan.draws.stream("order", number)
            cells = {
                "订单号": Cell(f"SO{number + 1:0{max(6, len(str(plan.size.orders)))}d}"),
                "客户代码": Cell(key("K", row, plan.size.erp)),
                "下单日期": dirt.day(rng, day, native=False),
                "订单金额": dirt.amount(
                    rng, rng.choice((rng.randint(1, 300) * 1000, rng.randint(500, 800000))), native=False
                ),
                "币种": dirt.choice(rng, words.CURRENCIES, "CNY", 0.2),
                "订单状态": dirt.choice(rng, words.ORDER_STATUSES, rng.choice(tuple(words.ORDER_STATUSES))),
                "业务员": owner(plan, rng),
            }
            origin = table.write(cells[column].value for column in ORDERS)
            self.truth.cells("order", origin, cells.items())
            self.truth.row("order", origin, ("S", number), in_scope=in_scope)
