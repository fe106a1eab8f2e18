"""Say of a batch of a whole load what people edited or deleted since rows were loaded, and it would write over or bring back."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from crmmigrate.model.target import BatchOutcome, Conflict
from crmmigrate.targets.foretelling import Foretold
from crmmigrate.targets.lasting import COMPARED, Standings

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

    from crmmigrate.targets.lasting import Standing


class Overwriting(Foretold):
    """Foretells a batch, and holds every row that would change or come back against what the loads that stand left there."""

    changing: dict[int, list[str]]
    """Position → columns that would be written over."""

    def write(self, rows: pd.DataFrame) -> BatchOutcome:
        """Return what would happen to `rows`; `conflicts` are what people did that would be lost."""
        self.changing = {}
        outcome = super().write(rows)
        if not self.planned.journalled:
            return outcome
        stale = (
            set() if self.load.deferred else set(self.found.stale) & {self.batch.records[place] for place in self.new}
        )
        linked = {self.batch.records[place]: place for place in self.changing if place in self.found.linked}
        if not stale and not linked:
            return outcome
        known = Standings(self.connection, self.journal, self.table, self.load.object)
        standing = known.of([*linked, *sorted(stale)], lock=False, size=COMPARED)
        lost = [
            one
            for record, place in linked.items()
            if record in standing
            for one in self._edited(record, place, standing[record])
        ]
        lost += [
            Conflict(record, standing[record].key, "", "gone")
            for record in sorted(stale & standing.keys())
            if _deleted(standing[record])
        ]
        return replace(outcome, conflicts=tuple(lost))

    def _to_change(self, there: list[int]) -> int:
        columns = [column for column in self.load.columns if column != self.table.key]
        names = list(dict.fromkeys([self.table.key, *columns]))
        rows = self._now(names, [self.keys[position] for position in there]) if there and columns else {}
        for position in there:
            if row := rows.get(self.keys[position]):
                changed = [column for column in columns if self._changes(column, position, row)]
                self.changing |= {position: changed} if changed else {}
        return len(self.changing)

    def _edited(self, record: str, place: int, at: Standing) -> Iterator[Conflict]:
        """Yield the fields of a row that are to change and are not as a load left them; of what no load has written nothing is known, and where the newer side wins, it is meant to."""
        for column in self.changing[place]:
            if at.row is None or at.left is None or column not in at.left or self.load.policy.get(column) == "newer":
                continue
            live = self.table.columns[column]
            base, theirs = live.show(at.left[column]) or None, live.show(at.row[column]) or None
            if base != theirs:
                ours = live.show(self.batch.values[column][place]) or None
                yield Conflict(record, at.key, column, "edited", base, ours, theirs)


def _deleted(at: Standing) -> bool:
    """Whether people deleted a row, and no load did."""
    return at.row is None and (at.left is not None or not at.proven)
