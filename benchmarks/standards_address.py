"""Our reading of addresses beside jionlp, cpca and quhua-mcp on labelled public sets: exact, wrong and blank apart, and rows per second.

    python benchmarks/standards_address.py SET… [--peers /path/to/python] [--rows 2000] [--seed 1]

A SET is a file of `characters label` lines (neural-chinese-address-parsing, data/test.txt; address-matching, data/**/test.txt; IOB or BMES), or
a CSV whose first column is an address (cpca, tests/addr.csv: not labelled, for the speed). `--peers` is a Python that has the peers
installed; a peer that is missing there is left out. The sets belong to others and are not part of the project.

What the labels say of province, city and district is compared with what a reader says of the same level, short and full names alike, and a
division that was renamed or merged counts as its successor. `exact`: every labelled level. `wrong`: a level another division than labelled,
one that nothing labelled names, or one filled though the labelled names fit several divisions. `blank`: a labelled level is missing, none is
wrong. `by town`: every labelled level, and besides a county that is not labelled, which a labelled township tells. Besides: each bare county name that several provinces or cities share must be left open, and each county that is gone since 2010 must
be mapped, kept or come with candidates.
"""

from __future__ import annotations

import argparse
import csv
import json
import random
import re
import subprocess
import sys
import time
from collections import Counter, defaultdict
from functools import cache
from pathlib import Path

from crmmigrate.standards import load
from crmmigrate.standards._divisions import CITY, COUNTY, PROVINCE, divisions, former_divisions, short_name

LEVELS = {"prov": PROVINCE, "province": PROVINCE, "city": CITY, "district": COUNTY, "county": COUNTY, "town": 4}
PEERS = r"""
import contextlib, importlib, io, json, sys, time

rows = json.load(sys.stdin)
answers = {}


def jionlp():
    with contextlib.redirect_stdout(io.StringIO()):
        read = importlib.import_module("jionlp").parse_location
        read("北京市朝阳区")
    return lambda texts: [[(found := read(text))[level] for level in ("province", "city", "county")] for text in texts]


def cpca():
    read = importlib.import_module("cpca").transform
    read(["北京市朝阳区"])
    return lambda texts: read(texts)[["省", "市", "区"]].values.tolist()


def quhua():
    read = importlib.import_module("engine").resolve
    read("北京市朝阳区")

    def names(found):
        said, codes = found.get("result"), found.get("codes") or {}
        if not isinstance(said, str) or found.get("status") != "resolve":
            return [None] * 3
        parts = said.split("-")
        county = parts[-1] if codes.get("county") and len(parts) > 1 else None
        city = parts[1] if len(parts) > 1 + bool(county) else parts[0] if parts[0].endswith("市") else None
        return [parts[0], city, county]

    return lambda texts: [names(read(text)) for text in texts]


for name, limit in (("cpca", 10 ** 9), ("jionlp", int(sys.argv[1])), ("quhua", int(sys.argv[1]))):
    try:
        read = {"jionlp": jionlp, "cpca": cpca, "quhua": quhua}[name]()
    except ImportError:
        continue
    begun = time.process_time()
    found = read(rows[:limit])
    answers[name] = [found, time.process_time() - begun]
real = sys.__stdout__
json.dump(answers, real, default=str)
"""
TOWN = 4
LOST = "[UNK]"
"""What one set has in the place of a rare character; such addresses are left out."""
ZONE = re.compile("开发区|高新|园区|实验区|示范区|保税|风景|管理区|管委会|直辖|其它|其他|市辖区")
"""What is labelled as a city or district but is no division: neither asked nor forbidden."""
Names = dict[int, str]


def labelled(path: Path) -> list[tuple[str, Names]]:
    """Return each address of a labelled set with the names of its province, city and district."""
    found: list[tuple[str, Names]] = []
    for block in path.read_text(encoding="utf-8").split("\n\n"):
        text, names, open_ = "", {}, ""
        for line in filter(None, block.split("\n")):
            signs, _, label = line.rpartition(" ")
            kind, _, name = label.partition("-")
            level = LEVELS.get(name)
            if level and (kind in "BS" or open_ != name) and level not in names:
                names[level], open_ = signs, name
            elif level and open_ == name and kind not in "BS":
                names[level] += signs
            else:
                open_ = ""
            text += signs
        if text and LOST not in text:
            names = {level: name for level, name in names.items() if name in _known() or not ZONE.search(name)}
            found.append((text, names))
    return found


