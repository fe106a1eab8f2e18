"""What an audit costs: CPU time and memory, beside ydata-profiling's minimal report of the same table, and how both grow.

    python benchmarks/audit.py [--rows 200000] [--large 2000000] [--peer PYTHON] [--folder DIR]

PYTHON is the interpreter of an environment with ydata-profiling and pyarrow (it needs another pandas than this project). Each run is a child
process of its own; CPU is user and system time, memory the highest resident set. `profile` is the look at each column alone,
`command` the whole of `crmmigrate audit FILE`. The table is 20 columns of made-up customers with dirt.
"""

from __future__ import annotations

import argparse
import math
import os
import subprocess
import sys
import tempfile
from pathlib import Path

COMPILED = Path(tempfile.gettempdir()) / "crmmigrate-benchmark-compiled"
"""Where Python keeps the modules it has compiled; both programs are run once on a small table before they are measured."""
PEER = """
import sys, pandas as pd
from ydata_profiling import ProfileReport
ProfileReport(pd.read_parquet(sys.argv[1]), minimal=True, progress_bar=False).to_file(sys.argv[2])
"""
ALONE = """
import sys
from pathlib import Path
from crmmigrate.checks.profile_table import Asked, profile_tables
from crmmigrate.model.table import Table, Tables
table = Table("customers", Path(sys.argv[1]))
list(profile_tables(Tables({"customers": table}), [Asked(table)]))
"""


def run(command: list[str]) -> tuple[float, float]:
    """Run a child process to its end and return its CPU seconds and its highest memory in MB.

    Raises:
        RuntimeError: it failed.
    """
    env = {**os.environ, "LC_ALL": "C.UTF-8", "PYTHONPYCACHEPREFIX": str(COMPILED)}
    env.pop("PYTHONDONTWRITEBYTECODE", None)
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=env)
    said = child.stderr.read() if child.stderr else b""
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode not in (0, 1):  # 1: done with findings
        raise RuntimeError(said.decode(errors="replace")[-2000:])
    return used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def main() -> None:
    """Run and report."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--large", type=int, default=2_000_000, help="0 leaves growth out")
    parser.add_argument("--peer", default="", help="Python with ydata-profiling")
    parser.add_argument("--folder", type=Path, help="where the tables are kept between runs")
    parser.add_argument("--only-profile", action="store_true", help="leave the whole command out")
    parser.add_argument("--make", type=Path, help="only write the table")
    asked = parser.parse_args()
    if asked.make:
        from customers import make_table  # numpy and pyarrow stay out of the process that measures

        make_table(asked.make, asked.rows)
        return
    with tempfile.TemporaryDirectory(prefix="crmmigrate-benchmark-") as temporary:
        folder = asked.folder or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        command = [str(Path(sys.executable).parent / "crmmigrate"), "audit"]
        measured = ("profile",) if asked.only_profile else ("profile", "command")
        small = Path(temporary) / "small.parquet"
        run([sys.executable, __file__, "--make", str(small), "--rows", "50"])
        run([*command, str(small), "-o", str(Path(temporary) / "audit")])  # to compile modules is no part of an audit
        if asked.peer:
            run([asked.peer, "-c", PEER, str(small), str(Path(temporary) / "y.html")])
        found: dict[tuple[str, int], tuple[float, float]] = {}
        for rows in filter(None, (asked.rows, asked.large)):
            path = folder / f"customers-{rows}.parquet"
            if not path.exists():  # by a child: a process hands its memory down to what it starts
                run([sys.executable, __file__, "--make", str(path), "--rows", str(rows)])
            for name in measured:
                how = [sys.executable, "-c", ALONE, str(path)]
                if name == "command":
                    how = [*command, str(path), "-o", str(Path(temporary) / "audit")]
                found[name, rows] = run(how)
                seconds, memory = found[name, rows]
                print(f"{name:<10} {rows:>10,} rows {seconds:>8.1f} s CPU {memory:>7,.0f} MB", flush=True)
        if asked.peer:
            seconds, memory = run(
                [
                    asked.peer,
                    "-c",
                    PEER,
                    str(folder / f"customers-{asked.rows}.parquet"),
                    str(Path(temporary) / "y.html"),
                ]
            )
            print(f"{'ydata':<10} {asked.rows:>10,} rows {seconds:>8.1f} s CPU {memory:>7,.0f} MB")
            for name in measured:
                print(f"CPU of {name} to ydata-profiling's: {found[name, asked.rows][0] / seconds:.2f}")
        if asked.large:
            for name in measured:
                (small, less), (large, more) = found[name, asked.rows], found[name, asked.large]
                power = math.log(large / small) / math.log(asked.large / asked.rows)
                print(f"{name}: time grows with rows to the power of {power:.2f}, memory by {more - less:+,.0f} MB")


if __name__ == "__main__":
    main()
