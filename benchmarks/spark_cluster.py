"""Is the answer the same on a cluster, how long does it take there, and what becomes of it when a worker is killed.

    python benchmarks/spark_cluster.py PROJECT [--steps dedupe] [--workers 1 2 4] [--kill] [--speculation]

PROJECT is a folder with a migration.yaml whose steps before the first of STEPS were run (as `benchmarks/scale.py --work` leaves one). A
standalone Spark master and workers are started on this machine, each worker with one core and an executor of its own. The steps
are run by the local engine and by the cluster, however few rows there are, from the same earlier steps, in workspaces of their own; tables, issues,
rows set aside and figures are compared by digests of their rows in order. CPU seconds are those of the driver and of all executors together, and those of the
driver alone (with its Java), which more executors do not shorten. With `--kill` a worker and its executor are killed (kill -9) in the middle of each step, as long as another one is left.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyspark
from scale import Onward

from crmmigrate.cli.progress import Bars
from crmmigrate.model.content_digest import content_digest
from crmmigrate.model.engine import EngineSpec
from crmmigrate.model.issue import ASIDE, ISSUES
from crmmigrate.model.project import read_project
from crmmigrate.model.table import Table
from crmmigrate.runner.engine import Engine, engine_of
from crmmigrate.runner.execute import Context
from crmmigrate.runner.spark import SparkEngine
from crmmigrate.runner.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from crmmigrate.runner.pipeline import Step

STEPS = ("standardise", "fill", "dedupe", "rules", "map", "validate")
_TICK = os.sysconf("SC_CLK_TCK")
_DEPLOY = "org.apache.spark.deploy"


def spark_class(name: str, *words: str, cores: int = 1) -> subprocess.Popen[bytes]:
    """Start a daemon of Spark's."""
    home = Path(pyspark.__file__).parent
    return subprocess.Popen(
        [home / "bin" / "spark-class", f"{_DEPLOY}.{name}", *words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        env={**os.environ, "SPARK_HOME": str(home), "SPARK_NO_DAEMONIZE": "1", "SPARK_WORKER_CORES": str(cores), "LC_ALL": "C.UTF-8"},
        start_new_session=True,
    )  # fmt: skip


@contextmanager
def cluster(workers: int, folder: Path) -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    """Start a master and workers, and end them."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    url = f"spark://127.0.0.1:{port}"
    started = [spark_class("master.Master", "--host", "127.0.0.1", "--port", str(port), "--webui-port", "0")]
    try:
        for _ in range(600):
            with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                break
            time.sleep(0.2)
        started += [
            spark_class("worker.Worker", "--host", "127.0.0.1", "--webui-port", "0", "-m", "2g", "-d", str(folder / f"worker{n}"), url)
            for n in range(workers)
        ]  # fmt: skip
        yield url, started[1:]
    finally:
        for process in started:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


def children(pid: int) -> list[int]:
    """Return a process and its descendants."""
    found = [pid]
    for one in found:
        with suppress(OSError):
            for thread in Path(f"/proc/{one}/task").iterdir():
                found += map(int, (thread / "children").read_text().split())
    return found


def seconds(pid: int) -> float:
    """Return the CPU seconds that a process and all its descendants, also those that ended, have used."""
    ticks = 0
    for one in children(pid):
        with suppress(OSError):
            ticks += sum(map(int, Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()[11:15]))
    return ticks / _TICK


def kill_when_at_work(worker: subprocess.Popen[bytes], told: list[str]) -> None:
    """Kill a worker with its executor and its Python as soon as one of its Python processes has used a second of CPU."""
    for _ in range(6000):
        family = children(worker.pid)
        for pid in family:
            with suppress(OSError, IndexError, ValueError):
                words = Path(f"/proc/{pid}/cmdline").read_bytes()
                fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
                if b"pyspark.daemon" in words and int(fields[11]) >= 100:
                    for victim in family:
                        with suppress(ProcessLookupError):
                            os.kill(victim, signal.SIGKILL)
                    told.append(f"killed {len(family)} processes of a worker")
                    return
        time.sleep(0.05)
    told.append("nothing was killed")


def digests(step: Step, tables: dict[str, Table], workspace: Workspace) -> dict[str, Any]:
    """Return table → digest of its rows in their order, and the figures of the step."""
    folder = workspace.runs_folder / step.manifest.run / "tables"
    tables = tables | {name: Table(name, folder / f"{name}.parquet") for name in (ISSUES, ASIDE)}
    return {name: content_digest(table) for name, table in tables.items()} | {
        "accounting": step.manifest.accounting, "facts": step.manifest.facts,
    }  # fmt: skip


def run(
    project: Path, work: Path, engine: Engine, name: str, workers: Sequence[subprocess.Popen[bytes]] = ()
) -> tuple[str, dict[str, Any]]:
    """Run one step; return rows, seconds, CPU seconds and those of the driver as a line, and digests."""
    pipeline = Onward(read_project(project / "migration.yaml"), Context(Workspace(work), Bars(), engine=engine))
    begun, used, there = time.perf_counter(), seconds(os.getpid()), sum(seconds(worker.pid) for worker in workers)
    step = pipeline.only(name)
    taken, used = time.perf_counter() - begun, seconds(os.getpid()) - used
    driver = used - sum(seconds(worker.pid) for worker in workers) + there
    rows = sum(int(table["rows"]) for table in step.manifest.inputs.values())
    line = f"{name:<12} {rows:>10,} {taken:>8.1f} {used:>8.1f} {driver:>8.1f}"
    return line, digests(step, pipeline.by_step[name], pipeline.context.workspace)


def copied(project: Path, name: str) -> Path:
    """Return a workspace of its own with the same earlier runs; their files are shared by hard links."""
    work = project / name
    shutil.rmtree(work, ignore_errors=True)
    shutil.copytree(project / "work", work, copy_function=os.link)
    (work / "log.jsonl").unlink()
    shutil.copyfile(project / "work" / "log.jsonl", work / "log.jsonl")
    return work


def main() -> None:
    """Compare and report."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("project", type=Path)
    parser.add_argument("--steps", nargs="+", default=STEPS, choices=STEPS)
    parser.add_argument("--workers", type=int, nargs="+", default=[2])
    parser.add_argument("--kill", action="store_true")
    parser.add_argument("--speculation", action="store_true", help="tasks that are slower than the others run twice")
    asked = parser.parse_args()
    project = asked.project.absolute()
    settings = {"spark.executor.memory": "1g", "spark.executor.cores": "1", "spark.driver.host": "127.0.0.1"}
    if asked.speculation:
        settings |= {
            "spark.speculation": "true",
            "spark.speculation.multiplier": "1.1",
            "spark.speculation.quantile": "0.1",
        }
    reference: dict[str, dict[str, Any]] = {}
    print(f"{'engine':<22} {'step':<12} {'rows':>10} {'seconds':>8} {'CPU s':>8} {'driver':>8}  same", flush=True)
    local = copied(project, "work-local")
    for name in asked.steps:
        line, reference[name] = run(project, local, engine_of(EngineSpec()), name)
        print(f"{'local':<22} {line}", flush=True)
    for workers in asked.workers:
        work = copied(project, f"work-{workers}")
        with cluster(workers, work / "spark") as (url, processes):
            for number, name in enumerate(asked.steps):
                engine = SparkEngine(EngineSpec("spark", url, settings), small=0)
                told: list[str] = []
                if asked.kill and number < workers - 1:
                    threading.Thread(target=kill_when_at_work, args=(processes[number], told), daemon=True).start()
                line, found = run(project, work, engine, name, processes)
                engine.close()
                same = found == reference[name]
                print(f"{f'spark, {workers} executors':<22} {line}  {same} {' '.join(told)}", flush=True)
                if not same:
                    sys.exit(f"differs: {[key for key in found if found[key] != reference[name].get(key)]}")
        shutil.rmtree(work, ignore_errors=True)
    shutil.rmtree(local, ignore_errors=True)


if __name__ == "__main__":
    main()
