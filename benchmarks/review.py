"""Review round trip: find doubtful pairs, write the workbook, decide every one, read it back, apply it to rows that have moved.

    python benchmarks/review.py [--groups 5000] [--seed 1]

Made-up companies stand in two rows each, whose names differ in one character, at one address with one person to ask for,
with different phones and no key. After the review the rows are shuffled, new ones come in between and a value changes in
every twentieth; then each decision must have been done, and each chosen phone must be in its golden record. Prints
processor seconds of each step, the peak of memory, and what was not as decided (exit code 1 where anything was not).
"""

from __future__ import annotations

import argparse
import random
import resource
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import pandas as pd
from openpyxl import load_workbook

from crmmigrate.model.decision import Decision
from crmmigrate.model.stage import Job, StageResult
from crmmigrate.model.table import Tables
from crmmigrate.reports.review import read_review
from crmmigrate.runner.tables import Materialiser, TableWriter
from crmmigrate.stages.dedupe import REVIEW_BOOK, DedupeOptions, dedupe

SIGNS = "启明远航宏达天成瑞丰嘉禾金桥博雅卓越鼎盛恒信泰安康华美永兴德润方正东升南洋西湖北辰中立元大通"
CITIES = ("杭州", "宁波", "苏州", "青岛", "武汉", "成都", "广州", "西安")
TRADES = ("精密机械", "国际贸易", "网络科技", "装饰工程", "餐饮管理", "电子商务", "生物科技", "包装材料")
COLUMNS = ("客户名称", "电话", "详细地址", "联系人", "级别")


def companies(groups: int, rng: random.Random) -> list[list[str | None]]:
    """Return two rows of each company."""
    near: set[tuple[str, int, str]] = set()
    """Brands of a trade without one of their characters: of two that are alike people would be asked as well."""
    rows: list[list[str | None]] = []
    while len(rows) < 2 * groups:
        brand, trade, city = "".join(rng.sample(SIGNS, 3)), rng.choice(TRADES), rng.choice(CITIES)
        brands = brand, rng.choice([sign for sign in SIGNS if sign not in brand]) + brand[1:]
        likes = {(trade, at, one[:at] + one[at + 1 :]) for one in brands for at in range(3)}
        if likes & near:
            continue
        near |= likes
        address, person = f"{city}市中山路{len(rows) + 1}号", "".join(rng.sample(SIGNS, 2))
        rows += [
            [f"{city}{called}{trade}有限公司", _phone(rng), address, f"王{person}", level]
            for called, level in zip(brands, "AB", strict=True)
        ]
    return rows


def _phone(rng: random.Random) -> str:
    return f"0571-8{rng.randrange(10**7):07d}"


def run(rows: list[list[str | None]], folder: Path, *books: tuple[Decision, ...]) -> tuple[StageResult, pd.DataFrame]:
    """Run the stage over rows named by their place; return its result and the golden records."""
    named = [[f"表/{at}", f"表.csv!{at}", *row] for at, row in enumerate(rows, start=2)]
    folder.mkdir()
    writer = TableWriter("account", folder / "in.parquet")
    writer.write(pd.DataFrame(named, columns=["_record", "_origin", *COLUMNS], dtype="str"))
    tables = Tables({"account": writer.close()})
    result = dedupe.function(Job(tables, DedupeOptions(object="account", decisions=books), "r", lambda _: None))
    made = Materialiser(tables, lambda name: folder / f"{name}.parquet", lambda _: None)
    written = made.write("account", result.tables["account"])
    assert written is not None
    return result, written.frame()


def decide(path: Path, rng: random.Random) -> tuple[int, int]:
    """Fill the workbook in, half of it with a chosen phone; return groups and decisions."""
    book = load_workbook(path)
    sheet: Any = book["account"]
    at = {cell.value: cell.column for cell in sheet[1]}
    groups: dict[str, str] = {}
    decided = 0
    for row in range(2, sheet.max_row + 1):
        value = {title: sheet.cell(row, column).value for title, column in at.items()}
        verdict = groups.setdefault(value["Group"], rng.choice(["合并", "Keep apart"]))  # one that fits together
        if value["_record"] != value["_leading"]:
            sheet.cell(row, at["Decision"], verdict)
            decided += 1
            if rng.random() < 0.5 and value["_own:电话"]:
                sheet.cell(row, at["Keep: 电话"], value["_own:电话"])
    book.save(path)
    return len(groups), decided


def moved(rows: list[list[str | None]], rng: random.Random) -> list[list[str | None]]:
    """Return the rows shuffled, with new ones between them and another value in every twentieth."""
    later = [[*row[:-1], "C"] if rng.random() < 0.05 else row for row in rows]
    later += [
        [f"南京新{number}号信息科技有限公司", f"025-8{number:07d}", None, None, "C"]
        for number in range(len(rows) // 20)
    ]
    rng.shuffle(later)
    return later


def wrong(decisions: tuple[Decision, ...], rows: list[list[str | None]], golden: pd.DataFrame) -> int:
    """Return how many decisions were not done, or not with the phone that was chosen."""
    phones = dict(zip(golden["客户名称"], golden["电话"], strict=True))
    count = 0
    for decision in decisions:
        names = {rows[int(record.rpartition("/")[2]) - 2][0] for record in (decision.record_a, decision.record_b)}
        left = [name for name in names if name in phones]
        chosen = [choice.value for choice in decision.choices]
        done = len(left) <= 1 if decision.verdict == "merge" else len(left) == 2
        count += not (done and (not chosen or not left or phones[left[0]] == chosen[0]))
    return count


def main() -> int:
    """Measure the round trip."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--groups", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    rng = random.Random(asked.seed)
    rows = companies(asked.groups, rng)
    with tempfile.TemporaryDirectory() as place:
        folder, start = Path(place), time.process_time()
        times: dict[str, tuple[float, float]] = {}

        def lap(step: str) -> None:
            nonlocal start
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            times[step] = time.process_time() - start, peak
            start = time.process_time()

        result, _ = run(rows, folder / "first")
        lap("find and merge")
        path = folder / "review.xlsx"
        next(report for report in result.reports if report.name == REVIEW_BOOK).write(path, "en")
        lap("write the workbook")
        groups, decided = decide(path, rng)
        lap("(a person decides)")
        decisions = read_review(path)
        lap("read it back")
        again, golden = run(moved(rows, rng), folder / "again", decisions)
        lap("apply to rows that have moved")
        bad = wrong(decisions, rows, golden)
        left = sum(report.name == REVIEW_BOOK for report in again.reports)
    for step, (seconds, peak) in times.items():
        print(f"{step:<32}{seconds:7.2f} s   peak so far {peak:4.0f} MB")
    print(f"{groups:,} groups, {decided:,} decisions, {bad} not done, workbooks of open questions after it: {left}")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
