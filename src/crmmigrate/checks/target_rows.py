"""Asks every cell of a batch of rows what its column asks, by a pandera schema."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from crmmigrate.messages import Message
from crmmigrate.model.issue import ORIGIN, RECORD, declare_code

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    import pandas as pd

REQUIRED = declare_code("validate.required", Message("a required value is missing"))

Fault = tuple[str, str | None, str, str, str | None]
"""Record, origin, code, column and value of a cell at fault."""


@dataclass(frozen=True)
class RowChecks:
    """Asks each cell of a batch, by a pandera schema; picklable, for the questions are made where they are asked.

    Args:
        table: the rows' table.
        asked: column → what returns code → question.
        required: columns in which no value is a fault.
    """

    table: str
    asked: Mapping[str, Callable[[], Mapping[str, Callable[[str], bool]]]]
    required: frozenset[str]

    @cached_property
    def schema(self) -> Any:
        """The schema, made when it is wanted first."""
        import pandera.pandas as pa

        return pa.DataFrameSchema({
            column: pa.Column(
                "str", [pa.Check(_distinct(question), name=code) for code, question in ask().items()],
                nullable=column not in self.required, name=column,
            ) for column, ask in self.asked.items()
        })  # fmt: skip

    def __call__(self, batch: pd.DataFrame) -> tuple[int, list[Fault]]:
        """Return how many rows there are, and record, origin, code, column and value of each failing cell."""
        import pandera.errors

        rows = batch.reset_index(drop=True)
        try:
            self.schema.validate(rows, lazy=True)
        except pandera.errors.SchemaErrors as found:
            return len(rows), [
                self._fault(rows.loc[index], str(check), column) for column, check, index in _cases(found)
            ]
        return len(rows), []

    def _fault(self, row: Any, check: str, column: str) -> Fault:
        code = REQUIRED if check == "not_nullable" else check
        return row[RECORD], _text(row[ORIGIN]), code, column, None if code == REQUIRED else row[column]


def _cases(found: Any) -> Iterable[tuple[str, Any, Any]]:
    cases = found.failure_cases
    return zip(cases["column"], cases["check"], cases["index"], strict=True)


def _distinct(question: Callable[[str], bool]) -> Callable[[pd.Series[Any]], pd.Series[Any]]:
    """Ask once per distinct value; a missing value is no fault here."""

    def check(values: pd.Series[Any]) -> pd.Series[Any]:
        answers = {value: question(value) for value in values.dropna().unique()}
        return values.map(lambda value: answers.get(value, True)).astype(bool)

    return check


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None
