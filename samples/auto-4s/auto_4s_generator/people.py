"""Staff, prospects of the DMS, follow-ups, the register of visitors, test drives."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from made_up.people import written_mobile
from made_up.registers import Register, both, write_csv, write_workbook

from auto_4s_generator.dealer import AS_OF, DAYS, MODELS, WRITTEN_LEVEL, Dealer, Prospect, months_after

DMS = (
    "客户编号",
    "姓名",
    "手机",
    "身份证号",
    "品牌",
    "级别",
    "来店途径",
    "四大特征",
    "状态",
    "销售顾问",
    "小组",
    "首次接触日期",
    "备注",
)
FOLLOWUPS = ("记录编号", "客户编号", "跟进日期", "方式", "是否联系上", "内容", "销售顾问")
VISITS = ("序号", "日期", "方式", "是否首次", "姓名", "电话", "意向车型", "销售顾问", "客户编号")
DRIVES = ("编号", "试驾日期", "姓名", "驾驶证号", "手机", "试驾车型", "客户编号", "销售顾问")


def write_people(dealer: Dealer, folder: Path) -> None:
    """Write everything about people."""
    _staff(dealer, folder / "员工名单.xlsx")
    _prospects(dealer, folder / "DMS客户.csv")
    _followups(dealer, folder / "跟进记录.csv")
    _visits(dealer, folder / "来店来电登记.xlsx")
    _drives(dealer, folder / "试驾登记.xlsx")


def _staff(dealer: Dealer, path: Path) -> None:
    register = Register("员工名单", ("工号", "姓名", "岗位", "小组", "状态", "交接人"))
    for number, (name, group) in enumerate(dealer.staff):
        left = number >= 14
        register.add({"工号": f"S{number:03d}", "姓名": name, "岗位": "销售顾问", "小组": group, "状态": "离职" if left else "在职",
                      "交接人": dealer.staff[number - 14][0] if left else None})  # fmt: skip
    for number, name in enumerate(dealer.others):
        register.add(
            {
                "工号": f"M{number:03d}",
                "姓名": name,
                "岗位": ("展厅经理", "总经办", "仓管")[number // 2],
                "状态": "在职",
            }
        )
    dealer.truth.count("user", by=len(register.rows))
    write_workbook(path, [register])


def _prospects(dealer: Dealer, path: Path) -> None:
    rng, truth = dealer.rng, dealer.truth
    register = Register("DMS客户", DMS)
    for number, one in enumerate(dealer.prospects):
        notes = _judged(dealer, one)
        lost = number % 40 == 7
        row: dict[str, Any] = {
            "客户编号": one.key, "姓名": one.name + (rng.choice(("先生", "女士")) if number % 9 == 4 else ""), "手机": written_mobile(rng, one.mobile),
            "身份证号": f"{float(one.id_number.replace('X', '0')):.11E}" if lost else one.id_number, "品牌": one.brand,
            "级别": rng.choice(WRITTEN_LEVEL[one.level]), "来店途径": rng.choice(("朋友介绍", "自然来店", "广告", "介绍", "路过")),
            "四大特征": rng.choice(("首购，关注油耗", "增购，家用", "置换，预算15万", "")), "状态": one.status, "销售顾问": one.consultant, "小组": one.group,
            "首次接触日期": dealer.written_text(one.first),
        }  # fmt: skip
        if lost:
            notes.append(lambda origin: truth.row("lost_ids", origin))
        if one.status in {"订车", "交车", "保有"} and number % 29 == 3:
            notes.append(truth.found("prospect.status-without-order", "状态"))
        notes.append(lambda origin, level=one.meant: truth.row("levels", origin, level))
        register.add(row, both(*notes))
        truth.count("prospect")
    for number, one in enumerate(dealer.prospects[5::50]):  # entered a second time, by another consultant
        row = {
            "客户编号": f"R{number + 1:05d}",
            "姓名": one.name,
            "手机": written_mobile(rng, one.mobile),
            "品牌": one.brand,
            "状态": one.status,
        }
        register.add(row)
        truth.count("prospect")
        truth.count("prospect", "merged")
    for number, one in enumerate(dealer.prospects[8::60]):  # of one household: the same telephone, another person
        row = {"客户编号": f"F{number + 1:05d}", "姓名": dealer.people.name(), "手机": one.mobile, "品牌": one.brand, "级别": "C", "状态": "战败",
               "销售顾问": one.consultant, "小组": one.group}  # fmt: skip
        register.add(row, lambda origin: truth.row("levels", origin, "C"))
        truth.count("prospect")
    write_csv(path, register, "gb18030")


def _judged(dealer: Dealer, one: Prospect) -> list[Callable[[str], None]]:
    """Return what is to be found of an open prospect on the day of judgement."""
    truth, notes = dealer.truth, []
    if one.status != "意向":
        return []
    since, days = (AS_OF - one.last).days, DAYS[one.meant]
    if since > days + 3:
        notes.append(truth.found("followup.overdue", "级别"))
    elif since >= (2 if one.meant == "H" else days):
        notes.append(truth.found("followup.due", "级别"))
    if months_after(one.reached, 4) < AS_OF:
        notes.append(truth.found("reach.to-office", "销售顾问"))
    elif months_after(one.reached, 3) < AS_OF:
        notes.append(truth.found("reach.to-manager", "销售顾问"))
    elif months_after(one.reached, 2) < AS_OF:
        notes.append(truth.found("reach.reassign-group", "小组"))
        other = {"A组": "B组", "B组": "A组"}[one.group]
        notes.append(lambda origin: truth.row("owners", origin, f"{one.group}→{other}"))
    return notes


def _followups(dealer: Dealer, path: Path) -> None:
    rng = dealer.rng
    register = Register("跟进记录", FOLLOWUPS)
    for one in dealer.prospects:
        for day, reached in sorted(one.followups):
            register.add({"记录编号": f"G{len(register.rows) + 1:06d}", "客户编号": one.key, "跟进日期": dealer.written_text(day),
                          "方式": rng.choice(("电话", "微信", "短信", "来店")), "是否联系上": rng.choice(("是", "√")) if reached else rng.choice(("否", "×")),
                          "内容": rng.choice(("介绍车型", "约看车", "谈价格", "确认订金")), "销售顾问": one.consultant})  # fmt: skip
    dealer.truth.count("followup", by=len(register.rows))
    write_csv(path, register)


def _visits(dealer: Dealer, path: Path) -> None:
    rng, truth = dealer.rng, dealer.truth
    first = [(one.first, one) for one in dealer.prospects]
    days = sorted({day for day, _ in first})
    wrong = days[::17]  # six of a hundred days disagree with the DMS
    missing = set(wrong[::2])
    rows: list[tuple[date, bool, Prospect | None]] = []
    for day, one in sorted(first, key=lambda pair: (pair[0], pair[1].key)):
        if day in missing:  # one row of that day was forgotten
            missing.remove(day)
        else:
            rows.append((day, True, one))
    rows += [(day, True, None) for day in wrong[1::2]]
    while len(rows) < dealer.size["visits"]:
        one = rng.choice(dealer.prospects)
        rows.append((one.first + timedelta(rng.randrange(1, 100)), False, one))
    for day in wrong:
        truth.row("found", "register.day-mismatch", day.isoformat(), "")
    months: dict[str, Register] = {}
    for day, is_first, one in sorted(rows, key=lambda row: (row[0], row[2].key if row[2] else "", row[1])):
        name = f"{day.year}年{day.month}月"
        register = months.setdefault(
            name, Register(name, VISITS, (f"{name}来店（来电）客户登记表",), ("注：每日与DMS核对",))
        )
        register.add({"序号": len(register.rows) + 1, "日期": dealer.written(day), "方式": rng.choice(("来店", "来电", "到店", "电话")),
                      "是否首次": "是" if is_first else "否", "姓名": one.name if one else dealer.people.name(),
                      "电话": one.mobile if one else dealer.people.mobile(), "意向车型": rng.choice(MODELS),
                      "销售顾问": one.consultant if one else rng.choice(dealer.staff)[0], "客户编号": one.key if one else None})  # fmt: skip
        truth.count("visit")
    write_workbook(path, months.values())


def _drives(dealer: Dealer, path: Path) -> None:
    rng, truth = dealer.rng, dealer.truth
    register = Register("试驾登记", DRIVES, ("试乘试驾登记表",))
    for number in range(dealer.size["testdrives"]):
        one = rng.choice(dealer.prospects)
        row: dict[str, Any] = {"编号": f"T{number + 1:05d}", "试驾日期": dealer.written(one.first), "姓名": one.name, "驾驶证号": one.id_number,
                               "手机": written_mobile(rng, one.mobile), "试驾车型": rng.choice(MODELS), "客户编号": one.key, "销售顾问": one.consultant}  # fmt: skip
        notes: list[Callable[[str], None]] = []
        if number % 11 == 2:
            row["客户编号"] = rng.choice((f"X{number:05d}", None))
            notes.append(truth.found("testdrive.not-in-dms", "客户编号"))
        if number % 13 == 5:
            row["驾驶证号"] = None
            notes.append(truth.found("testdrive.incomplete", "驾驶证号"))
        register.add(row, both(*notes))
        truth.count("testdrive")
    write_workbook(path, [register])
