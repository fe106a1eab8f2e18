"""Rules between columns that nearly all rows keep: the same credit code, one name; the same customer number, one telephone. And keys of two columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmmigrate.checks.profile_keys import SURE, folded_company, phone_numbers, squeezed
from crmmigrate.model.audit import Dependency
from crmmigrate.model.table import quoted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crmmigrate.model.profile import ColumnProfile, TableProfile
    from crmmigrate.model.table import Tables

_LEFT, _RIGHT, _SAMPLE_ROWS, _HOLDS, _ENOUGH, _CHANCE = 6, 12, 10_000, 0.95, 20, 0.5
_DEMANDED = {
    "credit_code": ("company",),
    "company": ("credit_code",),
    "id_number": ("person",),
}
_OF_KEYS = ("company", "person", "phone", "mobile", "credit_code", "id_number")
_PAIR_COLUMNS = 12
_DRAWN = "crmm_drawn"


def find_dependencies(tables: Tables, profile: TableProfile) -> list[Dependency]:
    """Return the rules that are broken: those the meanings demand, then those at least 95 % of the repeated values keep.

    Args:
        tables: hold the table.
        profile: of the table. At most 6 × 12 pairs of columns are tried, on a sample of groups first.
    """
    demanded = [_count(tables, profile, left, right, known=True) for left, right in _demanded(profile)]
    done = {(d.left, d.right) for d in demanded}
    found = [
        _count(tables, profile, left, right, known=False)
        for left, right in _promising(tables, profile) if (left.name, right.name) not in done
    ]  # fmt: skip
    kept = [d for d in found if d.broken and d.groups >= _ENOUGH and d.broken <= (1 - _HOLDS) * d.groups]
    return [d for d in demanded if d.broken] + kept


def _demanded(profile: TableProfile) -> list[tuple[ColumnProfile, ColumnProfile]]:
    """Return the pairs of columns that must agree: a code or an ID number has one name, a customer number one name and one phone."""
    best: dict[str, ColumnProfile] = {}
    for column in profile.columns:
        if (
            column.confidence >= SURE
            and column.filled
            and column.filled > (best[column.meaning].filled if column.meaning in best else 0)
        ):
            best[column.meaning] = column
    pairs = [(best[a], best[b]) for a, rights in _DEMANDED.items() for b in rights if a in best and b in best]
    first = profile.columns[0] if profile.columns else None
    if (
        first
        and first.meaning == "id"
        and first.confidence >= SURE
        and 0.5 * first.filled < first.distinct < first.filled
    ):
        pairs += [(first, best[meaning]) for meaning in _OF_KEYS if meaning in best]  # a key that is not quite one
    return [(left, right) for left, right in pairs if left.distinct < left.filled]


def _folded(column: ColumnProfile, cell: str) -> str:
    """Return the SQL of `cell`, a value of `column`, without differences of form."""
    if column.meaning == "company":
        return folded_company(cell)
    if column.meaning in ("phone", "mobile"):
        return f"{phone_numbers(cell)}[1]"
    if column.meaning == "region":
        return f"regexp_replace({squeezed(cell)}, '(?:省|市|区|县|自治区)$', '')"
    return squeezed(cell)


def _count(
    tables: Tables, profile: TableProfile, left: ColumnProfile, right: ColumnProfile, *, known: bool
) -> Dependency:
    """Count the broken groups exactly. Only values that repeat and stand beside several others are folded."""
    one, two = quoted(left.name), quoted(right.name)
    enough = f" AND length({one}) >= 15" if left.meaning == "credit_code" else ""
    filled = f"FROM {quoted(profile.name)} WHERE {one} <> '' AND {two} <> ''{enough}"
    # Values are compared by their hashes (64 bits: two of ten million are equal by chance once in 370,000 tables), which take little room.
    query = (
        f"WITH k AS MATERIALIZED (SELECT hash(upper(trim({one}))) AS l, {two} AS r {filled}), "
        "s AS (SELECT l FROM k GROUP BY l HAVING count(*) > 1), d AS MATERIALIZED (SELECT l, r FROM k SEMI JOIN s USING (l)), "
        "g AS MATERIALIZED (SELECT l, count(*) AS n, min(hash(r)) <> max(hash(r)) AS several FROM d GROUP BY l), "
        f"f AS (SELECT l, n, hash(x) AS x FROM (SELECT l, n, {_folded(right, 'r')} AS x FROM d JOIN g USING (l) WHERE several) WHERE x IS NOT NULL), "
        "b AS (SELECT any_value(n) AS n FROM f GROUP BY l HAVING min(x) <> max(x)) "
        "SELECT (SELECT count(*) FROM g), count(*), coalesce(sum(n), 0)::BIGINT FROM b"
    )
    groups, broken, rows = tables.connection.execute(query).fetchall()[0]
    return Dependency(profile.name, left.name, right.name, int(groups), int(broken), int(rows), known)


def _promising(tables: Tables, profile: TableProfile) -> list[tuple[ColumnProfile, ColumnProfile]]:
    """Return pairs of columns for which a sample of groups keeps the rule, and not by chance."""
    usable = [c for c in profile.columns if c.filled and c.meaning not in ("text", "empty") and c.longest <= 200]
    lefts = [
        c
        for c in usable
        if c.meaning in ("id", "credit_code", "company", "email", "mobile", "picklist", "region")
        and 10 <= c.distinct < c.filled
    ]
    lefts = sorted(lefts, key=lambda c: (-c.distinct, c.name))[:_LEFT]
    rights = sorted(
        (c for c in usable if 2 <= c.distinct < 0.98 * c.filled and c.meaning != "date"),
        key=lambda c: (-c.filled, c.name),
    )[:_RIGHT]
    pairs = [(left, [c for c in rights if c is not left and c.distinct <= left.distinct]) for left in lefts]
    pairs = [(left, others) for left, others in pairs if others]
    if not pairs:
        return []
    step = max(1, profile.rows // _SAMPLE_ROWS)
    _draw(tables, profile, pairs, step)
    found = []
    for left, others in pairs:
        sums = ", ".join(
            f"count(*) FILTER (n{i} > 1), count(*) FILTER (n{i} > 1 AND lo{i} = hi{i})" for i in range(len(others))
        )
        groups = ", ".join(
            f"count({quoted(c.name)}) AS n{i}, min({quoted(c.name)}) AS lo{i}, max({quoted(c.name)}) AS hi{i}"
            for i, c in enumerate(others)
        )
        query = (
            f"SELECT {sums} FROM (SELECT {groups} FROM {_DRAWN} "
            f"WHERE {quoted(left.name)} <> '' AND hash({quoted(left.name)}) % {step} = 0 GROUP BY {quoted(left.name)} HAVING count(*) > 1)"
        )
        row = tables.connection.execute(query).fetchall()[0]
        for i, right in enumerate(others):
            several, kept = int(row[2 * i]), int(row[2 * i + 1])
            # Written in two ways is broken here, and mended by folding later: hence the lower bar.
            if (
                several >= _ENOUGH / 2
                and kept >= 0.85 * several
                and kept < several
                and _by_chance(tables, profile, right) < _CHANCE
            ):
                found.append((left, right))
    tables.connection.execute(f"DROP TABLE {_DRAWN}")
    return found


def _draw(
    tables: Tables, profile: TableProfile, pairs: Sequence[tuple[ColumnProfile, list[ColumnProfile]]], step: int
) -> None:
    """Make the table of the rows whose value on the left of a pair is among each `step`-th: the file is read once for all pairs."""
    names = dict.fromkeys(quoted(c.name) for left, others in pairs for c in (left, *others))
    drawn = " OR ".join(f"({quoted(left.name)} <> '' AND hash({quoted(left.name)}) % {step} = 0)" for left, _ in pairs)
    tables.connection.execute(
        f"CREATE OR REPLACE TEMP TABLE {_DRAWN} AS SELECT {', '.join(names)} FROM {quoted(profile.name)} WHERE {drawn}"
    )


def _by_chance(tables: Tables, profile: TableProfile, column: ColumnProfile) -> float:
    """Return how often two rows agree in `column` whatever the rule."""
    cell = quoted(column.name)
    query = f"SELECT sum(n * n) / greatest(sum(n) * sum(n), 1) FROM (SELECT count(*)::DOUBLE AS n FROM {quoted(profile.name)} WHERE {cell} <> '' GROUP BY {cell})"
    return float(tables.value(query) or 0)


def pair_keys(tables: Tables, profile: TableProfile) -> tuple[str, ...]:
    """Return pairs of columns, as `a + b`, that name each row together where no column does alone; at most three.

    Args:
        tables: hold the table.
        profile: of the table.
    """
    if profile.keys or profile.rows < 2:
        return ()
    usable = [
        c for c in profile.columns if c.filled == c.rows and c.distinct > 1 and c.meaning not in ("amount", "text")
    ]
    usable = sorted(usable, key=lambda c: (-c.distinct, c.name))[:_PAIR_COLUMNS]
    found: list[str] = []
    for place, one in enumerate(usable):
        for two in usable[place + 1 :]:
            # Fewer combinations than rows can't tell the rows apart.
            if one.distinct * two.distinct < profile.rows or len(found) == 3:
                continue
            if _unique(tables, profile, (one, two)):
                found.append(f"{one.name} + {two.name}")
    return tuple(found)


def _unique(tables: Tables, profile: TableProfile, columns: Sequence[ColumnProfile]) -> bool:
    names = ", ".join(quoted(column.name) for column in columns)
    source = quoted(profile.name)
    head = f"SELECT count(*) FROM (SELECT DISTINCT {names} FROM (SELECT {names} FROM {source} LIMIT 2000))"
    if int(tables.value(head)) < min(profile.rows, 2000):
        return False
    return int(tables.value(f"SELECT count(*) FROM (SELECT DISTINCT {names} FROM {source})")) == profile.rows
