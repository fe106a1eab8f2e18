"""Check one business object against the target: the equation, the keys, every cell, the totals and the relations.

Everything happens in one DuckDB connection that holds the migration's tables, the target's rows and its crosswalk.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from crmmigrate.checks.compare import Sides, compare_sides, normal_form
from crmmigrate.checks.declared_totals import declared_totals, with_kept
from crmmigrate.checks.left_over import find_left_over
from crmmigrate.checks.object_frames import KEY, NUMBER, RECORD, whole_numbers
from crmmigrate.checks.relations import pairs, relations
from crmmigrate.checks.wave_equations import wave_equations
from crmmigrate.model.issue import ASIDE_REASONS
from crmmigrate.model.natural_order import natural
from crmmigrate.model.reconciliation import ColumnTotal, Difference, Equation, ObjectReconciliation
from crmmigrate.model.table import first_row, literal, quoted

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    import duckdb

    from crmmigrate.checks.object_frames import ObjectFrames
    from crmmigrate.model.reconciliation import LeftOver
    from crmmigrate.model.target import Target


def reconcile_object(
    connection: duckdb.DuckDBPyConnection, frames: ObjectFrames, target: Target
) -> ObjectReconciliation:
    """Check one object.

    Args:
        connection: knows all relations of `frames`; both sides are made (`both_sides`).
        frames: what to compare.
        target: says what people and rollbacks did since the load.
    """
    rows = _row_differences(connection, frames, target)
    cells, explained = _told_apart(connection, frames, _cell_differences(connection, frames), target)
    orphans = _orphans(connection, frames)
    known = {(d.record, d.column) for d in orphans}
    cells = [cell for cell in cells if (cell.record, cell.column) not in known]
    changed = None if rows else {d.column for d in (*cells, *orphans)}
    expected = with_kept(connection, frames, explained)
    doubled, strangers, total = _strangers(connection, frames)
    [siblings] = whole_numbers(connection, f"SELECT count(*) FROM {frames.read} s WHERE {_unlinked(frames)}")
    beside = find_left_over(connection, frames, target)
    return ObjectReconciliation(
        frames.object, frames.table, _equation(connection, frames), _reasons(connection, frames),
        _with_origins(connection, frames, [*rows, *orphans, *cells, *doubled]), _totals(connection, frames, expected, changed, beside), relations(connection, frames, expected, orphans),
        strangers, len(explained), total, declared_totals(connection, frames, expected, beside), pairs(connection, frames, expected),
        wave_equations(connection, frames), left_over=beside, of_objects=siblings - strangers,
    )  # fmt: skip


def _with_origins(
    connection: duckdb.DuckDBPyConnection, frames: ObjectFrames, found: list[Difference]
) -> tuple[Difference, ...]:
    """Say where a person finds each row, and sort by that: whole rows first, by what is wrong with them.

    Only of rows that differ: to join all of them would cost as much as the comparison.
    """
    records = list({difference.record for difference in found if not difference.origin})
    query = f"SELECT _record, _origin FROM {quoted(frames.source)} WHERE _record IN (SELECT unnest(?::VARCHAR[]))"
    origins = dict(connection.execute(query, [records]).fetchall()) if records else {}
    placed = [replace(d, origin=d.origin or origins.get(d.record) or "") for d in found]
    return tuple(sorted(placed, key=_by_place))


def _by_place(one: Difference) -> tuple[bool, str, tuple[object, ...]]:
    return bool(one.column), "" if one.column else one.kind, natural(one.origin or one.record)


def _equation(connection: duckdb.DuckDBPyConnection, frames: ObjectFrames) -> Equation:
    counted = ", ".join(f"count(DISTINCT _record) FILTER (reason = '{reason}')" for reason in ASIDE_REASONS)
    aside = whole_numbers(
        connection, f'SELECT {counted} FROM {quoted(frames.aside)} WHERE "table" = {literal(frames.object)}'
    )
    [source] = whole_numbers(connection, f"SELECT count(*) FROM {quoted(frames.source)}")
    [expected] = whole_numbers(connection, f"SELECT count(*) FROM {frames.left}")
    [known] = whole_numbers(connection, f"SELECT count(*) FROM {frames.agreed}")
    [found] = whole_numbers(connection, f"SELECT count(DISTINCT {KEY}) FROM {frames.kept}")
    return Equation(source, dict(zip(ASIDE_REASONS, aside, strict=True)), expected, known + found)


def _reasons(connection: duckdb.DuckDBPyConnection, frames: ObjectFrames) -> tuple[tuple[str, str, int], ...]:
    query = (
        f"SELECT reason, coalesce(code, ''), count(DISTINCT _record) AS n FROM {quoted(frames.aside)} "
        f'WHERE "table" = {literal(frames.object)} GROUP BY ALL ORDER BY n DESC, 1, 2'
    )
    return tuple((reason, code, int(count)) for reason, code, count in connection.execute(query).fetchall())


def _row_differences(connection: duckdb.DuckDBPyConnection, frames: ObjectFrames, target: Target) -> list[Difference]:
    """Find rows lost or made up on the way, rows that are not in the target, and two records in one row."""
    missing = f"{KEY} IS NULL OR NOT EXISTS (FROM {frames.kept} k WHERE k.{KEY} = l.{KEY})"
    lost = f"CASE WHEN {KEY} IS NULL THEN 'row.missing' ELSE 'row.gone' END AS kind, {RECORD} AS r, NULL AS o"
    shared = f"{KEY} IS NOT NULL AND __turn > 1"
    queries = [
        f"SELECT {lost} FROM {frames.unsure} l WHERE {missing}",
        f"SELECT 'key.shared', {RECORD}, NULL FROM {frames.left} WHERE {shared}",
    ]
    if not _accounted(connection, frames):
        source, expected = quoted(frames.source), quoted(frames.expected)
        lost_before = f"_record NOT IN (SELECT _record FROM {expected}) AND _record NOT IN ({frames.aside_records})"
        queries += [
            f"SELECT 'row.unaccounted', _record, _origin FROM {source} WHERE {lost_before}",
            f"SELECT 'row.invented', _record, '' FROM {expected} WHERE _record NOT IN (SELECT _record FROM {source})",
        ]
    query = f"{' UNION ALL '.join(queries)} ORDER BY 1, 2"
    found = [
        Difference(frames.object, record, origin or "", "", None, None, kind)
        for kind, record, origin in connection.execute(query).fetchall()
    ]
    back = target.taken_back(frames.object, [row.record for row in found if row.kind == "row.missing"])
    return [
        replace(row, kind="row.taken_back") if row.kind == "row.missing" and row.record in back else row
        for row in found
    ]


def _accounted(connection: duckdb.DuckDBPyConnection, frames: ObjectFrames) -> bool:
    """Whether the records of the sources are those that are expected and those set aside, each of them once, by their number and the sum of their hashes.

    To look up each by its name costs several times as much.
    """
    sums = "SELECT count(*) AS n, coalesce(sum(hash(_record)), 0) AS s FROM"
    aside = f"(SELECT DISTINCT _record FROM ({frames.aside_records}))"
    row = first_row(
        connection, f"SELECT (s.n, s.s) = (e.n + a.n, e.s + a.s) FROM ({sums} {quoted(frames.source)}) s, ({sums} {quoted(frames.expected)}) e, ({sums} {aside}) a"
    )  # fmt: skip
    return bool(row and row[0])


def _cell_differences(connection: duckdb.DuckDBPyConnection, frames: ObjectFrames) -> list[Difference]:
    """Compare every cell of the rows that are there."""
    view = f"crmm_first_{frames.number}"
    connection.execute(
        f"CREATE OR REPLACE TEMP VIEW {view} AS SELECT * FROM {frames.unsure} WHERE __turn = 1 AND {KEY} IS NOT NULL"
    )
    kinds = {name: kind for name, kind in frames.kinds.items() if name not in frames.references}
    left, right = _apart(connection, frames, view)
    sides = Sides(left, right, (KEY,), frames.columns, kinds, RECORD, object=frames.object, paired=True)
    return compare_sides(connection, sides)


def _told_apart(
    connection: duckdb.DuckDBPyConnection, frames: ObjectFrames, differing: list[Difference], target: Target
) -> tuple[list[Difference], list[Difference]]:
    """Tell differences from values that the write policy kept; what people wrote after the load is a difference, whatever the policy."""
    maybe = {
        cell.record for cell in differing if cell.column and _kept(cell, frames.policies.get(cell.column, "overwrite"))
    }
    query = f"SELECT _record, key FROM {quoted(frames.walk)} WHERE adopted = 'true' AND _record IN (SELECT unnest(?::VARCHAR[]))"
    adopted = dict(connection.execute(query, [sorted(maybe)]).fetchall()) if maybe else {}
    since = target.edited(frames.object, list(adopted.values()))
    found: list[Difference] = []
    explained: list[Difference] = []
    for cell in differing:
        key = adopted.get(cell.record)
        policy = frames.policies.get(cell.column, "overwrite")
        if cell.column and key is not None and _kept(cell, policy) and cell.column not in since.get(key, ()):
            explained.append(cell)
        elif cell.column in frames.references and cell.expected and cell.actual:
            found.append(replace(cell, kind="value.reference"))
        else:
            found.append(cell)
    return found, explained


def _apart(connection: duckdb.DuckDBPyConnection, frames: ObjectFrames, first: str) -> tuple[str, str]:
    """Return the rows of both sides whose cells are not the same to the letter, told by 64 bits of each row's hash.

    To join whole rows would cost several times as much, above all where they do not fit into the memory.
    """
    listed = ", ".join(quoted(name) for name in frames.columns)
    hashed = f"SELECT {KEY}, hash({listed}) AS row FROM" if listed else f"SELECT {KEY}, 0 AS row FROM"
    keys = f"crmm_apart_{frames.number}"
    names = f"crmm_apart_left_{frames.number}", f"crmm_apart_right_{frames.number}"
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE {keys} AS SELECT l.{KEY} FROM ({hashed} {first}) l "
        f"JOIN ({hashed} {frames.read}) r ON l.{KEY} = r.{KEY} WHERE l.row <> r.row"
    )
    for name, side in zip(names, (first, frames.read), strict=True):
        connection.execute(
            f"CREATE OR REPLACE TEMP VIEW {name} AS SELECT * FROM {side} WHERE {KEY} IN (SELECT {KEY} FROM {keys})"
        )
    return names


def _kept(cell: Difference, policy: str) -> bool:
    """Whether a write policy lets the target keep its value: a blank never erases, `fill_empty` and `newer` may keep."""
    return bool(cell.actual) and (not cell.expected or policy in ("fill_empty", "newer"))


def _orphans(connection: duckdb.DuckDBPyConnection, frames: ObjectFrames) -> list[Difference]:
    """Find migrated rows whose parent is not in the target's parent table."""
    found = []
    for name, parent in frames.references.items():
        if parent not in frames.parents or name not in frames.columns:
            continue
        query = (
            f"SELECT l.{RECORD}, l.{quoted(name)}, r.{quoted(name)} FROM {frames.right} r JOIN {frames.left} l ON l.{KEY} = r.{KEY} "
            f"WHERE l.__turn = 1 AND r.{quoted(name)} IS NOT NULL AND r.{quoted(name)} NOT IN (SELECT {KEY} FROM {quoted(frames.parents[parent][1])}) ORDER BY 1"
        )
        found += [
            Difference(frames.object, record, "", name, expected, actual, "key.orphan")
            for record, expected, actual in connection.execute(query).fetchall()
        ]
    return found


