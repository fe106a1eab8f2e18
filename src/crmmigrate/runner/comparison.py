"""Read two tables that are to be compared; of two on servers, only the rows that may differ."""

from __future__ import annotations

from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from crmmigrate.messages import Message, spoken
from crmmigrate.model.stage import Batch, Job, Stage, StageResult
from crmmigrate.model.table import Table
from crmmigrate.runner.execute import execute
from crmmigrate.runner.extract import named_batches, ordered
from crmmigrate.runner.single import read_one

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from crmmigrate.model.location import Location
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
    return TwoSides({name: outcome.tables[name] for name in ("left", "right")}, facts["agreed"], kinds)


def _together(left: str, right: str) -> str:
    """Return how cells of two columns are compared: text to the letter, yes and no by their meaning, all else by value."""
    if "boolean" in (left, right):
        return "boolean"
    same = {"text": "text", "number": "decimal", "moment": "moment", "float": "float"}
    return same.get(left, "") if left == right else ""


def _servers(left: Location, right: Location) -> tuple[ServerTable, ServerTable] | None:
    """Open both sides where both are tables on servers that make digests."""
    from crmmigrate.sources._server import SERVERS, ServerTable

    if not all(place.scheme in SERVERS for place in (left, right)):
        return None
    found = ServerTable(left), ServerTable(right)
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
        return result

    return read


def _picked(
    servers: tuple[ServerTable, ServerTable], key: Sequence[str], columns: Sequence[str], forms: Forms, facts: dict[str, Any]
) -> Picked | None:  # fmt: skip
    """Return which rows have to be read, None where all; the facts say how many agree without being read."""
    from crmmigrate.model.row_digest import LISTED, NAMED, RANGES, WHOLE, differing, is_whole
    from crmmigrate.sources._server import Picked

    with ThreadPoolExecutor(2) as pool:  # both servers work at the same time
        digests = [pool.submit(side.digests, key, columns, forms) for side in servers]
        wait(digests, return_when=FIRST_COMPLETED)  # where they are on this machine, they need its cores themselves
        _get_ready()
        sides = [digest.result() for digest in digests]
        apart, agreed, buckets = differing(*sides)
        facts.update(agreed=agreed, buckets=buckets, differ=len(apart))
        rows = max(sum(count for count, _ in side.values()) for side in sides)
        if len(apart) > RANGES and rows - agreed <= LISTED and forms.blocks and forms.once:
            told = list(pool.map(lambda side: side.digests(key, columns, forms, apart), servers))
            each, more, _ = differing(*told)
            if len(each) <= min(NAMED, WHOLE * rows) and all(map(is_whole, told)):
                facts["agreed"] += more
                return Picked(frozenset(each), each=True)
        if len(apart) > WHOLE * buckets:
            facts.update(agreed=0, differ=None)
            return None
        return Picked(frozenset(apart))


def _get_ready() -> None:
    """Load what the comparison and its reports will need, while the servers are at work."""
    import duckdb  # noqa: F401
    import openpyxl  # noqa: F401
    from pyarrow import compute, csv, parquet  # noqa: F401

    from crmmigrate.checks import compare  # noqa: F401
    from crmmigrate.reports import page, reconciliation, reconciliation_junit  # noqa: F401

    page.compiled(spoken())


def _batches(name: str, side: ServerTable, table: SourceTable) -> Iterator[Batch]:
    for rows, issues in named_batches(table, f"{side.location.name}/{table.name}", "", name):
        issues += [(name, *issue[1:]) for issue in table.issues]
        table.issues.clear()
        yield Batch(ordered(rows), issues)
