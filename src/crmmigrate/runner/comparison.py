"""Read two tables that are to be compared; of two on servers, only the rows that may differ."""

from __future__ import annotations

from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import chain
from threading import Thread
from typing import TYPE_CHECKING, Any

from crmmigrate.messages import Message, spoken
from crmmigrate.model.stage import Batch, Job, Stage, StageResult
from crmmigrate.model.table import Table
from crmmigrate.runner.execute import execute
from crmmigrate.runner.extract import named_batches, ordered
from crmmigrate.runner.single import read_one

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from crmmigrate.model.location import Location
    from crmmigrate.model.row_digest import Digests
    from crmmigrate.model.row_form import Forms
    from crmmigrate.model.row_place import Account
    from crmmigrate.model.source import SourceTable
    from crmmigrate.runner.execute import Context
    from crmmigrate.sources._server import Picked, ServerTable


@dataclass(frozen=True)
class TwoSides:
    """Two tables to compare.

    Args:
        tables: `left` and `right`.
        agreed: rows of both that are the same by their digests, and are not in the tables.
        kinds: column → how its cells are compared (`Sides.kinds`), where servers say what it holds.
    """

    tables: dict[str, Table]
    agreed: int = 0
    kinds: dict[str, str] = field(default_factory=dict)


def read_two(left: Location, right: Location, key: Sequence[str], columns: Sequence[str], context: Context) -> TwoSides:
    """Read two tables.

    Args:
        left: what should be.
        right: what is.
        key: columns that name a row in both.
        columns: to compare; all that both have where empty.
        context: the workspace.

    Raises:
        LocationError: one can't be read.
        ConfigurationError: a column is missing, or one location has several tables.
    """
    from crmmigrate.checks.compare import common_columns

    servers = _servers(left, right)
    if not servers:
        read = [Table(place.shown, read_one(place, context).path) for place in (left, right)]
        common_columns(read[0], read[1], key, columns)  # says of which place it is that lacks one
        return TwoSides({name: Table(name, table.path) for name, table in zip(("left", "right"), read, strict=True)})
    asked = _Asked(servers, key, common_columns(*servers, key, columns))
    tables = _read(asked, context)
    if asked.account and not asked.account.settled:
        asked = replace(asked, places=False, facts={}, account=None)
        tables = _read(asked, context) if all(side.open() for side in servers) else tables
    kinds = {name: kind for name in asked.columns if (kind := _together(*(side.kind(name) for side in servers)))}
    agreed = asked.facts["rows"] - tables["left"].rows if asked.facts["agreed"] is None else asked.facts["agreed"]
    return TwoSides(tables, agreed, kinds)


def _together(left: str, right: str) -> str:
    """Return how cells of two columns are compared: text to the letter, yes and no by their meaning, all else by value."""
    if "boolean" in (left, right):
        return "boolean"
    same = {"text": "text", "number": "decimal", "moment": "moment", "float": "float"}
    return same.get(left, "") if left == right else ""


def _servers(left: Location, right: Location) -> tuple[ServerTable, ServerTable] | None:
    """Open both sides where both are tables on servers that make digests."""
    from crmmigrate.sources._server import SERVERS, ServerTable, share_cores

    if not all(place.scheme in SERVERS for place in (left, right)):
        return None
    found = ServerTable(left), ServerTable(right)
    share_cores(found)
    return found if all(side.one and side.open() for side in found) else None


@dataclass
class _Asked:
    """What two servers are asked, and what became of it.

    Args:
        servers: left and right.
        key: columns that name a row.
        columns: to compare.
        places: whether rows that differ may be named by the places of their digests (`row_place`).
        facts: how many rows the left side has, and how many agree without being read.
        account: of the rows that were named so; where it is not settled, others differ.
    """

    servers: tuple[ServerTable, ServerTable]
    key: Sequence[str]
    columns: Sequence[str]
    places: bool = True
    facts: dict[str, Any] = field(default_factory=dict)
    account: Account | None = None


def _read(asked: _Asked, context: Context) -> dict[str, Table]:
    stage = Stage(
        "extract", Message("Read the sources"), type(None), partial(_reading, asked), (), needs_target=False
    )  # fmt: skip
    outcome = execute(stage, {}, None, context)
    return {name: outcome.tables[name] for name in ("left", "right")}