def _unlinked(frames: ObjectFrames, *others: str) -> str:
    """Return the SQL of whether a row `s` is one in which no record of the object stands, nor one of `others`, crosswalks too."""
    walks = (frames.walk, *others)
    return " AND ".join(f"NOT EXISTS (FROM {quoted(walk)} w WHERE w.key = s.{KEY})" for walk in walks)


def _strangers(connection: duckdb.DuckDBPyConnection, frames: ObjectFrames) -> tuple[list[Difference], int, int]:
    """Count rows that the migration didn't make, and find those among them that repeat one it made."""
    stranger = _unlinked(frames, *frames.beside)
    [strangers] = whole_numbers(connection, f"SELECT count(*) FROM {frames.read} s WHERE {stranger}")
    [total] = whole_numbers(connection, f"SELECT count(*) FROM {quoted(frames.actual)}")
    alike = [name for name in frames.columns if name not in frames.match_on]
    if not strangers or not alike:
        return [], strangers, total
    same = " AND ".join(
        f"{_meant(frames, name, 'a')} IS NOT DISTINCT FROM {_meant(frames, name, 'r')}" for name in alike
    )
    query = (
        f"SELECT DISTINCT l.{RECORD} FROM (SELECT * FROM {frames.read} s WHERE {stranger}) a JOIN {frames.right} r ON {same} "
        f"JOIN {frames.left} l ON l.{KEY} = r.{KEY} AND l.__turn = 1 ORDER BY 1"
    )
    doubled = [
        Difference(frames.object, record, "", "", None, None, "row.doubled")
        for (record,) in connection.execute(query).fetchall()
    ]
    return doubled, strangers, total


