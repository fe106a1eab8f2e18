"""One batch on its way into the target: what its parts (finding, inserting, updating, linking) share."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from crmmigrate.model.kept_property import kept_property
from crmmigrate.model.target import Reject
from crmmigrate.targets import rejects as codes
from crmmigrate.targets.isolating import isolating

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pyarrow as pa
    import sqlalchemy as sa

    from crmmigrate.model.batch import Living
    from crmmigrate.model.load_plan import ObjectLoad
    from crmmigrate.targets.cells import Cells
    from crmmigrate.targets.dialect import Dialect, Refusal
    from crmmigrate.targets.journal import Journal
    from crmmigrate.targets.live import LiveTable


@dataclass
class Batch:
    """One batch; rows are named by their position in it.

    Args:
        connection: in the batch's transaction.
        journal: of the target.
        table: that is written.
        load: how to write it.
        run: and `number`: the batch's name in the journal.
        names: the `_record` of each row, as Arrow text.
        living: says which of some records are to be loaded too; None where that is not known.
        journalled: whether the target has a journal, in which its rows may be linked to records.
        values: column → cells.
        rejects: position → why the row can't be loaded.
    """

    connection: sa.Connection
    journal: Journal
    table: LiveTable
    load: ObjectLoad
    run: str
    number: int
    names: pa.Array
    living: Living | None = None
    journalled: bool = True
    values: dict[str, Cells] = field(default_factory=dict)
    rejects: dict[int, Reject] = field(default_factory=dict)

    @kept_property
    def records(self) -> list[str]:
        """The `_record` of each row."""
        found: list[str] = self.names.to_pylist()
        return found

    @property
    def dialect(self) -> Dialect:
        """How the database does things."""
        return self.journal.dialect

    def reject(self, position: int, code: str, column: str = "") -> None:
        """Note why a row can't be loaded; the first reason stays."""
        if self.load.deferred:
            code = codes.DEFERRED_REFUSED
        self.rejects.setdefault(position, Reject(self.records[position], code, column))

    def isolating(
        self, items: Sequence[int], write: Callable[[Sequence[int]], None], refused: Callable[[int, Refusal, str], None]
    ) -> None:
        """Write the rows at `items`, but for those that the database refuses."""
        isolating(self.connection, self.dialect, self.table, items, write, refused)
