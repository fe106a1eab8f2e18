"""The equation that holds after every stage: rows in = rows out + rows set aside, by `_record`, none twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmmigrate.errors import AccountingError
from crmmigrate.messages import Message
from crmmigrate.model.issue import ASIDE, ASIDE_REASONS, RECORD
from crmmigrate.model.table import Table, Tables, literal, quoted

if TYPE_CHECKING:
    from collections.abc import Mapping


def account(
    inputs: Tables,
    outputs: Mapping[str, Table],
    aside: Table,
    flows: Mapping[str, tuple[str, ...]],
    pieces: frozenset[str] = frozenset(),
) -> dict[str, dict[str, int]]:
    """Check every flow and return its figures.

    Args:
        inputs: the tables the stage was given.
        outputs: the tables it wrote.
        aside: the rows it set aside (`ASIDE_COLUMNS`).
        flows: input table → the outputs its rows may have gone to.
        pieces: outputs whose records are pieces of input rows; a row has arrived where one of its pieces has.

    Returns:
        Input table → {`in`, `out`, and one figure per reason}. `out` counts records of this input that arrived.

    Raises:
        AccountingError: a record was lost, doubled, both kept and set aside, or came from nowhere.
    """
    tables = {f"in:{name}": Table(f"in:{name}", inputs[name].path) for name in flows}
    tables |= {f"out:{name}": Table(f"out:{name}", table.path) for name, table in outputs.items()}
    ledger = Tables({**tables, ASIDE: aside})
    _check_strangers(ledger, flows, pieces)
    return {name: _account_one(ledger, name, targets, pieces) for name, targets in flows.items()}


def _record(target: str, pieces: frozenset[str]) -> str:
    """Return the SQL for the record of the input row that a row of an output comes from."""
    return f"regexp_replace({RECORD}, '/#[0-9]+$', '')" if target in pieces else RECORD


def _account_one(ledger: Tables, name: str, targets: tuple[str, ...], pieces: frozenset[str]) -> dict[str, int]:
    source = quoted(f"in:{name}")
    arrived = " UNION ".join(
        f"SELECT {_record(target, pieces)} AS {RECORD} FROM {quoted(f'out:{target}')}" for target in targets
    )
    arrived = arrived or f"SELECT {RECORD} FROM {source} WHERE false"
    set_aside = f'SELECT {RECORD} FROM _aside WHERE "table" = {literal(name)}'
    figures = {
        "in": int(ledger.value(f"SELECT count(*) FROM {source}")),
        "distinct": int(ledger.value(f"SELECT count(DISTINCT {RECORD}) FROM {source}")),
        "out": int(ledger.value(f"SELECT count(*) FROM {source} WHERE {RECORD} IN ({arrived})")),
        "lost": int(ledger.value(
            f"SELECT count(*) FROM {source} WHERE {RECORD} NOT IN ({arrived}) AND {RECORD} NOT IN ({set_aside})"
        )),
        "both": int(ledger.value(f"SELECT count(*) FROM (({arrived}) INTERSECT ({set_aside}))")),
        "aside_twice": int(ledger.value(f"SELECT count(*) - count(DISTINCT {RECORD}) FROM ({set_aside})")),
        "aside_stranger": int(ledger.value(
            f"SELECT count(*) FROM ({set_aside}) WHERE {RECORD} NOT IN (SELECT {RECORD} FROM {source})"
        )),
    }  # fmt: skip
    wrong = {key: figures[key] for key in ("lost", "both", "aside_twice", "aside_stranger") if figures[key]}
    if figures["in"] != figures["distinct"]:
        wrong["doubled"] = figures["in"] - figures["distinct"]
    if wrong:
        _fail(name, ", ".join(f"{key} {number}" for key, number in wrong.items()))
    result = {"in": figures["in"], "out": figures["out"]}
    for reason in ASIDE_REASONS:
        query = f'SELECT count(*) FROM _aside WHERE "table" = {literal(name)} AND reason = {literal(reason)}'
        result[reason] = int(ledger.value(query))
    if result["in"] != result["out"] + sum(result[reason] for reason in ASIDE_REASONS):
        _fail(name, str(result))
    return result


def _check_strangers(ledger: Tables, flows: Mapping[str, tuple[str, ...]], pieces: frozenset[str]) -> None:
    feeders: dict[str, list[str]] = {}
    for name, targets in flows.items():
        for target in targets:
            feeders.setdefault(target, []).append(name)
    for target, names in feeders.items():
        output = quoted(f"out:{target}")
        known = " UNION ALL ".join(f"SELECT {RECORD} FROM {quoted(f'in:{name}')}" for name in names)
        strangers = int(
            ledger.value(
                f"SELECT count(*) FROM {output} WHERE {RECORD} IS NULL OR {_record(target, pieces)} NOT IN ({known})"
            )
        )
        doubled = int(ledger.value(f"SELECT count(*) - count(DISTINCT {RECORD}) FROM {output}"))
        if strangers or doubled:
            _fail(target, f"strangers {strangers}, doubled {doubled}")


def _fail(table: str, what: str) -> None:
    raise AccountingError(
        "accounting.broken", Message("the rows do not add up: {what}", what=what), table,
        Message("this is a defect of crmmigrate; nothing was passed on. Please report it with the manifest of the run"),
    )  # fmt: skip
