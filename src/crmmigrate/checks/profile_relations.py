"""Find out how tables hang together, by content: references and their orphans, declared ones checked, one column under several names.

No pair of columns is compared in full before it looks promising: of each column that may be part of a relation a sample of its distinct
values is drawn by hash (the same values in every column), and only where samples meet are all values joined.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from crmmigrate.checks.profile_counted import values_in_place
from crmmigrate.checks.profile_keys import folded_company, squeezed
from crmmigrate.model.audit import Relation, SameColumn
from crmmigrate.model.table import quoted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from crmmigrate.model.profile import ColumnProfile, TableProfile
    from crmmigrate.model.table import Tables

_SAMPLE = 500
_COLUMNS_AT_MOST, _PER_TABLE = 2_000, 60
_SAMPLES = "crmm_samples"
_NOT_NAMING = frozenset({"date", "amount", "empty", "picklist", "region", "address"})
_NOT_SAME = frozenset({"date", "amount", "text", "empty"})
_SAMPLE_HIT, _HIT, _HIT_DISTINCT, _KEY_FILLED = 0.5, 0.9, 0.6, 0.9
"""A reference is one where nine tenths of the cells name a row, and most of the distinct values do: misspelt names are many."""
_DIFFERENT = 0.95
"""The part of a key's cells that is different at least, though some rows were entered twice: their repeats must not hide all orphans."""
_KEY_LENGTH = 36
_SAME, _SAME_FEW = 0.3, 0.6
_BOOLEAN = (
    "是",
    "否",
    "有",
    "无",
    "√",
    "×",
    "Y",
    "N",
    "YES",
    "NO",
    "TRUE",
    "FALSE",
    "T",
    "F",
    "0",
    "1",
    "真",
    "假",
    "对",
    "错",
    "启用",
    "停用",
)
_ROW_NUMBER = re.compile(r"(?i)^(?:序号|行号|编?号|no\.?|#|index|row)$")
_KEY_WORDS = re.compile(r"(?i)编号|代码|编码|单号|号码?|标识|主键|_?(?:id|no|code|key|number)$|\s")


@dataclass(frozen=True)
class _Part:
    """A column that may be part of a relation.

    Args:
        number: its number in the samples.
        share: of all hash values, those that were sampled.
    """

    number: int
    profile: TableProfile
    column: ColumnProfile
    share: float

    @property
    def key(self) -> bool:
        """Whether it can be referred to: its values are different, and nearly every row has one."""
        return self._names_rows and self.column.distinct == self.column.filled

    @property
    def nearly_key(self) -> bool:
        """Whether it is a column of numbers that would be a key but for a few rows entered twice."""
        column = self.column
        return (
            self._names_rows
            and column.meaning == "id"
            and _DIFFERENT * column.filled <= column.distinct < column.filled
        )

    @property
    def _names_rows(self) -> bool:
        column = self.column
        return (
            column.distinct >= 2 and column.filled >= _KEY_FILLED * column.rows
            and column.meaning not in _NOT_NAMING and not _ROW_NUMBER.match(_last(column.name))
        )  # fmt: skip


def find_relations(
    tables: Tables, profiles: Sequence[TableProfile], sources: Sequence[Mapping[str, str]]
) -> tuple[list[Relation], list[SameColumn]]:
    """Return the references between (and inside) tables, declared ones first, and the columns that are the same.

    Args:
        tables: hold the profiled tables.
        profiles: of all tables.
        sources: one per table, as extraction described it; `foreign_keys` are the declared ones.
    """
    declared = [_measure(tables, *ends, declared=True) for ends in _declared(profiles, sources)]
    # One table alone can only refer to itself, and does so by keys.
    parts = [part for part in _parts(profiles) if len(profiles) > 1 or part.column.meaning == "id" or part.key]
    parts = [replace(part, number=number) for number, part in enumerate(parts)]
    if len(parts) < 2 or (not any(part.key for part in parts) and len(profiles) < 2):
        return declared, []
    tables.connection.execute(f"CREATE OR REPLACE TEMP TABLE {_SAMPLES} (c INTEGER, h UBIGINT)")
    for profile in profiles:
        _sample(tables, profile, [part for part in parts if part.profile is profile and not part.column.in_place])
    for part in parts:
        if part.column.in_place:
            _sample_counted(tables, part)
    meetings = _meet(tables)
    tables.connection.execute(f"DROP TABLE {_SAMPLES}")
    known = {(r.child, r.column) for r in declared}
    found = [
        relation for relation in _references(tables, parts, meetings) if (relation.child, relation.column) not in known
    ]
    return declared + found, _same(tables, parts, meetings, declared + found)