def _reading(asked: _Asked, job: Job) -> StageResult:
    del job  # reading needs nothing from before
    forms = asked.servers[0].forms(asked.servers[1], asked.key, asked.columns)
    picked = _picked(asked, forms)
    asked.account = picked.account if picked else None
    result = StageResult(flows={}, facts=asked.facts)
    for name, side in zip(("left", "right"), asked.servers, strict=True):
        table = side.rows(asked.key, asked.columns, forms, picked)
        result.tables[name] = _batches(name, side, table, asked)
    result.tables = dict(zip(result.tables, _begun(result.tables.values()), strict=True))
    return result


def _picked(asked: _Asked, forms: Forms) -> Picked | None:
    """Return which rows have to be read, None where all; the facts say how many rows the left side has, and how many agree without being read.

    Where keys are named that may not be there, it is only known how many agree when the others are read (`agreed` is None).
    """
    from crmmigrate.model.row_digest import LISTED, NAMED, RANGES, WHOLE, differing, is_whole
    from crmmigrate.model.row_place import Account, sums_apart
    from crmmigrate.sources._server import Picked

    servers, key, columns, facts = asked.servers, asked.key, asked.columns, asked.facts
    singly = forms.blocks and forms.once
    with ThreadPoolExecutor(2) as pool:  # both servers work at the same time
        places = singly and asked.places
        digests = [pool.submit(side.digests, key, columns, forms, places=places) for side in servers]
        wait(digests, return_when=FIRST_COMPLETED)  # where they are on this machine, they need its cores themselves
        Thread(target=_get_ready, daemon=True).start()  # and goes on while rows are awaited
        sides = [digest.result() for digest in digests]
        apart, agreed, buckets = differing(*sides)
        counts = [sum(count for count, _ in side.values()) for side in sides]
        facts.update(rows=counts[0], agreed=agreed, buckets=buckets, differ=len(apart))
        if singly and len(apart) > RANGES:
            most = min(NAMED, WHOLE * max(counts))
            off = list(sums_apart(*sides)) if places else []
            names = _named(asked, sides, off) if places else None
            if names is not None and len(names) <= most:
                facts["agreed"] = None
                return Picked(names, each=True, account=Account(off))
            if max(counts) - agreed <= LISTED:
                told = list(pool.map(lambda side: side.digests(key, columns, forms, apart), servers))
                each, more, _ = differing(*told)
                if len(each) <= most and all(map(is_whole, told)):
                    facts["agreed"] += more
                    return Picked(frozenset(each), each=True)
        if len(apart) > WHOLE * buckets:
            facts.update(agreed=0, differ=None)
            return None
        return Picked(frozenset(apart))


def _named(asked: _Asked, sides: Sequence[Digests], apart: Sequence[tuple[int, int, int]]) -> frozenset[str] | None:
    """Return the keys of rows that may differ, as the places of their digests tell them; None where they don't."""
    from crmmigrate.model.row_place import named_keys

    known = [found for side in asked.servers if (found := side.bounds(asked.key[0]))]
    if len(known) < sum(map(bool, sides)):  # no index tells where keys begin and end
        return None
    return named_keys(apart, min(lowest for lowest, _ in known), max(highest for _, highest in known))


def _get_ready() -> None:
    """Load what the comparison and its reports will need, while the servers are at work."""
    import duckdb  # noqa: F401
    import openpyxl  # noqa: F401
    from pyarrow import compute, csv, parquet  # noqa: F401

    from crmmigrate.checks import compare  # noqa: F401
    from crmmigrate.reports import page, reconciliation, reconciliation_junit  # noqa: F401
    from crmmigrate.stages import reconcile  # noqa: F401

    page.compiled(spoken())


def _begun(tables: Iterable[Iterator[Batch]]) -> list[Iterator[Batch]]:
    """Return tables of which both servers were asked at once; their first rows wait in memory."""
    kept = list(tables)
    with ThreadPoolExecutor(2) as pool:
        firsts = list(pool.map(lambda batches: next(batches, None), kept))
    return [chain([first] if first else [], rest) for first, rest in zip(firsts, kept, strict=True)]


def _batches(name: str, side: ServerTable, table: SourceTable, asked: _Asked) -> Iterator[Batch]:
    from crmmigrate.sources._server import DIGEST

    for rows, issues in named_batches(table, f"{side.location.name}/{table.name}", "", name):
        issues += [(name, *issue[1:]) for issue in table.issues]
        table.issues.clear()
        kept: Any = ordered(rows)
        if asked.account:
            asked.account.take(kept[asked.key[0]].to_pylist(), kept[DIGEST].to_pylist())
            kept = kept.drop_columns([DIGEST])
        yield Batch(kept, issues)
