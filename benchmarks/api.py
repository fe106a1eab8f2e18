"""Load a system behind an API while calls and answers are lost, count what bad rows cost, and compare the time of a load with a bare script of the same calls.

    python benchmarks/api.py cuts --cuts 100 --system sharecrm
    python benchmarks/api.py bad --rows 1000 --system stub
    python benchmarks/api.py time --rows 300 --system tryton

`cuts` loads a stub of a CRM (tests/targets/stub_crm.py, stub_sharecrm.py) through a proxy that loses every other writing call, before or after it was
done, until so many were lost, and rolls back; nothing may be lost or there twice. `bad` spoils 0, 1, 5 and 50 rows and counts the writing
calls. `time` loads parties into a Tryton on PostgreSQL (or accounts
into the stub), and beside that makes the same calls by hand: look for the rows, make them, read them back.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.targets.conformance import Work
from tests.targets.cutting import CuttingProxy, Fate
from tests.targets.sharecrm_system import CALLS, SECONDS, ShareCrmStub
from tests.targets.stub_crm import StubCrm
from tests.targets.stub_sharecrm import StubShareCrm
from tests.targets.systems import Stub, System, Tryton

from crmmigrate.errors import LocationError
from crmmigrate.model.stage import StageResult

ROWS_A_CALL = 100


@contextmanager
def stub(sort: str, *, atomic: bool = True) -> Iterator[System]:
    """Start a stub of a CRM."""
    if sort == "sharecrm":
        with StubShareCrm(CALLS, SECONDS) as share:
            yield ShareCrmStub(share)
    else:
        with StubCrm(atomic=atomic) as crm:
            yield Stub(crm)


def cuts(wanted: int, sort: str) -> bool:
    """Lose `wanted` calls or answers, and say whether all rows were there once, and the base was restored."""
    chance, lost, good = random.Random(1), 0, True
    while lost < wanted:
        with stub(sort, atomic=chance.random() < 0.5) as system, tempfile.TemporaryDirectory() as name:
            base = system.content()

            def fate(number: int, method: str, path: str, body: bytes, system: System = system) -> Fate:
                del number
                if not system.is_write(method, path, body) or chance.random() < 0.5:
                    return "pass"
                return "lose_answer" if chance.random() < 0.7 else "lose_call"

            with CuttingProxy(system.url, fate) as proxy:
                work = Work(system.mappings, system.location(proxy.url, Path(name)), Path(name), system.secrets)
                rows = {one: system.rows(one, 60 if system.batch > 1 else 15) for one in system.mappings}
                work.write(rows)
                until_done(work.load)
                for one, records in rows.items():
                    good = good and Counter(system.records(one)) == Counter(row["_record"] for row in records)
                good = good and until_done(work.roll_back).facts["digest_equal"] is True and system.content() == base
                lost += proxy.cuts
                print(f"{lost} calls or answers lost: {'nothing lost, nothing doubled' if good else 'FAILED'}")
    return good


def until_done(what: Callable[[], StageResult]) -> StageResult:
    """Take a run up again where a call was lost five times in a row."""
    while True:
        try:
            return what()
        except LocationError as error:
            if error.code != "target.no-answer":
                raise


def bad(rows: int, spoiled: int, sort: str) -> bool:
    """Spoil so many rows, and say whether exactly the others are loaded, each refused one with its column, for few calls."""
    writes: list[int] = []

    def fate(number: int, method: str, path: str, body: bytes) -> Fate:
        if system.is_write(method, path, body):
            writes.append(number)
        return "pass"

    with stub(sort) as system, tempfile.TemporaryDirectory() as name, CuttingProxy(system.url, fate) as proxy:
        system.batch = ROWS_A_CALL if system.batch > 1 else 1
        upto = [*system.mappings][: [*system.mappings].index(system.spoiled) + 1]
        mappings = {one: system.mappings[one] for one in upto}
        work = Work(mappings, system.location(proxy.url, Path(name)), Path(name), system.secrets)
        records = {one: system.rows(one, rows) for one in upto}
        for place in random.Random(spoiled).sample(range(rows), spoiled):
            system.spoil(records[system.spoiled][place])
        work.write(records)
        result = work.load()
        refused = [row for row in result.aside if row[0] == system.spoiled]
        named = sum(bool(row[1] and row[5]) for row in refused)
        loaded = result.facts["objects"][system.spoiled]["inserted"]
        good = sum(math.ceil(len(records[one]) / system.batch) for one in upto)
        bound = good + spoiled * math.log2(system.batch)
        print(
            f"{spoiled} bad of {rows}: {loaded} loaded, {named} named by column, {len(writes)} writing calls (N/batch + k·log₂(batch) = {bound:.0f})"
        )
        return (loaded, named, len(refused)) == (rows - spoiled, spoiled, spoiled) and len(writes) <= bound + 10


def timed(system: System, rows: int, folder: Path) -> tuple[float, float]:
    """Return the seconds of a load, and of a bare script, for as many new rows of the object account."""
    system.batch = ROWS_A_CALL
    mappings = {"account": system.mappings["account"].replace(", owner_id: {from: 负责人, lookup: {object: user}}", "")}
    records = system.rows("account", rows)
    for row in records:
        row.pop("owner_id", None)
    work = Work(mappings, system.location(system.url, folder), folder, system.secrets)
    work.write({"account": records})
    with work.open() as target:  # what is imported and asked once is not what is measured
        target.check(work.plan())
    begun = time.perf_counter()
    work.load()
    ours = time.perf_counter() - begun
    system.tidy()
    begun = time.perf_counter()
    for start in range(0, rows, ROWS_A_CALL):
        bare(system, [{**row} for row in records[start : start + ROWS_A_CALL]])
    return ours, time.perf_counter() - begun


def bare(system: System, rows: list[dict[str, str | None]]) -> None:
    """Look for rows, make them and read them back, by hand."""
    for row in rows:
        row.pop("_record")
    if isinstance(system, Tryton):
        call = system.server.call
        call(
            "model.party.party.search_read",
            [["code", "in", [row["code"] for row in rows]]],
            0,
            None,
            None,
            ["code", "name"],
        )
        ids = call("model.party.party.create", rows)
        call("model.party.party.search_read", [["id", "in", ids]], 0, None, None, ["code", "name", "active"])
        return
    token = _post(f"{system.url}/login", {"secret": "s3cret"}, "")["token"]
    _post(f"{system.url}/accounts/find", {"field": "ref", "values": [row["ref"] for row in rows]}, token)
    made = _post(f"{system.url}/accounts/batch", {"rows": rows}, token)
    _post(f"{system.url}/accounts/find", {"field": "id", "values": [row["id"] for row in made["results"]]}, token)


def _post(url: str, body: object, token: str) -> dict[str, list[dict[str, int]]]:
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
    with urllib.request.urlopen(urllib.request.Request(url, json.dumps(body).encode(), headers)) as answer:
        found: dict[str, list[dict[str, int]]] = json.load(answer)
    return found


def main() -> int:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=["cuts", "bad", "time"])
    parser.add_argument("--cuts", type=int, default=100)
    parser.add_argument("--rows", type=int, default=300)
    parser.add_argument("--system", choices=["stub", "sharecrm", "tryton"], default="tryton")
    asked = parser.parse_args()
    if asked.what == "cuts":
        return 0 if cuts(asked.cuts, asked.system) else 1
    if asked.what == "bad":
        return 0 if all(bad(asked.rows, spoiled, asked.system) for spoiled in (0, 1, 5, 50)) else 1
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        if asked.system == "stub":
            system: System = Stub(stack.enter_context(StubCrm()))
        else:
            from tests.targets.tryton_server import running_tryton

            system = Tryton(stack.enter_context(running_tryton("postgresql", folder)))
        ours, by_hand = timed(system, asked.rows, folder)
    print(f"{asked.rows} rows: {ours:.2f} s, by hand {by_hand:.2f} s: {by_hand / ours:.2f} of its speed")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
