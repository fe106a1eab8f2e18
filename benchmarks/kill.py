"""Kill a load and its rollback at random moments, resume each time, and see that nothing is lost and nothing is there twice.

    python benchmarks/kill.py --database sqlite --kills 20
    python benchmarks/kill.py --database postgresql --kills 100 --rollback-kills 60 --resume-kills 40 --server-kills 5
    python benchmarks/kill.py --database postgresql --resume-cost 5 --rows 200000 --batch-rows 10000

A child process loads users, accounts and contacts (half of the accounts are in the target already, so that rows are updated
as well as inserted), or rolls the load back; it is killed with SIGKILL after a random time and started again until it comes
to its end. Then the target is compared, row by row, with what an undisturbed load gives, and after the rollback by digest
with what it was before. With --resume-kills a second load is killed just when it is taken up again, and with --server-kills the
database server is killed in the middle of a third one and started again. The database named by --url must be empty; without it a
SQLite file in a temporary folder is used, or a server of its own, which alone may be killed.

With --resume-cost nothing else is done: the load is killed when half of its batches are there, and resumed; what that took more than an
undisturbed load is told in batches. It is processor time of process and server, less what it takes to start a process.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import random
import signal
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from servers import Server

from crmmigrate.errors import LocationError
from crmmigrate.model.document import Document
from crmmigrate.model.mapping import build_mapping
from crmmigrate.model.schema import TargetColumn, TargetSchema, TargetTable
from crmmigrate.model.stage import Job
from crmmigrate.model.table import Table, Tables
from crmmigrate.stages import load_stage
from crmmigrate.targets import open_target

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crmmigrate.model.stage import StageResult
    from crmmigrate.model.target import Target

LONGEST_PAUSE = 0.4
"""Seconds from the beginning of a run to the kill, at most."""

SERVER_GONE = 3
"""How a load ends whose server was killed: the exit code of a target that can't be reached."""

IDENTITY = TargetColumn("integer", identity=True)
NAME = TargetColumn(length=100, required=True)
KEY = TargetColumn(length=100, required=True, unique=True)
SCHEMA = TargetSchema(1, {
    "users": TargetTable({"id": IDENTITY, "external_id": KEY, "name": NAME}),
    "accounts": TargetTable({
        "id": IDENTITY, "external_id": KEY, "name": NAME, "level": TargetColumn(length=8, picklist="levels"),
        "amount": TargetColumn("decimal"), "since": TargetColumn("date"), "owner_id": TargetColumn("integer", references="users"),
    }),
    "contacts": TargetTable({
        "id": IDENTITY, "external_id": KEY, "name": NAME, "active": TargetColumn("boolean"),
        "account_id": TargetColumn("integer", references="accounts", required=True),
    }),
}, {"levels": {"A": "甲", "B": "乙"}})  # fmt: skip
MAPPINGS = {
    "user": ("users", "name: 姓名"),
    "account": (
        "accounts",
        "name: 名称, level: 级别, amount: 金额, since: 日期, owner_id: {from: 负责人, lookup: {object: user}}",
    ),
    "contact": ("contacts", "name: 姓名, active: 有效, account_id: {from: 客户, lookup: {object: account}}"),
}


@dataclass(frozen=True)
class Figures:
    """What one round of kills showed.

    Args:
        work: load or rollback.
        kills: how often the process was killed.
        lost: rows that are not in the target though they should be; `doubled` rows too many.
        equal: whether the target is as it should be, by digest.
        seconds: of the whole round.
    """

    work: str
    kills: int
    lost: int
    doubled: int
    equal: bool
    seconds: float

    @property
    def good(self) -> bool:
        """Whether nothing was lost, doubled or different."""
        return self.equal and not self.lost and not self.doubled


def options(batch_rows: int, writers: int | None) -> Any:
    """Return the options of the load."""
    mappings = []
    for name, (table, fields) in MAPPINGS.items():
        text = (
            f"{{version: 1, object: {name}, target: {table}, match: external_id, "
            f"fields: {{external_id: _record, {fields}}}}}"
        )
        document = Document.parse(text, name)
        mappings.append(build_mapping(document))
        document.check()
    return load_stage("load").options(tuple(mappings), batch_rows, 1.0, writers=writers)


