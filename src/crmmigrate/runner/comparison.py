"""Read two tables that are to be compared; of two on servers, only the rows that may differ."""

from __future__ import annotations

from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from itertools import chain
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
    servers = _servers(left, right)
    if not servers:
        read = (read_one(place, context) for place in (left, right))
        return TwoSides({name: Table(name, table.path) for name, table in zip(("left", "right"), read, strict=True)})
    from crmmigrate.checks.compare import common_columns

    chosen = common_columns(*servers, key, columns)
    facts: dict[str, Any] = {}
    stage = Stage(
        "extract",
        Message("Read the sources"),
        type(None),
        _reading(servers, key, chosen, facts),
        (),
        needs_target=False,
    )
    outcome = execute(stage, {}, None, context)
    kinds = {name: kind for name in chosen if (kind := _together(*(side.kind(name) for side in servers)))}
    tables = {name: outcome.tables[name] for name in ("left", "right")}
    agreed = facts["rows"] - tables["left"].rows if facts["agreed"] is None else facts["agreed"]
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


def _reading(
    servers: tuple[ServerTable, ServerTable], key: Sequence[str], columns: Sequence[str], facts: dict[str, Any]
) -> Any:
    def read(job: Job) -> StageResult:
        del job  # reading needs nothing from before
        forms = servers[0].forms(servers[1], key, columns)
        picked = _picked(servers, key, columns, forms, facts)
        result = StageResult(flows={}, facts=facts)
        for name, side in zip(("left", "right"), servers, strict=True):
            result.tables[name] = _batches(name, side, side.rows(key, picked, forms))
        result.tables = dict(zip(result.tables, _begun(result.tables.values()), strict=True))
        return result

    return read


def _picked(
    servers: tuple[ServerTable, ServerTable], key: Sequence[str], columns: Sequence[str], forms: Forms, facts: dict[str, Any]
) -> Picked | None:  # fmt: skip
    """Return which rows have to be read, None where all; the facts say how many rows the left side has, and how many agree without being read.

    Where keys are named that may not be there, it is only known how many agree when the others are read (`agreed` is None).
    """
    from crmmigrate.model.row_digest import LISTED, NAMED, RANGES, WHOLE, differing, is_whole
    from crmmigrate.sources._server import Picked

    singly = forms.blocks and forms.once
    with ThreadPoolExecutor(2) as pool:  # both servers work at the same time
        digests = [pool.submit(side.digests, key, columns, forms, places=singly) for side in servers]
        wait(digests, return_when=FIRST_COMPLETED)  # where they are on this machine, they need its cores themselves
        _get_ready()
        sides = [digest.result() for digest in digests]
        apart, agreed, buckets = differing(*sides)
        counts = [sum(count for count, _ in side.values()) for side in sides]
        facts.update(rows=counts[0], agreed=agreed, buckets=buckets, differ=len(apart))
        if singly and len(apart) > RANGES:
            most = min(NAMED, WHOLE * max(counts))
            names = _named(servers, key, columns, forms, sides)
            if names is not None and len(names) <= most:
                facts["agreed"] = None
                return Picked(names, each=True)
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


def _named(
    servers: tuple[ServerTable, ServerTable], key: Sequence[str], columns: Sequence[str], forms: Forms, sides: Sequence[Digests]
) -> frozenset[str] | None:  # fmt: skip
    """Return the keys of rows that may differ, as the places of their digests tell them; None where they don't."""
    from crmmigrate.model.row_place import named_keys

    known = [found for side in servers if (found := side.bounds(key[0]))]
    asked = [side for side, told in zip(servers, sides, strict=True) if told]
    if len(known) < len(asked):  # no index tells where keys begin and end
        return None
    names = named_keys(sides[0], sides[1], min(lowest for lowest, _ in known), max(highest for _, highest in known))
    held = (side.places_hold(key, columns, forms, told) for side, told in zip(servers, sides, strict=True))
    return names if names is not None and all(held) else None


def _get_ready() -> None:
    """Load what the comparison and its reports will need, while the servers are at work."""
    import duckdb  # noqa: F401
    import openpyxl  # noqa: F401
    from pyarrow import compute, csv, parquet  # noqa: F401

    from crmmigrate.checks import compare  # noqa: F401
    from crmmigrate.reports import page, reconciliation, reconciliation_junit  # noqa: F401

    page.compiled(spoken())


def _begun(tables: Iterable[Iterator[Batch]]) -> list[Iterator[Batch]]:
    """Return tables of which both servers were asked at once; their first rows wait in memory."""
    kept = list(tables)
    with ThreadPoolExecutor(2) as pool:
        firsts = list(pool.map(lambda batches: next(batches, None), kept))
    return [chain([first] if first else [], rest) for first, rest in zip(firsts, kept, strict=True)]


def _batches(name: str, side: ServerTable, table: SourceTable) -> Iterator[Batch]:
    for rows, issues in named_batches(table, f"{side.location.name}/{table.name}", "", name):
        issues += [(name, *issue[1:]) for issue in table.issues]
        table.issues.clear()
        yield Batch(ordered(rows), issues)