@cache
def _known() -> dict[str, set[int]]:
    levels: dict[str, set[int]] = defaultdict(set)
    for division in (*divisions(), *former_divisions()):
        levels[division.name].add(division.level)
        levels[folded(division.name, division.level)].add(division.level)
    return levels


def leveled(names: Names) -> Names:
    """Put a county-level city that is labelled as a city, and a city that is labelled as a district, where they belong."""
    city, county = names.get(CITY, ""), names.get(COUNTY, "")
    fixed = {level: name for level, name in names.items() if level in (PROVINCE, CITY, COUNTY)}
    if city and not county and _known().get(city, _known().get(folded(city, CITY))) == {COUNTY}:
        fixed[COUNTY] = fixed.pop(CITY)
    if county and not city and _known().get(county) == {CITY}:
        fixed[CITY] = fixed.pop(COUNTY)
    return fixed


def folded(name: str, level: int) -> str:
    """Return a name as people call it, whatever stands behind it."""
    return short_name(name, level).removesuffix("特别行政区").rstrip("省市州")


@cache
def successors() -> dict[tuple[int, str], set[str]]:
    """Return what a gone division became, by level and what people call it."""
    by_code = {division.code: division for division in divisions()}
    found: dict[tuple[int, str], set[str]] = defaultdict(set)
    for old in former_divisions():
        for division in (by_code[code] for code in old.became if code in by_code):
            found[old.level, folded(old.name, old.level)].add(folded(division.name, division.level))
            if old.city and division.city and division.city != old.city:
                found[CITY, folded(old.city, CITY)].add(folded(division.city, CITY))
    return found


def same(gold: str, said: str, level: int) -> bool:
    """Whether both name one division, or one its successor."""
    a, b = folded(gold, level), folded(said, level)
    return a == b or b in successors()[level, a] or a in successors()[level, b]


def judge(names: Names, said: list[str | None]) -> str:
    """Return `exact`, `wrong` or `blank`."""
    gold = leveled(names)
    out = {
        level: name if isinstance(name, str) else "" for level, name in zip((PROVINCE, CITY, COUNTY), said, strict=True)
    }
    if out[CITY] in ("市辖区", "县", "省直辖县级行政区划", "自治区直辖县级行政区划"):
        out[CITY] = out[PROVINCE]
    blank = False
    for level, name in gold.items():
        if not out[level]:
            blank = True
        elif not same(name, out[level], level):
            return "wrong"
    if invented({**gold, TOWN: names[TOWN]} if TOWN in names else gold, out):
        return "wrong"
    if TOWN in names and invented(gold, out):
        return "by town"
    return "blank" if blank else "exact"


def invented(gold: Names, out: Names) -> bool:
    """Whether a level that is not labelled was filled though the labelled names do not tell it."""
    extra = [level for level in out if out[level] and level not in gold]
    if not extra:
        return False
    if gold.get(TOWN) and len(gold) > 1:
        return False
    if not gold or max(extra) > max(gold):
        return not all(same(gold.get(PROVINCE, "") or gold.get(CITY, ""), out[level], level) for level in extra)
    fitting = {
        tuple(folded(name, level) for level, name in chain.items() if level in extra)
        for chain in chains()
        if all(level in chain and (name == chain[level] if exactly(name) else folded(name, level) == folded(chain[level], level))
               for level, name in gold.items())
    }  # fmt: skip
    return len(fitting) > 1


@cache
def exactly(name: str) -> bool:
    """Whether a name is somebody's full name today: 象山县 is not 象山区."""
    return any(name == division.name for division in divisions())


@cache
def chains() -> list[Names]:
    """Return the names of each division by level."""
    found = []
    for division in divisions():
        names = {PROVINCE: division.province, CITY: division.city}
        if division.level == COUNTY:
            names[COUNTY] = division.name
        found.append({level: name for level, name in names.items() if name})
    return found


def ours(texts: list[str]) -> tuple[list[list[str | None]], float]:
    """Read all texts; return names by level and the CPU seconds."""
    clean = load("address").make()
    clean("北京市朝阳区蒋台镇")
    begun = time.process_time()
    parts = [clean(text).parts for text in texts]
    taken = time.process_time() - begun
    return [[found.get("省"), found.get("市"), found.get("区")] for found in parts], taken


