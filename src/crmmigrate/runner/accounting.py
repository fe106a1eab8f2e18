"""The equation that holds after every stage: rows in = rows out + rows set aside, by `_record`, none twice."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from crmmigrate.errors import AccountingError
from crmmigrate.messages import Message
from crmmigrate.model.issue import ASIDE_REASONS, RECORD
from crmmigrate.model.table import literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crmmigrate.model.table import Table
    from crmmigrate.runner.engine import Engine


def account(
    inputs: Mapping[str, Table],
    outputs: Mapping[str, Table],
    aside: Table,
    flows: Mapping[str, tuple[str, ...]],
    engine: Engine,
    pieces: frozenset[str] = frozenset(),
) -> dict[str, dict[str, int]]:
    """Check every flow and return its figures.

    Args:
        inputs: the tables the stage was given.
        outputs: the tables it wrote.
        aside: the rows it set aside (`ASIDE_COLUMNS`).
        flows: input table → the outputs its rows may have gone to.
        engine: counts.
        pieces: outputs whose records are pieces of input rows; a row has arrived where one of its pieces has.

    Returns:
        Input table → {`in`, `out`, and one figure per reason}. `out` counts records of this input that arrived.

    Raises:
        AccountingError: a record was lost, doubled, both kept and set aside, or came from nowhere.
    """
    ledger = _Ledger(inputs, outputs, aside, engine, pieces)
    feeders: dict[str, list[str]] = {}
    for name, targets in flows.items():
        for target in targets:
            feeders.setdefault(target, []).append(name)
    for target, names in feeders.items():
        ledger.check_strangers(target, names)
    return {name: ledger.account(name, targets) for name, targets in flows.items()}


@dataclass(frozen=True)
class _Ledger:
    """The tables of one stage. Each question is one sum over records, so that any engine can answer it without joins."""

    inputs: Mapping[str, Table]
    outputs: Mapping[str, Table]
    aside: Table
    engine: Engine
    pieces: frozenset[str]

    def check_strangers(self, target: str, names: list[str]) -> None:
        """Check that an output's records are there once, and are of the inputs that feed it."""
        tables = {"made": self.outputs[target]} | {f"fed{n}": self.inputs[name] for n, name in enumerate(names)}
        known = "".join(f" UNION ALL SELECT {RECORD}, 1, 0 FROM fed{n}" for n in range(len(names)))
        found = self.engine.figures(tables, _summed(
            f"SELECT {self._row_of(target)} AS record, 0 AS known, 1 AS n FROM made{known}",
            "max(known) AS known, sum(n) AS n",
            strangers="CASE WHEN known = 0 OR record IS NULL THEN n ELSE 0 END",
        ))  # fmt: skip
        found |= self.engine.figures({"made": self.outputs[target]}, _summed(
            f"SELECT {RECORD} AS record, 1 AS n FROM made", "sum(n) AS n", doubled="n - 1"
        ))  # fmt: skip
        if any(found.values()):
            _fail(target, ", ".join(f"{key} {number}" for key, number in found.items()))

    def account(self, name: str, targets: tuple[str, ...]) -> dict[str, int]:
        """Check where the rows of an input went."""
        tables = {"given": self.inputs[name], "aside": self.aside}
        tables |= {f"made{n}": self.outputs[target] for n, target in enumerate(targets)}
        arrived = "".join(
            f" UNION ALL SELECT {self._row_of(target)}, 0, 1, 0 FROM made{n}" for n, target in enumerate(targets)
        )
        set_aside = f' FROM aside WHERE "table" = {literal(name)}'
        figures = self.engine.figures(tables, _summed(
            f"SELECT {RECORD} AS record, 1 AS given, 0 AS made, 0 AS aside FROM given{arrived} UNION ALL SELECT {RECORD}, 0, 0, 1{set_aside}",
            "sum(given) AS given, max(made) AS made, sum(aside) AS aside",
            given="given",
            arrived="CASE WHEN made > 0 THEN given ELSE 0 END",
            lost="CASE WHEN made = 0 AND aside = 0 THEN given ELSE 0 END",
            doubled="CASE WHEN given > 1 THEN given - 1 WHEN record IS NULL THEN given ELSE 0 END",
            both="CASE WHEN made > 0 AND aside > 0 THEN 1 ELSE 0 END",
            aside_twice="CASE WHEN aside > 1 THEN aside - 1 ELSE 0 END",
            aside_stranger="CASE WHEN given = 0 THEN aside ELSE 0 END",
        ))  # fmt: skip
        wrong = {
            key: figures[key] for key in ("lost", "doubled", "both", "aside_twice", "aside_stranger") if figures[key]
        }
        if wrong:
            _fail(name, ", ".join(f"{key} {number}" for key, number in wrong.items()))
        reasons = ", ".join(
            f"coalesce(sum(CASE WHEN reason = {literal(r)} THEN 1 ELSE 0 END), 0) AS {r}" for r in ASIDE_REASONS
        )
        result = {"in": figures["given"], "out": figures["arrived"]}
        result |= self.engine.figures({"aside": self.aside}, f"SELECT {reasons}{set_aside}")
        if result["in"] != result["out"] + sum(result[reason] for reason in ASIDE_REASONS):
            _fail(name, str(result))
        return result

    def _row_of(self, target: str) -> str:
        """Return the SQL for the record of the input row that a row of an output comes from."""
        return f"regexp_replace({RECORD}, '/#[0-9]+$', '')" if target in self.pieces else RECORD


def _summed(rows: str, by_record: str, **figures: str) -> str:
    """Return the SQL that brings rows together by record and adds up figures over the records."""
    sums = ", ".join(f"coalesce(sum({figure}), 0) AS {name}" for name, figure in figures.items())
    return f"SELECT {sums} FROM (SELECT record, {by_record} FROM ({rows}) AS r GROUP BY record) AS s"


def _fail(table: str, what: str) -> None:
    raise AccountingError(
        "accounting.broken", Message("the rows do not add up: {what}", what=what), table,
        Message("this is a defect of crmmigrate; nothing was passed on. Please report it with the manifest of the run"),
    )  # fmt: skip
