"""Workbooks that sales departments keep by hand: title, note, two header rows with merged cells, blocks with subtotals."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from b2b_generator import dirt, words
from b2b_generator.dirt import Cell, Value
from b2b_generator.draws import Shuffle
from b2b_generator.plan import DUPLICATES, TODAY, Plan
from b2b_generator.world import PEOPLE_PER_COMPANY, Company, Person
from b2b_generator.writers import Truth, settle_workbook

if TYPE_CHECKING:
    from openpyxl.worksheet._write_only import WriteOnlyWorksheet

DEPARTMENTS = ("销售一部", "销售二部", "销售三部", "销售四部")
GROUPS = ("序号", "客户信息", "", "", "联系人信息", "", "", "意向", "", "", "备注")
FIELDS = ("", "客户名称", "地址", "电话", "姓名", "职务", "手机", "级别", "预计金额", "下次跟进", "")
COLUMNS = [
    "序号",
    "客户信息/客户名称",
    "客户信息/地址",
    "客户信息/电话",
    "联系人信息/姓名",
    "联系人信息/职务",
    "联系人信息/手机",
    "意向/级别",
    "意向/预计金额",
    "意向/下次跟进",
    "备注",
]
ACCOUNT_COLUMNS = {COLUMNS[i] for i in (1, 2, 3, 7, 8, 9, 10)}
BLOCK = 40


class SalesWriter:
    """Writes the four workbooks and what is true of their rows."""

    def __init__(self, plan: Plan, truth: Truth, tick: Callable[[int], None]) -> None:
        self.plan = plan
        self.truth = truth
        self.tick = tick
        size, r = plan.size, plan.ranges
        self.known = size.sales - round(size.sales * DUPLICATES)
        self.shared = min(self.known - r.sales_only, r.ordinary)
        self.order = Shuffle(plan.draws, size.sales, "sales order")
        self.partners = Shuffle(plan.draws, r.ordinary, "sales partners")
        self.twins = Shuffle(plan.draws, self.known, "sales twins")

    def company(self, slot: int) -> int:
        """Give the company of a slot; those from `known` on are duplicates."""
        if slot >= self.known:
            slot = self.twins[slot - self.known]
        if slot < self.shared:
            return self.partners[slot]
        return self.plan.ranges.sales_start + slot - self.shared

    def write(self, folder: Path) -> None:
        """Write all four."""
        folder.mkdir(exist_ok=True)
        bounds = [self.plan.size.sales * i // 4 for i in range(5)]
        for i, name in enumerate(DEPARTMENTS):
            self._book(folder / f"{name}.xlsx", name, range(bounds[i], bounds[i + 1]), repeat=i % 2 == 1)

    def _book(self, path: Path, name: str, rows: range, *, repeat: bool) -> None:
        from openpyxl import Workbook

        book = Workbook(write_only=True)
        sheet = book.create_sheet(name)
        at = _Sheet(sheet)
        at.add([f"{name}意向客户登记表"])
        at.merge(1, 1, 1, 11)
        at.add([f"填表说明：带*为必填；金额单位为元；更新至{TODAY.isoformat()}"])
        at.header()
        money = 0
        for place, row in enumerate(rows):
            if place and place % BLOCK == 0:
                at.add(["小计", None, None, None, None, None, None, None, money])
                money = 0
                if repeat:
                    at.header()
            money += self._row(at, path.name, name, row, place + 1)
            if row % 1000 == 999:
                self.tick(1000)
        at.add(["合计", f"{len(rows)} 家", None, None, None, None, None, None, money])
        at.add([])
        at.add(["注：本表由各业务员自行填写，如有出入以合同为准。"])
        book.save(path)
        settle_workbook(path)

    def _row(self, at: _Sheet, file: str, name: str, row: int, serial: int) -> int:
        plan, slot = self.plan, self.order[row]
        company = plan.world.company(self.company(slot))
        rng = plan.draws.stream("sales", row)
        person = self._person(company)
        yuan = rng.randint(1, 200) * 5000
        cells = self._cells(company, person, yuan, rng, twin=slot >= self.known)
        at.add([serial, *(cells[column].value for column in COLUMNS[1:])])
        origin = f"{file}#{name}!{at.row}"
        self.truth.cells("account", origin, ((c, cell) for c, cell in cells.items() if c in ACCOUNT_COLUMNS))
        self.truth.row("account", origin, ("A", company.number))
        if cells["联系人信息/姓名"].value:
            self.truth.cells("contact", origin, ((c, cell) for c, cell in cells.items() if c not in ACCOUNT_COLUMNS))
            self.truth.row("contact", origin, ("P", person.number))
            plan.has_contact[company.number] = True
        return yuan

    def _person(self, company: Company) -> Person:
        """Give the contact of a row: of a known customer mostly somebody the CRM knows too."""
        plan = self.plan
        first = company.number * PEOPLE_PER_COMPANY
        if company.number < plan.ranges.ordinary and plan.draws.chance(0.6, "sales knows", company.number):
            contacts = plan.customer_contacts(plan.customer(plan.first_row(company.number)))
            for contact in contacts:
                if not (contact.orphan or contact.blank or contact.shared_mobile):
                    return contact.person
        return plan.world.person(first + 18)

    def _cells(self, company: Company, person: Person, yuan: int, rng: random.Random, *, twin: bool) -> dict[str, Cell]:
        name = Cell(company.name)
        if rng.random() < (0.9 if twin else 0.35):
            name = dirt.company_name(rng, company)
        who = Cell(person.name)
        if rng.random() < 0.12:
            who = Cell(dirt.honorific(rng, person.surname, person.title), person.surname, "name_honorific")
        line = dirt.line(rng, company) if rng.random() < 0.6 else Cell("")
        mobile = dirt.mobile(rng, person.mobile, "", {"plain": 60, "form": 38, "damaged": 0 if who.kind else 2})
        if not line.value and (mobile.clean == "" and mobile.kind):
            line = Cell(company.line)
        if rng.random() < 0.03:
            who, mobile = Cell(""), Cell("")
            line = Cell(company.line)
        due = TODAY + timedelta(days=rng.randint(-60, 120))
        level = rng.choice("ABC")
        values: tuple[Cell, ...] = (
            name,
            dirt.address(rng, company) if rng.random() < 0.7 else Cell(""),
            line,
            who,
            Cell(person.title if who.value and rng.random() < 0.8 else ""),
            mobile,
            dirt.choice(rng, words.LEVELS, level, 0.4),
            dirt.amount(rng, yuan, native=True),
            dirt.day(rng, date(due.year, due.month, due.day), native=True, may_fail=True),
            Cell(rng.choice(words.NOTES)),
        )
        return dict(zip(COLUMNS[1:], values, strict=True))


class _Sheet:
    """A sheet that knows its last row."""

    def __init__(self, sheet: WriteOnlyWorksheet) -> None:
        self._sheet = sheet
        self.row = 0

    def add(self, values: list[Value]) -> None:
        """Write a row."""
        self._sheet.append([None if value == "" else value for value in values])
        self.row += 1

    def merge(self, row: int, column: int, last_row: int, last_column: int) -> None:
        """Merge cells."""
        # A write-only sheet writes its merged cells, though its type does not say that it has any.
        self._sheet.merged_cells.add(  # type: ignore[attr-defined]
            f"{_letter(column)}{row}:{_letter(last_column)}{last_row}"
        )

    def header(self) -> None:
        """Write the two header rows."""
        self.add([text or None for text in GROUPS])
        self.add([text or None for text in FIELDS])
        top = self.row - 1
        for first, last in ((2, 4), (5, 7), (8, 10)):
            self.merge(top, first, top, last)
        for column in (1, 11):
            self.merge(top, column, top + 1, column)


def _letter(column: int) -> str:
    return chr(64 + column)
