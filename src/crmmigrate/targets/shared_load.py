"""One step of a load, written by several processes: each opens the target by itself and writes the batches of its share."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from crmmigrate.model.batch import living
from crmmigrate.model.issue import RECORD
from crmmigrate.model.load_batches import ahead
from crmmigrate.model.load_limits import Breaker
from crmmigrate.model.location import Location
from crmmigrate.model.table import Tables
from crmmigrate.targets import open_target

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from crmmigrate.model.load_limits import LoadLimits
    from crmmigrate.model.load_plan import ObjectLoad
    from crmmigrate.model.table import Table
    from crmmigrate.model.target import Share


@dataclass(frozen=True)
class SharedLoad:
    """Writes the batches of a share, whichever are not committed yet; it may be tried again, and twice at a time.

    Args:
        address: of the target, its secrets by name: each machine knows them itself.
        shares: of the run.
        batches: numbers of the batches of each share, in their order.
        ranges: number of a batch → from which row to which of `table` its rows lie.
        step: how they are written.
        table: the rows.
        only: the records that are to be written, where not all of them are.
        limits: beyond which the load stops itself.
    """

    address: str
    shares: tuple[Share, ...]
    batches: tuple[tuple[int, ...], ...]
    ranges: Mapping[int, tuple[int, int]]
    step: ObjectLoad
    table: Table
    only: frozenset[str] | None
    limits: LoadLimits

    def __call__(self, place: int) -> int:
        """Write what belongs to the share at `place`; return how many batches this attempt committed.

        Raises:
            LimitReached: a limit is exceeded; `target.lease-lost`: the run was taken over.
            LocationError: the target is lost; what is committed stays.
        """
        share, numbers = self.shares[place], self.batches[place]
        known = partial(living, Tables({self.step.object: self.table}), self.step.object)
        written = 0
        with open_target(Location(self.address)) as target:
            for number, rows in zip(numbers, ahead(map(self._rows, numbers)), strict=True):
                breaker = Breaker(self.limits, target.totals(share.run))
                breaker.check(self.step, self.table.rows)
                breaker.check_window(self.step)
                written += target.write_shared(share, number, self.step, rows, known) is not None
        return written

    def _rows(self, number: int) -> pd.DataFrame:
        rows = self.table.slice(*self.ranges[number])
        if self.only is not None:
            rows = rows[rows[RECORD].isin(self.only)]
        return rows[[RECORD, *(column for column in self.step.columns if column != RECORD)]]
