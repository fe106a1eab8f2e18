"""Orders, deliveries, and the cars: into stock, out of it, from one warehouse to another, checked before delivery, counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from made_up.people import written_mobile
from made_up.registers import Register, both, write_csv, write_workbook

from auto_4s_generator.dealer import AS_OF, COLORS, MODELS, Dealer

ORDERS = ("订单号", "客户编号", "姓名", "电话", "地址", "身份证号", "车型", "颜色", "订单日期", "订单金额", "销售顾问")
WAREHOUSES = ("主库", "二库")


@dataclass
class Car:
    """One car."""

    vin: str
    model: str
    place: str
    came: date


def write_cars(dealer: Dealer, folder: Path) -> None:
    """Write everything about cars."""
    cars = [Car(dealer.people.vin(), dealer.rng.choice(MODELS), dealer.rng.choice(WAREHOUSES), AS_OF - timedelta(dealer.rng.randrange(100, 300)))
            for _ in range(dealer.size["in"])]  # fmt: skip
    flows: Counter[tuple[str, str, str]] = Counter()
    orders = _orders(dealer, folder / "订单.xlsx")
    _in(dealer, folder / "入库单.xlsx", cars, flows)
    _moved(dealer, folder / "移库登记.xlsx", cars, flows)
    _deliveries(dealer, folder / "交车登记.csv", cars, orders)
    _out(dealer, folder, cars, orders, flows)
    _counted(dealer, folder / "库存盘点.xlsx", flows)


def _orders(dealer: Dealer, path: Path) -> list[str]:
    rng, truth = dealer.rng, dealer.truth
    register = Register("订单", ORDERS, ("车辆订购单汇总",))
    numbers = []
    for number, one in enumerate(dealer.prospects[: dealer.size["orders"]]):
        if number % 29 == 3:  # sold without an order
            numbers.append("")
            continue
        row: dict[str, Any] = {
            "订单号": f"O{number + 1:05d}", "客户编号": one.key, "姓名": one.name, "电话": written_mobile(rng, one.mobile),
            "地址": f"浙江省杭州市西湖区文三路{rng.randrange(1, 400)}号", "身份证号": one.id_number, "车型": rng.choice(MODELS), "颜色": rng.choice(COLORS),
            "订单日期": dealer.written(one.first + timedelta(5)), "订单金额": rng.choice(("12.8万", "158,000.00", "¥99800", "208000")),
            "销售顾问": one.consultant,
        }  # fmt: skip
        column = {5: "电话", 9: "地址", 13: "身份证号", 17: "车型", 1: "颜色"}.get(number % 21)
        notes: list[Callable[[str], None]] = []
        if column:
            row[column] = None
            notes.append(truth.found("order.incomplete", column))
        elif number % 21 == 7:
            row["姓名"] = one.name[0] + "先生"
            notes.append(truth.found("order.incomplete", "名"))
        register.add(row, both(*notes))
        truth.count("order")
        numbers.append(row["订单号"])
    write_workbook(path, [register])
    return numbers


def _in(dealer: Dealer, path: Path, cars: list[Car], flows: Counter[tuple[str, str, str]]) -> None:
    truth = dealer.truth
    register = Register("入库单", ("单号", "入库日期", "VIN", "车型", "仓库"), ("车辆入库单",))
    for number, car in enumerate(cars):
        written, notes = car.vin, []
        if number % 25 == 4:
            written = car.vin[:-1] if number % 2 else car.vin[:8] + ("1" if car.vin[8] != "1" else "2") + car.vin[9:]
            notes.append(truth.found("vehicle.vin", "VIN"))
        elif number % 25 == 9 and "0" in car.vin:
            written = car.vin.replace("0", "O")  # can be mended: the check digit proves it
        elif number % 25 == 14:
            written = car.vin.lower()
        register.add(
            {
                "单号": f"RK{number + 1:05d}",
                "入库日期": dealer.written(car.came),
                "VIN": written,
                "车型": car.model,
                "仓库": car.place,
            },
            both(*notes),
        )
        flows["in", car.place, car.model] += 1
        truth.count("move")
    write_workbook(path, [register])


def _moved(dealer: Dealer, path: Path, cars: list[Car], flows: Counter[tuple[str, str, str]]) -> None:
    register = Register("移库登记", ("单号", "移库日期", "VIN", "车型", "从仓库", "到仓库"), ("车辆移库登记",))
    for number in range(dealer.size["moved"]):
        car = cars[number * 7 % len(cars)]
        other = WAREHOUSES[1 - WAREHOUSES.index(car.place)]
        register.add({"单号": f"YK{number + 1:05d}", "移库日期": dealer.written(car.came + timedelta(3)), "VIN": car.vin, "车型": car.model,
                      "从仓库": car.place, "到仓库": other})  # fmt: skip
        flows["moved", car.place, car.model] -= 1
        flows["moved", other, car.model] += 1
        car.place = other
        dealer.truth.count("move")
    write_workbook(path, [register])


def _deliveries(dealer: Dealer, path: Path, cars: list[Car], orders: list[str]) -> None:
    register = Register("交车登记", ("交车单号", "订单号", "VIN", "交车日期"))
    for number in range(dealer.size["deliveries"]):
        if orders[number]:
            register.add({"交车单号": f"J{number + 1:05d}", "订单号": orders[number], "VIN": cars[number].vin,
                          "交车日期": dealer.written_text(cars[number].came + timedelta(30))})  # fmt: skip
            dealer.truth.count("delivery")
    write_csv(path, register, "gb18030")


def _out(
    dealer: Dealer, folder: Path, cars: list[Car], orders: list[str], flows: Counter[tuple[str, str, str]]
) -> None:
    rng, truth = dealer.rng, dealer.truth
    out = Register("出库单", ("单号", "出库日期", "VIN", "车型", "仓库", "订单号", "全款确认"), ("车辆出库单",))
    pdi = Register("PDI检查", ("编号", "VIN", "检查日期", "结果", "检查人"), ("售前检查（PDI）记录",))
    for number, car in enumerate(cars):
        leaves = number < dealer.size["out"]
        left = car.came + timedelta(30)
        checked, result = left - timedelta(rng.choice((0, 1, 3))), "合格"
        notes: list[Callable[[str], None]] = []
        if leaves and number % 31 == 6:
            checked, result = rng.choice(((left + timedelta(1), "合格"), (checked, "不合格")))
            notes.append(truth.found("stock.out-without-pdi", "VIN"))
        paid = not (leaves and number % 37 == 8)
        if not paid:
            notes.append(truth.found("stock.out-without-payment", "全款确认"))
        pdi.add(
            {
                "编号": f"P{number + 1:05d}",
                "VIN": car.vin,
                "检查日期": dealer.written(checked),
                "结果": result,
                "检查人": dealer.others[4],
            }
        )
        truth.count("pdi")
        if leaves:
            order = orders[number] if number < dealer.size["deliveries"] else None
            out.add({"单号": f"CK{number + 1:05d}", "出库日期": dealer.written(left), "VIN": car.vin, "车型": car.model, "仓库": car.place,
                     "订单号": order or None, "全款确认": rng.choice(("是", "√")) if paid else rng.choice(("否", None))}, both(*notes))  # fmt: skip
            flows["out", car.place, car.model] += 1
            truth.count("move")
    write_workbook(folder / "出库单.xlsx", [out])
    write_workbook(folder / "PDI检查.xlsx", [pdi])


def _counted(dealer: Dealer, path: Path, flows: Counter[tuple[str, str, str]]) -> None:
    truth = dealer.truth
    register = Register("库存盘点", ("仓库", "车型", "期初数量", "期末数量"), ("2026年10月31日库存盘点表",))
    for number, (place, model) in enumerate((place, model) for place in WAREHOUSES for model in MODELS):
        came, left, moved = (flows[kind, place, model] for kind in ("in", "out", "moved"))
        opening = dealer.rng.randrange(0, 9)
        closing = opening + came - left + moved
        if number in {3, 8}:
            truth.row("found", "stock.balance", f"{place}/{model}", "")
        truth.row("balance", place, model, opening, came, left, moved, closing)
        register.add(
            {"仓库": place, "车型": model, "期初数量": opening, "期末数量": closing + {3: 1, 8: -2}.get(number, 0)}
        )
        truth.count("stocktake")
    write_workbook(path, [register])
