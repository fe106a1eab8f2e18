"""How one row becomes its target row, step by step."""

from __future__ import annotations

from dataclasses import dataclass

from crmmigrate.messages import Message


@dataclass(frozen=True)
class Step:
    """One step on the way of a value.

    Args:
        what: what is done.
        value: what there is afterwards; None where it is empty.
        codes: what was noted, e.g. `map.default`.
        meaning: what the business means by the value that was mapped; empty where nobody said it.
    """

    what: Message | str
    value: str | None
    codes: tuple[str, ...] = ()
    meaning: str = ""


@dataclass(frozen=True)
class Column:
    """The way of one column of the target.

    Args:
        name: of the target's column.
        steps: in order, beginning with what is read.
        value: what arrives.
        reject: the code with which the row is rejected because of it; empty where it is not.
    """

    name: str
    steps: tuple[Step, ...]
    value: str | None
    reject: str = ""


@dataclass(frozen=True)
class Explanation:
    """The way of one row.

    Args:
        record: its `_record`; `origin` where a person finds it.
        table: of the target.
        columns: in the order of the mapping file.
    """

    record: str
    origin: str
    table: str
    columns: tuple[Column, ...]

    @property
    def reject(self) -> str:
        """The code with which the row is rejected; empty where it arrives."""
        return next((column.reject for column in self.columns if column.reject), "")
