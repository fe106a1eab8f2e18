"""Rows that earlier loads of this migration brought in, and that are in the target although nothing to be loaded stands in them any more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmmigrate.checks.object_frames import KEY, whole_numbers
from crmmigrate.model.reconciliation import LeftOver
from crmmigrate.model.table import quoted

if TYPE_CHECKING:
    import duckdb

    from crmmigrate.checks.object_frames import ObjectFrames
    from crmmigrate.model.target import Target


def find_left_over(connection: duckdb.DuckDBPyConnection, frames: ObjectFrames, target: Target) -> LeftOver:
    """Count these rows, and make the relation `frames.left_over` of them.

    They differ from what is expected, so they are among the rows that were read. Whose they are is asked only where there are any:
    to go through all links costs as much as the comparison.

    Args:
        connection: knows all relations of `frames`; both sides are made.
        frames: of the object.
        target: knows which run linked a row.
    """
    keys = f"{frames.left_over}_keys"
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE {keys} AS SELECT w.key, bool_or(w._record IN (SELECT _record FROM {quoted(frames.source)})) AS known "
        f"FROM {quoted(frames.walk)} w WHERE w.key IN (SELECT {KEY} FROM {frames.read}) "
        f"AND NOT EXISTS (FROM {frames.left} l WHERE l.{KEY} = w.key) GROUP BY 1"
    )
    [linked] = whole_numbers(connection, f"SELECT count(*) FROM {keys}")
    if linked and frames.loads is not None:
        _drop_others(connection, frames, target, keys)
    connection.execute(
        f"CREATE OR REPLACE TEMP VIEW {frames.left_over} AS SELECT * FROM {frames.read} WHERE {KEY} IN (SELECT key FROM {keys})"
    )
    gone, aside = whole_numbers(connection, f"SELECT count(*) FILTER (NOT known), count(*) FILTER (known) FROM {keys}")
    return LeftOver(gone, aside)


def _drop_others(connection: duckdb.DuckDBPyConnection, frames: ObjectFrames, target: Target, keys: str) -> None:
    """Leave out rows that other projects have linked: this migration never had a record of them."""
    ours = f"{keys}_ours"
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {ours} (key VARCHAR)")
    for links in target.loaded(frames.object):
        mine = links[links["run"].isin(frames.loads or ())][["key"]]
        if len(mine):
            connection.register("crmm_mine", mine)
            connection.execute(f"INSERT INTO {ours} SELECT key FROM crmm_mine WHERE key IN (SELECT key FROM {keys})")
            connection.unregister("crmm_mine")
    connection.execute(f"DELETE FROM {keys} WHERE key NOT IN (SELECT key FROM {ours})")
