"""Accounts and contacts as several systems hold them, with the truth: what benchmarks/dedupe.py compares engines on.

The market grows with its size: domains are one company's, bookkeepers have a few clients each, however many companies there are.
Companies have skewed brands and places, registered, short and former names; each stands in one to six records of several
writers. Among them are what must not be merged: sister companies, branches, groups, the same brand elsewhere or under a
name that sounds the same, unrelated companies behind one switchboard or one bookkeeper's phone, people of one name,
families and shops with one mobile.
"""

from __future__ import annotations

import random
import sys
from bisect import bisect
from collections import Counter
from collections.abc import Sequence
from itertools import accumulate
from pathlib import Path

import pandas as pd

sys.path.insert(0, str(Path(__file__).parents[1] / "samples/b2b"))
from b2b_generator.codes import MOBILE_PREFIXES, credit_code
from b2b_generator.places import CITIES, STREETS, City
from b2b_generator.words import CORE, GIVEN, SURNAMES
from dedupe_writing import (
    FORMS,
    TRADES,
    Company,
    homophones,
    slip,
    written_address,
    written_code,
    written_name,
    written_phone,
)

ACCOUNT_COLUMNS = ("_record", "客户名称", "曾用名", "统一社会信用代码", "电话", "邮箱", "网址", "城市", "详细地址")
CONTACT_COLUMNS = ("_record", "姓名", "手机", "电话", "邮箱", "微信", "公司名称")
AGENTS, CLIENTS = 300, 185
"""Bookkeepers at work at a time, and companies for each in a market that grows: about one in thirty is behind a bookkeeper."""

_PUBLIC = ("qq.com", "163.com", "126.com", "sina.com")


class Skewed:
    """Draws words, the first ones oftener (Zipf)."""

    def __init__(self, words: Sequence[str], power: float) -> None:
        self.words = words
        self.heaped = list(accumulate((rank + 2) ** -power for rank in range(len(words))))

    def draw(self, rng: random.Random) -> str:
        """Return a word."""
        return self.words[bisect(self.heaped, rng.random() * self.heaped[-1])]


