"""Addresses, places and people of the b2b sample against its truth: repaired right, repaired wrong, flagged, missed, per kind of dirt.

    python samples/b2b/generate.py --out DIR --scale 1.0
    python benchmarks/standards_truth_address.py DIR/truth/values.csv

`right`: the value is the true one. `wrong`: applied, and another value. `flagged`: left as it was, with a warning. `missed`: left as it was and
nothing said. The clean values themselves are cleaned too: `damaged` counts those that come out changed.
"""

from __future__ import annotations

import csv
import sys
from collections import Counter, defaultdict
from pathlib import Path

from crmmigrate.standards import load

COLUMNS = {"详细地址": ("address", {}), "地址": ("address", {}), "客户信息/地址": ("address", {}), "注册地址": ("address", {}), "ADR": ("address", {}),
           "省份": ("division", {"level": "province"}), "城市": ("division", {"level": "city"}), "地区": ("division", {"level": "city"}),
           "姓名": ("person_name", {}), "联系人": ("person_name", {}), "联系人信息/姓名": ("person_name", {}), "FN": ("person_name", {}),
           "负责人": ("person_name", {}), "业务员": ("person_name", {}), "跟进人": ("person_name", {}), "handler": ("person_name", {}), "contact_name": ("person_name", {})}  # fmt: skip


def main() -> None:
    """Read the file named on the command line and print the table."""
    with Path(sys.argv[1]).open(encoding="utf-8-sig", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["column"] in COLUMNS]
    cleaners = {column: load(name).make(**options) for column, (name, options) in COLUMNS.items()}
    counts: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    damaged: Counter[str] = Counter()
    examples = []
    for row in rows:
        clean, standard = cleaners[row["column"]], COLUMNS[row["column"]][0]
        cleaned = clean(row["dirty"])
        value = (row["dirty"] if cleaned.confidence == "suggested" else cleaned.value) or ""
        if value == row["clean"]:
            kind = "right"
        elif value == row["dirty"]:
            kind = "flagged" if any(flag.severity != "info" for flag in cleaned.flags) else "missed"
        else:
            kind = "wrong"
            examples.append((row["kind"], row["dirty"], row["clean"], value))
        counts[standard, row["kind"]][kind] += 1
        if row["clean"] and clean(row["clean"]).value != row["clean"]:
            damaged[standard] += 1
    print(f"{'standard':<12} {'kind':<26} {'cells':>6} {'right':>7} {'wrong':>7} {'flagged':>8} {'missed':>7}")
    total: Counter[str] = Counter()
    for (standard, kind), found in sorted(counts.items()):
        cells = found.total()
        total += found
        shares = [found[name] / cells for name in ("right", "wrong", "flagged", "missed")]
        print(f"{standard:<12} {kind:<26} {cells:>6} " + "".join(f"{share:>8.1%}" for share in shares))
    print(
        f"all {total.total()} cells:", ", ".join(f"{kind} {count / total.total():.2%}" for kind, count in total.items())
    )
    print("clean values that were damaged:", dict(damaged) or 0)
    for example in examples[:10]:
        print("  ", *example)


if __name__ == "__main__":
    main()
