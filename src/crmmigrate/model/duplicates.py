"""What a run of dedupe has to tell about one object: figures and sentences only, no values of records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from crmmigrate.messages import Message


@dataclass(frozen=True)
class Step:
    """Pairs of about one score.

    Args:
        bits: log2 odds where the step begins.
        chance: the probability that belongs to it.
        free: pairs that may be merged.
        held: pairs about which a person is asked whatever their score.
        precision: expected of merging every free pair from here on; None where there is none.
        recall: the same way: of the pairs expected to be one thing, how many would be merged.
        merged: free pairs from here on.
    """

    bits: float
    chance: float
    free: int
    held: int
    precision: float | None
    recall: float | None
    merged: int


@dataclass(frozen=True)
class Weight:
    """What one level of agreement counts: the columns, the level in words, bits for (or against) one thing, pairs shown."""

    column: Message | str
    level: Message
    bits: float
    pairs: int


@dataclass(frozen=True)
class Summary:
    """One object.

    Args:
        object: its name.
        facts: the engine's figures.
        steps: the spread of the scores.
        merge: the threshold for merging, as a probability.
        review: the threshold for asking.
        picked: whether the program picked `merge` for a precision.
        weights: of the model, role by role.
        asked: why people are asked → pairs.
        kept_apart: never rule → pairs that it kept apart.
        decided: `merge` and `separate` → decisions of people that hold.
        taken: (column, policy) → values that golden records took from another record than the survivor, or about which
            the records differed.
        groups: golden records made of several records.
        largest: records in the largest of them.
    """

    object: str
    facts: Mapping[str, Any]
    steps: Sequence[Step]
    merge: float
    review: float
    picked: bool
    weights: Sequence[Weight]
    asked: Sequence[tuple[Message, int]] = ()
    kept_apart: Mapping[str, int] = field(default_factory=dict)
    decided: Mapping[str, int] = field(default_factory=dict)
    taken: Mapping[tuple[str, str], int] = field(default_factory=dict)
    groups: int = 0
    largest: int = 1

    @property
    def at_merge(self) -> Step | None:
        """The step in which the threshold for merging lies."""
        return self.at(self.merge)

    def at(self, chance: float) -> Step | None:
        """Return the step in which a probability lies."""
        return next((step for step in reversed(self.steps) if step.chance <= chance + 1e-9), None)

    @property
    def estimates(self) -> dict[str, Any]:
        """The thresholds, the spread of the scores (bits and pairs) and what is expected of them, for the manifest."""
        found: dict[str, Any] = {"merge_threshold": self.merge, "review_threshold": self.review}
        found["scores"] = [[step.bits, step.free + step.held] for step in self.steps if step.free or step.held]
        step = self.at_merge
        if step is not None and step.precision is not None:
            found |= {"precision_estimate": round(step.precision, 6), "recall_estimate": round(step.recall or 0.0, 6)}
        return found