class World:
    """Companies, one after the other; what belongs together (branches, sisters) comes right behind."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        signs = [sign for sign, _ in CORE]
        self.sounds = dict(CORE)
        self.rng.shuffle(signs)
        self.first, self.second = Skewed(signs, 0.6), Skewed(signs[::-1], 0.6)
        self.trades, self.cities = Skewed(TRADES, 0.7), Skewed(CITIES, 0.7)  # type: ignore[arg-type]
        self.used: set[str] = set()
        self.count = 0
        self.agents = [self.mobile() for _ in range(AGENTS)]
        self.domains: Counter[str] = Counter()
        self.parks: list[tuple[City, str, str]] = []

    def mobile(self) -> str:
        """Return a mobile number."""
        return self.rng.choice(MOBILE_PREFIXES) + f"{self.rng.randrange(10**8):08d}"

    def _landline(self, city: City) -> str:
        return f"{city.area_code}-{self.rng.randrange(2, 9)}{self.rng.randrange(10 ** (city.digits - 1)):0{city.digits - 1}d}"

    def _brand(self) -> str:
        signs = self.first.draw(self.rng) + self.second.draw(self.rng)
        kind = self.rng.random()
        if kind < 0.15:
            return signs + self.first.draw(self.rng)
        # Letters are short as long as there are few of them.
        return (
            "".join(self.rng.choices("ABCDEHKLMSTX", k=3 if self.count < AGENTS * CLIENTS else 4))
            if kind > 0.98
            else signs
        )

    def company(self, **given: object) -> Company:
        """Return a new company; its registered name is nobody else's."""
        rng = self.rng
        while True:
            made = {
                "city": self.cities.draw(rng), "brand": self._brand(), "trade": self.trades.draw(rng),
                "form": rng.choices(FORMS, (88, 8, 4))[0], "placed": rng.random() < 0.93,
            }  # fmt: skip
            company = Company(self.count, **(made | given))  # type: ignore[arg-type]
            stem = company.city.short + company.brand + company.trade + company.branch
            if stem not in self.used:
                break
            given = {key: value for key, value in given.items() if key not in ("trade", "city")}
        self.used.add(stem)
        self.count += 1
        if rng.random() < 0.05 and not company.branch:
            company.former = f"{company.city.short}{self._brand()}{self.trades.draw(rng)}有限公司"
        self._reach(company)
        return company

    def _reach(self, company: Company) -> None:
        rng, city = self.rng, company.city
        company.code = credit_code(
            rng.choice(city.districts)[0],
            10_000_000 + company.number * 48_271_001 % 89_999_999,
            rng.randrange(1995, 2025),
        )
        company.phones = [self._landline(city) if rng.random() < 0.6 else self.mobile() for _ in range(rng.choices((1, 2, 3), (55, 35, 10))[0])]  # fmt: skip
        if rng.random() < 0.6:
            letters = "".join(self.sounds.get(sign, sign.lower()) for sign in company.brand)
            name = f"{letters}{rng.choice(['', '-group', city.initials, str(rng.randrange(100)), 'tech', 'cn'])}"
            company.domain = self._registered(name, rng.choice(["com", "cn", "com.cn"]))
            company.mails = [f"{box}@{company.domain}" for box in rng.sample(["info", "sales", "office", "service", "wang", "li", "zhang.wei", "contact"], 2)]  # fmt: skip
        elif rng.random() < 0.6:
            company.mails = [f"{rng.randrange(10**5, 10**10)}@{rng.choice(_PUBLIC)}"]
        district = rng.choice(city.districts)[1]
        company.street = f"{district}{rng.choice(STREETS)}{rng.randrange(1, 999)}号{rng.choice(['', f'{rng.randrange(1, 30)}楼', f'{rng.randrange(1, 9)}幢{rng.randrange(101, 2500)}室', f'{rng.randrange(101, 2500)}室'])}"
        self._shared(company)

    def _registered(self, name: str, top: str) -> str:
        """Return a domain that nobody has yet, as like to the wished one as there is."""
        self.domains[f"{name}.{top}"] += 1
        taken = self.domains[f"{name}.{top}"] - 1
        return f"{name}-{taken}.{top}" if taken else f"{name}.{top}"

    def _shared(self, company: Company) -> None:
        """Some answer behind a bookkeeper's mobile, or sit in a park with one switchboard and house number."""
        rng, kind = self.rng, self.rng.random()
        if self.count > AGENTS * CLIENTS and self.count % CLIENTS == 0:
            self.agents.append(self.mobile())
        if kind < 0.03:
            company.phones = [rng.choice(self.agents[-AGENTS:])]
        elif kind < 0.06:
            if not self.parks or rng.random() < 0.05:
                self.parks.append((company.city, self._landline(company.city), company.street))
            city, phone, street = rng.choice(self.parks[-40:])
            if city == company.city:
                company.phones.append(phone)
                company.street = street.partition("号")[0] + f"号{rng.randrange(101, 2500)}室"

    def family(self) -> list[Company]:
        """Return a company with what is easily taken for it."""
        rng = self.rng
        main = self.company()
        found = [main]
        kind = rng.random()
        if kind < 0.07:
            sisters = rng.randrange(1, 4)
            found += [self._tied(self.company(city=main.city, brand=main.brand), main, 0.4) for _ in range(sisters)]
        elif kind < 0.13:
            found.append(self.company(brand=main.brand, trade=main.trade))
        elif kind < 0.19:
            for _ in range(rng.randrange(1, 5)):
                there = self.cities.draw(rng)
                place = there.short if rng.random() < 0.7 else rng.choice(there.districts)[1].rstrip("区县市")  # type: ignore[attr-defined]
                branch = self.company(city=main.city, brand=main.brand, trade=main.trade, form=main.form, placed=main.placed, branch=f"{place}分公司")  # fmt: skip
                if branch.branch:
                    found.append(self._tied(branch, main, 0.25))
        elif kind < 0.21:
            found.append(
                self._tied(self.company(city=main.city, brand=main.brand, trade="", form="集团有限公司"), main, 0.5)
            )
        elif kind < 0.24:
            sounds = homophones().get(main.brand[0])
            if sounds:
                found.append(self.company(city=main.city, brand=rng.choice(sounds) + main.brand[1:]))
        return found

    def _tied(self, company: Company, main: Company, often: float) -> Company:
        """Companies of one owner share phone, domain, house."""
        rng = self.rng
        if rng.random() < often:
            company.phones.append(main.phones[0])
        if rng.random() < often and main.domain:
            company.domain, company.mails = main.domain, [f"{rng.choice(['hr', 'sales', 'info'])}@{main.domain}", *main.mails[:1]]  # fmt: skip
        if rng.random() < often and not company.branch:
            company.street = main.street
        return company


