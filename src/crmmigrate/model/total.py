"""A total of a mapping file: what must add up to the same in the old system, in the sources, in what is expected and in the target."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from decimal import Decimal


@dataclass(frozen=True, eq=False, repr=False)
class Accepted:
    """A difference of a total that people looked at and accept. It counts only while the difference is the one they looked at.

    Args:
        reason: a code of their own, e.g. `rounding`.
        difference: as the report shows it, a decimal number.
        at: where: the old system's own figure against the sources, the sources against what is expected, or that against the target.
        group: as the report shows it; empty for the whole.
        by: who accepted it; `note` is for people.
    """

    reason: str
    difference: str
    at: Literal["control", "expected", "target"] = "target"
    group: str = ""
    by: str = ""
    note: str = ""


@dataclass(frozen=True, eq=False, repr=False)
class Total:
    """A sum, or a number of rows, that must be the same in source and target.

    Args:
        sum: the source's column; without it only what is expected is compared with the target.
        to: the target's column; without it rows are counted.
        by: the target's columns by which it is grouped; of dates also `year(column)` and `month(column)`.
        tolerance: what a figure may be off, a decimal number.
        control: the old system's own figure, or one for each group (`2023/won: 1200.00`).
        accepted: differences that people accept.
    """

    sum: str = ""
    to: str = ""
    by: tuple[str, ...] = ()
    tolerance: str = "0"
    control: dict[str, str] | str = ""
    accepted: tuple[Accepted, ...] = ()
    path: tuple[str | int, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """The target's columns that it names."""
        return (*((self.to,) if self.to or self.sum else ()), *(grouping(word)[0] for word in self.by))

    def numbers(self) -> Iterator[tuple[tuple[str | int, ...], str]]:
        """Yield what has to be a decimal number, with its path below the total."""
        yield ("tolerance",), self.tolerance
        if isinstance(self.control, dict):
            yield from ((("control", group), figure) for group, figure in self.control.items())
        elif self.control:
            yield ("control",), self.control
        yield from ((("accepted", index, "difference"), one.difference) for index, one in enumerate(self.accepted))


def decimal(text: str) -> Decimal | None:
    """Return a figure of a mapping file exactly; None where it is no decimal number."""
    from decimal import Decimal, InvalidOperation

    try:
        value = Decimal(text.replace(",", ""))
    except InvalidOperation:
        return None
    return value if value.is_finite() else None


def grouping(word: str) -> tuple[str, str]:
    """Return the column of a word of `by` and the part of it that counts: `year`, `month` or nothing."""
    part, opened, column = word.partition("(")
    return (column[:-1], part) if opened and column.endswith(")") and part in ("year", "month") else (word, "")
