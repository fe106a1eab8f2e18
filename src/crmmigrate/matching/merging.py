"""The tables while object after object is merged: golden records, who survived whom, children that follow."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from crmmigrate.errors import ConfigurationError
from crmmigrate.matching.recall import marks
from crmmigrate.matching.survivorship import VALUE_COLUMNS, Golden, golden, survivors
from crmmigrate.messages import Message
from crmmigrate.model.dedupe import EXISTING
from crmmigrate.model.issue import ORIGIN, RECORD, REFERENCE, text_frame
from crmmigrate.model.stage import Query
from crmmigrate.model.table import quoted

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import pandas as pd

    from crmmigrate.model.decision import Told
    from crmmigrate.model.dedupe import DedupeRules
    from crmmigrate.model.table import Tables

CROSSWALK_COLUMNS = ("object", RECORD, "survivor", "key", "survivor_key", "_mark")
"""`key`: what people call the record by, where the rules name such a column; `_mark`: of merged records that are named by
their place, see `recall.py`."""

BESIDE = "existing"
"""The table of records that are in the target already, where one table is de-duplicated by itself."""


class Merging:
    """What has become of the tables so far.

    Args:
        tables: as the stage was given them.
        existing: sources whose records are in the target already.
    """

    def __init__(self, tables: Tables, existing: Iterable[str] = ()) -> None:
        self.tables = tables
        self.existing = tuple(existing)
        self.golden: dict[str, pd.DataFrame] = {}
        self.values: list[pd.DataFrame] = []
        self.walks: dict[str, tuple[str, pd.DataFrame]] = {}
        """Object → (table, frame of `CROSSWALK_COLUMNS` but the first)."""

    def frame(self, name: str) -> pd.DataFrame:
        """Return a table's rows sorted by `_record`, its references repointed by the objects merged so far.

        `_existing` is there where records are in the target already.
        """
        frame = self.golden[name] if name in self.golden else self._with_existing(self.tables[name].frame(), name)
        return self._repointed(frame).sort_values(RECORD, ignore_index=True)

    def _with_existing(self, frame: pd.DataFrame, name: str) -> pd.DataFrame:
        import pandas as pd

        if BESIDE in self.tables and name != BESIDE:
            there = self.tables[BESIDE].frame()
            _refuse_twice(frame, there, name)
            frame = pd.concat([there.assign(**{EXISTING: there[RECORD]}), frame], ignore_index=True).astype("str")
        elif self.existing:
            known = frame[RECORD].str.partition("/")[0].isin(self.existing)
            if known.any():
                frame = frame.assign(**{EXISTING: frame[RECORD].where(known)}).astype("str")
        return frame

    def _repointed(self, frame: pd.DataFrame) -> pd.DataFrame:
        for kind, (_, walk) in self.walks.items():
            column = REFERENCE + kind
            if column in frame.columns:
                survivors_of = walk.set_index(RECORD)["survivor"]
                frame = frame.assign(**{column: frame[column].map(survivors_of).fillna(frame[column]).astype("str")})
        return frame

    def merge(
        self, name: str, rules: DedupeRules, frame: pd.DataFrame, cluster: Any, decisions: Sequence[Told]
    ) -> tuple[pd.Series, Golden]:
        """Make the golden records of one table and note its crosswalk.

        Returns:
            Per row the `_record` it became, and the golden records.
        """
        import pandas as pd

        survivor = survivors(frame, pd.Series(cluster), rules)
        made = golden(frame, survivor, rules, decisions)
        rows = made.rows
        walk = self._walk(frame, survivor, rules)
        if rules.object in self.walks:
            earlier = self.walks[rules.object][1]
            walk = earlier.assign(survivor=earlier["survivor"].map(walk.set_index(RECORD)["survivor"]))
        self.walks[rules.object] = (name, walk)
        own = REFERENCE + rules.object
        if own in rows.columns:
            parents = rows[own].map(walk.set_index(RECORD)["survivor"]).fillna(rows[own])
            rows = rows.assign(**{own: parents.where(parents != rows[RECORD]).astype("str")})
        self.golden[name] = rows
        self.values.append(made.values)
        return survivor, made

    def _walk(self, frame: pd.DataFrame, survivor: pd.Series, rules: DedupeRules) -> pd.DataFrame:
        import pandas as pd

        walk = pd.DataFrame(
            {RECORD: frame[RECORD], "survivor": survivor, "key": None, "survivor_key": None, "_mark": None}
        )
        if rules.key in frame.columns:
            keys = pd.Series(frame[rules.key].to_numpy(), index=frame[RECORD].to_numpy())
            walk = walk.assign(key=frame[rules.key], survivor_key=keys.reindex(survivor.to_numpy()).to_numpy())
        several = survivor.duplicated(keep=False)
        if several.any():
            held = [mark or None for mark in marks(frame[several], rules)]
            walk.loc[several, "_mark"] = pd.Series(held, index=walk.index[several], dtype=object)
        return walk

    def aside(self, frame: pd.DataFrame, survivor: pd.Series) -> Iterable[tuple[str, str, str]]:
        """Yield the merged records with their origins and what they became."""
        merged = frame[frame[RECORD] != survivor]
        origins = merged[ORIGIN] if ORIGIN in merged.columns else [""] * len(merged)
        return zip(merged[RECORD], origins, survivor[merged.index], strict=True)

    def children(self, kind: str) -> Counter[str]:
        """Return record of an object → how many rows of other tables belong to it."""
        count: Counter[str] = Counter()
        column = REFERENCE + kind
        for name in self.tables:
            if column in self.tables[name].columns:
                query = f"SELECT {quoted(column)} AS parent, count(*) AS n FROM {quoted(name)} WHERE {quoted(column)} IS NOT NULL GROUP BY 1"
                for row in self.tables.sql(query).to_pylist():
                    count[row["parent"]] += row["n"]
        return count

    def output(self, name: str) -> Any:
        """Return what becomes of an input table: golden records, or the same rows with their references repointed."""
        import pandas as pd

        if name in self.golden:
            rows = self._repointed(self.golden[name]).drop(columns=EXISTING, errors="ignore")
            order = self._with_existing(self.tables[name].frame([RECORD]), name)[RECORD]
            places = pd.Index(rows[RECORD], dtype=object).get_indexer(order.to_numpy(dtype=object))
            return rows.iloc[places[places >= 0]].reset_index(drop=True)
        wanted = [kind for kind in self.walks if REFERENCE + kind in self.tables[name].columns]
        if not wanted:
            return Query(f"SELECT * FROM {quoted(name)}")
        replaced = ", ".join(
            f"coalesce({quoted('walk_' + kind)}.survivor, rows.{quoted(REFERENCE + kind)}) AS {quoted(REFERENCE + kind)}"
            for kind in wanted
        )
        joins = " ".join(
            f"LEFT JOIN {quoted('walk_' + kind)} ON rows.{quoted(REFERENCE + kind)} = {quoted('walk_' + kind)}.{RECORD}"
            for kind in wanted
        )
        # Row numbers keep the order of the input through the joins.
        sql = (
            f"SELECT rows.* EXCLUDE (walk_row) REPLACE ({replaced}) "
            f"FROM (SELECT *, row_number() OVER () AS walk_row FROM {quoted(name)}) rows {joins} ORDER BY walk_row"
        )
        return Query(sql, {f"walk_{kind}": self._moved(kind) for kind in wanted})

    def _moved(self, kind: str) -> pd.DataFrame:
        walk = self.walks[kind][1]
        return walk.loc[walk[RECORD] != walk["survivor"], [RECORD, "survivor"]]

    def crosswalk(self) -> pd.DataFrame:
        """Return every record of the deduplicated objects with its survivor."""
        frames = [walk.assign(object=kind)[list(CROSSWALK_COLUMNS)] for kind, (_, walk) in self.walks.items()]
        return stacked(frames, CROSSWALK_COLUMNS)

    def golden_values(self) -> pd.DataFrame:
        """Return where the values of the golden records came from (`survivorship.VALUE_COLUMNS`)."""
        return stacked(self.values, VALUE_COLUMNS)


def _refuse_twice(frame: pd.DataFrame, there: pd.DataFrame, name: str) -> None:
    """Refuse new records that are called as records of the CRM are.

    Raises:
        ConfigurationError: there are some.
    """
    count = int(frame[RECORD].isin(there[RECORD]).sum())
    if count:
        raise ConfigurationError(
            "dedupe.existing-again", Message("{count} records are among those of --existing already", count=count), name,
            Message("give only new rows; records are named by file and row, so another file name tells them apart"),
        )  # fmt: skip


def stacked(frames: list[pd.DataFrame], columns: Sequence[str]) -> pd.DataFrame:
    """Return frames one below the other, as text."""
    import pandas as pd

    filled = [frame for frame in frames if len(frame)]
    if not filled:
        return frames[0].astype("str") if frames else text_frame([], columns)
    return pd.concat(filled, ignore_index=True).astype("str")
