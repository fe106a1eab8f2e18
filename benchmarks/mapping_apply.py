"""Rows per second of the stage `map` against a hand-written pandas script that does the same, in turns within one run.

    python benchmarks/mapping_apply.py [--rows 1000000] [--turns 3] [--processes]

A mapping of 40 fields: six value maps, two lookups, a dozen with trim and truncate, two dates, first of two columns, constants, and plain
copies. Both sides start as a process of their own, read one Parquet file of text and write another. The tables they write are compared cell
by cell before anything is timed. Ratios are of CPU time (user and system); memory is the largest resident set of the process.
`--processes` lets the stage use several processes, as `crmmigrate map` does from 150,000 rows on; its CPU time then holds their starting, too.
"""

from __future__ import annotations

import argparse
import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

MAPS = {f"类别{n}": {f"值{i}": f"v{n}_{i}" for i in range(8 + n)} for n in range(6)}
TRIMMED = [f"文本{n}" for n in range(12)]
PLAIN = [f"原样{n}" for n in range(12)]
DATES = ["创建日期", "更新日期"]


def fields() -> str:
    """Return the fields of the mapping file."""
    lines = ["external_id: {from: _record, required: true}", "name: {from: 客户名称, do: [trim], required: true}"]
    lines += [
        f"category_{n}: {{from: {column}, values: {values}, unmapped: blank}}".replace("'", "")
        for n, (column, values) in enumerate(MAPS.items())
    ]
    lines += [f"text_{n}: {{from: {column}, do: [trim, {{truncate: 40}}]}}" for n, column in enumerate(TRIMMED)]
    lines += [f"plain_{n}: {{from: {column}}}" for n, column in enumerate(PLAIN)]
    lines += [
        f"date_{n}: {{from: {column}, do: [{{date_parse: '%Y/%m/%d'}}], on_error: blank}}"
        for n, column in enumerate(DATES)
    ]
    lines += [
        "owner_id: {from: 负责人, lookup: {object: user, by: 姓名, missing: blank}}",
        "region_id: {from: 区域, lookup: {object: region, by: 名称, missing: blank}}",
        "phone: {from: [手机, 电话], do: [first_non_empty]}",
        "origin: {const: 旧系统}",
        "active: {const: true}",
        "code: {from: 编号, do: [upper]}",
    ]
    return "\n".join(f"  {line}" for line in lines)