def _meant(frames: ObjectFrames, name: str, alias: str) -> str:
    """Return the SQL of what a cell means, however it is written."""
    cell, kind = f"{alias}.{quoted(name)}", frames.kinds.get(name, "")
    return cell if kind == "text" or name in frames.references else normal_form(cell, kind)


def _totals(
    connection: duckdb.DuckDBPyConnection,
    frames: ObjectFrames,
    side: str,
    changed: Collection[str] | None,
    beside: LeftOver | None = None,
) -> tuple[ColumnTotal, ...]:
    """Count cells, distinct values and characters of each column on both sides, sum numbers exactly, and find the ends of numbers and dates.

    `side` is the expected one, with the values that the write policy let the target keep.

    Only columns of `changed` (None: all) are counted on both sides; where every cell is known to mean the same, one side speaks for both.
    """
    expected = _column_figures(connection, frames, side, frames.columns)
    again = frames.columns if changed is None else [name for name in frames.columns if name in changed]
    actual = expected | _column_figures(connection, frames, frames.right, again)
    more = _column_figures(connection, frames, frames.left_over, frames.columns) if beside else {}
    found = []
    for name, left in expected.items():
        right = actual[name]
        kind = frames.kinds.get(name) or ("decimal" if left.numeric else "")
        whole = ColumnTotal(name, (left.filled, right.filled), (left.distinct, right.distinct))
        if name in frames.references or kind == "boolean":
            found.append(whole)
            continue
        if kind in ("decimal", "integer"):
            whole = replace(whole, total=(_trimmed(left.total), _trimmed(right.total)))
            whole = replace(whole, left_over=_trimmed(more[name].total)) if more else whole
        if kind in ("decimal", "integer", "date", "datetime"):
            least, greatest = (left.least, right.least), (left.greatest, right.greatest)
            whole = replace(
                whole,
                least=(_trimmed(least[0]), _trimmed(least[1])),
                greatest=(_trimmed(greatest[0]), _trimmed(greatest[1])),
            )
        else:
            whole = replace(whole, length=(left.length, right.length))
        found.append(whole)
    return tuple(found)