def _last(name: str) -> str:
    return name.rpartition("/")[2].strip()


def _parts(profiles: Sequence[TableProfile]) -> Iterator[_Part]:
    number = 0
    for profile in profiles:
        columns = [
            c
            for c in profile.columns
            if c.filled and c.longest <= 200 and (c.meaning not in _NOT_SAME or _short_text(c))
        ]
        for column in columns[:_PER_TABLE]:
            if number >= _COLUMNS_AT_MOST:
                return
            yield _Part(number, profile, column, min(1.0, _SAMPLE / max(column.distinct, 1)))
            number += 1


def _short_text(column: ColumnProfile) -> bool:
    """Tell whether a column that means nothing we know may still hold keys."""
    return column.meaning == "text" and column.longest <= _KEY_LENGTH


def _value(part: _Part) -> str:
    """Return the SQL of what samples hold of a cell. To see whether columns meet, blanks at the ends are folding enough."""
    cell = quoted(part.column.name)
    return folded_company(cell) if part.column.meaning == "company" else f"nullif(upper(trim({cell})), '')"


def _sample(tables: Tables, profile: TableProfile, parts: Sequence[_Part]) -> None:
    """Keep the hashes of distinct values that are at most `share` of the highest: the same values in every column."""
    for start in range(0, len(parts), 20):
        some = parts[start : start + 20]
        columns = ", ".join(f"hash({_value(part)}) AS h{part.number}" for part in some)
        unions = " UNION ALL ".join(
            f"SELECT DISTINCT {part.number}, h{part.number} FROM hashed WHERE h{part.number} <= {min(int(part.share * 2**64), 2**64 - 1)}::UBIGINT"
            for part in some
        )
        filled = ", ".join(quoted(part.column.name) for part in some)
        tables.connection.execute(
            f"INSERT INTO {_SAMPLES} WITH hashed AS MATERIALIZED (SELECT {columns} FROM (SELECT {filled} FROM {quoted(profile.name)})) {unions}"
        )
    names = ", ".join(str(part.number) for part in parts) or "-1"
    nothing = tables.value("SELECT hash(NULL::VARCHAR)")
    tables.connection.execute(f"DELETE FROM {_SAMPLES} WHERE c IN ({names}) AND (h IS NULL OR h = {nothing}::UBIGINT)")


def _sample_counted(tables: Tables, part: _Part) -> None:
    """Keep the same of a column whose values a database counted."""
    values = f"(SELECT v AS {quoted(part.column.name)} FROM {values_in_place(part.profile.name, part.column.name)})"
    tables.connection.execute(
        f"INSERT INTO {_SAMPLES} SELECT DISTINCT {part.number}, h FROM (SELECT hash({_value(part)}) AS h FROM {values} WHERE {_value(part)} IS NOT NULL) "
        f"WHERE h <= {min(int(part.share * 2**64), 2**64 - 1)}::UBIGINT"
    )


def _meet(tables: Tables) -> dict[tuple[int, int], tuple[int, int, int]]:
    """Return, of pairs of columns that share sampled values: values shared, and those of each below the lower of both limits."""
    rows = tables.connection.execute(
        f"""WITH top AS (SELECT c, max(h) AS top FROM {_SAMPLES} GROUP BY c),
        common AS (SELECT h FROM {_SAMPLES} GROUP BY h HAVING count(*) BETWEEN 2 AND 400),
        s AS (SELECT c, h, top FROM {_SAMPLES} JOIN common USING (h) JOIN top USING (c)),
        p AS (SELECT x.c AS a, y.c AS b, least(any_value(x.top), any_value(y.top)) AS top, count(*) AS n FROM s x JOIN s y ON x.h = y.h AND x.c < y.c
            GROUP BY ALL HAVING n >= 2)
        SELECT p.a, p.b, n, (SELECT count(*) FROM {_SAMPLES} z WHERE z.c = p.a AND z.h <= p.top), (SELECT count(*) FROM {_SAMPLES} z WHERE z.c = p.b AND z.h <= p.top)
        FROM p ORDER BY ALL"""
    ).fetchall()
    return {(int(a), int(b)): (int(n), int(x), int(y)) for a, b, n, x, y in rows}


