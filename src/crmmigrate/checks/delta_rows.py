"""Compare the rows of one object to be loaded now with those of an earlier load: what is new, changed, gone, or has become one.

A record is *there* where the target's crosswalk knows it. A record that is gone hands its row in the target on to one that is not
there: the one in which it lives on (they were merged, or the one it was merged into left), or one with the same match key (it
was renamed). Where several records that are to be loaded stand in one row, the one linked last owns it.

What was loaded is not what the earlier load was given where the target refused it, or where people had edited: such fields are
*owed*, and are compared with what was loaded before.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from crmmigrate.messages import Message
from crmmigrate.model.delta import ALSO
from crmmigrate.model.issue import ASIDE_COLUMNS, declare_code
from crmmigrate.model.left_out import LEFT_OUT, TAKEN_BACK
from crmmigrate.model.table import literal, quoted
from crmmigrate.model.target import ROW_OF, WAS

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd
    import pyarrow as pa

    from crmmigrate.model.mapping import Mapping
    from crmmigrate.model.table import Tables

SPLIT = declare_code(
    "delta.split", Message("it was one with another record, whose row in the target it would take; settle it there")
)
CHANGE_COLUMNS = ("object", "kind", "_record", "_origin", "other", "column", "before", "after")
"""`kind`: new, changed, taken_over, again, split, waiting, taken_back, deleted, merged, set_aside; `other`: the record it took over from, or went into."""

OWED_COLUMNS = ("object", "_record", "column", "was")
"""Fields that an earlier load did not write, with what was loaded before; without a column, references that it could not fill."""

GIVEN_BACK_COLUMNS = ("object", "_record", "column", "was", "value")
"""Fields that a delta changed and a rollback of chosen parts gave back: what was loaded before, and what the delta wrote."""

COUNTED = (
    "new",
    "changed",
    "taken_over",
    "again",
    "unchanged",
    "split",
    "waiting",
    "taken_back",
    "given_back",
    "deleted",
    "merged",
    "set_aside",
    "fields",
)
NOW = COUNTED[:9]
"""The groups of rows to be loaded; each is in one. `again`: refused or left alone before, and the sources say the same still. `waiting`, of a wave
that is still to come (or of none), and `taken_back`, by a rollback, are left out; of those `given_back` the sources still say what people took back."""
WORK = NOW[:4]
"""Those of which something is to be written."""
_NO_LINKS = "SELECT ''::VARCHAR AS _record, ''::VARCHAR AS key, true AS present, ''::VARCHAR AS run, ''::VARCHAR AS since WHERE false"
_WRITTEN = "d.kind IN ('changed', 'taken_over', 'again') AND d.there"


class DeltaRows:
    """What became of the rows of one object.

    Args:
        tables: `now.<object>`, `before.<object>` where there was one, `aside`, `aside_before`, `set_aside` (by the load compared with),
            `owed` (`OWED_COLUMNS`), `left_out` (`LEFT_OUT_COLUMNS`), `given_back` (`GIVEN_BACK_COLUMNS`).
        mapping: of the object.
        links: its crosswalk (`LOADED_COLUMNS`).
        loads: runs of this workspace: what they linked is theirs to take out.
        archive: column → value of rows to be archived; empty where none are.
        again: whether changes that people took back are to be made once more.
    """

    def __init__(
        self, tables: Tables, mapping: Mapping, links: Iterable[pd.DataFrame], loads: frozenset[str], archive: dict[str, str], *,
        again: bool = False,
    ) -> None:  # fmt: skip
        self.connection = tables.connection
        self.name = name = mapping.object
        self.archive, self.again = archive, again
        self.now = quoted(f"now.{name}")
        known = f"before.{name}" in tables
        there = tables[f"before.{name}"].columns if known else ()
        self.columns = tuple(column for column in mapping.fields if column in tables[f"now.{name}"].columns)
        self.shared = tuple(column for column in self.columns if column in there)
        self.match_on = mapping.match.on if set(mapping.match.on) <= set(self.shared) else ()
        none = "(SELECT NULL::VARCHAR AS _record, NULL::VARCHAR AS _origin WHERE false)"
        self.given = quoted(f"before.{name}") if known else none
        self._register(links, loads)
        self.before = self._loaded_before()
        self._classify()

    def _run(self, query: str) -> None:
        self.connection.execute(query)

    def _table(self, name: str, query: str) -> None:
        self._run(f"CREATE OR REPLACE TEMP TABLE {name} AS {query}")

    def _register(self, links: Iterable[pd.DataFrame], loads: frozenset[str]) -> None:
        import pandas as pd

        self._table("delta_links", _NO_LINKS)
        for part in links:
            self.connection.register("crmm_links", part)
            self._run("INSERT INTO delta_links SELECT _record, key, present = 'true', run, since FROM crmm_links")
            self.connection.unregister("crmm_links")
        self.connection.register("crmm_loads", pd.DataFrame({"run": sorted(loads)}, dtype="str"))
        self._table("delta_loads", "SELECT run FROM crmm_loads")
        self.connection.unregister("crmm_loads")
        mine = f'"table" = {literal(self.name)}'
        out = ", ".join(map(literal, LEFT_OUT))
        self._table(
            "delta_set_aside",
            f"SELECT _record, bool_or(code NOT IN ({out})) AS tried FROM set_aside WHERE {mine} GROUP BY 1",
        )
        self._table("delta_left_out", f"SELECT _record, code FROM left_out WHERE object = {literal(self.name)}")
        self._table("delta_owed", f'SELECT _record, "column", was FROM owed WHERE object = {literal(self.name)}')
        self._find_given_back()

    def _find_given_back(self) -> None:
        """Keep, in `delta_given_back`, of the fields that people took back those in which the sources still say the same."""
        fields = f'SELECT g._record, g."column", g.was, g.value FROM given_back g WHERE object = {literal(self.name)}'
        self._table("delta_given_back", fields)
        for (column,) in self.connection.execute('SELECT DISTINCT "column" FROM delta_given_back').fetchall():
            says = f"SELECT _record FROM {self.now} n WHERE n._record = g._record AND n.{quoted(column)} IS NOT DISTINCT FROM g.value"
            holds = f"EXISTS ({says})" if column in self.shared else "false"
            self._run(f'DELETE FROM delta_given_back g WHERE g."column" = {literal(column)} AND NOT {holds}')

    def _loaded_before(self) -> str:
        """Return the rows as they were really loaded: of what the load set aside nothing is known, but for the fields it owes."""
        owed = self.connection.execute('SELECT DISTINCT "column" FROM delta_owed WHERE "column" <> \'\'').fetchall()
        unknown = "_record IN (SELECT _record FROM delta_set_aside EXCEPT SELECT _record FROM delta_owed)"
        count = self.connection.execute(f"SELECT count(*) FROM {self.given} WHERE {unknown}").fetchall()[0][0]
        given_back = self.connection.execute('SELECT DISTINCT "column" FROM delta_given_back').fetchall()
        if not owed and not count and not given_back:
            return self.given
        self._table("delta_before", f"SELECT * FROM {self.given} WHERE NOT ({unknown})")
        for (column,) in owed:
            if column in self.shared:
                self._run(
                    f"UPDATE delta_before SET {quoted(column)} = o.was FROM delta_owed o "
                    f'WHERE o._record = delta_before._record AND o."column" = {literal(column)}'
                )
        for (column,) in given_back:
            self._run(
                f"UPDATE delta_before SET {quoted(column)} = g.{'was' if self.again else 'value'} FROM delta_given_back g "
                f'WHERE g._record = delta_before._record AND g."column" = {literal(column)}'
            )
        return "delta_before"

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

    def _differs(self, base: str) -> str:
        """Return the SQL of whether a row `n` says something else than `base`; a column that the mapping has gained was nothing."""
        terms = [f"n.{quoted(c)} IS DISTINCT FROM {base}.{quoted(c)}" for c in self.shared]
        terms += [f"n.{quoted(c)} IS NOT NULL" for c in self.columns if c not in self.shared]
        return " OR ".join(terms) or "false"

    def _classify(self) -> None:
        """Give each record its group, in `delta_now` (those to be loaded) and `delta_gone` (those in the target only)."""
        self._table(
            "delta_owner",
            f"SELECT k.key, arg_max(k._record, (k.since, k._record)) AS _record FROM delta_links k JOIN {self.now} n "
            "ON n._record = k._record WHERE k.present GROUP BY k.key",
        )
        self._table(
            "delta_lost",
            "SELECT l._record, l.key FROM delta_links l "
            f"WHERE l.present AND l._record NOT IN (SELECT _record FROM {self.now}) AND l.key NOT IN (SELECT key FROM delta_owner) "
            f"AND (l.run IN (SELECT run FROM delta_loads) OR l._record IN (SELECT _record FROM {self.given}))",
        )
        self._find_heirs()
        self._find_bases()
        differs = self._differs("b")
        self._table(
            "delta_now",
            "SELECT n._record, t.taken, t.base, t.there, CASE WHEN t.taken IS NOT NULL THEN 'taken_over' "
            "WHEN t.split THEN 'split' "
            f"WHEN o.code = {literal(TAKEN_BACK)} AND NOT t.there THEN 'taken_back' "
            "WHEN o.code IS NOT NULL AND NOT t.there THEN 'waiting' "
            f"WHEN t.there AND NOT (b._record IS NULL OR {differs}) THEN "
            "CASE WHEN t.unfilled THEN 'again' WHEN n._record IN (SELECT _record FROM delta_given_back) THEN 'given_back' ELSE 'unchanged' END "
            f"WHEN t.tried AND NOT ({self._differs('g')}) THEN 'again' WHEN t.there THEN 'changed' ELSE 'new' END AS kind, t.unfilled "
            f"FROM {self.now} n JOIN delta_traits t ON t._record = n._record LEFT JOIN {self.before} b ON b._record = t.base "
            f"LEFT JOIN {self.given} g ON g._record = n._record LEFT JOIN delta_left_out o ON o._record = n._record",
        )
        self._table(
            "delta_gone",
            "SELECT l._record, l.key, CASE WHEN m.heir IS NOT NULL THEN 'merged' "
            f"WHEN l._record IN (SELECT _record FROM aside WHERE \"table\" = {literal(self.name)}) THEN 'set_aside' "
            f"ELSE 'deleted' END AS kind, m.heir FROM delta_lost l LEFT JOIN {self._merged('aside')} m ON m._record = l._record "
            "WHERE l.key NOT IN (SELECT h.key FROM delta_heirs h)",
        )
        self._keep()

    def _find_heirs(self) -> None:
        """Find, in `delta_heirs`, who takes over the row of a record that is gone."""
        same = " AND ".join(f"n.{quoted(c)} = g.{quoted(c)} AND n.{quoted(c)} <> ''" for c in self.match_on)
        renamed = (
            f"UNION ALL SELECT l._record, n._record, 3 FROM delta_lost l JOIN {self.given} g ON g._record = l._record "
            f'JOIN {self.now} n ON {same} WHERE l._record NOT IN (SELECT _record FROM aside WHERE "table" = {literal(self.name)})'
            if same
            else ""
        )
        self._table(
            "delta_heirs",
            f"WITH may AS (SELECT l._record, m.heir, 1 AS n FROM delta_lost l JOIN {self._merged('aside')} m ON m._record = l._record "
            f"UNION ALL SELECT l._record, p._record, 2 FROM delta_lost l JOIN {self._merged('aside_before')} p ON p.heir = l._record "
            f"{renamed}), free AS (SELECT * FROM may WHERE heir IN (SELECT _record FROM {self.now}) "
            "AND heir NOT IN (SELECT _record FROM delta_links WHERE present)), "
            "one AS (SELECT _record, arg_min(heir, (n, heir)) AS heir FROM free GROUP BY _record), "
            "firm AS (SELECT min(_record) AS _record, heir FROM one GROUP BY heir) "
            "SELECT min(f._record) AS _record, l.key, min(f.heir) AS heir FROM firm f JOIN delta_lost l ON l._record = f._record GROUP BY l.key",
        )

    def _find_bases(self) -> None:
        """Say of each row, in `delta_traits`, whether it is in the target, and with which row of the earlier load it is compared.

        A record that stands in the row of another one, and was not loaded itself, is compared with what that one brought.
        """
        self._table(
            "delta_sharers",
            f"SELECT k.key, arg_max(k._record, (k.since, k._record)) AS _record FROM delta_links k JOIN {self.before} b "
            "ON b._record = k._record WHERE k.key IN (SELECT key FROM delta_links GROUP BY key HAVING count(*) > 1) GROUP BY k.key",
        )
        self._table(
            "delta_traits",
            "SELECT n._record, h._record AS taken, coalesce(h._record, b._record, s._record) AS base, "
            "h._record IS NOT NULL OR (l._record IS NOT NULL AND (l.present OR b._record IS NOT NULL)) AS there, "
            "coalesce(l.present AND w._record <> n._record, false) AS split, "
            "n._record IN (SELECT _record FROM delta_set_aside WHERE tried UNION ALL SELECT _record FROM delta_owed) AS tried, "
            "n._record IN (SELECT _record FROM delta_owed WHERE \"column\" = '') AS unfilled "
            f"FROM {self.now} n LEFT JOIN delta_heirs h ON h.heir = n._record LEFT JOIN {self.before} b ON b._record = n._record "
            "LEFT JOIN delta_links l ON l._record = n._record LEFT JOIN delta_owner w ON w.key = l.key "
            "LEFT JOIN delta_sharers s ON s.key = l.key",
        )

    def _keep(self) -> None:
        """Take everything out of the temporary tables, which the next object uses again."""
        fetch = self.connection.execute
        counts: dict[str, int] = dict.fromkeys(COUNTED, 0)
        for source in ("delta_now", "delta_gone"):
            for kind, count in fetch(f"SELECT kind, count(*) FROM {source} GROUP BY 1").fetchall():
                counts[kind] += int(count)
        self.tables = self._tables()
        self.carried = self._carried()
        self.changes = self._changes()
        counts["fields"] = sum(1 for row in self.changes if row[5])
        self.counts = counts

    @cached_property
    def removable(self) -> int:
        """Rows that may be taken out: their records are gone, or have become one with others."""
        return self.tables["remove"].num_rows if "remove" in self.tables else 0

    def _tables(self) -> dict[str, pa.Table]:
        """Return the rows that a load part is made of: `link`, `insert`, `refill`, `update`, `remove`; none that is empty."""
        both = "".join(f", n.{quoted(c)}, {self._was(c)} AS {quoted(WAS + c)}" for c in self.columns)
        archived = "".join(
            f", {literal(value)} AS {quoted(column)}, {self._was(column)} AS {quoted(WAS + column)}"
            for column, value in self.archive.items()
        )
        queries = {
            "link": f"SELECT _record, taken AS {ROW_OF} FROM delta_now WHERE taken IS NOT NULL ORDER BY _record",
            "insert": f"SELECT n._record FROM {self.now} n JOIN delta_now d ON d._record = n._record "
            "WHERE d.kind IN ('new', 'again') AND NOT d.there",
            "refill": "SELECT _record FROM delta_now WHERE unfilled AND there AND kind <> 'split' ORDER BY _record",
            "update": f"SELECT n._record, coalesce(d.taken, n._record) AS {ROW_OF}{both} FROM {self.now} n "
            f"JOIN delta_now d ON d._record = n._record LEFT JOIN {self.before} b ON b._record = d.base "
            f"WHERE {_WRITTEN} AND (b._record IS NULL OR {self._differs('b')}) ORDER BY n._record",
            "remove": f"WITH one AS (SELECT key, min(_record) AS _record, list(_record ORDER BY _record) AS every FROM delta_gone "
            f"WHERE kind IN ('deleted', 'merged') GROUP BY key) SELECT d._record, d._record AS {ROW_OF}, "
            f"CASE WHEN len(d.every) > 1 THEN to_json(d.every)::VARCHAR END AS {ALSO}{archived} "
            f"FROM one d LEFT JOIN {self.before} b ON b._record = d._record ORDER BY d._record",
        }
        made = {name: self.connection.sql(query).to_arrow_table() for name, query in queries.items()}
        return {name: table for name, table in made.items() if table.num_rows}

    def _was(self, column: str) -> str:
        return f"b.{quoted(column)}" if column in self.shared else "NULL::VARCHAR"

    def _carried(self) -> list[tuple[str | None, ...]]:
        """Return the rows that are left out, or have to wait until people settle them, as `ASIDE_COLUMNS`."""
        values = {
            "table": literal(self.name),
            "_record": "n._record",
            "_origin": "n._origin",
            "reason": "CASE d.kind WHEN 'split' THEN 'rejected' ELSE 'out_of_scope' END",
            "code": f"CASE d.kind WHEN 'split' THEN {literal(SPLIT)} ELSE o.code END",
        }
        columns = ", ".join(values.get(column, "NULL") for column in ASIDE_COLUMNS)
        return self.connection.execute(
            f"SELECT {columns} FROM {self.now} n JOIN delta_now d ON d._record = n._record "
            "LEFT JOIN delta_left_out o ON o._record = n._record WHERE d.kind IN ('split', 'waiting', 'taken_back') ORDER BY n._record"
        ).fetchall()

    def _changes(self) -> list[tuple[str | None, ...]]:
        """Return each change for people: a line per record, of changed ones a line per field."""
        name = literal(self.name)
        lines = [
            (
                f"SELECT {name}, d.kind, n._record, n._origin, coalesce(d.taken, w._record), '', NULL, NULL FROM delta_now d JOIN {self.now} n "
                "ON n._record = d._record LEFT JOIN delta_links l ON l._record = d._record AND d.kind = 'split' "
                "LEFT JOIN delta_owner w ON w.key = l.key "
                "WHERE d.kind IN ('new', 'taken_over', 'split', 'waiting', 'taken_back', 'given_back') OR (d.kind = 'again' AND (NOT d.there OR d.unfilled))"
            ),
            (
                f"SELECT {name}, g.kind, g._record, o._origin, g.heir, '', NULL, NULL FROM delta_gone g LEFT JOIN "
                f"{self.given} o ON o._record = g._record"
            ),
        ]
        lines += [
            f"SELECT {name}, d.kind, n._record, n._origin, d.taken, {literal(c)}, {self._was(c)}, n.{quoted(c)} FROM delta_now d "
            f"JOIN {self.now} n ON n._record = d._record LEFT JOIN {self.before} b ON b._record = d.base "
            f"WHERE {_WRITTEN} AND n.{quoted(c)} IS DISTINCT FROM {self._was(c)}"
            for c in self.columns
        ]
        found: list[tuple[str | None, ...]] = self.connection.execute(
            " UNION ALL ".join(lines) + " ORDER BY 2, 3, 6"
        ).fetchall()
        return found
