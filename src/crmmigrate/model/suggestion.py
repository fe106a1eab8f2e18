"""What `mapping suggest` found out: which source column most likely belongs in which column of the target, and why."""

from __future__ import annotations

from dataclasses import dataclass, field

from crmmigrate.messages import Message


@dataclass(frozen=True)
class SourceColumn:
    """One column of the source table.

    Args:
        name: its header.
        meaning: a key of `model.profile.MEANINGS`.
        filled: how many cells hold a value; `distinct` different ones.
        longest: characters of the longest value.
        values: different values with their cells, most frequent first; of columns with many a part of them.
    """

    name: str
    meaning: str = "empty"
    filled: int = 0
    distinct: int = 0
    longest: int = 0
    values: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Pair:
    """A source column and where it belongs.

    Args:
        source: the column's name.
        target: the name of the target's column.
        confidence: 0 to 1.
        reasons: what speaks for it.
        codes: source value → code of the target's picklist, where there is one; None where no code is like the value.
    """

    source: str
    target: str
    confidence: float
    reasons: tuple[Message, ...] = ()
    codes: dict[str, str | None] = field(default_factory=dict)


@dataclass(frozen=True)
class Suggestion:
    """A whole first mapping.

    Args:
        pairs: one-to-one, in the order of the target's columns.
        unmapped: source columns without a place, in order.
        open: target columns without a source, in order.
        others: target column → the next best pairs, best first; also for those in `open`.
    """

    pairs: tuple[Pair, ...]
    unmapped: tuple[str, ...]
    open: tuple[str, ...]
    others: dict[str, tuple[Pair, ...]] = field(default_factory=dict)