def _references(
    tables: Tables, parts: Sequence[_Part], meetings: Mapping[tuple[int, int], tuple[int, int, int]]
) -> list[Relation]:
    """Return, per column, the reference to the key that holds most of its values."""
    best: dict[int, tuple[float, Relation]] = {}
    for (a, b), (shared, in_a, in_b) in meetings.items():
        for child, parent, of in ((parts[a], parts[b], in_a), (parts[b], parts[a], in_b)):
            if not _may_refer(child, parent) or shared < _SAMPLE_HIT * of:
                continue
            relation, distinct = _matched(tables, child.profile, child.column, parent.profile, parent.column)
            if relation.hit_rate < _HIT or distinct < _HIT_DISTINCT:
                continue
            likeness = (
                relation.hit_rate
                + 0.1 * _named_alike(child, parent)
                - 0.05 * (child.profile.source != parent.profile.source)
                - 0.1 * parent.nearly_key
            )
            if child.number not in best or likeness > best[child.number][0]:
                best[child.number] = likeness, relation
    return [relation for _, relation in best.values()]


def _may_refer(child: _Part, parent: _Part) -> bool:
    """Tell whether a reference makes sense before values are joined.

    Two keys of the same name in two tables are the same list twice, no reference. Small whole numbers meet by chance: they refer only
    where the names say so.
    """
    if child.profile is parent.profile and child.column is parent.column:
        return False
    if child.column.meaning in _NOT_NAMING or _ROW_NUMBER.match(_last(child.column.name)):
        return False
    if not parent.key and not (parent.nearly_key and _may_refer_to_repeats(child, parent)):
        return False
    if child.column.distinct == child.column.filled == child.column.rows and (
        parent.column.distinct <= child.column.distinct or child.profile is parent.profile
    ):
        return False
    meanings = {child.column.meaning, parent.column.meaning}
    if len(meanings) > 1 and not meanings <= {"id", "text", "messenger"} and not meanings <= {"mobile", "phone"}:
        return False
    if (
        meanings & {"mobile", "phone", "email", "messenger", "credit_code", "company", "id_number", "url"}
        and not parent.profile.reference
    ):
        return False  # these say something about a row; who shares them is counted as overlap
    return _named_alike(child, parent) or not _counted(child.column)


def _may_refer_to_repeats(child: _Part, parent: _Part) -> bool:
    """Tell whether a reference to a column with a few repeats makes sense: only names tell such a key from a reference that hardly repeats.

    Of two keys only the one with fewer values refers to the other. Rows that have another key are named by it, unless the column is
    called after the table: each contact has a number, and most are the only one of their customer.
    """
    if (child.key or child.nearly_key) and parent.column.distinct <= child.column.distinct:
        return False
    own = _stem(parent.column)
    has_key = any(c.meaning == "id" and c.distinct == c.filled == c.rows for c in parent.profile.columns)
    return _named_alike(child, parent) and (not has_key or (len(own) >= 2 and own in _table_name(parent.profile)))


def _counted(column: ColumnProfile) -> bool:
    return (
        bool(column.forms) and all(set(form.mask) <= {"9", ".", "0"} for form in column.forms) and column.longest <= 7
    )


def _table_name(profile: TableProfile) -> str:
    return profile.name.rpartition(".")[2].lower()


def _stem(column: ColumnProfile) -> str:
    """Return what a header names without the word for a number: 客户 of 客户编号, customer of customer_id."""
    return _KEY_WORDS.sub("", _last(column.name).lower()).strip("_- ")


def _named_alike(child: _Part, parent: _Part) -> bool:
    """Tell whether the child's header names the parent's column or table: customer_id and customers.id, 客户编号 and 客户."""
    own, key = (_last(part.column.name).lower() for part in (child, parent))
    table, stem = _table_name(parent.profile), _stem(child.column)
    return own == key or (len(stem) >= 2 and (stem in table or stem in key or table.rstrip("s") in stem))


def _measure(
    tables: Tables, child: TableProfile, column: ColumnProfile, parent: TableProfile, key: ColumnProfile, *, declared: bool = False
) -> Relation:  # fmt: skip
    """Count the cells of `column` that name a row of `parent`. Values are folded once each, not once a row."""
    return _matched(tables, child, column, parent, key, declared=declared)[0]


