"""A privacy scan over 1,000,000 cells: how long it takes, beside a plain search with one regular expression for each kind.

    python benchmarks/privacy.py [--cells 1000000] [--names 20000]

The cells are a table of ten columns as a report has them: codes, sentences, amounts, dates, places, company names; every thousandth
row holds a value of the sources. Printed: CPU seconds of the scan, of the plain search over the same texts in the same run, their ratio,
and how many of the values that were sown each of the two found.
"""

from __future__ import annotations

import argparse
import random
import re
import statistics
import time

from crmmigrate.checks.personal_values import KnownValues
from crmmigrate.runner.privacy import _leaks
from crmmigrate.runner.scanned_files import Part

PLAIN = [
    r"(?<!\d)1[3-9]\d{9}(?!\d)", r"0\d{2,3}-?\d{7,8}", r"\d{17}[\dXx]", r"[\w.+-]+@[\w-]+\.[\w.]+", r"\d{16,19}",
    r"[\u4e00-\u9fff]+(?:路|街|道)\d+号",
]  # fmt: skip
HAN = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜建国明丽静怡文博思远晓燕雨桐志强"


def column(draw: random.Random, kind: int, rows: int) -> list[str]:
    """Return the cells of one column."""
    made = {
        0: lambda: f"C{draw.randrange(10**7):07d}",
        1: lambda: f"{draw.randrange(10**6) / 100:,.2f}",
        2: lambda: f"20{draw.randrange(10, 27)}-{draw.randrange(1, 13):02d}-{draw.randrange(1, 29):02d}",
        3: lambda: f"第{draw.randrange(10**6)}批已按规则 phone.not-mobile 处理，请核对",
        4: lambda: "".join(draw.choices("鑫盛隆昌裕泰宏达", k=4)) + "精密仪器有限公司",
        5: lambda: draw.choice(["制造业", "零售业", "建筑业", "金融业"]),
        6: lambda: f"旧CRM导出.xlsx#客户!{draw.randrange(10**6)}",
        7: lambda: f"crm/客户/C{draw.randrange(10**6):06d}",
        8: lambda: f"{draw.randrange(16**16):016x}",
        9: lambda: f"row {draw.randrange(10**6)} of table {draw.randrange(9)} was rejected",
    }[kind]
    return [made() for _ in range(rows)]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cells", type=int, default=1_000_000)
    parser.add_argument("--names", type=int, default=20_000)
    asked = parser.parse_args()
    draw = random.Random(1)
    names = sorted({"".join(draw.choices(HAN, k=3)) for _ in range(asked.names)})
    phones = [f"139{draw.randrange(10**8):08d}" for _ in range(asked.names)]
    started = time.process_time()
    known = KnownValues({"person": names, "phone": phones})
    built = time.process_time() - started
    table = [column(draw, kind, asked.cells // 10) for kind in range(10)]
    sown: set[tuple[int, str]] = set()
    for number in (3, 9):
        cells = table[number]
        for at in range(0, len(cells), 1000):
            cells[at] = f"{cells[at]} {names[at % len(names)]} {phones[at % len(phones)]}"
            sown |= {(number, names[at % len(names)]), (number, phones[at % len(phones)])}
    ours, plain, found = [], [], 0
    patterns = [re.compile(pattern) for pattern in PLAIN]
    for _ in range(3):
        started = time.process_time()
        leaks = [leak for cells in table for leak in _leaks(Part("c", cells, str), known, masked=False, linked={})]
        ours.append(time.process_time() - started)
        started = time.process_time()
        found = sum(bool(pattern.search(cell)) for cells in table for cell in cells for pattern in patterns)
        plain.append(time.process_time() - started)
    mine, other = statistics.median(ours), statistics.median(plain)
    hits = sum(leak[3] for leak in leaks)
    print(f"{asked.cells:,} cells, {len(names) + len(phones):,} known values (ready after {built:.2f} s CPU)")
    print(
        f"scan: {mine:.2f} s CPU; a plain search with {len(PLAIN)} expressions: {other:.2f} s CPU; ratio {mine / other:.2f}"
    )
    print(
        f"sown: {len(sown):,}; the scan told {hits:,} different known values; the plain search met {found:,} cells, and no name"
    )


if __name__ == "__main__":
    main()
