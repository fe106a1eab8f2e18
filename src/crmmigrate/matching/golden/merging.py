"""The tables while object after object is merged: golden records, who survived whom, children that follow.

Tables stay on disk: what is kept of one is its golden records made of several, and what became of each of its rows. Of the one merged
last its rows are kept too, until they are written or the next is matched: to match them took more memory.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from crmmigrate.errors import ConfigurationError
from crmmigrate.matching.golden.crosswalk import CROSSWALK_COLUMNS, Walk
from crmmigrate.matching.golden.open_links import OpenLinks
from crmmigrate.matching.golden.origins import VALUE_COLUMNS
from crmmigrate.matching.golden.recall import marks
from crmmigrate.matching.golden.survivorship import Golden, golden, survivors
from crmmigrate.matching.golden.unnamed import without_no_names
from crmmigrate.matching.put_right.course import may_be_put_right
from crmmigrate.messages import Message
from crmmigrate.model.dedupe import EXISTING
from crmmigrate.model.issue import ORIGIN, RECORD, REFERENCE
from crmmigrate.model.stage import Pieces, Query
from crmmigrate.model.table import BATCH_ROWS, quoted, to_text_frame
from crmmigrate.model.text_table import fitted, text_table

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import numpy as np
    import pandas as pd
    import pyarrow as pa

    from crmmigrate.model.decision import Told
    from crmmigrate.model.dedupe import DedupeRules
    from crmmigrate.model.table import Tables

BESIDE = "existing"
"""The table of records that are in the target already, where one table is de-duplicated by itself."""

_AS_IT_WAS, _GONE = -1, -2
_COUNTING = "256MB"
"""For DuckDB when it counts the children of some records."""

_KEPT = 3_000_000
"""Rows up to which a table is kept while it is merged."""


@dataclass(frozen=True)
class _Made:
    """What became of a table's rows: of each its position in `rows`, or that it is as it was or gone."""

    of: np.ndarray
    rows: pa.Table


