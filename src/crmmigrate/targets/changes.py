"""One change of a batch beside its row as it is now, and how the server tells of many columns in few numbers."""

from __future__ import annotations

import functools
import operator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    import sqlalchemy as sa

MASK_BITS = 30
"""Columns told of in one number: each database has at least 32 bits for it."""


@dataclass(frozen=True)
class Change:
    """One change of the batch beside the row as it is now.

    Args:
        key: of the row, as text.
        raw: the same as the driver gives it.
        present: whether the row is there.
        edited: columns whose value is no longer what the load left.
        restorable: columns that the load changed and that still hold what it left.
    """

    key: str
    raw: Any
    present: bool
    edited: tuple[str, ...]
    restorable: tuple[str, ...]


def masks_of(flags: Sequence[sa.ColumnElement[bool]]) -> list[sa.ColumnElement[int]]:
    """Return numbers whose bits tell which of `flags` hold, so that a row without any costs next to nothing."""
    import sqlalchemy as sa

    bits = [sa.case((flag, 1 << (place % MASK_BITS)), else_=0) for place, flag in enumerate(flags)]
    return [functools.reduce(operator.add, bits[start : start + MASK_BITS]) for start in range(0, len(bits), MASK_BITS)]


def named(masks: Sequence[int], names: Sequence[str]) -> tuple[str, ...]:
    """Return the names whose bits are set."""
    return tuple(
        name for place, name in enumerate(names) if masks and masks[place // MASK_BITS] >> place % MASK_BITS & 1
    )
