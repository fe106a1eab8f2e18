"""What the manager does: complaints, repairs and calls after them, visits, visits at home, questionnaires."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import chinese_calendar
from made_up.registers import Register, both, write_workbook

from property_generator.estate import AS_OF, Estate, csv_register

FIRST = date(2026, 8, 1)
PAGE = 40
"""Rows of a printed page of the old maintenance system, each page with its header and subtotal."""


def write_service(estate: Estate, folder: Path) -> None:
    """Write everything about service."""
    _complaints(estate, folder / "投诉登记.xlsx")
    _repairs(estate, folder)
    _visits(estate, folder / "来访登记.xlsx")
    _home_visits(estate, folder / "家访记录.xlsx")
    _questionnaires(estate, folder / "问卷登记.csv")


def _day(estate: Estate, back: int = 8) -> date:
    return FIRST + timedelta(estate.rng.randrange((AS_OF - FIRST).days - back))


def _complaints(estate: Estate, path: Path) -> None:
    rng, truth = estate.rng, estate.truth
    register = Register(
        "投诉登记",
        (
            "编号",
            "房号",
            "投诉人",
            "受理时间",
            "内容",
            "是否有效",
            "状态",
            "回复时间",
            "下次回复时间",
            "回访时间",
            "处理人",
        ),
        ("投诉登记表",),
    )
    for number in range(estate.size["complaints"]):
        room, came = rng.choice(estate.lived_in), estate.moment(_day(estate))
        answered = came + timedelta(minutes=rng.choice((5, 30, 119, 120)))
        closed, valid = number % 3 != 0, number % 4 != 1
        next_time = None if closed else datetime(2026, 11, 2, 9)  # noqa: DTZ001 - a wall clock
        called = came + timedelta(days=2) if closed and valid else None
        notes: list[Callable[[str], None]] = [estate.in_room("complaint", room)]
        fault = {4: "late", 7: "before", 9: "next", 12: "overdue", 14: "call"}.get(number % 20)
        if fault == "late":
            answered = came + timedelta(minutes=rng.choice((121, 300)))
            notes.append(truth.found("complaint.answered-late", "回复时间"))
        elif fault == "before":
            answered = came - timedelta(minutes=3)
            notes.append(truth.found("complaint.answered-before-receipt", "回复时间"))
        elif fault == "next" and not closed:
            next_time = None
            notes.append(truth.found("complaint.no-next-answer", "下次回复时间"))
        elif fault == "overdue" and not closed:
            next_time = datetime(2026, 10, 30, 18)  # noqa: DTZ001 - a wall clock
            notes.append(truth.found("complaint.overdue", "下次回复时间"))
        elif fault == "call" and closed and valid:
            called = None
            notes.append(truth.found("complaint.no-followup", "回访时间"))
        register.add({"编号": f"TS{number + 1:04d}", "房号": estate.room(room), "投诉人": estate.people.name(), "受理时间": estate.written(came),
                      "内容": rng.choice(("电梯异响", "業(yè)務(wù)办理慢", "楼上\u00a0\u00a0噪音", "卫生不好")), "是否有效": rng.choice(("是", "√") if valid else ("否", "×")),
                      "状态": "已结案" if closed else "处理中", "回复时间": estate.written(answered), "下次回复时间": next_time,
                      "回访时间": estate.written(called) if called else None, "处理人": rng.choice(estate.staff)}, both(*notes))  # fmt: skip
        truth.count("complaint")
    write_workbook(path, [register])


def _working_days(begin: date, end: date) -> int:
    """Count the working days after `begin`, up to and including `end`."""
    return sum(chinese_calendar.is_workday(begin + timedelta(n)) for n in range(1, (end - begin).days + 1))


def _after_working_days(day: date, count: int) -> date:
    while count:
        day += timedelta(1)
        count -= chinese_calendar.is_workday(day)
    return day


def _repairs(estate: Estate, folder: Path) -> None:
    rng, truth = estate.rng, estate.truth
    repairs = Register("维修登记", ("编号", "房号", "报修时间", "类别", "内容", "完成时间", "维修人"))
    calls = Register("回访记录", ("编号", "维修编号", "回访时间", "结果", "抽查签字"))
    signed: Counter[str] = Counter()
    called: Counter[str] = Counter()
    for number in range(estate.size["repairs"]):
        room, service = rng.choice(estate.lived_in), number % 2 == 0
        done = estate.moment(_day(estate, 12))
        notes: list[Callable[[str], None]] = [estate.in_room("repair", room)]
        key = f"WX{number + 1:05d}"
        answered: date | None = _after_working_days(done.date(), rng.choice((1, 2)))
        if service and number % 14 == 4:
            answered = rng.choice((None, _after_working_days(done.date(), 3)))
            notes.append(truth.found("repair.followup-late", "完成时间"))
        elif not service and len(calls.rows) >= estate.size["followups"]:
            answered = None
        if answered is not None:
            month = f"{answered:%Y-%m}"
            called[month] += 1
            sign = called[month] % (6 if month == "2026-10" else 4) == 0
            signed[month] += sign
            calls.add({"编号": f"HF{len(calls.rows) + 1:05d}", "维修编号": key, "回访时间": estate.written_text(estate.moment(answered)),
                       "结果": rng.choice(("满意", "一般", "不满意")), "抽查签字": "是" if sign else rng.choice(("否", ""))})  # fmt: skip
            truth.count("followup")
        repairs.add({"编号": key, "房号": estate.room(room), "报修时间": f"{done - timedelta(hours=3):%Y-%m-%d %H:%M}", "类别": "便民服务" if service else "公共维修",
                     "内容": rng.choice(("水管漏水", "灯不亮", "门锁坏")), "完成时间": f"{done:%Y-%m-%d} {done.hour}：{done.minute:02d}",
                     "维修人": rng.choice(estate.staff)}, both(*notes))  # fmt: skip
        truth.count("repair")
    for month, count in called.items():
        truth.row("rates", "spot-check", month, signed[month], count)
        if signed[month] < 0.2 * count:
            truth.row("found", "followup.spot-check", month, "")
    _write_pages(folder / "维修登记.xls", repairs)
    csv_register(folder / "回访记录.csv", calls)


def _write_pages(path: Path, register: Register) -> None:
    """Write XML Spreadsheet 2003 called .xls, page after page as it was printed: a title, a header and a subtotal on each."""
    lines: list[list[str]] = [["维修登记汇总"], list(register.header)]
    for number, row in enumerate(register.rows):
        if number and number % PAGE == 0:
            lines += [["小计", "", "", "", str(PAGE)], list(register.header)]
        lines.append(["" if row.get(column) is None else str(row[column]) for column in register.header])
        register.noted[number](f"{path.name}#{register.name}!{len(lines)}")
    lines.append(["合计", "", "", "", str(len(register.rows))])
    rows = "".join(
        "<Row>"
        + "".join(f'<Cell><Data ss:Type="String">{escape(cell)}</Data></Cell>' if cell else "<Cell/>" for cell in line)
        + "</Row>\n"
        for line in lines
    )
    name = "urn:schemas-microsoft-com:office:spreadsheet"
    path.write_text(
        f'<?xml version="1.0" encoding="UTF-8"?>\n<?mso-application progid="Excel.Sheet"?>\n<Workbook xmlns="{name}" xmlns:ss="{name}">'
        f'<Worksheet ss:Name="{register.name}"><Table>\n{rows}</Table></Worksheet></Workbook>\n',
        encoding="utf-8",
    )


def _visits(estate: Estate, path: Path) -> None:
    rng, truth = estate.rng, estate.truth
    register = Register(
        "来访登记", ("编号", "来访人", "人数", "房号", "事由", "进入时间", "离开时间", "班次"), ("来访登记簿",)
    )
    for number in range(estate.size["visits"]):
        room, day = rng.choice(estate.lived_in), _day(estate)
        early = rng.random() < 0.5
        came = estate.moment(day, *((6 * 60, 13 * 60) if early else (13 * 60, 22 * 60)))
        edge = {3: (6 * 60, True), 5: (13 * 60 - 1, True), 7: (13 * 60, False), 9: (22 * 60 - 1, False)}.get(
            number % 50
        )
        if edge:
            came, early = estate.moment(day, edge[0], edge[0] + 1), edge[1]
        left = came + timedelta(minutes=rng.choice((0, 30, 90)))
        shift = "早班" if early else "晚班"
        notes: list[Callable[[str], None]] = []
        if number % 40 == 11:
            shift = "晚班" if early else "早班"
            notes.append(truth.found("visit.wrong-shift", "班次"))
        elif number % 40 == 17:
            came = estate.moment(day, *rng.choice(((6 * 60 - 1, 6 * 60), (22 * 60, 22 * 60 + 1))))
            left = came + timedelta(minutes=5)
            notes.append(truth.found("visit.wrong-shift", "班次"))
        elif number % 40 == 23:
            left = came - timedelta(minutes=1)
            notes.append(truth.found("visit.out-before-in", "离开时间"))
            truth.count("visit", "rejected")
        if number % 40 != 23:
            notes.append(estate.in_room("visit", room))
        register.add({"编号": f"LF{number + 1:05d}", "来访人": estate.people.name() if number < 400 else f"访客{rng.choice('王李张刘陈')}先生", "人数": rng.randrange(1, 5),
                      "房号": estate.room(room), "事由": rng.choice(("访友", "送货", "看房")), "进入时间": estate.written(came), "离开时间": estate.written(left),
                      "班次": shift}, both(*notes))  # fmt: skip
        truth.count("visit")
    write_workbook(path, [register])


def _home_visits(estate: Estate, path: Path) -> None:
    rng, truth = estate.rng, estate.truth
    register = Register("家访记录", ("编号", "房号", "家访日期", "家访人", "意见"), ("家访记录表",))
    enough = -(-4 * len(estate.lived_in) // 100)  # 4 of a hundred, rounded up
    share = max(estate.size["homevisits"] // 3, enough)
    for month, rooms in (("2026-08", share), ("2026-09", enough), ("2026-10", enough - 1)):
        seen = rng.sample(estate.lived_in, min(rooms, len(estate.lived_in)))
        for room in [*seen, seen[0] if seen else estate.lived_in[0]]:  # one of them twice: that is one household
            register.add({"编号": f"JF{len(register.rows) + 1:04d}", "房号": estate.room(room), "家访日期": f"{month}-{rng.randrange(1, 29):02d}",
                          "家访人": rng.choice(estate.staff), "意见": rng.choice(("满意", "希望增加车位"))}, estate.in_room("homevisit", room))  # fmt: skip
            truth.count("homevisit")
        households = len(set(seen)) or 1
        truth.row("rates", "homevisit", month, households, len(estate.lived_in))
        if households < 0.04 * len(estate.lived_in):
            truth.row("found", "homevisit.coverage", month, "")
    write_workbook(path, [register])


def _questionnaires(estate: Estate, path: Path) -> None:
    rng, truth = estate.rng, estate.truth
    register = Register("问卷登记", ("编号", "批次", "房号", "发放日期", "回收日期", "满意度"))
    sent = estate.lived_in[: estate.size["questionnaires"]]
    returned = 59 * len(sent) // 100
    for number, room in enumerate(sent):
        back = number < returned
        row: dict[str, Any] = {"编号": f"WJ{number + 1:05d}", "批次": "2026年度", "房号": estate.room(room), "发放日期": "2026-09-01",
                               "回收日期": f"2026-09-{rng.randrange(5, 29):02d}" if back else None, "满意度": str(rng.randrange(60, 101)) if back else None}  # fmt: skip
        register.add(row, estate.in_room("questionnaire", room))
        truth.count("questionnaire")
    truth.row("rates", "sent", "2026年度", len(sent), len(estate.lived_in))
    truth.row("rates", "returned", "2026年度", returned, len(sent))
    truth.row("found", "questionnaire.sent", "2026年度", "")
    truth.row("found", "questionnaire.returned", "2026年度", "")
    csv_register(path, register)
