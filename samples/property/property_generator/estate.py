"""The estate: buildings and rooms, who owns and rents them, parking, decoration, charges."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from made_up.people import FULL_WIDTH, People, written_mobile
from made_up.registers import Register, Truth, both, write_csv, write_workbook

AS_OF = date(2026, 10, 31)
NUMERALS = "〇一二三四五六七八九"


class Estate:
    """The estate and its registers.

    Args:
        seed: of everything.
        scale: 1.0 is the full set.
        truth: what is true.
    """

    def __init__(self, seed: int, scale: float, truth: Truth) -> None:
        self.rng = random.Random(seed)
        self.people = People(self.rng)
        self.truth = truth
        sizes = {"rooms": 1860, "owners": 1790, "tenants": 420, "parking": 950, "complaints": 640, "repairs": 5200, "followups": 3900,
                 "visits": 9000, "homevisits": 900, "questionnaires": 1500, "decoration": 310, "charges": 22000}  # fmt: skip
        self.size = {name: max(round(number * scale), 20) for name, number in sizes.items()}
        self.rooms = [
            f"{n % 8 + 1}-{n // 8 % 2 + 1}-{n // 16 // 4 + 1}{n // 16 % 4 + 1:02d}" for n in range(self.size["rooms"])
        ]
        self.size["questionnaires"] = min(self.size["questionnaires"], self.size["rooms"] - 6)
        self.lived_in = self.rooms[: self.size["questionnaires"] + 2]
        self.staff = [self.people.name() for _ in range(18)]

    def room(self, room: str) -> str:
        """Write a room one of the ways people do."""
        building, unit, number = room.split("-")
        return self.rng.choice((room, room, f"{building}栋{unit}单元{number}室", f"{NUMERALS[int(building)]}幢{NUMERALS[int(unit)]}单元{number}",
                                room.translate(FULL_WIDTH), f"{building}#{unit}单元{number}"))  # fmt: skip

    def moment(self, day: date, first: int = 8 * 60, last: int = 18 * 60) -> datetime:
        """Give a time of the day between two minutes of it."""
        return datetime(day.year, day.month, day.day) + timedelta(minutes=self.rng.randrange(first, last))  # noqa: DTZ001 - a wall clock

    def written(self, moment: datetime) -> Any:
        """Write a time the way people do."""
        text = f"{moment:%Y-%m-%d %H:%M}"
        chinese = f"{moment.year}年{moment.month}月{moment.day}日 {moment.hour}：{moment.minute:02d}"
        return self.rng.choice((moment, text, text.replace("-", "/"), chinese, chinese.translate(FULL_WIDTH)))

    def written_text(self, moment: datetime) -> str:
        """The same for a text file."""
        written = self.written(moment)
        return f"{written:%Y-%m-%d %H:%M}" if isinstance(written, datetime) else str(written)

    def in_room(self, name: str, room: str) -> Callable[[str], None]:
        """Return what notes the room of a row."""
        return lambda origin: self.truth.row("rooms", name, origin, room)


def write_estate(estate: Estate, folder: Path) -> None:
    """Write everything about rooms and who has them."""
    truth, rng = estate.truth, estate.rng
    staff = Register("员工名单", ("工号", "姓名", "部门", "状态", "交接人"))
    for number, name in enumerate(estate.staff):
        staff.add({"工号": f"W{number:03d}", "姓名": name, "部门": rng.choice(("客服部", "工程部", "保安部")), "状态": "离职" if number >= 16 else "在职",
                   "交接人": estate.staff[number - 16] if number >= 16 else None})  # fmt: skip
        truth.count("user")
    write_workbook(folder / "员工名单.xlsx", [staff])
    rooms = Register("房屋台账", ("房号", "建筑面积", "户型", "入住状态"), ("房屋台账",))
    for room in estate.rooms:
        rooms.add({"房号": estate.room(room), "建筑面积": f"{rng.randrange(45, 190)}.{rng.randrange(10, 99)}㎡", "户型": rng.choice(("两室一厅", "三室两厅")),
                   "入住状态": "入住" if room in estate.lived_in else "空置"}, estate.in_room("room", room))  # fmt: skip
        truth.count("room")
    write_workbook(folder / "房屋台账.xlsx", [rooms])
    _people(estate, folder)
    _parking(estate, folder / "车位台账.xlsx")
    _decoration(estate, folder / "装修申请.xlsx")
    _charges(estate, folder / "收费.db")


def _people(estate: Estate, folder: Path) -> None:
    rng, truth = estate.rng, estate.truth
    owners = Register(
        "业主名册", ("业主编号", "姓名", "联系电话", "房号", "备注"), ("业主名册",), ("注：多套房屋以顿号分隔",)
    )
    free = list(estate.rooms)
    for number in range(min(estate.size["owners"], len(free))):
        mine = [free.pop(0)]
        if number % 19 == 4 and free:
            mine.append(free.pop(0))
        if not free:
            break
        name, co_owner = estate.people.name(), estate.people.name() if number % 9 == 2 else ""
        phone = written_mobile(rng, estate.people.mobile())
        if number % 11 == 3:
            phone = f"{estate.people.mobile()}/{estate.people.mobile()}"
        unknown = number % 23 == 6 and len(mine) == 1
        notes = [lambda origin, n=name, c=co_owner: truth.row("names", origin, n, c)]
        if unknown:
            notes.append(truth.found("occupancy.unknown-room", "房号"))
            free.insert(0, mine[0])
            mine = ["9-1-101"]
        owners.add({"业主编号": f"Y{number + 1:05d}", "姓名": f"{name}/{co_owner}" if co_owner else name, "联系电话": phone,
                    "房号": "、".join(map(estate.room, mine))}, both(*notes))  # fmt: skip
        truth.count("person")
        truth.count("occupancy", by=len(mine))
    tenants = Register("租户登记", ("租户编号", "姓名", "联系电话", "房号", "备注"), ("租户登记表",))
    for number in range(estate.size["tenants"]):
        name = estate.people.name()
        tenants.add({"租户编号": f"Z{number + 1:05d}", "姓名": name, "联系电话": written_mobile(rng, estate.people.mobile()),
                     "房号": estate.room(rng.choice(estate.lived_in))}, lambda origin, n=name: truth.row("names", origin, n, ""))  # fmt: skip
        truth.count("person")
        truth.count("occupancy")
    write_workbook(folder / "业主名册.xlsx", [owners])
    write_workbook(folder / "租户登记.xlsx", [tenants])


def _parking(estate: Estate, path: Path) -> None:
    register = Register("车位台账", ("车位号", "房号", "车牌号", "性质"))
    for number in range(estate.size["parking"]):
        room = estate.rng.choice(estate.rooms)
        register.add({"车位号": f"B1-{number + 1:04d}", "房号": estate.room(room), "车牌号": f"浙A·{estate.rng.randrange(10000, 99999)}",
                      "性质": estate.rng.choice(("租", "售", "租赁", "产权"))}, estate.in_room("parking", room))  # fmt: skip
        estate.truth.count("parking")
    write_workbook(path, [register])


def _decoration(estate: Estate, path: Path) -> None:
    truth, rng = estate.truth, estate.rng
    register = Register("装修申请", ("编号", "房号", "申请日期", "开工日期", "押金"), ("装修申请登记",))
    for number in range(estate.size["decoration"]):
        room, asked = rng.choice(estate.rooms), AS_OF - timedelta(rng.randrange(20, 90))
        began = asked + timedelta(rng.choice((0, 3, 9)))
        notes = [estate.in_room("decoration", room)]
        written: Any = rng.choice((asked, f"{asked.year}.{asked.month}.{asked.day}"))
        if number % 17 == 5:
            written = "2023年6月31日"
            notes.append(lambda origin: truth.row("lost_dates", origin))
        elif number % 17 == 9:
            began = asked - timedelta(1)
            notes.append(truth.found("decoration.begun-before-application", "开工日期"))
        register.add({"编号": f"ZX{number + 1:04d}", "房号": estate.room(room), "申请日期": written, "开工日期": began.isoformat(),
                      "押金": rng.choice(("2000元", "¥2,000.00", "0.2万"))}, both(*notes))  # fmt: skip
        truth.count("decoration")
    write_workbook(path, [register])


def _charges(estate: Estate, path: Path) -> None:
    rng = estate.rng
    path.unlink(missing_ok=True)
    connection = sqlite3.connect(path)
    with connection:
        connection.execute(
            "CREATE TABLE charges (bill_no TEXT PRIMARY KEY, room TEXT, item TEXT, period TEXT, amount NUMERIC, paid_at TEXT)"
        )
        rows = [(f"SF{n + 1:06d}", estate.rooms[n % len(estate.rooms)], ("物业费", "停车费", "水费")[n % 3], f"2026-{n % 10 + 1:02d}",
                 round(rng.uniform(30, 900), 2), f"2026-{n % 10 + 1:02d}-15" if n % 7 else None)
                for n in range(estate.size["charges"])]  # fmt: skip
        connection.executemany("INSERT INTO charges VALUES (?, ?, ?, ?, ?, ?)", rows)
    connection.close()
    estate.truth.count("charge", by=len(rows))


def csv_register(path: Path, register: Register) -> None:
    """Write a register as an old system exports it."""
    write_csv(path, register, "gb18030")
