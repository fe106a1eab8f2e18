"""Address books of three salespeople: vCard 2.1 in quoted-printable GBK, and 3.0."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

from b2b_generator import dirt, words
from b2b_generator.dirt import Cell
from b2b_generator.draws import Shuffle
from b2b_generator.plan import Plan
from b2b_generator.world import PEOPLE_PER_COMPANY, Company, Person
from b2b_generator.writers import Truth, folded, quoted_printable

ACCOUNT_COLUMNS = {"ORG", "ADR", "URL"}
PHONES = ("TEL_CELL", "TEL_WORK", "TEL_HOME", "TEL")


class CardsWriter:
    """Writes the three files and what is true of their cards."""

    def __init__(self, plan: Plan, truth: Truth) -> None:
        self.plan = plan
        self.truth = truth
        self.partners = Shuffle(plan.draws, plan.ranges.ordinary, "card partners")
        self.known = min(plan.size.cards - plan.ranges.cards_only, plan.ranges.ordinary)

    def write(self, folder: Path) -> None:
        """Write all three."""
        folder.mkdir(exist_ok=True)
        bounds = [0, *(self.plan.size.cards * share // 42 for share in (16, 30, 42))]
        for i in range(3):
            name = f"{words.STAFF_NAMES[i]}.vcf"
            with (folder / name).open("w", encoding="ascii" if i == 0 else "utf-8", newline="") as file:
                for place, card in enumerate(range(bounds[i], bounds[i + 1]), start=1):
                    file.write(self._card(card, f"{name}!{place}", old=i == 0))

    def _card(self, card: int, origin: str, *, old: bool) -> str:
        plan = self.plan
        company, person, known = self._who(card)
        rng = plan.draws.stream("card", card)
        cells = _cells(
            company, person, rng, gbk_only=old, with_company=not (known and plan.draws.chance(0.05, "no ORG", card))
        )
        if cells["ORG"].value:
            self.truth.cells("account", origin, ((c, cell) for c, cell in cells.items() if c in ACCOUNT_COLUMNS))
            self.truth.row("account", origin, ("A", company.number))
            plan.has_contact[company.number] = True
        self.truth.cells("contact", origin, ((c, cell) for c, cell in cells.items() if c not in ACCOUNT_COLUMNS))
        self.truth.row("contact", origin, ("P", person.number))
        texts = {column: str(cell.value) for column, cell in cells.items() if cell.value}
        return _card_21(texts, person) if old else _card_30(texts, person)

    def _who(self, card: int) -> tuple[Company, Person, bool]:
        """Give the person of a card, and whether the CRM has the same in scope."""
        plan = self.plan
        slot = (card * 7 + 3) % plan.size.cards if plan.size.cards % 7 else card
        if slot >= self.known:
            company = plan.world.company(plan.ranges.cards_start + slot - self.known)
            return company, plan.world.person(company.number * PEOPLE_PER_COMPANY), False
        company = plan.world.company(self.partners[slot])
        if plan.draws.chance(0.87, "card knows", company.number):
            customer = plan.customer(plan.first_row(company.number))
            for contact in reversed(plan.customer_contacts(customer)):
                if not (contact.orphan or contact.blank or contact.shared_mobile or contact.twin):
                    return company, contact.person, customer.active
        return company, plan.world.person(company.number * PEOPLE_PER_COMPANY + 19), False


def _cells(
    company: Company, person: Person, rng: random.Random, *, gbk_only: bool, with_company: bool
) -> dict[str, Cell]:
    name = Cell(person.name)
    if with_company and rng.random() < 0.15:
        name = Cell(f"{person.name}{rng.choice(('总', '经理'))}", person.name, "name_with_title")
    org = Cell("")
    if with_company:
        kind = rng.choice(("exact", "exact", "short_name", "short_name", "suffix", "brackets", "typo"))
        org = dirt.company_name(rng, company, kind, gbk_only=gbk_only)
    mobile = dirt.mobile(rng, person.mobile, "", {"plain": 60, "form": 40})
    mail = dirt.email(rng, person.email) if rng.random() < 0.5 else Cell("")
    if gbk_only and "\u00a0" in mail.shown:
        mail = replace(mail, value=mail.shown.replace("\u00a0", "\u3000"))
    return {
        "FN": name,
        "FAMILY": Cell(person.surname),
        "GIVEN": Cell(person.given),
        "ORG": org,
        "UNIT": Cell(rng.choice(words.DEPARTMENTS) if with_company and rng.random() < 0.3 else ""),
        "TITLE": Cell(person.title if rng.random() < 0.6 else ""),
        "TEL" if rng.random() < 0.08 else "TEL_CELL": mobile,
        "TEL_WORK": dirt.line(rng, company, rng.randint(100, 899) if rng.random() < 0.2 else 0)
        if rng.random() < 0.5
        else Cell(""),
        "TEL_HOME": Cell(person.home if rng.random() < 0.06 else ""),
        "EMAIL": mail,
        "ADR": dirt.address(rng, company, gbk_only=gbk_only) if with_company and rng.random() < 0.4 else Cell(""),
        "URL": Cell(f"http://www.{company.domain}" if with_company and rng.random() < 0.15 else ""),
        "BDAY": Cell(
            f"{rng.randint(1962, 2000)}-{rng.randint(1, 12):02d}-{rng.randint(1, 28):02d}"
            if rng.random() < 0.08
            else ""
        ),
        "NOTE": Cell(rng.choice(words.NOTES)),
    }


def _lines(texts: dict[str, str], person: Person) -> list[tuple[str, str]]:
    """Give the properties of a card: name with parameters, and value."""
    out = [("N", f"{person.surname};{person.given};;;"), ("FN", texts["FN"])]
    if "ORG" in texts:
        out.append(("ORG", texts["ORG"] + (f";{texts['UNIT']}" if "UNIT" in texts else "")))
    out += [(column, texts[column]) for column in ("TITLE",) if column in texts]
    out += [(column.replace("_", ";"), texts[column]) for column in PHONES if column in texts]
    out += [("EMAIL", texts["EMAIL"])] if "EMAIL" in texts else []
    out += [("ADR;WORK", f";;{texts['ADR']};;;;")] if "ADR" in texts else []
    out += [(column, texts[column]) for column in ("URL", "BDAY", "NOTE") if column in texts]
    return out


def _card_21(texts: dict[str, str], person: Person) -> str:
    text = "BEGIN:VCARD\r\nVERSION:2.1\r\n"
    for name, value in _lines(texts, person):
        if value.isascii():
            text += f"{name}:{value}\r\n"
            continue
        text += quoted_printable(f"{name};ENCODING=QUOTED-PRINTABLE;CHARSET=GBK", value, "gbk")
    return text + "END:VCARD\r\n"


def _card_30(texts: dict[str, str], person: Person) -> str:
    text = "BEGIN:VCARD\r\nVERSION:3.0\r\n"
    for name, value in _lines(texts, person):
        head, _, kind = name.partition(";")
        escaped = value.replace("\\", "\\\\").replace(",", "\\,")
        text += folded(f"{head}{';TYPE=' + kind if kind else ''}:{escaped}")
    return text + "END:VCARD\r\n"
