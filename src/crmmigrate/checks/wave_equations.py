"""The equation of one object, wave by wave: what of a wave's rows came in, and what became of the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmmigrate.checks.object_frames import KEY, RECORD
from crmmigrate.model.issue import ASIDE_REASONS
from crmmigrate.model.reconciliation import Equation
from crmmigrate.model.table import literal, quoted

if TYPE_CHECKING:
    import duckdb

    from crmmigrate.checks.object_frames import ObjectFrames


def wave_equations(connection: duckdb.DuckDBPyConnection, frames: ObjectFrames) -> tuple[tuple[str, Equation], ...]:
    """Return each wave's name with its equation, in the order of the project; last, without a name, what belongs to no wave.

    A record that was merged goes with the one it went into. A row that several waves need is counted in each of them. Rows of a wave that is
    still to come are out of scope (`load.other-wave`).

    Args:
        connection: knows the relations of `frames`, its two sides made.
        frames: with the relation of the waves.
    """
    if not frames.waves:
        return ()
    aside = f'SELECT * FROM {quoted(frames.aside)} WHERE "table" = {literal(frames.object)}'
    of_waves = f"crmm_of_waves_{frames.number}"
    # Twice over the aside: a record may have been merged by consolidate, and its survivor by dedupe.
    connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE {of_waves} AS
        WITH RECURSIVE member(number, wave, _record) AS (
            SELECT CAST(number AS INTEGER), wave, _record FROM {quoted(frames.waves)} WHERE "table" = {literal(frames.object)}
            UNION
            SELECT m.number, m.wave, a._record FROM member m JOIN ({aside}) a ON a."into" = m._record AND a.reason = 'merged'),
        every AS (SELECT _record FROM {quoted(frames.source)} UNION SELECT _record FROM {quoted(frames.expected)})
        SELECT m.number, m.wave, e._record FROM every e LEFT JOIN member m USING (_record)""")
    reasons = ", ".join(
        f"count(DISTINCT a._record) FILTER (a.reason = '{reason}') AS {reason}" for reason in ASIDE_REASONS
    )
    rows = connection.execute(f"""
        SELECT coalesce(w.wave, ''), count(DISTINCT s._record), count(DISTINCT l.{RECORD}), count(DISTINCT r.{KEY}), {reasons}
        FROM {of_waves} w
        LEFT JOIN {quoted(frames.source)} s USING (_record)
        LEFT JOIN ({aside}) a USING (_record)
        LEFT JOIN {frames.left} l ON l.{RECORD} = w._record
        LEFT JOIN {frames.right} r ON r.{KEY} = l.{KEY}
        GROUP BY w.number, w.wave ORDER BY w.number NULLS LAST""").fetchall()
    return tuple(
        (wave, Equation(source, dict(zip(ASIDE_REASONS, counts, strict=True)), expected, present))
        for wave, source, expected, present, *counts in rows
    )
