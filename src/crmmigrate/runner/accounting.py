"""The equation that holds after every stage: rows in = rows out + rows set aside, by `_record`, none twice."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from crmmigrate.errors import AccountingError
from crmmigrate.messages import Message
from crmmigrate.model.issue import ASIDE_REASONS, RECORD
from crmmigrate.model.table import literal
from crmmigrate.runner.engine import Question

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
    ledger = _Ledger(inputs, outputs, aside, pieces)
    feeders: dict[str, list[str]] = {}
    for name, targets in flows.items():
        for target in targets:
            feeders.setdefault(target, []).append(name)
    asked = [(target, question) for target, names in feeders.items() for question in ledger.of_output(target, names)]
    questions = [question for _, question in asked]
    questions += [ledger.of_input(name, targets) for name, targets in flows.items()]
    answers = iter(engine.figures(ledger.tables, questions))
    for target, _ in asked:
        _check_strangers(target, next(answers))
    return {name: _accounted(name, next(answers)) for name in flows}


@dataclass(frozen=True)
class _Ledger:
    """The tables of one stage. Each question is one sum over records, so that any engine can answer it without joins."""

    inputs: Mapping[str, Table]
    outputs: Mapping[str, Table]
    aside: Table
    pieces: frozenset[str]

    @cached_property
    def tables(self) -> dict[str, Table]:
        """The tables by the names that questions call them."""
        given = {self._given(name): table for name, table in self.inputs.items()}
        made = {self._made(name): table for name, table in self.outputs.items()}
        return {"aside": self.aside, **given, **made}

    def of_output(self, target: str, names: list[str]) -> list[Question]:
        """Ask whether an output's records are there once, and are of the inputs that feed it."""
        made, feeding = self._made(target), [self._given(name) for name in names]
        known = "".join(f" UNION ALL SELECT {RECORD}, 1, 0 FROM {fed}" for fed in feeding)
        strangers = {"strangers": "CASE WHEN known = 0 OR record IS NULL THEN n ELSE 0 END"}
        doubled = {"doubled": "CASE WHEN n > 1 THEN n - 1 ELSE 0 END"}
        rows = f"SELECT {self._row_of(target)} AS record, 0 AS known, 1 AS n FROM {made}{known}"
        by_record = "max(known) AS known, sum(n) AS n"
        if target not in self.pieces:
            return [Question((made, *feeding), _summed(rows, by_record, **strangers, **doubled))]
        pieces = f"SELECT {RECORD} AS record, 1 AS n FROM {made}"
        return [
            Question((made, *feeding), _summed(rows, by_record, **strangers)),
            Question((made,), _summed(pieces, "sum(n) AS n", **doubled)),
        ]

    def of_input(self, name: str, targets: tuple[str, ...]) -> Question:
        """Ask where the rows of an input went, and how many were set aside for each reason."""
        given, made = self._given(name), {target: self._made(target) for target in targets}
        arrived = "".join(
            f" UNION ALL SELECT {self._row_of(target)}, 0, 1, 0, '' FROM {table}" for target, table in made.items()
        )
        set_aside = f'SELECT {RECORD}, 0, 0, 1, reason FROM aside WHERE "table" = {literal(name)}'
        reasons = ", ".join(f"sum(CASE WHEN reason = {literal(r)} THEN 1 ELSE 0 END) AS {r}" for r in ASIDE_REASONS)
        return Question((given, "aside", *made.values()), _summed(
            f"SELECT {RECORD} AS record, 1 AS given, 0 AS made, 0 AS aside, '' AS reason FROM {given}{arrived} UNION ALL {set_aside}",
            f"sum(given) AS given, max(made) AS made, sum(aside) AS aside, {reasons}",
            given="given",
            arrived="CASE WHEN made > 0 THEN given ELSE 0 END",
            lost="CASE WHEN made = 0 AND aside = 0 THEN given ELSE 0 END",
            doubled="CASE WHEN given > 1 THEN given - 1 WHEN record IS NULL THEN given ELSE 0 END",
            both="CASE WHEN made > 0 AND aside > 0 THEN 1 ELSE 0 END",
            aside_twice="CASE WHEN aside > 1 THEN aside - 1 ELSE 0 END",
            aside_stranger="CASE WHEN given = 0 THEN aside ELSE 0 END",
            **{reason: reason for reason in ASIDE_REASONS},
        ))  # fmt: skip

    def _given(self, name: str) -> str:
        return f"given{[*self.inputs].index(name)}"

    def _made(self, name: str) -> str:
        return f"made{[*self.outputs].index(name)}"

    def _row_of(self, target: str) -> str:
        """Return the SQL for the record of the input row that a row of an output comes from."""
        return f"regexp_replace({RECORD}, '/#[0-9]+$', '')" if target in self.pieces else RECORD


def _check_strangers(target: str, found: Mapping[str, int]) -> None:
    if any(found.values()):
        _fail(target, ", ".join(f"{key} {number}" for key, number in found.items()))


def _accounted(name: str, figures: Mapping[str, int]) -> dict[str, int]:
    """Check where the rows of an input went."""
    wrong = {key: figures[key] for key in ("lost", "doubled", "both", "aside_twice", "aside_stranger") if figures[key]}
    if wrong:
        _fail(name, ", ".join(f"{key} {number}" for key, number in wrong.items()))
    reasons = {reason: figures[reason] for reason in ASIDE_REASONS}
    result = {"in": figures["given"], "out": figures["arrived"], **reasons}
    if result["in"] != result["out"] + sum(reasons.values()):
        _fail(name, str(result))
    return result


def _summed(rows: str, by_record: str, **figures: str) -> str:
    """Return the SQL that brings rows together by record and adds up figures over the records."""
    sums = ", ".join(f"coalesce(sum({figure}), 0) AS {name}" for name, figure in figures.items())
    return f"SELECT {sums} FROM (SELECT record, {by_record} FROM ({rows}) AS r GROUP BY record) AS s"


def _fail(table: str, what: str) -> None:
    raise AccountingError(
        "accounting.broken", Message("the rows do not add up: {what}", what=what), table,
        Message("this is a defect of crmmigrate; nothing was passed on. Please report it with the manifest of the run"),
    )  # fmt: skip
