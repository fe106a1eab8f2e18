"""The dealer: sizes, staff, prospects with what will be true of them on the day of judgement."""

from __future__ import annotations

import calendar
import random
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from made_up.people import People
from made_up.registers import Truth

AS_OF = date(2026, 10, 31)
MODELS = ("朗行1.5L", "朗行1.5T", "途远2.0T", "途远混动", "悦享EV")
COLORS = ("雪山白", "曜石黑", "星空灰", "珊瑚红")
BRANDS = ("甲牌", "乙牌")
DAYS = {"H": 3, "A": 7, "B": 15, "C": 30}
"""Days after which a prospect of a level is due; H is so from the second day on."""

WRITTEN_LEVEL = {level: (level, level, f"{level}级", level.lower(), chr(ord(level) + 0xFEE0)) for level in DAYS}


def months_before(day: date, months: int) -> date:
    """Return the day `months` months earlier; the last of the month where it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def months_after(day: date, months: int) -> date:
    """Return the day `months` months later; the last of the month where it has no such day."""
    return months_before(day, -months)


@dataclass
class Prospect:
    """One person in the DMS."""

    key: str
    name: str
    mobile: str
    id_number: str
    brand: str
    level: str
    status: str
    consultant: str
    group: str
    first: date
    followups: list[tuple[date, bool]] = field(default_factory=list)

    @property
    def last(self) -> date:
        """The last time anybody tried."""
        return max([self.first, *(day for day, _ in self.followups)])

    @property
    def reached(self) -> date:
        """The last time anybody got through."""
        return max([self.first, *(day for day, reached in self.followups if reached)])

    @property
    def meant(self) -> str:
        """The level as the group of dealers means it: A of 乙牌 buys within a week, which is H elsewhere."""
        return "H" if (self.brand, self.level) == ("乙牌", "A") else self.level


class Dealer:
    """The dealer and its year.

    Args:
        seed: of everything.
        scale: 1.0 is the full set.
        truth: what is true.
    """

    def __init__(self, seed: int, scale: float, truth: Truth) -> None:
        self.rng = random.Random(seed)
        self.people = People(self.rng)
        self.truth = truth
        sizes = {"prospects": 4200, "followups": 18000, "visits": 5500, "testdrives": 1300, "orders": 900, "deliveries": 820,
                 "in": 1050, "out": 830, "moved": 240, "pdi": 1050}  # fmt: skip
        self.size = {name: max(round(number * scale), 12) for name, number in sizes.items()}
        self.size["out"] = max(self.size["out"], self.size["deliveries"] + 2)
        self.size["in"] = max(self.size["in"], self.size["out"] + 4)
        self.staff = [(self.people.name(), "A组" if n % 2 else "B组") for n in range(16)]
        self.others = [self.people.name() for _ in range(6)]
        self.prospects = [self._prospect(n) for n in range(self.size["prospects"])]
        self._spread_followups()
        self.ordered: list[tuple[str, Prospect]] = []

    def _prospect(self, number: int) -> Prospect:
        rng, people = self.rng, self.people
        name, group = self.staff[rng.randrange(14)]  # the last two have left
        if number < self.size["deliveries"]:
            status = rng.choice(("交车", "保有"))
        elif number < self.size["orders"]:
            status = "订车"
        else:
            status = rng.choice(("意向", "意向", "意向", "意向", "战败", "失控"))
        made = Prospect(f"K{number + 1:05d}", people.name(), people.mobile(), people.resident_id(), rng.choice(BRANDS), rng.choice("HABC"), status, name,
                        group, AS_OF - timedelta(rng.randrange(140, 360)))  # fmt: skip
        if status == "意向":
            self._follow(made, number)
        return made

    def _follow(self, one: Prospect, number: int) -> None:
        """Give an open prospect its last attempts: on both sides of every threshold, and somewhere in between."""
        rng = self.rng
        if number % 3:  # somebody got through the last time
            days = DAYS[one.meant]
            since = rng.choice((1, 2, days - 1, days, days + 3, days + 4, rng.randrange(1, 45)))
            one.followups.append((AS_OF - timedelta(since), True))
            return
        months = rng.choice((2, 3, 4))
        reached = months_before(AS_OF, months) - timedelta(rng.choice((-1, 0, 0, 1, 2, 9)))
        one.followups.append((reached, True))
        one.followups += [
            (reached + timedelta(days), False) for days in (6, 20, 33) if reached + timedelta(days) < AS_OF
        ]

    def _spread_followups(self) -> None:
        """Add earlier successful attempts until there are as many as there should be."""
        room = [one for one in self.prospects if (one.reached - one.first).days > 3 or one.status != "意向"]
        wanted = self.size["followups"] - sum(len(one.followups) for one in self.prospects)
        for _ in range(max(wanted, 0)):
            one = self.rng.choice(room)
            end = one.reached if one.status == "意向" else AS_OF
            span = max((end - one.first).days, 1)
            one.followups.append((one.first + timedelta(self.rng.randrange(span)), True))

    def written(self, day: date) -> Any:
        """Write a date the way people do."""
        return self.rng.choice((day, day.isoformat(), day.isoformat(), f"{day.year}年{day.month}月{day.day}日", f"{day.year}.{day.month}.{day.day}",
                                f"{day.year}/{day.month}/{day.day}"))  # fmt: skip

    def written_text(self, day: date) -> str:
        """The same for a text file."""
        written = self.written(day)
        return written.isoformat() if isinstance(written, date) else str(written)
