"""The whole standard of the b2b sample over many customers: the stage standardise, as the runner runs it.

    python benchmarks/standard_whole.py [--rows 200000] [--scale 1.0] [--base account.parquet] [--profile]

The sample's account rows (all sources, as consolidate and scope leave them) are written again and again until there are `--rows`, each time
with other names, numbers and addresses but the same dirt: nearly every name, code, telephone number, mail and address is a distinct value.
Then the stage runs through `runner.execute` with its processes, tables and issues written as in a migration.

Printed: rows per second, wall and CPU seconds per million rows, beside phonenumbers' parse of the distinct telephone numbers of the same
table by one core in the same run: figures of two machines, or of a busy one, are compared by their ratio to it. CPU seconds are those of
all processes. `--profile` runs in one process and prints where its time goes.
"""

from __future__ import annotations

import argparse
import cProfile
import pstats
import random
import re
import resource
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from crmmigrate.cli.progress import Bars
from crmmigrate.model.project import read_project
from crmmigrate.model.table import Table
from crmmigrate.runner import engine
from crmmigrate.runner import tables as runner_tables
from crmmigrate.runner.execute import Context, execute
from crmmigrate.runner.packs import generator, lay_out
from crmmigrate.runner.pipeline import Pipeline
from crmmigrate.runner.workspace import Workspace
from crmmigrate.stages import load_stage
from crmmigrate.stages.standardise import StandardiseOptions
from crmmigrate.standards import check_standard, cleaner, load
from crmmigrate.standards._identifiers import organisation_digit
from crmmigrate.standards.credit_code import check_digit

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parent.parent
STANDARD = ROOT / "mappings/b2b/standard.yaml"
PEER_VALUES = 20_000
_CHARACTERS = "安邦博昌诚创达德鼎东方丰福光广国海航和恒宏华辉吉佳嘉建健江金锦京晶景九聚凯康科乐力立利联龙隆美明鹏启千庆荣瑞润三森盛胜世顺泰腾天通同万威伟祥新信星兴旭亚永友宇元远云泽长振正志中众卓"


def base(scale: float, folder: Path) -> pd.DataFrame:
    """Return the sample's account rows before the stage standardise."""
    lay_out(folder, "b2b")
    generator("b2b")(folder, scale=scale)
    pipeline = Pipeline(read_project(folder / "migration.yaml"), Context(Workspace(folder / "work"), Bars()))
    pipeline.run(last="scope")
    return pipeline.tables["account"].frame()


def digits(pattern: str) -> Callable[[str, random.Random], str]:
    """Return a function that draws the digits of each match anew, their number kept."""
    found = re.compile(pattern, re.ASCII)

    def redraw(match: re.Match[str], rng: random.Random) -> str:
        return re.sub(r"\d", lambda _: str(rng.randrange(1, 10)), match[0])

    return lambda text, rng: found.sub(lambda match: redraw(match, rng), text)


def named(text: str, rng: random.Random) -> str:
    """Return a company's name with another brand."""
    brand = _COMPANY(text).parts.get("字号", "")
    if len(brand) < 2:
        return text
    drawn = "".join(rng.choice(_CHARACTERS) for _ in range(2))
    return text.replace(brand[:2], drawn, 1) if brand in text else text


def coded(text: str, rng: random.Random) -> str:
    """Return a credit code with another number; right where it was right."""
    cleaned = _CODE(text)
    if not cleaned.usable or cleaned.value is None:
        return digits(r"\d{3}(?=\w*$)")(text, rng)
    first = f"{cleaned.value[:10]}{rng.randrange(10**6):06d}"
    first += organisation_digit(first[8:])
    code = first + check_digit(first)
    return code if cleaned.value == text else text.replace(cleaned.value, code)


def mailed(text: str, rng: random.Random) -> str:
    """Return a mail address of another person."""
    return re.sub(r"(?=[@＠])", str(rng.randrange(10**5)), text, count=1)


def linked(text: str, rng: random.Random) -> str:
    """Return the address of another site."""
    return re.sub(r"(?<=\w)(?=\.(?:com|cn|net))", str(rng.randrange(10**5)), text, count=1)


def noted(text: str, rng: random.Random) -> str:
    """Return another note."""
    return f"{text}{rng.randrange(10**6)}"


