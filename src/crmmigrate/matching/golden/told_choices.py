"""What is told of decisions that people made: merges against a rule, and values of golden records that do not hold; and of dates that do not say which is the newest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmmigrate.messages import Message
from crmmigrate.model.dedupe import DIFFERENT_EXISTING
from crmmigrate.model.issue import declare_code

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crmmigrate.matching.engine import Matching
    from crmmigrate.matching.golden.survivorship import Golden
    from crmmigrate.model.decision import Told
    from crmmigrate.model.dedupe import DedupeRules

CHOICE_WAITS = declare_code(
    "dedupe.choice-stale",
    Message("a person chose this value for the golden record, but no record holds it any more; the choice waits"),
)


def waiting(table: str, made: Golden) -> list[tuple[str | None, ...]]:
    """Return an issue (`ISSUE_COLUMNS`) for each choice that waits."""
    return [
        (table, decision.record_a, origin, choice.column, CHOICE_WAITS, "warning", "LOGIC", None, choice.value,
         decision.reason or decision.place, "certain")
        for decision, choice, origin in made.stale
    ]  # fmt: skip


def changed(contradictions: Sequence[tuple[Told, Told]]) -> list[Message]:
    """Return a finding for decisions of which later ones say the opposite, and one for those that were taken back.

    Args:
        contradictions: (earlier, later), as `latest` gives them.
    """
    turned = [(before, after) for before, after in contradictions if after.verdict != "undecided" and not after.undoes]
    taken_back = [(before, after) for before, after in contradictions if after.verdict == "undecided"]
    told = []
    if turned:
        told.append(Message(
            "decisions that later ones contradict: {count}; the later ones hold: {places}",
            count=len(turned), places=_places(turned),
        ))  # fmt: skip
    if taken_back:
        told.append(Message(
            "decisions that a later 'undecided' takes back: {count}; they do not hold any more: {places}",
            count=len(taken_back), places=_places(taken_back),
        ))  # fmt: skip
    return told


def _places(pairs: Sequence[tuple[Told, Told]]) -> str:
    places = [f"{before.place} → {after.place}" for before, after in pairs[:3]]
    return ", ".join(places) + (" …" if len(pairs) > 3 else "")


def warnings(rules: DedupeRules, found: Matching, made: Golden) -> list[Message]:
    """Return a finding for each kind of decision that does not hold, or that holds against a rule."""
    told = []
    if found.overruled:
        told.append(Message(
            "{object}: merges that people decided against a never rule, and that were done: {count}",
            object=rules.object, count=len(found.overruled),
        ))  # fmt: skip
    if made.stale:
        told.append(Message(
            "{object}: values that people chose but that are in no record any more, so that the rules decide: {count}",
            object=rules.object, count=len(made.stale),
        ))  # fmt: skip
    if made.torn:
        places = ", ".join(decision.place for decision, _ in made.torn[:3])
        told.append(Message(
            "{object}: chosen values that another choice in the same group contradicts, and that do not hold: {count} ({places})",
            object=rules.object, count=len(made.torn), places=places + (" …" if len(made.torn) > 3 else ""),
        ))  # fmt: skip
    if made.undated[0]:
        told.append(Message(
            "{object}: merged records whose date of the last change ({column}) cannot be read as a date, and that count as the oldest: {count} (the first is {place})",
            object=rules.object, column=rules.updated, count=made.undated[0], place=made.undated[1],
        ))  # fmt: skip
    if made.foreign:
        told.append(Message(
            "{object}: 'source_priority' has no effect, because no merged record is of the sources that the rules name ({sources}); they are of: {names}",
            object=rules.object, sources=", ".join(rules.sources), names=", ".join(made.foreign),
        ))  # fmt: skip
    if count := found.facts.get("existing_pairs"):
        told.append(Message(
            "{object}: pairs of records that are in the CRM already and look like duplicates of each other, by themselves or because a new record looks like both: {count}; they were left alone (see pairs: '{rule}')",
            object=rules.object, count=count, rule=DIFFERENT_EXISTING,
        ))  # fmt: skip
    return told
