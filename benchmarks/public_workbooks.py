"""Every table of every workbook in a folder is read, each file in a process of its own: is there one that aborts?

    python benchmarks/public_workbooks.py FOLDER [--limit 1000] [--seconds 60] [--megabytes 2000] [--show]

A file is read, refused (with a code), or it crashed: a traceback, an abort, memory or time at an end. Files are taken in an
order that is the same each time, spread over all folders. Exit code 1 where one crashed.
"""

from __future__ import annotations

import argparse
import hashlib
import subprocess
import sys
from collections import Counter
from pathlib import Path

ENDINGS = {".xlsx", ".xlsm", ".xltx", ".xltm", ".xls", ".xlt", ".et", ".xlsb", ".ods", ".fods", ".xml", ".htm", ".html"}
CHILD = """
import sys
try:
    import resource
    resource.setrlimit(resource.RLIMIT_AS, (int(sys.argv[1]) << 20,) * 2)
except ModuleNotFoundError:
    pass
from crmmigrate.errors import CrmMigrateError
from crmmigrate.model.location import Location
from crmmigrate.sources import read_location
for path in sys.argv[2:]:
    try:
        tables = rows = 0
        for table in read_location(Location(path)):
            tables += 1
            rows += sum(len(frame) for frame in table.batches())
        print("read", tables, rows, flush=True)
    except CrmMigrateError as error:
        print("refused", error.code, flush=True)
"""
TOGETHER = 20
"""Files read by one process; where it crashes, the rest of them get a new one."""


def outcomes(paths: list[Path], seconds: int, megabytes: int) -> list[str]:
    """Return for each file what became of it."""
    found: list[str] = []
    while len(found) < len(paths):
        rest = [str(path) for path in paths[len(found) :]]
        command = [sys.executable, "-c", CHILD, str(megabytes), *rest]
        try:
            done = subprocess.run(command, capture_output=True, timeout=seconds * len(rest), check=False)
            said, why = (
                done.stdout,
                f"crashed: {done.stderr.decode(errors='replace').strip().splitlines()[-1:]} ({done.returncode})",
            )
        except subprocess.TimeoutExpired as error:
            said, why = error.stdout or b"", "crashed: time"
        lines = said.decode(errors="replace").splitlines()
        found += lines if len(lines) == len(rest) else [*lines, why]
    return found


def main() -> int:
    """Run and report."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--limit", type=int, default=10**9)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--megabytes", type=int, default=2000)
    parser.add_argument("--show", action="store_true", help="name the files that were refused, and why")
    asked = parser.parse_args()
    files = [path for path in asked.folder.rglob("*") if path.suffix.lower() in ENDINGS and path.is_file()]
    files = sorted(files, key=lambda path: hashlib.sha256(path.name.encode()).digest())[: asked.limit]
    counts: Counter[str] = Counter()
    tables = rows = 0
    for start in range(0, len(files), TOGETHER):
        some = files[start : start + TOGETHER]
        for path, outcome in zip(some, outcomes(some, asked.seconds, asked.megabytes), strict=True):
            kind, _, rest = outcome.partition(" ")
            if kind == "read":
                tables += int(rest.split()[0])
                rows += int(rest.split()[1])
                counts["read"] += 1
            else:
                counts[outcome if kind == "refused" else "crashed"] += 1
                if asked.show or kind != "refused":
                    print(f"{path}: {outcome}", file=sys.stderr, flush=True)
    for name, count in counts.most_common():
        print(f"{name:<34} {count:>6,}")
    print(f"{'files':<34} {len(files):>6,}   tables {tables:,}   rows {rows:,}")
    return 1 if counts["crashed"] else 0


if __name__ == "__main__":
    sys.exit(main())