def peers(python: Path | None, texts: list[str], limit: int) -> dict[str, tuple[list[list[str | None]], float]]:
    """Let the peers read the same texts in their own Python."""
    if python is None:
        return {}
    done = subprocess.run(
        [python, "-c", PEERS, str(limit)], input=json.dumps(texts), capture_output=True, text=True, check=True
    )
    return {
        name: (found, seconds) for name, (found, seconds) in json.loads(done.stdout[done.stdout.index("{") :]).items()
    }


def compare(path: Path, rows: list[tuple[str, Names]], python: Path | None, limit: int) -> None:
    """Print one table for one set."""
    texts = [text for text, _ in rows]
    answers = {"ours": ours(texts), **peers(python, texts, limit)}
    gold = [names for _, names in rows]
    has_labels = any(gold)
    print(f"\n{path.name}: {len(rows)} distinct addresses")
    base = len(texts) / answers["ours"][1]
    for name, (said, seconds) in answers.items():
        speed = len(said) / seconds
        line = f"  {name:8}{len(said):7} rows {speed:9.0f} rows/s ({base / speed:6.1f} x)"
        if has_labels:
            verdicts = Counter(judge(names, found) for names, found in zip(gold, said, strict=False))
            line += "".join(
                f"  {kind} {verdicts[kind] / len(said):7.2%}" for kind in ("exact", "by town", "wrong", "blank")
            )
        print(line)


def bare(python: Path | None) -> None:
    """Print how many of the shared county names are left open."""
    counted = Counter(division.name for division in divisions() if division.level == COUNTY)
    shared = [f"{name}人民路1号" for name, count in counted.items() if count > 1]
    answers = {"ours": ours(shared), **peers(python, shared, 10**6)}
    print(f"\n{len(shared)} bare counties that several cities have, left open:")
    for name, (said, _) in answers.items():
        print(f"  {name:8}{sum(not found[1] for found in said):4}")


def gone(python: Path | None) -> None:
    """Print how many counties that are gone since 2010 are mapped to what they became, kept, or listed with candidates."""
    old = [d for d in former_divisions() if d.level == COUNTY and d.last >= 2010]
    texts = ["".join(division.chain) + "人民路1号" for division in old]
    by_code = {division.code: division.name for division in divisions()}
    answers = {"ours": ours(texts), **peers(python, texts, 10**6)}
    candidates = [load("address").make()(text).candidates for text in texts]
    print(f"\n{len(old)} counties gone since 2010:")
    for name, (said, _) in answers.items():
        counts: Counter[str] = Counter()
        for division, found, listed in zip(old, said, candidates, strict=True):
            county, after = found[2] or "", [by_code[code] for code in division.became]
            kind = (
                "mapped"
                if county in after or (not county and found[1] in after)
                else "kept"
                if county == division.name
                else "other"
                if county
                else "none"
            )
            counts["listed" if kind == "none" and name == "ours" and listed else kind] += 1
        print(f"  {name:8}", ", ".join(f"{kind} {count}" for kind, count in counts.most_common()))


def main() -> None:
    """Read the command line and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sets", nargs="*", type=Path)
    parser.add_argument("--peers", type=Path)
    parser.add_argument("--rows", type=int, default=10**9, help="so many addresses of each set, drawn by the seed")
    parser.add_argument("--slow", type=int, default=1000, help="so many of these for the slow peers")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--show", type=int, default=0, help="print so many of our answers that are not exact")
    words = parser.parse_args()
    for path in words.sets:
        if path.suffix == ".csv":
            with path.open(encoding="utf-8-sig", newline="") as file:
                rows = [(row[0], {}) for row in csv.reader(file) if row and row[0]]
        else:
            rows = labelled(path)
        rows = list({text: (text, names) for text, names in rows}.values())
        random.Random(words.seed).shuffle(rows)
        rows = rows[: words.rows]
        compare(path, rows, words.peers, words.slow)
        show(rows, words.show)
    bare(words.peers)
    gone(words.peers)


def show(rows: list[tuple[str, Names]], count: int) -> None:
    """Print some of our answers that are not exact; for looking at them, so only where the labels are somebody's to read."""
    said, _ = ours([text for text, _ in rows]) if count else ([], 0)
    bad = [(judge(names, found), text, names, found) for (text, names), found in zip(rows, said, strict=False)]
    for verdict, text, names, found in sorted([row for row in bad if row[0] != "exact"], key=lambda row: row[0])[
        :count
    ]:
        print("   ", verdict, text, dict(sorted(names.items())), found, file=sys.stderr)


if __name__ == "__main__":
    main()
