"""A year at a front desk: who called, who came, who asked, and what was written down wrongly."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from made_up.people import FULL_WIDTH, People, written_mobile
from made_up.registers import Register, Truth, both, write_csv, write_workbook

AS_OF = datetime(2026, 10, 31)  # noqa: DTZ001 - a wall clock
CALLS = (
    "编号",
    "来电时间",
    "来电人姓名",
    "事由",
    "联系电话",
    "区域号码",
    "接听人",
    "保密",
    "修改标记",
    "修改原因",
    "咨询编号",
)
VISITS = (
    "编号",
    "姓名",
    "单位",
    "人数",
    "事由",
    "进入时间",
    "离开时间",
    "联系电话",
    "接待人",
    "保密",
    "修改标记",
    "修改原因",
)
ENQUIRIES = (
    "编号",
    "登记时间",
    "姓名",
    "单位",
    "联系电话",
    "咨询事项",
    "来源",
    "接待人",
    "状态",
    "保密",
    "同意回访",
    "备注",
)
REASONS = ("业务咨询", "预约来访", "投诉建议", "送件取件", "面试", "找人", "合作洽谈")
TOPICS = ("产品价格", "安装服务", "代理合作", "售后维修", "开票事宜")
AREAS = ("0571", "010", "021", "0574", "0755")
YES, NO = ("是", "√", "Y", "保密"), ("否", "×", "N", "不保密")
AGREED, REFUSED = ("是", "同意", "Y", "√"), ("否", "不同意", "N", "×")


class Desk:
    """The desk and its registers."""

    def __init__(self, seed: int, scale: float, truth: Truth) -> None:
        self.rng = random.Random(seed)
        self.people = People(self.rng)
        self.truth = truth
        self.sizes = {
            name: max(round(number * scale), 20)
            for name, number in (("calls", 6000), ("visits", 4000), ("enquiries", 1500))
        }
        self.staff: list[str] = []

    def moment(self, within: int = 300) -> datetime:
        """Give a time at the desk in the days before the day of judgement."""
        return AS_OF - timedelta(days=self.rng.randrange(2, within), minutes=self.rng.randrange(360, 840))

    def written(self, moment: datetime) -> Any:
        """Write a time the way people do."""
        text = f"{moment:%Y-%m-%d %H:%M}"
        chinese = f"{moment.year}年{moment.month}月{moment.day}日 {moment.hour}:{moment.minute:02d}"
        return self.rng.choice(
            (
                moment,
                text,
                text,
                f"{moment.year}/{moment.month}/{moment.day} {moment:%H:%M}",
                chinese,
                chinese.replace(":", "："),
            )
        )

    def flag(self, says: bool | None, words: tuple[tuple[str, ...], tuple[str, ...]]) -> str | None:  # noqa: FBT001
        """Write a flag; nothing where nothing was said."""
        return None if says is None else self.rng.choice(words[0] if says else words[1])

    def overridden(self, row: dict[str, Any], noted: list[Callable[[str], None]]) -> None:
        """Mark a few rows as changed by hand, some without a reason."""
        if self.rng.random() < 0.06:
            row["修改标记"] = "是"
            if self.rng.random() < 0.3:
                noted.append(self.truth.found("register.change-without-reason", "修改原因"))
            else:
                row["修改原因"] = self.rng.choice(("姓名写错", "时间补登", "电话核实后更正"))


def write_sample(
    out: Path, seed: int, scale: float, progress: Callable[[int, int], None] | None = None
) -> dict[str, int]:
    """Write `in/` and `truth/` below `out` and return the source rows per object."""
    truth = Truth(out / "truth")
    truth.headers["flags"] = ("object", "origin", "do_not_disclose", "consent")
    desk = Desk(seed, scale, truth)
    _staff(desk, out / "in" / "员工名单.xlsx")
    numbers = _enquiries(desk, out / "in" / "咨询登记.xlsx")
    _calls(desk, out / "in" / "来电登记.xlsx", numbers)
    _visits(desk, out / "in" / "来访登记.csv")
    if progress:
        progress(1, 1)
    return truth.close()


def _staff(desk: Desk, path: Path) -> None:
    register = Register("员工名单", ("工号", "姓名", "部门", "状态", "交接人"))
    names = [desk.people.name() for _ in range(24)]
    for number, name in enumerate(names):
        left = number >= 20
        register.add({"工号": f"R{number:03d}", "姓名": name, "部门": desk.rng.choice(("前台", "综合部")), "状态": "离职" if left else "在职",
                      "交接人": names[number - 20] if left else None})  # fmt: skip
        desk.truth.count("user")
    desk.staff = names
    write_workbook(path, [register])


def _enquiries(desk: Desk, path: Path) -> list[str]:
    rng, truth = desk.rng, desk.truth
    register = Register("咨询登记", ENQUIRIES, ("客户咨询登记表",), ("注：保密客户的信息不得对外提供",))
    known: list[tuple[str, str]] = []
    numbers = []
    for number in range(desk.sizes["enquiries"]):
        again = bool(known) and rng.random() < 0.06
        family = not again and bool(known) and rng.random() < 0.03
        name, mobile = rng.choice(known) if again else (desk.people.name(), desk.people.mobile())
        if family:  # somebody else of the same household: one telephone, two customers
            mobile = rng.choice(known)[1]
        if again and (name, mobile) in known:
            known.remove((name, mobile))  # nobody asks a third time
        elif not family:
            known.append((name, mobile))
        secret = rng.choice((True, False, False, None))
        agreed = rng.choice((True, True, False, None))
        notes: list[Callable[[str], None]] = []
        if secret is None:
            notes.append(truth.found("lead.flag-missing", "保密"))
        if agreed is None:
            notes.append(truth.found("lead.flag-missing", "同意回访"))
        if secret and agreed:
            notes.append(truth.found("lead.secret-and-consent", "同意回访"))
        if again:
            notes, secret, agreed = [], None, None  # the first entry says what holds
            truth.count("lead", "merged")
        else:
            said = ("true" if secret is not False else "false", "true" if agreed else "false")
            notes.append(lambda origin, said=said: truth.row("flags", "lead", origin, *said))
        key = f"Z{number + 1:05d}"
        row = {"编号": key, "登记时间": desk.written(desk.moment()), "姓名": name, "单位": None, "联系电话": written_mobile(rng, mobile),
               "咨询事项": rng.choice(TOPICS), "来源": rng.choice(("来电", "来访", "网站", "官网", "朋友介绍")), "接待人": rng.choice(desk.staff),
               "状态": rng.choice(("新登记", "跟进中", "已成交", "无效")), "保密": desk.flag(secret, (YES, NO)),
               "同意回访": desk.flag(agreed, (AGREED, REFUSED))}  # fmt: skip
        register.add(row, both(*notes))
        truth.count("lead")
        numbers.append(key)
    write_workbook(path, [register])
    return numbers


def _calls(desk: Desk, path: Path, enquiries: list[str]) -> None:
    rng, truth = desk.rng, desk.truth
    register = Register("来电登记", CALLS, ("2026年来电登记表",), ("填表说明：五项必填，修改须注明原因",))
    for number in range(desk.sizes["calls"]):
        area = rng.choice(AREAS)
        landline = rng.random() < 0.4
        local = f"{rng.choice('2345678')}{rng.randrange(10**7):07d}"
        row: dict[str, Any] = {
            "编号": f"D{number + 1:05d}", "来电时间": desk.written(desk.moment()), "来电人姓名": desk.people.name(), "事由": rng.choice(REASONS),
            "联系电话": f"{area}-{local}" if landline else written_mobile(rng, desk.people.mobile()), "区域号码": area, "接听人": rng.choice(desk.staff),
            "咨询编号": rng.choice(enquiries) if rng.random() < 0.2 else None,
        }  # fmt: skip
        notes: list[Callable[[str], None]] = []
        if rng.random() < 0.04:
            column = rng.choice(("来电人姓名", "事由", "联系电话", "区域号码"))
            row[column] = None
            notes.append(truth.found("call.incomplete", {"来电人姓名": "姓名"}.get(column, column)))
        elif landline and rng.random() < 0.05:
            row["区域号码"] = rng.choice([other for other in AREAS if other != area])
            notes.append(truth.found("call.area-code", "区域号码"))
        secret = rng.choice((True, False, False, None))
        row["保密"] = desk.flag(secret, (YES, NO))
        said = "true" if secret is not False else "false"
        notes.append(lambda origin, said=said: truth.row("flags", "activity", origin, said, ""))
        desk.overridden(row, notes)
        register.add(row, both(*notes))
        truth.count("activity")
    write_workbook(path, [register])


def _visits(desk: Desk, path: Path) -> None:
    rng, truth = desk.rng, desk.truth
    register = Register("来访登记", VISITS)
    for number in range(desk.sizes["visits"]):
        entered = desk.moment()
        left: datetime | None = entered + timedelta(minutes=rng.randrange(0, 180))
        row: dict[str, Any] = {
            "编号": f"F{number + 1:05d}", "姓名": desk.people.name(), "人数": str(rng.randrange(1, 6)), "事由": rng.choice(REASONS),
            "联系电话": written_mobile(rng, desk.people.mobile()), "接待人": rng.choice(desk.staff),
        }  # fmt: skip
        notes: list[Callable[[str], None]] = []
        roll, rejected = rng.random(), False
        if roll < 0.02:
            left = entered - timedelta(minutes=rng.choice((1, 60)))
            notes.append(truth.found("visit.out-before-in", "结束时间"))
            truth.count("activity", "rejected")
            rejected = True
        elif roll < 0.04:
            left = None
            notes.append(truth.found("visit.never-left", "结束时间"))
        elif roll < 0.05:
            row["人数"] = "0"
            notes.append(truth.found("visit.people", "人数"))
        elif roll < 0.07:
            row["事由"] = None
            notes.append(truth.found("visit.incomplete", "事由"))
        row["进入时间"] = _csv(desk, entered)
        row["离开时间"] = _csv(desk, left) if left else None
        secret = rng.choice((True, False, None))
        row["保密"] = desk.flag(secret, (("是", "Y", "保密"), ("否", "N", "不保密")))
        if not rejected:
            said = "true" if secret is not False else "false"
            notes.append(lambda origin, said=said: truth.row("flags", "activity", origin, said, ""))
        desk.overridden(row, notes)
        register.add(row, both(*notes))
        truth.count("activity")
    write_csv(path, register, "gb18030")


def _csv(desk: Desk, moment: datetime) -> str:
    written = desk.written(moment)
    text = f"{written:%Y-%m-%d %H:%M}" if isinstance(written, datetime) else written
    return text.translate(FULL_WIDTH) if desk.rng.random() < 0.05 else text