def write_rows(folder: Path, rows: int) -> None:
    """Write the rows to load: `rows` accounts, as many contacts, ten users."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    def put(name: str, records: Sequence[str], columns: dict[str, list[str]]) -> None:
        every = {"_record": list(records), "_origin": list(records), "external_id": list(records), **columns}
        pq.write_table(
            pa.table({key: pa.array(value, pa.string()) for key, value in every.items()}), folder / f"{name}.parquet"
        )

    users = [f"staff/{i}" for i in range(10)]
    accounts = [f"crm/客户/{i}" for i in range(rows)]
    put("user", users, {"name": [f"员工{i}" for i in range(10)]})
    put("account", accounts, {
        "name": [f"测试公司{i}" for i in range(rows)], "level": ["AB"[i % 2] for i in range(rows)],
        "amount": [f"{i}.50" for i in range(rows)], "since": ["2023-05-01"] * rows, "owner_id": [users[i % 10] for i in range(rows)],
    })  # fmt: skip
    put("contact", [f"crm/联系人/{i}" for i in range(rows)], {
        "name": [f"联系人{i}" for i in range(rows)], "active": ["true"] * rows, "account_id": accounts,
    })  # fmt: skip


def prepare(target: Target, rows: int) -> None:
    """Create the tables, and every second account as an older system left it."""
    import sqlalchemy as sa

    target.create(SCHEMA)
    table = sa.table("accounts", sa.column("external_id"), sa.column("name"))
    old = [{"external_id": f"crm/客户/{i}", "name": f"旧名{i}"} for i in range(0, rows, 2)]
    with target.session.transaction() as connection:  # type: ignore[attr-defined]
        connection.execute(table.insert(), old)


def work(
    kind: str, url: str, folder: Path, run: str, batch_rows: int, undone: str = "load-1", writers: int | None = None
) -> StageResult | None:  # fmt: skip
    """Load, or roll the load `undone` back, once; the body of the child process. Without a kind it only begins to."""
    if not kind:
        import pandas  # noqa: F401, ICN001  (the libraries of a load)
        import pyarrow.parquet  # noqa: F401

        with open_target(url) as target:
            target.runs()
        return None
    tables = {name: Table(name, folder / f"{name}.parquet") for name in MAPPINGS} if kind == "load" else {}
    stage = load_stage(kind)
    chosen = options(batch_rows, writers) if kind == "load" else stage.options(run=undone, apply=True, writers=writers)
    with open_target(url) as target:
        return stage.function(Job(Tables(tables), chosen, run, _silent, target))


@dataclass(frozen=True)
class ResumeCost:
    """What a kill in the middle of a load costs.

    Args:
        batches: of the load; `committed` of them were there when it was killed.
        batch_seconds: processor time of one batch of an undisturbed load.
        extra_seconds: what the killed load and the one that resumed it took more than the undisturbed one, less the start of a process with its libraries.
    """

    batches: int
    committed: int
    batch_seconds: float
    extra_seconds: float

    @property
    def in_batches(self) -> float:
        """The extra time in batches."""
        return self.extra_seconds / self.batch_seconds


def resume_cost(whole_url: str, cut_url: str, folder: Path, batch_rows: int, server: Server | None) -> ResumeCost:
    """Load undisturbed into one database; kill a load into the other in its middle and resume it. Both are new and prepared."""
    context: Any = multiprocessing.get_context("spawn")  # whose processes are our children, so that their time is known

    def seconds() -> float:
        return sum(os.times()[2:4]) + (server.cpu_seconds() if server else 0.0)

    def started(kind: str, url: str) -> Any:
        process = context.Process(target=work, args=(kind, url, folder, "load-1", batch_rows))
        process.start()
        return process

    def taken(kind: str, url: str) -> float:
        before, process = seconds(), started(kind, url)
        process.join()
        if process.exitcode != 0:
            raise RuntimeError(f"{kind} ended with {process.exitcode}")
        return seconds() - before

    start = taken("", whole_url)
    whole = taken("load", whole_url) - start
    with open_target(whole_url) as target:
        batches = len(target.committed("load-1"))
    before, process = seconds(), started("load", cut_url)
    committed = 0
    with open_target(cut_url) as target:
        while process.exitcode is None and not target.runs():
            time.sleep(0.5)
        while process.exitcode is None and committed < batches // 2:
            committed = len(target.committed("load-1"))
            time.sleep(0.2)  # a question costs the server time, which counts
        os.kill(process.pid, signal.SIGKILL)
        process.join()
        committed = len(target.committed("load-1"))
    cut = seconds() - before - start + taken("load", cut_url) - start
    return ResumeCost(batches, committed, whole / batches, cut - whole)


def show_resume_costs(database: str, times: int, rows: int, batch_rows: int) -> None:
    """Print what a kill in the middle costs, several times."""
    with ExitStack() as stack:
        server = None if database == "sqlite" else stack.enter_context(Server(database))
        if (
            server and database == "postgresql"
        ):  # at its own times it takes the time of some batches from one of the loads
            server.execute("ALTER SYSTEM SET autovacuum = off")
            server.execute("SELECT pg_reload_conf()")
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        write_rows(folder, rows)
        print(
            f"{'database':12}{'batches':>8}{'there at the kill':>20}{'s per batch':>13}{'extra s':>9}{'in batches':>12}"
        )
        for number in range(times):
            names = (f"whole_{number}", f"cut_{number}")
            urls = [server.database(name) if server else f"sqlite:///{folder / name}.db" for name in names]
            for url in urls:
                with open_target(url) as target:
                    prepare(target, rows)
            cost = resume_cost(*urls, folder, batch_rows, server)
            print(
                f"{database:12}{cost.batches:8}{cost.committed:20}{cost.batch_seconds:13.3f}{cost.extra_seconds:9.2f}{cost.in_batches:12.2f}",
                flush=True,
            )


def _silent(rows: int) -> None:
    del rows


def killed_work(  # noqa: PLR0913, PLR0917  (it is what a round is made of)
    kind: str, url: str, folder: Path, kills: int, batch_rows: int, chance: random.Random, load: str = "load-1",
    pause: float = LONGEST_PAUSE, server: Server | None = None, writers: int | None = None,
) -> int:  # fmt: skip
    """Run a child process, kill it (or the server), start it again, until `kills` are done; then let it finish. Return the kills that hit."""
    context: Any = multiprocessing.get_context(
        "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"
    )
    context.set_forkserver_preload(
        ["pandas", "pyarrow.parquet", "sqlalchemy", "psycopg", "pymysql", "crmmigrate.stages.load"]
    )
    hits = attempt = 0
    while True:
        attempt += 1
        run = load if kind == "load" else f"rollback-{load}-{attempt}"
        process = context.Process(
            target=_quiet if server else work, args=(kind, url, folder, run, batch_rows, load, writers)
        )
        process.start()
        if hits < kills:
            if server or pause < LONGEST_PAUSE or chance.random() < 0.8:  # else perhaps before the target knows the run
                _wait_for_begin(process, url, kind)
            process.join(chance.random() * pause)
            if process.exitcode is None and server:
                server.kill()
                process.join()
                server.start()
            elif process.exitcode is None:
                os.kill(process.pid, signal.SIGKILL)
        process.join()
        if process.exitcode == 0:
            return hits
        if process.exitcode != (SERVER_GONE if server else -signal.SIGKILL):
            raise RuntimeError(f"{kind} ended with {process.exitcode}")
        hits += 1
        if kind == "rollback" and _is_rolled_back(url, load):
            return hits


def _quiet(*arguments: Any) -> None:
    """Work, and end with the exit code that the command line gives an error, without its traceback."""
    try:
        work(*arguments)
    except LocationError as error:
        raise SystemExit(SERVER_GONE if error.code == "target.unreachable" else 1) from None


def _is_rolled_back(url: str, load: str) -> bool:
    """Whether the process was killed behind its last transaction."""
    with open_target(url) as target:
        return any(run.run == load and run.state == "rolled_back" for run in target.runs())


def _wait_for_begin(process: Any, url: str, kind: str) -> None:
    """Wait until the target knows the run of this process, or the process has ended."""
    with open_target(url) as target:
        while process.exitcode is None:
            if any(run.kind == kind and run.pid == process.pid and run.alive for run in target.runs()):
                return
            time.sleep(0.01)


def content(target: Target) -> dict[str, list[tuple[Any, ...]]]:
    """Return the target's rows by their own keys, references resolved, so that two loads can be compared."""
    import pandas as pd

    frames = {name: pd.concat(list(target.rows(name))) for name in SCHEMA.tables}
    names = {table: dict(zip(frame["id"], frame["external_id"], strict=True)) for table, frame in frames.items()}
    for table, column, parent in (("accounts", "owner_id", "users"), ("contacts", "account_id", "accounts")):
        frames[table][column] = frames[table][column].map(names[parent])
    return {
        name: sorted(frame.drop(columns="id").astype("str").fillna("").itertuples(index=False, name=None))
        for name, frame in frames.items()
    }


