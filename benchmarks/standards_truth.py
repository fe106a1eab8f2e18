"""The b2b sample's seeded errors, cell by cell: how many does the data standard repair right, repair wrong, flag, or miss?

    python samples/b2b/generate.py --out DIR --scale 1.0
    python benchmarks/standards_truth.py DIR/truth/values.csv [--show KIND]

Each dirty cell goes through the standard of its column in mappings/b2b/standard.yaml and is compared with the clean value of the truth.

- right: the clean value comes out (of a placeholder: an empty cell; beyond repair: untouched and flagged)
- wrong: another value comes out, neither the dirty nor the clean one
- flagged: untouched, or only tidied, and somebody is told (a warning, an error, or candidates)
- missed: left as it is, or only tidied, and nobody is told; most of them no cell can tell (a former name, a typo in a name)
"""

from __future__ import annotations

import argparse
import csv
from collections import Counter, defaultdict
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import yaml

from crmmigrate import standards

ROOT = Path(__file__).parent.parent
OUTCOMES = ("right", "wrong", "flagged", "missed")
NOT_IN_THE_CELL = {"short_name", "former_name", "region_moved", "typo", "name_honorific", "place_short"}
"""Kinds of dirt whose clean value the cell alone does not tell."""


def columns(project: Path) -> dict[tuple[str, str], str]:
    """Return (object, column of a source) → column of the object."""
    objects = yaml.safe_load(project.read_text(encoding="utf-8"))["objects"]
    return {
        (name, theirs): own
        for name, sources in objects.items() for source in sources for own, theirs in source.get("columns", {}).items()
    }  # fmt: skip


def outcome(cleaned: Any, dirty: str, clean: str, kind: str) -> str:
    """Return what became of one dirty cell."""
    value = dirty if cleaned.confidence == "suggested" else cleaned.value
    told = bool(cleaned.candidates) or any(flag.severity != "info" for flag in cleaned.flags)
    if kind == "placeholder" or (not clean and value is None):
        return "right" if value is None else "flagged" if told else "missed"
    if not clean:
        return "wrong" if value != dirty else "right" if told else "missed"
    if same(value, clean):
        return "right"
    if value == dirty:
        return "flagged" if told else "missed"
    if kind in NOT_IN_THE_CELL:  # tidied in another respect: brackets, blanks
        return "flagged" if told else "missed"
    return "wrong"


def same(value: str | None, clean: str) -> bool:
    """Whether two values are one; decimals by their worth."""
    clean = {"是": "true", "否": "false"}.get(clean, clean) if value in ("true", "false") else clean
    if value == clean or value is None:
        return value == clean
    try:
        return Decimal(value) == Decimal(clean)
    except InvalidOperation:
        return False


def judged(path: Path, show: str) -> dict[str, Counter[str]]:
    """Return the outcomes by kind of dirt."""
    spec = standards.check_standard(ROOT / "mappings/b2b/standard.yaml")
    own = columns(ROOT / "samples/b2b/migration.yaml")
    cleaners: dict[tuple[str, str], Any] = {}
    found: dict[str, Counter[str]] = defaultdict(Counter)
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            column = own.get((row["object"], row["column"]), row["column"])
            rule = spec.objects[row["object"]].columns.get(column)
            if rule is None:
                found[row["kind"]]["not migrated"] += 1
                continue
            key = (row["object"], column)
            if key not in cleaners:
                cleaners[key] = standards.cleaner(rule, spec.folder)
            cleaned = cleaners[key](row["dirty"])
            result = outcome(cleaned, row["dirty"], row["clean"], row["kind"])
            found[row["kind"]][result] += 1
            if show and (row["kind"] == show or result == show):
                print(
                    f"{result} {row['kind']} {key}: {row['dirty']!r} clean {row['clean']!r} got {cleaned.value!r} {[flag.code for flag in cleaned.flags]}"
                )
    return found


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("values", type=Path)
    parser.add_argument("--show", default="", help="print the cells of a kind of dirt or of an outcome")
    asked = parser.parse_args()
    found = judged(asked.values, asked.show)
    print(f"{'kind of dirt':<24} {'cells':>6}" + "".join(f" {name:>8}" for name in (*OUTCOMES, "unused")))
    for kind, counts in sorted(found.items()):
        print(
            f"{kind:<24} {counts.total():>6}" + "".join(f" {counts[name]:>8}" for name in (*OUTCOMES, "not migrated"))
        )
    whole: Counter[str] = sum(found.values(), Counter())
    print(f"{'all':<24} {whole.total():>6}" + "".join(f" {whole[name]:>8}" for name in (*OUTCOMES, "not migrated")))
    print(
        f"{'share':<24} {'':>6}"
        + "".join(f" {whole[name] / whole.total():>8.2%}" for name in (*OUTCOMES, "not migrated"))
    )


if __name__ == "__main__":
    main()
