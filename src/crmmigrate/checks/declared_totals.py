"""The totals that a mapping file asks for: the old system's own figure, the sources, what is expected and the target, as a whole and by group."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from crmmigrate.checks.compare import normal_form
from crmmigrate.checks.object_frames import RECORD
from crmmigrate.model.reconciliation import DeclaredTotal, TotalCheck, TotalGroup
from crmmigrate.model.table import first_row, literal, quoted
from crmmigrate.model.total import decimal, grouping

if TYPE_CHECKING:
    from collections.abc import Sequence

    import duckdb

    from crmmigrate.checks.object_frames import ObjectFrames
    from crmmigrate.model.reconciliation import Difference, LeftOver
    from crmmigrate.model.total import Total

_AGREEING = 500
"""Groups that agree and are listed all the same; those that don't are listed all."""

_PLAIN = "[+-]?[0-9]+(?:[.][0-9]*)?"
"""What is added up; scientific notation is not: such cells are damaged codes more often than amounts."""

_ZERO = Decimal(0)
_Figures = dict[tuple[str, ...], Decimal]


def declared_totals(
    connection: duckdb.DuckDBPyConnection, frames: ObjectFrames, expected: str, beside: LeftOver
) -> tuple[DeclaredTotal, ...]:
    """Add up what the mapping file asks for.

    Args:
        connection: knows all relations of `frames`.
        frames: both sides are made.
        expected: name of the expected side, as `with_kept` made it.
        beside: rows of earlier loads that are in the table too.
    """
    if not frames.totals:
        return ()
    sources = {row[0] for row in connection.execute(f"DESCRIBE {quoted(frames.source)}").fetchall()}
    found = [
        _declared(connection, frames, total, expected, read=total.sum in sources if total.to else True)
        for total in frames.totals
    ]
    if not beside:
        return tuple(found)
    more = [_sum(connection, total, frames.left_over) for total in frames.totals]
    return tuple(replace(one, left_over=figure) for one, figure in zip(found, more, strict=True))


def with_kept(connection: duckdb.DuckDBPyConnection, frames: ObjectFrames, kept: Sequence[Difference]) -> str:
    """Return the name of the expected side, with the values that the target was allowed to keep.

    Args:
        connection: knows all relations of `frames`.
        frames: both sides are made.
        kept: cells whose value the write policy let the target keep: that value is what is expected.
    """
    if not kept:
        return frames.left
    cells, view = f"crmm_kept_{frames.number}", f"crmm_with_kept_{frames.number}"
    rows = zip(*((d.record, d.column, d.actual) for d in kept), strict=True)
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE {cells} AS SELECT unnest(?::VARCHAR[]) AS r, unnest(?::VARCHAR[]) AS c, unnest(?::VARCHAR[]) AS v",
        [list(values) for values in rows],
    )
    changed = list(dict.fromkeys(d.column for d in kept))
    picked = ", ".join(
        f"CASE WHEN k{n}.r IS NULL THEN l.{quoted(name)} ELSE k{n}.v END AS {quoted(name)}"
        for n, name in enumerate(changed)
    )
    joins = " ".join(
        f"LEFT JOIN {cells} k{n} ON k{n}.r = l.{RECORD} AND k{n}.c = {literal(name)}" for n, name in enumerate(changed)
    )
    connection.execute(
        f"CREATE OR REPLACE TEMP VIEW {view} AS SELECT l.* REPLACE ({picked}) FROM {frames.left} l {joins}"
    )
    return view


def _declared(
    connection: duckdb.DuckDBPyConnection, frames: ObjectFrames, total: Total, expected: str, *, read: bool
) -> DeclaredTotal:
    source, aside, unread = _of_sources(connection, frames, total) if read else (None, None, 0)
    whole = TotalGroup(
        (), None if isinstance(total.control, dict) else decimal(total.control), source, aside,
        _sum(connection, total, expected), _sum(connection, total, frames.right),
    )  # fmt: skip
    found = [_checked(total, whole), *(_groups(connection, frames, total, expected, read=read) if total.by else [])]
    return DeclaredTotal(total.to, total.sum, total.by, tuple(found), unread)


