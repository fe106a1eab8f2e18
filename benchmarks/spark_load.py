"""Is a load by several writers the same as by one, what becomes of it when one of them is killed, and how long does it take.

    python benchmarks/spark_load.py PROJECT [--kind postgresql mysql] [--workers 1 2 4] [--disturb none worker driver slow] [--batch-rows 10000]

PROJECT is a folder with a migration.yaml whose steps up to `validate` were run (as `benchmarks/scale.py --work` leaves one). Its rows are loaded by
`crmmigrate load` into an empty database of a server of the benchmark's own: by the local engine, and on a standalone Spark master with workers of
one core and one executor each. Once a tenth of the batches is committed, the load is disturbed: `worker` kills a worker with its executor
and its Python (kill -9), `driver` kills the command itself, which is then resumed, `slow` stops the Python of one executor for a while, with
speculation on, so that another one does the same at the same time. Compared with the load by one writer: every row of every table, keys that the
database numbered put back into what they stand for; every batch, what it did, and every reject. At last the load is rolled back, and the target has
to be as before by its digests.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import resource
import signal
import subprocess
import sys
import threading
import time
from contextlib import nullcontext, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from servers import Server
from spark_cluster import children, cluster, copied

from crmmigrate.model.load_plan import LoadPlan
from crmmigrate.model.schema import read_target_schema
from crmmigrate.targets import open_target

if TYPE_CHECKING:
    from crmmigrate.model.target import Target

SLOW_SECONDS = 25
_TICK = os.sysconf("SC_CLK_TCK")


def configured(project: Path, name: str, url: str, engine: dict[str, Any], batch_rows: int) -> Path:
    """Write a migration.yaml with another target and engine beside the project's own."""
    text = (project / "migration.yaml").read_text(encoding="utf-8")
    kept = [line for line in text.splitlines() if not line.startswith(("target:", "engine:"))]
    kept += [
        f"target: {{url: '{url}', schema: schema.yaml, batch_rows: {batch_rows}}}",
        f"engine: {json.dumps(engine)}",
    ]
    path = project / f"migration.{name}.yaml"
    path.write_text("\n".join(kept) + "\n", encoding="utf-8")
    return path


def contents(target: Target, plan: LoadPlan) -> dict[str, str]:
    """Return table → digest of its rows in whatever order, the keys that the database gave replaced by the records they stand for."""
    records = {
        step.object: {
            key: record
            for walk in target.crosswalk(step.object)
            for record, key in zip(walk["_record"].to_pylist(), walk["key"].to_pylist(), strict=True)
        }
        for step in plan.objects
    }
    references: dict[str, dict[str, str]] = {}
    own: dict[str, str] = {}
    for step in plan.objects:
        references.setdefault(step.table, {}).update(step.references)
        own[step.table] = step.object
    found = {}
    for table, columns in references.items():
        total, count = 0, 0
        for part in target.rows(table):
            rows = part.assign(id=part["id"].map(records[own[table]]))
            for column, parent in columns.items():
                known: dict[str, str] = {}
                for name in parent.split("|"):
                    known |= records[name]
                rows[column] = rows[column].map(known)
            for row in rows.itertuples(index=False, name=None):
                total += int.from_bytes(hashlib.blake2b(repr(row).encode(), digest_size=16).digest())
            count += len(rows)
        found[table] = f"{count}:{total % 2**128:x}"
    return found


def outcome(url: str, run: str) -> dict[str, Any]:
    """Return what a load left in the target."""
    with open_target(url) as target:
        [known] = [one for one in target.runs() if one.run == run]
        return {
            "contents": contents(target, LoadPlan.from_text(known.plan)),
            "batches": target.batches(run),
            "totals": target.totals(run),
            "rejects": target.rejects(run).to_csv(),
        }


class Disturbance(threading.Thread):
    """Disturbs a load once a tenth of its batches is committed.

    Args:
        kind: worker, driver or slow.
        url: of the target.
        batches: of the whole load.
        command: the process of the load.
        worker: the process of a worker.
    """

    def __init__(self, kind: str, url: str, batches: int, command: subprocess.Popen[bytes], worker: Any) -> None:
        super().__init__(daemon=True)
        self.kind, self.url, self.batches, self.command, self.worker = kind, url, batches, command, worker
        self.told = "not disturbed"

    def run(self) -> None:
        """Wait, and disturb."""
        while (done := self._committed()) < self.batches // 10:
            time.sleep(0.05)
        if self.command.poll() is not None:
            return
        family = children(self.worker.pid) if self.worker is not None else []
        if self.kind == "driver":
            victims = children(self.command.pid)
            for pid in victims:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        elif self.kind == "worker":
            victims = family
            for pid in victims:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        else:
            victims = [pid for pid in family if b"pyspark.daemon" in Path(f"/proc/{pid}/cmdline").read_bytes()][1:]
            for pid in victims:
                os.kill(pid, signal.SIGSTOP)
            time.sleep(SLOW_SECONDS)
            for pid in victims:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGCONT)
        self.told = f"{self.kind}: {len(victims)} processes after {done} of {self.batches} batches"

    def _committed(self) -> int:
        with suppress(Exception), open_target(self.url) as target:
            return sum(len(target.batches(run.run)) for run in target.runs())
        return 0


