"""The tables while object after object is merged: golden records, who survived whom, children that follow.

Tables stay on disk: what is kept of one is its golden records made of several, and what became of each of its rows.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from crmmigrate.errors import ConfigurationError
from crmmigrate.matching.open_links import OpenLinks
from crmmigrate.matching.recall import marks
from crmmigrate.matching.survivorship import VALUE_COLUMNS, Golden, golden, survivors
from crmmigrate.messages import Message
from crmmigrate.model.dedupe import EXISTING
from crmmigrate.model.issue import ORIGIN, RECORD, REFERENCE, text_frame
from crmmigrate.model.stage import Pieces, Query
from crmmigrate.model.table import BATCH_ROWS, quoted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import numpy as np
    import pandas as pd
    import pyarrow as pa

    from crmmigrate.model.decision import Told
    from crmmigrate.model.dedupe import DedupeRules
    from crmmigrate.model.table import Tables

CROSSWALK_COLUMNS = ("object", RECORD, "survivor", "key", "survivor_key", "_mark")
"""`key`: what people call the record by, where the rules name such a column; `_mark`: of merged records that are named by
their place, see `recall.py`."""

BESIDE = "existing"
"""The table of records that are in the target already, where one table is de-duplicated by itself."""

_AS_IT_WAS, _GONE = -1, -2
_COUNTING = "256MB"
"""For DuckDB when it counts the children of some records."""


@dataclass(frozen=True)
class _Walk:
    """Who survived whom of one object. Records are positions in the order of `_record`.

    Args:
        records: all of them.
        survivor: of each.
        keys: what people call each by; None where the rules name no such column.
        marks: position → mark, of merged records.
    """

    records: pd.Series
    survivor: np.ndarray
    keys: pd.Series | None
    marks: dict[int, str]

    def moved(self) -> pd.Series:
        """Return `_record` → survivor of those that were merged into another."""
        import numpy as np
        import pandas as pd

        gone = np.flatnonzero(self.survivor != np.arange(len(self.survivor)))
        into = self.records.take(self.survivor[gone])
        return pd.Series(into.array, index=pd.Index(self.records.take(gone).array))

    def followed_by(self, later: _Walk) -> _Walk:
        """Return the walk of these records where their survivors were merged once more."""
        import pandas as pd

        own = pd.Index(self.records.array)
        at = pd.Index(later.records.array).get_indexer(self.records.take(self.survivor))
        into = own.get_indexer(later.records.take(later.survivor[at]))
        return _Walk(self.records, into, self.keys, self.marks)

    def pieces(self, kind: str) -> Iterator[pd.DataFrame]:
        """Yield the rows of the crosswalk."""
        import pandas as pd

        for begin in range(0, len(self.records), BATCH_ROWS):
            part = slice(begin, begin + BATCH_ROWS)
            of, into = self.records[part], self.survivor[part]
            data: dict[str, Any] = {"object": kind, RECORD: of.array, "survivor": self.records.take(into).array}
            for column, keys in (("key", part), ("survivor_key", into)):
                data[column] = None if self.keys is None else self.keys.iloc[keys].array
            data["_mark"] = [self.marks.get(at) for at in range(begin, begin + len(of))]
            yield pd.DataFrame(data).astype("str")


@dataclass(frozen=True)
class _Made:
    """What became of a table's rows: of each its position in `rows`, or that it is as it was or gone."""

    of: np.ndarray
    rows: pd.DataFrame


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
        self._own: dict[str, list[str]] = {}
        """Table → objects whose walks are of its records."""
        self._golden: list[Golden] = []
        self._walks: dict[str, _Walk] = {}
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

        Of the columns only what all records are looked at together by: what is compared, the key, `_record`, and
        `_existing` where records are in the target already.
        """
        import numpy as np
        import pandas as pd

        self._refuse_twice(name)
        wanted = {RECORD, EXISTING, rules.key, *(column for rule in rules.columns.values() for column in rule.columns)}
        columns = [column for column in self.columns(name) if column in wanted]
        parts, rows = [], []
        for first, batch in self._now(name, columns):
            parts.append(batch)
            rows.append(batch.index.to_numpy() + first)
        order = pd.concat([part[RECORD] for part in parts], ignore_index=True).array.argsort()
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

    def _batches(self, name: str, columns: list[str]) -> Iterator[pd.DataFrame]:
        """Yield the rows of a table as they came in, those that are in the target already first."""
        sources = [BESIDE, name] if BESIDE in self.tables and name != BESIDE else [name]
        for source in sources:
            there = [column for column in self.tables[source].columns if column in columns]
            for batch in self.tables[source].batches(columns=there):
                if EXISTING in columns and len(sources) == 1:
                    batch[EXISTING] = batch[RECORD].where(self._known(batch))
                elif EXISTING in columns and source == BESIDE:
                    batch[EXISTING] = batch[RECORD]
                yield batch if list(batch.columns) == columns else batch.reindex(columns=columns).astype("str")

    def _known(self, batch: pd.DataFrame) -> pd.Series:
        return batch[RECORD].str.split("/", n=1).str[0].isin(self.existing)

    def _now(
        self, name: str, columns: list[str], *, merged: bool = True, only: np.ndarray | None = None
    ) -> Iterator[tuple[int, pd.DataFrame]]:
        """Yield the number of a batch's first row, and its rows as they are now; their index is their place in the batch.

        Args:
            name: of the table.
            columns: of its rows.
            merged: as they are now; else as they came in.
            only: the numbers of the rows that are wanted, ascending; all where None.
        """
        import numpy as np
        import pandas as pd

        made = self._made.get(name) if merged else None
        first = 0
        for read in self._batches(name, columns):
            batch, count = read, len(read)
            if only is not None:
                begin, end = np.searchsorted(only, (first, first + count))
                batch = read.take(only[begin:end] - first)
            if made is not None:
                places = batch.index.to_numpy()
                of = made.of[first + places]
                several = np.flatnonzero(of >= 0)
                replaced = made.rows[columns].take(of[several]).set_axis(places[several])
                batch = (
                    pd.concat([batch[of == _AS_IT_WAS], replaced]).sort_index() if len(several) else batch[of != _GONE]
                )
            yield first, self._repointed(name, batch)
            first += count

    def _repointed(self, name: str, rows: pd.DataFrame) -> pd.DataFrame:
        for column, into in self.open.of(name).items():
            if column in rows.columns:
                rows = rows.assign(**{column: rows[column].fillna(rows[RECORD].map(into).astype("str"))})
        for kind, moved in self._moved.items():
            column = REFERENCE + kind
            if column in rows.columns:
                parents = rows[column].map(moved).astype("str").fillna(rows[column])
                if kind in self._own.get(name, ()):  # nobody is his own parent
                    parents = parents.where(parents != rows[RECORD])
                rows = rows.assign(**{column: parents})
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
        rows = self.rows(name, several)
        best = survivors(rows, cluster[several], rules)
        survivor = np.arange(len(frame), dtype=np.int32)
        survivor[several] = several[best]
        held = {at: mark for at, mark in zip(several.tolist(), marks(rows, rules), strict=True) if mark}
        made = golden(rows, best, rules, decisions)
        self._remember(name, several, best, made)
        keys = frame[rules.key] if rules.key in frame.columns else None
        walk = _Walk(frame[RECORD], survivor, keys, held)
        if rules.object in self._walks:
            walk = self._walks[rules.object].followed_by(walk)
        self._walks[rules.object], self._moved[rules.object] = walk, walk.moved()
        self._own.setdefault(name, []).append(rules.object)
        self.open.settle(self._moved)
        return survivor, made

    def _remember(self, name: str, several: np.ndarray, best: np.ndarray, made: Golden) -> None:
        """Note what became of a table's rows, of which some records are one with others."""
        import numpy as np
        import pandas as pd

        earlier = self._made.get(name)
        count = sum(self.tables[one].rows for one in {name, BESIDE} if one in self.tables)
        of = np.full(count, _AS_IT_WAS, dtype=np.int32) if earlier is None else earlier.of.copy()
        rows = made.rows if earlier is None else pd.concat([earlier.rows, made.rows], ignore_index=True)
        at = self._row[name][several]
        of[at] = _GONE
        of[at[np.unique(best)]] = np.arange(len(rows) - len(made.rows), len(rows))
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
        return Pieces(lambda: (self.open.kept(name, batch) for _, batch in self._now(name, columns)))

    def unlinked(self, name: str) -> pd.DataFrame:
        """Return the children of a table whose parent is one of several still, and leave them out (`OpenLinks.leave_out`)."""
        columns = [column for column in self.columns(name) if column == RECORD or column.startswith(REFERENCE)]
        return self.open.leave_out(name, (batch for _, batch in self._now(name, columns)))

    def crosswalk(self) -> Pieces:
        """Return every record of the deduplicated objects with its survivor."""
        return Pieces(self._crosswalk)

    def _crosswalk(self) -> Iterator[pd.DataFrame]:
        yield text_frame([], CROSSWALK_COLUMNS)
        for kind, walk in self._walks.items():
            yield from walk.pieces(kind)

    def golden_values(self) -> Pieces:
        """Return where the values of the golden records came from (`survivorship.VALUE_COLUMNS`)."""
        return Pieces(self._golden_values)

    def _golden_values(self) -> Iterator[pd.DataFrame]:
        yield text_frame([], VALUE_COLUMNS)
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


def _in_order(parts: list[pd.DataFrame], order: np.ndarray) -> pd.DataFrame:
    """Return the rows of frames of the same columns in an order; column by column, so that not all of them are there twice."""
    import pandas as pd

    columns = list(parts[0].columns)
    return pd.DataFrame({
        column: pd.concat([part.pop(column) for part in parts], ignore_index=True).array.take(order)
        for column in columns
    })  # fmt: skip
