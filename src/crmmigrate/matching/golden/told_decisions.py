"""What people decided about the records of a run, and what is told of decisions that later ones contradict, that wait, or of which nobody knows what they are about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmmigrate.errors import ConfigurationError, Findings
from crmmigrate.matching.golden.recall import recall, speaks_of
from crmmigrate.matching.golden.told_choices import changed
from crmmigrate.messages import Message
from crmmigrate.model.decision import latest, unfounded

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from crmmigrate.model.decision import Told
    from crmmigrate.model.dedupe import DedupeRules
    from crmmigrate.model.stage import StageResult


class ToldDecisions:
    """The workbooks of a run, object by object.

    Args:
        books: the decisions of each, oldest first.
        standing: so many of them, the oldest, were taken by earlier runs: their decisions wait where records are gone.
        objects: how many objects will be asked about.
    """

    def __init__(self, books: Sequence[Sequence[Told]], standing: int, objects: int) -> None:
        self._books = books
        self._new = [book for book in books[standing:] if book]
        self._strange = self._new
        self._ahead = objects

    def about(self, frame: pd.DataFrame, rules: DedupeRules, result: StageResult) -> list[Told]:
        """Return what people decided about records of an object, and tell what is contradicted or lost.

        Raises:
            Findings: after the last object, no decision of any new workbook is about a record that is there; they are of another project
                or file. Beside one that is about these records, an earlier one of records that have left waits.
        """
        self._ahead -= 1
        own = [decision for book in self._books for decision in book if decision.object == rules.object]
        if not own:
            self._refuse_strange()
            return []
        recalled = recall(own, frame, rules)
        self._strange = [
            book for book in self._strange if not speaks_of((d for d in book if d.object == rules.object), frame, rules)
        ]
        self._refuse_strange()
        kept, contradictions = latest(recalled.found)
        result.findings += changed(contradictions)
        if merges := unfounded(kept, rules.review.require):
            result.notes.append(Message(
                "{object}: decisions to merge that lack a reason or a reviewer and were done: {count} ({places})",
                object=rules.object, count=len(merges), places=first_places([one.place for one in merges]),
            ))  # fmt: skip
        if recalled.outlived:
            result.findings.append(Message(
                "{object}: decisions to merge that wait, because a record holds nothing any more of what people saw of it: {count} ({places}); its key may stand for another one now",
                object=rules.object, count=len(recalled.outlived), places=first_places([one.place for one in recalled.outlived]),
            ))  # fmt: skip
        if lost := sum(one.verdict != "undecided" for one in recalled.lost):
            result.notes.append(Message(
                "{object}: decisions that wait, because they are about records that are not there any more: {count}",
                object=rules.object, count=lost,
            ))  # fmt: skip
        return kept

    def _refuse_strange(self) -> None:
        if self._ahead or not self._strange or len(self._strange) < len(self._new):
            return
        raise Findings([
            ConfigurationError(
                "review.strange", Message("none of the {count} decisions of this workbook is about a record that is there", count=len(book)),
                book[0].place.partition("!")[0],
                Message("is it of another project or file? give the workbook that dedupe wrote for these records"),
            )
            for book in self._strange
        ])  # fmt: skip


def first_places(places: Sequence[str]) -> str:
    """Return the first of many places in one line."""
    return ", ".join(places[:3]) + (" …" if len(places) > 3 else "")