def _matched(
    tables: Tables, child: TableProfile, column: ColumnProfile, parent: TableProfile, key: ColumnProfile, *, declared: bool = False
) -> tuple[Relation, float]:  # fmt: skip
    """Return the relation, and the share of the child's distinct values that hit."""
    query = (
        f"WITH c AS (SELECT {squeezed('v')} AS v, sum(n) AS n FROM {_values(child, column)} GROUP BY 1), "
        f"p AS (SELECT DISTINCT {squeezed('v')} AS k FROM {_values(parent, key)}) "
        "SELECT coalesce(sum(n), 0)::BIGINT, coalesce(sum(n) FILTER (k IS NOT NULL), 0)::BIGINT, count(k) / greatest(count(*), 1) "
        "FROM c LEFT JOIN p ON v = k WHERE v IS NOT NULL"
    )
    filled, hits, share = tables.connection.execute(query).fetchall()[0]
    return Relation(child.name, column.name, parent.name, key.name, int(filled), int(hits), declared), float(share)


def _values(profile: TableProfile, column: ColumnProfile) -> str:
    """Return the SQL of the different values `v` of a column, and how many cells `n` hold each."""
    if column.in_place:
        return values_in_place(profile.name, column.name)
    return f"(SELECT {quoted(column.name)} AS v, count(*) AS n FROM {quoted(profile.name)} GROUP BY 1)"


def _declared(
    profiles: Sequence[TableProfile], sources: Sequence[Mapping[str, str]]
) -> Iterator[tuple[TableProfile, ColumnProfile, TableProfile, ColumnProfile]]:
    """Yield the foreign keys of one column that the sources declare and whose both ends were read."""
    by_name = {profile.name: profile for profile in profiles}
    for source in sources:
        child = by_name.get(f"{source.get('source', '')}.{source.get('table', '')}")
        for foreign in _listed(source.get("foreign_keys")) if child else ():
            columns, referred = foreign.get("columns"), foreign.get("references")
            target = str(foreign.get("table") or "")
            beside, _, _ = str(source.get("table", "")).rpartition("/")  # a database in a folder: `tickets/customers`
            inside = f"{beside}/{target}" if beside else target
            parent = by_name.get(f"{source.get('source', '')}.{inside}")
            if child is None or parent is None or not columns or not referred:
                continue
            own, key = _column(child, columns), _column(parent, referred)
            if own and key:
                yield child, own, parent, key


def _listed(text: str | None) -> list[dict[str, Any]]:
    try:
        value = json.loads(text or "[]")
    except ValueError:
        return []
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []


def _column(profile: TableProfile, names: Any) -> ColumnProfile | None:
    listed = [names] if isinstance(names, str) else list(names)
    return next((c for c in profile.columns if c.name == listed[0]), None) if len(listed) == 1 else None


def _same(
    tables: Tables, parts: Sequence[_Part], meetings: Mapping[tuple[int, int], tuple[int, int, int]], relations: Sequence[Relation]
) -> list[SameColumn]:  # fmt: skip
    """Return columns of different tables that go by different names and share many of the smaller one's values.

    Columns that refer to the same key are told by their references already.
    """
    target = {(r.child, r.column): (r.parent, r.key) for r in relations}
    found = []
    for (a, b), (shared, in_a, in_b) in meetings.items():
        left, right = parts[a], parts[b]
        if min(in_a, in_b) == 0 or not _comparable(left, right):
            continue
        ends = [(part.profile.name, part.column.name) for part in (left, right)]
        if target.get(ends[0], ends[0]) == target.get(ends[1], ends[1]):
            continue
        share = min(1.0, shared / min(in_a, in_b))
        few = left.column.meaning in ("picklist", "region")
        if share < (_SAME_FEW if few else _SAME) or shared < 3 or (few and _yes_or_no(tables, left)):
            continue
        found.append(SameColumn(*ends[0], *ends[1], left.column.meaning, round(share, 3)))
    return sorted(found, key=lambda same: (-same.shared, same.table, same.column, same.other_table, same.other_column))


def _yes_or_no(tables: Tables, part: _Part) -> bool:
    """Tell whether a picklist only says yes and no: any two of those share their values."""
    if part.column.distinct > 12:
        return False
    words = ", ".join(f"'{word}'" for word in _BOOLEAN)
    values = _values(part.profile, part.column)
    return not tables.value(f"SELECT count(*) FROM {values} WHERE {squeezed('v')} NOT IN ({words})")


def _comparable(left: _Part, right: _Part) -> bool:
    meanings = {left.column.meaning, right.column.meaning}
    if meanings & _NOT_SAME:
        return False
    if left.profile is right.profile or _last(left.column.name).lower() == _last(right.column.name).lower():
        return False
    if any(
        _ROW_NUMBER.match(_last(part.column.name)) or (_counted(part.column) and part.column.meaning != "id")
        for part in (left, right)
    ):
        return False
    return len(meanings) == 1 or meanings <= {"mobile", "phone"}
