"""Which of the troubles sown into the b2b sample the audit names, kind by kind, and how many clean cells it alarms about.

    python benchmarks/audit_truth.py [--scale 1.0] [--sample DIR]

Named: the cell's value is counted under one of the kinds of damage that `SHOWN` lists for the kind of trouble. False alarm: a filled cell
that was not dirtied is counted under any kind. What no cell alone can show is listed with the share that is named all the same.
Exit code 1 where a kind that a cell can show is named in less than 98 % of its cells, or more than 1 % of the clean cells alarm.
"""

from __future__ import annotations

import argparse
import csv
import sys
import tempfile
from collections import Counter, defaultdict
from pathlib import Path

from crmmigrate.checks.profile_column import DAMAGED, profile_column
from crmmigrate.cli.progress import Bars
from crmmigrate.model.location import Location
from crmmigrate.model.table import Table, Tables, quoted
from crmmigrate.runner.execute import Context
from crmmigrate.runner.packs import generator
from crmmigrate.runner.single import read_tables
from crmmigrate.runner.workspace import Workspace

_BLANKS = ("inner-blanks", "outer-blanks", "invisible")
SHOWN: dict[str, tuple[str, ...]] = {
    "address_full_width": ("full-width",), "address_invisible": _BLANKS, "address_short_names": ("short-region",),
    "address_without_province": ("no-province",), "amount_currency_sign": ("currency-sign",), "amount_thousands": ("thousands",),
    "amount_unit": ("amount-unit",), "amount_wan": ("amount-wan",), "brackets": ("half-brackets",), "code_blanks": ("inner-blanks",),
    "code_check_wrong": ("wrong-check",), "code_letter_o": ("letter-for-digit",), "code_lower_case": ("letter-case",),
    "code_scientific": ("scientific",), "date_chinese": ("date-chinese",), "date_compact": ("date-compact",), "date_dots": ("date-dots",),
    "date_impossible": ("impossible-date", "other-content"), "date_serial": ("serial-date",), "date_slashes": ("date-slashes",),
    "email_blanks": _BLANKS, "email_full_width": ("full-width",), "email_no_at": ("no-at",), "email_prefix": ("label",),
    "email_typo": ("mail-host",), "email_upper_case": ("letter-case",), "full_width": ("full-width",), "invisible": _BLANKS,
    "name_blanks": _BLANKS, "name_honorific": ("honorific",), "name_with_title": ("name-title",), "owner_blanks": _BLANKS,
    "phone_86": ("country-code",), "phone_brackets": ("brackets",), "phone_country_code": ("country-code",),
    "phone_digit_missing": ("wrong-length",), "phone_digit_too_many": ("wrong-length",), "phone_extension": ("extension",),
    "phone_float": ("float-number",), "phone_full_width": ("full-width",), "phone_leading_zero": ("leading-zero",),
    "phone_letter_o": ("letter-for-digit",), "phone_scientific": ("scientific",), "phone_separators": ("separators",),
    "phone_two_in_cell": ("several-values",), "place_short": ("short-region",), "placeholder": ("placeholder",),
    "short_name": ("no-legal-form",), "suffix": ("name-note",), "traditional": ("traditional",),
}  # fmt: skip
"""Kind of trouble that a cell can show → kinds of damage that name it."""

HIDDEN = {
    "former_name": "a name like any other; only the register knows", "typo": "a name like any other but for slips in the legal form",
    "region_moved": "a name like any other but for its half-width brackets", "picklist": "synonyms (商贸零售 for 批发和零售业) need the value map",
}  # fmt: skip
"""Kind of trouble that no cell alone can show, and why."""


def judge(sample: Path) -> tuple[dict[str, Counter[str]], Counter[str], Counter[str]]:
    """Return kind → counts (sown, named, counted), clean cells and false alarms by column, and kinds of the false alarms."""
    truth = defaultdict(dict)
    with (sample / "truth" / "values.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            truth[row["column"]][row["origin"]] = row["kind"]
    kinds: dict[str, Counter[str]] = defaultdict(Counter)
    clean: Counter[str] = Counter()
    alarms: Counter[str] = Counter()
    with tempfile.TemporaryDirectory(prefix="crmmigrate-benchmark-") as folder:
        read = read_tables(
            [Location(str(path)) for path in sorted((sample / "in").iterdir())],
            Context(Workspace(Path(folder)), Bars()),
        )
        tables = Tables({name: table for name, table in read.tables.items() if not name.startswith("_")})
        for table in (tables[name] for name in tables):
            for name in table.data_columns:
                _judge_column(tables, table, name, truth.get(name, {}), kinds, clean, alarms)
    return kinds, clean, alarms


def _judge_column(tables: Tables, table: Table, name: str, truth, kinds, clean, alarms) -> None:
    profile = profile_column(tables.connection, table, name)
    if not profile.filled:
        return
    rows = tables.connection.execute(
        f"SELECT t._origin, list(DISTINCT k) FROM {quoted(table.name)} t LEFT JOIN (SELECT v, unnest(kinds) AS k FROM {DAMAGED}) d ON t.{quoted(name)} = d.v "
        f"WHERE t.{quoted(name)} <> '' GROUP BY 1"
    ).fetchall()
    for origin, found in rows:
        named = {kind for kind in found if kind}
        sown = truth.get(origin)
        if sown:
            kinds[sown]["sown"] += 1
            kinds[sown]["named"] += bool(named & set(SHOWN.get(sown, named)))
            if sown in SHOWN and not named & set(SHOWN[sown]):
                kinds[sown][f"{table.name}/{name} as {profile.meaning}: {sorted(named)}"] += 1
        else:
            clean["cells"] += 1
            clean["alarms"] += bool(named)
            for kind in named:
                alarms[f"{kind} in {table.name}/{name} ({profile.meaning})"] += 1


def report(kinds: dict[str, Counter[str]], clean: Counter[str], alarms: Counter[str], *, detail: bool) -> bool:
    """Print a line per kind and say whether all is as it should be."""
    good = True
    print(f"{'kind of trouble':<26} {'cells':>7} {'named':>7}")
    for kind in sorted(kinds):
        sown, named = kinds[kind]["sown"], kinds[kind]["named"]
        note = HIDDEN.get(kind, "")
        good &= bool(note) or named >= 0.98 * sown
        print(f"{kind:<26} {sown:>7,} {named / sown:>7.1%} {note}")
        if detail:
            for how, count in kinds[kind].most_common(6):
                if how not in ("sown", "named"):
                    print(f"    missed {count}: {how}")
    rate = clean["alarms"] / max(clean["cells"], 1)
    print(f"false alarms: {clean['alarms']:,} of {clean['cells']:,} clean cells ({rate:.2%})")
    if detail:
        for where, count in alarms.most_common(25):
            print(f"    {count}: {where}")
    return good and rate <= 0.01


def main() -> None:
    """Run and report."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--sample", type=Path, help="a sample that was made already")
    parser.add_argument("--detail", action="store_true", help="list what was missed and the false alarms, by column")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="crmmigrate-benchmark-") as folder:
        if not asked.sample:
            generator("b2b")(Path(folder), scale=asked.scale)
        good = report(*judge(asked.sample or Path(folder)), detail=asked.detail)
    sys.exit(not good)


if __name__ == "__main__":
    main()