def expected(rows: int) -> dict[str, list[tuple[Any, ...]]]:
    """Return what the target must hold after the load, worked out without the program."""
    users = [(f"staff/{i}", f"员工{i}") for i in range(10)]
    accounts = [
        (f"crm/客户/{i}", f"测试公司{i}", "AB"[i % 2], f"{i}.50", "2023-05-01", f"staff/{i % 10}") for i in range(rows)
    ]
    contacts = [(f"crm/联系人/{i}", f"联系人{i}", "true", f"crm/客户/{i}") for i in range(rows)]
    return {"users": sorted(users), "accounts": sorted(accounts), "contacts": sorted(contacts)}


def rounds(  # noqa: PLR0913  (a benchmark's options)
    url: str, kills: int, rows: int = 4000, batch_rows: int = 100, seed: int = 1, *, rollback_kills: int | None = None,
    resume_kills: int = 0, server: Server | None = None, server_kills: int = 0, writers: int | None = None,
) -> list[Figures]:  # fmt: skip
    """Kill a load `kills` times and its rollback as often (or `rollback_kills` times); return what was found after each.

    Then, where asked, a second load just when it is taken up again, and the server in a third one; both are rolled back.
    """
    chance = random.Random(seed)
    steps: list[tuple[str, str, str, dict[str, Any]]] = [
        ("load", "load", "load-1", {"kills": kills}),
        ("rollback", "rollback", "load-1", {"kills": kills if rollback_kills is None else rollback_kills}),
    ]
    if resume_kills:
        steps += [
            ("resume", "load", "load-2", {"kills": resume_kills, "pause": 0.1}),
            ("", "rollback", "load-2", {"kills": 0}),
        ]
    if server_kills:
        steps += [("server", "load", "load-3", {"kills": server_kills, "pause": 3.0, "server": server}),
                  ("", "rollback", "load-3", {"kills": 0})]  # fmt: skip
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_rows(folder, rows)
        with open_target(url) as target:
            prepare(target, rows)
            before = target.digest()
        found: list[Figures] = []
        for title, kind, load, how in steps:
            started = time.perf_counter()
            hits = killed_work(
                kind, url, folder, batch_rows=batch_rows, chance=chance, load=load, writers=writers, **how
            )
            seconds = time.perf_counter() - started
            with open_target(url) as target:
                is_now = content(target)
                after = target.digest()
            should = expected(rows) if kind == "load" else None
            lost = doubled = 0
            for table, wanted in (should or {}).items():
                lost += len(set(wanted) - set(is_now[table]))
                doubled += len(is_now[table]) - len(set(is_now[table]))
            equal = is_now == should if should else after == before
            found.append(Figures(title or f"rollback of {load}", hits, lost, doubled, equal, seconds))
        return found