def _value(total: Total, alias: str = "") -> str:
    """Return the SQL of what a row of the target's shape adds."""
    cell = f"{alias}{quoted(total.to)}"
    return f"CASE WHEN length({cell}) <= 31 AND regexp_full_match({cell}, '{_PLAIN}') THEN TRY_CAST({cell} AS DECIMAL(38, 6)) END" if total.to else "1"  # fmt: skip


def _raw(total: Total) -> str:
    """Return the SQL of what a row of the sources adds; people write amounts with separators, 万, signs of currency, wide digits and brackets for minus."""
    if not total.sum:
        return "1"
    plain = f"translate(s.{quoted(total.sum)}, '０１２３４５６７８９．－，（）−', '0123456789.-,()-')"
    written = f"regexp_replace({plain}, '[,\\s¥￥元]|CNY|RMB', '', 'g')"
    sign = f"CASE WHEN {written} LIKE '(%)' AND {written} NOT LIKE '(-%' THEN -1 ELSE 1 END"  # what is owed; (-5) is -5 too
    bare = f"CASE WHEN {written} LIKE '(%)' THEN {written}[2:-2] ELSE {written} END"
    unit = f"CASE WHEN suffix({bare}, '万') THEN 10000 WHEN suffix({bare}, '亿') THEN 100000000 ELSE 1 END"
    number = f"regexp_replace({bare}, '[万亿]$', '')"
    return (
        f"CASE WHEN length({number}) <= 24 AND regexp_full_match({number}, '{_PLAIN}') "
        f"THEN CAST(TRY_CAST({number} AS DECIMAL(30, 6)) * {sign} * {unit} AS DECIMAL(38, 6)) END"
    )


def _of_sources(
    connection: duckdb.DuckDBPyConnection, frames: ObjectFrames, total: Total
) -> tuple[Decimal, Decimal, int]:
    """Return the figure of all source rows, of those set aside, and how many cells hold no number."""
    value = _raw(total)
    cell = f"s.{quoted(total.sum)}" if total.sum else "1"
    row = first_row(
        connection,
        f"SELECT sum({value}), sum({value}) FILTER (s._record IN ({frames.aside_records})), "
        f"count(*) FILTER ({cell} IS NOT NULL AND {value} IS NULL) FROM {quoted(frames.source)} s",
    )
    whole, aside, unread = row or (None, None, 0)
    return _exact(whole), _exact(aside), int(unread)


def _sum(connection: duckdb.DuckDBPyConnection, total: Total, relation: str) -> Decimal:
    row = first_row(connection, f"SELECT sum({_value(total)}) FROM {relation}")
    return _exact(row[0] if row else None)


def _exact(value: object) -> Decimal:
    """Return a sum without zeros behind the point that nobody wrote."""
    found = Decimal(str(value)) if value is not None else _ZERO
    return found.quantize(Decimal(1)) if found == found.to_integral_value() else found.normalize()


