"""Compare the rows of one object to be loaded now with those of an earlier load: what is new, changed, gone, or has become one.

A record is *there* where the target's crosswalk knows it. A record that is gone, but lives on in another one that is not there
(they were merged, or the one it was merged into left), hands its row in the target on to that one.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from crmmigrate.model.issue import ASIDE_COLUMNS
from crmmigrate.model.table import literal, quoted
from crmmigrate.model.target import ROW_OF, WAS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import pandas as pd
    import pyarrow as pa

    from crmmigrate.model.table import Tables

CHANGE_COLUMNS = ("object", "kind", "_record", "_origin", "other", "column", "before", "after")
"""`kind`: new, changed, taken_over, deleted, merged, set_aside; `other`: the record it took over from, or went into."""

COUNTED = ("new", "changed", "taken_over", "unchanged", "waiting", "deleted", "merged", "set_aside", "fields")
_NEVER = "SELECT NULL::VARCHAR AS _record WHERE false"


class DeltaRows:
    """What became of the rows of one object.

    Args:
        tables: `now.<object>`, `before.<object>` where there was one, `aside`, `aside_before`, `set_aside` (by the load compared with).
        name: of the object.
        columns: of its mapping.
        links: its crosswalk (`LOADED_COLUMNS`).
        kept: records that were gone before and may be in the target still.
        archive: column → value of rows to be archived; empty where none are.
        split: the code of a row that would take that of another record.
    """

    def __init__(
        self, tables: Tables, name: str, columns: tuple[str, ...], links: Iterable[pd.DataFrame], kept: frozenset[str],
        archive: Mapping[str, str], split: str,
    ) -> None:  # fmt: skip
        self.connection = tables.connection
        self.name = name
        self.archive = dict(archive)
        self.split = split
        self.now = quoted(f"now.{name}")
        self.known = f"before.{name}" in tables
        self.before = quoted(f"before.{name}") if self.known else f"({_NEVER})"
        there = tables[f"before.{name}"].columns if self.known else ()
        self.columns = tuple(column for column in columns if column in tables[f"now.{name}"].columns)
        self.shared = tuple(column for column in self.columns if column in there)
        self._register(links, kept)
        self._classify()

    def _register(self, links: Iterable[pd.DataFrame], kept: frozenset[str]) -> None:
        import pandas as pd

        frames = list(links)
        self.connection.register("crmm_links", pd.concat(frames, ignore_index=True))
        self.connection.execute(
            "CREATE OR REPLACE TEMP TABLE delta_links AS SELECT _record, key, present, adopted FROM crmm_links"
        )
        self.connection.unregister("crmm_links")
        self.connection.register("crmm_kept", pd.DataFrame({"_record": sorted(kept)}, dtype="str"))
        self.connection.execute("CREATE OR REPLACE TEMP TABLE delta_kept AS SELECT _record FROM crmm_kept")
        self.connection.unregister("crmm_kept")

    def _merged(self, aside: str) -> str:
        """Return the SQL of the records that were merged, with the one in which they live on at last."""
        mine = (
            f'SELECT _record, "into" AS heir FROM {aside} WHERE "table" = {literal(self.name)} AND reason = \'merged\''
        )
        return (
            f"(WITH RECURSIVE step AS ({mine}), way AS (SELECT _record, heir, 1 AS n FROM step UNION ALL "
            "SELECT way._record, step.heir, n + 1 FROM way JOIN step ON step._record = way.heir WHERE n < 10) "
            "SELECT _record, arg_max(heir, n) AS heir FROM way GROUP BY _record)"
        )

    def _classify(self) -> None:
        """Give each record its group, in `delta_now` (those to be loaded) and `delta_gone` (those in the target only)."""
        run = self.connection.execute
        run(
            f"CREATE OR REPLACE TEMP TABLE delta_lost AS SELECT l._record, l.key, l.adopted FROM delta_links l "
            f"WHERE l.present = 'true' AND l._record NOT IN (SELECT _record FROM {self.now}) "
            f"AND l.key NOT IN (SELECT k.key FROM delta_links k JOIN {self.now} n ON n._record = k._record) "
            f"AND (l._record IN (SELECT _record FROM {self.before}) OR l._record IN (SELECT _record FROM delta_kept))"
        )
        merged, parted = self._merged("aside"), self._merged("aside_before")
        run(
            "CREATE OR REPLACE TEMP TABLE delta_heirs AS WITH may AS ("
            f"SELECT l._record, m.heir, 1 AS n FROM delta_lost l JOIN {merged} m ON m._record = l._record "
            f"UNION ALL SELECT l._record, p._record, 2 FROM delta_lost l JOIN {parted} p ON p.heir = l._record), "
            f"free AS (SELECT * FROM may WHERE heir IN (SELECT _record FROM {self.now}) "
            "AND heir NOT IN (SELECT _record FROM delta_links WHERE present = 'true')), "
            "one AS (SELECT _record, arg_min(heir, (n, heir)) AS heir FROM free GROUP BY _record) "
            "SELECT min(_record) AS _record, heir FROM one GROUP BY heir"
        )
        differs = " OR ".join(f"n.{quoted(c)} IS DISTINCT FROM b.{quoted(c)}" for c in self.shared) or "false"
        added = [column for column in self.columns if column not in self.shared]
        if added and self.known:  # a column that the mapping has gained
            differs += "".join(f" OR n.{quoted(column)} IS NOT NULL" for column in added)
        run(
            "CREATE OR REPLACE TEMP TABLE delta_now AS SELECT n._record, h._record AS taken, CASE "
            "WHEN h._record IS NOT NULL THEN 'taken_over' "
            "WHEN l._record IS NOT NULL AND b._record IS NULL AND l.present = 'true' AND l.key IN (SELECT k.key FROM delta_links k "
            f"JOIN {self.now} o ON o._record = k._record WHERE k._record <> l._record) THEN 'split' "
            "WHEN l._record IS NOT NULL AND (l.present = 'true' OR b._record IS NOT NULL) THEN "
            f"CASE WHEN b._record IS NULL OR ({differs}) THEN 'changed' ELSE 'unchanged' END "
            f"WHEN b._record IS NOT NULL AND NOT ({differs}) AND n._record IN (SELECT _record FROM set_aside WHERE "
            f"\"table\" = {literal(self.name)}) THEN 'waiting' ELSE 'new' END AS kind "
            f"FROM {self.now} n LEFT JOIN delta_links l ON l._record = n._record LEFT JOIN {self.before} b ON b._record = n._record "
            "LEFT JOIN delta_heirs h ON h.heir = n._record"
        )
        run(
            "CREATE OR REPLACE TEMP TABLE delta_gone AS SELECT l._record, CASE WHEN m.heir IS NOT NULL THEN 'merged' "
            f"WHEN l._record IN (SELECT _record FROM aside WHERE \"table\" = {literal(self.name)}) THEN 'set_aside' "
            f"ELSE 'deleted' END AS kind, m.heir FROM delta_lost l LEFT JOIN {merged} m ON m._record = l._record "
            "WHERE l._record NOT IN (SELECT _record FROM delta_heirs)"
        )
        self._keep()

    def _keep(self) -> None:
        """Take everything out of the temporary tables, which the next object uses again."""
        fetch = self.connection.execute
        counts: dict[str, int] = dict.fromkeys(COUNTED, 0)
        for source in ("delta_now", "delta_gone"):
            for kind, count in fetch(f"SELECT kind, count(*) FROM {source} GROUP BY 1").fetchall():
                counts["waiting" if kind == "split" else kind] += int(count)
        self.tables = self._tables()
        self.carried = self._carried()
        self.changes = self._changes()
        counts["fields"] = sum(1 for row in self.changes if row[5])
        self.counts = counts

    @cached_property
    def removable(self) -> int:
        """Rows that may be taken out: their records are gone, or have become one with others."""
        return self.counts["deleted"] + self.counts["merged"]

    def _tables(self) -> dict[str, pa.Table]:
        """Return the rows that a load part is made of: `insert`, `update`, `remove`; none that is empty."""
        both = "".join(f", n.{quoted(c)}, {self._was(c)} AS {quoted(WAS + c)}" for c in self.columns)
        archived = "".join(
            f", {literal(value)} AS {quoted(column)}, {self._was(column)} AS {quoted(WAS + column)}"
            for column, value in self.archive.items()
        )
        queries = {
            "insert": f"SELECT n._record FROM {self.now} n JOIN delta_now d ON d._record = n._record WHERE d.kind = 'new'",
            "update": f"SELECT n._record, coalesce(d.taken, n._record) AS {ROW_OF}{both} FROM {self.now} n "
            f"JOIN delta_now d ON d._record = n._record LEFT JOIN {self.before} b ON b._record = coalesce(d.taken, n._record) "
            "WHERE d.kind IN ('changed', 'taken_over') ORDER BY n._record",
            "remove": f"SELECT d._record, d._record AS {ROW_OF}{archived} FROM delta_gone d LEFT JOIN {self.before} b "
            "ON b._record = d._record WHERE d.kind IN ('deleted', 'merged') ORDER BY d._record",
        }
        made = {name: self.connection.sql(query).to_arrow_table() for name, query in queries.items()}
        return {name: table for name, table in made.items() if table.num_rows}

    def _was(self, column: str) -> str:
        return f"b.{quoted(column)}" if column in self.shared else "NULL::VARCHAR"

    def _carried(self) -> list[tuple[str | None, ...]]:
        columns = ", ".join(f"s.{quoted(column)}" for column in ASIDE_COLUMNS)
        kept = self.connection.execute(
            f"SELECT {columns} FROM set_aside s JOIN delta_now d ON d._record = s._record "
            f"WHERE s.\"table\" = {literal(self.name)} AND d.kind = 'waiting' ORDER BY s._record"
        ).fetchall()
        split = self.connection.execute(
            f"SELECT {literal(self.name)}, n._record, n._origin, 'rejected', {literal(self.split)}, NULL, NULL, NULL "
            f"FROM {self.now} n JOIN delta_now d ON d._record = n._record WHERE d.kind = 'split' ORDER BY n._record"
        ).fetchall()
        return [*kept, *split]

    def _changes(self) -> list[tuple[str | None, ...]]:
        """Return each change for people: a line per record, of changed ones a line per field."""
        name = literal(self.name)
        lines = [
            (
                f"SELECT {name}, d.kind, n._record, n._origin, d.taken, '', NULL, NULL FROM delta_now d JOIN {self.now} n "
                "ON n._record = d._record WHERE d.kind IN ('new', 'taken_over')"
            ),
            (
                f"SELECT {name}, g.kind, g._record, o._origin, g.heir, '', NULL, NULL FROM delta_gone g LEFT JOIN "
                f"{self.before if self.known else '(SELECT NULL AS _record, NULL AS _origin WHERE false)'} o ON o._record = g._record"
            ),
        ]
        lines += [
            f"SELECT {name}, d.kind, n._record, n._origin, d.taken, {literal(c)}, {self._was(c)}, n.{quoted(c)} FROM delta_now d "
            f"JOIN {self.now} n ON n._record = d._record LEFT JOIN {self.before} b ON b._record = coalesce(d.taken, d._record) "
            f"WHERE d.kind IN ('changed', 'taken_over') AND n.{quoted(c)} IS DISTINCT FROM {self._was(c)}"
            for c in self.columns
        ]
        found: list[tuple[str | None, ...]] = self.connection.execute(
            " UNION ALL ".join(lines) + " ORDER BY 2, 3, 6"
        ).fetchall()
        return found