def main() -> int:
    """Run the rounds and print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--database", choices=("sqlite", "postgresql", "mysql"), default="sqlite")
    parser.add_argument(
        "--url", default="", help="an empty database; by default a new SQLite file, or a server of its own"
    )
    parser.add_argument("--kills", type=int, default=20, help="of the load")
    parser.add_argument("--rollback-kills", type=int, help="of the rollback, by default as many")
    parser.add_argument("--resume-kills", type=int, default=0, help="of a load that is being taken up again")
    parser.add_argument("--server-kills", type=int, default=0, help="of the database server, in the middle of a load")
    parser.add_argument(
        "--resume-cost", type=int, default=0, help="measure so many times what a kill and a resume cost"
    )
    parser.add_argument("--rows", type=int, default=4000)
    parser.add_argument("--batch-rows", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--writers", type=int, help="connections that write at a time, however few rows there are")
    given = parser.parse_args()
    if given.server_kills and (given.url or given.database == "sqlite"):
        parser.error("only a server of its own is killed: name no --url, and postgresql or mysql")
    if given.resume_cost:
        show_resume_costs(given.database, given.resume_cost, given.rows, given.batch_rows)
        return 0
    with ExitStack() as stack:
        server = None if given.url or given.database == "sqlite" else stack.enter_context(Server(given.database))
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        url = given.url or (server.database("killed") if server else f"sqlite:///{folder}/kill.db")
        found = rounds(
            url, given.kills, given.rows, given.batch_rows, given.seed, rollback_kills=given.rollback_kills,
            resume_kills=given.resume_kills, server=server, server_kills=given.server_kills, writers=given.writers,
        )  # fmt: skip
    print(f"{'database':12}{'work':20}{'kills':>6}{'lost':>6}{'doubled':>9}{'digest':>9}{'seconds':>9}")
    for figures in found:
        digest = "equal" if figures.equal else "DIFFERS"
        print(
            f"{given.database:12}{figures.work:20}{figures.kills:6}{figures.lost:6}{figures.doubled:9}{digest:>9}{figures.seconds:9.1f}"
        )
    return 0 if all(figures.good for figures in found) else 1


if __name__ == "__main__":
    raise SystemExit(main())