def _groups(
    connection: duckdb.DuckDBPyConnection, frames: ObjectFrames, total: Total, expected: str, *, read: bool
) -> list[TotalGroup]:
    """Return the lines by group: those that don't agree, then some of the others."""
    keys = ", ".join(_group(frames, word, "l.") for word in total.by)
    targets = ", ".join(_group(frames, word, "r.") for word in total.by)
    by = ", ".join(str(number + 1) for number in range(len(total.by)))
    sides = {
        "expected": f"SELECT {keys}, sum({_value(total, 'l.')}) FROM {expected} l GROUP BY {by}",
        "target": f"SELECT {targets}, sum({_value(total, 'r.')}) FROM {frames.right} r GROUP BY {by}",
        "source": f"SELECT {keys}, sum({_raw(total)}) FROM {expected} l JOIN {quoted(frames.source)} s ON s._record = l.{RECORD} GROUP BY {by}",
    }  # fmt: skip
    figures: dict[str, _Figures] = {
        side: {tuple(row[:-1]): _exact(row[-1]) for row in connection.execute(query).fetchall()}
        for side, query in sides.items()
        if side != "source" or read
    }
    control = total.control if isinstance(total.control, dict) else {}
    names = _names(connection, frames, total, {group for its in figures.values() for group in its})
    shown: dict[str, _Figures] = {side: {} for side in figures}
    for side, its in figures.items():
        for group, figure in its.items():
            name = tuple(names[index].get(part, part) for index, part in enumerate(group))
            shown[side][name] = shown[side].get(name, _ZERO) + figure
    known = {"/".join(group): group for its in shown.values() for group in its}
    controls = {
        known.get(name, tuple(name.split("/")) if len(total.by) > 1 else (name,)): stated
        for name, text in control.items()
        if (stated := decimal(text)) is not None
    }
    groups = sorted({group for its in (*shown.values(), controls) for group in its})
    lines = [
        _checked(total, TotalGroup(
            group, controls.get(group), shown["source"].get(group, _ZERO) if read else None, None,
            shown["expected"].get(group, _ZERO), shown["target"].get(group, _ZERO),
        ))
        for group in groups
    ]  # fmt: skip
    return [line for line in lines if not line.agrees] + [line for line in lines if line.agrees][:_AGREEING]


def _group(frames: ObjectFrames, word: str, alias: str) -> str:
    """Return the SQL of the group that a row belongs to."""
    column, part = grouping(word)
    cell = f"{alias}{quoted(column)}"
    if part:
        return f"coalesce(left({cell}, {4 if part == 'year' else 7}), '')"
    return f"coalesce({cell if column in frames.references else normal_form(cell, frames.kinds.get(column, ''))}, '')"


def _names(
    connection: duckdb.DuckDBPyConnection, frames: ObjectFrames, total: Total, groups: set[tuple[str, ...]]
) -> list[dict[str, str]]:
    """Return, for each column of `by`, what stands for its values: of a reference the parent's record, which people know."""
    found: list[dict[str, str]] = []
    for index, word in enumerate(total.by):
        parent = frames.parents.get(frames.references.get(grouping(word)[0], ""))
        keys = sorted({group[index] for group in groups if group[index]}) if parent else []
        query = (
            f"SELECT key, min(_record) FROM {quoted(parent[0])} WHERE list_contains(?::VARCHAR[], key) GROUP BY 1"
            if parent
            else ""
        )
        found.append(dict(connection.execute(query, [keys]).fetchall()) if keys else {})
    return found


def _checked(total: Total, line: TotalGroup) -> TotalGroup:
    """Return the line with everything compared that there is on it."""
    differences = {}
    if line.control is not None:
        differences["control"] = (line.expected if line.source is None else line.source) - line.control
    if line.source is not None:
        differences["expected"] = line.expected - (line.source - (line.aside or _ZERO))
    differences["target"] = line.target - line.expected
    tolerance = decimal(total.tolerance) or _ZERO
    checks = tuple(
        TotalCheck(at, difference, tolerance, _accepted(total, line, at, difference, tolerance))
        for at, difference in differences.items()
    )
    return TotalGroup(line.group, line.control, line.source, line.aside, line.expected, line.target, checks)


def _accepted(total: Total, line: TotalGroup, at: str, difference: Decimal, tolerance: Decimal) -> str:
    """Return the reason with which people accepted this difference; another one than they saw is not accepted."""
    for one in total.accepted:
        figure = decimal(one.difference)
        alike = figure is not None and abs(difference - figure) <= tolerance
        if one.at == at and one.group == "/".join(line.group) and alike and difference:
            return one.reason
    return ""
