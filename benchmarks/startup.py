"""Time of start, as a ratio to a bare click program measured in the same run.

    python benchmarks/startup.py [--runs 15] [--limit 1.5]

Runs are interleaved, so that a noisy machine disturbs both sides alike; the ratio is that of the medians. Exit code 1
where one of them is above the limit.
"""

from __future__ import annotations

import argparse
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


def seconds(command: list[str]) -> float:
    """Return the wall time of one run."""
    begun = time.perf_counter()
    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=False)
    taken = time.perf_counter() - begun
    if done.returncode not in (0, 1):
        sys.exit(f"{' '.join(command)} ended with {done.returncode}: {done.stderr.decode()}")
    return taken


def measure(runs: int) -> dict[str, list[float]]:
    """Return the times of each program."""
    with tempfile.TemporaryDirectory() as folder:
        bare, ours = Path(folder) / "bare.py", Path(folder) / "ours.py"
        bare.write_text(BARE, encoding="utf-8")
        ours.write_text(OURS, encoding="utf-8")
        commands = {
            "bare click --help": [sys.executable, str(bare), "--help"],
            "crmmigrate --help": [sys.executable, str(ours), "--help"],
            "crmmigrate mapping lint mappings/b2b": [sys.executable, str(ours), "mapping", "lint", "mappings/b2b"],
        }
        times: dict[str, list[float]] = {name: [] for name in commands}
        for command in commands.values():
            seconds(command)  # once, so that bytecode is there
        for _ in range(runs):
            for name, command in commands.items():
                times[name].append(seconds(command))
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
