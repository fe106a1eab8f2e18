"""Load a system behind an API while calls and answers are lost and processes die, count the calls that bad rows cost, and compare times.

    python benchmarks/api.py cuts --system tryton --cuts 100
    python benchmarks/api.py bad --system tryton --rows 1000
    python benchmarks/api.py time --system tryton --rows 300

`cuts` loads through a proxy that loses every other writing call, before or after it was done, or lets the system be busy with it while
nobody waits, until so many were lost, and rolls back; nothing may be lost or there twice. `bad` spoils 0, 1, 5 and 50 of the rows and counts
the writing calls beside what N/batch + k·log₂(batch) allows. `time` makes the same calls by hand beside a load: look for the rows, make them,
read them back. Systems: our stubs of a REST API (`--atomic`: one bad row refuses its call) and of ShareCRM, a Tryton on PostgreSQL, an Odoo that CRMMIGRATE_TEST_ODOO names (`tests/targets/systems.py`; `--asked "&way=create&protocol=xmlrpc"` says how it is spoken to, and `time` takes turns with `load`).
"""

from __future__ import annotations

import argparse
import json
import math
import os
import random
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.targets.conformance import Work
from tests.targets.cutting import CuttingProxy, Fate
from tests.targets.odoo_server import OdooServer
from tests.targets.sharecrm_system import CALLS, SECONDS, ShareCrmStub
from tests.targets.stub_crm import StubCrm
from tests.targets.stub_sharecrm import StubShareCrm
from tests.targets.systems import Odoo, Stub, System, Tryton
from tests.targets.tryton_server import running_tryton

from crmmigrate.errors import LocationError
from crmmigrate.model.stage import StageResult

ROWS_A_CALL = 100


def cuts(system: System, wanted: int) -> bool:
    """Lose `wanted` calls or answers, and say whether all rows were there once, and the base was restored."""
    chance, lost, good = random.Random(1), 0, True
    told: Counter[str] = Counter()
    base = system.content()

    def fate(number: int, method: str, path: str, body: bytes) -> Fate:
        del number
        if not system.is_write(method, path, body) or chance.random() < 0.5:
            return "pass"
        found: Fate = chance.choices(["lose_answer", "lose_call", "hang_up"], [5, 3, 2])[0]
        told[found] += 1
        return found

    while lost < wanted:
        with tempfile.TemporaryDirectory() as name, CuttingProxy(system.url, fate) as proxy:
            location = system.location(proxy.url, Path(name)).replace("answer_seconds=0.3", "answer_seconds=3")
            work = Work(system.mappings, location, Path(name), system.secrets, 20)
            rows = {one: system.rows(one, 40 if system.batch > 1 else 15) for one in system.mappings}
            work.write(rows)
            until_done(work.load)
            for one, records in rows.items():
                good = good and Counter(system.records(one)) == Counter(row["_record"] for row in records)
            good = good and until_done(work.roll_back).facts["digest_equal"] is True and system.content() == base
            lost += proxy.cuts
            print(f"{lost} lost {dict(told)}: {'nothing lost, nothing doubled' if good else 'FAILED'}", flush=True)
    return good


def bad(system: System, count: int) -> bool:
    """Spoil 0, 1, 5 and 50 rows of `count`; print how many were loaded and what that cost."""
    name, good = system.spoiled, True
    system.batch = ROWS_A_CALL if system.batch > 1 else 1
    upto = [*system.mappings][: [*system.mappings].index(name) + 1]
    for spoiled in (0, 1, 5, 50):
        writes: list[int] = []

        def fate(number: int, method: str, path: str, body: bytes, writes: list[int] = writes) -> Fate:
            writes += [number] if system.is_write(method, path, body) else []
            return "pass"

        rows = {one: system.rows(one, count) for one in upto}
        places = random.Random(spoiled).sample(range(4, count), spoiled)
        for place in places:
            system.spoil(rows[name][place])
        with tempfile.TemporaryDirectory() as folder, CuttingProxy(system.url, fate) as proxy:
            mappings = {one: system.mappings[one] for one in upto}
            work = Work(mappings, system.location(proxy.url, Path(folder)), Path(folder), system.secrets)
            work.write(rows)
            result = work.load()
            calls = len(writes)
            sums = result.facts["objects"][name]
            named = {row[1] for row in result.aside} == {rows[name][place]["_record"] for place in places}
            columns = all(row[5] for row in result.aside)
            allowed = (
                sum(math.ceil(len(rows[one]) / system.batch) for one in upto) + spoiled * math.log2(system.batch) + 10
            )
            fine = named and columns and sums["inserted"] + sums["updated"] == count - spoiled and calls <= allowed
            good = good and fine and work.roll_back().facts["digest_equal"] is True
            print(
                f"{spoiled} bad of {count}: {sums['inserted'] + sums['updated']} loaded, the others named with their column: {named and columns}; "
                f"{calls} writing calls, {allowed:.0f} allowed", flush=True,
            )  # fmt: skip
    return good


def until_done(what: Callable[[], StageResult]) -> StageResult:
    """Take a run up again where a call was lost five times in a row."""
    while True:
        try:
            return what()
        except LocationError as error:
            if error.code != "target.no-answer":
                raise


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
    by_hand = time.perf_counter() - begun
    system.tidy()
    return ours, by_hand


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
    if isinstance(system, Odoo):
        told, names = system.server.call, [*rows[0]]
        told("res.partner", "search_read", [["ref", "in", [row["ref"] for row in rows]]], ["ref", "name"])
        if "way=create" in system.more:
            ids = told("res.partner", "create", [{name: value or False for name, value in row.items()} for row in rows])
            given = [
                {"module": "kit", "name": row["ref"], "model": "res.partner", "res_id": key}
                for row, key in zip(rows, ids, strict=True)
            ]
            told("ir.model.data", "create", given)
        else:
            data = [[f"kit.{row['ref']}", *(row[name] or "" for name in names)] for row in rows]
            ids = told("res.partner", "load", ["id", *names], data)["ids"]
        told("res.partner", "search_read", [["id", "in", ids]], ["ref", "name", "is_company", "comment", "active"])
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
    parser.add_argument("--system", choices=["stub", "sharecrm", "tryton", "odoo"], default="tryton")
    parser.add_argument("--atomic", action="store_true")
    parser.add_argument("--asked", default="", help="what is added to the address of an Odoo")
    asked = parser.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        if asked.system == "stub":
            system: System = Stub(stack.enter_context(StubCrm(atomic=asked.atomic)))
        elif asked.system == "sharecrm":
            system = ShareCrmStub(stack.enter_context(StubShareCrm(CALLS, SECONDS)))
        elif asked.system == "odoo":
            system = Odoo(OdooServer(os.environ["CRMMIGRATE_TEST_ODOO"]), asked.asked)
        else:
            system = Tryton(stack.enter_context(running_tryton("postgresql", folder)))
        if asked.what == "cuts":
            return 0 if cuts(system, asked.cuts) else 1
        if asked.what == "bad":
            return 0 if bad(system, asked.rows) else 1
        for more in dict.fromkeys((getattr(system, "more", ""), "")):
            if isinstance(system, Odoo):
                system.more = more
            ours, by_hand = timed(system, asked.rows, Path(tempfile.mkdtemp(dir=folder)))
            print(f"{asked.rows} rows {more}: {ours:.2f} s, by hand {by_hand:.2f} s: {by_hand / ours:.2f} of its speed")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
