"""The stage `validate` beside pandera on pandas, which reads the table as a whole: the same questions, every failing row told.

    python benchmarks/validate_peers.py [--rows 1000000] [--faults 0.01]

A table of 15 columns of text, of which one cell in each hundred rows is at fault, is written once. Each side is a process of its own: it reads
the table, asks 15 columns, and tells each failing row with its column. The stage also writes the rows that are left, the issues and the rows set
aside, and makes up its accounts. Both have to find the same number of faults. CPU seconds are those of the process and its children; memory is
the highest of the process.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

import pandas as pd

from crmmigrate.cli.progress import Bars
from crmmigrate.model.document import Document
from crmmigrate.model.mapping import build_mapping
from crmmigrate.model.schema import TargetSchema
from crmmigrate.model.table import Table
from crmmigrate.runner.execute import Context, execute
from crmmigrate.runner.tables import TableWriter
from crmmigrate.runner.workspace import Workspace
from crmmigrate.stages import load_stage
from crmmigrate.stages.validate import ValidateOptions

KINDS = {
    "key": ("length: 12, required: true", "", 12), "name": ("length: 40, required: true", "", 40),
    "code": ("length: 18", "", 18), "phone": ("length: 20", "", 20), "email": ("length: 60", "", 60),
    "city": ("length: 10", "", 10), "address": ("length: 80", "", 80), "note": ("length: 100", "", 100),
    "level": ("picklist: levels", "levels", 0), "status": ("picklist: levels", "levels", 0),
    "employees": ("type: integer", r"[+-]?\d+", 0), "visits": ("type: integer", r"[+-]?\d+", 0),
    "turnover": ("type: decimal", r"[+-]?\d+(\.\d+)?", 0), "since": ("type: date", r"\d{4}-\d{2}-\d{2}", 0),
    "until": ("type: date", r"\d{4}-\d{2}-\d{2}", 0),
}  # fmt: skip
"""Column → what schema.yaml says of it, the pattern or list that pandera asks, the most characters."""

LEVELS = ("A", "B", "C")


def good(column: str, number: int, rng: random.Random) -> str:
    """Return a value that the column takes."""
    if column in ("level", "status"):
        return rng.choice(LEVELS)
    if column in ("since", "until"):
        return f"{rng.randrange(1990, 2026)}-{rng.randrange(1, 13):02}-{rng.randrange(1, 29):02}"
    if column in ("employees", "visits"):
        return str(rng.randrange(5000))
    if column == "turnover":
        return f"{rng.randrange(10**6)}.{rng.randrange(100):02}"
    return f"{column[0]}{number}" if column == "key" else f"{column}{rng.randrange(10**6)}"[: KINDS[column][2]]


def write_table(path: Path, rows: int, faults: float) -> int:
    """Write the table; return how many cells are at fault."""
    rng = random.Random(20261126)
    writer, wrong = TableWriter("account", path), 0
    asked = [column for column in KINDS if column != "key"]
    for begin in range(0, rows, 50_000):
        numbers = range(begin, min(begin + 50_000, rows))
        data = {column: [good(column, number, rng) for number in numbers] for column in KINDS}
        for at in range(len(numbers)):
            if rng.random() < faults:
                column = rng.choice(asked)
                data[column][at] = "x" * (KINDS[column][2] + 1)
                wrong += 1
        frame = pd.DataFrame({"_record": [f"t/{n}" for n in numbers], "_origin": "t!1", **data}, dtype="str")
        writer.write(frame)
    writer.close()
    return wrong


def by_stage(folder: Path) -> int:
    """Run the stage; return the faults."""
    lines = "".join(f"      {column}: {{{said}}}\n" for column, (said, *_) in KINDS.items())
    text = f"version: 1\ntables:\n  accounts:\n    columns:\n{lines}picklists: {{levels: {{A: 甲, B: 乙, C: 丙}}}}\n"
    schema = Document.parse(text).read(TargetSchema)
    fields = "\n".join(f"  {column}: {column}" for column in KINDS)
    mapping = build_mapping(
        Document.parse(f"version: 1\nobject: account\ntarget: accounts\nmatch: key\nfields:\n{fields}\n")
    )
    table = Table("account", folder / "account.parquet")
    options = ValidateOptions(schema=schema, mappings=(mapping,))
    outcome = execute(load_stage("validate"), {"account": table}, options, Context(Workspace(folder / "work"), Bars()))
    return outcome.issues.rows


def by_pandera(folder: Path) -> int:
    """Ask pandera; return the faults."""
    import pandera.errors
    import pandera.pandas as pa

    checks = {
        column: pa.Check.isin(LEVELS) if pattern == "levels" else pa.Check.str_matches(pattern + r"\Z") if pattern
        else pa.Check.str_length(max_value=longest)
        for column, (_, pattern, longest) in KINDS.items()
    }  # fmt: skip
    schema = pa.DataFrameSchema({
        column: pa.Column("str", check, nullable=column not in ("key", "name"), unique=column == "key")
        for column, check in checks.items()
    })  # fmt: skip
    try:
        schema.validate(Table("account", folder / "account.parquet").frame(), lazy=True)
    except pandera.errors.SchemaErrors as found:
        return len(found.failure_cases)
    return 0


def main() -> None:
    """Measure and report."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--faults", type=float, default=0.01)
    parser.add_argument("--side", help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.side:
        found = by_stage(asked.folder) if asked.side == "validate" else by_pandera(asked.folder)
        used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
        seconds = sum(one.ru_utime + one.ru_stime for one in used)
        print(json.dumps({"faults": found, "seconds": seconds, "memory": used[0].ru_maxrss / 1024}))
        return
    with tempfile.TemporaryDirectory(prefix="crmmigrate-validate-") as temporary:
        wrong = write_table(Path(temporary) / "account.parquet", asked.rows, asked.faults)
        print(f"{asked.rows:,} rows, {len(KINDS)} columns, {wrong:,} cells at fault")
        for side in ("pandera", "validate"):
            command = [sys.executable, __file__, "--side", side, "--folder", temporary]
            found = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
            assert found["faults"] == wrong, found
            print(f"{side:<10} {found['seconds']:>7.1f} CPU s {found['memory']:>7,.0f} MB", flush=True)


if __name__ == "__main__":
    main()