def _account(rng: random.Random, company: Company, moved: Company) -> list[str | None]:
    """Write one record of a company; `moved` is where it was before, in a twelfth of the records."""
    phones = [written_phone(rng, number) for number in rng.sample(company.phones, rng.choices((1, min(2, len(company.phones))), (80, 20))[0])]  # fmt: skip
    where = moved if rng.random() < 0.06 else company
    return [
        written_name(rng, company),
        company.former if company.former and rng.random() < 0.4 else None,
        written_code(rng, company.code) if rng.random() < 0.5 else None,
        "/".join(phones) if rng.random() < 0.85 else rng.choice([None, None, "无", "00000000"]),
        rng.choice(company.mails) if company.mails and rng.random() < 0.6 else None,
        rng.choice(["www.", "http://www.", "https://", ""]) + company.domain
        if company.domain and rng.random() < 0.4
        else None,
        rng.choice([company.city.name, company.city.short]) if rng.random() < 0.7 else None,
        written_address(rng, where) if rng.random() < 0.75 else None,
    ]


def accounts(rows: int, seed: int = 20261126) -> tuple[pd.DataFrame, pd.Series]:
    """Return accounts in no order, and for each the number of its company."""
    world = World(seed)
    rng = world.rng
    made: list[list[str | None]] = []
    truth: list[int] = []
    while len(made) < rows:
        family = world.family()
        for company in family:
            for _ in range(rng.choices((1, 2, 3, 4, 6), (58, 26, 10, 4, 2))[0]):
                made.append(_account(rng, company, rng.choice(family)))
                truth.append(company.number)
    return _table(rng, made[:rows], truth[:rows], ACCOUNT_COLUMNS)


def contacts(rows: int, seed: int = 20261127) -> tuple[pd.DataFrame, pd.Series]:
    """Return contacts in no order, and for each the number of the person."""
    world = World(seed)
    rng = world.rng
    surnames, given = Skewed([name for name, _ in SURNAMES], 0.8), Skewed([name for name, _ in GIVEN], 0.5)
    made: list[list[str | None]] = []
    truth: list[int] = []
    person = 0
    while len(made) < rows:
        for company in world.family():
            shop = world.mobile()
            for _ in range(rng.randrange(1, 7)):
                person += 1
                name = surnames.draw(rng) + given.draw(rng) + (given.draw(rng) if rng.random() < 0.75 else "")
                mobile = shop if rng.random() < 0.04 else world.mobile()
                sound = "".join(dict((*SURNAMES, *GIVEN)).get(sign, "") for sign in name)
                mail = f"{sound}@{company.domain}" if company.domain else f"{rng.randrange(10**6, 10**10)}@qq.com"
                chat = rng.choice([f"{sound}{rng.randrange(60, 100)}", f"wx{rng.randrange(10**8)}"])
                for _ in range(rng.choices((1, 2, 3), (65, 27, 8))[0]):
                    made.append(
                        _contact(rng, company, name, mobile if rng.random() < 0.94 else world.mobile(), mail, chat)
                    )
                    truth.append(person)
    return _table(rng, made[:rows], truth[:rows], CONTACT_COLUMNS)


def _contact(rng: random.Random, company: Company, name: str, mobile: str, mail: str, chat: str) -> list[str | None]:
    kind = rng.random()
    written = name
    if kind < 0.07:
        written = name[: 2 if name[:2] in dict(SURNAMES) else 1] + rng.choice(
            ["总", "经理", "工", "女士", "先生", "主任"]
        )
    elif kind < 0.11:
        written = name[0] + slip(rng, name[1:], len(name)) if len(name) > 2 else name
    elif kind < 0.14:
        written = name + rng.choice(["先生", "女士", "（采购）", "经理"])
    elif kind < 0.16:
        written = name[0] + " " + name[1:]
    return [
        written,
        written_phone(rng, mobile) if rng.random() < 0.8 else None,
        written_phone(rng, company.phones[0]) if rng.random() < 0.5 else None,
        mail if rng.random() < 0.5 else None,
        chat if rng.random() < 0.35 else None,
        written_name(rng, company) if rng.random() < 0.9 else None,
    ]


def _table(
    rng: random.Random, rows: list[list[str | None]], truth: list[int], columns: tuple[str, ...]
) -> tuple[pd.DataFrame, pd.Series]:
    order = list(range(len(rows)))
    rng.shuffle(order)
    data = [[f"crm/t/{place:07d}", *rows[index]] for place, index in enumerate(order)]
    frame = pd.DataFrame(data, columns=list(columns), dtype="str")
    return frame, pd.Series([truth[index] for index in order], index=frame["_record"])
