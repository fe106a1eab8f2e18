"""Rows that a load never touched and that differ from before it nevertheless: who may have changed them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmmigrate.messages import Message

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from crmmigrate.model.target import TargetRun


def later_runs(runs: Iterable[TargetRun], undone: TargetRun, rollback: str) -> list[str]:
    """Return those of `runs` that wrote something since the load `undone` began of which something is left; what undoes it, `rollback` among them, is left out.

    Of a load that was wholly rolled back nothing is left, and what the rollback of a later load took away was not there before.
    """
    known = list(runs)
    began = {run.run: (run.since, run.run) for run in known}
    since = (undone.since, undone.run)
    return [
        run.run for run in known
        if run.changes and began[run.run] > since and run.run != rollback and run.state != "rolled_back"
        and (run.kind == "load" or (run.kind == "rollback" and began.get(run.parent, since) < since))
    ]  # fmt: skip


def other_rows_differ(foreign: Mapping[str, int], later: Sequence[str]) -> list[Message]:
    """Say of each table in `foreign` by how many rows the others are more or less than before the load, and that `later` runs wrote since."""
    if later:
        return [
            Message(
                "other rows of {table} differ from before the load ({more} rows): {runs} wrote since, and maybe others or triggers",
                table=table, more=f"{more:+d}", runs=", ".join(later),
            )
            for table, more in foreign.items()
        ]  # fmt: skip
    return [
        Message(
            "other rows of {table} differ from before the load ({more} rows): changed by others or by triggers",
            table=table, more=f"{more:+d}",
        )
        for table, more in foreign.items()
    ]  # fmt: skip


def set_by_database(tables: Mapping[str, tuple[int, Sequence[str]]]) -> list[Message]:
    """Say of each table how many rows were given back but for columns, which a trigger set when they were written."""
    return [
        Message(
            "{count} rows of {table} were given back but for {columns}, which the database sets by itself when a row changes",
            count=f"{rows:,}", table=table, columns=", ".join(columns),
        )
        for table, (rows, columns) in tables.items()
    ]  # fmt: skip