class Merging:
    """What has become of the tables so far.

    Args:
        tables: as the stage was given them.
        existing: sources whose records are in the target already.
    """

    def __init__(self, tables: Tables, existing: Iterable[str] = ()) -> None:
        self.tables = tables
        self.existing = tuple(existing)
        self._columns: dict[str, list[str]] = {}
        self._made: dict[str, _Made] = {}
        self._row: dict[str, np.ndarray] = {}
        """Table → the row of each of its records, in the order of `_record`, as `frame` gave them last."""
        self._kept: dict[str, list[pa.Table]] = {}
        self._own: dict[str, list[str]] = {}
        """Table → objects whose walks are of its records."""
        self._golden: list[Golden] = []
        self._walks: dict[str, Walk] = {}
        self._moved: dict[str, pd.Series] = {}
        self.open = OpenLinks(tables)

    def columns(self, name: str) -> list[str]:
        """Return the columns of a table's rows; `_existing` is among them where records are in the target already."""
        if name not in self._columns:
            own = self._columns[name] = list(self.tables[name].columns)
            if BESIDE in self.tables and name != BESIDE:
                self._columns[name] = list(dict.fromkeys((*self.tables[BESIDE].columns, EXISTING, *own)))
            elif self.existing and RECORD in own:
                records = self.tables[name].batches(columns=[RECORD])
                self._columns[name] = [*own, EXISTING] if any(self._known(batch).any() for batch in records) else own
        return self._columns[name]

    def frame(self, name: str, rules: DedupeRules) -> pd.DataFrame:
        """Return a table's rows sorted by `_record`, its references repointed by the objects merged so far.

        Of the columns only what all records are looked at together by: what is compared, what may have changed places with it,
        the key, `_record`, and `_existing` where records are in the target already.
        """
        import numpy as np
        import pyarrow as pa

        self._kept.clear()
        self._refuse_twice(name)
        compared = (column for rule in rules.columns.values() for column in rule.columns)
        wanted = {RECORD, EXISTING, rules.key, *compared, *may_be_put_right(self.columns(name), rules)}
        columns = [column for column in self.columns(name) if column in wanted]
        parts, rows = [], []
        for numbers, batch in self._now(name, columns):
            parts.append(batch)
            rows.append(numbers)
        order = to_text_frame(pa.concat_tables(part.select([RECORD]) for part in parts))[RECORD].array.argsort()
        self._row[name] = np.concatenate(rows)[order]
        return _in_order(parts, order)

    def rows(self, name: str, records: np.ndarray, columns: Sequence[str] = (), *, merged: bool = True) -> pd.DataFrame:
        """Return some records of a table, in their order.

        Args:
            name: of the table.
            records: positions in `frame`, ascending.
            columns: all of them where none are given.
            merged: as they are now; else as they came in.
        """
        import numpy as np

        wanted = self._row[name][records]
        asked = np.sort(wanted)
        chosen = [column for column in self.columns(name) if not columns or column in columns]
        parts = [batch for _, batch in self._now(name, chosen, merged=merged, only=asked)]
        return _in_order(parts, np.searchsorted(asked, wanted))

    def _batches(self, name: str, columns: list[str]) -> Iterator[pa.Table]:
        """Yield the rows of a table as they came in, those that are in the target already first; at least one batch, which may be empty."""
        import pyarrow as pa

        if name in self._kept:
            yield from (batch.select(columns) for batch in self._kept[name])
            return
        yield text_table([], columns)
        sources = [BESIDE, name] if BESIDE in self.tables and name != BESIDE else [name]
        for source in sources:
            there = [column for column in self.tables[source].columns if column in columns]
            for read in self.tables[source].arrow(BATCH_ROWS, there):
                batch = fitted(read, there)
                if EXISTING in columns and len(sources) == 1:
                    records = to_text_frame(batch.select([RECORD]))
                    existing = records[RECORD].where(self._known(records))
                    batch = batch.append_column(EXISTING, pa.array(existing, pa.string(), from_pandas=True))
                elif EXISTING in columns and source == BESIDE:
                    batch = batch.append_column(EXISTING, batch[RECORD])
                yield fitted(batch, columns)

    def _known(self, batch: pd.DataFrame) -> pd.Series:
        return batch[RECORD].str.split("/", n=1).str[0].isin(self.existing)

    def _now(
        self, name: str, columns: list[str], *, merged: bool = True, only: np.ndarray | None = None
    ) -> Iterator[tuple[np.ndarray, pa.Table]]:
        """Yield the numbers of some rows of a table, and these as they are now, batch by batch.

        Args:
            name: of the table.
            columns: of its rows.
            merged: as they are now; else as they came in.
            only: the numbers of the rows that are wanted, ascending; all where None.
        """
        import numpy as np
        import pyarrow as pa

        made = self._made.get(name) if merged else None
        first = 0
        for read in self._batches(name, columns):
            batch, end = read, first + read.num_rows
            numbers = np.arange(first, end) if only is None else only[slice(*np.searchsorted(only, (first, end)))]
            places = numbers - first
            if made is not None:
                of = made.of[numbers]
                there = of != _GONE
                numbers, places, of = numbers[there], places[there], of[there]
                if len(several := np.flatnonzero(of >= 0)):
                    places[several] = batch.num_rows + np.arange(len(several))
                    replaced = made.rows.select(columns).take(pa.array(of[several]))
                    batch = pa.concat_tables([batch, fitted(replaced, columns)])
            whole = len(places) == read.num_rows and batch is read
            yield numbers, self._repointed(name, batch if whole else batch.take(pa.array(places)))
            first = end

    def _repointed(self, name: str, rows: pa.Table) -> pa.Table:
        import pyarrow as pa

        links = {column: into for column, into in self.open.of(name).items() if column in rows.column_names}
        moved = {REFERENCE + kind: kind for kind in self._moved if REFERENCE + kind in rows.column_names}
        touched = [column for column in rows.column_names if column in links or column in moved]
        if not touched:
            return rows
        cells = to_text_frame(rows.select(list(dict.fromkeys([RECORD, *touched]))))
        for column, into in links.items():
            cells[column] = cells[column].fillna(cells[RECORD].map(into).astype("str"))
        for column, kind in moved.items():
            parents = cells[column].map(self._moved[kind]).astype("str").fillna(cells[column])
            if kind in self._own.get(name, ()):  # nobody is his own parent
                parents = parents.where(parents != cells[RECORD])
            cells[column] = parents
        for column in touched:
            told = pa.array(cells[column], pa.string(), from_pandas=True)
            rows = rows.set_column(rows.column_names.index(column), column, told)
        return rows

    def merge(
        self, name: str, rules: DedupeRules, frame: pd.DataFrame, cluster: np.ndarray, decisions: Sequence[Told]
    ) -> tuple[np.ndarray, Golden]:
        """Make the golden records of one table and note its crosswalk.

        Args:
            name: of the table.
            rules: of its object.
            frame: as `frame` gave it last.
            cluster: a label per record.
            decisions: of people.

        Returns:
            Per record the position of the one it became, and the golden records that are made of several.
        """
        import numpy as np
        import pandas as pd

        several = np.flatnonzero(pd.Series(cluster).duplicated(keep=False).to_numpy())
        if len(frame) <= _KEPT:
            self._kept[name] = [*self._batches(name, self.columns(name))]
        rows = self.rows(name, several)
        told = without_no_names(rows, cluster[several], rules)
        best = survivors(told, cluster[several], rules)
        survivor = np.arange(len(frame), dtype=np.int32)
        survivor[several] = several[best]
        held = {at: mark for at, mark in zip(several.tolist(), marks(rows, rules), strict=True) if mark}
        made = golden(told, best, rules, decisions)
        self._remember(name, several, best, made)
        keys = frame[rules.key] if rules.key in frame.columns else None
        walk = Walk(frame[RECORD], survivor, keys, held)
        if rules.object in self._walks:
            walk = self._walks[rules.object].followed_by(walk)
        self._walks[rules.object], self._moved[rules.object] = walk, walk.moved()
        self._own.setdefault(name, []).append(rules.object)
        self.open.settle(self._moved)
        return survivor, made

    def _remember(self, name: str, several: np.ndarray, best: np.ndarray, made: Golden) -> None:
        """Note what became of a table's rows, of which some records are one with others."""
        import numpy as np
        import pyarrow as pa

        earlier = self._made.get(name)
        count = sum(self.tables[one].rows for one in {name, BESIDE} if one in self.tables)
        of = np.full(count, _AS_IT_WAS, dtype=np.int32) if earlier is None else earlier.of.copy()
        rows = made.rows if earlier is None else pa.concat_tables([earlier.rows, made.rows]).combine_chunks()
        at = self._row[name][several]
        of[at] = _GONE
        of[at[best == np.arange(len(best))]] = np.arange(rows.num_rows - made.rows.num_rows, rows.num_rows)
        self._made[name] = _Made(of, rows)
        self._golden.append(made)

    def aside(self, table: str, code: str, frame: pd.DataFrame, survivor: np.ndarray) -> list[pa.Table]:
        """Return the rows set aside because they were merged, where there are some (`ASIDE_COLUMNS`, some dictionary-encoded)."""
        import numpy as np
        import pyarrow as pa

        gone = np.flatnonzero(survivor != np.arange(len(survivor)))
        if not len(gone):
            return []
        origins = self.rows(table, gone, [RECORD, ORIGIN], merged=False)

        def same(text: str | None) -> pa.DictionaryArray:
            index = pa.array(np.zeros(len(gone), dtype=np.int32), mask=np.full(len(gone), text is None))
            return pa.DictionaryArray.from_arrays(index, pa.array([text or ""]))

        def written(texts: pd.Series) -> pa.Array:
            return pa.array(texts, pa.string(), from_pandas=True)

        return [pa.table({
            "table": same(table), RECORD: written(origins[RECORD]),
            ORIGIN: written(origins[ORIGIN]) if ORIGIN in origins else same(""),
            "reason": same("merged"), "code": same(code), "column": same(None), "value": same(None),
            "into": written(frame[RECORD].take(survivor[gone])),
        })]  # fmt: skip

    def children(self, kind: str, records: pd.Series) -> Counter[str]:
        """Return record of an object → how many rows of other tables belong to it, of some records."""
        import pyarrow as pa

        count = self.open.children(kind)
        column = REFERENCE + kind
        following = [name for name in self.tables if column in self.tables[name].columns]
        if not following:
            return count
        connection = self.tables.bounded(_COUNTING).connection
        connection.register("_asked", pa.table({"record": pa.array(records, pa.string())}))
        for name in following:
            query = f"SELECT {quoted(column)}, count(*) FROM {quoted(name)} WHERE {quoted(column)} IN (FROM _asked) GROUP BY 1"
            for parent, times in connection.execute(query).fetchall():
                count[parent] += times
        connection.close()
        return count

    def shown(self, table: str, kind: str) -> Shown:
        """Return the records of a table for those who look at some of them."""
        return Shown(self, table, kind)

    def output(self, name: str) -> Any:
        """Return what becomes of an input table: golden records, or the same rows with their references repointed."""
        follows = any(REFERENCE + kind in self.tables[name].columns for kind in self._walks)
        if name not in self._made and name not in self.open and not follows:
            return Query(f"SELECT * FROM {quoted(name)}")
        columns = [column for column in self.columns(name) if column != EXISTING]
        return Pieces(lambda: self._output(name, columns))

    def _output(self, name: str, columns: list[str]) -> Iterator[pa.Table]:
        for _, batch in self._now(name, columns):
            yield self.open.kept(name, batch)
        self._kept.pop(name, None)

    def unlinked(self, name: str) -> pd.DataFrame:
        """Return the children of a table whose parent is one of several still, and leave them out (`OpenLinks.leave_out`)."""
        columns = [column for column in self.columns(name) if column == RECORD or column.startswith(REFERENCE)]
        return self.open.leave_out(name, (to_text_frame(batch) for _, batch in self._now(name, columns)))

    def crosswalk(self) -> Pieces:
        """Return every record of the deduplicated objects with its survivor."""
        return Pieces(self._crosswalk)

    def _crosswalk(self) -> Iterator[pa.Table]:
        yield text_table([], CROSSWALK_COLUMNS)
        for kind, walk in self._walks.items():
            yield from walk.pieces(kind)

    def golden_values(self) -> Pieces:
        """Return where the values of the golden records came from (`origins.VALUE_COLUMNS`)."""
        return Pieces(self._golden_values)

    def _golden_values(self) -> Iterator[pa.Table]:
        yield text_table([], VALUE_COLUMNS)
        for made in self._golden:
            yield from made.values.pieces()

    def _refuse_twice(self, name: str) -> None:
        """Refuse new records that are called as records of the CRM are.

        Raises:
            ConfigurationError: there are some.
        """
        if BESIDE not in self.tables or name == BESIDE or name in self._made:
            return
        there = self.tables[BESIDE].frame([RECORD])[RECORD]
        count = sum(int(batch[RECORD].isin(there).sum()) for batch in self.tables[name].batches(columns=[RECORD]))
        if count:
            raise ConfigurationError(
                "dedupe.existing-again", Message("{count} records are among those of --existing already", count=count), name,
                Message("give only new rows; records are named by file and row, so another file name tells them apart"),
            )  # fmt: skip


@dataclass(frozen=True)
class Shown:
    """The records of one table of an object (`report.Records`)."""

    merging: Merging
    table: str
    kind: str

    def rows(self, records: np.ndarray, columns: Sequence[str], *, merged: bool) -> pd.DataFrame:
        """Return some records in their order: merged, or as they came in."""
        return self.merging.rows(self.table, records, columns, merged=merged)

    def children(self, records: pd.Series) -> Counter[str]:
        """Return record → rows of other objects that belong to it."""
        return self.merging.children(self.kind, records)


def _in_order(parts: list[pa.Table], order: np.ndarray) -> pd.DataFrame:
    """Return the rows of tables of the same columns in an order; column by column, so that not all of them are there twice."""
    import pyarrow as pa

    whole = pa.concat_tables(parts)
    parts.clear()
    at, cells = pa.array(order), {}
    for column in whole.column_names:
        cells[column] = whole[column].cast(pa.large_string()).take(at)
        whole = whole.drop_columns(column)
    return to_text_frame(pa.table(cells))