def make(folder: Path, rows: int) -> None:
    """Write the source tables and the mapping file."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    draw = random.Random(7)
    people = [f"员工{n}" for n in range(300)]
    regions = [f"区{n}" for n in range(40)]
    writer = None
    for start in range(0, rows, 100_000):
        count = min(100_000, rows - start)
        numbers = range(start, start + count)
        data = {
            "_record": [f"crm/客户/C{n}" for n in numbers],
            "_origin": [f"客户.csv!{n + 2}" for n in numbers],
            "客户名称": [f"客户{n}有限公司" if n % 7 else f" 客户{n}有限公司 " for n in numbers],
            "编号": [f"C{n}" if n % 3 else f"c{n}" for n in numbers],
        }
        data |= {column: draw.choices([*values, None, "别的"], k=count) for column, values in MAPS.items()}
        data |= {column: [f"{column}的内容{draw.randrange(50_000)}" for _ in numbers] for column in TRIMMED}
        data |= {
            column: [f"{draw.randrange(10**9)}" if draw.random() > 0.2 else None for _ in numbers] for column in PLAIN
        }
        data |= {
            column: [f"20{draw.randrange(10, 25)}/{draw.randrange(1, 13)}/{draw.randrange(1, 28)}" for _ in numbers]
            for column in DATES
        }
        data |= {
            "负责人": draw.choices([*people, "走了的人"], k=count),
            "区域": draw.choices(regions, k=count),
            "手机": [f"138{n:08}" if n % 3 else None for n in numbers],
            "电话": [f"0571-{n:08}" for n in numbers],
        }
        table = pa.table({name: pa.array(values, pa.string()) for name, values in data.items()})
        writer = writer or pq.ParquetWriter(
            folder / "account.parquet", table.schema, compression="zstd", compression_level=1
        )
        writer.write_table(table)
    writer.close()
    for name, column, words in (("user", "姓名", people), ("region", "名称", regions)):
        records = {
            "_record": [f"s/{name}/{n}" for n in range(len(words))],
            "_origin": [f"{n}" for n in range(len(words))],
            column: words,
        }
        pq.write_table(
            pa.table({key: pa.array(values, pa.string()) for key, values in records.items()}),
            folder / f"{name}.parquet",
        )
    text = (
        f"version: 1\nobject: account\ntarget: {{table: accounts}}\nmatch: {{on: [external_id]}}\nfields:\n{fields()}\n"
    )
    (folder / "account.crmmap.yaml").write_text(text, encoding="utf-8")


def ours(folder: Path, *, processes: bool) -> None:
    """Map with the stage, as the runner runs it."""
    from crmmigrate.model.mapping import read_mapping
    from crmmigrate.model.stage import Job
    from crmmigrate.model.table import Table, Tables
    from crmmigrate.runner import engine
    from crmmigrate.runner import tables as runner
    from crmmigrate.stages import load_stage
    from crmmigrate.stages.map import MapOptions

    if not processes:
        engine.PARALLEL_ROWS = sys.maxsize
    tables = Tables({name: Table(name, folder / f"{name}.parquet") for name in ("account", "user", "region")})
    options = MapOptions((read_mapping(folder / "account.crmmap.yaml"),), ("user=x", "region=x"))
    result = load_stage("map").function(Job(tables, options, "r", lambda _: None))
    out = runner.Materialiser(tables, lambda name: folder / f"ours_{name}.parquet", lambda _: None)
    out.write("account", result.tables["account"])
    out.issues.close()
    out.aside.close()


def pandas_script(folder: Path) -> None:
    """Do the same by hand. Without issues: it drops what it cannot use and says nothing."""
    import pandas as pd

    source = pd.read_parquet(folder / "account.parquet").astype("str")
    users, regions = (pd.read_parquet(folder / f"{name}.parquet").astype("str") for name in ("user", "region"))
    out = pd.DataFrame({"_record": source["_record"], "_origin": source["_origin"], "external_id": source["_record"]})
    out["name"] = source["客户名称"].str.strip()
    for n, (column, values) in enumerate(MAPS.items()):
        out[f"category_{n}"] = source[column].map(values).astype("str")
    for n, column in enumerate(TRIMMED):
        out[f"text_{n}"] = source[column].str.strip().str.slice(0, 40)
    for n, column in enumerate(PLAIN):
        out[f"plain_{n}"] = source[column]
    for n, column in enumerate(DATES):
        out[f"date_{n}"] = (
            pd.to_datetime(source[column], format="%Y/%m/%d", errors="coerce").dt.strftime("%Y-%m-%d").astype("str")
        )
    out["owner_id"] = source["负责人"].map(dict(zip(users["姓名"], users["_record"], strict=True))).astype("str")
    out["region_id"] = source["区域"].map(dict(zip(regions["名称"], regions["_record"], strict=True))).astype("str")
    out["phone"] = source["手机"].fillna(source["电话"])
    out["origin"] = "旧系统"
    out["active"] = "true"
    out["code"] = source["编号"].str.upper()
    out = out[out["name"].notna()]
    out.to_parquet(folder / "pandas.parquet", index=False, compression="zstd")


def timed(side: str, folder: Path, *, processes: bool) -> tuple[float, float, float]:
    """Run one side as a process of its own; return CPU seconds, wall seconds and the largest resident set in MB."""
    before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    command = [
        sys.executable,
        __file__,
        "--side",
        side,
        "--folder",
        str(folder),
        *(["--processes"] if processes else []),
    ]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    return cpu, time.perf_counter() - begun, float(done.stdout.split()[-1])


def same(folder: Path) -> int:
    """Return the number of cells in which both sides differ."""
    import pandas as pd

    left = pd.read_parquet(folder / "ours_account.parquet").astype("str")
    right = pd.read_parquet(folder / "pandas.parquet").astype("str")[list(left.columns)].reset_index(drop=True)
    return int(((left != right) & ~(left.isna() & right.isna())).to_numpy().sum()) + abs(len(left) - len(right))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--processes", action="store_true")
    parser.add_argument("--side", choices=["ours", "pandas"])
    parser.add_argument("--folder", type=Path)
    given = parser.parse_args()
    if given.side:
        ours(given.folder, processes=given.processes) if given.side == "ours" else pandas_script(given.folder)
        # The peak of getrusage is the parent's where that was larger when it forked.
        peak = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
        print(int(peak.split()[1]) / 1024)
        return
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make(folder, given.rows)
        for side in ("ours", "pandas"):
            timed(side, folder, processes=given.processes)
        print(f"{given.rows:,} rows, 40 fields; cells that differ: {same(folder)}")
        pairs = [
            (timed("ours", folder, processes=given.processes), timed("pandas", folder, processes=given.processes))
            for _ in range(given.turns)
        ]
    for side, number in (("crmmigrate map", 0), ("pandas by hand", 1)):
        cpu, wall, memory = (statistics.median(pair[number][what] for pair in pairs) for what in range(3))
        print(
            f"{side}  CPU {cpu:6.2f} s  wall {wall:6.2f} s  {given.rows / cpu:9,.0f} rows per CPU second  {memory:6.0f} MB"
        )
    ratios = sorted(one[0] / other[0] for one, other in pairs)
    print(f"ratio of CPU time {statistics.median(ratios):.2f} ({ratios[0]:.2f}–{ratios[-1]:.2f})")


if __name__ == "__main__":
    main()
