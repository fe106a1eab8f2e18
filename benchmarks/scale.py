"""What each stage needs at growing sizes: CPU seconds, highest memory, and how the cost grows, on the b2b sample.

    python benchmarks/scale.py [--scale 2.5 25 250] [--to validate] [--work DIR] [--again]

Scale 1 is 40,901 rows of sources; 250 is ten million. Each stage runs in a process of its own, so that memory is its own: the highest sum over
the process and its children (resident, looked at ten times a second; pages they share count in each), and the highest of the first process alone,
as the kernel knows it. Seconds are CPU seconds of all these processes, so that a busy machine does not matter. The exponent compares a scale
with the one before it: log(seconds) over log(rows); 1 is linear.

With `--work` the project of each scale, its sources and its workspace are kept: a stage that fails can be looked at, and the next call goes on with
it. What was measured lies in DIR/SCALE/scale.json; `--again` measures it anew.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from crmmigrate.cli.progress import Bars
from crmmigrate.model.project import read_project
from crmmigrate.runner.execute import Context, reopen
from crmmigrate.runner.packs import generator, lay_out
from crmmigrate.runner.pipeline import STEPS, Pipeline, Step
from crmmigrate.runner.workspace import Workspace

_PAGE = os.sysconf("SC_PAGE_SIZE")


class Onward(Pipeline):
    """A pipeline that takes the earlier steps as they are, without asking whether they are up to date: that would be measured too."""

    def only(self, name: str) -> Step:
        """Run one step on what the newest runs of the steps before it left."""
        for earlier in STEPS[: STEPS.index(name)]:
            found = self.context.workspace.latest(earlier)
            if found is None:
                raise SystemExit(f"{earlier} was never completed in {self.context.workspace.folder}")
            self._take(earlier, reopen(self.context.workspace, found.run), self.aside_of(found))
            self.steps.append(Step(earlier, found, reused=True))
        return self.run_only(name)[0]


def prepare(folder: Path, scale: float) -> None:
    """Make the sample; where a sheet of a workbook is too small, the table goes on in further sheets, which feed the same object."""
    if (folder / "generated").exists():
        return
    lay_out(folder, "b2b")
    generator("b2b")(folder, scale=scale)
    path = folder / "migration.yaml"
    text = path.read_text(encoding="utf-8")
    for table in ("crm.客户", "crm.联系人", "crm.商机", "crm.跟进记录"):
        text = text.replace(f"table: {table}\n", f'table: "{table}*"\n')
    path.write_text(text, encoding="utf-8")
    (folder / "generated").touch()


def run_step(folder: Path, name: str) -> None:
    """Run one step in this process and print the rows of its manifest as JSON."""
    pipeline = Onward(read_project(folder / "migration.yaml"), Context(Workspace(folder / "work"), Bars()))
    manifest = pipeline.only(name).manifest
    tables = manifest.outputs if name == "extract" else manifest.inputs
    print(json.dumps({"rows": sum(int(table["rows"]) for table in tables.values())}))


def tree_memory(pid: int) -> int:
    """Return the resident bytes of a process and all its descendants."""
    total = 0
    waiting = [pid]
    while waiting:
        one = waiting.pop()
        with suppress(OSError, ValueError):
            total += int(Path(f"/proc/{one}/statm").read_text().split()[1]) * _PAGE
            waiting += map(int, Path(f"/proc/{one}/task/{one}/children").read_text().split())
    return total


def measure(folder: Path, name: str) -> dict[str, Any]:
    """Run one step in a new process and return what it needed; `failed` holds its last words where it could not finish."""
    begun = time.perf_counter()
    with (folder / f"{name}.err").open("w+", encoding="utf-8") as errors:
        process = subprocess.Popen(
            [sys.executable, __file__, "--step", name, "--work", str(folder)], stdout=subprocess.PIPE, stderr=errors
        )
        highest = 0
        while True:
            highest = max(highest, tree_memory(process.pid))
            pid, status, usage = os.wait4(process.pid, os.WNOHANG)
            if pid:
                break
            time.sleep(0.1)
        assert process.stdout is not None
        said = process.stdout.read()
        errors.seek(0)
        complaint = errors.read()[-2000:]
    found = {
        "seconds": usage.ru_utime + usage.ru_stime, "elapsed": time.perf_counter() - begun,
        "memory": max(highest, usage.ru_maxrss * 1024), "first_process": usage.ru_maxrss * 1024,
    }  # fmt: skip
    if status:
        return found | {"failed": complaint}
    return found | json.loads(said)


def walk(folder: Path, scale: float, last: str, *, again: bool) -> dict[str, Any]:
    """Measure the steps up to `last` at one scale."""
    prepare(folder, scale)
    kept = folder / "scale.json"
    figures: dict[str, Any] = json.loads(kept.read_text()) if kept.exists() and not again else {}
    for name in STEPS[: STEPS.index(last) + 1]:
        if name in figures and "failed" not in figures[name]:
            continue
        figures[name] = measure(folder, name)
        kept.write_text(json.dumps(figures, indent=1))
        line(scale, name, figures[name], None)
        if "failed" in figures[name]:
            break
    return figures


def line(scale: float, name: str, found: dict[str, Any], before: dict[str, Any] | None) -> None:
    """Print one stage at one scale, with the exponent since the scale before."""
    if "failed" in found:
        print(
            f"{scale:>6g} {name:<12} failed after {found['seconds']:,.0f} s, {found['memory'] / 2**20:,.0f} MB\n{found['failed']}"
        )
        return
    grown = ""
    if before and "failed" not in before and before["rows"]:
        grown = f"{math.log(found['seconds'] / before['seconds']) / math.log(found['rows'] / before['rows']):.2f}"
    print(
        f"{scale:>6g} {name:<12} {found['rows']:>11,} {found['seconds']:>9.1f} {found['rows'] / found['seconds']:>9,.0f} "
        f"{found['memory'] / 2**20:>8,.0f} {found['first_process'] / 2**20:>8,.0f} {grown:>8}", flush=True,
    )  # fmt: skip


def report(measured: dict[float, dict[str, Any]]) -> None:
    """Print a line per stage and scale."""
    print(
        f"{'scale':>6} {'stage':<12} {'rows':>11} {'CPU s':>9} {'rows/s':>9} {'MB':>8} {'MB first':>8} {'exponent':>8}"
    )
    scales = sorted(measured)
    for name in STEPS:
        before = None
        for scale in scales:
            if name in measured[scale]:
                line(scale, name, measured[scale][name], before)
                before = measured[scale][name]


def main() -> None:
    """Measure and report."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--scale", type=float, nargs="+", default=[2.5, 25])
    parser.add_argument("--to", default="validate", choices=STEPS, help="the last step")
    parser.add_argument("--work", type=Path, help="a folder to keep the projects in")
    parser.add_argument("--again", action="store_true", help="measure anew what was measured before")
    parser.add_argument("--step", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.step:
        run_step(asked.work, asked.step)
        return
    with tempfile.TemporaryDirectory(prefix="crmmigrate-scale-") as temporary:
        work = (asked.work or Path(temporary)).absolute()
        report({scale: walk(work / f"{scale:g}", scale, asked.to, again=asked.again) for scale in asked.scale})


if __name__ == "__main__":
    main()