class _Figures(NamedTuple):
    """What one side of a column adds up to; `numeric`: all of its cells are numbers."""

    filled: int
    distinct: int
    length: int
    total: str | None
    least: str | None
    greatest: str | None
    numeric: bool


def _column_figures(
    connection: duckdb.DuckDBPyConnection, frames: ObjectFrames, side: str, columns: Sequence[str]
) -> dict[str, _Figures]:
    """Return the figures of each column; one after the other, because to tell the distinct values of all at once takes as much memory as the rows."""
    found = {}
    for name in columns:
        row = first_row(
            connection, f"SELECT {', '.join(_figures(quoted(name), frames.kinds.get(name, '')))} FROM {side}"
        )
        found[name] = _Figures(*(row or ()))
    return found


def _figures(cell: str, kind: str) -> list[str]:
    """Return the SQL of what `_Figures` tells of a column."""
    parts = [f"count({cell})", f"count(DISTINCT {cell})", f"coalesce(sum(length({cell})), 0)"]
    if kind in ("date", "datetime"):  # in text of ISO 8601 the first is the earliest
        return [*parts, "NULL", *(normal_form(f"{end}({cell})", "moment") for end in ("min", "max")), "false"]
    if kind not in ("decimal", "integer", ""):
        return [*parts, "NULL", "NULL", "NULL", "false"]
    # Longer digits are codes, not amounts, and their sum would not fit; nor would that of a damaged 1.38E+32.
    written = r"[+-]?[0-9]+(?:\.[0-9]*)?" if kind else NUMBER
    number = f"CASE WHEN length({cell}) <= 24 AND regexp_full_match({cell}, '{written}') THEN TRY_CAST({cell} AS DECIMAL(38, 6)) END"
    parts += [f"CAST({figure}({number}) AS VARCHAR)" for figure in ("sum", "min", "max")]
    return [*parts, f"coalesce(bool_and(regexp_full_match({cell}, '{NUMBER}')), false)"]


def _trimmed(total: str | None) -> str | None:
    return total.rstrip("0").rstrip(".") if total and "." in total else total