_COMPANY = load("company_name").make()
_CODE = load("credit_code").make()
ANEW: dict[str, Callable[[str, random.Random], str]] = {
    "客户编号": digits(r"\d+"), "客户名称": named, "曾用名": named, "统一社会信用代码": coded, "详细地址": digits(r"(?<!\d)\d{1,5}(?!\d)"),
    "电话": digits(r"\d{3}(?=\D*$)"), "邮箱": mailed, "网址": linked, "备注": noted,
}  # fmt: skip


def repeated(rows: pd.DataFrame, count: int, seed: int = 20261031) -> pd.DataFrame:
    """Return `count` rows: those given, then the same with other values in the columns of `ANEW`."""
    rng = random.Random(seed)
    copies = [rows]
    while sum(map(len, copies)) < count:
        copy = rows.copy()
        for column, draw in ANEW.items():
            if column in copy:
                drawn = [draw(cell, rng) if isinstance(cell, str) else None for cell in copy[column]]
                copy[column] = pd.Series(drawn, index=copy.index, dtype="str")
        copy["_record"] = copy["_record"] + f"/{len(copies)}"
        copies.append(copy)
    return pd.concat(copies, ignore_index=True).head(count)


def cpu() -> float:
    """Return the CPU seconds of this process and its ended children."""
    return sum(
        used.ru_utime + used.ru_stime
        for used in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    )


def run(table: Table, folder: Path) -> tuple[float, float, int]:
    """Run the stage; return wall and CPU seconds and the number of issues."""
    stage, options = load_stage("standardise"), StandardiseOptions(standard=check_standard(STANDARD))
    wall, used = time.perf_counter(), cpu()
    outcome = execute(stage, {"account": table}, options, Context(Workspace(folder / "timed"), Bars()))
    return time.perf_counter() - wall, cpu() - used, outcome.issues.rows


def peer(phones: list[str]) -> float:
    """Return CPU seconds per million values of phonenumbers' parser."""
    import phonenumbers

    used = time.process_time()
    for phone in phones:
        try:
            number = phonenumbers.parse(phone, "CN")
            if phonenumbers.is_valid_number(number):
                phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
        except phonenumbers.NumberParseException:
            pass
    return (time.process_time() - used) / len(phones) * 1e6


def by_column(rows: pd.DataFrame) -> None:
    """Print what each column has and its standard takes, by one core."""
    print(f"{'column':<12} {'distinct':>9} {'CPU s':>7}")
    spec = check_standard(STANDARD)
    for name, column in spec.objects["account"].columns.items():
        if name not in rows:
            continue
        clean, values = cleaner(column, spec.folder), rows[name].dropna().unique().tolist()
        used = time.process_time()
        for value in values:
            clean(value)
        print(f"{name:<12} {len(values):>9,} {time.process_time() - used:>7.2f}")


def main() -> None:
    """Make the table, run the stage and print its figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--scale", type=float, default=1.0, help="of the sample whose rows are repeated")
    parser.add_argument("--base", type=Path, help="keep the sample's account rows here, or take them from here")
    parser.add_argument("--profile", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="crmmigrate-benchmark-") as room:
        folder = Path(room)
        if asked.base and asked.base.exists():
            rows = Table("account", asked.base).frame()
        else:
            rows = base(asked.scale, folder / "project")
            if asked.base:
                rows.to_parquet(asked.base)
        rows = repeated(rows, asked.rows)
        path = folder / "account.parquet"
        writer = runner_tables.TableWriter("account", path)
        writer.write(rows)
        table = writer.close()
        print(f"{table.rows:,} account rows, {len(table.data_columns)} columns")
        if asked.profile:
            by_column(rows)
            engine.PARALLEL_ROWS = table.rows + 1
            profile = cProfile.Profile()
            profile.runcall(run, table, folder)
            pstats.Stats(profile).sort_stats("tottime").print_stats(30)
            return
        phones = rows["电话"].dropna().unique().tolist()[:PEER_VALUES]
        peers = [peer(phones)]
        wall, used, issues = run(table, folder)
        peers.append(peer(phones))
        millions, reference = table.rows / 1e6, sum(peers) / len(peers)
        print(f"standardise: {table.rows / wall:,.0f} rows/s, {issues:,} issues")
        print(f"per million rows: {wall / millions:.0f} s wall, {used / millions:.0f} s CPU")
        print(f"phonenumbers, one million distinct numbers, one core: {reference:.0f} s CPU")
        print(f"a row in {used / millions / reference:.2f} times the CPU of one number there")


if __name__ == "__main__":
    main()