def crmmigrate(*words: str, work: Path) -> subprocess.Popen[bytes]:
    """Begin a command."""
    return subprocess.Popen(
        [Path(sys.executable).parent / "crmmigrate", *words, "--work", str(work), "--format", "json"], stdout=subprocess.PIPE,
        stderr=(work / "stderr.txt").open("ab"), start_new_session=True,
    )  # fmt: skip


def ended(process: subprocess.Popen[bytes], work: Path) -> dict[str, Any]:
    """Wait for a command and return what it said."""
    said = process.communicate()[0]
    if process.returncode not in (0, 1):
        raise SystemExit(f"exit code {process.returncode}\n{(work / 'stderr.txt').read_text()[-3000:]}")
    found: dict[str, Any] = json.loads(said)
    return found


def seconds_of(pids: list[int]) -> float:
    """Return the CPU seconds that processes and their ended children have used."""
    total = 0
    for pid in pids:
        with suppress(OSError):
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            total += sum(map(int, fields[11:15]))
    return total / _TICK


def one(server: Server, asked: Any, workers: int, disturb: str, reference: dict[str, Any]) -> dict[str, Any]:
    """Load once and compare; print a line."""
    project = asked.project.absolute()
    name = f"{server.kind}{workers}{disturb}"
    url = server.database(f"b_{name}")
    with open_target(url) as target:
        target.create(read_target_schema(project / "schema.yaml"))
        before = target.digest()
    work = copied(project, f"work-{name}")
    with cluster(workers, work / "spark") if workers else nullcontext(("", [])) as (master, processes):
        engine: dict[str, Any] = {"kind": "local"}
        if workers:
            settings = {"spark.executor.memory": "1g", "spark.executor.cores": "1", "spark.driver.host": "127.0.0.1"}
            if disturb == "slow":
                settings |= {"spark.speculation": "true", "spark.speculation.multiplier": "1.1", "spark.speculation.quantile": "0.1",
                             "spark.speculation.minTaskRuntime": "1s", "spark.speculation.interval": "500ms"}  # fmt: skip
            engine = {"kind": "spark", "master": master, "settings": settings}
        path = str(configured(project, name, url, engine, asked.batch_rows))
        used, begun = server.cpu_seconds(), time.perf_counter()
        own = resource.getrusage(resource.RUSAGE_CHILDREN)
        process = crmmigrate("load", path, work=work)
        disturbance = None
        if disturb != "none":
            disturbance = Disturbance(
                disturb, url, len(reference["batches"]), process, processes[0] if processes else None
            )
            disturbance.start()
        if disturb == "driver":
            process.wait()
            process = crmmigrate("load", path, "--resume", work=work)
        said = ended(process, work)
        elapsed = time.perf_counter() - begun
        spent = resource.getrusage(resource.RUSAGE_CHILDREN)
        ours = spent.ru_utime + spent.ru_stime - own.ru_utime - own.ru_stime
        ours += seconds_of([pid for worker in processes for pid in children(worker.pid)])
        theirs = server.cpu_seconds() - used
    found = outcome(url, said["run"])
    same = not reference or found == reference
    undone = ended(crmmigrate("rollback", said["run"], "--project", path, "--apply", work=work), work)
    with open_target(url) as target:
        back = target.digest() == before and undone["facts"]["digest_equal"]
    rows = sum(sums["rows"] for sums in found["totals"].values())
    what = disturbance.told if disturbance else ""
    print(
        f"{server.kind:<10} {workers or 'local':>7} {rows:>10,} {len(found['batches']):>7} {elapsed:>8.1f} {ours:>8.1f} {theirs:>8.1f}  "
        f"{same!s:<5} {back!s:<5} {what}", flush=True,
    )  # fmt: skip
    if not (same and back):
        print({key: (found[key], reference.get(key)) for key in found if found[key] != reference.get(key)})
        raise SystemExit("differs")
    return found


def main() -> None:
    """Load by one writer, then by several, and compare."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("project", type=Path)
    parser.add_argument("--kind", nargs="+", default=["postgresql"], choices=["postgresql", "mysql"])
    parser.add_argument("--workers", type=int, nargs="+", default=[2])
    parser.add_argument("--disturb", nargs="+", default=["none"], choices=["none", "worker", "driver", "slow"])
    parser.add_argument("--batch-rows", type=int, default=10_000)
    asked = parser.parse_args()
    print(
        f"{'server':<10} {'writers':>7} {'rows':>10} {'batches':>7} {'seconds':>8} {'our CPU':>8} {'its CPU':>8}  same  undone"
    )
    for kind in asked.kind:
        with Server(kind) as server:
            reference = one(server, asked, 0, "none", {})
            for workers in asked.workers:
                for disturb in asked.disturb:
                    one(server, asked, workers, disturb, reference)


if __name__ == "__main__":
    main()
