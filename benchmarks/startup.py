"""Time of start, as a ratio to a bare click program measured in the same run.

    python benchmarks/startup.py [--runs 15] [--limit 1.5]

Runs are interleaved, so that a noisy machine disturbs both sides alike; the ratio is that of the medians of the CPU
time (user and system), which waiting for other programs does not lengthen. Bytecode is kept, as on a user's machine.
Exit code 1 where one of them is above the limit.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BARE = '''\
import click


@click.group()
@click.version_option("1")
def main():
    """A program that does nothing."""


@main.command()
@click.argument("path")
@click.option("--output", "-o", help="Where to write.")
def convert(path, output):
    """Do nothing with PATH."""


main()
'''
OURS = "from crmmigrate.cli import main\nmain()\n"


def clock() -> float:
    """Return the CPU time of all programs run so far; on Windows, which does not tell it, the wall time."""
    try:
        import resource
    except ModuleNotFoundError:
        return time.perf_counter()
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent.ru_utime + spent.ru_stime


def seconds(command: list[str], cache: Path) -> float:
    """Return the time of one run."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment["PYTHONPYCACHEPREFIX"] = str(cache)
    begun = clock()
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, check=False)
    taken = clock() - begun
    if done.returncode not in (0, 1):
        sys.exit(f"{' '.join(command)} ended with {done.returncode}: {done.stderr.decode()}")
    return taken


def measure(runs: int) -> dict[str, list[float]]:
    """Return the times of each program."""
    with tempfile.TemporaryDirectory() as folder:
        bare, ours, cache = Path(folder) / "bare.py", Path(folder) / "ours.py", Path(folder) / "cache"
        bare.write_text(BARE, encoding="utf-8")
        ours.write_text(OURS, encoding="utf-8")
        commands = {
            "bare click --help": [sys.executable, str(bare), "--help"],
            "crmmigrate --help": [sys.executable, str(ours), "--help"],
            "crmmigrate mapping lint mappings/b2b": [sys.executable, str(ours), "mapping", "lint", "mappings/b2b"],
        }
        times: dict[str, list[float]] = {name: [] for name in commands}
        for command in commands.values():
            seconds(command, cache)  # once, so that bytecode is there
        for _ in range(runs):
            for name, command in commands.items():
                times[name].append(seconds(command, cache))
    return times


def main() -> None:
    """Measure and judge."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=15)
    parser.add_argument("--limit", type=float, default=1.5)
    asked = parser.parse_args()
    times = measure(asked.runs)
    bare = statistics.median(times.pop("bare click --help"))
    print(f"bare click --help: {bare * 1000:.0f} ms (median of {asked.runs})")
    slow = False
    for name, taken in times.items():
        ratio = statistics.median(taken) / bare
        slow |= ratio > asked.limit
        print(f"{name}: {ratio:.2f} times that, limit {asked.limit:.2f}{'  TOO SLOW' if ratio > asked.limit else ''}")
    sys.exit(int(slow))


if __name__ == "__main__":
    main()
