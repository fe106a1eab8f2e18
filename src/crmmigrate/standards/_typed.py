"""Values that people typed in for golden records, held to the standard of their column like those of the sources."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from crmmigrate.messages import Message
from crmmigrate.model.decision import Decision
from crmmigrate.model.issue import declare_code
from crmmigrate.standards import CHANGED, cleaner, standard_name

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from crmmigrate.model.decision import Choice, Told
    from crmmigrate.model.standard import Cleaned, ObjectStandard

REFUSED = declare_code(
    "dedupe.choice-unusable",
    Message("a person typed this value in for the golden record, but the standard of its column refuses it; it is not taken"),
)  # fmt: skip


@dataclass
class Typed:
    """What became of the values that people typed in.

    Args:
        decisions: with the values in standard form, without those that were refused.
        issues: rows of `ISSUE_COLUMNS`, each with the row of the workbook as its origin.
        refused: place and column of each value that was not taken.
    """

    decisions: list[Told] = field(default_factory=list)
    issues: list[tuple[str | None, ...]] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    def add(self, table: str, decision: Decision, choice: Choice, rule: str, cleaned: Cleaned) -> Choice | None:
        """Note what the standard says of a value, and return the choice as it holds; None where it is refused."""
        value = choice.value if cleaned.confidence == "suggested" else cleaned.value
        row = (table, decision.record_a, decision.place, choice.column)
        if value is None or not cleaned.usable:
            self.refused.append(f"{decision.place} {choice.column}")
            self.issues.append((*row, REFUSED, "warning", "FMT", choice.value, None, rule, "certain"))
            return None
        what = [(flag.code, flag.severity, flag.kind) for flag in cleaned.flags]
        if not what and value != choice.value:
            what = [(CHANGED, "info", "FMT")]
        self.issues += [(*row, *one, choice.value, value, rule, cleaned.confidence) for one in what]
        return replace(choice, value=value)


def typed(decision: Told) -> list[Choice]:
    """Return the choices of a decision that are none of the values it was about."""
    choices = decision.choices if isinstance(decision, Decision) else ()
    return [choice for choice in choices if choice.value not in choice.seen]


def hold(decisions: Iterable[Told], table: str, spec: ObjectStandard, folder: Path | None) -> Typed:
    """Bring what people typed in into standard form; what the standard cannot use, or what says nothing, is not taken.

    Values of the records themselves are left alone: they have been through the standard.

    Args:
        decisions: of people.
        table: they are about, for the issues.
        spec: the standards of its columns.
        folder: where lists of values lie.

    Raises:
        ConfigurationError: an unknown standard or option.
    """
    made = Typed()
    for decision in decisions:
        asked = typed(decision)
        if not isinstance(decision, Decision) or not asked:
            made.decisions.append(decision)
            continue
        kept = []
        for choice in decision.choices:
            held: Choice | None = choice
            if choice in asked and (column := spec.columns.get(choice.column)) is not None:
                rule = f"{standard_name(column)}:{choice.column}"
                held = made.add(table, decision, choice, rule, cleaner(column, folder)(choice.value))
            kept += [held] if held else []
        made.decisions.append(replace(decision, choices=tuple(kept)))
    return made
